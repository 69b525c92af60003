//! Awards of many at once, so that one that was broken off is finished and not begun anew.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::torn;
use crate::store::seal;
use crate::{Sha256, WalletError};

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub number: i64,
    pub badge: String,
    /// The SHA-256 of the file of recipients.
    pub recipients: Sha256,
    /// In microseconds.
    pub begun: i64,
    pub finished: Option<i64>,
}

fn seal_of(run: &Run) -> Sha256 {
    seal::of(&[
        ValueRef::Integer(run.number),
        ValueRef::Text(run.badge.as_bytes()),
        ValueRef::Blob(run.recipients.as_bytes()),
        ValueRef::Integer(run.begun),
        seal::optional(run.finished),
    ])
}

fn read(row: &Row<'_>) -> Result<Run, WalletError> {
    let run = Run { number: row.get(0)?, badge: row.get(1)?, recipients: row.get(2)?, begun: row.get(3)?, finished: row.get(4)? };
    if row.get::<_, Sha256>(5)? == seal_of(&run) { Ok(run) } else { Err(torn(&format!("the run {}", run.number))) }
}

/// Begins a run.
pub fn begin(db: &Connection, badge: &str, recipients: Sha256, now: i64) -> Result<Run, WalletError> {
    let number = db.query_row("SELECT coalesce(max(number), 0) + 1 FROM run", [], |row| row.get(0))?;
    let run = Run { number, badge: badge.to_owned(), recipients, begun: now, finished: None };
    let sql = "INSERT INTO run (number, badge, recipients, begun, seal) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.execute(sql, params![number, badge, recipients, now, seal_of(&run)])?;
    Ok(run)
}

/// Says that a run is finished.
pub fn finish(db: &Connection, run: &Run, now: i64) -> Result<(), WalletError> {
    let run = Run { finished: Some(now), ..run.clone() };
    let sql = "UPDATE run SET finished = ?2, seal = ?3 WHERE number = ?1";
    db.execute(sql, params![run.number, now, seal_of(&run)])?;
    Ok(())
}

/// The last run of this badge with this file.
pub fn last(db: &Connection, badge: &str, recipients: Sha256) -> Result<Option<Run>, WalletError> {
    let sql = "SELECT number, badge, recipients, begun, finished, seal FROM run WHERE badge = ?1 AND recipients = ?2
               ORDER BY number DESC LIMIT 1";
    db.query_row(sql, params![badge, recipients], |row| Ok(read(row))).optional()?.transpose()
}
