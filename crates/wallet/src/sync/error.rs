//! What stops a sign-in or a sync. Each has a stable code and words in each language: what happened, what was kept, and what to do.

use std::time::Duration;

use satchel_badge::cause::Cause;
use satchel_badge::words::{self, Language};
use satchel_fetch::FetchError;

use crate::WalletError;
use crate::sealed::SealError;

/// The longest pause while no server is reached.
const UNREACHED: Duration = Duration::from_secs(30);

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// What the wallet said.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The tokens are not kept, or do not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// This names no server.
    #[error("{given} names no server")]
    BadServer {
        /// What was given.
        given: String,
    },
    /// There is no server of Satchel's there.
    #[error("{server} is no server of Satchel's")]
    NoSatchel {
        /// Where.
        server: String,
    },
    /// The server could not be asked.
    #[error("the server could not be asked: {0}")]
    Network(FetchError),
    /// A server that somebody wants to sign in at did not answer.
    #[error("{server} did not answer: {error}")]
    NoAnswer {
        /// Where.
        server: String,
        /// Why.
        error: FetchError,
    },
    /// The server calls itself otherwise than it was called.
    #[error("{server} calls itself {own}")]
    OtherAddress {
        /// How it was called.
        server: String,
        /// The address that it gives itself.
        own: String,
    },
    /// The server refused.
    #[error("{server} said {code}: {message}")]
    Refused {
        /// Which server; empty where it is clear.
        server: String,
        /// Its code.
        code: String,
        /// Its words.
        message: String,
        /// Whether the same may work later.
        retry: bool,
    },
    /// The server said something that is not understood here.
    #[error("{server} said something strange: {why}")]
    Strange {
        /// Which server.
        server: String,
        /// What is wrong with it.
        why: String,
    },
    /// No port of this machine could be listened at.
    #[error("no port to come back to: {why}")]
    NoLoopback {
        /// Why.
        why: Cause,
    },
    /// The waiting was ended.
    #[error("the sign-in was cancelled")]
    Cancelled,
    /// Whoever was asked did not allow it.
    #[error("the sign-in was not allowed")]
    Denied,
    /// An answer came from another server than was asked.
    #[error("an answer that is not from {server}")]
    MixedUp {
        /// Which was asked.
        server: String,
    },
    /// The account is signed out.
    #[error("signed out at {server}")]
    NotSignedIn {
        /// Where.
        server: String,
    },
    /// No account is called so.
    #[error("no account {given}")]
    UnknownAccount {
        /// What was given.
        given: String,
    },
    /// There are several accounts, and one must be named.
    #[error("which of {} accounts?", accounts.len())]
    WhichAccount {
        /// Those that there are.
        accounts: Vec<String>,
    },
    /// No invitation is called so.
    #[error("no invitation {given}")]
    UnknownInvitation {
        /// What was given.
        given: String,
    },
    /// The invitation was answered already, here or elsewhere.
    #[error("answered already: {given}")]
    AlreadyAnswered {
        /// Which one.
        given: String,
    },
    /// The badge came from no account.
    #[error("{given} came from no account")]
    NoAward {
        /// Which one.
        given: String,
    },
    /// Something waits to be sent, and would be lost.
    #[error("{count} things wait to be sent")]
    Unsent {
        /// How many.
        count: usize,
    },
    /// No device is called so.
    #[error("no device {given}")]
    UnknownDevice {
        /// What was given.
        given: String,
    },
}

impl SyncError {
    pub(crate) fn strange(server: &str, why: &str) -> Self {
        Self::Strange { server: server.to_owned(), why: why.to_owned() }
    }

