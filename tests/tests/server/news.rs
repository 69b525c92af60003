//! News, the waiting list, and what people write to the staff.

use satchel_tests::http::Browser;
use satchel_tests::running::Running;
use serde_json::json;

use crate::catalogue::publish;
use crate::scene::{Desk, NO_FACTOR, PASSWORD, member, register, secret, server_with, sign_in};

const ELENA: &str = "elena@posta.example";

/// Somebody who runs the server, signed in.
pub fn operator(server: &Running) -> Browser {
    let email = "operator@valdora.example";
    member(server, email);
    server.admin(&["staff", "add", email]).ending(0);
    sign_in(server, email, PASSWORD).0
}

/// Wishes for news and confirms.
pub fn wish(server: &Running, email: &str, what: &[(&str, &str)]) {
    let mut browser = server.browser();
    let page = browser.get("/news").ok(200);
    let mut fields = vec![("email", email)];
    fields.extend_from_slice(what);
    browser.post("/news", &page, &fields).ok(200);
    let link = server.mail(email, "Confirm that you want news").link("/confirm/news/");
    let page = browser.get(&link).ok(200);
    browser.post(&link, &page, what).ok(200);
}

/// Has what waits ten minutes leave now, as time would.
pub fn release(server: Running) -> Running {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    database.execute("UPDATE outbox SET due = 0", []).unwrap();
    server.restart()
}

