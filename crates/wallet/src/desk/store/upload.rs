//! What the server has of each document.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Sha256, WalletError};

/// The SHA-256 of the document as the server last took it.
pub fn get(db: &Connection, path: &str) -> Result<Option<Sha256>, WalletError> {
    Ok(db.query_row("SELECT sha256 FROM upload WHERE path = ?1", [path], |row| row.get(0)).optional()?)
}

/// Notes what the server took.
pub fn put(db: &Connection, path: &str, sha256: Sha256) -> Result<(), WalletError> {
    db.execute("INSERT OR REPLACE INTO upload (path, sha256) VALUES (?1, ?2)", params![path, sha256])?;
    Ok(())
}
