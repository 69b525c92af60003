//! Ways in which a badge could speak for an issuer that did not make it, or outlive its end, each of which once worked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod help;

use help::*;
use satchel_badge::check::{Policy, Trust, TrustedIssuer};
use satchel_badge::code::Code;
use satchel_badge::evidence::{Document, Evidence, Origin};
use satchel_badge::rdf::Library;
use satchel_badge::report::{Report, Verdict};
use satchel_badge::sign::{Ed25519Signer, Signer};
use serde_json::{Value, json};

const ISSUER: &str = "https://uni.example/issuer";
const HOST: &str = "https://example.org";

/// An award in the name of [`ISSUER`], signed by a stranger whose key stands in the fragment of `address`.
fn forged(address: &str) -> Value {
    let stranger = stranger();
    let method = format!("{address}#{}", stranger.multikey());
    let document = award_with(json!({"issuer": {"id": ISSUER, "type": ["Profile"]}}));
    sign_with(&document, merged(options(&stranger), json!({"verificationMethod": method})), &stranger, &Library::default())
}

fn trusting(id: &str) -> Policy {
    let issuers = vec![TrustedIssuer { id: id.to_owned(), name: None, note: None, next: None }];
    Policy { trust: Trust { issuers }, ..Policy::default() }
}

#[test]
fn a_key_in_an_address_is_not_the_issuers_whatever_lies_there() {
    let jwk = json!({"keys": [P256::new().jwk()]});
    let profiles = [
        json!({"id": ISSUER, "type": "Profile", "name": "University"}),
        merged(jwk, json!({"id": ISSUER})),
        json!({"id": ISSUER, "type": "Issuer", "publicKey": "https://uni.example/key"}),
    ];
    for profile in profiles {
        let report = ask(forged(ISSUER).to_string(), &served([(ISSUER, profile.clone())]));
        assert_ne!(report.verdict, Verdict::Valid, "{profile}");
        let below = format!("{ISSUER}/any.json");
        let evidence = served([(ISSUER, profile.clone()), (below.as_str(), json!({"hello": 1}))]);
        assert_ne!(ask(forged(&below).to_string(), &evidence).verdict, Verdict::Valid, "{profile}");
    }
}

#[test]
fn a_key_below_the_issuers_address_counts_when_the_issuer_lists_it() {
    let key = key();
    let url = format!("{ISSUER}/keys/1");
    let document = award_with(json!({"issuer": {"id": ISSUER, "type": ["Profile"]}}));
    let badge = sign_with(&document, merged(options(&key), json!({"verificationMethod": url})), &key, &Library::default());
    let key_document = json!({"id": url, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": key.multikey()});
    let alone = served([(url.as_str(), key_document.clone()), (ISSUER, json!({"id": ISSUER, "name": "University"}))]);
    assert_eq!(ask(badge.to_string(), &alone).verdict, Verdict::Undecided);
    let listed = json!({"id": ISSUER, "assertionMethod": [key_document.clone()]});
    expect_valid(&ask(badge.to_string(), &served([(url.as_str(), key_document), (ISSUER, listed)])));
}

#[test]
fn what_a_redirect_brought_from_another_host_confirms_nothing() {
    let method = format!("{ISSUER}#key-1");
    let key = key();
    let document = award_with(json!({"issuer": {"id": ISSUER, "type": ["Profile"]}}));
    let badge = sign_with(&document, merged(options(&key), json!({"verificationMethod": method})), &key, &Library::default());
    let listed = json!({"id": method, "controller": ISSUER, "publicKeyMultibase": key.multikey()});
    let profile = json!({"id": ISSUER, "assertionMethod": [listed]}).to_string();
    let mut evidence = Evidence::default();
    evidence.add(ISSUER, fetched(profile.clone()));
    expect_valid(&ask(badge.to_string(), &evidence));
    let mut evidence = Evidence::default();
    evidence.add(ISSUER, Document { origin: Origin::Redirected, ..fetched(profile) });
    assert_eq!(ask(badge.to_string(), &evidence).verdict, Verdict::Undecided);
}

// ---- Open Badges 2.0 and earlier ----

fn at(path: &str) -> String {
    format!("{HOST}/{path}")
}

fn hosted(members: Value) -> Value {
    let assertion = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": at("a.json"),
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"},
        "badge": at("b.json"), "issuedOn": "2026-01-01T00:00:00Z", "verification": {"type": "HostedBadge"},
    });
    merged(assertion, members)
}

