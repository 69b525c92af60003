//! Settings: one TOML file, the environment and the flags, of which the later wins. What is wrong with them is said in words (S13), by
//! `satchel serve` before it starts and by `satchel admin doctor` at any time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use satchel_fetch::{HostPort, NetworkPolicy};
use satchel_protocol::EmailAddress;
use satchel_protocol::visibility::FirstBadge;
use serde::Deserialize;
use url::{Host, Url};

use crate::random::Secret;
use crate::store::{Place, is_exposed};

/// Everything that an operator may choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The folder of the database.
    pub data: PathBuf,
    /// Where the public address listens.
    pub listen: SocketAddr,
    /// Where the numbers for the operator are.
    pub admin_listen: SocketAddr,
    /// The address that people see; needed as soon as others than this machine can reach it.
    #[serde(deserialize_with = "address")]
    pub public_url: Option<Url>,
    /// PostgreSQL instead of a file in `data`.
    pub database_url: Option<String>,
    /// The authority that signed the certificate of the PostgreSQL server, as PEM, instead of those of the system.
    pub database_ca: Option<PathBuf>,
    /// The file of what was erased, for restored backups to erase it again; with SQLite `erased.log` in `data`.
    pub erasure_log: Option<PathBuf>,
    /// The name of the service.
    pub name: String,
    /// Who runs it.
    pub operator: String,
    /// Whom people write to when they are stuck.
    pub support: Option<EmailAddress>,
    /// Whom those write to who run a provider of logins; the same address, if there is none.
    pub provider_support: Option<EmailAddress>,
    /// Other ways to reach the people behind the service, each a line: a street, a telephone, hours.
    pub contact: Vec<String>,
    /// The address of the licence under which the words and pictures of the catalogue may be used by others; none: their issuers keep all rights.
    #[serde(deserialize_with = "address")]
    pub licence: Option<Url>,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// Connections at a time; each needs a file of the system. One address, unless it is of a trusted proxy, has at most a quarter.
    pub connections: usize,
    /// How mail leaves.
    pub mail: Mail,
    /// Whom the server may ask.
    pub network: Network,
    /// Rules that an institution may choose.
    pub policy: Policy,
    /// For a server within an app: what only the app knows, and says with each request that is for nobody else (`apart.rs`).
    #[serde(skip)]
    pub app_secret: Option<Secret>,
}

/// Whom the server may ask, for example an institution's login.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Hosts with private addresses that are asked all the same, and over plain http, each as `host:port`.
    pub allow: Vec<String>,
    /// The HTTP proxy that all others are asked through.
    pub proxy: Option<String>,
}

impl Network {
    /// What the client is told.
    ///
    /// # Errors
    /// Which host is none.
    pub fn policy(&self) -> Result<NetworkPolicy, String> {
        let allow = self.allow.iter().map(|text| text.parse::<HostPort>().map_err(|error| format!("network.allow: {error}")));
        Ok(NetworkPolicy {
            timeout: Duration::from_secs(15),
            max_bytes: 1 << 20,
            allow: allow.collect::<Result<_, _>>()?,
            proxy: self.proxy.clone(),
            ..NetworkPolicy::default()
        })
    }
}

/// How mail leaves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Into this folder, as `.eml` files, for trying out.
    pub dir: Option<PathBuf>,
    /// By this server: `smtps://USER:PASSWORD@HOST:465`, or `smtp://...:587` with STARTTLS.
    #[serde(deserialize_with = "address")]
    pub smtp: Option<Url>,
    /// One more authority that may have signed the mail server's certificate, as PEM.
    pub ca: Option<PathBuf>,
    /// From whom.
    pub from: Option<EmailAddress>,
    /// Where mails that cannot be delivered go back to; else to `from`.
    pub bounces: Option<EmailAddress>,
}

/// Who may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registering {
    /// Whoever was invited.
    #[default]
    Invited,
    /// Everybody. Those who asked to be told of it get a mail, once.
    Open,
}

