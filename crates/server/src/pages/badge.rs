//! A badge as a page shows it, its picture, and its files: the signed forms as they were uploaded, and both baked pictures (R37). Reading,
//! drawing and baking keep a processor busy, so they run on the pool; what the same bytes give is kept for a while.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_badge::check::read_unchecked;
use satchel_badge::model::{Badge, Image};
use satchel_picture::Side;
use satchel_protocol::{Code, Id, Problem, sha256};

use super::prose::Prose;
use super::words::Words;
use crate::state::{App, now};
use crate::store::award::Award;
use crate::store::{Error, document, issuer};

/// A badge, ready for a template. All of it is text of the issuer, which templates escape.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own for the template")]
pub struct Shown {
    /// Its id here.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Who gave it.
    pub issuer: String,
    /// Who gave it, and when.
    pub byline: String,
    /// The issuer's id here, and when it was given.
    by: (Id, Option<String>),
    /// What it is for.
    pub description: Prose,
    /// How it is earned.
    pub criteria: Prose,
    /// Where that is written.
    pub criteria_url: Option<String>,
    /// What this person did.
    pub narrative: Prose,
    /// Skills.
    pub skills: Vec<String>,
    /// Until when, as words.
    pub expires: Option<String>,
    /// What the picture shows.
    pub caption: String,
    /// Whether the holder keeps it off the page.
    pub hidden: bool,
    /// Whether the issuer took it back.
    pub revoked: bool,
    /// Whether its time has run out.
    pub expired: bool,
    /// Whether there is a form of Open Badges 2.0.
    pub has_ob2: bool,
    /// The name of the file with the Open Badges 3.0 form: `badge.json` or `badge.jwt`.
    pub ob3_file: &'static str,
}

/// The badge in a signed form, as a person reads it. Nothing of it depends on the time; what does is judged when it is shown.
fn read(app: &App, bytes: &[u8]) -> Option<Arc<Badge>> {
    let hash = sha256(bytes);
    if let Some(known) = app.readings.get(&hash) {
        return Some(known);
    }
    // What a check says was settled when the award was uploaded.
    let badge = Arc::new(read_unchecked(bytes)?);
    app.readings.keep(hash, Arc::clone(&badge), 2 * bytes.len());
    Some(badge)
}

/// Awards as a page shows them; those that were erased are left out.
///
/// # Errors
/// That too much waits.
pub async fn all(app: &Arc<App>, awards: Vec<Award>, w: Words) -> Result<Vec<Shown>, Problem> {
    let at_hand = |award: &Award| award.ob3.as_deref().is_none_or(|bytes| app.readings.get(&sha256(bytes)).is_some());
    let all: Vec<Shown> = if awards.iter().all(at_hand) {
        awards.iter().filter_map(|award| shown(app, award, w, now())).collect()
    } else {
        let reader = Arc::clone(app);
        app.pool.run(move || awards.iter().filter_map(|award| shown(&reader, award, w, now())).collect()).await?
    };
    told_apart(app, all).await
}

/// The same, with what tells each issuer apart where another one here has a name that could be taken for its own.
async fn told_apart(app: &App, mut all: Vec<Shown>) -> Result<Vec<Shown>, Problem> {
    let names: HashSet<(Id, String)> = all.iter().map(|it| (it.by.0, it.issuer.clone())).collect();
    let called = app.store.read(move |tx| {
        let called = |(id, name): &(Id, String)| Ok(((*id, name.clone()), issuer::called_by(tx, *id, name)?));
        names.iter().map(called).collect::<Result<HashMap<_, _>, Error>>()
    });
    let called = called.await?;
    for it in &mut all {
        let key = (it.by.0, std::mem::take(&mut it.issuer));
        it.issuer = called.get(&key).cloned().unwrap_or(key.1);
        let parts = [Some(it.issuer.clone()), it.by.1.take()].into_iter().flatten();
        it.byline = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    }
    Ok(all)
}

/// An award as a page shows it; none once it was erased.
///
/// # Errors
/// That too much waits.
pub async fn one(app: &Arc<App>, award: Award, w: Words) -> Result<Option<Shown>, Problem> {
    Ok(all(app, vec![award], w).await?.pop())
}

