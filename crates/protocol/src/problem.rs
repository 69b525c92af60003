//! The one form of an error that crosses a door (law 4): a code of a closed list, the words for it in each language, and whether to try
//! again. On HTTP it has the members of RFC 9457.

use std::fmt;

use satchel_badge::words::{Language, fill};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $status:literal, $retry:literal, $english:literal, $italian:literal;)+) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// Whether the same request may work later.
            pub const fn retry(self) -> bool {
                match self { $(Self::$variant => $retry,)+ }
            }

            /// The words, with `{0}` for each detail.
            pub const fn words(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::English) => $english, (Self::$variant, Language::Italian) => $italian,)+
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read.
    BadRequest = "bad_request", 400, false, "the request cannot be read: {0}", "la richiesta non è leggibile: {0}";
    /// Nobody is signed in, or the request is not signed.
    NotSignedIn = "not_signed_in", 401, false, "sign in first", "prima accedi";
    /// The signature of the request is missing or wrong.
    BadSignature = "bad_signature", 401, false, "the signature of the request is not right: {0}", "la firma della richiesta non è corretta: {0}";
    /// The signature is too old or from the future.
    StaleSignature = "stale_signature", 401, true, "the request was signed at another time than now: check the clock, and sign it anew", "la richiesta è stata firmata in un altro momento: controlla l'orologio e firmala di nuovo";
    /// The same signed request came before.
    Replayed = "replayed", 409, false, "this signed request came before; sign it anew", "questa richiesta firmata è già arrivata; firmala di nuovo";
    /// The issuer's key was not admitted here.
    UnknownIssuer = "unknown_issuer", 403, false, "this server does not know the issuer {0}; its operator admits one with `satchel admin issuer add --key`", "questo server non conosce l'ente {0}; chi lo gestisce lo ammette con `satchel admin issuer add --key`";
    /// A program that has not registered itself, or did so long ago and was not used.
    UnknownProgram = "unknown_program", 400, false, "this program is not registered here; start the sign-in from the program once more", "questo programma non è registrato qui; riavvia l'accesso dal programma";
    /// The key was succeeded by another one.
    Succeeded = "succeeded", 403, false, "this key was succeeded by {0} and signs no more here", "a questa chiave è subentrata {0}: qui non firma più";
    /// Not for this person.
    Forbidden = "forbidden", 403, false, "this is not yours to do", "non spetta a te";
    /// The request came from another site.
    CrossSite = "cross_site", 403, false, "this request came from another site and was not carried out", "questa richiesta è arrivata da un altro sito e non è stata eseguita";
    /// A server within an app is asked by somebody else than the app.
    NotTheApp = "not_the_app", 403, false, "this server answers the app that it belongs to; open the page from there", "questo server risponde all'app a cui appartiene; apri la pagina da lì";
    /// The form is too old or of another visit.
    FormExpired = "form_expired", 403, true, "the form was open too long; send it once more", "il modulo è rimasto aperto troppo a lungo; invialo di nuovo";
    /// There is nothing.
    NotFound = "not_found", 404, false, "there is nothing here", "qui non c'è nulla";
    /// The path knows no such method.
    MethodNotAllowed = "method_not_allowed", 405, false, "this cannot be done here", "qui non si può fare";
    /// The state of the thing does not allow it.
    Conflict = "conflict", 409, false, "this cannot be done now: {0}", "ora non si può fare: {0}";
    /// It was here, and is no more.
    Gone = "gone", 410, false, "this is no longer here", "non c'è più";
    /// The cursor is older than what is kept: read everything again.
    Resync = "resync", 410, false, "too much has changed since; read everything again", "è cambiato troppo; rileggi tutto";
    /// Larger than it may be.
    TooLarge = "too_large", 413, false, "this is larger than {0} and was not taken", "supera {0} e non è stato accettato";
    /// Of a kind that is not taken here.
    UnsupportedType = "unsupported_type", 415, false, "this takes {0}", "qui si accetta {0}";
    /// The server is asked under a name that is not its own.
    WrongHost = "wrong_host", 421, false, "this server does not go by that name", "questo server non ha quel nome";
    /// Something in it is not right.
    Invalid = "invalid", 422, false, "{0}", "{0}";
    /// An award that a verifier would refuse.
    BadAward = "bad_award", 422, false, "a verifier would not accept this award: {0}", "un verificatore non accetterebbe questo badge: {0}";
    /// An award for somebody else than it says.
    WrongRecipient = "wrong_recipient", 422, false, "the award is not bound to this address", "il badge non è legato a questo indirizzo";
    /// A status list that is older than the one kept.
    OlderList = "older_list", 409, false, "the number of this status list is not higher than that of the one here", "il numero di questo elenco di stati non è maggiore di quello presente";
    /// A list that takes a revocation back and was not said to.
    ClearsRevocation = "clears_revocation", 409, false, "this list takes back a revocation of the one here; only `desk publish --reinstate` may", "questo elenco annulla una revoca di quello presente; può farlo solo `desk publish --reinstate`";
    /// The addressee asked for no more mail.
    Unwanted = "unwanted", 409, false, "whoever has this address asked for no more mail", "chi ha questo indirizzo ha chiesto di non ricevere altre e-mail";
    /// The achievement is awarded no longer.
    Closed = "closed", 409, false, "this badge is awarded no longer", "questo badge non viene più assegnato";
    /// The same badge was given to the same person before.
    Repeated = "repeated", 409, false, "this person has this badge already, or an invitation to it", "questa persona ha già questo badge, o un invito a riceverlo";
    /// Somebody was reminded of an invitation a short while ago.
    RemindedLately = "reminded_lately", 429, true, "this person was reminded within the last 24 hours; the next reminder can leave at {0}", "questa persona è stata sollecitata nelle ultime 24 ore; il prossimo sollecito può partire dalle {0}";
    /// Somebody was reminded of an invitation as often as may be.
    RemindedEnough = "reminded_enough", 409, false, "this person was reminded {0} times, and is reminded no more", "questa persona è stata sollecitata {0} volte, e non riceve altri solleciti";
    /// Too many tries.
    TooMany = "too_many", 429, true, "too many tries; wait {0}", "troppi tentativi; attendi {0}";
    /// A system proposes more than it may.
    OverLimit = "over_limit", 429, true, "this system may propose {0} awards within 24 hours", "questo sistema può proporre {0} badge in 24 ore";
    /// Something broke here.
    Internal = "internal", 500, true, "something went wrong on our side; nothing was changed", "qualcosa non ha funzionato da parte nostra; nulla è stato modificato";
    /// More is asked than can be answered now.
    Busy = "busy", 503, true, "too much at once; try again in a moment", "troppe richieste insieme; riprova fra poco";
}

