//! What strangers and programs may take of the server: bodies of requests, connections that wait, rows.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::channel;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use satchel_tests::http::Browser;
use satchel_tests::receiver::Receiver;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;

use crate::oauth::{allowed, device};
use crate::scene::{Desk, NO_FACTOR, PASSWORD, appoint, member, send, server_with};
use crate::wallet::{Wallet, events, next_event};

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";

/// Bytes that are announced.
const MANY: usize = 15 << 20;

/// Sends the head of a request that announces a body, and so many bytes of it.
pub fn begin(server: &Running, method: &str, path: &str, headers: &[(String, String)], body: &[u8]) -> TcpStream {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let headers = headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {MANY}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses it hangs up.
    drop(stream.write_all(body));
    stream
}

/// The status and the text of the answer to it; nothing, when there is none as long as the body is not there.
pub fn answered(mut stream: TcpStream) -> Option<(u16, String)> {
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some((text.get(9..12)?.parse().ok()?, text))
}

/// What is answered to a head alone.
fn head(server: &Running, method: &str, path: &str, headers: &[(String, String)]) -> (u16, String) {
    answered(begin(server, method, path, headers, b"")).unwrap_or_else(|| panic!("the body of {path} is waited for"))
}

#[test]
fn no_body_is_read_before_it_is_known_who_sends_it() {
    let server = Running::start(&[]);
    let (desk, stranger) = (Desk::admitted(&server, 1), Desk::new(&server, 2));
    let path = format!("/api/v1/issuers/{}/awards", desk.did);
    let now = Timestamp::now();
    let refused = |headers: &[(String, String)], path: &str, code: &str| {
        let (status, text) = head(&server, "POST", path, headers);
        assert!((400..500).contains(&status) && text.contains(code), "{code}: {text}");
    };
    refused(&[], &path, "bad_signature");
    refused(&desk.sign("POST", &path, b"", now - SignedDuration::from_secs(400)), &path, "stale_signature");
    refused(&stranger.sign("POST", &path, b"", now), &path, "forbidden");
    let nowhere = format!("/api/v1/issuers/{}/awards", stranger.did);
    refused(&stranger.sign("POST", &nowhere, b"", now), &nowhere, "unknown_issuer");
    let mut other = desk.sign("POST", &path, b"", now);
    other[0].1 = desk.sign("POST", &path, b"other", now)[0].1.clone();
    refused(&other, &path, "bad_signature");
    // What was cut off counts as never sent, and is sent again; once whole, it came.
    let body = br#"{"awards":[]}"#;
    let once = desk.sign("POST", &path, body, now);
    drop(begin(&server, "POST", &path, &once, b"{"));
    send(&server.url, "POST", &path, &once, body).ok(200);
    refused(&once, &path, "replayed");
    // Of two that are under way at once, one comes too late.
    let twice = desk.sign("POST", &path, body, now);
    let headers = twice.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let host = server.url.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(host).unwrap();
    let begun =
        format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{{", body.len());
    slow.write_all(begun.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    send(&server.url, "POST", &path, &twice, body).ok(200);
    slow.write_all(&body[1..]).unwrap();
    let (status, text) = answered(slow).unwrap();
    assert!(status == 409 && text.contains("replayed"), "{text}");
    // A system without a token; a form that is not there.
    let (status, _) = head(&server, "POST", &format!("/api/v1/issuers/{}/proposals", desk.did), &[]);
    assert_eq!(status, 401);
    let kind = [(String::from("content-type"), String::from("multipart/form-data; boundary=x"))];
    let path = format!("/badges/{}/nothing/request", desk.did);
    assert_eq!(head(&server, "POST", &path, &kind).0, 404);
}

#[test]
fn a_body_that_does_not_say_how_long_it_is_is_measured_all_the_same() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let path = format!("/api/v1/issuers/{}/awards", desk.did);
    let headers = desk.sign("POST", &path, b"", Timestamp::now());
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let headers = headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    // It goes on and on; a server that measures it hangs up.
    for _ in 0..20 {
        if stream.write_all(&chunk).is_err() {
            break;
        }
    }
    let (status, text) = answered(stream).expect("the rest is waited for");
    assert_eq!(status, 413, "{text}");
}

#[test]
fn a_desk_that_sends_many_bodies_at_once_takes_no_more_than_its_share_of_memory() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let path = format!("/api/v1/issuers/{}/awards", desk.did);
    let most = vec![b' '; MANY - 1];
    let send = || begin(&server, "POST", &path, &desk.sign("POST", &path, b"", Timestamp::now()), &most);
    let open: Vec<TcpStream> = (0..5).map(|_| send()).collect();
    // Which of the five finds no room depends on which is read last.
    let (tell, told) = channel();
    for stream in &open {
        let (stream, tell) = (stream.try_clone().unwrap(), tell.clone());
        std::thread::spawn(move || answered(stream).map(|answer| tell.send(answer)));
    }
    let (status, text) = told.recv_timeout(Duration::from_secs(20)).expect("a fifth body is waited for");
    assert_eq!(status, 503, "{text}");
    // Nobody else is kept out by it; and it ends with the connections.
    other.give(ADA, "Saldatura");
    for stream in &open {
        drop(stream.shutdown(Shutdown::Both));
    }
    let answer = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let stream = send();
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        answered(stream).is_none().then_some(())
    });
    assert!(answer.is_some(), "what was given up still counts");
}

