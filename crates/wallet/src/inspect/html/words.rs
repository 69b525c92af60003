//! The words of the report that are not a finding's: one table, so that a word without its Italian does not compile. Dates and numbers
//! are written as people of each language write them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use satchel_badge::code::{CheckId, Status};
use satchel_badge::container::Format;
use satchel_badge::evidence::Origin;
use satchel_badge::words::{Language, fill};

use crate::State;

macro_rules! words {
    ($($name:ident: $english:literal, $italian:literal;)+) => {
        /// The report's own words in one language.
        pub struct Words { $(pub $name: &'static str,)+ }
        static ENGLISH: Words = Words { $($name: $english,)+ };
        static ITALIAN: Words = Words { $($name: $italian,)+ };
    };
}

words! {
    title: "Badge report", "Rapporto sui badge";
    skip: "Skip to the results", "Vai ai risultati";
    counts: "How many of each", "Quanti per tipo";
    // what came out
    none: "No badge was found.", "Non è stato trovato alcun badge.";
    invalid_only: "The badge is not valid.", "Il badge non è valido.";
    invalid_one: "One of {1} badges is not valid.", "Un badge su {1} non è valido.";
    invalid_many: "{0} of {1} badges are not valid.", "{0} badge su {1} non sono validi.";
    undecided_only: "Whether the badge is valid cannot be told yet.", "Non si può ancora dire se il badge sia valido.";
    undecided_one: "No badge is known to be wrong; one of {1} is undecided.", "Nessun badge risulta non valido; uno su {1} non è deciso.";
    undecided_many: "No badge is known to be wrong; {0} of {1} are undecided.", "Nessun badge risulta non valido; {0} su {1} non sono decisi.";
    intact_only: "The badge is intact, but nobody you trust vouches for its issuer.", "Il badge è integro, ma nessuno di cui ti fidi garantisce per il suo ente.";
    intact_all: "All {1} badges are intact, but nobody you trust vouches for their issuers.", "Tutti i {1} badge sono integri, ma nessuno di cui ti fidi garantisce per i loro enti.";
    intact_one: "All {1} badges are intact; for one of them, nobody you trust vouches for the issuer.", "Tutti i {1} badge sono integri; per uno di essi nessuno di cui ti fidi garantisce per l'ente.";
    intact_many: "All {1} badges are intact; for {0} of them, nobody you trust vouches for the issuer.", "Tutti i {1} badge sono integri; per {0} di essi nessuno di cui ti fidi garantisce per l'ente.";
    valid_only: "The badge is valid, and you trust its issuer.", "Il badge è valido e ti fidi del suo ente.";
    valid_all: "All {1} badges are valid, and you trust their issuers.", "Tutti i {1} badge sono validi e ti fidi dei loro enti.";
    // how it was checked
    about: "About this check", "Come è stato fatto il controllo";
    checked_one: "One file checked on {0}.", "Un file controllato il {0}.";
    checked_many: "{1} files checked on {0}.", "{1} file controllati il {0}.";
    paths: "Checked", "Controllato";
    more_paths: "and {0} more", "e altri {0}";
    as_of: "As of", "Data del controllo";
    program: "Program", "Programma";
    asked: "Asked", "A chi si è chiesto";
    nobody: "Nobody was asked.", "Non è stato chiesto nulla a nessuno.";
    nobody_offline: "Nobody was asked: the check ran offline.", "Non è stato chiesto nulla a nessuno: il controllo era offline.";
    given_to: "Recipient", "Destinatario";
    recipient_checked: "Each badge had to be given to {0}.", "Ogni badge doveva essere stato conferito a {0}.";
    recipient_not_checked: "To whom the badges were given was not checked.", "Non è stato controllato a chi siano stati conferiti i badge.";
    failed: "Not fetched", "Non scaricato";
    failed_one: "One document could not be fetched", "Un documento non è stato scaricato";
    failed_many: "{0} documents could not be fetched", "{0} documenti non sono stati scaricati";
    more: "and {0} more; the JSON form of this report names everything", "e altri {0}; la forma JSON di questo rapporto elenca tutto";
    more_failed: "and {0} more, named on standard error", "e altri {0}, elencati sullo standard error";
    // groups
    about_invalid: "Something is wrong with these: changed, revoked, expired, or not signed by the issuer they name.", "In questi qualcosa non va: modificati, revocati, scaduti o non firmati dall'ente che indicano.";
    about_undecided: "Nothing is known to be wrong, but something is missing to be sure. Each says what would settle it.", "Nulla risulta sbagliato, ma per esserne certi manca qualcosa. Ognuno dice che cosa servirebbe.";
    about_intact: "Nothing was changed in them, but nobody you trust vouches for who made them: anyone can sign under any name.", "Non sono stati modificati, ma nessuno di cui ti fidi garantisce per chi li ha fatti: chiunque può firmare con un nome qualsiasi.";
    about_valid: "Unchanged, in force, and made by issuers you trust.", "Non modificati, in vigore e fatti da enti di cui ti fidi.";
    about_no_badge: "Files that hold no badge, or that could not be read.", "File che non contengono badge o che non è stato possibile leggere.";
    go_online: "Run the check again without --offline, and Satchel asks the issuers' hosts.", "Ripeti il controllo senza --offline e Satchel chiederà ai siti degli enti.";
    folded: "The first {0} unfold. Of the others, satchel verify --json tells the details.", "I primi {0} si aprono. Per gli altri, i dettagli sono in satchel verify --json.";
    unlisted: "{0} more are not listed on this page; satchel verify --csv lists them all.", "Altri {0} non sono elencati in questa pagina; satchel verify --csv li elenca tutti.";
    // a badge
    no_name: "Badge without a name", "Badge senza nome";
    part: "badge {0} of {1} in this file", "badge {0} di {1} in questo file";
    says: "What it says", "Che cosa dice";
    checks: "What was checked", "Che cosa è stato controllato";
    settle: "What would settle it", "Che cosa servirebbe per decidere";
    settle_nothing: "Nothing that could be fetched; see the open questions above.", "Nulla che si possa scaricare; vedi le domande aperte qui sopra.";
    nested: "Endorsements and badges in it", "Attestazioni e badge che contiene";
    raw: "Credential as data (JSON)", "Credenziale come dati (JSON)";
    raw_cut: "Cut for this page; the file has it whole.", "Abbreviata in questa pagina; nel file è intera.";
    issuer: "Issuer", "Ente";
    signer: "Signed by", "Firmato da";
    recipient: "Recipient", "Destinatario";
    not_stated: "Not stated", "Non indicato";
    hashed: "Hidden: only a fingerprint ({0}) is stated. Whoever knows the address can compare it.", "Nascosto: è indicata solo un'impronta ({0}). Chi conosce l'indirizzo può confrontarla.";
    issued: "Issued", "Conferito";
    expires: "Expires", "Scade";
    no_expiry: "No end date", "Senza scadenza";
    format: "Format", "Formato";
    description: "Description", "Descrizione";
    criteria: "Criteria", "Criteri";
    narrative: "How it was earned", "Come è stato ottenuto";
    evidence: "Evidence", "Prove";
    results: "Results", "Risultati";
}

impl Words {
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Italian => &ITALIAN,
        }
    }

    /// What a kind of verdict means.
    pub fn about(&self, state: State) -> &'static str {
        match state {
            State::Valid => self.about_valid,
            State::Intact => self.about_intact,
            State::Invalid => self.about_invalid,
            State::Undecided => self.about_undecided,
            State::NoBadge => self.about_no_badge,
        }
    }
}

