//! A person allows a program something, or not. The question comes each time: nobody can tell programs on one computer apart (RFC 8252,
//! 8.6). How it is put is in `pages/consent.rs`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::scope::{Scope, Scopes};
use satchel_protocol::{Code, Id, Problem};
use url::Url;

use super::{Parameters, Refused, redirect};
use crate::api::openapi::Pages;
use crate::pages::{consent, go, must_sign_in, problem};
use crate::state::{App, now};
use crate::store::client::{self, Client};
use crate::store::device::{self, Code as Given};
use crate::visitor::{Form as Sent, Visitor};

/// Bytes of what a program wants back.
const MAX_STATE: usize = 2048;

/// What a program asks for.
struct Asked {
    client: Client,
    redirect: Url,
    /// The same, letter for letter: what the code is tied to (RFC 6749, 4.1.3), and where the browser is sent.
    said: String,
    scopes: Scopes,
    challenge: [u8; 32],
    state: Option<String>,
    /// All of it, as it came.
    query: String,
}

/// Why it is not asked.
enum Stop {
    /// Nothing is known that the program could be told at.
    Here(Problem),
    /// The program may be told, at this address, in these words.
    There(Box<(Url, String, Problem)>),
}

/// Reads what a program asks for. Until the redirect is known to be the program's, nobody is sent there.
async fn read(app: &App, query: &str) -> Result<Asked, Stop> {
    let here = |words: &str| Stop::Here(Problem::new(Code::BadRequest, [words.to_owned()]));
    let parameters = Parameters::parse(query.as_bytes()).map_err(|refused| here(&refused.description))?;
    let id = parameters.get("client_id").and_then(|text| text.parse::<Id>().ok()).ok_or_else(|| here("client_id"))?;
    let client = app.store.read(move |tx| Ok(client::get(tx, id)?)).await.map_err(|error| Stop::Here(error.into()))?;
    let client = client.ok_or_else(|| Stop::Here(Code::UnknownProgram.into()))?;
    let asked = parameters.get("redirect_uri").filter(|asked| redirect::matches(&client.redirects, asked));
    let said = asked.ok_or_else(|| here("redirect_uri"))?.to_owned();
    let redirect = Url::parse(&said).map_err(|_| here("redirect_uri"))?;
    let state = parameters.get("state").map(str::to_owned);
    match ask(&parameters) {
        Ok((scopes, challenge)) => Ok(Asked { client, redirect, said, scopes, challenge, state, query: query.to_owned() }),
        Err(refused) => {
            let words = [("error", refused.error), ("error_description", &refused.description)];
            let to = back(app, &said, state.filter(|it| it.len() <= MAX_STATE).as_deref(), &words);
            let here = Problem::new(Code::BadRequest, [format!("{}: {}", refused.error, refused.description)]);
            Err(Stop::There(Box::new((redirect, to, here))))
        }
    }
}

fn ask(parameters: &Parameters) -> Result<(Scopes, [u8; 32]), Refused> {
    let wrong = |words: &str| Refused::new("invalid_request", words);
    if parameters.need("response_type")? != "code" {
        return Err(Refused::new("unsupported_response_type", "only `code` is given"));
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(wrong("only the response mode `query` is known"));
    }
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(wrong("PKCE with `S256` is needed"));
    }
    let challenge = URL_SAFE_NO_PAD.decode(parameters.need("code_challenge")?).ok().and_then(|bytes| bytes.try_into().ok());
    let challenge = challenge.ok_or_else(|| wrong("`code_challenge` is no SHA-256 in base64url"))?;
    if parameters.get("state").is_some_and(|state| state.len() > MAX_STATE) {
        return Err(wrong("`state` is longer than 2048 bytes"));
    }
    let scopes = parameters.get("scope").map_or_else(|| [Scope::Wallet].into_iter().collect(), Scopes::parse);
    if scopes.is_empty() {
        return Err(Refused::new("invalid_scope", "none of these scopes is known"));
    }
    Ok((scopes, challenge))
}

