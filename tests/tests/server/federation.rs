//! Signing in through an institution, with a real `OpenID` provider on the other side (R09, R14 to R16, R19 to R21, R54, S05).

use std::thread;

use jiff::{SignedDuration, Timestamp};
use satchel_tests::http::{Answer, Browser};
use satchel_tests::picture;
use satchel_tests::provider::Provider;
use serde_json::json;

use crate::institution::{
    BORN, add, born, change, come, fails, federation, is_in, join, leads_to, leave, newcomer, person, rows, server_for,
    server_saying, with_institution,
};
use crate::scene::{Desk, NO_FACTOR, PASSWORD, member, registration, secret, sign_in};

const ALICE: &str = "alice@uni.example";

/// A birthday so many years ago, in the time zone in which days begin first.
fn years_ago(years: i16, days: i32) -> (String, String, String) {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(14));
    let day = zone.to_datetime(Timestamp::now() + SignedDuration::from_hours(24 * i64::from(days))).date();
    (day.day().to_string(), day.month().to_string(), (day.year() - years).to_string())
}

fn parts(date: &(String, String, String)) -> (&str, &str, &str) {
    (&date.0, &date.1, &date.2)
}

#[test]
fn a_learner_signs_in_with_the_birth_date_alone_and_keeps_the_badge_that_was_given_before() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Ångström", ALICE));
    let desk = Desk::admitted(&server, 1);
    let invitation = desk.give(ALICE, "Il paesaggio come laboratorio");
    let mut browser = server.browser();
    let page = browser.get("/sign-in").ok(200).text();
    assert!(page.contains("Università uni") && page.contains("name=\"password\""), "both ways in: {page}");
    let answer = come(&mut browser, &uni, "uni", "alice").ok(303);
    assert_eq!(answer.location(), "/sign-in/finish");
    assert!(!is_in(&mut browser), "no session before all is known");
    assert_eq!(rows(&server, "account"), 0, "and no account");
    let form = browser.get("/sign-in/finish").ok(200).text();
    assert!(form.contains("Alice Ångström") && form.contains(ALICE) && form.contains("birth-year"), "{form}");
    for field in ["given", "family", "email", "password"] {
        assert!(!form.contains(&format!("name=\"{field}\"")), "{field} is asked: {form}");
    }
    let answer = born(&mut browser, BORN).ok(303);
    assert_eq!(answer.location(), "/account");
    assert_eq!(rows(&server, "arrival"), 0);
    let home = browser.get("/account").ok(200).text();
    assert!(home.contains(&format!("/claims/{invitation}")), "the badge waits: {home}");
    let claim = browser.get(&format!("/claims/{invitation}")).ok(200);
    browser.post(&format!("/claims/{invitation}"), &claim, &[("keep", "private")]).ok(303);
    assert_eq!(desk.state(&invitation), "accepted");
    // What the institution says cannot be changed here, by page or program.
    let settings = browser.get("/account/settings").ok(200);
    assert!(settings.text().contains("Alice Ångström") && !settings.text().contains("/account/profile"), "{}", settings.text());
    let refused = browser.get("/account/profile").ok(403);
    assert!(refused.text().contains("come from Università uni"), "{}", refused.text());
    browser.post("/account/profile", &settings, &[("given", "Eve"), ("family", "Evil")]).ok(403);
    // A second time nothing is asked.
    let mut again = server.browser();
    let answer = come(&mut again, &uni, "uni", "alice").ok(303);
    assert_eq!(answer.location(), "/account");
    assert!(again.get("/account").ok(200).text().contains("Il paesaggio"));
    // Nothing of the sign-in stays, and no password ever came.
    let kept = std::fs::read(server.folder.at("data/server.db")).unwrap();
    assert!(!kept.windows(8).any(|bytes| bytes == b"eyJhbGci"), "a token was kept");
}

#[test]
fn the_same_on_postgresql() {
    let database = satchel_tests::postgres::Postgres::start();
    let uni = Provider::start();
    let server = crate::institution::server_with(&[uni.host()], &["--database-url", &database.url()]);
    join(&server, &uni, "uni", &[]);
    uni.person("alice", person("Alice", "Ångström", ALICE));
    let mut browser = newcomer(&server, &uni, "alice");
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/sign-out", &settings, &[]).ok(200);
    let mut again = server.browser();
    assert_eq!(come(&mut again, &uni, "uni", "alice").ok(303).location(), "/account");
    member(&server, "bob@uni.example");
    uni.person("bob", person("Bob", "Bianchi", "bob@uni.example"));
    let mut joined = server.browser();
    come(&mut joined, &uni, "uni", "bob").ok(303);
    assert_eq!(born(&mut joined, BORN).ok(303).location(), "/account");
    assert!(server.mail("bob@uni.example", "login was added").text.contains("Università uni"));
    federation(&server, &["list"]).ending(0);
}

