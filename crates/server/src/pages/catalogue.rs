//! The public side of badges (R04, R05): the first page, the catalogue with its search, a page for each published badge and each issuer, and
//! what machines read of them. What is not published is in none of them; an unlisted badge has its page and no more.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use satchel_badge::model::{Achievement, Alignment, read_achievement};
use satchel_protocol::request::Access;
use satchel_protocol::visibility::Listing;
use satchel_protocol::{Code, Problem};
use serde::Deserialize;
use serde_json::Value;

use super::badge::{self, Size};
use super::feeds::structured;
use super::head::{Head, shared, unchanged};
use super::prose::Prose;
use super::words::Words;
use super::{Frame, go, problem};
use crate::state::App;
use crate::store::catalogue::{self, Choices, Entry, Holder, Wanted};
use crate::store::issuer::Issuer;
use crate::store::{Error, Tx, document, issuer, listing, request};
use crate::visitor::Visitor;

/// Badges on one page.
pub(super) const ON_A_PAGE: i64 = 24;
/// Pages of one answer at most.
pub const MOST_PAGES: i64 = 400;

/// Letters that somebody may look for.
const MOST_LETTERS: usize = 100;

/// Those of the people who have a badge that its page names.
const MOST_HOLDERS: i64 = 24;

/// What one may choose from, as of some state of the catalogue: made once, not for every look.
#[derive(Default)]
pub struct Shelf(Mutex<Option<(i64, Arc<Choices>)>>);

/// The state of the catalogue: another one whenever anything in it is.
///
/// # Errors
/// What the database said.
pub async fn head_of(app: &App) -> Result<i64, Problem> {
    Ok(app.store.read(|tx| Ok(catalogue::head(tx)?)).await?)
}

/// What one may choose from, and the state of the catalogue that it is of.
///
/// # Errors
/// What the database said.
pub async fn choices(app: &App) -> Result<(i64, Arc<Choices>), Problem> {
    let head = head_of(app).await?;
    let known = app.shelf.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, choices)) = known.filter(|(of, _)| *of == head) {
        return Ok((head, choices));
    }
    let (head, made) = app.store.read(|tx| Ok((catalogue::head(tx)?, catalogue::choices(tx)?))).await?;
    let made = Arc::new(made);
    *app.shelf.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, Arc::clone(&made)));
    Ok((head, made))
}

/// The path of a badge's page.
pub fn path_of(did: &str, slug: &str) -> String {
    format!("/badges/{did}/{slug}")
}

/// A badge in a list.
pub(super) struct Card {
    pub href: String,
    pub name: String,
    pub by: String,
}

pub(super) fn cards(all: &[Entry]) -> Vec<Card> {
    all.iter().map(|it| Card { href: path_of(&it.did, &it.slug), name: it.name.clone(), by: it.by.clone() }).collect()
}

/// Something to choose.
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

/// A list to choose from.
struct Choosing {
    name: &'static str,
    label: &'static str,
    any: &'static str,
    choices: Vec<Choice>,
}

fn choosing(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    all: Vec<(String, String)>,
    chosen: Option<&String>,
) -> Choosing {
    let mut choices: Vec<Choice> =
        all.into_iter().map(|(value, words)| Choice { chosen: Some(&value) == chosen, value, words }).collect();
    // What is asked for by an address stays chosen, though the list may be too short for it.
    if let Some(value) = chosen
        && !choices.iter().any(|it| it.chosen)
    {
        choices.push(Choice { value: value.clone(), words: value.chars().take(60).collect(), chosen: true });
    }
    Choosing { name, label, any, choices }
}

// ---- The first page ----

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    f: Frame,
    newest: Vec<Card>,
    issuers: Vec<(String, String, String)>,
    all: String,
}

