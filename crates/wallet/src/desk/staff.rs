//! Who acts for the issuer on the pages of the server's staff. Whoever is asked accepts by mail there; nobody of them can sign.

use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use serde::Deserialize;

use super::remote::Remote;
use super::{Desk, DeskError, Passphrases};

/// Who acts for an issuer, and who was asked to: addresses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Staff {
    /// Who acts for it, by the main address of the account.
    pub staff: Vec<String>,
    /// Who was asked and has not answered.
    pub asked: Vec<String>,
}

impl Desk {
    /// Who acts for the issuer, as the server tells it.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn staff(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<Staff, DeskError> {
        Remote::new(&self.issuer, &self.keys(passphrases)?, clock)?.staff()
    }

    /// Has the server ask whoever has an address to act for the issuer, in this language where it knows no other. At most one mail a day goes to one
    /// address.
    ///
    /// # Errors
    /// The server cannot be asked, or refuses.
    pub fn ask_staff(
        &self,
        email: &EmailAddress,
        language: Language,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), DeskError> {
        Remote::new(&self.issuer, &self.keys(passphrases)?, clock)?.ask_staff(email, language)
    }

    /// Has nobody with an address act for the issuer any more, nor be asked to.
    ///
    /// # Errors
    /// The server cannot be asked, or nobody with it acts or was asked.
    pub fn remove_staff(
        &self,
        email: &EmailAddress,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), DeskError> {
        Remote::new(&self.issuer, &self.keys(passphrases)?, clock)?.remove_staff(email)
    }
}
