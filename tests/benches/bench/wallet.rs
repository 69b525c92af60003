//! A wallet: one commit and imports in batches beside a bare database, and 100,000 badges taken in and found again as the window does, at each
//! letter that is typed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use satchel_wallet::{Candidate, Query, Sha256, Shelf, Sort, Wallet};
use serde_json::json;

use crate::fixtures::Fixtures;
use crate::measure::{child, each, pair, row};

/// Badges in the wallet.
const BADGES: usize = 100_000;

/// Badges of one transaction.
const BATCH: usize = 500;

const WORDS: [&str; 20] = [
    "welding",
    "brazing",
    "steel",
    "carpentry",
    "python",
    "rust",
    "english",
    "history",
    "physics",
    "chemistry",
    "safety",
    "first",
    "aid",
    "music",
    "piano",
    "guitar",
    "weaving",
    "water",
    "web",
    "wood",
];

/// Badges that are imported by the program, each in a file of its own and signed.
const IMPORTED: usize = 10_000;

/// Files of one transaction of the program.
const FILES: usize = 64;

/// What is typed, letter by letter and in other ways.
const TYPED: [&str; 14] = [
    "",
    "w",
    "we",
    "wel",
    "weld",
    "welding",
    "welding s",
    "welding steel",
    "istituto",
    "4321",
    "welding 4321",
    "zzz",
    "chem",
    "rust",
];

/// Two-letter beginnings of words, which fit more badges than any other.
const SHORT: [&str; 8] = ["we", "st", "pi", "is", "sc", "in", "43", "wo"];

pub fn run(folder: &Path) {
    one_commit(folder);
    import(folder);
    library(folder);
}

