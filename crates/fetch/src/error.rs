//! Why a document could not be had: one closed list, each entry with a stable code. An answer that says "nothing is there" (404,
//! 410) is a document and never stands here.

use std::net::IpAddr;
use std::time::Duration;

use satchel_badge::cause::Cause;
use satchel_badge::words::{self, Language};
use thiserror::Error;

/// Why a document could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchError {
    /// The policy says to ask nobody.
    #[error("not asked, because this program was told to stay offline")]
    Offline,
    /// The text is no URL, or one without a host, or a DID that has no URL.
    #[error("{url:?} is no address of a document: {why}")]
    BadUrl {
        /// The text as given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// Only `https` is asked, and `http` where the policy allows it.
    #[error("{scheme}: addresses are not fetched")]
    SchemeRefused {
        /// The scheme.
        scheme: String,
    },
    /// The URL holds a user name or a password.
    #[error("the address on {host} holds a user name or a password, and those are not sent")]
    UserInfoRefused {
        /// The host.
        host: String,
    },
    /// The host stands, at least in part, for an address inside a network (security.md, S02).
    #[error("{host} stands for {address}, which is no public address")]
    AddressRefused {
        /// The host as named in the URL.
        host: String,
        /// The first of its addresses that is refused.
        address: IpAddr,
    },
    /// No address is known for the name.
    #[error("no address was found for {host}")]
    NameNotFound {
        /// The host.
        host: String,
    },
    /// The whole request, with its redirects and its body, took too long.
    #[error("no complete answer within {} ms", limit.as_millis())]
    Timeout {
        /// The time that was given.
        limit: Duration,
    },
    /// The body, decompressed, is too large.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The largest size.
        limit: usize,
    },
    /// One redirect after the other.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// The most that are followed.
        limit: usize,
    },
    /// A redirect that names no place, or more than one.
    #[error("{host} redirects (status {status}) without naming one place")]
    RedirectToNowhere {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// A redirect from `https` to `http`.
    #[error("a redirect leads from https to plain http on {host}")]
    RedirectToPlainHttp {
        /// The host it leads to.
        host: String,
    },
    /// An answer that neither brings the document nor says that there is none.
    #[error("{host} answered with status {status}")]
    Status {
        /// The host.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The body is compressed in a way that was not asked for, or damaged.
    #[error("the answer of {host} cannot be decompressed: {why}")]
    Encoding {
        /// The host.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// No secure connection: the certificate, or what was said instead of one.
    #[error("no secure connection to {host}: {why}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// The connection failed or broke.
    #[error("no connection to {host}, or it broke: {why}")]
    Connection {
        /// The host.
        host: String,
        /// What happened.
        why: Cause,
    },
    /// The run has fetched as much as it may.
    #[error("not asked, because this run has fetched as much as it may ({asked} documents asked for)")]
    Exhausted {
        /// How many documents were asked for.
        asked: usize,
    },
    /// The client could not be made.
    #[error("the network client could not be started: {why}")]
    Setup {
        /// What happened.
        why: String,
    },
    /// The client was taken down during the request.
    #[error("the request was broken off")]
    Stopped,
}

impl FetchError {
    /// The words for a person.
    ///
    /// ```
    /// use satchel_badge::words::Language;
    /// use satchel_fetch::FetchError;
    /// let error = FetchError::NameNotFound { host: String::from("badges.example") };
    /// assert_eq!(error.message(Language::Italian), "non è stato trovato alcun indirizzo per badges.example");
    /// ```
    pub fn message(&self, language: Language) -> String {
        let host = |host: &String| vec![host.clone()];
        let (italian, details) = match self {
            _ if language == Language::English => return self.to_string(),
            Self::Offline => ("non è stato chiesto a nessuno, perché il programma deve restare offline", Vec::new()),
            Self::BadUrl { url, .. } => ("«{0}» non è l'indirizzo di un documento", vec![url.clone()]),
            Self::SchemeRefused { scheme } => ("gli indirizzi {0}: non vengono scaricati", vec![scheme.clone()]),
            Self::UserInfoRefused { host: at } => {
                ("l'indirizzo su {0} contiene un nome utente o una password, che non vengono inviati", host(at))
            }
            Self::AddressRefused { host, address } => {
                ("{0} sta per {1}, che non è un indirizzo pubblico", vec![host.clone(), address.to_string()])
            }
            Self::NameNotFound { host: at } => ("non è stato trovato alcun indirizzo per {0}", host(at)),
            Self::Timeout { limit } => ("nessuna risposta completa entro {0} ms", vec![limit.as_millis().to_string()]),
            Self::TooLarge { limit } => ("la risposta supera {0} byte", vec![limit.to_string()]),
            Self::TooManyRedirects { limit } => ("più di {0} reindirizzamenti", vec![limit.to_string()]),
            Self::RedirectToNowhere { host, status } => {
                ("{0} reindirizza (stato {1}) senza indicare un solo posto", vec![host.clone(), status.to_string()])
            }
            Self::RedirectToPlainHttp { host: at } => ("un reindirizzamento porta da https a http su {0}", host(at)),
            Self::Status { host, status } => ("{0} ha risposto con lo stato {1}", vec![host.clone(), status.to_string()]),
            Self::Encoding { host: at, .. } => ("la risposta di {0} non può essere decompressa", host(at)),
            Self::Tls { host: at, .. } => ("nessuna connessione sicura con {0}: il certificato non va bene", host(at)),
            Self::Connection { host, why } => {
                ("nessuna connessione con {0}, o si è interrotta: {1}", vec![host.clone(), why.words(language).to_owned()])
            }
            Self::Exhausted { .. } => ("non è stato chiesto, perché è già stato scaricato tutto ciò che è ammesso", Vec::new()),
            Self::Setup { .. } => ("il client di rete non si è avviato", Vec::new()),
            Self::Stopped => ("la richiesta è stata interrotta", Vec::new()),
        };
        words::fill(italian, &details)
    }

    /// The words in every language.
    pub fn cause(&self) -> Cause {
        Cause::of((&self.to_string(), &self.message(Language::Italian)))
    }

    /// The stable name of the mistake.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::BadUrl { .. } => "bad_url",
            Self::SchemeRefused { .. } => "scheme_refused",
            Self::UserInfoRefused { .. } => "user_info_refused",
            Self::AddressRefused { .. } => "address_refused",
            Self::NameNotFound { .. } => "name_not_found",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::RedirectToNowhere { .. } => "redirect_to_nowhere",
            Self::RedirectToPlainHttp { .. } => "redirect_to_plain_http",
            Self::Status { .. } => "status",
            Self::Encoding { .. } => "encoding",
            Self::Tls { .. } => "tls",
            Self::Connection { .. } => "connection",
            Self::Exhausted { .. } => "exhausted",
            Self::Setup { .. } => "setup",
            Self::Stopped => "stopped",
        }
    }
}
