//! A key that was lost, stolen, or in use long enough: the successor that was made with it takes over, at a desk of its own. It was written to a file
//! when the first desk was made (`desk new`); nobody without that makes a succession that counts.

use std::path::Path;

use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Status};
use satchel_badge::evidence::Evidence;
use satchel_badge::json;
use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, sign_credential, sign_succession};
use satchel_badge::status::COMPROMISED;
use satchel_badge::succession::Reason;
use serde_json::{Value, json};
use url::Url;

use super::hosted::Hosted;
use super::keys::{Keys, Successor, multihash, successor_in};
use super::list::{MADE_ANEW, is_set, set_place as set, unsigned};
use super::remote::Remote;
use super::store::inherited::{self, Inherited};
use super::store::predecessor::{self, Predecessor};
use super::{Desk, DeskError, Issuer, New, NewIssuer, Passphrases, Why, Wrong, log, secrets};
use crate::Sha256;
use crate::store::to_micros;

/// The path of the proof.
const SUCCESSION: &str = "succession.json";

/// Who is succeeded, and why.
#[derive(Clone, Debug)]
pub struct Succeeded<'a> {
    /// The issuer whose badges announced the key.
    pub of: &'a str,
    /// The server that it publishes on.
    pub server: &'a str,
    /// Why.
    pub reason: Reason,
}

/// Where the successor is, and where its own successor goes.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// The file that the desk wrote that is succeeded.
    pub file: &'a Path,
    /// What opens it.
    pub passphrase: &'a str,
    /// The file of the key that will succeed this one; else one beside the folder.
    pub next: Option<&'a Path>,
}

impl Desk {
    /// Makes the desk of a successor in `dir`, once the server of the issuer that it succeeds has taken the proof.
    ///
    /// # Errors
    /// The file does not open, the server does not take the key, or as [`Desk::create`].
    pub fn succeed(
        dir: &Path,
        new: &NewIssuer,
        it: &Succeeded<'_>,
        held: Held<'_>,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<New, DeskError> {
        let wrong = |about: &str, why| DeskError::BadOption(Wrong::new(about, why));
        if new.domain.is_some() || !it.of.starts_with("did:key:") {
            return Err(wrong("--of", Why::NotAKey));
        }
        let url = Url::parse(it.server).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        let server = url.ok_or_else(|| wrong("--server", Why::NotAnUrl))?.origin().ascii_serialization();
        let mut secrets = Keys::make()?;
        secrets.ed25519 = successor_in(held.file, held.passphrase)?;
        let (next, now) = (Successor::make(), clock());
        let begun = Self::make_room(dir, new)?;
        let issuer = Issuer { server: Some(server.clone()), ..new.issuer(&secrets, &next, now)? };
        let keys = Keys::of(&secrets, &issuer.key_url)?;
        let signer = Ed25519Signer::did_key(&secrets.ed25519);
        let signed = sign_succession(it.of, it.reason, &issuer.next_key, &signer, now);
        let signed = signed.map_err(|error| DeskError::Signing(error.to_string()))?;
        // In the name of the one that is succeeded, signed by the one that succeeds.
        let before = Issuer { did: it.of.to_owned(), ..issuer.clone() };
        let document = json!({ "id": before.address(SUCCESSION), "succession": signed });
        let keeper = secrets::write(dir, &secrets, passphrases)?;
        let kept = next.keep(dir, held.next)?;
        // Before there is a desk: what is broken off here is begun anew, and the server takes the same successor again.
        let put = Remote::new(&before, &keys, clock).and_then(|it| it.put(SUCCESSION, document.to_string().as_bytes()));
        if let Err(error) = put {
            // A key that nobody heard of succeeds nobody.
            let _ = std::fs::remove_file(&kept.0);
            return Err(error);
        }
        let before = Predecessor { did: it.of.to_owned(), compromised: it.reason == Reason::Compromised };
        let made = Self::settle_in(dir, begun, issuer, keeper, kept, Some(&before))?;
        // Whoever follows the lists learns of it at once; where that fails now, the next publication does it.
        let _ = Remote::new(&made.desk.issuer, &keys, clock).and_then(|it| made.desk.keep_lists(&it, &keys, clock()));
        Ok(made)
    }

    /// Signs the lists of whomever this desk succeeded, which cannot do so any more: what was revoked stays so, what is revoked here is, the lists do
    /// not grow too old, and whoever reads them learns of the succession.
    pub(super) fn keep_lists(&self, remote: &Remote<'_>, keys: &Keys, now: Timestamp) -> Result<(), DeskError> {
        for Predecessor { did, compromised } in self.store.read(predecessor::all)? {
            let before = Issuer { did, ..self.issuer.clone() };
            let remote = remote.in_name_of(&before)?;
            let hosted = Hosted::read(&remote, &before, &self.issuer, 1, now)?;
            let inherited = self.store.read(|db| inherited::of(db, &before.did))?;
            let revoke_older = older_with(&hosted, &inherited);
            for list in hosted.lists {
                let mut bits = list.bits.clone();
                inherited.iter().filter(|it| it.list == list.number).for_each(|it| set(&mut bits, it.position, true));
                // Its number is when it was made.
                let is_young = (0..MADE_ANEW.as_secs()).contains(&(now.as_second() - list.version));
                if list.by == self.issuer.did && is_young && bits == list.bits {
                    continue;
                }
                let number = (list.number, now.as_second().max(list.version.saturating_add(1)));
                let head = list.head.unwrap_or_else(|| (0, multihash(&log::root(&[]))));
                let mut unsigned = unsigned(&before, &self.issuer, number, &bits, &head, now)?;
                if let Some(related) = unsigned["relatedResource"].as_array_mut() {
                    let digest = multihash(&Sha256::of(&remote.hosted(SUCCESSION)?.unwrap_or_default()));
                    related.push(json!({ "id": before.address(SUCCESSION), "digestMultibase": digest }));
                    if compromised {
                        related.push(json!({ "id": COMPROMISED, "digestMultibase": digest }));
                    }
                }
                let signed = sign_credential(&unsigned, &keys.ed25519, now, &Library::default());
                let signed = signed.map_err(|error| DeskError::Signing(error.to_string()))?;
                remote.put(&before.list_path(list.number), signed.to_string().as_bytes())?;
            }
            if let Some(document) = revoke_older {
                remote.put("revocations.json", document.to_string().as_bytes())?;
            }
        }
        Ok(())
    }

