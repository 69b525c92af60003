//! `index.db`: what is derived from the wallet, and the search over it. Nothing is kept here that cannot be made anew; a file that does not
//! fit is thrown away by whoever opens it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, ToSql, params, params_from_iter};

use super::configure;
use super::meta::Meta;
use crate::BadgeId;
use crate::fold::fold;

/// Rises with each change of `index.sql` or of what is derived.
const VERSION: i64 = 1;

/// Of bigger files not every page is looked at on opening.
const QUICK: u64 = 64 << 20;

/// The index.
pub struct Index {
    connection: Connection,
}

/// What is derived from one badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: BadgeId,
    pub added: i64,
    pub removed: Option<i64>,
    pub name: Option<String>,
    pub issuer: Option<String>,
    pub issuer_id: Option<String>,
    pub description: Option<String>,
    pub tags: Vec<String>,
    pub issued_on: Option<i64>,
    pub expires: Option<i64>,
    pub verdict: String,
    pub checked: i64,
    pub due: Option<i64>,
}

/// Which badges are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words of a search in the language of FTS5, and whether the best come first.
    pub matching: Option<(String, bool)>,
    /// Texts that stand somewhere in the words of the badge.
    pub containing: Vec<String>,
    /// Whether to look in the bin instead.
    pub removed: bool,
}

/// The files that an index is made of.
pub fn files(path: &Path) -> [PathBuf; 3] {
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [path.to_owned(), beside("-wal"), beside("-shm")]
}

const COLUMNS: &str = "entry.id, entry.added, entry.removed, entry.name, entry.issuer, entry.issuer_id, entry.description, \
                       entry.tags, entry.issued_on, entry.expires, entry.verdict, entry.checked, entry.due";

