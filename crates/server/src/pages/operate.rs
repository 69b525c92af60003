//! The pages of those who run the server: how it is set, institutions through which people sign in, and accounts. What stands in the settings
//! file is shown with the command that changes it. Looking at people is in the record of acts, by their ids.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, EmailAddress, Id, Problem};
use serde::Deserialize;

use super::messages::operating;
use super::notices::kind_words;
use super::staff::{Tab, tabs};
use super::words::Words;
use super::{Frame, go, message_with, not_done, page, problem};
use crate::admin::policy;
use crate::login::enter;
use crate::state::{App, now};
use crate::store::account::{self, Account, State as Stands};
use crate::store::act::{self, Did};
use crate::store::{Error, Tx, award, device, factor, feed, issuer, notice, provider, session, staff};
use crate::visitor::{Form as Sent, Visitor};

/// Rows of a page.
const MOST: i64 = 50;

// ---- Rules ----

#[derive(Template)]
#[template(path = "staff_rules.html")]
struct Rules {
    f: Frame,
    tabs: Vec<Tab>,
    /// The name of each, what it is for, how it is, and how it will be from the next start on, where that is another value.
    lines: Vec<(String, &'static str, String, Option<String>)>,
    addresses: Vec<(&'static str, Option<String>)>,
}

/// What a rule is for.
fn rule_words(w: Words, name: &str) -> &'static str {
    match name {
        "registration" => w.rule_registration(),
        "minimum_age" => w.rule_minimum_age(),
        "second_factor" => w.rule_second_factor(),
        "first_badge_visibility" => w.rule_first_badge_visibility(),
        "invitation_days" => w.rule_invitation_days(),
        "erase_after_days" => w.rule_erase_after_days(),
        "request_days" => w.rule_request_days(),
        "unused_months" => w.rule_unused_months(),
        _ => "",
    }
}

/// How the server is set.
pub async fn rules(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    if let Err(response) = operating(&app, &visitor).await {
        return response;
    }
    let (w, settings) = (Words(visitor.language), &app.settings);
    let started = app.started;
    let set = match app.store.read(move |tx| Ok(act::since(tx, act::SERVER, Did::PolicySet, started)?)).await {
        Ok(set) => set,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let next = |name: &str, value: &str| {
        let last = set.iter().rev().filter_map(|it| it.split_once(" = ")).find(|(known, _)| *known == name);
        last.map(|(_, next)| next.trim_matches('"').to_owned()).filter(|next| next != value)
    };
    let contact = Some(settings.contact.join(" · ")).filter(|it| !it.is_empty());
    let shown = Rules {
        f: Frame::new(&app, &visitor, w.rules()),
        tabs: tabs(w, "/staff/rules", true),
        lines: policy::all(settings)
            .into_iter()
            .map(|it| {
                let value = it.value.trim_matches('"').to_owned();
                let next = next(&it.name, &value).map(|next| w.fill(w.rule_next(), &[&next]));
                (it.name.clone(), rule_words(w, &it.name), value, next)
            })
            .collect(),
        addresses: vec![
            (w.for_users(), settings.support.as_ref().map(ToString::to_string)),
            (w.for_administrators(), settings.for_providers().map(ToString::to_string)),
            (w.other_ways(), contact),
        ],
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

// ---- Institutions ----

struct Institution {
    id: String,
    name: String,
    issuer: String,
    facts: Vec<(&'static str, String)>,
    support: String,
}

#[derive(Template)]
#[template(path = "staff_providers.html")]
struct Providers {
    f: Frame,
    tabs: Vec<Tab>,
    /// Whether there is no institution at all.
    is_empty: bool,
    /// What is searched for.
    sought: String,
    lines: Vec<Institution>,
    /// How many more there are that fit.
    more: usize,
    /// The one whose address is no address, and what was typed.
    wrong: Option<(String, String)>,
}

impl Providers {
    fn is_wrong(&self, id: &str) -> bool {
        self.wrong.as_ref().is_some_and(|(wrong, _)| wrong == id)
    }

    fn typed<'a>(&'a self, line: &'a Institution) -> &'a str {
        self.wrong.as_ref().filter(|(wrong, _)| *wrong == line.id).map_or(&line.support, |(_, typed)| typed)
    }
}

/// Institutions through which people sign in, by a part of what is known of them.
pub async fn providers(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    match operating(&app, &visitor).await {
        Err(response) => response,
        Ok(_) => show_providers(&app, &visitor, &asked.q, None).await,
    }
}

/// Institutions on one page.
const MOST_PROVIDERS: usize = 50;

/// Whether a provider is meant by these words, in small letters.
fn fits(it: &provider::Provider, words: &str) -> bool {
    let support = it.support.as_ref().map(EmailAddress::as_str);
    let known = [it.id.as_str(), &it.name, &it.issuer].into_iter().chain(it.domains.iter().map(String::as_str)).chain(support);
    known.map(str::to_lowercase).any(|text| text.contains(words))
}

async fn show_providers(app: &App, visitor: &Visitor, sought: &str, wrong: Option<(String, String)>) -> Response {
    let w = Words(visitor.language);
    let mut all = match app.store.read(|tx| Ok(provider::all(tx)?)).await {
        Ok(all) => all,
        Err(error) => return problem(app, visitor, error.into()),
    };
    let time = now();
    let sought: String = sought.trim().chars().take(200).collect();
    let words = sought.to_lowercase();
    let is_empty = all.is_empty();
    all.retain(|it| wrong.as_ref().map_or_else(|| fits(it, &words), |(id, _)| it.id == *id));
    let more = all.len().saturating_sub(MOST_PROVIDERS);
    all.truncate(MOST_PROVIDERS);
    let line = |it: provider::Provider| {
        let mut facts = vec![(w.provider_seen(), it.seen.map_or_else(|| w.nobody_yet().to_owned(), |seen| w.moment(seen)))];
        let roles: Vec<_> = it.roles.iter().map(|(group, role)| format!("{group}: {role}")).collect();
        facts.extend(Some((w.provider_domains(), it.domains.join(", "))).filter(|_| !it.domains.is_empty()));
        let hours = enter::ROLE_HOLDS.as_hours().to_string();
        let roles_hold = || w.fill(w.provider_role_holds(), &[&roles.join(", "), &hours]);
        facts.extend((!roles.is_empty()).then(|| (w.provider_roles(), roles_hold())));
        facts.extend(it.lacked.map(|lacked| (w.state(), w.fill(w.provider_lacked(), &[&lacked]))));
        facts.extend(it.ends.map(|ends| {
            let words = if ends <= time { w.provider_ended() } else { w.provider_ends() };
            (w.state(), w.fill(words, &[&w.date(ends)]))
        }));
        let support = it.support.map(|it| it.to_string()).unwrap_or_default();
        Institution { id: it.id, name: it.name, issuer: it.issuer, facts, support }
    };
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = Providers {
        f: Frame::new(app, visitor, w.providers()),
        tabs: tabs(w, "/staff/providers", true),
        is_empty,
        sought,
        more,
        lines: all.into_iter().map(line).collect(),
        wrong,
    };
    page(app, visitor, status, &shown)
}

/// Says whom the people of an institution write to.
pub async fn set_provider(State(app): State<Arc<App>>, Path(id): Path<String>, sent: Sent) -> Response {
    let by = match operating(&app, &sent.visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let typed = sent.trimmed("support").to_owned();
    let address = typed.parse::<EmailAddress>().ok();
    if address.is_none() && !typed.is_empty() {
        return show_providers(&app, &sent.visitor, "", Some((id, typed))).await;
    }
    let time = now();
    let done = app.store.write(move |tx| {
        if !provider::set_support(tx, &id, address.as_ref())? {
            return Err(Code::NotFound.into());
        }
        Ok(act::note(tx, act::SERVER, &by, Did::InstitutionSet, &id, time)?)
    });
    match done.await {
        Ok(()) => go("/staff/providers"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

// ---- Users ----

struct Line {
    href: String,
    name: String,
    address: String,
    state: &'static str,
    seen: String,
}

#[derive(Template)]
#[template(path = "staff_users.html")]
struct Users {
    f: Frame,
    tabs: Vec<Tab>,
    sought: String,
    /// Why nothing was looked for, or found.
    nothing: Option<&'static str>,
    lines: Vec<Line>,
    after: Option<String>,
}

/// Whom to look for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    after: String,
}

fn state_words(w: Words, state: Stands) -> &'static str {
    match state {
        Stands::Active => w.state_active(),
        Stands::Blocked => w.state_blocked(),
        Stands::UnderAge => w.state_under_age(),
    }
}

/// Accounts, by a part of a name or of an address. Without a word nobody is listed: this is for helping somebody, not for looking around.
pub async fn users(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let by = match operating(&app, &visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let w = Words(visitor.language);
    let sought: String = asked.q.trim().chars().take(200).collect();
    let enough = sought.chars().count() >= 2;
    let (words, after, time) = (sought.clone(), asked.after.parse::<Id>().ok(), now());
    let found = app.store.write(move |tx| {
        if !enough {
            return Ok(Vec::new());
        }
        act::note(tx, act::SERVER, &by, Did::UsersRead, "search", time)?;
        let mut lines = Vec::new();
        for it in account::search(tx, &words, after, MOST + 1)? {
            let address = account::addresses(tx, it.id)?.into_iter().next().map(|it| it.shown.to_string());
            let seen = account::last_seen(tx, it.id)?.unwrap_or(it.created);
            lines.push((it, address.unwrap_or_default(), seen));
        }
        Ok(lines)
    });
    let mut found = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = found.len() > 50;
    found.truncate(50);
    let last = found.last().map(|(it, ..)| it.id).filter(|_| more);
    let query: String = url::form_urlencoded::byte_serialize(sought.as_bytes()).collect();
    let time = now();
    let shown = Users {
        f: Frame::new(&app, &visitor, w.users()),
        tabs: tabs(w, "/staff/users", true),
        nothing: match (sought.is_empty(), enough, found.is_empty()) {
            (false, false, _) => Some(w.users_short()),
            (false, true, true) => Some(w.users_none()),
            _ => None,
        },
        sought,
        lines: found
            .into_iter()
            .map(|(it, address, seen)| Line {
                href: format!("/staff/users/{}", it.id),
                name: it.name(),
                address,
                state: state_words(w, it.state),
                seen: w.ago_then(seen, time),
            })
            .collect(),
        after: last.map(|id| format!("/staff/users?q={query}&after={id}")),
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

#[derive(Template)]
#[template(path = "staff_user.html")]
struct One {
    f: Frame,
    path: String,
    state: &'static str,
    facts: Facts,
    shown: Vec<String>,
    /// What may be done: a name, its words, why, and whether it is grave.
    acts: Vec<(&'static str, &'static str, &'static str, bool)>,
    is_own: bool,
}

/// One account.
pub async fn user(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let by = match operating(&app, &visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let (w, time) = (Words(visitor.language), now());
    let is_own = by == id.to_string();
    let found = app.store.write(move |tx| {
        let it = account::get(tx, id)?.ok_or(Code::NotFound)?;
        act::note(tx, act::SERVER, &by, Did::UserRead, &id.to_string(), time)?;
        facts(tx, &it, w).map(|(facts, shown)| (it, facts, shown))
    });
    let (it, facts, shown) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let then = if it.state == Stands::Blocked { w.end_all_why_blocked() } else { w.end_all_why() };
    let mut acts = vec![("end", w.end_all(), then, false)];
    match it.state {
        Stands::Active => acts.push(("block", w.block(), w.block_why(), true)),
        Stands::Blocked => acts.push(("unblock", w.unblock(), "", false)),
        Stands::UnderAge => {}
    }
    let shown = One {
        f: Frame::new(&app, &visitor, it.name()),
        path: format!("/staff/users/{id}"),
        state: state_words(w, it.state),
        facts,
        shown,
        acts: if is_own { Vec::new() } else { acts },
        is_own,
    };
    page(&app, &visitor, StatusCode::OK, &shown)
}

/// Terms and what is so.
type Facts = Vec<(&'static str, String)>;

/// What is to be known about an account by somebody who helps: no date of birth, and nothing of its badges but how many there are.
fn facts(tx: &mut Tx<'_>, it: &Account, w: Words) -> Result<(Facts, Vec<String>), Error> {
    let time = now();
    let mut facts: Vec<_> = account::addresses(tx, it.id)?.into_iter().map(|it| (w.email(), it.shown.to_string())).collect();
    if it.role.as_deref() == Some(staff::OPERATOR) {
        facts.push((w.staff(), w.is_operator().to_owned()));
    } else {
        for id in staff::named_by(tx, it.id)? {
            let name = issuer::get(tx, id)?.map(|it| it.called()).unwrap_or_default();
            facts.push((w.staff(), w.fill(w.is_staff(), &[&name])));
        }
    }
    let seen = account::last_seen(tx, it.id)?.unwrap_or(it.created);
    facts.push((w.account_made(), w.date(it.created)));
    facts.push((w.last_here(), format!("{}, {}", w.date(seen), w.ago_then(seen, time))));
    facts.push((w.second_step(), if factor::has(tx, it.id)? { w.yes() } else { w.no() }.to_owned()));
    let many = |many: usize| w.number(i64::try_from(many).unwrap_or(i64::MAX));
    facts.push((w.open_sessions(), many(session::of(tx, it.id, time)?.len())));
    facts.push((w.open_programs(), many(device::of(tx, it.id)?.len())));
    facts.push((w.holds_badges(), many(award::held_by(tx, it.id)?.len())));
    let mut shown = Vec::new();
    for it in notice::shown_to(tx, it.id)? {
        let of = if it.owner == notice::SERVER { None } else { issuer::get(tx, it.owner)?.map(|of| of.called()) };
        let of = of.unwrap_or_else(|| w.this_service().to_owned());
        let what = w.fill(w.version_of(), &[kind_words(w, it.kind), &it.version.to_string()]);
        shown.push(format!("{of}: {what}, {}", w.date(it.at)));
    }
    Ok((facts, shown))
}

/// Blocks, lets in again, or ends all sessions.
pub async fn act(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let by = match operating(&app, &sent.visitor).await {
        Ok(by) => by,
        Err(response) => return response,
    };
    let (w, time) = (Words(sent.visitor.language), now());
    let path = format!("/staff/users/{id}");
    if by == id.to_string() {
        let links = [(path.as_str(), w.see_it())];
        return message_with(&app, &sent.visitor, StatusCode::FORBIDDEN, w.that_did_not_work(), &[w.not_yourself()], &links);
    }
    let (state, did) = match sent.get("do") {
        "block" => (Some((Stands::Active, Stands::Blocked)), Did::UserBlocked),
        "unblock" => (Some((Stands::Blocked, Stands::Active)), Did::UserUnblocked),
        "end" => (None, Did::SessionsEnded),
        _ => return problem(&app, &sent.visitor, Problem::new(Code::BadRequest, [String::from("do")])),
    };
    let done = app.store.write(move |tx| {
        let it = account::get(tx, id)?.ok_or(Code::NotFound)?;
        if let Some((from, to)) = state {
            // Somebody else was faster, or its owner is too young, which is no question of blocking.
            if it.state != from {
                return Err(Code::Conflict.into());
            }
            account::set_state(tx, id, to)?;
        }
        session::end_all(tx, id, None)?;
        act::note(tx, act::SERVER, &by, did, &id.to_string(), time)?;
        Ok(feed::append(tx, &[id], Change::Session, id, time)?)
    });
    match done.await {
        Ok(()) => go(&path),
        Err(Error::Problem(refused)) if refused.code == Code::Conflict => {
            not_done(&app, &sent.visitor, (w.changed_meanwhile(), w.changed_meanwhile_why()), &[(&path, w.see_it())])
        }
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

#[cfg(test)]
mod tests {
    use satchel_protocol::Language;

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn every_rule_has_words() {
        for rule in policy::all(&Settings::default()) {
            assert!(!rule_words(Words(Language::Italian), &rule.name).is_empty(), "{}", rule.name);
        }
    }
}
