//! Files of the `age` format (age-encryption.org/v1) under a passphrase, for what is kept apart from the machine that made it: any `age` program
//! opens them, so that nobody needs this one to get at what is theirs. Small contents alone, in one chunk.
//!
//! ```text
//! age-encryption.org/v1
//! -> scrypt SALT WORK             the key of the passphrase (scrypt, N = 2^WORK, r = 8, p = 1) ...
//! WRAPPED                         ... opens the file key
//! --- HMAC                        over all of the above, under the file key
//! nonce (16 bytes), then the chunk: ChaCha20-Poly1305
//! ```

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::random;

const VERSION: &str = "age-encryption.org/v1";
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";

/// The work of a passphrase of ours, which has more than 128 random bits: 32 MB.
const WORK: u8 = 15;
/// The most work that is done for a file: 1 GB. The `age` program asks for 18.
const MOST_WORK: u8 = 20;

/// Bytes of a chunk, and of a file that is read.
const CHUNK: usize = 64 << 10;
const LARGEST: usize = 2 * CHUNK;

const TAG: usize = 16;

/// Why a file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// It is none of this format under a passphrase, is cut, or is larger than what is kept so.
    NotAge,
    /// The passphrase is another one, or the file was changed.
    Wrong,
}

/// A passphrase that nobody guesses: 140 random bits, without letters that are taken for others.
pub fn passphrase() -> Zeroizing<String> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bytes = Zeroizing::new(random::bytes::<28>());
    let mut text = Zeroizing::new(String::with_capacity(34));
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte & 31)]));
    }
    text
}

/// Encrypts what fits into one chunk, as text, which can be printed.
pub fn seal(plain: &[u8], passphrase: &str) -> Option<String> {
    let (file_key, salt) = (Zeroizing::new(random::bytes::<16>()), random::bytes::<16>());
    let wrapped = crypt(&stretched(passphrase, &salt, WORK)?, [0; 12], file_key.as_slice(), false)?;
    let salt = STANDARD_NO_PAD.encode(salt);
    let head = format!("{VERSION}\n-> scrypt {salt} {WORK}\n{}\n---", STANDARD_NO_PAD.encode(wrapped.as_slice()));
    let mac = hmac::sign(&mac_key(&file_key)?, head.as_bytes());
    let nonce = random::bytes::<16>();
    let chunk = crypt(&payload_key(&file_key, &nonce)?, LAST, plain, false).filter(|_| plain.len() <= CHUNK)?;
    let mac = STANDARD_NO_PAD.encode(mac.as_ref());
    let bytes = [head.as_bytes(), b" ", mac.as_bytes(), b"\n", nonce.as_slice(), &chunk].concat();
    let text = STANDARD.encode(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    Some(format!("{BEGIN}\n{}\n{END}\n", lines.join("\n")))
}

/// Decrypts a file, as text or as bytes.
///
/// # Errors
/// It does not open.
pub fn open(file: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Shut> {
    let bytes = Some(file).filter(|file| file.len() <= LARGEST).and_then(unarmored).ok_or(Shut::NotAge)?;
    let (head, mac, body) = parts(&bytes).ok_or(Shut::NotAge)?;
    let (salt, work, wrapped) = stanza(head).ok_or(Shut::NotAge)?;
    let (nonce, chunk) = body.split_first_chunk::<16>().filter(|(_, chunk)| chunk.len() <= CHUNK + TAG).ok_or(Shut::NotAge)?;
    let open = || {
        let file_key = crypt(&stretched(passphrase, &salt, work)?, [0; 12], &wrapped, true)?;
        let file_key: Zeroizing<[u8; 16]> = Zeroizing::new(file_key.as_slice().try_into().ok()?);
        hmac::verify(&mac_key(&file_key)?, head.as_bytes(), &mac).ok()?;
        crypt(&payload_key(&file_key, nonce)?, LAST, chunk, true)
    };
    open().ok_or(Shut::Wrong)
}

/// The bytes of a file, which may be text.
fn unarmored(file: &[u8]) -> Option<Vec<u8>> {
    if file.starts_with(VERSION.as_bytes()) {
        return Some(file.to_vec());
    }
    let text = std::str::from_utf8(file).ok()?.trim();
    let inner = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    STANDARD.decode(inner.split_ascii_whitespace().collect::<String>()).ok()
}

/// The head up to its HMAC, the HMAC, and what comes after it.
fn parts(bytes: &[u8]) -> Option<(&str, Vec<u8>, &[u8])> {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    let (start, end) = (ends.nth(2)? + 1, ends.next()?);
    let last = std::str::from_utf8(bytes.get(start..end)?).ok()?;
    let mac = STANDARD_NO_PAD.decode(last.strip_prefix("--- ")?).ok()?;
    Some((std::str::from_utf8(&bytes[..start + 3]).ok()?, mac, &bytes[end + 1..]))
}

/// Salt, work and wrapped file key of the one stanza, which is of a passphrase.
fn stanza(head: &str) -> Option<([u8; 16], u8, Vec<u8>)> {
    let mut lines = head.split('\n');
    lines.next().filter(|version| *version == VERSION)?;
    let mut words = lines.next()?.strip_prefix("-> scrypt ")?.split(' ');
    let salt = STANDARD_NO_PAD.decode(words.next()?).ok()?.try_into().ok()?;
    let work = words.next()?.parse().ok().filter(|work| (1..=MOST_WORK).contains(work))?;
    let wrapped = STANDARD_NO_PAD.decode(lines.next()?).ok().filter(|wrapped| wrapped.len() == 16 + TAG)?;
    words.next().is_none().then_some((salt, work, wrapped))
}

/// The nonce of the one chunk, which is the last.
const LAST: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

type Key = Zeroizing<[u8; 32]>;

/// The key of a passphrase.
fn stretched(passphrase: &str, salt: &[u8; 16], work: u8) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    let salt = [VERSION.as_bytes(), b"/scrypt", salt].concat();
    scrypt::scrypt(passphrase.as_bytes(), &salt, &scrypt::Params::new(work, 8, 1).ok()?, key.as_mut_slice()).ok()?;
    Some(key)
}

/// Encrypts, or decrypts, under a key that is used once.
fn crypt(key: &Key, nonce: [u8; 12], bytes: &[u8], opens: bool) -> Option<Zeroizing<Vec<u8>>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let mut done = Zeroizing::new(Vec::with_capacity(bytes.len() + TAG));
    done.extend_from_slice(bytes);
    if opens {
        let length = key.open_in_place(nonce, Aad::empty(), &mut done).ok()?.len();
        done.truncate(length);
    } else {
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut *done).ok()?;
    }
    Some(done)
}