    pub(crate) fn refused(code: &str, message: &str) -> Self {
        let message = words::plain(message).take(300).collect();
        Self::Refused { server: String::new(), code: code.to_owned(), message, retry: false }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wallet(error) => error.code(),
            Self::Seal(error) => error.code(),
            Self::BadServer { .. } => "bad_server",
            Self::NoSatchel { .. } => "no_satchel",
            Self::Network(_) | Self::NoAnswer { .. } => "no_connection",
            Self::OtherAddress { .. } => "other_address",
            Self::Refused { .. } => "server_refused",
            Self::Strange { .. } => "server_strange",
            Self::NoLoopback { .. } => "no_loopback",
            Self::Cancelled => "cancelled",
            Self::Denied => "denied",
            Self::MixedUp { .. } => "mixed_up",
            Self::NotSignedIn { .. } => "signed_out",
            Self::UnknownAccount { .. } => "unknown_account",
            Self::WhichAccount { .. } => "which_account",
            Self::UnknownInvitation { .. } => "unknown_invitation",
            Self::AlreadyAnswered { .. } => "already_answered",
            Self::NoAward { .. } => "no_award",
            Self::Unsent { .. } => "unsent",
            Self::UnknownDevice { .. } => "unknown_device",
        }
    }

    /// Whether the same may work later, with nothing else changed.
    pub fn retry(&self) -> bool {
        match self {
            Self::Wallet(error) => error.retry(),
            // What will never work: an address that may not be asked.
            Self::Network(error) | Self::NoAnswer { error, .. } => !matches!(
                error,
                FetchError::BadUrl { .. }
                    | FetchError::SchemeRefused { .. }
                    | FetchError::UserInfoRefused { .. }
                    | FetchError::TooLarge { .. }
            ),
            Self::Refused { retry, .. } => *retry,
            // A proxy's page in the place of an answer goes away.
            Self::Strange { .. } => true,
            _ => false,
        }
    }

    /// Whether the server answered, as itself or by something in between.
    pub(crate) fn is_answer(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Strange { .. })
    }

    /// How long to wait at most before another try. What does not reach the server costs it nothing, and a network that is back should be noticed.
    pub(crate) fn patience(&self) -> Duration {
        match self {
            Self::Network(_) => UNREACHED,
            _ => Duration::MAX,
        }
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Wallet(error) => return error.message(language),
            Self::Seal(error) => return error.message(language),
            _ => {}
        }
        words::said(language, self.both(), &self.details(language))
    }

    fn details(&self, language: Language) -> Vec<String> {
        match self {
            Self::BadServer { given }
            | Self::UnknownAccount { given }
            | Self::UnknownInvitation { given }
            | Self::AlreadyAnswered { given }
            | Self::NoAward { given }
            | Self::UnknownDevice { given } => vec![given.clone()],
            Self::NoSatchel { server } | Self::MixedUp { server } | Self::NotSignedIn { server } => vec![server.clone()],
            Self::Network(error) => vec![error.message(language)],
            Self::NoAnswer { server, error } => vec![server.clone(), error.message(language)],
            Self::OtherAddress { server, own } => vec![server.clone(), own.clone()],
            Self::Refused { message, code, .. } => vec![message.clone(), code.clone()],
            Self::Strange { server, why } => vec![server.clone(), why.clone()],
            Self::NoLoopback { why } => vec![why.words(language).to_owned()],
            Self::WhichAccount { accounts } => vec![accounts.len().to_string(), accounts.join("; ")],
            Self::Unsent { count } => vec![count.to_string()],
            Self::Wallet(_) | Self::Seal(_) | Self::Cancelled | Self::Denied => Vec::new(),
        }
    }

    #[rustfmt::skip]
    fn both(&self) -> (&'static str, &'static str) {
        match self {
            // These have words of their own.
            Self::Wallet(_) | Self::Seal(_) => ("", ""),
            Self::BadServer { .. } => ("“{0}” names no server. It takes an address that begins with https://, or a link from an invitation.", "«{0}» non indica un server. Serve un indirizzo che cominci con https://, o il link di un invito."),
            Self::NoSatchel { .. } => ("There is no Satchel server at {0}. Look at the address, or ask whoever gave it to you.", "A {0} non c'è un server Satchel. Controlla l'indirizzo, o chiedi a chi te l'ha dato."),
            Self::Network(_) => ("The server could not be reached: {0}. What waits to be sent is kept here, and goes out once it is back.", "Il server non è raggiungibile: {0}. Ciò che attende di partire resta qui, e parte quando torna."),
            Self::NoAnswer { .. } => ("No answer from {0}: {1}. Look at the address, or try again later.", "Nessuna risposta da {0}: {1}. Controlla l'indirizzo, o riprova più tardi."),
            Self::OtherAddress { .. } => ("The server at {0} calls itself {1}. Nobody was signed in. If that is the server you mean, sign in at {1}.", "Il server a {0} si chiama {1}. L'accesso non è stato eseguito. Se è il server che intendi, accedi a {1}."),
            Self::Refused { .. } => ("The server says: {0} ({1})", "Il server dice: {0} ({1})"),
            Self::Strange { .. } => ("{0} answered something that is not understood here: {1}. Everything you did is kept; try again later.", "{0} ha risposto qualcosa che qui non si capisce: {1}. Tutto ciò che hai fatto è conservato; riprova più tardi."),
            Self::NoLoopback { .. } => ("This machine gives no port for the browser to come back to: {0}.", "Questa macchina non dà una porta a cui il browser possa tornare: {0}."),
            Self::Cancelled => ("The sign-in was cancelled. Nothing was changed.", "L'accesso è stato annullato. Nulla è stato modificato."),
            Self::Denied => ("The sign-in was not allowed in the browser. Nothing was changed.", "L'accesso non è stato consentito nel browser. Nulla è stato modificato."),
            Self::MixedUp { .. } => ("An answer came that is not from {0}, and it was not believed. Nothing was changed. Start the sign-in again; if this comes back, tell whoever runs the server.", "È arrivata una risposta che non viene da {0}, e non è stata creduta. Nulla è stato modificato. Riavvia l'accesso; se succede ancora, avvisa chi gestisce il server."),
            Self::NotSignedIn { .. } => ("You are signed out at {0}. Everything is kept, also what waits to be sent. Sign in again to go on.", "Non hai più accesso a {0}. Tutto è conservato, anche ciò che attende di partire. Accedi di nuovo per proseguire."),
            Self::UnknownAccount { .. } => ("No account here is called {0}.", "Nessun account qui si chiama {0}."),
            Self::WhichAccount { accounts } if accounts.is_empty() => ("There is no account here yet. Sign in at a server first: `satchel wallet login SERVER`, or the inbox of the window.", "Qui non c'è ancora alcun account. Prima accedi a un server: `satchel wallet login SERVER`, o la posta della finestra."),
            Self::WhichAccount { .. } => ("There are {0} accounts here: {1}. Say which one.", "Qui ci sono {0} account: {1}. Indica quale."),
            Self::UnknownInvitation { .. } => ("No invitation here is called {0}.", "Nessun invito qui si chiama {0}."),
            Self::AlreadyAnswered { .. } => ("The invitation {0} was answered already, or has ended.", "L'invito {0} ha già avuto risposta, o è terminato."),
            Self::NoAward { .. } => ("The badge {0} did not come from an account, so no page shows it.", "Il badge {0} non viene da un account, perciò nessuna pagina lo mostra."),
            Self::Unsent { .. } => ("{0} things that you did were not sent yet and would be lost. Sync first, or add `--lose`, which loses them.", "{0} cose che hai fatto non sono ancora partite e andrebbero perse. Prima sincronizza, o aggiungi `--lose`, che le perde."),
            Self::UnknownDevice { .. } => ("No device of this account is called {0}.", "Nessun dispositivo di questo account si chiama {0}."),
        }
    }
}
