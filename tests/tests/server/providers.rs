//! What an operator says of an institution: when it ends, how people are told apart, what is taken off again; and that it is asked before anybody
//! is sent there.

use satchel_tests::provider::Provider;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::institution::{
    BORN, add, born, come, fails, federation, is_in, join, leave, newcomer, person, server_for, with_institution,
};
use crate::scene::{PASSWORD, member, sign_in};

const ALICE: &str = "alice@uni.example";

/// What `list` says of the institution.
fn said(server: &Running) -> Value {
    federation(server, &["list", "--json"]).ending(0).row()
}

#[test]
fn an_institution_that_has_ended_signs_in_nobody() {
    let (server, uni) = with_institution(&["--claim", "ends=until"]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    newcomer(&server, &uni, "alice");
    let mut on_the_way = server.browser();
    let url = leave(&mut on_the_way, "uni", "/account");
    let back = uni.sign_in(&url, "alice");
    let mut browser = server.browser();
    let form = browser.get("/sign-in").ok(200);
    assert!(form.text().contains("Università uni"));
    assert!(federation(&server, &["add", "uni", "--ends", "soon"]).ending(2).err.contains("2027-01-31"));
    federation(&server, &["add", "uni", "--ends", "2026-01-10"]).ending(0);
    assert_eq!(said(&server)["ends"], "2026-01-10T00:00:00Z");
    assert!(federation(&server, &["list"]).ending(0).out.contains("(1 people, ended)"));
    assert!(federation(&server, &["test", "uni"]).ending(1).out.contains("has ended"));
    assert!(!server.browser().get("/sign-in").ok(200).text().contains("Università uni"));
    let page = browser.post("/sign-in/with", &form, &[("provider", "uni")]);
    fails(&mut browser, &page, 410, "Signing in through Università uni has ended");
    let page = on_the_way.get(&back);
    fails(&mut on_the_way, &page, 410, "has ended");
    federation(&server, &["add", "uni", "--without", "ends"]).ending(0);
    assert_eq!(said(&server)["ends"], Value::Null);
    assert_eq!(come(&mut browser, &uni, "uni", "alice").ok(303).location(), "/account");
    // And of one person alone, by the institution's own word.
    let mut gone = person("Alice", "Rossi", ALICE);
    gone["until"] = json!("2026-01-10");
    uni.person("alice", gone);
    let mut browser = server.browser();
    let page = come(&mut browser, &uni, "uni", "alice");
    fails(&mut browser, &page, 410, "has ended");
}

#[test]
fn a_way_in_that_has_ended_is_not_the_one_that_stays() {
    let (uni, school) = (Provider::start(), Provider::start());
    let server = server_for(&[uni.host(), school.host()]);
    join(&server, &uni, "uni", &[]);
    join(&server, &school, "school", &["--without", "domain"]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    school.person("alice", person("Alice", "Rossi", "alice@posta.example"));
    let mut browser = newcomer(&server, &uni, "alice");
    crate::institution::come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    crate::institution::add_login(&mut browser, &school, "school", "alice").ok(303);
    // By the word of whoever runs this server, or by the school's own of one person.
    crate::institution::change(&server, "UPDATE identity SET ends = 0 WHERE provider = 'school'");
    let page = browser.get("/account/logins").ok(200).text();
    let first = format!("/account/logins/{}", page.split("href=\"/account/logins/").nth(1).unwrap().split('"').next().unwrap());
    let form = browser.get(&first).ok(200);
    browser.post(&first, &form, &[]).ok(409);
    crate::institution::change(&server, "UPDATE identity SET ends = NULL WHERE provider = 'school'");
    federation(&server, &["add", "school", "--ends", "2026-01-10"]).ending(0);
    let page = browser.get("/account/logins").ok(200).text();
    for (number, status) in [(0, 409), (1, 303)] {
        let path = page.split("href=\"/account/logins/").nth(1 + number).unwrap().split('"').next().unwrap();
        let path = format!("/account/logins/{path}");
        let form = browser.get(&path).ok(200);
        browser.post(&path, &form, &[]).ok(status);
    }
    assert_eq!(come(&mut server.browser(), &uni, "uni", "alice").ok(303).location(), "/account");
}

#[test]
fn people_are_told_apart_by_another_claim_with_a_table_alone() {
    let (server, uni) = with_institution(&[]);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let mut browser = newcomer(&server, &uni, "alice");
    for (words, why) in [
        (vec!["add", "uni", "--subject", "email"], "federation move"),
        (vec!["move", "uni", "--subject", "pairwise-id", "--dry-run"], "--table"),
        (vec!["move", "uni", "--subject", "pairwise-id"], "--table"),
        (vec!["move", "uni"], "nothing is to be moved"),
    ] {
        let run = federation(&server, &words).ending(1);
        assert!(run.err.contains(why), "{words:?}: {}", run.err);
    }
    assert_eq!(said(&server)["subject"], "sub");
    let table = server.folder.at("table.csv");
    let moved = |rows: &str, status: i32| {
        std::fs::write(&table, format!("old,new\n{rows}")).unwrap();
        federation(&server, &["move", "uni", "--table", table.to_str().unwrap(), "--json"]).ending(status).rows()
    };
    // Whoever is called as before stays signed in.
    assert_eq!(moved("alice,alice\n", 0)[0]["result"], "same");
    assert!(is_in(&mut browser));
    let refused = moved("alice,\n", 1);
    assert_eq!((&refused[0]["result"], refused[0]["reason"].as_str().unwrap().contains("empty")), (&json!("refused"), true));
    let refused = moved("alice,one\nalice,one\n", 1);
    assert!(refused[1]["reason"].as_str().unwrap().contains("twice"), "{refused:?}");
    // Nobody is in it: then it may be said anew.
    add(&server, "empty", "https://login.empty.example", &["--untested"]);
    federation(&server, &["add", "empty", "--subject", "pairwise-id"]).ending(0);
}

#[test]
fn what_is_said_of_an_institution_is_taken_off_again() {
    let (server, uni) = with_institution(&["--role", "badge-office=operator", "--addresses-verified", "--claim", "ends=until"]);
    let mut office = person("Alice", "Rossi", ALICE);
    office["groups"] = json!(["badge-office"]);
    uni.person("alice", office);
    let mut browser = newcomer(&server, &uni, "alice");
    let staff = || server.admin(&["staff", "list"]).ending(0).out;
    assert!(staff().contains(ALICE));
    // Another role takes the place of the one before, and what groups gave is taken back at once.
    federation(&server, &["add", "uni", "--role", "staffx=operator"]).ending(0);
    assert_eq!(said(&server)["roles"], json!({ "staffx": "operator" }));
    assert!(!staff().contains(ALICE) && !is_in(&mut browser), "the role ends, and the sessions with it");
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(!staff().contains(ALICE));
    federation(&server, &["add", "uni", "--role", "badge-office=operator"]).ending(0);
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(staff().contains(ALICE), "whoever is still in the group has it again");
    let before = said(&server);
    assert_eq!((&before["addresses_verified"], &before["claims"]), (&json!(true), &json!({ "ends": "until" })));
    let off = ["secret-file", "claim", "domain", "addresses-verified", "logo", "support", "role", "ends"];
    let words: Vec<&str> = off.iter().flat_map(|it| ["--without", it]).collect();
    federation(&server, &[&["add", "uni"], &words[..]].concat()).ending(0);
    let after = said(&server);
    let none = (&json!({}), &json!([]), &json!(false), &Value::Null, &json!({}));
    assert_eq!((&after["claims"], &after["domains"], &after["addresses_verified"], &after["support"], &after["roles"]), none);
    assert!(!staff().contains(ALICE));
    assert!(federation(&server, &["test", "uni"]).out.contains("no client secret"));
    assert!(federation(&server, &["add", "uni", "--without", "king"]).ending(2).err.contains("addresses-verified"));
    // A role goes with the institution, too.
    add(&server, "uni", &uni.url, &["--role", "badge-office=operator"]);
    come(&mut server.browser(), &uni, "uni", "alice").ok(303);
    assert!(staff().contains(ALICE));
    assert!(federation(&server, &["remove", "uni", "--force"]).ending(0).out.contains("uni is removed."));
    assert!(!staff().contains(ALICE));
    assert!(federation(&server, &["list"]).ending(0).out.contains("No institution yet"));
}

#[test]
fn an_institution_is_asked_before_anybody_is_sent_there() {
    let uni = Provider::start();
    let server = server_for(&[uni.host()]);
    let metadata = server.browser().get("/sign-in/metadata?provider=uni").ok(200).json();
    uni.register(&metadata, false);
    let wrong = server.folder.file("wrong", "another secret").to_str().unwrap().to_owned();
    let right = server.folder.at("secret").to_str().unwrap().to_owned();
    let with = |client: &str, secret: &str, more: &[&str]| {
        let base = ["add", "uni", "--name", "Uni", "--issuer", &uni.url, "--client-id", client, "--secret-file", secret];
        federation(&server, &[&base[..], more].concat())
    };
    for (client, secret, why) in [
        ("satchel", "/nowhere/secret", "the client secret cannot be read: /nowhere/secret"),
        ("satchel", &wrong, "it does not take the client satchel with this secret: invalid_client"),
        ("nobody", &right, "does not take the client nobody"),
    ] {
        let run = with(client, secret, &[]).ending(1);
        assert!(run.err.contains(why) && run.err.contains("--untested"), "{client} {secret}: {}", run.err);
        assert!(!server.browser().get("/sign-in").ok(200).text().contains("/sign-in/with"), "it is shown to nobody");
    }
    with("satchel", &wrong, &["--untested"]).ending(0);
    let looked = federation(&server, &["test", "uni"]).ending(1).out;
    assert!(looked.contains("✗ it does not take the client satchel"), "{looked}");
    let looked = federation(&server, &["test", "uni", "--lang", "it"]).ending(1).out;
    assert!(looked.contains("✗ non accetta il client satchel") && looked.contains("la discovery risponde"), "{looked}");
    let config = server.folder.at("satchel.toml").to_str().unwrap().to_owned();
    let doctor = || server.admin(&["doctor", "--config", &config]).said();
    assert!(doctor().contains("Uni: it does not take the client"), "{}", doctor());
    // Nobody blames the institution, or their own connection.
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let mut browser = server.browser();
    let page = come(&mut browser, &uni, "uni", "alice").ok(503).text();
    assert!(page.contains("not set up for Uni as it must be") && page.contains("write to badges@valdora.example"), "{page}");
    server.line("invalid_client");
    // With the right one all is well; a change has what came before forgotten.
    federation(&server, &["add", "uni", "--secret-file", &right, "--domain", "uni.example"]).ending(0);
    newcomer(&server, &uni, "alice");
    assert!(federation(&server, &["test", "uni"]).ending(0).out.contains("all claims came"));
    assert!(!doctor().contains("Uni:"), "{}", doctor());
    federation(&server, &["add", "uni", "--support", "help@uni.example"]).ending(0);
    assert!(federation(&server, &["test", "uni"]).ending(0).out.contains("all claims came"));
    federation(&server, &["add", "uni", "--claim", "email=mail"]).ending(0);
    let looked = federation(&server, &["test", "uni"]).ending(0).out;
    assert!(looked.contains("since it was added or changed") && !looked.contains("all claims came"), "{looked}");
    drop(uni);
    let looked = federation(&server, &["test", "uni"]).ending(1).out;
    assert!(looked.contains("it does not answer as it must: ") && !looked.contains("Down("), "{looked}");
    assert!(doctor().contains("Uni: it does not answer"), "{}", doctor());
}

#[test]
fn one_name_is_enough() {
    let (server, uni) = with_institution(&[]);
    uni.person("given", json!({ "given_name": "Suharto", "email": "suharto@uni.example", "email_verified": true }));
    uni.person("whole", json!({ "name": "Ada Lovelace", "email": "ada@uni.example", "email_verified": true }));
    uni.person("unseen", json!({ "given_name": "\u{2800}\u{3164}", "email": "eve@uni.example", "email_verified": true }));
    let mut browser = newcomer(&server, &uni, "given");
    assert!(browser.get("/account/settings").ok(200).text().contains("<bdi>Suharto</bdi>"));
    let mut browser = newcomer(&server, &uni, "whole");
    assert!(browser.get("/account/settings").ok(200).text().contains("<bdi>Ada Lovelace</bdi>"));
    let mut browser = server.browser();
    let page = come(&mut browser, &uni, "uni", "unseen");
    fails(&mut browser, &page, 403, "Missing: given_name, family_name");
    server.line("given_name, family_name");
}

#[test]
fn the_same_birth_date_again_is_no_guess() {
    let (server, uni) = with_institution(&[]);
    member(&server, ALICE);
    uni.person("alice", person("Alice", "Rossi", ALICE));
    let again = |date: (&str, &str, &str)| {
        let mut browser = server.browser();
        come(&mut browser, &uni, "uni", "alice").ok(303);
        born(&mut browser, date)
    };
    for _ in 0..8 {
        assert!(again(("1", "1", "1990")).ok(200).text().contains("There is an account"));
    }
    for year in ["1991", "1992", "1993", "1994"] {
        again(("1", "1", year)).ok(200);
    }
    let page = again(("1", "1", "1995")).ok(429).text();
    assert!(
        page.contains("Several different dates of birth") && page.contains("tomorrow") && !page.contains("minutes"),
        "{page}"
    );
    assert!(page.contains("write to badges@valdora.example"), "{page}");
    again(BORN).ok(429);
    assert_eq!(sign_in(&server, ALICE, PASSWORD).1.status, 303);
}