fn pick(language: Language, english: &'static str, italian: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
}

/// What a check is about.
pub fn check(id: CheckId, language: Language) -> &'static str {
    match id {
        CheckId::Container => "File",
        CheckId::Schema => pick(language, "Structure", "Struttura"),
        CheckId::SafeMode => pick(language, "Meaning", "Significato"),
        CheckId::Issuer => pick(language, "Issuer", "Ente"),
        CheckId::Proof => pick(language, "Proof", "Prova"),
        CheckId::Status => pick(language, "Revocation", "Revoca"),
        CheckId::Validity => pick(language, "Dates", "Date"),
        CheckId::Recipient => pick(language, "Recipient", "Destinatario"),
        CheckId::Bundle => pick(language, "Credentials in it", "Credenziali al suo interno"),
        CheckId::Endorsement => pick(language, "Endorsements", "Attestazioni"),
        CheckId::Trust => pick(language, "Trust", "Fiducia"),
    }
}

/// How a check came out.
pub fn status(status: Status, language: Language) -> &'static str {
    match status {
        Status::Pass => pick(language, "Passed", "Superato"),
        Status::Fail => pick(language, "Failed", "Non superato"),
        Status::Unknown => pick(language, "Not known", "Non noto"),
        Status::Skipped => pick(language, "Note", "Nota"),
    }
}

