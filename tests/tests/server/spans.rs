//! What holds for a while and no longer: links of mails, sessions, what a browser shows between two steps, codes and tokens of programs. What can be
//! tried again and again has an end, and what opens something lies in the database as a hash alone.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::sha256;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::running::Running;
use serde_json::json;

use crate::institution::{change, is_in, rows};
use crate::oauth::{allowed, device};
use crate::scene::{Desk, PASSWORD, member, register, registration, secret, sign_in};
use crate::wallet::Wallet;

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";
const OTHER: &str = "granite lullaby tram";

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A number that the database has.
fn number(server: &Running, sql: &str) -> i64 {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Under what the server counts tries, and what it seals with: its own random number mixed with what it is for.
fn key(server: &Running, what: &str, who: &str) -> [u8; 32] {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    let salt: Vec<u8> = database.query_row("SELECT value FROM meta WHERE name = 'salt'", [], |row| row.get(0)).unwrap();
    sha256(&[salt.as_slice(), what.as_bytes(), b"\0", who.as_bytes()].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The id of the only account.
fn only_account(server: &Running) -> String {
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    let id: Vec<u8> = database.query_row("SELECT id FROM account", [], |row| row.get(0)).unwrap();
    let hex = hex(&id);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn invited(server: &Running, email: &str) -> String {
    server.admin(&["user", "invite", email]).ending(0);
    secret(&server.mail(email, "invitation").link("/register"))
}

/// Has a link for a new password sent; it.
fn forgotten(server: &Running, email: &str) -> (Browser, Answer, String) {
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", email)]).ok(200);
    (browser, form, server.mail(email, "A new password").link("/reset/"))
}

#[test]
fn a_link_of_a_mail_holds_for_its_time_alone() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let (mut browser, form, link) = forgotten(&server, ADA);
    assert_eq!(number(&server, "SELECT expires - created FROM ticket WHERE kind = 'reset'"), 30 * MINUTE);
    browser.get(&link).ok(200);
    change(&server, "UPDATE ticket SET expires = 0 WHERE kind = 'reset'");
    browser.get(&link).ok(410);
    browser.post(&link, &form, &[("password", OTHER), ("again", OTHER)]).ok(410);
    sign_in(&server, ADA, PASSWORD).1.ok(303);

    // An invitation to register, and the address that is verified after it.
    let invitation = invited(&server, BOB);
    let page = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    browser.post("/register", &page, &registration(&invitation, BOB)).ok(200);
    let verify = server.mail(BOB, "Verify your address").link("/verify/");
    change(&server, "UPDATE ticket SET expires = 0 WHERE kind = 'verify' AND used IS NULL");
    browser.get(&verify).ok(410);
    browser.post(&verify, &form, &[("password", PASSWORD)]).ok(410);
    sign_in(&server, BOB, PASSWORD).1.ok(422);
    change(&server, "UPDATE entry SET expires = 0 WHERE used IS NULL");
    let again = browser.post("/register", &page, &registration(&invitation, BOB)).ok(200).text();
    assert!(again.contains("needs an invitation"), "{again}");
}

#[test]
fn one_invitation_to_register_lets_one_person_in() {
    let server = Running::start(&[]);
    let invitation = invited(&server, ADA);
    let links = [ADA, BOB].map(|email| {
        let mut browser = server.browser();
        let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
        browser.post("/register", &form, &registration(&invitation, email)).ok(200);
        (browser, form, server.mail(email, "Verify your address").link("/verify/"))
    });
    let statuses = links.map(|(mut browser, form, link)| browser.post(&link, &form, &[("password", PASSWORD)]).status);
    assert_eq!(statuses, [303, 410]);
    assert_eq!(rows(&server, "account"), 1);
}

#[test]
fn one_address_is_one_account_whoever_else_registers_with_it() {
    let server = Running::start(&[]);
    let links = ["first@posta.example", "second@posta.example"].map(|to| {
        let invitation = invited(&server, to);
        let mut browser = server.browser();
        let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
        browser.post("/register", &form, &registration(&invitation, ADA)).ok(200);
        (browser, form)
    });
    let mails = server.mails_to(ADA, "Verify your address", 2);
    let statuses: Vec<u16> = links
        .into_iter()
        .zip(mails)
        .map(|((mut browser, form), mail)| browser.post(&mail.link("/verify/"), &form, &[("password", PASSWORD)]).status)
        .collect();
    assert_eq!((statuses, rows(&server, "account")), (vec![303, 410], 1));
    // Also when an institution gave it to somebody meanwhile, whose word an address may be.
    let invitation = invited(&server, BOB);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    browser.post("/register", &form, &registration(&invitation, BOB)).ok(200);
    let link = server.mail(BOB, "Verify your address").link("/verify/");
    change(&server, &format!("UPDATE address SET address = '{BOB}', shown = '{BOB}'"));
    browser.post(&link, &form, &[("password", PASSWORD)]).ok(410);
    assert_eq!(rows(&server, "account"), 1);
}

#[test]
fn a_session_ends_when_nobody_uses_it_and_after_ninety_days_in_any_case() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    assert_eq!(number(&server, "SELECT expires - created FROM session"), 90 * DAY);
    change(&server, &format!("UPDATE session SET seen = seen - {}", 13 * DAY));
    assert!(is_in(&mut browser));
    // It was used just now, and counts from there.
    change(&server, &format!("UPDATE session SET seen = seen - {}", 13 * DAY));
    assert!(is_in(&mut browser));
    change(&server, &format!("UPDATE session SET seen = seen - {}", 14 * DAY));
    assert!(!is_in(&mut browser));
    let (mut browser, _) = sign_in(&server, ADA, PASSWORD);
    assert!(is_in(&mut browser));
    change(&server, "UPDATE session SET expires = 0");
    assert!(!is_in(&mut browser));
}

#[test]
fn a_block_holds_for_sessions_that_it_did_not_end() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let settings = browser.get("/account/settings").ok(200);
    let page = format!("/p/{}", settings.text().split_once("href=\"/p/").unwrap().1.split_once('"').unwrap().0);
    browser.post("/account/page", &settings, &[("page", "public")]).ok(303);
    server.browser().get(&page).ok(200);
    let (_, form, reset) = forgotten(&server, ADA);
    change(&server, "UPDATE account SET state = 'blocked'");
    assert!(!is_in(&mut browser));
    browser.get("/account/export").ok(303);
    server.browser().get(&page).ok(404);
    let mut other = server.browser();
    other.get(&reset).ok(410);
    other.post(&reset, &form, &[("password", OTHER), ("again", OTHER)]).ok(403);
    // And the other way round: what a block ended stays so.
    change(&server, "UPDATE account SET state = 'active'");
    assert!(is_in(&mut browser));
    server.admin(&["user", "block", ADA]).ending(0);
    server.admin(&["user", "unblock", ADA]).ending(0);
    assert!(!is_in(&mut browser));
}

#[test]
fn somebody_who_is_too_young_by_the_rules_of_today_accepts_nothing() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let (browser, page) = register(&server, &secret(&link), ADA);
    let config = server.folder.file("satchel.toml", "[policy]\nminimum_age = 99\n");
    let server = Running::start_in(server.stop(), &["--config", config.to_str().unwrap()]);
    let mut browser = browser.moved(&server.url);
    browser.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(403);
    assert_ne!(Desk::new(&server, 1).state(&id), "accepted");
}

