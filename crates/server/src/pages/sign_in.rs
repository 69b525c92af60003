//! Signing in and out. The answer to a wrong address and to a wrong password is the same, and takes as long (S07).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Id, Problem, sha256};
use serde::Deserialize;

use super::form::{Field, Form, Kind};
use super::words::Words;
use super::{go, institutions, message, next_path, notices, problem, resend, second, stopped};
use crate::login::{enter, tokens};
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account, State as AccountState};
use crate::store::provider::{self, Provider};
use crate::store::session::By;
use crate::store::{Error, StoreError, Tx, arrival, attempt, factor, feed, identity, notice, outbox, session, ticket};
use crate::visitor::{self, Form as Sent, Visitor};

/// Where to go afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "as addresses have them")]
pub struct Next {
    /// The path.
    pub next: String,
    /// The institution that is searched for.
    pub q: String,
    /// Whether something was sent when nobody was signed in any more.
    pub lost: String,
}

async fn form(app: &App, visitor: &Visitor, sought: &str, next: &str) -> Form {
    let w = Words(visitor.language);
    // Nobody is kept out because these cannot be read now.
    let holds = notices::ours(app, w, w.holds_here()).await.unwrap_or_default();
    let list = institutions::list(app, visitor, sought, next).await.unwrap_or_default();
    Form::new(app, visitor, w.sign_in(), w.sign_in())
        .field(Field::new(Kind::Email, "email", w.email(), "username"))
        .field(Field::new(Kind::Password, "password", w.password(), "current-password"))
        .hidden("next", next_path(next))
        .at(visitor, &second::with_next("/sign-in", next_path(next)))
        .passkey(second::to_enter(app, visitor, next))
        .link("/forgot", w.forgot())
        .link(register(next), w.no_account())
        .link(resend::PATH, w.resend_title())
        .institutions(list)
        .holds(&holds)
}

/// Where whoever has no account registers: with the invitation that is named by a program which sent them here to allow it something.
fn register(next: &str) -> String {
    let query = next_path(next).strip_prefix("/oauth/authorize?").unwrap_or_default();
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "invitation");
    let secret = named.and_then(|(_, value)| random::Secret::parse(&value));
    secret.map_or_else(|| String::from("/register"), |secret| format!("/register?invitation={}", secret.reveal()))
}

/// The form.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    if visitor.session.is_some() {
        return go(next_path(&next.next));
    }
    let mut form = form(&app, &visitor, &next.q, &next.next).await;
    if !next.lost.is_empty() {
        form = form.intro(Words(visitor.language).signed_out_meanwhile());
    }
    form.respond(&app, &visitor)
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
            form(&app, &sent.visitor, "", sent.get("next"))
                .await
                .filled(&sent)
                .errors(&[("", words)])
                .respond(&app, &sent.visitor)
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

/// The form once more, with why it did not do.
pub async fn again(app: &App, visitor: &Visitor, next: &str, words: String) -> Response {
    form(app, visitor, "", next).await.to("/sign-in").errors(&[("", words)]).respond(app, visitor)
}

/// Under what wrong passwords for an address are counted.
pub const TRIED: &str = "sign-in";