#[test]
fn what_the_institution_says_is_taken_over_at_each_sign_in() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    uni.person("alice", person("Alice", "Bianchi", "alice.bianchi@uni.example"));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "alice").ok(303);
    let page = browser.get("/account/logins").ok(200).text();
    assert!(page.contains(ALICE) && page.contains("alice.bianchi@uni.example"), "the old address stays: {page}");
    let (new, old) = (page.find("alice.bianchi@uni.example").unwrap(), page.find(ALICE).unwrap());
    assert!(new < old, "mail goes to the new one");
    assert!(browser.get("/account/settings").ok(200).text().contains("Alice Bianchi"));
    // Badges for either are hers.
    let desk = Desk::admitted(&server, 1);
    let one = desk.give(ALICE, "One");
    let other = desk.give("alice.bianchi@uni.example", "Other");
    let home = browser.get("/account").ok(200).text();
    assert!(home.contains(&one) && home.contains(&other), "{home}");
    // An address that somebody else has is never taken.
    member(&server, "bob@uni.example");
    uni.person("alice", person("Alice", "Bianchi", "bob@uni.example"));
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    let page = browser.get("/account/logins").ok(200).text();
    assert!(!page.contains("<bdi>bob@uni.example</bdi> <span class=\"soft\">verified"), "{page}");
    assert!(sign_in(&server, "bob@uni.example", PASSWORD).1.status == 303, "it is still his");
    // One that the institution does not vouch for is asked about by mail.
    let mut changed = person("Alice", "Bianchi", "alice@posta.example");
    uni.person("alice", changed.clone());
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(
        !browser.get("/account/logins").ok(200).text().contains("<bdi>alice@posta.example</bdi> <span class=\"soft\">verified")
    );
    let link = server.mail("alice@posta.example", "Verify").link("/address/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[]).ok(303);
    assert!(
        browser.get("/account/logins").ok(200).text().contains("<bdi>alice@posta.example</bdi> <span class=\"soft\">verified")
    );
    changed["email"] = json!(ALICE);
    uni.person("alice", changed);
}

#[test]
fn a_recycled_address_opens_no_old_account() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    uni.person("other-alice", person("Alina", "Russo", ALICE));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "other-alice").ok(303);
    let page = born(&mut browser, BORN).ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "the mail would reach her: {page}");
    assert!(!is_in(&mut browser));
    assert_eq!(rows(&server, "account"), 1);
    // Nor does a forgotten password: the account has none, and gets none by mail.
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", ALICE)]).ok(200);
    assert!(!server.mail(ALICE, "no password").text.contains("/reset/"));
}

#[test]
fn the_day_of_the_sixteenth_birthday_passes_and_the_day_before_does_not() {
    let (server, uni) = with_institution(&[]);
    uni.person("today", person("Ugo", "Oggi", "ugo@uni.example"));
    uni.person("tomorrow", person("Dora", "Domani", "dora@uni.example"));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "today").ok(303);
    assert_eq!(born(&mut browser, parts(&years_ago(16, 0))).ok(303).location(), "/account");
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "tomorrow").ok(303);
    let date = years_ago(16, 1);
    let page = born(&mut browser, parts(&date)).ok(403).text();
    assert!(page.contains("at least 16") && page.contains("did not keep"), "{page}");
    assert!(!is_in(&mut browser));
    assert_eq!((rows(&server, "account"), rows(&server, "arrival")), (1, 0));
    // Another date does not help, from another browser neither, for a day.
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "tomorrow").ok(303);
    assert!(born(&mut browser, BORN).ok(403).text().contains("tomorrow"));
    let stored = format!("{}-{:0>2}-{:0>2}", date.2, date.1, date.0);
    let folder = server.stop();
    for entry in std::fs::read_dir(folder.at("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for kept in [stored.as_bytes(), b"dora@uni.example"].into_iter().take(1) {
            assert!(!bytes.windows(kept.len()).any(|part| part == kept), "a refused date was kept");
        }
    }
}

#[test]
fn an_account_is_looked_at_at_every_sign_in() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let mut browser = newcomer(&server, &uni, "alice");
    server.admin(&["user", "block", ALICE]).ending(0);
    assert!(!is_in(&mut browser), "running sessions end");
    let mut again = server.browser();
    let page = come(&mut again, &uni, "uni", "alice");
    fails(&mut again, &page, 403, "blocked");
    server.admin(&["user", "unblock", ALICE]).ending(0);
    assert_eq!(come(&mut again, &uni, "uni", "alice").ok(303).location(), "/account");
    // Found too young, the account may be taken along and no more.
    change(&server, "UPDATE account SET birth_date = '2020-01-01'");
    let mut young = server.browser();
    assert!(come(&mut young, &uni, "uni", "alice").ok(403).text().contains("suspended"));
    assert!(!is_in(&mut young));
    young.get("/account/export").ok(200);
    server.mail(ALICE, "suspended");
    // And erased by its owner, who has no password to show.
    let form = young.get("/account/delete").ok(200);
    assert!(!form.text().contains("type=\"password\""));
    young.post("/account/delete", &form, &[]).ok(200);
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "session_login")), (0, 0, 0));
}

