//! Systems that may propose awards of an issuer, what they proposed, and the messages that tell them what became of it. Whom a proposal is about
//! is erased when it is decided.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::proposal::{State, Wish};
use satchel_protocol::{EmailAddress, Id, sha256};

use super::{Error, Row, StoreError, Tx, feed, tombstone};
use crate::random::{self, Secret};
use crate::values;

/// How long messages are signed with the secret of before, too, once there is a new one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

// ---- Systems ----

/// A system that may propose.
#[derive(Clone, Debug)]
pub struct Proposer {
    /// Its id.
    pub id: Id,
    /// Whose awards it may propose.
    pub issuer: Id,
    /// What it is called.
    pub name: String,
    /// The badges that it may propose; none means all.
    pub badges: Vec<String>,
    /// How many it may propose within 24 hours.
    pub daily: i64,
    /// Where it is told what became of them.
    pub hook: Option<String>,
    /// When its token was ended.
    pub ended: Option<Timestamp>,
}

const COLUMNS: &str = "id, issuer, name, badges, daily, hook, ended";

fn read(row: &Row) -> Result<Proposer, StoreError> {
    let badges: String = row.get(3)?;
    Ok(Proposer {
        id: row.get(0)?,
        issuer: row.get(1)?,
        name: row.get(2)?,
        badges: badges.split_ascii_whitespace().map(str::to_owned).collect(),
        daily: row.get(4)?,
        hook: row.get(5)?,
        ended: row.get(6)?,
    })
}

/// Keeps a system; its token, and what messages to it are signed with.
///
/// # Errors
/// What the database said.
pub fn add_proposer(tx: &mut Tx<'_>, it: &Proposer, now: Timestamp) -> Result<(Secret, [u8; 32]), StoreError> {
    let (token, mut secret) = (Secret::new(), [0; 32]);
    random::fill(&mut secret);
    let sql = "INSERT INTO proposer (id, issuer, name, token, badges, daily, hook, secret, created)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let badges = it.badges.join(" ");
    tx.execute(sql, values![it.id, it.issuer, &it.name, token.hash(), badges, it.daily, it.hook.as_ref(), secret, now])?;
    Ok((token, secret))
}

/// The systems of an issuer.
///
/// # Errors
/// What the database said.
pub fn proposers(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<Proposer>, StoreError> {
    tx.all(&format!("SELECT {COLUMNS} FROM proposer WHERE issuer = $1 ORDER BY id"), values![issuer])?.iter().map(read).collect()
}

/// The system with this token, as long as it may propose awards of this issuer.
///
/// # Errors
/// What the database said.
pub fn by_token(tx: &mut Tx<'_>, issuer: Id, token: &Secret) -> Result<Option<Proposer>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM proposer WHERE token = $1 AND issuer = $2 AND ended IS NULL");
    tx.first(&sql, values![token.hash(), issuer])?.as_ref().map(read).transpose()
}

/// The id of the system that a program on a device is for an issuer: always the same, so that one that was ended stays so.
pub fn of_device(issuer: Id, device: Id) -> Id {
    let hash = sha256(&[b"device".as_slice(), issuer.as_bytes(), device.as_bytes()].concat());
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    Id::from_bytes(id)
}

/// The system of an issuer with this id.
///
/// # Errors
/// What the database said.
pub fn proposer(tx: &mut Tx<'_>, issuer: Id, id: Id) -> Result<Option<Proposer>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM proposer WHERE issuer = $1 AND id = $2");
    tx.first(&sql, values![issuer, id])?.as_ref().map(read).transpose()
}

/// Ends a system of an issuer: its token is worth nothing, and it is told nothing more. Whether there was one.
///
/// # Errors
/// What the database said.
pub fn end_proposer(tx: &mut Tx<'_>, issuer: Id, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    let ended =
        tx.execute("UPDATE proposer SET ended = $1 WHERE issuer = $2 AND id = $3 AND ended IS NULL", values![now, issuer, id])?;
    tx.execute("DELETE FROM hook WHERE proposer = (SELECT id FROM proposer WHERE issuer = $1 AND id = $2)", values![issuer, id])?;
    Ok(ended == 1)
}

/// Gives a system of an issuer a new secret for its messages; for a day they are signed with the one of before, too.
///
/// # Errors
/// What the database said.
pub fn rotate(tx: &mut Tx<'_>, issuer: Id, id: Id, now: Timestamp) -> Result<Option<[u8; 32]>, StoreError> {
    let mut secret = [0; 32];
    random::fill(&mut secret);
    let sql =
        "UPDATE proposer SET earlier = secret, earlier_until = $1, secret = $2 WHERE issuer = $3 AND id = $4 AND ended IS NULL";
    let changed = tx.execute(sql, values![now + OVERLAP, secret, issuer, id])?;
    Ok((changed == 1).then_some(secret))
}

// ---- Proposals ----

/// A proposal.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Its id.
    pub id: Id,
    /// Whose award it would be.
    pub issuer: Id,
    /// Who made it.
    pub proposer: Id,
    /// The badge.
    pub badge: String,
    /// What is proposed; gone once it is decided.
    pub wish: Option<Wish>,
    /// The signature that it carries.
    pub signed: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Why it was declined.
    pub reason: Option<String>,
    /// The identifier of the award.
    pub credential: Option<String>,
    /// When it came.
    pub created: Timestamp,
}

