//! SVG: the element that is the badge (OB 2.0, Baking, "SVGs"; OB 3.0, 5.3.2), told by its namespace whatever the prefix, and the writing
//! of one. Entities are refused before anything is expanded; nothing outside the file is ever looked at.

use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::{BOM, Embedded, Format, Keyword, Opened, megabytes};
use crate::code::Code;
use crate::limits::{MAX_CREDENTIAL, MAX_SVG};
use crate::proof::jws::{self, Jws};
use crate::report::Line;

const NS_2: [&str; 2] = ["http://openbadges.org", "http://openbadges.org/"];
const NS_3: [&str; 2] = ["https://purl.imsglobal.org/ob/v3p0", "https://purl.imsglobal.org/spec/ob/v3p0"];
const NS_SVG: &str = "http://www.w3.org/2000/svg";

/// Elements with a badge's name that are looked at; one is a badge, and more are too many.
const MAX_CANDIDATES: usize = 64;

/// What a pass over the file found.
#[derive(Default)]
struct Scan {
    /// Where the root's start tag stands, and whether it is empty (`<svg/>`).
    root: Option<(Range<usize>, bool)>,
    badges: Vec<Found>,
}

struct Found {
    keyword: Keyword,
    verify: Option<String>,
    body: String,
    range: Range<usize>,
}

/// Reads an SVG.
pub(super) fn read(bytes: &[u8]) -> Opened {
    let scan = match scan(bytes.strip_prefix(BOM).unwrap_or(bytes)) {
        Ok(scan) => scan,
        Err(Code::UnknownFormat) => return Opened::only(Format::Unknown, Line::bare(Code::UnknownFormat)),
        Err(Code::TooLarge) => return Opened::only(Format::Svg, Line::new(Code::TooLarge, [megabytes(MAX_CREDENTIAL)])),
        Err(code) => return Opened::only(Format::Svg, Line::bare(code)),
    };
    let mut opened = Opened { format: Format::Svg, embedded: Vec::new(), lines: Vec::new() };
    for found in scan.badges {
        match opened.embedded.iter_mut().find(|earlier| earlier.keyword == Some(found.keyword)) {
            Some(earlier) => earlier.lines.push(Line::bare(Code::DuplicateEmbedding)),
            None => opened.embedded.push(embedded(found)),
        }
    }
    if opened.embedded.is_empty() {
        opened.lines.push(Line::bare(Code::NothingEmbedded));
    }
    opened
}

/// The body is the credential when it has one, else the `verify` attribute. A hosted assertion of Open Badges 2.0 has both: there the
/// attribute is its address. Anything else with both holds two credentials.
fn embedded(found: Found) -> Embedded {
    let mut lines = Vec::new();
    let body = found.body.trim();
    let verify = found.verify.filter(|verify| !verify.is_empty());
    let text = match verify {
        Some(verify) if body.is_empty() => verify,
        Some(verify) if found.keyword == Keyword::OpenBadges && !jws::looks_compact(&verify) => {
            if crate::json::parse(body.as_bytes()).is_ok() {
                found.body
            } else {
                lines.push(Line::bare(Code::ContainerVerifyAttribute));
                verify
            }
        }
        // Some bakers repeat what the JWS says, or the JWS itself, in the body.
        Some(verify) if found.keyword == Keyword::OpenBadges && repeats(body, &verify) => verify,
        Some(_) => {
            lines.push(Line::bare(Code::DuplicateEmbedding));
            found.body
        }
        None => found.body,
    };
    Embedded { keyword: Some(found.keyword), text: text.into_bytes(), lines }
}

fn repeats(body: &str, compact: &str) -> bool {
    let payload = Jws::parse(compact).map(|jws| jws.payload).ok();
    body == compact || payload.is_some_and(|payload| crate::json::parse(body.as_bytes()) == Ok(payload))
}

