//! One view of a badge, whatever version it came in. It holds what people ask about; all that it does not know stays reachable, as
//! received, in [`Badge::data`]. Text from a badge is text: nothing here is markup.

mod v2;
mod v3;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use v2::{read_assertion, read_endorsement as read_endorsement_v2};
pub use v3::read_achievement;
pub(crate) use v3::read_credential;

/// The version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// Open Badges 0.5: everything in one object, no verification stated.
    Ob05,
    /// Open Badges 1.0.
    Ob10,
    /// Open Badges 1.1.
    Ob11,
    /// Open Badges 2.0 and 2.1, which share one data model.
    Ob20,
    /// Open Badges 3.0 in the VC 1.1 data model.
    Ob30Vc11,
    /// Open Badges 3.0 in the VC 2.0 data model.
    Ob30Vc20,
    /// Another verifiable credential, VC 1.1 data model.
    Vc11,
    /// Another verifiable credential, VC 2.0 data model.
    Vc20,
}

impl Version {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ob05 => "OB 0.5",
            Self::Ob10 => "OB 1.0",
            Self::Ob11 => "OB 1.1",
            Self::Ob20 => "OB 2.0",
            Self::Ob30Vc11 => "OB 3.0 (VC 1.1)",
            Self::Ob30Vc20 => "OB 3.0 (VC 2.0)",
            Self::Vc11 => "VC 1.1",
            Self::Vc20 => "VC 2.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A badge as a person reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Badge {
    /// The version it came in.
    pub version: Version,
    /// The types it states.
    #[serde(rename = "type")]
    pub types: Vec<String>,
    /// Its identifier.
    pub id: Option<String>,
    /// Its name: the credential's own, or else the achievement's.
    pub name: Option<String>,
    /// Its description, found likewise.
    pub description: Option<String>,
    /// What was achieved.
    pub achievement: Option<Achievement>,
    /// Who granted it.
    pub issuer: Option<Profile>,
    /// To whom.
    pub recipient: Recipient,
    /// From when it counts: `validFrom`, `issuanceDate`, `issuedOn`.
    pub issued_on: Option<Timestamp>,
    /// When it was awarded, where that is stated apart (`awardedDate`).
    pub awarded_on: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// How it was earned by this person.
    pub narrative: Option<String>,
    /// The picture of this award.
    pub image: Option<Image>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Results: scores, levels, grades.
    pub results: Vec<ResultEntry>,
    /// How many endorsements it carries.
    pub endorsements: usize,
    /// The credential as received.
    pub data: Value,
}

/// What was achieved; a `BadgeClass` in Open Badges 1 and 2.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Achievement {
    /// Its identifier.
    pub id: Option<String>,
    /// Kinds of achievement (`achievementType`).
    pub kind: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// How to earn it, as text.
    pub criteria: Option<String>,
    /// How to earn it, as a page.
    pub criteria_url: Option<String>,
    /// Its picture.
    pub image: Option<Image>,
    /// Skills and frameworks it is aligned with.
    pub alignment: Vec<Alignment>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Who described it, when that is not the issuer.
    pub creator: Option<Box<Profile>>,
}

/// An issuer, a creator or an endorser.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Profile {
    /// A DID or URL.
    pub id: Option<String>,
    /// A claim, not a fact.
    pub name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
    /// Its picture.
    pub image: Option<Image>,
}

/// A picture by URL or `data:` URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Where it is.
    pub uri: String,
    /// Its words.
    pub caption: Option<String>,
}

impl Image {
    /// The picture itself, where it stands in its own address (RFC 2397).
    ///
    /// ```
    /// use satchel_badge::model::Image;
    /// let image = |uri: &str| Image { uri: uri.into(), caption: None };
    /// assert_eq!(image("data:image/svg+xml,%3Csvg/%3E").data().as_deref(), Some(&b"<svg/>"[..]));
    /// assert_eq!(image("data:image/png;base64,AAAA").data().as_deref(), Some(&[0, 0, 0][..]));
    /// assert_eq!(image("data:text/html,x").data(), None);
    /// ```
    pub fn data(&self) -> Option<Vec<u8>> {
        let (head, body) = self.uri.strip_prefix("data:image/")?.split_once(',')?;
        if head.ends_with(";base64") {
            let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            return STANDARD.decode(&body).ok();
        }
        let mut bytes = body.bytes();
        let mut data = Vec::with_capacity(body.len());
        while let Some(byte) = bytes.next() {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            data.push(if byte == b'%' { digit(bytes.next()?)? << 4 | digit(bytes.next()?)? } else { byte });
        }
        Some(data)
    }
}

/// A skill or a part of a framework.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Alignment {
    /// Its name.
    pub name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// The framework.
    pub framework: Option<String>,
    /// Its code there.
    pub code: Option<String>,
}

