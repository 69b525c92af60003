//! The words for every error, in every language: what happened, what was kept, and what to do. One table, so that an error without words does
//! not compile. `{0}`, `{1}` are filled from the error; text from outside goes in as text.

use satchel_badge::words::{self, Language};

use crate::WalletError;

impl WalletError {
    /// The words for a person.
    ///
    /// ```
    /// use satchel_badge::words::Language;
    /// use satchel_wallet::WalletError;
    /// let error = WalletError::UnknownId { given: String::from("abcdef") };
    /// assert_eq!(error.message(Language::English), "No badge here has the id abcdef.");
    /// ```
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Bake(line) => return line.message(language),
            Self::Seal(error) => return error.message(language),
            _ => {}
        }
        words::said(language, self.both(), &self.details(language))
    }

    fn details(&self, language: Language) -> Vec<String> {
        match self {
            Self::Missing { dir } => vec![dir.clone()],
            Self::Locked { holder } => vec![holder.clone()],
            Self::Newer { found, known } => vec![found.to_string(), known.to_string()],
            Self::Damaged { what } | Self::IndexDamaged { what } => vec![what.clone()],
            Self::Unusable { path, why } | Self::Unwritable { path, why } => vec![path.clone(), why.words(language).to_owned()],
            Self::BadId { given } | Self::UnknownId { given } | Self::BadIssuer { given } => vec![given.clone()],
            Self::AmbiguousId { given, count } => vec![given.clone(), count.to_string()],
            Self::PictureAway { url } => vec![url.clone()],
            Self::Exists { path } | Self::KeyMissing { path } => vec![path.clone()],
            Self::Failed(why) => vec![why.clone()],
            Self::Full | Self::NeedsImage | Self::NeedsPassphrase | Self::Seal(_) | Self::Bake(_) => Vec::new(),
        }
    }

    #[rustfmt::skip]
    fn both(&self) -> (&'static str, &'static str) {
        match self {
            Self::Missing { .. } => ("There is no wallet in {0}. The first badge that you keep makes one (`satchel wallet import`), and so does signing in at a server (`satchel wallet login`).", "Non c'è alcun portafoglio in {0}. Lo crea il primo badge che conservi (`satchel wallet import`), o l'accesso a un server (`satchel wallet login`)."),
            Self::Locked { .. } => ("The wallet is open in another program, {0}. Nothing was changed. Close that program and try again.", "Il portafoglio è aperto in un altro programma, {0}. Nulla è stato modificato. Chiudi quel programma e riprova."),
            Self::Newer { .. } => ("The wallet was made by a newer Satchel (version {0}; this one knows {1}). It was left as it is. Install the newer program.", "Il portafoglio è stato creato da un Satchel più recente (versione {0}; questo conosce la {1}). È rimasto com'era. Installa il programma più recente."),
            Self::Damaged { .. } => ("The wallet is damaged: {0}. Nothing was changed. Rebuilding saves what can be saved and keeps the damaged file.", "Il portafoglio è danneggiato: {0}. Nulla è stato modificato. La ricostruzione salva il salvabile e conserva il file danneggiato."),
            Self::IndexDamaged { .. } => ("The index of the wallet is damaged: {0}. No badge is lost. Rebuilding makes it anew.", "L'indice del portafoglio è danneggiato: {0}. Nessun badge è perduto. La ricostruzione lo rifà."),
            Self::Full => ("The disk is full. All that was said to be added is kept, and the rest is not. Make room and try again.", "Il disco è pieno. Tutto ciò che è stato indicato come aggiunto è conservato, il resto no. Libera spazio e riprova."),
            Self::Unusable { .. } => ("The wallet cannot be used: {0}: {1}. Nothing was changed. Look whether the folder is there and may be written by you.", "Il portafoglio non è utilizzabile: {0}: {1}. Nulla è stato modificato. Controlla che la cartella esista e che tu possa scriverci."),
            Self::BadId { .. } => ("“{0}” is no id. It takes six to 64 digits from 0 to 9 and a to f, as lists show them.", "«{0}» non è un id. Servono da 6 a 64 cifre da 0 a 9 e da a a f, come le mostrano gli elenchi."),
            Self::UnknownId { .. } => ("No badge here has the id {0}.", "Nessun badge ha qui l'id {0}."),
            Self::AmbiguousId { .. } => ("{1} badges have ids that begin with {0}. Give more digits.", "{1} badge hanno un id che comincia con {0}. Indica più cifre."),
            Self::BadIssuer { .. } => ("“{0}” cannot stand for an issuer. Give the identifier that its badges name, such as https://school.example or did:web:school.example.", "«{0}» non può indicare un ente. Indica l'identificativo che si legge nei suoi badge, come https://school.example o did:web:school.example."),
            Self::NeedsImage => ("A baked PNG needs a PNG picture, and this badge came without one. Nothing was written. Choose a picture for it.", "Un PNG con badge richiede un'immagine PNG, e questo badge è arrivato senza. Nulla è stato scritto. Scegli un'immagine."),
            Self::PictureAway { .. } => ("A baked PNG needs a picture, and that of this badge is at {0} and was not fetched yet. Nothing was written. Let it be fetched, or choose a picture.", "Un PNG con badge richiede un'immagine, e quella di questo badge è in {0} e non è ancora stata scaricata. Nulla è stato scritto. Lascia che venga scaricata, o scegli un'immagine."),
            Self::Exists { .. } => ("{0} is there already and was left as it is. Choose another name, or say that it may be replaced.", "{0} esiste già ed è rimasto com'era. Scegli un altro nome, o indica che può essere sostituito."),
            Self::Unwritable { .. } => ("{0} cannot be written: {1}. The wallet has all it had. Choose another place.", "Impossibile scrivere {0}: {1}. Il portafoglio ha tutto ciò che aveva. Scegli un altro posto."),
            Self::Failed(_) => ("The wallet could not do it: {0}. Nothing was changed. Try again, and rebuild the wallet if that does not help.", "Il portafoglio non ci è riuscito: {0}. Nulla è stato modificato. Riprova e, se non basta, ricostruisci il portafoglio."),
            Self::NeedsPassphrase => ("The wallet is locked. Its passphrase opens it: set SATCHEL_PASSPHRASE, or run this in a terminal to be asked for it.", "Il portafoglio è bloccato. Lo apre la sua frase segreta: imposta SATCHEL_PASSPHRASE, o esegui il comando in un terminale per inserirla."),
            Self::KeyMissing { .. } => ("The wallet is locked, and the file with its key is not there: {0}. Nothing was changed. Put it back from where it was moved or from a backup; without it nobody can open the wallet.", "Il portafoglio è bloccato e il file con la sua chiave non c'è: {0}. Nulla è stato modificato. Rimettilo al suo posto da dove è stato spostato o da una copia di sicurezza; senza, nessuno può aprire il portafoglio."),
            // These have words of their own.
            Self::Seal(_) | Self::Bake(_) => ("", ""),
        }
    }
}
