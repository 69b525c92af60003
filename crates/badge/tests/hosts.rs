//! Honest badges of hosts that moved, or that spell their own addresses in more than one way, and of issuers that keep their keys apart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod help;

use help::*;
use satchel_badge::check::{Policy, needs};
use satchel_badge::code::Code;
use satchel_badge::evidence::{Document, Evidence, Need, Origin};
use satchel_badge::rdf::Library;
use satchel_badge::report::{Report, Verdict};
use serde_json::{Value, json};

const ISSUER: &str = "https://uni.example/issuer";

fn new(path: &str) -> String {
    format!("https://example.org/{path}")
}

fn old(path: &str) -> String {
    format!("http://example.org/{path}")
}

fn www(path: &str) -> String {
    format!("https://www.example.org/{path}")
}

fn assertion(members: Value) -> Value {
    let assertion = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": new("a.json"),
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"},
        "badge": new("b.json"), "issuedOn": "2026-01-01T00:00:00Z", "verification": {"type": "HostedBadge"},
    });
    merged(assertion, members)
}

fn class(members: Value) -> Value {
    let class = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": new("b.json"), "name": "Welding",
        "description": "Joins steel.", "image": new("b.png"), "criteria": {"narrative": "Shown."}, "issuer": new("i.json"),
    });
    merged(class, members)
}

fn profile(members: Value) -> Value {
    let profile = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": new("i.json"), "name": "Volta",
        "url": "https://example.org",
    });
    merged(profile, members)
}

/// What the host serves under its new addresses and its old ones.
fn host(assertion: &Value, class: &Value, profile: &Value) -> Evidence {
    let mut evidence = Evidence::default();
    for (path, value) in [("a.json", assertion), ("b.json", class), ("i.json", profile)] {
        evidence.add(new(path), fetched(value.to_string()));
        evidence.add(old(path), fetched(value.to_string()));
    }
    evidence
}

#[test]
fn a_badge_of_a_host_that_moved_to_https_is_its_own_whether_its_parts_are_linked_or_embedded() {
    let embedded = class(json!({"id": old("b.json"), "issuer": old("i.json"), "image": old("b.png")}));
    let whole = merged(embedded.clone(), json!({"issuer": profile(json!({"id": old("i.json"), "url": "http://example.org"}))}));
    let (links, embeds) = (assertion(json!({})), assertion(json!({"badge": class(json!({}))})));
    for (file, served) in [
        (json!(old("b.json")), &links),
        (json!(old("b.json")), &embeds),
        (embedded.clone(), &links),
        (embedded.clone(), &embeds),
        (whole.clone(), &links),
        (whole, &embeds),
    ] {
        let file = assertion(json!({"id": old("a.json"), "badge": file}));
        let evidence = host(served, &class(json!({})), &profile(json!({})));
        let report = ask(file.to_string(), &evidence);
        assert_eq!(report.verdict, Verdict::Valid, "{file}: {:?}", report.lines);
    }
    // What moved is the host, and not what it says.
    let other = merged(embedded, json!({"name": "Swimming"}));
    let file = assertion(json!({"id": old("a.json"), "badge": other}));
    let evidence = host(&links, &class(json!({})), &profile(json!({})));
    expect(&ask(file.to_string(), &evidence), Verdict::Invalid, Code::HostedDiffers);
}

#[test]
fn a_host_may_spell_its_own_addresses_in_more_than_one_way() {
    let (a, b, i) = (assertion(json!({})), class(json!({})), profile(json!({})));
    for evidence in [
        host(&a, &b, &profile(json!({"id": www("i.json")}))),
        host(&a, &b, &profile(json!({"id": new("i.json?v=2_0")}))),
        host(&a, &class(json!({"id": www("b.json")})), &i),
        host(&a, &class(json!({"id": new("b.json?v=2_0")})), &i),
        host(&assertion(json!({"id": www("a.json")})), &b, &i),
        host(&assertion(json!({"id": new("a.json?v=2_0"), "badge": new("b.json?v=2_0")})), &b, &i),
    ] {
        let evidence = with(evidence, new("b.json?v=2_0"), fetched(b.to_string()));
        let report = ask(a.to_string(), &evidence);
        assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.lines);
    }
    for other in ["a.json?id=2", "b.json", "a.json/2"] {
        let evidence = host(&assertion(json!({"id": new(other)})), &b, &i);
        expect(&ask(a.to_string(), &evidence), Verdict::Invalid, Code::HostedDiffers);
    }
}

fn with(mut evidence: Evidence, address: String, document: Document) -> Evidence {
    evidence.add(address, document);
    evidence
}

#[test]
fn a_class_that_moved_to_another_host_may_give_its_new_name() {
    let (a, i) = (assertion(json!({})), profile(json!({})));
    let moved = class(json!({"id": "https://new.example/b.json"}));
    let redirected = Document { origin: Origin::Redirected, ..fetched(moved.to_string()) };
    let evidence = with(host(&a, &class(json!({})), &i), new("b.json"), redirected);
    let report = ask(a.to_string(), &evidence);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.lines);
    // Without a redirect another host's class is out of place.
    let evidence = with(host(&a, &class(json!({})), &i), new("b.json"), fetched(moved.to_string()));
    expect(&ask(a.to_string(), &evidence), Verdict::Invalid, Code::LinkedDocumentInvalid);
}

