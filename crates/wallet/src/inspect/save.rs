//! A report written after the fact: every file is looked at again with what is at hand, so that nothing had to be kept of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use satchel_badge::words::Language;

use super::output::folder;
use super::{Csv, Html, Inputs, Inspection, JsonLines, Output, Sink, Source, Tally, in_batches};

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A page for people.
    Html,
    /// A table for a spreadsheet.
    Csv,
    /// A line of JSON for each credential.
    Json,
}

/// Why a report is not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It would take the place of a file that it speaks of.
    #[error("it would take the place of a file that it speaks of")]
    OverInput,
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    Unwritable(#[from] io::Error),
}

/// A report that is to be saved.
#[derive(Clone, Copy, Debug)]
pub struct Save<'a> {
    /// Its form.
    pub form: Form,
    /// Where it will stand. An earlier file there is replaced, unless the report speaks of it.
    pub to: &'a Path,
    /// What was named, to which the sources point by number.
    pub paths: &'a [PathBuf],
    /// The language of its words.
    pub language: Language,
}

impl Inspection {
    /// Saves a report on `sources`, whole or not at all, and asks nobody for it. Says whether it came to the end: once `cancelled` is set,
    /// no more files are begun and nothing is left of it.
    ///
    /// # Errors
    /// When it would take the place of what it speaks of, or cannot be written.
    pub fn save(
        &self,
        save: &Save<'_>,
        sources: impl IntoIterator<Item = Source>,
        cancelled: &AtomicBool,
    ) -> Result<bool, SaveError> {
        let Save { form, to, paths, language } = *save;
        if (Inputs { named: paths, besides: &[] }).hold(to) {
            return Err(SaveError::OverInput);
        }
        let output = Output::create(to)?;
        let mut sink: Box<dyn Sink<Out = Output>> = match form {
            Form::Html => Box::new(Html::new(output, paths, language, folder(to))),
            Form::Csv => Box::new(Csv::new(output, language)?),
            Form::Json => Box::new(JsonLines::new(output, language)),
        };
        let mut tally = Tally::new(paths.len());
        let mut look = |batch| self.look(batch, cancelled).into_iter().map(|(_, checked)| checked).collect();
        let is_whole = in_batches(&mut sources.into_iter(), cancelled, &mut look, &mut |checked| {
            tally.count(&checked);
            sink.write(&checked)
        })?;
        if is_whole {
            sink.finish(&self.end(&tally))?.finish()?;
        }
        Ok(is_whole)
    }
}
