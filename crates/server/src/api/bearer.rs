//! A program that shows an access token (RFC 6750). The account is looked at with each request, so that a block counts at once (R21).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Problem, sha256};

use super::refuse;
use crate::random::Secret;
use crate::settings::Policy;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::device::{self, Device};
use crate::store::{Error, Tx, answered};

/// The longest idempotency key.
pub const MAX_KEY: usize = 100;

/// For whom a program speaks.
pub struct Speaker {
    /// The account.
    pub account: Account,
    /// On which device.
    pub device: Device,
    /// What it shows.
    pub token: Secret,
    /// Until when that holds.
    pub until: Timestamp,
}

/// A program that shows a token. For whom it speaks is looked up together with what it asks for, in one transaction.
pub struct Bearer {
    shown: Option<Shown>,
}

/// What a request shows.
enum Shown {
    /// What could be a token.
    Token(Secret),
    /// What is none.
    Unreadable,
}

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let shown = token(&parts.headers).map(|token| Secret::parse(token).map_or(Shown::Unreadable, Shown::Token));
        Ok(Self { shown })
    }
}

impl Bearer {
    /// Reads what the owner of a wallet asks for.
    ///
    /// # Errors
    /// The refusal: of the token, or that of `work`.
    pub async fn read<T, F>(&self, app: &App, work: F) -> Result<T, Response>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Speaker) -> Result<T, Error> + Send + 'static,
    {
        self.allowed(app, Scope::Wallet, work).await.map(|(answer, _)| answer)
    }

    /// For whom it speaks, with the scope `wallet`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn wallet(&self, app: &App) -> Result<Speaker, Response> {
        self.allowed(app, Scope::Wallet, |_, _| Ok(())).await.map(|((), speaker)| speaker)
    }

    /// What `work` reads for a speaker who may do what a scope says; and the speaker.
    ///
    /// # Errors
    /// The refusal: of the token, or that of `work`.
    pub async fn allowed<T, F>(&self, app: &App, scope: Scope, work: F) -> Result<(T, Speaker), Response>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Speaker) -> Result<T, Error> + Send + 'static,
    {
        let wrong = || challenge(app, &Code::NotSignedIn.into(), r#"error="invalid_token", "#);
        let token = match &self.shown {
            Some(Shown::Token(token)) => token.clone(),
            Some(Shown::Unreadable) => return Err(wrong()),
            // Whoever shows nothing is told of no error (RFC 6750, 3.1).
            None => return Err(challenge(app, &Code::NotSignedIn.into(), "")),
        };
        let (time, policy) = (now(), app.settings.policy.clone());
        let found = app.store.read(move |tx| {
            let Some(speaker) = speaker(tx, &token, &policy, time)? else { return Ok(None) };
            let answer = if speaker.device.scopes.has(scope) { Some(work(tx, &speaker)?) } else { None };
            Ok(Some((answer, speaker)))
        });
        let (answer, speaker) = found.await.map_err(|error| refuse(&error.into()))?.ok_or_else(wrong)?;
        let Some(answer) = answer else {
            let words = format!(r#"error="insufficient_scope", scope="{}", "#, scope.name());
            return Err(challenge(app, &Code::Forbidden.into(), &words));
        };
        if time.duration_since(speaker.device.seen) > SignedDuration::from_hours(1) {
            let id = speaker.device.id;
            // That it is noted late is no reason not to answer.
            drop(app.store.write(move |tx| Ok(device::touch(tx, id, time)?)).await);
        }
        Ok((answer, speaker))
    }
}

/// The token that a request carries.
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
}

/// For whom a token speaks now.
///
/// # Errors
/// [`Code::NotSignedIn`] when it speaks for nobody.
pub async fn shown(app: &App, token: Secret) -> Result<Speaker, Problem> {
    let (time, policy) = (now(), app.settings.policy.clone());
    app.store.read(move |tx| speaker(tx, &token, &policy, time)).await?.ok_or_else(|| Code::NotSignedIn.into())
}

fn speaker(tx: &mut Tx<'_>, token: &Secret, policy: &Policy, time: Timestamp) -> Result<Option<Speaker>, Error> {
    let Some((device, until)) = device::by_access(tx, token, time)? else { return Ok(None) };
    let account = account::admitted(tx, device.account, policy, time)?;
    Ok(account.map(|account| Speaker { account, device, token: token.clone(), until }))
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

impl Speaker {
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
