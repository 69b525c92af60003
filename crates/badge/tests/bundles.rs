//! Credentials that stand in another one, as a Comprehensive Learner Record has them (CLR 2.0): each has a verdict of its own, and the whole is
//! worth no more than the least of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]
#![allow(clippy::needless_pass_by_value, reason = "json! makes values, and a test has no use for them after")]

mod help;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use help::*;
use satchel_badge::check::{Policy, Trust, TrustedIssuer};
use satchel_badge::code::Code;
use satchel_badge::evidence::Evidence;
use satchel_badge::limits::{MAX_BUNDLED_IN_ALL, MAX_NESTED};
use satchel_badge::rdf::{Effort, HashAlgorithm, Library, canonicalize_within, to_quads_within};
use satchel_badge::report::{Relation, Report, Verdict};
use satchel_badge::sign::Signer;
use serde_json::{Value, json};

const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";

/// A record of these credentials, unsigned.
fn record(bundled: Vec<Value>) -> Value {
    json!({
        "@context": [VC, CLR, OB], "id": "urn:uuid:c1", "type": ["VerifiableCredential", "ClrCredential"], "name": "Transcript",
        "issuer": {"id": stranger().controller(), "type": ["Profile"], "name": "University"}, "validFrom": "2026-01-03T00:00:00Z",
        "credentialSubject": {"id": "mailto:ada@example.org", "type": ["ClrSubject"], "verifiableCredential": bundled},
    })
}

fn clr(bundled: Vec<Value>) -> Value {
    signed_by(&record(bundled), &stranger())
}

/// The same as a JWT, in which a bundled credential may be a token.
fn clr_token(bundled: Vec<Value>) -> String {
    jwt(&json!({"alg": "EdDSA", "kid": stranger().key_url()}), &claims(&record(bundled)), by(&stranger()))
}

fn token() -> String {
    jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &claims(&award()), by(&key()))
}

fn envelope(kind: &str, body: &str) -> Value {
    json!({"@context": VC, "id": format!("data:{kind},{body}"), "type": "EnvelopedVerifiableCredential"})
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.nested.iter().map(|nested| nested.verdict).collect()
}

fn tampered() -> Value {
    let mut badge = signed(&award());
    badge["credentialSubject"]["achievement"]["name"] = json!("Brain surgery");
    badge
}

