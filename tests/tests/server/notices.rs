//! Terms and privacy notices in versions, what was shown to whom, and what becomes of accounts that nobody uses.

use rusqlite::Connection;
use satchel_tests::http::Browser;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use serde_json::{Value, json};

use crate::catalogue::publish as publish_badge;
use crate::factors::with_second_step;
use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, PASSWORD, appoint, member, register, registration, secret, server_with, sign_in};

const ADA: &str = "ada@posta.example";
const ELENA: &str = "elena@posta.example";

/// Publishes a text, as somebody of the staff.
fn publish(staff: &mut Browser, of: &str, english: &str, italian: &str) {
    let path = format!("/staff/notices/{of}");
    let form = staff.get(&path).ok(200);
    let before = form.hidden("before");
    // It is seen first, as people read it; nothing holds before that.
    let look = staff.post(&path, &form, &[("do", "look"), ("en", english), ("it", italian), ("before", &before)]).ok(200);
    assert!(look.text().contains("part notice") && look.text().contains("value=\"change\""), "{}", look.text());
    let change = staff.post(&path, &look, &[("do", "change"), ("en", english), ("it", italian), ("before", &before)]).ok(200);
    assert_eq!(change.hidden("before"), before, "nothing was published");
    staff.post(&path, &look, &[("do", "send"), ("en", english), ("it", italian), ("before", &before)]).ok(303);
}

/// What an account was shown, as its export has it.
fn shown(browser: &mut Browser) -> Vec<Value> {
    let data = browser.get("/account/export").ok(200).json();
    let all = data["notices_shown"].as_array().unwrap();
    all.iter().map(|it| json!([it["of"], it["kind"], it["version"]])).collect()
}

fn versions(server: &Running) {
    let mut staff = operator(server);
    let page = server.browser().get("/notices").ok(200).text();
    assert!(page.contains("Who answers for what") && page.contains("36 months") && page.contains("has not published"), "{page}");
    server.browser().get("/notices/server/terms").ok(404);
    publish(&mut staff, "server/terms", "# Rules <b>\n\nBe kind.\nAlways.\n\nSecond.", "");
    publish(&mut staff, "server/privacy", "We keep little.", "Conserviamo poco.");
    let page = server.browser().get("/notices/server/terms").ok(200).text();
    assert!(page.contains("<h2>Rules &#60;b&#62;</h2>") && page.contains("Be kind.\nAlways.</p>"), "{page}");
    assert!(page.contains("Version 1, since"), "{page}");
    // One language is enough, and says which it is.
    let italian = server.browser().get("/notices/server/terms?lang=it").ok(200).text();
    assert!(italian.contains("<html lang=\"it\">") && italian.contains("class=\"part notice\" lang=\"en\""), "{italian}");
    assert!(server.browser().get("/notices/server/privacy?lang=it").ok(200).text().contains("Conserviamo poco."));

    // Whoever registers is shown both, and that is recorded.
    server.admin(&["user", "invite", ADA]).ending(0);
    let invitation = secret(&server.mail(ADA, "invitation").link("/register"));
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    assert!(form.text().contains("Terms of use, version 1") && form.text().contains("Privacy notice, version 1"));
    // A version that comes while the page is open is shown first.
    publish(&mut staff, "server/terms", "# Rules\n\nBe kinder.", "");
    let mut fields = registration(&invitation, ADA);
    let holds = form.hidden("holds");
    fields.push(("holds", &holds));
    let again = browser.post("/register", &form, &fields).ok(422);
    assert!(again.text().contains("changed while this page was open") && again.text().contains("Terms of use, version 2"));
    assert!(again.text().contains("Marchetti"), "what was typed is kept");
    let now = again.hidden("holds");
    let mut fields = registration(&invitation, ADA);
    fields.push(("holds", &now));
    browser.post("/register", &again, &fields).ok(200);
    let link = server.mail(ADA, "Verify your address").link("/verify/");
    let page = browser.get(&link).ok(200);
    assert!(page.text().contains("Terms of use, version 2"));
    browser.post(&link, &page, &[("password", PASSWORD)]).ok(303);
    assert_eq!(shown(&mut browser), [json!([null, "privacy", 1]), json!([null, "terms", 2])]);

    // What changed since is told after signing in, and recorded then.
    assert!(!browser.get("/account").ok(200).text().contains("has changed since"));
    publish(&mut staff, "server/terms", "# Rules\n\nBe kindest.", "");
    let page = server.browser().get("/sign-in").ok(200).text();
    assert!(page.contains("Terms of use, version 3"), "{page}");
    let (mut later, answer) = sign_in(server, ADA, PASSWORD);
    answer.ok(303);
    let text = later.get("/account").ok(200).text();
    assert!(text.contains("has changed since") && text.contains("/notices/server/terms\">Terms of use, version 3"), "{text}");
    assert!(shown(&mut later).contains(&json!([null, "terms", 3])));
    // Versions that were stay readable, and say that they hold no more.
    let old = server.browser().get("/notices/server/terms/1").ok(200).text();
    assert!(old.contains("earlier version") && old.contains("Be kind.") && old.contains("noindex"), "{old}");
    for wrong in ["/notices/server/terms/9", "/notices/server/rules", "/notices/did:key:none/terms"] {
        server.browser().get(wrong).ok(404);
    }
    let tag = server.browser().get("/notices").ok(200).header("etag").unwrap().to_owned();
    server.browser().send("GET", "/notices", &[("if-none-match", &tag)], b"").ok(304);
}

