//! Issuers whose key was admitted, what each is called, and the signed requests that they made.
//!
//! A name is a claim (security.md, V05). Where a person could take the names of two issuers for one another, both are shown with what cannot be
//! claimed: the domain of a `did:web`, or a part of the key that a `did:key` is.

use jiff::Timestamp;
use satchel_badge::confusable;
use satchel_protocol::Id;

use super::{Error, Row, StoreError, Tx, catalogue};
use crate::values;

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its id here.
    pub id: Id,
    /// Its DID, which is its key.
    pub did: String,
    /// Its name, as the profile that it published says.
    pub name: Option<String>,
    /// Since when its key counts no more.
    pub suspended: Option<Timestamp>,
    /// The hash of the key that its badges announce as the next.
    pub next_key: Option<String>,
    /// Who succeeded it.
    pub successor: Option<String>,
    /// Whether its name could be taken for that of another one.
    alike: bool,
}

/// How many issuers have names that could be taken for the name of the one that a query calls so. One that succeeded another is no other one.
macro_rules! alike {
    ($of:literal) => {
        concat!(
            "(SELECT count(*) FROM issuer o WHERE o.likeness = ",
            $of,
            ".likeness AND o.id <> ",
            $of,
            ".id
              AND (o.successor IS NULL OR o.successor <> ",
            $of,
            ".did) AND (",
            $of,
            ".successor IS NULL OR ",
            $of,
            ".successor <> o.did))"
        )
    };
}
pub(super) use alike;

const COLUMNS: &str = concat!("id, did, name, suspended, next_key, successor, ", alike!("issuer"));

fn read(row: &Row) -> Result<Issuer, StoreError> {
    Ok(Issuer {
        id: row.get(0)?,
        did: row.get(1)?,
        name: row.get(2)?,
        suspended: row.get(3)?,
        next_key: row.get(4)?,
        successor: row.get(5)?,
        alike: row.get::<i64>(6)? > 0,
    })
}

impl Issuer {
    /// What people are told that it is called.
    pub fn called(&self) -> String {
        called(self.name.as_deref(), &self.did, self.alike)
    }
}

/// What people are told that an issuer is called: its name, beside which stands what tells it apart where that is needed.
pub fn called(name: Option<&str>, did: &str, alike: bool) -> String {
    match name {
        None => did.to_owned(),
        Some(name) if alike => format!("{name} ({})", apart(did)),
        Some(name) => name.to_owned(),
    }
}

/// What tells an issuer apart: its domain, or the beginning and the end of its key, of which sixty bits nobody finds a second time.
fn apart(did: &str) -> String {
    if let Some(domain) = did.strip_prefix("did:web:") {
        return domain.replace(':', "/").replace("%3A", ":");
    }
    let key: Vec<char> = did.strip_prefix("did:key:").unwrap_or(did).chars().collect();
    match (key.get(..8), key.len().checked_sub(8).and_then(|end| key.get(end..))) {
        (Some(begin), Some(end)) if key.len() > 16 => begin.iter().chain(['…'].iter()).chain(end).collect(),
        _ => key.into_iter().collect(),
    }
}

/// What a name has in common with those that it could be taken for. What stands in brackets at its end is left out: nobody is to write there what
/// tells another one apart. A name of signs alone is like itself.
fn likeness(name: &str) -> String {
    let whole = name.trim_end();
    let bare = whole.strip_suffix([')', '）', ']']).and_then(|name| name.rsplit_once(['(', '（', '['])).map(|(name, _)| name);
    let found = bare.into_iter().chain([whole]).map(confusable::likeness).find(|it| !it.is_empty());
    found.unwrap_or_else(|| whole.to_owned())
}

/// What a badge calls its issuer, with what tells that one apart where another issuer here has a name that it could be taken for.
///
/// # Errors
/// What the database said.
pub fn called_by(tx: &mut Tx<'_>, id: Id, name: &str) -> Result<String, StoreError> {
    let Some(it) = get(tx, id)?.filter(|_| !name.is_empty()) else { return Ok(name.to_owned()) };
    let sql = "SELECT count(*) FROM issuer o WHERE o.likeness = $1 AND o.id <> $2 AND (o.successor IS NULL OR o.successor <> $3) AND o.did <> $4";
    let others = tx.number(sql, values![likeness(name), id, &it.did, it.successor.as_deref().unwrap_or_default()])?;
    Ok(called(Some(name), &it.did, others > 0))
}

/// Notes what the names have in common that an earlier program kept.
///
/// # Errors
/// What the database said.
pub fn fill(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    for row in tx.all("SELECT id, name FROM issuer WHERE name IS NOT NULL AND likeness IS NULL", &[])? {
        let (id, name): (Id, String) = (row.get(0)?, row.get(1)?);
        tx.execute("UPDATE issuer SET likeness = $1 WHERE id = $2", values![likeness(&name), id])?;
    }
    Ok(())
}

/// Admits a key; whether it was new.
///
/// # Errors
/// What the database said.
pub fn admit(tx: &mut Tx<'_>, id: Id, did: &str, name: Option<&str>, now: Timestamp) -> Result<bool, Error> {
    let likeness = name.map(likeness);
    let added = tx.execute(
        "INSERT INTO issuer (id, did, name, likeness, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (did) DO NOTHING",
        values![id, did, name, likeness.as_deref(), now],
    )?;
    if added == 0 {
        let sql =
            "UPDATE issuer SET suspended = NULL, name = coalesce($1, name), likeness = coalesce($2, likeness) WHERE did = $3";
        tx.execute(sql, values![name, likeness.as_deref(), did])?;
    }
    // Those with a name like this one are told apart from now on.
    catalogue::bump(tx)?;
    Ok(added == 1)
}

/// Has the successor of an issuer issue under its own name, and speak for the one that it succeeds; whether it may. What an operator suspended or
/// ended is admitted again by an operator alone.
///
/// # Errors
/// What the database said.
pub fn appoint(tx: &mut Tx<'_>, before: &Issuer, id: Id, (did, url): (&str, &str), now: Timestamp) -> Result<bool, Error> {
    let likeness = before.name.as_deref().map(likeness);
    tx.execute(
        "INSERT INTO issuer (id, did, name, likeness, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (did) DO NOTHING",
        values![id, did, before.name.as_deref(), likeness.as_deref(), now],
    )?;
    let sql = "INSERT INTO issuer_key (issuer, url, admitted) VALUES ($1, $2, $3) ON CONFLICT (issuer, url) DO NOTHING";
    tx.execute(sql, values![before.id, url, now])?;
    let is_ended = !keys(tx, before.id)?.iter().any(|known| known == url);
    Ok(!is_ended && by_did(tx, did)?.is_some_and(|it| it.suspended.is_none()))
}

/// Has a key count no more; whether there was one.
///
/// # Errors
/// What the database said.
pub fn suspend(tx: &mut Tx<'_>, did: &str, now: Timestamp) -> Result<bool, Error> {
    catalogue::bump(tx)?;
    Ok(tx.execute("UPDATE issuer SET suspended = $1 WHERE did = $2", values![now, did])? == 1)
}

/// The issuer with this DID.
///
/// # Errors
/// What the database said.
pub fn by_did(tx: &mut Tx<'_>, did: &str) -> Result<Option<Issuer>, StoreError> {
    let row = tx.first(&format!("SELECT {COLUMNS} FROM issuer WHERE did = $1"), values![did])?;
    row.as_ref().map(read).transpose()
}

/// The issuer with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Issuer>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM issuer WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// All of them.
///
/// # Errors
/// What the database said.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Issuer>, StoreError> {
    tx.all(&format!("SELECT {COLUMNS} FROM issuer ORDER BY did"), &[])?.iter().map(read).collect()
}

