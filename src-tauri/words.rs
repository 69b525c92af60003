//! The words of the native side in each language: menus, questions, what was saved, and problems that nobody else has words for. The words of a
//! report are those of `satchel_badge`, the words of the window are in `ui/src/words`.

use satchel_badge::code::CheckId;
use satchel_badge::evidence::Origin;
use satchel_badge::words::Language;

/// One of two.
pub const fn pick(language: Language, english: &'static str, italian: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
}

/// Something that the native side says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    // menus
    MenuFile,
    MenuEdit,
    MenuView,
    MenuHelp,
    AddFiles,
    AddFolder,
    Paste,
    LockWallet,
    Settings,
    Quit,
    Backpack,
    Verify,
    Search,
    HelpPage,
    // dialogs
    ChooseFiles,
    ChooseFolder,
    ChooseWallet,
    ChooseExport,
    ChooseFolderFor,
    ChoosePicture,
    SaveAs,
    BadgeFiles,
    Pictures,
    EraseTitle,
    Erase,
    Cancel,
    // what the wallet says when it is opened
    SettingsSetAside,
    DamagedKept,
    LostBadge,
    // history
    Added,
    IssuedEvent,
    Expired,
    Removed,
    Fetched,
    // hints
    HintConnect,
    // recipients
    BoundToAddress,
    BoundToHolder,
    BoundToNobody,
    // what the desktop tells
    Invited,
    InvitedBy,
    InvitedSeveral,
    // names
    Pasted,
    Report,
    BadgesFolder,
    // problems
    NoHome,
    UnknownOffer,
    UnknownInspection,
    StillRunning,
    Offline,
    BadLink,
    NotSavedHere,
    NoOpener,
    NoPicture,
    BadUrl,
    Unfetchable,
    NoNetwork,
    TooMuchText,
    TooMuchUnpacked,
    NothingInText,
    SettingsNotSaved,
    Unwritable,
    OverInput,
    WalletGone,
    Shut,
    TypePassphrase,
    OtherPassphrase,
    NoKeyring,
    NoServer,
    Stopped,
}

