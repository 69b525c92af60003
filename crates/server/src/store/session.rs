//! Sessions: one for each browser in which somebody signed in. Only the hash of the cookie is here.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::Id;

use super::account::{self, Account};
use super::{Row, StoreError, Tx, device, merge, ticket};
use crate::random::Secret;
use crate::values;

/// How long a session lasts that nobody uses, and at most.
pub const IDLE: SignedDuration = SignedDuration::from_hours(24 * 14);
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How long it counts that somebody proved to be the owner.
const PROVED: SignedDuration = SignedDuration::from_mins(15);

/// How somebody proved to be the owner of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// With the password.
    Password,
    /// With a passkey that verified who holds it, and stands for the password and the second step.
    Passkey,
    /// By coming from an institution, where somebody may have been signed in for hours.
    Institution,
    /// By signing in at an institution anew.
    Anew,
}

impl By {
    const ALL: [Self; 4] = [Self::Password, Self::Passkey, Self::Institution, Self::Anew];

    /// The stable name.
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Institution => "institution",
            Self::Anew => "anew",
        }
    }

    /// Whether it shows that the owner is there now. What a second step shows is none of these, and none of these shows it.
    pub const fn is_proof(self) -> bool {
        match self {
            Self::Password | Self::Passkey | Self::Anew => true,
            Self::Institution => false,
        }
    }
}

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which opens nothing.
    pub id: Id,
    /// The browser, by its own word.
    pub agent: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was used last, to the hour.
    pub seen: Timestamp,
    /// Whether a second factor was shown.
    pub strong: bool,
    /// Whether it began through a login that had joined the account and can still be undone: nothing is changed by it that would outlast that.
    pub joined_lately: bool,
    /// When and how its owner proved last to be it.
    pub proved: Option<(Timestamp, By)>,
}

impl Session {
    /// Whether its owner proved just now to be it.
    pub fn is_proved(&self, now: Timestamp) -> bool {
        let is_fresh = |(at, by): (Timestamp, By)| by.is_proof() && now.duration_since(at) < PROVED;
        !self.joined_lately && self.proved.is_some_and(is_fresh)
    }
}

/// What is read of a session; `$1` is since when what joined can be undone.
const COLUMNS: &str = "id, agent, created, seen, strong, CASE WHEN EXISTS (
        SELECT 1 FROM session_login l JOIN identity i ON i.id = l.identity
            JOIN merge m ON m.account = i.account AND m.issuer = i.issuer AND m.subject = i.subject
        WHERE l.session = session.id AND m.undone IS NULL AND m.at > $1 AND m.at <= session.created) THEN 1 ELSE 0 END,
        proved, proved_by";

fn read(row: &Row) -> Result<Session, StoreError> {
    let by: Option<String> = row.get(7)?;
    let by = by.and_then(|name| By::ALL.into_iter().find(|by| by.name() == name));
    Ok(Session {
        id: row.get(0)?,
        agent: row.get(1)?,
        created: row.get(2)?,
        seen: row.get(3)?,
        strong: row.get(4)?,
        joined_lately: row.get(5)?,
        proved: row.get::<Option<Timestamp>>(6)?.zip(by),
    })
}

/// Begins a session of whoever has just proved to be the owner; `strong` when a second factor was shown.
///
/// # Errors
/// What the database said.
pub fn begin(
    tx: &mut Tx<'_>,
    id: Id,
    account: Id,
    agent: &str,
    (by, strong): (By, bool),
    now: Timestamp,
) -> Result<Secret, StoreError> {
    let secret = Secret::new();
    let agent: String = agent.chars().take(200).collect();
    tx.execute(
        "INSERT INTO session (hash, id, account, agent, created, seen, expires, strong, proved, proved_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        values![secret.hash(), id, account, agent, now, now, now + LONGEST, strong, now, by.name()],
    )?;
    Ok(secret)
}

/// Whose session it is, when it lasts and its account may be used (R21), or taken along by an owner who is too young (R20).
///
/// # Errors
/// What the database said.
pub fn find(tx: &mut Tx<'_>, secret: &Secret, now: Timestamp) -> Result<Option<(Session, Account)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, account FROM session WHERE hash = $2 AND expires > $3 AND seen > $4");
    let given = values![now - merge::UNDONE_WITHIN, secret.hash(), now, now - IDLE];
    let Some(row) = tx.first(&sql, given)? else { return Ok(None) };
    let session = read(&row)?;
    let account = account::get(tx, row.get(8)?)?.filter(|account| account.state != account::State::Blocked);
    Ok(account.map(|account| (session, account)))
}

/// Notes that a session is in use.
///
/// # Errors
/// What the database said.
pub fn touch(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE session SET seen = $1 WHERE id = $2", values![now, id]).map(drop)
}

/// The sessions of an account, the newest first.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM session WHERE account = $2 AND expires > $3 AND seen > $4 ORDER BY created DESC");
    tx.all(&sql, values![now - merge::UNDONE_WITHIN, account, now, now - IDLE])?.iter().map(read).collect()
}

/// Notes that somebody proved in a session to be the owner; whether it is still there.
///
/// # Errors
/// What the database said.
pub fn prove(tx: &mut Tx<'_>, id: Id, by: By, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE session SET proved = $1, proved_by = $2 WHERE id = $3";
    Ok(tx.execute(sql, values![now, by.name(), id])? == 1)
}

/// Notes that a second factor was shown in a session.
///
/// # Errors
/// What the database said.
pub fn strengthen(tx: &mut Tx<'_>, id: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE session SET strong = $1 WHERE id = $2", values![true, id]).map(drop)
}

/// Ends one session of an account; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM session WHERE account = $1 AND id = $2", values![account, id])? == 1)
}

/// Ends all sessions of an account, but perhaps one, those that wait for the second factor, and what programs hold in its name (R21).
///
/// # Errors
/// What the database said.
pub fn end_all(tx: &mut Tx<'_>, account: Id, but: Option<Id>) -> Result<(), StoreError> {
    device::end_all(tx, account)?;
    ticket::revoke(tx, ticket::Kind::Half, account)?;
    ticket::revoke(tx, ticket::Kind::HalfThere, account)?;
    match but {
        None => tx.execute("DELETE FROM session WHERE account = $1", values![account]).map(drop),
        Some(but) => tx.execute("DELETE FROM session WHERE account = $1 AND id <> $2", values![account, but]).map(drop),
    }
}

/// Forgets sessions that are over.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM session WHERE expires < $1 OR seen < $2", values![now, now - IDLE]).map(drop)
}
