//! The one door to the database, the same on SQLite and PostgreSQL: `store.read(|tx| ...)` and `store.write(|tx| ...)`. All that is said
//! in SQL is said in this folder, a file for each table.
//!
//! A closure holds only SQL and pure rules, and may run twice: PostgreSQL gives up a transaction that another one crossed, and it is run
//! again. What it returns as an error is rolled back. Queries are one text for both, with `$1` to `$n` first used in that order.

pub mod account;
pub mod act;
pub mod answered;
pub mod arrival;
pub mod attempt;
pub mod award;
pub mod catalogue;
pub mod client;
pub mod copy;
pub mod device;
pub mod document;
pub mod factor;
pub mod feed;
pub mod identity;
pub mod invitation;
pub mod issuer;
pub mod listing;
pub mod merge;
pub mod message;
pub mod meta;
mod migrate;
pub mod notice;
pub mod outbox;
mod postgres;
pub mod proposal;
pub mod provider;
pub mod request;
pub mod sent;
pub mod session;
pub mod share;
mod sqlite;
pub mod staff;
pub mod subscriber;
pub mod ticket;
mod tls;
pub mod tombstone;
pub mod unused;
pub mod value;

use std::path::PathBuf;

use satchel_protocol::{Code, Problem};
use tokio::sync::{Notify, oneshot};

pub(crate) use sqlite::alone;
pub(crate) use tls::is_exposed;
pub use value::{Row, Value};

/// Binds values to `$1`, `$2`, ... in their order.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}

/// What the database said instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another transaction was in the way; the same may work now.
    #[error("another transaction was in the way")]
    Crossed,
    /// More is asked than can be worked on.
    #[error("the database has too much to do")]
    Busy,
    /// A row with this key is there already.
    #[error("there is such a row already")]
    Exists,
    /// A newer program made the database.
    #[error("a newer Satchel made this database (version {found}; this one knows {known}); it was left as it is")]
    Newer {
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Anything else, in the words of the database, which name no values.
    #[error("the database could not do it: {0}")]
    Failed(String),
}

/// Why a closure's work is undone.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A rule refuses it.
    #[error("{0}")]
    Problem(#[from] Problem),
    /// The database refuses it.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Problem(code.into())
    }
}

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres {
        /// `postgres://...`.
        url: String,
        /// The authority that its certificate is checked with, as PEM; none: those of the system.
        authority: Option<PathBuf>,
    },
}

/// The database.
pub struct Store {
    backend: Backend,
    /// Told of each thing that is written, for whoever waits for changes.
    pub written: Notify,
}

enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// A transaction.
pub struct Tx<'a> {
    inner: Inner<'a>,
}

enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(postgres::Open<'a>),
}

/// What is wanted of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Store {
    /// Opens the database, or makes it, and brings it to the version of today.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(place: &Place) -> Result<Self, StoreError> {
        let lock = match place {
            Place::Sqlite(path) => Some(sqlite::share(path)?),
            Place::Postgres { .. } => None,
        };
        let store = Self::bare(place, lock)?;
        match store.write(migrate::run).await {
            Ok(()) => Ok(store),
            Err(Error::Store(error)) => Err(error),
            Err(Error::Problem(problem)) => Err(StoreError::Failed(problem.to_string())),
        }
    }

    /// The same as it is, for whoever holds the lock of an SQLite file, or needs none.
    pub(crate) fn bare(place: &Place, lock: Option<std::fs::File>) -> Result<Self, StoreError> {
        let backend = match place {
            Place::Sqlite(path) => Backend::Sqlite(sqlite::Sqlite::open(path, lock)?),
            Place::Postgres { url, authority } => Backend::Postgres(postgres::Postgres::open(url, authority.as_deref())?),
        };
        Ok(Self { backend, written: Notify::new() })
    }

    /// Closes the database, and waits until nobody has it.
    pub(crate) async fn close(self) {
        if let Backend::Sqlite(sqlite) = self.backend {
            // A thread that broke is gone as well.
            drop(tokio::task::spawn_blocking(move || sqlite.close()).await);
        }
    }

    /// Reads, from one state of the database.
    ///
    /// # Errors
    /// That of `work`, or what the database said.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.run(Access::Read, work).await
    }

    /// Writes all or nothing. When this returns, it is on the disk.
    ///
    /// # Errors
    /// That of `work`, or what the database said; nothing is written then.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let done = self.run(Access::Write, work).await;
        if done.is_ok() {
            self.written.notify_one();
        }
        done
    }

    async fn run<T, F>(&self, access: Access, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        match &self.backend {
            Backend::Postgres(postgres) => postgres.run(access, work).await,
            Backend::Sqlite(sqlite) => {
                let (reply, answer) = oneshot::channel();
                sqlite.send(access, Box::new(Pending { work, result: None, reply }))?;
                answer.await.unwrap_or_else(|_| Err(StoreError::Failed(String::from("the work was given up")).into()))
            }
        }
    }

    /// Which database it is.
    pub fn kind(&self) -> &'static str {
        match &self.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgresql",
        }
    }

    /// Leaves nothing of what was erased in the journal beside the database.
    ///
    /// # Errors
    /// What the database said.
    pub async fn settle(&self) -> Result<(), Error> {
        match &self.backend {
            Backend::Postgres(_) => Ok(()),
            Backend::Sqlite(sqlite) => {
                let (reply, answer) = oneshot::channel();
                sqlite.settle(reply)?;
                answer.await.unwrap_or(Ok(())).map_err(Error::from)
            }
        }
    }
}

/// A closure on its way to the thread that runs it, and back.
struct Pending<T, F> {
    work: F,
    result: Option<Result<T, Error>>,
    reply: oneshot::Sender<Result<T, Error>>,
}

trait Job: Send {
    /// Runs it; whether what it did is to stay.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Tells whoever waits, once it is known whether all is on the disk.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = (self.work)(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let none = || Err(StoreError::Failed(String::from("the work stopped half way")).into());
        let result = match (committed, self.result) {
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(error.into()),
            (Ok(()), result) => result.unwrap_or_else(none),
        };
        // Whoever asked may have gone away.
        drop(self.reply.send(result));
    }
}

impl Tx<'_> {
    /// All rows of a query.
    ///
    /// # Errors
    /// What the database said.
    pub fn all(&mut self, sql: &str, given: &[Value]) -> Result<Vec<Row>, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite::all(connection, sql, given),
            Inner::Postgres(open) => open.all(sql, given),
        }
    }

    /// The first row of a query.
    ///
    /// # Errors
    /// What the database said.
    pub fn first(&mut self, sql: &str, given: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, given)?.into_iter().next())
    }

    /// Changes rows, and says how many.
    ///
    /// # Errors
    /// What the database said.
    pub fn execute(&mut self, sql: &str, given: &[Value]) -> Result<u64, StoreError> {
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, sql, given),
            Inner::Postgres(open) => open.execute(sql, given),
        }
    }

    /// A count or another single number.
    ///
    /// # Errors
    /// What the database said.
    pub fn number(&mut self, sql: &str, given: &[Value]) -> Result<i64, StoreError> {
        self.first(sql, given)?.map_or(Ok(0), |row| row.get(0))
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match &mut self.inner {
            Inner::Sqlite(connection) => Ok(connection.execute_batch(sql).map_err(|error| sqlite::said(&error))?),
            Inner::Postgres(open) => open.batch(&postgres::words_of(sql)),
        }
    }

    fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }
}
