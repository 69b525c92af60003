//! What stops a command: one form for all of them, with a stable code and the words for a person. A badge that is not valid is no problem,
//! it is an answer.

use std::path::Path;

use satchel_badge::cause::Cause;
use satchel_badge::words::Language;
use satchel_wallet::WalletError;
use satchel_wallet::desk::DeskError;
use satchel_wallet::sync::SyncError;
use serde_json::json;

use crate::Status;

/// The kinds of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file cannot be read: its path and why.
    Unreadable,
    /// A file cannot be written: its path and why.
    Unwritable,
    /// The evidence cannot be used: its path and why.
    BadEvidence,
    /// The list of trusted issuers cannot be used: its path and why.
    BadTrust,
    /// A host to allow is not a host and a port.
    BadHost,
    /// The network client could not be set up.
    NoNetwork,
    /// Nothing says where the wallet is to be.
    NoFolder,
    /// A report would take the place of a file that is read, or of another report: its path.
    OverInput,
    /// A file is no picture that holds badges: its path.
    NotAPicture,
    /// A file is no credential: its path.
    NotACredential,
    /// The server's settings cannot be used: what is wrong, in words.
    BadSettings,
    /// The server does not start, or had to stop: why.
    ServerFailed,
    /// What the operator wants must not be: why.
    AdminRefused,
    /// A picture or credential was refused: the path, the finding, and its words.
    Refused,
    /// The wallet could not do something; it has the code and the words.
    Wallet,
    /// The desk could not do something; it has the code and the words.
    Desk,
    /// A server could not be signed in to or synced with; it has the code and the words.
    Sync,
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unwritable => "unwritable",
            Self::BadEvidence => "bad_evidence",
            Self::BadTrust => "bad_trust",
            Self::BadHost => "bad_host",
            Self::NoNetwork => "no_network",
            Self::NoFolder => "no_folder",
            Self::OverInput => "over_input",
            Self::NotAPicture => "not_a_picture",
            Self::NotACredential => "not_a_credential",
            Self::BadSettings => "bad_settings",
            Self::ServerFailed => "server_failed",
            Self::AdminRefused => "admin_refused",
            Self::Refused => "refused",
            Self::Wallet => "wallet_failed",
            Self::Desk => "desk_failed",
            Self::Sync => "sync_failed",
        }
    }

    #[rustfmt::skip]
    const fn words(self, language: Language) -> &'static str {
        let (english, italian) = match self {
            Self::Unreadable => ("cannot read {0}: {1}", "impossibile leggere {0}: {1}"),
            Self::Unwritable => ("cannot write {0}: {1}", "impossibile scrivere {0}: {1}"),
            Self::BadEvidence => ("the evidence in {0} cannot be used: {1}", "le prove in {0} non sono utilizzabili: {1}"),
            Self::BadTrust => ("the list of trusted issuers {0} cannot be used: {1}", "l'elenco degli enti fidati {0} non è utilizzabile: {1}"),
            Self::BadHost => ("“{0}” is not a host and a port, such as localhost:8080", "«{0}» non è un host con porta, come localhost:8080"),
            Self::NoNetwork => ("the network cannot be used: {0}", "la rete non è utilizzabile: {0}"),
            Self::NoFolder => ("nothing says where your data folder is; name one with {0} DIR", "nulla dice dove sia la tua cartella dei dati; indicane una con {0} DIR"),
            Self::OverInput => ("{0} would be written over a file that is read or written here; choose another name", "{0} sostituirebbe un file che viene letto o scritto qui; scegli un altro nome"),
            Self::NotAPicture => ("{0} is not a PNG or SVG picture", "{0} non è un'immagine PNG o SVG"),
            Self::NotACredential => ("{0} holds no credential: it must be one badge as JSON, or a signed text (JWS)", "{0} non contiene una credenziale: deve essere un badge in JSON o un testo firmato (JWS)"),
            Self::BadSettings => ("the settings cannot be used: {0}", "le impostazioni non sono utilizzabili: {0}"),
            Self::ServerFailed => ("the server cannot go on: {0}", "il server non può continuare: {0}"),
            Self::AdminRefused => ("this is refused: {0}", "questo non è ammesso: {0}"),
            Self::Refused => ("{0}: {1}", "{0}: {1}"),
            Self::Wallet | Self::Desk | Self::Sync => ("{0}", "{0}"),
        };
        match language {
            Language::English => english,
            Language::Italian => italian,
        }
    }
}

/// What a desk does not do as things stand.
#[rustfmt::skip]
const REFUSED_BY_DESK: [&str; 17] = [
    "desk_exists", "weak_passphrase", "bad_badge", "bad_form", "badge_exists", "unknown_badge", "bad_recipients", "broken_off", "nothing_to_resume",
    "not_empty", "other_server", "unknown_award", "unknown_proposal", "unknown_request", "unknown_staff", "server_refused", "desk_behind",
];

