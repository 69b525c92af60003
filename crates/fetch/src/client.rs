//! The one client by which the program asks for documents. Every hop is judged before it is made; redirects are followed by hand
//! for that. It keeps no cookies, tells no referer, answers no demand for a password, reads no proxy from the environment, and
//! never reads on once the limit of bytes or time is reached.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, OnceLock, mpsc};

use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{ClientBuilder, Proxy, Response, redirect};
use satchel_badge::cause::Cause;
use satchel_badge::evidence::{Document, Origin};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, spawn_blocking};
use url::{Host, Url};

use crate::guard::{self, host_of};
use crate::{FetchError, NetworkPolicy};

/// How names become addresses. What it answers is judged like any other answer.
pub type Names = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// The client. It brings its own threads, so both doors work inside and outside of an async program.
pub struct Client {
    asker: Arc<Asker>,
    /// Taken when the client is dropped.
    runtime: Option<Runtime>,
}

impl Client {
    /// A client that asks the system for the addresses of names.
    pub fn new(policy: NetworkPolicy) -> Result<Self, FetchError> {
        Self::with_names(policy, Arc::new(|name| Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())))
    }

    /// A client with its own way to find the addresses of names. The guard judges them all the same.
    pub fn with_names(policy: NetworkPolicy, names: Names) -> Result<Self, FetchError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("satchel-fetch").enable_all().build();
        proxy(&policy)?;
        let asker = Asker { policy, names, public: Door::new(), allowed: Door::new() };
        Ok(Self { asker: Arc::new(asker), runtime: Some(runtime.map_err(|error| setup(&error))?) })
    }

    /// The document under a URL, with its status: 200 to 299, or 404 or 410 when there is none. Blocks the thread.
    pub fn get(&self, url: &str, accept: &str) -> Result<Document, FetchError> {
        let (url, accept) = (url.to_owned(), accept.to_owned());
        self.block_on(|asker| async move { asker.get(&url, &accept).await.outcome })?
    }

    /// The same for an async program, on any runtime. Dropping the future breaks the request off.
    pub async fn get_async(&self, url: &str, accept: &str) -> Result<Document, FetchError> {
        let (url, accept) = (url.to_owned(), accept.to_owned());
        self.beside(|asker| async move { asker.get(&url, &accept).await.outcome }).await
    }

    /// What the client was told.
    pub fn policy(&self) -> &NetworkPolicy {
        &self.asker.policy
    }

    /// Runs work on the client's own threads for an async program.
    pub(crate) async fn beside<T, F, W>(&self, work: W) -> Result<T, FetchError>
    where
        T: Send + 'static,
        W: FnOnce(Arc<Asker>) -> F,
        F: Future<Output = Result<T, FetchError>> + Send + 'static,
    {
        let runtime = self.runtime.as_ref().ok_or(FetchError::Stopped)?;
        let mut tasks = JoinSet::new();
        tasks.spawn_on(work(Arc::clone(&self.asker)), runtime.handle());
        tasks.join_next().await.and_then(Result::ok).unwrap_or(Err(FetchError::Stopped))
    }

    /// Runs work on the client's own threads and waits for it.
    pub(crate) fn block_on<F, W>(&self, work: W) -> Result<F::Output, FetchError>
    where
        W: FnOnce(Arc<Asker>) -> F,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let work = work(Arc::clone(&self.asker));
        let runtime = self.runtime.as_ref().ok_or(FetchError::Stopped)?;
        runtime.spawn(async move { sender.send(work.await) });
        receiver.recv().map_err(|_| FetchError::Stopped)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A slow name server holds a thread that nobody needs any more; waiting for it would hold the program.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What one request came to.
pub(crate) struct Asked {
    /// Whoever was sent a request, redirects included.
    pub(crate) hosts: Vec<String>,
    pub(crate) outcome: Result<Document, FetchError>,
}

impl Asked {
    pub(crate) fn bytes(&self) -> usize {
        self.outcome.as_ref().map_or(0, |document| document.bytes.len())
    }
}

