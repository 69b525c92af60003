//! What all requests share, and the one clock of the server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use satchel_badge::model::Badge;
use satchel_fetch::Client;
use satchel_protocol::{Code, EmailAddress, Problem, sha256};
use tokio::sync::Notify;

use crate::bounds::{Bodies, Rates};
use crate::erased;
use crate::login::tokens::Asker;
use crate::pages::catalogue::Shelf;
use crate::password::Hasher;
use crate::pool::Pool;
use crate::random;
use crate::recent::Recent;
use crate::settings::Settings;
use crate::store::{Error, Store, StoreError, attempt, meta, tombstone};
use crate::wake::Waiting;

/// Bytes of badges and of pictures that are kept at hand.
const READINGS: usize = 8 << 20;
const PICTURES: usize = 8 << 20;

/// How often forms without an account are sent from one network in an hour: a school behind one address counts as one.
pub const FROM_NETWORK: i64 = 300;

/// What all requests share.
pub struct App {
    /// The database.
    pub store: Store,
    /// What the operator chose.
    pub settings: Settings,
    /// Since when it runs with these settings.
    pub started: Timestamp,
    /// The address that people see, without a slash at its end.
    pub origin: String,
    /// Whether it is https, so that cookies may say so.
    pub secure: bool,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// Checks, draws and bakes.
    pub pool: Pool,
    /// Badges as they were read, by the hash of their signed form.
    pub readings: Recent<[u8; 32], Arc<Badge>>,
    /// Pictures as they were drawn, by the hash of what they were and their size.
    pub pictures: Recent<([u8; 32], u32), Arc<[u8]>>,
    /// What one may choose from in the catalogue.
    pub shelf: Shelf,
    /// Wakes whoever sends mail.
    pub mail: Notify,
    /// Whether the log has said that a proxy is not trusted.
    pub told_of_proxy: AtomicBool,
    /// Who waits for changes.
    pub waiting: Waiting,
    /// Large bodies that are under way.
    pub bodies: Arc<Bodies>,
    /// What programs did within the hour.
    pub rates: Arc<Rates>,
    /// Counts for the operator.
    pub counts: Counts,
    /// What asks providers of logins.
    pub asker: Asker,
    /// The one client by which the server asks others (law 9).
    pub client: Arc<Client>,
    /// The file of what was erased.
    erased: Option<Mutex<erased::Log>>,
    /// What hashes of addresses are mixed with.
    salt: [u8; 32],
}

/// Counts for the operator.
#[derive(Default)]
pub struct Counts {
    /// Answers by the first digit of their status.
    pub answers: [AtomicU64; 6],
    /// Mails that left, and mails that did not.
    pub mails_sent: AtomicU64,
    /// Mails that a mail server refused.
    pub mails_refused: AtomicU64,
}

/// The time.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// What the keys of counts are made with.
#[derive(Clone, Copy)]
pub struct Keys {
    salt: [u8; 32],
}

impl Keys {
    /// Under what a try is counted: a name for what is tried, and who or what.
    pub fn of(&self, what: &str, who: &str) -> [u8; 32] {
        sha256(&[&self.salt, what.as_bytes(), b"\0", who.as_bytes()].concat())
    }
}

impl App {
    /// Opens the database and makes what requests share.
    ///
    /// # Errors
    /// What the database said.
    pub async fn open(settings: Settings, origin: String) -> Result<Arc<Self>, StoreError> {
        let store = Store::open(&settings.place()).await?;
        let erased = settings.erasure_log().map(|path| erased::Log::open(&path)).transpose().map_err(StoreError::Failed)?;
        let mut fresh = [0; 32];
        random::fill(&mut fresh);
        let salt = store.write(move |tx| Ok(meta::get_or(tx, "salt", fresh)?));
        let salt = salt.await.map_err(only_store)?;
        let hasher = Hasher::new().map_err(|problem| StoreError::Failed(problem.to_string()))?;
        let secure = origin.starts_with("https:");
        let client = settings.network.policy().and_then(|policy| Client::new(policy).map_err(|error| error.to_string()));
        let client = Arc::new(client.map_err(StoreError::Failed)?);
        let asker = Asker::new(Arc::clone(&client), &settings.network);
        // Whoever waits leaves half of the connections to everybody else.
        let waiting = Waiting::new(crate::listen::room(settings.connections) / 2);
        Ok(Arc::new(Self {
            store,
            settings,
            started: now(),
            origin,
            secure,
            hasher,
            pool: Pool::default(),
            readings: Recent::new(READINGS),
            pictures: Recent::new(PICTURES),
            shelf: Shelf::default(),
            mail: Notify::new(),
            told_of_proxy: AtomicBool::new(false),
            waiting,
            bodies: Arc::default(),
            rates: Arc::default(),
            counts: Counts::default(),
            asker,
            client,
            erased: erased.map(Mutex::new),
            salt,
        }))
    }

