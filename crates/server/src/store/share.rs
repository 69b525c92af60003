//! What an owner shows, and how: links to one badge with an end, and badges put together on a page (R33, R35).

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{Row, StoreError, Tx};
use crate::values;

/// A link to one badge.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// The badge.
    pub award: Id,
    /// For whom it is, in its owner's words.
    pub label: String,
    /// Since when.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

const COLUMNS: &str = "id, account, award, label, created, expires";

fn read(row: &Row) -> Result<Share, StoreError> {
    Ok(Share {
        id: row.get(0)?,
        account: row.get(1)?,
        award: row.get(2)?,
        label: row.get(3)?,
        created: row.get(4)?,
        expires: row.get(5)?,
    })
}

/// Makes a link.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Share) -> Result<(), StoreError> {
    let sql = "INSERT INTO share (id, account, award, label, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, values![it.id, it.account, it.award, &it.label, it.created, it.expires]).map(drop)
}

/// The link with this id, while it holds.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<Option<Share>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE id = $1 AND expires > $2");
    tx.first(&sql, values![id, now])?.as_ref().map(read).transpose()
}

/// The links of an account that hold, the newest first.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id, now: Timestamp) -> Result<Vec<Share>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM share WHERE account = $1 AND expires > $2 ORDER BY created DESC, id DESC");
    tx.all(&sql, values![account, now])?.iter().map(read).collect()
}

/// Ends a link of an account; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM share WHERE account = $1 AND id = $2", values![account, id])? == 1)
}

/// Forgets links that hold no more.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM share WHERE expires <= $1", values![now]).map(drop)
}

// ---- Collections ----

/// Badges put together.
#[derive(Clone, Debug)]
pub struct Collection {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// Its name.
    pub name: String,
    /// What its owner says of it.
    pub text: String,
    /// Whether its owner's page leads to it.
    pub shown: bool,
    /// When it was made.
    pub created: Timestamp,
}

const COLLECTION: &str = "id, account, name, text, shown, created";

fn read_collection(row: &Row) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: row.get(0)?,
        account: row.get(1)?,
        name: row.get(2)?,
        text: row.get(3)?,
        shown: row.get(4)?,
        created: row.get(5)?,
    })
}

/// Keeps a collection with the badges in it, in place of what it was.
///
/// # Errors
/// What the database said.
pub fn put_collection(tx: &mut Tx<'_>, it: &Collection, awards: &[Id]) -> Result<(), StoreError> {
    let sql = "INSERT INTO collection (id, account, name, text, shown, created) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, text = excluded.text, shown = excluded.shown";
    tx.execute(sql, values![it.id, it.account, &it.name, &it.text, it.shown, it.created])?;
    tx.execute("DELETE FROM collected WHERE collection = $1", values![it.id])?;
    for award in awards {
        let sql = "INSERT INTO collected (collection, award) VALUES ($1, $2) ON CONFLICT (collection, award) DO NOTHING";
        tx.execute(sql, values![it.id, *award])?;
    }
    Ok(())
}

/// A collection of an account.
///
/// # Errors
/// What the database said.
pub fn collection(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<Option<Collection>, StoreError> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE account = $1 AND id = $2");
    tx.first(&sql, values![account, id])?.as_ref().map(read_collection).transpose()
}

/// The collections of an account, the newest first.
///
/// # Errors
/// What the database said.
pub fn collections(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Collection>, StoreError> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE account = $1 ORDER BY created DESC, id DESC");
    tx.all(&sql, values![account])?.iter().map(read_collection).collect()
}

/// The badges in a collection.
///
/// # Errors
/// What the database said.
pub fn collected(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Id>, StoreError> {
    tx.all("SELECT award FROM collected WHERE collection = $1 ORDER BY award", values![id])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Takes a collection apart; the badges stay. Whether there was one.
///
/// # Errors
/// What the database said.
pub fn remove_collection(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<bool, StoreError> {
    if tx.execute("DELETE FROM collection WHERE account = $1 AND id = $2", values![account, id])? == 0 {
        return Ok(false);
    }
    tx.execute("DELETE FROM collected WHERE collection = $1", values![id])?;
    Ok(true)
}

/// Erases all links and collections of an account.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, account: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM share WHERE account = $1", values![account])?;
    let sql = "DELETE FROM collected WHERE collection IN (SELECT id FROM collection WHERE account = $1)";
    tx.execute(sql, values![account])?;
    tx.execute("DELETE FROM collection WHERE account = $1", values![account]).map(drop)
}
