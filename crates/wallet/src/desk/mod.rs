//! An issuer's desk: badges are made, awarded, published and revoked here. Begin at [`Desk::create`]; each thing that staff do is a file:
//! `badge`, `award` (with `recipients`, `compose` and `results`), `requests`, `publish`, `revoke`,
//! `staff`, `status`.
//!
//! The keys never leave the workstation (`secrets.rs`, `keys.rs`), and nothing is signed that nobody asked for at this desk: what a server
//! says is shown and signs nothing (law 6). What was signed is in `desk.db` before any file or server has it, so that a run that is broken off
//! goes on and signs no row twice.

mod award;
mod badge;
mod compose;
mod error;
mod forms;
mod hosted;
mod issuer;
mod keys;
mod list;
mod log;
mod proposals;
mod publish;
mod recipients;
mod remote;
mod requests;
mod results;
mod revoke;
mod secrets;
mod staff;
mod status;
mod store;
mod succession;
mod words;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::Timestamp;
use zeroize::Zeroizing;

pub use crate::sealed::Passphrases;
pub use award::{Awarded, Became, Form, Order, Row};
pub use badge::{Badge, Made as BadgeMade};
pub use error::{DeskError, Why, Wrong};
pub use forms::BadgeForm;
pub use issuer::{Issuer, NewIssuer};
pub use keys::Keys;
pub use list::Found;
pub use proposals::{Accept, Decided, Decision, NoRule, Rule};
pub use publish::{Publish, Published};
pub use recipients::{Recipient, Table, of_csv};
pub use requests::{Approved, SignedFor};
pub use revoke::{Revoked, RevokedAward};
pub use staff::Staff;
pub use status::Standing;
pub use succession::{Held, Succeeded};

use crate::lock::Lock;
use crate::sealed::SealError;
use crate::store::Store;
use crate::{WalletError, files};
use keys::Successor;
use secrets::Secrets;
use store::predecessor::Predecessor;

/// An issuer's desk, open for this program alone.
pub struct Desk {
    dir: PathBuf,
    store: Store,
    issuer: Issuer,
    /// Once they were opened, so that nobody is asked for the passphrase twice.
    secrets: OnceLock<Secrets>,
    _lock: Lock,
}

/// A desk that was just made, and what is told once.
pub struct New {
    /// The desk.
    pub desk: Desk,
    /// What keeps its keys: `keyring` or `passphrase`.
    pub keeper: &'static str,
    /// The file with the key that will succeed, to be kept apart from this machine.
    pub successor: PathBuf,
    /// What opens that file. It is kept nowhere.
    pub passphrase: Zeroizing<String>,
}

impl Desk {
    /// Makes a desk in `dir`, for its owner alone, with new keys. The key that will succeed is written to `file`, or to one beside the folder.
    ///
    /// # Errors
    /// There is one already, something about the issuer is not right, or nothing would keep its keys.
    pub fn create(
        dir: &Path,
        new: &NewIssuer,
        file: Option<&Path>,
        passphrases: &dyn Passphrases,
        now: Timestamp,
    ) -> Result<New, DeskError> {
        let begun = Self::make_room(dir, new)?;
        let (secrets, successor) = (Keys::make()?, Successor::make());
        let issuer = new.issuer(&secrets, &successor, now)?;
        let keeper = secrets::write(dir, &secrets, passphrases)?;
        let kept = successor.keep(dir, file)?;
        Self::settle_in(dir, begun, issuer, keeper, kept, None)
    }

    /// A folder in which there is no desk yet.
    fn make_room(dir: &Path, new: &NewIssuer) -> Result<(Lock, Store), DeskError> {
        new.check()?;
        files::private_folder(dir).map_err(|error| WalletError::unusable(dir, &error))?;
        let lock = Lock::take_as(dir, LOCK)?;
        let store = Store::open_as(&database(dir), &store::DESK)?;
        if store.read(store::issuer::get)?.is_some() {
            return Err(DeskError::Exists { dir: dir.display().to_string() });
        }
        Ok((lock, store))
    }

    fn settle_in(
        dir: &Path,
        (lock, store): (Lock, Store),
        issuer: Issuer,
        keeper: &'static str,
        (successor, passphrase): (PathBuf, Zeroizing<String>),
        before: Option<&Predecessor>,
    ) -> Result<New, DeskError> {
        // From here on there is a desk: keys without it are of no award.
        store.write(|db| {
            before.map_or(Ok(()), |before| store::predecessor::put(db, before))?;
            store::issuer::put(db, &issuer)
        })?;
        files::sync_folder(dir);
        let desk = Self { dir: dir.to_owned(), store, issuer, secrets: OnceLock::new(), _lock: lock };
        Ok(New { desk, keeper, successor, passphrase })
    }

    /// Opens the desk in `dir`.
    ///
    /// # Errors
    /// There is none, another program has it, or it is damaged.
    pub fn open(dir: &Path) -> Result<Self, DeskError> {
        let missing = || DeskError::Missing { dir: dir.display().to_string() };
        if !database(dir).is_file() {
            return Err(missing());
        }
        let lock = Lock::take_as(dir, LOCK)?;
        let store = Store::open_as(&database(dir), &store::DESK)?;
        let issuer = store.read(store::issuer::get)?.ok_or_else(missing)?;
        Ok(Self { dir: dir.to_owned(), store, issuer, secrets: OnceLock::new(), _lock: lock })
    }

    /// Who issues here.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The keys, unlocked.
    ///
    /// # Errors
    /// Neither keyring nor passphrase opens them.
    pub fn keys(&self, passphrases: &dyn Passphrases) -> Result<Keys, DeskError> {
        let secrets = if let Some(opened) = self.secrets.get() {
            opened
        } else {
            let opened = secrets::read(&self.dir, passphrases)?;
            self.secrets.get_or_init(|| opened)
        };
        let keys = Keys::of(secrets, &self.issuer.key_url)?;
        if !self.issuer.is_of(&keys) {
            let path = secrets::path(&self.dir).display().to_string();
            return Err(SealError::BadSecrets { path, why: ("they are another desk's", "sono di un altro banco").into() }.into());
        }
        Ok(keys)
    }
}

const LOCK: &str = "desk.lock";

fn database(dir: &Path) -> PathBuf {
    dir.join("desk.db")
}
