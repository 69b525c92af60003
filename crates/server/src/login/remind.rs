//! A reminder before a login ends, where the provider or the operator says when (R48), so that its owner adds another one in time.

use jiff::{SignedDuration, Timestamp};

use crate::random;
use crate::store::{Error, Tx, account, identity, outbox};

/// How long before.
const BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Accounts of one transaction.
const MOST: i64 = 200;

/// Tells whoever is to be told.
///
/// # Errors
/// What the database said.
pub fn run(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
    for (login, _) in identity::ending(tx, now, now + BEFORE, MOST)? {
        identity::note_warned(tx, login.id, now)?;
        let Some(owner) = account::get(tx, login.account)? else { continue };
        for address in account::addresses(tx, owner.id)?.into_iter().filter(|it| it.is_main) {
            outbox::put(tx, random::id(now), outbox::Kind::LoginEnds, login.id, &address.shown, owner.language, now)?;
        }
    }
    Ok(())
}
