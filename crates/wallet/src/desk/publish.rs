//! Publishing: what was signed and is not on the server yet. Each step is noted once the server has answered, so that whatever breaks it off is
//! gone on with, and an answer that was lost does no harm: the server knows what it has.
//!
//! When an award is uploaded, the address and the name of its recipient leave the desk (security.md, P08). What stays is the signed badge, in
//! which the address is hashed with a salt.

use jiff::Timestamp;
use satchel_badge::json;
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_protocol::desk::{Award as Uploaded, MAX_AWARDS, Outcome, Result as Answer};
use satchel_protocol::visibility::Listing;
use serde_json::{Value, json};

use super::compose::achievement;
use super::hosted::{Hosted, HostedList};
use super::issuer::OB2;
use super::list::{Found, MADE_ANEW, Told};
use super::remote::Remote;
use super::store::award::{self, Award};
use super::store::{issuer, proposed, upload};
use super::{Desk, DeskError, Issuer, Keys, Passphrases};
use crate::Sha256;
use crate::store::to_micros;

/// Bytes of the awards of one request.
const BYTES: usize = 4 << 20;

/// How to publish.
#[derive(Clone, Copy, Debug)]
pub struct Publish<'a> {
    /// The language of the invitations.
    pub language: Language,
    /// This copy of the desk goes on, although another one signed awards that it does not know.
    pub take_over: bool,
    /// Awards whose revocation is taken back.
    pub reinstate: &'a [String],
}

/// What became of an award.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its identifier.
    pub id: String,
    /// Whether the server has it: `added`, `duplicate` or `refused`.
    pub result: Outcome,
    /// The server's code, when it refused.
    pub code: Option<String>,
    /// The server's words, when it refused.
    pub message: Option<String>,
    /// The invitation.
    pub invitation: Option<String>,
}

impl Desk {
    /// Uploads what is signed and not uploaded yet; `say` hears of each award as soon as it is noted, and what the server had that this desk did
    /// not know is in `found`, also where the rest fails. The lists of revoked awards are signed anew and go first.
    ///
    /// # Errors
    /// The server cannot be asked or refuses all of it. What it took until then is noted.
    pub fn publish(
        &self,
        passphrases: &dyn Passphrases,
        wish: &Publish<'_>,
        clock: &dyn Fn() -> Timestamp,
        say: &mut dyn FnMut(&Published),
        found: &mut Found,
    ) -> Result<(), DeskError> {
        let reinstated = self.reinstate(wish.reinstate)?;
        let told = Told { take_over: wish.take_over, reinstate: &reinstated };
        let keys = self.keys(passphrases)?;
        let remote = Remote::new(&self.issuer, &keys, clock)?;
        self.publish_documents(&remote)?;
        self.publish_lists(&remote, &keys, clock(), true, told, found)?;
        let mut from = 0;
        loop {
            let waiting = self.store.read(|db| award::unsent(db, from, MAX_AWARDS))?;
            let batch = within(waiting);
            let Some(last) = batch.last() else { break };
            if let Some(size) = found.behind.filter(|_| !wish.take_over) {
                return Err(DeskError::Behind { size });
            }
            from = last.number + 1;
            self.upload(&remote, batch, wish.language, clock(), say)?;
        }
        found.withdrawn = self.withdrawn_at(&remote, clock())?;
        found.requests = remote.count_approved()?;
        Ok(())
    }

    /// Has a desk without a server publish on this one from now on: its badges name it. It is kept once it has taken what the issuer says of
    /// itself, so that no slip of the pen stays.
    ///
    /// # Errors
    /// The desk has another one, or this one cannot be asked or refuses.
    pub fn publish_on(
        &mut self,
        server: Option<&str>,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), DeskError> {
        let server = self.server_for(server)?;
        if server == self.issuer.server {
            return Ok(());
        }
        let keys = self.keys(passphrases)?;
        let before = self.issuer.clone();
        self.issuer.server = server;
        let taken = Remote::new(&self.issuer, &keys, clock).and_then(|remote| self.publish_issuer(&remote));
        match taken {
            Ok(()) => Ok(self.store.write(|db| issuer::put(db, &self.issuer))?),
            Err(error) => {
                self.issuer = before;
                Err(error)
            }
        }
    }

