//! An address that an institution has given to somebody else: the account of the one before holds it, so the one after gets into nothing (R15),
//! until the operator frees it, by `satchel admin user free` or on the pages of the staff. The account keeps its badges, its other addresses and
//! its ways in.

use jiff::Timestamp;
use satchel_protocol::EmailAddress;
use satchel_protocol::feed::Kind as Change;

use crate::random;
use crate::store::act::{self, Did};
use crate::store::ticket::{self, Kind as Link};
use crate::store::{Error, Tx, account, feed, invitation, merge, outbox, session};

/// What became of the wish that an address be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// No account has it any more. So many invitations to it wait, which whoever has it now may accept.
    Now(usize),
    /// It is the only address of its account, and nobody said that it may go all the same.
    Only,
    /// No account had it.
    Nobody,
}

/// Takes an address from the account that holds it: whoever proves it next may have it. Sessions of the account end, mail to the address and links
/// in mails that went there open nothing more, and the other addresses are told. `by` is who did it, for the record.
pub fn free(tx: &mut Tx<'_>, address: &EmailAddress, even_only: bool, by: &str, time: Timestamp) -> Result<Freed, Error> {
    let Some(account) = account::by_address(tx, address)? else { return Ok(Freed::Nobody) };
    let all = account::addresses(tx, account.id)?;
    if all.len() < 2 && !even_only {
        return Ok(Freed::Only);
    }
    account::remove_address(tx, account.id, address)?;
    for kind in [Link::Reset, Link::Address, Link::Half, Link::HalfThere] {
        ticket::revoke(tx, kind, account.id)?;
    }
    for it in merge::of(tx, account.id, time)? {
        ticket::revoke(tx, Link::Undo, it.id)?;
        outbox::forget(tx, it.id, address)?;
    }
    outbox::forget(tx, account.id, address)?;
    session::end_all(tx, account.id, None)?;
    for left in all.into_iter().filter(|it| it.shown != *address) {
        outbox::put(tx, random::id(time), outbox::Kind::AddressesChanged, account.id, &left.shown, account.language, time)?;
    }
    act::note(tx, act::SERVER, by, Did::AddressFreed, &account.id.to_string(), time)?;
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    feed::append(tx, &[account.id], Change::Session, account.id, time)?;
    let waiting = invitation::to_address(tx, address)?.iter().filter(|it| it.state.is_open()).count();
    Ok(Freed::Now(waiting))
}
