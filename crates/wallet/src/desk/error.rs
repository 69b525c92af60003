//! What stops a desk. Each has a stable code; the words for a person are in `words.rs`. A row of recipients that is not right is no error of
//! this kind: it has a fault of its own (`recipients.rs`).

use std::io;
use std::path::Path;

use satchel_badge::cause::Cause;
use satchel_fetch::FetchError;
use satchel_protocol::achievement;

use crate::WalletError;
use crate::sealed::SealError;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no desk in this folder.
    #[error("there is no desk in {dir}")]
    Missing {
        /// The folder.
        dir: String,
    },
    /// There is a desk in this folder already.
    #[error("there is a desk in {dir}")]
    Exists {
        /// The folder.
        dir: String,
    },
    /// What the folder or the database said: of the same kinds as with a wallet.
    #[error(transparent)]
    Store(WalletError),
    /// The keys are not kept, or do not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was asked for is not right.
    #[error("{0}")]
    BadOption(Wrong),
    /// The file of a badge is not right.
    #[error("{path} is no badge")]
    BadBadge {
        /// The file.
        path: String,
        /// Everything that is wrong with it.
        faults: Vec<Wrong>,
    },
    /// A file has no questions of a form.
    #[error("{path} is no form: {why}")]
    BadForm {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A badge of this name is there, and says something else.
    #[error("there is a badge {slug} that says something else")]
    BadgeExists {
        /// Its name.
        slug: String,
    },
    /// No badge has this name.
    #[error("no badge {slug}")]
    UnknownBadge {
        /// What was given.
        slug: String,
    },
    /// The file of recipients cannot be read as a whole.
    #[error("{path} is no table of recipients")]
    BadRecipients {
        /// The file.
        path: String,
        /// What is wrong with it.
        wrong: Wrong,
    },
    /// An earlier run with this badge and this table was broken off.
    #[error("a run of {slug} was broken off")]
    BrokenOff {
        /// The badge.
        slug: String,
    },
    /// There is nothing to go on with.
    #[error("nothing to go on with")]
    NothingToResume,
    /// The folder for the files is not empty.
    #[error("{path} is not empty")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        why: Cause,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {why}")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        why: Cause,
    },
    /// This desk publishes on another server.
    #[error("this desk publishes on {known}")]
    OtherServer {
        /// Where it publishes.
        known: String,
    },
    /// No server was named so far.
    #[error("no server was named")]
    NoServer,
    /// No award has this identifier.
    #[error("no award {id}")]
    UnknownAward {
        /// What was given.
        id: String,
    },
    /// No proposal with this id waits.
    #[error("no proposal {id}")]
    UnknownProposal {
        /// What was given.
        id: String,
    },
    /// Nobody with this address acts for the issuer or was asked to.
    #[error("{email} does not act for the issuer")]
    UnknownStaff {
        /// What was given.
        email: String,
    },
    /// No request with this id awaits a signature.
    #[error("no request {id}")]
    UnknownRequest {
        /// What was given.
        id: String,
    },
    /// Another copy of this desk signed awards that this one does not know.
    #[error("another copy of this desk signed {size} awards")]
    Behind {
        /// How many are in the log that it published.
        size: i64,
    },
    /// What was to be signed would be refused by a verifier.
    #[error("it was not signed: {0}")]
    Signing(String),
    /// The server could not be asked.
    #[error("the server could not be asked: {0}")]
    Network(FetchError),
    /// The server refused.
    #[error("the server said {code}: {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
        /// Whether the same may work later.
        retry: bool,
    },
}

/// Something that somebody wrote and that is not right: what it is about, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{about}: {}", .why.name())]
pub struct Wrong {
    /// The member, column or value.
    pub about: String,
    /// Why.
    pub why: Why,
}

impl Wrong {
    pub(crate) fn new(about: impl Into<String>, why: Why) -> Self {
        Self { about: about.into(), why }
    }
}

