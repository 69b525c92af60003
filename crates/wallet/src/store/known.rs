//! Invitations and awards, as a server told them last.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use satchel_protocol::Id;
use satchel_protocol::wallet::Invitation;
use serde::{Deserialize, Serialize};

use super::account::{json, parse};
use super::seal;
use crate::sync::KnownAward;
use crate::{BadgeId, Sha256, WalletError};

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    Invitation(Box<Waiting>),
    Award(Box<KnownAward>),
}

/// An invitation, and what this wallet knows besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub invitation: Invitation,
    /// What its credential is worth (`State::name`), as of when it came.
    pub worth: Option<String>,
    /// Its owner wants to answer it later.
    pub later: bool,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub account: Id,
    pub id: Id,
    pub thing: Thing,
    /// What an award became here.
    pub badge: Option<BadgeId>,
}

const INVITATION: &str = "invitation";
const AWARD: &str = "award";

impl Fact {
    const fn kind(&self) -> &'static str {
        match self.thing {
            Thing::Invitation(_) => INVITATION,
            Thing::Award(_) => AWARD,
        }
    }

    fn round(&self) -> i64 {
        match &self.thing {
            Thing::Invitation(_) => 0,
            Thing::Award(award) => award.round,
        }
    }

    /// Whether an invitation waits for an answer, or a server has an award.
    fn is_open(&self) -> bool {
        match &self.thing {
            Thing::Invitation(it) => it.invitation.state.is_open(),
            Thing::Award(award) => !award.gone,
        }
    }

    fn document(&self) -> String {
        match &self.thing {
            Thing::Invitation(it) => json(it),
            Thing::Award(award) => json(award),
        }
    }

    fn seal(&self) -> Sha256 {
        seal::of(&[
            ValueRef::Blob(self.account.as_bytes()),
            ValueRef::Text(self.kind().as_bytes()),
            ValueRef::Blob(self.id.as_bytes()),
            ValueRef::Integer(self.round()),
            ValueRef::Integer(self.is_open().into()),
            ValueRef::Text(self.document().as_bytes()),
            self.badge.as_ref().map_or(ValueRef::Null, |badge| ValueRef::Blob(badge.as_bytes())),
        ])
    }

    fn read(row: &Row<'_>) -> Result<Self, WalletError> {
        let (kind, document): (String, String) = (row.get(1)?, row.get(4)?);
        let round: i64 = row.get(3)?;
        let thing = match kind.as_str() {
            INVITATION => Thing::Invitation(Box::new(parse(&document, "an invitation")?)),
            AWARD => Thing::Award(Box::new(KnownAward { round, ..parse(&document, "an award")? })),
            _ => return Err(WalletError::damaged("wallet.db: something known of a server")),
        };
        let it = Self { account: Id::from_bytes(row.get(0)?), id: Id::from_bytes(row.get(2)?), thing, badge: row.get(5)? };
        let whole = row.get::<_, Sha256>(6)? == it.seal();
        if whole { Ok(it) } else { Err(WalletError::damaged("wallet.db: something known of a server")) }
    }
}

const COLUMNS: &str = "account, kind, id, round, document, badge, seal";

/// Keeps a row.
pub fn put(db: &Connection, it: &Fact) -> Result<(), WalletError> {
    let sql =
        "INSERT INTO known (account, kind, id, round, is_open, document, badge, seal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (account, kind, id) DO UPDATE SET round = ?4, is_open = ?5, document = ?6, badge = ?7, seal = ?8";
    db.prepare_cached(sql)?.execute(params![
        it.account.as_bytes(),
        it.kind(),
        it.id.as_bytes(),
        it.round(),
        it.is_open(),
        it.document(),
        it.badge,
        it.seal()
    ])?;
    Ok(())
}

fn get(db: &Connection, account: Id, kind: &str, id: Id) -> Result<Option<Fact>, WalletError> {
    let sql = format!("SELECT {COLUMNS} FROM known WHERE account = ?1 AND kind = ?2 AND id = ?3");
    let mut statement = db.prepare_cached(&sql)?;
    let found = statement.query_row(params![account.as_bytes(), kind, id.as_bytes()], |row| Ok(Fact::read(row)));
    found.optional()?.transpose()
}

pub fn invitation(db: &Connection, account: Id, id: Id) -> Result<Option<Waiting>, WalletError> {
    Ok(get(db, account, INVITATION, id)?.and_then(|row| match row.thing {
        Thing::Invitation(it) => Some(*it),
        Thing::Award(_) => None,
    }))
}

