//! Whom the key of this desk succeeded.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::torn;
use crate::store::seal;
use crate::{Sha256, WalletError};

/// An issuer that was succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predecessor {
    pub did: String,
    /// Whether somebody else may have its key.
    pub compromised: bool,
}

fn seal_of(it: &Predecessor) -> Sha256 {
    seal::of(&[ValueRef::Text(it.did.as_bytes()), ValueRef::Integer(it.compromised.into())])
}

/// Keeps one.
pub fn put(db: &Connection, it: &Predecessor) -> Result<(), WalletError> {
    let sql = "INSERT OR REPLACE INTO predecessor (did, compromised, seal) VALUES (?1, ?2, ?3)";
    db.execute(sql, params![it.did, it.compromised, seal_of(it)])?;
    Ok(())
}

/// All of them.
pub fn all(db: &Connection) -> Result<Vec<Predecessor>, WalletError> {
    let mut statement = db.prepare("SELECT did, compromised, seal FROM predecessor ORDER BY did")?;
    let rows = statement.query_map([], |row| {
        let it = Predecessor { did: row.get(0)?, compromised: row.get(1)? };
        let whole = row.get::<_, Sha256>(2)? == seal_of(&it);
        Ok((it, whole))
    })?;
    rows.map(|row| {
        let (it, whole) = row?;
        if whole { Ok(it) } else { Err(torn(&format!("the predecessor {}", it.did))) }
    })
    .collect()
}
