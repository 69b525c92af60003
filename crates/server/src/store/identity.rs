//! Logins by a provider: which account is whose. A login is (issuer, subject), never an address. Sessions that began at a provider are noted,
//! so that it can end them; what it calls a person there is kept as a hash.

use jiff::Timestamp;
use satchel_protocol::{EmailAddress, Id};

use super::{Row, StoreError, Tx};
use crate::values;

/// A login by a provider.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its id.
    pub id: Id,
    /// The provider's id.
    pub provider: String,
    /// The provider's issuer identifier.
    pub issuer: String,
    /// What the provider calls the person.
    pub subject: String,
    /// Whose it is.
    pub account: Id,
    /// The address that the provider said last.
    pub address: EmailAddress,
    /// The role that came from the provider's groups.
    pub role: Option<String>,
    /// When it became a login of the account.
    pub linked: Timestamp,
    /// When it was used last.
    pub seen: Timestamp,
    /// When it ends, if the provider says so.
    pub ends: Option<Timestamp>,
}

const COLUMNS: &str = "id, provider, issuer, subject, account, address, role, linked, seen, ends";

fn read(row: &Row) -> Result<Identity, StoreError> {
    let address: String = row.get(5)?;
    Ok(Identity {
        id: row.get(0)?,
        provider: row.get(1)?,
        issuer: row.get(2)?,
        subject: row.get(3)?,
        account: row.get(4)?,
        address: address.parse().map_err(|_| StoreError::Failed(String::from("a login with an unreadable address")))?,
        role: row.get(6)?,
        linked: row.get(7)?,
        seen: row.get(8)?,
        ends: row.get(9)?,
    })
}

/// Keeps a login; whether nobody had it.
///
/// # Errors
/// What the database said.
pub fn create(tx: &mut Tx<'_>, it: &Identity) -> Result<bool, StoreError> {
    let sql = "INSERT INTO identity (id, provider, issuer, subject, account, address, role, linked, seen, ends)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (issuer, subject) DO NOTHING";
    let given = values![
        it.id,
        &it.provider,
        &it.issuer,
        &it.subject,
        it.account,
        it.address.as_str(),
        it.role.as_ref(),
        it.linked,
        it.seen,
        it.ends
    ];
    Ok(tx.execute(sql, given)? == 1)
}

/// The login of this person at this provider.
///
/// # Errors
/// What the database said.
pub fn find(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<Identity>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM identity WHERE issuer = $1 AND subject = $2");
    tx.first(&sql, values![issuer, subject])?.as_ref().map(read).transpose()
}

/// The logins of an account.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Identity>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM identity WHERE account = $1 ORDER BY linked, id");
    tx.all(&sql, values![account])?.iter().map(read).collect()
}

/// All logins by a provider.
///
/// # Errors
/// What the database said.
pub fn by_provider(tx: &mut Tx<'_>, provider: &str) -> Result<Vec<Identity>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM identity WHERE provider = $1 ORDER BY id");
    tx.all(&sql, values![provider])?.iter().map(read).collect()
}

/// Logins with a role of a group that were not used since a time.
///
/// # Errors
/// What the database said.
pub fn with_role(tx: &mut Tx<'_>, unseen_since: Timestamp) -> Result<Vec<Identity>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM identity WHERE role IS NOT NULL AND seen < $1 ORDER BY id");
    tx.all(&sql, values![unseen_since])?.iter().map(read).collect()
}

/// Notes what the provider said when a login was used.
///
/// # Errors
/// What the database said.
pub fn refresh(tx: &mut Tx<'_>, it: &Identity) -> Result<(), StoreError> {
    let sql =
        "UPDATE identity SET provider = $1, address = $2, role = $3, seen = $4, warned = CASE WHEN ends IS NOT DISTINCT FROM $5 THEN warned END,
                   ends = $6 WHERE id = $7";
    let given = values![&it.provider, it.address.as_str(), it.role.as_ref(), it.seen, it.ends, it.ends, it.id];
    tx.execute(sql, given).map(drop)
}

/// Has a login lead to its account no more.
///
/// # Errors
/// What the database said.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM session_login WHERE identity = $1", values![id])?;
    tx.execute("DELETE FROM identity WHERE id = $1", values![id]).map(drop)
}

/// Gives a login another name at its provider, or another provider; whether no login has that name yet.
///
/// # Errors
/// What the database said.
pub fn rename(tx: &mut Tx<'_>, id: Id, issuer: &str, subject: &str) -> Result<bool, StoreError> {
    if find(tx, issuer, subject)?.is_some_and(|other| other.id != id) {
        return Ok(false);
    }
    tx.execute("UPDATE identity SET issuer = $1, subject = $2 WHERE id = $3", values![issuer, subject, id])?;
    Ok(true)
}

