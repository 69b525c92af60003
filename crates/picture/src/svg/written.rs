//! What an SVG costs as it is written: how deep it is, and how many elements come of it once everything that it refers to stands where it is
//! referred to. Reckoned from above, so that no trick with references, of which there are many, expands to more than this.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node, NodeId};

use crate::PictureError;
use crate::limits::{MAX_DEPTH, MAX_ELEMENTS, MAX_EXPANDED};

/// Filters whose cost grows with numbers that anyone may write, or that draw other elements again.
const BOUNDLESS: [&str; 9] = [
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feImage",
    "feMorphology",
    "feSpecularLighting",
    "feTile",
    "feTurbulence",
    "foreignObject",
];

/// Refuses an SVG of too many elements, or of elements without a bound.
pub fn refuse_costly(document: &Document<'_>) -> Result<(), PictureError> {
    let mut by_id = HashMap::new();
    let mut count = 0;
    for node in document.descendants().filter(Node::is_element) {
        count += 1;
        if count > MAX_ELEMENTS {
            return Err(PictureError::SvgTooManyElements);
        }
        if BOUNDLESS.contains(&node.tag_name().name()) {
            return Err(PictureError::SvgFilter);
        }
        if let Some(id) = node.attribute("id") {
            by_id.entry(id).or_insert_with(|| node.id());
        }
    }
    let sheets = document.descendants().filter(|node| node.has_tag_name("style")).flat_map(|node| node.children());
    let sheets: String = sheets.filter_map(|child| child.text()).collect();
    let rules = rules(&sheets)?;
    let mut reckoner = Reckoner { document, by_id, rules, reckoned: HashMap::new(), open: 0 };
    let (expanded, depth) = reckoner.reckon(document.root_element().id())?;
    match () {
        () if depth > MAX_DEPTH => Err(PictureError::SvgTooDeep),
        () if expanded > MAX_EXPANDED => Err(PictureError::SvgTooManyElements),
        () => Ok(()),
    }
}

/// A rule of a style sheet that refers to elements.
struct Rule<'a> {
    selector: &'a str,
    targets: Vec<&'a str>,
    is_marker: bool,
}

impl Rule<'_> {
    /// Whether it may be about this element; more often than it is.
    fn may_match(&self, node: Node<'_, '_>) -> bool {
        let names = node.attribute("class").into_iter().flat_map(str::split_whitespace).chain(node.attribute("id"));
        self.selector.contains(['*', '[', ':'])
            || self.selector.contains(node.tag_name().name())
            || names.into_iter().any(|name| self.selector.contains(name))
    }
}

/// Rules that refer to elements; more than this are too many.
const MAX_RULES: usize = 500;

/// The rules of style sheets that refer to elements.
fn rules(sheets: &str) -> Result<Vec<Rule<'_>>, PictureError> {
    let mut rules = Vec::new();
    for rule in sheets.split('}').filter(|rule| rule.contains("url(")) {
        let (selector, declarations) = rule.rsplit_once('{').unwrap_or(("*", rule));
        rules.push(Rule { selector, targets: urls(declarations).collect(), is_marker: declarations.contains("marker") });
    }
    // An escape may spell a name in another way.
    if rules.len() > MAX_RULES || (!rules.is_empty() && sheets.contains('\\')) {
        return Err(PictureError::SvgTooManyElements);
    }
    Ok(rules)
}

struct Reckoner<'a, 'input> {
    document: &'a Document<'input>,
    by_id: HashMap<&'a str, NodeId>,
    /// Weight and depth of what was reckoned; none while it is being reckoned, which is a circle.
    reckoned: HashMap<NodeId, Option<(u64, usize)>>,
    rules: Vec<Rule<'a>>,
    /// How many elements are being reckoned, one inside of the other.
    open: usize,
}

impl Reckoner<'_, '_> {
    /// How many elements come of this one, and how deep they are.
    fn reckon(&mut self, id: NodeId) -> Result<(u64, usize), PictureError> {
        if let Some(known) = self.reckoned.get(&id) {
            // Circles are cut by whoever draws.
            return Ok(known.unwrap_or((1, 1)));
        }
        if self.open > 2 * MAX_DEPTH {
            return Err(PictureError::SvgTooDeep);
        }
        let Some(node) = self.document.get_node(id) else { return Ok((0, 0)) };
        self.reckoned.insert(id, None);
        self.open += 1;
        // A path weighs what its segments weigh.
        let bytes: usize = node.attributes().map(|attribute| attribute.value().len()).sum();
        let own = 1 + u64::try_from(bytes / 64).unwrap_or(u64::MAX);
        let (mut weight, mut depth) = (own, 0);
        let mut add = |(more, deep): (u64, usize), times: u64| {
            weight = weight.saturating_add(more.saturating_mul(times));
            depth = depth.max(deep);
        };
        for child in node.children().filter(Node::is_element) {
            add(self.reckon(child.id())?, 1);
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            // A marker is drawn at each point of a path.
            let is_marker = attribute.name().starts_with("marker") || (attribute.name() == "style" && value.contains("marker"));
            let times = if is_marker { own.saturating_mul(32) } else { 1 };
            let target = (attribute.name() == "href").then(|| value.trim().strip_prefix('#')).flatten();
            for id in urls(value).chain(target) {
                add(self.refer(id)?, times);
            }
        }
        for rule in 0..self.rules.len() {
            let times = if self.rules[rule].is_marker { own.saturating_mul(32) } else { 1 };
            if self.rules[rule].may_match(node) {
                for target in self.rules[rule].targets.clone() {
                    add(self.refer(target)?, times);
                }
            }
        }
        self.open -= 1;
        let reckoned = (weight, depth + 1);
        self.reckoned.insert(node.id(), Some(reckoned));
        Ok(reckoned)
    }

    fn refer(&mut self, id: &str) -> Result<(u64, usize), PictureError> {
        self.by_id.get(id).copied().map_or(Ok((0, 0)), |node| self.reckon(node))
    }
}

/// The elements that a value refers to by `url(#id)`.
fn urls(value: &str) -> impl Iterator<Item = &str> {
    value.split("url(").skip(1).filter_map(|rest| {
        let id = rest.split(')').next().unwrap_or(rest);
        id.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'').strip_prefix('#')
    })
}
