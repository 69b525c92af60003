//! `satchel wallet remove`: into the bin, out of it, or gone for good. Each id has its own answer.

use satchel_wallet::{BadgeId, Erased, Wallet};
use serde::Serialize;

use super::{Desk, Out, status};
use crate::Outcome;
use crate::problem::Problem;
use crate::verify::{pick, plain};

/// What is done with the badges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Into the bin.
    Bin,
    /// Out of the bin.
    Undo,
    /// Gone for good.
    Erase,
}

impl How {
    pub fn of(undo: bool, erase: bool) -> Self {
        match (undo, erase) {
            (true, _) => Self::Undo,
            (_, true) => Self::Erase,
            _ => Self::Bin,
        }
    }
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    result: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Files that stay, because another badge stands in them too.
    #[serde(skip_serializing_if = "is_zero")]
    shared: usize,
    /// Damaged databases that may still hold it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    kept_in: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

pub fn run(desk: &Desk, ids: &[String], how: How) -> Outcome {
    // Nothing is removed where one of the ids is none at all.
    let parsed = ids.iter().map(|id| desk.id(id)).collect::<Result<Vec<_>, _>>()?;
    let mut wallet = desk.open()?;
    let (mut out, mut refused) = (Out::new(), false);
    for id in &parsed {
        let row = match remove(&mut wallet, id, how, desk) {
            Ok(row) => row,
            Err(problem) if problem.status() == crate::Status::Refused => {
                refused = true;
                let (code, message) = (Some(problem.code()), Some(problem.message(desk.language)));
                Row { id: id.to_string(), result: "refused", code, message, shared: 0, kept_in: Vec::new() }
            }
            Err(problem) => return Err(problem),
        };
        if desk.json {
            out.json(&row)?;
        } else {
            out.line(&words(desk, &row))?;
        }
        out.flush()?;
    }
    Ok(status(refused))
}

fn remove(wallet: &mut Wallet, id: &satchel_wallet::IdPrefix, how: How, desk: &Desk) -> Result<Row<'static>, Problem> {
    let row = |id: BadgeId, result| Row { id: id.to_string(), result, code: None, message: None, shared: 0, kept_in: Vec::new() };
    let done = match how {
        How::Bin => wallet.remove(id, desk.now).map(|(id, new)| row(id, if new { "removed" } else { "unchanged" })),
        How::Undo => wallet.restore(id, desk.now).map(|(id, was)| row(id, if was { "restored" } else { "unchanged" })),
        How::Erase => wallet.erase(id, desk.now).map(|Erased { id, shared, kept_in }| {
            let kept_in = kept_in.iter().map(|path| path.display().to_string()).collect();
            Row { shared, kept_in, ..row(id, "erased") }
        }),
    };
    done.map_err(|error| desk.problem(&error))
}

fn words(desk: &Desk, row: &Row<'_>) -> String {
    let it = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    let id = row.id.get(..12).unwrap_or(&row.id);
    let mut text = match row.result {
        "removed" => it("in the bin for 30 days", "nel cestino per 30 giorni").to_owned(),
        "restored" => it("out of the bin", "fuori dal cestino").to_owned(),
        "erased" => it("erased", "cancellato").to_owned(),
        "unchanged" => it("as it was", "come prima").to_owned(),
        _ => row.message.clone().unwrap_or_default(),
    };
    if row.shared > 0 {
        let stays = it("its file stays, because another badge is in it", "il suo file resta, perché contiene un altro badge");
        text = format!("{text}; {stays}");
    }
    for path in &row.kept_in {
        let holds = it(
            "this damaged copy may still hold it; delete it yourself",
            "questa copia danneggiata può ancora contenerlo; eliminala tu",
        );
        text = format!("{text}; {holds}: {}", plain(path));
    }
    format!("{id}  {text}")
}
