//! Issuers whose key was admitted, and the signed requests that they made.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{Error, Row, StoreError, Tx, catalogue};
use crate::values;

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its id here.
    pub id: Id,
    /// Its DID, which is its key.
    pub did: String,
    /// Its name, as the profile that it published says.
    pub name: Option<String>,
    /// Since when its key counts no more.
    pub suspended: Option<Timestamp>,
    /// The hash of the key that its badges announce as the next.
    pub next_key: Option<String>,
    /// Who succeeded it.
    pub successor: Option<String>,
}

const COLUMNS: &str = "id, did, name, suspended, next_key, successor";

fn read(row: &Row) -> Result<Issuer, StoreError> {
    Ok(Issuer {
        id: row.get(0)?,
        did: row.get(1)?,
        name: row.get(2)?,
        suspended: row.get(3)?,
        next_key: row.get(4)?,
        successor: row.get(5)?,
    })
}

/// Admits a key; whether it was new.
///
/// # Errors
/// What the database said.
pub fn admit(tx: &mut Tx<'_>, id: Id, did: &str, name: Option<&str>, now: Timestamp) -> Result<bool, Error> {
    let added = tx.execute(
        "INSERT INTO issuer (id, did, name, created) VALUES ($1, $2, $3, $4) ON CONFLICT (did) DO NOTHING",
        values![id, did, name, now],
    )?;
    if added == 0 {
        tx.execute("UPDATE issuer SET suspended = NULL, name = coalesce($1, name) WHERE did = $2", values![name, did])?;
        catalogue::bump(tx)?;
    }
    Ok(added == 1)
}

/// Has the successor of an issuer issue under its own name, and speak for the one that it succeeds; whether it may. What an operator suspended or
/// ended is admitted again by an operator alone.
///
/// # Errors
/// What the database said.
pub fn appoint(tx: &mut Tx<'_>, before: &Issuer, id: Id, (did, url): (&str, &str), now: Timestamp) -> Result<bool, Error> {
    tx.execute(
        "INSERT INTO issuer (id, did, name, created) VALUES ($1, $2, $3, $4) ON CONFLICT (did) DO NOTHING",
        values![id, did, before.name.as_deref(), now],
    )?;
    let sql = "INSERT INTO issuer_key (issuer, url, admitted) VALUES ($1, $2, $3) ON CONFLICT (issuer, url) DO NOTHING";
    tx.execute(sql, values![before.id, url, now])?;
    let is_ended = !keys(tx, before.id)?.iter().any(|known| known == url);
    Ok(!is_ended && by_did(tx, did)?.is_some_and(|it| it.suspended.is_none()))
}

/// Has a key count no more; whether there was one.
///
/// # Errors
/// What the database said.
pub fn suspend(tx: &mut Tx<'_>, did: &str, now: Timestamp) -> Result<bool, Error> {
    catalogue::bump(tx)?;
    Ok(tx.execute("UPDATE issuer SET suspended = $1 WHERE did = $2", values![now, did])? == 1)
}

/// The issuer with this DID.
///
/// # Errors
/// What the database said.
pub fn by_did(tx: &mut Tx<'_>, did: &str) -> Result<Option<Issuer>, StoreError> {
    let row = tx.first(&format!("SELECT {COLUMNS} FROM issuer WHERE did = $1"), values![did])?;
    row.as_ref().map(read).transpose()
}

/// The issuer with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Issuer>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM issuer WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// All of them.
///
/// # Errors
/// What the database said.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Issuer>, StoreError> {
    tx.all(&format!("SELECT {COLUMNS} FROM issuer ORDER BY did"), &[])?.iter().map(read).collect()
}

/// Notes the key that an issuer announces as its next; whether it is the one that it announced before, if it did.
///
/// # Errors
/// What the database said.
pub fn announce(tx: &mut Tx<'_>, id: Id, hash: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer SET next_key = $1 WHERE id = $2 AND (next_key IS NULL OR next_key = $3)";
    Ok(tx.execute(sql, values![hash, id, hash])? == 1)
}

/// Notes who succeeded an issuer; whether nobody else did.
///
/// # Errors
/// What the database said.
pub fn succeed(tx: &mut Tx<'_>, id: Id, successor: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer SET successor = $1 WHERE id = $2 AND (successor IS NULL OR successor = $3)";
    Ok(tx.execute(sql, values![successor, id, successor])? == 1)
}

// ---- Keys beside the one that a DID is ----

/// Lets a key speak for an issuer; whether it was new.
///
/// # Errors
/// What the database said.
pub fn admit_key(tx: &mut Tx<'_>, issuer: Id, url: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO issuer_key (issuer, url, admitted) VALUES ($1, $2, $3) ON CONFLICT (issuer, url) DO NOTHING";
    let added = tx.execute(sql, values![issuer, url, now])? == 1;
    if !added {
        tx.execute("UPDATE issuer_key SET ended = NULL WHERE issuer = $1 AND url = $2", values![issuer, url])?;
    }
    Ok(added)
}

/// Has a key speak for an issuer no more; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end_key(tx: &mut Tx<'_>, issuer: Id, url: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer_key SET ended = $1 WHERE issuer = $2 AND url = $3 AND ended IS NULL";
    Ok(tx.execute(sql, values![now, issuer, url])? == 1)
}

/// The keys that speak for an issuer, by their URLs.
///
/// # Errors
/// What the database said.
pub fn keys(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<String>, StoreError> {
    let rows = tx.all("SELECT url FROM issuer_key WHERE issuer = $1 AND ended IS NULL ORDER BY url", values![issuer])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes over the name that the issuer's profile gives.
///
/// # Errors
/// What the database said.
pub fn rename(tx: &mut Tx<'_>, id: Id, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE issuer SET name = $1 WHERE id = $2", values![name, id]).map(drop)
}

/// Has an issuer go by this name, if it has none yet.
///
/// # Errors
/// What the database said.
pub fn name_first(tx: &mut Tx<'_>, id: Id, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE issuer SET name = $1 WHERE id = $2 AND name IS NULL", values![name, id]).map(drop)
}

/// Remembers a signed request; whether it is new.
///
/// # Errors
/// What the database said.
pub fn remember(tx: &mut Tx<'_>, hash: [u8; 32], expires: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO nonce (hash, expires) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    Ok(tx.execute(sql, values![hash, expires])? == 1)
}

/// Whether a request came before.
///
/// # Errors
/// What the database said.
pub fn came(tx: &mut Tx<'_>, hash: [u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM nonce WHERE hash = $1", values![hash])? > 0)
}

/// Forgets requests that would be too old by now.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM nonce WHERE expires < $1", values![now]).map(drop)
}
