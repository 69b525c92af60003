//! The pages of the staff with much on them: thousands of rows, the keyboard alone, and what is taken back until a mail has left.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use satchel_tests::http::Browser;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use serde_json::json;

use crate::catalogue::publish;
use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, PASSWORD, sign_in};

const MANY: i64 = 5_000;
const STAFF: &str = "operator@valdora.example";

/// A server with so many requests, invitations, proposals, badges and users; and its folder has the settings.
fn crowded(many: i64) -> Running {
    let folder = Folder::new();
    let config = folder.file("server.toml", NO_FACTOR).to_str().unwrap().to_owned();
    let server = Running::start_in(folder, &["--config", &config]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", "Landscape", &json!({}), "published");
    let id = desk.give("ada@posta.example", "Landscape");
    operator(&server);
    let folder = server.stop();
    let mut database = Connection::open(folder.at("data").join("server.db")).unwrap();
    let all = database.transaction().unwrap();
    let issuer: Vec<u8> = all.query_row("SELECT id FROM issuer", [], |row| row.get(0)).unwrap();
    // Ids rise as they do when they are made one after the other.
    let id_of = |kind: u8, number: i64| [[1, kind, 0, 0, 0, 0, 0, 0].as_slice(), &number.to_be_bytes()].concat();
    for number in 1..=many {
        let (email, at) = (format!("p{number}@posta.example"), 1_760_000_000_000_000 + number);
        all.execute(
            "INSERT INTO request (id, issuer, slug, achievement, state, given_name, family_name, address, shown, language, answers, created, changed)
             VALUES (?1, ?2, 'land', 'urn:x', 'waiting', 'Person', ?3, ?4, ?4, 'en', '[]', ?5, ?5)",
            params![id_of(1, number), issuer, number.to_string(), email, at],
        )
        .unwrap();
        all.execute(
            "INSERT INTO message (id, reference, kind, state, language, title, text, created, changed) VALUES (?1, ?2, 'question', 'open', 'en', 'A question', 'x', ?3, ?3)",
            params![id_of(2, number), format!("R-{number}"), at],
        )
        .unwrap();
        all.execute(
            "INSERT INTO account (id, state, given_name, family_name, birth_date, language, slug, page, indexed, created, seen)
             VALUES (?1, 'active', 'Quinn', ?2, '1999-03-31', 'en', ?3, 'private', 0, ?4, ?4)",
            params![id_of(3, number), format!("Tester {number}"), format!("quinn{number}"), 1_790_000_000_000_000_i64],
        )
        .unwrap();
        all.execute(
            "INSERT INTO invitation (id, award, issuer, address, shown, name, language, state, created, changed, expires)
             SELECT ?1, ?1, issuer, ?2, ?2, 'Person', 'en', 'sent', ?3, ?3, expires FROM invitation LIMIT 1",
            params![id_of(4, number), email, at],
        )
        .unwrap();
        all.execute(
            "INSERT INTO listing SELECT issuer, ?1, achievement, state, changed FROM listing WHERE slug = 'land'",
            params![format!("badge-{number}")],
        )
        .unwrap();
    }
    all.commit().unwrap();
    drop(database);
    drop(id);
    Running::start_in(folder, &["--config", &config])
}

/// Goes from page to page; what stands behind a mark on each of them, and how many pages there were.
fn through(staff: &mut Browser, path: &str, mark: &str) -> (BTreeSet<String>, usize) {
    let (mut next, mut all, mut pages) = (Some(path.to_owned()), BTreeSet::new(), 0);
    while let Some(path) = next {
        let text = staff.get(&path).ok(200).text();
        assert!(text.len() < 50_000, "{path}: {} bytes", text.len());
        let here: Vec<_> = text.split(mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert!(!here.is_empty() && here.len() <= 50, "{path}: {} rows", here.len());
        for one in here {
            assert!(all.insert(one.clone()), "{one} is there twice");
        }
        pages += 1;
        next = text
            .split("rel=\"next\" href=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"));
    }
    (all, pages)
}

#[test]
fn thousands_of_rows_come_a_page_at_a_time_and_none_is_left_out() {
    let server = crowded(MANY);
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    let many = usize::try_from(MANY).unwrap();
    let (all, pages) = through(&mut staff, "/staff/requests", "<a href=\"/staff/requests/");
    assert_eq!((all.len(), pages), (many, many / 50));
    let (all, _) = through(&mut staff, "/staff/users?q=quinn", "href=\"/staff/users/");
    assert_eq!(all.len(), many);
    let (all, _) = through(&mut staff, "/staff/forms", "action=\"/staff/forms/");
    assert_eq!(all.len(), many + 1);
    let (all, _) = through(&mut staff, "/staff/messages?kind=question", "href=\"/staff/messages/");
    assert_eq!(all.len(), many);
    let mut next = Some(String::from("/staff/invitations"));
    let mut rows = 0;
    while let Some(path) = next {
        let text = staff.get(&path).ok(200).text();
        assert!(text.len() < 120_000, "{path}: {} bytes", text.len());
        rows += text.matches("<tr><td>").count();
        next = text
            .split("rel=\"next\" href=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"));
    }
    assert_eq!(rows, many + 1);
    assert!(staff.get("/staff/requests").ok(200).text().contains("5,000"));
}

#[test]
fn the_queue_is_worked_by_the_keyboard_alone() {
    let server = crowded(60);
    crate::pages::node(&["tests/keyboard.mjs", "--origin", &server.url, "--staff", STAFF]);
}

#[test]
fn a_refusal_and_an_answer_are_taken_back_until_their_mail_has_left() {
    let server = crowded(2);
    let (mut staff, email) = (sign_in(&server, STAFF, PASSWORD).0, "p1@posta.example");
    let queue = staff.get("/staff/requests").ok(200).text();
    let at = format!("/staff/requests/{}", queue.split("<a href=\"/staff/requests/").nth(1).unwrap().split('"').next().unwrap());
    let page = staff.get(&at).ok(200);
    let refuse = [("do", "refuse"), ("reason", "Not this year."), ("tell", "yes")];
    staff.post(&at, &page, &refuse).ok(303);
    staff.post(&at, &page, &[("do", "undo")]).ok(303);
    staff.post(&at, &page, &refuse).ok(303);
    crate::news::write(
        &server,
        "/propose",
        &[("title", "Bees"), ("text", "A year."), ("name", "Eva"), ("email", "eva@posta.example")],
    );
    let list = staff.get("/staff/messages").ok(200).text();
    let message = format!("/staff/messages/{}", list.split("href=\"/staff/messages/").nth(1).unwrap().split('"').next().unwrap());
    let shown = staff.get(&message).ok(200);
    staff.post(&message, &shown, &[("do", "answer"), ("words", "In spring.")]).ok(303);
    // Ten minutes are over.
    let server = server.restart();
    server.mail(email, "Your request");
    server.mail("eva@posta.example", "Bees");
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    for (path, shown) in [(&at, staff.get(&at).ok(200)), (&message, staff.get(&message).ok(200))] {
        staff.post(path, &shown, &[("do", "undo")]).ok(409);
    }
}
