//! What a desk uploads: documents and signed awards, each checked before it is kept; and who may.

use jiff::{SignedDuration, Timestamp};
use satchel_badge::rdf::Library;
use satchel_badge::sign::sign_credential;
use satchel_badge::status;
use satchel_tests::running::Running;
use serde_json::{Value, json};

use crate::scene::{Desk, NO_FACTOR, PASSWORD, member, register, secret, send, server_with, sign_in};

#[test]
fn an_award_in_both_forms_is_taken_once_and_its_invitation_leaves() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let award = desk.award("elena@posta.example", "Il paesaggio come laboratorio");
    let first = desk.upload(std::slice::from_ref(&award));
    assert_eq!(first[0]["result"], "added", "{first:?}");
    let again = desk.upload(std::slice::from_ref(&award));
    assert_eq!((&again[0]["result"], &again[0]["invitation"]), (&json!("duplicate"), &first[0]["invitation"]));
    let mail = server.mail("elena@posta.example", "Il paesaggio come laboratorio");
    assert!(mail.text.contains("Università di Valdora ti ha assegnato"), "{}", mail.text);
    let id = first[0]["invitation"].as_str().unwrap();
    assert_eq!(wait_for(&desk, id, "sent"), "sent");

    // Another award of the same badge to the same person is caught, another credential under the same identifier too.
    let results = desk.upload(&[desk.award("elena@posta.example", "Il paesaggio come laboratorio")]);
    assert_eq!((&results[0]["result"], &results[0]["code"]), (&json!("refused"), &json!("repeated")));
    let id = serde_json::from_str::<Value>(award["ob3"].as_str().unwrap()).unwrap()["id"].clone();
    let mut other = desk.credential("elena@posta.example", "Altro");
    other["id"] = id;
    let results = desk.upload(&[json!({ "email": "elena@posta.example", "ob3": desk.signed(&other) })]);
    assert_eq!((&results[0]["result"], &results[0]["code"]), (&json!("refused"), &json!("conflict")));
    assert_eq!(server.mails().len(), 1);
}

/// The state of an invitation once it is this one; mail leaves by itself.
fn wait_for(desk: &Desk, id: &str, state: &str) -> String {
    for _ in 0..500 {
        if desk.state(id) == state {
            break;
        }
        std::thread::yield_now();
    }
    desk.state(id)
}

#[test]
fn an_award_that_a_verifier_would_refuse_is_not_kept() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let email = "elena@posta.example";
    let good = desk.credential(email, "Saldatura");
    let upload = |email: &str, ob3: String, ob2: Option<String>| {
        let results = desk.upload(&[json!({ "email": email, "ob3": ob3, "ob2": ob2 })]);
        assert_eq!(results[0]["result"], "refused", "{results:?}");
        results[0]["code"].as_str().unwrap().to_owned()
    };
    let changed = desk.signed(&good).replace("Saldatura", "Saldature");
    assert_eq!(upload(email, changed, None), "proof_mismatch");
    assert_eq!(upload("other@posta.example", desk.signed(&good), None), "wrong_recipient");
    assert_eq!(upload(email, other.signed(&other.credential(email, "Saldatura")), None), "issuer");
    // A name that is somebody else's, under one's own key.
    let mut stolen = good.clone();
    stolen["issuer"]["id"] = json!(other.did);
    let stolen = sign_credential(&stolen, &desk.key, Timestamp::now(), &Library::default()).unwrap().to_string();
    assert_ne!(upload(email, stolen, None), "");
    let mut expired = good.clone();
    expired["validUntil"] = json!("2026-02-01T00:00:00Z");
    assert_eq!(upload(email, desk.signed(&expired), None), "expired");
    assert_ne!(upload(email, String::from("{}"), None), "");
    assert_ne!(upload(email, good.to_string(), None), "", "not signed");
    let mut nobodys = good.clone();
    nobodys["credentialSubject"].as_object_mut().unwrap().remove("identifier");
    assert_eq!(upload(email, desk.signed(&nobodys), None), "wrong_recipient");
    assert_ne!(upload(email, desk.signed(&good), Some(String::from("a.b.c"))), "");
    assert_eq!(upload(email, desk.signed(&good), Some(desk.assertion("other@posta.example", "Saldatura"))), "wrong_recipient");
    assert_ne!(upload(email, desk.signed(&good), Some(other.assertion(email, "Saldatura"))), "");
    assert!(server.mails().is_empty());
    assert!(desk.send("GET", "invitations", b"").ok(200).json()["invitations"].as_array().unwrap().is_empty());
}

