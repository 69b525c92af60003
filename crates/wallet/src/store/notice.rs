//! What the owner is to be told.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use satchel_protocol::Id;

use super::account::{json, parse};
use super::seal;
use crate::sync::Notice;
use crate::{Sha256, WalletError};

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub number: i64,
    pub account: Id,
    pub notice: Notice,
    /// When, in microseconds.
    pub at: i64,
}

impl Told {
    fn seal(&self) -> Sha256 {
        seal::of(&[
            ValueRef::Blob(self.account.as_bytes()),
            ValueRef::Text(json(&self.notice).as_bytes()),
            ValueRef::Integer(self.at),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let notice = parse(&row.get::<_, String>(2)?, "a notice")?;
        let it = Self { number: row.get(0)?, account: Id::from_bytes(row.get(1)?), notice, at: row.get(3)? };
        let whole = row.get::<_, Sha256>(4)? == it.seal();
        if whole { Ok(it) } else { Err(WalletError::damaged("wallet.db: a notice")) }
    }
}

const COLUMNS: &str = "number, account, told, at, seal";

/// Notices of one kind, as many as are kept of an account: nobody reads more, and a server decides how many there are.
const MOST: i64 = 100;

/// Keeps a notice, unless there are as many of its kind already; its number is given by the table.
pub fn put(db: &Connection, it: &Told) -> Result<(), WalletError> {
    let kept = "SELECT count(*) FROM notice WHERE account = ?1 AND json_extract(told, '$.told') = json_extract(?2, '$.told')";
    if db.prepare_cached(kept)?.query_row(params![it.account.as_bytes(), json(&it.notice)], |row| row.get::<_, i64>(0))? >= MOST {
        return Ok(());
    }
    let sql = "INSERT INTO notice (account, told, at, seal) VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, params![it.account.as_bytes(), json(&it.notice), it.at, it.seal()])?;
    Ok(())
}

/// All of them, the newest first.
pub fn all(db: &Connection) -> Result<Vec<Told>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM notice ORDER BY number DESC"))?;
    let rows = statement.query_map([], |row| Ok(Told::read(row)))?;
    rows.map(|row| row?).collect()
}

/// Forgets those up to this one, which were read.
pub fn erase_to(db: &Connection, number: i64) -> Result<(), WalletError> {
    db.execute("DELETE FROM notice WHERE number <= ?1", [number])?;
    Ok(())
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<Told> {
    super::salvage(db, &format!("SELECT {COLUMNS} FROM notice ORDER BY number"), Told::read)
}
