//! The ways into an account and its addresses (R48): see them, add and remove them, and undo that a login joined. The last login stays, and so
//! does the last address. Whatever takes something away asks for the password, or, of whoever has none, for a fresh sign-in at the institution.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Id, Problem};

use super::form::{Field, Form, Kind};
use super::password::wrong_password;
use super::second::with_next;
use super::words::Words;
use super::{Frame, go, institutions, message, message_with, must_sign_in, page, problem, proof};
use crate::login::join;
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::identity::{self, Identity};
use crate::store::{Error, Tx, feed, merge, outbox, provider, session, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// Addresses of one account.
const MOST_ADDRESSES: usize = 10;

/// An address, as its owner sees it.
struct Shown {
    address: String,
    verified: String,
    is_main: bool,
    /// Whose word it is; it changes there and not here.
    from: Option<String>,
}

/// A login by an institution.
struct Login {
    id: Id,
    name: String,
    address: String,
    used: String,
    ends: Option<String>,
}

#[derive(Template)]
#[template(path = "logins.html")]
struct Page {
    f: Frame,
    addresses: Vec<Shown>,
    has_password: bool,
    logins: Vec<Login>,
    can_remove: bool,
    undo: Vec<(Id, String)>,
    institutions: Option<institutions::Institutions>,
}

/// The page.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    draw(&app, &visitor, &account).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

async fn draw(app: &App, visitor: &Visitor, account: &Account) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let (id, time) = (account.id, now());
    let found = app
        .store
        .read(move |tx| Ok((account::addresses(tx, id)?, identity::of(tx, id)?, merge::of(tx, id, time)?, provider::all(tx)?)));
    let (addresses, identities, merges, providers) = found.await?;
    let name_of = |id: &str| providers.iter().find(|it| it.id == id).map_or_else(|| id.to_owned(), |it| it.name.clone());
    let from = |address: &EmailAddress| identities.iter().find(|it| it.address == *address).map(|it| name_of(&it.provider));
    let count = identities.len() + usize::from(account.password.is_some());
    let institutions = institutions::list(app, visitor, "", "/account/logins").await?;
    let institutions = institutions.map(|list| institutions::Institutions { links: true, ..list });
    let shown = Page {
        f: Frame::new(app, visitor, w.logins_title()),
        addresses: addresses
            .iter()
            .map(|it| Shown {
                address: it.shown.to_string(),
                verified: w.date(it.verified),
                is_main: it.is_main,
                from: from(&it.shown),
            })
            .collect(),
        has_password: account.password.is_some(),
        logins: identities
            .iter()
            .map(|it| Login {
                id: it.id,
                name: name_of(&it.provider),
                address: it.address.to_string(),
                used: w.date(it.seen),
                ends: it.ends.map(|ends| w.date(ends)),
            })
            .collect(),
        can_remove: count > 1,
        undo: merges.iter().map(|it| (it.id, w.fill(w.joined_on(), &[&name_of(&it.provider), &w.date(it.at)]))).collect(),
        institutions,
    };
    Ok(page(app, visitor, StatusCode::OK, &shown))
}

// ---- Proof ----

/// A form that asks for the password of whoever has one.
fn asking(app: &App, visitor: &Visitor, account: &Account, title: &str, button: &str) -> Form {
    let w = Words(visitor.language);
    let form = Form::new(app, visitor, title, button);
    if account.password.is_none() {
        let anew = !proof::is_fresh(visitor) && !joined_lately(visitor);
        return if anew { form.link(with_next(proof::PATH, &visitor.shown_at()), w.prove_anew()) } else { form };
    }
    form.field(Field::new(Kind::Password, "present", w.present_password(), "current-password")).link("/forgot", w.forgot())
}

/// Whether whoever sent this proved to be the owner: else the words why not, by the field of the form.
pub async fn unproved(app: &App, sent: &Sent, account: &Account) -> Result<Option<(&'static str, String)>, Problem> {
    if account.password.is_some() {
        return Ok(wrong_password(app, sent, account, "present").await?.map(|words| ("present", words)));
    }
    let w = Words(sent.visitor.language);
    // Whoever is suspended has signed in for this alone.
    if joined_lately(&sent.visitor) {
        return Ok(Some(("", w.joined_lately_first().to_owned())));
    }
    let may = proof::is_fresh(&sent.visitor) || sent.visitor.suspended.is_some();
    Ok((!may).then(|| ("", w.prove_anew_first().to_owned())))
}

