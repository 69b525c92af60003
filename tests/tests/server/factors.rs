//! The second step of signing in: codes of apps, passkeys, recovery codes, and who must have one. Passkeys are signed here by an authenticator
//! of a few lines, which lies as it is told; `ui/tests/passkeys.mjs` has Chromium's.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_protocol::sha256;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::provider::Provider;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use serde_json::{Value, json};

use crate::scene::{Desk, PASSWORD, appoint, member, secret, sign_in};
use crate::{institution, oauth};

const ADA: &str = "ada@posta.example";
const BOB: &str = "bob@posta.example";
const NAME: &str = "http://badges.localhost";
const HOST: &str = "badges.localhost";

// ---- Apps ----

/// An app that makes codes: the secret that it read from the page, and the step (30 s) in which it did. Codes are counted from that step and
/// not from now: which code was used already must not depend on when the next thirty seconds begin.
struct App(Vec<u8>, i64);

impl App {
    fn read(page: &Answer) -> Self {
        let text = page.text();
        let secret = text.split_once("secret=").unwrap().1.split_once('&').unwrap().0.to_owned();
        let letter = |it: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|letter| *letter == it).unwrap();
        let bits: Vec<usize> = secret.bytes().flat_map(|it| (0..5).rev().map(move |bit| letter(it) >> bit & 1)).collect();
        let byte = |eight: &[usize]| u8::try_from(eight.iter().fold(0, |sum, bit| sum * 2 + bit)).unwrap();
        Self(bits.chunks_exact(8).map(byte).collect(), Timestamp::now().as_second() / 30)
    }

    /// The code of so many steps after the first.
    fn code(&self, off: i64) -> String {
        let step = self.1 + off;
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0), &step.to_be_bytes());
        let at = usize::from(tag.as_ref()[19] & 15);
        let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// Gives somebody a second step, as staff must have one.
pub fn with_second_step(browser: &mut Browser) {
    set_up(browser);
}

/// Sets an app up; the app, and the recovery codes when it is the first factor.
fn set_up(browser: &mut Browser) -> (App, Vec<String>) {
    let form = browser.get("/account/factors/app").ok(200);
    let page = browser.post("/account/factors/app", &form, &[("present", PASSWORD)]).ok(200);
    finish(browser, &page)
}

fn finish(browser: &mut Browser, page: &Answer) -> (App, Vec<String>) {
    let app = App::read(page);
    let (challenge, next) = (page.hidden("challenge"), page.hidden("next"));
    let fields = [("challenge", challenge.as_str()), ("next", &next), ("code", &app.code(0)), ("name", "Ada’s <phone>")];
    let done = browser.post("/account/factors/app", page, &fields).ok(200);
    (app, codes(&done))
}

fn codes(page: &Answer) -> Vec<String> {
    let text = page.text();
    text.split("<li><code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect()
}

/// Gives the password; the browser is then at the second step.
fn half(server: &Running, email: &str) -> (Browser, Answer) {
    let (mut browser, answer) = sign_in(server, email, PASSWORD);
    let place = answer.ok(303).location().to_owned();
    assert!(place.starts_with("/sign-in/second"), "{place}");
    let page = browser.get(&place).ok(200);
    (browser, page)
}

fn second(browser: &mut Browser, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    browser.post("/sign-in/second", page, &[fields, &[("next", "/account")]].concat())
}

fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").status == 200
}

