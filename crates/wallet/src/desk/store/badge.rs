//! The badges that can be awarded.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::torn;
use crate::store::seal;
use crate::{Sha256, WalletError};

/// A badge as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub slug: String,
    /// What it is, as JSON.
    pub document: String,
    /// A PNG.
    pub picture: Vec<u8>,
    /// When, in microseconds.
    pub made: i64,
}

fn seal_of(badge: &Kept) -> Sha256 {
    let Kept { slug, document, picture, made } = badge;
    seal::of(&[
        ValueRef::Text(slug.as_bytes()),
        ValueRef::Text(document.as_bytes()),
        ValueRef::Blob(picture),
        ValueRef::Integer(*made),
    ])
}

fn read(row: &Row<'_>) -> Result<Kept, WalletError> {
    let badge = Kept { slug: row.get(0)?, document: row.get(1)?, picture: row.get(2)?, made: row.get(3)? };
    if row.get::<_, Sha256>(4)? == seal_of(&badge) { Ok(badge) } else { Err(torn(&format!("the badge {}", badge.slug))) }
}

/// Keeps a badge; whether it was new.
pub fn add(db: &Connection, badge: &Kept) -> Result<bool, WalletError> {
    let sql = "INSERT INTO badge (slug, document, picture, made, seal) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let Kept { slug, document, picture, made } = badge;
    Ok(db.execute(sql, params![slug, document, picture, made, seal_of(badge)])? > 0)
}

/// The badge of this name.
pub fn get(db: &Connection, slug: &str) -> Result<Option<Kept>, WalletError> {
    let sql = "SELECT slug, document, picture, made, seal FROM badge WHERE slug = ?1";
    db.query_row(sql, [slug], |row| Ok(read(row))).optional()?.transpose()
}

/// All of them.
pub fn all(db: &Connection) -> Result<Vec<Kept>, WalletError> {
    let mut statement = db.prepare("SELECT slug, document, picture, made, seal FROM badge ORDER BY slug")?;
    let rows = statement.query_map([], |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}