fn shown(app: &App, award: &Award, w: Words, now: Timestamp) -> Option<Shown> {
    let form = award.ob3.as_deref()?;
    let badge = read(app, form)?;
    let achievement = badge.achievement.as_ref();
    let issuer = badge.issuer.as_ref().and_then(|issuer| issuer.name.clone()).unwrap_or_default();
    let when = badge.awarded_on.or(badge.issued_on).map(|time| w.date(time));
    let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Some(Shown {
        id: award.id,
        name: badge.name.clone().unwrap_or_else(|| award.name.clone()),
        issuer,
        byline: String::new(),
        by: (award.issuer, when),
        description: Prose::under(1, achievement.and_then(|it| it.description.as_ref())),
        criteria: Prose::under(2, achievement.and_then(|it| it.criteria.as_ref())),
        criteria_url: achievement.and_then(|it| it.criteria_url.clone()).filter(web),
        narrative: Prose::under(2, badge.narrative.as_ref()),
        skills: achievement.iter().flat_map(|it| &it.alignment).filter_map(|it| it.name.clone()).collect(),
        expires: badge.expires.map(|time| w.date(time)),
        caption: images(&badge).next().and_then(|image| image.caption.clone()).unwrap_or_default(),
        hidden: award.hidden,
        revoked: award.revoked.is_some(),
        expired: badge.expires.is_some_and(|time| time < now),
        has_ob2: award.ob2.is_some(),
        ob3_file: if is_json(form) { "badge.json" } else { "badge.jwt" },
    })
}

/// The pictures of a badge, its own first.
fn images(badge: &Badge) -> impl Iterator<Item = &Image> {
    badge.image.iter().chain(badge.achievement.as_ref().and_then(|it| it.image.as_ref()))
}

fn is_json(form: &[u8]) -> bool {
    form.trim_ascii_start().starts_with(b"{")
}

/// The picture of a badge, as bytes of any kind: one within it, or one that its issuer published here. No other host is asked for any.
async fn picture_of(app: &App, badge: &Badge) -> Result<Option<Vec<u8>>, Problem> {
    picture_among(app, images(badge)).await
}

/// The same, of these pictures.
pub async fn picture_among(app: &App, images: impl Iterator<Item = &Image>) -> Result<Option<Vec<u8>>, Problem> {
    for image in images {
        if let Some(bytes) = image.data() {
            return Ok(Some(bytes));
        }
        let path = image.uri.strip_prefix(&app.origin).and_then(|path| path.strip_prefix("/issuers/"));
        if let Some((did, path)) = path.and_then(|path| path.split_once('/')) {
            let (did, path) = (did.to_owned(), path.to_owned());
            let found = app.store.read(move |tx| Ok(document::of_did(tx, &did, &path)?)).await?;
            if let Some(found) = found.filter(|it| it.media == "image/png") {
                return Ok(Some(found.bytes));
            }
        }
    }
    Ok(None)
}

async fn badge_of(app: &Arc<App>, award: &Award) -> Result<Arc<Badge>, Problem> {
    let Some(form) = award.ob3.clone() else { return Err(Code::NotFound.into()) };
    let reader = Arc::clone(app);
    app.pool.run(move || read(&reader, &form)).await?.ok_or_else(|| Code::NotFound.into())
}

/// A picture that whoever may see it may see again; nobody between may keep it.
pub const OWN: &str = "private, max-age=3600";

/// A picture that is asked for again at each look, so that it ends when it is shown no more.
pub const SHOWN: &str = "private, no-cache";

/// The picture of an award, drawn anew whatever it was (S01), or a plain one.
///
/// # Errors
/// That there is none any more, that too much waits, or what the database said.
pub async fn picture(
    app: &Arc<App>,
    award: &Award,
    pixels: u32,
    cache: &'static str,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    let size = Size::of(pixels).ok_or(Code::NotFound)?;
    let badge = badge_of(app, award).await?;
    let bytes = picture_of(app, &badge).await?;
    drawn(app, bytes, award.achievement.as_bytes(), size, cache, asked).await
}

/// The size of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Of the badge alone.
    Side(Side),
    /// On the card that stands beside a link.
    Card,
}

impl Size {
    /// The size of so many pixels; 1200 is the card.
    pub fn of(pixels: u32) -> Option<Self> {
        if pixels == 1200 { Some(Self::Card) } else { Side::of(pixels).map(Self::Side) }
    }

    fn pixels(self) -> u32 {
        if let Self::Side(side) = self { side.pixels() } else { 1200 }
    }

    fn draw(self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Side(side) => satchel_picture::png(bytes, side).ok(),
            Self::Card => satchel_picture::card(bytes).ok(),
        }
    }

    fn plate(self, hash: &[u8; 32]) -> Option<Vec<u8>> {
        match self {
            Self::Side(side) => plate(hash, side),
            Self::Card => satchel_picture::card(&plate(hash, Side::Large)?).ok(),
        }
    }
}

