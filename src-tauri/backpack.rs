//! What the window asks of the wallet, and the answer in the words of `ipc.rs`. Nothing is decided here.

use jiff::Timestamp;
use satchel_badge::check::{Trust, TrustedIssuer};
use satchel_badge::code::Code;
use satchel_badge::container::{self, Format};
use satchel_badge::evidence::Origin;
use satchel_badge::words::Language;
use satchel_picture::Side;
use satchel_wallet::{IdPrefix, Query, Row, Wallet, WalletError};

use crate::state::number;
use crate::words::{self, Word};
use crate::{ipc, pictures, view};

/// Rows that are given at once, whatever the window asks for.
const MOST_ROWS: u32 = 1000;

/// The badges that fit.
pub fn find(wallet: &mut Wallet, query: ipc::Query, now: Timestamp) -> Result<ipc::Found, WalletError> {
    let ipc::Query { text, shelf, states, issuer, year, sort, offset, limit } = query;
    let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let sort = match sort {
        // Whoever types words looks for the best.
        ipc::Sort::Added if !text.trim().is_empty() => satchel_wallet::Sort::Best,
        ipc::Sort::Added => satchel_wallet::Sort::Added,
        ipc::Sort::Issued => satchel_wallet::Sort::Issued,
        ipc::Sort::Name => satchel_wallet::Sort::Name,
        ipc::Sort::Issuer => satchel_wallet::Sort::Issuer,
    };
    let query = Query {
        text,
        shelf: shelf.into(),
        states: states.into_iter().map(Into::into).collect(),
        issuer,
        year,
        sort,
        offset: size(offset),
        limit: Some(size(limit.min(MOST_ROWS))),
    };
    let found = wallet.find(&query, now)?;
    Ok(ipc::Found { total: number(found.total), offset, rows: found.rows.into_iter().map(row).collect() })
}

fn row(row: Row) -> ipc::Row {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    ipc::Row {
        id: row.id.to_string(),
        name: row.name,
        issuer: row.issuer,
        issued_on: time(row.issued_on),
        expires: time(row.expires),
        added: row.added.to_string(),
        state: row.state.into(),
        mark: row.mark.map(Into::into),
        picture: row.picture,
        removed: time(row.removed),
    }
}

/// What there is to choose from.
pub fn facets(wallet: &mut Wallet, shelf: ipc::Shelf, now: Timestamp) -> Result<ipc::Facets, WalletError> {
    let facets = wallet.facets(shelf.into(), now)?;
    let states = facets.states.into_iter().map(|(state, count)| ipc::StateCount { state: state.into(), count: number(count) });
    let years = facets.years.into_iter().map(|(year, count)| ipc::YearCount { year, count: number(count) });
    let issuers = facets.issuers.into_iter();
    let issuers = issuers.map(|issuer| ipc::IssuerCount { key: issuer.key, name: issuer.name, count: number(issuer.count) });
    Ok(ipc::Facets {
        kept: number(facets.kept),
        bin: number(facets.bin),
        states: states.collect(),
        years: years.collect(),
        issuers: issuers.collect(),
    })
}

/// A badge, checked again with what is at hand.
pub fn show(wallet: &mut Wallet, id: &IdPrefix, language: Language, now: Timestamp) -> Result<ipc::Shown, WalletError> {
    let shown = wallet.show(id, now)?;
    let trust = trust(wallet)?;
    let picture = wallet.picture(id)?.is_some();
    Ok(ipc::Shown {
        id: shown.id.to_string(),
        badge: view::badge(&shown.report, language, now, &trust),
        report: view::report(&shown.report, language, now),
        nested: view::nested(&shown.report, false, language, now),
        mark: satchel_wallet::Mark::of(&shown.report).map(Into::into),
        history: history(&shown, language, now),
        file: shown.source.clone().unwrap_or_else(|| shown.file.clone()),
        format: shown.report.format.name().to_owned(),
        copies: number(shown.copies),
        picture_from: shown.picture_from.clone(),
        added: shown.added.to_string(),
        removed: shown.removed.map(|time| time.to_string()),
        picture,
        picture_at: shown.picture_away.as_deref().map(view::host),
    })
}

/// What is known to have happened, in the order of time.
fn history(shown: &satchel_wallet::Shown, language: Language, now: Timestamp) -> Vec<ipc::Event> {
    let say = |word, details: &[String]| words::filled(word, language, details);
    let badge = shown.report.badge.as_deref();
    let mut events: Vec<(Timestamp, String)> = vec![(shown.added, say(Word::Added, std::slice::from_ref(&shown.file)))];
    events.extend(badge.and_then(|badge| badge.issued_on).map(|time| (time, say(Word::IssuedEvent, &[]))));
    let expired = badge.and_then(|badge| badge.expires).filter(|time| *time <= now);
    events.extend(expired.map(|time| (time, say(Word::Expired, &[]))));
    events.extend(shown.removed.map(|time| (time, say(Word::Removed, &[]))));
    for used in shown.report.lines.iter().flat_map(|line| &line.evidence) {
        let host = url::Url::parse(&used.source).ok().and_then(|url| url.host_str().map(str::to_owned));
        if let (Some(time), Origin::Fetched | Origin::Redirected) = (used.fetched, used.origin) {
            events.push((time, say(Word::Fetched, &[host.unwrap_or_else(|| used.source.clone())])));
        }
    }
    let succeeded = shown.report.lines.iter().filter(|line| line.code == Code::IssuerSucceededOn);
    events.extend(succeeded.filter_map(|line| Some((line.details.get(1)?.parse().ok()?, line.message(language)))));
    events.sort();
    events.dedup();
    events.into_iter().map(|(at, text)| ipc::Event { at: at.to_string(), text }).collect()
}

