//! The pages of an account: badges, the profile, who sees what, sessions, all data to take along, and the end (R29 to R32).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::told_apart;
use satchel_protocol::{Code, Id, Language, Problem};
use serde_json::json;

use super::badge::{self, File, Shown};
use super::form::{Field, Form, Kind};
use super::logins::unproved;
use super::register::name;
use super::words::Words;
use super::{Frame, go, message as tell, message_with, must_sign_in, notices, page, problem, proof, share, verdict};
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::award::Award;
use crate::store::message::{self, Page as Hidden};
use crate::store::share as share_store;
use crate::store::{
    Error, Tx, award, device, factor, feed, identity, invitation, issuer, merge, notice, outbox, provider, session, staff,
};
use crate::visitor::{self, Form as Sent, Visitor};

#[derive(Template)]
#[template(path = "account.html")]
struct Home {
    f: Frame,
    waiting: Vec<(String, String)>,
    badges: Vec<Shown>,
    is_public: bool,
    page_path: String,
    /// Why staff hid the page.
    hidden: Option<HiddenHere>,
    /// Terms and notices that are new since the last visit.
    changed: Vec<(String, String)>,
}

/// Badges, and those that wait.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    let (id, time, w) = (account.id, now(), Words(visitor.language));
    let path = format!("/p/{}", account.slug);
    let began = visitor.session.as_ref().map_or(time, |(session, _)| session.created);
    let found = app.store.read(move |tx| {
        let mut waiting = Vec::new();
        for it in invitation::waiting_for(tx, id, time)? {
            let name = award::get(tx, it.award)?.map(|award| award.name).unwrap_or_default();
            waiting.push((format!("/claims/{}", it.id), name));
        }
        let hidden = hidden(tx, Hidden::Person, id, &path)?;
        let changed = notices::new_to(tx, id, began, w)?;
        Ok((waiting, award::held_by(tx, id)?, hidden, changed))
    });
    let (waiting, awards, hidden, changed) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let badges = match badge::all(&app, awards, w).await {
        Ok(badges) => badges,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    let home = Home {
        f: Frame::new(&app, &visitor, w.my_badges()),
        waiting,
        badges,
        is_public: account.page == Visibility::Public,
        page_path: format!("/p/{}", account.slug),
        hidden,
        changed,
    };
    page(&app, &visitor, StatusCode::OK, &home)
}