const ALL: &str = "id, issuer, proposer, badge, wish, signed, state, reason, credential, created";

fn read_proposal(row: &Row) -> Result<Proposal, StoreError> {
    let broken = || StoreError::Failed(String::from("an unreadable proposal"));
    let wish: Option<String> = row.get(4)?;
    Ok(Proposal {
        id: row.get(0)?,
        issuer: row.get(1)?,
        proposer: row.get(2)?,
        badge: row.get(3)?,
        wish: wish.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| broken())?,
        signed: row.get(5)?,
        state: State::from_name(&row.get::<String>(6)?).ok_or_else(broken)?,
        reason: row.get(7)?,
        credential: row.get(8)?,
        created: row.get(9)?,
    })
}

/// Keeps a proposal, and tells whoever follows the issuer.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Proposal) -> Result<(), StoreError> {
    let sql = "INSERT INTO proposal (id, issuer, proposer, badge, address, wish, signed, state, created, changed)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let address = it.wish.as_ref().map(|wish| wish.email.normal());
    let wish = it.wish.as_ref().map(|wish| serde_json::to_string(wish).unwrap_or_default());
    let signed = it.signed.as_ref();
    let given = values![it.id, it.issuer, it.proposer, &it.badge, address, wish, signed, it.state.name(), it.created, it.created];
    tx.execute(sql, given)?;
    feed::append(tx, &[it.issuer], Change::Proposal, it.id, it.created)
}

/// How many a system has made since a time.
///
/// # Errors
/// What the database said.
pub fn count_since(tx: &mut Tx<'_>, proposer: Id, since: Timestamp) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM proposal WHERE proposer = $1 AND created > $2", values![proposer, since])
}

/// A proposal of an issuer.
///
/// # Errors
/// What the database said.
pub fn of_issuer(tx: &mut Tx<'_>, issuer: Id, id: Id) -> Result<Option<Proposal>, StoreError> {
    let sql = format!("SELECT {ALL} FROM proposal WHERE issuer = $1 AND id = $2");
    tx.first(&sql, values![issuer, id])?.as_ref().map(read_proposal).transpose()
}

/// Those that wait, the oldest first, after one of them; each with the name of the system that made it.
///
/// # Errors
/// What the database said.
pub fn waiting(tx: &mut Tx<'_>, issuer: Id, after: Option<Id>, most: i64) -> Result<Vec<(Proposal, String)>, StoreError> {
    let sql = "SELECT p.id, p.issuer, p.proposer, p.badge, p.wish, p.signed, p.state, p.reason, p.credential, p.created, s.name
               FROM proposal p JOIN proposer s ON s.id = p.proposer
               WHERE p.issuer = $1 AND p.state = 'waiting' AND p.id > $2 ORDER BY p.id LIMIT $3";
    let after = after.unwrap_or(Id::NIL);
    tx.all(sql, values![issuer, after, most])?.iter().map(|row| Ok((read_proposal(row)?, row.get(10)?))).collect()
}

/// Whether a proposal of the same badge for the same address waits already.
///
/// # Errors
/// What the database said.
pub fn is_waiting(tx: &mut Tx<'_>, issuer: Id, badge: &str, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM proposal WHERE issuer = $1 AND badge = $2 AND address = $3 AND state = 'waiting'";
    Ok(tx.number(sql, values![issuer, badge, address.normal()])? > 0)
}

/// What becomes of a proposal.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// Why it was declined.
    pub reason: Option<String>,
    /// The identifier of the award.
    pub credential: Option<String>,
}

/// Decides a proposal that waits: whom it is about is erased, and the system that made it is told.
///
/// # Errors
/// [`satchel_protocol::Code::Conflict`] when it waits no more, or what the database said.
pub fn decide(tx: &mut Tx<'_>, it: &Proposal, state: State, decided: &Decided, now: Timestamp) -> Result<(), Error> {
    let sql =
        "UPDATE proposal SET state = $1, reason = $2, credential = $3, changed = $4, address = NULL, wish = NULL, signed = NULL
               WHERE id = $5 AND state = 'waiting'";
    let given = values![state.name(), decided.reason.as_ref(), decided.credential.as_ref(), now, it.id];
    if tx.execute(sql, given)? != 1 {
        return Err(satchel_protocol::Problem::stands(it.state.stands()).into());
    }
    tombstone::put(tx, tombstone::Kind::Proposal, it.id, now)?;
    feed::append(tx, &[it.issuer], Change::Proposal, it.id, now)?;
    let hooked =
        tx.number("SELECT count(*) FROM proposer WHERE id = $1 AND hook IS NOT NULL AND ended IS NULL", values![it.proposer])?;
    if hooked > 0 {
        let sql = "INSERT INTO hook (id, proposer, proposal, state, at, tries, due) VALUES ($1, $2, $3, $4, $5, 0, $6)";
        tx.execute(sql, values![random::id(now), it.proposer, it.id, state.name(), now, now])?;
    }
    Ok(())
}

