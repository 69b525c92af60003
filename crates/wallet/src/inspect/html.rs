//! The report for people: one page that opens in any browser, needs no network and no script, and says first what a teacher wants
//! to know. Badges come in the order of their paths and stand on the page by verdict, so each state is kept in a file of its own until
//! the end; memory does not grow with their number.

mod view;
mod words;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use askama::Template;
use satchel_badge::report::Report;
use satchel_badge::words::{Language, fill};

use super::report::shown;
use super::{Checked, End, Sink, Tally};
use crate::State;
use view::{Row, look};
use words::{Words, number, plain, time, with};

/// The order on the page: what needs somebody first.
const ORDER: [State; 5] = [State::Invalid, State::Undecided, State::Intact, State::Valid, State::NoBadge];
/// Badges of a state that are listed at all. A browser still opens such a page; for more there is the table.
const LISTED: usize = 20_000;
/// Badges of a state that unfold: fewer of those that nobody needs to look into, and never more than so many bytes.
const IN_FULL: usize = 5_000;
const IN_FULL_CALM: usize = 2_000;
const IN_FULL_BYTES: usize = 16 << 20;
/// Paths, and documents that could not be fetched, that are named.
const NAMED: usize = 20;
const FAILED: usize = 200;
/// Characters of a path or an address.
const LONG: usize = 4_000;

/// A report for people: a page of one file that loads nothing.
pub struct Html<W> {
    scratch: PathBuf,
    paths: Vec<String>,
    out: W,
    language: Language,
    groups: BTreeMap<State, Group>,
}

/// The badges of one state, as they will stand on the page.
struct Group {
    rows: BufWriter<File>,
    listed: usize,
    in_full: usize,
    in_full_bytes: usize,
}

#[derive(Template)]
#[template(path = "report-head.html")]
struct Head<'a> {
    words: &'static Words,
    language: &'static str,
    outcome: String,
    summary: String,
    counts: Vec<Count>,
    paths: &'a [String],
    more_paths: Option<String>,
    time: String,
    machine_time: String,
    version: &'static str,
    asked: Vec<String>,
    nobody: &'static str,
    recipient: String,
    failed_count: String,
    failed: Vec<(String, String)>,
    more_failed: Option<String>,
}

struct Count {
    look: &'static str,
    word: &'static str,
    number: String,
    is_any: bool,
}

#[derive(Template)]
#[template(path = "report-group.html")]
struct GroupHead {
    look: &'static str,
    word: &'static str,
    count: String,
    about: Vec<String>,
}

impl<W: Write> Html<W> {
    /// Writes to `out` about what these paths name. The page is put together in files without names in the folder `scratch`, best on the
    /// disk that it will stand on, because it needs as much room there.
    pub fn new(out: W, paths: &[PathBuf], language: Language, scratch: &Path) -> Self {
        let paths = paths.iter().map(|path| plain(&shown(path), LONG)).collect();
        Self { scratch: scratch.to_owned(), paths, out, language, groups: BTreeMap::new() }
    }

