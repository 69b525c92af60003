//! The page of a person (R33, R34): the badges that its owner shows. A private page answers exactly like one that is not there.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{Code, Id, Problem};

use super::account::public_badge;
use super::badge::{self, Shown};
use super::words::Words;
use super::{Frame, page, problem};
use crate::state::App;
use crate::store::account::{self, Account};
use crate::store::award::Award;
use crate::store::message::{self, Page as Hidden};
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
    let account = account.ok_or(Code::NotFound)?;
    // What staff hid is there for its owner alone, who reads why.
    if looker != Some(account.id) && message::hidden(tx, Hidden::Person, account.id)?.is_some() {
        return Err(Code::NotFound.into());
    }
    Ok(account)
}

/// The page.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Path(slug): Path<String>) -> Response {
    let looker = visitor.account().map(|account| account.id);
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, looker)?;
        let hidden = message::hidden_of(tx, account.id)?;
        let mut awards = award::held_by(tx, account.id)?;
        awards.retain(|it| !hidden.contains(&it.id));
        Ok((account, awards))
    });
    let w = Words(visitor.language);
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((account, mut awards)) => {
            awards.retain(|award| !award.hidden);
            let badges = match badge::all(&app, awards, w).await {
                Ok(badges) => badges,
                Err(refused) => return problem(&app, &visitor, refused),
            };
            let backpack = Backpack {
                f: Frame::new(&app, &visitor, account.name()).listed(account.indexed && account.page == Visibility::Public),
                name: account.name(),
                badges,
                path: format!("/p/{}", account.slug),
                is_private: account.page == Visibility::Private,
            };
            robots(page(&app, &visitor, StatusCode::OK, &backpack), &account)
        }
    }
}

/// A badge on it.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id)): Path<(String, Id)>) -> Response {
    let w = Words(visitor.language);
    let shown = async {
        let (account, award) = found(&app, &visitor, slug, id).await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        Ok::<_, Problem>((account, shown))
    };
    match shown.await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok((account, shown)) => robots(public_badge(&app, &visitor, &account, shown), &account),
    }
}

/// A badge that its holder shows, when whoever looks may see the page.
async fn found(app: &App, visitor: &Visitor, slug: String, id: Id) -> Result<(Account, Award), Problem> {
    let looker = visitor.account().map(|account| account.id);
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, looker)?;
        let award = award::held(tx, account.id, id)?.filter(|award| !award.hidden).ok_or(Code::NotFound)?;
        if message::hidden(tx, Hidden::Award, award.id)?.is_some() {
            return Err(Code::NotFound.into());
        }
        Ok((account, award))
    });
    Ok(found.await?)
}

/// The picture of a badge on it.
pub async fn picture(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((slug, id, pixels)): Path<(String, Id, u32)>,
    headers: HeaderMap,
) -> Response {
    let made = async { badge::picture(&app, &found(&app, &visitor, slug, id).await?.1, pixels, &headers).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// The same that the page says, for who reads only the head.
fn robots(mut response: Response, owner: &Account) -> Response {
    if !owner.indexed {
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    response
}
