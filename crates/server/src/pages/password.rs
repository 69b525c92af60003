//! A new password: asked for by mail when it is forgotten (R13), or changed by whoever knows the present one (R32). Both end other sessions
//! and tell the owner.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Id, Problem};

use super::form::{Field, Form, Kind};
use super::logins::unproved;
use super::register::new_password;
use super::words::Words;
use super::{message, message_with, must_sign_in, problem, proof, sign_in};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::{Error, Tx, attempt, feed, outbox, session, ticket};
use crate::visitor::{Form as Sent, Visitor};

fn forgot_form(app: &App, visitor: &Visitor) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.forgot(), w.forgot_button()).intro(w.forgot_intro()).field(Field::new(
        Kind::Email,
        "email",
        w.email(),
        "username",
    ))
}

/// Asks for the address.
pub async fn forgot(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    forgot_form(&app, &visitor).respond(&app, &visitor)
}

/// Sends a link, if somebody has this address; says the same if nobody has.
pub async fn send_link(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let w = Words(sent.visitor.language);
    let Ok(address) = sent.get("email").parse::<EmailAddress>() else {
        let errors = [("email", w.email_wrong().to_owned())];
        return forgot_form(&app, &sent.visitor).filled(&sent).errors(&errors).respond(&app, &sent.visitor);
    };
    match ask(&app, &sent, address.clone()).await {
        Ok(()) => {
            let words = w.fill(w.forgot_sent(), &[address.as_str()]);
            message(&app, &sent.visitor, w.look_at_mail(), &[&words, w.no_mail_came()], &[("/sign-in", w.sign_in())])
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn ask(app: &App, sent: &Sent, address: EmailAddress) -> Result<(), Problem> {
    app.limit(&[("forgot-from", &sent.visitor.ip, 60, 3600), ("forgot", &address.mailbox(), 5, 3600)]).await?;
    let (time, language, nobody) = (now(), sent.visitor.language, app.key("forgot", "nobody"));
    app.store
        .write(move |tx| {
            let Some(account) = account::by_address(tx, &address)?.filter(Account::is_usable) else {
                // One more row either way, so that the commit takes as long.
                attempt::count(tx, nobody, 3600, time)?;
                return Ok(());
            };
            // Whoever has the address now may not be who had it: an account without a password gets none by mail (R15).
            let kind = if account.password.is_some() { outbox::Kind::Reset } else { outbox::Kind::NoPassword };
            Ok(outbox::put(tx, random::id(time), kind, account.id, &address, language, time)?)
        })
        .await?;
    app.mail.notify_one();
    Ok(())
}

/// What is known of somebody, of which a password must not be made.
fn known(account: &Account, addresses: &[account::Address]) -> Vec<String> {
    let addresses = addresses.iter().map(|it| it.shown.to_string());
    addresses.chain([account.given_name.clone(), account.family_name.clone()]).collect()
}

fn reset_form(app: &App, visitor: &Visitor) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.reset_title(), w.reset_button())
        .intro(w.reset_intro())
        .field(Field::new(Kind::Password, "password", w.new_password(), "new-password").hint(w.password_hint()))
        .field(Field::new(Kind::Password, "again", w.password_again(), "new-password"))
}

async fn holds(app: &App, text: &str) -> Result<Option<(Secret, Account, Vec<account::Address>)>, Problem> {
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let (time, looked) = (now(), secret.clone());
    let found = app.store.read(move |tx| {
        let ticket = ticket::find(tx, ticket::Kind::Reset, &looked)?.filter(|it| it.expires > time);
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(account) = account::get(tx, ticket.subject)?.filter(Account::is_usable) else { return Ok(None) };
        let addresses = account::addresses(tx, account.id)?;
        Ok(Some((account, addresses)))
    });
    Ok(found.await?.map(|(account, addresses)| (secret, account, addresses)))
}

fn stale(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.reset_over()], &[("/forgot", w.forgot())])
}

/// The page of the link.
pub async fn reset(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    match holds(&app, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => stale(&app, &visitor),
        Ok(Some(_)) => reset_form(&app, &visitor).respond(&app, &visitor),
    }
}