/// Notes the key that an issuer announces as its next; whether it is the one that it announced before, if it did.
///
/// # Errors
/// What the database said.
pub fn announce(tx: &mut Tx<'_>, id: Id, hash: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer SET next_key = $1 WHERE id = $2 AND (next_key IS NULL OR next_key = $3)";
    Ok(tx.execute(sql, values![hash, id, hash])? == 1)
}

/// Notes who succeeded an issuer; whether nobody else did.
///
/// # Errors
/// What the database said.
pub fn succeed(tx: &mut Tx<'_>, id: Id, successor: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer SET successor = $1 WHERE id = $2 AND (successor IS NULL OR successor = $3)";
    Ok(tx.execute(sql, values![successor, id, successor])? == 1)
}

// ---- Keys beside the one that a DID is ----

/// Lets a key speak for an issuer; whether it was new.
///
/// # Errors
/// What the database said.
pub fn admit_key(tx: &mut Tx<'_>, issuer: Id, url: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO issuer_key (issuer, url, admitted) VALUES ($1, $2, $3) ON CONFLICT (issuer, url) DO NOTHING";
    let added = tx.execute(sql, values![issuer, url, now])? == 1;
    if !added {
        tx.execute("UPDATE issuer_key SET ended = NULL WHERE issuer = $1 AND url = $2", values![issuer, url])?;
    }
    Ok(added)
}

/// Has a key speak for an issuer no more; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end_key(tx: &mut Tx<'_>, issuer: Id, url: &str, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE issuer_key SET ended = $1 WHERE issuer = $2 AND url = $3 AND ended IS NULL";
    Ok(tx.execute(sql, values![now, issuer, url])? == 1)
}

/// The keys that speak for an issuer, by their URLs.
///
/// # Errors
/// What the database said.
pub fn keys(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<String>, StoreError> {
    let rows = tx.all("SELECT url FROM issuer_key WHERE issuer = $1 AND ended IS NULL ORDER BY url", values![issuer])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes over the name that the issuer's profile gives.
///
/// # Errors
/// What the database said.
pub fn rename(tx: &mut Tx<'_>, id: Id, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE issuer SET name = $1, likeness = $2 WHERE id = $3", values![name, likeness(name), id]).map(drop)
}

/// Has an issuer go by this name, if it has none yet.
///
/// # Errors
/// What the database said.
pub fn name_first(tx: &mut Tx<'_>, id: Id, name: &str) -> Result<(), StoreError> {
    let sql = "UPDATE issuer SET name = $1, likeness = $2 WHERE id = $3 AND name IS NULL";
    if tx.execute(sql, values![name, likeness(name), id])? == 1 {
        catalogue::bump(tx)?;
    }
    Ok(())
}

/// Remembers a signed request; whether it is new.
///
/// # Errors
/// What the database said.
pub fn remember(tx: &mut Tx<'_>, hash: [u8; 32], expires: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO nonce (hash, expires) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    Ok(tx.execute(sql, values![hash, expires])? == 1)
}

/// Whether a request came before.
///
/// # Errors
/// What the database said.
pub fn came(tx: &mut Tx<'_>, hash: [u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM nonce WHERE hash = $1", values![hash])? > 0)
}

/// Forgets requests that would be too old by now.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM nonce WHERE expires < $1", values![now]).map(drop)
}
