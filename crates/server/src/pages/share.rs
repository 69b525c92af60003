//! Showing a badge to others (R35, R36): plain links to the usual places, which load nothing from anybody; links of one's own with an end; a
//! frame for other sites, oEmbed, and a piece of HTML. Whatever is not public ends with it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use satchel_badge::model::Badge;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{Code, Id, Problem};
use serde::Deserialize;
use serde_json::json;

use super::account::Showing;
use super::badge::{self, File};
use super::words::Words;
use super::{Frame, backpack, go, must_sign_in, page, problem, verdict};
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::award::{self, Award};
use crate::store::message::{self, Page as Hidden};
use crate::store::share::{self, Share};
use crate::store::{Error, Tx};
use crate::visitor::{Form as Sent, Visitor};

/// Links of one account that hold.
const MOST: usize = 100;

/// How long a link may hold, in days; the first is offered first.
const DAYS: [i64; 4] = [30, 7, 90, 365];

/// Pixels of a frame in another site.
const FRAME: (u32, u32) = (420, 168);

/// Where a page with this address and title can be passed on to, each with the name of the place.
pub fn links(url: &str, title: &str) -> Vec<(&'static str, String)> {
    let query = |pairs: &[(&str, &str)]| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let both = format!("{title} {url}");
    // In a mail a space is a space, not a plus.
    let mail = |text: &str| query(&[("", text)]).trim_start_matches('=').replace('+', "%20");
    vec![
        ("LinkedIn", format!("https://www.linkedin.com/sharing/share-offsite/?{}", query(&[("url", url)]))),
        ("Mastodon", format!("https://share.joinmastodon.org/#{}", query(&[("text", &both)]).replace('+', "%20"))),
        ("Bluesky", format!("https://bsky.app/intent/compose?{}", query(&[("text", &both)]))),
        ("Facebook", format!("https://www.facebook.com/sharer/sharer.php?{}", query(&[("u", url)]))),
        ("X", format!("https://x.com/intent/post?{}", query(&[("text", title), ("url", url)]))),
        ("WhatsApp", format!("https://wa.me/?{}", query(&[("text", &both)]))),
        ("E-mail", format!("mailto:?subject={}&body={}", mail(title), mail(&both))),
    ]
}

/// The address at which `LinkedIn` adds a badge to its owner's profile.
pub fn add_to_profile(badge: &Badge, url: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("startTask", "CERTIFICATION_NAME").append_pair("name", badge.name.as_deref().unwrap_or_default());
    if let Some(name) = badge.issuer.as_ref().and_then(|issuer| issuer.name.as_deref()) {
        query.append_pair("organizationName", name);
    }
    let mut day = |time: Option<Timestamp>, year: &str, month: &str| {
        if let Some(time) = time {
            let date = TimeZone::UTC.to_datetime(time).date();
            query.append_pair(year, &date.year().to_string()).append_pair(month, &date.month().to_string());
        }
    };
    day(badge.awarded_on.or(badge.issued_on), "issueYear", "issueMonth");
    day(badge.expires, "expirationYear", "expirationMonth");
    query.append_pair("certUrl", url);
    if let Some(id) = &badge.id {
        query.append_pair("certId", id);
    }
    format!("https://www.linkedin.com/profile/add?{}", query.finish())
}

// ---- Links with an end ----

/// What opens a link: reckoned, so that its owner can see it again and it lies nowhere.
fn mark(app: &App, id: Id) -> String {
    URL_SAFE_NO_PAD.encode(&app.key("share", &id.to_string())[..18])
}

fn path_of(app: &App, id: Id) -> String {
    format!("/s/{id}/{}", mark(app, id))
}

/// The badge behind a link that holds, and its owner. All others are not there.
async fn found(app: &App, id: Id, said: &str) -> Result<(Share, Account, Award), Problem> {
    if said != mark(app, id) {
        return Err(Code::NotFound.into());
    }
    let time = now();
    let found = app.store.read(move |tx| {
        let it = share::get(tx, id, time)?.ok_or(Code::NotFound)?;
        let owner = account::get(tx, it.account)?.filter(Account::is_usable).ok_or(Code::NotFound)?;
        let award = award::held(tx, it.account, it.award)?.ok_or(Code::NotFound)?;
        if message::hidden(tx, Hidden::Award, award.id)?.is_some() || message::hidden(tx, Hidden::Person, owner.id)?.is_some() {
            return Err(Code::NotFound.into());
        }
        Ok((it, owner, award))
    });
    Ok(found.await?)
}