#[test]
fn what_a_desk_uploads_is_measured() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let large = |answer: satchel_tests::http::Answer| assert_eq!(answer.ok(413).json()["code"], "too_large");
    let text =
        json!({ "id": desk.url("badges/saldatura.json"), "issuer": desk.url("profile.json"), "name": "x".repeat(4 << 20) });
    large(desk.put("badges/saldatura.json", &text.to_string()));
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 1 << 20]].concat();
    large(desk.send("PUT", "documents/pictures/saldatura.png", &picture));
    let one = json!({ "email": "elena@posta.example", "ob3": "{}" });
    large(desk.send("POST", "awards", json!({ "awards": vec![one.clone(); 101] }).to_string().as_bytes()));
    desk.send("POST", "awards", json!({ "awards": vec![one; 100] }).to_string().as_bytes()).ok(200);
}

#[test]
fn the_first_successor_that_an_issuer_announces_counts() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let announcing = |email: &str, next: &[u8; 32]| {
        let next = satchel_badge::succession::hash_of_key(&satchel_badge::sign::Ed25519Signer::new(next, "").multikey());
        let mut credential = desk.credential(email, "Saldatura");
        credential["issuer"]["otherIdentifier"] =
            json!([{ "type": "IdentifierEntry", "identifier": next, "identifierType": "ext:satchelNextKey" }]);
        desk.upload(&[json!({ "email": email, "ob3": desk.signed(&credential) })]).remove(0)
    };
    assert_eq!(announcing("elena@posta.example", &[8; 32])["result"], "added");
    assert_eq!(announcing("bob@posta.example", &[8; 32])["result"], "added");
    // As whoever stole the key would.
    let stolen = announcing("carla@posta.example", &[9; 32]);
    assert_eq!((&stolen["result"], &stolen["code"]), (&json!("refused"), &json!("next_key")));
}

#[test]
fn a_successor_that_was_suspended_speaks_for_nobody() {
    use satchel_badge::sign::sign_succession;
    use satchel_badge::succession::{Reason, hash_of_key};
    let server = Running::start(&[]);
    let (old, mut new, other) = (Desk::admitted(&server, 1), Desk::new(&server, 2), Desk::new(&server, 3));
    let mut credential = old.credential("elena@posta.example", "Saldatura");
    credential["issuer"]["otherIdentifier"] = json!([{ "type": "IdentifierEntry", "identifierType": "ext:satchelNextKey",
                                                       "identifier": hash_of_key(&new.key.multikey()) }]);
    assert_eq!(old.upload(&[json!({ "email": "elena@posta.example", "ob3": old.signed(&credential) })])[0]["result"], "added");
    // It speaks in the name of the one that it succeeds, once it has proved that it does.
    let own = std::mem::replace(&mut new.did, old.did.clone());
    let proof = |signer: &Desk| {
        let signed = sign_succession(&old.did, Reason::Lost, &hash_of_key(&other.key.multikey()), &signer.key, Timestamp::now());
        json!({ "id": old.url("succession.json"), "succession": signed.unwrap() }).to_string()
    };
    let code = |answer: satchel_tests::http::Answer| answer.json()["code"].as_str().unwrap_or_default().to_owned();
    assert_eq!(code(new.send("GET", "invitations", b"").ok(403)), "forbidden");
    let mut stranger = Desk::new(&server, 3);
    stranger.did.clone_from(&old.did);
    assert_eq!(code(stranger.put("succession.json", &proof(&new)).ok(403)), "forbidden", "sent by a key that nobody announced");
    assert_eq!(code(new.put("succession.json", &proof(&other)).ok(422)), "invalid", "signed by a key that nobody announced");
    new.put("succession.json", &proof(&new)).ok(201);
    new.send("GET", "invitations", b"").ok(200);
    assert_eq!(code(old.send("GET", "invitations", b"").ok(403)), "succeeded");
    for (suspended, admitted) in [(&own, &old.did), (&old.did, &own)] {
        server.admin(&["issuer", "suspend", "--key", suspended]).ending(0);
        server.admin(&["issuer", "add", "--key", admitted]).ending(0);
        assert_eq!(code(new.send("GET", "invitations", b"").ok(403)), "unknown_issuer", "{suspended}");
    }
}