#[test]
fn a_registration_waits_no_longer_than_the_age_allows() {
    let server = Running::start(&[]);
    let invitation = invited(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    browser.post("/register", &form, &registration(&invitation, ADA)).ok(200);
    let link = server.mail(ADA, "Verify your address").link("/verify/");
    let config = server.folder.file("satchel.toml", "[policy]\nminimum_age = 99\n");
    let server = Running::start_in(server.stop(), &["--config", config.to_str().unwrap()]);
    let path = format!("/verify/{}", secret(&link));
    browser.moved(&server.url).post(&path, &form, &[("password", PASSWORD)]).ok(410);
    assert_eq!(rows(&server, "account"), 0);
}

#[test]
fn a_new_password_is_weighed_wherever_it_is_chosen() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let form = browser.get("/account/password").ok(200);
    for weak in ["too short", "passwordpassword", "adaposta.example"] {
        let sent = [("present", PASSWORD), ("password", weak), ("again", weak)];
        browser.post("/account/password", &form, &sent).ok(422);
    }
    sign_in(&server, ADA, PASSWORD).1.ok(303);
}

#[test]
fn what_is_for_one_step_is_for_no_other() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let cookies = |browser: &Browser, name: &str| browser.cookies()[name].clone();
    let session = cookies(&browser, "satchel-session");
    crate::factors::with_second_step(&mut browser);
    let (half, answer) = sign_in(&server, ADA, PASSWORD);
    assert!(answer.ok(303).location().starts_with("/sign-in/second"));
    let half = cookies(&half, "satchel-half");
    let (mut stranger, form, reset) = forgotten(&server, ADA);
    // The password alone sets no new one, and a mail alone is no password.
    for text in [&half, &session] {
        stranger.get(&format!("/reset/{text}")).ok(410);
        stranger.post(&format!("/reset/{text}"), &form, &[("password", OTHER), ("again", OTHER)]).ok(410);
        stranger.get(&format!("/verify/{text}")).ok(410);
    }
    let cookie = format!("satchel-half={}", secret(&reset));
    let second = server.browser().send("GET", "/sign-in/second", &[("cookie", &cookie)], b"");
    assert!(second.ok(303).location().starts_with("/sign-in?"));
    let cookie = format!("satchel-session={half}");
    server.browser().send("GET", "/account", &[("cookie", &cookie)], b"").ok(303);
}

