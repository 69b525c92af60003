//! Programs: who registers, what a person is asked, and what codes and tokens are good for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::sha256;
use satchel_tests::http::{Answer, Browser, encode};
use satchel_tests::peers::Peer::OAuth;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::institution::change;
use crate::scene::{PASSWORD, member, sign_in};

const ADA: &str = "ada@posta.example";
const BACK: &str = "http://127.0.0.1/back";
const VERIFIER: &str = "a-verifier-of-forty-three-letters-or-more-0123456789";

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

fn register(server: &Running, body: &Value) -> Answer {
    let json = [("content-type", "application/json")];
    server.browser().send("POST", "/oauth/register", &json, body.to_string().as_bytes())
}

/// A program that has registered itself; its id.
fn program(server: &Running) -> String {
    let said =
        register(server, &json!({ "client_name": "Satchel on <b>Ada’s</b> desk", "redirect_uris": [BACK] })).ok(201).json();
    said["client_id"].as_str().unwrap().to_owned()
}

/// The address at which a person is asked, with some parameters changed or, when empty, left out.
fn ask(client: &str, other: &[(&str, &str)]) -> String {
    let challenge = challenge(VERIFIER);
    let usual = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", "http://127.0.0.1:50123/back"),
        ("scope", "wallet"),
        ("state", "x&y=ü"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    let of = |name: &str| other.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    let mut pairs: Vec<(&str, &str)> = usual.iter().map(|(name, value)| (*name, of(name).unwrap_or(value))).collect();
    pairs.extend(other.iter().filter(|(name, _)| !usual.iter().any(|(known, _)| known == name)));
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("/oauth/authorize?{}", pairs.join("&"))
}

/// The address at which a person is asked by a program that has just registered itself.
pub fn question(server: &Running) -> String {
    ask(&program(server), &[])
}

/// What the program hears at its redirect.
fn heard(answer: &Answer) -> Vec<(String, String)> {
    let location = answer.location();
    assert!(location.starts_with("http://127.0.0.1:50123/back?"), "{location}");
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

fn of<'a>(heard: &'a [(String, String)], name: &str) -> &'a str {
    heard.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// A code that a person gave to a program.
fn code(browser: &mut Browser, client: &str) -> String {
    let address = ask(client, &[]);
    let form = browser.get(&address).ok(200);
    let answer = browser.post(&address, &form, &[("answer", "allow")]).ok(303);
    of(&heard(&answer), "code").to_owned()
}

/// What a person allows a program: its id, and the answer with its tokens.
pub fn allowed(server: &Running, browser: &mut Browser, scope: &str) -> (String, Value) {
    let client = program(server);
    let address = ask(&client, &[("scope", scope)]);
    let form = browser.get(&address).ok(200);
    let answer = browser.post(&address, &form, &[("answer", "allow")]).ok(303);
    let tokens = by_code(server, &client, of(&heard(&answer), "code"), &[]).ok(200).json();
    (client, tokens)
}

/// The access token of a program that was allowed a scope.
pub fn device(server: &Running, browser: &mut Browser, scope: &str) -> String {
    allowed(server, browser, scope).1["access_token"].as_str().unwrap().to_owned()
}

fn token(server: &Running, fields: &[(&str, &str)]) -> Answer {
    server.browser().post_raw("/oauth/token", fields, &[])
}

fn by_code(server: &Running, client: &str, code: &str, other: &[(&str, &str)]) -> Answer {
    let usual = [
        ("grant_type", "authorization_code"),
        ("client_id", client),
        ("code", code),
        ("redirect_uri", "http://127.0.0.1:50123/back"),
        ("code_verifier", VERIFIER),
    ];
    let of = |name: &str| other.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    let pairs: Vec<(&str, &str)> = usual.iter().map(|(name, value)| (*name, of(name).unwrap_or(value))).collect();
    token(server, &pairs)
}

fn by_refresh(server: &Running, client: &str, refresh: &str) -> Answer {
    token(server, &[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", refresh)])
}

fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", answer.text())).to_owned()
}

/// Whether an access token is good, by the operator's word.
fn is_good(server: &Running, token: &str) -> bool {
    let answer = Browser::new(&server.admin_url).post_raw("/introspect", &[("token", token)], &[]).ok(200);
    answer.json()["active"].as_bool().unwrap()
}

fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.json()["error"], error, "{} {}", answer.status, answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_program_registers_itself_is_allowed_something_and_gets_tokens_for_it() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let told = server.browser().get("/.well-known/oauth-authorization-server").ok(200).json();
    assert_eq!(told["issuer"], server.url.as_str());
    assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
    let client = program(&server);
    let address = ask(&client, &[]);
    let form = browser.get(&address).ok(200);
    let page = form.text();
    assert!(page.contains("Satchel on &#60;b&#62;Ada’s&#60;/b&#62; desk"), "{page}");
    assert!(page.contains("this computer") && page.contains("see your badges") && page.contains("Elena Marchetti"), "{page}");
    let policy = form.header("content-security-policy").unwrap();
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:50123;") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    let answer = browser.post(&address, &form, &[("answer", "allow")]).ok(303);
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let heard = heard(&answer);
    assert_eq!((of(&heard, "state"), of(&heard, "iss")), ("x&y=ü", server.url.as_str()));
    let tokens = by_code(&server, &client, of(&heard, "code"), &[]).ok(200);
    assert_eq!((tokens.json()["token_type"].as_str(), tokens.json()["scope"].as_str()), (Some("Bearer"), Some("wallet")));
    assert!(is_good(&server, &text(&tokens, "access_token")));
    // Its user sees it, and can end it.
    let settings = browser.get("/account/settings").ok(200);
    assert!(settings.text().contains("Satchel on &#60;b&#62;Ada"), "{}", settings.text());
    let end = settings.text().split_once("/account/devices/").unwrap().1.split_once('"').unwrap().0.to_owned();
    browser.post(&format!("/account/devices/{end}"), &settings, &[]).ok(303);
    assert!(!is_good(&server, &text(&tokens, "access_token")));
    refused(&by_refresh(&server, &client, &text(&tokens, "refresh_token")), "invalid_grant");
}

#[test]
fn whoever_is_not_signed_in_signs_in_first_and_then_is_asked() {
    let server = Running::start(&[]);
    member(&server, ADA);
    let client = program(&server);
    let address = ask(&client, &[]);
    let mut browser = server.browser();
    let form = browser.follow(&address);
    assert!(form.text().contains("name=\"password\""));
    let next = form.hidden("next").replace("&#38;", "&").replace("&#37;", "%").replace("&#43;", "+");
    let answer = browser.post("/sign-in", &form, &[("email", ADA), ("password", PASSWORD), ("next", &next)]).ok(303);
    let form = browser.get(answer.location()).ok(200);
    assert!(form.text().contains("Allow a program?"), "{}", form.text());
    let answer = browser.post(answer.location(), &form, &[("answer", "refuse")]).ok(303);
    let heard = heard(&answer);
    assert_eq!((of(&heard, "error"), of(&heard, "code"), of(&heard, "state")), ("access_denied", "", "x&y=ü"));
    // With another account: out, and in again.
    let out = browser.post("/sign-out", &form, &[("next", &address)]).ok(303);
    assert_eq!(out.location(), address);
    assert!(browser.get(&address).ok(303).location().starts_with("/sign-in?next="));
}

#[test]
fn nobody_is_sent_to_an_address_that_the_program_did_not_register() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    for redirect in
        ["https://evil.example/back", "http://127.0.0.1:50123/other", "http://localhost:50123/back", "satchel://back", ""]
    {
        let answer = browser.get(&ask(&client, &[("redirect_uri", redirect), ("response_type", "token")]));
        assert_eq!(answer.status, 400, "{redirect}");
        assert!(answer.header("location").is_none());
    }
    for id in ["", "nonsense", "0193a0b0-0000-7000-8000-000000000000"] {
        browser.get(&ask(id, &[])).ok(400);
    }
    browser.get(&format!("{}&client_id={client}", ask(&client, &[]))).ok(400);
}