#[test]
fn a_file_is_kept_only_of_a_form_that_this_server_made() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    crate::requests::open_form(&desk);
    let path = crate::requests::path(&desk);
    let mut browser = server.browser();
    browser.get(&path).ok(200);
    let cookies: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = [
        (String::from("content-type"), String::from("multipart/form-data; boundary=x")),
        (String::from("cookie"), cookies.join("; ")),
        (String::from("origin"), server.url.clone()),
    ];
    let mut body = b"--x\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend(vec![b'a'; 1 << 20]);
    let (status, text) =
        answered(begin(&server, "POST", &path, &headers, &body)).expect("the rest of a stranger's file is waited for");
    assert!((400..500).contains(&status), "{text}");
    // Without any file it is the same; and what another site sends is not even read.
    let token = browser.get(&path).ok(200).hidden("form");
    let mut sent = |token: &str, origin: &str| {
        let body = format!("--x\r\ncontent-disposition: form-data; name=\"form\"\r\n\r\n{token}\r\n--x--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=x"), ("origin", origin)];
        browser.send("POST", &path, &headers, body.as_bytes()).status
    };
    assert_eq!([sent("x", &server.url), sent(&token, "https://evil.example"), sent(&token, &server.url)], [403, 403, 422]);
}

#[test]
fn a_device_has_a_few_streams_and_the_oldest_gives_way() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (wallet, other) = (Wallet::new(&server, &mut browser), Wallet::new(&server, &mut browser));
    let mut others = events(&server, &other);
    assert!(next_event(&mut others).is_some());
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut stream = events(&server, &wallet);
        assert!(next_event(&mut stream).is_some());
        open.push(stream);
    }
    let mut fifth = events(&server, &wallet);
    assert!(next_event(&mut fifth).is_some());
    assert_eq!(next_event(&mut open[0]), None, "the oldest goes on");
    wallet.send("PATCH", "/api/v1/account", "", r#"{"given_name":"Ada"}"#).ok(200);
    for stream in open[1..].iter_mut().chain([&mut fifth, &mut others]) {
        assert!(next_event(stream).is_some());
    }
}

