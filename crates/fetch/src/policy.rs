//! What the owner of the program allows it to do in the network. Nothing here is read from the environment.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use url::{Host, Url};

use crate::FetchError;

/// Documents that one file may have fetched, for those who ask for many files at once. A stranger's badge must not make the program ask half
/// the world.
pub const MAX_ASKED_BY_ONE: usize = 48;

/// What may be asked, and how much of it is read.
#[derive(Clone, Debug)]
pub struct NetworkPolicy {
    /// Ask nobody.
    pub offline: bool,
    /// The time for a whole request: names, redirects, and the last byte of the body.
    pub timeout: Duration,
    /// The most bytes of a body, after decompression.
    pub max_bytes: usize,
    /// The most redirects that are followed.
    pub max_redirects: usize,
    /// The most documents that one run of [`answer`](crate::answer()) asks for.
    pub max_documents: usize,
    /// The bytes after which one run of [`answer`](crate::answer()) begins no more requests.
    pub max_total_bytes: usize,
    /// Hosts that are asked although their addresses are private, each with its port. Where a name is meant to lead is its owner's to say and may change between
    /// two requests; with `https://` before it only whoever has its certificate is asked.
    pub allow: Vec<HostPort>,
    /// Ask nobody but the hosts in `allow`.
    pub allowed_alone: bool,
    /// Whether plain `http` is asked. Hosted badges of Open Badges 1 and 2 often live there, so it is on by default; a document
    /// that came this way can have been changed on its way. A redirect from `https` to `http` is refused in any case.
    pub allow_http: bool,
    /// The HTTP proxy that everything passes but the hosts in `allow`, for example `http://proxy.school.example:3128`. Without it
    /// none is used, whatever the environment says. Names are looked up here too, so that one with a private address is refused;
    /// one that is not known here is left to the proxy.
    pub proxy: Option<String>,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        Self {
            offline: false,
            timeout: Duration::from_secs(20),
            max_bytes: 8 * 1024 * 1024,
            max_redirects: 5,
            max_documents: 64,
            max_total_bytes: 64 * 1024 * 1024,
            allow: Vec::new(),
            allowed_alone: false,
            allow_http: true,
            proxy: None,
        }
    }
}

impl NetworkPolicy {
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return false;
        };
        let is_it =
            |allowed: &HostPort| allowed.port == port && allowed.host == host && (!allowed.https || url.scheme() == "https");
        self.allow.iter().any(is_it)
    }
}

/// One port of one host, written `host:port` and `[::1]:port`, with `https://` before it where nothing else is asked there.
///
/// ```
/// use satchel_fetch::HostPort;
///
/// let server: HostPort = "badges.school.example:8443".parse()?;
/// assert_eq!(server.to_string(), "badges.school.example:8443");
/// assert!("https://badges.school.example:8443".parse::<HostPort>().is_ok());
/// assert!("badges.school.example".parse::<HostPort>().is_err());
/// # Ok::<(), satchel_fetch::FetchError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    host: Host<String>,
    port: u16,
    https: bool,
}

impl HostPort {
    /// The place that a URL leads to, by https alone where that is its scheme; none where it names no host or no port.
    pub fn of(url: &Url) -> Option<Self> {
        let host = url.host()?.to_owned();
        Some(Self { host, port: url.port_or_known_default()?, https: url.scheme() == "https" })
    }
}

impl FromStr for HostPort {
    type Err = FetchError;

    fn from_str(text: &str) -> Result<Self, FetchError> {
        let bad = |why: &str| FetchError::BadUrl { url: text.to_owned(), why: why.to_owned() };
        let (https, rest) = text.strip_prefix("https://").map_or((false, text), |rest| (true, rest));
        let (host, port) = rest.rsplit_once(':').ok_or_else(|| bad("a port is missing, as in host:443"))?;
        let host = Host::parse(host).map_err(|error| bad(&error.to_string()))?;
        let port = port.parse().map_err(|_| bad("the port is no number up to 65535"))?;
        Ok(Self { host, port, https })
    }
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(address) => Host::Ipv4(*address.ip()),
            SocketAddr::V6(address) => Host::Ipv6(*address.ip()),
        };
        Self { host, port: address.port(), https: false }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}:{}", if self.https { "https://" } else { "" }, self.host, self.port)
    }
}
