//! Lists of revoked awards as last signed, and the heads of the award log that were signed with them.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::torn;
use crate::store::seal;
use crate::{Sha256, WalletError};

/// A signed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    pub number: i64,
    /// It rises with each signature.
    pub version: i64,
    /// The signed credential.
    pub document: String,
    /// In microseconds.
    pub made: i64,
}

/// A head of the award log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// So many leaves.
    pub size: i64,
    pub root: Sha256,
    /// In microseconds.
    pub made: i64,
}

fn seal_of(list: &List) -> Sha256 {
    seal::of(&[
        ValueRef::Integer(list.number),
        ValueRef::Integer(list.version),
        ValueRef::Text(list.document.as_bytes()),
        ValueRef::Integer(list.made),
    ])
}

fn seal_of_head(head: &Head) -> Sha256 {
    seal::of(&[ValueRef::Integer(head.size), ValueRef::Blob(head.root.as_bytes()), ValueRef::Integer(head.made)])
}

fn read(row: &Row<'_>) -> Result<List, WalletError> {
    let list = List { number: row.get(0)?, version: row.get(1)?, document: row.get(2)?, made: row.get(3)? };
    if row.get::<_, Sha256>(4)? == seal_of(&list) { Ok(list) } else { Err(torn(&format!("the list {}", list.number))) }
}

/// The lists.
pub fn all(db: &Connection) -> Result<Vec<List>, WalletError> {
    let mut statement = db.prepare("SELECT number, version, document, made, seal FROM list ORDER BY number")?;
    let rows = statement.query_map([], |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}

/// Keeps a list in the place of the one before.
pub fn put(db: &Connection, list: &List) -> Result<(), WalletError> {
    let sql = "INSERT OR REPLACE INTO list (number, version, document, made, seal) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.execute(sql, params![list.number, list.version, list.document, list.made, seal_of(list)])?;
    Ok(())
}

/// Keeps a head; one of this size that was signed before stays.
pub fn put_head(db: &Connection, head: &Head) -> Result<(), WalletError> {
    let sql = "INSERT INTO head (size, root, made, seal) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    db.execute(sql, params![head.size, head.root, head.made, seal_of_head(head)])?;
    Ok(())
}

/// The last head.
pub fn last_head(db: &Connection) -> Result<Option<Head>, WalletError> {
    let sql = "SELECT size, root, made, seal FROM head ORDER BY size DESC LIMIT 1";
    let read = |row: &Row<'_>| -> Result<Head, WalletError> {
        let head = Head { size: row.get(0)?, root: row.get(1)?, made: row.get(2)? };
        if row.get::<_, Sha256>(3)? == seal_of_head(&head) { Ok(head) } else { Err(torn("the head of the award log")) }
    };
    db.query_row(sql, [], |row| Ok(read(row))).optional()?.transpose()
}
