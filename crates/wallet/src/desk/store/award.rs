//! What was signed.

use std::collections::HashSet;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{blob, text, torn};
use crate::store::seal;
use crate::{Sha256, WalletError};

/// An award. Times are in microseconds.
#[derive(Clone)]
pub struct Award {
    /// The place in the award log, from 0.
    pub number: i64,
    pub run: i64,
    /// The row of the file of recipients.
    pub line: i64,
    pub badge: String,
    /// Whom it is for, for this desk alone to know again.
    pub person: Sha256,
    /// Gone once it is uploaded.
    pub email: Option<String>,
    pub name: Option<String>,
    /// The identifier of both forms.
    pub credential: String,
    pub ob3: Vec<u8>,
    pub ob2: Option<Vec<u8>>,
    /// The list of revoked awards that it names, and its place there.
    pub list: Option<i64>,
    pub position: Option<i64>,
    pub made: i64,
    pub expires: Option<i64>,
    /// What stands for it in the award log.
    pub leaf: Sha256,
    pub revoked: Option<i64>,
    pub reason: Option<String>,
    /// When the server took it or refused it.
    pub sent: Option<i64>,
    pub invitation: Option<String>,
    /// Why the server refused it.
    pub refused: Option<String>,
    /// That of the invitation, when the table has one.
    pub language: Option<String>,
}

impl Award {
    fn seal(&self) -> Sha256 {
        let Self { number, run, line, badge, person, email, name, credential, ob3, ob2, list, position, .. } = self;
        let Self { made, expires, leaf, revoked, reason, sent, invitation, refused, .. } = self;
        let mut parts = vec![
            ValueRef::Integer(*number),
            ValueRef::Integer(*run),
            ValueRef::Integer(*line),
            text(Some(badge)),
            ValueRef::Blob(person.as_bytes()),
            text(email.as_ref()),
            text(name.as_ref()),
            text(Some(credential)),
            ValueRef::Blob(ob3),
            blob(ob2.as_ref()),
            seal::optional(*list),
            seal::optional(*position),
            ValueRef::Integer(*made),
            seal::optional(*expires),
            ValueRef::Blob(leaf.as_bytes()),
            seal::optional(*revoked),
            text(reason.as_ref()),
            seal::optional(*sent),
            text(invitation.as_ref()),
            text(refused.as_ref()),
        ];
        // Rows of before have none, and the seals that they had.
        parts.extend(self.language.as_ref().map(|language| text(Some(language))));
        seal::of(&parts)
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let award = Self {
            number: row.get(0)?,
            run: row.get(1)?,
            line: row.get(2)?,
            badge: row.get(3)?,
            person: row.get(4)?,
            email: row.get(5)?,
            name: row.get(6)?,
            credential: row.get(7)?,
            ob3: row.get(8)?,
            ob2: row.get(9)?,
            list: row.get(10)?,
            position: row.get(11)?,
            made: row.get(12)?,
            expires: row.get(13)?,
            leaf: row.get(14)?,
            revoked: row.get(15)?,
            reason: row.get(16)?,
            sent: row.get(17)?,
            invitation: row.get(18)?,
            refused: row.get(19)?,
            language: row.get(20)?,
        };
        let whole = row.get::<_, Sha256>(21)? == award.seal();
        if whole { Ok(award) } else { Err(torn(&format!("the award {}", award.credential))) }
    }

    /// How it stands at this desk.
    pub fn state(&self) -> &'static str {
        match self {
            Self { revoked: Some(_), .. } => "revoked",
            Self { refused: Some(_), .. } => "refused",
            Self { sent: Some(_), .. } => "published",
            _ => "signed",
        }
    }
}

const COLUMNS: &str =
    "number, run, line, badge, person, email, name, credential, ob3, ob2, list, position, made, expires, leaf, revoked,
                       reason, sent, invitation, refused, language, seal";

/// Keeps an award, or what has become of it.
pub fn put(db: &Connection, award: &Award) -> Result<(), WalletError> {
    let sql = "INSERT INTO award (number, run, line, badge, person, email, name, credential, ob3, ob2, list, position, made, expires, leaf,
                                  revoked, reason, sent, invitation, refused, language, seal)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)
               ON CONFLICT (number) DO UPDATE SET email = ?6, name = ?7, revoked = ?16, reason = ?17, sent = ?18, invitation = ?19,
                                                  refused = ?20, seal = ?22";
    let Award { number, run, line, badge, person, email, name, credential, ob3, ob2, list, position, .. } = award;
    let Award { made, expires, leaf, revoked, reason, sent, invitation, refused, language, .. } = award;
    let seal = award.seal();
    let row = params![
        number, run, line, badge, person, email, name, credential, ob3, ob2, list, position, made, expires, leaf, revoked,
        reason, sent, invitation, refused, language, seal
    ];
    db.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn many(db: &Connection, rest: &str, values: impl rusqlite::Params) -> Result<Vec<Award>, WalletError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM award {rest}"))?;
    let rows = statement.query_map(values, |row| Ok(Award::read(row)))?;
    rows.map(|row| row?).collect()
}

