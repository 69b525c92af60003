//! What operators do with what people wrote: answer proposals and questions, hide a page that was reported with a reason that its owner reads
//! (R05, R38), and send news (R22). An answer and news leave after ten minutes, within which they are taken back.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::{Code, EmailAddress, Id, Problem};
use serde::Deserialize;

use super::form::{Field, Form, Kind as Asks};
use super::notices::{Piece, Preview};
use super::staff::{Tab, acting, tabs};
use super::words::Words;
use super::{Frame, go, message_with, not_done, page, problem};
use crate::api::requests::GRACE;
use crate::random;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::message::{self, Kind, Message, Page, State as Stands};
use crate::store::subscriber::{self, News};
use crate::store::{Error, Tx, account, award, outbox, share};
use crate::visitor::{Form as Sent, Visitor};

/// Rows of a page.
const MOST: i64 = 50;

/// Letters of an answer.
const MAX_ANSWER: usize = 5000;

/// An operator, or the answer that everybody else gets.
pub async fn operating(app: &App, visitor: &Visitor) -> Result<String, Response> {
    match acting(app, visitor).await {
        Ok(acting) if acting.is_operator => Ok(acting.by),
        Ok(_) => Err(problem(app, visitor, Code::NotFound.into())),
        Err(response) => Err(response),
    }
}

struct Pill {
    href: String,
    words: String,
    here: bool,
}

struct Line {
    href: String,
    title: String,
    who: String,
    since: String,
}

#[derive(Template)]
#[template(path = "staff_messages.html")]
struct Messages {
    f: Frame,
    tabs: Vec<Tab>,
    kinds: Vec<Pill>,
    states: Vec<Pill>,
    lines: Vec<Line>,
    after: Option<String>,
}

/// Which messages.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    kind: String,
    state: String,
    after: String,
}

fn kind_words(w: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::Proposal => w.proposals(),
        Kind::Question => w.questions(),
        Kind::Report => w.reports(),
    }
}

fn state_words(w: Words, state: Stands) -> &'static str {
    match state {
        Stands::Unconfirmed | Stands::Open => w.message_open(),
        Stands::Answered => w.message_answered(),
        Stands::Closed => w.message_closed(),
    }
}

