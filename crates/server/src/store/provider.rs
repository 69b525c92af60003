//! Providers of OpenID Connect, as the operator described them. The secret of a client is not here: a provider names the file that has it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use satchel_protocol::EmailAddress;

use super::{Row, StoreError, Tx};
use crate::values;

/// A provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// A short name for addresses and commands.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Its issuer identifier, an address.
    pub issuer: String,
    /// What this server is called there.
    pub client: String,
    /// The file with the secret of this server there; none for a public client.
    pub secret_file: Option<String>,
    /// The claim that tells people apart.
    pub subject: String,
    /// Scopes besides `openid`.
    pub scopes: String,
    /// Which claim says what, where it is not the usual one.
    pub claims: BTreeMap<String, String>,
    /// Mail domains that it is the authority for.
    pub domains: Vec<String>,
    /// Whether its addresses count as verified though it does not say so.
    pub declared: bool,
    /// Whom its people write to.
    pub support: Option<EmailAddress>,
    /// Whether it has a picture.
    pub has_logo: bool,
    /// Roles that its groups give.
    pub roles: BTreeMap<String, String>,
    /// When signing in through it ends.
    pub ends: Option<Timestamp>,
    /// When somebody came from there last.
    pub seen: Option<Timestamp>,
    /// What was lacking then.
    pub lacked: Option<String>,
}

impl Provider {
    /// Whether signing in through it is over.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }

    /// Whether it is the authority for the domain of an address.
    pub fn covers(&self, address: &EmailAddress) -> bool {
        self.domains.iter().any(|domain| domain_covers(domain, address.domain()))
    }
}

/// Whether a domain is this one, or under it when that is written `*.example.org`.
fn domain_covers(listed: &str, domain: &str) -> bool {
    match listed.strip_prefix("*.") {
        Some(parent) => domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1),
        None => listed == domain,
    }
}

const COLUMNS: &str = "id, name, issuer, client, secret_file, subject, scopes, claims, domains, declared, support, \
                       CASE WHEN logo IS NULL THEN 0 ELSE 1 END, roles, ends, seen, lacked";

fn read(row: &Row) -> Result<Provider, StoreError> {
    let map = |at: usize| -> Result<BTreeMap<String, String>, StoreError> {
        serde_json::from_str(&row.get::<String>(at)?)
            .map_err(|_| StoreError::Failed(String::from("a provider with unreadable settings")))
    };
    let domains: String = row.get(8)?;
    Ok(Provider {
        id: row.get(0)?,
        name: row.get(1)?,
        issuer: row.get(2)?,
        client: row.get(3)?,
        secret_file: row.get(4)?,
        subject: row.get(5)?,
        scopes: row.get(6)?,
        claims: map(7)?,
        domains: domains.split_whitespace().map(str::to_owned).collect(),
        declared: row.get(9)?,
        support: row.get::<Option<String>>(10)?.and_then(|text| text.parse().ok()),
        has_logo: row.get(11)?,
        roles: map(12)?,
        ends: row.get(13)?,
        seen: row.get(14)?,
        lacked: row.get(15)?,
    })
}

/// Keeps a provider, in the place of one with its id.
///
/// # Errors
/// [`StoreError::Exists`] when another one has its issuer, or what the database said.
pub fn put(tx: &mut Tx<'_>, it: &Provider, logo: Option<&[u8]>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO provider (id, name, issuer, client, secret_file, subject, scopes, claims, domains, declared, support, logo,
                   roles, ends, created)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client = excluded.client,
                   secret_file = excluded.secret_file, subject = excluded.subject, scopes = excluded.scopes, claims = excluded.claims,
                   domains = excluded.domains, declared = excluded.declared, support = excluded.support,
                   logo = coalesce(excluded.logo, provider.logo), roles = excluded.roles, ends = excluded.ends,
                   seen = CASE WHEN {same} THEN provider.seen END, lacked = CASE WHEN {same} THEN provider.lacked END";
    // What came before says nothing of what comes from another place, or under other names.
    let same =
        ["issuer", "client", "subject", "scopes", "claims"].map(|it| format!("provider.{it} = excluded.{it}")).join(" AND ");
    let sql = sql.replace("{same}", &same);
    let json = |map: &BTreeMap<String, String>| serde_json::to_string(map).unwrap_or_default();
    let given = values![
        &it.id,
        &it.name,
        &it.issuer,
        &it.client,
        it.secret_file.as_ref(),
        &it.subject,
        &it.scopes,
        json(&it.claims),
        it.domains.join(" "),
        it.declared,
        it.support.as_ref().map(EmailAddress::as_str),
        logo,
        json(&it.roles),
        it.ends,
        now
    ];
    tx.execute(&sql, given).map(drop)
}

/// Has a provider have no picture.
///
/// # Errors
/// What the database said.
pub fn drop_logo(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE provider SET logo = NULL WHERE id = $1", values![id]).map(drop)
}

/// The provider with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: &str) -> Result<Option<Provider>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM provider WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// All providers, by their names.
///
/// # Errors
/// What the database said.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Provider>, StoreError> {
    tx.all(&format!("SELECT {COLUMNS} FROM provider ORDER BY name, id"), &[])?.iter().map(read).collect()
}

/// Says whom the people of a provider write to; whether there is such a provider.
///
/// # Errors
/// What the database said.
pub fn set_support(tx: &mut Tx<'_>, id: &str, address: Option<&EmailAddress>) -> Result<bool, StoreError> {
    let sql = "UPDATE provider SET support = $1 WHERE id = $2";
    Ok(tx.execute(sql, values![address.map(EmailAddress::as_str), id])? == 1)
}

/// The picture of a provider.
///
/// # Errors
/// What the database said.
pub fn logo(tx: &mut Tx<'_>, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.first("SELECT logo FROM provider WHERE id = $1", values![id])?.map_or(Ok(None), |row| row.get(0))
}

/// Forgets a provider; whether there was one. What people have through it stays, for one that comes in its place.
///
/// # Errors
/// What the database said.
pub fn remove(tx: &mut Tx<'_>, id: &str) -> Result<bool, StoreError> {
    tx.execute("DELETE FROM departure WHERE provider = $1", values![id])?;
    tx.execute("DELETE FROM arrival WHERE provider = $1", values![id])?;
    Ok(tx.execute("DELETE FROM provider WHERE id = $1", values![id])? == 1)
}

/// Notes that somebody came from there, and what was lacking.
///
/// # Errors
/// What the database said.
pub fn note_seen(tx: &mut Tx<'_>, id: &str, lacked: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE provider SET seen = $1, lacked = $2 WHERE id = $3", values![now, lacked, id]).map(drop)
}