    /// Says who finds a badge at the server, also before anybody was awarded it.
    ///
    /// # Errors
    /// There is no such badge, or the server cannot be asked.
    pub fn list(
        &self,
        badge: &str,
        state: Listing,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<(), DeskError> {
        let keys = self.keys(passphrases)?;
        let remote = Remote::new(&self.issuer, &keys, clock)?;
        self.publish_issuer(&remote)?;
        self.publish_badge(&remote, badge)?;
        remote.list(badge, state)
    }

    /// Takes revocations back, here; the full identifiers.
    fn reinstate(&self, ids: &[String]) -> Result<Vec<String>, DeskError> {
        let awards = ids.iter().map(|id| self.find(id)).collect::<Result<Vec<_>, _>>()?;
        self.store
            .write(|db| awards.iter().try_for_each(|it| award::put(db, &Award { revoked: None, reason: None, ..it.clone() })))?;
        Ok(awards.into_iter().map(|award| award.credential).collect())
    }

    fn upload(
        &self,
        remote: &Remote<'_>,
        batch: Vec<Award>,
        language: Language,
        now: Timestamp,
        say: &mut dyn FnMut(&Published),
    ) -> Result<(), DeskError> {
        let proposal = |award: &Award| self.store.read(|db| proposed::of_credential(db, &award.credential));
        let with = |award: &Award| uploaded(award, language, proposal(award)?.map(|it| it.proposal));
        let awards = batch.iter().map(with).collect::<Result<_, _>>()?;
        let answers = remote.upload(awards)?.results;
        let done: Vec<(Award, Published)> =
            batch.into_iter().zip(answers).map(|(award, answer)| noted(award, answer, now)).collect();
        self.store.write(|db| done.iter().try_for_each(|(award, _)| award::put(db, award)))?;
        // Nothing of whom they were for is left in the journal either.
        self.store.settle()?;
        for (_, published) in &done {
            say(published);
        }
        Ok(())
    }

    /// Everything about the issuer that the server does not have in this form yet.
    pub(super) fn publish_issuer(&self, remote: &Remote<'_>) -> Result<(), DeskError> {
        let mut documents = Vec::new();
        // Also without an older form: the server takes the issuer's name from it.
        documents.push(("profile.json".to_owned(), self.profile(remote)?.to_string().into_bytes()));
        if self.issuer.has_older_form() {
            documents.push((self.issuer.key_path(), key(&self.issuer).to_string().into_bytes()));
        }
        documents.into_iter().try_for_each(|(path, body)| self.publish_document(remote, &path, &body))
    }

    /// The same, and of the badges that it awarded.
    fn publish_documents(&self, remote: &Remote<'_>) -> Result<(), DeskError> {
        self.publish_issuer(remote)?;
        self.store.read(award::badges)?.iter().try_for_each(|slug| self.publish_badge(remote, slug))
    }

    /// The issuer as it is served, with the keys of its other desks: which of them counts, the statement in each badge says.
    fn profile(&self, remote: &Remote<'_>) -> Result<Value, DeskError> {
        let mut profile = profile(&self.issuer);
        let keys = profile.get_mut("publicKey").and_then(Value::as_array_mut).filter(|_| self.issuer.has_other_desks());
        let (Some(keys), Some(folder)) = (keys, self.issuer.address("keys/")) else { return Ok(profile) };
        let hosted = remote.hosted("profile.json")?.and_then(|bytes| json::parse(&bytes).ok()).unwrap_or_default();
        let others = hosted.get("publicKey").and_then(Value::as_array).cloned().unwrap_or_default();
        for key in others.into_iter().filter(|key| key.as_str().is_some_and(|key| key.starts_with(&folder))) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        Ok(profile)
    }

    pub(super) fn publish_badge(&self, remote: &Remote<'_>, slug: &str) -> Result<(), DeskError> {
        let (badge, picture) = self.badge(slug)?;
        let path = format!("pictures/{}.png", badge.slug);
        let shown = self.issuer.address(&path).unwrap_or_default();
        let mut document = achievement(&badge, &shown);
        document["@context"] = json!("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json");
        self.publish_document(remote, &path, &picture)?;
        self.publish_document(remote, &format!("achievements/{}.json", badge.slug), document.to_string().as_bytes())
    }

    fn publish_document(&self, remote: &Remote<'_>, path: &str, body: &[u8]) -> Result<(), DeskError> {
        let sha256 = Sha256::of(body);
        if self.store.read(|db| upload::get(db, path))? == Some(sha256) {
            return Ok(());
        }
        remote.put(path, body)?;
        Ok(self.store.write(|db| upload::put(db, path, sha256))?)
    }

    /// The lists of revoked awards, signed anew where they were made some time ago, where the server has what this desk does not know, or when
    /// `always`.
    pub(super) fn publish_lists(
        &self,
        remote: &Remote<'_>,
        keys: &Keys,
        now: Timestamp,
        always: bool,
        told: Told<'_>,
        found: &mut Found,
    ) -> Result<(), DeskError> {
        let known = self.store.read(super::store::list::all)?;
        let least = known.iter().map(|list| list.number).max().unwrap_or(1);
        let hosted = Hosted::read(remote, &self.issuer, &self.issuer, least, now)?;
        self.take_over(&hosted, told, now, found)?;
        // Also one that was made while the clock was ahead.
        let anew = i64::try_from(MADE_ANEW.as_micros()).unwrap_or(i64::MAX);
        let is_old = |made: i64| !(0..=anew).contains(&(to_micros(now) - made));
        let is_news = |there: &HostedList| {
            known.iter().find(|list| list.number == there.number).is_none_or(|list| {
                list.version < there.version || (list.version == there.version && list.document != there.document)
            })
        };
        let sign = always
            || known.is_empty()
            || known.iter().any(|list| is_old(list.made))
            || found.behind.is_some()
            || !found.revoked.is_empty()
            || hosted.lists.iter().any(is_news);
        let lists = if sign { self.sign_lists(keys, &hosted, told, found.behind.is_some(), now)? } else { known };
        let how = if told.reinstate.is_empty() { "" } else { "?reinstate=true" };
        for list in lists {
            if hosted.list(list.number).is_none_or(|there| there.document != list.document) {
                remote.put(&format!("{}{how}", self.issuer.list_path(list.number)), list.document.as_bytes())?;
            }
        }
        if self.issuer.has_older_form() {
            let revoked = self.store.read(award::revoked)?;
            // What another copy of this desk awarded and revoked stays so.
            let others = hosted.revocations.iter().filter(|entry| {
                let id = entry.as_str().or_else(|| entry.get("id")?.as_str()).unwrap_or_default();
                self.store.read(|db| award::get(db, id)).is_ok_and(|known| known.is_none())
            });
            let document = revocations(&self.issuer, &revoked, others.cloned()).to_string().into_bytes();
            if hosted.older.as_ref() != Some(&document) {
                remote.put(&format!("revocations.json{how}"), &document)?;
            }
        }
        self.keep_lists(remote, keys, now)
    }
}

/// As many as go in one request.
fn within(waiting: Vec<Award>) -> Vec<Award> {
    let mut bytes = 0;
    let fits = |award: &Award| {
        let first = bytes == 0;
        bytes += award.ob3.len() + award.ob2.as_ref().map_or(0, Vec::len);
        first || bytes <= BYTES
    };
    waiting.into_iter().take_while(fits).collect()
}

fn uploaded(award: &Award, language: Language, proposal: Option<String>) -> Result<Uploaded, DeskError> {
    let torn = || crate::WalletError::damaged(format!("wallet.db: the award {}", award.credential));
    let email: EmailAddress = award.email.as_deref().and_then(|text| text.parse().ok()).ok_or_else(torn)?;
    let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).map_err(|_| torn());
    Ok(Uploaded {
        email,
        name: award.name.clone(),
        language: Some(award.language.clone().unwrap_or_else(|| language.tag().to_owned())),
        ob3: text(&award.ob3)?,
        ob2: award.ob2.as_ref().map(text).transpose()?,
        proposal: proposal.map(|id| id.parse()).transpose().map_err(|_| torn())?,
    })
}