#[test]
fn what_a_program_asks_wrongly_it_is_told_at_its_own_address() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let long = "s".repeat(3000);
    for (changed, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "telepathy"), "invalid_scope"),
        (("state", long.as_str()), "invalid_request"),
    ] {
        let heard = heard(&browser.get(&ask(&client, &[changed])).ok(303));
        assert_eq!((of(&heard, "error"), of(&heard, "iss")), (error, server.url.as_str()), "{changed:?}");
    }
}

#[test]
fn a_form_of_another_site_allows_nothing() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let address = ask(&client, &[]);
    let form = browser.get(&address).ok(200);
    let token = form.hidden("form");
    let fields = [("form", token.as_str()), ("answer", "allow")];
    browser.post_raw(&address, &fields, &[("origin", "https://evil.example")]).ok(403);
    browser.post_raw(&address, &fields, &[("sec-fetch-site", "cross-site")]).ok(403);
    browser.post_raw(&address, &[("answer", "allow")], &[]).ok(403);
}

#[test]
fn a_stolen_code_is_worth_nothing() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (client, thief) = (program(&server), program(&server));
    let stolen = code(&mut browser, &client);
    refused(&by_code(&server, &thief, &stolen, &[]), "invalid_grant");
    refused(
        &by_code(&server, &client, &stolen, &[("code_verifier", "another-verifier-of-forty-three-letters-or-more")]),
        "invalid_grant",
    );
    refused(&by_code(&server, &client, &stolen, &[("code_verifier", "")]), "invalid_request");
    refused(&by_code(&server, &client, &stolen, &[("redirect_uri", "http://127.0.0.1:50124/back")]), "invalid_grant");
    refused(&by_code(&server, &client, &"x".repeat(32), &[]), "invalid_grant");
    by_code(&server, &client, &stolen, &[]).ok(200);
}

