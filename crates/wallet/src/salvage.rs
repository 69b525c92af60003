//! A damaged database: every row whose hash still fits goes into a new one, the damaged one is kept beside it, and what is lost is named
//! (security.md, P03).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use satchel_badge::check::Policy;
use satchel_badge::container;
use satchel_badge::report::Verdict;

use crate::locked::Key;
use crate::own::Owners;
use crate::store::badge::{self, Badge, Copy};
use crate::store::index;
use crate::store::meta::{self, Meta};
use crate::store::original::Original;
use crate::store::{self, Store, apart, evidence, numbered, original, pages, source, trusted};
use crate::{BadgeId, Sha256, WalletError, files, open, sync, verify};

/// Something that could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The id of the badge, when it is known.
    pub id: Option<BadgeId>,
    /// Its name, from the index.
    pub name: Option<String>,
}

/// A table has no more rows than fit on the pages of its file; none of ours is shorter than this.
const SHORTEST_ROW: u64 = 64;

/// Saves what can be saved; what is lost, and where the damaged database is, if there was one.
pub fn salvage(
    dir: &Path,
    key: Option<&Key>,
    owners: Owners<'_>,
    now: Timestamp,
) -> Result<(Vec<Lost>, Option<PathBuf>), WalletError> {
    let path = open::database(dir);
    // The index was made from the sound wallet, and so it knows what there was.
    let known = Known::read(&open::index_path(dir), key);
    let (new, mended) = (dir.join(NEW), dir.join(MENDED));
    open::discard(&new)?;
    let store = Store::open(&new, key)?;
    store.settle()?;
    let mut expected: BTreeSet<BadgeId> = known.names.keys().copied().collect();
    let mut seen = known.seen.clone();
    if let Some(source) = open_damaged(&path, key, &mended)? {
        // It may be a stranger's: nothing that it does by itself is wanted.
        store::distrust(&source)?;
        seen = meta::get(&source).ok().or(seen);
        expected.extend(save(&source, &store, &known, now)?);
    }
    // It has a new number, and stays whose it was.
    if let Some(owner) = seen.and_then(|seen| owners.of(&seen.wallet)) {
        let _ = owners.note(&store.read(meta::get)?.wallet, owner);
    }
    open::discard(&mended)?;
    let saved: BTreeSet<BadgeId> = store.read(badge::ids)?.into_iter().collect();
    store.settle()?;
    drop(store);
    let damaged = replace(dir, &new, now)?;
    let lost = expected.difference(&saved).map(|id| Lost { id: Some(*id), name: known.names.get(id).cloned().flatten() });
    let mut lost: Vec<Lost> = lost.collect();
    if saved.is_empty() && lost.is_empty() {
        lost.push(Lost { id: None, name: None });
    }
    Ok((lost, damaged))
}

/// A database that is being filled with what can be saved.
const NEW: &str = "wallet.db.new";

/// A copy of a damaged database that is only read.
const MENDED: &str = "wallet.db.mended";

/// How a database is called that has all that could be saved and waits to take the place of the damaged one; a stamp follows.
const SAVED: &str = "wallet.db.saved-";

/// How a damaged one is called then.
const DAMAGED: &str = "wallet.db.damaged-";

/// What the index knows.
struct Known {
    names: BTreeMap<BadgeId, Option<String>>,
    seen: Option<Meta>,
}

impl Known {
    fn read(path: &Path, key: Option<&Key>) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let nothing = || Self { names: BTreeMap::new(), seen: None };
        if index::is_others(path) {
            return nothing();
        }
        let Ok(db) = Connection::open_with_flags(path, flags) else { return nothing() };
        let _ = Key::unlock(key, &db);
        match (index::names(&db), index::seen(&db)) {
            (Ok(names), seen) => Self { names, seen: seen.ok() },
            _ => nothing(),
        }
    }

    /// Whether the index had followed the wallet to its last change, so that a badge it does not know was not there.
    fn is_complete(&self, source: &Connection) -> bool {
        meta::get(source).is_ok_and(|meta| self.seen.as_ref() == Some(&meta))
    }
}

