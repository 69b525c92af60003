//! What a badge is worth, asked of `satchel_badge` with the evidence that the wallet keeps; and what is derived from the answer.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::container::{self, Opened};
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::report::{Line, Report, Used};

use crate::store::badge::{self, Badge};
use crate::store::index::Entry;
use crate::store::{Store, evidence, from_micros, original, to_micros};
use crate::{BadgeId, IdPrefix, Sha256, Wallet, WalletError};

/// A badge with all that is known about it.
#[derive(Debug)]
pub struct Shown {
    /// Its id.
    pub id: BadgeId,
    /// The report as of now.
    pub report: Report,
    /// The file it came in: its name, without the folder.
    pub file: String,
    /// The SHA-256 of that file.
    pub sha256: Sha256,
    /// How many other files carry the same credential.
    pub copies: usize,
    /// When it was added.
    pub added: Timestamp,
    /// When it was put into the bin.
    pub removed: Option<Timestamp>,
}

impl Wallet {
    /// Checks a badge again, with the evidence at hand, and shows what is known about it.
    pub fn show(&mut self, id: &IdPrefix, now: Timestamp) -> Result<Shown, WalletError> {
        let badge = self.find(id)?;
        let (original, copies) =
            self.store.read(|db| Ok((original::get(db, badge.original)?, badge::copies(db, badge.id)?.len())))?;
        let checked = check(&container::open_bytes(&original.bytes), now, |key| kept(&self.store, key))?;
        let report = checked.part(badge.part)?;
        let entry = entry(&badge, &report, now);
        self.repairing(now, |wallet| wallet.on_index(|index| index.put(std::slice::from_ref(&entry), 0)))?;
        Ok(Shown {
            id: badge.id,
            report,
            file: original.name,
            sha256: original.sha256,
            copies,
            added: from_micros(badge.added)?,
            removed: badge.removed.map(from_micros).transpose()?,
        })
    }

    /// The badge whose id begins so.
    pub(crate) fn find(&self, id: &IdPrefix) -> Result<Badge, WalletError> {
        self.store.read(|db| badge::find(db, id))
    }
}

/// The reports on a file, and the documents that they rest on.
pub(crate) struct Checked {
    pub reports: Vec<Report>,
    pub used: BTreeSet<String>,
}

impl Checked {
    fn part(self, part: usize) -> Result<Report, WalletError> {
        let found = self.reports.into_iter().nth(part);
        found.ok_or_else(|| WalletError::damaged(format!("wallet.db: a file has no credential number {part}")))
    }
}

/// Checks a file with what `find` has of the documents it needs.
pub(crate) fn check(
    opened: &Opened,
    now: Timestamp,
    find: impl Fn(&str) -> Result<Option<Document>, WalletError>,
) -> Result<Checked, WalletError> {
    let (mut evidence, mut tried, mut used) = (Evidence::default(), HashSet::new(), BTreeSet::new());
    loop {
        let reports = check_opened(opened, &evidence, &Policy::default(), now);
        let mut has_grown = false;
        for need in reports.iter().flat_map(Report::all_needs) {
            if !tried.insert(need.key().to_owned()) {
                continue;
            }
            if let Some(document) = find(need.key())? {
                evidence.add(need.key(), document);
                used.insert(need.key().to_owned());
                has_grown = true;
            }
        }
        if !has_grown {
            return Ok(Checked { reports, used });
        }
    }
}

/// A document that the wallet keeps.
pub(crate) fn kept(store: &Store, key: &str) -> Result<Option<Document>, WalletError> {
    store.read(|db| evidence::get(db, key))
}

/// Checks badges again, on all cores, and derives their entries.
pub(crate) fn entries(store: &Store, badges: Vec<Badge>, now: Timestamp) -> Result<Vec<Entry>, WalletError> {
    // Each core holds one file at a time, so that memory does not grow with their number.
    let derived = badges.into_par_iter().map(|badge| {
        let bytes = store.read(|db| original::get(db, badge.original))?.bytes;
        let checked = check(&container::open_bytes(&bytes), now, |key| kept(store, key))?;
        Ok(entry(&badge, &checked.part(badge.part)?, now))
    });
    derived.collect()
}

/// What is derived from a report.
pub(crate) fn entry(badge: &Badge, report: &Report, now: Timestamp) -> Entry {
    let view = report.badge.as_deref();
    let issuer = view.and_then(|view| view.issuer.as_ref());
    let micros = |time: Option<Timestamp>| time.map(to_micros);
    let (issued_on, expires) = (view.and_then(|view| view.issued_on), view.and_then(|view| view.expires));
    Entry {
        id: badge.id,
        added: badge.added,
        removed: badge.removed,
        name: view.and_then(|view| view.name.clone()),
        issuer: issuer.and_then(|issuer| issuer.name.clone()),
        issuer_id: issuer.and_then(|issuer| issuer.id.clone()),
        description: view.and_then(|view| view.description.clone()),
        tags: view.and_then(|view| view.achievement.as_ref()).map(|it| it.tags.clone()).unwrap_or_default(),
        issued_on: micros(issued_on),
        expires: micros(expires),
        verdict: report.verdict.name().to_owned(),
        checked: to_micros(now),
        due: micros(due(report, issued_on, expires, now)),
    }
}

/// When time alone may change the verdict: a date comes, or a status gets too old.
fn due(report: &Report, issued_on: Option<Timestamp>, expires: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let age = Policy::default().max_status_age + SignedDuration::from_secs(1);
    let too_old = lines(report).flat_map(|line| &line.evidence).filter_map(|used: &Used| used.fetched?.checked_add(age).ok());
    let after = |time: Timestamp| time.checked_add(SignedDuration::from_secs(1)).ok();
    let dates = [issued_on, expires].into_iter().flatten().filter_map(after);
    dates.chain(too_old).filter(|time| *time > now).min()
}

fn lines(report: &Report) -> Box<dyn Iterator<Item = &Line> + '_> {
    Box::new(report.lines.iter().chain(report.nested.iter().flat_map(lines)))
}
