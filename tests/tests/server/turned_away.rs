//! Every way in which signing in through an institution fails (R19): the page says what happened, what to do, whom to write to and what to quote;
//! the log has the reason under what is quoted; and neither half an account nor a session is left.

use std::cell::RefCell;

use satchel_tests::http::{Answer, Browser};
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::institution::{BORN, HELPDESK, add, born, change, come, is_in, join, leave, newcomer, person, rows, server_for};
use crate::lies::{Liar, signed, with};
use crate::scene::{PASSWORD, member};

/// What must be as it was.
const TABLES: [&str; 8] = ["account", "identity", "address", "session", "session_login", "merge", "registration", "factor"];

fn counts(server: &Running) -> Vec<i64> {
    TABLES.iter().map(|table| rows(server, table)).collect()
}

/// What is quoted to those who help.
fn quoted(page: &str) -> &str {
    page.split_once("write to badges@valdora.example and quote ")
        .unwrap_or_else(|| panic!("nothing to quote: {page}"))
        .1
        .split_once('.')
        .unwrap()
        .0
}

/// The reason that the log has for what is quoted.
fn reason(server: &Running, quoted: &str) -> Option<String> {
    // The log may come after the answer.
    let tries = (0..400).map(|_| {
        let found = reason_in(&server.said(), quoted);
        if found.is_none() {
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        found
    });
    tries.flatten().next()
}

fn reason_in(log: &str, quoted: &str) -> Option<String> {
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = lines.find(|line| {
        let ends = |value: &Value| value.as_str().is_some_and(|id| id.ends_with(quoted));
        line.to_string().contains("sign-in through a provider failed") && (ends(&line["fields"]["id"]) || ends(&line["id"]))
    })?;
    let text = found.to_string();
    Some(text.split_once("\"reason\":\"")?.1.split_once('"')?.0.to_owned())
}

/// One way to fail: what it is called, what is done, the status of the page, words on it, the reason in the log, and whether those of the institution are
/// to be asked: it is known, and they can do something.
struct Way<'a> {
    name: &'a str,
    done: Box<dyn Fn(&mut Browser) -> Answer + 'a>,
    status: u16,
    words: &'a str,
    reason: &'a str,
    asks_institution: bool,
}

fn way<'a>(name: &'a str, status: u16, words: &'a str, reason: &'a str, done: impl Fn(&mut Browser) -> Answer + 'a) -> Way<'a> {
    Way { name, done: Box::new(done), status, words, reason, asks_institution: true }
}