fn mac_key(file_key: &[u8; 16]) -> Option<hmac::Key> {
    Some(hmac::Key::new(hmac::HMAC_SHA256, derived(file_key, &[], b"header")?.as_slice()))
}

fn payload_key(file_key: &[u8; 16], nonce: &[u8; 16]) -> Option<Key> {
    derived(file_key, nonce, b"payload")
}

/// HKDF with SHA-256.
fn derived(file_key: &[u8; 16], salt: &[u8], info: &[u8]) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    let info = [info];
    let made = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(file_key);
    made.expand(&info, hkdf::HKDF_SHA256).ok()?.fill(key.as_mut_slice()).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the `age` program: "hello" and a line feed, under `abc-def-ghi`.
    const THEIRS: &str = "-----BEGIN AGE ENCRYPTED FILE-----\n\
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBud2hpRytDa2R3bXBZNUU2\n\
        N0Y5NTZnIDE4ClBUbUxpclNlME5JWWVWNHh1VGpSamVIVERtWkdqMktoZUQ0djE2\n\
        K3hYNU0KLS0tIDZCRTdSaFo4M3p5UG1EQzYyQ2J6VUNoY1BQUnNZcVJldzF4YlVu\n\
        bm9MODAKOTt7etsgKXTZfhF3xbnnK6LAMk1eLfVrdHpLfUIUyOOEim38rOo=\n\
        -----END AGE ENCRYPTED FILE-----\n";

    #[test]
    fn a_file_of_the_age_program_opens() {
        assert_eq!(open(THEIRS.as_bytes(), "abc-def-ghi").unwrap().as_slice(), b"hello\n");
        assert_eq!(open(THEIRS.as_bytes(), "abc-def-gh"), Err(Shut::Wrong));
    }

    #[test]
    fn what_was_sealed_opens_with_its_passphrase_and_unchanged_alone() {
        let said = passphrase();
        assert_eq!(said.len(), 34);
        let file = seal(b"a secret", &said).unwrap();
        assert_eq!(open(file.as_bytes(), &said).unwrap().as_slice(), b"a secret");
        assert_eq!(open(format!("  \r\n{}\r\n", file.replace('\n', "\r\n")).as_bytes(), &said).unwrap().as_slice(), b"a secret");
        assert_eq!(open(file.as_bytes(), &passphrase()), Err(Shut::Wrong));
        let bytes = unarmored(file.as_bytes()).unwrap();
        assert_eq!(open(&bytes, &said).unwrap().as_slice(), b"a secret");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &said).is_err(), "{at}");
        }
        for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
            assert!(open(&bytes[..length], &said).is_err(), "{length}");
        }
        assert_eq!(open(b"z3u2", &said), Err(Shut::NotAge));
        let costly = String::from_utf8_lossy(&bytes[..80]).replace(" 15\n", " 30\n");
        assert_eq!(open(&[costly.as_bytes(), &bytes[80..]].concat(), &said), Err(Shut::NotAge), "work without end");
    }
}
