//! What stops a command: a stable code, words for a person, and a reference that also stands in the log. Made where it happens, in the
//! language of the settings.

use std::fmt;

use satchel_badge::cause::Cause;
use satchel_badge::words::Language;
use satchel_wallet::WalletError;
use satchel_wallet::sync::SyncError;

use crate::ipc;
use crate::words::{self, Word};

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub enum Problem {
    /// The wallet says why.
    Wallet(WalletError),
    /// A sign-in or a sync says why.
    Sync(Box<SyncError>),
    /// One of ours, with what fills the gaps of its words, and why where that has words in each language: it fills the last one.
    Own(Word, Vec<String>, Option<Cause>),
}

impl Problem {
    /// A problem with these details.
    pub fn new(word: Word, details: impl IntoIterator<Item = String>) -> Self {
        Self::Own(word, details.into_iter().collect(), None)
    }

    /// A problem with these details, and why.
    pub fn caused(word: Word, details: impl IntoIterator<Item = String>, why: impl Into<Cause>) -> Self {
        Self::Own(word, details.into_iter().collect(), Some(why.into()))
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wallet(error) => error.code(),
            Self::Sync(error) => error.code(),
            Self::Own(word, ..) => match word {
                Word::NoHome => "no_folder",
                Word::UnknownOffer => "unknown_offer",
                Word::UnknownInspection => "unknown_inspection",
                Word::StillRunning => "still_running",
                Word::Offline => "offline",
                Word::BadLink => "bad_link",
                Word::NotSavedHere => "not_saved_here",
                Word::NoOpener => "no_opener",
                Word::NoPicture => "no_picture",
                Word::BadUrl => "bad_url",
                Word::Unfetchable => "unfetchable",
                Word::NoNetwork => "no_network",
                Word::TooMuchText => "too_large",
                Word::NothingInText => "empty",
                Word::SettingsNotSaved => "settings_not_saved",
                Word::Unwritable => "unwritable",
                Word::OverInput => "over_input",
                Word::WalletGone => "wallet_gone",
                Word::Shut => "wallet_shut",
                Word::NoServer => "no_server",
                _ => "stopped",
            },
        }
    }

    /// Whether rebuilding the wallet can help.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Wallet(WalletError::Damaged { .. } | WalletError::IndexDamaged { .. }))
    }

    /// Whether a passphrase opens the wallet.
    pub fn needs_passphrase(&self) -> bool {
        matches!(self.code(), "needs_passphrase" | "wrong_passphrase")
    }

    /// Whether nothing more can be done with the wallet until a person has looked after it.
    pub fn ends_wallet(&self) -> bool {
        self.is_damage() || matches!(self, Self::Own(Word::WalletGone, ..))
    }

    fn retry(&self) -> bool {
        match self {
            Self::Wallet(error) => error.retry(),
            Self::Sync(error) => error.retry(),
            Self::Own(word, ..) => {
                matches!(
                    word,
                    Word::StillRunning | Word::WalletGone | Word::Unfetchable | Word::NoPicture | Word::NoNetwork | Word::Stopped
                )
            }
        }
    }

    /// As the window gets it. The same reference stands in the log, which names no badge.
    pub fn told(&self, language: Language) -> ipc::Problem {
        let message = match self {
            // What the shell says of passphrases speaks of terminals.
            Self::Wallet(error) => {
                of_passphrase(error.code()).map_or_else(|| error.message(language), |word| words::filled(word, language, &[]))
            }
            Self::Sync(error) => error.message(language),
            Self::Own(word, details, why) => {
                let why = why.iter().map(|why| why.words(language).to_owned());
                words::filled(*word, language, &details.iter().cloned().chain(why).collect::<Vec<_>>())
            }
        };
        let reference = reference();
        eprintln!("satchel: problem {reference}: {}", self.code());
        ipc::Problem { code: self.code().to_owned(), message, retry: self.retry(), reference }
    }
}

fn of_passphrase(code: &str) -> Option<Word> {
    match code {
        "needs_passphrase" => Some(Word::TypePassphrase),
        "wrong_passphrase" => Some(Word::OtherPassphrase),
        "no_keyring" => Some(Word::NoKeyring),
        _ => None,
    }
}

impl From<WalletError> for Problem {
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
    }
}

impl From<SyncError> for Problem {
    fn from(error: SyncError) -> Self {
        match error {
            // Damage is damage, whoever finds it.
            SyncError::Wallet(error) => Self::Wallet(error),
            error => Self::Sync(Box::new(error)),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// Six letters and digits that are not taken for one another. Each process hashes otherwise, so it needs no other source of randomness.
fn reference() -> String {
    use std::hash::{BuildHasher, Hasher};
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut number = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let mut text = String::new();
    for _ in 0..6 {
        let at = usize::try_from(number % 32).unwrap_or_default();
        text.push(char::from(LETTERS[at]));
        number /= 32;
    }
    text
}
