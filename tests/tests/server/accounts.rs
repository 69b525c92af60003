//! Accounts: who registers, what is refused, signing in, passwords, sessions, all data, and the end.

use std::time::{Duration, Instant};

use satchel_tests::running::Running;

use crate::scene::{Desk, PASSWORD, member, register, registration, secret, sign_in};

const ADA: &str = "ada@posta.example";

/// The secret of an invitation to register.
fn invitation(server: &Running, email: &str) -> String {
    server.admin(&["user", "invite", email]).ending(0);
    secret(&server.mail(email, "invitation").link("/register"))
}

/// A form with some of its fields changed.
fn changed<'a>(fields: Vec<(&'static str, &'a str)>, other: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let of = |name: &str| other.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    fields.into_iter().map(|(name, value)| (name, of(name).unwrap_or(value))).collect()
}

#[test]
fn nobody_registers_without_an_invitation() {
    let server = Running::start(&[]);
    let mut browser = server.browser();
    for path in ["/register", "/register?invitation=x", "/register?invitation=0123456789abcdefghijklmnopqrstuv"] {
        let page = browser.get(path).ok(200).text();
        assert!(page.contains("needs an invitation") && !page.contains("name=\"password\""), "{page}");
    }
    let form = browser.get("/sign-in").ok(200);
    let answer = browser.post("/register", &form, &registration("0123456789abcdefghijklmnopqrstuv", ADA)).ok(200);
    assert!(answer.text().contains("needs an invitation"));
    assert!(server.mails().is_empty());
}

