//! A wallet and its server, through a relay that counts: the first sync beside copying the same bytes and verifying them, and how soon a wallet that
//! waits has what changed. `--sync` measures these alone, `--count N` with another number of badges.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use satchel_tests::proxy::Proxy;
use satchel_tests::running::Running;
use satchel_tests::signing::{PASSPHRASE, sign_in};

use crate::fixtures::Fixtures;
use crate::measure::{Run, child, row};
use crate::scene::{Desk, member};

/// Badges of the account.
const BADGES: usize = 10_000;

/// How often something changes.
const CHANGES: usize = 9;

const LEARNER: &str = "ada@posta.example";

pub fn run(fixtures: &Fixtures, folder: &Path) {
    let asked = std::env::args().skip_while(|argument| argument != "--count").nth(1);
    let count = asked.and_then(|count| count.parse().ok()).unwrap_or(BADGES);
    let folder = folder.join("sync");
    let files = folder.join("files");
    fs::create_dir_all(&files).expect("a folder");
    let proxy = Proxy::new(1);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let mut browser = member(&server, LEARNER);
    let desk = Desk::admitted(&server, 1);
    let texts: Vec<Vec<u8>> = (0..count).map(|number| fixtures.signed(number).to_string().into_bytes()).collect();
    for (number, text) in texts.iter().enumerate() {
        fs::write(files.join(format!("{number:05}.json")), text).expect("a file");
    }
    let few = count / 10;
    award(&server, &texts, 0..few);
    let tenth = first_sync(&mut browser, &server, &folder.join("few"));
    award(&server, &texts, few..count);
    proxy.bytes();
    let all = first_sync(&mut browser, &server, &folder.join("all"));
    let wire = proxy.bytes();
    let mut verify = Command::new(crate::satchel());
    let checked = child(verify.args(["verify", "--offline", "--json"]).arg(&files).stdout(Stdio::null()).stderr(Stdio::null()));
    assert!(checked.status.success(), "every badge of the bench is valid");
    let floor = checked.wall + copied(&texts);
    row(&format!("sync: first of {count}, beside copy and verify (wall)"), all.wall, Some(floor), "3.0");
    row("  the same, CPU beside that of verify", all.cpu, Some(checked.cpu), "-");
    let memory = [tenth.peak_kib, all.peak_kib].map(|kib| format!("{:.1} MB", kib as f64 / 1024.0));
    println!("{:<52} {:>12} {:>12} {:>8}   flat", "  peak memory, and that of a tenth of them", memory[1], memory[0], "");
    let packed = packed(&texts);
    let bytes = [wire, packed].map(|bytes| format!("{:.2} MB", bytes as f64 / 1e6));
    let ratio = format!("{:.2}", wire as f64 / packed as f64);
    println!("{:<52} {:>12} {:>12} {ratio:>8}   1.2", "  bytes received, beside those of the badges packed", bytes[0], bytes[1]);
    let nothing = child(&mut sync(&folder.join("all"), &[]));
    row("sync when nothing is new (wall; argon2id is in it)", nothing.wall, None, "-");
    heard(&desk, &folder.join("few"));
}

/// A sync of a wallet, which ends by itself where `more` does not say otherwise.
fn sync(dir: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(crate::satchel());
    command.args(["wallet", "--json", "--wallet"]).arg(dir).arg("sync").args(more);
    command.env("SATCHEL_PASSPHRASE", PASSPHRASE).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn first_sync(browser: &mut satchel_tests::http::Browser, server: &Running, dir: &Path) -> Run {
    sign_in(dir, &server.url, browser);
    let run = child(&mut sync(dir, &[]));
    assert!(run.status.success(), "it syncs");
    run
}

/// Gives these to the one account, beside the server.
fn award(server: &Running, texts: &[Vec<u8>], which: std::ops::Range<usize>) {
    let mut database = Connection::open(server.folder.at("data/server.db")).expect("the database");
    database.busy_timeout(Duration::from_secs(20)).expect("a setting");
    let tx = database.transaction().expect("a transaction");
    for number in which {
        let mut id = [1, 0x93, 0xa0, 0xb0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        id[8..].copy_from_slice(&((number as u64) | 0x8000_0000_0000_0000).to_be_bytes());
        let sql = "INSERT INTO award (id, issuer, credential, achievement, name, ob3, ob2, issued, expires, holder, hidden, revoked, created)
            VALUES (?1, (SELECT id FROM issuer), ?2, 'welding', 'Careful Welding', ?3, NULL, 0, NULL, (SELECT id FROM account), 0, NULL, ?4)";
        tx.execute(sql, params![id, format!("urn:bench:{number}"), texts[number], i64::try_from(number).expect("a number")])
            .expect("a row");
    }
    tx.commit().expect("it is kept");
}

/// The seconds that the same bytes take from one socket of this machine to another.
fn copied(texts: &[Vec<u8>]) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            for text in texts {
                stream.write_all(text).expect("it is sent");
            }
        });
        let began = Instant::now();
        let mut all = Vec::new();
        TcpStream::connect(address).expect("a connection").read_to_end(&mut all).expect("it is read");
        began.elapsed().as_secs_f64()
    })
}

/// The bytes of the badges in pages as the server gives them out, each packed as it packs them.
fn packed(texts: &[Vec<u8>]) -> u64 {
    let page = |texts: &[Vec<u8>]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        for text in texts {
            gzip.write_all(text).expect("it is packed");
        }
        gzip.finish().expect("it is packed").len() as u64
    };
    texts.chunks(satchel_wallet::sync::PAGE).map(page).sum()
}

/// From an invitation that is given to a wallet that has it, while it waits.
fn heard(desk: &Desk, dir: &Path) {
    // Everything since its first sync, which is most of the account.
    child(&mut sync(dir, &[]));
    let mut watching = sync(dir, &["--watch"]).stdout(Stdio::piped()).spawn().expect("it starts");
    let (send, lines) = channel();
    let out = BufReader::new(watching.stdout.take().expect("its output"));
    thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    lines.recv_timeout(Duration::from_mins(1)).expect("its first sync");
    let mut times: Vec<f64> = (0..CHANGES)
        .map(|number| {
            let began = Instant::now();
            desk.give(LEARNER, &format!("Badge {number}"));
            lines.recv_timeout(Duration::from_mins(1)).expect("it hears of it");
            began.elapsed().as_secs_f64()
        })
        .collect();
    watching.kill().expect("it ends");
    watching.wait().expect("it has ended");
    times.sort_by(f64::total_cmp);
    row("sync: given, until a wallet that waits has it (wall)", times[CHANGES / 2], None, "1 s");
    row("  the slowest of 9", times[CHANGES - 1], None, "1 s");
}
