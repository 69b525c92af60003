//! The keys of a desk: an Ed25519 key that is the issuer, and an RSA key for the older form of a badge. Nothing of them prints.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_badge::key::{Algorithm, PublicKey};
use satchel_badge::sign::{Ed25519Signer, Signer};
use satchel_protocol::EmailAddress;
use zeroize::Zeroizing;

use super::DeskError;
use super::secrets::Secrets;
use crate::{Sha256, random};

/// The multicodec of a secret Ed25519 key (Multikey, CID 1.0, 2.2.2), as a varint.
const ED25519_SECRET: [u8; 2] = [0x80, 0x26];

/// The multihash of SHA-256 (Multihash), before 32 bytes of hash.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// What signs at this desk.
pub struct Keys {
    /// The issuer's key.
    pub(super) ed25519: Ed25519Signer,
    rsa: KeyPair,
    pepper: hmac::Key,
}

/// The RSA key, found by verifiers under an address.
pub(super) struct Rsa<'a> {
    key: &'a KeyPair,
    url: String,
}

/// A successor's key that was just made: its secret is told once.
pub struct Successor {
    /// The secret, as Multikey (CID 1.0, 2.2.2).
    pub secret: Zeroizing<String>,
    /// The hash of the public key that is announced, as multibase of a multihash.
    pub hash: String,
}

impl Keys {
    /// Makes new ones, and the secrets that they are.
    pub(super) fn make() -> Result<Secrets, DeskError> {
        let failed = |_| DeskError::Signing(String::from("RSA"));
        let rsa = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = rsa.as_der().map_err(failed)?;
        Ok(Secrets {
            ed25519: Zeroizing::new(random::bytes()),
            pepper: Zeroizing::new(random::bytes()),
            rsa: Zeroizing::new(der.as_ref().to_vec()),
        })
    }

    /// The keys of these secrets; verifiers find the issuer's under `url`.
    pub(super) fn of(secrets: &Secrets, url: &str) -> Result<Self, DeskError> {
        let rsa = KeyPair::from_pkcs8(&secrets.rsa).map_err(|error| DeskError::Signing(error.to_string()))?;
        let ed25519 = Ed25519Signer::new(&secrets.ed25519, url);
        Ok(Self { ed25519, rsa, pepper: hmac::Key::new(hmac::HMAC_SHA256, secrets.pepper.as_slice()) })
    }

    /// The RSA key, found under `url`.
    pub(super) fn rsa(&self, url: String) -> Rsa<'_> {
        Rsa { key: &self.rsa, url }
    }

    /// The public RSA key as PEM (SPKI).
    pub(super) fn rsa_pem(&self) -> Result<String, DeskError> {
        let der: PublicKeyX509Der<'_> = self.rsa.public_key().as_der().map_err(|_| DeskError::Signing(String::from("RSA")))?;
        let text = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Ok(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
    }

    /// The public RSA key.
    pub(super) fn rsa_public(&self) -> Result<PublicKey, DeskError> {
        PublicKey::from_pem(&self.rsa_pem()?).ok_or_else(|| DeskError::Signing(String::from("RSA")))
    }

    /// What a person is at this desk, for nobody else to find out.
    pub(super) fn person(&self, address: &EmailAddress) -> Sha256 {
        Sha256::of(hmac::sign(&self.pepper, address.normal().as_bytes()).as_ref())
    }
}

impl Successor {
    /// Makes the key that will succeed.
    pub(super) fn make() -> Self {
        let secret = Zeroizing::new(random::bytes::<32>());
        let bytes = Zeroizing::new([ED25519_SECRET.as_slice(), secret.as_slice()].concat());
        let public = Ed25519Signer::new(&secret, "").multikey();
        Self { secret: Zeroizing::new(format!("z{}", bs58::encode(bytes.as_slice()).into_string())), hash: hash_of_key(&public) }
    }
}

/// The hash by which a next key is announced: that of the bytes of its Multikey, as multibase of a multihash.
pub fn hash_of_key(multikey: &str) -> String {
    let bytes = bs58::decode(multikey.trim_start_matches('z')).into_vec().unwrap_or_default();
    multihash(&Sha256::of(&bytes))
}

/// A hash as multibase (base58btc) of a multihash (SHA-256).
pub(super) fn multihash(hash: &Sha256) -> String {
    format!("z{}", bs58::encode([SHA2_256.as_slice(), hash.as_bytes()].concat()).into_string())
}

impl Signer for Rsa<'_> {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn key_url(&self) -> &str {
        &self.url
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let done = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        done.map(|()| signature).map_err(|error| error.to_string())
    }
}
