//! Files in, badges kept. A file is kept byte for byte if it carries a badge, whatever that badge is worth: the learner decides. A credential
//! that is here already is joined with it, in whatever form it comes. Each file is taken whole, in one transaction with its neighbours.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use jiff::Timestamp;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator};
use rusqlite::Connection;
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::code::Code;
use satchel_badge::container::{self, Format, Opened};
use satchel_badge::evidence::{Document, Evidence, Need, Origin};
use satchel_badge::report::{Line, Report, Verdict};
use satchel_fetch::{Client, FetchError};

use crate::inspect::{Asking, Budget, needs};
use crate::store::badge::{self, Badge, Copy};
use crate::store::index::Entry;
use crate::store::original::{self, Original};
use crate::store::source::{self, Source};
use crate::store::{evidence, known, numbered, to_micros};
use crate::verify::{self, Checked, Known};
use crate::{BadgeId, Sha256, Wallet, WalletError, picture};

/// Servers of badges choose by this header between a page for people and the badge.
const ACCEPT: &str = "application/ld+json, application/json, application/vc+ld+json, application/vc, application/vc+jwt, application/jwt, \
                      image/png, image/svg+xml, */*;q=0.1";

/// Bytes of the largest file that is kept.
pub const MAX_FILE: u64 = 64 << 20;

/// What an address gave.
#[derive(Debug)]
pub struct Fetched {
    /// The file, or the line that says why there is none.
    pub file: Result<Vec<u8>, Line>,
    /// The host, where it was sent a request.
    pub asked: Option<String>,
}

/// Fetches a file by its address through the guarded client: a hosted badge, or a link that answers with a picture or JSON. Only an answer that
/// says "here it is" gives a file, whatever a host sends along with another.
pub fn fetch(client: Option<&Client>, url: &str) -> Fetched {
    let fetched = client.ok_or(FetchError::Offline).and_then(|client| client.get(url, ACCEPT));
    let was_asked = !matches!(fetched, Err(FetchError::Offline | FetchError::BadUrl { .. }));
    let unreachable = |why: [String; 2]| Err(Line::new(Code::SourceUnreachable, why));
    let file = match fetched {
        Ok(document) if document.status == 200 => Ok(document.bytes.to_vec()),
        Ok(document) => unreachable([document.status.to_string(), document.status.to_string()]),
        Err(error) => unreachable(error.cause().in_each()),
    };
    Fetched { file, asked: crate::pasted::host_of(url).filter(|_| was_asked) }
}

/// A file that may be kept.
#[derive(Clone, Debug)]
pub struct Candidate {
    name: String,
    opened: Opened,
    /// Empty where there is nothing to keep.
    bytes: Vec<u8>,
    /// The address it was fetched from.
    source: Option<String>,
    /// What it says by itself, where that was looked at before it is kept.
    alone: Option<Arc<Alone>>,
}

/// The reports on a file by itself, with no other document at hand.
#[derive(Debug)]
struct Alone {
    policy: Policy,
    now: Timestamp,
    reports: Vec<Report>,
}

impl Candidate {
    /// Reads a file called `name`. Of one without a badge only as much is read as shows that.
    pub fn read<R: Read + Seek>(name: &str, reader: &mut R) -> Self {
        Self::try_read(name, reader).unwrap_or_else(|error| Self::unreadable(name, &error))
    }

