//! The pages of those who run the server: rules, institutions, users. Nobody else sees that they are there, and what is done is in the record.

use satchel_tests::http::Browser;
use satchel_tests::running::Running;
use serde_json::Value;

use crate::factors::with_second_step;
use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, PASSWORD, appoint, member, server_with, sign_in};

const ADA: &str = "ada@posta.example";
const PAGES: [&str; 4] = ["/staff/rules", "/staff/providers", "/staff/users", "/staff/notices/server/terms"];

/// The path of somebody's page for operators.
fn found(staff: &mut Browser, words: &str) -> Vec<String> {
    let page = staff.get(&format!("/staff/users?q={}", satchel_tests::http::encode(words))).ok(200).text();
    page.split("href=\"/staff/users/").skip(1).map(|rest| format!("/staff/users/{}", rest.split('"').next().unwrap())).collect()
}

fn acts(server: &Running) -> Vec<Value> {
    server.admin(&["log", "export"]).ending(0).rows()
}

#[test]
fn an_operator_finds_somebody_ends_their_sessions_and_blocks_and_unblocks_them() {
    let server = server_with(NO_FACTOR, &[]);
    let mut staff = operator(&server);
    let mut ada = member(&server, ADA);
    member(&server, "100%_sure@posta.example");
    assert_eq!(found(&mut staff, "a").len(), 0, "one letter is not enough");
    assert_eq!(found(&mut staff, "nobody at all").len(), 0);
    assert_eq!(found(&mut staff, "MARCHETTI").len(), 3, "by a name");
    assert_eq!(found(&mut staff, "%_").len(), 1, "what stands for others in SQL stands for itself");
    let all = found(&mut staff, "Ada@Posta");
    assert_eq!(all.len(), 1, "by an address");
    let page = staff.get(&all[0]).ok(200);
    let text = page.text();
    assert!(text.contains(ADA) && text.contains("In use") && !text.contains("March 1999"), "no date of birth: {text}");
    staff.post(&all[0], &page, &[("do", "end")]).ok(303);
    ada.get("/account").ok(303);
    let (mut ada, answer) = sign_in(&server, ADA, PASSWORD);
    answer.ok(303);
    staff.post(&all[0], &page, &[("do", "block")]).ok(303);
    ada.get("/account").ok(303);
    sign_in(&server, ADA, PASSWORD).1.ok(403);
    // Somebody else who still has the page of before is told.
    staff.post(&all[0], &page, &[("do", "block")]).ok(409);
    let blocked = staff.get(&all[0]).ok(200).text();
    assert!(blocked.contains("Blocked") && !blocked.contains("signs in again"), "{blocked}");
    staff.post(&all[0], &page, &[("do", "unblock")]).ok(303);
    staff.post(&all[0], &page, &[("do", "nonsense")]).ok(400);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
    // Not oneself: somebody must be left.
    let own = found(&mut staff, "operator@valdora");
    staff.post(&own[0], &page, &[("do", "block")]).ok(403);
    staff.get("/account").ok(200);
    let all: Vec<Value> = acts(&server);
    let did: Vec<&str> = all.iter().filter(|it| it["book"] == "server").map(|it| it["did"].as_str().unwrap()).collect();
    for act in ["users_read", "user_read", "sessions_ended", "user_blocked", "user_unblocked"] {
        assert!(did.contains(&act), "{act}: {did:?}");
    }
    let text = all.iter().map(Value::to_string).collect::<String>();
    assert!(!text.contains("posta") && !text.to_lowercase().contains("marchetti"), "what was sought is not kept: {text}");
}

#[test]
fn nobody_else_sees_the_pages_of_operators_and_they_need_a_second_step() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut nobody = member(&server, ADA);
    let mut of_issuer = member(&server, "one@valdora.example");
    with_second_step(&mut of_issuer);
    appoint(&server, &desk, &mut of_issuer, "one@valdora.example");
    let any = found_id(&server);
    for path in PAGES {
        nobody.get(path).ok(404);
        of_issuer.get(path).ok(404);
        assert!(server.browser().get(path).ok(303).location().starts_with("/sign-in"));
    }
    let path = format!("/staff/users/{any}");
    for browser in [&mut nobody, &mut of_issuer] {
        browser.get(&path).ok(404);
        let page = browser.get("/account/settings").ok(200);
        browser.post(&path, &page, &[("do", "block")]).ok(404);
        browser.post("/staff/providers/x", &page, &[("support", "a@b.example")]).ok(404);
    }
    of_issuer.get("/staff/requests").ok(200);
    // Somebody who becomes an operator and has no second step gets in nowhere before one is set up.
    server.admin(&["staff", "add", ADA]).ending(0);
    let (mut ada, answer) = sign_in(&server, ADA, PASSWORD);
    assert!(answer.ok(303).location().starts_with("/sign-in/second"));
    for path in PAGES {
        ada.get(path).ok(303);
    }
}

