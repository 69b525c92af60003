//! Writing to the staff: a badge that one would like to see (R38), a question (R39), a page that is wrong (R05). An answer goes to an address
//! that was confirmed; each message has a reference to quote. And the page with help (R19).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use satchel_protocol::{Code, EmailAddress, Problem};
use serde::Deserialize;

use super::form::{Field, Form, Kind as Asks};
use super::head::{Head, shared};
use super::register::name;
use super::words::Words;
use super::{Frame, message, message_with, problem};
use crate::random::{self, Secret};
use crate::state::{App, FROM_NETWORK, now};
use crate::store::message::{self, Kind, Message, State as Stands};
use crate::store::{Error, Tx, account, attempt, invitation, outbox, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// Letters of a title and of a text.
const MAX_TITLE: usize = 200;
const MAX_TEXT: usize = 5000;

/// Messages of one kind that are taken in a day.
const A_DAY: i64 = 500;

const DAY: i64 = 86400;

/// About which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct About {
    page: String,
    /// The reference of a report that is answered.
    about: String,
}

/// The part of our addresses that a page has; nothing of anybody else's.
fn page_of(app: &App, text: &str) -> String {
    let path = text.strip_prefix(&app.origin).unwrap_or(text);
    let path: String = path.chars().take(300).collect();
    // A DID has colons.
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte));
    // What opens a link is known to whoever has it, and to nobody else.
    let path = match path.strip_prefix("/s/") {
        Some(rest) => format!("/s/{}", rest.split('/').next().unwrap_or_default()),
        None => path,
    };
    if plain && path.starts_with('/') && !path.starts_with("//") { path } else { String::new() }
}

fn form(app: &App, visitor: &Visitor, kind: Kind, about: &str) -> Form {
    let w = Words(visitor.language);
    let form = match kind {
        Kind::Proposal => Form::new(app, visitor, w.propose_title(), w.send())
            .intro(w.propose_intro())
            .field(Field::new(Asks::Text, "title", w.propose_name(), "off"))
            .field(Field::new(Asks::Long, "text", w.propose_text(), "off").hint(w.propose_hint())),
        Kind::Question => Form::new(app, visitor, w.ask_title(), w.send())
            .intro(w.ask_intro())
            .field(Field::new(Asks::Text, "title", w.subject(), "off"))
            .field(Field::new(Asks::Long, "text", w.question(), "off")),
        Kind::Report => Form::new(app, visitor, w.report_title(), w.send())
            .intro(w.fill(if about.starts_with("/p/") { w.report_intro() } else { w.report_intro_badge() }, &[about]))
            .hidden("page", about)
            .field(Field::new(Asks::Long, "text", w.report_text(), "off")),
    };
    let hint = if kind == Kind::Report { w.answer_optional() } else { w.answer_goes_there() };
    let form = form
        .field(Field::new(Asks::Text, "name", w.your_name(), "name").hint(w.may_be_empty()))
        .field(Field::new(Asks::Email, "email", w.email(), "email").hint(hint));
    match visitor.account() {
        Some(account) => form.with("name", account.name()),
        None => form,
    }
    .trap()
}

/// The form for a badge that one would like to see.
pub async fn propose(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    form(&app, &visitor, Kind::Proposal, "").respond(&app, &visitor)
}

/// The form for a question, or for the answer of somebody whose page was hidden.
pub async fn ask(State(app): State<Arc<App>>, visitor: Visitor, Query(about): Query<About>) -> Response {
    let is_reference = about.about.len() == 9 && about.about.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    let w = Words(visitor.language);
    let title = if is_reference { w.fill(w.about_hidden(), &[&about.about]) } else { String::new() };
    form(&app, &visitor, Kind::Question, "").with("title", title).respond(&app, &visitor)
}

/// The form for a page that is wrong.
pub async fn report(State(app): State<Arc<App>>, visitor: Visitor, Query(about): Query<About>) -> Response {
    let page = page_of(&app, &about.page);
    if page.is_empty() {
        return problem(&app, &visitor, Code::NotFound.into());
    }
    form(&app, &visitor, Kind::Report, &page).respond(&app, &visitor)
}

/// The answer to the first.
pub async fn proposed(State(app): State<Arc<App>>, sent: Sent) -> Response {
    take(&app, &sent, Kind::Proposal).await
}

/// The answer to the second.
pub async fn asked(State(app): State<Arc<App>>, sent: Sent) -> Response {
    take(&app, &sent, Kind::Question).await
}

/// The answer to the third.
pub async fn reported(State(app): State<Arc<App>>, sent: Sent) -> Response {
    take(&app, &sent, Kind::Report).await
}

