//! Who asks: the session, the language, the address that tries are counted for; and the guard of forms. GET shows, POST acts; a POST counts
//! when it comes from a page of ours, in a visit that we know (S08).

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use satchel_protocol::{Code, Id, Language, Problem, sha256};

use crate::login::away;
use crate::pages;
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::Account;
use crate::store::session::{self, Session};
use crate::store::{factor, staff};

/// Bytes of a form.
pub const MAX_FORM: usize = 64 << 10;

/// A form shows what it was sent with; a session's cookie lasts as long as the session may.
const SESSION_SECONDS: i64 = 90 * 24 * 3600;

/// How long the second factor may take after the password.
pub const HALF_MINUTES: i64 = 15;

/// Who asks.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Visitor {
    /// The language of the answer.
    pub language: Language,
    /// What ties forms to this visit.
    form: Secret,
    is_new: bool,
    /// Whether the language was asked for just now.
    chose_language: bool,
    /// Who is signed in.
    pub session: Option<(Session, Account)>,
    /// Whether whoever is signed in acts for the server or an issuer.
    pub is_staff: bool,
    /// Who is signed in to an account that is suspended because its owner is too young: it may be taken along and erased, and no more.
    pub suspended: Option<Account>,
    /// What a browser shows that has given the password and not yet the second factor.
    pub half: Option<Secret>,
    /// What this browser was given each time it left for a provider, the newest first. None is older than the leaving, so nobody who had the
    /// browser before, and looked at what it keeps, can take up what comes back (S05).
    pub ways: Vec<Secret>,
    /// What a browser shows that was let into an account before.
    known: Option<String>,
    /// Where to go on to after signing in at a provider.
    pub next: String,
    /// The provider that was used last.
    pub last_provider: String,
    /// The address that tries are counted for.
    pub ip: String,
    /// The browser, by its own word.
    pub agent: String,
    /// The path asked for.
    pub path: String,
    /// What was asked with it, but for the language.
    pub query: String,
    /// Whether something was sent, and not only looked at.
    pub sends: bool,
    /// What this request goes by in the log, for those who help.
    pub reference: String,
}

/// What a request goes by in the log.
#[derive(Clone)]
pub struct Reference(pub String);

impl Visitor {
    /// The account of whoever is signed in.
    pub fn account(&self) -> Option<&Account> {
        self.session.as_ref().map(|(_, account)| account)
    }

    /// The same, or the owner of a suspended account.
    pub fn owner(&self) -> Option<&Account> {
        self.account().or(self.suspended.as_ref())
    }

    /// Somebody of whom nothing is known but the language, for an answer that needs no more.
    pub fn stranger(app: &App, uri: &Uri, headers: &HeaderMap) -> Self {
        let (language, _) = language(uri.query(), headers, cookie(headers, &name_of(app, "lang")));
        Self {
            language,
            form: Secret::default(),
            is_new: false,
            chose_language: false,
            session: None,
            is_staff: false,
            suspended: None,
            half: None,
            ways: Vec::new(),
            known: None,
            next: pages::HOME.to_owned(),
            last_provider: String::new(),
            ip: String::new(),
            agent: String::new(),
            path: uri.path().to_owned(),
            query: String::new(),
            sends: false,
            reference: String::new(),
        }
    }

    /// The same visit, with nobody signed in.
    pub fn signed_out(&self) -> Self {
        Self {
            language: self.language,
            form: self.form.clone(),
            is_new: self.is_new,
            chose_language: false,
            session: None,
            is_staff: false,
            suspended: None,
            half: None,
            ways: Vec::new(),
            known: None,
            next: pages::HOME.to_owned(),
            last_provider: String::new(),
            ip: self.ip.clone(),
            agent: self.agent.clone(),
            path: String::from("/"),
            query: String::new(),
            sends: false,
            reference: self.reference.clone(),
        }
    }

    /// The address of the page that is looked at, or from which something was sent, but for the language.
    pub fn shown_at(&self) -> String {
        if self.sends
            && let Some(page) = pages::page_of(&self.path)
        {
            return page;
        }
        let gap = if self.query.is_empty() { "" } else { "?" };
        // What begins with two slashes is the address of another host to a browser (RFC 3986, 4.2).
        format!("/{}{gap}{}", self.path.trim_start_matches(['/', '\\']), self.query)
    }

