//! A wallet that is locked (security.md, P08): its databases are encrypted (`SQLCipher`) under 48 random bytes, a key and a salt, which lie in
//! `wallet.key`, sealed under the system's keyring or a passphrase (`sealed.rs`).
//!
//! The head of `wallet.db` decides whether it is locked, and nothing else: a key beside a plain database is what a locking or unlocking that was
//! broken off has left. So there is no moment at which a wallet is neither.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::inspect::is_one;
use crate::lock::Lock;
use crate::sealed::{SealError, Sealed};
use crate::store::index;
use crate::store::{self, Store, original, pictures};
use crate::{Access, WalletError, files, open, random, salvage};

/// What the databases of a locked wallet are encrypted with.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 48]>);

impl Key {
    fn new() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The key.
    pub fn secret(&self) -> &[u8] {
        &self.0[..32]
    }

    /// The salt, which stands at the beginning of each file.
    pub fn salt(&self) -> &[u8] {
        &self.0[32..]
    }

    /// As `SQLCipher` takes it: key and salt as they are, with nothing derived.
    pub fn spelled(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(100));
        text.push_str("x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
            }
        }
        text.push('\'');
        text
    }

    /// Has a connection use it, before anything else is asked of it.
    pub fn unlock(key: Option<&Self>, connection: &Connection) -> rusqlite::Result<()> {
        let Some(key) = key else { return Ok(()) };
        // What is wrong with a page is told by us.
        connection.pragma_update_and_check(None, "cipher_log_level", "NONE", |_| Ok(())).or_else(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            error => Err(error),
        })?;
        connection.pragma_update(None, "key", key.spelled().as_str())
    }
}

/// What locking came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// What keeps the key: `keyring` or `passphrase`.
    pub keeper: &'static str,
    /// Whether it was locked already, and stays as it was.
    pub already: bool,
    /// Damaged databases that were kept, and are not locked.
    pub left: Vec<PathBuf>,
}

/// The sealed key.
fn key_path(dir: &Path) -> PathBuf {
    dir.join("wallet.key")
}

/// A locked database that is being made of a plain one.
const LOCKING: &str = "wallet.db.locking";

/// A plain one that is being made of a locked one.
const UNLOCKING: &str = "wallet.db.unlocking";

/// The plain database until nothing of it is left on the disk.
const BEFORE: &str = "wallet.db.before";

fn begins_plain(path: &Path) -> bool {
    let mut head = [0; 16];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *b"SQLite format 3\0"
}

/// Whether the wallet in `dir` is locked.
fn is_locked(dir: &Path) -> bool {
    key_path(dir).is_file() && !begins_plain(&open::database(dir))
}

/// The key of the wallet in `dir`, and what keeps it; none where it is not locked.
pub(crate) fn key(dir: &Path, access: &Access<'_>) -> Result<Option<(Key, &'static str)>, WalletError> {
    if !is_locked(dir) {
        return Ok(None);
    }
    let passphrases = access.passphrases.ok_or(WalletError::NeedsPassphrase)?;
    let (sealed, bytes) = Sealed::open(&key_path(dir), passphrases).map_err(failed)?;
    let key = Key::read(&bytes).ok_or_else(|| {
        failed(SealError::BadSecrets { path: key_path(dir).display().to_string(), why: String::from("48 bytes") })
    })?;
    Ok(Some((key, sealed.keeper())))
}

fn failed(error: SealError) -> WalletError {
    match error {
        // Of what is locked already that is only said where a passphrase is lacking.
        SealError::NoKeyring { why } if why == "SATCHEL_PASSPHRASE" => WalletError::NeedsPassphrase,
        SealError::Unwritable(error) => error,
        error => WalletError::Seal(Box::new(error)),
    }
}

/// Takes away what a locking or unlocking that was broken off has left.
pub(crate) fn finish(dir: &Path) -> Result<(), WalletError> {
    for made in [LOCKING, UNLOCKING] {
        let path = dir.join(made);
        if path.exists() {
            wipe_all(&path)?;
        }
    }
    let (database, before, key) = (open::database(dir), dir.join(BEFORE), key_path(dir));
    let remove = |path: &Path| fs::remove_file(path).map_err(|error| WalletError::unusable(path, &error));
    if begins_plain(&database) {
        for left in [&before, &key] {
            if left.is_file() {
                remove(left)?;
            }
        }
    } else if before.exists() && is_locked(dir) {
        let is_same = before.metadata().and_then(|one| Ok(is_one(&one, &database.metadata()?))).unwrap_or(true);
        if is_same {
            remove(&before)?;
        } else {
            wipe_all(&before)?;
        }
        let (index, pictures) = (open::index_path(dir), open::pictures_path(dir));
        for (derived, is_others) in [(&index, index::is_others(&index)), (&pictures, pictures::is_others(&pictures))] {
            if begins_plain(derived) && !is_others {
                wipe_all(derived)?;
            }
        }
    }
    Ok(())
}

