//! The highest number that was seen of each list of revoked badges (security.md, V03). A host that serves an older list again would else
//! hide what happened since.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::seal;
use crate::{Sha256, WalletError};

fn seal_of(key: &str, number: i64) -> Sha256 {
    seal::of(&[ValueRef::Text(key.as_bytes()), ValueRef::Integer(number)])
}

fn read(row: &Row<'_>) -> Result<(String, u64), WalletError> {
    let (key, number): (String, i64) = (row.get(0)?, row.get(1)?);
    let whole = row.get::<_, Sha256>(2)? == seal_of(&key, number);
    match u64::try_from(number) {
        Ok(number) if whole => Ok((key, number)),
        _ => Err(WalletError::damaged(format!("wallet.db: the number of the list {key}"))),
    }
}

/// Notes a number, unless a higher one was seen.
pub fn note(db: &Connection, key: &str, number: u64) -> Result<(), WalletError> {
    if get(db, key)?.is_some_and(|seen| seen >= number) {
        return Ok(());
    }
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let sql =
        "INSERT INTO numbered (key, number, seal) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET number = ?2, seal = ?3";
    db.prepare_cached(sql)?.execute(params![key, number, seal_of(key, number)])?;
    Ok(())
}

pub fn get(db: &Connection, key: &str) -> Result<Option<u64>, WalletError> {
    let mut statement = db.prepare_cached("SELECT key, number, seal FROM numbered WHERE key = ?1")?;
    let found = statement.query_row([key], |row| Ok(read(row))).optional()?.transpose()?;
    Ok(found.map(|(_, number)| number))
}

/// Every one of them.
pub fn all(db: &Connection) -> Result<Vec<(String, u64)>, WalletError> {
    let mut statement = db.prepare("SELECT key, number, seal FROM numbered ORDER BY key")?;
    let rows = statement.query_map([], |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<(String, u64)> {
    super::salvage(db, "SELECT key, number, seal FROM numbered ORDER BY key", read)
}

/// The same of those that are set apart (store/apart.rs).
pub fn salvage_apart(db: &Connection) -> Vec<(String, u64)> {
    super::salvage(db, "SELECT key, number, seal FROM numbered_apart ORDER BY key", read)
}

/// Forgets a list that no badge rests on any more.
pub fn erase_unused(db: &Connection, key: &str) -> Result<(), WalletError> {
    db.execute("DELETE FROM numbered WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM uses WHERE key = ?1)", [key])?;
    Ok(())
}
