//! What all the reports come to: how many of each.

use std::collections::BTreeMap;

use satchel_badge::code::Code;
use satchel_badge::report::{Report, Verdict};
use satchel_badge::words::Language;

use super::Checked;
use crate::{Mark, State};

impl State {
    /// The word for it, with which a headline of a report begins where it can.
    pub const fn word(self, language: Language) -> &'static str {
        let (english, italian) = match self {
            Self::Valid => ("Valid", "Valido"),
            Self::Intact => ("Intact", "Integro"),
            Self::Invalid => ("Not valid", "Non valido"),
            Self::Undecided => ("Undecided", "Non deciso"),
            Self::NoBadge => ("No badge", "Nessun badge"),
        };
        match language {
            Language::English => english,
            Language::Italian => italian,
        }
    }
}

impl Mark {
    /// The words for it in a list; none where the report alone says why.
    pub const fn words(self, language: Language) -> Option<&'static str> {
        let (english, italian) = match self {
            Self::Expired => ("expired", "scaduto"),
            Self::Revoked => ("revoked by the issuer", "revocato dall'ente"),
            Self::NotYet => ("not valid yet", "non ancora valido"),
            Self::StatusUnknown => ("revocation not known", "revoca non nota"),
            Self::NotYours => ("given to none of your addresses", "non conferito a un tuo indirizzo"),
            Self::Other => return None,
        };
        Some(match language {
            Language::English => english,
            Language::Italian => italian,
        })
    }
}

/// Whether nothing is known of a file, because it could not be read.
pub fn is_unreadable(report: &Report) -> bool {
    report.lines.iter().any(|line| line.code == Code::Unreadable)
}

/// The counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    files: usize,
    by_state: BTreeMap<State, usize>,
    unreadable: usize,
    /// By named path: whether a badge was found there, or may yet be.
    held_badge: BTreeMap<usize, bool>,
}

impl Tally {
    /// Counts for this many named paths, none of which has shown a badge yet.
    pub fn new(paths: usize) -> Self {
        Self { held_badge: (0..paths).map(|named| (named, false)).collect(), ..Self::default() }
    }

    /// Counts a file.
    pub fn count(&mut self, checked: &Checked) {
        self.files += 1;
        for report in &checked.reports {
            *self.by_state.entry(State::of(report)).or_default() += 1;
            self.unreadable += usize::from(is_unreadable(report));
        }
        let holds = checked.reports.iter().any(|report| report.verdict != Verdict::NoBadge);
        *self.held_badge.entry(checked.source.named).or_default() |= holds;
    }

    /// How many files.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Files that could not be read; they are counted with those without a badge.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// The named paths, by number, under which no badge was found.
    pub fn empty_handed(&self) -> impl Iterator<Item = usize> + '_ {
        self.held_badge.iter().filter(|(_, held)| !**held).map(|(named, _)| *named)
    }

    /// How many badges, or files without one, are in this state.
    pub fn of(&self, state: State) -> usize {
        self.by_state.get(&state).copied().unwrap_or_default()
    }
}
