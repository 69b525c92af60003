//! Lists of bits (Bitstring Status List 1.0; the older StatusList2021): packed by GZIP, written in base64url, signed like any credential.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::Value;

use super::days;
use crate::check::{At, Checker, Findings, Role, is_web};
use crate::code::{CheckId, Code, Status};
use crate::container::open_bytes;
use crate::evidence::{Document, Need};
use crate::limits::{MAX_NESTED, MAX_STATUS_LIST};
use crate::model::{has_type, id_of, list, text};
use crate::report::{Line, Report};
use crate::succession::{self, Succession};

/// Entries that a list should have at least, so that one badge hides among many (Bitstring Status List, 6.1). Real lists have fewer, so
/// this is for whoever makes one.
pub const MIN_BITS: usize = 131_072;

/// By what a list of a successor says that somebody else may have the key before it: the `id` of a related resource, the succession.
pub const COMPROMISED: &str = "urn:satchel:succession:compromised";

/// How the address of a succession ends, another related resource of such a list.
const SUCCESSION: &str = "/succession.json";

/// Packs a list: GZIP, then multibase base64url.
pub fn encode(bits: &[u8]) -> String {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let done = packed.write_all(bits).and_then(|()| packed.finish());
    format!("u{}", URL_SAFE_NO_PAD.encode(done.unwrap_or_default()))
}

/// Unpacks a list, with (Bitstring) or without (StatusList2021) the multibase prefix; none for one that is broken or too large.
pub fn decode(encoded: &str) -> Option<Vec<u8>> {
    // The GZIP magic gives `H4sI`, so a leading `u` is the prefix and nothing else.
    let text = encoded.strip_prefix('u').unwrap_or(encoded).trim_end_matches('=');
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let mut bits = Vec::new();
    let limit = u64::try_from(MAX_STATUS_LIST + 1).ok()?;
    MultiGzDecoder::new(packed.as_slice()).take(limit).read_to_end(&mut bits).ok()?;
    (bits.len() <= MAX_STATUS_LIST).then_some(bits)
}

/// The number at the end of a list's identifier; lists of our desks count up (design.md, "Revocation").
pub fn number_of(list_id: &str) -> Option<u64> {
    let digits = list_id.len() - list_id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    list_id[list_id.len() - digits..].parse().ok()
}

/// The value of an entry of `size` bits; the first bit is the most significant one of the first byte.
fn entry(bits: &[u8], index: usize, size: usize) -> Option<u64> {
    let first = index.checked_mul(size)?;
    let bit = |at: usize| bits.get(at / 8).map(|byte| u64::from(byte >> (7 - at % 8) & 1));
    (first..first.checked_add(size)?).try_fold(0, |value, at| Some(value << 1 | bit(at)?))
}

/// A list that was read once for all that a file holds.
pub(crate) struct List {
    report: Report,
    bits: Option<Vec<u8>>,
    /// Bytes as it was served.
    packed: usize,
}

impl List {
    /// Bytes that it holds on to.
    pub(crate) fn size(&self) -> usize {
        self.packed + self.bits.as_ref().map_or(0, Vec::len)
    }
}

