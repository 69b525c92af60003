//! Lists of revoked awards (Bitstring Status List 1.0), signed here. Each signature has a higher number than the one before, in the list's own
//! `id`, and the head of the award log; none has an end, because nobody may be at the desk then.

use jiff::Timestamp;
use satchel_badge::rdf::Library;
use satchel_badge::sign::sign_credential;
use satchel_badge::status::{MIN_BITS, encode};
use serde_json::{Value, json};

use super::compose::second;
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
        let mut list = 1;
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

impl Desk {
    /// Signs every list anew, with what is revoked now and the head of the award log.
    pub(super) fn sign_lists(&self, keys: &Keys, now: Timestamp) -> Result<Vec<List>, DeskError> {
        let (known, revoked, leaves, last, places) = self
            .store
            .read(|db| Ok((list::all(db)?, award::revoked(db)?, award::leaves(db)?, list::last_head(db)?, Places::of(db)?)))?;
        let head = head(&leaves, last, now)?;
        let mut lists = Vec::new();
        for number in 1..=places.list {
            let before = known.iter().find(|list| list.number == number).map_or(0, |list| list.version);
            // By the clock, so that a desk that was taken back from a backup goes on where it was.
            let version = now.as_second().max(before + 1);
            let unsigned = unsigned(&self.issuer, number, version, &bits(&revoked, number), &head, now)?;
            let signed = sign_credential(&unsigned, &keys.ed25519, now, &Library::default());
            let document = signed.map_err(|error| DeskError::Signing(error.to_string()))?.to_string();
            lists.push(List { number, version, document, made: to_micros(now) });
        }
        self.store.write(|db| {
            list::put_head(db, &head)?;
            lists.iter().try_for_each(|list| list::put(db, list))
        })?;
        Ok(lists)
    }
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
        let place = award.position.and_then(|place| usize::try_from(place).ok());
        if let Some((byte, place)) = place.and_then(|place| Some((bits.get_mut(place / 8)?, place))) {
            *byte |= 128 >> (place % 8);
        }
    }
    bits
}

fn unsigned(issuer: &Issuer, number: i64, version: i64, bits: &[u8], head: &Head, now: Timestamp) -> Result<Value, DeskError> {
    let url = issuer.address(&format!("status/{number}")).ok_or(DeskError::NoServer)?;
    Ok(json!({ "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("{url}#{version}"),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer.did, "validFrom": second(now),
        // The digest is the root of the tree over so many awards (RFC 9162, 2.1.1).
        "relatedResource": [{ "id": format!("urn:satchel:award-log:{}", head.size), "digestMultibase": multihash(&head.root) }],
        "credentialSubject": { "id": format!("{url}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
                               "encodedList": encode(bits) } }))
}