impl Index {
    /// Opens the index of this wallet; none when there is none that fits.
    pub fn open(path: &Path, meta: &Meta) -> rusqlite::Result<Option<Self>> {
        let Ok(size) = std::fs::metadata(path).map(|metadata| metadata.len()) else { return Ok(None) };
        let connection = Connection::open(path)?;
        configure(&connection, "NORMAL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            return Ok(None);
        }
        if size <= QUICK && connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0))? != "ok" {
            return Ok(None);
        }
        let index = Self { connection };
        let seen = index.seen()?;
        Ok((seen.wallet == meta.wallet && seen.seq <= meta.seq).then_some(index))
    }

    /// The index on an open connection, whatever wallet it belongs to.
    pub fn of(connection: Connection) -> Self {
        Self { connection }
    }

    /// Makes an empty index for this wallet.
    pub fn create(path: &Path, meta: &Meta) -> rusqlite::Result<Self> {
        // Where it cannot be made, the database says why.
        let _ = crate::files::private_file(path);
        let connection = Connection::open(path)?;
        configure(&connection, "NORMAL")?;
        Self::begin(connection, meta)
    }

    /// The same in memory alone, for a disk that takes no more.
    pub fn in_memory(meta: &Meta) -> rusqlite::Result<Self> {
        Self::begin(Connection::open_in_memory()?, meta)
    }

    fn begin(mut connection: Connection, meta: &Meta) -> rusqlite::Result<Self> {
        let transaction = connection.transaction()?;
        transaction.execute_batch(include_str!("index.sql"))?;
        let sql = "INSERT INTO seen (one, wallet, erasures, seq) VALUES (1, ?1, ?2, 0)";
        transaction.execute(sql, params![meta.wallet, meta.erasures])?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// How far the index has followed the wallet.
    pub fn seen(&self) -> rusqlite::Result<Meta> {
        self.connection.query_row("SELECT wallet, erasures, seq FROM seen WHERE one = 1", [], |row| {
            Ok(Meta { wallet: row.get(0)?, erasures: row.get(1)?, seq: row.get(2)? })
        })
    }

    /// Takes in badges that changed, up to the wallet's change `seq`.
    pub fn put(&mut self, entries: &[Entry], seq: i64) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for entry in entries {
            drop_entry(&transaction, entry.id)?;
            let sql = "INSERT INTO entry (id, added, removed, name, issuer, issuer_id, description, tags, issued_on, expires,
                       verdict, checked, due) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
            let tags = entry.tags.join("\n");
            transaction.prepare_cached(sql)?.execute(params![
                entry.id,
                entry.added,
                entry.removed,
                entry.name,
                entry.issuer,
                entry.issuer_id,
                entry.description,
                tags,
                entry.issued_on,
                entry.expires,
                entry.verdict,
                entry.checked,
                entry.due
            ])?;
            let number = transaction.last_insert_rowid();
            let sql = "INSERT INTO words (rowid, name, issuer, description, tags) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.prepare_cached(sql)?.execute(params![
                number,
                entry.name.as_deref().map(fold),
                entry.issuer.as_deref().map(fold),
                entry.description.as_deref().map(fold),
                fold(&tags)
            ])?;
        }
        transaction.execute("UPDATE seen SET seq = max(seq, ?1) WHERE one = 1", [seq])?;
        transaction.commit()
    }

    /// Forgets all badges but these, after something was erased; `erasures` is how often that happened.
    pub fn keep_only(&mut self, ids: &[BadgeId], erasures: i64) -> rusqlite::Result<()> {
        let kept: std::collections::HashSet<&BadgeId> = ids.iter().collect();
        let transaction = self.connection.transaction()?;
        let all: Vec<BadgeId> =
            transaction.prepare("SELECT id FROM entry")?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in all.into_iter().filter(|id| !kept.contains(id)) {
            drop_entry(&transaction, id)?;
        }
        transaction.execute("UPDATE seen SET erasures = ?1 WHERE one = 1", [erasures])?;
        transaction.commit()
    }

    /// States that these badges are to be checked again.
    pub fn mark_due(&mut self, ids: &[BadgeId]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for id in ids {
            transaction.prepare_cached("UPDATE entry SET due = 0 WHERE id = ?1")?.execute([id])?;
        }
        transaction.commit()
    }

    /// Badges whose verdict may be another one by now.
    pub fn due(&self, now: i64, most: usize) -> rusqlite::Result<Vec<BadgeId>> {
        let sql = "SELECT id FROM entry WHERE due IS NOT NULL AND due <= ?1 ORDER BY due, number LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        statement.query_map([now, most], |row| row.get(0))?.collect()
    }

    /// The entries that fit: the best first where the filter says so, else the newest.
    pub fn list(&self, filter: &Filter) -> rusqlite::Result<Vec<Entry>> {
        let mut sql = format!("SELECT {COLUMNS} FROM entry");
        let mut given: Vec<&dyn ToSql> = Vec::new();
        let mut order = "entry.added DESC, entry.number DESC";
        if filter.matching.is_some() || !filter.containing.is_empty() {
            sql.push_str(" JOIN words ON words.rowid = entry.number");
        }
        if let Some((words, ranked)) = &filter.matching {
            given.push(words);
            if *ranked {
                // A word in the name counts more than one in the description.
                order = "bm25(words, 8.0, 4.0, 1.0, 2.0), entry.added DESC, entry.number DESC";
            }
        }
        sql.push_str(if filter.removed { " WHERE entry.removed IS NOT NULL" } else { " WHERE entry.removed IS NULL" });
        if filter.matching.is_some() {
            sql.push_str(" AND words MATCH ?");
        }
        let containing: Vec<String> = filter.containing.iter().map(|text| format!("%{}%", escaped(text))).collect();
        for text in &containing {
            sql.push_str(
                " AND coalesce(words.name, '') || char(10) || coalesce(words.issuer, '') || char(10)
                  || coalesce(words.description, '') || char(10) || words.tags LIKE ? ESCAPE '\\'",
            );
            given.push(text);
        }
        let sql = format!("{sql} ORDER BY {order}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_map(params_from_iter(given), read)?.collect()
    }

    /// Every entry, in the bin or not.
    pub fn all(&self) -> rusqlite::Result<Vec<Entry>> {
        let mut statement = self.connection.prepare(&format!("SELECT {COLUMNS} FROM entry"))?;
        statement.query_map([], read)?.collect()
    }

    /// Leaves nothing in the journal.
    pub fn settle(&self) -> rusqlite::Result<()> {
        super::settle(&self.connection)
    }
}

fn drop_entry(db: &Connection, id: BadgeId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM words WHERE rowid = (SELECT number FROM entry WHERE id = ?1)")?.execute([id])?;
    db.prepare_cached("DELETE FROM entry WHERE id = ?1")?.execute([id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let tags: String = row.get(7)?;
    Ok(Entry {
        id: row.get(0)?,
        added: row.get(1)?,
        removed: row.get(2)?,
        name: row.get(3)?,
        issuer: row.get(4)?,
        issuer_id: row.get(5)?,
        description: row.get(6)?,
        tags: tags.lines().map(str::to_owned).collect(),
        issued_on: row.get(8)?,
        expires: row.get(9)?,
        verdict: row.get(10)?,
        checked: row.get(11)?,
        due: row.get(12)?,
    })
}

/// What LIKE would take for a placeholder is taken as it stands.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}
