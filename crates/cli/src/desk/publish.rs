//! `satchel desk publish`: what is signed goes to the server.

use jiff::Timestamp;
use satchel_protocol::desk::Outcome as Taken;
use satchel_wallet::desk::Published;
use serde_json::json;

use super::Desk;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk) -> Outcome {
    let (mut taken, mut refused) = (0, 0);
    let done = desk.open()?.publish(&Terminal(desk.language, Opens::Desk), desk.language, &Timestamp::now, &mut |award| {
        *if award.result == Taken::Refused { &mut refused } else { &mut taken } += 1;
        say(desk, award);
    });
    let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    anstream::eprintln!("{taken} {}, {refused} {}.", words("published", "pubblicati"), words("refused", "rifiutati"));
    done.map_err(|error| desk.problem(&error))?;
    Ok(if refused > 0 { Status::Refused } else { Status::Done })
}

fn say(desk: &Desk, award: &Published) {
    if desk.json {
        let mut row = json!({ "id": award.id, "result": award.result });
        for (name, value) in [("invitation", &award.invitation), ("code", &award.code), ("message", &award.message)] {
            if let Some(value) = value {
                row[name] = json!(value);
            }
        }
        anstream::println!("{row}");
    } else if award.result == Taken::Refused {
        let (code, message) = (award.code.as_deref().unwrap_or_default(), award.message.as_deref().unwrap_or_default());
        anstream::println!("{}  {}  [{}]", award.id, plain(message), plain(code));
    }
}
