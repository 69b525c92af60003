//! `satchel wallet show`: all about one badge, checked again as of now with what is at hand.

use jiff::Timestamp;
use satchel_wallet::inspect::Row;
use satchel_wallet::{BadgeId, Sha256};
use serde::Serialize;

use super::{Desk, Out};
use crate::output::said;
use crate::verify::{Text, pick, plain};
use crate::{Outcome, Status};

/// The report, as `satchel verify --json` has it, and what the wallet knows besides.
#[derive(Serialize)]
struct Shown<'a> {
    id: BadgeId,
    file: &'a str,
    sha256: Sha256,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    copies: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture_away: Option<&'a str>,
    added: Timestamp,
    removed: Option<Timestamp>,
    #[serde(flatten)]
    report: Row<'a>,
}

pub fn run(desk: &Desk, id: &str) -> Outcome {
    let id = desk.id(id)?;
    let shown = desk.open()?.show(&id, desk.now).map_err(|error| desk.problem(&error))?;
    let mut out = Out::new();
    if desk.json {
        out.json(&Shown {
            id: shown.id,
            file: &shown.file,
            sha256: shown.sha256,
            source: shown.source.as_deref(),
            copies: shown.copies,
            picture_away: shown.picture_away.as_deref(),
            added: shown.added,
            removed: shown.removed,
            report: Row::new(None, &shown.report, desk.language),
        })?;
    } else {
        said(Text::new(desk.language, false, None).report(&mut out.0, &shown.file, &shown.report, true))?;
        let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
        let labels = pick(
            desk.language,
            ["Id", "Added", "From", "Picture, not fetched yet", "In the bin since"],
            ["Id", "Aggiunto", "Da", "Immagine, non ancora scaricata", "Nel cestino dal"],
        );
        let values = [
            Some(shown.id.to_string()),
            Some(day(shown.added)),
            shown.source.clone(),
            shown.picture_away.clone(),
            shown.removed.map(day),
        ];
        for (label, value) in labels.into_iter().zip(values) {
            if let Some(value) = value {
                out.line(&format!("  {label}: {}", plain(&value)))?;
            }
        }
    }
    out.flush()?;
    Ok(Status::Done)
}