#[test]
fn a_form_keeps_what_was_typed_and_says_at_the_field_what_is_wrong() {
    let server = Running::start(&[]);
    let invitation = invitation(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    assert!(form.text().contains(&format!("value=\"{ADA}\"")), "the address is there already");
    let wrong = [
        ("given", "", "Write your name"),
        ("given", "A\u{202e}da", "on one line"),
        ("email", "nobody", "such as name@example.org"),
        ("birth-day", "32", "a day that exists"),
        ("birth-year", "2999", "in the past"),
        ("birth-year", "85", "four digits"),
        ("password", "too short", "at least 15"),
        ("password", "passwordpassword", "easy to guess"),
        ("password", "marchettimarchetti", "easy to guess"),
        ("again", "kettle walrus orbits", "not the same"),
    ];
    for (field, value, words) in wrong {
        let sent = changed(registration(&invitation, ADA), &[(field, value), ("family", "<b>Lovelace</b> & \"Ö\"")]);
        let page = browser.post("/register", &form, &sent).ok(422).text();
        assert!(page.contains("There is a problem") && page.contains(words), "{field} {value}: {page}");
        assert!(
            page.contains("&#60;b&#62;Lovelace&#60;/b&#62; &#38; &#34;Ö&#34;"),
            "{field}: what was typed is kept, as text: {page}"
        );
        assert!(page.contains("<title>Error: "), "{page}");
        assert!(!page.contains(PASSWORD) && !page.contains("too short\""), "passwords are not shown again");
        let target = field.split_once('-').map_or(field, |_| "birth-day");
        assert!(page.contains(&format!("href=\"#{target}\"")), "{field}: {page}");
    }
    assert_eq!(server.mails().len(), 1);
    // One name of any script is enough.
    let sent = changed(registration(&invitation, ADA), &[("given", "王小明"), ("family", "")]);
    browser.post("/register", &form, &sent).ok(200);
    let link = server.mail(ADA, "Verify your address").link("/verify/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[("password", PASSWORD)]).ok(303);
    assert!(browser.get("/account/settings").ok(200).text().contains("<bdi>王小明</bdi>"));
}

#[test]
fn an_address_is_verified_once_by_whoever_registered() {
    let server = Running::start(&[]);
    let invited = invitation(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    browser.post("/register", &form, &registration(&invited, ADA)).ok(200);
    let (_, early) = sign_in(&server, ADA, PASSWORD);
    early.ok(422);
    let link = server.mail(ADA, "Verify your address").link("/verify/");
    // The owner of the address who presses the link of somebody else's registration does not finish it.
    let mut owner = server.browser();
    let page = owner.get(&link).ok(200);
    assert!(owner.post(&link, &page, &[("password", "not what was chosen")]).ok(422).text().contains("not the password chosen"));
    browser.get(&link).ok(200);
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[("password", PASSWORD)]).ok(303);
    assert!(browser.post(&link, &form, &[("password", PASSWORD)]).ok(410).text().contains("holds no more"));
    browser.get(&link).ok(410);
    browser.get("/verify/0123456789abcdefghijklmnopqrstuv").ok(410);
    assert!(
        browser.get(&format!("/register?invitation={invited}")).ok(200).text().contains("needs an invitation"),
        "it was used"
    );
    let (_, answer) = sign_in(&server, "ADA@Posta.Example", PASSWORD);
    assert_eq!(answer.ok(303).location(), "/account");
}

#[test]
fn no_answer_tells_whether_an_address_is_known() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let unknown = "nobody@posta.example";
    let plain = |text: String, email: &str| text.replace(email, "EMAIL");
    let answers = |email: &str| {
        let mut browser = server.browser();
        let form = browser.get("/sign-in").ok(200);
        let token = form.hidden("form");
        let before = hashes(&server);
        let wrong = browser.post("/sign-in", &form, &[("email", email), ("password", "wrong wrong wrong")]).ok(422);
        let forgot = browser.post("/forgot", &form, &[("email", email)]).ok(200);
        let invited = invitation_for(&server, email);
        let register = browser.post("/register", &form, &registration(&invited, email)).ok(200);
        let text = [wrong, forgot, register].map(|answer| {
            // What somebody quotes who asks for help is another for each answer, whatever it says.
            let own = answer.header("x-request-id").unwrap().rsplit('-').next().unwrap().to_owned();
            plain(answer.text().replace(&token, "TOKEN").replace(&own, "REFERENCE"), email)
        });
        (text, hashes(&server) - before)
    };
    // The same words, and the same work: hashing is what takes long, and both ways do it as often.
    assert_eq!(answers(ADA), answers(unknown));
    assert!(server.mail(ADA, "You have an account already").text.contains("has an account already"));
    server.mail(unknown, "Verify your address");
    assert!(server.mails().iter().filter(|mail| mail.to == unknown).all(|mail| !mail.subject.contains("password")));
}

#[test]
fn whoever_did_not_get_the_mail_asks_for_it_again_and_learns_nothing_of_others() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let (new, unknown) = ("elena@posta.example", "nobody@posta.example");
    let invited = invitation(&server, new);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    let page = browser.post("/register", &form, &registration(&invited, new)).ok(200).text();
    assert!(page.contains("href=\"/register/again\"") && browser.get("/sign-in").ok(200).text().contains("/register/again"));
    let first = server.mail(new, "Verify your address").link("/verify/");

    let form = browser.get("/register/again").ok(200);
    let token = form.hidden("form");
    let mut again = |email: &str| browser.post("/register/again", &form, &[("email", email)]);
    assert!(again("nobody").ok(422).text().contains("such as name@example.org"));
    let mut said = |email: &str| {
        let answer = again(email).ok(200);
        let own = answer.header("x-request-id").unwrap().rsplit('-').next().unwrap().to_owned();
        answer.text().replace(&token, "TOKEN").replace(&own, "REFERENCE").replace(email, "EMAIL")
    };
    let waiting = said(new);
    assert!(waiting.contains("If somebody registered here with"), "{waiting}");
    assert_eq!([waiting.clone(), waiting], [said(ADA), said(unknown)]);
    let second = server.mails_to(new, "Verify your address", 2).pop().unwrap().link("/verify/");
    assert_ne!(first, second);
    server.mail(ADA, "You have an account already");
    assert!(server.mails().iter().all(|mail| mail.to != unknown));
    // A mailbox is not filled by it: five in an hour, those of registrations among them.
    for _ in 0..3 {
        said(new);
    }
    assert!(again(new).ok(422).text().contains("Too many"));
    assert_eq!(server.mails_to(new, "Verify your address", 5).len(), 5);

    // Any of these links does, once.
    let form = browser.get(&second).ok(200);
    browser.post(&second, &form, &[("password", PASSWORD)]).ok(303);
    server.browser().get(&first).ok(410);
}

