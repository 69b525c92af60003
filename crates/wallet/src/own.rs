//! Whose wallet it is (security.md, V06). A folder may come from somebody else, with documents in it that no host ever gave and issuers whom
//! nobody here ever trusted. A person's own wallets are those that were made on this computer, and those that the person has called so; a file
//! for each, in the person's folder for settings, says which. It knows a wallet again by the number that was made with it, so it tells a
//! stranger's wallet, and not that somebody changed one's own on a disk that was lent out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::store::{Store, apart, meta};
use crate::{Sha256, WalletError, files};

/// Whose a wallet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Own,
    Foreign,
}

/// What is known of wallets; nothing where no folder is named, and then every wallet counts as one's own.
#[derive(Clone, Copy)]
pub(crate) struct Owners<'a>(pub Option<&'a Path>);

impl Owners<'_> {
    /// Whose the wallet with this number is; none where nothing was noted about it.
    pub fn of(self, wallet: &[u8]) -> Option<Owner> {
        let Some(path) = self.path(wallet) else { return Some(Owner::Own) };
        match fs::read_to_string(path).unwrap_or_default().trim() {
            "own" => Some(Owner::Own),
            "foreign" => Some(Owner::Foreign),
            _ => None,
        }
    }

    /// Notes whose it is.
    pub fn note(self, wallet: &[u8], owner: Owner) -> Result<(), WalletError> {
        let Some(path) = self.path(wallet) else { return Ok(()) };
        let folder = path.parent().unwrap_or(Path::new("."));
        let text = if owner == Owner::Own { "own\n" } else { "foreign\n" };
        files::private_folder(folder)
            .and_then(|()| files::write_private(&path, text.as_bytes()))
            .map_err(|error| WalletError::unwritable(&path, &error))
    }

    fn path(self, wallet: &[u8]) -> Option<PathBuf> {
        Some(self.0?.join(Sha256::of(&[b"satchel wallet", wallet].concat()).to_string()))
    }
}

/// Says whose the wallet in `store` is, and has nothing in it count that a stranger says. Also says whether what was derived from it must go.
pub(crate) fn judge(store: &Store, owners: Owners<'_>) -> Result<(Owner, bool), WalletError> {
    let wallet = store.read(meta::get)?.wallet;
    let (is_apart, is_silent) = store.read(|db| Ok((apart::is_set(db)?, apart::is_silent(db)?)))?;
    match owners.of(&wallet) {
        // Called so on this computer, and set apart on another one.
        Some(Owner::Own) if is_apart && owners.0.is_some() => {
            store.write(|db| apart::bring_back(db))?;
            Ok((Owner::Own, true))
        }
        Some(Owner::Own) => Ok((if is_apart { Owner::Foreign } else { Owner::Own }, false)),
        Some(Owner::Foreign) if is_apart => Ok((Owner::Foreign, false)),
        None if is_silent => {
            // Where it cannot be noted, it is asked again when there is something to believe.
            let _ = owners.note(&wallet, Owner::Own);
            Ok((Owner::Own, false))
        }
        Some(Owner::Foreign) | None => {
            store.write(|db| apart::set(db))?;
            let _ = owners.note(&wallet, Owner::Foreign);
            Ok((Owner::Foreign, true))
        }
    }
}
