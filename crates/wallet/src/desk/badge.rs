//! A badge that can be awarded, read from a file that staff write: `name`, `description` and `criteria` are needed.
//!
//! ```json
//! {"name": "Careful Welding", "description": "Welds steel plates.", "criteria": {"narrative": "Weld five seams."},
//!  "image": {"id": "welding.svg", "caption": "A seam"}, "achievementType": "Competency", "inLanguage": "en", "tags": ["craft"],
//!  "slug": "welding",
//!  "alignment": [{"targetName": "weld", "targetUrl": "http://data.europa.eu/esco/skill/…", "targetFramework": "ESCO"}]}
//! ```

use std::path::Path;

use jiff::Timestamp;
use satchel_badge::json;
use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, SignError, sign_credential};
use satchel_picture::{Side, plate, png};
use satchel_protocol::achievement::{self, ADDRESS, MANY, MAX_BYTES, NAME, TARGETS, TEXT};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::store::badge::{self, Kept};
use super::{Desk, DeskError, Why, Wrong, compose};
use crate::store::to_micros;
use crate::{Sha256, random};

/// Bytes of a picture that is kept as it is.
const MAX_PICTURE: usize = 256 << 10;

/// A badge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    /// Its name in commands and addresses.
    pub slug: String,
    /// Its identifier in every award.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What it takes, in words.
    pub narrative: Option<String>,
    /// What it takes, as an address.
    pub criteria: Option<String>,
    /// What the picture shows.
    pub caption: Option<String>,
    /// What kind of achievement it is (OB 3.0, `AchievementType`).
    pub achievement_type: Option<String>,
    /// The language that it is written in (BCP 47).
    #[serde(default)]
    pub language: Option<String>,
    /// Words under which it is found.
    pub tags: Vec<String>,
    /// The skills and frameworks that it belongs to.
    pub alignment: Vec<Map<String, Value>>,
}

/// What became of the file of a badge.
#[derive(Clone, Debug)]
pub struct Made {
    /// The badge.
    pub badge: Badge,
    /// Whether it was not there before.
    pub new: bool,
}

impl Desk {
    /// Makes a badge from a file. The same file once more changes nothing.
    ///
    /// # Errors
    /// Everything that is wrong with it, or another badge has its name.
    pub fn add_badge(&self, file: &Path, now: Timestamp) -> Result<Made, DeskError> {
        let mut reader = Reader::default();
        let found = reader.badge(file, &read(file)?);
        let said = reader.said.faults.into_iter().map(|fault| Wrong::new(fault.about, fault.why.into()));
        let faults: Vec<Wrong> = said.chain(reader.faults).collect();
        let bad = |faults| DeskError::BadBadge { path: file.display().to_string(), faults };
        let (badge, picture) = found.filter(|_| faults.is_empty()).ok_or_else(|| bad(faults))?;
        self.try_out(&badge, now).map_err(bad)?;
        let document = serde_json::to_string(&badge).unwrap_or_default();
        let kept = Kept { slug: badge.slug.clone(), document, picture, made: to_micros(now) };
        if self.store.write(|db| badge::add(db, &kept))? {
            return Ok(Made { badge, new: true });
        }
        let (known, picture) = self.badge(&badge.slug)?;
        let same = Badge { id: known.id.clone(), ..badge } == known && picture == kept.picture;
        if same { Ok(Made { badge: known, new: false }) } else { Err(DeskError::BadgeExists { slug: kept.slug }) }
    }

    /// The badge of this name, and its picture.
    ///
    /// # Errors
    /// There is none.
    pub fn badge(&self, slug: &str) -> Result<(Badge, Vec<u8>), DeskError> {
        let kept = self.store.read(|db| badge::get(db, slug))?;
        let kept = kept.ok_or_else(|| DeskError::UnknownBadge { slug: slug.to_owned() })?;
        Ok((kept.badge()?, kept.picture))
    }

    /// Every badge, by its name in commands.
    ///
    /// # Errors
    /// What the database said.
    pub fn badges(&self) -> Result<Vec<Badge>, DeskError> {
        self.store.read(badge::all)?.iter().map(Kept::badge).collect()
    }

    /// Whether an award of it would be accepted, by one of a key that is thrown away.
    fn try_out(&self, badge: &Badge, now: Timestamp) -> Result<(), Vec<Wrong>> {
        let key = Ed25519Signer::did_key(&random::bytes());
        let sample = compose::sample(&self.issuer, key.controller(), badge, now);
        match sign_credential(&sample, &key, now, &Library::default()) {
            Ok(_) => Ok(()),
            Err(SignError::Refused(lines)) => {
                Err(lines.iter().map(|line| Wrong::new(line.details.join(" "), Why::WrongType)).collect())
            }
            Err(error) => Err(vec![Wrong::new(error.to_string(), Why::WrongType)]),
        }
    }
}

