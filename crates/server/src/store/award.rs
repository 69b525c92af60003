//! Awards as their issuer signed them. Until accepted they have no holder.

use jiff::Timestamp;
use satchel_protocol::Id;

use super::{Row, StoreError, Tx};
use crate::values;

/// An award.
#[derive(Clone, Debug)]
pub struct Award {
    /// Its id here.
    pub id: Id,
    /// Its issuer.
    pub issuer: Id,
    /// The identifier of the credential.
    pub credential: String,
    /// The identifier of the achievement.
    pub achievement: String,
    /// The name of the badge.
    pub name: String,
    /// The Open Badges 3.0 form; gone once it was erased.
    pub ob3: Option<Vec<u8>>,
    /// The Open Badges 2.0 form.
    pub ob2: Option<Vec<u8>>,
    /// From when it counts.
    pub issued: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// Who accepted it.
    pub holder: Option<Id>,
    /// Whether its holder keeps it off the page.
    pub hidden: bool,
    /// When the issuer took it back.
    pub revoked: Option<Timestamp>,
}

const COLUMNS: &str = "id, issuer, credential, achievement, name, ob3, ob2, issued, expires, holder, hidden, revoked";

fn read(row: &Row) -> Result<Award, StoreError> {
    Ok(Award {
        id: row.get(0)?,
        issuer: row.get(1)?,
        credential: row.get(2)?,
        achievement: row.get(3)?,
        name: row.get(4)?,
        ob3: row.get(5)?,
        ob2: row.get(6)?,
        issued: row.get(7)?,
        expires: row.get(8)?,
        holder: row.get(9)?,
        hidden: row.get(10)?,
        revoked: row.get(11)?,
    })
}

/// Where the status of an award stands: the path of the list here, and the entry.
pub type Status = (String, i64);

/// Keeps an award.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, award: &Award, status: Option<&Status>, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO award (id, issuer, credential, achievement, name, ob3, ob2, issued, expires, hidden, status_path, status_index,
                   created)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let given = values![
        award.id,
        award.issuer,
        &award.credential,
        &award.achievement,
        &award.name,
        award.ob3.as_deref(),
        award.ob2.as_deref(),
        award.issued,
        award.expires,
        award.hidden,
        status.map(|(path, _)| path),
        status.map(|(_, index)| *index),
        now
    ];
    tx.execute(sql, given).map(drop)
}

/// The award with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Award>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM award WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// The award of an issuer with this identifier of the credential.
///
/// # Errors
/// What the database said.
pub fn by_credential(tx: &mut Tx<'_>, issuer: Id, credential: &str) -> Result<Option<Award>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE issuer = $1 AND credential = $2");
    tx.first(&sql, values![issuer, credential])?.as_ref().map(read).transpose()
}

/// The awards that an account holds, the newest first.
///
/// # Errors
/// What the database said.
pub fn held_by(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Award>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE holder = $1 ORDER BY created DESC, id DESC");
    tx.all(&sql, values![account])?.iter().map(read).collect()
}

/// Awards that an account holds whose ids come after `after`, at most `most`, in the order of their ids.
///
/// # Errors
/// What the database said.
pub fn held_after(tx: &mut Tx<'_>, account: Id, after: Option<Id>, most: usize) -> Result<Vec<Award>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE holder = $1 AND id > $2 ORDER BY id LIMIT $3");
    let after = after.map_or_else(|| vec![0], |id| id.as_bytes().to_vec());
    tx.all(&sql, values![account, after, i64::try_from(most).unwrap_or(i64::MAX)])?.iter().map(read).collect()
}

/// An award, when this account holds it.
///
/// # Errors
/// What the database said.
pub fn held(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<Option<Award>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE holder = $1 AND id = $2");
    tx.first(&sql, values![account, id])?.as_ref().map(read).transpose()
}

/// Gives an award to whoever accepted it.
///
/// # Errors
/// What the database said.
pub fn give(tx: &mut Tx<'_>, id: Id, account: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE award SET holder = $1 WHERE id = $2 AND holder IS NULL", values![account, id]).map(drop)
}

/// Shows an award on its holder's page, or does not.
///
/// # Errors
/// What the database said.
pub fn set_hidden(tx: &mut Tx<'_>, account: Id, id: Id, hidden: bool) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE award SET hidden = $1 WHERE holder = $2 AND id = $3", values![hidden, account, id])? == 1)
}

/// Notes that the issuer took an award back.
///
/// # Errors
/// What the database said.
pub fn revoke(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE award SET revoked = $1 WHERE id = $2 AND revoked IS NULL", values![now, id]).map(drop)
}

/// Notes that a list of the issuer revokes an entry, or does so no more; the award that it is about and its holder.
///
/// # Errors
/// What the database said.
pub fn set_revoked(
    tx: &mut Tx<'_>,
    issuer: Id,
    status: &Status,
    revoked: Option<Timestamp>,
) -> Result<Vec<(Id, Option<Id>)>, StoreError> {
    let sql = "UPDATE award SET revoked = $1 WHERE issuer = $2 AND status_path = $3 AND status_index = $4 RETURNING id, holder";
    let rows = tx.all(sql, values![revoked, issuer, &status.0, status.1])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// An award of each account that holds any of those that name this list of their issuer.
///
/// # Errors
/// What the database said.
pub fn one_of_each(tx: &mut Tx<'_>, issuer: Id, list: &str) -> Result<Vec<(Id, Id)>, StoreError> {
    let sql = "SELECT id, holder FROM award WHERE issuer = $1 AND status_path = $2 AND holder IS NOT NULL ORDER BY holder, id";
    let rows = tx.all(sql, values![issuer, list])?;
    let mut all = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<Vec<(Id, Id)>, StoreError>>()?;
    all.dedup_by_key(|(_, holder)| *holder);
    Ok(all)
}

/// Erases the signed forms, which name the recipient.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, id: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE award SET ob3 = NULL, ob2 = NULL, name = '', achievement = '' WHERE id = $1", values![id]).map(drop)
}
