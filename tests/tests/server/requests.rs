//! Asking for a badge: the form of an issuer, the mail that confirms, the decision, the award that a desk signs, and that nothing is left.

use std::fs;

use satchel_tests::http::{Answer, Browser};
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::catalogue::{publish, set};
use crate::factors::with_second_step;
use crate::scene::{Desk, appoint, member, secret, server_with};

const ELENA: &str = "elena@posta.example";
const BADGE: &str = "Saldatura";
const SLUG: &str = "saldatura";

/// Keeps the form of the badge; the answer.
pub fn form(desk: &Desk, form: &Value) -> Answer {
    desk.send("PUT", &format!("forms/{SLUG}"), form.to_string().as_bytes())
}

pub fn usual(access: &str) -> Value {
    json!({ "access": access, "intro": "For those who took the course.", "files": 2,
            "fields": [{ "label": "Matriculation number", "required": true }, { "label": "Which course", "kind": "choice", "choices": ["A", "B"] },
                       { "label": "What you did", "kind": "long" }, { "label": "I was there", "kind": "check", "required": true }] })
}

pub const ANSWERS: [(&str, &str); 7] = [
    ("given", "Elena"),
    ("family", "Marchetti"),
    ("email", ELENA),
    ("f0", "MATR-7716"),
    ("f1", "B"),
    ("f2", "Walked four transects."),
    ("f3", "yes"),
];

fn scene(options: &[&str]) -> (Running, Desk) {
    let server = Running::start(options);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, SLUG, BADGE, &json!({}), "published");
    (server, desk)
}

/// A badge with a form that everybody may fill in, with files.
pub fn open_form(desk: &Desk) {
    publish(desk, SLUG, BADGE, &json!({}), "published");
    form(desk, &usual("open")).ok(200);
}

pub fn path(desk: &Desk) -> String {
    format!("/badges/{}/{SLUG}/request", desk.did)
}

/// Asks at a path, with the files, and confirms by mail.
pub fn ask(server: &Running, path: &str, answers: &[(&str, &str)], files: &[(&str, &str, &[u8])]) {
    let mut browser = server.browser();
    let page = browser.get(path).ok(200);
    let many = server.mails().len();
    browser.post_files(path, &page, answers, files).ok(200);
    let to = answers.iter().find(|(name, _)| *name == "email").unwrap().1;
    let link = server.mails_to(to, "Confirm your request", many.min(1)).pop().map(|mail| mail.link("/confirm/request/"));
    confirm(&mut browser, &link.unwrap_or_else(|| server.mail(to, "Confirm your request").link("/confirm/request/")));
}

fn confirm(browser: &mut Browser, link: &str) {
    let page = browser.get(link).ok(200);
    let text = browser.post(link, &page, &[]).ok(200).text();
    assert!(text.contains("on its way"), "{text}");
}

pub fn requests(desk: &Desk, state: &str) -> Vec<Value> {
    desk.send("GET", &format!("requests?state={state}"), b"").ok(200).json()["requests"].as_array().unwrap().clone()
}

pub fn act(desk: &Desk, id: &str, action: &str, said: &Value) -> Answer {
    desk.send("POST", &format!("requests/{id}/{action}"), said.to_string().as_bytes())
}

#[test]
fn a_request_is_confirmed_approved_signed_and_claimed() {
    let (server, desk) = scene(&[]);
    whole(&server, &desk);
}

#[test]
fn a_request_goes_the_same_way_on_postgresql() {
    let postgres = Postgres::start();
    let (server, desk) = scene(&["--database-url", &postgres.url()]);
    whole(&server, &desk);
}