/// Rules that an institution may choose.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Who may register.
    pub registration: Registering,
    /// How old one must be, in years.
    #[serde(deserialize_with = "age")]
    pub minimum_age: u8,
    /// Who must have a second factor.
    pub second_factor: SecondFactor,
    /// What the first accepted badge does to its owner's page.
    pub first_badge_visibility: FirstBadge,
    /// How long an invitation may be accepted, in days.
    pub invitation_days: u16,
    /// How long the data of an invitation that came to nothing are kept, in days.
    pub erase_after_days: u16,
    /// How long the data of a request for a badge are kept once it is decided, in days.
    pub request_days: u16,
    /// After how many months an account that nobody uses is erased; its owner is told 30 days before. 0: never.
    pub unused_months: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            registration: Registering::Invited,
            minimum_age: 16,
            second_factor: SecondFactor::Staff,
            first_badge_visibility: FirstBadge::Ask,
            invitation_days: 90,
            erase_after_days: 90,
            request_days: 30,
            unused_months: 36,
        }
    }
}

/// Who must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Whoever acts for an issuer, and whoever runs the server.
    Staff,
    /// Everybody.
    All,
    /// Nobody; whoever wants one has one.
    Optional,
}

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::new(),
            listen: SocketAddr::new(LOOPBACK, 8080),
            admin_listen: SocketAddr::new(LOOPBACK, 0),
            public_url: None,
            database_url: None,
            database_ca: None,
            erasure_log: None,
            name: String::from("Satchel"),
            operator: String::new(),
            support: None,
            provider_support: None,
            contact: Vec::new(),
            licence: None,
            trusted_proxies: Vec::new(),
            connections: 4096,
            mail: Mail::default(),
            network: Network::default(),
            policy: Policy::default(),
            app_secret: None,
        }
    }
}

fn address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Url::parse(&text).map_err(serde::de::Error::custom)).transpose()
}

/// What is wrong with a file, and in which line: a terminal that is told one line shows one.
fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.matches('\n').count();
    let quoted = text.lines().nth(line).unwrap_or_default().trim();
    format!("line {}: {message}: {quoted}", line + 1)
}

/// Nobody gets older than that before they may register.
const OLDEST: u8 = 99;

fn age<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let age = u8::deserialize(deserializer)?;
    let words = || serde::de::Error::custom(format!("{age} years is too old: nobody could register; at most {OLDEST}"));
    if age <= OLDEST { Ok(age) } else { Err(words()) }
}

