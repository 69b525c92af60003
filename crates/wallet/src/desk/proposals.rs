//! What other systems propose. A server only brings it: staff accept or decline it here, or a rule does that the desk's owner made and the
//! issuer's own key signed (security.md, V07). By a rule an award is signed when the proposal itself carries the signature of the key that the rule
//! names, over recipient, badge and time; when that signature is new to this desk; and as many times a day as the rule says.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use satchel_badge::did;
use satchel_badge::key::PublicKey;
use satchel_badge::sign::Signer;
use satchel_protocol::proposal::{NewProposer, Proposer, Signed, Waiting};

use super::award::Wished;
use super::recipients;
use super::remote::Remote;
use super::store::proposed::{self, Proposed};
use super::store::rule::{self, Kept};
use super::{Desk, DeskError, Keys, Passphrases, Why, Wrong};
use crate::store::{from_micros, to_micros};

/// How old a signature may be that a rule signs for, and how far from the future it may seem to come.
const FRESH: SignedDuration = SignedDuration::from_hours(24 * 7);
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whose proposals are signed for without a click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The key that signs the proposals, a `did:key`.
    pub key: String,
    /// The badge.
    pub badge: String,
    /// Whose key it is, in the owner's words.
    pub name: String,
    /// How many within 24 hours.
    pub daily: u32,
    /// When it was made.
    pub made: Timestamp,
}

/// Why no rule signs for a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRule {
    /// It carries no signature.
    Unsigned,
    /// Its signature is not right, or is over something else than it says.
    BadSignature,
    /// No rule names its key and badge.
    NoRule,
    /// The rule was not made with the issuer's key.
    ForgedRule,
    /// Its signature is too old, or from the future.
    Stale,
    /// The same signature was decided on before.
    SeenBefore,
    /// As many as the rule allows were signed today.
    Limit,
}

/// What became of a proposal.
#[derive(Clone, Debug)]
pub enum Decision {
    /// An award was signed: its identifier.
    Granted(String),
    /// It waits for staff.
    Waits(NoRule),
    /// It cannot become an award.
    Bad(Wrong),
}

/// A proposal, and what became of it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The proposal.
    pub proposal: Waiting,
    /// What became of it.
    pub decision: Decision,
}

/// Which proposals are accepted.
#[derive(Clone, Copy, Debug)]
pub enum Accept<'a> {
    /// Those that staff name, by their ids.
    These(&'a [String]),
    /// Those that a rule signs for.
    ByRule,
}

