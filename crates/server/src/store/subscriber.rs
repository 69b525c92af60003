//! Who wants news of the service, and who is to be told once when registration opens (R22, R23).

use jiff::Timestamp;
use satchel_protocol::{EmailAddress, Id, Language};

use super::{Row, StoreError, Tx, tombstone};
use crate::values;

/// Somebody who wants mail.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Its id.
    pub id: Id,
    /// The address.
    pub address: EmailAddress,
    /// The language.
    pub language: Language,
    /// Whether news are wanted.
    pub news: bool,
    /// Whether it is to be told that registration opens.
    pub opening: bool,
    /// When the address was confirmed.
    pub confirmed: Option<Timestamp>,
}

const COLUMNS: &str = "id, shown, language, news, opening, confirmed";

fn read(row: &Row) -> Result<Subscriber, StoreError> {
    let broken = |_| StoreError::Failed(String::from("an unreadable address"));
    Ok(Subscriber {
        id: row.get(0)?,
        address: row.get::<String>(1)?.parse().map_err(broken)?,
        language: Language::of_locale(&row.get::<String>(2)?),
        news: row.get(3)?,
        opening: row.get(4)?,
        confirmed: row.get(5)?,
    })
}

/// Keeps a wish; the id that the address has. What was confirmed stays so, and only more is wanted.
///
/// # Errors
/// What the database said.
pub fn wish(tx: &mut Tx<'_>, it: &Subscriber, now: Timestamp) -> Result<Id, StoreError> {
    let sql = "INSERT INTO subscriber (id, address, shown, language, news, opening, created) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (address) DO NOTHING";
    tx.execute(sql, values![it.id, it.address.normal(), it.address.as_str(), it.language.tag(), it.news, it.opening, now])?;
    let row = tx.first("SELECT id FROM subscriber WHERE address = $1", values![it.address.normal()])?;
    row.map_or(Ok(it.id), |row| row.get(0))
}

/// Notes that an address is confirmed, and what its owner wants now.
///
/// # Errors
/// What the database said.
pub fn confirm(tx: &mut Tx<'_>, id: Id, news: bool, opening: bool, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE subscriber SET confirmed = coalesce(confirmed, $1), news = $2, opening = $3 WHERE id = $4";
    Ok(tx.execute(sql, values![now, news, opening, id])? == 1)
}

/// The one with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Subscriber>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM subscriber WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// The one with this address.
///
/// # Errors
/// What the database said.
pub fn by_address(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM subscriber WHERE address = $1");
    tx.first(&sql, values![address.normal()])?.as_ref().map(read).transpose()
}

/// Those who confirmed that they want news.
///
/// # Errors
/// What the database said.
pub fn of_news(tx: &mut Tx<'_>) -> Result<Vec<Subscriber>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM subscriber WHERE news = 1 AND confirmed IS NOT NULL ORDER BY id");
    tx.all(&sql, &[])?.iter().map(read).collect()
}

/// Some who are to be told that registration opened. Each is named once: it is noted that they were told.
///
/// # Errors
/// What the database said.
pub fn to_tell(tx: &mut Tx<'_>, most: i64, now: Timestamp) -> Result<Vec<Subscriber>, StoreError> {
    let sql = format!(
        "UPDATE subscriber SET told = $1 WHERE id IN (SELECT id FROM subscriber WHERE opening = 1 AND told IS NULL
             AND confirmed IS NOT NULL ORDER BY id LIMIT $2) RETURNING {COLUMNS}"
    );
    tx.all(&sql, values![now, most])?.iter().map(read).collect()
}

/// How many confirmed that they want news, and how many wait for the opening.
///
/// # Errors
/// What the database said.
pub fn counts(tx: &mut Tx<'_>) -> Result<(i64, i64), StoreError> {
    let news = tx.number("SELECT count(*) FROM subscriber WHERE news = 1 AND confirmed IS NOT NULL", &[])?;
    let sql = "SELECT count(*) FROM subscriber WHERE opening = 1 AND confirmed IS NOT NULL AND told IS NULL";
    Ok((news, tx.number(sql, &[])?))
}

