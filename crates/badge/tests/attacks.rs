//! Attacks on a verdict (security.md, V02, V03, V04, V06): each test is one trick, and what the report must say to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]
#![allow(clippy::needless_pass_by_value, reason = "json! makes values, and a test has no use for them after")]

mod help;

use help::*;
use jiff::{SignedDuration, Timestamp};
use satchel_badge::check::{Policy, Trust, TrustedIssuer, needs};
use satchel_badge::code::{CheckId, Code};
use satchel_badge::evidence::{Document, Evidence, Need};
use satchel_badge::rdf::Library;
use satchel_badge::report::{Report, Verdict};
use satchel_badge::sign::{Ed25519Signer, Signer, sign_succession};
use satchel_badge::status;
use satchel_badge::succession::Reason;
use satchel_badge::words::Language;
use serde_json::{Value, json};

/// Where the types of 1EdTech have their meaning.
const EXT: &str = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
const CRED: &str = "https://www.w3.org/2018/credentials#";

#[test]
fn the_award_of_these_tests_is_valid_before_anything_is_done_to_it() {
    expect_valid(&alone(&signed(&award())));
    let token = jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &claims(&award()), by(&key()));
    expect_valid(&ask(token, &Evidence::default()));
    expect_valid(&alone(&sign_json(&award(), json_options(&key()), &key())));
}

// ---- JOSE ----

fn header(members: Value) -> Value {
    merged(json!({"alg": "EdDSA", "kid": key().key_url()}), members)
}

fn token(header: &Value) -> String {
    jwt(header, &claims(&award()), by(&key()))
}

#[test]
fn an_algorithm_that_signs_nothing_is_refused() {
    for name in ["none", "None", "NONE", "", "HS256", "HS384", "PS256", "ES256K", "eddsa", "RS1"] {
        expect(&ask(token(&header(json!({"alg": name}))), &Evidence::default()), Verdict::Invalid, Code::AlgorithmRefused);
        let unsigned = jwt(&header(json!({"alg": name})), &claims(&award()), |_| Vec::new());
        expect(&ask(unsigned, &Evidence::default()), Verdict::Invalid, Code::AlgorithmRefused);
    }
    for alg in [Value::Null, json!(["EdDSA"]), json!({"EdDSA": 1}), json!(1)] {
        expect(&ask(token(&header(json!({"alg": alg}))), &Evidence::default()), Verdict::Invalid, Code::AlgorithmRefused);
    }
}

#[test]
fn a_header_never_chooses_another_algorithm_for_a_key() {
    let p256 = P256::new();
    let mine = award_with(json!({"issuer": {"id": p256.did(), "type": ["Profile"]}}));
    for alg in ["RS256", "ES384", "EdDSA"] {
        let kid = format!("{}#{}", p256.did(), p256.did().trim_start_matches("did:key:"));
        let text = jwt(&json!({"alg": alg, "kid": kid}), &claims(&mine), |message| p256.sign(message));
        expect(&ask(text, &Evidence::default()), Verdict::Invalid, Code::ProofMismatch);
    }
    for alg in ["RS256", "ES256", "ES384"] {
        expect(&ask(token(&header(json!({"alg": alg}))), &Evidence::default()), Verdict::Invalid, Code::ProofMismatch);
    }
}

#[test]
fn a_key_of_somebody_else_does_not_speak_for_the_issuer() {
    let theirs = jwt(&json!({"alg": "EdDSA", "kid": stranger().key_url()}), &claims(&award()), by(&stranger()));
    expect(&ask(theirs, &Evidence::default()), Verdict::Invalid, Code::IssuerMismatch);
    let p256 = P256::new();
    let carried = jwt(&json!({"alg": "ES256", "jwk": p256.jwk()}), &claims(&award()), |message| p256.sign(message));
    expect(&ask(carried, &Evidence::default()), Verdict::Invalid, Code::IssuerMismatch);
    let proof = sign_with(&award(), options(&stranger()), &stranger(), &Library::default());
    expect(&alone(&proof), Verdict::Invalid, Code::IssuerMismatch);
}

#[test]
fn a_key_in_the_header_is_the_issuers_whatever_form_the_issuers_name_has() {
    let p256 = P256::new();
    let mine = award_with(json!({"issuer": {"id": p256.did(), "type": ["Profile"]}}));
    let text = jwt(&json!({"alg": "ES256", "jwk": p256.jwk()}), &claims(&mine), |message| p256.sign(message));
    expect_valid(&ask(text, &Evidence::default()));
}

#[test]
fn a_private_key_in_the_header_is_refused() {
    let p256 = P256::new();
    let jwk = merged(p256.jwk(), json!({"d": "AAAA"}));
    let text = jwt(&json!({"alg": "ES256", "jwk": jwk}), &claims(&award()), |message| p256.sign(message));
    expect(&ask(text, &Evidence::default()), Verdict::Invalid, Code::HeaderRefused);
}

#[test]
fn header_members_that_change_what_is_signed_are_refused() {
    let members = [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
        json!({"b64": false, "crit": ["b64"]}),
        json!({"zip": "DEF"}),
        json!({"jku": "https://evil.example/keys"}),
        json!({"x5u": "https://evil.example/cert"}),
        json!({"typ": "at+jwt"}),
        json!({"typ": 7}),
    ];
    for member in members {
        expect(&ask(token(&header(member)), &Evidence::default()), Verdict::Invalid, Code::HeaderRefused);
    }
}