#[test]
fn a_code_holds_for_two_minutes() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let (began, late) = (jiff::Timestamp::now(), code(&mut browser, &client));
    let database = rusqlite::Connection::open(server.folder.at("data/server.db")).unwrap();
    let until: i64 = database.query_row("SELECT expires FROM code", [], |row| row.get(0)).unwrap();
    assert!((until - began.as_microsecond()) / 1_000_000 <= 125, "{until}");
    change(&server, "UPDATE code SET expires = 0");
    refused(&by_code(&server, &client, &late, &[]), "invalid_grant");
    by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
}

#[test]
fn a_code_that_comes_twice_ends_what_came_of_it() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let code = code(&mut browser, &client);
    let tokens = by_code(&server, &client, &code, &[]).ok(200);
    assert!(is_good(&server, &text(&tokens, "access_token")));
    refused(&by_code(&server, &client, &code, &[]), "invalid_grant");
    assert!(!is_good(&server, &text(&tokens, "access_token")));
    refused(&by_refresh(&server, &client, &text(&tokens, "refresh_token")), "invalid_grant");
}

#[test]
fn whoever_lost_the_answer_to_a_refresh_gets_the_same_token_again() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let tokens = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let first = text(&tokens, "refresh_token");
    let lost = by_refresh(&server, &client, &first).ok(200);
    let again = by_refresh(&server, &client, &first).ok(200);
    assert_eq!(text(&lost, "refresh_token"), text(&again, "refresh_token"));
    assert!(is_good(&server, &text(&again, "access_token")));
    by_refresh(&server, &client, &text(&again, "refresh_token")).ok(200);
}

#[test]
fn a_refresh_token_that_comes_again_after_its_successor_was_used_ends_the_device_and_its_owner_is_told() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let (client, other) = (program(&server), program(&server));
    let tokens = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let first = text(&tokens, "refresh_token");
    let second = text(&by_refresh(&server, &client, &first).ok(200), "refresh_token");
    let third = by_refresh(&server, &client, &second).ok(200);
    // Somebody else's program ends nothing.
    refused(&by_refresh(&server, &other, &first), "invalid_grant");
    assert!(is_good(&server, &text(&third, "access_token")));
    refused(&by_refresh(&server, &client, &first), "invalid_grant");
    assert!(!is_good(&server, &text(&third, "access_token")));
    refused(&by_refresh(&server, &client, &text(&third, "refresh_token")), "invalid_grant");
    assert!(server.mail(ADA, "sign-in was ended").text.contains("change your password"));
}

