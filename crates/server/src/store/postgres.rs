//! PostgreSQL, or an engine that speaks its protocol: a pooled connection for each transaction, on a thread that may block.
//!
//! Writes are SERIALIZABLE, so that a rule that holds on SQLite's one writer holds here too. A transaction that another one crossed (40001,
//! 40P01) runs again.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Transaction};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_postgres::IsolationLevel;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::tls::Tls;
use super::{Access, Error, Inner, Row, StoreError, Tx, Value};

/// Connections; more work waits for one, and that which waits long is told to come back.
const CONNECTIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a transaction is run that others cross.
const TRIES: u32 = 12;

pub(super) struct Postgres {
    pool: Pool,
    places: Arc<Semaphore>,
}

/// An open transaction, and the runtime that its answers come through.
pub(super) struct Open<'a> {
    transaction: &'a Transaction<'a>,
    runtime: &'a Handle,
}

impl Postgres {
    pub fn open(url: &str, authority: Option<&Path>) -> Result<Self, StoreError> {
        let failed = |why: String| StoreError::Failed(why);
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|_| failed(String::from("the database URL cannot be read")))?;
        config.application_name("satchel");
        super::tls::decide(&mut config, authority);
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, Tls::new(authority).map_err(failed)?, manager);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .recycle_timeout(Some(PATIENCE));
        let pool = pool.build().map_err(|error| failed(error.to_string()))?;
        Ok(Self { pool, places: Arc::new(Semaphore::new(CONNECTIONS)) })
    }

    pub async fn run<T, F>(&self, access: Access, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let waited = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = waited else { return Err(StoreError::Busy.into()) };
        let (pool, runtime) = (self.pool.clone(), Handle::current());
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            let mut tries = 0;
            loop {
                tries += 1;
                let outcome = once(&pool, &runtime, access, &work);
                match outcome {
                    Err(Error::Store(StoreError::Crossed)) if tries < TRIES => {
                        // Two that cross again and again part when they wait for different times.
                        let mut random = [0; 1];
                        crate::random::fill(&mut random);
                        let wait = u64::from(random[0]) * u64::from(tries.min(8)) / 16;
                        runtime.block_on(tokio::time::sleep(Duration::from_millis(wait)));
                    }
                    Err(Error::Store(StoreError::Crossed)) => return Err(StoreError::Busy.into()),
                    other => return other,
                }
            }
        });
        task.await.unwrap_or_else(|_| Err(StoreError::Failed(String::from("the work stopped half way")).into()))
    }
}

fn once<T, F>(pool: &Pool, runtime: &Handle, access: Access, work: &F) -> Result<T, Error>
where
    F: Fn(&mut Tx<'_>) -> Result<T, Error>,
{
    let mut client = runtime.block_on(pool.get()).map_err(|error| match error {
        deadpool_postgres::PoolError::Timeout(_) => StoreError::Busy,
        deadpool_postgres::PoolError::Backend(error) => said(&error),
        other => StoreError::Failed(other.to_string()),
    })?;
    let builder = client.build_transaction();
    let builder = match access {
        Access::Read => builder.isolation_level(IsolationLevel::RepeatableRead).read_only(true),
        Access::Write => builder.isolation_level(IsolationLevel::Serializable),
    };
    let transaction = runtime.block_on(builder.start()).map_err(|error| said(&error))?;
    let mut tx = Tx { inner: Inner::Postgres(Open { transaction: &transaction, runtime }) };
    let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
    match result {
        Ok(Ok(value)) => {
            runtime.block_on(transaction.commit()).map_err(|error| said(&error))?;
            Ok(value)
        }
        Ok(Err(error)) => {
            // Dropping it would roll back as well; asking for it leaves the connection clean for the next one.
            drop(runtime.block_on(transaction.rollback()));
            Err(error)
        }
        Err(_) => {
            drop(runtime.block_on(transaction.rollback()));
            Err(StoreError::Failed(String::from("the work stopped half way")).into())
        }
    }
}

/// What PostgreSQL said, without the values that it was about.
fn said(error: &tokio_postgres::Error) -> StoreError {
    match error.code() {
        Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::Crossed
        }
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => StoreError::Exists,
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => StoreError::Busy,
        // Its message may quote what was given; the detail does, and is left out.
        Some(code) => StoreError::Failed(format!("{} {}", code.code(), error.as_db_error().map_or("", |it| it.message()))),
        None => StoreError::Failed(error.to_string()),
    }
}

impl Open<'_> {
    fn wait<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, StoreError> {
        self.runtime.block_on(answer).map_err(|error| said(&error))
    }

    pub fn all(&mut self, sql: &str, given: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.wait(self.transaction.prepare_cached(sql))?;
        let rows = self.wait(self.transaction.query(&statement, &parameters(given)))?;
        rows.iter().map(read).collect()
    }

    pub fn execute(&mut self, sql: &str, given: &[Value]) -> Result<u64, StoreError> {
        let statement = self.wait(self.transaction.prepare_cached(sql))?;
        self.wait(self.transaction.execute(&statement, &parameters(given)))
    }

    pub fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.wait(self.transaction.batch_execute(sql))
    }
}

fn parameters(given: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    given.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let value = |(at, column): (usize, &tokio_postgres::Column)| {
        let kind = column.type_();
        let value = if *kind == Type::INT8 {
            row.try_get::<_, Option<i64>>(at).map(Value::from)
        } else if *kind == Type::INT4 {
            row.try_get::<_, Option<i32>>(at).map(|number| Value::from(number.map(i64::from)))
        } else if *kind == Type::BYTEA {
            row.try_get::<_, Option<Vec<u8>>>(at).map(Value::from)
        } else {
            row.try_get::<_, Option<String>>(at).map(Value::from)
        };
        value.map_err(|error| said(&error))
    };
    row.columns().iter().enumerate().map(value).collect::<Result<_, _>>().map(Row)
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Int(number) => number.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Which value fits which type is asked above, when both are known.
        true
    }

    to_sql_checked!();
}

/// The words of a migration as PostgreSQL has them. Texts are ordered by their bytes, as SQLite does.
pub(super) fn words_of(migration: &str) -> String {
    migration
        .replace(" INTEGER", " BIGINT")
        .replace(" BLOB", " BYTEA")
        .replace(" TEXT", " TEXT COLLATE \"C\"")
        .replace(") STRICT;", ");")
}
