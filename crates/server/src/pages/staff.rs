//! What staff do in a browser: decide about requests (R27), follow invitations (R08), say who may ask for which badge (R25), and see numbers.
//! Everybody sees what went to the issuers that they act for; operators see all. What another one did meanwhile is told, and undone only as
//! long as nobody outside has learnt of it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::invitation::{Event as Happens, State as Stands};
use satchel_protocol::request::{Event, State as Step};
use satchel_protocol::{Code, Id, Problem};
use serde::Deserialize;

use super::words::Words;
use super::{Frame, go, must_sign_in, not_done, page, problem};
use crate::api::{desk, requests};
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::request::{self, Request};
use crate::store::{Error, Tx, award, invitation, issuer, staff};
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

/// A pill over a list: a state, how many there are, and whether it is the one shown.
struct Pill {
    href: String,
    words: String,
    here: bool,
}

struct Line {
    id: Id,
    name: String,
    badge: String,
    by: String,
    since: String,
}

/// What was done just now, and may be undone.
struct Done {
    words: String,
    undo: Option<String>,
}

#[derive(Template)]
#[template(path = "staff_requests.html")]
struct Requests {
    f: Frame,
    tabs: Vec<Tab>,
    pills: Vec<Pill>,
    lines: Vec<Line>,
    /// Whether they wait for a decision.
    to_decide: bool,
    since_words: &'static str,
    done: Option<Done>,
    after: Option<String>,
}

/// Which requests.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    after: String,
    done: String,
    many: String,
}

/// Where a request stands, in words.
pub fn state_words(w: Words, state: Step) -> &'static str {
    match state {
        Step::Unconfirmed | Step::Waiting => w.state_waiting(),
        Step::Approved => w.state_approved(),
        Step::Awarded => w.state_awarded(),
        Step::Refused => w.state_refused(),
    }
}

/// The name of the badge that was asked for, and of its issuer.
fn names(tx: &mut Tx<'_>, it: &Request) -> Result<(String, String), Error> {
    let by = issuer::get(tx, it.issuer)?.map(|it| it.called()).unwrap_or_default();
    let did = issuer::get(tx, it.issuer)?.map(|it| it.did).unwrap_or_default();
    let name = super::catalogue::described(tx, &did, &it.slug).ok().and_then(|it| it.achievement.name);
    Ok((name.unwrap_or_else(|| it.slug.clone()), by))
}

