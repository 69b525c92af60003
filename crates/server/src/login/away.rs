//! Sends somebody to a provider. The way back is bound to this browser by a secret that it gets as it leaves, and what proves that it is this very sign-in (PKCE, nonce) is made of
//! the state and a key of the server, so that nothing of it lies anywhere.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use satchel_protocol::{Code, Problem};

use super::failure::{self, Failure};
use super::tokens;
use crate::pages::{institutions, must_sign_in, next_path, problem};
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::provider::Provider;
use crate::store::{arrival, provider};
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
    match leave(&app, &sent, &provider).await {
        Ok(response) => response,
        Err(Stop::Problem(refused)) => problem(&app, &sent.visitor, refused),
        Err(Stop::Failure(failure)) => failure::show(&app, &sent.visitor, Some(&provider), &failure),
    }
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

async fn leave(app: &App, sent: &Sent, provider: &Provider) -> Result<Response, Stop> {
    let visitor = &sent.visitor;
    app.limit(&[("leave-from", &visitor.ip, MOST, 900)]).await?;
    let state = Secret::new();
    let url = tokens::authorize_url(app, provider, &state, visitor.language.tag()).await.map_err(Stop::Failure)?;
    let account = visitor.account().filter(|_| sent.get("link") == "yes").map(|account| account.id);
    let (way, id, time) = (Secret::new(), provider.id.clone(), now());
    let browser = way.hash();
    let noted = app.store.write(move |tx| Ok(arrival::depart(tx, &state, browser, &id, account, time)?));
    noted.await.map_err(|error| Stop::Problem(error.into()))?;
    let mut response = institutions::leaving(app, visitor, &provider.name, url.into());
    let next = if account.is_some() { "/account/logins" } else { next_path(sent.get("next")) };
    visitor::keep(response.headers_mut(), app, NEXT, next, HALF_AN_HOUR);
    visitor::keep_way(response.headers_mut(), app, visitor, &way);
    response.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    Ok(response)
}
