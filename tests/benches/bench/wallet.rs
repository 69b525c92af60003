//! A wallet of 100,000 badges: taking them in, and finding them again as the window does, at each letter that is typed.

use std::path::Path;

use jiff::Timestamp;
use satchel_wallet::{Candidate, Query, Shelf, Sort, Wallet};
use serde_json::json;

use crate::measure::{each, row};

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

pub fn run(folder: &Path) {
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
            let took = each(1, || drop(wallet.find(&query, now).expect("it is searched")));
            times.push((took, format!("{sort:?} {text:?}")));
        }
    }
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    row("find in 100,000, median of what is typed", times[times.len() / 2].0, None, "16 ms");
    row("find in 100,000, 95th of 100", times[times.len() * 95 / 100].0, None, "16 ms");
    let (slowest, what) = times.last().expect("one at least").clone();
    row(&format!("find in 100,000, slowest: {what}"), slowest, None, "-");
    let query = Query { offset: 50_000, limit: Some(60), ..Query::default() };
    wallet.find(&query, now).expect("it is listed");
    row("read on in a list of 100,000", each(50, || drop(wallet.find(&query, now).expect("a page"))), None, "16 ms");
    row("what there is to choose from", each(5, || drop(wallet.facets(Shelf::Kept, now).expect("facets"))), None, "-");
    drop(wallet);
    row("open a wallet of 100,000", each(1, || drop(Wallet::open(&folder.join("wallet"), now).expect("it opens"))), None, "-");
}

/// A hosted badge, which is not signed: checking signatures is measured elsewhere.
fn badge(number: usize) -> String {
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
