//! The walk of a JSON-LD document to quads: expansion (JSON-LD 1.1 API, 5) and the making of RDF (8) in one pass over the document. It
//! knows every term without a definition, every relative reference and every construct that would say one thing to a signature and
//! another to a reader; these are listed as [`Dropped`] and the caller decides ("safe mode"). It never fetches, and never guesses.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::context::{self, Container, Context, Direction, Rules, Term as Definition, TypeMapping};
use super::dataset::{Dataset, Span, Term};
use super::effort::Effort;
use super::error::{Error, Result};
use super::iri::{self, Keyword};
use super::library::{Allowance, Library};
use super::{RDF_JSON, XSD_BOOLEAN, XSD_DOUBLE, XSD_INTEGER};

/// Types of one node that may have a context of their own.
const MAX_TYPES: usize = 64;
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Something in the document that the quads do not hold, or hold in a way that a reader of the JSON would not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// What kind of thing it is.
    pub kind: DroppedKind,
    /// The term, reference or keyword.
    pub text: String,
    /// Where it stands: the names on the way to it, joined by `/`.
    pub path: String,
}

/// The kinds of [`Dropped`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DroppedKind {
    /// A property without a definition, or one reserved by its form (`@foo`).
    UndefinedTerm,
    /// A type that is not an absolute IRI.
    RelativeType,
    /// An identifier that is not an absolute, well-formed IRI.
    RelativeReference,
    /// A value without meaning where it stands: a free-floating string, an object with nothing but `@value: null`.
    Meaningless,
    /// A language that is not a language tag, or a base direction, which quads cannot hold.
    Language,
    /// A blank node as property.
    BlankProperty,
    /// A context from outside gives a compiled-in term another meaning.
    Redefined,
    /// A property, keyword or node written so that the quads hold it and a reader of the JSON does not see it.
    Disguised,
}

/// What a walk gave.
#[derive(Debug)]
pub struct Walked {
    /// The quads.
    pub dataset: Dataset,
    /// What they leave out; empty in a document that may be signed.
    pub dropped: Vec<Dropped>,
}

/// Turns `document` into quads. `base` resolves relative references; a credential has none.
///
/// # Errors
/// When the document breaks a rule of JSON-LD, or names a context that `library` does not hold.
pub fn to_quads(document: &Value, library: &Library, base: Option<&str>) -> Result<Walked> {
    let root = Arc::new(Context::initial(base));
    with_context(document, &root, base, Allowance::new(library, &Effort::default()))
}

/// As [`to_quads`] without a base, of one of several documents of a file.
///
/// # Errors
/// As [`to_quads`], also when all together are too costly.
pub fn to_quads_within(document: &Value, library: &Library, effort: &Effort) -> Result<Walked> {
    let root = Arc::new(Context::initial(None));
    with_context(document, &root, None, Allowance::new(library, effort))
}

/// As [`to_quads`], with a context applied before the document's own.
///
/// # Errors
/// As [`to_quads`].
pub fn to_quads_in(document: &Value, outer: &Value, library: &Library, base: Option<&str>) -> Result<Walked> {
    let effort = Effort::default();
    let root = Library::active(outer, base, &Allowance::new(library, &effort))?;
    with_context(document, &root, base, Allowance::new(library, &effort))
}

fn with_context(document: &Value, root: &Arc<Context>, base: Option<&str>, allowance: Allowance<'_>) -> Result<Walked> {
    let mut out = Dataset::default();
    let [rdf_type, first, rest, nil] = ["type", "first", "rest", "nil"].map(|name| out.iri(&format!("{RDF}{name}")));
    let mut walk = Walk {
        allowance,
        base,
        root,
        out,
        dropped: Vec::new(),
        path: Vec::new(),
        labels: HashMap::new(),
        main: None,
        main_context: None,
        rdf: Rdf { kind: rdf_type, first, rest, nil },
    };
    let mut items = walk.expand(Active { context: root, previous: None }, TOP, document, false)?;
    // A document of nothing but a graph is the default graph (JSON-LD 1.1 API, 9.1, "expand").
    if document.is_object()
        && let [Item::Node(node)] = items.as_mut_slice()
        && node.is_bare_graph()
    {
        items = node.graph.take().unwrap_or_default();
    }
    if let [Item::Node(node)] = items.as_slice() {
        walk.main = node.identity.term();
    }
    for item in &items {
        walk.emit(item, None, false);
    }
    Ok(Walked { dataset: walk.out, dropped: walk.dropped })
}

/// An active context and the one to return to when a node is left (JSON-LD 1.1 API, 4.1 "previous context").
#[derive(Clone, Copy)]
struct Active<'c> {
    context: &'c Arc<Context>,
    previous: Option<&'c Arc<Context>>,
}

impl<'c> Active<'c> {
    /// Goes into `context`; when it does not propagate, nested nodes return from it.
    fn enter(self, context: &'c Arc<Context>, propagates: bool) -> Self {
        let previous = if propagates { self.previous } else { self.previous.or(Some(self.context)) };
        Self { context, previous }
    }
}

