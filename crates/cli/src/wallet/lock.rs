//! `satchel wallet lock`, `unlock` and `status`: what protects a wallet.

use satchel_wallet::{Query, Shelf};
use serde_json::json;

use super::{Desk, Out};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn lock(desk: &Desk) -> Outcome {
    let locked = desk.access().lock(&desk.dir).map_err(|error| desk.problem(&error))?;
    let [left, server] = [locked.left.as_slice(), locked.server.as_slice()]
        .map(|paths| paths.iter().map(|path| path.display().to_string()).collect::<Vec<String>>());
    let mut out = Out::new();
    if desk.json {
        let not_locked = [left, server].concat();
        out.json(&json!({ "result": if locked.already { "unchanged" } else { "locked" }, "keeper": locked.keeper, "not_locked": not_locked }))?;
    } else {
        let by_keyring = pick(
            desk.language,
            "The wallet is locked: your keyring opens it. Without the keyring nobody reads it, you neither.",
            "Il portafoglio è bloccato: lo apre il tuo portachiavi. Senza il portachiavi non lo legge nessuno, nemmeno tu.",
        );
        let by_passphrase = pick(
            desk.language,
            "The wallet is locked: your passphrase opens it. Whoever forgets it has lost the badges.",
            "Il portafoglio è bloccato: lo apre la tua frase segreta. Chi la dimentica ha perso i badge.",
        );
        out.line(if locked.keeper == "keyring" { by_keyring } else { by_passphrase })?;
        for path in &left {
            let words = pick(
                desk.language,
                "This damaged copy is not locked; delete it if you need it no more",
                "Questa copia danneggiata non è bloccata; eliminala se non ti serve più",
            );
            out.line(&format!("{words}: {}", plain(path)))?;
        }
        for path in &server {
            let words = pick(
                desk.language,
                "What the server within the app keeps is not locked: accounts, invitations and mails",
                "Ciò che conserva il server interno all'app non è bloccato: account, inviti e messaggi",
            );
            out.line(&format!("{words}: {}", plain(path)))?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

pub fn unlock(desk: &Desk) -> Outcome {
    let was_locked = desk.access().unlock(&desk.dir).map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    if desk.json {
        out.json(&json!({ "result": if was_locked { "unlocked" } else { "unchanged" } }))?;
    } else {
        out.line(unprotected(desk))?;
    }
    out.flush()?;
    Ok(Status::Done)
}

pub fn status(desk: &Desk) -> Outcome {
    let mut wallet = desk.open()?;
    let mut count = |shelf| wallet.find(&Query { shelf, limit: Some(0), ..Query::default() }, desk.now).map(|found| found.total);
    let (kept, bin) = count(Shelf::Kept).and_then(|kept| Ok((kept, count(Shelf::Bin)?))).map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    let dir = desk.dir.display().to_string();
    if desk.json {
        out.json(&json!({ "folder": dir, "badges": kept, "bin": bin, "keeper": wallet.keeper(), "own": !wallet.is_foreign() }))?;
    } else {
        let words = pick(desk.language, ["Folder", "Badges", "In the bin"], ["Cartella", "Badge", "Nel cestino"]);
        for (label, value) in words.into_iter().zip([plain(&dir), kept.to_string(), bin.to_string()]) {
            out.line(&format!("{label}: {value}"))?;
        }
        out.line(match wallet.keeper() {
            Some("keyring") => pick(desk.language, "Locked; your keyring opens it.", "Bloccato; lo apre il tuo portachiavi."),
            Some(_) => pick(desk.language, "Locked; your passphrase opens it.", "Bloccato; lo apre la tua frase segreta."),
            None => unprotected(desk),
        })?;
    }
    out.flush()?;
    Ok(Status::Done)
}

fn unprotected(desk: &Desk) -> &'static str {
    pick(
        desk.language,
        "Nothing protects this wallet: whoever reads this disk reads your badges. `satchel wallet lock` encrypts it.",
        "Nulla protegge questo portafoglio: chi legge questo disco legge i tuoi badge. `satchel wallet lock` lo cifra.",
    )
}
