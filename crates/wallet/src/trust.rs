//! Whom the owner trusts. A name in a badge is a claim (security.md, V05); who is who is the owner's own choice, and nothing but that makes an
//! issuer trusted.

use jiff::Timestamp;
use satchel_badge::check::{Policy, Trust, TrustedIssuer};

use crate::store::trusted::{self, Choice};
use crate::store::{Store, from_micros, to_micros};
use crate::{Sha256, Wallet, WalletError};

/// An issuer that the owner trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Its identifier, as its badges name it.
    pub id: String,
    /// The name under which the owner knows it.
    pub name: String,
    /// Since when.
    pub added: Timestamp,
}

/// Characters of an identifier or name; a DID of a big key has about a thousand.
const LONGEST: usize = 4000;

impl Wallet {
    /// Trusts an issuer, under the name by which the owner knows it; where the name is empty, its identifier serves. One that is trusted
    /// already gets the new name.
    pub fn trust(&mut self, id: &str, name: &str, now: Timestamp) -> Result<(), WalletError> {
        let (id, name) = (id.trim(), name.trim());
        if id.is_empty() || id.chars().count() > LONGEST || name.chars().count() > LONGEST {
            return Err(WalletError::BadIssuer { given: id.chars().take(80).collect() });
        }
        let name = if name.is_empty() { id } else { name };
        let choice = Choice { id: id.to_owned(), name: name.to_owned(), added: to_micros(now) };
        self.store.write(|db| trusted::put(db, &choice))?;
        self.trust_changed(id, now)
    }

    /// Trusts an issuer no more. Says whether it was trusted.
    pub fn untrust(&mut self, id: &str, now: Timestamp) -> Result<bool, WalletError> {
        let was = self.store.write(|db| trusted::erase(db, id.trim()))?;
        self.trust_changed(id.trim(), now)?;
        self.settle(now)?;
        Ok(was)
    }

    /// Whom the owner trusts, in the order of their names.
    pub fn trusted(&self) -> Result<Vec<Trusted>, WalletError> {
        let mut all = self.store.read(trusted::all)?;
        all.sort_by_cached_key(|choice| satchel_protocol::fold::fold(&choice.name));
        all.into_iter().map(|Choice { id, name, added }| Ok(Trusted { id, name, added: from_micros(added)? })).collect()
    }

    fn trust_changed(&mut self, id: &str, now: Timestamp) -> Result<(), WalletError> {
        self.policy = policy(&self.store)?;
        let (trust, issuers) = (mark(&self.policy), [id.to_owned()]);
        self.repairing(now, |wallet| {
            wallet.on_index(|index| index.trust_changed(trust, Some(&issuers)))?;
            wallet.freshen(now)
        })
    }

    /// Has all badges checked again.
    pub(crate) fn check_all_again(&mut self) -> Result<(), WalletError> {
        let trust = mark(&self.policy);
        self.on_index(|index| index.trust_changed(trust, None))
    }

    /// Has all badges checked again where their verdicts were made when the owner trusted others.
    pub(crate) fn follow_trust(&mut self) -> Result<(), WalletError> {
        let trust = mark(&self.policy);
        if self.on_index(|index| index.trust())? != trust.as_bytes() {
            self.on_index(|index| index.trust_changed(trust, None))?;
        }
        Ok(())
    }
}

/// What a check of this wallet demands: the default, and whom its owner trusts.
pub(crate) fn policy(store: &Store) -> Result<Policy, WalletError> {
    let issuers = store.read(trusted::all)?.into_iter();
    let issuers = issuers.map(|choice| TrustedIssuer { id: choice.id, name: Some(choice.name), note: None }).collect();
    Ok(Policy { trust: Trust { issuers }, ..Policy::default() })
}

/// The hash of all whom a policy trusts.
fn mark(policy: &Policy) -> Sha256 {
    Sha256::of(&serde_json::to_vec(&policy.trust).unwrap_or_default())
}
