//! Who issues: a `did:key`, which is its own key and needs no host, or a `did:web` on the issuer's own domain. And what the issuer publishes
//! about itself on a server.

use jiff::Timestamp;
use satchel_badge::did;
use satchel_badge::sign::{Ed25519Signer, sign_key_statement};
use satchel_badge::succession::NEXT_KEY;
use satchel_protocol::achievement::{is_plain, is_web};
use serde_json::{Value, json};
use url::Url;

use super::keys::{Keys, Successor};
use super::secrets::Secrets;
use super::{DeskError, Why, Wrong};
use crate::Sha256;

/// The context of Open Badges 2.0.
pub(super) const OB2: &str = "https://w3id.org/openbadges/v2";

/// Characters of a name.
const LONGEST: usize = 200;

/// An issuer to be.
#[derive(Clone, Debug, Default)]
pub struct NewIssuer {
    /// Its name.
    pub name: String,
    /// The domain of a `did:web`; none for a `did:key`.
    pub domain: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Where people write to.
    pub email: Option<String>,
}

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Its identifier.
    pub did: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// Where people write to.
    pub email: Option<String>,
    /// The verification method of its Ed25519 key.
    pub key_url: String,
    /// The hash of the key that will succeed.
    pub next_key: String,
    /// The public RSA key of its Open Badges 2.0 form.
    pub rsa_pem: String,
    /// The statement of its Ed25519 key over that one.
    pub statement: String,
    /// The server that it publishes on.
    pub server: Option<String>,
    /// When it was made.
    pub made: Timestamp,
}

impl NewIssuer {
    /// Whether it may be one.
    pub(super) fn check(&self) -> Result<(), DeskError> {
        let wrong = |about: &str, why| Err(DeskError::BadOption(Wrong::new(about, why)));
        match () {
            () if self.name.trim().is_empty() => wrong("--name", Why::Missing),
            () if self.name.chars().count() > LONGEST => wrong("--name", Why::TooLong),
            () if !is_plain(&self.name) => wrong("--name", Why::ControlCharacters),
            () if self.url.as_deref().is_some_and(|url| !is_web(url)) => wrong("--url", Why::NotAnUrl),
            () if self.email.as_deref().is_some_and(|it| it.parse::<satchel_protocol::EmailAddress>().is_err()) => {
                wrong("--email", Why::NotAnAddress)
            }
            () if self.domain.as_deref().is_some_and(|domain| did_of(domain).is_none()) => wrong("--did-web", Why::NotADomain),
            () => Ok(()),
        }
    }

    /// The issuer with these keys.
    pub(super) fn issuer(&self, secrets: &Secrets, successor: &Successor, now: Timestamp) -> Result<Issuer, DeskError> {
        let own = Ed25519Signer::did_key(&secrets.ed25519);
        let did = self.domain.as_deref().and_then(did_of).unwrap_or_else(|| own.controller().to_owned());
        let key_url = format!("{did}#{}", own.multikey());
        let keys = Keys::of(secrets, &key_url)?;
        let statement =
            sign_key_statement(&keys.rsa_public()?, &keys.ed25519, now).map_err(|error| DeskError::Signing(error.to_string()))?;
        Ok(Issuer {
            did,
            name: self.name.trim().to_owned(),
            url: self.url.clone().or_else(|| self.domain.as_deref().map(|domain| format!("https://{domain}/"))),
            email: self.email.clone(),
            key_url,
            next_key: successor.hash.clone(),
            rsa_pem: keys.rsa_pem()?,
            statement,
            server: None,
            made: now,
        })
    }
}

/// The `did:web` of a domain (did:web, 3.1).
fn did_of(domain: &str) -> Option<String> {
    let did = format!("did:web:{}", domain.to_ascii_lowercase().replace(':', "%3A"));
    let address = Url::parse(&did::web_url(&did)?).ok()?;
    (domain.contains('.') && address.path() == "/.well-known/did.json").then_some(did)
}

impl Issuer {
    /// Whether these are its keys.
    pub(super) fn is_of(&self, keys: &Keys) -> bool {
        self.key_url.ends_with(&format!("#{}", keys.ed25519.multikey())) && keys.rsa_pem().is_ok_and(|pem| pem == self.rsa_pem)
    }

    /// Whether its badges have an Open Badges 2.0 form: that one needs an issuer with an address, a page and somebody to write to (OB 2.0, 4.4).
    pub fn has_older_form(&self) -> bool {
        self.server.is_some() && self.url.is_some() && self.email.is_some()
    }

    /// The address of one of its documents, where it publishes.
    pub fn address(&self, path: &str) -> Option<String> {
        self.server.as_ref().map(|server| format!("{server}/issuers/{}/{path}", self.did))
    }

    /// The path of one of this desk's lists of revoked awards. The desks of a `did:web` have lists of their own, for which its key gives the name.
    pub(super) fn list_path(&self, number: i64) -> String {
        self.own_name().map_or_else(|| format!("status/{number}"), |own| format!("status/{own}-{number}"))
    }

    /// The path of this desk's RSA key.
    pub(super) fn key_path(&self) -> String {
        self.own_name().map_or_else(|| String::from("key.json"), |own| format!("keys/{own}.json"))
    }

    /// Whether other desks may issue as the same issuer, each with a key of its own.
    pub(super) fn has_other_desks(&self) -> bool {
        self.did.starts_with("did:web:")
    }

    /// By what this desk's documents are told from those of other desks of its issuer; none where it is the only one.
    fn own_name(&self) -> Option<String> {
        let hash = Sha256::of(self.key_url.as_bytes()).to_string();
        self.has_other_desks().then(|| hash[..16].to_owned())
    }

    /// The issuer as an Open Badges 3.0 credential names it, with the hash of its next key.
    pub(super) fn profile3(&self) -> Value {
        let mut profile = json!({
            "id": self.did, "type": ["Profile"], "name": self.name,
            "otherIdentifier": [{ "type": "IdentifierEntry", "identifier": self.next_key, "identifierType": NEXT_KEY }]
        });
        for (name, value) in [("url", &self.url), ("email", &self.email)] {
            if let Some(value) = value {
                profile[name] = json!(value);
            }
        }
        profile
    }

    /// The issuer as Open Badges 2.0 has it (3.3), where it publishes.
    pub(super) fn profile2(&self) -> Value {
        let at = |path: &str| self.address(path).unwrap_or_default();
        if !self.has_older_form() {
            return json!({ "type": "Issuer", "id": at("profile.json"), "name": self.name });
        }
        json!({ "type": "Issuer", "id": at("profile.json"), "name": self.name, "url": self.url, "email": self.email,
            "publicKey": [at(&self.key_path())], "revocationList": at("revocations.json") })
    }

    /// The document that a `did:web` must serve at its own domain; none for a `did:key`.
    pub fn did_document(&self) -> Option<Value> {
        let multikey = self.key_url.split_once('#')?.1;
        self.did.starts_with("did:web:").then(|| {
            json!({
                "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"], "id": self.did,
                "verificationMethod": [{ "id": self.key_url, "type": "Multikey", "controller": self.did, "publicKeyMultibase": multikey }],
                "assertionMethod": [self.key_url]
            })
        })
    }
}
