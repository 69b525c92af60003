//! The address that a file was fetched from.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::seal;
use crate::{Sha256, WalletError};

/// Where a file came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub original: Sha256,
    pub url: String,
    /// When, in microseconds.
    pub fetched: i64,
}

impl Source {
    fn seal(&self) -> Sha256 {
        seal::of(&[
            ValueRef::Blob(self.original.as_bytes()),
            ValueRef::Text(self.url.as_bytes()),
            ValueRef::Integer(self.fetched),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let source = Self { original: row.get(0)?, url: row.get(1)?, fetched: row.get(2)? };
        let whole = row.get::<_, Sha256>(3)? == source.seal();
        if whole { Ok(source) } else { Err(WalletError::damaged("wallet.db: the address of a file")) }
    }
}

const COLUMNS: &str = "original, url, fetched, seal";

/// Notes where a file came from; the first address stays.
pub fn put(db: &Connection, source: &Source) -> Result<(), WalletError> {
    let sql = "INSERT INTO source (original, url, fetched, seal) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (original) DO NOTHING";
    db.prepare_cached(sql)?.execute(params![source.original, source.url, source.fetched, source.seal()])?;
    Ok(())
}

pub fn get(db: &Connection, original: Sha256) -> Result<Option<Source>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM source WHERE original = ?1"))?;
    statement.query_row([original], |row| Ok(Source::read(row))).optional()?.transpose()
}

/// Every one of them.
pub fn all(db: &Connection) -> Result<Vec<Source>, WalletError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM source ORDER BY original"))?;
    let rows = statement.query_map([], |row| Ok(Source::read(row)))?;
    rows.map(|row| row?).collect()
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<Source> {
    super::salvage(db, &format!("SELECT {COLUMNS} FROM source ORDER BY original"), Source::read)
}
