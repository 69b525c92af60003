//! A report in one word, for lists and counts: what a badge is, and why it is not as it should be.

use satchel_badge::code::{CheckId, Code, Status};
use satchel_badge::report::{Line, Report, Verdict};
use serde::Serialize;

/// What a badge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Valid, and somebody whom the owner trusts vouches for its issuer.
    Valid,
    /// Valid, and nobody whom the owner trusts vouches for its issuer.
    Intact,
    /// A check has failed.
    Invalid,
    /// None has failed, and something is not known.
    Undecided,
    /// There is nothing to check.
    NoBadge,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Intact, Self::Invalid, Self::Undecided, Self::NoBadge];

    /// That of a report.
    pub fn of(report: &Report) -> Self {
        match report.verdict {
            Verdict::Valid if report.is_only_intact() => Self::Intact,
            Verdict::Valid => Self::Valid,
            Verdict::Invalid => Self::Invalid,
            Verdict::Undecided => Self::Undecided,
            Verdict::NoBadge => Self::NoBadge,
        }
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Intact => "intact",
            Self::Invalid => "invalid",
            Self::Undecided => "undecided",
            Self::NoBadge => "no_badge",
        }
    }

    /// The verdict that it came from.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Valid | Self::Intact => Verdict::Valid,
            Self::Invalid => Verdict::Invalid,
            Self::Undecided => Verdict::Undecided,
            Self::NoBadge => Verdict::NoBadge,
        }
    }
}

/// Why a badge is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Its time has ended; all else is in order.
    Expired,
    /// Its issuer revoked or suspended it.
    Revoked,
    /// Its time has not begun; all else is in order.
    NotYet,
    /// Whether it was revoked is not known; all else is in order.
    StatusUnknown,
    /// It was given to none of the addresses of the account through which it came; all else is in order.
    NotYours,
    /// Another reason.
    Other,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Expired, Self::Revoked, Self::NotYet, Self::StatusUnknown, Self::NotYours, Self::Other];

    /// That of a report; none for a badge that is valid. What is wrong besides is never hidden behind a date.
    pub fn of(report: &Report) -> Option<Self> {
        let wanted = match report.verdict {
            Verdict::Valid | Verdict::NoBadge => return None,
            Verdict::Invalid => Status::Fail,
            Verdict::Undecided => Status::Unknown,
        };
        let reasons: Vec<&Line> = report.lines.iter().filter(|line| line.code.status() == wanted).collect();
        let all = |fits: fn(Code) -> bool| {
            let counted = reasons.iter().filter(|line| line.code.check() != CheckId::Trust);
            reasons.iter().any(|line| fits(line.code)) && counted.map(|line| line.code).all(fits)
        };
        let is_revoked = |code| matches!(code, Code::Revoked | Code::RevokedBecause | Code::Suspended);
        Some(match () {
            () if all(|code| code == Code::Expired) => Self::Expired,
            () if all(|code| code == Code::NotYetValid) => Self::NotYet,
            () if reasons.iter().any(|line| is_revoked(line.code))
                && all(|code| {
                    matches!(code, Code::Revoked | Code::RevokedBecause | Code::Suspended | Code::Expired | Code::NotYetValid)
                }) =>
            {
                Self::Revoked
            }
            () if all(|code| code.check() == CheckId::Status && code.status() == Status::Unknown) => Self::StatusUnknown,
            () if all(|code| code == Code::RecipientNotYours) => Self::NotYours,
            () => Self::Other,
        })
    }

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::NotYet => "not_yet",
            Self::StatusUnknown => "status_unknown",
            Self::NotYours => "not_yours",
            Self::Other => "other",
        }
    }
}