/// The damaged databases that were kept.
pub fn damaged_copies(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_damaged = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DAMAGED));
    let mut found: Vec<PathBuf> = entries.filter(is_damaged).collect();
    found.sort();
    found
}

/// Opens the damaged file, or a copy of it whose first page is that of a sound one: without that page nothing can be read.
///
/// Of a locked database a copy is read whose pages all have codes that fit.
fn open_damaged(path: &Path, key: Option<&Key>, mended: &Path) -> Result<Option<Connection>, WalletError> {
    let readable = |path: &Path| {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        Key::unlock(key, &connection).ok()?;
        let is_ours = connection.prepare("SELECT bytes FROM original").is_ok();
        is_ours.then_some(connection)
    };
    let failed = |error: std::io::Error| WalletError::unusable(mended, &error);
    if key.is_none()
        && let Some(connection) = readable(path)
    {
        return Ok(Some(connection));
    }
    if !path.exists() {
        return Ok(None);
    }
    open::discard(mended)?;
    fs::copy(path, mended).and_then(|_| pages::fill_up(mended)).map_err(failed)?;
    if let Some(key) = key {
        pages::mend_codes(mended, key).map_err(failed)?;
        let ([_, journal, ..], [_, copy, memory, _]) = (index::files(path), index::files(mended));
        if journal.is_file() {
            fs::copy(&journal, &copy).map_err(failed)?;
        }
        if let Some(connection) = readable(mended) {
            return Ok(Some(connection));
        }
        for file in [copy, memory] {
            let _ = fs::remove_file(file);
        }
    }
    // Where it was cut, its first page only counts wrong.
    if recount(mended, key).is_ok()
        && let Some(connection) = readable(mended)
    {
        return Ok(Some(connection));
    }
    // The tables of a wallet begin on other pages where it has another version or was locked: the page under which most can be read is its own.
    let folder = tempfile::tempdir().map_err(failed)?;
    let mut best: (usize, Option<PathBuf>) = (0, None);
    let put = |sound: &Path| mend(mended, sound, key);
    let length = mended.metadata().map_err(failed)?.len();
    // What one has put behind the others is no part of the next.
    let put = |sound: &Path| fs::OpenOptions::new().write(true).open(mended)?.set_len(length).and_then(|()| put(sound));
    for sound in Store::empty_ones(folder.path(), key)? {
        put(&sound).map_err(failed)?;
        let found = readable(mended).map_or(0, |connection| {
            let rows = (1..=50).filter(|number| matches!(original::at(&connection, *number), Ok(Some(_)))).count();
            rows + usize::from(rows > 0) * badge_rows(&connection).len().min(50)
        });
        if found > best.0 || best.1.is_none() {
            best = (found, Some(sound));
        }
    }
    best.1.iter().try_for_each(|sound| put(sound)).map_err(failed)?;
    Ok(readable(mended))
}

/// Puts the first page of `sound` before the others of `path` (the offsets are of the database file format, 1.3 and 1.6). Where that page only
/// says on which pages the list of tables is, because it has grown too long for one, these come after the others.
fn mend(path: &Path, sound: &Path, key: Option<&Key>) -> std::io::Result<()> {
    const INTERIOR: u8 = 5;
    let mut sound = fs::File::open(sound)?;
    let mut head = pages::read(&mut sound, 1, key)?;
    let mut file = fs::OpenOptions::new().write(true).open(path)?;
    let mut count = u32::try_from(file.metadata()?.len() / pages::PAGE as u64).unwrap_or(u32::MAX);
    if head[100] == INTERIOR {
        let number = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
        let cells = (0..number(103)).map(|cell| number(112 + 2 * cell));
        let places: Vec<usize> = std::iter::once(108).chain(cells).filter(|at| at + 4 <= pages::PAGE).collect();
        for at in places {
            let child = u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let page = pages::read(&mut sound, child, key)?;
            count += 1;
            pages::write(&mut file, count, key, &page)?;
            head[at..at + 4].copy_from_slice(&count.to_be_bytes());
        }
    }
    count_in(&mut head, count);
    pages::write(&mut file, 1, key, &head)
}

