//! Words for a person: all lines for one file, the verdict and the reasons for many. A shape and a word stand for each verdict, so that
//! nothing depends on colour.

use std::collections::BTreeSet;
use std::io::Write;

use satchel_badge::code::Status;
use satchel_badge::report::{Line, Report};
use satchel_badge::words::{Language, fill};

use super::tally::{Kind, Tally, is_unreadable};
use super::{Checked, End, Sink, shown};
use crate::output::{ignore_closed_pipe, unwritable};
use crate::problem::Problem;

pub struct Text {
    language: Language,
    /// Standard output belongs to JSON; only the sum is said, on standard error.
    quiet: bool,
    /// One file was named, so all lines are shown.
    whole: bool,
}

impl Text {
    pub fn new(language: Language, quiet: bool, whole: bool) -> Self {
        Self { language, quiet, whole }
    }

    /// Writes what is to be said about one report.
    pub fn report(&self, out: &mut impl Write, path: &str, report: &Report) -> std::io::Result<()> {
        let kind = Kind::of(report);
        let (shape, colour) = shape(kind);
        let word =
            if is_unreadable(report) { pick(self.language, "Not readable", "Illeggibile") } else { word(kind, self.language) };
        writeln!(out, "{colour}{shape} {word}\x1b[0m  {}", plain(path))?;
        writeln!(out, "  {}", report.headline(self.language))?;
        if self.whole {
            self.about(out, report)?;
            for line in &report.lines {
                self.line(out, line, 1)?;
            }
            for nested in &report.nested {
                writeln!(out, "    {}", nested.headline(self.language))?;
            }
        } else {
            for line in report.reasons().skip(1) {
                self.line(out, line, 1)?;
            }
        }
        Ok(())
    }

    /// What the badge says about itself.
    fn about(&self, out: &mut impl Write, report: &Report) -> std::io::Result<()> {
        let Some(badge) = &report.badge else { return Ok(()) };
        let issuer = badge.issuer.as_ref();
        let labels = pick(self.language, ["Badge", "Issuer", "Issued", "Format"], ["Badge", "Ente", "Conferito", "Formato"]);
        let values = [
            badge.name.clone(),
            issuer.and_then(|issuer| issuer.name.clone().or_else(|| issuer.id.clone())),
            badge.issued_on.map(|time| time.strftime("%Y-%m-%d").to_string()),
            Some(badge.version.to_string()),
        ];
        for (label, value) in labels.into_iter().zip(values) {
            if let Some(value) = value {
                writeln!(out, "  {label}: {}", plain(&value))?;
            }
        }
        Ok(())
    }

    fn line(&self, out: &mut impl Write, line: &Line, depth: usize) -> std::io::Result<()> {
        let mark = match line.code.status() {
            Status::Pass => "+",
            Status::Fail => "\x1b[31m✗\x1b[0m",
            Status::Unknown => "?",
            Status::Skipped => "·",
        };
        writeln!(out, "{:indent$}{mark} {}  [{}]", "", line.message(self.language), line.code.name(), indent = depth * 2)
    }
}

/// The word of the language.
pub fn pick<T>(language: Language, english: T, italian: T) -> T {
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
}

/// Control characters in a name must not steer the terminal.
pub fn plain(text: &str) -> String {
    fill("{0}", &[text.to_owned()])
}

/// The shape and the colour of a verdict.
pub const fn shape(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Trusted => ("✓", "\x1b[32m"),
        Kind::Intact => ("◆", "\x1b[36m"),
        Kind::Invalid => ("✗", "\x1b[31m"),
        Kind::Undecided => ("?", "\x1b[2m"),
        Kind::NoBadge => ("·", "\x1b[2m"),
    }
}

/// The word of a verdict.
pub fn word(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::Trusted => pick(language, "Valid", "Valido"),
        Kind::Intact => pick(language, "Intact", "Integro"),
        Kind::Invalid => pick(language, "Not valid", "Non valido"),
        Kind::Undecided => pick(language, "Undecided", "Non deciso"),
        Kind::NoBadge => pick(language, "No badge", "Nessun badge"),
    }
}

/// All counts in one sentence.
pub fn sum(tally: &Tally, language: Language) -> String {
    let kinds = [Kind::Trusted, Kind::Intact, Kind::Invalid, Kind::Undecided, Kind::NoBadge];
    let counted = kinds.map(|kind| {
        let count = tally.of(kind) - if kind == Kind::NoBadge { tally.unreadable } else { 0 };
        (count, counted_word(kind, count, language))
    });
    let unreadable =
        (tally.unreadable, pick(language, "not readable", if tally.unreadable == 1 { "illeggibile" } else { "illeggibili" }));
    let counts = counted.into_iter().chain([unreadable]).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let files = match (tally.files, language) {
        (1, _) => "1 file".to_owned(),
        (files, Language::English) => format!("{files} files"),
        (files, Language::Italian) => format!("{files} file"),
    };
    if counts.is_empty() { files } else { format!("{files}: {}", counts.join(", ")) }
}

/// The word of a verdict beside a number.
fn counted_word(kind: Kind, count: usize, language: Language) -> &'static str {
    let one = count == 1;
    match kind {
        Kind::Trusted => pick(language, "valid", if one { "valido" } else { "validi" }),
        Kind::Intact => pick(language, "intact", if one { "integro" } else { "integri" }),
        Kind::Invalid => pick(language, "not valid", if one { "non valido" } else { "non validi" }),
        Kind::Undecided => pick(language, "undecided", if one { "non deciso" } else { "non decisi" }),
        Kind::NoBadge => pick(language, if one { "without a badge" } else { "without badges" }, "senza badge"),
    }
}

/// Whom the program spoke to.
pub fn asked(hosts: &BTreeSet<String>, in_vain: bool, language: Language) -> String {
    if hosts.is_empty() && in_vain {
        return pick(language, "Nobody could be reached.", "Non è stato possibile raggiungere nessuno.").to_owned();
    }
    if hosts.is_empty() {
        return pick(language, "Nobody was asked.", "Non è stato chiesto nulla a nessuno.").to_owned();
    }
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    format!("{} {}.", pick(language, "Asked:", "È stato chiesto a:"), hosts.join(", "))
}

impl Sink for Text {
    fn write(&mut self, checked: &Checked) -> Result<(), Problem> {
        if self.quiet {
            return Ok(());
        }
        let path = shown(&checked.source.path);
        let mut out = anstream::stdout().lock();
        let written = checked.reports.iter().try_for_each(|report| self.report(&mut out, &path, report));
        ignore_closed_pipe(written).map_err(|error| unwritable("-".as_ref(), &error))
    }

    fn finish(self: Box<Self>, end: &End<'_>) -> Result<(), Problem> {
        let mut out = anstream::stderr().lock();
        let mut say =
            |text: String| ignore_closed_pipe(writeln!(out, "{text}")).map_err(|error| unwritable("-".as_ref(), &error));
        for (address, why) in end.failed {
            say(format!(
                "{} {}: {}",
                pick(self.language, "could not fetch", "impossibile scaricare"),
                plain(address),
                plain(why)
            ))?;
        }
        for path in end.without_badge {
            say(format!("{}: {}", plain(path), pick(self.language, "no badge was found here", "qui non c'è alcun badge")))?;
        }
        say(format!("{}. {}", sum(end.tally, self.language), asked(end.asked, !end.failed.is_empty(), self.language)))
    }
}
