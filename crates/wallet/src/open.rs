//! Opening a wallet: the lock, the database, the bin that is due, and the index brought up to date.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use satchel_badge::check::Policy;

use crate::lock::Lock;
use crate::locked::{self, Key};
use crate::own::{self, Owner, Owners};
use crate::sealed::Passphrases;
use crate::store::index::{self, Entry, Index};
use crate::store::pictures::Pictures;
use crate::store::{self, Store, apart, badge, meta, to_micros};
use crate::{BadgeId, WalletError, files, salvage, trust, verify};

/// Badges derived at once; few enough that their files fit in memory.
const BATCH: usize = 64;

/// What is said of an index that has no room.
const FULL: (&str, &str) = ("the disk is full", "il disco è pieno");

/// How the index is called in errors.
const INDEX: &str = "index.db";

/// A person's wallet, open for this program alone.
pub struct Wallet {
    pub(crate) dir: PathBuf,
    pub(crate) store: Store,
    /// What its checks demand.
    pub(crate) policy: Policy,
    /// What was drawn.
    pub(crate) pictures: Pictures,
    index: Index,
    lock: Lock,
    owner: Owner,
    /// What its databases are encrypted with, and what keeps that.
    key: Option<(Key, &'static str)>,
}

/// What a wallet needs to know of whoever opens it.
#[derive(Clone, Copy, Default)]
pub struct Access<'a> {
    /// The folder in which it is noted which wallets are this person's own. Without one, every wallet is taken for that.
    pub own: Option<&'a Path>,
    /// Where the passphrase of a locked wallet comes from. Without one, only a keyring could open it, and that is not asked.
    pub passphrases: Option<&'a dyn Passphrases>,
}

impl Access<'_> {
    /// Opens the wallet in `dir`.
    ///
    /// # Errors
    /// There is none, another program has it, it is damaged or of a newer version, or the folder cannot be used.
    pub fn open(&self, dir: &Path, now: Timestamp) -> Result<Wallet, WalletError> {
        exists(dir)?;
        Wallet::with_lock(dir, Lock::take(dir)?, self, now)
    }

    /// The same, and makes one where there is none: the folder too, for its owner alone.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_or_create(&self, dir: &Path, now: Timestamp) -> Result<Wallet, WalletError> {
        files::private_folder(dir).map_err(|error| WalletError::unusable(dir, &error))?;
        Wallet::with_lock(dir, Lock::take(dir)?, self, now)
    }
}

