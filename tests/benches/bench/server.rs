//! The server as programs ask it: what a token costs, a long feed beside copying its bytes, and a thousand who wait. And as people do: a
//! catalogue of 100,000 badges, its search and its pages, beside a handler that reads a row and sends as many bytes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ToSql, Transaction, params};
use satchel_protocol::sha256;
use serde_json::Value;

use crate::measure::row;

/// Records of the feed.
const RECORDS: i64 = 10_000;
/// Who waits.
const WAITING: usize = 1_000;

/// A running server; it ends with this.
pub struct Server {
    child: Child,
    pub host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    pub fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        // Each request may say whom it is for: one visitor searches no more than a person does.
        let config = folder.join("server.toml");
        fs::write(&config, "trusted_proxies = ['127.0.0.1']\n").expect("its settings");
        let mut command = Command::new(crate::satchel());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .arg("--mail-dir")
            .arg(folder.join("mail"))
            .arg("--config")
            .arg(&config);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let url = told["listening"].as_str().expect("an address");
        Self { child, host: url.strip_prefix("http://").expect("http").to_owned() }
    }

    /// Kilobytes that it has in memory.
    pub fn memory(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        found.unwrap_or_default()
    }

    pub fn connect(&self) -> Client {
        Client::to(&self.host)
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    pub fn to(host: &str) -> Self {
        let stream = TcpStream::connect(host).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream: BufReader::new(stream), host: host.to_owned() }
    }

    /// The answer to a question.
    pub fn get(&mut self, path: &str, headers: &str) -> Vec<u8> {
        self.ask("GET", path, headers, "");
        self.answer()
    }

    pub fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) {
        let length = body.len();
        let host = &self.host;
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(head.as_bytes()).expect("it is sent");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line");
        line
    }

    /// The body of the answer.
    pub fn answer(&mut self) -> Vec<u8> {
        let (mut length, mut chunked) = (0, false);
        assert!(self.line().contains(" 200 "), "it is answered");
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.trim().is_empty() {
                break;
            }
            length = line.strip_prefix("content-length:").map_or(length, |it| it.trim().parse().expect("a length"));
            chunked |= line.starts_with("transfer-encoding:");
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the body");
        while chunked {
            let size = usize::from_str_radix(self.line().trim(), 16).expect("a size");
            let start = body.len();
            body.resize(start + size + 2, 0);
            self.stream.read_exact(&mut body[start..]).expect("a chunk");
            body.truncate(start + size);
            chunked = size > 0;
        }
        body
    }

    /// The tag of the answer, and how long it is.
    fn tagged(&mut self) -> (String, usize) {
        let (mut tag, mut length) = (String::new(), 0);
        assert!(self.line().contains(" 200 "), "it is answered");
        loop {
            let line = self.line();
            let lower = line.to_ascii_lowercase();
            if line.trim().is_empty() {
                break;
            }
            if lower.starts_with("etag:") {
                line["etag:".len()..].trim().clone_into(&mut tag);
            }
            length = lower.strip_prefix("content-length:").map_or(length, |it| it.trim().parse().expect("a length"));
        }
        self.stream.read_exact(&mut vec![0; length]).expect("the body");
        (tag, length)
    }

    /// That nothing has changed.
    fn unchanged(&mut self) {
        assert!(self.line().contains(" 304 "), "it is known");
        while !self.line().trim().is_empty() {}
    }

    /// Waits for the next event.
    fn event(&mut self) {
        while !self.line().starts_with("data:") {}
    }
}

pub fn bearer(number: usize) -> String {
    format!("authorization: Bearer {}\r\n", token(number))
}

pub fn token(number: usize) -> String {
    format!("{number:0>32}")
}

/// An id of a kind of things.
pub fn id(kind: u8, number: usize) -> [u8; 16] {
    let mut id = [kind; 16];
    id[8..].copy_from_slice(&(number as u64).to_be_bytes());
    id
}

