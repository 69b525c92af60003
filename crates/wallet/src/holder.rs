//! To whom a badge should have been given: where it came through an account, to one of the addresses that the account has or had. A badge that came
//! as a file is asked no such thing, for whoever keeps it knows whose it is. What the addresses are, the account's server says.

use std::borrow::Cow;

use rusqlite::Connection;
use satchel_badge::check::Policy;
use satchel_badge::code::Code;
use satchel_badge::report::Report;
use satchel_protocol::EmailAddress;
use satchel_protocol::wallet::Profile;

use crate::store::{account, known};
use crate::{BadgeId, WalletError};

/// Addresses of one account that are compared; nobody has as many.
const MOST: usize = 100;

/// The same policy, for what comes through an account.
pub(crate) fn of_account(policy: &Policy, profile: &Profile) -> Policy {
    // As issuers hash them.
    let normal = |address: &String| address.parse().map_or_else(|_| address.clone(), |it: EmailAddress| it.normal().to_owned());
    Policy { addresses: profile.addresses.iter().take(MOST).map(normal).collect(), ..policy.clone() }
}

/// The same policy, for a badge that is kept.
pub(crate) fn of_badge<'p>(db: &Connection, badge: BadgeId, policy: &'p Policy) -> Result<Cow<'p, Policy>, WalletError> {
    let awards = known::of_badge(db, badge)?;
    let mut addresses = Vec::new();
    for (account, known) in awards {
        let profile = account::get(db, account)?.map(|it| it.profile);
        addresses.extend(profile.map(|profile| of_account(policy, &profile).addresses).unwrap_or_default());
        // An address that the account had when the badge came, and has no more.
        addresses.extend(known.given_to);
    }
    if addresses.is_empty() {
        return Ok(Cow::Borrowed(policy));
    }
    addresses.sort();
    addresses.dedup();
    Ok(Cow::Owned(Policy { addresses, ..policy.clone() }))
}

/// The address of the account to which a badge was given.
pub(crate) fn given_to(report: &Report) -> Option<String> {
    report.lines.iter().find(|line| line.code == Code::RecipientMatches)?.details.first().cloned()
}
