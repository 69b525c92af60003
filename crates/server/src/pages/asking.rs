//! What staff say of the forms by which people ask for badges (R25), and how many there are of what.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::request::{Access, State as Step};
use satchel_protocol::{Code, Id};
use serde::Deserialize;

use super::form::Form;
use super::invited::stands_many;
use super::staff::{Tab, acting, names, state_many, tabs};
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
    /// What was saved just now.
    done: Option<String>,
    lines: Vec<FormLine>,
    after: Option<String>,
}

/// After which badge the page begins: its issuer and its name, as the page before it said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    after: String,
    /// Of which badge it was saved who may ask: its issuer and its name.
    saved: String,
}

/// The badges, and who may ask for each.
pub async fn forms(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, is_operator) = (Words(visitor.language), acting.is_operator);
    let named = |text: &str| text.split_once('~').and_then(|(id, slug)| Some((id.parse::<Id>().ok()?, slug.to_owned())));
    let (after, saved) = (named(&asked.after), named(&asked.saved));
    let found = app.store.read(move |tx| {
        let done = match saved.as_ref().filter(|(id, _)| acting.issuers.contains(id)) {
            Some((id, slug)) => match request::form(tx, *id, slug)? {
                Some(kept) => Some((names(tx, *id, slug)?.0, kept.form.access)),
                None => None,
            },
            None => None,
        };
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
        Ok((lines, done))
    });
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((mut all, done)) => {
            let more = all.len() > 50;
            all.truncate(50);
            let after = all.last().filter(|_| more).map(|(of, slug, ..)| format!("/staff/forms?after={}~{slug}", of.id));
            let lines = all.into_iter().map(|(of, slug, badge, access)| FormLine {
                issuer: of.id,
                badge: badge.unwrap_or_else(|| slug.clone()),
                by: of.called(),
                page: (access == Access::Open).then(|| format!("/badges/{}/{slug}/request", of.did)),
                choices: ACCESSES.map(|it| (it.name(), access_words(w, it), it == access)).to_vec(),
                is_link: access == Access::Link,
                slug,
            });
            let f = Frame::new(&app, &visitor, w.forms());
            let done = done.map(|(badge, access)| w.fill(w.access_saved(), &[&badge, access_words(w, access)]));
            let shown = Forms { f, tabs: tabs(w, "/staff/forms", is_operator), done, lines: lines.collect(), after };
            page(&app, &visitor, StatusCode::OK, &shown)
        }
    }
}

const ACCESSES: [Access; 3] = [Access::Closed, Access::Open, Access::Link];

/// Who may ask, in words.
fn access_words(w: Words, access: Access) -> &'static str {
    match access {
        Access::Closed => w.access_closed(),
        Access::Open => w.access_open(),
        Access::Link => w.access_link(),
    }
}

/// Says who may ask for a badge. A first secret link is shown once.
pub async fn set_form(State(app): State<Arc<App>>, Path((id, slug)): Path<(Id, String)>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let w = Words(sent.visitor.language);
    if !acting.issuers.contains(&id) {
        return problem(&app, &sent.visitor, Code::NotFound.into());
    }
    let (access, time, fresh) = (Access::from_name(sent.get("access")), now(), Secret::new());
    let (hash, saved) = (fresh.hash(), format!("/staff/forms?saved={id}~{slug}"));
    let done = app.store.write(move |tx| {
        listing::get(tx, id, &slug)?.ok_or(Code::NotFound)?;
        let kept = request::form(tx, id, &slug)?;
        let has_link = kept.as_ref().is_some_and(|it| it.has_link);
        let mut form = kept.map(|it| it.form).unwrap_or_default();
        if let Some(access) = access {
            form.access = access;
            request::set_form(tx, id, &slug, &form, time)?;
        }
        act::note(tx, id, &acting.by, Did::FormSet, &slug, time)?;
        let linked = form.access == Access::Link && !has_link;
        if linked {
            request::set_link(tx, id, &slug, hash)?;
        }
        Ok(if linked { Some(names(tx, id, &slug)?.0) } else { None })
    });
    match done.await {
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(None) => go(&saved),
        Ok(Some(badge)) => linked(&app, &sent.visitor, &badge, &fresh, w.first_link_why()),
    }
}

/// The page that shows a new link, once.
fn linked(app: &App, visitor: &Visitor, badge: &str, fresh: &Secret, why: &str) -> Response {
    let (w, link) = (Words(visitor.language), requests::link(app, fresh));
    message(app, visitor, &w.fill(w.new_link(), &[badge]), &[&link, why], &[("/staff/forms", w.forms())])
}

/// Asks whether another link shall lead to a form: whoever has the one before gets no further.
pub async fn renew(State(app): State<Arc<App>>, visitor: Visitor, Path((id, slug)): Path<(Id, String)>) -> Response {
    let acting = match acting(&app, &visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let w = Words(visitor.language);
    let found = app.store.read(move |tx| {
        let kept = request::form(tx, id, &slug)?.filter(|it| acting.issuers.contains(&id) && it.form.access == Access::Link);
        kept.ok_or(Code::NotFound)?;
        names(tx, id, &slug)
    });
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((badge, by)) => Form::new(&app, &visitor, &w.fill(w.renew_title(), &[&badge]), w.renew_link())
            .intro(w.fill(w.renew_why(), &[&badge, &by]))
            .link("/staff/forms", w.forms())
            .grave()
            .respond(&app, &visitor),
    }
}

/// The answer to it: the new link is shown once.
pub async fn renewed(State(app): State<Arc<App>>, Path((id, slug)): Path<(Id, String)>, sent: Sent) -> Response {
    let acting = match acting(&app, &sent.visitor).await {
        Ok(acting) => acting,
        Err(response) => return response,
    };
    let (w, time, fresh) = (Words(sent.visitor.language), now(), Secret::new());
    let hash = fresh.hash();
    let done = app.store.write(move |tx| {
        let kept = request::form(tx, id, &slug)?.filter(|it| acting.issuers.contains(&id) && it.form.access == Access::Link);
        kept.ok_or(Code::NotFound)?;
        act::note(tx, id, &acting.by, Did::FormSet, &slug, time)?;
        request::set_link(tx, id, &slug, hash)?;
        Ok(names(tx, id, &slug)?.0)
    });
    match done.await {
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(badge) => linked(&app, &sent.visitor, &badge, &fresh, w.new_link_why()),
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
                let asked = asked.map(|(it, many)| (format!("{}: {}", w.requests(), state_many(w, it)), w.number(many)));
                let invited = invited
                    .into_iter()
                    .map(|(it, many)| (format!("{}: {}", w.invitations(), stands_many(w, it)), w.number(many)));
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