/// How many passwords the server has hashed.
fn hashes(server: &Running) -> u64 {
    let numbers = satchel_tests::http::Browser::new(&server.admin_url).get("/metrics").ok(200).text();
    let line = numbers.lines().find_map(|line| line.strip_prefix("satchel_passwords_hashed_total ")).unwrap().to_owned();
    line.parse().unwrap()
}

/// An invitation that says nothing of the address it is used with.
fn invitation_for(server: &Running, email: &str) -> String {
    let to = format!("invited-{email}");
    invitation(server, &to)
}

#[test]
fn who_is_too_young_is_told_and_may_not_try_another_date_today() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(ADA, "Saldatura");
    let invited = secret(&server.mail(ADA, "Saldatura").link("/claim/"));
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    // Sixteen in 60 days, while the invitation still holds.
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 60);
    let date = jiff::tz::TimeZone::UTC.to_datetime(soon).date();
    let (day, month, year) = (date.day().to_string(), date.month().to_string(), (date.year() - 16).to_string());
    let young = [("birth-day", day.as_str()), ("birth-month", month.as_str()), ("birth-year", year.as_str())];
    let answer = browser.post("/register", &form, &changed(registration(&invited, ADA), &young)).ok(403).text();
    assert!(
        answer.contains("at least 16 years") && answer.contains("did not keep") && answer.contains("waits until then"),
        "{answer}"
    );
    // Another date, from another browser: the flag is the invitation's.
    let mut other = server.browser();
    let form = other.get(&format!("/register?invitation={invited}")).ok(200);
    let answer = other.post("/register", &form, &registration(&invited, ADA)).ok(403).text();
    assert!(answer.contains("Try again tomorrow"), "{answer}");
    assert_eq!(server.mails().len(), 1);
    let folder = server.stop();
    let stored = format!("{year}-{month:0>2}-{day:0>2}");
    for name in ["server.db", "server.db-wal"] {
        let bytes = std::fs::read(folder.at("data").join(name)).unwrap_or_default();
        assert!(!bytes.windows(stored.len()).any(|it| it == stored.as_bytes()), "the date is not kept");
    }
}

#[test]
fn the_day_of_the_sixteenth_birthday_passes() {
    let server = Running::start(&[]);
    let invited = invitation(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    // Today where the day begins first.
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(14));
    let today = zone.to_datetime(jiff::Timestamp::now()).date();
    let year = (today.year() - 16).to_string();
    let (day, month) = if today.month() == 2 && today.day() == 29 { (1, 3) } else { (today.day(), today.month()) };
    let (day, month) = (day.to_string(), month.to_string());
    let born = [("birth-day", day.as_str()), ("birth-month", month.as_str()), ("birth-year", year.as_str())];
    browser.post("/register", &form, &changed(registration(&invited, ADA), &born)).ok(200);
    server.mail(ADA, "Verify your address");
}

#[test]
fn guessing_a_password_ends_after_ten_tries() {
    let server = Running::start(&[]);
    member(&server, ADA);
    for _ in 0..10 {
        let (_, answer) = sign_in(&server, ADA, "wrong wrong wrong");
        assert!(answer.ok(422).text().contains("not right"));
    }
    let (_, answer) = sign_in(&server, ADA, PASSWORD);
    assert!(answer.ok(422).text().contains("Too many tries"));
}

