//! What staff say of the forms by which people ask for badges (R25), and how many there are of what.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::request::{Access, State as Step};
use satchel_protocol::{Code, Id};
use serde::Deserialize;

use super::invited::stands_words;
use super::staff::{Tab, acting, state_words, tabs};
use super::words::Words;
use super::{Frame, go, message, page, problem};
use crate::api::requests;
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::{invitation, issuer, listing, request};
use crate::visitor::{Form as Sent, Visitor};

/// Rows of a page.
const MOST: i64 = 50;

struct FormLine {
    issuer: Id,
    slug: String,
    badge: String,
    by: String,
    page: Option<String>,
    choices: Vec<(&'static str, &'static str, bool)>,
    is_link: bool,
}

#[derive(Template)]
#[template(path = "staff_forms.html")]
struct Forms {
    f: Frame,
    tabs: Vec<Tab>,
    lines: Vec<FormLine>,
    after: Option<String>,
}

/// After which badge the page begins: its issuer and its name, as the page before it said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
}

/// The badges, and who may ask for each.
pub async fn forms(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let after = asked.after.split_once('~').and_then(|(id, slug)| Some((id.parse::<Id>().ok()?, slug.to_owned())));
    let found = app.store.read(move |tx| {
        let mut lines = Vec::new();
        for id in &acting.issuers {
            if after.as_ref().is_some_and(|(before, _)| id < before) {
                continue;
            }
            let Some(of) = issuer::get(tx, *id)?.filter(|it| it.suspended.is_none()) else { continue };
            let since = after.as_ref().filter(|(before, _)| before == id).map_or("", |(_, slug)| slug);
            for it in listing::after(tx, *id, since, MOST + 1)? {
                let badge = super::catalogue::described(tx, &of.did, &it.slug).ok().and_then(|it| it.achievement.name);
                let access = request::form(tx, *id, &it.slug)?.map_or(Access::Closed, |kept| kept.form.access);
                lines.push((of.clone(), it.slug, badge, access));
            }
            if lines.len() > 50 {
                break;
            }
        }
        Ok(lines)
    });
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(mut all) => {
            let more = all.len() > 50;
            all.truncate(50);
            let after = all.last().filter(|_| more).map(|(of, slug, ..)| format!("/staff/forms?after={}~{slug}", of.id));
            let lines = all.into_iter().map(|(of, slug, badge, access)| FormLine {
                issuer: of.id,
                badge: badge.unwrap_or_else(|| slug.clone()),
                by: of.called(),
                page: (access == Access::Open).then(|| format!("/badges/{}/{slug}/request", of.did)),
                choices: [(Access::Closed, w.access_closed()), (Access::Open, w.access_open()), (Access::Link, w.access_link())]
                    .map(|(it, words)| (it.name(), words, it == access))
                    .to_vec(),
                is_link: access == Access::Link,
                slug,
            });
            let f = Frame::new(&app, &visitor, w.forms());
            let shown = Forms { f, tabs: tabs(w, "/staff/forms", is_operator), lines: lines.collect(), after };
            page(&app, &visitor, StatusCode::OK, &shown)
        }
    }
}

/// Says who may ask for a badge; or has another link lead to its form, which is shown once.
pub async fn set_form(State(app): State<Arc<App>>, Path((id, slug)): Path<(Id, String)>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let w = Words(sent.visitor.language);
    if !acting.issuers.contains(&id) {
        return problem(&app, &sent.visitor, Code::NotFound.into());
    }
    let (renew, access, time, fresh) = (sent.get("do") == "renew", Access::from_name(sent.get("access")), now(), Secret::new());
    let hash = fresh.hash();
    let done = app.store.write(move |tx| {
        listing::get(tx, id, &slug)?.ok_or(Code::NotFound)?;
        let kept = request::form(tx, id, &slug)?;
        let has_link = kept.as_ref().is_some_and(|it| it.has_link);
        let mut form = kept.map(|it| it.form).unwrap_or_default();
        if let Some(access) = access.filter(|_| !renew) {
            form.access = access;
            request::set_form(tx, id, &slug, &form, time)?;
        }
        act::note(tx, id, &acting.by, Did::FormSet, &slug, time)?;
        let linked = form.access == Access::Link && (renew || !has_link);
        if linked {
            request::set_link(tx, id, &slug, hash)?;
        }
        Ok(linked)
    });
    match done.await {
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(false) => go("/staff/forms"),
        Ok(true) => {
            let link = requests::link(&app, &fresh);
            message(&app, &sent.visitor, w.new_link(), &[&link, w.new_link_why()], &[("/staff/forms", w.forms())])
        }
    }
}

// ---- Numbers ----

#[derive(Template)]
#[template(path = "staff_numbers.html")]
struct Numbers {
    f: Frame,
    tabs: Vec<Tab>,
    parts: Vec<(String, Vec<(String, String)>)>,
}

/// How many there are of what.
pub async fn numbers(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let found = app.store.read(move |tx| {
        let mut issuers = Vec::new();
        for id in &acting.issuers {
            let name = issuer::get(tx, *id)?.map(|it| it.called()).unwrap_or_default();
            issuers.push((name, invitation::counts(tx, &[*id])?, request::counts(tx, &[*id])?));
        }
        Ok(issuers)
    });
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(issuers) => {
            let parts = issuers.into_iter().map(|(name, invited, asked)| {
                let asked = asked.into_iter().filter(|(it, _)| *it != Step::Unconfirmed);
                let asked = asked.map(|(it, many)| (format!("{}: {}", w.requests(), state_words(w, it)), w.number(many)));
                let invited = invited
                    .into_iter()
                    .map(|(it, many)| (format!("{}: {}", w.invitations(), stands_words(w, it)), w.number(many)));
                (name, asked.chain(invited).collect())
            });
            let f = Frame::new(&app, &visitor, w.numbers());
            page(
                &app,
                &visitor,
                StatusCode::OK,
                &Numbers { f, tabs: tabs(w, "/staff/numbers", is_operator), parts: parts.collect() },
            )
        }
    }
}
