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
        rows += text.matches("<li><div class=\"who\">").count();
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
    let refuse = [("state", "waiting"), ("do", "refuse"), ("reason", "Not this year."), ("tell", "yes")];
    staff.post(&at, &page, &refuse).ok(303);
    staff.post(&at, &page, &[("state", "refused"), ("do", "undo")]).ok(303);
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
    let server = crate::news::release(server);
    server.mail(email, "Your request");
    server.mail("eva@posta.example", "Bees");
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    for (path, shown) in [(&at, staff.get(&at).ok(200)), (&message, staff.get(&message).ok(200))] {
        assert!(!shown.text().contains("value=\"undo\""), "nothing is offered that cannot be done: {}", shown.text());
        let any = staff.get("/account/settings").ok(200);
        staff.post(path, &any, &[("state", "refused"), ("do", "undo")]).ok(409);
    }
}

#[test]
fn the_queue_is_narrowed_and_all_that_a_page_shows_are_chosen() {
    let server = crowded(60);
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    let rows = |text: &str| text.matches("<td class=\"whom\">").count();
    let queue = staff.get("/staff/requests").ok(200).text();
    // Persons of one name are told apart by their addresses, also by whoever hears the page.
    for words in ["Choose Person 7, p7@posta.example", "<bdi>p7@posta.example</bdi>"] {
        assert!(queue.contains(words), "{words}: {queue}");
    }
    for (asked, many) in [("q=P59%40", 1), ("q=p%C3%A8rson+12", 1), ("q=nothing", 0), ("q=person&badge=", 50)] {
        let text = staff.get(&format!("/staff/requests?{asked}")).ok(200).text();
        assert_eq!(rows(&text), many, "{asked}: {text}");
    }
    let badge = queue.split("<option value=\"").find(|it| it.contains("~land\"")).unwrap().split('"').next().unwrap();
    assert_eq!(rows(&staff.get(&format!("/staff/requests?badge={badge}")).ok(200).text()), 50);
    assert_eq!(rows(&staff.get(&format!("/staff/requests?badge={badge}x")).ok(200).text()), 0);
    // The filter stays from page to page, and so it does when all are chosen.
    let next = |text: &str| text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let text = staff.get("/staff/requests?q=person").ok(200).text();
    let second = staff.get(&next(&text)).ok(200).text();
    assert!(rows(&second) == 10 && second.contains("First page"), "{second}");
    let all = second.split("<p class=\"also\"><a href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    let chosen = staff.get(&all).ok(200);
    assert_eq!((rows(&chosen.text()), chosen.text().matches(" checked>").count()), (10, 10), "{}", chosen.text());
    // They are approved in one press, which is taken back in one press.
    let text = chosen.text();
    let picked: Vec<String> =
        text.split("name=\"pick-").skip(1).map(|it| format!("pick-{}", it.split('"').next().unwrap())).collect();
    let fields: Vec<_> = picked.iter().map(|name| (name.as_str(), "yes")).chain([("q", "person")]).collect();
    let done = staff.post("/staff/requests", &chosen, &fields).ok(303);
    assert!(done.location().contains("q=person"), "{}", done.location());
    let told = staff.get(done.location()).ok(200);
    assert!(told.text().contains("Approved: 10<") && told.text().contains("value=\"undo\""), "{}", told.text());
    let at = told.hidden("at");
    // Two are decided by somebody else meanwhile, and stay as they are.
    let late = staff.get("/staff/requests?state=approved").ok(200).text();
    let ids: Vec<_> =
        late.split("<a href=\"/staff/requests/").skip(1).take(2).map(|it| it.split('"').next().unwrap().to_owned()).collect();
    for id in &ids {
        staff.post(&format!("/staff/requests/{id}"), &told, &[("state", "approved"), ("do", "refuse")]).ok(303);
    }
    staff.post("/staff/requests", &told, &[("do", "undo"), ("at", &at)]).ok(303);
    let counts = staff.get("/staff/requests").ok(200).text();
    for words in ["To decide 58", "Awaiting signature 0", "Refused 2"] {
        assert!(counts.contains(words), "{words}: {counts}");
    }
    // What an address claims was done is not repeated.
    let text = staff.get("/staff/requests?many=9999999&at=1&of=9999999").ok(200).text();
    assert!(!text.contains("1,000") && !text.contains("9999999</"), "{text}");
    let none = staff.post("/staff/requests", &told, &[]).ok(303);
    assert!(staff.get(none.location()).ok(200).text().contains("Choose at least one request"));
}
