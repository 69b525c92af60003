//! `satchel desk badge`: the badges that can be awarded.

use std::path::Path;

use satchel_wallet::desk::Badge;
use serde_json::{Value, json};

use super::Desk;
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

fn row(badge: &Badge, result: Option<&str>) -> Value {
    let mut row = json!({ "slug": badge.slug, "id": badge.id, "name": badge.name });
    if let Some(result) = result {
        row["result"] = json!(result);
    }
    row
}

pub fn add(desk: &Desk, file: &Path) -> Outcome {
    let made = desk.open()?.add_badge(file, desk.now).map_err(|error| desk.problem(&error))?;
    let (badge, result) = (&made.badge, if made.new { "added" } else { "known" });
    if desk.json {
        anstream::println!("{}", row(badge, Some(result)));
    } else {
        anstream::println!("{}", badge.slug);
        let (new, known) = (("can be awarded.", "può essere assegnato."), ("was there already.", "c'era già."));
        let (english, italian) = if made.new { new } else { known };
        let words = pick(desk.language, english, italian);
        anstream::eprintln!("{} {words}", plain(&badge.name));
    }
    Ok(Status::Done)
}

pub fn list(desk: &Desk) -> Outcome {
    for badge in desk.open()?.badges().map_err(|error| desk.problem(&error))? {
        if desk.json {
            anstream::println!("{}", row(&badge, None));
        } else {
            anstream::println!("{}  {}", badge.slug, plain(&badge.name));
        }
    }
    Ok(Status::Done)
}