/// A picture, drawn anew whatever it was; without one, the plate of `seed`.
///
/// # Errors
/// That too much waits.
pub async fn drawn(
    app: &Arc<App>,
    bytes: Option<Vec<u8>>,
    seed: &[u8],
    size: Size,
    cache: &'static str,
    asked: &HeaderMap,
) -> Result<Response, Problem> {
    let hash = sha256(bytes.as_deref().unwrap_or(seed));
    let pixels = size.pixels();
    let tag = format!("\"{}-{pixels}\"", URL_SAFE_NO_PAD.encode(&hash[..16]));
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let key = (hash, pixels);
    let drawn = if let Some(drawn) = app.pictures.get(&key) {
        drawn
    } else {
        let draw = move || bytes.and_then(|bytes| size.draw(&bytes)).or_else(|| size.plate(&hash));
        let drawn: Arc<[u8]> = app.pool.run(draw).await?.ok_or(Code::Internal)?.into();
        app.pictures.keep(key, Arc::clone(&drawn), drawn.len());
        drawn
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    Ok((headers, drawn.to_vec()).into_response())
}

fn plate(hash: &[u8; 32], side: Side) -> Option<Vec<u8>> {
    satchel_picture::plate(hash, side).ok()
}

/// A file of an award that somebody takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// The Open Badges 3.0 form, as uploaded.
    Ob3,
    /// The Open Badges 2.0 form, as uploaded.
    Ob2,
    /// A picture with the Open Badges 3.0 form in it.
    Ob3Png,
    /// A picture with the Open Badges 2.0 form in it.
    Ob2Png,
}

impl File {
    /// The file with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "badge.json" | "badge.jwt" => Some(Self::Ob3),
            "badge-2.0.jws" => Some(Self::Ob2),
            "badge.png" => Some(Self::Ob3Png),
            "badge-2.0.png" => Some(Self::Ob2Png),
            _ => None,
        }
    }
}

/// The bytes of a file and their media type.
///
/// # Errors
/// [`Code::NotFound`] when the award has no such form, that too much waits, or what the database said.
pub async fn file(app: &Arc<App>, award: &Award, file: File) -> Result<(Vec<u8>, &'static str), Problem> {
    let is_three = matches!(file, File::Ob3 | File::Ob3Png);
    let form = if is_three { &award.ob3 } else { &award.ob2 };
    let form = form.clone().ok_or(Code::NotFound)?;
    match file {
        File::Ob3 if is_json(&form) => Ok((form, "application/vc+ld+json")),
        File::Ob3 | File::Ob2 => Ok((form, "text/plain; charset=utf-8")),
        File::Ob3Png | File::Ob2Png => {
            let badge = badge_of(app, award).await?;
            let bytes = picture_of(app, &badge).await?;
            let hash = sha256(award.achievement.as_bytes());
            let bake = move || {
                // A PNG is baked as it is; whatever else it was is drawn first.
                let drawn = bytes.and_then(|bytes| {
                    let is_png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
                    if is_png { Some(bytes) } else { satchel_picture::png(&bytes, Side::Large).ok() }
                });
                let baked = drawn.and_then(|png| satchel_badge::bake::bake(&png, &form).ok());
                baked.or_else(|| satchel_badge::bake::bake(&plate(&hash, Side::Large)?, &form).ok())
            };
            Ok((app.pool.run(bake).await?.ok_or(Code::Internal)?, "image/png"))
        }
    }
}

/// A file of an award as an answer, named after the badge.
///
/// # Errors
/// [`Code::NotFound`] when there is no such file, or as [`file`].
pub async fn as_file(app: &Arc<App>, award: &Award, kind: Option<File>, name: &str) -> Result<Response, Problem> {
    let (bytes, media) = file(app, award, kind.ok_or(Code::NotFound)?).await?;
    Ok(attachment(bytes, media, &format!("{}-{name}", file_stem(&award.name))))
}

/// Letters of a badge's name that a file may be called by; whatever else it says stays out.
fn file_stem(name: &str) -> String {
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let joined: String = letters.collect();
    let stem = joined.split('-').filter(|part| !part.is_empty()).take(8).collect::<Vec<_>>().join("-");
    if stem.is_empty() { String::from("badge") } else { stem }
}

/// The badge in an award, for what needs more of it than a page shows.
///
/// # Errors
/// That there is none any more, or that too much waits.
pub async fn whole(app: &Arc<App>, award: &Award) -> Result<Arc<Badge>, Problem> {
    badge_of(app, award).await
}

/// An answer with a file to take along.
pub fn attachment(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c)).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{safe}\""));
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    (headers, bytes).into_response()
}
