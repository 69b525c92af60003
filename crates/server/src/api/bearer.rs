//! A program that shows an access token (RFC 6750). The account is looked at with each request, so that a block counts at once (R21).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Problem, sha256};

use super::refuse;
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::answered;
use crate::store::device::{self, Device};

/// The longest idempotency key.
pub const MAX_KEY: usize = 100;

/// A program that acts for an account with the scope `wallet`.
pub struct Wallet {
    /// For whom.
    pub account: Account,
    /// On which device.
    pub device: Device,
    /// What it shows.
    pub token: Secret,
    /// Until when that holds.
    pub until: Timestamp,
}

impl FromRequestParts<Arc<App>> for Wallet {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let (account, (device, token, until)) = allowed(app, &parts.headers, Scope::Wallet).await?;
        if now().duration_since(device.seen) > SignedDuration::from_hours(1) {
            let (id, time) = (device.id, now());
            // That it is noted late is no reason not to answer.
            drop(app.store.write(move |tx| Ok(device::touch(tx, id, time)?)).await);
        }
        Ok(Self { account, device, token, until })
    }
}

/// For whom a request speaks that may do what a scope says: the account; the device, its token and until when that holds.
///
/// # Errors
/// The refusal.
pub async fn allowed(app: &App, headers: &HeaderMap, scope: Scope) -> Result<(Account, (Device, Secret, Timestamp)), Response> {
    // Whoever shows nothing is told of no error (RFC 6750, 3.1).
    let token = token(headers).ok_or_else(|| challenge(app, &Code::NotSignedIn.into(), ""))?;
    let wrong = |problem: &Problem| challenge(app, problem, r#"error="invalid_token", "#);
    let token = Secret::parse(token).ok_or_else(|| wrong(&Code::NotSignedIn.into()))?;
    let (account, device, until) = shown(app, token.clone()).await.map_err(|problem| wrong(&problem))?;
    if !device.scopes.has(scope) {
        let words = format!(r#"error="insufficient_scope", scope="{}", "#, scope.name());
        return Err(challenge(app, &Code::Forbidden.into(), &words));
    }
    Ok((account, (device, token, until)))
}

/// The token that a request carries.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
}

/// For whom a token speaks now, on which device, and until when.
///
/// # Errors
/// [`Code::NotSignedIn`] when it speaks for nobody.
pub async fn shown(app: &App, token: Secret) -> Result<(Account, Device, Timestamp), Problem> {
    let (time, policy) = (now(), app.settings.policy.clone());
    let found = app.store.read(move |tx| {
        let Some((device, until)) = device::by_access(tx, &token, time)? else { return Ok(None) };
        let account = account::admitted(tx, device.account, &policy, time)?;
        Ok(account.map(|account| (account, device, until)))
    });
    found.await?.ok_or_else(|| Code::NotSignedIn.into())
}

/// A refusal that says where tokens are given (RFC 9728, 5.1).
fn challenge(app: &App, problem: &Problem, error: &str) -> Response {
    let mut response = refuse(problem);
    let words = format!(r#"Bearer {error}resource_metadata="{}/.well-known/oauth-protected-resource""#, app.origin);
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
        Ok(Some(answered::Request { key: sha256(&whose), said: sha256(&said), account: Some(self.account.id) }))
    }
}
