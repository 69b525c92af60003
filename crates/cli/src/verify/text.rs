//! Words for a person: all lines for one file, the verdict and the reasons for many. A shape and a word stand for each verdict, so that
//! nothing depends on colour.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use satchel_badge::code::Status;
use satchel_badge::report::{Line, Report};
use satchel_badge::words::{Language, fill};
use satchel_wallet::State;
use satchel_wallet::inspect::{Checked, End, Tally, is_unreadable};

use crate::output::said;
use crate::problem::Problem;

pub struct Text {
    language: Language,
    /// Standard output belongs to JSON; only the sum is said, on standard error.
    quiet: bool,
    /// The one file that was named, of which all lines are shown.
    whole: Option<PathBuf>,
}

impl Text {
    pub fn new(language: Language, quiet: bool, whole: Option<PathBuf>) -> Self {
        Self { language, quiet, whole }
    }

    /// Says what was found in one file.
    pub fn write(&self, checked: &Checked) -> Result<(), Problem> {
        if self.quiet {
            return Ok(());
        }
        let path = checked.source.path.to_string_lossy();
        let mut out = anstream::stdout().lock();
        let whole = self.whole.as_deref() == Some(&checked.source.path);
        said(checked.reports.iter().try_for_each(|report| self.report(&mut out, &path, report, whole)))
    }

    /// Says on standard error what the run came to.
    pub fn finish(&self, end: &End<'_>, without_badge: &[Cow<'_, str>]) -> Result<(), Problem> {
        let mut out = anstream::stderr().lock();
        let mut say = |text: String| said(writeln!(out, "{text}"));
        for (need, why) in end.failed {
            let words = pick(self.language, "could not fetch", "impossibile scaricare");
            say(format!("{words} {}: {}", plain(need.key()), plain(&why.message(self.language))))?;
        }
        for path in without_badge {
            say(format!("{}: {}", plain(path), pick(self.language, "no badge was found here", "qui non c'è alcun badge")))?;
        }
        say(format!("{}. {}", sum(end.tally, self.language), asked(end.asked, !end.failed.is_empty(), self.language)))
    }

    /// Writes what is to be said about one report.
    pub fn report(&self, out: &mut impl Write, path: &str, report: &Report, whole: bool) -> std::io::Result<()> {
        let state = State::of(report);
        let (shape, colour) = shape(state);
        let word =
            if is_unreadable(report) { pick(self.language, "Not readable", "Illeggibile") } else { state.word(self.language) };
        writeln!(out, "{colour}{shape} {word}\x1b[0m  {}", plain(path))?;
        writeln!(out, "  {}", report.headline(self.language))?;
        if whole {
            self.about(out, report)?;
            for line in &report.lines {
                self.line(out, line, 1)?;
            }
            self.nested(out, report, 2)?;
        } else {
            for line in report.reasons().skip(1) {
                self.line(out, line, 1)?;
            }
        }
        Ok(())
    }

    /// What stands in it, each with its own verdict and what decides it.
    fn nested(&self, out: &mut impl Write, report: &Report, depth: usize) -> std::io::Result<()> {
        for nested in &report.nested {
            let state = State::of(nested);
            let (shape, colour) = shape(state);
            let name = nested.badge.as_ref().and_then(|badge| badge.name.as_deref()).unwrap_or_default();
            let indent = depth * 2;
            writeln!(out, "{:indent$}{colour}{shape} {}\x1b[0m  {}", "", state.word(self.language), plain(name))?;
            writeln!(out, "{:indent$}  {}", "", nested.headline(self.language))?;
            self.nested(out, nested, depth + 1)?;
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
pub const fn shape(state: State) -> (&'static str, &'static str) {
    match state {
        State::Valid => ("✓", "\x1b[32m"),
        State::Intact => ("◆", "\x1b[36m"),
        State::Invalid => ("✗", "\x1b[31m"),
        State::Undecided => ("?", "\x1b[2m"),
        State::NoBadge => ("·", "\x1b[2m"),
    }
}

/// All counts in one sentence.
pub fn sum(tally: &Tally, language: Language) -> String {
    let states = [State::Valid, State::Intact, State::Invalid, State::Undecided, State::NoBadge];
    let counted = states.map(|state| {
        let count = tally.of(state) - if state == State::NoBadge { tally.unreadable() } else { 0 };
        (count, counted_word(state, count, language))
    });
    let unreadable =
        (tally.unreadable(), pick(language, "not readable", if tally.unreadable() == 1 { "illeggibile" } else { "illeggibili" }));
    let counts = counted.into_iter().chain([unreadable]).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let files = match (tally.files(), language) {
        (1, _) => "1 file".to_owned(),
        (files, Language::English) => format!("{files} files"),
        (files, Language::Italian) => format!("{files} file"),
    };
    if counts.is_empty() { files } else { format!("{files}: {}", counts.join(", ")) }
}

/// The word of a verdict beside a number.
fn counted_word(state: State, count: usize, language: Language) -> &'static str {
    let one = count == 1;
    match state {
        State::Valid => pick(language, "valid", if one { "valido" } else { "validi" }),
        State::Intact => pick(language, "intact", if one { "integro" } else { "integri" }),
        State::Invalid => pick(language, "not valid", if one { "non valido" } else { "non validi" }),
        State::Undecided => pick(language, "undecided", if one { "non deciso" } else { "non decisi" }),
        State::NoBadge => pick(language, if one { "without a badge" } else { "without badges" }, "senza badge"),
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
