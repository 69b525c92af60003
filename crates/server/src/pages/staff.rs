//! What staff do in a browser begins here: who is staff, the parts of their pages, and the queue of requests, which they decide about (R27).
//! Everybody sees what went to the issuers that they act for; operators see all. What another one did meanwhile is told, and undone only as
//! long as nobody outside has learnt of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::fold::fold;
use satchel_protocol::request::{Event, State as Step};
use satchel_protocol::{Code, Id, Problem};
use serde::Deserialize;

use super::words::Words;
use super::{Frame, go, must_sign_in, not_done, page, problem};
use crate::api::requests;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::request::{self, Request, Sought};
use crate::store::{Error, Tx, issuer, staff};
use crate::visitor::{Form as Sent, Visitor};

/// Rows of a page.
const MOST: i64 = 50;

/// Somebody who acts for issuers.
pub struct Acting {
    /// The issuers that it acts for.
    pub issuers: Vec<Id>,
    /// Whether it runs the server.
    pub is_operator: bool,
    /// What it goes by in the record of what staff did.
    pub by: String,
}

/// Whoever is signed in, when that is staff. For all others there is nothing here.
///
/// # Errors
/// The answer that they get.
pub async fn acting(app: &App, visitor: &Visitor) -> Result<Acting, Response> {
    let Some(account) = visitor.account().cloned() else { return Err(must_sign_in(visitor)) };
    let (is_operator, by) = (account.role.as_deref() == Some(staff::OPERATOR), account.id.to_string());
    let found = app.store.read(move |tx| {
        if !staff::is_staff(tx, &account)? {
            return Err(Code::NotFound.into());
        }
        Ok(staff::issuers(tx, &account)?)
    });
    match found.await {
        Ok(issuers) => Ok(Acting { issuers, is_operator, by }),
        Err(error) => Err(problem(app, visitor, error.into())),
    }
}

/// The parts of the pages of the staff.
pub struct Tab {
    /// Where it is.
    pub href: &'static str,
    /// What it is called.
    pub words: &'static str,
    /// Whether it is shown.
    pub here: bool,
}

/// Those parts, of which one is shown.
pub fn tabs(w: Words, here: &str, is_operator: bool) -> Vec<Tab> {
    let all = [
        ("/staff/requests", w.requests()),
        ("/staff/invitations", w.invitations()),
        ("/staff/forms", w.forms()),
        ("/staff/numbers", w.numbers()),
        ("/staff/notices", w.notices()),
        ("/staff/messages", w.messages()),
        ("/staff/news", w.news()),
        ("/staff/addresses", w.free_tab()),
        ("/staff/users", w.users()),
        ("/staff/providers", w.providers()),
        ("/staff/rules", w.rules()),
    ];
    all.into_iter()
        .take(if is_operator { all.len() } else { 5 })
        .map(|(href, words)| Tab { href, words, here: href == here })
        .collect()
}

/// The way in.
pub async fn home() -> Response {
    go("/staff/requests")
}

// ---- Requests ----

/// A pill over a list.
pub struct Pill {
    /// Where it leads.
    pub href: String,
    /// A state, and how many there are.
    pub words: String,
    /// Whether it is the one shown.
    pub here: bool,
}

struct Line {
    id: Id,
    name: String,
    address: String,
    badge: String,
    by: String,
    since: String,
}

/// What was done just now, and how it is undone: where that is sent, and with what.
struct Done {
    words: String,
    undo: Option<(String, &'static str, String)>,
}

/// What the queue is narrowed to, to be shown in its form and to come back with what is sent.
struct Narrowed {
    q: String,
    badge: String,
    badges: Vec<(String, String)>,
    /// Whether it is narrowed at all.
    is_narrow: bool,
}

#[derive(Template)]
#[template(path = "staff_requests.html")]
struct Requests {
    f: Frame,
    tabs: Vec<Tab>,
    pills: Vec<Pill>,
    narrowed: Narrowed,
    lines: Vec<Line>,
    state: &'static str,
    /// Whether they wait for a decision.
    to_decide: bool,
    /// Whether all are ticked, and the page on which it is the other way round.
    all: bool,
    turned: String,
    since_words: &'static str,
    done: Option<Done>,
    before: Option<String>,
    after: Option<String>,
}

/// Which requests, and what was done just now: with one, or with as many at a time.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    q: String,
    badge: String,
    after: String,
    all: String,
    done: String,
    at: String,
    of: String,
}

