//! Logins that join an account, and part from it again. An account keeps at least one login; whoever holds one of its addresses is told, and can
//! undo a joining for thirty days (R18). Sessions end with each of these.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, Id, Problem};

use super::finish::arrived;
use super::{away, enter};
use crate::pages::form::Form;
use crate::pages::words::Words;
use crate::pages::{go, message, message_with, must_sign_in, problem};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::arrival::{self, Arrival};
use crate::store::identity::{self, Began, Identity};
use crate::store::merge::{self, Merge};
use crate::store::outbox::{self, Kind as Mail};
use crate::store::{Error, Tx, feed, provider, session, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// The login of an arrival, for an account.
pub fn identity(come: &Arrival, account: Id, role: Option<String>, time: Timestamp) -> Identity {
    Identity {
        id: random::id(time),
        provider: come.provider.clone(),
        issuer: come.issuer.clone(),
        subject: come.subject.clone(),
        account,
        address: come.address.clone(),
        role,
        linked: time,
        seen: time,
        ends: come.ends,
    }
}

/// Has a login join an account; nothing when it belongs to one already. Sessions end but one, and all addresses are told.
pub fn unite(
    tx: &mut Tx<'_>,
    account: &Account,
    come: &Arrival,
    but: Option<Id>,
    time: Timestamp,
) -> Result<Option<Identity>, Error> {
    let role = enter::take_role(tx, account, None, come.role.as_deref(), time)?;
    let identity = identity(come, account.id, role, time);
    if !identity::create(tx, &identity)? {
        return Ok(None);
    }
    let holds = account::holds(tx, account.id, come.address.normal())?;
    let added = come.vouched && !holds && account::add_address(tx, account.id, &come.address, false, time)?;
    if holds && come.vouched {
        account::note_verified(tx, &come.address, time)?;
    }
    let merge = Merge {
        id: random::id(time),
        account: account.id,
        provider: come.provider.clone(),
        issuer: come.issuer.clone(),
        subject: come.subject.clone(),
        given_name: account.given_name.clone(),
        family_name: account.family_name.clone(),
        address: added.then(|| come.address.clone()),
        at: time,
    };
    merge::note(tx, &merge)?;
    account::rename(tx, account.id, &come.given_name, &come.family_name, account.language)?;
    session::end_all(tx, account.id, but)?;
    let mut told: Vec<_> = account::addresses(tx, account.id)?.into_iter().map(|it| it.shown).collect();
    if !told.contains(&come.address) {
        told.push(come.address.clone());
    }
    for address in told {
        outbox::put(tx, random::id(time), Mail::Joined, merge.id, &address, account.language, time)?;
    }
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    feed::append(tx, &[account.id], Change::Session, account.id, time)?;
    Ok(Some(identity))
}

/// Adds a login to the account of whoever is signed in and sent to the provider from its pages.
pub async fn add(app: &App, visitor: &Visitor, account: Id, come: Arrival, next: &str) -> Result<Response, Problem> {
    let Some(session) = visitor.session.as_ref().map(|(session, _)| session.id) else { return Ok(must_sign_in(visitor)) };
    let time = now();
    let minimum = app.settings.policy.minimum_age;
    let work = move |tx: &mut Tx<'_>| {
        let account = account::usable(tx, account, minimum, time)?.ok_or(Code::Forbidden)?;
        let identity = unite(tx, &account, &come, Some(session), time)?.ok_or(Code::Forbidden)?;
        arrival::forget(tx, come.browser)?;
        // The provider may end this session too from now on.
        let began = Began { provider: come.provider.clone(), sub: come.sub, sid: come.sid };
        if identity::provider_of_session(tx, session)?.is_none() {
            identity::note_session(tx, session, identity.id, &began)?;
        }
        Ok(())
    };
    app.store.write(work).await?;
    app.mail.notify_one();
    Ok(go(next))
}

