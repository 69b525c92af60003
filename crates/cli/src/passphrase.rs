//! Where a passphrase comes from: `SATCHEL_PASSPHRASE`, or whoever sits at the terminal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use console::Term;
use satchel_badge::words::Language;
use satchel_wallet::signin::{LEAST, Passphrases};
use zeroize::Zeroizing;

use crate::verify::pick;

/// What a passphrase opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// The keys of a desk.
    Desk,
    /// The sign-ins of a wallet.
    Wallet,
}

/// How often somebody may type one that is too short.
const TRIES: usize = 3;

/// The environment, and the terminal.
pub struct Terminal {
    language: Language,
    opens: Opens,
    /// What was typed, so that nobody is asked twice by one command.
    typed: Mutex<Option<Zeroizing<String>>>,
}

impl Terminal {
    /// Whoever sits there is asked in this language, for what opens this.
    pub fn new(language: Language, opens: Opens) -> Self {
        Self { language, opens, typed: Mutex::default() }
    }

    fn typed(&self) -> MutexGuard<'_, Option<Zeroizing<String>>> {
        self.typed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passphrases for Terminal {
    fn given(&self) -> Option<Zeroizing<String>> {
        std::env::var("SATCHEL_PASSPHRASE").ok().filter(|text| !text.is_empty()).map(Zeroizing::new)
    }

    fn ask(&self, new: bool) -> Option<Zeroizing<String>> {
        let term = Term::stderr();
        if !term.is_term() {
            return None;
        }
        let ask = |words: &str| {
            term.write_str(words).ok()?;
            term.read_secure_line().ok().map(Zeroizing::new)
        };
        let of = match self.opens {
            Opens::Desk => pick(self.language, "the desk", "il banco"),
            Opens::Wallet => pick(self.language, "the wallet", "il portafoglio"),
        };
        if !new {
            let mut typed = self.typed();
            if typed.is_none() {
                *typed = ask(&format!("{} {of}: ", pick(self.language, "Passphrase for", "Frase segreta per")));
            }
            return typed.clone();
        }
        let words = pick(
            self.language,
            "There is no keyring on this machine. A passphrase of 12 characters or more for",
            "Su questa macchina non c'è un portachiavi. Una frase segreta di almeno 12 caratteri per",
        );
        let mut short = 0;
        loop {
            let first = ask(&format!("{words} {of}: "))?;
            if first.chars().count() < LEAST {
                short += 1;
                // Whoever opens it says that it is too short, the last time.
                if short == TRIES {
                    return Some(first);
                }
                anstream::eprintln!("{}", pick(self.language, "That is too short.", "È troppo corta."));
                continue;
            }
            if ask(pick(self.language, "Once more: ", "Ancora una volta: "))? == first {
                return Some(first);
            }
            anstream::eprintln!("{}", pick(self.language, "The two are not the same.", "Le due non sono uguali."));
        }
    }

    fn was_wrong(&self) {
        *self.typed() = None;
        anstream::eprintln!("{}", pick(self.language, "That is another one. Once more:", "È un'altra. Ancora una volta:"));
    }
}