#[derive(Template)]
#[template(path = "badge.html")]
struct One {
    f: Frame,
    badge: Shown,
    /// Whether its holder looks at it.
    mine: bool,
    /// The path of this page.
    path: String,
    back: Option<(String, String)>,
    /// Who holds it, for others.
    holder: String,
    /// What is to be known about this link.
    note: Option<String>,
    /// Why staff hid it from others.
    hidden: Option<HiddenHere>,
    report: Option<verdict::Shown>,
    shares: Vec<(&'static str, String)>,
    /// Where this page is for everybody, when it is, and the pieces of HTML for other sites.
    public: Option<(String, [String; 2])>,
    profile: Option<String>,
    days: Vec<(i64, String)>,
}

/// How a badge is shown to others.
pub struct Showing {
    /// Who holds it.
    pub holder: String,
    /// What is to be known about this link.
    pub note: Option<String>,
    /// The page that leads here, with its words.
    pub back: Option<(String, String)>,
    /// What a verifier says.
    pub report: Option<verdict::Shown>,
    /// Where it can be passed on to.
    pub shares: Vec<(&'static str, String)>,
    /// The path of the page.
    pub path: String,
}

/// Why staff hid a page, and where its owner answers, quoting the report.
pub struct HiddenHere {
    /// Why.
    pub reason: String,
    /// The form for an answer.
    pub answer: String,
}

/// That a page is hidden, if it is; its report is found by its path.
///
/// # Errors
/// What the database said.
pub fn hidden(tx: &mut Tx<'_>, page: Hidden, subject: Id, path: &str) -> Result<Option<HiddenHere>, Error> {
    let Some((reason, _)) = message::hidden(tx, page, subject)? else { return Ok(None) };
    let about = message::reported(tx, path)?.map(|reference| format!("?about={reference}")).unwrap_or_default();
    Ok(Some(HiddenHere { reason, answer: format!("/help/ask{about}") }))
}

/// A badge, as others see it.
pub fn show_badge(app: &App, visitor: &Visitor, f: Frame, shown: Shown, showing: Showing) -> Response {
    let Showing { holder, note, back, report, shares, path } = showing;
    let (hidden, public, profile, days) = (None, None, None, Vec::new());
    let one = One { f, badge: shown, mine: false, path, back, holder, note, hidden, report, shares, public, profile, days };
    page(app, visitor, StatusCode::OK, &one)
}

/// A badge, as its holder sees it.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(&visitor) };
    let w = Words(visitor.language);
    let made = async {
        let award = own(&app, account, id).await?;
        let whole = badge::whole(&app, &award).await?;
        let report = verdict::about(&app, &award, w).await?;
        let found = app.store.read(move |tx| {
            let owner = account::get(tx, account)?.ok_or(Code::NotFound)?;
            let hidden = hidden(tx, Hidden::Award, id, &format!("/p/{}/{id}", owner.slug))?;
            Ok((owner, hidden))
        });
        let (owner, hidden) = found.await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        Ok::<_, Problem>((owner, hidden, whole, report, shown))
    };
    let (owner, hidden, whole, report, shown) = match made.await {
        Ok(made) => made,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    let is_public = owner.page == Visibility::Public && !shown.hidden && hidden.is_none();
    let url = format!("{}/p/{}/{id}", app.origin, owner.slug);
    let one = One {
        f: Frame::new(&app, &visitor, shown.name.clone()),
        mine: true,
        path: format!("/account/badges/{id}"),
        back: Some((String::from("/account"), w.my_badges().to_owned())),
        holder: owner.name(),
        note: None,
        hidden,
        report,
        shares: if is_public { share::links(&url, &shown.name) } else { Vec::new() },
        profile: is_public.then(|| share::add_to_profile(&whole, &url)),
        public: is_public.then(|| (url, share::snippets(&app, &owner.slug, id, &shown.name))),
        days: share::choices(w),
        badge: shown,
    };
    page(&app, &visitor, StatusCode::OK, &one)
}

/// A badge of an account.
async fn own(app: &App, account: Id, id: Id) -> Result<Award, Problem> {
    let found = app.store.read(move |tx| Ok(award::held(tx, account, id)?)).await?;
    found.ok_or_else(|| Code::NotFound.into())
}

/// The picture of a badge, for its holder.
pub async fn picture(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, pixels)): Path<(Id, u32)>,
    headers: HeaderMap,
) -> Response {
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(&visitor) };
    let made = async { badge::picture(&app, &own(&app, account, id).await?, pixels, badge::OWN, &headers).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// A file of a badge (R37): its holder's alone.
pub async fn file(State(app): State<Arc<App>>, visitor: Visitor, Path((id, file)): Path<(Id, String)>) -> Response {
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(&visitor) };
    let made = async { badge::as_file(&app, &own(&app, account, id).await?, File::from_name(&file), &file).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// Shows a badge on the page, or keeps it off.
pub async fn set_hidden(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let (hidden, time) = (sent.get("show") != "yes", now());
    let done = app.store.write(move |tx| {
        if !award::set_hidden(tx, account, id, hidden)? {
            return Err(Code::NotFound.into());
        }
        Ok(feed::append(tx, &[account], Change::Award, id, time)?)
    });
    answer(&app, &sent.visitor, done.await, &format!("/account/badges/{id}"))
}

fn answer(app: &App, visitor: &Visitor, done: Result<(), Error>, path: &str) -> Response {
    match done {
        Ok(()) => go(path),
        Err(error) => problem(app, visitor, error.into()),
    }
}

// ---- Settings ----

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    f: Frame,
    name: String,
    /// The institution whose word the name is.
    said_by: Option<String>,
    addresses: Vec<(String, String)>,
    birth: String,
    sessions: Vec<(Id, String, String, bool)>,
    devices: Vec<(Id, String, String)>,
    /// The issuers that the account acts for.
    acting: Vec<(Id, String)>,
    is_public: bool,
    is_indexed: bool,
    page_path: String,
    has_password: bool,
}

/// The profile, who sees what, and the sessions.
pub async fn settings(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some((current, account)) = visitor.session.clone() else { return must_sign_in(&visitor) };
    let (id, time) = (account.id, now());
    let found = app.store.read(move |tx| {
        let mut acting = Vec::new();
        for issuer in staff::named_by(tx, id)? {
            acting.extend(issuer::get(tx, issuer)?.map(|it| (it.id, it.name.unwrap_or(it.did))));
        }
        Ok((account::addresses(tx, id)?, session::of(tx, id, time)?, device::of(tx, id)?, acting))
    });
    let (addresses, sessions, devices, acting) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let w = Words(visitor.language);
    let (day, month, year) = account.birth_date.parts();
    let said_by = match institution(&app, id).await {
        Ok(found) => found,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    let settings = Settings {
        f: Frame::new(&app, &visitor, w.settings()),
        name: account.name(),
        said_by,
        addresses: addresses.iter().map(|it| (it.shown.to_string(), w.date(it.verified))).collect(),
        birth: w.day_of(day, month, year),
        sessions: numbered(sessions.iter().map(|it| (it.id, browser(&it.agent))).collect())
            .zip(&sessions)
            .map(|(name, it)| (it.id, name, w.date(it.seen), it.id == current.id))
            .collect(),
        devices: numbered(devices.iter().map(|it| (it.id, it.name.clone())).collect())
            .zip(&devices)
            .map(|(name, it)| (it.id, name, w.date(it.seen)))
            .collect(),
        acting,
        is_public: account.page == Visibility::Public,
        is_indexed: account.indexed,
        has_password: account.password.is_some(),
        page_path: format!("/p/{}", account.slug),
    };
    page(&app, &visitor, StatusCode::OK, &settings)
}

/// Names, with a number behind each that is called as another is.
fn numbered(named: Vec<(Id, String)>) -> impl Iterator<Item = String> {
    let numbers = told_apart(&named.iter().map(|(id, name)| (*id, name.as_str())).collect::<Vec<_>>());
    let name = |((_, name), number): ((Id, String), Option<usize>)| match number {
        Some(number) => format!("{name} ({number})"),
        None => name,
    };
    named.into_iter().zip(numbers).map(name)
}

/// A browser's name, as far as its own word goes.
pub fn browser(agent: &str) -> String {
    let known = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let name = known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    let systems = [("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];
    let system = systems.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, system)| *system);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name}, {system}"),
        (Some(name), None) => name,
        _ => satchel_badge::words::plain(agent).take(40).collect(),
    }
}

