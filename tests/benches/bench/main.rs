//! How fast, beside what: each figure stands next to its floor, measured in the same run, and with `--peers` next to other programs.
//! Times are CPU times, so that a busy machine changes little. `docs/performance.md` says what the figures should be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    missing_docs
)]

mod desk;
mod fixtures;
mod measure;
mod peers;
#[path = "../../tests/server/scene.rs"]
#[allow(dead_code, reason = "made for the tests of the server")]
mod scene;
mod server;
mod spine;
mod sync;
mod wallet;
mod window;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use satchel_badge::bake::bake;
use satchel_badge::check::{Policy, check};
use satchel_badge::container;
use satchel_badge::key::PublicKey;
use satchel_badge::proof::data_integrity as di;
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::report::Verdict;
use satchel_badge::sign::{Ed25519Signer, sign_credential};
use serde_json::Value;

use fixtures::Fixtures;
use measure::{child, each, pair, row};

/// Files in the folder that is verified.
const FILES: usize = 10_000;

fn main() {
    let with_peers = std::env::args().any(|argument| argument == "--peers");
    let folder = tempfile::tempdir().expect("a temporary folder");
    if std::env::args().any(|argument| argument == "--wallet") {
        return wallet::run(folder.path());
    }
    if std::env::args().any(|argument| argument == "--window") {
        return window::run();
    }
    let fixtures = Fixtures::new();
    if std::env::args().any(|argument| argument == "--desk") {
        return desk::run(&fixtures, folder.path());
    }
    if std::env::args().any(|argument| argument == "--server") {
        server::run(folder.path());
        return spine::run(folder.path());
    }
    if std::env::args().any(|argument| argument == "--sync") {
        return sync::run(&fixtures, folder.path());
    }
    println!("{:<52} {:>12} {:>12} {:>8}   goal", "figure", "Satchel", "floor", "ratio");
    let baked = folder.path().join("baked");
    issue_and_bake(&fixtures, &baked, folder.path());
    verify_folder(&baked);
    verify_in_memory(&fixtures);
    start(&baked);
    sign(&fixtures);
    bake_and_unbake(&fixtures, folder.path());
    desk::run(&fixtures, folder.path());
    wallet::run(folder.path());
    window::run();
    server::run(folder.path());
    spine::run(folder.path());
    sync::run(&fixtures, folder.path());
    if with_peers {
        peers::run(&fixtures, folder.path());
    }
}

fn satchel() -> PathBuf {
    let target = std::env::current_exe().expect("this program has a path");
    let built = target.ancestors().nth(2).expect("target/measured");
    built.join("satchel")
}

/// Award by award: signed, baked, written; beside writing the same bytes.
fn issue_and_bake(fixtures: &Fixtures, folder: &Path, scratch: &Path) {
    // They stay until the end, as all files of this program (desk.rs).
    let copies = scratch.join("copies");
    fs::create_dir_all(folder).expect("the folder of the files");
    fs::create_dir_all(&copies).expect("the folder of the copies");
    let bytes = bake(&fixtures.png, fixtures.signed(0).to_string().as_bytes()).expect("the picture takes a badge");
    let (mut issued, mut copied) = (0, 0);
    let issue = || {
        let signed = fixtures.signed(issued).to_string();
        let png = bake(&fixtures.png, signed.as_bytes()).expect("the picture takes a badge");
        fs::write(folder.join(format!("{issued:05}.png")), png).expect("a file");
        issued += 1;
    };
    let copy = || {
        fs::write(copies.join(format!("{copied:05}.png")), &bytes).expect("a file");
        copied += 1;
    };
    let (ours, floor) = pair(FILES, issue, copy);
    row("sign, bake and write one", ours, Some(floor), "1.5");
}

