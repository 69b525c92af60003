//! Invitations to accept a badge. Each change of state goes through the one table of the protocol and into the feeds of those who see it.

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::feed::Kind;
use satchel_protocol::invitation::{Event, State};
use satchel_protocol::{Code, EmailAddress, Id, Language, Problem};

use super::{Error, Row, StoreError, Tx, Value, attempt, award, feed, request, ticket, tombstone};
use crate::values;

/// An invitation.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Its id.
    pub id: Id,
    /// The award.
    pub award: Id,
    /// The issuer.
    pub issuer: Id,
    /// To whom it goes; gone once the data were erased.
    pub address: Option<EmailAddress>,
    /// The name for the greeting.
    pub name: Option<String>,
    /// The language of the mail.
    pub language: Language,
    /// Where it stands.
    pub state: State,
    /// Who accepted it, or registered through it.
    pub account: Option<Id>,
    /// When it was made.
    pub created: Timestamp,
    /// Until when it may be accepted.
    pub expires: Timestamp,
    /// When its addressee was last reminded.
    pub reminded: Option<Timestamp>,
    /// How often that was.
    pub reminders: i64,
}

/// How often somebody is reminded of one invitation, and of all of an issuer within 30 days.
pub const MOST_REMINDERS: i64 = 5;

/// How far apart.
const BETWEEN_REMINDERS: SignedDuration = SignedDuration::from_hours(24);

const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Invitation {
    /// Why nobody is reminded of it now: a stranger's mailbox is not filled by pressing a button often.
    ///
    /// # Errors
    /// [`Code::RemindedEnough`], or [`Code::RemindedLately`] with the time from when on it may be.
    pub fn may_remind(&self, now: Timestamp) -> Result<(), Problem> {
        if self.reminders >= MOST_REMINDERS {
            return Err(Problem::new(Code::RemindedEnough, [MOST_REMINDERS.to_string()]));
        }
        match self.reminded.map(|reminded| reminded + BETWEEN_REMINDERS) {
            Some(next) if next > now => Err(lately(next)),
            _ => Ok(()),
        }
    }
}

/// Counts a reminder of an invitation, unless there were enough: of it, or of others of the same issuer to the same address, which a withdrawal
/// and another award would make; and once in 24 hours to one mailbox. `key` is that of issuer and mailbox.
///
/// # Errors
/// What [`Invitation::may_remind`] says, or what the database said.
pub fn may_remind(tx: &mut Tx<'_>, it: &Invitation, address: &EmailAddress, key: [u8; 32], now: Timestamp) -> Result<(), Error> {
    it.may_remind(now)?;
    let sql =
        "SELECT COALESCE(CAST(SUM(reminders) AS BIGINT), 0) FROM invitation WHERE issuer = $1 AND address = $2 AND reminded > $3";
    if tx.number(sql, values![it.issuer, address.normal(), now - REMEMBERED])? >= MOST_REMINDERS {
        return Err(Problem::new(Code::RemindedEnough, [MOST_REMINDERS.to_string()]).into());
    }
    match attempt::began(tx, key)?.map(|began| began + BETWEEN_REMINDERS) {
        Some(next) if next > now => Err(lately(next).into()),
        _ => Ok(attempt::count(tx, key, BETWEEN_REMINDERS.as_secs(), now).map(drop)?),
    }
}

fn lately(next: Timestamp) -> Problem {
    Problem::new(Code::RemindedLately, [next.strftime("%Y-%m-%d %H:%M UTC").to_string()])
}

const COLUMNS: &str = "id, award, issuer, shown, name, language, state, account, created, expires, reminded, reminders";

fn read(row: &Row) -> Result<Invitation, StoreError> {
    let state = State::from_name(&row.get::<String>(6)?);
    Ok(Invitation {
        id: row.get(0)?,
        award: row.get(1)?,
        issuer: row.get(2)?,
        address: row.get::<Option<String>>(3)?.and_then(|text| text.parse().ok()),
        name: row.get(4)?,
        language: Language::of_locale(&row.get::<String>(5)?),
        state: state.ok_or_else(|| StoreError::Failed(String::from("an invitation in an unknown state")))?,
        account: row.get(7)?,
        created: row.get(8)?,
        expires: row.get(9)?,
        reminded: row.get(10)?,
        reminders: row.get(11)?,
    })
}

/// Keeps an invitation.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Invitation) -> Result<(), StoreError> {
    let sql = "INSERT INTO invitation (id, award, issuer, address, shown, name, language, state, created, changed, expires)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (normal, shown) = it.address.as_ref().map(|address| (address.normal(), address.as_str())).unzip();
    let given = values![
        it.id,
        it.award,
        it.issuer,
        normal,
        shown,
        it.name.as_ref(),
        it.language.tag(),
        it.state.name(),
        it.created,
        it.created,
        it.expires
    ];
    tx.execute(sql, given)?;
    let feeds = feeds(tx, it)?;
    feed::append(tx, &feeds, Kind::Invitation, it.id, it.created)
}