impl Wallet {
    /// Opens the wallet in `dir`.
    ///
    /// ```
    /// use satchel_wallet::{Query, Wallet, WalletError};
    /// let dir = tempfile::tempdir().unwrap();
    /// let now = jiff::Timestamp::UNIX_EPOCH;
    /// assert!(matches!(Wallet::open(dir.path(), now), Err(WalletError::Missing { .. })));
    /// let mut wallet = Wallet::open_or_create(dir.path(), now)?;
    /// assert_eq!(wallet.find(&Query::default(), now)?.total, 0);
    /// # Ok::<(), WalletError>(())
    /// ```
    ///
    /// # Errors
    /// There is none, another program has it, it is damaged or of a newer version, or the folder cannot be used.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, WalletError> {
        Access::default().open(dir, now)
    }

    /// The same, and makes one where there is none: the folder too, for its owner alone.
    pub fn open_or_create(dir: &Path, now: Timestamp) -> Result<Self, WalletError> {
        Access::default().open_or_create(dir, now)
    }

    /// Whether somebody else may have made it: then what it says about issuers counts as brought along, and whom it trusts does not count.
    pub fn is_foreign(&self) -> bool {
        self.owner == Owner::Foreign
    }

    /// What keeps the key that it is locked with: `keyring` or `passphrase`; nothing where it is not locked.
    pub fn keeper(&self) -> Option<&'static str> {
        self.key.as_ref().map(|(_, keeper)| *keeper)
    }

    /// Calls it one's own from now on: all that it says counts.
    ///
    /// # Errors
    /// It cannot be written, or it cannot be noted that it is one's own.
    pub fn adopt(&mut self, access: &Access<'_>, now: Timestamp) -> Result<(), WalletError> {
        let wallet = self.store.read(meta::get)?.wallet;
        Owners(access.own).note(&wallet, Owner::Own)?;
        self.store.unfollow();
        self.store.write(|db| apart::bring_back(db))?;
        self.owner = Owner::Own;
        self.policy = trust::policy(&self.store)?;
        self.repairing(now, |wallet| {
            wallet.check_all_again()?;
            wallet.freshen(now)
        })
    }

    /// Whether the folder is still where it was opened. Where it is not, what is written goes to files that nobody will find, so nothing should be.
    pub fn is_there(&self) -> bool {
        self.lock.is_there()
    }

    pub(crate) fn with_lock(dir: &Path, lock: Lock, access: &Access<'_>, now: Timestamp) -> Result<Self, WalletError> {
        salvage::finish(dir)?;
        locked::finish(dir)?;
        refuse_emptied(dir)?;
        let key = locked::key(dir, access)?;
        let with = key.as_ref().map(|(key, _)| key);
        let was_cut_off = [database(dir), index_path(dir)].iter().any(|path| has_content(&index::files(path)[1]));
        let mut store = Store::open(&database(dir), with)?;
        files::sync_folder(dir);
        let (owner, is_derived_otherwise) = own::judge(&mut store, Owners(access.own))?;
        if is_derived_otherwise {
            discard_derived(dir)?;
        }
        let meta = store.read(meta::get)?;
        let index = match Index::open(&index_path(dir), &meta, with) {
            Ok(Some(index)) => index,
            Ok(None) | Err(_) => new_index(dir, &meta, with)?,
        };
        let policy = trust::policy(&store)?;
        let pictures = Pictures::open(pictures_path(dir), meta, with.cloned(), || store.read(badge::ids))?;
        let mut wallet = Self { dir: dir.to_owned(), store, policy, pictures, index, lock, owner, key };
        // A disk that is full, or a folder that cannot be written, shall hide nothing.
        unless_full(wallet.empty_bin(now))?;
        wallet.repairing(now, |wallet| {
            wallet.follow_trust()?;
            wallet.catch_up(now, &HashMap::new())?;
            wallet.freshen(now)
        })?;
        if was_cut_off {
            // Whoever had it last did not close it, and may have been about to erase something.
            unless_full(wallet.settle(now))?;
        }
        Ok(wallet)
    }

    /// Takes in what the index has missed. What was just checked is handed in, and not checked again.
    pub(crate) fn catch_up(&mut self, now: Timestamp, fresh: &HashMap<BadgeId, Entry>) -> Result<(), WalletError> {
        let meta = self.store.read(meta::get)?;
        if self.on_index(|index| index.seen())?.erasures != meta.erasures {
            self.forget_erased(meta.erasures)?;
        }
        loop {
            let seen = self.on_index(|index| index.seen())?.seq;
            let changed = self.store.read(|db| badge::since(db, seen, BATCH))?;
            let Some(last) = changed.last().map(|badge| badge.seq) else { return Ok(()) };
            let unknown = changed.iter().filter(|badge| !fresh.contains_key(&badge.id)).copied().collect();
            let mut derived = verify::entries(&self.store, unknown, &self.policy, now)?.into_iter();
            let entries = changed.iter().filter_map(|badge| fresh.get(&badge.id).cloned().or_else(|| derived.next()));
            let entries: Vec<Entry> = entries.collect();
            self.on_index(|index| index.put(&entries, last))?;
        }
    }

    fn forget_erased(&mut self, erasures: i64) -> Result<(), WalletError> {
        let ids = self.store.read(badge::ids)?;
        self.on_index(|index| index.keep_only(&ids, erasures))
    }

    /// Checks again what time may have changed.
    pub(crate) fn freshen(&mut self, now: Timestamp) -> Result<(), WalletError> {
        loop {
            let due = self.on_index(|index| index.due(to_micros(now), BATCH))?;
            if due.is_empty() {
                return Ok(());
            }
            let badges: Vec<_> =
                self.store.read(|db| due.iter().filter_map(|id| badge::get(db, *id).transpose()).collect::<Result<_, _>>())?;
            if badges.len() < due.len() {
                let erasures = self.store.read(meta::get)?.erasures;
                self.forget_erased(erasures)?;
            }
            let entries = verify::entries(&self.store, badges, &self.policy, now)?;
            self.on_index(|index| index.put(&entries, 0))?;
        }
    }

    /// Works with the index.
    pub(crate) fn on_index<T>(&mut self, work: impl FnOnce(&mut Index) -> rusqlite::Result<T>) -> Result<T, WalletError> {
        work(&mut self.index).map_err(|error| match error.into() {
            WalletError::Damaged { what } => WalletError::IndexDamaged { what },
            WalletError::Unusable { why, .. } => WalletError::Unusable { path: INDEX.to_owned(), why },
            WalletError::Full => WalletError::Unusable { path: INDEX.to_owned(), why: FULL.into() },
            error => error,
        })
    }

    /// Does something with the index, and once more with a new one if it turns out to be damaged, or takes no more. Nothing that is kept
    /// depends on it, so it fails nobody: at the worst it lives in memory.
    pub(crate) fn repairing<T>(
        &mut self,
        now: Timestamp,
        work: impl Fn(&mut Self) -> Result<T, WalletError>,
    ) -> Result<T, WalletError> {
        let done = work(self);
        let is_full = match &done {
            Err(WalletError::IndexDamaged { .. }) => false,
            Err(WalletError::Unusable { path, .. }) => path == INDEX && !self.index.is_in_memory(),
            _ => return done,
        };
        let meta = self.store.read(meta::get)?;
        self.index =
            if is_full { Index::in_memory(&meta)? } else { new_index(&self.dir, &meta, self.key.as_ref().map(|(key, _)| key))? };
        self.follow_trust()?;
        match self.catch_up(now, &HashMap::new()) {
            Err(WalletError::Unusable { path, .. }) if path == INDEX => {
                self.index = Index::in_memory(&meta)?;
                self.catch_up(now, &HashMap::new())?;
            }
            caught_up => caught_up?,
        }
        work(self)
    }

    /// Leaves nothing of what was erased in any journal, nor in an index that was left behind.
    pub(crate) fn settle(&mut self, now: Timestamp) -> Result<(), WalletError> {
        self.store.settle()?;
        self.repairing(now, |wallet| wallet.on_index(|index| index.settle()))?;
        if self.index.is_in_memory() && index_path(&self.dir).is_file() {
            discard_index(&self.dir)?;
        }
        Ok(())
    }
}

