//! The pages of a locked database, as `SQLCipher` 4 writes them: content (AES-256-CBC), then 16 bytes that began it and 64 of HMAC-SHA512 over both and
//! the number of the page. A page that was damaged fails the latter, and the database then reads no page at all any more. Here a copy of it gets
//! codes that fit, so that what is whole can be saved: what is damaged inside is found by the seals of the rows. Nothing is ever written in plain.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::Path;

use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hmac, pbkdf2};
use zeroize::Zeroizing;

use crate::locked::Key;
use crate::random;

/// Bytes of a page.
pub const PAGE: usize = 4096;
const START: usize = 16;
const CODE: usize = 64;
const BLOCK: usize = 16;

/// What computes the codes of a database: its key is derived with the salt that stands where a plain database says what it is.
fn codes(key: &Key) -> hmac::Key {
    let salt: Vec<u8> = key.salt().iter().map(|byte| byte ^ 0x3a).collect();
    let mut derived = Zeroizing::new([0; 32]);
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, NonZeroU32::MIN.saturating_add(1), &salt, key.secret(), derived.as_mut_slice());
    hmac::Key::new(hmac::HMAC_SHA512, derived.as_slice())
}

/// Where the encrypted part of a page begins: on the first one the salt stands before it.
const fn begin(number: u32) -> usize {
    if number == 1 { START } else { 0 }
}

fn code(codes: &hmac::Key, page: &[u8], number: u32) -> hmac::Tag {
    let mut context = hmac::Context::with_key(codes);
    context.update(&page[begin(number)..PAGE - CODE]);
    context.update(&number.to_le_bytes());
    context.sign()
}

/// Fills up the last page of the copy at `path` where it is cut: the database would count it, and of a locked one then read nothing any more.
pub fn fill_up(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    let pages = file.metadata()?.len().div_ceil(PAGE as u64);
    file.set_len(pages * PAGE as u64)
}

/// Gives every page of the copy at `path` a code that fits. The salt on the first one is not read by whoever has the key.
pub fn mend_codes(path: &Path, key: &Key) -> io::Result<()> {
    let codes = codes(key);
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let pages = file.metadata()?.len() / PAGE as u64;
    let mut page = vec![0; PAGE];
    for number in 1..=u32::try_from(pages).unwrap_or(u32::MAX) {
        let at = SeekFrom::Start(u64::from(number - 1) * PAGE as u64);
        file.seek(at)?;
        file.read_exact(&mut page)?;
        let fits = code(&codes, &page, number);
        if fits.as_ref() == &page[PAGE - CODE..] {
            continue;
        }
        page[PAGE - CODE..].copy_from_slice(fits.as_ref());
        file.seek(at)?;
        file.write_all(&page)?;
    }
    Ok(())
}

/// Whether a page, but the first one, is encrypted by its looks: a plain one begins with its kind, or with the number of another page (database
/// file format, 1.6), and few have all values of a byte in them. Nothing is told by one that is empty.
pub fn looks_encrypted(page: &[u8]) -> Option<bool> {
    const KINDS: [u8; 5] = [0, 2, 5, 10, 13];
    let mut values = [false; 256];
    for byte in page {
        values[usize::from(*byte)] = true;
    }
    match values.iter().filter(|value| **value).count() {
        1 => None,
        values => Some(values > 240 && page.first().is_some_and(|kind| !KINDS.contains(kind))),
    }
}

/// The content of a page, in plain; `key` is that of a locked database. Pages count from 1.
pub fn read(file: &mut File, number: u32, key: Option<&Key>) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut page = Zeroizing::new(vec![0; PAGE]);
    file.seek(place(number))?;
    file.read_exact(&mut page)?;
    let Some(key) = key else { return Ok(page) };
    let (content, begun) = parts(&page, number);
    let opened = cipher(key).and_then(DecryptingKey::cbc).map_err(failed)?;
    opened.decrypt(&mut page[content], DecryptionContext::Iv128(begun.into())).map_err(failed)?;
    Ok(page)
}

/// Writes a page whose content is this, as [`read`] gave it.
pub fn write(file: &mut File, number: u32, key: Option<&Key>, content: &[u8]) -> io::Result<()> {
    let mut page = Zeroizing::new(content.to_vec());
    if let Some(key) = key {
        let begun = random::bytes::<BLOCK>();
        let at = PAGE - CODE - BLOCK;
        page[at..at + BLOCK].copy_from_slice(&begun);
        let (content, _) = parts(&page, number);
        let sealed = cipher(key).and_then(EncryptingKey::cbc).map_err(failed)?;
        sealed.less_safe_encrypt(&mut page[content], EncryptionContext::Iv128(begun.into())).map_err(failed)?;
        if number == 1 {
            page[..START].copy_from_slice(key.salt());
        }
        let fits = code(&codes(key), &page, number);
        page[PAGE - CODE..].copy_from_slice(fits.as_ref());
    }
    file.seek(place(number))?;
    file.write_all(&page)
}

fn place(number: u32) -> SeekFrom {
    SeekFrom::Start(u64::from(number.saturating_sub(1)) * PAGE as u64)
}

/// Where the content of a page is, and what began it.
fn parts(page: &[u8], number: u32) -> (Range<usize>, [u8; BLOCK]) {
    let end = PAGE - CODE - BLOCK;
    (begin(number)..end, page[end..end + BLOCK].try_into().unwrap_or_default())
}

fn cipher(key: &Key) -> Result<UnboundCipherKey, Unspecified> {
    UnboundCipherKey::new(&AES_256, key.secret())
}

fn failed(_: Unspecified) -> io::Error {
    io::Error::other("AES-256")
}
