//! What all the reports come to: how many of each, and the exit status.

use std::collections::BTreeMap;

use satchel_badge::code::Code;
use satchel_badge::report::{Report, Verdict};

use super::Checked;
use crate::Status;

/// How a badge is counted. One that is intact, and whose issuer nobody trusted vouches for, is not counted with those that are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Trusted,
    Intact,
    Invalid,
    Undecided,
    NoBadge,
}

impl Kind {
    pub fn of(report: &Report) -> Self {
        match report.verdict {
            Verdict::Valid if report.is_only_intact() => Self::Intact,
            Verdict::Valid => Self::Trusted,
            Verdict::Invalid => Self::Invalid,
            Verdict::Undecided => Self::Undecided,
            Verdict::NoBadge => Self::NoBadge,
        }
    }
}

/// Whether nothing is known of a file, because it could not be read.
pub fn is_unreadable(report: &Report) -> bool {
    report.lines.iter().any(|line| line.code == Code::Unreadable)
}

/// The counts.
#[derive(Debug, Default)]
pub struct Tally {
    pub files: usize,
    pub by_kind: BTreeMap<Kind, usize>,
    /// Files that could not be read; they are counted with those without a badge.
    pub unreadable: usize,
    /// By path on the command line: whether a badge was found there, or may yet be.
    held_badge: BTreeMap<usize, bool>,
}

impl Tally {
    /// Counts for this many paths on the command line, none of which has shown a badge yet.
    pub fn new(paths: usize) -> Self {
        Self { held_badge: (0..paths).map(|named| (named, false)).collect(), ..Self::default() }
    }

    pub fn count(&mut self, checked: &Checked) {
        self.files += 1;
        for report in &checked.reports {
            *self.by_kind.entry(Kind::of(report)).or_default() += 1;
            self.unreadable += usize::from(is_unreadable(report));
        }
        let holds = checked.reports.iter().any(|report| report.verdict != Verdict::NoBadge);
        *self.held_badge.entry(checked.source.named).or_default() |= holds;
    }

    /// The paths on the command line, by number, under which no badge was found.
    pub fn empty_handed(&self) -> impl Iterator<Item = usize> + '_ {
        self.held_badge.iter().filter(|(_, held)| !**held).map(|(named, _)| *named)
    }

    pub fn of(&self, kind: Kind) -> usize {
        self.by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// The exit status (design.md, "The shell"): invalid before unusable before undecided.
    pub fn status(&self) -> Status {
        let empty_handed = self.held_badge.values().any(|held| !held);
        match () {
            () if self.of(Kind::Invalid) > 0 => Status::Refused,
            () if self.unreadable > 0 || empty_handed => Status::Usage,
            () if self.of(Kind::Undecided) > 0 => Status::Undecided,
            () => Status::Done,
        }
    }
}