#[test]
fn a_forgotten_password_is_set_anew_once_and_ends_other_sessions() {
    let server = Running::start(&[]);
    let mut signed_in = member(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", ADA)]).ok(200);
    let link = server.mail(ADA, "A new password").link("/reset/");
    browser.get(&link).ok(200);
    let form = browser.get(&link).ok(200);
    let weak = browser.post(&link, &form, &[("password", "adaposta.example"), ("again", "adaposta.example")]).ok(422);
    assert!(weak.text().contains("easy to guess"), "{}", weak.text());
    let other = "granite lullaby tram";
    browser.post(&link, &form, &[("password", other), ("again", other)]).ok(200);
    browser.post(&link, &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(410);
    browser.get(&link).ok(410);
    signed_in.get("/account").ok(303);
    assert!(server.mail(ADA, "password was changed").text.contains("not you"));
    sign_in(&server, ADA, PASSWORD).1.ok(422);
    sign_in(&server, ADA, other).1.ok(303);
}

#[test]
fn a_password_is_changed_by_whoever_knows_it() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (mut elsewhere, _) = sign_in(&server, ADA, PASSWORD);
    let form = browser.get("/account/password").ok(200);
    let other = "granite lullaby tram";
    let wrong = browser.post("/account/password", &form, &[("present", "x"), ("password", other), ("again", other)]).ok(422);
    assert!(wrong.text().contains("not your present password"));
    browser.post("/account/password", &form, &[("present", PASSWORD), ("password", other), ("again", other)]).ok(200);
    elsewhere.get("/account").ok(303);
    browser.get("/account").ok(200);
    server.mail(ADA, "password was changed");
    sign_in(&server, ADA, other).1.ok(303);
}

#[test]
fn sessions_are_seen_and_ended_by_their_owner() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (mut second, _) = sign_in(&server, ADA, PASSWORD);
    let (mut third, _) = sign_in(&server, ADA, PASSWORD);
    let page = browser.get("/account/settings").ok(200);
    let ids: Vec<String> =
        page.text().split("/account/sessions/").skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect();
    assert_eq!(ids.len(), 3, "two others, and all others: {ids:?}");
    browser.post(&format!("/account/sessions/{}", ids[0]), &page, &[]).ok(303);
    let ended = [second.get("/account").status, third.get("/account").status];
    assert!(ended == [303, 200] || ended == [200, 303], "{ended:?}");
    browser.post("/account/sessions/others", &page, &[]).ok(303);
    assert_eq!([second.get("/account").status, third.get("/account").status], [303, 303]);
    let kept = format!("satchel-session={}", browser.cookies()["satchel-session"]);
    server.browser().send("GET", "/account", &[("cookie", &kept)], b"").ok(200);
    browser.post("/sign-out", &page, &[]).ok(303);
    browser.get("/account").ok(303);
    // Whoever kept the cookie has nothing of it.
    server.browser().send("GET", "/account", &[("cookie", &kept)], b"").ok(303);
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let page = browser.get("/account/settings").ok(200);
    let token = page.hidden("form");
    let fields = [("form", token.as_str()), ("page", "public")];
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("sec-fetch-site", "same-origin")],
        [("origin", server.url.as_str()), ("sec-fetch-site", "same-site")],
    ] {
        browser.post_raw("/account/page", &fields, &headers).ok(403);
    }
    browser.post_raw("/account/page", &[("page", "public")], &[]).ok(403);
    browser.post_raw("/account/page", &[("form", "x"), ("page", "public")], &[]).ok(403);
    let mut other = server.browser();
    let foreign = other.get("/sign-in").ok(200).hidden("form");
    browser.post_raw("/account/page", &[("form", &foreign), ("page", "public")], &[]).ok(403);
    assert!(browser.get("/account").ok(200).text().contains("page is private"));
    browser.post_raw("/account/page", &fields, &[]).ok(303);
    let cookie = server.browser().get("/sign-in").header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[test]