#[test]
fn a_program_signs_out_and_nobody_is_told_whether_a_token_was_one() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let tokens = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let revoke = |token: &str| server.browser().post_raw("/oauth/revoke", &[("token", token)], &[]).ok(200).text();
    assert_eq!(revoke("nonsense"), revoke(&text(&tokens, "refresh_token")));
    assert!(!is_good(&server, &text(&tokens, "access_token")));
}

#[test]
fn whoever_signs_out_after_a_lost_answer_is_signed_out() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let tokens = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let first = text(&tokens, "refresh_token");
    let lost = by_refresh(&server, &client, &first).ok(200);
    server.browser().post_raw("/oauth/revoke", &[("token", &first)], &[]).ok(200);
    refused(&by_refresh(&server, &client, &text(&lost, "refresh_token")), "invalid_grant");
    assert!([&tokens, &lost].iter().all(|it| !is_good(&server, &text(it, "access_token"))));
}

#[test]
fn an_access_token_that_is_ended_alone_leaves_the_refresh_token() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let tokens = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    // RFC 7009, 2.1: the server may end the refresh token too, and does not: a program that drops what it has at hand stays signed in.
    server.browser().post_raw("/oauth/revoke", &[("token", &access)], &[]).ok(200);
    assert!(!is_good(&server, &access));
    let next = by_refresh(&server, &client, &refresh).ok(200);
    assert!(is_good(&server, &text(&next, "access_token")));
}

#[test]
fn a_code_of_an_account_that_may_be_used_no_more_is_worth_nothing() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    for (no_more, again) in [
        ("UPDATE account SET state = 'blocked'", "UPDATE account SET state = 'active'"),
        ("UPDATE account SET birth_date = '2020-01-01'", "UPDATE account SET birth_date = '1999-03-31'"),
        ("UPDATE account SET role = 'operator'", "UPDATE account SET role = NULL"),
    ] {
        // Since it was allowed: no session and no code ended with it.
        let waiting = code(&mut browser, &client);
        change(&server, no_more);
        refused(&by_code(&server, &client, &waiting, &[]), "invalid_grant");
        change(&server, again);
        by_code(&server, &client, &waiting, &[]).ok(200);
    }
}

#[test]
fn a_request_says_each_thing_once_and_no_more_than_anybody_needs() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let address = ask(&client, &[]);
    // What comes twice decides nothing, whichever of both would be read (OAuth 2.1, 3.1 and 3.2).
    for twice in ["scope=wallet", "state=y", "x=1&x=1"] {
        let answer = browser.get(&format!("{address}&{twice}")).ok(400);
        assert!(answer.header("location").is_none() && answer.text().contains("twice"), "{twice}: {}", answer.text());
    }
    let more = |count: usize| (0..count).map(|number| format!("&x{number}=1")).collect::<Vec<_>>().concat();
    // Seven are said.
    browser.get(&format!("{address}{}", more(43))).ok(200);
    let answer = browser.get(&format!("{address}{}", more(44))).ok(400);
    assert!(answer.text().contains("too many parameters"), "{}", answer.text());
    let waiting = code(&mut browser, &client);
    let body = format!(
        "grant_type=authorization_code&client_id={client}&code={waiting}&redirect_uri={}&code_verifier={VERIFIER}",
        encode(THERE)
    );
    let send = |rest: &str| {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        server.browser().send("POST", "/oauth/token", &form, format!("{body}{rest}").as_bytes())
    };
    for rest in [format!("&code={waiting}"), format!("&client_id={client}"), String::from("&x=1&x=1"), more(46)] {
        refused(&send(&rest).ok(400), "invalid_request");
    }
    send(&more(45)).ok(200);
}

