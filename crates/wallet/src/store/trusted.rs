//! Whom the owner trusts.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::seal;
use crate::{Sha256, WalletError};

/// An issuer that the owner trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As badges name it.
    pub id: String,
    /// As the owner knows it.
    pub name: String,
    /// When, in microseconds.
    pub added: i64,
}

impl Choice {
    fn seal(&self) -> Sha256 {
        seal::of(&[ValueRef::Text(self.id.as_bytes()), ValueRef::Text(self.name.as_bytes()), ValueRef::Integer(self.added)])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let choice = Self { id: row.get(0)?, name: row.get(1)?, added: row.get(2)? };
        let whole = row.get::<_, Sha256>(3)? == choice.seal();
        // An issuer that nobody chose must never count as one that the owner trusts.
        if whole { Ok(choice) } else { Err(WalletError::damaged("wallet.db: whom its owner trusts")) }
    }
}

pub fn put(db: &Connection, choice: &Choice) -> Result<(), WalletError> {
    let sql = "INSERT INTO trusted (id, name, added, seal) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (id) DO UPDATE SET name = ?2, added = ?3, seal = ?4";
    db.execute(sql, params![choice.id, choice.name, choice.added, choice.seal()])?;
    Ok(())
}

/// Says whether it was there.
pub fn erase(db: &Connection, id: &str) -> Result<bool, WalletError> {
    Ok(db.execute("DELETE FROM trusted WHERE id = ?1", [id])? > 0)
}

/// All of them, in the order of their identifiers.
pub fn all(db: &Connection) -> Result<Vec<Choice>, WalletError> {
    let mut statement = db.prepare_cached("SELECT id, name, added, seal FROM trusted ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok(Choice::read(row)))?;
    rows.map(|row| row?).collect()
}

/// What can be read of a damaged table, from both ends.
pub fn salvage(db: &Connection) -> Vec<Choice> {
    super::salvage(db, "SELECT id, name, added, seal FROM trusted ORDER BY id", Choice::read)
}

/// The same of those that are set apart (store/apart.rs).
pub fn salvage_apart(db: &Connection) -> Vec<Choice> {
    super::salvage(db, "SELECT id, name, added, seal FROM trusted_apart ORDER BY id", Choice::read)
}