fn of_nobody(way: Way<'_>) -> Way<'_> {
    Way { asks_institution: false, ..way }
}

#[test]
fn every_sign_in_that_fails_says_what_happened_whom_to_write_to_and_leaves_nothing() {
    let (uni, gone, liar) = (Provider::start(), Provider::start(), Liar::start());
    let server = server_for(&[uni.host(), gone.host(), &liar.server.host()]);
    join(&server, &uni, "uni", &[]);
    add(&server, "gone", &gone.url, &["--domain", "gone.example", "--untested"]);
    add(&server, "liar", &liar.url(), &["--domain", "liar.example"]);
    drop(gone);
    let people = [
        ("bare", json!({ "given_name": "Bea", "email_verified": true })),
        ("blocked", person("Bob", "Blocked", "blocked@uni.example")),
        ("held", person("Eva", "Held", "held@uni.example")),
        ("young", person("Yuri", "Young", "young@uni.example")),
        ("guesses", person("Gus", "Guess", "guesses@uni.example")),
        ("new", person("Nora", "New", "new@uni.example")),
        ("mailed", json!({ "given_name": "Mia", "family_name": "Mail", "email": "mia@posta.example", "email_verified": true })),
    ];
    for (subject, claims) in people {
        uni.person(subject, claims);
    }
    newcomer(&server, &uni, "blocked");
    server.admin(&["user", "block", "blocked@uni.example"]).ending(0);
    member(&server, "held@uni.example");
    server.admin(&["user", "block", "held@uni.example"]).ending(0);
    let before = counts(&server);
    // A link of a mail, and the browser that asked for it.
    let asker = RefCell::new(server.browser());
    come(&mut asker.borrow_mut(), &uni, "uni", "mailed").ok(303);
    let page = born(&mut asker.borrow_mut(), BORN).ok(200);
    asker.borrow_mut().post("/sign-in/mail", &page, &[]).ok(200);
    let link = server.mail("mia@posta.example", "Finish signing in").link("/sign-in/prove/");

    let back = |browser: &mut Browser, subject: &str| {
        let url = leave(browser, "uni", "/account");
        uni.sign_in(&url, subject)
    };
    let answered = |browser: &mut Browser, query: &str| {
        let url = leave(browser, "liar", "/account");
        let state = url.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned();
        browser.get(&format!("/sign-in/return/liar?{query}&state={state}"))
    };
    let lied = |name: &'static str, value: Value| {
        let liar = &liar;
        move |browser: &mut Browser| liar.come_as("liar", browser, |claims| signed(&with(claims, name, &value)))
    };
    let ways = [
        way("cancelled there", 200, "was not finished", "cancelled", |browser| come(browser, &uni, "uni", "nobody")),
        way("an error there", 502, "does not answer", "down", |browser| answered(browser, "error=server_error")),
        way("an error without sense", 400, "could not be confirmed", "not_believed", |browser| answered(browser, "error=x")),
        way("away before leaving", 502, "does not answer", "down", |browser| {
            let form = browser.get("/sign-in").ok(200);
            browser.post("/sign-in/with", &form, &[("provider", "gone")])
        }),
        way("a code that is none", 400, "could not be confirmed", "not_believed", |browser| {
            let back = back(browser, "new").replace("code=", "code=x");
            browser.get(&back)
        }),
        way("no code", 400, "could not be confirmed", "not_believed", |browser| answered(browser, "x=y")),
        way("another issuer's answer", 400, "could not be confirmed", "not_believed", |browser| {
            answered(browser, "code=x&iss=https%3A%2F%2Fevil.example")
        }),
        way("another nonce", 400, "could not be confirmed", "not_believed", lied("nonce", json!("of another sign-in"))),
        way("another audience", 400, "could not be confirmed", "not_believed", lied("aud", json!("another-client"))),
        way("expired", 400, "could not be confirmed", "not_believed", lied("exp", json!(1))),
        way("a claim too few", 403, "Missing: email", "lacking", |browser| come(browser, &uni, "uni", "bare")),
        way("an address that is none", 403, "Missing: email", "lacking", lied("email", json!("no address"))),
        way("in another browser", 400, "not begun in this browser", "strayed", |browser| {
            let back = back(&mut server.browser(), "new");
            browser.get(&back)
        }),
        way("twice", 400, "not begun in this browser", "strayed", |browser| {
            let back = back(browser, "nobody");
            browser.get(&back);
            browser.get(&back)
        }),
        way("too late", 400, "not begun in this browser", "strayed", |browser| {
            let back = back(browser, "new");
            change(&server, "UPDATE departure SET expires = 0");
            browser.get(&back)
        }),
        way("at another's place", 400, "not begun in this browser", "strayed", |browser| {
            let back = back(browser, "new").replace("/return/uni", "/return/liar");
            browser.get(&back)
        }),
        of_nobody(way("at nobody's place", 400, "not begun in this browser", "strayed", |browser| {
            let back = back(browser, "new").replace("/return/uni", "/return/nobody");
            browser.get(&back)
        })),
        of_nobody(way("nobody came", 400, "not begun in this browser", "strayed", |browser| browser.get("/sign-in/finish"))),
        of_nobody(way("gone while the date is asked", 400, "not begun in this browser", "strayed", |browser| {
            come(browser, &uni, "uni", "new").ok(303);
            let form = browser.get("/sign-in/finish").ok(200);
            change(&server, "UPDATE arrival SET expires = 0 WHERE subject = 'new'");
            browser.post("/sign-in/finish", &form, &[("birth-day", "1"), ("birth-month", "1"), ("birth-year", "1990")])
        })),
        way("blocked", 403, "blocked", "closed", |browser| come(browser, &uni, "uni", "blocked")),
        way("whose address a blocked account has", 403, "blocked", "closed", |browser| {
            come(browser, &uni, "uni", "held").ok(303);
            born(browser, BORN)
        }),
        of_nobody(way("too young", 403, "No other date is taken for this login today", "too_young", |browser| {
            come(browser, &uni, "uni", "young").ok(303);
            born(browser, ("1", "1", "2020"))
        })),
        of_nobody(way("too young, again", 403, "tomorrow", "refused_today", |browser| {
            come(browser, &uni, "uni", "young").ok(303);
            born(browser, BORN)
        })),
        way("a link in another browser", 403, "other browser", "other_browser", |browser| browser.get(&link)),
        way("a link pressed in another browser", 403, "other browser", "other_browser", |browser| {
            let form = browser.get("/sign-in").ok(200);
            browser.post(&link, &form, &[])
        }),
        of_nobody(way("a link that is too old", 410, "was used, or is too old", "link_over", |_| {
            change(&server, "UPDATE ticket SET expires = 0 WHERE kind = 'prove'");
            asker.borrow_mut().get(&link)
        })),
    ];
    for it in &ways {
        let mut browser = server.browser();
        let page = (it.done)(&mut browser);
        let text = page.text();
        assert_eq!(page.status, it.status, "{}: {text}", it.name);
        assert!(text.contains(it.words), "{}: {text}", it.name);
        assert!(text.contains("write to badges@valdora.example"), "{}: {text}", it.name);
        assert_eq!(text.contains(HELPDESK), it.asks_institution, "{}: {text}", it.name);
        assert!(text.contains("href=\"/sign-in\""), "{} leads on: {text}", it.name);
        assert_eq!(reason(&server, quoted(&text)).as_deref(), Some(it.reason), "{}", it.name);
        assert!(!is_in(&mut browser), "{}: somebody is signed in", it.name);
        assert_eq!(counts(&server), before, "{}: {TABLES:?}", it.name);
        let waits = rows(&server, "arrival WHERE expires > 0");
        assert_eq!(waits, 1, "{}: but for whoever waits for the mail, nobody has arrived", it.name);
    }
    // What is typed wrongly is asked again, and what is tried too often is told.
    let mut browser = server.browser();
    come(&mut browser, &uni, "uni", "guesses").ok(303);
    for date in
        [("29", "2", "2001"), ("31", "4", "1999"), ("0", "1", "1999"), ("1", "1", "1850"), ("1", "1", "2999"), ("", "", "")]
    {
        let page = born(&mut browser, date).ok(422).text();
        assert!(page.contains("There is a problem") && page.contains("and quote "), "{date:?}: {page}");
        assert_eq!(counts(&server), before);
    }
    let log = server.said();
    for secret in ["blocked@uni.example", "mia@posta.example", "Nora", PASSWORD, "2020-01-01"] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}
