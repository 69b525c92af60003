//! Finding badges again: by the words of their name, issuer, description and tags, in any script. What a person types is text, never the
//! search language beneath.

use jiff::Timestamp;
use satchel_badge::report::Verdict;

use crate::fold::fold;
use crate::store::from_micros;
use crate::store::index::{Entry, Filter};
use crate::{BadgeId, Wallet, WalletError};

/// Where to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// Among the badges that are kept.
    #[default]
    Kept,
    /// In the bin.
    Bin,
}

/// A badge in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: BadgeId,
    /// Its name. A claim of the badge, like all that follows but the verdict.
    pub name: Option<String>,
    /// The name of its issuer, or its identifier where it has none.
    pub issuer: Option<String>,
    /// From when it counts.
    pub issued_on: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// What the last check said.
    pub verdict: Verdict,
    /// When that was.
    pub checked: Timestamp,
    /// When it was added.
    pub added: Timestamp,
    /// When it was put into the bin.
    pub removed: Option<Timestamp>,
}

impl Wallet {
    /// All badges, the newest first.
    pub fn list(&mut self, shelf: Shelf, now: Timestamp) -> Result<Vec<Listed>, WalletError> {
        self.search("", shelf, now)
    }

    /// The badges in which each word of `text` begins a word; the best first, or the newest when the words are too short to tell.
    /// Words of scripts that put no space between words may stand anywhere.
    pub fn search(&mut self, text: &str, shelf: Shelf, now: Timestamp) -> Result<Vec<Listed>, WalletError> {
        let filter = Filter { removed: shelf == Shelf::Bin, ..filter(text) };
        let entries = self.repairing(now, |wallet| {
            wallet.freshen(now)?;
            wallet.on_index(|index| index.list(&filter))
        })?;
        entries.iter().map(listed).collect()
    }
}

fn listed(entry: &Entry) -> Result<Listed, WalletError> {
    Ok(Listed {
        id: entry.id,
        name: entry.name.clone(),
        issuer: entry.issuer.clone().or_else(|| entry.issuer_id.clone()),
        issued_on: entry.issued_on.map(from_micros).transpose()?,
        expires: entry.expires.map(from_micros).transpose()?,
        verdict: verdict(&entry.verdict)?,
        checked: from_micros(entry.checked)?,
        added: from_micros(entry.added)?,
        removed: entry.removed.map(from_micros).transpose()?,
    })
}

fn verdict(name: &str) -> Result<Verdict, WalletError> {
    let all = [Verdict::Valid, Verdict::Invalid, Verdict::Undecided, Verdict::NoBadge];
    let found = all.into_iter().find(|verdict| verdict.name() == name);
    found.ok_or_else(|| WalletError::Failed(format!("index.db: no verdict is called {name}")))
}

/// Words of up to this many letters begin so many others that ranking all of them costs more than it tells.
const SHORT: usize = 2;

fn filter(text: &str) -> Filter {
    let mut words: Vec<String> = Vec::new();
    let mut containing: Vec<String> = Vec::new();
    let mut ranked = false;
    for word in fold(text).split_whitespace() {
        let word = word.replace('\0', "");
        if !word.chars().any(char::is_alphanumeric) || word.chars().any(is_unspaced) {
            containing.push(word);
        } else {
            ranked |= word.chars().filter(|c| c.is_alphanumeric()).count() > SHORT;
            // A text in quotes is a text, whatever stands in it (FTS5, 3.1).
            words.push(format!("\"{}\"*", word.replace('"', "\"\"")));
        }
    }
    containing.retain(|word| !word.is_empty());
    Filter { matching: (!words.is_empty()).then(|| (words.join(" "), ranked)), containing, removed: false }
}

/// Scripts that put no space between words: Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han. FTS5 takes their sentences for one word.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