/// A piece of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Where it is.
    pub url: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its story.
    pub narrative: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its kind.
    pub genre: Option<String>,
    /// For whom it is.
    pub audience: Option<String>,
}

/// A result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResultEntry {
    /// What was measured, by the name of its description.
    pub name: Option<String>,
    /// The value, or the level reached.
    pub value: Option<String>,
    /// How far it is.
    pub status: Option<String>,
}

/// To whom a badge was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recipient {
    /// A DID or another address of the subject.
    pub id: Option<String>,
    /// The name, when the badge states one.
    pub name: Option<String>,
    /// Identities, mostly hashed.
    pub identities: Vec<Identity>,
}

/// An identity of a recipient (OB 3.0, B.2.9 `IdentityObject`; OB 2.0, 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// What it is: `email`, `emailAddress`, ...
    pub kind: Option<String>,
    /// Whether `value` is a hash.
    pub hashed: bool,
    /// The identity, or `sha256$` or `md5$` and its hash in hex.
    pub value: String,
    /// What is added to the identity before it is hashed.
    pub salt: Option<String>,
}

impl Identity {
    /// Whether this is the identity of `who`, as given or in lower case.
    pub fn is_of(&self, who: &str) -> bool {
        let lower = who.to_ascii_lowercase();
        [who, lower.as_str()].into_iter().any(|who| self.equals(who))
    }

    fn equals(&self, who: &str) -> bool {
        let Some((algorithm, hash)) = self.value.split_once('$').filter(|_| self.hashed) else {
            return !self.hashed && (self.value == who || self.value.to_ascii_lowercase() == who);
        };
        let salted = format!("{who}{}", self.salt.as_deref().unwrap_or_default());
        let computed = match algorithm.to_ascii_lowercase().as_str() {
            "sha256" => crate::hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, salted.as_bytes()).as_ref()),
            "md5" => crate::hex(&<md5::Md5 as md5::Digest>::digest(salted.as_bytes())),
            _ => return false,
        };
        computed.eq_ignore_ascii_case(hash)
    }
}

impl Recipient {
    /// Whether the badge says to whom it was given.
    pub fn is_stated(&self) -> bool {
        self.id.is_some() || !self.identities.is_empty()
    }

    /// Whether `who`, an e-mail address or another identifier, is the recipient.
    pub fn is(&self, who: &str) -> bool {
        let is_address = |address: &str| address == who || (address.contains('@') && address.eq_ignore_ascii_case(who));
        let named = self.id.as_deref().is_some_and(|id| id == who || id.strip_prefix("mailto:").is_some_and(is_address));
        named || self.identities.iter().any(|identity| identity.is_of(who))
    }
}

// ---- Reading members, each of which may be missing, null, or of another type ----

/// A text.
pub(crate) fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(plain)
}

/// A text, or the first text of a language map, or a value object.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => map.get("@value").and_then(Value::as_str).map(str::to_owned),
        Value::Array(values) => values.iter().find_map(plain),
        _ => None,
    }
}

/// One value or many, as many.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    match value.get(name) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values,
        Some(single) => std::slice::from_ref(single),
    }
}

/// The identifier of a node given as an address or as an object.
pub(crate) fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()),
        Value::Object(map) => map.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// The types of a node.
pub(crate) fn types(value: &Value) -> Vec<String> {
    list(value, "type").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn has_type(value: &Value, name: &str) -> bool {
    list(value, "type").iter().any(|kind| kind == name)
}

fn image(value: &Value, name: &str) -> Option<Image> {
    let value = list(value, name).first()?;
    Some(Image { uri: id_of(value)?, caption: text(value, "caption") })
}

fn profile(value: &Value) -> Profile {
    if let Some(id) = value.as_str() {
        return Profile { id: Some(id.to_owned()), ..Profile::default() };
    }
    Profile {
        id: id_of(value),
        name: text(value, "name"),
        url: text(value, "url"),
        email: text(value, "email"),
        description: text(value, "description"),
        image: image(value, "image"),
    }
}

fn evidence(value: &Value) -> Evidence {
    Evidence {
        url: id_of(value),
        name: text(value, "name"),
        narrative: text(value, "narrative"),
        description: text(value, "description"),
        genre: text(value, "genre"),
        audience: text(value, "audience"),
    }
}

fn alignment(value: &Value) -> Alignment {
    let either = |new: &str, old: &str| text(value, new).or_else(|| text(value, old));
    Alignment {
        name: either("targetName", "name"),
        url: either("targetUrl", "url"),
        description: either("targetDescription", "description"),
        framework: text(value, "targetFramework"),
        code: text(value, "targetCode"),
    }
}

fn strings(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().filter_map(plain).collect()
}
