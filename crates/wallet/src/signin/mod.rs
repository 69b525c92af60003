//! Signing in (R44): the program registers itself at the server, the person is asked in the system's own browser, and the answer comes back to a
//! free port of this machine (RFC 8252) with PKCE (RFC 7636), a `state` that only this run knows, and the server's name (RFC 9207). No password is
//! ever seen here. What comes of it, tokens, lies in a [`Vault`].

mod loopback;
mod server;
mod vault;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_fetch::Answer;
use satchel_protocol::Id;
use satchel_protocol::scope::Scope;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use crate::sealed::{LEAST, Passphrases, SealError};
pub use loopback::Cancel;
pub use server::{Link, Server};
pub use vault::{Tokens, Vault};

use crate::sync::SyncError;
use crate::{Sha256, random};
use loopback::Loopback;

/// The longest answer of an authorization server that is read as one.
const MAX_WORDS: usize = 300;

/// A sign-in that was begun.
pub struct SignIn {
    link: Link,
    client: String,
    redirect: String,
    address: String,
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
    loopback: Loopback,
}

/// What a server says of itself (RFC 8414).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    refresh_token: String,
}

fn secret() -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(random::bytes::<32>()))
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

impl SignIn {
    /// Registers this program at a server, as `name`, and waits at a free port.
    ///
    /// # Errors
    /// The server cannot be asked, is none of Satchel's, or refuses.
    pub fn begin(server: &Server, name: &str, language: Language) -> Result<Self, SyncError> {
        let link = server.link()?;
        check(&link)?;
        let loopback = Loopback::open().map_err(|error| SyncError::NoLoopback { why: (&error).into() })?;
        let redirect = loopback.address();
        let said = json!({ "client_name": name, "redirect_uris": [redirect], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"] });
        let headers = vec![("content-type", String::from("application/json")), ("accept-language", language.tag().to_owned())];
        let answer =
            link.send("POST", "/oauth/register", headers, said.to_string().into_bytes()).map_err(|error| first(&link, error))?;
        let Registered { client_id } =
            if answer.status == 201 { read(&link, &answer)? } else { return Err(refused(&link, &answer)) };
        let (state, verifier) = (secret(), secret());
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::of(verifier.as_bytes()).as_bytes());
        let mut query = form(&[
            ("response_type", "code"),
            ("client_id", &client_id),
            ("redirect_uri", &redirect),
            ("scope", Scope::Wallet.name()),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        // Not OAuth's: the server's page for whoever is not signed in leads to registering with it.
        if let Some(invitation) = server.invitation() {
            query = format!("{query}&invitation={invitation}");
        }
        let address = server.page(&format!("/oauth/authorize?{query}"));
        Ok(Self { link, client: client_id, redirect, address, state, verifier, loopback })
    }

    /// Where the person's browser is to go.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What ends the waiting.
    pub fn cancel(&self) -> Cancel {
        self.loopback.cancel()
    }

    /// Waits for the browser and gets the tokens. Blocks the thread until then, or until it is cancelled.
    ///
    /// # Errors
    /// It was cancelled, or not allowed, or the answer is not this server's.
    pub fn finish(self, language: Language) -> Result<SignedIn, SyncError> {
        let heard = self.loopback.wait(&self.state, language).map_err(|error| SyncError::NoLoopback { why: (&error).into() })?;
        let heard = heard.ok_or(SyncError::Cancelled)?;
        // What comes twice has no one meaning (OAuth 2.1, 3.1).
        let of = |name: &str| {
            let mut values = heard.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
            values.next().filter(|_| values.next().is_none())
        };
        // Before anything else is believed of it (RFC 9207, 2.4).
        if of("iss") != Some(self.link.server().origin()) {
            return Err(SyncError::MixedUp { server: self.link.server().origin().to_owned() });
        }
        match of("error") {
            Some("access_denied") => return Err(SyncError::Denied),
            Some(error) => return Err(SyncError::refused("oauth", of("error_description").unwrap_or(error))),
            None => {}
        }
        let code = of("code").ok_or_else(|| SyncError::strange(self.link.server().origin(), "no code"))?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", self.client.as_str()),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", self.verifier.as_str()),
        ];
        let tokens = ask_for_tokens(&self.link, &self.client, &fields)?;
        Ok(SignedIn { link: self.link, tokens: Some(tokens) })
    }
}

/// A sign-in that worked; [`crate::sync::keep`] keeps it. One that is not kept is ended at the server, too, so that nothing of it is left there.
pub struct SignedIn {
    link: Link,
    /// What the server gave; nothing once that is kept.
    tokens: Option<Tokens>,
}

impl SignedIn {
    /// The server.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// What it gave.
    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// It is kept.
    pub(crate) fn kept(mut self) {
        self.tokens = None;
    }
}

impl Drop for SignedIn {
    fn drop(&mut self) {
        if let Some(tokens) = &self.tokens {
            drop(revoke(&self.link, tokens));
        }
    }
}

/// A server's description of itself must be its own: all that it names lies with it (RFC 8414, 3.3).
fn check(link: &Link) -> Result<(), SyncError> {
    let origin = link.server().origin();
    let answer = link.send("GET", "/.well-known/oauth-authorization-server", Vec::new(), Vec::new());
    let answer = answer.map_err(|error| first(link, error))?;
    if answer.status != 200 {
        return Err(SyncError::NoSatchel { server: origin.to_owned() });
    }
    let said: Metadata = serde_json::from_slice(&answer.bytes).map_err(|_| SyncError::NoSatchel { server: origin.to_owned() })?;
    let at = |path: &str| format!("{}{path}", said.issuer);
    let is_own = said.authorization_endpoint == at("/oauth/authorize")
        && said.token_endpoint == at("/oauth/token")
        && said.registration_endpoint == at("/oauth/register")
        && said.authorization_response_iss_parameter_supported;
    match is_own {
        true if said.issuer == origin => Ok(()),
        // Such as `localhost` where it calls itself 127.0.0.1. Whoever wants that one says so.
        true if Server::named(&said.issuer).is_ok_and(|own| own.origin() == said.issuer) => {
            Err(SyncError::OtherAddress { server: origin.to_owned(), own: said.issuer })
        }
        _ => Err(SyncError::MixedUp { server: origin.to_owned() }),
    }
}

/// Of a server that was never asked before nothing waits to be sent.
fn first(link: &Link, error: SyncError) -> SyncError {
    match error {
        SyncError::Network(error) => SyncError::NoAnswer { server: link.server().origin().to_owned(), error },
        error => error,
    }
}

fn ask_for_tokens(link: &Link, client: &str, fields: &[(&str, &str)]) -> Result<Tokens, SyncError> {
    let headers = vec![("content-type", String::from("application/x-www-form-urlencoded"))];
    let answer = link.send("POST", "/oauth/token", headers, form(fields).into_bytes())?;
    match answer.status {
        200 => {
            let given: Given = read(link, &answer)?;
            Ok(Tokens { client: client.to_owned(), refresh: given.refresh_token, access: given.access_token, ended: None })
        }
        400 | 401 => {
            let said: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
            match said["error"].as_str() {
                Some("invalid_grant" | "invalid_client") => {
                    Err(SyncError::NotSignedIn { server: link.server().origin().to_owned() })
                }
                _ => Err(refused(link, &answer)),
            }
        }
        _ => Err(refused(link, &answer)),
    }
}

/// How often a refresh is tried, within the minute in which the server gives the same answer again.
const TRIES: u32 = 6;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// An access token other than `worn`, which the server took no more. A lost answer is asked for again at once: the server gives the same one for a
/// minute, and later takes whoever comes with the old token for a thief.
pub(crate) fn renew(link: &Link, vault: &Vault, account: Id, worn: &str) -> Result<Tokens, SyncError> {
    let _one = vault.renewing();
    let missing = || SyncError::NotSignedIn { server: link.server().origin().to_owned() };
    let tokens = vault.lock().get(account)?.ok_or_else(missing)?;
    if tokens.access != worn {
        return Ok(tokens);
    }
    let fields =
        [("grant_type", "refresh_token"), ("client_id", tokens.client.as_str()), ("refresh_token", tokens.refresh.as_str())];
    let mut tried = 1;
    let renewed = loop {
        match ask_for_tokens(link, &tokens.client, &fields) {
            Err(error) if error.retry() && tried < TRIES => std::thread::sleep(PAUSE * tried),
            Err(error @ SyncError::NotSignedIn { .. }) => {
                vault.lock().put(account, None)?;
                return Err(error);
            }
            answered => break answered?,
        }
        tried += 1;
    };
    // Kept before it is used.
    vault.lock().put(account, Some(renewed.clone()))?;
    Ok(renewed)
}

/// Ends what this wallet holds for an account at a server (RFC 7009). Here the account is signed out in any case; a server that cannot be told now
/// is told later ([`tell_ended`]).
///
/// # Errors
/// The server could not be told.
pub fn sign_out(link: &Link, vault: &Vault, account: Id, server: &str, now: Timestamp) -> Result<(), SyncError> {
    let ended = vault.lock().end(account, server, now)?;
    ended.map_or(Ok(()), |(name, tokens)| tell(link, vault, name, &tokens))
}

/// The same, where nobody can be told now.
///
/// # Errors
/// What is kept cannot be written.
pub fn sign_out_here(vault: &Vault, account: Id, server: &str, now: Timestamp) -> Result<(), SyncError> {
    vault.lock().end(account, server, now)?;
    Ok(())
}

/// Tells servers of accounts that were signed out while they could not be told, where `link` leads to them.
///
/// # Errors
/// One could not be told this time either; the others were.
pub fn tell_ended(vault: &Vault, link: impl Fn(&str) -> Result<Link, SyncError>) -> Result<(), SyncError> {
    let mut told = Ok(());
    let all = vault.lock().ended()?;
    for (name, tokens) in all {
        let Some(ended) = &tokens.ended else { continue };
        told = link(&ended.server).and_then(|link| tell(&link, vault, name, &tokens)).and(told);
    }
    told
}

fn tell(link: &Link, vault: &Vault, name: Id, tokens: &Tokens) -> Result<(), SyncError> {
    let told = revoke(link, tokens);
    // What is refused for good is as good as told.
    if told.as_ref().map_or_else(|error| !error.retry(), |()| true) {
        vault.lock().put(name, None)?;
    }
    told
}

fn revoke(link: &Link, tokens: &Tokens) -> Result<(), SyncError> {
    let headers = vec![("content-type", String::from("application/x-www-form-urlencoded"))];
    let body = form(&[("token", tokens.refresh.as_str()), ("client_id", tokens.client.as_str())]);
    let answer = link.send("POST", "/oauth/revoke", headers, body.into_bytes())?;
    match (answer.media_type.as_deref(), answer.status) {
        (Some("application/json"), 200) => Ok(()),
        (Some("application/json"), _) => Err(refused(link, &answer)),
        // Something in between, such as the page of a hotel.
        (_, status) => Err(SyncError::strange(link.server().origin(), &format!("HTTP {status}"))),
    }
}

fn read<T: serde::de::DeserializeOwned>(link: &Link, answer: &Answer) -> Result<T, SyncError> {
    serde_json::from_slice(&answer.bytes).map_err(|error| SyncError::strange(link.server().origin(), &error.to_string()))
}

/// What a server says in OAuth's own form, or in ours, when it does not do it.
pub(crate) fn refused(link: &Link, answer: &Answer) -> SyncError {
    let said: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let text = |name: &str| {
        let text = said.get(name).and_then(Value::as_str)?;
        Some(satchel_badge::words::plain(text).take(MAX_WORDS).collect::<String>())
    };
    let status = format!("http_{}", answer.status);
    let code = text("code").or_else(|| text("error")).unwrap_or_else(|| status.clone());
    let message = text("message").or_else(|| text("error_description")).unwrap_or(status);
    let is_later = answer.status >= 500 || answer.status == 429 || answer.status == 408;
    let retry = said.get("retry").and_then(Value::as_bool).unwrap_or(is_later);
    SyncError::Refused { server: link.server().origin().to_owned(), code, message, retry }
}

/// What this program is called, where a person is asked to allow it something.
pub fn program_name(host: &str, now: Timestamp) -> String {
    let host: String = satchel_badge::words::plain(host.trim()).take(40).collect();
    if host.is_empty() { format!("Satchel ({})", now.strftime("%Y-%m-%d")) } else { format!("Satchel, {host}") }
}
