//! Providers through which people sign in: the operator adds, looks at, removes and moves them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use satchel_picture::Side;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{EmailAddress, Language};
use url::Url;

use super::{AdminError, OPERATOR, note, open};
use crate::login::enter;
use crate::login::tokens::{self, Asker};
use crate::pages::words::Words;
use crate::settings::Settings;
use crate::state::now;
use crate::store::act::Did;
use crate::store::provider::{self, Provider};
use crate::store::{StoreError, Tx, account, feed, identity, merge, session};

/// What the operator says of a provider.
#[derive(Clone, Debug, Default)]
pub struct Described {
    /// A short name for addresses and commands.
    pub id: String,
    /// The name that people know.
    pub name: Option<String>,
    /// Its issuer identifier.
    pub issuer: Option<String>,
    /// What this server is called there.
    pub client: Option<String>,
    /// The file with the secret of this server there.
    pub secret_file: Option<String>,
    /// The claim that tells people apart.
    pub subject: Option<String>,
    /// Scopes besides `openid`.
    pub scopes: Option<String>,
    /// Which claim says what.
    pub claims: Vec<(String, String)>,
    /// Mail domains that it is the authority for.
    pub domains: Vec<String>,
    /// Whether its addresses count as verified.
    pub declared: bool,
    /// A picture, as bytes of any kind that is drawn.
    pub logo: Option<Vec<u8>>,
    /// Whom its people write to.
    pub support: Option<EmailAddress>,
    /// Roles that its groups give.
    pub roles: Vec<(String, String)>,
    /// When signing in through it ends.
    pub ends: Option<Timestamp>,
    /// What is said of it no more.
    pub without: Vec<Part>,
    /// Whether it is added though it was not asked, or did not answer as it must.
    pub untested: bool,
}

/// What a provider may be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The file with the secret.
    SecretFile,
    /// Claims of other names.
    Claim,
    /// Mail domains.
    Domain,
    /// That its addresses are verified.
    AddressesVerified,
    /// Its picture.
    Logo,
    /// Whom its people write to.
    Support,
    /// Roles that its groups give.
    Role,
    /// An end.
    Ends,
}

impl Part {
    /// All, each with its name: that of its option.
    pub const ALL: [(&'static str, Self); 8] = [
        ("secret-file", Self::SecretFile),
        ("claim", Self::Claim),
        ("domain", Self::Domain),
        ("addresses-verified", Self::AddressesVerified),
        ("logo", Self::Logo),
        ("support", Self::Support),
        ("role", Self::Role),
        ("ends", Self::Ends),
    ];
}

/// What can be said by a claim of another name.
const CLAIMS: [&str; 6] = ["given_name", "family_name", "email", "email_verified", "groups", "ends"];

/// Adds a provider, or changes what is said of it; whether it was new. One that is new, or is asked elsewhere or otherwise from now on, is asked
/// first: what does not answer as it must is shown to nobody.
///
/// # Errors
/// What is wrong with it.
pub async fn add(settings: &Settings, mut it: Described, language: Language) -> Result<bool, AdminError> {
    let refuse = |words: String| AdminError::Refused(words);
    if it.id.is_empty()
        || it.id.len() > 40
        || !it.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        return Err(refuse(format!("{:?} is no short name: small letters, digits and -", it.id)));
    }
    let logo = it.logo.as_deref().map(draw).transpose().map_err(refuse)?;
    if let Some(path) = &it.secret_file {
        // The server may run elsewhere than the command.
        let whole = std::path::absolute(path).map_err(|error| refuse(format!("{path}: {error}")))?;
        it.secret_file = Some(whole.to_str().ok_or_else(|| refuse(format!("{path}: no text")))?.to_owned());
    }
    let allowed = settings.network.allow.clone();
    let (store, id) = (open(settings).await?, it.id.clone());
    let (before, logins) = store.read(move |tx| Ok((provider::get(tx, &id)?, identity::by_provider(tx, &id)?))).await?;
    let described = describe(&it, before.as_ref(), &allowed).map_err(refuse)?;
    if let Some(words) = needs_move(&described, before.as_ref(), &logins) {
        return Err(refuse(words));
    }
    let is_asked = before.is_none() || it.issuer.is_some() || it.client.is_some() || it.secret_file.is_some();
    if is_asked && !it.untested {
        let lines = look(settings, &Provider { ends: None, ..described }, language).await?;
        let wrong: Vec<_> = lines.into_iter().filter(|(right, _)| !right).map(|(_, words)| words).collect();
        if !wrong.is_empty() {
            return Err(refuse(format!("{}; {}", wrong.join("; "), Words(language).look_refused())));
        }
    }
    let work = move |tx: &mut Tx<'_>| {
        let before = provider::get(tx, &it.id)?;
        let new = before.is_none();
        match describe(&it, before.as_ref(), &allowed) {
            Err(words) => Ok(Err(words)),
            Ok(described) => {
                let logins = identity::by_provider(tx, &it.id)?;
                if let Some(words) = needs_move(&described, before.as_ref(), &logins) {
                    return Ok(Err(words));
                }
                if it.without.contains(&Part::Logo) {
                    provider::drop_logo(tx, &it.id)?;
                }
                provider::put(tx, &described, logo.as_deref(), now())?;
                merge::rename(tx, &it.id, &described.issuer, &[])?;
                if before.is_some_and(|it| it.roles != described.roles) {
                    enter::take_roles(tx, &logins, now())?;
                }
                note(tx, Did::InstitutionSet, &it.id)?;
                Ok(Ok(new))
            }
        }
    };
    match store.write(work).await {
        Err(crate::store::Error::Store(StoreError::Exists)) => Err(refuse(String::from("another provider has this issuer"))),
        other => other?.map_err(refuse),
    }
}