    /// A file in memory.
    pub fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        Self::read(name, &mut Cursor::new(bytes))
    }

    /// Asks whoever may know more about the badges in it; what they said is for [`Wallet::learn`]. No wallet waits meanwhile.
    pub fn ask(&self, client: &Client, now: Timestamp) -> Evidence {
        heard(std::slice::from_mut(&mut self.clone()), client, &Policy::default(), now)
    }

    /// A file that could not be opened.
    pub fn unreadable(name: &str, error: &io::Error) -> Self {
        Self::without(name, container::unopened(error))
    }

    /// Something that is refused for a reason that is known already.
    pub(crate) fn refused(name: &str, line: Line) -> Self {
        Self::without(name, Opened { format: Format::Unknown, embedded: Vec::new(), lines: vec![line] })
    }

    fn without(name: &str, opened: Opened) -> Self {
        Self { name: name.to_owned(), opened, bytes: Vec::new(), source: None, alone: None }
    }

    /// The same, fetched from this address.
    #[must_use]
    pub fn fetched_from(self, url: &str) -> Self {
        Self { source: Some(url.to_owned()), ..self }
    }

    /// Its name: that of the file, without the folder, or the address it came from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was found when it was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Its bytes; empty where there is nothing to keep.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn try_read<R: Read + Seek>(name: &str, reader: &mut R) -> io::Result<Self> {
        let opened = container::open(reader)?;
        if opened.embedded.iter().all(|embedded| embedded.text.is_empty()) {
            return Ok(Self::without(name, opened));
        }
        reader.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        reader.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE {
            return Ok(Self::refused(name, Line::new(Code::TooLarge, [(MAX_FILE >> 20).to_string()])));
        }
        // What is kept is what is judged, also when the file was changed in between.
        Ok(Self { name: name.to_owned(), opened: container::open_bytes(&bytes), bytes, source: None, alone: None })
    }
}

impl Candidate {
    /// Checks it with what `find` knows of the documents it needs. What it says by itself is not found out twice.
    pub(crate) fn check(
        &self,
        policy: &Policy,
        now: Timestamp,
        find: impl Fn(&str) -> Result<Known, WalletError>,
    ) -> Result<Checked, WalletError> {
        match self.alone.as_deref().filter(|alone| alone.policy == *policy && alone.now == now) {
            Some(alone) => verify::check_on(alone.reports.clone(), &self.opened, policy, now, find),
            None => verify::check(&self.opened, policy, now, find),
        }
    }

    /// The credential that a report is about, where there is one to keep.
    fn credential(&self, report: &Report) -> Option<&[u8]> {
        let text = self.opened.embedded.get(report.part).map(|embedded| embedded.text.as_slice())?;
        let is_one = !text.is_empty() && !self.bytes.is_empty() && report.verdict != Verdict::NoBadge;
        is_one.then_some(text)
    }
}

/// Files that are kept together, in one transaction: enough that waiting for the disk does not count; few, so that a run that is broken off loses
/// little time; and no more of them than memory has room for.
#[derive(Default)]
pub struct Batch {
    candidates: Vec<Candidate>,
    bytes: usize,
}

impl Batch {
    /// Files of one batch.
    pub const FILES: usize = 64;
    /// Bytes of one batch; the last file may go beyond.
    pub const BYTES: usize = 64 << 20;

    /// Adds a file. Says whether the batch is full.
    pub fn add(&mut self, candidate: Candidate) -> bool {
        self.bytes += candidate.bytes.len();
        self.candidates.push(candidate);
        self.candidates.len() >= Self::FILES || self.bytes >= Self::BYTES
    }

    /// What it holds; it is empty then.
    pub fn take(&mut self) -> Vec<Candidate> {
        self.bytes = 0;
        std::mem::take(&mut self.candidates)
    }
}

/// What would become of a credential, were it kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It would be new.
    New,
    /// It is here already, or stands in what was looked at before.
    Here,
    /// It is in the bin, and would come back.
    Bin,
    /// It would not be kept; the report says why.
    Refused,
}

/// A credential that could be imported.
#[derive(Debug)]
pub struct Previewed {
    /// Its id; none when it would be refused.
    pub id: Option<BadgeId>,
    /// What would become of it.
    pub fate: Fate,
    /// The report on it, as it stands in this file.
    pub report: Report,
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
    /// What was looked at before it is kept.
    previewed: HashSet<BadgeId>,
    /// What is demanded of the files, where that is not what the wallet demands.
    demanded: Option<Policy>,
}

impl Wallet {
    /// Begins an import; without a client nobody is asked.
    pub fn importer<'a>(&'a mut self, client: Option<&'a Client>, now: Timestamp) -> Importer<'a> {
        self.importer_with(Evidence::default(), client, now)
    }

    /// The same with documents that are at hand, such as those that an inspection has fetched.
    pub fn importer_with<'a>(&'a mut self, evidence: Evidence, client: Option<&'a Client>, now: Timestamp) -> Importer<'a> {
        Importer { wallet: self, client, now, asking: Asking::new(evidence), previewed: HashSet::new(), demanded: None }
    }
}

