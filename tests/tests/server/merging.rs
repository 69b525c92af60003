//! A login of an institution and an account that is there already (R17, R18, S06): what joins without a question, each condition that keeps
//! it from doing so, the proofs, and that it can be undone.

use satchel_tests::http::{Answer, Browser};
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;

use crate::institution::{BORN, born, change, come, fails, is_in, join, newcomer, person, rows, server_for, with_institution};
use crate::scene::{Desk, PASSWORD, member, sign_in};

const ELENA: &str = "elena@uni.example";

/// A server with an institution, at which Elena is, who registered here before with the same address.
fn scene() -> (Running, Provider, Browser) {
    let (server, uni) = with_institution(&[]);
    let browser = member(&server, ELENA);
    uni.person("elena", person("Elena", "Marchetti Prof.", ELENA));
    (server, uni, browser)
}

/// Elena comes from the institution and gives her birth date; the answer to it.
fn arrive(server: &Running, uni: &Provider) -> (Browser, Answer) {
    let mut browser = server.browser();
    assert_eq!(come(&mut browser, uni, "uni", "elena").ok(303).location(), "/sign-in/finish");
    let answer = born(&mut browser, BORN);
    (browser, answer)
}

/// That the account is signed in to by its password alone, as before.
#[track_caller]
fn stays_apart(server: &Running, browser: &mut Browser) {
    assert!(!is_in(browser), "somebody is signed in");
    assert_eq!((rows(server, "identity"), rows(server, "merge"), rows(server, "account")), (0, 0, 1));
    assert_eq!(sign_in(server, ELENA, PASSWORD).1.status, 303);
}

#[test]
fn with_every_condition_met_a_login_joins_the_account_without_a_question() {
    let (server, uni, mut before) = scene();
    let (mut browser, answer) = arrive(&server, &uni);
    assert_eq!(answer.ok(303).location(), "/account");
    assert!(is_in(&mut browser));
    assert!(!is_in(&mut before), "other sessions end");
    assert_eq!((rows(&server, "account"), rows(&server, "identity")), (1, 1));
    // Both ways in work, and names come from the institution.
    assert_eq!(come(&mut server.browser(), &uni, "uni", "elena").ok(303).location(), "/account");
    let (mut by_password, answer) = sign_in(&server, ELENA, PASSWORD);
    assert_eq!(answer.status, 303);
    assert!(by_password.get("/account/settings").ok(200).text().contains("Marchetti Prof."));
    let mail = server.mail(ELENA, "login was added");
    assert!(mail.text.contains("Università uni") && mail.text.contains("/sign-in/undo/"), "{}", mail.text);
}

#[test]
fn an_address_that_the_institution_does_not_call_verified_is_proved_by_mail() {
    let (server, uni, _) = scene();
    let mut unverified = person("Elena", "Marchetti", ELENA);
    unverified["email_verified"] = serde_json::json!(false);
    uni.person("elena", unverified);
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200);
    assert!(page.text().contains("does not confirm"), "{}", page.text());
    stays_apart(&server, &mut browser);
    // Whoever has no account is told the same.
    let mut stranger = person("Sara", "Neri", "sara@uni.example");
    stranger["email_verified"] = serde_json::json!(false);
    uni.person("sara", stranger);
    let mut other = server.browser();
    come(&mut other, &uni, "uni", "sara").ok(303);
    let theirs = born(&mut other, BORN).ok(200).text().replace("sara@", "elena@");
    let tokens = |text: &str| {
        let (before, rest) = text.split_once("name=\"form\" value=\"").unwrap();
        format!("{before}{}", rest.split_once('"').unwrap().1)
    };
    assert_eq!(tokens(&theirs), tokens(&page.text()), "nobody learns whether there is an account");
    // The mail proves it.
    browser.post("/sign-in/mail", &page, &[]).ok(200);
    let link = server.mail(ELENA, "Finish signing in").link("/sign-in/prove/");
    // Not for whoever has the mailbox and began nothing: their press lets nobody in.
    let mut thief = server.browser();
    let elsewhere = thief.get(&link).ok(403);
    assert!(elsewhere.text().contains("other browser"), "{}", elsewhere.text());
    let form = thief.get("/sign-in").ok(200);
    thief.post(&link, &form, &[]).ok(403);
    assert!(!is_in(&mut thief));
    // A scanner that looks changes nothing.
    for _ in 0..3 {
        browser.get(&link).ok(200);
    }
    let form = browser.get(&link).ok(200);
    assert_eq!(browser.post(&link, &form, &[]).ok(303).location(), "/account");
    assert!(is_in(&mut browser));
    assert_eq!((rows(&server, "account"), rows(&server, "identity")), (1, 1));
    browser.get(&link).ok(410);
}