#[test]
fn terms_have_versions_and_who_was_shown_which_is_recorded() {
    versions(&server_with(NO_FACTOR, &[]));
}

#[test]
fn terms_have_versions_on_postgresql_too() {
    let postgres = Postgres::start();
    versions(&server_with(NO_FACTOR, &["--database-url", &postgres.url()]));
}

#[test]
fn what_somebody_was_shown_stays_and_what_nobody_saw_is_taken_back() {
    let server = server_with(NO_FACTOR, &[]);
    let mut staff = operator(&server);
    publish(&mut staff, "server/terms", "First.", "");
    publish(&mut staff, "server/terms", "Second, with a slip.", "");
    let page = staff.get("/staff/notices").ok(200);
    let back = |staff: &mut Browser, version: &str| {
        staff.post("/staff/notices/server/terms", &page, &[("do", "back"), ("version", version)]).status
    };
    assert_eq!(back(&mut staff, "1"), 409, "only the newest");
    assert_eq!(back(&mut staff, "2"), 303);
    assert!(server.browser().get("/notices/server/terms").ok(200).text().contains("First."));
    member(&server, ADA);
    assert_eq!(back(&mut staff, "1"), 409, "Ada was shown it");
    // The same text, nothing, and too much are no version.
    let form = staff.get("/staff/notices/server/terms").ok(200);
    let post = |staff: &mut Browser, english: &str, before: &str| {
        staff.post("/staff/notices/server/terms", &form, &[("en", english), ("before", before)]).status
    };
    assert_eq!(post(&mut staff, "First.", "1"), 422);
    assert_eq!(post(&mut staff, " ", "1"), 422);
    assert_eq!(post(&mut staff, &"x".repeat(60_001), "1"), 422);
    // Two who write at once: the later one sees what the other published.
    assert_eq!(post(&mut staff, "Mine.", "1"), 303);
    assert_eq!(post(&mut staff, "Mine too.", "1"), 409);
}

