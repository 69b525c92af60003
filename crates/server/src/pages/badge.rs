//! A badge as a page shows it, and its files: the signed forms as they were uploaded, and both baked pictures (R37).

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::evidence::Evidence;
use satchel_badge::model::Badge;
use satchel_protocol::{Code, Id, Problem};

use super::words::Words;
use crate::state::App;
use crate::store::award::Award;
use crate::store::{Error, StoreError, Tx, document};

/// A badge, ready for a template. All of it is text of the issuer, which templates escape.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own for the template")]
pub struct Shown {
    /// Its id here.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Who gave it, and when.
    pub byline: String,
    /// What it is for.
    pub description: String,
    /// How it is earned.
    pub criteria: String,
    /// Where that is written.
    pub criteria_url: Option<String>,
    /// What this person did.
    pub narrative: String,
    /// Skills.
    pub skills: Vec<String>,
    /// Until when, as words.
    pub expires: Option<String>,
    /// The picture, as a `data:` URI of a PNG or a path of ours.
    pub picture: Option<String>,
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
}

/// The badge in a signed form, as a person reads it.
pub fn read(bytes: &[u8], now: Timestamp) -> Option<Box<Badge>> {
    // Reading is part of checking; what a check says was settled when the award was uploaded.
    check(bytes, &Evidence::default(), &Policy::default(), now).into_iter().next()?.badge
}

/// An award as a page shows it; none once it was erased.
pub fn shown(app: &App, award: &Award, w: Words, now: Timestamp) -> Option<Shown> {
    let badge = read(award.ob3.as_deref()?, now)?;
    let achievement = badge.achievement.clone().unwrap_or_default();
    let issuer = badge.issuer.as_ref().and_then(|issuer| issuer.name.clone()).unwrap_or_default();
    let when = badge.awarded_on.or(badge.issued_on).map(|time| w.date(time));
    let picture = badge.image.clone().or(achievement.image.clone());
    let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Some(Shown {
        id: award.id,
        name: badge.name.clone().unwrap_or_else(|| award.name.clone()),
        byline: [Some(issuer), when].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        description: achievement.description.unwrap_or_default(),
        criteria: achievement.criteria.unwrap_or_default(),
        criteria_url: achievement.criteria_url.filter(web),
        narrative: badge.narrative.clone().unwrap_or_default(),
        skills: achievement.alignment.into_iter().filter_map(|it| it.name).collect(),
        expires: badge.expires.map(|time| w.date(time)),
        caption: picture.as_ref().and_then(|picture| picture.caption.clone()).unwrap_or_default(),
        picture: picture.and_then(|picture| source(app, &picture.uri)),
        hidden: award.hidden,
        revoked: award.revoked.is_some(),
        expired: badge.expires.is_some_and(|time| time < now),
        has_ob2: award.ob2.is_some(),
    })
}

/// A picture that a page may show: a PNG within the badge, or one that lies here. No other host is asked for any.
fn source(app: &App, uri: &str) -> Option<String> {
    if png_of(uri).is_some() {
        return Some(uri.to_owned());
    }
    let path = uri.strip_prefix(&app.origin)?;
    path.starts_with("/issuers/").then(|| path.to_owned())
}

/// The PNG in a `data:` URI.
fn png_of(uri: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(uri.strip_prefix("data:image/png;base64,")?).ok()?;
    bytes.starts_with(b"\x89PNG\r\n\x1a\n").then_some(bytes)
}

/// The picture of an award, as bytes.
///
/// # Errors
/// What the database said.
pub fn picture(app: &App, tx: &mut Tx<'_>, badge: &Badge) -> Result<Option<Vec<u8>>, StoreError> {
    let images = [badge.image.as_ref(), badge.achievement.as_ref().and_then(|it| it.image.as_ref())];
    for image in images.into_iter().flatten() {
        if let Some(png) = png_of(&image.uri) {
            return Ok(Some(png));
        }
        let path = image.uri.strip_prefix(&app.origin).and_then(|path| path.strip_prefix("/issuers/"));
        if let Some((did, path)) = path.and_then(|path| path.split_once('/'))
            && let Some(found) = document::of_did(tx, did, path)?.filter(|it| it.media == "image/png")
        {
            return Ok(Some(found.bytes));
        }
    }
    Ok(None)
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
/// [`Code::NotFound`] when the award has no such form, or no picture to bake it into.
pub fn file(app: &App, tx: &mut Tx<'_>, award: &Award, file: File, now: Timestamp) -> Result<(Vec<u8>, &'static str), Error> {
    let missing = || Problem::bare(Code::NotFound);
    let is_three = matches!(file, File::Ob3 | File::Ob3Png);
    let form = if is_three { &award.ob3 } else { &award.ob2 };
    let form = form.clone().ok_or_else(missing)?;
    let is_json = form.trim_ascii_start().starts_with(b"{");
    match file {
        File::Ob3 if is_json => Ok((form, "application/vc+ld+json")),
        File::Ob3 | File::Ob2 => Ok((form, "text/plain; charset=utf-8")),
        File::Ob3Png | File::Ob2Png => {
            let badge = read(award.ob3.as_deref().unwrap_or_default(), now).ok_or_else(missing)?;
            let picture = picture(app, tx, &badge)?.unwrap_or_else(|| include_bytes!("../../assets/plain.png").to_vec());
            let baked = satchel_badge::bake::bake(&picture, &form).map_err(|_| Problem::bare(Code::Internal))?;
            Ok((baked, "image/png"))
        }
    }
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
