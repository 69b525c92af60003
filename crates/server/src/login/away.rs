//! Sends somebody to a provider. The way back is bound to this browser by a secret that it gets as it leaves, and what proves that it is this very sign-in (PKCE, nonce) is made of
//! the state and a key of the server, so that nothing of it lies anywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use satchel_protocol::{Code, Id, Problem};

use super::failure::{self, Failure};
use super::tokens;
use crate::pages::{institutions, must_sign_in, next_path, problem};
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::arrival::{self, Departure};
use crate::store::provider::{self, Provider};
use crate::visitor::{self, Form as Sent};

/// The cookie with the place to go on to: it may name a link that opens something, so it does not lie in the database.
pub const NEXT: &str = "next";
/// The cookie with the provider that was used last.
pub const LAST: &str = "provider";

const HALF_AN_HOUR: i64 = 30 * 60;

/// How often people at one address may leave in a quarter of an hour and not come back.
const MOST: i64 = 1000;

/// Leaves for a provider. A page of ours leads there, because browsers hold a redirect to be the place that a form is sent to.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let id = sent.get("provider").to_owned();
    let found = app.store.read(move |tx| Ok(provider::get(tx, &id)?)).await;
    let provider = match found {
        Ok(Some(provider)) => provider,
        Ok(None) => return problem(&app, &sent.visitor, Code::NotFound.into()),
        Err(error) => return problem(&app, &sent.visitor, error.into()),
    };
    if sent.get("link") == "yes" && sent.visitor.session.is_none() {
        return must_sign_in(&sent.visitor);
    }
    if provider.has_ended(now()) {
        return failure::show(&app, &sent.visitor, Some(&provider), &Failure::Ended);
    }
    let account = sent.visitor.account().filter(|_| sent.get("link") == "yes").map(|account| account.id);
    let purpose = account.map_or(Purpose::SignIn, Purpose::Add);
    match leave(&app, &sent, &provider, purpose).await {
        Ok(response) => response,
        Err(Stop::Problem(refused)) => problem(&app, &sent.visitor, refused),
        Err(Stop::Failure(failure)) => failure::show(&app, &sent.visitor, Some(&provider), &failure),
    }
}

/// Leaves for a provider to sign in there anew, as proof of whose session this is.
pub async fn send_anew(app: &App, sent: &Sent, provider: &Provider, session: Id) -> Response {
    match leave(app, sent, provider, Purpose::Prove(session)).await {
        Ok(response) => response,
        Err(Stop::Problem(refused)) => problem(app, &sent.visitor, refused),
        Err(Stop::Failure(failure)) => failure::unproved(app, &sent.visitor, provider, &failure),
    }
}

/// What somebody leaves for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    SignIn,
    /// To add the login to this account.
    Add(Id),
    /// To prove to be the owner of this session.
    Prove(Id),
}

enum Stop {
    Problem(Problem),
    Failure(Failure),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

async fn leave(app: &App, sent: &Sent, provider: &Provider, purpose: Purpose) -> Result<Response, Stop> {
    let visitor = &sent.visitor;
    app.limit(&[("leave-from", &visitor.ip, MOST, 900)]).await?;
    let state = Secret::new();
    let anew = matches!(purpose, Purpose::Prove(_));
    let url = tokens::authorize_url(app, provider, &state, visitor.language.tag(), anew).await.map_err(Stop::Failure)?;
    let (way, oldest) = (Secret::new(), visitor.oldest_ways());
    let mut departure = Departure::new(&way, &provider.id, now());
    match purpose {
        Purpose::SignIn => {}
        Purpose::Add(account) => departure.account = Some(account),
        Purpose::Prove(session) => departure.session = Some(session),
    }
    let noted = app.store.write(move |tx| {
        // The browser keeps them no more, so nobody comes back by them.
        for way in &oldest {
            arrival::drop_departure(tx, *way)?;
        }
        Ok(arrival::depart(tx, &state, &departure)?)
    });
    noted.await.map_err(|error| Stop::Problem(error.into()))?;
    let mut response = institutions::leaving(app, visitor, &provider.name, url.into());
    let next = if matches!(purpose, Purpose::Add(_)) { "/account/logins" } else { next_path(sent.get("next")) };
    visitor::keep(response.headers_mut(), app, NEXT, next, HALF_AN_HOUR);
    visitor::keep_way(response.headers_mut(), app, visitor, &way);
    response.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    Ok(response)
}