async fn enter(app: &Arc<App>, sent: &Sent) -> Result<Response, Problem> {
    let typed = sent.trimmed("email");
    let address = typed.parse::<EmailAddress>().ok();
    let who = address.as_ref().map_or(typed, EmailAddress::normal);
    let known = match address.clone() {
        Some(address) => app.store.read(move |tx| Ok(account::by_address(tx, &address)?)).await?,
        None => None,
    };
    let ip = &sent.visitor.ip;
    // A browser that was let into this account before has tries of its own, which nobody else can use up.
    let own = known.as_ref().and_then(|account| sent.visitor.known_to(app, account.id));
    let (what, who) = own.as_ref().map_or((TRIED, who), |own| ("sign-in-known", own.as_str()));
    match &own {
        Some(_) => app.limit(&[(what, who, TRIES, 900)]).await?,
        None => app.limit(&[("sign-in-from", ip, TRIES_OF_VISITOR, 900), (what, who, TRIES, 900)]).await?,
    }
    let stored = known.as_ref().and_then(|account| account.password.clone());
    let right = app.hasher.verify(sent.get("password").to_owned(), stored).await?;
    let Some(account) = known.filter(|_| right) else { return Err(Code::NotSignedIn.into()) };
    // A right password is no try.
    let (key, from) = (app.key(what, who), own.is_none().then(|| app.key("sign-in-from", ip)));
    app.store
        .write(move |tx| {
            attempt::forget(tx, key)?;
            Ok(from.map_or(Ok(()), |from| attempt::take_back(tx, from, 1))?)
        })
        .await?;
    proved(app, &sent.visitor, &account, By::Password, next_path(sent.get("next"))).await
}

/// Goes on with an account whose owner has given the password, or was vouched for: to the second step when there is one, else in. No
/// session is there before the second step is done.
pub async fn proved(app: &App, visitor: &Visitor, account: &Account, by: By, next: &str) -> Result<Response, Problem> {
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
        let kind = if by == By::Institution { ticket::Kind::HalfThere } else { ticket::Kind::Half };
        Ok(Some(ticket::issue(tx, kind, id, None, time, until)?))
    });
    let Some(secret) = secret.await? else { return finish(app, visitor, account, (by, false), next).await };
    let mut response = go(&second::path(next));
    visitor::keep_half(response.headers_mut(), app, &secret);
    Ok(response)
}