/// The id of the first factor.
fn first(browser: &mut Browser) -> String {
    let page = browser.get("/account/factors").ok(200).text();
    let rest =
        page.split("/account/factors/").find(|rest| rest.as_bytes().get(8) == Some(&b'-')).unwrap_or_else(|| panic!("{page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

#[test]
fn a_code_is_asked_after_the_password_and_counts_once() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (mut other, _) = sign_in(&server, ADA, PASSWORD);
    assert!(is_in(&mut other));

    // The password is asked again, and the code must be right, before anything changes.
    let form = browser.get("/account/factors/app").ok(200);
    assert!(!form.text().contains("<svg class=\"qr\""));
    browser.post("/account/factors/app", &form, &[("present", "not the one that was chosen")]).ok(422);
    let page = browser.post("/account/factors/app", &form, &[("present", PASSWORD)]).ok(200);
    assert!(
        page.text().contains("<svg class=\"qr\"") && page.text().contains("otpauth://totp/Satchel:ada%40posta.example?secret=")
    );
    assert!(!page.header("content-security-policy").unwrap().contains("script-src"), "no script is needed for it");
    let challenge = page.hidden("challenge");
    let app = App::read(&page);
    let wrong =
        browser.post("/account/factors/app", &page, &[("challenge", &challenge), ("code", "000000"), ("name", "x")]).ok(422);
    assert_eq!(app.0, App::read(&wrong).0, "the picture stays the same");
    let (app, codes) = finish(&mut browser, &wrong);
    assert_eq!((codes.len(), codes.iter().all(|code| code.len() == 29)), (10, true), "{codes:?}");
    assert!(server.mail(ADA, "second step was added").text.contains("change your password"));
    assert!(is_in(&mut browser) && !is_in(&mut other), "other sessions began without");
    let list = browser.get("/account/factors").ok(200).text();
    assert!(list.contains("Ada’s &#60;phone&#62;") && list.contains("10 are left"), "{list}");

    let (mut fresh, page) = half(&server, ADA);
    assert!(!fresh.cookies().contains_key("satchel-session") && !is_in(&mut fresh));
    assert!(second(&mut fresh, &page, &[("code", "")]).ok(422).text().contains("That was not right"));
    assert!(
        second(&mut fresh, &page, &[("code", &app.code(0))]).ok(422).text().contains("each code works once"),
        "it set the app up"
    );
    let later = app.code(1);
    let (mut thief, same) = half(&server, ADA);
    assert_eq!(
        second(&mut fresh, &page, &[("code", &format!("{} {}", &later[..3], &later[3..]))]).ok(303).location(),
        "/account"
    );
    assert!(is_in(&mut fresh));
    second(&mut thief, &same, &[("code", &later)]).ok(422);
    assert!(!is_in(&mut thief));
    // What showed that the password was given is over too.
    assert!(!fresh.cookies().contains_key("satchel-half"));
    assert!(fresh.get("/sign-in/second").ok(303).location().starts_with("/sign-in?"));
}

#[test]
fn whoever_lost_the_device_comes_in_by_a_recovery_code_and_removes_it() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (_, codes) = set_up(&mut browser);
    let (mut found, page) = half(&server, ADA);
    // Also where the codes of the app go, which takes one whole; and as people type them.
    let field = page.text().split("id=\"code\"").nth(1).unwrap().split_once('>').unwrap().0.to_owned();
    let most = field.split("maxlength=\"").nth(1).map_or(usize::MAX, |rest| rest.split_once('"').unwrap().0.parse().unwrap());
    assert!(codes[0].len() <= most && page.text().contains("A recovery code does, too"), "{field}");
    second(&mut found, &page, &[("code", &codes[0].to_uppercase().replace('-', " "))]).ok(303);
    assert!(is_in(&mut found));
    assert!(server.mail(ADA, "recovery code was used").text.contains("9 recovery codes are left"));
    let (mut thief, page) = half(&server, ADA);
    second(&mut thief, &page, &[("code", &codes[0])]).ok(422);

    let path = format!("/account/factors/{}", first(&mut found));
    let form = found.get(&path).ok(200);
    for wrong in ["", "000000", codes[0].as_str(), "aaaaa-aaaaa-aaaaa-aaaaa-aaaaa"] {
        found.post(&path, &form, &[("code", wrong)]).ok(422);
    }
    assert!(found.get("/account/factors").ok(200).text().contains("phone"), "it is still there");
    found.post(&path, &form, &[("code", &codes[1])]).ok(303);
    assert!(found.get("/account/factors").ok(200).text().contains("It is off"));
    server.mail(ADA, "second step was removed");
    let (mut plain, answer) = sign_in(&server, ADA, PASSWORD);
    assert_eq!(answer.ok(303).location(), "/account");
    assert!(is_in(&mut plain));
}

#[test]
fn new_recovery_codes_are_made_for_whoever_shows_a_factor_and_end_the_earlier_ones() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (app, before) = set_up(&mut browser);
    let form = browser.get("/account/factors/codes").ok(200);
    browser.post("/account/factors/codes", &form, &[("code", "123456")]).ok(422);
    let after = codes(&browser.post("/account/factors/codes", &form, &[("code", &app.code(1))]).ok(200));
    assert_eq!(after.len(), 10);
    server.mail(ADA, "new recovery codes");
    let (mut fresh, page) = half(&server, ADA);
    second(&mut fresh, &page, &[("code", &before[3])]).ok(422);
    second(&mut fresh, &page, &[("code", &after[3])]).ok(303);
}