/// The words; `{0}` and `{1}` are gaps.
#[rustfmt::skip]
pub const fn of(word: Word, language: Language) -> &'static str {
    let (english, italian) = match word {
        Word::MenuFile => ("&File", "&File"),
        Word::MenuEdit => ("&Edit", "&Modifica"),
        Word::MenuView => ("&View", "&Vista"),
        Word::MenuHelp => ("&Help", "&Aiuto"),
        Word::AddFiles => ("Add files…", "Aggiungi file…"),
        Word::AddFolder => ("Add a folder…", "Aggiungi una cartella…"),
        Word::Paste => ("Paste a badge", "Incolla un badge"),
        Word::LockWallet => ("Lock the wallet", "Blocca il portafoglio"),
        Word::Settings => ("Settings", "Impostazioni"),
        Word::Quit => ("Quit", "Esci"),
        Word::Backpack => ("Backpack", "Zaino"),
        Word::Verify => ("Verify", "Verifica"),
        Word::Search => ("Search", "Cerca"),
        Word::HelpPage => ("Satchel help", "Guida di Satchel"),
        Word::ChooseFiles => ("Choose badges", "Scegli i badge"),
        Word::ChooseFolder => ("Choose a folder with badges", "Scegli una cartella con badge"),
        Word::ChooseWallet => ("Choose the folder of the wallet", "Scegli la cartella del portafoglio"),
        Word::ChooseExport => ("Choose a folder for everything", "Scegli una cartella per tutto"),
        Word::ChooseFolderFor => ("Choose where the folder of badges is to lie", "Scegli dove mettere la cartella dei badge"),
        Word::ChoosePicture => ("Choose a picture of a QR code", "Scegli l'immagine di un codice QR"),
        Word::Pictures => ("Pictures", "Immagini"),
        Word::Invited => ("“{0}” waits for your answer", "«{0}» attende la tua risposta"),
        Word::InvitedBy => ("An invitation from {0}.", "Un invito da {0}."),
        Word::InvitedSeveral => ("{0} invitations wait for your answer", "{0} inviti attendono la tua risposta"),
        Word::SaveAs => ("Save", "Salva"),
        Word::BadgeFiles => ("Badges", "Badge"),
        Word::EraseTitle => ("Erase for good?", "Cancellare per sempre?"),
        Word::Erase => ("Erase", "Cancella"),
        Word::Cancel => ("Cancel", "Annulla"),
        Word::SettingsSetAside => ("Your settings could not be read and are as they were at first. The file was kept as {0}.", "Le impostazioni non erano leggibili e sono tornate quelle iniziali. Il file è stato conservato come {0}."),
        Word::DamagedKept => ("The damaged wallet was kept as {0}.", "Il portafoglio danneggiato è stato conservato come {0}."),
        Word::LostBadge => ("Lost: {0}. Add it again if you still have the file.", "Perduto: {0}. Aggiungilo di nuovo se hai ancora il file."),
        Word::Pasted => ("Pasted text", "Testo incollato"),
        Word::Report => ("Satchel report", "Rapporto Satchel"),
        Word::BadgesFolder => ("Satchel badges", "Badge di Satchel"),
        Word::Added => ("Added to your backpack, from {0}", "Aggiunto allo zaino, da {0}"),
        Word::IssuedEvent => ("Issued", "Emesso"),
        Word::Expired => ("Expired", "Scaduto"),
        Word::Removed => ("Moved to the bin", "Spostato nel cestino"),
        Word::Fetched => ("Answered by {0}", "Risposta da {0}"),
        Word::HintConnect => ("Connect once to ask {0}.", "Collegati una volta per chiedere a {0}."),
        Word::BoundToAddress => ("Held by whoever controls an e-mail address, which the badge names only by its hash.", "Appartiene a chi controlla un indirizzo e-mail, che il badge indica solo con il suo hash."),
        Word::BoundToHolder => ("Held by whoever controls {0}.", "Appartiene a chi controlla {0}."),
        Word::BoundToNobody => ("The badge does not say to whom it was given.", "Il badge non dice a chi è stato conferito."),
        Word::NoHome => ("Your system does not say where your files belong ({0}). Nothing was done; set HOME and start Satchel again.", "Il sistema non dice dove stanno i tuoi file ({0}). Non è stato fatto nulla; imposta HOME e riavvia Satchel."),
        Word::UnknownOffer => ("These files were handed in before Satchel was started again. Choose them once more.", "Questi file erano stati consegnati prima del riavvio di Satchel. Sceglili di nuovo."),
        Word::UnknownInspection => ("What was checked is not at hand any more. Check the files again.", "Ciò che è stato verificato non è più disponibile. Verifica di nuovo i file."),
        Word::StillRunning => ("The files are still being checked. Wait for the end, or cancel first.", "La verifica dei file è ancora in corso. Attendi la fine, oppure annulla."),
        Word::Offline => ("Your settings say never to ask anybody. Nobody was asked; change this under Settings, Network.", "Le impostazioni dicono di non chiedere mai a nessuno. Non è stato chiesto a nessuno; puoi cambiarlo in Impostazioni, Rete."),
        Word::BadLink => ("Satchel opens web pages and mail addresses only, and this is neither: {0}", "Satchel apre solo pagine web e indirizzi e-mail, e questo non lo è: {0}"),
        Word::NotSavedHere => ("Satchel shows only files that it has just saved.", "Satchel mostra solo i file che ha appena salvato."),
        Word::NoOpener => ("Your system could not open it: {0}", "Il sistema non è riuscito ad aprirlo: {0}"),
        Word::NoPicture => ("The picture could not be fetched: {0}.", "Non è stato possibile scaricare l'immagine: {0}."),
        Word::BadUrl => ("This is no web address: {0}", "Questo non è un indirizzo web: {0}"),
        Word::Unfetchable => ("{0} could not be fetched: {1}. Nothing was kept.", "{0} non è stato scaricato: {1}. Non è stato conservato nulla."),
        Word::NoNetwork => ("The network cannot be used: {0}", "La rete non è utilizzabile: {0}"),
        Word::TooMuchText => ("The text is longer than {0} MB, more than any badge. Nothing was kept.", "Il testo supera {0} MB, più di qualsiasi badge. Non è stato conservato nulla."),
        Word::TooMuchUnpacked => ("the archive holds more than is unpacked at once", "l'archivio contiene più di quanto se ne estragga in una volta"),
        Word::NothingInText => ("There is no text to read.", "Non c'è testo da leggere."),
        Word::SettingsNotSaved => ("Your settings are in force, but could not be written to {0}: {1}. They will be lost when you close Satchel.", "Le impostazioni sono attive, ma non è stato possibile scriverle in {0}: {1}. Andranno perse alla chiusura."),
        Word::Unwritable => ("{0} cannot be written: {1}. Your badges are as they were.", "{0} non può essere scritto: {1}. I tuoi badge sono come prima."),
        Word::OverInput => ("{0} is one of the files that the report speaks of. It was left as it is; choose another name.", "{0} è uno dei file di cui parla il rapporto. È rimasto com'era; scegli un altro nome."),
        Word::TypePassphrase => ("Its passphrase opens it. Nothing is shown before.", "Lo apre la sua frase segreta. Prima non viene mostrato nulla."),
        Word::OtherPassphrase => ("This is not its passphrase. Nothing was changed; try again.", "Non è la sua frase segreta. Non è stato modificato nulla; riprova."),
        Word::NoKeyring => ("This computer has no keyring that could keep a key. Choose a passphrase instead.", "Questo computer non ha un portachiavi che possa custodire una chiave. Scegli invece una frase segreta."),
        Word::Shut => ("You have locked the wallet. Your keyring opens it.", "Hai bloccato il portafoglio. Lo apre il tuo portachiavi."),
        Word::WalletGone => ("The folder {0} is not there, or holds no wallet any more. Nothing was changed, and no new wallet was made in its place. If it lies on a disk that can be taken out, connect that and try again; or use another folder.", "La cartella {0} non c'è, o non contiene più un portafoglio. Non è stato modificato nulla, e non ne è stato creato uno nuovo al suo posto. Se si trova su un disco rimovibile, collegalo e riprova; oppure usa un'altra cartella."),
        Word::NoServer => ("The server on this computer could not be started: {0}. Your badges are as they were.", "Il server su questo computer non si è avviato: {0}. I tuoi badge sono com'erano."),
        Word::Stopped => ("Satchel stopped in the middle of this, which should never happen. What was said to be kept is kept; try again.", "Satchel si è interrotto a metà, cosa che non dovrebbe mai succedere. Ciò che risultava conservato lo è; riprova."),
    };
    pick(language, english, italian)
}