fn host(assertion: &Value, profile: Value) -> Evidence {
    let class = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": at("b.json"), "name": "Welding",
        "description": "Joins steel.", "image": at("b.png"), "criteria": {"narrative": "Shown."}, "issuer": at("i.json"),
    });
    let issuer = json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": at("i.json"), "name": "Volta", "url": HOST,
    });
    let [a, b, i] = ["a.json", "b.json", "i.json"].map(at);
    served([(a.as_str(), assertion.clone()), (b.as_str(), class), (i.as_str(), merged(issuer, profile))])
}

fn shown_issuer(report: &Report) -> Option<String> {
    report.badge.as_ref()?.issuer.as_ref()?.id.clone()
}

#[test]
fn a_profile_goes_by_the_address_that_it_lies_under_whatever_it_calls_itself() {
    let did = key().controller().to_owned();
    let names = [
        json!(did),
        json!([ISSUER]),
        json!({"@value": ISSUER}),
        json!(format!(" {ISSUER}")),
        json!("HTTPS://uni.example/issuer"),
    ];
    for name in names {
        let assertion = hosted(json!({}));
        let evidence = host(&assertion, json!({"id": name}));
        for trusted in [did.as_str(), ISSUER] {
            let report = ask_with(assertion.to_string(), &evidence, &trusting(trusted));
            assert_eq!(report.trusted, None, "{name}");
            assert_eq!(shown_issuer(&report).as_deref(), Some(at("i.json").as_str()), "{name}");
        }
    }
}

#[test]
fn a_badge_whose_host_moved_to_https_is_still_its_own() {
    let old = |path: &str| at(path).replacen("https://", "http://", 1);
    let file = hosted(json!({"id": old("a.json"), "badge": old("b.json")}));
    let mut evidence = host(&hosted(json!({})), json!({}));
    evidence.add(old("a.json"), fetched(hosted(json!({})).to_string()));
    expect_valid(&ask(file.to_string(), &evidence));
    let other = hosted(json!({"id": old("a.json"), "badge": old("c.json")}));
    expect(&ask(other.to_string(), &evidence), Verdict::Invalid, Code::HostedDiffers);
}

#[test]
fn a_revoked_signed_badge_is_no_hosted_one() {
    let served_copy = hosted(json!({"verification": {"type": "SignedBadge", "creator": at("key.json")}}));
    let mut file = served_copy.clone();
    file.as_object_mut().unwrap().remove("verification");
    let evidence = host(&served_copy, json!({}));
    assert_ne!(ask(file.to_string(), &evidence).verdict, Verdict::Valid);
    file["verification"] = json!({"type": "HostedBadge"});
    assert_ne!(ask(file.to_string(), &evidence).verdict, Verdict::Valid);
}

#[test]
fn a_revocation_list_counts_for_a_hosted_badge_too() {
    let assertion = hosted(json!({}));
    let mut evidence = host(&assertion, json!({"revocationList": at("r.json")}));
    expect(&ask(assertion.to_string(), &evidence), Verdict::Undecided, Code::StatusMissing);
    let list =
        json!({"@context": "https://w3id.org/openbadges/v2", "type": "RevocationList", "revokedAssertions": [at("a.json")]});
    evidence.add(at("r.json"), fetched(list.to_string()));
    expect(&ask(assertion.to_string(), &evidence), Verdict::Invalid, Code::Revoked);
    // A list that still has the address from before the host moved to https.
    let old = list.to_string().replace("https://example.org/a.json", "http://example.org/a.json");
    evidence.add(at("r.json"), fetched(old));
    expect(&ask(assertion.to_string(), &evidence), Verdict::Invalid, Code::Revoked);
}

