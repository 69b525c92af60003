//! From an invitation to a badge, in a plain browser: every state, every link, and who may not.

use satchel_badge::check::{Policy, check};
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::report::Verdict;
use satchel_tests::http::Browser;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;

use crate::scene::{Desk, member, register, secret, sign_in};

const ELENA: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";

/// The invitation's link, for a badge just given.
fn invited(server: &Running, desk: &Desk, email: &str, badge: &str) -> (String, String) {
    let id = desk.give(email, badge);
    (id, server.mail(email, badge).link("/claim/"))
}

/// Elena is looked for as bytes, in all files of the stopped server, in the forms in which she was there.
fn leaves_no_trace(server: Running) {
    let (hash, _) = crate::scene::hashed(ELENA);
    let folder = server.stop();
    for name in ["server.db", "server.db-wal"] {
        let bytes = std::fs::read(folder.at("data").join(name)).unwrap_or_default();
        for needle in [ELENA, "Elena", hash.as_str()] {
            assert!(!bytes.windows(needle.len()).any(|it| it == needle.as_bytes()), "{name} has {needle}");
        }
    }
}

#[test]
fn an_invitation_becomes_a_badge_on_a_page_and_a_picture_that_verifies() {
    spine(&Running::start(&[]));
}

#[test]
fn the_same_on_postgresql() {
    let database = Postgres::start();
    spine(&Running::start(&["--database-url", &database.url()]));
}

#[test]
fn who_registers_through_an_invitation_with_another_address_may_still_come_to_the_badge() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let (mut browser, page) = register(&server, &secret(&link), "private@posta.example");
    assert!(page.text().contains(BADGE) && page.text().contains("verify it first"), "{}", page.text());
    let here = page.text().split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.post(&here, &page, &[]).ok(200);
    let link = server.mail(ELENA, "Verify").link("/address/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[]);
    assert!(browser.get(&format!("/claims/{id}")).ok(200).text().contains("name=\"keep\""));
}

fn spine(server: &Running) {
    let desk = Desk::admitted(server, 1);
    let (id, link) = invited(server, &desk, ELENA, BADGE);

    // A stranger sees the badge, and the way to an account.
    let mut browser = server.browser();
    browser.language = Some(String::from("it"));
    let page = browser.get(&link).ok(200);
    assert!(page.text().contains("Elena, questo badge è per te"), "{}", page.text());
    assert!(page.text().contains(BADGE) && page.text().contains("lang=\"it\""));
    assert!(!page.text().contains("name=\"keep\""), "nobody accepts without an account");

    // Registering and verifying lead back to the claim, with two equal buttons and nothing preselected.
    let (mut browser, page) = register(server, &secret(&link), ELENA);
    assert!(page.text().contains("name=\"keep\" value=\"public\"") && page.text().contains("name=\"keep\" value=\"private\""));
    assert!(!page.text().contains("checked") && !page.text().contains("btn first"));
    let accepted = browser.post(&format!("/claims/{id}"), &page, &[("keep", "public")]).ok(303);
    assert_eq!(desk.state(&id), "accepted");
    let badge = accepted.location().to_owned();
    assert!(browser.get(&badge).ok(200).text().contains(BADGE));

    // Its page, for everybody; search engines keep out until its owner lets them in.
    let settings = browser.get("/account/settings").ok(200).text();
    let path = settings.split_once("href=\"/p/").unwrap().1.split_once('"').unwrap().0.to_owned();
    let mut visitor = server.browser();
    let public = visitor.get(&format!("/p/{path}")).ok(200);
    assert!(public.text().contains(BADGE) && public.text().contains("Elena Marchetti"));
    assert!(public.text().contains("noindex"));
    assert_eq!(public.header("x-robots-tag"), Some("noindex"));
    assert!(!public.text().contains(ELENA), "no address on a public page");

    // Both pictures verify, as the person's, with what the issuer publishes here.
    let mut evidence = Evidence::default();
    for name in ["profile.json", "key.json"] {
        evidence.add(desk.url(name), Document::given(visitor.get(&desk.url(name)).ok(200).body));
    }
    let policy = Policy { recipient: Some(String::from(ELENA)), ..Policy::default() };
    for file in ["badge.png", "badge-2.0.png", "badge.json", "badge-2.0.jws"] {
        let taken = browser.get(&format!("{badge}/{file}")).ok(200);
        assert!(taken.header("content-disposition").unwrap().contains("il-paesaggio-come-laboratorio"));
        let report = check(&taken.body, &evidence, &policy, jiff::Timestamp::now()).remove(0);
        assert_eq!(report.verdict, Verdict::Valid, "{file}: {:?}", report.lines);
        visitor.get(&format!("{badge}/{file}")).ok(303);
    }

    // Pressing the link again is no mistake; to anybody else it shows nothing any more.
    for path in [&link, &format!("/claims/{id}")] {
        let again = browser.get(path).ok(200);
        assert!(again.text().contains("You have accepted this badge"), "{}", again.text());
        assert!(browser.post(path, &page, &[("keep", "public")]).ok(200).text().contains("You have accepted"));
    }
    let stranger = visitor.get(&link).ok(200).text();
    assert!(stranger.contains("Sign in to see it") && !stranger.contains(BADGE), "{stranger}");
    assert!(visitor.get(&format!("/register?invitation={}", secret(&link))).ok(200).text().contains("needs an invitation"));
}

