//! The contexts at hand: those compiled in, and those handed over as evidence. A compiled one is never replaced from outside. Nothing is
//! fetched here; what is missing is named by [`super::Error::UnknownContext`].

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock, RwLock};

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
        for ready in [&self.library.ready, &*COMPILED] {
            ready.terms.fetch_add(terms, Ordering::Relaxed);
        }
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

/// The compiled context document under a URL.
fn compiled(url: &str) -> Option<&'static Value> {
    let entry = BUILT_IN.iter().find(|entry| entry.urls.contains(&url))?;
    Some(entry.parsed.get_or_init(|| serde_json::from_str(entry.text).unwrap_or_default()))
}

/// A context document and whether it is one of ours.
pub(super) struct Found<'a> {
    pub(super) document: &'a Value,
    pub(super) trusted: bool,
}

/// Active contexts that are kept ready, by the list of URLs that they come from.
#[derive(Debug, Default)]
struct Ready {
    contexts: RwLock<HashMap<String, Arc<Context>>>,
    /// About how many terms have been put into them.
    terms: AtomicUsize,
}

impl Ready {
    fn get(&self, key: &str) -> Option<Arc<Context>> {
        self.contexts.read().ok()?.get(key).cloned()
    }

    fn keep(&self, key: String, context: &Arc<Context>) {
        let Ok(mut contexts) = self.contexts.write() else { return };
        if self.terms.load(Ordering::Relaxed) > MAX_READY_TERMS || contexts.len() >= MAX_READY {
            contexts.clear();
            self.terms.store(0, Ordering::Relaxed);
        }
        contexts.insert(key, context.clone());
    }
}

/// Those that come from compiled contexts alone, for every library; a memo, not state.
static COMPILED: LazyLock<Ready> = LazyLock::new(Ready::default);

/// Nothing but what is compiled in.
static NOTHING_ADDED: LazyLock<Library> = LazyLock::new(Library::default);

/// The contexts at hand.
#[derive(Debug, Default)]
pub struct Library {
    added: HashMap<String, Value>,
    ready: Ready,
}

impl Clone for Library {
    fn clone(&self) -> Self {
        Self { added: self.added.clone(), ready: Ready::default() }
    }
}

impl Library {
    /// Adds a context document under its URL. One that is compiled in stays what it is.
    pub fn add(&mut self, url: &str, document: Value) {
        self.added.insert(url.to_owned(), document);
        self.ready = Ready::default();
    }

    /// Whether a document may name this context.
    pub fn has(&self, url: &str) -> bool {
        self.find(url).is_some()
    }

    pub(super) fn find(&self, url: &str) -> Option<Found<'_>> {
        match compiled(url) {
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
        if let Some(context) = COMPILED.get(&key).or_else(|| library.ready.get(&key)) {
            return Ok(context);
        }
        let make = |allowance: &Allowance<'_>| Context::initial(base).with(local, rules, allowance).map(Arc::new);
        if key.lines().all(|url| compiled(url).is_some()) {
            // A compiled context may name one that is not, and what was added has no part in what every library shares.
            let alone = Allowance { library: &NOTHING_ADDED, left: allowance.left.clone(), ..*allowance };
            let made = make(&alone);
            allowance.left.set(alone.left.get());
            match made {
                Err(Error::UnknownContext(_)) => {}
                made => return made.inspect(|context| COMPILED.keep(key, context)),
            }
        }
        make(allowance).inspect(|context| library.ready.keep(key, context))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The contexts that stand within terms.
    fn within(value: &Value, is_top: bool, found: &mut Vec<Value>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("@context").filter(|_| !is_top).cloned());
                found.extend(members.get("@import").cloned());
                members.values().for_each(|member| within(member, false, found));
            }
            Value::Array(values) => values.iter().for_each(|value| within(value, false, found)),
            _ => {}
        }
    }

    /// Else what was added to one library could come into what all of them share, once such a term is used.
    #[test]
    fn no_term_of_a_compiled_context_names_another_context() {
        for entry in &BUILT_IN {
            let mut found = Vec::new();
            within(compiled(entry.urls[0]).unwrap(), true, &mut found);
            let names = |it: &Value| it.is_string() || it.as_array().is_some_and(|all| all.iter().any(Value::is_string));
            assert!(!found.iter().any(names), "{}", entry.urls[0]);
        }
    }

    #[test]
    fn what_is_added_to_one_library_is_in_no_other() {
        let (mut with, without) = (Library::default(), Library::default());
        let legacy = "https://w3id.org/openbadges/legacy-v1";
        with.add(legacy, json!({ "@context": { "added": "https://added.example/term" } }));
        let local = json!(["https://w3id.org/openbadges/v1"]);
        let active = |library: &Library| {
            let effort = Effort::default();
            Library::active(&local, None, &Allowance::new(library, &effort))
        };
        assert!(active(&with).unwrap().term("added").is_some());
        assert_eq!(active(&without).err(), Some(Error::UnknownContext(legacy.to_owned())));
    }
}
