//! Awards of whom this desk's key succeeded that were revoked here.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{text, torn};
use crate::store::seal;
use crate::{Sha256, WalletError};

/// An award of an issuer before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inherited {
    /// Its identifier.
    pub credential: String,
    /// That issuer.
    pub did: String,
    /// Its list, and its place there.
    pub list: i64,
    pub position: i64,
    pub invitation: Option<String>,
    /// In microseconds.
    pub revoked: i64,
    pub reason: String,
}

impl Inherited {
    fn seal(&self) -> Sha256 {
        seal::of(&[
            text(Some(&self.credential)),
            text(Some(&self.did)),
            ValueRef::Integer(self.list),
            ValueRef::Integer(self.position),
            text(self.invitation.as_ref()),
            ValueRef::Integer(self.revoked),
            text(Some(&self.reason)),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let it = Self {
            credential: row.get(0)?,
            did: row.get(1)?,
            list: row.get(2)?,
            position: row.get(3)?,
            invitation: row.get(4)?,
            revoked: row.get(5)?,
            reason: row.get(6)?,
        };
        let whole = row.get::<_, Sha256>(7)? == it.seal();
        if whole { Ok(it) } else { Err(torn(&format!("the award {}", it.credential))) }
    }
}

const COLUMNS: &str = "credential, did, list, position, invitation, revoked, reason, seal";

/// Keeps one; it stays as it was first.
pub fn put(db: &Connection, it: &Inherited) -> Result<(), WalletError> {
    let sql = format!("INSERT INTO inherited ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING");
    let Inherited { credential, did, list, position, invitation, revoked, reason } = it;
    db.execute(&sql, params![credential, did, list, position, invitation, revoked, reason, it.seal()])?;
    Ok(())
}

/// The one with this identifier.
pub fn get(db: &Connection, credential: &str) -> Result<Option<Inherited>, WalletError> {
    let sql = format!("SELECT {COLUMNS} FROM inherited WHERE credential = ?1");
    db.query_row(&sql, [credential], |row| Ok(Inherited::read(row))).optional()?.transpose()
}

/// Those of an issuer.
pub fn of(db: &Connection, did: &str) -> Result<Vec<Inherited>, WalletError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM inherited WHERE did = ?1 ORDER BY credential"))?;
    let rows = statement.query_map([did], |row| Ok(Inherited::read(row)))?;
    rows.map(|row| row?).collect()
}
