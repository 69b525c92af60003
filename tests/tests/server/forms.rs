//! The form of a badge as staff write it in the browser, without JavaScript.

use satchel_tests::http::{Answer, Browser};
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::catalogue::publish;
use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, appoint, member, server_with};

const SLUG: &str = "saldatura";

/// A server with a badge that nobody may ask for yet, and the page of its form.
fn scene(options: &[&str]) -> (Running, Desk, Browser, String) {
    let server = server_with(NO_FACTOR, options);
    let desk = Desk::admitted(&server, 1);
    publish(&desk, SLUG, "Saldatura", &json!({}), "published");
    let mut staff = operator(&server);
    let list = staff.get("/staff/forms").ok(200).text();
    let path = list.split("href=\"/staff/forms/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/staff/forms/{path}");
    assert!(path.ends_with("/saldatura/questions"), "{path}");
    (server, desk, staff, path)
}

/// Sends what is on the page with a button, as a browser does: hidden fields and what is typed.
fn send(staff: &mut Browser, path: &str, page: &Answer, button: &str, typed: &[(&str, &str)]) -> Answer {
    let (before, many) = (page.hidden("before"), page.hidden("many"));
    let mut fields = vec![("before", before.as_str()), ("many", many.as_str()), ("do", button)];
    fields.extend_from_slice(typed);
    staff.post(path, page, &fields)
}

/// The same fields with another value in one.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(known, held)| (*known, if *known == name { value } else { *held })).collect()
}

fn kept(desk: &Desk) -> Value {
    desk.send("GET", "forms", b"").ok(200).json()["forms"][0]["form"].clone()
}