/// Has the first page of `path` count the pages that are there.
fn recount(path: &Path, key: Option<&Key>) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let count = u32::try_from(file.metadata()?.len() / pages::PAGE as u64).unwrap_or(u32::MAX);
    let mut head = pages::read(&mut file, 1, key)?;
    count_in(&mut head, count);
    pages::write(&mut file, 1, key, &head)
}

/// Has a first page count so many pages, alone.
fn count_in(head: &mut [u8], count: u32) {
    head[28..32].copy_from_slice(&count.to_be_bytes());
    // No free pages are known, and the count of changes belongs to the count of pages.
    head[32..40].fill(0);
    head.copy_within(24..28, 92);
    // Without a journal beside it.
    head[18..20].fill(1);
}

/// Saves the rows; the ids of all badges that were seen, saved or not.
fn save(source: &Connection, store: &Store, known: &Known, now: Timestamp) -> Result<BTreeSet<BadgeId>, WalletError> {
    let size: i64 =
        source.query_row("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", [], |row| row.get(0))?;
    let most = i64::try_from(u64::try_from(size).unwrap_or_default() / SHORTEST_ROW).unwrap_or(i64::MAX);
    let rows = badge_rows(source);
    let mut found = Vec::new();
    store.write(|db| {
        for number in 1..=original::last(source).unwrap_or(most) {
            if let Ok(Some(file)) = original::at(source, number) {
                original::put(db, &file)?;
                found.push(number);
            }
        }
        let mut was_apart = apart::salvage(source, db)?;
        for table in evidence::TABLES {
            for number in 1..=evidence::last(source, table).unwrap_or(most) {
                if let Ok(Some((key, document, was_claimed))) = evidence::claimed_at(source, table, number) {
                    evidence::put(db, &key, &document)?;
                    was_apart |= was_claimed;
                }
            }
        }
        trusted::salvage(source).iter().try_for_each(|choice| trusted::put(db, choice))?;
        numbered::salvage(source).iter().try_for_each(|(key, number)| numbered::note(db, key, *number))?;
        sync::salvage(source, db)?;
        // What was set apart was taken over as if it counted, so all of it is set apart again before anybody can read it.
        if was_apart { apart::set(db) } else { Ok(()) }
    })?;
    let sources = source::salvage(source);
    // A file may hold a badge that was erased and stay because of another one.
    let erased = |id: &BadgeId| !rows.contains_key(id) && !known.names.contains_key(id);
    let is_complete = known.is_complete(source);
    for number in found {
        let Ok(Some(file)) = original::at(source, number) else { continue };
        save_badges(source, store, &file, &rows, &|id| is_complete && erased(id), now)?;
        if let Some(from) = sources.iter().find(|from| from.original == file.sha256) {
            store.write(|db| source::put(db, from))?;
        }
    }
    Ok(rows.keys().copied().collect())
}

/// All rows of badges that can be read, from both ends and by whatever index is sound.
fn badge_rows(source: &Connection) -> BTreeMap<BadgeId, Badge> {
    let mut rows = BTreeMap::new();
    for order in ["id", "id DESC", "seq", "seq DESC"] {
        badge::salvage(source, order, |badge| {
            rows.insert(badge.id, badge);
        });
    }
    rows
}

