//! A wallet and its server, from the shell: what is done on a train arrives once, what came is kept, and two devices end equal whatever the network
//! and the server go through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use satchel_tests::desk::Desk as Office;
use satchel_tests::http::Browser;
use satchel_tests::mutate::Random;
use satchel_tests::proxy::Proxy;
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, program};
use satchel_tests::signing::{PASSPHRASE, sign_in, wallet};
use serde_json::{Value, json};

use crate::scene::{Desk, member};

pub const ADA: &str = "ada@posta.example";
pub const BADGE: &str = "Il paesaggio come laboratorio";

/// A server behind a network, an issuer, and a learner.
pub struct Scene {
    pub proxy: Proxy,
    pub server: Running,
    pub desk: Desk,
    pub browser: Browser,
    pub folder: Folder,
}

impl Scene {
    pub fn new(seed: u64) -> Self {
        let proxy = Proxy::new(seed);
        let mut server = Running::start(&["--public-url", &proxy.url]);
        proxy.to(&server.url);
        server.url.clone_from(&proxy.url);
        let browser = member(&server, ADA);
        let desk = Desk::admitted(&server, 1);
        Self { proxy, server, desk, browser, folder: Folder::new() }
    }

    /// A device that is signed in.
    pub fn device(&mut self, name: &str) -> PathBuf {
        let dir = self.folder.at(name);
        sign_in(&dir, &self.server.url, &mut self.browser);
        dir
    }

    fn database(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.server.folder.at("data").join("server.db")).unwrap();
        database.busy_timeout(Duration::from_secs(10)).unwrap();
        database
    }

    /// Stops the server, does something with its folder, and starts it again behind the same address.
    fn between(&mut self, work: impl FnOnce(&Folder)) {
        let folder = self.server.stop_in_place();
        work(&folder);
        self.server = Running::start_in(folder, &["--public-url", &self.proxy.url]);
        self.proxy.to(&self.server.url);
        self.server.url.clone_from(&self.proxy.url);
    }
}

pub fn synced(dir: &Path) -> Value {
    wallet(dir, &["sync"]).run().ending(0).row()
}

pub fn invitations(dir: &Path) -> Vec<Value> {
    wallet(dir, &["invitations"]).run().ending(0).rows()
}

pub fn badges(dir: &Path) -> Vec<Value> {
    wallet(dir, &["list"]).run().ending(0).rows()
}

pub fn accept(dir: &Path, invitation: &Value) {
    wallet(dir, &["accept", invitation["invitation"].as_str().unwrap()]).run().ending(0);
}

