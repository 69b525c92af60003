//! The system's keyring: it holds 32 bytes for each file of secrets and nothing else. On Linux that is the Secret Service.

use keyring::{Entry, Error};
use zeroize::Zeroizing;

/// Under which name all entries lie.
const SERVICE: &str = "satchel";

fn entry(name: &str) -> Result<Entry, String> {
    if let Err(error) = Entry::store_status() {
        return Err(error.to_string());
    }
    Entry::new(SERVICE, name).map_err(|error| error.to_string())
}

/// Keeps a key; what the keyring says when it does not.
pub fn keep(name: &str, key: &[u8; 32]) -> Result<(), String> {
    entry(name)?.set_secret(key).map_err(|error| error.to_string())
}

/// The key that was kept; what the keyring says when it does not give it.
pub fn known(name: &str) -> Result<Zeroizing<[u8; 32]>, String> {
    let secret = Zeroizing::new(entry(name)?.get_secret().map_err(|error: Error| error.to_string())?);
    let key = secret.as_slice().try_into().map_err(|_| String::from("32 bytes"))?;
    Ok(Zeroizing::new(key))
}
