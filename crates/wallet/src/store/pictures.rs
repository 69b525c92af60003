//! `pictures.db`: pictures that were drawn, by badge and size. All of it is derived and may be thrown away at any time. It lies with its wallet,
//! so that whoever erases a badge erases what was drawn of it too (law 5).

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::meta::Meta;
use super::{Head, configure, settle};
use crate::{BadgeId, WalletError, open};

/// Rises when pictures are drawn otherwise.
const VERSION: i64 = 1;

/// What stands in the head of the file: `SatP`.
const APPLICATION: i64 = 0x5361_7450;

/// Bytes of pictures that are kept; then the oldest go, a quarter at a time.
const MOST: i64 = 256 << 20;

/// Drawn pictures. One that cannot be kept is drawn again, so nothing here fails anybody but who erases.
pub struct Pictures {
    path: PathBuf,
    meta: Meta,
    connection: Option<Connection>,
    held: i64,
}

impl Pictures {
    /// Those of this wallet, of which these badges are left; a file that does not fit is thrown away, and none is made before it is needed.
    pub fn open(path: PathBuf, meta: Meta, ids: impl FnOnce() -> Result<Vec<BadgeId>, WalletError>) -> Result<Self, WalletError> {
        let mut pictures = Self { path, meta, connection: None, held: 0 };
        if !pictures.path.is_file() || pictures.is_others() {
            return Ok(pictures);
        }
        let there = pictures.connect().and_then(|connection| pictures.seen(&connection).map(|seen| (connection, seen)));
        match there {
            Ok((connection, Some(erasures))) => {
                pictures.held = held(&connection).unwrap_or_default();
                pictures.connection = Some(connection);
                if erasures != pictures.meta.erasures {
                    pictures.keep_only(&ids()?)?;
                }
            }
            // Where it cannot be removed, it is tried again the next time.
            _ => drop(open::discard(&pictures.path)),
        }
        Ok(pictures)
    }

    /// What was drawn of a badge at this size: none where nothing was, and nothing where it cannot be drawn.
    pub fn get(&self, id: BadgeId, side: u32) -> Option<Vec<u8>> {
        let connection = self.connection.as_ref()?;
        let mut statement = connection.prepare_cached("SELECT png FROM picture WHERE badge = ?1 AND side = ?2").ok()?;
        statement.query_row(params![id, side], |row| row.get(0)).optional().ok()?
    }

    /// Keeps what was drawn.
    pub fn put(&mut self, id: BadgeId, side: u32, png: &[u8]) {
        if self.connection.is_none() && !self.is_others() {
            self.connection = self.create().ok();
        }
        let Some(connection) = &self.connection else { return };
        let size = i64::try_from(png.len()).unwrap_or(MOST);
        let keep = || -> rusqlite::Result<i64> {
            let sql =
                "INSERT INTO picture (badge, side, png) VALUES (?1, ?2, ?3) ON CONFLICT (badge, side) DO UPDATE SET png = ?3";
            connection.prepare_cached(sql)?.execute(params![id, side, png])?;
            if self.held + size <= MOST {
                return Ok(self.held + size);
            }
            let oldest = "SELECT number FROM picture ORDER BY number LIMIT (SELECT count(*) / 4 + 1 FROM picture)";
            connection.execute(&format!("DELETE FROM picture WHERE number IN ({oldest})"), [])?;
            held(connection)
        };
        self.held = keep().unwrap_or(self.held);
    }

    /// Forgets what was drawn of badges that may show another picture by now.
    pub fn forget(&self, ids: &[BadgeId]) {
        for (connection, id) in self.connection.iter().flat_map(|connection| ids.iter().map(move |id| (connection, id))) {
            let _ = connection.execute("DELETE FROM picture WHERE badge = ?1", [id]);
        }
    }

    /// Erases what was drawn of badges that are gone; `ids` are those that are left. When this returns, nothing of it is on the disk.
    pub fn erased(&mut self, meta: Meta, ids: impl FnOnce() -> Result<Vec<BadgeId>, WalletError>) -> Result<(), WalletError> {
        self.meta = meta;
        if self.connection.is_some() { self.keep_only(&ids()?) } else { Ok(()) }
    }

    /// Throws all of it away, unless it is another program's.
    pub fn discard(path: &Path) -> Result<(), WalletError> {
        if Head::of(path, APPLICATION).is_others() { Ok(()) } else { open::discard(path) }
    }

    fn keep_only(&mut self, ids: &[BadgeId]) -> Result<(), WalletError> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let erase = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute_batch("CREATE TEMP TABLE kept (badge BLOB PRIMARY KEY) WITHOUT ROWID")?;
            for id in ids {
                transaction.prepare_cached("INSERT INTO kept (badge) VALUES (?1)")?.execute([id])?;
            }
            transaction.execute("DELETE FROM picture WHERE badge NOT IN (SELECT badge FROM kept)", [])?;
            transaction.execute_batch("DROP TABLE kept")?;
            transaction.execute("UPDATE seen SET erasures = ?1 WHERE one = 1", [self.meta.erasures])?;
            transaction.commit()?;
            settle(connection)
        };
        if erase(connection).is_err() {
            // What cannot be erased one by one goes as a whole.
            self.connection = None;
            self.held = 0;
            open::discard(&self.path)?;
        }
        Ok(())
    }

    fn is_others(&self) -> bool {
        Head::of(&self.path, APPLICATION).is_others()
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        configure(&connection, "NORMAL")?;
        Ok(connection)
    }

    /// How many erasures it has followed; none where it is of another wallet or version.
    fn seen(&self, connection: &Connection) -> rusqlite::Result<Option<i64>> {
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            return Ok(None);
        }
        let sql = "SELECT erasures FROM seen WHERE one = 1 AND wallet = ?1";
        connection.query_row(sql, [&self.meta.wallet], |row| row.get(0)).optional()
    }

    fn create(&self) -> rusqlite::Result<Connection> {
        // Where it cannot be made, the database says why.
        let _ = open::discard(&self.path).map(|()| crate::files::private_file(&self.path));
        let mut connection = self.connect()?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(
            "CREATE TABLE picture (number INTEGER PRIMARY KEY, badge BLOB NOT NULL, side INTEGER NOT NULL, png BLOB NOT NULL,
                                   UNIQUE (badge, side)) STRICT;
             CREATE TABLE seen (one INTEGER PRIMARY KEY CHECK (one = 1), wallet BLOB NOT NULL, erasures INTEGER NOT NULL) STRICT;",
        )?;
        transaction.execute("INSERT INTO seen VALUES (1, ?1, ?2)", params![self.meta.wallet, self.meta.erasures])?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        Ok(connection)
    }
}

fn held(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(sum(length(png)), 0) FROM picture", [], |row| row.get(0))
}
