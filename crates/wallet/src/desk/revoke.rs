//! Taking an award back: first here, in a list that is signed and kept, then on the server. An award that never left never will.

use jiff::Timestamp;
use satchel_protocol::Id;
use satchel_protocol::achievement::is_plain;

use super::list::{Found, Told};
use super::remote::Remote;
use super::store::award::{self, Award};
use super::store::inherited::{self, Inherited};
use super::store::predecessor;
use super::{Desk, DeskError, Issuer, Keys, Passphrases, Why, Wrong};
use crate::store::to_micros;

/// Characters of a reason.
pub(super) const REASON: usize = 500;

/// An award that is revoked.
#[derive(Debug)]
pub struct RevokedAward {
    /// Its identifier.
    pub id: String,
    /// The reason, where it was revoked before; that one stays.
    pub before: Option<String>,
}

/// How it ended.
#[derive(Debug)]
pub struct Revoked {
    /// The awards.
    pub awards: Vec<RevokedAward>,
    /// What the server had that this desk did not know.
    pub found: Found,
    /// Why the server does not have the new list yet; nothing where there is none, or it has.
    pub unpublished: Option<DeskError>,
}

impl Desk {
    /// Revokes awards, by their identifiers.
    ///
    /// # Errors
    /// There is no such award, or it could not be signed or kept. That the server does not have it yet is told in [`Revoked`].
    pub fn revoke(
        &self,
        ids: &[String],
        reason: &str,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Revoked, DeskError> {
        let reason = reason.trim();
        let wrong = |why| DeskError::BadOption(Wrong::new("--reason", why));
        match () {
            () if reason.is_empty() => return Err(wrong(Why::Missing)),
            () if reason.chars().count() > REASON => return Err(wrong(Why::TooLong)),
            () if !is_plain(reason) => return Err(wrong(Why::ControlCharacters)),
            () => {}
        }
        let keys = self.keys(passphrases)?;
        let (mut awards, mut inherited) = (Vec::new(), Vec::new());
        for id in ids {
            match self.find(id) {
                Err(DeskError::UnknownAward { .. }) => inherited.push(self.find_inherited(id, reason, &keys, clock)?),
                found => awards.push(found?),
            }
        }
        // Kept before anybody is asked, so that it goes out with the next list at the latest.
        self.store.write(|db| {
            awards.iter().filter(|award| award.revoked.is_none()).try_for_each(|award| {
                let reason = Some(reason.to_owned());
                award::put(db, &Award { revoked: Some(to_micros(clock())), reason, ..award.clone() })
            })?;
            inherited.iter().try_for_each(|(award, _)| inherited::put(db, award))
        })?;
        let mut found = Found::default();
        let told = if self.issuer.server.is_none() {
            Ok(())
        } else {
            Remote::new(&self.issuer, &keys, clock).and_then(|remote| {
                self.publish_lists(&remote, &keys, clock(), true, Told::default(), &mut found)?;
                awards.iter().try_for_each(|award| withdraw(&remote, award.invitation.as_deref()))?;
                inherited.iter().try_for_each(|(award, _)| {
                    let before = Issuer { did: award.did.clone(), ..self.issuer.clone() };
                    withdraw(&remote.in_name_of(&before)?, award.invitation.as_deref())
                })
            })
        };
        let awards = awards
            .into_iter()
            .map(|award| RevokedAward { id: award.credential, before: award.revoked.map(|_| award.reason.unwrap_or_default()) });
        let inherited = inherited
            .into_iter()
            .map(|(award, known)| RevokedAward { id: award.credential, before: known.then_some(award.reason) });
        Ok(Revoked { awards: awards.chain(inherited).collect(), found, unpublished: told.err() })
    }

    /// An award of whomever this desk succeeded, and whether it was revoked here before.
    fn find_inherited(
        &self,
        id: &str,
        reason: &str,
        keys: &Keys,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(Inherited, bool), DeskError> {
        let full = full(id);
        if let Some(known) = self.store.read(|db| inherited::get(db, &full))? {
            return Ok((known, true));
        }
        let unknown = || DeskError::UnknownAward { id: id.to_owned() };
        let is_one = full.strip_prefix("urn:uuid:").is_some_and(|it| it.parse::<Id>().is_ok());
        if !is_one || self.store.read(predecessor::all)?.is_empty() {
            return Err(unknown());
        }
        let found = self.inherited(&Remote::new(&self.issuer, keys, clock)?, &full, reason, clock())?;
        Ok((found.ok_or_else(unknown)?, false))
    }

    /// Awards whose invitations were withdrawn at the server, and that are not revoked: verifiers take them as valid. The server cannot revoke
    /// them, and its word alone has nothing revoked.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn withdrawn(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<Vec<String>, DeskError> {
        let keys = self.keys(passphrases)?;
        self.withdrawn_at(&Remote::new(&self.issuer, &keys, clock)?, clock())
    }

    pub(super) fn withdrawn_at(&self, remote: &Remote<'_>, now: Timestamp) -> Result<Vec<String>, DeskError> {
        let mut open = Vec::new();
        for id in remote.withdrawn()? {
            let award = self.store.read(|db| award::get(db, &id))?;
            open.extend(award.filter(|award| award.revoked.is_none()).map(|award| award.credential));
        }
        open.extend(self.withdrawn_before(remote, now)?);
        Ok(open)
    }

    /// The award with this identifier, `urn:uuid:` or without.
    pub(super) fn find(&self, id: &str) -> Result<Award, DeskError> {
        let found = self.store.read(|db| award::get(db, &full(id)))?;
        found.ok_or_else(|| DeskError::UnknownAward { id: id.to_owned() })
    }
}

/// An identifier as awards have it.
fn full(id: &str) -> String {
    let full = if id.starts_with("urn:uuid:") { id.to_owned() } else { format!("urn:uuid:{id}") };
    full.to_ascii_lowercase()
}

/// Takes the invitation back too. One that was accepted or has ended stays what it is.
fn withdraw(remote: &Remote<'_>, invitation: Option<&str>) -> Result<(), DeskError> {
    let Some(invitation) = invitation else { return Ok(()) };
    match remote.withdraw(invitation) {
        Err(DeskError::Refused { code, .. }) if ["conflict", "gone", "not_found"].contains(&code.as_str()) => Ok(()),
        done => done,
    }
}
