//! Counts against guessing, shared by all replicas: how often something was tried since its window began. What was tried is there as a hash.

use jiff::Timestamp;
use satchel_protocol::{Code, Problem};

use super::{Error, StoreError, Tx};
use crate::values;

/// Counts one more try of `key`; the number of tries in this window, this one included.
///
/// # Errors
/// What the database said.
pub fn count(tx: &mut Tx<'_>, key: [u8; 32], window: i64, now: Timestamp) -> Result<i64, StoreError> {
    add(tx, key, 1, window, now)
}

/// The same of so many at once, such as bytes.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, key: [u8; 32], many: i64, window: i64, now: Timestamp) -> Result<i64, StoreError> {
    let began = now.as_microsecond() - window * 1_000_000;
    tx.number(
        "INSERT INTO attempt (key, began, count) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET
             count = CASE WHEN attempt.began <= $4 THEN excluded.count ELSE attempt.count + excluded.count END,
             began = CASE WHEN attempt.began <= $5 THEN excluded.began ELSE attempt.began END
         RETURNING count",
        values![key, now, many, began, began],
    )
}

/// When the window of `key` began.
///
/// # Errors
/// What the database said.
pub fn began(tx: &mut Tx<'_>, key: [u8; 32]) -> Result<Option<Timestamp>, StoreError> {
    tx.first("SELECT began FROM attempt WHERE key = $1", values![key])?.map(|row| row.get(0)).transpose()
}

/// Counts one try of each of these keys, which may be so many within so many seconds. Whoever is refused writes nothing: what was counted here
/// is rolled back with the rest, so nobody's tries are used up by what is not done.
///
/// # Errors
/// [`Code::TooMany`] when one was tried too often; or what the database said.
pub fn within(tx: &mut Tx<'_>, tries: &[([u8; 32], i64, i64)], now: Timestamp) -> Result<(), Error> {
    for (key, most, window) in tries {
        if count(tx, *key, *window, now)? > *most {
            return Err(Problem::new(Code::TooMany, [(window / 60).max(1).to_string()]).into());
        }
    }
    Ok(())
}

/// Whether `key` was noted since `window` seconds.
///
/// # Errors
/// What the database said.
pub fn is_noted(tx: &mut Tx<'_>, key: [u8; 32], window: i64, now: Timestamp) -> Result<bool, StoreError> {
    let began = now.as_microsecond() - window * 1_000_000;
    Ok(tx.number("SELECT count(*) FROM attempt WHERE key = $1 AND began > $2", values![key, began])? > 0)
}

/// Takes so many tries of `key` back: they were none.
///
/// # Errors
/// What the database said.
pub fn take_back(tx: &mut Tx<'_>, key: [u8; 32], many: i64) -> Result<(), StoreError> {
    let sql = "UPDATE attempt SET count = CASE WHEN count > $1 THEN count - $2 ELSE 0 END WHERE key = $3";
    tx.execute(sql, values![many, many, key]).map(drop)
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
