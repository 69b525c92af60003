//! Many files looked at without keeping them: each opened and checked, what they lack asked for, the answers counted and written as
//! reports. Shell and window use one and the same. Begin at [`Inspection`]; `sources` walks folders, `ask` fetches what is lacking,
//! `tally` counts, `report` says where reports go, and each form of report is a file.
//!
//! Nothing is kept here but the evidence of the run: what was checked is handed on in order and forgotten, so that memory does not grow
//! with the number of files.

mod ask;
mod csv;
mod html;
mod inputs;
mod json;
mod output;
mod report;
mod save;
mod sources;
mod tally;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::code::Code;
use satchel_badge::container::Opened;
use satchel_badge::evidence::{Document, Evidence, Need};
use satchel_badge::report::Report;
use satchel_fetch::{Client, FetchError};

pub(crate) use ask::{Asking, Budget};
pub use csv::Csv;
pub(crate) use csv::plain;
pub use html::Html;
pub use inputs::Inputs;
pub use json::{JsonLines, Row};
pub(crate) use output::is_one;
pub use output::{Output, is_same, place};
pub use report::{End, Sink};
pub use save::{Form, Save, SaveError};
pub use sources::{Source, copy, of as sources, open, read, walk};
pub use tally::{Tally, is_unreadable};

/// Files that are taken at a time: enough to keep all cores busy, few enough to forget.
pub const BATCH: usize = 512;

/// How files are looked at.
pub struct InspectOptions {
    /// What is demanded of a badge.
    pub policy: Policy,
    /// The documents that are at hand.
    pub evidence: Evidence,
    /// Who asks for what is lacking; without one, nobody is asked.
    pub client: Option<Arc<Client>>,
    /// The time as of which badges are checked; none: that of each check, so that what was fetched for it is not of tomorrow.
    pub at: Option<Timestamp>,
    /// Tells the time, and when a document was fetched.
    pub clock: fn() -> Timestamp,
}

/// One file and what was found in it: a report for each credential, or the one that says why there is none.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The file.
    pub source: Source,
    /// The reports, in the order in which the credentials stand.
    pub reports: Vec<Report>,
}

/// A look at many files. Nobody is asked twice for the same document.
///
/// ```
/// use std::convert::Infallible;
/// use std::sync::atomic::AtomicBool;
/// use satchel_wallet::inspect::{self, InspectOptions, Inspection, Tally};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("diary.txt"), "Dear diary, no badge today.")?;
/// let clock = || jiff::Timestamp::UNIX_EPOCH;
/// let (policy, evidence) = Default::default();
/// let options = InspectOptions { policy, evidence, client: None, at: None, clock };
///
/// let (paths, cancelled) = ([folder.path().to_owned()], AtomicBool::new(false));
/// let (mut inspection, mut tally) = (Inspection::new(options), Tally::new(paths.len()));
/// inspection.run(inspect::sources(&paths, &[]), &cancelled, |checked| {
///     tally.count(&checked);
///     Ok::<(), Infallible>(())
/// })?;
/// assert_eq!(tally.files(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Inspection {
    options: InspectOptions,
    asking: Asking,
}

impl Inspection {
    /// Begins; no file is looked at yet.
    pub fn new(mut options: InspectOptions) -> Self {
        let asking = Asking::new(std::mem::take(&mut options.evidence));
        Self { options, asking }
    }

    /// Looks at all `sources` in batches, and at the files of an archive in its place, and hands each on in its order, until there are no
    /// more, `cancelled` is set, or `each` fails.
    /// Says whether it came to the end. Whoever wants to tell beforehand how many there are collects the sources first: they are paths alone.
    ///
    /// # Errors
    /// What `each` fails with.
    pub fn run<E>(
        &mut self,
        sources: impl IntoIterator<Item = Source>,
        cancelled: &AtomicBool,
        mut each: impl FnMut(Checked) -> Result<(), E>,
    ) -> Result<bool, E> {
        in_batches(&mut sources.into_iter(), cancelled, &mut |batch| self.check(batch, cancelled), &mut each)
    }

    /// Looks at a batch of files, on all cores, and asks for what they lack. Once `cancelled` is set no more files are begun and nobody
    /// more is asked; given back is what comes before the first file that is not done.
    pub fn check(&mut self, batch: Vec<Source>, cancelled: &AtomicBool) -> Vec<Checked> {
        let mut checked = self.look(batch, cancelled);
        if let Some(client) = self.options.client.clone() {
            self.ask(&client, &mut checked, cancelled);
        }
        checked.into_iter().map(|(_, checked)| checked).collect()
    }

    /// Looks at one file again with what is at hand, and asks nobody.
    pub fn again(&self, source: Source) -> Checked {
        let reports = self.reports(&source.open());
        Checked { source, reports }
    }