/// An award, and what it became here.
pub fn award(db: &Connection, account: Id, id: Id) -> Result<Option<(KnownAward, Option<BadgeId>)>, WalletError> {
    Ok(get(db, account, AWARD, id)?.and_then(|row| match row.thing {
        Thing::Award(it) => Some((*it, row.badge)),
        Thing::Invitation(_) => None,
    }))
}

pub fn forget_invitation(db: &Connection, account: Id, id: Id) -> Result<(), WalletError> {
    let sql = "DELETE FROM known WHERE account = ?1 AND kind = ?2 AND id = ?3";
    db.execute(sql, params![account.as_bytes(), INVITATION, id.as_bytes()])?;
    Ok(())
}

/// The newest of the invitations that wait for an answer, so many at most: those that are to be answered later, or the others.
pub fn open(db: &Connection, account: Id, later: bool, most: usize) -> Result<Vec<Waiting>, WalletError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM known WHERE account = ?1 AND kind = ?2 AND is_open = 1 AND json_extract(document, '$.later') = ?3
         ORDER BY id DESC LIMIT ?4"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = collect(db, &sql, params![account.as_bytes(), INVITATION, later, most])?;
    let invitations = rows.into_iter().filter_map(|row| match row.thing {
        Thing::Invitation(it) => Some(*it),
        Thing::Award(_) => None,
    });
    Ok(invitations.collect())
}

/// All invitations that wait for an answer.
pub fn open_ids(db: &Connection, account: Id) -> Result<Vec<Id>, WalletError> {
    let mut statement =
        db.prepare_cached("SELECT id FROM known WHERE account = ?1 AND kind = ?2 AND is_open = 1 ORDER BY id DESC")?;
    let rows = statement.query_map(params![account.as_bytes(), INVITATION], |row| row.get(0))?;
    rows.map(|row| Ok(Id::from_bytes(row?))).collect()
}

/// Those of the newest `most` invitations of which the credential is not at hand.
pub fn lacking(db: &Connection, account: Id, most: usize) -> Result<Vec<Id>, WalletError> {
    let open = open(db, account, false, most)?.into_iter();
    Ok(open.filter(|it| it.invitation.ob3.is_none() && it.worth.is_none()).map(|it| it.invitation.id).collect())
}

/// The awards that the server had in an earlier round than this one.
pub fn left(db: &Connection, account: Id, round: i64) -> Result<Vec<Id>, WalletError> {
    let sql = "SELECT id FROM known WHERE account = ?1 AND kind = ?2 AND is_open = 1 AND round < ?3 ORDER BY id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![account.as_bytes(), AWARD, round], |row| row.get(0))?;
    rows.map(|row| Ok(Id::from_bytes(row?))).collect()
}

/// Which awards of which accounts a badge came from.
pub fn of_badge(db: &Connection, badge: BadgeId) -> Result<Vec<(Id, KnownAward)>, WalletError> {
    let rows = collect(db, &format!("SELECT {COLUMNS} FROM known WHERE badge = ?1"), [badge])?;
    let awards = rows.into_iter().filter_map(|row| match row.thing {
        Thing::Award(it) => Some((row.account, *it)),
        Thing::Invitation(_) => None,
    });
    Ok(awards.collect())
}

/// Whether a badge came from any account.
pub fn has_badge(db: &Connection, badge: BadgeId) -> Result<bool, WalletError> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM known WHERE badge = ?1)")?;
    Ok(statement.query_row([badge], |row| row.get(0))?)
}

/// The badges that came from an account.
pub fn badges(db: &Connection, account: Id) -> Result<Vec<BadgeId>, WalletError> {
    let mut statement = db.prepare_cached("SELECT badge FROM known WHERE account = ?1 AND kind = ?2 AND badge IS NOT NULL")?;
    let rows = statement.query_map(params![account.as_bytes(), AWARD], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many awards the server has.
pub fn count(db: &Connection, account: Id) -> Result<i64, WalletError> {
    let sql = "SELECT count(*) FROM known WHERE account = ?1 AND kind = ?2 AND is_open = 1";
    Ok(db.query_row(sql, params![account.as_bytes(), AWARD], |row| row.get(0))?)
}

/// Looks at every row.
pub fn look_through(db: &Connection) -> Result<(), WalletError> {
    let mut statement = db.prepare(&format!("SELECT {COLUMNS} FROM known"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        Fact::read(row)?;
    }
    Ok(())
}

/// What can be read of a damaged table.
pub fn salvage(db: &Connection) -> Vec<Fact> {
    super::salvage(db, &format!("SELECT {COLUMNS} FROM known ORDER BY id"), Fact::read)
}

fn collect(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Fact>, WalletError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| Ok(Fact::read(row)))?;
    rows.map(|row| row?).collect()
}
