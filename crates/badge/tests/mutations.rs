//! Changing anything that was signed or is served makes a badge invalid or undecided, never valid (security.md, V01): every value, key and
//! element of a rich award, one at a time, then a few at random.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod help;

use help::*;
use proptest::prelude::*;
use satchel_badge::bake::bake;
use satchel_badge::check::{Policy, check};
use satchel_badge::container::open_bytes;
use satchel_badge::evidence::Evidence;
use satchel_badge::report::Verdict;
use satchel_badge::sign::Signer;
use serde_json::{Value, json};

/// Every member that Open Badges 3.0 knows, more or less.
fn rich() -> Value {
    let id = award()["id"].clone();
    let endorsement = signed_by(
        &json!({
            "@context": [VC, OB], "id": "urn:uuid:e0", "type": ["VerifiableCredential", "EndorsementCredential"], "name": "Well done",
            "issuer": {"id": stranger().controller(), "type": ["Profile"]}, "validFrom": "2026-02-01T00:00:00Z",
            "credentialSubject": {"id": id, "type": ["EndorsementSubject"], "endorsementComment": "I saw it."},
        }),
        &stranger(),
    );
    let other = json!([{"type": "IdentifierEntry", "identifier": "4711", "identifierType": "systemId"}]);
    // Each with an address of its own: what is said twice about one thing is said once in quads, so one of the two may go.
    let image = |of: &str| json!({"id": format!("https://issuer.example/{of}.png"), "type": "Image", "caption": "A torch"});
    award_with(json!({
        "name": "Welding, with honours", "description": "For a seam without a fault.", "image": image("award"), "awardedDate": "2025-12-24T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z", "credentialStatus": entry(4), "endorsement": [endorsement],
        "issuer": {
            "id": issuer(), "type": ["Profile"], "name": "Istituto Volta", "url": "https://issuer.example/", "email": "badges@issuer.example",
            "phone": "+39 000", "description": "A school.", "image": image("school"), "otherIdentifier": other, "official": "A. Volta",
            "address": {"type": ["Address"], "addressCountry": "Italy", "addressLocality": "Como", "streetAddress": "Via 1"},
        },
        "evidence": [
            {"id": "https://issuer.example/seams/1", "type": ["Evidence"], "name": "The seam", "narrative": "Two plates.", "genre": "Photo"},
            {"type": ["Evidence"], "narrative": "Seen by the master.", "audience": "All", "description": "A note"},
        ],
        "credentialSubject": {
            "id": "mailto:ada@example.org", "type": ["AchievementSubject"], "activityStartDate": "2025-09-01T00:00:00Z",
            "creditsEarned": 6, "role": "Apprentice", "licenseNumber": "L-17", "term": "Winter", "narrative": "Worked hard.",
            "identifier": [{"type": "IdentityObject", "hashed": true, "identityType": "emailAddress", "salt": "Kosher",
                "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"}],
            "result": [
                {"type": ["Result"], "resultDescription": "urn:uuid:r1", "value": "28"},
                {"type": ["Result"], "resultDescription": "urn:uuid:r2", "status": "Completed", "achievedLevel": "urn:uuid:l1"},
            ],
            "achievement": {
                "id": "urn:uuid:0d6c5f1f-6b3a-4f0e-8f3e-5f0c4f5e2a10", "type": ["Achievement"], "name": "Welding", "achievementType": "Badge",
                "description": "Joins two pieces of steel.", "criteria": {"id": "https://issuer.example/criteria", "narrative": "Shown."},
                "humanCode": "W1", "fieldOfStudy": "Metal", "specialization": "Steel", "version": "2", "inLanguage": "en",
                "creditsAvailable": 6, "tag": ["steel", "torch"], "image": image("welding"), "otherIdentifier": other,
                "creator": {"id": "https://creator.example/", "type": ["Profile"], "name": "Guild"},
                "alignment": [{"type": ["Alignment"], "targetName": "Joining", "targetUrl": "https://esco.example/1", "targetCode": "1",
                    "targetDescription": "Joins.", "targetFramework": "ESCO", "targetType": "ceasn:Competency"}],
                "related": [{"id": "https://issuer.example/soldering", "type": ["Related"], "inLanguage": "en", "version": "1"}],
                "resultDescription": [
                    {"id": "urn:uuid:r1", "type": ["ResultDescription"], "name": "Mark", "resultType": "Percent", "valueMin": "0", "valueMax": "30",
                        "requiredValue": "18"},
                    {"id": "urn:uuid:r2", "type": ["ResultDescription"], "name": "Level", "resultType": "RubricCriterionLevel",
                        "allowedValue": ["low", "high"], "requiredLevel": "urn:uuid:l1",
                        "rubricCriterionLevel": [{"id": "urn:uuid:l1", "type": ["RubricCriterionLevel"], "name": "Master", "level": "3",
                            "points": "10", "description": "Does it alone."}]},
                ],
            },
        },
    }))
}