fn whole(server: &Running, desk: &Desk) {
    server.browser().get(&path(desk)).ok(404);
    form(desk, &usual("open")).ok(200);
    let entry = server.browser().get(&format!("/badges/{}/{SLUG}", desk.did)).ok(200).text();
    assert!(entry.contains("Ask for this badge"), "{entry}");

    // What is missing is told at its field, and what was typed is kept.
    let mut browser = server.browser();
    let page = browser.get(&path(desk)).ok(200);
    assert!(page.text().contains("For those who took the course."));
    let wrong =
        browser.post_files(&path(desk), &page, &[("given", "Elena <b>"), ("f1", "C"), ("f2", "kept words")], &[]).ok(422).text();
    for words in ["f0-error", "f1-error", "f3-error", "email-error", "Elena &#60;b&#62;", "kept words"] {
        assert!(wrong.contains(words), "{words}: {wrong}");
    }

    ask(server, &path(desk), &ANSWERS, &[("files", "../../diary <x>.html", b"<script>alert(1)</script>")]);
    // Nobody else's.
    let other = Desk::admitted(server, 2);
    assert_eq!(requests(&other, "waiting"), Vec::<Value>::new());
    let all = requests(desk, "waiting");
    let it = &all[0];
    let id = it["id"].as_str().unwrap();
    assert_eq!((all.len(), &it["given"], &it["email"], &it["slug"]), (1, &json!("Elena"), &json!(ELENA), &json!(SLUG)));
    assert_eq!(it["answers"][0], json!({ "label": "Matriculation number", "answer": "MATR-7716" }));
    assert_eq!(it["files"][0]["name"], "diary _x_.html");
    let file = desk.send("GET", &format!("requests/{id}/files/0"), b"").ok(200);
    assert_eq!(file.header("content-type"), Some("application/octet-stream"));
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    assert!(file.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    for (method, end) in [("GET", ""), ("GET", "/files/0"), ("POST", "/approve"), ("POST", "/refuse")] {
        other.send(method, &format!("requests/{id}{end}"), b"").ok(404);
    }

    // Approved, taken back, approved: it waits for the desk, and no mail has left.
    assert_eq!(act(desk, id, "approve", &json!({})).ok(200).json()["state"], "approved");
    let refused = act(desk, id, "approve", &json!({})).ok(409).json();
    assert_eq!((&refused["code"], &refused["state"]), (&json!("conflict"), &json!("approved")));
    assert_eq!(refused["message"], "this cannot be done now: the request was approved");
    assert_eq!(act(desk, id, "undo", &json!({})).ok(200).json()["state"], "waiting");
    act(desk, id, "approve", &json!({})).ok(200);
    assert_eq!(requests(desk, "approved").len(), 1);
    assert_eq!(server.mails().iter().filter(|mail| mail.to == ELENA).count(), 1, "the mail to confirm alone");
    let changes = desk.send("GET", "changes", b"").ok(200).json();
    assert!(changes["records"].as_array().unwrap().iter().any(|it| it["kind"] == "request" && it["subject"] == id));
    assert!(!changes.to_string().contains("posta"));

    // The desk signs, and the invitation leaves.
    desk.give(ELENA, BADGE);
    server.mail(ELENA, "Un badge per te").link("/claim/");
    assert_eq!(requests(desk, "awarded")[0]["id"], id);
    assert_eq!(act(desk, id, "undo", &json!({})).ok(409).json()["code"], "conflict");
}

#[test]
fn a_secret_link_is_all_that_leads_to_its_form_and_can_be_renewed() {
    let (server, desk) = scene(&[]);
    let link = form(&desk, &usual("link")).ok(200).json()["link"].as_str().unwrap().to_owned();
    server.browser().get(&path(&desk)).ok(404);
    let entry = server.browser().get(&format!("/badges/{}/{SLUG}", desk.did)).ok(200).text();
    assert!(!entry.contains("/request"), "nothing else reveals it");
    assert!(form(&desk, &usual("link")).ok(200).json()["link"].is_null(), "kept, and not told again");
    assert!(!desk.send("GET", "forms", b"").ok(200).text().contains(&secret(&link)));
    server.browser().get(&link).ok(200);
    let renewed = desk.send("POST", &format!("forms/{SLUG}/link"), b"").ok(200).json()["link"].as_str().unwrap().to_owned();
    server.browser().get(&link).ok(404);
    ask(&server, renewed.strip_prefix(&server.url).unwrap(), &ANSWERS, &[]);
    assert_eq!(requests(&desk, "waiting").len(), 1);
    set(&desk, SLUG, "closed");
    server.browser().get(&renewed).ok(409);
    let folder = server.stop();
    let bytes = fs::read(folder.at("data").join("server.db")).unwrap();
    assert!(!contains(&bytes, &secret(&renewed)), "of the secret only the hash is kept");
}

#[test]
fn forms_out_of_bounds_are_refused_and_sent_ones_stay_within_limits() {
    let (server, desk) = scene(&[]);
    for bad in [
        json!({ "access": "all" }),
        json!({ "access": "open", "files": 9 }),
        json!({ "access": "open", "fields": [{ "label": "" }] }),
        json!({ "access": "open", "more": 1 }),
    ] {
        let status = form(&desk, &bad).status;
        assert!(matches!(status, 400 | 422), "{bad}: {status}");
    }
    form(&desk, &usual("open")).ok(200);
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    let large = vec![b'x'; 6 << 20];
    let send = |browser: &mut Browser, answers: &[(&str, &str)], files: &[(&str, &str, &[u8])]| {
        browser.post_files(&path(&desk), &page, answers, files)
    };
    assert!(send(&mut browser, &ANSWERS, &[("files", "a", &large)]).ok(422).text().contains("larger than 5 MB"));
    assert!(
        send(&mut browser, &ANSWERS, &[("files", "a", b"1"), ("files", "b", b"2"), ("files", "c", b"3")])
            .ok(422)
            .text()
            .contains("At most 2 files")
    );
    assert!(
        send(&mut browser, &ANSWERS, &[("files", "a", b""), ("files", "b", b"2")]).ok(422).text().contains("A file is empty")
    );
    let huge = vec![b'x'; 13 << 20];
    let refused = send(&mut browser, &ANSWERS, &[("files", "a", &huge)]);
    assert_eq!(refused.status, 413, "{}", refused.text());
    assert!(refused.text().contains("Walked four transects.") && refused.text().contains("files-error"), "{}", refused.text());
    // A program that fills in what nobody sees is thanked, and nothing is kept.
    let mut trapped = ANSWERS.to_vec();
    trapped.push(("website", "https://spam.example"));
    send(&mut browser, &trapped, &[]).ok(200);
    // One address is asked at most three times about a badge in a day; a stranger's mailbox is not filled.
    let answers: Vec<u16> = (0..5).map(|_| send(&mut browser, &ANSWERS, &[]).status).collect();
    assert_eq!(answers, [200, 200, 200, 422, 422]);
    let mut alias = ANSWERS.to_vec();
    alias.iter_mut().filter(|(name, _)| *name == "email").for_each(|it| it.1 = "elena+again@posta.example");
    assert_eq!(send(&mut browser, &alias, &[]).status, 422, "the same mailbox");
    assert_eq!(server.mails_to(ELENA, "Confirm", 3).len(), 3);
    assert_eq!(requests(&desk, "waiting"), Vec::<Value>::new(), "nobody has confirmed");
    // Without the page's token nothing counts.
    let fields: Vec<(&str, &str)> = ANSWERS.to_vec();
    server.browser().post_raw(&path(&desk), &fields, &[]).ok(403);
}

/// Whether bytes hold a text.
fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|it| it == needle.as_bytes())
}

