//! The server with 100,000 badges of 10,000 people: a document, a page, changes and claims, each beside a bare handler that reads or writes the
//! same rows of the same size, with as many who ask.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as Part, State};
use axum::routing::{get, post};
use rusqlite::{Connection, params};
use satchel_protocol::sha256;

use crate::fixtures::Fixtures;
use crate::measure::row;
use crate::server::{Client, Server, account, bearer, id, now};

/// People, and the badges of each.
const PEOPLE: usize = 10_000;
const BADGES: usize = 10;
/// Changes in the feed of each, and records of an answer.
const CHANGES: usize = 10;
/// Invitations that are accepted.
const CLAIMS: usize = 4_000;
/// Who asks at once.
const ASKING: usize = 32;
/// Of how many turns the middle one counts.
const TURNS: usize = 3;

const DID: &str = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

/// What the bare handlers read and write: tables of one column of bytes, and a connection for each who reads.
struct Bare {
    readers: Vec<Mutex<Connection>>,
    writer: Mutex<Connection>,
    next: AtomicUsize,
    page: String,
}

pub fn run(folder: &Path) {
    let folder = folder.join("spine");
    let server = Server::start(&folder);
    let empty = server.memory();
    let bytes = fill(&folder);
    let page = server.connect().get("/p/bench1", "");
    let bare = bare(&folder, &bytes, page.len());
    let person = |number: usize| number * 7_919 % PEOPLE;
    let read = |name: &str, goal: &str, ours: &(dyn Fn(usize) -> (String, String) + Sync), floor: &str| {
        let (ours, floor) = rates(&server.host, &bare, ours, &|number| (format!("/{floor}/{}", person(number)), String::new()));
        row(&format!("server: {name}, of {ASKING} at once, wall each"), 1.0 / ours, Some(1.0 / floor), goal);
    };
    read("a document", "2.0", &|_| (format!("/issuers/{DID}/achievements/welding.json"), String::new()), "one");
    read("a page of ten badges", "2.0 of reading alone", &|number| (format!("/p/bench{}", person(number)), String::new()), "ten");
    read("ten changes", "2.0", &|number| (String::from("/api/v1/changes?cursor=0"), bearer(person(number))), "one");
    read("who asks, by a token", "2.0", &|number| (String::from("/api/v1/account"), bearer(person(number))), "one");
    claims(&server, &bare);
    let loaded = server.memory();
    println!("{:<52} {:>12} {:>12}            flat", "  memory after it, and before", mb(loaded), mb(empty));
}

fn mb(kilobytes: f64) -> String {
    format!("{:.1} MB", kilobytes / 1024.0)
}

/// Everything in the database of the server; the signed badges too.
fn fill(folder: &Path) -> Vec<Vec<u8>> {
    let fixtures = Fixtures::new();
    let mut database = Connection::open(folder.join("data/server.db")).expect("the database");
    database.busy_timeout(Duration::from_mins(1)).expect("a setting");
    let tx = database.transaction().expect("a transaction");
    let run = |sql: &str, given: &[&dyn rusqlite::ToSql]| {
        assert_eq!(tx.prepare_cached(sql).expect("a statement").execute(given).expect("a row"), 1);
    };
    let time = now() - 600_000_000;
    let issuer = id(4, 0);
    run("INSERT INTO issuer (id, did, name, created) VALUES (?1, ?2, 'Bench', ?3)", params![issuer, DID, time]);
    run("INSERT INTO client (id, name, redirects, created, used) VALUES (?1, 'Bench', '[]', ?2, ?2)", params![id(1, 0), time]);
    let document = fixtures.signed(0).to_string().into_bytes();
    run(
        "INSERT INTO document (issuer, path, media, bytes, hash, updated) VALUES (?1, 'achievements/welding.json', 'application/ld+json',
         ?2, ?3, ?4)",
        params![issuer, document, sha256(&document), time],
    );
    let award = |number: usize, holder: Option<[u8; 16]>, bytes: &[u8]| {
        let sql = "INSERT INTO award (id, issuer, credential, achievement, name, ob3, issued, holder, hidden, created)
                   VALUES (?1, ?2, ?3, 'urn:bench', 'Careful Welding', ?4, ?5, ?6, 0, ?5)";
        run(sql, params![id(5, number), issuer, format!("urn:bench:{number}"), bytes, time, holder]);
    };
    let mut all = Vec::new();
    for person in 0..PEOPLE {
        account(&tx, person, "public", time);
        let feed = id(2, person);
        run("INSERT INTO feed (id, head, cut) VALUES (?1, ?2, 0)", params![feed, CHANGES as i64]);
        for seq in 1..=CHANGES as i64 {
            let sql = "INSERT INTO change (feed, seq, kind, subject, at) VALUES (?1, ?2, 'award', ?3, ?4)";
            run(sql, params![feed, seq, id(5, person), time + seq]);
        }
        for badge in 0..BADGES {
            let number = person * BADGES + badge;
            let bytes = fixtures.signed(number).to_string().into_bytes();
            award(number, Some(feed), &bytes);
            if person < PEOPLE / 10 {
                all.push(bytes);
            }
        }
    }
    for (claim, bytes) in all.iter().enumerate().take(CLAIMS) {
        let number = PEOPLE * BADGES + claim;
        award(number, None, bytes);
        let sql = "INSERT INTO invitation (id, award, issuer, address, shown, name, language, state, created, changed, expires)
                   VALUES (?1, ?2, ?3, ?4, ?4, 'Ada', 'en', 'sent', ?5, ?5, ?6)";
        let address = format!("bench{claim}@posta.example");
        run(sql, params![id(6, claim), id(5, number), issuer, address, time, now() + 86_400_000_000]);
        let sql = "INSERT INTO address (address, shown, account, is_main, verified) VALUES (?1, ?1, ?2, 1, ?3)";
        run(sql, params![address, id(2, claim), time]);
    }
    tx.commit().expect("it is kept");
    all
}

