//! The record of acts, for auditors: copied out as lines of JSON, and looked at whether its chain holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AdminError, note, open, shell};
use crate::settings::Settings;
use crate::state::now;
use crate::store::act::{self, Act, Did, hex};
use crate::store::{StoreError, Tx};

/// An entry as it is copied out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `server`, or the DID of an issuer.
    pub book: String,
    /// Its place in its book, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What.
    pub did: String,
    /// About what.
    pub about: String,
    /// The SHA-256 of this entry and all before it in its book, in hexadecimal.
    pub hash: String,
}

/// Up to where a book goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries.
    pub number: i64,
    /// The hash of the last one, in hexadecimal.
    pub hash: String,
}

/// Whether the chains of some books hold.
#[derive(Default)]
pub struct Chains {
    heads: BTreeMap<String, (i64, [u8; 32])>,
    /// What the server's book says of the ends of others, by book and number.
    anchors: BTreeMap<(String, i64), String>,
}

impl Chains {
    /// Takes the next entry of a book.
    ///
    /// # Errors
    /// Where the chain is broken, in words.
    pub fn take(&mut self, line: &Line) -> Result<(), String> {
        let begin = || (0, Act::begin(&line.book));
        let (number, before) = self.heads.entry(line.book.clone()).or_insert_with(begin);
        let place = format!("{}, entry {}", line.book, line.number);
        if line.number != *number + 1 {
            return Err(format!("{place}: entry {} is missing", *number + 1));
        }
        // Times are whole microseconds: no other time has the same hash.
        if line.at.subsec_nanosecond() % 1000 != 0 {
            return Err(format!("{place}: it was changed"));
        }
        let Line { number: next, at, by, did, about, .. } = line.clone();
        let hash = Act { number: next, at, by, did, about, hash: [0; 32] }.chained(before);
        if hex(&hash) != line.hash {
            return Err(format!("{place}: it was changed, or one before it"));
        }
        if self.anchors.get(&(line.book.clone(), next)).is_some_and(|known| *known != line.hash) {
            return Err(format!("{place}: the server's book knew it by another hash"));
        }
        (*number, *before) = (next, hash);
        if line.book == "server" && line.did == Did::RecordAnchored.name() {
            let words: Vec<&str> = line.about.split(' ').collect();
            if let [book, number, hash] = words.as_slice()
                && let Ok(number) = number.parse()
            {
                self.anchors.insert(((*book).to_owned(), number), (*hash).to_owned());
            }
        }
        Ok(())
    }

    /// Whether each book goes as far as the server's book knew it to go: all of them, or those of which anything is here.
    ///
    /// # Errors
    /// Which one does not, in words.
    pub fn finish(&self, all: bool) -> Result<(), String> {
        for (book, number) in self.anchors.keys() {
            let here = self.heads.get(book).map_or(0, |(number, _)| *number);
            if here < *number && (all || here > 0) {
                return Err(format!("{book}: entries {} to {number} are missing at its end", here + 1));
            }
        }
        Ok(())
    }

    /// Up to where each book goes.
    pub fn heads(&self) -> BTreeMap<String, Head> {
        self.heads.iter().map(|(book, (number, hash))| (book.clone(), Head { number: *number, hash: hex(hash) })).collect()
    }
}

/// Hands out all entries of all books, or of one, from one state of the database.
fn walk(tx: &mut Tx<'_>, only: Option<&str>, say: &mut dyn FnMut(Line)) -> Result<(), StoreError> {
    const MOST: i64 = 1000;
    for (book, name) in act::books(tx)? {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let mut number = 0;
        loop {
            let acts = act::after(tx, book, number, MOST)?;
            let Some(last) = acts.last() else { break };
            number = last.number;
            for Act { number, at, by, did, about, hash } in acts {
                say(Line { book: name.clone(), number, at, by, did, about, hash: hex(&hash) });
            }
        }
    }
    Ok(())
}

/// Copies out the record, of all books or of one; that it was is its next entry.
///
/// # Errors
/// What the database said.
pub async fn export(settings: &Settings, book: Option<String>) -> Result<Vec<Line>, AdminError> {
    let work = move |tx: &mut Tx<'_>| {
        let mut lines = Vec::new();
        act::anchor(tx, &shell(), now())?;
        walk(tx, book.as_deref(), &mut |line| lines.push(line))?;
        note(tx, Did::LogExported, book.as_deref().unwrap_or("all"))?;
        Ok(lines)
    };
    Ok(open(settings).await?.write(work).await?)
}

/// Looks at the chains of the database: the heads, or where one is broken.
///
/// # Errors
/// What the database said.
pub async fn verify(settings: &Settings) -> Result<Result<BTreeMap<String, Head>, String>, AdminError> {
    Ok(open(settings).await?.read(|tx| Ok(look(tx)?)).await?)
}

/// The same, within a transaction.
pub(super) fn look(tx: &mut Tx<'_>) -> Result<Result<BTreeMap<String, Head>, String>, StoreError> {
    let (mut chains, mut broken) = (Chains::default(), None);
    walk(tx, None, &mut |line| {
        if broken.is_none() {
            broken = chains.take(&line).err();
        }
    })?;
    let broken = broken.or_else(|| chains.finish(true).err());
    Ok(broken.map_or_else(|| Ok(chains.heads()), Err))
}