#[test]
fn a_new_link_for_a_password_takes_the_place_of_the_earlier_ones() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let (mut browser, form, _) = forgotten(&server, ADA);
    browser.post("/forgot", &form, &[("email", ADA)]).ok(200);
    let links: Vec<String> = server.mails_to(ADA, "A new password", 2).iter().map(|mail| mail.link("/reset/")).collect();
    browser.post(&links[0], &form, &[("password", OTHER), ("again", OTHER)]).ok(200);
    browser.get(&links[1]).ok(410);
    browser.post(&links[1], &form, &[("password", PASSWORD), ("again", PASSWORD)]).ok(410);
    sign_in(&server, ADA, OTHER).1.ok(303);
}

#[test]
fn what_is_tried_again_and_again_has_an_end() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let form = browser.get("/account/password").ok(200);
    // The present password: ten times.
    let mut change_with = |present: &str| {
        let sent = [("present", present), ("password", OTHER), ("again", OTHER)];
        browser.post("/account/password", &form, &sent).ok(422).text()
    };
    for _ in 0..10 {
        assert!(change_with("wrong wrong wrong").contains("not your present password"));
    }
    assert!(change_with(PASSWORD).contains("Too many"), "the right one too");

    // A link for a new password: five an hour to an address, sixty from a visitor.
    let mut visitor = server.browser();
    let form = visitor.get("/forgot").ok(200);
    let mut forgot = |email: &str| visitor.post("/forgot", &form, &[("email", email)]).status;
    assert_eq!((0..6).map(|_| forgot(ADA)).collect::<Vec<_>>(), [200, 200, 200, 200, 200, 429]);
    for at in 6..60 {
        assert_eq!(forgot(&format!("p{at}@posta.example")), 200, "{at}");
    }
    assert_eq!(forgot("last@posta.example"), 429);

    // The mail that verifies an address, once more: sixty from a visitor.
    let form = visitor.get("/register/again").ok(200);
    for at in 0..60 {
        visitor.post("/register/again", &form, &[("email", &format!("q{at}@posta.example"))]).ok(200);
    }
    visitor.post("/register/again", &form, &[("email", "last@posta.example")]).ok(422);

    // The password of a registration: ten times for a link.
    let invitation = invited(&server, BOB);
    let form = visitor.get(&format!("/register?invitation={invitation}")).ok(200);
    visitor.post("/register", &form, &registration(&invitation, BOB)).ok(200);
    let link = server.mail(BOB, "Verify your address").link("/verify/");
    for _ in 0..10 {
        visitor.post(&link, &form, &[("password", "wrong wrong wrong")]).ok(422);
    }
    visitor.post(&link, &form, &[("password", PASSWORD)]).ok(429);
    // Registering: twenty times through an invitation, three hundred times from a visitor.
    let mut nothing = |invitation: &str| visitor.post("/register", &form, &[("invitation", invitation)]).ok(422).text();
    for at in 1..20 {
        assert!(!nothing(&invitation).contains("Too many"), "{at}");
    }
    assert!(nothing(&invitation).contains("Too many"));
    let others: Vec<String> = (0..15).map(|at| invited(&server, &format!("r{at}@posta.example"))).collect();
    let refused =
        others.iter().flat_map(|it| std::iter::repeat_n(it, 20)).map(|it| nothing(it)).position(|it| it.contains("Too many"));
    assert_eq!(refused, Some(300 - 22), "of all invitations together");
}

