//! Why a document could not be turned into RDF. The codes are those of JSON-LD 1.1 API, 9.6; two are ours.

use std::fmt;

/// What stopped the walk or the canonicalisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The document breaks JSON-LD: the code of JSON-LD 1.1 API, 9.6, and the term or value that broke it.
    JsonLd {
        /// For example `protected term redefinition`.
        code: &'static str,
        /// Where it was seen.
        at: String,
    },
    /// A context that is neither compiled in nor handed over as evidence.
    UnknownContext(String),
    /// Naming the blank nodes would take longer than the budget allows (RDFC-1.0, 7.1 "Dataset Poisoning").
    TooComplex,
}

impl Error {
    pub(super) fn new(code: &'static str, at: impl Into<String>) -> Self {
        Self::JsonLd { code, at: at.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JsonLd { code, at } => write!(f, "{code}: {at}"),
            Self::UnknownContext(url) => write!(f, "unknown context: {url}"),
            Self::TooComplex => write!(f, "too many indistinguishable blank nodes"),
        }
    }
}

impl std::error::Error for Error {}

pub(super) type Result<T> = std::result::Result<T, Error>;
