//! What issuers publish, under addresses that stay: `/issuers/DID/PATH`. The desk knows them before it uploads, since it has the DID.
//!
//! Which paths there are is a closed list, and none of them can vouch for a name: no `did.json`, no DID configuration (law 6).

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Status as Outcome};
use satchel_badge::did::{self, Method};
use satchel_badge::evidence::{Document as Given, Evidence};
use satchel_badge::json;
use satchel_badge::status::{decode, number_of};
use satchel_badge::succession::Succession;
use satchel_protocol::visibility::Listing;
use satchel_protocol::{Code, Problem, achievement, sha256};
use serde_json::{Value, json};

use super::refuse;
use crate::state::App;
use crate::store::award::Status;
use crate::store::document::{self, Document};
use crate::store::{issuer, listing};

/// Bytes of a document and of a picture.
pub const MAX_DOCUMENT: usize = 4 << 20;
const MAX_PICTURE: usize = 1 << 20;

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The issuer as Open Badges 2.0 has it.
    Profile,
    /// Its RSA key.
    Key,
    /// Its revoked assertions.
    Revocations,
    /// A `BadgeClass`.
    Class,
    /// An achievement of Open Badges 3.0.
    Achievement,
    /// A signed list of statuses.
    StatusList,
    /// A picture of an achievement.
    Picture,
    /// A statement by which the issuer's key passes to its successor.
    Succession,
}

