//! Opening a wallet: the lock, the database, the bin that is due, and the index brought up to date.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::lock::Lock;
use crate::store::index::{self, Entry, Index};
use crate::store::{Store, badge, meta, to_micros};
use crate::{BadgeId, WalletError, files, verify};

/// Badges derived at once; few enough that their files fit in memory.
const BATCH: usize = 64;

/// A person's wallet, open for this program alone.
pub struct Wallet {
    pub(crate) dir: PathBuf,
    pub(crate) store: Store,
    index: Index,
    _lock: Lock,
}

impl Wallet {
    /// Opens the wallet in `dir`.
    ///
    /// ```
    /// use satchel_wallet::{Shelf, Wallet, WalletError};
    /// let dir = tempfile::tempdir().unwrap();
    /// let now = jiff::Timestamp::UNIX_EPOCH;
    /// assert!(matches!(Wallet::open(dir.path(), now), Err(WalletError::Missing { .. })));
    /// let mut wallet = Wallet::open_or_create(dir.path(), now)?;
    /// assert!(wallet.list(Shelf::Kept, now)?.is_empty());
    /// # Ok::<(), WalletError>(())
    /// ```
    ///
    /// # Errors
    /// There is none, another program has it, it is damaged or of a newer version, or the folder cannot be used.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, WalletError> {
        exists(dir)?;
        Self::with_lock(dir, Lock::take(dir)?, now)
    }

    /// The same, and makes one where there is none: the folder too, for its owner alone.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, WalletError> {
        files::private_folder(dir).map_err(|error| WalletError::unusable(dir, &error))?;
        Self::with_lock(dir, Lock::take(dir)?, now)
    }

    pub(crate) fn with_lock(dir: &Path, lock: Lock, now: Timestamp) -> Result<Self, WalletError> {
        let store = Store::open(&database(dir))?;
        files::sync_folder(dir);
        let meta = store.read(meta::get)?;
        let path = index_path(dir);
        let index = match Index::open(&path, &meta) {
            Ok(Some(index)) => Ok(index),
            Ok(None) | Err(_) => new_index(&path, &meta),
        };
        let index = match index {
            // Nothing that is kept depends on the index, so a full disk shall not hide it.
            Err(WalletError::Full | WalletError::Unusable { .. }) => Index::in_memory(&meta)?,
            index => index?,
        };
        let mut wallet = Self { dir: dir.to_owned(), store, index, _lock: lock };
        wallet.empty_bin(now)?;
        let update = |wallet: &mut Self| {
            wallet.catch_up(now, &HashMap::new())?;
            wallet.freshen(now)
        };
        if let Err(WalletError::Full | WalletError::Unusable { .. }) = wallet.repairing(now, update) {
            wallet.index = Index::in_memory(&wallet.store.read(meta::get)?)?;
        }
        wallet.repairing(now, update)?;
        Ok(wallet)
    }

    /// Takes in what the index has missed. What was just checked is handed in, and not checked again.
    pub(crate) fn catch_up(&mut self, now: Timestamp, fresh: &HashMap<BadgeId, Entry>) -> Result<(), WalletError> {
        let meta = self.store.read(meta::get)?;
        if self.on_index(|index| index.seen())?.erasures != meta.erasures {
            let ids = self.store.read(badge::ids)?;
            self.on_index(|index| index.keep_only(&ids, meta.erasures))?;
        }
        loop {
            let seen = self.on_index(|index| index.seen())?.seq;
            let changed = self.store.read(|db| badge::since(db, seen, BATCH))?;
            let Some(last) = changed.last().map(|badge| badge.seq) else { return Ok(()) };
            let unknown = changed.iter().filter(|badge| !fresh.contains_key(&badge.id)).copied().collect();
            let mut derived = verify::entries(&self.store, unknown, now)?.into_iter();
            // In the order of the changes, which is that of equally old badges in a list.
            let entries = changed.iter().filter_map(|badge| fresh.get(&badge.id).cloned().or_else(|| derived.next()));
            let entries: Vec<Entry> = entries.collect();
            self.on_index(|index| index.put(&entries, last))?;
        }
    }

    /// Checks again what time may have changed.
    pub(crate) fn freshen(&mut self, now: Timestamp) -> Result<(), WalletError> {
        loop {
            let due = self.on_index(|index| index.due(to_micros(now), BATCH))?;
            if due.is_empty() {
                return Ok(());
            }
            let badges = self.store.read(|db| due.iter().filter_map(|id| badge::get(db, *id).transpose()).collect())?;
            let entries = verify::entries(&self.store, badges, now)?;
            self.on_index(|index| index.put(&entries, 0))?;
        }
    }

    /// Works with the index.
    pub(crate) fn on_index<T>(&mut self, work: impl FnOnce(&mut Index) -> rusqlite::Result<T>) -> Result<T, WalletError> {
        work(&mut self.index).map_err(|error| match error.into() {
            WalletError::Damaged { what } => WalletError::IndexDamaged { what },
            WalletError::Unusable { why, .. } => WalletError::Unusable { path: String::from("index.db"), why },
            error => error,
        })
    }

    /// Does something with the index, and once more with a new one if it turns out to be damaged.
    pub(crate) fn repairing<T>(
        &mut self,
        now: Timestamp,
        work: impl Fn(&mut Self) -> Result<T, WalletError>,
    ) -> Result<T, WalletError> {
        match work(self) {
            Err(WalletError::IndexDamaged { .. }) => {
                let meta = self.store.read(meta::get)?;
                self.index = new_index(&index_path(&self.dir), &meta)?;
                self.catch_up(now, &HashMap::new())?;
                work(self)
            }
            done => done,
        }
    }

    /// Leaves nothing of what was erased in any journal.
    pub(crate) fn settle(&mut self) -> Result<(), WalletError> {
        self.store.settle()?;
        self.on_index(|index| index.settle())
    }
}

/// Says so where there is no wallet.
pub(crate) fn exists(dir: &Path) -> Result<(), WalletError> {
    match database(dir).metadata() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(WalletError::Missing { dir: dir.display().to_string() })
        }
        Err(error) => Err(WalletError::unusable(&database(dir), &error)),
    }
}

/// The file that has everything.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join("wallet.db")
}

/// The file that may be thrown away.
pub(crate) fn index_path(dir: &Path) -> PathBuf {
    dir.join("index.db")
}

fn new_index(path: &Path, meta: &meta::Meta) -> Result<Index, WalletError> {
    discard_index(path)?;
    Ok(Index::create(path, meta)?)
}

/// Throws an index away.
pub(crate) fn discard_index(path: &Path) -> Result<(), WalletError> {
    for file in index::files(path) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(WalletError::unusable(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}
