//! Awards that other systems propose: taken once, signed by staff or by a rule of the desk's owner and by nothing else, and told by messages that
//! any program for Standard Webhooks checks.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_badge::sign::{Ed25519Signer, Signer};
use satchel_tests::desk::Desk;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::peers::Peer;
use satchel_tests::receiver::{Message, Receiver};
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use serde_json::{Value, json};

const BADGE: &str = "paesaggio";

/// A desk whose badge is on a server, which may send messages to this host.
fn scene(hook: Option<&Receiver>) -> (Running, Desk) {
    let folder = Folder::new();
    let allow = hook.map(|hook| format!("\"{}\"", hook.host())).unwrap_or_default();
    let config = folder.file("satchel.toml", format!("[network]\nallow = [{allow}]\n"));
    let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
    let desk = Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge(BADGE);
    let first = desk.table("email\nfirst@posta.example\n");
    desk.award(BADGE, &first, &["--server", &server.url]).ending(0);
    desk.command(&["publish"]).run().ending(0);
    (server, desk)
}

/// Another system.
struct System {
    url: String,
    did: String,
    id: String,
    token: String,
    secret: String,
}

impl System {
    fn new(server: &Running, desk: &Desk, options: &[&str]) -> Self {
        let made = desk.command(&["systems", "add", "--name", "Moodle"]).args(options).run().ending(0).row();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { url: server.url.clone(), did: desk.did.clone(), id: text("id"), token: text("token"), secret: text("secret") }
    }

    fn send(&self, method: &str, path: &str, key: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        Browser::new(&self.url).send(method, &format!("/api/v1/issuers/{}/{path}", self.did), &headers, body.as_bytes())
    }

    fn propose(&self, key: &str, wish: &Value) -> Answer {
        self.send("POST", "proposals", key, &wish.to_string())
    }

    fn proposed(&self, email: &str) -> String {
        let answer = self.propose(email, &wish(email)).ok(201).json();
        assert_eq!(answer["state"], "waiting");
        answer["id"].as_str().unwrap().to_owned()
    }

    fn standing(&self, id: &str) -> Value {
        self.send("GET", &format!("proposals/{id}"), "", "").ok(200).json()
    }
}

fn wish(email: &str) -> Value {
    json!({ "badge": BADGE, "email": email, "name": "Elena", "narrative": "Walked four transects." })
}

fn problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.text());
}

/// A proposal signed by a key, as JWT libraries do it.
fn signed(key: &Ed25519Signer, aud: &str, wish: &Value, number: &str, made: Timestamp) -> Value {
    let mut claims = wish.clone();
    for (name, value) in
        [("iss", json!(key.controller())), ("aud", json!(aud)), ("iat", json!(made.as_second())), ("jti", json!(number))]
    {
        claims[name] = value;
    }
    let header = json!({ "alg": "EdDSA", "typ": "satchel-proposal+jwt", "kid": key.key_url() });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap());
    json!({ "signed": format!("{message}.{signature}") })
}

fn watched(desk: &Desk) -> Vec<Value> {
    desk.command(&["watch", "--once"]).run().ending(0).rows()
}