/// Erases one: they want no mail any more.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    let address = tx.first("SELECT shown FROM subscriber WHERE id = $1", values![id])?;
    if let Some(row) = address {
        tombstone::put(tx, tombstone::Kind::Subscriber, id, now)?;
        let shown: String = row.get(0)?;
        tx.execute("DELETE FROM outbox WHERE kind = 'news' AND address = $1", values![shown])?;
    }
    tx.execute("DELETE FROM outbox WHERE subject = $1", values![id])?;
    tx.execute("DELETE FROM ticket WHERE subject = $1", values![id])?;
    tx.execute("DELETE FROM subscriber WHERE id = $1", values![id]).map(drop)
}

/// Erases the one with this address.
///
/// # Errors
/// What the database said.
pub fn erase_address(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp) -> Result<(), StoreError> {
    let found = by_address(tx, address)?;
    found.map_or(Ok(()), |it| erase(tx, it.id, now))
}

/// Erases those who never confirmed, and those who were told and wanted nothing else; how many.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, unconfirmed: Timestamp, now: Timestamp, most: i64) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM subscriber WHERE (confirmed IS NULL AND created <= $1)
               OR (news = 0 AND told IS NOT NULL AND id NOT IN (SELECT subject FROM outbox WHERE kind = 'opening')) LIMIT $2";
    let rows = tx.all(sql, values![unconfirmed, most])?;
    for row in &rows {
        erase(tx, row.get(0)?, now)?;
    }
    Ok(rows.len())
}

// ---- What was written to them ----

/// A piece of news.
#[derive(Clone, Debug)]
pub struct News {
    /// Its id.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created: Timestamp,
}

fn read_news(row: &Row) -> Result<News, StoreError> {
    Ok(News { id: row.get(0)?, title: row.get(1)?, text: row.get(2)?, created: row.get(3)? })
}

/// Keeps a piece of news.
///
/// # Errors
/// What the database said.
pub fn add_news(tx: &mut Tx<'_>, it: &News) -> Result<(), StoreError> {
    let sql = "INSERT INTO news (id, title, text, created) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![it.id, &it.title, &it.text, it.created]).map(drop)
}

/// A piece of news.
///
/// # Errors
/// What the database said.
pub fn news(tx: &mut Tx<'_>, id: Id) -> Result<Option<News>, StoreError> {
    tx.first("SELECT id, title, text, created FROM news WHERE id = $1", values![id])?.as_ref().map(read_news).transpose()
}

/// The last pieces of news, each with how many mails of it have still to leave.
///
/// # Errors
/// What the database said.
pub fn last_news(tx: &mut Tx<'_>, most: i64) -> Result<Vec<(News, i64)>, StoreError> {
    let sql = "SELECT id, title, text, created, (SELECT count(*) FROM outbox WHERE subject = news.id) FROM news
               ORDER BY created DESC, id DESC LIMIT $1";
    tx.all(sql, values![most])?.iter().map(|row| Ok((read_news(row)?, row.get(4)?))).collect()
}

/// Takes back a piece of news of which no mail was tried; whether it could be.
///
/// # Errors
/// What the database said.
pub fn take_back(tx: &mut Tx<'_>, id: Id) -> Result<bool, StoreError> {
    let tried = tx.number("SELECT count(*) FROM outbox WHERE subject = $1 AND tries > 0", values![id])?;
    let waiting = tx.execute("DELETE FROM outbox WHERE subject = $1 AND tries = 0", values![id])?;
    if tried > 0 || waiting == 0 {
        return Ok(false);
    }
    Ok(tx.execute("DELETE FROM news WHERE id = $1", values![id])? == 1)
}