#[test]
fn only_an_admitted_key_that_signs_just_now_may_upload() {
    let server = Running::start(&[]);
    let stranger = Desk::new(&server, 3);
    let answer = stranger.send("GET", "invitations", b"").ok(403);
    assert_eq!(answer.json()["code"], "unknown_issuer");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));

    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let path = format!("/api/v1/issuers/{}/awards", desk.did);
    let body = br#"{"awards":[]}"#;
    let code = |headers: &[(String, String)], body: &[u8]| {
        let answer = send(&server.url, "POST", &path, headers, body);
        (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(code(&[], body), (401, "bad_signature".into()));
    let now = Timestamp::now();
    let good = desk.sign("POST", &path, body, now);
    assert_eq!(code(&good, br#"{"awards":[1]}"#), (401, "bad_signature".into()), "another body");
    assert_eq!(code(&desk.sign("PUT", &path, body, now), body), (401, "bad_signature".into()), "another method");
    assert_eq!(
        code(&desk.sign("POST", &format!("{path}?x=1"), body, now), body),
        (401, "bad_signature".into()),
        "another address"
    );
    assert_eq!(code(&other.sign("POST", &path, body, now), body), (403, "forbidden".into()), "another issuer's key");
    let late = now - SignedDuration::from_mins(6);
    assert_eq!(code(&desk.sign("POST", &path, body, late), body), (401, "stale_signature".into()));
    assert_eq!(code(&good, body), (200, String::new()));
    assert_eq!(code(&good, body), (409, "replayed".into()));

    server.admin(&["issuer", "suspend", "--key", &desk.did]).ending(0);
    assert_eq!(code(&desk.sign("POST", &path, body, now), body), (403, "unknown_issuer".into()));
}

#[test]
fn documents_lie_under_stable_addresses_for_programs_of_any_site() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let mut browser = server.browser();
    let answer = browser.get(&desk.url("profile.json")).ok(200);
    assert_eq!(answer.header("content-type"), Some("application/ld+json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.json()["name"], "Università di Valdora");
    let tag = answer.header("etag").unwrap().to_owned();
    let same = browser.send("GET", &desk.url("profile.json"), &[("if-none-match", &tag)], b"").ok(304);
    assert!(same.body.is_empty());
    let missing = browser.get(&desk.url("badges/none.json")).ok(404);
    assert_eq!(missing.json()["code"], "not_found");

    let class = |id: &str| {
        json!({ "@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": id, "name": "Saldatura",
        "description": "Salda.", "criteria": { "narrative": "Salda." }, "issuer": desk.url("profile.json") })
    };
    desk.put("badges/saldatura.json", &class(&desk.url("badges/saldatura.json")).to_string()).ok(201);
    let elsewhere = desk.put("badges/saldatura.json", &class("https://elsewhere.example/1").to_string()).ok(422);
    assert_eq!(elsewhere.json()["code"], "invalid");
    let png = String::from_utf8_lossy(b"<svg xmlns='http://www.w3.org/2000/svg'/>").into_owned();
    assert_eq!(desk.put("pictures/saldatura.png", &png).ok(415).json()["code"], "unsupported_type");
}

#[test]
fn the_server_serves_nothing_that_vouches_for_a_name() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    for path in ["did.json", ".well-known/did.json", ".well-known/did-configuration.json"] {
        assert_eq!(desk.put(path, "{}").status, 404, "{path}");
        assert_eq!(server.browser().get(&format!("/issuers/{}/{path}", desk.did)).status, 404, "{path}");
        assert_eq!(server.browser().get(&format!("/{path}")).status, 404, "{path}");
    }
    let own = format!("did:web:127.0.0.1%3A{}", server.url.rsplit_once(':').unwrap().1);
    let refused = server.admin(&["issuer", "add", "--json", "--public-url", &server.url, "--key", &own]);
    assert_eq!(refused.ending(1).problem(), "admin_refused");
}

#[test]
fn a_status_list_is_the_issuers_own_and_never_goes_back() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let list = |signer: &Desk, number: u32| {
        let url = desk.url("status/1");
        let list = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("{url}#{number}"),
            "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": signer.did, "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": { "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
                                   "encodedList": status::encode(&vec![0; status::MIN_BITS / 8]) }
        });
        signer.signed(&list)
    };
    desk.put("status/1", &list(&desk, 7)).ok(201);
    assert_eq!(desk.put("status/1", &list(&other, 8)).ok(422).json()["code"], "bad_award");
    assert_eq!(desk.put("status/1", &list(&desk, 6)).ok(409).json()["code"], "older_list");
    assert_eq!(desk.put("status/1", &list(&desk, 8).replace("revocation", "suspension")).ok(422).json()["code"], "bad_award");
    assert_eq!(desk.put("status/2", &list(&desk, 8)).ok(422).json()["code"], "invalid", "of another address");
    desk.put("status/1", &list(&desk, 8)).ok(200);
    let served = server.browser().get(&desk.url("status/1")).ok(200);
    assert_eq!(served.header("content-type"), Some("application/vc+ld+json"));
    assert!(served.json()["id"].as_str().unwrap().ends_with("#8"));
}

