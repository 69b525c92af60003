//! What strangers send to forms: what is refused before it is read, what counts and against whom, and what they are not told.

use satchel_tests::http::Answer;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;

use crate::bounds::{answered, begin};
use crate::catalogue::publish;
use crate::institution::{change, rows};
use crate::news::operator;
use crate::requests::{ANSWERS, act, ask, form, of_the_staff, open_form, path, requests, usual};
use crate::scene::{Desk, NO_FACTOR, member, server_with};

const ELENA: &str = "elena@posta.example";
const GINA: &str = "gina@posta.example";

/// The usual answers of somebody else.
fn answers(email: &str) -> Vec<(&str, &str)> {
    ANSWERS.iter().map(|(name, value)| (*name, if *name == "email" { email } else { *value })).collect()
}

fn part(name: &str, value: &str) -> String {
    format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[test]
fn a_form_with_files_is_refused_at_the_first_part_that_is_not_right() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    open_form(&desk);
    let path = path(&desk);
    let mut browser = server.browser();
    let token = browser.get(&path).ok(200).hidden("form");
    let cookies: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let headers = [
        (String::from("content-type"), String::from("multipart/form-data; boundary=x")),
        (String::from("cookie"), cookies.join("; ")),
        (String::from("origin"), server.url.clone()),
    ];
    // None of these bodies ends: what is answered was not read to the end.
    let sent = |what: &str, body: &str| {
        let answer = answered(begin(&server, "POST", &path, &headers, body.as_bytes()));
        answer.unwrap_or_else(|| panic!("the rest is waited for: {what}")).0
    };
    assert_eq!(sent("no token", &(part("given", "Elena") + "--x\r\n")), 403);
    assert_eq!(sent("another token", &(part("form", "x") + "--x\r\n")), 403);
    let ours = part("form", &token);
    assert_eq!(sent("many parts", &(ours.clone() + &part("f0", "").repeat(70))), 400);
    assert_eq!(sent("long names", &(ours.clone() + &part(&"n".repeat(20_000), "").repeat(20))), 413);
    assert_eq!(sent("a head without an end", &(ours + "--x\r\ncontent-disposition: " + &"n".repeat(4 << 20))), 400);
    let page = browser.get(&path).ok(200);
    browser.post_files(&path, &page, &ANSWERS, &[("files", "diary.pdf", b"%PDF")]).ok(200);
}

#[test]
fn what_can_be_taken_back_still_can_after_a_restart() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    open_form(&desk);
    ask(&server, &path(&desk), &ANSWERS, &[]);
    let id = requests(&desk, "waiting")[0]["id"].as_str().unwrap().to_owned();
    let refuse = serde_json::json!({ "reason": "Not this year." });
    // Whoever is given the badge is not told that it was refused.
    act(&desk, &id, "refuse", &refuse).ok(200);
    desk.give(ELENA, "Saldatura");
    server.mail(ELENA, "Saldatura");
    assert_eq!(requests(&desk, "awarded").first().map(|it| it["id"].as_str().unwrap()), Some(id.as_str()));
    assert_eq!(rows(&server, "outbox WHERE kind = 'request_refused'"), 0);
    ask(&server, &path(&desk), &answers(GINA), &[]);
    let id = requests(&desk, "waiting")[0]["id"].as_str().unwrap().to_owned();
    act(&desk, &id, "refuse", &refuse).ok(200);
    let server = server.restart();
    let desk = Desk::new(&server, 1);
    let marker = "marker@posta.example";
    server.admin(&["user", "invite", marker]).ending(0);
    server.mail(marker, "invitation");
    act(&desk, &id, "undo", &serde_json::json!({})).ok(200);
    assert!(server.mails().iter().all(|mail| !mail.subject.contains("Your request")));
}