#[test]
fn an_issuer_has_its_own_notices_which_its_staff_publish_and_nobody_else() {
    let server = server_with("[policy]\nsecond_factor = 'staff'\n", &[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    publish_badge(&desk, "land", "Landscape", &json!({}), "published");
    let of_the_staff = |desk: &Desk, email: &str| {
        let mut browser = member(&server, email);
        with_second_step(&mut browser);
        appoint(&server, desk, &mut browser, email);
        browser
    };
    let (mut one, mut two) = (of_the_staff(&desk, "one@valdora.example"), of_the_staff(&other, "two@orsa.example"));
    let page = one.get("/staff/notices").ok(200).text();
    assert!(!page.contains("/staff/notices/server/"), "only an operator writes for the service");
    let own = page.split("href=\"/staff/notices/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(own.ends_with("/terms"), "{own}");
    let privacy = own.replace("/terms", "/privacy");
    publish(&mut one, &privacy, "We award badges.", "");
    let mut nobody = member(&server, "nobody@posta.example");
    for browser in [&mut two, &mut nobody] {
        let any = browser.get("/account/settings").ok(200);
        for path in [format!("/staff/notices/{privacy}"), String::from("/staff/notices/server/terms")] {
            browser.get(&path).ok(404);
            browser.post(&path, &any, &[("en", "Mine now."), ("before", "1")]).ok(404);
        }
    }
    one.get("/staff/notices/server/terms").ok(404);
    // Without the page's token nothing counts.
    one.post_raw(&format!("/staff/notices/{privacy}"), &[("en", "Mine now."), ("before", "1")], &[]).ok(403);
    let listed = server.browser().get("/notices").ok(200).text();
    let path = format!("/notices/{}/privacy", desk.did);
    assert!(listed.contains(&path) && listed.contains("Università di Valdora"), "{listed}");
    // Whoever accepts a badge is shown it, and that is recorded; so is whoever asks.
    let id = desk.give(ELENA, "Landscape");
    let (mut elena, page) = register(&server, &secret(&server.mail(ELENA, "Landscape").link("/claim/")), ELENA);
    assert!(page.text().contains(&path) && page.text().contains("answers for this badge"), "{}", page.text());
    let holds = page.hidden("holds");
    elena.post(&format!("/claims/{id}"), &page, &[("keep", "private"), ("holds", &holds)]).ok(303);
    assert!(shown(&mut elena).contains(&json!([desk.did, "privacy", 1])));
    let form = json!({ "access": "open", "fields": [] });
    desk.send("PUT", "forms/land", form.to_string().as_bytes()).ok(200);
    let asked = server.browser().get(&format!("/badges/{}/land/request", desk.did)).ok(200).text();
    assert!(asked.contains(&path), "{asked}");
    // An issuer that publishes nothing is named by nobody, unless somebody has its address.
    let theirs = two.get("/staff/notices").ok(200).text();
    let theirs = theirs.split("href=\"/staff/notices/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    publish(&mut two, &theirs, "Quiet words.", "");
    assert!(!server.browser().get("/notices").ok(200).text().contains(&other.did));
    let quiet = server.browser().get(&format!("/notices/{}/terms", other.did)).ok(200).text();
    assert!(quiet.contains("noindex") && quiet.contains("Quiet words."));
    server.admin(&["issuer", "suspend", "--key", &desk.did]).ending(0);
    server.browser().get(&path).ok(404);
}

/// Has a server be stopped, its database changed, and started again.
fn meanwhile(server: Running, sql: &str, options: &[&str]) -> Running {
    let folder = server.stop();
    let database = Connection::open(folder.at("data").join("server.db")).unwrap();
    database.execute_batch(sql).unwrap();
    drop(database);
    Running::start_in(folder, options)
}

fn is_anywhere(folder: &Folder, needle: &str) -> bool {
    ["server.db", "server.db-wal", "erased.log"].iter().any(|name| {
        let bytes = std::fs::read(folder.at("data").join(name)).unwrap_or_default();
        bytes.windows(needle.len()).any(|it| it == needle.as_bytes())
    })
}

#[test]
fn an_account_that_nobody_uses_is_warned_then_erased_and_signing_in_keeps_it() {
    // 35 months, and then some more than 36: what passes is the time since the last visit.
    let ago = |days: i64| format!("UPDATE account SET seen = (strftime('%s') - {days} * 86400) * 1000000 WHERE role IS NULL;");
    let server = server_with(NO_FACTOR, &[]);
    let mut staff = operator(&server);
    publish(&mut staff, "server/terms", "Be kind.", "");
    member(&server, ADA);
    member(&server, ELENA);
    let server = meanwhile(server, &ago(1070), &[]);
    for email in [ADA, ELENA] {
        let mail = server.mail(email, "will be erased");
        assert!(mail.text.contains("36 months") && mail.text.contains("sign in once"), "{}", mail.text);
    }
    // One comes back. A month later the other is erased, and whoever runs the server is not.
    sign_in(&server, ELENA, PASSWORD).1.ok(303);
    let later = "UPDATE account SET seen = seen - 30 * 86400 * 1000000, warned = warned - 30 * 86400 * 1000000;
         UPDATE account SET seen = 0 WHERE role IS NOT NULL;";
    let server = meanwhile(server, later, &[]);
    server.mail(ADA, "account is deleted");
    sign_in(&server, ADA, PASSWORD).1.ok(422);
    sign_in(&server, ELENA, PASSWORD).1.ok(303);
    sign_in(&server, "operator@valdora.example", PASSWORD).1.ok(303);
    // Told once.
    assert_eq!(server.mails_to(ADA, "will be erased", 1).len(), 1);
    let folder = server.stop();
    assert!(!is_anywhere(&folder, ADA));
    let database = Connection::open(folder.at("data").join("server.db")).unwrap();
    let orphans = "SELECT count(*) FROM shown WHERE subject NOT IN (SELECT id FROM account)";
    let left: i64 = database.query_row(orphans, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "what was shown to an erased account is erased with it");
}

#[test]
fn nobody_is_erased_where_the_rule_is_never() {
    let long = "UPDATE account SET seen = 0, warned = 0;";
    let server = server_with("[policy]\nunused_months = 0\n", &[]);
    member(&server, ADA);
    let folder = server.stop();
    let config = folder.file("never.toml", "[policy]\nunused_months = 0\n").to_str().unwrap().to_owned();
    let server = meanwhile(Running::start_in(folder, &["--config", &config]), long, &["--config", &config]);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
    assert!(server.mails().iter().all(|mail| !mail.subject.contains("will be erased")));
    let page = server.browser().get("/notices").ok(200).text();
    assert!(page.contains("until its owner deletes it"), "{page}");
}
