//! Files in, badges kept. A file is kept byte for byte if it carries a badge, whatever that badge is worth: the learner decides. A credential
//! that is here already is joined with it, in whatever form it comes. Each file is taken whole, in one transaction with its neighbours.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read, Seek, SeekFrom};

use jiff::Timestamp;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use rusqlite::Connection;
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::code::Code;
use satchel_badge::container::{self, Opened};
use satchel_badge::evidence::Need;
use satchel_badge::report::{Line, Report, Verdict};
use satchel_fetch::{Client, FetchError};

use crate::inspect::{Asking, needs};
use crate::store::badge::{self, Badge, Copy};
use crate::store::index::Entry;
use crate::store::original::{self, Original};
use crate::store::{evidence, to_micros};
use crate::verify::{self, Checked};
use crate::{BadgeId, Sha256, Wallet, WalletError};

/// Bytes of the largest file that is kept.
pub const MAX_FILE: u64 = 64 << 20;

/// A file that may be kept.
#[derive(Clone, Debug)]
pub struct Candidate {
    name: String,
    opened: Opened,
    /// Empty where there is nothing to keep.
    bytes: Vec<u8>,
}

impl Candidate {
    /// Reads a file called `name`. Of one without a badge only as much is read as shows that.
    pub fn read<R: Read + Seek>(name: &str, reader: &mut R) -> Self {
        Self::try_read(name, reader).unwrap_or_else(|error| Self::unreadable(name, &error))
    }

    /// A file that could not be opened.
    pub fn unreadable(name: &str, error: &io::Error) -> Self {
        Self { name: name.to_owned(), opened: container::unopened(error), bytes: Vec::new() }
    }

    fn try_read<R: Read + Seek>(name: &str, reader: &mut R) -> io::Result<Self> {
        let opened = container::open(reader)?;
        let name = name.to_owned();
        if opened.embedded.iter().all(|embedded| embedded.text.is_empty()) {
            return Ok(Self { name, opened, bytes: Vec::new() });
        }
        reader.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        reader.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            let line = Line::new(Code::TooLarge, [(MAX_FILE >> 20).to_string()]);
            return Ok(Self { name, opened: Opened { embedded: Vec::new(), lines: vec![line], ..opened }, bytes: Vec::new() });
        }
        // What is kept is what is judged, also when the file was changed in between.
        Ok(Self { name, opened: container::open_bytes(&bytes), bytes })
    }
}

/// What became of a credential, or of a file without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept, and was not before, or it was in the bin.
    Added,
    /// It was kept already.
    Duplicate,
    /// It is not kept; the report says why.
    Refused,
}

/// A credential that was to be imported.
#[derive(Debug)]
pub struct Imported {
    /// Its id; none when it was refused.
    pub id: Option<BadgeId>,
    /// What became of it.
    pub outcome: Outcome,
    /// The report on it, as it stands in this file.
    pub report: Report,
}

/// An import of many files, in batches. Nobody is asked twice for the same document.
pub struct Importer<'a> {
    wallet: &'a mut Wallet,
    client: Option<&'a Client>,
    now: Timestamp,
    asking: Asking,
}

impl Wallet {
    /// Begins an import; without a client nobody is asked.
    pub fn importer<'a>(&'a mut self, client: Option<&'a Client>, now: Timestamp) -> Importer<'a> {
        Importer { wallet: self, client, now, asking: Asking::default() }
    }
}

/// What a batch has changed so far.
#[derive(Default)]
struct Changes {
    entries: HashMap<BadgeId, Entry>,
    documents: BTreeSet<String>,
}