/// Those that wait since before a time.
///
/// # Errors
/// What the database said.
pub fn overdue(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<Vec<Proposal>, StoreError> {
    let sql = format!("SELECT {ALL} FROM proposal WHERE state = 'waiting' AND created <= $1 ORDER BY created LIMIT $2");
    tx.all(&sql, values![before, most])?.iter().map(read_proposal).collect()
}

/// Those that wait and are about an address.
///
/// # Errors
/// What the database said.
pub fn about(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<Vec<Proposal>, StoreError> {
    let sql = format!("SELECT {ALL} FROM proposal WHERE address = $1 AND state = 'waiting' ORDER BY id");
    tx.all(&sql, values![address.normal()])?.iter().map(read_proposal).collect()
}

/// A proposal, whoever's it is: for what happens by itself.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Proposal>, StoreError> {
    tx.first(&format!("SELECT {ALL} FROM proposal WHERE id = $1"), values![id])?.as_ref().map(read_proposal).transpose()
}

// ---- Messages ----

/// A message that is to leave.
#[derive(Clone)]
pub struct Message {
    /// Its id, the same each time it is tried.
    pub id: Id,
    /// What it is about.
    pub proposal: Id,
    /// What became of that.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// How often it was tried.
    pub tries: i64,
    /// To where it goes.
    pub hook: String,
    /// To whom.
    pub proposer: Id,
    /// What it is signed with: the secret of now, and for a day that of before.
    pub secrets: Vec<[u8; 32]>,
}

/// Takes a message to a system that is due, for as long as sending it may take.
///
/// # Errors
/// What the database said.
pub fn take(tx: &mut Tx<'_>, proposer: Id, now: Timestamp, lease: SignedDuration) -> Result<Option<Message>, StoreError> {
    let sql = "UPDATE hook SET due = $1, tries = tries + 1
               WHERE id = (SELECT id FROM hook WHERE due <= $2 AND proposer = $3 ORDER BY due, id LIMIT 1)
               RETURNING id, proposal, state, at, tries";
    let Some(row) = tx.first(sql, values![now + lease, now, proposer])? else { return Ok(None) };
    let id: Id = row.get(0)?;
    let sql = "SELECT hook, secret, earlier, earlier_until FROM proposer WHERE id = $1 AND ended IS NULL";
    let to = tx.first(sql, values![proposer])?;
    let hook = to.as_ref().map(|to| to.get::<Option<String>>(0)).transpose()?.flatten();
    let (Some(hook), Some(to)) = (hook, to) else {
        remove(tx, id)?;
        return Ok(None);
    };
    let earlier: Option<[u8; 32]> = to.get::<Option<Vec<u8>>>(2)?.and_then(|bytes| bytes.try_into().ok());
    let holds = to.get::<Option<Timestamp>>(3)?.is_some_and(|until| until > now);
    let secrets = [Some(to.get(1)?), earlier.filter(|_| holds)].into_iter().flatten().collect();
    let state =
        State::from_name(&row.get::<String>(2)?).ok_or_else(|| StoreError::Failed(String::from("an unreadable message")))?;
    Ok(Some(Message { id, proposal: row.get(1)?, state, at: row.get(3)?, tries: row.get(4)?, hook, proposer, secrets }))
}

/// The systems to which a message is due, each with its issuer, those first who wait longest.
///
/// # Errors
/// What the database said.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<(Id, Id)>, StoreError> {
    let sql = "SELECT h.proposer, p.issuer FROM hook h JOIN proposer p ON p.id = h.proposer WHERE h.due <= $1
               GROUP BY h.proposer, p.issuer ORDER BY min(h.due), h.proposer LIMIT 1000";
    tx.all(sql, values![now])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A message left, or is given up.
///
/// # Errors
/// What the database said.
pub fn remove(tx: &mut Tx<'_>, id: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM hook WHERE id = $1", values![id]).map(drop)
}

/// Has a message tried again later.
///
/// # Errors
/// What the database said.
pub fn put_off(tx: &mut Tx<'_>, id: Id, due: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE hook SET due = $1 WHERE id = $2", values![due, id]).map(drop)
}

/// Tells a system nothing more: its address says that it wants nothing.
///
/// # Errors
/// What the database said.
pub fn unhook(tx: &mut Tx<'_>, proposer: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE proposer SET hook = NULL WHERE id = $1", values![proposer])?;
    tx.execute("DELETE FROM hook WHERE proposer = $1", values![proposer]).map(drop)
}

/// How many messages wait that were tried before, and since when the oldest does.
///
/// # Errors
/// What the database said.
pub fn stuck(tx: &mut Tx<'_>) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row = tx.first("SELECT count(*), min(at) FROM hook WHERE tries > 1", &[])?;
    row.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
}
