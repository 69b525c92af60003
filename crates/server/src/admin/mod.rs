//! What the operator does from the shell, beside a running server or without one. Each thing that changes something, or reads what is
//! somebody's, is in the record of acts (`store/act.rs`).

pub mod backup;
pub mod log;
pub mod policy;

pub mod federation;

use std::path::Path;

use jiff::SignedDuration;
use satchel_badge::did::{self, Authorised, Method};
use satchel_badge::key::PublicKey;
use satchel_fetch::Client;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::invitation::Event;
use satchel_protocol::{EmailAddress, Language, signature};
use url::Url;

pub use crate::login::recycled::Freed;

use crate::login::recycled;
use crate::mail::bounce::{self, Report};
use crate::random;
use crate::settings::{Fault, Settings};
use crate::state::{App, now, only_store};
use crate::store::account::{self, Entry, State};
use crate::store::act::{self, Did};
use crate::store::issuer::{self, Issuer};
use crate::store::ticket::{self, Kind};
use crate::store::{Error, Place, Store, StoreError, factor, feed, invitation, outbox, proposal, provider, sent, session};

/// How long an invitation to register holds.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How old the last backup may be.
const BACKUP: SignedDuration = SignedDuration::from_hours(24 * 8);

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
    private_folder(&settings.data)
}

/// Makes a folder that is nobody else's to read, if there is none.
pub(crate) fn private_folder(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed)
}

/// Why there is no database to look after: only `satchel serve` makes one, or a slip of the pen would.
fn lacks_database(settings: &Settings) -> Option<String> {
    let Place::Sqlite(file) = settings.place() else { return None };
    let words = || format!("{}: there is no database of a server; `satchel serve --data DIR` makes one", settings.data.display());
    (!file.exists()).then(words)
}

async fn open(settings: &Settings) -> Result<Store, AdminError> {
    if let Some(words) = lacks_database(settings) {
        return Err(AdminError::Refused(words));
    }
    Ok(Store::open(&settings.place()).await?)
}

/// Who gives commands here: the number of the system's user, where the system tells it.
pub(crate) fn shell() -> String {
    #[cfg(unix)]
    if let Ok(own) = std::fs::metadata("/proc/self") {
        return format!("shell:{}", std::os::unix::fs::MetadataExt::uid(&own));
    }
    String::from("shell")
}

/// Notes an act of the operator.
fn note(tx: &mut crate::store::Tx<'_>, did: Did, about: &str) -> Result<(), StoreError> {
    act::note(tx, act::SERVER, &shell(), did, about, now())
}

/// What became of the wish that a key speak for an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Whether it was new.
    pub new: bool,
    /// Whether the domain of a `did:web` says so itself, as verifiers will ask it; none for a `did:key`, which needs nobody's word.
    pub vouched: Option<bool>,
}

/// Admits an issuer's key.
///
/// # Errors
/// Why it may not be admitted.
pub async fn admit_issuer(settings: &Settings, key: &str, name: Option<String>) -> Result<Admitted, AdminError> {
    key_of(settings, key).map_err(AdminError::Refused)?;
    let store = open(settings).await?;
    let (url, time) = (key.to_owned(), now());
    let work = move |tx: &mut crate::store::Tx<'_>| {
        note(tx, Did::IssuerAdmitted, &url)?;
        let did = did::without_fragment(&url);
        let mut new = issuer::admit(tx, random::id(time), did, name.as_deref(), time)?;
        if did != url
            && let Some(issuer) = issuer::by_did(tx, did)?
        {
            new = issuer::admit_key(tx, issuer.id, &url, time)?;
        }
        Ok(new)
    };
    let new = store.write(work).await?;
    Ok(Admitted { new, vouched: vouched(settings, key).await })
}

/// Whether the domain of a `did:web` lists a key.
async fn vouched(settings: &Settings, key: &str) -> Option<bool> {
    let did = did::without_fragment(key);
    let url = did::web_url(did)?;
    let client = settings.network.policy().ok().and_then(|policy| Client::new(policy).ok())?;
    let document = client.get_async(&url, "application/did+json, application/json").await;
    let content = document.ok().and_then(|document| satchel_badge::json::parse(&document.bytes).ok());
    Some(content.is_some_and(|content| matches!(did::authorised(&content, did, key), Authorised::Yes(_))))
}