#[test]
fn what_was_decided_is_erased_from_rows_files_outbox_journal_and_log() {
    let server = server_with("[policy]\nrequest_days = 0\n", &[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, SLUG, BADGE, &json!({}), "published");
    form(&desk, &usual("open")).ok(200);
    let file = "evidence-bytes-".repeat(4000);
    ask(&server, &path(&desk), &ANSWERS, &[("files", "diary-of-elena.pdf", file.as_bytes())]);
    let id = requests(&desk, "waiting")[0]["id"].as_str().unwrap().to_owned();
    act(&desk, &id, "refuse", &json!({ "reason": "secret-reason-991" })).ok(200);
    let said = server.said();
    // What is due is done when the server starts.
    let server = server.restart();
    let desk = Desk::new(&server, 1);
    let began = std::time::Instant::now();
    while requests(&desk, "refused")[0]["email"] != Value::Null {
        assert!(began.elapsed().as_secs() < 60);
        std::thread::yield_now();
    }
    assert_eq!(requests(&desk, "refused")[0]["files"], json!([]), "that there was one stays");
    let log = format!("{said}{}", server.said());
    let folder = server.stop();
    for name in ["server.db", "server.db-wal"] {
        let bytes = fs::read(folder.at("data").join(name)).unwrap_or_default();
        for needle in
            [ELENA, "Elena", "Marchetti", "MATR-7716", "Walked four", "diary-of-elena", "evidence-bytes", "secret-reason-991"]
        {
            assert!(!contains(&bytes, needle), "{name} has {needle}");
        }
    }
    for needle in [ELENA, "Marchetti", "MATR-7716", "secret-reason"] {
        assert!(!log.contains(needle), "the log has {needle}");
    }
}

/// Somebody of the staff of an issuer, signed in.
pub fn of_the_staff(server: &Running, desk: &Desk, email: &str) -> Browser {
    let mut browser = member(server, email);
    with_second_step(&mut browser);
    appoint(server, desk, &mut browser, email);
    browser
}

#[test]
fn staff_decide_in_the_browser_and_two_at_once_do_not_undo_each_other() {
    let (server, desk) = scene(&[]);
    let other = Desk::admitted(&server, 2);
    form(&desk, &usual("open")).ok(200);
    ask(&server, &path(&desk), &ANSWERS, &[("files", "diary.pdf", b"%PDF")]);
    let (mut one, mut two) =
        (of_the_staff(&server, &desk, "one@valdora.example"), of_the_staff(&server, &desk, "two@valdora.example"));
    let mut foreign = of_the_staff(&server, &other, "three@orsa.example");
    let mut nobody = member(&server, "nobody@posta.example");
    let queue = one.get("/staff/requests").ok(200).text();
    assert!(queue.contains("<a href=\"/staff\">"), "the menu leads to it");
    assert!(!nobody.get("/account").ok(200).text().contains("href=\"/staff\""));
    let at = queue.split("href=\"/staff/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let at = format!("/staff/requests/{at}");
    let page = one.get(&at).ok(200);
    for words in ["Elena Marchetti", ELENA, "MATR-7716", "diary.pdf"] {
        assert!(page.text().contains(words), "{words}");
    }
    one.get(&format!("{at}/files/0")).ok(200);
    // Neither another issuer's staff nor anybody else sees that there is anything.
    assert!(!foreign.get("/staff/requests").ok(200).text().contains("Elena"));
    for browser in [&mut foreign, &mut nobody] {
        browser.get(&at).ok(404);
        browser.get(&format!("{at}/files/0")).ok(404);
        let any = browser.get("/account/settings").ok(200);
        browser.post(&at, &any, &[("do", "approve")]).ok(404);
    }
    nobody.get("/staff/requests").ok(404);
    assert_eq!(server.browser().get(&at).ok(303).location(), format!("/sign-in?next={}", at.replace('/', "%2F")));

    let second = two.get(&at).ok(200);
    assert_eq!(page.hidden("state"), "waiting");
    let refuse = [("state", "waiting"), ("do", "refuse"), ("reason", "Not this year."), ("tell", "yes")];
    let done = one.post(&at, &page, &refuse).ok(303);
    let told = one.get(done.location()).ok(200);
    assert!(told.text().contains("Undo"), "{}", told.text());
    let late = two.post(&at, &second, &[("state", "waiting"), ("do", "approve")]).ok(409).text();
    assert!(late.contains("decided already"), "{late}");
    // Within ten minutes the refusal is taken back, and no mail of it leaves.
    assert_eq!(told.hidden("state"), "refused");
    one.post(&at, &told, &[("state", "refused"), ("do", "undo")]).ok(303);
    let queue = two.get("/staff/requests").ok(200);
    let pick = format!("pick-{}", at.rsplit('/').next().unwrap());
    two.post("/staff/requests", &queue, &[(&pick, "yes")]).ok(303);
    assert!(one.get("/staff/requests?state=approved").ok(200).text().contains("Elena Marchetti"));
    // The page that another one has still open shows a request that waits: nothing that is sent from it overrides the approval.
    let stale = one.post(&at, &page, &refuse).ok(409).text();
    assert!(stale.contains("decided already"), "{stale}");
    one.post(&at, &page, &refuse[1..]).ok(409);
    assert_eq!(requests(&desk, "approved").len(), 1);
    assert!(server.mails().iter().all(|mail| !mail.subject.contains("Your request")), "no refusal has left");
    // Who acts for an issuer no more sees nothing of it.
    desk.send("DELETE", "staff/one@valdora.example", b"").ok(200);
    one.get(&at).ok(404);
}

#[test]
fn staff_remind_extend_and_withdraw_invitations_and_renew_links() {
    let (server, desk) = scene(&[]);
    let mut staff = of_the_staff(&server, &desk, "one@valdora.example");
    let id = desk.give(ELENA, BADGE);
    server.mail(ELENA, BADGE);
    let began = std::time::Instant::now();
    while desk.state(&id) != "sent" {
        assert!(began.elapsed().as_secs() < 60);
    }
    let page = staff.get("/staff/invitations").ok(200);
    assert!(page.text().contains(ELENA) && page.text().contains("Mail sent"));
    staff.post(&format!("/staff/invitations/{id}"), &page, &[("do", "remind")]).ok(303);
    server.mails_to(ELENA, BADGE, 2);
    staff.post(&format!("/staff/invitations/{id}"), &page, &[("do", "extend")]).ok(303);
    // What cannot be taken back is asked first.
    staff.post(&format!("/staff/invitations/{id}"), &page, &[("do", "withdraw")]).ok(400);
    let withdraw = format!("/staff/invitations/{id}/withdraw");
    let question = staff.get(&withdraw).ok(200);
    for words in [BADGE, ELENA, "Università di Valdora", "cannot be undone", "stays valid until the desk revokes it"] {
        assert!(question.text().contains(words), "{words}: {}", question.text());
    }
    assert_ne!(desk.state(&id), "withdrawn");
    let told = staff.post(&withdraw, &question, &[]).ok(303);
    assert!(staff.get(told.location()).ok(200).text().contains("is withdrawn"));
    assert_eq!(desk.state(&id), "withdrawn");
    let late = staff.post(&withdraw, &question, &[]).ok(409).text();
    assert!(late.contains("“Withdrawn”") && !late.contains("withdrawn"), "{late}");
    let forms = staff.get("/staff/forms").ok(200);
    let issuer = forms.text().split("action=\"/staff/forms/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let at = format!("/staff/forms/{issuer}");
    let shown = staff.post(&at, &forms, &[("access", "link"), ("do", "set")]).ok(200).text();
    let link = shown.split(&format!("{}/request/", server.url)).nth(1).unwrap().split('<').next().unwrap().to_owned();
    server.browser().get(&format!("/request/{link}")).ok(200);
    let page = staff.get("/staff/forms").ok(200);
    staff.post(&format!("{at}/link"), &page, &[]).ok(200);
    server.browser().get(&format!("/request/{link}")).ok(404);
    assert!(staff.get("/staff/numbers").ok(200).text().contains("Università di Valdora"));
    let other = Desk::admitted(&server, 2);
    let mut foreign = of_the_staff(&server, &other, "three@orsa.example");
    let any = foreign.get("/account/settings").ok(200);
    foreign.post(&at, &any, &[("access", "open"), ("do", "set")]).ok(404);
    foreign.post(&format!("{at}/link"), &any, &[]).ok(404);
    foreign.post(&format!("/staff/invitations/{id}"), &any, &[("do", "extend")]).ok(404);
    foreign.get(&withdraw).ok(404);
    foreign.post(&withdraw, &any, &[]).ok(404);
}

#[test]
fn a_request_that_is_not_taken_says_so_where_it_is_confirmed() {
    let (server, desk) = scene(&[]);
    form(&desk, &usual("open")).ok(200);
    ask(&server, &path(&desk), &ANSWERS, &[("files", "first.pdf", b"%PDF")]);
    // A second one while the first waits, and one for a badge that was closed meanwhile.
    let mut browser = server.browser();
    let mut asks = |email: &'static str, subjects: usize| {
        let page = browser.get(&path(&desk)).ok(200);
        let answers: Vec<_> =
            ANSWERS.iter().map(|(name, value)| (*name, if *name == "email" { email } else { *value })).collect();
        browser.post_files(&path(&desk), &page, &answers, &[]).ok(200);
        server.mails_to(email, "Confirm your request", subjects).pop().unwrap().link("/confirm/request/")
    };
    let (second, late, held) = (asks(ELENA, 2), asks("late@posta.example", 1), asks("held@posta.example", 1));
    let confirms = |link: &str| {
        let mut browser = server.browser();
        let page = browser.get(link).ok(200);
        browser.post(link, &page, &[]).ok(409).text()
    };
    let text = confirms(&second);
    assert!(text.contains("a request for this badge already") && text.contains("was not taken"), "{text}");
    assert_eq!(requests(&desk, "waiting").len(), 1);
    // One who has the badge already is told so, once the address is proved.
    desk.give("held@posta.example", BADGE);
    let text = confirms(&held);
    assert!(text.contains("have this badge already, or an invitation") && text.contains("was not taken"), "{text}");
    assert_eq!(requests(&desk, "waiting").len(), 1);
    set(&desk, SLUG, "closed");
    let text = confirms(&late);
    assert!(text.contains("awarded no longer") && text.contains("was not taken"), "{text}");
    assert_eq!(requests(&desk, "waiting").len(), 1);
}

#[test]
fn a_form_that_closes_while_somebody_writes_gives_back_what_was_written() {
    let (server, desk) = scene(&[]);
    form(&desk, &usual("open")).ok(200);
    let link = form(&desk, &usual("link")).ok(200).json()["link"].as_str().unwrap().strip_prefix(&server.url).unwrap().to_owned();
    form(&desk, &usual("open")).ok(200);
    let mut browser = server.browser();
    let page = browser.get(&path(&desk)).ok(200);
    let files: [(&str, &str, &[u8]); 1] = [("files", "diary.pdf", b"%PDF")];
    let given_back = |text: &str, label: &str| {
        for words in ["closed while you wrote", "Walked four transects.", "MATR-7716", ELENA, label] {
            assert!(text.contains(words), "{words}: {text}");
        }
    };
    form(&desk, &usual("closed")).ok(200);
    given_back(&browser.post_files(&path(&desk), &page, &ANSWERS, &files).ok(409).text(), "Matriculation number");
    form(&desk, &usual("open")).ok(200);
    set(&desk, SLUG, "closed");
    given_back(&browser.post_files(&path(&desk), &page, &ANSWERS, &files).ok(409).text(), "Matriculation number");
    set(&desk, SLUG, "published");
    // A link that leads nowhere any more: nothing is known of its questions.
    given_back(&browser.post_files(&link, &page, &ANSWERS, &files).ok(409).text(), "Question 1");
    // Where there never was a form there is nothing, and nothing typed is nothing to give back.
    let elsewhere = path(&desk).replace(SLUG, "nothing");
    browser.post_files(&elsewhere, &page, &ANSWERS, &files).ok(404);
    browser.post_files(&link, &page, &[], &[]).ok(404);
    assert!(server.mails().iter().all(|mail| mail.to != ELENA), "nothing is kept of it");
    assert_eq!(requests(&desk, "waiting"), Vec::<Value>::new());
}
