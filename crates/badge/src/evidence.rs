//! Documents that a verification may rest on, each with its time and its origin, and the names of those that it lacks. Nothing is fetched
//! here: whoever calls does that, and asks again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_lc_rs::digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::rdf::Library;
use crate::report::Used;

/// Where a document came from (security.md, V06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Fetched by this program.
    Fetched,
    /// Fetched by this program, and led to another host on the way. It confirms nothing about who owns the address.
    Redirected,
    /// Given by the verifier's own hand.
    Given,
    /// Brought along with a badge. It makes nothing pass.
    Brought,
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The bytes as received.
    pub bytes: Arc<[u8]>,
    /// The HTTP status, 200 for a file.
    pub status: u16,
    /// The media type, when it is known.
    pub media_type: Option<String>,
    /// When it was fetched, when that is known.
    pub fetched: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
}

/// Something that is not at hand and would settle an unknown line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The document under a URL.
    Url(String),
    /// The document of a DID.
    Did(String),
}

impl Need {
    /// The URL or DID under which evidence answers it.
    pub fn key(&self) -> &str {
        match self {
            Self::Url(key) | Self::Did(key) => key,
        }
    }

    /// The URL to ask: for a `did:web` that of its document (did:web, 3.2).
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Url(url) => Some(url.clone()),
            Self::Did(did) => crate::did::web_url(did),
        }
    }
}

/// Documents by URL or DID.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    documents: HashMap<String, Document>,
    contexts: Library,
    /// The highest number of a status list seen so far, by the URL of the list.
    seen: BTreeMap<String, u64>,
}

/// How a lookup ended.
pub(crate) enum Found<'a> {
    Document(&'a Document),
    /// There is one, but it came along with a badge.
    OnlyBrought(&'a Document),
    Missing,
}

impl Evidence {
    /// Adds a document under its URL or DID. One that came along with a badge never replaces another.
    pub fn add(&mut self, key: impl Into<String>, document: Document) {
        let key = key.into();
        if document.origin == Origin::Brought && self.documents.contains_key(&key) {
            return;
        }
        if document.origin != Origin::Brought
            && document.status == 200
            && let Ok(value) = json::parse(&document.bytes)
            && value.get("@context").is_some()
        {
            self.contexts.add(&key, value);
        }
        self.documents.insert(key, document);
    }

    /// Adds what other evidence has.
    pub fn join(&mut self, other: Self) {
        for (key, document) in other.documents {
            self.add(key, document);
        }
        for (url, number) in other.seen {
            self.note_seen(url, number);
        }
    }

    /// Whether there is a document under this URL or DID that may make something pass.
    pub fn has(&self, key: &str) -> bool {
        matches!(self.find(key), Found::Document(_)) || self.contexts.has(key)
    }

    /// The document under this URL or DID, for whoever keeps it.
    pub fn document(&self, key: &str) -> Option<&Document> {
        self.documents.get(key)
    }

    /// States the highest number of a status list seen before; a lower one is then refused (security.md, V03).
    pub fn note_seen(&mut self, url: impl Into<String>, number: u64) {
        let seen = self.seen.entry(url.into()).or_default();
        *seen = number.max(*seen);
    }

    pub(crate) fn seen(&self, url: &str) -> Option<u64> {
        self.seen.get(url).copied()
    }

    pub(crate) fn contexts(&self) -> &Library {
        &self.contexts
    }

    pub(crate) fn find(&self, key: &str) -> Found<'_> {
        match self.documents.get(key) {
            None => Found::Missing,
            Some(document) if document.origin == Origin::Brought => Found::OnlyBrought(document),
            Some(document) => Found::Document(document),
        }
    }
}

impl Document {
    /// A document given by hand, as a successful answer.
    pub fn given(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { bytes: bytes.into(), status: 200, media_type: None, fetched: None, origin: Origin::Given }
    }

    pub(crate) fn used(&self, source: &str) -> Used {
        Used {
            source: source.to_owned(),
            sha256: crate::hex(digest::digest(&digest::SHA256, &self.bytes).as_ref()),
            fetched: self.fetched,
            origin: self.origin,
        }
    }
}
