//! Backups that are made while the server runs, and what is made of them: all or nothing, nothing that was erased, and nothing that opened
//! something then.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use satchel_protocol::sha256;
use satchel_tests::http::Browser;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, Run, Shell, satchel};
use serde_json::{Value, json};

use crate::catalogue::publish;
use crate::news;
use crate::scene::{Desk, PASSWORD, member, secret, server_with, sign_in};

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";
const EVA: &str = "eva@posta.example";

fn backup(server: &Running, name: &str) -> std::path::PathBuf {
    let file = server.folder.at(name);
    server.admin(&["backup", "--json", "-o", file.to_str().unwrap()]).ending(0);
    file
}

fn restoring(folder: &Folder, file: &Path, options: &[&str]) -> Shell {
    satchel(["admin", "restore", "--json", "--data"]).arg(folder.at("data")).arg(file).args(options)
}

pub fn restore(folder: &Folder, file: &Path, options: &[&str]) -> Run {
    restoring(folder, file, options).run()
}

/// The rows of a table of a server that is stopped.
fn rows(folder: &Folder, table: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(folder.at("data").join("server.db")).unwrap();
    let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let width = statement.column_count();
    let read = statement.query_map([], |row| {
        let cell = |at: usize| match row.get_ref(at).unwrap() {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        };
        let cells: Vec<String> = (0..width).map(cell).collect();
        Ok(cells.join(" "))
    });
    let mut rows: Vec<String> = read.unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

fn award(desk: &Desk, email: &str, badge: &str) -> Value {
    json!({ "email": email, "ob3": desk.signed(&desk.credential(email, badge)) })
}

#[test]
fn a_backup_made_under_load_has_all_that_was_answered_before_and_nothing_by_half() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let desk = Desk::admitted(&server, 1);
    let before: Vec<String> = (0..5).map(|number| desk.give(&format!("before{number}@posta.example"), "Saldatura")).collect();
    let over = AtomicBool::new(false);
    let file = thread::scope(|scope| {
        for worker in 0..2 {
            let (desk, over) = (&desk, &over);
            scope.spawn(move || {
                for number in 0..500 {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    desk.upload(&[award(desk, &format!("w{worker}n{number}@posta.example"), "Saldatura")]);
                }
            });
        }
        let file = backup(&server, "while-it-ran.backup");
        over.store(true, Ordering::Relaxed);
        file
    });
    let elsewhere = Folder::new();
    let done = restore(&elsewhere, &file, &[]).ending(0).row();
    assert!(done["rows"].as_i64().unwrap() > 20, "{done}");
    let here = server.stop();
    // What never changes once it is there is the same to the byte; the restored one may have fewer.
    for table in ["award", "account", "address", "document", "issuer", "meta"] {
        let all = rows(&here, table);
        let restored = rows(&elsewhere, table);
        assert!(!restored.is_empty() && restored.iter().all(|row| all.contains(row)), "{table}");
    }
    let awards = rows(&elsewhere, "award").len();
    assert_eq!(awards, rows(&elsewhere, "invitation").len(), "an award and its invitation come together");
    let restored = Running::start_in(elsewhere, &[]);
    let listed = Desk::new(&restored, 1).send("GET", "invitations", b"").ok(200).json().to_string();
    assert!(before.iter().all(|id| listed.contains(id)));
    sign_in(&restored, ADA, PASSWORD).1.ok(303);
    // A restored database can be backed up, and is the same again.
    let again = backup(&restored, "again.backup");
    let third = Folder::new();
    restore(&third, &again, &[]).ending(0);
    let second = restored.stop();
    for table in ["award", "account", "address", "document", "issuer", "meta", "listing", "suppressed"] {
        assert_eq!(rows(&second, table), rows(&third, table), "{table}");
    }
}