/// Whether somebody is here through a login that can still be undone: what would outlast that asks for a way in from before.
pub fn joined_lately(visitor: &Visitor) -> bool {
    visitor.session.as_ref().is_some_and(|(session, _)| session.joined_lately)
}

/// A form that asks for the password of whoever has one and did not prove just now to be the owner.
pub fn asking_anew(app: &App, visitor: &Visitor, account: &Account, title: &str, button: &str) -> Form {
    if proof::is_fresh(visitor) { Form::new(app, visitor, title, button) } else { asking(app, visitor, account, title, button) }
}

/// Whether whoever sent that form proved to be the owner: else the words why not. For what adds a way in, which stays when the browser that was left
/// open is long closed.
pub async fn unproved_anew(app: &App, sent: &Sent, account: &Account) -> Result<Option<(&'static str, String)>, Problem> {
    if proof::is_fresh(&sent.visitor) { Ok(None) } else { unproved(app, sent, account).await }
}

// ---- Addresses ----

fn address_form(app: &App, visitor: &Visitor, account: &Account) -> Form {
    let w = Words(visitor.language);
    asking_anew(app, visitor, account, w.add_address(), w.verify_this_address())
        .intro(w.add_address_what())
        .field(Field::new(Kind::Email, "email", w.email(), "email"))
        .link("/account/logins", w.back())
}

/// Asks for one more address.
pub async fn new_address(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    if let Some(first) = proof::first(&visitor, account) {
        return first;
    }
    address_form(&app, &visitor, account).respond(&app, &visitor)
}

/// The answer to it: a mail with a link. It is the same whoever has the address.
pub async fn send_address(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some(owner) = visitor.account() else { return must_sign_in(visitor) };
    let account = owner.id;
    let w = Words(visitor.language);
    let Ok(address) = sent.get("email").parse::<EmailAddress>() else {
        let errors = [("email", w.email_wrong().to_owned())];
        return address_form(&app, visitor, owner).filled(&sent).errors(&errors).respond(&app, visitor);
    };
    let words = w.fill(w.mail_sent_to(), &[address.as_str()]);
    let put = async {
        if let Some(error) = unproved_anew(&app, &sent, owner).await? {
            return Ok(address_form(&app, visitor, owner).filled(&sent).errors(&[error]).respond(&app, visitor));
        }
        app.limit(&[("address", &account.to_string(), 10, 3600), ("address-to", &address.mailbox(), 5, 3600)]).await?;
        let (time, language) = (now(), visitor.language);
        app.store
            .write(move |tx| {
                if account::addresses(tx, account)?.len() >= MOST_ADDRESSES {
                    return Err(
                        Problem::new(Code::Conflict, [w.fill(w.addresses_at_most(), &[&MOST_ADDRESSES.to_string()])]).into()
                    );
                }
                match account::by_address(tx, &address)? {
                    // What is so is said where only the owner of the address reads it.
                    Some(known) => {
                        Ok(outbox::put(tx, random::id(time), outbox::Kind::Known, known.id, &address, language, time)?)
                    }
                    None => Ok(outbox::put(tx, random::id(time), outbox::Kind::Address, account, &address, language, time)?),
                }
            })
            .await?;
        app.mail.notify_one();
        Ok::<_, Problem>(message(
            &app,
            visitor,
            w.look_at_mail(),
            &[&words, w.link_two_days(), w.no_mail_came()],
            &[("/account/logins", w.back())],
        ))
    };
    put.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

/// What the link of a mail says, for the account that asked for it alone.
async fn address_of(app: &App, visitor: &Visitor, text: &str) -> Result<Option<(Secret, EmailAddress)>, Problem> {
    let (Some(secret), Some(account)) = (Secret::parse(text), visitor.account().map(|account| account.id)) else {
        return Ok(None);
    };
    let (time, looked) = (now(), secret.clone());
    let found = app.store.read(move |tx| Ok(ticket::find(tx, ticket::Kind::Address, &looked)?));
    let found = found.await?.filter(|it| it.used.is_none() && it.expires > time && it.subject == account);
    Ok(found.and_then(|it| it.address).map(|address| (secret, address)))
}

fn address_stale(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.address_over()], &[("/account", w.my_badges())])
}

