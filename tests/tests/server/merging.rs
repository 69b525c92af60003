//! A login of an institution and an account that is there already (R17, R18, S06): what joins without a question, each condition that keeps
//! it from doing so, the proofs, and that it can be undone.

use satchel_tests::http::{Answer, Browser};
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;

use crate::institution::{
    BORN, add_login, born, change, come, come_anew, fails, federation, go_for_a_login, is_in, join, newcomer, person, rows,
    say_yes, server_for, server_saying, with_institution,
};
use crate::scene::{Desk, NO_FACTOR, PASSWORD, appoint, member, registration, secret, sign_in};

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
    assert!(page.text().contains("is not enough for the address"), "{}", page.text());
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
    assert!(answer.ok(200).text().contains("is not enough for the address"));
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
fn a_role_alone_keeps_a_login_from_joining() {
    let uni = Provider::start();
    let server = server_saying(&[uni.host()], NO_FACTOR, &[]);
    join(&server, &uni, "uni", &[]);
    member(&server, ELENA);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    server.admin(&["staff", "add", ELENA]).ending(0);
    let (mut browser, answer) = arrive(&server, &uni);
    assert!(answer.ok(200).text().contains("There is an account"));
    stays_apart(&server, &mut browser);
    change(&server, "UPDATE account SET role = NULL");
    assert_eq!(arrive(&server, &uni).1.ok(303).location(), "/account");
}

#[test]
fn an_account_that_acts_for_an_issuer_is_joined_by_no_login_without_a_proof() {
    let uni = Provider::start();
    let server = server_saying(&[uni.host()], NO_FACTOR, &[]);
    join(&server, &uni, "uni", &[]);
    let mut elena = member(&server, ELENA);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    // Without a second step that anybody must have, and without a role of the server's.
    let desk = Desk::admitted(&server, 1);
    appoint(&server, &desk, &mut elena, ELENA);
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{page}");
    stays_apart(&server, &mut browser);
    desk.send("DELETE", &format!("staff/{ELENA}"), b"").ok(200);
    assert_eq!(arrive(&server, &uni).1.ok(303).location(), "/account");
}

#[test]
fn a_second_step_that_must_be_set_up_keeps_a_login_from_joining() {
    let uni = Provider::start();
    let server = server_saying(&[uni.host()], "[policy]\nsecond_factor = 'all'\n", &[]);
    join(&server, &uni, "uni", &[]);
    server.admin(&["user", "invite", ELENA]).ending(0);
    let invitation = secret(&server.mail(ELENA, "invitation").link("/register"));
    crate::scene::register(&server, &invitation, ELENA);
    assert_eq!((rows(&server, "account"), rows(&server, "factor")), (1, 0));
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    // Whoever came would set it up.
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200).text();
    assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{page}");
    assert!(!is_in(&mut browser));
    assert_eq!((rows(&server, "identity"), rows(&server, "merge")), (0, 0));
}

#[test]
fn an_institution_that_was_named_anew_or_moved_is_still_the_same() {
    let (uni, bridge) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), bridge.host()]);
    join(&server, &uni, "uni", &[]);
    member(&server, ELENA);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    arrive(&server, &uni).1.ok(303);
    let apart = |provider: &Provider, id: &str| {
        provider.person("elena-2", person("Elena", "Marchetti", ELENA));
        let mut browser = server.browser();
        come(&mut browser, provider, id, "elena-2").ok(303);
        let page = born(&mut browser, BORN).ok(200).text();
        assert!(page.contains("There is an account") && !page.contains("/sign-in/mail"), "{id}: {page}");
        assert!(!is_in(&mut browser));
        assert_eq!(rows(&server, "identity"), 1, "{id}");
    };
    // It has another issuer, and the login of before stays with the old one because no table names it.
    bridge.register(&server.browser().get("/sign-in/metadata?provider=uni").ok(200).json(), false);
    let table = server.folder.file("table.csv", "old,new\nnobody,nobody-2\n");
    let moved = ["move", "uni", "--issuer", &bridge.url, "--table", table.to_str().unwrap()];
    assert!(federation(&server, &moved).said().contains("elena"));
    assert_eq!(rows(&server, &format!("identity WHERE issuer = '{}'", uni.url)), 1, "left where it was");
    apart(&bridge, "uni");
    // It is removed, and comes back under another name at the issuer of before.
    federation(&server, &["remove", "uni", "--force"]).ending(0);
    join(&server, &uni, "university", &[]);
    apart(&uni, "university");
}

