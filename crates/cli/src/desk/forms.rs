//! `satchel desk form` and `staff`: the form by which people ask for a badge, and who acts for the issuer on the server's pages.

use std::path::Path;

use jiff::Timestamp;
use satchel_protocol::request::Access;
use satchel_wallet::desk::{BadgeForm, DeskError};
use serde_json::json;

use super::Desk;
use super::args::Staff;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, badge: &str, access: Option<Access>, questions: Option<&Path>) -> Outcome {
    let open = desk.open()?;
    let (terminal, clock) = (Terminal::new(desk.language, Opens::Desk), &Timestamp::now);
    let made = if access.is_none() && questions.is_none() {
        open.form(badge, &terminal, clock).map(|form| (form, None))
    } else {
        open.set_form(badge, access, questions, &terminal, clock)
    };
    let (BadgeForm { slug, form, has_link }, link) = made.map_err(|error| desk.problem(&error))?;
    if desk.json {
        anstream::println!("{}", json!({ "slug": slug, "form": form, "has_link": has_link, "link": link }));
        return Ok(Status::Done);
    }
    anstream::println!("{}  {}", plain(&slug), form.access.name());
    for line in form.intro.lines() {
        anstream::println!("    {}", plain(line));
    }
    for field in &form.fields {
        let choices = if field.choices.is_empty() { String::new() } else { format!(": {}", field.choices.join(" / ")) };
        anstream::println!("    {}{}{}", plain(&field.label), if field.required { " *" } else { "" }, plain(&choices));
    }
    if let Some(link) = link {
        let words = pick(
            desk.language,
            "Whoever has this link may ask; it is told this once:",
            "Può richiedere chi ha questo link, mostrato solo ora:",
        );
        anstream::eprintln!("{words}");
        anstream::println!("{}", plain(&link));
    }
    Ok(Status::Done)
}

pub fn staff(desk: &Desk, what: Option<&Staff>) -> Outcome {
    let open = desk.open()?;
    let (terminal, clock) = (Terminal::new(desk.language, Opens::Desk), &Timestamp::now);
    let failed = |error: DeskError| desk.problem(&error);
    let say = |email: &str, state: &str| {
        if desk.json {
            anstream::println!("{}", json!({ "email": email, "state": state }));
        } else {
            anstream::println!("{}  {state}", plain(email));
        }
    };
    match what {
        None => {
            let all = open.staff(&terminal, clock).map_err(failed)?;
            let named = [(all.staff, "acts"), (all.asked, "asked")];
            for (email, state) in named.iter().flat_map(|(emails, state)| emails.iter().map(move |email| (email, *state))) {
                say(email, state);
            }
        }
        Some(Staff::Add { email }) => {
            open.set_staff(email, true, &terminal, clock).map_err(failed)?;
            say(email.as_str(), "asked");
        }
        Some(Staff::Remove { email }) => {
            open.set_staff(email, false, &terminal, clock).map_err(failed)?;
            say(email.as_str(), "removed");
        }
    }
    Ok(Status::Done)
}
