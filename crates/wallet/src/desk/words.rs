//! The words for every error of a desk, in every language: what happened, what was kept, and what to do. `{0}`, `{1}` are filled from the
//! error; text from outside goes in as text.

use satchel_badge::words::{self, Language};
use satchel_protocol::achievement::Why as Said;

use super::{DeskError, NoRule, Why, Wrong};
use crate::WalletError;

const fn pick(language: Language, (english, italian): (&'static str, &'static str)) -> &'static str {
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
}

impl DeskError {
    /// The words for a person.
    ///
    /// ```
    /// use satchel_badge::words::Language;
    /// use satchel_wallet::desk::DeskError;
    /// let error = DeskError::UnknownBadge { slug: String::from("welding") };
    /// assert_eq!(error.message(Language::English), "No badge here is called welding. `desk badge --file` makes one.");
    /// ```
    pub fn message(&self, language: Language) -> String {
        let mut message = words::fill(pick(language, self.both()), &self.details(language));
        if let Self::BadBadge { faults, .. } = self {
            for fault in faults {
                message += "\n  ";
                message += &fault.message(language);
            }
        }
        message
    }

    fn details(&self, language: Language) -> Vec<String> {
        match self {
            Self::Missing { dir } | Self::Exists { dir } => vec![dir.clone()],
            Self::Store(WalletError::Locked { holder }) => vec![holder.clone()],
            Self::Store(WalletError::Newer { found, known }) => vec![found.to_string(), known.to_string()],
            Self::Store(WalletError::Damaged { what }) => vec![what.clone()],
            Self::Store(WalletError::Unusable { path, why }) => vec![path.clone(), why.words(language).to_owned()],
            Self::Store(error) => vec![error.message(language)],
            Self::Seal(error) => vec![error.message(language)],
            Self::Behind { size } => vec![size.to_string()],
            Self::Signing(why) => vec![why.clone()],
            Self::BadOption(wrong) => vec![wrong.message(language)],
            Self::BadRecipients { path, wrong } => vec![path.clone(), wrong.message(language)],
            Self::BadBadge { path, .. } | Self::NotEmpty { path } => vec![path.clone()],
            Self::BadgeExists { slug } | Self::UnknownBadge { slug } | Self::BrokenOff { slug } => vec![slug.clone()],
            Self::BadForm { path, why } => vec![path.clone(), why.clone()],
            Self::Unreadable { path, why } | Self::Unwritable { path, why } => {
                vec![path.clone(), why.words(language).to_owned()]
            }
            Self::OtherServer { known } => vec![known.clone()],
            Self::UnknownAward { id } | Self::UnknownProposal { id } | Self::UnknownRequest { id } => vec![id.clone()],
            Self::UnknownStaff { email } => vec![email.clone()],
            Self::Network(error) => vec![error.message(language)],
            Self::Refused { code, .. } if code == "not_the_app" => vec![code.clone()],
            Self::Refused { code, message, .. } => vec![message.clone(), code.clone()],
            Self::NothingToResume | Self::NoServer => Vec::new(),
        }
    }