/// The part of the client that its threads share.
pub(crate) struct Asker {
    policy: NetworkPolicy,
    names: Names,
    /// The way to everyone: by the guarded names, or by the proxy.
    public: Door,
    /// The way to the hosts that are allowed by name and port. The two share no connections.
    allowed: Door,
}

/// Opened when first needed: that reads the machine's certificates, so it takes a while and can fail.
type Door = OnceLock<Result<reqwest::Client, FetchError>>;

fn builder(names: Resolver) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Satchel/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(Arc::new(names))
}

fn proxy(policy: &NetworkPolicy) -> Result<Option<Proxy>, FetchError> {
    policy.proxy.as_ref().map(Proxy::all).transpose().map_err(|error| setup(&error))
}

fn setup(error: &(dyn StdError + 'static)) -> FetchError {
    FetchError::Setup { why: deepest(error) }
}

struct Resolver {
    names: Names,
    guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, guarded) = (Arc::clone(&self.names), self.guarded);
        Box::pin(async move {
            let found = look_up(names, name.as_str()).await?;
            let found = if guarded { guard::check_addresses(name.as_str(), found)? } else { found };
            // The port of the URL takes the place of the 0.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

async fn look_up(names: Names, host: &str) -> Result<Vec<IpAddr>, FetchError> {
    let name = host.to_owned();
    match spawn_blocking(move || names(&name)).await {
        Ok(Ok(found)) => Ok(found),
        _ => Err(FetchError::NameNotFound { host: host.to_owned() }),
    }
}

impl Asker {
    pub(crate) async fn get(&self, url: &str, accept: &str) -> Asked {
        let mut hosts = Vec::new();
        let limit = self.policy.timeout;
        let outcome = tokio::time::timeout(limit, self.follow(url, accept, &mut hosts)).await;
        Asked { hosts, outcome: outcome.unwrap_or(Err(FetchError::Timeout { limit })) }
    }

    async fn follow(&self, url: &str, accept: &str, hosts: &mut Vec<String>) -> Result<Document, FetchError> {
        if self.policy.offline {
            return Err(FetchError::Offline);
        }
        let mut url = guard::first(url, &self.policy)?;
        let asked = url.clone();
        for _ in 0..=self.policy.max_redirects {
            let response = self.hop(&url, accept, hosts).await?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                let document = self.document(&url, response).await?;
                let origin = if same_site(&asked, &url) { Origin::Fetched } else { Origin::Redirected };
                return Ok(Document { origin, ..document });
            }
            url = guard::next(&url, location(&url, &response)?, &self.policy)?;
        }
        Err(FetchError::TooManyRedirects { limit: self.policy.max_redirects })
    }

    pub(crate) fn policy(&self) -> &NetworkPolicy {
        &self.policy
    }

    /// The way to whoever has this address.
    pub(crate) async fn door(&self, url: &Url) -> Result<&reqwest::Client, FetchError> {
        let door = if self.policy.allows(url) {
            self.allowed.get_or_init(|| self.open_allowed())
        } else {
            self.ask_names(url).await?;
            self.public.get_or_init(|| self.open_public())
        };
        door.as_ref().map_err(FetchError::clone)
    }

    async fn hop(&self, url: &Url, accept: &str, hosts: &mut Vec<String>) -> Result<Response, FetchError> {
        let door = self.door(url).await?;
        hosts.push(host_of(url));
        let sent = door.get(url.clone()).header(ACCEPT, accept).send().await;
        sent.map_err(|error| {
            let error = explain(url, &error);
            if matches!(error, FetchError::AddressRefused { .. } | FetchError::NameNotFound { .. }) {
                hosts.pop();
            }
            error
        })
    }

    fn open_public(&self) -> Result<reqwest::Client, FetchError> {
        // With a proxy the only name looked up at this door is the proxy's own, and the owner chose it; see `ask_names`.
        let proxy = proxy(&self.policy)?;
        let builder = builder(Resolver { names: Arc::clone(&self.names), guarded: proxy.is_none() });
        let builder = match proxy {
            Some(proxy) => builder.proxy(proxy),
            None => builder,
        };
        builder.build().map_err(|error| setup(&error))
    }

    fn open_allowed(&self) -> Result<reqwest::Client, FetchError> {
        let builder = builder(Resolver { names: Arc::clone(&self.names), guarded: false });
        builder.build().map_err(|error| setup(&error))
    }

    /// A proxy would look the name up itself, and may stand inside the network: so a name with a private address is refused here.
    /// Names that are only known to the proxy are its own affair.
    async fn ask_names(&self, url: &Url) -> Result<(), FetchError> {
        let (Some(_), Some(Host::Domain(name))) = (&self.policy.proxy, url.host()) else {
            return Ok(());
        };
        match look_up(Arc::clone(&self.names), name).await {
            Ok(found) if !found.is_empty() => guard::check_addresses(name, found).map(|_| ()),
            _ => Ok(()),
        }
    }

    async fn document(&self, url: &Url, response: Response) -> Result<Document, FetchError> {
        let status = response.status().as_u16();
        // 206 is a part of a document, and none was asked for.
        if !matches!(status, 200..=205 | 207..=299 | 404 | 410) {
            return Err(FetchError::Status { host: host_of(url), status });
        }
        // A gzip body has lost this header by now.
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
            return Err(FetchError::Encoding { host: host_of(url), why: format!("{encoding:?} was not asked for") });
        }
        let media_type = response.headers().get(CONTENT_TYPE).and_then(media_type);
        let bytes = self.body(url, response).await?;
        Ok(Document { bytes: bytes.into(), status, media_type, fetched: Some(Timestamp::now()), origin: Origin::Fetched })
    }

    pub(crate) async fn body(&self, url: &Url, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let limit = self.policy.max_bytes;
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(FetchError::TooLarge { limit });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| explain(url, &error))? {
            if chunk.len() > limit - bytes.len() {
                return Err(FetchError::TooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// Whether a redirect stayed at home: on the same host, with or without `www.` in front.
fn same_site(asked: &Url, answered: &Url) -> bool {
    let site = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        (host.strip_prefix("www.").unwrap_or(host).to_owned(), url.port())
    };
    site(asked) == site(answered)
}

/// The one place that a redirect names.
fn location<'a>(url: &Url, response: &'a Response) -> Result<&'a str, FetchError> {
    let mut named = response.headers().get_all(LOCATION).iter();
    match (named.next().map(|value| str::from_utf8(value.as_bytes())), named.next()) {
        (Some(Ok(location)), None) => Ok(location),
        _ => Err(FetchError::RedirectToNowhere { host: host_of(url), status: response.status().as_u16() }),
    }
}

/// The media type without its parameters, in small letters.
pub(crate) fn media_type(value: &HeaderValue) -> Option<String> {
    let essence = value.to_str().ok()?.split(';').next()?.trim();
    (!essence.is_empty()).then(|| essence.to_ascii_lowercase())
}

/// Finds in the causes of a failure what names the mistake.
pub(crate) fn explain(url: &Url, error: &reqwest::Error) -> FetchError {
    let host = host_of(url);
    for cause in causes(error) {
        if let Some(ours) = cause.downcast_ref::<FetchError>() {
            return ours.clone();
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return FetchError::Tls { host, why: tls.to_string() };
        }
    }
    let why = deepest(error);
    if is_damaged(error) {
        return FetchError::Encoding { host, why };
    }
    // The last one that has a kind: what lies deeper only says it in other words.
    let of_system = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    FetchError::Connection { host, why: of_system.map_or_else(|| Cause::with(BROKEN_OFF, &why), Cause::from) }
}

const BROKEN_OFF: (&str, &str) = ("it was broken off", "è stata interrotta");

/// Whether the decompression failed. `is_decode` alone is true for every body that breaks off.
fn is_damaged(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    let kind = error.source().and_then(|cause| cause.downcast_ref()).map(io::Error::kind);
    error.is_decode() && matches!(kind, Some(InvalidData | InvalidInput | UnexpectedEof))
}

fn deepest(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

/// The error and its causes. An I/O error does not count what it wraps among its causes, so it is opened by hand.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    })
}
