//! The catalogue for programs: what everybody finds on its pages (R04), asked for in the same words. What is not published is not in it.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Code, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::openapi::Reads;
use super::{asked, documents, json, refuse};
use crate::pages::catalogue::{self as pages, Asked, MOST_PAGES};
use crate::pages::head;
use crate::state::App;
use crate::store::catalogue::Entry;
use crate::visitor::Visitor;

/// A published badge.
#[derive(Serialize, ToSchema)]
#[schema(as = catalogue::Badge)]
pub struct Badge {
    /// The issuer: `did:key:z6Mk…`.
    issuer: String,
    /// What it calls itself.
    issuer_name: String,
    /// The badge's name in addresses.
    slug: String,
    name: String,
    description: String,
    /// When it was published, in microseconds since 1970.
    published: i64,
    /// When it was changed last, in microseconds since 1970.
    updated: i64,
    /// Its page, for people.
    page: String,
    /// Its document: an `Achievement` of Open Badges 3.0.
    document: String,
    /// Its picture: a PNG of 640 pixels.
    picture: String,
}

/// A page of them.
#[derive(Serialize, ToSchema)]
#[schema(as = catalogue::Badges)]
pub struct Badges {
    badges: Vec<Badge>,
    /// Whether another page follows.
    more: bool,
}

fn told(app: &App, it: Entry) -> Badge {
    let page = format!("{}{}", app.origin, pages::path_of(&it.did, &it.slug));
    Badge {
        document: documents::url(app, &it.did, &format!("achievements/{}.json", it.slug)),
        picture: format!("{page}/picture/640"),
        page,
        issuer: it.did,
        issuer_name: it.issuer,
        slug: it.slug,
        name: it.name,
        description: it.description,
        published: it.published.as_microsecond(),
        updated: it.updated.as_microsecond(),
    }
}

/// The published badges that are asked for, the best first, and the newest first where no words are given; 24 a page.
#[utoipa::path(get, path = "/api/v1/badges", operation_id = "badges", tag = "public", params(("q" = Option<String>, Query, description = "Words to look for; slips of the finger are forgiven."), ("issuer" = Option<String>, Query, description = "The DID of an issuer."), ("skill" = Option<String>, Query, description = "The name of a skill."), ("type" = Option<String>, Query, description = "An `achievementType` of Open Badges 3.0."), ("language" = Option<String>, Query, description = "`it`, `en`, …"), ("page" = Option<u16>, Query, minimum = 1, maximum = 400)), responses((status = 200, body = Badges), (status = 304, description = "It is as it was: `If-None-Match`."), Reads))]
pub async fn find(State(app): State<Arc<App>>, visitor: Visitor, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let asked = async { Ok::<_, Problem>((read(query.as_deref())?, pages::head_of(&app).await?)) };
    let (wanted, head) = match asked.await {
        Ok(asked) => asked,
        Err(problem) => return documents::open(refuse(&problem)),
    };
    let tag = head::tag(&app, &visitor, &head.to_string());
    let tagged = head::tagged(&tag);
    if head::is_known(&headers, &tag) {
        return documents::open((StatusCode::NOT_MODIFIED, tagged).into_response());
    }
    let (entries, more) = match pages::look(&app, &visitor, &wanted).await {
        Ok(found) => found,
        Err(problem) => return documents::open(refuse(&problem)),
    };
    let badges = entries.into_iter().map(|it| told(&app, it)).collect();
    let mut response = json(StatusCode::OK, &Badges { badges, more });
    response.headers_mut().extend(tagged);
    documents::open(response)
}

/// What is asked for.
fn read(query: Option<&str>) -> Result<Asked, Problem> {
    let text = |name| Ok::<String, Problem>(asked(query, name)?.unwrap_or_default());
    let page = asked::<i64>(query, "page")?.unwrap_or(1);
    if !(1..=MOST_PAGES).contains(&page) {
        return Err(Problem::new(Code::BadRequest, [format!("page: 1 to {MOST_PAGES}")]));
    }
    Ok(Asked {
        q: text("q")?,
        issuer: text("issuer")?,
        skill: text("skill")?,
        kind: text("type")?,
        language: text("language")?,
        page: page.to_string(),
    })
}
