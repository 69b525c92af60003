//! The server as programs ask it: what a token costs, a long feed beside copying its bytes, and a thousand who wait.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use satchel_protocol::sha256;
use serde_json::Value;

use crate::measure::row;

/// Records of the feed.
const RECORDS: i64 = 10_000;
/// Who waits.
const WAITING: usize = 1_000;

/// A running server; it ends with this.
struct Server {
    child: Child,
    host: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(crate::satchel());
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.join("data"))
            .arg("--mail-dir")
            .arg(folder.join("mail"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let url = told["listening"].as_str().expect("an address");
        Self { child, host: url.strip_prefix("http://").expect("http").to_owned() }
    }

    /// Kilobytes that it has in memory.
    fn memory(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        found.unwrap_or_default()
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        Client { stream: BufReader::new(stream), host: self.host.clone() }
    }
}

/// One connection.
struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) {
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
    fn answer(&mut self) -> Vec<u8> {
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

    /// Waits for the next event.
    fn event(&mut self) {
        while !self.line().starts_with("data:") {}
    }
}

fn bearer(number: usize) -> String {
    format!("authorization: Bearer {}\r\n", token(number))
}

fn token(number: usize) -> String {
    format!("{number:0>32}")
}

/// Accounts with a program each; the first one has a long feed.
fn people(folder: &Path) {
    let mut database = Connection::open(folder.join("data/server.db")).expect("the database");
    database.busy_timeout(Duration::from_secs(10)).expect("a setting");
    let tx = database.transaction().expect("a transaction");
    let later = i64::MAX / 2;
    let time = jiff::Timestamp::now().as_microsecond() - 60_000_000;
    let id = |kind: u8, number: usize| {
        let mut id = [kind; 16];
        id[8..].copy_from_slice(&(number as u64).to_be_bytes());
        id
    };
    let run = |sql: &str, given: &[&dyn rusqlite::ToSql]| assert_eq!(tx.execute(sql, given).expect("a row"), 1);
    run("INSERT INTO client (id, name, redirects, created, used) VALUES (?1, 'Bench', '[]', ?2, ?2)", params![id(1, 0), time]);
    for number in 0..=WAITING {
        let (account, device) = (id(2, number), id(3, number));
        let sql = "INSERT INTO account (id, state, role, given_name, family_name, birth_date, password, language, slug, page, page_chosen,
                   indexed, created, seen) VALUES (?1, 'active', NULL, 'Ada', '', '1990-01-01', NULL, 'en', ?2, 'private', NULL, 0, ?3, ?3)";
        run(sql, params![account, format!("bench{number}"), time]);
        let sql =
            "INSERT INTO device (id, account, client, name, scope, created, seen) VALUES (?1, ?2, ?3, 'Bench', 'wallet', ?4, ?4)";
        run(sql, params![device, account, id(1, 0), time]);
        let sql = "INSERT INTO token (hash, device, kind, expires) VALUES (?1, ?2, 'access', ?3)";
        run(sql, params![sha256(token(number).as_bytes()), device, later]);
    }
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
    let mut clients: Vec<Client> = (0..WAITING).map(|_| open(WAITING)).collect();
    clients.iter_mut().for_each(Client::event);
    let all = (0..5).map(|_| {
        timed(|| {
            other.ask("PATCH", "/api/v1/account", &bearer(WAITING), body);
            clients.iter_mut().for_each(Client::event);
            other.answer();
        })
    });
    row("server: all of 1,000 who wait are woken, wall", median(all.collect()), None, "1 s");
}