/// The same server without anything of Satchel: axum and SQLite, as safe as ours.
fn bare(folder: &Path, bytes: &[Vec<u8>], page: usize) -> String {
    let path = folder.join("bare.db");
    let mut writer = Connection::open(&path).expect("a database");
    let begin = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                 CREATE TABLE award (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
                 CREATE TABLE claim (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;";
    writer.execute_batch(begin).expect("tables");
    let tx = writer.transaction().expect("a transaction");
    for number in 0..PEOPLE * BADGES {
        let sql = "INSERT INTO award (id, bytes) VALUES (?1, ?2)";
        tx.prepare_cached(sql).expect("a statement").execute(params![number as i64, bytes[number % bytes.len()]]).expect("a row");
    }
    tx.commit().expect("it is kept");
    let readers = (0..4).map(|_| Mutex::new(Connection::open(&path).expect("a database"))).collect();
    let state = Arc::new(Bare { readers, writer: Mutex::new(writer), next: AtomicUsize::default(), page: "x".repeat(page) });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async move {
            listener.set_nonblocking(true).expect("a socket");
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let router = Router::new()
                .route("/one/{number}", get(one))
                .route("/ten/{number}", get(ten))
                .route("/claim/{number}", post(claim))
                .with_state(state);
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    address
}

impl Bare {
    fn read(&self, first: usize, count: usize) -> Vec<Vec<u8>> {
        let reader = &self.readers[self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len()];
        let reader = reader.lock().expect("a reader");
        let mut statement = reader.prepare_cached("SELECT bytes FROM award WHERE id >= ?1 LIMIT ?2").expect("a statement");
        let rows = statement.query_map(params![first as i64, count as i64], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    }
}

async fn one(State(bare): State<Arc<Bare>>, Part(number): Part<usize>) -> Vec<u8> {
    tokio::task::spawn_blocking(move || bare.read(number, 1).concat()).await.expect("it is read")
}

/// Ten rows, and a page as long as ours.
async fn ten(State(bare): State<Arc<Bare>>, Part(number): Part<usize>) -> String {
    let read = move || {
        assert_eq!(bare.read(number * BADGES, BADGES).len(), BADGES);
        bare.page.clone()
    };
    tokio::task::spawn_blocking(read).await.expect("it is read")
}

/// One row, one commit.
async fn claim(State(bare): State<Arc<Bare>>, Part(number): Part<usize>) -> String {
    let write = move || {
        let bytes = bare.read(number, 1).concat();
        let writer = bare.writer.lock().expect("a writer");
        let mut statement = writer.prepare_cached("INSERT INTO claim (bytes) VALUES (?1)").expect("a statement");
        statement.execute(params![bytes]).expect("a row");
        String::from("{}")
    };
    tokio::task::spawn_blocking(write).await.expect("it is written")
}

/// What a request asks for, and its headers.
type Asks<'a> = &'a (dyn Fn(usize) -> (String, String) + Sync);

/// Answers a second of both, in turns; the middle of three.
fn rates(ours: &str, floor: &str, of_ours: Asks<'_>, of_floor: Asks<'_>) -> (f64, f64) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        first.push(rate(ours, of_ours));
        second.push(rate(floor, of_floor));
    }
    let middle = |mut rates: Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[TURNS / 2]
    };
    (middle(first), middle(second))
}

fn rate(host: &str, asks: Asks<'_>) -> f64 {
    let (started, next) = (Instant::now(), AtomicUsize::default());
    thread::scope(|scope| {
        for _ in 0..ASKING {
            scope.spawn(|| {
                let mut client = Client::to(host);
                while started.elapsed() < Duration::from_secs(2) {
                    let (path, headers) = asks(next.fetch_add(1, Ordering::Relaxed));
                    client.get(&path, &headers);
                }
            });
        }
    });
    next.into_inner() as f64 / started.elapsed().as_secs_f64()
}

/// Everybody accepts an invitation, beside one row written for each.
fn claims(server: &Server, bare: &str) {
    let accept = |number: usize| {
        let invitation = uuid(id(6, number));
        (format!("/api/v1/invitations/{invitation}/accept"), bearer(number))
    };
    let turn = |host: &str, asks: Asks<'_>, first: usize| {
        let (started, next) = (Instant::now(), AtomicUsize::new(first));
        thread::scope(|scope| {
            for _ in 0..ASKING {
                scope.spawn(|| {
                    let mut client = Client::to(host);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= first + CLAIMS / 4 {
                            break;
                        }
                        let (path, headers) = asks(number);
                        client.ask("POST", &path, &headers, r#"{"visibility":null}"#);
                        client.answer();
                    }
                });
            }
        });
        started.elapsed().as_secs_f64()
    };
    let (mut ours, mut floor) = (0.0, 0.0);
    for part in 0..4 {
        ours += turn(&server.host, &accept, part * CLAIMS / 4);
        floor += turn(bare, &|number| (format!("/claim/{number}"), String::new()), part * CLAIMS / 4);
    }
    let each = |seconds: f64| seconds / CLAIMS as f64;
    row(&format!("server: a claim, of {ASKING} at once, wall each"), each(ours), Some(each(floor)), "1.4");
}

fn uuid(id: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(id));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