/// The key of a DID that may issue here.
fn key_of(settings: &Settings, did: &str) -> Result<PublicKey, String> {
    if did.contains('#') && did::method(did) != Some(Method::Web) {
        return Err(String::from("a DID without a fragment is needed, such as did:key:z6Mk…"));
    }
    match did::method(did) {
        Some(Method::Key) => {
            let key = did::key_of_did_key(did).filter(|key| matches!(key, PublicKey::Ed25519(_)));
            key.ok_or_else(|| String::from("this did:key has no Ed25519 key"))
        }
        Some(Method::Web) => {
            // Law 6: whoever serves a `did.json` says whose keys count; this server must not say it of anybody.
            let whole = did::without_fragment(did);
            let host =
                did::web_url(whole).and_then(|url| Url::parse(&url).ok()).and_then(|url| url.host_str().map(str::to_owned));
            let own = settings.public_url.as_ref().and_then(Url::host_str).map(str::to_owned);
            if host.is_some() && host == own {
                return Err(String::from(
                    "this did:web lies on the server's own host, which would let the server speak for the issuer",
                ));
            }
            let plain = host.is_some_and(|host| host.contains('.')) && !did.contains('%');
            let key = signature::key_named(did).filter(|key| plain && matches!(key, PublicKey::Ed25519(_)));
            key.ok_or_else(|| {
                String::from("a did:web takes the key of a desk, such as did:web:valdora.example#z6Mk…, and has no port")
            })
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
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let whole = did::without_fragment(&did);
        let found = match issuer::by_did(tx, whole)? {
            Some(issuer) if whole != did => issuer::end_key(tx, issuer.id, &did, time)?,
            _ => issuer::suspend(tx, &did, time)?,
        };
        if found {
            note(tx, Did::IssuerSuspended, &did)?;
        }
        Ok(found)
    };
    Ok(open(settings).await?.write(work).await?)
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
        note(tx, Did::UserInvited, &entry.id.to_string())?;
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
        note(tx, if blocked { Did::UserBlocked } else { Did::UserUnblocked }, &account.id.to_string())?;
        feed::append(tx, &[account.id], Change::Session, account.id, time)?;
        Ok(true)
    };
    Ok(store.write(work).await?)
}

/// Takes an address that an institution has given to somebody else from the account that holds it.
///
/// # Errors
/// What the database said.
pub async fn free_address(settings: &Settings, address: EmailAddress, even_only: bool) -> Result<Freed, AdminError> {
    let time = now();
    Ok(open(settings).await?.write(move |tx| recycled::free(tx, &address, even_only, &shell(), time)).await?)
}

/// Takes off all second factors of somebody who has lost them, and ends their sessions; the owner is told. Whether there was one.
///
/// # Errors
/// What the database said.
pub async fn drop_factors(settings: &Settings, address: EmailAddress) -> Result<bool, AdminError> {
    let time = now();
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let Some(known) = account::by_address(tx, &address)? else { return Ok(false) };
        if !factor::end_all(tx, known.id)? {
            return Ok(false);
        }
        session::end_all(tx, known.id, None)?;
        note(tx, Did::FactorsDropped, &known.id.to_string())?;
        crate::factor::tell(tx, known.id, outbox::Kind::FactorEnded, time)?;
        feed::append(tx, &[known.id], Change::Session, known.id, time)?;
        Ok(true)
    };
    Ok(open(settings).await?.write(work).await?)
}

// ---- Operators ----

const OPERATOR: &str = "operator";

/// What became of the wish that somebody be an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointed {
    /// The account has the role now.
    Now,
    /// It had it before.
    Before,
    /// There is no account yet: an invitation to register with the role is in the outbox.
    Invited,
}

/// Has somebody be an operator. The sessions of the account end.
///
/// # Errors
/// What the database said.
pub async fn add_operator(settings: &Settings, address: EmailAddress, language: Language) -> Result<Appointed, AdminError> {
    let time = now();
    let role = Some(String::from(OPERATOR));
    let entry = Entry { id: random::id(time), address: Some(address.clone()), role, expires: time + MONTH, used: None };
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let Some(known) = account::by_address(tx, &address)? else {
            account::invite(tx, &entry, language, time)?;
            note(tx, Did::OperatorAdded, &entry.id.to_string())?;
            outbox::put(tx, random::id(time), outbox::Kind::Join, entry.id, &address, language, time)?;
            return Ok(Appointed::Invited);
        };
        if known.role.is_some() {
            return Ok(Appointed::Before);
        }
        account::set_role(tx, known.id, Some(OPERATOR))?;
        // They come back under the rules for operators.
        session::end_all(tx, known.id, None)?;
        note(tx, Did::OperatorAdded, &known.id.to_string())?;
        account::close_first_start(tx)?;
        feed::append(tx, &[known.id], Change::Profile, known.id, time)?;
        Ok(Appointed::Now)
    };
    Ok(open(settings).await?.write(work).await?)
}

