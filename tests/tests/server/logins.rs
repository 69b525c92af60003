//! Several addresses and several ways in (R48): added, removed, and never the last one.

use satchel_tests::http::Browser;
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;

use crate::institution::{
    add_login, change, come, come_anew, fails, go_for_a_login, is_in, join, leads_to, leave, leave_anew, newcomer, person, rows,
    server_saying, with_institution,
};
use crate::scene::{Desk, NO_FACTOR, PASSWORD, member, sign_in};

const ALICE: &str = "alice@uni.example";
const PRIVATE: &str = "alice@posta.example";

fn scene() -> (Running, Provider, Browser) {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let browser = newcomer(&server, &uni, "alice");
    (server, uni, browser)
}

/// The path of the first login of an institution.
fn login(browser: &mut Browser) -> Option<String> {
    let page = browser.get("/account/logins").ok(200).text();
    let found = page.split("/account/logins/").nth(1)?;
    Some(format!("/account/logins/{}", found.split_once('"').unwrap().0))
}

/// Adds an address by its mail.
fn add_address(server: &Running, browser: &mut Browser, address: &str) {
    let form = browser.get("/account/addresses").ok(200);
    browser.post("/account/addresses", &form, &[("email", address)]).ok(200);
    let link = server.mail(address, "Verify").link("/address/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[]).ok(303);
}

#[test]
fn a_graduate_keeps_the_account_with_a_private_address_and_a_password() {
    let (server, uni, mut browser) = scene();
    assert!(login(&mut browser).is_none(), "the only way in cannot be removed");
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    add_address(&server, &mut browser, PRIVATE);
    // Badges for either address are hers.
    let desk = Desk::admitted(&server, 1);
    let given = desk.give(PRIVATE, "At home");
    assert!(browser.get("/account").ok(200).text().contains(&given));
    let claim = browser.get(&format!("/claims/{given}")).ok(200);
    browser.post(&format!("/claims/{given}"), &claim, &[("keep", "private")]).ok(303);
    // A password, for which none is asked that she does not have.
    let form = browser.get("/account/password").ok(200);
    assert!(!form.text().contains("name=\"present\""));
    browser.post("/account/password", &form, &[("password", "short"), ("again", "short")]).ok(422);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    let (mut at_home, answer) = sign_in(&server, PRIVATE, PASSWORD);
    assert_eq!(answer.status, 303);
    // The login of the institution goes, and its address with it if she wants.
    let path = login(&mut at_home).unwrap();
    let form = at_home.get(&path).ok(200);
    at_home.post(&path, &form, &[("present", "not the password at all")]).ok(422);
    at_home.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert!(!is_in(&mut browser), "what began with it is over");
    assert_eq!(rows(&server, "identity"), 0);
    server.mail(PRIVATE, "login was removed");
    server.mail(ALICE, "login was removed");
    let page = at_home.get("/account/logins").ok(200);
    at_home.post("/account/addresses/main", &page, &[("address", PRIVATE), ("sure", "yes"), ("present", PASSWORD)]).ok(303);
    at_home.post("/account/addresses/remove", &page, &[("address", ALICE), ("sure", "yes"), ("present", PASSWORD)]).ok(303);
    assert_eq!(sign_in(&server, ALICE, PASSWORD).1.status, 422);
    assert!(at_home.get("/account").ok(200).text().contains("At home"), "the badge stays");
    // Her name is her own to change again.
    let form = at_home.get("/account/profile").ok(200);
    at_home.post("/account/profile", &form, &[("given", "Alice"), ("family", "Verdi")]).ok(303);
    // The institution's login, should it come again, is somebody new to this account.
    assert_eq!(come(&mut server.browser(), &uni, "uni", "alice").ok(303).location(), "/sign-in/finish");
}

#[test]
fn the_last_login_and_the_last_address_stay() {
    let (server, uni, mut browser) = scene();
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    let id = browser.get("/account/export").ok(200).json()["logins"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/account/logins/{id}");
    let form = browser.get(&path).ok(200);
    let page = browser.post(&path, &form, &[]).ok(409).text();
    assert!(page.contains("only way into the account"), "{page}");
    assert!(is_in(&mut browser));
    let fields = [("address", ALICE), ("sure", "yes")];
    browser.post("/account/addresses/remove", &form, &fields).ok(403);
    add_address(&server, &mut browser, PRIVATE);
    browser.post("/account/addresses/remove", &form, &fields).ok(403);
    assert_eq!(rows(&server, "address"), 2, "what the institution says is not removed here");
    browser.post("/account/addresses/remove", &form, &[("address", PRIVATE)]).ok(200);
    assert_eq!(rows(&server, "address"), 2, "it asks first");
    browser.post("/account/addresses/remove", &form, &[("address", PRIVATE), ("sure", "yes")]).ok(303);
    assert_eq!(rows(&server, "address"), 1);
    server.mail(PRIVATE, "addresses of your account changed");
}

#[test]
fn the_only_address_of_an_account_stays_whoever_it_is_from() {
    let server = Running::start(&[]);
    let mut browser = member(&server, PRIVATE);
    let page = browser.get("/account/addresses").ok(200);
    browser.post("/account/addresses/remove", &page, &[("address", PRIVATE), ("sure", "yes"), ("present", PASSWORD)]).ok(403);
    assert_eq!(rows(&server, "address"), 1);
}

#[test]
fn a_login_that_is_removed_takes_the_role_of_its_group_along() {
    let uni = Provider::start();
    let server = server_saying(&[uni.host()], NO_FACTOR, &[]);
    join(&server, &uni, "uni", &["--role", "badge-office=operator"]);
    let mut office = person("Alice", "Rossi", ALICE);
    office["groups"] = serde_json::json!(["badge-office"]);
    uni.person("alice", office);
    let mut browser = newcomer(&server, &uni, "alice");
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    let form = browser.get("/account/password").ok(200);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    assert!(server.admin(&["staff", "list"]).ending(0).out.contains(ALICE));
    let path = login(&mut browser).unwrap();
    let form = browser.get(&path).ok(200);
    browser.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert!(!server.admin(&["staff", "list"]).ending(0).out.contains(ALICE));
}

#[test]
fn whoever_has_no_password_signs_in_anew_before_something_is_taken_away() {
    let (server, uni, mut browser) = scene();
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    add_address(&server, &mut browser, PRIVATE);
    let id = browser.get("/account/export").ok(200).json()["logins"][0]["id"].as_str().unwrap().to_owned();
    change(&server, &format!("UPDATE session SET proved = proved - {}", 15 * 60 * 1_000_000_i64));
    let removed = format!("/account/logins/{id}");
    for path in [
        "/account/password",
        "/account/addresses",
        "/account/delete",
        "/account/factors/app",
        "/account/factors/passkey",
        &removed,
    ] {
        let to = browser.get(path).ok(303).location().to_owned();
        assert_eq!(to, format!("/account/proof?next={}", path.replace('/', "%2F")));
    }
    let form = browser.get("/account/logins").ok(200);
    let address = ("address", PRIVATE);
    assert!(browser.post("/account/addresses/remove", &form, &[address]).ok(303).location().ends_with("=%2Faccount%2Flogins"));
    let page = browser.post("/account/addresses/remove", &form, &[address, ("sure", "yes")]).ok(422).text();
    assert!(page.contains("sign in at your institution again") && page.contains("href=\"/account/proof?next="), "{page}");
    browser.post("/account/addresses", &form, &[("email", "alice@other.example")]).ok(422);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(422);
    browser.post(&removed, &form, &[]).ok(422);
    browser.post("/account/factors/app", &form, &[]).ok(303);
    browser.post("/account/delete", &form, &[]).ok(422);
    assert_eq!((rows(&server, "account"), rows(&server, "address"), rows(&server, "identity")), (1, 2, 1));
    // To sign out and in is no proof: the institution may ask for nothing.
    browser.post("/sign-out", &form, &[]).ok(200);
    come(&mut browser, &uni, "uni", "alice").ok(303);
    browser.get("/account/delete").ok(303);
    let url = leave_anew(&mut browser, "uni", "/account/delete");
    let back = uni.sign_in(&url, "alice");
    assert_eq!(browser.get(&back).ok(303).location(), "/account/delete");
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[]).ok(200);
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "address")), (0, 0, 0));
}

