//! One program at a time on a wallet (security.md, P02). The system's own lock on a file beside the database, so that it ends with its
//! holder, however that ends. The file says who holds it, for the program that comes second.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::inspect::is_one;
use crate::{WalletError, files};

/// What the files of a wallet begin with: its database, its key and its lock, and what is derived.
const OWN: [&str; 3] = ["wallet.", "index.db", "pictures.db"];

fn is_own(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    OWN.iter().any(|own| name.starts_with(own))
}

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of the wallet in `dir`, whose databases must be files.
    pub fn take(dir: &Path) -> Result<Self, WalletError> {
        // A folder may come from somebody else. What is written or read as its own must be: no link leads elsewhere, no pipe blocks. That is also
        // what a locking or a salvage leaves when it is broken off, under whatever name.
        let mut own: Vec<PathBuf> =
            fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| is_own(path)).collect();
        own.sort();
        own.iter().try_for_each(|own| files::refuse_other_than_file(own))?;
        Self::take_as(dir, "wallet.lock")
    }

    /// Takes the lock of this name in `dir`.
    pub fn take_as(dir: &Path, name: &str) -> Result<Self, WalletError> {
        let path = dir.join(name);
        files::refuse_other_than_file(&path)?;
        let failed = |error: &std::io::Error| WalletError::unusable(&path, error);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Whoever holds it may not have written its name yet.
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = if holder.trim().is_empty() { String::from("?") } else { holder.trim().to_owned() };
                return Err(WalletError::Locked { holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let name = std::env::current_exe().ok().and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
        let holder = format!("{} ({})\n", name.as_deref().unwrap_or("satchel"), std::process::id());
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes())).map_err(|e| failed(&e))?;
        Ok(Self { file, path })
    }

    /// Whether its file still lies where it was taken: a disk may be pulled out meanwhile, or the folder moved away.
    pub fn is_there(&self) -> bool {
        match (self.file.metadata(), fs::metadata(&self.path)) {
            // Where files have no numbers, one that is held cannot be moved.
            (Ok(held), Ok(there)) => cfg!(not(unix)) || is_one(&held, &there),
            _ => false,
        }
    }
}