impl Code {
    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The name of the field.
    pub field: String,
    /// The words for it.
    pub message: String,
}

/// The state of a thing that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// Its stable name.
    pub name: &'static str,
    /// The words for a person, in English and in Italian.
    pub both: (&'static str, &'static str),
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// What fills the gaps in its words.
    pub details: Vec<String>,
    /// What is wrong with which field.
    pub fields: Vec<FieldError>,
    /// Of [`Code::Conflict`]: how the thing stands, whose words fill the gap.
    pub stands: Option<Stands>,
}

impl Problem {
    /// A problem with what fills the gaps in its words.
    pub fn new(code: Code, details: impl IntoIterator<Item = String>) -> Self {
        Self { code, details: details.into_iter().collect(), fields: Vec::new(), stands: None }
    }

    /// A conflict with how a thing stands.
    ///
    /// ```
    /// use satchel_protocol::invitation::State;
    /// use satchel_protocol::{Language, Problem};
    /// let json = Problem::stands(State::Accepted.stands()).to_json(Language::English);
    /// assert_eq!(json["message"], "this cannot be done now: the invitation was accepted");
    /// assert_eq!(json["state"], "accepted");
    /// ```
    pub fn stands(stands: Stands) -> Self {
        Self { stands: Some(stands), ..Self::bare(Code::Conflict) }
    }

