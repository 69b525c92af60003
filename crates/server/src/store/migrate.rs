//! Numbered migrations. Each is applied once, in its order; what has landed is never edited. They are written in SQLite's words, of which a
//! few are replaced for PostgreSQL.

use super::{Error, StoreError, Tx};
use crate::values;

const MIGRATIONS: [&str; 17] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_states.sql"),
    include_str!("../../migrations/0003_programs.sql"),
    include_str!("../../migrations/0004_logins.sql"),
    include_str!("../../migrations/0005_factors.sql"),
    include_str!("../../migrations/0006_operation.sql"),
    include_str!("../../migrations/0007_public.sql"),
    include_str!("../../migrations/0008_others.sql"),
    include_str!("../../migrations/0009_words.sql"),
    include_str!("../../migrations/0010_sharing.sql"),
    include_str!("../../migrations/0011_search.sql"),
    include_str!("../../migrations/0012_answered.sql"),
    include_str!("../../migrations/0013_notices.sql"),
    include_str!("../../migrations/0014_proof.sql"),
    include_str!("../../migrations/0015_newest.sql"),
    include_str!("../../migrations/0016_likeness.sql"),
    include_str!("../../migrations/0017_reminders.sql"),
];

/// A number of ours, so that two replicas that start at once do not both migrate.
const LOCK: i64 = 0x5361_7463_6865_6c00;

/// Brings the database to the version of today.
///
/// # Errors
/// What the database said.
pub fn run(tx: &mut Tx<'_>) -> Result<(), Error> {
    run_to(tx, KNOWN)
}

/// The newest version that this program knows.
#[expect(clippy::cast_possible_wrap, reason = "there are not so many")]
pub const KNOWN: i64 = MIGRATIONS.len() as i64;

/// The version of the database.
///
/// # Errors
/// What the database said.
pub fn version(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.number("SELECT coalesce(max(number), 0) FROM migration", &[])
}

/// As [`run`], as far as a version, for a backup that was made with it.
///
/// # Errors
/// What the database said.
pub fn run_to(tx: &mut Tx<'_>, version: i64) -> Result<(), Error> {
    if tx.is_postgres() {
        tx.batch(&format!("SELECT pg_advisory_xact_lock({LOCK});"))?;
    }
    tx.batch("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY) STRICT;")?;
    let found = self::version(tx)?;
    if found > KNOWN {
        return Err(StoreError::Newer { found, known: KNOWN }.into());
    }
    for (number, migration) in (1..=version).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
        tx.batch(migration)?;
        tx.execute("INSERT INTO migration (number) VALUES ($1)", values![number])?;
    }
    Ok(())
}