/// Erases badges: what came of it, and what ended it before all were gone. One that is not there keeps no other.
pub fn erase(wallet: &mut Wallet, ids: &[String], now: Timestamp) -> (ipc::Erased, Option<WalletError>) {
    let mut done = ipc::Erased { count: 0, shared: 0, kept_in: Vec::new(), refused: 0, problem: None };
    for text in ids {
        match text.parse().and_then(|id: IdPrefix| wallet.erase(&id, now)) {
            Ok(satchel_wallet::Erased { shared, kept_in, .. }) => {
                done.count += 1;
                done.shared += number(shared);
                done.kept_in = kept_in.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            }
            Err(error) if is_not_there(&error) => done.refused += 1,
            Err(error) => return (done, Some(error)),
        }
    }
    (done, None)
}

/// Whether an id is that of no badge here.
pub fn is_not_there(error: &WalletError) -> bool {
    matches!(error, WalletError::BadId { .. } | WalletError::UnknownId { .. } | WalletError::AmbiguousId { .. })
}

/// The file as it came: its own name, its ending, and its bytes.
pub fn original(wallet: &mut Wallet, id: &IdPrefix, now: Timestamp) -> Result<(String, &'static str, Vec<u8>), WalletError> {
    let shown = wallet.show(id, now)?;
    let ending = satchel_wallet::ending(shown.report.format.name());
    let stem = shown.file.rsplit_once('.').map_or(shown.file.as_str(), |(stem, _)| stem);
    Ok((stem.to_owned(), ending, wallet.original(id)?))
}

/// The badge baked into a PNG: into the picture that the window shows of it. A PNG stays as it came, anything else is drawn.
pub fn png(wallet: &mut Wallet, id: &IdPrefix, now: Timestamp) -> Result<(String, &'static str, Vec<u8>), WalletError> {
    let shown = wallet.show(id, now)?;
    let name = shown.report.badge.as_deref().and_then(|badge| badge.name.clone());
    let name = name.unwrap_or_else(|| shown.file.clone());
    let picture = match wallet.picture(id)? {
        Some(picture) if container::sniff(&picture) == Format::Png => picture,
        picture => pictures::drawn(shown.id, picture, Side::Large).ok_or(WalletError::NeedsImage)?,
    };
    Ok((name, "png", wallet.png(id, Some(&picture))?))
}

/// Whom the owner trusts, as a check takes it.
pub fn trust(wallet: &Wallet) -> Result<Trust, WalletError> {
    let trusted = wallet.trusted()?.into_iter();
    Ok(Trust { issuers: trusted.map(|one| TrustedIssuer { id: one.id, name: Some(one.name), note: None, next: None }).collect() })
}

/// Whom the owner trusts.
pub fn trusted(wallet: &mut Wallet) -> Result<Vec<ipc::Trusted>, WalletError> {
    let all = wallet.trusted()?.into_iter();
    Ok(all.map(|one| ipc::Trusted { id: one.id, name: one.name, added: one.added.to_string() }).collect())
}

// ---- The same words on both sides ----

impl From<ipc::Shelf> for satchel_wallet::Shelf {
    fn from(shelf: ipc::Shelf) -> Self {
        match shelf {
            ipc::Shelf::Kept => Self::Kept,
            ipc::Shelf::Bin => Self::Bin,
        }
    }
}

impl From<satchel_wallet::State> for ipc::State {
    fn from(state: satchel_wallet::State) -> Self {
        use satchel_wallet::State;
        match state {
            State::Valid => Self::Valid,
            State::Intact => Self::Intact,
            State::Invalid => Self::Invalid,
            State::Undecided => Self::Undecided,
            State::NoBadge => Self::NoBadge,
        }
    }
}

impl From<ipc::State> for satchel_wallet::State {
    fn from(state: ipc::State) -> Self {
        match state {
            ipc::State::Valid => Self::Valid,
            ipc::State::Intact => Self::Intact,
            ipc::State::Invalid => Self::Invalid,
            ipc::State::Undecided => Self::Undecided,
            ipc::State::NoBadge => Self::NoBadge,
        }
    }
}

impl From<satchel_wallet::Mark> for ipc::Mark {
    fn from(mark: satchel_wallet::Mark) -> Self {
        use satchel_wallet::Mark;
        match mark {
            Mark::Expired => Self::Expired,
            Mark::Revoked => Self::Revoked,
            Mark::NotYet => Self::NotYet,
            Mark::StatusUnknown => Self::StatusUnknown,
            Mark::NotYours => Self::NotYours,
            Mark::Other => Self::Other,
        }
    }
}