    /// Takes in a document that is at hand after all, such as one that a wallet keeps.
    pub fn learn(&mut self, key: &str, document: Document) {
        self.asking.evidence.add(key, document);
    }

    /// Takes in what was fetched for one file by itself.
    pub fn join(&mut self, heard: Evidence) {
        self.asking.evidence.join(heard);
    }

    /// What is at hand, with all that was fetched so far.
    pub fn evidence(&self) -> &Evidence {
        &self.asking.evidence
    }

    /// Whoever was sent a request so far.
    pub fn asked(&self) -> &BTreeSet<String> {
        &self.asking.asked
    }

    /// What could not be fetched so far, and why.
    pub fn failed(&self) -> &[(Need, FetchError)] {
        &self.asking.failed
    }

    /// What a report says about the run as a whole.
    pub fn end<'a>(&'a self, tally: &'a Tally) -> End<'a> {
        End {
            tally,
            now: self.now(),
            asked: &self.asking.asked,
            failed: &self.asking.failed,
            offline: self.options.client.is_none(),
            recipient: self.options.policy.recipient.as_deref(),
        }
    }

    /// Looks at files with what is at hand, up to the first that is not done.
    fn look(&self, batch: Vec<Source>, cancelled: &AtomicBool) -> Vec<(Opened, Checked)> {
        let look = |source: Source| {
            let opened = source.open();
            let reports = self.reports(&opened);
            (opened, Checked { source, reports })
        };
        let looked = batch.into_par_iter().map(|source| (!is_set(cancelled)).then(|| look(source)));
        let looked: Vec<Option<(Opened, Checked)>> = looked.collect();
        looked.into_iter().map_while(|done| done).collect()
    }

    fn now(&self) -> Timestamp {
        self.options.at.unwrap_or_else(self.options.clock)
    }

    fn reports(&self, opened: &Opened) -> Vec<Report> {
        check_opened(opened, &self.asking.evidence, &self.options.policy, self.now())
    }

    /// Fetches what the reports lack, and checks those files again.
    fn ask(&mut self, client: &Client, checked: &mut Vec<(Opened, Checked)>, cancelled: &AtomicBool) {
        let lacks = |(_, checked): &(Opened, Checked)| checked.reports.iter().any(|report| !report.all_needs().is_empty());
        let lacking: Vec<usize> = (0..checked.len()).filter(|at| lacks(&checked[*at])).collect();
        let Some(first) = lacking.first() else { return };
        let (policy, at, clock) = (&self.options.policy, self.options.at, self.options.clock);
        let mut is_known = true;
        self.asking.ask(client, &mut Budget::of(lacking.len()), clock, |evidence| {
            if is_set(cancelled) {
                return Vec::new();
            }
            if !std::mem::take(&mut is_known) {
                let now = at.unwrap_or_else(clock);
                let again = |at: &usize| (*at, check_opened(&checked[*at].0, evidence, policy, now));
                let again: Vec<(usize, Vec<Report>)> = lacking.par_iter().map(again).collect();
                for (at, reports) in again {
                    checked[at].1.reports = reports;
                }
            }
            lacking.iter().map(|at| needs(&checked[*at].1.reports)).collect()
        });
        if is_set(cancelled) {
            // These would be told with less than was to be had.
            checked.truncate(*first);
        }
    }
}

/// Takes `sources` in batches, looks at each, and hands on what came of it, file by file.
fn in_batches<E>(
    sources: &mut dyn Iterator<Item = Source>,
    cancelled: &AtomicBool,
    look: &mut dyn FnMut(Vec<Source>) -> Vec<Checked>,
    each: &mut dyn FnMut(Checked) -> Result<(), E>,
) -> Result<bool, E> {
    while !is_set(cancelled) {
        let batch: Vec<Source> = (&mut *sources).take_while(|_| !is_set(cancelled)).take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        for checked in look(batch).into_iter().take_while(|_| !is_set(cancelled)) {
            match members(&checked) {
                None => each(checked)?,
                Some(members) => drop(in_batches(&mut members.into_iter(), cancelled, look, each)?),
            }
        }
    }
    Ok(!is_set(cancelled))
}

/// The files in an archive; none for any other file.
fn members(checked: &Checked) -> Option<Vec<Source>> {
    let is_other = |report: &Report| report.lines.iter().any(|line| line.code == Code::UnknownFormat);
    if checked.reports.iter().all(is_other) { checked.source.members() } else { None }
}

fn is_set(cancelled: &AtomicBool) -> bool {
    cancelled.load(Ordering::Relaxed)
}

/// All that would settle what is unknown in these reports.
pub(crate) fn needs(reports: &[Report]) -> Vec<Need> {
    reports.iter().flat_map(Report::all_needs).cloned().collect()
}
