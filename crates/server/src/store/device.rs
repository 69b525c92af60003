//! Devices: what an account allowed a program, the codes by which it is told so, and the tokens by which it shows it. Of codes and tokens
//! only hashes are here. A refresh token works once: its successor is made from it, so that whoever lost the answer gets the same one again.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::Id;
use satchel_protocol::scope::Scopes;

use super::{Row, StoreError, Tx};
use crate::random::{self, Secret};
use crate::values;

/// How long a code holds.
pub const CODE: SignedDuration = SignedDuration::from_mins(2);
/// How long an access token holds.
pub const ACCESS: SignedDuration = SignedDuration::from_hours(1);
/// How long a refresh token holds that nobody uses.
const REFRESH: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How long after its use a refresh token may come once more, as when the answer was lost (S09).
const RETRY: SignedDuration = SignedDuration::from_secs(60);

/// How long used refresh tokens are known, so that a thief who comes with one is noticed.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A program on one device, allowed something by an account.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its id, which opens nothing.
    pub id: Id,
    /// Whose it is.
    pub account: Id,
    /// The program.
    pub client: Id,
    /// What the program called itself.
    pub name: String,
    /// What was allowed.
    pub scopes: Scopes,
    /// When.
    pub created: Timestamp,
    /// When it was used last, to the hour.
    pub seen: Timestamp,
}

const COLUMNS: &str = "device.id, device.account, device.client, device.name, device.scope, device.created, device.seen";

fn read(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        id: row.get(0)?,
        account: row.get(1)?,
        client: row.get(2)?,
        name: row.get(3)?,
        scopes: Scopes::parse(&row.get::<String>(4)?),
        created: row.get(5)?,
        seen: row.get(6)?,
    })
}

/// The devices of an account, the newest first.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Device>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM device WHERE account = $1 ORDER BY created DESC, id DESC");
    tx.all(&sql, values![account])?.iter().map(read).collect()
}

/// Ends a device of an account; whether there was one.
///
/// # Errors
/// What the database said.
pub fn end(tx: &mut Tx<'_>, account: Id, id: Id) -> Result<bool, StoreError> {
    if tx.execute("DELETE FROM device WHERE account = $1 AND id = $2", values![account, id])? == 0 {
        return Ok(false);
    }
    tx.execute("DELETE FROM token WHERE device = $1", values![id])?;
    Ok(true)
}

/// Ends all devices of an account, and the codes that would make new ones.
///
/// # Errors
/// What the database said.
pub fn end_all(tx: &mut Tx<'_>, account: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM token WHERE device IN (SELECT id FROM device WHERE account = $1)", values![account])?;
    tx.execute("DELETE FROM code WHERE account = $1", values![account])?;
    tx.execute("DELETE FROM device WHERE account = $1", values![account]).map(drop)
}

/// Notes that a device is in use.
///
/// # Errors
/// What the database said.
pub fn touch(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE device SET seen = $1 WHERE id = $2", values![now, id]).map(drop)
}

// ---- Codes ----

/// What somebody allowed a program, until it comes for it.
#[derive(Clone, Debug)]
pub struct Code {
    /// The program.
    pub client: Id,
    /// Who allowed it.
    pub account: Id,
    /// What.
    pub scopes: Scopes,
    /// Where the code was sent.
    pub redirect: String,
    /// The hash of what the program must show (RFC 7636, `S256`).
    pub challenge: [u8; 32],
    /// Until when it holds.
    pub expires: Timestamp,
    /// The device that came of it, once it was used.
    pub device: Option<Id>,
}

/// Keeps a code; its secret.
///
/// # Errors
/// What the database said.
pub fn put_code(tx: &mut Tx<'_>, it: &Code) -> Result<Secret, StoreError> {
    let secret = Secret::new();
    let sql = "INSERT INTO code (hash, client, account, scope, redirect, challenge, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let scope = it.scopes.to_string();
    tx.execute(sql, values![secret.hash(), it.client, it.account, scope, &it.redirect, it.challenge, it.expires])?;
    Ok(secret)
}

/// What a code stands for.
///
/// # Errors
/// What the database said.
pub fn code(tx: &mut Tx<'_>, secret: &Secret) -> Result<Option<Code>, StoreError> {
    let sql = "SELECT client, account, scope, redirect, challenge, expires, device FROM code WHERE hash = $1";
    let Some(row) = tx.first(sql, values![secret.hash()])? else { return Ok(None) };
    Ok(Some(Code {
        client: row.get(0)?,
        account: row.get(1)?,
        scopes: Scopes::parse(&row.get::<String>(2)?),
        redirect: row.get(3)?,
        challenge: row.get(4)?,
        expires: row.get(5)?,
        device: row.get(6)?,
    }))
}

/// Uses a code up for this device; whether nobody did before.
///
/// # Errors
/// What the database said.
pub fn redeem(tx: &mut Tx<'_>, secret: &Secret, device: &Device) -> Result<bool, StoreError> {
    if tx.execute("UPDATE code SET device = $1 WHERE hash = $2 AND device IS NULL", values![device.id, secret.hash()])? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO device (id, account, client, name, scope, created, seen) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let scope = device.scopes.to_string();
    tx.execute(sql, values![device.id, device.account, device.client, &device.name, scope, device.created, device.seen])?;
    Ok(true)
}

// ---- Tokens ----

/// The two tokens that a device gets.
pub struct Tokens {
    /// Shown with each request.
    pub access: Secret,
    /// Shown for the next two.
    pub refresh: Secret,
}

