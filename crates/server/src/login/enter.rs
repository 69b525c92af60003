//! Signs in whoever is known by a provider. What the provider says of them is taken over each time (R15), and age and state of the account
//! are looked at (R20, R21).

use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, Id, Problem};

use crate::pages::sign_in;
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account, State};
use crate::store::arrival::Arrival;
use crate::store::identity::{self, Began, Identity};
use crate::store::{Error, Tx, arrival, feed, outbox, session};
use crate::visitor::Visitor;

/// Signs in, by way of the second step where there is one; nothing when the account is blocked.
pub async fn enter(app: &App, visitor: &Visitor, come: &Arrival, account: Id, next: &str) -> Result<Option<Response>, Problem> {
    let (come, time) = (come.clone(), now());
    let found = app.store.write(move |tx| {
        let Some(account) = account::get(tx, account)?.filter(|account| account.state != State::Blocked) else { return Ok(None) };
        let known =
            identity::find(tx, &come.issuer, &come.subject)?.filter(|it| it.account == account.id).ok_or(Code::Forbidden)?;
        refresh(tx, &known, &come, time)?;
        // Until the session begins, perhaps after a second step.
        arrival::put(tx, &come)?;
        Ok(account::get(tx, account.id)?)
    });
    let Some(account) = found.await? else { return Ok(None) };
    app.mail.notify_one();
    Ok(Some(sign_in::proved(app, visitor, &account, next).await?))
}

/// Notes of a session that has just begun in a browser that it began at a provider, so that the provider can end it.
pub fn note(tx: &mut Tx<'_>, browser: [u8; 32], session: Id, account: Id, time: Timestamp) -> Result<(), Error> {
    let Some(come) = arrival::of(tx, browser, time)? else { return Ok(()) };
    let known = identity::find(tx, &come.issuer, &come.subject)?.filter(|it| it.account == account);
    let Some(known) = known else { return Ok(()) };
    let began = Began { provider: come.provider, sub: come.sub, sid: come.sid };
    identity::note_session(tx, session, known.id, &began)?;
    Ok(arrival::forget(tx, browser)?)
}

/// Takes over what the provider says now. A new address becomes the account's when nobody has it and the provider's word is enough; else its
/// owner is asked by mail. Addresses of before stay.
fn refresh(tx: &mut Tx<'_>, known: &Identity, come: &Arrival, time: Timestamp) -> Result<(), Error> {
    let Some(account) = account::get(tx, known.account)? else { return Err(Code::Forbidden.into()) };
    let mut changed = false;
    if account.given_name != come.given_name || account.family_name != come.family_name {
        account::rename(tx, account.id, &come.given_name, &come.family_name, account.language)?;
        changed = true;
    }
    let holds = account::holds(tx, account.id, come.address.normal())?;
    if holds && come.vouched {
        account::note_verified(tx, &come.address, time)?;
    } else if !holds && account::by_address(tx, &come.address)?.is_none() {
        let main = account::addresses(tx, account.id)?.into_iter().find(|it| it.is_main);
        let moves = main.is_none_or(|main| main.shown == known.address);
        if come.vouched {
            account::add_address(tx, account.id, &come.address, false, time)?;
            if moves {
                account::set_main(tx, account.id, &come.address)?;
            }
            changed = true;
        } else if come.address != known.address {
            let id = random::id(time);
            outbox::put(tx, id, outbox::Kind::Address, account.id, &come.address, account.language, time)?;
        }
    }
    let role = take_role(tx, &account, known.role.as_deref(), come.role.as_deref(), time)?;
    let now_known = Identity {
        provider: come.provider.clone(),
        address: come.address.clone(),
        seen: time,
        ends: come.ends,
        role,
        ..known.clone()
    };
    identity::refresh(tx, &now_known)?;
    if changed {
        feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    }
    Ok(())
}

/// A role that a provider's groups gave ends with them (R54); one that the operator gave stays. The role that comes from the groups now.
pub fn take_role(
    tx: &mut Tx<'_>,
    account: &Account,
    before: Option<&str>,
    now: Option<&str>,
    time: Timestamp,
) -> Result<Option<String>, Error> {
    match (before, now) {
        (None, Some(role)) if account.role.is_none() => {
            account::set_role(tx, account.id, Some(role))?;
            account::close_first_start(tx)?;
            feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
            Ok(Some(role.to_owned()))
        }
        (Some(before), now) if now != Some(before) => {
            if account.role.as_deref() == Some(before) {
                account::set_role(tx, account.id, now)?;
                session::end_all(tx, account.id, None)?;
                feed::append(tx, &[account.id], Change::Session, account.id, time)?;
            }
            Ok(now.map(str::to_owned))
        }
        (before, _) => Ok(before.map(str::to_owned)),
    }
}
