//! What machines read of the catalogue: what is new in it, as Atom, and a map of the site for search engines.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use satchel_badge::model::Achievement;
use satchel_protocol::{Code, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use super::catalogue::{choices, head_of, path_of};
use super::head::{is_known, tag, tagged};
use super::{draw, problem};
use crate::state::App;
use crate::store::catalogue::{self, Entry, Wanted};
use crate::visitor::Visitor;

/// Addresses in one part of the map of the site.
const ON_A_MAP: i64 = 10_000;

#[derive(Template)]
#[template(path = "atom.xml")]
struct Atom<'a> {
    title: String,
    own: String,
    page: String,
    origin: &'a str,
    updated: Timestamp,
    language: &'static str,
    licence: Option<String>,
    entries: &'a [Entry],
}

/// Which issuer's feed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OfIssuer {
    issuer: String,
}

/// What was published last, as Atom (RFC 4287).
pub async fn atom(State(app): State<Arc<App>>, visitor: Visitor, Query(of): Query<OfIssuer>, headers: HeaderMap) -> Response {
    let issuer = Some(of.issuer.clone()).filter(|issuer| !issuer.is_empty());
    let tag = match head_of(&app).await {
        Ok(head) => tag(&app, &visitor, &head.to_string()),
        Err(refused) => return problem(&app, &visitor, refused),
    };
    if is_known(&headers, &tag) {
        return (StatusCode::NOT_MODIFIED, tagged(&tag)).into_response();
    }
    let wanted = Wanted { issuer: issuer.clone(), ..Wanted::default() };
    let entries = match app.store.read(move |tx| Ok(catalogue::find(tx, &wanted, 0, 50)?)).await {
        Ok(entries) => entries,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    if entries.is_empty() && issuer.is_some() {
        return problem(&app, &visitor, Code::NotFound.into());
    }
    let by = entries.first().filter(|_| issuer.is_some()).map(|it| format!("{} – ", it.by)).unwrap_or_default();
    let (own, page) = match &issuer {
        Some(did) => (format!("{}/badges.atom?issuer={did}", app.origin), format!("{}/badges/{did}", app.origin)),
        None => (format!("{}/badges.atom", app.origin), format!("{}/badges", app.origin)),
    };
    let feed = Atom {
        title: format!("{by}{}", app.settings.name),
        own,
        page,
        origin: &app.origin,
        updated: entries.iter().map(|it| it.updated).max().unwrap_or(Timestamp::UNIX_EPOCH),
        language: visitor.language.tag(),
        licence: app.settings.licence.as_ref().map(ToString::to_string),
        entries: &entries,
    };
    xml(&tag, "application/atom+xml; charset=utf-8", draw(&feed))
}

fn xml(tag: &str, media: &'static str, text: String) -> Response {
    let mut headers = tagged(tag);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    (headers, text).into_response()
}

#[derive(Template)]
#[template(path = "sitemap.xml")]
struct Map {
    /// Whether it is a list of maps.
    is_index: bool,
    places: Vec<(String, Option<Timestamp>)>,
}

/// The map of the site: a list of its parts, since one part holds 50,000 addresses at most.
pub async fn sitemap(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    match choices(&app).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok((head, choices)) => {
            let parts = (choices.all + ON_A_MAP - 1) / ON_A_MAP;
            let tag = tag(&app, &visitor, &head.to_string());
            if is_known(&headers, &tag) {
                return (StatusCode::NOT_MODIFIED, tagged(&tag)).into_response();
            }
            let numbers = (0..=parts).map(|part| (format!("{}/sitemap/{part}", app.origin), None));
            xml(&tag, "application/xml; charset=utf-8", draw(&Map { is_index: true, places: numbers.collect() }))
        }
    }
}

/// A part of it: the first has the pages of the service, of issuers and of people who let theirs be found, the others have badges.
pub async fn map_part(State(app): State<Arc<App>>, visitor: Visitor, Path(part): Path<i64>) -> Response {
    let made = async {
        let origin = app.origin.clone();
        if part == 0 {
            let (_, choices) = choices(&app).await?;
            let people = app.store.read(|tx| Ok(catalogue::people(tx, ON_A_MAP)?)).await?;
            let fixed = ["/", "/badges", "/help", "/accessibility", "/propose", "/news"].map(|path| format!("{origin}{path}"));
            let issuers = choices.issuers.iter().map(|(did, ..)| format!("{origin}/badges/{did}"));
            let people = people.iter().map(|slug| format!("{origin}/p/{slug}"));
            return Ok(fixed.into_iter().chain(issuers).chain(people).map(|url| (url, None)).collect());
        }
        if !(1..=100_000).contains(&part) {
            return Err(Problem::from(Code::NotFound));
        }
        let found = app.store.read(move |tx| Ok(catalogue::part(tx, (part - 1) * ON_A_MAP, ON_A_MAP)?)).await?;
        if found.is_empty() {
            return Err(Code::NotFound.into());
        }
        Ok(found
            .into_iter()
            .map(|(did, slug, updated)| (format!("{origin}{}", path_of(&did, &slug)), Some(updated)))
            .collect::<Vec<_>>())
    };
    match made.await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(places) => {
            let text = draw(&Map { is_index: false, places });
            let headers =
                [(header::CONTENT_TYPE, "application/xml; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
            (headers, text).into_response()
        }
    }
}

/// What search engines understand (schema.org).
pub fn structured(app: &App, path: &str, name: &str, by: &str, did: &str, of: &Achievement, language: Option<&str>) -> Value {
    let url = format!("{}{path}", app.origin);
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "EducationalOccupationalCredential",
        "@id": url, "url": url, "name": name,
        "credentialCategory": "badge",
        "image": format!("{url}/picture/640"),
        "recognizedBy": { "@type": "Organization", "name": by, "url": format!("{}/badges/{did}", app.origin), "identifier": did },
    });
    if let Some(description) = &of.description {
        data["description"] = json!(satchel_badge::prose::words(description));
    }
    if let Some(language) = language {
        data["inLanguage"] = json!(language);
    }
    if let Some(licence) = &app.settings.licence {
        data["license"] = json!(licence.as_str());
    }
    let skills: Vec<Value> = of
        .alignment
        .iter()
        .filter(|it| it.name.is_some())
        .map(|it| json!({ "@type": "DefinedTerm", "name": it.name, "url": it.url, "inDefinedTermSet": it.framework }))
        .collect();
    if !skills.is_empty() {
        data["competencyRequired"] = json!(skills);
    }
    data
}