/// The kind of document at a path; none for a path that is not on the list.
fn kind_of(path: &str) -> Option<Kind> {
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= 64
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    match path {
        "profile.json" => return Some(Kind::Profile),
        "key.json" => return Some(Kind::Key),
        "revocations.json" => return Some(Kind::Revocations),
        "succession.json" => return Some(Kind::Succession),
        _ => {}
    }
    let (folder, file) = path.split_once('/')?;
    let (name, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let kind = match (folder, ending) {
        ("badges", "json") => Kind::Class,
        ("achievements", "json") => Kind::Achievement,
        ("keys", "json") => Kind::Key,
        ("pictures", "png") => Kind::Picture,
        ("status", "") => Kind::StatusList,
        _ => return None,
    };
    plain(name).then_some(kind)
}

/// The address of a document.
pub fn url(app: &App, did: &str, path: &str) -> String {
    format!("{}/issuers/{did}/{path}", app.origin)
}

/// A document that may be kept: it says that it is what its path says, of this issuer.
///
/// # Errors
/// What is wrong with it.
pub fn admit(app: &App, (did, keys): (&str, &[String]), path: &str, bytes: Vec<u8>, now: Timestamp) -> Result<Document, Problem> {
    let kind = kind_of(path).ok_or(Code::NotFound)?;
    let invalid = |why: &str| Problem::new(Code::Invalid, [why.to_owned()]);
    let hash = sha256(&bytes);
    let keep = |media: &str, number, bytes| Document { path: path.to_owned(), media: media.to_owned(), bytes, hash, number };
    if kind == Kind::Picture {
        if bytes.len() > MAX_PICTURE {
            return Err(Problem::new(Code::TooLarge, [String::from("1 MB")]));
        }
        // Nothing but PNG is served: an SVG may run what its author likes (S01).
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
        return if png {
            Ok(keep("image/png", None, bytes))
        } else {
            Err(Problem::new(Code::UnsupportedType, [String::from("PNG")]))
        };
    }
    if kind == Kind::StatusList {
        let number = status_list(app, (did, keys), path, &bytes, now)?;
        let media = if bytes.trim_ascii_start().starts_with(b"{") { "application/vc+ld+json" } else { "application/vc+jwt" };
        return Ok(keep(media, Some(number), bytes));
    }
    let value = json::parse(&bytes).map_err(|_| invalid("the document is not JSON"))?;
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let here = url(app, did, path);
    let profile = url(app, did, "profile.json");
    let fits = match kind {
        Kind::Profile | Kind::Revocations => text("id") == Some(&here),
        Kind::Key => text("id") == Some(&here) && text("owner") == Some(&profile),
        Kind::Class => {
            if bytes.len() > achievement::MAX_BYTES {
                return Err(Problem::new(Code::TooLarge, [String::from("1 MB")]));
            }
            achievement::check_class(&value)?;
            text("id") == Some(&here) && issuer_of(&value) == Some(&profile)
        }
        Kind::Achievement => {
            if bytes.len() > achievement::MAX_BYTES {
                return Err(Problem::new(Code::TooLarge, [String::from("1 MB")]));
            }
            achievement::check(&value)?;
            true
        }
        Kind::Succession => text("id") == Some(&here) && Succession::in_document(&bytes).is_some_and(|it| it.from == did),
        Kind::StatusList | Kind::Picture => true,
    };
    if !fits {
        return Err(invalid(&format!("the document does not say that it is {here}, of {profile}")));
    }
    Ok(keep("application/ld+json", None, bytes))
}

fn issuer_of(class: &Value) -> Option<&str> {
    let issuer = class.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id")?.as_str())
}

/// A status list counts when this issuer signed it, for this address; its number.
fn status_list(app: &App, (did, keys): (&str, &[String]), path: &str, bytes: &[u8], now: Timestamp) -> Result<i64, Problem> {
    let bad = |why: &str| Problem::new(Code::BadAward, [why.to_owned()]);
    let report = check(bytes, &evidence(app, did, Vec::new(), keys, now), &Policy::default(), now)
        .into_iter()
        .next()
        .ok_or_else(|| bad("empty"))?;
    let failed = report.lines.iter().find(|line| line.code.status() == Outcome::Fail);
    if let Some(line) = failed {
        return Err(bad(line.code.name()));
    }
    let passed = |id: CheckId| report.lines.iter().any(|line| line.code.check() == id && line.code.status() == Outcome::Pass);
    let badge = report.badge.as_ref().ok_or_else(|| bad("not_a_credential"))?;
    let issuer = badge.issuer.as_ref().and_then(|issuer| issuer.id.as_deref());
    // After a succession the successor signs the lists.
    let speaks = |id: &str| id == did || keys.iter().any(|key| did::without_fragment(key) == id);
    if !passed(CheckId::Proof) || !passed(CheckId::Issuer) || !issuer.is_some_and(speaks) {
        return Err(bad("issuer"));
    }
    let id = badge.id.as_deref().unwrap_or_default();
    let here = url(app, did, path);
    let number = number_of(id).filter(|_| id.starts_with(&here));
    number.and_then(|number| i64::try_from(number).ok()).ok_or_else(|| {
        Problem::new(Code::Invalid, [format!("the id of a status list is its address and its number, such as {here}#1")])
    })
}

/// What was signed: the JSON itself, or the payload of a compact JWS. For what was checked before.
fn content(form: &[u8]) -> Option<Value> {
    if form.trim_ascii_start().starts_with(b"{") {
        return json::parse(form).ok();
    }
    let text = std::str::from_utf8(form).ok()?.trim();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    let value = json::parse(&payload).ok()?;
    Some(value.get("vc").cloned().unwrap_or(value))
}

/// The `id` of a document.
pub fn id_of(bytes: &[u8]) -> Option<String> {
    json::parse(bytes).ok()?.get("id")?.as_str().map(str::to_owned)
}

/// Who signed a list.
pub fn signer(list: &[u8]) -> Option<String> {
    issuer_of(&content(list)?).map(str::to_owned)
}

/// The bits of a list that takes badges back; none of one that says something else.
pub fn bits(list: &[u8]) -> Vec<u8> {
    let read = || {
        let value = content(list)?;
        let subject = value.get("credentialSubject")?;
        let text = |name: &str| subject.get(name).and_then(Value::as_str);
        let takes_back = matches!(text("statusPurpose"), Some("revocation" | "suspension"));
        decode(text("encodedList").filter(|_| takes_back)?)
    };
    read().unwrap_or_default()
}

/// Whether a list takes back a revocation that the one before it had, in either form. A suspension may end.
pub fn clears(path: &str, earlier: &[u8], later: &[u8]) -> bool {
    let revoking = |list: &[u8]| {
        let purpose = content(list).and_then(|it| it.pointer("/credentialSubject/statusPurpose")?.as_str().map(str::to_owned));
        if purpose.as_deref() == Some("revocation") { bits(list) } else { Vec::new() }
    };
    if path.starts_with("status/") {
        let (earlier, later) = (revoking(earlier), revoking(later));
        return earlier.iter().enumerate().any(|(at, byte)| byte & !later.get(at).unwrap_or(&0) != 0);
    }
    let later = revoked_assertions(later);
    path == "revocations.json" && revoked_assertions(earlier).iter().any(|id| !later.contains(id))
}

/// What a revocation list names (OB 2.0, 3.8).
fn revoked_assertions(list: &[u8]) -> HashSet<String> {
    let list = json::parse(list).unwrap_or_default();
    let entries = list.get("revokedAssertions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|it| it.as_str().or_else(|| it.get("id")?.as_str()).map(str::to_owned)).collect()
}

/// An entry of a list; the first is the highest bit of the first byte.
pub fn bit(bits: &[u8], index: usize) -> bool {
    bits.get(index / 8).is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1)
}

/// The entries in which two lists differ.
pub fn changed(earlier: &[u8], later: &[u8]) -> Vec<usize> {
    let length = earlier.len().max(later.len());
    let differs = |at: &usize| earlier.get(*at).unwrap_or(&0) != later.get(*at).unwrap_or(&0);
    let entries = (0..length).filter(differs).flat_map(|at| 8 * at..8 * at + 8);
    entries.filter(|index| bit(earlier, *index) != bit(later, *index)).collect()
}

/// Where the status of a badge stands, when that is a list of its issuer here.
pub fn status_of(app: &App, did: &str, data: &Value) -> Option<Status> {
    let status = data.get("credentialStatus")?;
    let entries = status.as_array().map_or(std::slice::from_ref(status), Vec::as_slice);
    let folder = url(app, did, "");
    entries.iter().find_map(|entry| {
        let path = entry.get("statusListCredential")?.as_str()?.strip_prefix(&folder)?;
        let index = entry.get("statusListIndex")?;
        let index = index.as_str().and_then(|text| text.parse().ok()).or_else(|| index.as_i64())?;
        Some((path.to_owned(), index))
    })
}

/// What an issuer publishes, as evidence for its own awards.
pub fn evidence(app: &App, did: &str, documents: Vec<Document>, keys: &[String], now: Timestamp) -> Evidence {
    let mut evidence = Evidence::default();
    if did::method(did) == Some(Method::Web) {
        // What its own domain says is for verifiers to ask; here the keys count that the operator admitted.
        let methods = keys.iter().filter_map(|url| {
            let multikey = url.split_once('#').filter(|(of, _)| *of == did)?.1;
            Some(json!({ "id": url, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey }))
        });
        let document = json!({ "id": did, "verificationMethod": methods.collect::<Vec<_>>(), "assertionMethod": keys });
        evidence.add(did, Given { fetched: Some(now), ..Given::given(document.to_string().into_bytes()) });
    }
    for document in documents {
        let given = Given { fetched: Some(now), media_type: Some(document.media), ..Given::given(document.bytes) };
        evidence.add(url(app, did, &document.path), given);
    }
    evidence
}

/// A document, for whoever asks.
pub async fn show(State(app): State<Arc<App>>, Path((did, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if path == "achievements" {
        return published(&app, did).await;
    }
    let found = app.store.read(move |tx| Ok(document::of_did(tx, &did, &path)?)).await;
    match found {
        Err(error) => open(refuse(&error.into())),
        Ok(None) => open(refuse(&Code::NotFound.into())),
        Ok(Some(document)) => open(serve(&document, &headers)),
    }
}

/// The addresses of the achievements that everybody is to find. Unlisted ones are named nowhere.
async fn published(app: &App, did: String) -> Response {
    let name = did.clone();
    let found = app.store.read(move |tx| {
        let issuer = issuer::by_did(tx, &name)?.ok_or(Code::NotFound)?;
        Ok(listing::all(tx, issuer.id)?)
    });
    match found.await {
        Err(error) => open(refuse(&error.into())),
        Ok(all) => {
            let all = all.iter().filter(|it| it.state == Listing::Published);
            let all: Vec<_> = all.map(|it| url(app, &did, &format!("achievements/{}.json", it.slug))).collect();
            open(super::json(StatusCode::OK, &serde_json::json!({ "achievements": all })))
        }
    }
}

fn serve(document: &Document, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&document.hash[..16]));
    let known = asked.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    let same = known.is_some_and(|known| known == "*" || known.split(',').any(|it| it.trim().trim_start_matches("W/") == tag));
    let mut headers = HeaderMap::new();
    let media = HeaderValue::from_str(&document.media).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\"")));
    // A revocation must be seen soon; a picture stays as it is for a while.
    let age = if document.media == "image/png" { "public, max-age=86400" } else { "public, max-age=60, must-revalidate" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(age));
    if same {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, media);
    (headers, document.bytes.clone()).into_response()
}

/// Verifiers in browsers may read what is public anyway.
pub fn open(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_can_vouch_for_a_name_or_leave_its_folder() {
        for path in [
            "did.json",
            ".well-known/did.json",
            ".well-known/did-configuration.json",
            "badges/../profile.json",
            "badges/.json",
            "badges/a/b.json",
            "pictures/a.svg",
            "pictures/A.png",
            "status/1.json",
            "profile.JSON",
            "",
            "/",
            "badges/did.json.json",
        ] {
            assert_eq!(kind_of(path), None, "{path}");
        }
        assert_eq!(kind_of("badges/landscape-2026.json"), Some(Kind::Class));
        assert_eq!(kind_of("status/1"), Some(Kind::StatusList));
    }
}
