//! Whoever has no password proves to be the owner of the account by signing in at the institution anew: what that asks of the institution, whose
//! and which sign-in counts, for how long, and that whoever fails stays as they were.

use jiff::Timestamp;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::institution::{
    BORN, HELPDESK, add_login, born, change, come, come_anew, is_in, leave, leave_anew, newcomer, person, rows, with_institution,
};
use crate::lies::{self, signed, with};
use crate::scene::{PASSWORD, member, sign_in};

const ALICE: &str = "alice@uni.example";

fn scene() -> (Running, Provider, Browser) {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let browser = newcomer(&server, &uni, "alice");
    (server, uni, browser)
}

/// Whether somebody may do what asks for a proof.
fn is_proved(browser: &mut Browser) -> bool {
    let answer = browser.get("/account/password");
    let asks = answer.status == 303 && answer.location() == "/account/proof?next=%2Faccount%2Fpassword";
    assert!(asks || answer.status == 200, "{} {}", answer.status, answer.text());
    !asks
}

/// That a page says why nothing is proved, whom to write to and where to go on, and that whoever is signed in stays so.
#[track_caller]
fn proves_nothing(browser: &mut Browser, page: &Answer, status: u16, words: &str) {
    let text = page.clone().ok(status).text();
    assert!(text.contains("It is not shown that it is you") && text.contains(words), "{words}: {text}");
    assert!(text.contains("and quote ") && text.contains(HELPDESK) && text.contains("href=\"/account/proof?next="), "{text}");
    assert!(is_in(browser) && !is_proved(browser), "{words}");
}

#[test]
fn the_institution_is_asked_to_have_somebody_sign_in_anew() {
    let (server, uni, mut browser) = scene();
    assert!(!is_proved(&mut browser));
    let page = browser.get("/account/proof?next=%2Faccount%2Fpassword").ok(200).text();
    assert!(page.contains("Sign in again at Università uni") && page.contains("You stay signed in"), "{page}");
    let mut italian = browser.clone();
    italian.language = Some(String::from("it"));
    assert!(italian.get("/account/proof").ok(200).text().contains("Accedi di nuovo presso Università uni"));
    // Also where somebody is signed in there.
    let mut there = uni.browser();
    let url = leave(&mut server.browser(), "uni", "/account");
    uni.sign_in_with(&mut there, &url, "alice");
    assert!(!url.contains("prompt") && !url.contains("max_age"), "{url}");
    let url = leave_anew(&mut browser, "uni", "/account/password");
    assert!(url.contains("prompt=login") && url.contains("max_age=0"), "{url}");
    assert!(there.get(&url).ok(303).location().contains("/interaction/"), "it asks again");
    let back = uni.sign_in_with(&mut there, &url, "alice");
    assert!(!is_proved(&mut browser), "before coming back");
    assert_eq!(browser.get(&back).ok(303).location(), "/account/password");
    assert!(is_proved(&mut browser));
    assert_eq!(browser.get("/account/proof?next=%2Faccount%2Fpassword").ok(303).location(), "/account/password");
    // The same answer once more, and elsewhere.
    browser.get(&back).ok(400);
    // It holds for this session alone, and for a quarter of an hour.
    let mut other = server.browser();
    come(&mut other, &uni, "uni", "alice").ok(303);
    assert!(!is_proved(&mut other));
    change(&server, &format!("UPDATE session SET proved = proved - {}", 15 * 60 * 1_000_000_i64));
    assert!(!is_proved(&mut browser));
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "arrival")), (1, 1, 0));
}

#[test]
fn a_sign_in_of_before_or_of_no_time_proves_nothing() {
    let (server, liar) = lies::scene();
    let mut browser = server.browser();
    liar.come(&mut browser, signed).ok(303);
    born(&mut browser, BORN).ok(303);
    let now = Timestamp::now().as_second();
    let prove = |browser: &mut Browser, token: &dyn Fn(&Value) -> String| {
        let url = leave_anew(browser, "uni", "/account/password");
        liar.come_back("uni", browser, &url, token)
    };
    let page = prove(&mut browser, &signed);
    proves_nothing(&mut browser, &page, 403, "did not confirm that you signed in there just now");
    for said in [now - 300, 0, now + 600] {
        let page = prove(&mut browser, &|claims| signed(&with(claims, "auth_time", &json!(said))));
        proves_nothing(&mut browser, &page, 403, "did not confirm");
    }
    for said in [json!("now"), json!([now]), json!({}), Value::Null] {
        let page = prove(&mut browser, &|claims| signed(&with(claims, "auth_time", &said)));
        assert!([400, 403].contains(&page.status), "{said}: {}", page.status);
        assert!(is_in(&mut browser) && !is_proved(&mut browser), "{said}");
    }
    // What was not signed says nothing of the time.
    liar.serve("/userinfo", &json!({ "sub": "alice", "email": ALICE, "email_verified": true, "auth_time": now }));
    let page = prove(&mut browser, &|claims| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove("email");
        signed(&claims)
    });
    proves_nothing(&mut browser, &page, 403, "did not confirm");
    // All else that a sign-in asks for holds here too.
    for (name, value) in [("nonce", json!("another")), ("aud", json!("another-client")), ("exp", json!(now - 300))] {
        let page = prove(&mut browser, &|claims| signed(&with(&with(claims, "auth_time", &json!(now)), name, &value)));
        proves_nothing(&mut browser, &page, 400, "could not be confirmed");
    }
    prove(&mut browser, &|claims| signed(&with(claims, "auth_time", &json!(now)))).ok(303);
    assert!(is_proved(&mut browser));
}