fn written(options: &[&str]) {
    let (server, desk, mut staff, path) = scene(options);
    let page = staff.get(&path).ok(200);
    let page = send(&mut staff, &path, &page, "add", &[("opening", "For those who took the course.")]).ok(200);
    assert!(page.text().contains("For those who took the course."), "{}", page.text());
    let first = [
        ("opening", "For those who took the course."),
        ("most-files", "2"),
        ("label-0", "Which <course>"),
        ("kind-0", "choice"),
        ("choices-0", "Monday\n\n Tuesday "),
    ];
    let page = send(&mut staff, &path, &page, "add", &first).ok(200);
    for words in ["Which &#60;course&#62;", "Monday", "autofocus", "id=\"label-1\""] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    // What is wrong is told at its field, what was typed is kept, and nothing is saved.
    let wrong = [first.as_slice(), &[("label-1", ""), ("kind-1", "text"), ("choices-1", "left over")]].concat();
    let page = send(&mut staff, &path, &page, "save", &wrong).ok(422);
    for words in
        ["id=\"label-1-error\"", "id=\"choices-1-error\"", "href=\"#label-1\"", "left over", "Question 2: Write the question"]
    {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert_eq!(kept(&desk), Value::Null);
    let both = [first.as_slice(), &[("label-1", "Matriculation number"), ("kind-1", "text"), ("required-1", "yes")]].concat();
    let page = send(&mut staff, &path, &page, "up-1", &both).ok(200);
    assert!(page.text().find("Matriculation").unwrap() < page.text().find("Which").unwrap(), "{}", page.text());
    let sample = page.text().split("id=\"preview\"").nth(1).unwrap().to_owned();
    for words in
        ["For those who took the course.", "Matriculation number", "<option value=\"Tuesday\"", "type=\"file\"", "disabled"]
    {
        assert!(sample.contains(words), "{words}: {sample}");
    }
    let turned = [
        ("opening", "For those who took the course."),
        ("most-files", "2"),
        ("label-0", "Matriculation number"),
        ("required-0", "yes"),
        ("label-1", "Which <course>"),
        ("kind-1", "choice"),
        ("choices-1", "Monday\nTuesday"),
    ];
    let done = send(&mut staff, &path, &page, "save", &turned).ok(303);
    let page = staff.get(done.location()).ok(200);
    assert!(page.text().contains("The form is saved") && page.text().contains("Nobody may ask with it yet"), "{}", page.text());
    let form = kept(&desk);
    assert_eq!(
        form,
        json!({ "access": "closed", "intro": "For those who took the course.", "files": 2,
                "fields": [{ "label": "Matriculation number", "kind": "text", "required": true },
                           { "label": "Which <course>", "kind": "choice", "required": false, "choices": ["Monday", "Tuesday"] }] })
    );
    assert!(!staff.get(&format!("{path}?saved=yes")).ok(200).text().contains("The form is saved"));

    // A question that is removed can be put back before it is saved.
    let page = send(&mut staff, &path, &page, "remove-0", &turned).ok(200);
    assert!(page.text().contains("Question 1 is removed."), "{}", page.text());
    let back = [("label-0", "Which <course>"), ("gone", "0"), ("label-gone", "Matriculation number"), ("required-gone", "yes")];
    let page = send(&mut staff, &path, &page, "back", &back).ok(200);
    assert!(page.text().find("Matriculation").unwrap() < page.text().find("Which").unwrap());

    // Whoever asks sees it once everybody may.
    let access = path.trim_end_matches("/questions");
    let saved = staff.post(access, &page, &[("access", "open"), ("do", "set")]).ok(303);
    let saved = staff.get(saved.location()).ok(200).text();
    assert!(saved.contains("Saved: who may ask for “Saldatura” – Everybody."), "{saved}");
    let public = server.browser().get(&format!("/badges/{}/{SLUG}/request", desk.did)).ok(200).text();
    assert!(public.contains("For those who took the course.") && public.contains("Matriculation number"), "{public}");
    assert_eq!(kept(&desk)["fields"], form["fields"], "who may ask is said apart");

    // Of two who write at once, the later one is told, and loses nothing.
    let page = staff.get(&path).ok(200);
    let (theirs, mine) = (with(&turned, "most-files", "1"), with(&turned, "opening", "Mine."));
    send(&mut staff, &path, &page, "save", &theirs).ok(303);
    let late = send(&mut staff, &path, &page, "save", &mine).ok(422);
    assert!(late.text().contains("while you wrote") && late.text().contains("Mine."), "{}", late.text());
    assert_eq!(kept(&desk)["files"], 1);
    send(&mut staff, &path, &late, "save", &mine).ok(303);
    assert_eq!(kept(&desk)["intro"], "Mine.");

    // It is written by whoever acts for the issuer, and by nobody else.
    let other = Desk::admitted(&server, 2);
    let mut foreign = member(&server, "two@orsa.example");
    let any = foreign.get("/account/settings").ok(200);
    foreign.get(&path).ok(404);
    appoint(&server, &other, &mut foreign, "two@orsa.example");
    foreign.get(&path).ok(404);
    foreign.post(&path, &any, &[("do", "save"), ("most-files", "0")]).ok(404);
}

#[test]
fn staff_write_a_form_and_nothing_that_was_typed_is_lost() {
    written(&[]);
}

#[test]
fn a_form_is_written_the_same_way_on_postgresql() {
    let postgres = Postgres::start();
    written(&["--database-url", &postgres.url()]);
}

#[test]
fn a_form_out_of_bounds_is_told_where_it_is() {
    let (_server, desk, mut staff, path) = scene(&[]);
    let page = staff.get(&path).ok(200);
    let (long, lines) = ("x".repeat(2001), (0..51).map(|at| at.to_string()).collect::<Vec<_>>().join("\n"));
    let label = "y".repeat(201);
    let typed = [
        ("many", "3"),
        ("opening", long.as_str()),
        ("most-files", "9"),
        ("label-0", label.as_str()),
        ("label-1", "One"),
        ("kind-1", "choice"),
        ("choices-1", ""),
        ("label-2", "Two"),
        ("kind-2", "choice"),
        ("choices-2", lines.as_str()),
    ];
    let before = page.hidden("before");
    let fields = [&[("before", before.as_str()), ("do", "save")], typed.as_slice()].concat();
    let text = staff.post(&path, &page, &fields).ok(422).text();
    for name in ["opening", "most-files", "label-0", "choices-1", "choices-2"] {
        assert!(text.contains(&format!("id=\"{name}-error\"")), "{name}: {text}");
    }
    // More questions than there may be are not added.
    let fields = [("before", before.as_str()), ("many", "20"), ("do", "add")];
    staff.post(&path, &page, &fields).ok(400);
    assert_eq!(kept(&desk), Value::Null);
}

#[test]
fn a_secret_link_is_renewed_after_asking_and_shown_once() {
    let (server, _desk, mut staff, path) = scene(&[]);
    let access = path.trim_end_matches("/questions");
    let page = staff.get("/staff/forms").ok(200);
    staff.get(&format!("{access}/link")).ok(404);
    let link = |answer: &Answer| answer.text().split("/request/").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let first = link(&staff.post(access, &page, &[("access", "link")]).ok(200));
    let asks = staff.get(&format!("{access}/link")).ok(200);
    assert!(asks.text().contains("Renew the link to “Saldatura”?"), "{}", asks.text());
    server.browser().get(&format!("/request/{first}")).ok(200);
    let renewed = staff.post(&format!("{access}/link"), &asks, &[]).ok(200);
    assert!(renewed.text().contains("The link to “Saldatura”"), "{}", renewed.text());
    server.browser().get(&format!("/request/{first}")).ok(404);
    server.browser().get(&format!("/request/{}", link(&renewed))).ok(200);
    let mut nobody = member(&server, "nobody@posta.example");
    nobody.get(&format!("{access}/link")).ok(404);
    let any = nobody.get("/account/settings").ok(200);
    nobody.post(&format!("{access}/link"), &any, &[]).ok(404);
}