fn scan(bytes: &[u8]) -> Result<Scan, Code> {
    let text = std::str::from_utf8(bytes).map_err(|_| Code::NotUtf8)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut scan = Scan::default();
    let mut depth = 0_usize;
    let mut candidates = 0;
    loop {
        let start = position(&reader);
        let event = reader.read_event().map_err(|_| malformed(&scan))?;
        match event {
            Event::DocType(doctype) if declares_entities(&doctype) => {
                return Err(Code::SvgEntities);
            }
            Event::Start(tag) if depth == 0 => {
                begin(&mut scan, &reader, &tag, start, false)?;
                depth = 1;
            }
            Event::Empty(tag) if depth == 0 => begin(&mut scan, &reader, &tag, start, true)?,
            Event::Start(tag) => match badge(&reader, &tag, &mut candidates)? {
                Some((keyword, verify)) => {
                    let body = body(&mut reader)?;
                    scan.badges.push(Found { keyword, verify, body, range: start..position(&reader) });
                }
                None => depth += 1,
            },
            Event::Empty(tag) => {
                if let Some((keyword, verify)) = badge(&reader, &tag, &mut candidates)? {
                    scan.badges.push(Found { keyword, verify, body: String::new(), range: start..position(&reader) });
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 => return Err(Code::Truncated),
            Event::Eof => break,
            _ => {}
        }
    }
    if scan.root.is_none() { Err(Code::UnknownFormat) } else { Ok(scan) }
}

/// Whether a file that begins so is an SVG: its root is seen, whatever comes then.
pub(super) fn begins(head: &[u8]) -> bool {
    let end = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
    let head = &head[..end];
    !matches!(scan(head.strip_prefix(BOM).unwrap_or(head)), Err(Code::UnknownFormat))
}

fn declares_entities(doctype: &str) -> bool {
    doctype.as_bytes().windows(8).any(|window| window.eq_ignore_ascii_case(b"<!ENTITY"))
}

/// Before the root was seen a file is of some other kind; after it, it is a broken SVG.
fn malformed(scan: &Scan) -> Code {
    if scan.root.is_some() { Code::MalformedImage } else { Code::UnknownFormat }
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The root: it must be `svg`, and there is but one.
fn begin(scan: &mut Scan, reader: &NsReader<&[u8]>, tag: &BytesStart<'_>, start: usize, empty: bool) -> Result<(), Code> {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let is_svg = name.as_ref() == "svg"
        && match namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref() == NS_SVG,
            ResolveResult::Unbound => true,
            ResolveResult::Unknown(_) => false,
        };
    if !is_svg {
        return Err(malformed(scan));
    }
    if scan.root.is_some() {
        return Err(Code::MalformedImage);
    }
    scan.root = Some((start..position(reader), empty));
    Ok(())
}

/// Whether an element is a badge: its keyword and its `verify` attribute.
fn badge(
    reader: &NsReader<&[u8]>,
    tag: &BytesStart<'_>,
    candidates: &mut usize,
) -> Result<Option<(Keyword, Option<String>)>, Code> {
    // To find what a prefix stands for takes the longer, the more prefixes there are, so only what has a badge's name is looked up.
    if !matches!(tag.local_name().as_ref(), "assertion" | "credential") {
        return Ok(None);
    }
    *candidates += 1;
    if *candidates > MAX_CANDIDATES {
        return Err(Code::DuplicateEmbedding);
    }
    let (ResolveResult::Bound(namespace), name) = reader.resolver().resolve_element(tag.name()) else { return Ok(None) };
    let is = |namespaces: [&str; 2]| namespaces.contains(&namespace.as_ref());
    let keyword = match name.as_ref() {
        "assertion" if is(NS_2) => Keyword::OpenBadges,
        "credential" if is(NS_3) => Keyword::OpenBadgeCredential,
        _ => return Ok(None),
    };
    let mut verify = None;
    // Without the reader's own check for doubles, which takes quadratic time.
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| Code::MalformedImage)?;
        if attribute.key.as_ref() == "verify" {
            if verify.is_some() {
                return Err(Code::MalformedImage);
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Code::MalformedImage)?;
            verify = Some(value.trim().to_owned());
        }
    }
    Ok(Some((keyword, verify)))
}

/// The text inside the element, up to its end, byte for byte. Where it stands in a CDATA section, white space around that is none of it.
/// Elements within are none of the badge's.
fn body(reader: &mut NsReader<&[u8]>) -> Result<String, Code> {
    let (mut text, mut quoted) = (String::new(), false);
    let mut depth = 1_usize;
    while depth > 0 {
        match reader.read_event().map_err(|_| Code::MalformedImage)? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(piece) if !(quoted && piece.trim().is_empty()) => text.push_str(&piece),
            Event::CData(piece) => {
                if text.trim().is_empty() && !quoted {
                    text.clear();
                }
                quoted = true;
                text.push_str(&piece);
            }
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|_| Code::MalformedImage)? {
                Some(character) => text.push(character),
                None => text.push_str(resolve_xml_entity(&reference).ok_or(Code::SvgEntities)?),
            },
            Event::Eof => return Err(Code::Truncated),
            _ => {}
        }
        if text.len() > MAX_CREDENTIAL {
            return Err(Code::TooLarge);
        }
    }
    Ok(text)
}