/// The page of a link that verifies one more address: for the account that asked for it alone.
pub async fn address(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    if visitor.session.is_none() {
        return must_sign_in(&visitor);
    }
    let w = Words(visitor.language);
    match address_of(&app, &visitor, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => address_stale(&app, &visitor),
        Ok(Some((_, address))) => {
            let intro = w.fill(w.address_intro(), &[address.as_str(), &visitor.account().map(Account::name).unwrap_or_default()]);
            Form::new(&app, &visitor, w.address_title(), w.verify_button()).intro(intro).respond(&app, &visitor)
        }
    }
}

/// The answer to it.
pub async fn add_address(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let found = match address_of(&app, &sent.visitor, &secret).await {
        Err(refused) => return problem(&app, &sent.visitor, refused),
        Ok(found) => found,
    };
    let Some((secret, address)) = found else { return address_stale(&app, &sent.visitor) };
    if joined_lately(&sent.visitor) {
        let w = Words(sent.visitor.language);
        let links = [("/account/logins", w.logins_title())];
        return message_with(&app, &sent.visitor, StatusCode::FORBIDDEN, w.address_title(), &[w.joined_lately_first()], &links);
    }
    let (time, language) = (now(), sent.visitor.language);
    let done = app.store.write(move |tx| {
        let told = account::addresses(tx, account)?;
        if !ticket::redeem(tx, &secret, time)? || !account::add_address(tx, account, &address, false, time)? {
            return Ok(false);
        }
        for old in told {
            outbox::put(tx, random::id(time), outbox::Kind::AddressesChanged, account, &old.shown, language, time)?;
        }
        account::drop_registrations(tx, &address)?;
        feed::append(tx, &[account], Change::Profile, account, time)?;
        Ok(true)
    });
    match done.await {
        Ok(true) => {
            app.mail.notify_one();
            go("/account")
        }
        Ok(false) => address_stale(&app, &sent.visitor),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

/// Has mail go to another of the addresses, or takes one away. Other sessions and programs end with it.
pub async fn change_address(State(app): State<Arc<App>>, Path(what): Path<String>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some((session, account)) = visitor.session.clone() else { return must_sign_in(visitor) };
    let w = Words(visitor.language);
    let Ok(address) = sent.get("address").parse::<EmailAddress>() else { return problem(&app, visitor, Code::NotFound.into()) };
    let (title, button) = match what.as_str() {
        "main" => (w.main_address(), w.main_address()),
        "remove" => (w.remove_address(), w.remove_address()),
        _ => return problem(&app, visitor, Code::NotFound.into()),
    };
    let form = |app: &App| {
        let form = asking(app, visitor, &account, title, button).intro(address.to_string()).hidden("address", address.as_str());
        form.hidden("sure", "yes").link("/account/logins", w.back())
    };
    let done = async {
        if sent.get("sure") != "yes" {
            if let Some(first) = proof::first(visitor, &account) {
                return Ok(first);
            }
            return Ok(form(&app).respond(&app, visitor));
        }
        if let Some(error) = unproved(&app, &sent, &account).await? {
            return Ok(form(&app).errors(&[error]).respond(&app, visitor));
        }
        let (id, language, time, mains) = (account.id, account.language, now(), what == "main");
        let changed = address.clone();
        app.store
            .write(move |tx| {
                let told = account::addresses(tx, id)?;
                if mains {
                    if !account::set_main(tx, id, &changed)? {
                        return Err(Code::NotFound.into());
                    }
                } else {
                    remove(tx, id, &changed, &told)?;
                }
                session::end_all(tx, id, Some(session.id))?;
                for old in told {
                    outbox::put(tx, random::id(time), outbox::Kind::AddressesChanged, id, &old.shown, language, time)?;
                }
                feed::append(tx, &[id], Change::Profile, id, time)?;
                Ok(())
            })
            .await?;
        app.mail.notify_one();
        Ok::<_, Problem>(go("/account/logins"))
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

/// An address that an institution says stays as long as its login does, and the last one stays.
fn remove(tx: &mut Tx<'_>, id: Id, address: &EmailAddress, all: &[account::Address]) -> Result<(), Error> {
    let is_theirs = identity::of(tx, id)?.iter().any(|it| it.address == *address);
    if is_theirs || all.len() < 2 {
        return Err(Code::Forbidden.into());
    }
    if account::remove_address(tx, id, address)? { Ok(()) } else { Err(Code::NotFound.into()) }
}

// ---- Logins ----

async fn own(app: &App, account: Id, id: Id) -> Result<(Identity, String), Problem> {
    let found = app.store.read(move |tx| {
        let Some(login) = identity::of(tx, account)?.into_iter().find(|it| it.id == id) else { return Ok(None) };
        let name = provider::get(tx, &login.provider)?.map_or_else(|| login.provider.clone(), |it| it.name);
        Ok(Some((login, name)))
    });
    found.await?.ok_or_else(|| Code::NotFound.into())
}

fn part_form(app: &App, visitor: &Visitor, account: &Account, name: &str) -> Form {
    let w = Words(visitor.language);
    asking(app, visitor, account, w.remove_login_title(), w.remove_login())
        .intro(w.fill(w.remove_login_what(), &[name]))
        .link("/account/logins", w.back())
        .grave()
}

/// Asks whether a login is to lead here no more.
pub async fn part(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    if let Some(first) = proof::first(&visitor, account) {
        return first;
    }
    match own(&app, account.id, id).await {
        Ok((_, name)) => part_form(&app, &visitor, account, &name).respond(&app, &visitor),
        Err(refused) => problem(&app, &visitor, refused),
    }
}

/// The answer to it.
pub async fn parted(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some((session, account)) = visitor.session.clone() else { return must_sign_in(visitor) };
    let done = async {
        let (login, name) = own(&app, account.id, id).await?;
        if let Some(error) = unproved(&app, &sent, &account).await? {
            return Ok(part_form(&app, visitor, &account, &name).errors(&[error]).respond(&app, visitor));
        }
        let time = now();
        app.store.write(move |tx| join::part(tx, &login, Some(session.id), time)).await?;
        app.mail.notify_one();
        Ok::<_, Problem>(go("/account/logins"))
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

fn undo_form(app: &App, visitor: &Visitor, account: &Account, name: &str) -> Form {
    let w = Words(visitor.language);
    asking(app, visitor, account, w.undo_title(), w.undo_button())
        .intro(w.fill(w.undo_intro_here(), &[name]))
        .link("/account/logins", w.back())
        .grave()
}

async fn merged(app: &App, account: Id, id: Id) -> Result<(merge::Merge, String), Problem> {
    let time = now();
    let found = app.store.read(move |tx| {
        let Some(merge) = merge::get(tx, id, time)?.filter(|it| it.account == account) else { return Ok(None) };
        let name = provider::get(tx, &merge.provider)?.map_or_else(|| merge.provider.clone(), |it| it.name);
        Ok(Some((merge, name)))
    });
    found.await?.ok_or_else(|| Code::NotFound.into())
}

/// Asks whether to undo that a login joined.
pub async fn undo(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    if let Some(first) = proof::first(&visitor, account) {
        return first;
    }
    match merged(&app, account.id, id).await {
        Ok((_, name)) => undo_form(&app, &visitor, account, &name).respond(&app, &visitor),
        Err(refused) => problem(&app, &visitor, refused),
    }
}

/// The answer to it.
pub async fn undone(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let Some((session, account)) = visitor.session.clone() else { return must_sign_in(visitor) };
    let done = async {
        let (merge, name) = merged(&app, account.id, id).await?;
        if let Some(error) = unproved(&app, &sent, &account).await? {
            return Ok(undo_form(&app, visitor, &account, &name).errors(&[error]).respond(&app, visitor));
        }
        let time = now();
        app.store.write(move |tx| join::undo(tx, &merge, Some(session.id), time)).await?;
        app.mail.notify_one();
        Ok::<_, Problem>(go("/account/logins"))
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}