/// The rows about proposals, by the addresses that they are for.
fn state_of(rows: &[Value], email: &str) -> (String, String) {
    let row = rows.iter().find(|row| row["email"] == email).unwrap_or_else(|| panic!("nothing about {email}: {rows:?}"));
    (row["state"].as_str().unwrap().to_owned(), row["why"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_system_proposes_staff_decide_and_the_system_is_told() {
    let receiver = Receiver::start(&[500]);
    let (server, desk) = scene(Some(&receiver));
    let hook = format!("http://{}/hook", receiver.host());
    let system = System::new(&server, &desk, &["--webhook", &hook]);
    let (one, two) = (system.proposed("elena@posta.example"), system.proposed("bob@posta.example"));
    let listed = desk.command(&["proposals"]).run().ending(0).rows();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["system"], "Moodle");
    assert_eq!(listed[0]["narrative"], "Walked four transects.");

    let accepted = desk.command(&["proposals", "accept", &one]).run().ending(0).rows();
    assert_eq!(accepted[0]["state"], "granted");
    assert_eq!(accepted[1]["result"], "added", "{accepted:?}");
    desk.command(&["proposals", "decline", &two, "--reason", "not enrolled"]).run().ending(0);
    server.mail("elena@posta.example", "paesaggio");

    let told = system.standing(&one);
    assert_eq!((told["state"].as_str(), &told["credential"]), (Some("granted"), &accepted[0]["credential"]));
    assert_eq!(system.standing(&two)["reason"], "not enrolled");
    assert!(desk.command(&["proposals"]).run().ending(0).rows().is_empty());
    assert_eq!(desk.command(&["proposals", "accept", &one]).run().ending(1).problem(), "unknown_proposal");

    // The first answer was a failure: that message comes again, with the same id and another signature.
    let messages = receiver.wait_for(3);
    let kind = |message: &Message| message.json()["type"].as_str().unwrap().to_owned();
    let kinds: Vec<String> = messages.iter().map(kind).collect();
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "proposal.granted").count()
            + kinds.iter().filter(|kind| *kind == "proposal.declined").count(),
        3
    );
    let again = messages.iter().filter(|message| message.header("webhook-id") == messages[0].header("webhook-id")).count();
    assert_eq!(again, 2);
    for message in &messages {
        assert_eq!(message.line, "POST /hook");
        assert!(!String::from_utf8_lossy(&message.body).contains("posta.example"), "nobody is named");
        verified(&system.secret, message, true);
        verified(&format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode([7; 32])), message, false);
    }
    let text = String::from_utf8(messages[0].body.clone()).unwrap().replace("granted", "decided");
    verified(&system.secret, &Message { body: text.into_bytes(), ..messages[0].clone() }, false);

    // Whom a decided proposal was about is in the server's database no more.
    let folder = server.stop();
    let database = rusqlite::Connection::open(folder.at("data").join("server.db")).unwrap();
    let left: i64 = database
        .query_row("SELECT count(*) FROM proposal WHERE address IS NOT NULL OR wish IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
    let bytes = std::fs::read(folder.at("data").join("server.db")).unwrap();
    assert!(!bytes.windows(15).any(|it| it == b"bob@posta.examp"), "the declined one is nowhere");
}

/// What another program for Standard Webhooks says about a message.
#[track_caller]
fn verified(secret: &str, message: &Message, expected: bool) {
    let headers =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| (name.to_owned(), json!(message.header(name))));
    let headers: serde_json::Map<String, Value> = headers.into_iter().collect();
    let body = String::from_utf8(message.body.clone()).unwrap();
    let said = Peer::Node.ask("webhook_verify", json!({ "secret": secret, "headers": headers, "body": body }));
    assert_eq!(said["verified"], expected, "{said}");
}

#[test]
fn what_is_proposed_twice_counts_once_and_never_more_than_the_system_may() {
    let (server, desk) = scene(None);
    desk.badge("altro");
    let system = System::new(&server, &desk, &["--badge", BADGE, "--daily", "2"]);
    let first = system.propose("key-1", &wish("elena@posta.example")).ok(201);
    assert_eq!(system.propose("key-1", &wish("elena@posta.example")).ok(201).json(), first.json(), "the same answer again");
    problem(&system.propose("key-1", &wish("bob@posta.example")), 409, "conflict");
    problem(&system.propose("key-2", &wish("elena@posta.example")), 409, "repeated");
    problem(&system.propose("key-3", &wish("first@posta.example")), 409, "repeated");
    problem(&system.propose("", &wish("bob@posta.example")), 400, "bad_request");
    let other = |member: &str, value: Value| {
        let mut other = wish("bob@posta.example");
        other[member] = value;
        other
    };
    problem(&system.propose("key-4", &other("badge", json!("altro"))), 403, "forbidden");
    problem(&system.propose("key-5", &other("email", json!("nobody"))), 400, "bad_request");
    problem(&system.propose("key-6", &other("surprise", json!(1))), 400, "bad_request");
    problem(&system.propose("key-7", &other("narrative", json!("x".repeat(10_001)))), 413, "too_large");
    system.propose("key-8", &wish("bob@posta.example")).ok(201);
    problem(&system.propose("key-9", &wish("carla@posta.example")), 429, "over_limit");
    assert_eq!(desk.command(&["proposals"]).run().ending(0).rows().len(), 2);

    // It takes one back; what is taken back cannot be granted.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(system.send("DELETE", &format!("proposals/{id}"), "", "").ok(200).json()["state"], "withdrawn");
    assert_eq!(desk.command(&["proposals", "accept", &id]).run().ending(1).problem(), "unknown_proposal");
    // Another system sees nothing of it, and one that was ended proposes no more.
    let stranger = System::new(&server, &desk, &[]);
    problem(&stranger.send("GET", &format!("proposals/{id}"), "", ""), 404, "not_found");
    problem(&stranger.send("DELETE", &format!("proposals/{id}"), "", ""), 404, "not_found");
    desk.command(&["systems", "end", &system.id]).run().ending(0);
    problem(&system.propose("key-10", &wish("dora@posta.example")), 401, "not_signed_in");
    let elsewhere = System { did: String::from("did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"), ..stranger };
    problem(&elsewhere.propose("key-1", &wish("dora@posta.example")), 401, "not_signed_in");
    let refused = desk.command(&["systems", "add", "--name", "Elsewhere", "--webhook", "http://127.0.0.1:9/hook"]).run();
    assert!(refused.ending(1).out.contains("https"), "only what the operator allows lies within the network");
}

