//! A succession: an issuer's key passes to the one that it announced. Each key is made together with its successor, whose hash stands in the
//! badges of the first (`issuer.otherIdentifier` with `identifierType` `ext:satchelNextKey`); so a succession counts that reveals the key with
//! that hash, and no other. It is a compact JWS of the successor, typed `succession+jwt`, with the claims `iss` (the successor, a `did:key`), `sub`
//! (the issuer that it succeeds), `iat`, `reason`, and `next`, the hash of the key that will succeed this one.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key::PublicKey;
use crate::{did, json};

/// Its `typ`, so that nothing else that a key signs can be taken for it (RFC 8725, 3.11).
pub const SUCCESSION_TYPE: &str = "succession+jwt";

/// The type of an identifier that is the hash of the next key.
pub const NEXT_KEY: &str = "ext:satchelNextKey";

/// The multihash of SHA-256 (Multihash), before 32 bytes of hash.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// Why a key is succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was time to.
    Rotated,
    /// It was lost.
    Lost,
    /// Somebody else may have it.
    Compromised,
}

/// A succession whose signature is right. Whether the successor was announced is asked by [`Succession::reveals`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The issuer that is succeeded.
    pub from: String,
    /// The successor, a `did:key`.
    pub to: String,
    /// Why.
    pub reason: Reason,
    /// When, in seconds since 1970.
    pub made: i64,
    /// The hash of the key that will succeed the successor.
    pub next: String,
}

impl Succession {
    /// Reads the one in a document as an issuer publishes it, `{"id": ADDRESS, "succession": JWS}`.
    pub fn in_document(bytes: &[u8]) -> Option<Self> {
        Self::read(json::parse(bytes).ok()?.get("succession")?.as_str()?)
    }

    /// Reads one, when the successor itself signed it.
    pub fn read(jws: &str) -> Option<Self> {
        let mut parts = jws.split('.');
        let (head, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let (header, claims) = (json::parse(&decode(head)?).ok()?, json::parse(&decode(payload)?).ok()?);
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let typed = text(&header, "typ").as_deref() == Some(SUCCESSION_TYPE) && text(&header, "alg").as_deref() == Some("EdDSA");
        let kid = text(&header, "kid").filter(|_| typed && header.get("crit").is_none() && parts.next().is_none())?;
        let key = did::key_of_did_key(&kid).filter(|key| matches!(key, PublicKey::Ed25519(_)))?;
        let message = jws.rsplit_once('.')?.0;
        let to = did::without_fragment(&kid).to_owned();
        let right = key.verify(message.as_bytes(), &decode(signature)?) && text(&claims, "iss").as_deref() == Some(&to);
        let reason = serde_json::from_value(claims.get("reason")?.clone()).ok()?;
        let (from, next) = (text(&claims, "sub")?, text(&claims, "next")?);
        let made = claims.get("iat").and_then(Value::as_i64)?;
        (right && from != to).then_some(Self { from, to, reason, made, next })
    }

    /// Whether the successor is the key that was announced by this hash.
    pub fn reveals(&self, announced: &str) -> bool {
        is_announced(&self.to, announced)
    }
}

/// Whether a `did:key` is the key that was announced by this hash.
pub fn is_announced(did: &str, announced: &str) -> bool {
    did.strip_prefix("did:key:").is_some_and(|multikey| hash_of_key(multikey) == announced)
}

/// The hash by which a next key is announced: that of the bytes of its Multikey, as multibase of a multihash.
pub fn hash_of_key(multikey: &str) -> String {
    let bytes = bs58::decode(multikey.trim_start_matches('z')).into_vec().unwrap_or_default();
    let hash = [SHA2_256.as_slice(), digest(&SHA256, &bytes).as_ref()].concat();
    format!("z{}", bs58::encode(hash).into_string())
}

/// The hash of the next key that an issuer announces, as a credential names it. One that announces two announces none: whoever has its key made a
/// fork of it.
pub fn announced(issuer: &Value) -> Option<String> {
    let identifiers = issuer.get("otherIdentifier")?;
    let entries = identifiers.as_array().map_or(std::slice::from_ref(identifiers), Vec::as_slice);
    let is_next = |entry: &&Value| entry.get("identifierType").and_then(Value::as_str) == Some(NEXT_KEY);
    let mut hashes: Vec<&str> = entries.iter().filter(is_next).filter_map(|it| it.get("identifier")?.as_str()).collect();
    hashes.dedup();
    if let [hash] = hashes.as_slice() { Some((*hash).to_owned()) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sign::{Ed25519Signer, sign_succession};

    #[test]
    fn a_succession_reveals_the_key_that_was_announced_and_no_other() {
        let (old, new, other) =
            (Ed25519Signer::did_key(&[1; 32]), Ed25519Signer::did_key(&[2; 32]), Ed25519Signer::did_key(&[3; 32]));
        let (announced, now) = (hash_of_key(&new.multikey()), jiff::Timestamp::UNIX_EPOCH);
        let next = hash_of_key(&other.multikey());
        let read = |jws: &str| Succession::read(jws);
        let good = sign_succession(old.controller(), Reason::Compromised, &next, &new, now).unwrap();
        let found = read(&good).unwrap();
        assert_eq!(
            (found.from.as_str(), found.to.as_str(), found.reason),
            (old.controller(), new.controller(), Reason::Compromised)
        );
        assert!(found.reveals(&announced) && !found.reveals(&next));
        // Another key signs for itself alone.
        let theirs = sign_succession(old.controller(), Reason::Rotated, &next, &other, now).unwrap();
        assert!(!read(&theirs).unwrap().reveals(&announced));
        let parts: Vec<&str> = good.split('.').collect();
        let stolen: Vec<&str> = theirs.split('.').collect();
        assert_eq!(read(&format!("{}.{}.{}", parts[0], stolen[1], parts[2])), None);
        assert_eq!(read(&format!("{}.{}.{}", parts[0], parts[1], stolen[2])), None);
        assert_eq!(read("a.b.c"), None);
        assert_eq!(
            read(&sign_succession(new.controller(), Reason::Lost, &next, &new, now).unwrap()),
            None,
            "nobody succeeds itself"
        );
    }

    #[test]
    fn whoever_announces_two_keys_announces_none() {
        let entry = |hash: &str| json!({ "type": "IdentifierEntry", "identifierType": NEXT_KEY, "identifier": hash });
        assert_eq!(announced(&json!({ "otherIdentifier": entry("zQa") })).as_deref(), Some("zQa"));
        assert_eq!(announced(&json!({ "otherIdentifier": [entry("zQa"), entry("zQa")] })).as_deref(), Some("zQa"));
        assert_eq!(announced(&json!({ "otherIdentifier": [entry("zQa"), entry("zQb")] })), None);
        assert_eq!(announced(&json!({ "id": "did:key:z6Mk" })), None);
    }
}
