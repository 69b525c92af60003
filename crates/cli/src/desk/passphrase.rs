//! Where a passphrase comes from: `SATCHEL_PASSPHRASE`, or whoever sits at the terminal.

use console::Term;
use satchel_badge::words::Language;
use satchel_wallet::desk::Passphrases;
use zeroize::Zeroizing;

use crate::verify::pick;

/// The environment, and the terminal.
pub struct Terminal(pub Language);

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
        let known = pick(self.0, "Passphrase of the desk: ", "Frase segreta del banco: ");
        if !new {
            return ask(known);
        }
        let words = pick(
            self.0,
            "There is no keyring on this machine. A passphrase of 12 characters or more for the desk: ",
            "Su questa macchina non c'è un portachiavi. Una frase segreta di almeno 12 caratteri per il banco: ",
        );
        let first = ask(words)?;
        let second = ask(pick(self.0, "Once more: ", "Ancora una volta: "))?;
        (first == second).then_some(first)
    }
}
