//! Second factors of accounts: apps that make one-time codes, passkeys, and recovery codes for when both are lost. What an app shares with
//! the server must be read to be compared, so it lies here as it is; of recovery codes only hashes do, of passkeys only public keys.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::account::Account;
use super::{Row, StoreError, Tx, staff};
use crate::settings::SecondFactor;
use crate::values;

/// What kind of factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An app that makes one-time codes.
    App,
    /// A passkey.
    Passkey,
}

impl Kind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Passkey => "passkey",
        }
    }
}

/// A factor, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its id, which opens nothing.
    pub id: Id,
    /// What it is.
    pub kind: Kind,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created: Timestamp,
    /// When it was used last.
    pub used: Option<Timestamp>,
}

/// An app, to compare a code with.
#[derive(Clone)]
pub struct App {
    /// Its id.
    pub id: Id,
    /// What it shares with the server.
    pub secret: Vec<u8>,
    /// The step of the last code that counted.
    pub seen: i64,
}

/// A passkey, to check a signature with.
#[derive(Clone)]
pub struct Passkey {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// What the authenticator calls it.
    pub credential: Vec<u8>,
    /// Its public key, as SPKI.
    pub key: Vec<u8>,
    /// Its algorithm (COSE).
    pub algorithm: i64,
    /// How often it was used, by its own count; 0 when it does not count.
    pub seen: i64,
}

/// The factors of an account, the oldest first.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Factor>, StoreError> {
    let sql = "SELECT id, kind, name, created, used FROM factor WHERE account = $1 ORDER BY created, id";
    let read = |row: &Row| {
        let kind = if row.get::<String>(1)? == Kind::App.name() { Kind::App } else { Kind::Passkey };
        Ok(Factor { id: row.get(0)?, kind, name: row.get(2)?, created: row.get(3)?, used: row.get(4)? })
    };
    tx.all(sql, values![account])?.iter().map(read).collect()
}

/// Whether an account has one.
///
/// # Errors
/// What the database said.
pub fn has(tx: &mut Tx<'_>, account: Id) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM factor WHERE account = $1", values![account])? > 0)
}

/// Takes off what was set up at this time or later; whether there was anything.
///
/// # Errors
/// What the database said.
pub fn drop_since(tx: &mut Tx<'_>, account: Id, since: Timestamp) -> Result<bool, StoreError> {
    let gone = tx.execute("DELETE FROM factor WHERE account = $1 AND created >= $2", values![account, since])? > 0;
    if !has(tx, account)? {
        tx.execute("DELETE FROM recovery WHERE account = $1", values![account])?;
    }
    Ok(gone)
}

/// Whether an account must have one (policy `second_factor`).
///
/// # Errors
/// What the database said.
pub fn is_demanded(tx: &mut Tx<'_>, of: SecondFactor, account: &Account) -> Result<bool, StoreError> {
    match of {
        SecondFactor::All => Ok(true),
        SecondFactor::Staff => staff::is_staff(tx, account),
        SecondFactor::Optional => Ok(false),
    }
}

/// Adds an app whose code of this step was shown.
///
/// # Errors
/// What the database said.
pub fn add_app(tx: &mut Tx<'_>, it: &App, account: Id, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO factor (id, account, kind, name, secret, seen, created) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, values![it.id, account, Kind::App.name(), name, it.secret.as_slice(), it.seen, now]).map(drop)
}

/// Adds a passkey; whether nobody has it yet.
///
/// # Errors
/// What the database said.
pub fn add_passkey(tx: &mut Tx<'_>, it: &Passkey, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO factor (id, account, kind, name, credential, public_key, algorithm, seen, created)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (credential) DO NOTHING";
    let (credential, key) = (it.credential.as_slice(), it.key.as_slice());
    let given = values![it.id, it.account, Kind::Passkey.name(), name, credential, key, it.algorithm, it.seen, now];
    Ok(tx.execute(sql, given)? == 1)
}

/// The apps of an account.
///
/// # Errors
/// What the database said.
pub fn apps(tx: &mut Tx<'_>, account: Id) -> Result<Vec<App>, StoreError> {
    let sql = "SELECT id, secret, seen FROM factor WHERE account = $1 AND kind = 'app' ORDER BY created";
    let read = |row: &Row| Ok(App { id: row.get(0)?, secret: row.get(1)?, seen: row.get(2)? });
    tx.all(sql, values![account])?.iter().map(read).collect()
}

const PASSKEY: &str = "SELECT id, account, credential, public_key, algorithm, seen FROM factor";

fn read_passkey(row: &Row) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: row.get(0)?,
        account: row.get(1)?,
        credential: row.get(2)?,
        key: row.get(3)?,
        algorithm: row.get(4)?,
        seen: row.get(5)?,
    })
}

/// The passkeys of an account.
///
/// # Errors
/// What the database said.
pub fn passkeys(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Passkey>, StoreError> {
    let sql = format!("{PASSKEY} WHERE account = $1 AND kind = 'passkey' ORDER BY created");
    tx.all(&sql, values![account])?.iter().map(read_passkey).collect()
}

/// The passkey that an authenticator calls so, whosever it is.
///
/// # Errors
/// What the database said.
pub fn passkey(tx: &mut Tx<'_>, credential: &[u8]) -> Result<Option<Passkey>, StoreError> {
    tx.first(&format!("{PASSKEY} WHERE credential = $1"), values![credential])?.as_ref().map(read_passkey).transpose()
}

/// Notes that a factor was used at this step or count; whether it was not before.
///
/// # Errors
/// What the database said.
pub fn advance(tx: &mut Tx<'_>, id: Id, seen: i64, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE factor SET seen = $1, used = $2 WHERE id = $3 AND seen < $4";
    Ok(tx.execute(sql, values![seen, now, id, seen])? == 1)
}

/// Notes that a passkey was used that does not count; whether it never did.
///
/// # Errors
/// What the database said.
pub fn touch(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE factor SET used = $1 WHERE id = $2 AND seen = 0", values![now, id])? == 1)
}

/// Takes a factor off an account; whether it had it. With the last one its recovery codes go.
///
/// # Errors
/// What the database said.
pub fn end(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<bool, StoreError> {
    let ended = tx.execute("DELETE FROM factor WHERE account = $1 AND id = $2", values![account, id])? == 1;
    if ended && !has(tx, account)? {
        tx.execute("DELETE FROM recovery WHERE account = $1", values![account])?;
    }
    Ok(ended)
}

/// Takes all of them off; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end_all(tx: &mut Tx<'_>, account: Id) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM recovery WHERE account = $1", values![account])?;
    Ok(tx.execute("DELETE FROM factor WHERE account = $1", values![account])? > 0)
}

// ---- Recovery codes ----

/// Has these recovery codes count, and no earlier ones.
///
/// # Errors
/// What the database said.
pub fn set_codes(tx: &mut Tx<'_>, account: Id, hashes: &[[u8; 32]], now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recovery WHERE account = $1", values![account])?;
    for hash in hashes {
        tx.execute("INSERT INTO recovery (hash, account, created) VALUES ($1, $2, $3)", values![*hash, account, now])?;
    }
    Ok(())
}

/// How many recovery codes are left.
///
/// # Errors
/// What the database said.
pub fn codes_left(tx: &mut Tx<'_>, account: Id) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM recovery WHERE account = $1", values![account])
}

/// Uses a recovery code up; whether it was one.
///
/// # Errors
/// What the database said.
pub fn use_code(tx: &mut Tx<'_>, account: Id, hash: [u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM recovery WHERE hash = $1 AND account = $2", values![hash, account])? == 1)
}
