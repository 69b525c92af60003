//! `satchel desk keys`: what the desk signs with, and the key that will succeed it.

use console::Term;
use jiff::Timestamp;
use satchel_badge::succession::Reason;
use satchel_wallet::desk::{self, Held, NewIssuer, Succeeded};
use serde_json::json;
use zeroize::Zeroizing;

use super::Desk;
use super::args::{Keys, Why};
use super::new::tell_successor;
use crate::passphrase::{Opens, Terminal};
use crate::verify::pick;
use crate::{Outcome, Status};

pub fn run(desk: &Desk, what: Option<&Keys>) -> Outcome {
    let Some(Keys::Succeed { with, of, server, reason, name, url, email, successor }) = what else {
        let open = desk.open()?;
        let issuer = open.issuer();
        if desk.json {
            anstream::println!("{}", json!({ "did": issuer.did, "key": issuer.key_url, "next_key": issuer.next_key }));
        } else {
            let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
            anstream::println!("{}  {}", words("Issuer:        ", "Ente:            "), issuer.did);
            anstream::println!("{}  {}", words("Key:           ", "Chiave:          "), issuer.key_url);
            anstream::println!("{}  {}", words("Hash of next:  ", "Hash prossima:   "), issuer.next_key);
        }
        return Ok(Status::Done);
    };
    let new = NewIssuer { name: name.clone(), domain: None, url: url.clone(), email: email.clone() };
    let reason = match reason {
        Why::Rotated => Reason::Rotated,
        Why::Lost => Reason::Lost,
        Why::Compromised => Reason::Compromised,
    };
    let it = Succeeded { of, server, reason };
    let passphrase = passphrase(desk);
    let held = Held { file: with, passphrase: &passphrase, next: successor.as_deref() };
    let made = desk::Desk::succeed(&desk.dir, &new, &it, held, &Terminal::new(desk.language, Opens::Desk), &Timestamp::now);
    let made = made.map_err(|error| desk.problem(&error))?;
    let issuer = made.desk.issuer();
    if desk.json {
        let row = json!({ "did": issuer.did, "of": of, "keys": made.keeper, "next_key": issuer.next_key,
            "successor": made.successor.display().to_string(), "passphrase": made.passphrase.as_str() });
        anstream::println!("{row}");
        return Ok(Status::Done);
    }
    anstream::println!("{}", issuer.did);
    let words = pick(
        desk.language,
        "This desk has taken over; the server takes nothing more of the key before it.",
        "Questo banco è subentrato; il server non accetta più nulla dalla chiave precedente.",
    );
    anstream::eprintln!("{words}");
    tell_successor(desk, &made);
    Ok(Status::Done)
}

/// What opens the file, as it was told when the desk was made that is succeeded.
fn passphrase(desk: &Desk) -> Zeroizing<String> {
    if let Ok(secret) = std::env::var("SATCHEL_SUCCESSOR") {
        return Zeroizing::new(secret);
    }
    let term = Term::stderr();
    let ask = pick(
        desk.language,
        "What opens the file of the successor, as it was written down: ",
        "Ciò che apre il file della chiave che subentra, come trascritto: ",
    );
    let typed = term.is_term().then(|| term.write_str(ask).and_then(|()| term.read_secure_line()).ok()).flatten();
    Zeroizing::new(typed.unwrap_or_default())
}
