//! Logins that joined an account that was there before, and how the account was then, so that it can be undone for a while.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::{EmailAddress, Id};

use super::{Row, StoreError, Tx};
use crate::values;

/// How long a merge can be undone.
pub const UNDONE_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A login that joined an account.
#[derive(Clone, Debug)]
pub struct Merge {
    /// Its id.
    pub id: Id,
    /// The account.
    pub account: Id,
    /// The provider's id.
    pub provider: String,
    /// The provider's issuer identifier.
    pub issuer: String,
    /// What the provider calls the person.
    pub subject: String,
    /// The given name that the account had.
    pub given_name: String,
    /// The family name that it had.
    pub family_name: String,
    /// The address that it got.
    pub address: Option<EmailAddress>,
    /// When.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, account, provider, issuer, subject, given_name, family_name, address, at";

fn read(row: &Row) -> Result<Merge, StoreError> {
    Ok(Merge {
        id: row.get(0)?,
        account: row.get(1)?,
        provider: row.get(2)?,
        issuer: row.get(3)?,
        subject: row.get(4)?,
        given_name: row.get(5)?,
        family_name: row.get(6)?,
        address: row.get::<Option<String>>(7)?.and_then(|text| text.parse().ok()),
        at: row.get(8)?,
    })
}

/// Notes a merge.
///
/// # Errors
/// What the database said.
pub fn note(tx: &mut Tx<'_>, it: &Merge) -> Result<(), StoreError> {
    let sql = "INSERT INTO merge (id, account, provider, issuer, subject, given_name, family_name, address, at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let address = it.address.as_ref().map(EmailAddress::as_str);
    let given =
        values![it.id, it.account, &it.provider, &it.issuer, &it.subject, &it.given_name, &it.family_name, address, it.at];
    tx.execute(sql, given).map(drop)
}

/// A merge that can still be undone.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<Option<Merge>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM merge WHERE id = $1 AND undone IS NULL AND at > $2");
    tx.first(&sql, values![id, now - UNDONE_WITHIN])?.as_ref().map(read).transpose()
}

/// The merges of an account that can still be undone.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id, now: Timestamp) -> Result<Vec<Merge>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM merge WHERE account = $1 AND undone IS NULL AND at > $2 ORDER BY at, id");
    tx.all(&sql, values![account, now - UNDONE_WITHIN])?.iter().map(read).collect()
}

/// Notes that a merge was undone; whether it was not before.
///
/// # Errors
/// What the database said.
pub fn undo(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE merge SET undone = $1 WHERE id = $2 AND undone IS NULL", values![now, id])? == 1)
}

/// Notes that a login parted from an account, whether it had joined it or was there first: none of its provider joins by itself again. `it` is
/// how it is kept where it did not join.
///
/// # Errors
/// What the database said.
pub fn bar(tx: &mut Tx<'_>, it: &Merge) -> Result<(), StoreError> {
    let sql = "UPDATE merge SET undone = $1 WHERE account = $2 AND issuer = $3 AND subject = $4 AND undone IS NULL";
    tx.execute(sql, values![it.at, it.account, &it.issuer, &it.subject])?;
    if !is_barred(tx, it.account, &it.issuer)? {
        note(tx, it)?;
        undo(tx, it.id, it.at)?;
    }
    Ok(())
}

/// Whether a login of this provider parted from this account. Whoever gets the address after that is somebody else.
///
/// # Errors
/// What the database said.
pub fn is_barred(tx: &mut Tx<'_>, account: Id, issuer: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM merge WHERE account = $1 AND issuer = $2 AND undone IS NOT NULL";
    Ok(tx.number(sql, values![account, issuer])? > 0)
}

/// Calls what joined or parted by a provider otherwise, as its logins are from now on: by another issuer, and by the new name of each subject.
///
/// # Errors
/// What the database said.
pub fn rename(tx: &mut Tx<'_>, provider: &str, issuer: &str, renamed: &[(String, String)]) -> Result<(), StoreError> {
    tx.execute("UPDATE merge SET issuer = $1 WHERE provider = $2", values![issuer, provider])?;
    // Each by its id, so that two may change places.
    for row in tx.all("SELECT id, subject FROM merge WHERE provider = $1", values![provider])? {
        let (id, subject): (Id, String) = (row.get(0)?, row.get(1)?);
        if let Some((_, new)) = renamed.iter().find(|(old, _)| *old == subject) {
            tx.execute("UPDATE merge SET subject = $1 WHERE id = $2", values![new, id])?;
        }
    }
    Ok(())
}

/// Forgets how accounts were, once it can be undone no more. That one was undone stays.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM merge WHERE undone IS NULL AND at <= $1", values![now - UNDONE_WITHIN]).map(drop)
}