#[test]
fn a_rule_signs_what_its_key_signed_and_nothing_that_a_server_makes_up() {
    let (server, desk) = scene(None);
    let system = System::new(&server, &desk, &[]);
    let (key, stranger) = (Ed25519Signer::did_key(&[21; 32]), Ed25519Signer::did_key(&[22; 32]));
    desk.command(&["rules", "add", "--key", key.controller(), "--badge", BADGE, "--name", "Moodle", "--daily", "2"])
        .run()
        .ending(0);
    let now = Timestamp::now();
    let propose = |email: &str, number: &str, key: &Ed25519Signer| {
        system.propose(number, &signed(key, &desk.did, &wish(email), number, now)).ok(201).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let number = |at: usize| format!("proposal-number-{at}");
    // Refused at once: another issuer's, an old one, one that was changed, one with something beside it.
    let refused = |body: &Value, code: &str, status: u16| problem(&system.propose("refused", body), status, code);
    let email = "elena@posta.example";
    refused(
        &signed(&key, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw", &wish(email), &number(0), now),
        "bad_signature",
        401,
    );
    refused(
        &signed(&key, &desk.did, &wish(email), &number(0), now - jiff::SignedDuration::from_hours(30)),
        "stale_signature",
        401,
    );
    let good = signed(&key, &desk.did, &wish(email), &number(0), now);
    let parts: Vec<&str> = good["signed"].as_str().unwrap().split('.').collect();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap().replace("elena", "eva00");
    let changed = format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims), parts[2]);
    refused(&json!({ "signed": changed }), "bad_signature", 401);
    refused(&json!({ "signed": good["signed"], "email": "eva@posta.example" }), "bad_request", 400);

    propose("one@posta.example", &number(1), &key);
    propose("stranger@posta.example", &number(2), &stranger);
    let by_hand = system.proposed("unsigned@posta.example");
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "one@posta.example").0, "granted");
    assert_eq!(state_of(&rows, "stranger@posta.example"), (String::from("waiting"), String::from("no_rule")));
    assert_eq!(state_of(&rows, "unsigned@posta.example"), (String::from("waiting"), String::from("unsigned")));
    server.mail("one@posta.example", "paesaggio");

    // As many a day as the owner said, and not one more.
    propose("two@posta.example", &number(3), &key);
    propose("three@posta.example", &number(4), &key);
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "two@posta.example").0, "granted");
    assert_eq!(state_of(&rows, "three@posta.example").1, "limit");
    // Staff may.
    desk.command(&["proposals", "accept", &by_hand]).run().ending(0);

    // The rule is the owner's: whoever writes in the desk's folder without its key makes none.
    let folder = server.stop();
    let own = rusqlite::Connection::open(desk.folder.at("desk").join("desk.db")).unwrap();
    let before: i64 = own.query_row("SELECT count(*) FROM award", [], |row| row.get(0)).unwrap();
    assert_eq!(before, 4);
    drop(own);

    // A server that invents: it shows a signature again under a new id, and changes the wish beside a signature that is right.
    let database = rusqlite::Connection::open(folder.at("data").join("server.db")).unwrap();
    let (issuer, proposer): (Vec<u8>, Vec<u8>) =
        database.query_row("SELECT issuer, id FROM proposer LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let invent = |id: u8, wish: &Value, signed: &Value| {
        let sql = "INSERT INTO proposal (id, issuer, proposer, badge, address, wish, signed, state, created, changed)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'waiting', ?8, ?8)";
        let made = now.as_microsecond();
        let given = rusqlite::params![
            [id; 16],
            issuer,
            proposer,
            BADGE,
            wish["email"].as_str(),
            wish.to_string(),
            signed["signed"].as_str(),
            made
        ];
        database.execute(sql, given).unwrap();
    };
    let again = wish("one@posta.example");
    invent(0xf1, &again, &signed(&key, &desk.did, &again, &number(1), now));
    invent(0xf2, &wish("mallory@posta.example"), &signed(&key, &desk.did, &wish("victim@posta.example"), &number(9), now));
    let old = now - jiff::SignedDuration::from_hours(24 * 8);
    invent(0xf3, &wish("late@posta.example"), &signed(&key, &desk.did, &wish("late@posta.example"), &number(10), old));
    drop(database);
    // At the same address, as the desk knows it.
    let listen = server_url_port(&desk);
    let config = folder.at("satchel.toml");
    let server = start_at(folder, &listen, config.to_str().unwrap());
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "one@posta.example").1, "seen_before");
    assert_eq!(state_of(&rows, "mallory@posta.example").1, "bad_signature");
    assert_eq!(state_of(&rows, "late@posta.example").1, "stale");
    let own = rusqlite::Connection::open(desk.folder.at("desk").join("desk.db")).unwrap();
    let after: i64 = own.query_row("SELECT count(*) FROM award", [], |row| row.get(0)).unwrap();
    assert_eq!(after, before, "nothing was signed");
    drop(server);
}