#[test]
fn each_sign_in_that_fails_says_what_happened_and_leaves_nothing() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    // Cancelled there.
    let mut browser = server.browser();
    let url = leave(&mut browser, "uni", "/account");
    let back = uni.sign_in(&url, "nobody");
    assert!(back.contains("error=access_denied"), "{back}");
    let page = browser.get(&back);
    fails(&mut browser, &page, 200, "was not finished");
    // The same answer once more.
    let page = browser.get(&back).ok(400);
    fails(&mut browser, &page, 400, "not begun in this browser");
    // In another browser: somebody else's sign-in.
    let url = leave(&mut browser, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    let mut other = server.browser();
    other.get("/sign-in").ok(200);
    let page = other.get(&back);
    fails(&mut other, &page, 400, "not begun in this browser");
    let page = browser.get(&back);
    fails(&mut browser, &page, 400, "not begun in this browser");
    // A code that the institution does not know.
    let url = leave(&mut browser, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    let forged = back.replace("code=", "code=x");
    let page = browser.get(&forged);
    fails(&mut browser, &page, 400, "could not be confirmed");
    // A state that nobody was given; one that is too old.
    let page = browser.get("/sign-in/return/uni?code=x&state=0123456789abcdefghijklmnopqrstuv");
    fails(&mut browser, &page, 400, "not begun in this browser");
    let url = leave(&mut browser, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    change(&server, "UPDATE departure SET expires = 0");
    let page = browser.get(&back);
    fails(&mut browser, &page, 400, "not begun in this browser");
    // What is needed does not come.
    uni.person("bare", json!({ "given_name": "Bea", "email_verified": true }));
    let page = come(&mut browser, &uni, "uni", "bare");
    fails(&mut browser, &page, 403, "Missing: email");
    let page = browser.get("/sign-in/finish").ok(400);
    assert!(page.text().contains("not begun"));
    for table in ["account", "identity", "arrival", "session"] {
        assert_eq!(rows(&server, table), 0, "{table}");
    }
    let looked = federation(&server, &["test", "uni"]).ending(1);
    assert!(looked.out.contains("did not come: email"), "{}", looked.out);
    // Away: told before anybody is sent there, and when the code is to be redeemed.
    let mut waiting = server.browser();
    let url = leave(&mut waiting, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    drop(uni);
    let page = waiting.get(&back);
    fails(&mut waiting, &page, 502, "does not answer");
    let log = server.said();
    assert!(log.contains("not_believed") && !log.contains("alice"), "{log}");
}

#[test]
fn an_answer_of_one_institution_is_not_taken_for_anothers() {
    let (honest, other) = (Provider::start(), Provider::start());
    let server = server_for(&[honest.host(), other.host()]);
    join(&server, &honest, "honest", &[]);
    join(&server, &other, "other", &[]);
    for it in [&honest, &other] {
        it.person("alice", person("Alice", "Rossi", ALICE));
    }
    let mut browser = server.browser();
    let url = leave(&mut browser, "honest", "/account");
    let back = honest.sign_in(&url, "alice");
    // Sent to the place of the other one, with the state of the first.
    let page = browser.get(&back.replace("/return/honest", "/return/other"));
    fails(&mut browser, &page, 400, "not begun in this browser");
    // The other's code and issuer, at the place of the first.
    let url = leave(&mut browser, "honest", "/account");
    let mixed = honest.sign_in(&url, "alice");
    let theirs = {
        let url = leave(&mut browser, "other", "/account");
        other.sign_in(&url, "alice")
    };
    let part = |url: &str, name: &str| {
        let rest = url.split_once(&format!("{name}=")).unwrap().1;
        rest.split('&').next().unwrap().to_owned()
    };
    let mixed = mixed.replace(&part(&mixed, "iss"), &part(&theirs, "iss"));
    let page = browser.get(&mixed);
    fails(&mut browser, &page, 400, "could not be confirmed");
    // Without the issuer that it promises to name (RFC 9207, 2.4).
    let url = leave(&mut browser, "honest", "/account");
    let back = honest.sign_in(&url, "alice");
    let page = browser.get(&back.replace(&format!("iss={}", part(&back, "iss")), ""));
    fails(&mut browser, &page, 400, "could not be confirmed");
    assert_eq!(rows(&server, "arrival"), 0);
}

#[test]
fn new_keys_of_an_institution_are_fetched_when_they_are_needed() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    uni.rotate();
    assert_eq!(come(&mut server.browser(), &uni, "uni", "alice").ok(303).location(), "/account");
}

#[test]
fn claims_may_come_in_the_user_info_alone_and_under_other_names() {
    let provider = Provider::start();
    let server = server_for(&[provider.host()]);
    let metadata = server.browser().get("/sign-in/metadata?provider=uni").ok(200).json();
    provider.register(&metadata, true);
    let mapped = ["--subject", "pairwise-id", "--claim", "email=mail", "--addresses-verified"];
    add(&server, "uni", &provider.url, &mapped);
    let says = json!({ "given_name": "Alice", "family_name": "Rossi", "mail": ALICE, "pairwise-id": "QX7@uni.example" });
    provider.person("changing-1", says.clone());
    newcomer(&server, &provider, "changing-1");
    // `sub` may change; what tells people apart does not.
    provider.person("changing-2", says);
    assert_eq!(come(&mut server.browser(), &provider, "uni", "changing-2").ok(303).location(), "/account");
    assert_eq!(rows(&server, "account"), 1);
}

#[test]
fn a_program_is_allowed_something_by_way_of_an_institution() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let said = json!({ "client_name": "Satchel on a desk", "redirect_uris": ["http://127.0.0.1/back"] });
    let json = [("content-type", "application/json")];
    let client = server.browser().send("POST", "/oauth/register", &json, said.to_string().as_bytes()).ok(201).json();
    let id = client["client_id"].as_str().unwrap();
    let asked = format!(
        "/oauth/authorize?response_type=code&client_id={id}&redirect_uri=http%3A%2F%2F127.0.0.1%3A50123%2Fback&scope=wallet&state=x\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let mut browser = server.browser();
    let to = browser.get(&asked).ok(303).location().to_owned();
    let form = browser.get(&to).ok(200);
    let next = crate::institution::plain(&form.hidden("next"));
    let url = leads_to(&browser.post("/sign-in/with", &form, &[("provider", "uni"), ("next", &next)]).ok(200));
    let back = uni.sign_in(&url, "alice");
    browser.get(&back).ok(303);
    let answer = born(&mut browser, BORN).ok(303);
    let question = browser.get(answer.location()).ok(200);
    assert!(question.text().contains("Satchel on a desk"), "{}", question.text());
    let allowed = browser.post(answer.location(), &question, &[("answer", "allow")]).ok(303);
    assert!(allowed.location().starts_with("http://127.0.0.1:50123/back?code="), "{}", allowed.location());
    // The names of a federated account are not a program's to change either.
    assert!(server.said().lines().all(|line| !line.contains(ALICE)));
}

#[test]
fn whoever_signs_out_may_sign_out_at_the_institution_too_and_its_word_ends_sessions() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    let (mut here, mut there) = (server.browser(), uni.browser());
    let url = leave(&mut here, "uni", "/account");
    let back = uni.sign_in_with(&mut there, &url, "alice");
    here.get(&back).ok(303);
    assert!(is_in(&mut here));
    // A second browser of the same session there, and a third one of another.
    let (mut second, mut elsewhere) = (server.browser(), server.browser());
    let url = leave(&mut second, "uni", "/account");
    let back = uni.sign_in_with(&mut there, &url, "alice");
    second.get(&back).ok(303);
    come(&mut elsewhere, &uni, "uni", "alice").ok(303);
    let settings = here.get("/account/settings").ok(200);
    let page = here.post("/sign-out", &settings, &[]).ok(200).text();
    assert!(page.contains("You are signed out") && page.contains("Sign out at Università uni too"), "{page}");
    assert!(!is_in(&mut here));
    let link = page.split_once(&format!("href=\"{}", uni.url)).unwrap().1.split_once('"').unwrap().0;
    let link = crate::institution::plain(&format!("{}{link}", uni.url));
    let out = uni.sign_out(&mut there, &link).ok(303);
    assert!(out.location().starts_with(&format!("{}/sign-in/out", server.url)), "{}", out.location());
    assert!(here.get(out.location()).ok(200).text().contains("signed out here and at your institution"));
    assert!(!is_in(&mut second), "the institution ended it");
    assert!(is_in(&mut elsewhere), "but no other");
}

#[test]
fn one_person_who_signs_in_twice_at_once_has_one_account() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let ready: Vec<(Browser, Answer)> = (0..4)
        .map(|_| {
            let mut browser = server.browser();
            come(&mut browser, &uni, "uni", "alice").ok(303);
            let form = browser.get("/sign-in/finish").ok(200);
            (browser, form)
        })
        .collect();
    let presses: Vec<_> = ready
        .into_iter()
        .map(|(mut browser, form)| {
            thread::spawn(move || {
                let fields = [("birth-day", "31"), ("birth-month", "3"), ("birth-year", "1999")];
                let answer = browser.post("/sign-in/finish", &form, &fields);
                (answer, browser)
            })
        })
        .collect();
    for press in presses {
        let (answer, mut browser) = press.join().unwrap();
        assert_eq!(answer.ok(303).location(), "/account");
        assert!(is_in(&mut browser));
    }
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "address")), (1, 1, 1));
}

