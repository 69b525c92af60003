//! How every award stands: at this desk, and, as the server tells it, its invitation.

use std::collections::HashMap;

use jiff::Timestamp;
use satchel_protocol::invitation::State;

use super::list::{Found, Told};
use super::remote::Remote;
use super::store::award;
use super::{Desk, DeskError, Passphrases};
use crate::store::from_micros;

/// Awards that are read at once.
const PAGE: usize = 500;

/// An award.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its identifier.
    pub id: String,
    /// The badge.
    pub badge: String,
    /// When it was signed.
    pub made: Timestamp,
    /// `signed`, `published`, `refused` (by the server) or `revoked`.
    pub state: &'static str,
    /// Why it was refused or revoked.
    pub reason: Option<String>,
    /// Where its invitation stands, as the server says.
    pub invitation: Option<State>,
    /// The recipient's address, while this desk or the server still has it.
    pub email: Option<String>,
}

impl Desk {
    /// Every award in the order in which they were signed. With `ask` the server is asked, has lists of revoked awards that are new enough, and
    /// what it had that this desk did not know is in `found`.
    ///
    /// # Errors
    /// The desk cannot be read, or the server not be asked.
    pub fn status(
        &self,
        ask: bool,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
        say: &mut dyn FnMut(&Standing),
        found: &mut Found,
    ) -> Result<(), DeskError> {
        let invitations =
            if ask && self.issuer.server.is_some() { self.invitations(passphrases, clock, found)? } else { HashMap::new() };
        let mut from = 0;
        loop {
            let awards = self.store.read(|db| award::from(db, from, PAGE))?;
            let Some(last) = awards.last() else { return Ok(()) };
            from = last.number + 1;
            for award in awards {
                let invitation = invitations.get(&award.credential);
                if award.revoked.is_none() && invitation.is_some_and(|(state, _)| *state == State::Withdrawn) {
                    found.withdrawn.push(award.credential.clone());
                }
                say(&Standing {
                    state: award.state(),
                    made: from_micros(award.made)?,
                    invitation: invitation.map(|(state, _)| *state),
                    email: award.email.or_else(|| invitation.and_then(|(_, email)| email.clone())),
                    reason: award.reason.or(award.refused),
                    id: award.credential,
                    badge: award.badge,
                });
            }
        }
    }

    /// Where each invitation stands, by the identifier of its award, and the address.
    fn invitations(
        &self,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
        found: &mut Found,
    ) -> Result<HashMap<String, (State, Option<String>)>, DeskError> {
        let keys = self.keys(passphrases)?;
        let remote = Remote::new(&self.issuer, &keys, clock)?;
        self.publish_lists(&remote, &keys, clock(), false, Told::default(), found)?;
        let mut all = HashMap::new();
        remote.invitations(None, &mut |it| drop(all.insert(it.credential, (it.state, it.email))))?;
        found.withdrawn = self.withdrawn_before(&remote, clock())?;
        found.requests = remote.count_approved()?;
        Ok(all)
    }
}
