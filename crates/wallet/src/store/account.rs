//! Accounts at servers.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use satchel_protocol::Id;
use satchel_protocol::wallet::Profile;
use serde::de::DeserializeOwned;

use super::seal;
use crate::sync::Place;
use crate::{Sha256, WalletError};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id in this wallet.
    pub id: Id,
    /// The address of its server, or [`EMBEDDED`].
    pub server: String,
    /// As the server told it last.
    pub profile: Profile,
    /// How far it was read.
    pub place: Place,
    /// When it was read to its end last, in microseconds.
    pub synced: Option<i64>,
    /// When it was added.
    pub added: i64,
}

/// What stands for the address of the server within the app, which has another one each time.
pub const EMBEDDED: &str = "embedded";

/// A text of JSON that is kept.
pub fn json<T: serde::Serialize>(value: &T) -> String {
    // Types of ours, with texts for keys.
    serde_json::to_string(value).unwrap_or_default()
}

/// Reads it again.
pub fn parse<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, WalletError> {
    serde_json::from_str(text).map_err(|error| WalletError::damaged(format!("wallet.db: {what}: {error}")))
}

impl Account {
    fn seal(&self) -> Sha256 {
        seal::of(&[
            ValueRef::Blob(self.id.as_bytes()),
            ValueRef::Text(self.server.as_bytes()),
            ValueRef::Text(json(&self.profile).as_bytes()),
            ValueRef::Text(json(&self.place).as_bytes()),
            seal::optional(self.synced),
            ValueRef::Integer(self.added),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let account = Self {
            id: Id::from_bytes(row.get(0)?),
            server: row.get(1)?,
            profile: parse(&row.get::<_, String>(2)?, "a profile")?,
            place: parse(&row.get::<_, String>(3)?, "how far an account was read")?,
            synced: row.get(4)?,
            added: row.get(5)?,
        };
        let whole = row.get::<_, Sha256>(6)? == account.seal();
        if whole { Ok(account) } else { Err(WalletError::damaged("wallet.db: an account")) }
    }
}

const COLUMNS: &str = "id, server, profile, place, synced, added, seal";

/// Keeps an account.
pub fn put(db: &Connection, it: &Account) -> Result<(), WalletError> {
    let sql = "INSERT INTO account (id, server, profile, place, synced, added, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (id) DO UPDATE SET server = ?2, profile = ?3, place = ?4, synced = ?5, added = ?6, seal = ?7";
    let (profile, place) = (json(&it.profile), json(&it.place));
    db.prepare_cached(sql)?.execute(params![it.id.as_bytes(), it.server, profile, place, it.synced, it.added, it.seal()])?;
    Ok(())
}

pub fn get(db: &Connection, id: Id) -> Result<Option<Account>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"))?;
    statement.query_row([id.as_bytes()], |row| Ok(Account::read(row))).optional()?.transpose()
}

/// All of them, in the order in which they were added.
pub fn all(db: &Connection) -> Result<Vec<Account>, WalletError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM account ORDER BY added, id"))?;
    let rows = statement.query_map([], |row| Ok(Account::read(row)))?;
    rows.map(|row| row?).collect()
}

/// Forgets an account with all that is known of it.
pub fn erase(db: &Connection, id: Id) -> Result<(), WalletError> {
    db.execute("DELETE FROM account WHERE id = ?1", [id.as_bytes()])?;
    Ok(())
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<Account> {
    super::salvage(db, &format!("SELECT {COLUMNS} FROM account ORDER BY id"), Account::read)
}
