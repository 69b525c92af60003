//! `satchel wallet adopt`: a wallet that was not made here, such as one's own from another computer, is called one's own.

use serde_json::json;

use super::{Desk, Out};
use crate::verify::pick;
use crate::{Outcome, Status};

pub fn run(desk: &Desk) -> Outcome {
    let mut wallet = desk.access().open(&desk.dir, desk.now).map_err(|error| desk.problem(&error))?;
    let was_foreign = wallet.is_foreign();
    wallet.adopt(&desk.access(), desk.now).map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    if desk.json {
        out.json(&json!({ "result": if was_foreign { "adopted" } else { "unchanged" } }))?;
    } else if was_foreign {
        out.line(pick(
            desk.language,
            "This wallet is yours now; what it says counts.",
            "Ora questo portafoglio è tuo; ciò che dice conta.",
        ))?;
    } else {
        out.line(pick(desk.language, "This wallet was yours already.", "Questo portafoglio era già tuo."))?;
    }
    out.flush()?;
    Ok(Status::Done)
}
