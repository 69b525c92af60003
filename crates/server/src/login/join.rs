//! Logins that join an account, and part from it again. An account keeps at least one login; whoever holds one of its addresses is told, and can
//! undo a joining for thirty days (R18). Sessions end with each of these.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Id, Problem};

use super::back::WAITS;
use super::enter;
use super::finish::arrived;
use crate::pages::form::Form;
use crate::pages::words::Words;
use crate::pages::{go, logins, message, must_sign_in, problem, proof, stopped};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::arrival::{self, Arrival};
use crate::store::identity::{self, Began, Identity};
use crate::store::merge::{self, Merge};
use crate::store::outbox::{self, Kind as Mail};
use crate::store::provider::{self, Provider};
use crate::store::{Error, Tx, factor, feed, session, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// The login of an arrival, for an account.
pub fn identity(come: &Arrival, account: Id, role: Option<String>, time: Timestamp) -> Identity {
    Identity {
        id: random::id(time),
        provider: come.provider.clone(),
        issuer: come.issuer.clone(),
        subject: come.person.subject.clone(),
        account,
        address: come.person.address.clone(),
        role,
        linked: time,
        seen: time,
        ends: come.person.ends,
    }
}

/// Has a login join an account; nothing when it belongs to one already. Sessions end but one, and all addresses are told. `brought` is the address
/// of an account that gave way.
pub fn unite(
    tx: &mut Tx<'_>,
    account: &Account,
    come: &Arrival,
    but: Option<Id>,
    brought: Option<EmailAddress>,
    time: Timestamp,
) -> Result<Option<Identity>, Error> {
    let person = &come.person;
    let role = enter::take_role(tx, account, None, person.role.as_deref(), time)?;
    let identity = identity(come, account.id, role, time);
    if !identity::create(tx, &identity)? {
        return Ok(None);
    }
    let holds = account::holds(tx, account.id, person.address.normal())?;
    let added = person.vouched && !holds && account::add_address(tx, account.id, &person.address, false, time)?;
    if holds && person.vouched {
        account::note_verified(tx, &person.address, time)?;
    }
    let merge = Merge {
        id: random::id(time),
        account: account.id,
        provider: come.provider.clone(),
        issuer: come.issuer.clone(),
        subject: person.subject.clone(),
        given_name: account.given_name.clone(),
        family_name: account.family_name.clone(),
        address: brought.or_else(|| added.then(|| person.address.clone())),
        at: time,
    };
    merge::note(tx, &merge)?;
    account::rename(tx, account.id, &person.given_name, &person.family_name, account.language)?;
    session::end_all(tx, account.id, but)?;
    let mut told: Vec<_> = account::addresses(tx, account.id)?.into_iter().map(|it| it.shown).collect();
    if !told.contains(&person.address) {
        told.push(person.address.clone());
    }
    for address in told {
        outbox::put(tx, random::id(time), Mail::Joined, merge.id, &address, account.language, time)?;
    }
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    feed::append(tx, &[account.id], Change::Session, account.id, time)?;
    Ok(Some(identity))
}

/// An account that the login has already gives way to the one that it joins, when there is nothing in it: its address comes along (R17).
///
/// # Errors
/// [`Code::Forbidden`] when there is something in it.
fn make_way(tx: &mut Tx<'_>, account: &Account, other: Id, time: Timestamp) -> Result<Option<EmailAddress>, Error> {
    if !account::is_bare(tx, other)? {
        return Err(Code::Forbidden.into());
    }
    let brought = account::addresses(tx, other)?.into_iter().next().map(|it| it.shown);
    if let Some(address) = &brought {
        account::move_address(tx, address, account.id)?;
    }
    account::erase(tx, other, time)?;
    Ok(brought)
}

/// Adds a login to the account of whoever is signed in.
async fn add(app: &App, visitor: &Visitor, account: Id, come: Arrival, next: &str) -> Result<Response, Problem> {
    let Some(session) = visitor.session.as_ref().map(|(session, _)| session.id) else { return Ok(must_sign_in(visitor)) };
    let time = now();
    let minimum = app.settings.policy.minimum_age;
    let work = move |tx: &mut Tx<'_>| {
        let account = account::usable(tx, account, minimum, time)?.ok_or(Code::Forbidden)?;
        let other = identity::find(tx, &come.issuer, &come.person.subject)?.filter(|it| it.account != account.id);
        let brought = other.as_ref().map(|it| make_way(tx, &account, it.account, time)).transpose()?.flatten();
        let identity = unite(tx, &account, &come, Some(session), brought, time)?.ok_or(Code::Forbidden)?;
        arrival::forget(tx, come.browser)?;
        // The provider may end this session too from now on.
        let began = Began { provider: come.provider.clone(), sub: come.sub, sid: come.sid };
        if identity::provider_of_session(tx, session)?.is_none() {
            identity::note_session(tx, session, identity.id, &began)?;
        }
        Ok(other.is_some())
    };
    if app.store.write(work).await? {
        app.after_erasure().await?;
    }
    app.mail.notify_one();
    Ok(go(next))
}