/// Where a document came from.
pub fn origin(origin: Origin, language: Language) -> &'static str {
    match origin {
        Origin::Fetched => pick(language, "fetched by Satchel", "scaricato da Satchel"),
        Origin::Redirected => pick(
            language,
            "fetched by Satchel, from another host than asked",
            "scaricato da Satchel, da un host diverso da quello chiesto",
        ),
        Origin::Given => pick(language, "given by you", "fornito da te"),
        Origin::Brought => {
            pick(language, "brought along with the badge, so it proves nothing", "arrivato con il badge: non prova nulla")
        }
    }
}

/// The kind of file.
pub fn format(format: Format, language: Language) -> &'static str {
    match format {
        Format::Png => pick(language, "PNG picture", "immagine PNG"),
        Format::Svg => pick(language, "SVG picture", "immagine SVG"),
        Format::Json => "JSON",
        Format::Jws => pick(language, "signed text (JWS)", "testo firmato (JWS)"),
        Format::Unknown => pick(language, "another kind of file", "un altro tipo di file"),
    }
}

const MONTHS: [(&str, &str); 12] = [
    ("January", "gennaio"),
    ("February", "febbraio"),
    ("March", "marzo"),
    ("April", "aprile"),
    ("May", "maggio"),
    ("June", "giugno"),
    ("July", "luglio"),
    ("August", "agosto"),
    ("September", "settembre"),
    ("October", "ottobre"),
    ("November", "novembre"),
    ("December", "dicembre"),
];

/// A time, to the minute, in UTC: a report is read in other places than it was made in. Midnight is a day's beginning and not said.
pub fn time(time: Timestamp, language: Language) -> String {
    let zoned = TimeZone::UTC.to_datetime(time);
    let month = usize::try_from(zoned.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    let (day, year) = (zoned.day(), zoned.year());
    let first = if day == 1 && language == Language::Italian { "º" } else { "" };
    let date = format!("{day}{first} {} {year}", pick(language, month.0, month.1));
    if (zoned.hour(), zoned.minute(), zoned.second()) == (0, 0, 0) {
        return date;
    }
    format!("{date}, {}{:02}:{:02} UTC", pick(language, "", "ore "), zoned.hour(), zoned.minute())
}

/// A number with its thousands apart.
pub fn number(number: usize, language: Language) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(pick(language, ",", "."));
        }
        out.push(digit);
    }
    out
}

/// Some words with one text in their gap.
pub fn with(words: &str, detail: impl Into<String>) -> String {
    fill(words, &[detail.into()])
}

/// Text from a badge or a path: what would steer the page is made visible, and it ends after about `limit` characters.
pub fn plain(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    let mut rest = text;
    while !rest.is_empty() && out.len() < limit {
        // As much as is surely shown whole.
        let end = rest.char_indices().nth(256).map_or(rest.len(), |(end, _)| end);
        out.push_str(&with("{0}", &rest[..end]));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out.push('…');
    }
    out
}

/// The same for text that people write in lines.
pub fn lines(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        if out.len() >= limit {
            out.push('…');
            break;
        }
        out.push_str(&plain(line, limit - out.len()));
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}