/// Overwrites a database and its journals, and removes them.
fn wipe_all(path: &Path) -> Result<(), WalletError> {
    for file in index::files(path) {
        if file.is_file() {
            wipe(&file).map_err(|error| WalletError::unusable(&file, &error))?;
        }
    }
    Ok(())
}

fn wipe(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut left = file.metadata()?.len();
    let nothing = vec![0; 1 << 16];
    while left > 0 {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(nothing.len());
        file.write_all(&nothing[..size])?;
        left -= size as u64;
    }
    file.sync_all()?;
    fs::remove_file(path)
}

impl Access<'_> {
    /// Locks the wallet in `dir`: from then on nobody reads it without the keyring or the passphrase.
    ///
    /// # Errors
    /// Nothing would keep the key, or those of opening it. Then it is as it was.
    pub fn lock(&self, dir: &Path) -> Result<Locked, WalletError> {
        let (database, _lock) = Self::prepare(dir)?;
        let left = salvage::damaged_copies(dir).into_iter().filter(|path| begins_plain(path)).collect();
        if let Some((_, keeper)) = key(dir, self)? {
            return Ok(Locked { keeper, already: true, left });
        }
        let sealed = Sealed::new(&key_path(dir), self.passphrases.ok_or(WalletError::NeedsPassphrase)?).map_err(failed)?;
        let key = Key::new();
        let made = dir.join(LOCKING);
        let before = dir.join(BEFORE);
        export(&database, None, &made, Some(&key))?;
        sealed.write(key.0.as_slice()).map_err(failed)?;
        let moved = fs::hard_link(&database, &before).and_then(|()| {
            files::sync_folder(dir);
            fs::rename(&made, &database)
        });
        moved.map_err(|error| WalletError::unusable(&database, &error))?;
        files::sync_folder(dir);
        finish(dir)?;
        Ok(Locked { keeper: sealed.keeper(), already: false, left })
    }

    /// Unlocks the wallet in `dir` for good. Says whether it was locked.
    ///
    /// # Errors
    /// Those of opening it. Then it is as it was.
    pub fn unlock(&self, dir: &Path) -> Result<bool, WalletError> {
        let (database, _lock) = Self::prepare(dir)?;
        let Some((key, _)) = key(dir, self)? else { return Ok(false) };
        let made = dir.join(UNLOCKING);
        export(&database, Some(&key), &made, None)?;
        open::discard_derived(dir)?;
        fs::rename(&made, &database).map_err(|error| WalletError::unusable(&database, &error))?;
        files::sync_folder(dir);
        finish(dir)?;
        Ok(true)
    }

    /// The database of a wallet that is whole, and the lock on it.
    fn prepare(dir: &Path) -> Result<(PathBuf, Lock), WalletError> {
        open::exists(dir)?;
        let lock = Lock::take(dir)?;
        salvage::finish(dir)?;
        finish(dir)?;
        open::refuse_emptied(dir)?;
        Ok((open::database(dir), lock))
    }
}

/// Writes all of a database into a new one under another key, and looks whether it is all there.
fn export(from: &Path, old: Option<&Key>, to: &Path, new: Option<&Key>) -> Result<(), WalletError> {
    let source = Store::open(from, old)?;
    source.read(|db| store::look_through(db, "integrity_check"))?;
    // Nothing may stay behind in a journal.
    source.settle()?;
    files::private_file(to).map_err(|error| WalletError::unusable(to, &error))?;
    let key = new.map(Key::spelled);
    let rows = source.read(|db| {
        store::copy_into(db, to, key.as_ref().map_or("", |key| key.as_str()))?;
        original::last(db)
    })?;
    drop(source);
    let made = Store::open(to, new)?;
    made.settle()?;
    let there = made.read(|db| {
        store::look_through(db, "integrity_check")?;
        original::last(db)
    })?;
    drop(made);
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| WalletError::unusable(to, &error))?;
    let has_journal = index::files(from)[1].metadata().is_ok_and(|journal| journal.len() > 0);
    if there == rows && !has_journal { Ok(()) } else { Err(WalletError::Failed(String::from("the copy is not whole"))) }
}
