//! The words for every finding, in every language: one table, so that a finding without words does not compile. `{0}`, `{1}` are filled
//! from [`crate::report::Line::details`]. Text from a badge goes in as text and cannot bring gaps of its own.

use crate::code::Code;
use crate::report::{Report, Verdict};

/// The languages that Satchel speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Italian.
    Italian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Italian];

    /// The language of a locale such as `it_IT.UTF-8` or `it-CH`; English for one that is not spoken here.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("it") { Self::Italian } else { Self::English }
    }

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }
}

/// The longest detail that is shown whole; a badge may name things of any length.
const LONGEST: usize = 300;

/// What is said in a language, of words in English and Italian, with its gaps filled.
///
/// ```
/// use satchel_badge::words::{Language, said};
/// assert_eq!(said(Language::Italian, ("{0} badges", "{0} badge"), &[String::from("3")]), "3 badge");
/// ```
pub fn said(language: Language, (english, italian): (&str, &str), details: &[String]) -> String {
    let chosen = match language {
        Language::English => english,
        Language::Italian => italian,
    };
    fill(chosen, details)
}

/// Fills the gaps of `words`.
pub fn fill(words: &str, details: &[String]) -> String {
    let mut out = String::with_capacity(words.len() + 64);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((number, after)) = after.split_once('}') else { break };
        let detail = number.parse::<usize>().ok().and_then(|at| details.get(at));
        push_plain(&mut out, detail.map_or("?", String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text of a badge or a file without the characters that would let it rewrite what stands around it: control characters, those that turn
/// the direction of text or end a line, and those that nobody sees.
pub fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
    let is_hidden = |c: char| matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(move |c| if c.is_control() || is_hidden(c) { '\u{fffd}' } else { c })
}

fn push_plain(out: &mut String, detail: &str) {
    let mut plain = plain(detail);
    out.extend(plain.by_ref().take(LONGEST));
    if plain.next().is_some() {
        out.push('…');
    }
}

/// The words of a finding, with gaps.
pub(crate) fn of(code: Code, language: Language) -> &'static str {
    let (english, italian) = both(code);
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
}

/// The same, where a number of days is said better in a word.
pub(crate) fn of_days(code: Code, language: Language, details: &[String]) -> &'static str {
    let days = details.get(usize::from(code != Code::StatusHostedAsOf)).map_or("", String::as_str);
    #[rustfmt::skip]
    let words = match (code, days) {
        (Code::NotRevokedAsOf, "0") => ("It was not revoked, says {0} as of today.", "Non è stato revocato, secondo {0}, a oggi."),
        (Code::NotRevokedAsOf, "1") => ("It was not revoked, says {0} as of yesterday.", "Non è stato revocato, secondo {0}, a ieri."),
        (Code::StatusHostedAsOf, "0") => ("It was not revoked: its issuer's host served it today.", "Non è stato revocato: il sito dell'ente lo pubblicava oggi."),
        (Code::StatusHostedAsOf, "1") => ("It was not revoked: its issuer's host served it yesterday.", "Non è stato revocato: il sito dell'ente lo pubblicava ieri."),
        _ => return of(code, language),
    };
    match language {
        Language::English => words.0,
        Language::Italian => words.1,
    }
}