/// Something that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whether the server refuses to start with it.
    pub stops: bool,
    /// What is wrong, and what to do.
    pub words: String,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| in_one_line(text, &error))
    }

    /// Sets the address that people see.
    ///
    /// # Errors
    /// That it is no address.
    pub fn set_public_url(&mut self, text: &str) -> Result<(), String> {
        self.public_url = Some(Url::parse(text).map_err(|error| format!("public_url: {error}"))?);
        Ok(())
    }

    /// Where the database is.
    pub fn place(&self) -> Place {
        match &self.database_url {
            Some(url) => Place::Postgres { url: url.clone(), authority: self.database_ca.clone() },
            None => Place::Sqlite(self.data.join("server.db")),
        }
    }

    /// Where the file of what was erased is, if there is one.
    pub fn erasure_log(&self) -> Option<PathBuf> {
        self.erasure_log.clone().or_else(|| self.database_url.is_none().then(|| self.data.join("erased.log")))
    }

    /// Whom those write to who run a provider of logins.
    pub fn for_providers(&self) -> Option<&EmailAddress> {
        self.provider_support.as_ref().or(self.support.as_ref())
    }

    /// Whether others than this machine can reach the server.
    pub fn is_public(&self) -> bool {
        let named = self.public_url.as_ref().and_then(Url::host).is_some_and(|host| match host {
            Host::Domain(name) => name != "localhost" && !name.ends_with(".localhost"),
            Host::Ipv4(ip) => !ip.is_loopback(),
            Host::Ipv6(ip) => !ip.is_loopback(),
        });
        named || !self.listen.ip().is_loopback()
    }

    /// What is wrong.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut say = |stops: bool, words: &str| faults.push(Fault { stops, words: words.to_owned() });
        let public = self.is_public();
        match &self.public_url {
            None if public => {
                say(
                    true,
                    "the server listens for others than this machine and has no public address: set public_url to its https address",
                );
            }
            Some(url) if url.scheme() == "https" => {}
            Some(url) if url.scheme() != "http" || public => {
                say(true, "public_url is not an https address: passwords and cookies would travel in the clear");
            }
            _ => {}
        }
        if self.public_url.as_ref().is_some_and(|url| url.path() != "/" || url.query().is_some() || url.fragment().is_some()) {
            say(true, "public_url must be an address without a path, such as https://badges.example.org");
        }
        if let Some(smtp) = &self.mail.smtp {
            let loopback = smtp.host_str().is_some_and(|host| host == "localhost" || host == "127.0.0.1" || host == "[::1]");
            let plain = smtp.query_pairs().any(|(name, value)| name == "tls" && value == "none");
            if smtp.query().is_some_and(|query| query != "tls=none") {
                say(
                    true,
                    "mail.smtp may end on ?tls=none, for a mail server on this machine, and on no other question; TLS is always used without",
                );
            }
            if !matches!(smtp.scheme(), "smtp" | "smtps") || smtp.host_str().is_none() {
                say(true, "mail.smtp must be smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587");
            } else if plain && !loopback {
                say(true, "mail.smtp has tls=none, which is for a mail server on this machine alone");
            }
            if self.mail.from.is_none() {
                say(true, "mail.from is missing: the address that mail comes from");
            }
        } else if self.mail.dir.is_none() {
            say(public, "no mail can leave: set mail.smtp and mail.from, or --mail-dir to try things out");
        } else if public {
            say(false, "mail goes into a folder and reaches nobody: set mail.smtp for real use");
        }
        if self.database_url.as_deref().is_some_and(is_exposed) {
            say(false, "database_url has sslmode=disable for another machine: data and password travel in the clear");
        }
        if let Err(words) = self.network.policy() {
            say(true, &words);
        }
        if !self.admin_listen.ip().is_loopback() {
            say(false, "admin_listen can be reached from other machines; whatever is there is for the operator alone");
        }
        if self.policy.first_badge_visibility == FirstBadge::Public {
            say(
                false,
                "first_badge_visibility = \"public\": the page of a learner becomes public with the first badge, and nobody is asked",
            );
        }
        if self.policy.minimum_age < 13 {
            say(
                false,
                "minimum_age is under 13: in no country of the European Union may somebody so young consent alone (GDPR, 8)",
            );
        }
        if public && self.trusted_proxies.is_empty() {
            say(
                false,
                "trusted_proxies is empty: behind a proxy all visitors count as one, and what one of them tries too often is closed to all; name the proxy's address, such as trusted_proxies = [\"127.0.0.1\"]",
            );
        }
        if public && self.support.is_none() {
            say(false, "support is missing: the address that people who are stuck write to");
        }
        if public && self.operator.is_empty() {
            say(false, "operator is missing: the name of whoever runs the service, shown on every page");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops(text: &str) -> Vec<String> {
        Settings::parse(text).unwrap().faults().into_iter().filter(|fault| fault.stops).map(|fault| fault.words).collect()
    }

    #[test]
    fn a_server_for_this_machine_needs_nothing() {
        assert!(stops("").is_empty());
    }

    #[test]
    fn a_server_for_others_needs_https_and_mail() {
        let words = stops("listen = '0.0.0.0:80'").join("\n");
        assert!(words.contains("public_url") && words.contains("mail"), "{words}");
        let words = stops("public_url = 'http://badges.example'").join("\n");
        assert!(words.contains("https"), "{words}");
        let good = "listen = '0.0.0.0:80'\npublic_url = 'https://badges.example'\n[mail]\nsmtp = 'smtps://u:p@mail.example'\nfrom = 'no-reply@badges.example'";
        assert!(stops(good).is_empty());
    }

    #[test]
    fn a_word_that_is_no_setting_is_told() {
        assert!(Settings::parse("lisen = '0.0.0.0:80'").unwrap_err().contains("lisen"));
    }

    #[test]
    fn a_password_goes_to_no_mail_server_in_the_clear() {
        let words = stops("[mail]\nsmtp = 'smtp://u:p@mail.example?tls=none'\nfrom = 'a@b.example'").join("\n");
        assert!(words.contains("tls=none"), "{words}");
    }
}
