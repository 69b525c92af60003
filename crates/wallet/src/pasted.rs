//! Text that a person pastes or pipes in: a badge as JSON, a signed text, a `data:` address with a badge in it, or words with the addresses of
//! badges among them. Nothing is fetched here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_badge::code::Code;
use satchel_badge::proof::jws;
use satchel_badge::report::Line;
use url::Url;

use crate::Candidate;

/// Something that stands in a text.
#[derive(Clone, Debug)]
pub enum Pasted {
    /// A badge, or what is to be refused.
    File(Candidate),
    /// The address of one.
    Url(String),
}

/// Addresses of one text that are followed; a person pastes one or some.
const MOST_URLS: usize = 50;

/// How a text is called.
const NAME: &str = "text";

/// What stands in a text.
///
/// ```
/// use satchel_wallet::{Pasted, pasted};
/// let found = pasted("Your badge: <https://badges.example/b/7>.");
/// assert!(matches!(&found[..], [Pasted::Url(url)] if url == "https://badges.example/b/7"));
/// ```
pub fn pasted(text: &str) -> Vec<Pasted> {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    if trimmed.starts_with(['{', '[', '<']) || jws::looks_compact(trimmed) {
        // As it came, with the white space around it.
        return vec![Pasted::File(Candidate::of_bytes(NAME, text.as_bytes()))];
    }
    if trimmed.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        let read = data_url(trimmed);
        let malformed = || Candidate::refused(NAME, Line::bare(Code::UnknownFormat));
        return vec![Pasted::File(read.map_or_else(malformed, |bytes| Candidate::of_bytes(NAME, &bytes)))];
    }
    let mut found: Vec<String> = Vec::new();
    for url in urls(trimmed) {
        if found.len() < MOST_URLS && !found.contains(&url) {
            found.push(url);
        }
    }
    if found.is_empty() {
        let code = if trimmed.is_empty() { Code::Empty } else { Code::UnknownFormat };
        return vec![Pasted::File(Candidate::refused(NAME, Line::bare(code)))];
    }
    found.into_iter().map(Pasted::Url).collect()
}

/// The addresses in a text, without the signs that stand around them.
fn urls(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”'));
    words.filter_map(|word| {
        let start = word.find("https://").or_else(|| word.find("http://"))?;
        let url = word[start..].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'']);
        Url::parse(url).ok().filter(Url::has_host).map(|_| url.to_owned())
    })
}

/// The bytes of a `data:` URL (RFC 2397).
fn data_url(text: &str) -> Option<Vec<u8>> {
    let (head, body) = text.get(5..)?.split_once(',')?;
    if !head.to_ascii_lowercase().ends_with(";base64") {
        return Some(unescaped(body));
    }
    let packed: Vec<u8> = unescaped(body).into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).ok()
}

/// A text with its escapes undone (RFC 3986, 2.1).
fn unescaped(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            out.push(high << 4 | low);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}

/// How a file from an address is called: by the last part of the path, or else by the host.
pub(crate) fn name_of(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return url.to_owned() };
    let last = url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()).map(str::to_owned));
    last.or_else(|| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// The host of an address, with the port when it is not the scheme's own.
pub(crate) fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let name = |pasted| match pasted {
            Pasted::File(file) if file.bytes().is_empty() => String::from("refused"),
            Pasted::File(file) => String::from_utf8_lossy(file.bytes()).into_owned(),
            Pasted::Url(url) => url,
        };
        pasted(text).into_iter().map(name).collect()
    }

    #[test]
    fn badges_and_addresses_are_found_in_what_people_paste() {
        assert_eq!(found(" {\"badge\": 1}\n"), [" {\"badge\": 1}\n"]);
        assert_eq!(found("data:application/json;base64,eyJiYWRnZSI6IDF9"), ["{\"badge\": 1}"]);
        assert_eq!(found("DATA:,%7B%22badge%22%3A%201%7D"), ["{\"badge\": 1}"]);
        assert_eq!(
            found("See (https://a.example/1), http://b.example/x?y=1#z; https://a.example/1!\n<https://c.example>."),
            ["https://a.example/1", "http://b.example/x?y=1#z", "https://c.example"]
        );
        for nothing in ["", "Dear diary", "https://", "data:image/png;base64,!!!", "data:", "ftp://a.example/1", "%"] {
            assert_eq!(found(nothing), ["refused"], "{nothing}");
        }
        let many: Vec<String> = (0..500).map(|number| format!("https://a.example/{number}")).collect();
        assert_eq!(found(&many.join(" ")).len(), MOST_URLS);
    }

    #[test]
    fn a_file_is_called_as_its_address_ends() {
        let names = [
            ("https://a.example/b/badge.png?x=1", "badge.png"),
            ("https://a.example/b/", "b"),
            ("https://a.example", "a.example"),
        ];
        for (url, name) in names {
            assert_eq!(name_of(url), name);
        }
        assert_eq!(host_of("https://a.example/1").as_deref(), Some("a.example"));
        assert_eq!(host_of("http://a.example:8080/1").as_deref(), Some("a.example:8080"));
    }
}
