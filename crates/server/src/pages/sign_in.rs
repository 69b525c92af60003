//! Signing in and out. The answer to a wrong address and to a wrong password is the same, and takes as long (S07).

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Problem, sha256};
use serde::Deserialize;

use super::form::{Field, Form, Kind};
use super::words::Words;
use super::{go, message_with, next_path, problem, second};
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account, State as AccountState};
use crate::store::{Error, StoreError, Tx, attempt, factor, feed, outbox, session, ticket};
use crate::visitor::{self, Form as Sent, Visitor};

/// Where to go afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Next {
    /// The path.
    pub next: String,
}

fn form(app: &App, visitor: &Visitor, next: &str) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.sign_in(), w.sign_in())
        .field(Field::new(Kind::Email, "email", w.email(), "username"))
        .field(Field::new(Kind::Password, "password", w.password(), "current-password"))
        .hidden("next", next_path(next))
        .passkey(second::to_enter(app, visitor, next))
        .link("/forgot", w.forgot())
        .link("/register", w.no_account())
}

/// The form.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    if visitor.session.is_some() {
        return go(next_path(&next.next));
    }
    form(&app, &visitor, &next.next).respond(&app, &visitor)
}

/// Tries of one address within a quarter of an hour, and of one visitor.
const TRIES: i64 = 10;
pub const TRIES_OF_VISITOR: i64 = 100;

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match enter(&app, &sent).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany || refused.code == Code::NotSignedIn => {
            let w = Words(sent.visitor.language);
            let words = if refused.code == Code::NotSignedIn {
                w.wrong_password().to_owned()
            } else {
                super::sentence(&refused.message(w.0))
            };
            form(&app, &sent.visitor, sent.get("next")).filled(&sent).errors(&[("", words)]).respond(&app, &sent.visitor)
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

/// The form once more, with why it did not do.
pub fn again(app: &App, visitor: &Visitor, next: &str, words: String) -> Response {
    form(app, visitor, next).to("/sign-in").errors(&[("", words)]).respond(app, visitor)
}

async fn enter(app: &Arc<App>, sent: &Sent) -> Result<Response, Problem> {
    let typed = sent.trimmed("email");
    let address = typed.parse::<EmailAddress>().ok();
    let who = address.as_ref().map_or(typed, EmailAddress::normal);
    app.limit(&[("sign-in", who, TRIES, 900), ("sign-in-from", &sent.visitor.ip, TRIES_OF_VISITOR, 900)]).await?;
    let known = match address.clone() {
        Some(address) => app.store.read(move |tx| Ok(account::by_address(tx, &address)?)).await?,
        None => None,
    };
    let stored = known.as_ref().and_then(|account| account.password.clone());
    let right = app.hasher.verify(sent.get("password").to_owned(), stored).await?;
    let Some(account) = known.filter(|_| right) else { return Err(Code::NotSignedIn.into()) };
    let key = app.key("sign-in", who);
    app.store.write(move |tx| Ok(attempt::forget(tx, key)?)).await?;
    proved(app, &sent.visitor, &account, next_path(sent.get("next"))).await
}

/// Goes on with an account whose owner has given the password, or was vouched for: to the second step when there is one, else in. No
/// session is there before the second step is done.
pub async fn proved(app: &App, visitor: &Visitor, account: &Account, next: &str) -> Result<Response, Problem> {
    let (id, time) = (account.id, now());
    let young = !account.birth_date.is_at_least(app.settings.policy.minimum_age, time);
    // Who is kept out, or may only take everything along, need not set up a second step first.
    let (may, whom, it) = (account.is_usable() && !young, app.settings.policy.second_factor, account.clone());
    let secret = app.store.write(move |tx| {
        let demanded = may && factor::is_demanded(tx, whom, &it)?;
        if !demanded && !factor::has(tx, id)? {
            return Ok(None);
        }
        let until = time + SignedDuration::from_mins(visitor::HALF_MINUTES);
        Ok(Some(ticket::issue(tx, ticket::Kind::Half, id, None, time, until)?))
    });
    let Some(secret) = secret.await? else { return finish(app, visitor, account, false, next).await };
    let mut response = go(&second::path(next));
    visitor::keep_half(response.headers_mut(), app, &secret);
    Ok(response)
}

/// Lets somebody in who has shown all that is asked.
pub async fn finish(app: &App, visitor: &Visitor, account: &Account, strong: bool, next: &str) -> Result<Response, Problem> {
    Ok(match enter_now(app, visitor, account, strong).await? {
        Err(refused) => refused,
        Ok(session) => {
            let mut response = go(next);
            keep(response.headers_mut(), app, &session);
            response
        }
    })
}

/// Has the browser keep a session that has just begun.
pub fn keep(headers: &mut HeaderMap, app: &App, session: &random::Secret) {
    visitor::keep_session(headers, app, session);
    visitor::forget_half(headers, app);
}

/// Begins the session of an account that may be used; else the page that says why not.
pub async fn enter_now(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    strong: bool,
) -> Result<Result<random::Secret, Response>, Problem> {
    if let Some(refused) = check(app, visitor, account).await? {
        return Ok(Err(refused));
    }
    let (id, agent) = (account.id, visitor.agent.clone());
    Ok(Ok(app.store.write(move |tx| Ok(begin(tx, id, &agent, strong)?)).await?))
}

/// Begins a session for an account whose owner has proved to be it; `strong` when with a second factor.
fn begin(tx: &mut Tx<'_>, account: satchel_protocol::Id, agent: &str, strong: bool) -> Result<random::Secret, StoreError> {
    let now = now();
    let id = random::id(now);
    account::note_seen(tx, account, now)?;
    feed::append(tx, &[account], Change::Session, id, now)?;
    session::begin(tx, id, account, agent, strong, now)
}

/// What keeps an account out, though the password is right (R20, R21).
async fn check(app: &App, visitor: &Visitor, account: &Account) -> Result<Option<Response>, Problem> {
    let w = Words(visitor.language);
    let young = !account.birth_date.is_at_least(app.settings.policy.minimum_age, now());
    let words = match account.state {
        AccountState::Blocked => w.account_blocked().to_owned(),
        _ if young => return suspend(app, visitor, account).await.map(Some),
        AccountState::UnderAge => {
            let id = account.id;
            app.store.write(move |tx| Ok(account::set_state(tx, id, AccountState::Active)?)).await?;
            return Ok(None);
        }
        AccountState::Active => return Ok(None),
    };
    Ok(Some(message_with(app, visitor, StatusCode::FORBIDDEN, w.that_did_not_work(), &[&words, &write_to(app, w)], &[])))
}

/// An account whose owner is too young is suspended, and erased later; until then its owner may come to take everything along (R20).
async fn suspend(app: &App, visitor: &Visitor, account: &Account) -> Result<Response, Problem> {
    let (id, language, agent, time) = (account.id, account.language, visitor.agent.clone(), now());
    let secret = app.store.write(move |tx| {
        if account::suspend(tx, id, time)? {
            let main = account::addresses(tx, id)?.into_iter().find(|it| it.is_main);
            if let Some(main) = main {
                outbox::put(tx, random::id(time), outbox::Kind::Suspended, id, &main.shown, language, time)?;
            }
        }
        session::end_all(tx, id, None)?;
        Ok(begin(tx, id, &agent, false)?)
    });
    let secret = secret.await?;
    app.mail.notify_one();
    let w = Words(visitor.language);
    let words = w.fill(w.account_under_age(), &[&app.settings.policy.minimum_age.to_string()]);
    let later = w.fill(w.account_erased_in(), &[&crate::jobs::SUSPENDED_DAYS.to_string()]);
    let links = [("/account/export", w.export()), ("/account/delete", w.delete_title())];
    let paragraphs = [words.as_str(), later.as_str(), &write_to(app, w)];
    let mut response = message_with(app, visitor, StatusCode::FORBIDDEN, w.that_did_not_work(), &paragraphs, &links);
    visitor::keep_session(response.headers_mut(), app, &secret);
    Ok(response)
}

/// Whom to write to, with nothing that says who asks.
pub fn write_to(app: &App, w: Words) -> String {
    app.settings.support.as_ref().map(|address| w.fill(w.write_to(), &[address.as_str()])).unwrap_or_default()
}

/// Signing out.
pub async fn out(State(app): State<Arc<App>>, sent: Sent) -> Response {
    if let Some((session, account)) = &sent.visitor.session {
        let (id, account) = (session.id, account.id);
        let ended: Result<bool, Error> = app.store.write(move |tx| Ok(session::end(tx, account, id)?)).await;
        if let Err(error) = ended {
            return problem(&app, &sent.visitor, error.into());
        }
    }
    let mut headers = HeaderMap::new();
    visitor::forget_session(&mut headers, &app);
    let next = sent.get("next");
    (headers, go(if next.is_empty() { "/" } else { next_path(next) })).into_response()
}

/// A name for a subject in counts of tries, which says nothing by itself.
pub fn name_of(secret: &random::Secret) -> String {
    format!("{:x?}", &sha256(secret.reveal().as_bytes())[..8])
}
