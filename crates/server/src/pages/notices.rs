//! Terms and privacy notices (R50): who answers for what, the versions that hold and held, and the pages where those who answer publish
//! another one. Forms that lead to an account or to an issuer name the versions; that they were shown is recorded with what is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::{Code, Id, Language, Problem};

use super::form::{Field, Form, Kind as Asks};
use super::head::{Head, shared};
use super::staff::{Acting, Tab, acting, tabs};
use super::words::Words;
use super::{Frame, go, not_done, page, problem};
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::issuer::{self, Issuer};
use crate::store::notice::{self, Kind, Notice, SERVER};
use crate::store::{Error, Tx};
use crate::visitor::{Form as Sent, Visitor};

/// Letters of a text.
const MAX_TEXT: usize = 60_000;

/// The name of the server in paths, where an issuer has its DID.
const OURS: &str = "server";

/// What a text is called.
pub fn kind_words(w: Words, kind: Kind) -> &'static str {
    match kind {
        Kind::Terms => w.terms(),
        Kind::Privacy => w.privacy(),
    }
}

/// A link to each text that holds of an owner, who is named by the server's name or by a DID.
fn links(w: Words, owner: &str, held: &[Notice]) -> Vec<(String, String)> {
    let link = |it: &Notice| {
        let words = w.fill(w.version_of(), &[kind_words(w, it.kind), &it.version.to_string()]);
        (format!("/notices/{owner}/{}", it.kind.name()), words)
    };
    held.iter().map(link).collect()
}

/// What is shown of notices beside a form.
#[derive(Clone, Default)]
pub struct Shown {
    /// The words before the links.
    pub words: String,
    /// Paths and words.
    pub links: Vec<(String, String)>,
    /// Which versions these are, for the form to come back with.
    pub mark: String,
}

/// Which versions hold, as one word.
fn mark(held: &[Notice]) -> String {
    held.iter().map(Notice::mark).collect::<Vec<_>>().join(".")
}

/// What is shown of the server's notices beside a form.
///
/// # Errors
/// What the database said.
pub async fn ours(app: &App, w: Words, words: &str) -> Result<Shown, Problem> {
    let held = app.store.read(|tx| Ok(notice::current(tx, SERVER)?)).await?;
    Ok(Shown { words: words.to_owned(), links: links(w, OURS, &held), mark: mark(&held) })
}

/// What is shown of an issuer's notices where something goes to it.
///
/// # Errors
/// What the database said.
pub fn of_issuer(tx: &mut Tx<'_>, issuer: &Issuer, w: Words) -> Result<Shown, Error> {
    let held = notice::current(tx, issuer.id)?;
    let words = w.fill(w.holds_of(), &[&issuer.called()]);
    Ok(Shown { words, links: links(w, &issuer.did, &held), mark: mark(&held) })
}

/// What an account was shown for the first time when this session began, though it had been shown an earlier version.
///
/// # Errors
/// What the database said.
pub fn new_to(tx: &mut Tx<'_>, account: Id, began: Timestamp, w: Words) -> Result<Vec<(String, String)>, Error> {
    let all = notice::shown_to(tx, account)?;
    let is_new = |it: &Notice| {
        let of_it = |other: &&notice::Shown| other.owner == SERVER && other.kind == it.kind;
        let now = all.iter().filter(of_it).any(|other| other.version == it.version && other.at >= began);
        now && all.iter().filter(of_it).any(|other| other.version < it.version)
    };
    let held: Vec<_> = notice::current(tx, SERVER)?.into_iter().filter(is_new).collect();
    Ok(links(w, OURS, &held))
}

// ---- For everybody ----