#[test]
fn looking_at_a_link_changes_nothing_however_often() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let mut scanner = server.browser();
    for path in
        [link.clone(), format!("{link}/decline"), format!("{link}/never"), format!("/register?invitation={}", secret(&link))]
    {
        for _ in 0..3 {
            scanner.get(&path).ok(200);
            scanner.send("HEAD", &path, &[], b"").ok(200);
        }
    }
    assert!(["queued", "sent"].contains(&desk.state(&id).as_str()), "{}", desk.state(&id));
    assert!(scanner.get(&link).ok(200).text().contains(BADGE));
}

#[test]
fn no_answer_to_the_question_keeps_the_page_private_and_private_is_like_not_there() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let (mut browser, page) = register(&server, &secret(&link), ELENA);
    browser.post(&format!("/claims/{id}"), &page, &[]).ok(303);
    let settings = browser.get("/account/settings").ok(200);
    let path = format!("/p/{}", settings.text().split_once("href=\"/p/").unwrap().1.split_once('"').unwrap().0);
    browser.get(&path).ok(200);
    let same = |path: &str, none: &str| {
        let (mut one, mut other) = (server.browser(), server.browser());
        let (private, missing) = (one.get(path), other.get(none));
        let plain = |text: String, path: &str| text.replace(path, "PATH");
        assert_eq!((private.status, plain(private.text(), path)), (404, plain(missing.text(), none)));
        let names =
            |answer: &satchel_tests::http::Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&private), names(&missing));
    };
    same(&path, "/p/nobodyhere22");
    let badge = browser.get("/account").ok(200).text();
    let badge = badge.split_once("/account/badges/").unwrap().1.split_once('"').unwrap().0.to_owned();
    same(&format!("{path}/{badge}"), &format!("/p/nobodyhere22/{badge}"));

    // Made public, a badge may still be kept off it; then it is like not there.
    browser.post("/account/page", &settings, &[("page", "public"), ("indexed", "yes")]).ok(303);
    let public = server.browser().get(&path).ok(200);
    assert!(public.text().contains(BADGE) && !public.text().contains("noindex"));
    let frame = format!("/embed/{}/{badge}", path.strip_prefix("/p/").unwrap());
    let embedded = format!("/oembed?url={}", satchel_tests::http::encode(&format!("{}{path}/{badge}", server.url)));
    for path in [&frame, &embedded] {
        server.browser().get(path).ok(200);
    }
    browser.post(&format!("/account/badges/{badge}/shown"), &settings, &[("show", "no")]).ok(303);
    assert!(!server.browser().get(&path).ok(200).text().contains(BADGE));
    for path in [&format!("{path}/{badge}"), &frame, &embedded] {
        server.browser().get(path).ok(404);
    }
}

