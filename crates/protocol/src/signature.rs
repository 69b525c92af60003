//! How a desk signs what it uploads: HTTP Message Signatures (RFC 9421), one narrow form of them. The signature covers method, address and
//! the digest of the body (RFC 9530); it is made by the issuer's own key, holds for a few minutes, and counts once.
//!
//! ```text
//! Content-Digest: sha-256=:BASE64:
//! Signature-Input: desk=("@method" "@target-uri" "content-digest");created=1795521600;keyid="did:key:z6Mk…#z6Mk…";alg="ed25519";nonce="…";tag="satchel-desk"
//! Signature: desk=:BASE64:
//! ```
//!
//! One form only, because every freedom of the standard is one more way to sign less than it seems. Such a signature can be taken for no
//! award: what is signed begins with `"@method"`, a credential's with two hashes or a header in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use satchel_badge::did;
use satchel_badge::key::PublicKey;

use crate::{Code, Problem, sha256};

/// What is signed, in this order and nothing else.
const COMPONENTS: &str = r#"("@method" "@target-uri" "content-digest")"#;

/// How far the clocks may be apart, in seconds; a nonce is remembered for twice as long.
pub const FRESH: i64 = 300;

/// A request as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `PUT`, ...
    pub method: &'a str,
    /// The whole address, as the server goes by it.
    pub target: &'a str,
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// The three headers of a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// `Content-Digest`.
    pub digest: String,
    /// `Signature-Input`.
    pub input: String,
    /// `Signature`.
    pub signature: String,
}

/// What the signer says about the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// The URL of the key, `did:key:z…#z…` or `did:web:…#z…`.
    pub key: String,
    /// At least 128 random bits, as letters.
    pub nonce: String,
}

impl Parameters {
    fn text(&self) -> String {
        let Self { created, key, nonce } = self;
        format!(r#"{COMPONENTS};created={created};keyid="{key}";alg="ed25519";nonce="{nonce}";tag="satchel-desk""#)
    }

    /// The bytes to sign (RFC 9421, 2.5).
    pub fn base(&self, request: Request<'_>) -> String {
        base(&self.text(), request, &digest(request.body))
    }

    /// The headers, once `signature` was made over [`Self::base`].
    pub fn headers(&self, request: Request<'_>, signature: &[u8]) -> Headers {
        Headers {
            digest: digest(request.body),
            input: format!("desk={}", self.text()),
            signature: format!("desk=:{}:", STANDARD.encode(signature)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(COMPONENTS)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(';')?;
        let (key, rest) = quoted(rest.strip_prefix("keyid=")?)?;
        let rest = rest.strip_prefix(r#";alg="ed25519";nonce="#)?;
        let (nonce, rest) = quoted(rest)?;
        let plain = created.bytes().all(|byte| byte.is_ascii_digit());
        let letters = nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if rest != r#";tag="satchel-desk""# || !plain || !letters || !(22..=128).contains(&nonce.len()) {
            return None;
        }
        Some(Self { created: created.parse().ok()?, key: key.to_owned(), nonce: nonce.to_owned() })
    }
}

/// The text between quotes, and what follows them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.strip_prefix('"')?.split_once('"')?;
    let plain = inside.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    plain.then_some((inside, rest))
}

/// The key that a key's URL carries: a `did:key`, or the fragment of a `did:web`, which alone says nothing about whose it is.
pub fn key_named(url: &str) -> Option<PublicKey> {
    match did::method(url) {
        Some(did::Method::Web) => PublicKey::from_multikey(url.split_once('#')?.1),
        _ => did::key_of_did_key(url),
    }
}

fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256(body)))
}

fn base(parameters: &str, request: Request<'_>, digest: &str) -> String {
    let Request { method, target, .. } = request;
    format!("\"@method\": {method}\n\"@target-uri\": {target}\n\"content-digest\": {digest}\n\"@signature-params\": {parameters}")
}

impl Headers {
    /// Who signed `request`, when the signature is right and fresh. Whether that key may do it, and whether it came before, is for the
    /// caller to say.
    ///
    /// # Errors
    /// [`Code::BadSignature`] or [`Code::StaleSignature`].
    pub fn verify(&self, request: Request<'_>, now: Timestamp) -> Result<Parameters, Problem> {
        let parameters = self.verify_head(request.method, request.target, now)?;
        self.covers(request.body)?;
        Ok(parameters)
    }

