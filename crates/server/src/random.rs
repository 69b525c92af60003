//! Randomness, and secrets made of it. A secret is shown to whoever gets it and stored as its hash alone.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_protocol::{Id, sha256};

/// Fills `out` with random bytes of the system.
pub fn fill(out: &mut [u8]) {
    // It fails only where the system has no source of randomness; then nothing here could go on safely.
    if aws_lc_rs::rand::fill(out).is_err() {
        std::process::abort();
    }
}

/// A new id.
pub fn id(now: Timestamp) -> Id {
    let mut random = [0; 10];
    fill(&mut random);
    Id::new(now, random)
}

/// Random letters and digits, for the name of a page: 60 bits.
pub fn slug() -> String {
    letters(12)
}

/// So many random letters and digits that are not taken for one another: 5 bits each.
pub fn letters(number: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = vec![0; number];
    fill(&mut random);
    random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A secret of 192 random bits, as letters.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub fn new() -> Self {
        let mut random = [0; 24];
        fill(&mut random);
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// One that somebody brings; none when it does not look like one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        plain.then(|| Self(text.to_owned()))
    }

    /// The one that comes after this one: always the same, and nobody without the key can tell it.
    #[must_use]
    pub fn successor(&self, key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let tag = hmac::sign(&key, self.0.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(&tag.as_ref()[..24]))
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.0.as_bytes())
    }

    /// The secret itself, for whoever is to have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