#[test]
fn somebody_with_another_address_verifies_the_invited_one_first() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, "other@posta.example");
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let page = browser.get(&link).ok(200);
    assert!(page.text().contains("verify it first") && !page.text().contains("name=\"keep\""), "{}", page.text());
    browser.post(&link, &page, &[("keep", "public")]).ok(403);
    assert_ne!(desk.state(&id), "opened", "somebody else has seen it");
    browser.get(&format!("/claims/{id}")).ok(404);
    browser.post(&format!("{link}/address"), &page, &[]).ok(200);
    let verify = server.mail(ELENA, "Verify your address").link("/address/");

    // The link is for the account that asked: nobody else can be made to press it.
    let mut victim = member(&server, "third@posta.example");
    assert!(victim.get(&verify).ok(410).text().contains("another account"));
    let form = browser.get(&verify).ok(200);
    victim.post(&verify, &form, &[]).ok(403);
    browser.post(&verify, &form, &[]).ok(303);
    browser.post(&verify, &form, &[]).ok(410);
    browser.get(&verify).ok(410);
    let page = browser.get(&format!("/claims/{id}")).ok(200);
    assert_eq!(desk.state(&id), "opened");
    browser.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(303);
    assert_eq!(desk.state(&id), "accepted");
}

#[test]
fn a_badge_is_declined_without_an_account_and_stays_so() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let mut browser = server.browser();
    let page = browser.get(&format!("{link}/decline")).ok(200);
    browser.post(&format!("{link}/decline"), &page, &[]).ok(200);
    assert_eq!(desk.state(&id), "declined");
    assert!(browser.get(&link).ok(200).text().contains("declined"));
    assert!(browser.post(&link, &page, &[("keep", "public")]).status >= 300);
    assert_eq!(desk.state(&id), "declined");
}

#[test]
fn never_again_erases_the_person_and_keeps_a_hash_against_further_mail() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let (_, link) = invited(&server, &desk, ELENA, BADGE);
    let (_, second) = invited(&server, &other, ELENA, "Saldatura");
    let mut browser = server.browser();
    let page = browser.get(&format!("{link}/never")).ok(200);
    browser.post(&format!("{link}/never"), &page, &[]).ok(200);
    browser.get(&link).ok(404);
    browser.get(&second).ok(404);
    let results = other.upload(&[other.award(ELENA, "Falegnameria")]);
    assert_eq!(results[0]["code"], "unwanted");
    let listed = desk.send("GET", "invitations", b"").ok(200).json();
    assert_eq!(listed["invitations"][0]["state"], "declined");
    assert!(!listed.to_string().contains(ELENA));
    leaves_no_trace(server);
}

#[test]
fn to_have_ones_data_erased_it_is_never_too_late() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let mut browser = server.browser();
    let invited = secret(&link);
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    browser.post("/register", &form, &crate::scene::registration(&invited, ELENA)).ok(200);
    let page = browser.get(&format!("{link}/decline")).ok(200);
    browser.post(&format!("{link}/decline"), &page, &[]).ok(200);
    browser.get(&format!("{link}/never")).ok(200);
    browser.post(&format!("{link}/never"), &page, &[]).ok(200);
    assert_eq!(desk.state(&id), "declined");
    assert!(!desk.send("GET", "invitations", b"").ok(200).text().contains(ELENA));
    assert_eq!(crate::institution::rows(&server, "registration"), 0);
    assert_eq!(desk.upload(&[desk.award(ELENA, "Saldatura")])[0]["code"], "unwanted");
}