#[test]
fn guessing_codes_ends_after_ten_tries_and_the_owner_is_told() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (app, codes) = set_up(&mut browser);
    let (mut thief, page) = half(&server, ADA);
    for _ in 0..10 {
        assert!(second(&mut thief, &page, &[("code", "111111")]).ok(422).text().contains("not right"));
    }
    for shown in [app.code(1), codes[0].clone()] {
        let text = second(&mut thief, &page, &[("code", &shown)]).ok(422).text();
        assert!(text.contains("oo many tries"), "{text}");
    }
    assert!(server.mail(ADA, "got past the first step").text.contains("too many wrong codes"));
    assert_eq!(server.mails_to(ADA, "got past the first step", 1).len(), 1);
}

#[test]
fn a_new_password_by_mail_takes_no_second_step_off() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (_, codes) = set_up(&mut browser);
    let (mut thief, step) = half(&server, ADA);
    let form = browser.get("/forgot").ok(200);
    browser.post("/forgot", &form, &[("email", ADA)]).ok(200);
    let link = server.mail(ADA, "A new password").link("/reset/");
    let form = browser.get(&link).ok(200);
    let new = "another kettle walrus";
    browser.post(&link, &form, &[("password", new), ("again", new)]).ok(200);
    // Whoever gave the old password, and has found a code since, is out too.
    assert!(second(&mut thief, &step, &[("code", &codes[1])]).ok(303).location().starts_with("/sign-in?"));
    assert!(!is_in(&mut thief));
    let (mut fresh, answer) = sign_in(&server, ADA, new);
    assert!(answer.ok(303).location().starts_with("/sign-in/second"));
    let page = fresh.get("/sign-in/second?next=/account").ok(200);
    second(&mut fresh, &page, &[("code", &codes[0])]).ok(303);
    assert!(is_in(&mut fresh));
}

#[test]
fn the_password_alone_adds_no_factor_to_an_account_that_has_one() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let form = browser.get("/account/factors/app").ok(200);
    let page = browser.post("/account/factors/app", &form, &[("present", PASSWORD)]).ok(200);
    let (app, challenge) = (App::read(&page), page.hidden("challenge"));
    let fields = [("challenge", challenge.as_str()), ("code", &app.code(0)), ("name", "x")];
    browser.post("/account/factors/app", &page, &fields).ok(200);
    // The page that set one up sets up no second one.
    browser.post("/account/factors/app", &page, &fields).ok(403);
    let (mut thief, step) = half(&server, ADA);
    assert!(thief.get("/account/factors/app").ok(303).location().starts_with("/sign-in?"));
    thief.post("/account/factors/app", &step, &[("present", PASSWORD)]).ok(303);
    thief.post("/account/factors/app", &step, &fields).ok(303);
    // Nor does a page of one visit, or for one account, count in another.
    let mut other = member(&server, BOB);
    let theirs = other.get("/account/factors/app").ok(200);
    other.post("/account/factors/app", &theirs, &fields).ok(403);
    assert!(other.get("/account/factors").ok(200).text().contains("It is off"));
}

#[test]
fn somebody_elses_factors_cannot_be_seen_or_removed() {
    let server = Running::start(&[]);
    let (mut ada, mut bob) = (member(&server, ADA), member(&server, BOB));
    let (_, hers) = set_up(&mut ada);
    let (_, his) = set_up(&mut bob);
    let path = format!("/account/factors/{}", first(&mut ada));
    bob.get(&path).ok(404);
    let form = bob.get("/account/factors/codes").ok(200);
    for code in [&hers[0], &his[0]] {
        bob.post(&path, &form, &[("code", code)]).ok(404);
    }
    let (mut fresh, page) = half(&server, BOB);
    second(&mut fresh, &page, &[("code", &hers[1])]).ok(422);
    second(&mut fresh, &page, &[("code", &his[1])]).ok(303);
}

