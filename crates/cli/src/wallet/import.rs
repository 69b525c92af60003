//! `satchel wallet import`: files, archives, addresses and pasted text, in batches.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use satchel_wallet::inspect::{self, Source};
use satchel_wallet::{
    AnyReader, BadgeId, Batch, Candidate, Candidates, Imported, Importer, MAX_FILE, Outcome as Became, Pasted, State, pasted,
};
use serde::Serialize;

use super::{Desk, Out, status};
use crate::problem::Problem;
use crate::verify::{self, asked, pick, plain};
use crate::{Outcome, network};

/// Bytes of a text; what is larger is taken for a file.
const MAX_TEXT: u64 = 8 << 20;

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
    let client = if command.asking.offline { None } else { Some(network::client(&command.asking.allow_host, Batch::FILES)?) };
    let mut wallet = desk.open_or_create()?;
    let mut importer = wallet.importer(client.as_ref(), desk.now);
    let mut taking = Taking { desk, out: Out::new(), counts: Counts::default(), paths: Vec::new(), waiting: Batch::default() };
    for path in &command.paths {
        match path.to_str() {
            Some(url) if url.starts_with("https://") || url.starts_with("http://") => taking.url(&mut importer, url)?,
            Some("-") => taking.standard_input(&mut importer)?,
            _ => taking.files(&mut importer, path)?,
        }
    }
    taking.flush(&mut importer)?;
    let counts = taking.counts;
    for (need, error) in importer.failed() {
        let words = pick(desk.language, "could not fetch", "impossibile scaricare");
        anstream::eprintln!("{words} {}: {}", plain(need.key()), plain(&error.message(desk.language)));
    }
    anstream::eprintln!("{}. {}", counts.words(desk), asked(importer.asked(), !importer.failed().is_empty(), desk.language));
    let nothing = counts.added + counts.duplicate == 0;
    Ok(status(counts.refused > 0 || nothing))
}

/// Candidates on their way into the wallet, as many at once as go together.
struct Taking<'a> {
    desk: &'a Desk,
    out: Out,
    counts: Counts,
    /// How what waits is called in the rows.
    paths: Vec<String>,
    waiting: Batch,
}

impl Taking<'_> {
    fn url(&mut self, importer: &mut Importer<'_>, url: &str) -> Result<(), Problem> {
        let candidate = importer.fetch(url);
        self.add(importer, url.to_owned(), candidate)
    }

    /// A file, or the text that a person pastes.
    fn standard_input(&mut self, importer: &mut Importer<'_>) -> Result<(), Problem> {
        let read = inspect::copy(&mut std::io::stdin().lock()).and_then(|mut file| {
            let text = text(&mut file)?;
            Ok((Source::of_file(PathBuf::from("-"), 0, file), text))
        });
        match read {
            Err(error) => self.add(importer, String::from("-"), Candidate::unreadable("stdin", &error)),
            Ok((_, Some(text))) => pasted(&text).into_iter().try_for_each(|found| match found {
                Pasted::File(candidate) => self.add(importer, String::from("-"), candidate),
                Pasted::Url(url) => self.url(importer, &url),
            }),
            Ok((source, None)) => self.all(importer, "-", "stdin", source.candidates("stdin")),
        }
    }

    fn files(&mut self, importer: &mut Importer<'_>, path: &Path) -> Result<(), Problem> {
        let mut sources = inspect::walk(0, path, &[]).peekable();
        while sources.peek().is_some() {
            let batch = batch(&mut sources);
            let read: Vec<(String, Candidates<AnyReader>)> = batch.par_iter().map(candidates).collect();
            for (source, (name, candidates)) in batch.iter().zip(read) {
                self.all(importer, &source.path.to_string_lossy(), &name, candidates)?;
            }
        }
        Ok(())
    }

    /// What stands in a file called `name` at `path`.
    fn all(
        &mut self,
        importer: &mut Importer<'_>,
        path: &str,
        name: &str,
        candidates: Candidates<AnyReader>,
    ) -> Result<(), Problem> {
        for candidate in candidates {
            let within = candidate.name().strip_prefix(name).unwrap_or_default();
            let path = format!("{path}{within}");
            self.add(importer, path, candidate)?;
        }
        Ok(())
    }

    fn add(&mut self, importer: &mut Importer<'_>, path: String, candidate: Candidate) -> Result<(), Problem> {
        self.paths.push(path);
        if self.waiting.add(candidate) { self.flush(importer) } else { Ok(()) }
    }

    /// Keeps what waits. What is said to be added is on the disk.
    fn flush(&mut self, importer: &mut Importer<'_>) -> Result<(), Problem> {
        let (paths, candidates) = (std::mem::take(&mut self.paths), self.waiting.take());
        if candidates.is_empty() {
            return Ok(());
        }
        let files = importer.take(&candidates).map_err(|error| self.desk.problem(&error))?;
        for (path, done) in paths.iter().zip(files) {
            for imported in &done {
                self.counts.count(imported.outcome);
                say(self.desk, path, imported, &mut self.out)?;
            }
        }
        self.out.flush()
    }
}

/// What a file says, where it is a text that a person may have pasted.
fn text(file: &mut File) -> std::io::Result<Option<String>> {
    let mut text = Vec::new();
    file.by_ref().take(MAX_TEXT + 1).read_to_end(&mut text)?;
    file.rewind()?;
    Ok(String::from_utf8(text).ok().filter(|text| text.len() as u64 <= MAX_TEXT))
}

/// The next files, as many as are read at once.
fn batch(sources: &mut impl Iterator<Item = Source>) -> Vec<Source> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < Batch::FILES && bytes < Batch::BYTES {
        let Some(source) = sources.next() else { break };
        let size = std::fs::metadata(&source.path).map_or(0, |metadata| metadata.len().min(MAX_FILE));
        bytes += usize::try_from(size).unwrap_or(Batch::BYTES);
        batch.push(source);
    }
    batch
}

/// What stands in a file, with the name of the file.
fn candidates(source: &Source) -> (String, Candidates<AnyReader>) {
    let name = source.path.file_name().unwrap_or(source.path.as_os_str()).to_string_lossy().into_owned();
    let candidates = source.candidates(&name);
    (name, candidates)
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