/// What a batch has changed so far.
#[derive(Default)]
struct Changes {
    entries: HashMap<BadgeId, Entry>,
    documents: BTreeSet<String>,
    /// Badges that stand in another file too by now, or whose picture was fetched, so that another one may show them.
    copied: Vec<BadgeId>,
}

impl Importer<'_> {
    /// The same, of files of which this is demanded.
    pub(crate) fn demanding(self, policy: Policy) -> Self {
        Self { demanded: Some(policy), ..self }
    }

    fn policy(&self) -> &Policy {
        self.demanded.as_ref().unwrap_or(&self.wallet.policy)
    }

    /// Keeps a batch of files, all or none; what became of each, in their order. When this returns, they are on the disk.
    pub fn take(&mut self, batch: &[Candidate]) -> Result<Vec<Vec<Imported>>, WalletError> {
        self.take_and(batch, |_, _| Ok(()))
    }

    /// The same, with something else in the same transaction, which sees what became of the files.
    pub(crate) fn take_and(
        &mut self,
        batch: &[Candidate],
        also: impl FnOnce(&Connection, &[Vec<Imported>]) -> Result<(), WalletError>,
    ) -> Result<Vec<Vec<Imported>>, WalletError> {
        let checked = self.check(batch)?;
        let mut changes = Changes::default();
        let done = self.wallet.store.write(|db| {
            let files = batch.iter().zip(checked);
            let kept = files.map(|(candidate, checked)| self.keep(db, candidate, checked, &mut changes));
            let kept = kept.collect::<Result<Vec<_>, _>>()?;
            also(db, &kept)?;
            Ok(kept)
        })?;
        self.follow(&changes)?;
        Ok(done)
    }

    /// Takes note of what is at hand about the badges of a file that are kept, in the bin or not. None is added or brought back. Says whether the key
    /// of an issuer has passed on, as was not known before.
    pub(crate) fn note(&mut self, file: &Candidate) -> Result<bool, WalletError> {
        let mut changes = Changes::default();
        let passed_on = |checked: &Checked| checked.reports.iter().flat_map(verify::lines).any(|line| line.code.says_succeeded());
        let before = file.check(&self.wallet.policy, self.now, |key| verify::kept(&self.wallet.store, key))?;
        let mut is_news = false;
        for checked in self.check(std::slice::from_ref(file))? {
            let noted = self.wallet.store.write(|db| {
                let mut noted = Vec::new();
                for text in checked.reports.iter().filter_map(|report| file.credential(report)) {
                    let id = Sha256::of_credential(text);
                    if badge::get(db, id)?.is_some() {
                        self.keep_evidence(db, id, &checked, &mut changes)?;
                        noted.push(id);
                    }
                }
                Ok(noted)
            })?;
            is_news |= !noted.is_empty() && passed_on(&checked) && !passed_on(&before);
            self.wallet.repairing(self.now, |wallet| wallet.on_index(|index| index.mark_due(&noted)))?;
        }
        self.follow(&changes)?;
        Ok(is_news)
    }

    /// Whoever was sent a request so far.
    pub fn asked(&self) -> &BTreeSet<String> {
        &self.asking.asked
    }

    /// What could not be fetched so far, and why.
    pub fn failed(&self) -> &[(Need, FetchError)] {
        &self.asking.failed
    }

    /// Looks at a batch of files without keeping anything: what would become of each credential, in their order.
    pub fn preview(&mut self, batch: &[Candidate]) -> Result<Vec<Vec<Previewed>>, WalletError> {
        let checked = self.check(batch)?;
        let files = batch.iter().zip(checked);
        files
            .map(|(candidate, checked)| checked.reports.into_iter().map(|report| self.fate(candidate, report)).collect())
            .collect()
    }

    fn fate(&mut self, candidate: &Candidate, report: Report) -> Result<Previewed, WalletError> {
        let Some(text) = candidate.credential(&report) else {
            return Ok(Previewed { id: None, fate: Fate::Refused, report });
        };
        let (id, known) = self.wallet.store.read(|db| known(db, text, &report))?;
        let is_first = self.previewed.insert(id);
        let fate = match known {
            Some(badge) if badge.removed.is_some() && is_first => Fate::Bin,
            None if is_first => Fate::New,
            _ => Fate::Here,
        };
        Ok(Previewed { id: Some(id), fate, report })
    }

    /// Fetches a file by its address. What cannot be had becomes a candidate that is refused and says why; the file is kept with the address it
    /// came from.
    pub fn fetch(&mut self, url: &str) -> Candidate {
        let name = crate::pasted::name_of(url);
        let Fetched { file, asked } = fetch(self.client, url);
        self.asking.asked.extend(asked);
        match file {
            Ok(bytes) => Candidate::of_bytes(&name, &bytes).fetched_from(url),
            Err(line) => Candidate::refused(&name, line),
        }
    }

    /// Takes note of a document that came along with badges, such as those of an exported folder. It makes nothing pass, and takes the place
    /// of nothing that this wallet asked for itself (security.md, V06); it says what could be asked.
    pub fn bring(&mut self, key: &str, document: Document) {
        self.asking.evidence.add(key, Document { origin: Origin::Brought, fetched: None, ..document });
    }

    /// Checks a batch, with what may be asked.
    fn check(&mut self, batch: &[Candidate]) -> Result<Vec<Checked>, WalletError> {
        if let Some(client) = self.client {
            let policy = self.demanded.as_ref().unwrap_or(&self.wallet.policy);
            ask(&mut self.asking, client, batch, policy, self.now);
        }
        let (store, policy, fetched, now) = (&self.wallet.store, self.policy(), &self.asking.evidence, self.now);
        let check = |candidate: &Candidate| {
            candidate.check(policy, now, |key| store.read(|db| verify::known(db, key, fetched.document(key))))
        };
        batch.par_iter().map(check).collect()
    }

    fn keep(
        &self,
        db: &Connection,
        candidate: &Candidate,
        mut checked: Checked,
        changes: &mut Changes,
    ) -> Result<Vec<Imported>, WalletError> {
        let sha256 = Sha256::of(&candidate.bytes);
        let mut done = Vec::new();
        for report in std::mem::take(&mut checked.reports) {
            let Some(text) = candidate.credential(&report) else {
                done.push(Imported { id: None, outcome: Outcome::Refused, report });
                continue;
            };
            let original = Original {
                sha256,
                format: candidate.opened.format.name().to_owned(),
                name: candidate.name.clone(),
                added: to_micros(self.now),
                bytes: candidate.bytes.clone(),
            };
            let (id, before) = known(db, text, &report)?;
            let outcome = self.keep_badge(db, (id, before), &original, (&report, &checked.pictures), changes)?;
            if let Some(url) = candidate.source.clone() {
                source::put(db, &Source { original: sha256, url, fetched: to_micros(self.now) })?;
            }
            self.keep_evidence(db, id, &checked, changes)?;
            done.push(Imported { id: Some(id), outcome, report });
        }
        Ok(done)
    }

    /// Keeps what a badge rests on, and what shows it.
    fn keep_evidence(&self, db: &Connection, id: BadgeId, checked: &Checked, changes: &mut Changes) -> Result<(), WalletError> {
        for key in checked.used.iter().chain(&checked.pictures) {
            self.keep_document(db, key, changes)?;
            evidence::note_use(db, id, key)?;
        }
        if !checked.pictures.is_empty() {
            changes.copied.push(id);
        }
        checked.numbers.iter().try_for_each(|(key, number)| numbered::note(db, key, *number))
    }

    fn keep_document(&self, db: &Connection, key: &str, changes: &mut Changes) -> Result<(), WalletError> {
        let Some(document) = self.asking.evidence.document(key) else { return Ok(()) };
        if verify::is_older(document, numbered::get(db, key)?) && evidence::get(db, key)?.is_some() {
            return Ok(());
        }
        if evidence::put(db, key, document)? {
            changes.documents.insert(key.to_owned());
        }
        Ok(())
    }

    fn keep_badge(
        &self,
        db: &Connection,
        (id, before): (BadgeId, Option<Badge>),
        original: &Original,
        (report, pictures): (&Report, &BTreeSet<String>),
        changes: &mut Changes,
    ) -> Result<Outcome, WalletError> {
        let here = Copy { original: original.sha256, part: report.part };
        // Of what came through an account more is demanded than of a file.
        let is_whole = || Ok::<_, WalletError>(self.demanded.is_some() || !known::has_badge(db, id)?);
        let Some(before) = before else {
            original::put(db, original)?;
            let new = Badge { id, original: here.original, part: here.part, seq: 0, added: to_micros(self.now), removed: None };
            let new = badge::put(db, new)?;
            if is_whole()? {
                changes.entries.insert(id, verify::entry(&new, report, pictures, &self.wallet.policy, self.now));
            }
            return Ok(Outcome::Added);
        };
        let there = Copy { original: before.original, part: before.part };
        let mut badge = Badge { removed: None, ..before };
        if here != there && !badge::copies(db, id)?.contains(&here) {
            original::put(db, original)?;
            changes.copied.push(id);
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
            if is_whole()? && badge.original == here.original && badge.part == here.part {
                changes.entries.insert(id, verify::entry(&badge, report, pictures, &self.wallet.policy, self.now));
            }
        }
        Ok(if before.removed.is_some() { Outcome::Added } else { Outcome::Duplicate })
    }

    /// Whether the badge is worth more as it stands in the file of this report than as it stands there.
    fn is_better(&self, db: &Connection, there: Copy, report: &Report) -> Result<bool, WalletError> {
        let bytes = original::get(db, there.original)?.bytes;
        let opened = container::open_bytes(&bytes);
        let known = |key: &str| verify::known(db, key, self.asking.evidence.document(key));
        let checked = verify::check(&opened, &self.wallet.policy, self.now, known)?;
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
        self.wallet.pictures.forget(&changes.copied);
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

/// The id of a credential, and the badge if it is kept. A link that was kept before its assertion was at hand stays what it is.
fn known(db: &Connection, text: &[u8], report: &Report) -> Result<(BadgeId, Option<Badge>), WalletError> {
    let alone = Sha256::of_credential(text);
    let badge = badge::get(db, alone)?;
    match Sha256::of_linked(text, report) {
        Some(id) if badge.is_none() => Ok((id, badge::get(db, id)?)),
        _ => Ok((alone, badge)),
    }
}

/// What those say who may know more about the badges in these files. Each file keeps what it says by itself, for whoever checks it next under the
/// same policy.
pub(crate) fn heard(batch: &mut [Candidate], client: &Client, policy: &Policy, now: Timestamp) -> Evidence {
    batch.par_iter_mut().for_each(|it| {
        let reports = check_opened(&it.opened, &Evidence::default(), policy, now);
        it.alone = Some(Arc::new(Alone { policy: policy.clone(), now, reports }));
    });
    let mut asking = Asking::default();
    ask(&mut asking, client, batch, policy, now);
    asking.evidence
}

/// Fetches what the badges in these files need. A file that needs nothing any more is not checked again.
fn ask(asking: &mut Asking, client: &Client, batch: &[Candidate], policy: &Policy, now: Timestamp) {
    let of = |reports: &[Report]| (needs(reports), picture::needs(reports));
    let first = |it: &Candidate| match it.alone.as_deref() {
        Some(alone) => of(&alone.reports),
        None => of(&check_opened(&it.opened, &Evidence::default(), policy, now)),
    };
    let mut lacking: Vec<(Vec<Need>, Vec<Need>)> = batch.par_iter().map(first).collect();
    let mut budgets = Budget::of(batch.len());
    asking.ask(
        client,
        &mut budgets,
        || now,
        |evidence| {
            let again = |(it, lacks): (&Candidate, &mut (Vec<Need>, Vec<Need>))| {
                if lacks.0.iter().any(|need| evidence.has(need.key())) {
                    *lacks = of(&check_opened(&it.opened, evidence, policy, now));
                }
            };
            batch.par_iter().zip(&mut lacking).for_each(again);
            lacking.iter().map(|(needs, _)| needs.clone()).collect()
        },
    );
    // Afterwards, so that no picture takes the place of a document on which a verdict rests.
    if lacking.iter().any(|(_, pictures)| !pictures.is_empty()) {
        asking.ask(client, &mut budgets, || now, |_| lacking.iter().map(|(_, pictures)| pictures.clone()).collect());
    }
}
