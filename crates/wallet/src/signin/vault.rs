//! The tokens by which this wallet shows whose it is, by account: sealed in a file beside it (`sealed.rs`), or in memory alone, where their owner
//! wants to sign in each time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use satchel_protocol::Id;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::sealed::{Passphrases, SealError, Sealed};

/// What an account's server gave. It prints nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The id under which this program registered itself there.
    pub(crate) client: String,
    /// For the next tokens; works once.
    pub(crate) refresh: String,
    /// For requests.
    pub(crate) access: String,
    /// Of which account at which server they were, where that was signed out here and the server does not know it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Ended>,
}

/// An account that was signed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) account: Id,
    /// The address of the server, or [`crate::sync::EMBEDDED`].
    pub(crate) server: String,
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.refresh.zeroize();
        self.access.zeroize();
    }
}

type All = BTreeMap<Id, Tokens>;

/// Tokens of all accounts of a wallet.
pub struct Vault {
    sealed: Option<Sealed>,
    /// Those that are in no file.
    held: Mutex<All>,
    /// One renews tokens at a time.
    renewing: Mutex<()>,
}

/// The file beside the wallet in `dir`.
fn path(dir: &Path) -> PathBuf {
    dir.join("secrets")
}

impl Vault {
    /// The vault of the wallet in `dir`, if it has one.
    ///
    /// # Errors
    /// It does not open.
    pub fn open(dir: &Path, passphrases: &dyn Passphrases) -> Result<Option<Self>, SealError> {
        if !path(dir).exists() {
            return Ok(None);
        }
        let (sealed, _) = Sealed::open(&path(dir), passphrases)?;
        Ok(Some(Self::of(Some(sealed))))
    }

    /// The same, or a new one under the keyring or a passphrase.
    ///
    /// # Errors
    /// It does not open, or nothing would keep its key.
    pub fn open_or_create(dir: &Path, passphrases: &dyn Passphrases) -> Result<Self, SealError> {
        if let Some(vault) = Self::open(dir, passphrases)? {
            return Ok(vault);
        }
        let vault = Self::of(Some(Sealed::new(&path(dir), passphrases)?));
        vault.store(&All::new())?;
        Ok(vault)
    }

    /// One that is gone with the program.
    pub fn in_memory() -> Self {
        Self::of(None)
    }

    fn of(sealed: Option<Sealed>) -> Self {
        Self { sealed, held: Mutex::default(), renewing: Mutex::default() }
    }

    /// Throws the vault of the wallet in `dir` away, whether it opens or not: all its accounts are signed out here.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn discard(dir: &Path) -> Result<(), SealError> {
        match std::fs::remove_file(path(dir)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(SealError::Unwritable(crate::WalletError::unwritable(&path(dir), &error)))
            }
            _ => Ok(()),
        }
    }

    /// What keeps it: `keyring`, `passphrase` or `memory`.
    pub fn keeper(&self) -> &'static str {
        self.sealed.as_ref().map_or("memory", Sealed::keeper)
    }

    /// Whether an account has tokens.
    pub fn has(&self, account: Id) -> Result<bool, SealError> {
        Ok(self.lock().get(account)?.is_some())
    }

    /// The accounts that were signed out and whose servers do not know it yet.
    pub fn untold(&self) -> Result<Vec<Id>, SealError> {
        Ok(self.lock().ended()?.into_iter().filter_map(|(_, tokens)| Some(tokens.ended.as_ref()?.account)).collect())
    }

    /// Nobody else renews tokens as long as this is held.
    pub(crate) fn renewing(&self) -> MutexGuard<'_, ()> {
        self.renewing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody else reads or changes tokens as long as this is held.
    pub(crate) fn lock(&self) -> Held<'_> {
        Held { vault: self, all: self.held.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn load(&self, held: &All) -> Result<All, SealError> {
        let Some(sealed) = &self.sealed else { return Ok(held.clone()) };
        // Another program may have renewed them meanwhile.
        let plain = sealed.read()?;
        serde_json::from_slice(&plain).map_err(|_| SealError::WrongPassphrase)
    }

    fn store(&self, all: &All) -> Result<(), SealError> {
        let Some(sealed) = &self.sealed else { return Ok(()) };
        sealed.write(&Zeroizing::new(serde_json::to_vec(all).unwrap_or_default()))
    }
}

/// A vault that is held.
pub(crate) struct Held<'a> {
    vault: &'a Vault,
    all: MutexGuard<'a, All>,
}

impl Held<'_> {
    pub(crate) fn get(&self, account: Id) -> Result<Option<Tokens>, SealError> {
        Ok(self.vault.load(&self.all)?.remove(&account))
    }

    /// Those of accounts that were signed out, under names of their own.
    pub(crate) fn ended(&self) -> Result<Vec<(Id, Tokens)>, SealError> {
        Ok(self.vault.load(&self.all)?.into_iter().filter(|(_, tokens)| tokens.ended.is_some()).collect())
    }

    /// Sets the tokens of an account aside, so that it is signed out here; under which name, since it may be signed in anew before its server knows.
    pub(crate) fn end(&mut self, account: Id, server: &str, now: Timestamp) -> Result<Option<(Id, Tokens)>, SealError> {
        let Some(mut tokens) = self.get(account)? else { return Ok(None) };
        tokens.ended = Some(Ended { account, server: server.to_owned() });
        let name = crate::sync::id(now);
        self.put(name, Some(tokens.clone()))?;
        self.put(account, None)?;
        Ok(Some((name, tokens)))
    }

    pub(crate) fn put(&mut self, account: Id, tokens: Option<Tokens>) -> Result<(), SealError> {
        let mut all = self.vault.load(&self.all)?;
        match tokens {
            Some(tokens) => all.insert(account, tokens),
            None => all.remove(&account),
        };
        self.vault.store(&all)?;
        if self.vault.sealed.is_none() {
            *self.all = all;
        }
        Ok(())
    }
}
