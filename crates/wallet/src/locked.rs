//! A wallet that is locked (security.md, P08): its databases are encrypted (`SQLCipher`) under 48 random bytes, a key and a salt, which lie in
//! `wallet.key`, sealed under the system's keyring or a passphrase (`sealed.rs`).
//!
//! `wallet.db` itself decides whether it is locked, and nothing else. So there is no moment at which a wallet is neither. A key is only taken away
//! by who knows that no database needs it: one that lies beside a plain database may belong to a locked one that was put elsewhere.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::lock::Lock;
use crate::sealed::{Passphrases, SealError, Sealed, UNASKED};
use crate::store::index;
use crate::store::{self, Store, original, pages, pictures};
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
    /// What the server within the app keeps here, which is not locked: accounts, invitations and mails.
    pub server: Option<PathBuf>,
}

/// The sealed key.
fn key_path(dir: &Path) -> PathBuf {
    dir.join("wallet.key")
}

/// A locked database that is being made of a plain one.
const LOCKING: &str = "wallet.db.locking";

/// Its key, until the database is in its place.
const KEY_LOCKING: &str = "wallet.key.locking";

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
    key_path(dir).is_file() && looks(&open::database(dir)) != Looks::Plain
}

/// What a database is by its looks, also where parts of it are damaged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Plain,
    Encrypted,
    /// No database, or too little of it.
    Neither,
}

/// Pages that are looked at.
const LOOKS: u64 = 64;

fn looks(path: &Path) -> Looks {
    if begins_plain(path) {
        return Looks::Plain;
    }
    let Ok(mut file) = File::open(path) else { return Looks::Neither };
    let pages = file.metadata().map_or(0, |there| there.len() / pages::PAGE as u64);
    let (mut plain, mut encrypted) = (0, 0);
    for page in (1..pages).step_by(usize::try_from(pages / LOOKS + 1).unwrap_or(1)) {
        let Ok(page) = pages::read(&mut file, u32::try_from(page + 1).unwrap_or(u32::MAX), None) else { continue };
        match pages::looks_encrypted(&page) {
            Some(true) => encrypted += 1,
            Some(false) => plain += 1,
            None => {}
        }
    }
    match (plain, encrypted) {
        (plain, encrypted) if encrypted > 2 && encrypted > plain => Looks::Encrypted,
        (plain, encrypted) if plain > encrypted => Looks::Plain,
        _ => Looks::Neither,
    }
}

/// The key of the wallet in `dir`, and what keeps it; none where it is not locked.
pub(crate) fn key(dir: &Path, access: &Access<'_>) -> Result<Option<(Key, &'static str)>, WalletError> {
    if !is_locked(dir) {
        return match looks(&open::database(dir)) {
            Looks::Encrypted => Err(WalletError::KeyMissing { path: key_path(dir).display().to_string() }),
            Looks::Plain | Looks::Neither => Ok(None),
        };
    }
    let passphrases = access.passphrases.ok_or(WalletError::NeedsPassphrase)?;
    let (sealed, bytes) = Sealed::open(&key_path(dir), passphrases).map_err(failed)?;
    let key = Key::read(&bytes)
        .ok_or_else(|| failed(SealError::BadSecrets { path: key_path(dir).display().to_string(), why: "48 bytes".into() }))?;
    Ok(Some((key, sealed.keeper())))
}

fn failed(error: SealError) -> WalletError {
    match error {
        // Of what is locked already that is only said where a passphrase is lacking.
        SealError::NoKeyring { why } if why == UNASKED.into() => WalletError::NeedsPassphrase,
        SealError::Unwritable(error) => error,
        error => WalletError::Seal(Box::new(error)),
    }
}

/// Whether a locking was broken off while the database was out of its place.
pub(crate) fn is_unfinished(dir: &Path) -> bool {
    !open::database(dir).exists() && dir.join(BEFORE).is_file()
}

/// Takes away what a locking or unlocking that was broken off has left.
pub(crate) fn finish(dir: &Path) -> Result<(), WalletError> {
    let (database, before, key) = (open::database(dir), dir.join(BEFORE), dir.join(KEY_LOCKING));
    let remove = |path: &Path| fs::remove_file(path).map_err(|error| WalletError::unusable(path, &error));
    let rename = |from: &Path, to: &Path| fs::rename(from, to).map_err(|error| WalletError::unusable(to, &error));
    if is_unfinished(dir) {
        rename(&before, &database)?;
        files::sync_folder(dir);
    }
    // As long as the locked database waits, its key opens nothing else.
    let is_waiting = dir.join(LOCKING).exists();
    if key.is_file() && (is_waiting || begins_plain(&database)) {
        remove(&key)?;
    } else if key.is_file() {
        keep_key(dir)?;
        rename(&key, &key_path(dir))?;
        files::sync_folder(dir);
    }
    wipe_all(&dir.join(LOCKING))?;
    wipe_all(&dir.join(UNLOCKING))?;
    if begins_plain(&database) {
        if before.is_file() {
            remove(&before)?;
        }
    } else if is_locked(dir) {
        // What is derived says as much as what it was derived from. It goes first, so that nothing is left when the last of it goes.
        let (index, pictures) = (open::index_path(dir), open::pictures_path(dir));
        for (derived, is_others) in [(&index, index::is_others(&index)), (&pictures, pictures::is_others(&pictures))] {
            if begins_plain(derived) && !is_others {
                wipe_all(derived)?;
            }
        }
        wipe_all(&before)?;
    }
    Ok(())
}

