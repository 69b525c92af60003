//! `satchel desk revoke`: an award is taken back.

use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use crate::passphrase::{Opens, Terminal};
use crate::verify::pick;
use crate::{Outcome, Status};

pub fn run(desk: &Desk, id: &str, reason: &str) -> Outcome {
    let done = desk.open()?.revoke(id, reason, &Terminal(desk.language, Opens::Desk), &Timestamp::now);
    let done = done.map_err(|error| desk.problem(&error))?;
    if desk.json {
        let mut row = json!({ "id": done.id, "result": if done.before { "known" } else { "revoked" }, "published": done.unpublished.is_none() });
        if let Some(error) = &done.unpublished {
            (row["code"], row["message"]) = (json!(error.code()), json!(error.message(desk.language)));
        }
        anstream::println!("{row}");
    } else {
        anstream::println!("{}", done.id);
    }
    let Some(error) = &done.unpublished else { return Ok(Status::Done) };
    let words = pick(
        desk.language,
        "It is revoked here, and the server does not know yet; `desk publish` tells it.",
        "È revocato qui, e il server non lo sa ancora; `desk publish` glielo comunica.",
    );
    anstream::eprintln!("{words} {}", error.message(desk.language));
    Ok(Status::Refused)
}