#[test]
fn undoing_takes_the_login_off_the_account_that_it_joined_and_off_no_other() {
    let (server, uni, _) = scene();
    arrive(&server, &uni).1.ok(303);
    let undo = server.mail(ELENA, "login was added").link("/sign-in/undo/");
    // The login is gone, and has become that of another account since.
    change(&server, "DELETE FROM identity");
    uni.person("elena", person("Elena", "Marchetti", "e.marchetti@uni.example"));
    let mut other = newcomer(&server, &uni, "elena");
    let mut anyone = server.browser();
    let form = anyone.get(&undo).ok(200);
    anyone.post(&undo, &form, &[]).ok(410);
    assert!(is_in(&mut other), "the other account keeps its login and its session");
    assert_eq!(rows(&server, "identity"), 1);
}

#[test]
fn a_domain_that_was_taken_from_an_institution_counts_no_more() {
    let (server, uni) = with_institution(&[]);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena").ok(303);
    // While the birth date is asked.
    federation(&server, &["add", "uni", "--domain", "other.example"]).ending(0);
    assert!(born(&mut browser, BORN).ok(200).text().contains("/sign-in/mail"));
    assert_eq!((rows(&server, "account"), is_in(&mut browser)), (0, false));
    federation(&server, &["add", "uni", "--domain", "uni.example"]).ending(0);
    assert_eq!(born_again(&mut browser).ok(303).location(), "/account");
}

/// Whoever gave the birth date before goes on.
fn born_again(browser: &mut Browser) -> Answer {
    let page = browser.get("/sign-in/finish").ok(200);
    browser.post("/sign-in/finish", &page, &[("given", &page.hidden("given"))])
}

#[test]
fn looking_at_a_sign_in_that_waits_settles_nothing() {
    const TABLES: [&str; 7] = ["account", "identity", "address", "session", "session_login", "merge", "arrival"];
    let (server, uni, _) = scene();
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena").ok(303);
    assert!(born(&mut browser, ("30", "3", "1999")).ok(200).text().contains("There is an account"));
    let counts = || TABLES.map(|table| rows(&server, table));
    // Blocked meanwhile: whoever looks is told, and the next one too.
    server.admin(&["user", "block", ELENA]).ending(0);
    for _ in 0..2 {
        assert!(browser.get("/sign-in/finish").ok(403).text().contains("blocked"));
        assert_eq!(rows(&server, "arrival"), 1);
    }
    server.admin(&["user", "unblock", ELENA]).ending(0);
    // Nothing is in the way any more; still, only a press makes the account.
    server.admin(&["user", "free", ELENA, "--even-only"]).ending(0);
    let before = counts();
    for _ in 0..3 {
        assert!(browser.get("/sign-in/finish").ok(200).text().contains("Elena Marchetti Prof."));
        assert_eq!(counts(), before);
    }
    assert!(!is_in(&mut browser));
    assert_eq!(born_again(&mut browser).ok(303).location(), "/account");
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "arrival")), (2, 1, 0));
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
    say_yes(&mut browser, &question).ok(303);
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
    assert_eq!(add_login(&mut browser, &uni, "uni", "elena").ok(303).location(), "/account/logins");
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
    add_login(&mut browser, &uni, "uni", "elena").ok(303);
    change(&server, &format!("UPDATE merge SET at = at - {}", 30 * 24 * 3600 * 1_000_000_i64));
    assert!(!browser.get("/account/logins").ok(200).text().contains("/account/merges/"));
}