#[test]
fn an_invitation_outlives_the_account_that_had_its_address() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, ELENA);
    let id = desk.give(ELENA, BADGE);
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", crate::scene::PASSWORD)]).ok(200);
    let link = server.mail(ELENA, BADGE).link("/claim/");
    assert!(server.browser().get(&link).ok(200).text().contains(BADGE));
    assert!(["queued", "sent"].contains(&desk.state(&id).as_str()));
}

#[test]
fn pictures_are_drawn_anew_for_whoever_may_see_the_badge() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><script>alert(1)</script><rect width='8' height='8' fill='red'/></svg>";
    let mut credential = desk.credential(ELENA, BADGE);
    let image = &mut credential["credentialSubject"]["achievement"]["image"];
    image["id"] = format!("data:image/svg+xml;base64,{}", base64_of(svg)).into();
    let results = desk.upload(&[serde_json::json!({ "email": ELENA, "ob3": desk.signed(&credential) })]);
    let id = results[0]["invitation"].as_str().unwrap().to_owned();
    let link = server.mail(ELENA, BADGE).link("/claim/");
    let png = |answer: satchel_tests::http::Answer| {
        assert_eq!(answer.header("content-type"), Some("image/png"));
        assert!(answer.body.starts_with(b"\x89PNG") && !answer.text().contains("script"));
    };
    png(server.browser().get(&format!("{link}/picture/640")).ok(200));
    server.browser().get(&format!("{link}/picture/641")).ok(404);
    let (mut browser, page) = register(&server, &secret(&link), ELENA);
    png(browser.get(&format!("/claims/{id}/picture/320")).ok(200));
    let badge = browser.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(303).location().to_owned();
    png(browser.get(&format!("{badge}/picture/320")).ok(200));
    server.browser().get(&format!("{link}/picture/640")).ok(404);
    server.browser().get(&format!("{badge}/picture/320")).ok(303);
    let settings = browser.get("/account/settings").ok(200).text();
    let path = settings.split_once("href=\"/p/").unwrap().1.split_once('"').unwrap().0.to_owned();
    let public = format!("/p/{path}/{}/picture/320", badge.rsplit('/').next().unwrap());
    server.browser().get(&public).ok(404);
    png(browser.get(&public).ok(200));
    // Baked into a PNG, whatever its picture was.
    let taken = browser.get(&format!("{badge}/badge.png")).ok(200);
    let policy = Policy { recipient: Some(String::from(ELENA)), ..Policy::default() };
    assert_eq!(check(&taken.body, &Evidence::default(), &policy, jiff::Timestamp::now()).remove(0).verdict, Verdict::Valid);
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_withdrawn_badge_is_served_to_nobody() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    desk.send("POST", &format!("invitations/{id}/withdraw"), b"").ok(200);
    let page = server.browser().get(&link).ok(200).text();
    assert!(page.contains("withdrawn") && !page.contains(BADGE), "{page}");
}

#[test]
fn no_route_shows_one_person_what_is_anothers() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let (mut elena, page) = register(&server, &secret(&link), ELENA);
    let badge = elena.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(303).location().to_owned();
    let (mut again, answer) = sign_in(&server, ELENA, crate::scene::PASSWORD);
    again.get(answer.ok(303).location()).ok(200);
    let settings = elena.get("/account/settings").ok(200);
    let session = settings.text().split_once("/account/sessions/").unwrap().1.split_once('"').unwrap().0.to_owned();

    let mut other = member(&server, "other@posta.example");
    let form = other.get("/account/settings").ok(200);
    for path in [
        badge.clone(),
        format!("{badge}/badge.png"),
        format!("{badge}/badge.json"),
        format!("/claims/{id}"),
        format!("/claims/{id}/decline"),
    ] {
        let answer = other.get(&path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains(BADGE));
        // Whoever is not signed in is sent to do so, or sees nothing either.
        let expected = if path.ends_with("decline") { 404 } else { 303 };
        server.browser().get(&path).ok(expected);
    }
    for path in [
        format!("{badge}/shown"),
        format!("/account/sessions/{session}"),
        format!("/claims/{id}"),
        format!("/claims/{id}/decline"),
    ] {
        other.post(&path, &form, &[("show", "no"), ("keep", "public")]).ok(404);
    }
    for path in ["/account", "/account/settings", "/account/export", "/account/profile", "/account/password", "/account/delete"] {
        let mut nobody: Browser = server.browser();
        assert!(nobody.get(path).ok(303).location().starts_with("/sign-in"), "{path}");
        assert!(!other.get(path).ok(200).text().contains("elena"), "{path}");
    }
    again.get("/account").ok(200);
}