    #[rustfmt::skip]
    fn both(&self) -> (&'static str, &'static str) {
        match self {
            Self::Missing { .. } => ("There is no desk in {0}. `desk new --name` makes one.", "Non c'è alcun banco in {0}. `desk new --name` ne crea uno."),
            Self::Exists { .. } => ("There is a desk in {0} already, and it was left as it is. Choose another folder with --desk.", "In {0} c'è già un banco, ed è rimasto com'era. Scegli un'altra cartella con --desk."),
            Self::Store(WalletError::Locked { .. }) => ("The desk is open in another program, {0}. Nothing was changed. Close that program and try again.", "Il banco è aperto in un altro programma, {0}. Nulla è stato modificato. Chiudi quel programma e riprova."),
            Self::Store(WalletError::Newer { .. }) => ("The desk was made by a newer Satchel (version {0}; this one knows {1}). It was left as it is. Install the newer program.", "Il banco è stato creato da un Satchel più recente (versione {0}; questo conosce la {1}). È rimasto com'era. Installa il programma più recente."),
            Self::Store(WalletError::Damaged { .. }) => ("The desk is damaged: {0}. Nothing was changed. Take the folder back from a backup.", "Il banco è danneggiato: {0}. Nulla è stato modificato. Riprendi la cartella da una copia di sicurezza."),
            Self::Store(WalletError::Unusable { .. }) => ("The desk cannot be used: {0}: {1}. Nothing was changed. Look whether the folder is there and may be written by you.", "Il banco non è utilizzabile: {0}: {1}. Nulla è stato modificato. Controlla che la cartella esista e che tu possa scriverci."),
            Self::Store(WalletError::Full) => ("The disk is full. What was said to be signed is kept, and the rest was not signed. Make room and go on with --resume.", "Il disco è pieno. Ciò che è stato indicato come firmato è conservato, il resto non è stato firmato. Libera spazio e prosegui con --resume."),
            // It has words of its own.
            Self::Seal(_) => ("{0}", "{0}"),
            Self::Store(_) => ("The desk could not do it: {0}", "Il banco non ci è riuscito: {0}"),
            Self::BadOption(_) => ("This cannot be done. {0}.", "Questo non si può fare. {0}."),
            Self::BadBadge { .. } => ("{0} is no badge that can be awarded:", "{0} non è un badge che si possa assegnare:"),
            Self::BadgeExists { .. } => ("There is a badge {0} that says something else, and awards of it may be out. Choose another name with \"slug\".", "C'è già un badge {0} che dice altro, e potrebbe essere stato assegnato. Scegli un altro nome con \"slug\"."),
            Self::UnknownBadge { .. } => ("No badge here is called {0}. `desk badge --file` makes one.", "Nessun badge qui si chiama {0}. `desk badge --file` ne crea uno."),
            Self::BadRecipients { .. } => ("{0} cannot be read as a table of recipients: {1}. Nothing was signed.", "{0} non è leggibile come tabella di destinatari: {1}. Nulla è stato firmato."),
            Self::BrokenOff { .. } => ("The award of {0} to this table was broken off. Finish it with --resume.", "L'assegnazione di {0} a questa tabella è stata interrotta. Completala con --resume."),
            Self::NothingToResume => ("There is nothing to go on with: no award of this badge with exactly this file was begun.", "Non c'è nulla da proseguire: nessuna assegnazione di questo badge con esattamente questo file è stata iniziata."),
            Self::NotEmpty { .. } => ("{0} is not empty, and nothing was signed. Name a new folder with --out.", "{0} non è vuota, e nulla è stato firmato. Indica una nuova cartella con --out."),
            Self::BadForm { .. } => ("{0} has no questions of a form: {1}.", "{0} non contiene domande di un modulo: {1}."),
            Self::Unreadable { .. } => ("{0} cannot be read: {1}.", "{0} non è leggibile: {1}."),
            Self::Unwritable { .. } => ("{0} cannot be written: {1}. What was signed is kept; go on with --resume.", "Impossibile scrivere {0}: {1}. Ciò che è stato firmato è conservato; prosegui con --resume."),
            Self::OtherServer { .. } => ("This desk publishes on {0}, and its badges say so. Another server needs another desk.", "Questo banco pubblica su {0}, e i suoi badge lo indicano. Un altro server richiede un altro banco."),
            Self::NoServer => ("This desk has no server yet. Name one with --server, when you award, publish or list a badge.", "Questo banco non ha ancora un server. Indicalo con --server quando assegni, pubblichi o elenchi un badge."),
            Self::UnknownAward { .. } => ("No award of this desk has the id {0}.", "Nessun badge assegnato da questo banco ha l'id {0}."),
            Self::UnknownProposal { .. } => ("No proposal with the id {0} waits. `desk proposals` lists those that do.", "Nessuna proposta con l'id {0} è in attesa. `desk proposals` elenca quelle in attesa."),
            Self::UnknownStaff { .. } => ("Nobody acts for this issuer with {0} as main address, and nobody with it was asked to. `desk staff` lists who.", "Nessuno opera per questo ente con {0} come indirizzo principale, e a nessuno con esso è stato chiesto. `desk staff` li elenca."),
            Self::UnknownRequest { .. } => ("No request with the id {0} awaits a signature: nobody approved it, it was signed already, or it is gone. Nothing was signed. `desk requests` lists those that do.", "Nessuna richiesta con l'id {0} attende una firma: nessuno l'ha approvata, è già stata firmata o non c'è più. Nulla è stato firmato. `desk requests` elenca quelle in attesa."),
            Self::Behind { .. } => ("Another copy of this desk has published a log of {0} awards that is not the one here: this copy is a backup or was copied. What was revoked there was taken over, and no new award was uploaded. Go on with that copy, or have this one go on with `desk publish --take-over`.", "Un'altra copia di questo banco ha pubblicato un registro di {0} badge che non è quello presente qui: questa copia viene da una copia di sicurezza o è stata duplicata. Le revoche fatte là sono state riprese, e nessun nuovo badge è stato caricato. Prosegui con quella copia, o fai proseguire questa con `desk publish --take-over`."),
            Self::Signing(_) => ("Nothing was signed: {0}.", "Nulla è stato firmato: {0}."),
            Self::Network(_) => ("The server could not be asked: {0}. What was uploaded is noted, and nothing is lost. Try again.", "Non è stato possibile interpellare il server: {0}. Ciò che è stato caricato è annotato, e nulla è perduto. Riprova."),
            Self::Refused { code, .. } if code == "not_the_app" => ("This server belongs to an app on this machine, which alone may upload to it; its address changes with each start, so no badge could name it. Publish on a server of its own: `satchel serve`. [{0}]", "Questo server appartiene a un'app su questa macchina, che è l'unica a potervi caricare; il suo indirizzo cambia a ogni avvio, quindi nessun badge potrebbe indicarlo. Pubblica su un server a sé: `satchel serve`. [{0}]"),
            Self::Refused { .. } => ("The server refused: {0} [{1}]", "Il server ha rifiutato: {0} [{1}]"),
        }
    }
}