/// Changes who sees the page, and whether search engines may list it.
pub async fn set_page(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let Some(visibility) = Visibility::from_name(sent.get("page")) else {
        return problem(&app, &sent.visitor, Problem::new(Code::BadRequest, [String::from("page")]));
    };
    let (indexed, time) = (sent.get("indexed") == "yes" && visibility == Visibility::Public, now());
    let done = app.store.write(move |tx| {
        account::set_page(tx, account, visibility, Some(time))?;
        account::set_indexed(tx, account, indexed)?;
        Ok(feed::append(tx, &[account], Change::Profile, account, time)?)
    });
    answer(&app, &sent.visitor, done.await, "/account/settings")
}

fn profile_form(app: &App, visitor: &Visitor, account: &Account) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.change_profile(), w.save())
        .field(Field::new(Kind::Text, "given", w.given_name(), "given-name"))
        .field(Field::new(Kind::Text, "family", w.family_name(), "family-name").hint(w.family_hint()))
        .with("given", account.given_name.as_str())
        .with("family", account.family_name.as_str())
}

/// The form for the names.
pub async fn profile(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account() else { return must_sign_in(&visitor) };
    match institution(&app, account.id).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(Some(name)) => not_here(&app, &visitor, &name),
        Ok(None) => profile_form(&app, &visitor, account).respond(&app, &visitor),
    }
}

/// The institution whose word the names of an account are (R15).
async fn institution(app: &App, account: Id) -> Result<Option<String>, Problem> {
    let found = app.store.read(move |tx| {
        let Some(login) = identity::of(tx, account)?.into_iter().max_by_key(|it| it.seen) else { return Ok(None) };
        Ok(Some(provider::get(tx, &login.provider)?.map_or(login.provider, |it| it.name)))
    });
    Ok(found.await?)
}

fn not_here(app: &App, visitor: &Visitor, name: &str) -> Response {
    let w = Words(visitor.language);
    let words = w.fill(w.names_come_from(), &[name]);
    message_with(app, visitor, StatusCode::FORBIDDEN, w.change_profile(), &[&words], &[("/account/settings", w.settings())])
}

