//! `satchel verify`: files in, one report per credential out, in the order of their paths. Files are taken in batches, so that memory
//! does not grow with their number; within a batch all cores work.

mod csv;
mod html;
mod json;
mod tally;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, BufReader, IsTerminal};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::container::{self, Opened};
use satchel_badge::evidence::{Evidence, Need};
use satchel_badge::report::Report;
use satchel_badge::words::Language;
use satchel_fetch::{Client, MAX_ASKED_BY_ONE};

use crate::args::Verify;
use crate::problem::{self, Problem};
use crate::sources::{self, Source};
use crate::{Outcome, evidence, network, output};
use tally::Tally;

pub use json::Row;
pub use tally::Kind;
pub use text::{Text, asked, pick, plain, shape, word};

/// Files of one batch. Enough to keep all cores busy, few enough to forget.
const BATCH: usize = 512;

/// One file and what was found in it.
struct Checked {
    source: Source,
    reports: Vec<Report>,
}

/// Where reports go.
trait Sink {
    fn write(&mut self, checked: &Checked) -> Result<(), Problem>;
    fn finish(self: Box<Self>, end: &End<'_>) -> Result<(), Problem>;
}

/// What is known when all files were checked.
struct End<'a> {
    tally: &'a Tally,
    now: Timestamp,
    asked: &'a BTreeSet<String>,
    /// What could not be fetched: its address and why.
    failed: &'a [(String, String)],
    offline: bool,
    recipient: Option<&'a str>,
    /// Folders on the command line that hold no badge.
    without_badge: &'a [String],
}

pub fn run(command: &Verify, language: Language) -> Outcome {
    verify(command, language).map_err(|problem| problem.in_json(command.json))
}

