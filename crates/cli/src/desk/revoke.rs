//! `satchel desk revoke`: awards are taken back.

use jiff::Timestamp;
use serde_json::json;

use super::{Desk, found};
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, ids: &[String], withdrawn: bool, reason: &str) -> Outcome {
    let (open, terminal) = (desk.open()?, Terminal::new(desk.language, Opens::Desk));
    let mut ids = ids.to_vec();
    if withdrawn {
        ids.extend(open.withdrawn(&terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?);
    }
    let done = open.revoke(&ids, reason, &terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
    let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    for award in &done.awards {
        if desk.json {
            let result = if award.before.is_some() { "known" } else { "revoked" };
            let mut row = json!({ "id": award.id, "result": result, "published": done.unpublished.is_none() });
            if let Some(before) = &award.before {
                row["reason"] = json!(before);
            }
            if let Some(error) = &done.unpublished {
                (row["code"], row["message"]) = (json!(error.code()), json!(error.message(desk.language)));
            }
            anstream::println!("{row}");
            continue;
        }
        anstream::println!("{}", award.id);
        if let Some(before) = &award.before {
            let said = words("It was revoked before, and the reason stays:", "Era già revocato, e il motivo resta:");
            anstream::eprintln!("{said} {}", plain(before));
        }
    }
    found::say(desk, &done.found);
    let Some(error) = &done.unpublished else { return Ok(Status::Done) };
    let said = words(
        "It is revoked here, and the server does not know yet; `desk publish` tells it.",
        "È revocato qui, e il server non lo sa ancora; `desk publish` glielo comunica.",
    );
    anstream::eprintln!("{said} {}", error.message(desk.language));
    Ok(Status::Refused)
}