struct Of {
    name: String,
    links: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct All {
    f: Frame,
    answers: Vec<String>,
    kept: Vec<String>,
    ours: Vec<(String, String, String)>,
    issuers: Vec<Of>,
}

fn listed(w: Words, owner: &str, held: &[Notice]) -> Vec<(String, String, String)> {
    let one = |it: &Notice| {
        let since = w.fill(w.version_since(), &[&it.version.to_string(), &w.date(it.published)]);
        (format!("/notices/{owner}/{}", it.kind.name()), kind_words(w, it.kind).to_owned(), since)
    };
    held.iter().map(one).collect()
}

/// Who answers for what, and what holds. Issuers are named that the catalogue names.
pub async fn all(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    let w = Words(visitor.language);
    let found = app.store.read(|tx| {
        let mut issuers = Vec::new();
        for id in notice::listed_owners(tx)? {
            let Some(of) = issuer::get(tx, id)? else { continue };
            issuers.push((of, notice::current(tx, id)?));
        }
        Ok((notice::current(tx, SERVER)?, issuers))
    });
    let (held, issuers) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let (settings, policy) = (&app.settings, &app.settings.policy);
    let marks: Vec<String> = issuers.iter().map(|(of, held)| format!("{} {:?} {}", of.did, of.called(), mark(held))).collect();
    let state = format!("{} {marks:?} {policy:?} {}", mark(&held), settings.operator);
    shared(&app, &visitor, &headers, &state, || {
        let operator = if settings.operator.is_empty() {
            w.answers_nameless().to_owned()
        } else {
            w.fill(w.answers_operator(), &[&settings.operator])
        };
        let unused = match policy.unused_months {
            0 => w.kept_never().to_owned(),
            months => w.fill(w.kept_unused(), &[&months.to_string(), &crate::jobs::WARNED_DAYS.to_string()]),
        };
        All {
            f: Frame::new(&app, &visitor, w.notices()).with(Head::of(&app, "/notices", w.notices_what())),
            answers: vec![operator, w.answers_issuer().to_owned(), w.answers_you().to_owned()],
            kept: vec![
                unused,
                w.fill(w.kept_requests(), &[&policy.request_days.to_string()]),
                w.fill(w.kept_invitations(), &[&policy.erase_after_days.to_string()]),
            ],
            ours: listed(w, OURS, &held),
            issuers: issuers.into_iter().map(|(of, held)| Of { links: listed(w, &of.did, &held), name: of.called() }).collect(),
        }
    })
}

/// A piece of a text: a heading or a paragraph.
pub struct Piece {
    /// Which of them.
    pub is_heading: bool,
    /// What it says.
    pub text: String,
}

/// A text that staff wrote, before it leaves or is published, with what was typed to send it or to change it.
#[derive(Template)]
#[template(path = "staff_preview.html")]
pub struct Preview {
    /// The page; its title is that of the text.
    pub f: Frame,
    /// Where it is sent.
    pub path: String,
    /// What happens then.
    pub why: &'static str,
    /// Each text: in which language, its tag, what it says.
    pub texts: Vec<(&'static str, &'static str, Vec<Piece>)>,
    /// What was typed, by the names of the fields.
    pub typed: Vec<(&'static str, String)>,
    /// The words of the button.
    pub send: &'static str,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix('#') {
            all.push(Piece { is_heading: true, text: heading.trim_start_matches('#').trim().to_owned() });
            open = false;
        } else if line.is_empty() {
            open = false;
        } else if let Some(last) = all.last_mut().filter(|_| open) {
            last.text = format!("{}\n{line}", last.text);
        } else {
            all.push(Piece { is_heading: false, text: line.to_owned() });
            open = true;
        }
    }
    all.retain(|piece| !piece.text.is_empty());
    all
}

#[derive(Template)]
#[template(path = "notice.html")]
struct One {
    f: Frame,
    by: String,
    since: String,
    tag: String,
    pieces: Vec<Piece>,
    /// Where the one is that holds, when this is an earlier one.
    newer: Option<String>,
    versions: Vec<(String, String, bool)>,
}

/// The text that holds.
pub async fn one(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((owner, kind)): Path<(String, String)>,
) -> Response {
    show(&app, &visitor, &headers, owner, &kind, None).await
}

/// A version of it.
pub async fn version(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((owner, kind, version)): Path<(String, String, String)>,
) -> Response {
    // No version has the number 0.
    show(&app, &visitor, &headers, owner, &kind, Some(version.parse().unwrap_or_default())).await
}

