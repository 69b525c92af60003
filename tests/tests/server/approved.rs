//! From a badge that nobody was awarded yet to its first award: listed by a desk in a shell, asked for, approved by staff in a browser, and signed
//! for in the shell by whoever names the request.

use satchel_tests::desk::{Desk, PASSPHRASE};
use satchel_tests::http::{Answer, Browser};
use satchel_tests::running::Running;
use satchel_tests::shell::{Run, satchel};
use serde_json::{Value, json};

use crate::institution::change;
use crate::news::operator;
use crate::scene::{NO_FACTOR, register, secret, server_with};

const ELENA: &str = "elena@posta.example";
const BOB: &str = "bob@posta.example";
const BADGE: &str = "paesaggio";

/// A desk that nobody was awarded anything by, whose badge is in the catalogue with a form that everybody may fill in; and staff.
fn scene() -> (Running, Desk, Browser) {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge(BADGE);
    desk.command(&["listing", BADGE, "published", "--server", &server.url]).run().ending(0);
    let mut staff = operator(&server);
    let page = staff.get("/staff/forms").ok(200);
    let action = page.text().split("action=\"/staff/forms/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    staff.post(&format!("/staff/forms/{action}"), &page, &[("access", "open"), ("do", "set")]).ok(303);
    (server, desk, staff)
}

/// Asks for the badge in a language; the link that confirms the address.
fn asked(server: &Running, desk: &Desk, email: &str, given: &str, language: &str) -> String {
    let mut browser = server.browser();
    let path = format!("/badges/{}/{BADGE}/request", desk.did);
    let subject = if language == "it" { "Conferma" } else { "Confirm" };
    let before = server.mails().iter().filter(|mail| mail.to == email && mail.subject.contains(subject)).count();
    let page = browser.get(&format!("{path}?lang={language}"));
    let page = if page.status == 303 { browser.get(&path) } else { page }.ok(200);
    browser.post_files(&path, &page, &[("given", given), ("family", "Marchetti"), ("email", email)], &[]).ok(200);
    server.mails_to(email, subject, before + 1).pop().unwrap().link("/confirm/request/")
}

/// The same, and confirms it.
fn ask(server: &Running, desk: &Desk, email: &str, given: &str, language: &str) {
    let link = asked(server, desk, email, given, language);
    let mut browser = server.browser();
    let page = browser.get(&link).ok(200);
    assert!(
        page.text().contains("Il paesaggio come laboratorio") && page.text().contains("Università di Valdora"),
        "{}",
        page.text()
    );
    browser.post(&link, &page, &[]).ok(200);
}

/// Does something with the first request in a state.
fn decide(staff: &mut Browser, state: &str, fields: &[(&str, &str)]) -> Answer {
    let list = staff.get(&format!("/staff/requests?state={state}")).ok(200).text();
    let id = list.split("href=\"/staff/requests/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = staff.get(&format!("/staff/requests/{id}")).ok(200);
    staff.post(&format!("/staff/requests/{id}"), &page, &[&[("state", state)], fields].concat()).ok(303)
}

fn requests(desk: &Desk) -> Vec<Value> {
    desk.command(&["requests"]).run().ending(0).rows()
}

fn sign(desk: &Desk, id: &Value) -> Run {
    desk.command(&["requests", "sign", id.as_str().unwrap()]).run()
}

/// What a command says of requests that wait at the server.
fn told(desk: &Desk, words: &[&str]) -> Option<Value> {
    let rows = desk.command(words).run().ending(0).rows();
    rows.iter().find_map(|row| row.get("found")).map(|found| found["requests"].clone())
}

/// The awards of the desk.
fn awards(desk: &Desk) -> Vec<Value> {
    let rows = desk.command(&["status", "--offline"]).run().ending(0).rows();
    rows.into_iter().filter(|row| row.get("badge").is_some()).collect()
}

/// What the desk says in words.
fn words(desk: &Desk, language: &str, command: &[&str]) -> String {
    let shell = satchel(["--lang", language, "desk", "--desk"]).arg(desk.folder.at("desk")).args(command);
    let run = shell.env("SATCHEL_PASSPHRASE", PASSPHRASE).run().ending(0);
    format!("{}{}", run.out, run.err)
}

#[test]
fn a_badge_is_in_the_catalogue_before_anybody_was_awarded_it() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge(BADGE);
    assert_eq!(desk.command(&["listing", BADGE, "published"]).run().ending(2).problem(), "no_server");
    // A server that does not answer is not the desk's from then on.
    let nobody = "http://127.0.0.1:9";
    for command in [vec!["publish", "--server", nobody], vec!["listing", BADGE, "published", "--server", nobody]] {
        assert_eq!(desk.command(&command).run().ending(4).problem(), "no_connection");
    }
    assert_eq!(desk.command(&["publish", "--server", "badges.example.org"]).run().ending(2).problem(), "bad_option");
    let listed = desk.command(&["listing", BADGE, "published", "--server", &server.url]).run().ending(0).row();
    assert_eq!(listed["state"], "published");
    let catalogue = server.browser().get("/badges").ok(200).text();
    assert!(catalogue.contains("Il paesaggio come laboratorio") && catalogue.contains("Università di Valdora"), "{catalogue}");
    assert!(awards(&desk).is_empty());
    // It is remembered, and a desk has one.
    desk.command(&["listing", BADGE, "unlisted"]).run().ending(0);
    desk.command(&["publish"]).run().ending(0);
    assert_eq!(desk.command(&["publish", "--server", nobody]).run().ending(1).problem(), "other_server");

    let other = Desk::new();
    server.admin(&["issuer", "add", "--key", &other.did]).ending(0);
    other.command(&["publish", "--server", &server.url]).run().ending(0);
    server.browser().get(&format!("/issuers/{}/profile.json", other.did)).ok(200);
    other.badge(BADGE);
    other.award(BADGE, &other.table("email\nelena@posta.example\n"), &[]).ending(0);
    other.command(&["publish"]).run().ending(0);
    server.mail(ELENA, "paesaggio");
}

#[test]
fn an_approved_request_is_listed_and_signed_for_once_by_whoever_names_it_at_the_desk() {
    let (server, desk, mut staff) = scene();
    assert!(words(&desk, "en", &["requests"]).contains("No request awaits a signature"));
    ask(&server, &desk, ELENA, "Elena", "it");
    assert_eq!(requests(&desk), Vec::<Value>::new(), "nobody has approved it");
    assert_eq!(told(&desk, &["publish"]), None);
    decide(&mut staff, "waiting", &[("do", "approve")]);

    for command in [vec!["publish"], vec!["status"], vec!["watch", "--once"]] {
        assert_eq!(told(&desk, &command), Some(json!(1)), "{command:?}");
    }
    assert!(awards(&desk).is_empty(), "none of them signs for it");
    let all = requests(&desk);
    let it = &all[0];
    assert_eq!((all.len(), &it["state"], &it["badge"]), (1, &json!("waiting"), &json!(BADGE)));
    assert_eq!((&it["email"], &it["name"], &it["language"]), (&json!(ELENA), &json!("Elena Marchetti"), &json!("it")));
    assert!(it["since"].as_str().unwrap() > it["asked"].as_str().unwrap());
    staff.get(it["page"].as_str().unwrap().strip_prefix(&server.url).unwrap()).ok(200);
    let said = words(&desk, "en", &["requests"]);
    assert!(said.contains(ELENA) && said.contains("requests sign ID"), "{said}");
    let said = words(&desk, "it", &["status"]);
    assert!(said.contains("1 richiesta approvata sul server attende una firma"), "{said}");

    // What is approved is taken back where it was approved, and not approved twice.
    let page = staff.get(it["page"].as_str().unwrap().strip_prefix(&server.url).unwrap()).ok(200).text();
    assert!(!page.contains("value=\"approve\"") && page.matches("value=\"undo\"").count() == 1, "{page}");

    // What staff took back, and what is no request, is not signed for.
    decide(&mut staff, "approved", &[("do", "undo")]);
    assert_eq!(sign(&desk, &it["id"]).ending(1).problem(), "unknown_request");
    assert_eq!(sign(&desk, &json!("x")).ending(1).problem(), "unknown_request");
    assert!(awards(&desk).is_empty());
    decide(&mut staff, "waiting", &[("do", "approve")]);

    let rows = sign(&desk, &it["id"]).ending(0).rows();
    assert_eq!((&rows[0]["state"], &rows[1]["result"]), (&json!("signed"), &json!("added")), "{rows:?}");
    // In the language in which it was asked.
    let mail = server.mail(ELENA, "Un badge per te");
    assert!(mail.text.contains("Hai dato questo indirizzo") && !mail.text.contains("ce l’ha dato"), "{}", mail.text);
    let claim = mail.link("/claim/");
    let page = server.browser().get(&claim).ok(200).text();
    assert!(page.contains("You gave the address when you asked"), "{page}");
    // Whoever is signed in has the address filled in, and is told that the badge is theirs already.
    let path = format!("/badges/{}/{BADGE}/request", desk.did);
    let form = staff.get(&path).ok(200).text();
    assert!(form.contains("value=\"operator@valdora.example\""), "{form}");
    let mut elena = register(&server, &secret(&claim), ELENA).0;
    let told_so = elena.get(&path).ok(200).text();
    assert!(told_so.contains("You have this badge already") && !told_so.contains("name=\"given\""), "{told_so}");
    assert!(staff.get("/staff/requests?state=awarded").ok(200).text().contains("Elena Marchetti"));
    assert_eq!(requests(&desk), Vec::<Value>::new());
    assert_eq!(told(&desk, &["publish"]), None);
    assert_eq!(sign(&desk, &it["id"]).ending(1).problem(), "unknown_request");
    assert_eq!(awards(&desk).len(), 1);

    // Whoever has the badge gets no second one: not of the server, and not of the desk should a server lose that it was awarded.
    let link = asked(&server, &desk, ELENA, "Eleonora", "en");
    let mut browser = server.browser();
    let page = browser.get(&link).ok(200);
    assert!(browser.post(&link, &page, &[]).ok(409).text().contains("You have this badge already"));
    change(&server, "UPDATE request SET state = 'approved'");
    let again = requests(&desk).remove(0);
    assert_eq!((&again["state"], &again["credential"]), (&json!("published"), &rows[0]["credential"]));
    let refused = sign(&desk, &again["id"]).ending(1).rows();
    assert_eq!((&refused[0]["state"], &refused[0]["why"]), (&json!("bad"), &json!("repeated")), "{refused:?}");
    assert!(words(&desk, "en", &["requests"]).contains("gets no other one"));
    assert_eq!(awards(&desk).len(), 1);
}

#[test]
fn what_was_signed_for_and_not_uploaded_is_uploaded_and_not_signed_again() {
    let (server, desk, mut staff) = scene();
    ask(&server, &desk, ELENA, "Elena", "en");
    ask(&server, &desk, BOB, "Bob", "en");
    decide(&mut staff, "waiting", &[("do", "approve")]);
    decide(&mut staff, "waiting", &[("do", "approve")]);
    // Another copy of the desk has signed something meanwhile, so that this one uploads nothing before it is told to go on.
    let copy = desk.folder.at("copy");
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(desk.folder.at("desk")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    desk.award(BADGE, &desk.table("email\ncarla@posta.example\n"), &[]).ending(0);
    desk.command(&["publish"]).run().ending(0);
    std::fs::remove_dir_all(desk.folder.at("desk")).unwrap();
    std::fs::rename(&copy, desk.folder.at("desk")).unwrap();

    let id = requests(&desk)[0]["id"].clone();
    let broken = sign(&desk, &id).ending(1).rows();
    assert_eq!((&broken[0]["id"], &broken[0]["state"]), (&id, &json!("signed")), "{broken:?}");
    assert!(broken.iter().any(|row| row["problem"]["code"] == "desk_behind"), "{broken:?}");
    let listed = requests(&desk);
    assert_eq!([&listed[0]["state"], &listed[1]["state"]], [&json!("signed"), &json!("waiting")]);
    assert_eq!(listed[0]["credential"], broken[0]["credential"]);
    assert!(words(&desk, "en", &["requests"]).contains("Awaiting a signature: 1."));
    let again = sign(&desk, &id).ending(1).rows().remove(0);
    assert_eq!((&again["state"], &again["credential"]), (&json!("signed"), &broken[0]["credential"]), "the same award");
    assert_eq!(awards(&desk).len(), 1);

    let rows = desk.command(&["publish", "--take-over"]).run().ending(0).rows();
    assert!(rows.iter().any(|row| row["result"] == "added" && row["id"] == broken[0]["credential"]), "{rows:?}");
    server.mail(listed[0]["email"].as_str().unwrap(), "A badge for you");
    let left = requests(&desk);
    assert_eq!((left.len(), &left[0]["id"]), (1, &listed[1]["id"]));
    assert_eq!(awards(&desk).len(), 1);
}