/// Asks whether a login is to join the account of whoever is signed in, who was sent to the provider from its pages, or signed in as proof. It
/// asks for the password of whoever did so longer ago, or for a fresh sign-in at the institution: what is added is a way in for ever.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    let done = async {
        match to_join(&app, &visitor).await? {
            None => Ok(go("/account/logins")),
            Some((come, provider)) => match proof::first(&visitor, account) {
                Some(first) => Ok(first),
                None => Ok(form(&app, &visitor, account, &come, &provider).await?.respond(&app, &visitor)),
            },
        }
    };
    done.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// Whoever arrived in this browser just now. Who waits for a mail longer than that may have left the browser to somebody else.
async fn to_join(app: &App, visitor: &Visitor) -> Result<Option<(Arrival, Provider)>, Problem> {
    Ok(arrived(app, visitor).await?.filter(|(come, _)| come.expires <= now() + WAITS))
}

async fn form(app: &App, visitor: &Visitor, account: &Account, come: &Arrival, provider: &Provider) -> Result<Form, Problem> {
    let w = Words(visitor.language);
    let person = &come.person;
    let (issuer, subject, own) = (come.issuer.clone(), person.subject.clone(), account.id);
    let found = app.store.read(move |tx| Ok(identity::find(tx, &issuer, &subject)?)).await?;
    let gives_way = found.is_some_and(|it| it.account != own);
    let intro = w.fill(w.join_intro(), &[&person.name(), person.address.as_str(), &provider.name, &account.name()]);
    let form = logins::asking_anew(app, visitor, account, w.join_title(), w.join_button()).intro(intro).intro(w.join_what());
    let form = if gives_way { form.intro(w.join_gives_way()) } else { form };
    Ok(form.hidden("arrival", come.id.to_string()).link("/account", w.join_not()))
}

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some(account) = visitor.account() else { return must_sign_in(visitor) };
    let done = async {
        let Some((come, provider)) = to_join(&app, visitor).await? else { return Ok(go("/account/logins")) };
        // Another tab may have come with another login meanwhile.
        if sent.get("arrival") != come.id.to_string() {
            return Ok(form(&app, visitor, account, &come, &provider).await?.respond(&app, visitor));
        }
        match logins::unproved_anew(&app, &sent, account).await? {
            Some(error) => {
                let form = form(&app, visitor, account, &come, &provider).await?;
                Ok(form.errors(&[error]).respond(&app, visitor))
            }
            None => add(&app, visitor, account.id, come, &visitor.next).await,
        }
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

// ---- Parting ----

/// Whether an account has a way in besides this login: one that has ended is none.
fn has_another(tx: &mut Tx<'_>, account: &Account, login: &Identity, time: Timestamp) -> Result<bool, Error> {
    if account.password.is_some() {
        return Ok(true);
    }
    for other in identity::of(tx, account.id)?.into_iter().filter(|other| other.id != login.id) {
        let through = provider::get(tx, &other.provider)?;
        if through.is_some_and(|it| !it.has_ended(time)) && other.ends.is_none_or(|ends| ends > time) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Has a login lead to its account no more. Sessions end but one; its owner is told.
///
/// # Errors
/// [`Code::Conflict`] when it is the last one.
pub fn part(tx: &mut Tx<'_>, login: &Identity, but: Option<Id>, time: Timestamp) -> Result<(), Error> {
    let account = account::get(tx, login.account)?.ok_or(Code::NotFound)?;
    if !has_another(tx, &account, login, time)? {
        let words = Words(account.language).last_login();
        return Err(Problem::new(Code::Conflict, [words.to_owned()]).into());
    }
    if login.role.is_some() && login.role == account.role {
        account::set_role(tx, account.id, None)?;
    }
    session::end_all(tx, account.id, but)?;
    identity::remove(tx, login.id)?;
    let parted = Merge {
        id: random::id(time),
        account: account.id,
        provider: login.provider.clone(),
        issuer: login.issuer.clone(),
        subject: login.subject.clone(),
        given_name: account.given_name.clone(),
        family_name: account.family_name.clone(),
        address: None,
        at: time,
    };
    merge::bar(tx, &parted)?;
    for address in account::addresses(tx, account.id)? {
        outbox::put(tx, random::id(time), Mail::Parted, account.id, &address.shown, account.language, time)?;
    }
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    feed::append(tx, &[account.id], Change::Session, account.id, time)?;
    Ok(())
}

/// Undoes a joining: the login leads to the account no more, names are as they were, and the address that came with it goes. No login of its
/// provider joins this account without a proof again.
pub fn undo(tx: &mut Tx<'_>, it: &Merge, but: Option<Id>, time: Timestamp) -> Result<(), Error> {
    if !merge::undo(tx, it.id, time)? {
        return Err(Code::Gone.into());
    }
    // It would be a lie to say that it is undone when there is nothing to part.
    let found = identity::find(tx, &it.issuer, &it.subject)?.filter(|login| login.account == it.account);
    let login = found.ok_or(Code::Gone)?;
    part(tx, &login, but, time)?;
    // What a stranger set up in between would keep the owner out.
    if factor::drop_since(tx, it.account, it.at)? {
        for address in account::addresses(tx, it.account)? {
            let language = account::get(tx, it.account)?.map(|it| it.language).unwrap_or_default();
            outbox::put(tx, random::id(time), Mail::FactorEnded, it.account, &address.shown, language, time)?;
        }
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
    stopped(app, visitor, StatusCode::GONE, w.link_over(), &[w.undo_over()], &[("/sign-in", w.sign_in())])
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
