//! The secrets of a desk, in one file: the two keys that sign, and the pepper by which it knows a person again. They are sealed with
//! AES-256-GCM under 32 bytes that the system's keyring holds, or under a passphrase (argon2id) where there is none. They are never plain on
//! the disk, print nothing, and are cleared from memory when they are dropped.
//!
//! ```text
//! satchel-secrets 1
//! {"key":"keyring","entry":"…"}  or  {"key":"passphrase","salt":"…"}
//! nonce (12 bytes), then the sealed secrets; both lines above are sealed with them
//! ```

use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{DeskError, keyring, random};
use crate::files;

/// Bytes that open a file of secrets.
type Key = Zeroizing<[u8; 32]>;

/// RFC 9106, 4, second choice, on one lane: 64 MiB, three passes.
const MEMORY: u32 = 64 << 10;
const PASSES: u32 = 3;

/// Characters of a new passphrase.
const LEAST: usize = 12;

const MARK: &str = "satchel-secrets 1";

/// Where a passphrase comes from.
pub trait Passphrases {
    /// One that was given beforehand. A new desk takes it instead of the keyring.
    fn given(&self) -> Option<Zeroizing<String>>;

    /// One that is asked for now; none where nobody can be asked.
    fn ask(&self, new: bool) -> Option<Zeroizing<String>>;
}

/// What a desk keeps from everybody.
pub struct Secrets {
    /// The seed of the Ed25519 key.
    pub ed25519: Zeroizing<[u8; 32]>,
    /// What goes into the hash of a person.
    pub pepper: Zeroizing<[u8; 32]>,
    /// The RSA key (PKCS #8, DER).
    pub rsa: Zeroizing<Vec<u8>>,
}

/// What keeps the secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "key", rename_all = "snake_case")]
pub enum Keeper {
    /// The system's keyring, under this name.
    Keyring {
        /// The name of the entry.
        entry: String,
    },
    /// A passphrase.
    Passphrase {
        /// 16 random bytes, in base58.
        salt: String,
    },
}

impl Keeper {
    /// The stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keyring { .. } => "keyring",
            Self::Passphrase { .. } => "passphrase",
        }
    }
}

/// The file of secrets of the desk in `dir`.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("secrets")
}

/// Writes the secrets; what keeps them.
pub fn write(dir: &Path, secrets: &Secrets, passphrases: &dyn Passphrases) -> Result<Keeper, DeskError> {
    let (keeper, key) = new_key(passphrases)?;
    let head = head(&keeper);
    // With room for the tag, so that nothing plain is left where it was before it grew.
    let mut sealed = Zeroizing::new(Vec::with_capacity(64 + secrets.rsa.len() + AES_256_GCM.tag_len()));
    for part in [secrets.ed25519.as_slice(), secrets.pepper.as_slice(), &secrets.rsa] {
        sealed.extend_from_slice(part);
    }
    let failed = |_| DeskError::BadSecrets { path: path(dir).display().to_string(), why: String::from("AES-256-GCM") };
    let cipher = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(failed)?;
    let nonce = cipher.seal_in_place_append_tag(Aad::from(head.as_bytes()), &mut *sealed).map_err(failed)?;
    let bytes = [head.as_bytes(), nonce.as_ref(), &sealed].concat();
    let file = path(dir);
    files::write_private(&file, &bytes).map_err(|error| DeskError::unwritable(&file, &error))?;
    Ok(keeper)
}

/// Reads the secrets.
pub fn read(dir: &Path, passphrases: &dyn Passphrases) -> Result<Secrets, DeskError> {
    let file = path(dir);
    let bad = |why: &str| DeskError::BadSecrets { path: file.display().to_string(), why: why.to_owned() };
    let bytes = std::fs::read(&file).map_err(|error| bad(&error.to_string()))?;
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let (mark, keeper, rest) = (lines.next(), lines.next(), lines.next());
    let (Some(keeper), Some(rest)) = (keeper.filter(|_| mark == Some(MARK.as_bytes())), rest) else {
        return Err(bad(MARK));
    };
    let keeper: Keeper = serde_json::from_slice(keeper).map_err(|error| bad(&error.to_string()))?;
    let key = known_key(&keeper, passphrases, &bad)?;
    let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(|| bad("it is cut short"))?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| bad("nonce"))?;
    let cipher = RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| bad("AES-256-GCM"))?;
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let opened = cipher.open_in_place(nonce, Aad::from(head(&keeper).as_bytes()), &mut sealed);
    let opened = opened.map_err(|_| DeskError::WrongPassphrase)?;
    let cut = || bad("it is cut short");
    let (ed25519, rest) = opened.split_first_chunk::<32>().ok_or_else(cut)?;
    let (pepper, rsa) = rest.split_first_chunk::<32>().ok_or_else(cut)?;
    Ok(Secrets { ed25519: Zeroizing::new(*ed25519), pepper: Zeroizing::new(*pepper), rsa: Zeroizing::new(rsa.to_vec()) })
}

fn head(keeper: &Keeper) -> String {
    // Two texts and nothing else: it is always JSON.
    format!("{MARK}\n{}\n", serde_json::to_string(keeper).unwrap_or_default())
}

fn new_key(passphrases: &dyn Passphrases) -> Result<(Keeper, Key), DeskError> {
    let by_passphrase = |passphrase: &Zeroizing<String>| {
        if passphrase.chars().count() < LEAST {
            return Err(DeskError::WeakPassphrase);
        }
        let salt = random::bytes::<16>();
        let key = stretch(passphrase, &salt)?;
        Ok((Keeper::Passphrase { salt: bs58::encode(salt).into_string() }, key))
    };
    if let Some(passphrase) = passphrases.given() {
        return by_passphrase(&passphrase);
    }
    let entry = bs58::encode(random::bytes::<16>()).into_string();
    let key = Zeroizing::new(random::bytes::<32>());
    match keyring::keep(&entry, &key) {
        Ok(()) => Ok((Keeper::Keyring { entry }, key)),
        Err(why) => match passphrases.ask(true) {
            Some(passphrase) => by_passphrase(&passphrase),
            None => Err(DeskError::NoKeyring { why }),
        },
    }
}

fn known_key(keeper: &Keeper, passphrases: &dyn Passphrases, bad: &dyn Fn(&str) -> DeskError) -> Result<Key, DeskError> {
    match keeper {
        Keeper::Keyring { entry } => keyring::known(entry).map_err(|why| DeskError::KeyringLost { why }),
        Keeper::Passphrase { salt } => {
            let salt = bs58::decode(salt).into_vec().ok().filter(|salt| salt.len() == 16).ok_or_else(|| bad("salt"))?;
            let given = passphrases.given().or_else(|| passphrases.ask(false));
            let passphrase = given.ok_or_else(|| DeskError::NoKeyring { why: String::from("SATCHEL_PASSPHRASE") })?;
            stretch(&passphrase, &salt)
        }
    }
}

/// The key of a passphrase.
fn stretch(passphrase: &Zeroizing<String>, salt: &[u8]) -> Result<Key, DeskError> {
    let failed = |error: argon2::Error| DeskError::Signing(error.to_string());
    let params = Params::new(MEMORY, PASSES, 1, Some(32)).map_err(failed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(failed)?;
    Ok(key)
}