/// Has somebody be an operator no more; whether they were one. The sessions of the account end.
///
/// # Errors
/// That nobody would be left, or what the database said.
pub async fn remove_operator(settings: &Settings, address: EmailAddress) -> Result<bool, AdminError> {
    let time = now();
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let Some(known) = account::by_address(tx, &address)?.filter(|it| it.role.is_some()) else { return Ok(Some(false)) };
        if account::count_with_role(tx, OPERATOR)? < 2 {
            return Ok(None);
        }
        account::set_role(tx, known.id, None)?;
        note(tx, Did::OperatorRemoved, &known.id.to_string())?;
        session::end_all(tx, known.id, None)?;
        feed::append(tx, &[known.id], Change::Session, known.id, time)?;
        Ok(Some(true))
    };
    let done = open(settings).await?.write(work).await?;
    done.ok_or_else(|| AdminError::Refused(String::from("this is the only operator: add another one first")))
}

/// The operators: each with its main address and name.
///
/// # Errors
/// What the database said.
pub async fn operators(settings: &Settings) -> Result<Vec<(String, String)>, AdminError> {
    let work = |tx: &mut crate::store::Tx<'_>| {
        let mut all = Vec::new();
        for known in account::with_role(tx, OPERATOR)? {
            let address = account::addresses(tx, known.id)?.into_iter().next().map(|it| it.shown.to_string());
            all.push((address.unwrap_or_default(), known.name()));
        }
        Ok(all)
    };
    Ok(open(settings).await?.read(work).await?)
}

// ---- Mails that came back ----

/// What became of a report about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Its invitation is `bounced` now, which its issuer sees.
    Bounced,
    /// It is about a mail of ours and changes nothing: the mail is only late, or its invitation was opened or answered.
    Nothing,
    /// It is no report, or about no mail that is remembered.
    Unknown,
}

/// Takes in a mail that came back (RFC 3464).
///
/// # Errors
/// What the database said.
pub async fn take_returned(settings: &Settings, mail: &[u8]) -> Result<Returned, AdminError> {
    let Some(report) = bounce::read(mail) else { return Ok(Returned::Unknown) };
    let time = now();
    let work = move |tx: &mut crate::store::Tx<'_>| {
        let (Report::Failed(id) | Report::Other(id)) = report;
        let Some(subject) = sent::invitation_of(tx, id)? else { return Ok(Returned::Unknown) };
        let found = invitation::get(tx, subject)?.filter(|it| it.state.after(Event::Bounce).is_some());
        let (Some(it), Report::Failed(_)) = (found, report) else { return Ok(Returned::Nothing) };
        invitation::advance(tx, &it, Event::Bounce, time)?;
        note(tx, Did::MailReturned, &it.id.to_string())?;
        Ok(Returned::Bounced)
    };
    Ok(open(settings).await?.write(work).await?)
}

/// A link by which the first operator registers, as long as there is none.
pub(crate) async fn first_start(app: &App) -> Result<Option<String>, StoreError> {
    let time = now();
    let secret = app.store.write(move |tx| {
        if account::count_with_role(tx, OPERATOR)? > 0 {
            return Ok(None);
        }
        let entry =
            Entry { id: random::id(time), address: None, role: Some(String::from(OPERATOR)), expires: time + DAY, used: None };
        account::invite(tx, &entry, Language::default(), time)?;
        Ok(Some(ticket::issue(tx, Kind::Join, entry.id, None, time, entry.expires)?))
    });
    let secret = secret.await.map_err(only_store)?;
    Ok(secret.map(|secret| format!("{}/register?invitation={}", app.origin, secret.reveal())))
}

