//! Counts against guessing, shared by all replicas: how often something was tried since its window began. What was tried is there as a hash.

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::values;

/// Counts one more try of `key`; the number of tries in this window, this one included.
///
/// # Errors
/// What the database said.
pub fn count(tx: &mut Tx<'_>, key: [u8; 32], window: i64, now: Timestamp) -> Result<i64, StoreError> {
    let began = now.as_microsecond() - window * 1_000_000;
    tx.number(
        "INSERT INTO attempt (key, began, count) VALUES ($1, $2, 1)
         ON CONFLICT (key) DO UPDATE SET
             count = CASE WHEN attempt.began <= $3 THEN 1 ELSE attempt.count + 1 END,
             began = CASE WHEN attempt.began <= $4 THEN excluded.began ELSE attempt.began END
         RETURNING count",
        values![key, now, began, began],
    )
}

/// When the window of `key` began.
///
/// # Errors
/// What the database said.
pub fn began(tx: &mut Tx<'_>, key: [u8; 32]) -> Result<Option<Timestamp>, StoreError> {
    tx.first("SELECT began FROM attempt WHERE key = $1", values![key])?.map(|row| row.get(0)).transpose()
}

/// Whether `key` was noted since `window` seconds.
///
/// # Errors
/// What the database said.
pub fn is_noted(tx: &mut Tx<'_>, key: [u8; 32], window: i64, now: Timestamp) -> Result<bool, StoreError> {
    let began = now.as_microsecond() - window * 1_000_000;
    Ok(tx.number("SELECT count(*) FROM attempt WHERE key = $1 AND began > $2", values![key, began])? > 0)
}

/// Takes one try of `key` back: it was none.
///
/// # Errors
/// What the database said.
pub fn take_back(tx: &mut Tx<'_>, key: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("UPDATE attempt SET count = count - 1 WHERE key = $1 AND count > 0", values![key]).map(drop)
}

/// Forgets a count, after a success.
///
/// # Errors
/// What the database said.
pub fn forget(tx: &mut Tx<'_>, key: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM attempt WHERE key = $1", values![key]).map(drop)
}

/// Forgets the counts of long ago.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM attempt WHERE began < $1", values![before]).map(drop)
}
