//! Hostile bytes: every target of the `fuzz` folder, for a second each or `SATCHEL_FUZZ_SECONDS`. The numbers begin at
//! `SATCHEL_FUZZ_SEED`; a long run without one begins anywhere. What breaks a target is saved under `target/fuzz`; once understood it
//! goes to `fuzz/regressions/TARGET` and is fed first ever after.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fs;
use std::io::{Cursor, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::report::{Report, Verdict};
use satchel_tests::data;
use satchel_tests::mutate::{Random, mutate};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The most processor time that one input may take.
const LIMIT: Duration = Duration::from_secs(2);
/// After this long without an end an input is taken to never end.
const STUCK: Duration = Duration::from_secs(30);
/// The most memory of a whole test program, in kB.
const MEMORY: u64 = 1_000_000;

fn seconds() -> Duration {
    let stated = std::env::var("SATCHEL_FUZZ_SECONDS").ok().map(|text| text.parse().expect("SATCHEL_FUZZ_SECONDS is a number"));
    Duration::from_secs_f64(stated.unwrap_or(1.0))
}

fn first_number() -> u64 {
    match std::env::var("SATCHEL_FUZZ_SEED") {
        Ok(text) => text.parse().expect("SATCHEL_FUZZ_SEED is a number"),
        Err(_) if std::env::var_os("SATCHEL_FUZZ_SECONDS").is_some() => {
            u64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() & u128::from(u64::MAX)).unwrap()
        }
        Err(_) => 1,
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Samples whose names end like this, none very long: a short one is mutated more often.
fn samples(ends: &[&str]) -> Vec<Vec<u8>> {
    let names = data::under("").into_iter().filter(|name| ends.iter().any(|end| name.ends_with(end)));
    names.map(|name| data::bytes(&name)).filter(|bytes| bytes.len() < 120_000).collect()
}

/// Every text under these names, anywhere in the samples.
fn members(wanted: &[&str]) -> Vec<Vec<u8>> {
    fn collect(value: &Value, wanted: &[&str], found: &mut Vec<Vec<u8>>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if wanted.contains(&name.as_str()) => found.push(text.clone().into_bytes()),
                        inner => collect(inner, wanted, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, wanted, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for sample in samples(&[".json"]) {
        if let Ok(value) = serde_json::from_slice(&sample) {
            collect(&value, wanted, &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "png" => samples(&[".png"]),
        "svg" => samples(&[".svg"]),
        "picture" => samples(&[".png", ".svg"]),
        "json" | "jsonld" => samples(&[".json"]),
        "jws" => samples(&[".jwt"]),
        "key" => {
            [members(&["publicKeyMultibase", "publicKeyPem", "publicKeyBase58"]), samples(&["key1.json", "key3.json"])].concat()
        }
        "did" => [members(&["issuer", "verificationMethod", "controller", "issuanceDate", "validFrom"]), samples(&["-did.json"])]
            .concat(),
        "status_list" => members(&["encodedList"]),
        "bake" => samples(&[".png", ".svg", "simple.json", ".jwt", "assertion.json"]),
        "zip" => archives(),
        "http" => answers(),
        "csv" => tables(),
        "prose" => prose(),
        "evidence" => [
            samples(&["-did.json", "badge.json", "organization.json", "key1.json", "context.json"]),
            samples(&["CbZ1GjycuPombrj.json"]),
        ]
        .concat(),
        _ => samples(&[".png", ".svg", ".json", ".jwt", ".1ob"]),
    }
}

/// Archives of some samples, as one writes them and as another does.
fn archives() -> Vec<Vec<u8>> {
    let ways = [CompressionMethod::Stored, CompressionMethod::Deflated];
    let archive = |(number, files): (usize, &[Vec<u8>])| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_directory("class/", SimpleFileOptions::default()).unwrap();
        for (at, bytes) in files.iter().enumerate() {
            let options = SimpleFileOptions::default().compression_method(ways[(number + at) % 2]).unix_permissions(0o644);
            writer.start_file(format!("class/{at}.json"), options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    samples(&["simple.json", ".jwt"]).chunks(2).enumerate().map(archive).collect()
}

/// Texts with all that is read in them.
fn prose() -> Vec<Vec<u8>> {
    let texts = [
        "# A\n\nOne **two** *three* `four`\n\n- a\n  1. b\n     > c\n\n    code\n",
        "[a](https://a.example/?b=1 \"t\") <https://a.example> <ada@example.org> ![b](c.png) [d]\n\n[d]: mailto:ada@example.org\n",
        "<div onclick=x>\n\n&#x202e;&amp; <!-- a --> \\* ***a** b*\n---\n```x\n~~~\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

/// Tables of recipients, as several spreadsheets save them.
fn tables() -> Vec<Vec<u8>> {
    let tables = [
        "email,name,issued_on,expires,evidence_url,narrative\nada@example.org,Ada,2026-01-01,2030-12-31,https://example.org/a,Well done.\n",
        "\u{feff}email;name\r\nada@example.org;\"Lovelace; Ada\"\r\nbob@example.org;\"Bob \"\"B\"\"\"\r\n\r\n",
        "name\temail\n\u{5d0}\u{5d3}\u{5d4}\tADA@example.org\n\tada@example.org\nx\tnobody\n",
        "email,narrative,issued_on\neve@example.org,\"two\nlines\",2026-01-01T10:00:00Z\neve+1@example.org,=1+1,tomorrow\n",
    ];
    tables.map(|table| table.as_bytes().to_vec()).to_vec()
}

/// Answers of hosts: a document, one in pieces, one that is packed, and others that lead elsewhere.
fn answers() -> Vec<Vec<u8>> {
    let document = data::bytes("ob2/basic-assertion.json");
    let length = document.len();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&document).unwrap();
    let packed = packed.finish().unwrap();
    let with = |head: String, body: &[u8]| [head.as_bytes(), b"\r\n\r\n", body].concat();
    let half = &document[..length / 2];
    let pieces = [format!("{:x}\r\n", half.len()).as_bytes(), half, b"\r\n0\r\n\r\n"].concat();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
    let mut answers = vec![
        with(format!("{head}\r\nContent-Length: {length}"), &document),
        with(format!("{head}\r\nTransfer-Encoding: chunked"), &pieces),
        with(format!("{head}\r\nContent-Encoding: gzip\r\nContent-Length: {}", packed.len()), &packed),
        with(String::from("HTTP/1.0 404 Not Found\r\nConnection: close"), b"gone"),
        with(String::from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), &document),
    ];
    for place in ["/elsewhere", "https://example.org/", "//example.org", "http://[::1]:1/", "?a", "\u{e9}"] {
        answers.push(with(format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0"), b""));
    }
    answers
}

/// Inputs that broke a target once.
fn regressions(target: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(root().join("fuzz/regressions").join(target)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Processor time of this thread; the clock's where the system does not tell.
fn cpu(since: Instant) -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let told = text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok());
    told.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Keeps an input that broke something.
fn keep(target: &str, input: &[u8]) -> PathBuf {
    let folder = root().join("target/fuzz");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!(
        "{target}-{:016x}",
        input.iter().fold(input.len() as u64, |hash, byte| { (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3) })
    ));
    fs::write(&path, input).unwrap();
    path
}

/// What is being fed, and since when.
type Current = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// Feeds a function for its time.
fn feed(target: &'static str, seeds: Vec<Vec<u8>>, function: impl Fn(&[u8]) + Send + 'static) {
    assert!(!seeds.is_empty(), "{target} has no seeds");
    let current: Current = Arc::default();
    let shared = Arc::clone(&current);
    let feeder =
        thread::Builder::new().name(target.to_owned()).spawn(move || feed_all(target, &seeds, &function, &shared)).unwrap();
    while !feeder.is_finished() {
        thread::sleep(Duration::from_millis(20));
        let stuck =
            current.lock().unwrap().as_ref().filter(|(since, _)| since.elapsed() > STUCK).map(|(_, input)| keep(target, input));
        assert!(stuck.is_none(), "{target} does not end for {stuck:?}");
    }
    let (fed, seed, broken) = feeder.join().unwrap();
    println!("{target}: {fed} inputs, beginning at {seed}");
    assert!(broken.is_empty(), "{target}, seed {seed}, after {fed} inputs:\n{}", broken.join("\n"));
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    assert!(memory.is_none_or(|memory| memory < MEMORY), "{target} took {memory:?} kB");
}

fn feed_all(
    target: &str,
    seeds: &[Vec<u8>],
    function: &dyn Fn(&[u8]),
    current: &Mutex<Option<(Instant, Vec<u8>)>>,
) -> (usize, u64, Vec<String>) {
    let seed = first_number();
    let mut random = Random::new(seed);
    let mut broken: Vec<String> = Vec::new();
    let mut given = regressions(target).into_iter().chain(seeds.iter().cloned());
    let started = Instant::now();
    let mut fed = 0;
    loop {
        let input = match given.next() {
            Some(input) => input,
            None if started.elapsed() > seconds() || broken.len() > 4 => return (fed, seed, broken),
            None => mutate(&seeds[random.below(seeds.len())].clone(), seeds, &mut random),
        };
        *current.lock().unwrap() = Some((Instant::now(), input.clone()));
        let (since, before) = (Instant::now(), cpu(started));
        let outcome = catch_unwind(AssertUnwindSafe(|| function(&input)));
        let took = cpu(started).saturating_sub(before).min(since.elapsed());
        *current.lock().unwrap() = None;
        fed += 1;
        let why = match outcome {
            Err(panic) => {
                panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()))
            }
            Ok(()) if took > LIMIT => Some(format!("took {took:?}")),
            Ok(()) => continue,
        };
        let why: String = why.unwrap_or_default().chars().take(600).collect();
        broken.push(format!("{}: {why}", keep(target, &input).display()));
    }
}

fn fuzz(name: &'static str) {
    let (_, function) = satchel_fuzz::TARGETS.iter().find(|(target, _)| *target == name).expect("a target of this name");
    feed(name, seeds(name), function);
}

#[test]
fn no_png_breaks_its_reader() {
    fuzz("png");
}

#[test]
fn no_svg_breaks_its_reader() {
    fuzz("svg");
}

#[test]
fn no_picture_breaks_its_drawing() {
    fuzz("picture");
}

#[test]
fn no_text_breaks_the_reader_of_json() {
    fuzz("json");
}

#[test]
fn no_text_breaks_the_reader_of_prose() {
    fuzz("prose");
}

#[test]
fn no_text_breaks_the_reader_of_jws() {
    fuzz("jws");
}

#[test]
fn no_document_breaks_the_walk_to_quads() {
    fuzz("jsonld");
}

#[test]
fn no_text_breaks_the_reader_of_keys() {
    fuzz("key");
}

#[test]
fn no_text_breaks_the_reader_of_dids() {
    fuzz("did");
}

#[test]
fn no_status_list_breaks_its_reader() {
    fuzz("status_list");
}

#[test]
fn no_archive_breaks_its_reader() {
    fuzz("zip");
}

#[test]
fn no_answer_of_a_host_breaks_the_client() {
    fuzz("http");
}

#[test]
fn no_table_of_recipients_breaks_its_reader() {
    fuzz("csv");
}

#[test]
fn nothing_that_is_baked_comes_out_otherwise() {
    fuzz("bake");
}

#[test]
fn no_file_breaks_a_check() {
    fuzz("check");
}

#[test]
fn no_served_document_breaks_a_check() {
    fuzz("evidence");
}

#[test]
fn every_target_is_fed() {
    let source = include_str!("fuzz.rs");
    let forgotten: Vec<_> = satchel_fuzz::TARGETS
        .iter()
        .filter(|(name, _)| !source.contains(&format!("    fuzz(\"{name}\");")))
        .map(|(name, _)| name)
        .collect();
    assert!(forgotten.is_empty(), "no test feeds {forgotten:?}");
}

/// What a person reads in a badge: all of the view but the bytes. Its lists are sets: the same in any order, and when one says a thing
/// twice (a suite that signs quads covers no more than that).
fn view(report: &Report) -> Value {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(sort);
                items.sort_by_key(Value::to_string);
                items.dedup();
            }
            Value::Object(members) => members.values_mut().for_each(sort),
            _ => {}
        }
    }
    let mut view = serde_json::to_value(&report.badge).unwrap();
    if let Some(members) = view.as_object_mut() {
        members.remove("data");
    }
    sort(&mut view);
    view
}

#[test]
fn no_change_leaves_a_badge_valid_with_other_words() {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let mut evidence = Evidence::default();
    for (url, file) in data::json("status/MAP.json").as_object().unwrap() {
        let document = Document { fetched: Some(now), ..Document::given(data::bytes(file.as_str().unwrap())) };
        evidence.add(url, document);
    }
    let names = data::under("").into_iter().filter(|name| !name.starts_with("vectors/"));
    let (mut seeds, mut views) = (Vec::new(), Vec::new());
    for bytes in names.map(|name| data::bytes(&name)).filter(|bytes| bytes.len() < 120_000) {
        let reports = check(&bytes, &evidence, &Policy::default(), now);
        let valid: Vec<Value> = reports.iter().filter(|report| report.verdict == Verdict::Valid).map(view).collect();
        if !valid.is_empty() {
            seeds.push(bytes);
            views.extend(valid);
        }
    }
    assert!(seeds.len() > 20, "{} samples are valid", seeds.len());
    feed("valid", seeds, move |bytes| {
        for report in check(bytes, &evidence, &Policy::default(), now) {
            let seen = view(&report);
            assert!(report.verdict != Verdict::Valid || views.contains(&seen), "valid, and nobody signed it: {seen}");
        }
    });
}