/// The whole program over the folder, beside the sum of its parts on one thread: read, parse, canonicalise, verify.
fn verify_folder(folder: &Path) {
    let paths: Vec<PathBuf> = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    let library = Library::default();
    let mut files = paths.iter().cycle();
    let floor = each(2_000, || parts(files.next().expect("a file"), &library));
    let mut command = Command::new(satchel());
    command.args(["verify", "--offline", "--json"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let run = child(&mut command);
    assert!(run.status.success(), "every file of the bench is valid");
    row("verify a folder of 10,000, CPU per file", run.cpu / FILES as f64, Some(floor), "2.0");
    println!(
        "{:<52} {:>12} {:>12} {:>8}   64 MB; all cores",
        "  peak memory, and cores used",
        format!("{:.1} MB", run.peak_kib as f64 / 1024.0),
        format!("{:.0}/s", FILES as f64 / run.wall),
        format!("{:.2}", run.cpu / run.wall)
    );
}

/// What no verifier can leave out.
fn parts(path: &Path, library: &Library) {
    let mut file = std::io::BufReader::new(fs::File::open(path).expect("a file"));
    let opened = container::open(&mut file).expect("it is read");
    let mut document: Value = serde_json::from_slice(&opened.embedded[0].text).expect("JSON");
    let proof = document["proof"][0].clone();
    document.as_object_mut().expect("an object").remove("proof");
    let options = di::options(&proof, document.get("@context"));
    let canonical = |value: &Value| {
        let walked = rdf::to_quads(value, library, None).expect("quads");
        rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256).expect("a canonical form")
    };
    let data = di::hash_data(&canonical(&options), &canonical(&document), HashAlgorithm::Sha256);
    let method = proof["verificationMethod"].as_str().expect("a method");
    let key = PublicKey::from_multikey(method.split_once('#').expect("a fragment").1).expect("a key");
    assert!(key.verify(&data, &di::signature(&proof).expect("a signature")), "it verifies");
}

fn verify_in_memory(fixtures: &Fixtures) {
    let policy = Policy::default();
    for (name, bytes, evidence, goal) in fixtures.in_memory() {
        let verify = || {
            let reports = check(&bytes, &evidence, &policy, fixtures.now);
            assert_eq!(reports[0].verdict, Verdict::Valid, "{name}: {:?}", reports[0].lines);
            black_box(reports);
        };
        row(&format!("verify in memory, {name}"), each(2_000, verify), None, goal);
    }
}

/// From the shell to one verdict, beside a process that does nothing.
fn start(folder: &Path) {
    let file = folder.join("00000.png");
    let median = |mut run: Box<dyn FnMut() -> f64>| {
        let mut times: Vec<f64> = (0..40).map(|_| run()).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let ours = median(Box::new(|| {
        let mut command = Command::new(satchel());
        child(command.args(["verify", "--offline"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null())).wall
    }));
    let floor = median(Box::new(|| child(&mut Command::new("/bin/true")).wall));
    row("process start to one verdict (wall)", ours, Some(floor), "30 ms");
}

fn sign(fixtures: &Fixtures) {
    let library = Library::default();
    let key = Ed25519Signer::did_key(&fixtures::SECRET);
    let unsigned = Fixtures::unsigned(1, &key);
    let ours = each(2_000, || {
        black_box(sign_credential(&unsigned, &key, fixtures.now, &library).expect("it is signed"));
    });
    row("sign one in memory, eddsa-rdfc-2022", ours, None, "");
}

fn bake_and_unbake(fixtures: &Fixtures, scratch: &Path) {
    let signed = fixtures.signed(1).to_string();
    let path = scratch.join("one.png");
    let bake_one = || {
        let baked = bake(&fixtures.png, signed.as_bytes()).expect("it is baked");
        fs::write(&path, baked).expect("a file");
    };
    let raw = scratch.join("raw.png");
    let (ours, floor) = pair(2_000, bake_one, || fs::write(&raw, &fixtures.png).expect("a file"));
    row("bake and write, 95 kB", ours, Some(floor), "1.3");
    let memory = each(5_000, || {
        black_box(bake(&fixtures.png, signed.as_bytes()).expect("it is baked"));
    });
    row("bake in memory, 95 kB", memory, None, "");
    let baked = bake(&fixtures.png, signed.as_bytes()).expect("it is baked");
    let ours = each(20_000, || {
        black_box(container::open_bytes(&baked));
    });
    row("unbake in memory, 95 kB", ours, None, "");
    let mut large = fixtures.png.clone();
    large.truncate(large.len() - 12);
    for _ in 0..1_000 {
        fixtures::push_chunk(&mut large, *b"IDAT", &[7; 8_192]);
    }
    fixtures::push_chunk(&mut large, *b"IEND", &[]);
    let large = bake(&large, signed.as_bytes()).expect("it is baked");
    let grown = each(2_000, || {
        black_box(container::open_bytes(&large));
    });
    row("unbake in memory, 8 MB in 1,000 more chunks", grown, Some(ours), "");
}
