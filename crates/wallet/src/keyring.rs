//! The system's keyring: it holds 32 bytes for each file of secrets and nothing else. On Linux that is the Secret Service.

use keyring::{Entry, Error};
use satchel_badge::cause::Cause;
use zeroize::Zeroizing;

/// Under which name all entries lie.
const SERVICE: &str = "satchel";

fn entry(name: &str) -> Result<Entry, Cause> {
    if let Err(error) = Entry::store_status() {
        return Err(Cause::with(SILENT, &error.to_string()));
    }
    Entry::new(SERVICE, name).map_err(|error| cause(&error))
}

const SILENT: (&str, &str) = ("it does not answer", "non risponde");

fn cause(error: &Error) -> Cause {
    let words = match error {
        Error::NoEntry => return ("it does not have it", "non ce l'ha").into(),
        Error::NoStorageAccess(_) => ("it is locked", "è bloccato"),
        _ => SILENT,
    };
    Cause::with(words, &error.to_string())
}

/// Keeps a key; why the keyring does not.
pub fn keep(name: &str, key: &[u8; 32]) -> Result<(), Cause> {
    entry(name)?.set_secret(key).map_err(|error| cause(&error))
}

/// The key that was kept; why the keyring does not give it.
pub fn known(name: &str) -> Result<Zeroizing<[u8; 32]>, Cause> {
    let secret = Zeroizing::new(entry(name)?.get_secret().map_err(|error| cause(&error))?);
    let key = secret.as_slice().try_into().map_err(|_| Cause::from("32 bytes"))?;
    Ok(Zeroizing::new(key))
}