#[test]
fn all_that_is_kept_of_factors_is_taken_along_without_what_opens_anything_and_is_erased() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    set_up(&mut browser);
    let all = browser.get("/account/export").ok(200).json();
    assert_eq!(all["second_factors"][0]["name"], "Ada’s <phone>");
    assert_eq!((all["second_factors"][0]["kind"].as_str(), all["recovery_codes_left"].as_i64()), (Some("app"), Some(10)));
    assert!(all["second_factors"][0].get("secret").is_none());
    let form = browser.get("/account/delete").ok(200);
    browser.post("/account/delete", &form, &[("present", PASSWORD)]).ok(200);
    server.mail(ADA, "Your account is deleted");
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    for table in ["factor", "recovery"] {
        let left: i64 = database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[test]
fn a_program_is_allowed_something_only_after_the_second_step() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (app, _) = set_up(&mut browser);
    let address = oauth::question(&server);
    let mut fresh = server.browser();
    let form = fresh.follow(&address);
    let next = form.hidden("next").replace("&#38;", "&").replace("&#37;", "%").replace("&#43;", "+");
    let answer = fresh.post("/sign-in", &form, &[("email", ADA), ("password", PASSWORD), ("next", &next)]).ok(303);
    assert!(answer.location().starts_with("/sign-in/second?next="), "{}", answer.location());
    // Not yet.
    assert!(fresh.get(&address).ok(303).location().starts_with("/sign-in?"));
    let token = fresh.get("/sign-in").ok(200);
    assert!(fresh.post(&address, &token, &[("answer", "allow")]).ok(303).location().starts_with("/sign-in?"));
    let page = fresh.get(answer.location()).ok(200);
    let next = page.hidden("next").replace("&#38;", "&").replace("&#37;", "%").replace("&#43;", "+");
    let answer = fresh.post("/sign-in/second", &page, &[("code", &app.code(1)), ("next", &next)]).ok(303);
    assert!(fresh.get(answer.location()).ok(200).text().contains("Allow a program?"));
}

// ---- Who must have one ----

#[test]
fn an_operator_has_no_session_without_a_second_step() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let access = oauth::device(&server, &mut browser, "wallet");
    server.admin(&["staff", "add", ADA]).ending(0);
    assert!(!is_in(&mut browser), "what began without it is over");
    let bearer = format!("Bearer {access}");
    browser.send("GET", "/api/v1/account", &[("authorization", &bearer)], b"").ok(401);
    let (mut browser, page) = half(&server, ADA);
    assert!(page.text().contains("must have a second step"), "{}", page.text());
    assert!(!is_in(&mut browser));
    let page = browser.get("/account/factors/app?next=/account/profile").ok(200);
    let (app, codes) = finish(&mut browser, &page);
    assert_eq!(codes.len(), 10);
    assert!(is_in(&mut browser));
    // The last one stays.
    let path = format!("/account/factors/{}", first(&mut browser));
    let page = browser.get(&path).ok(200);
    assert!(page.text().contains("Add another one"), "{}", page.text());
    let form = browser.get("/account/factors/codes").ok(200);
    browser.post(&path, &form, &[("code", &app.code(1))]).ok(200);
    assert!(browser.get("/account/factors").ok(200).text().contains("phone"));
    // An operator who lost everything is helped by another one, who has the shell.
    server.admin(&["user", "drop-factors", ADA]).ending(0);
    assert!(server.admin(&["log", "export"]).ending(0).out.contains("factors_dropped"));
    assert_eq!(server.admin(&["user", "drop-factors", "--json", ADA]).ending(1).problem(), "admin_refused");
    assert!(!is_in(&mut browser));
    server.mail(ADA, "second step was removed");
    let (_, page) = half(&server, ADA);
    assert!(page.text().contains("must have a second step"));
}

#[test]
fn whoever_acts_for_an_issuer_has_no_session_without_a_second_step() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = member(&server, ADA);
    appoint(&server, &desk, &mut browser, ADA);
    assert!(!is_in(&mut browser));
    let (mut browser, page) = half(&server, ADA);
    assert!(page.text().contains("must have a second step"));
    let page = browser.get("/account/factors/app?next=/staff/requests").ok(200);
    finish(&mut browser, &page);
    browser.get("/staff/requests").ok(200);
    desk.send("DELETE", &format!("staff/{ADA}"), b"").ok(200);
    browser.get("/staff/requests").ok(404);
}

