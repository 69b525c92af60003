//! Documents that verifications rest on, with their time and origin (security.md, V06), and which badge rests on which.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use satchel_badge::evidence::{Document, Origin};
use satchel_badge::json;

use super::{from_micros, seal, to_micros};
use crate::{BadgeId, Sha256, WalletError};

/// A row as it is stored.
struct Kept {
    key: String,
    sha256: Sha256,
    status: i64,
    media_type: Option<String>,
    fetched: Option<i64>,
    origin: String,
    bytes: Vec<u8>,
}

impl Kept {
    fn new(key: &str, document: &Document) -> Self {
        Self {
            key: key.to_owned(),
            sha256: Sha256::of(&document.bytes),
            status: document.status.into(),
            media_type: document.media_type.clone(),
            fetched: document.fetched.map(to_micros),
            origin: name(document.origin).to_owned(),
            bytes: document.bytes.to_vec(),
        }
    }

    fn seal(&self) -> Sha256 {
        let columns = [
            ValueRef::Text(self.key.as_bytes()),
            ValueRef::Blob(self.sha256.as_bytes()),
            ValueRef::Integer(self.status),
            self.media_type.as_ref().map_or(ValueRef::Null, |kind| ValueRef::Text(kind.as_bytes())),
            seal::optional(self.fetched),
            ValueRef::Text(self.origin.as_bytes()),
        ];
        seal::of(&columns)
    }

    fn read(row: &Row<'_>) -> Result<(String, Document), WalletError> {
        Self::whole(row)?.document()
    }

    fn whole(row: &Row<'_>) -> Result<Self, WalletError> {
        let kept = Self {
            key: row.get(0)?,
            sha256: row.get(1)?,
            status: row.get(2)?,
            media_type: row.get(3)?,
            fetched: row.get(4)?,
            origin: row.get(5)?,
            bytes: row.get(7)?,
        };
        let whole = row.get::<_, Sha256>(6)? == kept.seal() && Sha256::of(&kept.bytes) == kept.sha256;
        if whole { Ok(kept) } else { Err(WalletError::damaged(kept.key)) }
    }

    fn document(self) -> Result<(String, Document), WalletError> {
        let (Some(origin), Ok(status)) = (origin(&self.origin), u16::try_from(self.status)) else {
            return Err(WalletError::damaged(self.key));
        };
        let fetched = self.fetched.map(from_micros).transpose()?;
        let document = Document { bytes: self.bytes.into(), status, media_type: self.media_type, fetched, origin };
        Ok((self.key, document))
    }
}

const fn name(origin: Origin) -> &'static str {
    match origin {
        Origin::Fetched => "fetched",
        Origin::Redirected => "redirected",
        Origin::Given => "given",
        Origin::Brought => "brought",
    }
}

/// Stands before the origin that somebody else's wallet names (store/apart.rs).
const CLAIMED: &str = "claimed-";

fn origin(text: &str) -> Option<Origin> {
    if let Some(claimed) = text.strip_prefix(CLAIMED) {
        return origin(claimed).map(|_| Origin::Brought);
    }
    [Origin::Fetched, Origin::Redirected, Origin::Given, Origin::Brought].into_iter().find(|origin| name(*origin) == text)
}

const COLUMNS: &str = "key, sha256, status, media_type, fetched, origin, seal, bytes";

/// Whether `new` is to take the place of `old` as what an address has to say.
///
/// What an address itself said counts more than what was said elsewhere in its name, and that more than what came along with a badge
/// (security.md, V06). "Not found" may be said by whoever has the address now, or by mistake (RFC 9110, 15.5.5): a key or a list that was
/// found before stays. Not so an assertion, which its issuer vouches for by hosting it (OB 2.0, 4.1).
fn takes_its_place(new: &Document, old: &Document) -> bool {
    let rank = |document: &Document| match document.origin {
        Origin::Fetched | Origin::Given => 2,
        Origin::Redirected => 1,
        Origin::Brought => 0,
    };
    let says_more = new.status != 404 || old.status == 404 || is_assertion(&old.bytes);
    match rank(new).cmp(&rank(old)) {
        Ordering::Greater => says_more || rank(old) == 0,
        Ordering::Equal => says_more,
        Ordering::Less => old.status == 404 && new.status != 404 && rank(new) > 0,
    }
}

fn is_assertion(bytes: &[u8]) -> bool {
    json::parse(bytes).is_ok_and(|value| value.get("badge").is_some())
}

/// Keeps a document. Says whether the address says something else by now, or says it anew.
pub fn put(db: &Connection, key: &str, document: &Document) -> Result<bool, WalletError> {
    let Some(before) = get(db, key)? else {
        write(db, "evidence", "key", &Kept::new(key, document))?;
        return Ok(true);
    };
    if is_same(&before, document) {
        return Ok(false);
    }
    if takes_its_place(document, &before) {
        if before.origin != document.origin {
            write(db, "beside", "key, origin", &Kept::new(key, &before))?;
        }
        let origin = name(document.origin);
        db.prepare_cached("DELETE FROM beside WHERE key = ?1 AND origin = ?2")?.execute(params![key, origin])?;
        write(db, "evidence", "key", &Kept::new(key, document))?;
        return Ok(true);
    }
    if before.origin != document.origin && document.status != 404 {
        write(db, "beside", "key, origin", &Kept::new(key, document))?;
    }
    Ok(false)
}

fn is_same(one: &Document, other: &Document) -> bool {
    let parts =
        |document: &Document| (document.status, document.fetched.map(to_micros), document.origin, document.media_type.clone());
    parts(one) == parts(other) && one.bytes == other.bytes
}

/// Has all documents count as brought along.
pub fn set_apart(db: &Connection) -> Result<(), WalletError> {
    rename(db, "origin NOT IN ('brought') AND origin NOT LIKE 'claimed-%'", |origin| format!("{CLAIMED}{origin}"))
}

