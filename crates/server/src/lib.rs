//! The sync server of Satchel: accounts, claims, pages and mail, on SQLite or PostgreSQL. Begin at [`Server::open`], which makes it ready,
//! and at `routes.rs`, which says what answers where.
//!
//! Never here: a key or a signature of an issuer (law 6), personal data in a log or in a record of a change, SQL outside of `store/`.

pub mod admin;
mod apart;
mod api;
mod bounds;
mod claiming;
mod erased;
mod factor;
mod hooks;
mod jobs;
mod listen;
pub mod log;
mod login;
mod mail;
mod oauth;
mod pages;
pub mod password;
mod pool;
pub mod random;
mod recent;
pub mod reference;
mod routes;
pub mod settings;
mod state;
pub mod store;
mod upload;
mod visitor;
mod wake;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

pub use settings::Settings;
use state::App;

/// How long requests and a mail that are under way may still take once the server is to stop.
const GRACE: Duration = Duration::from_secs(20);

/// Connections at the address for the operator.
const FOR_OPERATORS: usize = 64;

/// Why the server does not start or goes on no more.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The settings would do harm, in words.
    #[error("{0}")]
    Settings(String),
    /// An address cannot be listened at.
    #[error("{address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The connection failed for good.
    #[error("the server had to stop: {0}")]
    Failed(std::io::Error),
}

/// A server that is ready.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    admin: TcpListener,
    sender: mail::Sender,
    addresses: [SocketAddr; 2],
    first_start: Option<String>,
}

impl Server {
    /// Opens the database and listens at both addresses; port 0 takes a free one.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn open(settings: Settings) -> Result<Self, ServeError> {
        // Before anything is listened to.
        refuse(&settings)?;
        let listener = listen(settings.listen).await?;
        let admin = listen(settings.admin_listen).await?;
        Self::on(settings, listener, admin).await
    }

    /// As [`Self::open`], at addresses that are listened to already.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn on(settings: Settings, listener: TcpListener, admin: TcpListener) -> Result<Self, ServeError> {
        refuse(&settings)?;
        if settings.database_url.is_none() {
            admin::data_folder(&settings).map_err(ServeError::Settings)?;
        }
        let sender = mail::Sender::new(&settings).map_err(ServeError::Settings)?;
        let local = |listener: &TcpListener| listener.local_addr().map_err(ServeError::Failed);
        let (public, admin_address) = (local(&listener)?, local(&admin)?);
        let origin =
            settings.public_url.as_ref().map_or_else(|| format!("http://{public}"), |url| url.origin().ascii_serialization());
        let app = App::open(settings, origin).await?;
        if app.store.kind() == "sqlite" {
            let time = state::now();
            app.store.write(move |tx| Ok(store::outbox::release(tx, time)?)).await.map_err(state::only_store)?;
        }
        let time = state::now();
        let fill = move |tx: &mut store::Tx<'_>| {
            store::issuer::fill(tx)?;
            Ok(store::catalogue::fill(tx, time)?)
        };
        app.store.write(fill).await.map_err(state::only_store)?;
        let first_start = admin::first_start(&app).await?;
        Ok(Self { app, listener, admin, sender, addresses: [public, admin_address], first_start })
    }

    /// The address that listens, as a URL.
    pub fn listening(&self) -> String {
        format!("http://{}", self.addresses[0])
    }

    /// The address for the operator, as a URL.
    pub fn admin(&self) -> String {
        format!("http://{}", self.addresses[1])
    }

    /// The link by which the first operator registers, as long as there is none.
    pub fn first_start(&self) -> Option<&str> {
        self.first_start.as_deref()
    }

    /// Answers until `shutdown`; what is under way is finished.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) {
        let (stop, stopped) = watch::channel(false);
        let wished = self.app.settings.connections;
        let room = listen::room(wished);
        if room < wished {
            tracing::warn!(wished, room, "the system lets this program have too few files open for so many connections");
        }
        let public = listen::Room::shared(room, self.app.settings.trusted_proxies.clone());
        let operators = listen::Room { all: FOR_OPERATORS, each: FOR_OPERATORS, trusted: Vec::new() };
        let public = tokio::spawn(listen::serve(self.listener, routes::public(Arc::clone(&self.app)), public, stopped.clone()));
        let operator =
            tokio::spawn(listen::serve(self.admin, routes::operator(Arc::clone(&self.app)), operators, stopped.clone()));
        let mail = tokio::spawn(mail::run(Arc::clone(&self.app), self.sender, stopped.clone()));
        let hooks = tokio::spawn(hooks::run(Arc::clone(&self.app), stopped.clone()));
        let wakes = tokio::spawn(wake::run(Arc::clone(&self.app), stopped.clone()));
        let jobs = tokio::spawn(jobs::run(Arc::clone(&self.app), stopped));
        tracing::info!(database = self.app.store.kind(), "ready");
        shutdown.await;
        tracing::info!("stopping");
        // Those who are told may have ended by themselves.
        let _ = stop.send(true);
        let all = async {
            drop(public.await);
            drop(operator.await);
            drop(mail.await);
            drop(jobs.await);
            drop(wakes.await);
            drop(hooks.await);
        };
        // What takes longer is broken off: everything that was answered is on the disk.
        drop(tokio::time::timeout(GRACE, all).await);
        if let Err(error) = self.app.store.settle().await {
            tracing::warn!(%error, "the journal could not be written into the database; the next start does it");
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

/// Settings that would do harm are not started with (S13).
fn refuse(settings: &Settings) -> Result<(), ServeError> {
    let stops: Vec<String> = settings.faults().into_iter().filter(|fault| fault.stops).map(|fault| fault.words).collect();
    if stops.is_empty() { Ok(()) } else { Err(ServeError::Settings(stops.join("; "))) }
}