#[test]
fn an_address_that_nobody_has_is_as_much_work_as_one_that_somebody_has() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let mut browser = server.browser();
    let form = browser.get("/forgot").ok(200);
    // What takes a while is the commit of a row: of a mail, or of a number that says nothing.
    for (path, what) in [("/forgot", "forgot"), ("/register/again", "resend")] {
        for email in [ADA, "nobody@posta.example", "nowhere@posta.example"] {
            browser.post(path, &form, &[("email", email)]).ok(200);
        }
        let counted = hex(&key(&server, what, "nobody"));
        assert_eq!(number(&server, &format!("SELECT count FROM attempt WHERE key = x'{counted}'")), 2, "{what}");
    }
}

#[test]
fn an_address_of_somebody_else_is_not_written_to_again_and_again() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, ADA);
    desk.give(BOB, "Saldatura");
    let link = server.mail(BOB, "Saldatura").link("/claim/");
    let page = browser.get(&link).ok(200);
    let mut ask = |link: &str| browser.post(&format!("{link}/address"), &page, &[]).status;
    assert_eq!((0..6).map(|_| ask(&link)).collect::<Vec<_>>(), [200, 200, 200, 200, 200, 429]);
    // Ten an hour for an account, whoever they are to.
    let links: Vec<String> = (0..5)
        .map(|at| {
            let to = format!("s{at}@posta.example");
            desk.give(&to, "Saldatura");
            server.mail(&to, "Saldatura").link("/claim/")
        })
        .collect();
    assert_eq!(links.iter().map(|link| ask(link)).collect::<Vec<_>>(), [200, 200, 200, 200, 429]);
}

#[test]
fn codes_and_tokens_hold_for_their_time_and_as_what_they_are() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (client, tokens) = allowed(&server, &mut browser, "wallet");
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let account = |token: &str| {
        let bearer = format!("Bearer {token}");
        server.browser().send("GET", "/api/v1/account", &[("authorization", &bearer)], b"").status
    };
    let refreshed = |token: &str| {
        let fields = [("grant_type", "refresh_token"), ("client_id", client.as_str()), ("refresh_token", token)];
        server.browser().post_raw("/oauth/token", &fields, &[])
    };
    let active = |token: &str| {
        let answer = Browser::new(&server.admin_url).post_raw("/introspect", &[("token", token)], &[]).ok(200);
        answer.json()["active"].as_bool().unwrap()
    };
    assert_eq!((account(access), account(refresh), refreshed(access).status), (200, 401, 400));
    assert_eq!(
        number(
            &server,
            "SELECT token.expires - device.created FROM token JOIN device ON device.id = token.device WHERE kind = 'access'"
        ),
        60 * MINUTE
    );
    assert!(active(access) && active(refresh));
    let next = refreshed(refresh).ok(200).json();
    let next = next["refresh_token"].as_str().unwrap();
    assert!(!active(refresh) && active(next), "one that was used up is good for nothing");
    change(&server, "UPDATE token SET expires = 0 WHERE kind = 'access'");
    assert!(!active(access));
    assert_eq!(account(access), 401);
    change(&server, "UPDATE token SET expires = 0 WHERE kind = 'refresh'");
    assert!(!active(next));
    refreshed(next).ok(400);
    // Whose account may not be used any more has nothing that is good.
    let token = device(&server, &mut browser, "wallet");
    assert!(active(&token));
    change(&server, "UPDATE account SET birth_date = '2020-01-01'");
    assert!(!active(&token));
}

