//! Numbered migrations. Each is applied once, in its order; what has landed is never edited. They are written in SQLite's words, of which a
//! few are replaced for PostgreSQL.

use super::{Error, StoreError, Tx};
use crate::values;

const MIGRATIONS: [&str; 5] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_states.sql"),
    include_str!("../../migrations/0003_programs.sql"),
    include_str!("../../migrations/0007_public.sql"),
    include_str!("../../migrations/0010_words.sql"),
];

/// A number of ours, so that two replicas that start at once do not both migrate.
const LOCK: i64 = 0x5361_7463_6865_6c00;

pub(super) fn run(tx: &mut Tx<'_>) -> Result<(), Error> {
    if tx.is_postgres() {
        tx.batch(&format!("SELECT pg_advisory_xact_lock({LOCK});"))?;
    }
    tx.batch("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY) STRICT;")?;
    let found = tx.number("SELECT coalesce(max(number), 0) FROM migration", &[])?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    for (number, migration) in (1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        tx.batch(migration)?;
        tx.execute("INSERT INTO migration (number) VALUES ($1)", values![number])?;
    }
    Ok(())
}