/// The first page.
pub async fn home(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    if visitor.session.is_some() {
        return go("/account");
    }
    let w = Words(visitor.language);
    let head = match head_of(&app).await {
        Ok(head) => head.to_string(),
        Err(refused) => return problem(&app, &visitor, refused),
    };
    if let Some(response) = unchanged(&app, &visitor, &headers, &head) {
        return response;
    }
    let found = async {
        let (_, choices) = choices(&app).await?;
        Ok::<_, Problem>((choices, app.store.read(|tx| Ok(catalogue::find(tx, &Wanted::default(), 0, 8)?)).await?))
    };
    let (choices, newest) = match found.await {
        Ok(found) => found,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    shared(&app, &visitor, &headers, &head, || {
        let issuers = choices.issuers.iter().take(12);
        let about = Head::of(&app, "/", w.home_what()).feed("/badges.atom");
        Home {
            f: Frame::new(&app, &visitor, app.settings.name.clone()).with(about),
            newest: cards(&newest),
            issuers: issuers.map(|(did, name, many)| (format!("/badges/{did}"), name.clone(), w.badges(*many))).collect(),
            all: w.badges(choices.all),
        }
    })
}

// ---- The catalogue ----

/// What is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Words.
    pub q: String,
    /// The DID of an issuer.
    pub issuer: String,
    /// The name of a skill.
    pub skill: String,
    /// The type of achievement.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its language.
    pub language: String,
    /// The page of what is found, from 1.
    pub page: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let one = |text: &str| Some(text.chars().take(300).collect::<String>()).filter(|text| !text.is_empty());
        Wanted {
            words: self.q.chars().take(MOST_LETTERS).collect(),
            issuer: one(&self.issuer),
            skill: one(&self.skill),
            kind: one(&self.kind),
            language: one(&self.language),
        }
    }

    fn number(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, MOST_PAGES)
    }

    fn is_all(&self) -> bool {
        [&self.q, &self.issuer, &self.skill, &self.kind, &self.language].into_iter().all(|it| it.trim().is_empty())
    }

    /// The address of another page of the same.
    fn page(&self, number: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let number = number.to_string();
        let all = [
            ("q", &self.q),
            ("issuer", &self.issuer),
            ("skill", &self.skill),
            ("type", &self.kind),
            ("language", &self.language),
            ("page", &number),
        ];
        query.extend_pairs(all.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/badges?{}", query.finish())
    }
}

#[derive(Template)]
#[template(path = "catalogue.html")]
struct Catalogue {
    f: Frame,
    q: String,
    lists: Vec<Choosing>,
    is_narrow: bool,
    /// What was found, in words.
    found: String,
    is_empty: bool,
    cards: Vec<Card>,
    before: Option<String>,
    after: Option<String>,
    number: String,
}

/// A page of what is found, and whether another one follows.
///
/// # Errors
/// Somebody searches too often, or what the database said.
pub async fn look(app: &App, visitor: &Visitor, asked: &Asked) -> Result<(Vec<Entry>, bool), Problem> {
    // A search costs more than a look.
    if !asked.q.trim().is_empty() {
        app.limit(&[("search", &visitor.ip, 120, 60)]).await?;
    }
    let (wanted, skip) = (asked.wanted(), (asked.number() - 1) * ON_A_PAGE);
    let mut entries = app.store.read(move |tx| Ok(catalogue::find(tx, &wanted, skip, ON_A_PAGE + 1)?)).await?;
    let most = usize::try_from(ON_A_PAGE).unwrap_or_default();
    let more = entries.len() > most;
    entries.truncate(most);
    Ok((entries, more))
}

/// The catalogue.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let w = Words(visitor.language);
    let number = asked.number();
    let head = match head_of(&app).await {
        Ok(head) => head.to_string(),
        Err(refused) => return problem(&app, &visitor, refused),
    };
    if let Some(response) = unchanged(&app, &visitor, &headers, &head) {
        return response;
    }
    let found = async { Ok::<_, Problem>((choices(&app).await?.1, look(&app, &visitor, &asked).await?)) };
    let (choices, (entries, more)) = match found.await {
        Ok(found) => found,
        Err(refused) => return problem(&app, &visitor, refused),
    };
    shared(&app, &visitor, &headers, &head, || {
        let wanted = asked.wanted();
        let same = |all: &[(String, i64)]| all.iter().map(|(it, _)| (it.clone(), it.clone())).collect::<Vec<_>>();
        let issuers = choices.issuers.iter().map(|(did, name, _)| (did.clone(), name.clone())).collect();
        let kinds = choices.kinds.iter().map(|(it, _)| (it.clone(), w.kind(it))).collect();
        let languages = choices.languages.iter().map(|(it, _)| (it.clone(), w.language(it))).collect();
        let lists = vec![
            choosing("issuer", w.issuer(), w.any_issuer(), issuers, wanted.issuer.as_ref()),
            choosing("skill", w.skill(), w.any_skill(), same(&choices.skills), wanted.skill.as_ref()),
            choosing("type", w.kind_of_badge(), w.any_kind(), kinds, wanted.kind.as_ref()),
            choosing("language", w.language_of_badge(), w.any_language(), languages, wanted.language.as_ref()),
        ];
        let is_narrow = !asked.is_all();
        let words = match (is_narrow, entries.is_empty()) {
            (false, true) => w.catalogue_empty().to_owned(),
            (false, false) => w.badges(choices.all),
            (true, true) => w.nothing_found().to_owned(),
            (true, false) if more || number > 1 => w.found_best().to_owned(),
            (true, false) => w.badges(i64::try_from(entries.len()).unwrap_or(0)),
        };
        let path = if is_narrow || number > 1 { asked.page(number) } else { String::from("/badges") };
        let about = Head::of(&app, &path, w.catalogue_what()).feed("/badges.atom");
        let mut f = Frame::new(&app, &visitor, w.catalogue()).with(about);
        // Of what is narrowed down there are as many pages as questions.
        f.index = !is_narrow;
        Catalogue {
            f,
            q: wanted.words,
            lists,
            is_narrow,
            found: words,
            is_empty: entries.is_empty(),
            cards: cards(&entries),
            before: (number > 1).then(|| asked.page(number - 1)),
            after: (more && number < MOST_PAGES).then(|| asked.page(number + 1)),
            number: w.fill(w.page_number(), &[&number.to_string()]),
        }
    })
}

