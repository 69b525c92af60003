//! SQLite: one thread writes, and takes into one commit all that waits; several read. WAL, `synchronous=FULL`.
//!
//! Whoever writes gets its answer after the commit that holds it is on the disk. Each piece of work has a savepoint of its own, so that one
//! that is refused undoes nothing of its neighbours.

use std::fs::{File, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};
use tokio::sync::oneshot;

use super::{Access, Inner, Job, Row, StoreError, Tx, Value};

/// How many may wait for the writer, and for a reader; more are told to come back.
const WAITING: usize = 1024;

/// How many share one commit at most, so that the first of them does not wait long.
const GROUP: usize = 128;

const READERS: usize = 4;

/// How long another program, such as `satchel admin`, may keep the writer waiting.
const PATIENCE: Duration = Duration::from_secs(10);

enum Task {
    Job(Box<dyn Job>),
    Settle(oneshot::Sender<Result<(), StoreError>>),
}

/// The threads that have the database; they end when this is dropped.
pub(super) struct Sqlite {
    writer: SyncSender<Task>,
    readers: SyncSender<Task>,
    threads: Vec<thread::JoinHandle<()>>,
    writing: thread::JoinHandle<()>,
    _lock: Option<File>,
}

/// The lock of a database, shared by all who use it.
pub(super) fn share(path: &Path) -> Result<File, StoreError> {
    let (file, failed) = lock_file(path)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Failed(String::from("a backup is being restored here"))),
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

/// The lock of a database for one who puts another in its place; none while anybody uses it.
pub(crate) fn alone(path: &Path) -> Result<Option<File>, StoreError> {
    let (file, failed) = lock_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

fn lock_file(path: &Path) -> Result<(File, impl Fn(&std::io::Error) -> StoreError), StoreError> {
    let path = path.with_extension("lock");
    let failed = {
        let path = path.clone();
        move |error: &std::io::Error| StoreError::Failed(format!("{}: {error}", path.display()))
    };
    private_file(&path).map_err(|error| failed(&error))?;
    let file = File::open(&path).map_err(|error| failed(&error))?;
    Ok((file, failed))
}

impl Sqlite {
    /// Opens the file, or makes it.
    pub fn open(path: &Path, lock: Option<File>) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Failed(format!("{}: {error}", path.display()));
        private_file(path).map_err(failed)?;
        let connection = connect(path, false)?;
        let (writer, tasks) = sync_channel(WAITING);
        let name = |name: &str| thread::Builder::new().name(name.into());
        let writing = name("sqlite-write").spawn(move || write_all(&connection, &tasks)).map_err(failed)?;
        let (readers, tasks) = sync_channel(WAITING);
        let tasks = Arc::new(Mutex::new(tasks));
        let mut threads = Vec::new();
        for _ in 0..READERS {
            let (connection, tasks) = (connect(path, true)?, Arc::clone(&tasks));
            threads.push(name("sqlite-read").spawn(move || read_all(&connection, &tasks)).map_err(failed)?);
        }
        Ok(Self { writer, readers, threads, writing, _lock: lock })
    }

    /// Waits until no thread has the file. Not when this is dropped: that may happen on one of these threads.
    pub fn close(self) {
        drop(self.readers);
        for thread in self.threads {
            drop(thread.join());
        }
        // Last, for it alone may write the journal into the file and take it away.
        drop(self.writer);
        drop(self.writing.join());
    }

    /// Hands work to a thread.
    pub fn send(&self, access: Access, job: Box<dyn Job>) -> Result<(), StoreError> {
        let to = if access == Access::Read { &self.readers } else { &self.writer };
        to.try_send(Task::Job(job)).map_err(refused)
    }

    /// Writes the journal into the file and empties it.
    pub fn settle(&self, reply: oneshot::Sender<Result<(), StoreError>>) -> Result<(), StoreError> {
        self.writer.try_send(Task::Settle(reply)).map_err(refused)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn refused(error: TrySendError<Task>) -> StoreError {
    match error {
        TrySendError::Full(_) => StoreError::Busy,
        TrySendError::Disconnected(_) => StoreError::Failed(String::from("the database is closed")),
    }
}

/// A database of people is nobody else's to read.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn connect(path: &Path, read: bool) -> Result<Connection, StoreError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "query_only", read)?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(connection)
    };
    open().map_err(|error| said(&error))
}

fn write_all(connection: &Connection, tasks: &Receiver<Task>) {
    while let Ok(task) = tasks.recv() {
        match task {
            Task::Settle(reply) => settle(connection, reply),
            Task::Job(job) => {
                if let Some(reply) = write_group(connection, job, tasks) {
                    settle(connection, reply);
                }
            }
        }
    }
}