async fn show(app: &App, visitor: &Visitor, headers: &HeaderMap, owner: String, kind: &str, version: Option<i64>) -> Response {
    let w = Words(visitor.language);
    let Some(kind) = Kind::from_name(kind) else { return problem(app, visitor, Code::NotFound.into()) };
    let path = format!("/notices/{owner}/{}", kind.name());
    let found = app.store.read(move |tx| {
        let (id, name) = if owner == OURS {
            (SERVER, None)
        } else {
            let of = issuer::by_did(tx, &owner)?.filter(|it| it.suspended.is_none()).ok_or(Code::NotFound)?;
            (of.id, Some(of.called()))
        };
        let is_listed = notice::is_listed(tx, id)?;
        let all = notice::versions(tx, id, kind)?;
        if all.iter().all(|it| version.is_some_and(|version| it.version != version)) {
            return Err(Code::NotFound.into());
        }
        Ok((name, is_listed, all))
    });
    let (name, is_listed, all) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(app, visitor, error.into()),
    };
    let newest = all.first().map_or(0, |it| it.version);
    let Some(it) = all.iter().find(|it| it.version == version.unwrap_or(newest)) else {
        return problem(app, visitor, Code::NotFound.into());
    };
    let is_current = it.version == newest;
    let state = format!("{path} {} {newest} {} {name:?} {is_listed}", it.version, it.published);
    shared(app, visitor, headers, &state, || {
        let (tag, text) = it.text(visitor.language);
        let title = kind_words(w, kind);
        let f = Frame::new(app, visitor, title).with(Head::of(app, &path, title)).listed(is_current && is_listed);
        One {
            f,
            by: name.unwrap_or_else(|| app.settings.name.clone()),
            since: w.fill(w.version_since(), &[&it.version.to_string(), &w.date(it.published)]),
            tag: tag.to_owned(),
            pieces: pieces(text),
            newer: (!is_current).then(|| path.clone()),
            versions: if all.len() < 2 { Vec::new() } else { all.iter().map(|other| earlier(w, &path, other, it)).collect() },
        }
    })
}

fn earlier(w: Words, path: &str, other: &Notice, shown: &Notice) -> (String, String, bool) {
    let words = w.fill(w.version_since(), &[&other.version.to_string(), &w.date(other.published)]);
    (format!("{path}/{}", other.version), words, other.version == shown.version)
}

// ---- For those who answer ----

struct Line {
    kind: &'static str,
    write: String,
    read: Option<String>,
    since: String,
    shown: String,
    /// Which version may be taken back.
    back: Option<i64>,
}

struct Group {
    name: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "staff_notices.html")]
struct Mine {
    f: Frame,
    tabs: Vec<Tab>,
    groups: Vec<Group>,
}

/// Whose notices somebody may write.
fn may_write(acting: &Acting, owner: Id) -> bool {
    if owner == SERVER { acting.is_operator } else { acting.issuers.contains(&owner) }
}

/// The owner that a path names.
fn owner_of(text: &str) -> Option<Id> {
    if text == OURS { Some(SERVER) } else { text.parse().ok().filter(|id| *id != SERVER) }
}