/// Has those count again that were set apart.
pub fn bring_back(db: &Connection) -> Result<(), WalletError> {
    rename(db, "origin LIKE 'claimed-%'", |origin| origin.trim_start_matches(CLAIMED).to_owned())?;
    // Something of the same origin was said here meanwhile.
    Ok(db.execute("DELETE FROM beside WHERE origin LIKE 'claimed-%'", []).map(drop)?)
}

fn rename(db: &Connection, of: &str, to: impl Fn(&str) -> String) -> Result<(), WalletError> {
    for table in TABLES {
        let sql = format!("SELECT number, key, sha256, status, media_type, fetched, origin, seal FROM {table} WHERE {of}");
        let mut statement = db.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            let kept = Kept {
                key: row.get(1)?,
                sha256: row.get(2)?,
                status: row.get(3)?,
                media_type: row.get(4)?,
                fetched: row.get(5)?,
                origin: row.get(6)?,
                bytes: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, row.get::<_, Sha256>(7)?, kept))
        })?;
        for (number, seal, kept) in rows.collect::<Result<Vec<_>, _>>()? {
            // A damaged row stays damaged.
            if seal != kept.seal() {
                continue;
            }
            let kept = Kept { origin: to(&kept.origin), ..kept };
            let sql = format!("UPDATE OR IGNORE {table} SET origin = ?2, seal = ?3 WHERE number = ?1");
            db.prepare_cached(&sql)?.execute(params![number, kept.origin, kept.seal()])?;
        }
    }
    Ok(())
}

/// What is said now: by `fetched`, which was just asked for, or by what is kept already.
pub fn best<'d>(fetched: Option<&'d Document>, kept: Option<&'d Document>) -> Option<&'d Document> {
    match (fetched, kept) {
        (Some(new), Some(old)) if !takes_its_place(new, old) => Some(old),
        (fetched, kept) => fetched.or(kept),
    }
}

fn write(db: &Connection, table: &str, unique: &str, kept: &Kept) -> Result<(), WalletError> {
    let sql = format!(
        "INSERT INTO {table} (key, sha256, status, media_type, fetched, origin, seal, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT ({unique}) DO UPDATE
         SET sha256 = ?2, status = ?3, media_type = ?4, fetched = ?5, origin = ?6, seal = ?7, bytes = ?8"
    );
    let seal = kept.seal();
    let Kept { key, sha256, status, media_type, fetched, origin, bytes } = kept;
    db.prepare_cached(&sql)?.execute(params![key, sha256, status, media_type, fetched, origin, seal, bytes])?;
    Ok(())
}

/// What an address has to say: of several documents that of the best origin.
pub fn get(db: &Connection, key: &str) -> Result<Option<Document>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM evidence WHERE key = ?1"))?;
    let found = statement.query_row([key], |row| Ok(Kept::read(row))).optional()?.transpose()?;
    Ok(found.map(|(_, document)| document))
}

/// The other documents of an address.
pub fn beside(db: &Connection, key: &str) -> Result<Vec<Document>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM beside WHERE key = ?1 ORDER BY origin"))?;
    let rows = statement.query_map([key], |row| Ok(Kept::read(row)))?;
    rows.map(|row| Ok(row??.1)).collect()
}

/// The tables of documents.
pub const TABLES: [&str; 2] = ["evidence", "beside"];

/// The document in this row of a table, with its key.
pub fn at(db: &Connection, table: &str, number: i64) -> Result<Option<(String, Document)>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM {table} WHERE number = ?1"))?;
    statement.query_row([number], |row| Ok(Kept::read(row))).optional()?.transpose()
}

/// The same as if nothing were set apart (store/apart.rs), and whether it is.
pub fn claimed_at(db: &Connection, table: &str, number: i64) -> Result<Option<(String, Document, bool)>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM {table} WHERE number = ?1"))?;
    let kept = statement.query_row([number], |row| Ok(Kept::whole(row))).optional()?.transpose()?;
    let Some(mut kept) = kept else { return Ok(None) };
    let claimed = kept.origin.strip_prefix(CLAIMED).map(str::to_owned);
    let is_claimed = claimed.is_some();
    kept.origin = claimed.unwrap_or(kept.origin);
    let (key, document) = kept.document()?;
    Ok(Some((key, document, is_claimed)))
}

/// The highest number of a row.
pub fn last(db: &Connection, table: &str) -> Result<i64, WalletError> {
    Ok(db.query_row(&format!("SELECT coalesce(max(number), 0) FROM {table}"), [], |row| row.get(0))?)
}

/// States that a badge rests on a document.
pub fn note_use(db: &Connection, id: BadgeId, key: &str) -> Result<(), WalletError> {
    db.prepare_cached("INSERT INTO uses (badge, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?.execute(params![id, key])?;
    Ok(())
}

/// The badges that rest on a document.
pub fn users(db: &Connection, key: &str) -> Result<Vec<BadgeId>, WalletError> {
    let mut statement = db.prepare_cached("SELECT badge FROM uses WHERE key = ?1")?;
    let rows = statement.query_map([key], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The documents that a badge rests on.
pub fn used_by(db: &Connection, id: BadgeId) -> Result<Vec<String>, WalletError> {
    let mut statement = db.prepare_cached("SELECT key FROM uses WHERE badge = ?1")?;
    let rows = statement.query_map([id], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Erases the documents of an address that no badge rests on any more.
pub fn erase_unused(db: &Connection, key: &str) -> Result<(), WalletError> {
    for table in TABLES {
        db.execute(&format!("DELETE FROM {table} WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM uses WHERE key = ?1)"), [key])?;
    }
    Ok(())
}