    /// What a form of this visit carries.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(&[b"form\0", self.form.reveal().as_bytes()].concat()))
    }

    /// The hashes by which this browser is known to whoever left from it for a provider, the newest first.
    pub fn ways(&self) -> Vec<[u8; 32]> {
        self.ways.iter().map(Secret::hash).collect()
    }

    /// The oldest of them, which give way when it leaves once more.
    pub fn oldest_ways(&self) -> Vec<[u8; 32]> {
        self.ways().split_off(self.ways.len().min(MOST_WAYS - 1))
    }

    /// What this browser's tries are counted under, if it was let into this account before.
    pub fn known_to(&self, app: &App, account: Id) -> Option<String> {
        let (own, mark) = self.known.as_deref()?.split_once('.')?;
        (sha256(mark.as_bytes()) == sha256(mark_of(app, own, account).as_bytes())).then(|| own.to_owned())
    }

    /// The cookies that go with a page. A visit is known by one only where there is a form to send.
    pub fn cookies(&self, app: &App, headers: &mut HeaderMap, html: &str) {
        if self.is_new && html.contains(&self.token()) {
            set_cookie(headers, app, "form", self.form.reveal(), None);
        }
        self.remember_language(app, headers);
    }

    /// The cookie with the language, when it was chosen just now.
    pub fn remember_language(&self, app: &App, headers: &mut HeaderMap) {
        if self.chose_language {
            set_cookie(headers, app, "lang", self.language.tag(), Some(365 * 24 * 3600));
        }
    }
}

/// The name of a cookie: under https one that no other host can have set (RFC 6265bis, 4.1.3.2).
fn name_of(app: &App, name: &str) -> String {
    if app.secure { format!("__Host-satchel-{name}") } else { format!("satchel-{name}") }
}

fn set_cookie(headers: &mut HeaderMap, app: &App, name: &str, value: &str, seconds: Option<i64>) {
    let name = name_of(app, name);
    let secure = if app.secure { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Has the browser keep a session.
pub fn keep_session(headers: &mut HeaderMap, app: &App, secret: &Secret) {
    set_cookie(headers, app, "session", secret.reveal(), Some(SESSION_SECONDS));
}

/// Has the browser forget its session.
pub fn forget_session(headers: &mut HeaderMap, app: &App) {
    set_cookie(headers, app, "session", "", Some(0));
}

/// Has the browser keep something under a name of ours.
pub fn keep(headers: &mut HeaderMap, app: &App, name: &str, value: &str, seconds: i64) {
    set_cookie(headers, app, name, value, Some(seconds));
}

/// What the browser keeps under a name of ours.
pub fn kept(headers: &HeaderMap, app: &App, name: &str) -> Option<String> {
    cookie(headers, &name_of(app, name))
}

const WAYS: &str = "ways";

/// How often a browser may be away at a time, in as many tabs.
const MOST_WAYS: usize = 5;

/// How long it is remembered that a browser left: as long as the mail that proves an address may take.
const WAYS_SECONDS: i64 = 48 * 3600;

/// Has the browser keep that it leaves for a provider.
pub fn keep_way(headers: &mut HeaderMap, app: &App, visitor: &Visitor, way: &Secret) {
    let all: Vec<&str> = std::iter::once(way).chain(&visitor.ways).take(MOST_WAYS).map(Secret::reveal).collect();
    set_cookie(headers, app, WAYS, &all.join("."), Some(WAYS_SECONDS));
}

const KNOWN: &str = "known";
const KNOWN_SECONDS: i64 = 365 * 24 * 3600;

/// Has the browser keep that it was let into an account, beyond the end of the session. It opens nothing.
pub fn keep_known(headers: &mut HeaderMap, app: &App, account: Id) {
    let own = Secret::new();
    let value = format!("{}.{}", own.reveal(), mark_of(app, own.reveal(), account));
    set_cookie(headers, app, KNOWN, &value, Some(KNOWN_SECONDS));
}

/// What only this server can write under a browser's name for an account.
fn mark_of(app: &App, own: &str, account: Id) -> String {
    // Hashed twice, or more could be written behind it.
    URL_SAFE_NO_PAD.encode(sha256(&app.key("known", &format!("{own} {account}"))))
}

const HALF: &str = "half";

/// Has the browser keep what shows that the password was given.
pub fn keep_half(headers: &mut HeaderMap, app: &App, secret: &Secret) {
    set_cookie(headers, app, HALF, secret.reveal(), Some(HALF_MINUTES * 60));
}

/// Has the browser forget it.
pub fn forget_half(headers: &mut HeaderMap, app: &App) {
    set_cookie(headers, app, HALF, "", Some(0));
}

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    all.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The language asked for, chosen before, or that the browser likes best.
fn language(query: Option<&str>, headers: &HeaderMap, chosen: Option<String>) -> (Language, bool) {
    let known = |tag: &str| Language::ALL.into_iter().find(|language| language.tag() == tag);
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let asked = pairs.filter(|(name, _)| name == "lang").find_map(|(_, value)| known(&value));
    if let Some(asked) = asked {
        return (asked, true);
    }
    let liked = || {
        let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let weighed = accepted.split(',').filter_map(|entry| {
            let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
            let tag = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            Some((weight.trim().parse::<f32>().ok()?, known(&tag)?))
        });
        // Of equal weights the first counts.
        weighed
            .fold(None, |best: Option<(f32, Language)>, it| if best.is_none_or(|best| it.0 > best.0) { Some(it) } else { best })
    };
    let language = chosen.and_then(|tag| known(&tag)).or_else(|| liked().map(|(_, language)| language));
    (language.unwrap_or_default(), false)
}

fn query_but_language(query: &str) -> String {
    let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "lang");
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The address of whoever asks: that of the connection, or what trusted proxies say of it.
fn client(trusted: &[IpAddr], headers: &HeaderMap, peer: Option<SocketAddr>) -> String {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip().to_canonical());
    let mut address = peer;
    if trusted.contains(&peer) {
        let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = named.flat_map(|line| line.split(',')).map(str::trim).collect();
        // From the right: each hop was written by the one after it.
        for hop in hops.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !trusted.contains(&address) {
                break;
            }
        }
    }
    network(address)
}