/// The page behind a link.
pub async fn shared(State(app): State<Arc<App>>, visitor: Visitor, Path((id, said)): Path<(Id, String)>) -> Response {
    let w = Words(visitor.language);
    let made = async {
        let (it, owner, award) = found(&app, id, &said).await?;
        let report = verdict::about(&app, &award, w).await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        Ok::<_, Problem>((it, owner, shown, report))
    };
    match made.await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok((it, owner, shown, report)) => {
            let f = Frame::new(&app, &visitor, shown.name.clone());
            let path = path_of(&app, id);
            let showing = Showing {
                holder: owner.name(),
                note: Some(w.fill(w.shared_until(), &[&w.date(it.expires)])),
                back: None,
                report,
                shares: Vec::new(),
                path,
            };
            super::account::show_badge(&app, &visitor, f, shown, showing)
        }
    }
}

/// The picture behind a link.
pub async fn picture(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, said, pixels)): Path<(Id, String, u32)>,
    headers: HeaderMap,
) -> Response {
    let made = async { badge::picture(&app, &found(&app, id, &said).await?.2, pixels, badge::SHOWN, &headers).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// A file behind a link, to be checked by whoever has it.
pub async fn file(State(app): State<Arc<App>>, visitor: Visitor, Path((id, said, name)): Path<(Id, String, String)>) -> Response {
    let made = async { badge::as_file(&app, &found(&app, id, &said).await?.2, File::from_name(&name), &name).await };
    made.await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// Makes a link to one's own badge.
pub async fn make(State(app): State<Arc<App>>, Path(award): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let days = sent.get("days").parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    let label: String = satchel_badge::words::plain(sent.trimmed("label")).take(100).collect();
    let time = now();
    let it = Share {
        id: random::id(time),
        account,
        award,
        label,
        created: time,
        expires: time + SignedDuration::from_hours(24 * days),
    };
    let w = Words(sent.visitor.language);
    let done = app.store.write(move |tx| {
        award::held(tx, account, award)?.ok_or(Code::NotFound)?;
        if share::of(tx, account, time)?.len() >= MOST {
            return Err(Problem::new(Code::Conflict, [w.fill(w.links_at_most(), &[&MOST.to_string()])]).into());
        }
        Ok(share::add(tx, &it)?)
    });
    match done.await {
        Ok(()) => go("/account/sharing"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

/// Ends a link.
pub async fn end(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let done = app.store.write(move |tx| if share::end(tx, account, id)? { Ok(()) } else { Err(Code::NotFound.into()) });
    match done.await {
        Ok(()) => go("/account/sharing"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

/// What is shown to others: one line of the list.
struct Line {
    what: String,
    how: &'static str,
    url: String,
    since: String,
    until: Option<String>,
    end: Option<String>,
}

#[derive(Template)]
#[template(path = "sharing.html")]
struct Sharing {
    f: Frame,
    lines: Vec<Line>,
    /// That staff hid the page, when it is public.
    hidden: Option<super::account::HiddenHere>,
}

/// All that is shown to others, by which link, since when.
pub async fn list(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    let (w, time, id, path) = (Words(visitor.language), now(), account.id, format!("/p/{}", account.slug));
    let found = app.store.read(move |tx| {
        let mut links = Vec::new();
        for it in share::of(tx, id, time)? {
            let name = award::held(tx, id, it.award)?.map(|award| award.name).unwrap_or_default();
            links.push((it, name));
        }
        let public = account::get(tx, id)?.is_some_and(|it| it.page == Visibility::Public);
        let badges = if public { award::held_by(tx, id)? } else { Vec::new() };
        let collections = if public { share::collections(tx, id)? } else { Vec::new() };
        let hidden = if public { super::account::hidden(tx, Hidden::Person, id, &path)? } else { None };
        Ok((links, badges, collections, hidden))
    });
    let (links, badges, collections, hidden) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let mut lines = Vec::new();
    let person = format!("{}/p/{}", app.origin, account.slug);
    let since = account.page_chosen.map(|time| w.date(time)).unwrap_or_default();
    let line = |what: String, how, url: String, since: String| Line { what, how, url, since, until: None, end: None };
    if account.page == Visibility::Public {
        lines.push(line(w.my_page().to_owned(), w.by_page(), person.clone(), since.clone()));
        let shown = badges.into_iter().filter(|it| !it.hidden && it.ob3.is_some());
        lines.extend(shown.map(|it| line(it.name, w.by_page(), format!("{person}/{}", it.id), since.clone())));
        let shown = collections.into_iter().filter(|it| it.shown);
        lines.extend(shown.map(|it| line(it.name, w.by_collection(), format!("{person}/c/{}", it.id), w.date(it.created))));
    }
    lines.extend(links.into_iter().map(|(it, name)| Line {
        what: if it.label.is_empty() { name } else { format!("{name} – {}", it.label) },
        how: w.by_link(),
        url: format!("{}{}", app.origin, path_of(&app, it.id)),
        since: w.date(it.created),
        until: Some(w.date(it.expires)),
        end: Some(format!("/account/sharing/{}", it.id)),
    }));
    let f = Frame::new(&app, &visitor, w.sharing());
    page(&app, &visitor, StatusCode::OK, &Sharing { f, lines, hidden })
}

/// For how long a link may hold, with words.
pub fn choices(w: Words) -> Vec<(i64, String)> {
    DAYS.iter().map(|days| (*days, w.fill(w.days_ago(), &[&days.to_string()]))).collect()
}

// ---- In other sites ----

#[derive(Template)]
#[template(path = "embed.html")]
struct Embed {
    w: Words,
    css: String,
    url: String,
    picture: String,
    name: String,
    byline: String,
    holder: String,
    state: Option<(&'static str, &'static str)>,
}

/// A badge as a frame in another site: only while it is public.
pub async fn embed(State(app): State<Arc<App>>, visitor: Visitor, Path((slug, id)): Path<(String, Id)>) -> Response {
    let w = Words(visitor.language);
    let made = async {
        let (owner, award) = backpack::public(&app, slug, id).await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        Ok::<_, Problem>((owner, shown))
    };
    match made.await {
        Err(refused) => framed(problem(&app, &visitor.signed_out(), refused)),
        Ok((owner, shown)) => {
            let path = format!("/p/{}/{}", owner.slug, shown.id);
            let state = match (shown.revoked, shown.expired) {
                (true, _) => Some(("bad", w.revoked())),
                (false, true) => Some(("unknown", w.expired_badge())),
                (false, false) => None,
            };
            let html = super::draw(&Embed {
                w,
                css: super::css_path(),
                url: format!("{}{path}", app.origin),
                picture: format!("{path}/picture/320"),
                name: shown.name,
                byline: shown.byline,
                holder: owner.name(),
                state,
            });
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
            framed((headers, html).into_response())
        }
    }
}

/// An answer that other sites may put into a frame. Nothing in it acts, so nothing can be pressed by mistake.
fn framed(mut response: Response) -> Response {
    let policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";
    let headers = response.headers_mut();
    headers.insert("content-security-policy", HeaderValue::from_static(policy));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    headers.remove(header::SET_COOKIE);
    response
}

/// Pieces of HTML for other sites: a frame, and plain HTML with a picture and a link.
pub fn snippets(app: &App, slug: &str, id: Id, name: &str) -> [String; 2] {
    let origin = &app.origin;
    let name = escaped(name);
    [
        frame(origin, slug, id, &name, FRAME),
        format!(
            "<a href=\"{origin}/p/{slug}/{id}\"><img src=\"{origin}/p/{slug}/{id}/picture/320\" alt=\"\" width=\"160\"><br>{name}</a>"
        ),
    ]
}

fn frame(origin: &str, slug: &str, id: Id, name: &str, (width, height): (u32, u32)) -> String {
    format!(
        "<iframe src=\"{origin}/embed/{slug}/{id}\" title=\"{name}\" width=\"{width}\" height=\"{height}\" style=\"border:0;max-width:100%;color-scheme:light dark\" loading=\"lazy\"></iframe>"
    )
}

/// Text within markup.
fn escaped(text: &str) -> String {
    let letters = text.chars().map(|c| match c {
        '&' => String::from("&amp;"),
        '<' => String::from("&lt;"),
        '>' => String::from("&gt;"),
        '"' => String::from("&quot;"),
        '\'' => String::from("&#39;"),
        c => c.to_string(),
    });
    letters.collect()
}

/// What a site asks before it embeds a page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    url: String,
    format: String,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
}

/// The address at which a page says how it is embedded.
pub fn oembed_path(app: &App, path: &str) -> String {
    let url = format!("{}{path}", app.origin);
    format!("/oembed?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("url", &url).finish())
}

/// How a public badge is embedded (oEmbed 1.0).
pub async fn oembed(State(app): State<Arc<App>>, visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    if !matches!(wanted.format.as_str(), "" | "json") {
        return crate::api::refuse(&Problem::new(Code::UnsupportedType, [String::from("format=json")]));
    }
    let w = Words(visitor.language);
    let made = async {
        let path = wanted.url.strip_prefix(&app.origin).and_then(|path| path.strip_prefix("/p/")).ok_or(Code::NotFound)?;
        let (slug, id) =
            path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').split_once('/').ok_or(Code::NotFound)?;
        let id = id.parse::<Id>().map_err(|_| Code::NotFound)?;
        let (owner, award) = backpack::public(&app, slug.to_owned(), id).await?;
        let shown = badge::one(&app, award, w).await?.ok_or(Code::NotFound)?;
        let size = (FRAME.0.min(wanted.maxwidth.unwrap_or(FRAME.0)), FRAME.1.min(wanted.maxheight.unwrap_or(FRAME.1)));
        let path = format!("{}/p/{}/{id}", app.origin, owner.slug);
        Ok::<_, Problem>(json!({
            "version": "1.0", "type": "rich", "title": shown.name, "author_name": owner.name(),
            "author_url": format!("{}/p/{}", app.origin, owner.slug), "provider_name": app.settings.name, "provider_url": app.origin,
            "html": frame(&app.origin, &owner.slug, id, &escaped(&shown.name), size), "width": size.0, "height": size.1,
            "thumbnail_url": format!("{path}/picture/320"), "thumbnail_width": 320, "thumbnail_height": 320, "cache_age": 300,
        }))
    };
    let mut response = match made.await {
        Ok(answer) => crate::api::json(StatusCode::OK, &answer),
        Err(refused) => crate::api::refuse(&refused),
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

// ---- Collections ----

/// Collections of one account.
const MOST_COLLECTIONS: usize = 50;

#[derive(Template)]
#[template(path = "collections.html")]
struct Collections {
    f: Frame,
    lines: Vec<(Id, String, &'static str)>,
}

/// One's collections.
pub async fn collections(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(&visitor) };
    let w = Words(visitor.language);
    match app.store.read(move |tx| Ok(share::collections(tx, account)?)).await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(all) => {
            let lines =
                all.into_iter().map(|it| (it.id, it.name, if it.shown { w.collection_shown() } else { w.collection_hidden() }));
            let f = Frame::new(&app, &visitor, w.collections());
            page(&app, &visitor, StatusCode::OK, &Collections { f, lines: lines.collect() })
        }
    }
}

/// A badge that may be in a collection: its id, name, and whether it is.
type Chosen = (Id, String, bool);

#[derive(Template)]
#[template(path = "collection_edit.html")]
struct Edit {
    f: Frame,
    action: String,
    name: String,
    text: String,
    shown: bool,
    badges: Vec<Chosen>,
    error: Option<&'static str>,
    remove: Option<String>,
}

/// A collection as it was typed.
#[derive(Clone, Default)]
struct Typed {
    name: String,
    text: String,
    shown: bool,
    awards: Vec<Id>,
}

async fn edit(app: &App, visitor: &Visitor, id: Option<Id>, typed: Option<Typed>) -> Response {
    let Some(account) = visitor.account().map(|account| account.id) else { return must_sign_in(visitor) };
    let w = Words(visitor.language);
    let given = typed.clone();
    let found = app.store.read(move |tx| {
        let kept = match id {
            None => Typed { shown: true, ..Typed::default() },
            Some(id) => {
                let it = share::collection(tx, account, id)?.ok_or(Code::NotFound)?;
                Typed { name: it.name, text: it.text, shown: it.shown, awards: share::collected(tx, id)? }
            }
        };
        Ok((given.clone().unwrap_or(kept), award::held_by(tx, account)?))
    });
    match found.await {
        Err(error) => problem(app, visitor, error.into()),
        Ok((it, awards)) => {
            let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let action = id.map_or_else(|| String::from("/account/collections/new"), |id| format!("/account/collections/{id}"));
            let shown = Edit {
                f: Frame::new(app, visitor, if id.is_some() { w.collection_edit() } else { w.collection_new() }),
                remove: id.map(|id| format!("/account/collections/{id}/remove")),
                action,
                badges: awards
                    .into_iter()
                    .filter(|award| award.ob3.is_some())
                    .map(|award| (award.id, award.name, it.awards.contains(&award.id)))
                    .collect(),
                name: it.name,
                text: it.text,
                shown: it.shown,
                error: typed.is_some().then(|| w.collection_name_missing()),
            };
            page(app, visitor, status, &shown)
        }
    }
}

/// The form for a new one.
pub async fn new_collection(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    edit(&app, &visitor, None, None).await
}

/// The form for one.
pub async fn edit_collection(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    edit(&app, &visitor, Some(id), None).await
}

/// The answer to the first.
pub async fn add_collection(State(app): State<Arc<App>>, sent: Sent) -> Response {
    keep(&app, &sent, None).await
}

/// The answer to the second.
pub async fn set_collection(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    keep(&app, &sent, Some(id)).await
}

async fn keep(app: &App, sent: &Sent, id: Option<Id>) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let name: String = satchel_badge::words::plain(sent.trimmed("name")).take(100).collect();
    let text: String = sent.trimmed("text").chars().filter(|c| !c.is_control() || *c == '\n').take(2000).collect();
    let awards: Vec<Id> = sent.picked("badge-").filter_map(|id| id.parse().ok()).collect();
    let typed = Typed { name, text, shown: sent.get("shown") == "yes", awards };
    if typed.name.is_empty() {
        return edit(app, &sent.visitor, id, Some(typed)).await;
    }
    let time = now();
    let (fresh, w) = (random::id(time), Words(sent.visitor.language));
    let done = app.store.write(move |tx| {
        let created = match id {
            Some(id) => share::collection(tx, account, id)?.ok_or(Code::NotFound)?.created,
            None if share::collections(tx, account)?.len() >= MOST_COLLECTIONS => {
                return Err(
                    Problem::new(Code::Conflict, [w.fill(w.collections_at_most(), &[&MOST_COLLECTIONS.to_string()])]).into()
                );
            }
            None => time,
        };
        let mut own = Vec::new();
        for award in &typed.awards {
            own.extend(award::held(tx, account, *award)?.map(|it| it.id));
        }
        let it = share::Collection {
            id: id.unwrap_or(fresh),
            account,
            name: typed.name.clone(),
            text: typed.text.clone(),
            shown: typed.shown,
            created,
        };
        Ok(share::put_collection(tx, &it, &own)?)
    });
    match done.await {
        Ok(()) => go("/account/collections"),
        Err(error) => problem(app, &sent.visitor, error.into()),
    }
}

/// Takes a collection apart.
pub async fn remove_collection(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().map(|account| account.id) else { return must_sign_in(&sent.visitor) };
    let done =
        app.store.write(move |tx| if share::remove_collection(tx, account, id)? { Ok(()) } else { Err(Code::NotFound.into()) });
    match done.await {
        Ok(()) => go("/account/collections"),
        Err(error) => problem(&app, &sent.visitor, error.into()),
    }
}

/// A collection that its owner shows, when `looker` may see the page that leads to it.
///
/// # Errors
/// [`Code::NotFound`] for all others, or what the database said.
pub fn visible(tx: &mut Tx<'_>, owner: &Account, id: Id, looker: Option<Id>) -> Result<(share::Collection, Vec<Id>), Error> {
    let it = share::collection(tx, owner.id, id)?.filter(|it| it.shown || looker == Some(owner.id)).ok_or(Code::NotFound)?;
    let awards = share::collected(tx, id)?;
    Ok((it, awards))
}
