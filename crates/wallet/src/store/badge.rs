//! Badges, and the other files that carry the same credential.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{meta, seal};
use crate::{BadgeId, IdPrefix, Sha256, WalletError};

/// A badge, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    pub id: BadgeId,
    /// The file it stands in, and which of the credentials there it is.
    pub original: Sha256,
    pub part: usize,
    /// The number of its last change; set by [`put`].
    pub seq: i64,
    /// When it was added, in microseconds.
    pub added: i64,
    /// When it was put into the bin.
    pub removed: Option<i64>,
}

impl Badge {
    fn seal(&self) -> Sha256 {
        let columns = [
            ValueRef::Blob(self.id.as_bytes()),
            ValueRef::Blob(self.original.as_bytes()),
            ValueRef::Integer(to_sql(self.part)),
            ValueRef::Integer(self.seq),
            ValueRef::Integer(self.added),
            seal::optional(self.removed),
        ];
        seal::of(&columns)
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let badge = Self {
            id: row.get(0)?,
            original: row.get(1)?,
            part: from_sql(row.get(2)?),
            seq: row.get(3)?,
            added: row.get(4)?,
            removed: row.get(5)?,
        };
        let whole = row.get::<_, Sha256>(6)? == badge.seal();
        if whole { Ok(badge) } else { Err(WalletError::damaged(format!("wallet.db: the badge {}", badge.id))) }
    }
}

fn to_sql(part: usize) -> i64 {
    i64::try_from(part).unwrap_or(i64::MAX)
}

fn from_sql(part: i64) -> usize {
    usize::try_from(part).unwrap_or(usize::MAX)
}

const COLUMNS: &str = "id, original, part, seq, added, removed, seal";

/// Writes a badge, as the last change of the wallet.
pub fn put(db: &Connection, badge: Badge) -> Result<Badge, WalletError> {
    let badge = Badge { seq: meta::next_seq(db)?, ..badge };
    let sql = "INSERT INTO badge (id, original, part, seq, added, removed, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (id) DO UPDATE SET original = ?2, part = ?3, seq = ?4, added = ?5, removed = ?6, seal = ?7";
    let Badge { id, original, part, seq, added, removed } = badge;
    db.prepare_cached(sql)?.execute(params![id, original, to_sql(part), seq, added, removed, badge.seal()])?;
    Ok(badge)
}

pub fn get(db: &Connection, id: BadgeId) -> Result<Option<Badge>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM badge WHERE id = ?1"))?;
    statement.query_row([id], |row| Ok(Badge::read(row))).optional()?.transpose()
}

/// The badges that changed after this, in the order of their last change.
pub fn since(db: &Connection, seq: i64, most: usize) -> Result<Vec<Badge>, WalletError> {
    let sql = format!("SELECT {COLUMNS} FROM badge WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    collect(db, &sql, params![seq, to_sql(most)])
}

/// Those put into the bin before this.
pub fn removed_before(db: &Connection, time: i64) -> Result<Vec<Badge>, WalletError> {
    collect(db, &format!("SELECT {COLUMNS} FROM badge WHERE removed < ?1"), [time])
}

/// All ids.
pub fn ids(db: &Connection) -> Result<Vec<BadgeId>, WalletError> {
    let mut statement = db.prepare("SELECT id FROM badge ORDER BY id")?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The one whose id begins so.
pub fn find(db: &Connection, prefix: &IdPrefix) -> Result<Badge, WalletError> {
    let (first, last) = prefix.range();
    let sql = format!("SELECT {COLUMNS} FROM badge WHERE id BETWEEN ?1 AND ?2");
    let found = collect(db, &sql, [first, last])?;
    match found.as_slice() {
        [] => Err(WalletError::UnknownId { given: prefix.to_string() }),
        [badge] => Ok(*badge),
        more => Err(WalletError::AmbiguousId { given: prefix.to_string(), count: more.len() }),
    }
}

fn collect(db: &Connection, sql: &str, given: impl rusqlite::Params) -> Result<Vec<Badge>, WalletError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(given, |row| Ok(Badge::read(row)))?;
    rows.map(|row| row?).collect()
}

/// Hands over what can be read of a damaged table in this order, up to the first page that cannot.
pub fn salvage(db: &Connection, order: &str, mut take: impl FnMut(Badge)) {
    let Ok(mut statement) = db.prepare(&format!("SELECT {COLUMNS} FROM badge ORDER BY {order}")) else { return };
    let Ok(rows) = statement.query_map([], |row| Ok(Badge::read(row))) else { return };
    for badge in rows.map_while(Result::ok).flatten() {
        take(badge);
    }
}

/// Erases a badge with what is known about its copies.
pub fn erase(db: &Connection, id: BadgeId) -> Result<(), WalletError> {
    db.execute("DELETE FROM badge WHERE id = ?1", [id])?;
    Ok(())
}

// ---- Copies ----

/// Another file that carries the badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    pub original: Sha256,
    pub part: usize,
}

pub fn add_copy(db: &Connection, id: BadgeId, copy: Copy) -> Result<(), WalletError> {
    let sql = "INSERT INTO copy (badge, original, part) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    db.prepare_cached(sql)?.execute(params![id, copy.original, to_sql(copy.part)])?;
    Ok(())
}

pub fn copies(db: &Connection, id: BadgeId) -> Result<Vec<Copy>, WalletError> {
    let mut statement = db.prepare_cached("SELECT original, part FROM copy WHERE badge = ?1 ORDER BY original, part")?;
    let rows = statement.query_map([id], |row| Ok(Copy { original: row.get(0)?, part: from_sql(row.get(1)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