/// The first tokens of a device.
///
/// # Errors
/// What the database said.
pub fn first_tokens(tx: &mut Tx<'_>, device: Id, now: Timestamp) -> Result<Tokens, StoreError> {
    let refresh = Secret::new();
    put_token(tx, device, "refresh", &refresh, now + REFRESH)?;
    Ok(Tokens { access: access(tx, device, now)?, refresh })
}

fn access(tx: &mut Tx<'_>, device: Id, now: Timestamp) -> Result<Secret, StoreError> {
    let secret = Secret::new();
    put_token(tx, device, "access", &secret, now + ACCESS)?;
    Ok(secret)
}

fn put_token(tx: &mut Tx<'_>, device: Id, kind: &str, secret: &Secret, expires: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO token (hash, device, kind, expires) VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![secret.hash(), device, kind, expires]).map(drop)
}

/// The device that an access token speaks for, and until when.
///
/// # Errors
/// What the database said.
pub fn by_access(tx: &mut Tx<'_>, secret: &Secret, now: Timestamp) -> Result<Option<(Device, Timestamp)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, token.expires FROM token JOIN device ON device.id = token.device
         WHERE token.hash = $1 AND token.kind = 'access' AND token.expires > $2"
    );
    let Some(row) = tx.first(&sql, values![secret.hash(), now])? else { return Ok(None) };
    Ok(Some((read(&row)?, row.get(7)?)))
}

/// A token of either kind.
pub struct Known {
    /// Whose it is.
    pub device: Device,
    /// Until when it holds.
    pub expires: Timestamp,
    /// Whether it is a refresh token.
    pub is_refresh: bool,
    /// Whether it was used up.
    pub used: bool,
}

/// A token, as long as it is known.
///
/// # Errors
/// What the database said.
pub fn by_token(tx: &mut Tx<'_>, secret: &Secret) -> Result<Option<Known>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, token.expires, token.kind, token.used FROM token JOIN device ON device.id = token.device
         WHERE token.hash = $1"
    );
    let Some(row) = tx.first(&sql, values![secret.hash()])? else { return Ok(None) };
    let used = row.get::<Option<Timestamp>>(9)?.is_some();
    Ok(Some(Known { device: read(&row)?, expires: row.get(7)?, is_refresh: row.get::<String>(8)? == "refresh", used }))
}

/// Forgets one token.
///
/// # Errors
/// What the database said.
pub fn drop_token(tx: &mut Tx<'_>, secret: &Secret) -> Result<(), StoreError> {
    tx.execute("DELETE FROM token WHERE hash = $1", values![secret.hash()]).map(drop)
}

/// What a refresh token is good for.
pub enum Refresh {
    /// Nobody knows it, or its time is over.
    Unknown,
    /// It speaks for a device.
    Good(Device),
    /// It was used before, and not just now: somebody has it who should not.
    Reused(Device),
}

/// Looks a refresh token up, and changes nothing.
///
/// # Errors
/// What the database said.
pub fn by_refresh(tx: &mut Tx<'_>, secret: &Secret, now: Timestamp) -> Result<Refresh, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, token.expires, token.used, token.successor FROM token JOIN device ON device.id = token.device
         WHERE token.hash = $1 AND token.kind = 'refresh'"
    );
    let Some(row) = tx.first(&sql, values![secret.hash()])? else { return Ok(Refresh::Unknown) };
    let device = read(&row)?;
    let (expires, used): (Timestamp, Option<Timestamp>) = (row.get(7)?, row.get(8)?);
    let Some(used) = used else {
        return Ok(if expires > now { Refresh::Good(device) } else { Refresh::Unknown });
    };
    let successor: Option<[u8; 32]> = row.get(9)?;
    let unused = "SELECT count(*) FROM token WHERE hash = $1 AND used IS NULL";
    let is_retry = now.duration_since(used) <= RETRY && tx.number(unused, values![successor])? == 1;
    Ok(if is_retry { Refresh::Good(device) } else { Refresh::Reused(device) })
}

/// Uses a refresh token that [`by_refresh`] found good. The successor is made of it and of the server's own `key`, so that the same
/// comes out when it is asked for again, and nobody else can make it.
///
/// # Errors
/// What the database said.
pub fn rotate(tx: &mut Tx<'_>, key: &[u8; 32], secret: &Secret, device: Id, now: Timestamp) -> Result<Tokens, StoreError> {
    let refresh = secret.successor(key);
    let used = "UPDATE token SET used = $1, successor = $2 WHERE hash = $3 AND used IS NULL";
    if tx.execute(used, values![now, refresh.hash(), secret.hash()])? == 1 {
        put_token(tx, device, "refresh", &refresh, now + REFRESH)?;
    }
    touch(tx, device, now)?;
    Ok(Tokens { access: access(tx, device, now)?, refresh })
}

/// Forgets codes and tokens whose time is over, and the devices that have none left.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM code WHERE expires < $1", values![now - SignedDuration::from_hours(1)])?;
    tx.execute("DELETE FROM token WHERE expires < $1 OR used < $2", values![now, now - REMEMBERED])?;
    let idle = now - REFRESH;
    let sql = "DELETE FROM device WHERE seen < $1 AND NOT EXISTS (SELECT 1 FROM token WHERE token.device = device.id)";
    tx.execute(sql, values![idle]).map(drop)
}

/// A new device, allowed what the code says.
pub fn new(code: &Code, name: &str, now: Timestamp) -> Device {
    Device {
        id: random::id(now),
        account: code.account,
        client: code.client,
        name: name.to_owned(),
        scopes: code.scopes.clone(),
        created: now,
        seen: now,
    }
}
