//! The server as a desk talks to it: requests signed by the issuer's key (`satchel_protocol::signature`). What the server answers is shown and
//! noted; it signs nothing here.

use jiff::Timestamp;
use satchel_badge::cause::Cause;
use satchel_badge::json;
use satchel_badge::sign::Signer;
use satchel_badge::words::Language;
use satchel_fetch::{Answer, Client, FetchError, HostPort, NetworkPolicy, Request};
use satchel_protocol::EmailAddress;
use satchel_protocol::desk::{Award, Invitation, Kept, Results, Upload};
use satchel_protocol::invitation::State;
use satchel_protocol::proposal::{NewProposer, Proposer, Waiting};
use satchel_protocol::request::{Counts, Form, Request as Asked};
use satchel_protocol::signature::{Parameters, Request as Signed};
use satchel_protocol::visibility::Listing;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{BadgeForm, DeskError, Issuer, Keys, Staff};
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
struct Proposals {
    proposals: Vec<Waiting>,
    more: bool,
}

#[derive(Deserialize)]
struct Requests {
    requests: Vec<Asked>,
    more: bool,
}

#[derive(Deserialize)]
struct Forms {
    forms: Vec<BadgeForm>,
}

#[derive(Deserialize)]
struct Link {
    link: Option<String>,
}

#[derive(Deserialize)]
struct Systems {
    systems: Vec<Proposer>,
}

