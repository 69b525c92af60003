//! The page of a person (R33, R34): the badges that its owner shows. A private page answers exactly like one that is not there.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{Code, Id};

use super::account::public_badge;
use super::badge::{self, Shown};
use super::words::Words;
use super::{Frame, page, problem};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::{Error, Tx, award};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "backpack.html")]
struct Backpack {
    f: Frame,
    name: String,
    badges: Vec<Shown>,
    path: String,
    /// Whether its owner looks at it while nobody else can.
    is_private: bool,
}

/// The account whose page it is, when `looker` may see it.
fn seen(tx: &mut Tx<'_>, slug: &str, looker: Option<Id>) -> Result<Account, Error> {
    let account = account::by_slug(tx, slug)?.filter(Account::is_usable);
    let account = account.filter(|account| account.page == Visibility::Public || looker == Some(account.id));
    account.ok_or_else(|| Code::NotFound.into())
}

/// The page.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Path(slug): Path<String>) -> Response {
    let looker = visitor.account().map(|account| account.id);
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, looker)?;
        let awards = award::held_by(tx, account.id)?;
        Ok((account, awards))
    });
    let w = Words(visitor.language);
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((account, awards)) => {
            let shown = awards.iter().filter(|award| !award.hidden).filter_map(|award| badge::shown(&app, award, w, now()));
            let backpack = Backpack {
                f: Frame::new(&app, &visitor, account.name()).listed(account.indexed && account.page == Visibility::Public),
                name: account.name(),
                badges: shown.collect(),
                path: format!("/p/{}", account.slug),
                is_private: account.page == Visibility::Private,
            };
            robots(page(&app, &visitor, StatusCode::OK, &backpack), &account)
        }
    }
}

/// A badge on it.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id)): Path<(String, Id)>) -> Response {
    let looker = visitor.account().map(|account| account.id);
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, looker)?;
        let award = award::held(tx, account.id, id)?.filter(|award| !award.hidden).ok_or(Code::NotFound)?;
        Ok((account, award))
    });
    let w = Words(visitor.language);
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((account, award)) => match badge::shown(&app, &award, w, now()) {
            None => problem(&app, &visitor, Code::NotFound.into()),
            Some(shown) => robots(public_badge(&app, &visitor, &account, shown), &account),
        },
    }
}

/// The same that the page says, for who reads only the head.
fn robots(mut response: Response, owner: &Account) -> Response {
    if !owner.indexed {
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    response
}
