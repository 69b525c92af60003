//! Tokens: for a code, for an earlier token, and their end. A refresh token works once; when it comes again and it is not the answer that was
//! lost, somebody else has it, and all that the device holds ends (S09).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::desk::Done;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Id, Problem, sha256};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Parameters, Refused, answer};
use crate::api::openapi::OAuth;
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::device::{self, Device, Known, Refresh, Tokens};
use crate::store::{Error, Tx, account, client, feed, outbox};

/// Refreshes of one device within an hour: each leaves rows behind.
const REFRESHES: u32 = 100;

/// The tokens of a device.
#[derive(Serialize, ToSchema)]
#[schema(as = oauth::Tokens)]
pub struct GivenTokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    scope: String,
}

/// What a program brings for tokens: a code, or the refresh token before.
#[derive(ToSchema)]
#[schema(as = oauth::Grant)]
#[expect(dead_code, reason = "it says what `Parameters` reads")]
pub struct ForTokens {
    /// `authorization_code` or `refresh_token`.
    grant_type: String,
    client_id: Id,
    /// Of a code.
    code: Option<String>,
    /// That of the code.
    redirect_uri: Option<String>,
    /// What the challenge was made of (PKCE, `S256`).
    code_verifier: Option<String>,
    /// Of a refresh token.
    refresh_token: Option<String>,
}

/// The token that is to end.
#[derive(ToSchema)]
#[schema(as = oauth::Revocation)]
#[expect(dead_code, reason = "it says what `Parameters` reads")]
pub struct Revocation {
    token: String,
}

/// Gives tokens.
#[utoipa::path(post, path = "/oauth/token", operation_id = "token", tag = "oauth",
    request_body(content = ForTokens, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = GivenTokens), OAuth))]
pub async fn send(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    match give(&app, &headers, &body).await {
        Ok((device, tokens)) => answer(
            StatusCode::OK,
            &GivenTokens {
                access_token: tokens.access.reveal().to_owned(),
                token_type: "Bearer",
                expires_in: device::ACCESS.as_secs(),
                refresh_token: tokens.refresh.reveal().to_owned(),
                scope: device.scopes.to_string(),
            },
        ),
        Err(refused) => refused.respond(),
    }
}

fn parameters(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Refused::new("invalid_request", "this takes application/x-www-form-urlencoded"));
    }
    Parameters::parse(body)
}

