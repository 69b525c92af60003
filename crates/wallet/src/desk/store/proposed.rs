//! Proposals that were decided at this desk.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{text, torn};
use crate::store::seal;
use crate::{Sha256, WalletError};

/// A proposal, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its id, as the server has it.
    pub proposal: String,
    pub badge: String,
    /// The award that was signed for it; none, when it was declined.
    pub credential: Option<String>,
    /// The key that signed it, and its number there.
    pub key: Option<String>,
    pub number: Option<String>,
    /// Whether a rule decided.
    pub by_rule: bool,
    /// In microseconds.
    pub at: i64,
}

fn seal_of(it: &Proposed) -> Sha256 {
    let Proposed { proposal, badge, credential, key, number, by_rule, at } = it;
    seal::of(&[
        text(Some(proposal)),
        text(Some(badge)),
        text(credential.as_ref()),
        text(key.as_ref()),
        text(number.as_ref()),
        ValueRef::Integer((*by_rule).into()),
        ValueRef::Integer(*at),
    ])
}

fn read(row: &Row<'_>) -> Result<Proposed, WalletError> {
    let it = Proposed {
        proposal: row.get(0)?,
        badge: row.get(1)?,
        credential: row.get(2)?,
        key: row.get(3)?,
        number: row.get(4)?,
        by_rule: row.get(5)?,
        at: row.get(6)?,
    };
    if row.get::<_, Sha256>(7)? == seal_of(&it) { Ok(it) } else { Err(torn(&format!("the proposal {}", it.proposal))) }
}

/// Notes what was decided. That a proposal is there already is an error: nothing is signed for it twice.
pub fn put(db: &Connection, it: &Proposed) -> Result<(), WalletError> {
    let sql = "INSERT INTO proposed (proposal, badge, credential, key, number, by_rule, at, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let Proposed { proposal, badge, credential, key, number, by_rule, at } = it;
    db.execute(sql, params![proposal, badge, credential, key, number, by_rule, at, seal_of(it)])?;
    Ok(())
}

fn one(db: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Option<Proposed>, WalletError> {
    let sql = format!("SELECT proposal, badge, credential, key, number, by_rule, at, seal FROM proposed WHERE {rest}");
    db.query_row(&sql, values, |row| Ok(read(row))).optional()?.transpose()
}

/// The proposal with this id.
pub fn get(db: &Connection, proposal: &str) -> Result<Option<Proposed>, WalletError> {
    one(db, "proposal = ?1", [proposal])
}

/// The one that an award was signed for.
pub fn of_credential(db: &Connection, credential: &str) -> Result<Option<Proposed>, WalletError> {
    one(db, "credential = ?1", [credential])
}

/// The one with this number of a key.
pub fn by_number(db: &Connection, key: &str, number: &str) -> Result<Option<Proposed>, WalletError> {
    one(db, "key = ?1 AND number = ?2", [key, number])
}

/// How many awards of a badge a rule signed for a key since a time.
pub fn count_since(db: &Connection, key: &str, badge: &str, since: i64) -> Result<i64, WalletError> {
    let sql =
        "SELECT count(*) FROM proposed WHERE key = ?1 AND badge = ?2 AND at > ?3 AND by_rule = 1 AND credential IS NOT NULL";
    Ok(db.query_row(sql, params![key, badge, since], |row| row.get(0))?)
}
