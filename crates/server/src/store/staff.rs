//! Who acts for an issuer on the pages of the staff. Operators act for all.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{StoreError, Tx, account::Account};
use crate::values;

/// The role of one who runs the server.
pub const OPERATOR: &str = "operator";

/// The issuers that an account acts for; none for whoever is no staff.
///
/// # Errors
/// What the database said.
pub fn issuers(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<Id>, StoreError> {
    let rows = if account.role.as_deref() == Some(OPERATOR) {
        tx.all("SELECT id FROM issuer ORDER BY id", &[])?
    } else {
        tx.all("SELECT issuer FROM staff WHERE account = $1 ORDER BY issuer", values![account.id])?
    };
    rows.iter().map(|row| row.get(0)).collect()
}

/// Whether an account acts for any issuer, or runs the server.
///
/// # Errors
/// What the database said.
pub fn is_staff(tx: &mut Tx<'_>, account: &Account) -> Result<bool, StoreError> {
    if account.role.is_some() {
        return Ok(true);
    }
    Ok(tx.number("SELECT count(*) FROM staff WHERE account = $1", values![account.id])? > 0)
}

/// Has an account act for an issuer; whether it did not before.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, issuer: Id, account: Id, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO staff (issuer, account, since) VALUES ($1, $2, $3) ON CONFLICT (issuer, account) DO NOTHING";
    Ok(tx.execute(sql, values![issuer, account, now])? == 1)
}

/// Has an account act for an issuer no more; whether it did.
///
/// # Errors
/// What the database said.
pub fn remove(tx: &mut Tx<'_>, issuer: Id, account: Id) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM staff WHERE issuer = $1 AND account = $2", values![issuer, account])? == 1)
}

/// The accounts that act for an issuer, each by its main address.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT a.shown FROM staff s JOIN address a ON a.account = s.account AND a.is_main = 1 WHERE s.issuer = $1 ORDER BY a.shown";
    tx.all(sql, values![issuer])?.iter().map(|row| row.get(0)).collect()
}
