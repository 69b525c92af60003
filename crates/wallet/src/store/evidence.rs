//! Documents that verifications rest on, with their time and origin (security.md, V06), and which badge rests on which.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use satchel_badge::evidence::{Document, Origin};

use super::{from_micros, seal, to_micros};
use crate::{BadgeId, Sha256, WalletError};

/// A row as it is stored.
struct Kept {
    key: String,
    sha256: Sha256,
    status: i64,
    media_type: Option<String>,
    fetched: Option<i64>,
    origin: String,
    bytes: Vec<u8>,
}

impl Kept {
    fn new(key: &str, document: &Document) -> Self {
        Self {
            key: key.to_owned(),
            sha256: Sha256::of(&document.bytes),
            status: document.status.into(),
            media_type: document.media_type.clone(),
            fetched: document.fetched.map(to_micros),
            origin: name(document.origin).to_owned(),
            bytes: document.bytes.to_vec(),
        }
    }

    fn seal(&self) -> Sha256 {
        let columns = [
            ValueRef::Text(self.key.as_bytes()),
            ValueRef::Blob(self.sha256.as_bytes()),
            ValueRef::Integer(self.status),
            self.media_type.as_ref().map_or(ValueRef::Null, |kind| ValueRef::Text(kind.as_bytes())),
            seal::optional(self.fetched),
            ValueRef::Text(self.origin.as_bytes()),
        ];
        seal::of(&columns)
    }

    fn read(row: &Row<'_>) -> Result<(String, Document), WalletError> {
        let kept = Self {
            key: row.get(0)?,
            sha256: row.get(1)?,
            status: row.get(2)?,
            media_type: row.get(3)?,
            fetched: row.get(4)?,
            origin: row.get(5)?,
            bytes: row.get(7)?,
        };
        let whole = row.get::<_, Sha256>(6)? == kept.seal() && Sha256::of(&kept.bytes) == kept.sha256;
        let damaged = || WalletError::damaged(kept.key.clone());
        let (true, Some(origin), Ok(status)) = (whole, origin(&kept.origin), u16::try_from(kept.status)) else {
            return Err(damaged());
        };
        let fetched = kept.fetched.map(from_micros).transpose()?;
        let document = Document { bytes: kept.bytes.into(), status, media_type: kept.media_type, fetched, origin };
        Ok((kept.key, document))
    }
}

const fn name(origin: Origin) -> &'static str {
    match origin {
        Origin::Fetched => "fetched",
        Origin::Redirected => "redirected",
        Origin::Given => "given",
        Origin::Brought => "brought",
    }
}

fn origin(text: &str) -> Option<Origin> {
    [Origin::Fetched, Origin::Redirected, Origin::Given, Origin::Brought].into_iter().find(|origin| name(*origin) == text)
}

const COLUMNS: &str = "key, sha256, status, media_type, fetched, origin, seal, bytes";

/// Keeps a document in the place of an older one. Says whether it says anything else than that.
pub fn put(db: &Connection, key: &str, document: &Document) -> Result<bool, WalletError> {
    let kept = Kept::new(key, document);
    let before: Option<(Sha256, i64)> = db
        .prepare_cached("SELECT sha256, status FROM evidence WHERE key = ?1")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let sql = "INSERT INTO evidence (key, sha256, status, media_type, fetched, origin, seal, bytes)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (key) DO UPDATE
               SET sha256 = ?2, status = ?3, media_type = ?4, fetched = ?5, origin = ?6, seal = ?7, bytes = ?8";
    let seal = kept.seal();
    let Kept { key, sha256, status, media_type, fetched, origin, bytes } = kept;
    db.prepare_cached(sql)?.execute(params![key, sha256, status, media_type, fetched, origin, seal, bytes])?;
    Ok(before != Some((sha256, status)))
}

pub fn get(db: &Connection, key: &str) -> Result<Option<Document>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM evidence WHERE key = ?1"))?;
    let found = statement.query_row([key], |row| Ok(Kept::read(row))).optional()?.transpose()?;
    Ok(found.map(|(_, document)| document))
}

/// The document in this row, with its key.
pub fn at(db: &Connection, number: i64) -> Result<Option<(String, Document)>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM evidence WHERE number = ?1"))?;
    statement.query_row([number], |row| Ok(Kept::read(row))).optional()?.transpose()
}

/// The highest number of a row.
pub fn last(db: &Connection) -> Result<i64, WalletError> {
    Ok(db.query_row("SELECT coalesce(max(number), 0) FROM evidence", [], |row| row.get(0))?)
}

/// States that a badge rests on a document.
pub fn note_use(db: &Connection, id: BadgeId, key: &str) -> Result<(), WalletError> {
    db.prepare_cached("INSERT INTO uses (badge, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?.execute(params![id, key])?;
    Ok(())
}

/// The badges that rest on a document.
pub fn users(db: &Connection, key: &str) -> Result<Vec<BadgeId>, WalletError> {
    let mut statement = db.prepare_cached("SELECT badge FROM uses WHERE key = ?1")?;
    let rows = statement.query_map([key], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The documents that a badge rests on.
pub fn used_by(db: &Connection, id: BadgeId) -> Result<Vec<String>, WalletError> {
    let mut statement = db.prepare_cached("SELECT key FROM uses WHERE badge = ?1")?;
    let rows = statement.query_map([id], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Erases a document that no badge rests on any more.
pub fn erase_unused(db: &Connection, key: &str) -> Result<(), WalletError> {
    db.execute("DELETE FROM evidence WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM uses WHERE key = ?1)", [key])?;
    Ok(())
}