// ---- A badge ----

/// A published or unlisted badge.
pub struct Described {
    /// Its issuer.
    pub issuer: Issuer,
    /// Who finds it.
    pub state: Listing,
    /// Its identifier.
    pub id: String,
    /// What it is.
    pub achievement: Achievement,
    /// Its document.
    pub value: Value,
    /// The hash of its document.
    pub hash: [u8; 32],
}

/// A badge with a page: its issuer said who finds it.
///
/// # Errors
/// [`Code::NotFound`] for all others, or what the database said.
pub fn described(tx: &mut Tx<'_>, did: &str, slug: &str) -> Result<Described, Error> {
    let issuer = issuer::by_did(tx, did)?.filter(|it| it.suspended.is_none()).ok_or(Code::NotFound)?;
    let listed = listing::get(tx, issuer.id, slug)?.ok_or(Code::NotFound)?;
    let document = document::get(tx, issuer.id, &format!("achievements/{slug}.json"))?.ok_or(Code::NotFound)?;
    let value = satchel_badge::json::parse(&document.bytes).map_err(|_| Code::NotFound)?;
    let mut achievement = read_achievement(&value);
    for text in [&mut achievement.name, &mut achievement.description, &mut achievement.criteria].into_iter().flatten() {
        let lines: Vec<String> = text.lines().map(|line| satchel_badge::words::plain(line).collect()).collect();
        *text = lines.join("\n");
    }
    Ok(Described { issuer, state: listed.state, id: listed.achievement, achievement, value, hash: document.hash })
}

/// Somebody on the page of a badge.
struct Person {
    href: String,
    name: String,
}

