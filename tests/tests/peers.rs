//! Other people's programs: what we sign and bake is accepted there, what they sign and bake is accepted here, and neither takes what
//! was tampered with. Each test is a process of its own under nextest, so each asks one driver where it can.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod help;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use help::{RECIPIENT, RsaSigner, award, hosted, key, sign, tampered};
use jiff::Timestamp;
use satchel_badge::bake::bake;
use satchel_badge::check::{Policy, check};
use satchel_badge::code::Code;
use satchel_badge::container;
use satchel_badge::evidence::{Document, Evidence, Need};
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::report::{Report, Verdict};
use satchel_badge::sign::{Signer, sign_assertion, sign_jwt};
use satchel_badge::status;
use satchel_tests::desk::Desk;
use satchel_tests::peers::Peer::{New, Node, Old};
use satchel_tests::running::Running;
use satchel_tests::{data, picture};
use serde_json::{Value, json};

const NEW_KEYWORD: &str = "openbadgecredential";
const OLD_KEYWORD: &str = "openbadges";

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn judge(bytes: impl AsRef<[u8]>, evidence: &Evidence) -> Report {
    check(bytes.as_ref(), evidence, &Policy::default(), now()).swap_remove(0)
}

#[track_caller]
fn accepted(bytes: impl AsRef<[u8]>) {
    let report = judge(bytes, &Evidence::default());
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.lines);
}

#[track_caller]
fn refused(bytes: impl AsRef<[u8]>) {
    let report = judge(bytes, &Evidence::default());
    assert_eq!(report.verdict, Verdict::Invalid, "{:#?}", report.lines);
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn from_base64(value: &Value) -> Vec<u8> {
    STANDARD.decode(value["base64"].as_str().unwrap()).unwrap()
}

fn payload(picture: &[u8]) -> String {
    String::from_utf8(container::open_bytes(picture).payload().unwrap().to_vec()).unwrap()
}

/// A PNG and an SVG by other people, without a badge.
fn pictures() -> [Vec<u8>; 2] {
    ["baked/cs-unbaked_heart.png", "baked/cs-unbaked_example.svg"].map(data::bytes)
}

/// The award of every shape that we issue: bare, and with each optional part.
fn awards() -> Vec<(&'static str, Value)> {
    let bare = award(&key(), "Welding");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut award = bare.clone();
        change(&mut award);
        award
    };
    let pixel = format!("data:image/png;base64,{}", base64(picture::png(&[])));
    vec![
        ("bare", bare.clone()),
        ("with an end", with(&|award| award["validUntil"] = json!("2030-01-01T00:00:00Z"))),
        (
            "with an announced key",
            with(&|award| {
                award["issuer"]["url"] = json!("https://badges.example.org/");
                award["issuer"]["otherIdentifier"] = json!([{"type": "IdentifierEntry",
                "identifier": "zQmYtUc4iTCbbfVSDNKvtQqrfyezPPnFvE33wFmutw9PBBk", "identifierType": "ext:satchelNextKey"}]);
            }),
        ),
        (
            "with a picture",
            with(&|award| {
                award["credentialSubject"]["achievement"]["image"] = json!({"id": pixel, "type": "Image", "caption": "A seam"});
            }),
        ),
        (
            "with evidence",
            with(&|award| {
                award["evidence"] = json!([{"id": "https://badges.example.org/seam", "type": ["Evidence"], "name": "A seam", "narrative": "Straight."}]);
            }),
        ),
        ("with other letters", with(&|award| award["name"] = json!("Schweißen · 溶接 · لحام · \u{1f525} \"\\\n"))),
    ]
}

