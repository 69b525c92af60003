//! Proof that somebody who is signed in is the owner of the account, by signing in at their institution anew (OpenID Connect Core, 3.1.2.1:
//! `prompt=login` and `max_age=0`). It begins in `pages/proof.rs`, and leaves and comes back as any sign-in does. Never here: a login that is
//! added, a session that begins, or a second step that counts as shown.

use axum::response::Response;
use jiff::Timestamp;
use satchel_protocol::Id;

use super::back::Stop;
use super::failure::Failure;
use crate::pages::go;
use crate::state::{App, now};
use crate::store::provider::Provider;
use crate::store::session::{self, By};
use crate::store::{identity, merge};
use crate::visitor::Visitor;

/// By how many seconds the clock of an institution may differ, either way.
const SKEW: i64 = 60;

/// Whether somebody signed in there after leaving from here, as the signed `auth_time` says (OpenID Connect Core, 2 and 3.1.3.7, step 13).
fn check(left: Timestamp, said: Option<i64>, now: Timestamp) -> Result<(), Failure> {
    let not = |why: &str| Err(Failure::NotAnew(why.to_owned()));
    let Some(at) = said else { return not("ID token: no auth_time") };
    if at < left.as_second() - SKEW {
        return not("ID token: auth_time is from before");
    }
    if at > now.as_second() + SKEW {
        return not("ID token: auth_time is to come");
    }
    Ok(())
}

/// Notes the proof of a session, when whoever signed in anew is its owner, by a login that nobody can undo any more.
pub(super) async fn prove(
    app: &App,
    visitor: &Visitor,
    provider: &Provider,
    subject: &str,
    session: Id,
    (left, said): (Timestamp, Option<i64>),
) -> Result<Response, Stop> {
    let time = now();
    check(left, said, time)?;
    let Some(account) = visitor.account().map(|account| account.id) else { return Err(Failure::Strayed.into()) };
    let (issuer, subject) = (provider.issuer.clone(), subject.to_owned());
    let done = app.store.write(move |tx| {
        if identity::find(tx, &issuer, &subject)?.is_none_or(|it| it.account != account) {
            return Ok(Err(Failure::SomebodyElse));
        }
        if merge::of(tx, account, time)?.iter().any(|it| it.issuer == issuer && it.subject == subject) {
            return Ok(Err(Failure::JoinedLately));
        }
        Ok(if session::prove(tx, session, By::Anew, time)? { Ok(()) } else { Err(Failure::Strayed) })
    });
    done.await??;
    Ok(go(&visitor.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_in_anew_does_so_after_leaving_and_before_coming_back() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let checked = |said: Option<i64>| check(at(1000), said, at(1030)).map_err(|failure| failure.reason().1.into_owned());
        for good in [1000 - SKEW, 1000, 1030, 1030 + SKEW] {
            assert_eq!(checked(Some(good)), Ok(()), "{good}");
        }
        for (said, words) in [
            (None, "no auth_time"),
            (Some(1000 - SKEW - 1), "from before"),
            (Some(0), "from before"),
            (Some(-1), "from before"),
            (Some(1030 + SKEW + 1), "to come"),
            (Some(i64::MAX), "to come"),
        ] {
            assert!(checked(said).unwrap_err().contains(words), "{said:?}");
        }
    }
}