#[rustfmt::skip]
fn both(code: Code) -> (&'static str, &'static str) {
    match code {
        // container
        Code::ContainerRead => ("The file was read.", "Il file è stato letto."),
        Code::ContainerCompressed => ("The badge stands compressed in the picture, which the standard does not allow; it was read all the same.", "Il badge è compresso nell'immagine, cosa che lo standard non ammette; è stato letto comunque."),
        Code::ContainerLegacyText => ("The badge stands in the picture in a way that was given up with Open Badges 1.0; it was read all the same.", "Il badge è nell'immagine in una forma abbandonata con Open Badges 1.0; è stato letto comunque."),
        Code::ContainerVerifyAttribute => ("The text of the badge in this SVG cannot be read; the address beside it was used.", "Il testo del badge in questo SVG non è leggibile; è stato usato l'indirizzo accanto."),
        Code::Unreadable => ("The file cannot be read: {0}.", "Il file non può essere letto: {1}."),
        Code::Empty => ("The file is empty.", "Il file è vuoto."),
        Code::NothingEmbedded => ("This is a picture with no badge in it: a screenshot perhaps, or a copy that a program saved anew. Ask the issuer for the original file.", "Questa è un'immagine senza badge: forse uno screenshot, o una copia salvata di nuovo da un programma. Chiedi all'ente il file originale."),
        Code::UnknownFormat => ("This kind of file holds no badges.", "Questo tipo di file non contiene badge."),
        Code::NotABadge => ("What it holds is JSON, but no badge. One file is one badge.", "Contiene JSON, ma non un badge. Un file è un badge."),
        Code::NotAnAward => ("This describes a badge or an issuer; nobody was awarded it.", "Questo descrive un badge o un ente; non è stato assegnato a nessuno."),
        Code::Truncated => ("The file ends too early: a part of it is missing.", "Il file finisce troppo presto: ne manca una parte."),
        Code::BadChecksum => ("The badge in the picture is damaged: its checksum is wrong.", "Il badge nell'immagine è danneggiato: la somma di controllo è errata."),
        Code::BadCompression => ("The badge in the picture is compressed and cannot be unpacked.", "Il badge nell'immagine è compresso e non può essere estratto."),
        Code::TooLarge => ("The badge is larger than {0} MB, more than any badge may be.", "Il badge supera {0} MB, più di quanto sia ammesso."),
        Code::TooManyChunks => ("The picture has more than {0} parts, more than any picture may have.", "L'immagine ha più di {0} parti, più di quante siano ammesse."),
        Code::NotUtf8 => ("The text of the badge is not UTF-8.", "Il testo del badge non è in UTF-8."),
        Code::DuplicateEmbedding => ("The picture holds two badges under one name, so nobody can say which one counts.", "L'immagine contiene due badge sotto lo stesso nome: non si può dire quale valga."),
        Code::MalformedImage => ("The picture is broken.", "L'immagine è danneggiata."),
        Code::SvgEntities => ("The SVG declares entities, which are never expanded here.", "L'SVG dichiara entità, che qui non vengono mai espanse."),
        Code::UnknownPayload => ("What the picture holds is neither a badge nor a link to one.", "Ciò che l'immagine contiene non è un badge né un collegamento a un badge."),
        Code::MalformedJson => ("The text is not JSON: {0}.", "Il testo non è JSON: {0}."),
        Code::DuplicateKey => ("The member “{0}” stands there twice, so two readers could see two different badges.", "Il campo «{0}» compare due volte: due lettori potrebbero vedere due badge diversi."),
        Code::InexactNumber => ("The number {0} is too long to be read the same way everywhere.", "Il numero {0} è troppo lungo per essere letto ovunque allo stesso modo."),
        Code::TooDeep => ("The text is nested more than {0} levels deep.", "Il testo è annidato oltre {0} livelli."),
        Code::TooManyValues => ("The text holds more than {0} values, more than any badge may have.", "Il testo contiene più di {0} valori, più di quanti siano ammessi."),
        Code::MalformedJws => ("The signed text is broken: it is not three parts of base64url.", "Il testo firmato è danneggiato: non è fatto di tre parti in base64url."),
        Code::ArchiveMalformed => ("The archive, or this part of it, is broken and cannot be unpacked.", "L'archivio, o questa sua parte, è danneggiato e non può essere estratto."),
        Code::ArchiveTooManyEntries => ("The archive has more than {0} files, more than are looked at.", "L'archivio contiene più di {0} file, più di quanti se ne guardino."),
        Code::ArchiveTooLarge => ("The archive unpacks to more than {0} MB; what follows was not looked at.", "L'archivio estratto supera {0} MB; il resto non è stato guardato."),
        Code::ArchiveEntryTooLarge => ("This file in the archive has more than {0} MB, more than are looked at.", "Questo file nell'archivio supera {0} MB, più di quanti se ne guardino."),
        Code::ArchiveNameTooLong => ("The name of this file in the archive has more than {0} characters.", "Il nome di questo file nell'archivio ha più di {0} caratteri."),
        Code::ArchiveEncrypted => ("This file in the archive needs a password. Unpack it yourself and try again.", "Questo file nell'archivio richiede una password. Estrailo tu e riprova."),
        Code::ArchiveCompression => ("This file in the archive is compressed in a way that Satchel does not know. Unpack it yourself and try again.", "Questo file nell'archivio è compresso in un modo che Satchel non conosce. Estrailo tu e riprova."),
        Code::ArchiveSameNames => ("The archive has several files of the same name, of which only one can be reached. Unpack it yourself and try again.", "L'archivio contiene più file con lo stesso nome, e se ne può raggiungere uno solo. Estrailo tu e riprova."),
        Code::ArchiveWithoutBadge => ("This archive holds no badges.", "Questo archivio non contiene badge."),
        Code::SourceUnreachable => ("The address could not be fetched: {0}.", "Impossibile scaricare l'indirizzo: {1}."),
        // schema
        Code::SchemaValid => ("All members are as the standard demands.", "Tutti i campi sono come vuole lo standard."),
        Code::MemberMissing => ("The member “{0}” is missing at {1}.", "Manca il campo «{0}» in {1}."),
        Code::MemberType => ("The member at {0} is of the wrong kind.", "Il campo in {0} è del tipo sbagliato."),
        Code::MemberRefused => ("The member at {0} has a value that the standard does not allow.", "Il campo in {0} ha un valore che lo standard non ammette."),
        Code::EndorsesOther => ("This endorsement speaks about {0}, not about what it stands on.", "Questa attestazione riguarda {0}, non ciò su cui si trova."),
        Code::UnknownVersion => ("This is a version that Satchel does not know: {0}.", "È una versione che Satchel non conosce: {0}."),
        Code::OwnSchemaInvalid => ("The badge breaks the schema that it names, {0}, at {1}.", "Il badge non rispetta lo schema che indica, {0}, in {1}."),
        Code::OwnSchemaValid => ("The badge follows the schema that it names, {0}.", "Il badge rispetta lo schema che indica, {0}."),
        Code::OwnSchemaMissing => ("The schema that the badge names is not at hand: {0}.", "Lo schema indicato dal badge non è disponibile: {0}."),
        Code::LinkedDocumentMissing => ("The badge links to {0}, which is not at hand. Connect once to fetch it.", "Il badge rimanda a {0}, che non è disponibile. Collegati una volta per scaricarlo."),
        Code::LinkedDocumentInvalid => ("The badge links to {0}, which is not what it should be.", "Il badge rimanda a {0}, che non è ciò che dovrebbe essere."),
        Code::LinkedDocumentBrought => ("The linked document {0} was kept by someone else, so it proves nothing. Connect once to fetch it.", "Il documento collegato {0} è stato conservato da altri e non prova nulla. Collegati una volta per scaricarlo."),
        Code::InlineAssertionImage => ("The picture of this award stands in the badge itself; Open Badges 2.0 allows only an address.", "L'immagine di questo conferimento è dentro il badge; Open Badges 2.0 ammette solo un indirizzo."),
        // safe mode
        Code::SafeModePassed => ("Every word in the badge has a meaning, and the signature covers it.", "Ogni parola del badge ha un significato ed è coperta dalla firma."),
        Code::SafeModeNotNeeded => ("The text itself is what was signed or served, so no word can be lost.", "È il testo stesso a essere firmato o pubblicato: nessuna parola può andare persa."),
        Code::UndefinedTerm => ("“{0}” at “{1}” has no meaning that the signature covers: anyone could have added it.", "«{0}» in «{1}» non ha un significato coperto dalla firma: chiunque potrebbe averlo aggiunto."),
        Code::UndefinedType => ("The type “{0}” at “{1}” has no meaning that the signature covers.", "Il tipo «{0}» in «{1}» non ha un significato coperto dalla firma."),
        Code::RelativeReference => ("“{0}” at “{1}” is no complete address, so the signature does not cover it.", "«{0}» in «{1}» non è un indirizzo completo: la firma non lo copre."),
        Code::DroppedValue => ("The value of “{0}” at “{1}” is not covered by the signature.", "Il valore di «{0}» in «{1}» non è coperto dalla firma."),
        Code::RedefinedTerm => ("The badge gives the word “{0}” another meaning than the standard.", "Il badge dà alla parola «{0}» un significato diverso da quello dello standard."),
        Code::DisguisedTerm => ("“{0}” at “{1}” is written so that the signature covers it and a reader does not see it.", "«{0}» in «{1}» è scritto in modo che la firma lo copra e il lettore non lo veda."),
        Code::InvalidJsonLd => ("The badge breaks the rules of JSON-LD: {0}.", "Il badge viola le regole di JSON-LD: {0}."),
        Code::ContextMissing => ("The words of this badge are defined in {0}, which is not at hand. Connect once to fetch it.", "Le parole di questo badge sono definite in {0}, che non è disponibile. Collegati una volta per scaricarlo."),
        Code::ContextInvalid => ("The definitions at {0} cannot be used.", "Le definizioni in {0} non sono utilizzabili."),
        Code::ContextBrought => ("The definitions at {0} were kept by someone else, so they prove nothing. Connect once to fetch them.", "Le definizioni in {0} sono state conservate da altri e non provano nulla. Collegati una volta per scaricarle."),
        Code::PoisonGraph => ("The badge is built so that checking it would take for ever; the check was given up.", "Il badge è costruito in modo che controllarlo richiederebbe un tempo infinito; il controllo è stato interrotto."),
        // issuer
        Code::IssuerConfirmed => ("The key belongs to the issuer, {0}.", "La chiave appartiene all'ente, {0}."),
        Code::IssuerHosts => ("The badge lies where its issuer, {0}, publishes.", "Il badge si trova dove il suo ente, {0}, pubblica."),
        Code::IssuerMismatch => ("The key belongs to “{0}”, but the badge names “{1}” as issuer.", "La chiave appartiene a «{0}», ma il badge indica come ente «{1}»."),
        Code::KeyNotAuthorised => ("The issuer, {0}, does not list this key for signing badges.", "L'ente, {0}, non elenca questa chiave per firmare badge."),
        Code::IssuerUnconfirmed => ("Whether the key belongs to {0} is not known. Connect once to ask its host.", "Non si sa se la chiave appartenga a {0}. Collegati una volta per chiederlo al suo sito."),
        Code::IssuerKnownFromHost => ("The key is known from its host alone: {0} names {1}, whose own key has not said that this one is its. Whoever has the host could have put it there.", "La chiave è nota solo dal suo sito: {0} indica {1}, la cui chiave non ha dichiarato sua questa. Chi controlla il sito potrebbe averla messa lì."),
        Code::KeyStatementWrong => ("The badge carries a statement that this key is {0}'s, and {0} did not sign it.", "Il badge porta una dichiarazione che questa chiave è di {0}, ma {0} non l'ha firmata."),
        Code::IssuerBrought => ("What ties the key to {0} was kept by someone else, so it proves nothing. Connect once to ask its host.", "Ciò che lega la chiave a {0} è stato conservato da altri e non prova nulla. Collegati una volta per chiederlo al suo sito."),
        Code::IssuerDocumentInvalid => ("The document of the issuer, {0}, cannot be used.", "Il documento dell'ente, {0}, non è utilizzabile."),
        Code::DidMethodUnsupported => ("Satchel cannot look up this kind of issuer name: {0}.", "Satchel non sa risolvere questo tipo di nome di ente: {0}."),
        Code::IssuerNotAddressable => ("The issuer is named “{0}”, which nobody can be asked about, so any key could sign in its name.", "L'ente è indicato come «{0}», di cui non si può chiedere a nessuno: qualsiasi chiave potrebbe firmare a suo nome."),
        Code::OutsideIssuerScope => ("The badge lies at {0}, outside of what its issuer, {1}, vouches for.", "Il badge si trova in {0}, fuori da ciò che il suo ente, {1}, garantisce."),
        Code::IssuerNotChecked => ("The issuer was not checked, because there was no proof to check it with.", "L'ente non è stato controllato, perché manca una prova con cui farlo."),
        Code::IssuerSucceeded => ("The issuer's key has passed to the one that this badge announced as its next: {0}.", "La chiave dell'ente è passata a quella che questo badge annunciava come prossima: {0}."),
        Code::IssuerSucceededOn => ("On {1} the issuer's key passed to the one that this badge announced as its next: {0}.", "Il {1} la chiave dell'ente è passata a quella che questo badge annunciava come prossima: {0}."),
        // proof
        Code::ProofVerified => ("The signature fits: not a letter was changed ({0}).", "La firma corrisponde: nemmeno una lettera è stata cambiata ({0})."),
        Code::HostedConfirmed => ("Its issuer's host serves this badge at {0}.", "Il sito dell'ente pubblica questo badge in {0}."),
        Code::ExtraProofUnusable => ("Another proof beside the one that counts could not be used: {0}.", "Un'altra prova accanto a quella che vale non è utilizzabile: {0}."),
        Code::ProofMissing => ("There is no signature.", "Non c'è alcuna firma."),
        Code::ProofMismatch => ("The signature does not fit: the badge was changed after it was signed, or signed with another key ({0}).", "La firma non corrisponde: il badge è stato modificato dopo la firma, o firmato con un'altra chiave ({0})."),
        Code::ProofMalformed => ("The signature is not well formed: {0}.", "La firma non è ben formata: {0}."),
        Code::ProofTypeUnknown => ("Satchel does not know this kind of signature: {0}.", "Satchel non conosce questo tipo di firma: {0}."),
        Code::ProofPurpose => ("The signature was made for another purpose than to vouch for a badge: “{0}”.", "La firma è stata fatta per uno scopo diverso dal garantire un badge: «{0}»."),
        Code::ProofExpired => ("The signature itself expired on {0}.", "La firma stessa è scaduta il {0}."),
        Code::KeyInvalid => ("The key is broken or of the wrong kind: {0}.", "La chiave è danneggiata o del tipo sbagliato: {0}."),
        Code::KeyMissing => ("The key is not at hand: {0}. Connect once to fetch it.", "La chiave non è disponibile: {0}. Collegati una volta per scaricarla."),
        Code::KeyBrought => ("The key {0} was kept by someone else, so it proves nothing. Connect once to fetch it.", "La chiave {0} è stata conservata da altri e non prova nulla. Collegati una volta per scaricarla."),
        Code::KeyNotNamed => ("The signature names no key.", "La firma non indica alcuna chiave."),
        Code::AlgorithmRefused => ("The signature uses an algorithm that is not allowed: “{0}”.", "La firma usa un algoritmo non ammesso: «{0}»."),
        Code::HeaderRefused => ("The head of the signature says something that it must not: “{0}”.", "L'intestazione della firma dice qualcosa che non deve: «{0}»."),
        Code::ClaimMismatch => ("The signed claim “{0}” contradicts the badge.", "L'affermazione firmata «{0}» contraddice il badge."),
        Code::HostedMissing => ("Only the issuer's host can confirm this badge, at {0}. Connect once to ask it.", "Solo il sito dell'ente può confermare questo badge, in {0}. Collegati una volta per chiederlo."),
        Code::HostedBrought => ("What the issuer's host said at {0} was kept by someone else, so it proves nothing. Connect once to ask it.", "Ciò che il sito dell'ente ha detto in {0} è stato conservato da altri e non prova nulla. Collegati una volta per chiederlo."),
        Code::HostedGone => ("The issuer's host has no badge at {0}.", "Il sito dell'ente non ha alcun badge in {0}."),
        Code::HostedInvalid => ("What the issuer's host serves at {0} is no badge.", "Ciò che il sito dell'ente pubblica in {0} non è un badge."),
        Code::HostedDiffers => ("The file differs from what the issuer's host serves at {0}, in “{1}”.", "Il file è diverso da ciò che il sito dell'ente pubblica in {0}, nel campo «{1}»."),
        Code::VerificationMissing => ("The badge says no way to verify it.", "Il badge non indica alcun modo per verificarlo."),
        Code::ProofNotChecked => ("The signature could not be checked, because words of the badge are not defined.", "La firma non ha potuto essere controllata, perché alcune parole del badge non sono definite."),
        // status
        Code::NotRevoked => ("It was not revoked, says {0}.", "Non è stato revocato, secondo {0}."),
        Code::NotRevokedAsOf => ("It was not revoked, says {0} as of {1} days ago.", "Non è stato revocato, secondo {0}, a {1} giorni fa."),
        Code::StatusHostedAsOf => ("It was not revoked: its issuer's host served it {0} days ago.", "Non è stato revocato: il sito dell'ente lo pubblicava {0} giorni fa."),
        Code::StatusHostedLongAgo => ("Whether it was revoked since is not known: {0} served it {1} days ago. Connect once to ask again.", "Non si sa se nel frattempo sia stato revocato: {0} lo pubblicava {1} giorni fa. Collegati una volta per chiedere di nuovo."),
        Code::StatusHosted => ("It was not revoked: its issuer's host still serves it.", "Non è stato revocato: il sito dell'ente lo pubblica ancora."),
        Code::StatusListOfOther => ("The list of revoked badges is signed by {0}, not by the issuer.", "L'elenco dei badge revocati è firmato da {0}, non dall'ente."),
        Code::StatusNotUsed => ("The badge names no list of revoked badges.", "Il badge non indica alcun elenco di badge revocati."),
        Code::Revoked => ("The issuer revoked this badge.", "L'ente ha revocato questo badge."),
        Code::RevokedBecause => ("The issuer revoked this badge: {0}", "L'ente ha revocato questo badge: {0}"),
        Code::Suspended => ("The issuer suspended this badge.", "L'ente ha sospeso questo badge."),
        Code::StatusMessage => ("The issuer set a mark on this badge: {0} = {1}.", "L'ente ha posto un segno su questo badge: {0} = {1}."),
        Code::StatusMissing => ("Whether it was revoked is not known. Connect once to ask {0}.", "Non si sa se sia stato revocato. Collegati una volta per chiederlo a {0}."),
        Code::StatusBrought => ("The list of revoked badges, {0}, was kept by someone else, so it proves nothing. Connect once to fetch it.", "L'elenco dei badge revocati, {0}, è stato conservato da altri e non prova nulla. Collegati una volta per scaricarlo."),
        Code::StatusUnusable => ("Whether it was revoked is not known: the list at {0} cannot be used ({1}).", "Non si sa se sia stato revocato: l'elenco in {0} non è utilizzabile ({1})."),
        Code::IssuerKeyCompromised => ("Somebody else may have the key that signed this badge: {0} took over from it and says so. Nothing shows that the issuer itself awarded it; ask the issuer for a new one.", "Qualcun altro potrebbe avere la chiave che ha firmato questo badge: {0} è subentrata e lo dichiara. Nulla mostra che l'abbia assegnato l'ente stesso; chiedi all'ente un nuovo badge."),
        Code::StatusTooOld => ("Whether it was revoked since is not known: the list at {0} is {1} days old. Connect once to fetch a new one.", "Non si sa se nel frattempo sia stato revocato: l'elenco in {0} ha {1} giorni. Collegati una volta per scaricarne uno nuovo."),
        Code::StatusRolledBack => ("The list of revoked badges has the number {0}, but number {1} was seen before.", "L'elenco dei badge revocati ha il numero {0}, ma è già stato visto il numero {1}."),
        Code::StatusTypeUnknown => ("Satchel does not know this kind of status: {0}.", "Satchel non conosce questo tipo di stato: {0}."),
        Code::StatusNotChecked => ("Whether it was revoked was not asked, because nothing shows yet that its issuer made it.", "Non è stato chiesto se sia stato revocato, perché nulla mostra ancora che l'abbia fatto il suo ente."),
        // validity
        Code::InForce => ("It is in force, without an end date.", "È in vigore, senza scadenza."),
        Code::InForceUntil => ("It is in force until {0}.", "È in vigore fino al {0}."),
        Code::Expired => ("It expired on {0}.", "È scaduto il {0}."),
        Code::NotYetValid => ("It is not in force before {0}.", "Non è in vigore prima del {0}."),
        Code::ClockMayBeBehind => ("The clock of this computer says {0} (UTC). If that is wrong, set it, and check again.", "L'orologio di questo computer segna {0} (UTC). Se è sbagliato, regolalo e verifica di nuovo."),
        Code::EndsBeforeStart => ("It ends before it begins: from {0} to {1}.", "Finisce prima di cominciare: dal {0} al {1}."),
        Code::TimeUnreadable => ("A date cannot be read: {0}.", "Una data non è leggibile: {0}."),
        Code::TimeInFuture => ("Something is dated {0}, which is in the future: one of two clocks is wrong.", "Qualcosa è datato {0}, nel futuro: uno dei due orologi è sbagliato."),
        // recipient
        Code::RecipientMatches => ("It was given to {0}.", "È stato conferito a {0}."),
        Code::RecipientMismatch => ("It was given to someone else than {0}.", "È stato conferito a una persona diversa da {0}."),
        Code::RecipientNotYours => ("It was given to none of the addresses of your account ({0}). It is somebody else's, or went to an address that you had before.", "Non è stato conferito a nessuno degli indirizzi del tuo account ({0}). È di qualcun altro, oppure è andato a un indirizzo che avevi prima."),
        Code::RecipientUnstated => ("The badge does not say to whom it was given.", "Il badge non dice a chi è stato conferito."),
        Code::RecipientNotAsked => ("To whom it was given was not checked.", "Non è stato controllato a chi sia stato conferito."),
        // bundle
        Code::BundleValid => ("Credentials in it, all in order: {0}.", "Credenziali al suo interno, tutte in ordine: {0}."),
        Code::BundleInvalid => ("Credentials in it that are not valid: {0} of {1}.", "Credenziali al suo interno che non sono valide: {0} su {1}."),
        Code::BundleUndecided => ("Credentials in it that cannot be told: {0} of {1}.", "Credenziali al suo interno non decidibili: {0} su {1}."),
        Code::BundleLeft => ("There are more credentials in it than are looked at.", "Al suo interno ci sono più credenziali di quante se ne guardino."),
        // endorsement
        Code::EndorsementsValid => ("Endorsements that verify: {0}.", "Attestazioni verificate: {0}."),
        Code::EndorsementsInvalid => ("Endorsements that do not verify: {0}.", "Attestazioni non valide: {0}."),
        Code::EndorsementsUndecided => ("Endorsements that cannot be told: {0}.", "Attestazioni non decidibili: {0}."),
        Code::EndorsementsLeft => ("There are more endorsements than are looked at.", "Ci sono più attestazioni di quante se ne guardino."),
        Code::EndorsementMissing => ("An endorsement is linked and not at hand: {0}.", "Un'attestazione è collegata ma non disponibile: {0}."),
        Code::NoEndorsements => ("It carries no endorsements.", "Non porta attestazioni."),
        // trust
        Code::TrustedIssuer => ("You trust the issuer: {0}.", "Ti fidi dell'ente: {0}."),
        Code::LooksLikeTrusted => ("Beware: the issuer calls itself “{0}”, which could be taken for “{1}”, whom you trust. It is another issuer.", "Attenzione: l'ente si chiama «{0}» e potrebbe essere scambiato per «{1}», di cui ti fidi. È un altro ente."),
        Code::TrustedSuccessor => ("This is the key that an issuer you trust announced as its next: {0}.", "Questa è la chiave che un ente di cui ti fidi ha annunciato come sua prossima: {0}."),
        Code::UntrustedIssuer => ("Nobody you trust vouches for the issuer's name.", "Nessuno di cui ti fidi garantisce per il nome dell'ente."),
    }
}

