//! Whose wallet it is (security.md, V06). A folder may come from somebody else, with documents in it that no host ever gave and issuers whom
//! nobody here ever trusted. A person's own wallets are those that were made on this computer, and those that the person has called so; a file
//! for each, in the person's folder for settings, says which. It knows a wallet again by the number that was made with it, so it tells a
//! stranger's wallet, and not that somebody changed one's own on a disk that was lent out. Of a stranger's wallet it also has the hash of all that
//! was said in it here, so that nothing counts that its maker puts into it later.

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
        match fs::read_to_string(path).unwrap_or_default().split_whitespace().next() {
            Some("own") => Some(Owner::Own),
            Some("foreign") => Some(Owner::Foreign),
            _ => None,
        }
    }

    /// What was said in a stranger's wallet when it was written to last, on this computer.
    fn said(self, wallet: &[u8]) -> Option<String> {
        let text = fs::read_to_string(self.path(wallet)?).ok()?;
        text.split_whitespace().nth(1).map(str::to_owned)
    }

    /// Notes that it is a stranger's, and what was said in it here.
    pub fn note_said(self, wallet: &[u8], said: Sha256) -> Result<(), WalletError> {
        let said = said.to_string();
        if self.said(wallet).as_ref() == Some(&said) { Ok(()) } else { self.write(wallet, &format!("foreign {said}\n")) }
    }

    /// Notes whose it is.
    pub fn note(self, wallet: &[u8], owner: Owner) -> Result<(), WalletError> {
        self.write(wallet, if owner == Owner::Own { "own\n" } else { "foreign\n" })
    }

    fn write(self, wallet: &[u8], text: &str) -> Result<(), WalletError> {
        let Some(path) = self.path(wallet) else { return Ok(()) };
        let folder = path.parent().unwrap_or(Path::new("."));
        files::private_folder(folder)
            .and_then(|()| files::write_private(&path, text.as_bytes(), true))
            .map_err(|error| WalletError::unwritable(&path, &error))
    }

    fn path(self, wallet: &[u8]) -> Option<PathBuf> {
        Some(self.0?.join(Sha256::of(&[b"satchel wallet", wallet].concat()).to_string()))
    }
}

/// Says whose the wallet in `store` is, and has nothing in it count that a stranger says. Also says whether what was derived from it must go: of a
/// stranger's wallet always, which brings its own index.
pub(crate) fn judge(store: &mut Store, owners: Owners<'_>) -> Result<(Owner, bool), WalletError> {
    let wallet = store.read(meta::get)?.wallet;
    let (is_apart, is_silent) = store.read(|db| Ok((apart::is_set(db)?, apart::is_silent(db)?)))?;
    match owners.of(&wallet) {
        // Called so on this computer, and set apart on another one.
        Some(Owner::Own) if is_apart && owners.0.is_some() => {
            store.write(|db| apart::bring_back(db))?;
            Ok((Owner::Own, true))
        }
        Some(Owner::Own) => Ok((if is_apart { Owner::Foreign } else { Owner::Own }, false)),
        None if is_silent => {
            // Whoever made it knows its number, and may bring it again with more in it.
            let wallet = store.write(|db| meta::renew(db))?;
            // Where it cannot be noted, it is asked again when there is something to believe.
            let _ = owners.note(&wallet, Owner::Own);
            Ok((Owner::Own, false))
        }
        Some(Owner::Foreign) | None => {
            let said = store.read(apart::said)?;
            if !is_apart || owners.said(&wallet) != Some(said.to_string()) {
                store.write(|db| apart::set(db))?;
                let _ = owners.note_said(&wallet, store.read(apart::said)?);
            }
            // What is said here from now on counts, and is known again; where that cannot be noted, it is said anew the next time.
            let folder = owners.0.map(Path::to_owned);
            store.follow(move |db| {
                let said = apart::said(db);
                said.and_then(|said| Owners(folder.as_deref()).note_said(&wallet, said)).unwrap_or_default();
            });
            Ok((Owner::Foreign, true))
        }
    }
}
