//! What people write to the staff: proposals of badges, questions, and reports about pages (R05, R38, R39). Each has a reference to quote.

use jiff::Timestamp;
use satchel_protocol::{EmailAddress, Id, Language, Problem, Stands};

use super::{Error, Row, StoreError, Tx, tombstone};
use crate::values;

macro_rules! names {
    ($kind:ty, $($variant:ident = $name:literal),+) => {
        impl $kind {
            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The one with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A badge that somebody would like to see.
    Proposal,
    /// A question.
    Question,
    /// A page that somebody finds wrong.
    Report,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its address is not confirmed; nobody sees it.
    Unconfirmed,
    /// It waits for an answer.
    Open,
    /// It was answered by mail.
    Answered,
    /// It was laid aside without an answer.
    Closed,
}

names!(Kind, Proposal = "proposal", Question = "question", Report = "report");
names!(State, Unconfirmed = "unconfirmed", Open = "open", Answered = "answered", Closed = "closed");

impl State {
    /// How a message stands that lets something not be done.
    pub const fn stands(self) -> Stands {
        let both = match self {
            Self::Unconfirmed => ("the address of the message is not confirmed", "l'indirizzo del messaggio non è confermato"),
            Self::Open => ("the message waits for an answer", "il messaggio attende risposta"),
            Self::Answered => ("the message was answered", "al messaggio è stato risposto"),
            Self::Closed => ("the message was laid aside", "il messaggio è stato archiviato"),
        };
        Stands { name: self.name(), both }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id.
    pub id: Id,
    /// What people quote.
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub state: State,
    /// The path of the page that it is about.
    pub about: Option<String>,
    /// Who wrote it; gone once erased, as what was written.
    pub name: Option<String>,
    /// Where an answer goes.
    pub address: Option<EmailAddress>,
    /// In which language.
    pub language: Language,
    /// What it is about.
    pub title: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// When it was written.
    pub created: Timestamp,
    /// Since when it stands so.
    pub changed: Timestamp,
}

impl Message {
    /// Whether it waits for an answer, or is done without one.
    pub fn may_be_answered(&self) -> bool {
        self.state == State::Open || (self.state == State::Answered && self.answer.is_none())
    }
}

const COLUMNS: &str = "id, reference, kind, state, about, name, shown, language, title, text, answer, created, changed";

fn read(row: &Row) -> Result<Message, StoreError> {
    let broken = || StoreError::Failed(String::from("an unreadable message"));
    Ok(Message {
        id: row.get(0)?,
        reference: row.get(1)?,
        kind: Kind::from_name(&row.get::<String>(2)?).ok_or_else(broken)?,
        state: State::from_name(&row.get::<String>(3)?).ok_or_else(broken)?,
        about: row.get(4)?,
        name: row.get(5)?,
        address: row.get::<Option<String>>(6)?.and_then(|text| text.parse().ok()),
        language: Language::of_locale(&row.get::<String>(7)?),
        title: row.get(8)?,
        text: row.get(9)?,
        answer: row.get(10)?,
        created: row.get(11)?,
        changed: row.get(12)?,
    })
}

/// Keeps a message.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, it: &Message) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO message (id, reference, kind, state, about, name, address, shown, language, title, text, created, changed)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let (normal, shown) = it.address.as_ref().map(|address| (address.normal(), address.as_str())).unzip();
    let given = values![
        it.id,
        &it.reference,
        it.kind.name(),
        it.state.name(),
        it.about.as_ref(),
        it.name.as_ref(),
        normal,
        shown,
        it.language.tag(),
        it.title.as_ref(),
        it.text.as_ref(),
        it.created,
        it.created
    ];
    tx.execute(sql, given).map(drop)
}

/// The message with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Message>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM message WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// Messages of a kind in a state, the oldest first, after one of them.
///
/// # Errors
/// What the database said.
pub fn queue(tx: &mut Tx<'_>, kind: Kind, state: State, after: Option<Id>, most: i64) -> Result<Vec<Message>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM message WHERE kind = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4");
    let after = after.map_or_else(|| vec![0], |id| id.as_bytes().to_vec());
    tx.all(&sql, values![kind.name(), state.name(), after, most])?.iter().map(read).collect()
}

/// How many messages of a kind are in a state.
///
/// # Errors
/// What the database said.
pub fn count(tx: &mut Tx<'_>, kind: Kind, state: State) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM message WHERE kind = $1 AND state = $2", values![kind.name(), state.name()])
}

/// Brings a message from the state in which it was read to another one.
///
/// # Errors
/// [`satchel_protocol::Code::Conflict`] when somebody else was faster, or what the database said.
pub fn set(tx: &mut Tx<'_>, it: &Message, state: State, answer: Option<&str>, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE message SET state = $1, answer = $2, changed = $3 WHERE id = $4 AND state = $5";
    if tx.execute(sql, values![state.name(), answer, now, it.id, it.state.name()])? == 1 {
        return Ok(());
    }
    Err(Problem::stands(it.state.stands()).into())
}

/// Messages whose data are to be erased: never confirmed since `unconfirmed`, or done before `done`.
///
/// # Errors
/// What the database said.
pub fn to_erase(tx: &mut Tx<'_>, unconfirmed: Timestamp, done: Timestamp, most: i64) -> Result<Vec<Id>, StoreError> {
    let sql = "SELECT id FROM message WHERE text IS NOT NULL AND ((state = 'unconfirmed' AND changed <= $1)
               OR (state IN ('answered', 'closed') AND changed <= $2 AND id NOT IN (SELECT subject FROM outbox))
               OR id IN (SELECT id FROM tombstone)) LIMIT $3";
    tx.all(sql, values![unconfirmed, done, most])?.iter().map(|row| row.get(0)).collect()
}

/// Erases what a message says and who wrote it; that there was one stays.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tombstone::put(tx, tombstone::Kind::Message, id, now)?;
    tx.execute("DELETE FROM outbox WHERE subject = $1", values![id])?;
    tx.execute("DELETE FROM ticket WHERE subject = $1", values![id])?;
    let sql =
        "UPDATE message SET about = NULL, name = NULL, address = NULL, shown = NULL, title = NULL, text = NULL, answer = NULL,
                   state = CASE WHEN state = 'open' THEN 'closed' ELSE state END WHERE id = $1";
    tx.execute(sql, values![id])?;
    tx.execute("DELETE FROM message WHERE id = $1 AND state = 'unconfirmed'", values![id]).map(drop)
}

