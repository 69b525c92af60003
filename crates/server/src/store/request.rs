//! Requests for badges and the forms that they come by (R24 to R28). The data go to one issuer: each query takes it, or a list of those that
//! somebody acts for.

use jiff::Timestamp;
use satchel_protocol::feed::Kind;
use satchel_protocol::fold::fold;
use satchel_protocol::request::{Access, Answer, Event, File, Form, Request as Listed, State};
use satchel_protocol::{EmailAddress, Id, Language, Problem};

use super::{Error, Row, StoreError, Tx, Value, feed, outbox, tombstone};
use crate::values;

// ---- Forms ----

/// A form, and whether there is a link to it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its issuer.
    pub issuer: Id,
    /// Its badge.
    pub slug: String,
    /// What it asks.
    pub form: Form,
    /// Whether a secret link leads to it.
    pub has_link: bool,
}

const FORM: &str = "issuer, slug, access, intro, fields, files, link";

fn read_form(row: &Row) -> Result<Kept, StoreError> {
    let broken = || StoreError::Failed(String::from("an unreadable form"));
    let fields = serde_json::from_str(&row.get::<String>(4)?).map_err(|_| broken())?;
    Ok(Kept {
        issuer: row.get(0)?,
        slug: row.get(1)?,
        form: Form {
            access: Access::from_name(&row.get::<String>(2)?).ok_or_else(broken)?,
            intro: row.get(3)?,
            fields,
            files: u8::try_from(row.get::<i64>(5)?).map_err(|_| broken())?,
        },
        has_link: row.get::<Option<Vec<u8>>>(6)?.is_some(),
    })
}

/// Keeps the form of a badge.
///
/// # Errors
/// What the database said.
pub fn set_form(tx: &mut Tx<'_>, issuer: Id, slug: &str, form: &Form, now: Timestamp) -> Result<(), StoreError> {
    let fields = serde_json::to_string(&form.fields).unwrap_or_default();
    let sql = "INSERT INTO form (issuer, slug, access, intro, fields, files, changed) VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (issuer, slug) DO UPDATE SET access = excluded.access, intro = excluded.intro, fields = excluded.fields,
                   files = excluded.files, changed = excluded.changed";
    tx.execute(sql, values![issuer, slug, form.access.name(), &form.intro, fields, i64::from(form.files), now])?;
    super::catalogue::bump(tx)
}

/// Has another secret link lead to a form; the one before leads nowhere. Whether there is such a form.
///
/// # Errors
/// What the database said.
pub fn set_link(tx: &mut Tx<'_>, issuer: Id, slug: &str, hash: [u8; 32]) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE form SET link = $1 WHERE issuer = $2 AND slug = $3", values![hash, issuer, slug])? == 1)
}

/// The form of a badge.
///
/// # Errors
/// What the database said.
pub fn form(tx: &mut Tx<'_>, issuer: Id, slug: &str) -> Result<Option<Kept>, StoreError> {
    let sql = format!("SELECT {FORM} FROM form WHERE issuer = $1 AND slug = $2");
    tx.first(&sql, values![issuer, slug])?.as_ref().map(read_form).transpose()
}

/// The form that a secret link leads to.
///
/// # Errors
/// What the database said.
pub fn form_by_link(tx: &mut Tx<'_>, hash: [u8; 32]) -> Result<Option<Kept>, StoreError> {
    let found = tx.first(&format!("SELECT {FORM} FROM form WHERE link = $1"), values![hash])?;
    Ok(found.as_ref().map(read_form).transpose()?.filter(|it| it.form.access == Access::Link))
}

/// The forms of an issuer.
///
/// # Errors
/// What the database said.
pub fn forms(tx: &mut Tx<'_>, issuer: Id) -> Result<Vec<Kept>, StoreError> {
    tx.all(&format!("SELECT {FORM} FROM form WHERE issuer = $1 ORDER BY slug"), values![issuer])?.iter().map(read_form).collect()
}

// ---- Requests ----

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its id.
    pub id: Id,
    /// To which issuer.
    pub issuer: Id,
    /// For which badge.
    pub slug: String,
    /// The identifier of its achievement.
    pub achievement: String,
    /// Where it stands.
    pub state: State,
    /// Given name; gone once erased, as all that is the person's.
    pub given: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// The address.
    pub address: Option<EmailAddress>,
    /// The language in which it was asked.
    pub language: Language,
    /// What else was asked.
    pub answers: Vec<Answer>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it stands so.
    pub changed: Timestamp,
}