#[test]
fn a_school_behind_one_address_asks_and_what_others_typed_keeps_no_owner_out() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    open_form(&desk);
    open_form(&other);
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    for number in 0..30 {
        browser.post_files(&path(&desk), &page, &answers(&format!("p{number}@posta.example")), &[]).ok(200);
    }
    // A stranger types somebody's address: three times for one badge, five times in all, and what is refused uses nothing up.
    let mut types = |at: &str, many: usize| -> Vec<u16> {
        (0..many).map(|_| browser.post_files(at, &page, &answers(GINA), &[]).status).collect()
    };
    assert_eq!(types(&path(&desk), 6), [200, 200, 200, 422, 422, 422]);
    assert_eq!(types(&path(&other), 3), [200, 200, 422]);
    let mut gina = member(&server, GINA);
    for at in [path(&desk), path(&other)] {
        let page = gina.get(&at).ok(200);
        gina.post_files(&at, &page, &answers(GINA), &[]).ok(200);
    }
    // News and messages likewise.
    for (at, fields) in [
        ("/news", [("email", GINA), ("news", "yes"), ("text", "")]),
        ("/propose", [("email", GINA), ("title", "Bees"), ("text", "A year.")]),
    ] {
        let last = (0..6).map(|_| browser.post(at, &page, &fields).status).last();
        assert_eq!(last, Some(422), "{at}");
        let page = gina.get(at).ok(200);
        gina.post(at, &page, &fields).ok(200);
    }
}

#[test]
fn a_form_of_a_badge_counts_what_is_confirmed_and_not_what_is_typed() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    open_form(&desk);
    ask(&server, &path(&desk), &ANSWERS, &[]);
    // What was counted last is the form itself.
    change(&server, "UPDATE attempt SET count = 500 WHERE began = (SELECT max(began) FROM attempt)");
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    browser.post_files(&path(&desk), &page, &answers(GINA), &[]).ok(200);
    let link = server.mail(GINA, "Confirm your request").link("/confirm/request/");
    let page = browser.get(&link).ok(200);
    browser.post(&link, &page, &[]).ok(429);
    change(&server, "UPDATE attempt SET count = 499 WHERE count = 500");
    browser.post(&link, &page, &[]).ok(200);
    assert_eq!(requests(&desk, "waiting").len(), 2);
}

#[test]
fn files_that_nobody_confirms_have_little_room() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    open_form(&desk);
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    let five = vec![b'x'; 5 << 20];
    let files: [(&str, &str, &[u8]); 2] = [("files", "a", &five), ("files", "b", &five)];
    let mut send = |email: &str, files: &[(&str, &str, &[u8])]| browser.post_files(&path(&desk), &page, &answers(email), files);
    for number in 0..6 {
        send(&format!("p{number}@posta.example"), &files).ok(200);
    }
    let text = send(GINA, &files).ok(422).text();
    assert!(text.contains("no room for more files") && text.contains("Walked four transects."), "{text}");
    send(GINA, &[]).ok(200);
    // What is confirmed makes room.
    let link = server.mail("p0@posta.example", "Confirm your request").link("/confirm/request/");
    let mut owner = server.browser();
    let page = owner.get(&link).ok(200);
    owner.post(&link, &page, &[]).ok(200);
    send("late@posta.example", &files).ok(200);
}

#[test]
fn for_an_issuer_that_is_suspended_nobody_acts() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    open_form(&desk);
    ask(&server, &path(&desk), &ANSWERS, &[]);
    let id = requests(&desk, "waiting")[0]["id"].as_str().unwrap().to_owned();
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    browser.post_files(&path(&desk), &page, &answers(GINA), &[]).ok(200);
    let link = server.mail(GINA, "Confirm your request").link("/confirm/request/");
    let (mut staff, mut operator) = (of_the_staff(&server, &desk, "one@valdora.example"), operator(&server));
    let at = format!("/staff/requests/{id}");
    let pages = [staff.get(&at).ok(200), operator.get(&at).ok(200)];
    let notice = staff.get("/staff/notices").ok(200).text();
    let notice = notice.split("href=\"/staff/notices/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let notice = format!("/staff/notices/{notice}");
    staff.get(&notice).ok(200);

    server.admin(&["issuer", "suspend", "--key", &desk.did]).ending(0);
    for (browser, page) in [&mut staff, &mut operator].into_iter().zip(&pages) {
        browser.get(&at).ok(404);
        assert!(!browser.get("/staff/requests").ok(200).text().contains("Elena"));
        browser.post(&at, page, &[("state", "waiting"), ("do", "approve")]).ok(404);
        browser.get(&notice).ok(404);
    }
    let page = browser.get(&link).ok(200);
    let text = browser.post(&link, &page, &[]).ok(409).text();
    assert!(text.contains("was not taken") && !text.contains("on its way"), "{text}");
}

