//! Lists of revoked awards (Bitstring Status List 1.0), signed here. Each signature has a higher number than the one before, in the list's own
//! `id`, and the head of the award log; none has an end, because nobody may be at the desk then.

use jiff::Timestamp;
use satchel_badge::json;
use satchel_badge::rdf::Library;
use satchel_badge::sign::sign_credential;
use satchel_badge::status::{MIN_BITS, encode};
use serde_json::{Value, json};

use super::compose::second;
use super::hosted::{Hosted, bits_of};
use super::keys::multihash;
use super::store::award::{self, Award};
use super::store::list::{self, Head, List};
use super::{Desk, DeskError, Issuer, Keys, log};
use crate::store::to_micros;
use crate::{Sha256, WalletError, random};

/// Places of a list, and how many of them are given away: among as many others each place says nothing about its award.
const PLACES: usize = MIN_BITS;
const GIVEN: usize = PLACES / 2;

/// A list is signed anew when it was made longer ago and somebody is at the desk, so that it does not grow too old to count.
pub(super) const MADE_ANEW: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Places for new awards.
pub(super) struct Places {
    list: i64,
    taken: std::collections::HashSet<i64>,
}

impl Places {
    /// Those of a desk.
    pub fn of(db: &rusqlite::Connection) -> Result<Self, WalletError> {
        // The last list: those before it are half full, or have places that another copy of this desk gave away.
        let mut list = list::all(db)?.last().map_or(1, |list| list.number);
        loop {
            let taken = award::positions(db, list)?;
            if taken.len() < GIVEN {
                return Ok(Self { list, taken });
            }
            list += 1;
        }
    }

    /// A place that nobody has, at random.
    pub fn next(&mut self) -> (i64, i64) {
        if self.taken.len() >= GIVEN {
            *self = Self { list: self.list + 1, taken: std::collections::HashSet::new() };
        }
        loop {
            let place = i64::from(random::below(u32::try_from(PLACES).unwrap_or(u32::MAX)));
            if self.taken.insert(place) {
                return (self.list, place);
            }
        }
    }
}

/// What a desk learned from its server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Awards that another copy of this desk revoked, by their identifiers: they are revoked here too from now on.
    pub revoked: Vec<String>,
    /// How many revoked places are of awards that this desk does not know. They stay revoked.
    pub unknown: usize,
    /// How many awards the published log has, where they are not the first of those here: another copy of this desk signed some.
    pub behind: Option<i64>,
    /// Awards whose invitations were withdrawn at the server, and that are not revoked, by their identifiers.
    pub withdrawn: Vec<String>,
    /// How many requests were approved at the server and await a signature.
    pub requests: i64,
}

/// What the person at the desk decided about lists.
#[derive(Clone, Copy, Default)]
pub(super) struct Told<'a> {
    /// This copy of the desk goes on with its own award log, whatever another one signed.
    pub take_over: bool,
    /// Awards whose revocation is taken back, by their identifiers.
    pub reinstate: &'a [String],
}

