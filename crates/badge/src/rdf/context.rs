//! Active contexts and how they are made (JSON-LD 1.1 API, 4). A context is compiled once and then only read: the contexts that its
//! terms bring along (scoped contexts) are worked out at their first use and kept beside the term. No document is fetched here; a
//! context that is not in the given library is an error that names it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};

use serde_json::{Map, Value};

use super::error::{Error, Result};
use super::iri::{self, Keyword};
use super::library::{Allowance, REMOTE_TERMS};

/// What a term definition may hold (JSON-LD 1.1 API, 4.2.2, step 28).
const DEFINITION_ENTRIES: [&str; 11] =
    ["@id", "@reverse", "@container", "@context", "@direction", "@index", "@language", "@nest", "@prefix", "@protected", "@type"];

/// How deep the definition of a term may rest on that of another; real contexts need two.
const MAX_DEFINITION_DEPTH: usize = 32;
/// How deep contexts may name other contexts.
const MAX_REMOTE_DEPTH: usize = 8;

/// `ltr` or `rtl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    pub(super) fn parse(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "ltr" => Some(Self::LeftToRight),
            "rtl" => Some(Self::RightToLeft),
            _ => None,
        }
    }
}

/// How the values of a term are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypeMapping {
    Id,
    Vocab,
    Json,
    None,
    Iri(Arc<str>),
}

/// The container mapping of a term, a set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Container(u8);

impl Container {
    pub(super) const LIST: Self = Self(1);
    pub(super) const SET: Self = Self(2);
    pub(super) const LANGUAGE: Self = Self(4);
    pub(super) const INDEX: Self = Self(8);
    pub(super) const ID: Self = Self(16);
    pub(super) const TYPE: Self = Self(32);
    pub(super) const GRAPH: Self = Self(64);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The allowed combinations (JSON-LD 1.1 API, 4.2.2, step 19).
    fn parse(value: &Value) -> Option<Self> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut set = Self::default();
        for value in values {
            set.0 |= match value.as_str()? {
                "@list" => Self::LIST,
                "@set" => Self::SET,
                "@language" => Self::LANGUAGE,
                "@index" => Self::INDEX,
                "@id" => Self::ID,
                "@type" => Self::TYPE,
                "@graph" => Self::GRAPH,
                _ => return None,
            }
            .0;
        }
        let core = set.without(Self::SET);
        let one = core.0.count_ones() <= 1 && (core != Self::LIST || !set.has(Self::SET));
        let graph = core.has(Self::GRAPH) && matches!(core.without(Self::GRAPH), rest if rest == Self::ID || rest == Self::INDEX);
        (one || graph).then_some(set)
    }
}

/// A term definition (JSON-LD 1.1 API, 4.2). Two are the same definition when all but `protected` and `trusted` are equal.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an entry of the definition")]
pub(super) struct Term {
    /// The IRI it stands for; none for a term that is explicitly without meaning.
    pub(super) iri: Option<Arc<str>>,
    pub(super) keyword: Option<Keyword>,
    pub(super) prefix: bool,
    pub(super) protected: bool,
    /// Whether it was defined by a compiled context.
    trusted: bool,
    pub(super) reverse: bool,
    pub(super) kind: Option<TypeMapping>,
    /// `Some(None)` takes the default language away.
    #[expect(clippy::option_option, reason = "not said, none, or one")]
    pub(super) language: Option<Option<Arc<str>>>,
    #[expect(clippy::option_option, reason = "not said, none, or one")]
    pub(super) direction: Option<Option<Direction>>,
    pub(super) container: Container,
    pub(super) index: Option<Box<str>>,
    pub(super) nest: Option<Box<str>>,
    pub(super) scoped: Option<Arc<Scoped>>,
}

/// A context that comes with a term.
#[derive(Debug)]
pub(super) struct Scoped {
    value: Value,
    base: Option<Arc<str>>,
    trusted: bool,
}

