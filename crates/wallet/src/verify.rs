//! What a badge is worth, asked of `satchel_badge` with the evidence that the wallet keeps and whom its owner trusts; and what is derived from
//! the answer.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rusqlite::Connection;
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::code::{CheckId, Code};
use satchel_badge::container::{self, Opened};
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::proof::jws::Jws;
use satchel_badge::report::{Line, Report, Used};
use satchel_badge::{json, status};
use satchel_picture::Side;
use serde_json::Value;

use crate::state::{Mark, State};
use crate::store::badge::{self, Badge};
use crate::store::index::Entry;
use crate::store::{Store, evidence, from_micros, numbered, original, source, to_micros};
use crate::{BadgeId, Candidate, IdPrefix, Sha256, Shelf, Wallet, WalletError, holder, picture};

/// A badge with all that is known about it.
#[derive(Debug)]
pub struct Shown {
    /// Its id.
    pub id: BadgeId,
    /// The report as of now.
    pub report: Report,
    /// Where its picture lies, if that is not at hand and the badge names a place.
    pub picture_away: Option<String>,
    /// The file it came in: its name, without the folder.
    pub file: String,
    /// The SHA-256 of that file.
    pub sha256: Sha256,
    /// The address that the file was fetched from, if it was.
    pub source: Option<String>,
    /// How many other files carry the same credential.
    pub copies: usize,
    /// The one of them that the badge's picture is from, where the badge has none of its own.
    pub picture_from: Option<String>,
    /// When it was added.
    pub added: Timestamp,
    /// When it was put into the bin.
    pub removed: Option<Timestamp>,
}

impl Wallet {
    /// Checks a badge again, with the evidence at hand, and shows what is known about it.
    pub fn show(&mut self, id: &IdPrefix, now: Timestamp) -> Result<Shown, WalletError> {
        let badge = self.badge(id)?;
        let (original, source, copies) = self.store.read(|db| {
            let (original, source) = (original::get(db, badge.original)?, source::get(db, badge.original)?);
            Ok((original, source, badge::copies(db, badge.id)?.len()))
        })?;
        let policy = self.store.read(|db| holder::of_badge(db, badge.id, &self.policy))?;
        let checked = check(&container::open_bytes(&original.bytes), &policy, now, |key| kept(&self.store, key))?;
        let pictures = checked.pictures.clone();
        let report = checked.part(badge.part)?;
        let picture_away = match picture::picture_at(&report).filter(|url| !pictures.contains(*url)) {
            Some(url) if self.picture_of(&badge, false)?.is_none() => Some(url.to_owned()),
            _ => None,
        };
        let picture_from = if copies == 0 { None } else { self.picture_from(&badge)? };
        let entry = entry(&badge, &report, &pictures, &policy, now);
        self.repairing(now, |wallet| wallet.on_index(|index| index.put(std::slice::from_ref(&entry), 0)))?;
        Ok(Shown {
            id: badge.id,
            picture_away,
            report,
            file: original.name,
            sha256: original.sha256,
            source: source.map(|source| source.url),
            copies,
            picture_from,
            added: from_micros(badge.added)?,
            removed: badge.removed.map(from_micros).transpose()?,
        })
    }

    /// The documents that are kept of an address, a URL or a DID: the one that counts first, then those of other origins.
    pub fn documents(&self, key: &str) -> Result<Vec<Document>, WalletError> {
        self.store.read(|db| Ok(evidence::get(db, key)?.into_iter().chain(evidence::beside(db, key)?).collect()))
    }

    /// Keeps what was heard about a badge ([`Candidate::ask`]), and about those in the same file. One in the bin stays there, and one that is
    /// gone stays gone.
    pub fn learn(&mut self, id: &IdPrefix, heard: Evidence, now: Timestamp) -> Result<(), WalletError> {
        let badge = self.badge(id)?;
        let original = self.store.read(|db| original::get(db, badge.original))?;
        let file = Candidate::of_bytes(&original.name, &original.bytes);
        self.importer_with(heard, None, now).note(&file).map(drop)
    }

    /// What was drawn of a badge at this size before: nothing in it where it has no picture that can be drawn.
    pub fn drawn(&self, id: BadgeId, side: Side) -> Option<Vec<u8>> {
        self.pictures.get(id, side.pixels())
    }

    /// Keeps what was drawn of a badge, as long as that is here.
    pub fn keep_drawn(&mut self, id: BadgeId, side: Side, png: &[u8]) -> Result<(), WalletError> {
        if self.store.read(|db| badge::get(db, id))?.is_some() {
            self.pictures.put(id, side.pixels(), png);
        }
        Ok(())
    }

    /// Where a badge lies, if it is in the wallet.
    pub fn shelf(&self, id: BadgeId) -> Result<Option<Shelf>, WalletError> {
        let badge = self.store.read(|db| badge::get(db, id))?;
        Ok(badge.map(|badge| if badge.removed.is_some() { Shelf::Bin } else { Shelf::Kept }))
    }