/// Who sees an invitation: the issuer, and the account that it belongs to or that holds its address.
fn feeds(tx: &mut Tx<'_>, it: &Invitation) -> Result<Vec<Id>, StoreError> {
    let holder = match (it.account, &it.address) {
        (None, Some(address)) => tx
            .first("SELECT account FROM address WHERE address = $1", values![address.normal()])?
            .map(|row| row.get(0))
            .transpose()?,
        (account, _) => account,
    };
    Ok([Some(it.issuer), holder].into_iter().flatten().collect())
}

/// The invitation with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Invitation>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM invitation WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// The invitation with this id, when it is this issuer's.
///
/// # Errors
/// What the database said.
pub fn of_issuer(tx: &mut Tx<'_>, issuer: Id, id: Id) -> Result<Option<Invitation>, StoreError> {
    Ok(get(tx, id)?.filter(|it| it.issuer == issuer))
}

/// The invitation of an award.
///
/// # Errors
/// What the database said.
pub fn of_award(tx: &mut Tx<'_>, award: Id) -> Result<Option<Invitation>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM invitation WHERE award = $1"), values![award])?.as_ref().map(read).transpose()
}

/// Those of an issuer in a state, or in any, the newest first, before one of them, with the identifiers of their awards.
///
/// # Errors
/// What the database said.
pub fn list(
    tx: &mut Tx<'_>,
    issuer: Id,
    state: Option<State>,
    before: Option<Id>,
    most: i64,
) -> Result<Vec<(Invitation, String)>, StoreError> {
    let rule = if state.is_some() { "i.state = $3" } else { "$3 = ''" };
    let sql = format!(
        "SELECT i.id, i.award, i.issuer, i.shown, i.name, i.language, i.state, i.account, i.created, i.expires, i.reminded,
             i.reminders, a.credential
         FROM invitation i JOIN award a ON a.id = i.award WHERE i.issuer = $1 AND i.id < $2 AND {rule} ORDER BY i.id DESC LIMIT $4"
    );
    // Ids rise with time, and no id is above this.
    let before = before.map_or([0xff; 16], |id| *id.as_bytes());
    let state = state.map(State::name).unwrap_or_default();
    tx.all(&sql, values![issuer, before.as_slice(), state, most])?.iter().map(|row| Ok((read(row)?, row.get(12)?))).collect()
}

/// Those of some issuers in a state, or in any, the newest first, before one of them.
///
/// # Errors
/// What the database said.
pub fn of_issuers(
    tx: &mut Tx<'_>,
    issuers: &[Id],
    state: Option<State>,
    before: Option<Id>,
    most: i64,
) -> Result<Vec<Invitation>, StoreError> {
    let mut given = Vec::new();
    let among = request::among(issuers, &mut given);
    let before = before.map_or([0xff; 16], |id| *id.as_bytes());
    given.push(Value::from(before.as_slice()));
    let at = given.len();
    given.extend(state.map(|state| Value::from(state.name())));
    let rule = state.map(|_| format!(" AND state = ${}", at + 1)).unwrap_or_default();
    given.push(Value::from(most));
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE issuer IN {among} AND id < ${at}{rule} ORDER BY id DESC LIMIT ${}",
        given.len()
    );
    tx.all(&sql, &given)?.iter().map(read).collect()
}

/// How many invitations of some issuers are in each state.
///
/// # Errors
/// What the database said.
pub fn counts(tx: &mut Tx<'_>, issuers: &[Id]) -> Result<Vec<(State, i64)>, StoreError> {
    let mut given = Vec::new();
    let among = request::among(issuers, &mut given);
    let rows = tx.all(&format!("SELECT state, count(*) FROM invitation WHERE issuer IN {among} GROUP BY state"), &given)?;
    let all: Vec<(String, i64)> = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, StoreError>>()?;
    let many = |state: State| all.iter().find(|(name, _)| name == state.name()).map_or(0, |(_, many)| *many);
    Ok(State::ALL.into_iter().map(|state| (state, many(state))).collect())
}

/// Open invitations to the verified addresses of an account.
///
/// # Errors
/// What the database said.
pub fn waiting_for(tx: &mut Tx<'_>, account: Id, now: Timestamp) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE address IN (SELECT address FROM address WHERE account = $1) AND expires > $2
         ORDER BY created DESC, id DESC"
    );
    let all: Vec<_> = tx.all(&sql, values![account, now])?.iter().map(read).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|it| it.state.is_open()).collect())
}