#[test]
fn whatever_a_host_says_but_no_means_revoked() {
    for stated in [json!(true), json!("true"), json!(1), json!([true]), json!({"@value": true})] {
        let served_one = hosted(json!({"revoked": stated}));
        let report = ask(hosted(json!({})).to_string(), &host(&served_one, json!({})));
        expect(&report, Verdict::Invalid, Code::Revoked);
    }
    expect_valid(&ask(hosted(json!({})).to_string(), &host(&hosted(json!({"revoked": false})), json!({}))));
}

// ---- Dates, status, order ----

#[test]
fn the_earliest_end_counts_whatever_it_is_called() {
    let context = json!(["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]);
    let badge = award_with(json!({"@context": context, "expirationDate": "2026-01-02T00:00:00Z"}));
    let token = jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &badge, by(&key()));
    expect(&ask(token, &Evidence::default()), Verdict::Invalid, Code::Expired);
}

#[test]
fn the_announcement_of_a_next_key_is_found_wherever_it_stands() {
    let list = "https://issuer.example/status/1";
    let next = json!([{"type": "IdentifierEntry", "identifier": "zQmNext", "identifierType": "ext:satchelNextKey"}]);
    let stranger = stranger();
    let foreign = signed_by(&merged(list_of(&[]), json!({"issuer": stranger.controller()})), &stranger);
    let award = award();
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "3",
        "statusListCredential": list});
    let evidence = served([(list, foreign)]);
    let at_issuer = merged(award["issuer"].clone(), json!({"otherIdentifier": next}));
    let honest = signed(&award_with(json!({"issuer": at_issuer, "credentialStatus": entry})));
    assert_ne!(ask(honest.to_string(), &evidence).verdict, Verdict::Valid);
    // The same quads, with the announcement at the achievement's creator, who is the issuer.
    let creator = json!({"id": award["issuer"]["id"], "type": ["Profile"], "otherIdentifier": next});
    let achievement = merged(award["credentialSubject"]["achievement"].clone(), json!({"creator": creator}));
    let subject = merged(award["credentialSubject"].clone(), json!({"achievement": achievement}));
    let moved = signed(&award_with(json!({"credentialSubject": subject, "credentialStatus": entry})));
    assert_ne!(ask(moved.to_string(), &evidence).verdict, Verdict::Valid);
}

#[test]
fn a_list_in_the_issuers_name_signed_by_a_stranger_says_nothing() {
    let list = "https://lists.example/1";
    let key = key();
    let method = format!("{ISSUER}#key-1");
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "3",
        "statusListCredential": list});
    let document = award_with(json!({"issuer": {"id": ISSUER, "type": ["Profile"]}, "credentialStatus": entry}));
    let by_issuer = |document: &Value| {
        sign_with(document, merged(options(&key), json!({"verificationMethod": method})), &key, &Library::default())
    };
    let badge = by_issuer(&document);
    let listed = json!({"id": method, "controller": ISSUER, "publicKeyMultibase": key.multikey()});
    let profile = json!({"id": ISSUER, "assertionMethod": [listed]});
    let honest = by_issuer(&merged(list_of(&[]), json!({"issuer": ISSUER})));
    expect_valid(&ask(badge.to_string(), &served([(ISSUER, profile.clone()), (list, honest)])));
    let stranger = stranger();
    let elsewhere = format!("https://uni.example/nothing#{}", stranger.multikey());
    let unsigned = merged(list_of(&[]), json!({"issuer": ISSUER}));
    let forged = sign_with(
        &unsigned,
        merged(options(&stranger), json!({"verificationMethod": elsewhere})),
        &stranger,
        &Library::default(),
    );
    let mut evidence = served([(ISSUER, profile), (list, forged)]);
    expect(&ask(badge.to_string(), &evidence), Verdict::Undecided, Code::StatusUnusable);
    evidence.add("https://uni.example/nothing", answer(404, ""));
    expect(&ask(badge.to_string(), &evidence), Verdict::Undecided, Code::StatusUnusable);
    evidence.add("https://uni.example/nothing", fetched("no JSON"));
    expect(&ask(badge.to_string(), &evidence), Verdict::Undecided, Code::StatusUnusable);
}

