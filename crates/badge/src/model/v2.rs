//! Open Badges 0.5, 1.0, 1.1 and 2.0: an assertion with its badge class and its issuer, embedded or handed in.

use serde_json::Value;

use super::{
    Achievement, Badge, Identity, Profile, Recipient, Version, alignment, evidence, id_of, image, list, profile, strings, text,
    types,
};
use crate::time;

/// Reads an assertion. `class` and `issuer` are the linked documents where the assertion only names them.
pub fn read_assertion(assertion: &Value, class: Option<&Value>, issuer: Option<&Value>, version: Version) -> Badge {
    let class = class.or_else(|| assertion.get("badge").filter(|badge| badge.is_object()));
    let issuer = issuer.or_else(|| class.and_then(|class| class.get("issuer")));
    let when = |names: [&str; 2]| names.iter().find_map(|name| time::parse_loose(assertion.get(name)?));
    Badge {
        version,
        types: types(assertion),
        id: id_of(assertion).or_else(|| text(assertion, "uid")),
        name: class.and_then(|class| text(class, "name")),
        description: class.and_then(|class| text(class, "description")),
        achievement: class.map(read_class),
        issuer: issuer.map(|issuer| read_issuer(issuer, version)),
        recipient: recipient(assertion),
        issued_on: when(["issuedOn", "issued_on"]),
        awarded_on: None,
        expires: when(["expires", "expires"]),
        narrative: text(assertion, "narrative"),
        image: image(assertion, "image"),
        evidence: list(assertion, "evidence").iter().map(evidence).collect(),
        results: Vec::new(),
        endorsements: list(assertion, "endorsement").len() + class.map_or(0, |class| list(class, "endorsement").len()),
        data: assertion.clone(),
    }
}

/// Reads an endorsement of Open Badges 2.0 (OB 2.0, 3.9).
pub fn read_endorsement(endorsement: &Value) -> Badge {
    let claim = endorsement.get("claim").unwrap_or(&Value::Null);
    let issuer = endorsement.get("issuer").map(|issuer| read_issuer(issuer, Version::Ob20));
    Badge {
        issuer,
        recipient: Recipient { id: id_of(claim), ..Recipient::default() },
        narrative: text(claim, "endorsementComment"),
        ..read_assertion(endorsement, None, None, Version::Ob20)
    }
}

fn read_class(class: &Value) -> Achievement {
    let criteria = list(class, "criteria").first();
    let alignments = [list(class, "alignment"), list(class, "alignments")].concat();
    Achievement {
        id: id_of(class),
        kind: None,
        name: text(class, "name"),
        description: text(class, "description"),
        criteria: criteria.and_then(|criteria| text(criteria, "narrative")),
        criteria_url: criteria.and_then(id_of),
        image: image(class, "image"),
        alignment: alignments.iter().map(alignment).collect(),
        tags: strings(class, "tags"),
        creator: None,
    }
}

/// In 0.5 the issuer is known by its origin alone.
fn read_issuer(issuer: &Value, version: Version) -> Profile {
    let origin = text(issuer, "origin").filter(|_| version == Version::Ob05);
    let read = profile(issuer);
    Profile { id: read.id.or_else(|| origin.clone()), url: read.url.or(origin), ..read }
}

fn recipient(assertion: &Value) -> Recipient {
    let identities = list(assertion, "recipient")
        .iter()
        .filter_map(|value| match value {
            // 0.5: the address or its hash, with the salt beside it.
            Value::String(identity) => Some(Identity {
                kind: Some("email".to_owned()),
                hashed: identity.contains('$') && !identity.contains('@'),
                value: identity.clone(),
                salt: text(assertion, "salt"),
            }),
            value => Some(Identity {
                kind: text(value, "type"),
                hashed: value.get("hashed") == Some(&Value::Bool(true)),
                value: text(value, "identity")?,
                salt: text(value, "salt"),
            }),
        })
        .collect();
    Recipient { id: None, name: None, identities }
}
