//! What a wallet does for its owner over HTTP: it follows what changed, accepts, declines, and changes the profile, and what it sends twice
//! counts once.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use satchel_tests::http::{Answer, Browser};
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, program, satchel};
use serde_json::{Value, json};

use crate::oauth::device;
use crate::scene::{Desk, member};

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";

/// A wallet with its token.
pub struct Wallet {
    url: String,
    bearer: String,
}

impl Wallet {
    pub fn new(server: &Running, browser: &mut Browser) -> Self {
        Self::with(server, &device(server, browser, "wallet"))
    }

    /// One that has this token.
    pub fn with(server: &Running, token: &str) -> Self {
        Self { url: server.url.clone(), bearer: format!("Bearer {token}") }
    }

    pub fn send(&self, method: &str, path: &str, key: &str, body: &str) -> Answer {
        let mut headers = vec![("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        Browser::new(&self.url).send(method, path, &headers, body.as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    /// Where the feed ends now.
    pub fn cursor(&self) -> String {
        self.get("/api/v1/changes").ok(200).json()["cursor"].as_str().unwrap().to_owned()
    }

    /// The kinds of changes after a cursor.
    fn kinds(&self, cursor: &str) -> Vec<String> {
        let page = self.get(&format!("/api/v1/changes?cursor={cursor}")).ok(200).json();
        page["records"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
    }
}

fn problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
}

fn story(server: &Running) {
    let mut browser = member(server, ADA);
    let wallet = Wallet::new(server, &mut browser);
    let desk = Desk::admitted(server, 1);
    let cursor = wallet.cursor();
    let id = desk.give(ADA, BADGE);
    assert!(wallet.kinds(&cursor).contains(&String::from("invitation")));
    let listed = wallet.get("/api/v1/invitations").ok(200).json();
    assert_eq!(listed["invitations"][0]["name"], BADGE);
    assert_eq!(listed["invitations"][0]["issuer_name"], "Università di Valdora");
    assert!(listed["invitations"][0].get("ob3").is_none());
    let one = wallet.get(&format!("/api/v1/invitations/{id}")).ok(200).json();
    assert!(one["ob3"].as_str().unwrap().contains("OpenBadgeCredential"), "it can be checked before it is accepted");
    assert_eq!(wallet.get("/api/v1/account").ok(200).json()["asks_visibility"], true);

    let cursor = wallet.cursor();
    let path = format!("/api/v1/invitations/{id}/accept");
    let accepted = wallet.send("POST", &path, "entry-1", r#"{"visibility":"public"}"#).ok(200);
    assert_eq!(accepted.json()["ob3"], one["ob3"]);
    assert_eq!(desk.state(&id), "accepted");
    let kinds = wallet.kinds(&cursor);
    let again = wallet.send("POST", &path, "entry-1", r#"{"visibility":"public"}"#).ok(200);
    assert_eq!((again.body, wallet.kinds(&cursor)), (accepted.body.clone(), kinds), "sent twice, it counted once");
    problem(&wallet.send("POST", &path, "entry-1", r#"{"visibility":"private"}"#), 409, "conflict");
    let other = Wallet::new(server, &mut browser);
    other.send("POST", &path, "entry-1", "").ok(200);

    let profile = wallet.get("/api/v1/account").ok(200).json();
    assert_eq!((&profile["visibility"], &profile["asks_visibility"]), (&json!("public"), &json!(false)));
    let awards = wallet.get("/api/v1/awards").ok(200).json();
    assert_eq!((awards["awards"].as_array().unwrap().len(), awards.get("next")), (1, None));
    let award = format!("/api/v1/awards/{}", awards["awards"][0]["id"].as_str().unwrap());
    assert_eq!(wallet.send("PATCH", &award, "entry-2", r#"{"hidden":true}"#).ok(200).json()["hidden"], true);
    let declined = desk.give(ADA, "Altro");
    wallet.send("POST", &format!("/api/v1/invitations/{declined}/decline"), "entry-3", "").ok(200);
    assert_eq!(desk.state(&declined), "declined");
    problem(&wallet.send("POST", &format!("/api/v1/invitations/{declined}/accept"), "entry-4", ""), 409, "conflict");
}

#[test]
fn a_key_that_came_before_is_of_the_same_request_or_of_none() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let desk = Desk::admitted(&server, 1);
    let (one, other) = (desk.give(ADA, BADGE), desk.give(ADA, "Altro"));
    let accept = |wallet: &Wallet, id: &str| wallet.send("POST", &format!("/api/v1/invitations/{id}/accept"), "key", "");
    let first = accept(&wallet, &one).ok(200);
    problem(&accept(&wallet, &other), 409, "conflict");
    problem(&wallet.send("POST", &format!("/api/v1/invitations/{one}/decline"), "key", ""), 409, "conflict");
    assert_ne!(desk.state(&other), "accepted");
    // The same key of another device, or of another person, is another one.
    let elsewhere = Wallet::new(&server, &mut browser);
    assert_ne!(accept(&elsewhere, &other).ok(200).body, first.body);
    let mut bob = member(&server, BOB);
    problem(&accept(&Wallet::new(&server, &mut bob), &one), 404, "not_found");
}

#[test]
fn a_page_that_was_made_private_comes_back_unlisted() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/account/page", &settings, &[("page", "private"), ("indexed", "yes")]).ok(303);
    let change = |said: &str| wallet.send("PATCH", "/api/v1/account", "", said).ok(200).json();
    assert_eq!(change(r#"{"visibility":"public"}"#)["indexed"], false);
    assert_eq!(change(r#"{"indexed":true}"#)["indexed"], true);
    change(r#"{"visibility":"private"}"#);
    let page = change(r#"{"visibility":"public"}"#);
    assert_eq!(page["indexed"], false);
    let path = page["page"].as_str().unwrap().strip_prefix(&server.url).unwrap().to_owned();
    assert_eq!(server.browser().get(&path).ok(200).header("x-robots-tag"), Some("noindex"));
}

#[test]
fn a_wallet_follows_an_invitation_accepts_it_and_has_the_badge() {
    story(&Running::start(&[]));
}

#[test]
fn the_same_on_postgresql() {
    let database = Postgres::start();
    story(&Running::start(&["--database-url", &database.url()]));
}

#[test]
fn a_wallet_pages_through_its_badges() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let desk = Desk::admitted(&server, 1);
    for number in 0..5 {
        let id = desk.give(ADA, &format!("Badge {number}"));
        wallet.send("POST", &format!("/api/v1/invitations/{id}/accept"), "", "").ok(200);
    }
    let (mut names, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = wallet.get(&format!("/api/v1/awards?limit=2{after}")).ok(200).json();
        names.extend(page["awards"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!((pages, names), (3, (0..5).map(|number| format!("Badge {number}")).collect()));
    for wrong in ["limit=0", "limit=501", "limit=x", "after=x"] {
        problem(&wallet.get(&format!("/api/v1/awards?{wrong}")), 400, "bad_request");
    }
    let packed = [("authorization", wallet.bearer.as_str()), ("accept-encoding", "gzip")];
    let answer = server.browser().send("GET", "/api/v1/awards", &packed, b"").ok(200);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
}

#[test]
fn nobody_reads_or_changes_what_is_anothers() {
    let server = Running::start(&[]);
    let (mut ada_browser, mut bob_browser) = (member(&server, ADA), member(&server, BOB));
    let (ada, bob) = (Wallet::new(&server, &mut ada_browser), Wallet::new(&server, &mut bob_browser));
    let desk = Desk::admitted(&server, 1);
    let (open, taken) = (desk.give(ADA, BADGE), desk.give(ADA, "Altro"));
    let award = ada.send("POST", &format!("/api/v1/invitations/{taken}/accept"), "", "").ok(200).json()["id"].clone();
    let award = award.as_str().unwrap();
    let device = ada.get("/api/v1/devices").ok(200).json()["devices"][0]["id"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        ("GET", format!("/api/v1/invitations/{open}"), ""),
        ("POST", format!("/api/v1/invitations/{open}/accept"), ""),
        ("POST", format!("/api/v1/invitations/{open}/decline"), ""),
        ("GET", format!("/api/v1/awards/{award}"), ""),
        ("PATCH", format!("/api/v1/awards/{award}"), r#"{"hidden":true}"#),
        ("DELETE", format!("/api/v1/devices/{device}"), ""),
    ] {
        problem(&bob.send(method, &path, "", body), 404, "not_found");
        let stranger = Browser::new(&server.url).send(method, &path, &[], body.as_bytes());
        problem(&stranger, 401, "not_signed_in");
        let where_to = stranger.header("www-authenticate").unwrap();
        assert!(where_to.starts_with("Bearer ") && where_to.contains("/.well-known/oauth-protected-resource"), "{where_to}");
        // A cookie of the browser is no token, and a token of another scope does not suffice.
        problem(&ada_browser.send(method, &path, &[], body.as_bytes()), 401, "not_signed_in");
    }
    let narrow = Wallet {
        url: server.url.clone(),
        bearer: format!("Bearer {}", crate::oauth::device(&server, &mut ada_browser, "proposals")),
    };
    problem(&narrow.get("/api/v1/account"), 403, "forbidden");
    assert_eq!(bob.get("/api/v1/invitations").ok(200).json()["invitations"], json!([]));
    assert_eq!(bob.get("/api/v1/awards").ok(200).json()["awards"], json!([]));
}

#[test]
fn whoever_waits_is_woken_by_a_change() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let desk = Desk::admitted(&server, 1);
    let cursor = wallet.cursor();
    let began = Instant::now();
    let woken = thread::scope(|scope| {
        let waiting = scope.spawn(|| wallet.get(&format!("/api/v1/changes?cursor={cursor}&wait=25")).ok(200).json());
        desk.give(ADA, BADGE);
        waiting.join().unwrap()
    });
    assert_eq!(woken["records"][0]["kind"], "invitation", "{woken}");
    // Nobody who is not woken has an answer before that.
    assert!(began.elapsed() < Duration::from_secs(25), "it waited to the end");
    problem(&wallet.get("/api/v1/changes?cursor=0&wait=26"), 400, "bad_request");
    problem(&wallet.get("/api/v1/changes?cursor=-1"), 400, "bad_request");
    problem(&wallet.get("/api/v1/changes?cursor=999999"), 410, "resync");
}

/// The lines of a stream of events, until `enough`.
pub fn events(server: &Running, wallet: &Wallet) -> BufReader<TcpStream> {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let head = format!("GET /api/v1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: {}\r\n\r\n", wallet.bearer);
    stream.write_all(head.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// The number that the next event says; none at the end of the stream.
pub fn next_event(stream: &mut BufReader<TcpStream>) -> Option<i64> {
    let began = Instant::now();
    loop {
        // What says only that the stream is alive comes for ever.
        assert!(began.elapsed() < Duration::from_mins(1), "no event comes");
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap() == 0 || line.trim() == "0" {
            return None;
        }
        if let Some(number) = line.strip_prefix("data: ") {
            return Some(number.trim().parse().unwrap());
        }
    }
}

#[test]
fn a_stream_says_when_something_changed_and_ends_with_the_device_and_with_the_server() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (wallet, other) = (Wallet::new(&server, &mut browser), Wallet::new(&server, &mut browser));
    let desk = Desk::admitted(&server, 1);
    let (mut stream, mut second) = (events(&server, &wallet), events(&server, &other));
    let first = next_event(&mut stream).unwrap();
    assert_eq!(first.to_string(), wallet.cursor());
    next_event(&mut second).unwrap();
    desk.give(ADA, BADGE);
    assert!(next_event(&mut stream).unwrap() > first);
    assert!(next_event(&mut second).unwrap() > first);
    let devices = wallet.get("/api/v1/devices").ok(200).json();
    let foreign = devices["devices"].as_array().unwrap().iter().find(|it| it["current"] == false).unwrap();
    wallet.send("DELETE", &format!("/api/v1/devices/{}", foreign["id"].as_str().unwrap()), "", "").ok(200);
    let ended: i64 = wallet.cursor().parse().unwrap();
    // That the mail left may still come, from before.
    while let Some(heard) = next_event(&mut second) {
        assert!(heard < ended, "what was ended hears no more");
    }
    problem(&other.get("/api/v1/account"), 401, "not_signed_in");
    assert!(next_event(&mut stream).is_some());
    // Who waits is sent away; nobody waits until the server breaks off what is under way.
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(20), "a stream held it back");
    // What was said before it ended comes first.
    while next_event(&mut stream).is_some() {}
}

/// Wallets of so many people, made from one by copying rows: to register each would take too long.
fn crowd(server: &Running, one: &Wallet, many: usize) -> Vec<Wallet> {
    let mut database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    let hash = satchel_protocol::sha256(one.bearer.strip_prefix("Bearer ").unwrap().as_bytes());
    let columns = |database: &rusqlite::Connection, table: &str, but: &[&str]| {
        let mut all = database.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid").unwrap();
        let names: Vec<String> = all.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        names.into_iter().filter(|name| !but.contains(&name.as_str())).collect::<Vec<_>>().join(", ")
    };
    let (accounts, devices) = (columns(&database, "account", &["id", "slug"]), columns(&database, "device", &["id", "account"]));
    let tokens = columns(&database, "token", &["hash", "device"]);
    let tx = database.transaction().unwrap();
    let mut wallets = Vec::new();
    for number in 0..many {
        let token = format!("{number:0>32}");
        let (account, device, made) =
            (format!("account{number:0>9}"), format!("device{number:0>10}"), satchel_protocol::sha256(token.as_bytes()));
        let (account, device) = (account.as_bytes(), device.as_bytes());
        let of = "(SELECT device FROM token WHERE hash = ?3)";
        tx.execute(
            &format!("INSERT INTO account (id, slug, {accounts}) SELECT ?1, ?2, {accounts} FROM account WHERE id = (SELECT account FROM device WHERE id = {of})"),
            (account, &token, hash),
        )
        .unwrap();
        tx.execute(
            &format!("INSERT INTO device (id, account, {devices}) SELECT ?1, ?2, {devices} FROM device WHERE id = {of}"),
            (device, account, hash),
        )
        .unwrap();
        tx.execute(
            &format!("INSERT INTO token (hash, device, {tokens}) SELECT ?1, ?2, {tokens} FROM token WHERE hash = ?3"),
            (made, device, hash),
        )
        .unwrap();
        wallets.push(Wallet::with(server, &token));
    }
    tx.commit().unwrap();
    wallets
}

#[test]
fn a_thousand_wait_at_a_time_are_all_woken_and_keep_nobody_else_waiting() {
    // Where few files may be open, this test asks for more.
    drop(Command::new("prlimit").args(["--pid", &std::process::id().to_string(), "--nofile=4096:"]).status());
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let people = crowd(&server, &Wallet::new(&server, &mut browser), 250);
    let mut waiting: Vec<_> = (0..1000).map(|number| events(&server, &people[number % 250])).collect();
    let first: Vec<i64> = waiting.iter_mut().map(|stream| next_event(stream).unwrap()).collect();
    let began = Instant::now();
    people[0].send("PATCH", "/api/v1/account", "", r#"{"given_name":"Ada"}"#).ok(200);
    assert!(began.elapsed() < Duration::from_secs(10), "those who wait held it up");
    for wallet in &people[1..] {
        wallet.send("PATCH", "/api/v1/account", "", r#"{"given_name":"Ada"}"#).ok(200);
    }
    for (stream, first) in waiting.iter_mut().zip(first) {
        assert!(next_event(stream).unwrap() > first);
    }
}

#[test]
fn no_more_are_connected_than_the_settings_say_and_the_next_one_follows_whoever_leaves() {
    let folder = Folder::new();
    let config = folder.file("satchel.toml", "connections = 4\n");
    let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    // Half of them may wait.
    let idle = [(); 2].map(|()| TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap());
    let (mut one, mut two) = (events(&server, &wallet), events(&server, &wallet));
    assert!(next_event(&mut one).is_some() && next_event(&mut two).is_some());
    let mut third = events(&server, &wallet);
    third.get_ref().set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert!(third.read_line(&mut String::new()).is_err(), "a fifth one was answered");
    drop((one, idle));
    third.get_ref().set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    assert!(next_event(&mut third).is_some());
}

#[test]
fn where_the_system_allows_too_few_files_the_doctor_says_so() {
    let folder = Folder::new();
    let words = "ulimit -n 300; exec \"$0\" admin doctor --data \"$1\"";
    let done = Command::new("sh").args(["-c", words]).arg(program()).arg(folder.at("data")).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("connections = 4096") && said.contains("room for 150") && said.contains("300 files"), "{said}");
    let done = satchel(["admin", "doctor", "--data"]).arg(folder.at("data")).run();
    assert!(!done.out.contains("connections"), "{}", done.out);
}

#[test]
fn whoever_is_too_young_by_the_rules_of_today_is_kept_out_whatever_a_program_holds() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (client, tokens) = crate::oauth::allowed(&server, &mut browser, "wallet");
    let config = server.folder.file("satchel.toml", "[policy]\nminimum_age = 99\n");
    let server = Running::start_in(server.stop(), &["--config", config.to_str().unwrap()]);
    let wallet = Wallet { url: server.url.clone(), bearer: format!("Bearer {}", tokens["access_token"].as_str().unwrap()) };
    problem(&wallet.get("/api/v1/account"), 401, "not_signed_in");
    let fields =
        [("grant_type", "refresh_token"), ("client_id", &client), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let answer = server.browser().post_raw("/oauth/token", &fields, &[]).ok(400);
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[test]
fn a_profile_is_changed_by_the_rules_of_the_pages() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let path = "/api/v1/account";
    let changed =
        wallet.send("PATCH", path, "", r#"{"given_name":"Ada","family_name":"","language":"it","visibility":"public"}"#);
    let changed = changed.ok(200).json();
    assert_eq!((&changed["given_name"], &changed["language"]), (&json!("Ada"), &json!("it")));
    for (said, field) in [
        (json!({ "given_name": "" }), "given_name"),
        (json!({ "given_name": "A\u{202e}da" }), "given_name"),
        (json!({ "family_name": "x".repeat(300) }), "family_name"),
        (json!({ "language": "tlh" }), "language"),
    ] {
        let answer = wallet.send("PATCH", path, "", &said.to_string());
        problem(&answer, 422, "invalid");
        assert_eq!(answer.json()["errors"][0]["field"], field);
    }
    for said in ["[]", "{", r#"{"role":"operator"}"#, r#"{"visibility":"everybody"}"#] {
        problem(&wallet.send("PATCH", path, "", said), 400, "bad_request");
    }
    let unchanged: Value = wallet.get(path).ok(200).json();
    assert_eq!(unchanged, changed);
    problem(&wallet.send("PATCH", path, &"k".repeat(101), "{}"), 400, "bad_request");
}