/// Erases the logins of an account, and what is known of joining them.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, account: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM session_login WHERE identity IN (SELECT id FROM identity WHERE account = $1)", values![account])?;
    tx.execute("DELETE FROM outbox WHERE subject IN (SELECT id FROM identity WHERE account = $1)", values![account])?;
    tx.execute("DELETE FROM departure WHERE account = $1", values![account])?;
    tx.execute("DELETE FROM ticket WHERE subject IN (SELECT id FROM merge WHERE account = $1)", values![account])?;
    tx.execute("DELETE FROM outbox WHERE subject IN (SELECT id FROM merge WHERE account = $1)", values![account])?;
    tx.execute("DELETE FROM merge WHERE account = $1", values![account])?;
    tx.execute("DELETE FROM identity WHERE account = $1", values![account]).map(drop)
}

/// Logins that end before a time and whose owners were not told.
///
/// # Errors
/// What the database said.
pub fn ending(tx: &mut Tx<'_>, now: Timestamp, before: Timestamp, most: i64) -> Result<Vec<(Identity, Timestamp)>, StoreError> {
    let sql = "SELECT i.id, i.provider, i.issuer, i.subject, i.account, i.address, i.role, i.linked, i.seen,
                   coalesce(i.ends, p.ends)
               FROM identity i LEFT JOIN provider p ON p.id = i.provider
               WHERE i.warned IS NULL AND coalesce(i.ends, p.ends) > $1 AND coalesce(i.ends, p.ends) <= $2 ORDER BY i.id LIMIT $3";
    let rows = tx.all(sql, values![now, before, most])?;
    rows.iter().map(|row| Ok((read(row)?, row.get(9)?))).collect()
}

/// A login and when it ends, by its own word or its provider's.
///
/// # Errors
/// What the database said.
pub fn with_end(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Identity, Timestamp)>, StoreError> {
    let sql = "SELECT i.id, i.provider, i.issuer, i.subject, i.account, i.address, i.role, i.linked, i.seen,
                   coalesce(i.ends, p.ends)
               FROM identity i LEFT JOIN provider p ON p.id = i.provider WHERE i.id = $1";
    let Some(row) = tx.first(sql, values![id])? else { return Ok(None) };
    let login = read(&row)?;
    Ok(login.ends.map(|ends| (login, ends)))
}

/// Notes that the owner of a login was told that it ends.
///
/// # Errors
/// What the database said.
pub fn note_warned(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE identity SET warned = $1 WHERE id = $2", values![now, id]).map(drop)
}

// ---- Sessions that began at a provider ----

/// What a provider calls a session.
#[derive(Clone, Debug)]
pub struct Began {
    /// The provider's id.
    pub provider: String,
    /// The hash of what it calls the person.
    pub sub: [u8; 32],
    /// The hash of what it calls the session.
    pub sid: Option<[u8; 32]>,
}

/// Notes how a session began.
///
/// # Errors
/// What the database said.
pub fn note_session(tx: &mut Tx<'_>, session: Id, identity: Id, began: &Began) -> Result<(), StoreError> {
    let sql = "INSERT INTO session_login (session, identity, provider, sub, sid) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, values![session, identity, &began.provider, began.sub, began.sid]).map(drop)
}

/// The provider at which a session began.
///
/// # Errors
/// What the database said.
pub fn provider_of_session(tx: &mut Tx<'_>, session: Id) -> Result<Option<String>, StoreError> {
    tx.first("SELECT provider FROM session_login WHERE session = $1", values![session])?.map_or(Ok(None), |row| row.get(0))
}

/// Which sessions a provider wants ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// One, by the hash of what the provider calls it.
    Session([u8; 32]),
    /// All of a person, by the hash of what the provider calls them.
    Person([u8; 32]),
}

/// Ends the sessions that a provider names. The accounts whose sessions they were.
///
/// # Errors
/// What the database said.
pub fn end_sessions(tx: &mut Tx<'_>, provider: &str, named: Named) -> Result<Vec<Id>, StoreError> {
    let (column, hash) = match named {
        Named::Session(hash) => ("sid", hash),
        Named::Person(hash) => ("sub", hash),
    };
    let sql = format!(
        "SELECT session.id, session.account FROM session_login JOIN session ON session.id = session_login.session
         WHERE session_login.provider = $1 AND session_login.{column} = $2"
    );
    let mut accounts = Vec::new();
    for row in tx.all(&sql, values![provider, hash])? {
        let (session, account): (Id, Id) = (row.get(0)?, row.get(1)?);
        tx.execute("DELETE FROM session WHERE id = $1", values![session])?;
        tx.execute("DELETE FROM session_login WHERE session = $1", values![session])?;
        accounts.push(account);
    }
    accounts.sort();
    accounts.dedup();
    Ok(accounts)
}

/// Forgets notes about sessions that are over.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM session_login WHERE session NOT IN (SELECT id FROM session)", &[]).map(drop)
}