/// A database with nothing but a table for files, as safe as a wallet.
fn bare(path: &Path) -> Connection {
    let db = Connection::open(path).expect("a database");
    let begin = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE original (number INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;";
    db.execute_batch(begin).expect("a table");
    db
}

fn insert(db: &Connection, bytes: &[u8]) {
    let mut statement = db.prepare_cached("INSERT INTO original (sha256, bytes) VALUES (?1, ?2)").expect("a statement");
    statement.execute(params![Sha256::of(bytes), bytes]).expect("a row");
}

/// One badge taken in, and on the disk, beside one row in a bare database; waiting for the disk counts, so it is the clock that tells.
fn one_commit(folder: &Path) {
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a time");
    let mut wallet = Wallet::open_or_create(&folder.join("commits"), now).expect("a wallet");
    let db = bare(&folder.join("bare.db"));
    let mut importer = wallet.importer(None, now);
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for number in 0..400 {
        let bytes = badge(number).into_bytes();
        let candidate = Candidate::of_bytes("a.json", &bytes);
        let started = Instant::now();
        importer.take(&[candidate]).expect("it is kept");
        ours.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        insert(&db, &bytes);
        floor.push(started.elapsed().as_secs_f64());
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    row("take in one badge, one commit (wall, median)", median(&mut ours), Some(median(&mut floor)), "2.0");
}

/// The program's import of signed badges, beside its check of the same files and a bare database that takes them in as large steps.
fn import(folder: &Path) {
    let (fixtures, files) = (Fixtures::new(), folder.join("credentials"));
    fs::create_dir_all(&files).expect("a folder");
    let texts: Vec<Vec<u8>> = (0..IMPORTED).map(|number| fixtures.signed(number).to_string().into_bytes()).collect();
    for (number, text) in texts.iter().enumerate() {
        fs::write(files.join(format!("{number:05}.json")), text).expect("a file");
    }
    let run = |words: &[&str]| {
        let mut command = Command::new(super::satchel());
        child(command.args(words).arg(&files).stdout(Stdio::null()).stderr(Stdio::null()))
    };
    let wallet = folder.join("imported").display().to_string();
    let checked = run(&["verify", "--offline", "--json"]);
    let imported = run(&["wallet", "import", "--offline", "--json", "--wallet", &wallet]);
    assert!(checked.status.success() && imported.status.success(), "every file of the bench is valid");
    let db = bare(&folder.join("rows.db"));
    let mut batches = texts.chunks(FILES);
    let insert_batch = || {
        db.execute_batch("BEGIN").expect("a transaction");
        batches.next().expect("a batch").iter().for_each(|text| insert(&db, text));
        db.execute_batch("COMMIT").expect("a commit");
    };
    // Each batch once: a row that is there is none that is added.
    let inserted = pair(IMPORTED / FILES, insert_batch, || {}).0 / FILES as f64;
    let count = IMPORTED as f64;
    row("import one of 10,000, CPU; beside verify and insert", imported.cpu / count, Some(checked.cpu / count + inserted), "1.3");
    let wall = [imported.wall, checked.wall].map(|seconds| format!("{:.0}/s", count / seconds));
    println!("{:<52} {:>12} {:>12}", "  a second, and of verify alone", wall[0], wall[1]);
}

fn library(folder: &Path) {
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().expect("a time");
    let mut wallet = Wallet::open_or_create(&folder.join("wallet"), now).expect("a wallet");
    let mut importer = wallet.importer(None, now);
    let mut next = 0;
    let take = || {
        let batch: Vec<Candidate> =
            (next..next + BATCH).map(|number| Candidate::of_bytes("a.json", badge(number).as_bytes())).collect();
        importer.take(&batch).expect("they are kept");
        next += BATCH;
    };
    let import = each(BADGES / BATCH, take) / BATCH as f64;
    row("import one of 100,000, unsigned, one thread", import, None, "-");
    let sorts = [Sort::Best, Sort::Added, Sort::Issued, Sort::Name, Sort::Issuer];
    let mut times: Vec<(f64, String)> = Vec::new();
    for sort in sorts {
        for text in TYPED {
            let query = Query { text: text.to_owned(), sort, limit: Some(60), ..Query::default() };
            // Of some times the shortest, each after another search, as if typed anew.
            let other = Query { text: String::from("zzz"), ..query.clone() };
            let once = |_| {
                wallet.find(&other, now).expect("it is searched");
                let started = Instant::now();
                wallet.find(&query, now).expect("it is searched");
                started.elapsed().as_secs_f64()
            };
            times.push(((0..5).map(once).fold(f64::MAX, f64::min), format!("{sort:?} {text:?}")));
        }
    }
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    row("find in 100,000, median of what is typed", times[times.len() / 2].0, None, "16 ms");
    row("find in 100,000, 95th of 100", times[times.len() * 95 / 100].0, None, "16 ms");
    let (slowest, what) = times.last().expect("one at least").clone();
    row(&format!("find in 100,000, slowest: {what}"), slowest, None, "-");
    let short = SHORT.map(|text| {
        let query = Query { text: text.to_owned(), limit: Some(60), ..Query::default() };
        let other = Query { text: String::from("zzz"), ..query.clone() };
        let once = |_| {
            wallet.find(&other, now).expect("it is searched");
            let started = Instant::now();
            wallet.find(&query, now).expect("it is searched");
            started.elapsed().as_secs_f64()
        };
        (0..5).map(once).fold(f64::MAX, f64::min)
    });
    row("find in 100,000 by two letters, the slowest of 8", short.into_iter().fold(0.0, f64::max), None, "16 ms");
    let query = Query { offset: 50_000, limit: Some(60), ..Query::default() };
    wallet.find(&query, now).expect("it is listed");
    row("read on in a list of 100,000", each(50, || drop(wallet.find(&query, now).expect("a page"))), None, "16 ms");
    row("what there is to choose from", each(5, || drop(wallet.facets(Shelf::Kept, now).expect("facets"))), None, "-");
    drop(wallet);
    row("open a wallet of 100,000", each(1, || drop(Wallet::open(&folder.join("wallet"), now).expect("it opens"))), None, "-");
}

/// A hosted badge, which is not signed: checking signatures is measured elsewhere.
pub fn badge(number: usize) -> String {
    let word = |every: usize| WORDS[number / every % WORDS.len()];
    let host = format!("https://school-{}.example", number % 300);
    json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": format!("{host}/assertions/{number}"),
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"},
        "issuedOn": format!("{}-01-01T00:00:00Z", 2012 + number % 14), "verification": {"type": "HostedBadge"},
        "badge": {"type": "BadgeClass", "id": format!("{host}/class"), "name": format!("{} {} {number}", word(1), word(20)),
            "description": format!("Shows that its holder knows {} and {}.", word(3), word(11)), "tags": ["craft", word(7)],
            "criteria": {"narrative": "Do it."}, "image": format!("{host}/image.png"),
            "issuer": {"type": "Issuer", "id": format!("{host}/issuer"), "name": format!("Istituto {} {}", word(7), number % 300)}},
    })
    .to_string()
}
