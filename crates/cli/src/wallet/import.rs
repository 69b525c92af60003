//! `satchel wallet import`: files in batches. What is said to be added is on the disk.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use satchel_wallet::inspect::Source;
use satchel_wallet::{BadgeId, Candidate, Imported, Importer, MAX_FILE, Outcome as Became, State, Wallet};
use serde::Serialize;

use super::{Desk, Out, status};
use crate::problem::Problem;
use crate::verify::{self, asked, pick, plain};
use crate::{Outcome, network, sources};

/// Files of one transaction. Enough that waiting for the disk does not count; few, so that a run that is broken off loses little time.
const FILES: usize = 64;

/// Bytes of one transaction.
const BYTES: u64 = 64 << 20;

/// A line about one credential.
#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    part: usize,
    id: Option<BadgeId>,
    result: &'static str,
    verdict: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    message: String,
}

#[derive(Default)]
struct Counts {
    added: usize,
    duplicate: usize,
    refused: usize,
}

pub fn run(desk: &Desk, command: &super::args::Import) -> Outcome {
    let client = if command.offline { None } else { Some(network::client(&command.allow_host, FILES)?) };
    let mut wallet = Wallet::open_or_create(&desk.dir, desk.now).map_err(|error| desk.problem(&error))?;
    let mut importer = wallet.importer(client.as_ref(), desk.now);
    let (mut out, mut counts) = (Out::new(), Counts::default());
    let mut sources = sources::of(&command.paths, &[]).peekable();
    while sources.peek().is_some() {
        take(desk, &mut importer, &batch(&mut sources), &mut out, &mut counts)?;
    }
    for (need, error) in importer.failed() {
        let words = pick(desk.language, "could not fetch", "impossibile scaricare");
        anstream::eprintln!("{words} {}: {}", plain(need.key()), plain(&error.to_string()));
    }
    anstream::eprintln!("{}. {}", counts.words(desk), asked(importer.asked(), !importer.failed().is_empty(), desk.language));
    let nothing = counts.added + counts.duplicate == 0;
    Ok(status(counts.refused > 0 || nothing))
}

/// The next files, as many as go together.
fn batch(sources: &mut impl Iterator<Item = Source>) -> Vec<Source> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < FILES && bytes < BYTES {
        let Some(source) = sources.next() else { break };
        bytes += std::fs::metadata(&source.path).map_or(0, |metadata| metadata.len().min(MAX_FILE));
        batch.push(source);
    }
    batch
}

fn take(desk: &Desk, importer: &mut Importer<'_>, batch: &[Source], out: &mut Out, counts: &mut Counts) -> Result<(), Problem> {
    let candidates: Vec<Candidate> = batch.par_iter().map(candidate).collect();
    let files = importer.take(&candidates).map_err(|error| desk.problem(&error))?;
    for (source, done) in batch.iter().zip(files) {
        let path = source.path.to_string_lossy();
        for imported in &done {
            counts.count(imported.outcome);
            say(desk, &path, imported, out)?;
        }
    }
    out.flush()
}

fn candidate(source: &Source) -> Candidate {
    let name = if sources::is_standard_input(&source.path) { Some("stdin".as_ref()) } else { source.path.file_name() };
    source.candidate(&name.unwrap_or(source.path.as_os_str()).to_string_lossy())
}

fn say(desk: &Desk, path: &str, imported: &Imported, out: &mut Out) -> Result<(), Problem> {
    let report = &imported.report;
    let is_refused = imported.outcome == Became::Refused;
    let message = report.headline(desk.language);
    if desk.json {
        return out.json(&Row {
            path,
            part: report.part,
            id: imported.id,
            result: name(imported.outcome),
            verdict: report.verdict.name(),
            code: report.reasons().next().filter(|_| is_refused).map(|line| line.code.name()),
            message,
        });
    }
    let word = word(desk, imported.outcome);
    if is_refused {
        return out.line(&format!("· {word}  {}: {message}", plain(path)));
    }
    let (shape, colour) = verify::shape(State::of(report));
    let id = imported.id.map(|id| id.to_string()).unwrap_or_default();
    let id = id.get(..12).unwrap_or_default();
    out.line(&format!("{colour}{shape} {word}\x1b[0m  {id}  {}: {message}", plain(path)))
}

const fn name(outcome: Became) -> &'static str {
    match outcome {
        Became::Added => "added",
        Became::Duplicate => "duplicate",
        Became::Refused => "refused",
    }
}

fn word(desk: &Desk, outcome: Became) -> &'static str {
    match outcome {
        Became::Added => pick(desk.language, "added", "aggiunto"),
        Became::Duplicate => pick(desk.language, "already there", "già presente"),
        Became::Refused => pick(desk.language, "refused", "rifiutato"),
    }
}

impl Counts {
    fn count(&mut self, outcome: Became) {
        match outcome {
            Became::Added => self.added += 1,
            Became::Duplicate => self.duplicate += 1,
            Became::Refused => self.refused += 1,
        }
    }

    fn words(&self, desk: &Desk) -> String {
        let all = [(self.added, Became::Added), (self.duplicate, Became::Duplicate), (self.refused, Became::Refused)];
        let counts: Vec<String> =
            all.into_iter().filter(|(count, _)| *count > 0).map(|(count, of)| format!("{count} {}", word(desk, of))).collect();
        if counts.is_empty() {
            return pick(desk.language, "No file was found", "Non è stato trovato alcun file").to_owned();
        }
        counts.join(", ")
    }
}
