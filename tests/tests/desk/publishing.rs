//! From the desk to a badge on somebody's page: the real server, a mail that arrives, a claim in a browser, pictures that verify anywhere.

use std::fs;

use satchel_badge::check::{Policy, check};
use satchel_badge::code::Code;
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::report::Verdict;
use satchel_tests::desk::Desk;
use satchel_tests::http::{Answer, Browser};
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, satchel};
use satchel_tests::smtp::Smtp;
use satchel_wallet::desk::{Desk as Office, Form, Order, Passphrases};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::proposals::{Part, seal};

const TABLE: &str = "email,name\nelena@posta.example,Elena Marchetti\nbob@posta.example,Bob\nrefused@posta.example,Nobody\n";

/// A desk with three awards for a server, whose operator has admitted its key.
fn awarded(server: &Running) -> (Desk, Vec<Value>) {
    let desk = Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    let rows = desk.award("paesaggio", &desk.table(TABLE), &["--server", &server.url]).ending(0).rows();
    (desk, rows)
}

/// What the issuer publishes, for a verifier who is offline.
fn published(server: &Running, desk: &Desk) -> Evidence {
    let mut evidence = Evidence::default();
    for path in ["profile.json", "key.json", "revocations.json", "status/1"] {
        let url = format!("{}/issuers/{}/{path}", server.url, desk.did);
        let answer = server.browser().get(&url).ok(200);
        evidence.add(url, Document { fetched: Some(jiff::Timestamp::now()), ..Document::given(answer.body) });
    }
    evidence
}

