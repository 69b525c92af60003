//! `satchel admin federation`: institutions through which people sign in.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_server::admin::federation::{self, Described, Moved, Part, Removed};
use satchel_server::settings::Settings;
use serde_json::json;

use super::{At, parse_address, refused, say};
use crate::problem::{Kind, Problem};
use crate::{Outcome, Status};

/// Bytes of a picture.
const MOST_LOGO: u64 = 4 << 20;

/// Institutions through which people sign in.
#[derive(Debug, Subcommand)]
pub enum Federation {
    /// Add an institution (an `OpenID` Connect provider), or change what is said of it: what is given takes the place of what was said before,
    /// what is not given stays as it was.
    Add(Box<Added>),
    /// List the institutions.
    List {
        #[command(flatten)]
        at: At,
    },
    /// Say whether discovery answers, the secret is right, and the claims came. Exit status 1 if something is wrong.
    Test {
        /// The short name.
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        at: At,
    },
    /// Remove an institution. Exit status 1, and nothing removed, if people would have no way in.
    Remove {
        /// The short name.
        #[arg(value_name = "ID")]
        id: String,
        /// Remove it although people would have no way in. Their accounts stay, for an institution added in its place.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        at: At,
    },
    /// Move the logins of an institution to another issuer, or to other subjects, when a bridge changes. Reports each login.
    Move {
        /// The short name.
        #[arg(value_name = "ID")]
        id: String,
        /// The new issuer identifier.
        #[arg(long, value_name = "URL")]
        issuer: Option<String>,
        /// The claim that tells people apart from now on.
        #[arg(long, value_name = "CLAIM")]
        subject: Option<String>,
        /// A table (CSV) with the columns `old` and `new`: what a person was called there, and is called now.
        #[arg(long, value_name = "FILE")]
        table: Option<PathBuf>,
        /// Only report.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        at: At,
    },
}

/// What is said of an institution.
#[derive(Debug, Args)]
pub struct Added {
    /// A short name, part of the addresses that the provider must know: `PUBLIC_URL/sign-in/return/ID`.
    #[arg(value_name = "ID")]
    id: String,
    /// The name that people know.
    #[arg(long)]
    name: Option<String>,
    /// Its issuer identifier, letter for letter.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// What this server is called there.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file with the secret of this server there; each server of a database needs it. Without one it is a public client.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<String>,
    /// The claim that tells people apart: `sub` (default), `pairwise-id`, `subject-id`.
    #[arg(long, value_name = "CLAIM")]
    subject: Option<String>,
    /// Scopes besides `openid`. Default: `email profile`.
    #[arg(long)]
    scopes: Option<String>,
    /// Which claim says what, such as `email=mail`: `given_name`, `family_name`, `email`, `email_verified`, `groups`, `ends`. May
    /// come several times.
    #[arg(long = "claim", value_name = "WHAT=CLAIM", value_parser = parse_pair)]
    claims: Vec<(String, String)>,
    /// A mail domain that it is the authority for; `*.example.org` for those under it. May come several times.
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Its addresses are verified though it does not say so.
    #[arg(long)]
    addresses_verified: bool,
    /// Its picture.
    #[arg(long, value_name = "FILE")]
    logo: Option<PathBuf>,
    /// Whom its people write to.
    #[arg(long, value_name = "EMAIL", value_parser = parse_address)]
    support: Option<EmailAddress>,
    /// A role that one of its groups gives, such as `badge-office=operator`; it ends with the group. May come several times.
    /// A change takes back what groups gave: whoever is still in one has the role again at the next sign-in.
    #[arg(long = "role", value_name = "GROUP=ROLE", value_parser = parse_pair)]
    roles: Vec<(String, String)>,
    /// When signing in through it ends: a day, which it does not last, or a time (RFC 3339). Its people are told 30 days before.
    #[arg(long, value_name = "TIME", value_parser = parse_end)]
    ends: Option<Timestamp>,
    /// What it is without from now on: `secret-file`, `claim`, `domain`, `addresses-verified`, `logo`, `support`, `role`, `ends`. May come several times.
    #[arg(long, value_name = "OPTION", value_parser = parse_part)]
    without: Vec<Part>,
    /// Do not ask it first: add it though it does not answer as it must.
    #[arg(long)]
    untested: bool,
    #[command(flatten)]
    pub(super) at: At,
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((what, is)) if !what.is_empty() && !is.is_empty() => Ok((what.to_owned(), is.to_owned())),
        _ => Err(String::from("two words with = between them are needed")),
    }
}