    /// The hash under which an address is remembered that wants no mail.
    pub fn hash_of(&self, address: &EmailAddress) -> [u8; 32] {
        sha256(&[&self.salt, address.normal().as_bytes()].concat())
    }

    /// Counts one try of each of these: a name for what is tried, who or what, how often it may be, and within how many seconds. What comes
    /// after one that was tried too often is not counted: name the visitor first, so that nobody uses up the tries of others for long.
    ///
    /// # Errors
    /// [`Code::TooMany`] when one was tried too often.
    pub async fn limit(&self, tries: &[(&'static str, &str, i64, i64)]) -> Result<(), Problem> {
        let now = now();
        let keyed: Vec<_> = tries.iter().map(|(what, who, most, window)| (self.key(what, who), *most, *window)).collect();
        let counted = self.store.write(move |tx| {
            for (key, most, window) in &keyed {
                if attempt::count(tx, *key, *window, now)? > *most {
                    return Ok(Some(window / 60));
                }
            }
            Ok(None)
        });
        match counted.await? {
            None => Ok(()),
            Some(minutes) => Err(Problem::new(Code::TooMany, [minutes.max(1).to_string()])),
        }
    }

    /// Takes tries back that were counted: they succeeded.
    ///
    /// # Errors
    /// What the database said.
    pub async fn take_back(&self, tries: &[(&'static str, &str)]) -> Result<(), Problem> {
        let keys: Vec<_> = tries.iter().map(|(what, who)| self.key(what, who)).collect();
        let taken = self.store.write(move |tx| {
            for key in &keys {
                attempt::take_back(tx, *key, 1)?;
            }
            Ok(())
        });
        Ok(taken.await?)
    }

    /// Under what a try is counted.
    pub fn key(&self, what: &str, who: &str) -> [u8; 32] {
        self.keys().of(what, who)
    }

    /// What such keys are made with, to take along into a transaction.
    pub const fn keys(&self) -> Keys {
        Keys { salt: self.salt }
    }

    /// The name under which passkeys are made here: none where the address has no name, or a browser would not trust it (`WebAuthn`, 5.1).
    pub fn passkey_host(&self) -> Option<String> {
        let url = url::Url::parse(&self.origin).ok()?;
        let name = url.domain()?;
        (self.secure || name == "localhost" || name.ends_with(".localhost")).then(|| name.to_owned())
    }

    /// What successors of refresh tokens are made with.
    pub fn refresh_key(&self) -> [u8; 32] {
        self.key("refresh", "")
    }

    /// After something was erased: nothing of it is left in a journal, and the file of what was erased has it, so that no restored backup
    /// brings it back.
    ///
    /// # Errors
    /// What the database said.
    pub async fn after_erasure(&self) -> Result<(), Error> {
        self.store.settle().await?;
        self.follow_erasures().await
    }

    /// Writes into the file of what was erased what the database has and the file has not.
    ///
    /// # Errors
    /// What the database said. That the file cannot be written is told in the log alone: it is tried again.
    pub async fn follow_erasures(&self) -> Result<(), Error> {
        let Some(log) = &self.erased else { return Ok(()) };
        let since = log.lock().unwrap_or_else(PoisonError::into_inner).since();
        let all = self.store.read(move |tx| Ok(tombstone::since(tx, since)?)).await?;
        if let Err(error) = log.lock().unwrap_or_else(PoisonError::into_inner).add(&all) {
            tracing::error!(%error, "the file of what was erased cannot be written");
        }
        Ok(())
    }

    /// Counts an answer.
    pub fn count_answer(&self, status: u16) {
        if let Some(count) = self.counts.answers.get(usize::from(status / 100)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The database's part of an error that no rule can have caused.
pub fn only_store(error: Error) -> StoreError {
    match error {
        Error::Store(error) => error,
        Error::Problem(problem) => StoreError::Failed(problem.to_string()),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Store(StoreError::Busy | StoreError::Crossed) => Code::Busy.into(),
            Error::Store(error) => {
                tracing::error!(%error, "the database could not do it");
                Code::Internal.into()
            }
        }
    }
}