#[test]
fn what_opens_something_lies_in_the_database_as_a_hash_alone() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, ADA);
    crate::factors::with_second_step(&mut browser);
    let (half, _) = sign_in(&server, ADA, PASSWORD);
    desk.give(BOB, "Saldatura");
    let claim = secret(&server.mail(BOB, "Saldatura").link("/claim/"));
    let (.., reset) = forgotten(&server, ADA);
    let invitation = invited(&server, "carla@posta.example");
    let (_, tokens) = allowed(&server, &mut browser, "wallet");
    let made = desk.send("POST", "systems", json!({ "name": "Moodle" }).to_string().as_bytes()).ok(200).json();
    let mut all: Vec<String> = vec![claim, secret(&reset), invitation, half.cookies()["satchel-half"].clone()];
    all.push(browser.cookies()["satchel-session"].clone());
    for (of, name) in [(&tokens, "access_token"), (&tokens, "refresh_token"), (&made, "token")] {
        all.push(of[name].as_str().unwrap().to_owned());
    }
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    let hash: String = database.query_row("SELECT password FROM account", [], |row| row.get(0)).unwrap();
    // OWASP, Password Storage: 19 MiB and two passes.
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    drop(database);
    let folder = server.stop();
    let bytes = std::fs::read(folder.at("data/server.db")).unwrap();
    for it in all {
        assert_eq!(it.len(), 32);
        assert!(!bytes.windows(32).any(|there| there == it.as_bytes()), "{it}");
    }
}

#[test]
fn what_nobody_needs_any_more_is_forgotten() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (used, _) = allowed(&server, &mut browser, "wallet");
    let kind = [("content-type", "application/json")];
    let idle = json!({ "client_name": "Idle", "redirect_uris": ["http://127.0.0.1/back"] }).to_string();
    server.browser().send("POST", "/oauth/register", &kind, idle.as_bytes()).ok(201);
    let invitation = invited(&server, BOB);
    let mut visitor = server.browser();
    let own = visitor.get(&format!("/register?invitation={invitation}")).ok(200);
    visitor.post("/register", &own, &registration(&invitation, BOB)).ok(200);
    member(&server, "young@posta.example");
    assert_eq!((rows(&server, "client"), rows(&server, "registration"), rows(&server, "account")), (2, 1, 2));
    change(&server, "UPDATE client SET used = 0");
    change(&server, "UPDATE registration SET expires = 0");
    change(&server, "UPDATE change SET at = 0");
    let young = "UPDATE account SET birth_date = '2020-01-01', state = 'under_age', suspended = 0
                 WHERE id = (SELECT account FROM address WHERE address LIKE 'young%')";
    change(&server, young);
    // What happens by itself happens when the server starts.
    let server = server.restart();
    let began = std::time::Instant::now();
    loop {
        let left = (
            rows(&server, "client"),
            rows(&server, "registration"),
            rows(&server, "account"),
            number(&server, "SELECT count(*) FROM change WHERE at = 0"),
        );
        if left == (1, 0, 1, 0) {
            break;
        }
        assert!(began.elapsed().as_secs() < 20, "{left:?}");
    }
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    let left: Vec<u8> = database.query_row("SELECT id FROM client", [], |row| row.get(0)).unwrap();
    assert_eq!(hex(&left), used.replace('-', ""), "one that somebody allowed something stays");
}