/// What an account does not do as things stand.
#[rustfmt::skip]
const REFUSED_BY_SYNC: [&str; 10] = [
    "denied", "cancelled", "weak_passphrase", "unknown_account", "unknown_invitation", "already_answered", "no_award", "unsent", "unknown_device",
    "unknown_id",
];

/// A problem.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    details: Vec<String>,
    /// The finding that a refusal rests on, or the error of the wallet, as its code.
    finding: Option<&'static str>,
    /// Whether the same may work later.
    retry: bool,
    json: bool,
    /// Why, where that has words in each language; it comes after the details.
    why: Option<Cause>,
}

impl Problem {
    /// A problem, with what fills the gaps in its words.
    pub fn new(kind: Kind, details: impl IntoIterator<Item = String>) -> Self {
        Self { kind, details: details.into_iter().collect(), finding: None, retry: false, json: false, why: None }
    }

    /// A problem with a file, and what the system says of it.
    pub fn with_file(kind: Kind, path: &Path, why: impl Into<Cause>) -> Self {
        Self { why: Some(why.into()), ..Self::new(kind, [path.display().to_string()]) }
    }

    /// A problem, and what the system says of it.
    pub fn with_cause(kind: Kind, why: impl Into<Cause>) -> Self {
        Self { why: Some(why.into()), ..Self::new(kind, []) }
    }

    /// A refusal because of what was found in a file.
    pub fn refused(path: &str, line: &satchel_badge::report::Line, language: Language) -> Self {
        let details = vec![path.to_owned(), line.message(language)];
        Self { kind: Kind::Refused, details, finding: Some(line.code.name()), retry: false, json: false, why: None }
    }

    /// What a wallet says.
    pub fn of_wallet(error: &WalletError, language: Language) -> Self {
        let (details, finding, retry) = (vec![error.message(language)], Some(error.code()), error.retry());
        Self { kind: Kind::Wallet, details, finding, retry, json: false, why: None }
    }

    /// What a desk says.
    pub fn of_desk(error: &DeskError, language: Language) -> Self {
        let (details, finding, retry) = (vec![error.message(language)], Some(error.code()), error.retry());
        Self { kind: Kind::Desk, details, finding, retry, json: false, why: None }
    }

    /// What signing in or syncing says.
    pub fn of_sync(error: &SyncError, language: Language) -> Self {
        let (details, finding, retry) = (vec![error.message(language)], Some(error.code()), error.retry());
        Self { kind: Kind::Sync, details, finding, retry, json: false, why: None }
    }

    /// The same, to be printed as JSON when `json`.
    #[must_use]
    pub fn in_json(self, json: bool) -> Self {
        Self { json, ..self }
    }

    /// Whether the same may work later.
    pub fn may_help_later(&self) -> bool {
        self.retry
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.finding.unwrap_or(self.kind.code())
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        match (self.kind, self.details.first()) {
            // Complete already.
            (Kind::Wallet | Kind::Desk | Kind::Sync, Some(message)) => message.clone(),
            (kind, _) => {
                let why = self.why.iter().map(|why| why.words(language).to_owned());
                let details: Vec<String> = self.details.iter().cloned().chain(why).collect();
                satchel_badge::words::fill(kind.words(language), &details)
            }
        }
    }

    /// The exit status.
    pub fn status(&self) -> Status {
        match (self.kind, self.code()) {
            (Kind::Wallet, "bad_id" | "bad_issuer")
            | (Kind::Desk, "bad_option" | "no_server")
            | (Kind::Sync, "bad_server" | "which_account" | "bad_id")
            | (Kind::BadHost | Kind::OverInput | Kind::BadSettings, _) => Status::Usage,
            // Nothing stands in the way but the badge itself, a file that is there, or what was asked for.
            (Kind::Wallet, "unknown_id" | "ambiguous_id" | "needs_image" | "picture_away" | "exists")
            | (Kind::Refused | Kind::AdminRefused | Kind::NotAPicture | Kind::NotACredential, _) => Status::Refused,
            (Kind::Sync, code) if REFUSED_BY_SYNC.contains(&code) => Status::Refused,
            (Kind::Desk, code) if REFUSED_BY_DESK.contains(&code) => Status::Refused,
            _ => Status::Problem,
        }
    }

    /// Prints its words on standard error, as a remark.
    pub fn print_words(&self, language: Language) {
        anstream::eprintln!("satchel: {}", self.message(language));
    }

    /// Prints it: words on standard error, or one line of JSON on standard output.
    pub fn print(&self, language: Language) {
        let message = self.message(language);
        if self.json {
            let problem = json!({ "code": self.code(), "message": message, "retry": self.retry });
            anstream::println!("{}", json!({ "problem": problem }));
        } else {
            anstream::eprintln!("satchel: {message}");
        }
    }
}