#[test]
fn those_who_wait_leave_room_for_everybody_else() {
    let folder = Folder::new();
    let config = folder.file("satchel.toml", "connections = 6\n");
    let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
    let mut browser = member(&server, ADA);
    let (one, two) = (Wallet::new(&server, &mut browser), Wallet::new(&server, &mut browser));
    let mut open = vec![events(&server, &one), events(&server, &two), events(&server, &two)];
    assert!(open.iter_mut().all(|stream| next_event(stream).is_some()));
    assert_eq!(one.get("/api/v1/events").status, 503);
    let cursor = one.cursor();
    assert_eq!(one.get(&format!("/api/v1/changes?cursor={cursor}&wait=25")).status, 503);
    one.get(&format!("/api/v1/changes?cursor={cursor}")).ok(200);
    server.browser().get("/healthz").ok(200);
    // What ends makes room.
    drop(open);
    let again = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let mut stream = events(&server, &one);
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stream, &mut line).unwrap();
        line.contains("200")
    });
    assert!(again, "what is over still counts");
}

#[test]
fn one_address_has_a_share_of_the_connections_and_a_trusted_proxy_has_all() {
    for (trusted, left) in [("", 16), ("'127.0.0.1'", 60)] {
        let folder = Folder::new();
        let config = folder.file("satchel.toml", format!("connections = 64\ntrusted_proxies = [{trusted}]\n"));
        let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
        let host = server.url.strip_prefix("http://").unwrap();
        let idle: Vec<TcpStream> = (0..60).map(|_| TcpStream::connect(host).unwrap()).collect();
        // A server without a share hangs up on none of them before fifteen seconds are over.
        let is_open = |mut stream: &TcpStream| {
            stream.set_read_timeout(Some(Duration::from_millis(if trusted.is_empty() { 200 } else { 20 }))).unwrap();
            !matches!(stream.read(&mut [0]), Ok(0))
        };
        assert_eq!(idle.iter().filter(|stream| is_open(stream)).count(), left, "{trusted}");
        drop(idle);
        let mut tries = 0..100;
        assert!(tries.any(|_| server.browser().try_send("GET", "/healthz", &[], b"").is_some_and(|it| it.status == 200)));
    }
}

#[test]
fn a_stream_ends_with_its_token_with_its_hour_and_with_the_account() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let (revoked, late) = (device(&server, &mut browser, "wallet"), device(&server, &mut browser, "wallet"));
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    let soon = (Timestamp::now() + SignedDuration::from_secs(3)).as_microsecond();
    let hash = satchel_protocol::sha256(late.as_bytes());
    assert_eq!(database.execute("UPDATE token SET expires = ?1 WHERE hash = ?2", (soon, hash)).unwrap(), 1);
    let mut streams = [&revoked, &late].map(|token| events(&server, &Wallet::with(&server, token)));
    let mut last = events(&server, &wallet);
    assert!(streams.iter_mut().chain([&mut last]).all(|stream| next_event(stream).is_some()));
    assert_eq!(next_event(&mut streams[1]), None, "its hour is over");
    server.browser().post_raw("/oauth/revoke", &[("token", &revoked)], &[]).ok(200);
    assert_eq!(next_event(&mut streams[0]), None, "its token was ended");
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    while next_event(&mut last).is_some() {}
}

#[test]
fn what_a_program_changes_and_how_often_it_refreshes_has_a_limit() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let mut bob = Wallet::new(&server, &mut member(&server, BOB));
    let (client, tokens) = allowed(&server, &mut browser, "wallet");
    let wallet = Wallet::with(&server, tokens["access_token"].as_str().unwrap());
    let tries = (0..2100).find(|_| wallet.send("PATCH", "/api/v1/account", "", "[]").status == 429);
    assert_eq!(tries, Some(2000));
    bob.send("PATCH", "/api/v1/account", "", "{}").ok(200);
    bob = wallet;
    bob.get("/api/v1/account").ok(200);
    let mut token = tokens["refresh_token"].as_str().unwrap().to_owned();
    let tries = (0..150).find(|_| {
        let fields = [("grant_type", "refresh_token"), ("client_id", client.as_str()), ("refresh_token", token.as_str())];
        let answer = server.browser().post_raw("/oauth/token", &fields, &[]);
        if answer.status == 200 {
            answer.json()["refresh_token"].as_str().unwrap().clone_into(&mut token);
        }
        answer.status == 429
    });
    assert_eq!(tries, Some(100));
}

