//! Who acts for an issuer: nobody unasked and unmailed, and its desk does not learn who has an account.

use satchel_tests::desk::{Desk as Shell, PASSPHRASE};
use satchel_tests::running::Running;
use satchel_tests::shell::satchel;
use serde_json::json;

use crate::scene::{Desk, NO_FACTOR, appoint, member, register, registration, secret, server_with};

const ADA: &str = "ada@posta.example";
const NOBODY: &str = "nobody@posta.example";
const SUBJECT: &str = "asks you to act for it";

fn offers(server: &Running, to: &str) -> usize {
    server.mails().iter().filter(|mail| mail.to == to && mail.subject.contains(SUBJECT)).count()
}

#[test]
fn a_desk_does_not_learn_who_has_an_account() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    let mut ada = member(&server, ADA);
    let put = |email: &str| desk.send("PUT", &format!("staff/{email}"), b"").ok(200);
    assert_eq!(put(ADA).text(), put(NOBODY).text());
    assert_eq!(desk.send("GET", "staff", b"").ok(200).json(), json!({ "staff": [], "asked": [ADA, NOBODY] }));
    for email in [ADA, NOBODY] {
        server.mail(email, SUBJECT).link("/acting/");
    }
    ada.get("/staff/requests").ok(404);
    // Asked once more on the same day, nobody gets a second mail.
    put(ADA);
    put(NOBODY);
    for email in [ADA, NOBODY] {
        desk.send("DELETE", &format!("staff/{email}"), b"").ok(200);
        desk.send("DELETE", &format!("staff/{email}"), b"").ok(404);
    }
    assert_eq!((offers(&server, ADA), offers(&server, NOBODY)), (1, 1));
    // What was taken back cannot be accepted.
    let link = server.mail(ADA, SUBJECT).link("/acting/");
    ada.get(&link).ok(410);
    ada.get("/staff/requests").ok(404);
}

#[test]
fn somebody_acts_for_an_issuer_after_accepting_and_until_they_stop() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::admitted(&server, 1);
    let (mut ada, mut bob) = (member(&server, ADA), member(&server, "bob@posta.example"));
    desk.send("PUT", &format!("staff/{ADA}"), b"").ok(200);
    let link = server.mail(ADA, SUBJECT).link("/acting/");
    // The link alone makes nobody staff: not whoever it was passed on to, nor whoever looks at it.
    let page = bob.get(&link).ok(200);
    assert!(page.text().contains(ADA) && !page.text().contains("value=\"accept\""), "{}", page.text());
    bob.post(&link, &page, &[("do", "accept")]).ok(403);
    let page = server.browser().get(&link).ok(200);
    assert!(page.text().contains("/sign-in?next=%2Facting%2F"), "{}", page.text());
    let page = ada.get(&link).ok(200);
    assert!(page.text().contains("Act for Università di Valdora?"), "{}", page.text());
    ada.get("/staff/requests").ok(404);
    ada.post(&link, &page, &[("do", "accept")]).ok(303);
    ada.get("/staff/requests").ok(200);
    ada.get(&link).ok(410);
    assert_eq!(desk.send("GET", "staff", b"").ok(200).json(), json!({ "staff": [ADA], "asked": [] }));
    assert_eq!(ada.get("/account/export").ok(200).json()["acts_for"], json!([desk.did]));
    // Whoever acts already is not asked again.
    desk.send("PUT", &format!("staff/{ADA}"), b"").ok(200);
    assert_eq!(desk.send("GET", "staff", b"").ok(200).json()["asked"], json!([]));
    let settings = ada.get("/account/settings").ok(200).text();
    let leave = settings.split("href=\"/account/acting/").nth(1).unwrap().split('"').next().unwrap();
    let leave = format!("/account/acting/{leave}");
    let page = ada.get(&leave).ok(200);
    bob.get(&leave).ok(404);
    ada.get("/staff/requests").ok(200);
    ada.post(&leave, &page, &[]).ok(303);
    ada.get("/staff/requests").ok(404);
    assert_eq!(desk.send("GET", "staff", b"").ok(200).json()["staff"], json!([]));
    // One who declines is asked no more by that link, and need not sign in for it.
    desk.send("PUT", "staff/bob@posta.example", b"").ok(200);
    let link = server.mail("bob@posta.example", SUBJECT).link("/acting/");
    let mut browser = server.browser();
    let page = browser.get(&link).ok(200);
    assert!(browser.post(&link, &page, &[("do", "decline")]).ok(200).text().contains("Declined"));
    bob.get(&link).ok(410);
    assert_eq!(desk.send("GET", "staff", b"").ok(200).json()["asked"], json!([]));
    appoint(&server, &desk, &mut ada, ADA);
    ada.get("/staff/requests").ok(200);
}

#[test]
fn a_desk_says_in_the_shell_who_acts_and_whoever_has_no_account_registers_for_it() {
    let server = Running::start(&[]);
    let desk = Shell::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    assert_eq!(desk.command(&["staff"]).run().ending(2).problem(), "no_server");
    desk.command(&["publish", "--server", &server.url]).run().ending(0);
    assert_eq!(desk.command(&["staff", "list"]).run().ending(0).rows(), Vec::<serde_json::Value>::new());
    let asked = satchel(["--lang", "it", "desk", "--json", "--desk"]).arg(desk.folder.at("desk")).args([
        "staff",
        "add",
        "n+1@posta.example",
    ]);
    let row = asked.env("SATCHEL_PASSPHRASE", PASSPHRASE).run().ending(0).row();
    assert_eq!(row, json!({ "email": "n+1@posta.example", "state": "asked" }));
    assert_eq!(desk.command(&["staff"]).run().ending(0).rows(), [row]);
    // Of whom nobody knows a language, in that of whoever asks.
    let link = server.mail("n+1@posta.example", "ti chiede di operare").link("/acting/");
    let mut browser = server.browser();
    let page = browser.get(&link).ok(200).text();
    let secret = secret(&link);
    assert!(page.contains(&format!("/register?invitation={secret}")) && page.contains("second step"), "{page}");
    // The link lets that address register, and no other.
    let form = browser.get(&format!("/register?invitation={secret}")).ok(200);
    assert!(form.text().contains("n+1@posta.example") && form.text().contains("act for whoever asked you"), "{}", form.text());
    let other = browser.post("/register", &form, &registration(&secret, NOBODY)).ok(422).text();
    assert!(other.contains("email-error") && other.contains("register with that address"), "{other}");
    let (mut browser, page) = register(&server, &secret, "n+1@posta.example");
    assert!(page.text().contains("Act for Università di Valdora?"), "{}", page.text());
    let action = page.text().split("action=\"/acting/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let accepted = browser.post(&format!("/acting/{action}"), &page, &[("do", "accept")]).ok(303);
    assert_eq!(accepted.location(), "/staff");
    let acts = [json!({ "email": "n+1@posta.example", "state": "acts" })];
    assert_eq!(desk.command(&["staff"]).run().ending(0).rows(), acts);
    desk.command(&["staff", "remove", "n+1@posta.example"]).run().ending(0);
    assert_eq!(desk.command(&["staff", "remove", "n+1@posta.example"]).run().ending(1).problem(), "unknown_staff");
    assert_eq!(desk.command(&["staff"]).run().ending(0).rows(), Vec::<serde_json::Value>::new());
    // The link was used, and lets nobody register any more.
    assert!(browser.get(&link).ok(410).text().contains("holds no more"));
    assert!(server.browser().get(&format!("/register?invitation={secret}")).ok(200).text().contains("needs an invitation"));
}
