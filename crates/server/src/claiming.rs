//! Accepting and declining an invitation: the one way for pages and programs alike (R07, R20, R34).

use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::invitation::{Event, State};
use satchel_protocol::visibility::{FirstBadge, Visibility};
use satchel_protocol::{Code, EmailAddress, Id};

use crate::settings::Policy;
use crate::store::account::{self, Account};
use crate::store::invitation::{self, Invitation};
use crate::store::{Error, Tx, award, feed};

/// Whether an invitation went to an address that the account has verified, or was accepted by it.
pub fn is_addressee(tx: &mut Tx<'_>, it: &Invitation, account: Id) -> Result<bool, Error> {
    if it.account == Some(account) && it.state == State::Accepted {
        return Ok(true);
    }
    let address = it.address.as_ref().map(EmailAddress::normal);
    Ok(address.map_or(Ok(false), |address| account::holds(tx, account, address))?)
}

/// Whether the owner is to say who sees the page (R34): with the first badge, when the operator has it asked.
pub fn asks_visibility(policy: &Policy, account: &Account) -> bool {
    policy.first_badge_visibility == FirstBadge::Ask && account.page_chosen.is_none()
}

/// Accepts; the award that came of it. Whoever accepted before is told so again.
///
/// # Errors
/// [`Code::NotFound`] when there is none for this account, [`Code::Forbidden`] when its owner is too young, [`Code::Conflict`] when it is over.
pub fn accept(
    tx: &mut Tx<'_>,
    policy: &Policy,
    holder: Id,
    id: Id,
    visibility: Option<Visibility>,
    now: Timestamp,
) -> Result<Id, Error> {
    let (account, it) = addressed(tx, holder, id)?;
    if it.state == State::Accepted {
        return Ok(it.award);
    }
    if !account.birth_date.is_at_least(policy.minimum_age, now) {
        return Err(Code::Forbidden.into());
    }
    if it.expires <= now {
        return Err(over(State::Expired));
    }
    invitation::bind(tx, id, holder)?;
    let it = Invitation { account: Some(holder), ..it };
    invitation::advance(tx, &it, Event::Accept, now)?;
    award::give(tx, it.award, holder)?;
    // No answer is private, and what was chosen before stays.
    let page = match (policy.first_badge_visibility, account.page_chosen) {
        (_, Some(_)) => None,
        (FirstBadge::Ask, None) => visibility,
        (FirstBadge::Public, None) => Some(Visibility::Public),
        (FirstBadge::Private, None) => Some(Visibility::Private),
    };
    if let Some(page) = page {
        account::set_page(tx, holder, page, Some(now))?;
    }
    feed::append(tx, &[holder, it.issuer], Change::Award, it.award, now)?;
    Ok(it.award)
}

/// Declines. Whoever declined before is told so again.
///
/// # Errors
/// [`Code::NotFound`] when there is none for this account, [`Code::Conflict`] when it is over.
pub fn decline(tx: &mut Tx<'_>, holder: Id, id: Id, now: Timestamp) -> Result<(), Error> {
    let (_, it) = addressed(tx, holder, id)?;
    if it.state == State::Declined {
        return Ok(());
    }
    invitation::advance(tx, &it, Event::Decline, now).map(drop)
}

fn addressed(tx: &mut Tx<'_>, holder: Id, id: Id) -> Result<(Account, Invitation), Error> {
    let account = account::get(tx, holder)?.filter(Account::is_usable).ok_or(Code::Forbidden)?;
    let it = invitation::get(tx, id)?.ok_or(Code::NotFound)?;
    if is_addressee(tx, &it, holder)? { Ok((account, it)) } else { Err(Code::NotFound.into()) }
}

fn over(state: State) -> Error {
    satchel_protocol::Problem::stands(state.stands()).into()
}