#[test]
fn somebody_else_proves_nothing_and_comes_into_no_account() {
    let (server, uni, mut alice) = scene();
    uni.person("bob", person("Bob", "Bianchi", "bob@uni.example"));
    uni.person("carol", person("Carol", "Neri", "carol@uni.example"));
    newcomer(&server, &uni, "bob");
    let before = (rows(&server, "account"), rows(&server, "identity"), rows(&server, "session"));
    for subject in ["bob", "carol"] {
        let page = come_anew(&mut alice, &uni, "uni", subject);
        proves_nothing(&mut alice, &page, 403, "does not belong to this account");
        assert!(alice.get("/account/settings").ok(200).text().contains("Alice Rossi"), "she stays who she is");
    }
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "session")), before);
    assert_eq!(rows(&server, "arrival"), 0);
    // Who said no there.
    let page = come_anew(&mut alice, &uni, "uni", "nobody");
    proves_nothing(&mut alice, &page, 200, "was not finished");
    // An institution at which she has no login is no place to prove anything.
    let page = alice.get("/account/proof").ok(200);
    alice.post("/account/proof", &page, &[("provider", "school")]).ok(404);
    // Nor does anybody leave for it who is not signed in, or by a form of another site.
    let mut stranger = server.browser();
    let form = stranger.get("/sign-in").ok(200);
    assert!(stranger.post("/account/proof", &form, &[("provider", "uni")]).ok(303).location().starts_with("/sign-in?"));
    alice.post_raw("/account/proof", &[("provider", "uni")], &[]).ok(403);
}

#[test]
fn a_proof_is_for_the_session_that_left_for_it() {
    let (server, uni, mut browser) = scene();
    let url = leave_anew(&mut browser, "uni", "/account/password");
    let back = uni.sign_in(&url, "alice");
    // Elsewhere, where somebody else is signed in.
    let mut ada = member(&server, "ada@posta.example");
    ada.get(&back).ok(400);
    assert!(!is_proved(&mut browser), "what strayed is used up");
    // In another session of the same browser and account.
    let url = leave_anew(&mut browser, "uni", "/account/password");
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/sign-out", &settings, &[]).ok(200);
    come(&mut browser, &uni, "uni", "alice").ok(303);
    let back = uni.sign_in(&url, "alice");
    browser.get(&back).ok(400);
    assert!(!is_proved(&mut browser));
    // In another session of the same account, while this one goes on.
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    let form = browser.get("/account/password").ok(200);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    change(&server, &format!("UPDATE session SET proved = proved - {}", 15 * 60 * 1_000_000_i64));
    let url = leave_anew(&mut browser, "uni", "/account/password");
    let mut again = browser.clone();
    again.post("/sign-in", &form, &[("email", ALICE), ("password", PASSWORD)]).ok(303);
    let back = uni.sign_in(&url, "alice");
    again.get(&back).ok(400);
    assert!(browser.get("/account/addresses").ok(200).text().contains("name=\"present\""));
    // With nobody signed in, it signs nobody in.
    let url = leave_anew(&mut browser, "uni", "/account/password");
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/sign-out", &settings, &[]).ok(200);
    let back = uni.sign_in(&url, "alice");
    browser.get(&back).ok(400);
    assert!(!is_in(&mut browser));
}

#[test]
fn a_login_that_joined_lately_proves_nothing_until_that_can_be_undone_no_more() {
    let (server, uni, mut browser) = scene();
    uni.person("alice-2", person("Alice", "Rossi", "a.rossi@uni.example"));
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    add_login(&mut browser, &uni, "uni", "alice-2").ok(303);
    change(&server, &format!("UPDATE session SET proved = proved - {}", 15 * 60 * 1_000_000_i64));
    let page = come_anew(&mut browser, &uni, "uni", "alice-2");
    proves_nothing(&mut browser, &page, 403, "joined this account less than 30 days ago");
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    assert!(is_proved(&mut browser));
    change(&server, &format!("UPDATE session SET proved = proved - {}", 15 * 60 * 1_000_000_i64));
    change(&server, &format!("UPDATE merge SET at = at - {}", 31 * 24 * 3600 * 1_000_000_i64));
    come_anew(&mut browser, &uni, "uni", "alice-2").ok(303);
    assert!(is_proved(&mut browser));
}

#[test]
fn whoever_gave_a_password_just_now_proved_it_and_the_institution_does_not_stand_for_it_later() {
    let (server, uni, mut browser) = scene();
    come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    let form = browser.get("/account/password").ok(200);
    browser.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(200);
    // From then on it is the password that is asked for, proved or not.
    let form = browser.get("/account/delete").ok(200);
    assert!(form.text().contains("name=\"present\""));
    browser.post("/account/delete", &form, &[]).ok(422);
    let (mut by_password, answer) = sign_in(&server, ALICE, PASSWORD);
    answer.ok(303);
    assert!(!by_password.get("/account/addresses").ok(200).text().contains("name=\"present\""), "just now");
    let mut through = server.browser();
    come(&mut through, &uni, "uni", "alice").ok(303);
    assert!(through.get("/account/addresses").ok(200).text().contains("name=\"present\""), "to have come is no proof");
}

#[test]
fn where_no_institution_signs_in_any_more_the_page_says_what_to_do() {
    let (server, _uni, mut browser) = scene();
    crate::institution::federation(&server, &["add", "uni", "--ends", "2026-01-10"]).ending(0);
    let page = browser.get("/account/proof").ok(200);
    assert!(page.text().contains("sign out and in again") && !page.text().contains("Sign in again at"), "{}", page.text());
    browser.post("/account/proof", &browser.clone().get("/account/settings").ok(200), &[("provider", "uni")]).ok(404);
    assert!(!is_proved(&mut browser));
}
