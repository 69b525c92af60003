//! What an embedded text is: a credential, an assertion, or a link to one. Told by its marks (OB 2.0, 3; OB 3.0, B; the dossier's table of
//! versions), never by the name of the file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::code::Code;
use crate::container::{Keyword, has_marks, megabytes};
use crate::json::{self, JsonError};
use crate::limits::{MAX_CREDENTIAL, MAX_JSON_DEPTH, MAX_JSON_VALUES};
use crate::model::{Version, has_type, list};
use crate::proof::jws::{self, Jws, JwsError};
use crate::report::Line;

/// What an embedded text is.
pub(super) enum Payload<'a> {
    Credential(Credential<'a>),
    Assertion(Assertion<'a>),
    /// The address of a hosted assertion.
    Url(&'a str),
    /// A compact JWS that stands in a credential of its own (VCDM 2.0, 4.13).
    Envelope(String),
}

/// A verifiable credential.
pub(super) struct Credential<'a> {
    pub(super) value: Value,
    pub(super) version: Version,
    /// The JWS that it came in, its payload taken out where that is the credential; none with proofs of its own.
    pub(super) jws: Option<Jws<'a>>,
}

impl Credential<'_> {
    /// The claims of the JWS that it came in; those of a VC 2.0 are its own members (VC-JOSE-COSE, 3.1).
    pub(super) fn claims(&self) -> Option<&Value> {
        self.jws.as_ref().map(|jws| if jws.payload.is_null() { &self.value } else { &jws.payload })
    }
}

/// An assertion or endorsement of Open Badges 2.0 or earlier.
pub(super) struct Assertion<'a> {
    pub(super) value: Value,
    pub(super) version: Version,
    pub(super) jws: Option<Jws<'a>>,
}

const VC_1: &str = "https://www.w3.org/2018/credentials/v1";
const VC_2: &str = "https://www.w3.org/ns/credentials/v2";
const OB_2: [&str; 2] = ["https://w3id.org/openbadges/v2", "https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld"];
const OB_3: &str = "https://purl.imsglobal.org/spec/ob/v3p0/";
const OB_1: &str = "https://w3id.org/openbadges/v1";
/// Where versions of the formats are named; one that is not among those above is one that Satchel does not know.
const FAMILIES: [&str; 4] = [
    "https://www.w3.org/ns/credentials/v",
    "https://www.w3.org/2018/credentials/v",
    "https://w3id.org/openbadges/",
    "https://purl.imsglobal.org/spec/ob/",
];
/// The types of Open Badges 3.0 (OB 3.0, B.1).
const OB_3_TYPES: [&str; 3] = ["OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"];
/// What describes a badge or an issuer and is nobody's award.
const DESCRIPTIONS: [&str; 8] =
    ["BadgeClass", "Issuer", "Profile", "Achievement", "CryptographicKey", "RevocationList", "Criteria", "AlignmentObject"];

/// Reads an embedded text.
pub(super) fn read(text: &[u8], keyword: Option<Keyword>) -> Result<Payload<'_>, Line> {
    if text.len() > MAX_CREDENTIAL {
        return Err(Line::new(Code::TooLarge, [megabytes(MAX_CREDENTIAL)]));
    }
    let text = std::str::from_utf8(text).map_err(|_| Line::bare(Code::NotUtf8))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') || text.starts_with('[') {
        let value = json::parse(text.as_bytes()).map_err(|error| match error {
            // What many other files in braces are: logs, settings with comments, serial numbers.
            JsonError::Malformed(_) | JsonError::InexactNumber(_) if keyword.is_none() && !has_marks(text) => {
                Line::bare(Code::NotABadge)
            }
            error => json_line(&error),
        })?;
        return classify(value, None);
    }
    if jws::looks_compact(text) && (keyword.is_some() || jws::has_header(text)) {
        let mut jws = Jws::parse(text).map_err(|error| match error {
            JwsError::Malformed => Line::bare(Code::MalformedJws),
            JwsError::Json(error) => json_line(&error),
        })?;
        // VC 1.1 has the credential in a claim of its own (VC Data Model 1.1, 6.3.1).
        let value = match jws.payload.get("vc") {
            Some(inner @ Value::Object(_)) => from_claims(inner.clone(), &jws.payload),
            _ => std::mem::take(&mut jws.payload),
        };
        return classify(value, Some(jws));
    }
    let is_link = text.starts_with("https://") || text.starts_with("http://");
    match keyword {
        // A link is a payload of Open Badges 1 and 2 alone (OB 3.0, 5.3.1).
        Some(Keyword::OpenBadges) if is_link && !text.contains(char::is_whitespace) => Ok(Payload::Url(text)),
        Some(_) => Err(Line::bare(Code::UnknownPayload)),
        None => Err(Line::bare(Code::UnknownFormat)),
    }
}

fn json_line(error: &JsonError) -> Line {
    match error {
        JsonError::Malformed(why) => Line::new(Code::MalformedJson, [why.clone()]),
        JsonError::DuplicateKey(name) => Line::new(Code::DuplicateKey, [name.clone()]),
        JsonError::InexactNumber(number) => Line::new(Code::InexactNumber, [number.clone()]),
        JsonError::TooDeep => Line::new(Code::TooDeep, [MAX_JSON_DEPTH.to_string()]),
        JsonError::TooMany => Line::new(Code::TooManyValues, [MAX_JSON_VALUES.to_string()]),
    }
}

