//! `wallet.db`: one door to it, and one file for each of its tables. All that is said in SQL is said in this folder.

pub mod account;
pub mod apart;
pub mod badge;
pub mod evidence;
pub mod index;
pub mod known;
pub mod meta;
pub mod notice;
pub mod numbered;
pub mod original;
pub mod outbox;
pub mod pages;
pub mod pictures;
pub mod seal;
pub mod source;
pub mod trusted;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use crate::locked::Key;
use crate::{WalletError, files};

/// A kind of database.
pub struct Shape {
    /// Each is applied once, in its order; what has landed is never edited.
    pub migrations: &'static [&'static str],
    /// What stands in the head of the file, for `file` and for us.
    pub application: i64,
}

/// A wallet, "Satc".
const WALLET: Shape = Shape {
    migrations: &[
        include_str!("../../migrations/0001_first.sql"),
        include_str!("../../migrations/0002_choices_and_memory.sql"),
        include_str!("../../migrations/0003_accounts.sql"),
        include_str!("../../migrations/0004_apart.sql"),
    ],
    application: 0x5361_7463,
};

/// Files up to this size are looked through whenever they are opened; it takes a tenth of a second at most.
const QUICK: u64 = 64 << 20;

/// The database of a wallet.
pub struct Store {
    connection: Mutex<Connection>,
    folder: PathBuf,
    follower: Option<Follower>,
}

/// Told of each change.
type Follower = Box<dyn Fn(&Connection) + Send + Sync>;

impl Store {
    /// Opens the wallet at `path`, or makes it, and brings it to the version of today.
    pub fn open(path: &Path, key: Option<&Key>) -> Result<Self, WalletError> {
        Self::open_with(path, &WALLET, key)
    }

    /// The same with a database of another kind. What is wrong with it is said as of a wallet.
    pub fn open_as(path: &Path, shape: &Shape) -> Result<Self, WalletError> {
        Self::open_with(path, shape, None)
    }

    /// Makes an empty wallet of each version at places in `dir`, as it was made and as it is after it was locked or unlocked.
    pub fn empty_ones(dir: &Path, key: Option<&Key>) -> Result<Vec<PathBuf>, WalletError> {
        let mut made = Vec::new();
        for version in (1..=WALLET.migrations.len()).rev() {
            let shape = Shape { migrations: &WALLET.migrations[..version], ..WALLET };
            let (fresh, copied) = (dir.join(format!("{version}.db")), dir.join(format!("{version}-copied.db")));
            let store = Self::open_with(&fresh, &shape, key)?;
            store.read(|db| copy_into(db, &copied, key.map(Key::spelled).as_ref().map_or("", |key| key.as_str())))?;
            store.settle()?;
            made.extend([fresh, copied]);
        }
        Ok(made)
    }

    fn open_with(path: &Path, shape: &Shape, key: Option<&Key>) -> Result<Self, WalletError> {
        files::refuse_other_than_file(path)?;
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        // What is encrypted says nothing about itself before it is opened.
        if size > 0 && key.is_none() {
            refuse_unknown(path, shape)?;
        }
        files::private_file(path).map_err(|error| WalletError::unusable(path, &error))?;
        let mut connection = Connection::open(path).map_err(|error| at(path, error))?;
        Key::unlock(key, &connection).map_err(|error| at(path, error))?;
        configure(&connection, "FULL").map_err(|error| at(path, error))?;
        let migrated =
            migrate(&mut connection, shape).map_err(|error| or_full(error, path.parent().unwrap_or(Path::new("."))))?;
        if migrated == 0 {
            // From here on the file itself says that it is a wallet, also to whoever finds it without its journal.
            settle(&connection).map_err(|error| at(path, error))?;
        }
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let store = Self { connection: Mutex::new(connection), folder, follower: None };
        if size <= QUICK {
            store.read(|db| look_through(db, "quick_check"))?;
        }
        Ok(store)
    }

