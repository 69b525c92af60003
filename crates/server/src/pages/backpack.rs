//! The page of a person (R33, R34): the badges that its owner shows. A private page answers exactly like one that is not there.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{Code, Id, Problem};

use super::account::{Showing, show_badge};
use super::badge::{self, File, Shown};
use super::head::Head;
use super::words::Words;
use super::{Frame, page, problem, share, verdict};
use crate::state::App;
use crate::store::account::{self, Account};
use crate::store::award::Award;
use crate::store::message::{self, Page as Hidden};
use crate::store::share as shares;
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
    collections: Vec<(Id, String)>,
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
        let collections = shares::collections(tx, account.id)?.into_iter().filter(|it| it.shown).map(|it| (it.id, it.name));
        let collections: Vec<_> = collections.collect();
        Ok((account, awards, collections))
    });
    let w = Words(visitor.language);
    match found.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((account, mut awards, collections)) => {
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
                collections,
            };
            robots(page(&app, &visitor, StatusCode::OK, &backpack), &account)
        }
    }
}

/// A badge on it.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id)): Path<(String, Id)>) -> Response {
    let w = Words(visitor.language);
    let made = async {
        let (account, award) = found(&app, &visitor, slug, id).await?;
        let report = verdict::about(&app, &award, w).await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        Ok::<_, Problem>((account, shown, report))
    };
    let (account, shown, report) = match made.await {
        Ok(made) => made,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    let (back, is_public) = (format!("/p/{}", account.slug), account.page == Visibility::Public);
    let path = format!("{back}/{}", shown.id);
    let oembed = is_public.then(|| share::oembed_path(&app, &path));
    let mut about =
        Head::of(&app, &path, &format!("{} – {}", account.name(), shown.byline)).image(&format!("{path}/picture/1200"));
    about.oembed = oembed.map(|path| format!("{}{path}", app.origin));
    let mut f = Frame::new(&app, &visitor, shown.name.clone()).with(about);
    f = f.listed(account.indexed && is_public);
    let showing = Showing {
        holder: account.name(),
        note: None,
        back: Some((back, account.name())),
        report,
        shares: share::links(&format!("{}{path}", app.origin), &shown.name),
        path,
    };
    robots(show_badge(&app, &visitor, f, shown, showing), &account)
}

/// A badge that everybody may see, and its owner.
///
/// # Errors
/// [`Code::NotFound`] for all others, or what the database said.
pub async fn public(app: &App, slug: String, id: Id) -> Result<(Account, Award), Problem> {
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, None)?;
        let award =
            award::held(tx, account.id, id)?.filter(|award| !award.hidden && award.ob3.is_some()).ok_or(Code::NotFound)?;
        if message::hidden(tx, Hidden::Award, award.id)?.is_some() {
            return Err(Code::NotFound.into());
        }
        Ok((account, award))
    });
    Ok(found.await?)
}

/// A file of a badge on it, to be checked by whoever looks.
pub async fn file(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id, name)): Path<(String, Id, String)>) -> Response {
    let made = async { badge::as_file(&app, &found(&app, &visitor, slug, id).await?.1, File::from_name(&name), &name).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

#[derive(Template)]
#[template(path = "collection.html")]
struct Together {
    f: Frame,
    name: String,
    text: String,
    owner: String,
    path: String,
    badges: Vec<Shown>,
}

/// Badges that the owner put together.
pub async fn collection(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id)): Path<(String, Id)>) -> Response {
    let looker = visitor.account().map(|account| account.id);
    let w = Words(visitor.language);
    let found = app.store.read(move |tx| {
        let account = seen(tx, &slug, looker)?;
        let (it, inside) = share::visible(tx, &account, id, looker)?;
        let hidden = message::hidden_of(tx, account.id)?;
        let mut awards = award::held_by(tx, account.id)?;
        awards.retain(|award| inside.contains(&award.id) && !award.hidden && !hidden.contains(&award.id));
        Ok((account, it, awards))
    });
    let (account, it, awards) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    match badge::all(&app, awards, w).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(badges) => {
            let path = format!("/p/{}", account.slug);
            let about = Head::of(&app, &format!("{path}/c/{id}"), &it.text);
            let f = Frame::new(&app, &visitor, it.name.clone()).with(about);
            let f = f.listed(account.indexed && account.page == Visibility::Public && it.shown);
            let together = Together { f, name: it.name, text: it.text, owner: account.name(), path, badges };
            robots(page(&app, &visitor, StatusCode::OK, &together), &account)
        }
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
    let made = async { badge::picture(&app, &found(&app, &visitor, slug, id).await?.1, pixels, badge::SHOWN, &headers).await };
    match made.await {
        // Other sites show what is public.
        Ok(mut response) => {
            response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            response
        }
        Err(refused) => problem(&app, &visitor, refused),
    }
}

/// The same that the page says, for who reads only the head.
fn robots(mut response: Response, owner: &Account) -> Response {
    if !owner.indexed {
        response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    response
}