/// Members that a VC 1.1 JWT may leave to its claims (VC Data Model 1.1, 6.3.1, "JWT decoding").
fn from_claims(mut credential: Value, claims: &Value) -> Value {
    let time = |name: &str| {
        let seconds = claims.get(name)?.as_i64()?;
        Some(Value::String(jiff::Timestamp::from_second(seconds).ok()?.to_string()))
    };
    let filled = [
        ("issuer", claims.get("iss").cloned()),
        ("id", claims.get("jti").cloned()),
        ("issuanceDate", time("nbf")),
        ("expirationDate", time("exp")),
    ];
    if let Some(members) = credential.as_object_mut() {
        for (name, value) in filled {
            if let Some(value) = value {
                members.entry(name).or_insert(value);
            }
        }
    }
    credential
}

pub(super) fn classify(value: Value, jws: Option<Jws<'_>>) -> Result<Payload<'_>, Line> {
    if jws.is_none() && has_type(&value, "EnvelopedVerifiableCredential") {
        return envelope(&value).map(Payload::Envelope);
    }
    let contexts: Vec<&str> = list(&value, "@context").iter().filter_map(Value::as_str).collect();
    let names = |known: &str| contexts.contains(&known);
    let is_badge = OB_3_TYPES.iter().any(|kind| has_type(&value, kind));
    let version = match (names(VC_2), names(VC_1)) {
        (true, _) if is_badge => Some(Version::Ob30Vc20),
        (true, _) => Some(Version::Vc20),
        (_, true) if is_badge => Some(Version::Ob30Vc11),
        (_, true) => Some(Version::Vc11),
        _ => None,
    };
    if let Some(version) =
        version.filter(|_| value.get("credentialSubject").is_some() || has_type(&value, "VerifiableCredential"))
    {
        return Ok(Payload::Credential(Credential { value, version, jws }));
    }
    if let Some(version) = assertion_version(&value, &contexts) {
        return Ok(Payload::Assertion(Assertion { value, version, jws }));
    }
    let unknown = contexts.iter().find(|context| {
        let known = [VC_1, VC_2, OB_1, OB_2[0], OB_2[1]].contains(context) || context.starts_with(OB_3);
        !known && FAMILIES.iter().any(|family| context.starts_with(family))
    });
    let claims_to_be = is_badge || has_type(&value, "VerifiableCredential") || has_type(&value, "Assertion");
    Err(match unknown {
        Some(context) if claims_to_be => Line::new(Code::UnknownVersion, [(*context).to_owned()]),
        _ if is_badge => Line::new(Code::MemberRefused, [String::from("/@context")]),
        _ if DESCRIPTIONS.iter().any(|kind| has_type(&value, kind)) => Line::bare(Code::NotAnAward),
        _ => Line::bare(Code::NotABadge),
    })
}

/// What stands in an envelope, whose `id` is a `data:` URL (VCDM 2.0, 4.13; RFC 2397).
fn envelope(value: &Value) -> Result<String, Line> {
    let parts = value.get("id").and_then(Value::as_str).and_then(|id| id.strip_prefix("data:")?.split_once(','));
    let Some((head, body)) = parts else { return Err(Line::new(Code::MemberRefused, [String::from("/id")])) };
    let (kind, is_base64) = head.strip_suffix(";base64").map_or((head, false), |kind| (kind, true));
    let kind = kind.split(';').next().unwrap_or_default();
    if !["application/vc+jwt", "application/vc+ld+jwt", "application/jwt"].contains(&kind) {
        return Err(Line::new(Code::ProofTypeUnknown, [kind.to_owned()]));
    }
    let decoded = if is_base64 { STANDARD.decode(body).ok().and_then(|body| String::from_utf8(body).ok()) } else { None };
    let token = decoded.unwrap_or_else(|| body.to_owned());
    if jws::looks_compact(&token) { Ok(token) } else { Err(Line::bare(Code::MalformedJws)) }
}

/// The version of a served assertion.
pub(super) fn version_of(value: &Value) -> Option<Version> {
    let contexts: Vec<&str> = list(value, "@context").iter().filter_map(Value::as_str).collect();
    assertion_version(value, &contexts)
}

/// The version of an assertion, told by its marks.
fn assertion_version(value: &Value, contexts: &[&str]) -> Option<Version> {
    let has = |name: &str| value.get(name).is_some_and(|member| !member.is_null());
    let stated = contexts.iter().any(|context| OB_2.contains(context));
    if (stated || value.get("@context").is_some_and(Value::is_object))
        && (has_type(value, "Assertion") || has_type(value, "Endorsement"))
    {
        return Some(Version::Ob20);
    }
    if stated && has("badge") && has("recipient") {
        return Some(Version::Ob20);
    }
    if contexts.contains(&OB_1) && has("badge") {
        return Some(Version::Ob11);
    }
    if !contexts.is_empty() || !has("badge") {
        return None;
    }
    let embedded = value.get("badge").is_some_and(Value::is_object);
    match (has("uid"), has("verify")) {
        (true, _) | (_, true) => Some(Version::Ob10),
        _ if embedded && has("recipient") => Some(Version::Ob05),
        _ => None,
    }
}
