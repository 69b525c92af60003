//! Open Badges 3.0 and other verifiable credentials, in the VC 1.1 and VC 2.0 data models (OB 3.0, appendix B).

use serde_json::Value;

use super::{
    Achievement, Badge, Identity, Profile, Recipient, ResultEntry, Version, alignment, evidence, has_type, id_of, image, list,
    profile, strings, text, types,
};
use crate::time;

/// Reads a credential. What is missing or of another type than the standard's is left out here and found by the schema.
/// The credential itself is put in by whoever has it.
pub(crate) fn read_credential(credential: &Value, version: Version) -> Badge {
    // Of several subjects the order is not signed, so none of them is the one.
    let subject = match list(credential, "credentialSubject") {
        [subject] => subject,
        _ => &Value::Null,
    };
    let achieved = list(subject, "achievement").first().filter(|value| value.is_object());
    let achievement = achieved.map(read_achievement);
    let when = |name: &str| text(credential, name).and_then(|text| time::parse_strict(&text));
    let of_achievement = |get: fn(&Achievement) -> Option<String>| achievement.as_ref().and_then(get);
    Badge {
        version,
        types: types(credential),
        id: id_of(credential),
        name: text(credential, "name").or_else(|| of_achievement(|achievement| achievement.name.clone())),
        description: text(credential, "description").or_else(|| of_achievement(|achievement| achievement.description.clone())),
        issuer: list(credential, "issuer").first().map(profile),
        recipient: recipient(subject),
        issued_on: when("validFrom").or_else(|| when("issuanceDate")),
        awarded_on: when("awardedDate"),
        expires: [when("validUntil"), when("expirationDate")].into_iter().flatten().min(),
        narrative: text(subject, "narrative"),
        image: image(credential, "image").or_else(|| image(subject, "image")),
        evidence: list(credential, "evidence").iter().map(evidence).collect(),
        results: list(subject, "result").iter().map(|result| read_result(result, achieved)).collect(),
        endorsements: [credential, achieved.unwrap_or(&Value::Null)]
            .iter()
            .map(|value| list(value, "endorsement").len() + list(value, "endorsementJwt").len())
            .sum(),
        achievement,
        data: Value::Null,
    }
}

/// An achievement, as an issuer describes it.
pub fn read_achievement(value: &Value) -> Achievement {
    let criteria = list(value, "criteria").first().unwrap_or(&Value::Null);
    Achievement {
        id: id_of(value),
        kind: text(value, "achievementType"),
        name: text(value, "name"),
        description: text(value, "description"),
        criteria: text(criteria, "narrative"),
        criteria_url: text(criteria, "id"),
        image: image(value, "image"),
        alignment: list(value, "alignment").iter().map(alignment).collect(),
        tags: strings(value, "tag"),
        creator: list(value, "creator").first().map(|creator| Box::<Profile>::new(profile(creator))),
    }
}

fn recipient(subject: &Value) -> Recipient {
    let identity = |value: &Value| {
        Some(Identity {
            kind: text(value, "identityType"),
            hashed: value.get("hashed") == Some(&Value::Bool(true)),
            value: text(value, "identityHash")?,
            salt: text(value, "salt"),
        })
    };
    let identifiers = list(subject, "identifier").iter();
    let objects = identifiers.filter(|value| has_type(value, "IdentityObject") || value.get("identityHash").is_some());
    Recipient { id: id_of(subject), name: text(subject, "name"), identities: objects.filter_map(identity).collect() }
}

fn read_result(value: &Value, achievement: Option<&Value>) -> ResultEntry {
    let described = text(value, "resultDescription").and_then(|id| {
        let descriptions = list(achievement?, "resultDescription");
        descriptions.iter().find(|description| text(description, "id").as_deref() == Some(&id))
    });
    let level = text(value, "achievedLevel").map(|id| {
        let levels = described.map(|description| list(description, "rubricCriterionLevel")).unwrap_or_default();
        levels.iter().find(|level| text(level, "id").as_deref() == Some(&id)).and_then(|level| text(level, "name")).unwrap_or(id)
    });
    ResultEntry {
        name: described.and_then(|description| text(description, "name")),
        value: text(value, "value").or(level),
        status: text(value, "status"),
    }
}