/// Lets somebody in who has shown all that is asked: how, and whether with a second factor.
pub async fn finish(app: &App, visitor: &Visitor, account: &Account, shown: (By, bool), next: &str) -> Result<Response, Problem> {
    Ok(match enter_now(app, visitor, account, shown).await? {
        Err(refused) => refused,
        Ok(session) => {
            let mut response = go(next);
            keep(response.headers_mut(), app, &session);
            visitor::keep_known(response.headers_mut(), app, account.id);
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
    shown: (By, bool),
) -> Result<Result<random::Secret, Response>, Problem> {
    if let Some(refused) = check(app, visitor, account, shown.0).await? {
        return Ok(Err(refused));
    }
    let (id, agent, ways) = (account.id, visitor.agent.clone(), visitor.ways());
    let begun = app.store.write(move |tx| {
        let (session, secret) = begin(tx, id, &agent, shown)?;
        enter::note(tx, &ways, session, id, now())?;
        Ok(secret)
    });
    Ok(Ok(begun.await?))
}

/// Begins a session for an account whose owner has proved to be it: how, and whether with a second factor.
fn begin(tx: &mut Tx<'_>, account: Id, agent: &str, shown: (By, bool)) -> Result<(Id, random::Secret), StoreError> {
    let now = now();
    let id = random::id(now);
    account::note_seen(tx, account, now)?;
    notice::note_shown(tx, account, notice::SERVER, now)?;
    feed::append(tx, &[account], Change::Session, id, now)?;
    Ok((id, session::begin(tx, id, account, agent, shown, now)?))
}

/// What keeps an account out, though the password is right (R20, R21).
async fn check(app: &App, visitor: &Visitor, account: &Account, by: By) -> Result<Option<Response>, Problem> {
    let w = Words(visitor.language);
    let young = !account.birth_date.is_at_least(app.settings.policy.minimum_age, now());
    let words = match account.state {
        AccountState::Blocked => w.account_blocked().to_owned(),
        _ if young => return suspend(app, visitor, account, by).await.map(Some),
        AccountState::UnderAge => {
            let id = account.id;
            app.store.write(move |tx| Ok(account::set_state(tx, id, AccountState::Active)?)).await?;
            return Ok(None);
        }
        AccountState::Active => return Ok(None),
    };
    Ok(Some(stopped(app, visitor, StatusCode::FORBIDDEN, w.that_did_not_work(), &[&words], &[])))
}

/// An account whose owner is too young is suspended, and erased later; until then its owner may come to take everything along (R20).
async fn suspend(app: &App, visitor: &Visitor, account: &Account, by: By) -> Result<Response, Problem> {
    let (id, language, agent, time) = (account.id, account.language, visitor.agent.clone(), now());
    let secret = app.store.write(move |tx| {
        if account::suspend(tx, id, time)? {
            let main = account::addresses(tx, id)?.into_iter().find(|it| it.is_main);
            if let Some(main) = main {
                outbox::put(tx, random::id(time), outbox::Kind::Suspended, id, &main.shown, language, time)?;
            }
        }
        session::end_all(tx, id, None)?;
        Ok(begin(tx, id, &agent, (by, false))?.1)
    });
    let secret = secret.await?;
    app.mail.notify_one();
    let w = Words(visitor.language);
    let words = w.fill(w.account_under_age(), &[&app.settings.policy.minimum_age.to_string()]);
    let later = w.fill(w.account_erased_in(), &[&crate::jobs::SUSPENDED_DAYS.to_string()]);
    let links = [("/account/export", w.export()), ("/account/delete", w.delete_title())];
    let paragraphs = [words.as_str(), later.as_str()];
    let mut response = stopped(app, visitor, StatusCode::FORBIDDEN, w.that_did_not_work(), &paragraphs, &links);
    visitor::keep_session(response.headers_mut(), app, &secret);
    Ok(response)
}

/// Whom to write to, with nothing that says who asks.
pub fn write_to(app: &App, w: Words) -> String {
    app.settings.support.as_ref().map(|address| w.fill(w.write_to(), &[address.as_str()])).unwrap_or_default()
}

/// Signing out.
pub async fn out(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let mut provider = None;
    if let Some((session, account)) = &sent.visitor.session {
        let (id, account, ways) = (session.id, account.id, sent.visitor.ways());
        let ended: Result<Option<Provider>, Error> = app
            .store
            .write(move |tx| {
                let through = identity::provider_of_session(tx, id)?;
                session::end(tx, account, id)?;
                // Who arrived here and went no further is nothing for whoever uses the browser next.
                for way in &ways {
                    arrival::forget(tx, *way)?;
                }
                Ok(through.map_or(Ok(None), |it| provider::get(tx, &it))?)
            })
            .await;
        match ended {
            Ok(through) => provider = through,
            Err(error) => return problem(&app, &sent.visitor, error.into()),
        }
    }
    let mut headers = HeaderMap::new();
    visitor::forget_session(&mut headers, &app);
    let next = sent.get("next");
    if !next.is_empty() {
        return (headers, go(next_path(next))).into_response();
    }
    match provider {
        Some(provider) => (headers, out_there(&app, &sent.visitor.signed_out(), &provider).await).into_response(),
        None => (headers, go("/")).into_response(),
    }
}

/// Whoever came from an institution may sign out there too.
async fn out_there(app: &App, visitor: &Visitor, provider: &Provider) -> Response {
    let w = Words(visitor.language);
    // One that does not answer holds nobody up.
    let url = tokio::time::timeout(Duration::from_secs(3), tokens::sign_out_url(app, provider)).await;
    let url = url.ok().flatten().map(String::from);
    let words = w.fill(w.still_signed_in_there(), &[&provider.name]);
    let there = w.fill(w.sign_out_there(), &[&provider.name]);
    let mut links = vec![("/", w.to_start())];
    if let Some(url) = &url {
        links.insert(0, (url, there.as_str()));
    }
    message(app, visitor, w.signed_out(), &[&words], &links)
}

/// A name for a subject in counts of tries, which says nothing by itself.
pub fn name_of(secret: &random::Secret) -> String {
    format!("{:x?}", &sha256(secret.reveal().as_bytes())[..8])
}