/// The id of any account.
fn found_id(server: &Running) -> String {
    let mut ada = sign_in(server, ADA, PASSWORD).0;
    ada.get("/account/export").ok(200).json()["account"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn rules_and_addresses_are_shown_with_how_they_are_changed_and_an_institution_has_an_address() {
    let settings =
        format!("support = 'help@valdora.example'\nprovider_support = 'idp@valdora.example'\n{NO_FACTOR}minimum_age = 17\n");
    let folder = satchel_tests::shell::Folder::new();
    let config = folder.file("satchel.toml", &settings).to_str().unwrap().to_owned();
    folder.file("secret", "s3cret");
    let server = Running::start_in(folder, &["--config", &config]);
    let mut staff = operator(&server);
    let rules = staff.get("/staff/rules").ok(200).text();
    assert!(rules.contains("minimum_age") && rules.contains("<dd>17</dd>") && rules.contains("satchel admin policy"), "{rules}");
    server.admin(&["policy", "set", "minimum_age", "18", "--config", &config]).ending(0);
    let waits = staff.get("/staff/rules").ok(200).text();
    assert!(waits.contains("17<br><span class=\"soft\">18 from the next start"), "{waits}");
    assert_eq!(waits.matches("from the next start<").count(), 1, "{waits}");
    assert!(rules.contains("help@valdora.example") && rules.contains("idp@valdora.example"));
    // Those who run an institution's login find their own address where they look for it.
    for path in ["/help", "/sign-in/providers"] {
        assert!(server.browser().get(path).ok(200).text().contains("mailto:idp@valdora.example"), "{path}");
    }
    let metadata = server.browser().get("/sign-in/metadata").ok(200).json();
    assert_eq!(metadata["contacts"][0], "idp@valdora.example");
    assert!(staff.get("/staff/providers").ok(200).text().contains("satchel admin federation add"));
    crate::institution::add(&server, "uni", "https://idp.valdora.example", &["--untested"]);
    let page = staff.get("/staff/providers").ok(200);
    assert!(page.text().contains("https://idp.valdora.example"), "{}", page.text());
    let wrong = staff.post("/staff/providers/uni", &page, &[("support", "<nobody>")]).ok(422).text();
    assert!(wrong.contains("&#60;nobody&#62;") && wrong.contains("aria-invalid"), "{wrong}");
    staff.post("/staff/providers/uni", &page, &[("support", "uni@valdora.example")]).ok(303);
    assert!(staff.get("/staff/providers").ok(200).text().contains("uni@valdora.example"));
    staff.post("/staff/providers/none", &page, &[("support", "uni@valdora.example")]).ok(404);
    assert!(acts(&server).iter().any(|it| it["did"] == "institution_set" && it["about"] == "uni"));
}

#[test]
fn an_operator_finds_an_institution_among_many() {
    let server = server_with(NO_FACTOR, &[]);
    server.folder.file("satchel.toml", NO_FACTOR);
    server.folder.file("secret", "s3cret");
    let mut staff = operator(&server);
    assert!(!staff.get("/staff/providers").ok(200).text().contains("name=\"q\""), "there is nothing to search");
    crate::institution::add(&server, "uni", "https://login.uni.example", &["--untested"]);
    crate::institution::change(
        &server,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
         INSERT INTO provider (id, name, issuer, client, subject, scopes, claims, domains, declared, roles, created)
         SELECT 'school-' || i, 'Università school-' || i, 'https://login' || i || '.example', 'satchel', 'sub', 'email', '{}',
             'school' || i || '.example', 0, '{\"office\": \"operator\"}', 0 FROM n",
    );
    let shown = |staff: &mut Browser, words: &str| {
        let page = staff.get(&format!("/staff/providers?q={}", satchel_tests::http::encode(words))).ok(200).text();
        let ids = page.split("action=\"/staff/providers/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        (ids.collect::<Vec<_>>(), page)
    };
    let (all, page) = shown(&mut staff, "");
    assert!(all.len() == 50 && page.contains("There are more"), "{}", all.len());
    for words in ["SCHOOL-59", "login59.example", "school59.example", " università school-59 "] {
        let (found, page) = shown(&mut staff, words);
        assert_eq!(found, ["school-59"], "{words}");
        assert!(!page.contains("There are more"));
    }
    let (found, page) = shown(&mut staff, "<nobody>");
    assert!(found.is_empty() && page.contains("Nothing is found") && page.contains("value=\"&#60;nobody&#62;\""), "{page}");
    // How long a role of a group holds, in hours.
    assert!(shown(&mut staff, "school-59").1.contains("office: operator, each until 12 hours after the last sign-in"));
}