/// Now, in microseconds.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// An account, a program of its own and its token, which does not end.
pub fn account(tx: &Transaction<'_>, number: usize, page: &str, time: i64) {
    let run = |sql: &str, given: &[&dyn ToSql]| {
        assert_eq!(tx.prepare_cached(sql).expect("a statement").execute(given).expect("a row"), 1);
    };
    let (account, device) = (id(2, number), id(3, number));
    let sql =
        "INSERT INTO account (id, state, role, given_name, family_name, birth_date, password, language, slug, page, page_chosen,
               indexed, created, seen) VALUES (?1, 'active', NULL, 'Ada', '', '1990-01-01', NULL, 'en', ?2, ?3, ?4, 0, ?4, ?4)";
    run(sql, params![account, format!("bench{number}"), page, time]);
    let sql =
        "INSERT INTO device (id, account, client, name, scope, created, seen) VALUES (?1, ?2, ?3, 'Bench', 'wallet', ?4, ?4)";
    run(sql, params![device, account, id(1, 0), time]);
    let sql = "INSERT INTO token (hash, device, kind, expires) VALUES (?1, ?2, 'access', ?3)";
    run(sql, params![sha256(token(number).as_bytes()), device, time + 48 * 3_600_000_000]);
}

/// Accounts with a program each; the first one has a long feed.
fn people(folder: &Path) {
    let mut database = Connection::open(folder.join("data/server.db")).expect("the database");
    database.busy_timeout(Duration::from_secs(10)).expect("a setting");
    let tx = database.transaction().expect("a transaction");
    let time = now() - 60_000_000;
    let run = |sql: &str, given: &[&dyn ToSql]| assert_eq!(tx.execute(sql, given).expect("a row"), 1);
    run("INSERT INTO client (id, name, redirects, created, used) VALUES (?1, 'Bench', '[]', ?2, ?2)", params![id(1, 0), time]);
    (0..=WAITING).for_each(|number| account(&tx, number, "private", time));
    run("INSERT INTO feed (id, head, cut) VALUES (?1, ?2, 0)", params![id(2, 0), RECORDS]);
    for seq in 1..=RECORDS {
        let subject = sha256(&seq.to_be_bytes());
        let sql = "INSERT INTO change (feed, seq, kind, subject, at) VALUES (?1, ?2, 'award', ?3, ?4)";
        run(sql, params![id(2, 0), seq, &subject[..16], time - 600_000_000 + seq]);
    }
    tx.commit().expect("it is kept");
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn timed(mut work: impl FnMut()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64()
}

pub fn run(folder: &Path) {
    let folder = folder.join("server");
    let server = Server::start(&folder);
    people(&folder);
    tokens(&server);
    feed(&server);
    waiting(&server);
    drop(server);
    catalogue(&folder.join("catalogue"));
}

/// How many badges the catalogue has; fewer where somebody only looks whether this runs.
fn badges() -> usize {
    std::env::var("SATCHEL_BENCH_BADGES").ok().and_then(|it| it.parse().ok()).unwrap_or(100_000)
}

/// Words that names are made of.
const SUBJECTS: [&str; 16] = [
    "Welding",
    "Landscape",
    "Beekeeping",
    "Radio",
    "Integrity",
    "Teaching",
    "Kernel",
    "Paesaggio",
    "Saldatura",
    "Chemistry",
    "Drawing",
    "History",
    "Robotics",
    "Nursing",
    "Choir",
    "Gardening",
];
const LEVELS: [&str; 8] =
    ["first year", "second year", "in the field", "for teachers", "by night", "at sea", "with machines", "on foot"];

/// Publishes so many badges, of ten issuers, and has the server make what is searched.
fn published(folder: &Path, many: usize) -> Server {
    drop(Server::start(folder));
    let mut database = Connection::open(folder.join("data/server.db")).expect("the database");
    let tx = database.transaction().expect("a transaction");
    let time = jiff::Timestamp::now().as_microsecond();
    for number in 0..10_u8 {
        let sql = "INSERT INTO issuer (id, did, name, created) VALUES (?1, ?2, ?3, ?4)";
        let name = format!("University {number}");
        tx.execute(sql, params![[9, number].repeat(8), format!("did:key:z6Mkbench{number}"), name, time]).expect("a row");
    }
    for number in 0..many {
        let issuer = [9, (number % 10) as u8].repeat(8);
        let name = format!("{}, {} {number}", SUBJECTS[number % SUBJECTS.len()], LEVELS[number / 16 % LEVELS.len()]);
        let document = serde_json::json!({
            "id": format!("urn:bench:{number}"), "type": ["Achievement"], "name": name, "achievementType": "Course", "inLanguage": "en",
            "description": "A term of field work: read a landscape on foot, map how it has changed, and bring one proposal to the people who live there.",
            "criteria": { "narrative": "Walk at least four of the five transects and keep a field notebook." },
            "alignment": [{ "type": ["Alignment"], "targetName": format!("Skill {}", number % 200), "targetUrl": "https://skills.example/1" }],
        })
        .to_string();
        let slug = format!("b{number}");
        let sql =
            "INSERT INTO document (issuer, path, media, bytes, hash, updated) VALUES (?1, ?2, 'application/json', ?3, ?4, ?5)";
        let hash = sha256(document.as_bytes());
        tx.execute(sql, params![issuer, format!("achievements/{slug}.json"), document.as_bytes(), hash, time]).expect("a row");
        let sql = "INSERT INTO listing (issuer, slug, achievement, state, changed) VALUES (?1, ?2, ?3, 'published', ?4)";
        tx.execute(sql, params![issuer, slug, format!("urn:bench:{number}"), time]).expect("a row");
    }
    // One row without what is searched: the server makes all of it when it starts, as in a database of an earlier program.
    let sql = "INSERT INTO catalogue (issuer, slug, number, name, description, published, updated) VALUES (?1, 'b0', 1, 'x', '', ?2, ?2)";
    tx.execute(sql, params![[9_u8, 0].repeat(8), time]).expect("a row");
    tx.commit().expect("it is kept");
    Server::start(folder)
}

/// A handler that reads one row of the same database and sends so many bytes; the address.
fn bare(folder: &Path, bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let database = folder.join("data/server.db");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            drop(stream.set_nodelay(true));
            let reading = Connection::open(&database).expect("the database");
            let mut row = reading.prepare("SELECT length(bytes) FROM document WHERE issuer = ?1 AND path = ?2").expect("a query");
            let mut stream = BufReader::new(stream);
            let page = vec![b'x'; bytes];
            let mut line = String::new();
            while matches!(stream.read_line(&mut line), Ok(1..)) {
                if line.trim().is_empty() {
                    let found: i64 =
                        row.query_row(params![[9_u8, 1].repeat(8), "achievements/b1.json"], |row| row.get(0)).expect("a row");
                    let head = format!("HTTP/1.1 200 OK\r\nx-row: {found}\r\ncontent-length: {bytes}\r\n\r\n");
                    if stream.get_mut().write_all(&[head.as_bytes(), &page].concat()).is_err() {
                        break;
                    }
                }
                line.clear();
            }
        }
    });
    address
}