impl Checker<'_> {
    pub(super) fn check_bit(&self, named: &Value, credential: &Value, issuer: &str, findings: &mut Findings) -> Line {
        let url = named.get("statusListCredential").and_then(id_of).unwrap_or_default();
        let unusable = |why: &str| Line::new(Code::StatusUnusable, [url.clone(), why.to_owned()]);
        let index = text(named, "statusListIndex").and_then(|index| index.parse::<usize>().ok());
        let size = text(named, "statusSize").map_or(Some(1), |size| size.parse().ok()).filter(|size| (1..=32).contains(size));
        let (Some(index), Some(size)) = (index, size) else { return unusable("statusListIndex") };
        // One purpose: of several the order is not signed.
        let Some(purpose) = named.get("statusPurpose").and_then(Value::as_str) else { return unusable("statusPurpose") };
        let (document, used) = match self.look(Need::Url(url.clone()), &mut findings.needs) {
            At::Missing => return Line::new(Code::StatusMissing, [url]),
            At::Brought(used) => return Line::new(Code::StatusBrought, [url]).with(used),
            At::Hand(document, used) => (document, used),
        };
        if document.status != 200 || self.depth >= MAX_NESTED {
            return unusable("HTTP").with(used);
        }
        let Some(list) = self.budget.list(&url, || self.check_list(document)) else { return unusable("size").with(used) };
        let report = &list.report;
        findings.needs.extend(report.needs.iter().cloned());
        // Issuers that announce their next key sign their lists themselves and number them.
        let numbered = announces_successor(credential);
        let asked = document.fetched.filter(|fetched| !numbered && *fetched <= self.now);
        let line = self.read_list(&list, asked, (index, size), purpose, &url);
        // Only whoever signed the badge, or a list that its issuer never claimed to number, may say that it was not revoked.
        let signed_by = report.badge.as_ref().and_then(|badge| badge.issuer.as_ref()?.id.clone()).unwrap_or_default();
        // The key that the badge announced as the next speaks for its issuer too (succession.rs).
        let next = credential.get("issuer").and_then(succession::announced);
        let succeeds = next.is_some_and(|next| succession::is_announced(&signed_by, &next));
        let data = report.badge.as_ref().map(|it| &it.data).filter(|_| succeeds);
        if let Some(data) = data.filter(|_| passed(report, CheckId::Issuer) && passed(report, CheckId::Proof)) {
            let line = self.succession(data, (issuer, &signed_by), &mut findings.needs);
            findings.add(line);
        }
        let line = match line.code.status() {
            Status::Pass if signed_by != issuer && numbered && !succeeds => unusable("issuer"),
            // Whatever name the list gives: a key that nothing ties to it is a stranger's.
            Status::Pass if !passed(report, CheckId::Issuer) => unusable("issuer"),
            Status::Pass if data.is_some_and(|it| related(it).any(|id| id == COMPROMISED)) => {
                Line::new(Code::IssuerKeyCompromised, [signed_by])
            }
            Status::Pass if signed_by != issuer && !succeeds => {
                findings.add(Line::new(Code::StatusListOfOther, [signed_by]));
                line
            }
            _ => line,
        };
        line.with(used)
    }

    /// That the one who signed a list has taken over from the issuer, and since when, as its proof says; the list says where that lies.
    fn succession(&self, list: &Value, (from, to): (&str, &str), needs: &mut Vec<Need>) -> Line {
        let bare = Line::new(Code::IssuerSucceeded, [to.to_owned()]);
        let url = related(list).find(|id| id.ends_with(SUCCESSION) && is_web(id));
        let Some(At::Hand(document, used)) = url.map(|url| self.look(Need::Url(url.to_owned()), needs)) else { return bare };
        let proof =
            Succession::in_document(&document.bytes).filter(|it| document.status == 200 && it.from == from && it.to == to);
        match proof.and_then(|it| Timestamp::from_second(it.made).ok()) {
            Some(made) => Line::new(Code::IssuerSucceededOn, [to.to_owned(), made.to_string()]).with(used),
            None => bare,
        }
    }

    /// The list as a credential of its own, and its bits.
    fn check_list(&self, document: &Document) -> List {
        let opened = open_bytes(&document.bytes);
        let text = opened.embedded.first().map(|embedded| embedded.text.clone()).unwrap_or_default();
        let report = self.nested(&text, Role::List);
        let subject = report.badge.as_ref().and_then(|badge| only_subject(&badge.data));
        let bits = subject.and_then(|subject| subject.get("encodedList")).and_then(Value::as_str).and_then(decode);
        List { report, bits, packed: document.bytes.len() }
    }

    fn read_list(
        &self,
        List { report, bits, .. }: &List,
        asked: Option<Timestamp>,
        (index, size): (usize, usize),
        purpose: &str,
        url: &str,
    ) -> Line {
        let unusable = |why: &str| Line::new(Code::StatusUnusable, [url.to_owned(), why.to_owned()]);
        if let Some(failed) = report.lines.iter().find(|line| line.code.status() == Status::Fail) {
            return unusable(failed.code.name());
        }
        let Some(badge) = report.badge.as_ref().filter(|_| passed(report, CheckId::Proof)) else { return unusable("proof") };
        let data = &badge.data;
        if !is_status_list(data) {
            return unusable("type");
        }
        let number = badge.id.as_deref().and_then(number_of);
        if let (Some(number), Some(seen)) = (number, self.evidence.seen(url))
            && number < seen
        {
            return Line::new(Code::StatusRolledBack, [number.to_string(), seen.to_string()]);
        }
        let Some(subject) = only_subject(data) else { return unusable("credentialSubject") };
        if !list(subject, "statusPurpose").iter().any(|stated| stated == purpose) {
            return unusable("statusPurpose");
        }
        let Some(bits) = bits else { return unusable("encodedList") };
        let Some(value) = entry(bits, index, size) else { return unusable("RANGE_ERROR") };
        match (purpose, value) {
            ("revocation", 1..) => Line::bare(Code::Revoked),
            ("suspension", 1..) => Line::bare(Code::Suspended),
            ("revocation" | "suspension", 0) => self.fresh(report, asked, url),
            ("message" | "refresh", _) => Line::new(Code::StatusMessage, [purpose.to_owned(), value.to_string()]),
            _ => Line::new(Code::StatusTypeUnknown, [purpose.to_owned()]),
        }
    }

    /// Not revoked, as of when the list was made or asked for last.
    fn fresh(&self, report: &Report, asked: Option<Timestamp>, url: &str) -> Line {
        let made = report.badge.as_ref().and_then(|badge| badge.issued_on);
        match made.max(asked).map(|as_of| self.now.duration_since(as_of)) {
            None => Line::new(Code::NotRevoked, [url.to_owned()]),
            Some(age) if age > self.policy.max_status_age => Line::new(Code::StatusTooOld, [url.to_owned(), days(age)]),
            Some(age) => Line::new(Code::NotRevokedAsOf, [url.to_owned(), days(age)]),
        }
    }
}

fn is_status_list(credential: &Value) -> bool {
    ["BitstringStatusListCredential", "StatusList2021Credential"].iter().any(|kind| has_type(credential, kind))
}

/// What a list is related to, by its identifiers.
fn related(list: &Value) -> impl Iterator<Item = &str> {
    crate::model::list(list, "relatedResource").iter().filter_map(|it| it.get("id")?.as_str())
}

/// The one subject of a list; of several the order is not signed.
fn only_subject(data: &Value) -> Option<&Value> {
    match list(data, "credentialSubject") {
        [subject] => Some(subject),
        _ => None,
    }
}

fn passed(report: &Report, check: CheckId) -> bool {
    report.lines.iter().any(|line| line.code.check() == check && line.code.status() == Status::Pass)
}

/// Whether an issuer announces the key that will succeed its own (design.md, "Issuer"); such issuers sign and number their own lists.
/// The announcement is looked for everywhere: signed quads say whose it is, and the place in the JSON does not.
fn announces_successor(credential: &Value) -> bool {
    match credential {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let announces = name == "identifierType" && value.as_str() == Some(succession::NEXT_KEY);
            announces || announces_successor(value)
        }),
        Value::Array(values) => values.iter().any(announces_successor),
        _ => false,
    }
}