/// The property or keyword whose value is being expanded; none at the top.
type Slot<'a> = Option<&'a str>;
const TOP: Slot<'static> = None;

/// Whether nodes, and nothing else, have a meaning there.
fn is_free(slot: Slot<'_>) -> bool {
    matches!(slot, None | Some("@graph"))
}

/// An expanded value.
#[derive(Debug)]
enum Item {
    Literal(Option<Term>),
    Node(Box<Node>),
    List(Vec<Item>),
}

/// How a node is identified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Identity {
    /// Not at all: it gets a blank node.
    #[default]
    None,
    /// By something that is no IRI: its own statements are dropped.
    Unusable,
    Is(Term),
}

impl Identity {
    fn term(self) -> Option<Term> {
        match self {
            Self::Is(term) => Some(term),
            Self::None | Self::Unusable => None,
        }
    }
}

impl From<Option<Term>> for Identity {
    fn from(term: Option<Term>) -> Self {
        term.map_or(Self::Unusable, Self::Is)
    }
}

#[derive(Debug, Default)]
struct Node {
    identity: Identity,
    types: Vec<Term>,
    /// Properties; one without predicate only passes on what is nested in it.
    properties: Vec<(Option<Span>, Vec<Item>)>,
    reverse: Vec<(Option<Span>, Vec<Item>)>,
    graph: Option<Vec<Item>>,
    included: Vec<Item>,
}

impl Node {
    fn says_nothing(&self) -> bool {
        self.types.is_empty() && self.properties.is_empty() && self.reverse.is_empty() && self.included.is_empty()
    }

    fn is_graph_object(&self) -> bool {
        self.graph.is_some() && self.says_nothing()
    }

    fn is_bare_graph(&self) -> bool {
        self.is_graph_object() && self.identity == Identity::None
    }

    fn is_reference(&self) -> bool {
        self.graph.is_none() && self.says_nothing()
    }
}

fn reference_node(identity: Identity) -> Item {
    Item::Node(Box::new(Node { identity, ..Node::default() }))
}

fn wrap_in_graph(item: Item) -> Item {
    Item::Node(Box::new(Node { graph: Some(vec![item]), ..Node::default() }))
}

/// Entries that a node object shares with list and set objects.
#[derive(Default)]
struct Parts {
    list: Option<Vec<Item>>,
    set: Option<Vec<Item>>,
    /// The keywords seen, to find two that collide.
    seen: u32,
    /// Whether anything was there that only a node may have.
    node: bool,
    language: bool,
}

/// The words of RDF itself.
struct Rdf {
    kind: Span,
    first: Span,
    rest: Span,
    nil: Span,
}

struct Walk<'a> {
    allowance: Allowance<'a>,
    base: Option<&'a str>,
    root: &'a Arc<Context>,
    out: Dataset,
    dropped: Vec<Dropped>,
    path: Vec<&'a str>,
    labels: HashMap<String, Term>,
    /// The identifier of the document itself.
    main: Option<Term>,
    /// The words that a reader of the document itself looks for.
    main_context: Option<Arc<Context>>,
    rdf: Rdf,
}

/// A value that may be given alone or in an array.
fn values(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}

impl<'a> Walk<'a> {
    fn drop(&mut self, kind: DroppedKind, text: &str) {
        // One is enough for a verdict, a few for an explanation.
        if self.dropped.len() < 32 {
            self.dropped.push(Dropped { kind, text: text.to_owned(), path: self.path.join("/") });
        }
    }

    // ---- Expansion (JSON-LD 1.1 API, 5.1.2) ----

    fn expand(&mut self, active: Active<'_>, slot: Slot<'a>, value: &'a Value, from_map: bool) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        self.expand_into(active, slot, value, from_map, &mut items)?;
        Ok(items)
    }

    fn expand_into(
        &mut self,
        active: Active<'_>,
        slot: Slot<'a>,
        value: &'a Value,
        from_map: bool,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        match value {
            Value::Null => Ok(()),
            Value::Array(values) => {
                let definition = slot.and_then(|name| active.context.term(name));
                let in_list = definition.is_some_and(|term| term.container.has(Container::LIST));
                for value in values {
                    if in_list && value.is_array() {
                        let nested = self.expand(active, slot, value, from_map)?;
                        items.push(Item::List(nested));
                    } else {
                        self.expand_into(active, slot, value, from_map, items)?;
                    }
                }
                Ok(())
            }
            Value::Object(map) => self.expand_object(active, slot, map, from_map, items),
            scalar => {
                let Some(name) = slot.filter(|_| !is_free(slot)) else {
                    self.drop(DroppedKind::Meaningless, &scalar.to_string());
                    return Ok(());
                };
                let inside = active.context.inside_property(name, &self.allowance)?;
                items.push(self.expand_scalar(inside.unwrap_or(active.context), name, scalar));
                Ok(())
            }
        }
    }

