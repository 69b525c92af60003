//! The system's keyring: it holds 32 bytes for each file of secrets and nothing else. On Linux that is the Secret Service.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring::{Entry, Error};
use satchel_badge::cause::Cause;
use zeroize::Zeroizing;

/// Under which name all entries lie.
const SERVICE: &str = "satchel";

/// How long it may take to answer. One that asks its owner for something takes as long as they do, and is asked again later.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does something with the keyring, and does not wait for one that never answers.
fn within<T: Send + 'static>(work: impl FnOnce() -> Result<T, Cause> + Send + 'static) -> Result<T, Cause> {
    let (sender, answer) = mpsc::sync_channel(1);
    thread::spawn(move || drop(sender.send(work())));
    answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(SILENT.into()))
}

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
    let (name, key) = (name.to_owned(), Zeroizing::new(*key));
    within(move || entry(&name)?.set_secret(&*key).map_err(|error| cause(&error)))
}

/// The key that was kept; why the keyring does not give it.
pub fn known(name: &str) -> Result<Zeroizing<[u8; 32]>, Cause> {
    let name = name.to_owned();
    let secret = within(move || Ok(Zeroizing::new(entry(&name)?.get_secret().map_err(|error| cause(&error))?)))?;
    let key = secret.as_slice().try_into().map_err(|_| Cause::from("32 bytes"))?;
    Ok(Zeroizing::new(key))
}
