//! Terms and privacy notices, of the server and of issuers, and which version whom was shown (R50). A version is never changed; it can be taken
//! back as long as nobody was shown it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use satchel_protocol::{Id, Language};

use super::{Row, StoreError, Tx};
use crate::values;

/// The owner of what holds for the whole server.
pub const SERVER: Id = Id::NIL;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Terms of use.
    Terms,
    /// What becomes of personal data.
    Privacy,
}

impl Kind {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Terms, Self::Privacy];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Privacy => "privacy",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A version of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is.
    pub kind: Kind,
    /// Its number, from 1.
    pub version: i64,
    /// What it says, by the tag of the language.
    pub texts: BTreeMap<String, String>,
    /// Since when it holds.
    pub published: Timestamp,
}

impl Notice {
    /// Which version it is, as a word.
    pub fn mark(&self) -> String {
        format!("{}-{}", self.kind.name(), self.version)
    }

    /// What it says in a language, or in another one when there is none in it; with the tag of that.
    pub fn text(&self, language: Language) -> (&str, &str) {
        let own = self.texts.get_key_value(language.tag()).or_else(|| self.texts.iter().next());
        own.map_or((language.tag(), ""), |(tag, text)| (tag, text))
    }
}

const COLUMNS: &str = "kind, version, texts, published";

fn read(row: &Row) -> Result<Notice, StoreError> {
    let broken = || StoreError::Failed(String::from("an unreadable notice"));
    Ok(Notice {
        kind: kind(&row.get::<String>(0)?)?,
        version: row.get(1)?,
        texts: serde_json::from_str(&row.get::<String>(2)?).map_err(|_| broken())?,
        published: row.get(3)?,
    })
}

fn kind(name: &str) -> Result<Kind, StoreError> {
    Kind::from_name(name).ok_or_else(|| StoreError::Failed(String::from("a notice of an unknown kind")))
}

/// Publishes the next version; its number.
///
/// # Errors
/// What the database said.
pub fn publish(
    tx: &mut Tx<'_>,
    owner: Id,
    kind: Kind,
    texts: &BTreeMap<String, String>,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let last = current(tx, owner)?.into_iter().find(|it| it.kind == kind).map_or(0, |it| it.version);
    let texts = serde_json::to_string(texts).unwrap_or_default();
    let sql = "INSERT INTO notice (owner, kind, version, texts, published) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, values![owner, kind.name(), last + 1, texts, now])?;
    Ok(last + 1)
}

/// What holds now of an owner: at most one of each kind, the terms first.
///
/// # Errors
/// What the database said.
pub fn current(tx: &mut Tx<'_>, owner: Id) -> Result<Vec<Notice>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notice n WHERE owner = $1
             AND version = (SELECT max(version) FROM notice WHERE owner = n.owner AND kind = n.kind) ORDER BY kind DESC"
    );
    tx.all(&sql, values![owner])?.iter().map(read).collect()
}

/// All versions of a text, the newest first.
///
/// # Errors
/// What the database said.
pub fn versions(tx: &mut Tx<'_>, owner: Id, kind: Kind) -> Result<Vec<Notice>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notice WHERE owner = $1 AND kind = $2 ORDER BY version DESC");
    tx.all(&sql, values![owner, kind.name()])?.iter().map(read).collect()
}

/// Takes a version back: the newest, as long as nobody was shown it. Whether it could be.
///
/// # Errors
/// What the database said.
pub fn take_back(tx: &mut Tx<'_>, owner: Id, kind: Kind, version: i64) -> Result<bool, StoreError> {
    let newest = current(tx, owner)?.iter().any(|it| it.kind == kind && it.version == version);
    if !newest || count_shown(tx, owner, kind, version)? > 0 {
        return Ok(false);
    }
    let sql = "DELETE FROM notice WHERE owner = $1 AND kind = $2 AND version = $3";
    Ok(tx.execute(sql, values![owner, kind.name(), version])? == 1)
}