/// Every member of an award that carries words, changed one at a time.
fn changes(signed: &Value) -> Vec<(&'static str, Value)> {
    let at = |pointer: &'static str, value: Value| {
        let mut changed = signed.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        (pointer, changed)
    };
    vec![
        at("/name", json!("Diving")),
        at("/issuer/name", json!("Somebody else")),
        at("/awardedDate", json!("2023-12-25T00:00:00Z")),
        at("/credentialSubject/identifier/0/identityHash", json!("sha256$00")),
        at("/credentialSubject/achievement/name", json!("Diving")),
        at("/credentialSubject/achievement/criteria/narrative", json!("Nothing to do.")),
        at("/proof/0/created", json!("2024-01-03T00:00:00Z")),
    ]
}

// ---- What we sign ----

#[test]
fn digital_bazaar_and_verifier_core_accept_our_awards_and_refuse_changed_ones() {
    for (what, award) in awards() {
        let signed = sign(&award);
        let bazaar = Node.ask("di_verify", json!({"credential": signed, "now": "2026-11-24T12:00:00Z"}));
        assert_eq!(bazaar["verified"], true, "{what}: {bazaar}");
        let core = Node.ask("verifier_core", json!({"credential": signed}));
        assert_eq!(core["signature_valid"], true, "{what}: {core}");
    }
    let signed = sign(&award(&key(), "Welding"));
    for (pointer, changed) in changes(&signed) {
        let bazaar = Node.ask("di_verify", json!({"credential": changed}));
        assert_eq!((&bazaar["verified"], &bazaar["signature"]), (&json!(false), &json!(false)), "{pointer}");
        assert_eq!(Node.ask("verifier_core", json!({"credential": changed}))["signature_valid"], false, "{pointer}");
        refused(changed.to_string());
    }
}

#[test]
fn openbadgeslib_accepts_our_baked_awards_and_refuses_changed_ones() {
    let verify = |picture: &[u8]| New.ask("openbadgeslib_verify", json!({"base64": base64(picture)}));
    for image in pictures() {
        for (what, award) in awards() {
            let signed = sign(&award).to_string();
            let answer = verify(&bake(&image, signed.as_bytes()).unwrap());
            assert_eq!(answer["valid"], true, "{what}: {answer}");
            assert_eq!(answer["issuer_did"], key().controller(), "{what}");
        }
        let changed = tampered(&sign(&award(&key(), "Welding")).to_string());
        let baked = bake(&image, changed.as_bytes()).unwrap();
        assert_eq!(verify(&baked)["valid"], false);
        refused(baked);
    }
}

#[test]
fn jose_accepts_our_vc_jwt_and_refuses_a_changed_one() {
    let key = key();
    let jwt = sign_jwt(&award(&key, "Welding"), &key).unwrap();
    let satchel_badge::key::PublicKey::Ed25519(public) = key.public_key() else { panic!("an Ed25519 key") };
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public.as_bytes())});
    let answer = Node.ask("jws_verify", json!({"compact": jwt, "jwk": jwk}));
    assert_eq!((&answer["verified"], &answer["payload"]["name"]), (&json!(true), &json!("Welding")), "{answer}");
    assert_eq!(answer["header"]["kid"], key.key_url());
    accepted(&jwt);
    let [head, _, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let payload = URL_SAFE_NO_PAD.encode(tampered(&answer["payload"].to_string()));
    let changed = format!("{head}.{payload}.{signature}");
    assert_eq!(Node.ask("jws_verify", json!({"compact": changed, "jwk": jwk}))["verified"], false);
    refused(changed);
}

/// A signed badge of Open Badges 2.0, and what its issuer serves.
fn signed_assertion() -> (String, Value) {
    let base = "https://badges.example.org";
    let rsa = RsaSigner::new(&format!("{base}/key.json"));
    let [(_, mut assertion), (_, mut class), (_, mut issuer)] = hosted(base, 1);
    issuer["publicKey"] = json!(rsa.key_url());
    class["id"] = json!("urn:uuid:0b8f5f60-8b4e-4c0e-9d38-0b6f4c1a2b3c");
    class["image"] = json!(format!("data:image/png;base64,{}", base64(picture::png(&[]))));
    assertion["id"] = json!("urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10");
    assertion["badge"] = class;
    assertion["verification"] = json!({"type": "SignedBadge", "creator": rsa.key_url()});
    let key = json!({"@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey", "id": rsa.key_url(),
        "owner": issuer["id"], "publicKeyPem": rsa.pem()});
    let documents = json!({issuer["id"].as_str().unwrap(): issuer.to_string(), rsa.key_url(): key.to_string()});
    (sign_assertion(&assertion, &rsa).unwrap(), documents)
}

