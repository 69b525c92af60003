//! Programs that registered themselves. Their names and redirects are their own word.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{Row, StoreError, Tx};
use crate::values;

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id, which is no secret.
    pub id: Id,
    /// What it calls itself.
    pub name: String,
    /// Where codes for it may be sent.
    pub redirects: Vec<String>,
    /// When it registered.
    pub created: Timestamp,
}

fn read(row: &Row) -> Result<Client, StoreError> {
    let broken = |_| StoreError::Failed(String::from("a program with unreadable redirects"));
    let redirects = serde_json::from_str(&row.get::<String>(2)?).map_err(broken)?;
    Ok(Client { id: row.get(0)?, name: row.get(1)?, redirects, created: row.get(3)? })
}

/// Keeps a program.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Client) -> Result<(), StoreError> {
    let redirects = serde_json::json!(it.redirects).to_string();
    let sql = "INSERT INTO client (id, name, redirects, created, used) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, values![it.id, &it.name, redirects, it.created, it.created]).map(drop)
}

/// The program with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Client>, StoreError> {
    tx.first("SELECT id, name, redirects, created FROM client WHERE id = $1", values![id])?.as_ref().map(read).transpose()
}

/// Notes that somebody allowed it something.
///
/// # Errors
/// What the database said.
pub fn note_used(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE client SET used = $1 WHERE id = $2", values![now, id]).map(drop)
}

/// Forgets programs that nobody has allowed anything since `before`.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM client WHERE used < $1 AND NOT EXISTS (SELECT 1 FROM device WHERE device.client = client.id)";
    tx.execute(sql, values![before]).map(drop)
}