#[test]
fn a_page_that_adds_a_factor_is_good_for_ten_minutes() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let form = browser.get("/account/factors/app").ok(200);
    let purpose = format!("app {}", only_account(&server));
    // As the server would have made it so many minutes ago.
    let made = |ago: i64| {
        let mut bytes = vec![7; 16];
        bytes.extend((jiff::Timestamp::now().as_second() - 60 * ago).to_be_bytes());
        let whole = format!("{purpose}\0{}\0{}", form.hidden("form"), URL_SAFE_NO_PAD.encode(&bytes));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key(&server, "challenge", "")), whole.as_bytes());
        bytes.extend(&tag.as_ref()[..16]);
        URL_SAFE_NO_PAD.encode(bytes)
    };
    for (ago, status) in [(9, 422), (11, 403), (-11, 403)] {
        let sent = [("challenge", made(ago)), ("code", String::from("000000")), ("name", String::from("x"))];
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/account/factors/app", &form, &sent).ok(status);
    }
}

#[test]
fn the_second_step_follows_the_first_within_a_quarter_of_an_hour_and_not_after_a_day_of_guesses() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    crate::factors::with_second_step(&mut browser);
    let half = || {
        let (mut half, answer) = sign_in(&server, ADA, PASSWORD);
        let page = half.get(answer.ok(303).location()).ok(200);
        (half, page)
    };
    let guess = |half: &mut Browser, page: &Answer| {
        let text = half.post("/sign-in/second", page, &[("code", "000000"), ("next", "/account")]).ok(422).text();
        text.contains("oo many")
    };
    let (mut late, page) = half();
    assert_eq!(number(&server, "SELECT expires - created FROM ticket WHERE kind = 'half'"), 15 * MINUTE);
    change(&server, "UPDATE ticket SET expires = 0 WHERE kind = 'half'");
    assert!(late.post("/sign-in/second", &page, &[("code", "000000")]).ok(303).location().starts_with("/sign-in?"));

    // Ten guesses in a quarter of an hour, fifty in a day.
    let (mut thief, page) = half();
    let earlier = || change(&server, &format!("UPDATE attempt SET began = began - {}", 16 * MINUTE));
    for round in 0..5 {
        assert_eq!((0..10).filter(|_| guess(&mut thief, &page)).count(), 0, "{round}");
        earlier();
    }
    assert!(guess(&mut thief, &page), "the day is over for this account");
    // A hundred in a quarter of an hour for a visitor, whosever they are.
    let from = key(&server, "factor-from", "127.0.0.1");
    let forget = || {
        let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
        database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
        database.execute("DELETE FROM attempt WHERE key <> ?1", [from.as_slice()]).unwrap();
    };
    change(&server, "DELETE FROM attempt");
    for round in 0..10 {
        assert_eq!((0..10).filter(|_| guess(&mut thief, &page)).count(), 0, "{round}");
        forget();
    }
    assert!(guess(&mut thief, &page));
}

#[test]
fn an_invitation_that_ran_out_opens_nothing_before_anybody_has_noted_it() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    let id = desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let page = browser.get(&link).ok(200);
    server.browser().get(&format!("{link}/picture/320")).ok(200);
    change(&server, "UPDATE invitation SET expires = 0");
    for path in [&link, &format!("/claims/{id}")] {
        assert!(!browser.post(path, &page, &[("keep", "private")]).text().contains("Saldatura"));
    }
    assert!(!server.browser().get(&link).ok(200).text().contains("Saldatura"));
    server.browser().get(&format!("{link}/picture/320")).ok(404);
    wallet.send("POST", &format!("/api/v1/invitations/{id}/accept"), "", "").ok(409);
    let form = server.browser().get(&format!("/register?invitation={}", secret(&link))).ok(200).text();
    assert!(form.contains("needs an invitation"), "{form}");
    assert_ne!(desk.state(&id), "accepted");
}