#[test]
fn one_persons_logins_are_nobody_elses_to_see_or_change() {
    let (server, uni, mut alice) = scene();
    come_anew(&mut alice, &uni, "uni", "alice").ok(303);
    let form = alice.get("/account/password").ok(200);
    alice.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    let path = login(&mut alice).unwrap();
    let mut eve = member(&server, "eve@posta.example");
    eve.get(&path).ok(404);
    let form = eve.get("/account/logins").ok(200);
    eve.post(&path, &form, &[("present", PASSWORD)]).ok(404);
    eve.post("/account/addresses/main", &form, &[("address", ALICE), ("sure", "yes"), ("present", PASSWORD)]).ok(404);
    eve.post("/account/addresses/remove", &form, &[("address", ALICE), ("sure", "yes"), ("present", PASSWORD)]).ok(403);
    // Nor is a joining undone by anybody else, or an address added to another account than the one that asked for it.
    uni.person("alice-2", person("Alice", "Rossi", "a.rossi@uni.example"));
    add_login(&mut alice, &uni, "uni", "alice-2").ok(303);
    let page = alice.get("/account/logins").ok(200).text();
    let merge = format!("/account/merges/{}", page.split_once("/account/merges/").unwrap().1.split_once('"').unwrap().0);
    eve.get(&merge).ok(404);
    eve.post(&merge, &form, &[("present", PASSWORD)]).ok(404);
    assert_eq!((rows(&server, "identity"), rows(&server, "merge WHERE undone IS NULL")), (2, 1));
    alice.post(&merge, &alice.clone().get(&merge).ok(200), &[("present", PASSWORD)]).ok(303);
    let asked = alice.get("/account/addresses").ok(200);
    alice.post("/account/addresses", &asked, &[("email", PRIVATE), ("present", PASSWORD)]).ok(200);
    let link = server.mail(PRIVATE, "Verify").link("/address/");
    eve.get(&link).ok(410);
    eve.post(&link, &form, &[]).ok(410);
    assert_eq!(rows(&server, "address WHERE address = 'alice@posta.example'"), 0);
    // Asking for an address that somebody has tells nothing here; its owner is told.
    let form = eve.get("/account/addresses").ok(200);
    let page = eve.post("/account/addresses", &form, &[("email", ALICE)]).ok(200).text();
    assert!(page.contains("We have sent a mail"), "{page}");
    server.mail(ALICE, "have an account already");
    assert_eq!(rows(&server, "identity"), 1);
    // Linking begins with a form of ours, in a session of ours.
    let mut stranger = server.browser();
    let form = stranger.get("/sign-in").ok(200);
    assert!(
        stranger.post("/sign-in/with", &form, &[("provider", "uni"), ("link", "yes")]).ok(303).location().starts_with("/sign-in")
    );
    eve.post_raw("/sign-in/with", &[("provider", "uni"), ("link", "yes")], &[]).ok(403);
    // A session that ended meanwhile adds nothing.
    let page = eve.get("/account/logins").ok(200);
    let url = leads_to(&eve.post("/sign-in/with", &page, &[("provider", "uni"), ("link", "yes")]).ok(200));
    let settings = eve.get("/account/settings").ok(200);
    eve.post("/sign-out", &settings, &[]).ok(303);
    assert!(url.starts_with(&uni.url));
    let back = uni.sign_in(&url, "alice");
    eve.get(&back).ok(400);
}