/// The verdict as a sentence: what was found, then what was not (design.md, "Verdicts").
pub(crate) fn headline(report: &Report, language: Language) -> String {
    let pick = |english: &'static str, italian: &'static str| match language {
        Language::English => english,
        Language::Italian => italian,
    };
    // A hosted badge has no signature: its issuer's host vouches for it.
    let is_hosted = report.lines.iter().any(|line| line.code == Code::HostedConfirmed);
    let reason = || report.reasons().next().map(|line| line.message(language)).unwrap_or_default();
    match report.verdict {
        Verdict::Valid => match (&report.trusted, report.signer.clone().unwrap_or_default()) {
            (Some(name), _) => fill(
                if is_hosted {
                    pick("Intact, and published by {0}, whom you trust.", "Integro e pubblicato da {0}, di cui ti fidi.")
                } else {
                    pick("Intact, and signed by {0}, whom you trust.", "Integro e firmato da {0}, di cui ti fidi.")
                },
                std::slice::from_ref(name),
            ),
            (None, signer) => fill(
                if is_hosted {
                    pick(
                        "Intact, and published by {0}; nobody you trust vouches for this name.",
                        "Integro e pubblicato da {0}; nessuno di cui ti fidi garantisce per questo nome.",
                    )
                } else {
                    pick(
                        "Intact, and signed by {0}; nobody you trust vouches for this name.",
                        "Integro e firmato da {0}; nessuno di cui ti fidi garantisce per questo nome.",
                    )
                },
                &[signer],
            ),
        },
        Verdict::Invalid => {
            // Only where the date is all that is wrong does the clock explain it.
            let clock = report.lines.iter().find(|line| line.code == Code::ClockMayBeBehind);
            let clock = clock.filter(|_| report.reasons().all(|line| line.code == Code::NotYetValid));
            let clock = clock.map(|line| format!(" {}", line.message(language))).unwrap_or_default();
            format!("{} {}{clock}", pick("Not valid.", "Non valido."), reason())
        }
        Verdict::Undecided => format!("{} {}", pick("Undecided.", "Non deciso."), reason()),
        Verdict::NoBadge => reason(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_days_ago_is_today() {
        let said = |days: &str| fill(of_days(Code::NotRevokedAsOf, Language::English, &details(days)), &details(days));
        assert_eq!(said("0"), "It was not revoked, says a.example as of today.");
        assert_eq!(said("1"), "It was not revoked, says a.example as of yesterday.");
        assert_eq!(said("2"), "It was not revoked, says a.example as of 2 days ago.");
        let hosted = of_days(Code::StatusHostedAsOf, Language::Italian, &[String::from("0")]);
        assert_eq!(hosted, "Non è stato revocato: il sito dell'ente lo pubblicava oggi.");
    }

    fn details(days: &str) -> [String; 2] {
        [String::from("a.example"), days.to_owned()]
    }
}