impl Asked {
    /// What is looked for; a text is cut, for nobody's name is longer.
    fn sought(&self) -> Sought {
        let badge = self.badge.split_once('~').and_then(|(id, slug)| Some((id.parse().ok()?, slug.to_owned())));
        let text: String = self.q.chars().take(100).collect();
        Sought { badge, words: fold(&text).split_whitespace().map(str::to_owned).collect() }
    }

    /// The queue with the same filter.
    fn path(&self, state: Step, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state.name());
        query.extend_pairs([("q", self.q.as_str()), ("badge", self.badge.as_str())].iter().filter(|(_, it)| !it.is_empty()));
        query.extend_pairs(more);
        format!("{QUEUE}?{}", query.finish())
    }
}

/// The queue.
const QUEUE: &str = "/staff/requests";

/// Where a request stands, in words.
pub fn state_words(w: Words, state: Step) -> &'static str {
    match state {
        Step::Unconfirmed | Step::Waiting => w.state_waiting(),
        Step::Approved => w.state_approved(),
        Step::Awarded => w.state_awarded(),
        Step::Refused => w.state_refused(),
    }
}

/// The same of several.
pub fn state_many(w: Words, state: Step) -> &'static str {
    match state {
        Step::Awarded => w.many_awarded(),
        Step::Refused => w.many_refused(),
        state => state_words(w, state),
    }
}

/// Badges that a filter offers.
const MOST_BADGES: i64 = 100;

/// The names of a badge and of its issuer, which are looked up once for a page.
fn known_names(
    tx: &mut Tx<'_>,
    known: &mut BTreeMap<(Id, String), (String, String)>,
    issuer: Id,
    slug: &str,
) -> Result<(String, String), Error> {
    if let Some(names) = known.get(&(issuer, slug.to_owned())) {
        return Ok(names.clone());
    }
    let names = names(tx, issuer, slug)?;
    known.insert((issuer, slug.to_owned()), names.clone());
    Ok(names)
}

/// The name of the badge that was asked for, and of its issuer.
///
/// # Errors
/// What the database said.
pub fn names(tx: &mut Tx<'_>, issuer: Id, slug: &str) -> Result<(String, String), Error> {
    let Some(by) = issuer::get(tx, issuer)? else { return Ok((slug.to_owned(), String::new())) };
    let name = super::catalogue::described(tx, &by.did, slug).ok().and_then(|it| it.achievement.name);
    Ok((name.unwrap_or_else(|| slug.to_owned()), by.called()))
}