/// The same page by page, by their ids, the last made first: the next `limit` of them after one.
///
/// # Errors
/// What the database said.
pub fn waiting_after(
    tx: &mut Tx<'_>,
    account: Id,
    after: Option<Id>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let open: Vec<String> = State::ALL.iter().filter(|it| it.is_open()).map(|it| format!("'{}'", it.name())).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE address IN (SELECT address FROM address WHERE account = $1) AND expires > $2
         AND state IN ({}) AND id < $3 ORDER BY id DESC LIMIT $4",
        open.join(", ")
    );
    let (after, limit) = (after.map_or(vec![0xff; 16], |id| id.as_bytes().to_vec()), i64::try_from(limit).unwrap_or(i64::MAX));
    tx.all(&sql, values![account, now, after, limit])?.iter().map(read).collect()
}

/// Whether this achievement was given to this address before, and neither refused nor taken back.
///
/// # Errors
/// What the database said.
pub fn is_repeated(tx: &mut Tx<'_>, issuer: Id, achievement: &str, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM invitation i JOIN award a ON a.id = i.award
               WHERE i.issuer = $1 AND a.achievement = $2 AND i.address = $3 AND a.revoked IS NULL
                   AND i.state NOT IN ('declined', 'withdrawn', 'expired')";
    Ok(tx.number(sql, values![issuer, achievement, address.normal()])? > 0)
}

/// Brings an invitation to its next state, and tells whoever sees it.
///
/// # Errors
/// [`Code::Conflict`] when the table of states has no such way, or what the database said.
pub fn advance(tx: &mut Tx<'_>, it: &Invitation, event: Event, now: Timestamp) -> Result<State, Error> {
    let next = it.state.after(event).ok_or_else(|| Problem::stands(it.state.stands()))?;
    // The state that was read is part of the condition, so that of two that decide at once one comes too late.
    let sql = "UPDATE invitation SET state = $1, changed = $2 WHERE id = $3 AND state = $4";
    if tx.execute(sql, values![next.name(), now, it.id, it.state.name()])? != 1 {
        return Err(StoreError::Crossed.into());
    }
    let feeds = feeds(tx, it)?;
    feed::append(tx, &feeds, Kind::Invitation, it.id, now)?;
    Ok(next)
}

/// Notes which account an invitation belongs to.
///
/// # Errors
/// What the database said.
pub fn bind(tx: &mut Tx<'_>, id: Id, account: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE invitation SET account = $1 WHERE id = $2", values![account, id]).map(drop)
}

/// Counts a reminder.
///
/// # Errors
/// What the database said.
pub fn note_reminded(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE invitation SET reminded = $1, reminders = reminders + 1 WHERE id = $2";
    tx.execute(sql, values![now, id]).map(drop)
}

/// Gives more time.
///
/// # Errors
/// What the database said.
pub fn extend(tx: &mut Tx<'_>, id: Id, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE invitation SET expires = $1 WHERE id = $2", values![expires, id]).map(drop)
}

/// Those whose time has run out and that are still open.
///
/// # Errors
/// What the database said.
pub fn overdue(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE expires <= $1 AND state IN ('awaiting_signature', 'queued', 'sent', 'opened', 'bounced')
         ORDER BY expires LIMIT $2"
    );
    tx.all(&sql, values![now, most])?.iter().map(read).collect()
}

/// Those that came to nothing before a time and still have data of the person.
///
/// # Errors
/// What the database said.
pub fn to_erase(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE changed <= $1 AND address IS NOT NULL AND state IN ('declined', 'expired', 'withdrawn')
         ORDER BY changed LIMIT $2"
    );
    tx.all(&sql, values![before, most])?.iter().map(read).collect()
}

/// Erases the person from an invitation; that there was one stays.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, it: &Invitation, now: Timestamp) -> Result<(), StoreError> {
    tombstone::put(tx, tombstone::Kind::Invitation, it.id, now)?;
    tx.execute("UPDATE invitation SET address = NULL, shown = NULL, name = NULL WHERE id = $1", values![it.id])?;
    tx.execute("DELETE FROM outbox WHERE subject = $1", values![it.id])?;
    tx.execute("DELETE FROM sent WHERE invitation = $1", values![it.id])?;
    ticket::revoke(tx, ticket::Kind::Claim, it.id)?;
    award::erase(tx, it.award)
}

// ---- Addresses that want no mail ----

/// Keeps the hash of an address that wants no mail any more.
///
/// # Errors
/// What the database said.
pub fn suppress(tx: &mut Tx<'_>, hash: [u8; 32], now: Timestamp) -> Result<(), StoreError> {
    tx.execute("INSERT INTO suppressed (hash, at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING", values![hash, now]).map(drop)
}

/// Whether an address wants no mail.
///
/// # Errors
/// What the database said.
pub fn is_suppressed(tx: &mut Tx<'_>, hash: [u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM suppressed WHERE hash = $1", values![hash])? > 0)
}

/// The open and closed invitations to an address, of all issuers.
///
/// # Errors
/// What the database said.
pub fn to_address(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM invitation WHERE address = $1 ORDER BY id");
    tx.all(&sql, values![address.normal()])?.iter().map(read).collect()
}
