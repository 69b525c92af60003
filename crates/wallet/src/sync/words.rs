//! The words of what the owner is told.

use satchel_badge::words::{Language, said};

use super::plan::Notice;

impl Notice {
    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        let (details, english, italian) = self.both();
        said(language, (english, italian), &details)
    }

    #[rustfmt::skip]
    fn both(&self) -> (Vec<String>, &'static str, &'static str) {
        match self {
            Self::Ended { name, state } => {
                let (english, italian) = match state.as_str() {
                    "withdrawn" => ("“{0}”: the issuer took the invitation back.", "«{0}»: l'ente ha ritirato l'invito."),
                    "expired" => ("“{0}”: the time to accept it has run out.", "«{0}»: il tempo per accettarlo è scaduto."),
                    _ => ("“{0}”: the invitation is there no longer.", "«{0}»: l'invito non c'è più."),
                };
                (vec![name.clone()], english, italian)
            }
            Self::Revoked { name, .. } => (vec![name.clone()], "“{0}”: the issuer has revoked it. It stays in your wallet.", "«{0}»: l'ente lo ha revocato. Resta nel tuo portafoglio."),
            Self::Succeeded { name, .. } => (vec![name.clone()], "“{0}”: the key of its issuer has passed to the one that the badge announced as its next. Its report says more.", "«{0}»: la chiave del suo ente è passata a quella che il badge annunciava come prossima. Il suo rapporto dice di più."),
            Self::Gone { name, .. } => (vec![name.clone()], "“{0}”: the server has it no longer. It stays in your wallet.", "«{0}»: il server non ce l'ha più. Resta nel tuo portafoglio."),
            Self::Refused { name: Some(name), message, code, .. } => (vec![name.clone(), message.clone(), code.clone()], "“{0}”: the server did not do what you asked for: {1} ({2})", "«{0}»: il server non ha fatto ciò che hai chiesto: {1} ({2})"),
            Self::Refused { name: None, message, code, .. } => (vec![message.clone(), code.clone()], "The server did not do what you asked for: {0} ({1})", "Il server non ha fatto ciò che hai chiesto: {0} ({1})"),
            Self::Restored => (Vec::new(), "The server was put back to an earlier state. Nothing is lost here, and what it forgot of your answers was sent again.", "Il server è stato riportato a uno stato precedente. Qui nulla è perduto, e le risposte che aveva dimenticato sono ripartite."),
            Self::Unreadable { name, .. } => (vec![name.clone()], "“{0}”: what the server sent is no badge that can be kept.", "«{0}»: ciò che il server ha mandato non è un badge conservabile."),
        }
    }
}