impl Term {
    fn same(&self, other: &Self) -> bool {
        self.iri == other.iri
            && self.keyword == other.keyword
            && self.prefix == other.prefix
            && self.reverse == other.reverse
            && self.kind == other.kind
            && self.language == other.language
            && self.direction == other.direction
            && self.container == other.container
            && self.index == other.index
            && self.nest == other.nest
            && match (&self.scoped, &other.scoped) {
                (None, None) => true,
                (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a.value == b.value,
                _ => false,
            }
    }

    /// Whether the context that the term brings along reaches into nested nodes.
    pub(super) fn propagates(&self, otherwise: bool) -> bool {
        let stated = self.scoped.as_ref().and_then(|scoped| scoped.value.get("@propagate"));
        stated.and_then(Value::as_bool).unwrap_or(otherwise)
    }
}

type Derived = OnceLock<Result<Arc<Context>>>;

/// A term and, once asked for, the contexts that it brings along.
#[derive(Debug)]
struct Slot {
    term: Arc<Term>,
    as_property: Derived,
    as_type: Derived,
    /// The property's context applied to the one that the walk returned to; it holds for that one alone.
    after_return: OnceLock<(Weak<Context>, Arc<Context>)>,
}

impl From<Arc<Term>> for Slot {
    fn from(term: Arc<Term>) -> Self {
        Self { term, as_property: OnceLock::new(), as_type: OnceLock::new(), after_return: OnceLock::new() }
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        self.term.clone().into()
    }
}

/// An active context.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    terms: HashMap<Arc<str>, Slot>,
    pub(super) base: Option<Arc<str>>,
    original_base: Option<Arc<str>>,
    pub(super) vocab: Option<Arc<str>>,
    pub(super) language: Option<Arc<str>>,
    pub(super) direction: Option<Direction>,
    /// Terms to which a context from outside gave another meaning than the compiled contexts do.
    pub(super) redefined: Vec<Arc<str>>,
    /// Definitions that were passed over because they look like keywords.
    pub(super) reserved: Vec<Box<str>>,
    /// The keywords that some term is an alias of, one bit each.
    aliases: u32,
    by_iri: ByIri,
}

/// Made when it is asked for first; a changed copy makes its own.
#[derive(Debug, Default)]
struct ByIri(OnceLock<HashMap<Arc<str>, bool>>);

impl Clone for ByIri {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The vocabularies in which a verifier looks for what counts: validity, status, issuer, subject, achievement.
const STANDARDS: [&str; 4] = [
    "https://www.w3.org/2018/credentials#",
    "https://www.w3.org/ns/credentials/",
    "https://w3id.org/security#",
    "https://purl.imsglobal.org/spec/vc/",
];

/// The context that a term brings along, made when it is asked for first. That one document has spent its allowance is nothing to be kept.
fn derive(derived: &Derived, make: impl FnOnce() -> Result<Context>) -> Result<&Arc<Context>> {
    if derived.get().is_none() {
        let made = make().map(Arc::new);
        if made.as_ref().err() == Some(&Error::TooComplex) {
            return Err(Error::TooComplex);
        }
        let _ = derived.set(made);
    }
    match derived.get() {
        Some(made) => made.as_ref().map_err(Clone::clone),
        None => Err(Error::TooComplex),
    }
}

/// How a local context is to be applied.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) base: Option<&'a str>,
    /// Whether it comes from the compiled library.
    pub(super) trusted: bool,
    /// A property-scoped context may redefine protected terms.
    pub(super) overrides_protected: bool,
}

impl Context {
    pub(super) fn initial(base: Option<&str>) -> Self {
        let base: Option<Arc<str>> = base.map(Into::into);
        Self { original_base: base.clone(), base, ..Self::default() }
    }

    pub(super) fn term(&self, name: &str) -> Option<&Term> {
        self.terms.get(name).map(|slot| &*slot.term)
    }

    /// Whether nothing was applied to it yet.
    pub(super) fn is_initial(&self) -> bool {
        self.terms.is_empty() && self.vocab.is_none() && self.language.is_none() && self.direction.is_none()
    }

    /// Whether `name` is `@type` or an alias of it.
    pub(super) fn is_type(&self, name: &str) -> bool {
        name == "@type" || self.term(name).is_some_and(|term| term.keyword == Some(Keyword::Type))
    }

    /// Whether a term of this context stands for `iri`.
    pub(super) fn names(&self, iri: &str) -> bool {
        self.by_iri().contains_key(iri)
    }

    /// Whether the standards' own contexts have a term for `iri`, in their own vocabulary, and `term` is one that somebody else added.
    pub(super) fn is_alias(&self, term: &Term) -> bool {
        match (&term.iri, term.keyword) {
            _ if term.trusted => false,
            (_, Some(keyword)) => self.has_alias(keyword),
            (Some(iri), None) => STANDARDS.iter().any(|prefix| iri.starts_with(prefix)) && self.by_iri().get(iri) == Some(&true),
            (None, None) => false,
        }
    }