#[test]
fn an_address_of_another_domain_is_never_vouched_for() {
    let (server, uni) = with_institution(&[]);
    member(&server, "victim@posta.example");
    // The institution lies: it says that a foreign address was verified.
    uni.person("elena", person("Eve", "Evil", "victim@posta.example"));
    let (mut browser, answer) = arrive(&server, &uni);
    assert!(answer.ok(200).text().contains("does not confirm"));
    assert!(!is_in(&mut browser));
    assert_eq!((rows(&server, "identity"), rows(&server, "account")), (0, 1));
    // Nor are badges for it shown to somebody without an account.
    let desk = Desk::admitted(&server, 1);
    desk.give("nobody@posta.example", "Secret");
    uni.person("eve", person("Eve", "Evil", "nobody@posta.example"));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "eve").ok(303);
    born(&mut browser, BORN).ok(200);
    assert!(!is_in(&mut browser));
}

#[test]
fn an_address_that_was_verified_long_ago_is_proved_anew() {
    let (server, uni, _) = scene();
    let years = 2 * 366 * 24 * 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE address SET verified = verified - {years}"));
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200);
    assert!(page.text().contains("There is an account") && page.text().contains("/sign-in/mail"), "{}", page.text());
    stays_apart(&server, &mut browser);
    browser.post("/sign-in/mail", &page, &[]).ok(200);
    let link = server.mail(ELENA, "Finish signing in").link("/sign-in/prove/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[]).ok(303);
    assert!(is_in(&mut browser));
}

#[test]
fn an_account_with_a_role_is_signed_in_to_as_proof() {
    let (server, uni, _) = scene();
    server.admin(&["staff", "add", ELENA]).ending(0);
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200);
    assert!(page.text().contains("There is an account") && !page.text().contains("/sign-in/mail"), "{}", page.text());
    stays_apart(&server, &mut browser);
    // A mail is not enough, whatever page it is asked for from.
    browser.post("/sign-in/mail", &browser.clone().get("/sign-in").ok(200), &[]).ok(200);
    let link = server.mail(ELENA, "Finish signing in").link("/sign-in/prove/");
    let form = browser.get(&link).ok(200);
    assert!(browser.post(&link, &form, &[]).ok(200).text().contains("There is an account"));
    stays_apart(&server, &mut browser);
}

#[test]
fn an_account_with_a_second_step_is_joined_after_both_and_asks_for_it_then_too() {
    let (server, uni, _) = scene();
    let factor = "INSERT INTO factor (id, account, kind, name, seen, created) SELECT randomblob(16), id, 'app', 'Phone', 0, 0 FROM account";
    change(&server, factor);
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200);
    assert!(page.text().contains("There is an account") && !page.text().contains("/sign-in/mail"), "{}", page.text());
    // The password alone does not join either.
    let form = browser.get("/sign-in?next=%2Fsign-in%2Fjoin").ok(200);
    let answer = browser.post("/sign-in", &form, &[("email", ELENA), ("password", PASSWORD), ("next", "/sign-in/join")]).ok(303);
    assert!(answer.location().starts_with("/sign-in/second"), "{}", answer.location());
    assert!(browser.get("/sign-in/join").ok(303).location().starts_with("/sign-in?"));
    stays_apart(&server, &mut browser);
    // One that had joined before comes in by the second step alone, and its session is the institution's to end all the same.
    change(&server, "DELETE FROM factor");
    let (_, answer) = arrive(&server, &uni);
    answer.ok(303);
    change(&server, factor);
    let mut again = server.browser();
    let answer = come(&mut again, &uni, "uni", "elena").ok(303);
    assert!(answer.location().starts_with("/sign-in/second"), "{}", answer.location());
    assert!(!is_in(&mut again));
}