#[test]
fn the_address_that_came_with_a_login_stays_when_it_is_the_only_one_left() {
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, "elena@posta.example");
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    add_login(&mut browser, &uni, "uni", "elena").ok(303);
    server.admin(&["user", "free", "elena@posta.example"]).ending(0);
    let (mut again, answer) = sign_in(&server, ELENA, PASSWORD);
    assert_eq!(answer.status, 303);
    let page = again.get("/account/logins").ok(200).text();
    let path = format!("/account/merges/{}", page.split_once("/account/merges/").unwrap().1.split_once('"').unwrap().0);
    let form = again.get(&path).ok(200);
    again.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "address")), (0, 1));
    assert_eq!(sign_in(&server, ELENA, PASSWORD).1.status, 303);
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
    come_anew(&mut browser, &uni, "uni", "elena").ok(303);
    add_login(&mut browser, &school, "school", "e-17").ok(303);
    let mut other = server.browser();
    assert_eq!(come(&mut other, &school, "school", "e-17").ok(303).location(), "/account");
    assert!(other.get("/account/logins").ok(200).text().contains(ELENA));
    assert_eq!(rows(&server, "account"), 1);
    // A login of somebody else's account is not taken from there.
    let mut stranger = member(&server, "anna@posta.example");
    let page = go_for_a_login(&mut stranger, &uni, "uni", "elena").ok(409).text();
    assert!(page.contains("belongs to another account") && page.contains("set a password there"), "{page}");
}

#[test]
fn an_account_in_which_there_is_nothing_gives_way_to_the_one_that_its_login_joins() {
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, "elena@posta.example");
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    // She forgot that she had one, and has two now.
    let mut second = newcomer(&server, &uni, "elena");
    assert_eq!(rows(&server, "account"), 2);
    assert_eq!(go_for_a_login(&mut browser, &uni, "uni", "elena").ok(303).location(), "/sign-in/join");
    let question = browser.get("/sign-in/join").ok(200);
    assert!(question.text().contains("That account is closed"), "{}", question.text());
    assert_eq!((rows(&server, "account"), rows(&server, "merge")), (2, 0), "looking closes nothing");
    say_yes(&mut browser, &question).ok(303);
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "address")), (1, 1, 2));
    assert!(!is_in(&mut second), "it is gone");
    for told in [ELENA, "elena@posta.example"] {
        server.mail(told, "login was added");
    }
    assert_eq!(come(&mut server.browser(), &uni, "uni", "elena").ok(303).location(), "/account");
    assert_eq!(sign_in(&server, ELENA, PASSWORD).1.status, 303, "the address came along");
    // Undone, the login and its address leave, and whoever comes with it begins anew.
    let page = browser.get("/account/logins").ok(200).text();
    let path = format!("/account/merges/{}", page.split_once("/account/merges/").unwrap().1.split_once('"').unwrap().0);
    let form = browser.get(&path).ok(200);
    browser.post(&path, &form, &[("present", PASSWORD)]).ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "address")), (0, 1));
    newcomer(&server, &uni, "elena");
    assert_eq!(rows(&server, "account"), 2);
    // And what was closed stays closed after a restore.
    assert!(std::fs::read_to_string(server.folder.at("data/erased.log")).unwrap().contains("account"));
}

