//! What a server is asked next, and whether what it says can go on from what was read before. `Remote` is the one source in the program; tests have
//! another one, without a network.

use std::collections::{BTreeMap, BTreeSet};

use satchel_protocol::Id;
use satchel_protocol::feed::{Kind, Record};
use satchel_protocol::wallet::{Award, Awards, Invitation, Profile};

use super::plan::{Incoming, Place};

/// Invitations that are shown at once, and so asked for with their credentials, the last made first. Nobody reads more of them, and somebody else
/// decides how many there are.
pub const SHOWN: usize = 64;

/// A server that can be asked about an account.
pub trait Source {
    /// Why it cannot be.
    type Error;

    /// Where the feed ends.
    ///
    /// # Errors
    /// As with all of these.
    fn head(&self) -> Result<i64, Self::Error>;

    /// The changes after a cursor and up to where they go; none when the server cannot go on from there.
    fn changes(&self, cursor: i64) -> Result<Option<(Vec<Record>, i64)>, Self::Error>;

    /// The profile.
    fn profile(&self) -> Result<Profile, Self::Error>;

    /// The invitations that wait for an answer, without their credentials.
    fn open(&self) -> Result<Vec<Invitation>, Self::Error>;

    /// An invitation with its credential, if there is one for this account.
    fn invitation(&self, id: Id) -> Result<Option<Invitation>, Self::Error>;

    /// A page of awards.
    fn awards(&self, after: Option<Id>) -> Result<Awards, Self::Error>;

    /// An award, if there is one for this account.
    fn award(&self, id: Id) -> Result<Option<Award>, Self::Error>;

    /// What it said makes no sense.
    fn strange(&self, why: &str) -> Self::Error;
}

/// What is known here.
pub trait Here<E> {
    /// The invitations that wait for an answer.
    ///
    /// # Errors
    /// The wallet cannot be read.
    fn open(&self) -> Result<Vec<Id>, E>;

    /// The awards of an earlier round than this.
    ///
    /// # Errors
    /// The wallet cannot be read.
    fn left(&self, round: i64) -> Result<Vec<Id>, E>;
}

/// Asks for what comes next; none when all was read.
///
/// # Errors
/// The source could not be asked, or said something that makes no sense.
pub fn next<S: Source>(place: &Place, source: &S, here: &impl Here<S::Error>) -> Result<Option<Incoming>, S::Error> {
    match place {
        Place::Start { reached, .. } => begin(*reached, source, here).map(Some),
        Place::Reading { after, round, .. } => page(*after, *round, source, here).map(Some),
        Place::Following { cursor, last, expects, .. } => follow(*cursor, *last, !expects.is_empty(), source),
    }
}

fn begin<S: Source>(reached: i64, source: &S, here: &impl Here<S::Error>) -> Result<Incoming, S::Error> {
    let head = source.head()?;
    // Where the feed ends before what was read, it is not the one that was read.
    if head < reached {
        return Ok(Incoming::Restart { restored: true });
    }
    let records = if head > 0 { source.changes(head - 1)? } else { None };
    let last = records.and_then(|(records, _)| records.into_iter().find(|record| record.seq == head));
    let profile = source.profile()?;
    // Those that wait here and not there are asked for too: what became of them?
    let listed: BTreeMap<Id, Invitation> = source.open()?.into_iter().map(|it| (it.id, it)).collect();
    let ids: BTreeSet<Id> = listed.keys().copied().chain(here.open()?).collect();
    let invitations = invitations(&ids, &listed, source)?;
    Ok(Incoming::Begin { head, last, profile, invitations })
}

/// Invitations as they are now: one by one, but those that are only listed, of which there may be any number.
fn invitations<S: Source>(
    ids: &BTreeSet<Id>,
    listed: &BTreeMap<Id, Invitation>,
    source: &S,
) -> Result<Vec<(Id, Option<Invitation>)>, S::Error> {
    let found = ids.iter().rev().enumerate().map(|(at, id)| match listed.get(id) {
        Some(it) if at >= SHOWN => Ok((*id, Some(it.clone()))),
        _ => Ok((*id, source.invitation(*id)?)),
    });
    found.collect()
}

fn page<S: Source>(after: Option<Id>, round: i64, source: &S, here: &impl Here<S::Error>) -> Result<Incoming, S::Error> {
    let Awards { awards, next } = source.awards(after)?;
    // A page that does not lead on would be read for ever.
    if next.is_some_and(|next| after.is_some_and(|after| next <= after)) {
        return Err(source.strange("a page that does not go on"));
    }
    let left = if next.is_some() { Vec::new() } else { here.left(round)? };
    Ok(Incoming::Awards { awards, next, left })
}

fn follow<S: Source>(cursor: i64, last: Option<Record>, expects: bool, source: &S) -> Result<Option<Incoming>, S::Error> {
    let restart = |restored| Ok(Some(Incoming::Restart { restored }));
    let last = last.filter(|last| last.seq == cursor);
    // With the last record that was read, to see that it is still there.
    let checked = if cursor > 0 { source.changes(cursor - 1)? } else { None };
    let (mut records, next) = match (checked, last) {
        // What was cut away does not come back, and what was read does not change: not where this is the same feed.
        (Some((records, _)), last) if last.is_none() || records.first() != last.as_ref() => return restart(true),
        (Some(read), _) => read,
        // It was cut away: nobody can tell whether this is still the same feed.
        (None, Some(_)) => return restart(false),
        (None, None) => match source.changes(cursor)? {
            None => return restart(false),
            Some(read) => read,
        },
    };
    records.retain(|record| record.seq > cursor);
    let Some(end) = records.last().copied() else {
        // What was answered is not there: either it was so before, or it was forgotten.
        return if expects { restart(false) } else { Ok(None) };
    };
    if end.seq != next || records.first().is_some_and(|first| first.seq != cursor + 1) {
        return Err(source.strange("a feed with gaps"));
    }
    let of = |kind: Kind| records.iter().filter(|it| it.kind == kind).map(|it| it.subject).collect::<BTreeSet<Id>>();
    // With an award the question who sees the page may have found its answer (R34).
    let concerns_profile = records.iter().any(|it| matches!(it.kind, Kind::Profile | Kind::Award));
    let profile = if concerns_profile { Some(source.profile()?) } else { None };
    let ids = of(Kind::Invitation);
    let listed = if ids.len() > SHOWN { source.open()? } else { Vec::new() };
    let invitations = invitations(&ids, &listed.into_iter().map(|it| (it.id, it)).collect(), source)?;
    let awards = of(Kind::Award).into_iter().map(|id| Ok((id, source.award(id)?)));
    let awards = awards.collect::<Result<_, S::Error>>()?;
    Ok(Some(Incoming::Changes { cursor: next, last: Some(end), profile, invitations, awards }))
}
