//! Where a provider sends people back to. Nobody is let in who did not leave from here, in this browser, for this provider, a short while ago;
//! and the answer must name the provider it comes from, so that none can be taken for another (RFC 9207).

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use jiff::SignedDuration;
use satchel_protocol::Problem;

use super::failure::{self, Failure};
use super::{anew, away, claims, enter, hash_at, tokens};
use crate::oauth::Parameters;
use crate::pages::{go, problem};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::arrival::{self, Arrival, Departure};
use crate::store::provider::Provider;
use crate::store::{account, identity, provider};
use crate::visitor::{self, Visitor};

/// How long somebody may take to give the birth date.
pub const WAITS: SignedDuration = SignedDuration::from_mins(30);

const YEAR: i64 = 365 * 24 * 3600;

pub(super) enum Stop {
    Problem(Problem),
    Failure(Failure),
    /// Whoever was to prove to be the owner of a session did not.
    Unproved(Failure),
}

impl From<crate::store::Error> for Stop {
    fn from(error: crate::store::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Somebody comes back.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let found = app.store.read(move |tx| Ok(provider::get(tx, &id)?)).await;
    let provider = match found {
        Ok(Some(provider)) => provider,
        Ok(None) => return failure::show(&app, &visitor, None, &Failure::Strayed),
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    match receive(&app, &visitor, &provider, query.as_deref().unwrap_or_default()).await {
        Ok(mut response) => {
            // Whoever comes back well is no try: many people may share an address.
            if let Err(refused) = app.take_back(&[("leave-from", &visitor.ip)]).await {
                return problem(&app, &visitor, refused);
            }
            visitor::keep(response.headers_mut(), &app, away::LAST, &provider.id, YEAR);
            response
        }
        Err(Stop::Problem(refused)) => problem(&app, &visitor, refused),
        Err(Stop::Failure(what)) => failure::show(&app, &visitor, Some(&provider), &what),
        Err(Stop::Unproved(what)) => failure::unproved(&app, &visitor, &provider, &what),
    }
}

async fn receive(app: &Arc<App>, visitor: &Visitor, provider: &Provider, query: &str) -> Result<Response, Stop> {
    // Nothing is counted here: each return takes a departure, and those are counted.
    let answer =
        Parameters::parse(query.as_bytes()).map_err(|_| Failure::NotBelieved(String::from("a parameter comes twice")))?;
    let state = answer.get("state").and_then(Secret::parse).ok_or(Failure::Strayed)?;
    let looked = state.clone();
    let departure = app.store.write(move |tx| Ok(arrival::come_back(tx, &looked)?)).await?.ok_or(Failure::Strayed)?;
    let ways = visitor.ways();
    let is_same = ways.contains(&departure.browser) && departure.provider == provider.id && departure.expires > now();
    let is_owner = departure.account.is_none_or(|account| visitor.account().is_some_and(|it| it.id == account));
    let is_session = departure.session.is_none_or(|session| visitor.session.as_ref().is_some_and(|(it, _)| it.id == session));
    if !is_same || !is_owner || !is_session {
        return Err(Failure::Strayed.into());
    }
    let proves = departure.session.is_some();
    go_on(app, visitor, provider, departure, &state, &answer).await.map_err(|stop| match stop {
        Stop::Failure(what) if proves => Stop::Unproved(what),
        other => other,
    })
}

/// Takes in the answer, of whoever left from here.
async fn go_on(
    app: &Arc<App>,
    visitor: &Visitor,
    provider: &Provider,
    departure: Departure,
    state: &Secret,
    answer: &Parameters,
) -> Result<Response, Stop> {
    tokens::is_from(app, provider, answer.get("iss")).await?;
    if let Some(error) = answer.get("error") {
        return Err(refusal(error).into());
    }
    let code = answer.get("code").ok_or_else(|| Failure::NotBelieved(String::from("the answer has no code")))?;
    let said = tokens::redeem(app, provider, state, code).await?;
    let person = claims::read(provider, &said.claims);
    let (id, lacked, time) = (provider.id.clone(), person.as_ref().err().map(|names| names.join(", ")), now());
    app.store.write(move |tx| Ok(provider::note_seen(tx, &id, lacked.as_deref(), time)?)).await?;
    let person = person.map_err(Failure::Lacking)?;
    // By the word of whoever runs this server, or by the provider's own.
    if provider.has_ended(time) || person.ends.is_some_and(|ends| ends <= time) {
        return Err(Failure::Ended.into());
    }
    if let Some(session) = departure.session {
        let auth_time = said.auth_time;
        return anew::prove(app, visitor, provider, &person.subject, session, (departure.at, auth_time)).await;
    }
    let ways = visitor.ways();
    let come = Arrival {
        id: random::id(time),
        browser: departure.browser,
        provider: provider.id.clone(),
        sub: hash_at(&provider.issuer, &said.sub),
        sid: said.sid.as_deref().map(|sid| hash_at(&provider.issuer, sid)),
        issuer: provider.issuer.clone(),
        person,
        birth_date: None,
        expires: time + WAITS,
    };
    let (issuer, subject) = (come.issuer.clone(), come.person.subject.clone());
    let known = app.store.read(move |tx| Ok(identity::find(tx, &issuer, &subject)?)).await?;
    // Whose login it is that comes back is shown before it is added: somebody else may be signed in at the provider (S05).
    let on = match (departure.account, known) {
        (Some(account), Some(known)) if known.account != account => {
            let other = known.account;
            if !app.store.read(move |tx| Ok(account::is_bare(tx, other)?)).await? {
                return Err(Failure::OfAnother.into());
            }
            "/sign-in/join"
        }
        (_, Some(known)) => {
            let entered = enter::enter(app, visitor, &come, known.account, &visitor.next).await?;
            return entered.ok_or_else(|| Failure::Closed.into());
        }
        (Some(_), None) => "/sign-in/join",
        (None, None) => "/sign-in/finish",
    };
    app.store.write(move |tx| Ok(arrival::put(tx, &come, &ways)?)).await?;
    Ok(go(on))
}

/// What an error of a provider means (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6). Only its letters reach the log.
fn refusal(error: &str) -> Failure {
    let plain: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    match plain.as_str() {
        "access_denied" | "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            Failure::Cancelled
        }
        "server_error" | "temporarily_unavailable" => Failure::Down(plain),
        _ => Failure::NotBelieved(plain),
    }
}