#[test]
fn the_password_is_proof_where_a_mail_is_not() {
    let (server, uni, _) = scene();
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena").ok(303);
    let page = born(&mut browser, ("30", "3", "1999")).ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "another birth date: {page}");
    stays_apart(&server, &mut browser);
    assert!(page.contains("/sign-in?next=/sign-in/join"));
    let form = browser.get("/sign-in?next=%2Fsign-in%2Fjoin").ok(200);
    let answer = browser.post("/sign-in", &form, &[("email", ELENA), ("password", PASSWORD), ("next", "/sign-in/join")]).ok(303);
    let question = browser.get(answer.location()).ok(200);
    assert!(question.text().contains("Add this login?") && question.text().contains("Università uni"), "{}", question.text());
    assert_eq!(rows(&server, "identity"), 0, "looking joins nothing");
    browser.post("/sign-in/join", &question, &[]).ok(303);
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "arrival")), (1, 1, 0));
    let mut again = server.browser();
    assert_eq!(come(&mut again, &uni, "uni", "elena").ok(303).location(), "/account");
    // The date that was kept is the one that was there.
    assert!(again.get("/account/settings").ok(200).text().contains("31 March 1999"));
}

#[test]
fn a_birth_date_is_not_guessed() {
    let (server, uni, _) = scene();
    for day in ["1", "2", "3", "4", "5"] {
        let mut browser = server.browser();
        come(&mut browser, &uni, "uni", "elena").ok(303);
        born(&mut browser, (day, "1", "1990")).ok(200);
    }
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena").ok(303);
    born(&mut browser, BORN).ok(429);
    stays_apart(&server, &mut browser);
}

#[test]
fn a_second_person_of_one_institution_is_never_taken_for_the_first() {
    let (server, uni, _) = scene();
    arrive(&server, &uni).1.ok(303);
    uni.person("elena-2", person("Elena", "Marchetti", ELENA));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena-2").ok(303);
    let page = born(&mut browser, BORN).ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{page}");
    assert!(!is_in(&mut browser));
    assert_eq!((rows(&server, "identity"), rows(&server, "account")), (1, 1));
}

#[test]
fn a_blocked_account_is_joined_by_nobody() {
    let (server, uni, _) = scene();
    server.admin(&["user", "block", ELENA]).ending(0);
    let (mut browser, answer) = arrive(&server, &uni);
    fails(&mut browser, &answer, 403, "blocked");
    assert_eq!((rows(&server, "identity"), rows(&server, "account"), rows(&server, "arrival")), (0, 1, 0));
}

#[test]
fn a_merge_is_undone_by_the_link_of_the_mail_and_does_not_come_back_by_itself() {
    let (server, uni, _) = scene();
    let (mut browser, answer) = arrive(&server, &uni);
    answer.ok(303);
    let link = server.mail(ELENA, "login was added").text;
    let link = link.split_whitespace().find(|word| word.contains("/sign-in/undo/")).unwrap().to_owned();
    let mut anyone = server.browser();
    for _ in 0..3 {
        anyone.get(&link).ok(200);
    }
    assert!(is_in(&mut browser), "looking undoes nothing");
    let form = anyone.get(&link).ok(200);
    anyone.post(&link, &form, &[]).ok(200);
    assert!(!is_in(&mut browser), "sessions end");
    anyone.get(&link).ok(410);
    assert_eq!(rows(&server, "identity"), 0);
    let (mut local, answer) = sign_in(&server, ELENA, PASSWORD);
    assert_eq!(answer.status, 303);
    let settings = local.get("/account/settings").ok(200).text();
    assert!(settings.contains("Elena Marchetti<") && !settings.contains("Prof."), "names are as they were: {settings}");
    server.mail(ELENA, "login was removed");
    // The same login joins no more without the account being signed in to.
    let (mut again, answer) = arrive(&server, &uni);
    let page = answer.ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{page}");
    assert!(!is_in(&mut again));
}