fn all_that_is_kept_can_be_taken_along_and_erased() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let (mut browser, page) = register(&server, &secret(&link), ADA);
    browser.post(&format!("/claims/{id}"), &page, &[("keep", "public")]).ok(303);
    let all = browser.get("/account/export").ok(200);
    assert!(all.header("content-disposition").unwrap().starts_with("attachment"));
    let all = all.json();
    assert_eq!(all["account"]["birth_date"], "1999-03-31");
    assert_eq!(all["addresses"][0]["address"], ADA);
    assert!(all["badges"][0]["open_badges_3"].as_str().unwrap().contains("Saldatura"));
    assert!(!all.to_string().contains("argon2"), "a hash is nobody's to take along");

    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", "wrong wrong wrong")]).ok(422);
    browser.get("/account").ok(200);
    assert!(browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200).text().contains("deleted"));
    browser.get("/account").ok(303);
    sign_in(&server, ADA, PASSWORD).1.ok(422);
    server.mail(ADA, "account is deleted");
    assert_eq!(desk.state(&id), "accepted", "the issuer still knows that it was given");
    // The last mail has left; nothing that names the person is in any file.
    let began = Instant::now();
    while server.admin(&["doctor", "--json"]).out.contains("mails wait") && began.elapsed() < Duration::from_secs(5) {}
    let folder = server.stop();
    for name in ["server.db", "server.db-wal"] {
        let bytes = std::fs::read(folder.at("data").join(name)).unwrap_or_default();
        for needle in ["Marchetti", "1999-03-31", "argon2id", ADA, crate::scene::hashed(ADA).0.as_str()] {
            assert!(!bytes.windows(needle.len()).any(|it| it == needle.as_bytes()), "{name} has {needle}");
        }
    }
}

#[test]
fn a_blocked_account_loses_its_sessions_and_comes_in_no_more() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    server.admin(&["user", "block", ADA]).ending(0);
    browser.get("/account").ok(303);
    let (_, answer) = sign_in(&server, ADA, PASSWORD);
    assert!(answer.ok(403).text().contains("blocked"));
    let (_, answer) = sign_in(&server, ADA, "wrong wrong wrong");
    assert!(answer.ok(422).text().contains("not right"), "only whoever knows the password is told");
    server.admin(&["user", "unblock", ADA]).ending(0);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
    assert_eq!(server.admin(&["user", "block", "--json", "nobody@posta.example"]).ending(1).problem(), "admin_refused");
}

#[test]
fn who_is_too_young_when_signing_in_is_kept_out() {
    let server = Running::start(&[]);
    let elsewhere = member(&server, ADA);
    // The operator raises the age; whoever is under it now is found when they come.
    let config = server.folder.file("satchel.toml", "[policy]\nminimum_age = 99\n");
    let folder = server.stop();
    let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
    let (mut browser, answer) = sign_in(&server, ADA, PASSWORD);
    let words = answer.ok(403).text();
    assert!(words.contains("at least 99") && words.contains("erased in 30 days"), "{words}");
    server.mail(ADA, "Your account is suspended");
    // Nothing but what is their own to take along or to end.
    for path in ["/account", "/account/settings", "/account/profile", "/account/password"] {
        assert!(browser.get(path).ok(303).location().starts_with("/sign-in"), "{path}");
    }
    assert_eq!(browser.get("/account/export").ok(200).json()["account"]["birth_date"], "1999-03-31");
    elsewhere.moved(&server.url).get("/account/export").ok(303);
    let form = browser.get("/account/delete").ok(200);
    assert!(form.text().contains("Delete for good"));
    browser.post("/account/page", &form, &[("page", "public")]).ok(303);
    // And back again when the age is lowered: nothing was lost.
    let folder = server.stop();
    let server = Running::start_in(folder, &[]);
    sign_in(&server, ADA, PASSWORD).1.ok(303);
}

