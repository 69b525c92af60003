//! The contexts at hand: those compiled in, and those handed over as evidence. A compiled one is never replaced from outside. Nothing is
//! fetched here; what is missing is named by [`super::Error::UnknownContext`].

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use serde_json::Value;

use super::context::{Context, Rules};
use super::effort::Effort;
use super::error::{Error, Result};

/// How many combinations of contexts are kept ready. A run sees a handful; the bound is for hostile folders.
const MAX_READY: usize = 256;
/// How many terms the contexts that are kept ready may have in all, those derived from them included; then they are made anew.
const MAX_READY_TERMS: usize = 300_000;
/// Terms that one document may cause to be defined or copied. A badge that is the first of its kind takes some ten thousand.
const MAX_TERMS: usize = 300_000;
/// What reading one of the usual contexts once more is worth.
pub(super) const REMOTE_TERMS: usize = 500;

/// The contexts at hand, and how much work one document may still cause with them (security.md, P06).
pub(super) struct Allowance<'a> {
    pub(super) library: &'a Library,
    left: Cell<usize>,
    effort: &'a Effort,
}

impl<'a> Allowance<'a> {
    pub(super) fn new(library: &'a Library, effort: &'a Effort) -> Self {
        Self { library, left: Cell::new(MAX_TERMS), effort }
    }

    /// Takes from what is left.
    pub(super) fn spend(&self, terms: usize) -> Result<()> {
        let left = self.left.get().checked_sub(terms).ok_or(Error::TooComplex)?;
        self.left.set(left);
        self.effort.add_terms(terms)?;
        self.library.kept.fetch_add(terms, Ordering::Relaxed);
        Ok(())
    }
}

struct BuiltIn {
    urls: &'static [&'static str],
    text: &'static str,
    parsed: OnceLock<Value>,
}

macro_rules! built_in {
    ($($file:literal => $($url:literal),+;)+) => {
        [$(BuiltIn {
            urls: &[$($url),+],
            text: include_str!(concat!("../../contexts/", $file)),
            parsed: OnceLock::new(),
        }),+]
    };
}

/// Immutable files and what they parse to; a memo, not state.
static BUILT_IN: [BuiltIn; 28] = built_in! {
    "credentials-v1.jsonld" => "https://www.w3.org/2018/credentials/v1";
    "credentials-v2.jsonld" => "https://www.w3.org/ns/credentials/v2";
    "ob-v3p0.json" => "https://purl.imsglobal.org/spec/ob/v3p0/context.json";
    "ob-v3p0-3.0.1.json" => "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json";
    "ob-v3p0-3.0.2.json" => "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json";
    "ob-v3p0-3.0.3.json" => "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
    "ob-v3p0-extensions.json" => "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
    "openbadges-v2.json" => "https://w3id.org/openbadges/v2";
    "openbadges-v1.json" => "https://w3id.org/openbadges/v1";
    "ob-v2p1.jsonld" => "https://purl.imsglobal.org/spec/ob/v2p1/ob_v2p1.jsonld";
    "clr-v2p0.json" => "https://purl.imsglobal.org/spec/clr/v2p0/context.json";
    "clr-v2p0-2.0.1.json" => "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
    "data-integrity-v1.jsonld" => "https://w3id.org/security/data-integrity/v1";
    "data-integrity-v2.jsonld" => "https://w3id.org/security/data-integrity/v2";
    "did-v1.jsonld" => "https://www.w3.org/ns/did/v1", "https://w3id.org/did/v1";
    "security-v1.jsonld" => "https://w3id.org/security/v1";
    "security-v2.jsonld" => "https://w3id.org/security/v2";
    "suites-ed25519-2018.jsonld" => "https://w3id.org/security/suites/ed25519-2018/v1";
    "suites-ed25519-2020.jsonld" => "https://w3id.org/security/suites/ed25519-2020/v1";
    "suites-jws-2020.jsonld" => "https://w3id.org/security/suites/jws-2020/v1";
    "suites-secp256k1-2019.jsonld" => "https://w3id.org/security/suites/secp256k1-2019/v1";
    "suites-x25519-2019.jsonld" => "https://w3id.org/security/suites/x25519-2019/v1";
    "odrl.jsonld" => "https://www.w3.org/ns/odrl.jsonld";
    "status-list-2021.jsonld" => "https://w3id.org/vc/status-list/2021/v1";
    "bitstring-status-list-v1.jsonld" => "https://www.w3.org/ns/credentials/status/v1";
    "multikey-v1.jsonld" => "https://w3id.org/security/multikey/v1";
    "jwk-v1.jsonld" => "https://w3id.org/security/jwk/v1";
    "credentials-undefined-terms-v2.jsonld" => "https://www.w3.org/ns/credentials/undefined-terms/v2";
};

/// A context document and whether it is one of ours.
pub(super) struct Found<'a> {
    pub(super) document: &'a Value,
    pub(super) trusted: bool,
}

/// The contexts at hand.
#[derive(Debug, Default)]
pub struct Library {
    added: HashMap<String, Value>,
    /// Active contexts by the list of URLs they come from.
    ready: RwLock<HashMap<String, Arc<Context>>>,
    /// About how many terms have been put into `ready`.
    kept: AtomicUsize,
}

impl Clone for Library {
    fn clone(&self) -> Self {
        Self { added: self.added.clone(), ready: RwLock::default(), kept: AtomicUsize::new(0) }
    }
}

impl Library {
    /// Adds a context document under its URL. One that is compiled in stays what it is.
    pub fn add(&mut self, url: &str, document: Value) {
        self.added.insert(url.to_owned(), document);
        self.ready = RwLock::default();
    }

    /// Whether a document may name this context.
    pub fn has(&self, url: &str) -> bool {
        self.find(url).is_some()
    }

    pub(super) fn find(&self, url: &str) -> Option<Found<'_>> {
        let built_in = BUILT_IN
            .iter()
            .find(|entry| entry.urls.contains(&url))
            .map(|entry| entry.parsed.get_or_init(|| serde_json::from_str(entry.text).unwrap_or_default()));
        match built_in {
            Some(document) => Some(Found { document, trusted: true }),
            None => self.added.get(url).map(|document| Found { document, trusted: false }),
        }
    }

    /// The active context that a document's own `@context` gives, kept ready when it names nothing but URLs.
    pub(super) fn active(local: &Value, base: Option<&str>, allowance: &Allowance<'_>) -> Result<Arc<Context>> {
        let library = allowance.library;
        let rules = Rules { base, trusted: false, overrides_protected: false };
        let Some(key) = urls(local).filter(|_| base.is_none()) else {
            return Context::initial(base).with(local, rules, allowance).map(Arc::new);
        };
        if let Some(context) = library.ready.read().ok().and_then(|ready| ready.get(&key).cloned()) {
            return Ok(context);
        }
        let context = Arc::new(Context::initial(base).with(local, rules, allowance)?);
        if let Ok(mut ready) = library.ready.write() {
            if library.kept.load(Ordering::Relaxed) > MAX_READY_TERMS || ready.len() >= MAX_READY {
                ready.clear();
                library.kept.store(0, Ordering::Relaxed);
            }
            ready.insert(key, context.clone());
        }
        Ok(context)
    }
}

/// The URLs of a `@context` that names nothing else, as one key.
fn urls(local: &Value) -> Option<String> {
    let mut key = String::with_capacity(128);
    let values = match local {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    for value in values {
        key.push_str(value.as_str()?);
        key.push('\n');
    }
    Some(key)
}