/// Why this is no change for `add`: people are in it who would not be known again. Whoever is called otherwise is somebody else here.
fn needs_move(it: &Provider, before: Option<&Provider>, logins: &[identity::Identity]) -> Option<String> {
    let has_other_subject = before.is_some_and(|before| before.subject != it.subject);
    let what = if has_other_subject { "claim as subject" } else { "issuer" };
    let moves = logins.iter().any(|known| has_other_subject || known.issuer != it.issuer);
    moves.then(|| format!("people sign in through {} already; give it another {what} with `federation move`", it.id))
}

/// What is said, and what was said before where nothing is.
fn describe(it: &Described, old: Option<&Provider>, allowed: &[String]) -> Result<Provider, String> {
    let need = |given: &Option<String>, before: Option<&String>, what: &str| {
        given
            .clone()
            .or_else(|| before.cloned())
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| format!("--{what} is missing"))
    };
    let issuer = need(&it.issuer, old.map(|it| &it.issuer), "issuer")?;
    let url = Url::parse(&issuer).map_err(|error| format!("{issuer}: {error}"))?;
    let here = url.host_str().zip(url.port_or_known_default()).map(|(host, port)| format!("{host}:{port}")).unwrap_or_default();
    if url.scheme() != "https" && !allowed.contains(&here) {
        return Err(format!("{issuer} is not https; for trying out, name its host and port in network.allow"));
    }
    let is_off = |part: Part| it.without.contains(&part);
    // What was said before, where it is said neither anew nor that it is no more.
    let kept = |part: Part| old.filter(|_| !is_off(part));
    let mut claims = BTreeMap::new();
    for (what, name) in &it.claims {
        if !CLAIMS.contains(&what.as_str()) {
            return Err(format!("no claim is mapped to {what}; there are {}", CLAIMS.join(", ")));
        }
        claims.insert(what.clone(), name.clone());
    }
    let mut roles = BTreeMap::new();
    for (group, role) in &it.roles {
        if role != OPERATOR {
            return Err(format!("there is no role {role}; there is {OPERATOR}"));
        }
        roles.insert(group.clone(), role.clone());
    }
    let mut domains = Vec::new();
    for domain in &it.domains {
        let plain = domain.strip_prefix("*.").unwrap_or(domain);
        let address: EmailAddress = format!("name@{plain}").parse().map_err(|_| format!("{domain} is no mail domain"))?;
        let star = if plain.len() < domain.len() { "*." } else { "" };
        domains.push(format!("{star}{}", address.domain()));
    }
    Ok(Provider {
        id: it.id.clone(),
        name: need(&it.name, old.map(|it| &it.name), "name")?,
        issuer,
        client: need(&it.client, old.map(|it| &it.client), "client")?,
        secret_file: it.secret_file.clone().or_else(|| kept(Part::SecretFile).and_then(|it| it.secret_file.clone())),
        subject: it.subject.clone().or_else(|| old.map(|it| it.subject.clone())).unwrap_or_else(|| String::from("sub")),
        scopes: it.scopes.clone().or_else(|| old.map(|it| it.scopes.clone())).unwrap_or_else(|| String::from("email profile")),
        claims: some(claims).or_else(|| kept(Part::Claim).map(|it| it.claims.clone())).unwrap_or_default(),
        domains: some(domains).or_else(|| kept(Part::Domain).map(|it| it.domains.clone())).unwrap_or_default(),
        declared: it.declared || kept(Part::AddressesVerified).is_some_and(|it| it.declared),
        support: it.support.clone().or_else(|| kept(Part::Support).and_then(|it| it.support.clone())),
        has_logo: false,
        roles: some(roles).or_else(|| kept(Part::Role).map(|it| it.roles.clone())).unwrap_or_default(),
        ends: it.ends.or_else(|| kept(Part::Ends).and_then(|it| it.ends)),
        seen: None,
        lacked: None,
    })
}

