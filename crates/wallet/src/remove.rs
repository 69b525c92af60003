//! Into the bin and out of it, and erasing for good: bytes, evidence that only this badge used, and the index (law 5).

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use crate::store::badge::{self, Badge};
use crate::store::{evidence, from_micros, meta, numbered, original, to_micros};
use crate::{BadgeId, IdPrefix, Wallet, WalletError, salvage};

/// How long the bin keeps.
const BIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long it keeps besides, at least, from when an opening finds that the time is up.
const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// What was erased, and what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The badge.
    pub id: BadgeId,
    /// Files that stay because another badge stands in them too.
    pub shared: usize,
    /// Copies of a damaged wallet that were kept, which may still hold it.
    pub kept_in: Vec<PathBuf>,
}

impl Wallet {
    /// Puts a badge into the bin. Says whether it was not there yet.
    pub fn remove(&mut self, id: &IdPrefix, now: Timestamp) -> Result<(BadgeId, bool), WalletError> {
        let badge = self.badge(id)?;
        let is_new = badge.removed.is_none();
        if is_new {
            // A clock that went back since the wallet was opened shortens nothing.
            let opened = self.repairing(now, |wallet| wallet.on_index(|index| index.last_opened()))?;
            let removed = to_micros(now).max(opened.unwrap_or(i64::MIN));
            self.change(Badge { removed: Some(removed), ..badge }, now)?;
        }
        Ok((badge.id, is_new))
    }

    /// Takes a badge out of the bin. Says whether it was there.
    pub fn restore(&mut self, id: &IdPrefix, now: Timestamp) -> Result<(BadgeId, bool), WalletError> {
        let badge = self.badge(id)?;
        if badge.removed.is_some() {
            self.change(Badge { removed: None, ..badge }, now)?;
        }
        Ok((badge.id, badge.removed.is_some()))
    }

    /// Erases a badge, in the bin or not. When this returns, its bytes are not on the disk any more.
    pub fn erase(&mut self, id: &IdPrefix, now: Timestamp) -> Result<Erased, WalletError> {
        let badge = self.badge(id)?;
        let shared = self.erase_all(&[badge], now)?;
        Ok(Erased { id: badge.id, shared, kept_in: salvage::damaged_copies(&self.dir) })
    }

    /// Erases what has been in the bin for thirty days. What is erased does not come back, and a clock may be wrong. It may be ahead: so two
    /// openings must find the time to be up, with no earlier time between them. It may have been behind when the badge was removed: so these
    /// two are as far apart as the clock has leapt forward at most between two openings meanwhile, a day at least and thirty days at most.
    pub(crate) fn empty_bin(&mut self, now: Timestamp) -> Result<(), WalletError> {
        self.repairing(now, |wallet| wallet.on_index(|index| index.opened(to_micros(now))))?;
        if self.store.read(|db| badge::removed_before(db, i64::MAX))?.is_empty() {
            self.repairing(now, |wallet| wallet.on_index(|index| index.forget_leap()))?;
        }
        let leap = SignedDuration::from_micros(self.repairing(now, |wallet| wallet.on_index(|index| index.leap()))?);
        let grace = leap.clamp(GRACE, BIN);
        let before = |time: Timestamp| time.checked_sub(BIN).map_or(i64::MIN, to_micros);
        let is_due = !self.store.read(|db| badge::removed_before(db, before(now)))?.is_empty();
        let found =
            self.repairing(now, |wallet| wallet.on_index(|index| index.bin_due()))?.and_then(|time| from_micros(time).ok());
        let is_up = |found: Timestamp| found.checked_add(grace).is_ok_and(|end| end <= now);
        match found {
            Some(found) if is_due && is_up(found) => {
                // Only what was due then already.
                let old = self.store.read(|db| badge::removed_before(db, before(found)))?;
                self.erase_all(&old, now)?;
                let is_due = !self.store.read(|db| badge::removed_before(db, before(now)))?.is_empty();
                self.find_bin_due(is_due, now)
            }
            Some(found) if is_due && found <= now => Ok(()),
            None if !is_due => Ok(()),
            _ => self.find_bin_due(is_due, now),
        }
    }

    fn find_bin_due(&mut self, is_due: bool, now: Timestamp) -> Result<(), WalletError> {
        let time = is_due.then(|| to_micros(now));
        self.repairing(now, |wallet| wallet.on_index(|index| index.set_bin_due(time)))
    }

    fn change(&mut self, badge: Badge, now: Timestamp) -> Result<(), WalletError> {
        self.store.write(|db| badge::put(db, badge))?;
        self.repairing(now, |wallet| wallet.catch_up(now, &HashMap::new()))
    }

    fn erase_all(&mut self, badges: &[Badge], now: Timestamp) -> Result<usize, WalletError> {
        let shared = self.store.write(|db| {
            let shared = badges.iter().map(|badge| erase(db, badge)).sum::<Result<usize, _>>()?;
            meta::count_erasure(db)?;
            Ok(shared)
        })?;
        self.repairing(now, |wallet| wallet.catch_up(now, &HashMap::new()))?;
        let meta = self.store.read(meta::get)?;
        self.pictures.erased(meta, || self.store.read(badge::ids))?;
        self.settle(now)?;
        Ok(shared)
    }
}

/// Erases a badge and what only it used; the number of its files that stay.
fn erase(db: &Connection, badge: &Badge) -> Result<usize, WalletError> {
    let mut files: Vec<_> = badge::copies(db, badge.id)?.into_iter().map(|copy| copy.original).collect();
    files.push(badge.original);
    files.sort();
    files.dedup();
    let documents = evidence::used_by(db, badge.id)?;
    badge::erase(db, badge.id)?;
    for key in documents {
        evidence::erase_unused(db, &key)?;
        numbered::erase_unused(db, &key)?;
    }
    let mut shared = 0;
    for file in files {
        shared += usize::from(!original::erase_unused(db, file)?);
    }
    Ok(shared)
}