#[test]
fn a_backup_moves_from_postgresql_to_sqlite_and_back() {
    let first = Postgres::start();
    let url = first.url();
    let server = Running::start(&["--database-url", &url]);
    member(&server, ADA);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(BOB, "Saldatura");
    let file = backup(&server, "one.backup");
    let refused = server.admin(&["restore", "--json", file.to_str().unwrap(), "--replace"]);
    assert!(refused.ending(1).out.contains("stop it first"), "a server is connected");
    let first_folder = server.stop();
    let folder = Folder::new();
    restore(&folder, &first_folder.at("one.backup"), &[]).ending(0);
    let server = Running::start_in(folder, &[]);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
    assert!(Desk::new(&server, 1).send("GET", "invitations", b"").ok(200).text().contains(&id));
    backup(&server, "two.backup");
    let kept = server.stop();
    let folder = Folder::new();
    let into = |options: &[&str]| restore(&folder, &kept.at("two.backup"), &[&["--database-url", &url], options].concat());
    assert!(into(&[]).ending(1).out.contains("--replace"));
    into(&["--replace"]).ending(0);
    let server = Running::start(&["--database-url", &url]);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
    assert!(Desk::new(&server, 1).send("GET", "invitations", b"").ok(200).text().contains(&id));
}

#[test]
fn a_backup_that_was_cut_or_changed_is_told_before_anything_is_replaced() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let file = backup(&server, "good.backup");
    assert!(server.admin(&["backup", "-o", file.to_str().unwrap()]).ending(1).err.contains("already"));
    let good = fs::read(&file).unwrap();
    let running = server.admin(&["restore", "--json", file.to_str().unwrap(), "--replace"]);
    assert!(running.ending(1).out.contains("stop it first"));
    let folder = server.stop();
    assert!(restore(&folder, &file, &[]).ending(1).out.contains("--replace"), "it has accounts");
    let kept = fs::read(folder.at("data").join("server.db")).unwrap();
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    // A name that is another one, with nothing else out of place.
    let mut renamed = good.clone();
    let place = renamed.windows(9).position(|it| it == b"Marchetti").unwrap();
    renamed[place + 8] = b'o';
    let longer = [good.as_slice(), b"x"].concat();
    let newer = String::from_utf8_lossy(&good[..200]).replace("\"schema\":", "\"schema\":9");
    for (name, bytes) in [
        ("cut", &good[..good.len() - 1]),
        ("half", &good[..middle]),
        ("changed", &changed),
        ("renamed", &renamed),
        ("longer", &longer),
        ("empty", b""),
        ("other", b"SQLite format 3\0 and so on"),
        ("newer", newer.as_bytes()),
    ] {
        let bad = folder.file(name, bytes);
        assert_eq!(restore(&folder, &bad, &["--replace"]).ending(1).problem(), "admin_refused", "{name}");
        let empty = Folder::new();
        restore(&empty, &bad, &[]).ending(1);
        assert!(!empty.at("data").join("server.db").exists(), "{name}");
    }
    assert_eq!(fs::read(folder.at("data").join("server.db")).unwrap(), kept);
    restore(&folder, &file, &["--replace"]).ending(0);
    sign_in(&Running::start_in(folder, &[]), ADA, PASSWORD).1.ok(303);
}

/// A backup with another head, whole by its own hash.
fn with_head(backup: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut lines = backup.splitn(3, |byte| *byte == b'\n');
    let (mark, head, rows) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    let mut head: Value = serde_json::from_slice(head).unwrap();
    change(&mut head);
    let rows = &rows[..rows.len() - 32];
    let mut made = [mark, b"\n", head.to_string().as_bytes(), b"\n", rows].concat();
    made.extend(sha256(&made));
    made
}