#[test]
fn a_redirect_is_kept_as_it_was_asked() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    for (registered, asked) in [
        ("http://127.0.0.1", "http://127.0.0.1:51004"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("https://app.example", "https://app.example"),
        ("https://App.Example/cb", "https://App.Example/cb"),
        ("https://app.example:443/cb", "https://app.example:443/cb"),
        ("https://app.example/cb?x=1", "https://app.example/cb?x=1"),
    ] {
        let said = register(&server, &json!({ "client_name": "App", "redirect_uris": [registered] })).ok(201).json();
        let client = said["client_id"].as_str().unwrap();
        let address = ask(client, &[("redirect_uri", asked)]);
        let form = browser.get(&address).ok(200);
        let answer = browser.post(&address, &form, &[("answer", "allow")]).ok(303);
        let sent = answer.location().strip_prefix(asked).unwrap_or_else(|| panic!("{}", answer.location()));
        assert!(sent.starts_with(if asked.contains('?') { "&" } else { "?" }), "{sent}");
        let url = url::Url::parse(answer.location()).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        by_code(&server, client, &code, &[("redirect_uri", asked)]).ok(200);
    }
}

#[test]
fn nobody_is_sent_to_a_strangers_page_without_a_click() {
    let server = Running::start(&[]);
    let said = register(&server, &json!({ "client_name": "App", "redirect_uris": ["https://phish.example/login", BACK] }));
    let client = said.ok(201).json()["client_id"].as_str().unwrap().to_owned();
    let address = format!("/oauth/authorize?client_id={client}&redirect_uri=https://phish.example/login");
    let answer = server.browser().get(&address).ok(303);
    assert!(answer.location().starts_with("/sign-in?next="), "{}", answer.location());
    let here = format!("/oauth/authorize?client_id={client}&redirect_uri={BACK}");
    assert!(server.browser().get(&here).ok(303).location().starts_with("/sign-in?next="));
    let mut browser = member(&server, ADA);
    let answer = browser.get(&address).ok(400);
    assert!(answer.header("location").is_none() && answer.text().contains("response_type"), "{}", answer.text());
    assert!(browser.get(&here).ok(303).location().starts_with("http://127.0.0.1/back?error="));
}

#[test]
fn who_shows_no_token_is_told_of_no_error_and_who_may_too_little_what_is_needed() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let asked = |headers: &[(&str, &str)]| {
        let answer = server.browser().send("GET", "/api/v1/account", headers, b"");
        answer.header("www-authenticate").unwrap_or_default().to_owned()
    };
    let words = asked(&[]);
    assert!(words.starts_with("Bearer resource_metadata=") && !words.contains("error"), "{words}");
    assert!(asked(&[("authorization", "Bearer nonsense")]).contains("error=\"invalid_token\""));
    let narrow = format!("Bearer {}", device(&server, &mut browser, "proposals"));
    let words = asked(&[("authorization", narrow.as_str())]);
    assert!(words.contains("error=\"insufficient_scope\"") && words.contains("scope=\"wallet\""), "{words}");
}

#[test]
fn a_new_password_and_a_block_end_what_programs_hold() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let client = program(&server);
    let before = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    let given = code(&mut browser, &client);
    let form = browser.get("/account/password").ok(200);
    let new = "another kettle walrus";
    browser.post("/account/password", &form, &[("present", PASSWORD), ("password", new), ("again", new)]).ok(200);
    assert!(!is_good(&server, &text(&before, "access_token")));
    refused(&by_refresh(&server, &client, &text(&before, "refresh_token")), "invalid_grant");
    refused(&by_code(&server, &client, &given, &[]), "invalid_grant");

    let (mut browser, _) = sign_in(&server, ADA, new);
    let waiting = code(&mut browser, &client);
    let after = by_code(&server, &client, &code(&mut browser, &client), &[]).ok(200);
    server.admin(&["user", "block", ADA]).ending(0);
    assert!(!is_good(&server, &text(&after, "access_token")));
    refused(&by_refresh(&server, &client, &text(&after, "refresh_token")), "invalid_grant");
    refused(&by_code(&server, &client, &waiting, &[]), "invalid_grant");
}