fn lists() -> Evidence {
    served([(LIST, signed(&list_of(&[5])))])
}

/// The addresses (RFC 6901) of every value inside `value`.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, out: &mut Vec<String>) {
        let mut visit = |name: String, inner: &Value| {
            let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            walk(inner, &at, out);
            out.push(at);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, inner)| visit(name.clone(), inner)),
            Value::Array(values) => values.iter().enumerate().for_each(|(at, inner)| visit(at.to_string(), inner)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    out
}

/// What may be done to one place, with what it is called.
const CHANGES: [&str; 6] = ["changed", "removed", "duplicated", "renamed", "emptied", "swapped"];

/// `document` with the value at `pointer` changed; none where that change has no meaning there.
fn mutate(document: &Value, pointer: &str, change: &str) -> Option<Value> {
    let mut out = document.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    if change == "changed" || change == "emptied" {
        let target = out.pointer_mut(pointer).unwrap();
        *target = match (&*target, change) {
            (Value::String(text), "changed") => Value::from(flip(text)),
            (Value::Number(number), "changed") => Value::from(number.as_i64().unwrap_or_default() + 1),
            (Value::Bool(flag), "changed") => Value::from(!flag),
            (Value::Object(_), "emptied") => json!({}),
            (Value::Array(_), "emptied") => json!([]),
            (Value::String(_), "emptied") => json!(""),
            _ => return None,
        };
        return Some(out);
    }
    match (out.pointer_mut(parent).unwrap(), change) {
        (Value::Object(map), "removed") => {
            map.remove(&name);
        }
        (Value::Object(map), "renamed") => {
            let value = map.remove(&name).unwrap();
            map.insert(flip(&name), value);
        }
        (Value::Array(values), change) => {
            let at: usize = name.parse().unwrap();
            match change {
                "removed" => drop(values.remove(at)),
                "duplicated" => values.insert(at, values[at].clone()),
                "swapped" if at > 0 => values.swap(at, at - 1),
                _ => return None,
            }
        }
        _ => return None,
    }
    (out != *document).then_some(out)
}

/// A text with its last letter or digit changed, so that an address stays one.
fn flip(text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    match chars.iter_mut().rev().find(|c| c.is_ascii_alphanumeric()) {
        Some(last) => *last = if *last == '1' { '2' } else { '1' },
        None => chars.push('1'),
    }
    chars.into_iter().collect()
}

/// Changes that say the same thing, because what they change is a set (JSON-LD 1.1, 4.3.2): its order, and an entry stated twice when the
/// entry has a name of its own. The contexts of an endorsement repeat those of the award around it; without them the endorsement fails,
/// which has a verdict of its own.
fn is_the_same(pointer: &str, change: &str, document: &Value) -> bool {
    if pointer.starts_with("/endorsement/0/@context") {
        return true;
    }
    let parent = pointer.rsplit_once('/').unwrap().0;
    let is_set = !parent.ends_with("@context") && !parent.ends_with("allowedValue");
    let value = document.pointer(pointer).unwrap();
    let named = value.is_string() || value.get("id").is_some();
    match change {
        "swapped" => is_set,
        "duplicated" => is_set && named || parent.ends_with("@context"),
        _ => false,
    }
}

