//! Input that no honest program makes (security.md, P06 and P07; "Bad input"): each has its own code and words, nothing crashes, nothing
//! hangs, and nothing costs more than it is worth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod help;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Read, Seek, SeekFrom};

use help::*;
use proptest::prelude::*;
use satchel_badge::bake::bake;
use satchel_badge::check::{Policy, check, check_opened, needs};
use satchel_badge::code::{CheckId, Code, Status};
use satchel_badge::container::{self, Format, open, open_bytes};
use satchel_badge::evidence::Evidence;
use satchel_badge::json;
use satchel_badge::key::PublicKey;
use satchel_badge::limits::{MAX_CHUNKS, MAX_CREDENTIAL, MAX_JSON_DEPTH, MAX_SVG};
use satchel_badge::proof::jws::Jws;
use satchel_badge::rdf::{self, Effort, HashAlgorithm, Library};
use satchel_badge::report::{Line, Report, Verdict};
use satchel_badge::sign::Signer;
use satchel_badge::words::Language;
use satchel_badge::{did, status, time};
use serde_json::{Value, json};

// ---- Words ----

const MARKS: [&str; 3] = ["\u{2460}", "\u{2461}", "\u{2462}"];

fn gaps(code: Code, language: Language) -> BTreeSet<&'static str> {
    let words = Line::new(code, MARKS.map(str::to_owned)).message(language);
    MARKS.into_iter().filter(|mark| words.contains(mark)).collect()
}

#[test]
fn every_code_has_words_of_its_own_in_both_languages() {
    for language in Language::ALL {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            let words = Line::new(*code, MARKS.map(str::to_owned)).message(language);
            assert!(words.len() > 10, "{}", code.name());
            assert!(words.ends_with(['.', '①', '②']), "{}: {words}", code.name());
            assert!(!words.contains(['{', '}', '?']), "{}: {words}", code.name());
            assert!(seen.insert(words), "{}: the words of another code", code.name());
        }
    }
    for code in Code::ALL {
        let [english, italian] = Language::ALL.map(|language| Line::bare(*code).message(language));
        assert_ne!(english, italian, "{}", code.name());
        let [english, italian] = Language::ALL.map(|language| gaps(*code, language));
        if [Code::Unreadable, Code::SourceUnreachable].contains(code) {
            // Their cause comes in each language.
            assert_eq!((english, italian), (BTreeSet::from([MARKS[0]]), BTreeSet::from([MARKS[1]])));
        } else {
            assert_eq!(english, italian, "{}", code.name());
        }
        assert!(!code.clause().is_empty());
    }
}

#[test]
fn every_code_has_one_name_in_snake_case() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    assert!(names.iter().all(|name| plain(name) && !name.starts_with('_') && !name.ends_with('_')));
}

// ---- Each kind of bad input ----

fn first(bytes: &[u8]) -> Report {
    let reports = check(bytes, &Evidence::default(), &Policy::default(), now());
    reports.iter().for_each(spoken);
    reports.into_iter().next().unwrap()
}