#[test]
fn an_account_in_which_there_is_anything_gives_way_to_none() {
    let (server, uni) = with_institution(&[]);
    let mut browser = member(&server, "elena@posta.example");
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    newcomer(&server, &uni, "elena");
    let theirs = "(SELECT account FROM identity)";
    let award = format!(
        "INSERT INTO award (id, issuer, credential, achievement, name, holder, hidden, created) VALUES (randomblob(16), randomblob(16), 'x', 'x', 'x', {theirs}, 0, 0)"
    );
    let factor = format!(
        "INSERT INTO factor (id, account, kind, name, seen, created) VALUES (randomblob(16), {theirs}, 'app', 'Phone', 0, 0)"
    );
    let staff = format!("INSERT INTO staff (issuer, account, since) VALUES (randomblob(16), {theirs}, 0)");
    let address = format!(
        "INSERT INTO address (address, shown, account, is_main, verified) VALUES ('e@posta.example', 'e@posta.example', {theirs}, 0, 0)"
    );
    let device = format!(
        "INSERT INTO device (id, account, client, name, scope, created, seen) VALUES (randomblob(16), {theirs}, randomblob(16), 'x', 'wallet', 0, 0)"
    );
    let identity = format!(
        "INSERT INTO identity (id, provider, issuer, subject, account, address, linked, seen) VALUES (randomblob(16), 'x', 'x', 'x', {theirs}, 'x@posta.example', 0, 0)"
    );
    let held = [
        ("a badge", award, String::from("DELETE FROM award")),
        ("a second step", factor, String::from("DELETE FROM factor")),
        ("somebody who acts for an issuer", staff, String::from("DELETE FROM staff")),
        ("another address", address, String::from("DELETE FROM address WHERE address = 'e@posta.example'")),
        ("a program", device, String::from("DELETE FROM device")),
        ("another login", identity, String::from("DELETE FROM identity WHERE issuer = 'x'")),
        (
            "a password",
            format!("UPDATE account SET password = 'x' WHERE id = {theirs}"),
            format!("UPDATE account SET password = NULL WHERE id = {theirs}"),
        ),
        (
            "a role",
            format!("UPDATE account SET role = 'operator' WHERE id = {theirs}"),
            format!("UPDATE account SET role = NULL WHERE id = {theirs}"),
        ),
        (
            "a block",
            format!("UPDATE account SET state = 'blocked' WHERE id = {theirs}"),
            format!("UPDATE account SET state = 'active' WHERE id = {theirs}"),
        ),
    ];
    for (what, put, take) in &held {
        // When it leaves, and when it was there only as it came back.
        change(&server, put);
        let page = go_for_a_login(&mut browser, &uni, "uni", "elena");
        assert_eq!(page.status, 409, "{what}");
        assert!(page.text().contains("two such accounts are not made one"), "{what}: {}", page.text());
        change(&server, take);
        go_for_a_login(&mut browser, &uni, "uni", "elena").ok(303);
        let question = browser.get("/sign-in/join").ok(200);
        change(&server, put);
        assert_eq!(say_yes(&mut browser, &question).status, 403, "{what}");
        change(&server, take);
        assert_eq!((rows(&server, "account"), rows(&server, "merge")), (2, 0), "{what}");
    }
}

#[test]
fn an_account_goes_through_every_state_by_its_pages() {
    let (server, uni) = with_institution(&[]);
    // Invited.
    server.admin(&["user", "invite", ELENA]).ending(0);
    let invitation = secret(&server.mail(ELENA, "invitation").link("/register"));
    assert_eq!((rows(&server, "entry WHERE address IS NOT NULL"), rows(&server, "account")), (1, 0));
    // Registered, and not verified: there is no account yet.
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    browser.post("/register", &form, &registration(&invitation, ELENA)).ok(200);
    assert_eq!((rows(&server, "registration"), rows(&server, "account")), (1, 0));
    assert_eq!(sign_in(&server, ELENA, PASSWORD).1.status, 422);
    // Verified.
    let link = server.mail(ELENA, "Verify your address").link("/verify/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[("password", PASSWORD)]).ok(303);
    assert_eq!((rows(&server, "registration"), rows(&server, "account")), (0, 1));
    // Federated, and merged.
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    let (mut through, answer) = arrive(&server, &uni);
    answer.ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "merge"), rows(&server, "account")), (1, 1, 1));
    // Split: who came through the institution needs a proof now; the password is one.
    let link = server.mail(ELENA, "login was added").link("/sign-in/undo/");
    let form = through.get(&link).ok(200);
    through.post(&link, &form, &[]).ok(200);
    assert_eq!((rows(&server, "identity"), rows(&server, "account")), (0, 1));
    let mut again = server.browser();
    come(&mut again, &uni, "uni", "elena").ok(303);
    born(&mut again, BORN).ok(200);
    let form = again.get("/sign-in?next=%2Fsign-in%2Fjoin").ok(200);
    again.post("/sign-in", &form, &[("email", ELENA), ("password", PASSWORD), ("next", "/sign-in/join")]).ok(303);
    let question = again.get("/sign-in/join").ok(200);
    say_yes(&mut again, &question).ok(303);
    assert_eq!((rows(&server, "identity"), rows(&server, "account")), (1, 1));
    // Blocked, by both ways in, and open again.
    server.admin(&["user", "block", ELENA]).ending(0);
    assert!(!is_in(&mut again));
    let page = come(&mut again, &uni, "uni", "elena");
    fails(&mut again, &page, 403, "blocked");
    assert!(sign_in(&server, ELENA, PASSWORD).1.ok(403).text().contains("and quote "));
    server.admin(&["user", "unblock", ELENA]).ending(0);
    // Too young, which only the database can say of somebody who was let in once; and of age again.
    change(&server, "UPDATE account SET birth_date = '2020-02-29'");
    assert!(come(&mut again, &uni, "uni", "elena").ok(403).text().contains("suspended"));
    assert!(!is_in(&mut again));
    change(&server, "UPDATE account SET birth_date = '2000-02-29'");
    assert_eq!(come(&mut again, &uni, "uni", "elena").ok(303).location(), "/account");
    assert!(is_in(&mut again));
    // Deleted: the login and the address begin anew.
    let form = again.get("/account/delete").ok(200);
    again.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    assert_eq!(
        (rows(&server, "account"), rows(&server, "identity"), rows(&server, "address"), rows(&server, "merge")),
        (0, 0, 0, 0)
    );
    newcomer(&server, &uni, "elena");
}

