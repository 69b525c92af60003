//! What desks, staff and operators did (R51). Entries are only ever added, to a book for each issuer and one for the server; each holds the
//! hash of the one before it, so that none can be changed or taken out unseen. They name ids and public names, never a person.

use jiff::Timestamp;
use satchel_protocol::{Id, sha256};

use super::{Row, StoreError, Tx, issuer};
use crate::values;

/// The book of what operators did.
pub const SERVER: Id = Id::NIL;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// A key of an issuer was admitted.
    IssuerAdmitted,
    /// An issuer's uploads are taken no more.
    IssuerSuspended,
    /// An issuer's key passed to its successor.
    IssuerSucceeded,
    /// An issuer goes by another name.
    IssuerRenamed,
    /// An award was given.
    AwardGranted,
    /// An award was taken back.
    AwardRevoked,
    /// An award counts again.
    AwardReinstated,
    /// A document was published.
    DocumentPublished,
    /// It was said who finds an achievement.
    ListingSet,
    /// An award was read by the desk that succeeded the one that signed it.
    AwardRead,
    /// Invitations were read, with the addresses in them.
    InvitationsRead,
    /// An invitation was sent again.
    InvitationReminded,
    /// An invitation was taken back.
    InvitationWithdrawn,
    /// An invitation holds longer.
    InvitationExtended,
    /// Requests for badges were read, with what people sent.
    RequestsRead,
    /// A request for a badge was approved or refused, or that taken back.
    RequestDecided,
    /// A form for requests was changed, or its link.
    FormSet,
    /// Somebody was asked to act for the issuer.
    StaffAsked,
    /// Somebody acts for the issuer.
    StaffAdded,
    /// Somebody acts for the issuer no more.
    StaffRemoved,
    /// Proposals were read, with the addresses in them.
    ProposalsRead,
    /// A proposal was declined.
    ProposalDeclined,
    /// A system may propose.
    SystemAdded,
    /// A system may propose no more.
    SystemEnded,
    /// A system got a new secret.
    SystemRotated,
    /// A message was read.
    MessageRead,
    /// A message was answered.
    MessageAnswered,
    /// A page was hidden.
    PageHidden,
    /// A page was shown again.
    PageShown,
    /// News were sent.
    NewsSent,
    /// Somebody was invited to register.
    UserInvited,
    /// An account was blocked.
    UserBlocked,
    /// An account was opened again.
    UserUnblocked,
    /// The second factors of an account were taken off.
    FactorsDropped,
    /// A mail that came back was taken in.
    MailReturned,
    /// Up to where the book of an issuer went: its DID, the number and the hash of its last entry.
    RecordAnchored,
    /// An address was taken from an account, for whoever has it now.
    AddressFreed,
    /// Somebody became an operator.
    OperatorAdded,
    /// Somebody is an operator no more.
    OperatorRemoved,
    /// An institution was added, or what is said of it was changed.
    InstitutionSet,
    /// An institution was removed.
    InstitutionRemoved,
    /// The logins of an institution were moved.
    InstitutionMoved,
    /// All data were copied into a backup.
    BackupMade,
    /// The database was made from a backup.
    BackupRestored,
    /// A rule of the institution was changed.
    PolicySet,
    /// The record itself was copied out.
    LogExported,
    /// Accounts were looked for.
    UsersRead,
    /// An account was looked at.
    UserRead,
    /// All sessions of an account were ended.
    SessionsEnded,
    /// Terms or a privacy notice were published.
    NoticePublished,
    /// They were taken back before anybody was shown them.
    NoticeTakenBack,
}

impl Did {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IssuerAdmitted => "issuer_admitted",
            Self::IssuerSuspended => "issuer_suspended",
            Self::IssuerSucceeded => "issuer_succeeded",
            Self::IssuerRenamed => "issuer_renamed",
            Self::AwardGranted => "award_granted",
            Self::AwardRevoked => "award_revoked",
            Self::AwardReinstated => "award_reinstated",
            Self::DocumentPublished => "document_published",
            Self::ListingSet => "listing_set",
            Self::AwardRead => "award_read",
            Self::InvitationsRead => "invitations_read",
            Self::InvitationReminded => "invitation_reminded",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::InvitationExtended => "invitation_extended",
            Self::RequestsRead => "requests_read",
            Self::RequestDecided => "request_decided",
            Self::FormSet => "form_set",
            Self::StaffAsked => "staff_asked",
            Self::StaffAdded => "staff_added",
            Self::StaffRemoved => "staff_removed",
            Self::ProposalsRead => "proposals_read",
            Self::ProposalDeclined => "proposal_declined",
            Self::SystemAdded => "system_added",
            Self::SystemEnded => "system_ended",
            Self::SystemRotated => "system_rotated",
            Self::MessageRead => "message_read",
            Self::MessageAnswered => "message_answered",
            Self::PageHidden => "page_hidden",
            Self::PageShown => "page_shown",
            Self::NewsSent => "news_sent",
            Self::UserInvited => "user_invited",
            Self::UserBlocked => "user_blocked",
            Self::UserUnblocked => "user_unblocked",
            Self::FactorsDropped => "factors_dropped",
            Self::MailReturned => "mail_returned",
            Self::RecordAnchored => "record_anchored",
            Self::AddressFreed => "address_freed",
            Self::OperatorAdded => "operator_added",
            Self::OperatorRemoved => "operator_removed",
            Self::InstitutionSet => "institution_set",
            Self::InstitutionRemoved => "institution_removed",
            Self::InstitutionMoved => "institution_moved",
            Self::BackupMade => "backup_made",
            Self::BackupRestored => "backup_restored",
            Self::PolicySet => "policy_set",
            Self::LogExported => "log_exported",
            Self::UsersRead => "users_read",
            Self::UserRead => "user_read",
            Self::SessionsEnded => "sessions_ended",
            Self::NoticePublished => "notice_published",
            Self::NoticeTakenBack => "notice_taken_back",
        }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Its place in its book, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who: the key of a desk, the id of an account, or `shell` for a command of the operator, with the number of the system's user.
    pub by: String,
    /// What.
    pub did: String,
    /// About what: an id, a public name, a hash.
    pub about: String,
    /// The hash of this entry and all before it.
    pub hash: [u8; 32],
}

