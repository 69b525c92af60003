//! `satchel verify`: options in, words and the exit status out. The work is `satchel_wallet::inspect`.

mod reports;
mod text;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use satchel_badge::check::Policy;
use satchel_badge::words::Language;
use satchel_wallet::State;
use satchel_wallet::inspect::{self, BATCH, Inputs, InspectOptions, Inspection, Tally};

use crate::args::Verify;
use crate::evidence::Given;
use crate::problem::{Kind, Problem};
use crate::{Outcome, Status, network, sources};
use reports::Reports;

pub use text::{Text, asked, pick, plain, shape};

pub fn run(command: &Verify, language: Language) -> Outcome {
    verify(command, language).map_err(|problem| problem.in_json(command.json))
}

fn verify(command: &Verify, language: Language) -> Outcome {
    let given = Given::read(command.evidence.as_deref(), command.trust.as_deref())?;
    refuse_to_overwrite(command, &given)?;
    let mut inspection = inspection(command, given)?;
    let mut reports = Reports::begin(command, language)?;
    let mut tally = Tally::new(command.paths.len());
    let progress = progress(command);
    let places = reports.places.clone();
    inspection.run(sources::of(&command.paths, &places), &AtomicBool::new(false), |checked| {
        tally.count(&checked);
        reports.write(&checked)?;
        progress.inc(1);
        Ok::<(), Problem>(())
    })?;
    progress.finish_and_clear();
    let folders = tally.empty_handed().map(|named| &command.paths[named]).filter(|path| path.is_dir());
    let without_badge: Vec<_> = folders.map(|path| path.to_string_lossy()).collect();
    reports.finish(&inspection.end(&tally), &without_badge)?;
    Ok(status(&tally))
}

/// The exit status: invalid before unusable before undecided.
fn status(tally: &Tally) -> Status {
    match () {
        () if tally.of(State::Invalid) > 0 => Status::Refused,
        () if tally.unreadable() > 0 || tally.empty_handed().next().is_some() => Status::Usage,
        () if tally.of(State::Undecided) > 0 => Status::Undecided,
        () => Status::Done,
    }
}

/// A report must not take the place of anything that is read, nor of the other report.
fn refuse_to_overwrite(command: &Verify, given: &Given) -> Result<(), Problem> {
    let named: Vec<PathBuf> = command.paths.iter().map(|path| sources::place(path).to_owned()).collect();
    let inputs = Inputs { named: &named, besides: &given.files };
    let refused = |output: &PathBuf| Err(Problem::new(Kind::OverInput, [output.display().to_string()]));
    let outputs = [&command.csv, &command.html];
    if let Some(output) = outputs.into_iter().flatten().find(|output| inputs.hold(output)) {
        return refused(output);
    }
    match outputs {
        [Some(csv), Some(html)] if inspect::is_same(csv, html) => refused(html),
        _ => Ok(()),
    }
}

fn inspection(command: &Verify, given: Given) -> Result<Inspection, Problem> {
    let Given { evidence, trust, .. } = given;
    let policy =
        Policy { recipient: command.recipient.clone(), trust, require_trust: command.require_trust, ..Policy::default() };
    let client = if command.offline { None } else { Some(Arc::new(network::client(&command.allow_host, BATCH)?)) };
    Ok(Inspection::new(InspectOptions { policy, evidence, client, at: command.at, clock: Timestamp::now }))
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
