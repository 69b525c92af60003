//! What stops a command: one form for all of them, with a stable code and the words for a person. A badge that is not valid is no problem,
//! it is an answer.

use satchel_badge::words::Language;
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
    /// There is no wallet: its folder.
    NoWallet,
    /// Nothing says where the wallet is to be.
    NoFolder,
    /// Another program has the wallet: its folder and that program.
    WalletLocked,
    /// A newer Satchel made the wallet: its folder, its version, the newest known.
    WalletNewer,
    /// The wallet is damaged: its folder and what.
    WalletDamaged,
    /// The index is damaged and could not be made anew: the folder and why.
    IndexDamaged,
    /// The disk is full: the folder.
    DiskFull,
    /// The folder of the wallet cannot be used: the path and why.
    WalletUnusable,
    /// This is no id: what was given.
    BadId,
    /// No badge has this id.
    UnknownId,
    /// Several badges have it: what was given and how many.
    AmbiguousId,
    /// A baked PNG needs a picture.
    NeedsImage,
    /// There is a file already: its path.
    Exists,
    /// The database refused: the folder and why.
    WalletFailed,
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
            Self::NoWallet => "no_wallet",
            Self::NoFolder => "no_folder",
            Self::WalletLocked => "wallet_locked",
            Self::WalletNewer => "wallet_newer",
            Self::WalletDamaged => "wallet_damaged",
            Self::IndexDamaged => "index_damaged",
            Self::DiskFull => "disk_full",
            Self::WalletUnusable => "wallet_unusable",
            Self::BadId => "bad_id",
            Self::UnknownId => "unknown_id",
            Self::AmbiguousId => "ambiguous_id",
            Self::NeedsImage => "needs_image",
            Self::Exists => "exists",
            Self::WalletFailed => "wallet_failed",
            Self::OverInput => "over_input",
            Self::NotAPicture => "not_a_picture",
            Self::NotACredential => "not_a_credential",
            Self::BadSettings => "bad_settings",
            Self::ServerFailed => "server_failed",
            Self::AdminRefused => "admin_refused",
            Self::Refused => "refused",
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
            Self::NoWallet => ("there is no wallet in {0}; `satchel wallet import` makes one", "non c'è alcun portafoglio in {0}; `satchel wallet import` ne crea uno"),
            Self::NoFolder => ("nothing says where your data folder is; name one with --wallet DIR", "nulla dice dove sia la tua cartella dei dati; indicane una con --wallet DIR"),
            Self::WalletLocked => ("the wallet in {0} is open in {1}; close that program and try again", "il portafoglio in {0} è aperto in {1}; chiudi quel programma e riprova"),
            Self::WalletNewer => ("the wallet in {0} was made by a newer Satchel (version {1}; this one knows {2}); it was left as it is. Install the newer program", "il portafoglio in {0} è stato creato da un Satchel più recente (versione {1}; questo conosce la {2}); è rimasto com'era. Installa il programma più recente"),
            Self::WalletDamaged => ("the wallet in {0} is damaged: {1}. Nothing was changed; `satchel wallet rebuild` saves what can be saved and keeps the damaged file", "il portafoglio in {0} è danneggiato: {1}. Nulla è stato modificato; `satchel wallet rebuild` salva il salvabile e conserva il file danneggiato"),
            Self::IndexDamaged => ("the index of the wallet in {0} is damaged: {1}. No badge is lost; `satchel wallet rebuild` makes it anew", "l'indice del portafoglio in {0} è danneggiato: {1}. Nessun badge è perduto; `satchel wallet rebuild` lo rifà"),
            Self::DiskFull => ("the disk is full: {0}. All that was said to be added is kept; make room and try again", "il disco è pieno: {0}. Tutto ciò che è stato indicato come aggiunto è conservato; libera spazio e riprova"),
            Self::WalletUnusable => ("the wallet cannot be used: {0}: {1}", "il portafoglio non è utilizzabile: {0}: {1}"),
            Self::BadId => ("“{0}” is no id: it takes six to 64 digits from 0 to 9 and a to f, as `satchel wallet list` shows them", "«{0}» non è un id: servono da 6 a 64 cifre da 0 a 9 e da a a f, come le mostra `satchel wallet list`"),
            Self::UnknownId => ("no badge here has the id {0}", "nessun badge ha qui l'id {0}"),
            Self::AmbiguousId => ("{1} badges have ids that begin with {0}; give more digits", "{1} badge hanno un id che comincia con {0}; indica più cifre"),
            Self::NeedsImage => ("a baked PNG needs a PNG picture, and this badge came without one; give one with --image FILE", "un PNG con badge richiede un'immagine PNG, e questo badge è arrivato senza; indicane una con --image FILE"),
            Self::Exists => ("{0} is there already; --force writes over it", "{0} esiste già; --force lo sovrascrive"),
            Self::WalletFailed => ("the wallet in {0} could not do it: {1}", "il portafoglio in {0} non è riuscito: {1}"),
            Self::OverInput => ("{0} would be written over a file that is read or written here; choose another name", "{0} sostituirebbe un file che viene letto o scritto qui; scegli un altro nome"),
            Self::NotAPicture => ("{0} is not a PNG or SVG picture", "{0} non è un'immagine PNG o SVG"),
            Self::NotACredential => ("{0} holds no credential: it must be one badge as JSON, or a signed text (JWS)", "{0} non contiene una credenziale: deve essere un badge in JSON o un testo firmato (JWS)"),
            Self::BadSettings => ("the settings cannot be used: {0}", "le impostazioni non sono utilizzabili: {0}"),
            Self::ServerFailed => ("the server cannot go on: {0}", "il server non può continuare: {0}"),
            Self::AdminRefused => ("this is refused: {0}", "questo non è ammesso: {0}"),
            Self::Refused => ("{0}: {1}", "{0}: {1}"),
        };
        match language {
            Language::English => english,
            Language::Italian => italian,
        }
    }
}

/// A problem.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    details: Vec<String>,
    /// The finding that a refusal rests on, as its code.
    finding: Option<&'static str>,
    /// Whether the same may work later.
    retry: bool,
    json: bool,
}

impl Problem {
    /// A problem, with what fills the gaps in its words.
    pub fn new(kind: Kind, details: impl IntoIterator<Item = String>) -> Self {
        Self { kind, details: details.into_iter().collect(), finding: None, retry: false, json: false }
    }

    /// A refusal because of what was found in a file.
    pub fn refused(path: &str, line: &satchel_badge::report::Line, language: Language) -> Self {
        let details = vec![path.to_owned(), line.message(language)];
        Self { kind: Kind::Refused, details, finding: Some(line.code.name()), retry: false, json: false }
    }

    /// The same, to be printed as JSON when `json`.
    #[must_use]
    pub fn in_json(self, json: bool) -> Self {
        Self { json, ..self }
    }

    /// The same, when it may work later.
    #[must_use]
    pub fn with_retry(self, retry: bool) -> Self {
        Self { retry, ..self }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.finding.unwrap_or(self.kind.code())
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        satchel_badge::words::fill(self.kind.words(language), &self.details)
    }

    /// The exit status.
    pub fn status(&self) -> Status {
        match self.kind {
            Kind::Refused
            | Kind::AdminRefused
            | Kind::NotAPicture
            | Kind::NotACredential
            | Kind::UnknownId
            | Kind::AmbiguousId
            | Kind::NeedsImage
            | Kind::Exists => Status::Refused,
            Kind::BadHost | Kind::OverInput | Kind::BadId | Kind::BadSettings => Status::Usage,
            _ => Status::Problem,
        }
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
