//! An institution that lies, or somebody who speaks in its name: each check of an ID token (`OpenID` Connect Core, 3.1.3.7) and of a logout
//! token (Back-Channel Logout, 2.6) broken alone. The provider is written here, because no real one would say such things.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_badge::key::PublicKey;
use satchel_protocol::sha256;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::running::Running;
use satchel_tests::server::Server;
use serde_json::{Value, json};

use crate::institution::{add, born, change, fails, is_in, leave, rows, server_for};
use crate::scene::{PASSWORD, member, pem, rsa};

const ALICE: &str = "alice@uni.example";

/// A provider that says whatever it is told to.
pub struct Liar {
    pub server: Server,
}

impl Liar {
    pub fn start() -> Self {
        let server = Server::start();
        let liar = Self { server };
        let at = |path: &str| liar.server.url(path);
        let metadata = json!({
            "issuer": liar.url(), "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/keys"),
            "userinfo_endpoint": at("/userinfo"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        });
        liar.serve("/.well-known/openid-configuration", &metadata);
        let Some(PublicKey::Rsa { n, e }) = PublicKey::from_pem(&pem()) else { panic!("no key") };
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        liar.serve("/keys", &json!({ "keys": [{ "kty": "RSA", "use": "sig", "kid": "one", "alg": "RS256", "n": n, "e": e }] }));
        liar
    }

    pub fn serve(&self, path: &str, body: &Value) {
        self.server.answer_with(path, 200, "application/json", body.to_string().as_bytes());
    }

    pub fn url(&self) -> String {
        self.server.url("").trim_end_matches('/').to_owned()
    }

    /// Somebody leaves, and comes back with this token, which is made of the claims of an honest one.
    pub fn come(&self, browser: &mut Browser, token: impl Fn(&Value) -> String) -> Answer {
        self.come_as("uni", browser, token)
    }

    /// The same, of the provider with this id.
    pub fn come_as(&self, id: &str, browser: &mut Browser, token: impl Fn(&Value) -> String) -> Answer {
        let url = leave(browser, id, "/account");
        self.come_back(id, browser, &url, token)
    }