fn settle(connection: &Connection, reply: oneshot::Sender<Result<(), StoreError>>) {
    let done = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    drop(reply.send(done.map_err(|error| said(&error))));
}

/// One commit for this job and those that wait behind it.
fn write_group(
    connection: &Connection,
    first: Box<dyn Job>,
    tasks: &Receiver<Task>,
) -> Option<oneshot::Sender<Result<(), StoreError>>> {
    let mut done: Vec<Box<dyn Job>> = Vec::new();
    let mut next = Some(first);
    let mut to_settle = None;
    let mut outcome = connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| said(&error));
    while let Some(mut job) = next.take() {
        if outcome.is_ok() {
            outcome = run_apart(connection, job.as_mut());
        }
        done.push(job);
        if done.len() < GROUP {
            match tasks.try_recv() {
                Ok(Task::Job(job)) => next = Some(job),
                Ok(Task::Settle(reply)) => to_settle = Some(reply),
                Err(_) => {}
            }
        }
    }
    if outcome.is_ok() {
        outcome = connection.execute_batch("COMMIT").map_err(|error| said(&error));
    }
    if outcome.is_err() && !connection.is_autocommit() {
        // There is nothing left to do if this fails too: the next BEGIN says so.
        drop(connection.execute_batch("ROLLBACK"));
    }
    for job in done {
        job.finish(outcome.clone());
    }
    to_settle
}

/// Runs one job within its savepoint. A panic in it undoes it, and it alone.
fn run_apart(connection: &Connection, job: &mut dyn Job) -> Result<(), StoreError> {
    plain(connection, "SAVEPOINT job")?;
    let mut tx = Tx { inner: Inner::Sqlite(connection) };
    let keep = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx))).unwrap_or(false);
    if !keep {
        plain(connection, "ROLLBACK TO job")?;
    }
    plain(connection, "RELEASE job")
}

fn read_all(connection: &Connection, tasks: &Mutex<Receiver<Task>>) {
    loop {
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Task::Job(mut job)) = task else { return };
        let begun = plain(connection, "BEGIN");
        if begun.is_ok() {
            let mut tx = Tx { inner: Inner::Sqlite(connection) };
            let _ = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
            drop(plain(connection, "ROLLBACK"));
        }
        job.finish(begun);
    }
}

/// A statement without parameters that is said again and again, and read once.
fn plain(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
    done.map(drop).map_err(|error| said(&error))
}

/// What SQLite said, without the values that it was about.
pub(super) fn said(error: &rusqlite::Error) -> StoreError {
    match error {
        rusqlite::Error::SqliteFailure(failure, _)
            if matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) =>
        {
            StoreError::Busy
        }
        // 1555 and 2067: SQLITE_CONSTRAINT_PRIMARYKEY and _UNIQUE.
        rusqlite::Error::SqliteFailure(failure, _) if matches!(failure.extended_code, 1555 | 2067) => StoreError::Exists,
        other => StoreError::Failed(other.to_string()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// `$1` to SQLite is a name, which gets the next free number when it is met first. PostgreSQL goes by the number: the two agree only when
/// the names come in their order. A text that is wrong is wrong in every test, so a program that is built for speed does not look again.
fn in_order(statement: &Statement<'_>, count: usize) -> Result<(), StoreError> {
    if cfg!(not(debug_assertions)) {
        return Ok(());
    }
    let fits = |at: usize| statement.parameter_name(at).is_some_and(|name| name[1..].parse() == Ok(at));
    let ordered = statement.parameter_count() == count && (1..=count).all(fits);
    if ordered { Ok(()) } else { Err(StoreError::Failed(String::from("the parameters of a query are not in their order"))) }
}

pub(super) fn all(connection: &Connection, sql: &str, given: &[Value]) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| said(&error))?;
    in_order(&statement, given.len())?;
    let width = statement.column_count();
    let read = |row: &rusqlite::Row<'_>| {
        let value = |at: usize| {
            Ok(match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Int(number),
                ValueRef::Real(number) => Value::Text(number.to_string()),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            })
        };
        (0..width).map(value).collect::<rusqlite::Result<_>>().map(Row)
    };
    let rows = statement.query_map(rusqlite::params_from_iter(given), read).map_err(|error| said(&error))?;
    rows.collect::<rusqlite::Result<_>>().map_err(|error| said(&error))
}

pub(super) fn execute(connection: &Connection, sql: &str, given: &[Value]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| said(&error))?;
    in_order(&statement, given.len())?;
    let changed = statement.execute(rusqlite::params_from_iter(given)).map_err(|error| said(&error))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}