/// Messages, the oldest first.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    if let Err(response) = operating(&app, &visitor).await {
        return response;
    }
    let w = Words(visitor.language);
    let kind = Kind::from_name(&asked.kind).unwrap_or(Kind::Proposal);
    let state = Stands::from_name(&asked.state).filter(|it| *it != Stands::Unconfirmed).unwrap_or(Stands::Open);
    let after = asked.after.parse::<Id>().ok();
    let kinds = [Kind::Proposal, Kind::Question, Kind::Report];
    let states = [Stands::Open, Stands::Answered, Stands::Closed];
    let found = app.store.read(move |tx| {
        let mut open = Vec::new();
        for kind in kinds {
            open.push((kind, message::count(tx, kind, Stands::Open)?));
        }
        Ok((open, message::queue(tx, kind, state, after, MOST + 1)?))
    });
    let (open, mut lines) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = lines.len() > 50;
    lines.truncate(50);
    let last = lines.last().map(|it| it.id);
    let time = now();
    let shown = Messages {
        f: Frame::new(&app, &visitor, w.messages()),
        tabs: tabs(w, "/staff/messages", true),
        kinds: open
            .into_iter()
            .map(|(it, many)| Pill {
                href: format!("/staff/messages?kind={}", it.name()),
                words: format!("{} {}", kind_words(w, it), w.number(many)),
                here: it == kind,
            })
            .collect(),
        states: states
            .into_iter()
            .map(|it| Pill {
                href: format!("/staff/messages?kind={}&state={}", kind.name(), it.name()),
                words: state_words(w, it).to_owned(),
                here: it == state,
            })
            .collect(),
        lines: lines
            .into_iter()
            .map(|it| Line {
                href: format!("/staff/messages/{}", it.id),
                title: it.title.or(it.about).unwrap_or(it.reference),
                who: it.name.or_else(|| it.address.map(|it| it.to_string())).unwrap_or_default(),
                since: w.ago(it.changed, time),
            })
            .collect(),
        after: last.filter(|_| more).map(|id| format!("/staff/messages?kind={}&state={}&after={id}", kind.name(), state.name())),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

#[derive(Template)]
#[template(path = "staff_message.html")]
struct One {
    f: Frame,
    path: String,
    kind: &'static str,
    state: &'static str,
    facts: Vec<(&'static str, String)>,
    text: String,
    answer: Option<String>,
    about: Option<String>,
    may_answer: bool,
    may_close: bool,
    may_undo: bool,
    /// What of a page can be hidden, if it is about one.
    hides: Option<&'static str>,
    /// Why that page is hidden, if it is.
    hidden: Option<String>,
}

/// What is hidden when a page is: a badge that is on somebody's page or behind a link, or the whole page. A collection is a part of it.
fn target(tx: &mut Tx<'_>, path: &str) -> Result<Option<(Page, Id)>, Error> {
    let mut parts = path.split('?').next().unwrap_or_default().trim_matches('/').split('/');
    match (parts.next(), parts.next()) {
        (Some("p"), Some(slug)) => {
            let Some(owner) = account::by_slug(tx, slug)? else { return Ok(None) };
            match parts.next() {
                None | Some("c") => Ok(Some((Page::Person, owner.id))),
                Some(id) => {
                    let Ok(id) = id.parse() else { return Ok(None) };
                    Ok(award::held(tx, owner.id, id)?.map(|it| (Page::Award, it.id)))
                }
            }
        }
        (Some("s"), Some(id)) => {
            let Ok(id) = id.parse() else { return Ok(None) };
            Ok(share::get(tx, id, now())?.map(|it| (Page::Award, it.award)))
        }
        _ => Ok(None),
    }
}

/// One message.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let by = match operating(&app, &visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let time = now();
    let w = Words(visitor.language);
    let found = app.store.write(move |tx| {
        let it = message::get(tx, id)?.filter(|it| it.state != Stands::Unconfirmed).ok_or(Code::NotFound)?;
        act::note(tx, act::SERVER, &by, Did::MessageRead, &it.reference, time)?;
        let target = it.about.as_deref().map(|about| target(tx, about)).transpose()?.flatten();
        let hidden = target.map(|(page, subject)| message::hidden(tx, page, subject)).transpose()?.flatten();
        // An answer that has left is not taken back.
        let is_gone = it.state == Stands::Answered && !outbox::may_take_back(tx, it.id, outbox::Kind::MessageAnswer)?;
        Ok((it, target.map(|(page, _)| page), hidden.map(|(reason, _)| reason), is_gone))
    });
    let (it, page_of, hidden, is_gone) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let mut facts = vec![(w.reference(), it.reference.clone()), (w.made_on(), w.date(it.created))];
    facts.extend(it.name.clone().map(|name| (w.name(), name)));
    facts.extend(it.address.as_ref().map(|address| (w.email(), address.to_string())));
    let (is_there, may_be_answered) = (it.text.is_some(), it.may_be_answered());
    let shown = One {
        f: Frame::new(&app, &visitor, it.title.clone().unwrap_or_else(|| it.reference.clone())),
        path: format!("/staff/messages/{id}"),
        kind: kind_words(w, it.kind),
        state: state_words(w, it.state),
        facts,
        text: it.text.unwrap_or_else(|| w.erased().to_owned()),
        answer: it.answer,
        about: it.about,
        may_answer: is_there && may_be_answered && it.address.is_some(),
        may_close: is_there && it.state == Stands::Open,
        may_undo: is_there && !is_gone && it.state != Stands::Open,
        hides: page_of.map(|page| if page == Page::Person { w.hides_person() } else { w.hides_badge() }),
        hidden,
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// Answers, lays aside, takes back, hides or shows.
pub async fn act(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let by = match operating(&app, &sent.visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let w = Words(sent.visitor.language);
    let (what, time) = (sent.get("do").to_owned(), now());
    let words: String = sent.trimmed("words").chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_ANSWER).collect();
    let path = format!("/staff/messages/{id}");
    if words.is_empty() && matches!(what.as_str(), "answer" | "hide") {
        return message_with(
            &app,
            &sent.visitor,
            StatusCode::UNPROCESSABLE_ENTITY,
            w.words_missing(),
            &[w.words_missing_why()],
            &[(&path, w.see_it())],
        );
    }
    let done = app.store.write(move |tx| {
        let it = message::get(tx, id)?.filter(|it| it.state != Stands::Unconfirmed && it.text.is_some()).ok_or(Code::NotFound)?;
        carry_out(tx, &it, &what, &words, &by, time)
    });
    match done.await {
        Ok(()) => go(&path),
        Err(Error::Problem(refused)) if refused.code == Code::Conflict => {
            not_done(&app, &sent.visitor, (w.decided_already(), w.decided_already_why()), &[(&path, w.see_it())])
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

fn carry_out(tx: &mut Tx<'_>, it: &Message, what: &str, words: &str, by: &str, time: Timestamp) -> Result<(), Error> {
    let conflict = || Problem::stands(it.state.stands());
    let hideable = |tx: &mut Tx<'_>| -> Result<(Page, Id), Error> {
        let about = it.about.as_deref().ok_or(Code::NotFound)?;
        target(tx, about)?.ok_or_else(|| Code::NotFound.into())
    };
    match what {
        "answer" if it.may_be_answered() => {
            let address: &EmailAddress = it.address.as_ref().ok_or(Code::NotFound)?;
            message::set(tx, it, Stands::Answered, Some(words), time)?;
            act::note(tx, act::SERVER, by, Did::MessageAnswered, &it.reference, time)?;
            outbox::put(tx, random::id(time), outbox::Kind::MessageAnswer, it.id, address, it.language, time)?;
            Ok(outbox::hold(tx, it.id, outbox::Kind::MessageAnswer, time + GRACE)?)
        }
        "close" if it.state == Stands::Open => message::set(tx, it, Stands::Closed, None, time),
        "undo" if it.state == Stands::Closed => message::set(tx, it, Stands::Open, None, time),
        "undo" if it.state == Stands::Answered => {
            if !outbox::take_back(tx, it.id, outbox::Kind::MessageAnswer)? {
                return Err(conflict().into());
            }
            message::set(tx, it, Stands::Open, None, time)
        }
        "hide" => {
            let (page, subject) = hideable(tx)?;
            if message::hide(tx, page, subject, words, time)? {
                tell_owner(tx, page, subject, time)?;
            }
            // What was asked for is done; whoever reported it may still be answered.
            if it.state == Stands::Open {
                message::set(tx, it, Stands::Answered, None, time)?;
            }
            Ok(act::note(tx, act::SERVER, by, Did::PageHidden, &format!("{} {subject}", page.name()), time)?)
        }
        "show" => {
            let (page, subject) = hideable(tx)?;
            message::unhide(tx, page, subject)?;
            if it.state == Stands::Answered && it.answer.is_none() {
                message::set(tx, it, Stands::Open, None, time)?;
            }
            Ok(act::note(tx, act::SERVER, by, Did::PageShown, &format!("{} {subject}", page.name()), time)?)
        }
        "answer" | "close" | "undo" => Err(conflict().into()),
        _ => Err(Problem::new(Code::BadRequest, [String::from("do")]).into()),
    }
}

/// Tells the owner of a page that it is hidden, unless it is shown again within ten minutes.
fn tell_owner(tx: &mut Tx<'_>, page: Page, subject: Id, time: Timestamp) -> Result<(), Error> {
    let owner = match page {
        Page::Person => Some(subject),
        Page::Award => award::get(tx, subject)?.and_then(|it| it.holder),
    };
    let Some(owner) = owner.map(|id| account::get(tx, id)).transpose()?.flatten() else { return Ok(()) };
    let Some(main) = account::addresses(tx, owner.id)?.into_iter().next() else { return Ok(()) };
    // One mail is enough, about what was hidden last.
    outbox::take_back(tx, owner.id, outbox::Kind::PageHidden)?;
    outbox::put(tx, random::id(time), outbox::Kind::PageHidden, owner.id, &main.shown, owner.language, time)?;
    Ok(outbox::hold(tx, owner.id, outbox::Kind::PageHidden, time + GRACE)?)
}

// ---- News ----

#[derive(Template)]
#[template(path = "staff_news.html")]
struct Told {
    f: Frame,
    tabs: Vec<Tab>,
    counts: Vec<(&'static str, String)>,
    /// Each: its id, its title, when it left or leaves, whether it may be taken back.
    lines: Vec<(Id, String, String, bool)>,
}

/// What was sent, and to how many more can be sent.
pub async fn news(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    if let Err(response) = operating(&app, &visitor).await {
        return response;
    }
    let w = Words(visitor.language);
    match app.store.read(|tx| Ok((subscriber::counts(tx)?, subscriber::last_news(tx, 20)?))).await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(((many, waiting), last)) => {
            let time = now();
            let shown = Told {
                f: Frame::new(&app, &visitor, w.news()),
                tabs: tabs(w, "/staff/news", true),
                counts: vec![(w.wants_news(), w.number(many)), (w.wants_opening(), w.number(waiting))],
                lines: last
                    .into_iter()
                    .map(|(it, waiting)| {
                        let leaves = it.created + GRACE;
                        let since = match (waiting > 0, leaves > time) {
                            (true, true) => w.fill(w.leaves_at(), &[&w.moment(leaves)]),
                            (true, false) => w.is_leaving().to_owned(),
                            // Nobody wanted news.
                            (false, true) => w.moment(it.created),
                            (false, false) => w.fill(w.has_left(), &[&w.moment(leaves)]),
                        };
                        (it.id, it.title, since, waiting > 0)
                    })
                    .collect(),
            };
            page(&app, &visitor, StatusCode::OK, &shown)
        }
    }
}

fn news_form(app: &App, visitor: &Visitor) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, w.write_news(), w.look_first_news())
        .hidden("do", "look")
        .intro(w.write_news_intro())
        .field(Field::new(Asks::Text, "title", w.subject(), "off"))
        .field(Field::new(Asks::Long, "text", w.news_text(), "off"))
        .link("/staff/news", w.news())
}

/// The form for news.
pub async fn write_news(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    match operating(&app, &visitor).await {
        Err(response) => response,
        Ok(_) => news_form(&app, &visitor).respond(&app, &visitor),
    }
}

/// The answer to it: everybody who confirmed gets one mail.
pub async fn send_news(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let by = match operating(&app, &sent.visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let w = Words(sent.visitor.language);
    let clean =
        |text: &str, most: usize| text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(most).collect::<String>();
    let (title, text) = (clean(sent.get("title"), 150).replace('\n', " "), clean(sent.get("text"), 10_000));
    if sent.get("do") == "change" {
        return news_form(&app, &sent.visitor).filled(&sent).respond(&app, &sent.visitor);
    }
    let mut errors = Vec::new();
    for (name, value, missing) in [("title", &title, w.subject_missing()), ("text", &text, w.text_missing())] {
        if value.is_empty() {
            errors.push((name, missing.to_owned()));
        }
    }
    if !errors.is_empty() {
        return news_form(&app, &sent.visitor).filled(&sent).errors(&errors).respond(&app, &sent.visitor);
    }
    if sent.get("do") == "look" {
        let preview = Preview {
            f: Frame::new(&app, &sent.visitor, title.clone()),
            path: sent.visitor.path.clone(),
            why: w.write_news_intro(),
            texts: vec![("", "", read_as(&text))],
            typed: vec![("title", title), ("text", text)],
            send: w.send_news(),
        };
        return page(&app, &sent.visitor, StatusCode::OK, &preview);
    }
    let time = now();
    let it = News { id: random::id(time), title, text, created: time };
    let done = app.store.write(move |tx| {
        // Whoever presses twice means one; the same may be sent again once the first has left.
        let is_same = |(before, _): &(News, i64)| {
            before.title == it.title && before.text == it.text && time.duration_since(before.created) < GRACE
        };
        if subscriber::last_news(tx, 20)?.iter().any(is_same) {
            return Ok(());
        }
        subscriber::add_news(tx, &it)?;
        act::note(tx, act::SERVER, &by, Did::NewsSent, &it.id.to_string(), time)?;
        for reader in subscriber::of_news(tx)? {
            outbox::put(tx, random::id(time), outbox::Kind::News, it.id, &reader.address, reader.language, time)?;
        }
        Ok(outbox::hold(tx, it.id, outbox::Kind::News, time + GRACE)?)
    });
    match done.await {
        Ok(()) => go("/staff/news"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

/// A mail has no headings.
fn read_as(text: &str) -> Vec<Piece> {
    text.split("\n\n").map(|text| Piece { is_heading: false, text: text.to_owned() }).collect()
}

/// News that were sent, to be read again.
pub async fn read_news(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    if let Err(response) = operating(&app, &visitor).await {
        return response;
    }
    let w = Words(visitor.language);
    match app.store.read(move |tx| Ok(subscriber::news(tx, id)?.ok_or(Code::NotFound)?)).await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(it) => {
            let parts: Vec<&str> = it.text.split("\n\n").collect();
            message_with(&app, &visitor, StatusCode::OK, &it.title, &parts, &[("/staff/news", w.news())])
        }
    }
}

/// Takes news back of which no mail has left.
pub async fn take_back(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    if let Err(response) = operating(&app, &sent.visitor).await {
        return response;
    }
    let w = Words(sent.visitor.language);
    match app.store.write(move |tx| if subscriber::take_back(tx, id)? { Ok(()) } else { Err(Code::Gone.into()) }).await {
        Ok(()) => go("/staff/news"),
        Err(Error::Problem(_)) => {
            not_done(&app, &sent.visitor, (w.decided_already(), w.decided_already_why()), &[("/staff/news", w.news())])
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}
