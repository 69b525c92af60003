//! Mail that is to leave. A row says what kind and to whom; what the mail says is written when it leaves, with links made at that moment, so
//! that no link that opens anything lies in the database.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::{EmailAddress, Id, Language};

use super::{Row, StoreError, Tx};
use crate::values;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A badge to accept; the subject is an invitation.
    Claim,
    /// An invitation to register; the subject is an entry.
    Join,
    /// An address to verify; the subject is a registration.
    Verify,
    /// One more address to verify; the subject is an account.
    Address,
    /// Somebody registers with an address that has an account; the subject is the account.
    Known,
    /// A new password; the subject is an account.
    Reset,
    /// A forgotten password of an account that has none; the subject is the account.
    NoPassword,
    /// Proof that the address of somebody who came from a provider is theirs; the subject is an arrival.
    Prove,
    /// A login joined an account; the subject is the merge.
    Joined,
    /// A login was taken from an account; the subject is the account.
    Parted,
    /// Addresses of an account changed; the subject is the account.
    AddressesChanged,
    /// A login ends soon; the subject is the account.
    LoginEnds,
    /// The password was changed; the subject is an account.
    PasswordChanged,
    /// A program came with a token that was used before; the subject is the account.
    DeviceEnded,
    /// A second factor was added; the subject is the account.
    FactorAdded,
    /// A second factor was taken off; the subject is the account.
    FactorEnded,
    /// New recovery codes were made; the subject is the account.
    CodesMade,
    /// A recovery code was used; the subject is the account.
    RecoveryUsed,
    /// A passkey counted fewer uses than before; the subject is the account.
    PasskeyCopied,
    /// The right password was given, and too often no right factor; the subject is the account.
    FactorGuessed,
    /// The account is suspended, because its owner is too young; the subject is the account.
    Suspended,
    /// Nobody uses the account, and it will be erased; the subject is the account.
    Unused,
    /// The account is erased; the subject was the account.
    Erased,
    /// A request for a badge, whose address is to be confirmed; the subject is the request.
    RequestConfirm,
    /// A request that was refused; the subject is the request.
    RequestRefused,
    /// An address that wants news, to be confirmed; the subject is the subscriber.
    NewsConfirm,
    /// Registration has opened; the subject is the subscriber.
    Opening,
    /// A piece of news; the subject is it.
    News,
    /// A message to the staff, whose address is to be confirmed; the subject is the message.
    MessageConfirm,
    /// An answer of the staff; the subject is the message.
    MessageAnswer,
    /// An issuer asks somebody to act for it; the subject is the offer.
    StaffOffer,
    /// Staff hid a page; the subject is the account whose it is.
    PageHidden,
}

impl Kind {
    const NAMES: [(Self, &'static str); 32] = [
        (Self::Claim, "claim"),
        (Self::Join, "join"),
        (Self::Verify, "verify"),
        (Self::Address, "address"),
        (Self::Known, "known"),
        (Self::Reset, "reset"),
        (Self::NoPassword, "no_password"),
        (Self::Prove, "prove"),
        (Self::Joined, "joined"),
        (Self::Parted, "parted"),
        (Self::AddressesChanged, "addresses_changed"),
        (Self::LoginEnds, "login_ends"),
        (Self::PasswordChanged, "password_changed"),
        (Self::DeviceEnded, "device_ended"),
        (Self::FactorAdded, "factor_added"),
        (Self::FactorEnded, "factor_ended"),
        (Self::CodesMade, "codes_made"),
        (Self::RecoveryUsed, "recovery_used"),
        (Self::PasskeyCopied, "passkey_copied"),
        (Self::FactorGuessed, "factor_guessed"),
        (Self::Suspended, "suspended"),
        (Self::Unused, "unused"),
        (Self::Erased, "erased"),
        (Self::RequestConfirm, "request_confirm"),
        (Self::RequestRefused, "request_refused"),
        (Self::NewsConfirm, "news_confirm"),
        (Self::Opening, "opening"),
        (Self::News, "news"),
        (Self::MessageConfirm, "message_confirm"),
        (Self::MessageAnswer, "message_answer"),
        (Self::StaffOffer, "staff_offer"),
        (Self::PageHidden, "page_hidden"),
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// A mail that is to leave.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its id, which makes its `Message-ID`: a mail that leaves twice is seen to be one.
    pub id: Id,
    /// What it is about.
    pub kind: Kind,
    /// Whose it is.
    pub subject: Id,
    /// To whom it goes.
    pub address: EmailAddress,
    /// Its language.
    pub language: Language,
    /// How often it was tried.
    pub tries: i64,
}

fn read(row: &Row) -> Result<Letter, StoreError> {
    let broken = || StoreError::Failed(String::from("an unreadable mail in the outbox"));
    let kind: String = row.get(1)?;
    let kind = Kind::NAMES.iter().find(|(_, name)| *name == kind).map(|(kind, _)| *kind).ok_or_else(broken)?;
    Ok(Letter {
        id: row.get(0)?,
        kind,
        subject: row.get(2)?,
        address: row.get::<String>(3)?.parse().map_err(|_| broken())?,
        language: Language::of_locale(&row.get::<String>(4)?),
        tries: row.get(5)?,
    })
}

/// Puts a mail into the outbox.
///
/// # Errors
/// What the database said.
pub fn put(
    tx: &mut Tx<'_>,
    id: Id,
    kind: Kind,
    subject: Id,
    address: &EmailAddress,
    language: Language,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO outbox (id, kind, subject, address, language, tries, due, created) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)";
    tx.execute(sql, values![id, kind.name(), subject, address.as_str(), language.tag(), now, now]).map(drop)
}

/// Has the mails about something leave later, so that what they say can still be taken back.
///
/// # Errors
/// What the database said.
pub fn hold(tx: &mut Tx<'_>, subject: Id, kind: Kind, due: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET due = $1 WHERE subject = $2 AND kind = $3", values![due, subject, kind.name()]).map(drop)
}

/// Whether a mail about something can be taken back still.
///
/// # Errors
/// What the database said.
pub fn may_take_back(tx: &mut Tx<'_>, subject: Id, kind: Kind) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM outbox WHERE subject = $1 AND kind = $2 AND tries = 0";
    Ok(tx.number(sql, values![subject, kind.name()])? > 0)
}

/// Takes the mails about something back that nobody has tried to send; whether there was one.
///
/// # Errors
/// What the database said.
pub fn take_back(tx: &mut Tx<'_>, subject: Id, kind: Kind) -> Result<bool, StoreError> {
    let sql = "DELETE FROM outbox WHERE subject = $1 AND kind = $2 AND tries = 0";
    Ok(tx.execute(sql, values![subject, kind.name()])? > 0)
}

/// Which mails: those that a person waits for do not queue behind a thousand invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Invitations to badges, and what goes to many at once.
    Claims,
    /// All others.
    People,
}