#[test]
fn a_host_that_was_asked_long_ago_does_not_say_that_nothing_happened_since() {
    let assertion = hosted(json!({}));
    let on = |time: &str| {
        let mut evidence = host(&assertion, json!({}));
        evidence.add(at("a.json"), fetched_on(assertion.to_string(), time));
        ask(assertion.to_string(), &evidence)
    };
    expect(&on("2026-11-20T12:00:00Z"), Verdict::Valid, Code::StatusHostedAsOf);
    expect(&on("2026-08-26T12:00:00Z"), Verdict::Valid, Code::StatusHostedAsOf);
    expect(&on("2026-08-26T11:59:59Z"), Verdict::Undecided, Code::StatusHostedLongAgo);
    let mut given = host(&assertion, json!({}));
    given.add(at("a.json"), Document::given(assertion.to_string().into_bytes()));
    expect(&ask(assertion.to_string(), &given), Verdict::Valid, Code::StatusHosted);
}

#[test]
fn a_list_with_two_subjects_says_nothing_in_either_order() {
    let list = "https://issuer.example/status/1";
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "3",
        "statusListCredential": list});
    let badge = signed(&award_with(json!({"credentialStatus": entry}))).to_string();
    let clear = list_of(&[])["credentialSubject"].clone();
    let set = list_of(&[3])["credentialSubject"].clone();
    for subjects in [json!([clear, set]), json!([set, clear])] {
        let both = signed(&merged(list_of(&[]), json!({"credentialSubject": subjects})));
        expect(&ask(&badge, &served([(list, both)])), Verdict::Undecided, Code::StatusUnusable);
    }
}

#[test]
fn the_order_of_what_has_none_decides_nothing() {
    let first = json!({"type": ["AchievementSubject"], "id": "mailto:ada@example.org", "achievement": award()["credentialSubject"]["achievement"]});
    let second = merged(first.clone(), json!({"id": "mailto:eve@example.org"}));
    for subjects in [json!([first, second]), json!([second, first])] {
        let badge = signed_unseen(&award_with(json!({"credentialSubject": subjects})), &key());
        let policy = Policy { recipient: Some(String::from("eve@example.org")), ..Policy::default() };
        assert_ne!(ask_with(badge.to_string(), &Evidence::default(), &policy).verdict, Verdict::Valid);
    }
}

/// Signed although a signer of ours would refuse it.
fn signed_unseen(document: &Value, key: &Ed25519Signer) -> Value {
    sign_with(document, options(key), key, &Library::default())
}

// ---- What one file may cost ----

#[test]
fn endorsements_that_fan_out_are_cut_for_the_whole_file() {
    let url = |level: usize| format!("{HOST}/e{level}.json");
    let endorsement = |level: usize| {
        let next: Vec<String> = vec![url(level + 1); 64];
        json!({"@context": "https://w3id.org/openbadges/v2", "type": "Endorsement", "id": url(level), "issuer": at("i.json"),
            "claim": {"id": at("a.json")}, "issuedOn": "2026-01-01T00:00:00Z", "verification": {"type": "HostedBadge"},
            "endorsement": next})
    };
    let assertion = hosted(json!({"endorsement": vec![url(1); 64]}));
    let mut evidence = host(&assertion, json!({}));
    for level in 1..5 {
        evidence.add(url(level), fetched(endorsement(level).to_string()));
    }
    let report = ending(move || ask(assertion.to_string(), &evidence));
    assert!(says(&report, Code::EndorsementsLeft), "{:?}", codes(&report));
}

#[test]
fn one_list_is_read_once_for_all_that_names_it() {
    let list = "https://issuer.example/status/1";
    let entry = |index: usize| {
        json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": index.to_string(),
            "statusListCredential": list})
    };
    let entries: Vec<Value> = (0..16).map(entry).collect();
    let mut large = list_of(&[]);
    large["credentialSubject"]["encodedList"] = json!(satchel_badge::status::encode(&vec![0; 16 << 20]));
    let badge = signed(&award_with(json!({"credentialStatus": entries})));
    let evidence = served([(list, signed(&large))]);
    expect_valid(&ending(move || ask(badge.to_string(), &evidence)));
}