/// Asks whether a login is to join the account that was signed in to as proof.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    let w = Words(visitor.language);
    match arrived(&app, &visitor).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => go("/account/logins"),
        Ok(Some((come, provider))) => {
            let theirs = format!("{} {}", come.given_name, come.family_name);
            let intro = w.fill(w.join_intro(), &[theirs.trim(), come.address.as_str(), &provider.name, &account.name()]);
            Form::new(&app, &visitor, w.join_title(), w.join_button())
                .intro(intro)
                .intro(w.join_what())
                .link("/account", w.join_not())
                .respond(&app, &visitor)
        }
    }
}

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, headers: HeaderMap, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(visitor) };
    let next = away::next_of(&app, &headers);
    let done = async {
        match arrived(&app, visitor).await? {
            Some((come, _)) => add(&app, visitor, account, come, &next).await,
            None => Ok(go("/account/logins")),
        }
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

// ---- Parting ----

/// How many logins an account has.
pub fn count(tx: &mut Tx<'_>, account: &Account) -> Result<usize, Error> {
    Ok(identity::of(tx, account.id)?.len() + usize::from(account.password.is_some()))
}

/// Has a login lead to its account no more. Sessions end but one; its owner is told.
///
/// # Errors
/// [`Code::Conflict`] when it is the last one.
pub fn part(tx: &mut Tx<'_>, login: &Identity, but: Option<Id>, time: Timestamp) -> Result<(), Error> {
    let account = account::get(tx, login.account)?.ok_or(Code::NotFound)?;
    if count(tx, &account)? < 2 {
        let words = Words(account.language).last_login();
        return Err(Problem::new(Code::Conflict, [words.to_owned()]).into());
    }
    if login.role.is_some() && login.role == account.role {
        account::set_role(tx, account.id, None)?;
    }
    session::end_all(tx, account.id, but)?;
    identity::remove(tx, login.id)?;
    for address in account::addresses(tx, account.id)? {
        outbox::put(tx, random::id(time), Mail::Parted, account.id, &address.shown, account.language, time)?;
    }
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    feed::append(tx, &[account.id], Change::Session, account.id, time)?;
    Ok(())
}

/// Undoes a joining: the login leads to the account no more, names are as they were, and the address that came with it goes. The same login
/// joins this account without a proof never again.
pub fn undo(tx: &mut Tx<'_>, it: &Merge, but: Option<Id>, time: Timestamp) -> Result<(), Error> {
    let found = identity::find(tx, &it.issuer, &it.subject)?.filter(|login| login.account == it.account);
    if let Some(login) = found {
        part(tx, &login, but, time)?;
    }
    if !merge::undo(tx, it.id, time)? {
        return Err(Code::Gone.into());
    }
    let account = account::get(tx, it.account)?.ok_or(Code::NotFound)?;
    account::rename(tx, it.account, &it.given_name, &it.family_name, account.language)?;
    if let Some(address) = &it.address
        && account::addresses(tx, it.account)?.len() > 1
    {
        account::remove_address(tx, it.account, address)?;
    }
    Ok(())
}

/// A joining that the link of a mail leads to.
async fn of_link(app: &App, text: &str) -> Result<Option<(Secret, Merge, String)>, Problem> {
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let (time, looked) = (now(), secret.clone());
    let found = app.store.read(move |tx| {
        let ticket = ticket::find(tx, ticket::Kind::Undo, &looked)?.filter(|it| it.used.is_none() && it.expires > time);
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(merge) = merge::get(tx, ticket.subject, time)? else { return Ok(None) };
        let name = provider::get(tx, &merge.provider)?.map_or_else(|| merge.provider.clone(), |it| it.name);
        Ok(Some((merge, name)))
    });
    Ok(found.await?.map(|(merge, name)| (secret, merge, name)))
}

fn over(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.undo_over()], &[("/sign-in", w.sign_in())])
}

/// The page of the link: whoever has an address of the account may undo, signed in or not.
pub async fn undo_page(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match of_link(&app, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => over(&app, &visitor),
        Ok(Some((_, _, name))) => Form::new(&app, &visitor, w.undo_title(), w.undo_button())
            .intro(w.fill(w.undo_intro(), &[&name]))
            .grave()
            .respond(&app, &visitor),
    }
}

/// The answer to it.
pub async fn undone(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let done = async {
        let Some((secret, merge, name)) = of_link(&app, &secret).await? else { return Ok(over(&app, visitor)) };
        let time = now();
        app.store
            .write(move |tx| {
                if !ticket::redeem(tx, &secret, time)? {
                    return Err(Code::Gone.into());
                }
                undo(tx, &merge, None, time)
            })
            .await?;
        app.mail.notify_one();
        let words = w.fill(w.undone_why(), &[&name]);
        Ok::<_, Problem>(message(&app, visitor, w.undone(), &[&words], &[("/sign-in", w.sign_in())]))
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}