/// The queue.
pub async fn requests(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let state = Step::from_name(&asked.state).filter(|it| *it != Step::Unconfirmed).unwrap_or(Step::Waiting);
    let (after, done, sought) = (asked.after.parse::<Id>().ok(), asked.done.parse::<Id>().ok(), asked.sought());
    let at = asked.at.parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok());
    let (time, issuers) = (now(), acting.issuers.clone());
    let noted = app.store.write(move |tx| {
        for issuer in &acting.issuers {
            act::note(tx, *issuer, &acting.by, Did::RequestsRead, "all", time)?;
        }
        Ok(())
    });
    if let Err(error) = noted.await {
        return problem(&app, &visitor, error.into());
    }
    let is_narrow = !sought.is_all();
    let found = app.store.read(move |tx| {
        let mut known = BTreeMap::new();
        let mut lines = Vec::new();
        for it in request::find(tx, &issuers, state, &sought, after, 51)? {
            let (badge, by) = known_names(tx, &mut known, it.issuer, &it.slug)?;
            lines.push((it, badge, by));
        }
        let mut badges = Vec::new();
        for (issuer, slug) in request::badges(tx, &issuers, MOST_BADGES)? {
            let (badge, by) = known_names(tx, &mut known, issuer, &slug)?;
            badges.push((format!("{issuer}~{slug}"), format!("{badge}, {by}")));
        }
        let done = match done {
            Some(id) => request::of_issuers(tx, &issuers, id)?,
            None => None,
        };
        let late = match &done {
            Some(it) => requests::is_told(tx, it)?,
            None => false,
        };
        let many = at.map(|at| request::changed_at(tx, &issuers, Step::Approved, at)).transpose()?.map(|all| all.len());
        let counts = if is_narrow { Vec::new() } else { request::counts(tx, &issuers)? };
        Ok((counts, lines, badges, done.map(|it| (it, late)), many))
    });
    let (counts, mut lines, badges, done, many) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = lines.len() > 50;
    lines.truncate(50);
    let last = lines.last().map(|(it, ..)| it.id.to_string());
    let time = now();
    let (waits, all) = (state == Step::Waiting || state == Step::Approved, asked.all == "yes");
    let here = asked.after.parse::<Id>().map(|id| id.to_string()).unwrap_or_default();
    let turn = [("after", here.as_str()), ("all", if all { "" } else { "yes" })].into_iter().filter(|(_, it)| !it.is_empty());
    let shown = Requests {
        f: Frame::new(&app, &visitor, w.requests()),
        tabs: tabs(w, QUEUE, is_operator),
        pills: [Step::Waiting, Step::Approved, Step::Awarded, Step::Refused]
            .into_iter()
            .map(|it| {
                let many = counts.iter().find(|(of, _)| *of == it).map(|(_, many)| format!(" {}", w.number(*many)));
                let words = format!("{}{}", state_many(w, it), many.unwrap_or_default());
                Pill { href: asked.path(it, &[]), words, here: it == state }
            })
            .collect(),
        narrowed: Narrowed { q: asked.q.clone(), badge: asked.badge.clone(), badges, is_narrow },
        lines: lines
            .into_iter()
            .map(|(it, badge, by)| Line {
                id: it.id,
                name: if it.address.is_some() { it.name() } else { w.erased().to_owned() },
                address: it.address.as_ref().map(ToString::to_string).unwrap_or_default(),
                badge,
                by,
                since: if waits { w.ago(it.changed, time) } else { w.date(it.changed) },
            })
            .collect(),
        state: state.name(),
        to_decide: state == Step::Waiting,
        all,
        turned: asked.path(state, &turn.collect::<Vec<_>>()),
        since_words: if waits { w.waits() } else { w.decided() },
        done: done.map(|(it, late)| done_one(w, &it, late)).or_else(|| done_many(w, &asked, many)),
        before: after.map(|_| asked.path(state, &[])),
        after: last.filter(|_| more).map(|id| asked.path(state, &[("after", &id)])),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

fn done_one(w: Words, it: &Request, is_told: bool) -> Done {
    let undo = (it.state.after(Event::Undo).is_some() && !is_told)
        .then(|| (format!("{QUEUE}/{}", it.id), "state", it.state.name().to_owned()));
    Done { words: format!("{}: {}", it.name(), state_words(w, it.state)), undo }
}

/// What was done with those that were chosen: it is read from where they stand, and not from the address.
fn done_many(w: Words, asked: &Asked, many: Option<usize>) -> Option<Done> {
    let many = i64::try_from(many?).unwrap_or_default();
    let of = asked.of.parse::<i64>().unwrap_or_default().clamp(0, MOST);
    let words = match (many, of) {
        (0, 0) => w.none_picked().to_owned(),
        (many, of) if many < of => w.fill(w.approved_late(), &[&w.number(many), &w.number(of)]),
        (many, _) => w.fill(w.approved_many(), &[&w.number(many)]),
    };
    Some(Done { words, undo: (many > 0).then(|| (QUEUE.to_owned(), "at", asked.at.clone())) })
}

/// Approves those that were picked, or takes that back. One that somebody else has decided meanwhile stays as it is.
pub async fn approve_many(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let undo = sent.get("do") == "undo";
    let at = sent.get("at").parse().ok().and_then(|at| Timestamp::from_microsecond(at).ok());
    let picked: Vec<Id> = sent.picked("pick-").filter_map(|id| id.parse().ok()).take(50).collect();
    let (time, of) = (now(), picked.len());
    let done = app.store.write(move |tx| {
        let (from, event, word) =
            if undo { (Step::Approved, Event::Undo, "undo") } else { (Step::Waiting, Event::Approve, "approve") };
        let mut all = match at {
            Some(at) if undo => request::changed_at(tx, &acting.issuers, Step::Approved, at)?,
            _ => Vec::new(),
        };
        for id in picked.iter().filter(|_| !undo) {
            all.extend(request::of_issuers(tx, &acting.issuers, *id)?);
        }
        for it in all.iter().filter(|it| it.state == from) {
            requests::decide(tx, it, event, None, true, time)?;
            act::note(tx, it.issuer, &acting.by, Did::RequestDecided, &format!("{} {word}", it.id), time)?;
        }
        Ok(())
    });
    let asked = Asked { q: sent.get("q").to_owned(), badge: sent.get("badge").to_owned(), ..Asked::default() };
    match done.await {
        Ok(()) if undo => go(&asked.path(Step::Waiting, &[])),
        Ok(()) => {
            let (at, of) = (time.as_microsecond().to_string(), of.to_string());
            go(&asked.path(Step::Waiting, &[("at", &at), ("of", &of)]))
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

#[derive(Template)]
#[template(path = "staff_request.html")]
struct One {
    f: Frame,
    path: String,
    state: &'static str,
    /// The same by its name, to come back with what is decided.
    stands: &'static str,
    facts: Vec<(String, String)>,
    files: Vec<(String, String, String)>,
    may_decide: bool,
    /// Whether it is not approved yet.
    may_approve: bool,
    may_undo: bool,
    note: String,
    reason: Option<String>,
}

/// One request.
pub async fn request(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let w = Words(visitor.language);
    let time = now();
    let found = app.store.write(move |tx| {
        let it = request::of_issuers(tx, &acting.issuers, id)?.ok_or(Code::NotFound)?;
        act::note(tx, it.issuer, &acting.by, Did::RequestsRead, &id.to_string(), time)?;
        let (badge, by) = names(tx, it.issuer, &it.slug)?;
        let files = request::files(tx, it.id)?;
        let is_told = requests::is_told(tx, &it)?;
        Ok((it, badge, by, files, is_told))
    });
    let (it, badge, by, files, is_told) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let time = now();
    let is_erased = it.address.is_none();
    let mut facts = vec![(w.badge().to_owned(), badge), (w.issuer().to_owned(), by)];
    if let Some(address) = &it.address {
        facts.push((w.email().to_owned(), address.to_string()));
    }
    facts.push((w.asked_on().to_owned(), format!("{}, {}", w.date(it.created), w.ago_then(it.created, time))));
    facts.extend(it.answers.iter().map(|it| (it.label.clone(), it.answer.clone())));
    let days = app.settings.policy.request_days.to_string();
    let note = match it.state {
        _ if is_erased => w.erased_why().to_owned(),
        Step::Approved => w.fill(w.awaits_signature(), &[&w.ago(it.changed, time)]),
        Step::Awarded | Step::Refused => w.fill(w.erased_in(), &[&days]),
        Step::Waiting | Step::Unconfirmed => w.fill(w.request_note(), &[&days]),
    };
    let shown = One {
        f: Frame::new(&app, &visitor, if is_erased { w.erased().to_owned() } else { it.name() }),
        path: format!("/staff/requests/{id}"),
        state: state_words(w, it.state),
        stands: it.state.name(),
        facts,
        files: files
            .into_iter()
            .map(|file| (format!("/staff/requests/{id}/files/{}", file.number), file.name, w.size(file.bytes)))
            .collect(),
        may_decide: !is_erased && it.state.after(Event::Refuse).is_some(),
        may_approve: it.state == Step::Waiting,
        may_undo: !is_erased && !is_told && it.state.after(Event::Undo).is_some(),
        note,
        reason: it.reason.filter(|reason| !reason.is_empty()),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// A decision about one request, or taking it back.
pub async fn decide(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let event = match sent.get("do") {
        "approve" => Event::Approve,
        "refuse" => Event::Refuse,
        "undo" => Event::Undo,
        _ => return problem(&app, &sent.visitor, Problem::new(Code::BadRequest, [String::from("do")])),
    };
    let (reason, tell, time) = (sent.get("reason").to_owned(), sent.get("tell") == "yes", now());
    let (word, shown) = (sent.get("do").to_owned(), sent.get("state").to_owned());
    let done = app.store.write(move |tx| {
        let it = request::of_issuers(tx, &acting.issuers, id)?.ok_or(Code::NotFound)?;
        // Who decides has seen where it stands.
        if it.state.name() != shown {
            return Err(Problem::new(Code::Conflict, [it.state.name().to_owned()]).into());
        }
        act::note(tx, it.issuer, &acting.by, Did::RequestDecided, &format!("{id} {word}"), time)?;
        requests::decide(tx, &it, event, Some(&reason), tell, time)
    });
    let w = Words(sent.visitor.language);
    match done.await {
        Ok(_) => go(&format!("/staff/requests?done={id}")),
        Err(Error::Problem(refused)) if refused.code == Code::Conflict => {
            let path = format!("/staff/requests/{id}");
            message_of_conflict(&app, &sent.visitor, w, &path)
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

fn message_of_conflict(app: &App, visitor: &Visitor, w: Words, path: &str) -> Response {
    let links = [(path, w.see_it()), ("/staff/requests", w.requests())];
    not_done(app, visitor, (w.decided_already(), w.decided_already_why()), &links)
}

/// A file of a request.
pub async fn file(State(app): State<Arc<App>>, visitor: Visitor, Path((id, number)): Path<(Id, i64)>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let time = now();
    let found = app.store.write(move |tx| {
        let it = request::of_issuers(tx, &acting.issuers, id)?.ok_or(Code::NotFound)?;
        act::note(tx, it.issuer, &acting.by, Did::RequestsRead, &format!("{id} file {number}"), time)?;
        request::file(tx, it.id, number)?.ok_or_else(|| Code::NotFound.into())
    });
    match found.await {
        Ok((name, bytes)) => requests::foreign(bytes, &name),
        Err(error) => problem(&app, &visitor, error.into()),
    }
}

impl Words {
    /// How long ago, roughly.
    pub fn ago(self, then: Timestamp, now: Timestamp) -> String {
        let minutes = now.duration_since(then).as_mins().max(0);
        match (minutes / 1440, minutes / 60, minutes) {
            (0, 0, 0..=1) => self.just_now().to_owned(),
            (0, 0, minutes) => self.fill(self.minutes_ago(), &[&minutes.to_string()]),
            (0, 1, _) => self.hour_ago().to_owned(),
            (0, hours, _) => self.fill(self.hours_ago(), &[&hours.to_string()]),
            (1, ..) => self.day_ago().to_owned(),
            (days, ..) => self.fill(self.days_ago(), &[&self.number(days)]),
        }
    }

    /// The same as a point in time.
    pub fn ago_then(self, then: Timestamp, now: Timestamp) -> String {
        if now.duration_since(then).as_mins() <= 1 {
            return self.just_now().to_owned();
        }
        self.fill(self.long_ago(), &[&self.ago(then, now)])
    }

    /// So many bytes.
    #[expect(clippy::unused_self, reason = "as other words of a quantity")]
    pub fn size(self, bytes: i64) -> String {
        match bytes {
            0..=999 => format!("{bytes} B"),
            1000..=999_999 => format!("{} kB", bytes / 1000),
            _ => format!("{} MB", bytes / 1_000_000),
        }
    }
}