fn told(synced: &Value) -> Vec<String> {
    synced["notices"].as_array().unwrap().iter().map(|it| it["told"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_invitation_is_looked_at_accepted_and_in_the_wallet_checked() {
    let mut scene = Scene::new(1);
    let dir = scene.device("wallet");
    let invitation = scene.desk.give(ADA, BADGE);
    let done = synced(&dir);
    assert_eq!((&done["invitations"], &done["badges"]), (&json!([invitation]), &json!([])));
    let waits = invitations(&dir);
    let first = &waits[0];
    // It was checked before anybody decides, and it says what whoever accepts is asked.
    assert_eq!((&first["name"], &first["verdict"], &first["asks_visibility"]), (&json!(BADGE), &json!("valid"), &json!(true)));
    assert_eq!((first["issuer"].as_str(), &first["answered"]), (Some(scene.desk.did.as_str()), &json!(null)));
    let id = first["invitation"].as_str().unwrap();
    wallet(&dir, &["accept", &id[id.len() - 8..], "--private"]).run().ending(0);
    assert_eq!(invitations(&dir)[0]["answered"], "accept");
    assert_eq!(wallet(&dir, &["decline", id]).run().ending(1).problem(), "already_answered");
    let done = synced(&dir);
    assert_eq!((&done["sent"], done["badges"].as_array().unwrap().len()), (&json!(1), 1));
    let kept = badges(&dir);
    assert_eq!((&kept[0]["name"], &kept[0]["verdict"]), (&json!(BADGE), &json!("valid")));
    assert!(invitations(&dir).is_empty());
    assert_eq!(scene.desk.state(&invitation), "accepted");
    assert!(scene.browser.get("/account").ok(200).text().contains(BADGE));
    // Nothing is left to do, and what was heard stays with the badge for when there is no network.
    let done = synced(&dir);
    assert_eq!((&done["sent"], &done["badges"], &done["invitations"]), (&json!(0), &json!([]), &json!([])));
    let shown = wallet(&dir, &["show", kept[0]["id"].as_str().unwrap()]).run().ending(0).row();
    assert_eq!(shown["verdict"], "valid");
}

#[test]
fn the_name_beside_a_verdict_is_that_of_the_credential_whatever_the_server_calls_it() {
    let mut scene = Scene::new(11);
    let dir = scene.device("wallet");
    scene.desk.give(ADA, BADGE);
    let database = scene.database();
    database.execute("UPDATE award SET name = 'Nobel Prize'", []).unwrap();
    database.execute("UPDATE issuer SET name = 'Another University'", []).unwrap();
    synced(&dir);
    let waits = invitations(&dir);
    assert_eq!((&waits[0]["name"], &waits[0]["verdict"]), (&json!(BADGE), &json!("valid")));
    let text = format!("{}", waits[0]);
    assert!(!text.contains("Nobel") && !text.contains("Another University"), "{text}");
}

#[test]
fn a_feed_that_contradicts_itself_is_told_and_not_read_for_ever() {
    let mut scene = Scene::new(12);
    let dir = scene.device("wallet");
    scene.desk.give(ADA, BADGE);
    synced(&dir);
    let database = scene.database();
    assert!(database.execute("DELETE FROM change", []).unwrap() > 0);
    assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "server_strange");
    assert_eq!(invitations(&dir).len(), 1, "what was known stays");
}

#[test]
fn what_is_done_on_a_train_waits_and_arrives_once_when_the_network_is_back() {
    let mut scene = Scene::new(2);
    let dir = scene.device("wallet");
    let (one, two) = (scene.desk.give(ADA, BADGE), scene.desk.give(ADA, "Saldatura"));
    synced(&dir);
    scene.proxy.away(true);
    wallet(&dir, &["accept", &one, "--public"]).run().ending(0);
    wallet(&dir, &["decline", &two]).run().ending(0);
    wallet(&dir, &["page", "--private"]).run().ending(0);
    let failed = wallet(&dir, &["sync"]).run().ending(4);
    assert_eq!((failed.problem().as_str(), &failed.row()["problem"]["retry"]), ("no_connection", &json!(true)));
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).row()["unsent"], 3);
    assert_eq!(wallet(&dir, &["logout", "--forget"]).run().ending(1).problem(), "unsent");
    assert_eq!(scene.desk_state_directly(&one), "sent");
    scene.proxy.away(false);
    scene.proxy.seen();
    let done = synced(&dir);
    assert_eq!((&done["sent"], done["badges"].as_array().unwrap().len()), (&json!(3), 1));
    let sent: Vec<String> = scene.proxy.seen().into_iter().filter(|line| !line.starts_with("GET")).collect();
    // Once each, and in the order in which it was done.
    assert!(
        sent.len() == 3 && sent[0].contains("/accept") && sent[1].contains("/decline") && sent[2].starts_with("PATCH"),
        "{sent:?}"
    );
    assert_eq!((scene.desk.state(&one).as_str(), scene.desk.state(&two).as_str()), ("accepted", "declined"));
    assert_eq!(wallet(&dir, &["page"]).run().ending(0).row()["visibility"], "private");
    assert_eq!(synced(&dir)["sent"], 0);
}

#[test]
fn an_action_whose_answer_is_lost_is_sent_again_and_counts_once() {
    let mut scene = Scene::new(13);
    let dir = scene.device("wallet");
    let one = scene.desk.give(ADA, BADGE);
    synced(&dir);
    accept(&dir, &json!({ "invitation": one }));
    scene.proxy.seen();
    scene.proxy.lose(2);
    let done = synced(&dir);
    let sent = scene.proxy.seen().iter().filter(|line| line.contains("/accept")).count();
    assert_eq!(sent, 3);
    // The server knows it again, and nobody is told that it was answered already.
    assert_eq!((&done["sent"], &done["notices"]), (&json!(1), &json!([])));
    assert_eq!(badges(&dir).len(), 1);
}

#[test]
fn a_request_that_arrives_much_later_changes_nothing_that_was_done_since() {
    let mut scene = Scene::new(15);
    let dir = scene.device("wallet");
    let one = scene.desk.give(ADA, BADGE);
    synced(&dir);
    accept(&dir, &json!({ "invitation": one }));
    synced(&dir);
    let badge = badges(&dir)[0]["id"].as_str().unwrap().to_owned();
    wallet(&dir, &["hide", &badge]).run().ending(0);
    // It is on its way; it is sent again, and what it did is undone.
    scene.proxy.hold();
    synced(&dir);
    wallet(&dir, &["hide", &badge, "--undo"]).run().ending(0);
    synced(&dir);
    scene.proxy.arrive();
    let hidden: i64 = scene.database().query_row("SELECT hidden FROM award", [], |row| row.get(0)).unwrap();
    assert_eq!(hidden, 0);
}

#[test]
fn a_server_put_back_is_noticed_also_when_it_has_gone_on_since() {
    let mut scene = Scene::new(16);
    let dir = scene.device("wallet");
    scene.desk.give(ADA, BADGE);
    let folder = scene.folder.at("backup");
    scene.between(|server| copy(&server.at("data"), &folder));
    scene.desk.give(ADA, "Saldatura");
    synced(&dir);
    scene.between(|server| {
        fs::remove_dir_all(server.at("data")).unwrap();
        copy(&folder, &server.at("data"));
    });
    // Its feed is longer now than what was read of the one before.
    let names = ["Apicoltura", "Panificazione", "Legatoria"];
    for name in names {
        scene.desk.give(ADA, name);
    }
    let done = synced(&dir);
    assert!(told(&done).contains(&String::from("restored")), "{done}");
    let waits: BTreeSet<String> = invitations(&dir).iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(waits, BTreeSet::from([BADGE, names[0], names[1], names[2]].map(str::to_owned)));
}

