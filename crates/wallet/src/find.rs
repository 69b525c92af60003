//! Finding badges again: by the words of their name, issuer, description and tags, in any script; by state, issuer and year. What a person
//! types is text, never the search language beneath. Lists and searches, of the window and of the shell, all come by [`Wallet::find`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::state::{Mark, State};
use crate::store::from_micros;
use crate::store::index::{Filter, Group, Line};
use crate::{BadgeId, Wallet, WalletError};
use satchel_protocol::fold::{fold, is_unspaced, spaced};

/// Where to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// Among the badges that are kept.
    #[default]
    Kept,
    /// In the bin.
    Bin,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The best first, or those added last where the words are too short, or fit too many badges, to tell.
    #[default]
    Best,
    /// Those added last first.
    Added,
    /// Those issued last first; those without a date come last.
    Issued,
    /// By name.
    Name,
    /// By the name of the issuer.
    Issuer,
}

/// What is looked for. All that is said must hold; what is left out holds for every badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that must begin words of the badge, as a person types them. Words of scripts that put no space between words may stand
    /// anywhere.
    pub text: String,
    /// Where to look.
    pub shelf: Shelf,
    /// One of these; any where none is named.
    pub states: Vec<State>,
    /// The issuer, by its [`Issuer::key`].
    pub issuer: Option<String>,
    /// The year in which it was issued, as UTC has it.
    pub year: Option<i16>,
    /// In which order.
    pub sort: Sort,
    /// How many of those found are passed over.
    pub offset: usize,
    /// How many are wanted; all where nothing is said.
    pub limit: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many badges fit.
    pub total: usize,
    /// Those that were wanted.
    pub rows: Vec<Row>,
}

/// A badge in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: BadgeId,
    /// Its name, cut if it is very long. A claim of the badge, like the issuer and the dates.
    pub name: Option<String>,
    /// The name of its issuer, or its identifier where it has none.
    pub issuer: Option<String>,
    /// From when it counts.
    pub issued_on: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// What the last check said.
    pub state: State,
    /// Why it is not as it should be.
    pub mark: Option<Mark>,
    /// Whether there is a picture of it.
    pub picture: bool,
    /// When it was checked.
    pub checked: Timestamp,
    /// When it was added.
    pub added: Timestamp,
    /// When it was put into the bin.
    pub removed: Option<Timestamp>,
}

/// What there is to choose from on a shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Badges that are kept.
    pub kept: usize,
    /// Badges in the bin.
    pub bin: usize,
    /// States that occur, in their order, and how often.
    pub states: Vec<(State, usize)>,
    /// Years, the last first, and how many badges were issued in each.
    pub years: Vec<(i16, usize)>,
    /// Issuers, those of most badges first.
    pub issuers: Vec<Issuer>,
}

/// An issuer as badges name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// Its identifier, or its name where it has none.
    pub key: String,
    /// The name in the badge that came last. A claim.
    pub name: String,
    /// How many badges name it.
    pub count: usize,
}

impl Wallet {
    /// The badges that fit. Fast enough to be asked at each letter that is typed; whoever reads on in the same list pays for what is
    /// read alone.
    pub fn find(&mut self, query: &Query, now: Timestamp) -> Result<Found, WalletError> {
        let filter = filter(query);
        let (total, lines) = self.repairing(now, |wallet| {
            wallet.freshen(now)?;
            wallet.on_index(|index| index.find(&filter, query.offset, query.limit.unwrap_or(usize::MAX)))
        })?;
        Ok(Found { total, rows: lines.into_iter().map(row).collect::<Result<_, _>>()? })
    }

    /// What there is to choose from on a shelf.
    pub fn facets(&mut self, shelf: Shelf, now: Timestamp) -> Result<Facets, WalletError> {
        let (counts, groups, issuers) = self.repairing(now, |wallet| {
            wallet.freshen(now)?;
            wallet.on_index(|index| Ok((index.counts()?, index.groups(shelf == Shelf::Bin)?, index.issuers()?)))
        })?;
        let sum = |of: &dyn Fn(&Group) -> bool| groups.iter().filter(|group| of(group)).map(|group| group.count).sum::<usize>();
        let states = State::ALL.map(|state| (state, sum(&|group| group.state == state.name())));
        let (mut years, mut by_issuer) = (BTreeMap::<i16, usize>::new(), BTreeMap::<i64, usize>::new());
        for group in &groups {
            if let Some(year) = group.year {
                *years.entry(year).or_default() += group.count;
            }
            if let Some(issuer) = group.issuer {
                *by_issuer.entry(issuer).or_default() += group.count;
            }
        }
        let named = by_issuer.into_iter().filter_map(|(number, count)| {
            let (key, name) = issuers.get(&number)?.clone();
            Some(Issuer { key, name, count })
        });
        let mut named: Vec<Issuer> = named.collect();
        named.sort_by_cached_key(|issuer| (std::cmp::Reverse(issuer.count), fold(&issuer.name)));
        Ok(Facets {
            kept: counts[0],
            bin: counts[1],
            states: states.into_iter().filter(|(_, count)| *count > 0).collect(),
            years: years.into_iter().rev().collect(),
            issuers: named,
        })
    }
}

fn row(line: Line) -> Result<Row, WalletError> {
    let unknown = |name: &str| WalletError::IndexDamaged { what: format!("index.db: nothing is called {name}") };
    let state = State::ALL.into_iter().find(|state| state.name() == line.state).ok_or_else(|| unknown(&line.state))?;
    Ok(Row {
        id: line.id,
        name: line.name,
        issuer: line.issuer,
        issued_on: line.issued_on.map(from_micros).transpose()?,
        expires: line.expires.map(from_micros).transpose()?,
        state,
        mark: line.mark.and_then(|name| Mark::ALL.into_iter().find(|mark| mark.name() == name)),
        picture: line.picture,
        checked: from_micros(line.checked)?,
        added: from_micros(line.added)?,
        removed: line.removed.map(from_micros).transpose()?,
    })
}

/// Words of up to this many letters begin so many others that ranking all of them costs more than it tells.
const SHORT: usize = 2;

/// Words of a search that count, and letters of each; nobody types more.
const MOST_WORDS: usize = 24;
const LONGEST_WORD: usize = 100;

fn filter(query: &Query) -> Filter {
    let mut words: Vec<String> = Vec::new();
    let mut containing: Vec<String> = Vec::new();
    let mut ranked = false;
    let typed: String = query.text.chars().filter(|c| *c != '\0').take(MOST_WORDS * LONGEST_WORD).collect();
    for word in fold(&typed).split_whitespace().take(MOST_WORDS) {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        if word.chars().any(char::is_alphanumeric) {
            let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
            ranked |= letters > SHORT || word.chars().any(is_unspaced);
            // A text in quotes is a text, whatever stands in it (FTS5, 3.1).
            words.push(format!("\"{}\"*", spaced(&word).replace('"', "\"\"")));
        } else {
            containing.push(word);
        }
    }
    Filter {
        matching: (!words.is_empty()).then(|| (words.join(" "), ranked)),
        containing,
        bin: query.shelf == Shelf::Bin,
        states: query.states.clone(),
        issuer: query.issuer.clone(),
        year: query.year,
        sort: query.sort,
    }
}