/// Where the program hears the answer. It says who answers, so that a program of several servers mixes none up (RFC 9207).
fn back(app: &App, redirect: &str, state: Option<&str>, said: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(said);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", &app.origin);
    let between = match redirect.split_once('?') {
        None => "?",
        Some((_, known)) if known.is_empty() || known.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{redirect}{between}{}", query.finish())
}

/// The question, for a browser.
#[utoipa::path(get, path = "/oauth/authorize", operation_id = "authorize", tag = "oauth", params(("client_id" = Id, Query), ("redirect_uri" = String, Query), ("response_type" = String, Query), ("scope" = Option<String>, Query),
        ("state" = Option<String>, Query), ("code_challenge" = String, Query), ("code_challenge_method" = String, Query)),
    responses((status = 200, body = String, content_type = "text/html"), Pages))]
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let asked = match read(&app, query.as_deref().unwrap_or_default()).await {
        Ok(asked) => asked,
        Err(stop) => return stopped(&app, &visitor, stop),
    };
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    let action = format!("/oauth/authorize?{}", asked.query);
    let mut response = consent::ask(&app, &visitor, account, &asked.client.name, &asked.redirect, &asked.scopes, action);
    allow_redirect(response.headers_mut(), &asked.redirect);
    response
}

/// The form is answered by a redirect, which some browsers hold to be where the form goes (CSP 3, `form-action`). Addresses of IPv6 have no
/// form there.
fn allow_redirect(headers: &mut HeaderMap, redirect: &Url) {
    let place = match redirect.host() {
        Some(url::Host::Ipv6(_)) => String::from("http:"),
        _ => redirect.origin().ascii_serialization(),
    };
    let policy = crate::routes::CSP.replace("form-action 'self'", &format!("form-action 'self' {place}"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The answer to it, from the form of the page.
#[utoipa::path(post, path = "/oauth/authorize", operation_id = "answer", tag = "oauth", params(("client_id" = Id, Query), ("redirect_uri" = String, Query), ("response_type" = String, Query), ("scope" = Option<String>, Query),
        ("state" = Option<String>, Query), ("code_challenge" = String, Query), ("code_challenge_method" = String, Query)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"), responses(Pages))]
pub async fn send(State(app): State<Arc<App>>, RawQuery(query): RawQuery, sent: Sent) -> Response {
    let asked = match read(&app, query.as_deref().unwrap_or_default()).await {
        Ok(asked) => asked,
        Err(stop) => return stopped(&app, &sent.visitor, stop),
    };
    let Some(account) = sent.visitor.account() else { return must_sign_in(&sent.visitor) };
    let state = asked.state.as_deref();
    let redirect = asked.said.clone();
    if sent.get("answer") != "allow" {
        let said = [("error", "access_denied"), ("error_description", "whoever was asked did not allow it")];
        return leave(&back(&app, &redirect, state, &said));
    }
    let time = now();
    let given = Given {
        client: asked.client.id,
        account: account.id,
        scopes: asked.scopes,
        redirect: asked.said,
        challenge: asked.challenge,
        expires: time + device::CODE,
        device: None,
    };
    let code = app.store.write(move |tx| {
        client::note_used(tx, given.client, time)?;
        Ok(device::put_code(tx, &given)?)
    });
    match code.await {
        Ok(code) => leave(&back(&app, &redirect, state, &[("code", code.reveal())])),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

fn stopped(app: &App, visitor: &Visitor, stop: Stop) -> Response {
    match stop {
        Stop::Here(refused) => problem(app, visitor, refused),
        // Nobody is sent to an address that is only a stranger's word before we know who asks, and by a click of theirs (RFC 9700, 4.11.2);
        // what is on their own computer is no stranger's page.
        Stop::There(_) if visitor.account().is_none() => must_sign_in(visitor),
        Stop::There(it) if redirect::is_loopback(&it.0) => leave(&it.1),
        Stop::There(it) => problem(app, visitor, it.2),
    }
}

/// Sends the browser to the program, which learns no address of ours.
fn leave(url: &str) -> Response {
    let mut response = go(url);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.into_response()
}
