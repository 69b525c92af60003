//! `satchel desk status`: how every award stands.

use jiff::Timestamp;
use satchel_wallet::desk::{Found, Standing};
use serde_json::json;

use super::{Desk, found};
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, offline: bool) -> Outcome {
    let (mut count, mut found) = (0, Found::default());
    let mut told = |award: &Standing| {
        count += 1;
        say(desk, award);
    };
    let done = desk.open()?.status(!offline, &Terminal::new(desk.language, Opens::Desk), &Timestamp::now, &mut told, &mut found);
    found::say(desk, &found);
    done.map_err(|error| desk.problem(&error))?;
    if !desk.json {
        anstream::eprintln!("{count} {}", pick(desk.language, "awards", "badge assegnati"));
    }
    Ok(Status::Done)
}

fn say(desk: &Desk, award: &Standing) {
    let Standing { id, badge, made, state, reason, invitation, email } = award;
    if desk.json {
        let mut row = json!({ "id": id, "badge": badge, "made": made, "state": state });
        if let Some(invitation) = invitation {
            row["invitation"] = json!(invitation);
        }
        for (name, value) in [("email", email), ("reason", reason)] {
            if let Some(value) = value {
                row[name] = json!(value);
            }
        }
        return anstream::println!("{row}");
    }
    let stands = invitation.map(|invitation| invitation.name().to_owned());
    let more = [stands.as_ref(), email.as_ref(), reason.as_ref()].into_iter().flatten();
    let more: String = more.flat_map(|text| [String::from("  "), plain(text)]).collect();
    anstream::println!("{id}  {badge}  {state}{more}");
}
