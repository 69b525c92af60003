//! What staff do about invitations (R08): see where each stands, remind, give more time, withdraw. What cannot be taken back is asked first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::invitation::{Event, State as Stands};
use satchel_protocol::{Code, Id, Problem};
use serde::Deserialize;

use super::form::Form;
use super::staff::{Acting, Pill, Tab, acting, tabs};
use super::words::Words;
use super::{Frame, go, not_done, page, problem, sentence};
use crate::api::desk;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::invitation::{self, Invitation, MOST_REMINDERS};
use crate::store::{Error, Tx, award, issuer};
use crate::visitor::{Form as Sent, Visitor};

/// Rows of a page.
const MOST: i64 = 50;

/// The list.
const LIST: &str = "/staff/invitations";

struct Line {
    id: Id,
    /// The person's name, or the address where there is none.
    who: String,
    address: Option<String>,
    badge: String,
    by: String,
    state: &'static str,
    made: String,
    until: Option<String>,
    reminded: Option<String>,
    /// What may be done with it at once: a name and its words.
    acts: Vec<(&'static str, &'static str)>,
    may_withdraw: bool,
}

#[derive(Template)]
#[template(path = "staff_invitations.html")]
struct Invitations {
    f: Frame,
    tabs: Vec<Tab>,
    pills: Vec<Pill>,
    /// What was done just now.
    done: Option<String>,
    lines: Vec<Line>,
    /// What a button brings back here: the state that is shown, and after which invitation the page begins.
    state: &'static str,
    since: String,
    before: Option<String>,
    after: Option<String>,
}

/// Which invitations, and what was done with one of them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    after: String,
    done: String,
    did: String,
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

/// The same of several.
pub fn stands_many(w: Words, state: Stands) -> &'static str {
    match state {
        Stands::Opened => w.many_opened(),
        Stands::Accepted => w.many_accepted(),
        Stands::Declined => w.many_declined(),
        Stands::Expired => w.many_expired(),
        Stands::Withdrawn => w.many_withdrawn(),
        state => stands_words(w, state),
    }
}

/// An invitation with the names of its badge and of its issuer.
type Named = (Invitation, String, String);

fn named(tx: &mut Tx<'_>, it: Invitation) -> Result<Named, Error> {
    let badge = award::get(tx, it.award)?.map(|it| it.name).unwrap_or_default();
    let by = issuer::get(tx, it.issuer)?.map(|it| it.name.unwrap_or(it.did)).unwrap_or_default();
    Ok((it, badge, by))
}

/// An invitation of somebody's issuers.
fn own(tx: &mut Tx<'_>, acting: &Acting, id: Id) -> Result<Invitation, Error> {
    invitation::get(tx, id)?.filter(|it| acting.issuers.contains(&it.issuer)).ok_or_else(|| Code::NotFound.into())
}

/// Whom it is for, as one calls them.
fn who(w: Words, it: &Invitation) -> String {
    match (&it.name, &it.address) {
        (Some(name), Some(_)) if !name.is_empty() => name.clone(),
        (_, Some(address)) => address.to_string(),
        (_, None) => w.erased().to_owned(),
    }
}

fn line(w: Words, (it, badge, by): Named, time: Timestamp) -> Line {
    let may = |event: Event| it.address.is_some() && it.state.after(event).is_some();
    let acts =
        [("remind", w.remind(), may(Event::Remind) && it.may_remind(time).is_ok()), ("extend", w.extend(), may(Event::Extend))];
    let who = who(w, &it);
    let reminded = it
        .reminded
        .map(|then| w.fill(w.reminded_so_often(), &[&it.reminders.to_string(), &MOST_REMINDERS.to_string(), &w.date(then)]));
    Line {
        id: it.id,
        address: it.address.as_ref().map(ToString::to_string).filter(|address| *address != who),
        who,
        badge,
        by,
        state: stands_words(w, it.state),
        made: w.date(it.created),
        until: may(Event::Extend).then(|| w.fill(w.holds_until(), &[&w.date(it.expires)])),
        reminded,
        acts: acts.into_iter().filter(|(.., may)| *may).map(|(name, words, _)| (name, words)).collect(),
        may_withdraw: may(Event::Withdraw),
    }
}

/// What was done with an invitation, as far as it shows it.
fn told(w: Words, did: &str, it: &Invitation) -> Option<String> {
    let who = who(w, it);
    match did {
        "remind" if it.reminded.is_some() => Some(w.fill(w.told_reminded(), &[&who])),
        "extend" if it.state.after(Event::Extend).is_some() => Some(w.fill(w.told_extended(), &[&who, &w.date(it.expires)])),
        "withdraw" if it.state == Stands::Withdrawn => Some(w.fill(w.told_withdrawn(), &[&who])),
        _ => None,
    }
}

