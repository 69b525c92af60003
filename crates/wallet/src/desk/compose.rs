//! An award in both forms, as it is signed: the forms that every program known to us accepts.

use jiff::Timestamp;
use satchel_badge::sign::KEY_STATEMENT;
use serde_json::{Map, Value, json};

use super::issuer::OB2;
use super::recipients::Recipient;
use super::{Badge, Issuer};
use crate::{Sha256, random};

/// The contexts of Open Badges 3.0. The version that is named is the one that is signed.
const CONTEXTS: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];

/// Bytes of salt.
const SALT: usize = 16;

/// What an award says that another of the same badge does not.
pub(super) struct Award<'a> {
    /// `urn:uuid:…`, of both forms.
    pub id: String,
    pub to: &'a Recipient,
    salt: String,
    pub issued: Timestamp,
    /// A list of revoked awards, and the place in it.
    pub status: Option<(i64, i64)>,
}

impl<'a> Award<'a> {
    /// A new one.
    pub fn new(to: &'a Recipient, status: Option<(i64, i64)>, now: Timestamp) -> Self {
        let salt = bs58::encode(random::bytes::<SALT>()).into_string();
        Self { id: random::urn(), to, salt, issued: to.issued.unwrap_or(now), status }
    }

    /// The address, hashed as both versions of the standard have it (OB 3.0, `IdentityHash`).
    fn identity(&self) -> String {
        format!("sha256${}", Sha256::of(format!("{}{}", self.to.email.normal(), self.salt).as_bytes()))
    }

    /// The Open Badges 3.0 form.
    pub fn credential(&self, issuer: &Issuer, badge: &Badge, picture: &str) -> Value {
        let mut credential = frame(&self.id, &issuer.profile3(), badge, picture, self.issued);
        credential["credentialSubject"]["identifier"] = json!([{ "type": "IdentityObject", "hashed": true,
            "identityHash": self.identity(), "identityType": "emailAddress", "salt": self.salt }]);
        if let Some(expires) = self.to.expires {
            credential["validUntil"] = json!(second(expires));
        }
        if let Some(narrative) = &self.to.narrative {
            credential["credentialSubject"]["narrative"] = json!(narrative);
        }
        if let Some(url) = &self.to.evidence {
            credential["evidence"] = json!([{ "id": url, "type": ["Evidence"] }]);
        }
        if let Some((list, position)) = self.status
            && let Some(url) = issuer.address(&issuer.list_path(list))
        {
            credential["credentialStatus"] = json!({ "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                "statusListIndex": position.to_string(), "statusListCredential": url });
        }
        credential
    }

    /// The Open Badges 2.0 form; none where the issuer has no address.
    pub fn assertion(&self, issuer: &Issuer, badge: &Badge, picture: &str) -> Option<Value> {
        let key = issuer.address(&issuer.key_path())?;
        let mut class = json!({ "type": "BadgeClass", "id": badge.id, "name": badge.name, "description": badge.description,
            "image": picture, "criteria": criteria(badge), "issuer": issuer.profile2() });
        if !badge.tags.is_empty() {
            class["tags"] = json!(badge.tags);
        }
        if !badge.alignment.is_empty() {
            class["alignment"] = json!(badge.alignment.iter().map(older_alignment).collect::<Vec<_>>());
        }
        let mut assertion = json!({ "@context": OB2, "type": "Assertion", "id": self.id,
            "recipient": { "type": "email", "hashed": true, "salt": self.salt, "identity": self.identity() },
            "issuedOn": second(self.issued), "badge": class,
            "verification": { "type": "SignedBadge", "creator": key } });
        assertion[KEY_STATEMENT] = json!(issuer.statement);
        if let Some(expires) = self.to.expires {
            assertion["expires"] = json!(second(expires));
        }
        if let Some(narrative) = &self.to.narrative {
            assertion["narrative"] = json!(narrative);
        }
        if let Some(url) = &self.to.evidence {
            assertion["evidence"] = json!([{ "type": "Evidence", "id": url }]);
        }
        Some(assertion)
    }
}

/// A credential of this badge for nobody, of another key: whether it may be signed at all.
pub(super) fn sample(issuer: &Issuer, did: &str, badge: &Badge, now: Timestamp) -> Value {
    let mut profile = issuer.profile3();
    profile["id"] = json!(did);
    let mut sample = frame(&random::urn(), &profile, badge, "https://badges.example/picture.png", now);
    sample["credentialSubject"]["id"] = json!("mailto:nobody@badges.example");
    sample
}

fn frame(id: &str, issuer: &Value, badge: &Badge, picture: &str, issued: Timestamp) -> Value {
    json!({ "@context": CONTEXTS, "id": id, "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": badge.name,
        "issuer": issuer, "validFrom": second(issued), "awardedDate": second(issued),
        "credentialSubject": { "type": ["AchievementSubject"], "achievement": achievement(badge, picture) } })
}

/// The achievement (OB 3.0, `Achievement`).
pub(super) fn achievement(badge: &Badge, picture: &str) -> Value {
    let mut image = json!({ "id": picture, "type": "Image" });
    if let Some(caption) = &badge.caption {
        image["caption"] = json!(caption);
    }
    let mut achievement = json!({ "id": badge.id, "type": ["Achievement"], "name": badge.name, "description": badge.description,
        "criteria": criteria(badge), "image": image });
    if let Some(kind) = &badge.achievement_type {
        achievement["achievementType"] = json!(kind);
    }
    if let Some(language) = &badge.language {
        achievement["inLanguage"] = json!(language);
    }
    if !badge.tags.is_empty() {
        achievement["tag"] = json!(badge.tags);
    }
    if !badge.alignment.is_empty() {
        achievement["alignment"] = badge.alignment.iter().map(alignment).collect();
    }
    achievement
}

fn criteria(badge: &Badge) -> Value {
    let members = [("id", &badge.criteria), ("narrative", &badge.narrative)];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.clone()?)))).collect()
}

fn alignment(members: &Map<String, Value>) -> Value {
    let mut alignment = members.clone();
    alignment.insert(String::from("type"), json!(["Alignment"]));
    Value::Object(alignment)
}

/// Open Badges 2.0 knows no `targetType` (3.6).
fn older_alignment(members: &Map<String, Value>) -> Value {
    members.iter().filter(|(name, _)| *name != "targetType").map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A time as both versions take it, in whole seconds.
pub(super) fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
