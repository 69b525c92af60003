//! Who acts for an issuer on the pages of the staff. Operators act for all.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::{EmailAddress, Id};

use super::{Row, StoreError, Tx, account::Account};
use crate::values;

/// The role of one who runs the server.
pub const OPERATOR: &str = "operator";

/// The issuers that an account acts for; none for whoever is no staff, and none that is suspended.
///
/// # Errors
/// What the database said.
pub fn issuers(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<Id>, StoreError> {
    let rows = if account.role.as_deref() == Some(OPERATOR) {
        tx.all("SELECT id FROM issuer WHERE suspended IS NULL ORDER BY id", &[])?
    } else {
        let sql = "SELECT s.issuer FROM staff s JOIN issuer i ON i.id = s.issuer
                   WHERE s.account = $1 AND i.suspended IS NULL ORDER BY s.issuer";
        tx.all(sql, values![account.id])?
    };
    rows.iter().map(|row| row.get(0)).collect()
}

/// The issuers that an account acts for by name, whatever else it is.
///
/// # Errors
/// What the database said.
pub fn named_by(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Id>, StoreError> {
    let rows = tx.all("SELECT issuer FROM staff WHERE account = $1 ORDER BY issuer", values![account])?;
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

// ---- Who was asked to ----

/// How long somebody has to answer.
const OFFERED: SignedDuration = SignedDuration::from_hours(24 * 14);

/// How far apart two mails about it are.
const BETWEEN_MAILS: SignedDuration = SignedDuration::from_hours(24);

/// That an issuer asked whoever has an address to act for it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its id.
    pub id: Id,
    /// The issuer.
    pub issuer: Id,
    /// Whom it asked.
    pub address: EmailAddress,
    /// When, the last time.
    pub created: Timestamp,
    /// Until when it can be accepted.
    pub expires: Timestamp,
}

fn read(row: &Row) -> Result<Offer, StoreError> {
    let address = row.get::<String>(2)?.parse();
    let address = address.map_err(|_| StoreError::Failed(String::from("an offer to an unreadable address")))?;
    Ok(Offer { id: row.get(0)?, issuer: row.get(1)?, address, created: row.get(3)?, expires: row.get(4)? })
}

const OFFER: &str = "id, issuer, shown, created, expires";

/// Asks whoever has an address; nothing when that was done within a day, so that nobody's mailbox is filled.
///
/// # Errors
/// What the database said.
pub fn ask(tx: &mut Tx<'_>, id: Id, issuer: Id, address: &EmailAddress, now: Timestamp) -> Result<Option<Offer>, StoreError> {
    let sql = "DELETE FROM staff_offer WHERE issuer = $1 AND address = $2 AND created <= $3";
    tx.execute(sql, values![issuer, address.normal(), now - BETWEEN_MAILS])?;
    let it = Offer { id, issuer, address: address.clone(), created: now, expires: now + OFFERED };
    let sql = "INSERT INTO staff_offer (id, issuer, address, shown, created, expires) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (issuer, address) DO NOTHING";
    let made = tx.execute(sql, values![id, issuer, address.normal(), address.as_str(), now, it.expires])? == 1;
    Ok(made.then_some(it))
}

/// The offer with this id, while it can be accepted.
///
/// # Errors
/// What the database said.
pub fn offer(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<Option<Offer>, StoreError> {
    let sql = format!("SELECT {OFFER} FROM staff_offer WHERE id = $1 AND expires > $2");
    tx.first(&sql, values![id, now])?.as_ref().map(read).transpose()
}

/// The first offer to an address that can be accepted, of an issuer that is not suspended.
///
/// # Errors
/// What the database said.
pub fn offer_to(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp) -> Result<Option<Offer>, StoreError> {
    let sql = format!(
        "SELECT {OFFER} FROM staff_offer WHERE address = $1 AND expires > $2
         AND issuer IN (SELECT id FROM issuer WHERE suspended IS NULL) ORDER BY created LIMIT 1"
    );
    tx.first(&sql, values![address.normal(), now])?.as_ref().map(read).transpose()
}

/// The addresses that an issuer asked and that have not answered.
///
/// # Errors
/// What the database said.
pub fn asked(tx: &mut Tx<'_>, issuer: Id, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT shown FROM staff_offer WHERE issuer = $1 AND expires > $2 ORDER BY shown";
    tx.all(sql, values![issuer, now])?.iter().map(|row| row.get(0)).collect()
}

/// Ends an offer; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end_offer(tx: &mut Tx<'_>, issuer: Id, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "DELETE FROM staff_offer WHERE issuer = $1 AND address = $2";
    Ok(tx.execute(sql, values![issuer, address.normal()])? == 1)
}

/// Forgets who was asked at an address.
///
/// # Errors
/// What the database said.
pub fn erase_address(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<(), StoreError> {
    tx.execute("DELETE FROM staff_offer WHERE address = $1", values![address.normal()]).map(drop)
}

/// Forgets offers that nobody answered in time.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM staff_offer WHERE expires <= $1", values![now]).map(drop)
}
