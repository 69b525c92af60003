//! The fuzz targets: for each parser of foreign bytes a function that feeds it, and says what must hold whatever the bytes are. The
//! functions return when all is well and panic when it is not; who mutates and counts the time is tests/tests/fuzz.rs.

mod evidence;
mod http;

use std::collections::HashSet;
use std::io::Cursor;

use jiff::Timestamp;
use satchel_badge::bake::bake;
use satchel_badge::check::{Policy, check, needs, payload_kind};
use satchel_badge::code::{Code, Status};
use satchel_badge::container::zip::Archive;
use satchel_badge::container::{self, Format};
use satchel_badge::evidence::Evidence;
use satchel_badge::key::PublicKey;
use satchel_badge::limits::{MAX_ARCHIVE_ENTRY, MAX_ARCHIVE_NAME};
use satchel_badge::proof::jws::{Jws, looks_compact};
use satchel_badge::prose::{Block, Span};
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::report::{Report, Verdict};
use satchel_badge::words::Language;
use satchel_badge::{did, json, status, time};
use satchel_wallet::desk;
use serde_json::Value;

/// A target: its name, and the function.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("png", png),
    ("svg", svg),
    ("json", json),
    ("jws", jws),
    ("jsonld", jsonld),
    ("key", key),
    ("did", did),
    ("status_list", status_list),
    ("bake", baked),
    ("check", checked),
    ("evidence", as_evidence),
    ("picture", picture),
    ("zip", zip),
    ("http", http::answered),
    ("csv", csv),
    ("prose", prose),
];

/// The time of all checks: no clock is read, so that a failure can be seen again.
fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A picture: what is opened is within its limits.
fn png(bytes: &[u8]) {
    let bytes = [b"\x89PNG\r\n\x1a\n", bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap_or(bytes)].concat();
    let opened = container::open_bytes(&bytes);
    assert!(opened.embedded.len() <= 2, "a picture holds one badge of each version");
    assert!(!opened.embedded.is_empty() || !opened.lines.is_empty(), "nothing is said about a picture without a badge");
    open_within_limits(&opened);
}

/// A picture that is drawn: what comes out is a PNG of ours, or a reason.
fn picture(bytes: &[u8]) {
    if let Ok(png) = satchel_picture::png(bytes, satchel_picture::Side::Small) {
        assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"), "what was drawn is no PNG");
    }
}

/// An SVG, whatever the root is.
fn svg(bytes: &[u8]) {
    open_within_limits(&container::open_bytes(&[b"<", bytes.strip_prefix(b"<").unwrap_or(bytes)].concat()));
}

fn open_within_limits(opened: &container::Opened) {
    for embedded in &opened.embedded {
        assert!(embedded.text.len() <= satchel_badge::limits::MAX_CREDENTIAL, "more text than the limit");
    }
    let _ = opened.payload();
}

/// An archive: names lead nowhere, and no more is unpacked than is allowed.
fn zip(bytes: &[u8]) {
    let Ok(mut archive) = Archive::open(Cursor::new(bytes)) else { return };
    for number in 0..50 {
        let Some(name) = archive.name(number) else { return };
        let leads_out = name.starts_with('/') || name.split(['/', '\\']).any(|part| matches!(part, "." | ".."));
        assert!(!leads_out && name.chars().count() <= MAX_ARCHIVE_NAME, "{name:?} is no label");
        if let Ok(bytes) = archive.unpack(number) {
            assert!(bytes.len() <= MAX_ARCHIVE_ENTRY, "more bytes than the limit");
        }
    }
}

/// A table of recipients: nobody gets two badges of it, and what a row shows of an address steers no terminal.
fn csv(bytes: &[u8]) {
    let Ok(table) = desk::of_csv(bytes, now()) else { return };
    let mut people = HashSet::new();
    for row in table.rows {
        assert!(row.line > 1 && !row.email.contains(char::is_control), "row {} shows {:?}", row.line, row.email);
        if let Ok(person) = row.read {
            assert!(people.insert(person.email.to_string()), "{} is there twice", person.email);
        }
    }
}

/// JSON: what is read can be written and read again, and its canonical form is one.
fn json(bytes: &[u8]) {
    let Ok(value) = json::parse(bytes) else { return };
    assert_eq!(json::parse(value.to_string().as_bytes()).as_ref(), Ok(&value), "what was written is read otherwise");
    let canonical = json::canonical(&value);
    let again = json::parse(canonical.as_bytes()).map(|value| json::canonical(&value));
    assert_eq!(again.as_deref(), Ok(canonical.as_str()), "the canonical form is not canonical");
}

/// A compact JWS, with a key that did not sign it.
fn jws(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = looks_compact(text);
    let Ok(jws) = Jws::parse(text) else { return };
    let Ok(algorithm) = jws.algorithm() else { return };
    if let Some(key) = jws.header.get("jwk").and_then(PublicKey::from_jwk) {
        let _ = jws.verify(&key, algorithm);
    }
}

/// JSON-LD to quads, and their canonical form: the same for the same document.
fn jsonld(bytes: &[u8]) {
    let Ok(value) = json::parse(bytes) else { return };
    let Ok(walked) = rdf::to_quads(&value, evidence::library(), None) else { return };
    let first = rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256);
    assert_eq!(first, rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256), "two canonical forms of one document");
    let _ = rdf::to_quads(&value, &Library::default(), Some("https://example.org/base/a?b#c"));
}