impl Lane {
    const fn sql(self) -> &'static str {
        match self {
            Self::Claims => "kind IN ('claim', 'news', 'opening')",
            Self::People => "kind NOT IN ('claim', 'news', 'opening')",
        }
    }
}

/// Whether a mail is due.
///
/// # Errors
/// What the database said.
pub fn is_due(tx: &mut Tx<'_>, lane: Lane, now: Timestamp) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM outbox WHERE {} AND due <= $1 LIMIT 1", lane.sql());
    Ok(tx.first(&sql, values![now])?.is_some())
}

/// Takes one mail that is due, for as long as sending it may take; another replica leaves it alone meanwhile.
///
/// # Errors
/// What the database said.
pub fn take(tx: &mut Tx<'_>, lane: Lane, now: Timestamp, lease: SignedDuration) -> Result<Option<Letter>, StoreError> {
    let sql = format!(
        "UPDATE outbox SET due = $1, tries = tries + 1
         WHERE id = (SELECT id FROM outbox WHERE {} AND due <= $2 ORDER BY due, id LIMIT 1)
         RETURNING id, kind, subject, address, language, tries",
        lane.sql()
    );
    tx.first(&sql, values![now + lease, now])?.as_ref().map(read).transpose()
}

/// Has a mail tried again later.
///
/// # Errors
/// What the database said.
pub fn put_off(tx: &mut Tx<'_>, id: Id, due: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET due = $1 WHERE id = $2", values![due, id]).map(drop)
}

/// Puts a mail back as if it had not been taken: that the mail server is away is not its fault.
///
/// # Errors
/// What the database said.
pub fn put_back(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET due = $1, tries = tries - 1 WHERE id = $2", values![now, id]).map(drop)
}

/// Has all mails tried now that were tried before. For the one server of a database that has just started: what an earlier one was sending
/// when it ended is due. What nobody has tried waits for its time, so that it can still be taken back.
///
/// # Errors
/// What the database said.
pub fn release(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE outbox SET due = $1 WHERE due > $2 AND tries > 0", values![now, now]).map(drop)
}

/// Takes a mail out of the outbox.
///
/// # Errors
/// What the database said.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM outbox WHERE id = $1", values![id]).map(drop)
}

/// Takes the mails about something out of the outbox that would go to an address.
///
/// # Errors
/// What the database said.
pub fn forget(tx: &mut Tx<'_>, subject: Id, address: &EmailAddress) -> Result<(), StoreError> {
    let rows = tx.all("SELECT id, kind, subject, address, language, tries FROM outbox WHERE subject = $1", values![subject])?;
    for letter in rows.iter().map(read) {
        let letter = letter?;
        if letter.address == *address {
            remove(tx, letter.id)?;
        }
    }
    Ok(())
}

/// The mails about an account that have still to leave.
///
/// # Errors
/// What the database said.
pub fn of_account(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Letter>, StoreError> {
    let sql = "SELECT id, kind, subject, address, language, tries FROM outbox WHERE subject = $1 ORDER BY id";
    tx.all(sql, values![account])?.iter().map(read).collect()
}

/// How many mails wait, and since when the oldest.
///
/// # Errors
/// What the database said.
pub fn waiting(tx: &mut Tx<'_>) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row = tx.first("SELECT count(*), min(created) FROM outbox", &[])?;
    row.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
}