/// The answer to it. Mails come in the language in which it was sent.
pub async fn set_profile(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account() else { return must_sign_in(&sent.visitor) };
    let w = Words(sent.visitor.language);
    match institution(&app, account.id).await {
        Err(refused) => return problem(&app, &sent.visitor, refused),
        Ok(Some(name)) => return not_here(&app, &sent.visitor, &name),
        Ok(None) => {}
    }
    let (given, family) = (name(sent.get("given")), name(sent.get("family")));
    let (Some(given), Some(family)) = (given.clone().filter(|given| !given.is_empty()), family.clone()) else {
        let mut errors = Vec::new();
        match given {
            None => errors.push(("given", w.name_unusable().to_owned())),
            Some(given) if given.is_empty() => errors.push(("given", w.name_missing().to_owned())),
            Some(_) => {}
        }
        if family.is_none() {
            errors.push(("family", w.name_unusable().to_owned()));
        }
        return profile_form(&app, &sent.visitor, account).filled(&sent).errors(&errors).respond(&app, &sent.visitor);
    };
    let (id, language, time): (Id, Language, Timestamp) = (account.id, sent.visitor.language, now());
    let done = app.store.write(move |tx| {
        account::rename(tx, id, &given, &family, language)?;
        Ok(feed::append(tx, &[id], Change::Profile, id, time)?)
    });
    answer(&app, &sent.visitor, done.await, "/account/settings")
}

/// Ends what a program holds on one device.
pub async fn end_device(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let time = now();
    let done = app.store.write(move |tx| {
        if !device::end(tx, account, id)? {
            return Err(Code::NotFound.into());
        }
        Ok(feed::append(tx, &[account], Change::Session, id, time)?)
    });
    answer(&app, &sent.visitor, done.await, "/account/settings")
}

/// Ends one session, or all others.
pub async fn end_session(State(app): State<Arc<App>>, Path(which): Path<String>, sent: Sent) -> Response {
    let Some((current, account)) = &sent.visitor.session else { return must_sign_in(&sent.visitor) };
    let (current, account, time) = (current.id, account.id, now());
    let one = which.parse::<Id>().ok();
    if one.is_none() && which != "others" {
        return problem(&app, &sent.visitor, Code::NotFound.into());
    }
    let done = app.store.write(move |tx| {
        match one {
            Some(id) if !session::end(tx, account, id)? => return Err(Code::NotFound.into()),
            Some(_) => {}
            None => session::end_all(tx, account, Some(current))?,
        }
        Ok(feed::append(tx, &[account], Change::Session, current, time)?)
    });
    answer(&app, &sent.visitor, done.await, "/account/settings")
}

// ---- All data, and the end ----

/// Everything that is kept about whoever is signed in (R30), as JSON.
pub async fn export(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.owner().cloned() else { return must_sign_in(&visitor) };
    let made = app.store.read(move |tx| everything(tx, &account));
    match made.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(all) => badge::attachment(format!("{all:#}\n").into_bytes(), "application/json", "satchel-export.json"),
    }
}