    /// Steps 7 to 9: finds the context that holds inside an object.
    fn expand_object(
        &mut self,
        entered: Active<'_>,
        slot: Slot<'a>,
        map: &'a Map<String, Value>,
        from_map: bool,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let (scoped, own);
        let mut active = entered;
        let outer = entered.context;
        let returns = match entered.previous {
            Some(previous) if !from_map && !stays_inside(outer, map) => Some(previous),
            _ => None,
        };
        match (slot, returns) {
            (Some(name), Some(previous)) => {
                active = Active { context: previous, previous: None };
                scoped = outer.inside_property_of(name, previous, &self.allowance)?;
                if let Some(scoped) = &scoped {
                    active = active.enter(scoped, outer.term(name).is_none_or(|term| term.propagates(true)));
                }
            }
            (Some(name), None) => {
                if let Some(context) = outer.inside_property(name, &self.allowance)? {
                    active = active.enter(context, outer.term(name).is_none_or(|term| term.propagates(true)));
                }
            }
            (None, Some(previous)) => active = Active { context: previous, previous: None },
            (None, None) => {}
        }
        if let Some(local) = map.get("@context") {
            own = self.own_context(active.context, local)?;
            self.report_context(active.context, &own);
            active = active.enter(&own, context::propagates(local));
        }
        if !map.contains_key("@type") && !active.context.has_alias(Keyword::Type) {
            return self.expand_entries(active, active, slot, map, items);
        }
        let mut types: Vec<&str> = map
            .iter()
            .filter(|(key, _)| active.context.is_type(key))
            .flat_map(|(_, value)| values(value))
            .filter_map(Value::as_str)
            .collect();
        types.sort_unstable();
        // To apply a type's context once more changes nothing.
        types.dedup();
        types.retain(|name| active.context.term(name).is_some());
        if types.len() > MAX_TYPES {
            return Err(Error::TooComplex);
        }
        self.enter_types(active, active, slot, map, &types, items)
    }

    /// The context that an `@context` in the document gives.
    fn own_context(&self, outer: &Arc<Context>, local: &Value) -> Result<Arc<Context>> {
        if Arc::ptr_eq(outer, self.root) && outer.is_initial() {
            return Library::active(local, self.base, &self.allowance);
        }
        let rules = Rules { base: self.base, trusted: false, overrides_protected: false };
        outer.with(local, rules, &self.allowance).map(Arc::new)
    }

    /// Lists what a context from outside did to the meaning of known terms.
    fn report_context(&mut self, before: &Context, after: &Context) {
        for name in after.redefined.iter().skip(before.redefined.len()) {
            self.drop(DroppedKind::Redefined, name);
        }
        for name in after.reserved.iter().skip(before.reserved.len()) {
            self.drop(DroppedKind::UndefinedTerm, name);
        }
    }

    /// Step 11: applies the contexts of the types, one after the other, then expands the entries.
    fn enter_types(
        &mut self,
        active: Active<'_>,
        type_scope: Active<'_>,
        slot: Slot<'a>,
        map: &'a Map<String, Value>,
        types: &[&str],
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let Some((name, rest)) = types.split_first() else {
            return self.expand_entries(active, type_scope, slot, map, items);
        };
        match active.context.inside_type(name, type_scope.context, &self.allowance)? {
            None => self.enter_types(active, type_scope, slot, map, rest, items),
            Some(context) => {
                self.report_context(active.context, &context);
                let propagates = type_scope.context.term(name).is_some_and(|term| term.propagates(false));
                self.enter_types(active.enter(&context, propagates), type_scope, slot, map, rest, items)
            }
        }
    }