    /// Reads.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, WalletError>) -> Result<T, WalletError> {
        work(&self.lock())
    }

    /// Writes all or nothing.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, WalletError>) -> Result<T, WalletError> {
        let mut connection = self.lock();
        let write = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        let done = write().map_err(|error| or_full(error, &self.folder))?;
        if let Some(follower) = &self.follower {
            follower(&connection);
        }
        Ok(done)
    }

    /// Has `follower` look at the wallet after each change.
    pub fn follow(&mut self, follower: impl Fn(&Connection) + Send + Sync + 'static) {
        self.follower = Some(Box::new(follower));
    }

    /// Nobody looks any more.
    pub fn unfollow(&mut self) {
        self.follower = None;
    }

    /// Brings everything into the one file and leaves nothing in the journal beside it.
    pub fn settle(&self) -> Result<(), WalletError> {
        Ok(settle(&self.lock())?)
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic in between has rolled its transaction back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names the file that an error is about.
fn at(path: &Path, error: rusqlite::Error) -> WalletError {
    match WalletError::from(error) {
        WalletError::Unusable { why, .. } => {
            let folder = path.parent().unwrap_or(Path::new("."));
            or_full(WalletError::Unusable { path: path.display().to_string(), why }, folder)
        }
        other => other,
    }
}

/// The database says "unable to open" also where the disk takes no more files; whoever tries to make one is told so.
fn or_full(error: WalletError, folder: &Path) -> WalletError {
    let is_full = |error: &std::io::Error| matches!(WalletError::unusable(folder, error), WalletError::Full);
    match error {
        WalletError::Unusable { .. } if tempfile::tempfile_in(folder).is_err_and(|error| is_full(&error)) => WalletError::Full,
        error => error,
    }
}

/// A file of a newer version, or of another program, is not touched (security.md, P03). Its head is read without the database, which would
/// tidy up on closing (the offsets are of the database file format, 1.3).
fn refuse_unknown(path: &Path, shape: &Shape) -> Result<(), WalletError> {
    let mut head = [0; 100];
    let mut file = File::open(path).map_err(|error| WalletError::unusable(path, &error))?;
    let is_database = file.read_exact(&mut head).is_ok() && head.starts_with(b"SQLite format 3\0");
    let number = |at: usize| i64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    match (number(68), number(60)) {
        _ if !is_database => Err(WalletError::damaged("wallet.db: it does not begin as a database does")),
        // Made, and nothing of it in the file itself yet: the journal has it, or nobody.
        (0, 0) => Ok(()),
        (of, found) if of == shape.application && found > shape.version() => {
            Err(WalletError::Newer { found, known: shape.version() })
        }
        (of, _) if of == shape.application => Ok(()),
        _ => Err(WalletError::damaged("wallet.db: it does not begin as a wallet does")),
    }
}

/// What stands in the list of tables: kind, name, table and text of each, in this order. Somebody else's wallet may have more in it, such as
/// triggers, which would run with whatever is written (security.md, V06).
fn written(db: &Connection) -> Result<Vec<[Option<String>; 4]>, WalletError> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name, tbl_name, sql";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    let rows = rows.collect::<Result<Vec<[Option<String>; 4]>, _>>()?;
    // The database's own table for AUTOINCREMENT stays when no table needs it any more.
    let counts = ["table", "sqlite_sequence", "sqlite_sequence", "CREATE TABLE sqlite_sequence(name,seq)"];
    Ok(rows.into_iter().filter(|row| *row != counts.map(|column| Some(column.to_owned()))).collect())
}

impl Shape {
    /// What stands in the list of tables of this version.
    fn written(&self, version: i64) -> Result<Vec<[Option<String>; 4]>, WalletError> {
        let db = Connection::open_in_memory()?;
        for migration in self.migrations.iter().take(usize::try_from(version).unwrap_or_default()) {
            db.execute_batch(migration)?;
        }
        written(&db)
    }

    /// The version that this program makes.
    fn version(&self) -> i64 {
        i64::try_from(self.migrations.len()).unwrap_or(i64::MAX)
    }
}

/// What every connection is told. Only one program has the wallet, so the journal needs no memory shared with others.
pub fn configure(connection: &Connection, synchronous: &str) -> rusqlite::Result<()> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    // A page that cannot be told from a sound one is found when it is read, not when it is used.
    connection.pragma_update(None, "cell_size_check", true)?;
    // More than a badge that is taken in needs; of each text that does not fit, another is read anew.
    connection.set_prepared_statement_cache_capacity(64);
    distrust(connection)
}

/// Has a database that somebody else may have made do nothing by itself.
pub fn distrust(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "trusted_schema", false)
}

/// Brings the database to the version of today; the version it had.
fn migrate(connection: &mut Connection, shape: &Shape) -> Result<i64, WalletError> {
    // Until the version is known, not even the journal is tidied up.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if from > shape.version() {
        return Err(WalletError::Newer { found: from, known: shape.version() });
    }
    if from == 0 && tables > 0 || from > 0 && written(&transaction)? != shape.written(from)? {
        return Err(WalletError::damaged("wallet.db: it has tables, and not those of a wallet"));
    }
    for migration in shape.migrations.iter().skip(usize::try_from(from).unwrap_or_default()) {
        transaction.execute_batch(migration)?;
    }
    if from < shape.version() {
        transaction.pragma_update(None, "application_id", shape.application)?;
        transaction.pragma_update(None, "user_version", shape.version())?;
    }
    transaction.commit()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(from)
}