impl Desk {
    /// Takes over what the server has and this desk does not know: revocations of its awards.
    pub(super) fn take_over(&self, hosted: &Hosted, told: Told<'_>, now: Timestamp, found: &mut Found) -> Result<(), DeskError> {
        let leaves = self.store.read(award::leaves)?;
        let is_ours = |(size, root): &(i64, String)| {
            let beginning = usize::try_from(*size).ok().and_then(|size| leaves.get(..size));
            beginning.is_some_and(|leaves| multihash(&log::root(leaves)) == *root)
        };
        found.behind = hosted.head().filter(|head| !is_ours(head)).map(|(size, _)| *size);
        found.unknown = 0;
        for list in &hosted.lists {
            for place in set(&list.bits) {
                match self.store.read(|db| award::at(db, list.number, place))? {
                    None => found.unknown += 1,
                    Some(award) if award.revoked.is_none() && !told.reinstate.contains(&award.credential) => {
                        found.revoked.push(award.credential.clone());
                        let award = Award { revoked: Some(to_micros(now)), reason: hosted.reason(&award.credential), ..award };
                        self.store.write(|db| award::put(db, &award))?;
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Signs every list anew, with what is revoked here and was ever in a list that this issuer signed, and the head of the award log.
    pub(super) fn sign_lists(
        &self,
        keys: &Keys,
        hosted: &Hosted,
        told: Told<'_>,
        behind: bool,
        now: Timestamp,
    ) -> Result<Vec<List>, DeskError> {
        let (known, revoked, leaves, last, places) = self
            .store
            .read(|db| Ok((list::all(db)?, award::revoked(db)?, award::leaves(db)?, list::last_head(db)?, Places::of(db)?)))?;
        let own = head(&leaves, last, now)?;
        // A log that another copy of this desk went on with is not told in another way, unless this one is told to go on.
        let others = hosted.head().filter(|_| behind && !told.take_over);
        let shown = others.cloned().unwrap_or_else(|| (own.size, multihash(&own.root)));
        let cleared = told.reinstate.iter().map(|id| self.store.read(|db| award::get(db, id))).collect::<Result<Vec<_>, _>>()?;
        let most = hosted.lists.iter().map(|list| list.number).max().unwrap_or_default().max(places.list);
        // Which places the awards have that are not known here, nobody knows: new ones go into a new list.
        let most = most + i64::from(behind && told.take_over);
        let mut lists = Vec::new();
        for number in 1..=most {
            let before = known.iter().find(|list| list.number == number);
            let there = hosted.list(number);
            let version = before.map_or(0, |list| list.version).max(there.map_or(0, |list| list.version));
            // By the clock, so that a desk that was taken back from a backup goes on where it was.
            let version = now.as_second().max(version.saturating_add(1));
            let earlier = before.and_then(|list| bits_of(&json::parse(list.document.as_bytes()).ok()?)).unwrap_or_default();
            let mut bits = bits(&revoked, number);
            for (at, byte) in bits.iter_mut().enumerate() {
                let there = there.and_then(|list| list.bits.get(at));
                *byte |= earlier.get(at).unwrap_or(&0) | there.unwrap_or(&0);
            }
            for award in cleared.iter().flatten().filter(|award| award.list == Some(number) && award.revoked.is_none()) {
                put(&mut bits, award, false);
            }
            let unsigned = unsigned(&self.issuer, &self.issuer, (number, version), &bits, &shown, now)?;
            let signed = sign_credential(&unsigned, &keys.ed25519, now, &Library::default());
            let document = signed.map_err(|error| DeskError::Signing(error.to_string()))?.to_string();
            lists.push(List { number, version, document, made: to_micros(now) });
        }
        self.store.write(|db| {
            if others.is_none() {
                list::put_head(db, &own)?;
            }
            lists.iter().try_for_each(|list| list::put(db, list))
        })?;
        Ok(lists)
    }
}

/// The places that are set.
fn set(bits: &[u8]) -> impl Iterator<Item = i64> {
    let bytes = bits.iter().enumerate().filter(|(_, byte)| **byte != 0);
    let places = bytes.flat_map(|(at, byte)| (0..8).filter(move |bit| byte & (128 >> bit) != 0).map(move |bit| at * 8 + bit));
    places.filter_map(|place| i64::try_from(place).ok())
}

/// The head of the award log. What was signed before must still be its beginning.
fn head(leaves: &[Sha256], last: Option<Head>, now: Timestamp) -> Result<Head, DeskError> {
    if let Some(last) = last {
        let before = usize::try_from(last.size).ok().and_then(|size| leaves.get(..size));
        if before.map(log::root) != Some(last.root) {
            return Err(WalletError::damaged("wallet.db: the award log is not what was signed before").into());
        }
    }
    let size = i64::try_from(leaves.len()).unwrap_or(i64::MAX);
    Ok(Head { size, root: log::root(leaves), made: to_micros(now) })
}

/// The bits of a list; the first place is the most significant bit of the first byte.
fn bits(revoked: &[Award], list: i64) -> Vec<u8> {
    let mut bits = vec![0; PLACES / 8];
    for award in revoked.iter().filter(|award| award.list == Some(list)) {
        put(&mut bits, award, true);
    }
    bits
}

/// Sets or clears the place of an award.
fn put(bits: &mut [u8], award: &Award, revoked: bool) {
    if let Some(place) = award.position {
        set_place(bits, place, revoked);
    }
}

/// Whether a place is set.
pub(super) fn is_set(bits: &[u8], place: i64) -> bool {
    let place = usize::try_from(place).ok();
    place.is_some_and(|place| bits.get(place / 8).is_some_and(|byte| byte & (128 >> (place % 8)) != 0))
}

/// Sets or clears a place.
pub(super) fn set_place(bits: &mut [u8], place: i64, revoked: bool) {
    let place = usize::try_from(place).ok();
    if let Some((byte, place)) = place.and_then(|place| Some((bits.get_mut(place / 8)?, place))) {
        let bit = 128 >> (place % 8);
        *byte = if revoked { *byte | bit } else { *byte & !bit };
    }
}

/// A list of `issuer`, signed by `signer`.
pub(super) fn unsigned(
    issuer: &Issuer,
    signer: &Issuer,
    (number, version): (i64, i64),
    bits: &[u8],
    (size, root): &(i64, String),
    now: Timestamp,
) -> Result<Value, DeskError> {
    let url = issuer.address(&issuer.list_path(number)).ok_or(DeskError::NoServer)?;
    Ok(json!({ "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("{url}#{version}"),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": signer.did, "validFrom": second(now),
        // The digest is the root of the tree over so many awards (RFC 9162, 2.1.1).
        "relatedResource": [{ "id": format!("urn:satchel:award-log:{size}"), "digestMultibase": root }],
        "credentialSubject": { "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
                               "encodedList": encode(bits) } }))
}
