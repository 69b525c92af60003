//! What a verification says: one report for each credential, one line for each thing found, and the verdict that follows from them. A
//! failed check is a line here, never an error.

use jiff::Timestamp;
use serde::Serialize;

use crate::code::{CheckId, Code, Status};
use crate::container::Format;
use crate::evidence::{Need, Origin};
use crate::model::Badge;
use crate::words::{self, Language};

/// What follows from the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check that the policy demands has passed.
    Valid,
    /// One has failed.
    Invalid,
    /// None has failed, but something demanded is not known.
    Undecided,
    /// There was nothing to verify.
    NoBadge,
}

impl Verdict {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Undecided => "undecided",
            Self::NoBadge => "no_badge",
        }
    }
}

/// How a credential stands to the one that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// That one bundles it (CLR 2.0, `ClrSubject`), and is worth no more than it.
    Bundled,
    /// It speaks about that one, and changes nothing about it.
    Endorsement,
}

/// A document that a line rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Its URL or DID.
    pub source: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// When it was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was found.
    pub code: Code,
    /// What fills the gaps in its words, in order.
    pub details: Vec<String>,
    /// The documents it rests on.
    pub evidence: Vec<Used>,
}

impl Line {
    /// What was found, with what fills the gaps in its words.
    pub fn new(code: Code, details: impl IntoIterator<Item = String>) -> Self {
        Self { code, details: details.into_iter().collect(), evidence: Vec::new() }
    }

    /// What was found, when its words have no gaps.
    pub fn bare(code: Code) -> Self {
        Self::new(code, [])
    }

    /// With a document that it rests on.
    #[must_use]
    pub fn with(mut self, used: impl Into<Option<Used>>) -> Self {
        self.evidence.extend(used.into());
        self
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        words::fill(words::of_days(self.code, language, &self.details), &self.details)
    }
}

/// The report on one credential.
#[derive(Clone, Debug)]
pub struct Report {
    /// The number of the credential in its file, or in the one that it stands in, from 0.
    pub part: usize,
    /// How it stands to the credential that it stands in; none for one that stands in a file.
    pub relation: Option<Relation>,
    /// The kind of file.
    pub format: Format,
    /// What follows from `lines`.
    pub verdict: Verdict,
    /// What was found, in the order of [`CheckId`].
    pub lines: Vec<Line>,
    /// The credential as a person reads it, when it could be read.
    pub badge: Option<Box<Badge>>,
    /// Whoever signed it: a DID, a domain or an address, once a proof has verified.
    pub signer: Option<String>,
    /// Whether somebody whom the verifier trusts vouches for the issuer, and under which name.
    pub trusted: Option<String>,
    /// The credentials that it bundles, then its endorsements, each with a verdict of its own.
    pub nested: Vec<Report>,
    /// What would settle the unknown lines.
    pub needs: Vec<Need>,
}

impl Report {
    /// The lines that a person should see first: failures, or else what is unknown.
    pub fn reasons(&self) -> impl Iterator<Item = &Line> {
        let wanted = match self.verdict {
            Verdict::Invalid => Some(Status::Fail),
            Verdict::Undecided | Verdict::NoBadge => Some(Status::Unknown),
            Verdict::Valid => None,
        };
        let is_reason = move |line: &&Line| Some(line.code.status()) == wanted;
        // That nobody trusted vouches for the issuer is a reason only when it is the only one.
        let others = self.lines.iter().filter(is_reason).any(|line| line.code.check() != CheckId::Trust);
        self.lines.iter().filter(is_reason).filter(move |line| !others || line.code.check() != CheckId::Trust)
    }

    /// Whether the badge is valid although nobody trusted vouches for its issuer; such a badge is shown as intact, not as valid.
    pub fn is_only_intact(&self) -> bool {
        self.verdict == Verdict::Valid && self.trusted.is_none()
    }

    /// All needs, those of nested reports too, unless the badge is not what its issuer made: a stranger names whom he likes.
    pub fn all_needs(&self) -> Vec<&Need> {
        let is_made = |line: &Line| line.code.status() != Status::Fail || line.code.check() > CheckId::Proof;
        let is_genuine = self.lines.iter().all(is_made);
        let nested = self.nested.iter().filter(|_| is_genuine).flat_map(Self::all_needs);
        self.needs.iter().chain(nested).collect()
    }

    /// The credentials that it bundles.
    pub fn bundled(&self) -> impl Iterator<Item = &Self> {
        self.nested.iter().filter(|nested| nested.relation == Some(Relation::Bundled))
    }

    /// The verdict as a sentence.
    pub fn headline(&self, language: Language) -> String {
        words::headline(self, language)
    }
}