#[test]
fn the_page_lists_institutions_finds_them_and_remembers_the_last() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let logo = server.folder.at("logo.png");
    std::fs::write(&logo, picture::png(&[])).unwrap();
    for number in 1..=9 {
        let issuer = format!("https://login{number}.example");
        let (id, path) = (format!("school-{number}"), logo.to_str().unwrap());
        add(&server, &id, &issuer, &["--logo", path, "--domain", &format!("school{number}.example"), "--untested"]);
    }
    let mut browser = server.browser();
    let page = browser.get("/sign-in?next=%2Faccount%2Fsettings").ok(200).text();
    assert!(page.contains("name=\"q\"") && !page.contains("school-1"), "with many there is a search: {page}");
    let found = browser.get("/sign-in?q=SCHOOL-3&next=%2Faccount%2Fsettings").ok(200);
    assert!(found.text().contains("value=\"school-3\"") && !found.text().contains("value=\"school-4\""));
    assert_eq!(found.hidden("next"), "/account/settings");
    assert!(browser.get("/sign-in?q=school5.example").ok(200).text().contains("value=\"school-5\""), "by domain too");
    assert!(browser.get("/sign-in?q=%3Cscript%3E").ok(200).text().contains("No institution here"));
    assert_eq!(browser.get("/sign-in/logo/school-3").ok(200).header("content-type"), Some("image/png"));
    browser.get("/sign-in/logo/uni").ok(404);
    come(&mut browser, &uni, "uni", "alice").ok(303);
    let page = browser.get("/sign-in").ok(200).text();
    assert!(page.contains("value=\"uni\""), "the last one is remembered: {page}");
    // Of more than anybody reads, fifty are shown, and that there are more.
    change(
        &server,
        "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 60)
         INSERT INTO provider (id, name, issuer, client, subject, scopes, claims, domains, declared, roles, created)
         SELECT 'many-' || n, 'Istituto ' || n, 'https://many' || n || '.example', 'x', 'sub', '', '{}', '', 0, '{}', 0 FROM many",
    );
    let page = browser.get("/sign-in?q=istituto").ok(200).text();
    assert_eq!(page.matches("value=\"many-").count(), 50, "{page}");
    // Without an invitation one is told of this way (R10).
    let page = browser.get("/register").ok(200).text();
    assert!(page.contains("through your institution"), "{page}");
}