/// What those hold for whom somebody acts.
pub async fn mine(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let found = app.store.read(move |tx| {
        let mut owners = if acting.is_operator { vec![(SERVER, None)] } else { Vec::new() };
        for id in &acting.issuers {
            owners.extend(issuer::get(tx, *id)?.filter(|it| it.suspended.is_none()).map(|it| (*id, Some(it))));
        }
        let mut all = Vec::new();
        for (id, of) in owners {
            let mut held = Vec::new();
            for it in notice::current(tx, id)? {
                let many = notice::count_shown(tx, id, it.kind, it.version)?;
                held.push((it, many));
            }
            all.push((id, of, held));
        }
        Ok(all)
    });
    let all = match found.await {
        Ok(all) => all,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let group = |(id, of, held): (Id, Option<Issuer>, Vec<(Notice, i64)>)| {
        let (path, public) = match &of {
            None => (OURS.to_owned(), OURS.to_owned()),
            Some(of) => (id.to_string(), of.did.clone()),
        };
        let line = |kind: Kind| {
            let it = held.iter().find(|(it, _)| it.kind == kind);
            Line {
                kind: kind_words(w, kind),
                write: format!("/staff/notices/{path}/{}", kind.name()),
                read: it.map(|_| format!("/notices/{public}/{}", kind.name())),
                since: it.map_or_else(
                    || w.never_published().to_owned(),
                    |(it, _)| w.fill(w.version_since(), &[&it.version.to_string(), &w.date(it.published)]),
                ),
                shown: it.map(|(_, many)| w.fill(w.shown_to_people(), &[&w.number(*many)])).unwrap_or_default(),
                back: it.filter(|(_, many)| *many == 0).map(|(it, _)| it.version),
            }
        };
        let name = of.map_or_else(|| w.this_service().to_owned(), |of| of.called());
        Group { lines: Kind::ALL.into_iter().map(line).collect(), name }
    };
    let shown = Mine {
        f: Frame::new(&app, &visitor, w.notices()),
        tabs: tabs(w, "/staff/notices", is_operator),
        groups: all.into_iter().map(group).collect(),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// What somebody writes, and for whom.
struct Writing {
    owner: Id,
    kind: Kind,
    by: String,
    name: String,
    held: Option<Notice>,
}

async fn writing(app: &App, visitor: &Visitor, owner: &str, kind: &str) -> Result<Writing, Response> {
    let acting = acting(app, visitor).await?;
    let nothing = || problem(app, visitor, Code::NotFound.into());
    let (Some(owner), Some(kind)) = (owner_of(owner), Kind::from_name(kind)) else { return Err(nothing()) };
    if !may_write(&acting, owner) {
        return Err(nothing());
    }
    let found = app.store.read(move |tx| {
        let of = if owner == SERVER { None } else { Some(issuer::get(tx, owner)?.ok_or(Code::NotFound)?) };
        Ok((of, notice::current(tx, owner)?.into_iter().find(|it| it.kind == kind)))
    });
    let (of, held) = found.await.map_err(|error| problem(app, visitor, error.into()))?;
    let name = of.map_or_else(|| app.settings.name.clone(), |of| of.called());
    Ok(Writing { owner, kind, by: acting.by, name, held })
}

fn form(app: &App, visitor: &Visitor, it: &Writing) -> Form {
    let w = Words(visitor.language);
    let text = |language: Language| it.held.as_ref().and_then(|it| it.texts.get(language.tag())).cloned().unwrap_or_default();
    let title = format!("{}: {}", it.name, kind_words(w, it.kind));
    Form::new(app, visitor, &title, w.look_first())
        .hidden("do", "look")
        .intro(w.notices_hint())
        .field(Field::new(Asks::Long, "en", w.in_english(), "off").hint(w.one_language_is_enough()))
        .field(Field::new(Asks::Long, "it", w.in_italian(), "off"))
        .hidden("before", it.held.as_ref().map_or(0, |it| it.version).to_string())
        .with("en", text(Language::English))
        .with("it", text(Language::Italian))
        .link("/staff/notices", w.notices())
}

/// The form for the next version.
pub async fn write(State(app): State<Arc<App>>, visitor: Visitor, Path((owner, kind)): Path<(String, String)>) -> Response {
    match writing(&app, &visitor, &owner, &kind).await {
        Err(response) => response,
        Ok(it) => form(&app, &visitor, &it).respond(&app, &visitor),
    }
}

/// The answer to it: the next version holds from now on.
pub async fn published(State(app): State<Arc<App>>, Path((owner, kind)): Path<(String, String)>, sent: Sent) -> Response {
    let it = match writing(&app, &sent.visitor, &owner, &kind).await {
        Ok(it) => it,
        Err(response) => return response,
    };
    let w = Words(sent.visitor.language);
    match sent.get("do") {
        "back" => return take_back(&app, &sent, &it).await,
        "change" => return form(&app, &sent.visitor, &it).filled(&sent).respond(&app, &sent.visitor),
        _ => {}
    }
    let mut texts = BTreeMap::new();
    let mut errors = Vec::new();
    for tag in Language::ALL.map(Language::tag) {
        let text = sent.trimmed(tag).replace("\r\n", "\n");
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        if text.chars().count() > MAX_TEXT {
            errors.push((tag, w.fill(w.text_long(), &[&w.number(60_000)])));
        } else if !text.is_empty() {
            texts.insert(tag.to_owned(), text);
        }
    }
    if errors.is_empty() && texts.is_empty() {
        errors.push(("en", w.text_missing().to_owned()));
    }
    if errors.is_empty() && it.held.as_ref().is_some_and(|held| held.texts == texts) {
        errors.push(("", w.same_as_before().to_owned()));
    }
    if !errors.is_empty() {
        return form(&app, &sent.visitor, &it).filled(&sent).errors(&errors).respond(&app, &sent.visitor);
    }
    let before = it.held.as_ref().map_or(0, |it| it.version);
    if sent.get("before") != before.to_string() {
        return meanwhile(&app, &sent.visitor);
    }
    if sent.get("do") == "look" {
        let text = |tag: &str| texts.get(tag).cloned().unwrap_or_default();
        let shown = [(w.in_english(), "en"), (w.in_italian(), "it")].into_iter().filter(|(_, tag)| texts.contains_key(*tag));
        let preview = Preview {
            f: Frame::new(&app, &sent.visitor, format!("{}: {}", it.name, kind_words(w, it.kind))),
            path: sent.visitor.path.clone(),
            why: w.publish_why(),
            texts: shown.map(|(words, tag)| (words, tag, pieces(&text(tag)))).collect(),
            typed: vec![("en", text("en")), ("it", text("it")), ("before", before.to_string())],
            send: w.publish(),
        };
        return page(&app, &sent.visitor, StatusCode::OK, &preview);
    }
    let (owner, kind, time) = (it.owner, it.kind, now());
    let done = app.store.write(move |tx| {
        let version = notice::publish(tx, owner, kind, &texts, time)?;
        // Somebody else was faster.
        if version != before + 1 {
            return Err(Code::Conflict.into());
        }
        Ok(act::note(tx, owner, &it.by, Did::NoticePublished, &format!("{} {version}", kind.name()), time)?)
    });
    match done.await {
        Ok(()) => go("/staff/notices"),
        Err(Error::Problem(refused)) if refused.code == Code::Conflict => meanwhile(&app, &sent.visitor),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

fn meanwhile(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    let links = [("/staff/notices", w.notices())];
    not_done(app, visitor, (w.changed_meanwhile(), w.changed_meanwhile_why()), &links)
}

async fn take_back(app: &App, sent: &Sent, it: &Writing) -> Response {
    let w = Words(sent.visitor.language);
    let version: i64 = sent.get("version").parse().unwrap_or_default();
    let (owner, kind, by, time) = (it.owner, it.kind, it.by.clone(), now());
    let done = app.store.write(move |tx| {
        let done = notice::take_back(tx, owner, kind, version)?;
        if done {
            act::note(tx, owner, &by, Did::NoticeTakenBack, &format!("{} {version}", kind.name()), time)?;
        }
        Ok(done)
    });
    match done.await {
        Ok(true) => go("/staff/notices"),
        Ok(false) => {
            let links = [("/staff/notices", w.notices())];
            not_done(app, &sent.visitor, (w.shown_already(), w.shown_already_why()), &links)
        }
        Err(error) => problem(app, &sent.visitor, error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_into_headings_and_paragraphs() {
        let all: Vec<_> =
            pieces("# One\nfirst\nline\n\n\nsecond\n## Two\n#\n").into_iter().map(|it| (it.is_heading, it.text)).collect();
        let expected = [(true, "One"), (false, "first\nline"), (false, "second"), (true, "Two")];
        assert_eq!(all, expected.map(|(is_heading, text)| (is_heading, text.to_owned())));
    }
}
