//! Taking an award back: first here, in a list that is signed and kept, then on the server. An award that never left never will.

use jiff::Timestamp;

use super::remote::Remote;
use super::store::award::{self, Award};
use super::{Desk, DeskError, Passphrases, Why, Wrong};
use crate::store::to_micros;

/// Characters of a reason.
const REASON: usize = 500;

/// How it ended.
#[derive(Debug)]
pub struct Revoked {
    /// The award.
    pub id: String,
    /// Whether it was revoked before.
    pub before: bool,
    /// Why the server does not have the new list yet; nothing where there is none, or it has.
    pub unpublished: Option<DeskError>,
}

impl Desk {
    /// Revokes an award, by its identifier.
    ///
    /// # Errors
    /// There is no such award, or it could not be signed or kept. That the server does not have it yet is told in [`Revoked`].
    pub fn revoke(
        &self,
        id: &str,
        reason: &str,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Revoked, DeskError> {
        let reason = reason.trim();
        let wrong = |why| DeskError::BadOption(Wrong::new("--reason", why));
        match () {
            () if reason.is_empty() => return Err(wrong(Why::Missing)),
            () if reason.chars().count() > REASON => return Err(wrong(Why::TooLong)),
            () if !super::issuer::is_plain(reason) => return Err(wrong(Why::ControlCharacters)),
            () => {}
        }
        let (award, keys) = (self.find(id)?, self.keys(passphrases)?);
        let before = award.revoked.is_some();
        if !before {
            let revoked = Award { revoked: Some(to_micros(clock())), reason: Some(reason.to_owned()), ..award.clone() };
            self.store.write(|db| award::put(db, &revoked))?;
        }
        let id = award.credential.clone();
        if self.issuer.server.is_none() {
            return Ok(Revoked { id, before, unpublished: None });
        }
        // Signed and kept before anybody is asked, so that it goes out with the next one at the latest.
        self.sign_lists(&keys, clock())?;
        let told = Remote::new(&self.issuer, &keys, clock).and_then(|remote| {
            self.publish_lists(&remote, &keys, clock(), false)?;
            withdraw(&remote, &award)
        });
        Ok(Revoked { id, before, unpublished: told.err() })
    }

    /// The award with this identifier, `urn:uuid:` or without.
    fn find(&self, id: &str) -> Result<Award, DeskError> {
        let full = if id.starts_with("urn:uuid:") { id.to_owned() } else { format!("urn:uuid:{id}") };
        let found = self.store.read(|db| award::get(db, &full.to_ascii_lowercase()))?;
        found.ok_or_else(|| DeskError::UnknownAward { id: id.to_owned() })
    }
}

/// Takes the invitation back too. One that was accepted or has ended stays what it is.
fn withdraw(remote: &Remote<'_>, award: &Award) -> Result<(), DeskError> {
    let Some(invitation) = &award.invitation else { return Ok(()) };
    match remote.withdraw(invitation) {
        Err(DeskError::Refused { code, .. }) if ["conflict", "gone", "not_found"].contains(&code.as_str()) => Ok(()),
        done => done,
    }
}
