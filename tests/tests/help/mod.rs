//! Badges made for the tests, and the keys that sign them.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::{Cursor, Write};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_badge::key::Algorithm;
use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, Signer, sign_credential};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The address whose hash stands in the awards.
pub const RECIPIENT: &str = "ada@example.org";
const SALT: &str = "7b1f";

/// A key that every test has.
pub fn key() -> Ed25519Signer {
    Ed25519Signer::did_key(&[7; 32])
}

/// What an award binds to instead of the address itself.
pub fn identity_hash() -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{RECIPIENT}{SALT}").as_bytes());
    digest.as_ref().iter().fold(String::from("sha256$"), |hash, byte| format!("{hash}{byte:02x}"))
}

/// The award that every peer accepts, unsigned.
pub fn award(key: &Ed25519Signer, name: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": {"id": key.controller(), "type": ["Profile"], "name": "Istituto Volta"},
        "validFrom": "2024-01-01T00:00:00Z",
        "awardedDate": "2023-12-24T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": true, "identityHash": identity_hash(),
                "identityType": "emailAddress", "salt": SALT}],
            "achievement": {"id": "urn:uuid:0b8f5f60-8b4e-4c0e-9d38-0b6f4c1a2b3c", "type": ["Achievement"], "name": name,
                "description": "Welds steel.", "criteria": {"narrative": "Weld a seam."}},
        },
    })
}

/// Signs with the key that every test has.
pub fn sign(award: &Value) -> Value {
    sign_credential(award, &key(), "2024-01-02T00:00:00Z".parse().unwrap(), &Library::default()).unwrap()
}

/// A badge that verifies without a network.
pub fn badge(name: &str) -> String {
    sign(&award(&key(), name)).to_string()
}

/// The same badge with other words than were signed.
pub fn tampered(badge: &str) -> String {
    badge.replace("Weld a seam.", "Weld a boat.")
}

/// An RSA key, as issuers of Open Badges 2.0 have it.
pub struct RsaSigner {
    key: KeyPair,
    url: String,
}

impl RsaSigner {
    pub fn new(url: &str) -> Self {
        Self { key: KeyPair::generate(KeySize::Rsa2048).unwrap(), url: url.to_owned() }
    }

    pub fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().unwrap();
        let body = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

impl Signer for RsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn key_url(&self) -> &str {
        &self.url
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|error| error.to_string())?;
        Ok(signature)
    }
}

/// A hosted badge of Open Badges 2.0 under `base`, with its class and its issuer: (path, document).
pub fn hosted(base: &str, number: usize) -> [(String, Value); 3] {
    let at = |name: &str| format!("{base}/{name}");
    let context = "https://w3id.org/openbadges/v2";
    let assertion = json!({
        "@context": context, "type": "Assertion", "id": at(&format!("assertion-{number}.json")),
        "recipient": {"type": "email", "hashed": true, "salt": SALT, "identity": identity_hash()},
        "issuedOn": "2024-01-01T00:00:00Z", "badge": at("class.json"), "verification": {"type": "HostedBadge"},
    });
    let class = json!({
        "@context": context, "type": "BadgeClass", "id": at("class.json"), "name": "Welding", "description": "Welds steel.",
        "image": at("badge.png"), "criteria": {"narrative": "Weld a seam."}, "issuer": at("issuer.json"),
    });
    let issuer = json!({
        "@context": context, "type": "Issuer", "id": at("issuer.json"), "name": "Istituto Volta",
        "url": base, "email": "desk@example.org",
    });
    [(format!("/assertion-{number}.json"), assertion), ("/class.json".to_owned(), class), ("/issuer.json".to_owned(), issuer)]
}

/// An archive of these files; a name that ends in a slash is a folder.
pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, SimpleFileOptions::default()).unwrap();
        } else {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}