impl Desk {
    /// What waits on the server, as the server tells it.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn proposals(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<Vec<Waiting>, DeskError> {
        let keys = self.keys(passphrases)?;
        self.waiting(&keys, clock)
    }

    /// What waits and was not decided here: the server may not have heard yet.
    fn waiting(&self, keys: &Keys, clock: &dyn Fn() -> Timestamp) -> Result<Vec<Waiting>, DeskError> {
        let all = Remote::new(&self.issuer, keys, clock)?.proposals()?;
        let mut waiting = Vec::new();
        for it in all {
            if self.store.read(|db| proposed::get(db, &it.id.to_string()))?.is_none() {
                waiting.push(it);
            }
        }
        Ok(waiting)
    }

    /// Signs awards for proposals. They are uploaded by [`Self::publish`], which tells the server which proposal each is for.
    ///
    /// # Errors
    /// The server cannot be asked, or something cannot be kept. What is signed until then is kept.
    pub fn accept(
        &mut self,
        which: Accept<'_>,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Vec<Decided>, DeskError> {
        let keys = self.keys(passphrases)?;
        let (waiting, now) = (self.waiting(&keys, clock)?, clock());
        if let Accept::These(ids) = which
            && let Some(id) = ids.iter().find(|id| !waiting.iter().any(|it| it.id.to_string() == **id))
        {
            return Err(DeskError::UnknownProposal { id: id.clone() });
        }
        let (mut decided, mut chosen): (Vec<Decided>, BTreeMap<String, Vec<Waiting>>) = (Vec::new(), BTreeMap::new());
        let by_rule = matches!(which, Accept::ByRule);
        let mut taken = HashMap::new();
        for proposal in waiting {
            let signed = self.signature_of(&proposal);
            match which {
                Accept::These(ids) if !ids.contains(&proposal.id.to_string()) => continue,
                Accept::These(_) => {}
                Accept::ByRule => {
                    if let Err(why) = self.by_rule(&keys, &signed, &mut taken, now)? {
                        decided.push(Decided { proposal, decision: Decision::Waits(why) });
                        continue;
                    }
                }
            }
            chosen.entry(proposal.wish.badge.clone()).or_default().push(proposal);
        }
        for (badge, chosen) in chosen {
            let wished = chosen.iter().map(|proposal| self.wished(proposal, by_rule, now)).collect();
            let signed = self.sign_for(&badge, wished, &keys, now)?;
            decided.extend(
                chosen.into_iter().zip(signed).map(|(proposal, signed)| Decided {
                    proposal,
                    decision: signed.map_or_else(Decision::Bad, Decision::Granted),
                }),
            );
        }
        Ok(decided)
    }

    /// The signature that a proposal carries, when it is right, for this issuer, and over what the proposal says.
    fn signature_of(&self, proposal: &Waiting) -> Result<Signed, NoRule> {
        let jws = proposal.signed.as_deref().ok_or(NoRule::Unsigned)?;
        let signed = Signed::verify(jws, &self.issuer.did).map_err(|_| NoRule::BadSignature)?;
        if signed.wish == proposal.wish { Ok(signed) } else { Err(NoRule::BadSignature) }
    }

    /// A proposal that is accepted, as the desk signs for it; with the number of its signature when that is right.
    fn wished(&self, it: &Waiting, by_rule: bool, now: Timestamp) -> Wished {
        let (key, number) = self.signature_of(it).ok().map(|signed| (signed.key, signed.id)).unzip();
        let (proposal, badge, at) = (it.id.to_string(), it.wish.badge.clone(), to_micros(now));
        Wished {
            id: proposal.clone(),
            email: it.wish.email.as_str().to_owned(),
            read: recipients::of_wish(&it.wish, now),
            origin: Some(Proposed { proposal, badge, credential: None, key, number, by_rule, at }),
        }
    }

    /// Whether a rule signs for a proposal with this signature.
    fn by_rule(
        &self,
        keys: &Keys,
        signed: &Result<Signed, NoRule>,
        taken: &mut HashMap<(String, String), i64>,
        now: Timestamp,
    ) -> Result<Result<(), NoRule>, DeskError> {
        let signed = match signed {
            Ok(signed) => signed,
            Err(why) => return Ok(Err(*why)),
        };
        let rules = self.store.read(rule::all)?;
        let Some(rule) = rules.iter().find(|rule| rule.key == signed.key && rule.badge == signed.wish.badge) else {
            return Ok(Err(NoRule::NoRule));
        };
        if !is_of_issuer(keys, rule) {
            return Ok(Err(NoRule::ForgedRule));
        }
        let fresh = Timestamp::from_second(signed.made).is_ok_and(|made| made >= now - FRESH && made <= now + AHEAD);
        if !fresh {
            return Ok(Err(NoRule::Stale));
        }
        if self.store.read(|db| proposed::by_number(db, &signed.key, &signed.id))?.is_some() {
            return Ok(Err(NoRule::SeenBefore));
        }
        let place = (rule.key.clone(), rule.badge.clone());
        let before = self.store.read(|db| proposed::count_since(db, &place.0, &place.1, to_micros(now - DAY)))?;
        let more = taken.entry(place).or_insert(0);
        if before + *more >= rule.daily {
            return Ok(Err(NoRule::Limit));
        }
        *more += 1;
        Ok(Ok(()))
    }

    /// Declines a proposal; the system that made it is told why.
    ///
    /// # Errors
    /// It does not wait, or the server cannot be asked.
    pub fn decline(
        &self,
        id: &str,
        reason: Option<&str>,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), DeskError> {
        let keys = self.keys(passphrases)?;
        let waiting = self.waiting(&keys, clock)?;
        let it = waiting.iter().find(|it| it.id.to_string() == id);
        let it = it.ok_or_else(|| DeskError::UnknownProposal { id: id.to_owned() })?;
        Remote::new(&self.issuer, &keys, clock)?.decline(id, reason)?;
        // Its signature counts no more, under whatever id a server shows it again.
        let (key, number) = self.signature_of(it).ok().map(|signed| (signed.key, signed.id)).unzip();
        let (badge, at) = (it.wish.badge.clone(), to_micros(clock()));
        let decided = Proposed { proposal: id.to_owned(), badge, credential: None, key, number, by_rule: false, at };
        let known = match (&decided.key, &decided.number) {
            (Some(key), Some(number)) => self.store.read(|db| proposed::by_number(db, key, number))?.is_some(),
            _ => false,
        };
        if !known {
            self.store.write(|db| proposed::put(db, &decided))?;
        }
        Ok(())
    }

    // ---- Rules ----

    /// Makes a rule, signed with the issuer's key, in the place of one for the same key and badge.
    ///
    /// # Errors
    /// The key is none, or no badge has this name.
    pub fn add_rule(&self, rule: &Rule, passphrases: &dyn Passphrases) -> Result<(), DeskError> {
        let wrong = |about: &str, why| DeskError::BadOption(Wrong::new(about, why));
        let key = did::key_of_did_key(&rule.key).filter(|key| matches!(key, PublicKey::Ed25519(_)));
        if key.is_none() || rule.key.contains('#') {
            return Err(wrong("--key", Why::NotAKey));
        }
        let name: String = satchel_badge::words::plain(rule.name.trim()).take(200).collect();
        if name.is_empty() {
            return Err(wrong("--name", Why::Missing));
        }
        self.badge(&rule.badge)?;
        let keys = self.keys(passphrases)?;
        let mut kept = Kept {
            key: rule.key.clone(),
            badge: rule.badge.clone(),
            name,
            daily: rule.daily.into(),
            made: to_micros(rule.made),
            signature: Vec::new(),
        };
        kept.signature = keys.ed25519.sign(said_by(&kept).as_bytes()).map_err(DeskError::Signing)?;
        Ok(self.store.write(|db| rule::put(db, &kept))?)
    }

    /// All rules.
    ///
    /// # Errors
    /// What the database said.
    pub fn rules(&self) -> Result<Vec<Rule>, DeskError> {
        let read = |kept: Kept| {
            let (key, badge, name) = (kept.key, kept.badge, kept.name);
            Ok(Rule { key, badge, name, daily: u32::try_from(kept.daily).unwrap_or_default(), made: from_micros(kept.made)? })
        };
        self.store.read(rule::all)?.into_iter().map(read).collect()
    }

    /// Takes a rule away; whether there was one.
    ///
    /// # Errors
    /// What the database said.
    pub fn remove_rule(&self, key: &str, badge: &str) -> Result<bool, DeskError> {
        Ok(self.store.write(|db| rule::remove(db, key, badge))?)
    }

    // ---- Systems ----

    /// Lets a system propose on the server. Its token and secret are told this once.
    ///
    /// # Errors
    /// The server refuses or cannot be asked.
    pub fn add_system(
        &self,
        new: &NewProposer,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<Proposer, DeskError> {
        let keys = self.keys(passphrases)?;
        Remote::new(&self.issuer, &keys, clock)?.add_system(new)
    }

    /// The systems that may propose.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub fn systems(&self, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<Vec<Proposer>, DeskError> {
        let keys = self.keys(passphrases)?;
        Remote::new(&self.issuer, &keys, clock)?.systems()
    }

    /// Ends a system: its token is worth nothing from then on.
    ///
    /// # Errors
    /// There is none, or the server cannot be asked.
    pub fn end_system(&self, id: &str, passphrases: &dyn Passphrases, clock: &dyn Fn() -> Timestamp) -> Result<(), DeskError> {
        let keys = self.keys(passphrases)?;
        Remote::new(&self.issuer, &keys, clock)?.end_system(id)
    }

    /// Gives a system a new secret for the messages that it gets; for a day they are signed with the one of before, too.
    ///
    /// # Errors
    /// There is none, or the server cannot be asked.
    pub fn rotate_system(
        &self,
        id: &str,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<String, DeskError> {
        let keys = self.keys(passphrases)?;
        Remote::new(&self.issuer, &keys, clock)?.rotate_system(id)
    }
}

/// What the issuer's key signs. It begins unlike anything else that it signs.
fn said_by(rule: &Kept) -> String {
    let Kept { key, badge, name, daily, made, .. } = rule;
    format!("satchel-desk-rule 1\n{key}\n{badge}\n{daily}\n{made}\n{name}\n")
}

/// Whether the issuer's own key signed a rule: whoever writes in the desk's folder without its key makes none.
fn is_of_issuer(keys: &Keys, rule: &Kept) -> bool {
    let multikey = keys.ed25519.multikey();
    let key = did::key_of_did_key(&format!("did:key:{multikey}#{multikey}"));
    key.is_some_and(|key| key.verify(said_by(rule).as_bytes(), &rule.signature))
}

impl NoRule {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad_signature",
            Self::NoRule => "no_rule",
            Self::ForgedRule => "forged_rule",
            Self::Stale => "stale",
            Self::SeenBefore => "seen_before",
            Self::Limit => "limit",
        }
    }
}