/// Why something that somebody wrote is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is missing, or empty.
    Missing,
    /// It is of another type.
    WrongType,
    /// It is not known here.
    Unknown,
    /// It is too long.
    TooLong,
    /// It has characters that nobody sees or that steer.
    ControlCharacters,
    /// It is no web address.
    NotAnUrl,
    /// It is no tag of a language (BCP 47).
    NotATag,
    /// It is no e-mail address.
    NotAnAddress,
    /// It is no date.
    NotADate,
    /// It lies in the future.
    InFuture,
    /// It lies in the past.
    InPast,
    /// It comes before the beginning.
    BeforeStart,
    /// It is no language that mails are written in.
    NotALanguage,
    /// It is no table.
    NotATable,
    /// The first line names no column.
    NoHead,
    /// There is no such file.
    NoFile,
    /// The picture has letters, which would not be drawn.
    TextInPicture,
    /// It is no picture that can be drawn.
    NotAPicture,
    /// It is no JSON.
    NotJson,
    /// It is no domain.
    NotADomain,
    /// It is no Ed25519 key as a `did:key`.
    NotAKey,
    /// There is a file of this name.
    InTheWay,
    /// It may have small letters, digits and hyphens, and 64 of them at most.
    NotASlug,
    /// It is not UTF-8.
    NotUtf8,
    /// It has too few or too many cells.
    WrongColumns,
    /// It is there twice.
    Twice,
    /// This person has this badge already.
    Repeated,
    /// A quotation mark is opened and not closed.
    OpenQuote,
    /// It is larger than it may be.
    TooLarge,
}

impl From<achievement::Why> for Why {
    fn from(why: achievement::Why) -> Self {
        match why {
            achievement::Why::Missing => Self::Missing,
            achievement::Why::WrongType => Self::WrongType,
            achievement::Why::Unknown => Self::Unknown,
            achievement::Why::TooLong => Self::TooLong,
            achievement::Why::ControlCharacters => Self::ControlCharacters,
            achievement::Why::NotAnUrl => Self::NotAnUrl,
            achievement::Why::NotATag => Self::NotATag,
        }
    }
}

impl DeskError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "no_desk",
            Self::Exists { .. } => "desk_exists",
            Self::Store(WalletError::Locked { .. }) => "desk_locked",
            Self::Store(WalletError::Newer { .. }) => "desk_newer",
            Self::Store(WalletError::Damaged { .. }) => "desk_damaged",
            Self::Store(WalletError::Unusable { .. }) => "desk_unusable",
            Self::Store(WalletError::Failed(_)) => "desk_failed",
            Self::Store(error) => error.code(),
            Self::Seal(error) => error.code(),
            Self::BadOption(_) => "bad_option",
            Self::BadBadge { .. } => "bad_badge",
            Self::BadForm { .. } => "bad_form",
            Self::BadgeExists { .. } => "badge_exists",
            Self::UnknownBadge { .. } => "unknown_badge",
            Self::BadRecipients { .. } => "bad_recipients",
            Self::BrokenOff { .. } => "broken_off",
            Self::NothingToResume => "nothing_to_resume",
            Self::NotEmpty { .. } => "not_empty",
            Self::Unreadable { .. } => "unreadable",
            Self::Unwritable { .. } => "unwritable",
            Self::OtherServer { .. } => "other_server",
            Self::NoServer => "no_server",
            Self::UnknownAward { .. } => "unknown_award",
            Self::UnknownProposal { .. } => "unknown_proposal",
            Self::UnknownStaff { .. } => "unknown_staff",
            Self::UnknownRequest { .. } => "unknown_request",
            Self::Behind { .. } => "desk_behind",
            Self::Signing(_) => "not_signed",
            Self::Network(_) => "no_connection",
            Self::Refused { .. } => "server_refused",
        }
    }

    /// Whether the same may work later, with nothing else changed.
    pub fn retry(&self) -> bool {
        match self {
            Self::Store(error) => error.retry(),
            Self::Network(_) => true,
            Self::Refused { retry, .. } => *retry,
            _ => false,
        }
    }

    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { path: path.display().to_string(), why: error.into() }
    }

    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Store(WalletError::Full),
            _ => Self::Unwritable { path: path.display().to_string(), why: error.into() },
        }
    }
}

impl From<WalletError> for DeskError {
    /// The store speaks of the file of a wallet.
    fn from(error: WalletError) -> Self {
        let own = |text: String| text.replace("wallet.db", "desk.db");
        Self::Store(match error {
            WalletError::Damaged { what } => WalletError::Damaged { what: own(what) },
            WalletError::Unusable { path, why } => WalletError::Unusable { path: own(path), why },
            error => error,
        })
    }
}