#[test]
fn the_questions_behind_a_secret_link_are_told_to_nobody_without_it() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "saldatura", "Saldatura", &serde_json::json!({}), "published");
    form(&desk, &usual("link")).ok(200);
    let mut browser = server.browser();
    let elsewhere = browser.get("/news").ok(200);
    browser.get(&path(&desk)).ok(404);
    let answer = browser.post_files(&path(&desk), &elsewhere, &ANSWERS, &[]).ok(404).text();
    assert!(!answer.contains("Matriculation"), "{answer}");
}

#[test]
fn an_address_with_a_nul_is_refused_on_both_databases() {
    let postgres = Postgres::start();
    let url = postgres.url();
    for options in [&[][..], &["--database-url", &url]] {
        let server = Running::start(options);
        let sent = |path: &str| -> Answer { server.browser().get(path) };
        for path in ["/badges?q=%00", "/badges/%00", "/badges/x%00/y", "/register?invitation=a%00", "/p/%00"] {
            assert_eq!(sent(path).status, 400, "{path}");
        }
        assert_eq!(sent("/api/v1/badges?q=%00").ok(400).json()["code"], "bad_request");
        sent("/badges?q=%2500").ok(200);
    }
}

#[test]
fn what_hiding_a_reported_page_hides_is_said_and_a_secret_link_is_not_kept() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", "Landscape", &serde_json::json!({}), "published");
    let mut owner = member(&server, ELENA);
    let settings = owner.get("/account/settings").ok(200);
    owner.post("/account/page", &settings, &[("page", "public")]).ok(303);
    let slug = owner.get("/account").text().split("href=\"/p/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut stranger = server.browser();
    let mut staff = operator(&server);
    let mut report = |page: &str| {
        let form = stranger.get(&format!("/report?page={page}")).ok(200);
        stranger.post("/report", &form, &[("page", page), ("text", "Not theirs.")]).ok(200);
        let list = staff.get("/staff/messages?kind=report").ok(200).text();
        let id = list.rsplit("href=\"/staff/messages/").next().unwrap().split('"').next().unwrap().to_owned();
        (form.text(), staff.get(&format!("/staff/messages/{id}")).ok(200).text())
    };
    let (_, shown) = report(&format!("/p/{slug}/c/01hzzzzzzzzzzzzzzzzzzzzzzz"));
    assert!(shown.contains("The whole page of this person is hidden") && shown.contains("value=\"hide\""), "{shown}");
    // What is no page hides nobody.
    let (_, shown) = report(&format!("/p/{slug}/nonsense"));
    assert!(!shown.contains("value=\"hide\""), "{shown}");
    let (form, shown) = report("/s/01hzzzzzzzzzzzzzzzzzzzzzzz/a-secret-mark");
    // The links of the page itself, such as that to the other language, are the visitor's own.
    for text in [form.split("<main").nth(1).unwrap(), &shown] {
        assert!(text.contains("/s/01hzzzzzzzzzzzzzzzzzzzzzzz") && !text.contains("a-secret-mark"), "{text}");
    }
    assert_eq!(rows(&server, "message WHERE about LIKE '%a-secret-mark%'"), 0);
}