/// Keeps a key that a new one is to take the place of, under another name: what it opens may have been put elsewhere.
fn keep_key(dir: &Path) -> Result<(), WalletError> {
    let key = key_path(dir);
    let free = (1..=u32::MAX).map(|number| dir.join(format!("wallet.key.old-{number}"))).find(|path| !path.exists());
    match free {
        Some(kept) if key.is_file() => fs::rename(&key, &kept).map_err(|error| WalletError::unusable(&kept, &error)),
        _ => Ok(()),
    }
}

/// Overwrites a database and its journals, and removes them.
fn wipe_all(path: &Path) -> Result<(), WalletError> {
    for file in index::files(path) {
        if file.is_file() {
            files::wipe(&file).map_err(|error| WalletError::unusable(&file, &error))?;
        }
    }
    Ok(())
}

impl Access<'_> {
    /// Locks the wallet in `dir`: from then on nobody reads it without the keyring or the passphrase.
    ///
    /// # Errors
    /// Nothing would keep the key, or those of opening it. Then it is as it was.
    pub fn lock(&self, dir: &Path) -> Result<Locked, WalletError> {
        let (database, _lock) = Self::prepare(dir)?;
        let left = salvage::damaged_copies(dir).into_iter().filter(|path| begins_plain(path)).collect();
        let server = Some(dir.join(SERVER)).filter(|server| server.is_dir());
        if let Some((_, keeper)) = key(dir, self)? {
            return Ok(Locked { keeper, already: true, left, server });
        }
        let passphrases = self.passphrases.ok_or(WalletError::NeedsPassphrase)?;
        let keeper = undone_unless(dir, lock(dir, &database, passphrases))?;
        Ok(Locked { keeper, already: false, left, server })
    }

    /// Unlocks the wallet in `dir` for good. Says whether it was locked.
    ///
    /// # Errors
    /// Those of opening it. Then it is as it was.
    pub fn unlock(&self, dir: &Path) -> Result<bool, WalletError> {
        let (database, _lock) = Self::prepare(dir)?;
        let Some((key, _)) = key(dir, self)? else { return Ok(false) };
        undone_unless(dir, unlock(dir, &database, &key))?;
        // A damaged copy is as locked as it was.
        if salvage::damaged_copies(dir).iter().all(|copy| begins_plain(copy)) {
            fs::remove_file(key_path(dir)).map_err(|error| WalletError::unusable(&key_path(dir), &error))?;
        }
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

/// Where the server within the app keeps its data.
const SERVER: &str = "server";

/// What was begun is taken back where it failed: nothing plain is left of it, and the room that it took is free again.
fn undone_unless<T>(dir: &Path, done: Result<T, WalletError>) -> Result<T, WalletError> {
    done.inspect_err(|_| drop(finish(dir)))
}

fn lock(dir: &Path, database: &Path, passphrases: &dyn Passphrases) -> Result<&'static str, WalletError> {
    let (made, before) = (dir.join(LOCKING), dir.join(BEFORE));
    let sealed = Sealed::new(&dir.join(KEY_LOCKING), passphrases).map_err(failed)?;
    let key = Key::new();
    export(database, None, &made, Some(&key))?;
    sealed.write(key.0.as_slice()).map_err(failed)?;
    // Where the disk knows no links, it is out of its place for a moment (`is_unfinished`).
    let moved = fs::hard_link(database, &before).or_else(|_| fs::rename(database, &before)).and_then(|()| {
        files::sync_folder(dir);
        fs::rename(&made, database)
    });
    moved.map_err(|error| WalletError::unusable(database, &error))?;
    files::sync_folder(dir);
    finish(dir)?;
    Ok(sealed.keeper())
}

fn unlock(dir: &Path, database: &Path, key: &Key) -> Result<(), WalletError> {
    let made = dir.join(UNLOCKING);
    export(database, Some(key), &made, None)?;
    open::discard_derived(dir)?;
    fs::rename(&made, database).map_err(|error| WalletError::unusable(database, &error))?;
    files::sync_folder(dir);
    finish(dir)
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