fn verify(command: &Verify, language: Language) -> Outcome {
    refuse_to_overwrite(command)?;
    let mut verifier = Verifier::new(command)?;
    let mut sinks = sinks(command, language)?;
    let mut tally = Tally::new(command.paths.len());
    let progress = progress(command);
    let mut batch = Vec::with_capacity(BATCH);
    let mut sources = sources::of(&command.paths);
    loop {
        batch.extend(sources.by_ref().take(BATCH));
        if batch.is_empty() {
            break;
        }
        for checked in verifier.check(std::mem::take(&mut batch)) {
            tally.count(&checked);
            for sink in &mut sinks {
                sink.write(&checked)?;
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let failed: Vec<(String, String)> = verifier.failed;
    let folders = tally.empty_handed().map(|named| &command.paths[named]).filter(|path| path.is_dir());
    let without_badge: Vec<String> = folders.map(|path| shown(path)).collect();
    let end = End {
        tally: &tally,
        now: verifier.now,
        asked: &verifier.asked,
        failed: &failed,
        offline: command.offline,
        recipient: command.recipient.as_deref(),
        without_badge: &without_badge,
    };
    for sink in sinks {
        sink.finish(&end)?;
    }
    Ok(tally.status())
}

/// A report must not take the place of a badge that it speaks of, nor of the other report.
fn refuse_to_overwrite(command: &Verify) -> Result<(), Problem> {
    let outputs = [&command.csv, &command.html];
    let read = [&command.evidence, &command.trust].into_iter().flatten().chain(&command.paths);
    let read: Vec<_> = read.collect();
    for output in outputs.into_iter().flatten() {
        if read.iter().any(|path| output::is_same(output, path)) {
            return Err(Problem::new(problem::Kind::OverInput, [output.display().to_string()]));
        }
    }
    match outputs {
        [Some(csv), Some(html)] if csv == html || output::is_same(csv, html) => {
            Err(Problem::new(problem::Kind::OverInput, [html.display().to_string()]))
        }
        _ => Ok(()),
    }
}

/// All the forms that were asked for.
fn sinks(command: &Verify, language: Language) -> Result<Vec<Box<dyn Sink>>, Problem> {
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    if command.json {
        sinks.push(Box::new(json::Json::new(language)));
    }
    if let Some(path) = &command.csv {
        sinks.push(Box::new(csv::Csv::create(path, language)?));
    }
    if let Some(path) = &command.html {
        sinks.push(Box::new(html::Html::create(path, &command.paths, language)?));
    }
    let one_file = matches!(command.paths.as_slice(), [path] if !path.is_dir());
    sinks.push(Box::new(Text::new(language, command.json, one_file)));
    Ok(sinks)
}

/// Only a person who waits sees it.
fn progress(command: &Verify) -> ProgressBar {
    let many = command.paths.len() > 1 || command.paths.iter().any(|path| path.is_dir());
    let shown = many && io::stderr().is_terminal() && (command.json || !io::stdout().is_terminal());
    if !shown {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos}  {per_sec}  {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

struct Verifier {
    policy: Policy,
    evidence: Evidence,
    now: Timestamp,
    client: Option<Client>,
    asked: BTreeSet<String>,
    failed: Vec<(String, String)>,
    /// What was asked for in vain; nobody is asked twice.
    in_vain: HashSet<Need>,
}

impl Verifier {
    fn new(command: &Verify) -> Result<Self, Problem> {
        let trust = command.trust.as_deref().map(evidence::read_trust).transpose()?.unwrap_or_default();
        let policy =
            Policy { recipient: command.recipient.clone(), trust, require_trust: command.require_trust, ..Policy::default() };
        let evidence = command.evidence.as_deref().map(evidence::read).transpose()?.unwrap_or_default();
        let client = if command.offline { None } else { Some(network::client(&command.allow_host, BATCH)?) };
        Ok(Self {
            policy,
            evidence,
            now: command.at.unwrap_or_else(Timestamp::now),
            client,
            asked: BTreeSet::new(),
            failed: Vec::new(),
            in_vain: HashSet::new(),
        })
    }

    fn check(&mut self, batch: Vec<Source>) -> Vec<Checked> {
        let check = |opened: &Opened, evidence: &Evidence| check_opened(opened, evidence, &self.policy, self.now);
        let mut checked: Vec<(Opened, Checked)> = batch
            .into_par_iter()
            .map(|source| {
                let opened = open(&source);
                let reports = check(&opened, &self.evidence);
                (opened, Checked { source, reports })
            })
            .collect();
        if let Some(client) = self.client.take() {
            self.ask(&client, &mut checked);
            self.client = Some(client);
        }
        checked.into_iter().map(|(_, checked)| checked).collect()
    }

    /// Fetches what the reports lack, and checks those again.
    fn ask(&mut self, client: &Client, checked: &mut [(Opened, Checked)]) {
        let lacking: Vec<usize> = (0..checked.len()).filter(|at| !needs(&checked[*at].1.reports).is_empty()).collect();
        if lacking.is_empty() {
            return;
        }
        let (policy, now, in_vain) = (&self.policy, self.now, &self.in_vain);
        let mut asked_by: HashMap<usize, HashSet<Need>> = HashMap::new();
        let mut first = true;
        let answered = satchel_fetch::answer(client, &mut self.evidence, Timestamp::now, |evidence| {
            if !std::mem::take(&mut first) {
                let opened = |at: usize| &checked[at].0;
                let again: Vec<(usize, Vec<Report>)> =
                    lacking.par_iter().map(|at| (*at, check_opened(opened(*at), evidence, policy, now))).collect();
                for (at, reports) in again {
                    checked[at].1.reports = reports;
                }
            }
            let mut all = Vec::new();
            for at in &lacking {
                let asked = asked_by.entry(*at).or_default();
                for need in needs(&checked[*at].1.reports).into_iter().filter(|need| !in_vain.contains(need)) {
                    if asked.contains(&need) || asked.len() < MAX_ASKED_BY_ONE {
                        asked.insert(need.clone());
                        all.push(need);
                    }
                }
            }
            all
        });
        self.asked.extend(answered.asked_hosts);
        for (need, error) in answered.failed {
            self.failed.push((need.key().to_owned(), error.to_string()));
            self.in_vain.insert(need);
        }
    }
}

fn needs(reports: &[Report]) -> Vec<Need> {
    reports.iter().flat_map(Report::all_needs).cloned().collect()
}

/// Opens a file; one that cannot be read has a report that says so.
fn open(source: &Source) -> Opened {
    let opened = match &source.problem {
        Some(why) => Err(io::Error::other(why.clone())),
        None => output::open(&source.path).and_then(|file| container::open(&mut BufReader::new(file))),
    };
    opened.unwrap_or_else(|error| container::unopened(&error))
}

/// The path as it is shown and written.
fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
