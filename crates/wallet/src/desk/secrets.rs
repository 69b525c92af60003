//! The secrets of a desk: the two keys that sign, and the pepper by which it knows a person again, in one sealed file (`sealed.rs`). They print
//! nothing.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::DeskError;
use crate::sealed::{CUT_SHORT, Passphrases, SealError, Sealed};

/// What a desk keeps from everybody.
pub struct Secrets {
    /// The seed of the Ed25519 key.
    pub ed25519: Zeroizing<[u8; 32]>,
    /// What goes into the hash of a person.
    pub pepper: Zeroizing<[u8; 32]>,
    /// The RSA key (PKCS #8, DER).
    pub rsa: Zeroizing<Vec<u8>>,
}

/// The file of secrets of the desk in `dir`.
pub fn path(dir: &Path) -> PathBuf {
    dir.join("secrets")
}

/// Writes the secrets; what keeps them.
pub fn write(dir: &Path, secrets: &Secrets, passphrases: &dyn Passphrases) -> Result<&'static str, DeskError> {
    let sealed = Sealed::new(&path(dir), passphrases)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(64 + secrets.rsa.len()));
    for part in [secrets.ed25519.as_slice(), secrets.pepper.as_slice(), &secrets.rsa] {
        plain.extend_from_slice(part);
    }
    sealed.write(&plain)?;
    Ok(sealed.keeper())
}

/// Reads the secrets.
pub fn read(dir: &Path, passphrases: &dyn Passphrases) -> Result<Secrets, DeskError> {
    let file = path(dir);
    let (_, plain) = Sealed::open(&file, passphrases)?;
    let cut = || SealError::BadSecrets { path: file.display().to_string(), why: CUT_SHORT.into() };
    let (ed25519, rest) = plain.split_first_chunk::<32>().ok_or_else(cut)?;
    let (pepper, rsa) = rest.split_first_chunk::<32>().ok_or_else(cut)?;
    Ok(Secrets { ed25519: Zeroizing::new(*ed25519), pepper: Zeroizing::new(*pepper), rsa: Zeroizing::new(rsa.to_vec()) })
}