#[test]
fn a_backup_of_a_newer_program_or_with_tables_of_another_one_is_refused_though_it_is_whole() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let file = backup(&server, "good.backup");
    assert_eq!(mode(&file), 0o600, "what is in it is nobody else's to read");
    let good = fs::read(&file).unwrap();
    let folder = server.stop();
    let kept = fs::read(folder.at("data").join("server.db")).unwrap();
    let same = folder.file("same", with_head(&good, |_| {}));
    restore(&Folder::new(), &same, &[]).ending(0);
    let newer = with_head(&good, |head| head["schema"] = json!(head["schema"].as_i64().unwrap() + 1));
    let table = |name: &str| {
        let table = json!({ "name": name, "columns": ["id"], "key": ["id"] });
        with_head(&good, |head| head["tables"].as_array_mut().unwrap().push(table.clone()))
    };
    let column = with_head(&good, |head| head["tables"][0]["columns"].as_array_mut().unwrap().reverse());
    for (name, bytes, words) in [
        ("newer", newer, "a newer Satchel"),
        ("foreign", table("journal"), "a table that this program does not know"),
        // What stands in a head comes into no SQL.
        ("sql", table("tombstone WHERE 1 = 1"), "a table that this program does not know"),
        ("columns", column, "a table that this program does not know"),
    ] {
        let bad = folder.file(name, bytes);
        let refused = restore(&folder, &bad, &["--replace"]).ending(1);
        assert!(refused.out.contains(words), "{name}: {}", refused.out);
        let empty = Folder::new();
        restore(&empty, &bad, &[]).ending(1);
        assert!(!empty.at("data").join("server.db").exists(), "{name}");
    }
    assert_eq!(fs::read(folder.at("data").join("server.db")).unwrap(), kept);
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn of_the_mails_that_waited_when_a_backup_was_made_invitations_alone_leave_after_it_is_restored() {
    let server = Running::start(&[]);
    member(&server, ADA);
    member(&server, BOB);
    let desk = Desk::admitted(&server, 1);
    // The mail server is away: what is written waits.
    let folder = server.stop();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = format!("[mail]\nsmtp = \"smtp://127.0.0.1:{nobody}?tls=none\"\nfrom = \"no-reply@badges.example\"\n");
    let config = folder.file("away.toml", settings).to_str().unwrap().to_owned();
    let server = Running::start_by_smtp(folder, &["--config", &config]);
    forget(&server, ADA);
    Desk::new(&server, 1).upload(&[award(&desk, EVA, "Saldatura")]);
    let file = backup(&server, "then.backup");
    let bytes = fs::read(&file).unwrap();
    server.stop();
    let elsewhere = Folder::new();
    let file = elsewhere.file("then.backup", &bytes);
    restore(&elsewhere, &file, &[]).ending(0);
    let waiting: Vec<String> = rows(&elsewhere, "outbox");
    assert!(waiting.iter().all(|row| !row.contains(ADA)) && waiting.iter().any(|row| row.contains(EVA)), "{waiting:?}");
    let server = Running::start_in(elsewhere, &[]);
    let claim = secret(&server.mail(EVA, "Saldatura").link("/claim/"));
    assert!(server.browser().get(&format!("/claim/{claim}")).ok(200).text().contains("Saldatura"), "its link leads somewhere");
    // People come before invitations, and somebody who asks now is answered.
    forget(&server, BOB);
    server.mail(BOB, "A new password");
    assert!(server.mails().iter().all(|mail| mail.to != ADA), "{:?}", server.mails());
}

/// Somebody says that the password is forgotten.
fn forget(server: &Running, email: &str) {
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", email)]).ok(200);
}