#[test]
fn those_who_run_an_institution_are_told_what_is_needed() {
    let (server, _uni) = with_institution(&[]);
    let page = server.browser().get("/sign-in/providers").ok(200).text();
    for words in ["/sign-in/return/ID", "/sign-in/ended/ID", "/sign-in/out", "email_verified", "badges@valdora.example"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let metadata = server.browser().get("/sign-in/metadata?provider=uni").ok(200).json();
    assert_eq!(metadata["redirect_uris"], json!([format!("{}/sign-in/return/uni", server.url)]));
    assert_eq!(metadata["backchannel_logout_uri"], format!("{}/sign-in/ended/uni", server.url));
    let page = server.browser().get("/sign-in/providers?provider=uni").ok(200).text();
    assert!(page.contains("/sign-in/return/uni") && page.contains("groups") && !page.contains("ID is the short name"), "{page}");
    let odd = server.browser().get("/sign-in/metadata?provider=a%2F..%2Fb").ok(200).json();
    assert_eq!(odd["redirect_uris"], json!([format!("{}/sign-in/return/ID", server.url)]));
}

#[test]
fn an_operator_adds_tests_moves_and_removes_institutions() {
    let (server, uni) = with_institution(&[]);
    uni.person("old-1", person("Alice", "Rossi", ALICE));
    uni.person("old-2", person("Bob", "Bianchi", "bob@uni.example"));
    newcomer(&server, &uni, "old-1");
    newcomer(&server, &uni, "old-2");
    let looked = federation(&server, &["test", "uni", "--json"]).ending(0);
    assert!(looked.out.contains("all claims came"), "{}", looked.out);
    let listed = federation(&server, &["list", "--json"]).ending(0);
    let listed: serde_json::Value = serde_json::from_str(listed.out.trim()).unwrap();
    assert_eq!((listed["id"].as_str(), listed["people"].as_u64()), (Some("uni"), Some(2)));
    // What is wrong is told, and nothing is changed.
    for (words, why) in [
        (vec!["add", "Uni!", "--name", "x"], "short name"),
        (vec!["add", "new", "--name", "x", "--client-id", "y"], "--issuer is missing"),
        (vec!["add", "new", "--name", "x", "--client-id", "y", "--issuer", "http://op.example"], "not https"),
        (vec!["add", "new", "--name", "x", "--client-id", "y", "--issuer", &uni.url, "--untested"], "another provider"),
        (vec!["add", "uni", "--issuer", "https://other.example"], "federation move"),
        (vec!["add", "uni", "--claim", "birthday=x"], "no claim is mapped"),
        (vec!["add", "uni", "--role", "staff=king"], "no role"),
        (vec!["add", "uni", "--domain", "no domain"], "no mail domain"),
        (vec!["test", "nobody"], "unknown"),
        (vec!["move", "nobody"], "unknown"),
    ] {
        let run = federation(&server, &words).ending(1);
        assert!(run.err.contains(why), "{words:?}: {}", run.err);
    }
    // A bridge calls its people otherwise from now on, and lives elsewhere.
    let bridge = Provider::start();
    let (moved, refused) = (server.folder.at("moved.csv"), server.folder.at("refused.csv"));
    std::fs::write(&moved, "old,new\nold-1,old-2\nold-2,new-2\nnobody,new-3\n").unwrap();
    std::fs::write(&refused, "from,to\na,b\n").unwrap();
    federation(&server, &["move", "uni", "--table", refused.to_str().unwrap()]).ending(1);
    let words = ["move", "uni", "--table", moved.to_str().unwrap(), "--json"];
    let planned = federation(&server, &[&words[..], &["--dry-run"]].concat()).ending(1);
    let done = federation(&server, &words).ending(1);
    assert_eq!(planned.out.replace("true", "false"), done.out);
    let results: Vec<String> = done
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["result"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(results, ["moved", "moved", "unknown"]);
    uni.person("new-2", person("Bob", "Bianchi", "bob@uni.example"));
    uni.person("old-2", person("Alice", "Rossi", ALICE));
    let mut alice = server.browser();
    assert_eq!(come(&mut alice, &uni, "uni", "old-2").ok(303).location(), "/account");
    assert!(alice.get("/account/settings").ok(200).text().contains(ALICE));
    assert_eq!(come(&mut server.browser(), &uni, "uni", "new-2").ok(303).location(), "/account");
    drop(bridge);
    // Nobody is locked out unseen.
    let kept = federation(&server, &["remove", "uni"]).ending(1);
    assert!(kept.out.contains("2 people would have no way in"), "{}", kept.out);
    federation(&server, &["remove", "uni", "--force"]).ending(0);
    assert!(!server.browser().get("/sign-in").ok(200).text().contains("/sign-in/with"));
    add(&server, "uni", &uni.url, &[]);
    assert_eq!(come(&mut server.browser(), &uni, "uni", "new-2").ok(303).location(), "/account", "in its place they are known");
}

#[test]
fn a_role_comes_from_a_group_and_ends_with_it() {
    let (server, uni) = with_institution(&["--role", "badge-office=operator"]);
    let mut office = person("Alice", "Rossi", ALICE);
    office["groups"] = json!(["staff", "badge-office"]);
    uni.person("alice", office.clone());
    let mut browser = newcomer(&server, &uni, "alice");
    assert!(server.admin(&["staff", "list"]).ending(0).out.contains(ALICE));
    office["groups"] = json!(["staff"]);
    uni.person("alice", office.clone());
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(!server.admin(&["staff", "list"]).ending(0).out.contains(ALICE));
    assert!(!is_in(&mut browser), "sessions with the role end");
    // A role that the operator gave is not the group's to end.
    server.admin(&["staff", "add", ALICE]).ending(0);
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(server.admin(&["staff", "list"]).ending(0).out.contains(ALICE));
    // Nor does one of a group hold for long without the institution's word.
    let mut other = person("Bob", "Bianchi", "bob@uni.example");
    other["groups"] = json!(["badge-office"]);
    uni.person("bob", other);
    newcomer(&server, &uni, "bob");
    let hours = 13 * 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE identity SET seen = seen - {hours}"));
    let server = server.restart();
    let listed = || server.admin(&["staff", "list"]).ending(0).out;
    let tries = (0..200).map(|_| {
        thread::sleep(std::time::Duration::from_millis(50));
        listed()
    });
    let lapsed = tries.into_iter().find(|listed| !listed.contains("bob@uni.example"));
    assert!(lapsed.is_some_and(|listed| listed.contains(ALICE)), "{}", listed());
}

#[test]
fn sessions_end_with_the_role_of_a_group_and_a_role_that_an_operator_gave_stays() {
    let uni = Provider::start();
    let server = server_saying(&[uni.host()], NO_FACTOR, &[]);
    join(&server, &uni, "uni", &["--role", "badge-office=operator"]);
    let says = |subject: &str, email: &str, groups: serde_json::Value| {
        let mut somebody = person("Alice", "Rossi", email);
        somebody["groups"] = groups;
        uni.person(subject, somebody);
    };
    let staff = || server.admin(&["staff", "list"]).ending(0).out;
    says("alice", ALICE, json!(["badge-office"]));
    let mut browser = newcomer(&server, &uni, "alice");
    assert!(is_in(&mut browser) && staff().contains(ALICE));
    says("alice", ALICE, json!([]));
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(!is_in(&mut browser) && !staff().contains(ALICE));
    // The operator gives it, the group gives it too, and then no more.
    server.admin(&["staff", "add", ALICE]).ending(0);
    for groups in [json!(["badge-office"]), json!([])] {
        says("alice", ALICE, groups);
        come(&mut server.browser(), &uni, "uni", "alice").ok(303);
        assert!(staff().contains(ALICE), "it is the operator's to take");
    }
    // One that the group gave and the operator took ends no session later.
    says("bob", "bob@uni.example", json!(["badge-office"]));
    newcomer(&server, &uni, "bob");
    server.admin(&["staff", "remove", "bob@uni.example"]).ending(0);
    let mut bob = server.browser();
    come(&mut bob, &uni, "uni", "bob").ok(303);
    assert!(is_in(&mut bob) && !staff().contains("bob@uni.example"));
    says("bob", "bob@uni.example", json!([]));
    come(&mut server.browser(), &uni, "uni", "bob").ok(303);
    assert!(is_in(&mut bob));
}

#[test]
fn whoevers_login_ends_is_told_in_time() {
    let (server, uni) = with_institution(&["--claim", "ends=until"]);
    let mut leaving = person("Alice", "Rossi", ALICE);
    let soon = Timestamp::now() + SignedDuration::from_hours(24 * 20);
    leaving["until"] = json!(soon.as_second());
    uni.person("alice", leaving);
    uni.person("bob", person("Bob", "Bianchi", "bob@uni.example"));
    newcomer(&server, &uni, "alice");
    newcomer(&server, &uni, "bob");
    // What happens by itself happens when a server starts.
    let server = server.restart();
    let mail = server.mail(ALICE, "way into your account ends");
    assert!(mail.text.contains("Università uni") && mail.text.contains("/account/logins"), "{}", mail.text);
    let server = server.restart();
    server.admin(&["user", "invite", "carla@posta.example"]).ending(0);
    server.mail("carla@posta.example", "invitation");
    assert_eq!(server.mails_to(ALICE, "ends", 1).len(), 1, "once");
    assert!(server.mails().iter().all(|mail| mail.to != "bob@uni.example"));
}

#[test]
fn somebody_who_was_born_on_29_february_signs_in_through_an_institution() {
    let (server, uni) = with_institution(&[]);
    uni.person("leap", person("Lea", "Leap", "lea@uni.example"));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "leap").ok(303);
    assert!(born(&mut browser, ("29", "2", "1999")).ok(422).text().contains("a day that exists"));
    assert_eq!(born(&mut browser, ("29", "02", "2000")).ok(303).location(), "/account");
    assert!(browser.get("/account/settings").ok(200).text().contains("29 February 2000"));
    assert_eq!(come(&mut server.browser(), &uni, "uni", "leap").ok(303).location(), "/account");
    // The day counts from where it begins first, at each sign-in as at the first one.
    let today = years_ago(16, 0);
    let stored = |date: &(String, String, String)| format!("{}-{:0>2}-{:0>2}", date.2, date.1, date.0);
    change(&server, &format!("UPDATE account SET birth_date = '{}'", stored(&today)));
    assert_eq!(come(&mut server.browser(), &uni, "uni", "leap").ok(303).location(), "/account");
    change(&server, &format!("UPDATE account SET birth_date = '{}'", stored(&years_ago(16, 1))));
    assert!(come(&mut server.browser(), &uni, "uni", "leap").ok(403).text().contains("suspended"));
}

#[test]
fn whoever_was_too_young_at_one_door_is_so_at_the_other() {
    let (server, uni) = with_institution(&[]);
    uni.person("young", person("Yuri", "Young", "young@uni.example"));
    uni.person("young-2", person("Yuri", "Young", "young@uni.example"));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "young").ok(303);
    born(&mut browser, ("1", "1", "2020")).ok(403);
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "young-2").ok(303);
    assert!(born(&mut browser, BORN).ok(403).text().contains("tomorrow"));
    server.admin(&["user", "invite", "young@uni.example"]).ending(0);
    let invitation = secret(&server.mail("young@uni.example", "invitation").link("/register"));
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    browser.post("/register", &form, &registration(&invitation, "young@uni.example")).ok(200);
    let link = server.mail("young@uni.example", "Verify your address").link("/verify/");
    let form = browser.get(&link).ok(200);
    assert!(browser.post(&link, &form, &[("password", PASSWORD)]).ok(403).text().contains("tomorrow"));
    assert_eq!(rows(&server, "account"), 0);
    // That an invitation waits is told to nobody who only says that an address is theirs.
    let desk = Desk::admitted(&server, 1);
    desk.give("elena@posta.example", "Il paesaggio");
    desk.give("ida@uni.example", "Il paesaggio");
    let nearly = years_ago(16, 5);
    for (subject, address, told) in [("eve", "elena@posta.example", false), ("ida", "ida@uni.example", true)] {
        uni.person(subject, person("Eve", "Evil", address));
        let mut browser = server.browser();
        come(&mut browser, &uni, "uni", subject).ok(303);
        let page = born(&mut browser, parts(&nearly)).ok(403).text();
        assert_eq!(page.contains("invitation waits"), told, "{page}");
    }
}