impl Importer<'_> {
    /// Keeps a batch of files, all or none; what became of each, in their order. When this returns, they are on the disk.
    pub fn take(&mut self, batch: &[Candidate]) -> Result<Vec<Vec<Imported>>, WalletError> {
        if let Some(client) = self.client {
            self.ask(client, batch);
        }
        let (store, fetched, now) = (&self.wallet.store, &self.asking.evidence, self.now);
        let check = |candidate: &Candidate| {
            verify::check(&candidate.opened, now, |key| match fetched.document(key) {
                Some(document) => Ok(Some(document.clone())),
                None => verify::kept(store, key),
            })
        };
        let checked: Vec<Checked> = batch.par_iter().map(check).collect::<Result<_, _>>()?;
        let mut changes = Changes::default();
        let done = self.wallet.store.write(|db| {
            let files = batch.iter().zip(checked);
            files.map(|(candidate, checked)| self.keep(db, candidate, checked, &mut changes)).collect::<Result<_, _>>()
        })?;
        self.follow(&changes)?;
        Ok(done)
    }

    /// Whoever was sent a request so far.
    pub fn asked(&self) -> &BTreeSet<String> {
        &self.asking.asked
    }

    /// What could not be fetched so far, and why.
    pub fn failed(&self) -> &[(Need, FetchError)] {
        &self.asking.failed
    }

    /// Fetches what the badges need.
    fn ask(&mut self, client: &Client, batch: &[Candidate]) {
        let now = self.now;
        self.asking.ask(
            client,
            batch.len(),
            || now,
            |evidence| {
                let needed = batch.par_iter().map(|it| needs(&check_opened(&it.opened, evidence, &Policy::default(), now)));
                needed.collect()
            },
        );
    }

    fn keep(
        &self,
        db: &Connection,
        candidate: &Candidate,
        checked: Checked,
        changes: &mut Changes,
    ) -> Result<Vec<Imported>, WalletError> {
        let sha256 = Sha256::of(&candidate.bytes);
        let mut done = Vec::new();
        for report in checked.reports {
            let text = candidate.opened.embedded.get(report.part).map(|embedded| embedded.text.as_slice()).unwrap_or_default();
            if text.is_empty() || candidate.bytes.is_empty() || report.verdict == Verdict::NoBadge {
                done.push(Imported { id: None, outcome: Outcome::Refused, report });
                continue;
            }
            let original = Original {
                sha256,
                format: candidate.opened.format.name().to_owned(),
                name: candidate.name.clone(),
                added: to_micros(self.now),
                bytes: candidate.bytes.clone(),
            };
            let id = Sha256::of_credential(text);
            let outcome = self.keep_badge(db, id, &original, &report, changes)?;
            for key in &checked.used {
                if let Some(document) = self.asking.evidence.document(key)
                    && evidence::put(db, key, document)?
                {
                    changes.documents.insert(key.clone());
                }
                evidence::note_use(db, id, key)?;
            }
            done.push(Imported { id: Some(id), outcome, report });
        }
        Ok(done)
    }

    fn keep_badge(
        &self,
        db: &Connection,
        id: BadgeId,
        original: &Original,
        report: &Report,
        changes: &mut Changes,
    ) -> Result<Outcome, WalletError> {
        let here = Copy { original: original.sha256, part: report.part };
        let Some(before) = badge::get(db, id)? else {
            original::put(db, original)?;
            let new = Badge { id, original: here.original, part: here.part, seq: 0, added: to_micros(self.now), removed: None };
            let new = badge::put(db, new)?;
            changes.entries.insert(id, verify::entry(&new, report, self.now));
            return Ok(Outcome::Added);
        };
        let there = Copy { original: before.original, part: before.part };
        let mut badge = Badge { removed: None, ..before };
        if here != there && !badge::copies(db, id)?.contains(&here) {
            original::put(db, original)?;
            if self.is_better(db, there, report)? {
                // The same credential may stand in a broken picture and in a sound one.
                badge::add_copy(db, id, there)?;
                badge = Badge { original: here.original, part: here.part, ..badge };
            } else {
                badge::add_copy(db, id, here)?;
            }
        }
        if badge != before {
            let badge = badge::put(db, badge)?;
            changes.entries.remove(&id);
            if badge.original == here.original && badge.part == here.part {
                changes.entries.insert(id, verify::entry(&badge, report, self.now));
            }
        }
        Ok(if before.removed.is_some() { Outcome::Added } else { Outcome::Duplicate })
    }

    /// Whether the badge is worth more as it stands in the file of this report than as it stands there.
    fn is_better(&self, db: &Connection, there: Copy, report: &Report) -> Result<bool, WalletError> {
        let bytes = original::get(db, there.original)?.bytes;
        let checked = verify::check(&container::open_bytes(&bytes), self.now, |key| match self.asking.evidence.document(key) {
            Some(document) => Ok(Some(document.clone())),
            None => evidence::get(db, key),
        })?;
        let worth = |report: &Report| match report.verdict {
            Verdict::Valid => 3,
            Verdict::Undecided => 2,
            Verdict::Invalid => 1,
            Verdict::NoBadge => 0,
        };
        Ok(checked.reports.get(there.part).is_none_or(|known| worth(report) > worth(known)))
    }

    /// Lets the index follow.
    fn follow(&mut self, changes: &Changes) -> Result<(), WalletError> {
        let now = self.now;
        let mut affected = Vec::new();
        for key in &changes.documents {
            affected.extend(self.wallet.store.read(|db| evidence::users(db, key))?);
        }
        affected.retain(|id| !changes.entries.contains_key(id));
        self.wallet.repairing(now, |wallet| {
            wallet.catch_up(now, &changes.entries)?;
            wallet.on_index(|index| index.mark_due(&affected))?;
            wallet.freshen(now)
        })
    }
}