#[test]
fn nobody_is_kept_out_by_what_others_guess() {
    let server = Running::start(&[]);
    let mut known = member(&server, ADA);
    let page = known.get("/account/settings").ok(200);
    known.post("/sign-out", &page, &[]).ok(303);
    for _ in 0..11 {
        sign_in(&server, ADA, "wrong wrong wrong").1.ok(422);
    }
    assert!(sign_in(&server, ADA, PASSWORD).1.ok(422).text().contains("Too many tries"));
    // A browser that was signed in before has tries of its own, and they end too.
    let form = known.get("/sign-in").ok(200);
    let fields = |password| [("email", ADA), ("password", password)];
    known.post("/sign-in", &form, &fields(PASSWORD)).ok(303);
    let page = known.get("/account/settings").ok(200);
    known.post("/sign-out", &page, &[]).ok(303);
    let form = known.get("/sign-in").ok(200);
    for _ in 0..10 {
        assert!(known.post("/sign-in", &form, &fields("wrong wrong wrong")).ok(422).text().contains("not right"));
    }
    assert!(known.post("/sign-in", &form, &fields(PASSWORD)).ok(422).text().contains("Too many tries"));
    // One is known for its own account alone.
    member(&server, "bruno@posta.example");
    for _ in 0..10 {
        sign_in(&server, "bruno@posta.example", "wrong wrong wrong").1.ok(422);
    }
    let mut other = member(&server, "carla@posta.example");
    let page = other.get("/account/settings").ok(200);
    other.post("/sign-out", &page, &[]).ok(303);
    let form = other.get("/sign-in").ok(200);
    let bruno = [("email", "bruno@posta.example"), ("password", PASSWORD)];
    assert!(other.post("/sign-in", &form, &bruno).ok(422).text().contains("Too many tries"));
    // Whoever reads the mail of the address comes in anew.
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", ADA)]).ok(200);
    let link = server.mail(ADA, "A new password").link("/reset/");
    let form = browser.get(&link).ok(200);
    let other = "granite lullaby tram";
    browser.post(&link, &form, &[("password", other), ("again", other)]).ok(200);
    sign_in(&server, ADA, other).1.ok(303);
}

#[test]
fn right_passwords_are_no_tries_and_a_visitor_over_the_limit_counts_for_nobody_else() {
    let server = Running::start(&[]);
    member(&server, ADA);
    member(&server, "bruno@posta.example");
    let mut browser = server.browser();
    let form = browser.get("/sign-in").ok(200);
    let post = |email: &str, password: &str| {
        let sent = [("email", email), ("password", password)];
        // Without the cookies of an earlier answer: another browser of the same network.
        browser.clone().post("/sign-in", &form, &sent)
    };
    for _ in 0..101 {
        post(ADA, PASSWORD).ok(303);
    }
    for number in 0..100 {
        assert!(post(&format!("p{number}@posta.example"), "wrong wrong wrong").ok(422).text().contains("not right"));
    }
    for _ in 0..12 {
        assert!(post("bruno@posta.example", "wrong wrong wrong").ok(422).text().contains("Too many tries"));
    }
    let folder = server.stop();
    let config = folder.file("satchel.toml", "trusted_proxies = ['127.0.0.1']\n");
    let server = Running::start_in(folder, &["--config", config.to_str().unwrap()]);
    let mut elsewhere = server.browser();
    let form = elsewhere.get("/sign-in").ok(200);
    let (token, origin) = (form.hidden("form"), server.url.clone());
    let fields = [("form", token.as_str()), ("email", "bruno@posta.example"), ("password", PASSWORD)];
    elsewhere.post_raw("/sign-in", &fields, &[("origin", &origin), ("x-forwarded-for", "203.0.113.9")]).ok(303);
}

#[test]
fn a_refused_birth_date_keeps_nobody_else_of_the_network_out() {
    let server = crate::scene::server_with("[policy]\nregistration = 'open'\n", &[]);
    let young = changed(registration("", ADA), &[("birth-year", "2020")]);
    let mut browser = server.browser();
    let form = browser.get("/register").ok(200);
    browser.post("/register", &form, &young).ok(403);
    // Neither the same browser nor the same address tries another date today.
    let again = browser.post("/register", &form, &registration("", "other@posta.example")).ok(403).text();
    assert!(again.contains("Try again tomorrow") && !again.contains("invitation"), "{again}");
    let mut other = server.browser();
    let form = other.get("/register").ok(200);
    other.post("/register", &form, &registration("", ADA)).ok(403);
    // Others of the same network do.
    let mut third = server.browser();
    let form = third.get("/register").ok(200);
    third.post("/register", &form, &registration("", "bruno@posta.example")).ok(200);
    server.mail("bruno@posta.example", "Verify your address");
}

