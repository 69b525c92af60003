//! Feeds: what changed for an account or an issuer, in order and without gaps. A record names what changed and never says anything
//! personal. Old records are cut; whoever asks from before the cut is told to read everything again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Id;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = feed::Kind)]
pub enum Kind {
    /// An invitation came or went to another state.
    Invitation,
    /// An award came, or was revoked.
    Award,
    /// A profile, its addresses or its visibility.
    Profile,
    /// Sessions and devices.
    Session,
    /// A public document of an issuer.
    Document,
    /// A request for a badge.
    Request,
}

impl Kind {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Invitation, "invitation"),
        (Self::Award, "award"),
        (Self::Profile, "profile"),
        (Self::Session, "session"),
        (Self::Document, "document"),
        (Self::Request, "request"),
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = feed::Record)]
pub struct Record {
    /// Its number in the feed; the next one is one more.
    pub seq: i64,
    /// What changed.
    pub kind: Kind,
    /// Which one.
    pub subject: Id,
    /// When, in microseconds since 1970.
    pub at: i64,
}

/// How far a feed was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

/// Text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits).map(Self).ok_or(NotACursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A part of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = feed::Page)]
pub struct Page {
    /// The changes after the cursor asked for.
    pub records: Vec<Record>,
    /// Where to go on.
    pub cursor: String,
    /// Whether there is more at once.
    pub more: bool,
}