#[test]
fn a_merge_is_undone_in_the_account_within_thirty_days() {
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, "elena@posta.example");
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    // Linked from the account's own pages: the address of the institution comes along.
    let page = browser.get("/account/logins").ok(200);
    let url =
        crate::institution::leads_to(&browser.post("/sign-in/with", &page, &[("provider", "uni"), ("link", "yes")]).ok(200));
    let back = uni.sign_in(&url, "elena");
    assert_eq!(browser.get(&back).ok(303).location(), "/account/logins");
    for told in [ELENA, "elena@posta.example"] {
        server.mail(told, "login was added");
    }
    assert_eq!(rows(&server, "address"), 2);
    let page = browser.get("/account/logins").ok(200).text();
    let undo = page.split_once("/account/merges/").unwrap().1.split_once('"').unwrap().0.to_owned();
    let path = format!("/account/merges/{undo}");
    let form = browser.get(&path).ok(200);
    browser.post(&path, &form, &[("present", "not the password at all")]).ok(422);
    assert_eq!(rows(&server, "identity"), 1);
    browser.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "address")), (0, 1));
    // After thirty days it stays.
    let page = browser.get("/account/logins").ok(200);
    let url =
        crate::institution::leads_to(&browser.post("/sign-in/with", &page, &[("provider", "uni"), ("link", "yes")]).ok(200));
    let back = uni.sign_in(&url, "elena");
    browser.get(&back).ok(303);
    change(&server, &format!("UPDATE merge SET at = at - {}", 30 * 24 * 3600 * 1_000_000_i64));
    assert!(!browser.get("/account/logins").ok(200).text().contains("/account/merges/"));
}

#[test]
fn an_earlier_claim_joins_to_the_same_verified_address_alone() {
    let (server, uni) = with_institution(&[]);
    let desk = Desk::admitted(&server, 1);
    let (mine, other) = (desk.give(ELENA, "Mine"), desk.give("elena@posta.example", "Other"));
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    let mut browser = newcomer(&server, &uni, "elena");
    let home = browser.get("/account").ok(200).text();
    assert!(home.contains(&mine) && !home.contains(&other), "{home}");
}

#[test]
fn two_institutions_lead_to_one_account() {
    let (uni, school) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), school.host()]);
    join(&server, &uni, "uni", &[]);
    join(&server, &school, "school", &["--domain", "school.example"]);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    school.person("e-17", person("Elena", "Marchetti", "elena@school.example"));
    let mut browser = newcomer(&server, &uni, "elena");
    let page = browser.get("/account/logins").ok(200);
    let url =
        crate::institution::leads_to(&browser.post("/sign-in/with", &page, &[("provider", "school"), ("link", "yes")]).ok(200));
    let back = school.sign_in(&url, "e-17");
    browser.get(&back).ok(303);
    let mut other = server.browser();
    assert_eq!(come(&mut other, &school, "school", "e-17").ok(303).location(), "/account");
    assert!(other.get("/account/logins").ok(200).text().contains(ELENA));
    assert_eq!(rows(&server, "account"), 1);
    // A login of somebody else's account is not taken from there.
    let mut stranger = member(&server, "anna@posta.example");
    let page = stranger.get("/account/logins").ok(200);
    let url =
        crate::institution::leads_to(&stranger.post("/sign-in/with", &page, &[("provider", "uni"), ("link", "yes")]).ok(200));
    let back = uni.sign_in(&url, "elena");
    let page = stranger.get(&back).ok(409).text();
    assert!(page.contains("belongs to another account"), "{page}");
}
