//! The lists of this issuer as its server has them. A desk that was taken back from a backup, and another copy of it, do not know what the other
//! signed; the server has it. So a desk reads it before it signs anew, and takes over what it does not know: no revocation gets lost, no number
//! comes twice, and an award log is not told in two ways. Only what the issuer's own key signed counts (law 6).

use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Status};
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::json;
use satchel_badge::status::{decode, number_of};
use serde_json::Value;

use super::remote::Remote;
use super::revoke::REASON;
use super::{DeskError, Issuer};

/// A desk gives places of one list after the other; nobody has so many.
const MANY: i64 = 10_000;

/// What the server has.
#[derive(Default)]
pub(super) struct Hosted {
    pub lists: Vec<HostedList>,
    /// The entries of the list of the older form (OB 2.0, 3.8).
    pub revocations: Vec<Value>,
    /// The bytes of that one.
    pub older: Option<Vec<u8>>,
}

/// A list that this issuer signed.
pub(super) struct HostedList {
    pub number: i64,
    pub version: i64,
    /// Who signed it.
    pub by: String,
    pub document: String,
    pub bits: Vec<u8>,
    /// The head of the award log: how many leaves, and the root as multibase of a multihash.
    pub head: Option<(i64, String)>,
}

impl Hosted {
    /// Reads what the server has of an issuer: its lists, as far as `signer` or the issuer itself signed them. At least `least` are asked for.
    pub fn read(remote: &Remote<'_>, of: &Issuer, signer: &Issuer, least: i64, now: Timestamp) -> Result<Self, DeskError> {
        let mut hosted = Self::default();
        for number in 1..=MANY {
            let path = of.list_path(number);
            let bytes = remote.hosted(&path)?;
            if bytes.is_none() && number >= least {
                break;
            }
            let url = of.address(&path).unwrap_or_default();
            hosted.lists.extend(bytes.and_then(|bytes| list(&bytes, number, &url, [of, signer], now)));
        }
        hosted.older = remote.hosted("revocations.json")?;
        let older = hosted.older.as_deref().and_then(|bytes| json::parse(bytes).ok()).unwrap_or_default();
        hosted.revocations = older.get("revokedAssertions").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(hosted)
    }

    /// A list by its number.
    pub fn list(&self, number: i64) -> Option<&HostedList> {
        self.lists.iter().find(|list| list.number == number)
    }

    /// Why an award was revoked, as the list of the older form says.
    pub fn reason(&self, id: &str) -> Option<String> {
        let entry = self.revocations.iter().find(|it| it.get("id").and_then(Value::as_str) == Some(id))?;
        let reason = entry.get("revocationReason")?.as_str()?;
        Some(satchel_badge::words::plain(reason).take(REASON).collect())
    }

    /// The longest award log of which a head was signed.
    pub fn head(&self) -> Option<&(i64, String)> {
        self.lists.iter().filter_map(|list| list.head.as_ref()).max_by_key(|(size, _)| *size)
    }
}

/// A list that one of these issuers signed for this address.
fn list(bytes: &[u8], number: i64, url: &str, signers: [&Issuer; 2], now: Timestamp) -> Option<HostedList> {
    let mut evidence = Evidence::default();
    for signer in signers {
        if let Some(own) = signer.did_document() {
            evidence.add(signer.did.clone(), Document { fetched: Some(now), ..Document::given(own.to_string().into_bytes()) });
        }
    }
    // One that was signed while a clock was ahead counts all the same: whether it holds by now is not asked.
    let report = check(bytes, &evidence, &Policy::default(), now).into_iter().next()?;
    let passed = |id: CheckId| report.lines.iter().any(|line| line.code.check() == id && line.code.status() == Status::Pass);
    let badge = report.badge.as_ref()?;
    let by = badge.issuer.as_ref()?.id.as_deref()?;
    let id = badge.id.as_deref()?;
    if !passed(CheckId::Proof) || !passed(CheckId::Issuer) || !signers.iter().any(|it| it.did == by) || !id.starts_with(url) {
        return None;
    }
    Some(HostedList {
        number,
        version: i64::try_from(number_of(id)?).ok()?,
        by: by.to_owned(),
        document: String::from_utf8(bytes.to_vec()).ok()?,
        bits: bits_of(&badge.data)?,
        head: head_of(&badge.data),
    })
}

/// The bits of a list.
pub(super) fn bits_of(list: &Value) -> Option<Vec<u8>> {
    decode(list.pointer("/credentialSubject/encodedList")?.as_str()?)
}

/// The head of the award log that a list carries.
pub(super) fn head_of(list: &Value) -> Option<(i64, String)> {
    let resource = list.pointer("/relatedResource/0")?;
    let size = resource.get("id")?.as_str()?.strip_prefix("urn:satchel:award-log:")?.parse().ok()?;
    Some((size, resource.get("digestMultibase")?.as_str()?.to_owned()))
}
