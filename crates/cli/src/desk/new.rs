//! `satchel desk new`: a desk, its keys, and the secret that is told once.

use satchel_wallet::desk::{self, NewIssuer};
use serde_json::json;

use super::Desk;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, new: &NewIssuer) -> Outcome {
    let made = desk::Desk::create(&desk.dir, new, &Terminal(desk.language, Opens::Desk), desk.now)
        .map_err(|error| desk.problem(&error))?;
    let issuer = made.desk.issuer();
    let document = issuer.did_document();
    if desk.json {
        let mut row = json!({ "did": issuer.did, "name": issuer.name, "desk": desk.dir.display().to_string(), "keys": made.keeper,
            "next_key": issuer.next_key, "successor": made.successor.as_str() });
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
    let words = say(
        "Write this down and lock it away. It is the key that will take over if this one is lost or stolen, and it is kept nowhere:",
        "Trascrivi questo e mettilo al sicuro. È la chiave che subentrerà se questa va persa o viene rubata, e non è conservata altrove:",
    );
    anstream::eprintln!("{words}\n{}", made.successor.as_str());
    Ok(Status::Done)
}