#[test]
fn an_award_that_its_own_list_revokes_is_not_kept() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let url = desk.url("status/1");
    let mut bits = vec![0; status::MIN_BITS / 8];
    // Entry 3 is revoked; the first entry is the highest bit.
    bits[0] = 0b0001_0000;
    let list = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("{url}#1"),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": desk.did, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": { "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
                               "encodedList": status::encode(&bits) }
    });
    desk.put("status/1", &desk.signed(&list)).ok(201);
    let award = |index: &str, email: &str| {
        let mut credential = desk.credential(email, "Saldatura");
        credential["credentialStatus"] = json!({ "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                                                 "statusListIndex": index, "statusListCredential": url });
        json!({ "email": email, "ob3": desk.signed(&credential) })
    };
    let results = desk.upload(&[award("3", "ada@posta.example"), award("4", "elena@posta.example")]);
    assert_eq!((&results[0]["result"], &results[0]["code"]), (&json!("refused"), &json!("revoked")));
    assert_eq!(results[1]["result"], "added", "{results:?}");
}

#[test]
fn a_list_that_revokes_a_badge_reaches_the_pages_that_show_it() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    let url = desk.url("status/1");
    let list = |number: u32, first: u8| {
        let mut bits = vec![0; status::MIN_BITS / 8];
        bits[0] = first;
        desk.signed(&json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("{url}#{number}"),
            "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": desk.did, "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": { "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
                                   "encodedList": status::encode(&bits) }
        }))
    };
    desk.put("status/1", &list(1, 0)).ok(201);
    let email = "elena@posta.example";
    let mut credential = desk.credential(email, "Saldatura");
    credential["credentialStatus"] = json!({ "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                                             "statusListIndex": "3", "statusListCredential": url });
    let results = desk.upload(&[json!({ "email": email, "ob3": desk.signed(&credential) })]);
    let id = results[0]["invitation"].as_str().unwrap().to_owned();
    let link = server.mail(email, "Saldatura").link("/claim/");
    let (mut browser, page) = register(&server, &secret(&link), email);
    let badge = browser.post(&format!("/claims/{id}"), &page, &[("keep", "private")]).ok(303).location().to_owned();
    let mut is_revoked = || browser.get(&badge).ok(200).text().contains("Revoked by its issuer");
    assert!(!is_revoked());
    desk.put("status/1", &list(2, 0b0001_0000)).ok(200);
    assert!(is_revoked());
    // Nobody takes it back by mistake: a desk that does not know of it signs such a list.
    assert_eq!(desk.put("status/1", &list(3, 0b1000_0000)).ok(409).json()["code"], "clears_revocation");
    assert!(is_revoked());
    desk.put("status/1?reinstate=true", &list(3, 0b1000_0000)).ok(200);
    assert!(!is_revoked(), "only its own entry counts");
    assert_eq!(desk.put("status/1?reinstate=perhaps", &list(4, 0)).ok(400).json()["code"], "bad_request");
    // The same for the older form.
    let older = |ids: &[&str]| {
        let entries: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "@context": "https://w3id.org/openbadges/v2", "type": "RevocationList", "id": desk.url("revocations.json"),
            "issuer": desk.url("profile.json"), "revokedAssertions": entries })
        .to_string()
    };
    desk.put("revocations.json", &older(&["urn:uuid:1"])).ok(201);
    assert_eq!(desk.put("revocations.json", &older(&["urn:uuid:2"])).ok(409).json()["code"], "clears_revocation");
    desk.put("revocations.json", &older(&["urn:uuid:1", "urn:uuid:2"])).ok(200);
    desk.put("revocations.json?reinstate=true", &older(&[])).ok(200);
}