#[test]
fn an_invitation_lets_nobody_register_who_declined_it() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let mut browser = server.browser();
    let page = browser.get(&format!("{link}/decline")).ok(200);
    browser.post(&format!("{link}/decline"), &page, &[]).ok(200);
    let form = browser.get(&format!("/register?invitation={}", secret(&link))).ok(200).text();
    assert!(form.contains("needs an invitation"), "{form}");
    browser.get(&format!("{link}/picture/320")).ok(404);
}

#[test]
fn what_was_accepted_is_its_owners_to_erase() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let id = desk.give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let mut stranger = server.browser();
    let never = stranger.get(&format!("{link}/never")).ok(200);
    let (mut browser, page) = register(&server, &secret(&link), ADA);
    let again = server.browser().get(&format!("/register?invitation={}", secret(&link))).ok(200).text();
    assert!(again.contains("needs an invitation"), "somebody has registered through it: {again}");
    browser.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(303);
    // Whoever has the mail, or had its page open, takes nothing away.
    let text = stranger.post(&format!("{link}/never"), &never, &[]).ok(200).text();
    assert!(text.contains("Sign in to see it"), "{text}");
    assert!(browser.get("/account").ok(200).text().contains("Saldatura"));
    assert_eq!(desk.upload(&[desk.award(ADA, "Potatura")])[0]["result"], "added");
}

#[test]
fn an_address_that_somebody_verified_meanwhile_is_theirs() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(BOB, "Saldatura");
    let link = server.mail(BOB, "Saldatura").link("/claim/");
    let mut browser = member(&server, ADA);
    let page = browser.get(&link).ok(200);
    browser.post(&format!("{link}/address"), &page, &[]).ok(200);
    let verify = server.mail(BOB, "Verify your address").link("/address/");
    let form = browser.get(&verify).ok(200);
    let invitation = invited(&server, BOB);
    let mut bob = server.browser();
    let own = bob.get(&format!("/register?invitation={invitation}")).ok(200);
    bob.post("/register", &own, &registration(&invitation, BOB)).ok(200);
    let mails = server.mails_to(BOB, "Verify your address", 2);
    let link = mails.iter().find(|mail| mail.text.contains("/verify/")).unwrap().link("/verify/");
    bob.post(&link, &own, &[("password", PASSWORD)]).ok(303);
    browser.post(&verify, &form, &[]).ok(410);
    sign_in(&server, BOB, PASSWORD).1.ok(303);
    // And a link of the other kind holds for its time, too.
    let mut late = member(&server, "late@posta.example");
    desk.give("free@posta.example", "Saldatura");
    let link = server.mail("free@posta.example", "Saldatura").link("/claim/");
    let page = late.get(&link).ok(200);
    late.post(&format!("{link}/address"), &page, &[]).ok(200);
    let verify = server.mail("free@posta.example", "Verify your address").link("/address/");
    let form = late.get(&verify).ok(200);
    change(&server, "UPDATE ticket SET expires = 0 WHERE kind = 'address'");
    late.get(&verify).ok(410);
    late.post(&verify, &form, &[]).ok(410);
}

#[test]
fn nothing_of_an_account_is_left_in_the_rows_that_wait() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let wallet = Wallet::new(&server, &mut browser);
    wallet.send("PATCH", "/api/v1/account", "key", r#"{"given_name":"Ada"}"#).ok(200);
    server.admin(&["user", "invite", ADA]).ending(0);
    server.mails_to(ADA, "invitation", 2);
    let named = "SELECT count(*) FROM entry WHERE address IS NOT NULL";
    assert_eq!((number(&server, named), rows(&server, "answered"), rows(&server, "change") > 0), (2, 1, true));
    // A mail that has not left yet, as when the mail server is away.
    let waiting = "INSERT INTO outbox (id, kind, subject, address, language, tries, due, created)
                   SELECT x'00', 'reset', account, address, 'en', 0, 9000000000000000, 0 FROM address";
    change(&server, waiting);
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    server.mail(ADA, "account is deleted");
    for table in ["account", "address", "session", "device", "token", "answered", "change", "feed"] {
        assert_eq!(rows(&server, table), 0, "{table}");
    }
    assert_eq!((number(&server, named), number(&server, "SELECT count(*) FROM outbox WHERE kind = 'reset'")), (0, 0));
}

