//! How pages about institutions look: the list on the page to sign in (the one used last first, a search where there are many, their pictures),
//! the page that leads to one, the question for one more proof, and what those who run a provider are told. What they do is in `login/`.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Code, EmailAddress, Problem};

use super::words::Words;
use super::{Frame, next_path, page, problem, sign_in};
use crate::login::about::{ID, Which};
use crate::state::{App, now};
use crate::store::provider::{self, Provider};
use crate::visitor::Visitor;

/// With more than these there is a search.
const FEW: usize = 8;

/// Results of a search.
const MOST: usize = 50;

/// What is shown of them.
pub struct Institutions {
    /// Each with its id, its name and whether it has a picture.
    pub items: Vec<(String, String, bool)>,
    /// All of them, each with its id and its name.
    pub all: Vec<(String, String)>,
    /// Whether there is a search.
    pub searches: bool,
    /// What is searched for.
    pub sought: String,
    /// How many more there are that fit.
    pub more: usize,
    /// Where to go on afterwards.
    pub next: String,
    /// Whether the login is to be added to the account of whoever is signed in.
    pub links: bool,
    /// Whether these are those of an address that is known.
    pub knows_address: bool,
}

impl Institutions {
    /// Whether the one that was used last stands above the search.
    pub fn shows_last(&self) -> bool {
        self.searches && self.sought.is_empty() && !self.items.is_empty()
    }

    /// Whether any has a picture, so that names stand under each other.
    pub fn has_logos(&self) -> bool {
        self.items.iter().any(|(.., has_logo)| *has_logo)
    }

    /// Whether nothing fits what is searched for.
    pub fn nothing_found(&self) -> bool {
        !self.sought.is_empty() && self.items.is_empty()
    }
}

/// Institutions through which people sign in now: the one used last, then by their names.
async fn open(app: &App, visitor: &Visitor) -> Result<Vec<Provider>, Problem> {
    let time = now();
    let mut all = app.store.read(|tx| Ok(provider::all(tx)?)).await?;
    all.retain(|it| !it.has_ended(time));
    // Stable: the others stay in the order of their names.
    all.sort_by_key(|it| it.id != visitor.last_provider);
    Ok(all)
}

fn item(it: Provider) -> (String, String, bool) {
    (it.id, it.name, it.has_logo)
}

/// The institutions, if there are any.
pub async fn list(app: &App, visitor: &Visitor, sought: &str, next: &str) -> Result<Option<Institutions>, Problem> {
    let all = open(app, visitor).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let searches = all.len() > FEW;
    let named = all.iter().map(|it| (it.id.clone(), it.name.clone())).collect();
    let sought: String = sought.trim().chars().take(100).collect();
    let fits = |it: &Provider| {
        let words = sought.to_lowercase();
        it.name.to_lowercase().contains(&words) || it.domains.iter().any(|domain| domain.contains(&words))
    };
    let mut found: Vec<Provider> = match (searches, sought.is_empty()) {
        (false, _) => all,
        (true, true) => all.into_iter().take_while(|it| it.id == visitor.last_provider).collect(),
        (true, false) => all.into_iter().filter(fits).collect(),
    };
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let items = found.into_iter().map(item).collect();
    let next = next_path(next).to_owned();
    Ok(Some(Institutions { items, all: named, searches, sought, more, next, links: false, knows_address: false }))
}

/// Those that sign in whoever has this address, as their domains say; else all.
pub async fn list_for(
    app: &App,
    visitor: &Visitor,
    address: Option<&EmailAddress>,
    next: &str,
) -> Result<Option<Institutions>, Problem> {
    let all = open(app, visitor).await?;
    let theirs: Vec<_> = all.into_iter().filter(|it| address.is_some_and(|address| it.covers(address))).map(item).collect();
    let list = list(app, visitor, "", next).await?;
    if theirs.is_empty() {
        return Ok(list);
    }
    Ok(list.map(|list| Institutions { items: theirs, searches: false, knows_address: true, ..list }))
}

/// The picture of an institution.
pub async fn logo(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Response {
    match app.store.read(move |tx| Ok(provider::logo(tx, &id)?)).await {
        Ok(Some(png)) => {
            ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=3600")], png).into_response()
        }
        Ok(None) => problem(&app, &visitor, Code::NotFound.into()),
        Err(error) => problem(&app, &visitor, error.into()),
    }
}

#[derive(Template)]
#[template(path = "leaving.html")]
struct Leaving {
    f: Frame,
    to: String,
    words: String,
    go_on: String,
}

/// A page that leads to an institution by itself, and by a link.
pub fn leaving(app: &App, visitor: &Visitor, name: &str, to: String) -> Response {
    let w = Words(visitor.language);
    let leaving = Leaving {
        f: Frame::new(app, visitor, w.leaving()),
        to,
        words: w.fill(w.leaving_to(), &[name]),
        go_on: w.fill(w.leaving_go_on(), &[name]),
    };
    page(app, visitor, StatusCode::OK, &leaving)
}

#[derive(Template)]
#[template(path = "proof.html")]
struct Prove {
    f: Frame,
    words: Vec<String>,
    by_mail: Option<String>,
}

/// Asks for one more proof: a mail to this address, where that is enough, or signing in to the account that is there.
pub fn prove(app: &App, visitor: &Visitor, mail_to: Option<&str>, words: &[&str]) -> Response {
    let w = Words(visitor.language);
    let mut words: Vec<String> = words.iter().map(|text| (*text).to_owned()).collect();
    if mail_to.is_none() {
        words.push(sign_in::write_to(app, w));
    }
    words.retain(|text| !text.is_empty());
    let by_mail = mail_to.map(|address| w.fill(w.send_mail_to(), &[address]));
    page(app, visitor, StatusCode::OK, &Prove { f: Frame::new(app, visitor, w.one_more_proof()), words, by_mail })
}

#[derive(Template)]
#[template(path = "for_providers.html")]
struct About {
    f: Frame,
    addresses: Vec<(&'static str, String)>,
    has_id: bool,
    claims: Vec<(&'static str, &'static str)>,
    minimum_age: String,
    support: Option<String>,
}

/// What those who run a provider are told; each address with the name of the provider that was asked about.
pub async fn about(State(app): State<Arc<App>>, visitor: Visitor, Query(which): Query<Which>) -> Response {
    let w = Words(visitor.language);
    let id = which.id();
    let about = About {
        addresses: vec![
            (w.about_return(), format!("{}/sign-in/return/{id}", app.origin)),
            (w.about_ended(), format!("{}/sign-in/ended/{id}", app.origin)),
            (w.about_out(), format!("{}/sign-in/out", app.origin)),
            (w.about_metadata(), format!("{}/sign-in/metadata?provider={id}", app.origin)),
        ],
        has_id: id != ID,
        claims: vec![
            ("sub", w.about_sub()),
            ("given_name, family_name", w.about_names()),
            ("email, email_verified", w.about_email()),
            ("groups", w.about_groups()),
            ("ends", w.about_ends()),
        ],
        minimum_age: w.fill(w.about_age(), &[&app.settings.policy.minimum_age.to_string()]),
        support: app.settings.for_providers().map(ToString::to_string),
        f: Frame::new(&app, &visitor, w.about_providers()),
    };
    page(&app, &visitor, StatusCode::OK, &about)
}