#[test]
fn the_policy_says_who_must_have_a_second_step() {
    let folder = Folder::new();
    let config = |folder: &Folder, who: &str| {
        std::fs::write(folder.at("satchel.toml"), format!("[policy]\nsecond_factor = \"{who}\"\n")).unwrap();
        folder.at("satchel.toml").to_str().unwrap().to_owned()
    };
    let path = config(&folder, "optional");
    let server = Running::start_in(folder, &["--config", &path]);
    let mut browser = member(&server, ADA);
    let access = oauth::device(&server, &mut browser, "wallet");
    server.admin(&["staff", "add", BOB]).ending(0);
    let (mut bob, page) = crate::scene::register(&server, &secret(&server.mail(BOB, "invitation").link("/register")), BOB);
    assert!(page.text().contains("No badge yet"), "an operator, where it is optional");
    // Everybody must, from now on: sessions and programs from before are worth nothing until there is one.
    let folder = server.stop();
    config(&folder, "all");
    let server = Running::start_in(folder, &["--config", &path]);
    let of_now = |browser: &Browser| browser.clone().moved(&server.url);
    (browser, bob) = (of_now(&browser), of_now(&bob));
    assert!(!is_in(&mut browser) && !is_in(&mut bob));
    let bearer = format!("Bearer {access}");
    server.browser().send("GET", "/api/v1/account", &[("authorization", &bearer)], b"").ok(401);
    let (mut browser, _) = half(&server, ADA);
    let page = browser.get("/account/factors/app").ok(200);
    finish(&mut browser, &page);
    assert!(is_in(&mut browser));
}

// ---- Passkeys ----

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// An authenticator.
struct Authenticator {
    key: Key,
    id: Vec<u8>,
    count: u32,
}

/// What it says, and how it lies.
#[derive(Clone)]
struct Says {
    origin: &'static str,
    host: &'static str,
    kind: &'static str,
    flags: u8,
    cross: bool,
    challenge: Option<String>,
}

impl Says {
    fn truth(kind: &'static str) -> Self {
        Self { origin: NAME, host: HOST, kind, flags: 0x05, cross: false, challenge: None }
    }
}

impl Authenticator {
    fn new(algorithm: i64) -> Self {
        let key = match algorithm {
            -7 => Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()),
            -8 => Key::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => Key::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())),
        };
        Self { key, id: satchel_server::random::Secret::new().reveal().as_bytes().to_vec(), count: 1 }
    }

    fn algorithm(&self) -> i64 {
        match self.key {
            Key::P256(_) => -7,
            Key::Ed25519(_) => -8,
            Key::Rsa(_) => -257,
        }
    }

    fn public(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Key::Rsa(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }

    fn client(page: &Answer, says: &Says) -> Vec<u8> {
        let challenge = says.challenge.clone().unwrap_or_else(|| page.hidden("challenge"));
        json!({ "type": says.kind, "challenge": challenge, "origin": says.origin, "crossOrigin": says.cross })
            .to_string()
            .into_bytes()
    }

    fn data(&self, says: &Says) -> Vec<u8> {
        [sha256(says.host.as_bytes()).as_slice(), &[says.flags], &self.count.to_be_bytes()].concat()
    }

    /// What the form of a new passkey sends.
    fn made(&self, page: &Answer, says: &Says) -> Vec<(&'static str, String)> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let says = Says { flags: says.flags | 0x40, ..says.clone() };
        let data = [self.data(&says).as_slice(), &[0; 16], &length, &self.id, &[0xa0]].concat();
        let base = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        vec![
            ("challenge", page.hidden("challenge")),
            ("next", page.hidden("next")),
            ("client", base(&Self::client(page, &says))),
            ("authenticator", base(&data)),
            ("key", base(&self.public())),
            ("algorithm", self.algorithm().to_string()),
            ("name", String::from("Key")),
        ]
    }

    /// What the form sends that asks for one.
    fn signed(&mut self, page: &Answer, says: &Says) -> Vec<(&'static str, String)> {
        let (client, data) = (Self::client(page, says), self.data(says));
        let signature = self.sign(&[data.as_slice(), &sha256(&client)].concat());
        let base = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        vec![
            ("challenge", page.hidden("challenge")),
            ("credential", base(&self.id)),
            ("client", base(&client)),
            ("authenticator", base(&data)),
            ("signature", base(&signature)),
            ("next", String::from("/account")),
        ]
    }
}

fn post(browser: &mut Browser, path: &str, page: &Answer, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(path, page, &fields)
}

fn named() -> Running {
    Running::start(&["--public-url", NAME])
}

/// The page that asks to make a passkey.
fn to_make(browser: &mut Browser) -> Answer {
    let form = browser.get("/account/factors/passkey").ok(200);
    browser.post("/account/factors/passkey", &form, &[("present", PASSWORD)]).ok(200)
}

fn make(browser: &mut Browser, authenticator: &Authenticator) {
    let page = to_make(browser);
    let answer = post(browser, "/account/factors/passkey", &page, &authenticator.made(&page, &Says::truth("webauthn.create")));
    assert!(matches!(answer.status, 200 | 303), "{}", answer.text());
}