/// Writes all that a database holds into a new one at `to`, under a key as `SQLCipher` takes it, or plain where that is empty.
pub fn copy_into(db: &Connection, to: &Path, key: &str) -> Result<(), WalletError> {
    db.execute("ATTACH DATABASE ?1 AS made KEY ?2", params![spelled(to), key])?;
    let copy = || -> rusqlite::Result<()> {
        db.query_row("SELECT sqlcipher_export('made')", [], |_| Ok(()))?;
        for number in ["application_id", "user_version"] {
            let value: i64 = db.pragma_query_value(None, number, |row| row.get(0))?;
            db.pragma_update(Some("made"), number, value)?;
        }
        Ok(())
    };
    let copied = copy();
    db.execute("DETACH DATABASE made", [])?;
    copied.map_err(|error| match error.into() {
        // SQLCipher hands on the words alone.
        WalletError::Failed(why) if why.contains("database or disk is full") => WalletError::Full,
        error => error,
    })
}

/// A path as the database takes it in a statement: as its bytes, which need not be text.
#[cfg(unix)]
fn spelled(path: &Path) -> Value {
    Value::Blob(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec())
}

#[cfg(not(unix))]
fn spelled(path: &Path) -> Value {
    Value::Text(path.to_string_lossy().into_owned())
}

/// Has the database look through itself: `quick_check`, or `integrity_check`, which takes longer.
pub fn look_through(connection: &Connection, how: &str) -> Result<(), WalletError> {
    let said = connection.pragma_query_value(None, how, |row| row.get::<_, String>(0))?;
    if said == "ok" { Ok(()) } else { Err(WalletError::damaged(format!("wallet.db: {}", said.replace('\n', " ")))) }
}

/// Writes the journal into the file and empties it.
pub fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| match row.get(0)? {
        0 => Ok(()),
        // Somebody reads: the journal was not emptied.
        busy => {
            Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), Some(format!("{busy}"))))
        }
    })
}

/// The rows that can be read of a damaged table, up to the first page that cannot; `sql` ends with the one column of its order, so that it is
/// read from the other end too.
fn salvage<T: PartialEq>(db: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> Result<T, WalletError>) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for sql in [sql.to_owned(), format!("{sql} DESC")] {
        let Ok(mut statement) = db.prepare(&sql) else { continue };
        let Ok(rows) = statement.query_map([], |row| Ok(read(row))) else { continue };
        for row in rows.map_while(Result::ok).flatten() {
            if !found.contains(&row) {
                found.push(row);
            }
        }
    }
    found
}

/// What the head of a file says, read without the database, which would write into it (the offsets are of the database file format, 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// There is no file, or nothing in it yet.
    Nothing,
    /// One of ours, or nothing that a database could be.
    Ours,
    /// A database of another program.
    Others,
}

impl Head {
    /// That of the file at `path`, which should be of this application.
    pub fn of(path: &Path, application: i64) -> Self {
        let mut head = [0; 100];
        let Ok(mut file) = File::open(path) else { return Self::Nothing };
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        if length == 0 {
            return Self::Nothing;
        }
        let is_database = file.read_exact(&mut head).is_ok() && head.starts_with(b"SQLite format 3\0");
        let number = |at: usize| i64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        match (number(68), number(60)) {
            // What is damaged is made anew.
            _ if !is_database => Self::Ours,
            (of, _) if of == application => Self::Ours,
            // One page, and all that was to come lies in the journal.
            (0, 0) if length <= 4096 => Self::Nothing,
            _ => Self::Others,
        }
    }

    /// Whether it belongs to another program.
    pub fn is_others(self) -> bool {
        self == Self::Others
    }
}

/// Whether the file at `path` holds nothing yet: it was made, and no more.
pub fn is_unborn(path: &Path) -> bool {
    let mut head = [0; 100];
    let Ok(mut file) = File::open(path) else { return true };
    match file.read_exact(&mut head) {
        Ok(()) => head.starts_with(b"SQLite format 3\0") && head[68..72] == [0; 4] && head[60..64] == [0; 4],
        Err(_) => file.metadata().is_ok_and(|metadata| metadata.len() == 0),
    }
}

/// As it is stored: microseconds.
pub fn to_micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A stored time.
pub fn from_micros(micros: i64) -> Result<Timestamp, WalletError> {
    Timestamp::from_microsecond(micros).map_err(|error| WalletError::damaged(format!("wallet.db: {error}")))
}