#[test]
fn each_credential_of_a_bundle_has_a_report_of_its_own() {
    let report = alone(&clr(vec![signed(&award()), signed(&award_with(json!({"name": "Another"})))]));
    expect(&report, Verdict::Valid, Code::BundleValid);
    assert_eq!(verdicts(&report), [Verdict::Valid, Verdict::Valid]);
    let names: Vec<&str> = report.nested.iter().map(|nested| nested.badge.as_ref().unwrap().name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Welding", "Another"]);
    assert!(report.nested.iter().enumerate().all(|(at, nested)| nested.part == at && nested.relation == Some(Relation::Bundled)));
    assert_eq!((report.part, report.relation, report.nested[0].signer.clone()), (0, None, Some(issuer())));
}

#[test]
fn a_bundle_is_worth_no_more_than_the_least_of_its_credentials() {
    let (good, elsewhere) =
        (signed(&award()), award_with(json!({"issuer": {"id": "https://uni.example/", "type": ["Profile"]}})));
    let url = merged(options(&key()), json!({"verificationMethod": "https://uni.example/#key"}));
    let unknown = sign_with(&elsewhere, url, &key(), &Library::default());
    let revoked = signed(&award_with(json!({"validUntil": "2026-02-01T00:00:00Z"})));
    let cases = [
        (tampered(), Verdict::Invalid, Code::BundleInvalid),
        (award(), Verdict::Invalid, Code::BundleInvalid),
        (revoked, Verdict::Invalid, Code::BundleInvalid),
        (unknown, Verdict::Undecided, Code::BundleUndecided),
        (json!({"@context": VC, "hello": "you"}), Verdict::Undecided, Code::BundleUndecided),
    ];
    for (other, verdict, code) in cases {
        let report = ask(clr_token(vec![good.clone(), other.clone()]), &Evidence::default());
        expect(&report, verdict, code);
        assert_eq!(report.nested[0].verdict, Verdict::Valid, "each for itself");
        assert_ne!(report.nested[1].verdict, Verdict::Valid);
    }
    // The one that is wrong outweighs the one that is not known.
    let report = ask(clr_token(vec![json!("no credential"), tampered()]), &Evidence::default());
    expect(&report, Verdict::Invalid, Code::BundleInvalid);
    assert_eq!(verdicts(&report), [Verdict::NoBadge, Verdict::Invalid]);
}

#[test]
fn what_a_bundled_credential_lacks_is_a_need_of_the_file() {
    let elsewhere = award_with(json!({"issuer": {"id": "https://uni.example/", "type": ["Profile"]}}));
    let url = merged(options(&key()), json!({"verificationMethod": "https://uni.example/#key"}));
    let badge = sign_with(&elsewhere, url, &key(), &Library::default());
    let file = clr(vec![badge]).to_string();
    expect(&ask(&file, &Evidence::default()), Verdict::Undecided, Code::BundleUndecided);
    let needs = satchel_badge::check::needs(file.as_bytes(), &Evidence::default(), &Policy::default());
    assert!(needs.iter().any(|need| need.key() == "https://uni.example/"), "{needs:?}");
    let method = json!({"id": "https://uni.example/#key", "type": "Multikey", "controller": "https://uni.example/",
        "publicKeyMultibase": key().multikey()});
    let profile = json!({"id": "https://uni.example/", "assertionMethod": [method]});
    expect(&ask(&file, &served([("https://uni.example/", profile)])), Verdict::Valid, Code::BundleValid);
}

#[test]
fn a_credential_in_an_envelope_or_as_a_token_is_opened() {
    let kind = "application/vc+jwt";
    for enveloped in [envelope(kind, &token()), envelope(&format!("{kind};base64"), &STANDARD.encode(token()))] {
        let report = alone(&clr(vec![enveloped.clone()]));
        expect(&report, Verdict::Valid, Code::BundleValid);
        assert_eq!(report.nested[0].badge.as_ref().unwrap().name.as_deref(), Some("Welding"));
        expect_valid(&alone(&enveloped));
    }
    expect(&ask(clr_token(vec![json!(token())]), &Evidence::default()), Verdict::Valid, Code::BundleValid);
    expect(&alone(&clr(vec![json!(token())])), Verdict::Valid, Code::BundleValid);
}

#[test]
fn an_envelope_that_cannot_be_opened_says_why() {
    let mut changed = token();
    changed.replace_range(changed.len() - 8.., "AAAAAAAA");
    let inner = envelope("application/vc+jwt", &token());
    let cases = [
        (envelope("application/vc+jwt", &changed), Verdict::Invalid, Code::ProofMismatch),
        (envelope("application/vc+jwt", "nonsense"), Verdict::Invalid, Code::MalformedJws),
        (envelope("application/vc+jwt", &inner.to_string()), Verdict::Invalid, Code::MalformedJws),
        (envelope("application/vc+sd-jwt", &token()), Verdict::Undecided, Code::ProofTypeUnknown),
        (
            json!({"@context": VC, "id": "urn:uuid:1", "type": "EnvelopedVerifiableCredential"}),
            Verdict::Invalid,
            Code::MemberRefused,
        ),
    ];
    for (enveloped, verdict, code) in cases {
        expect(&alone(&enveloped), verdict, code);
    }
    // Nor does a token hold an envelope.
    let report = ask(jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &inner, by(&key())), &Evidence::default());
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn the_recipient_and_trust_are_asked_of_each_credential_of_a_bundle() {
    let theirs = award_with(
        json!({"credentialSubject": merged(award()["credentialSubject"].clone(), json!({"id": "mailto:bob@example.org"}))}),
    );
    let file = clr(vec![signed(&award()), signed(&theirs)]).to_string();
    let policy = Policy { recipient: Some("ada@example.org".into()), ..Policy::default() };
    let report = ask_with(&file, &Evidence::default(), &policy);
    expect(&report, Verdict::Invalid, Code::BundleInvalid);
    expect(&report.nested[1], Verdict::Invalid, Code::RecipientMismatch);

    let trusting = |ids: &[&str]| {
        let issuers = ids.iter().map(|id| TrustedIssuer { id: (*id).to_owned(), name: None, note: None, next: None }).collect();
        let policy = Policy { trust: Trust { issuers }, require_trust: true, ..Policy::default() };
        ask_with(clr(vec![signed(&award())]).to_string(), &Evidence::default(), &policy)
    };
    let (outer, inner) = (stranger(), issuer());
    expect(&trusting(&[outer.controller()]), Verdict::Undecided, Code::BundleUndecided);
    let both = trusting(&[outer.controller(), &inner]);
    expect(&both, Verdict::Valid, Code::BundleValid);
    assert_eq!(both.nested[0].trusted.as_deref(), Some(inner.as_str()));
}

#[test]
fn endorsements_stand_beside_what_is_bundled_and_change_nothing() {
    let endorsement = json!({
        "@context": [VC, OB], "id": "urn:uuid:e0", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Well done",
        "issuer": {"id": stranger().controller(), "type": ["Profile"]}, "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {"id": "urn:uuid:c1", "type": ["EndorsementSubject"], "endorsementComment": "I saw it."},
    });
    let mut document = record(vec![signed(&award())]);
    document["endorsement"] = json!([endorsement]);
    let report = alone(&signed_by(&document, &stranger()));
    expect(&report, Verdict::Valid, Code::BundleValid);
    let told: Vec<_> = report.nested.iter().map(|nested| (nested.part, nested.relation, nested.verdict)).collect();
    assert_eq!(told, [(0, Some(Relation::Bundled), Verdict::Valid), (1, Some(Relation::Endorsement), Verdict::Invalid)]);
}

#[test]
fn bundles_end_in_number_and_in_depth() {
    let many = clr_token(vec![json!("x"); MAX_BUNDLED_IN_ALL + 1]);
    let report = ask(many, &Evidence::default());
    expect(&report, Verdict::Undecided, Code::BundleLeft);
    assert_eq!(report.nested.len(), MAX_BUNDLED_IN_ALL);
    let mut file = signed(&award());
    for _ in 0..=MAX_NESTED {
        file = json!(clr_token(vec![file]));
    }
    let mut report = &ask(file.as_str().unwrap(), &Evidence::default());
    for _ in 0..MAX_NESTED {
        expect(report, Verdict::Undecided, Code::BundleUndecided);
        report = &report.nested[0];
    }
    expect(report, Verdict::Undecided, Code::BundleLeft);
}

#[test]
fn bundled_documents_share_what_one_file_may_cost() {
    // Nodes that can be told apart only by looking far; one document of them is within its bounds.
    const SIZE: usize = 5;
    let nodes: Vec<Value> = (0..SIZE)
        .map(|from| {
            let others: Vec<Value> = (0..SIZE).filter(|to| *to != from).map(|to| json!({"id": format!("_:n{to}")})).collect();
            json!({"id": format!("_:n{from}"), "type": ["Evidence"], "https://evil.example/knows": others})
        })
        .collect();
    let unsigned = award_with(json!({"evidence": nodes}));
    let effort = Effort::default();
    let walked = to_quads_within(&unsigned, &Library::default(), &effort).unwrap();
    canonicalize_within(&walked.dataset, HashAlgorithm::Sha256, &effort).unwrap();
    let count = 600_000 / effort.naming() + 2;
    // In a token they are not part of one graph.
    let document = merged(unsigned, json!({"proof": with_signature(options(&key()), &[0; 64])}));
    let report = ask(clr_token(vec![document; count]), &Evidence::default());
    let given_up: Vec<bool> = report.nested.iter().map(|nested| says(nested, Code::PoisonGraph)).collect();
    assert!(!given_up[0] && given_up[count - 1], "{} of {count} are given up", given_up.iter().filter(|it| **it).count());
}