/// Keys in every form; what is a key can be asked about a signature.
fn key(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let by_value = json::parse(bytes).ok();
    let keys = [
        PublicKey::from_multikey(&text),
        PublicKey::from_pem(&text),
        PublicKey::ed25519(bytes),
        by_value.as_ref().and_then(PublicKey::from_jwk),
        by_value.as_ref().and_then(did::key_of_method),
    ];
    for key in keys.into_iter().flatten() {
        assert!(!key.verify(b"a message that nobody signed", &bytes[..bytes.len().min(64)]), "a signature of nobody");
    }
}

/// DIDs, times and the names of languages.
fn prose(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = satchel_badge::prose::read(&text);
    assert!(satchel_badge::prose::words(&text).chars().all(|c| !c.is_control()), "words that steer");
    links(&read);
}

/// Every link goes where a link may.
fn links(blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Heading(spans) | Block::Paragraph(spans) => {
                for url in spans.iter().filter_map(|span| if let Span::Link { url, .. } = span { Some(url) } else { None }) {
                    assert!(["https://", "http://", "mailto:"].iter().any(|it| url.starts_with(it)), "{url} is no link");
                }
            }
            Block::Quote(within) => links(within),
            Block::List { items, .. } => items.iter().for_each(|item| links(item)),
        }
    }
}

fn did(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = (did::method(&text), did::key_of_did_key(&text), did::key_of_did_jwk(&text), did::without_fragment(&text));
    if let Some(url) = did::web_url(&text) {
        assert!(url.starts_with("https://") && url.ends_with("/did.json"), "{url} is no place of a DID document");
        assert!(!url.contains(['?', '#', '@', ' ', '\\']), "{url} leads elsewhere");
    }
    let _ = (time::parse_strict(&text), time::parse_loose(&Value::from(text.as_ref())), Language::of_locale(&text));
    let _ = text.parse::<f64>().ok().and_then(time::from_seconds);
    if let Ok(document) = json::parse(bytes) {
        let id = document.get("id").and_then(Value::as_str).unwrap_or("did:web:example.org");
        let _ = did::authorised(&document, id, &format!("{id}#key-1"));
    }
}

/// Lists of bits: what is unpacked is within the limit, and packs to the same list.
fn status_list(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = status::number_of(&text);
    if let Some(bits) = status::decode(&text) {
        assert!(bits.len() <= satchel_badge::limits::MAX_STATUS_LIST, "more bits than the limit");
    }
    let short = &bytes[..bytes.len().min(4096)];
    assert_eq!(status::decode(&status::encode(short)).as_deref(), Some(short), "a list that was packed is not the same");
}

/// Bakes a badge into the bytes, and the bytes into a picture; what was baked comes out as it went in.
fn baked(bytes: &[u8]) {
    let badge = evidence::badge();
    if let Ok(picture) = bake(bytes, badge) {
        comes_out(&picture, badge);
        let again = bake(&picture, badge);
        assert_eq!(again.as_ref(), Ok(&picture), "a second baking changes the picture");
    }
    if payload_kind(bytes).is_ok() {
        for picture in evidence::pictures() {
            if let Ok(picture) = bake(picture, bytes) {
                comes_out(&picture, bytes);
            }
        }
    }
}

/// White space around a credential may go where it stands in an SVG, and a mark of the byte order anywhere.
fn comes_out(picture: &[u8], payload: &[u8]) {
    let opened = container::open_bytes(picture);
    let came = opened.payload().map(<[u8]>::trim_ascii);
    let went = payload.strip_prefix(b"\xef\xbb\xbf").unwrap_or(payload).trim_ascii();
    match came {
        Ok(came) if came == went => {}
        Ok(_) => panic!("something else comes out of the {} than went in", opened.format.name()),
        Err(line) => panic!("nothing comes out of the {}: {}", opened.format.name(), line.code.name()),
    }
}

/// The whole check of a file, with all that the samples' hosts would serve.
fn checked(bytes: &[u8]) {
    let policy = Policy { recipient: Some(String::from("ada@example.org")), ..Policy::default() };
    let reports = check(bytes, evidence::served(), &policy, now());
    assert!(!reports.is_empty(), "no report");
    reports.iter().for_each(is_sound);
    let _ = needs(bytes, evidence::served(), &policy);
}

/// The bytes as every document that some good badges need.
fn as_evidence(bytes: &[u8]) {
    for badge in evidence::in_need() {
        let mut evidence = Evidence::default();
        for _ in 0..3 {
            let reports = check(badge, &evidence, &Policy::default(), now());
            reports.iter().for_each(is_sound);
            for need in reports.iter().flat_map(Report::all_needs) {
                evidence.add(need.key(), evidence::document(bytes));
            }
        }
    }
}

/// What holds for every report: its verdict follows from its lines, it has words, and it can be written.
fn is_sound(report: &Report) {
    let has = |status: Status| report.lines.iter().any(|line| line.code.status() == status);
    match report.verdict {
        Verdict::Valid => assert!(!has(Status::Fail), "valid with a failed check"),
        Verdict::Invalid => assert!(has(Status::Fail), "not valid without a failed check"),
        Verdict::NoBadge => assert!(report.badge.is_none(), "a badge and none"),
        Verdict::Undecided => assert!(!has(Status::Fail), "undecided with a failed check"),
    }
    if report.verdict == Verdict::Valid && report.format != Format::Unknown {
        let proven = report.lines.iter().any(|line| matches!(line.code, Code::ProofVerified | Code::HostedConfirmed));
        assert!(proven, "valid without a proof");
    }
    for language in Language::ALL {
        let words = [report.headline(language), report.lines.iter().map(|line| line.message(language)).collect()].concat();
        assert!(!words.is_empty() && !words.contains(char::is_control), "words that steer a terminal: {words:?}");
    }
    report.nested.iter().for_each(is_sound);
}
