//! `satchel desk staff`: who acts for the issuer on the server's pages.

use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use super::args::Staff;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, what: Option<&Staff>) -> Outcome {
    let (open, terminal) = (desk.open()?, Terminal::new(desk.language, Opens::Desk));
    let said = match what {
        None | Some(Staff::List) => {
            let all = open.staff(&terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
            for (emails, state) in [(&all.staff, "acts"), (&all.asked, "asked")] {
                for email in emails {
                    say(desk, email, state);
                }
            }
            let nobody =
                ("Nobody acts for this issuer but the server's operators.", "Per questo ente operano solo i gestori del server.");
            (all.staff.is_empty() && all.asked.is_empty()).then_some(nobody)
        }
        Some(Staff::Add { email }) => {
            open.ask_staff(email, desk.language, &terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
            say(desk, email.as_str(), "asked");
            Some((
                "The server asks by mail, at most once a day. Whoever has the address acts after accepting.",
                "Il server lo chiede per e-mail, al più una volta al giorno. Chi ha l'indirizzo opera dopo aver accettato.",
            ))
        }
        Some(Staff::Remove { email }) => {
            open.remove_staff(email, &terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
            say(desk, email.as_str(), "removed");
            None
        }
    };
    if let Some((english, italian)) = said.filter(|_| !desk.json) {
        anstream::eprintln!("{}", pick(desk.language, english, italian));
    }
    Ok(Status::Done)
}

fn say(desk: &Desk, email: &str, state: &str) {
    if desk.json {
        anstream::println!("{}", json!({ "email": email, "state": state }));
    } else {
        anstream::println!("{}  {state}", plain(email));
    }
}