#[test]
fn whom_a_proposal_was_about_stays_erased_when_a_backup_is_restored() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    crate::requests::open_form(&desk);
    let made = desk.send("POST", "systems", br#"{"name":"Moodle"}"#).ok(200).json();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let propose = |email: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", email)];
        let body = json!({ "badge": "saldatura", "email": email, "name": "Eva Quasimodo" }).to_string();
        let path = format!("/api/v1/issuers/{}/proposals", desk.did);
        let answer = Browser::new(&server.url).send("POST", &path, &headers, body.as_bytes()).ok(201).json();
        answer["id"].as_str().unwrap().to_owned()
    };
    let (declined, waiting) = (propose(EVA), propose(BOB));
    let file = backup(&server, "before.backup");
    assert!(fs::read(&file).unwrap().windows(EVA.len()).any(|it| it == EVA.as_bytes()), "the backup is older");
    desk.send("POST", &format!("inbox/{declined}/decline"), b"{}").ok(200);
    // The file of what was erased follows within the hour, and when a server starts.
    let server = server.restart();
    let log = server.folder.at("data").join("erased.log");
    let began = Instant::now();
    while !fs::read_to_string(&log).unwrap_or_default().contains("\"proposal\"") {
        assert!(began.elapsed().as_secs() < 90, "{}", fs::read_to_string(&log).unwrap_or_default());
        thread::sleep(Duration::from_millis(20));
    }
    let folder = server.stop();
    let bytes = fs::read(&file).unwrap();
    let kept = Folder::new();
    let file = kept.file("before.backup", &bytes);
    fs::remove_file(folder.at("before.backup")).unwrap();
    let elsewhere = Folder::new();
    let told = restore(&elsewhere, &file, &["--erased", log.to_str().unwrap()]).ending(0).row();
    assert_eq!(told["erased_again"], 1, "{told}");
    assert_eq!(restore(&folder, &file, &["--replace"]).ending(0).row()["erased_again"], 1);
    for folder in [folder, elsewhere] {
        assert_eq!(is_anywhere(&folder.at("data"), EVA), None);
        let server = Running::start_in(folder, &[]);
        let inbox = Desk::new(&server, 1).send("GET", "inbox", b"").ok(200).text();
        assert!(!inbox.contains(&declined) && inbox.contains(&waiting), "{inbox}");
    }
}

/// Ends a command after a while; whether it was still at work.
fn broken_off(shell: Shell, after: Duration) -> bool {
    let mut child = shell.spawn();
    thread::sleep(after);
    let running = child.try_wait().unwrap().is_none();
    drop(child.kill());
    child.wait().unwrap();
    running
}

#[test]
fn a_kill_in_the_middle_of_a_backup_or_a_restore_leaves_nothing_by_half() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    // Something to copy: a few large documents and many small rows.
    let noise = "a walrus in a kettle ".repeat(15_000);
    for number in 0..12 {
        let document = json!({ "id": format!("urn:uuid:{number}"), "type": "Achievement", "name": "Saldatura", "description": "Welds.",
            "criteria": { "narrative": "Weld." }, "notes": noise });
        desk.put(&format!("achievements/a{number}.json"), &document.to_string()).ok(201);
    }
    let awards: Vec<_> = (0..50).map(|number| award(&desk, &format!("p{number}@posta.example"), "Saldatura")).collect();
    desk.upload(&awards);
    let folder = server.stop();
    let making = |file: &Path| satchel(["admin", "backup", "--json", "--data"]).arg(folder.at("data")).arg("-o").arg(file);
    let whole = folder.at("whole.backup");
    let began = Instant::now();
    making(&whole).run().ending(0);
    let took = began.elapsed();
    let mut broken = 0;
    for number in 0..12_u32 {
        let file = folder.at(format!("{number}.backup"));
        broken += u32::from(broken_off(making(&file), took * number / 12));
        if file.exists() {
            restore(&Folder::new(), &file, &[]).ending(0);
        }
    }
    let count = |folder: &Folder| rows(folder, "award").len() + rows(folder, "document").len();
    let all = count(&folder);
    let elsewhere = Folder::new();
    let began = Instant::now();
    restore(&elsewhere, &whole, &[]).ending(0);
    let took = began.elapsed();
    for number in 0..12_u32 {
        let empty = Folder::new();
        broken += u32::from(broken_off(restoring(&empty, &whole, &[]), took * number / 12));
        if empty.at("data").join("server.db").exists() {
            assert_eq!(count(&empty), all, "a database that is there is whole");
        }
        broken += u32::from(broken_off(restoring(&elsewhere, &whole, &["--replace"]), took * number / 12));
        assert_eq!(count(&elsewhere), all, "the one before or the one after");
    }
    assert!(broken > 6, "{broken} were broken off");
    // What was left behind is in nobody's way.
    restore(&elsewhere, &whole, &["--replace"]).ending(0);
    Desk::new(&Running::start_in(elsewhere, &[]), 1).send("GET", "invitations", b"").ok(200);
}

