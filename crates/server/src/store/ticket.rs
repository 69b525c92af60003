//! Links that were sent by mail: only the hash of their secret is here. Looking at one changes nothing; using one does, once.

use jiff::Timestamp;
use satchel_protocol::{EmailAddress, Id};

use super::{StoreError, Tx};
use crate::random::Secret;
use crate::values;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To claim a badge; the subject is an invitation. Several links may lead to one, and what is single is the decision.
    Claim,
    /// To register without a badge; the subject is an entry.
    Join,
    /// To verify the address of a registration.
    Verify,
    /// To verify one more address of an account.
    Address,
    /// To choose a new password; the subject is an account.
    Reset,
    /// To prove that the address of an arrival is one's own.
    Prove,
    /// To have a login lead to an account no more; the subject is a merge.
    Undo,
    /// To give the second factor after the password, in the cookie of a browser; the subject is an account.
    Half,
    /// The same, after coming from an institution.
    HalfThere,
    /// To confirm the address of a request; the subject is the request.
    Request,
    /// To confirm that news are wanted; the subject is the subscriber.
    News,
    /// To confirm the address of a message; the subject is the message.
    Message,
    /// To act for an issuer; the subject is the offer.
    Acting,
}

impl Kind {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Join => "join",
            Self::Verify => "verify",
            Self::Address => "address",
            Self::Reset => "reset",
            Self::Prove => "prove",
            Self::Undo => "undo",
            Self::Half => "half",
            Self::HalfThere => "half_there",
            Self::Request => "request",
            Self::News => "news",
            Self::Message => "message",
            Self::Acting => "acting",
        }
    }
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Its subject.
    pub subject: Id,
    /// The address that it was sent to, where that is not the subject's own.
    pub address: Option<EmailAddress>,
    /// Until when it holds.
    pub expires: Timestamp,
    /// When it was used.
    pub used: Option<Timestamp>,
}

/// Makes a link; what is stored is the hash of its secret.
///
/// # Errors
/// What the database said.
pub fn issue(
    tx: &mut Tx<'_>,
    kind: Kind,
    subject: Id,
    address: Option<&EmailAddress>,
    now: Timestamp,
    expires: Timestamp,
) -> Result<Secret, StoreError> {
    let secret = Secret::new();
    let sql = "INSERT INTO ticket (hash, kind, subject, address, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
    tx.execute(sql, values![secret.hash(), kind.name(), subject, address.map(EmailAddress::as_str), now, expires])?;
    Ok(secret)
}

/// What a link leads to, used and old ones too.
///
/// # Errors
/// What the database said.
pub fn find(tx: &mut Tx<'_>, kind: Kind, secret: &Secret) -> Result<Option<Ticket>, StoreError> {
    let sql = "SELECT subject, address, expires, used FROM ticket WHERE hash = $1 AND kind = $2";
    let Some(row) = tx.first(sql, values![secret.hash(), kind.name()])? else { return Ok(None) };
    let address = row.get::<Option<String>>(1)?.and_then(|text| text.parse().ok());
    Ok(Some(Ticket { subject: row.get(0)?, address, expires: row.get(2)?, used: row.get(3)? }))
}

/// Uses a link up; whether it could be.
///
/// # Errors
/// What the database said.
pub fn redeem(tx: &mut Tx<'_>, secret: &Secret, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE ticket SET used = $1 WHERE hash = $2 AND used IS NULL AND expires > $3";
    Ok(tx.execute(sql, values![now, secret.hash(), now])? == 1)
}

/// Has no link of this kind lead to the subject any more.
///
/// # Errors
/// What the database said.
pub fn revoke(tx: &mut Tx<'_>, kind: Kind, subject: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM ticket WHERE kind = $1 AND subject = $2", values![kind.name(), subject]).map(drop)
}

/// Forgets links that hold no more.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM ticket WHERE expires < $1", values![before]).map(drop)
}