    /// The IRIs that terms stand for, and whether one of these terms is compiled in.
    fn by_iri(&self) -> &HashMap<Arc<str>, bool> {
        self.by_iri.0.get_or_init(|| {
            let mut by_iri: HashMap<Arc<str>, bool> = HashMap::with_capacity(self.terms.len());
            for term in self.terms.values().map(|slot| &slot.term) {
                if let Some(iri) = &term.iri {
                    *by_iri.entry(iri.clone()).or_default() |= term.trusted;
                }
            }
            by_iri
        })
    }

    /// Whether a term is an alias of `keyword`.
    pub(super) fn has_alias(&self, keyword: Keyword) -> bool {
        self.aliases & keyword.bit() != 0
    }

    /// Whether an entry of `map` expands to `keyword`.
    pub(super) fn find_keyword<'m>(&self, map: &'m Map<String, Value>, keyword: Keyword) -> Option<&'m Value> {
        map.get(keyword.name()).or_else(|| {
            let is_alias = |name: &str| self.term(name).is_some_and(|term| term.keyword == Some(keyword));
            let aliased = || map.iter().find(|(name, _)| is_alias(name)).map(|(_, value)| value);
            if self.has_alias(keyword) { aliased() } else { None }
        })
    }

    /// The context inside the values of property `name`; none when the term brings none.
    pub(super) fn inside_property(&self, name: &str, allowance: &Allowance<'_>) -> Result<Option<&Arc<Self>>> {
        let Some(slot) = self.terms.get(name) else { return Ok(None) };
        let Some(scoped) = &slot.term.scoped else { return Ok(None) };
        derive(&slot.as_property, || self.with_scoped(scoped, true, allowance)).map(Some)
    }

    /// As [`Self::inside_property`], when the walk first returns to `previous`: the term is looked up here, its context applied there.
    pub(super) fn inside_property_of<'a>(
        &'a self,
        name: &str,
        previous: &Arc<Self>,
        allowance: &Allowance<'_>,
    ) -> Result<Option<Cow<'a, Arc<Self>>>> {
        let Some(slot) = self.terms.get(name) else { return Ok(None) };
        let Some(scoped) = &slot.term.scoped else { return Ok(None) };
        if let Some((target, context)) = slot.after_return.get()
            && std::ptr::eq(target.as_ptr(), Arc::as_ptr(previous))
        {
            return Ok(Some(Cow::Borrowed(context)));
        }
        let context = Arc::new(previous.with_scoped(scoped, true, allowance)?);
        // Kept for the first context that the walk returned to; whoever came later makes its own.
        let _ = slot.after_return.set((Arc::downgrade(previous), context.clone()));
        Ok(Some(Cow::Owned(context)))
    }

    /// The context inside a node of type `name`, when `definition` is where the type was looked up (JSON-LD 1.1 API, 5.1.2, step 11).
    pub(super) fn inside_type<'a>(
        &'a self,
        name: &str,
        definition: &Self,
        allowance: &Allowance<'_>,
    ) -> Result<Option<Cow<'a, Arc<Self>>>> {
        let Some(found) = definition.terms.get(name) else { return Ok(None) };
        let Some(scoped) = &found.term.scoped else { return Ok(None) };
        match self.terms.get(name) {
            Some(own) if Arc::ptr_eq(&own.term, &found.term) => {
                derive(&own.as_type, || self.with_scoped(scoped, false, allowance)).map(|context| Some(Cow::Borrowed(context)))
            }
            _ => Ok(Some(Cow::Owned(Arc::new(self.with_scoped(scoped, false, allowance)?)))),
        }
    }

    fn with_scoped(&self, scoped: &Scoped, overrides_protected: bool, allowance: &Allowance<'_>) -> Result<Self> {
        let rules = Rules { base: scoped.base.as_deref(), trusted: scoped.trusted, overrides_protected };
        self.with(&scoped.value, rules, allowance)
    }

    /// This context with `local` applied to it (JSON-LD 1.1 API, 4.1.2).
    pub(super) fn with(&self, local: &Value, rules: Rules<'_>, allowance: &Allowance<'_>) -> Result<Self> {
        allowance.spend(self.terms.len())?;
        let mut result = self.clone();
        Builder { allowance, result: &mut result, remote: Vec::new(), validating: false, depth: 0 }.apply(local, rules)?;
        result.aliases = result.terms.values().filter_map(|slot| slot.term.keyword).fold(0, |bits, keyword| bits | keyword.bit());
        Ok(result)
    }

    /// Expands a term, compact IRI or relative reference (JSON-LD 1.1 API, 5.2.2) without changing the context.
    pub(super) fn expand<'a>(&'a self, value: &'a str, relative: bool, vocab: bool) -> Option<Cow<'a, str>> {
        if Keyword::parse(value).is_some() {
            return Some(Cow::Borrowed(value));
        }
        if iri::has_keyword_form(value) {
            return None;
        }
        if vocab && let Some(term) = self.term(value) {
            return term.iri.as_deref().map(Cow::Borrowed);
        }
        if let Some((prefix, suffix)) = split_compact(value) {
            if prefix == "_" || suffix.starts_with("//") {
                return Some(Cow::Borrowed(value));
            }
            if let Some(Term { iri: Some(iri), prefix: true, .. }) = self.term(prefix) {
                return Some(Cow::Owned(format!("{iri}{suffix}")));
            }
            if iri::has_scheme(value) {
                return Some(Cow::Borrowed(value));
            }
        }
        if vocab && let Some(base) = &self.vocab {
            return Some(Cow::Owned(format!("{base}{value}")));
        }
        if relative {
            return Some(iri::resolve(self.base.as_deref(), value));
        }
        Some(Cow::Borrowed(value))
    }
}