/// Several of something, if there are any.
fn some<T: IntoIterator>(all: T) -> Option<T>
where
    for<'a> &'a T: IntoIterator,
{
    let has_any = (&all).into_iter().next().is_some();
    has_any.then_some(all)
}

fn draw(bytes: &[u8]) -> Result<Vec<u8>, String> {
    satchel_picture::png(bytes, Side::Small).map_err(|error| format!("the picture cannot be drawn: {error}"))
}

/// The providers, each with how many people sign in through it.
///
/// # Errors
/// What the database said.
pub async fn list(settings: &Settings) -> Result<Vec<(Provider, usize)>, AdminError> {
    let work = |tx: &mut Tx<'_>| {
        let mut all = Vec::new();
        for it in provider::all(tx)? {
            let people = identity::by_provider(tx, &it.id)?.len();
            all.push((it, people));
        }
        Ok(all)
    };
    Ok(open(settings).await?.read(work).await?)
}

/// Whether discovery answers, the secret is right, and the claims came: each line with whether it is right.
///
/// # Errors
/// That there is no such provider, or what the database said.
pub async fn test(settings: &Settings, id: &str, language: Language) -> Result<Vec<(bool, String)>, AdminError> {
    let named = id.to_owned();
    let found = open(settings).await?.read(move |tx| Ok(provider::get(tx, &named)?)).await?;
    let provider = found.ok_or_else(|| AdminError::Refused(format!("{id}: unknown")))?;
    look(settings, &provider, language).await
}

/// The same, of a provider that is known.
///
/// # Errors
/// That nobody can be asked.
pub async fn look(settings: &Settings, provider: &Provider, language: Language) -> Result<Vec<(bool, String)>, AdminError> {
    let policy = settings.network.policy().map_err(AdminError::Refused)?;
    let client = satchel_fetch::Client::new(policy).map_err(|error| AdminError::Refused(error.to_string()))?;
    let origin = settings
        .public_url
        .as_ref()
        .map_or_else(|| format!("http://{}", settings.listen), |url| url.origin().ascii_serialization());
    Ok(tokens::look(&Asker::new(Arc::new(client), &settings.network), &origin, provider, Words(language)).await)
}

/// What became of the wish to remove a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone. People who signed in through it alone: so many.
    Gone(usize),
    /// So many people would have no way in: nothing was removed.
    Kept(usize),
    /// There is none.
    Unknown,
}

/// Removes a provider. Where people would have no way in any more it must be said twice; what they have stays for a provider in its place.
///
/// # Errors
/// What the database said.
pub async fn remove(settings: &Settings, id: &str, force: bool) -> Result<Removed, AdminError> {
    let id = id.to_owned();
    let work = move |tx: &mut Tx<'_>| {
        if provider::get(tx, &id)?.is_none() {
            return Ok(Removed::Unknown);
        }
        let mut stranded = 0;
        let logins = identity::by_provider(tx, &id)?;
        for login in &logins {
            let others = identity::of(tx, login.account)?.iter().any(|it| it.provider != id);
            let has_password = account::get(tx, login.account)?.is_some_and(|it| it.password.is_some());
            stranded += usize::from(!others && !has_password);
        }
        if stranded > 0 && !force {
            return Ok(Removed::Kept(stranded));
        }
        enter::take_roles(tx, &logins, now())?;
        provider::remove(tx, &id)?;
        note(tx, Did::InstitutionRemoved, &id)?;
        Ok(Removed::Gone(stranded))
    };
    Ok(open(settings).await?.write(work).await?)
}