/// Writes `image` with `payload` in it as the one badge, right after the root's start tag; every earlier badge of either version is left
/// out, all else is copied as it is.
///
/// # Errors
/// The code of what is wrong with the picture or too large about the payload.
pub fn bake(image: &[u8], keyword: Keyword, payload: &str) -> Result<Vec<u8>, Code> {
    if payload.len() > MAX_CREDENTIAL || image.len() > MAX_SVG {
        return Err(Code::TooLarge);
    }
    // The positions are those in the text after its mark.
    let (mark, image) = image.strip_prefix(BOM).map_or((&[][..], image), |rest| (BOM, rest));
    let scan = scan(image)?;
    let (root, empty) = scan.root.ok_or(Code::UnknownFormat)?;
    let tag = std::str::from_utf8(&image[root.clone()]).map_err(|_| Code::NotUtf8)?;
    let mut out = Vec::with_capacity(image.len() + payload.len() + 256);
    out.extend_from_slice(mark);
    out.extend_from_slice(&image[..root.start]);
    out.extend_from_slice(start_tag(tag, keyword).as_bytes());
    out.extend_from_slice(element(keyword, payload).as_bytes());
    if empty {
        let name = tag.trim_start_matches('<').split([' ', '\t', '\r', '\n', '/']).next().unwrap_or("svg");
        out.extend_from_slice(format!("</{name}>").as_bytes());
    }
    let mut copied = root.end;
    for found in scan.badges {
        out.extend_from_slice(&image[copied..found.range.start]);
        copied = found.range.end;
    }
    out.extend_from_slice(&image[copied..]);
    Ok(out)
}

const PREFIX: &str = "xmlns:openbadges";

/// The root's start tag, open, with our prefix and no earlier meaning of it. Some readers look for the prefix, not for the namespace.
fn start_tag(tag: &str, keyword: Keyword) -> String {
    let open = tag.trim_end_matches('>').trim_end_matches('/').trim_end();
    let namespace = match keyword {
        Keyword::OpenBadges => NS_2[0],
        Keyword::OpenBadgeCredential => NS_3[0],
    };
    let kept = match declaration(open) {
        Some(range) => format!("{}{}", open[..range.start].trim_end(), &open[range.end..]),
        None => open.to_owned(),
    };
    format!("{kept} {PREFIX}=\"{namespace}\">")
}

/// Where a start tag declares our prefix.
fn declaration(tag: &str) -> Option<Range<usize>> {
    let mut quote = None;
    let bytes = tag.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if *byte == open => quote = None,
            (None, _) if bytes[at..].starts_with(PREFIX.as_bytes()) && at > 0 && bytes[at - 1].is_ascii_whitespace() => {
                let rest = &tag[at..];
                let opening = rest.find(['"', '\''])?;
                let closing = rest[opening + 1..].find(char::from(rest.as_bytes()[opening]))?;
                return Some(at..at + opening + closing + 2);
            }
            _ => {}
        }
    }
    None
}

fn element(keyword: Keyword, payload: &str) -> String {
    let name = match keyword {
        Keyword::OpenBadges => "openbadges:assertion",
        Keyword::OpenBadgeCredential => "openbadges:credential",
    };
    if payload.trim_start().starts_with('{') {
        // A CDATA section cannot hold its own end: it is closed and opened again inside of it.
        let body = payload.replace("]]>", "]]]]><![CDATA[>");
        let verify = hosted_url(keyword, payload).map(|url| format!(" verify=\"{}\"", quick_xml::escape::escape(url)));
        return format!("<{name}{}><![CDATA[{body}]]></{name}>", verify.unwrap_or_default());
    }
    format!("<{name} verify=\"{}\"></{name}>", quick_xml::escape::escape(payload.trim()))
}

/// Open Badges 2.0 wants the address of a hosted assertion in the attribute as well.
fn hosted_url(keyword: Keyword, payload: &str) -> Option<String> {
    let assertion = crate::json::parse(payload.as_bytes()).ok().filter(|_| keyword == Keyword::OpenBadges)?;
    assertion.get("id")?.as_str().filter(|id| id.starts_with("http")).map(str::to_owned)
}
