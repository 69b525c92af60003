//! What the operator does from the shell, beside a running server or without one.

use std::path::Path;

use jiff::SignedDuration;
use satchel_badge::did::{self, Method};
use satchel_badge::key::PublicKey;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{EmailAddress, Language};
use url::Url;

use crate::random;
use crate::settings::{Fault, Settings};
use crate::state::{App, now, only_store};
use crate::store::account::{self, Entry, State};
use crate::store::issuer::{self, Issuer};
use crate::store::ticket::{self, Kind};
use crate::store::{Error, Store, StoreError, feed, outbox, session};

/// How long an invitation to register holds.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Why the operator's wish was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// It must not be, in words.
    #[error("{0}")]
    Refused(String),
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Error> for AdminError {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => Self::Refused(problem.to_string()),
            Error::Store(error) => Self::Store(error),
        }
    }
}

/// Makes the folder of the data, which is nobody else's to read.
///
/// # Errors
/// Why it cannot be made, in words.
pub fn data_folder(settings: &Settings) -> Result<(), String> {
    let folder = &settings.data;
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed)
}

async fn open(settings: &Settings) -> Result<Store, AdminError> {
    if settings.database_url.is_none() {
        data_folder(settings).map_err(AdminError::Refused)?;
    }
    Ok(Store::open(&settings.place()).await?)
}

/// Admits an issuer's key; whether it was new.
///
/// # Errors
/// Why it may not be admitted.
pub async fn admit_issuer(settings: &Settings, did: &str, name: Option<String>) -> Result<bool, AdminError> {
    key_of(settings, did).map_err(AdminError::Refused)?;
    let store = open(settings).await?;
    let (did, time) = (did.to_owned(), now());
    Ok(store.write(move |tx| issuer::admit(tx, random::id(time), &did, name.as_deref(), time)).await?)
}

/// The key of a DID that may issue here.
fn key_of(settings: &Settings, did: &str) -> Result<PublicKey, String> {
    if did.contains('#') {
        return Err(String::from("a DID without a fragment is needed, such as did:key:z6Mk…"));
    }
    match did::method(did) {
        Some(Method::Key) => {
            let key = did::key_of_did_key(did).filter(|key| matches!(key, PublicKey::Ed25519(_)));
            key.ok_or_else(|| String::from("this did:key has no Ed25519 key"))
        }
        Some(Method::Web) => {
            // Law 6: whoever serves a `did.json` says whose keys count; this server must not say it of anybody.
            let host = did::web_url(did).and_then(|url| Url::parse(&url).ok()).and_then(|url| url.host_str().map(str::to_owned));
            let own = settings.public_url.as_ref().and_then(Url::host_str).map(str::to_owned);
            if host.is_some() && host == own {
                return Err(String::from(
                    "this did:web lies on the server's own host, which would let the server speak for the issuer",
                ));
            }
            Err(String::from("issuers under did:web are not admitted yet: admit the desk's did:key"))
        }
        _ => Err(String::from("a did:key with an Ed25519 key is needed, such as did:key:z6Mk…")),
    }
}

/// Has an issuer's key count no more; whether there was one.
///
/// # Errors
/// What the database said.
pub async fn suspend_issuer(settings: &Settings, did: &str) -> Result<bool, AdminError> {
    let (did, time) = (did.to_owned(), now());
    Ok(open(settings).await?.write(move |tx| issuer::suspend(tx, &did, time)).await?)
}

/// The issuers.
///
/// # Errors
/// What the database said.
pub async fn issuers(settings: &Settings) -> Result<Vec<Issuer>, AdminError> {
    Ok(open(settings).await?.read(|tx| Ok(issuer::all(tx)?)).await?)
}

/// Invites somebody to register, by mail.
///
/// # Errors
/// What the database said.
pub async fn invite_user(settings: &Settings, address: EmailAddress, language: Language) -> Result<(), AdminError> {
    let time = now();
    let entry = Entry { id: random::id(time), address: Some(address.clone()), role: None, expires: time + MONTH, used: None };
    let store = open(settings).await?;
    let work = move |tx: &mut crate::store::Tx<'_>| {
        account::invite(tx, &entry, language, time)?;
        Ok(outbox::put(tx, random::id(time), outbox::Kind::Join, entry.id, &address, language, time)?)
    };
    Ok(store.write(work).await?)
}

/// Blocks an account, which ends its sessions, or lets it in again; whether there is one with this address.
///
/// # Errors
/// What the database said.
pub async fn block_user(settings: &Settings, address: EmailAddress, blocked: bool) -> Result<bool, AdminError> {
    let time = now();
    let store = open(settings).await?;
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let Some(account) = account::by_address(tx, &address)? else { return Ok(false) };
        account::set_state(tx, account.id, if blocked { State::Blocked } else { State::Active })?;
        session::end_all(tx, account.id, None)?;
        feed::append(tx, &[account.id], Change::Session, account.id, time)?;
        Ok(true)
    };
    Ok(store.write(work).await?)
}

/// A link by which the first operator registers, as long as there is none.
pub(crate) async fn first_start(app: &App) -> Result<Option<String>, StoreError> {
    let time = now();
    let secret = app.store.write(move |tx| {
        if account::count_with_role(tx, "operator")? > 0 {
            return Ok(None);
        }
        let entry =
            Entry { id: random::id(time), address: None, role: Some(String::from("operator")), expires: time + DAY, used: None };
        account::invite(tx, &entry, Language::default(), time)?;
        Ok(Some(ticket::issue(tx, Kind::Join, entry.id, None, time, entry.expires)?))
    });
    let secret = secret.await.map_err(only_store)?;
    Ok(secret.map(|secret| format!("{}/register?invitation={}", app.origin, secret.reveal())))
}

/// What is wrong: with the settings, the folder, the database, the mail that waits.
pub async fn doctor(settings: &Settings) -> Vec<Fault> {
    let mut faults = settings.faults();
    if settings.database_url.is_none() {
        faults.extend(exposed(&settings.data));
    }
    match open(settings).await {
        Err(error) => faults.push(Fault { stops: true, words: format!("the database cannot be used: {error}") }),
        Ok(store) => {
            let waiting = store.read(|tx| Ok((outbox::waiting(tx)?, issuer::all(tx)?.len()))).await;
            if let Ok(((number, Some(oldest)), _)) = &waiting
                && now().duration_since(*oldest) > SignedDuration::from_hours(1)
            {
                let words =
                    format!("{number} mails wait, the oldest since {oldest}: look at mail.smtp, or whether the server runs");
                faults.push(Fault { stops: false, words });
            }
            if let Ok((_, 0)) = waiting {
                let words = String::from("no issuer is admitted yet: `satchel admin issuer add --key did:key:z6Mk…`");
                faults.push(Fault { stops: false, words });
            }
        }
    }
    faults
}

/// A folder that others can read.
#[cfg(unix)]
fn exposed(folder: &Path) -> Option<Fault> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode();
    let words = format!("{} can be read by other users of this machine: chmod 700", folder.display());
    (mode & 0o077 != 0).then_some(Fault { stops: false, words })
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Option<Fault> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_on_the_servers_own_host_is_refused() {
        let settings = Settings { public_url: Url::parse("https://badges.example").ok(), ..Settings::default() };
        let words = key_of(&settings, "did:web:badges.example:issuers:one").unwrap_err();
        assert!(words.contains("own host"), "{words}");
        assert!(key_of(&settings, "did:key:zNothing").is_err());
        assert!(key_of(&settings, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw").is_ok());
    }
}