/// The words with their gaps filled.
pub fn filled(word: Word, language: Language, details: &[String]) -> String {
    satchel_badge::words::fill(of(word, language), details)
}

/// What is asked before badges are erased.
pub fn erase_question(count: usize, language: Language) -> String {
    match (count, language) {
        (1, Language::English) => {
            "This badge, what it rests on and its picture will be erased from this computer. This cannot be undone.".to_owned()
        }
        (1, Language::Italian) => {
            "Questo badge, ciò su cui si basa e la sua immagine saranno cancellati da questo computer. Non si può annullare."
                .to_owned()
        }
        (count, Language::English) => {
            format!(
                "{count} badges, what they rest on and their pictures will be erased from this computer. This cannot be undone."
            )
        }
        (count, Language::Italian) => {
            format!(
                "{count} badge, ciò su cui si basano e le loro immagini saranno cancellati da questo computer. Non si può annullare."
            )
        }
    }
}

/// The name of a check.
pub const fn check(check: CheckId, language: Language) -> &'static str {
    let (english, italian) = match check {
        CheckId::Container => ("File", "File"),
        CheckId::Schema => ("Form", "Forma"),
        CheckId::SafeMode => ("Meaning", "Significato"),
        CheckId::Issuer => ("Issuer", "Ente"),
        CheckId::Proof => ("Signature", "Firma"),
        CheckId::Status => ("Revocation", "Revoca"),
        CheckId::Validity => ("Dates", "Date"),
        CheckId::Recipient => ("Holder", "Titolare"),
        CheckId::Bundle => ("What it bundles", "Contenuti"),
        CheckId::Endorsement => ("Endorsements", "Attestazioni"),
        CheckId::Trust => ("Trust", "Fiducia"),
    };
    pick(language, english, italian)
}

/// Where a document came from.
pub const fn origin(origin: Origin, language: Language) -> &'static str {
    let (english, italian) = match origin {
        Origin::Fetched => ("fetched by Satchel", "scaricato da Satchel"),
        Origin::Redirected => {
            ("fetched by Satchel, from another host than named", "scaricato da Satchel, da un host diverso da quello indicato")
        }
        Origin::Given => ("given by you", "fornito da te"),
        Origin::Brought => {
            ("brought along with a badge, so it proves nothing", "arrivato insieme a un badge, quindi non prova nulla")
        }
    };
    pick(language, english, italian)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_of_one_language_is_a_gap_of_the_other() {
        let gaps = |text: &str| text.matches('{').count();
        for word in [
            Word::SettingsSetAside,
            Word::Added,
            Word::Unfetchable,
            Word::SettingsNotSaved,
            Word::Unwritable,
            Word::HintConnect,
            Word::Invited,
        ] {
            assert_eq!(gaps(of(word, Language::English)), gaps(of(word, Language::Italian)), "{word:?}");
        }
    }
}
