//! Mails that left for an invitation, by the id in their `Message-ID`, so that one that comes back is known. No address is here.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{StoreError, Tx};
use crate::values;

/// Remembers a mail that left.
///
/// # Errors
/// What the database said.
pub fn note(tx: &mut Tx<'_>, id: Id, invitation: Id, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO sent (id, invitation, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    tx.execute(sql, values![id, invitation, now]).map(drop)
}

/// The invitation that a mail was about.
///
/// # Errors
/// What the database said.
pub fn invitation_of(tx: &mut Tx<'_>, id: Id) -> Result<Option<Id>, StoreError> {
    tx.first("SELECT invitation FROM sent WHERE id = $1", values![id])?.map(|row| row.get(0)).transpose()
}

/// Forgets the mails of long ago.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sent WHERE at < $1", values![before]).map(drop)
}