#[test]
fn a_passkey_of_each_kind_is_the_second_step_or_both() {
    let server = named();
    let mut browser = member(&server, ADA);
    let mut counted = 0;
    for algorithm in [-7, -8, -257] {
        let mut key = Authenticator::new(algorithm);
        make(&mut browser, &key);
        key.count += 1;
        let (mut fresh, page) = half(&server, ADA);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && policy.contains("default-src 'none'"), "{policy}");
        post(&mut fresh, "/sign-in/second", &page, &key.signed(&page, &Says::truth("webauthn.get"))).ok(303);
        assert!(is_in(&mut fresh));
        // Without address and password, where its owner showed to it who they are.
        key.count += 1;
        let mut fresh = server.browser();
        let page = fresh.get("/sign-in").ok(200);
        let unverified = Says { flags: 0x01, ..Says::truth("webauthn.get") };
        post(&mut fresh, "/sign-in/passkey", &page, &key.signed(&page, &unverified)).ok(422);
        post(&mut fresh, "/sign-in/passkey", &page, &key.signed(&page, &Says::truth("webauthn.get"))).ok(303);
        assert!(is_in(&mut fresh));
        counted += 1;
        assert_eq!(browser.get("/account/factors").ok(200).text().matches("· used on").count(), counted);
    }
    // It takes itself off.
    let path = format!("/account/factors/{}", first(&mut browser));
    let page = browser.get(&path).ok(200);
    assert!(page.text().contains(&format!("action=\"{path}\"")));
}

#[test]
fn a_passkey_counts_only_for_this_page_of_this_site_and_once() {
    let server = named();
    let mut browser = member(&server, ADA);
    let mut key = Authenticator::new(-7);
    make(&mut browser, &key);
    let mut bob = member(&server, BOB);
    let mut his = Authenticator::new(-8);
    make(&mut bob, &his);

    let (mut fresh, page) = half(&server, ADA);
    let (_, elsewhere) = half(&server, ADA);
    let truth = Says::truth("webauthn.get");
    key.count = 9;
    for lie in [
        Says { origin: "http://evil.localhost", ..truth.clone() },
        Says { origin: "https://badges.localhost", ..truth.clone() },
        Says { host: "evil.localhost", ..truth.clone() },
        Says { kind: "webauthn.create", ..truth.clone() },
        Says { flags: 0x00, ..truth.clone() },
        Says { flags: 0x15, ..truth.clone() },
        Says { cross: true, ..truth.clone() },
        Says { challenge: Some(elsewhere.hidden("challenge")), ..truth.clone() },
    ] {
        let answer = post(&mut fresh, "/sign-in/second", &page, &key.signed(&page, &lie));
        assert_eq!(answer.status, 422, "{} {} {} {:#x}", lie.kind, lie.origin, lie.host, lie.flags);
    }
    let good = key.signed(&page, &truth);
    let with = |name: &str, value: String| -> Vec<_> {
        good.iter().map(|(known, it)| (*known, if *known == name { value.clone() } else { it.clone() })).collect()
    };
    // The page of another visit, a signature of another key, somebody else's passkey.
    post(&mut fresh, "/sign-in/second", &page, &with("challenge", elsewhere.hidden("challenge"))).ok(422);
    let other = Authenticator { id: key.id.clone(), count: 10, ..Authenticator::new(-7) }.signed(&page, &truth);
    assert!(post(&mut fresh, "/sign-in/second", &page, &other).ok(422).text().contains("not right"));
    assert!(!is_in(&mut fresh));
    let (mut fresh, page) = half(&server, BOB);
    post(&mut fresh, "/sign-in/second", &page, &key.signed(&page, &truth)).ok(422);
    his.count = 2;
    let right = his.signed(&page, &truth);
    post(&mut fresh, "/sign-in/second", &page, &right).ok(303);
    // Overheard, it opens nothing.
    let (mut thief, step) = half(&server, BOB);
    post(&mut thief, "/sign-in/second", &step, &right).ok(422);
    let enter = thief.get("/sign-in").ok(200);
    post(&mut thief, "/sign-in/passkey", &enter, &right).ok(422);
    assert!(!is_in(&mut thief));
}

