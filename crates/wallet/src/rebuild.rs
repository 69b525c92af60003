//! All that is derived thrown away and made anew, after every byte that is kept was looked at. If some are damaged, what still fits is saved
//! and what is lost is named.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::lock::Lock;
use crate::own::Owners;
use crate::salvage::{self, Lost};
use crate::store::{self, Store, badge, evidence, numbered, original, source, trusted};
use crate::{Access, Wallet, WalletError, open, sync};

/// What a rebuilding came to.
#[derive(Debug)]
pub struct Rebuilt {
    /// Badges that the wallet has now, in the bin or not.
    pub badges: usize,
    /// What could not be saved.
    pub lost: Vec<Lost>,
    /// Where the damaged database was kept, if it was damaged and there was one.
    pub damaged: Option<PathBuf>,
}

impl Wallet {
    /// Looks through the whole wallet in `dir`, saves what can be saved if it is damaged, and derives all anew.
    pub fn rebuild(dir: &Path, now: Timestamp) -> Result<(Self, Rebuilt), WalletError> {
        Access::default().rebuild(dir, now)
    }
}

impl Access<'_> {
    /// Looks through the whole wallet in `dir`, saves what can be saved if it is damaged, and derives all anew.
    ///
    /// # Errors
    /// There is none, another program has it, it is of a newer version, or the folder cannot be used.
    pub fn rebuild(&self, dir: &Path, now: Timestamp) -> Result<(Wallet, Rebuilt), WalletError> {
        open::exists(dir)?;
        let lock = Lock::take(dir)?;
        salvage::finish(dir)?;
        let inspected = open::refuse_emptied(dir).and_then(|()| inspect(&open::database(dir)));
        let (lost, damaged) = match inspected {
            Ok(()) => (Vec::new(), None),
            Err(WalletError::Damaged { .. }) => salvage::salvage(dir, Owners(self.own), now)?,
            Err(error) => return Err(error),
        };
        open::discard_derived(dir)?;
        let wallet = Wallet::with_lock(dir, lock, self, now)?;
        let badges = wallet.store.read(badge::ids)?.len();
        Ok((wallet, Rebuilt { badges, lost, damaged }))
    }
}

/// Looks at every page, every row and every byte.
fn inspect(path: &Path) -> Result<(), WalletError> {
    Store::open(path)?.read(|db| {
        store::look_through(db, "integrity_check")?;
        all_rows(db)
    })
}

fn all_rows(db: &Connection) -> Result<(), WalletError> {
    for number in 1..=original::last(db)? {
        original::at(db, number)?;
    }
    for table in evidence::TABLES {
        for number in 1..=evidence::last(db, table)? {
            evidence::at(db, table, number)?;
        }
    }
    trusted::all(db)?;
    numbered::all(db)?;
    source::all(db)?;
    sync::look_through(db)?;
    badge::since(db, i64::MIN, usize::MAX)?;
    let broken: i64 = db.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if broken == 0 { Ok(()) } else { Err(WalletError::damaged(format!("wallet.db: {broken} rows point at nothing"))) }
}
