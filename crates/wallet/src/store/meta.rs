//! The one row about the wallet itself.

use rusqlite::Connection;

use crate::WalletError;

/// Which wallet this is, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Made at random with the wallet.
    pub wallet: Vec<u8>,
    /// How often something was erased.
    pub erasures: i64,
    /// The number of the last change of a badge.
    pub seq: i64,
}

pub fn get(db: &Connection) -> Result<Meta, WalletError> {
    let row = db.query_row("SELECT wallet, erasures, seq FROM meta WHERE one = 1", [], |row| {
        Ok(Meta { wallet: row.get(0)?, erasures: row.get(1)?, seq: row.get(2)? })
    });
    row.map_err(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => WalletError::damaged("wallet.db: its head is gone"),
        error => error.into(),
    })
}

/// Makes it another wallet, which nobody knows by the number that it had.
pub fn renew(db: &Connection) -> Result<Vec<u8>, WalletError> {
    Ok(db.query_row("UPDATE meta SET wallet = randomblob(16) WHERE one = 1 RETURNING wallet", [], |row| row.get(0))?)
}

/// The number of a new change.
pub fn next_seq(db: &Connection) -> Result<i64, WalletError> {
    Ok(db.query_row("UPDATE meta SET seq = seq + 1 WHERE one = 1 RETURNING seq", [], |row| row.get(0))?)
}

pub fn count_erasure(db: &Connection) -> Result<(), WalletError> {
    db.execute("UPDATE meta SET erasures = erasures + 1 WHERE one = 1", [])?;
    Ok(())
}
