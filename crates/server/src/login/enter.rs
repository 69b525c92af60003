//! Signs in whoever is known by a provider. What the provider says of them is taken over each time (R15), and age and state of the account
//! are looked at (R20, R21).

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, Id, Problem};

use crate::pages::sign_in;
use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account, State};
use crate::store::arrival::Arrival;
use crate::store::identity::{self, Began, Identity};
use crate::store::session::By;
use crate::store::{Error, Tx, arrival, attempt, feed, merge, outbox, session};
use crate::visitor::Visitor;

/// Signs in, by way of the second step where there is one; nothing when the account is blocked.
pub async fn enter(app: &App, visitor: &Visitor, come: &Arrival, account: Id, next: &str) -> Result<Option<Response>, Problem> {
    let (come, ways, time) = (come.clone(), visitor.ways(), now());
    let to = app.key("address-to", &come.person.address.mailbox());
    let found = app.store.write(move |tx| {
        let Some(account) = account::get(tx, account)?.filter(|account| account.state != State::Blocked) else { return Ok(None) };
        let known = identity::find(tx, &come.issuer, &come.person.subject)?
            .filter(|it| it.account == account.id)
            .ok_or(Code::Forbidden)?;
        refresh(tx, &known, &come, to, time)?;
        // Until the session begins, perhaps after a second step.
        arrival::put(tx, &come, &ways)?;
        Ok(account::get(tx, account.id)?)
    });
    let Some(account) = found.await? else { return Ok(None) };
    app.mail.notify_one();
    Ok(Some(sign_in::proved(app, visitor, &account, By::Institution, next).await?))
}

/// Notes of a session that has just begun in a browser that it began at a provider, so that the provider can end it.
pub fn note(tx: &mut Tx<'_>, ways: &[[u8; 32]], session: Id, account: Id, time: Timestamp) -> Result<(), Error> {
    let Some(come) = arrival::of(tx, ways, time)? else { return Ok(()) };
    let known = identity::find(tx, &come.issuer, &come.person.subject)?.filter(|it| it.account == account);
    let Some(known) = known else { return Ok(()) };
    let began = Began { provider: come.provider, sub: come.sub, sid: come.sid };
    identity::note_session(tx, session, known.id, &began)?;
    Ok(arrival::forget(tx, come.browser)?)
}

/// Mails to one address within an hour that ask whether it is somebody's.
const MAILS: i64 = 5;

/// Takes over what the provider says now. A new address becomes the account's when nobody has it and the provider's word is enough; else its
/// owner is asked by mail. Addresses of before stay.
fn refresh(tx: &mut Tx<'_>, known: &Identity, come: &Arrival, to: [u8; 32], time: Timestamp) -> Result<(), Error> {
    let Some(account) = account::get(tx, known.account)? else { return Err(Code::Forbidden.into()) };
    let person = &come.person;
    let mut changed = false;
    if account.given_name != person.given_name || account.family_name != person.family_name {
        account::rename(tx, account.id, &person.given_name, &person.family_name, account.language)?;
        changed = true;
    }
    // As long as it can be undone that the login joined, it brings nothing that would outlast that.
    let joined_lately =
        merge::of(tx, account.id, time)?.iter().any(|it| it.issuer == known.issuer && it.subject == known.subject);
    let holds = account::holds(tx, account.id, person.address.normal())?;
    if joined_lately {
        // Nothing of the address.
    } else if holds && person.vouched {
        account::note_verified(tx, &person.address, time)?;
    } else if !holds && account::by_address(tx, &person.address)?.is_none() {
        let main = account::addresses(tx, account.id)?.into_iter().find(|it| it.is_main);
        let moves = main.is_none_or(|main| main.shown == known.address);
        if person.vouched {
            account::add_address(tx, account.id, &person.address, false, time)?;
            if moves {
                account::set_main(tx, account.id, &person.address)?;
            }
            changed = true;
        } else if person.address != known.address && attempt::count(tx, to, 3600, time)? <= MAILS {
            let id = random::id(time);
            outbox::put(tx, id, outbox::Kind::Address, account.id, &person.address, account.language, time)?;
        }
    }
    let role = take_role(tx, &account, known.role.as_deref(), person.role.as_deref(), time)?;
    let now_known = Identity {
        provider: come.provider.clone(),
        address: person.address.clone(),
        seen: time,
        ends: person.ends,
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

/// How long a role that a group gave holds after a sign-in: nobody says when somebody leaves a group.
pub const ROLE_HOLDS: SignedDuration = SignedDuration::from_hours(12);

/// Takes back the roles that groups gave: whoever is still in a group that gives one has it again at the next sign-in.
pub fn take_roles(tx: &mut Tx<'_>, logins: &[Identity], time: Timestamp) -> Result<(), Error> {
    for login in logins.iter().filter(|it| it.role.is_some()) {
        if let Some(account) = account::get(tx, login.account)? {
            take_role(tx, &account, login.role.as_deref(), None, time)?;
        }
        identity::refresh(tx, &Identity { role: None, ..login.clone() })?;
    }
    Ok(())
}

/// Takes back the roles of those who have not signed in through the institution lately.
pub fn lapse_roles(tx: &mut Tx<'_>, time: Timestamp) -> Result<(), Error> {
    let old = identity::with_role(tx, time - ROLE_HOLDS)?;
    take_roles(tx, &old, time)
}
