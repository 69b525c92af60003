//! `satchel admin`: what the operator does beside the server, which may be running.

use clap::{Args, Subcommand};
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_server::admin::{self, AdminError};
use satchel_server::settings::Settings;
use serde_json::json;

use crate::problem::{Kind, Problem};
use crate::serve::{Place, runtime};
use crate::{Outcome, Status};

/// Look after a server: issuers, people, and what is wrong with it.
#[derive(Debug, Args)]
pub struct Admin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Issuers whose uploads the server takes.
    #[command(subcommand)]
    Issuer(Issuer),
    /// People with an account.
    #[command(subcommand)]
    User(User),
    /// Say what is wrong with the settings, the folder, the database and the mail. Exit status 1 if the server would not start.
    Doctor {
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Subcommand)]
enum Issuer {
    /// Admit an issuer's key: its desk may then upload documents and awards.
    Add {
        /// The DID, such as `did:key:z6Mk...`.
        #[arg(long, value_name = "DID")]
        key: String,
        /// A name for mails, until the issuer's own profile says it.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        at: At,
    },
    /// List the issuers.
    List {
        #[command(flatten)]
        at: At,
    },
    /// Take no uploads of this key any more. What was published stays.
    Suspend {
        /// The DID.
        #[arg(long, value_name = "DID")]
        key: String,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Subcommand)]
enum User {
    /// Send an invitation to register.
    Invite {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        #[command(flatten)]
        at: At,
    },
    /// Keep somebody out; running sessions end at once.
    Block {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        #[command(flatten)]
        at: At,
    },
    /// Let somebody in again.
    Unblock {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Args)]
struct At {
    #[command(flatten)]
    place: Place,
    /// Answer in JSON, one object a line.
    #[arg(long)]
    json: bool,
}

fn parse_address(text: &str) -> Result<EmailAddress, String> {
    text.parse().map_err(|error: satchel_protocol::email::NotAnAddress| error.to_string())
}

impl Admin {
    fn at(&self) -> &At {
        match &self.what {
            What::Issuer(Issuer::Add { at, .. } | Issuer::List { at } | Issuer::Suspend { at, .. })
            | What::User(User::Invite { at, .. } | User::Block { at, .. } | User::Unblock { at, .. })
            | What::Doctor { at } => at,
        }
    }
}

/// Carries out the operator's wish.
pub fn run(command: &Admin, language: Language) -> Outcome {
    let at = command.at();
    let done = at.place.settings().and_then(|settings| runtime()?.block_on(carry_out(command, &settings, language)));
    done.map_err(|problem| problem.in_json(at.json))
}

async fn carry_out(command: &Admin, settings: &Settings, language: Language) -> Outcome {
    let json = command.at().json;
    match &command.what {
        What::Issuer(Issuer::Add { key, name, .. }) => {
            let new = admin::admit_issuer(settings, key, name.clone()).await.map_err(refused)?;
            let (result, words) = match (new, language) {
                (true, Language::English) => ("added", format!("{key} is admitted: its desk may upload.")),
                (true, Language::Italian) => ("added", format!("{key} è ammesso: il suo banco può caricare.")),
                (false, Language::English) => ("known", format!("{key} was admitted before.")),
                (false, Language::Italian) => ("known", format!("{key} era già ammesso.")),
            };
            say(json, &json!({ "key": key, "result": result }), &words);
        }
        What::Issuer(Issuer::List { .. }) => {
            for issuer in admin::issuers(settings).await.map_err(refused)? {
                let suspended = issuer.suspended.is_some();
                let name = issuer.name.unwrap_or_default();
                let shown: String = satchel_badge::words::plain(&name).collect();
                let mark = if suspended { " (suspended)" } else { "" };
                say(
                    json,
                    &json!({ "key": issuer.did, "name": name, "suspended": suspended }),
                    &format!("{}  {shown}{mark}", issuer.did),
                );
            }
        }
        What::Issuer(Issuer::Suspend { key, .. }) => {
            if !admin::suspend_issuer(settings, key).await.map_err(refused)? {
                return Err(Problem::new(Kind::AdminRefused, [format!("{key}: unknown")]));
            }
            say(json, &json!({ "key": key, "result": "suspended" }), key);
        }
        What::User(User::Invite { address, .. }) => {
            admin::invite_user(settings, address.clone(), language).await.map_err(refused)?;
            let words = match language {
                Language::English => "The invitation is in the outbox; the server sends it within seconds while it runs.",
                Language::Italian => {
                    "L'invito è nella posta in uscita; il server, se è in funzione, lo invia entro qualche secondo."
                }
            };
            say(json, &json!({ "email": address, "result": "queued" }), words);
        }
        What::User(User::Block { address, .. } | User::Unblock { address, .. }) => {
            let blocked = matches!(command.what, What::User(User::Block { .. }));
            if !admin::block_user(settings, address.clone(), blocked).await.map_err(refused)? {
                return Err(Problem::new(Kind::AdminRefused, [format!("{address}: unknown")]));
            }
            let result = if blocked { "blocked" } else { "unblocked" };
            let words = match (blocked, language) {
                (true, Language::English) => "The account is blocked.",
                (true, Language::Italian) => "L'account è bloccato.",
                (false, Language::English) => "The account is open again.",
                (false, Language::Italian) => "L'account è di nuovo aperto.",
            };
            say(json, &json!({ "email": address, "result": result }), words);
        }
        What::Doctor { .. } => {
            let faults = admin::doctor(settings).await;
            for fault in &faults {
                let mark = if fault.stops { "✗" } else { "!" };
                say(json, &json!({ "stops": fault.stops, "message": fault.words }), &format!("{mark} {}", fault.words));
            }
            if faults.is_empty() && !json {
                anstream::println!("{}", if language == Language::Italian { "Nessun difetto." } else { "Nothing is wrong." });
            }
            return Ok(if faults.iter().any(|fault| fault.stops) { Status::Refused } else { Status::Done });
        }
    }
    Ok(Status::Done)
}

fn say(json: bool, object: &serde_json::Value, words: &str) {
    if json { anstream::println!("{object}") } else { anstream::println!("{words}") }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn refused(error: AdminError) -> Problem {
    let kind = if matches!(error, AdminError::Refused(_)) { Kind::AdminRefused } else { Kind::ServerFailed };
    Problem::new(kind, [error.to_string()])
}