    fn expand_entries(
        &mut self,
        active: Active<'_>,
        type_scope: Active<'_>,
        slot: Slot<'a>,
        map: &'a Map<String, Value>,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        if let Some(value) = active.context.find_keyword(map, Keyword::Value) {
            return self.expand_value_object(active.context, type_scope.context, slot, map, value, items);
        }
        if slot == TOP && self.path.is_empty() {
            self.main_context = Some(active.context.clone());
        }
        let mut node = Node::default();
        let mut parts = Parts::default();
        self.collect(active, type_scope, slot, map, &mut node, &mut parts)?;
        self.finish(slot, node, parts, items)
    }

    /// Steps 15 to 19 for what is no value object.
    fn finish(&mut self, slot: Slot<'a>, node: Node, parts: Parts, items: &mut Vec<Item>) -> Result<()> {
        if parts.list.is_some() || parts.set.is_some() {
            if parts.node || parts.language || (parts.list.is_some() && parts.set.is_some()) {
                return Err(Error::new("invalid set or list object", self.path.join("/")));
            }
            items.extend(parts.set.unwrap_or_default());
            items.extend(parts.list.map(Item::List));
            return Ok(());
        }
        if parts.language {
            self.drop(DroppedKind::Meaningless, "@language");
            if !parts.node {
                return Ok(());
            }
        }
        if is_free(slot) && node.is_reference() {
            self.drop(DroppedKind::Meaningless, if parts.node { "@id" } else { "{}" });
            return Ok(());
        }
        items.push(Item::Node(Box::new(node)));
        Ok(())
    }

    /// Steps 13 and 14: the entries of an object, and those nested in it by `@nest`.
    fn collect(
        &mut self,
        active: Active<'_>,
        type_scope: Active<'_>,
        slot: Slot<'a>,
        map: &'a Map<String, Value>,
        node: &mut Node,
        parts: &mut Parts,
    ) -> Result<()> {
        let mut nests: Vec<(&'a str, &'a Value)> = Vec::new();
        for (key, value) in map {
            if key == "@context" {
                continue;
            }
            let context = active.context;
            let definition = context.term(key);
            let (keyword, expanded) = if let Some(term) = definition {
                (term.keyword, term.iri.as_deref().map(Cow::Borrowed))
            } else {
                let expanded = context.expand(key, false, true);
                (expanded.as_deref().and_then(Keyword::parse), expanded)
            };
            let expanded = match expanded {
                Some(iri) if keyword.is_some() || iri.contains(':') => iri,
                _ => {
                    self.drop(DroppedKind::UndefinedTerm, key);
                    continue;
                }
            };
            let disguised = match definition {
                Some(term) => context.is_alias(term),
                None => is_disguise(context, keyword, &expanded),
            };
            if disguised {
                self.drop(DroppedKind::Disguised, key);
            }
            self.path.push(key);
            match keyword {
                Some(Keyword::Nest) => nests.push((key, value)),
                Some(keyword) => self.expand_keyword(active, type_scope, slot, keyword, value, node, parts)?,
                None => {
                    parts.node = true;
                    let predicate = self.predicate(&expanded);
                    self.expand_property(active, key, definition, predicate, value, node)?;
                }
            }
            self.path.pop();
        }
        for (key, value) in nests {
            self.drop(DroppedKind::Disguised, key);
            let inside = active.context.inside_property(key, &self.allowance)?;
            let active = inside.map_or(active, |context| active.enter(context, true));
            for nested in values(value) {
                let nested = nested.as_object();
                let nested = nested.filter(|map| active.context.find_keyword(map, Keyword::Value).is_none());
                let nested = nested.ok_or_else(|| Error::new("invalid @nest value", key))?;
                self.collect(active, active, slot, nested, node, parts)?;
            }
        }
        Ok(())
    }

    fn predicate(&mut self, expanded: &str) -> Option<Span> {
        if iri::is_well_formed(expanded) {
            return Some(self.out.iri(expanded));
        }
        let blank = iri::is_blank(expanded);
        self.drop(if blank { DroppedKind::BlankProperty } else { DroppedKind::RelativeReference }, expanded);
        None
    }

    /// Step 13.4.
    #[expect(clippy::too_many_arguments, reason = "the state of one step of the standard's algorithm")]
    fn expand_keyword(
        &mut self,
        active: Active<'_>,
        type_scope: Active<'_>,
        slot: Slot<'a>,
        keyword: Keyword,
        value: &'a Value,
        node: &mut Node,
        parts: &mut Parts,
    ) -> Result<()> {
        if slot == Some("@reverse") {
            return Err(Error::new("invalid reverse property map", value.to_string()));
        }
        if parts.seen & keyword.bit() != 0 && !matches!(keyword, Keyword::Included | Keyword::Type) {
            return Err(Error::new("colliding keywords", keyword.name()));
        }
        parts.seen |= keyword.bit();
        let is_node_part =
            !matches!(keyword, Keyword::Index | Keyword::List | Keyword::Set | Keyword::Language | Keyword::Direction);
        parts.node |= is_node_part;
        match keyword {
            Keyword::Id => {
                let id = value.as_str().ok_or_else(|| Error::new("invalid @id value", value.to_string()))?;
                node.identity = self.reference(active.context, id, false).into();
            }
            Keyword::Type => {
                for value in values(value) {
                    let name = value.as_str().ok_or_else(|| Error::new("invalid type value", value.to_string()))?;
                    let context = type_scope.context;
                    if context.term(name).is_some_and(|term| context.is_alias(term)) {
                        self.drop(DroppedKind::Disguised, name);
                    }
                    let expanded = context.expand(name, true, true);
                    match self.resource(expanded.as_deref()) {
                        Some(term) => node.types.push(term),
                        None => self.drop(DroppedKind::RelativeType, name),
                    }
                }
            }
            Keyword::Graph => {
                self.drop(DroppedKind::Disguised, keyword.name());
                let items = self.expand(active, Some("@graph"), value, false)?;
                node.graph.get_or_insert_default().extend(items);
            }
            Keyword::Included => {
                self.drop(DroppedKind::Disguised, keyword.name());
                // As values of no property in particular, so that a reference is not taken for a free-floating one.
                let items = self.expand(active, Some("@included"), value, false)?;
                let is_node = |item: &Item| matches!(item, Item::Node(_));
                if !items.iter().all(is_node) || !values(value).iter().all(Value::is_object) {
                    return Err(Error::new("invalid @included value", value.to_string()));
                }
                node.included.extend(items);
            }
            Keyword::Language => {
                if !value.is_string() {
                    return Err(Error::new("invalid language-tagged string", value.to_string()));
                }
                parts.language = true;
            }
            Keyword::Direction => {
                Direction::parse(value).ok_or_else(|| Error::new("invalid base direction", value.to_string()))?;
                self.drop(DroppedKind::Meaningless, keyword.name());
            }
            Keyword::Index => {
                if !value.is_string() {
                    return Err(Error::new("invalid @index value", value.to_string()));
                }
                self.drop(DroppedKind::Meaningless, keyword.name());
            }
            Keyword::List if is_free(slot) => self.drop(DroppedKind::Meaningless, keyword.name()),
            Keyword::List => parts.list = Some(self.expand_list(active, slot, value)?),
            Keyword::Set => parts.set = Some(self.expand(active, slot, value, false)?),
            Keyword::Reverse => {
                self.drop(DroppedKind::Disguised, keyword.name());
                let map = value.as_object().ok_or_else(|| Error::new("invalid @reverse value", value.to_string()))?;
                self.expand_reverse(active, map, node)?;
            }
            _ => self.drop(DroppedKind::UndefinedTerm, keyword.name()),
        }
        Ok(())
    }

    /// The value of `@list`: an array in it is a list of its own.
    fn expand_list(&mut self, active: Active<'_>, slot: Slot<'a>, value: &'a Value) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for value in values(value) {
            if value.is_array() {
                let nested = self.expand_list(active, slot, value)?;
                items.push(Item::List(nested));
            } else {
                self.expand_into(active, slot, value, false, &mut items)?;
            }
        }
        Ok(items)
    }

    /// Step 13.4.13: a map of reverse properties; what is reversed in it points forward again.
    fn expand_reverse(&mut self, active: Active<'_>, map: &'a Map<String, Value>, node: &mut Node) -> Result<()> {
        let mut inner = Node::default();
        self.collect(active, active, Some("@reverse"), map, &mut inner, &mut Parts::default())?;
        node.properties.extend(inner.reverse);
        for (predicate, items) in inner.properties {
            self.push_reverse(node, predicate, items)?;
        }
        Ok(())
    }

    fn push_reverse(&self, node: &mut Node, predicate: Option<Span>, items: Vec<Item>) -> Result<()> {
        if items.iter().any(|item| !matches!(item, Item::Node(_))) {
            return Err(Error::new("invalid reverse property value", self.path.join("/")));
        }
        node.reverse.push((predicate, items));
        Ok(())
    }

    /// Steps 13.5 to 13.14: the value of a property.
    fn expand_property(
        &mut self,
        active: Active<'_>,
        key: &'a str,
        definition: Option<&Definition>,
        predicate: Option<Span>,
        value: &'a Value,
        node: &mut Node,
    ) -> Result<()> {
        let container = definition.map(|term| term.container).unwrap_or_default();
        let mut items = match (definition, value) {
            (Some(Definition { kind: Some(TypeMapping::Json), .. }), value) => vec![self.json(value)],
            (Some(term), Value::Object(map)) if container.has(Container::LANGUAGE) => {
                self.expand_language_map(active.context, term, map)?
            }
            (Some(term), Value::Object(map))
                if container.has(Container::INDEX) || container.has(Container::TYPE) || container.has(Container::ID) =>
            {
                self.expand_map(active, key, term, map)?
            }
            _ => self.expand(active, Some(key), value, false)?,
        };
        if container.has(Container::LIST) {
            let is_list_object = value.is_object() && matches!(items.as_slice(), [Item::List(_)]);
            let is_null = items.is_empty() && !value.is_array();
            if !is_list_object && !is_null {
                items = vec![Item::List(items)];
            }
        }
        let simple_graph = container.has(Container::GRAPH) && !container.has(Container::ID) && !container.has(Container::INDEX);
        if simple_graph {
            items = items.into_iter().map(wrap_in_graph).collect();
        }
        if definition.is_some_and(|term| term.reverse) {
            return self.push_reverse(node, predicate, items);
        }
        node.properties.push((predicate, items));
        Ok(())
    }

    /// Step 13.7.
    fn expand_language_map(&mut self, context: &Context, term: &Definition, map: &'a Map<String, Value>) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        if term.direction.unwrap_or(context.direction).is_some() {
            self.drop(DroppedKind::Language, "@direction");
        }
        for (tag, texts) in map {
            for text in values(texts) {
                let text = match text {
                    Value::Null => continue,
                    Value::String(text) => text,
                    other => return Err(Error::new("invalid language map value", other.to_string())),
                };
                let plain = context.expand(tag, false, true).as_deref() == Some("@none");
                items.push(Item::Literal(self.text(text, (!plain).then_some(tag.as_str()))));
            }
        }
        Ok(items)
    }

    /// Step 13.8: index, type and id maps.
    fn expand_map(
        &mut self,
        active: Active<'_>,
        key: &'a str,
        term: &Definition,
        map: &'a Map<String, Value>,
    ) -> Result<Vec<Item>> {
        let mut all = Vec::new();
        let container = term.container;
        for (index, value) in map {
            let mut inner = active;
            if (container.has(Container::ID) || container.has(Container::TYPE))
                && let Some(previous) = active.previous
            {
                inner = Active { context: previous, previous: None };
            }
            let typed;
            if container.has(Container::TYPE) {
                typed = inner.context.inside_type(index, inner.context, &self.allowance)?;
                if let Some(typed) = &typed {
                    inner = inner.enter(typed, false);
                }
            }
            let expanded = active.context.expand(index, false, true);
            let is_none = expanded.as_deref() == Some("@none");
            let mut items = Vec::new();
            for value in values(value) {
                self.expand_into(inner, Some(key), value, true, &mut items)?;
            }
            for mut item in items {
                if container.has(Container::GRAPH) && !is_graph(&item) {
                    item = wrap_in_graph(item);
                }
                match &term.index {
                    _ if is_none => {}
                    Some(property) if container.has(Container::INDEX) => {
                        self.index_by_property(active.context, property, index, &mut item)?;
                    }
                    _ if container.has(Container::INDEX) => self.drop(DroppedKind::Meaningless, index),
                    _ if container.has(Container::ID) => {
                        if let Item::Node(node) = &mut item
                            && node.identity == Identity::None
                        {
                            node.identity = self.reference(active.context, index, false).into();
                        }
                    }
                    _ => {
                        let Item::Node(node) = &mut item else {
                            return Err(Error::new("invalid value object", index.as_str()));
                        };
                        match self.resource(expanded.as_deref()) {
                            Some(kind) => node.types.insert(0, kind),
                            None => self.drop(DroppedKind::RelativeType, index),
                        }
                    }
                }
                all.push(item);
            }
        }
        Ok(all)
    }

    /// Step 13.8.3.7.2: the index is the value of a property.
    fn index_by_property(&mut self, context: &Context, property: &str, index: &str, item: &mut Item) -> Result<()> {
        let Item::Node(node) = item else { return Err(Error::new("invalid value object", index)) };
        let value = self.expand_text(context, property, index);
        let expanded = context.expand(property, false, true);
        let predicate = self.predicate(expanded.as_deref().unwrap_or_default());
        node.properties.push((predicate, vec![value]));
        Ok(())
    }

    // ---- Values (JSON-LD 1.1 API, 5.3 and 8.6) ----

    fn expand_scalar(&mut self, context: &Context, name: &str, scalar: &Value) -> Item {
        match scalar {
            Value::String(text) => self.expand_text(context, name, text),
            other => {
                let datatype = match context.term(name).and_then(|term| term.kind.as_ref()) {
                    Some(TypeMapping::Iri(datatype)) => Some(&**datatype),
                    _ => None,
                };
                Item::Literal(self.scalar(other, datatype))
            }
        }
    }

    fn expand_text(&mut self, context: &Context, name: &str, text: &str) -> Item {
        let term = context.term(name);
        match term.and_then(|term| term.kind.as_ref()) {
            Some(TypeMapping::Id) => reference_node(self.reference(context, text, false).into()),
            Some(TypeMapping::Vocab) => reference_node(self.reference(context, text, true).into()),
            Some(TypeMapping::Iri(datatype)) => Item::Literal(self.typed(text, datatype)),
            Some(TypeMapping::Json | TypeMapping::None) | None => {
                let language = term.and_then(|term| term.language.as_ref()).unwrap_or(&context.language);
                let direction = term.and_then(|term| term.direction).unwrap_or(context.direction);
                if direction.is_some() {
                    self.drop(DroppedKind::Language, "@direction");
                }
                Item::Literal(self.text(text, language.as_deref()))
            }
        }
    }

    /// Step 15 of expansion: an object with `@value`.
    fn expand_value_object(
        &mut self,
        context: &Context,
        type_scope: &Context,
        slot: Slot<'a>,
        map: &'a Map<String, Value>,
        value: &'a Value,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let (mut kind, mut language, mut direction, mut seen) = (None, None, false, 0);
        for (key, entry) in map.iter().filter(|(key, _)| *key != "@context") {
            let expanded = context.expand(key, false, true);
            let Some(keyword) = expanded.as_deref().and_then(Keyword::parse) else {
                match expanded {
                    Some(iri) if iri.contains(':') => return Err(Error::new("invalid value object", key.as_str())),
                    _ => self.drop(DroppedKind::UndefinedTerm, key),
                }
                continue;
            };
            if seen & keyword.bit() != 0 {
                return Err(Error::new("colliding keywords", keyword.name()));
            }
            seen |= keyword.bit();
            match keyword {
                Keyword::Value => {}
                Keyword::Index if entry.is_string() => self.drop(DroppedKind::Meaningless, keyword.name()),
                Keyword::Index => return Err(Error::new("invalid @index value", entry.to_string())),
                Keyword::Type => kind = Some(entry),
                Keyword::Language => {
                    let tag = entry.as_str();
                    language = Some(tag.ok_or_else(|| Error::new("invalid language-tagged string", entry.to_string()))?);
                }
                Keyword::Direction => {
                    Direction::parse(entry).ok_or_else(|| Error::new("invalid base direction", entry.to_string()))?;
                    direction = true;
                }
                _ => return Err(Error::new("invalid value object", keyword.name())),
            }
        }
        let expand_type = |kind: &'a Value| kind.as_str().and_then(|name| type_scope.expand(name, true, true));
        let expanded = kind.and_then(|kind| expand_type(values(kind).last().unwrap_or(kind)));
        if kind.is_some() && (language.is_some() || direction) {
            return Err(Error::new("invalid value object", self.path.join("/")));
        }
        if expanded.as_deref() == Some("@json") {
            items.push(self.json(value));
            return Ok(());
        }
        let literal = match value {
            Value::Null => {
                self.drop(DroppedKind::Meaningless, "@value");
                return Ok(());
            }
            Value::Array(values) if values.is_empty() => return Ok(()),
            Value::Object(_) | Value::Array(_) => return Err(Error::new("invalid value object value", value.to_string())),
            _ if language.is_some() && !value.is_string() => {
                return Err(Error::new("invalid language-tagged value", value.to_string()));
            }
            scalar => match (kind, expanded) {
                (None, _) => match scalar {
                    Value::String(text) => self.text(text, language),
                    other => self.scalar(other, None),
                },
                (Some(Value::String(_)), Some(datatype)) if iri::is_well_formed(&datatype) => match scalar {
                    Value::String(text) => self.typed(text, &datatype),
                    other => self.scalar(other, Some(&datatype)),
                },
                (Some(kind), _) => return Err(Error::new("invalid typed value", kind.to_string())),
            },
        };
        if direction {
            self.drop(DroppedKind::Language, "@direction");
        }
        if is_free(slot) {
            self.drop(DroppedKind::Meaningless, "@value");
        } else {
            items.push(Item::Literal(literal));
        }
        Ok(())
    }

    fn text(&mut self, text: &str, language: Option<&str>) -> Option<Term> {
        match language {
            None => Some(self.out.literal(text, None, None)),
            Some(tag) if iri::is_language_tag(tag) => {
                // Lower case, as the JavaScript libraries have it, so that signatures agree.
                Some(self.out.literal(text, None, Some(&tag.to_lowercase())))
            }
            Some(tag) => {
                self.drop(DroppedKind::Language, tag);
                None
            }
        }
    }

    fn typed(&mut self, text: &str, datatype: &str) -> Option<Term> {
        if iri::is_well_formed(datatype) {
            return Some(self.out.literal(text, Some(datatype), None));
        }
        self.drop(DroppedKind::RelativeType, datatype);
        None
    }

    fn scalar(&mut self, value: &Value, datatype: Option<&str>) -> Option<Term> {
        match value {
            Value::Bool(flag) => self.typed(if *flag { "true" } else { "false" }, datatype.unwrap_or(XSD_BOOLEAN)),
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                let whole = number.fract() == 0.0 && number.abs() < 1e21 && datatype != Some(XSD_DOUBLE);
                if whole {
                    // Adding zero takes the sign from a negative zero.
                    return self.typed(&format!("{:.0}", number + 0.0), datatype.unwrap_or(XSD_INTEGER));
                }
                self.typed(&canonical_double(number), datatype.unwrap_or(XSD_DOUBLE))
            }
            Value::String(text) => self.text(text, None),
            _ => None,
        }
    }

    fn json(&mut self, value: &Value) -> Item {
        let text = crate::json::canonical(value);
        Item::Literal(Some(self.out.literal(&text, Some(RDF_JSON), None)))
    }

    /// An identifier as a term; none when it is no IRI.
    fn reference(&mut self, context: &Context, text: &str, vocab: bool) -> Option<Term> {
        let expanded = context.expand(text, true, vocab);
        let term = self.resource(expanded.as_deref());
        if term.is_none() {
            self.drop(DroppedKind::RelativeReference, text);
        }
        term
    }

    fn resource(&mut self, expanded: Option<&str>) -> Option<Term> {
        match expanded {
            Some(label) if iri::is_blank(label) => {
                if let Some(term) = self.labels.get(label) {
                    return Some(*term);
                }
                let term = self.out.blank();
                self.labels.insert(label.to_owned(), term);
                Some(term)
            }
            Some(iri) if iri::is_well_formed(iri) => Some(Term::Written(self.out.iri(iri))),
            _ => None,
        }
    }

    // ---- Quads (JSON-LD 1.1 API, 7.2 and 8) ----

    /// Writes an item and what is nested in it; gives the term to refer to it by.
    fn emit(&mut self, item: &Item, graph: Option<Term>, nested: bool) -> Option<Term> {
        match item {
            Item::Literal(term) => *term,
            Item::List(items) => Some(self.emit_list(items, graph)),
            Item::Node(node) => self.emit_node(node, graph, nested),
        }
    }

    fn emit_node(&mut self, node: &Node, graph: Option<Term>, nested: bool) -> Option<Term> {
        let subject = match node.identity {
            Identity::None => Some(self.out.blank()),
            Identity::Is(term) => Some(term),
            Identity::Unusable => None,
        };
        if nested && !node.is_reference() && self.is_main(subject) && !self.is_remark(node) {
            // A second place that speaks about the document itself: its reader looks at the first alone.
            self.drop(DroppedKind::Disguised, "@id");
        }
        if let Some(subject) = subject {
            for kind in &node.types {
                self.out.push(subject, self.rdf.kind, *kind, graph);
            }
        }
        for (predicate, items) in &node.properties {
            for item in items {
                let object = self.emit(item, graph, true);
                if let (Some(subject), Some(predicate), Some(object)) = (subject, *predicate, object) {
                    self.out.push(subject, predicate, object, graph);
                }
            }
        }
        for (predicate, items) in &node.reverse {
            for item in items {
                let object = self.emit(item, graph, true);
                if let (Some(subject), Some(predicate), Some(object)) = (subject, *predicate, object) {
                    self.out.push(object, predicate, subject, graph);
                }
            }
        }
        for item in &node.included {
            self.emit(item, graph, true);
        }
        if let (Some(items), Some(name)) = (&node.graph, subject) {
            for item in items {
                self.emit(item, Some(name), true);
            }
        }
        subject
    }

    fn is_main(&self, subject: Option<Term>) -> bool {
        match (subject, self.main) {
            (Some(Term::Written(a)), Some(Term::Written(b))) => self.out.written(a) == self.out.written(b),
            (a, b) => a.is_some() && a == b,
        }
    }

    /// Whether a node may speak about the document that it stands in, as an endorsement or a refresh service does: it says nothing that
    /// a reader would look for in the document itself.
    fn is_remark(&self, node: &Node) -> bool {
        let text = |span: Span| self.out.written(span).trim_matches(['<', '>']);
        let is_known = |iri: &str| self.main_context.as_ref().is_none_or(|context| context.names(iri));
        let is_plain = node.reverse.is_empty() && node.included.is_empty() && node.graph.is_none();
        let is_harmless = |kind: &Term| matches!(kind, Term::Written(span) if !text(*span).ends_with("Credential"));
        let hides = |predicate: &Option<Span>| predicate.is_some_and(|span| is_known(text(span)));
        is_plain && node.types.iter().all(is_harmless) && !node.properties.iter().any(|(predicate, _)| hides(predicate))
    }

    fn emit_list(&mut self, items: &[Item], graph: Option<Term>) -> Term {
        let mut cells = items.iter().map(|item| (self.out.blank(), item)).collect::<Vec<_>>().into_iter().peekable();
        let nil = Term::Written(self.rdf.nil);
        let head = cells.peek().map_or(nil, |(cell, _)| *cell);
        while let Some((cell, item)) = cells.next() {
            if let Some(object) = self.emit(item, graph, true) {
                self.out.push(cell, self.rdf.first, object, graph);
            }
            let rest = cells.peek().map_or(nil, |(cell, _)| *cell);
            self.out.push(cell, self.rdf.rest, rest, graph);
        }
        head
    }
}

/// Whether a node keeps the context of its parent although that one does not propagate: value objects and bare references do (step 7).
fn stays_inside(context: &Context, map: &Map<String, Value>) -> bool {
    context.find_keyword(map, Keyword::Value).is_some() || (map.len() == 1 && context.find_keyword(map, Keyword::Id).is_some())
}

/// Whether a key without a definition says something that the context has a word for, without using that word: the quads are the same, and whoever reads
/// the JSON for `validUntil` or `credentialStatus` finds nothing.
fn is_disguise(context: &Context, keyword: Option<Keyword>, expanded: &str) -> bool {
    match keyword {
        Some(keyword @ (Keyword::Id | Keyword::Type)) => context.has_alias(keyword),
        Some(_) => false,
        None => context.names(expanded),
    }
}

fn is_graph(item: &Item) -> bool {
    matches!(item, Item::Node(node) if node.is_graph_object())
}

/// The canonical form of `xsd:double` (JSON-LD 1.1 API, 8.6, "data round tripping").
fn canonical_double(number: f64) -> String {
    let text = format!("{number:.15E}");
    let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0');
    let zero = if mantissa.ends_with('.') { "0" } else { "" };
    format!("{mantissa}{zero}E{exponent}")
}