    /// Somebody who left for this address comes back.
    pub fn come_back(&self, id: &str, browser: &mut Browser, url: &str, token: impl Fn(&Value) -> String) -> Answer {
        let asked = |name: &str| {
            let rest = url.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name}: {url}")).1;
            rest.split('&').next().unwrap().to_owned()
        };
        assert_eq!(asked("code_challenge_method"), "S256");
        let token = token(&self.claims(&asked("nonce")));
        self.serve("/token", &json!({ "access_token": "access", "token_type": "Bearer", "id_token": token }));
        browser.get(&format!("/sign-in/return/{id}?code=c&state={}", asked("state")))
    }

    /// The claims of an honest token.
    fn claims(&self, nonce: &str) -> Value {
        let now = Timestamp::now().as_second();
        json!({ "iss": self.url(), "sub": "alice", "aud": "satchel", "iat": now, "exp": now + 300, "nonce": nonce, "email": ALICE,
                "email_verified": true, "given_name": "Alice", "family_name": "Rossi", "name": "Alice Rossi" })
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with this head, signed by a key.
fn signed_by(key: &KeyPair, head: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(head), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub fn signed(claims: &Value) -> String {
    signed_by(rsa(), &json!({ "alg": "RS256", "kid": "one" }), claims)
}

/// Claims with one that is otherwise.
pub fn with(claims: &Value, name: &str, value: &Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.clone();
    claims
}

/// Makes a token of claims.
type Forge<'a> = &'a dyn Fn(&Value) -> String;

pub fn scene() -> (Running, Liar) {
    let liar = Liar::start();
    let server = server_for(&[&liar.server.host()]);
    add(&server, "uni", &liar.url(), &[]);
    (server, liar)
}

#[test]
fn an_honest_answer_is_believed() {
    let (server, liar) = scene();
    let mut browser = server.browser();
    assert_eq!(liar.come(&mut browser, signed).ok(303).location(), "/sign-in/finish");
    // Clocks may differ a little; one audience may come as a list; the token may say which access token it came with.
    let now = Timestamp::now().as_second();
    let hash = URL_SAFE_NO_PAD.encode(&sha256(b"access")[..16]);
    for (name, value) in [
        ("iat", json!(now + 60)),
        ("exp", json!(now - 60)),
        ("aud", json!(["satchel"])),
        ("azp", json!("satchel")),
        ("at_hash", json!(hash)),
        ("email_verified", json!("true")),
    ] {
        let mut browser = server.browser();
        let answer = liar.come(&mut browser, |claims| signed(&with(claims, name, &value)));
        assert_eq!(answer.ok(303).location(), "/sign-in/finish", "{name}");
    }
}

#[test]
fn each_claim_of_an_id_token_counts() {
    let (server, liar) = scene();
    let now = Timestamp::now().as_second();
    for (name, value) in [
        ("iss", json!("https://login.uni.example")),
        ("iss", Value::Null),
        ("aud", json!("another-client")),
        ("aud", json!(["satchel", "another-client"])),
        ("aud", json!([])),
        ("azp", json!("another-client")),
        ("exp", json!(now - 300)),
        ("iat", json!(now + 600)),
        ("iat", json!(now - 3600)),
        ("nonce", json!("a nonce of another sign-in")),
        ("nonce", Value::Null),
        ("sub", Value::Null),
        ("at_hash", json!(URL_SAFE_NO_PAD.encode([0; 16]))),
    ] {
        let mut browser = server.browser();
        let page = liar.come(&mut browser, |claims| signed(&with(claims, name, &value)));
        fails(&mut browser, &page, 400, "could not be confirmed");
    }
    assert_eq!((rows(&server, "arrival"), rows(&server, "account")), (0, 0));
}

#[test]
fn the_user_info_is_of_whom_the_id_token_is() {
    let (server, liar) = scene();
    let without = |claims: &Value| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove("email");
        signed(&claims)
    };
    let info = json!({ "sub": "alice", "email": ALICE, "email_verified": true });
    liar.serve("/userinfo", &info);
    let mut browser = server.browser();
    assert_eq!(liar.come(&mut browser, without).ok(303).location(), "/sign-in/finish");
    for (name, value) in [("sub", json!("bob")), ("sub", Value::Null), ("sub", json!("alice "))] {
        liar.serve("/userinfo", &with(&info, name, &value));
        let mut browser = server.browser();
        let page = liar.come(&mut browser, without);
        fails(&mut browser, &page, 400, "could not be confirmed");
    }
}

#[test]
fn what_an_institution_says_of_itself_is_asked_once() {
    let (server, liar) = scene();
    let of_itself = "/.well-known/openid-configuration";
    let before = liar.server.asked_for(of_itself);
    let leaving: Vec<_> = (0..8)
        .map(|_| {
            let mut browser = server.browser();
            std::thread::spawn(move || leave(&mut browser, "uni", "/account"))
        })
        .collect();
    for one in leaving {
        one.join().unwrap();
    }
    assert_eq!(liar.server.asked_for(of_itself), before + 1);
}

#[test]
fn a_token_that_came_before_is_not_believed_again() {
    let (server, liar) = scene();
    let first = std::cell::RefCell::new(String::new());
    let mut browser = server.browser();
    liar.come(&mut browser, |claims| {
        let token = signed(claims);
        first.replace(token.clone());
        token
    })
    .ok(303);
    let mut victim = server.browser();
    let page = liar.come(&mut victim, |_| first.borrow().clone());
    fails(&mut victim, &page, 400, "could not be confirmed");
}

#[test]
fn only_a_key_of_the_institution_signs_and_only_as_such_keys_do() {
    let (server, liar) = scene();
    let stranger = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let none = |claims: &Value| format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims));
    let mac = |key: &[u8], claims: &Value| {
        let message = format!("{}.{}", part(&json!({ "alg": "HS256", "kid": "one" })), part(claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let head = json!({ "alg": "RS256", "kid": "one" });
    let forgeries: [(&str, Forge<'_>); 6] = [
        ("none", &none),
        ("the public key as a shared secret", &|claims| mac(pem().as_bytes(), claims)),
        ("the client's secret", &|claims| mac(satchel_tests::provider::SECRET.as_bytes(), claims)),
        ("a stranger's key", &|claims| signed_by(&stranger, &head, claims)),
        ("a key that is not listed", &|claims| signed_by(&stranger, &json!({ "alg": "RS256", "kid": "two" }), claims)),
        ("claims that were changed", &|claims| {
            let token = signed(claims);
            let (rest, signature) = token.rsplit_once('.').unwrap();
            let head = rest.split_once('.').unwrap().0;
            format!("{head}.{}.{signature}", part(&with(claims, "sub", &json!("admin"))))
        }),
    ];
    for (what, forge) in forgeries {
        let mut browser = server.browser();
        let page = liar.come(&mut browser, forge);
        assert_eq!(page.status, 400, "{what}");
        fails(&mut browser, &page, 400, "could not be confirmed");
    }
    assert_eq!(rows(&server, "arrival"), 0);
}

#[test]
fn what_is_no_answer_of_a_provider_is_told() {
    let (server, liar) = scene();
    let mut browser = server.browser();
    for (status, body) in [(200, "{}"), (200, "<html>"), (400, "{\"error\": \"invalid_grant\"}"), (500, "broken"), (200, "")] {
        let url = leave(&mut browser, "uni", "/account");
        liar.server.answer_with("/token", status, "application/json", body.as_bytes());
        let state = url.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned();
        let page = browser.get(&format!("/sign-in/return/uni?code=c&state={state}"));
        fails(&mut browser, &page, 400, "could not be confirmed");
    }
    // Errors, in the words of the standard and in none.
    for (error, status, words) in [
        ("access_denied", 200, "not finished"),
        ("server_error", 502, "does not answer"),
        ("temporarily_unavailable", 502, "does not answer"),
        ("%3Cscript%3E", 400, "could not be confirmed"),
    ] {
        let url = leave(&mut browser, "uni", "/account");
        let state = url.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned();
        let page = browser.get(&format!("/sign-in/return/uni?error={error}&error_description=%3Cb%3E&state={state}"));
        fails(&mut browser, &page, status, words);
    }
    let url = leave(&mut browser, "uni", "/account");
    let state = url.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned();
    let page = browser.get(&format!("/sign-in/return/uni?code=a&code=b&state={state}"));
    fails(&mut browser, &page, 400, "could not be confirmed");
}

#[test]
fn a_provider_that_calls_itself_otherwise_is_not_asked() {
    let liar = Liar::start();
    let server = server_for(&[&liar.server.host()]);
    add(&server, "uni", &liar.url(), &[]);
    let metadata = json!({
        "issuer": "https://login.uni.example", "authorization_endpoint": "https://login.uni.example/a", "jwks_uri": liar.server.url("/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
    });
    liar.serve("/.well-known/openid-configuration", &metadata);
    let mut browser = server.browser();
    let form = browser.get("/sign-in").ok(200);
    let page = browser.post("/sign-in/with", &form, &[("provider", "uni")]);
    fails(&mut browser, &page, 400, "could not be confirmed");
    // Nor is anybody sent where the way is not encrypted, nor is a host within the network asked that the operator did not name.
    for (name, place) in [("authorization_endpoint", "http://login.uni.example/a"), ("jwks_uri", "http://127.0.0.1:1/keys")] {
        let mut metadata = json!({
            "issuer": liar.url(), "authorization_endpoint": liar.server.url("/authorize"), "jwks_uri": liar.server.url("/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
        });
        metadata[name] = json!(place);
        liar.serve("/.well-known/openid-configuration", &metadata);
        let page = browser.post("/sign-in/with", &form, &[("provider", "uni")]);
        assert!(page.status == 400 || page.status == 502, "{place}: {}", page.status);
        assert!(page.text().contains("and quote "));
    }
}

// ---- Logout tokens ----

fn logout(liar: &Liar, jti: &str) -> Value {
    let now = Timestamp::now().as_second();
    json!({ "iss": liar.url(), "aud": "satchel", "iat": now, "exp": now + 120, "jti": jti, "sub": "alice",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} } })
}

fn tell(server: &Running, token: &str) -> Answer {
    server.browser().post_raw("/sign-in/ended/uni", &[("logout_token", token)], &[])
}

#[test]
fn sessions_end_by_the_word_of_their_institution_alone() {
    let (server, liar) = scene();
    let mut browser = server.browser();
    liar.come(&mut browser, signed).ok(303);
    born(&mut browser, crate::institution::BORN).ok(303);
    assert!(is_in(&mut browser));
    let good = logout(&liar, "one");
    let typed = json!({ "alg": "RS256", "kid": "one", "typ": "logout+jwt" });
    let stranger = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut tokens = vec![
        ("nonsense", String::from("a.b.c")),
        ("a stranger's", signed_by(&stranger, &typed, &good)),
        ("none", format!("{}.{}.", part(&json!({ "alg": "none" })), part(&good))),
        ("another type", signed_by(rsa(), &json!({ "alg": "RS256", "kid": "one", "typ": "at+jwt" }), &good)),
        ("an ID token", signed(&with(&liar.claims("n"), "jti", &json!("id")))),
    ];
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another-client")),
        ("iat", json!(0)),
        ("exp", json!(1)),
        ("events", json!({})),
        ("nonce", json!("n")),
        ("jti", Value::Null),
        ("sub", Value::Null),
    ] {
        tokens.push((name, signed_by(rsa(), &typed, &with(&good, name, &value))));
    }
    for (what, token) in &tokens {
        let answer = tell(&server, token);
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        assert_eq!(answer.json()["error"], "invalid_request");
        assert!(is_in(&mut browser), "{what} ended the session");
    }
    assert_eq!(server.browser().post_raw("/sign-in/ended/nobody", &[("logout_token", "x")], &[]).status, 404);
    // Somebody else's session there is not this one.
    tell(&server, &signed_by(rsa(), &typed, &with(&logout(&liar, "two"), "sub", &json!("bob")))).ok(200);
    assert!(is_in(&mut browser));
    let token = signed_by(rsa(), &typed, &good);
    assert_eq!(tell(&server, &token).ok(200).header("cache-control"), Some("no-store"));
    assert!(!is_in(&mut browser));
    tell(&server, &token).ok(400);
}

#[test]
fn a_session_that_began_with_a_password_is_not_the_institutions_to_end() {
    let (server, liar) = scene();
    liar_account(&server, &liar);
    // Alice comes from the institution in a browser, and stops at the second step; then Ada signs in there by her password.
    change(
        &server,
        "INSERT INTO factor (id, account, kind, name, seen, created) SELECT randomblob(16), account, 'app', 'Phone', 0, 0 FROM identity",
    );
    member(&server, "ada@posta.example");
    let mut browser = server.browser();
    assert!(liar.come(&mut browser, signed).ok(303).location().starts_with("/sign-in/second"));
    let form = browser.get("/sign-in").ok(200);
    browser.post("/sign-in", &form, &[("email", "ada@posta.example"), ("password", PASSWORD)]).ok(303);
    assert!(browser.get("/account/settings").ok(200).text().contains("ada@posta.example"));
    let typed = json!({ "alg": "RS256", "kid": "one", "typ": "logout+jwt" });
    tell(&server, &signed_by(rsa(), &typed, &logout(&liar, "one"))).ok(200);
    assert!(is_in(&mut browser), "it is Ada's");
}

/// Alice has an account, through the institution alone, and nobody is signed in.
fn liar_account(server: &Running, liar: &Liar) {
    let mut browser = server.browser();
    liar.come(&mut browser, signed).ok(303);
    born(&mut browser, crate::institution::BORN).ok(303);
    change(server, "DELETE FROM session");
}

#[test]
fn a_flood_of_logouts_that_are_none_holds_nobody_up() {
    let (server, _liar) = scene();
    let send = |body: &[u8]| {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        server.browser().send("POST", "/sign-in/ended/uni", &form, body).status
    };
    let many = |names: u32| (0..names).map(|number| format!("a{number}=")).collect::<Vec<_>>().join("&");
    let began = std::time::Instant::now();
    assert_eq!(send(many(51).as_bytes()), 400);
    assert_eq!(send(many(200_000).as_bytes()), 413);
    let asked = format!("/oauth/authorize?{}", many(5000));
    assert!([400, 414].contains(&server.browser().get(&asked).status));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    // Nor is one address believed again and again.
    let mut last = 0;
    for _ in 0..110 {
        last = send(b"logout_token=a.b.c");
    }
    assert_eq!(last, 429);
}