/// Search and pages of a large catalogue beside the bare handler, what a page weighs, and what it costs to look again.
fn catalogue(folder: &Path) {
    let many = badges();
    let began = Instant::now();
    let server = published(folder, many);
    println!(
        "{:<52} {:>12}",
        format!("catalogue of {many}: made at the start"),
        crate::measure::time(began.elapsed().as_secs_f64())
    );
    for (what, path) in [
        ("search, two words", "/badges?q=beekeeping+teachers"),
        ("search, a slip of the finger", "/badges?q=weldign"),
        ("search with a filter", "/badges?q=drawing&type=Course&language=en"),
        ("first page", "/badges"),
        ("a page far on", "/badges?page=40"),
        ("a badge", "/badges/did:key:z6Mkbench1/b1"),
        ("an issuer", "/badges/did:key:z6Mkbench1"),
    ] {
        let mut client = server.connect();
        client.ask("GET", path, "", "");
        let (tag, weight) = client.tagged();
        let mut floor = Client::to(&bare(folder, weight));
        let (mut ours, mut bare, mut again) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..200 {
            let visitor = format!("x-forwarded-for: 203.0.113.{turn}\r\n");
            ours.push(timed(|| {
                client.ask("GET", path, &visitor, "");
                client.answer();
            }));
            bare.push(timed(|| {
                floor.ask("GET", path, "", "");
                floor.answer();
            }));
            again.push(timed(|| {
                client.ask("GET", path, &format!("{visitor}if-none-match: {tag}\r\n"), "");
                client.unchanged();
            }));
        }
        let (ours, bare, again) = (median(ours), median(bare), median(again));
        row(&format!("catalogue: {what}, wall"), ours, Some(bare), "beside a bare handler");
        row("  conditional, nothing changed", again, Some(ours), "0.10 of the whole");
        println!(
            "{:<52} {:>12}   {}",
            "  bytes of the page, without pictures",
            weight,
            if weight < 50_000 { "below 50 kB" } else { "ABOVE 50 kB" }
        );
    }
}