    /// The badge whose id begins so.
    pub(crate) fn badge(&self, id: &IdPrefix) -> Result<Badge, WalletError> {
        self.store.read(|db| badge::find(db, id))
    }
}

/// The reports on a file, and what they rest on.
pub(crate) struct Checked {
    pub reports: Vec<Report>,
    /// The addresses of the documents.
    pub used: BTreeSet<String>,
    /// The numbers of the lists of revoked badges among them whose signatures have verified.
    pub numbers: BTreeMap<String, u64>,
    /// The addresses of the pictures that the badges name and that are at hand.
    pub pictures: BTreeSet<String>,
}

impl Checked {
    pub(crate) fn part(self, part: usize) -> Result<Report, WalletError> {
        let found = self.reports.into_iter().nth(part);
        found.ok_or_else(|| WalletError::damaged(format!("wallet.db: a file has no credential number {part}")))
    }
}

/// What is known of an address.
#[derive(Default)]
pub(crate) struct Known {
    pub document: Option<Document>,
    /// The highest number seen of the list there.
    pub number: Option<u64>,
}

/// Checks a file with what `find` knows of the documents it needs.
pub(crate) fn check(
    opened: &Opened,
    policy: &Policy,
    now: Timestamp,
    find: impl Fn(&str) -> Result<Known, WalletError>,
) -> Result<Checked, WalletError> {
    check_on(check_opened(opened, &Evidence::default(), policy, now), opened, policy, now, find)
}

/// The same, from the reports that the file has by itself, under this policy and at this time.
pub(crate) fn check_on(
    alone: Vec<Report>,
    opened: &Opened,
    policy: &Policy,
    now: Timestamp,
    find: impl Fn(&str) -> Result<Known, WalletError>,
) -> Result<Checked, WalletError> {
    let (mut evidence, mut tried, mut used) = (Evidence::default(), HashSet::new(), BTreeSet::new());
    let mut reports = alone;
    loop {
        let mut has_grown = false;
        for need in reports.iter().flat_map(Report::all_needs) {
            if !tried.insert(need.key().to_owned()) {
                continue;
            }
            let known = find(need.key())?;
            if let Some(number) = known.number {
                evidence.note_seen(need.key(), number);
            }
            if let Some(document) = known.document {
                evidence.add(need.key(), document);
                used.insert(need.key().to_owned());
                has_grown = true;
            }
        }
        if !has_grown {
            let numbers = numbers(&reports, &evidence);
            let pictures = picture::at_hand(&reports, find)?;
            return Ok(Checked { reports, used, numbers, pictures });
        }
        reports = check_opened(opened, &evidence, policy, now);
    }
}

/// What the wallet keeps of an address.
pub(crate) fn kept(store: &Store, key: &str) -> Result<Known, WalletError> {
    store.read(|db| known(db, key, None))
}

/// What the wallet keeps of an address, or what was just fetched from there, if that counts more. A list with a lower number than one seen
/// before counts less than any (security.md, V03).
pub(crate) fn known(db: &Connection, key: &str, fetched: Option<&Document>) -> Result<Known, WalletError> {
    let (kept, number) = (evidence::get(db, key)?, numbered::get(db, key)?);
    let fetched = fetched.filter(|document| kept.is_none() || !is_older(document, number));
    Ok(Known { document: evidence::best(fetched, kept.as_ref()).cloned(), number })
}

/// Whether a document is a list with a lower number than the one that was seen.
pub(crate) fn is_older(document: &Document, seen: Option<u64>) -> bool {
    seen.is_some_and(|seen| number(document).is_some_and(|number| number < seen))
}

/// The number of a list of revoked badges (design.md, "Revocation").
fn number(document: &Document) -> Option<u64> {
    let list = credential(&document.bytes)?;
    let kinds =
        list.get("type").map(|kind| kind.as_array().map_or(std::slice::from_ref(kind), Vec::as_slice)).unwrap_or_default();
    let is_list = kinds.iter().any(|kind| kind == "BitstringStatusListCredential" || kind == "StatusList2021Credential");
    list.get("id").filter(|_| is_list)?.as_str().and_then(status::number_of)
}

fn credential(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let value = if text.starts_with('{') { json::parse(text.as_bytes()).ok()? } else { Jws::parse(text).ok()?.payload };
    Some(value.get("vc").filter(|inner| inner.is_object()).cloned().unwrap_or(value))
}

/// Only what a list said that could be believed counts, or anyone could make all that follow unbelievable by a high number.
fn numbers(reports: &[Report], evidence: &Evidence) -> BTreeMap<String, u64> {
    let believed = |line: &&Line| {
        matches!(line.code, Code::NotRevoked | Code::NotRevokedAsOf | Code::Revoked | Code::Suspended | Code::StatusTooOld)
            || line.code == Code::IssuerKeyCompromised
    };
    let used = reports.iter().flat_map(lines).filter(believed).flat_map(|line| &line.evidence);
    let numbered = used.filter_map(|used| Some((used.source.clone(), number(evidence.document(&used.source)?)?)));
    numbered.collect()
}

