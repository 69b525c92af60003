//! The keys of a desk: an Ed25519 key that is the issuer, and an RSA key for the older form of a badge. Nothing of them prints. The key that will
//! succeed leaves at once, in a file of its own (`age.rs`), and is forgotten here.

use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_badge::key::{Algorithm, PublicKey};
use satchel_badge::sign::{Ed25519Signer, Signer};
use satchel_badge::succession::hash_of_key;
use satchel_protocol::EmailAddress;
use zeroize::Zeroizing;

use super::secrets::Secrets;
use super::{DeskError, Why, Wrong};
use crate::age::Shut;
use crate::sealed::SealError;
use crate::{Sha256, WalletError, age, files, random};

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

/// A successor's key that was just made.
pub struct Successor {
    /// The secret, as Multikey (CID 1.0, 2.2.2).
    secret: Zeroizing<String>,
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

    /// Writes it to `file`, or to one beside the folder of the desk, under a passphrase that is told once. No other file is overwritten.
    pub(super) fn keep(&self, dir: &Path, file: Option<&Path>) -> Result<(PathBuf, Zeroizing<String>), DeskError> {
        let path = file.map_or_else(|| self.beside(dir), Path::to_owned);
        let passphrase = age::passphrase();
        let text = Zeroizing::new(format!("{}\n", self.secret.as_str()));
        let sealed = age::seal(text.as_bytes(), &passphrase).ok_or_else(|| DeskError::Signing(String::from("age")))?;
        match files::write_private(&path, sealed.as_bytes(), false) {
            Ok(()) => Ok((path, passphrase)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(DeskError::BadOption(Wrong::new("--successor", Why::InTheWay)))
            }
            Err(error) => Err(SealError::Unwritable(WalletError::unwritable(&path, &error)).into()),
        }
    }

    /// A file beside the folder of the desk, which may be copied whole and put away elsewhere.
    fn beside(&self, dir: &Path) -> PathBuf {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let end = self.hash.len().saturating_sub(8);
        dir.with_file_name(format!("{name}-successor-{}.age", &self.hash[end..]))
    }
}

/// The key in a file that a desk wrote for its successor.
pub(super) fn successor_in(path: &Path, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, DeskError> {
    let bytes = std::fs::read(path).map_err(|error| DeskError::unreadable(path, &error))?;
    let bad = |why: &str| SealError::BadSecrets { path: path.display().to_string(), why: why.into() };
    let plain = age::open(&bytes, passphrase.trim()).map_err(|shut| match shut {
        Shut::NotAge => bad("age"),
        Shut::Wrong => SealError::WrongPassphrase,
    })?;
    let secret = std::str::from_utf8(&plain).ok().and_then(|text| secret_of(text.trim()));
    Ok(secret.ok_or_else(|| bad("Multikey"))?)
}

/// The secret key that a Multikey is (CID 1.0, 2.2.2).
fn secret_of(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(bs58::decode(text.strip_prefix('z').filter(|rest| rest.len() < 100)?).into_vec().ok()?);
    let secret: [u8; 32] = bytes.strip_prefix(ED25519_SECRET.as_slice())?.try_into().ok()?;
    Some(Zeroizing::new(secret))
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
