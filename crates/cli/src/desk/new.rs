//! `satchel desk new`: a desk, its keys, and the file of the key that will succeed.

use std::path::Path;

use satchel_wallet::desk::{self, New, NewIssuer};
use serde_json::json;

use super::Desk;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, new: &NewIssuer, successor: Option<&Path>) -> Outcome {
    let made = desk::Desk::create(&desk.dir, new, successor, &Terminal::new(desk.language, Opens::Desk), desk.now)
        .map_err(|error| desk.problem(&error))?;
    let issuer = made.desk.issuer();
    let document = issuer.did_document();
    if desk.json {
        let mut row = json!({ "did": issuer.did, "name": issuer.name, "desk": desk.dir.display().to_string(), "keys": made.keeper,
            "next_key": issuer.next_key, "successor": made.successor.display().to_string(), "passphrase": made.passphrase.as_str() });
        if let Some(document) = document {
            row["did_document"] = document;
        }
        anstream::println!("{row}");
        return Ok(Status::Done);
    }
    let say = |english, italian| pick(desk.language, english, italian);
    let dir = desk.dir.display().to_string();
    anstream::println!("{}", issuer.did);
    anstream::eprintln!(
        "{} {} {}, {}.",
        plain(&issuer.name),
        say("issues at the desk in", "emette dal banco in"),
        plain(&dir),
        match made.keeper {
            "keyring" =>
                say("whose keys this machine's keyring opens", "le cui chiavi sono aperte dal portachiavi di questa macchina"),
            _ => say("whose keys the passphrase opens", "le cui chiavi sono aperte dalla frase segreta"),
        }
    );
    if let Some(document) = document {
        let words = say("Serve this at", "Pubblica questo in");
        let at = satchel_badge::did::web_url(&issuer.did).unwrap_or_default();
        anstream::eprintln!("{words} {at}:\n{document:#}");
    }
    if issuer.email.is_none() || issuer.url.is_none() {
        let words = say(
            "Without --url and --email badges have no Open Badges 2.0 form.",
            "Senza --url ed --email i badge non hanno la forma Open Badges 2.0.",
        );
        anstream::eprintln!("{words}");
    }
    tell_successor(desk, &made);
    Ok(Status::Done)
}

/// Says where the key is that will take over, and, once, what opens it.
pub fn tell_successor(desk: &Desk, made: &New) {
    let words = pick(
        desk.language,
        "The key that will take over if this one is lost or stolen is in this file. Move it to a stick or a safe, away from this machine:",
        "La chiave che subentrerà se questa va persa o viene rubata è in questo file. Spostalo su una chiavetta o in cassaforte, lontano da questa macchina:",
    );
    anstream::eprintln!("{words}\n{}", plain(&made.successor.display().to_string()));
    let words = pick(
        desk.language,
        "This opens it, and is kept nowhere. Write it down on paper, and keep the paper elsewhere than the file (any `age` program opens it too):",
        "Questo lo apre, e non è conservato altrove. Trascrivilo su carta, e tieni la carta in un luogo diverso dal file (lo apre anche qualsiasi programma `age`):",
    );
    anstream::eprintln!("{words}\n{}", made.passphrase.as_str());
}