fn served(documents: &Value) -> Evidence {
    let mut evidence = Evidence::default();
    for (url, text) in documents.as_object().unwrap() {
        evidence.add(url, Document::given(text.as_str().unwrap().as_bytes()));
    }
    evidence
}

#[test]
fn openbadges_accepts_our_signed_assertions_and_refuses_changed_ones() {
    let (jws, documents) = signed_assertion();
    let ask = |input: &str, who: &str| {
        Old.ask("openbadges_verify", json!({"input": input, "documents": documents, "recipient": {"email": who}}))
    };
    let answer = ask(&jws, RECIPIENT);
    assert_eq!((&answer["valid"], &answer["errors"]), (&json!(true), &json!([])), "{answer}");
    assert_eq!(judge(&jws, &served(&documents)).verdict, Verdict::Valid);
    assert_eq!(ask(&jws, "eve@example.org")["valid"], false);

    let baked = bake(&pictures()[0], jws.as_bytes()).unwrap();
    assert_eq!(ask(&base64(&baked), RECIPIENT)["valid"], true);

    let [head, payload, signature] = jws.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let changed = format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(tampered(&payload)));
    assert_eq!(ask(&changed, RECIPIENT)["valid"], false);
    assert_eq!(judge(&changed, &served(&documents)).verdict, Verdict::Invalid);
}

#[test]
fn what_a_desk_awards_and_publishes_is_accepted_by_all_of_them_in_both_forms() {
    let (server, desk) = (Running::start(&[]), Desk::new());
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    let table = desk.table(format!(
        "email,expires,evidence_url,narrative\n{RECIPIENT},2999-12-31,https://badges.example.org/seam,Straight.\n"
    ));
    let row = desk.award("paesaggio", &table, &["--server", &server.url]).ending(0).row();
    desk.command(&["publish"]).run().ending(0);
    let read = |form: &str| std::fs::read(desk.out(row[form].as_str().unwrap())).unwrap();
    let (new, old) = (read("ob3"), read("ob2"));
    let at = |path: &str| format!("{}/issuers/{}/{path}", server.url, desk.did);
    let serve = |path: &str| server.browser().get(&at(path)).ok(200);
    let list: Value = serde_json::from_slice(&serve("status/1").body).unwrap();

    let credential: Value = serde_json::from_str(&payload(&new)).unwrap();
    let request = json!({"credential": credential, "documents": {at("status/1"): list}, "status": "check"});
    let bazaar = Node.ask("di_verify", request);
    assert_eq!((&bazaar["verified"], &bazaar["status_bits"]), (&json!(true), &json!([false])), "{bazaar}");
    assert_eq!(Node.ask("di_verify", json!({"credential": list}))["verified"], true, "the list is a credential too");
    let core = Node.ask("verifier_core", json!({"credential": credential}));
    assert_eq!(core["signature_valid"], true, "{core}");
    // It knows no lists but those signed as JWT, and is not asked about them.
    let lib = New.ask("openbadgeslib_verify", json!({"base64": base64(&new), "documents": {at("status/1"): list}}));
    assert_eq!((&lib["valid"], &lib["issuer_did"]), (&json!(true), &json!(desk.did)), "{lib}");

    let mut documents = json!({});
    for path in ["profile.json", "key.json", "revocations.json"] {
        documents[at(path)] = json!(serve(path).text());
    }
    let picture = json!({"base64": base64(serve("pictures/paesaggio.png").body), "content_type": "image/png"});
    documents[at("pictures/paesaggio.png")] = picture;
    let ask = |who: &str| {
        Old.ask("openbadges_verify", json!({"input": base64(&old), "documents": documents, "recipient": {"email": who}}))
    };
    let answer = ask(RECIPIENT);
    assert_eq!((&answer["valid"], &answer["errors"]), (&json!(true), &json!([])), "{answer}");
    assert_eq!(ask("eve@example.org")["valid"], false);
}

