//! Invitations on the pages of the staff: nobody's mailbox is filled with reminders, and a row says whom it is about.

use rusqlite::Connection;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;

use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, PASSWORD, server_with, sign_in};

const ELENA: &str = "elena@posta.example";
const BADGE: &str = "Saldatura";
const STAFF: &str = "operator@valdora.example";

/// Waits until the mail of an invitation has left.
fn sent(desk: &Desk, id: &str) {
    let began = std::time::Instant::now();
    while desk.state(id) != "sent" {
        assert!(began.elapsed().as_secs() < 60, "{}", desk.state(id));
    }
}

fn remind(desk: &Desk, id: &str) -> satchel_tests::http::Answer {
    desk.send("POST", &format!("invitations/{id}/remind"), b"")
}

/// Reminds twice: the second one is refused.
fn reminded_once(server: &Running) -> (Desk, String) {
    let desk = Desk::admitted(server, 1);
    let id = desk.give(ELENA, BADGE);
    sent(&desk, &id);
    remind(&desk, &id).ok(200);
    sent(&desk, &id);
    let refused = remind(&desk, &id).ok(429);
    assert_eq!(refused.header("retry-after"), Some("3600"));
    assert_eq!(refused.json()["code"], "reminded_lately");
    assert!(refused.json()["title"].as_str().unwrap().contains("within the last 24 hours"), "{}", refused.text());
    assert_eq!(server.mails_to(ELENA, BADGE, 2).len(), 2);
    assert_eq!(desk.state(&id), "sent", "what is refused changes nothing");
    (desk, id)
}

#[test]
fn nobody_is_reminded_twice_a_day_on_postgresql() {
    let postgres = Postgres::start();
    reminded_once(&Running::start(&["--database-url", &postgres.url()]));
}

/// A day later, with so many reminders of whatever was reminded of.
fn later(server: Running, so_often: i64) -> Running {
    let options = format!("{}", server.folder.at("server.toml").display());
    let folder = server.stop();
    let database = Connection::open(folder.at("data").join("server.db")).unwrap();
    let sql = "UPDATE invitation SET reminded = reminded - 86400000000, reminders = ?1 WHERE reminded IS NOT NULL";
    database.execute(sql, [so_often]).unwrap();
    database.execute("UPDATE attempt SET began = began - 86400000000", []).unwrap();
    drop(database);
    Running::start_in(folder, &["--config", &options])
}

#[test]
fn another_invitation_does_not_begin_the_count_of_reminders_anew() {
    let server = server_with(NO_FACTOR, &[]);
    let (desk, first) = reminded_once(&server);
    desk.send("POST", &format!("invitations/{first}/withdraw"), b"").ok(200);
    let anew = desk.give(ELENA, "Intaglio");
    let alias = desk.give("elena+again@posta.example", BADGE);
    for id in [&anew, &alias] {
        sent(&desk, id);
        assert_eq!(remind(&desk, id).ok(429).json()["code"], "reminded_lately");
    }
    let (bruno, other) = (desk.give("bruno@posta.example", BADGE), Desk::admitted(&server, 2));
    let of_other = other.give(ELENA, BADGE);
    for (desk, id) in [(&desk, &bruno), (&other, &of_other)] {
        sent(desk, id);
        remind(desk, id).ok(200);
    }
    // A day later the reminders of the withdrawn one count.
    let server = later(server, 5);
    let desk = Desk::new(&server, 1);
    assert_eq!(remind(&desk, &anew).ok(409).json()["code"], "reminded_enough");
}

#[test]
fn somebody_is_reminded_once_a_day_and_five_times_in_all() {
    let server = server_with(NO_FACTOR, &[]);
    let (_, id) = reminded_once(&server);
    let mut staff = operator(&server);
    let page = staff.get("/staff/invitations").ok(200);
    assert!(page.text().contains("Reminded 1 of 5 times") && !page.text().contains("value=\"remind\""), "{}", page.text());
    let path = format!("/staff/invitations/{id}");
    let refused = staff.post(&path, &page, &[("do", "remind")]).ok(409).text();
    assert!(refused.contains("No reminder was sent") && refused.contains("within the last 24 hours"), "{refused}");
    // A day later once more, and after the fifth no more.
    let server = later(server, 4);
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    let page = staff.get("/staff/invitations").ok(200);
    assert!(page.text().contains("value=\"remind\""), "{}", page.text());
    let told = staff.post(&path, &page, &[("do", "remind"), ("state", "sent")]).ok(303);
    assert!(told.location().starts_with("/staff/invitations?state=sent&"), "{}", told.location());
    assert!(staff.get(told.location()).ok(200).text().contains("A reminder goes to Elena."));
    assert_eq!(server.mails_to(ELENA, BADGE, 3).len(), 3);
    sent(&Desk::new(&server, 1), &id);
    let server = later(server, 5);
    let refused = remind(&Desk::new(&server, 1), &id).ok(409).json();
    assert_eq!(refused["code"], "reminded_enough");
    let mut staff = sign_in(&server, STAFF, PASSWORD).0;
    let page = staff.get("/staff/invitations").ok(200);
    assert!(page.text().contains("Reminded 5 of 5 times") && !page.text().contains("value=\"remind\""));
    assert!(staff.post(&path, &page, &[("do", "remind")]).ok(409).text().contains("reminded 5 times"));
    assert_eq!(server.mails_to(ELENA, BADGE, 3).len(), 3);
}

#[test]
fn a_row_names_the_person_the_badge_and_the_issuer_and_its_buttons_name_them_too() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ELENA, BADGE);
    sent(&desk, &id);
    let mut staff = operator(&server);
    let page = staff.get("/staff/invitations").ok(200);
    let text = page.text();
    for words in ["Elena", ELENA, BADGE, "Università di Valdora", "Open until", "Remind<span class=\"sr\">: Elena, Saldatura"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let told = staff.post(&format!("/staff/invitations/{id}"), &page, &[("do", "extend")]).ok(303);
    assert!(staff.get(told.location()).ok(200).text().contains("Elena has time until"));
    // What the address says of it is not taken for true.
    for did in ["withdraw", "remind"] {
        let text = staff.get(&format!("/staff/invitations?done={id}&did={did}")).ok(200).text();
        assert!(!text.contains("role=\"status\""), "{did}: {text}");
    }
}