impl NoRule {
    /// The words for a person.
    #[rustfmt::skip]
    pub const fn message(self, language: Language) -> &'static str {
        pick(language, match self {
            Self::Unsigned => ("it carries no signature, so no rule signs for it", "non porta una firma, quindi nessuna regola firma per essa"),
            Self::BadSignature => ("its signature is not right", "la sua firma non è corretta"),
            Self::NoRule => ("no rule names its key and this badge", "nessuna regola indica la sua chiave e questo badge"),
            Self::ForgedRule => ("the rule was not made with the issuer's key", "la regola non è stata creata con la chiave dell'ente"),
            Self::Stale => ("its signature is too old, or from the future", "la sua firma è troppo vecchia, o viene dal futuro"),
            Self::SeenBefore => ("the same signature was decided on before", "sulla stessa firma si è già deciso"),
            Self::Limit => ("as many as the rule allows were signed today", "oggi è già stato firmato quanto la regola consente"),
        })
    }
}

impl Wrong {
    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        let words = pick(language, self.why.both());
        if self.about.is_empty() {
            words.to_owned()
        } else {
            words::fill(&format!("{{0}}: {words}"), std::slice::from_ref(&self.about))
        }
    }
}

impl Why {
    /// The stable code.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => Said::Missing.name(),
            Self::WrongType => Said::WrongType.name(),
            Self::Unknown => Said::Unknown.name(),
            Self::TooLong => Said::TooLong.name(),
            Self::ControlCharacters => Said::ControlCharacters.name(),
            Self::NotAnUrl => Said::NotAnUrl.name(),
            Self::NotATag => Said::NotATag.name(),
            Self::NotAnAddress => "not_an_address",
            Self::NotADate => "not_a_date",
            Self::InFuture => "in_future",
            Self::InPast => "in_past",
            Self::BeforeStart => "before_start",
            Self::NotALanguage => "not_a_language",
            Self::NotATable => "not_a_table",
            Self::NoHead => "no_column_names",
            Self::NoFile => "no_such_file",
            Self::TextInPicture => "text_in_picture",
            Self::NotAPicture => "not_a_picture",
            Self::NotJson => "not_json",
            Self::NotADomain => "not_a_domain",
            Self::NotAKey => "not_a_key",
            Self::InTheWay => "in_the_way",
            Self::NotASlug => "not_a_slug",
            Self::NotUtf8 => "not_utf8",
            Self::WrongColumns => "wrong_columns",
            Self::Twice => "twice_in_file",
            Self::Repeated => "repeated",
            Self::OpenQuote => "open_quote",
            Self::TooLarge => "too_large",
        }
    }

    #[rustfmt::skip]
    const fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => Said::Missing.both(),
            Self::WrongType => Said::WrongType.both(),
            Self::Unknown => Said::Unknown.both(),
            Self::TooLong => Said::TooLong.both(),
            Self::ControlCharacters => Said::ControlCharacters.both(),
            Self::NotAnUrl => Said::NotAnUrl.both(),
            Self::NotATag => Said::NotATag.both(),
            Self::NotAnAddress => ("it is no e-mail address like name@example.org", "non è un indirizzo e-mail come nome@example.org"),
            Self::NotADate => ("it is no date like 2026-11-24, or 2026-11-24T12:00:00Z", "non è una data come 2026-11-24, o 2026-11-24T12:00:00Z"),
            Self::InFuture => ("it lies in the future", "è nel futuro"),
            Self::InPast => ("it lies in the past", "è nel passato"),
            Self::BeforeStart => ("it comes before the day of issue", "viene prima del giorno di rilascio"),
            Self::NotALanguage => ("it is no language of the mails: en or it", "non è una lingua delle e-mail: en o it"),
            Self::NotATable => ("it is no table of text; save it as “CSV UTF-8”", "non è una tabella di testo; salvala come «CSV UTF-8»"),
            Self::NoHead => ("its first line names no column; it must say which is which: email, and if you like name, issued_on, expires, evidence_url, narrative, language", "la prima riga non nomina alcuna colonna; deve dire quale è quale: email e, se vuoi, name, issued_on, expires, evidence_url, narrative, language"),
            Self::NoFile => ("there is no such file beside the badge’s", "non c'è un file con questo nome accanto a quello del badge"),
            Self::TextInPicture => ("it has letters, and no font is used here to draw them; turn them into paths (“Object to Path”), or save the picture as PNG", "contiene lettere, e qui nessun carattere viene usato per disegnarle; trasformale in tracciati, o salva l'immagine come PNG"),
            Self::NotAPicture => ("it is no picture that can be drawn (PNG, SVG, JPEG, WebP or GIF)", "non è un'immagine disegnabile (PNG, SVG, JPEG, WebP o GIF)"),
            Self::NotJson => ("it is no JSON", "non è JSON"),
            Self::InTheWay => ("there is a file of this name, and it was left as it is", "c'è già un file con questo nome, ed è rimasto com'era"),
            Self::NotAKey => ("it is no Ed25519 key like did:key:z6Mk…", "non è una chiave Ed25519 come did:key:z6Mk…"),
            Self::NotADomain => ("it is no domain like example.org", "non è un dominio come example.org"),
            Self::NotASlug => ("small letters a to z, digits and hyphens, 64 at most", "solo lettere minuscole da a a z, cifre e trattini, al massimo 64"),
            Self::NotUtf8 => ("it is not UTF-8; save the table as “CSV UTF-8”", "non è UTF-8; salva la tabella come «CSV UTF-8»"),
            Self::WrongColumns => ("it has too few or too many cells", "ha troppe o troppo poche celle"),
            Self::Twice => ("it is there twice", "compare due volte"),
            Self::Repeated => ("this person has this badge already", "questa persona ha già questo badge"),
            Self::OpenQuote => ("a quotation mark is opened and not closed", "una virgoletta è aperta e non chiusa"),
            Self::TooLarge => ("it is larger than it may be", "è più grande del consentito"),
        }
    }
}