fn everything(tx: &mut Tx<'_>, account: &Account) -> Result<serde_json::Value, Error> {
    let text = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let time = now();
    let addresses = account::addresses(tx, account.id)?;
    let addresses: Vec<_> = addresses
        .iter()
        .map(|it| json!({ "address": it.shown, "main": it.is_main, "verified": it.verified.to_string() }))
        .collect();
    let badges: Vec<_> = award::held_by(tx, account.id)?
        .into_iter()
        .map(|it| {
            json!({ "id": it.id, "credential": it.credential, "name": it.name, "hidden": it.hidden, "open_badges_3": text(it.ob3),
                    "open_badges_2": text(it.ob2), "revoked": it.revoked.map(|time| time.to_string()) })
        })
        .collect();
    let sessions: Vec<_> = session::of(tx, account.id, time)?
        .into_iter()
        .map(|it| json!({ "id": it.id, "browser": it.agent, "began": it.created.to_string(), "seen": it.seen.to_string() }))
        .collect();
    let devices: Vec<_> = device::of(tx, account.id)?
        .into_iter()
        .map(|it| {
            json!({ "id": it.id, "program": it.name, "may": it.scopes.to_string(), "began": it.created.to_string(),
                    "seen": it.seen.to_string() })
        })
        .collect();
    let mut invitations = Vec::new();
    for address in account::addresses(tx, account.id)? {
        for it in invitation::to_address(tx, &address.shown)? {
            invitations.push(json!({ "id": it.id, "address": it.address, "name": it.name, "language": it.language.tag(),
                                     "state": it.state, "made": it.created.to_string(), "until": it.expires.to_string() }));
        }
    }
    let logins: Vec<_> = identity::of(tx, account.id)?
        .into_iter()
        .map(|it| {
            json!({ "id": it.id, "institution": it.provider, "issuer": it.issuer, "subject": it.subject, "address": it.address,
                    "added": it.linked.to_string(), "used": it.seen.to_string(), "ends": it.ends.map(|time| time.to_string()) })
        })
        .collect();
    let joined: Vec<_> = merge::of(tx, account.id, time)?
        .into_iter()
        .map(|it| {
            json!({ "id": it.id, "institution": it.provider, "at": it.at.to_string(), "given_name_before": it.given_name,
                    "family_name_before": it.family_name })
        })
        .collect();
    let factors: Vec<_> = factor::of(tx, account.id)?
        .into_iter()
        .map(|it| {
            json!({ "id": it.id, "kind": it.kind.name(), "name": it.name, "added": it.created.to_string(),
                    "used": it.used.map(|time| time.to_string()) })
        })
        .collect();
    let mails: Vec<_> = outbox::of_account(tx, account.id)?
        .into_iter()
        .map(|it| json!({ "kind": it.kind.name(), "address": it.address, "tries": it.tries }))
        .collect();
    let mut shared = Vec::new();
    for it in share_store::of(tx, account.id, time)? {
        shared.push(json!({ "id": it.id, "badge": it.award, "label": it.label, "since": it.created.to_string(),
                            "until": it.expires.to_string() }));
    }
    let mut collections = Vec::new();
    for it in share_store::collections(tx, account.id)? {
        let badges = share_store::collected(tx, it.id)?;
        collections.push(json!({ "id": it.id, "name": it.name, "text": it.text, "shown": it.shown, "badges": badges }));
    }
    let mut shown = Vec::new();
    for it in notice::shown_to(tx, account.id)? {
        let of = if it.owner == notice::SERVER { None } else { issuer::get(tx, it.owner)?.map(|of| of.did) };
        shown.push(json!({ "of": of, "kind": it.kind.name(), "version": it.version, "at": it.at.to_string() }));
    }
    let mut acting = Vec::new();
    for id in staff::named_by(tx, account.id)? {
        acting.extend(issuer::get(tx, id)?.map(|it| it.did));
    }
    Ok(json!({
        "account": { "id": account.id, "given_name": account.given_name, "family_name": account.family_name,
                     "birth_date": account.birth_date.to_stored(), "language": account.language.tag(), "role": account.role,
                     "page": account.page, "page_name": account.slug, "search_engines": account.indexed,
                     "made": account.created.to_string() },
        "addresses": addresses, "badges": badges, "invitations": invitations, "sessions": sessions, "mails_to_leave": mails,
        "devices": devices, "logins": logins, "has_password": account.password.is_some(), "joined": joined,
        "links": shared, "collections": collections, "second_factors": factors, "notices_shown": shown,
        "acts_for": acting,
        "recovery_codes_left": factor::codes_left(tx, account.id)?,
        "written": time.to_string(),
    }))
}

fn delete_form(app: &App, visitor: &Visitor, account: &Account) -> Form {
    let w = Words(visitor.language);
    let form = Form::new(app, visitor, w.delete_title(), w.delete_button())
        .intro(w.delete_intro())
        .intro(w.delete_stays())
        .link("/account/export", w.export())
        .grave();
    if account.password.is_none() {
        return form;
    }
    form.field(Field::new(Kind::Password, "present", w.present_password(), "current-password"))
}

/// Asks whether to erase the account.
pub async fn delete(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.owner() else { return must_sign_in(&visitor) };
    if let Some(first) = proof::first(&visitor, account) {
        return first;
    }
    delete_form(&app, &visitor, account).respond(&app, &visitor)
}

/// Erases it.
pub async fn deleted(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match erase(&app, &sent).await {
        Ok(response) => response,
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn erase(app: &App, sent: &Sent) -> Result<Response, Problem> {
    let w = Words(sent.visitor.language);
    let Some(account) = sent.visitor.owner() else { return Ok(must_sign_in(&sent.visitor)) };
    if let Some(error) = unproved(app, sent, account).await? {
        return Ok(delete_form(app, &sent.visitor, account).errors(&[error]).respond(app, &sent.visitor));
    }
    let (id, language, time) = (account.id, account.language, now());
    app.store
        .write(move |tx| {
            let main = account::addresses(tx, id)?.into_iter().find(|it| it.is_main);
            account::erase(tx, id, time)?;
            // The last mail has a subject of its own: nothing of the account is left to be named.
            main.map_or(Ok(()), |main| {
                Ok(outbox::put(tx, random::id(time), outbox::Kind::Erased, random::id(time), &main.shown, language, time)?)
            })
        })
        .await?;
    app.after_erasure().await?;
    app.mail.notify_one();
    let mut headers = HeaderMap::new();
    visitor::forget_session(&mut headers, app);
    Ok((headers, tell(app, &sent.visitor.signed_out(), w.deleted(), &[w.deleted_why()], &[])).into_response())
}