/// A time, or the beginning of a day in UTC.
fn parse_end(text: &str) -> Result<Timestamp, String> {
    let day = || {
        let date: jiff::civil::Date = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()
    };
    let time = text.parse().ok().or_else(day);
    time.ok_or_else(|| String::from("a day such as 2027-01-31, or a time such as 2027-01-31T18:00:00Z, is needed"))
}

fn parse_part(text: &str) -> Result<Part, String> {
    let names = Part::ALL.map(|(name, _)| name).join(", ");
    let found = Part::ALL.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, part)| part).ok_or_else(|| format!("one of these is needed: {names}"))
}

/// Carries out the operator's wish.
pub async fn run(what: &Federation, settings: &Settings, language: Language, json: bool) -> Outcome {
    let italian = language == Language::Italian;
    match what {
        Federation::Add(added) => {
            let id = &added.id;
            let new = federation::add(settings, described(added)?, language).await.map_err(refused)?;
            let (result, words) = match (new, italian) {
                (true, false) => ("added", format!("{id} is added, and stands on the page to sign in.")),
                (true, true) => ("added", format!("{id} è aggiunto, e sta sulla pagina di accesso.")),
                (false, false) => ("changed", format!("{id} is changed.")),
                (false, true) => ("changed", format!("{id} è modificato.")),
            };
            say(json, &json!({ "id": id, "result": result }), &words);
        }
        Federation::List { .. } => {
            let all = federation::list(settings).await.map_err(refused)?;
            if all.is_empty() && !json {
                let none = if italian { "Ancora nessun ente" } else { "No institution yet" };
                anstream::println!("{none}: `satchel admin federation add`.");
            }
            for (it, people) in all {
                let name: String = satchel_badge::words::plain(&it.name).collect();
                let object = json!({ "id": it.id, "name": it.name, "issuer": it.issuer, "client_id": it.client, "subject": it.subject,
                    "claims": it.claims, "domains": it.domains, "addresses_verified": it.declared, "support": it.support,
                    "roles": it.roles, "ends": it.ends.map(|time| time.to_string()), "people": people });
                let people = satchel_badge::words::said(language, ("{0} people", "{0} persone"), &[people.to_string()]);
                let ended = match (it.has_ended(Timestamp::now()), italian) {
                    (false, _) => "",
                    (true, false) => ", ended",
                    (true, true) => ", terminato",
                };
                say(json, &object, &format!("{}  {name}  {}  ({people}{ended})", it.id, it.issuer));
            }
        }
        Federation::Test { id, .. } => {
            let lines = federation::test(settings, id, language).await.map_err(refused)?;
            for (right, words) in &lines {
                let mark = if *right { "✓" } else { "✗" };
                say(json, &json!({ "right": right, "message": words }), &format!("{mark} {words}"));
            }
            let right = lines.iter().all(|(right, _)| *right);
            return Ok(if right { Status::Done } else { Status::Refused });
        }
        Federation::Remove { id, force, .. } => match federation::remove(settings, id, *force).await.map_err(refused)? {
            Removed::Unknown => return Err(Problem::new(Kind::AdminRefused, [format!("{id}: unknown")])),
            Removed::Gone(people) => say(json, &json!({ "id": id, "result": "removed", "without_login": people }), &{
                if italian { format!("{id} è rimosso.") } else { format!("{id} is removed.") }
            }),
            Removed::Kept(people) => {
                let words = if italian {
                    format!("{people} persone non avrebbero più un accesso; con --force lo si rimuove lo stesso.")
                } else {
                    format!("{people} people would have no way in; --force removes it all the same.")
                };
                say(json, &json!({ "id": id, "result": "kept", "without_login": people }), &words);
                return Ok(Status::Refused);
            }
        },
        Federation::Move { id, issuer, subject, table, dry_run, .. } => {
            let table = table.as_deref().map(read_table).transpose()?;
            let moved = federation::relocate(settings, id, issuer.clone(), subject.clone(), table, *dry_run);
            let report = moved.await.map_err(refused)?;
            let mut status = Status::Done;
            for (subject, became) in &report {
                let (result, why) = match became {
                    Moved::Moved => ("moved", ["", ""]),
                    Moved::Same => ("same", ["", ""]),
                    Moved::Unknown => ("unknown", ["nobody signs in by this name", "nessuno accede con questo nome"]),
                    Moved::Taken => ("taken", ["somebody has the new name already", "qualcuno ha già il nuovo nome"]),
                    Moved::NoName => (
                        "refused",
                        ["the new name is empty, or longer than 255 bytes", "il nuovo nome è vuoto, o supera i 255 byte"],
                    ),
                    Moved::Twice => ("refused", ["the table gives the new name twice", "la tabella dà due volte il nuovo nome"]),
                    Moved::Left => ("left", ["the table does not name it", "la tabella non lo nomina"]),
                };
                if !matches!(became, Moved::Moved | Moved::Same) {
                    status = Status::Refused;
                }
                let why = why[usize::from(italian)];
                let shown: String = satchel_badge::words::plain(subject).collect();
                let words = if why.is_empty() { format!("{result}  {shown}") } else { format!("{result}  {shown}  ({why})") };
                let mut object = json!({ "subject": subject, "result": result, "dry_run": dry_run });
                if !why.is_empty() {
                    object["reason"] = json!(why);
                }
                say(json, &object, &words);
            }
            return Ok(status);
        }
    }
    Ok(Status::Done)
}