#[test]
fn what_was_answered_to_a_program_goes_with_the_account() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    wallet.send("PATCH", "/api/v1/account", "k1", r#"{"given_name":"Zyzzyva","family_name":"Quokkason"}"#).ok(200);
    let backup = server.folder.at("then.backup");
    server.admin(&["backup", "-o", backup.to_str().unwrap()]).ending(0);
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    server.mail(ADA, "account is deleted");
    let folder = server.stop();
    let found = |folder: &Folder| crate::backup::is_anywhere(&folder.at("data"), "Zyzzyva");
    assert_eq!(found(&folder), None);
    crate::backup::restore(&folder, &backup, &["--replace"]).ending(0);
    assert_eq!(found(&folder), None, "a restore brought it back");
}

#[test]
fn who_asks_the_operators_address_under_another_name_gets_nothing() {
    let server = Running::start(&[]);
    let mut operator = Browser::new(&server.admin_url);
    operator.get("/metrics").ok(200);
    for path in ["/metrics", "/introspect"] {
        let method = if path == "/metrics" { "GET" } else { "POST" };
        operator.send(method, path, &[("host", "evil.example")], b"").ok(421);
    }
    operator.send("GET", "/metrics", &[("host", "localhost:1")], b"").ok(200);
    // And at the public address there is nothing of it.
    server.browser().get("/metrics").ok(404);
    server.browser().post_raw("/introspect", &[("token", "x")], &[]).ok(404);
}

/// Proposes an award, and takes that back; the system is told.
fn propose_and_withdraw(desk: &Desk, token: &str, number: usize) {
    let path = format!("/api/v1/issuers/{}/proposals", desk.did);
    let (bearer, key) = (format!("Bearer {token}"), format!("key-{number}"));
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key.as_str())];
    let said = serde_json::json!({ "badge": "saldatura", "email": format!("p{number}@posta.example") }).to_string();
    let made = Browser::new(desk.origin()).send("POST", &path, &headers, said.as_bytes()).ok(201).json();
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    Browser::new(desk.origin()).send("DELETE", &one, &headers, b"").ok(200);
}

#[test]
fn a_system_that_does_not_answer_holds_up_the_messages_of_no_other() {
    let slow = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let fast = Receiver::start(&[]);
    let hosts = [slow.local_addr().unwrap().to_string(), fast.host()];
    let server = server_with(&format!("[network]\nallow = {hosts:?}\n"), &[]);
    // It takes each connection, and says nothing.
    std::thread::spawn(move || slow.incoming().collect::<Vec<_>>());
    let desk = Desk::admitted(&server, 1);
    crate::requests::open_form(&desk);
    let tokens = hosts.map(|host| {
        let said = serde_json::json!({ "name": "System", "webhook": format!("http://{host}/hook") }).to_string();
        desk.send("POST", "systems", said.as_bytes()).ok(200).json()["token"].as_str().unwrap().to_owned()
    });
    (0..5).for_each(|number| propose_and_withdraw(&desk, &tokens[0], number));
    let began = std::time::Instant::now();
    propose_and_withdraw(&desk, &tokens[1], 9);
    fast.wait_for(1);
    assert!(began.elapsed() < Duration::from_secs(12), "it waited for the one that does not answer");
}

#[test]
fn a_restore_ends_the_tokens_of_systems_and_sends_no_message_anew() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    crate::requests::open_form(&desk);
    let token = desk.send("POST", "systems", br#"{"name":"Moodle"}"#).ok(200).json()["token"].as_str().unwrap().to_owned();
    propose_and_withdraw(&desk, &token, 1);
    let backup = server.folder.at("then.backup");
    server.admin(&["backup", "-o", backup.to_str().unwrap()]).ending(0);
    let folder = server.stop();
    let told = crate::backup::restore(&folder, &backup, &["--replace"]).ending(0).err;
    assert!(told.contains("desk systems add") && told.contains("suspend"), "{told}");
    let server = Running::start_in(folder, &[]);
    let path = format!("/api/v1/issuers/{}/proposals", desk.did);
    server
        .browser()
        .send("POST", &path, &[("authorization", &format!("Bearer {token}")), ("idempotency-key", "k")], b"{}")
        .ok(401);
}

