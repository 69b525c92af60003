//! A program that shows an access token (RFC 6750). The account is looked at with each request, so that a block counts at once (R21).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::SignedDuration;
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Problem, sha256};

use super::refuse;
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::answered;
use crate::store::device::{self, Device};

/// The longest idempotency key.
const MAX_KEY: usize = 100;

/// A program that acts for an account with the scope `wallet`.
pub struct Wallet {
    /// For whom.
    pub account: Account,
    /// On which device.
    pub device: Device,
}

impl FromRequestParts<Arc<App>> for Wallet {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let (account, device) = shown(app, &parts.headers).await.map_err(|problem| challenge(app, &problem, "invalid_token"))?;
        if !device.scopes.has(Scope::Wallet) {
            return Err(challenge(app, &Code::Forbidden.into(), "insufficient_scope"));
        }
        if now().duration_since(device.seen) > SignedDuration::from_hours(1) {
            let (id, time) = (device.id, now());
            // That it is noted late is no reason not to answer.
            drop(app.store.write(move |tx| Ok(device::touch(tx, id, time)?)).await);
        }
        Ok(Self { account, device })
    }
}

async fn shown(app: &App, headers: &HeaderMap) -> Result<(Account, Device), Problem> {
    let missing = || Problem::bare(Code::NotSignedIn);
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let token = token.and_then(Secret::parse).ok_or_else(missing)?;
    let (time, policy) = (now(), app.settings.policy.clone());
    let found = app.store.read(move |tx| {
        let Some(device) = device::by_access(tx, &token, time)? else { return Ok(None) };
        let account = account::admitted(tx, device.account, &policy, time)?;
        Ok(account.map(|account| (account, device)))
    });
    found.await?.ok_or_else(missing)
}

/// A refusal that says where tokens are given (RFC 9728, 5.1).
fn challenge(app: &App, problem: &Problem, error: &str) -> Response {
    let mut response = refuse(problem);
    let words = format!(r#"Bearer error="{error}", resource_metadata="{}/.well-known/oauth-protected-resource""#, app.origin);
    if let (Ok(value), 401 | 403) = (HeaderValue::from_str(&words), problem.code.status()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

impl Wallet {
    /// A request that counts once, when it carries a key. The key belongs to the account and the device.
    ///
    /// # Errors
    /// That the key is too long or empty.
    pub fn request(&self, headers: &HeaderMap, said: &[&[u8]]) -> Result<Option<answered::Request>, Problem> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
        let key = key.as_bytes();
        if key.is_empty() || key.len() > MAX_KEY {
            return Err(Problem::new(Code::BadRequest, [format!("Idempotency-Key: 1 to {MAX_KEY} bytes")]));
        }
        let whose = [self.account.id.as_bytes().as_slice(), self.device.id.as_bytes(), key].concat();
        // With lengths, so that no two requests hash the same bytes.
        let said: Vec<u8> = said.iter().flat_map(|part| [&part.len().to_be_bytes(), *part].concat()).collect();
        Ok(Some(answered::Request { key: sha256(&whose), said: sha256(&said) }))
    }
}
