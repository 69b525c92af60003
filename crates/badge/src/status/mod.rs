//! Whether a badge was revoked: lists of bits (Bitstring Status List; StatusList2021), the list of 1EdTech (OB 3.0, 6.4) and that of Open
//! Badges 2.0. A list is never fetched here; it counts by its own signature, its age and its number.

mod bitstring;

use jiff::Timestamp;
use serde_json::Value;

use crate::check::{At, Checker, Findings, same_but_scheme};
use crate::code::{CheckId, Code, Status};
use crate::evidence::Need;
use crate::limits::MAX_STATUSES;
use crate::model::{has_type, id_of, list};
use crate::report::Line;

pub(crate) use bitstring::List;
pub use bitstring::{COMPROMISED, MIN_BITS, decode, encode, number_of};

/// The line for a revoked badge, with its reason.
pub(crate) fn revoked(reason: Option<&str>) -> Line {
    match reason.filter(|reason| !reason.trim().is_empty()) {
        Some(reason) => Line::new(Code::RevokedBecause, [reason.to_owned()]),
        None => Line::bare(Code::Revoked),
    }
}

/// What a revocation list of Open Badges 2.0 (3.8) or 1.1 says about an assertion with one of these identifiers.
pub(crate) fn read_ob2_list<'i>(content: Option<&Value>, ids: impl Iterator<Item = &'i str>, url: &str) -> Line {
    let ids: Vec<&str> = ids.collect();
    // A host that moved to https may have old addresses in its list and new ones in its badges, or the other way round; to take one for
    // revoked that is not named is the lesser harm.
    let is_own = |id: &str| ids.iter().any(|own| *own == id || same_but_scheme(own, id));
    let Some(members) = content.and_then(Value::as_object) else {
        return Line::new(Code::StatusUnusable, [url.to_owned(), String::from("JSON")]);
    };
    if let Some(entries) = members.get("revokedAssertions") {
        let names = |entry: &Value| -> Vec<String> {
            let uid = entry.get("uid").and_then(Value::as_str).map(str::to_owned);
            id_of(entry).into_iter().chain(uid).collect()
        };
        let entries = entries.as_array().map_or(std::slice::from_ref(entries), Vec::as_slice);
        if entries.iter().any(|entry| names(entry).is_empty()) {
            return Line::new(Code::StatusUnusable, [url.to_owned(), String::from("revokedAssertions")]);
        }
        return match entries.iter().find(|entry| names(entry).iter().any(|id| is_own(id))) {
            Some(entry) => revoked(entry.get("revocationReason").and_then(Value::as_str)),
            None => Line::new(Code::NotRevoked, [url.to_owned()]),
        };
    }
    match members.iter().find(|(id, _)| is_own(id)) {
        Some((_, reason)) => revoked(reason.as_str()),
        None if members.contains_key("@context") => {
            Line::new(Code::StatusUnusable, [url.to_owned(), String::from("revokedAssertions")])
        }
        None => Line::new(Code::NotRevoked, [url.to_owned()]),
    }
}

/// What the list of 1EdTech says (OB 3.0, 6.4; `1EdTechRevocationList`): an entry with the credential's `id` revokes it unless it says not.
fn read_1edtech_list(content: Option<&Value>, id: &str, url: &str) -> Line {
    let stated = content.filter(|content| content.get("revokedCredential").is_some());
    let entries = stated.map(|content| list(content, "revokedCredential"));
    let is_entry = |entry: &Value| entry.is_object() && id_of(entry).is_some();
    let Some(entries) = entries.filter(|entries| entries.iter().all(is_entry)) else {
        return Line::new(Code::StatusUnusable, [url.to_owned(), String::from("revokedCredential")]);
    };
    let names = |entry: &&Value| id_of(entry).as_deref() == Some(id) && entry.get("revoked") != Some(&Value::Bool(false));
    match entries.iter().find(names) {
        Some(entry) => revoked(entry.get("revocationReason").and_then(Value::as_str)),
        None => Line::new(Code::NotRevoked, [url.to_owned()]),
    }
}

impl Checker<'_> {
    /// Every status that a credential names (VCDM 2.0, 4.10).
    pub(crate) fn check_status(&self, credential: &Value, issuer: &str, findings: &mut Findings) {
        let entries = list(credential, "credentialStatus");
        if entries.is_empty() {
            return findings.say(Code::StatusNotUsed);
        }
        // A badge that is not what its issuer signed may name any list that suits it.
        if findings.has(CheckId::Proof, Status::Fail) || findings.has(CheckId::Issuer, Status::Fail) {
            return findings.say(Code::StatusNotChecked);
        }
        for entry in entries.iter().take(MAX_STATUSES) {
            let line = match () {
                () if has_type(entry, "BitstringStatusListEntry") || has_type(entry, "StatusList2021Entry") => {
                    self.check_bit(entry, credential, issuer, findings)
                }
                () if has_type(entry, "1EdTechRevocationList") => self.check_1edtech_list(entry, credential, findings),
                () => Line::new(Code::StatusTypeUnknown, [entry.get("type").map(Value::to_string).unwrap_or_default()]),
            };
            findings.add(line);
        }
        if entries.len() > MAX_STATUSES {
            findings.add(Line::new(Code::StatusTypeUnknown, [entries.len().to_string()]));
        }
    }

    fn check_1edtech_list(&self, entry: &Value, credential: &Value, findings: &mut Findings) -> Line {
        let Some(url) = id_of(entry) else {
            return Line::new(Code::StatusUnusable, [String::new(), String::from("id")]);
        };
        match self.look(Need::Url(url.clone()), &mut findings.needs) {
            At::Missing => Line::new(Code::StatusMissing, [url]),
            At::Brought(used) => Line::new(Code::StatusBrought, [url]).with(used),
            At::Hand(document, used) => {
                let id = id_of(credential).unwrap_or_default();
                let content = crate::json::parse(&document.bytes).ok().filter(|_| document.status == 200);
                let line = read_1edtech_list(content.as_ref(), &id, &url);
                self.age_of_list(line, document.fetched).with(used)
            }
        }
    }

    /// A list that was asked long ago cannot say that nothing happened since; that something happened it can (security.md, V03).
    pub(crate) fn age_of_list(&self, line: Line, asked: Option<Timestamp>) -> Line {
        match self.age(asked) {
            _ if line.code != Code::NotRevoked => line,
            Some(age) if age > self.policy.max_status_age => {
                let url = line.details.first().cloned().unwrap_or_default();
                Line::new(Code::StatusTooOld, [url, days(age)])
            }
            Some(age) => Line { details: [line.details, vec![days(age)]].concat(), code: Code::NotRevokedAsOf, ..line },
            None => line,
        }
    }

    /// What a host said when it served an assertion, which it does as long as it is not revoked (OB 2.0, 4.1, step 3).
    pub(crate) fn hosted_status(&self, url: &str, asked: Option<Timestamp>) -> Line {
        match self.age(asked) {
            Some(age) if age > self.policy.max_status_age => Line::new(Code::StatusHostedLongAgo, [url.to_owned(), days(age)]),
            Some(age) => Line::new(Code::StatusHostedAsOf, [days(age)]),
            None => Line::bare(Code::StatusHosted),
        }
    }

    /// How long ago it was asked; none where that is not known, or lies ahead.
    fn age(&self, asked: Option<Timestamp>) -> Option<jiff::SignedDuration> {
        asked.filter(|asked| *asked <= self.now).map(|asked| self.now.duration_since(asked))
    }
}

pub(crate) fn days(age: jiff::SignedDuration) -> String {
    (age.as_hours() / 24).max(0).to_string()
}
