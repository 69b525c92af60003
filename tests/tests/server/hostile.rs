//! A server that one is signed in at and that wants harm, a program beside the browser, and a folder that somebody prepared: none of them takes more of a
//! wallet than its due.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use satchel_protocol::Id;
use satchel_protocol::invitation::State;
use satchel_protocol::wallet::{Award, Awards, Invitation, Invitations};
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, satchel};
use satchel_tests::signing::{Login, decide, go, wallet};

use crate::scene::member;
use crate::syncing::{ADA, BADGE, Scene, accept, badges, invitations, synced};

/// Ids one after the other.
fn numbered(number: u64) -> Id {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Id::from_bytes(bytes)
}

#[test]
fn invitations_without_an_end_are_not_gathered() {
    let mut scene = Scene::new(31);
    let dir = scene.device("wallet");
    for length in [0, 8 << 20] {
        let mut number = u64::MAX;
        scene.proxy.forge(move |line| {
            line.starts_with("GET /api/v1/invitations?").then(|| {
                number -= 1;
                let (id, name) = (numbered(number), "x".repeat(length));
                let invitation = Invitation {
                    id,
                    award: id,
                    state: State::Sent,
                    address: None,
                    issuer: String::from("did:key:z6Mk"),
                    issuer_name: None,
                    name,
                    created: 0,
                    expires: i64::MAX,
                    ob3: None,
                };
                let invitations = if length > 0 { vec![invitation] } else { Vec::new() };
                (200, serde_json::to_string(&Invitations { invitations, next: Some(id) }).unwrap())
            })
        });
        assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "server_strange");
    }
    scene.proxy.forge(|_| None);
    scene.desk.give(ADA, BADGE);
    assert_eq!(synced(&dir)["invitations"].as_array().unwrap().len(), 1, "and when it has come to its senses, it goes on");
}

#[test]
fn awards_without_an_end_keep_the_wallet_from_nobody_for_ever_and_fill_no_inbox() {
    let mut scene = Scene::new(32);
    let dir = scene.device("wallet");
    let mut number = 0;
    scene.proxy.forge(move |line| {
        line.starts_with("GET /api/v1/awards?").then(|| {
            number += 1;
            let award = Award {
                id: numbered(number),
                credential: format!("urn:{number}"),
                name: String::from("Nothing"),
                hidden: false,
                revoked: None,
                ob3: Some(String::from("nothing that could be read")),
                ob2: None,
            };
            (200, serde_json::to_string(&Awards { next: Some(award.id), awards: vec![award] }).unwrap())
        })
    });
    synced(&dir);
    assert!(badges(&dir).is_empty());
    let kept = rusqlite::Connection::open(dir.join("wallet.db")).unwrap();
    let told: u32 = kept.query_row("SELECT count(*) FROM notice", [], |row| row.get(0)).unwrap();
    assert_eq!(told, 100, "as many as somebody reads");
}

#[test]
fn what_a_server_does_not_take_keeps_nobody_from_what_it_has_to_say() {
    let mut scene = Scene::new(33);
    let dir = scene.device("wallet");
    scene.desk.give(ADA, BADGE);
    synced(&dir);
    accept(&dir, &invitations(&dir)[0]);
    scene.proxy.forge(|line| line.starts_with("POST /api/v1/invitations/").then(|| (500, String::from("{}"))));
    scene.desk.give(ADA, "Another badge");
    assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "server_strange");
    assert_eq!(invitations(&dir).len(), 2, "the new one is here");
    scene.proxy.forge(|_| None);
    assert_eq!(synced(&dir)["sent"], 1);
}

#[test]
fn a_sign_in_that_cannot_be_kept_is_ended_at_the_server() {
    let scene = Scene::new(34);
    let mut browser = scene.browser.clone();
    scene.proxy.forge(|line| line.starts_with("GET /api/v1/account").then(|| (200, String::from("{}"))));
    let login = Login::begin(&scene.folder.at("wallet"), &scene.server.url);
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    assert_eq!(login.ending(4)["problem"]["code"], "server_strange");
    assert!(scene.proxy.seen().iter().any(|line| line.starts_with("POST /oauth/revoke")));
}

#[test]
fn a_program_that_says_a_letter_now_and_then_does_not_hold_up_the_browser() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let login = Login::begin(&folder.at("wallet"), &server.url);
    let location = decide(&mut browser, &login.address, "allow");
    let port = location.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let mut drip = TcpStream::connect(port).unwrap();
        drip.write_all(b"GET /").unwrap();
        let over = &over;
        scope.spawn(move || {
            let began = Instant::now();
            while !over.load(Ordering::Relaxed) && began.elapsed() < Duration::from_secs(40) {
                let _ = drip.write_all(b"a");
                thread::sleep(Duration::from_millis(200));
            }
        });
        let began = Instant::now();
        go(&location).ok(200);
        let took = began.elapsed();
        over.store(true, Ordering::Relaxed);
        assert!(took < Duration::from_secs(30), "{took:?}");
    });
    login.ending(0);
}

#[test]
fn a_keyring_that_never_answers_is_not_waited_for() {
    let folder = Folder::new();
    let bus = folder.at("bus");
    let listener = std::os::unix::net::UnixListener::bind(&bus).unwrap();
    let server = Running::start(&[]);
    let address = format!("unix:path={}", bus.display());
    let login = satchel(["wallet", "--json", "--wallet"]).arg(folder.at("wallet")).args(["login", &server.url, "--no-browser"]);
    let ended = login.env("DBUS_SESSION_BUS_ADDRESS", &address).run().ending(4);
    assert_eq!(ended.problem(), "no_keyring");
    drop(listener);
}

#[test]
fn secrets_that_are_a_pipe_or_a_link_are_neither_waited_for_nor_read() {
    let mut scene = Scene::new(35);
    let dir = scene.device("wallet");
    let secrets = dir.join("secrets");
    std::fs::remove_file(&secrets).unwrap();
    assert!(Command::new("mkfifo").arg(&secrets).status().unwrap().success());
    assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "wallet_unusable");
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).row()["signed_in"], false);
    std::fs::remove_file(&secrets).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &secrets).unwrap();
    assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "wallet_unusable");
}