/// Where an invitation stands, once it is so.
fn standing(desk: &Desk, id: &Value, state: &str) -> Value {
    for _ in 0..200 {
        let row = rows(desk).into_iter().find(|row| row["id"] == *id).unwrap();
        if row["invitation"] == state {
            return row;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it never is {state}: {:?}", rows(desk));
}

fn rows(desk: &Desk) -> Vec<Value> {
    desk.command(&["status"]).run().ending(0).rows()
}

/// Registers somebody through the link of an invitation and accepts the badge; where it is.
fn claim(server: &Running, smtp: &Smtp, email: &str) -> (Browser, Answer) {
    let link = link(smtp, email, "/claim/");
    let secret = link.rsplit('/').next().unwrap().to_owned();
    let password = "kettle walrus orbit";
    let mut browser = server.browser();
    let form = browser.get(&format!("/register?invitation={secret}")).ok(200);
    let fields = [
        ("invitation", secret.as_str()),
        ("given", "Elena"),
        ("family", "Marchetti"),
        ("email", email),
        ("birth-day", "31"),
        ("birth-month", "3"),
        ("birth-year", "1999"),
        ("password", password),
        ("again", password),
    ];
    browser.post("/register", &form, &fields).ok(200);
    let verify = self::link(smtp, email, "/verify/");
    let form = browser.get(&verify).ok(200);
    let answer = browser.post(&verify, &form, &[("password", password)]).ok(303);
    let page = browser.follow(answer.location());
    let action = page.text().split("action=\"/claims/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let accepted = browser.post(&format!("/claims/{action}"), &page, &[("keep", "public")]).ok(303);
    (browser, accepted)
}

/// The first link with this in its path in a mail to somebody, once the mail server has it.
fn link(smtp: &Smtp, to: &str, part: &str) -> String {
    let address = format!("<{to}>");
    for _ in 0..600 {
        for mail in smtp.taken() {
            // Lines may be broken for their length (RFC 2045, 6.7).
            let mail = mail.replace("=\r\n", "").replace("=3D", "=");
            let found = mail.split_whitespace().find(|word| word.starts_with("http") && word.contains(part));
            if let Some(link) = found.filter(|_| mail.contains(&address) || mail.contains(&format!("To: {to}"))) {
                return link.to_owned();
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("no mail to {to} with {part}: {:?}", smtp.taken());
}

#[test]
fn what_staff_award_arrives_is_claimed_and_verifies_in_both_forms() {
    let smtp = Smtp::start();
    let folder = Folder::new();
    let settings = format!("[mail]\nsmtp = \"smtp://127.0.0.1:{}?tls=none\"\nfrom = \"no-reply@badges.example\"\n", smtp.port);
    let config = folder.file("satchel.toml", settings);
    let server = Running::start_by_smtp(folder, &["--config", config.to_str().unwrap()]);
    let (desk, awards) = awarded(&server);
    assert!(awards.iter().all(|row| row["ob2"].is_string()), "both forms: {awards:?}");
    desk.badge("idea");
    let published_rows = desk.command(&["publish"]).run().ending(0).rows();
    assert!(published_rows.iter().all(|row| row["result"] == "added" && row["invitation"].is_string()), "{published_rows:?}");
    // A badge that nobody was given stays at the desk.
    let served = |path: &str| server.browser().get(&format!("/issuers/{}/{path}", desk.did)).status;
    assert_eq!((served("pictures/paesaggio.png"), served("achievements/paesaggio.json")), (200, 200));
    assert_eq!((served("pictures/idea.png"), served("achievements/idea.json")), (404, 404));
    // Once more does nothing, and nobody is written to twice.
    assert!(desk.command(&["publish"]).run().ending(0).rows().is_empty());

    // The invited person has the badge; the one whose mail came back does not, and staff see it.
    let (mut browser, accepted) = claim(&server, &smtp, "elena@posta.example");
    standing(&desk, &awards[0]["id"], "accepted");
    standing(&desk, &awards[1]["id"], "sent");
    let bounced = standing(&desk, &awards[2]["id"], "bounced");
    assert_eq!((&bounced["state"], &bounced["email"]), (&json!("published"), &json!("refused@posta.example")));

    // Both downloads verify as hers, by what the issuer publishes; and they are what the desk wrote.
    let evidence = published(&server, &desk);
    let policy = Policy { recipient: Some(String::from("elena@posta.example")), ..Policy::default() };
    for (file, form) in [("badge.png", "ob3"), ("badge-2.0.png", "ob2")] {
        let taken = browser.get(&format!("{}/{file}", accepted.location())).ok(200).body;
        let report = check(&taken, &evidence, &policy, jiff::Timestamp::now()).remove(0);
        assert_eq!(report.verdict, Verdict::Valid, "{file}: {:#?}", report.lines);
        let text = |bytes: &[u8]| satchel_badge::container::open_bytes(bytes).payload().unwrap().to_vec();
        let written = fs::read(desk.out(awards[0][form].as_str().unwrap())).unwrap();
        assert!(text(&taken) == text(&written), "{file}");
        // And in the shell, which asks the server itself.
        let path = desk.folder.file(file, &taken);
        let host = server.url.strip_prefix("http://").unwrap();
        let shell = satchel(["verify", "--json", "--recipient", "elena@posta.example", "--allow-host", host]).arg(path);
        assert_eq!(shell.run().ending(0).row()["verdict"], "valid");
    }
}

#[test]
fn whom_a_badge_is_for_leaves_the_desk_when_it_is_uploaded() {
    let server = Running::start(&[]);
    let (desk, _) = awarded(&server);
    let found = |words: &[&str]| {
        let entries = fs::read_dir(desk.folder.at("desk")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        let bytes: Vec<u8> = entries.flatten().collect();
        words.iter().filter(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes())).count()
    };
    let words = ["elena@posta.example", "Elena Marchetti", "bob@posta.example"];
    assert_eq!(found(&words), 3);
    desk.command(&["publish"]).run().ending(0);
    assert_eq!(found(&words), 0, "neither in the database nor in its journal");
    // The same person is caught all the same.
    let again = desk.awarding("paesaggio", &desk.table("email\nElena@posta.example\n"), "again", &[]).run().ending(1).rows();
    assert_eq!(again[0]["code"], "repeated");
}

#[test]
fn a_server_that_is_not_there_is_told_and_publishing_goes_on_where_it_was() {
    let server = Running::start(&[]);
    let desk = Desk::new();
    desk.badge("paesaggio");
    assert_eq!(desk.command(&["publish"]).run().ending(2).problem(), "no_server");
    let people: Vec<String> = (0..250).map(|number| format!("person{number}@posta.example")).collect();
    let table = desk.table(format!("email\n{}\n", people.join("\n")));
    desk.award("paesaggio", &table, &["--server", &server.url]).ending(0);
    // Not admitted: the server's words, and nothing lost.
    let refused = desk.command(&["publish"]).run().ending(1);
    assert_eq!(refused.problem(), "server_refused");
    assert!(refused.row()["problem"]["message"].as_str().unwrap().contains("unknown_issuer"));
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);

    // Killed at any moment, it goes on; the server has every award once.
    for pause in [0, 20, 60, 120, 200] {
        let mut command = std::process::Command::new(satchel_tests::shell::program());
        command.args(["desk", "publish", "--desk"]).arg(desk.folder.at("desk"));
        command.env("SATCHEL_PASSPHRASE", satchel_tests::desk::PASSPHRASE).stdout(std::process::Stdio::null());
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300 + pause));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let rest = desk.command(&["publish"]).run().ending(0).rows();
    assert!(rest.iter().all(|row| row["result"] == "added" || row["result"] == "duplicate"), "{rest:?}");
    let rows = rows(&desk);
    assert_eq!(rows.len(), 250);
    assert!(rows.iter().all(|row| row["state"] == "published" && row["invitation"].is_string()), "{rows:?}");

    let url = server.url.clone();
    drop(server);
    let problem = desk.command(&["status"]).run().ending(4);
    assert_eq!((problem.problem(), &problem.row()["problem"]["retry"]), (String::from("no_connection"), &json!(true)), "{url}");
    assert_eq!(desk.command(&["status", "--offline"]).run().ending(0).rows().len(), 250);
}

#[test]
fn a_revoked_badge_is_revoked_in_both_forms_and_its_invitation_withdrawn() {
    let server = Running::start(&[]);
    let (desk, awards) = awarded(&server);
    let id = |at: usize| awards[at]["id"].as_str().unwrap().to_owned();
    let revoke = |id: &str| desk.command(&["revoke", id, "--reason", "given by mistake"]).run();
    let again = |id: &str| desk.command(&["revoke", id, "--reason", "another"]).run().ending(0).row();
    // One that never left never will.
    assert_eq!(revoke(&id(1)).status, Some(0));
    let out = desk.command(&["publish"]).run().ending(0).rows();
    assert_eq!(out.len(), 2, "{out:?}");
    assert_eq!(revoke(&id(0)).ending(0).row()["published"], true);
    let known = again(id(0).strip_prefix("urn:uuid:").unwrap());
    assert_eq!((&known["result"], &known["reason"]), (&json!("known"), &json!("given by mistake")));
    assert_eq!(revoke("urn:uuid:00000000-0000-4000-8000-000000000000").ending(1).problem(), "unknown_award");
    assert_eq!(desk.command(&["revoke", &id(2), "--reason", " "]).run().ending(2).problem(), "bad_option");
    let rows = rows(&desk);
    let of = |at: usize| rows.iter().find(|row| row["id"] == awards[at]["id"]).unwrap();
    assert_eq!(
        (&of(0)["state"], &of(0)["invitation"], &of(0)["reason"]),
        (&json!("revoked"), &json!("withdrawn"), &json!("given by mistake"))
    );
    assert_eq!((&of(1)["state"], &of(1)["invitation"]), (&json!("revoked"), &Value::Null));
    let evidence = published(&server, &desk);
    for (at, verdict) in [(0, Verdict::Invalid), (1, Verdict::Invalid), (2, Verdict::Valid)] {
        for form in ["ob3", "ob2"] {
            let bytes = fs::read(desk.out(awards[at][form].as_str().unwrap())).unwrap();
            let report = check(&bytes, &evidence, &Policy::default(), jiff::Timestamp::now()).remove(0);
            assert_eq!(report.verdict, verdict, "{at} {form}: {:?}", report.lines);
        }
    }

    // Each list is signed by the desk, has a higher number than the one before, and the head of the award log.
    let list = || server.browser().get(&format!("/issuers/{}/status/1", desk.did)).ok(200).json();
    let number = |list: &Value| list["id"].as_str().unwrap().rsplit('#').next().unwrap().parse::<u64>().unwrap();
    let (before, log) = (list(), "/relatedResource/0/id");
    assert_eq!(before.pointer(log), Some(&json!("urn:satchel:award-log:3")));
    assert!(before.get("validUntil").is_none());
    desk.command(&["publish"]).run().ending(0);
    let after = list();
    assert!(number(&after) > number(&before), "{} {}", number(&after), number(&before));
    assert_eq!(after.pointer("/relatedResource/0/digestMultibase"), before.pointer("/relatedResource/0/digestMultibase"));
    desk.awarding("paesaggio", &desk.table("email\ncarl@posta.example\n"), "more", &[]).run().ending(0);
    desk.command(&["publish"]).run().ending(0);
    let grown = list();
    assert_eq!(grown.pointer(log), Some(&json!("urn:satchel:award-log:4")));
    assert_ne!(grown.pointer("/relatedResource/0/digestMultibase"), before.pointer("/relatedResource/0/digestMultibase"));

    // Where the server is gone, it is revoked here, and said so.
    drop(server);
    let alone = revoke(&id(2)).ending(1).row();
    assert_eq!(
        (&alone["result"], &alone["published"], &alone["code"]),
        (&json!("revoked"), &json!(false), &json!("no_connection"))
    );
}

#[test]
fn a_stolen_server_makes_no_badge_of_an_issuer_in_either_form() {
    let server = Running::start(&[]);
    let (desk, awards) = awarded(&server);
    desk.command(&["publish"]).run().ending(0);
    let genuine = published(&server, &desk);
    let ob2 = fs::read(desk.out(awards[0]["ob2"].as_str().unwrap())).unwrap();
    let ob3 = fs::read(desk.out(awards[0]["ob3"].as_str().unwrap())).unwrap();
    let verdict =
        |bytes: &[u8], evidence: &Evidence| check(bytes, evidence, &Policy::default(), jiff::Timestamp::now()).remove(0);
    assert_eq!(verdict(&ob2, &genuine).verdict, Verdict::Valid);

    // The thief has the whole folder of the server, and its address. No key that signs lies there.
    let (url, did) = (server.url.clone(), desk.did.clone());
    let folder = server.stop();
    for entry in fs::read_dir(folder.at("data")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        // PEM, and how PKCS #8 begins for RSA and Ed25519.
        for secret in [&b"PRIVATE KEY"[..], b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48", b"\x04\x22\x04\x20"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }

    // So it makes a key of its own, serves it as the issuer's, and signs with it.
    let thief = thief::Rsa::new(&format!("{url}/issuers/{did}/key.json"));
    let (profile, key) = (format!("{url}/issuers/{did}/profile.json"), format!("{url}/issuers/{did}/key.json"));
    let mut stolen = genuine.clone();
    let served = json!({ "@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey", "id": key, "owner": profile,
        "publicKeyPem": thief.pem() });
    stolen.add(key.clone(), Document::given(served.to_string().into_bytes()));
    let token = String::from_utf8(satchel_badge::container::open_bytes(&ob2).payload().unwrap().to_vec()).unwrap();
    let mut assertion = satchel_badge::proof::jws::Jws::parse(&token).unwrap().payload;
    assertion["id"] = json!("urn:uuid:00000000-0000-4000-8000-000000000000");
    let signed = |assertion: &Value| satchel_badge::sign::sign_assertion(assertion, &thief).unwrap();
    let codes = |text: &str| verdict(text.as_bytes(), &stolen).lines.iter().map(|line| line.code).collect::<Vec<_>>();
    // With the issuer's own statement, which is about another key; with none; with one of a key of its own.
    let with_old = verdict(signed(&assertion).as_bytes(), &stolen);
    assert_eq!(with_old.verdict, Verdict::Invalid, "{:?}", with_old.lines);
    assert!(codes(&signed(&assertion)).contains(&Code::KeyStatementWrong));
    let own = satchel_badge::sign::Ed25519Signer::did_key(&[7; 32]);
    let public = satchel_badge::key::PublicKey::from_pem(&thief.pem()).unwrap();
    let forged = satchel_badge::sign::sign_key_statement(&public, &own, jiff::Timestamp::now()).unwrap();
    let renamed = satchel_badge::sign::Ed25519Signer::new(&[7; 32], format!("{did}#{}", did.strip_prefix("did:key:").unwrap()));
    let renamed = satchel_badge::sign::sign_key_statement(&public, &renamed, jiff::Timestamp::now()).unwrap();
    for statement in [forged, renamed, String::from("a.b.c")] {
        assertion[satchel_badge::sign::KEY_STATEMENT] = json!(statement);
        let report = verdict(signed(&assertion).as_bytes(), &stolen);
        assert_eq!(report.verdict, Verdict::Invalid, "{:?}", report.lines);
    }
    assertion.as_object_mut().unwrap().remove(satchel_badge::sign::KEY_STATEMENT);
    let without = verdict(signed(&assertion).as_bytes(), &stolen);
    assert_eq!(without.verdict, Verdict::Undecided, "{:?}", without.lines);
    assert!(codes(&signed(&assertion)).contains(&Code::IssuerKnownFromHost));

    // A hosted assertion says no more than its host.
    let place = format!("{url}/issuers/{did}/assertions/1");
    assertion["id"] = json!(place);
    assertion["verification"] = json!({ "type": "HostedBadge" });
    stolen.add(place, Document::given(assertion.to_string().into_bytes()));
    let hosted = verdict(assertion.to_string().as_bytes(), &stolen);
    assert_ne!(hosted.verdict, Verdict::Valid, "{:?}", hosted.lines);

    // In the form of today the key is the issuer's name: another key is another issuer, and one that is bent is a broken signature.
    let credential: Value = serde_json::from_slice(satchel_badge::container::open_bytes(&ob3).payload().unwrap()).unwrap();
    let thief = satchel_badge::sign::Ed25519Signer::did_key(&[9; 32]);
    let forged = satchel_badge::sign::sign_credential(
        &credential,
        &thief,
        jiff::Timestamp::now(),
        &satchel_badge::rdf::Library::default(),
    );
    let report = verdict(forged.unwrap().to_string().as_bytes(), &stolen);
    assert_eq!(report.verdict, Verdict::Invalid, "{:?}", report.lines);
    assert!(report.lines.iter().any(|line| line.code == Code::IssuerMismatch));
}

/// The key of a thief.
mod thief {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
    use base64::Engine;
    use satchel_badge::key::Algorithm;
    use satchel_badge::sign::Signer;

    pub struct Rsa {
        key: KeyPair,
        url: String,
    }

    impl Rsa {
        pub fn new(url: &str) -> Self {
            Self { key: KeyPair::generate(KeySize::Rsa2048).unwrap(), url: url.to_owned() }
        }

        pub fn pem(&self) -> String {
            let der = self.key.public_key().as_der().unwrap();
            let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
            format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
        }
    }

    impl Signer for Rsa {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Rs256
        }

        fn key_url(&self) -> &str {
            &self.url
        }

        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
            let mut signature = vec![0; self.key.public_modulus_len()];
            self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
            Ok(signature)
        }
    }
}

#[test]
fn a_desk_of_a_did_web_publishes_once_its_key_is_admitted_and_no_other_key_speaks_for_it() {
    let server = Running::start(&[]);
    let options = ["--did-web", "valdora.example", "--url", "https://valdora.example", "--email", "badges@valdora.example"];
    let (desk, made) =
        Desk::of(Folder::new(), |new| new.args(options).env("SATCHEL_PASSPHRASE", satchel_tests::desk::PASSPHRASE));
    let key = made["did_document"]["assertionMethod"][0].as_str().unwrap().to_owned();
    assert!(key.starts_with("did:web:valdora.example#z6Mk"), "{key}");
    desk.badge("paesaggio");
    desk.award("paesaggio", &desk.table("email\nelena@posta.example\n"), &["--server", &server.url]).ending(0);
    let refused = |desk: &Desk| desk.command(&["publish"]).run();
    assert!(refused(&desk).ending(1).out.contains("unknown_issuer") || refused(&desk).out.contains("does not know"));
    // A domain alone names no key, and a key of somebody else opens nothing.
    assert!(server.admin(&["issuer", "add", "--key", "did:web:valdora.example"]).ending(1).err.contains("key of a desk"));
    let other = "did:web:valdora.example#z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw";
    let added = server.admin(&["issuer", "add", "--json", "--key", other]).ending(0).row();
    assert_eq!(added["vouched"], false, "its domain was asked and did not say so");
    refused(&desk).ending(1);
    server.admin(&["issuer", "add", "--key", &key]).ending(0);
    let rows = desk.command(&["publish"]).run().ending(0).rows();
    assert!(rows.iter().all(|row| row["result"] == "added"), "{rows:?}");
    server.mail("elena@posta.example", "paesaggio");
    // The server vouches for nobody's name.
    for path in ["did.json", ".well-known/did.json"] {
        server.browser().get(&format!("/issuers/{}/{path}", desk.did)).ok(404);
    }
    // One desk's key is ended, and the issuer goes on with others.
    server.admin(&["issuer", "suspend", "--key", &key]).ending(0);
    assert_eq!(desk.command(&["status"]).run().ending(1).problem(), "server_refused");
    server.admin(&["issuer", "add", "--key", &key]).ending(0);
    desk.command(&["status"]).run().ending(0);
}

#[test]
fn two_desks_of_one_domain_have_lists_and_keys_of_their_own() {
    let server = Running::start(&[]);
    let options = ["--did-web", "valdora.example", "--url", "https://valdora.example", "--email", "badges@valdora.example"];
    let make = || Desk::of(Folder::new(), |new| new.args(options).env("SATCHEL_PASSPHRASE", satchel_tests::desk::PASSPHRASE));
    let ((one, made), (two, also)) = (make(), make());
    let mut document = made["did_document"].clone();
    for member in ["verificationMethod", "assertionMethod"] {
        let other = also["did_document"][member][0].clone();
        document[member].as_array_mut().unwrap().push(other);
    }
    for key in document["assertionMethod"].as_array().unwrap() {
        server.admin(&["issuer", "add", "--key", key.as_str().unwrap()]).ending(0);
    }
    let folder = Folder::new();
    folder.file("did.json", document.to_string());
    folder.file("evidence.json", json!({ "did:web:valdora.example": "did.json" }).to_string());
    let host = server.url.strip_prefix("http://").unwrap();
    let verdict = |desk: &Desk, award: &Value| {
        ["ob3", "ob2"].map(|form| {
            let shell = satchel(["verify", "--json", "--allow-host", host, "--evidence"]).arg(folder.path());
            let row = shell.arg(desk.out(award[form].as_str().unwrap())).run().row();
            row["verdict"].as_str().unwrap().to_owned()
        })
    };
    let award = |desk: &Desk, slug: &str| {
        desk.badge(slug);
        let table = desk.table("email\nelena@posta.example\nbob@posta.example\n");
        let rows = desk.award(slug, &table, &["--server", &server.url]).ending(0).rows();
        desk.command(&["publish"]).run().ending(0);
        rows
    };
    let (ones, twos) = (award(&one, "paesaggio"), award(&two, "saldatura"));
    let revoke = |desk: &Desk, award: &Value| {
        let id = award["id"].as_str().unwrap();
        assert_eq!(desk.command(&["revoke", id, "--reason", "given by mistake"]).run().ending(0).row()["published"], true);
    };
    for (desk, awards) in [(&one, &ones), (&two, &twos)] {
        assert_eq!(verdict(desk, &awards[0]), ["valid"; 2], "what the other desk published did it no harm");
    }
    // Whoever revokes, in whatever order, takes nothing back that the other revoked, and revokes nothing of the other's.
    revoke(&two, &twos[0]);
    one.command(&["publish"]).run().ending(0);
    revoke(&one, &ones[0]);
    for (desk, awards) in [(&one, &ones), (&two, &twos)] {
        assert_eq!(verdict(desk, &awards[0]), ["invalid"; 2]);
        assert_eq!(verdict(desk, &awards[1]), ["valid"; 2]);
        desk.command(&["status"]).run().ending(0);
    }
}

/// The whole of a folder, somewhere else.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// How a verifier finds an award, in both forms.
fn verdicts(server: &Running, desk: &Desk, award: &Value) -> [Verdict; 2] {
    let evidence = published(server, desk);
    ["ob3", "ob2"].map(|form| {
        let bytes = fs::read(desk.out(award[form].as_str().unwrap())).unwrap();
        check(&bytes, &evidence, &Policy::default(), jiff::Timestamp::now()).remove(0).verdict
    })
}

#[test]
fn a_desk_that_comes_back_from_a_backup_revives_nothing_that_was_revoked() {
    let server = Running::start(&[]);
    let (desk, awards) = awarded(&server);
    desk.command(&["publish"]).run().ending(0);
    let backup = desk.folder.at("backup");
    copy(&desk.folder.at("desk"), &backup);
    let id = awards[0]["id"].as_str().unwrap();
    desk.command(&["revoke", id, "--reason", "fraud"]).run().ending(0);
    fs::remove_dir_all(desk.folder.at("desk")).unwrap();
    copy(&backup, &desk.folder.at("desk"));

    // It learns of it from the list that it signed itself, whatever it was asked for, and says so.
    let rows = desk.command(&["publish"]).run().ending(0).rows();
    assert_eq!(rows.iter().find_map(|row| row.get("found")).unwrap()["revoked"], json!([id]), "{rows:?}");
    assert_eq!(verdicts(&server, &desk, &awards[0]), [Verdict::Invalid; 2]);
    assert_eq!(verdicts(&server, &desk, &awards[2]), [Verdict::Valid; 2]);
    let row = self::rows(&desk).into_iter().find(|row| row["id"] == id).unwrap();
    assert_eq!((&row["state"], &row["reason"]), (&json!("revoked"), &json!("fraud")));
    assert!(desk.command(&["publish"]).run().ending(0).rows().is_empty(), "it is said once");

    // Whoever wants it back says so.
    desk.command(&["publish", "--reinstate", id]).run().ending(0);
    assert_eq!(verdicts(&server, &desk, &awards[0]), [Verdict::Valid; 2]);
    desk.command(&["publish"]).run().ending(0);
    assert_eq!(verdicts(&server, &desk, &awards[0]), [Verdict::Valid; 2]);
    assert_eq!(desk.command(&["publish", "--reinstate", "x"]).run().ending(1).problem(), "unknown_award");
}

#[test]
fn two_copies_of_a_desk_undo_nothing_of_each_other() {
    let server = Running::start(&[]);
    let (one, awards) = awarded(&server);
    one.command(&["publish"]).run().ending(0);
    let (successor, passphrase) = (one.successor.clone(), one.passphrase.clone());
    let two = Desk { folder: Folder::new(), did: one.did.clone(), successor, passphrase };
    copy(&one.folder.at("desk"), &two.folder.at("desk"));

    // The second awards and revokes what the first does not know; the first revokes something of its own.
    let more = two.award("paesaggio", &two.table("email\ncarl@posta.example\ndora@posta.example\n"), &[]).ending(0).rows();
    two.command(&["publish"]).run().ending(0);
    let id = |award: &Value| award["id"].as_str().unwrap().to_owned();
    two.command(&["revoke", &id(&more[0]), "--reason", "fraud"]).run().ending(0);
    one.command(&["revoke", &id(&awards[0]), "--reason", "mistake"]).run().ending(0);
    assert_eq!(verdicts(&server, &two, &more[0]), [Verdict::Invalid; 2]);
    assert_eq!(verdicts(&server, &two, &more[1]), [Verdict::Valid; 2]);
    assert_eq!(verdicts(&server, &one, &awards[0]), [Verdict::Invalid; 2]);

    // The log of the second is not told in another way by the first, which uploads no award until it is told to go on.
    let log = || {
        let list = server.browser().get(&format!("/issuers/{}/status/1", one.did)).ok(200).json();
        list.pointer("/relatedResource/0").unwrap().clone()
    };
    let before = log();
    assert_eq!(before["id"], "urn:satchel:award-log:5");
    one.awarding("paesaggio", &one.table("email\nemil@posta.example\n"), "emil", &[]).run().ending(0);
    let refused = one.command(&["publish"]).run().ending(1);
    assert!(refused.rows().iter().any(|row| row["problem"]["code"] == "desk_behind"), "{}", refused.out);
    assert_eq!(log(), before);
    let rows = one.command(&["publish", "--take-over"]).run().ending(0).rows();
    assert!(rows.iter().any(|row| row["result"] == "added"), "{rows:?}");
    assert_eq!(log()["id"], "urn:satchel:award-log:4");
    assert_eq!(verdicts(&server, &two, &more[0]), [Verdict::Invalid; 2], "what is not known here stays revoked");
    // Also when the server, taken back from a backup, knows it no more: the list that was signed here last has it.
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    assert!(database.execute("DELETE FROM document WHERE path LIKE 'status/%'", []).unwrap() > 0);
    drop(database);
    one.command(&["publish"]).run().ending(0);
    let ob3 = fs::read(two.out(more[0]["ob3"].as_str().unwrap())).unwrap();
    let report = check(&ob3, &published(&server, &two), &Policy::default(), jiff::Timestamp::now()).remove(0);
    assert_eq!(report.verdict, Verdict::Invalid, "{:#?}", report.lines);
}

#[test]
fn what_the_server_took_and_the_desk_did_not_note_is_there_once() {
    let server = Running::start(&[]);
    let (desk, awards) = awarded(&server);
    let (here, before) = (desk.folder.at("desk"), desk.folder.at("before"));
    copy(&here, &before);
    let first = desk.command(&["publish"]).run().ending(0).rows();
    // As a kill between the server's answer and the note of it leaves the desk.
    fs::remove_dir_all(&here).unwrap();
    copy(&before, &here);
    let again = desk.command(&["publish"]).run().ending(0).rows();
    let of = |rows: &[Value]| rows.iter().map(|row| (row["id"].clone(), row["invitation"].clone())).collect::<Vec<_>>();
    assert!(
        first.iter().all(|row| row["result"] == "added") && again.iter().all(|row| row["result"] == "duplicate"),
        "{again:?}"
    );
    assert_eq!(of(&first), of(&again), "the same invitations");
    assert_eq!(rows(&desk).iter().filter(|row| row["state"] == "published").count(), awards.len());
    // Nobody was written to twice: what was awarded later has left, and mails leave in their order.
    desk.awarding("paesaggio", &desk.table("email\nlast@posta.example\n"), "last", &[]).run().ending(0);
    desk.command(&["publish"]).run().ending(0);
    server.mail("last@posta.example", "paesaggio");
    assert_eq!(server.mails_to("elena@posta.example", "paesaggio", 1).len(), 1);
}

#[test]
fn whom_a_badge_is_for_has_left_the_desk_once_that_is_said_though_the_program_is_killed_then() {
    let server = Running::start(&[]);
    let desk = Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    // A hundred go at a time: the program is at the rest when it has told of the first.
    let people: Vec<String> = (0..250).map(|number| format!("person{number:03}@posta.example")).collect();
    desk.award("paesaggio", &desk.table(format!("email\n{}\n", people.join("\n"))), &["--server", &server.url]).ending(0);
    let mut command = std::process::Command::new(satchel_tests::shell::program());
    command.args(["desk", "--json", "publish", "--desk"]).arg(desk.folder.at("desk"));
    command.env("SATCHEL_PASSPHRASE", satchel_tests::desk::PASSPHRASE);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut said).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains("added"), "{said}");
    let entries = fs::read_dir(desk.folder.at("desk")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let bytes: Vec<u8> = entries.flatten().collect();
    for person in &people[..100] {
        assert!(!bytes.windows(person.len()).any(|window| window == person.as_bytes()), "{person}");
    }
    desk.command(&["publish"]).run().ending(0);
    assert!(rows(&desk).iter().all(|row| row["state"] == "published"));
}

/// The number of the list that the server has.
fn number(server: &Running, desk: &Desk) -> i64 {
    let list = server.browser().get(&format!("/issuers/{}/status/1", desk.did)).ok(200).json();
    list["id"].as_str().unwrap().rsplit('#').next().unwrap().parse().unwrap()
}

/// Changes the last signed list of a desk, as if it had been signed at another time; its seal, which takes no key, fits.
fn signed_later(desk: &Desk, version: i64, seconds: i64) {
    let own = rusqlite::Connection::open(desk.folder.at("desk/desk.db")).unwrap();
    let (number, document, made): (i64, String, i64) =
        own.query_row("SELECT number, document, made FROM list", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let made = made + seconds * 1_000_000;
    let seal = seal(&[Part::Integer(number), Part::Integer(version), Part::Text(&document), Part::Integer(made)]);
    own.execute("UPDATE list SET version = ?1, made = ?2, seal = ?3", rusqlite::params![version, made, seal]).unwrap();
}

#[test]
fn the_number_of_a_list_rises_also_after_the_clock_was_ahead() {
    const DAY: i64 = 24 * 3600;
    let server = Running::start(&[]);
    let (desk, _) = awarded(&server);
    let (here, backup) = (desk.folder.at("desk"), desk.folder.at("backup"));
    desk.command(&["publish"]).run().ending(0);
    let first = number(&server, &desk);
    copy(&here, &backup);
    // A list that was signed a day ahead, and never arrived.
    signed_later(&desk, first + DAY, DAY);
    desk.command(&["publish"]).run().ending(0);
    let second = number(&server, &desk);
    assert!(second > first + DAY, "{second} after {first}");
    // Nor does a desk from a backup, which knows nothing of it, go back behind what the server has.
    fs::remove_dir_all(&here).unwrap();
    copy(&backup, &here);
    desk.command(&["publish"]).run().ending(0);
    let third = number(&server, &desk);
    assert!(third > second, "{third} after {second}");
    // One that seems to be made in the future says nothing of its age: whoever looks has it signed anew.
    desk.command(&["status"]).run().ending(0);
    assert_eq!(number(&server, &desk), third, "it was made just now");
    signed_later(&desk, third, DAY);
    desk.command(&["status"]).run().ending(0);
    assert!(number(&server, &desk) > third);
}

#[test]
fn an_award_that_was_signed_before_the_clock_went_back_stays_before_the_one_after() {
    let server = Running::start(&[]);
    let (desk, awards) = awarded(&server);
    let now = jiff::Timestamp::now();
    let mut own = Office::open(&desk.folder.at("desk")).unwrap();
    let table = desk.table("email\ncarl@posta.example\n");
    let out = desk.folder.at("back");
    let order = Order {
        badge: "paesaggio",
        recipients: &table,
        out: &out,
        server: None,
        skip_bad: false,
        resume: false,
        form: Form::default(),
    };
    assert!(own.award(&order, &Knows, now - jiff::SignedDuration::from_hours(24)).unwrap().signed);
    drop(own);
    let rows = desk.command(&["publish"]).run().ending(0).rows();
    assert!(rows.len() == 4 && rows.iter().all(|row| row["result"] == "added"), "{rows:?}");
    let log = || {
        let list = server.browser().get(&format!("/issuers/{}/status/1", desk.did)).ok(200).json();
        list.pointer("/relatedResource/0").unwrap().clone()
    };
    let before = log();
    assert_eq!(before["id"], "urn:satchel:award-log:4");
    // Each later head goes on from it, whenever its awards say that they were made.
    desk.awarding("paesaggio", &desk.table("email\ndora@posta.example\n"), "dora", &[]).run().ending(0);
    desk.command(&["publish"]).run().ending(0);
    assert_eq!(log()["id"], "urn:satchel:award-log:5");
    desk.command(&["revoke", awards[0]["id"].as_str().unwrap(), "--reason", "mistake"]).run().ending(0);
    assert_eq!(verdicts(&server, &desk, &awards[0]), [Verdict::Invalid; 2]);
    assert_eq!(verdicts(&server, &desk, &awards[1]), [Verdict::Valid; 2]);
}

/// Whoever knows the passphrase of every desk here.
struct Knows;

impl Passphrases for Knows {
    fn given(&self) -> Option<Zeroizing<String>> {
        Some(satchel_tests::desk::PASSPHRASE.to_owned().into())
    }

    fn ask(&self, _: bool) -> Option<Zeroizing<String>> {
        None
    }
}

#[test]
fn an_award_log_that_was_cut_short_is_damage_and_no_list_is_signed_over_it() {
    let server = Running::start(&[]);
    let (desk, _) = awarded(&server);
    desk.command(&["publish"]).run().ending(0);
    let before = number(&server, &desk);
    // The row is whole that is taken off the end; nothing but the head that was signed tells of it.
    let own = rusqlite::Connection::open(desk.folder.at("desk/desk.db")).unwrap();
    assert_eq!(own.execute("DELETE FROM award WHERE number = 2", []).unwrap(), 1);
    drop(own);
    let told = desk.command(&["publish"]).run();
    assert!(told.rows().iter().any(|row| row["problem"]["code"] == "desk_damaged"), "{}", told.said());
    assert_ne!(told.status, Some(0));
    assert_eq!(number(&server, &desk), before);
}

#[test]
fn a_badge_is_found_in_the_catalogue_once_the_desk_says_so() {
    let server = Running::start(&[]);
    let desk = Desk::with(&[]);
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    desk.award("paesaggio", &desk.table("email\nelena@posta.example\n"), &["--server", &server.url]).ending(0);
    desk.command(&["publish"]).run().ending(0);
    // Without a page and an address of its own, too, the mail names the issuer.
    let mail = server.mail("elena@posta.example", "paesaggio");
    assert!(mail.text.contains("Università di Valdora") && !mail.text.contains("did:key"), "{}", mail.text);
    let path = format!("/issuers/{}/achievements", desk.did);
    let listed = || server.browser().get(&path).ok(200).json()["achievements"].as_array().unwrap().len();
    assert_eq!(listed(), 0);
    assert_eq!(desk.command(&["listing", "paesaggio", "published"]).run().ending(0).row()["state"], "published");
    assert_eq!(listed(), 1);
    // It is found by the language that it says it is written in.
    let named =
        |language: &str| server.browser().get(&format!("/badges?language={language}")).ok(200).text().contains("Il paesaggio");
    assert!(named("it") && !named("en"));
    let odd = desk.folder.file("odd.json", r#"{"name":"Odd","description":"x","criteria":"y","inLanguage":"italiano!"}"#);
    let odd = desk.command(&["badge", "--file"]).arg(odd).run().ending(1);
    assert!(odd.said().contains("no language tag"), "{}", odd.said());
    desk.command(&["listing", "paesaggio", "unlisted"]).run().ending(0);
    assert_eq!(listed(), 0);
    assert_eq!(desk.command(&["listing", "none", "published"]).run().ending(1).problem(), "unknown_badge");
}

#[test]
fn forms_and_staff_are_set_from_the_shell() {
    let server = Running::start(&[]);
    let desk = Desk::with(&[]);
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    desk.command(&["publish", "--server", &server.url]).run().ending(0);
    assert_eq!(desk.command(&["form", "paesaggio"]).run().ending(0).row()["form"]["access"], "closed");
    let asked = r#"{ "intro": "Chi ha camminato.", "fields": [{ "label": "Dove?", "required": true }], "files": 1 }"#;
    let questions = desk.folder.file("questions.json", asked);
    let made = desk.command(&["form", "paesaggio", "--open", "--questions"]).arg(&questions).run().ending(0).row();
    assert_eq!((&made["form"]["access"], &made["form"]["fields"][0]["label"]), (&Value::from("open"), &Value::from("Dove?")));
    desk.command(&["listing", "paesaggio", "published"]).run().ending(0);
    let page = format!("/badges/{}/paesaggio/request", desk.did);
    assert!(server.browser().get(&page).ok(200).text().contains("Dove?"));
    // What is not given stays; a link is told once.
    let made = desk.command(&["form", "paesaggio", "--link"]).run().ending(0).row();
    assert_eq!(made["form"]["fields"][0]["label"], "Dove?");
    let link = made["link"].as_str().unwrap().strip_prefix(&server.url).unwrap().to_owned();
    assert!(server.browser().get(&link).ok(200).text().contains("Dove?"));
    assert_eq!(desk.command(&["form", "paesaggio", "--closed"]).run().ending(0).row()["link"], Value::Null);
    server.browser().get(&link).ok(404);
    for bad in [r#"{ "access": "open" }"#, r#"{ "fields": [{ "label": "" }] }"#, "[]", "{"] {
        let file = desk.folder.file("bad.json", bad);
        let refused = desk.command(&["form", "paesaggio", "--questions"]).arg(&file).run().ending(1);
        assert_eq!(refused.problem(), "bad_form", "{bad}");
    }
    // What is no file is not read.
    let endless = desk.command(&["form", "paesaggio", "--questions", "/dev/zero"]).run().ending(4);
    assert_eq!(endless.problem(), "unreadable");
    assert_eq!(desk.command(&["form", "none", "--open"]).run().ending(1).problem(), "unknown_badge");

    let asked = desk.command(&["staff", "add", "staff+a@posta.example"]).run().ending(0).row();
    assert_eq!((&asked["email"], &asked["state"]), (&Value::from("staff+a@posta.example"), &Value::from("asked")));
    server.mail("staff+a@posta.example", "Università di Valdora");
    assert_eq!(desk.command(&["staff"]).run().ending(0).row()["state"], "asked");
    assert_eq!(desk.command(&["staff", "remove", "staff+a@posta.example"]).run().ending(0).row()["state"], "removed");
    assert_eq!(desk.command(&["staff", "remove", "staff+a@posta.example"]).run().ending(1).problem(), "unknown_staff");
}