#[test]
fn one_name_twice_is_refused_in_header_payload_and_document() {
    let sign = |head: &str, body: &str| {
        let input = format!("{}.{}", b64(head), b64(body));
        format!("{input}.{}", b64(key().sign(input.as_bytes()).unwrap()))
    };
    let (head, body) = (header(json!({})).to_string(), claims(&award()).to_string());
    expect_valid(&ask(sign(&head, &body), &Evidence::default()));
    let twice = |text: &str, member: &str| format!("{{{member},{}", &text[1..]);
    let heads = twice(&head, r#""alg":"none""#);
    expect(&ask(sign(&heads, &body), &Evidence::default()), Verdict::Invalid, Code::DuplicateKey);
    let bodies = twice(&body, r#""iss":"did:key:z6Mk""#);
    expect(&ask(sign(&head, &bodies), &Evidence::default()), Verdict::Invalid, Code::DuplicateKey);
    let document =
        twice(&signed(&award()).to_string(), r#""validUntil":"2020-01-01T00:00:00Z","validUntil":"2030-01-01T00:00:00Z""#);
    expect(&ask(document, &Evidence::default()), Verdict::Invalid, Code::DuplicateKey);
    // One name in two spellings is one name.
    let escaped = twice(&signed(&award()).to_string(), r#""\u0069ssuer":"did:key:z6Mk""#);
    expect(&ask(escaped, &Evidence::default()), Verdict::Invalid, Code::DuplicateKey);
}

#[test]
fn a_claim_that_contradicts_the_credential_is_refused() {
    let wrong = [
        json!({"iss": stranger().controller()}),
        json!({"iss": null}),
        json!({"jti": "urn:uuid:other"}),
        json!({"sub": "mailto:eve@example.org"}),
        json!({"nbf": 0}),
        json!({"nbf": "soon"}),
        json!({"exp": true}),
    ];
    for claim in wrong {
        let text = jwt(&header(json!({})), &merged(claims(&award()), claim.clone()), by(&key()));
        let report = ask(text, &Evidence::default());
        assert_eq!(report.verdict, Verdict::Invalid, "{claim}: {:?}", codes(&report));
        assert!(says(&report, Code::ClaimMismatch), "{claim}: {:?}", codes(&report));
    }
    let until = award_with(json!({"validUntil": "2030-01-01T00:00:00Z"}));
    let text = jwt(&header(json!({})), &merged(claims(&until), json!({"exp": 4_102_444_800_i64})), by(&key()));
    expect(&ask(text, &Evidence::default()), Verdict::Invalid, Code::ClaimMismatch);
    let past = jwt(&header(json!({})), &merged(claims(&award()), json!({"exp": 1_767_225_700})), by(&key()));
    expect(&ask(past, &Evidence::default()), Verdict::Invalid, Code::Expired);
}

#[test]
fn two_credentials_in_one_token_are_refused() {
    let both = merged(claims(&award()), json!({"vc": award()}));
    let report = ask(jwt(&header(json!({})), &both, by(&key())), &Evidence::default());
    expect(&report, Verdict::Invalid, Code::ClaimMismatch);
}

#[test]
fn a_token_that_names_no_key_is_refused() {
    let heads = [json!({}), json!({"kid": 1}), json!({"kid": ""})].map(|kid| (kid, Code::KeyNotNamed));
    // One that its issuer does not have.
    for (kid, code) in heads.into_iter().chain([(json!({"kid": "key-1"}), Code::KeyInvalid)]) {
        let head = merged(json!({"alg": "EdDSA"}), kid);
        let report = ask(jwt(&head, &claims(&award()), by(&key())), &Evidence::default());
        expect(&report, Verdict::Invalid, code);
    }
}

// ---- Keys and signatures ----

fn with_value(value: &str) -> Value {
    let mut badge = signed(&award());
    badge["proof"]["proofValue"] = value.into();
    badge
}

fn signature_of(badge: &Value) -> Vec<u8> {
    bs58::decode(&badge["proof"]["proofValue"].as_str().unwrap()[1..]).into_vec().unwrap()
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    let identity = [&[1_u8][..], &[0; 31]].concat();
    for raw in [identity, vec![0; 32], [&[0xec_u8][..], &[0xff; 30], &[0x7f]].concat()] {
        let multikey = format!("z{}", bs58::encode([&[0xed, 1], &raw[..]].concat()).into_string());
        let mut badge = award_with(json!({"issuer": {"id": format!("did:key:{multikey}"), "type": ["Profile"]}}));
        badge["proof"] = with_signature(options(&key()), &[&raw[..], &[0; 32]].concat());
        badge["proof"]["verificationMethod"] = format!("did:key:{multikey}#{multikey}").into();
        expect(&alone(&badge), Verdict::Invalid, Code::KeyInvalid);
    }
}

#[test]
fn a_signature_has_one_form() {
    // The order of the group, little-endian: S + L is the same number for a lenient verifier (RFC 8032, 8.4).
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = signature_of(&signed(&award()));
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let report = alone(&with_value(&format!("z{}", bs58::encode(&signature).into_string())));
    expect(&report, Verdict::Invalid, Code::ProofMismatch);
}

#[test]
fn a_signature_in_another_spelling_is_refused() {
    let good = signed(&award());
    let text = good["proof"]["proofValue"].as_str().unwrap();
    let raw = signature_of(&good);
    let spellings = [
        (format!("u{}", b64(&raw)), Code::ProofMalformed),
        (format!("m{}", b64(&raw)), Code::ProofMalformed),
        (text[1..].to_owned(), Code::ProofMalformed),
        (format!("z0{}", &text[2..]), Code::ProofMalformed),
        (format!("zl{}", &text[2..]), Code::ProofMalformed),
        (format!("{text} "), Code::ProofMalformed),
        (String::new(), Code::ProofMalformed),
        (String::from("z"), Code::ProofMismatch),
        (format!("z1{}", &text[1..]), Code::ProofMismatch),
        (text[..text.len() - 1].to_owned(), Code::ProofMismatch),
        (format!("z{}", "1".repeat(1_000_000)), Code::ProofMalformed),
    ];
    for (spelling, code) in spellings {
        expect(&alone(&with_value(&spelling)), Verdict::Invalid, code);
    }
}

#[test]
fn an_ecdsa_signature_of_zeros_or_in_der_is_refused() {
    let p256 = P256::new();
    let mine = award_with(json!({"issuer": {"id": p256.did(), "type": ["Profile"]}}));
    let kid = format!("{}#{}", p256.did(), p256.did().trim_start_matches("did:key:"));
    let head = json!({"alg": "ES256", "kid": kid});
    expect_valid(&ask(jwt(&head, &claims(&mine), |message| p256.sign(message)), &Evidence::default()));
    let der = |message: &[u8]| {
        let raw = p256.sign(message);
        let number = |part: &[u8]| [&[2_u8, 33, 0][..], part].concat();
        let body = [number(&raw[..32]), number(&raw[32..])].concat();
        [&[0x30, 70][..], &body].concat()
    };
    for text in [
        jwt(&head, &claims(&mine), |_| vec![0; 64]),
        jwt(&head, &claims(&mine), der),
        jwt(&head, &claims(&mine), |_| vec![0xff; 64]),
    ] {
        expect(&ask(text, &Evidence::default()), Verdict::Invalid, Code::ProofMismatch);
    }
}

#[test]
fn a_did_key_whose_fragment_is_another_key_is_refused() {
    let mut badge = signed(&award());
    badge["proof"]["verificationMethod"] = format!("{}#{}", key().controller(), stranger().multikey()).into();
    expect(&alone(&badge), Verdict::Invalid, Code::KeyInvalid);
}

// ---- Proofs ----

fn with_options(members: Value) -> Value {
    sign_with(&award(), merged(options(&key()), members), &key(), &Library::default())
}

#[test]
fn a_proof_for_another_purpose_is_refused() {
    for purpose in ["authentication", "keyAgreement", "capabilityInvocation"] {
        expect(&alone(&with_options(json!({"proofPurpose": purpose}))), Verdict::Invalid, Code::ProofPurpose);
    }
    let mut without = signed(&award());
    object(&mut without["proof"]).remove("proofPurpose");
    expect(&alone(&without), Verdict::Invalid, Code::ProofPurpose);
}

#[test]
fn an_expired_proof_is_refused_and_one_from_the_future_is_told() {
    expect(&alone(&with_options(json!({"expires": "2026-06-01T00:00:00Z"}))), Verdict::Invalid, Code::ProofExpired);
    expect_valid(&alone(&with_options(json!({"expires": "2027-06-01T00:00:00Z"}))));
    expect(&alone(&with_options(json!({"created": "2027-01-01T00:00:00Z"}))), Verdict::Valid, Code::TimeInFuture);
    for name in ["created", "expires"] {
        let mut badge = signed(&award());
        badge["proof"][name] = "tomorrow".into();
        expect(&alone(&badge), Verdict::Invalid, Code::ProofMalformed);
    }
}

#[test]
fn a_kind_of_proof_that_is_not_known_leaves_the_badge_undecided() {
    for proof in
        [json!({"cryptosuite": "ecdsa-sd-2023"}), json!({"cryptosuite": "eddsa-rdfc-2099"}), json!({"type": "BbsSignature2020"})]
    {
        let badge = merged(signed(&award()), json!({"proof": merged(options(&key()), proof)}));
        expect(&alone(&badge), Verdict::Undecided, Code::ProofTypeUnknown);
    }
}

#[test]
fn one_good_proof_is_enough_and_the_bad_one_is_told() {
    let good = signed(&award());
    let mut bad = good["proof"].clone();
    bad["created"] = "2026-01-03T00:00:00Z".into();
    for proofs in [json!([good["proof"], bad]), json!([bad, good["proof"]])] {
        expect(&alone(&merged(good.clone(), json!({"proof": proofs}))), Verdict::Valid, Code::ExtraProofUnusable);
    }
    expect(&alone(&merged(good, json!({"proof": [bad, bad]}))), Verdict::Invalid, Code::ProofMismatch);
}

#[test]
fn a_proof_without_the_one_before_it_is_refused() {
    for previous in [json!("urn:uuid:nowhere"), json!(["urn:uuid:nowhere"]), json!([{"id": "x"}]), json!(7)] {
        let mut badge = signed(&award());
        badge["proof"]["previousProof"] = previous;
        expect(&alone(&badge), Verdict::Invalid, Code::ProofMalformed);
    }
}

#[test]
fn no_proof_at_all_is_refused() {
    expect(&alone(&award()), Verdict::Invalid, Code::ProofMissing);
    for proof in [Value::Null, json!([])] {
        expect(&alone(&award_with(json!({"proof": proof}))), Verdict::Invalid, Code::ProofMissing);
    }
    for proof in [json!({}), json!("z"), json!([[]]), json!(true)] {
        let report = alone(&award_with(json!({"proof": proof})));
        assert_ne!(report.verdict, Verdict::Valid, "{proof}");
    }
}

// ---- JSON-LD: the same quads, another reading ----

/// An award that has expired and was revoked, so that whoever hides either gains something.
fn expired() -> Value {
    signed(&award_with(json!({"validUntil": "2026-06-01T00:00:00Z"})))
}

/// `document` with `name` moved to `to`, and this context added.
fn renamed(mut document: Value, name: &str, to: &str, context: Option<Value>) -> Value {
    let value = object(&mut document).remove(name).unwrap();
    document[to] = value;
    if let Some(context) = context {
        document["@context"].as_array_mut().unwrap().push(context);
    }
    document
}

fn date() -> Value {
    json!({"@id": format!("{CRED}validUntil"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"})
}

#[test]
fn an_alias_in_the_badges_own_context_hides_no_end_date() {
    expect(&alone(&expired()), Verdict::Invalid, Code::Expired);
    let hidden = renamed(expired(), "validUntil", "endsAt", Some(json!({"endsAt": date()})));
    let report = alone(&hidden);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn an_alias_in_a_context_from_elsewhere_hides_no_end_date() {
    let url = "https://evil.example/context";
    let hidden = renamed(expired(), "validUntil", "endsAt", Some(json!(url)));
    expect(&alone(&hidden), Verdict::Undecided, Code::ContextMissing);
    let evidence = served([(url, json!({"@context": {"endsAt": date()}}))]);
    let report = ask(hidden.to_string(), &evidence);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn an_alias_hides_no_status() {
    let evidence = served([(LIST, signed(&list_of(&[5])))]);
    let revoked = signed(&award_with(json!({"credentialStatus": entry(5)})));
    expect(&ask(revoked.to_string(), &evidence), Verdict::Invalid, Code::Revoked);
    let alias = json!({"mark": {"@id": format!("{CRED}credentialStatus"), "@type": "@id"}});
    let report = ask(renamed(revoked, "credentialStatus", "mark", Some(alias)).to_string(), &evidence);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn an_alias_hides_no_recipient() {
    let mut badge = signed(&award());
    let subject = &mut badge["credentialSubject"];
    let id = object(subject).remove("id").unwrap();
    subject["self"] = id;
    subject["identifier"] = Value::Null;
    badge["@context"].as_array_mut().unwrap().push(json!({"self": "@id"}));
    let policy = Policy { recipient: Some(String::from("eve@example.org")), ..Policy::default() };
    let report = ask_with(badge.to_string(), &Evidence::default(), &policy);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn full_and_compact_addresses_instead_of_words_are_refused() {
    let full = renamed(expired(), "validUntil", &format!("{CRED}validUntil"), None);
    let mut typed = full.clone();
    typed[format!("{CRED}validUntil")] =
        json!({"@value": "2026-06-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    expect(&alone(&typed), Verdict::Invalid, Code::DisguisedTerm);
    let value = typed[format!("{CRED}validUntil")].clone();
    let compact =
        merged(renamed(expired(), "validUntil", "c:validUntil", Some(json!({"c": CRED}))), json!({"c:validUntil": value}));
    expect(&alone(&compact), Verdict::Invalid, Code::DisguisedTerm);
    let vocab = json!({"@vocab": "https://www.w3.org/2018/"});
    let by_vocab =
        merged(renamed(expired(), "validUntil", "credentials#validUntil", Some(vocab)), json!({"credentials#validUntil": value}));
    expect(&alone(&by_vocab), Verdict::Invalid, Code::DisguisedTerm);
}

#[test]
fn an_end_date_that_stands_elsewhere_is_found() {
    let moved = |make: &dyn Fn(&mut Value, Value)| {
        let mut badge = expired();
        let date = object(&mut badge).remove("validUntil").unwrap();
        make(&mut badge, date);
        badge
    };
    let id = award()["id"].clone();
    let tricks = [
        moved(&|badge, date| badge["@included"] = json!({"id": id, "validUntil": date})),
        moved(&|badge, date| badge["@included"] = json!([{"@id": id, "validUntil": date}])),
        moved(&|badge, date| {
            badge["@context"].as_array_mut().unwrap().push(json!({"more": "@nest"}));
            badge["more"] = json!({"validUntil": date});
        }),
        moved(&|badge, date| badge["@nest"] = json!({"validUntil": date})),
        moved(&|badge, date| {
            let signed = json!({"id": id, "validUntil": date});
            let rest = badge.clone();
            *badge = json!({"@context": rest["@context"], "@graph": [without_context(&rest), signed], "type": rest["type"],
                "credentialSubject": rest["credentialSubject"], "issuer": rest["issuer"], "proof": rest["proof"], "id": rest["id"]});
        }),
        moved(&|badge, date| {
            let list = json!({"@set": [date]});
            badge["validUntil"] = list;
        }),
        moved(&|badge, date| badge["validUntil"] = json!([date])),
        moved(&|badge, date| {
            badge["validUntil"] = json!({"@value": date, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
        }),
    ];
    for badge in tricks {
        let report = alone(&badge);
        assert_ne!(report.verdict, Verdict::Valid, "{badge}");
    }
}

fn without_context(value: &Value) -> Value {
    let mut value = value.clone();
    object(&mut value).remove("@context");
    object(&mut value).remove("proof");
    value
}

#[test]
fn a_second_node_with_the_name_of_the_badge_carries_nothing() {
    let id = award()["id"].clone();
    let evidence = json!({"id": "https://issuer.example/seams/1", "type": ["Evidence"]});
    let related = |badge: Value| signed(&merged(badge, json!({"evidence": [evidence]})));
    let mut badge = related(award_with(json!({"validUntil": "2026-06-01T00:00:00Z"})));
    let date = object(&mut badge).remove("validUntil").unwrap();
    // The award speaks about itself, through its evidence, under its own name.
    badge["evidence"] = json!([evidence, {"id": id, "type": ["Evidence"], "validUntil": date}]);
    assert_ne!(alone(&badge).verdict, Verdict::Valid);
    let reference = signed(&award_with(
        json!({"validUntil": "2026-06-01T00:00:00Z", "relatedResource": {"id": id, "digestSRI": "sha256-x"}}),
    ));
    let mut moved = reference.clone();
    let date = object(&mut moved).remove("validUntil").unwrap();
    moved["relatedResource"]["validUntil"] = date;
    let report = alone(&moved);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn a_badge_named_by_a_blank_node_cannot_be_split() {
    let plain = |id: &str| {
        json!({"@context": [VC], "id": id, "type": ["VerifiableCredential"], "issuer": issuer(), "validUntil": "2026-06-01T00:00:00Z",
            "credentialSubject": {"id": "_:b1"}})
    };
    let mut badge = signed(&plain("_:b0"));
    let date = object(&mut badge).remove("validUntil").unwrap();
    badge["credentialSubject"] = json!([{"id": "_:b1"}]);
    badge["evidence"] = json!([]);
    badge["@included"] = json!([{"id": "_:b0", "validUntil": date}]);
    assert_ne!(alone(&badge).verdict, Verdict::Valid);
}

#[test]
fn a_type_or_name_in_disguise_is_refused() {
    let swap = |from: &str, to: &str| renamed(signed(&award()), from, to, None);
    expect(&alone(&swap("type", "@type")), Verdict::Invalid, Code::DisguisedTerm);
    expect(&alone(&swap("id", "@id")), Verdict::Invalid, Code::DisguisedTerm);
    let mut both = signed(&award());
    both["@id"] = both["id"].clone();
    expect(&alone(&both), Verdict::Invalid, Code::InvalidJsonLd);
    let alias = renamed(signed(&award()), "type", "kind", Some(json!({"kind": "@type"})));
    assert_ne!(alone(&alias).verdict, Verdict::Valid);
}

#[test]
fn a_context_that_redefines_a_known_word_hides_no_end_date() {
    let contexts = [
        json!({"validUntil": "https://evil.example/nothing"}),
        json!({"validUntil": null}),
        json!({"credentialStatus": null}),
        json!({"issuer": {"@id": "https://evil.example/issuer", "@protected": true}}),
        Value::Null,
        json!({"@import": "https://www.w3.org/ns/credentials/v2", "issuer": null}),
    ];
    for context in contexts {
        let mut badge = expired();
        badge["@context"].as_array_mut().unwrap().push(context.clone());
        let report = alone(&badge);
        assert_eq!(report.verdict, Verdict::Invalid, "{context}: {:?}", codes(&report));
    }
}

#[test]
fn a_word_that_means_nothing_is_refused_wherever_it_stands() {
    let places = [
        "",
        "/issuer",
        "/credentialSubject",
        "/credentialSubject/achievement",
        "/credentialSubject/achievement/criteria",
        "/proof",
    ];
    for place in places {
        let mut badge = signed(&award());
        badge.pointer_mut(place).unwrap()["alsoTrue"] = json!("for free");
        let report = alone(&badge);
        expect(&report, Verdict::Invalid, Code::UndefinedTerm);
    }
}

#[test]
fn a_base_or_vocabulary_gives_no_meaning_to_what_had_none() {
    for context in
        [json!({"@vocab": "https://evil.example/"}), json!({"@base": "https://evil.example/"}), json!({"@language": "it"})]
    {
        let mut badge = signed(&award());
        badge["@context"].as_array_mut().unwrap().push(context.clone());
        badge["extra"] = json!("for free");
        assert_ne!(alone(&badge).verdict, Verdict::Valid, "{context}");
    }
}

#[test]
fn keywords_carry_nothing_past_the_signature() {
    let mut index = signed(&award());
    index["@index"] = json!("Awarded with honours");
    assert_ne!(alone(&index).verdict, Verdict::Valid);
}

#[test]
fn the_context_of_a_json_proof_leaves_no_room_for_another_version() {
    // The proof of a VC 1.1 credential names its context; what follows it in the document is not signed (EdDSA, 3.3.2, step 4).
    let one = "https://www.w3.org/2018/credentials/v1";
    let document = json!({
        "@context": [one, "https://w3id.org/security/data-integrity/v2"], "id": "urn:uuid:1", "type": ["VerifiableCredential"],
        "issuer": issuer(), "issuanceDate": "2026-01-01T00:00:00Z", "expirationDate": "2026-06-01T00:00:00Z",
        "credentialSubject": {"id": "mailto:ada@example.org"},
    });
    let badge = sign_json(&document, merged(json_options(&key()), json!({"@context": document["@context"]})), &key());
    expect(&alone(&badge), Verdict::Invalid, Code::Expired);
    let mut other = badge;
    other["@context"].as_array_mut().unwrap().push(json!(VC));
    let report = alone(&other);
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

// ---- Containers ----

#[test]
fn two_badges_under_one_name_are_refused_whatever_the_first_one_is() {
    let good = signed(&award()).to_string();
    let pictures = [
        vec![text_chunk("openbadgecredential", &good), text_chunk("openbadgecredential", &good)],
        vec![text_chunk("openbadgecredential", &good), chunk(b"tEXt", format!("openbadgecredential\0{good}").as_bytes())],
        vec![text_chunk("openbadgecredential", &good), text_chunk("openbadgecredential", "{}")],
        vec![text_chunk("openbadgecredential", "{}"), text_chunk("openbadgecredential", &good)],
        vec![text_chunk("openbadgecredential", "rubbish"), text_chunk("openbadgecredential", &good)],
    ];
    for chunks in pictures {
        expect(&ask(png_with(&chunks), &Evidence::default()), Verdict::Invalid, Code::DuplicateEmbedding);
    }
}

fn svg_with(elements: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:o="http://openbadges.org" xmlns:c="https://purl.imsglobal.org/ob/v3p0">{elements}</svg>"#
    )
}

#[test]
fn two_badges_under_one_name_are_refused_in_an_svg_too() {
    let good = format!("<c:credential><![CDATA[{}]]></c:credential>", signed(&award()));
    expect_valid(&ask(svg_with(&good), &Evidence::default()));
    expect(&ask(svg_with(&format!("{good}{good}")), &Evidence::default()), Verdict::Invalid, Code::DuplicateEmbedding);
    let empty = "<c:credential><![CDATA[{}]]></c:credential>";
    expect(&ask(svg_with(&format!("{empty}{good}")), &Evidence::default()), Verdict::Invalid, Code::DuplicateEmbedding);
}

#[test]
fn an_svg_element_that_holds_two_credentials_is_refused() {
    let token = token(&header(json!({})));
    let other = signed(&award_with(json!({"name": "Another"})));
    let both = format!(r#"<c:credential verify="{token}"><![CDATA[{other}]]></c:credential>"#);
    let report = ask(svg_with(&both), &Evidence::default());
    assert_eq!(report.verdict, Verdict::Invalid, "{:?}", codes(&report));
}

#[test]
fn one_badge_of_each_version_gives_two_reports() {
    let good = signed(&award()).to_string();
    let png = png_with(&[text_chunk("openbadgecredential", &good), text_chunk("openbadges", "https://issuer.example/a.json")]);
    let reports = satchel_badge::check::check(&png, &Evidence::default(), &Policy::default(), now());
    assert_eq!(reports.iter().map(|report| report.verdict).collect::<Vec<_>>(), [Verdict::Valid, Verdict::Undecided]);
}

// ---- Issuers on the web ----

const WEB: &str = "did:web:issuer.example";

/// An award of a `did:web`, signed by the usual key.
fn web_award() -> Value {
    let document = award_with(json!({"issuer": {"id": WEB, "type": ["Profile"]}}));
    let proof = merged(options(&key()), json!({"verificationMethod": format!("{WEB}#key-1")}));
    sign_with(&document, proof, &key(), &Library::default())
}

fn web_method() -> Value {
    json!({"id": format!("{WEB}#key-1"), "type": "Multikey", "controller": WEB, "publicKeyMultibase": key().multikey()})
}

fn web_document() -> Value {
    json!({"id": WEB, "verificationMethod": [web_method()], "assertionMethod": [format!("{WEB}#key-1")]})
}

fn ask_web(document: Value) -> Report {
    ask(web_award().to_string(), &served([(WEB, document)]))
}

#[test]
fn the_document_of_a_did_web_lists_the_key_for_assertions() {
    expect_valid(&ask_web(web_document()));
    expect_valid(&ask_web(json!({"id": WEB, "assertionMethod": [web_method()]})));
    expect_valid(&ask_web(
        json!({"id": WEB, "verificationMethod": [merged(web_method(), json!({"id": "#key-1"}))], "assertionMethod": ["#key-1"]}),
    ));
    expect(&alone(&web_award()), Verdict::Undecided, Code::KeyMissing);
    assert_eq!(needs(web_award().to_string().as_bytes(), &Evidence::default(), &Policy::default()), [Need::Did(WEB.to_owned())]);
}

#[test]
fn a_key_that_the_issuer_lists_for_something_else_is_refused() {
    let documents = [
        json!({"id": WEB, "verificationMethod": [web_method()]}),
        json!({"id": WEB, "verificationMethod": [web_method()], "authentication": [format!("{WEB}#key-1")]}),
        json!({"id": WEB, "authentication": [web_method()]}),
        json!({"id": WEB, "keyAgreement": [web_method()]}),
        json!({"id": WEB, "verificationMethod": [], "assertionMethod": [format!("{WEB}#key-1")]}),
        json!({"id": WEB, "verificationMethod": [merged(web_method(), json!({"controller": "did:web:evil.example"}))],
            "assertionMethod": [format!("{WEB}#key-1")]}),
        json!({"id": WEB, "assertionMethod": [merged(web_method(), json!({"controller": "did:web:evil.example"}))]}),
    ];
    for document in documents {
        let report = ask_web(document.clone());
        assert_eq!(report.verdict, Verdict::Invalid, "{document}: {:?}", codes(&report));
        assert!(says(&report, Code::KeyNotAuthorised), "{document}: {:?}", codes(&report));
    }
}

#[test]
fn a_document_of_another_did_is_refused() {
    let mut other = web_document();
    other["id"] = json!("did:web:evil.example");
    expect(&ask_web(other), Verdict::Invalid, Code::IssuerDocumentInvalid);
    let mut none = web_document();
    object(&mut none).remove("id");
    expect(&ask_web(none), Verdict::Invalid, Code::IssuerDocumentInvalid);
}

#[test]
fn a_revoked_or_broken_method_is_refused() {
    let documents = [
        merged(web_method(), json!({"revoked": "2026-02-01T00:00:00Z"})),
        merged(web_method(), json!({"publicKeyMultibase": "z6Mkbroken"})),
        merged(web_method(), json!({"publicKeyMultibase": null})),
    ];
    for method in documents {
        let report = ask_web(json!({"id": WEB, "verificationMethod": [method], "assertionMethod": [format!("{WEB}#key-1")]}));
        expect(&report, Verdict::Invalid, Code::KeyInvalid);
    }
    let other = merged(web_method(), json!({"publicKeyMultibase": stranger().multikey()}));
    expect(&ask_web(json!({"id": WEB, "assertionMethod": [other]})), Verdict::Invalid, Code::ProofMismatch);
}

/// A VC-JWT whose header carries the key, of an issuer on the web.
fn carried(issuer: &str) -> String {
    let x = b64(&bs58::decode(&key().multikey()[1..]).into_vec().unwrap()[2..]);
    let document = award_with(json!({"issuer": {"id": issuer, "type": ["Profile"]}}));
    jwt(&json!({"alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}}), &claims(&document), by(&key()))
}

#[test]
fn a_carried_key_counts_only_when_the_issuers_own_document_lists_it() {
    expect(&ask(carried(WEB), &Evidence::default()), Verdict::Undecided, Code::IssuerUnconfirmed);
    expect_valid(&ask(carried(WEB), &served([(WEB, web_document())])));
    let bad = [
        merged(web_document(), json!({"id": "did:web:evil.example"})),
        json!({"id": "did:web:evil.example", "assertionMethod": ["#key-1"],
            "verificationMethod": [{"id": "#key-1", "type": "Multikey", "publicKeyMultibase": key().multikey()}]}),
        json!({"id": WEB, "authentication": [web_method()]}),
        json!({"id": WEB, "assertionMethod": [merged(web_method(), json!({"controller": "did:web:evil.example"}))]}),
        json!({"id": WEB, "assertionMethod": [merged(web_method(), json!({"revoked": "2026-02-01T00:00:00Z"}))]}),
    ];
    for document in bad {
        let report = ask(carried(WEB), &served([(WEB, document.clone())]));
        assert_ne!(report.verdict, Verdict::Valid, "{document}");
    }
}

const HOME: &str = "https://sites.example/volta";

fn home_award(method: &str) -> Value {
    let document = award_with(json!({"issuer": {"id": HOME, "type": ["Profile"]}}));
    sign_with(&document, merged(options(&key()), json!({"verificationMethod": method})), &key(), &Library::default())
}

fn home_document(id: &str) -> Value {
    let method =
        json!({"id": format!("{id}#key-1"), "type": "Multikey", "controller": id, "publicKeyMultibase": key().multikey()});
    json!({"id": id, "verificationMethod": [method], "assertionMethod": [format!("{id}#key-1")]})
}

#[test]
fn an_https_issuer_speaks_through_its_own_document_alone() {
    let method = format!("{HOME}#key-1");
    expect_valid(&ask(home_award(&method).to_string(), &served([(HOME, home_document(HOME))])));
    // Another host.
    let evil = "https://evil.example/volta";
    let report = ask(home_award(&format!("{evil}#key-1")).to_string(), &served([(evil, home_document(evil))]));
    expect(&report, Verdict::Invalid, Code::IssuerMismatch);
}

#[test]
fn a_neighbour_on_the_issuers_host_does_not_speak_for_it() {
    // Many live under one host; a controller document names its own subject (CID 1.0, 3.3: the controller must be the issuer).
    let neighbour = "https://sites.example/eve";
    let report = ask(home_award(&format!("{neighbour}#key-1")).to_string(), &served([(neighbour, home_document(neighbour))]));
    assert_ne!(report.verdict, Verdict::Valid, "{:?}", codes(&report));
}

#[test]
fn a_multikey_in_the_fragment_says_nothing_about_an_https_issuer() {
    let method = format!("{HOME}#{}", key().multikey());
    expect(&alone(&home_award(&method)), Verdict::Undecided, Code::IssuerUnconfirmed);
}

// ---- Status ----

fn listed(index: usize) -> String {
    signed(&award_with(json!({"credentialStatus": entry(index)}))).to_string()
}

fn with_list(list: &Value) -> Evidence {
    served([(LIST, list.clone())])
}

#[test]
fn a_bit_that_is_not_set_passes_and_its_age_is_told() {
    let report = ask(listed(4), &with_list(&signed(&list_of(&[5]))));
    expect(&report, Verdict::Valid, Code::NotRevokedAsOf);
    expect(&ask(listed(4), &Evidence::default()), Verdict::Undecided, Code::StatusMissing);
}

#[test]
fn an_old_list_does_not_say_that_nothing_happened_since() {
    let list = |validity: &str| signed(&merged(list_of(&[5]), json!({"validFrom": validity})));
    let mut evidence = Evidence::default();
    evidence.add(LIST, fetched_on(list("2026-08-01T00:00:00Z").to_string(), "2026-08-02T00:00:00Z"));
    expect(&ask(listed(4), &evidence), Verdict::Undecided, Code::StatusTooOld);
    expect(&ask(listed(5), &evidence), Verdict::Invalid, Code::Revoked);
    let short = Policy { max_status_age: SignedDuration::from_hours(1), ..Policy::default() };
    expect(&ask_with(listed(4), &with_list(&list("2026-11-20T00:00:00Z")), &short), Verdict::Undecided, Code::StatusTooOld);
    // The one who announces its next key numbers and dates its own lists: an old one fetched today is an old one.
    let next = json!([{"type": "IdentifierEntry", "identifier": "zQm", "identifierType": "ext:satchelNextKey"}]);
    let issuer = json!({"id": issuer(), "type": ["Profile"], "otherIdentifier": next});
    let badge = signed(&award_with(json!({"issuer": issuer, "credentialStatus": entry(4)}))).to_string();
    expect(&ask(&badge, &with_list(&list("2026-08-01T00:00:00Z"))), Verdict::Undecided, Code::StatusTooOld);
    expect(&ask(&badge, &with_list(&list("2026-11-20T00:00:00Z"))), Verdict::Valid, Code::NotRevokedAsOf);
}

#[test]
fn a_list_with_a_lower_number_than_one_seen_before_is_refused() {
    let mut evidence = with_list(&signed(&list_of(&[])));
    evidence.note_seen(LIST, 7);
    expect_valid(&ask(listed(4), &evidence));
    evidence.note_seen(LIST, 8);
    evidence.note_seen(LIST, 3);
    expect(&ask(listed(4), &evidence), Verdict::Undecided, Code::StatusRolledBack);
}

#[test]
fn a_list_that_somebody_else_signed_counts_only_where_none_was_announced() {
    let theirs = signed_by(&merged(list_of(&[]), json!({"issuer": stranger().controller()})), &stranger());
    expect(&ask(listed(4), &with_list(&theirs)), Verdict::Valid, Code::StatusListOfOther);
    let next = json!([{"type": "IdentifierEntry", "identifier": "zQm", "identifierType": "ext:satchelNextKey"}]);
    let own = json!({"id": issuer(), "type": ["Profile"], "otherIdentifier": next});
    let badge = signed(&award_with(json!({"issuer": own, "credentialStatus": entry(4)}))).to_string();
    expect(&ask(badge, &with_list(&theirs)), Verdict::Undecided, Code::StatusUnusable);
    // Signed by a stranger in the issuer's name.
    let forged = signed_by(&list_of(&[]), &stranger());
    expect(&ask(listed(4), &with_list(&forged)), Verdict::Undecided, Code::StatusUnusable);
}

#[test]
fn the_key_that_a_badge_announced_signs_its_lists_after_a_succession() {
    let multikey = stranger().controller().trim_start_matches("did:key:").to_owned();
    let announcing = |hash: &str| {
        let next = json!([{"type": "IdentifierEntry", "identifier": hash, "identifierType": "ext:satchelNextKey"}]);
        let own = json!({"id": issuer(), "type": ["Profile"], "otherIdentifier": next});
        signed(&award_with(json!({"issuer": own, "credentialStatus": entry(4)}))).to_string()
    };
    let list = |bits: &[usize], more: Value| {
        let list = merged(list_of(bits), json!({"issuer": stranger().controller()}));
        with_list(&signed_by(&merged(list, more), &stranger()))
    };
    let (badge, other) = (announcing(&satchel_badge::succession::hash_of_key(&multikey)), announcing("zQm"));
    expect(&ask(&badge, &list(&[], json!({}))), Verdict::Valid, Code::NotRevokedAsOf);
    expect(&ask(&badge, &list(&[4], json!({}))), Verdict::Invalid, Code::Revoked);
    expect(&ask(&other, &list(&[], json!({}))), Verdict::Undecided, Code::StatusUnusable);
    // Where the key before it may be somebody else's, nothing that it signed is certain.
    let related =
        |id: &str| json!({"relatedResource": [{"id": id, "digestMultibase": "zQmWvQxTqbG2Z9HPJgG57jjwR154cKhbtJenbyYTWkjgF3e"}]});
    let compromised = list(&[], related(status::COMPROMISED));
    expect(&ask(&badge, &compromised), Verdict::Undecided, Code::IssuerKeyCompromised);
    expect(&ask(&badge, &list(&[4], related(status::COMPROMISED))), Verdict::Invalid, Code::Revoked);
    expect(&ask(&badge, &list(&[], related("urn:satchel:award-log:1"))), Verdict::Valid, Code::NotRevokedAsOf);
}

#[test]
fn a_succession_is_told_with_its_proof_and_by_nobody_elses() {
    const PROOF: &str = "https://issuer.example/issuers/1/succession.json";
    let multikey = stranger().controller().trim_start_matches("did:key:").to_owned();
    let hash = satchel_badge::succession::hash_of_key(&multikey);
    let next = json!([{"type": "IdentifierEntry", "identifier": hash, "identifierType": "ext:satchelNextKey"}]);
    let own = json!({"id": issuer(), "type": ["Profile"], "otherIdentifier": next});
    let badge = signed(&award_with(json!({"issuer": own, "credentialStatus": entry(4)}))).to_string();
    let list = |signer: &Ed25519Signer, related: Value| {
        let members = json!({"issuer": signer.controller(), "relatedResource": related});
        with_list(&signed_by(&merged(list_of(&[]), members), signer))
    };
    let named = json!([{"id": PROOF, "digestMultibase": "zQmWvQxTqbG2Z9HPJgG57jjwR154cKhbtJenbyYTWkjgF3e"}]);
    let proof = |of: &str, signer: &Ed25519Signer| {
        let signed = sign_succession(of, Reason::Rotated, "zQm", signer, Timestamp::UNIX_EPOCH).unwrap();
        json!({"id": PROOF, "succession": signed}).to_string()
    };
    let has = |report: &Report, code: Code| report.lines.iter().any(|line| line.code == code);
    let told = |evidence: &Evidence| {
        let report = ask(&badge, evidence);
        expect(&report, Verdict::Valid, Code::NotRevokedAsOf);
        assert!(!has(&report, Code::StatusListOfOther));
        let needs = report.needs.contains(&Need::Url(PROOF.to_owned()));
        (has(&report, Code::IssuerSucceeded), has(&report, Code::IssuerSucceededOn), needs)
    };
    // The list alone shows it, and asks for the proof where it names one.
    assert_eq!(told(&list(&stranger(), json!([]))), (true, false, false));
    assert_eq!(told(&list(&stranger(), named.clone())), (true, false, true));
    let with = |status: u16, document: String| {
        let mut evidence = list(&stranger(), named.clone());
        evidence.add(PROOF, answer(status, &document));
        evidence
    };
    assert_eq!(told(&with(200, proof(&issuer(), &stranger()))), (false, true, false));
    // Of another issuer, by another key, an answer that is none.
    for (status, document) in [
        (200, proof("did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw", &stranger())),
        (200, proof(&issuer(), &Ed25519Signer::did_key(&[77; 32]))),
        (200, String::from("{}")),
        (404, proof(&issuer(), &stranger())),
    ] {
        assert_eq!(told(&with(status, document)), (true, false, false), "{status}");
    }
    // The issuer's own list, and that of a key that it did not announce, say nothing of it.
    for signer in [key(), Ed25519Signer::did_key(&[77; 32])] {
        let report = ask(&badge, &list(&signer, named.clone()));
        assert!(!has(&report, Code::IssuerSucceeded) && !has(&report, Code::IssuerSucceededOn));
    }
}

#[test]
fn a_list_that_is_not_what_it_should_be_says_nothing() {
    let mut tampered = signed(&list_of(&[]));
    tampered["credentialSubject"]["encodedList"] = json!(status::encode(&vec![0; status::MIN_BITS / 8 + 1]));
    let subject = |members: Value| {
        signed(&merged(list_of(&[]), json!({"credentialSubject": merged(list_of(&[])["credentialSubject"].clone(), members)})))
    };
    let plain = merged(award(), json!({"credentialSubject": merged(award()["credentialSubject"].clone(), json!({}))}));
    let lists = [
        tampered,
        signed(&merged(list_of(&[]), json!({"validUntil": "2026-11-02T00:00:00Z"}))),
        signed(&merged(list_of(&[]), json!({"validFrom": "2027-01-01T00:00:00Z"}))),
        subject(json!({"statusPurpose": "suspension"})),
        subject(json!({"encodedList": "uAAAA"})),
        subject(json!({"encodedList": ""})),
        signed(&plain),
        list_of(&[]),
        json!({}),
        json!([]),
        json!("no list"),
    ];
    for list in lists {
        let report = ask(listed(4), &with_list(&list));
        expect(&report, Verdict::Undecided, Code::StatusUnusable);
    }
    for status in [404, 410, 500] {
        let mut evidence = Evidence::default();
        evidence.add(LIST, answer(status, &signed(&list_of(&[])).to_string()));
        expect(&ask(listed(4), &evidence), Verdict::Undecided, Code::StatusUnusable);
    }
}

#[test]
fn an_entry_that_points_nowhere_leaves_the_status_open() {
    let evidence = with_list(&signed(&list_of(&[])));
    let entries = [
        (merged(entry(0), json!({"statusListIndex": "131072"})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusListIndex": "99999999999999999999999"})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusListIndex": "18446744073709551615", "statusSize": 32})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusListIndex": "-1"})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusSize": 0})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusSize": 1000})), Code::StatusUnusable),
        (merged(entry(0), json!({"statusListCredential": "https://issuer.example/status/8"})), Code::StatusMissing),
        (json!({"id": "urn:x", "type": "StatusList2099Entry"}), Code::StatusTypeUnknown),
    ];
    for (status, code) in entries {
        let token = jwt(&header(json!({})), &claims(&award_with(json!({"credentialStatus": status}))), by(&key()));
        expect(&ask(token, &evidence), Verdict::Undecided, code);
    }
}

#[test]
fn a_list_that_unpacks_for_ever_is_given_up() {
    let bomb = status::encode(&vec![0; 64 << 20]);
    let list = merged(
        list_of(&[]),
        json!({"credentialSubject": merged(list_of(&[])["credentialSubject"].clone(), json!({"encodedList": bomb}))}),
    );
    expect(&ask(listed(4), &with_list(&signed(&list))), Verdict::Undecided, Code::StatusUnusable);
}

#[test]
fn lists_that_name_each_other_end() {
    // A credential that is no list, served where a list should be, names sixteen more of its kind, and so on.
    let inner = signed(&award_with(json!({"credentialStatus": vec![entry(4); 16]})));
    let report = ending(move || ask(inner.to_string(), &with_list(&inner)));
    assert_eq!(report.verdict, Verdict::Undecided);
}

const FLAT: &str = "https://issuer.example/revoked";

fn flat_award() -> Value {
    award_with(json!({"@context": [VC, OB, EXT], "credentialStatus": {"id": FLAT, "type": "1EdTechRevocationList"}}))
}

fn flat(body: &str) -> Report {
    let badge = signed(&flat_award());
    let mut evidence = Evidence::default();
    evidence.add(FLAT, fetched(body));
    ask(badge.to_string(), &evidence)
}

#[test]
fn the_list_of_1edtech_revokes_whom_it_names() {
    let id = award()["id"].clone();
    let with = |entry: Value| json!({"revokedCredential": [{"id": "urn:other"}, entry]}).to_string();
    expect(&flat(&with(json!({"id": id}))), Verdict::Invalid, Code::Revoked);
    expect(&flat(&with(json!({"id": id, "revoked": true, "revocationReason": "Error"}))), Verdict::Invalid, Code::RevokedBecause);
    expect(&flat(&with(json!({"id": id, "revoked": false}))), Verdict::Valid, Code::NotRevokedAsOf);
    expect(&flat(&with(json!({"id": "urn:third"}))), Verdict::Valid, Code::NotRevokedAsOf);
    for junk in ["", "[]", "{}", "<html>", "null", r#"{"revokedCredential": [], "revokedCredential": []}"#] {
        expect(&flat(junk), Verdict::Undecided, Code::StatusUnusable);
    }
}

#[test]
fn a_revocation_list_of_junk_entries_does_not_pass_for_an_empty_one() {
    for junk in [r#"{"revokedCredential": "none"}"#, r#"{"revokedCredential": 7}"#, r#"{"revokedCredential": {"ids": []}}"#] {
        let report = flat(junk);
        assert_ne!(report.verdict, Verdict::Valid, "{junk}");
    }
}

// ---- Clocks ----

#[test]
fn times_from_the_future_are_told() {
    expect(&alone(&signed(&award_with(json!({"validFrom": "2027-01-01T00:00:00Z"})))), Verdict::Invalid, Code::NotYetValid);
    // What begins so soon may have begun: then the sentence points at the clock.
    let headline = |from: Timestamp| {
        let report = alone(&signed(&award_with(json!({"validFrom": from.to_string()}))));
        assert_eq!(report.verdict, Verdict::Invalid);
        report.headline(Language::English)
    };
    let soon = headline(now() + SignedDuration::from_hours(30));
    assert!(soon.contains("not in force before") && soon.contains("The clock of this computer says"), "{soon}");
    assert!(!headline(now() + SignedDuration::from_hours(49)).contains("clock"));
    let mut evidence = Evidence::default();
    evidence.add(LIST, fetched_on(signed(&list_of(&[])).to_string(), "2030-01-01T00:00:00Z"));
    expect(&ask(listed(4), &evidence), Verdict::Valid, Code::TimeInFuture);
    let ends = signed(&award_with(json!({"validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"})));
    expect(&alone(&ends), Verdict::Invalid, Code::EndsBeforeStart);
    for time in ["2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00"] {
        let token = jwt(
            &header(json!({})),
            &{
                let mut claims = claims(&award());
                claims["validFrom"] = json!(time);
                claims
            },
            by(&key()),
        );
        assert_eq!(ask(token, &Evidence::default()).verdict, Verdict::Invalid, "{time}");
    }
}

// ---- Evidence that came along ----

fn brought_along(key: &str, value: &Value) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.add(key, brought(value.to_string()));
    evidence
}

#[test]
fn what_came_along_with_a_badge_makes_nothing_pass() {
    expect(&ask(web_award().to_string(), &brought_along(WEB, &web_document())), Verdict::Undecided, Code::KeyBrought);
    expect(&ask(carried(WEB), &brought_along(WEB, &web_document())), Verdict::Undecided, Code::IssuerBrought);
    expect(&ask(listed(4), &brought_along(LIST, &signed(&list_of(&[])))), Verdict::Undecided, Code::StatusBrought);
    let method = format!("{HOME}#key-1");
    expect(
        &ask(home_award(&method).to_string(), &brought_along(HOME, &home_document(HOME))),
        Verdict::Undecided,
        Code::KeyBrought,
    );
    let flat = signed(&flat_award());
    expect(
        &ask(flat.to_string(), &brought_along(FLAT, &json!({"revokedCredential": []}))),
        Verdict::Undecided,
        Code::StatusBrought,
    );
    let url = "https://issuer.example/context";
    let context = json!({"@context": {"grade": "https://issuer.example/grade"}});
    let mut library = Library::default();
    library.add(url, context.clone());
    let own = sign_with(&award_with(json!({"@context": [VC, OB, url], "grade": "A"})), options(&key()), &key(), &library);
    expect(&ask(own.to_string(), &brought_along(url, &context)), Verdict::Undecided, Code::ContextBrought);
    expect_valid(&ask(own.to_string(), &served([(url, context)])));
}

#[test]
fn a_schema_that_came_along_passes_nothing() {
    let url = "https://issuer.example/schema";
    let badge = signed(&award_with(
        json!({"@context": [VC, OB, EXT], "credentialSchema": [{"id": url, "type": "1EdTechJsonSchemaValidator2019"}]}),
    ));
    expect(&ask(badge.to_string(), &brought_along(url, &json!(true))), Verdict::Valid, Code::OwnSchemaMissing);
    let strict = json!({"required": ["nothing"]}).to_string();
    let mut by_hand = Evidence::default();
    by_hand.add(url, Document::given(strict.clone().into_bytes()));
    expect(&ask(badge.to_string(), &by_hand), Verdict::Invalid, Code::OwnSchemaInvalid);
    // A stranger's schema can be made to take for ever: it is a remark.
    let mut of_stranger = Evidence::default();
    of_stranger.add(url, fetched(strict));
    expect(&ask(badge.to_string(), &of_stranger), Verdict::Valid, Code::OwnSchemaMissing);
}

#[test]
fn what_came_along_never_replaces_what_was_fetched() {
    let mut evidence = served([(LIST, signed(&list_of(&[4])))]);
    evidence.add(LIST, brought(signed(&list_of(&[])).to_string()));
    expect(&ask(listed(4), &evidence), Verdict::Invalid, Code::Revoked);
}

// ---- Schemas from elsewhere ----

fn schema(schema: &Value) -> Report {
    let url = "https://evil.example/schema";
    let badge = signed(&award_with(
        json!({"@context": [VC, OB, EXT], "credentialSchema": [{"id": url, "type": "1EdTechJsonSchemaValidator2019"}]}),
    ));
    ask(badge.to_string(), &served([(url, schema.clone())]))
}

#[test]
fn a_schema_that_doubles_its_work_at_every_step_ends() {
    let mut defs = serde_json::Map::new();
    for step in 0..40 {
        let next = json!({"$ref": format!("#/$defs/s{}", step + 1)});
        // Not quite the same schema twice, so that no memo helps.
        defs.insert(format!("s{step}"), json!({"allOf": [next, {"allOf": [next, {"minProperties": step % 2}]}]}));
    }
    defs.insert(String::from("s40"), json!({"type": "object"}));
    let report = ending(move || schema(&json!({"$ref": "#/$defs/s0", "$defs": defs})));
    assert_ne!(report.verdict, Verdict::NoBadge);
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let report = schema(&json!({"$ref": "#"}));
    assert_ne!(report.verdict, Verdict::NoBadge);
}

#[test]
fn a_schema_that_refers_to_other_addresses_is_a_remark() {
    for own in
        [json!({"$ref": "https://evil.example/other"}), json!({"$ref": "file:///etc/passwd"}), json!({"type": 7}), json!("x")]
    {
        expect(&schema(&own), Verdict::Valid, Code::OwnSchemaMissing);
    }
}

// ---- Trust and recipient ----

#[test]
fn trust_is_for_the_issuer_whose_key_it_was() {
    let trust = Trust { issuers: vec![TrustedIssuer { id: issuer(), name: Some("Volta".into()), note: None, next: None }] };
    let policy = Policy { trust, require_trust: true, ..Policy::default() };
    let report = ask_with(signed(&award()).to_string(), &Evidence::default(), &policy);
    expect(&report, Verdict::Valid, Code::TrustedIssuer);
    assert_eq!(report.trusted.as_deref(), Some("Volta"));
    let forged = signed_by(&award(), &stranger());
    let report = ask_with(forged.to_string(), &Evidence::default(), &policy);
    expect(&report, Verdict::Invalid, Code::UntrustedIssuer);
    assert_eq!(report.trusted, None);
    for near in
        [issuer().to_lowercase(), format!("{} ", issuer()), format!("{}#", issuer()), issuer().replace("did:key", "did:kеy")]
    {
        let document = award_with(json!({"issuer": {"id": near, "type": ["Profile"]}}));
        let report = ask_with(signed(&document).to_string(), &Evidence::default(), &policy);
        assert_ne!(report.verdict, Verdict::Valid, "{near}");
        assert_eq!(report.trusted, None, "{near}");
    }
}

fn given_to(subject: Value, who: &str) -> Report {
    let achievement = award()["credentialSubject"]["achievement"].clone();
    let subject = merged(subject, json!({"type": ["AchievementSubject"], "achievement": achievement}));
    let policy = Policy { recipient: Some(who.to_owned()), ..Policy::default() };
    ask_with(signed(&award_with(json!({"credentialSubject": subject}))).to_string(), &Evidence::default(), &policy)
}

fn identity(hash: &str, salt: Option<&str>) -> Value {
    let mut identity =
        json!({"type": "IdentityObject", "hashed": hash.contains('$'), "identityHash": hash, "identityType": "emailAddress"});
    if let Some(salt) = salt {
        identity["salt"] = json!(salt);
    }
    json!({"identifier": [identity]})
}

#[test]
fn the_recipient_is_found_in_every_form() {
    let sha = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399";
    let md5 = "md5$1aedb8d9dc4751e229a335e371db8058"; // md5("test@example.com" without salt) is another one; see below.
    expect(&given_to(identity(sha, Some("Kosher")), "a@example.com"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(identity(sha, Some("Kosher")), "A@Example.com"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(identity(&sha.to_uppercase(), Some("Kosher")), "a@example.com"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(identity(sha, Some("kosher")), "a@example.com"), Verdict::Invalid, Code::RecipientMismatch);
    expect(&given_to(identity(sha, None), "a@example.com"), Verdict::Invalid, Code::RecipientMismatch);
    expect(&given_to(identity(sha, Some("Kosher")), "b@example.com"), Verdict::Invalid, Code::RecipientMismatch);
    expect(&given_to(identity(md5, None), "gravatar@example.com"), Verdict::Invalid, Code::RecipientMismatch);
    expect(&given_to(identity("ada@example.org", None), "ada@example.org"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(identity("Ada@Example.org", None), "ada@example.ORG"), Verdict::Valid, Code::RecipientMatches);
    // A hash itself is nobody's address.
    expect(&given_to(identity(sha, Some("Kosher")), sha), Verdict::Invalid, Code::RecipientMismatch);
    expect(&given_to(json!({"id": "did:example:ada"}), "did:example:ada"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(json!({"id": "mailto:ada@example.org"}), "ada@example.org"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(json!({"id": "mailto:ada@example.org"}), "eve@example.org"), Verdict::Invalid, Code::RecipientMismatch);
}

#[test]
fn what_came_through_an_account_should_be_given_to_one_of_its_addresses_and_nothing_is_decided_where_it_is_not() {
    let came = |addresses: &[&str], who: Value| {
        let achievement = award()["credentialSubject"]["achievement"].clone();
        let subject = merged(who, json!({"type": ["AchievementSubject"], "achievement": achievement}));
        let policy = Policy { addresses: addresses.iter().map(|it| (*it).to_owned()).collect(), ..Policy::default() };
        ask_with(signed(&award_with(json!({"credentialSubject": subject}))).to_string(), &Evidence::default(), &policy)
    };
    let ada = || identity("ada@example.org", None);
    expect(&came(&["home@example.org", "ada@example.org"], ada()), Verdict::Valid, Code::RecipientMatches);
    let others = came(&["home@example.org", "eve@example.org"], ada());
    expect(&others, Verdict::Undecided, Code::RecipientNotYours);
    assert!(
        others.headline(Language::English).contains("none of the addresses of your account (home@example.org, eve@example.org)")
    );
    let nobody = json!({"identifier": [{"type": "IdentifierEntry", "identifier": "17", "identifierType": "studentId"}]});
    expect(&came(&["ada@example.org"], nobody), Verdict::Undecided, Code::RecipientUnstated);
    expect(&came(&[], ada()), Verdict::Valid, Code::RecipientNotAsked);
}

#[test]
fn an_md5_of_the_address_is_recognised() {
    let md5 = "md5$55502f40dc8b7c769880b10874abc9d0"; // test@example.com
    expect(&given_to(identity(md5, None), "test@example.com"), Verdict::Valid, Code::RecipientMatches);
}

#[test]
fn an_address_in_an_id_is_compared_in_lower_case_too() {
    // dossier, section 2: e-mail is compared as given, then in lower case.
    expect(&given_to(json!({"id": "mailto:ada@example.org"}), "Ada@Example.org"), Verdict::Valid, Code::RecipientMatches);
    expect(&given_to(json!({"id": "mailto:Ada@Example.org"}), "ada@example.org"), Verdict::Valid, Code::RecipientMatches);
}

#[test]
fn a_badge_for_nobody_in_particular_leaves_the_recipient_open() {
    let nobody = json!({"identifier": [{"type": "IdentifierEntry", "identifier": "17", "identifierType": "studentId"}]});
    expect(&given_to(nobody, "ada@example.org"), Verdict::Undecided, Code::RecipientUnstated);
    expect(&alone(&signed(&award())), Verdict::Valid, Code::RecipientNotAsked);
}

// ---- Endorsements ----

fn endorsement(about: &str) -> Value {
    json!({
        "@context": [VC, OB], "id": "urn:uuid:e0", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Well done",
        "issuer": {"id": stranger().controller(), "type": ["Profile"]}, "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "I saw it."},
    })
}

fn endorsed(endorsements: Value) -> Report {
    alone(&signed(&award_with(json!({"endorsement": endorsements}))))
}

#[test]
fn an_endorsement_has_a_verdict_of_its_own() {
    let id = award()["id"].as_str().unwrap().to_owned();
    let good = signed_by(&endorsement(&id), &stranger());
    expect(&endorsed(json!([good])), Verdict::Valid, Code::EndorsementsValid);
    let mut bad = good.clone();
    bad["credentialSubject"]["endorsementComment"] = json!("I did not see it.");
    let report = endorsed(json!([good, bad]));
    expect(&report, Verdict::Valid, Code::EndorsementsInvalid);
    assert_eq!(report.nested.iter().map(|nested| nested.verdict).collect::<Vec<_>>(), [Verdict::Valid, Verdict::Invalid]);
    let other = signed_by(&endorsement("urn:uuid:somebody-elses-badge"), &stranger());
    let report = endorsed(json!([other]));
    expect(&report, Verdict::Valid, Code::EndorsementsInvalid);
    expect(&report.nested[0], Verdict::Invalid, Code::EndorsesOther);
    let unsigned = endorsed(json!([endorsement(&id)]));
    expect(&unsigned, Verdict::Valid, Code::EndorsementsInvalid);
}

#[test]
fn a_credential_that_endorses_nothing_is_not_counted_as_an_endorsement() {
    let id = award()["id"].clone();
    let award = signed_by(
        &merged(
            award_with(json!({"id": "urn:uuid:a2", "issuer": {"id": stranger().controller(), "type": ["Profile"]}})),
            json!({"credentialSubject": merged(award()["credentialSubject"].clone(), json!({"id": id}))}),
        ),
        &stranger(),
    );
    let report = endorsed(json!([award]));
    assert!(!says(&report, Code::EndorsementsValid), "{:?}", codes(&report));
}

#[test]
fn endorsements_of_endorsements_end() {
    let mut inner = signed_by(&endorsement("urn:uuid:e0"), &stranger());
    for _ in 0..8 {
        inner = signed_by(&merged(endorsement("urn:uuid:e0"), json!({"endorsement": [inner]})), &stranger());
    }
    let report = endorsed(json!([inner]));
    let depth = std::iter::successors(report.nested.first(), |report| report.nested.first()).count();
    assert!(depth <= 4, "{depth}");
}

// ---- Open Badges 2.0 ----

const HOST: &str = "https://example.org";

fn at_host(path: &str) -> String {
    format!("{HOST}/{path}")
}

fn assertion() -> Value {
    json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": at_host("a.json"),
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"},
        "badge": at_host("b.json"), "issuedOn": "2026-01-01T00:00:00Z",
        "verification": {"type": "HostedBadge"}, "evidence": at_host("work"), "image": at_host("a.png"),
    })
}

fn class() -> Value {
    json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": at_host("b.json"), "name": "Welding",
        "description": "Joins steel.", "image": at_host("b.png"), "criteria": {"narrative": "Shown."}, "issuer": at_host("i.json"),
    })
}

fn profile() -> Value {
    json!({
        "@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": at_host("i.json"), "name": "Volta",
        "url": HOST, "email": "badges@example.org",
    })
}

fn host() -> Evidence {
    host_with(assertion(), class(), profile())
}

fn host_with(assertion: Value, class: Value, profile: Value) -> Evidence {
    served([(at_host("a.json").as_str(), assertion), (at_host("b.json").as_str(), class), (at_host("i.json").as_str(), profile)])
}

#[test]
fn a_hosted_assertion_is_what_its_host_serves() {
    expect_valid(&ask(assertion().to_string(), &host()));
    expect(&alone(&assertion()), Verdict::Undecided, Code::HostedMissing);
    let mut changed = assertion();
    changed["recipient"]["identity"] = json!("eve@example.org");
    expect(&ask(changed.to_string(), &host()), Verdict::Invalid, Code::HostedDiffers);
    let mut added = assertion();
    added["narrative"] = json!("With honours.");
    expect(&ask(added.to_string(), &host()), Verdict::Invalid, Code::HostedDiffers);
}

#[test]
fn a_file_says_no_more_about_linked_things_than_the_host_does() {
    // Where the host serves an address, a file may not put an object with words of its own (V01).
    let embedded = [
        json!({"evidence": {"id": at_host("work"), "narrative": "Won the Nobel prize."}}),
        json!({"image": {"id": at_host("a.png"), "caption": "Gold medal"}}),
    ];
    for member in embedded {
        let report = ask(merged(assertion(), member.clone()).to_string(), &host());
        assert_ne!(report.verdict, Verdict::Valid, "{member}: {:?}", codes(&report));
    }
    let class = merged(class(), json!({"name": "Master welding"}));
    expect(&ask(merged(assertion(), json!({"badge": class})).to_string(), &host()), Verdict::Invalid, Code::HostedDiffers);
}

#[test]
fn what_a_host_answers_besides_an_assertion_is_told_apart() {
    for (status, verdict, code) in [
        (404, Verdict::Invalid, Code::HostedGone),
        (410, Verdict::Invalid, Code::Revoked),
        (500, Verdict::Undecided, Code::HostedMissing),
        (403, Verdict::Undecided, Code::HostedMissing),
        (200, Verdict::Invalid, Code::HostedInvalid),
    ] {
        let mut evidence = host();
        evidence.add(at_host("a.json"), answer(status, "<html>"));
        expect(&ask(assertion().to_string(), &evidence), verdict, code);
    }
    let body = json!({"@context": "https://w3id.org/openbadges/v2", "id": at_host("a.json"), "revoked": true, "revocationReason": "Error"});
    expect(&ask(assertion().to_string(), &host_with(body, class(), profile())), Verdict::Invalid, Code::RevokedBecause);
}

#[test]
fn an_assertion_outside_of_its_issuers_reach_is_refused() {
    for place in [
        "https://example.org.evil.com/a.json",
        "https://example.org@evil.com/a.json",
        "https://evil.com/https://example.org/a.json",
        "https://example.org:8443/a.json",
        "https://sub.example.org/a.json",
    ] {
        let away = merged(assertion(), json!({"id": place}));
        let mut evidence = host();
        evidence.add(place, fetched(away.to_string()));
        expect(&ask(away.to_string(), &evidence), Verdict::Invalid, Code::OutsideIssuerScope);
    }
}

#[test]
fn a_prefix_that_the_issuer_vouches_for_cannot_be_stepped_out_of() {
    let prefix = "https://badges.example.net/volta/";
    let profile = merged(profile(), json!({"verification": {"type": "HostedBadge", "startsWith": [prefix]}}));
    let ask_at = |place: &str| {
        let away = merged(assertion(), json!({"id": place}));
        let mut evidence = host_with(assertion(), class(), profile.clone());
        evidence.add(place, fetched(away.to_string()));
        ask(away.to_string(), &evidence)
    };
    expect_valid(&ask_at("https://badges.example.net/volta/a.json"));
    for place in [
        "https://badges.example.net/volta/../eve/a.json",
        "https://badges.example.net/volta/%2e%2e/eve/a.json",
        "https://badges.example.net/eve/a.json",
        "https://badges.example.net.evil.com/volta/a.json",
        "https://badges.example.net@evil.com/volta/a.json",
        "http://badges.example.net/volta/a.json",
        "https://badges.example.net\\@evil.com/volta/a.json",
        "https://x@badges.example.net/volta/a.json",
    ] {
        expect(&ask_at(place), Verdict::Invalid, Code::OutsideIssuerScope);
    }
}

#[test]
fn only_named_hosts_may_hold_an_issuers_assertions() {
    let profile = merged(profile(), json!({"verification": {"type": "HostedBadge", "allowedOrigins": ["badges.example.net"]}}));
    let ask_at = |place: &str| {
        let away = merged(assertion(), json!({"id": place}));
        let mut evidence = host_with(assertion(), class(), profile.clone());
        evidence.add(place, fetched(away.to_string()));
        ask(away.to_string(), &evidence)
    };
    expect_valid(&ask_at("https://badges.example.net/a.json"));
    expect(&ask_at("https://badges.example.net.evil.com/a.json"), Verdict::Invalid, Code::OutsideIssuerScope);
    expect(&ask_at("https://badges.example.net@evil.com/a.json"), Verdict::Invalid, Code::OutsideIssuerScope);
}

#[test]
fn hosted_evidence_that_came_along_makes_nothing_pass() {
    for path in ["a.json", "b.json", "i.json"] {
        let mut evidence = Evidence::default();
        for (name, value) in [("a.json", assertion()), ("b.json", class()), ("i.json", profile())] {
            let document = if name == path { brought(value.to_string()) } else { fetched(value.to_string()) };
            evidence.add(at_host(name), document);
        }
        let report = ask(assertion().to_string(), &evidence);
        assert_eq!(report.verdict, Verdict::Undecided, "{path}: {:?}", codes(&report));
    }
}

#[test]
fn an_embedded_issuer_says_nothing_about_itself() {
    let mut full = assertion();
    full["badge"] = merged(class(), json!({"issuer": profile()}));
    let mut evidence = Evidence::default();
    evidence.add(at_host("a.json"), fetched(full.to_string()));
    let report = ask(full.to_string(), &evidence);
    assert_eq!(report.verdict, Verdict::Undecided, "{:?}", codes(&report));
    assert!(!passes(&report, CheckId::Issuer));
}

// ---- Open Badges 2.0, signed ----

fn key_url() -> String {
    at_host("k.json")
}

fn key_document() -> Value {
    json!({"@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey", "id": key_url(), "owner": at_host("i.json"),
        "publicKeyPem": rsa::pem()})
}

fn signed_assertion() -> Value {
    merged(
        assertion(),
        json!({"id": "urn:uuid:a2", "badge": merged(class(), json!({"id": "urn:uuid:b2"})),
        "verification": {"type": "SignedBadge", "creator": key_url()}}),
    )
}

fn signed_profile() -> Value {
    merged(profile(), json!({"publicKey": key_url()}))
}

fn rs256(payload: &Value) -> String {
    jwt(&json!({"alg": "RS256"}), payload, rsa::sign)
}

fn signed_host(profile: Value, key: Value) -> Evidence {
    served([(at_host("i.json").as_str(), profile), (key_url().as_str(), key)])
}

#[test]
fn a_signed_assertion_needs_the_issuers_own_word_for_the_key() {
    let text = rs256(&signed_assertion());
    expect_valid(&ask(&text, &signed_host(signed_profile(), key_document())));
    assert_eq!(ask(&text, &Evidence::default()).verdict, Verdict::Undecided);
    // Not listed in the profile.
    expect(&ask(&text, &signed_host(profile(), key_document())), Verdict::Invalid, Code::KeyNotAuthorised);
    let elsewhere = merged(profile(), json!({"publicKey": at_host("other.json")}));
    expect(&ask(&text, &signed_host(elsewhere, key_document())), Verdict::Invalid, Code::KeyNotAuthorised);
    // Of another owner.
    let owned = merged(key_document(), json!({"owner": "https://evil.example/i.json"}));
    expect(&ask(&text, &signed_host(signed_profile(), owned)), Verdict::Invalid, Code::IssuerMismatch);
    // Another key.
    let broken = merged(key_document(), json!({"publicKeyPem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"}));
    expect(&ask(&text, &signed_host(signed_profile(), broken)), Verdict::Invalid, Code::KeyInvalid);
}

#[test]
fn a_signed_assertion_cannot_bring_its_own_issuer_or_key() {
    let text = rs256(&signed_assertion());
    let mut only = Evidence::default();
    only.add(at_host("i.json"), fetched(signed_profile().to_string()));
    only.add(key_url(), brought(key_document().to_string()));
    expect(&ask(&text, &only), Verdict::Undecided, Code::KeyBrought);
    // The whole profile with its key stands in the badge.
    let embedded = merged(signed_profile(), json!({"publicKey": key_document()}));
    let badge = merged(signed_assertion(), json!({"badge": merged(class(), json!({"id": "urn:uuid:b2", "issuer": embedded}))}));
    expect(&alone_text(&rs256(&badge)), Verdict::Undecided, Code::IssuerUnconfirmed);
    let report = ask(rs256(&badge), &brought_along(&at_host("i.json"), &signed_profile()));
    assert_eq!(report.verdict, Verdict::Undecided, "{:?}", codes(&report));
    // The served profile, which knows nothing of the key, wins over the embedded one.
    expect(&ask(rs256(&badge), &signed_host(profile(), key_document())), Verdict::Invalid, Code::KeyNotAuthorised);
}

fn alone_text(text: &str) -> Report {
    ask(text, &Evidence::default())
}

#[test]
fn the_public_key_is_no_shared_secret() {
    use aws_lc_rs::hmac;
    let secret = hmac::Key::new(hmac::HMAC_SHA256, rsa::pem().as_bytes());
    let sign = |message: &[u8]| hmac::sign(&secret, message).as_ref().to_vec();
    let text = jwt(&json!({"alg": "HS256"}), &signed_assertion(), sign);
    expect(&ask(text, &signed_host(signed_profile(), key_document())), Verdict::Invalid, Code::AlgorithmRefused);
    let text = jwt(&json!({"alg": "RS256"}), &signed_assertion(), sign);
    expect(&ask(text, &signed_host(signed_profile(), key_document())), Verdict::Invalid, Code::ProofMismatch);
}

#[test]
fn a_profile_served_by_a_neighbour_does_not_speak_for_the_issuer_it_names() {
    // https://sites.example/eve/i.json calls itself https://sites.example/volta/i.json and lists a key of its own.
    let (eve, volta) = ("https://sites.example/eve/i.json", "https://sites.example/volta/i.json");
    let badge = merged(signed_assertion(), json!({"badge": merged(class(), json!({"id": "urn:uuid:b2", "issuer": eve}))}));
    let forged = merged(signed_profile(), json!({"id": volta, "publicKey": key_url()}));
    let key = merged(key_document(), json!({"owner": volta}));
    let report = ask(rs256(&badge), &served([(eve, forged), (key_url().as_str(), key)]));
    let named = report.badge.as_ref().and_then(|badge| badge.issuer.as_ref()?.id.clone());
    assert!(report.verdict != Verdict::Valid || named.as_deref() == Some(eve), "valid in the name of {named:?}");
}

#[test]
fn a_revocation_list_names_an_assertion_in_three_ways() {
    let url = at_host("r.json");
    let with = |list: Value| {
        let mut evidence = signed_host(merged(signed_profile(), json!({"revocationList": url})), key_document());
        evidence.add(url.as_str(), fetched(list.to_string()));
        evidence
    };
    let text = rs256(&merged(signed_assertion(), json!({"uid": "17"})));
    let list = |entries: Value| {
        with(
            json!({"@context": "https://w3id.org/openbadges/v2", "type": "RevocationList", "id": url, "revokedAssertions": entries}),
        )
    };
    expect(&ask(&text, &list(json!(["urn:uuid:a2"]))), Verdict::Invalid, Code::Revoked);
    expect(
        &ask(&text, &list(json!([{"id": "urn:uuid:a2", "revocationReason": "Error"}]))),
        Verdict::Invalid,
        Code::RevokedBecause,
    );
    expect(&ask(&text, &list(json!([{"uid": "17"}]))), Verdict::Invalid, Code::Revoked);
    expect(&ask(&text, &list(json!(["urn:uuid:other"]))), Verdict::Valid, Code::NotRevokedAsOf);
    expect(&ask(&text, &with(json!({"17": "Error"}))), Verdict::Invalid, Code::RevokedBecause);
    expect(&ask(&text, &with(json!({"urn:uuid:a2": "Error"}))), Verdict::Invalid, Code::RevokedBecause);
    expect(&ask(&text, &with(json!({"18": "Error"}))), Verdict::Valid, Code::NotRevokedAsOf);
    expect(&ask(&text, &with(json!([]))), Verdict::Undecided, Code::StatusUnusable);
    for junk in [json!("urn:uuid:a2"), json!({"id": "urn:uuid:a2"}), json!(null)] {
        let report = ask(&text, &list(junk.clone()));
        assert_ne!(report.verdict, Verdict::Valid, "{junk}: {:?}", codes(&report));
    }
    let mut old = signed_host(merged(signed_profile(), json!({"revocationList": url})), key_document());
    old.add(url.as_str(), fetched_on(json!({"revokedAssertions": []}).to_string(), "2026-01-01T00:00:00Z"));
    expect(&ask(&text, &old), Verdict::Undecided, Code::StatusTooOld);
    let mut brought_list = signed_host(merged(signed_profile(), json!({"revocationList": url})), key_document());
    brought_list.add(url.as_str(), Document { origin: satchel_badge::evidence::Origin::Brought, ..fetched("{}") });
    expect(&ask(&text, &brought_list), Verdict::Undecided, Code::StatusBrought);
}