fn deep(levels: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn each_kind_of_bad_input_has_a_code_of_its_own() {
    let good = signed(&award()).to_string();
    let png = png_with(&[text_chunk("openbadgecredential", &good)]);
    let svg = String::from_utf8(bake(SVG.as_bytes(), good.as_bytes()).unwrap()).unwrap();
    let damaged = {
        let mut png = png.clone();
        png[100] ^= 1;
        png
    };
    let itxt = |flag: u8, method: u8, body: &[u8]| {
        png_with(&[chunk(b"iTXt", &[b"openbadgecredential\0", &[flag, method][..], b"\0\0", body].concat())])
    };
    let zipped = |bytes: &[u8]| {
        use std::io::Write;
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    };
    let bomb = itxt(1, 0, &zipped(&vec![b' '; MAX_CREDENTIAL + 1]));
    let of_type = |members: Value| merged(award(), members).to_string().into_bytes();
    let mut context = award_with(json!({"@context": [VC, OB, "https://issuer.example/context"]}));
    context["proof"] = with_signature(options(&key()), &[0; 64]);
    let cases: Vec<(&str, Vec<u8>, Code)> = vec![
        ("nothing", Vec::new(), Code::Empty),
        ("a text", b"hello, world".to_vec(), Code::UnknownFormat),
        ("a JPEG", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), Code::UnknownFormat),
        ("a PDF", b"%PDF-1.7\n".to_vec(), Code::UnknownFormat),
        ("a ZIP", b"PK\x03\x04".to_vec(), Code::UnknownFormat),
        ("HTML", b"<!doctype html><html><body></body></html>".to_vec(), Code::UnknownFormat),
        ("another XML", b"<?xml version=\"1.0\"?><note/>".to_vec(), Code::UnknownFormat),
        ("UTF-16", "{\"a\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect(), Code::NotABadge),
        ("UTF-16 with a mark", [&[0xff, 0xfe][..], &[b'{', 0]].concat(), Code::UnknownFormat),
        ("white space", b"  \n ".to_vec(), Code::UnknownFormat),
        ("a picture without a badge", pixel(), Code::NothingEmbedded),
        (
            "another program's picture",
            png_with(&[text_chunk("Software", "Gimp"), chunk(b"tEXt", b"Comment\0openbadges")]),
            Code::NothingEmbedded,
        ),
        ("an SVG without a badge", SVG.as_bytes().to_vec(), Code::NothingEmbedded),
        ("a PNG cut in the badge", png[..200].to_vec(), Code::Truncated),
        ("a PNG cut before its end", png[..png.len() - 12].to_vec(), Code::Truncated),
        ("a PNG of nothing but a signature", png[..8].to_vec(), Code::Truncated),
        ("a PNG without a head", [&png[..8], &png[33..]].concat(), Code::MalformedImage),
        ("a damaged badge", damaged, Code::BadChecksum),
        ("a badge that is not text", itxt(0, 0, b"\xff\xfe"), Code::NotUtf8),
        ("a broken compression", itxt(1, 0, b"nonsense"), Code::BadCompression),
        ("another compression", itxt(1, 7, b""), Code::BadCompression),
        ("a zip bomb", bomb, Code::TooLarge),
        ("nine megabytes", png_with(&[text_chunk("openbadgecredential", &" ".repeat(9 << 20))]), Code::TooLarge),
        ("a huge JSON", format!("{{\"badge\": \"{}\"}}", "x".repeat(MAX_CREDENTIAL)).into_bytes(), Code::TooLarge),
        (
            "a huge JSON that is no badge",
            format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_CREDENTIAL)).into_bytes(),
            Code::UnknownFormat,
        ),
        ("a huge SVG", format!("<svg>{}</svg>", " ".repeat(MAX_SVG)).into_bytes(), Code::TooLarge),
        ("a picture that holds a word", png_with(&[text_chunk("openbadges", "hello")]), Code::UnknownPayload),
        (
            "a link where none may be",
            png_with(&[text_chunk("openbadgecredential", "https://example.org/a")]),
            Code::UnknownPayload,
        ),
        ("two badges", png_with(&[text_chunk("openbadges", &good), text_chunk("openbadges", &good)]), Code::DuplicateEmbedding),
        (
            "an SVG with entities",
            svg.replacen("<svg", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg", 1).into_bytes(),
            Code::SvgEntities,
        ),
        ("a broken SVG", svg.replace("</svg>", "</g></svg>").into_bytes(), Code::MalformedImage),
        ("a cut SVG", svg.as_bytes()[..svg.len() - 6].to_vec(), Code::Truncated),
        ("an SVG that is not UTF-8", [SVG.as_bytes(), b"<!--\xff-->"].concat(), Code::NotUtf8),
        ("broken JSON", b"{\"badge\": ".to_vec(), Code::MalformedJson),
        ("a log of JSON lines", b"{\"a\": 1}\n{\"a\": 2}".to_vec(), Code::NotABadge),
        ("settings with a serial number", b"{\"serial\": 12345678901234567890}".to_vec(), Code::NotABadge),
        ("a half surrogate", br#"{"badge": "\ud800"}"#.to_vec(), Code::MalformedJson),
        ("two texts", b"{\"badge\": {}} {}".to_vec(), Code::MalformedJson),
        ("one name twice", br#"{"a": 1, "a": 2}"#.to_vec(), Code::DuplicateKey),
        ("a number too long", b"{\"badge\": 12345678901234567890}".to_vec(), Code::InexactNumber),
        ("10,000 levels of arrays", deep(10_000, "[", "]").into_bytes(), Code::TooDeep),
        ("10,000 levels of objects", deep(10_000, "{\"a\":", "}").into_bytes(), Code::TooDeep),
        ("a broken JWS", b"aa.bb".to_vec(), Code::UnknownFormat),
        ("three words", b"www.example.org".to_vec(), Code::UnknownFormat),
        ("a JWS of no JSON", format!("{}.{}.{}", b64("{x"), b64("y"), b64("z")).into_bytes(), Code::MalformedJson),
        ("a JWS with padding inside", b"e30.e3.AA".to_vec(), Code::MalformedJws),
        ("JSON that is no badge", b"{}".to_vec(), Code::NotABadge),
        ("an array", b"[1, 2]".to_vec(), Code::NotABadge),
        ("a badge class", br#"{"@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass"}"#.to_vec(), Code::NotAnAward),
        (
            "a version from the future",
            of_type(json!({"@context": ["https://www.w3.org/ns/credentials/v9", OB]})),
            Code::UnknownVersion,
        ),
        ("an unknown context", context.to_string().into_bytes(), Code::ContextMissing),
        ("an unknown proof", of_type(json!({"proof": {"type": "NewProof2099"}})), Code::ProofTypeUnknown),
        ("no proof", of_type(json!({})), Code::ProofMissing),
        ("a member missing", of_type(json!({"validFrom": null})), Code::MemberType),
    ];
    for (what, bytes, code) in &cases {
        let report = first(bytes);
        assert!(says(&report, *code), "{what}: wanted {}, found {:?}", code.name(), codes(&report));
        assert_ne!(report.verdict, Verdict::Valid, "{what}");
        let is_nothing = code.check() == CheckId::Container && code.status() == Status::Unknown;
        assert_eq!(report.verdict == Verdict::NoBadge, is_nothing, "{what}: {:?}", report.verdict);
    }
}

#[test]
fn a_reader_that_fails_is_told_as_such() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    let opened = container::unopened(&open(&mut Broken).unwrap_err());
    let report = check_opened(&opened, &Evidence::default(), &Policy::default(), now()).remove(0);
    expect(&report, Verdict::NoBadge, Code::Unreadable);
    assert!(report.lines[0].message(Language::English).contains("the disk is gone"));
}

// ---- Size ----

/// A file of any length that is never held: a head, a repeated middle, a tail. It counts what is read.
struct Fabricated {
    head: Vec<u8>,
    middle: Vec<u8>,
    times: u64,
    tail: Vec<u8>,
    at: u64,
    read: u64,
}

impl Fabricated {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.middle.len() as u64 * self.times + self.tail.len() as u64
    }

    fn byte(&self, at: u64) -> u8 {
        let head = self.head.len() as u64;
        let middle = self.middle.len() as u64;
        match at {
            at if at < head => self.head[usize::try_from(at).unwrap()],
            at if at < head + middle * self.times => self.middle[usize::try_from((at - head) % middle).unwrap()],
            at => self.tail[usize::try_from(at - head - middle * self.times).unwrap()],
        }
    }
}

impl Read for Fabricated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = self.len().saturating_sub(self.at);
        let count = usize::try_from(rest).unwrap_or(usize::MAX).min(out.len());
        for (at, byte) in out[..count].iter_mut().enumerate() {
            *byte = self.byte(self.at + at as u64);
        }
        self.at += count as u64;
        self.read += count as u64;
        Ok(count)
    }
}