/// A request with a token beside one without, on one connection each.
fn tokens(server: &Server) {
    let (mut with, mut without) = (server.connect(), server.connect());
    let headers = bearer(1);
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        ours.push(timed(|| {
            with.ask("GET", "/api/v1/changes", &headers, "");
            with.answer();
        }));
        floor.push(timed(|| {
            without.ask("GET", "/robots.txt", "", "");
            without.answer();
        }));
    }
    row("server: request with a token, wall", median(ours), Some(median(floor)), "2.0, beside one without");
}

/// A feed of 10,000 in pages, compressed, beside the same bytes over a bare socket.
fn feed(server: &Server) {
    let headers = format!("{}accept-encoding: gzip\r\n", bearer(0));
    let mut bodies: Vec<usize> = Vec::new();
    let mut raw = 0;
    let mut times = Vec::new();
    for turn in 0..7 {
        let mut client = server.connect();
        let mut lengths = Vec::new();
        times.push(timed(|| {
            // What a program does: it follows the cursor, which is the number of the last record.
            for cursor in (0..RECORDS).step_by(500) {
                client.ask("GET", &format!("/api/v1/changes?cursor={cursor}"), &headers, "");
                lengths.push(client.answer().len());
            }
        }));
        bodies = lengths;
        if turn == 0 {
            for cursor in (0..RECORDS).step_by(500) {
                client.ask("GET", &format!("/api/v1/changes?cursor={cursor}"), &bearer(0), "");
                raw += client.answer().len();
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let sent = bodies.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (mut stream, mut asked) = (stream, [0; 64]);
            for length in &sent {
                if !matches!(stream.read(&mut asked), Ok(1..)) || stream.write_all(&vec![7; *length]).is_err() {
                    break;
                }
            }
        }
    });
    let floor = (0..7).map(|_| {
        let mut stream = TcpStream::connect(address).expect("it listens");
        timed(|| {
            for length in &bodies {
                stream.write_all(&[7; 64]).expect("it is sent");
                stream.read_exact(&mut vec![0; *length]).expect("it comes");
            }
        })
    });
    let floor = median(floor.collect());
    row("server: feed of 10,000, 20 pages, wall", median(times), Some(floor), "beside the same bytes over a socket");
    let packed: usize = bodies.iter().sum();
    println!("{:<52} {packed:>12} {raw:>12} {:>8.2}   compressed, as JSON", "  bytes", packed as f64 / raw as f64);
}

/// A thousand who wait: what each costs, how soon one of them hears, and how soon all do.
fn waiting(server: &Server) {
    let before = server.memory();
    let open = |number: usize| {
        let mut client = server.connect();
        client.ask("GET", "/api/v1/events", &bearer(number), "");
        client
    };
    let mut clients: Vec<Client> = (1..=WAITING).map(open).collect();
    clients.iter_mut().for_each(Client::event);
    let each = (server.memory() - before) / WAITING as f64;
    println!("{:<52} {:>12}                         64 kB each", "server: 1,000 wait, memory of each", format!("{each:.1} kB"));
    let mut other = server.connect();
    let body = r#"{"given_name":"Ada"}"#;
    let one = (0..50).map(|number| {
        timed(|| {
            other.ask("PATCH", "/api/v1/account", &bearer(number * 7 + 1), body);
            clients[number * 7].event();
            other.answer();
        })
    });
    let one = median(one.collect());
    let alone = (0..50).map(|_| {
        timed(|| {
            other.ask("PATCH", "/api/v1/account", &bearer(0), body);
            other.answer();
        })
    });
    row("server: of 1,000 who wait one is woken, wall", one, Some(median(alone.collect())), "25 ms; beside the change itself");
    drop(clients);
    // Four of each of so many people, who all change something.
    let people = WAITING / 4;
    let mut clients: Vec<Client> = (0..WAITING).map(|number| open(1 + number % people)).collect();
    clients.iter_mut().for_each(Client::event);
    let all = (0..5).map(|_| {
        timed(|| {
            for number in 1..=people {
                other.ask("PATCH", "/api/v1/account", &bearer(number), body);
                other.answer();
            }
            clients.iter_mut().for_each(Client::event);
        })
    });
    row("server: 250 change something, their 1,000 are woken, wall", median(all.collect()), None, "1 s, the changes included");
}
