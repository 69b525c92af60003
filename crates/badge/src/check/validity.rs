//! When a credential is in force (VCDM 2.0, 4.9; OB 2.0, 3.1). The time is handed in.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Checker, Findings};
use crate::code::Code;
use crate::report::Line;

/// How far a clock is behind that somebody has set to another day, or to the time of another place: what begins within that was more likely issued
/// already.
const BEHIND: SignedDuration = SignedDuration::from_hours(48);

fn is_soon(from: Timestamp, now: Timestamp) -> bool {
    from.duration_since(now) <= BEHIND
}

/// A stated time: absent, readable, or not.
pub(super) enum Stated {
    None,
    At(Timestamp),
    Unreadable(String),
}

impl Stated {
    /// Reads a member.
    pub(super) fn read(member: Option<&Value>, parse: impl Fn(&Value) -> Option<Timestamp>) -> Self {
        match member {
            None | Some(Value::Null) => Self::None,
            Some(value) => parse(value).map_or_else(|| Self::Unreadable(value.to_string()), Self::At),
        }
    }

    /// The later of two; what cannot be read stays so.
    pub(super) fn later(self, other: Self) -> Self {
        self.pick(other, Timestamp::max)
    }

    /// The earlier of two; what cannot be read stays so.
    pub(super) fn earlier(self, other: Self) -> Self {
        self.pick(other, Timestamp::min)
    }

    fn pick(self, other: Self, pick: impl Fn(Timestamp, Timestamp) -> Timestamp) -> Self {
        match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(pick(a, b)),
            (Self::None, other) | (Self::At(_), other @ Self::Unreadable(_)) => other,
            (this, _) => this,
        }
    }
}

impl Checker<'_> {
    pub(super) fn check_validity(&self, from: &Stated, until: &Stated, findings: &mut Findings) {
        for stated in [from, until] {
            if let Stated::Unreadable(text) = stated {
                findings.add(Line::new(Code::TimeUnreadable, [text.clone()]));
                return;
            }
        }
        let line = match (from, until) {
            (Stated::At(from), Stated::At(until)) if until < from => {
                Line::new(Code::EndsBeforeStart, [from.to_string(), until.to_string()])
            }
            (Stated::At(from), _) if *from > self.now => Line::new(Code::NotYetValid, [from.to_string()]),
            (_, Stated::At(until)) if *until < self.now => Line::new(Code::Expired, [until.to_string()]),
            (_, Stated::At(until)) => Line::new(Code::InForceUntil, [until.to_string()]),
            _ => Line::bare(Code::InForce),
        };
        let begins_soon = line.code == Code::NotYetValid && matches!(from, Stated::At(from) if is_soon(*from, self.now));
        findings.add(line);
        if begins_soon {
            findings.add(Line::new(Code::ClockMayBeBehind, [self.now.strftime("%Y-%m-%d %H:%M").to_string()]));
        }
    }

    /// Says when evidence or a proof is dated after the time of the check: one of two clocks is wrong (security.md, V04).
    pub(super) fn tell_future_times(&self, proofs: &[Timestamp], findings: &mut Findings) {
        let fetched = findings.lines.iter().flat_map(|line| &line.evidence).filter_map(|used| used.fetched);
        let latest = fetched.chain(proofs.iter().copied()).filter(|time| *time > self.now).max();
        if let Some(time) = latest {
            findings.add(Line::new(Code::TimeInFuture, [time.to_string()]));
        }
    }
}