async fn take(app: &App, sent: &Sent, kind: Kind) -> Response {
    let about = page_of(app, sent.get("page"));
    match keep(app, sent, kind, &about).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany => {
            let words = super::sentence(&refused.message(sent.visitor.language));
            form(app, &sent.visitor, kind, &about).filled(sent).errors(&[("", words)]).respond(app, &sent.visitor)
        }
        Err(refused) => problem(app, &sent.visitor, refused),
    }
}

/// Text of a person, as it is kept.
fn plain(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

async fn keep(app: &App, sent: &Sent, kind: Kind, about: &str) -> Result<Response, Problem> {
    let (visitor, w) = (&sent.visitor, Words(sent.visitor.language));
    let mut errors = Vec::new();
    let (title, text) = (plain(sent.get("title")), plain(sent.get("text")));
    if kind != Kind::Report && title.is_empty() {
        let words = if kind == Kind::Proposal { w.name_it() } else { w.subject_missing() };
        errors.push(("title", words.to_owned()));
    }
    if text.is_empty() {
        errors.push(("text", w.text_missing().to_owned()));
    }
    for (name, text, most) in [("title", &title, MAX_TITLE), ("text", &text, MAX_TEXT)] {
        if text.chars().count() > most {
            errors.push((name, w.fill(w.answer_long(), &[&most.to_string()])));
        }
    }
    let who = name(sent.get("name"));
    if who.is_none() {
        errors.push(("name", w.name_unusable().to_owned()));
    }
    let typed = sent.trimmed("email");
    let address = typed.parse::<EmailAddress>().ok();
    if address.is_none() && (kind != Kind::Report || !typed.is_empty()) {
        errors.push(("email", w.email_wrong().to_owned()));
    }
    if kind == Kind::Report && about.is_empty() {
        return Err(Code::NotFound.into());
    }
    if !errors.is_empty() {
        return Ok(form(app, visitor, kind, about).filled(sent).errors(&errors).respond(app, visitor));
    }
    let time = now();
    let reference = reference();
    let quoted = w.fill(w.reference_is(), &[&reference]);
    if sent.is_trapped() {
        return Ok(message(app, visitor, w.look_at_mail(), &[&quoted], &[]));
    }
    let to = address.as_ref().map_or("", EmailAddress::normal).to_owned();
    if address.is_some() {
        app.limit(&[("message-from", &visitor.ip, FROM_NETWORK, 3600)]).await?;
    } else {
        // Nobody confirms these, so nothing else counts them. They shut out none that has an address.
        app.limit(&[("nameless-from", &visitor.ip, 20, 3600), ("nameless", kind.name(), A_DAY, DAY)]).await?;
    }
    // Whoever is signed in with this address has confirmed it; who leaves none gets no answer.
    let (known, looked) = (visitor.account().map(|account| account.id), to.clone());
    let is_known = match (known, &address) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(id), Some(_)) => app.store.read(move |tx| Ok(account::holds(tx, id, &looked)?)).await?,
    };
    let it = Message {
        id: random::id(time),
        reference,
        kind,
        state: if is_known { Stands::Open } else { Stands::Unconfirmed },
        about: Some(about.to_owned()).filter(|about| !about.is_empty()),
        name: who.filter(|who| !who.is_empty()),
        address: address.clone(),
        language: visitor.language,
        title: Some(title).filter(|title| !title.is_empty()),
        text: Some(text),
        answer: None,
        created: time,
        changed: time,
    };
    let hash = address.as_ref().map(|address| app.hash_of(address));
    let limits = match (known.filter(|_| is_known), &address) {
        (_, None) => Vec::new(),
        (None, Some(address)) => vec![(app.key("message-to", &address.mailbox()), 5, DAY)],
        // What others typed does not keep the owner of an address out.
        (Some(id), Some(_)) => vec![(app.key("message-of", &id.to_string()), 20, DAY), all_of(app, kind)],
    };
    app.store
        .write(move |tx| {
            attempt::within(tx, &limits, time)?;
            if let Some(hash) = hash
                && invitation::is_suppressed(tx, hash)?
            {
                return Ok(());
            }
            message::add(tx, &it)?;
            match &it.address {
                Some(address) if !is_known => {
                    Ok(outbox::put(tx, random::id(time), outbox::Kind::MessageConfirm, it.id, address, it.language, time)?)
                }
                _ => Ok(()),
            }
        })
        .await?;
    app.mail.notify_one();
    if is_known {
        return Ok(message(app, visitor, w.message_taken(), &[w.message_taken_why(), &quoted], &[("/", w.to_start())]));
    }
    let sent_to = w.fill(w.mail_sent_to(), &[address.as_ref().map_or("", EmailAddress::as_str)]);
    Ok(message(app, visitor, w.look_at_mail(), &[&sent_to, w.message_confirm_first(), &quoted], &[]))
}