#[test]
fn everything_that_is_kept_about_logins_can_be_taken_along() {
    let (_server, uni, mut browser) = scene();
    let all = browser.get("/account/export").ok(200).json();
    assert_eq!(all["logins"][0]["issuer"], uni.url.as_str());
    assert_eq!(all["logins"][0]["subject"], "alice");
    assert_eq!(all["has_password"], false);
}

#[test]
fn whose_login_comes_back_is_shown_before_it_is_added() {
    let (server, uni) = with_institution(&[]);
    let mut victim = member(&server, "ada@posta.example");
    // Somebody else is signed in at the institution, in the browser of whoever adds a login.
    uni.person("eve", person("Eve", "Evil", "eve@uni.example"));
    assert_eq!(go_for_a_login(&mut victim, &uni, "uni", "eve").ok(303).location(), "/sign-in/join");
    for _ in 0..3 {
        let question = victim.get("/sign-in/join").ok(200).text();
        assert!(
            question.contains("Eve Evil") && question.contains("eve@uni.example") && question.contains("Elena Marchetti"),
            "{question}"
        );
    }
    assert_eq!(rows(&server, "identity"), 0, "coming back adds nothing");
    let question = victim.get("/sign-in/join").ok(200);
    let token = question.hidden("form");
    victim.post_raw("/sign-in/join", &[("form", &token)], &[("origin", "https://evil.example")]).ok(403);
    victim.post_raw("/sign-in/join", &[("form", &token)], &[("sec-fetch-site", "cross-site")]).ok(403);
    victim.post_raw("/sign-in/join", &[], &[]).ok(403);
    assert_eq!(rows(&server, "identity"), 0);
    // Eve, who comes by herself, is somebody new here.
    let mut eve = server.browser();
    assert_eq!(come(&mut eve, &uni, "uni", "eve").ok(303).location(), "/sign-in/finish");
    // Nor does Eve finish what the victim began, nor have the victim finish what she began: each answer is for the browser that asked.
    let url = leave(&mut eve, "uni", "/account");
    let back = uni.sign_in(&url, "eve");
    victim.get(&back).ok(400);
    assert_eq!(rows(&server, "identity"), 0);
}