/// Under what an address is counted.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        // Whoever has one IPv6 address has 2^64 of them.
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}

/// Says once in the log that a proxy is there which is not trusted: all visitors are one then, to what counts tries (S13).
fn tell_of_proxy(app: &App, headers: &HeaderMap, peer: Option<SocketAddr>) {
    let trusted = peer.is_some_and(|peer| app.settings.trusted_proxies.contains(&peer.ip().to_canonical()));
    if headers.contains_key("x-forwarded-for") && !trusted && !app.told_of_proxy.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "a request came with X-Forwarded-For from an address that is not in trusted_proxies: if that is your proxy, name it there"
        );
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let headers = &parts.headers;
        let (language, chose_language) = language(parts.uri.query(), headers, cookie(headers, &name_of(app, "lang")));
        let known = cookie(headers, &name_of(app, "form")).and_then(|text| Secret::parse(&text));
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        tell_of_proxy(app, headers, peer);
        let mut visitor = Self {
            language,
            is_new: known.is_none(),
            form: known.unwrap_or_default(),
            chose_language,
            session: None,
            is_staff: false,
            suspended: None,
            half: cookie(headers, &name_of(app, HALF)).and_then(|text| Secret::parse(&text)),
            ways: cookie(headers, &name_of(app, WAYS))
                .iter()
                .flat_map(|text| text.split('.'))
                .filter_map(Secret::parse)
                .take(MOST_WAYS)
                .collect(),
            known: kept(headers, app, KNOWN),
            next: pages::next_path(&kept(headers, app, away::NEXT).unwrap_or_default()).to_owned(),
            last_provider: kept(headers, app, away::LAST).unwrap_or_default(),
            ip: client(&app.settings.trusted_proxies, headers, peer),
            agent: headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned(),
            path: parts.uri.path().to_owned(),
            query: query_but_language(parts.uri.query().unwrap_or_default()),
            sends: parts.method == Method::POST,
            reference: parts.extensions.get::<Reference>().map(|it| it.0.clone()).unwrap_or_default(),
        };
        if let Some(secret) = cookie(headers, &name_of(app, "session")).and_then(|text| Secret::parse(&text)) {
            let time = now();
            let whom = app.settings.policy.second_factor;
            let found = app.store.read(move |tx| {
                let Some((session, account)) = session::find(tx, &secret, time)? else { return Ok(None) };
                // One that began before its account had to have a second factor is none.
                let lacks = !session.strong && account.is_usable() && factor::is_demanded(tx, whom, &account)?;
                let is_staff = staff::is_staff(tx, &account)?;
                Ok((!lacks).then_some((session, account, is_staff)))
            });
            let found = found.await;
            match found.map_err(|error| pages::problem(app, &visitor, error.into()))? {
                Some((_, account, _)) if !account.is_usable() => visitor.suspended = Some(account),
                Some((session, account, is_staff)) => {
                    visitor.session = Some((session, account));
                    visitor.is_staff = is_staff;
                }
                None => {}
            }
        }
        if let Some((session, _)) =
            visitor.session.as_ref().filter(|(it, _)| now().duration_since(it.seen) > SignedDuration::from_hours(1))
        {
            let (id, time) = (session.id, now());
            // That it is noted late is no reason not to answer.
            drop(app.store.write(move |tx| Ok(session::touch(tx, id, time)?)).await);
        }
        Ok(visitor)
    }
}

