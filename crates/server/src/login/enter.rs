//! Signs in whoever is known by a provider. What the provider says of them is taken over each time (R15), and age and state of the account
//! are looked at (R20, R21).

use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, Id, Problem};

use crate::pages::{go, sign_in};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account, State};
use crate::store::arrival::Arrival;
use crate::store::identity::{self, Began, Identity};
use crate::store::{Error, Tx, arrival, feed, outbox, session};
use crate::visitor::{self, Visitor};

/// Signs in; nothing when the account is blocked.
pub async fn enter(app: &App, visitor: &Visitor, come: &Arrival, account: Id, next: &str) -> Result<Option<Response>, Problem> {
    let found = app.store.read(move |tx| Ok(account::get(tx, account)?)).await?;
    let Some(account) = found.filter(|account| account.state != State::Blocked) else { return Ok(None) };
    if let Some(refused) = sign_in::check(app, visitor, &account).await? {
        return Ok(Some(refused));
    }
    let (come, agent, time) = (come.clone(), visitor.agent.clone(), now());
    let secret = app.store.write(move |tx| {
        let known =
            identity::find(tx, &come.issuer, &come.subject)?.filter(|it| it.account == account.id).ok_or(Code::Forbidden)?;
        refresh(tx, &known, &come, time)?;
        arrival::forget(tx, come.browser)?;
        begin(tx, &known, &come, &agent)
    });
    let secret = secret.await?;
    app.mail.notify_one();
    Ok(Some(signed_in(app, &secret, next)))
}

/// The answer to whoever is signed in now.
pub fn signed_in(app: &App, secret: &Secret, next: &str) -> Response {
    let mut response = go(next);
    visitor::keep_session(response.headers_mut(), app, secret);
    response
}

/// Begins a session that the provider can end.
pub fn begin(tx: &mut Tx<'_>, identity: &Identity, come: &Arrival, agent: &str) -> Result<Secret, Error> {
    let secret = sign_in::begin(tx, identity.account, agent)?;
    let session = session::find(tx, &secret, now())?.map(|(session, _)| session.id).ok_or(Code::Forbidden)?;
    let began = Began { provider: come.provider.clone(), sub: come.sub, sid: come.sid };
    identity::note_session(tx, session, identity.id, &began)?;
    Ok(secret)
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