impl Seek for Fabricated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => i128::from(at),
            SeekFrom::Current(by) => i128::from(self.at) + i128::from(by),
            SeekFrom::End(by) => i128::from(self.len()) + i128::from(by),
        };
        self.at = u64::try_from(target).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

fn ends() -> (Vec<u8>, Vec<u8>) {
    let pixel = pixel();
    (pixel[..33].to_vec(), pixel[pixel.len() - 12..].to_vec())
}

#[test]
fn a_million_chunks_are_given_up() {
    let (head, tail) = ends();
    let badge = text_chunk("openbadgecredential", &signed(&award()).to_string());
    for head in [head.clone(), [head, badge].concat()] {
        let mut file = Fabricated { head, middle: chunk(b"IDAT", b""), times: 1_000_000, tail: tail.clone(), at: 0, read: 0 };
        let opened = open(&mut file).unwrap();
        let report = check_opened(&opened, &Evidence::default(), &Policy::default(), now()).remove(0);
        expect(&report, Verdict::Invalid, Code::TooManyChunks);
        assert!(file.read < 13 * MAX_CHUNKS as u64);
    }
}

#[test]
fn of_a_picture_of_a_gigabyte_little_is_read() {
    let (head, tail) = ends();
    let badge = text_chunk("openbadgecredential", &signed(&award()).to_string());
    // One chunk of a gigabyte, its pixels made of nothing.
    let head = [head, (1_u32 << 30).to_be_bytes().to_vec(), b"IDAT".to_vec()].concat();
    let tail = [vec![0; 4], badge, tail].concat();
    let mut file = Fabricated { head, middle: vec![0; 1024], times: 1 << 20, tail, at: 0, read: 0 };
    let opened = open(&mut file).unwrap();
    let report = check_opened(&opened, &Evidence::default(), &Policy::default(), now()).remove(0);
    expect_valid(&report);
    assert!(file.read < 64 << 10, "{}", file.read);
}

