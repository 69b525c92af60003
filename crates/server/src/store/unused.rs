//! Accounts that nobody uses: who is to be told, and who is to be erased because they were told (R50).

use jiff::Timestamp;
use satchel_protocol::Id;

use super::account::{Account, COLUMNS, read};
use super::{StoreError, Tx};
use crate::values;

/// Who may be erased because nobody comes: nobody whose account runs the server or acts for an issuer.
const UNUSED: &str = "state <> 'under_age' AND role IS NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE account = account.id)";

/// Accounts that nobody used since a time, and whose owners were not told what becomes of them.
///
/// # Errors
/// What the database said.
pub fn since(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<Vec<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE seen <= $1 AND warned IS NULL AND {UNUSED} ORDER BY seen LIMIT $2");
    tx.all(&sql, values![before, most])?.iter().map(read).collect()
}

/// Notes that the owner of an unused account was told.
///
/// # Errors
/// What the database said.
pub fn note_warned(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET warned = $1 WHERE id = $2", values![now, id]).map(drop)
}

/// When the owner of an unused account was told, if nobody came since.
///
/// # Errors
/// What the database said.
pub fn warned(tx: &mut Tx<'_>, id: Id) -> Result<Option<Timestamp>, StoreError> {
    tx.first("SELECT warned FROM account WHERE id = $1", values![id])?.map_or(Ok(None), |row| row.get(0))
}

/// Accounts that nobody used since a time, though their owners were told before another, by a mail that has left.
///
/// # Errors
/// What the database said.
pub fn and_warned(tx: &mut Tx<'_>, before: Timestamp, warned: Timestamp, most: i64) -> Result<Vec<Account>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM account WHERE seen <= $1 AND warned <= $2 AND {UNUSED}
             AND NOT EXISTS (SELECT 1 FROM outbox WHERE subject = account.id AND kind = 'unused') ORDER BY seen LIMIT $3"
    );
    tx.all(&sql, values![before, warned, most])?.iter().map(read).collect()
}
