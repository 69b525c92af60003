//! Requests for a badge that staff approved at the server. That they did is the server's word, and signs nothing (security.md, V07): somebody here
//! reads who asks for what, and names those that are to be signed for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use satchel_protocol::request::Request as Asked;

use super::award::Wished;
use super::recipients::{self, name_of};
use super::remote::Remote;
use super::store::award;
use super::{Desk, DeskError, Keys, Passphrases, Wrong};
use crate::store::to_micros;

/// A request that was approved.
#[derive(Clone, Debug)]
pub struct Approved {
    /// The request, as the server tells it.
    pub asked: Asked,
    /// Who asks, by the whole name.
    pub name: String,
    /// The award of this badge that this person has from this desk, and how it stands: `signed`, `published` or `refused` (by the server).
    pub award: Option<(String, &'static str)>,
    /// Where staff read it and its files.
    pub page: String,
}

/// A request that was to be signed for, and its award or why there is none.
#[derive(Clone, Debug)]
pub struct SignedFor {
    /// The request.
    pub request: Approved,
    /// The identifier of the award.
    pub signed: Result<String, Wrong>,
}

impl Desk {
    /// The approved requests that await a signature, as the server tells them, the oldest first.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn approved(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<Vec<Approved>, DeskError> {
        self.approved_at(&self.keys(passphrases)?, clock)
    }

    /// How many there are.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn count_approved(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<i64, DeskError> {
        Remote::new(&self.issuer, &self.keys(passphrases)?, clock)?.count_approved()
    }

    fn approved_at(&self, keys: &Keys, clock: &dyn Fn() -> Timestamp) -> Result<Vec<Approved>, DeskError> {
        let now = to_micros(clock());
        let server = self.issuer.server.clone().unwrap_or_default();
        let mut all = Vec::new();
        for asked in Remote::new(&self.issuer, keys, clock)?.approved()? {
            let award = match asked.email.as_deref().and_then(|email| email.parse().ok()) {
                Some(email) => self.store.read(|db| award::of_person(db, &asked.slug, keys.person(&email), now))?,
                None => None,
            };
            let award = award.map(|award| (award.credential.clone(), award.state()));
            all.push(Approved { name: name_of(&asked), page: format!("{server}/staff/requests/{}", asked.id), asked, award });
        }
        Ok(all)
    }

    /// Signs awards for requests that somebody here names. They are uploaded by [`Self::publish`], which settles the requests at the server. One
    /// that an earlier run signed for and did not upload keeps that award.
    ///
    /// # Errors
    /// One of them does not await a signature, the server cannot be asked, or something cannot be kept. What is signed until then is kept.
    pub fn sign_requests(
        &mut self,
        ids: &[String],
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Vec<SignedFor>, DeskError> {
        let keys = self.keys(passphrases)?;
        let (all, now) = (self.approved_at(&keys, clock)?, clock());
        if let Some(id) = ids.iter().find(|id| !all.iter().any(|it| it.asked.id.to_string() == **id)) {
            return Err(DeskError::UnknownRequest { id: id.clone() });
        }
        let (mut done, mut chosen): (Vec<SignedFor>, BTreeMap<String, Vec<Approved>>) = (Vec::new(), BTreeMap::new());
        for request in all.into_iter().filter(|it| ids.contains(&it.asked.id.to_string())) {
            match request.award.clone() {
                Some((id, "signed")) => done.push(SignedFor { request, signed: Ok(id) }),
                _ => chosen.entry(request.asked.slug.clone()).or_default().push(request),
            }
        }
        for (badge, chosen) in chosen {
            let wished = chosen.iter().map(|Approved { asked, .. }| Wished {
                id: asked.id.to_string(),
                email: asked.email.clone().unwrap_or_default(),
                read: recipients::of_request(asked),
                origin: None,
            });
            let wished = wished.collect();
            let signed = self.sign_for(&badge, wished, &keys, now)?;
            done.extend(chosen.into_iter().zip(signed).map(|(request, signed)| SignedFor { request, signed }));
        }
        Ok(done)
    }
}
