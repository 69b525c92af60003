//! Feeds: what changed for one account or one issuer, in order and without gaps (law 10).

use jiff::Timestamp;
use satchel_protocol::feed::{Cursor, Kind, Page, Record};
use satchel_protocol::{Code, Id};

use super::{Error, StoreError, Tx};
use crate::values;

/// Notes a change in each of these feeds. They are locked in the order of their ids, so that two transactions never wait for each other.
///
/// # Errors
/// What the database said.
pub fn append(tx: &mut Tx<'_>, feeds: &[Id], kind: Kind, subject: Id, now: Timestamp) -> Result<(), StoreError> {
    let mut feeds = feeds.to_vec();
    feeds.sort();
    feeds.dedup();
    for feed in feeds {
        let head = tx.number(
            "INSERT INTO feed (id, head, cut) VALUES ($1, 1, 0)
             ON CONFLICT (id) DO UPDATE SET head = feed.head + 1 RETURNING head",
            values![feed],
        )?;
        tx.execute(
            "INSERT INTO change (feed, seq, kind, subject, at) VALUES ($1, $2, $3, $4, $5)",
            values![feed, head, kind.name(), subject, now],
        )?;
    }
    Ok(())
}

/// The changes after a cursor, at most `most`.
///
/// # Errors
/// [`Code::Resync`] when some of them were cut, or what the database said.
pub fn since(tx: &mut Tx<'_>, feed: Id, cursor: Cursor, most: i64) -> Result<Vec<Record>, Error> {
    let ends = tx.first("SELECT cut, head FROM feed WHERE id = $1", values![feed])?;
    let (cut, head): (i64, i64) = ends.map_or(Ok((0, 0)), |row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?)))?;
    if cursor.0 < cut || cursor.0 > head {
        return Err(Code::Resync.into());
    }
    let rows = tx.all(
        "SELECT seq, kind, subject, at FROM change WHERE feed = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        values![feed, cursor.0, most],
    )?;
    let read = |row: &super::Row| {
        let kind = Kind::from_name(&row.get::<String>(1)?);
        let kind = kind.ok_or_else(|| StoreError::Failed(String::from("a change of an unknown kind")))?;
        Ok(Record { seq: row.get(0)?, kind, subject: row.get(2)?, at: row.get(3)? })
    };
    Ok(rows.iter().map(read).collect::<Result<_, StoreError>>()?)
}

/// A page of the changes after a cursor, and where to go on.
///
/// # Errors
/// As [`since`].
pub fn page(tx: &mut Tx<'_>, feed: Id, cursor: Cursor) -> Result<Page, Error> {
    const MOST: i64 = 500;
    let records = since(tx, feed, cursor, MOST)?;
    let next = records.last().map_or(cursor, |record| Cursor(record.seq));
    let more = i64::try_from(records.len()).is_ok_and(|length| length == MOST);
    Ok(Page { more, cursor: next.to_string(), records })
}

/// The feeds that changed since a time, each with the number of its last change.
///
/// # Errors
/// What the database said.
pub fn heads_since(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<(Id, i64)>, StoreError> {
    let rows = tx.all("SELECT feed, max(seq) FROM change WHERE at > $1 GROUP BY feed", values![since])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Up to where a feed goes.
///
/// # Errors
/// What the database said.
pub fn head(tx: &mut Tx<'_>, feed: Id) -> Result<Cursor, StoreError> {
    Ok(Cursor(tx.number("SELECT head FROM feed WHERE id = $1", values![feed])?))
}

/// Forgets the changes before a time; whoever has not read them reads everything again.
///
/// # Errors
/// What the database said.
pub fn cut(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    let ends = tx.all("SELECT feed, max(seq) FROM change WHERE at < $1 GROUP BY feed ORDER BY feed", values![before])?;
    let mut gone = 0;
    for row in ends {
        let (feed, last): (Id, i64) = (row.get(0)?, row.get(1)?);
        tx.execute("UPDATE feed SET cut = $1 WHERE id = $2", values![last, feed])?;
        gone += tx.execute("DELETE FROM change WHERE feed = $1 AND seq <= $2", values![feed, last])?;
    }
    Ok(gone)
}
