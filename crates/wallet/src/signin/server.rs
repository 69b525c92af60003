//! Which server: what a person typed, pasted or was sent becomes its address.

use std::time::Duration;

use satchel_fetch::{Answer, Client, HostPort, NetworkPolicy, Request};
use url::{Host, Url};

use crate::sync::SyncError;

/// How long one request may take, its body included. One that waits for a change takes up to [`satchel_protocol::wallet::MAX_WAIT`].
const PATIENCE: Duration = Duration::from_mins(1);

/// The largest answer: a page of awards with their pictures. What badges need has the ordinary limits.
const MAX_ANSWER: usize = 48 << 20;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its address: scheme, host and port.
    origin: String,
    /// What a server within the app wants to hear with each request.
    secret: Option<String>,
    /// The secret of the invitation whose link led here.
    invitation: Option<String>,
    /// Whether nobody else is asked about badges that come from it.
    is_alone: bool,
}

impl Server {
    /// The server that a text names: an address, a host's name, or a link that leads there, such as that of an invitation, or one of ours
    /// (`satchel://`). Over the network it must be https; on this machine it may be http.
    ///
    /// ```
    /// use satchel_wallet::signin::Server;
    /// assert_eq!(Server::named("Badges.Example.org").unwrap().origin(), "https://badges.example.org");
    /// assert_eq!(Server::named("https://badges.example.org/claim/x?y#z").unwrap().origin(), "https://badges.example.org");
    /// assert_eq!(Server::named("127.0.0.1:8080").unwrap().origin(), "http://127.0.0.1:8080");
    /// assert_eq!(Server::named("satchel://inbox?server=https%3A%2F%2Fbadges.example.org").unwrap().origin(), "https://badges.example.org");
    /// let invited = "https://badges.example.org/claim/0123456789abcdefghijklmnopqrstuv";
    /// assert_eq!(Server::named(invited).unwrap().address(), invited);
    /// assert!(Server::named("http://badges.example.org").is_err());
    /// ```
    ///
    /// # Errors
    /// It names none.
    pub fn named(text: &str) -> Result<Self, SyncError> {
        let link = in_link(text.trim());
        let text = link.as_deref().unwrap_or(text).trim();
        let bad = || SyncError::BadServer { given: text.chars().take(200).collect() };
        let parse = |text: &str| Url::parse(text).ok().filter(|url| url.host().is_some());
        let url = if text.contains("://") {
            parse(text).ok_or_else(bad)?
        } else {
            let https = parse(&format!("https://{text}")).ok_or_else(bad)?;
            // What runs on this machine for a trial has no certificate.
            if is_here(&https) { parse(&format!("http://{text}")).ok_or_else(bad)? } else { https }
        };
        let is_good = url.scheme() == "https" || url.scheme() == "http" && is_here(&url);
        if !is_good || !url.username().is_empty() || url.password().is_some() {
            return Err(bad());
        }
        let invitation = url.path().strip_prefix("/claim/").filter(|text| is_secret(text)).map(str::to_owned);
        Ok(Self { origin: url.origin().ascii_serialization(), secret: None, invitation, is_alone: false })
    }

    /// The server within the app.
    ///
    /// # Errors
    /// The address is none of this machine.
    pub fn within(origin: &str, secret: &str) -> Result<Self, SyncError> {
        let named = Self::named(origin)?;
        if !named.origin.starts_with("http://") {
            return Err(SyncError::BadServer { given: origin.to_owned() });
        }
        Ok(Self { secret: Some(secret.to_owned()), ..named })
    }

    /// Its address: scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its address, or the link of the invitation that led here.
    pub fn address(&self) -> String {
        match &self.invitation {
            Some(secret) => format!("{}/claim/{secret}", self.origin),
            None => self.origin.clone(),
        }
    }

    /// The secret of the invitation whose link led here: whoever has no account registers with it.
    pub fn invitation(&self) -> Option<&str> {
        self.invitation.as_deref()
    }

    /// The same server, to which the invitation of another link leads.
    #[must_use]
    pub fn invited_by(self, other: &Self) -> Self {
        Self { invitation: other.invitation.clone(), ..self }
    }

    /// The same server, beside which nobody else is asked about badges that come from it.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// Where a browser is sent, so that it sees `path` there.
    pub(crate) fn page(&self, path: &str) -> String {
        match &self.secret {
            None => format!("{}{path}", self.origin),
            Some(secret) => {
                let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
                format!("{}/enter/{secret}?next={next}", self.origin)
            }
        }
    }

    /// It, as one that may be asked wherever it lies. By https alone where that is how it is asked: it says what is asked of it, and its name may come to lead to
    /// something within the network, which has no certificate for that name (security.md, S02).
    fn allowed(&self) -> Option<HostPort> {
        HostPort::of(&Url::parse(&self.origin).ok()?)
    }

    /// A client for it. Its owner named it, so it may lie inside the network.
    ///
    /// # Errors
    /// The client cannot be made.
    pub fn link(&self) -> Result<Link, SyncError> {
        let allow = self.allowed().into_iter().collect();
        let evidence = NetworkPolicy { allow, allowed_alone: self.is_alone, ..NetworkPolicy::default() };
        let policy = NetworkPolicy { timeout: PATIENCE, max_bytes: MAX_ANSWER, ..evidence.clone() };
        let client = |policy| Client::new(policy).map_err(SyncError::Network);
        Ok(Link { client: client(policy)?, evidence: client(evidence)?, server: self.clone() })
    }
}

/// Whether a text looks like the secret of an invitation.
fn is_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// What a link of ours, `satchel://inbox?server=...`, names as a server.
fn in_link(text: &str) -> Option<String> {
    let link = Url::parse(text).ok().filter(|link| link.scheme() == "satchel")?;
    link.query_pairs().find(|(name, _)| name == "server").map(|(_, value)| value.into_owned())
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A server that can be asked.
pub struct Link {
    client: Client,
    evidence: Client,
    server: Server,
}

impl Link {
    /// The server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The client for what badges need. It may ask this server too.
    pub(crate) fn evidence(&self) -> &Client {
        &self.evidence
    }

    /// Sends a request to a path of the server.
    pub(crate) fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<Answer, SyncError> {
        let mut headers = headers;
        if let Some(secret) = &self.server.secret {
            headers.push(("x-satchel-secret", secret.clone()));
        }
        let request = Request { method, url: format!("{}{path}", self.server.origin), headers, body };
        self.client.send(request).map_err(SyncError::Network)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use satchel_fetch::FetchError;

    use super::*;

    #[test]
    fn beside_a_server_that_is_alone_nobody_is_asked() {
        let link = Server::named("http://127.0.0.1:1").unwrap().alone().link().unwrap();
        assert_eq!(link.evidence().get("http://127.0.0.1:2/status", "*/*").unwrap_err(), FetchError::Offline);
        assert_ne!(link.evidence().get("http://127.0.0.1:1/status", "*/*").unwrap_err(), FetchError::Offline);
    }
}