/// Whether bytes are in any file of a folder.
pub fn is_anywhere(folder: &Path, needle: &str) -> Option<String> {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let bytes = fs::read(entry.path()).unwrap();
        if bytes.windows(needle.len()).any(|it| it == needle.as_bytes()) {
            return Some(entry.path().display().to_string());
        }
    }
    None
}

#[test]
fn what_was_erased_after_a_backup_is_erased_again_when_it_is_restored() {
    let server = Running::start(&[]);
    let mut ada = member(&server, ADA);
    member(&server, BOB);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(EVA, "Saldatura");
    let link = server.mail(EVA, "Saldatura").link("/claim/");
    let file = backup(&server, "before.backup");
    // One deletes the account, one says never again.
    let form = ada.get("/account/delete").ok(200);
    ada.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    server.mail(ADA, "account is deleted");
    let mut eva = server.browser();
    let page = eva.get(&format!("{link}/never")).ok(200);
    eva.post(&format!("{link}/never"), &page, &[]).ok(200);
    let folder = server.stop();
    let kept = Folder::new();
    let bytes = fs::read(&file).unwrap();
    let file = kept.file("before.backup", &bytes);
    assert!(bytes.windows(ADA.len()).any(|it| it == ADA.as_bytes()), "the backup is older");
    // In the same folder, whose database tells; in another one, by the file beside it.
    let log = folder.at("data").join("erased.log");
    assert_eq!(is_anywhere(&folder.at("data"), ADA), None);
    let elsewhere = Folder::new();
    let told = restore(&elsewhere, &file, &["--erased", log.to_str().unwrap()]).ending(0).row();
    assert_eq!(told["erased_again"], 3, "an account, an invitation, and an address that wants no mail: {told}");
    fs::remove_file(&log).unwrap();
    assert_eq!(restore(&folder, &file, &["--replace"]).ending(0).row()["erased_again"], 3);
    for folder in [folder, elsewhere] {
        for needle in [ADA, EVA] {
            assert_eq!(is_anywhere(&folder.at("data"), needle), None, "{needle}");
        }
        let server = Running::start_in(folder, &[]);
        sign_in(&server, ADA, PASSWORD).1.ok(422);
        sign_in(&server, BOB, PASSWORD).1.ok(303);
        let desk = Desk::new(&server, 1);
        assert_eq!(desk.state(&id), "declined");
        let again = desk.upload(&[award(&desk, EVA, "Potatura")]);
        assert_eq!(again[0]["code"], "unwanted");
        let folder = server.stop();
        assert_eq!(is_anywhere(&folder.at("data"), ADA), None);
        assert!(fs::read_to_string(folder.at("data").join("erased.log")).unwrap().lines().count() >= 3);
    }
    // Where nothing tells of it, that is said.
    let alone = Folder::new();
    let told = restore(&alone, &file, &[]).ending(0);
    assert!(told.row()["erased_known_to"].is_null() && told.err.contains("--erased"), "{}", told.err);
}