/// The answer to it.
pub async fn reset_to(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    match set_by_link(&app, &secret, &sent).await {
        Ok(response) => response,
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn set_by_link(app: &App, secret: &str, sent: &Sent) -> Result<Response, Problem> {
    let w = Words(sent.visitor.language);
    let Some((secret, account, addresses)) = holds(app, secret).await? else { return Ok(stale(app, &sent.visitor)) };
    if let Some(error) = new_password(app, sent, known(&account, &addresses), w).await? {
        return Ok(reset_form(app, &sent.visitor).errors(&[error]).respond(app, &sent.visitor));
    }
    let hash = app.hasher.hash(sent.get("password").to_owned()).await?;
    let (time, id) = (now(), account.id);
    // Whoever reads the mail is let in, whatever others have tried.
    let tried: Vec<_> = addresses.iter().map(|it| app.key(sign_in::TRIED, it.shown.normal())).collect();
    let done = app.store.write(move |tx| {
        if !ticket::redeem(tx, &secret, time)? {
            return Ok(false);
        }
        set(tx, id, &hash, None)?;
        for key in &tried {
            attempt::forget(tx, *key)?;
        }
        Ok(true)
    });
    if !done.await? {
        return Ok(stale(app, &sent.visitor));
    }
    app.mail.notify_one();
    Ok(message(app, &sent.visitor, w.password_set(), &[w.password_set_why()], &[("/sign-in", w.sign_in())]))
}

/// Sets a password: other sessions and other links end, and the owner is told.
fn set(tx: &mut Tx<'_>, id: Id, hash: &str, but: Option<Id>) -> Result<(), Error> {
    let time = now();
    account::set_password(tx, id, hash)?;
    session::end_all(tx, id, but)?;
    ticket::revoke(tx, ticket::Kind::Reset, id)?;
    feed::append(tx, &[id], Change::Session, id, time)?;
    let language = account::get(tx, id)?.map(|account| account.language).unwrap_or_default();
    for address in account::addresses(tx, id)?.into_iter().filter(|address| address.is_main) {
        outbox::put(tx, random::id(time), outbox::Kind::PasswordChanged, id, &address.shown, language, time)?;
    }
    Ok(())
}

fn change_form(app: &App, visitor: &Visitor, account: &Account) -> Form {
    let w = Words(visitor.language);
    let form = if account.password.is_some() {
        Form::new(app, visitor, w.change_password(), w.change_password())
            .intro(w.change_password_intro())
            .field(Field::new(Kind::Password, "present", w.present_password(), "current-password"))
            .link("/forgot", w.forgot())
    } else {
        Form::new(app, visitor, w.set_a_password(), w.set_a_password()).intro(w.set_a_password_what())
    };
    form.field(Field::new(Kind::Password, "password", w.new_password(), "new-password").hint(w.password_hint()))
        .field(Field::new(Kind::Password, "again", w.password_again(), "new-password"))
}

/// The form to change it.
pub async fn change(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    if let Some(first) = proof::first(&visitor, account) {
        return first;
    }
    change_form(&app, &visitor, account).respond(&app, &visitor)
}

/// The answer to it.
pub async fn change_to(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match set_by_owner(&app, &sent).await {
        Ok(response) => response,
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn set_by_owner(app: &App, sent: &Sent) -> Result<Response, Problem> {
    let w = Words(sent.visitor.language);
    let Some((session, account)) = &sent.visitor.session else { return Ok(must_sign_in(&sent.visitor)) };
    let (session, id) = (session.id, account.id);
    if let Some(error) = unproved(app, sent, account).await? {
        return Ok(change_form(app, &sent.visitor, account).errors(&[error]).respond(app, &sent.visitor));
    }
    let addresses = app.store.read(move |tx| Ok(account::addresses(tx, id)?)).await?;
    if let Some(error) = new_password(app, sent, known(account, &addresses), w).await? {
        return Ok(change_form(app, &sent.visitor, account).errors(&[error]).respond(app, &sent.visitor));
    }
    let hash = app.hasher.hash(sent.get("password").to_owned()).await?;
    app.store.write(move |tx| set(tx, id, &hash, Some(session))).await?;
    app.mail.notify_one();
    Ok(message(app, &sent.visitor, w.password_set(), &[w.password_changed_why()], &[("/account/settings", w.settings())]))
}

/// Why the password in this field is not the one of the account; nothing when it is.
pub async fn wrong_password(app: &App, sent: &Sent, account: &Account, field: &str) -> Result<Option<String>, Problem> {
    let w = Words(sent.visitor.language);
    if sent.get(field).is_empty() {
        return Ok(Some(w.present_missing().to_owned()));
    }
    match app.limit(&[("password", &account.id.to_string(), 10, 900)]).await {
        Err(refused) if refused.code == Code::TooMany => return Ok(Some(super::sentence(&refused.message(w.0)))),
        other => other?,
    }
    let right = app.hasher.verify(sent.get(field).to_owned(), account.password.clone()).await?;
    if !right {
        return Ok(Some(w.present_wrong().to_owned()));
    }
    let key = app.key("password", &account.id.to_string());
    app.store.write(move |tx| Ok(attempt::forget(tx, key)?)).await?;
    Ok(None)
}