#[derive(Template)]
#[template(path = "entry.html")]
struct Page {
    f: Frame,
    path: String,
    name: String,
    by: String,
    by_href: String,
    description: Prose,
    criteria: Prose,
    criteria_url: Option<String>,
    skills: Vec<Skill>,
    tags: Vec<(String, String)>,
    caption: String,
    facts: Vec<(&'static str, String)>,
    licence: Option<(String, String)>,
    is_closed: bool,
    is_unlisted: bool,
    ask: Option<String>,
    how: String,
    people: Vec<Person>,
    document: String,
    shares: Vec<(&'static str, String)>,
    more: Vec<Card>,
}

struct Skill {
    name: String,
    search: String,
    framework: String,
    href: Option<String>,
}

/// The address of the catalogue, narrowed down.
fn sought(what: &str, value: &str) -> String {
    format!("/badges?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair(what, value).finish())
}

pub(super) fn web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn skill(it: &Alignment) -> Option<Skill> {
    let name = it.name.clone()?;
    let framework = [it.framework.clone(), it.code.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    Some(Skill { search: sought("skill", &name), name, framework, href: it.url.clone().filter(|url| web(url)) })
}

/// What the page of a badge depends on, with the state of the catalogue.
struct Looked {
    it: Described,
    holders: Vec<Holder>,
    awarded: i64,
    head: i64,
}

impl Looked {
    fn state(&self) -> String {
        let people: Vec<String> = self.holders.iter().map(|it| format!("{}{}{}", it.slug, it.name, it.award)).collect();
        format!("{} {} {} {:?}", self.head, self.awarded, people.join("\0"), self.it.hash)
    }
}

/// What else stands on it, which changes with the catalogue alone.
struct Beside {
    more: Vec<Entry>,
    /// Whether everybody may ask for it.
    may_ask: bool,
}

/// The page of a badge.
pub async fn one(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((did, slug)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let asked = (did.clone(), slug.clone());
    let looked = app.store.read(move |tx| {
        let head = catalogue::head(tx)?;
        let it = described(tx, &asked.0, &asked.1)?;
        let (holders, awarded) = catalogue::holders(tx, it.issuer.id, &it.id, MOST_HOLDERS)?;
        Ok(Looked { it, holders, awarded, head })
    });
    let looked = match looked.await {
        Ok(looked) => looked,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let state = looked.state();
    if let Some(response) = unchanged(&app, &visitor, &headers, &state) {
        return response;
    }
    let (issuer, of) = ((looked.it.issuer.id, did.clone()), slug.clone());
    let beside = app.store.read(move |tx| {
        let wanted = Wanted { issuer: Some(issuer.1.clone()), ..Wanted::default() };
        let mut more = catalogue::find(tx, &wanted, 0, 5)?;
        more.retain(|other| other.slug != of);
        more.truncate(4);
        let may_ask = request::form(tx, issuer.0, &of)?.is_some_and(|it| it.form.access == Access::Open);
        Ok(Beside { more, may_ask })
    });
    match beside.await {
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(beside) => shared(&app, &visitor, &headers, &state, || page_of(&app, &visitor, &did, &slug, looked, beside)),
    }
}

fn page_of(app: &App, visitor: &Visitor, did: &str, slug: &str, looked: Looked, beside: Beside) -> Page {
    let w = Words(visitor.language);
    let Looked { it, holders, awarded, .. } = looked;
    let Beside { more, may_ask } = beside;
    let path = path_of(did, slug);
    let of = it.achievement;
    let name: String = of.name.as_deref().unwrap_or(slug).trim().chars().take(200).collect();
    let name = if name.is_empty() { slug.to_owned() } else { name };
    let by = it.issuer.called();
    let description = Prose::under(1, of.description.as_ref());
    let language = catalogue::language_of(&it.value);
    let mut facts = Vec::new();
    if awarded > 0 {
        facts.push((w.awarded(), w.times(awarded)));
    }
    facts.extend(of.kind.as_deref().map(|kind| (w.kind_of_badge(), w.kind(kind))));
    facts.extend(language.as_deref().map(|tag| (w.language_of_badge(), w.language(tag))));
    let licence = app.settings.licence.as_ref().map(|url| (url.to_string(), licence_name(url.as_str())));
    let is_published = it.state == Listing::Published;
    let issuer = it.issuer.name.as_deref().unwrap_or(did);
    let data = structured(app, &path, &name, issuer, did, &of, language.as_deref());
    let about = Head::of(app, &path, &description.words()).image(&format!("{path}/picture/1200")).data(&data);
    let mut f = Frame::new(app, visitor, name.clone()).with(about);
    f.index = is_published;
    let url = format!("{}{path}", app.origin);
    let how = match (it.state, may_ask) {
        (Listing::Closed, _) => "",
        (_, true) => w.how_to_ask(),
        (_, false) => w.how_to_get(),
    };
    Page {
        f,
        name: name.clone(),
        by,
        by_href: format!("/badges/{did}"),
        description,
        criteria: Prose::under(2, of.criteria.as_ref()),
        criteria_url: of.criteria_url.clone().filter(|url| web(url)),
        skills: of.alignment.iter().filter_map(skill).collect(),
        tags: of.tags.iter().map(|tag| (tag.clone(), sought("q", tag))).collect(),
        caption: of.image.as_ref().and_then(|image| image.caption.clone()).unwrap_or_default(),
        facts,
        licence,
        is_closed: it.state == Listing::Closed,
        is_unlisted: it.state == Listing::Unlisted,
        ask: (may_ask && it.state != Listing::Closed).then(|| format!("{path}/request")),
        how: how.to_owned(),
        people: holders.into_iter().map(|it| Person { href: format!("/p/{}/{}", it.slug, it.award), name: it.name }).collect(),
        document: format!("/issuers/{did}/achievements/{slug}.json"),
        shares: super::share::links(&url, &name),
        more: cards(&more),
        path,
    }
}

/// Text of a badge in paragraphs.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn licence_name(url: &str) -> String {
    // Creative Commons has its terms in its addresses.
    let mut parts = url.split_once("creativecommons.org/").map(|(_, rest)| rest.split('/')).into_iter().flatten();
    match (parts.next(), parts.next(), parts.next()) {
        (Some("licenses"), Some(terms), Some(version)) => format!("CC {} {version}", terms.to_uppercase()),
        (Some("publicdomain"), Some("zero"), Some(version)) => format!("CC0 {version}"),
        _ => url.trim_start_matches("https://").trim_start_matches("http://").to_owned(),
    }
}

/// The picture of a badge.
pub async fn picture(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((did, slug, pixels)): Path<(String, String, u32)>,
    headers: HeaderMap,
) -> Response {
    let made = async {
        let size = Size::of(pixels).ok_or(Code::NotFound)?;
        let it = app.store.read(move |tx| described(tx, &did, &slug)).await?;
        let bytes = badge::picture_among(&app, it.achievement.image.iter()).await?;
        badge::drawn(&app, bytes, it.id.as_bytes(), size, "public, max-age=3600", &headers).await
    };
    match made.await {
        // A card is shown by other sites.
        Ok(mut response) => {
            response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            response
        }
        Err(refused) => problem(&app, &visitor, refused),
    }
}