async fn give(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<(Device, Tokens), Refused> {
    let said = parameters(headers, body)?;
    let unknown = || Refused { status: 401, ..Refused::new("invalid_client", "no program with this `client_id` is registered") };
    let client = said.need("client_id")?.parse::<Id>().map_err(|_| unknown())?;
    app.store.read(move |tx| Ok(client::get(tx, client)?)).await.map_err(Problem::from)?.ok_or_else(unknown)?;
    match said.need("grant_type")? {
        "authorization_code" => by_code(app, client, &said).await,
        "refresh_token" => by_refresh(app, client, &said).await,
        _ => Err(Refused::new("unsupported_grant_type", "only `authorization_code` and `refresh_token` are known")),
    }
}

fn invalid(words: &str) -> Refused {
    Refused::new("invalid_grant", words)
}

/// What came of a request, decided in one transaction: ending a device is kept though the request is refused.
type Became = Result<(Device, Tokens), &'static str>;

async fn by_code(app: &App, client: Id, said: &Parameters) -> Result<(Device, Tokens), Refused> {
    const OVER: &str = "the code is unknown, was used, or is too old";
    let code = Secret::parse(said.need("code")?).ok_or_else(|| invalid(OVER))?;
    let redirect = said.need("redirect_uri")?.to_owned();
    let verifier = sha256(said.need("code_verifier")?.as_bytes());
    let time = now();
    let policy = app.settings.policy.clone();
    let became = app.store.write(move |tx| -> Result<Became, Error> {
        let Some(given) = device::code(tx, &code)? else { return Ok(Err(OVER)) };
        if given.client != client {
            return Ok(Err(OVER));
        }
        // A code that comes twice was stolen, before or after its owner used it (OAuth 2.1, 4.1.3).
        if let Some(device) = given.device {
            device::end(tx, given.account, device)?;
            feed::append(tx, &[given.account], Change::Session, device, time)?;
            return Ok(Err(OVER));
        }
        if given.expires <= time {
            return Ok(Err(OVER));
        }
        if given.redirect != redirect {
            return Ok(Err("`redirect_uri` is not that of the code"));
        }
        if given.challenge != verifier {
            return Ok(Err("`code_verifier` does not fit the challenge of the code"));
        }
        let Some(owner) = account::admitted(tx, given.account, &policy, time)? else {
            return Ok(Err("the account may not be used"));
        };
        let name = client::get(tx, client)?.map(|it| it.name).unwrap_or_default();
        let device = device::new(&given, &name, time);
        if !device::redeem(tx, &code, &device)? {
            return Ok(Err(OVER));
        }
        account::note_seen(tx, owner.id, time)?;
        feed::append(tx, &[owner.id], Change::Session, device.id, time)?;
        let tokens = device::first_tokens(tx, device.id, time)?;
        Ok(Ok((device, tokens)))
    });
    became.await.map_err(Problem::from)?.map_err(invalid)
}

async fn by_refresh(app: &App, client: Id, said: &Parameters) -> Result<(Device, Tokens), Refused> {
    const OVER: &str = "the token is unknown, was used, or is too old: sign in again";
    let token = Secret::parse(said.need("refresh_token")?).ok_or_else(|| invalid(OVER))?;
    let (time, key, policy, rates) = (now(), app.refresh_key(), app.settings.policy.clone(), Arc::clone(&app.rates));
    let became = app.store.write(move |tx| -> Result<(Became, bool), Error> {
        let device = match device::by_refresh(tx, &token, time)? {
            Refresh::Unknown => return Ok((Err(OVER), false)),
            Refresh::Good(device) | Refresh::Reused(device) if device.client != client => return Ok((Err(OVER), false)),
            Refresh::Good(device) => device,
            Refresh::Reused(device) => {
                device::end(tx, device.account, device.id)?;
                feed::append(tx, &[device.account], Change::Session, device.id, time)?;
                tell(tx, &device, time)?;
                return Ok((Err(OVER), true));
            }
        };
        let Some(owner) = account::admitted(tx, device.account, &policy, time)? else {
            device::end(tx, device.account, device.id)?;
            return Ok((Err("the account may not be used"), false));
        };
        rates.count("refresh", device.id, REFRESHES)?;
        account::note_seen(tx, owner.id, time)?;
        let tokens = device::rotate(tx, &key, &token, device.id, time)?;
        Ok((Ok((device, tokens)), false))
    });
    let (became, told) = became.await.map_err(Problem::from)?;
    if told {
        app.mail.notify_one();
    }
    became.map_err(invalid)
}

/// Tells the owner that somebody else had a token.
fn tell(tx: &mut Tx<'_>, device: &Device, time: Timestamp) -> Result<(), Error> {
    let Some(owner) = account::get(tx, device.account)? else { return Ok(()) };
    let Some(main) = account::addresses(tx, owner.id)?.into_iter().find(|it| it.is_main) else { return Ok(()) };
    Ok(outbox::put(tx, random::id(time), outbox::Kind::DeviceEnded, owner.id, &main.shown, owner.language, time)?)
}

/// Ends a token, and with a refresh token all that its device holds (RFC 7009). The answer never tells whether there was one.
#[utoipa::path(post, path = "/oauth/revoke", operation_id = "revoke", tag = "oauth",
    request_body(content = Revocation, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = Done), OAuth))]
pub async fn revoke(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let ended = async {
        let said = parameters(&headers, &body)?;
        let Some(token) = Secret::parse(said.need("token")?) else { return Ok(()) };
        let time = now();
        let done = app.store.write(move |tx| {
            // One that was used up names its device all the same: the answer that brought its successor may have been lost.
            if let Some(Known { device, is_refresh, .. }) = device::by_token(tx, &token)? {
                if is_refresh {
                    device::end(tx, device.account, device.id)?;
                } else {
                    device::drop_token(tx, &token)?;
                }
                // Streams that it opened hear of it, and end.
                feed::append(tx, &[device.account], Change::Session, device.id, time)?;
            }
            Ok(())
        });
        done.await.map_err(|error| Refused::from(Problem::from(error)))
    };
    match ended.await {
        Ok(()) => answer(StatusCode::OK, &Done {}),
        Err(refused) => refused.respond(),
    }
}

/// Says to the operator what a token is good for (RFC 7662).
pub async fn introspect(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let looked = async {
        let said = parameters(&headers, &body)?;
        let Some(token) = Secret::parse(said.need("token")?) else { return Ok(None) };
        let (time, policy) = (now(), app.settings.policy.clone());
        let found = app.store.read(move |tx| {
            let Some(known) = device::by_token(tx, &token)?.filter(|it| !it.used && it.expires > time) else { return Ok(None) };
            Ok(account::admitted(tx, known.device.account, &policy, time)?.map(|_| known))
        });
        found.await.map_err(|error| Refused::from(Problem::from(error)))
    };
    match looked.await {
        Ok(None) => answer(StatusCode::OK, &json!({ "active": false })),
        Ok(Some(Known { device, expires, is_refresh, .. })) => answer(
            StatusCode::OK,
            &json!({ "active": true, "scope": device.scopes.to_string(), "client_id": device.client, "sub": device.account,
                     "token_type": if is_refresh { "refresh_token" } else { "Bearer" }, "exp": expires.as_second(),
                     "iss": app.origin }),
        ),
        Err(refused) => refused.respond(),
    }
}