#[test]
fn a_page_that_asked_for_something_else_or_somebody_elses_page_is_good_for_nothing() {
    let server = named();
    let mut browser = member(&server, ADA);
    let mut key = Authenticator::new(-7);
    key.count = 0;
    make(&mut browser, &key);
    // Whoever sits down at an open session has seen no page that comes after the password.
    let prove = browser.get("/account/factors/codes").ok(200);
    let other = Authenticator::new(-8);
    post(&mut browser, "/account/factors/passkey", &prove, &other.made(&prove, &Says::truth("webauthn.create"))).ok(403);
    let made_up = URL_SAFE_NO_PAD.encode([&[7; 16], Timestamp::now().as_second().to_be_bytes().as_slice(), &[0; 16]].concat());
    for challenge in [prove.hidden("challenge"), made_up] {
        let fields = [("challenge", challenge.as_str()), ("code", "123456"), ("name", "x")];
        browser.post("/account/factors/app", &prove, &fields).ok(403);
    }
    // A page of another visit, which a passkey was lured to answer.
    let (mut fresh, page) = half(&server, ADA);
    let (_, elsewhere) = half(&server, ADA);
    let signed = key.signed(&elsewhere, &Says::truth("webauthn.get"));
    post(&mut fresh, "/sign-in/second", &page, &signed).ok(422);
    // What was shown instead of the password is not shown after it, nor the other way round.
    let enter = fresh.get("/sign-in").ok(200);
    let signed = key.signed(&enter, &Says::truth("webauthn.get"));
    post(&mut fresh, "/sign-in/second", &page, &signed).ok(422);
    let signed = key.signed(&page, &Says::truth("webauthn.get"));
    post(&mut fresh, "/sign-in/passkey", &enter, &signed).ok(422);
    assert!(!is_in(&mut fresh));
}

#[test]
fn a_passkey_that_stands_for_both_steps_proves_who_signed_in_and_a_code_alone_does_not() {
    let (server, uni) = {
        let uni = Provider::start();
        let server = institution::server_with(&[uni.host()], &["--public-url", NAME]);
        institution::join(&server, &uni, "uni", &[]);
        (server, uni)
    };
    uni.person("alice", institution::person("Alice", "Rossi", "alice@uni.example"));
    let mut browser = institution::newcomer(&server, &uni, "alice");
    let proof = |browser: &mut Browser| browser.get("/account/addresses").status == 200;
    // There is no password: the institution is signed in to anew before there is a second step.
    browser.get("/account/factors/passkey").ok(303);
    assert!(!proof(&mut browser), "to have come from there is no proof");
    institution::come_anew(&mut browser, &uni, "uni", "alice").ok(303);
    assert!(proof(&mut browser));
    let mut key = Authenticator::new(-7);
    let page = browser.get("/account/factors/passkey").ok(200);
    post(&mut browser, "/account/factors/passkey", &page, &key.made(&page, &Says::truth("webauthn.create"))).ok(200);
    let page = browser.get("/account/factors/app").ok(200);
    let app = App::read(&page);
    let (challenge, code) = (page.hidden("challenge"), app.code(0));
    let fields = [("challenge", challenge.as_str()), ("code", &code), ("name", "x")];
    browser.post("/account/factors/app", &page, &fields).ok(303);
    // Nor does that proof stand for the second step: what takes one off asks for one.
    let path = format!("/account/factors/{}", first(&mut browser));
    let page = browser.get(&path).ok(200);
    browser.post(&path, &page, &[]).ok(422);
    browser.post("/account/factors/codes", &page, &[]).ok(422);
    // Through the institution and by a code: the code does not stand for having signed in there just now.
    let mut fresh = server.browser();
    let to = institution::come(&mut fresh, &uni, "uni", "alice").ok(303).location().to_owned();
    assert!(to.starts_with("/sign-in/second"), "{to}");
    let page = fresh.get(&to).ok(200);
    second(&mut fresh, &page, &[("code", &app.code(1))]).ok(303);
    assert!(is_in(&mut fresh) && !proof(&mut fresh));
    institution::come_anew(&mut fresh, &uni, "uni", "alice").ok(303);
    assert!(is_in(&mut fresh) && proof(&mut fresh), "it is there still, and proved");
    // By the passkey alone, whose owner showed to it who they are.
    key.count += 1;
    let mut by_key = server.browser();
    let page = by_key.get("/sign-in").ok(200);
    post(&mut by_key, "/sign-in/passkey", &page, &key.signed(&page, &Says::truth("webauthn.get"))).ok(303);
    assert!(proof(&mut by_key));
}