#[test]
fn a_program_that_says_too_little_or_wants_too_much_is_not_registered() {
    let server = Running::start(&[]);
    let good = json!({ "client_name": "App", "redirect_uris": ["https://app.example/back"], "software_version": "1" });
    let answer = register(&server, &good).ok(201);
    assert_eq!(answer.json()["token_endpoint_auth_method"], "none");
    let with = |name: &str, value: Value| {
        let mut said = good.clone();
        said[name] = value;
        said
    };
    let redirects = |count: usize| json!((0..count).map(|number| format!("https://app.example/{number}")).collect::<Vec<_>>());
    register(&server, &with("redirect_uris", redirects(10))).ok(201);
    for (said, error) in [
        (with("client_name", json!("  ")), "invalid_client_metadata"),
        (with("client_name", json!("\u{202e}\u{200b}")), "invalid_client_metadata"),
        (with("token_endpoint_auth_method", json!("client_secret_basic")), "invalid_client_metadata"),
        (with("grant_types", json!(["password"])), "invalid_client_metadata"),
        (with("response_types", json!(["token"])), "invalid_client_metadata"),
        (with("redirect_uris", json!([])), "invalid_redirect_uri"),
        (with("redirect_uris", json!(["satchel://back"])), "invalid_redirect_uri"),
        (with("redirect_uris", json!("https://app.example/back")), "invalid_client_metadata"),
        (with("redirect_uris", redirects(11)), "invalid_redirect_uri"),
        (json!([]), "invalid_client_metadata"),
    ] {
        refused(&register(&server, &said).ok(400), error);
    }
    let json = [("content-type", "application/json")];
    let large = with("client_uri", json!("x".repeat(20_000))).to_string();
    server.browser().send("POST", "/oauth/register", &json, large.as_bytes()).ok(413);
    for _ in 0..298 {
        register(&server, &good).ok(201);
    }
    refused(&register(&server, &good).ok(429), "temporarily_unavailable");
}

#[test]
fn requests_for_tokens_are_refused_in_the_words_of_the_standard() {
    let server = Running::start(&[]);
    let client = program(&server);
    refused(&token(&server, &[("grant_type", "authorization_code")]), "invalid_request");
    refused(&token(&server, &[("client_id", "x"), ("grant_type", "authorization_code")]).ok(401), "invalid_client");
    refused(&token(&server, &[("client_id", &client), ("grant_type", "password")]), "unsupported_grant_type");
    let twice = [("client_id", client.as_str()), ("grant_type", "password"), ("grant_type", "password")];
    refused(&token(&server, &twice), "invalid_request");
    refused(&server.browser().send("POST", "/oauth/token", &[("content-type", "application/json")], b"{}"), "invalid_request");
    server.browser().get("/oauth/token").ok(405);
}

// ---- A program of other people's making ----

const THERE: &str = "http://127.0.0.1:50123/back";

/// What oauth4webapi hears at its redirect, once a person has allowed it what it asks.
fn heard_by_other(server: &Running, browser: &mut Browser) -> String {
    let told = OAuth.ask("discover", json!({ "origin": server.url }));
    assert_eq!(told["server"]["issuer"], server.url.as_str(), "{told}");
    assert_eq!(told["resource"]["resource"], server.url.as_str());
    let client = OAuth.ask("register", json!({ "name": "Another program", "redirects": [BACK] }));
    assert!(client["client_id"].is_string(), "{client}");
    pressed(browser)
}