#[test]
fn a_password_is_the_same_however_its_accents_are_written() {
    let server = Running::start(&[]);
    let invited = invitation(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    let (composed, apart) =
        ("perch\u{e9} citt\u{e0} gi\u{e0} pi\u{f9} orbita", "perche\u{301} citta\u{300} gia\u{300} piu\u{300} orbita");
    let typed = changed(registration(&invited, ADA), &[("password", composed), ("again", apart)]);
    browser.post("/register", &form, &typed).ok(200);
    let link = server.mail(ADA, "Verify your address").link("/verify/");
    let form = browser.get(&link).ok(200);
    browser.post(&link, &form, &[("password", apart)]).ok(303);
    sign_in(&server, ADA, composed).1.ok(303);
    sign_in(&server, ADA, apart).1.ok(303);
    // Wide letters are the same letters (NFKC).
    sign_in(&server, ADA, &composed.replace("orbita", "\u{ff4f}rbita")).1.ok(303);
}

#[test]
fn a_name_is_one_that_can_be_seen() {
    let server = Running::start(&[]);
    let invitation = invitation(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    for name in ["\u{3164}", "\u{ad}\u{ad}", "\u{34f}", "\u{200d}", "\u{2800}", "\u{ffa0}\u{115f}", "-"] {
        let sent = changed(registration(&invitation, ADA), &[("given", name)]);
        let page = browser.post("/register", &form, &sent).ok(422).text();
        assert!(page.contains("href=\"#given\""), "{name:?}: {page}");
    }
}

/// Where the link to the other language leads.
fn other_language(page: &str) -> String {
    let link = page.split("hreflang=").next().unwrap().rsplit("href=\"").next().unwrap();
    link.split('"').next().unwrap().replace("&#38;", "&")
}

#[test]
fn the_other_language_is_that_of_the_same_page_after_a_form_was_sent_too() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let invited = secret(&link);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invited}")).ok(200);
    let page = browser.post("/register", &form, &changed(registration(&invited, ADA), &[("given", "")])).ok(422).text();
    let there = other_language(&page);
    let page = browser.get(&there).ok(200).text();
    assert!(page.contains("name=\"password\"") && page.contains("lang=\"it\""), "{there}: {page}");
    let next = "/account/settings";
    let form = browser.get(&format!("/sign-in?next={next}")).ok(200);
    let page = browser.post("/sign-in", &form, &[("email", ADA), ("password", "x"), ("next", next)]).ok(422).text();
    let there = other_language(&page);
    assert_eq!(browser.get(&there).ok(200).hidden("next"), next, "{there}");
    // What is the answer to a button alone leads back to the page that has the button.
    let mut other = member(&server, "bruno@posta.example");
    let page = other.get(&link).ok(200);
    let page = other.post(&format!("/claim/{invited}/address"), &page, &[]).ok(200).text();
    assert!(other.get(&other_language(&page)).ok(200).text().contains("Saldatura"));
}

#[test]
fn no_link_or_way_on_of_a_page_leads_to_the_host_that_a_path_spells() {
    let server = Running::start(&[]);
    for path in ["//evil.example/x", "///evil.example", "/\\evil.example", "//evil.example//y?z=1"] {
        let page = server.browser().get(path).ok(404).text();
        assert!(!page.contains("=\"//") && !page.contains("=\"/\\"), "{path}: {page}");
    }
    for next in ["//evil.example", "/..//evil.example", "/account//evil.example"] {
        let page = server.browser().get(&format!("/sign-in?next={next}")).ok(200);
        assert_eq!(page.hidden("next"), "/account", "{next}");
    }
}

#[test]
fn a_form_that_was_sent_after_the_session_ended_leads_back_to_its_page() {
    let server = Running::start(&[]);
    member(&server, ADA);
    for (path, back) in [
        ("/account/page", "/account/settings"),
        ("/account/sessions/others", "/account/settings"),
        ("/account/password", "/account/password"),
    ] {
        let mut gone = server.browser();
        let form = gone.get("/sign-in").ok(200);
        let answer = gone.post(path, &form, &[("page", "public")]).ok(303);
        let form = gone.follow(answer.location()).ok(200);
        assert!(form.text().contains("nothing was changed"), "{path}: {}", form.text());
        let answer =
            gone.post("/sign-in", &form, &[("email", ADA), ("password", PASSWORD), ("next", &form.hidden("next"))]).ok(303);
        assert_eq!(answer.location(), back);
        gone.get(back).ok(200);
    }
}