/// What counts the messages of one kind that staff are to read.
fn all_of(app: &App, kind: Kind) -> ([u8; 32], i64, i64) {
    (app.key("message", kind.name()), A_DAY, DAY)
}

/// A reference that people can read out.
fn reference() -> String {
    let letters = random::slug().to_uppercase();
    format!("{}-{}", &letters[..4], &letters[4..8])
}

// ---- The link of the mail ----

fn written(tx: &mut Tx<'_>, text: &str) -> Result<Message, Error> {
    let secret = Secret::parse(text).ok_or(Code::NotFound)?;
    let ticket = ticket::find(tx, ticket::Kind::Message, &secret)?.filter(|it| it.expires > now()).ok_or(Code::NotFound)?;
    message::get(tx, ticket.subject)?.ok_or_else(|| Code::NotFound.into())
}

fn over(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.link_over_why()], &[("/help", w.help())])
}

fn taken(app: &App, visitor: &Visitor, it: &Message) -> Response {
    let w = Words(visitor.language);
    let quoted = w.fill(w.reference_is(), &[&it.reference]);
    message(app, visitor, w.message_taken(), &[w.message_taken_why(), &quoted], &[("/", w.to_start())])
}

/// The page of a link that confirms a message. Opening it changes nothing.
pub async fn confirm(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match app.store.read(move |tx| written(tx, &secret)).await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &visitor),
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(it) if it.state != Stands::Unconfirmed => taken(&app, &visitor, &it),
        Ok(it) => {
            let address = it.address.as_ref().map(ToString::to_string).unwrap_or_default();
            let what = it.title.or(it.about).unwrap_or(it.reference);
            Form::new(&app, &visitor, w.message_confirm_title(), w.request_confirm_button())
                .intro(w.fill(w.message_confirm_intro(), &[&address, &what]))
                .respond(&app, &visitor)
        }
    }
}

/// The answer to it: staff see the message from now on.
pub async fn confirmed(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let time = now();
    let counted = Arc::clone(&app);
    let done = app.store.write(move |tx| {
        let it = written(tx, &secret)?;
        if it.state == Stands::Unconfirmed {
            attempt::within(tx, &[all_of(&counted, it.kind)], time)?;
            message::set(tx, &it, Stands::Open, None, time)?;
        }
        Ok(it)
    });
    match done.await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &sent.visitor),
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(it) => taken(&app, &sent.visitor, &it),
    }
}

// ---- Help ----

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    f: Frame,
    support: Option<String>,
    contact: Vec<String>,
    /// Whom those write to who run a provider of logins.
    for_providers: Option<String>,
    questions: Vec<(&'static str, &'static str)>,
}

/// Help: what people ask, and whom they write to.
pub async fn help(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    let w = Words(visitor.language);
    let settings = &app.settings;
    let state = format!("{:?} {:?} {:?}", settings.support, settings.provider_support, settings.contact);
    shared(&app, &visitor, &headers, &state, || Help {
        f: Frame::new(&app, &visitor, w.help()).with(Head::of(&app, "/help", w.help_what())),
        support: settings.support.as_ref().map(ToString::to_string),
        contact: settings.contact.clone(),
        for_providers: settings.for_providers().map(ToString::to_string),
        questions: vec![
            (w.q_free(), w.a_free()),
            (w.q_get(), w.a_get()),
            (w.q_mail(), w.a_mail()),
            (w.q_check(), w.a_check()),
            (w.q_see(), w.a_see()),
            (w.q_leave(), w.a_leave()),
        ],
    })
}

#[derive(Template)]
#[template(path = "text.html")]
struct Reading {
    f: Frame,
    parts: Vec<(&'static str, Vec<&'static str>)>,
}

/// What holds for accessibility and browsers, and what was tried.
pub async fn accessibility(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    let w = Words(visitor.language);
    shared(&app, &visitor, &headers, "", || Reading {
        f: Frame::new(&app, &visitor, w.accessibility()).with(Head::of(&app, "/accessibility", w.accessibility_what())),
        parts: vec![
            (w.accessibility_aim(), vec![w.accessibility_aim_why()]),
            (w.accessibility_tried(), vec![w.accessibility_tried_why(), w.accessibility_untried()]),
            (w.browsers(), vec![w.browsers_why(), w.browsers_old()]),
            (w.accessibility_tell(), vec![w.accessibility_tell_why()]),
        ],
    })
}
