//! Awards that other systems propose (a learning platform, a script). A proposal is a wish: a desk signs the award or does not. One that
//! carries the signature of a key can be signed for by a rule of the desk's owner, who has signed that key into a list (security.md, V07).
//!
//! Such a signature is a compact JWS with `"typ": "satchel-proposal+jwt"` and `kid`, a `did:key` with its fragment; its claims are `iss` (that
//! `did:key`), `aud` (the issuer's DID), `iat`, `jti` (16 to 100 characters that never come again), and the members of a [`Wish`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_badge::key::PublicKey;
use satchel_badge::{did, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Code, EmailAddress, Id, Problem, Stands};

/// The longest text of a wish, in characters.
const LONGEST: usize = 10_000;

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = proposal::State)]
pub enum State {
    /// Nobody has decided yet.
    Waiting,
    /// The award was signed, and its recipient is invited.
    Granted,
    /// The desk's staff decided against it.
    Declined,
    /// The system took it back.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

impl State {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Waiting, "waiting"),
        (Self::Granted, "granted"),
        (Self::Declined, "declined"),
        (Self::Withdrawn, "withdrawn"),
        (Self::Expired, "expired"),
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// How a proposal stands that lets something not be done.
    pub fn stands(self) -> Stands {
        let both = match self {
            Self::Waiting => ("the proposal waits for a decision", "la proposta attende una decisione"),
            Self::Granted => ("the badge was awarded", "il badge è stato assegnato"),
            Self::Declined => ("the proposal was declined", "la proposta è stata rifiutata"),
            Self::Withdrawn => ("the proposal was withdrawn", "la proposta è stata ritirata"),
            Self::Expired => ("the time of the proposal has run out", "la proposta è scaduta"),
        };
        Stands { name: self.name(), both }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = proposal::Wish)]
pub struct Wish {
    /// The badge, by the name under which its issuer publishes it.
    pub badge: String,
    /// Who is to get it.
    pub email: EmailAddress,
    /// The name for the greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of the mail, `en` or `it`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// From when it counts: a date or a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Where the evidence is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_url: Option<String>,
    /// What the recipient did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrative: Option<String>,
}

impl Wish {
    /// Reads a wish, or the one that is signed in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &[u8], issuer: &str) -> Result<(Self, Option<Signed>), Problem> {
        let bad = |words: String| Problem::new(Code::BadRequest, [words]);
        let value = json::parse(body).map_err(|_| bad(String::from("an object in JSON is expected")))?;
        let members = value.as_object().ok_or_else(|| bad(String::from("an object is expected")))?;
        let signed = match members.get("signed") {
            None => None,
            Some(Value::String(jws)) if members.len() == 1 => Some(Signed::verify(jws, issuer)?),
            Some(_) => return Err(bad(String::from("beside `signed`, a text, there is nothing else: all that counts is in it"))),
        };
        let wish = match &signed {
            Some(signed) => signed.wish.clone(),
            None => serde_json::from_value(value).map_err(|error| bad(error.to_string()))?,
        };
        let texts = [&wish.name, &wish.language, &wish.issued_on, &wish.expires, &wish.evidence_url, &wish.narrative];
        let long = texts.into_iter().flatten().any(|text| text.chars().count() > LONGEST);
        if long { Err(Problem::new(Code::TooLarge, [format!("{LONGEST}")])) } else { Ok((wish, signed)) }
    }
}

/// A proposal that a key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key, a `did:key`.
    pub key: String,
    /// When it was signed, in seconds since 1970.
    pub made: i64,
    /// What makes it one of its kind: the same signature counts once.
    pub id: String,
    /// What is proposed.
    pub wish: Wish,
}

impl Signed {
    /// Reads a signature that is made for this issuer. Whether it is fresh, and whether that key may propose, is for the caller to say.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(jws: &str, issuer: &str) -> Result<Self, Problem> {
        let bad = |what: &str| Problem::new(Code::BadSignature, [what.to_owned()]);
        let mut parts = jws.split('.');
        let (Some(head), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(bad("a compact JWS is expected"));
        };
        let decode = |part: &str, what| URL_SAFE_NO_PAD.decode(part).map_err(|_| bad(what));
        let parse = |part: &str, what| json::parse(&decode(part, what)?).map_err(|_| bad(what));
        let (header, mut claims) = (parse(head, "header")?, parse(payload, "claims")?);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if text(&header, "typ").as_deref() != Some("satchel-proposal+jwt") || header.get("crit").is_some() {
            return Err(bad("typ"));
        }
        if !matches!(text(&header, "alg").as_deref(), Some("EdDSA" | "Ed25519")) {
            return Err(bad("alg"));
        }
        let kid = text(&header, "kid").ok_or_else(|| bad("kid"))?;
        let key = did::key_of_did_key(&kid).filter(|key| matches!(key, PublicKey::Ed25519(_))).ok_or_else(|| bad("kid"))?;
        let message = jws.rsplit_once('.').map_or("", |(message, _)| message);
        if !key.verify(message.as_bytes(), &decode(signature, "signature")?) {
            return Err(bad("signature"));
        }
        let name = did::without_fragment(&kid).to_owned();
        if text(&claims, "iss").as_deref() != Some(&name) {
            return Err(bad("iss"));
        }
        if text(&claims, "aud").as_deref() != Some(issuer) {
            return Err(bad("aud"));
        }
        let made = claims.get("iat").and_then(Value::as_i64).ok_or_else(|| bad("iat"))?;
        let id = text(&claims, "jti").filter(|id| (16..=100).contains(&id.chars().count())).ok_or_else(|| bad("jti"))?;
        if let Some(members) = claims.as_object_mut() {
            for claim in ["iss", "aud", "iat", "jti"] {
                members.remove(claim);
            }
        }
        let wish = serde_json::from_value(claims).map_err(|error| bad(&error.to_string()))?;
        Ok(Self { key: name, made, id, wish })
    }
}