#[test]
fn a_text_chunk_that_claims_four_gigabytes_is_not_believed() {
    let (head, _) = ends();
    for length in [u32::MAX, i32::MAX.unsigned_abs(), 1 << 30] {
        let head = [head.clone(), length.to_be_bytes().to_vec(), b"iTXtopenbadges\0\0\0\0\0{}".to_vec()].concat();
        let report = first(&head);
        assert_eq!(report.verdict, Verdict::Invalid, "{:?}", codes(&report));
    }
}

// ---- SVG ----

const NS: &str = r#"xmlns="http://www.w3.org/2000/svg" xmlns:c="https://purl.imsglobal.org/ob/v3p0""#;

#[test]
fn an_svg_with_a_flood_of_namespaces_ends() {
    // Each element declares one more prefix, so that every name below has a longer way to go.
    let mut svg = format!("<svg {NS}>");
    svg.push_str(&"<a xmlns:b=\"c\">".repeat(60_000));
    svg.push_str(&"<z:a/>".repeat(60_000));
    svg.push_str(&"</a>".repeat(60_000));
    svg.push_str("</svg>");
    let report = ending(move || first(svg.as_bytes()));
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn a_badge_element_with_a_flood_of_attributes_ends() {
    let mut svg = format!("<svg {NS}><c:credential ");
    for at in 0..200_000 {
        write!(svg, "a{at}=\"\" ").unwrap();
    }
    svg.push_str("/></svg>");
    let report = ending(move || first(svg.as_bytes()));
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn an_svg_of_a_million_levels_ends() {
    let svg = format!("<svg {NS}>{}{}</svg>", "<g>".repeat(1_000_000), "</g>".repeat(1_000_000));
    let report = ending(move || first(svg.as_bytes()));
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn nothing_outside_of_an_svg_is_looked_at() {
    let good = signed(&award());
    let body = |doctype: &str, text: &str| {
        format!("<?xml version=\"1.0\"?>{doctype}<svg {NS}><c:credential>{text}</c:credential></svg>")
    };
    let outside = "<!DOCTYPE svg SYSTEM \"file:///etc/passwd\">";
    expect_valid(&first(body(outside, &format!("<![CDATA[{good}]]>")).as_bytes()));
    for text in ["&a;", "&a", "&#0;", "&#xffffffff;", "&#x110000;"] {
        assert_ne!(first(body(outside, text).as_bytes()).verdict, Verdict::Valid, "{text}");
    }
    for doctype in [
        "<!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE svg [<!ENTITY % a SYSTEM \"http://evil.example/\">%a;]>",
        "<!DOCTYPE svg [<!entity a \"b\">]>",
        "<!DOCTYPE svg [<!ENTITY a0 \"ha\"><!ENTITY a1 \"&a0;&a0;&a0;&a0;\">]>",
    ] {
        expect(&first(body(doctype, "&a;").as_bytes()), Verdict::Invalid, Code::SvgEntities);
    }
}

// ---- Graphs ----

/// A signed-looking document with this in it; its proof is of nobody.
fn with_graph(members: Value) -> Value {
    let mut document = award_with(members);
    document["proof"] = with_signature(options(&key()), &[0; 64]);
    document
}

/// The report on a document whose graph costs no more steps than one document may cause; steps, because a clock says more of the machine.
fn quick(document: Value) -> Report {
    ending(move || {
        let effort = Effort::default();
        if let Ok(walked) = rdf::to_quads_within(&document, &Library::default(), &effort) {
            let _ = rdf::canonicalize_within(&walked.dataset, HashAlgorithm::Sha256, &effort);
        }
        // The last step, with which it is given up, may be a large one.
        assert!(effort.terms() < 400_000 && effort.naming() < 120_000, "{effort:?}");
        first(document.to_string().as_bytes())
    })
}

#[test]
fn cliques_of_blank_nodes_are_given_up() {
    for size in [7, 8, 10, 14, 20] {
        let nodes: Vec<Value> = (0..size)
            .map(|from| {
                let others: Vec<Value> = (0..size).filter(|to| *to != from).map(|to| json!({"id": format!("_:n{to}")})).collect();
                json!({"id": format!("_:n{from}"), "type": ["Evidence"], "https://evil.example/knows": others})
            })
            .collect();
        let report = quick(with_graph(json!({"evidence": nodes})));
        assert_eq!(report.verdict, Verdict::Invalid);
        assert!(size < 8 || says(&report, Code::PoisonGraph), "{size}: {:?}", codes(&report));
    }
}

#[test]
fn many_blank_nodes_that_look_alike_end() {
    let report = quick(with_graph(json!({"evidence": vec![json!({"type": ["Evidence"]}); 30_000]})));
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn a_hundred_thousand_blank_nodes_are_too_many_values() {
    let report = quick(with_graph(json!({"evidence": vec![json!({"type": ["Evidence"]}); 100_000]})));
    expect(&report, Verdict::Invalid, Code::TooManyValues);
}

#[test]
fn two_stars_of_many_blank_nodes_end() {
    let star = json!({"type": ["Evidence"], "https://evil.example/has": vec![json!({"type": ["Evidence"]}); 20_000]});
    let report = quick(with_graph(json!({"evidence": [star, star]})));
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn a_hundred_thousand_types_end() {
    let mut types = vec![json!("VerifiableCredential"), json!("OpenBadgeCredential")];
    types.extend((0..100_000).map(|at| json!(format!("T{at}"))));
    let report = quick(with_graph(json!({"type": types})));
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn a_hundred_thousand_proofs_end() {
    let proof = with_signature(options(&key()), &[1; 64]);
    let report = quick(award_with(json!({"proof": vec![proof; 20_000]})));
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn many_endorsements_end() {
    let one = json!({"@context": [VC, OB], "type": ["VerifiableCredential", "EndorsementCredential"], "proof": {}});
    let report = quick(with_graph(json!({"endorsement": vec![one; 1_000]})));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(report.nested.len() <= 64);
}

// ---- Contexts ----

#[test]
fn a_context_named_ten_thousand_times_is_quick() {
    let mut contexts = vec![json!(VC)];
    contexts.extend(vec![json!(OB); 10_000]);
    quick(with_graph(json!({"@context": contexts})));
}

#[test]
fn a_context_in_ten_thousand_nodes_is_quick() {
    let node = json!({"@context": OB, "type": ["Evidence"]});
    quick(with_graph(json!({"evidence": vec![node; 10_000]})));
    let node = json!({"@context": {}, "type": ["Evidence"]});
    quick(with_graph(json!({"evidence": vec![node; 10_000]})));
}

#[test]
fn a_context_of_ten_thousand_words_with_contexts_is_quick() {
    let words: serde_json::Map<String, Value> =
        (0..10_000).map(|at| (format!("w{at}"), json!({"@id": format!("https://evil.example/w{at}"), "@context": {}}))).collect();
    quick(with_graph(json!({"@context": [VC, OB, words]})));
}

#[test]
fn contexts_that_name_each_other_over_and_over_end() {
    let url = |step: usize| format!("https://evil.example/c{step}");
    let mut evidence = Evidence::default();
    for step in 0..7 {
        evidence.add(url(step), fetched(json!({"@context": vec![json!(url(step + 1)); 20]}).to_string()));
    }
    evidence.add(url(7), fetched(json!({"@context": {"w": "https://evil.example/w"}}).to_string()));
    let document = with_graph(json!({"@context": [VC, OB, url(0)]})).to_string();
    let report = ending(move || ask(document, &evidence));
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn a_context_that_names_itself_is_refused() {
    let url = "https://evil.example/c";
    for body in [
        json!({"@context": url}),
        json!({"@context": [url, {}]}),
        json!({"@context": {"@import": url}}),
        json!({"@context": 7}),
        json!({"@context": {"a": {"@id": "b:c", "@context": url}}}),
    ] {
        let document = with_graph(json!({"@context": [VC, OB, url]}));
        assert_ne!(ask(document.to_string(), &served([(url, body.clone())])).verdict, Verdict::Valid, "{body}");
    }
}

// ---- Long and strange texts ----

#[test]
fn long_texts_and_numbers_are_read_in_time() {
    let long = "1".repeat(2_000_000);
    let proof = merged(options(&key()), json!({"proofValue": format!("z{long}")}));
    quick(award_with(json!({"proof": proof})));
    let method = merged(options(&key()), json!({"verificationMethod": format!("did:key:z{long}"), "proofValue": "z1"}));
    quick(award_with(json!({"proof": method})));
    let jwk = merged(options(&key()), json!({"verificationMethod": format!("did:jwk:{long}"), "proofValue": "z1"}));
    quick(award_with(json!({"proof": jwk})));
    quick(with_graph(json!({"credentialStatus": merged(entry(0), json!({"statusListIndex": long}))})));
    quick(with_graph(json!({"id": format!("urn:{long}")})));
    quick(with_graph(json!({"validFrom": long})));
    assert!(PublicKey::from_pem(&long).is_none());
    assert!(status::decode(&long).is_none());
}

#[test]
fn control_characters_in_a_badge_do_not_reach_the_words() {
    let report = first(br#"{"a\u0000\u001b[31m\u202e": 1, "a\u0000\u001b[31m\u202e": 2}"#);
    expect(&report, Verdict::Invalid, Code::DuplicateKey);
    for language in Language::ALL {
        let words = report.lines[0].message(language);
        assert!(!words.contains(['\0', '\u{1b}', '\u{202e}']), "{words:?}");
    }
}

#[test]
fn a_mark_of_byte_order_and_line_ends_of_any_kind_change_nothing() {
    let good = serde_json::to_string_pretty(&signed(&award())).unwrap();
    for text in [format!("\u{feff}{good}"), good.replace('\n', "\r\n"), format!("\n\n {good} \n")] {
        expect_valid(&first(text.as_bytes()));
        expect_valid(&first(&png_with(&[text_chunk("openbadgecredential", &text)])));
    }
}

// ---- Cut files ----

#[test]
fn a_file_that_is_cut_anywhere_is_never_valid() {
    let good = signed(&award()).to_string();
    let token = jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &claims(&award()), by(&key()));
    let files = [
        bake(&pixel(), good.as_bytes()).unwrap(),
        bake(SVG.as_bytes(), good.as_bytes()).unwrap(),
        bake(SVG.as_bytes(), token.as_bytes()).unwrap(),
        good.into_bytes(),
        token.into_bytes(),
    ];
    for file in files {
        expect_valid(&first(&file));
        for end in 0..file.len() {
            let report = first(&file[..end]);
            assert_ne!(report.verdict, Verdict::Valid, "cut at {end} of {}", file.len());
        }
    }
}

// ---- Baking ----

#[test]
fn baking_twice_leaves_one_badge_and_the_other_version_goes() {
    let three = signed(&award()).to_string();
    let two = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/a.json"})
        .to_string();
    for image in [pixel(), SVG.as_bytes().to_vec()] {
        let mut baked = image;
        for payload in [&three, &two, &three, &three, &two] {
            baked = bake(&baked, payload.as_bytes()).unwrap();
            let opened = open_bytes(&baked);
            assert_eq!(opened.embedded.len(), 1);
            assert!(opened.embedded[0].lines.is_empty());
            assert_eq!(opened.payload().unwrap(), payload.as_bytes());
        }
    }
}

#[test]
fn white_space_around_a_credential_survives_baking() {
    let text = format!("\n  {}\n", signed(&award()));
    for image in [pixel(), SVG.as_bytes().to_vec()] {
        let baked = bake(&image, text.as_bytes()).unwrap();
        assert_eq!(open_bytes(&baked).payload().unwrap(), text.as_bytes(), "{:?}", container::sniff(&image));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
        "\\PC*".prop_map(Value::from),
        Just(json!("]]>&<\"'"))
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("\\PC{0,8}", inner, 0..6)
                .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_baked_is_read_back_byte_for_byte(members in any_json(), pretty: bool) {
        let value = award_with(json!({"extra": members}));
        let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let png = pixel();
        for image in [png.clone(), SVG.as_bytes().to_vec(), b"<?xml version='1.0'?><!-- > --><s:svg xmlns:s='http://www.w3.org/2000/svg' a='>'/>".to_vec()] {
            let baked = bake(&image, text.as_bytes()).unwrap();
            let opened = open_bytes(&baked);
            prop_assert_eq!(opened.payload().unwrap(), text.as_bytes());
        }
        // Every chunk but the badge's stays where and what it was.
        let baked = bake(&png, text.as_bytes()).unwrap();
        prop_assert_eq!(&baked[..33], &png[..33]);
        prop_assert!(baked.ends_with(&png[33..]));
        prop_assert_eq!(baked.len(), png.len() + 12 + 24 + text.len());
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256), text in "\\PC{0,64}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            let _ = check(bytes, &Evidence::default(), &Policy::default(), now());
            let _ = needs(bytes, &Evidence::default(), &Policy::default());
            let _ = json::parse(bytes);
            let head = pixel()[..33].to_vec();
            let png = [&head[..], bytes].concat();
            let _ = check(&png, &Evidence::default(), &Policy::default(), now());
            let kept = png_with(&[chunk(b"iTXt", &[b"openbadges\0", bytes].concat()), chunk(b"tEXt", &[b"openbadgecredential\0", bytes].concat())]);
            let _ = check(&kept, &Evidence::default(), &Policy::default(), now());
            let svg = [&b"<svg xmlns:c='https://purl.imsglobal.org/ob/v3p0'><c:credential>"[..], bytes, b"</c:credential>"].concat();
            let _ = check(&svg, &Evidence::default(), &Policy::default(), now());
        }
        let loose = String::from_utf8_lossy(&bytes).into_owned();
        for text in [&text, &loose] {
            let _ = Jws::parse(text);
            let _ = did::method(text);
            let _ = did::web_url(text);
            let _ = did::web_url(&format!("did:web:{text}"));
            let _ = did::key_of_did_key(&format!("did:key:z{text}"));
            let _ = did::key_of_did_jwk(&format!("did:jwk:{text}"));
            let _ = PublicKey::from_multikey(&format!("z{text}"));
            let _ = PublicKey::from_multikey(&format!("z{}", bs58::encode(&bytes).into_string()));
            let _ = PublicKey::from_pem(text);
            let _ = status::decode(text);
            let _ = status::number_of(text);
            let _ = time::parse_strict(text);
            let _ = time::parse_loose(&Value::from(text.as_str()));
        }
    }

    #[test]
    fn a_document_of_any_shape_is_answered(members in any_json(), name in prop_oneof![
        Just("@context"), Just("proof"), Just("issuer"), Just("credentialSubject"), Just("credentialStatus"), Just("type"), Just("id"),
        Just("validFrom"), Just("endorsement"), Just("credentialSchema"), Just("evidence"), Just("badge"), Just("verify"), Just("recipient")
    ]) {
        let document = merged(signed(&award()), json!({name: members}));
        let report = first(document.to_string().as_bytes());
        // Null and empty lists say nothing, to a signature as to a reader.
        let says_nothing = !document[name].to_string().contains(|c: char| !"[]null,".contains(c));
        prop_assert!(report.verdict != Verdict::Valid || says_nothing, "{}", document);
        let hosted = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/a", name: members});
        let _ = first(hosted.to_string().as_bytes());
        let token = jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &document, by(&key()));
        let _ = first(token.as_bytes());
    }

    #[test]
    fn a_list_is_unpacked_to_what_was_packed(bits in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(status::decode(&status::encode(&bits)), Some(bits));
    }

    #[test]
    fn a_time_is_read_as_it_was_written(second in -62_135_596_800_i64..253_402_300_799) {
        let time = jiff::Timestamp::from_second(second).unwrap();
        prop_assert_eq!(time::parse_strict(&time.to_string()), Some(time));
        prop_assert_eq!(time::parse_loose(&Value::from(second)), Some(time));
    }
}

#[test]
fn json_may_be_as_deep_as_the_limit_and_no_deeper() {
    assert!(json::parse(deep(MAX_JSON_DEPTH, "[", "]").as_bytes()).is_ok());
    assert_eq!(json::parse(deep(MAX_JSON_DEPTH + 1, "[", "]").as_bytes()), Err(json::JsonError::TooDeep));
    assert_eq!(first(b"{\"@context\": []}").format, Format::Json);
}