#[test]
fn openbadges_agrees_about_a_hosted_badge_and_its_recipient() {
    let base = "https://badges.example.org";
    let pages = hosted(base, 1);
    let mut documents = json!({});
    for (path, page) in &pages {
        documents[format!("{base}{path}")] = json!(page.to_string());
    }
    let evidence = served(&documents);
    documents[format!("{base}/badge.png")] = json!({"base64": base64(picture::png(&[])), "content_type": "image/png"});
    for (who, valid) in [(RECIPIENT, true), ("eve@example.org", false)] {
        let request = json!({"input": pages[0].1.to_string(), "documents": documents, "recipient": {"email": who}});
        assert_eq!(Old.ask("openbadges_verify", request)["valid"], valid, "{who}");
        let policy = Policy { recipient: Some(who.to_owned()), ..Policy::default() };
        let ours = check(pages[0].1.to_string().as_bytes(), &evidence, &policy, now()).swap_remove(0);
        assert_eq!(ours.verdict == Verdict::Valid, valid, "{who}: {:#?}", ours.lines);
    }
}

// ---- What we bake ----

#[test]
fn png_itxt_finds_what_we_baked_and_we_what_it_wrote() {
    let image = &pictures()[0];
    let badge = sign(&award(&key(), "Welding · 溶接")).to_string();
    let baked = bake(image, badge.as_bytes()).unwrap();
    let found = Node.ask("png_get", json!({"base64": base64(&baked), "keyword": NEW_KEYWORD}));
    assert_eq!(found["text"], badge);
    assert_eq!(Node.ask("png_get", json!({"base64": base64(&baked), "keyword": OLD_KEYWORD}))["text"], Value::Null);
    let theirs = from_base64(&Node.ask("png_set", json!({"base64": base64(image), "keyword": NEW_KEYWORD, "text": badge})));
    assert_eq!(payload(&theirs), badge);
    accepted(theirs);
    let theirs = Node.ask("png_set", json!({"base64": base64(image), "keyword": NEW_KEYWORD, "text": tampered(&badge)}));
    refused(from_base64(&theirs));
}

#[test]
fn bakery_finds_what_we_baked_and_we_what_it_baked() {
    let [(_, assertion), ..] = hosted("https://badges.example.org", 1);
    let (text, url) = (assertion.to_string(), assertion["id"].as_str().unwrap());
    let (jws, _) = signed_assertion();
    let [png, svg] = pictures();
    for payload in [&text, &jws] {
        let baked = bake(&png, payload.as_bytes()).unwrap();
        assert_eq!(New.ask("bakery_unbake", json!({"base64": base64(&baked)}))["text"], payload.as_str());
    }
    // Of an SVG it tells the address before the text.
    let baked = bake(&svg, text.as_bytes()).unwrap();
    assert_eq!(New.ask("bakery_unbake", json!({"base64": base64(&baked)}))["text"], url);
    let baked = bake(&svg, jws.as_bytes()).unwrap();
    assert_eq!(New.ask("bakery_unbake", json!({"base64": base64(&baked)}))["text"], jws);
    for image in [&png, &svg] {
        let theirs = from_base64(&New.ask("bakery_bake", json!({"base64": base64(image), "payload": text})));
        assert_eq!(serde_json::from_str::<Value>(&payload(&theirs)).unwrap(), assertion);
        let theirs = from_base64(&New.ask("bakery_bake", json!({"base64": base64(image), "payload": jws})));
        assert_eq!(payload(&theirs), jws);
        // One badge again, whoever baked the first.
        let again = bake(&theirs, text.as_bytes()).unwrap();
        assert_eq!(container::open_bytes(&again).embedded.len(), 1);
        assert_eq!(payload(&again), text);
    }
}

