//! What the owner did and a server does not know yet.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use satchel_protocol::Id;

use super::account::{json, parse};
use super::seal;
use crate::sync::{Action, Entry};
use crate::{Sha256, WalletError};

/// An entry, whose it is, and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    pub account: Id,
    pub entry: Entry,
    pub made: i64,
}

impl Queued {
    fn seal(&self) -> Sha256 {
        seal::of(&[
            ValueRef::Blob(self.entry.id.as_bytes()),
            ValueRef::Blob(self.account.as_bytes()),
            ValueRef::Text(json(&self.entry.action).as_bytes()),
            ValueRef::Integer(self.made),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let action: Action = parse(&row.get::<_, String>(2)?, "something to be sent")?;
        let entry = Entry { id: Id::from_bytes(row.get(0)?), action };
        let it = Self { account: Id::from_bytes(row.get(1)?), entry, made: row.get(3)? };
        let whole = row.get::<_, Sha256>(4)? == it.seal();
        // What nobody did must never be sent.
        if whole { Ok(it) } else { Err(WalletError::damaged("wallet.db: something to be sent")) }
    }
}

const COLUMNS: &str = "id, account, action, made, seal";

/// Puts an entry after all others.
pub fn put(db: &Connection, it: &Queued) -> Result<(), WalletError> {
    let sql = "INSERT INTO outbox (id, account, action, made, seal) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.execute(sql, params![it.entry.id.as_bytes(), it.account.as_bytes(), json(&it.entry.action), it.made, it.seal()])?;
    Ok(())
}

/// What waits for a server, in its order.
pub fn of(db: &Connection, account: Id) -> Result<Vec<Queued>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE account = ?1 ORDER BY number"))?;
    let rows = statement.query_map([account.as_bytes()], |row| Ok(Queued::read(row)))?;
    rows.map(|row| row?).collect()
}

pub fn erase(db: &Connection, id: Id) -> Result<(), WalletError> {
    db.execute("DELETE FROM outbox WHERE id = ?1", [id.as_bytes()])?;
    Ok(())
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<Queued> {
    super::salvage(db, &format!("SELECT {COLUMNS} FROM outbox ORDER BY number"), Queued::read)
}
