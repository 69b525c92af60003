//! Secrets in one file, of a desk (its keys) or of a wallet (its tokens). They are sealed with AES-256-GCM under 32 bytes that the system's
//! keyring holds, or under a passphrase (argon2id) where there is none. They are never plain on the disk and are cleared from memory when they
//! are dropped.
//!
//! ```text
//! satchel-secrets 1
//! {"key":"keyring","entry":"…"}  or  {"key":"passphrase","salt":"…"}
//! nonce (12 bytes), then the sealed secrets; both lines above are sealed with them
//! ```

use std::io::Read;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use satchel_badge::cause::Cause;
use satchel_badge::words::{self, Language};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{WalletError, files, keyring, random};

/// Bytes that open a file of secrets.
type Key = Zeroizing<[u8; 32]>;

/// RFC 9106, 4, second choice, on one lane: 64 MiB, three passes.
const MEMORY: u32 = 64 << 10;
const PASSES: u32 = 3;

/// Characters of a new passphrase.
pub const LEAST: usize = 12;

/// Why nothing opens what a passphrase keeps.
pub(crate) const UNASKED: (&str, &str) = ("no passphrase was given", "non è stata data alcuna frase segreta");

/// What is wrong with a file that lacks its end.
pub(crate) const CUT_SHORT: (&str, &str) = ("it is cut short", "manca la fine");

const MARK: &str = "satchel-secrets 1";

/// Bytes of a file: of some thousand accounts.
const MAX_FILE: u64 = 16 << 20;

/// Where a passphrase comes from.
pub trait Passphrases {
    /// One that was given beforehand. What is new takes it instead of the keyring.
    fn given(&self) -> Option<Zeroizing<String>>;

    /// One that is asked for now; none where nobody can be asked.
    fn ask(&self, new: bool) -> Option<Zeroizing<String>>;

    /// Says to whoever was asked that it was another one, and that they are asked again.
    fn was_wrong(&self) {}
}

/// How often somebody is asked for a passphrase.
const TRIES: usize = 3;

/// Why secrets are not kept, or do not open.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No keyring keeps the key, and no passphrase was given.
    #[error("no keyring and no passphrase: {why}")]
    NoKeyring {
        /// Why it does not.
        why: Cause,
    },
    /// The keyring does not have the key.
    #[error("the keyring does not have the key: {why}")]
    KeyringLost {
        /// Why it does not.
        why: Cause,
    },
    /// The passphrase is too short for something new.
    #[error("the passphrase is too short")]
    WeakPassphrase,
    /// The passphrase is another one, or the file was changed.
    #[error("the secrets do not open")]
    WrongPassphrase,
    /// The file is gone or holds none.
    #[error("{path} holds no secrets: {why}")]
    BadSecrets {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: Cause,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Unwritable(WalletError),
}

impl SealError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeyring { .. } => "no_keyring",
            Self::KeyringLost { .. } => "keyring_lost",
            Self::WeakPassphrase => "weak_passphrase",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::BadSecrets { .. } => "bad_secrets",
            Self::Unwritable(error) => error.code(),
        }
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        let (details, english, italian) = match self {
            Self::NoKeyring { why } => (
                vec![why.words(language).to_owned()],
                "This machine has no keyring that could keep the secrets: {0}. Set SATCHEL_PASSPHRASE, or run this in a terminal to be asked for a passphrase.",
                "Questa macchina non ha un portachiavi che possa custodire i segreti: {0}. Imposta SATCHEL_PASSPHRASE, o esegui il comando in un terminale per inserire una frase segreta.",
            ),
            Self::KeyringLost { why } => (
                vec![why.words(language).to_owned()],
                "The keyring does not give the key that opens the secrets: {0}. Unlock it, or use the account on this machine in which they were made.",
                "Il portachiavi non dà la chiave che apre i segreti: {0}. Sbloccalo, o usa l'utente di questa macchina con cui sono stati creati.",
            ),
            Self::WeakPassphrase => (
                Vec::new(),
                "The passphrase is too short: it takes 12 characters or more. Nothing was made.",
                "La frase segreta è troppo corta: servono almeno 12 caratteri. Nulla è stato creato.",
            ),
            Self::WrongPassphrase => (
                Vec::new(),
                "The secrets do not open: the passphrase is another one, or the file was changed.",
                "I segreti non si aprono: la frase segreta è un'altra, o il file è stato modificato.",
            ),
            Self::BadSecrets { path, why } => (
                vec![path.clone(), why.words(language).to_owned()],
                "The secrets cannot be read from {0}: {1}. Take the file back from a backup.",
                "I segreti non sono leggibili da {0}: {1}. Riprendi il file da una copia di sicurezza.",
            ),
            Self::Unwritable(error) => return error.message(language),
        };
        words::said(language, (english, italian), &details)
    }
}

/// What keeps the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "key", rename_all = "snake_case")]
enum Keeper {
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

/// A file of secrets, with what opens it.
pub struct Sealed {
    path: PathBuf,
    keeper: Keeper,
    key: Key,
}

impl Sealed {
    /// A new file, under a new key; it is there when something is written.
    ///
    /// # Errors
    /// Nothing would keep the key.
    pub fn new(path: &Path, passphrases: &dyn Passphrases) -> Result<Self, SealError> {
        let (keeper, key) = new_key(passphrases)?;
        Ok(Self { path: path.to_owned(), keeper, key })
    }

