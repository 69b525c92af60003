//! What stops a wallet from answering. Each has a stable code; the words for a person are in `words.rs`. A badge that is not valid is no
//! error, it is an answer.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;
use satchel_badge::cause::Cause;
use satchel_badge::report::Line;

use crate::sealed::SealError;

/// What the database says of its files.
const READ_ONLY: (&str, &str) = ("it can only be read", "è di sola lettura");
const UNOPENED: (&str, &str) = ("it does not open", "non si apre");
const FORBIDDEN: (&str, &str) = ("you may not do that there", "non hai il permesso");
const FAILED: (&str, &str) = ("the disk does not read or write it", "il disco non riesce a leggerlo o a scriverlo");

/// What is no file of its own.
pub(crate) const LINK: (&str, &str) = ("it is a link to another place", "è un collegamento a un altro posto");

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// There is no wallet in this folder.
    #[error("there is no wallet in {dir}")]
    Missing {
        /// The folder.
        dir: String,
    },
    /// Another program has it open.
    #[error("the wallet is open in {holder}")]
    Locked {
        /// Its name and process number, as it left them in the lock.
        holder: String,
    },
    /// It is locked, and no passphrase was given.
    #[error("the wallet is locked, and no passphrase was given")]
    NeedsPassphrase,
    /// Its key is not kept, or does not open.
    #[error(transparent)]
    Seal(Box<SealError>),
    /// It is locked, and its key is not there.
    #[error("the wallet is locked, and {path} is not there")]
    KeyMissing {
        /// Where the key was.
        path: String,
    },
    /// A newer Satchel made it.
    #[error("the wallet has version {found}, and this program knows versions up to {known}")]
    Newer {
        /// The version it has.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Something in `wallet.db` is not what was put there.
    #[error("damaged: {what}")]
    Damaged {
        /// What is damaged.
        what: String,
    },
    /// The index is damaged; it can be made anew.
    #[error("the index is damaged: {what}")]
    IndexDamaged {
        /// What the database said.
        what: String,
    },
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The folder or a file in it cannot be used.
    #[error("{path} cannot be used: {why}")]
    Unusable {
        /// The folder or file.
        path: String,
        /// Why.
        why: Cause,
    },
    /// This is no id, and no beginning of one.
    #[error("{given} is no id")]
    BadId {
        /// What was given.
        given: String,
    },
    /// No badge has this id.
    #[error("no badge has the id {given}")]
    UnknownId {
        /// What was given.
        given: String,
    },
    /// Several badges have ids that begin so.
    #[error("{count} badges have ids that begin with {given}")]
    AmbiguousId {
        /// What was given.
        given: String,
        /// How many there are.
        count: usize,
    },
    /// This is no identifier of an issuer.
    #[error("{given} is no identifier of an issuer")]
    BadIssuer {
        /// The beginning of what was given.
        given: String,
    },
    /// A baked PNG needs a picture, and the badge came without one.
    #[error("the badge came without a PNG")]
    NeedsImage,
    /// A baked PNG needs a picture, and that of the badge was not fetched.
    #[error("the picture of the badge is at {url}")]
    PictureAway {
        /// Where it is.
        url: String,
    },
    /// The picture or the credential cannot be baked.
    #[error("it cannot be baked: {}", .0.code.name())]
    Bake(Box<Line>),
    /// There is a file of this name already.
    #[error("{path} is there already")]
    Exists {
        /// The file.
        path: String,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written: {why}")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        why: Cause,
    },
    /// The database refused for a reason that is none of these.
    #[error("the database said: {0}")]
    Failed(String),
}

impl WalletError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "no_wallet",
            Self::Locked { .. } => "wallet_locked",
            Self::NeedsPassphrase => "needs_passphrase",
            Self::Seal(error) => error.code(),
            Self::KeyMissing { .. } => "key_missing",
            Self::Newer { .. } => "wallet_newer",
            Self::Damaged { .. } => "wallet_damaged",
            Self::IndexDamaged { .. } => "index_damaged",
            Self::Full => "disk_full",
            Self::Unusable { .. } => "wallet_unusable",
            Self::BadId { .. } => "bad_id",
            Self::UnknownId { .. } => "unknown_id",
            Self::AmbiguousId { .. } => "ambiguous_id",
            Self::BadIssuer { .. } => "bad_issuer",
            Self::NeedsImage => "needs_image",
            Self::PictureAway { .. } => "picture_away",
            Self::Bake(line) => line.code.name(),
            Self::Exists { .. } => "exists",
            Self::Unwritable { .. } => "unwritable",
            Self::Failed(_) => "wallet_failed",
        }
    }

    /// Whether the same may work later, with nothing else changed.
    pub fn retry(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::Full)
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(crate) fn unusable(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unusable { path: path.display().to_string(), why: error.into() },
        }
    }

    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists { path: path.display().to_string() },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unwritable { path: path.display().to_string(), why: error.into() },
        }
    }
}

impl From<rusqlite::Error> for WalletError {
    fn from(error: rusqlite::Error) -> Self {
        let why = error.to_string();
        let path = String::from("wallet.db");
        match error {
            // A value of another type than was written.
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged { what: format!("{path}: {why}") },
            error => match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { what: format!("{path}: {why}") },
                Some(ErrorCode::DiskFull) => Self::Full,
                Some(ErrorCode::ReadOnly) => Self::Unusable { path, why: Cause::with(READ_ONLY, &why) },
                Some(ErrorCode::CannotOpen) => Self::Unusable { path, why: Cause::with(UNOPENED, &why) },
                Some(ErrorCode::PermissionDenied) => Self::Unusable { path, why: Cause::with(FORBIDDEN, &why) },
                Some(ErrorCode::SystemIoFailure) => Self::Unusable { path, why: Cause::with(FAILED, &why) },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { holder: String::from("?") },
                _ => Self::Failed(why),
            },
        }
    }
}
