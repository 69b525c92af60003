//! Compact JWS (RFC 7515) as Open Badges use it. Which `alg`, `kid` and `jwk` mean what is the point of this module, so it is ours:
//! nothing in a header chooses a key's algorithm, and nothing symmetric or unsigned passes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::json::{self, JsonError};
use crate::key::{Algorithm, PublicKey};

/// A compact JWS taken apart.
#[derive(Clone, Debug)]
pub struct Jws<'a> {
    /// The protected header.
    pub header: Value,
    /// The payload as JSON.
    pub payload: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

/// Why a text is no JWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwsError {
    /// Not three parts of base64url without padding.
    Malformed,
    /// Header or payload is no acceptable JSON.
    Json(JsonError),
}

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// `alg` is missing or not allowed; its value.
    Algorithm(String),
    /// A member that must not be there, or must not say that.
    Member(String),
}

impl<'a> Jws<'a> {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// See [`JwsError`].
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed);
        let parse = |part: &str| json::parse(&decode(part)?).map_err(JwsError::Json);
        Ok(Self { header: parse(header)?, payload: parse(payload)?, signed, signature: decode(signature)? })
    }

    /// The algorithm, when the header is acceptable.
    ///
    /// # Errors
    /// See [`HeaderError`].
    pub fn algorithm(&self) -> Result<Algorithm, HeaderError> {
        let name = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = Algorithm::from_jose(name).ok_or_else(|| HeaderError::Algorithm(name.to_owned()))?;
        let refuse = |member: &str| Err(HeaderError::Member(member.to_owned()));
        // `crit` names extensions that must be understood; there is none that is (RFC 7515, 4.1.11).
        for member in ["crit", "b64", "zip", "x5u", "jku"] {
            if self.header.get(member).is_some() {
                return refuse(member);
            }
        }
        if self.header.get("jwk").is_some_and(|jwk| jwk.get("d").is_some()) {
            return refuse("jwk");
        }
        match self.header.get("typ") {
            None => {}
            Some(Value::String(typ)) if is_badge_type(typ) => {}
            Some(_) => return refuse("typ"),
        }
        Ok(algorithm)
    }

    /// Whether `key` signed this with the algorithm that its kind has.
    pub fn verify(&self, key: &PublicKey, algorithm: Algorithm) -> bool {
        key.algorithm() == algorithm && key.verify(self.signed.as_bytes(), &self.signature)
    }
}

fn is_badge_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "jws" | "jose" | "vc+jwt" | "vc+ld+jwt" | "vc-ld+jwt")
}

/// The part of a compact JWS that is signed.
pub fn signing_input(header: &Value, payload: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload))
}

/// A compact JWS of a signing input and its signature.
pub fn assemble(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Whether a byte may stand in a compact JWS.
pub fn is_compact_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether the first part of `text` may be a header; other words with dots between them, such as a host's name, have none.
pub fn has_header(text: &str) -> bool {
    let first = text.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    first.is_some_and(|header| header.trim_ascii_start().starts_with(b"{"))
}

/// Whether `text` has the outer form of a compact JWS.
pub fn looks_compact(text: &str) -> bool {
    let part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let mut parts = text.split('.');
    let three = [parts.next(), parts.next(), parts.next()];
    parts.next().is_none()
        && three.iter().all(|it| it.is_some_and(part))
        && three[..2].iter().all(|it| it.is_some_and(|part| !part.is_empty()))
}
