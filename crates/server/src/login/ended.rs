//! Sessions that are over: a provider says so (OpenID Connect Back-Channel Logout 1.0), or their owner, who may then sign out there too
//! (RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::sha256;
use serde_json::json;

use super::{hash_at, tokens};
use crate::oauth::Parameters;
use crate::pages::words::Words;
use crate::pages::{message, problem};
use crate::state::{App, now};
use crate::store::identity::{self, Named};
use crate::store::{feed, issuer, provider};
use crate::visitor::Visitor;

/// Bytes of what a provider sends.
pub const MOST: usize = 16 << 10;

/// Logouts from one address that were not believed, in a quarter of an hour.
const REFUSED: i64 = 100;

/// How long a logout token is remembered, so that it counts once: longer than one is believed.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(20);

/// A provider says that sessions are over.
pub async fn send(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>, body: Bytes) -> Response {
    if let Err(refused) = app.limit(&[("ended-from", &visitor.ip, REFUSED, 900)]).await {
        return problem(&app, &visitor, refused);
    }
    let mut response = match end(&app, &id, &body).await {
        Ok(()) => match app.take_back(&[("ended-from", &visitor.ip)]).await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(refused) => problem(&app, &visitor, refused),
        },
        Err((status, why)) => {
            tracing::warn!(provider = id, why, "a logout was not believed");
            (status, axum::Json(json!({ "error": "invalid_request", "error_description": why }))).into_response()
        }
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn end(app: &App, id: &str, body: &[u8]) -> Result<(), (StatusCode, String)> {
    let bad = |why: String| (StatusCode::BAD_REQUEST, why);
    let broken = |_| (StatusCode::SERVICE_UNAVAILABLE, String::from("not now"));
    let named = id.to_owned();
    let found = app.store.read(move |tx| Ok(provider::get(tx, &named)?)).await.map_err(broken)?;
    let provider = found.ok_or_else(|| (StatusCode::NOT_FOUND, String::from("there is no such provider")))?;
    let parameters = Parameters::parse(body).map_err(|_| bad(String::from("a parameter comes twice")))?;
    let token = parameters.get("logout_token").ok_or_else(|| bad(String::from("no `logout_token`")))?;
    let ended = tokens::ended(app, &provider, token).await.map_err(bad)?;
    let seen = sha256(&[b"logout\0", provider.issuer.as_bytes(), b"\0", ended.id.as_bytes()].concat());
    let hash = |text: &String| hash_at(&provider.issuer, text);
    let named = match (&ended.sid, &ended.sub) {
        (Some(sid), _) => Named::Session(hash(sid)),
        (None, Some(sub)) => Named::Person(hash(sub)),
        (None, None) => return Err(bad(String::from("about nobody"))),
    };
    let person = ended.sub.as_ref().map(|sub| Named::Person(hash(sub)));
    let (id, time) = (provider.id.clone(), now());
    let done = app.store.write(move |tx| {
        if !issuer::remember(tx, seen, time + REMEMBERED)? {
            return Ok(false);
        }
        let mut ended = identity::end_sessions(tx, &id, named)?;
        if let (true, Some(person)) = (ended.is_empty(), person) {
            // It may call a session otherwise than when it began, or it had no name then.
            ended = identity::end_sessions(tx, &id, person)?;
        }
        for account in ended {
            feed::append(tx, &[account], Change::Session, account, time)?;
        }
        Ok(true)
    });
    if done.await.map_err(broken)? { Ok(()) } else { Err(bad(String::from("it came before"))) }
}

/// Where a provider sends people who have signed out there.
pub async fn out(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let w = Words(visitor.language);
    message(&app, &visitor, w.signed_out(), &[w.signed_out_there()], &[("/sign-in", w.sign_in())])
}