/// An award with what the server said about it. The address stays of one that was refused, for whoever mends it.
fn noted(award: Award, answer: Answer, now: Timestamp) -> (Award, Published) {
    let invitation = answer.invitation.map(|id| id.to_string());
    let plain = |text: String| -> String { satchel_badge::words::plain(&text).take(300).collect() };
    let (code, message) = (answer.code.map(plain), answer.message.map(plain));
    let published = Published {
        id: award.credential.clone(),
        result: answer.result,
        code: code.clone(),
        message,
        invitation: invitation.clone(),
    };
    let is_refused = answer.result == Outcome::Refused;
    let (email, name) = if is_refused { (award.email, award.name) } else { (None, None) };
    let refused = is_refused.then(|| code.unwrap_or_else(|| String::from("refused")));
    (Award { email, name, sent: Some(to_micros(now)), invitation, refused, ..award }, published)
}

/// The issuer as it is served.
fn profile(issuer: &Issuer) -> Value {
    let mut profile = issuer.profile2();
    profile["@context"] = json!(OB2);
    profile
}

/// Its RSA key (OB 2.0, 3.9).
fn key(issuer: &Issuer) -> Value {
    let at = |path: &str| issuer.address(path).unwrap_or_default();
    json!({ "@context": OB2, "type": "CryptographicKey", "id": at(&issuer.key_path()), "owner": at("profile.json"),
        "publicKeyPem": issuer.rsa_pem })
}

/// Its revoked assertions (OB 2.0, 3.8).
fn revocations(issuer: &Issuer, revoked: &[Award], others: impl Iterator<Item = Value>) -> Value {
    let at = |path: &str| issuer.address(path).unwrap_or_default();
    let entry = |award: &Award| match &award.reason {
        Some(reason) => json!({ "id": award.credential, "revocationReason": reason }),
        None => json!({ "id": award.credential }),
    };
    let entries: Vec<Value> = revoked.iter().filter(|award| award.ob2.is_some()).map(entry).chain(others).collect();
    json!({ "@context": OB2, "type": "RevocationList", "id": at("revocations.json"), "issuer": at("profile.json"),
        "revokedAssertions": entries })
}
