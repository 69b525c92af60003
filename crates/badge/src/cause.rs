//! Why the system did not do something, in our own words: the system's are in one language alone, and stand behind ours as a detail.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::words::Language;

/// A cause in every language, made before it is known who reads it. It is shown in English where no language is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    english: String,
    italian: String,
}

impl Cause {
    /// In these words: English and Italian.
    pub fn of((english, italian): (&str, &str)) -> Self {
        Self { english: english.to_owned(), italian: italian.to_owned() }
    }

    /// In these words, with what somebody else says about it as a detail.
    pub fn with((english, italian): (&str, &str), detail: &str) -> Self {
        // One pair of brackets is enough.
        let detail = match detail.strip_suffix(')').and_then(|text| text.rsplit_once(" (os error ")) {
            Some((text, number)) => format!("{text}, os error {number}"),
            None => detail.to_owned(),
        };
        Self { english: format!("{english} ({detail})"), italian: format!("{italian} ({detail})") }
    }

    /// With what it is about in front.
    #[must_use]
    pub fn of_place(&self, place: &str) -> Self {
        Self { english: format!("{place}: {self}"), italian: format!("{place}: {}", self.italian) }
    }

    /// In every language, in the order of [`Language::ALL`], as the gaps of words take it.
    pub fn in_each(&self) -> [String; 2] {
        Language::ALL.map(|language| self.words(language).to_owned())
    }

    /// The words in a language.
    pub fn words(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Italian => &self.italian,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.english)
    }
}

impl From<(&str, &str)> for Cause {
    fn from(words: (&str, &str)) -> Self {
        Self::of(words)
    }
}

/// What has no words but its own, such as those of a database.
impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self::of((text, text))
    }
}

impl From<&io::Error> for Cause {
    /// ```
    /// use satchel_badge::cause::Cause;
    /// use satchel_badge::words::Language;
    /// let cause = Cause::from(&std::io::Error::from_raw_os_error(2));
    /// assert!(cause.words(Language::Italian).starts_with("non esiste ("));
    /// ```
    fn from(error: &io::Error) -> Self {
        let said = error.to_string();
        match (of_kind(error.kind()).or_else(|| of_number(error.raw_os_error()?)), error.raw_os_error(), error.get_ref()) {
            // A kind alone says no more than our words.
            (Some(words), None, None) => Self::of(words),
            (Some(words), _, _) => Self::with(words, &said),
            (None, Some(_), _) => Self::of((&said, &format!("il sistema dice: {said}"))),
            (None, None, _) => Self::from(said.as_str()),
        }
    }
}

#[rustfmt::skip]
fn of_kind(kind: ErrorKind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        ErrorKind::NotFound => ("it is not there", "non esiste"),
        ErrorKind::PermissionDenied => ("you may not do that there", "non hai il permesso"),
        ErrorKind::AlreadyExists => ("it is there already", "esiste già"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ("there is no room left", "non c'è più spazio"),
        ErrorKind::ReadOnlyFilesystem => ("it is on a disk that can only be read", "è su un disco di sola lettura"),
        ErrorKind::IsADirectory => ("it is a folder", "è una cartella"),
        ErrorKind::NotADirectory => ("a part of the path is no folder", "una parte del percorso non è una cartella"),
        ErrorKind::FileTooLarge => ("it is too large", "è troppo grande"),
        ErrorKind::InvalidFilename => ("it cannot be called so here", "qui non può chiamarsi così"),
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => ("it is in use", "è in uso"),
        ErrorKind::UnexpectedEof => ("it ends too early", "finisce troppo presto"),
        ErrorKind::TimedOut => ("no answer came in time", "nessuna risposta in tempo"),
        ErrorKind::ConnectionRefused => ("nothing answers there", "lì non risponde nulla"),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::NotConnected => ("it was broken off", "è stata interrotta"),
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown | ErrorKind::HostUnreachable => ("the network does not lead there", "la rete non arriva fin lì"),
        ErrorKind::AddrInUse => ("another program has this port", "un altro programma usa questa porta"),
        ErrorKind::AddrNotAvailable => ("this machine does not have this address", "questa macchina non ha questo indirizzo"),
        ErrorKind::OutOfMemory => ("there is not enough memory", "la memoria non basta"),
        _ => return None,
    })
}

/// Those that have no kind of their own yet (Linux and macOS).
fn of_number(number: i32) -> Option<(&'static str, &'static str)> {
    match number {
        5 => Some(("the disk fails", "il disco non funziona")),
        23 | 24 => Some(("too many files are open", "ci sono troppi file aperti")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_stands_behind_our_words_in_both_languages() {
        for (number, english, italian) in [
            (2, "it is not there", "non esiste"),
            (13, "you may not do that there", "non hai il permesso"),
            (28, "there is no room left", "non c'è più spazio"),
            (30, "it is on a disk that can only be read", "è su un disco di sola lettura"),
            (5, "the disk fails", "il disco non funziona"),
            (110, "no answer came in time", "nessuna risposta in tempo"),
            (111, "nothing answers there", "lì non risponde nulla"),
            (101, "the network does not lead there", "la rete non arriva fin lì"),
        ] {
            let cause = Cause::from(&io::Error::from_raw_os_error(number));
            for (language, words) in [(Language::English, english), (Language::Italian, italian)] {
                let said = cause.words(language);
                assert!(said.starts_with(&format!("{words} (")) && said.ends_with(&format!(", os error {number})")), "{said}");
            }
        }
        // Ours already, or of nobody that is known.
        let ours = Cause::from(&io::Error::other("it is a pipe"));
        assert_eq!((ours.words(Language::English), ours.words(Language::Italian)), ("it is a pipe", "it is a pipe"));
        assert_eq!(Cause::from(&io::Error::from(ErrorKind::FileTooLarge)).words(Language::Italian), "è troppo grande");
        assert!(Cause::from(&io::Error::from_raw_os_error(40)).words(Language::Italian).starts_with("il sistema dice: "));
    }
}