#[test]
fn a_proposal_ends_with_the_wish_of_its_person_with_its_time_and_with_its_issuer() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    crate::requests::open_form(&desk);
    let made = desk.send("POST", "systems", br#"{"name":"Moodle"}"#).ok(200).json();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let path = format!("/api/v1/issuers/{}/proposals", desk.did);
    let ask = |url: &str, method: &str, path: &str, email: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", email)];
        let body = json!({ "badge": "saldatura", "email": email }).to_string();
        Browser::new(url).send(method, path, &headers, body.as_bytes())
    };
    let propose = |email: &str| ask(&server.url, "POST", &path, email);
    let ids = [ADA, BOB, "carla@posta.example"].map(|email| propose(email).ok(201).json()["id"].as_str().unwrap().to_owned());
    let state = |url: &str, id: &str| ask(url, "GET", &format!("{path}/{id}"), "").ok(200).json()["state"].clone();

    // An award that is for somebody else is not the one that was proposed.
    let mut award = desk.award("dora@posta.example", "Altro");
    award["proposal"] = json!(ids[2]);
    assert_eq!(desk.upload(&[award])[0]["code"], "conflict");
    assert_eq!(state(&server.url, &ids[2]), "waiting");

    desk.give(ADA, "Potatura");
    let link = server.mail(ADA, "Potatura").link("/claim/");
    let mut browser = server.browser();
    let page = browser.get(&format!("{link}/never")).ok(200);
    browser.post(&format!("{link}/never"), &page, &[]).ok(200);
    assert_eq!(state(&server.url, &ids[0]), "declined");
    let again = ask(&server.url, "POST", &path, "Ada@Posta.example");
    assert_eq!(again.ok(409).json()["code"], "unwanted");

    change(&server, "UPDATE proposal SET created = 0");
    let server = server.restart();
    let began = std::time::Instant::now();
    while number(&server, "SELECT count(*) FROM proposal WHERE state = 'waiting' OR address IS NOT NULL OR wish IS NOT NULL") > 0
    {
        assert!(began.elapsed().as_secs() < 20);
    }
    assert_eq!(state(&server.url, &ids[1]), "expired");
    let desk = Desk::new(&server, 1);
    crate::catalogue::set(&desk, "saldatura", "closed");
    assert_eq!(ask(&server.url, "POST", &path, "eva@posta.example").ok(409).json()["code"], "closed");
    server.admin(&["issuer", "suspend", "--key", &desk.did]).ending(0);
    ask(&server.url, "GET", &format!("{path}/{}", ids[1]), "").ok(401);
}

#[test]
fn what_is_erased_is_gone_from_the_journal_too_when_that_is_answered() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let browser = member(&server, ADA);
    desk.give(BOB, "Saldatura");
    let link = server.mail(BOB, "Saldatura").link("/claim/");
    // No mail leaves from now on, with which the journal would be written too; and it ends as a power cut would end it.
    let server = Running::start_by_smtp(server.stop(), &[]);
    let mut browser = browser.moved(&server.url);
    let gone = |server: Running, needle: &str, erased: usize| {
        let folder = server.kill();
        assert_eq!(crate::backup::is_anywhere(&folder.at("data"), needle), None, "{needle}");
        let told = std::fs::read_to_string(folder.at("data/erased.log")).unwrap();
        assert_eq!(told.lines().count(), erased, "{told}");
        folder
    };
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    let server = Running::start_by_smtp(gone(server, "Marchetti", 1), &[]);
    let path = format!("/claim/{}/never", secret(&link));
    let mut browser = server.browser();
    let form = browser.get(&path).ok(200);
    browser.post(&path, &form, &[]).ok(200);
    gone(server, BOB, 3);
}
