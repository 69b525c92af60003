//! What the tests of the server share: a desk with a key that signs awards and requests, and a person with a browser.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use satchel_badge::key::{Algorithm, PublicKey};
use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, KEY_STATEMENT, Signer, sign_assertion, sign_credential, sign_key_statement};
use satchel_protocol::sha256;
use satchel_protocol::signature::{Parameters, Request};
use satchel_server::random;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::picture;
use satchel_tests::running::Running;
use serde_json::{Value, json};

/// A password that nobody guesses.
pub const PASSWORD: &str = "kettle walrus orbit";

/// An issuer's desk.
pub struct Desk {
    pub key: Ed25519Signer,
    pub did: String,
    rsa: Rsa,
    origin: String,
}

struct Rsa {
    url: String,
}

/// One RSA key for all tests: making one takes long.
pub fn rsa() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

pub fn pem() -> String {
    let der = rsa().public_key().as_der().unwrap();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()))
}

impl Signer for Rsa {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn key_url(&self) -> &str {
        &self.url
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; rsa().public_modulus_len()];
        rsa().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map_err(|error| error.to_string())?;
        Ok(signature)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// An identity as both versions have it.
pub fn hashed(email: &str) -> (String, String) {
    let hash = hex(&sha256(format!("{email}salt").as_bytes()));
    (format!("sha256${hash}"), String::from("salt"))
}

impl Desk {
    /// A desk whose key the server does not know.
    pub fn new(server: &Running, seed: u8) -> Self {
        let key = Ed25519Signer::did_key(&[seed; 32]);
        let did = key.controller().to_owned();
        let url = format!("{}/issuers/{did}/key.json", server.url);
        Self { key, did, rsa: Rsa { url }, origin: server.url.clone() }
    }

    /// A desk whose key is admitted and whose profile is published.
    pub fn admitted(server: &Running, seed: u8) -> Self {
        let desk = Self::new(server, seed);
        server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
        desk.publish_profile();
        desk
    }

    /// The server that it uploads to.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address of a document.
    pub fn url(&self, path: &str) -> String {
        format!("{}/issuers/{}/{path}", self.origin, self.did)
    }

    /// Publishes the profile and the key of the Open Badges 2.0 form.
    pub fn publish_profile(&self) {
        let (profile, key) = (self.url("profile.json"), self.url("key.json"));
        let context = "https://w3id.org/openbadges/v2";
        let pem = pem();
        let document = json!({ "@context": context, "type": "Issuer", "id": profile, "name": "Università di Valdora",
                               "url": "https://valdora.example", "email": "badges@valdora.example", "publicKey": [key] });
        self.put("profile.json", &document.to_string()).ok(201);
        let document =
            json!({ "@context": context, "type": "CryptographicKey", "id": key, "owner": profile, "publicKeyPem": pem });
        self.put("key.json", &document.to_string()).ok(201);
    }

    /// Uploads a document.
    pub fn put(&self, path: &str, body: &str) -> Answer {
        self.send("PUT", &format!("documents/{path}"), body.as_bytes())
    }

    /// Sends a signed request to a path of the issuer.
    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let path = format!("/api/v1/issuers/{}/{path}", self.did);
        let headers = self.sign(method, &path, body, Timestamp::now());
        send(&self.origin, method, &path, &headers, body)
    }

    /// The headers of a signed request.
    pub fn sign(&self, method: &str, path: &str, body: &[u8], at: Timestamp) -> Vec<(String, String)> {
        let target = format!("{}{path}", self.origin);
        let request = Request { method, target: &target, body };
        let nonce = random::Secret::new().reveal().to_owned();
        let parameters = Parameters { created: at.as_second(), key: self.key.key_url().to_owned(), nonce };
        let signature = self.key.sign(parameters.base(request).as_bytes()).unwrap();
        let headers = parameters.headers(request, &signature);
        vec![
            ("content-digest".into(), headers.digest),
            ("signature-input".into(), headers.input),
            ("signature".into(), headers.signature),
        ]
    }