// ---- What they sign ----

#[test]
fn we_accept_what_digital_bazaar_signs_today_and_refuse_it_changed() {
    for suite in ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019-p384", "ed25519signature2020"] {
        for (what, award) in awards() {
            let issued = Node.ask("di_issue", json!({"credential": award, "suite": suite}));
            let credential = &issued["credential"];
            let report = judge(credential.to_string(), &Evidence::default());
            assert_eq!(report.verdict, Verdict::Valid, "{suite}, {what}: {:#?}", report.lines);
            assert_eq!(report.signer.as_deref(), issued["did"].as_str());
            let mut changed = credential.clone();
            changed["credentialSubject"]["achievement"]["description"] = json!("Welds nothing.");
            refused(changed.to_string());
        }
    }
}

#[test]
fn we_accept_what_digital_bazaar_signs_for_a_did_web_when_its_document_is_at_hand() {
    let (did, method) = ("did:web:badges.example.org", "did:web:badges.example.org#key-1");
    let mut credential = award(&key(), "Welding");
    credential["issuer"]["id"] = json!(did);
    let document = |multikey: &Value| {
        json!({"@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"], "id": did,
            "verificationMethod": [{"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}],
            "assertionMethod": [method]})
    };
    let seed = "11".repeat(32);
    let ask = |documents: Value| json!({"credential": credential, "suite": "eddsa-rdfc-2022", "seed_hex": seed, "verification_method": method, "documents": documents});
    // The key of the seed, so that the document is there when the badge is signed.
    let known = Node.ask("di_issue", json!({"credential": award(&key(), "x"), "suite": "eddsa-rdfc-2022", "seed_hex": seed}));
    let document = document(&known["public_key_multibase"]);
    let issued = Node.ask("di_issue", ask(json!({did: document})))["credential"].to_string();
    let alone = judge(&issued, &Evidence::default());
    assert_eq!(alone.verdict, Verdict::Undecided, "{:#?}", alone.lines);
    assert_eq!(alone.needs.iter().map(Need::key).collect::<Vec<_>>(), [did]);
    let served = |document: Value| served(&json!({did: document.to_string()}));
    assert_eq!(judge(&issued, &served(document.clone())).verdict, Verdict::Valid);
    let mut not_for_this = document.clone();
    not_for_this["assertionMethod"] = json!([]);
    not_for_this["authentication"] = json!([method]);
    assert_eq!(judge(&issued, &served(not_for_this)).verdict, Verdict::Invalid);
    assert_eq!(judge(tampered(&issued), &served(document)).verdict, Verdict::Invalid);
}

/// The credential that a peer signs as a JWT for an issuer.
fn jwt_award(issuer: &str) -> Value {
    let mut credential = award(&key(), "Welding");
    credential["issuer"]["id"] = json!(issuer);
    credential
}

#[test]
fn we_accept_what_jose_signs_with_every_algorithm_and_refuse_it_changed() {
    for alg in ["RS256", "ES256", "ES384", "EdDSA"] {
        // The key first: its DID must stand in what it signs.
        let made = Node.ask("jws_sign", json!({"payload": {}, "alg": alg}));
        let (public, private) = (&made["public_jwk"], &made["private_jwk"]);
        let did = format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(public.to_string()));
        let sign = |payload: &Value, header: Value, embed: bool| {
            let request = json!({"payload": payload, "alg": alg, "private_jwk": private, "header": header, "embed_jwk": embed});
            Node.ask("jws_sign", request)["compact"].as_str().unwrap().to_owned()
        };
        let named = sign(&jwt_award(&did), json!({"typ": "JWT", "kid": format!("{did}#0")}), false);
        let carried = sign(&jwt_award(&did), json!({"typ": "vc+jwt"}), true);
        for compact in [&named, &carried] {
            let report = judge(compact, &Evidence::default());
            assert_eq!(report.verdict, Verdict::Valid, "{alg}: {:#?}", report.lines);
            let [head, _, signature] = compact.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
            let changed = URL_SAFE_NO_PAD.encode(tampered(&jwt_award(&did).to_string()));
            refused(format!("{head}.{changed}.{signature}"));
        }
        let carried_alone = judge(sign(&jwt_award("https://badges.example.org/issuer"), json!({}), true), &Evidence::default());
        assert_eq!(carried_alone.verdict, Verdict::Undecided, "{alg}: a key that came along ties to nobody");
        refused(sign(&jwt_award(key().controller()), json!({"kid": key().key_url()}), false));
        refused(sign(&jwt_award(key().controller()), json!({}), true));
    }
}