impl Request {
    /// The whole name.
    pub fn name(&self) -> String {
        let parts = [self.given.as_deref(), self.family.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// As a desk is told of it.
    pub fn listed(self, files: Vec<File>) -> Listed {
        Listed {
            id: self.id,
            slug: self.slug,
            achievement: self.achievement,
            state: self.state,
            given: self.given,
            family: self.family,
            email: self.address.map(|address| address.to_string()),
            language: self.language.tag().to_owned(),
            answers: self.answers,
            files,
            created: self.created.as_microsecond(),
            changed: self.changed.as_microsecond(),
        }
    }
}

const COLUMNS: &str =
    "id, issuer, slug, achievement, state, given_name, family_name, shown, language, answers, reason, created, changed";

fn read(row: &Row) -> Result<Request, StoreError> {
    let broken = |what: &str| StoreError::Failed(format!("a request with an unreadable {what}"));
    let answers = row.get::<Option<String>>(9)?.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Request {
        id: row.get(0)?,
        issuer: row.get(1)?,
        slug: row.get(2)?,
        achievement: row.get(3)?,
        state: State::from_name(&row.get::<String>(4)?).ok_or_else(|| broken("state"))?,
        given: row.get(5)?,
        family: row.get(6)?,
        address: row.get::<Option<String>>(7)?.and_then(|text| text.parse().ok()),
        language: Language::of_locale(&row.get::<String>(8)?),
        answers: answers.map_err(|_| broken("answer"))?.unwrap_or_default(),
        reason: row.get(10)?,
        created: row.get(11)?,
        changed: row.get(12)?,
    })
}

/// Keeps a request with its files.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Request, files: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO request (id, issuer, slug, achievement, state, given_name, family_name, address, shown, language, answers,
                   created, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let (normal, shown) = it.address.as_ref().map(|address| (address.normal(), address.as_str())).unzip();
    let given = values![
        it.id,
        it.issuer,
        &it.slug,
        &it.achievement,
        it.state.name(),
        it.given.as_ref(),
        it.family.as_ref(),
        normal,
        shown,
        it.language.tag(),
        serde_json::to_string(&it.answers).unwrap_or_default(),
        it.created,
        it.created
    ];
    tx.execute(sql, given)?;
    for (number, (name, bytes)) in (0_i64..).zip(files) {
        let sql = "INSERT INTO request_file (request, number, name, bytes) VALUES ($1, $2, $3, $4)";
        tx.execute(sql, values![it.id, number, name, bytes.as_slice()])?;
    }
    Ok(())
}

/// The request with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Request>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM request WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// The same, when it went to one of these issuers and its address is confirmed.
///
/// # Errors
/// What the database said.
pub fn of_issuers(tx: &mut Tx<'_>, issuers: &[Id], id: Id) -> Result<Option<Request>, StoreError> {
    Ok(get(tx, id)?.filter(|it| issuers.contains(&it.issuer) && it.state != State::Unconfirmed))
}

/// What a list of issuers is in a query, whose values go on after `given`.
pub fn among(issuers: &[Id], given: &mut Vec<Value>) -> String {
    let places: Vec<String> = issuers
        .iter()
        .map(|id| {
            given.push(Value::from(*id));
            format!("${}", given.len())
        })
        .collect();
    if places.is_empty() { String::from("(NULL)") } else { format!("({})", places.join(", ")) }
}

/// Requests to these issuers in a state, the oldest first, after one of them.
///
/// # Errors
/// What the database said.
pub fn queue(tx: &mut Tx<'_>, issuers: &[Id], state: State, after: Option<Id>, most: i64) -> Result<Vec<Request>, StoreError> {
    let mut given = Vec::new();
    let issuers = among(issuers, &mut given);
    let at = given.len();
    let after = after.map_or_else(|| vec![0], |id| id.as_bytes().to_vec());
    given.extend([Value::from(state.name()), Value::from(after), Value::from(most)]);
    let sql = format!(
        "SELECT {COLUMNS} FROM request WHERE issuer IN {issuers} AND state = ${} AND id > ${} ORDER BY id LIMIT ${}",
        at + 1,
        at + 2,
        at + 3
    );
    tx.all(&sql, &given)?.iter().map(read).collect()
}

/// What is looked for in the queue: a badge by its issuer and its name in addresses, and parts of the name or the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// The badge, if only one is looked for.
    pub badge: Option<(Id, String)>,
    /// Folded words, of which all have to be in it.
    pub words: Vec<String>,
}

impl Sought {
    /// Whether all fit.
    pub fn is_all(&self) -> bool {
        self.badge.is_none() && self.words.is_empty()
    }