    fn add(&mut self, path: &str, report: &Report, parts: usize) -> io::Result<()> {
        let state = State::of(report);
        let group = match self.groups.entry(state) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Group::within(&self.scratch)?),
        };
        if group.listed < LISTED {
            let in_full = group.has_room(state);
            let row = Row::new(path, report, parts, self.language, in_full).render().map_err(io::Error::other)?;
            group.rows.write_all(row.as_bytes())?;
            group.listed += 1;
            group.in_full += usize::from(in_full);
            group.in_full_bytes += if in_full { row.len() } else { 0 };
        }
        Ok(())
    }

    fn page(&mut self, end: &End<'_>) -> io::Result<()> {
        let head = self.head(end).render().map_err(io::Error::other)?;
        self.out.write_all(head.as_bytes())?;
        for state in ORDER {
            let Some(group) = self.groups.remove(&state) else { continue };
            let head = self.group_head(state, &group, end).render().map_err(io::Error::other)?;
            self.out.write_all(head.as_bytes())?;
            let mut rows = group.rows.into_inner().map_err(io::IntoInnerError::into_error)?;
            rows.rewind()?;
            io::copy(&mut rows, &mut self.out)?;
            self.out.write_all(b"</ul>\n</section>\n")?;
        }
        self.out.write_all(b"</main>\n</body>\n</html>\n")
    }

    fn head(&self, end: &End<'_>) -> Head<'_> {
        let (words, language) = (Words::of(self.language), self.language);
        let count = |state: State| Count {
            look: look(state),
            word: state.word(language),
            number: number(end.tally.of(state), language),
            is_any: end.tally.of(state) > 0,
        };
        let time = time(end.now, language);
        let checked = if end.tally.files() == 1 { words.checked_one } else { words.checked_many };
        let failed = end.failed.iter().take(FAILED);
        let failed_words = if end.failed.len() == 1 { words.failed_one } else { words.failed_many };
        let more = |words: &str, count: usize, shown: usize| {
            (count > shown).then(|| with(words, number(count.saturating_sub(shown), language)))
        };
        let recipient = end.recipient.map(|recipient| with(words.recipient_checked, recipient));
        Head {
            words,
            language: language.tag(),
            outcome: outcome(end.tally, language),
            summary: fill(checked, &[time.clone(), number(end.tally.files(), language)]),
            counts: ORDER.map(count).into(),
            paths: self.paths.get(..NAMED).unwrap_or(&self.paths),
            more_paths: more(words.more_paths, self.paths.len(), NAMED),
            time,
            machine_time: end.now.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            asked: end.asked.iter().map(|host| plain(host, LONG)).collect(),
            nobody: if end.offline { words.nobody_offline } else { words.nobody },
            recipient: recipient.unwrap_or_else(|| words.recipient_not_checked.to_owned()),
            failed_count: with(failed_words, number(end.failed.len(), language)),
            failed: failed.map(|(need, why)| (plain(need.key(), LONG), plain(&why.to_string(), LONG))).collect(),
            more_failed: more(words.more_failed, end.failed.len(), FAILED),
        }
    }

    fn group_head(&self, state: State, group: &Group, end: &End<'_>) -> GroupHead {
        let (words, language) = (Words::of(self.language), self.language);
        let count = end.tally.of(state);
        let mut about = vec![words.about(state).to_owned()];
        about.extend((state == State::Undecided && end.offline).then(|| words.go_online.to_owned()));
        let is_cut = state != State::NoBadge && group.in_full < count;
        about.extend(is_cut.then(|| with(words.folded, number(group.in_full, language))));
        let unlisted = count.saturating_sub(group.listed);
        about.extend((unlisted > 0).then(|| with(words.unlisted, number(unlisted, language))));
        GroupHead { look: look(state), word: state.word(language), count: number(count, language), about }
    }
}

impl Group {
    fn within(scratch: &Path) -> io::Result<Self> {
        let rows = BufWriter::new(tempfile::tempfile_in(scratch)?);
        Ok(Self { rows, listed: 0, in_full: 0, in_full_bytes: 0 })
    }

    /// Whether one more badge may unfold. Of a file without a badge the line says all.
    fn has_room(&self, state: State) -> bool {
        let most = match state {
            State::Invalid | State::Undecided => IN_FULL,
            State::Valid | State::Intact => IN_FULL_CALM,
            State::NoBadge => 0,
        };
        self.in_full < most && self.in_full_bytes < IN_FULL_BYTES
    }
}

/// What came out, as a sentence: the worst there is, and of how many.
fn outcome(tally: &Tally, language: Language) -> String {
    let words = Words::of(language);
    let [invalid, undecided, intact, trusted] =
        [State::Invalid, State::Undecided, State::Intact, State::Valid].map(|state| tally.of(state));
    let all = invalid + undecided + intact + trusted;
    let (count, sentence) = match (invalid, undecided, intact, all) {
        (.., 0) => (0, words.none),
        (1, _, _, 1) => (1, words.invalid_only),
        (1, ..) => (1, words.invalid_one),
        (2.., ..) => (invalid, words.invalid_many),
        (_, 1, _, 1) => (1, words.undecided_only),
        (_, 1, ..) => (1, words.undecided_one),
        (_, 2.., ..) => (undecided, words.undecided_many),
        (.., 1, 1) => (1, words.intact_only),
        (.., intact, all) if intact == all => (all, words.intact_all),
        (.., 1, _) => (1, words.intact_one),
        (.., 2.., _) => (intact, words.intact_many),
        (.., 1) => (1, words.valid_only),
        _ => (all, words.valid_all),
    };
    fill(sentence, &[count, all].map(|count| number(count, language)))
}

impl<W: Write> Sink for Html<W> {
    type Out = W;

    fn write(&mut self, checked: &Checked) -> io::Result<()> {
        let (path, parts) = (shown(&checked.source.path), checked.reports.len());
        checked.reports.iter().try_for_each(|report| self.add(&path, report, parts))
    }

    fn finish(mut self: Box<Self>, end: &End<'_>) -> io::Result<W> {
        self.page(end)?;
        self.out.flush()?;
        Ok(self.out)
    }
}