#[test]
fn an_operator_frees_an_address_that_somebody_else_has_now() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let desk = Desk::admitted(&server, 1);
    let given = desk.give(ALICE, "Il paesaggio");
    let mut alice = newcomer(&server, &uni, "alice");
    let claim = alice.get(&format!("/claims/{given}")).ok(200);
    alice.post(&format!("/claims/{given}"), &claim, &[("keep", "private")]).ok(303);
    // She has left; the address is another's, who gets no further.
    uni.person("alina", person("Alina", "Russo", ALICE));
    let mut alina = server.browser();
    come(&mut alina, &uni, "uni", "alina").ok(303);
    assert!(born(&mut alina, BORN).ok(200).text().contains("There is an account"));
    let free = |words: &[&str]| server.admin(&[&["user", "free"], words].concat());
    assert!(free(&["nobody@uni.example"]).ending(1).err.contains("unknown"));
    assert!(free(&[ALICE]).ending(1).err.contains("--even-only"));
    assert!(is_in(&mut alice), "what is refused changes nothing");
    desk.give(ALICE, "Un altro");
    let freed = free(&[ALICE, "--even-only", "--json"]).ending(0).row();
    assert_eq!((freed["result"].as_str(), freed["waiting"].as_u64()), (Some("freed"), Some(1)));
    assert!(!is_in(&mut alice), "sessions end");
    assert!(server.admin(&["log", "export"]).ending(0).out.contains("address_freed"));
    // Alina comes in, to an account of her own.
    let mut alina = server.browser();
    come(&mut alina, &uni, "uni", "alina").ok(303);
    born(&mut alina, BORN).ok(303);
    let home = alina.get("/account").ok(200).text();
    assert!(!home.contains("Il paesaggio"), "{home}");
    // Alice keeps hers, with no address, and adds one, to which mail goes.
    let mut alice = server.browser();
    assert_eq!(come(&mut alice, &uni, "uni", "alice").ok(303).location(), "/account");
    assert!(alice.get("/account").ok(200).text().contains("Il paesaggio"));
    crate::institution::come_anew(&mut alice, &uni, "uni", "alice").ok(303);
    for page in ["/account/settings", "/account/logins", "/account/export", "/account/factors", "/account/delete"] {
        assert!(!alice.get(page).ok(200).text().contains(&format!("<bdi>{ALICE}</bdi> <span class=\"soft\">verified")));
    }
    let form = alice.get("/account/addresses").ok(200);
    alice.post("/account/addresses", &form, &[("email", "alice@posta.example")]).ok(200);
    let link = server.mail("alice@posta.example", "Verify").link("/address/");
    let form = alice.get(&link).ok(200);
    alice.post(&link, &form, &[]).ok(303);
    assert!(alice.get("/account/logins").ok(200).text().contains("mail goes here"));
    assert_eq!(rows(&server, "account"), 2);
}