/// Invitations, the newest first.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let (state, before, done) = (Stands::from_name(&asked.state), asked.after.parse::<Id>().ok(), asked.done.parse::<Id>().ok());
    let time = now();
    let found = app.store.write(move |tx| {
        for issuer in &acting.issuers {
            act::note(tx, *issuer, &acting.by, Did::InvitationsRead, "all", time)?;
        }
        let counts = invitation::counts(tx, &acting.issuers)?;
        let mut lines = Vec::new();
        for it in invitation::of_issuers(tx, &acting.issuers, state, before, MOST + 1)? {
            lines.push(named(tx, it)?);
        }
        let done = match done {
            Some(id) => invitation::get(tx, id)?.filter(|it| acting.issuers.contains(&it.issuer)),
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
    let chosen = state.map(|state| format!("?state={}", state.name())).unwrap_or_default();
    let all: i64 = counts.iter().map(|(_, many)| many).sum();
    let every = Pill { href: LIST.to_owned(), words: format!("{} {}", w.all(), w.number(all)), here: state.is_none() };
    let shown = Invitations {
        f: Frame::new(&app, &visitor, w.invitations()),
        tabs: tabs(w, LIST, is_operator),
        pills: [every]
            .into_iter()
            .chain(counts.into_iter().filter(|(_, many)| *many > 0).map(|(it, many)| Pill {
                href: format!("{LIST}?state={}", it.name()),
                words: format!("{} {}", stands_many(w, it), w.number(many)),
                here: state == Some(it),
            }))
            .collect(),
        done: done.and_then(|it| told(w, &asked.did, &it)),
        lines: lines.into_iter().map(|it| line(w, it, time)).collect(),
        state: state.map(Stands::name).unwrap_or_default(),
        since: before.map(|id| id.to_string()).unwrap_or_default(),
        before: before.map(|_| format!("{LIST}{chosen}")),
        after: last.filter(|_| more).map(|id| format!("{LIST}{chosen}{}after={id}", if chosen.is_empty() { '?' } else { '&' })),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// Reminds, or gives more time.
pub async fn act(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let event = match sent.get("do") {
        "remind" => Event::Remind,
        "extend" => Event::Extend,
        _ => return problem(&app, &sent.visitor, Problem::new(Code::BadRequest, [String::from("do")])),
    };
    change(&app, &sent, id, event).await
}

/// Asks whether to withdraw: the award counts no more, and nothing brings it back.
pub async fn withdraw(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let w = Words(visitor.language);
    let found = app.store.read(move |tx| {
        let it = own(tx, &acting, id)?;
        named(tx, it)
    });
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((it, ..)) if it.address.is_none() || it.state.after(Event::Withdraw).is_none() => settled(&app, &visitor, it.state),
        Ok((it, badge, by)) => {
            let who = match (who(w, &it), it.address.as_ref().map(ToString::to_string)) {
                (who, Some(address)) if who != address => format!("{who} ({address})"),
                (who, _) => who,
            };
            Form::new(&app, &visitor, w.withdraw_title(), w.withdraw())
                .intro(w.fill(w.withdraw_which(), &[&badge, &by, &who]))
                .intro(w.withdraw_why())
                .link(LIST, w.invitations())
                .grave()
                .respond(&app, &visitor)
        }
    }
}

/// The answer to it.
pub async fn withdrawn(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    change(&app, &sent, id, Event::Withdraw).await
}

async fn change(app: &App, sent: &Sent, id: Id, event: Event) -> Response {
    let acting = match acting(app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let time = now();
    let until = time + SignedDuration::from_hours(24 * i64::from(app.settings.policy.invitation_days));
    let keys = app.keys();
    let done = app.store.write(move |tx| {
        let it = own(tx, &acting, id)?;
        if it.state.after(event).is_none() {
            return Ok(Err(it.state));
        }
        act::note(tx, it.issuer, &acting.by, desk::did_of(event), &id.to_string(), time)?;
        desk::change(tx, &keys, (it.issuer, id), event, time, until).map(|_| Ok(()))
    });
    match done.await {
        Ok(Ok(())) => {
            app.mail.notify_one();
            let did = match event {
                Event::Remind => "remind",
                Event::Withdraw => "withdraw",
                _ => "extend",
            };
            let back = [("state", sent.get("state")), ("after", sent.get("after"))].into_iter().filter(|(_, it)| !it.is_empty());
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(back).append_pair("done", &id.to_string()).append_pair("did", did);
            go(&format!("{LIST}?{}", query.finish()))
        }
        Ok(Err(state)) => settled(app, &sent.visitor, state),
        Err(Error::Problem(refused)) if matches!(refused.code, Code::RemindedLately | Code::RemindedEnough) => {
            let w = Words(sent.visitor.language);
            let why = sentence(&refused.message(sent.visitor.language));
            not_done(app, &sent.visitor, (w.not_reminded(), &why), &[(LIST, w.invitations())])
        }
        Err(error) => problem(app, &sent.visitor, error.into()),
    }
}

/// That an invitation stands where this cannot be done with it.
fn settled(app: &App, visitor: &Visitor, state: Stands) -> Response {
    let w = Words(visitor.language);
    let why = w.fill(w.stands_so(), &[stands_words(w, state)]);
    not_done(app, visitor, (w.that_did_not_work(), &why), &[(LIST, w.invitations())])
}
