//! Files as they came, by their SHA-256.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::seal;
use crate::{Sha256, WalletError};

/// A file as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    pub sha256: Sha256,
    /// The kind of file, by its name in reports.
    pub format: String,
    /// Its name as it came, without the folder.
    pub name: String,
    /// When, in microseconds.
    pub added: i64,
    pub bytes: Vec<u8>,
}

impl Original {
    fn seal(&self) -> Sha256 {
        let text = |text: &'_ str| -> Vec<u8> { text.as_bytes().to_vec() };
        let (format, name) = (text(&self.format), text(&self.name));
        let columns = [
            ValueRef::Blob(self.sha256.as_bytes()),
            ValueRef::Text(&format),
            ValueRef::Text(&name),
            ValueRef::Integer(self.added),
        ];
        seal::of(&columns)
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let original =
            Self { sha256: row.get(0)?, format: row.get(1)?, name: row.get(2)?, added: row.get(3)?, bytes: row.get(5)? };
        let whole = row.get::<_, Sha256>(4)? == original.seal() && Sha256::of(&original.bytes) == original.sha256;
        if whole { Ok(original) } else { Err(WalletError::damaged(format!("{} ({})", original.name, original.sha256))) }
    }
}

const COLUMNS: &str = "sha256, format, name, added, seal, bytes";

/// Keeps a file; one that is here already stays as it is.
pub fn put(db: &Connection, original: &Original) -> Result<(), WalletError> {
    let sql = "INSERT INTO original (sha256, format, name, added, seal, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (sha256) DO NOTHING";
    let Original { sha256, format, name, added, bytes } = original;
    db.prepare_cached(sql)?.execute(params![sha256, format, name, added, original.seal(), bytes])?;
    Ok(())
}

/// The file with this SHA-256; damaged when its bytes are not those.
pub fn get(db: &Connection, sha256: Sha256) -> Result<Original, WalletError> {
    one(db, &format!("SELECT {COLUMNS} FROM original WHERE sha256 = ?1"), sha256)?
        .ok_or_else(|| WalletError::damaged(format!("wallet.db: the file {sha256} is gone")))
}

/// The file in this row.
pub fn at(db: &Connection, number: i64) -> Result<Option<Original>, WalletError> {
    one(db, &format!("SELECT {COLUMNS} FROM original WHERE number = ?1"), number)
}

fn one(db: &Connection, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<Original>, WalletError> {
    db.prepare_cached(sql)?.query_row([key], |row| Ok(Original::read(row))).optional()?.transpose()
}

/// The highest number of a row.
pub fn last(db: &Connection) -> Result<i64, WalletError> {
    Ok(db.query_row("SELECT coalesce(max(number), 0) FROM original", [], |row| row.get(0))?)
}

/// Erases a file, unless a badge still stands in it. Says whether it is gone.
pub fn erase_unused(db: &Connection, sha256: Sha256) -> Result<bool, WalletError> {
    let sql = "DELETE FROM original WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM badge WHERE original = ?1)
               AND NOT EXISTS (SELECT 1 FROM copy WHERE original = ?1)";
    Ok(db.execute(sql, [sha256])? > 0)
}