/// The award with this identifier.
pub fn get(db: &Connection, credential: &str) -> Result<Option<Award>, WalletError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE credential = ?1");
    db.query_row(&sql, [credential], |row| Ok(Award::read(row))).optional()?.transpose()
}

/// The award that has this place in a list of revoked awards.
pub fn at(db: &Connection, list: i64, position: i64) -> Result<Option<Award>, WalletError> {
    let sql = format!("SELECT {COLUMNS} FROM award WHERE list = ?1 AND position = ?2");
    db.query_row(&sql, [list, position], |row| Ok(Award::read(row))).optional()?.transpose()
}

/// Awards of a run after a row of its file, at most so many.
pub fn of_run(db: &Connection, run: i64, after: i64, most: usize) -> Result<Vec<Award>, WalletError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    many(db, "WHERE run = ?1 AND line > ?2 ORDER BY line LIMIT ?3", params![run, after, most])
}

/// Awards from this number on, at most so many.
pub fn from(db: &Connection, number: i64, most: usize) -> Result<Vec<Award>, WalletError> {
    many(db, "WHERE number >= ?1 ORDER BY number LIMIT ?2", params![number, i64::try_from(most).unwrap_or(i64::MAX)])
}

/// Awards that were not uploaded, from this number on. One that was revoked before never leaves.
pub fn unsent(db: &Connection, number: i64, most: usize) -> Result<Vec<Award>, WalletError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rest = "WHERE number >= ?1 AND sent IS NULL AND revoked IS NULL ORDER BY number LIMIT ?2";
    many(db, rest, params![number, most])
}

/// Awards that were revoked.
pub fn revoked(db: &Connection) -> Result<Vec<Award>, WalletError> {
    many(db, "WHERE revoked IS NOT NULL ORDER BY number", [])
}

/// The rows of a file that have their award in this run.
pub fn lines_of(db: &Connection, run: i64) -> Result<HashSet<i64>, WalletError> {
    let mut statement = db.prepare("SELECT line FROM award WHERE run = ?1")?;
    let rows = statement.query_map([run], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who has this badge, by another run than this one: neither revoked nor run out.
pub fn holders(db: &Connection, badge: &str, but: i64, now: i64) -> Result<HashSet<Sha256>, WalletError> {
    let sql = "SELECT person FROM award WHERE badge = ?1 AND run <> ?2 AND revoked IS NULL AND (expires IS NULL OR expires > ?3)";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map(params![badge, but, now], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The award of this badge that somebody has, neither revoked nor run out; the newest.
pub fn of_person(db: &Connection, badge: &str, person: Sha256, now: i64) -> Result<Option<Award>, WalletError> {
    let rest =
        "WHERE badge = ?1 AND person = ?2 AND revoked IS NULL AND (expires IS NULL OR expires > ?3) ORDER BY number DESC LIMIT 1";
    Ok(many(db, rest, params![badge, person, now])?.pop())
}

/// The badges that were awarded.
pub fn badges(db: &Connection) -> Result<Vec<String>, WalletError> {
    let mut statement = db.prepare("SELECT DISTINCT badge FROM award ORDER BY badge")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The places that are taken in a list.
pub fn positions(db: &Connection, list: i64) -> Result<HashSet<i64>, WalletError> {
    let mut statement = db.prepare("SELECT position FROM award WHERE list = ?1")?;
    let rows = statement.query_map([list], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many there are: the size of the award log.
pub fn count(db: &Connection) -> Result<i64, WalletError> {
    Ok(db.query_row("SELECT coalesce(max(number) + 1, 0) FROM award", [], |row| row.get(0))?)
}

/// The leaves of the award log, in their order.
pub fn leaves(db: &Connection) -> Result<Vec<Sha256>, WalletError> {
    let mut statement = db.prepare("SELECT number, leaf FROM award ORDER BY number")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    let mut leaves = Vec::new();
    for row in rows {
        let (number, leaf) = row?;
        if usize::try_from(number) != Ok(leaves.len()) {
            return Err(torn(&format!("the award log lacks its leaf {}", leaves.len())));
        }
        leaves.push(leaf);
    }
    Ok(leaves)
}