#[test]
fn news_go_to_those_who_confirmed_and_one_press_ends_them() {
    let server = server_with(NO_FACTOR, &[]);
    wish(&server, ELENA, &[("news", "yes")]);
    // One who never confirmed, and one who wants to know of the opening alone.
    let mut browser = server.browser();
    let page = browser.get("/news").ok(200);
    browser.post("/news", &page, &[("email", "never@posta.example"), ("news", "yes")]).ok(200);
    wish(&server, "later@posta.example", &[("opening", "yes")]);
    let mut staff = operator(&server);
    let form = staff.get("/staff/news/write").ok(200);
    // It is seen before it leaves, and can be changed.
    let typed = [("title", "First <thing>"), ("text", "Taken\n\nback.")];
    let look = staff.post("/staff/news/write", &form, &[[("do", "look")].as_slice(), &typed].concat()).ok(200).text();
    for words in ["First &#60;thing&#62;", ">back.</bdi>", "value=\"send\"", "value=\"change\""] {
        assert!(look.contains(words), "{words}: {look}");
    }
    let change = staff.post("/staff/news/write", &form, &[[("do", "change")].as_slice(), &typed].concat()).ok(200).text();
    assert!(change.contains("<textarea") && change.contains("Taken\n\nback."), "{change}");
    assert!(!staff.get("/staff/news").ok(200).text().contains("thing"), "nothing was sent");
    staff.post("/staff/news/write", &form, &[("title", "First thing"), ("text", "Taken back.")]).ok(303);
    let waits = staff.get("/staff/news").ok(200).text();
    assert!(waits.contains("Leaves on ") && !waits.contains("Left on "), "{waits}");
    let page = staff.get("/staff/news").ok(200);
    let back = page.text().split("action=\"/staff/news/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    staff.post(&format!("/staff/news/{back}"), &page, &[]).ok(303);
    staff.post("/staff/news/write", &form, &[("title", ""), ("text", "")]).ok(422);
    // Pressed twice, it is sent once.
    for _ in 0..2 {
        staff.post("/staff/news/write", &form, &[("title", "A new catalogue"), ("text", "Line one.\n\nLine two.")]).ok(303);
    }
    assert_eq!(staff.get("/staff/news").ok(200).text().matches("action=\"/staff/news/").count(), 1);
    let server = release(server);
    let mail = server.mail(ELENA, "A new catalogue");
    assert!(mail.raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", mail.raw);
    let head = mail.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let leave = head.split("List-Unsubscribe: <").nth(1).unwrap().split('>').next().unwrap().to_owned();
    // The port is another one after the restart; the address is the same.
    let path = format!("/{}", leave.splitn(4, '/').nth(3).unwrap());
    server.browser().get(&path).ok(200);
    let wrong = format!("{path}x");
    assert_eq!(server.browser().send("POST", &wrong, &[], b"List-Unsubscribe=One-Click").status, 404);
    let pressed = [("content-type", "application/x-www-form-urlencoded")];
    server.browser().send("POST", &path, &pressed, b"List-Unsubscribe=One-Click").ok(200);
    server.browser().send("POST", &path, &pressed, b"List-Unsubscribe=One-Click").ok(200);
    let mut staff = sign_in(&server, "operator@valdora.example", PASSWORD).0;
    // What has left is read again.
    let page = staff.get("/staff/news").ok(200).text();
    let read = page.split("href=\"/staff/news/").find(|it| it.contains("A new catalogue")).unwrap().split('"').next().unwrap();
    assert!(!page.contains("Leaves on "), "{page}");
    assert!(staff.get(&format!("/staff/news/{read}")).ok(200).text().contains(">Line two.<"), "{page}");
    let form = staff.get("/staff/news/write").ok(200);
    staff.post("/staff/news/write", &form, &[("title", "Nobody reads this"), ("text", "x")]).ok(303);
    let server = release(server);
    let marker = member(&server, "marker@posta.example");
    drop(marker);
    let all = server.mails();
    assert_eq!(all.iter().filter(|mail| mail.subject.contains("A new catalogue")).count(), 1);
    assert!(all.iter().all(|mail| !mail.subject.contains("Nobody reads") && !mail.subject.contains("First thing")));
    let folder = server.stop();
    let bytes = std::fs::read(folder.at("data").join("server.db")).unwrap();
    assert!(!bytes.windows(ELENA.len()).any(|it| it == ELENA.as_bytes()), "who left is erased");
}

#[test]
fn whoever_waits_for_the_opening_is_told_once_and_may_register_then() {
    let server = Running::start(&[]);
    wish(&server, ELENA, &[("opening", "yes")]);
    let page = server.browser().get("/register").ok(200).text();
    assert!(page.contains("needs an invitation") && page.contains("href=\"/news\""), "{page}");
    let folder = server.stop();
    let config = folder.file("server.toml", "[policy]\nregistration = 'open'\n");
    let config = config.to_str().unwrap().to_owned();
    let server = Running::start_in(folder, &["--config", &config]);
    server.mail(ELENA, "is open");
    let server = server.restart();
    let (_, page) = register(&server, "", ELENA);
    assert!(page.text().contains("No badge yet"), "{}", page.text());
    assert_eq!(server.mails_to(ELENA, "is open", 1).len(), 1);
    // Too young is too young, without an invitation too.
    let mut browser = server.browser();
    let form = browser.get("/register").ok(200);
    let mut young = crate::scene::registration("", "kid@posta.example");
    young[6] = ("birth-year", "2019");
    browser.post("/register", &form, &young).ok(403);
}

#[test]
fn the_mail_of_a_stranger_is_not_filled() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    let page = browser.get("/news").ok(200);
    let send = |browser: &mut Browser, fields: &[(&str, &str)]| browser.post("/news", &page, fields).status;
    assert_eq!(send(&mut browser, &[("email", "no address"), ("news", "yes")]), 422);
    assert_eq!(send(&mut browser, &[("email", ELENA)]), 422);
    let all: Vec<u16> = (0..5).map(|_| send(&mut browser, &[("email", ELENA), ("news", "yes")])).collect();
    assert_eq!(all, [200, 200, 200, 422, 422]);
    // What a plus parts off is the same mailbox.
    assert_eq!(send(&mut browser, &[("email", "elena+news@posta.example"), ("news", "yes")]), 422);
    assert_eq!(send(&mut browser, &[("email", "b@posta.example"), ("news", "yes"), ("website", "x")]), 200);
    assert_eq!(server.mails_to(ELENA, "Confirm", 3).len(), 3);
    assert!(server.mails().iter().all(|mail| mail.to != "b@posta.example"));
}

pub fn write(server: &Running, path: &str, fields: &[(&str, &str)]) {
    let mut browser = server.browser();
    let page = browser.get(path).ok(200);
    let text = browser.post(path, &page, fields).ok(200).text();
    assert!(text.contains("Reference: "), "{text}");
    let to = fields.iter().find(|(name, _)| *name == "email").unwrap().1;
    let link = server.mail(to, "Confirm your message").link("/confirm/message/");
    let page = browser.get(&link).ok(200);
    assert!(browser.post(&link, &page, &[]).ok(200).text().contains("it has arrived"));
}

#[test]
fn a_badge_is_proposed_answered_and_what_was_written_is_erased() {
    let settings = "support = 'help@valdora.example'\ncontact = ['Via Roma 1, Valdora']\n[policy]\nrequest_days = 0\nsecond_factor = 'optional'\n";
    let server = server_with(settings, &[]);
    let help = server.browser().get("/help").ok(200).text();
    assert!(help.contains("Via Roma 1") && help.contains("help@valdora.example"));
    server.browser().get("/accessibility").ok(200);
    let mut browser = server.browser();
    let page = browser.get("/propose").ok(200);
    let wrong = browser.post("/propose", &page, &[("title", "Beekeeping"), ("email", "x")]).ok(422).text();
    assert!(wrong.contains("text-error") && wrong.contains("email-error") && wrong.contains("Beekeeping"));
    assert!(wrong.contains("quote"), "whom to write to, and what to quote: {wrong}");
    let fields =
        [("title", "Beekeeping"), ("text", "A year at the hive, for schools."), ("name", "Elena Quasimodo"), ("email", ELENA)];
    write(&server, "/propose", &fields);
    let mut nobody = member(&server, "nobody@posta.example");
    nobody.get("/staff/messages").ok(404);
    let mut staff = operator(&server);
    let list = staff.get("/staff/messages").ok(200).text();
    let at = format!("/staff/messages/{}", list.split("href=\"/staff/messages/").nth(1).unwrap().split('"').next().unwrap());
    nobody.get(&at).ok(404);
    let page = staff.get(&at).ok(200);
    assert!(page.text().contains("A year at the hive") && page.text().contains(ELENA));
    staff.post(&at, &page, &[("do", "answer"), ("words", " ")]).ok(422);
    staff.post(&at, &page, &[("do", "answer"), ("words", "Not yet.")]).ok(303);
    staff.post(&at, &page, &[("do", "undo")]).ok(303);
    staff.post(&at, &page, &[("do", "answer"), ("words", "We make it in spring.")]).ok(303);
    staff.post(&at, &page, &[("do", "close")]).ok(409);
    let server = release(server);
    let mail = server.mail(ELENA, "Beekeeping");
    assert!(mail.text.contains("We make it in spring.") && !mail.text.contains("Not yet."), "{}", mail.text);
    // Erased with the next round of what happens by itself.
    let server = server.restart();
    let mut staff = sign_in(&server, "operator@valdora.example", PASSWORD).0;
    let began = std::time::Instant::now();
    while staff.get(&at).ok(200).text().contains("hive") {
        assert!(began.elapsed().as_secs() < 60);
    }
    let folder = server.stop();
    for name in ["server.db", "server.db-wal"] {
        let bytes = std::fs::read(folder.at("data").join(name)).unwrap_or_default();
        for needle in [ELENA, "Quasimodo", "A year at the hive", "We make it in spring"] {
            assert!(!bytes.windows(needle.len()).any(|it| it == needle.as_bytes()), "{name} has {needle}");
        }
    }
}

#[test]
fn a_storm_of_forms_ends_at_its_limits() {
    let server = Running::start(&[]);
    member(&server, ELENA);
    let mut browser = server.browser();
    let page = browser.get("/propose").ok(200);
    let mut send = |path: &str, fields: &[(&str, &str)]| browser.post(path, &page, fields).status;
    let proposal =
        |email: &str| [("title", "Bees"), ("text", "A year."), ("email", email)].map(|(name, value)| (name, value.to_owned()));
    // From one network come three hundred messages an hour, whomever they name.
    let all: Vec<u16> = (0..302)
        .map(|number| {
            let fields = proposal(&format!("p{number}@posta.example"));
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            send("/propose", &fields)
        })
        .collect();
    assert_eq!(all, [[200; 300].as_slice(), &[422; 2]].concat());
    // One address is written to a few times, by whichever form; what is more is answered alike and sends nothing.
    for _ in 0..30 {
        send("/forgot", &[("email", ELENA)]);
        send("/news", &[("email", ELENA), ("news", "yes")]);
    }
    let marker = "marker@posta.example";
    server.admin(&["user", "invite", marker]).ending(0);
    server.mail(marker, "invitation");
    let many = |subject: &str| server.mails().iter().filter(|mail| mail.to == ELENA && mail.subject.contains(subject)).count();
    assert_eq!(many("Confirm that you want news"), 3);
    assert!((1..=5).contains(&many("new password")), "{}", many("new password"));
    assert_eq!(server.mails().iter().filter(|mail| mail.subject.contains("Confirm your message")).count(), 300);
}

#[test]
fn a_reported_page_is_hidden_with_a_reason_that_its_owner_reads() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, "land", "Landscape", &json!({}), "published");
    let id = desk.give(ELENA, "Landscape");
    let (mut owner, page) = register(&server, &secret(&server.mail(ELENA, "Landscape").link("/claim/")), ELENA);
    let badge = owner.post(&format!("/claims/{id}"), &page, &[("keep", "public")]).ok(303).location().to_owned();
    let settings = owner.get("/account/settings").ok(200);
    owner.post("/account/page", &settings, &[("page", "public"), ("indexed", "yes")]).ok(303);
    let slug = owner.get("/account").text().split("href=\"/p/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (person, award) = (format!("/p/{slug}"), format!("/p/{slug}/{}", badge.rsplit('/').next().unwrap()));
    let mut stranger = server.browser();
    assert!(stranger.get(&award).ok(200).text().contains(&format!("/report?page={award}")));
    stranger.get(&person).ok(200);
    assert!(stranger.cookies().is_empty(), "whoever looks at somebody's page is given nothing: {:?}", stranger.cookies());
    stranger.get("/report?page=https://elsewhere.example/").ok(404);
    let mut staff = operator(&server);
    for (page, at) in [(&award, 0), (&person, 1)] {
        let path = format!("/report?page={page}");
        let form = stranger.get(&path).ok(200);
        // Without an address there is no answer, and none is needed.
        stranger.post("/report", &form, &[("page", page), ("text", "Not theirs.")]).ok(200);
        let list = staff.get("/staff/messages?kind=report").ok(200).text();
        let message =
            format!("/staff/messages/{}", list.split("href=\"/staff/messages/").nth(1 + at).unwrap().split('"').next().unwrap());
        let shown = staff.get(&message).ok(200);
        assert!(shown.text().contains(page.as_str()));
        stranger.get(page).ok(200);
        staff.post(&message, &shown, &[("do", "hide"), ("words", "")]).ok(422);
        staff.post(&message, &shown, &[("do", "hide"), ("words", "Somebody says it is not yours.")]).ok(303);
        stranger.get(page).ok(404);
        let seen = owner.get(if at == 0 { &badge } else { "/account" }).ok(200).text();
        assert!(seen.contains("Somebody says it is not yours."), "{seen}");
        assert!(!server.browser().get(&format!("/badges/{}/land", desk.did)).ok(200).text().contains("Elena"), "named nowhere");
        // Its owner is told one thing, also where the links are, and answers with the reference; the report is done.
        let answer = seen.split("href=\"/help/ask").nth(1).unwrap().split('"').next().unwrap();
        let form = owner.get(&format!("/help/ask{answer}")).ok(200).text();
        assert!(answer.starts_with("?about=") && form.contains(&format!("reference {}", &answer[7..])), "{answer}: {form}");
        if at == 1 {
            assert!(seen.contains("have hidden your page") && !seen.contains("Your page is public"), "{seen}");
            assert!(owner.get("/account/sharing").ok(200).text().contains("have hidden your page"));
        }
        let open = staff.get("/staff/messages?kind=report").ok(200).text();
        assert!(!open.contains(&message) && staff.get(&message).ok(200).text().contains("Answered"), "{open}");
        staff.post(&message, &shown, &[("do", "show")]).ok(303);
        stranger.get(page).ok(200);
        // What was shown again within ten minutes is not told; the page itself stays hidden.
        if at == 1 {
            staff.post(&message, &shown, &[("do", "hide"), ("words", "It is being looked at.")]).ok(303);
        }
    }
    let server = release(server);
    let mails = server.mails_to(ELENA, "A page of yours is hidden", 1);
    assert!(mails[0].text.contains("your page") && mails[0].text.contains("It is being looked at."), "{}", mails[0].text);
    assert_eq!(mails.len(), 1, "{mails:?}");
}

#[test]
fn nothing_is_ticked_beforehand_and_nothing_ticked_is_no_wish() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    let page = browser.get("/news").ok(200);
    assert!(!page.text().contains(" checked"), "{}", page.text());
    browser.post("/news", &page, &[("email", ELENA), ("news", "yes")]).ok(200);
    let link = server.mail(ELENA, "Confirm that you want news").link("/confirm/news/");
    let page = browser.get(&link).ok(200);
    assert!(page.text().contains(" checked"), "what was wished for");
    let text = browser.post(&link, &page, &[]).ok(200).text();
    assert!(text.contains("Your address is erased") && !text.contains("It is noted"), "{text}");
}

#[test]
fn a_page_without_a_form_leaves_no_cookie_and_one_with_a_form_does() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    for path in ["/", "/badges", "/help", "/accessibility", "/nothing"] {
        browser.get(path);
        assert!(browser.cookies().is_empty(), "{path}: {:?}", browser.cookies());
    }
    browser.get("/news").ok(200);
    assert_eq!(browser.cookies().len(), 1, "{:?}", browser.cookies());
}