/// Says so where there is no wallet. One whose index is there has only lost its database.
pub(crate) fn exists(dir: &Path) -> Result<(), WalletError> {
    match database(dir).metadata() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if has_index(dir) || salvage::is_unfinished(dir) || locked::is_unfinished(dir) {
                return Ok(());
            }
            Err(WalletError::Missing { dir: dir.display().to_string() })
        }
        Err(error) => Err(WalletError::unusable(&database(dir), &error)),
    }
}

/// An index is made after its wallet: where it is there and the database has nothing in it, or is gone, that was lost, and no new one is made
/// in its place.
pub(crate) fn refuse_emptied(dir: &Path) -> Result<(), WalletError> {
    let path = database(dir);
    if !store::is_unborn(&path) || has_content(&index::files(&path)[1]) || !has_index(dir) {
        return Ok(());
    }
    Err(WalletError::damaged("wallet.db: it is gone or empty, and index.db is not"))
}

/// Whether there is an index of ours.
fn has_index(dir: &Path) -> bool {
    has_content(&index_path(dir)) && !index::is_others(&index_path(dir))
}

fn has_content(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
}

/// The file that has everything.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join("wallet.db")
}

/// The file that may be thrown away.
pub(crate) fn index_path(dir: &Path) -> PathBuf {
    dir.join(INDEX)
}

/// Pictures that were drawn.
pub(crate) fn pictures_path(dir: &Path) -> PathBuf {
    dir.join("pictures.db")
}

/// A new index in the place of one that does not fit; in memory where the disk takes no more, or where a database of another program lies in
/// its place.
fn new_index(dir: &Path, meta: &meta::Meta, key: Option<&Key>) -> Result<Index, WalletError> {
    let path = index_path(dir);
    if index::is_others(&path) {
        return Ok(Index::in_memory(meta)?);
    }
    let created = discard(&path).and_then(|()| Ok(Index::create(&path, meta, key)?));
    match created {
        Err(WalletError::Full | WalletError::Unusable { .. }) => Ok(Index::in_memory(meta)?),
        created => created,
    }
}

/// Removes the index, unless it is another program's.
fn discard_index(dir: &Path) -> Result<(), WalletError> {
    let path = index_path(dir);
    if index::is_others(&path) { Ok(()) } else { discard(&path) }
}

/// Removes all that is derived.
pub(crate) fn discard_derived(dir: &Path) -> Result<(), WalletError> {
    discard_index(dir)?;
    Pictures::discard(&pictures_path(dir))
}

/// Removes a database with its journals.
pub(crate) fn discard(path: &Path) -> Result<(), WalletError> {
    for file in index::files(path) {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(WalletError::unusable(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn unless_full(done: Result<(), WalletError>) -> Result<(), WalletError> {
    match done {
        Err(WalletError::Full | WalletError::Unusable { .. }) => Ok(()),
        done => done,
    }
}
