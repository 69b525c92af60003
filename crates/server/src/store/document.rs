//! What issuers publish under stable addresses.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{Row, StoreError, Tx};
use crate::values;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its path under that of the issuer.
    pub path: String,
    /// Its media type.
    pub media: String,
    /// Its bytes, as the issuer sent them.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub hash: [u8; 32],
    /// The number of a status list.
    pub number: Option<i64>,
}

fn read(row: &Row) -> Result<Document, StoreError> {
    Ok(Document { path: row.get(0)?, media: row.get(1)?, bytes: row.get(2)?, hash: row.get(3)?, number: row.get(4)? })
}

/// Keeps a document, in place of an earlier one.
///
/// # Errors
/// What the database said.
pub fn put(tx: &mut Tx<'_>, issuer: Id, document: &Document, now: Timestamp) -> Result<(), StoreError> {
    let Document { path, media, bytes, hash, number } = document;
    let sql = "INSERT INTO document (issuer, path, media, bytes, hash, number, updated) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (issuer, path) DO UPDATE SET media = excluded.media, bytes = excluded.bytes, hash = excluded.hash,
                   number = excluded.number, updated = excluded.updated";
    tx.execute(sql, values![issuer, path, media, bytes.as_slice(), *hash, *number, now]).map(drop)
}

/// The document at a path.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, issuer: Id, path: &str) -> Result<Option<Document>, StoreError> {
    let sql = "SELECT path, media, bytes, hash, number FROM document WHERE issuer = $1 AND path = $2";
    tx.first(sql, values![issuer, path])?.as_ref().map(read).transpose()
}

/// The document at a path of the issuer with this DID.
///
/// # Errors
/// What the database said.
pub fn of_did(tx: &mut Tx<'_>, did: &str, path: &str) -> Result<Option<Document>, StoreError> {
    let sql = "SELECT path, media, bytes, hash, number FROM document
               WHERE issuer = (SELECT id FROM issuer WHERE did = $1) AND path = $2";
    tx.first(sql, values![did, path])?.as_ref().map(read).transpose()
}

/// All that an issuer publishes but its pictures.
///
/// # Errors
/// What the database said.
pub fn all(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<Document>, StoreError> {
    let sql = "SELECT path, media, bytes, hash, number FROM document WHERE issuer = $1 AND media <> 'image/png' ORDER BY path";
    tx.all(sql, values![issuer])?.iter().map(read).collect()
}