    /// The same of a request whose body is not there yet: what is signed is its digest. Whether the body is that one says [`Self::covers`].
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_head(&self, method: &str, target: &str, now: Timestamp) -> Result<Parameters, Problem> {
        let request = Request { method, target, body: &[] };
        let bad = |why: &str| Problem::new(Code::BadSignature, [why.to_owned()]);
        let text = self.input.strip_prefix("desk=").ok_or_else(|| bad("Signature-Input"))?;
        let parameters = Parameters::parse(text).ok_or_else(|| bad("Signature-Input"))?;
        let signature = self.signature.strip_prefix("desk=:").and_then(|rest| rest.strip_suffix(':'));
        let signature = signature.and_then(|text| STANDARD.decode(text).ok()).ok_or_else(|| bad("Signature"))?;
        let key = key_named(&parameters.key).ok_or_else(|| bad("keyid"))?;
        if !matches!(key, PublicKey::Ed25519(_)) || !key.verify(base(text, request, &self.digest).as_bytes(), &signature) {
            return Err(bad("Signature"));
        }
        if parameters.created.abs_diff(now.as_second()) > FRESH.unsigned_abs() {
            return Err(Problem::bare(Code::StaleSignature));
        }
        Ok(parameters)
    }

    /// Whether a body is the one that was signed.
    ///
    /// # Errors
    /// [`Code::BadSignature`].
    pub fn covers(&self, body: &[u8]) -> Result<(), Problem> {
        let right = self.digest == digest(body);
        right.then_some(()).ok_or_else(|| Problem::new(Code::BadSignature, [String::from("Content-Digest")]))
    }
}

#[cfg(test)]
mod tests {
    use satchel_badge::sign::{Ed25519Signer, Signer};

    use super::*;

    const NOW: i64 = 1_795_521_600;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn signed(request: Request<'_>) -> Headers {
        let key = Ed25519Signer::did_key(&[7; 32]);
        let parameters =
            Parameters { created: NOW, key: key.key_url().to_owned(), nonce: String::from("0123456789abcdefghijkl") };
        let signature = key.sign(parameters.base(request).as_bytes()).unwrap();
        parameters.headers(request, &signature)
    }

    const REQUEST: Request<'static> = Request { method: "PUT", target: "https://badges.example/api/v1/x?y=1", body: b"{}" };

    #[test]
    fn a_signed_request_names_its_key() {
        let parameters = signed(REQUEST).verify(REQUEST, now()).unwrap();
        assert!(parameters.key.starts_with("did:key:z6Mk"));
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let headers = signed(REQUEST);
        let code = |headers: &Headers, request| headers.verify(request, now()).map_err(|problem| problem.code);
        for request in [
            Request { method: "DELETE", ..REQUEST },
            Request { target: "https://badges.example/api/v1/x?y=2", ..REQUEST },
            Request { target: "https://other.example/api/v1/x?y=1", ..REQUEST },
            Request { body: b"[]", ..REQUEST },
        ] {
            assert_eq!(code(&headers, request), Err(Code::BadSignature), "{request:?}");
        }
        let other = Headers { digest: digest(b"[]"), ..headers.clone() };
        assert_eq!(code(&other, Request { body: b"[]", ..REQUEST }), Err(Code::BadSignature));
        for (from, to) in [
            (r#"("@method" "@target-uri" "content-digest")"#, r#"("@method")"#),
            ("ed25519", "hmac-sha256"),
            ("satchel-desk", "other"),
            ("nonce=\"0", "nonce=\"1"),
            ("created=1", "created=2"),
        ] {
            let changed = Headers { input: headers.input.replace(from, to), ..headers.clone() };
            assert_ne!(changed, headers);
            assert_eq!(code(&changed, REQUEST), Err(Code::BadSignature), "{to}");
        }
    }

    #[test]
    fn what_the_same_key_signs_for_something_else_is_no_request() {
        let key = Ed25519Signer::did_key(&[7; 32]);
        let nonce = "0123456789abcdefghijkl";
        let usual = Parameters { created: NOW, key: key.key_url().to_owned(), nonce: nonce.to_owned() }.text();
        let code = |text: &str| {
            let signature = key.sign(base(text, REQUEST, &digest(REQUEST.body)).as_bytes()).unwrap();
            let headers = Headers {
                digest: digest(REQUEST.body),
                input: format!("desk={text}"),
                signature: format!("desk=:{}:", STANDARD.encode(signature)),
            };
            headers.verify(REQUEST, now()).map(drop).map_err(|problem| problem.code)
        };
        assert_eq!(code(&usual), Ok(()));
        for (from, to) in [
            ("satchel-desk", "other"),
            (r#";tag="satchel-desk""#, ""),
            (r#"alg="ed25519""#, r#"alg="hmac-sha256""#),
            (nonce, "short"),
            (COMPONENTS, r#"("@method")"#),
        ] {
            assert_eq!(code(&usual.replace(from, to)), Err(Code::BadSignature), "{to}");
        }
    }

    #[test]
    fn a_signature_holds_for_five_minutes_around_now() {
        let headers = signed(REQUEST);
        let at =
            |seconds: i64| headers.verify(REQUEST, Timestamp::from_second(NOW + seconds).unwrap()).map_err(|it| it.code).err();
        assert_eq!([at(300), at(-300)], [None, None]);
        assert_eq!([at(301), at(-301)], [Some(Code::StaleSignature); 2]);
    }
}
