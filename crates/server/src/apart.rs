//! A server within an app. It listens on this machine alone, and yet any page in a browser and any program here can send it requests. So it
//! answers under its own address only, takes nothing that a foreign page sends, and wants the app's secret for all but public pages and the
//! links of mails: in the header `X-Satchel-Secret`, or in the cookie that a browser gets when the app opens `/enter/SECRET?next=PATH` in it.

use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::{Code, sha256};
use serde::Deserialize;

use crate::pages::{go, next_path, problem};
use crate::random::Secret;
use crate::state::App;
use crate::visitor::{self, Visitor};

/// Where the app sends a browser.
pub const ENTER: &str = "/enter/{secret}";

const HEADER: &str = "x-satchel-secret";
const COOKIE_NAME: &str = "satchel-app";

/// Routes that need no secret: public pages, and what the links of mails lead to.
fn is_open(route: &str) -> bool {
    const EXACT: [&str; 14] = [
        "/",
        "/badges",
        "/badges.atom",
        "/register",
        "/robots.txt",
        "/favicon.ico",
        "/sitemap.xml",
        ENTER,
        "/help",
        "/help/ask",
        "/propose",
        "/report",
        "/accessibility",
        "/oembed",
    ];
    const BEGIN: [&str; 14] = [
        "/news",
        "/request/",
        "/s/",
        "/embed/",
        "/confirm/",
        "/assets/",
        "/badges/",
        "/sitemap/",
        "/p/",
        "/issuers/",
        "/claim/",
        "/verify/",
        "/reset/",
        "/address/",
    ];
    EXACT.contains(&route) || BEGIN.iter().any(|begin| route.starts_with(begin))
}

/// Why a request is refused, if it is. A server of an institution refuses none here.
pub fn refuse(app: &App, route: &str, request: &Request) -> Option<Code> {
    let secret = app.settings.app_secret.as_ref()?;
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if Some(app.origin.as_str()) != text(header::HOST).map(|host| format!("http://{host}")).as_deref() {
        return Some(Code::WrongHost);
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_public = reads && route.starts_with("/issuers/");
    if !is_public && headers.contains_key(header::ORIGIN) && text(header::ORIGIN) != Some(&app.origin) {
        return Some(Code::CrossSite);
    }
    let said = headers.get(HEADER).is_some_and(|value| sha256(value.as_bytes()) == secret.hash());
    let entered =
        visitor::cookie(headers, COOKIE_NAME).is_some_and(|value| sha256(value.as_bytes()) == sha256(pass(secret).as_bytes()));
    (!is_open(route) && !said && !entered).then_some(Code::NotTheApp)
}

/// What a browser that the app has sent shows from then on. It is not the secret itself: cookies are seen by every server of this machine.
fn pass(secret: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(sha256(&[b"browser\0", secret.reveal().as_bytes()].concat()))
}

/// Where to go on.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

/// Lets a browser in that the app has sent.
pub async fn enter(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(said): Path<String>,
    Query(next): Query<Next>,
) -> Response {
    let secret = app.settings.app_secret.as_ref().filter(|secret| secret.hash() == sha256(said.as_bytes()));
    let Some(secret) = secret else { return problem(&app, &visitor, Code::NotFound.into()) };
    let mut headers = HeaderMap::new();
    let cookie = format!("{COOKIE_NAME}={}; Path=/; HttpOnly; SameSite=Strict", pass(secret));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    (headers, go(next_path(&next.next))).into_response()
}