/// Erases all messages of an address.
///
/// # Errors
/// What the database said.
pub fn erase_address(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp) -> Result<(), StoreError> {
    for row in tx.all("SELECT id FROM message WHERE address = $1", values![address.normal()])? {
        erase(tx, row.get(0)?, now)?;
    }
    Ok(())
}

// ---- Pages that staff hid ----

/// What may be hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The page of a person, and all on it.
    Person,
    /// One badge on such a page.
    Award,
}

names!(Page, Person = "person", Award = "award");

/// Hides a page; whether it was not hidden.
///
/// # Errors
/// What the database said.
pub fn hide(tx: &mut Tx<'_>, page: Page, subject: Id, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
    super::catalogue::bump(tx)?;
    let sql = "INSERT INTO hidden (kind, subject, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, subject) DO NOTHING";
    Ok(tx.execute(sql, values![page.name(), subject, reason, now])? == 1)
}

/// Shows a page again; whether it was hidden.
///
/// # Errors
/// What the database said.
pub fn unhide(tx: &mut Tx<'_>, page: Page, subject: Id) -> Result<bool, StoreError> {
    super::catalogue::bump(tx)?;
    Ok(tx.execute("DELETE FROM hidden WHERE kind = $1 AND subject = $2", values![page.name(), subject])? == 1)
}

/// Why a page is hidden, and since when, if it is.
///
/// # Errors
/// What the database said.
pub fn hidden(tx: &mut Tx<'_>, page: Page, subject: Id) -> Result<Option<(String, Timestamp)>, StoreError> {
    let sql = "SELECT reason, at FROM hidden WHERE kind = $1 AND subject = $2";
    tx.first(sql, values![page.name(), subject])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The reference of the last report of a page that staff dealt with, by the path of the page.
///
/// # Errors
/// What the database said.
pub fn reported(tx: &mut Tx<'_>, path: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT reference FROM message WHERE kind = 'report' AND state = 'answered' AND about IN ($1, $2)
               ORDER BY changed DESC LIMIT 1";
    tx.first(sql, values![path, &format!("{path}/")])?.map(|row| row.get(0)).transpose()
}

/// The badges of an account that are hidden.
///
/// # Errors
/// What the database said.
pub fn hidden_of(tx: &mut Tx<'_>, account: Id) -> Result<Vec<Id>, StoreError> {
    let sql = "SELECT h.subject FROM hidden h JOIN award a ON a.id = h.subject WHERE h.kind = 'award' AND a.holder = $1";
    tx.all(sql, values![account])?.iter().map(|row| row.get(0)).collect()
}