/// `prefix:suffix`, when the colon is not the first character.
fn split_compact(value: &str) -> Option<(&str, &str)> {
    value.split_once(':').filter(|(prefix, _)| !prefix.is_empty())
}

/// Whether `@propagate: false` stands in a local context (JSON-LD 1.1 API, 4.1.2, step 2).
pub(super) fn propagates(local: &Value) -> bool {
    local.get("@propagate") != Some(&Value::Bool(false))
}

/// Applies local contexts to `result`.
struct Builder<'a> {
    allowance: &'a Allowance<'a>,
    result: &'a mut Context,
    /// The remote contexts that are being read, outermost first.
    remote: Vec<String>,
    /// Whether a scoped context is only tried out; then one that names itself is passed over.
    validating: bool,
    /// How many terms are being defined because another one needs them.
    depth: usize,
}

/// One local context while its terms are defined.
struct Local<'a> {
    map: Cow<'a, Map<String, Value>>,
    protected: bool,
    rules: Rules<'a>,
    /// `false` while a term is being defined, `true` after.
    defined: HashMap<String, bool>,
}

const CONTEXT_KEYWORDS: [&str; 8] =
    ["@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab"];

impl Builder<'_> {
    fn apply(&mut self, local: &Value, rules: Rules<'_>) -> Result<()> {
        let contexts = match local {
            Value::Array(contexts) => contexts.as_slice(),
            single => std::slice::from_ref(single),
        };
        for context in contexts {
            match context {
                Value::Null => self.clear(rules)?,
                Value::String(reference) => self.apply_remote(reference, rules)?,
                Value::Object(map) => self.apply_map(map, rules)?,
                other => return Err(Error::new("invalid local context", other.to_string())),
            }
        }
        Ok(())
    }

    fn clear(&mut self, rules: Rules<'_>) -> Result<()> {
        if !rules.overrides_protected
            && let Some((name, _)) = self.result.terms.iter().find(|(_, slot)| slot.term.protected)
        {
            return Err(Error::new("invalid context nullification", &**name));
        }
        let mut redefined = std::mem::take(&mut self.result.redefined);
        if !rules.trusted {
            // Taking every meaning away is the largest of redefinitions.
            redefined.extend(self.result.terms.keys().cloned());
        }
        *self.result = Context { redefined, ..Context::initial(self.result.original_base.as_deref()) };
        Ok(())
    }

    fn apply_remote(&mut self, reference: &str, rules: Rules<'_>) -> Result<()> {
        let url = iri::resolve(rules.base, reference).into_owned();
        if self.remote.contains(&url) {
            if self.validating {
                return Ok(());
            }
            return Err(Error::new("recursive context inclusion", url));
        }
        if self.remote.len() >= MAX_REMOTE_DEPTH {
            return Err(Error::new("context overflow", url));
        }
        let found = self.allowance.library.find(&url).ok_or_else(|| Error::UnknownContext(url.clone()))?;
        let context = found.document.get("@context").ok_or_else(|| Error::new("invalid remote context", &*url))?;
        if !rules.trusted {
            self.allowance.spend(REMOTE_TERMS)?;
        }
        self.remote.push(url.clone());
        self.apply(context, Rules { base: Some(&url), trusted: found.trusted, ..rules })?;
        self.remote.pop();
        Ok(())
    }

    fn apply_map(&mut self, map: &Map<String, Value>, rules: Rules<'_>) -> Result<()> {
        if let Some(version) = map.get("@version")
            && version.as_f64() != Some(1.1)
        {
            return Err(Error::new("invalid @version value", version.to_string()));
        }
        let map = self.import(map, rules)?;
        self.set_defaults(&map)?;
        let protected = match map.get("@protected") {
            None => false,
            Some(Value::Bool(protected)) => *protected,
            Some(other) => return Err(Error::new("invalid @protected value", other.to_string())),
        };
        let names: Vec<String> = map.keys().filter(|name| !CONTEXT_KEYWORDS.contains(&name.as_str())).cloned().collect();
        let mut local = Local { map, protected, rules, defined: HashMap::new() };
        names.iter().try_for_each(|name| self.define(&mut local, name))
    }

    /// JSON-LD 1.1 API, 4.1.2, step 5.6.
    fn import<'m>(&self, map: &'m Map<String, Value>, rules: Rules<'_>) -> Result<Cow<'m, Map<String, Value>>> {
        let Some(import) = map.get("@import") else { return Ok(Cow::Borrowed(map)) };
        let reference = import.as_str().ok_or_else(|| Error::new("invalid @import value", import.to_string()))?;
        let url = iri::resolve(rules.base, reference);
        let found = self.allowance.library.find(&url).ok_or_else(|| Error::UnknownContext(url.clone().into_owned()))?;
        let imported = found
            .document
            .get("@context")
            .and_then(Value::as_object)
            .ok_or_else(|| Error::new("invalid remote context", &*url))?;
        if imported.contains_key("@import") {
            return Err(Error::new("invalid context entry", &*url));
        }
        let mut merged = imported.clone();
        merged.extend(map.iter().map(|(name, value)| (name.clone(), value.clone())));
        merged.remove("@import");
        Ok(Cow::Owned(merged))
    }

    /// `@base`, `@vocab`, `@language`, `@direction`, `@propagate` (JSON-LD 1.1 API, 4.1.2, steps 5.7 to 5.11).
    fn set_defaults(&mut self, map: &Map<String, Value>) -> Result<()> {
        if let Some(base) = map.get("@base")
            && self.remote.is_empty()
        {
            self.result.base = match base {
                Value::Null => None,
                Value::String(text) if iri::has_scheme(text) => Some(text.as_str().into()),
                Value::String(text) if self.result.base.is_some() => Some(iri::resolve(self.result.base.as_deref(), text).into()),
                other => return Err(Error::new("invalid base IRI", other.to_string())),
            };
        }
        match map.get("@vocab") {
            None => {}
            Some(Value::Null) => self.result.vocab = None,
            Some(Value::String(text)) => {
                let expanded = self.result.expand(text, true, true).map(Cow::into_owned);
                let usable =
                    expanded.filter(|iri| iri::has_scheme(iri) || iri::is_blank(iri) || text.is_empty() || !text.contains(':'));
                self.result.vocab = Some(usable.ok_or_else(|| Error::new("invalid vocab mapping", text.as_str()))?.into());
            }
            Some(other) => return Err(Error::new("invalid vocab mapping", other.to_string())),
        }
        match map.get("@language") {
            None => {}
            Some(Value::Null) => self.result.language = None,
            Some(Value::String(text)) => self.result.language = Some(text.to_lowercase().into()),
            Some(other) => return Err(Error::new("invalid default language", other.to_string())),
        }
        match map.get("@direction") {
            None => {}
            Some(Value::Null) => self.result.direction = None,
            Some(value) => {
                let direction = Direction::parse(value);
                self.result.direction = Some(direction.ok_or_else(|| Error::new("invalid base direction", value.to_string()))?);
            }
        }
        match map.get("@propagate") {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(other) => Err(Error::new("invalid @propagate value", other.to_string())),
        }
    }

    /// Create Term Definition (JSON-LD 1.1 API, 4.2.2).
    fn define(&mut self, local: &mut Local<'_>, name: &str) -> Result<()> {
        match local.defined.get(name) {
            Some(true) => return Ok(()),
            Some(false) => return Err(Error::new("cyclic IRI mapping", name)),
            None => {}
        }
        if name.is_empty() {
            return Err(Error::new("invalid term definition", name));
        }
        let Some(value) = local.map.get(name).cloned() else { return Ok(()) };
        if name == "@type" {
            check_type_redefinition(&value)?;
        } else if Keyword::parse(name).is_some() {
            return Err(Error::new("keyword redefinition", name));
        } else if iri::has_keyword_form(name) {
            self.result.reserved.push(name.into());
            return Ok(());
        }
        if self.depth >= MAX_DEFINITION_DEPTH {
            return Err(Error::TooComplex);
        }
        if !local.rules.trusted {
            self.allowance.spend(1)?;
        }
        local.defined.insert(name.to_owned(), false);
        self.depth += 1;
        let previous = self.result.terms.remove(name).map(|slot| slot.term);
        let term = match value {
            Value::Null => Some(Term { protected: local.protected, trusted: local.rules.trusted, ..Term::default() }),
            Value::String(id) => self.build(local, name, &Map::from_iter([("@id".to_owned(), id.into())]), true)?,
            Value::Object(map) => self.build(local, name, &map, false)?,
            other => return Err(Error::new("invalid term definition", other.to_string())),
        };
        self.depth -= 1;
        let Some(mut term) = term else {
            self.result.reserved.push(name.into());
            return Ok(());
        };
        if let Some(previous) = &previous {
            if previous.protected && !local.rules.overrides_protected {
                if !term.same(previous) {
                    return Err(Error::new("protected term redefinition", name));
                }
                term = (**previous).clone();
            }
            if !local.rules.trusted && !term.same(previous) {
                self.result.redefined.push(name.into());
            }
        }
        // The same definition keeps its place, so that scoped contexts found through either are one.
        let term = match previous {
            Some(previous) if previous.same(&term) && previous.protected == term.protected => previous,
            _ => Arc::new(term),
        };
        self.result.terms.insert(name.into(), term.into());
        local.defined.insert(name.to_owned(), true);
        Ok(())
    }

    /// The definition that `map` gives to `name`; none when it must be passed over.
    fn build(&mut self, local: &mut Local<'_>, name: &str, map: &Map<String, Value>, simple: bool) -> Result<Option<Term>> {
        let mut term = Term { protected: local.protected, trusted: local.rules.trusted, ..Term::default() };
        match map.get("@protected") {
            None => {}
            Some(Value::Bool(protected)) => term.protected = *protected,
            Some(other) => return Err(Error::new("invalid @protected value", other.to_string())),
        }
        if let Some(value) = map.get("@type") {
            term.kind = Some(self.type_mapping(local, value)?);
        }
        if let Some(value) = map.get("@reverse") {
            if !self.reverse_mapping(local, &mut term, map, value)? {
                return Ok(None);
            }
            return Ok(Some(term));
        }
        if !self.iri_mapping(local, &mut term, name, map, simple)? {
            return Ok(None);
        }
        term.keyword = term.iri.as_deref().and_then(Keyword::parse);
        if let Some(value) = map.get("@container") {
            let container = Container::parse(value);
            term.container = container.ok_or_else(|| Error::new("invalid container mapping", value.to_string()))?;
            if term.container.has(Container::TYPE) {
                match term.kind.get_or_insert(TypeMapping::Id) {
                    TypeMapping::Id | TypeMapping::Vocab => {}
                    _ => return Err(Error::new("invalid type mapping", name)),
                }
            }
        }
        if let Some(value) = map.get("@index") {
            let index = value.as_str().filter(|_| term.container.has(Container::INDEX));
            let index = index.ok_or_else(|| Error::new("invalid term definition", name))?;
            let expanded = self.expand(local, index)?;
            if !expanded.is_some_and(|iri| iri::has_scheme(&iri)) {
                return Err(Error::new("invalid term definition", index));
            }
            term.index = Some(index.into());
        }
        if let Some(value) = map.get("@context") {
            term.scoped = Some(self.scoped(local.rules, value)?);
        }
        if !map.contains_key("@type") {
            match map.get("@language") {
                None => {}
                Some(Value::Null) => term.language = Some(None),
                Some(Value::String(text)) => term.language = Some(Some(text.to_lowercase().into())),
                Some(other) => return Err(Error::new("invalid language mapping", other.to_string())),
            }
            match map.get("@direction") {
                None => {}
                Some(Value::Null) => term.direction = Some(None),
                Some(value) => {
                    let direction = Direction::parse(value);
                    term.direction =
                        Some(Some(direction.ok_or_else(|| Error::new("invalid base direction", value.to_string()))?));
                }
            }
        }
        if let Some(value) = map.get("@nest") {
            let nest = value.as_str().filter(|nest| *nest == "@nest" || Keyword::parse(nest).is_none());
            term.nest = Some(nest.ok_or_else(|| Error::new("invalid @nest value", value.to_string()))?.into());
        }
        match map.get("@prefix") {
            None => {}
            Some(_) if name.contains([':', '/']) => return Err(Error::new("invalid term definition", name)),
            Some(Value::Bool(true)) if term.keyword.is_some() => return Err(Error::new("invalid term definition", name)),
            Some(Value::Bool(prefix)) => term.prefix = *prefix,
            Some(other) => return Err(Error::new("invalid @prefix value", other.to_string())),
        }
        match map.keys().find(|key| !DEFINITION_ENTRIES.contains(&key.as_str())) {
            Some(unknown) => Err(Error::new("invalid term definition", unknown.as_str())),
            None => Ok(Some(term)),
        }
    }

    fn type_mapping(&mut self, local: &mut Local<'_>, value: &Value) -> Result<TypeMapping> {
        let invalid = || Error::new("invalid type mapping", value.to_string());
        let expanded = self.expand(local, value.as_str().ok_or_else(invalid)?)?.ok_or_else(invalid)?;
        match Keyword::parse(&expanded) {
            Some(Keyword::Id) => Ok(TypeMapping::Id),
            Some(Keyword::Vocab) => Ok(TypeMapping::Vocab),
            Some(Keyword::Json) => Ok(TypeMapping::Json),
            Some(Keyword::None) => Ok(TypeMapping::None),
            None if iri::has_scheme(&expanded) => Ok(TypeMapping::Iri(expanded.into())),
            _ => Err(invalid()),
        }
    }

    /// JSON-LD 1.1 API, 4.2.2, step 13; false when the definition is to be passed over.
    fn reverse_mapping(
        &mut self,
        local: &mut Local<'_>,
        term: &mut Term,
        map: &Map<String, Value>,
        value: &Value,
    ) -> Result<bool> {
        if map.contains_key("@id") || map.contains_key("@nest") {
            return Err(Error::new("invalid reverse property", value.to_string()));
        }
        let text = value.as_str().ok_or_else(|| Error::new("invalid IRI mapping", value.to_string()))?;
        if iri::has_keyword_form(text) {
            return Ok(false);
        }
        let expanded = self.expand(local, text)?;
        let usable = expanded.filter(|iri| iri::has_scheme(iri) || iri::is_blank(iri));
        term.iri = Some(usable.ok_or_else(|| Error::new("invalid IRI mapping", text))?.into());
        term.container = match map.get("@container") {
            None | Some(Value::Null) => Container::default(),
            Some(Value::String(text)) if text == "@set" => Container::SET,
            Some(Value::String(text)) if text == "@index" => Container::INDEX,
            Some(_) => return Err(Error::new("invalid reverse property", text)),
        };
        term.reverse = true;
        Ok(true)
    }

    /// JSON-LD 1.1 API, 4.2.2, steps 14 to 18; false when the definition is to be passed over.
    fn iri_mapping(
        &mut self,
        local: &mut Local<'_>,
        term: &mut Term,
        name: &str,
        map: &Map<String, Value>,
        simple: bool,
    ) -> Result<bool> {
        let looks_compact = name.len() > 2 && name[1..name.len() - 1].contains(':');
        match map.get("@id") {
            Some(Value::Null) => return Ok(true),
            Some(Value::String(id)) if id != name => {
                if iri::has_keyword_form(id) && Keyword::parse(id).is_none() {
                    return Ok(false);
                }
                let invalid = || Error::new("invalid IRI mapping", id.as_str());
                let iri = self.expand(local, id)?.ok_or_else(invalid)?;
                let keyword = Keyword::parse(&iri);
                if keyword == Some(Keyword::Context) {
                    return Err(Error::new("invalid keyword alias", name));
                }
                if keyword.is_none() && !iri::has_scheme(&iri) && !iri::is_blank(&iri) {
                    return Err(invalid());
                }
                if looks_compact || name.contains('/') {
                    local.defined.insert(name.to_owned(), true);
                    let own = self.expand(local, name)?;
                    local.defined.insert(name.to_owned(), false);
                    if own.as_deref() != Some(&iri) {
                        return Err(Error::new("invalid IRI mapping", name));
                    }
                }
                let ends_with_delimiter = iri.ends_with([':', '/', '?', '#', '[', ']', '@']);
                term.prefix = !name.contains([':', '/']) && simple && (ends_with_delimiter || iri::is_blank(&iri));
                term.iri = Some(iri.into());
            }
            Some(Value::String(_)) | None => {
                if let Some((prefix, suffix)) = split_compact(name).filter(|_| looks_compact) {
                    if local.map.contains_key(prefix) {
                        self.define(local, prefix)?;
                    }
                    let base = self.result.term(prefix).and_then(|term| term.iri.clone());
                    term.iri = Some(base.map_or_else(|| name.into(), |base| format!("{base}{suffix}").into()));
                } else if name.contains('/') {
                    let iri = self.result.expand(name, true, true).filter(|iri| iri::has_scheme(iri));
                    term.iri = Some(iri.ok_or_else(|| Error::new("invalid IRI mapping", name))?.into());
                } else if name == "@type" {
                    term.iri = Some("@type".into());
                } else if let Some(vocab) = &self.result.vocab {
                    term.iri = Some(format!("{vocab}{name}").into());
                } else {
                    return Err(Error::new("invalid IRI mapping", name));
                }
            }
            Some(other) => return Err(Error::new("invalid IRI mapping", other.to_string())),
        }
        Ok(true)
    }

    /// Keeps a scoped context after trying it out (JSON-LD 1.1 API, 4.2.2, step 21).
    fn scoped(&mut self, rules: Rules<'_>, value: &Value) -> Result<Arc<Scoped>> {
        if !rules.trusted {
            self.allowance.spend(self.result.terms.len())?;
            let mut trial = self.result.clone();
            let mut builder = Builder {
                allowance: self.allowance,
                result: &mut trial,
                remote: self.remote.clone(),
                validating: true,
                depth: self.depth,
            };
            builder.apply(value, Rules { overrides_protected: true, ..rules }).map_err(|error| match error {
                Error::JsonLd { at, .. } => Error::new("invalid scoped context", at),
                other => other,
            })?;
        }
        Ok(Arc::new(Scoped { value: value.clone(), base: rules.base.map(Into::into), trusted: rules.trusted }))
    }

    /// Expands while terms are still being defined: what the local context defines comes first.
    fn expand(&mut self, local: &mut Local<'_>, value: &str) -> Result<Option<String>> {
        if Keyword::parse(value).is_none() {
            self.define_first(local, value)?;
            if let Some((prefix, suffix)) = split_compact(value)
                && prefix != "_"
                && !suffix.starts_with("//")
            {
                self.define_first(local, prefix)?;
            }
        }
        Ok(self.result.expand(value, false, true).map(Cow::into_owned))
    }

    fn define_first(&mut self, local: &mut Local<'_>, name: &str) -> Result<()> {
        if local.map.contains_key(name) && Keyword::parse(name).is_none() && local.defined.get(name) != Some(&true) {
            self.define(local, name)?;
        }
        Ok(())
    }
}

/// `@type` may only be given a container and protection (JSON-LD 1.1 API, 4.2.2, step 4).
fn check_type_redefinition(value: &Value) -> Result<()> {
    let allowed = value.as_object().is_some_and(|map| {
        !map.is_empty()
            && map.iter().all(|(key, value)| match key.as_str() {
                "@container" => value == "@set",
                "@protected" => value.is_boolean(),
                _ => false,
            })
    });
    if allowed { Ok(()) } else { Err(Error::new("keyword redefinition", "@type")) }
}