#[test]
fn an_address_that_is_taken_between_coming_and_finishing_is_not_taken_twice() {
    let (server, uni) = with_institution(&[]);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "elena").ok(303);
    // Meanwhile somebody registers with it, born on another day.
    member(&server, ELENA);
    let page = born(&mut browser, ("1", "4", "1999")).ok(200).text();
    assert!(page.contains("There is an account"), "{page}");
    stays_apart(&server, &mut browser);
    // And a mail that was to prove it proves nothing once the account demands more.
    let mut unverified = person("Elena", "Marchetti", ELENA);
    unverified["email_verified"] = serde_json::json!(false);
    uni.person("elena", unverified);
    let (mut browser, answer) = arrive(&server, &uni);
    let page = answer.ok(200);
    browser.post("/sign-in/mail", &page, &[]).ok(200);
    let link = server.mail(ELENA, "Finish signing in").link("/sign-in/prove/");
    let form = browser.get(&link).ok(200);
    server.admin(&["staff", "add", ELENA]).ending(0);
    assert!(browser.post(&link, &form, &[]).ok(200).text().contains("There is an account"));
    stays_apart(&server, &mut browser);
}

#[test]
fn an_address_in_another_spelling_is_the_same_and_one_that_only_looks_so_is_not() {
    let (server, uni) = with_institution(&[]);
    member(&server, ELENA);
    let look_alikes =
        ["\u{435}lena@uni.example", "elena@uni.example.evil.example", "elena+x@uni.example", "elen\u{e0}@uni.example"];
    for (number, address) in look_alikes.iter().enumerate() {
        let subject = format!("eve-{number}");
        uni.person(&subject, person("Eve", "Evil", address));
        let mut browser = server.browser();
        come(&mut browser, &uni, "uni", &subject).ok(303);
        born(&mut browser, BORN);
        assert_eq!(sign_in(&server, ELENA, PASSWORD).1.status, 303, "{address}");
        let held = rows(&server, "identity WHERE account = (SELECT account FROM address WHERE address = 'elena@uni.example')");
        assert_eq!(held, 0, "{address} joined the account of {ELENA}");
    }
    uni.person("elena", person("Elena", "Marchetti", " ELENA@\u{ff35}ni.Example. "));
    let (mut browser, answer) = arrive(&server, &uni);
    assert_eq!(answer.ok(303).location(), "/account");
    assert!(is_in(&mut browser));
    let held = rows(&server, "identity WHERE account = (SELECT account FROM address WHERE address = 'elena@uni.example')");
    assert_eq!(held, 1);
}

#[test]
fn two_logins_of_one_person_at_once_lead_to_one_account() {
    let (uni, school) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), school.host()]);
    join(&server, &uni, "uni", &[]);
    join(&server, &school, "school", &[]);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    school.person("e-17", person("Elena", "Marchetti", ELENA));
    let ready = [(&uni, "uni", "elena"), (&school, "school", "e-17")].map(|(provider, id, subject)| {
        let mut browser = server.browser();
        come(&mut browser, provider, id, subject).ok(303);
        browser
    });
    std::thread::scope(|scope| {
        for mut browser in ready {
            scope.spawn(move || assert_eq!(born(&mut browser, BORN).ok(303).location(), "/account"));
        }
    });
    assert_eq!((rows(&server, "account"), rows(&server, "identity"), rows(&server, "address")), (1, 2, 1));
    // What both call the same is two people, when the address is not.
    uni.person("x", person("Xaver", "Uno", "xaver@uni.example"));
    school.person("x", person("Xenia", "Due", "xenia@uni.example"));
    newcomer(&server, &uni, "x");
    let mut browser = server.browser();
    assert_eq!(come(&mut browser, &school, "school", "x").ok(303).location(), "/sign-in/finish", "nobody's account is opened");
    born(&mut browser, BORN).ok(303);
    assert_eq!(rows(&server, "account"), 3);
}