    /// The Open Badges 3.0 form of an award, unsigned.
    pub fn credential(&self, email: &str, badge: &str) -> Value {
        let (hash, salt) = hashed(email);
        let image = format!("data:image/png;base64,{}", STANDARD.encode(picture::png(&[])));
        let id = |part: &str| format!("urn:uuid:{}", uuid(&format!("{part} {badge}")));
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": format!("urn:uuid:{}", random::id(Timestamp::now())),
            "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": badge,
            "issuer": { "id": self.did, "type": ["Profile"], "name": "Università di Valdora" },
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": { "type": ["AchievementSubject"],
                "identifier": [{ "type": "IdentityObject", "hashed": true, "identityHash": hash, "identityType": "emailAddress", "salt": salt }],
                "achievement": { "id": id("achievement"), "type": ["Achievement"], "name": badge, "description": "Reads a landscape on foot.",
                    "criteria": { "narrative": "Walk four transects." },
                    "image": { "id": image, "type": "Image", "caption": "A hexagon with hills" } } }
        })
    }

    /// Signs the Open Badges 3.0 form.
    pub fn signed(&self, credential: &Value) -> String {
        sign_credential(credential, &self.key, "2026-01-01T00:00:00Z".parse().unwrap(), &Library::default()).unwrap().to_string()
    }

    /// The Open Badges 2.0 form of an award, signed.
    pub fn assertion(&self, email: &str, badge: &str) -> String {
        let (hash, salt) = hashed(email);
        let image = format!("data:image/png;base64,{}", STANDARD.encode(picture::png(&[])));
        let profile = json!({ "type": "Issuer", "id": self.url("profile.json"), "name": "Università di Valdora",
                              "url": "https://valdora.example", "email": "badges@valdora.example", "publicKey": [self.url("key.json")] });
        let statement = sign_key_statement(&PublicKey::from_pem(&pem()).unwrap(), &self.key, Timestamp::now()).unwrap();
        let assertion = json!({
            "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", (KEY_STATEMENT): statement, "id": format!("urn:uuid:{}", random::id(Timestamp::now())),
            "recipient": { "type": "email", "hashed": true, "salt": salt, "identity": hash },
            "issuedOn": "2026-01-01T00:00:00Z",
            "badge": { "type": "BadgeClass", "id": format!("urn:uuid:{}", uuid(badge)), "name": badge, "description": "Reads a landscape.",
                       "image": image, "criteria": { "narrative": "Walk four transects." }, "issuer": profile },
            "verification": { "type": "SignedBadge", "creator": self.url("key.json") }
        });
        sign_assertion(&assertion, &self.rsa).unwrap()
    }

    /// An award in both forms, ready to be uploaded.
    pub fn award(&self, email: &str, badge: &str) -> Value {
        let ob3 = self.signed(&self.credential(email, badge));
        json!({ "email": email, "name": "Elena", "language": "it", "ob3": ob3, "ob2": self.assertion(email, badge) })
    }

    /// Uploads awards.
    pub fn upload(&self, awards: &[Value]) -> Vec<Value> {
        let answer = self.send("POST", "awards", json!({ "awards": awards }).to_string().as_bytes()).ok(200);
        answer.json()["results"].as_array().unwrap().clone()
    }

    /// Awards a badge; the invitation's id.
    pub fn give(&self, email: &str, badge: &str) -> String {
        let results = self.upload(&[self.award(email, badge)]);
        assert_eq!(results[0]["result"], "added", "{results:?}");
        results[0]["invitation"].as_str().unwrap().to_owned()
    }

    /// The state of an invitation.
    pub fn state(&self, id: &str) -> String {
        let all = self.send("GET", "invitations", b"").ok(200).json();
        let found = all["invitations"].as_array().unwrap().iter().find(|it| it["id"] == id);
        found.unwrap_or_else(|| panic!("no invitation {id}: {all}"))["state"].as_str().unwrap().to_owned()
    }
}

/// Sends a request with these headers.
pub fn send(origin: &str, method: &str, path: &str, headers: &[(String, String)], body: &[u8]) -> Answer {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Browser::new(origin).send(method, path, &headers, body)
}

/// An identifier that a text always has.
fn uuid(text: &str) -> String {
    let hash = hex(&sha256(text.as_bytes()));
    format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32])
}

/// What somebody types to register.
pub fn registration<'a>(invitation: &'a str, email: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("invitation", invitation),
        ("given", "Elena"),
        ("family", "Marchetti"),
        ("email", email),
        ("birth-day", "31"),
        ("birth-month", "3"),
        ("birth-year", "1999"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ]
}

/// The secret at the end of a link.
pub fn secret(link: &str) -> String {
    link.trim_end_matches("/never").rsplit(['/', '=']).next().unwrap().to_owned()
}

/// Registers somebody through an invitation and verifies the address; the browser is signed in afterwards, at the page it gives.
pub fn register(server: &Running, invitation: &str, email: &str) -> (Browser, Answer) {
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={invitation}")).ok(200);
    // The page names the terms that hold, where there are any.
    let holds = if form.text().contains("name=\"holds\"") { form.hidden("holds") } else { String::new() };
    let mut fields = registration(invitation, email);
    fields.push(("holds", &holds));
    browser.post("/register", &form, &fields).ok(200);
    let subject = "Verify your address";
    let link = server.mail(email, subject).link("/verify/");
    let form = browser.get(&link).ok(200);
    let answer = browser.post(&link, &form, &[("password", PASSWORD)]).ok(303);
    let page = browser.follow(answer.location());
    (browser, page)
}

/// Somebody with an account and no badge.
pub fn member(server: &Running, email: &str) -> Browser {
    server.admin(&["user", "invite", email]).ending(0);
    let invitation = secret(&server.mail(email, "invitation").link("/register"));
    let (browser, page) = register(server, &invitation, email);
    assert!(page.text().contains("No badge yet"), "{}", page.text());
    browser
}

/// Has somebody act for an issuer: its desk asks, and they accept in their browser by the link of the mail.
pub fn appoint(server: &Running, desk: &Desk, browser: &mut Browser, email: &str) {
    const SUBJECT: &str = "asks you to act for it";
    let before = server.mails().iter().filter(|mail| mail.to == email && mail.subject.contains(SUBJECT)).count();
    desk.send("PUT", &format!("staff/{email}"), b"").ok(200);
    let link = server.mails_to(email, SUBJECT, before + 1).pop().unwrap().link("/acting/");
    let page = browser.get(&link).ok(200);
    assert_eq!(browser.post(&link, &page, &[("do", "accept")]).ok(303).location(), "/staff");
}

/// Signs in, in a browser of its own.
pub fn sign_in(server: &Running, email: &str, password: &str) -> (Browser, Answer) {
    let mut browser = server.browser();
    let form = browser.get("/sign-in").ok(200);
    let answer = browser.post("/sign-in", &form, &[("email", email), ("password", password), ("next", "/account")]);
    (browser, answer)
}

/// A server with these settings.
pub fn server_with(settings: &str, options: &[&str]) -> Running {
    let folder = satchel_tests::shell::Folder::new();
    let config = folder.file("server.toml", settings).to_str().unwrap().to_owned();
    Running::start_in(folder, &[options, &["--config", &config]].concat())
}

/// What lets staff work without a second step of signing in.
pub const NO_FACTOR: &str = "[policy]\nsecond_factor = 'optional'\n";