#[test]
fn a_badge_signed_before_its_host_moved_still_finds_its_key() {
    let payload = assertion(json!({
        "id": "urn:uuid:3a1e", "badge": class(json!({"issuer": old("i.json")})),
        "verification": {"type": "SignedBadge", "creator": old("k.json")},
    }));
    let key = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey", "id": new("k.json"), "owner": new("i.json"),
        "publicKeyPem": rsa::pem(),
    });
    let profile = profile(json!({"publicKey": new("k.json")}));
    let evidence = host(&assertion(json!({})), &class(json!({})), &profile);
    let evidence = with(evidence, new("k.json"), fetched(key.to_string()));
    let report = ask(jwt(&json!({"alg": "RS256"}), &payload, rsa::sign), &evidence);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.lines);
}

#[test]
fn a_key_that_the_issuer_lists_by_its_address_counts_beside_one_that_it_embeds() {
    let (key, other) = (key(), stranger());
    let address = format!("{ISSUER}/keys/1");
    let document = award_with(json!({"issuer": {"id": ISSUER, "type": ["Profile"]}}));
    let badge = sign_with(&document, merged(options(&key), json!({"verificationMethod": address})), &key, &Library::default());
    let multikey = |id: &str, key: &str| json!({"id": id, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": key});
    let embedded = multikey(&format!("{ISSUER}#k2"), &other.multikey());
    let ask_with_list = |listed: Value| {
        let profile = json!({"id": ISSUER, "assertionMethod": listed});
        let at_address = multikey(&address, &key.multikey());
        ask(badge.to_string(), &served([(address.as_str(), at_address), (ISSUER, profile)]))
    };
    expect_valid(&ask_with_list(json!([address, embedded])));
    expect_valid(&ask_with_list(json!([address])));
    // It lists another address, where this key may lie too.
    let elsewhere = ask_with_list(json!([format!("{ISSUER}/keys/2"), embedded]));
    expect(&elsewhere, Verdict::Undecided, Code::IssuerUnconfirmed);
    expect(&ask_with_list(json!([embedded])), Verdict::Invalid, Code::KeyNotAuthorised);
}

#[test]
fn a_token_may_name_a_key_of_its_issuer_without_the_issuer() {
    let key = key();
    let token = |kid: &str| ask(jwt(&json!({"alg": "EdDSA", "kid": kid}), &claims(&award()), by(&key)), &Evidence::default());
    for kid in [key.multikey(), format!("#{}", key.multikey())] {
        expect_valid(&token(&kid));
    }
    assert_eq!(token(&stranger().multikey()).verdict, Verdict::Invalid);
}

#[test]
fn what_an_endorsement_needs_is_named_whatever_the_date_is() {
    let key = key();
    let endorsement = json!({
        "@context": [VC, OB], "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a11", "name": "Seen",
        "type": ["VerifiableCredential", "EndorsementCredential"], "issuer": {"id": ISSUER, "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10", "type": ["EndorsementSubject"], "endorsementComment": "Good.",
        },
    });
    let method = json!({"verificationMethod": format!("{ISSUER}#key-1")});
    let endorsement = sign_with(&endorsement, merged(options(&key), method), &key, &Library::default());
    let badge = signed(&award_with(json!({"endorsement": [endorsement]})));
    let named = |badge: &Value| needs(badge.to_string().as_bytes(), &Evidence::default(), &Policy::default());
    assert_eq!(named(&badge), [Need::Url(ISSUER.to_owned())]);
    // Whoever changed the badge does not choose who is asked.
    assert_eq!(named(&merged(badge, json!({"name": "Changed"}))), []);
}

#[test]
fn status_lists_are_kept_up_to_a_bound_and_the_badges_own_come_first() {
    let packed = satchel_badge::status::encode(&vec![0; 16 << 20]);
    let mut evidence = Evidence::default();
    for number in 0..8 {
        let url = format!("https://lists.example/{number}x");
        let list = signed(&json!({
            "@context": [VC], "id": url, "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer(),
            "validFrom": "2026-11-01T00:00:00Z",
            "credentialSubject": {
                "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": packed,
            },
        }));
        evidence.add(url, fetched(list.to_string()));
    }
    let entry = |number: usize| {
        json!({
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "3",
            "statusListCredential": format!("https://lists.example/{number}x"),
        })
    };
    let unusable = |report: &Report| report.lines.iter().filter(|line| line.code == Code::StatusUnusable).count();
    let few: Vec<Value> = (0..3).map(entry).collect();
    assert_eq!(unusable(&ask(signed(&award_with(json!({"credentialStatus": few}))).to_string(), &evidence)), 0);
    let many: Vec<Value> = (0..8).map(entry).collect();
    let report = ask(signed(&award_with(json!({"credentialStatus": many}))).to_string(), &evidence);
    assert_eq!(unusable(&report), 5);
    expect(&report, Verdict::Undecided, Code::StatusUnusable);
}