/// The address of the server that a desk publishes on.
fn server_url_port(desk: &Desk) -> String {
    let own = rusqlite::Connection::open(desk.folder.at("desk").join("desk.db")).unwrap();
    let server: String = own.query_row("SELECT server FROM issuer", [], |row| row.get(0)).unwrap();
    server.trim_start_matches("http://").to_owned()
}

/// Starts a server again at the address that it had, which may take a moment to be free.
fn start_at(folder: Folder, listen: &str, config: &str) -> Running {
    let began = Instant::now();
    while std::net::TcpListener::bind(listen).is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "{listen} is taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    Running::start_in(folder, &["--config", config, "--listen", listen])
}

/// A column of a row, for its seal.
pub enum Part<'a> {
    Text(&'a str),
    Integer(i64),
    Blob(&'a [u8]),
}

/// The seal of a row, which is no secret: the SHA-256 of its columns.
pub fn seal(columns: &[Part<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    for column in columns {
        let (kind, bytes) = match column {
            Part::Text(it) => (b't', it.as_bytes().to_vec()),
            Part::Integer(it) => (b'i', it.to_be_bytes().to_vec()),
            Part::Blob(it) => (b'b', it.to_vec()),
        };
        text.push(kind);
        text.extend((bytes.len() as u64).to_be_bytes());
        text.extend(bytes);
    }
    satchel_protocol::sha256(&text).to_vec()
}

/// A server that invents: puts a proposal beside those that a system made.
fn invent(server: &Running, id: u8, wish: &Value, signed: Option<&str>) {
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    let sql = "INSERT INTO proposal (id, issuer, proposer, badge, address, wish, signed, state, created, changed)
               SELECT ?1, issuer, id, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6 FROM proposer LIMIT 1";
    let (email, made) = (wish["email"].as_str(), Timestamp::now().as_microsecond());
    database.execute(sql, rusqlite::params![[id; 16], BADGE, email, wish.to_string(), signed, made]).unwrap();
}

#[test]
fn what_staff_declined_no_rule_signs_for_under_whatever_id_it_comes_again() {
    let (server, desk) = scene(None);
    let system = System::new(&server, &desk, &[]);
    let key = Ed25519Signer::did_key(&[24; 32]);
    let wanted = wish("elena@posta.example");
    let said = signed(&key, &desk.did, &wanted, "proposal-number-1", Timestamp::now());
    let id = system.propose("one", &said).ok(201).json()["id"].as_str().unwrap().to_owned();
    desk.command(&["proposals", "decline", &id]).run().ending(0);
    desk.command(&["rules", "add", "--key", key.controller(), "--badge", BADGE, "--name", "Moodle", "--daily", "5"])
        .run()
        .ending(0);
    invent(&server, 0xf1, &wanted, said["signed"].as_str());
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "elena@posta.example"), (String::from("waiting"), String::from("seen_before")));
    // What its key signs anew, it signs for.
    let anew = signed(&key, &desk.did, &wish("bob@posta.example"), "proposal-number-2", Timestamp::now());
    system.propose("two", &anew).ok(201);
    assert_eq!(state_of(&watched(&desk), "bob@posta.example").0, "granted");
}

