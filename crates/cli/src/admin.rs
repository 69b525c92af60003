//! `satchel admin`: what the operator does beside the server, which may be running.

mod federation;
mod keep;
mod record;
mod settings;

use std::io::Read;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_server::admin::{self, AdminError, Appointed, Freed, Returned};
use satchel_server::settings::Settings;
use serde_json::json;

use self::federation::Federation;
use crate::problem::{Kind, Problem};
use crate::serve::{Place, runtime};
use crate::{Outcome, Status};

/// Bytes of a mail that came back.
const MOST_READ: u64 = 4 << 20;

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
    /// Those who run the server.
    #[command(subcommand)]
    Staff(Staff),
    /// Institutions through which people sign in.
    #[command(subcommand)]
    Federation(Federation),
    /// Take in mails that came back: their invitations are then `bounced`, which their issuers see.
    ///
    /// Reads reports of mail servers (RFC 3464), from files or from standard input, as a mail server hands them to a command. Exit status 1 if
    /// one is no report about a mail of this server.
    Bounce {
        /// The reports; standard input without any.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        at: At,
    },
    Backup(keep::Backup),
    Restore(keep::Restore),
    #[command(subcommand)]
    Log(record::Log),
    #[command(subcommand)]
    Policy(settings::Policy),
    Settings(settings::Reference),
    /// Say what is wrong with the settings, the folder, the database and the mail. Exit status 1 if the server would not start.
    Doctor {
        /// The folder that `serve` writes mails into, where it was given one.
        #[arg(long, value_name = "DIR", env = "SATCHEL_MAIL_DIR")]
        mail_dir: Option<PathBuf>,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Subcommand)]
enum Issuer {
    /// Admit an issuer's key: its desk may then upload documents and awards.
    Add {
        /// The DID, such as `did:key:z6Mk...`; of a `did:web` the key of a desk, such as `did:web:valdora.example#z6Mk...`.
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
        /// The DID; of a `did:web` with a key, that desk alone.
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
    /// Free an address that an institution has given to somebody else: the account that holds it keeps all else.
    ///
    /// Its sessions end, and its other addresses are told. Exit status 1 when it is the only address and `--even-only` is not given.
    Free {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        /// Also when it is the only address of its account, which a password alone then opens no more.
        #[arg(long)]
        even_only: bool,
        #[command(flatten)]
        at: At,
    },
    /// Take off all second steps of somebody who has lost them; make sure first that it is them. Sessions end, and the owner is told.
    DropFactors {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Subcommand)]
enum Staff {
    /// Have somebody be an operator. Whoever has no account gets an invitation to register.
    Add {
        /// The address.
        #[arg(value_name = "EMAIL", value_parser = parse_address)]
        address: EmailAddress,
        #[command(flatten)]
        at: At,
    },
    /// List the operators.
    List {
        #[command(flatten)]
        at: At,
    },
    /// Have somebody be an operator no more. The account stays, and its sessions end.
    Remove {
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
            | What::User(
                User::Invite { at, .. }
                | User::Block { at, .. }
                | User::Unblock { at, .. }
                | User::Free { at, .. }
                | User::DropFactors { at, .. },
            )
            | What::Staff(Staff::Add { at, .. } | Staff::List { at } | Staff::Remove { at, .. })
            | What::Bounce { at, .. }
            | What::Federation(
                Federation::List { at }
                | Federation::Test { at, .. }
                | Federation::Remove { at, .. }
                | Federation::Move { at, .. },
            )
            | What::Backup(keep::Backup { at, .. })
            | What::Restore(keep::Restore { at, .. })
            | What::Doctor { at, .. } => at,
            What::Federation(Federation::Add(added)) => &added.at,
            What::Log(log) => log.at(),
            What::Policy(policy) => policy.at(),
            What::Settings(reference) => &reference.at,
        }
    }
}

/// Carries out the operator's wish.
pub fn run(command: &Admin, language: Language) -> Outcome {
    if matches!(command.what, What::Settings(_)) {
        anstream::print!("{}", settings::page());
        return Ok(Status::Done);
    }
    let at = command.at();
    // An exported record is looked at wherever an auditor has it.
    let settings = match &command.what {
        What::Log(record::Log::Verify { file: Some(_), .. }) => Ok(Settings::default()),
        _ => at.place.settings(),
    };
    let done = settings.and_then(|settings| runtime()?.block_on(carry_out(command, &settings, language)));
    done.map_err(|problem| problem.in_json(at.json))
}