#[test]
fn an_invitation_runs_out_and_its_data_are_erased() {
    let folder = satchel_tests::shell::Folder::new();
    // No days: it has run out as soon as it is made, and its data may go at once.
    let config = folder.file("satchel.toml", "[policy]\ninvitation_days = 0\nerase_after_days = 0\n");
    let options = ["--config", config.to_str().unwrap()];
    let server = Running::start(&options);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ELENA, BADGE);
    let began = std::time::Instant::now();
    while crate::institution::rows(&server, "outbox") > 0 {
        assert!(began.elapsed().as_secs() < 30, "the mail still waits");
    }
    assert!(server.mails().is_empty(), "what has run out is not sent");
    // What happens by itself happens when the server starts, and every minute.
    let server = server.restart();
    let desk = Desk::new(&server, 1);
    let began = std::time::Instant::now();
    let listed = loop {
        let listed = desk.send("GET", "invitations", b"").ok(200).json();
        if listed["invitations"][0]["state"] == "expired" && listed["invitations"][0]["email"].is_null() {
            break listed;
        }
        assert!(began.elapsed().as_secs() < 30, "{listed}");
    };
    assert_eq!(listed["invitations"][0]["id"], id.as_str(), "that there was one stays");
    assert_eq!(desk.send("POST", &format!("invitations/{id}/extend"), b"").ok(410).json()["code"], "gone");
    assert!(server.mails().is_empty(), "what has run out is not sent");
    leaves_no_trace(server);
}

#[test]
fn pressed_twice_at_once_a_badge_is_accepted_once() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let (id, link) = invited(&server, &desk, ELENA, BADGE);
    let (browser, page) = register(&server, &secret(&link), ELENA);
    let press = |mut browser: Browser| {
        let (path, page) = (format!("/claims/{id}"), page.clone());
        std::thread::spawn(move || browser.post(&path, &page, &[("keep", "private")]).status)
    };
    let pressed: Vec<_> = (0..6).map(|_| press(browser.clone())).collect();
    let statuses: Vec<u16> = pressed.into_iter().map(|it| it.join().unwrap()).collect();
    // Whoever comes second is led to the badge, or told that it is accepted; nobody gets an error, and it happens once.
    assert!(statuses.contains(&303) && statuses.iter().all(|status| [200, 303].contains(status)), "{statuses:?}");
    let changes = desk.send("GET", "changes?cursor=0", b"").ok(200).json();
    let awards = changes["records"].as_array().unwrap().iter().filter(|it| it["kind"] == "award").count();
    assert_eq!(awards, 2, "given once and accepted once: {changes}");
    assert_eq!(desk.state(&id), "accepted");
    assert_eq!(browser.clone().get("/account").ok(200).text().matches("href=\"/account/badges/").count(), 1);
}

#[test]
fn an_issuer_without_a_profile_is_called_as_its_badges_call_it() {
    let server = Running::start(&[]);
    let desk = Desk::new(&server, 1);
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    let award = serde_json::json!({ "email": ELENA, "ob3": desk.signed(&desk.credential(ELENA, BADGE)) });
    assert_eq!(desk.upload(&[award])[0]["result"], "added");
    let mail = server.mail(ELENA, BADGE);
    assert!(mail.text.contains("Università di Valdora has given you") && !mail.text.contains("did:key"), "{}", mail.text);
}