fn described(it: &Added) -> Result<Described, Problem> {
    Ok(Described {
        id: it.id.clone(),
        name: it.name.clone(),
        issuer: it.issuer.clone(),
        client: it.client_id.clone(),
        secret_file: it.secret_file.clone(),
        subject: it.subject.clone(),
        scopes: it.scopes.clone(),
        claims: it.claims.clone(),
        domains: it.domains.clone(),
        declared: it.addresses_verified,
        logo: it.logo.as_deref().map(read_logo).transpose()?,
        support: it.support.clone(),
        roles: it.roles.clone(),
        ends: it.ends,
        without: it.without.clone(),
        untested: it.untested,
    })
}

fn read_logo(path: &std::path::Path) -> Result<Vec<u8>, Problem> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_LOGO).read_to_end(&mut bytes));
    read.map_err(|error| crate::output::unreadable(path, &error))?;
    Ok(bytes)
}

/// A table of old and new subjects, whole or not at all.
fn read_table(path: &std::path::Path) -> Result<Vec<(String, String)>, Problem> {
    let wrong = |why: String| Problem::new(Kind::AdminRefused, [format!("{}: {why}", path.display())]);
    let text = std::fs::read_to_string(path).map_err(|error| crate::output::unreadable(path, &error))?;
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let heads = rows.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let column = |name: &str| heads.iter().position(|head| head.trim().eq_ignore_ascii_case(name));
    let (Some(old), Some(new)) = (column("old"), column("new")) else {
        return Err(wrong(String::from("the columns `old` and `new` are needed")));
    };
    rows.records()
        .map(|row| {
            let row = row.map_err(|error| wrong(error.to_string()))?;
            let cell = |at: usize| row.get(at).unwrap_or_default().trim().to_owned();
            Ok((cell(old), cell(new)))
        })
        .collect()
}
