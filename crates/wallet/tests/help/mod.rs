//! Badges made for the tests, and a wallet to put them in.

#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot set its scene has failed")]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, sign_credential};
use satchel_wallet::{BadgeId, Candidate, IdPrefix, Imported, Outcome, Query, Row, Shelf, Wallet};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The time of the tests.
pub fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// That many days later.
pub fn days(count: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * count)
}

/// An award, unsigned.
pub fn award(name: &str) -> Value {
    let key = Ed25519Signer::did_key(&[7; 32]);
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": {"id": key.controller(), "type": ["Profile"], "name": "Istituto Volta"},
        "validFrom": "2024-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:ada",
            "type": ["AchievementSubject"],
            "achievement": {"id": "urn:uuid:0b8f5f60-8b4e-4c0e-9d38-0b6f4c1a2b3c", "type": ["Achievement"], "name": name,
                "description": "Welds steel.", "criteria": {"narrative": "Weld a seam."}, "tag": ["craft"]},
        },
    })
}

/// Signs it.
pub fn sign(award: &Value) -> String {
    let key = Ed25519Signer::did_key(&[7; 32]);
    sign_credential(award, &key, "2024-01-02T00:00:00Z".parse().unwrap(), &Library::default()).unwrap().to_string()
}

/// A badge that verifies without a network.
pub fn badge(name: &str) -> String {
    sign(&award(name))
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(&kind);
    chunk.extend_from_slice(data);
    let checksum = crc32fast::hash(&chunk[4..]);
    chunk.extend_from_slice(&checksum.to_be_bytes());
    chunk
}

/// A PNG of one pixel, with a comment of so many bytes to make it as large as a picture.
pub fn png(filling: usize) -> Vec<u8> {
    let comment: Vec<u8> = (0..filling).map(|at| b'a' + u8::try_from(at * 7 % 26).unwrap()).collect();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(*b"tEXt", &[b"Comment\0", comment.as_slice()].concat()),
        chunk(*b"IDAT", &[0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0xff, 0x01, 0x01, 0x01, 0x00]),
        chunk(*b"IEND", &[]),
    ]
    .concat()
}

/// A PNG with texts under these keywords.
pub fn png_with(texts: &[(&str, &str)]) -> Vec<u8> {
    let picture = png(10);
    let end = picture.len() - 12;
    let chunks =
        texts.iter().flat_map(|(keyword, text)| chunk(*b"iTXt", &[keyword.as_bytes(), &[0; 5], text.as_bytes()].concat()));
    picture[..end].iter().copied().chain(chunks).chain(picture[end..].iter().copied()).collect()
}

/// The badge in a PNG.
pub fn baked(badge: &str, filling: usize) -> Vec<u8> {
    satchel_badge::bake::bake(&png(filling), badge.as_bytes()).unwrap()
}

/// A sample of `tests/data`.
pub fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name)).unwrap()
}

/// A wallet in a folder that goes away with its test.
pub struct Home {
    pub folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn open(&self) -> Wallet {
        Wallet::open_or_create(self.path(), now()).unwrap()
    }
}

/// Imports one file, asking nobody.
pub fn import(wallet: &mut Wallet, name: &str, bytes: impl AsRef<[u8]>) -> Vec<Imported> {
    let candidate = Candidate::read(name, &mut Cursor::new(bytes.as_ref()));
    wallet.importer(None, now()).take(&[candidate]).unwrap().remove(0)
}

/// Imports a file with one badge, which is new, and gives its id.
#[track_caller]
pub fn add(wallet: &mut Wallet, name: &str, bytes: impl AsRef<[u8]>) -> BadgeId {
    let imported = import(wallet, name, bytes);
    assert_eq!((imported.len(), imported[0].outcome), (1, Outcome::Added), "{name}");
    imported[0].id.unwrap()
}

/// An id as a person types it.
pub fn id(id: BadgeId) -> IdPrefix {
    id.to_string().parse().unwrap()
}

/// The badges of a shelf.
pub fn list(wallet: &mut Wallet, shelf: Shelf, now: Timestamp) -> Vec<Row> {
    wallet.find(&Query { shelf, ..Query::default() }, now).unwrap().rows
}

/// The names of the badges that are found.
pub fn found(wallet: &mut Wallet, text: &str) -> Vec<String> {
    let query = Query { text: text.to_owned(), ..Query::default() };
    wallet.find(&query, now()).unwrap().rows.into_iter().map(|badge| badge.name.unwrap_or_default()).collect()
}