#[test]
fn a_restored_server_opens_nothing_that_was_open_then_and_has_wallets_read_everything_again() {
    let server = Running::start(&[]);
    let mut ada = member(&server, ADA);
    let token = crate::oauth::device(&server, &mut ada, "wallet");
    let desk = Desk::admitted(&server, 1);
    desk.give(EVA, "Saldatura");
    let claim = secret(&server.mail(EVA, "Saldatura").link("/claim/"));
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", ADA)]).ok(200);
    let reset = secret(&server.mail(ADA, "A new password").link("/reset/"));
    let cursor = |desk: &Desk| desk.send("GET", "changes?cursor=0", b"").ok(200).json()["cursor"].as_str().unwrap().to_owned();
    let (file, at_backup) = (backup(&server, "then.backup"), cursor(&desk));
    // After the backup: more changes, of which the restored server knows nothing.
    desk.give(BOB, "Saldatura");
    let beyond = cursor(&desk);
    let folder = server.stop();
    restore(&folder, &file, &["--replace"]).ending(0);
    let server = Running::start_in(folder, &[]);
    let desk = Desk::new(&server, 1);
    let cookies: BTreeMap<_, _> = ada.cookies().clone();
    let jar = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let mut visitor = Browser::new(&server.url);
    assert_eq!(visitor.send("GET", "/account", &[("cookie", &jar)], b"").status, 303, "sessions are over");
    let bearer = format!("Bearer {token}");
    visitor.send("GET", "/api/v1/account", &[("authorization", &bearer)], b"").ok(401);
    assert!(!visitor.get(&format!("/reset/{reset}")).text().contains("name=\"password\""), "links that work once are over");
    assert!(visitor.get(&format!("/claim/{claim}")).ok(200).text().contains("Saldatura"), "an invitation still leads somewhere");
    for number in 0..10 {
        for old in ["0", at_backup.as_str(), beyond.as_str()] {
            let answer = desk.send("GET", &format!("changes?cursor={old}"), b"");
            assert_eq!((answer.status, answer.json()["code"].as_str()), (410, Some("resync")), "{old} after {number} changes");
        }
        desk.upload(&[award(&desk, &format!("p{number}@posta.example"), "Saldatura")]);
    }
    // What a wallet reads from now on, a second restore of the same backup has it read again.
    let now = desk.send("GET", &format!("changes?cursor={}", jiff::Timestamp::now().as_microsecond()), b"");
    assert_eq!(now.json()["code"], "resync", "beyond the head");
    let folder = server.stop();
    let head = rows(&folder, "feed");
    restore(&folder, &folder.at("then.backup"), &["--replace"]).ending(0);
    assert!(rows(&folder, "feed").iter().zip(&head).all(|(after, before)| after > before), "numbers only rise");
}

