//! The record of what desks, staff and operators did: complete, without anything personal, and whoever changes it is told.

use satchel_protocol::sha256;
use satchel_tests::running::Running;
use satchel_tests::shell::satchel;
use serde_json::{Value, json};

use crate::scene::{Desk, PASSWORD, appoint, member};

const ADA: &str = "ada@posta.example";
const EVA: &str = "eva@posta.example";

fn exported(server: &Running, options: &[&str]) -> Vec<Value> {
    server.admin(&[&["log", "export"], options].concat()).ending(0).rows()
}

fn acts<'a>(lines: &'a [Value], book: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line["book"] == book).map(|line| line["did"].as_str().unwrap()).collect()
}

#[test]
fn what_desks_and_operators_do_is_recorded_without_anything_personal() {
    let server = Running::start(&[]);
    let mut ada = member(&server, ADA);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(EVA, "Saldatura");
    server.mail(EVA, "Saldatura");
    let began = std::time::Instant::now();
    while desk.state(&id) != "sent" {
        assert!(began.elapsed().as_secs() < 30, "it is not sent");
    }
    desk.send("GET", "invitations", b"").ok(200);
    desk.send("GET", &format!("invitations/{id}"), b"").ok(200);
    desk.send("POST", &format!("invitations/{id}/remind"), b"").ok(200);
    desk.send("POST", &format!("invitations/{id}/withdraw"), b"").ok(200);
    desk.send("GET", "requests", b"").ok(200);
    desk.send("GET", "inbox", b"").ok(200);
    appoint(&server, &desk, &mut ada, ADA);
    desk.send("DELETE", &format!("staff/{ADA}"), b"").ok(200);
    let system = desk.send("POST", "systems", br#"{"name":"Moodle"}"#).ok(200).json()["id"].as_str().unwrap().to_owned();
    desk.send("POST", &format!("systems/{system}/rotate"), b"").ok(200);
    desk.send("POST", &format!("systems/{system}/end"), b"").ok(200);
    server.admin(&["user", "block", ADA]).ending(0);
    server.admin(&["user", "unblock", ADA]).ending(0);
    server.admin(&["staff", "add", ADA]).ending(0);
    server.admin(&["issuer", "suspend", "--key", &desk.did]).ending(0);
    let file = server.folder.at("b.backup");
    server.admin(&["backup", "-o", file.to_str().unwrap()]).ending(0);
    // What is refused leaves no entry.
    server.admin(&["staff", "remove", ADA]).ending(1);
    server.admin(&["issuer", "suspend", "--key", "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"]).ending(1);
    desk.send("GET", "invitations", b"").ok(403);

    let all = exported(&server, &[]);
    let desks = acts(&all, &desk.did);
    for did in [
        "document_published",
        "award_granted",
        "invitations_read",
        "invitation_reminded",
        "invitation_withdrawn",
        "requests_read",
        "proposals_read",
        "staff_asked",
        "staff_added",
        "staff_removed",
        "system_added",
        "system_rotated",
        "system_ended",
    ] {
        assert!(desks.contains(&did), "{did}: {desks:?}");
    }
    assert_eq!(
        acts(&all, "server"),
        [
            "user_invited",
            "issuer_admitted",
            "user_blocked",
            "user_unblocked",
            "operator_added",
            "issuer_suspended",
            "record_anchored",
            "backup_made"
        ]
    );
    let text = all.iter().map(Value::to_string).collect::<String>();
    for word in [ADA, EVA, "posta", "Elena", "Marchetti", "1999-03-31", PASSWORD] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let by: Vec<_> = all.iter().filter(|line| line["book"] == json!(desk.did)).collect();
    // Who accepts does so alone; all else the desk did.
    let (accepted, by): (Vec<_>, Vec<_>) = by.into_iter().partition(|line| line["did"] == "staff_added");
    assert!(accepted.len() == 1 && accepted[0]["by"] == accepted[0]["about"], "{accepted:?}");
    assert!(by.iter().all(|line| line["by"] == format!("{}#{}", desk.did, &desk.did[8..])), "{by:?}");
    // That it was copied out is in it, and one book comes alone.
    assert_eq!(acts(&exported(&server, &["--book", "server"]), "server").last(), Some(&"log_exported"));
    assert!(acts(&exported(&server, &["--book", &desk.did]), "server").is_empty());
}

fn hex(hash: [u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The hash of an entry, as docs/server.md says it and nothing else: over the one before, or the name of the book, and the members of the entry.
fn reckoned(line: &Value, before: Option<&String>) -> String {
    let text = |name: &str| line[name].as_str().unwrap();
    let before = before.cloned().unwrap_or_else(|| hex(sha256(format!("{}\n", text("book")).as_bytes())));
    let at = text("at").parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let said = format!("{before}\n{}\n{at}\n{}\n{}\n{}\n", line["number"], text("by"), text("did"), text("about"));
    hex(sha256(said.as_bytes()))
}

#[test]
fn anybody_reckons_the_chain_of_each_book_anew_from_what_was_copied_out() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(EVA, "Saldatura");
    let lines = exported(&server, &[]);
    let mut heads = std::collections::BTreeMap::new();
    for line in &lines {
        let book = line["book"].as_str().unwrap();
        let hash = reckoned(line, heads.get(book));
        assert_eq!(line["hash"], hash.as_str(), "{line}");
        heads.insert(book.to_owned(), hash);
    }
    assert_eq!(heads.len(), 2);
    let told = server.admin(&["log", "verify", "--json"]).ending(0).rows();
    assert!(told.iter().any(|row| row["hash"] == heads[&desk.did].as_str()), "{told:?}");
    // Whoever makes the chain of an issuer anew, with hashes that fit, is told by what the server's book knew of its end.
    let anew = |change: &dyn Fn(&mut Value)| {
        let (mut made, mut before) = (lines.clone(), None);
        for line in made.iter_mut().filter(|line| line["book"] == desk.did.as_str()) {
            change(line);
            let hash = reckoned(line, before.as_ref());
            line["hash"] = json!(hash);
            before = Some(hash);
        }
        let text = made.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        let file = server.folder.file("anew.jsonl", text);
        server.admin(&["log", "verify", "--json", file.to_str().unwrap()])
    };
    anew(&|_| {}).ending(0);
    let other = anew(&|line| line["by"] = json!("nobody")).ending(1).row();
    assert!(other["broken"].as_str().unwrap().contains("another hash"), "{other}");
    // Nor does an entry leave a gap behind.
    let gap = anew(&|line| line["number"] = json!(line["number"].as_i64().unwrap() + 1)).ending(1).row();
    assert!(gap["broken"].as_str().unwrap().contains("entry 1 is missing"), "{gap}");
}

#[test]
fn whoever_changes_the_record_or_takes_something_out_is_told() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(EVA, "Saldatura");
    let heads = server.admin(&["log", "verify", "--json"]).ending(0).rows();
    assert_eq!(heads.len(), 2, "{heads:?}");
    let file = server.folder.at("log.jsonl");
    server.admin(&["log", "export", "-o", file.to_str().unwrap()]).ending(0);
    let good = std::fs::read_to_string(&file).unwrap();
    let verify = |text: &str, options: &[&str]| {
        let file = server.folder.file("changed.jsonl", text);
        server.admin(&[&["log", "verify", "--json", file.to_str().unwrap()], options].concat())
    };
    verify(&good, &[]).ending(0);
    // An auditor has the file alone.
    satchel(["admin", "log", "verify"]).arg(&file).run().ending(0);
    let noted = heads[0]["hash"].as_str().unwrap();
    verify(&good, &["--holds", noted]).ending(0);
    let lines: Vec<&str> = good.lines().collect();
    let first = lines.iter().position(|line| line.contains("document_published")).unwrap();
    let without = |gone: usize| {
        let kept: Vec<&str> = lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| *line).collect();
        kept.join("\n")
    };
    for (what, text) in [
        ("another act", good.replace("award_granted", "award_revoked")),
        ("another time", good.replacen("Z\"", "1Z\"", 1)),
        ("one in the middle gone", without(first + 1)),
        ("the first gone", without(first)),
    ] {
        let told = verify(&text, &[]).ending(1);
        assert!(told.row()["broken"].is_string(), "{what}: {}", told.out);
    }
    // The end can be cut off without a break; whoever noted the hash knows.
    let short = lines[0];
    let last = serde_json::from_str::<Value>(lines.last().unwrap()).unwrap()["hash"].as_str().unwrap().to_owned();
    verify(short, &[]).ending(0);
    verify(short, &["--holds", &last]).ending(1);

    // What an issuer did is not taken for what another one did, nor taken off the end of what was copied out before.
    let renamed = good.replace(&desk.did, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw");
    assert!(verify(&renamed, &[]).ending(1).row()["broken"].is_string());
    let lost = good.lines().filter(|line| !line.contains("award_granted")).collect::<Vec<_>>().join("\n");
    assert!(good.lines().rfind(|line| line.contains(&format!("\"book\":\"{}\"", desk.did))).unwrap().contains("award_granted"));
    assert!(verify(&lost, &[]).ending(1).row()["broken"].as_str().unwrap().contains("missing"), "the end of a book");

    // In the database itself: the doctor tells.
    let ask = |server: &Running| server.admin(&["doctor", "--json"]).out;
    assert!(!ask(&server).contains("record of acts"));
    let folder = server.stop();
    let database = rusqlite::Connection::open(folder.at("data").join("server.db")).unwrap();
    let changed = database.execute("UPDATE act SET about = 'another' WHERE did = 'award_granted'", []).unwrap();
    assert_eq!(changed, 1);
    drop(database);
    let server = Running::start_in(folder, &[]);
    assert!(ask(&server).contains("the record of acts was changed"));
    assert!(server.admin(&["log", "verify", "--json"]).ending(1).row()["broken"].as_str().unwrap().contains(&desk.did));
}
