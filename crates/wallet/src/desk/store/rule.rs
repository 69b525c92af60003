//! Whose proposals are signed for without a click.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};

use super::torn;
use crate::store::seal;
use crate::{Sha256, WalletError};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A `did:key`.
    pub key: String,
    pub badge: String,
    /// Whose key it is, in the owner's words.
    pub name: String,
    pub daily: i64,
    /// In microseconds.
    pub made: i64,
    /// That of the issuer's own key.
    pub signature: Vec<u8>,
}

fn seal_of(rule: &Kept) -> Sha256 {
    let Kept { key, badge, name, daily, made, signature } = rule;
    seal::of(&[
        ValueRef::Text(key.as_bytes()),
        ValueRef::Text(badge.as_bytes()),
        ValueRef::Text(name.as_bytes()),
        ValueRef::Integer(*daily),
        ValueRef::Integer(*made),
        ValueRef::Blob(signature),
    ])
}

fn read(row: &Row<'_>) -> Result<Kept, WalletError> {
    let rule = Kept {
        key: row.get(0)?,
        badge: row.get(1)?,
        name: row.get(2)?,
        daily: row.get(3)?,
        made: row.get(4)?,
        signature: row.get(5)?,
    };
    if row.get::<_, Sha256>(6)? == seal_of(&rule) { Ok(rule) } else { Err(torn(&format!("the rule for {}", rule.key))) }
}

/// Keeps a rule, in the place of one for the same key and badge.
pub fn put(db: &Connection, rule: &Kept) -> Result<(), WalletError> {
    let sql = "INSERT OR REPLACE INTO rule (key, badge, name, daily, made, signature, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Kept { key, badge, name, daily, made, signature } = rule;
    db.execute(sql, params![key, badge, name, daily, made, signature, seal_of(rule)])?;
    Ok(())
}

/// All of them.
pub fn all(db: &Connection) -> Result<Vec<Kept>, WalletError> {
    let mut statement = db.prepare("SELECT key, badge, name, daily, made, signature, seal FROM rule ORDER BY key, badge")?;
    let rows = statement.query_map([], |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}

/// Takes a rule away; whether there was one.
pub fn remove(db: &Connection, key: &str, badge: &str) -> Result<bool, WalletError> {
    Ok(db.execute("DELETE FROM rule WHERE key = ?1 AND badge = ?2", params![key, badge])? == 1)
}
