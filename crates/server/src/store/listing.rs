//! Who finds the achievements that issuers publish: everybody, whoever has the link, or nobody any more.

use jiff::Timestamp;
use satchel_protocol::Id;
use satchel_protocol::visibility::Listing;

use super::{Row, StoreError, Tx};
use crate::values;

/// An achievement and who finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in addresses.
    pub slug: String,
    /// The identifier of the achievement.
    pub achievement: String,
    /// Who finds it.
    pub state: Listing,
}

fn read(row: &Row) -> Result<Listed, StoreError> {
    let state = Listing::from_name(&row.get::<String>(2)?);
    let state = state.ok_or_else(|| StoreError::Failed(String::from("an achievement in an unknown state")))?;
    Ok(Listed { slug: row.get(0)?, achievement: row.get(1)?, state })
}

/// Says who finds an achievement.
///
/// # Errors
/// What the database said.
pub fn set(tx: &mut Tx<'_>, issuer: Id, it: &Listed, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO listing (issuer, slug, achievement, state, changed) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (issuer, slug) DO UPDATE SET achievement = excluded.achievement, state = excluded.state,
                   changed = excluded.changed";
    tx.execute(sql, values![issuer, &it.slug, &it.achievement, it.state.name(), now]).map(drop)
}

/// The achievements of an issuer of which something was said.
///
/// # Errors
/// What the database said.
pub fn all(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<Listed>, StoreError> {
    let sql = "SELECT slug, achievement, state FROM listing WHERE issuer = $1 ORDER BY slug";
    tx.all(sql, values![issuer])?.iter().map(read).collect()
}

/// Some of them, in the order of their names, after one.
///
/// # Errors
/// What the database said.
pub fn after(tx: &mut Tx<'_>, issuer: Id, slug: &str, most: i64) -> Result<Vec<Listed>, StoreError> {
    let sql = "SELECT slug, achievement, state FROM listing WHERE issuer = $1 AND slug > $2 ORDER BY slug LIMIT $3";
    tx.all(sql, values![issuer, slug, most])?.iter().map(read).collect()
}

/// What was said of one achievement.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, issuer: Id, slug: &str) -> Result<Option<Listed>, StoreError> {
    let sql = "SELECT slug, achievement, state FROM listing WHERE issuer = $1 AND slug = $2";
    tx.first(sql, values![issuer, slug])?.as_ref().map(read).transpose()
}

/// Whether an achievement is awarded no longer.
///
/// # Errors
/// What the database said.
pub fn is_closed(tx: &mut Tx<'_>, issuer: Id, achievement: &str) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM listing WHERE issuer = $1 AND achievement = $2 AND state = 'closed'";
    Ok(tx.number(sql, values![issuer, achievement])? > 0)
}
