//! Several addresses and several ways in (R48): added, removed, and never the last one.

use satchel_tests::http::Browser;
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;

use crate::institution::{change, come, is_in, leads_to, newcomer, person, rows, with_institution};
use crate::scene::{Desk, PASSWORD, member, sign_in};

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
    let (server, _uni, mut browser) = scene();
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
fn whoever_has_no_password_signs_in_anew_before_something_is_taken_away() {
    let (server, uni, mut browser) = scene();
    add_address(&server, &mut browser, PRIVATE);
    let hour = 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE session SET created = created - {hour}"));
    let form = browser.get("/account/logins").ok(200);
    let fields = [("address", PRIVATE), ("sure", "yes")];
    let page = browser.post("/account/addresses/remove", &form, &fields).ok(422).text();
    assert!(page.contains("sign out and in again"), "{page}");
    let form = browser.get("/account/password").ok(200);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(422);
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[]).ok(422);
    assert_eq!(rows(&server, "account"), 1);
    browser.post("/sign-out", &form, &[]).ok(200);
    come(&mut browser, &uni, "uni", "alice").ok(303);
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[]).ok(200);
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "address")), (0, 0, 0));
}

#[test]
fn one_persons_logins_are_nobody_elses_to_see_or_change() {
    let (server, uni, mut alice) = scene();
    let form = alice.get("/account/password").ok(200);
    alice.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    let path = login(&mut alice).unwrap();
    let mut eve = member(&server, "eve@posta.example");
    eve.get(&path).ok(404);
    let form = eve.get("/account/logins").ok(200);
    eve.post(&path, &form, &[("present", PASSWORD)]).ok(404);
    eve.post("/account/addresses/main", &form, &[("address", ALICE), ("sure", "yes"), ("present", PASSWORD)]).ok(404);
    eve.post("/account/addresses/remove", &form, &[("address", ALICE), ("sure", "yes"), ("present", PASSWORD)]).ok(403);
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