/// To how many a version was shown.
///
/// # Errors
/// What the database said.
pub fn count_shown(tx: &mut Tx<'_>, owner: Id, kind: Kind, version: i64) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM shown WHERE owner = $1 AND kind = $2 AND version = $3", values![owner, kind.name(), version])
}

/// That what holds now of an owner was shown to somebody.
///
/// # Errors
/// What the database said.
pub fn note_shown(tx: &mut Tx<'_>, subject: Id, owner: Id, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO shown (subject, owner, kind, version, at) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (subject, owner, kind, version) DO NOTHING";
    for it in current(tx, owner)? {
        tx.execute(sql, values![subject, owner, it.kind.name(), it.version, now])?;
    }
    Ok(())
}

/// That somebody was shown what a page named (`Notice::mark`, joined by dots); a version that there is none of is passed over.
///
/// # Errors
/// What the database said.
pub fn note_marked(tx: &mut Tx<'_>, subject: Id, owner: Id, marks: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO shown (subject, owner, kind, version, at)
               SELECT $1, owner, kind, version, $2 FROM notice WHERE owner = $3 AND kind = $4 AND version = $5
               ON CONFLICT (subject, owner, kind, version) DO NOTHING";
    for mark in marks.split('.').take(Kind::ALL.len()) {
        let Some((kind, version)) = mark.split_once('-') else { continue };
        if let (Some(kind), Ok(version)) = (Kind::from_name(kind), version.parse::<i64>()) {
            tx.execute(sql, values![subject, now, owner, kind.name(), version])?;
        }
    }
    Ok(())
}

/// What was shown to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whose it is.
    pub owner: Id,
    /// What it is.
    pub kind: Kind,
    /// Which version.
    pub version: i64,
    /// When first.
    pub at: Timestamp,
}

/// All that was shown to somebody, the first first.
///
/// # Errors
/// What the database said.
pub fn shown_to(tx: &mut Tx<'_>, subject: Id) -> Result<Vec<Shown>, StoreError> {
    let sql = "SELECT owner, kind, version, at FROM shown WHERE subject = $1 ORDER BY at, owner, kind, version";
    let read =
        |row: &Row| Ok(Shown { owner: row.get(0)?, kind: kind(&row.get::<String>(1)?)?, version: row.get(2)?, at: row.get(3)? });
    tx.all(sql, values![subject])?.iter().map(read).collect()
}

/// What was shown to somebody who registered is of the account that came of it.
///
/// # Errors
/// What the database said.
pub fn pass_on(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<(), StoreError> {
    tx.execute("UPDATE shown SET subject = $1 WHERE subject = $2", values![to, from]).map(drop)
}

/// Forgets what was shown to somebody.
///
/// # Errors
/// What the database said.
pub fn forget(tx: &mut Tx<'_>, subject: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM shown WHERE subject = $1", values![subject]).map(drop)
}

/// Issuers with notices that the catalogue names, by their names.
///
/// # Errors
/// What the database said.
pub fn listed_owners(tx: &mut Tx<'_>) -> Result<Vec<Id>, StoreError> {
    let sql = "SELECT id FROM issuer i WHERE suspended IS NULL AND EXISTS (SELECT 1 FROM notice WHERE owner = i.id)
                   AND EXISTS (SELECT 1 FROM catalogue WHERE issuer = i.id) ORDER BY name, did LIMIT 500";
    tx.all(sql, &[])?.iter().map(|row| row.get(0)).collect()
}

/// Whether the catalogue names an issuer.
///
/// # Errors
/// What the database said.
pub fn is_listed(tx: &mut Tx<'_>, owner: Id) -> Result<bool, StoreError> {
    Ok(owner == SERVER || tx.first("SELECT 1 FROM catalogue WHERE issuer = $1 LIMIT 1", values![owner])?.is_some())
}