#[test]
fn whoever_signed_in_long_ago_proves_to_be_the_owner_before_a_way_in_is_added() {
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, "ada@posta.example");
    uni.person("ada", person("Ada", "Ferri", "ada@uni.example"));
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let mut without = newcomer(&server, &uni, "alice");
    let hour = 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE session SET proved = proved - {hour}"));
    // An address, by which a forgotten password could be had.
    let form = browser.get("/account/addresses").ok(200);
    assert!(form.text().contains("name=\"present\""));
    browser.post("/account/addresses", &form, &[("email", "eve@posta.example")]).ok(422);
    browser.post("/account/addresses", &form, &[("email", "eve@posta.example"), ("present", "not it, not it")]).ok(422);
    without.post("/account/addresses", &form, &[("email", "eve@posta.example")]).ok(403);
    let form = without.get("/account/logins").ok(200);
    let page = without.post("/account/addresses", &form, &[("email", "eve@posta.example")]).ok(422).text();
    assert!(page.contains("sign in at your institution again"), "{page}");
    // A login.
    go_for_a_login(&mut browser, &uni, "uni", "ada").ok(303);
    let question = browser.get("/sign-in/join").ok(200);
    assert!(question.text().contains("name=\"present\""), "{}", question.text());
    let arrival = question.hidden("arrival");
    let arrival = ("arrival", arrival.as_str());
    browser.post("/sign-in/join", &question, &[arrival]).ok(422);
    browser.post("/sign-in/join", &question, &[arrival, ("present", "not the password at all")]).ok(422);
    assert_eq!(rows(&server, "identity"), 1);
    // The one that is shown, and not one that another tab came back with.
    let other = [("arrival", "01a224b4-5f06-7b9c-b14a-fadd3ae97c29"), ("present", PASSWORD)];
    assert!(browser.post("/sign-in/join", &question, &other).ok(200).text().contains("Ada Ferri"));
    assert_eq!(rows(&server, "identity"), 1);
    browser.post("/sign-in/join", &question, &[arrival, ("present", PASSWORD)]).ok(303);
    assert_eq!(rows(&server, "identity"), 2);
    assert!(server.mails().iter().all(|mail| mail.to != "eve@posta.example"));
}