/// The same, once more.
fn pressed(browser: &mut Browser) -> String {
    let asked = OAuth.ask("ask", json!({ "redirect": THERE, "scope": "wallet" }));
    let address = asked["url"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
    let form = browser.get(&address).ok(200);
    assert!(form.text().contains("Another program"));
    browser.post(&address, &form, &[("answer", "allow")]).ok(303).location().to_owned()
}

fn gets(server: &Running, tokens: &Value) -> i64 {
    let url = format!("{}/api/v1/account", server.url);
    OAuth.ask("get", json!({ "token": tokens["access_token"], "url": url }))["status"].as_i64().unwrap_or(0)
}

#[test]
fn a_program_of_other_peoples_making_signs_in_stays_signed_in_and_signs_out() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let heard = heard_by_other(&server, &mut browser);
    let first = OAuth.ask("tokens", json!({ "heard": heard, "redirect": THERE }));
    assert_eq!((first["token_type"].as_str(), first["scope"].as_str()), (Some("bearer"), Some("wallet")), "{first}");
    assert_eq!(gets(&server, &first), 200);
    let second = OAuth.ask("refresh", json!({ "token": first["refresh_token"] }));
    assert!(second["refresh_token"].is_string() && second["refresh_token"] != first["refresh_token"], "{second}");
    // The answer was lost: it asks again with what it still has.
    let again = OAuth.ask("refresh", json!({ "token": first["refresh_token"] }));
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    assert_eq!(gets(&server, &again), 200);
    let endpoint = format!("{}/introspect", server.admin_url);
    let told = OAuth.ask("introspect", json!({ "endpoint": endpoint, "token": again["access_token"] }));
    assert_eq!((told["active"].as_bool(), told["iss"].as_str()), (Some(true), Some(server.url.as_str())), "{told}");
    assert_eq!(OAuth.ask("revoke", json!({ "token": again["refresh_token"] })), json!({}));
    assert_eq!(gets(&server, &again), 401);
    let told = OAuth.ask("introspect", json!({ "endpoint": endpoint, "token": again["access_token"] }));
    assert_eq!(told["active"], false);
    assert_eq!(OAuth.ask("refresh", json!({ "token": again["refresh_token"] }))["refused"], "invalid_grant");
}

#[test]
fn what_a_thief_has_of_another_program_is_worth_nothing_to_the_library_either() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let heard = heard_by_other(&server, &mut browser);
    // An answer in the name of another server, of nobody, or to another question (RFC 9207, 2.4).
    let encoded = encode(&server.url);
    for (from, to) in [
        (format!("iss={encoded}"), format!("iss={}", encode("https://evil.example"))),
        (format!("&iss={encoded}"), String::new()),
        (String::from("state="), String::from("state=x")),
    ] {
        let lie = heard.replace(&from, &to);
        assert_ne!(lie, heard);
        let refused = OAuth.ask("tokens", json!({ "heard": lie, "redirect": THERE }));
        assert!(refused["refused"].is_string(), "{refused}");
    }
    // Stolen: without the verifier, or for another redirect. Then its owner comes with it, and then it comes again.
    let other = json!({ "heard": heard, "redirect": THERE, "verifier": VERIFIER });
    assert_eq!(OAuth.ask("tokens", other)["refused"], "invalid_grant");
    let other = json!({ "heard": heard, "redirect": "http://127.0.0.1:50124/back" });
    assert_eq!(OAuth.ask("tokens", other)["refused"], "invalid_grant");
    let good = json!({ "heard": heard, "redirect": THERE });
    let tokens = OAuth.ask("tokens", good.clone());
    assert_eq!(gets(&server, &tokens), 200);
    assert_eq!(OAuth.ask("tokens", good)["refused"], "invalid_grant");
    assert_eq!(gets(&server, &tokens), 401);
    // A refresh token that was used, whose successor was used.
    let heard = pressed(&mut browser);
    let first = OAuth.ask("tokens", json!({ "heard": heard, "redirect": THERE }));
    let second = OAuth.ask("refresh", json!({ "token": first["refresh_token"] }));
    let third = OAuth.ask("refresh", json!({ "token": second["refresh_token"] }));
    assert_eq!(gets(&server, &third), 200);
    assert_eq!(OAuth.ask("refresh", json!({ "token": first["refresh_token"] }))["refused"], "invalid_grant");
    assert_eq!(gets(&server, &third), 401);
    server.mail(ADA, "sign-in was ended");
}