    fn fits(&self, it: &Request) -> bool {
        let of_badge = self.badge.as_ref().is_none_or(|(issuer, slug)| it.issuer == *issuer && it.slug == *slug);
        let text = || fold(&format!("{} {}", it.name(), it.address.as_ref().map_or("", EmailAddress::as_str)));
        of_badge
            && (self.words.is_empty() || {
                let text = text();
                self.words.iter().all(|word| text.contains(word))
            })
    }
}

/// Rows that are looked at in one go.
const LOOK: i64 = 200;

/// Those of the queue that fit. Names are compared here, where letters with and without accents are the same whatever the database.
///
/// # Errors
/// What the database said.
pub fn find(
    tx: &mut Tx<'_>,
    issuers: &[Id],
    state: State,
    sought: &Sought,
    mut after: Option<Id>,
    most: usize,
) -> Result<Vec<Request>, StoreError> {
    let mut found = Vec::new();
    loop {
        let some = queue(tx, issuers, state, after, LOOK)?;
        after = some.last().map(|it| it.id);
        let is_last = some.is_empty();
        found.extend(some.into_iter().filter(|it| sought.fits(it)));
        if is_last || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// The badges that were asked for, by issuer and name in addresses.
///
/// # Errors
/// What the database said.
pub fn badges(tx: &mut Tx<'_>, issuers: &[Id], most: i64) -> Result<Vec<(Id, String)>, StoreError> {
    let mut given = Vec::new();
    let issuers = among(issuers, &mut given);
    given.push(Value::from(most));
    let sql = format!(
        "SELECT DISTINCT issuer, slug FROM request WHERE issuer IN {issuers} AND state <> 'unconfirmed' ORDER BY issuer, slug LIMIT ${}",
        given.len()
    );
    tx.all(&sql, &given)?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Those that stand in a state since exactly then: what was done in one act.
///
/// # Errors
/// What the database said.
pub fn changed_at(tx: &mut Tx<'_>, issuers: &[Id], state: State, at: Timestamp) -> Result<Vec<Request>, StoreError> {
    let mut given = Vec::new();
    let issuers = among(issuers, &mut given);
    let from = given.len();
    given.extend([Value::from(state.name()), Value::from(at)]);
    let sql = format!(
        "SELECT {COLUMNS} FROM request WHERE issuer IN {issuers} AND state = ${} AND changed = ${} ORDER BY id LIMIT 50",
        from + 1,
        from + 2
    );
    tx.all(&sql, &given)?.iter().map(read).collect()
}

/// How many requests to these issuers are in each state.
///
/// # Errors
/// What the database said.
pub fn counts(tx: &mut Tx<'_>, issuers: &[Id]) -> Result<Vec<(State, i64)>, StoreError> {
    let mut given = Vec::new();
    let issuers = among(issuers, &mut given);
    let rows = tx.all(&format!("SELECT state, count(*) FROM request WHERE issuer IN {issuers} GROUP BY state"), &given)?;
    let read = |row: &Row| Ok((State::from_name(&row.get::<String>(0)?), row.get::<i64>(1)?));
    let all: Vec<_> = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
    Ok(State::ALL
        .into_iter()
        .map(|state| (state, all.iter().find(|(it, _)| *it == Some(state)).map_or(0, |(_, many)| *many)))
        .collect())
}

/// The files of a request, without their bytes.
///
/// # Errors
/// What the database said.
pub fn files(tx: &mut Tx<'_>, id: Id) -> Result<Vec<File>, StoreError> {
    let sql = "SELECT number, name, length(bytes) FROM request_file WHERE request = $1 ORDER BY number";
    let read = |row: &Row| Ok(File { number: row.get(0)?, name: row.get(1)?, bytes: row.get(2)? });
    tx.all(sql, values![id])?.iter().map(read).collect()
}

/// Bytes of the files of all requests that nobody has confirmed.
///
/// # Errors
/// What the database said.
pub fn unconfirmed_bytes(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(coalesce(sum(length(f.bytes)), 0) AS BIGINT) FROM request_file f
               JOIN request r ON r.id = f.request WHERE r.state = 'unconfirmed'";
    tx.number(sql, &[])
}

/// A file of a request: its name and bytes.
///
/// # Errors
/// What the database said.
pub fn file(tx: &mut Tx<'_>, id: Id, number: i64) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let sql = "SELECT name, bytes FROM request_file WHERE request = $1 AND number = $2";
    tx.first(sql, values![id, number])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Brings a request to its next state, and tells its issuer.
///
/// # Errors
/// [`satchel_protocol::Code::Conflict`] when that is no way, or somebody else has just decided; or what the database said.
pub fn advance(tx: &mut Tx<'_>, it: &Request, event: Event, reason: Option<&str>, now: Timestamp) -> Result<State, Error> {
    let conflict = || Problem::stands(it.state.stands());
    let next = it.state.after(event).ok_or_else(conflict)?;
    let sql = "UPDATE request SET state = $1, reason = $2, changed = $3 WHERE id = $4 AND state = $5";
    if tx.execute(sql, values![next.name(), reason, now, it.id, it.state.name()])? != 1 {
        return Err(conflict().into());
    }
    feed::append(tx, &[it.issuer], Kind::Request, it.id, now)?;
    Ok(next)
}

/// Notes that a desk uploaded what was asked for. A refusal whose mail has not left is taken back: nobody is told no and given it.
///
/// # Errors
/// What the database said.
pub fn awarded(tx: &mut Tx<'_>, issuer: Id, achievement: &str, address: &EmailAddress, now: Timestamp) -> Result<(), Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM request WHERE issuer = $1 AND achievement = $2 AND address = $3 AND state IN ('waiting', 'approved', 'refused')"
    );
    let rows = tx.all(&sql, values![issuer, achievement, address.normal()])?;
    for mut it in rows.iter().map(read).collect::<Result<Vec<_>, _>>()? {
        if it.state == State::Refused {
            if !outbox::take_back(tx, it.id, outbox::Kind::RequestRefused)? {
                continue;
            }
            it.state = advance(tx, &it, Event::Undo, None, now)?;
        }
        advance(tx, &it, Event::Award, None, now)?;
    }
    Ok(())
}

/// Whether this address asked for this badge and got it.
///
/// # Errors
/// What the database said.
pub fn was_awarded(tx: &mut Tx<'_>, issuer: Id, achievement: &str, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM request WHERE issuer = $1 AND achievement = $2 AND address = $3 AND state = 'awarded'";
    Ok(tx.number(sql, values![issuer, achievement, address.normal()])? > 0)
}

/// Whether this address has asked for this badge, and it is not decided.
///
/// # Errors
/// What the database said.
pub fn is_pending(tx: &mut Tx<'_>, issuer: Id, slug: &str, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql =
        "SELECT count(*) FROM request WHERE issuer = $1 AND slug = $2 AND address = $3 AND state IN ('waiting', 'approved')";
    Ok(tx.number(sql, values![issuer, slug, address.normal()])? > 0)
}

// ---- Erasing ----

/// Requests whose data are to be erased: never confirmed since `unconfirmed`, or decided before `decided`.
///
/// # Errors
/// What the database said.
pub fn to_erase(tx: &mut Tx<'_>, unconfirmed: Timestamp, decided: Timestamp, most: i64) -> Result<Vec<Id>, StoreError> {
    let sql = "SELECT id FROM request WHERE address IS NOT NULL
               AND ((state = 'unconfirmed' AND changed <= $1) OR (state IN ('awarded', 'refused') AND changed <= $2)) ORDER BY changed LIMIT $3";
    tx.all(sql, values![unconfirmed, decided, most])?.iter().map(|row| row.get(0)).collect()
}

/// Erases the person from a request; that there was one stays. A tombstone has a restored backup erase it again.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tombstone::put(tx, tombstone::Kind::Request, id, now)?;
    tx.execute("DELETE FROM request_file WHERE request = $1", values![id])?;
    tx.execute("DELETE FROM outbox WHERE subject = $1", values![id])?;
    tx.execute("DELETE FROM ticket WHERE subject = $1", values![id])?;
    super::notice::forget(tx, id)?;
    let sql =
        "UPDATE request SET given_name = NULL, family_name = NULL, address = NULL, shown = NULL, answers = NULL, reason = NULL
               WHERE id = $1";
    tx.execute(sql, values![id])?;
    // What nobody confirmed was never seen by anybody.
    tx.execute("DELETE FROM request WHERE id = $1 AND state = 'unconfirmed'", values![id]).map(drop)
}

/// Whether it still says who asked.
///
/// # Errors
/// What the database said.
pub fn holds_person(tx: &mut Tx<'_>, id: Id) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM request WHERE id = $1 AND address IS NOT NULL", values![id])? > 0)
}

/// Erases all requests of an address.
///
/// # Errors
/// What the database said.
pub fn erase_address(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp) -> Result<(), StoreError> {
    let rows = tx.all("SELECT id FROM request WHERE address = $1", values![address.normal()])?;
    for row in rows {
        erase(tx, row.get(0)?, now)?;
    }
    Ok(())
}

/// Has nobody wait for what can no longer be decided: a request that is erased before it is decided is refused without a word.
///
/// # Errors
/// What the database said.
pub fn close_erased(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE request SET state = 'refused', changed = $1 WHERE address IS NULL AND state IN ('waiting', 'approved')";
    tx.execute(sql, values![now]).map(drop)
}