/// What becomes of one login when a provider is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It has another name at its provider now, or its provider another issuer.
    Moved,
    /// It has that name already: nothing changes.
    Same,
    /// Nobody signs in by this name.
    Unknown,
    /// Somebody has the new name already.
    Taken,
    /// The new name is none, or longer than 255 bytes.
    NoName,
    /// Another line of the table gives the new name too.
    Twice,
    /// The table does not name it: it stays, and opens nothing at the new issuer.
    Left,
}

/// Moves the logins by a provider to another issuer, to other subjects by a table of old and new ones, or both (when a bridge changes). With
/// `dry` nothing is changed. The subject and what became of it, for each.
///
/// # Errors
/// That there is no such provider, or what the database said.
pub async fn relocate(
    settings: &Settings,
    id: &str,
    issuer: Option<String>,
    subject: Option<String>,
    table: Option<Vec<(String, String)>>,
    dry: bool,
) -> Result<Vec<(String, Moved)>, AdminError> {
    let (id, allowed) = (id.to_owned(), settings.network.allow.clone());
    let named = id.clone();
    let work = move |tx: &mut Tx<'_>| {
        let Some(before) = provider::get(tx, &id)? else { return Ok(Err(format!("{id}: unknown"))) };
        let wish = Described { id: id.clone(), issuer: issuer.clone(), subject: subject.clone(), ..Described::default() };
        let after = match describe(&wish, Some(&before), &allowed) {
            Ok(after) => after,
            Err(words) => return Ok(Err(words)),
        };
        let logins = identity::by_provider(tx, &id)?;
        let stays = after.issuer == before.issuer;
        if stays && after.subject == before.subject && table.is_none() {
            return Ok(Err(String::from("nothing is to be moved: give another --issuer or --subject, or a --table")));
        }
        if after.subject != before.subject && table.is_none() && !logins.is_empty() {
            return Ok(Err(String::from(
                "by another claim people have other names, or they would not be known again: give them in a --table",
            )));
        }
        let mut report = Vec::new();
        let mut taken: Vec<String> = Vec::new();
        let table = table.clone().unwrap_or_else(|| logins.iter().map(|it| (it.subject.clone(), it.subject.clone())).collect());
        let mut plan = Vec::new();
        for (old, new) in &table {
            let known = logins.iter().find(|it| it.subject == *old);
            let became = match known {
                _ if new.is_empty() || new.len() > 255 => Moved::NoName,
                _ if taken.contains(new) => Moved::Twice,
                None => Moved::Unknown,
                Some(_) if stays && old == new => Moved::Same,
                Some(login) => {
                    let holder = identity::find(tx, &after.issuer, new)?;
                    // Whoever has it may be about to be moved away, by this very table.
                    let stays = holder.filter(|it| it.id != login.id && !table.iter().any(|(from, _)| *from == it.subject));
                    if stays.is_some() { Moved::Taken } else { Moved::Moved }
                }
            };
            if matches!(became, Moved::Moved | Moved::Same) {
                taken.push(new.clone());
            }
            if let (Moved::Moved, Some(login)) = (&became, known) {
                plan.push((login.clone(), new.clone()));
            }
            report.push((old.clone(), became));
        }
        for login in logins.iter().filter(|it| !table.iter().any(|(old, _)| *old == it.subject)) {
            report.push((login.subject.clone(), Moved::Left));
        }
        if dry {
            return Ok(Ok(report));
        }
        let renamed: Vec<_> = table.iter().filter(|(_, new)| !new.is_empty()).cloned().collect();
        merge::rename(tx, &id, &after.issuer, &renamed)?;
        // Out of the way first, so that two may change places.
        for (login, _) in &plan {
            identity::rename(tx, login.id, &after.issuer, &format!("moving {}", login.id))?;
        }
        for (login, new) in &plan {
            identity::rename(tx, login.id, &after.issuer, new)?;
            session::end_all(tx, login.account, None)?;
            feed::append(tx, &[login.account], Change::Session, login.account, now())?;
        }
        provider::put(tx, &after, None, now())?;
        note(tx, Did::InstitutionMoved, &id)?;
        Ok(Ok(report))
    };
    let done = open(settings).await?.write(work).await;
    match done {
        Err(crate::store::Error::Store(StoreError::Exists)) => {
            Err(AdminError::Refused(format!("{named}: another provider has this issuer")))
        }
        other => other?.map_err(AdminError::Refused),
    }
}
