//! `satchel desk publish`: what is signed goes to the server.

use jiff::Timestamp;
use satchel_protocol::desk::Outcome as Taken;
use satchel_protocol::visibility::Listing;
use satchel_wallet::desk::{Found, Publish, Published};
use serde_json::json;

use super::{Desk, args, found};
use crate::passphrase::{Opens, Terminal};
use crate::problem::Problem;
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, open: &satchel_wallet::desk::Desk, take_over: bool, reinstate: &[String]) -> Outcome {
    let (mut taken, mut refused, mut found) = (0, 0, Found::default());
    let wish = Publish { language: desk.language, take_over, reinstate };
    let mut told = |award: &Published| {
        *if award.result == Taken::Refused { &mut refused } else { &mut taken } += 1;
        say(desk, award);
    };
    let done = open.publish(&Terminal::new(desk.language, Opens::Desk), &wish, &Timestamp::now, &mut told, &mut found);
    found::say(desk, &found);
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

/// The desk, which publishes on this server from now on, where it has none yet.
pub fn on(desk: &Desk, server: Option<&str>) -> Result<satchel_wallet::desk::Desk, Problem> {
    let mut open = desk.open()?;
    open.publish_on(server, &Terminal::new(desk.language, Opens::Desk), &Timestamp::now).map_err(|error| desk.problem(&error))?;
    Ok(open)
}

/// Who finds a badge at the server.
pub fn list(desk: &Desk, badge: &str, state: args::Listing, server: Option<&str>) -> Outcome {
    let state = match state {
        args::Listing::Published => Listing::Published,
        args::Listing::Unlisted => Listing::Unlisted,
        args::Listing::Closed => Listing::Closed,
    };
    let done = on(desk, server)?.list(badge, state, &Terminal::new(desk.language, Opens::Desk), &Timestamp::now);
    done.map_err(|error| desk.problem(&error))?;
    if desk.json {
        anstream::println!("{}", json!({ "slug": badge, "state": state }));
    } else {
        anstream::println!("{}  {}", plain(badge), state.name());
    }
    Ok(Status::Done)
}
