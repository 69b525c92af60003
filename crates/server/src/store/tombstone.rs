//! What was erased stays erased: its id is remembered, so that a restored backup erases it again (`erased.rs`).

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::Id;
use satchel_protocol::invitation::Event;
use satchel_protocol::proposal::State;

use super::{Error, StoreError, Tx, account, invitation, message, proposal, request, subscriber};
use crate::values;

/// What was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An account with all that was its owner's.
    Account,
    /// The person in an invitation.
    Invitation,
    /// The person in a proposal.
    Proposal,
    /// The person in a request for a badge.
    Request,
    /// What a message to the staff says, and who wrote it.
    Message,
    /// An address that wanted news.
    Subscriber,
    /// An address that wants no mail; what is kept of it is a hash.
    Suppressed,
}

impl Kind {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Account, "account"),
        (Self::Invitation, "invitation"),
        (Self::Proposal, "proposal"),
        (Self::Request, "request"),
        (Self::Message, "message"),
        (Self::Subscriber, "subscriber"),
        (Self::Suppressed, "suppressed"),
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// That something was erased. It says nothing about whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// What.
    pub kind: Kind,
    /// Which: 16 bytes of an id, or the 32 of a hash.
    pub id: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// Notes that something is erased.
///
/// # Errors
/// What the database said.
pub fn put(tx: &mut Tx<'_>, kind: Kind, id: Id, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO tombstone (id, at, kind) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, values![id, now, kind.name()]).map(drop)
}

/// What was erased from a time on.
///
/// # Errors
/// What the database said.
pub fn since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Tombstone>, StoreError> {
    let sql = "SELECT kind, id, at FROM tombstone WHERE at >= $1
               UNION ALL SELECT 'suppressed', hash, at FROM suppressed WHERE at >= $2 ORDER BY 3, 2";
    let rows = tx.all(sql, values![since, since])?;
    let read = |row: &super::Row| {
        let kind = Kind::from_name(&row.get::<String>(0)?);
        let kind = kind.ok_or_else(|| StoreError::Failed(String::from("a tombstone of an unknown kind")))?;
        Ok(Tombstone { kind, id: row.get(1)?, at: row.get(2)? })
    };
    rows.iter().map(read).collect()
}

/// The accounts that were erased from a time on.
///
/// # Errors
/// What the database said.
pub fn accounts_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Id>, StoreError> {
    let rows = tx.all("SELECT id FROM tombstone WHERE at >= $1 AND kind = $2", values![since, Kind::Account.name()])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Erases again what a backup brought back; whether there was anything.
///
/// # Errors
/// What the database said.
pub fn apply(tx: &mut Tx<'_>, it: &Tombstone, now: Timestamp) -> Result<bool, Error> {
    if it.kind == Kind::Suppressed {
        let Ok(hash) = <[u8; 32]>::try_from(it.id.as_slice()) else { return Ok(false) };
        let known = invitation::is_suppressed(tx, hash)?;
        invitation::suppress(tx, hash, it.at)?;
        return Ok(!known);
    }
    let Ok(id) = <[u8; 16]>::try_from(it.id.as_slice()).map(Id::from_bytes) else { return Ok(false) };
    let found = match it.kind {
        Kind::Suppressed => false,
        Kind::Account => {
            let found = account::get(tx, id)?.is_some();
            if found {
                account::erase(tx, id, it.at)?;
            }
            found
        }
        Kind::Proposal => match proposal::get(tx, id)? {
            Some(found) if found.wish.is_some() => {
                // What was decided then is known no more; whoever proposed it asks, or proposes it again.
                proposal::decide(tx, &found, State::Expired, &proposal::Decided::default(), now)?;
                true
            }
            _ => false,
        },
        Kind::Message => {
            let found = message::get(tx, id)?.is_some_and(|it| it.text.is_some());
            message::erase(tx, id, it.at)?;
            found
        }
        Kind::Subscriber => {
            let found = subscriber::get(tx, id)?.is_some();
            subscriber::erase(tx, id, it.at)?;
            found
        }
        Kind::Request => {
            let found = request::holds_person(tx, id)?;
            request::erase(tx, id, it.at)?;
            request::close_erased(tx, now)?;
            found
        }
        Kind::Invitation => match invitation::get(tx, id)? {
            None => false,
            // Who it was for is known no more: it came to nothing.
            Some(found) => {
                if found.state.is_open() {
                    invitation::advance(tx, &found, Event::Decline, now)?;
                }
                invitation::erase(tx, &found, it.at)?;
                found.address.is_some()
            }
        },
    };
    put(tx, it.kind, id, it.at)?;
    Ok(found)
}

/// How far apart clocks may be, and how long a transaction may take: what is noted then may be seen so much later.
pub const LATE: SignedDuration = SignedDuration::from_hours(24);