/// Finds the badges of a file that was saved.
fn save_badges(
    source: &Connection,
    store: &Store,
    file: &Original,
    rows: &BTreeMap<BadgeId, Badge>,
    was_erased: &dyn Fn(&BadgeId) -> bool,
    now: Timestamp,
) -> Result<(), WalletError> {
    let opened = container::open_bytes(&file.bytes);
    let checked = verify::check(&opened, &Policy::default(), now, |key| verify::kept(store, key))?;
    for report in &checked.reports {
        let Some(embedded) = opened.embedded.get(report.part) else { continue };
        if embedded.text.is_empty() || report.verdict == Verdict::NoBadge {
            continue;
        }
        let alone = Sha256::of_credential(&embedded.text);
        let linked = || Sha256::of_linked(&embedded.text, report).unwrap_or(alone);
        let id = if rows.contains_key(&alone) { alone } else { linked() };
        let here = Copy { original: file.sha256, part: report.part };
        let row = rows.get(&id).copied().or_else(|| badge::get(source, id).ok().flatten());
        // A link is known by its assertion, which may be lost.
        let has_row = || rows.values().any(|row| row.original == file.sha256);
        if row.is_none() && was_erased(&id) && !has_row() {
            continue;
        }
        store.write(|db| {
            let is_own = row.is_none_or(|row| row.original == here.original && row.part == here.part);
            match badge::get(db, id)? {
                Some(known) if is_own && row.is_some() => {
                    badge::add_copy(db, id, Copy { original: known.original, part: known.part })?;
                    badge::put(db, Badge { original: here.original, part: here.part, ..known })?;
                }
                Some(_) => badge::add_copy(db, id, here)?,
                None => {
                    let (added, removed) = row.map_or((file.added, None), |row| (row.added, row.removed));
                    let badge = Badge { id, original: here.original, part: here.part, seq: 0, added, removed };
                    badge::put(db, badge)?;
                }
            }
            checked.used.iter().try_for_each(|key| evidence::note_use(db, id, key))
        })?;
    }
    Ok(())
}

/// Puts the new database in the place of the damaged one, which is kept under another name.
fn replace(dir: &Path, new: &Path, now: Timestamp) -> Result<Option<PathBuf>, WalletError> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut stamps = (1..).map(|number| if number == 1 { stamp.clone() } else { format!("{stamp}-{number}") });
    let stamp = stamps.find(|stamp| !dir.join(format!("{DAMAGED}{stamp}")).exists()).unwrap_or(stamp.clone());
    let saved = dir.join(format!("{SAVED}{stamp}"));
    files::sync_folder(dir);
    fs::rename(new, &saved).map_err(|error| WalletError::unusable(&saved, &error))?;
    // From here on, whatever happens, the next to open the wallet goes on.
    finish(dir)?;
    let damaged = dir.join(format!("{DAMAGED}{stamp}"));
    Ok(Some(damaged).filter(|damaged| damaged.exists()))
}

/// Goes on with a replacement that was broken off, and removes what a broken-off salvage has left: it may hold what its owner erases later.
/// A journal of the damaged database must be out of the way before the new one is in its place, and no step may be the last one to know of
/// something, so the new one waits under a name of its own.
pub fn finish(dir: &Path) -> Result<(), WalletError> {
    let path = open::database(dir);
    let failed = |error: std::io::Error| WalletError::unusable(&path, &error);
    if let Some((saved, stamp)) = unfinished(dir) {
        let damaged = dir.join(format!("{DAMAGED}{stamp}"));
        if path.exists() && !damaged.exists() && fs::hard_link(&path, &damaged).is_err() {
            let part = dir.join(MENDED);
            open::discard(&part)?;
            fs::copy(&path, &part).and_then(|_| fs::File::open(&part)?.sync_all()).map_err(failed)?;
            fs::rename(&part, &damaged).map_err(failed)?;
        }
        files::sync_folder(dir);
        let ([_, journal, memory, older], [_, kept, _, kept_older]) = (index::files(&path), index::files(&damaged));
        for (journal, kept) in [(journal, kept), (older, kept_older)] {
            if journal.exists() {
                fs::rename(&journal, kept).map_err(failed)?;
            }
        }
        if memory.exists() {
            fs::remove_file(&memory).map_err(failed)?;
        }
        files::sync_folder(dir);
        fs::rename(saved, &path).map_err(failed)?;
        files::sync_folder(dir);
    }
    open::discard(&dir.join(NEW))?;
    open::discard(&dir.join(MENDED))
}

/// Whether a replacement was broken off.
pub fn is_unfinished(dir: &Path) -> bool {
    unfinished(dir).is_some()
}

fn unfinished(dir: &Path) -> Option<(PathBuf, String)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut saved = entries.filter_map(|path| {
        let stamp = path.file_name()?.to_str()?.strip_prefix(SAVED)?.to_owned();
        Some((path, stamp)).filter(|(_, stamp)| !["-wal", "-shm", "-journal"].iter().any(|end| stamp.ends_with(end)))
    });
    saved.next()
}