fn valid(bytes: impl AsRef<[u8]>, evidence: &Evidence) -> bool {
    check(bytes.as_ref(), evidence, &Policy::default(), now()).iter().any(|report| report.verdict == Verdict::Valid)
}

#[test]
fn every_change_to_a_rich_award_is_seen() {
    let badge = signed(&rich());
    let evidence = lists();
    expect_valid(&ask(badge.to_string(), &evidence));
    let mut unseen = Vec::new();
    for pointer in pointers(&badge) {
        for change in CHANGES {
            let Some(changed) = mutate(&badge, &pointer, change) else { continue };
            if valid(changed.to_string(), &evidence) && !is_the_same(&pointer, change, &badge) {
                unseen.push(format!("{change} {pointer}"));
            }
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn every_member_added_to_a_rich_award_is_seen() {
    let badge = signed(&rich());
    let evidence = lists();
    let mut unseen = Vec::new();
    let places: Vec<String> = pointers(&badge).into_iter().chain([String::new()]).collect();
    for pointer in places.iter().filter(|pointer| badge.pointer(pointer).unwrap().is_object()) {
        for (name, value) in
            [("narrative2", json!("for free")), ("https://evil.example/x", json!("for free")), ("@index", json!("for free"))]
        {
            let mut changed = badge.clone();
            changed.pointer_mut(pointer).unwrap()[name] = value;
            if valid(changed.to_string(), &evidence) {
                unseen.push(format!("{name} at {pointer}"));
            }
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn every_byte_of_a_token_counts() {
    let token = jwt(&json!({"alg": "EdDSA", "kid": key().key_url()}), &claims(&award()), by(&key()));
    expect_valid(&ask(&token, &Evidence::default()));
    for at in 0..token.len() {
        for with in [b'A', b'B', b'.', b'-', token.as_bytes()[at] ^ 1] {
            let mut changed = token.clone().into_bytes();
            if changed[at] != with {
                changed[at] = with;
                assert!(!valid(&changed, &Evidence::default()), "byte {at} to {}", char::from(with));
            }
        }
    }
}

#[test]
fn every_byte_of_the_badge_in_a_picture_counts() {
    let text = signed(&award()).to_string();
    let png = bake(&pixel(), text.as_bytes()).unwrap();
    expect_valid(&ask(&png, &Evidence::default()));
    for at in 33..png.len() - 36 {
        let mut changed = png.clone();
        changed[at] ^= 1;
        let reports = check(&changed, &Evidence::default(), &Policy::default(), now());
        assert!(reports.iter().all(|report| report.verdict != Verdict::Valid), "byte {at}");
    }
}

#[test]
fn a_badge_that_was_damaged_inside_its_chunk_is_invalid_whatever_is_left_of_it() {
    // The chunk's checksum tells that it was a badge once: that is not "no badge here" (design.md, Verdicts: never undecided).
    let text = signed(&award()).to_string();
    let png = bake(&pixel(), text.as_bytes()).unwrap();
    let start = 33 + 8 + 24;
    let mut others = Vec::new();
    for at in start..start + text.len() {
        let mut changed = png.clone();
        changed[at] ^= 1;
        let verdict = check(&changed, &Evidence::default(), &Policy::default(), now())[0].verdict;
        if verdict != Verdict::Invalid {
            others.push((at - start, verdict.name()));
        }
    }
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn every_letter_of_the_badge_in_an_svg_counts() {
    let text = signed(&award()).to_string();
    let svg = bake(SVG.as_bytes(), text.as_bytes()).unwrap();
    expect_valid(&ask(&svg, &Evidence::default()));
    let start = svg.windows(9).position(|window| window == b"<![CDATA[").unwrap() + 9;
    for at in start..start + text.len() {
        let mut changed = svg.clone();
        changed[at] ^= 1;
        let report = check(&changed, &Evidence::default(), &Policy::default(), now()).remove(0);
        // The order of a set and the space around a word carry nothing; a flipped bit makes neither.
        assert_ne!(report.verdict, Verdict::Valid, "byte {}", at - start);
    }
}

#[test]
fn every_change_to_a_status_list_leaves_the_status_open() {
    let list = signed(&list_of(&[5]));
    let badge = signed(&award_with(json!({"credentialStatus": entry(4)}))).to_string();
    for pointer in pointers(&list) {
        for change in CHANGES {
            let Some(changed) = mutate(&list, &pointer, change) else { continue };
            let kept = valid(&badge, &served([(LIST, changed)]));
            assert!(!kept || is_the_same(&pointer, change, &list), "{change} {pointer}");
        }
    }
}

// ---- Open Badges 2.0, hosted ----

fn at_host(path: &str) -> String {
    format!("https://example.org/{path}")
}

fn hosted() -> (Value, Value, Value) {
    let context = "https://w3id.org/openbadges/v2";
    let profile = json!({"@context": context, "type": "Issuer", "id": at_host("i.json"), "name": "Volta", "url": at_host(""),
        "email": "badges@example.org"});
    let class = json!({"@context": context, "type": "BadgeClass", "id": at_host("b.json"), "name": "Welding", "description": "Joins steel.",
        "image": at_host("b.png"), "criteria": {"narrative": "Shown."}, "issuer": at_host("i.json"), "tags": ["steel", "torch"],
        "alignment": [{"targetName": "Joining", "targetUrl": "https://esco.example/1"}]});
    let assertion = json!({"@context": context, "type": "Assertion", "id": at_host("a.json"), "badge": at_host("b.json"),
        "recipient": {"type": "email", "hashed": true, "salt": "Kosher",
            "identity": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"},
        "issuedOn": "2026-01-01T00:00:00Z", "expires": "2030-01-01T00:00:00Z", "narrative": "Worked hard.",
        "evidence": [{"id": at_host("work"), "narrative": "Two plates."}], "verification": {"type": "HostedBadge"}});
    (assertion, class, profile)
}

#[test]
fn every_change_to_a_hosted_assertion_in_a_file_is_seen() {
    let (assertion, class, profile) = hosted();
    let served = served([
        (at_host("a.json").as_str(), assertion.clone()),
        (at_host("b.json").as_str(), class.clone()),
        (at_host("i.json").as_str(), profile.clone()),
    ]);
    let embedded = merged(assertion.clone(), json!({"badge": merged(class, json!({"issuer": profile}))}));
    let mut unseen = Vec::new();
    for file in [assertion, embedded] {
        expect_valid(&ask(file.to_string(), &served));
        for pointer in pointers(&file) {
            for change in CHANGES {
                let Some(changed) = mutate(&file, &pointer, change) else { continue };
                // What a file leaves out, its host says.
                // And the contexts inside an embedded description say nothing that its host's own do not.
                let is_context = pointer.ends_with("/@context") && pointer != "/@context";
                let is_less =
                    is_context || change == "removed" || change == "emptied" && file.pointer(&pointer).unwrap().is_object();
                if valid(changed.to_string(), &served) && !is_less {
                    unseen.push(format!("{change} {pointer}"));
                }
            }
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}

// ---- At random ----

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_few_changes_at_random_are_seen(picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..CHANGES.len()), 1..4)) {
        let badge = signed(&rich());
        let mut changed = badge.clone();
        let mut same = true;
        for (place, change) in picks {
            let places = pointers(&changed);
            let pointer = &places[place.index(places.len())];
            if let Some(next) = mutate(&changed, pointer, CHANGES[change]) {
                same &= is_the_same(pointer, CHANGES[change], &changed);
                changed = next;
            }
        }
        let text = changed.to_string();
        prop_assert!(!valid(&text, &lists()) || same || changed == badge);
        let baked = bake(&pixel(), badge.to_string().as_bytes()).unwrap();
        prop_assert_eq!(open_bytes(&baked).embedded.len(), 1);
    }
}