#[test]
fn requests_messages_and_wishes_for_news_that_were_erased_after_a_backup_stay_erased() {
    const LATER: &str = "later@posta.example";
    let server = server_with("[policy]\nsecond_factor = 'optional'\nrequest_days = 0\n", &[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", "Saldatura", &json!({}), "published");
    desk.send("PUT", "forms/land", json!({ "access": "open", "fields": [] }).to_string().as_bytes()).ok(200);
    let mut staff = news::operator(&server);
    // Bob wants news, Eva waits for the opening and has written and asked, and so has somebody who is answered.
    news::wish(&server, BOB, &[("news", "yes")]);
    news::wish(&server, EVA, &[("opening", "yes")]);
    news::wish(&server, LATER, &[("opening", "yes")]);
    let write = |title: &str, text: &str, name: &str, email: &str| {
        news::write(&server, "/propose", &[("title", title), ("text", text), ("name", name), ("email", email)]);
    };
    write("Hives", "Words-of-Eva", "Eva Quasimodo", EVA);
    write("Maps", "Words-of-Ada", "Ada Ungaretti", ADA);
    let path = format!("/badges/{}/land/request", desk.did);
    let mut browser = server.browser();
    let page = browser.get(&path).ok(200);
    browser.post_files(&path, &page, &[("given", "Eva"), ("family", "Quasimodo"), ("email", EVA)], &[]).ok(200);
    let link = server.mail(EVA, "Confirm your request").link("/confirm/request/");
    let page = browser.get(&link).ok(200);
    browser.post(&link, &page, &[]).ok(200);
    let id = desk.give(EVA, "Saldatura");
    let claim = server.mail(EVA, "Un badge per te").link("/claim/");
    let form = staff.get("/staff/news/write").ok(200);
    staff.post("/staff/news/write", &form, &[("title", "A new catalogue"), ("text", "Line one.")]).ok(303);
    // Ten minutes are over, and the news leave with the way to get no more of them.
    let server = news::release(server);
    let news = server.mail(BOB, "A new catalogue");
    let head = news.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let leave = head.split("List-Unsubscribe: <").nth(1).unwrap().split('>').next().unwrap().to_owned();
    let file = backup(&server, "before.backup");
    let before = fs::read(&file).unwrap();
    let gone = [BOB, EVA, "Quasimodo", "Words-of-Eva", "Words-of-Ada", "Ungaretti", LATER];
    for needle in gone {
        assert!(before.windows(needle.len()).any(|it| it == needle.as_bytes()), "{needle} was there");
    }
    // One press, "never again", an answer whose time is over, and an opening that was told.
    let pressed = [("content-type", "application/x-www-form-urlencoded")];
    let one_click = format!("/{}", leave.splitn(4, '/').nth(3).unwrap());
    server.browser().send("POST", &one_click, &pressed, b"List-Unsubscribe=One-Click").ok(200);
    let never = format!("/{}/never", claim.splitn(4, '/').nth(3).unwrap());
    let mut eva = server.browser();
    let page = eva.get(&never).ok(200);
    eva.post(&never, &page, &[]).ok(200);
    let mut staff = sign_in(&server, "operator@valdora.example", PASSWORD).0;
    let list = staff.get("/staff/messages").ok(200).text();
    let at = list.split("href=\"/staff/messages/").find(|it| it.contains("Maps")).unwrap().split('"').next().unwrap();
    let at = format!("/staff/messages/{at}");
    let page = staff.get(&at).ok(200);
    staff.post(&at, &page, &[("do", "close")]).ok(303);
    let folder = server.stop();
    let open = folder.file("open.toml", "[policy]\nregistration = 'open'\nrequest_days = 0\n").to_str().unwrap().to_owned();
    let server = Running::start_in(folder, &["--config", &open]);
    server.mail(LATER, "is open");
    let server = server.restart();
    let log = server.folder.at("data").join("erased.log");
    let began = Instant::now();
    let told = |kind: &str| fs::read_to_string(&log).unwrap_or_default().matches(&format!("\"{kind}\"")).count();
    while told("message") < 2 || told("subscriber") < 3 || told("request") < 1 {
        assert!(began.elapsed().as_secs() < 90, "{}", fs::read_to_string(&log).unwrap_or_default());
        thread::yield_now();
    }
    let folder = server.stop();
    let kept = Folder::new();
    let file = kept.file("before.backup", &before);
    let log = folder.at("data").join("erased.log");
    for needle in gone {
        assert_eq!(is_anywhere(&folder.at("data"), needle), None, "{needle} before");
    }
    let elsewhere = Folder::new();
    restore(&elsewhere, &file, &["--erased", log.to_str().unwrap()]).ending(0);
    restore(&folder, &file, &["--replace"]).ending(0);
    for folder in [folder, elsewhere] {
        for needle in gone {
            assert_eq!(is_anywhere(&folder.at("data"), needle), None, "{needle}");
        }
        assert!(rows(&folder, "outbox").iter().all(|row| !row.contains("posta.example")), "{:?}", rows(&folder, "outbox"));
        assert!(rows(&folder, "subscriber").is_empty());
        let config = folder.file("open.toml", "[policy]\nregistration = 'open'\n").to_str().unwrap().to_owned();
        let server = Running::start_in(folder, &["--config", &config]);
        assert_eq!(Desk::new(&server, 1).state(&id), "declined");
        assert!(
            server.mails().iter().all(|mail| !mail.subject.contains("is open"))
                || server.mails_to(LATER, "is open", 1).len() == 1
        );
        let folder = server.stop();
        for needle in gone {
            assert_eq!(is_anywhere(&folder.at("data"), needle), None, "{needle} after a start");
        }
    }
}
