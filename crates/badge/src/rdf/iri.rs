//! Small questions about IRIs and JSON-LD keywords. Nothing here allocates, but for the resolving of a relative reference.

use std::borrow::Cow;

/// The keywords of JSON-LD 1.1 (JSON-LD 1.1, 1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Base,
    Container,
    Context,
    Direction,
    Graph,
    Id,
    Import,
    Included,
    Index,
    Json,
    Language,
    List,
    Nest,
    None,
    Prefix,
    Propagate,
    Protected,
    Reverse,
    Set,
    Type,
    Value,
    Version,
    Vocab,
}

impl Keyword {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.strip_prefix('@')? {
            "base" => Self::Base,
            "container" => Self::Container,
            "context" => Self::Context,
            "direction" => Self::Direction,
            "graph" => Self::Graph,
            "id" => Self::Id,
            "import" => Self::Import,
            "included" => Self::Included,
            "index" => Self::Index,
            "json" => Self::Json,
            "language" => Self::Language,
            "list" => Self::List,
            "nest" => Self::Nest,
            "none" => Self::None,
            "prefix" => Self::Prefix,
            "propagate" => Self::Propagate,
            "protected" => Self::Protected,
            "reverse" => Self::Reverse,
            "set" => Self::Set,
            "type" => Self::Type,
            "value" => Self::Value,
            "version" => Self::Version,
            "vocab" => Self::Vocab,
            _ => return None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base => "@base",
            Self::Container => "@container",
            Self::Context => "@context",
            Self::Direction => "@direction",
            Self::Graph => "@graph",
            Self::Id => "@id",
            Self::Import => "@import",
            Self::Included => "@included",
            Self::Index => "@index",
            Self::Json => "@json",
            Self::Language => "@language",
            Self::List => "@list",
            Self::Nest => "@nest",
            Self::None => "@none",
            Self::Prefix => "@prefix",
            Self::Propagate => "@propagate",
            Self::Protected => "@protected",
            Self::Reverse => "@reverse",
            Self::Set => "@set",
            Self::Type => "@type",
            Self::Value => "@value",
            Self::Version => "@version",
            Self::Vocab => "@vocab",
        }
    }

    /// This keyword in a set of keywords.
    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Whether `text` looks like a keyword and is therefore reserved (`@` and letters; JSON-LD 1.1, 1.7).
pub(super) fn has_keyword_form(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Whether `text` is a blank node identifier.
pub(super) fn is_blank(text: &str) -> bool {
    text.starts_with("_:")
}

/// Whether `text` begins with a scheme, which is all that separates an IRI from a relative reference (RFC 3987, 2.2).
pub(super) fn has_scheme(text: &str) -> bool {
    let Some(colon) = text.find(':') else { return false };
    let scheme = &text.as_bytes()[..colon];
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether `text` may stand between angle brackets: absolute, and without the characters that `IRIREF` excludes (N-Quads, grammar
/// rule 8). A `>` or a line feed here would let one statement pass for another.
pub(super) fn is_well_formed(text: &str) -> bool {
    has_scheme(text)
        && text.bytes().filter(|byte| *byte == b'#').count() <= 1
        && !text.chars().any(|c| matches!(c, '\0'..=' ' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\'))
}

/// The five parts of a reference (RFC 3986, appendix B).
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Self {
        let (text, fragment) = split_off(text, '#');
        let (text, query) = split_off(text, '?');
        let (scheme, text) = match text.split_once(':') {
            Some((scheme, rest)) if has_scheme(text) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (authority, path) = match text.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, text),
        };
        Self { scheme, authority, path, query, fragment }
    }
}

fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

/// Resolves `reference` against `base` (RFC 3986, 5.2.2). The libraries at hand clean the base's own path first, which the JSON-LD
/// suite does not allow.
pub(super) fn resolve<'a>(base: Option<&str>, reference: &'a str) -> Cow<'a, str> {
    let Some(base) = base.filter(|base| has_scheme(base) && !has_scheme(reference)) else {
        return Cow::Borrowed(reference);
    };
    let (base, mut parts) = (Parts::split(base), Parts::split(reference));
    let path = if parts.authority.is_some() {
        remove_dot_segments(parts.path)
    } else {
        parts.authority = base.authority;
        if parts.path.is_empty() {
            parts.query = parts.query.or(base.query);
            base.path.to_owned()
        } else if parts.path.starts_with('/') {
            remove_dot_segments(parts.path)
        } else {
            remove_dot_segments(&merge(&base, parts.path))
        }
    };
    let mut out = format!("{}:", base.scheme.unwrap_or_default());
    for (mark, part) in [("//", parts.authority), ("", Some(path.as_str())), ("?", parts.query), ("#", parts.fragment)] {
        if let Some(part) = part {
            out.push_str(mark);
            out.push_str(part);
        }
    }
    Cow::Owned(out)
}

/// RFC 3986, 5.2.3.
fn merge(base: &Parts<'_>, path: &str) -> String {
    if base.authority.is_some() && base.path.is_empty() {
        return format!("/{path}");
    }
    let folder = base.path.rfind('/').map_or("", |slash| &base.path[..=slash]);
    format!("{folder}{path}")
}

/// RFC 3986, 5.2.4.
fn remove_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let (root, segments) = path.strip_prefix('/').map_or(("", path), |rest| ("/", rest));
    let mut ends_in_folder = false;
    for segment in segments.split('/') {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let end = if ends_in_folder && !kept.is_empty() { "/" } else { "" };
    format!("{root}{}{end}", kept.join("/"))
}

/// Whether `tag` is well formed (BCP 47 in the short form that Turtle uses).
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (1..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