/// A form that was sent, from a page of ours.
pub struct Form {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was typed, by the names of the fields.
    pub fields: HashMap<String, String>,
}

impl Form {
    /// What was typed; empty when there is no such field.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The ends of the names of fields that begin so and are ticked.
    pub fn picked(&self, begin: &str) -> impl Iterator<Item = &str> {
        let ticked = self.fields.iter().filter(|(_, value)| *value == "yes");
        ticked.filter_map(move |(name, _)| name.strip_prefix(begin))
    }

    /// Whether a program filled in what people do not see.
    pub fn is_trapped(&self) -> bool {
        !self.get("website").is_empty()
    }

    /// What was typed, without the space around it.
    pub fn trimmed(&self, name: &str) -> &str {
        self.get(name).trim()
    }
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let refuse = |problem: Problem| pages::problem(app, &visitor, problem);
        if is_cross_site(app, &parts.headers) {
            return Err(refuse(Code::CrossSite.into()));
        }
        let body = axum::body::to_bytes(body, MAX_FORM).await.unwrap_or_else(|_| Bytes::from_static(b"too large"));
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if body.as_ref() == b"too large" {
            return Err(refuse(Problem::new(Code::TooLarge, [String::from("64 kB")])));
        }
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(refuse(Problem::new(Code::UnsupportedType, [String::from("application/x-www-form-urlencoded")])));
        }
        // Databases take no NUL in a text, and nobody types one.
        let fields = url::form_urlencoded::parse(&body)
            .map(|(name, value)| (name.into_owned(), value.replace('\0', "").replace("\r\n", "\n")));
        let form = Self { fields: fields.collect(), visitor };
        if form.get("form") != form.visitor.token() {
            return Err(pages::problem(app, &form.visitor, Code::FormExpired.into()));
        }
        Ok(form)
    }
}

/// Whether a browser says that another site made it send this. One that says nothing is judged by the form's token alone.
pub fn is_cross_site(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let fetched = text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    fetched || text("origin").is_some_and(|origin| origin != app.origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(trusted: &[&str], forwarded: &[&'static str], peer: &str) -> String {
        let trusted: Vec<IpAddr> = trusted.iter().map(|it| it.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        client(&trusted, &headers, Some(SocketAddr::new(peer.parse().unwrap(), 1)))
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        assert_eq!(asked(&[], &["203.0.113.9"], "198.51.100.1"), "198.51.100.1");
        assert_eq!(asked(&["198.51.100.1"], &["203.0.113.9"], "198.51.100.1"), "203.0.113.9");
        // What the visitor writes stands left of what the proxy saw.
        assert_eq!(asked(&["198.51.100.1"], &["192.0.2.1, 203.0.113.9"], "198.51.100.1"), "203.0.113.9");
        assert_eq!(
            asked(&["198.51.100.1", "198.51.100.2"], &["192.0.2.1, 203.0.113.9", "198.51.100.2"], "198.51.100.1"),
            "203.0.113.9"
        );
        assert_eq!(asked(&["198.51.100.1"], &["nonsense"], "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn one_network_of_ipv6_is_one_visitor() {
        assert_eq!(asked(&[], &[], "2001:db8:1:2::1"), asked(&[], &[], "2001:db8:1:2:3:4:5:6"));
        assert_ne!(asked(&[], &[], "2001:db8:1:2::1"), asked(&[], &[], "2001:db8:1:3::1"));
        assert_eq!(asked(&[], &[], "::ffff:192.0.2.1"), "192.0.2.1");
    }
}
