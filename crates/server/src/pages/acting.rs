//! Acting for an issuer: its desk asks by mail, whoever has the address accepts in an account that holds it or declines, and stops when they
//! like. Opening the link changes nothing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::{Code, EmailAddress, Id, Problem};

use super::form::Form;
use super::logins::joined_lately;
use super::words::Words;
use super::{Frame, go, message, message_with, must_sign_in, page, problem};
use crate::random::Secret;
use crate::settings::SecondFactor;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::staff::{self, Offer};
use crate::store::{Error, Tx, account, issuer, ticket};
use crate::visitor::{Form as Sent, Visitor};

#[derive(Template)]
#[template(path = "acting.html")]
struct Asked {
    f: Frame,
    path: String,
    what: String,
    address: String,
    /// Whether whoever looks can accept: is signed in, and holds the address.
    may_accept: bool,
    sign_in: String,
    /// Where whoever has no account makes one.
    register: String,
    /// Whether the pages of the staff ask for a second step of signing in.
    needs_second: bool,
}

/// The offer that a link leads to, as long as it can be accepted.
///
/// # Errors
/// What the database said.
pub fn open_offer(tx: &mut Tx<'_>, secret: &Secret, time: Timestamp) -> Result<Option<Offer>, Error> {
    let ticket = ticket::find(tx, ticket::Kind::Acting, secret)?.filter(|it| it.expires > time && it.used.is_none());
    let it = ticket.map(|it| staff::offer(tx, it.subject, time)).transpose()?.flatten();
    let Some(it) = it else { return Ok(None) };
    let is_there = issuer::get(tx, it.issuer)?.is_some_and(|by| by.suspended.is_none());
    Ok(Some(it).filter(|_| is_there))
}

/// A link to the first offer to an address: for whoever has just proved to have it.
///
/// # Errors
/// What the database said.
pub fn link_for(tx: &mut Tx<'_>, address: &EmailAddress, time: Timestamp) -> Result<Option<Secret>, Error> {
    let Some(it) = staff::offer_to(tx, address, time)? else { return Ok(None) };
    Ok(Some(ticket::issue(tx, ticket::Kind::Acting, it.id, Some(address), time, it.expires)?))
}

/// The offer that a link leads to, and the issuer's name.
fn offered(tx: &mut Tx<'_>, text: &str) -> Result<(Secret, Offer, String), Error> {
    let secret = Secret::parse(text).ok_or(Code::NotFound)?;
    let it = open_offer(tx, &secret, now())?.ok_or(Code::NotFound)?;
    let by = issuer::get(tx, it.issuer)?.ok_or(Code::NotFound)?;
    Ok((secret, it, by.name.unwrap_or(by.did)))
}

fn over(app: &App, visitor: &Visitor, error: Error) -> Response {
    let w = Words(visitor.language);
    match error {
        Error::Problem(refused) if refused.code == Code::NotFound => {
            message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.acting_over()], &[("/", w.to_start())])
        }
        error => problem(app, visitor, error.into()),
    }
}

/// The page of the link.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let (w, mine, link) = (Words(visitor.language), visitor.account().map(|it| it.id), secret.clone());
    let found = app.store.read(move |tx| {
        let (_, it, by) = offered(tx, &secret)?;
        let may = mine.map(|id| account::holds(tx, id, it.address.normal())).transpose()?.unwrap_or_default();
        Ok((it, by, may))
    });
    match found.await {
        Err(error) => over(&app, &visitor, error),
        Ok((it, by, may_accept)) => {
            let next: String = url::form_urlencoded::byte_serialize(visitor.path.as_bytes()).collect();
            let shown = Asked {
                f: Frame::new(&app, &visitor, w.fill(w.acting_title(), &[&by])),
                path: visitor.path.clone(),
                what: w.fill(w.acting_what(), &[&by]),
                address: it.address.to_string(),
                may_accept,
                sign_in: format!("/sign-in?next={next}"),
                register: format!("/register?invitation={link}"),
                needs_second: app.settings.policy.second_factor != SecondFactor::Optional,
            };
            page(&app, &visitor, StatusCode::OK, &shown)
        }
    }
}

/// The answer to it.
pub async fn answer(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let (visitor, w, time) = (&sent.visitor, Words(sent.visitor.language), now());
    match sent.get("do") {
        "decline" => {
            let done = app.store.write(move |tx| {
                let (_, it, by) = offered(tx, &secret)?;
                staff::end_offer(tx, it.issuer, &it.address)?;
                ticket::revoke(tx, ticket::Kind::Acting, it.id)?;
                Ok(by)
            });
            match done.await {
                Err(error) => over(&app, visitor, error),
                Ok(by) => message(&app, visitor, w.acting_declined(), &[&w.fill(w.acting_declined_why(), &[&by])], &[]),
            }
        }
        "accept" => {
            let Some(account) = visitor.account().map(|it| it.id) else { return must_sign_in(visitor) };
            // What is accepted here would outlast undoing that login.
            if joined_lately(visitor) {
                let links = [("/account/logins", w.logins_title())];
                return message_with(
                    &app,
                    visitor,
                    StatusCode::FORBIDDEN,
                    w.that_did_not_work(),
                    &[w.joined_lately_first()],
                    &links,
                );
            }
            let done = app.store.write(move |tx| {
                let (secret, it, _) = offered(tx, &secret)?;
                if !account::holds(tx, account, it.address.normal())? {
                    return Err(Code::Forbidden.into());
                }
                if !ticket::redeem(tx, &secret, time)? {
                    return Err(Code::NotFound.into());
                }
                staff::add(tx, it.issuer, account, time)?;
                staff::end_offer(tx, it.issuer, &it.address)?;
                ticket::revoke(tx, ticket::Kind::Acting, it.id)?;
                let id = account.to_string();
                Ok(act::note(tx, it.issuer, &id, Did::StaffAdded, &id, time)?)
            });
            match done.await {
                Err(error) => over(&app, visitor, error),
                Ok(()) => go("/staff"),
            }
        }
        _ => problem(&app, visitor, Problem::new(Code::BadRequest, [String::from("do")])),
    }
}

/// The issuer that an account acts for, by its name.
async fn acted_for(app: &App, account: Id, id: Id) -> Result<String, Problem> {
    let found = app.store.read(move |tx| {
        let is_there = staff::named_by(tx, account)?.contains(&id);
        Ok(issuer::get(tx, id)?.filter(|_| is_there))
    });
    found.await?.map(|it| it.name.unwrap_or(it.did)).ok_or_else(|| Code::NotFound.into())
}

/// Asks whether to stop: only the issuer can take that back.
pub async fn leave(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let Some(account) = visitor.account().map(|it| it.id) else { return must_sign_in(&visitor) };
    let w = Words(visitor.language);
    match acted_for(&app, account, id).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(by) => Form::new(&app, &visitor, &w.fill(w.acting_leave_title(), &[&by]), w.acting_leave())
            .intro(w.acting_leave_what())
            .link("/account/settings", w.settings())
            .grave()
            .respond(&app, &visitor),
    }
}

/// The answer to it.
pub async fn left(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|it| it.id) else { return must_sign_in(&sent.visitor) };
    let time = now();
    let done = app.store.write(move |tx| {
        if !staff::remove(tx, id, account)? {
            return Err(Code::NotFound.into());
        }
        let who = account.to_string();
        Ok(act::note(tx, id, &who, Did::StaffRemoved, &who, time)?)
    });
    match done.await {
        Ok(()) => go("/account/settings"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}