#[test]
fn an_issuer_says_who_finds_its_achievements_and_closes_them() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let achievement = desk.credential("x@posta.example", "Saldatura")["credentialSubject"]["achievement"].clone();
    desk.put("achievements/saldatura.json", &achievement.to_string()).ok(201);
    let set = |desk: &Desk, slug: &str, state: &str| {
        desk.send("PUT", &format!("listings/{slug}"), json!({ "state": state }).to_string().as_bytes())
    };
    set(&desk, "saldatura", "published").ok(200);
    assert_eq!(set(&desk, "none", "published").ok(404).json()["code"], "not_found");
    assert_eq!(set(&desk, "saldatura", "anything").ok(400).json()["code"], "bad_request");
    assert_eq!(desk.send("GET", "listings", b"").ok(200).json()["listings"], json!({ "saldatura": "published" }));
    assert_eq!(other.send("GET", "listings", b"").ok(200).json()["listings"], json!({}));
    let open = |path: String| server.browser().get(&path).ok(200).json()["achievements"].clone();
    let path = format!("/issuers/{}/achievements", desk.did);
    assert_eq!(open(path.clone()), json!([desk.url("achievements/saldatura.json")]));
    set(&desk, "saldatura", "unlisted").ok(200);
    assert_eq!(open(path.clone()), json!([]), "one that is not published is not listed");
    server.browser().get(&desk.url("achievements/saldatura.json")).ok(200);
    desk.give("elena@posta.example", "Saldatura");
    set(&desk, "saldatura", "closed").ok(200);
    assert_eq!(desk.upload(&[desk.award("ada@posta.example", "Saldatura")])[0]["code"], "closed");
}