/// Checks badges again, on all cores, and derives their entries.
pub(crate) fn entries(store: &Store, badges: Vec<Badge>, policy: &Policy, now: Timestamp) -> Result<Vec<Entry>, WalletError> {
    // Each core holds one file at a time, so that memory does not grow with their number.
    let derived = badges.into_par_iter().map(|badge| {
        let (bytes, policy) =
            store.read(|db| Ok((original::get(db, badge.original)?.bytes, holder::of_badge(db, badge.id, policy)?)))?;
        let checked = check(&container::open_bytes(&bytes), &policy, now, |key| kept(store, key))?;
        let pictures = checked.pictures.clone();
        Ok(entry(&badge, &checked.part(badge.part)?, &pictures, &policy, now))
    });
    derived.collect()
}

/// Characters of a name that an index keeps, and of the texts that it searches. A badge may have megabytes.
const NAME: usize = 500;
const TEXT: usize = 20_000;

/// What is derived from a report.
pub(crate) fn entry(badge: &Badge, report: &Report, pictures: &BTreeSet<String>, policy: &Policy, now: Timestamp) -> Entry {
    let view = report.badge.as_deref();
    let issuer = view.and_then(|view| view.issuer.as_ref());
    let micros = |time: Option<Timestamp>| time.map(to_micros);
    let (issued_on, expires) = (view.and_then(|view| view.issued_on), view.and_then(|view| view.expires));
    let name = |text: &Option<String>| text.as_deref().map(|text| cut(text, NAME));
    let achievement = view.and_then(|view| view.achievement.as_ref());
    let skills = achievement.into_iter().flat_map(|it| &it.alignment).flat_map(|it| it.name.iter().chain(&it.code));
    let tags: Vec<&str> = achievement.into_iter().flat_map(|it| &it.tags).chain(skills).map(String::as_str).collect();
    Entry {
        id: badge.id,
        added: badge.added,
        removed: badge.removed,
        name: view.and_then(|view| name(&view.name)),
        issuer: issuer.and_then(|issuer| name(&issuer.name)),
        issuer_id: issuer.and_then(|issuer| name(&issuer.id)),
        description: view.and_then(|view| view.description.as_deref()).map(|text| cut(text, TEXT)).unwrap_or_default(),
        tags: cut(&[tags.join("\n"), bundled_words(report)].join("\n"), TEXT),
        issued_on: micros(issued_on),
        expires: micros(expires),
        state: State::of(report),
        mark: Mark::of(report),
        picture: picture::has_picture(report) || picture::picture_at(report).is_some_and(|url| pictures.contains(url)),
        checked: to_micros(now),
        due: micros(due(report, policy, now)),
    }
}

/// The words of what a credential bundles, by which it is found too.
fn bundled_words(report: &Report) -> String {
    let mut words = Vec::new();
    for bundled in report.bundled() {
        let view = bundled.badge.as_deref();
        let achievement = view.and_then(|view| view.achievement.as_ref());
        let texts = [view.and_then(|view| view.name.as_ref()), view.and_then(|view| view.issuer.as_ref()?.name.as_ref())];
        words.extend(texts.into_iter().flatten().map(|text| cut(text, NAME)));
        words.extend(achievement.into_iter().flat_map(|it| &it.tags).cloned());
        words.push(bundled_words(bundled));
    }
    words.join("\n")
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// When time alone may change the verdict: a date comes, or a status gets too old.
fn due(report: &Report, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    let view = report.badge.as_deref();
    let stated = view.into_iter().flat_map(|view| [view.issued_on, view.expires]).flatten();
    // Of several dates the report names the one that counts.
    let counted = lines(report).filter(|line| line.code.check() == CheckId::Validity).flat_map(|line| &line.details);
    let dates = stated.chain(counted.filter_map(|detail| detail.parse().ok()));
    let after = |time: Timestamp| time.checked_add(SignedDuration::from_secs(1)).ok();
    let age = policy.max_status_age + SignedDuration::from_secs(1);
    let too_old = lines(report).flat_map(|line| &line.evidence).filter_map(|used: &Used| used.fetched?.checked_add(age).ok());
    let list_too_old = lines(report).filter_map(|line| list_too_old(line, policy, now));
    dates.filter_map(after).chain(too_old).chain(list_too_old).filter(|time| *time > now).min()
}

/// A list counts from when it was made, however lately it was fetched; the line says how many whole days that is.
fn list_too_old(line: &Line, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let days: i32 = line.details.get(1).filter(|_| line.code == Code::NotRevokedAsOf)?.parse().ok()?;
    let left = policy.max_status_age - DAY.checked_mul(days.checked_add(1)?)?;
    now.checked_add(left.max(SignedDuration::from_hours(1))).ok()
}

pub(crate) fn lines(report: &Report) -> Box<dyn Iterator<Item = &Line> + '_> {
    Box::new(report.lines.iter().chain(report.nested.iter().flat_map(lines)))
}