/// The queue.
pub async fn requests(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let state = Step::from_name(&asked.state).filter(|it| *it != Step::Unconfirmed).unwrap_or(Step::Waiting);
    let (after, done) = (asked.after.parse::<Id>().ok(), asked.done.parse::<Id>().ok());
    let time = now();
    let found = app.store.write(move |tx| {
        for issuer in &acting.issuers {
            act::note(tx, *issuer, &acting.by, Did::RequestsRead, "all", time)?;
        }
        let counts = request::counts(tx, &acting.issuers)?;
        let queue = request::queue(tx, &acting.issuers, state, after, MOST + 1)?;
        let mut lines = Vec::new();
        for it in queue {
            let (badge, by) = names(tx, &it)?;
            lines.push((it, badge, by));
        }
        let done = match done {
            Some(id) => request::of_issuers(tx, &acting.issuers, id)?,
            None => None,
        };
        Ok((counts, lines, done))
    });
    let (counts, mut lines, done) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = lines.len() > 50;
    lines.truncate(50);
    let last = lines.last().map(|(it, ..)| it.id);
    let time = now();
    let shown = Requests {
        f: Frame::new(&app, &visitor, w.requests()),
        tabs: tabs(w, "/staff/requests", is_operator),
        pills: counts
            .into_iter()
            .filter(|(it, _)| *it != Step::Unconfirmed)
            .map(|(it, many)| Pill {
                href: format!("/staff/requests?state={}", it.name()),
                words: format!("{} {}", state_words(w, it), w.number(many)),
                here: it == state,
            })
            .collect(),
        lines: lines
            .into_iter()
            .map(|(it, badge, by)| Line {
                id: it.id,
                name: if it.address.is_some() { it.name() } else { w.erased().to_owned() },
                badge,
                by,
                since: if state == Step::Waiting || state == Step::Approved {
                    w.ago(it.changed, time)
                } else {
                    w.date(it.changed)
                },
            })
            .collect(),
        to_decide: state == Step::Waiting,
        since_words: if state == Step::Waiting || state == Step::Approved { w.waits() } else { w.decided() },
        done: match (done, asked.many.parse::<i64>().ok()) {
            (Some(it), _) => Some(Done {
                words: format!("{}: {}", it.name(), state_words(w, it.state)),
                undo: it.state.after(Event::Undo).map(|_| format!("/staff/requests/{}", it.id)),
            }),
            (None, Some(many)) => Some(Done { words: w.fill(w.approved_many(), &[&w.number(many.clamp(0, 1000))]), undo: None }),
            (None, None) => None,
        },
        after: last.filter(|_| more).map(|id| format!("/staff/requests?state={}&after={id}", state.name())),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// Approves those that were picked. One that somebody else has decided meanwhile stays as it is.
pub async fn approve_many(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let picked: Vec<Id> = sent.picked("pick-").filter_map(|id| id.parse().ok()).take(50).collect();
    let time = now();
    let done = app.store.write(move |tx| {
        let mut many = 0;
        for id in &picked {
            if let Some(it) = request::of_issuers(tx, &acting.issuers, *id)?.filter(|it| it.state == Step::Waiting) {
                requests::decide(tx, &it, Event::Approve, None, true, time)?;
                act::note(tx, it.issuer, &acting.by, Did::RequestDecided, &format!("{id} approve"), time)?;
                many += 1;
            }
        }
        Ok(many)
    });
    match done.await {
        Ok(many) => go(&format!("/staff/requests?many={many}")),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

#[derive(Template)]
#[template(path = "staff_request.html")]
struct One {
    f: Frame,
    path: String,
    state: &'static str,
    facts: Vec<(String, String)>,
    files: Vec<(String, String, String)>,
    may_decide: bool,
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
        let (badge, by) = names(tx, &it)?;
        let files = request::files(tx, it.id)?;
        Ok((it, badge, by, files))
    });
    let (it, badge, by, files) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let time = now();
    let is_erased = it.address.is_none();
    let mut facts = vec![(w.badge().to_owned(), badge), (w.issuer().to_owned(), by)];
    if let Some(address) = &it.address {
        facts.push((w.email().to_owned(), address.to_string()));
    }
    facts.push((w.asked_on().to_owned(), format!("{}, {}", w.date(it.created), w.ago(it.created, time))));
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
        facts,
        files: files
            .into_iter()
            .map(|file| (format!("/staff/requests/{id}/files/{}", file.number), file.name, w.size(file.bytes)))
            .collect(),
        may_decide: !is_erased && it.state.after(Event::Refuse).is_some(),
        may_undo: !is_erased && it.state.after(Event::Undo).is_some(),
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
    let word = sent.get("do").to_owned();
    let done = app.store.write(move |tx| {
        let it = request::of_issuers(tx, &acting.issuers, id)?.ok_or(Code::NotFound)?;
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

// ---- Invitations ----

struct Invited {
    id: Id,
    name: String,
    badge: String,
    state: &'static str,
    since: String,
    /// What may be done with it: a name and its words.
    acts: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "staff_invitations.html")]
struct Invitations {
    f: Frame,
    tabs: Vec<Tab>,
    pills: Vec<Pill>,
    lines: Vec<Invited>,
    after: Option<String>,
}

/// Where an invitation stands, in words.
pub fn stands_words(w: Words, state: Stands) -> &'static str {
    match state {
        Stands::AwaitingSignature => w.state_approved(),
        Stands::Queued => w.stands_queued(),
        Stands::Sent => w.stands_sent(),
        Stands::Opened => w.stands_opened(),
        Stands::Accepted => w.stands_accepted(),
        Stands::Declined => w.stands_declined(),
        Stands::Expired => w.stands_expired(),
        Stands::Withdrawn => w.stands_withdrawn(),
        Stands::Bounced => w.stands_bounced(),
    }
}

/// Invitations, the newest first.
pub async fn invitations(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let (state, before) = (Stands::from_name(&asked.state), asked.after.parse::<Id>().ok());
    let time = now();
    let found = app.store.write(move |tx| {
        for issuer in &acting.issuers {
            act::note(tx, *issuer, &acting.by, Did::InvitationsRead, "all", time)?;
        }
        let counts = invitation::counts(tx, &acting.issuers)?;
        let mut lines = Vec::new();
        for it in invitation::of_issuers(tx, &acting.issuers, state, before, MOST + 1)? {
            let badge = award::get(tx, it.award)?.map(|it| it.name).unwrap_or_default();
            lines.push((it, badge));
        }
        Ok((counts, lines))
    });
    let (counts, mut lines) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = lines.len() > 50;
    lines.truncate(50);
    let last = lines.last().map(|(it, _)| it.id);
    let chosen = state.map(|state| format!("state={}&", state.name())).unwrap_or_default();
    let all: i64 = counts.iter().map(|(_, many)| many).sum();
    let every =
        Pill { href: String::from("/staff/invitations"), words: format!("{} {}", w.all(), w.number(all)), here: state.is_none() };
    let shown = Invitations {
        f: Frame::new(&app, &visitor, w.invitations()),
        tabs: tabs(w, "/staff/invitations", is_operator),
        pills: [every]
            .into_iter()
            .chain(counts.into_iter().filter(|(_, many)| *many > 0).map(|(it, many)| Pill {
                href: format!("/staff/invitations?state={}", it.name()),
                words: format!("{} {}", stands_words(w, it), w.number(many)),
                here: state == Some(it),
            }))
            .collect(),
        lines: lines
            .into_iter()
            .map(|(it, badge)| {
                let may = |event: Happens| it.address.is_some() && it.state.after(event).is_some();
                let acts = [
                    ("remind", w.remind(), may(Happens::Remind)),
                    ("extend", w.extend(), may(Happens::Extend)),
                    ("withdraw", w.withdraw(), may(Happens::Withdraw)),
                ];
                Invited {
                    id: it.id,
                    name: it.address.as_ref().map_or_else(|| w.erased().to_owned(), ToString::to_string),
                    badge,
                    state: stands_words(w, it.state),
                    since: w.date(it.created),
                    acts: acts.into_iter().filter(|(.., may)| *may).map(|(name, words, _)| (name, words)).collect(),
                }
            })
            .collect(),
        after: last.filter(|_| more).map(|id| format!("/staff/invitations?{chosen}after={id}")),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// Reminds, extends or withdraws.
pub async fn act(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let event = match sent.get("do") {
        "remind" => Happens::Remind,
        "extend" => Happens::Extend,
        "withdraw" => Happens::Withdraw,
        _ => return problem(&app, &sent.visitor, Problem::new(Code::BadRequest, [String::from("do")])),
    };
    let time = now();
    let until = time + SignedDuration::from_hours(24 * i64::from(app.settings.policy.invitation_days));
    let done = app.store.write(move |tx| {
        let it = invitation::get(tx, id)?.filter(|it| acting.issuers.contains(&it.issuer)).ok_or(Code::NotFound)?;
        act::note(tx, it.issuer, &acting.by, desk::did_of(event), &id.to_string(), time)?;
        desk::change(tx, it.issuer, id, event, time, until)
    });
    match done.await {
        Ok(_) => {
            app.mail.notify_one();
            go("/staff/invitations")
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
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