impl Kept {
    /// The badge.
    pub(super) fn badge(&self) -> Result<Badge, DeskError> {
        let torn = |error: serde_json::Error| crate::WalletError::damaged(format!("wallet.db: {error}"));
        Ok(serde_json::from_str(&self.document).map_err(torn)?)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, DeskError> {
    let failed = |error: std::io::Error| DeskError::unreadable(file, &error);
    if usize::try_from(file.metadata().map_err(failed)?.len()).is_ok_and(|size| size > MAX_BYTES) {
        let faults = vec![Wrong::new("", Why::TooLarge)];
        return Err(DeskError::BadBadge { path: file.display().to_string(), faults });
    }
    crate::inspect::read(file).map_err(failed)
}

/// Reads the members of a file, and notes all that is wrong.
#[derive(Default)]
struct Reader {
    /// By the rules that a server has too.
    said: achievement::Reader,
    /// What else there is in a file.
    faults: Vec<Wrong>,
}

const MEMBERS: [&str; 9] =
    ["name", "description", "criteria", "image", "alignment", "achievementType", "inLanguage", "tags", "slug"];

impl Reader {
    fn wrong(&mut self, about: impl Into<String>, why: Why) {
        self.faults.push(Wrong::new(about, why));
    }

    fn badge(&mut self, file: &Path, bytes: &[u8]) -> Option<(Badge, Vec<u8>)> {
        let Ok(Value::Object(members)) = json::parse(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) else {
            self.wrong("", Why::NotJson);
            return None;
        };
        self.known(&members, "", &MEMBERS);
        let name = self.said.text(&members, "", "name", NAME, true).unwrap_or_default();
        let description = self.said.text(&members, "", "description", TEXT, true).unwrap_or_default();
        let (criteria, narrative) = self.criteria(members.get("criteria"));
        let (achievement_type, language) = (self.said.kind(&members), self.said.language(&members));
        let slug = self.slug(&members, &name);
        let (tags, alignment) = (self.said.tags(&members, "tags"), self.alignment(&members));
        let (picture, caption) = self.image(file, &members, &slug)?;
        let id = random::urn();
        let badge =
            Badge { slug, id, name, description, narrative, criteria, caption, achievement_type, language, tags, alignment };
        Some((badge, picture))
    }

    /// A member that is not known may be one that is misspelled.
    fn known(&mut self, members: &Map<String, Value>, within: &str, known: &[&str]) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(format!("{within}{name}"), Why::Unknown);
        }
    }

    /// Words, an address, or both; words alone may stand without an object.
    fn criteria(&mut self, criteria: Option<&Value>) -> (Option<String>, Option<String>) {
        match criteria {
            Some(Value::String(text)) if !text.trim().is_empty() => {
                self.said.criteria(&Map::from_iter([(String::from("narrative"), Value::from(text.as_str()))]))
            }
            Some(Value::Object(members)) => {
                self.known(members, "criteria.", &["id", "narrative"]);
                self.said.criteria(members)
            }
            None | Some(Value::Null | Value::String(_)) => {
                self.wrong("criteria", Why::Missing);
                (None, None)
            }
            Some(_) => {
                self.wrong("criteria", Why::WrongType);
                (None, None)
            }
        }
    }

    /// Alignments, each with members that are known.
    fn alignment(&mut self, members: &Map<String, Value>) -> Vec<Map<String, Value>> {
        let all = members.get("alignment").and_then(Value::as_array).map_or(&[][..], |all| all.get(..MANY).unwrap_or(all));
        for (at, alignment) in all.iter().enumerate() {
            if let Value::Object(members) = alignment {
                self.known(members, &format!("alignment.{at}."), &TARGETS.map(|(name, _)| name));
            }
        }
        self.said.alignment(members)
    }

    fn slug(&mut self, members: &Map<String, Value>, name: &str) -> String {
        let slug = match self.said.text(members, "", "slug", NAME, false) {
            Some(slug) => slug,
            None => slug_of(name),
        };
        let plain = slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !plain || slug.is_empty() || slug.len() > 64 {
            self.wrong("slug", Why::NotASlug);
        }
        slug
    }

    /// The picture as a PNG. A badge without one gets a plain plate.
    fn image(&mut self, file: &Path, members: &Map<String, Value>, slug: &str) -> Option<(Vec<u8>, Option<String>)> {
        let (path, caption) = match members.get("image") {
            None | Some(Value::Null) => (None, None),
            Some(Value::Object(image)) => {
                self.known(image, "image.", &["id", "caption"]);
                (self.said.text(image, "image.", "id", ADDRESS, true), self.said.text(image, "image.", "caption", TEXT, false))
            }
            Some(_) => (self.said.text(members, "", "image", ADDRESS, true), None),
        };
        let Some(path) = path else {
            let drawn = plate(Sha256::of(slug.as_bytes()).as_bytes(), Side::Large).ok()?;
            return Some((drawn, caption));
        };
        let beside = file.parent().unwrap_or(Path::new("")).join(&path);
        if !beside.exists() {
            self.wrong(format!("image {path}"), Why::NoFile);
            return None;
        }
        let size = beside.metadata().map_or(0, |found| usize::try_from(found.len()).unwrap_or(usize::MAX));
        let bytes = if size > satchel_picture::limits::MAX_BYTES { None } else { std::fs::read(&beside).ok() };
        if bytes.as_deref().is_some_and(satchel_picture::has_text) {
            self.wrong(format!("image {path}"), Why::TextInPicture);
            return None;
        }
        let png = bytes.as_deref().and_then(picture);
        if png.is_none() {
            self.wrong(format!("image {path}"), Why::NotAPicture);
        }
        Some((png?, caption))
    }
}

/// A picture as it goes into awards: a small PNG as it is, anything else drawn anew.
fn picture(bytes: &[u8]) -> Option<Vec<u8>> {
    let drawn = png(bytes, Side::Large).ok()?;
    let bare = satchel_badge::container::open_bytes(bytes).embedded.is_empty();
    if bytes.starts_with(b"\x89PNG") && bytes.len() <= MAX_PICTURE && bare {
        return Some(bytes.to_vec());
    }
    if drawn.len() <= MAX_PICTURE { Some(drawn) } else { png(bytes, Side::Medium).ok() }
}

/// A name for commands and addresses.
fn slug_of(name: &str) -> String {
    let folded = satchel_protocol::fold::fold(name);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    slug.truncate(64);
    slug.trim_end_matches('-').to_owned()
}