/// What is wrong: with the settings, the folder, the database, the mail that waits.
pub async fn doctor(settings: &Settings, language: Language) -> Vec<Fault> {
    let mut faults = settings.faults();
    if settings.database_url.is_none() {
        faults.extend(exposed(&settings.data));
    } else if settings.erasure_log.is_none() {
        let words = String::from(
            "erasure_log is missing: without that file a restored backup brings back what was erased after it was made",
        );
        faults.push(Fault { stops: false, words });
    }
    let room = crate::listen::room(settings.connections);
    if room < settings.connections {
        let words = format!(
            "connections = {}, and there is room for {room}: this system lets a program have {} files open; raise that (LimitNOFILE= \
             of systemd, or `ulimit -n`), or have fewer connections",
            settings.connections,
            crate::listen::files().unwrap_or_default()
        );
        faults.push(Fault { stops: false, words });
    }
    if settings.mail.dir.is_none()
        && settings.mail.smtp.is_some()
        && !faults.iter().any(|fault| fault.stops)
        && let Err(words) = crate::mail::Sender::try_out(settings).await
    {
        let words = format!("mail.smtp does not take mail from here: {words}");
        faults.push(Fault { stops: false, words });
    }
    if let Some(words) = lacks_database(settings) {
        faults.push(Fault { stops: false, words });
        return faults;
    }
    match open(settings).await {
        Err(error) => faults.push(Fault { stops: true, words: format!("the database cannot be used: {error}") }),
        Ok(store) => {
            let looked = store.read(|tx| Ok((log::look(tx)?, act::last(tx, act::SERVER, Did::BackupMade)?))).await;
            if let Ok((Err(broken), _)) = &looked {
                let words = format!(
                    "the record of acts was changed ({broken}): whoever can write the database did it; compare with an earlier `satchel admin log export`"
                );
                faults.push(Fault { stops: false, words });
            }
            let old = |last: &Option<jiff::Timestamp>| last.is_none_or(|last| now().duration_since(last) > BACKUP);
            if settings.is_public() && looked.is_ok_and(|(_, last)| old(&last)) {
                let words = String::from(
                    "no backup was made within 8 days: `satchel admin backup -o FILE`, on another machine afterwards",
                );
                faults.push(Fault { stops: false, words });
            }
            if let Ok((number, Some(oldest))) = store.read(|tx| Ok(proposal::stuck(tx)?)).await
                && now().duration_since(oldest) > SignedDuration::from_hours(1)
            {
                let words = format!(
                    "{number} messages to other systems were not taken, the oldest of {oldest}: look whether their addresses answer (`satchel desk systems`)"
                );
                faults.push(Fault { stops: false, words });
            }
            faults.extend(unvouched(settings, &store).await);
            faults.extend(institutions(settings, &store, language).await);
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

/// Issuers whose domain does not list a key that may upload here: nobody can verify their badges.
async fn unvouched(settings: &Settings, store: &Store) -> Vec<Fault> {
    let keys = store.read(|tx| {
        let mut keys = Vec::new();
        for issuer in issuer::all(tx)?.into_iter().filter(|it| it.suspended.is_none()) {
            keys.extend(issuer::keys(tx, issuer.id)?.into_iter().filter(|key| did::without_fragment(key) == issuer.did));
        }
        Ok(keys)
    });
    let mut faults = Vec::new();
    for key in keys.await.unwrap_or_default() {
        if vouched(settings, &key).await == Some(false) {
            let words = format!("the did.json of its domain does not list {key}: nobody can verify the badges of this key");
            faults.push(Fault { stops: false, words });
        }
    }
    faults
}

/// Institutions through which nobody can sign in now, or that do not say what is needed.
async fn institutions(settings: &Settings, store: &Store, language: Language) -> Vec<Fault> {
    let mut faults = Vec::new();
    let all = store.read(|tx| Ok(provider::all(tx)?)).await.unwrap_or_default();
    for it in all.into_iter().filter(|it| !it.has_ended(now())) {
        let lines = federation::look(settings, &it, language).await.unwrap_or_default();
        let wrong = lines.into_iter().filter(|(right, _)| !right);
        faults.extend(wrong.map(|(_, words)| Fault { stops: false, words: format!("{}: {words}", it.name) }));
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
        // A key of another kind (P-256) signs no request here.
        assert!(key_of(&settings, "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169").is_err());
        assert!(key_of(&settings, "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw").is_ok());
    }
}