#[test]
fn a_backup_is_told_by_its_hash_and_leaves_nothing_by_half() {
    let server = Running::start(&[]);
    Desk::admitted(&server, 1);
    let file = server.folder.at("one.backup");
    let told = server.admin(&["backup", "--json", "-o", file.to_str().unwrap()]).ending(0).row();
    let bytes = std::fs::read(&file).unwrap();
    let hash = satchel_protocol::sha256(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    assert_eq!(told["sha256"], hash);
    // Whatever lies there already is nothing of it.
    let half = server.folder.file("two.backup.part", "somebody's");
    let many: Vec<_> = std::thread::scope(|scope| {
        let file = server.folder.at("two.backup");
        let data = server.folder.at("data");
        let all: Vec<_> = [(); 4]
            .map(|()| (data.clone(), file.clone()))
            .into_iter()
            .map(|(data, file)| scope.spawn(move || server_backup(&data, &file)))
            .collect();
        all.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(many.iter().filter(|made| **made).count(), 1, "{many:?}");
    assert_eq!(std::fs::read(&half).unwrap(), b"somebody's");
    // No room: nothing is left, and the words are about the file.
    let words = "trap '' XFSZ; ulimit -f 8; exec \"$0\" admin backup --data \"$1\" -o \"$2\"";
    let done = std::process::Command::new("sh")
        .args(["-c", words])
        .arg(satchel_tests::shell::program())
        .args([server.folder.at("data"), server.folder.at("three.backup")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && said.contains("three.backup") && !said.contains("database"), "{said}");
    let names = server.folder.names();
    assert!(
        names.iter().all(|name| !name.contains("three") && (!name.contains("part") || name == "two.backup.part")),
        "{names:?}"
    );
}

fn server_backup(data: &std::path::Path, file: &std::path::Path) -> bool {
    satchel_tests::shell::satchel(["admin", "backup", "--data"]).arg(data).arg("-o").arg(file).run().status == Some(0)
}

#[test]
fn a_file_that_tells_of_no_erasure_is_no_file_of_erasures() {
    let server = Running::start(&[]);
    Desk::admitted(&server, 1);
    let file = server.folder.at("one.backup");
    server.admin(&["backup", "-o", file.to_str().unwrap()]).ending(0);
    let wrong = server.folder.file("server.toml", "name = 'x'\n");
    let elsewhere = Folder::new();
    let told = crate::backup::restore(&elsewhere, &file, &["--erased", wrong.to_str().unwrap()]);
    assert!(
        told.status != Some(0) && told.out.contains("erased.log") | told.err.contains("erased.log"),
        "{}{}",
        told.out,
        told.err
    );
    assert!(!elsewhere.at("data").join("server.db").exists());
}

#[test]
fn rules_that_are_changed_at_once_all_hold_and_one_that_lets_nobody_in_is_refused() {
    let server = Running::start(&[]);
    let file = server.folder.file("server.toml", "[policy]\nminimum_age = 17\n");
    let (folder, settings) = (server.folder.at("data"), file.clone());
    let set = move |name: &'static str, value: &'static str| {
        let shell = satchel_tests::shell::satchel(["admin", "policy", "set", name, value, "--data"]);
        shell.arg(&folder).arg("--config").arg(&settings).run()
    };
    std::thread::scope(|scope| {
        for (name, value) in
            [("minimum_age", "18"), ("invitation_days", "31"), ("request_days", "32"), ("erase_after_days", "33")]
        {
            let set = set.clone();
            scope.spawn(move || set(name, value).ending(0));
        }
    });
    let text = std::fs::read_to_string(&file).unwrap();
    for line in ["minimum_age = 18", "invitation_days = 31", "request_days = 32", "erase_after_days = 33"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(set("minimum_age", "200").err.contains("nobody"), "a rule that lets nobody in");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_program_of_the_staff_brings_signed_awards_and_nobody_elses_does() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    let (mut ada, mut bob) = (member(&server, ADA), member(&server, BOB));
    appoint(&server, &desk, &mut ada, ADA);
    let path = format!("/api/v1/issuers/{}/awards", desk.did);
    let body = serde_json::json!({ "awards": [desk.award(BOB, "Saldatura")] }).to_string();
    let bring =
        |token: &str| server.browser().send("POST", &path, &[("authorization", &format!("Bearer {token}"))], body.as_bytes());
    for (token, what) in
        [(device(&server, &mut ada, "wallet"), "another scope"), (device(&server, &mut bob, "staff"), "nobody of the staff")]
    {
        assert_eq!(bring(&token).status, 403, "{what}");
    }
    bring("nonsense").ok(401);
    let token = device(&server, &mut ada, "staff");
    assert_eq!(bring(&token).ok(200).json()["results"][0]["result"], "added");
    // What the server or a thief of the token makes up has no signature.
    let forged = body.replace("Saldatura", "Potatura");
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = server.browser().send("POST", &path, &headers, forged.as_bytes()).ok(200).json();
    assert_eq!(answer["results"][0]["result"], "refused");
    desk.send("DELETE", &format!("staff/{ADA}"), b"").ok(200);
    bring(&token).ok(403);
}

#[test]
fn a_program_of_the_staff_proposes_until_the_desk_ends_it_and_nobody_elses_does() {
    let server = server_with(NO_FACTOR, &[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let (mut ada, mut bob) = (member(&server, ADA), member(&server, BOB));
    appoint(&server, &desk, &mut ada, ADA);
    for desk in [&desk, &other] {
        crate::catalogue::publish(desk, "land", "Il paesaggio", &serde_json::json!({}), "published");
    }
    let ask = |token: &str, method: &str, path: &str, body: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", "one"), ("content-type", "application/json")];
        server.browser().send(method, path, &headers, body.as_bytes())
    };
    let path = |desk: &Desk| format!("/api/v1/issuers/{}/proposals", desk.did);
    let propose = |token: &str, desk: &Desk| ask(token, "POST", &path(desk), r#"{"badge":"land","email":"elena@posta.example"}"#);
    for (token, what) in
        [(device(&server, &mut ada, "staff"), "another scope"), (device(&server, &mut bob, "proposals"), "nobody of the staff")]
    {
        assert_eq!(propose(&token, &desk).status, 403, "{what}");
    }
    let token = device(&server, &mut ada, "proposals");
    assert_eq!(propose(&token, &other).status, 403, "another issuer's");
    let system = |desk: &Desk| desk.send("GET", "systems", b"").ok(200).json()["systems"].as_array().unwrap().clone();
    assert!(system(&desk).is_empty(), "whoever may not propose is no system");
    let made = propose(&token, &desk).ok(201).json();
    assert_eq!(propose(&token, &desk).ok(201).json()["id"], made["id"], "the same once more counts once");
    assert_eq!(desk.send("GET", "inbox", b"").ok(200).json()["proposals"][0]["wish"]["email"], "elena@posta.example");
    let own = format!("{}/{}", path(&desk), made["id"].as_str().unwrap());
    assert_eq!(ask(&token, "GET", &own, "").ok(200).json()["state"], "waiting");
    // Another program of the same person is another system.
    ask(&device(&server, &mut ada, "proposals"), "GET", &own, "").ok(404);
    let systems = system(&desk);
    assert_eq!(systems.len(), 2, "{systems:?}");
    for it in &systems {
        desk.send("POST", &format!("systems/{}/end", it["id"].as_str().unwrap()), b"").ok(200);
    }
    ask(&token, "GET", &own, "").ok(403);
    assert_eq!(propose(&token, &desk).status, 403, "one that was ended stays so");
    let token = device(&server, &mut ada, "proposals");
    ask(&token, "GET", &own, "").ok(404);
    desk.send("DELETE", &format!("staff/{ADA}"), b"").ok(200);
    ask(&token, "GET", &own, "").ok(403);
}
