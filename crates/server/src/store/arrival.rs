//! On the way to a provider and back: who was sent there, and who came back without an account, until it is known what becomes of them. Both
//! belong to one browser, and are forgotten soon.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::{BirthDate, EmailAddress, Id};

use super::{Row, StoreError, Tx};
use crate::random::Secret;
use crate::values;

/// How long somebody may stay at a provider.
const AWAY: SignedDuration = SignedDuration::from_mins(30);

/// Somebody who was sent to a provider.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The hash of what only the browser that left has.
    pub browser: [u8; 32],
    /// The provider's id.
    pub provider: String,
    /// The account that the login is to be added to.
    pub account: Option<Id>,
    /// The session whose owner is to prove to be it.
    pub session: Option<Id>,
    /// When they left.
    pub at: Timestamp,
    /// Until when they may come back.
    pub expires: Timestamp,
}

impl Departure {
    /// Somebody leaves now.
    pub fn new(way: &Secret, provider: &str, now: Timestamp) -> Self {
        let provider = provider.to_owned();
        Self { browser: way.hash(), provider, account: None, session: None, at: now, expires: now + AWAY }
    }
}

/// Notes that somebody leaves for a provider.
///
/// # Errors
/// What the database said.
pub fn depart(tx: &mut Tx<'_>, state: &Secret, it: &Departure) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO departure (hash, browser, provider, account, session, at, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute(sql, values![state.hash(), it.browser, &it.provider, it.account, it.session, it.at, it.expires]).map(drop)
}

/// Forgets that a browser left this way.
///
/// # Errors
/// What the database said.
pub fn drop_departure(tx: &mut Tx<'_>, way: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM departure WHERE browser = $1", values![way]).map(drop)
}

/// Whoever left with this state: once.
///
/// # Errors
/// What the database said.
pub fn come_back(tx: &mut Tx<'_>, state: &Secret) -> Result<Option<Departure>, StoreError> {
    let sql = "DELETE FROM departure WHERE hash = $1 RETURNING browser, provider, account, session, at, expires";
    let Some(row) = tx.first(sql, values![state.hash()])? else { return Ok(None) };
    let (browser, provider, account) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Some(Departure { browser, provider, account, session: row.get(3)?, at: row.get(4)?, expires: row.get(5)? }))
}

/// Somebody, in the words of a provider.
#[derive(Clone, Debug)]
pub struct Person {
    /// What tells the person apart.
    pub subject: String,
    /// Given name.
    pub given_name: String,
    /// Family name; empty for whoever has one name.
    pub family_name: String,
    /// The address.
    pub address: EmailAddress,
    /// Whether the provider's word is enough for the address.
    pub vouched: bool,
    /// The role that the provider's groups give.
    pub role: Option<String>,
    /// When the login ends, if the provider says so.
    pub ends: Option<Timestamp>,
}

impl Person {
    /// The whole name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

/// Somebody who came from a provider and has no account yet.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its id.
    pub id: Id,
    /// The hash of the browser.
    pub browser: [u8; 32],
    /// The provider's id.
    pub provider: String,
    /// The provider's issuer identifier.
    pub issuer: String,
    /// Who it is.
    pub person: Person,
    /// The hash of the provider's `sub`.
    pub sub: [u8; 32],
    /// The hash of the provider's `sid`.
    pub sid: Option<[u8; 32]>,
    /// The birth date, once it was given and is old enough.
    pub birth_date: Option<BirthDate>,
    /// Until when it is kept.
    pub expires: Timestamp,
}

const COLUMNS: &str = "id, browser, provider, issuer, subject, given_name, family_name, address, vouched, role, ends, sub, sid, \
                       birth_date, expires";

fn read(row: &Row) -> Result<Arrival, StoreError> {
    let broken = |what: &str| StoreError::Failed(format!("an arrival with an unreadable {what}"));
    let birth: Option<String> = row.get(13)?;
    Ok(Arrival {
        id: row.get(0)?,
        browser: row.get(1)?,
        provider: row.get(2)?,
        issuer: row.get(3)?,
        person: Person {
            subject: row.get(4)?,
            given_name: row.get(5)?,
            family_name: row.get(6)?,
            address: row.get::<String>(7)?.parse().map_err(|_| broken("address"))?,
            vouched: row.get(8)?,
            role: row.get(9)?,
            ends: row.get(10)?,
        },
        sub: row.get(11)?,
        sid: row.get(12)?,
        birth_date: birth.as_deref().map(|text| BirthDate::from_stored(text).ok_or_else(|| broken("date"))).transpose()?,
        expires: row.get(14)?,
    })
}

/// Keeps an arrival, in the place of earlier ones of this browser.
///
/// # Errors
/// What the database said.
pub fn put(tx: &mut Tx<'_>, it: &Arrival, ways: &[[u8; 32]]) -> Result<(), StoreError> {
    for way in ways {
        forget(tx, *way)?;
    }
    let sql =
        "INSERT INTO arrival (id, browser, provider, issuer, subject, given_name, family_name, address, vouched, role, ends, sub,
                   sid, birth_date, expires)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let given = values![
        it.id,
        it.browser,
        &it.provider,
        &it.issuer,
        &it.person.subject,
        &it.person.given_name,
        &it.person.family_name,
        it.person.address.as_str(),
        it.person.vouched,
        it.person.role.as_ref(),
        it.person.ends,
        it.sub,
        it.sid,
        it.birth_date.map(BirthDate::to_stored),
        it.expires
    ];
    tx.execute(sql, given).map(drop)
}

/// The arrival of a browser, which may have left more than once: the newest way counts.
///
/// # Errors
/// What the database said.
pub fn of(tx: &mut Tx<'_>, ways: &[[u8; 32]], now: Timestamp) -> Result<Option<Arrival>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM arrival WHERE browser = $1 AND expires > $2");
    for way in ways {
        if let Some(row) = tx.first(&sql, values![*way, now])? {
            return read(&row).map(Some);
        }
    }
    Ok(None)
}

/// The arrival with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<Option<Arrival>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM arrival WHERE id = $1 AND expires > $2");
    tx.first(&sql, values![id, now])?.as_ref().map(read).transpose()
}

/// Notes the birth date.
///
/// # Errors
/// What the database said.
pub fn set_birth(tx: &mut Tx<'_>, id: Id, birth: BirthDate) -> Result<(), StoreError> {
    tx.execute("UPDATE arrival SET birth_date = $1 WHERE id = $2", values![birth.to_stored(), id]).map(drop)
}

/// Keeps an arrival longer, because a mail is on its way.
///
/// # Errors
/// What the database said.
pub fn keep_until(tx: &mut Tx<'_>, id: Id, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE arrival SET expires = $1 WHERE id = $2", values![expires, id]).map(drop)
}

/// Forgets the arrival of a browser, and the links of mails about it.
///
/// # Errors
/// What the database said.
pub fn forget(tx: &mut Tx<'_>, browser: [u8; 32]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM ticket WHERE subject IN (SELECT id FROM arrival WHERE browser = $1)", values![browser])?;
    tx.execute("DELETE FROM outbox WHERE subject IN (SELECT id FROM arrival WHERE browser = $1)", values![browser])?;
    tx.execute("DELETE FROM arrival WHERE browser = $1", values![browser]).map(drop)
}

/// Forgets who did not come back, and who did not go on.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM departure WHERE expires < $1", values![now])?;
    tx.execute("DELETE FROM arrival WHERE expires < $1", values![now]).map(drop)
}
