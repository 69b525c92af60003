//! Publishing: what was signed and is not on the server yet. Each step is noted once the server has answered, so that whatever breaks it off is
//! gone on with, and an answer that was lost does no harm: the server knows what it has.
//!
//! When an award is uploaded, the address and the name of its recipient leave the desk (security.md, P08). What stays is the signed badge, in
//! which the address is hashed with a salt.

use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_protocol::desk::{Award as Uploaded, MAX_AWARDS, Outcome, Result as Answer};
use serde_json::{Value, json};

use super::compose::achievement;
use super::issuer::OB2;
use super::list::MADE_ANEW;
use super::remote::Remote;
use super::store::award::{self, Award};
use super::store::{proposed, upload};
use super::{Desk, DeskError, Issuer, Keys, Passphrases};
use crate::Sha256;
use crate::store::to_micros;

/// Bytes of the awards of one request.
const BYTES: usize = 4 << 20;

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
    /// Uploads what is signed and not uploaded yet; `say` hears of each award as soon as it is noted. The lists of revoked awards are signed
    /// anew and go first. The invitations are written in `language`.
    ///
    /// # Errors
    /// The server cannot be asked or refuses all of it. What it took until then is noted.
    pub fn publish(
        &self,
        passphrases: &dyn Passphrases,
        language: Language,
        clock: &dyn Fn() -> Timestamp,
        say: &mut dyn FnMut(&Published),
    ) -> Result<(), DeskError> {
        let keys = self.keys(passphrases)?;
        let remote = Remote::new(&self.issuer, &keys, clock)?;
        self.publish_documents(&remote)?;
        self.publish_lists(&remote, &keys, clock(), true)?;
        let mut from = 0;
        loop {
            let waiting = self.store.read(|db| award::unsent(db, from, MAX_AWARDS))?;
            let batch = within(waiting);
            let Some(last) = batch.last() else { return Ok(()) };
            from = last.number + 1;
            self.upload(&remote, batch, language, clock(), say)?;
        }
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

    /// Everything about the issuer and the badges that it awarded that the server does not have in this form yet.
    fn publish_documents(&self, remote: &Remote<'_>) -> Result<(), DeskError> {
        let mut documents = Vec::new();
        if self.issuer.has_older_form() {
            documents.push(("profile.json".to_owned(), profile(&self.issuer).to_string().into_bytes()));
            documents.push(("key.json".to_owned(), key(&self.issuer).to_string().into_bytes()));
        }
        // A badge that nobody was given is nobody's to see.
        for slug in self.store.read(award::badges)? {
            let (badge, picture) = self.badge(&slug)?;
            let path = format!("pictures/{}.png", badge.slug);
            let shown = self.issuer.address(&path).unwrap_or_default();
            let mut document = achievement(&badge, &shown);
            document["@context"] = json!("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json");
            documents.push((path, picture));
            documents.push((format!("achievements/{}.json", badge.slug), document.to_string().into_bytes()));
        }
        documents.into_iter().try_for_each(|(path, body)| self.publish_document(remote, &path, &body))
    }

    fn publish_document(&self, remote: &Remote<'_>, path: &str, body: &[u8]) -> Result<(), DeskError> {
        let sha256 = Sha256::of(body);
        if self.store.read(|db| upload::get(db, path))? == Some(sha256) {
            return Ok(());
        }
        remote.put(path, body)?;
        Ok(self.store.write(|db| upload::put(db, path, sha256))?)
    }

    /// The lists of revoked awards, signed anew where they were made some time ago, or when `always`.
    pub(super) fn publish_lists(&self, remote: &Remote<'_>, keys: &Keys, now: Timestamp, always: bool) -> Result<(), DeskError> {
        let known = self.store.read(super::store::list::all)?;
        let is_old = known.iter().any(|list| to_micros(now) - list.made > MADE_ANEW.as_micros().try_into().unwrap_or(0));
        let lists = if always || is_old || known.is_empty() { self.sign_lists(keys, now)? } else { known };
        for list in lists {
            self.publish_document(remote, &format!("status/{}", list.number), list.document.as_bytes())?;
        }
        if self.issuer.has_older_form() {
            let revoked = self.store.read(award::revoked)?;
            self.publish_document(remote, "revocations.json", revocations(&self.issuer, &revoked).to_string().as_bytes())?;
        }
        Ok(())
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
        language: Some(language.tag().to_owned()),
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
    json!({ "@context": OB2, "type": "CryptographicKey", "id": at("key.json"), "owner": at("profile.json"),
        "publicKeyPem": issuer.rsa_pem })
}

/// Its revoked assertions (OB 2.0, 3.8).
fn revocations(issuer: &Issuer, revoked: &[Award]) -> Value {
    let at = |path: &str| issuer.address(path).unwrap_or_default();
    let entry = |award: &Award| json!({ "id": award.credential, "revocationReason": award.reason });
    let entries: Vec<Value> = revoked.iter().filter(|award| award.ob2.is_some()).map(entry).collect();
    json!({ "@context": OB2, "type": "RevocationList", "id": at("revocations.json"), "issuer": at("profile.json"),
        "revokedAssertions": entries })
}