#[test]
fn a_badge_that_was_given_to_somebody_else_is_not_shown_as_ones_own() {
    let mut scene = Scene::new(17);
    let dir = scene.device("wallet");
    let (mine, others) = (scene.desk.give(ADA, "Saldatura"), scene.desk.give(ADA, BADGE));
    // The server sends a badge of somebody else, which is as its issuer signed it.
    let theirs = scene.desk.signed(&scene.desk.credential("bob@posta.example", BADGE));
    let sql = "UPDATE award SET ob3 = CAST(?1 AS BLOB), ob2 = NULL WHERE name = ?2";
    assert_eq!(scene.database().execute(sql, [theirs.as_str(), BADGE]).unwrap(), 1);
    synced(&dir);
    let verdicts = |rows: Vec<Value>| -> BTreeMap<String, String> {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.iter().map(|row| (text(row, "name"), text(row, "verdict"))).collect()
    };
    let expected = BTreeMap::from([("Saldatura", "valid"), (BADGE, "undecided")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(verdicts(invitations(&dir)), expected);
    accept(&dir, &json!({ "invitation": mine }));
    accept(&dir, &json!({ "invitation": others }));
    let done = synced(&dir);
    assert_eq!((done["badges"].as_array().unwrap().len(), &done["doubtful"]), (2, &json!(1)));
    assert_eq!(verdicts(badges(&dir)), expected);
    let shown = |name: &str| {
        let id = badges(&dir).iter().find(|row| row["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
        wallet(&dir, &["show", &id]).run().ending(0).row()
    };
    assert!(format!("{}", shown(BADGE)["message"]).contains("none of the addresses of your account (ada@posta.example)"));
    assert!(format!("{}", shown("Saldatura")["checks"]).contains("It was given to ada@posta.example."));
    let list = satchel_tests::shell::satchel(["wallet", "--wallet"]).arg(&dir).arg("list").run().ending(0);
    assert!(list.said().contains("Undecided (given to none of your addresses)"), "{}", list.said());
    // An address that was taken away later was hers when the badge came.
    scene.database().execute("UPDATE address SET address = 'new@posta.example', shown = 'new@posta.example'", []).unwrap();
    wallet(&dir, &["page", "--private"]).run().ending(0);
    synced(&dir);
    assert_eq!(verdicts(badges(&dir)), expected);
    assert!(format!("{}", shown(BADGE)["message"]).contains("(new@posta.example)"));
    // A file is asked no such thing, and neither is what came through an account that is forgotten.
    wallet(&dir, &["logout", "--forget"]).run().ending(0);
    assert!(badges(&dir).iter().all(|row| row["verdict"] == "valid"));
}

#[test]
fn a_server_that_cannot_be_told_of_a_sign_out_is_told_later() {
    let mut scene = Scene::new(18);
    let dir = scene.device("wallet");
    let ended =
        |scene: &Scene| -> i64 { scene.database().query_row("SELECT count(*) FROM device", [], |row| row.get(0)).unwrap() };
    assert_eq!(ended(&scene), 1);
    scene.proxy.away(true);
    let out = wallet(&dir, &["logout"]).run().ending(0);
    assert_eq!((&out.row()["signed_in"], &out.row()["server_knows"]), (&json!(false), &json!(false)));
    let account = || wallet(&dir, &["accounts"]).run().ending(0).row();
    assert_eq!((&account()["signed_in"], &account()["server_knows"]), (&json!(false), &json!(false)));
    // Signed in anew meanwhile, and signed out again: both are told.
    scene.proxy.away(false);
    scene.device("wallet");
    assert_eq!((&account()["signed_in"], &account()["server_knows"], ended(&scene)), (&json!(true), &json!(false), 2));
    synced(&dir);
    assert_eq!((&account()["signed_in"], &account()["server_knows"], ended(&scene)), (&json!(true), &json!(true), 1));
    scene.proxy.away(true);
    wallet(&dir, &["logout", "--forget"]).run().ending(0);
    scene.proxy.away(false);
    assert_eq!(wallet(&dir, &["sync"]).run().ending(2).problem(), "which_account");
    assert_eq!(ended(&scene), 0);
}

#[test]
fn whoever_forgot_the_passphrase_of_the_sign_ins_throws_them_away_and_signs_in_again() {
    let mut scene = Scene::new(19);
    let dir = scene.device("wallet");
    let other = Running::start(&[]);
    sign_in(&dir, &other.url, &mut member(&other, "ada@casa.example"));
    scene.desk.give(ADA, BADGE);
    wallet(&dir, &["sync"]).run().ending(0);
    let forgotten = |words: &[&str]| wallet(&dir, words).env("SATCHEL_PASSPHRASE", "another walrus in it").run();
    let refused = forgotten(&["sync"]).ending(4);
    assert_eq!(refused.problem(), "wrong_passphrase");
    assert!(refused.said().contains("satchel wallet logout --all"), "{}", refused.said());
    assert_eq!(forgotten(&["logout", &scene.server.url]).ending(4).problem(), "wrong_passphrase");
    forgotten(&["logout", "--all"]).ending(0);
    assert!(wallet(&dir, &["accounts"]).run().ending(0).rows().iter().all(|row| row["signed_in"] == false));
    assert_eq!(invitations(&dir).len(), 1, "nothing else is lost");
    scene.device("wallet");
    assert_eq!(wallet(&dir, &["sync", &scene.server.url]).run().ending(0).row()["notices"], json!([]));
}

#[test]
fn a_link_of_ours_says_where_to_sign_in() {
    let mut scene = Scene::new(20);
    let dir = scene.folder.at("wallet");
    let link = format!("satchel://inbox?server={}", scene.server.url);
    sign_in(&dir, &link, &mut scene.browser);
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).row()["server"], scene.server.url);
    assert_eq!(wallet(&dir, &["login", "satchel://inbox", "--no-browser"]).run().ending(2).problem(), "bad_server");
}

/// A command on a wallet, in words.
fn said(dir: &Path, words: &[&str]) -> String {
    let shell = satchel_tests::shell::satchel(["wallet", "--wallet"]).arg(dir).args(words);
    shell.env("SATCHEL_PASSPHRASE", PASSPHRASE).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").run().ending(0).said()
}

#[test]
fn of_two_accounts_each_line_says_whose_it_is_and_what_is_shown_of_an_id_names_it() {
    let mut scene = Scene::new(22);
    let dir = scene.device("wallet");
    assert!(said(&dir, &["invitations"]).contains("ada@posta.example was never synced"));
    let bob = "bob@posta.example";
    sign_in(&dir, &scene.server.url, &mut member(&scene.server, bob));
    // Both are at one server, and begin in one hour.
    let which = wallet(&dir, &["page"]).run().ending(2);
    assert_eq!(which.problem(), "which_account");
    assert!(
        which.said().contains(ADA) && which.said().contains(bob) && which.said().contains(&scene.server.url),
        "{}",
        which.said()
    );
    let accounts = said(&dir, &["accounts"]);
    let shown = accounts.lines().find(|line| line.contains(bob)).unwrap().split(' ').next().unwrap().to_owned();
    assert_eq!(wallet(&dir, &["page", &shown]).run().ending(0).row()["visibility"], "private");
    for (address, badge) in [(ADA, BADGE), (bob, "Saldatura")] {
        scene.desk.give(address, badge);
    }
    let synced = said(&dir, &["sync"]);
    assert!(synced.contains(&format!("{ADA}, {}", scene.server.url)) && synced.contains(&format!("{bob}, ")), "{synced}");
    let waits = said(&dir, &["invitations"]);
    for (address, badge) in [(ADA, BADGE), (bob, "Saldatura")] {
        let line = waits.lines().find(|line| line.contains(badge)).unwrap();
        assert!(line.contains(address), "{waits}");
        // Six digits of the twelve that are shown.
        wallet(&dir, &["accept", &line[..6]]).run().ending(0);
    }
    said(&dir, &["sync"]);
    let badges = said(&dir, &["list"]);
    for (address, badge) in [(ADA, BADGE), (bob, "Saldatura")] {
        assert!(badges.lines().any(|line| line.contains(badge) && line.contains(address)), "{badges}");
    }
    let badge = badges.lines().find(|line| line.contains("Saldatura")).unwrap()[..12].to_owned();
    assert!(said(&dir, &["hide", &badge]).contains("Your page does not show it."));
    let lost = wallet(&dir, &["logout", bob, "--forget"]).run().ending(1);
    assert!(lost.problem() == "unsent" && lost.said().contains("--lose"), "{}", lost.said());
}

#[test]
fn a_forged_invitation_is_not_shown_as_valid_and_neither_is_what_comes_of_it() {
    let mut scene = Scene::new(14);
    let dir = scene.device("wallet");
    let one = scene.desk.give(ADA, BADGE);
    // The server changes what the issuer signed.
    let sql = "UPDATE award SET ob3 = CAST(replace(CAST(ob3 AS TEXT), 'Reads a landscape', 'Reads every landscape') AS BLOB), ob2 = NULL";
    assert_eq!(scene.database().execute(sql, []).unwrap(), 1);
    synced(&dir);
    assert_eq!(invitations(&dir)[0]["verdict"], "invalid");
    accept(&dir, &json!({ "invitation": one }));
    synced(&dir);
    assert_eq!(badges(&dir)[0]["verdict"], "invalid");
}

impl Scene {
    /// The state of an invitation, past the network.
    fn desk_state_directly(&self, invitation: &str) -> String {
        let id: String = invitation.replace('-', "");
        let sql = "SELECT state FROM invitation WHERE lower(hex(id)) = ?1";
        self.database().query_row(sql, [id], |row| row.get(0)).unwrap()
    }
}

#[test]
fn what_issuer_and_server_take_back_is_told_and_stays_in_the_wallet() {
    let mut scene = Scene::new(3);
    let dir = scene.device("wallet");
    let (kept, withdrawn) = (scene.desk.give(ADA, BADGE), scene.desk.give(ADA, "Saldatura"));
    synced(&dir);
    accept(&dir, &json!({ "invitation": kept }));
    synced(&dir);
    scene.desk.send("POST", &format!("invitations/{withdrawn}/withdraw"), b"").ok(200);
    let done = synced(&dir);
    assert_eq!(told(&done), ["ended"]);
    assert!(done["notices"][0]["message"].as_str().unwrap().contains("took the invitation back"), "{done}");
    assert!(invitations(&dir).is_empty());
    // A server that says an award is gone takes nothing away.
    let database = scene.database();
    database.execute("UPDATE award SET holder = NULL", []).unwrap();
    database.execute("UPDATE feed SET cut = head", []).unwrap();
    database.execute("DELETE FROM change", []).unwrap();
    drop(database);
    // A change after the cut: what was before is not there any more, so everything is read again.
    scene.desk.give(ADA, "Apicoltura");
    let done = synced(&dir);
    assert_eq!(told(&done), ["gone"]);
    assert_eq!(badges(&dir).len(), 1, "the badge stays");
    assert_eq!(synced(&dir)["notices"], json!([]), "it is told once");
}

#[test]
fn what_one_device_did_the_other_sees_and_the_first_answer_counts() {
    let mut scene = Scene::new(4);
    let (desktop, laptop) = (scene.device("desktop"), scene.device("laptop"));
    let (one, two) = (scene.desk.give(ADA, BADGE), scene.desk.give(ADA, "Saldatura"));
    for dir in [&desktop, &laptop] {
        assert_eq!(synced(dir)["invitations"].as_array().unwrap().len(), 2);
    }
    accept(&desktop, &json!({ "invitation": one }));
    wallet(&laptop, &["decline", &one]).run().ending(0);
    accept(&laptop, &json!({ "invitation": two }));
    synced(&desktop);
    // Too late: it was accepted there. What came after it is done all the same.
    let done = synced(&laptop);
    assert_eq!((told(&done), &done["sent"]), (vec![String::from("refused")], &json!(1)));
    assert_eq!(done["notices"][0]["code"], "conflict");
    synced(&desktop);
    let of = |dir: &Path| badges(dir).iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert!(of(&desktop).len() == 2 && of(&desktop) == of(&laptop));
    // A badge that was thrown away here does not come back by itself, and stays on the other device.
    let id = of(&laptop).into_iter().next().unwrap();
    wallet(&laptop, &["remove", &id, "--erase"]).run().ending(0);
    wallet(&desktop, &["hide", &id]).run().ending(0);
    assert_eq!(synced(&desktop)["sent"], 1);
    assert_eq!(synced(&laptop)["badges"], json!([]));
    assert_eq!((of(&desktop).len(), of(&laptop).len()), (2, 1));
    let page = scene.browser.get("/account").ok(200).text();
    assert!(page.contains(BADGE), "{page}");
    // What came from no account is on no page.
    let file = scene.folder.file("badge.json", scene.desk.signed(&scene.desk.credential(ADA, "Apicoltura")));
    let added = wallet(&desktop, &["import", "--offline"]).arg(file).run().ending(0).row();
    assert_eq!(wallet(&desktop, &["hide", added["id"].as_str().unwrap()]).run().ending(1).problem(), "no_award");
}

#[test]
fn a_server_put_back_to_a_backup_is_noticed_and_nothing_is_lost() {
    let mut scene = Scene::new(5);
    let dir = scene.device("wallet");
    let before = scene.desk.give(ADA, BADGE);
    synced(&dir);
    let folder = scene.folder.at("backup");
    scene.between(|server| copy(&server.at("data"), &folder));
    accept(&dir, &json!({ "invitation": before }));
    let after = scene.desk.give(ADA, "Saldatura");
    synced(&dir);
    accept(&dir, &json!({ "invitation": after }));
    synced(&dir);
    assert_eq!(badges(&dir).len(), 2);
    scene.between(|server| {
        fs::remove_dir_all(server.at("data")).unwrap();
        copy(&folder, &server.at("data"));
    });
    assert_eq!(scene.desk.state(&before), "sent", "it has forgotten");
    let done = synced(&dir);
    assert_eq!(told(&done), ["restored", "gone"]);
    assert_eq!(done["sent"], 1, "the answer that it forgot");
    assert_eq!(scene.desk.state(&before), "accepted");
    assert_eq!(badges(&dir).len(), 2, "nothing is lost");
    assert_eq!(synced(&dir)["notices"], json!([]));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_sync_that_is_killed_anywhere_goes_on_and_each_thing_counts_once() {
    let mut scene = Scene::new(6);
    let dir = scene.device("wallet");
    let names: Vec<String> = (0..12).map(|number| format!("Badge {number}")).collect();
    let given: Vec<String> = names.iter().map(|name| scene.desk.give(ADA, name)).collect();
    let mut random = Random::new(8);
    let kill = |random: &mut Random| {
        let mut command = Command::new(program());
        command.args(["wallet", "--json", "--wallet"]).arg(&dir).arg("sync").env("SATCHEL_PASSPHRASE", PASSPHRASE);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Long enough to get past argon2 now and then, and to be anywhere in what follows.
        thread::sleep(Duration::from_millis(150 + random.below(900) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
    };
    (0..4).for_each(|_| kill(&mut random));
    synced(&dir);
    assert_eq!(invitations(&dir).len(), 12);
    for id in &given {
        accept(&dir, &json!({ "invitation": id }));
    }
    (0..8).for_each(|_| kill(&mut random));
    synced(&dir);
    assert_eq!(badges(&dir).len(), 12);
    assert!(given.iter().all(|id| scene.desk.state(id) == "accepted"));
    let sql = "SELECT count(*) FROM change WHERE kind = 'award' AND feed = (SELECT holder FROM award LIMIT 1)";
    assert_eq!(scene.database().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 12, "each counts once");
    let rebuilt = wallet(&dir, &["rebuild"]).run().ending(0).row();
    assert!(rebuilt["damaged"].is_null(), "{rebuilt}");
}

/// What both devices and the server say about the account.
fn view(dir: &Path) -> (BTreeSet<String>, BTreeSet<String>, Value) {
    let text = |rows: Vec<Value>, name: &str| rows.iter().map(|it| it[name].as_str().unwrap().to_owned()).collect();
    let visibility = wallet(dir, &["page"]).run().ending(0).row()["visibility"].clone();
    (text(invitations(dir), "invitation"), text(badges(dir), "id"), visibility)
}

#[test]
fn two_devices_on_a_rough_network_end_equal_and_each_action_arrives_once() {
    let mut scene = Scene::new(9);
    let dirs = [scene.device("desktop"), scene.device("laptop")];
    let mut random = Random::new(11);
    let mut given: BTreeMap<String, bool> = BTreeMap::new();
    let histories: u32 = std::env::var("SATCHEL_HISTORIES").map_or(20, |asked| asked.parse().expect("a number"));
    for history in 0..histories {
        scene.proxy.rough(false);
        for number in 0..random.below(3) {
            given.insert(scene.desk.give(ADA, &format!("Badge {history} {number}")), true);
        }
        scene.proxy.rough(true);
        for _ in 0..4 {
            let dir = &dirs[random.below(2)];
            match random.below(6) {
                0 | 1 => {
                    let waits: Vec<Value> = invitations(dir).into_iter().filter(|it| it["answered"].is_null()).collect();
                    if !waits.is_empty() {
                        let id = random.pick(&waits)["invitation"].as_str().unwrap().to_owned();
                        let answer = if random.below(3) == 0 { "decline" } else { "accept" };
                        wallet(dir, &[answer, &id]).run().ending(0);
                    }
                }
                2 => {
                    let who = if random.below(2) == 0 { "--public" } else { "--private" };
                    wallet(dir, &["page", who]).run().ending(0);
                }
                3 => {
                    let kept = badges(dir);
                    if !kept.is_empty() {
                        let id = random.pick(&kept)["id"].as_str().unwrap().to_owned();
                        let options: &[&str] = if random.below(2) == 0 { &["hide", &id] } else { &["hide", &id, "--undo"] };
                        wallet(dir, options).run().ending(0);
                    }
                }
                _ => {
                    let run = wallet(dir, &["sync"]).run();
                    let trouble =
                        |run: &satchel_tests::shell::Run| ["no_connection", "server_strange"].contains(&run.problem().as_str());
                    assert!(run.status == Some(0) || trouble(&run), "{}", run.said());
                }
            }
        }
    }
    scene.proxy.rough(false);
    // Copies that are still under way arrive.
    thread::sleep(Duration::from_millis(500));
    for _ in 0..2 {
        for dir in &dirs {
            synced(dir);
        }
    }
    let (one, two) = (view(&dirs[0]), view(&dirs[1]));
    assert_eq!(one, two);
    let states: BTreeMap<&String, String> = given.keys().map(|id| (id, scene.desk.state(id))).collect();
    let open: BTreeSet<String> = states
        .iter()
        .filter(|(_, state)| ["queued", "sent", "opened"].contains(&state.as_str()))
        .map(|(id, _)| (*id).clone())
        .collect();
    assert_eq!(one.0, open);
    assert_eq!(one.1.len(), states.values().filter(|state| *state == "accepted").count());
    // Each accepted award changed hands once, and each key was used for one thing.
    let database = scene.database();
    let twice: i64 = database
        .query_row("SELECT count(*) FROM (SELECT subject FROM change WHERE kind = 'invitation' GROUP BY feed, subject HAVING count(*) > 3)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(twice, 0);
    let (requests, harm) = scene.proxy.count();
    assert!(harm * 3 > requests / 2, "{harm} of {requests}");
}

#[test]
fn the_first_sync_of_many_badges_goes_page_by_page_in_flat_memory() {
    let mut scene = Scene::new(10);
    let dir = scene.device("few");
    let one = scene.desk.give(ADA, BADGE);
    synced(&dir);
    accept(&dir, &json!({ "invitation": one }));
    synced(&dir);
    let fill = |scene: &Scene, from: i64, to: i64| {
        let database = scene.database();
        // The same badge with other ids: what they are worth does not matter here.
        let sql = "INSERT INTO award (id, issuer, credential, achievement, name, ob3, ob2, issued, expires, holder, hidden, revoked, created)
            WITH RECURSIVE n (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
            SELECT CAST(substr(id, 1, 12) || CAST(printf('%04d', n) AS BLOB) AS BLOB), issuer, credential || n, achievement, name,
                CAST(replace(CAST(ob3 AS TEXT), 'Reads a landscape', 'Reads landscape ' || n) AS BLOB), NULL, issued, expires, holder, 0, NULL, created
            FROM n, award WHERE name = ?3 AND ob2 IS NOT NULL";
        database.execute(sql, rusqlite::params![from, to, BADGE]).unwrap();
    };
    fill(&scene, 1, 100);
    let few = scene.device("hundred");
    let small = wallet(&few, &["sync"]).run().ending(0);
    assert_eq!(small.row()["badges"].as_array().unwrap().len(), 101);
    fill(&scene, 101, 2000);
    let many = scene.device("thousands");
    scene.proxy.seen();
    let large = wallet(&many, &["sync"]).run().ending(0);
    assert_eq!(large.row()["badges"].as_array().unwrap().len(), 2001);
    let pages = scene.proxy.seen().iter().filter(|line| line.contains("/awards?")).count();
    assert_eq!(pages, 2001_usize.div_ceil(satchel_wallet::sync::PAGE));
    assert!(large.memory < small.memory + 40_000, "{} kB for a hundred, {} kB for two thousand", small.memory, large.memory);
    assert_eq!(
        badges(&many).iter().filter(|it| it["verdict"] == "invalid").count(),
        2000,
        "what was changed is not shown as valid"
    );
}

#[test]
fn of_very_many_invitations_those_that_are_shown_are_asked_for_and_the_others_as_these_are_answered() {
    let mut scene = Scene::new(21);
    let (dir, later) = (scene.device("wallet"), scene.device("later"));
    scene.desk.give(ADA, BADGE);
    // This one goes on from here, by what changed.
    synced(&later);
    let database = scene.database();
    let many = 1500;
    let columns = |table: &str| -> Vec<String> {
        let mut statement = database.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let copied = |table: &str, other: &[(&str, &str)]| {
        let names = columns(table);
        let values: Vec<&str> =
            names.iter().map(|name| other.iter().find(|it| it.0 == name).map_or(name.as_str(), |it| it.1)).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1) SELECT {} FROM n, {table}",
            names.join(", "),
            values.join(", ")
        );
        assert_eq!(database.execute(&sql, [i64::try_from(many).unwrap()]).unwrap(), many);
    };
    let numbered = "CAST(substr(id, 1, 12) || CAST(printf('%04d', n) AS BLOB) AS BLOB)";
    let award = "CAST(substr(award, 1, 12) || CAST(printf('%04d', n) AS BLOB) AS BLOB)";
    copied("award", &[("id", numbered), ("credential", "credential || n")]);
    copied("invitation", &[("id", numbered), ("award", award)]);
    let feed = "(SELECT id FROM account)";
    let changes = format!(
        "INSERT INTO change (feed, seq, kind, subject, at)
         SELECT feed.id, feed.head + row_number() OVER (ORDER BY invitation.id), 'invitation', invitation.id, feed_at.at
         FROM feed, invitation, (SELECT max(at) AS at FROM change) AS feed_at
         WHERE feed.id = {feed} AND invitation.id NOT IN (SELECT subject FROM change)"
    );
    assert_eq!(database.execute(&changes, []).unwrap(), many);
    let head = format!("UPDATE feed SET head = (SELECT max(seq) FROM change WHERE feed = {feed}) WHERE id = {feed}");
    database.execute(&head, []).unwrap();
    scene.proxy.seen();
    synced(&dir);
    let shown = satchel_wallet::sync::read::SHOWN;
    let asked = |scene: &Scene| {
        let seen = scene.proxy.seen();
        let of = |what: &str| seen.iter().filter(|line| line.starts_with(what)).count();
        (of("GET /api/v1/invitations/"), of("GET /api/v1/invitations?"))
    };
    assert_eq!(asked(&scene), (shown, 4), "pages of 500");
    let list = wallet(&dir, &["invitations"]).run().ending(0);
    let waits = list.rows();
    assert!(waits.len() == shown && waits.iter().all(|row| row["verdict"] == "valid"), "{waits:?}");
    assert!(list.said().contains(&format!("{} more wait", many + 1 - shown)), "{}", list.said());
    for waiting in &waits[..3] {
        wallet(&dir, &["decline", waiting["invitation"].as_str().unwrap()]).run().ending(0);
    }
    synced(&dir);
    assert_eq!(asked(&scene).0, 3 + 3, "what was answered, and what is shown in its place");
    let waits = invitations(&dir);
    assert!(waits.len() == shown && waits.iter().all(|row| row["verdict"] == "valid"), "{waits:?}");
    assert_eq!((synced(&dir)["sent"].clone(), asked(&scene).0), (json!(0), 0));
    // By what changed no more are asked for of each page of it (500) than by reading everything.
    synced(&later);
    let (by_one, _) = asked(&scene);
    assert!(by_one <= (many.div_ceil(499) + 1) * shown, "{by_one} were asked for");
    let waits = invitations(&later);
    assert!(waits.len() == shown && waits.iter().all(|row| row["verdict"] == "valid"), "{waits:?}");
}

#[test]
fn whoever_watches_hears_of_a_change_at_once_and_asks_for_nothing_meanwhile() {
    let mut scene = Scene::new(12);
    let dir = scene.device("wallet");
    let mut command = Command::new(program());
    command.args(["wallet", "--json", "--wallet"]).arg(&dir).args(["sync", "--watch"]).env("SATCHEL_PASSPHRASE", PASSPHRASE);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (send, heard) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    let next = || -> Value {
        let line = heard.recv_timeout(Duration::from_mins(1)).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    assert_eq!(next()["sent"], 0);
    thread::sleep(Duration::from_secs(1));
    scene.proxy.seen();
    thread::sleep(Duration::from_secs(2));
    assert!(scene.proxy.seen().is_empty(), "one request waits, and no other is made");
    let invitation = scene.desk.give(ADA, BADGE);
    let began = Instant::now();
    assert_eq!(next()["invitations"], json!([invitation]));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // The wallet is free for others in between.
    accept(&dir, &json!({ "invitation": invitation }));
    // Where the network goes away, it goes on by itself when that is back.
    scene.proxy.away(true);
    scene.proxy.away(false);
    wallet(&dir, &["sync"]).run().ending(0);
    assert_eq!(badges(&dir).len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_sync_that_waits_for_the_network_leaves_the_wallet_to_others() {
    let mut scene = Scene::new(41);
    let dir = scene.device("wallet");
    let first = scene.desk.give(ADA, BADGE);
    synced(&dir);
    for how in [&["sync"][..], &["sync", "--watch"]] {
        scene.proxy.keep_waiting(Some("GET /api/v1/changes"));
        scene.proxy.seen();
        let mut sync = wallet(&dir, how).spawn();
        let end = Instant::now() + Duration::from_mins(1);
        while !scene.proxy.seen().iter().any(|line| line.starts_with("GET /api/v1/changes")) {
            assert!(Instant::now() < end, "{how:?} asks for nothing");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(badges(&dir).len(), how.len() - 1, "{how:?}");
        if how.len() == 1 {
            accept(&dir, &json!({ "invitation": first }));
        }
        scene.proxy.keep_waiting(None);
        if how.len() == 1 {
            assert!(sync.wait().unwrap().success(), "it goes on with the wallet that another one has changed");
            assert_eq!(badges(&dir).len(), 1, "what was done meanwhile was sent");
        } else {
            sync.kill().unwrap();
            sync.wait().unwrap();
        }
    }
}

#[test]
fn a_wallet_notices_that_an_issuers_key_has_passed_on() {
    let mut scene = Scene::new(31);
    let dir = scene.device("wallet");
    let url = scene.server.url.clone();
    for (reason, verdict) in [("rotated", "valid"), ("compromised", "undecided")] {
        let office = Office::new();
        scene.server.admin(&["issuer", "add", "--key", &office.did]).ending(0);
        office.badge(reason);
        office.award(reason, &office.table(format!("email\n{ADA}\n")), &["--server", &url]).ending(0);
        office.command(&["publish"]).run().ending(0);
        synced(&dir);
        accept(&dir, &invitations(&dir)[0]);
        let badge = synced(&dir)["badges"][0].as_str().unwrap().to_owned();
        let shown = || wallet(&dir, &["show", &badge]).run().ending(0).row();
        let says = |code: &str| shown()["checks"].as_array().unwrap().iter().any(|line| line["code"] == code);
        assert_eq!(shown()["verdict"], "valid");
        assert!(told(&synced(&dir)).is_empty() && !says("issuer_succeeded_on"));

        let folder = Folder::new();
        let took_over = office.succeeded(&folder, &url, reason);
        let (_, new) = Office::taken_over(folder, took_over);
        let done = synced(&dir);
        assert_eq!(told(&done), ["succeeded"], "{done}");
        assert_eq!((shown()["verdict"].as_str(), says("issuer_succeeded_on")), (Some(verdict), true), "{}", shown());
        // Without a network, too, since the proof was kept; and it is told once.
        new.command(&["publish"]).run().ending(0);
        assert!(told(&synced(&dir)).is_empty());
        assert!(says("issuer_succeeded_on"));
    }
}