#[test]
fn one_person_is_awarded_once_however_often_a_server_says_that_they_wait() {
    let (server, desk) = scene(None);
    let _system = System::new(&server, &desk, &[]);
    for id in [0xf1, 0xf2] {
        invent(&server, id, &wish("elena@posta.example"), None);
    }
    let ids: Vec<String> =
        desk.command(&["proposals"]).run().ending(0).rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let rows = desk.command(&["proposals", "accept", &ids[0], &ids[1]]).run().rows();
    assert_eq!(rows.iter().filter(|row| row["state"] == "granted").count(), 1, "{rows:?}");
    let own = rusqlite::Connection::open(desk.folder.at("desk").join("desk.db")).unwrap();
    let awards: i64 = own.query_row("SELECT count(*) FROM award", [], |row| row.get(0)).unwrap();
    assert_eq!(awards, 2, "that and the first of the scene");
}

#[test]
fn a_system_proposes_to_the_issuer_alone_that_gave_it_its_token() {
    let (server, desk) = scene(None);
    let other = Desk::new();
    server.admin(&["issuer", "add", "--key", &other.did]).ending(0);
    other.badge(BADGE);
    other.award(BADGE, &other.table("email\nfirst@posta.example\n"), &["--server", &server.url]).ending(0);
    other.command(&["publish"]).run().ending(0);
    let (system, theirs) = (System::new(&server, &desk, &[]), System::new(&server, &other, &[]));
    let id = theirs.proposed("elena@posta.example");
    let astray = System { did: other.did.clone(), ..system };
    problem(&astray.propose("key-1", &wish("bob@posta.example")), 401, "not_signed_in");
    problem(&astray.send("GET", &format!("proposals/{id}"), "", ""), 401, "not_signed_in");
    problem(&astray.send("DELETE", &format!("proposals/{id}"), "", ""), 401, "not_signed_in");
    assert_eq!(theirs.standing(&id)["state"], "waiting");
    // It is still good where it comes from.
    System { did: desk.did.clone(), ..astray }.proposed("bob@posta.example");
}

#[test]
fn a_rule_that_the_issuers_key_did_not_sign_signs_nothing() {
    let (server, desk) = scene(None);
    let system = System::new(&server, &desk, &[]);
    let key = Ed25519Signer::did_key(&[23; 32]);
    desk.command(&["rules", "add", "--key", key.controller(), "--badge", BADGE, "--name", "Moodle", "--daily", "1"])
        .run()
        .ending(0);
    // Somebody who writes in the folder raises the limit, and mends the seal, which takes no key.
    let sealed = |daily: i64| {
        let own = rusqlite::Connection::open(desk.folder.at("desk").join("desk.db")).unwrap();
        let (name, made, signature): (String, i64, Vec<u8>) = own
            .query_row("SELECT name, made, signature FROM rule", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        let seal = seal(&[
            Part::Text(key.controller()),
            Part::Text(BADGE),
            Part::Text(&name),
            Part::Integer(daily),
            Part::Integer(made),
            Part::Blob(&signature),
        ]);
        own.execute("UPDATE rule SET daily = ?1, seal = ?2", rusqlite::params![daily, seal]).unwrap();
    };
    let now = Timestamp::now();
    for (at, email) in ["one@posta.example", "two@posta.example"].iter().enumerate() {
        let number = format!("proposal-number-{at}");
        system.propose(&number, &signed(&key, &desk.did, &wish(email), &number, now)).ok(201);
    }
    sealed(1000);
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "one@posta.example").1, "forged_rule");
    sealed(1);
    let rows = watched(&desk);
    assert_eq!(state_of(&rows, "one@posta.example").0, "granted");
    assert_eq!(state_of(&rows, "two@posta.example").1, "limit");
}

