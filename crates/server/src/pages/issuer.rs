//! The page of an issuer in the catalogue: what it says of itself, and what it published.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use satchel_badge::model::{Profile, Version, read_assertion};
use satchel_protocol::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{Card, MOST_PAGES, ON_A_PAGE, cards, web};
use super::head::{Head, shared, unchanged};
use super::words::Words;
use super::{Frame, problem};
use crate::state::App;
use crate::store::catalogue::{self, Wanted};
use crate::store::{document, issuer};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "issuer.html")]
struct IssuerPage {
    f: Frame,
    name: String,
    description: String,
    url: Option<String>,
    did: String,
    profile: Option<String>,
    cards: Vec<Card>,
    before: Option<String>,
    after: Option<String>,
    number: String,
    feed: String,
}

/// Which page of the badges of an issuer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Paged {
    page: String,
}

/// The page of an issuer: what it says of itself, and what it published.
pub async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(did): Path<String>,
    Query(paged): Query<Paged>,
    headers: HeaderMap,
) -> Response {
    let w = Words(visitor.language);
    let number: i64 = paged.page.parse().unwrap_or(1).clamp(1, MOST_PAGES);
    let asked = did.clone();
    let found = app.store.read(move |tx| {
        let head = catalogue::head(tx)?;
        let issuer = issuer::by_did(tx, &asked)?.filter(|it| it.suspended.is_none()).ok_or(Code::NotFound)?;
        let profile = document::get(tx, issuer.id, "profile.json")?;
        Ok((issuer, profile, head))
    });
    let (issuer, profile, head) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let state = format!("{head} {:?}", profile.as_ref().map(|it| it.hash));
    if let Some(response) = unchanged(&app, &visitor, &headers, &state) {
        return response;
    }
    let wanted = Wanted { issuer: Some(did.clone()), ..Wanted::default() };
    let found = app.store.read(move |tx| Ok(catalogue::find(tx, &wanted, (number - 1) * ON_A_PAGE, ON_A_PAGE + 1)?));
    let mut entries = match found.await {
        // An issuer that published nothing has no page: nobody is to learn of it here.
        Ok(entries) if entries.is_empty() => return problem(&app, &visitor, Code::NotFound.into()),
        Ok(entries) => entries,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let more = entries.len() > 24;
    entries.truncate(24);
    shared(&app, &visitor, &headers, &state, || {
        let said = profile.as_ref().and_then(|it| satchel_badge::json::parse(&it.bytes).ok()).map(|it| profile_of(&it));
        let said = said.unwrap_or_default();
        let (name, by) = (issuer.name.clone().unwrap_or_else(|| did.clone()), issuer.called());
        let path = format!("/badges/{did}");
        let feed = format!("/badges.atom?issuer={did}");
        let url = said.url.filter(|url| web(url));
        let data = json!({ "@context": "https://schema.org", "@type": "Organization", "name": name, "identifier": did,
                           "url": url.clone().unwrap_or_else(|| format!("{}{path}", app.origin)) });
        let description = said.description.unwrap_or_default();
        let shown = if description.is_empty() { w.fill(w.badges_of(), &[&by]) } else { description.clone() };
        let about = Head::of(&app, &path, &shown).feed(&feed).data(&data);
        IssuerPage {
            f: Frame::new(&app, &visitor, by.clone()).with(about),
            name: by,
            description,
            url,
            profile: profile.is_some().then(|| format!("/issuers/{did}/profile.json")),
            cards: cards(&entries),
            before: (number > 1).then(|| format!("{path}?page={}", number - 1)),
            after: more.then(|| format!("{path}?page={}", number + 1)),
            number: w.fill(w.page_number(), &[&number.to_string()]),
            feed,
            did,
        }
    })
}

/// An issuer, as its profile of Open Badges 2.0 says.
fn profile_of(value: &Value) -> Profile {
    read_assertion(&json!({}), None, Some(value), Version::Ob20).issuer.unwrap_or_default()
}