/// Why a login that joined lately may not change something.
const WHY: &str = "joined this account less than 30 days ago";

#[test]
fn nothing_that_would_outlast_undoing_is_done_through_a_login_that_joined_lately() {
    let (uni, school) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), school.host()]);
    join(&server, &uni, "uni", &[]);
    join(&server, &school, "school", &[]);
    // The account has no password; somebody whom the school calls by the same address joins it.
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    newcomer(&server, &uni, "elena");
    school.person("eve", person("Eve", "Evil", ELENA));
    let mut eve = server.browser();
    come(&mut eve, &school, "school", "eve").ok(303);
    assert_eq!(born(&mut eve, BORN).ok(303).location(), "/account");
    let undo = server.mail(ELENA, "login was added").link("/sign-in/undo/");
    let form = eve.get("/account/password").ok(200);
    let page = eve.post("/account/password", &form, &[("password", PASSWORD), ("again", PASSWORD)]);
    assert!(page.ok(422).text().contains(WHY));
    let form = eve.get("/account/addresses").ok(200);
    let page = eve.post("/account/addresses", &form, &[("email", "eve@evil.example")]);
    assert!(page.ok(422).text().contains(WHY));
    for path in ["/account/factors/app", "/account/factors/passkey"] {
        assert!(eve.get(path).ok(200).text().contains(WHY), "{path}");
    }
    let form = eve.get("/account/delete").ok(200);
    assert!(eve.post("/account/delete", &form, &[]).ok(422).text().contains(WHY));
    let logins = eve.get("/account/logins").ok(200).text();
    for path in logins.split("href=\"/account/logins/").skip(1) {
        let path = format!("/account/logins/{}", path.split('"').next().unwrap());
        let form = eve.get(&path).ok(200);
        assert!(eve.post(&path, &form, &[]).ok(422).text().contains(WHY), "{path}");
    }
    // Nor by the invitation of a badge that somebody sent to another address.
    let desk = Desk::admitted(&server, 1);
    desk.give("eve@evil.example", "Il paesaggio");
    let claim = server.mail("eve@evil.example", "Un badge per te").link("/claim/");
    let page = eve.get(&claim).ok(200);
    eve.post(&format!("{claim}/address"), &page, &[]).ok(200);
    let link = server.mail("eve@evil.example", "Verify").link("/address/");
    let form = eve.get(&link).ok(200);
    assert!(eve.post(&link, &form, &[]).ok(403).text().contains(WHY));
    // Nor in that session after an older login was shown in it: it may be open elsewhere, too.
    come_anew(&mut eve, &uni, "uni", "elena").ok(303);
    let form = eve.get("/account/addresses").ok(200);
    let page = eve.post("/account/addresses", &form, &[("email", "eve@evil.example")]);
    assert!(page.ok(422).text().contains(WHY));
    // Nor does an address come that the school calls hers later.
    school.person("eve", person("Eve", "Evil", "eve@uni.example"));
    come(&mut server.browser(), &school, "school", "eve").ok(303);
    assert_eq!(rows(&server, "address"), 1);
    // By the way from before all of it is done, and the addresses of before are told.
    let mut elena = server.browser();
    come(&mut elena, &uni, "uni", "elena").ok(303);
    come_anew(&mut elena, &uni, "uni", "elena").ok(303);
    let form = elena.get("/account/addresses").ok(200);
    elena.post("/account/addresses", &form, &[("email", "elena@posta.example")]).ok(200);
    let link = server.mail("elena@posta.example", "Verify").link("/address/");
    let form = elena.get(&link).ok(200);
    elena.post(&link, &form, &[]).ok(303);
    server.mail(ELENA, "addresses of your account changed");
    // And the owner of the mail undoes.
    let mut anyone = server.browser();
    let form = anyone.get(&undo).ok(200);
    anyone.post(&undo, &form, &[]).ok(200);
    assert!(!is_in(&mut eve));
    let mut eve = server.browser();
    assert_eq!(come(&mut eve, &school, "school", "eve").ok(303).location(), "/sign-in/finish");
    assert_eq!(come(&mut server.browser(), &uni, "uni", "elena").ok(303).location(), "/account");
}

