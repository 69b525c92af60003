//! How pages about institutions look: the list on the page to sign in (the one used last first, a search where there are many, their pictures),
//! the page that leads to one, the question for one more proof, and what those who run a provider are told. What they do is in `login/`.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Code, Problem};

use super::words::Words;
use super::{Frame, next_path, page, problem, sign_in};
use crate::login::away::LAST;
use crate::state::App;
use crate::store::provider::{self, Provider};
use crate::visitor::{self, Visitor};

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
}

impl Institutions {
    /// Whether nothing fits what is searched for.
    pub fn nothing_found(&self) -> bool {
        !self.sought.is_empty() && self.items.is_empty()
    }
}

/// The institutions, if there are any.
pub async fn list(app: &App, headers: &HeaderMap, sought: &str, next: &str) -> Result<Option<Institutions>, Problem> {
    let mut all = app.store.read(|tx| Ok(provider::all(tx)?)).await?;
    if all.is_empty() {
        return Ok(None);
    }
    let last = visitor::kept(headers, app, LAST).unwrap_or_default();
    // Stable: the others stay in the order of their names.
    all.sort_by_key(|it| it.id != last);
    let searches = all.len() > FEW;
    let named = all.iter().map(|it| (it.id.clone(), it.name.clone())).collect();
    let sought: String = sought.trim().chars().take(100).collect();
    let fits = |it: &Provider| {
        let words = sought.to_lowercase();
        it.name.to_lowercase().contains(&words) || it.domains.iter().any(|domain| domain.contains(&words))
    };
    let mut found: Vec<Provider> = match (searches, sought.is_empty()) {
        (false, _) => all,
        (true, true) => all.into_iter().take_while(|it| it.id == last).collect(),
        (true, false) => all.into_iter().filter(fits).collect(),
    };
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let items = found.into_iter().map(|it| (it.id, it.name, it.has_logo)).collect();
    Ok(Some(Institutions { items, all: named, searches, sought, more, next: next_path(next).to_owned() }))
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
    claims: Vec<(&'static str, &'static str)>,
    minimum_age: String,
    support: Option<String>,
}

/// What those who run a provider are told.
pub async fn about(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let w = Words(visitor.language);
    let about = About {
        addresses: vec![
            (w.about_return(), format!("{}/sign-in/return/ID", app.origin)),
            (w.about_ended(), format!("{}/sign-in/ended/ID", app.origin)),
            (w.about_out(), format!("{}/sign-in/out", app.origin)),
            (w.about_metadata(), format!("{}/sign-in/metadata?provider=ID", app.origin)),
        ],
        claims: vec![
            ("sub", w.about_sub()),
            ("given_name, family_name", w.about_names()),
            ("email, email_verified", w.about_email()),
        ],
        minimum_age: w.fill(w.about_age(), &[&app.settings.policy.minimum_age.to_string()]),
        support: app.settings.support.as_ref().map(ToString::to_string),
        f: Frame::new(&app, &visitor, w.about_providers()),
    };
    page(&app, &visitor, StatusCode::OK, &about)
}