async fn carry_out(command: &Admin, settings: &Settings, language: Language) -> Outcome {
    let json = command.at().json;
    match &command.what {
        What::Issuer(Issuer::Add { key, name, .. }) => {
            let admin::Admitted { new, vouched } = admin::admit_issuer(settings, key, name.clone()).await.map_err(refused)?;
            let (result, words) = match (new, language) {
                (true, Language::English) => ("added", format!("{key} is admitted: its desk may upload.")),
                (true, Language::Italian) => ("added", format!("{key} è ammesso: il suo banco può caricare.")),
                (false, Language::English) => ("known", format!("{key} was admitted before.")),
                (false, Language::Italian) => ("known", format!("{key} era già ammesso.")),
            };
            let mut row = json!({ "key": key, "result": result });
            if let Some(vouched) = vouched {
                row["vouched"] = json!(vouched);
            }
            say(json, &row, &words);
            if vouched == Some(false) {
                let words = match language {
                    Language::English => {
                        "Its domain does not list this key: until its did.json does, nobody can verify its badges."
                    }
                    Language::Italian => {
                        "Il suo dominio non elenca questa chiave: finché il suo did.json non lo fa, nessuno può verificarne i badge."
                    }
                };
                anstream::eprintln!("{words}");
            }
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
        What::User(User::Free { address, even_only, .. }) => {
            let waiting = match admin::free_address(settings, address.clone(), *even_only).await.map_err(refused)? {
                Freed::Now(waiting) => waiting,
                Freed::Nobody => return Err(Problem::new(Kind::AdminRefused, [format!("{address}: unknown")])),
                Freed::Only => {
                    let words = match language {
                        Language::English => {
                            "the only address of its account: have its owner add another one, or give --even-only"
                        }
                        Language::Italian => {
                            "l'unico indirizzo del suo account: fanne aggiungere un altro al titolare, o indica --even-only"
                        }
                    };
                    return Err(Problem::new(Kind::AdminRefused, [format!("{address}: {words}")]));
                }
            };
            let words = match language {
                Language::English => format!(
                    "No account has it any more. Invitations to it that wait: {waiting}; whoever has it now could accept them."
                ),
                Language::Italian => {
                    format!("Nessun account lo ha più. Inviti in attesa: {waiting}; chi lo ha ora potrebbe accettarli.")
                }
            };
            say(json, &json!({ "email": address, "result": "freed", "waiting": waiting }), &words);
        }
        What::User(User::DropFactors { address, .. }) => {
            if !admin::drop_factors(settings, address.clone()).await.map_err(refused)? {
                return Err(Problem::new(Kind::AdminRefused, [format!("{address}: unknown, or without a second step")]));
            }
            let words = match language {
                Language::English => "The second steps are gone; the owner is told.",
                Language::Italian => "I secondi passaggi sono rimossi; il titolare viene avvisato.",
            };
            say(json, &json!({ "email": address, "result": "dropped" }), words);
        }
        What::Staff(Staff::Add { address, .. }) => {
            let appointed = admin::add_operator(settings, address.clone(), language).await.map_err(refused)?;
            let (result, english, italian) = match appointed {
                Appointed::Now => ("added", "This account is an operator now.", "Questo account ora è un gestore."),
                Appointed::Before => ("known", "This account was an operator before.", "Questo account era già un gestore."),
                Appointed::Invited => (
                    "invited",
                    "There is no account with this address: an invitation to register as an operator is in the outbox.",
                    "Non c'è un account con questo indirizzo: un invito a registrarsi come gestore è nella posta in uscita.",
                ),
            };
            let words = if language == Language::Italian { italian } else { english };
            say(json, &json!({ "email": address, "result": result }), words);
        }
        What::Staff(Staff::List { .. }) => {
            for (address, name) in admin::operators(settings).await.map_err(refused)? {
                let shown: String = satchel_badge::words::plain(&name).collect();
                say(json, &json!({ "email": address, "name": name, "role": "operator" }), &format!("{address}  {shown}"));
            }
        }
        What::Staff(Staff::Remove { address, .. }) => {
            if !admin::remove_operator(settings, address.clone()).await.map_err(refused)? {
                return Err(Problem::new(Kind::AdminRefused, [format!("{address}: unknown")]));
            }
            say(json, &json!({ "email": address, "result": "removed" }), address.as_str());
        }
        What::Federation(what) => return federation::run(what, settings, language, json).await,
        What::Backup(backup) => return backup.run(settings, language).await,
        What::Restore(restore) => return restore.run(settings, language).await,
        What::Log(log) => return log.run(settings, language).await,
        What::Policy(policy) => return policy.run(settings, language).await,
        What::Settings(_) => {}
        What::Bounce { files, .. } => return take_returned(settings, files, json).await,
        What::Doctor { mail_dir, .. } => {
            let mut settings = settings.clone();
            settings.mail.dir = mail_dir.clone().or(settings.mail.dir);
            let faults = admin::doctor(&settings, language).await;
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

/// Takes in what came back; one line for each mail.
async fn take_returned(settings: &Settings, files: &[PathBuf], json: bool) -> Outcome {
    let standard = [PathBuf::from("-")];
    let mut status = Status::Done;
    for path in if files.is_empty() { &standard } else { files } {
        let mut mail = Vec::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().take(MOST_READ).read_to_end(&mut mail)
        } else {
            std::fs::File::open(path).and_then(|file| file.take(MOST_READ).read_to_end(&mut mail))
        };
        read.map_err(|error| crate::output::unreadable(path, &error))?;
        let result = match admin::take_returned(settings, &mail).await.map_err(refused)? {
            Returned::Bounced => "bounced",
            Returned::Nothing => "nothing",
            Returned::Unknown => {
                status = Status::Refused;
                "unknown"
            }
        };
        let path = path.to_string_lossy();
        say(json, &json!({ "path": path, "result": result }), &format!("{path}: {result}"));
    }
    Ok(status)
}

fn say(json: bool, object: &serde_json::Value, words: &str) {
    if json { anstream::println!("{object}") } else { anstream::println!("{words}") }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn refused(error: AdminError) -> Problem {
    let kind = if matches!(error, AdminError::Refused(_)) { Kind::AdminRefused } else { Kind::ServerFailed };
    Problem::new(kind, [error.to_string()])
}