// ---- Status lists ----

#[test]
fn lists_of_bits_mean_the_same_to_both() {
    let set = [0, 7, 8, 23, 94_567, 131_071];
    let theirs = Node.ask("bitstring_list", json!({"indices": set}));
    let mut bits = vec![0_u8; 131_072 / 8];
    for index in set {
        bits[index / 8] |= 0x80 >> (index % 8);
    }
    assert_eq!(status::decode(theirs["encoded_list"].as_str().unwrap()), Some(bits.clone()), "the first bit is the highest");

    let url = "https://badges.example.org/status/1";
    let mut list = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": url, "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": key().controller(), "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {"id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation"},
    });
    list["credentialSubject"]["encodedList"] = json!(status::encode(&bits));
    let list = sign(&list);
    for (index, revoked) in [(23, true), (24, false), (131_071, true), (0, true), (1, false)] {
        let mut award = award(&key(), "Welding");
        award["credentialStatus"] = json!({"id": format!("{url}#{index}"), "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": index.to_string(), "statusListCredential": url});
        let signed = sign(&award);
        let answer = Node.ask("di_verify", json!({"credential": signed, "documents": {url: list}, "status": "check"}));
        assert_eq!(answer["status_bits"], json!([revoked]), "{index}: {answer}");
        let ours = judge(signed.to_string(), &served(&json!({url: list.to_string()})));
        assert_eq!(ours.lines.iter().any(|line| line.code == Code::Revoked), revoked, "{index}: {:#?}", ours.lines);
    }
}

// ---- The canonical form ----

/// Every credential of the samples that is JSON-LD.
fn documents() -> Vec<(String, Value)> {
    let folders = ["ob3", "dcc", "clr2", "peer-issued", "status"];
    let names = folders.iter().flat_map(|folder| data::under(folder));
    let documents = names.filter_map(|name| Some((name.clone(), serde_json::from_slice::<Value>(&data::bytes(&name)).ok()?)));
    documents.filter(|(_, document)| document.get("@context").is_some()).collect()
}

fn canonical(document: &Value) -> Result<(String, Vec<rdf::Dropped>), String> {
    let walked = rdf::to_quads(document, &Library::default(), None).map_err(|error| error.to_string())?;
    let text = rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256).map_err(|error| error.to_string())?;
    Ok((text, walked.dropped))
}

/// What `PyLD` makes of a relative reference, which the others leave out; a document with one is refused here and by jsonld.js.
const BASE_OF_PYLD: &str = "<http://example.org/base/";

/// The quads of a document that is refused, as far as `PyLD` and the others can agree: its invented references name blank nodes anew.
fn without_names(quads: &str) -> Vec<String> {
    let word = |word: &str| if word.starts_with("_:c14n") { "_:".to_owned() } else { word.to_owned() };
    let quads = quads.lines().filter(|quad| !quad.contains(BASE_OF_PYLD));
    let mut quads: Vec<String> = quads.map(|quad| quad.split(' ').map(word).collect()).collect();
    quads.sort();
    quads
}