#[test]
fn an_operator_frees_an_address_on_the_pages_of_the_staff() {
    let server = crate::scene::server_with(NO_FACTOR, &[]);
    let mut browser = member(&server, "elena@posta.example");
    browser.get("/staff/addresses").ok(404);
    let form = browser.get("/account/addresses").ok(200);
    browser.post("/staff/addresses", &form, &[("email", "elena@posta.example"), ("only", "yes")]).ok(404);
    browser.post("/account/addresses", &form, &[("email", ALICE)]).ok(200);
    let link = server.mail(ALICE, "Verify").link("/address/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[]).ok(303);
    // A link to a new password that went out before.
    let mut anyone = server.browser();
    let form = anyone.get("/forgot").ok(200);
    anyone.post("/forgot", &form, &[("email", ALICE)]).ok(200);
    let reset = server.mail(ALICE, "A new password").link("/reset/");
    anyone.get(&reset).ok(200);
    member(&server, "operator@posta.example");
    server.admin(&["staff", "add", "operator@posta.example"]).ending(0);
    let (mut operator, answer) = sign_in(&server, "operator@posta.example", PASSWORD);
    assert_eq!(answer.status, 303);
    let form = operator.get("/staff/addresses").ok(200);
    for (fields, words) in [
        (vec![("email", "no address")], "There is a problem"),
        (vec![("email", "nobody@uni.example")], "No account has this address"),
        (vec![("email", "operator@posta.example")], "only address of its account"),
    ] {
        assert!(operator.post("/staff/addresses", &form, &fields).ok(422).text().contains(words), "{words}");
    }
    let hour = 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE session SET proved = proved - {hour}"));
    let asks = operator.get("/staff/addresses").ok(200);
    assert!(asks.text().contains("name=\"present\""), "whoever signed in long ago is asked for the password");
    operator.post("/staff/addresses", &asks, &[("email", ALICE)]).ok(422);
    let freed = operator.post("/staff/addresses", &asks, &[("email", ALICE), ("present", PASSWORD)]).ok(200).text();
    assert!(freed.contains("The address is free") && freed.contains(ALICE), "{freed}");
    assert!(!is_in(&mut browser), "sessions of the account end");
    anyone.get(&reset).ok(410);
    server.mail("elena@posta.example", "addresses of your account changed");
    // Another mail to somebody, which leaves later.
    let form = anyone.get("/forgot").ok(200);
    anyone.post("/forgot", &form, &[("email", "operator@posta.example")]).ok(200);
    server.mail("operator@posta.example", "A new password");
    assert_eq!(server.mails_to(ALICE, "addresses of your account changed", 0).len(), 0, "whoever has it now is told nothing");
    assert_eq!(sign_in(&server, ALICE, PASSWORD).1.status, 422);
    assert_eq!(sign_in(&server, "elena@posta.example", PASSWORD).1.status, 303);
}

#[test]
fn nothing_that_was_meant_for_the_owner_of_before_reaches_whoever_has_a_freed_address() {
    const HOME: &str = "alice@posta.example";
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, HOME);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    crate::institution::add_login(&mut browser, &uni, "uni", "alice").ok(303);
    let undo = server.mail(ALICE, "login was added").link("/sign-in/undo/");
    server.browser().get(&undo).ok(200);
    server.mail(HOME, "login was added");
    // A mail about the joining and one to a new password wait, as while the mail server is away.
    let far = 9_000_000_000_000_000_i64;
    let waits = |kind: &str, subject: &str| {
        change(
            &server,
            &format!(
                "INSERT INTO outbox (id, kind, subject, address, language, tries, due, created)
                 SELECT randomblob(16), '{kind}', id, '{ALICE}', 'en', 0, {far}, 0 FROM {subject}"
            ),
        );
    };
    waits("joined", "merge");
    waits("reset", "account");
    let outbox = || rows(&server, &format!("outbox WHERE address = '{ALICE}'"));
    assert_eq!(outbox(), 2);
    server.admin(&["user", "free", ALICE]).ending(0);
    server.browser().get(&undo).ok(410);
    assert_eq!(outbox(), 0);
}