#[test]
fn a_desk_reads_on_in_its_invitations_and_asks_for_one() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let ids: Vec<String> = (0..3).map(|number| desk.give(&format!("p{number}@posta.example"), "Saldatura")).collect();
    let older = desk.send("GET", &format!("invitations?before={}", ids[1]), b"").ok(200).json();
    assert_eq!((&older["invitations"][0]["id"], older["invitations"].as_array().unwrap().len()), (&json!(ids[0]), 1));
    assert_eq!(older["more"], false);
    assert_eq!(desk.send("GET", "invitations?before=x", b"").ok(400).json()["code"], "bad_request");
    assert_eq!(desk.send("GET", &format!("invitations/{}", ids[2]), b"").ok(200).json()["email"], "p2@posta.example");
    other.send("GET", &format!("invitations/{}", ids[2]), b"").ok(404);
}

#[test]
fn a_desk_follows_its_invitations_and_nobody_elses() {
    let server = Running::start(&[]);
    let (desk, other) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    let id = desk.give("elena@posta.example", "Saldatura");
    server.mail("elena@posta.example", "Saldatura");
    wait_for(&desk, &id, "sent");
    let changes = desk.send("GET", "changes", b"").ok(200).json();
    let kinds: Vec<_> = changes["records"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect();
    assert!(kinds.iter().filter(|kind| *kind == "invitation").count() >= 2, "{changes}");
    assert!(!changes.to_string().contains("posta"), "a record names nobody");
    let rest = desk.send("GET", &format!("changes?cursor={}", changes["cursor"].as_str().unwrap()), b"").ok(200).json();
    assert_eq!(rest["records"], json!([]));
    assert_eq!(desk.send("GET", "changes?cursor=999999", b"").ok(410).json()["code"], "resync");

    for action in ["remind", "withdraw", "extend"] {
        assert_eq!(other.send("POST", &format!("invitations/{id}/{action}"), b"").ok(404).json()["code"], "not_found");
    }
    let award = &desk.send("GET", "invitations", b"").ok(200).json()["invitations"][0]["credential"];
    let award = format!("awards/{}", award.as_str().unwrap());
    assert!(desk.send("GET", &award, b"").ok(200).text().contains("Saldatura"));
    other.send("GET", &award, b"").ok(404);
    desk.send("POST", &format!("invitations/{id}/remind"), b"").ok(200);
    assert_eq!(server.mails_to("elena@posta.example", "Saldatura", 2).len(), 2);
    desk.send("POST", &format!("invitations/{id}/extend"), b"").ok(200);
    assert_eq!(desk.send("POST", &format!("invitations/{id}/withdraw"), b"").ok(200).json()["state"], "withdrawn");
    let refused = desk.send("POST", &format!("invitations/{id}/remind"), b"").ok(409).json();
    assert_eq!((&refused["code"], &refused["state"]), (&json!("conflict"), &json!("withdrawn")));
    assert_eq!(refused["message"], "this cannot be done now: the invitation was withdrawn");
    assert!(other.send("GET", "invitations", b"").ok(200).json()["invitations"].as_array().unwrap().is_empty());
}

#[test]
fn what_staff_withdrew_is_said_at_the_desk_and_revoked_by_whoever_sits_there() {
    let server = server_with(NO_FACTOR, &[]);
    let desk = satchel_tests::desk::Desk::new();
    server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
    desk.badge("paesaggio");
    let table = desk.table("email,language\nelena@posta.example,it-IT\nbob@posta.example,EN\n");
    let awards = desk.award("paesaggio", &table, &["--server", &server.url]).ending(0).rows();
    let publish = || desk.command(&["publish"]).run().ending(0).rows();
    let first = publish();
    // Each mail in the language of its row.
    assert!(server.mail("elena@posta.example", "paesaggio").text.contains("ti ha assegnato"));
    assert!(!server.mail("bob@posta.example", "paesaggio").text.contains("ti ha assegnato"));

    // Whoever becomes an operator signs in anew.
    member(&server, "operator@valdora.example");
    server.admin(&["staff", "add", "operator@valdora.example"]).ending(0);
    let mut operator = sign_in(&server, "operator@valdora.example", PASSWORD).0;
    let page = operator.get("/staff/invitations").ok(200);
    let invitation = first[0]["invitation"].as_str().unwrap();
    operator.post(&format!("/staff/invitations/{invitation}/withdraw"), &page, &[]).ok(303);

    // The server's word alone has nothing signed; both commands say it.
    let withdrawn = json!([awards[0]["id"]]);
    let said = |rows: Vec<Value>| rows.iter().find_map(|row| row.get("found")).map(|found| found["withdrawn"].clone());
    assert_eq!(said(publish()), Some(withdrawn.clone()));
    let rows = desk.command(&["status"]).run().ending(0).rows();
    assert_eq!((&rows[0]["state"], &rows[0]["invitation"]), (&json!("published"), &json!("withdrawn")));
    assert_eq!(said(rows), Some(withdrawn));

    let done = desk.command(&["revoke", "--withdrawn", "--reason", "withdrawn by staff"]).run().ending(0).rows();
    assert_eq!((done.len(), &done[0]["id"], &done[0]["result"]), (1, &awards[0]["id"], &json!("revoked")));
    assert_eq!(said(publish()), None);
    let host = server.url.strip_prefix("http://").unwrap();
    for (award, verdict) in [(&awards[0], "invalid"), (&awards[1], "valid")] {
        for form in ["ob3", "ob2"] {
            let shell = satchel_tests::shell::satchel(["verify", "--json", "--allow-host", host]);
            let row = shell.arg(desk.out(award[form].as_str().unwrap())).run().row();
            assert_eq!(row["verdict"], verdict, "{form}: {row}");
        }
    }
}

#[test]
fn what_staff_withdrew_of_a_key_is_revoked_by_the_one_that_succeeded_it() {
    let server = server_with(NO_FACTOR, &[]);
    let old = satchel_tests::desk::Desk::new();
    server.admin(&["issuer", "add", "--key", &old.did]).ending(0);
    old.badge("paesaggio");
    let table = old.table("email\nelena@posta.example\nbob@posta.example\n");
    let awards = old.award("paesaggio", &table, &["--server", &server.url]).ending(0).rows();
    let first = old.command(&["publish"]).run().ending(0).rows();
    // One that its own desk revoked, so that its invitation is withdrawn too; and one that staff withdrew.
    old.command(&["revoke", awards[1]["id"].as_str().unwrap(), "--reason", "given by mistake"]).run().ending(0);
    member(&server, "operator@valdora.example");
    server.admin(&["staff", "add", "operator@valdora.example"]).ending(0);
    let mut operator = sign_in(&server, "operator@valdora.example", PASSWORD).0;
    let page = operator.get("/staff/invitations").ok(200);
    let invitation = first[0]["invitation"].as_str().unwrap();
    operator.post(&format!("/staff/invitations/{invitation}/withdraw"), &page, &[]).ok(303);

    let folder = satchel_tests::shell::Folder::new();
    let took_over = old.succeeded(&folder, &server.url, "lost");
    let new = satchel_tests::desk::Desk::taken_over(folder, took_over).1;
    let said = |command: &str| {
        let rows = new.command(&[command]).run().ending(0).rows();
        rows.iter().find_map(|row| row.get("found")).map(|found| found["withdrawn"].clone())
    };
    assert_eq!([said("publish"), said("status")], [Some(json!([awards[0]["id"]])), Some(json!([awards[0]["id"]]))]);
    let done = new.command(&["revoke", "--withdrawn", "--reason", "withdrawn by staff"]).run().ending(0).rows();
    assert_eq!((done.len(), &done[0]["id"], &done[0]["result"]), (1, &awards[0]["id"], &json!("revoked")));
    assert_eq!([said("publish"), said("status")], [None, None]);
    let host = server.url.strip_prefix("http://").unwrap();
    for form in ["ob3", "ob2"] {
        let shell = satchel_tests::shell::satchel(["verify", "--json", "--allow-host", host]);
        assert_eq!(shell.arg(old.out(awards[0][form].as_str().unwrap())).run().row()["verdict"], "invalid", "{form}");
    }
}