    /// An award of whomever this desk succeeded, with its place in that one's lists: what the server has of it counts as far as that issuer signed it.
    pub(super) fn inherited(
        &self,
        remote: &Remote<'_>,
        id: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<Option<Inherited>, DeskError> {
        for before in self.predecessors()? {
            let found = inherited_from(&remote.in_name_of(&before)?, &before, id, now)?;
            if let Some(found) = found {
                return Ok(Some(Inherited { reason: reason.to_owned(), ..found }));
            }
        }
        Ok(None)
    }

    /// Awards of whomever this desk succeeded whose invitations were withdrawn, and that no list of theirs revokes, by their identifiers. Those that
    /// one revokes are kept as such, and not asked for again.
    pub(super) fn withdrawn_before(&self, remote: &Remote<'_>, now: Timestamp) -> Result<Vec<String>, DeskError> {
        let mut open = Vec::new();
        for before in self.predecessors()? {
            let remote = remote.in_name_of(&before)?;
            let mut unknown = remote.withdrawn()?;
            let known = self.store.read(|db| inherited::of(db, &before.did))?;
            unknown.retain(|id| known.iter().all(|it| it.credential != *id));
            if unknown.is_empty() {
                continue;
            }
            let hosted = Hosted::read(&remote, &before, &self.issuer, 1, now)?;
            for id in unknown {
                // What was erased there has no place that anybody knows.
                let Some(found) = inherited_from(&remote, &before, &id, now)? else { continue };
                if hosted.list(found.list).is_some_and(|list| is_set(&list.bits, found.position)) {
                    let found = Inherited { reason: hosted.reason(&id).unwrap_or_default(), ..found };
                    self.store.write(|db| inherited::put(db, &found))?;
                } else {
                    open.push(id);
                }
            }
        }
        Ok(open)
    }

    /// Whom this desk succeeded, as issuers of its server.
    fn predecessors(&self) -> Result<Vec<Issuer>, DeskError> {
        let all = self.store.read(predecessor::all)?;
        Ok(all.into_iter().map(|it| Issuer { did: it.did, ..self.issuer.clone() }).collect())
    }
}

/// An award of `issuer`, in whose name `remote` speaks, as one to be revoked now.
fn inherited_from(remote: &Remote<'_>, issuer: &Issuer, id: &str, now: Timestamp) -> Result<Option<Inherited>, DeskError> {
    let Some(award) = remote.award(id)? else { return Ok(None) };
    let Some((list, position)) = place(&award.ob3, issuer, id, now) else { return Ok(None) };
    Ok(Some(Inherited {
        credential: id.to_owned(),
        did: issuer.did.clone(),
        list,
        position,
        invitation: award.invitation.map(|id| id.to_string()),
        revoked: to_micros(now),
        reason: String::new(),
    }))
}

/// The list of the older form with what was revoked here; none where there is none, or it names all of it.
fn older_with(hosted: &Hosted, inherited: &[Inherited]) -> Option<Value> {
    let mut document = json::parse(hosted.older.as_deref()?).ok()?;
    let known = |id: &str| hosted.revocations.iter().any(|it| it.as_str().or_else(|| it.get("id")?.as_str()) == Some(id));
    let new = inherited.iter().filter(|it| !known(&it.credential));
    let new: Vec<Value> = new.map(|it| json!({ "id": it.credential, "revocationReason": it.reason })).collect();
    document.get_mut("revokedAssertions")?.as_array_mut()?.extend(new.iter().cloned());
    (!new.is_empty()).then_some(document)
}

/// The list of `issuer` and the place in it that its award with this identifier names.
fn place(award: &str, issuer: &Issuer, id: &str, now: Timestamp) -> Option<(i64, i64)> {
    let report = check(award.as_bytes(), &Evidence::default(), &Policy::default(), now).into_iter().next()?;
    let passed = |id: CheckId| report.lines.iter().any(|line| line.code.check() == id && line.code.status() == Status::Pass);
    let badge = report.badge.as_ref().filter(|_| passed(CheckId::Proof) && passed(CheckId::Issuer))?;
    let by = badge.issuer.as_ref()?.id.as_deref()?;
    let status = badge.data.get("credentialStatus").filter(|_| by == issuer.did && badge.id.as_deref() == Some(id))?;
    let lists = issuer.address("status/")?;
    let list = status.get("statusListCredential")?.as_str()?.strip_prefix(&lists)?.parse().ok()?;
    let position: i64 = status.get("statusListIndex")?.as_str()?.parse().ok()?;
    Some((list, position))
}