#[test]
fn an_invitation_leads_to_the_institution_first_and_is_not_lost_on_the_way() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let desk = Desk::admitted(&server, 1);
    desk.give(ALICE, "Il paesaggio");
    let claim = server.mail(ALICE, "Un badge per te").link("/claim/");
    let mut browser = server.browser();
    let page = browser.get(&claim).ok(200);
    let before = |text: &str, first: &str, then: &str| {
        let (first, then) = (text.find(first).unwrap_or_else(|| panic!("{first}: {text}")), text.find(then).unwrap());
        assert!(first < then, "{text}");
    };
    before(&page.text(), "Università uni", "/register?invitation=");
    assert!(page.text().contains("without a new password"), "{}", page.text());
    let invitation = secret(&claim);
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    before(&form.text(), "Università uni", "name=\"password\"");
    let next = crate::institution::plain(&form.hidden("next"));
    assert_eq!(next, format!("/claim/{invitation}"));
    let url = leads_to(&browser.post("/sign-in/with", &form, &[("provider", "uni"), ("next", &next)]).ok(200));
    // What goes wrong on the way loses nothing either.
    let back = uni.sign_in(&url, "nobody");
    let page = browser.get(&back).ok(200).text();
    assert!(page.contains(&format!("href=\"/sign-in?next=%2Fclaim%2F{invitation}\"")), "{page}");
    let form = browser.get(&format!("/sign-in?next=%2Fclaim%2F{invitation}")).ok(200);
    let url = leads_to(&browser.post("/sign-in/with", &form, &[("provider", "uni"), ("next", &next)]).ok(200));
    let back = uni.sign_in(&url, "alice");
    browser.get(&back).ok(303);
    let answer = born(&mut browser, BORN).ok(303);
    assert_eq!(answer.location(), next);
    let page = browser.get(answer.location()).ok(200);
    let kept = browser.post(answer.location(), &page, &[("keep", "private")]).ok(303);
    assert!(kept.location().starts_with("/account/badges/"), "{}", kept.location());
    // An address of nobody's domain is shown all institutions; whoever is to be an operator registers.
    desk.give("bob@posta.example", "Il paesaggio");
    let claim = server.mail("bob@posta.example", "Un badge per te").link("/claim/");
    let text = server.browser().get(&claim).ok(200).text();
    assert!(text.contains("Università uni") && !text.contains("without a new password"), "{text}");
    server.admin(&["user", "invite", "carla@uni.example"]).ending(0);
    let link = server.mail("carla@uni.example", "invitation").link("/register");
    assert!(server.browser().get(&link).ok(200).text().contains("without a new password"));
}

#[test]
fn a_wrong_password_hides_no_institution() {
    let (server, _uni) = with_institution(&[]);
    let page = sign_in(&server, ALICE, "not the password at all").1.ok(422).text();
    assert!(page.contains("Università uni") && page.contains("/sign-in/with"), "{page}");
}

#[test]
fn a_campus_behind_one_address_is_not_shut_out() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    let counted = "attempt WHERE count > 0";
    let before = rows(&server, counted);
    for _ in 0..3 {
        come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    }
    assert_eq!(rows(&server, counted), before, "whoever comes back well is no try");
}