    /// A problem whose words have no gaps.
    pub fn bare(code: Code) -> Self {
        Self::new(code, [])
    }

    /// The words for a person.
    pub fn message(&self, language: Language) -> String {
        // What it has is minutes, which people count in hours and days.
        if self.code == Code::TooMany
            && let Some(minutes) = self.details.first().and_then(|it| it.parse().ok())
        {
            return fill(self.code.words(language), &[how_long(minutes, language)]);
        }
        if let Some(stands) = self.stands {
            let words = match language {
                Language::English => stands.both.0,
                Language::Italian => stands.both.1,
            };
            return fill(self.code.words(language), &[words.to_owned()]);
        }
        fill(self.code.words(language), &self.details)
    }

    /// As `application/problem+json` (RFC 9457, 3): `title` and `message` are words, `code` is what programs read, and `state` when it is that
    /// which stands in the way.
    ///
    /// ```
    /// use satchel_protocol::{Code, Language, Problem};
    /// let json = Problem::bare(Code::NotFound).to_json(Language::English);
    /// assert_eq!(json["status"], 404);
    /// assert_eq!(json["code"], "not_found");
    /// assert_eq!(json["retry"], false);
    /// ```
    pub fn to_json(&self, language: Language) -> Value {
        let message = self.message(language);
        let mut value = json!({
            "type": format!("urn:satchel:problem:{}", self.code.name()),
            "title": message,
            "status": self.code.status(),
            "code": self.code.name(),
            "message": message,
            "retry": self.code.retry(),
        });
        if let Some(stands) = self.stands {
            value["state"] = json!(stands.name);
        }
        if !self.fields.is_empty() {
            value["errors"] = json!(self.fields);
        }
        value
    }
}

fn how_long(minutes: u64, language: Language) -> String {
    match (minutes, language) {
        (0..=1, Language::English) => String::from("a minute"),
        (0..=1, Language::Italian) => String::from("un minuto"),
        (60, Language::English) => String::from("an hour"),
        (60, Language::Italian) => String::from("un'ora"),
        (1440, Language::English) => String::from("a day"),
        (1440, Language::Italian) => String::from("un giorno"),
        (2..120, Language::English) => format!("{minutes} minutes"),
        (2..120, Language::Italian) => format!("{minutes} minuti"),
        (120..2880, Language::English) => format!("{} hours", minutes.div_ceil(60)),
        (120..2880, Language::Italian) => format!("{} ore", minutes.div_ceil(60)),
        (2880.., Language::English) => format!("{} days", minutes.div_ceil(1440)),
        (2880.., Language::Italian) => format!("{} giorni", minutes.div_ceil(1440)),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl std::error::Error for Problem {}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::bare(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait_is_said_as_people_count() {
        let said = |minutes: u32, language| Problem::new(Code::TooMany, [minutes.to_string()]).message(language);
        for (minutes, english, italian) in [
            (1, "a minute", "un minuto"),
            (15, "15 minutes", "15 minuti"),
            (60, "an hour", "un'ora"),
            (180, "3 hours", "3 ore"),
            (1440, "a day", "un giorno"),
            (10_080, "7 days", "7 giorni"),
        ] {
            assert_eq!(said(minutes, Language::English), format!("too many tries; wait {english}"));
            assert_eq!(said(minutes, Language::Italian), format!("troppi tentativi; attendi {italian}"));
        }
    }

    #[test]
    fn every_code_has_words_in_each_language_and_a_name_of_its_own() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(*code));
            for language in Language::ALL {
                assert!(!code.words(language).is_empty(), "{} has no words", code.name());
            }
            let gaps = |language| code.words(language).matches('{').count();
            assert_eq!(gaps(Language::English), gaps(Language::Italian), "{}", code.name());
            assert!((400..600).contains(&code.status()));
        }
    }
}