impl Act {
    /// What the chain of a book begins with, so that it is the chain of no other book: the hash of its name and a line feed.
    pub fn begin(book: &str) -> [u8; 32] {
        sha256(format!("{book}\n").as_bytes())
    }

    /// The hash after an entry whose hash is `before`: that of its hash in hexadecimal, and of each member, each followed by a line feed.
    pub fn chained(&self, before: &[u8; 32]) -> [u8; 32] {
        let Self { number, at, by, did, about, .. } = self;
        let before = hex(before);
        sha256(format!("{before}\n{number}\n{}\n{by}\n{did}\n{about}\n", at.as_microsecond()).as_bytes())
    }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read(row: &Row) -> Result<Act, StoreError> {
    Ok(Act { number: row.get(0)?, at: row.get(1)?, by: row.get(2)?, did: row.get(3)?, about: row.get(4)?, hash: row.get(5)? })
}

/// Adds an entry, in the transaction that does what it tells of.
///
/// # Errors
/// What the database said.
pub fn note(tx: &mut Tx<'_>, book: Id, by: &str, did: Did, about: &str, now: Timestamp) -> Result<(), StoreError> {
    let last = tx.first("SELECT number, hash FROM act WHERE book = $1 ORDER BY number DESC LIMIT 1", values![book])?;
    let (number, before): (i64, [u8; 32]) = match last {
        Some(row) => (row.get(0)?, row.get(1)?),
        None => (0, Act::begin(&name(tx, book)?)),
    };
    // A line feed would make two entries of one.
    let line = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let mut act =
        Act { number: number + 1, at: now, by: line(by), did: did.name().to_owned(), about: line(about), hash: [0; 32] };
    act.hash = act.chained(&before);
    let sql = "INSERT INTO act (book, number, at, by_whom, did, about, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, values![book, act.number, act.at, &act.by, &act.did, &act.about, act.hash]).map(drop)
}

/// Entries of a book after one of them, at most `most`, in their order.
///
/// # Errors
/// What the database said.
pub fn after(tx: &mut Tx<'_>, book: Id, number: i64, most: i64) -> Result<Vec<Act>, StoreError> {
    let sql = "SELECT number, at, by_whom, did, about, hash FROM act WHERE book = $1 AND number > $2 ORDER BY number LIMIT $3";
    tx.all(sql, values![book, number, most])?.iter().map(read).collect()
}

/// The books: each with the DID of its issuer, or `server`.
///
/// # Errors
/// What the database said.
pub fn books(tx: &mut Tx<'_>) -> Result<Vec<(Id, String)>, StoreError> {
    let rows = tx.all("SELECT DISTINCT book FROM act ORDER BY book", &[])?;
    let mut books = Vec::new();
    for row in rows {
        let book: Id = row.get(0)?;
        books.push((book, name(tx, book)?));
    }
    Ok(books)
}

/// The name of a book: the DID of its issuer, or `server`.
fn name(tx: &mut Tx<'_>, book: Id) -> Result<String, StoreError> {
    if book == SERVER {
        return Ok(String::from("server"));
    }
    Ok(issuer::get(tx, book)?.map_or_else(|| book.to_string(), |it| it.did))
}

/// Notes in the server's book up to where those of the issuers go, as far as that is not noted yet: whatever is taken off their ends later is
/// missed.
///
/// # Errors
/// What the database said.
pub fn anchor(tx: &mut Tx<'_>, by: &str, now: Timestamp) -> Result<(), StoreError> {
    for (book, name) in books(tx)? {
        let last = tx.first("SELECT number, hash FROM act WHERE book = $1 ORDER BY number DESC LIMIT 1", values![book])?;
        let Some(row) = last.filter(|_| book != SERVER) else { continue };
        let about = format!("{name} {} {}", row.get::<i64>(0)?, hex(&row.get::<[u8; 32]>(1)?));
        let known = "SELECT count(*) FROM act WHERE book = $1 AND did = $2 AND about = $3";
        if tx.number(known, values![SERVER, Did::RecordAnchored.name(), &about])? == 0 {
            note(tx, SERVER, by, Did::RecordAnchored, &about, now)?;
        }
    }
    Ok(())
}

/// What it was about that was done since a time, the oldest first.
///
/// # Errors
/// What the database said.
pub fn since(tx: &mut Tx<'_>, book: Id, did: Did, time: Timestamp) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT about FROM act WHERE book = $1 AND did = $2 AND at >= $3 ORDER BY number";
    tx.all(sql, values![book, did.name(), time])?.iter().map(|row| row.get(0)).collect()
}

/// When something was done last.
///
/// # Errors
/// What the database said.
pub fn last(tx: &mut Tx<'_>, book: Id, did: Did) -> Result<Option<Timestamp>, StoreError> {
    let row =
        tx.first("SELECT at FROM act WHERE book = $1 AND did = $2 ORDER BY number DESC LIMIT 1", values![book, did.name()])?;
    row.map(|row| row.get(0)).transpose()
}