#[test]
fn our_quads_are_those_of_jsonld_js_and_pyld() {
    let mut wrong = Vec::new();
    let all = documents();
    assert!(all.len() > 80, "{} documents", all.len());
    for (name, document) in all {
        let ours = canonical(&document);
        let loose = Node.ask("canonize", json!({"document": document, "safe": false}));
        match (&ours, loose["nquads"].as_str()) {
            (Ok((ours, _)), Some(theirs)) if ours != theirs => wrong.push(format!("{name}: other quads than jsonld.js")),
            (Ok(_), None) => wrong.push(format!("{name}: jsonld.js refuses: {}", loose["refused"])),
            (Err(error), Some(_)) => wrong.push(format!("{name}: we refuse: {error}")),
            _ => {}
        }
        // PyLD has no safe mode, and throws where the others refuse.
        match (&ours, New.try_ask("pyld_canonize", json!({"document": document}))) {
            (Ok((ours, dropped)), Ok(theirs)) => {
                let theirs = theirs["nquads"].as_str().unwrap();
                let same = if dropped.is_empty() { theirs == ours } else { without_names(theirs) == without_names(ours) };
                if !same {
                    wrong.push(format!("{name}: other quads than PyLD"));
                }
            }
            (Ok(_), Err(error)) => wrong.push(format!("{name}: PyLD throws: {error}")),
            (Err(error), Ok(_)) => wrong.push(format!("{name}: we refuse and PyLD does not: {error}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn safe_mode_refuses_what_jsonld_js_refuses() {
    let mut wrong = Vec::new();
    for (name, document) in documents() {
        let ours = canonical(&document);
        let refuses =
            |dropped: &[rdf::Dropped]| dropped.first().map(|lost| format!("{:?} {} {}", lost.kind, lost.text, lost.path));
        let ours = ours.map_or_else(Some, |(_, dropped)| refuses(&dropped));
        let theirs = Node.ask("canonize", json!({"document": document}))["refused"].as_str().map(str::to_owned);
        if ours.is_some() != theirs.is_some() {
            let theirs: Option<String> = theirs.map(|text| text.chars().take(160).collect());
            wrong.push(format!("{name}: we: {ours:?}; jsonld.js: {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Something done to an award.
type Change<'a> = &'a dyn Fn(&mut Value);

#[test]
fn a_term_without_a_meaning_is_refused_by_both() {
    let plain = award(&key(), "Welding");
    let changes: [(&str, Change<'_>); 5] = [
        ("an undefined term", &|award| award["undefinedTerm"] = json!(1)),
        ("an undefined term inside", &|award| award["credentialSubject"]["achievement"]["grade"] = json!("A")),
        ("an undefined type", &|award| award["type"] = json!(["VerifiableCredential", "OpenBadgeCredential", "Undefined"])),
        ("a relative id", &|award| award["credentialSubject"]["id"] = json!("relative")),
        ("a relative reference", &|award| award["evidence"] = json!([{"id": "relative", "type": ["Evidence"]}])),
    ];
    let refused = |document: &Value| canonical(document).map_or(true, |(_, dropped)| !dropped.is_empty());
    let theirs = |document: &Value| Node.ask("canonize", json!({"document": document}))["refused"].is_string();
    assert!(!refused(&plain) && !theirs(&plain));
    for (what, change) in changes {
        let mut changed = plain.clone();
        change(&mut changed);
        assert!(refused(&changed), "{what} passes here");
        assert!(theirs(&changed), "{what} passes there");
        let issued = Node.try_ask("di_issue", json!({"credential": changed, "suite": "eddsa-rdfc-2022"}));
        assert!(issued.is_err(), "{what} is signed there");
        assert!(
            satchel_badge::sign::sign_credential(&changed, &key(), now(), &Library::default()).is_err(),
            "{what} is signed here"
        );
    }
}