#[test]
fn a_second_step_that_was_set_up_since_a_login_joined_goes_when_that_is_undone() {
    let (server, uni, _) = scene();
    arrive(&server, &uni).1.ok(303);
    change(
        &server,
        "INSERT INTO factor (id, account, kind, name, seen, created) SELECT randomblob(16), id, 'app', 'x', 0, 9000000000000000 FROM account",
    );
    let undo = server.mail(ELENA, "login was added").link("/sign-in/undo/");
    let mut anyone = server.browser();
    let form = anyone.get(&undo).ok(200);
    anyone.post(&undo, &form, &[]).ok(200);
    assert_eq!(rows(&server, "factor"), 0);
    server.mail(ELENA, "second step was removed");
    assert_eq!(sign_in(&server, ELENA, PASSWORD).1.ok(303).location(), "/account");
}

#[test]
fn a_login_that_was_moved_is_undone_like_any_and_one_that_was_undone_stays_apart() {
    let (uni, bridge) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), bridge.host()]);
    join(&server, &uni, "uni", &[]);
    bridge.register(&server.browser().get("/sign-in/metadata?provider=uni").ok(200).json(), false);
    member(&server, ELENA);
    uni.person("elena", person("Elena", "Marchetti", ELENA));
    arrive(&server, &uni).1.ok(303);
    let undo = server.mail(ELENA, "login was added").link("/sign-in/undo/");
    let table = server.folder.file("table.csv", "old,new\nelena,e-17\n");
    let moved = ["move", "uni", "--issuer", &bridge.url, "--table", table.to_str().unwrap()];
    federation(&server, &moved).ending(0);
    bridge.person("e-17", person("Elena", "Marchetti", ELENA));
    let mut browser = server.browser();
    assert_eq!(come(&mut browser, &bridge, "uni", "e-17").ok(303).location(), "/account");
    let mut anyone = server.browser();
    let form = anyone.get(&undo).ok(200);
    anyone.post(&undo, &form, &[]).ok(200);
    assert!(!is_in(&mut browser));
    assert_eq!(rows(&server, "identity"), 0);
    // It is asked for proof from now on, and so it is after a move.
    let apart = |provider: &Provider, subject: &str| {
        let mut browser = server.browser();
        come(&mut browser, provider, "uni", subject).ok(303);
        assert!(born(&mut browser, BORN).ok(200).text().contains("There is an account"), "{subject}");
    };
    apart(&bridge, "e-17");
    federation(&server, &["move", "uni", "--issuer", "https://other.example"]).ending(0);
    federation(&server, &["move", "uni", "--issuer", &bridge.url]).ending(0);
    apart(&bridge, "e-17");
}

#[test]
fn whoever_uses_the_browser_next_gets_no_login_that_somebody_left_there() {
    let (server, uni) = with_institution(&[]);
    uni.person("anna", person("Anna", "Bruni", "anna@uni.example"));
    member(&server, "next@posta.example");
    let mut browser = server.browser();
    let by_password = |browser: &mut Browser| {
        let form = browser.get("/sign-in").ok(200);
        browser.post("/sign-in", &form, &[("email", "next@posta.example"), ("password", PASSWORD)]).ok(303);
    };
    come(&mut browser, &uni, "uni", "anna").ok(303);
    by_password(&mut browser);
    assert_eq!(rows(&server, "arrival"), 1);
    let settings = browser.get("/account/settings").ok(200);
    browser.post("/sign-out", &settings, &[]).ok(303);
    assert_eq!(rows(&server, "arrival"), 0, "who arrived goes with whoever signs out");
    // One that waits for a mail is not joined after the half hour.
    come(&mut browser, &uni, "uni", "anna").ok(303);
    let hours = 40 * 3600 * 1_000_000_i64;
    change(&server, &format!("UPDATE arrival SET expires = expires + {hours}"));
    by_password(&mut browser);
    assert_eq!(browser.get("/sign-in/join").ok(303).location(), "/account/logins");
    assert_eq!(rows(&server, "identity"), 0);
}