#[test]
fn an_address_that_says_that_it_is_gone_is_told_nothing_more() {
    let receiver = Receiver::start(&[410]);
    let (server, desk) = scene(Some(&receiver));
    let system = System::new(&server, &desk, &["--webhook", &format!("http://{}/hook", receiver.host())]);
    let decline = |email: &str| {
        let id = system.proposed(email);
        desk.command(&["proposals", "decline", &id]).run().ending(0);
    };
    decline("elena@posta.example");
    receiver.wait_for(1);
    let began = Instant::now();
    while desk.command(&["systems"]).run().ending(0).rows()[0].get("webhook").is_some_and(|hook| !hook.is_null()) {
        assert!(began.elapsed() < Duration::from_secs(10), "it is told all the same");
    }
    decline("bob@posta.example");
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    let waiting: i64 = database.query_row("SELECT count(*) FROM hook", [], |row| row.get(0)).unwrap();
    assert_eq!((waiting, receiver.taken().len()), (0, 1));
}

#[test]
fn a_new_secret_goes_along_with_the_one_of_before_for_a_day() {
    let receiver = Receiver::start(&[]);
    let (server, desk) = scene(Some(&receiver));
    let system = System::new(&server, &desk, &["--webhook", &format!("http://{}/hook", receiver.host())]);
    let new = desk.command(&["systems", "rotate", &system.id]).run().ending(0).row()["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, system.secret);
    let id = system.proposed("elena@posta.example");
    desk.command(&["proposals", "decline", &id]).run().ending(0);
    let message = receiver.wait_for(1).remove(0);
    verified(&system.secret, &message, true);
    verified(&new, &message, true);
    assert_eq!(message.header("webhook-signature").split(' ').count(), 2);
    // A day later it signs no more.
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(Duration::from_secs(20)).unwrap();
    let day = 24 * 3600 * 1_000_000_i64;
    assert_eq!(database.execute("UPDATE proposer SET earlier_until = earlier_until - ?1", [day]).unwrap(), 1);
    drop(database);
    let id = system.proposed("bob@posta.example");
    desk.command(&["proposals", "decline", &id]).run().ending(0);
    let message = receiver.wait_for(2).remove(1);
    verified(&system.secret, &message, false);
    verified(&new, &message, true);
    assert_eq!(message.header("webhook-signature").split(' ').count(), 1);
    let listed = desk.command(&["systems"]).run().ending(0).rows();
    assert!(listed[0].get("token").is_none() && listed[0].get("secret").is_none(), "told once: {listed:?}");
    // Nothing but its hash is kept of the token.
    let folder = server.stop();
    let bytes = std::fs::read(folder.at("data").join("server.db")).unwrap();
    assert!(!bytes.windows(system.token.len()).any(|it| it == system.token.as_bytes()));
}

#[test]
fn whoever_is_proposed_is_written_to_in_the_language_of_the_proposal() {
    let (server, desk) = scene(None);
    let system = System::new(&server, &desk, &[]);
    for (email, language) in [("elena@posta.example", "it"), ("bob@posta.example", "de")] {
        let mut wish = wish(email);
        wish["language"] = json!(language);
        let id = system.propose(email, &wish).ok(201).json()["id"].as_str().unwrap().to_owned();
        desk.command(&["proposals", "accept", &id]).run().ending(0);
    }
    assert!(server.mail("elena@posta.example", "paesaggio").text.contains("ti ha assegnato"));
    let other = server.mail("bob@posta.example", "paesaggio").text;
    assert!(!other.contains("ti ha assegnato"), "no mail is written in that language: {other}");
}
