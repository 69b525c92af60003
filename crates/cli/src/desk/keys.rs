//! `satchel desk keys`: what the desk signs with, and the key that will succeed it.

use console::Term;
use jiff::Timestamp;
use satchel_badge::succession::Reason;
use satchel_wallet::desk::{self, NewIssuer, Succeeded};
use serde_json::json;
use zeroize::Zeroizing;

use super::Desk;
use super::args::{Keys, Why};
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, what: Option<&Keys>) -> Outcome {
    let Some(Keys::Succeed { of, server, reason, name, url, email }) = what else {
        let open = desk.open()?;
        let issuer = open.issuer();
        if desk.json {
            anstream::println!("{}", json!({ "did": issuer.did, "key": issuer.key_url, "next_key": issuer.next_key }));
        } else {
            anstream::println!("{}\n{}\n{}", issuer.did, issuer.key_url, issuer.next_key);
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
    let made = desk::Desk::succeed(&desk.dir, &new, &it, &secret(desk), &Terminal(desk.language, Opens::Desk), &Timestamp::now);
    let made = made.map_err(|error| desk.problem(&error))?;
    let issuer = made.desk.issuer();
    if desk.json {
        let row = json!({ "did": issuer.did, "of": of, "keys": made.keeper, "next_key": issuer.next_key, "successor": made.successor.as_str() });
        anstream::println!("{row}");
        return Ok(Status::Done);
    }
    anstream::println!("{}", issuer.did);
    let words = pick(
        desk.language,
        "This desk has taken over; the server takes nothing more of the key before it. Write this down and lock it away: the key that will take over next.",
        "Questo banco è subentrato; il server non accetta più nulla dalla chiave precedente. Trascrivi questo e mettilo al sicuro: la chiave che subentrerà dopo.",
    );
    anstream::eprintln!("{}\n{}", words, plain(&made.successor));
    Ok(Status::Done)
}

/// The secret that was told when the desk was made that is succeeded.
fn secret(desk: &Desk) -> Zeroizing<String> {
    if let Ok(secret) = std::env::var("SATCHEL_SUCCESSOR") {
        return Zeroizing::new(secret);
    }
    let term = Term::stderr();
    let ask = pick(
        desk.language,
        "The secret of the successor, as it was written down: ",
        "Il segreto della chiave che subentra, come trascritto: ",
    );
    let typed = term.is_term().then(|| term.write_str(ask).and_then(|()| term.read_secure_line()).ok()).flatten();
    Zeroizing::new(typed.unwrap_or_default())
}
