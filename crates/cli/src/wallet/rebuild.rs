//! `satchel wallet rebuild`: every byte looked at, all that is derived made anew; what is lost is named.

use satchel_wallet::BadgeId;
use serde::Serialize;

use super::{Desk, Out, status};
use crate::Outcome;
use crate::verify::{pick, plain};

#[derive(Serialize)]
struct Row {
    badges: usize,
    /// Where the damaged database was kept.
    damaged: Option<String>,
    lost: Vec<Lost>,
}

#[derive(Serialize)]
struct Lost {
    id: Option<BadgeId>,
    name: Option<String>,
}

pub fn run(desk: &Desk) -> Outcome {
    let (_, rebuilt) = desk.access().rebuild(&desk.dir, desk.now).map_err(|error| desk.problem(&error))?;
    let row = Row {
        badges: rebuilt.badges,
        damaged: rebuilt.damaged.map(|path| path.display().to_string()),
        lost: rebuilt.lost.into_iter().map(|lost| Lost { id: lost.id, name: lost.name }).collect(),
    };
    let mut out = Out::new();
    if desk.json {
        out.json(&row)?;
    } else {
        for line in words(desk, &row) {
            out.line(&line)?;
        }
    }
    out.flush()?;
    Ok(status(row.damaged.is_some() || !row.lost.is_empty()))
}

fn words(desk: &Desk, row: &Row) -> Vec<String> {
    let it = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    let mut lines = Vec::new();
    if let Some(path) = &row.damaged {
        lines.push(format!(
            "{}: {}",
            it("The wallet was damaged; it is kept here", "Il portafoglio era danneggiato; è conservato qui"),
            plain(path)
        ));
        if row.lost.is_empty() {
            lines.push(it("Nothing was lost.", "Nulla è andato perduto.").to_owned());
        }
    }
    for lost in &row.lost {
        let id = lost.id.map(|id| id.to_string()).unwrap_or_default();
        let name = lost.name.as_deref().unwrap_or(it("(name unknown)", "(nome ignoto)"));
        lines.push(format!("{}: {}  {}", it("Lost", "Perduto"), plain(name), id.get(..12).unwrap_or_default()));
    }
    let derived = it("badges; all that is derived from them was made anew.", "badge; tutto ciò che ne deriva è stato rifatto.");
    lines.push(format!("{} {derived}", row.badges));
    lines
}
