//! Passkeys (`WebAuthn` Level 3): what a browser says about a new one, and about one that signs. No maker of authenticators is asked to vouch
//! for them (attestation `none`), so nothing but the browser says whose key it is, and its own reading of the key is taken (5.2.1.1).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::sha256;
use serde::Deserialize;

/// The algorithms that are taken, the best first (COSE): Ed25519, ECDSA over P-256, RSA.
pub const ALGORITHMS: [i64; 3] = [-8, -7, -257];

/// The longest name of a credential (6.5.1).
const MAX_CREDENTIAL: usize = 1023;

/// What is expected of whoever answers.
pub struct Expected<'a> {
    /// The challenge that the page carried.
    pub challenge: &'a [u8],
    /// The address of the page.
    pub origin: &'a str,
    /// The name under which passkeys are made.
    pub host: &'a str,
    /// Whether whoever holds the authenticator must have shown to it that they are its owner.
    pub verified: bool,
}

/// A new passkey.
#[derive(Debug, PartialEq, Eq)]
pub struct New {
    /// What the authenticator calls it.
    pub credential: Vec<u8>,
    /// Its public key, as SPKI.
    pub key: Vec<u8>,
    /// Its algorithm.
    pub algorithm: i64,
    /// Its count.
    pub count: i64,
}

/// Why what came counts for nothing: for tests and logs, not for people.
pub type Wrong = &'static str;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn client(json: &[u8], kind: &str, expected: &Expected<'_>) -> Result<(), Wrong> {
    let said: Client = serde_json::from_slice(json).map_err(|_| "the client data cannot be read")?;
    if said.kind != kind {
        return Err("the client data are of something else");
    }
    if said.challenge != URL_SAFE_NO_PAD.encode(expected.challenge) {
        return Err("another challenge was signed");
    }
    if said.origin != expected.origin || said.cross_origin {
        return Err("it was signed for another page");
    }
    Ok(())
}

/// What an authenticator says (6.1): the flags and the count, and what comes after them.
fn authenticator<'a>(data: &'a [u8], expected: &Expected<'_>) -> Result<(u8, i64, &'a [u8]), Wrong> {
    const PRESENT: u8 = 0x01;
    const VERIFIED: u8 = 0x04;
    const MAY_BE_COPIED: u8 = 0x08;
    const IS_COPIED: u8 = 0x10;
    let (host, rest) = data.split_first_chunk::<32>().ok_or("the authenticator's data are cut")?;
    let (&flags, rest) = rest.split_first().ok_or("the authenticator's data are cut")?;
    let (count, rest) = rest.split_first_chunk::<4>().ok_or("the authenticator's data are cut")?;
    if *host != sha256(expected.host.as_bytes()) {
        return Err("the passkey is of another site");
    }
    if flags & PRESENT == 0 {
        return Err("nobody was there");
    }
    if expected.verified && flags & VERIFIED == 0 {
        return Err("the authenticator did not ask who it is");
    }
    if flags & IS_COPIED != 0 && flags & MAY_BE_COPIED == 0 {
        return Err("a passkey that cannot be copied says that it was");
    }
    Ok((flags, u32::from_be_bytes(*count).into(), rest))
}

/// What a browser says about a new passkey (7.1).
///
/// # Errors
/// Why it is not taken.
pub fn register(
    client_data: &[u8],
    authenticator_data: &[u8],
    key: &[u8],
    algorithm: i64,
    expected: &Expected<'_>,
) -> Result<New, Wrong> {
    const HAS_CREDENTIAL: u8 = 0x40;
    client(client_data, "webauthn.create", expected)?;
    let (flags, count, rest) = authenticator(authenticator_data, expected)?;
    if flags & HAS_CREDENTIAL == 0 {
        return Err("there is no passkey in it");
    }
    // Past the model of the authenticator, which nobody vouches for.
    let rest = rest.get(16..).ok_or("the passkey is cut")?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or("the passkey is cut")?;
    let length = usize::from(u16::from_be_bytes(*length));
    let credential = rest.get(..length).filter(|id| (1..=MAX_CREDENTIAL).contains(&id.len())).ok_or("the passkey is cut")?;
    scheme(algorithm)
        .and_then(|scheme| ParsedPublicKey::new(scheme, key).ok())
        .ok_or("the key is none, or of an algorithm that is not taken")?;
    Ok(New { credential: credential.to_vec(), key: key.to_vec(), algorithm, count })
}

fn scheme(algorithm: i64) -> Option<&'static dyn VerificationAlgorithm> {
    match algorithm {
        -7 => Some(&ECDSA_P256_SHA256_ASN1),
        -8 => Some(&ED25519),
        -257 => Some(&RSA_PKCS1_2048_8192_SHA256),
        _ => None,
    }
}

/// What a browser says of a passkey that signed (7.2); the count of its uses. Whether the count is higher than the last one is for the caller.
///
/// # Errors
/// Why it counts for nothing.
pub fn assert(
    client_data: &[u8],
    authenticator_data: &[u8],
    signature: &[u8],
    (key, algorithm): (&[u8], i64),
    expected: &Expected<'_>,
) -> Result<i64, Wrong> {
    client(client_data, "webauthn.get", expected)?;
    let (_, count, _) = authenticator(authenticator_data, expected)?;
    let scheme = scheme(algorithm).ok_or("the key is of an algorithm that is not taken")?;
    let key = ParsedPublicKey::new(scheme, key).map_err(|_| "the key cannot be read")?;
    let signed = [authenticator_data, &sha256(client_data)].concat();
    key.verify_sig(&signed, signature).map_err(|_| "the signature is not of this passkey")?;
    Ok(count)
}
