//! The server as a desk talks to it: requests signed by the issuer's key (`satchel_protocol::signature`). What the server answers is shown and
//! noted; it signs nothing here.

use jiff::Timestamp;
use satchel_badge::json;
use satchel_badge::sign::Signer;
use satchel_fetch::{Answer, Client, FetchError, NetworkPolicy, Request};
use satchel_protocol::desk::{Award, Invitation, Results, Upload};
use satchel_protocol::signature::{Parameters, Request as Signed};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{DeskError, Issuer, Keys};
use crate::random;

/// How long one request may take, its body included.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(2);

/// How often a request is tried, and how long it waits before another time.
const TRIES: u32 = 3;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(300);

/// A server, for one issuer.
pub(super) struct Remote<'a> {
    client: Client,
    issuer: &'a Issuer,
    keys: &'a Keys,
    server: &'a str,
    /// What time it is.
    clock: &'a dyn Fn() -> Timestamp,
}

#[derive(Deserialize)]
struct Invitations {
    invitations: Vec<Invitation>,
    /// Whether there are older ones.
    more: bool,
}

impl<'a> Remote<'a> {
    /// The server that the issuer publishes on. Its owner named it, so it may lie inside the network.
    pub fn new(issuer: &'a Issuer, keys: &'a Keys, clock: &'a dyn Fn() -> Timestamp) -> Result<Self, DeskError> {
        let server = issuer.server.as_deref().ok_or(DeskError::NoServer)?;
        let mut policy = NetworkPolicy { timeout: PATIENCE, ..NetworkPolicy::default() };
        let url = Url::parse(server).map_err(|_| DeskError::NoServer)?;
        if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) {
            policy.allow.extend(format!("{host}:{port}").parse().ok());
        }
        Ok(Self { client: Client::new(policy).map_err(DeskError::Network)?, issuer, keys, server, clock })
    }

    /// Publishes a document.
    pub fn put(&self, path: &str, body: &[u8]) -> Result<(), DeskError> {
        self.ask("PUT", &format!("documents/{path}"), body).map(drop)
    }

    /// Uploads awards.
    pub fn upload(&self, awards: Vec<Award>) -> Result<Results, DeskError> {
        let body = serde_json::to_vec(&Upload { awards }).map_err(|error| strange(&error))?;
        serde_json::from_slice(&self.ask("POST", "awards", &body)?).map_err(|error| strange(&error))
    }

    /// The invitations, as the server tells them, a page at a time.
    pub fn invitations(&self, say: &mut dyn FnMut(Invitation)) -> Result<(), DeskError> {
        let mut path = String::from("invitations");
        loop {
            let page: Invitations = serde_json::from_slice(&self.ask("GET", &path, b"")?).map_err(|error| strange(&error))?;
            let Some(last) = page.invitations.last() else { return Ok(()) };
            let next = format!("invitations?before={}", last.id);
            page.invitations.into_iter().for_each(&mut *say);
            // The same page over and over would be no end.
            if !page.more || next == path {
                return Ok(());
            }
            path = next;
        }
    }

    /// Takes an invitation back.
    pub fn withdraw(&self, invitation: &str) -> Result<(), DeskError> {
        self.ask("POST", &format!("invitations/{invitation}/withdraw"), b"").map(drop)
    }

    /// Asks, and once more where the network or the server says that it may help.
    fn ask(&self, method: &'static str, path: &str, body: &[u8]) -> Result<Vec<u8>, DeskError> {
        let url = format!("{}/api/v1/issuers/{}/{path}", self.server, self.issuer.did);
        let mut tried = 1;
        loop {
            let answered = self.once(method, &url, body.to_vec());
            match answered {
                Err(error) if error.retry() && tried < TRIES => std::thread::sleep(PAUSE * tried),
                answered => return answered,
            }
            tried += 1;
        }
    }

    fn once(&self, method: &'static str, url: &str, body: Vec<u8>) -> Result<Vec<u8>, DeskError> {
        let signed = Signed { method, target: url, body: &body };
        let nonce = bs58::encode(random::bytes::<24>()).into_string();
        let key = self.keys.ed25519.key_url().to_owned();
        let parameters = Parameters { created: (self.clock)().as_second(), key, nonce };
        let signature = self.keys.ed25519.sign(parameters.base(signed).as_bytes()).map_err(DeskError::Signing)?;
        let headers = parameters.headers(signed, &signature);
        let headers = vec![
            ("content-type", String::from("application/json")),
            ("content-digest", headers.digest),
            ("signature-input", headers.input),
            ("signature", headers.signature),
        ];
        let request = Request { method, url: url.to_owned(), headers, body };
        let answer = self.client.send(request).map_err(DeskError::Network)?;
        if (200..300).contains(&answer.status) { Ok(answer.bytes) } else { Err(refused(&answer)) }
    }
}

/// What a server says when it does not do it.
fn refused(answer: &Answer) -> DeskError {
    let said = json::parse(&answer.bytes).unwrap_or(Value::Null);
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(|text| satchel_badge::words::plain(text).collect());
    let retry = said.get("retry").and_then(Value::as_bool).unwrap_or(answer.status >= 500 || answer.status == 429);
    let status = format!("http_{}", answer.status);
    DeskError::Refused { code: text("code").unwrap_or(status.clone()), message: text("message").unwrap_or(status), retry }
}

fn strange(error: &serde_json::Error) -> DeskError {
    let host = String::from("server");
    DeskError::Network(FetchError::Connection { host, why: error.to_string() })
}
