//! Public keys in the forms in which badges name them, and the check of a signature with one. No private key is ever here.

use aws_lc_rs::digest;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;

/// Algorithms for which Satchel checks signatures (RFC 7518, 3.1; RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA over P-256 with SHA-256, `r || s`.
    Es256,
    /// ECDSA over P-384 with SHA-384, `r || s`.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of a JOSE header. What is not listed is refused, `none` and the symmetric ones first of all (RFC 8725, 3.1).
    pub fn from_jose(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A public key.
#[derive(Clone, Debug)]
pub enum PublicKey {
    /// Ed25519.
    Ed25519(VerifyingKey),
    /// P-256, a point as SEC 1 writes it.
    P256(Vec<u8>),
    /// P-384, a point as SEC 1 writes it.
    P384(Vec<u8>),
    /// RSA: modulus and exponent, big-endian.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
}

/// Multicodec of the key types, as varints (CID 1.0, 2.2.2; did:key).
const ED25519_PUB: [u8; 2] = [0xed, 0x01];
const P256_PUB: [u8; 2] = [0x80, 0x24];
const P384_PUB: [u8; 2] = [0x81, 0x24];
const RSA_PUB: [u8; 2] = [0x85, 0x24];

/// The algorithm of an RSA key in an SPKI: OID rsaEncryption and NULL (RFC 3279, 2.3.1). The length of the NULL is the last byte.
const RSA_ENCRYPTION: [u8; 13] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

impl PublicKey {
    /// A key in `Multikey` form: base58btc with `z`, a multicodec and the raw key.
    pub fn from_multikey(text: &str) -> Option<Self> {
        // An RSA key of 8192 bits has about 1,400 characters; base58 takes quadratic time.
        let bytes = bs58::decode(text.strip_prefix('z').filter(|rest| rest.len() <= 1500)?).into_vec().ok()?;
        let (codec, raw) = bytes.split_first_chunk::<2>()?;
        match *codec {
            ED25519_PUB => Self::ed25519(raw),
            P256_PUB if raw.len() == 33 => Some(Self::P256(raw.to_vec())),
            P384_PUB if raw.len() == 49 => Some(Self::P384(raw.to_vec())),
            RSA_PUB => Self::from_pkcs1(raw),
            _ => None,
        }
    }

    /// A raw Ed25519 key; one of small order, which fits many messages, is refused.
    pub fn ed25519(raw: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(raw.try_into().ok()?).ok()?;
        (!key.is_weak()).then_some(Self::Ed25519(key))
    }

    /// A key as JWK (RFC 7517, RFC 8037). One with its private part is refused.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        if jwk.get("d").is_some() {
            return None;
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        let point = |size: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            let fits = x.len() == size && y.len() == size;
            fits.then(|| [vec![4], x, y].concat())
        };
        match (text("kty")?, text("crv")) {
            ("OKP", Some("Ed25519")) => Self::ed25519(&bytes("x")?),
            ("EC", Some("P-256")) => point(32).map(Self::P256),
            ("EC", Some("P-384")) => point(48).map(Self::P384),
            ("RSA", _) => Some(Self::Rsa { n: strip_zeros(&bytes("n")?), e: strip_zeros(&bytes("e")?) }),
            _ => None,
        }
    }

    /// An RSA key in PEM: `PUBLIC KEY` (SPKI) or `RSA PUBLIC KEY` (PKCS #1), as OB 1 and 2 publish it.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
        let der = STANDARD.decode(body.trim()).ok()?;
        if pem.contains("-----BEGIN RSA PUBLIC KEY-----") {
            return Self::from_pkcs1(&der);
        }
        // SPKI: SEQUENCE { SEQUENCE { OID rsaEncryption, NULL }, BIT STRING { PKCS #1 } }
        let (spki, []) = read_der(&der, 0x30)? else { return None };
        let (algorithm, rest) = read_der(spki, 0x30)?;
        let (bits, []) = read_der(rest, 0x03)? else { return None };
        (algorithm == RSA_ENCRYPTION).then(|| Self::from_pkcs1(bits.strip_prefix(&[0])?)).flatten()
    }

    fn from_pkcs1(der: &[u8]) -> Option<Self> {
        let (sequence, []) = read_der(der, 0x30)? else { return None };
        let (n, rest) = read_der(sequence, 0x02)?;
        let (e, []) = read_der(rest, 0x02)? else { return None };
        Some(Self::Rsa { n: strip_zeros(n), e: strip_zeros(e) })
    }

    /// The thumbprint of an RSA key as JWK (RFC 7638, 3: SHA-256 of its needed members in their order, in base64url); none of other keys.
    pub fn thumbprint(&self) -> Option<String> {
        let Self::Rsa { n, e } = self else { return None };
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        let jwk = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        Some(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, jwk.as_bytes())))
    }

    /// The one algorithm that this key may be used with, so that no header can choose another.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::P384(_) => Algorithm::Es384,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// Whether `signature` over `message` is of this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let ecdsa = |scheme: &'static signature::EcdsaVerificationAlgorithm, point: &[u8]| {
            UnparsedPublicKey::new(scheme, point).verify(message, signature).is_ok()
        };
        match self {
            Self::Ed25519(key) => {
                Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
            }
            Self::P256(point) => ecdsa(&signature::ECDSA_P256_SHA256_FIXED, point),
            Self::P384(point) => ecdsa(&signature::ECDSA_P384_SHA384_FIXED, point),
            Self::Rsa { n, e } => {
                let key = PublicKeyComponents { n, e };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
        }
    }
}

impl PartialEq for PublicKey {
    /// A point is the same point whether it is written in full or compressed (SEC 1, 2.3.3).
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ed25519(a), Self::Ed25519(b)) => a == b,
            (Self::P256(a), Self::P256(b)) | (Self::P384(a), Self::P384(b)) => compressed(a) == compressed(b),
            (Self::Rsa { n, e }, Self::Rsa { n: other_n, e: other_e }) => n == other_n && e == other_e,
            _ => false,
        }
    }
}

impl Eq for PublicKey {}

fn compressed(point: &[u8]) -> Vec<u8> {
    match point {
        [4, both @ ..] => {
            let (x, y) = both.split_at(both.len() / 2);
            let odd = y.last().is_some_and(|last| last % 2 == 1);
            [&[2 + u8::from(odd)], x].concat()
        }
        other => other.to_vec(),
    }
}

fn strip_zeros(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number[zeros..].to_vec()
}

/// One DER value with this tag: its content, and what follows it.
fn read_der(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    rest.split_at_checked(length)
}