#[test]
fn the_answer_of_a_passkey_counts_once_even_if_it_does_not_count_itself() {
    let server = named();
    let mut browser = member(&server, ADA);
    let mut key = Authenticator::new(-7);
    key.count = 0;
    make(&mut browser, &key);
    let mut fresh = server.browser();
    let page = fresh.get("/sign-in").ok(200);
    let good = key.signed(&page, &Says::truth("webauthn.get"));
    post(&mut fresh, "/sign-in/passkey", &page, &good).ok(303);
    let form = fresh.get("/account/settings").ok(200);
    fresh.post("/sign-out", &form, &[]).ok(303);
    let page = fresh.get("/sign-in").ok(200);
    post(&mut fresh, "/sign-in/passkey", &page, &good).ok(422);
    assert!(!is_in(&mut fresh));
    assert!(server.mails_to(ADA, "", 1).iter().all(|mail| !mail.subject.contains("refused")), "it is no copy");
}

#[test]
fn a_copied_passkey_is_refused_and_its_owner_told() {
    let server = named();
    let mut browser = member(&server, ADA);
    let mut key = Authenticator::new(-7);
    make(&mut browser, &key);
    let truth = Says::truth("webauthn.get");
    key.count = 7;
    let (mut fresh, page) = half(&server, ADA);
    post(&mut fresh, "/sign-in/second", &page, &key.signed(&page, &truth)).ok(303);
    // The copy was made before that.
    for count in [7, 3, 0] {
        key.count = count;
        let (mut thief, page) = half(&server, ADA);
        let text = post(&mut thief, "/sign-in/second", &page, &key.signed(&page, &truth)).ok(422).text();
        assert!(text.contains("seems to be a copy"), "{text}");
        assert!(!is_in(&mut thief));
    }
    assert!(server.mail(ADA, "passkey was refused").text.contains("make a new one"));
}

#[test]
fn a_passkey_that_is_not_made_for_this_page_is_not_taken() {
    let server = named();
    let mut browser = member(&server, ADA);
    let key = Authenticator::new(-7);
    let truth = Says::truth("webauthn.create");
    let page = to_make(&mut browser);
    let lies = [
        Says { origin: "http://evil.localhost", ..truth.clone() },
        Says { host: "localhost", ..truth.clone() },
        Says { kind: "webauthn.get", ..truth.clone() },
        Says { flags: 0x00, ..truth.clone() },
        Says { challenge: Some(String::from("AAAA")), ..truth.clone() },
    ];
    for lie in &lies {
        post(&mut browser, "/account/factors/passkey", &page, &key.made(&page, lie)).ok(422);
    }
    let good = key.made(&page, &truth);
    let with = |name: &str, value: &str| -> Vec<_> {
        good.iter().map(|(known, it)| (*known, if *known == name { value.to_owned() } else { it.clone() })).collect()
    };
    for (name, value) in [
        ("key", "AAAA"),
        ("algorithm", "-8"),
        ("algorithm", "-65535"),
        ("algorithm", "x"),
        ("authenticator", "AAAA"),
        ("client", "e30"),
        ("client", "!"),
    ] {
        post(&mut browser, "/account/factors/passkey", &page, &with(name, value)).ok(422);
    }
    post(&mut browser, "/account/factors/passkey", &page, &with("challenge", "AAAA")).ok(403);
    assert!(browser.get("/account/factors").ok(200).text().contains("It is off"));
    post(&mut browser, "/account/factors/passkey", &page, &good).ok(200);
    // Nobody registers a passkey that somebody has.
    let mut bob = member(&server, BOB);
    let page = to_make(&mut bob);
    post(&mut bob, "/account/factors/passkey", &page, &key.made(&page, &truth)).ok(403);
    assert!(bob.get("/account/factors").ok(200).text().contains("It is off"));
}

#[test]
fn where_the_address_has_no_name_there_are_no_passkeys_and_nothing_speaks_of_them() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let page = browser.get("/account/factors").ok(200).text();
    assert!(page.contains("Set up an app") && !page.contains("Make a passkey"), "{page}");
    assert!(!server.browser().get("/sign-in").ok(200).text().contains("passkey"));
    let form = browser.get("/account/factors/passkey").ok(200);
    browser.post("/account/factors/passkey", &form, &[("present", PASSWORD)]).ok(404);
    let said: Value = json!({});
    assert_eq!(browser.send("GET", "/sign-in/passkey", &[], said.to_string().as_bytes()).status, 405);
}