    /// The file that is there, and its secrets.
    ///
    /// # Errors
    /// It is none, or does not open.
    pub fn open(path: &Path, passphrases: &dyn Passphrases) -> Result<(Self, Zeroizing<Vec<u8>>), SealError> {
        let (keeper, sealed) = parts(path)?;
        // What was given beforehand stays what it is.
        let is_asked = matches!(keeper, Keeper::Passphrase { .. }) && passphrases.given().is_none();
        let mut left = if is_asked { TRIES } else { 1 };
        loop {
            let key = match known_key(path, &keeper, passphrases) {
                // Whoever typed another one and gives up.
                Err(SealError::NoKeyring { .. }) if is_asked && left < TRIES => return Err(SealError::WrongPassphrase),
                key => key?,
            };
            let it = Self { path: path.to_owned(), keeper: keeper.clone(), key };
            left -= 1;
            match it.unseal(&sealed) {
                Err(SealError::WrongPassphrase) if left > 0 => passphrases.was_wrong(),
                plain => return Ok((it, plain?)),
            }
        }
    }

    /// What keeps the key: `keyring` or `passphrase`.
    pub fn keeper(&self) -> &'static str {
        match self.keeper {
            Keeper::Keyring { .. } => "keyring",
            Keeper::Passphrase { .. } => "passphrase",
        }
    }

    /// The secrets that are in the file now.
    ///
    /// # Errors
    /// The file is gone, or under another key by now.
    pub fn read(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (keeper, sealed) = parts(&self.path)?;
        if keeper != self.keeper {
            return Err(bad(&self.path, ("it is under another key by now", "ormai è sotto un'altra chiave")));
        }
        self.unseal(&sealed)
    }

    /// Writes secrets in the place of those in the file: all or nothing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, secrets: &[u8]) -> Result<(), SealError> {
        let head = head(&self.keeper);
        // With room for the tag, so that nothing plain is left where it was before it grew.
        let mut sealed = Zeroizing::new(Vec::with_capacity(secrets.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(secrets);
        let cipher = self.cipher()?;
        let nonce = cipher
            .seal_in_place_append_tag(Aad::from(head.as_bytes()), &mut *sealed)
            .map_err(|_| bad(&self.path, "AES-256-GCM"))?;
        let bytes = [head.as_bytes(), nonce.as_ref(), &sealed].concat();
        let written = files::write_private(&self.path, &bytes, true);
        written.map_err(|error| SealError::Unwritable(WalletError::unwritable(&self.path, &error)))
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, SealError> {
        RandomizedNonceKey::new(&AES_256_GCM, self.key.as_slice()).map_err(|_| bad(&self.path, "AES-256-GCM"))
    }

    fn unseal(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or_else(|| bad(&self.path, CUT_SHORT))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| bad(&self.path, "nonce"))?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = self.cipher()?.open_in_place(nonce, Aad::from(head(&self.keeper).as_bytes()), &mut sealed);
        let length = opened.map_err(|_| SealError::WrongPassphrase)?.len();
        sealed.truncate(length);
        Ok(sealed)
    }
}

fn bad(path: &Path, why: impl Into<Cause>) -> SealError {
    SealError::BadSecrets { path: path.display().to_string(), why: why.into() }
}

fn head(keeper: &Keeper) -> String {
    // Two texts and nothing else: it is always JSON.
    format!("{MARK}\n{}\n", serde_json::to_string(keeper).unwrap_or_default())
}

/// What keeps the key of a file, and what is sealed in it.
fn parts(path: &Path) -> Result<(Keeper, Vec<u8>), SealError> {
    // A pipe would be waited for, and a device read without an end.
    files::refuse_other_than_file(path).map_err(SealError::Unwritable)?;
    let (mut bytes, file) = (Vec::new(), std::fs::File::open(path));
    let read = file.and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
    read.map_err(|error| bad(path, &error))?;
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let (mark, keeper, rest) = (lines.next(), lines.next(), lines.next());
    let (Some(keeper), Some(rest)) = (keeper.filter(|_| mark == Some(MARK.as_bytes())), rest) else {
        return Err(bad(path, MARK));
    };
    let keeper = serde_json::from_slice(keeper).map_err(|error| bad(path, error.to_string().as_str()))?;
    Ok((keeper, rest.to_vec()))
}

fn new_key(passphrases: &dyn Passphrases) -> Result<(Keeper, Key), SealError> {
    let by_passphrase = |passphrase: &Zeroizing<String>| {
        if passphrase.chars().count() < LEAST {
            return Err(SealError::WeakPassphrase);
        }
        let salt = random::bytes::<16>();
        let key = stretch(passphrase, &salt).ok_or(SealError::WeakPassphrase)?;
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
            None => Err(SealError::NoKeyring { why }),
        },
    }
}

fn known_key(path: &Path, keeper: &Keeper, passphrases: &dyn Passphrases) -> Result<Key, SealError> {
    match keeper {
        Keeper::Keyring { entry } => keyring::known(entry).map_err(|why| SealError::KeyringLost { why }),
        Keeper::Passphrase { salt } => {
            let salt = bs58::decode(salt).into_vec().ok().filter(|salt| salt.len() == 16).ok_or_else(|| bad(path, "salt"))?;
            let given = passphrases.given().or_else(|| passphrases.ask(false));
            let passphrase = given.ok_or_else(|| SealError::NoKeyring { why: UNASKED.into() })?;
            stretch(&passphrase, &salt).ok_or(SealError::WrongPassphrase)
        }
    }
}

/// The key of a passphrase; none for one that is absurdly long.
fn stretch(passphrase: &Zeroizing<String>, salt: &[u8]) -> Option<Key> {
    let params = Params::new(MEMORY, PASSES, 1, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice()).ok()?;
    Some(key)
}