#[derive(Deserialize)]
struct Secret {
    secret: String,
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
        let url = Url::parse(server).map_err(|_| DeskError::NoServer)?;
        let policy =
            NetworkPolicy { timeout: PATIENCE, allow: HostPort::of(&url).into_iter().collect(), ..NetworkPolicy::default() };
        Ok(Self { client: Client::new(policy).map_err(DeskError::Network)?, issuer, keys, server, clock })
    }

    /// The same server, for another issuer in whose name these keys may speak.
    pub fn in_name_of<'b>(&self, issuer: &'b Issuer) -> Result<Remote<'b>, DeskError>
    where
        'a: 'b,
    {
        Remote::new(issuer, self.keys, self.clock)
    }

    /// Publishes a document.
    pub fn put(&self, path: &str, body: &[u8]) -> Result<(), DeskError> {
        self.ask("PUT", &format!("documents/{path}"), body).map(drop)
    }

    /// A document as everybody reads it; none where there is none.
    pub fn hosted(&self, path: &str) -> Result<Option<Vec<u8>>, DeskError> {
        let url = self.issuer.address(path).ok_or(DeskError::NoServer)?;
        let mut tried = 1;
        loop {
            match self.client.get(&url, "*/*") {
                Err(_) if tried < TRIES => std::thread::sleep(PAUSE * tried),
                Err(error) => return Err(DeskError::Network(error)),
                Ok(document) => return Ok((document.status == 200).then(|| document.bytes.to_vec())),
            }
            tried += 1;
        }
    }

    /// Says who finds a badge.
    pub fn list(&self, badge: &str, state: Listing) -> Result<(), DeskError> {
        let body = serde_json::json!({ "state": state }).to_string();
        self.ask("PUT", &format!("listings/{badge}"), body.as_bytes()).map(drop)
    }

    /// An award as the server keeps it, by the identifier of its credential; none where it has none such, or has erased it.
    pub fn award(&self, credential: &str) -> Result<Option<Kept>, DeskError> {
        match self.read("GET", &format!("awards/{credential}"), b"") {
            Err(DeskError::Refused { code, .. }) if code == "not_found" || code == "gone" => Ok(None),
            answered => answered.map(Some),
        }
    }

    /// Uploads awards.
    pub fn upload(&self, awards: Vec<Award>) -> Result<Results, DeskError> {
        let body = serde_json::to_vec(&Upload { awards }).map_err(|error| strange(&error))?;
        serde_json::from_slice(&self.ask("POST", "awards", &body)?).map_err(|error| strange(&error))
    }

    /// The invitations in a state, or in any, as the server tells them, a page at a time.
    pub fn invitations(&self, state: Option<State>, say: &mut dyn FnMut(Invitation)) -> Result<(), DeskError> {
        let state = state.map(|state| format!("state={}", state.name())).unwrap_or_default();
        let mut path = format!("invitations?{state}");
        loop {
            let page: Invitations = serde_json::from_slice(&self.ask("GET", &path, b"")?).map_err(|error| strange(&error))?;
            let Some(last) = page.invitations.last() else { return Ok(()) };
            let next = format!("invitations?{state}&before={}", last.id);
            page.invitations.into_iter().for_each(&mut *say);
            // The same page over and over would be no end.
            if !page.more || next == path {
                return Ok(());
            }
            path = next;
        }
    }

    /// Awards whose invitations were withdrawn, by their identifiers.
    pub fn withdrawn(&self) -> Result<Vec<String>, DeskError> {
        let mut all = Vec::new();
        self.invitations(Some(State::Withdrawn), &mut |it| all.push(it.credential))?;
        Ok(all)
    }

    /// What other systems proposed and waits.
    pub fn proposals(&self) -> Result<Vec<Waiting>, DeskError> {
        let mut all: Vec<Waiting> = Vec::new();
        loop {
            let after = all.last().map(|it| format!("?after={}", it.id)).unwrap_or_default();
            let page: Proposals = self.read("GET", &format!("inbox{after}"), b"")?;
            let none = page.proposals.is_empty();
            all.extend(page.proposals);
            if !page.more || none {
                return Ok(all);
            }
        }
    }

    /// Requests that were approved and await a signature.
    pub fn approved(&self) -> Result<Vec<Asked>, DeskError> {
        let mut all: Vec<Asked> = Vec::new();
        loop {
            let after = all.last().map(|it| format!("&after={}", it.id)).unwrap_or_default();
            let page: Requests = self.read("GET", &format!("requests?state=approved{after}"), b"")?;
            let none = page.requests.is_empty();
            all.extend(page.requests);
            if !page.more || none {
                return Ok(all);
            }
        }
    }

    /// How many do.
    pub fn count_approved(&self) -> Result<i64, DeskError> {
        let counts: Counts = self.read("GET", "requests/counts", b"")?;
        Ok(counts.approved)
    }

    /// The forms of badges.
    pub fn forms(&self) -> Result<Vec<BadgeForm>, DeskError> {
        let all: Forms = self.read("GET", "forms", b"")?;
        Ok(all.forms)
    }

    /// Keeps the form of a badge; the secret link when there is a new one.
    pub fn put_form(&self, badge: &str, form: &Form) -> Result<Option<String>, DeskError> {
        let body = serde_json::to_vec(form).map_err(|error| strange(&error))?;
        let made: Link = self.read("PUT", &format!("forms/{badge}"), &body)?;
        Ok(made.link)
    }

    /// Declines a proposal.
    pub fn decline(&self, id: &str, reason: Option<&str>) -> Result<(), DeskError> {
        let body = serde_json::json!({ "reason": reason }).to_string();
        self.ask("POST", &format!("inbox/{id}/decline"), body.as_bytes()).map(drop)
    }

    /// Lets a system propose.
    pub fn add_system(&self, new: &NewProposer) -> Result<Proposer, DeskError> {
        self.read("POST", "systems", &serde_json::to_vec(new).map_err(|error| strange(&error))?)
    }

    /// The systems that may propose.
    pub fn systems(&self) -> Result<Vec<Proposer>, DeskError> {
        let all: Systems = self.read("GET", "systems", b"")?;
        Ok(all.systems)
    }

    /// Ends a system.
    pub fn end_system(&self, id: &str) -> Result<(), DeskError> {
        self.ask("POST", &format!("systems/{id}/end"), b"").map(drop)
    }

    /// A new secret for the messages to a system.
    pub fn rotate_system(&self, id: &str) -> Result<String, DeskError> {
        let made: Secret = self.read("POST", &format!("systems/{id}/rotate"), b"")?;
        Ok(made.secret)
    }

    /// Who acts for the issuer on the pages of the staff.
    pub fn staff(&self) -> Result<Staff, DeskError> {
        self.read("GET", "staff", b"")
    }

    /// Asks whoever has an address to.
    pub fn ask_staff(&self, email: &EmailAddress, language: Language) -> Result<(), DeskError> {
        let body = serde_json::json!({ "language": language.tag() }).to_string();
        self.ask("PUT", &staff_path(email), body.as_bytes()).map(drop)
    }

    /// Has nobody with an address act for it.
    pub fn remove_staff(&self, email: &EmailAddress) -> Result<(), DeskError> {
        match self.ask("DELETE", &staff_path(email), b"") {
            Err(DeskError::Refused { code, .. }) if code == "not_found" => {
                Err(DeskError::UnknownStaff { email: email.to_string() })
            }
            answered => answered.map(drop),
        }
    }

    fn read<T: serde::de::DeserializeOwned>(&self, method: &'static str, path: &str, body: &[u8]) -> Result<T, DeskError> {
        serde_json::from_slice(&self.ask(method, path, body)?).map_err(|error| strange(&error))
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

/// An address as a part of a path; none has a space.
fn staff_path(email: &EmailAddress) -> String {
    format!("staff/{}", url::form_urlencoded::byte_serialize(email.as_str().as_bytes()).collect::<String>())
}

/// What a server says when it does not do it.
fn refused(answer: &Answer) -> DeskError {
    let said = json::parse(&answer.bytes).unwrap_or(Value::Null);
    let text = |name: &str| said.get(name).and_then(Value::as_str).map(|text| satchel_badge::words::plain(text).collect());
    let retry = said.get("retry").and_then(Value::as_bool).unwrap_or(answer.status >= 500 || answer.status == 429);
    let status = format!("http_{}", answer.status);
    DeskError::Refused { code: text("code").unwrap_or(status.clone()), message: text("message").unwrap_or(status), retry }
}

const STRANGE: (&str, &str) = ("its answer is not understood here", "la sua risposta qui non si capisce");

fn strange(error: &serde_json::Error) -> DeskError {
    let host = String::from("server");
    DeskError::Network(FetchError::Connection { host, why: Cause::with(STRANGE, &error.to_string()) })
}