/// How a proposal stands, for the system that made it. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = proposal::Standing)]
pub struct Standing {
    /// Its id.
    pub id: Id,
    /// The badge.
    pub badge: String,
    /// Where it stands.
    pub state: State,
    /// Why it was declined, in the words of the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The identifier of the award.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// A proposal that waits, for the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = proposal::Waiting)]
pub struct Waiting {
    /// Its id.
    pub id: Id,
    /// The system that made it, by the name that it was given.
    pub system: String,
    /// When it came, in microseconds since 1970.
    pub created: i64,
    /// What is proposed.
    pub wish: Wish,
    /// The signature that it carries, if it does; the wish is what is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

/// What the desk decides without an award.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = proposal::Decline)]
pub struct Decline {
    /// Why, for the system.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A system that may propose.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = proposal::NewProposer)]
pub struct NewProposer {
    /// What it is called at the desk.
    pub name: String,
    /// The badges that it may propose; none means all.
    #[serde(default)]
    pub badges: Vec<String>,
    /// How many it may propose within 24 hours.
    #[serde(default = "daily")]
    pub daily: u32,
    /// Where it is told what became of its proposals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
}

/// How many a system may propose within 24 hours, where nobody says.
pub const DAILY: u32 = 100;

const fn daily() -> u32 {
    DAILY
}

/// A system as the desk sees it. Token and secret are told once, to whoever made them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = proposal::Proposer)]
pub struct Proposer {
    /// Its id.
    pub id: Id,
    /// What it is called.
    pub name: String,
    /// The badges that it may propose; none means all.
    pub badges: Vec<String>,
    /// How many it may propose within 24 hours.
    pub daily: i64,
    /// Where it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Whether it may propose no more.
    pub ended: bool,
    /// What it proposes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What messages to it are signed with (Standard Webhooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

#[cfg(test)]
mod tests {
    use satchel_badge::sign::{Ed25519Signer, Signer};
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw";

    /// A signed proposal, with some members of its header and of its claims changed.
    fn signed(header: &Value, claims: &Value) -> Result<Signed, Code> {
        let key = Ed25519Signer::did_key(&[7; 32]);
        let mut head = json!({ "alg": "EdDSA", "typ": "satchel-proposal+jwt", "kid": key.key_url() });
        let mut said = json!({ "iss": key.controller(), "aud": ISSUER, "iat": 1_795_521_600, "jti": "0123456789abcdef",
                               "badge": "saldatura", "email": "ada@posta.example" });
        for (of, other) in [(&mut head, header), (&mut said, claims)] {
            for (name, value) in other.as_object().into_iter().flatten() {
                of[name] = value.clone();
            }
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&head), part(&said));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).unwrap());
        Signed::verify(&format!("{message}.{signature}"), ISSUER).map_err(|problem| problem.code)
    }

    #[test]
    fn each_part_of_a_signed_proposal_counts() {
        let none = json!({});
        assert_eq!(signed(&none, &none).unwrap().id, "0123456789abcdef");
        let other = Ed25519Signer::did_key(&[8; 32]);
        for header in [
            json!({ "typ": "JWT" }),
            json!({ "typ": null }),
            json!({ "crit": ["exp"] }),
            json!({ "alg": "none" }),
            json!({ "alg": "HS256" }),
            json!({ "kid": other.key_url() }),
            json!({ "kid": "did:web:valdora.example#z6Mk" }),
        ] {
            assert_eq!(signed(&header, &none), Err(Code::BadSignature), "{header}");
        }
        for claims in [
            json!({ "iss": other.controller() }),
            json!({ "aud": other.controller() }),
            json!({ "iat": "now" }),
            json!({ "jti": "short" }),
            json!({ "jti": "x".repeat(101) }),
            json!({ "surprise": 1 }),
        ] {
            assert_eq!(signed(&none, &claims), Err(Code::BadSignature), "{claims}");
        }
    }
}