#[test]
fn what_somebody_looked_at_in_a_browser_before_is_no_way_into_what_comes_back_to_it() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    // Whoever had the computer before began a sign-in, and knows all that the browser keeps.
    let mut shared = server.browser();
    leave(&mut shared, "uni", "/account");
    let mut thief = shared.clone();
    let url = leave(&mut shared, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    thief.clone().get(&back).ok(400);
    let url = leave(&mut shared, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    assert_eq!(shared.get(&back).ok(303).location(), "/sign-in/finish");
    thief.get("/sign-in/finish").ok(400);
    assert!(thief.get("/sign-in/join").ok(303).location().starts_with("/sign-in?"));
    assert_eq!(crate::institution::born(&mut shared, crate::institution::BORN).ok(303).location(), "/account");
    assert!(!is_in(&mut thief));
    // Several tabs of one browser may be away at once, and each comes back.
    let mut browser = server.browser();
    let urls: Vec<String> = (0..3).map(|_| leave(&mut browser, "uni", "/account")).collect();
    for url in urls {
        let back = uni.sign_in(&url, "alice");
        assert_eq!(browser.get(&back).ok(303).location(), "/account");
    }
    let mut other = member(&server, "ada@posta.example");
    uni.person("ada", person("Ada", "Ferri", "ada@uni.example"));
    add_login(&mut other, &uni, "uni", "ada").ok(303);
}

#[test]
fn of_the_sign_ins_that_a_browser_leaves_open_the_oldest_gives_way() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let (mut browser, mut other) = (server.browser(), server.browser());
    leave(&mut other, "uni", "/account");
    let urls: Vec<String> = (0..7).map(|_| leave(&mut browser, "uni", "/account")).collect();
    assert_eq!(rows(&server, "departure"), 5 + 1, "five of one browser, and nobody else's");
    assert_eq!(browser.cookies()["satchel-ways"].split('.').count(), 5, "nor does it keep more");
    for url in &urls[..2] {
        let back = uni.sign_in(url, "alice");
        let page = browser.get(&back);
        fails(&mut browser, &page, 400, "not begun in this browser");
    }
    for url in &urls[2..] {
        let back = uni.sign_in(url, "alice");
        assert_eq!(browser.get(&back).ok(303).location(), "/sign-in/finish");
    }
    assert_eq!(rows(&server, "departure"), 1);
}

#[test]
fn however_many_come_back_astray_nobody_else_is_kept_from_coming_back() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    for _ in 0..120 {
        server.browser().get("/sign-in/return/uni?code=x&state=AAAAAAAAAAAAAAAAAAAAAA").ok(400);
    }
    assert_eq!(come(&mut server.browser(), &uni, "uni", "alice").ok(303).location(), "/sign-in/finish");
}

#[test]
fn whoever_has_the_address_of_a_graduate_later_does_not_come_into_the_account() {
    let (server, uni, mut browser) = scene();
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    let form = browser.get("/account/password").ok(200);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    let path = login(&mut browser).unwrap();
    let form = browser.get(&path).ok(200);
    browser.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "address")), (0, 1), "the address stayed");
    // Born on the same day, at the same institution, with the address that it gave away.
    uni.person("alina", person("Alina", "Russo", ALICE));
    for subject in ["alina", "alice"] {
        let mut other = server.browser();
        come(&mut other, &uni, "uni", subject).ok(303);
        let page = crate::institution::born(&mut other, crate::institution::BORN).ok(200).text();
        assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{page}");
        assert!(!is_in(&mut other));
    }
    assert_eq!((rows(&server, "identity"), rows(&server, "account")), (0, 1));
    // The graduate adds the login again, signed in.
    let (mut again, _) = sign_in(&server, ALICE, PASSWORD);
    add_login(&mut again, &uni, "uni", "alice").ok(303);
    assert_eq!(come(&mut server.browser(), &uni, "uni", "alice").ok(303).location(), "/account");
}
