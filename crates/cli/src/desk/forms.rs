//! `satchel desk form`: the form by which people ask for a badge.

use std::path::Path;

use jiff::Timestamp;
use satchel_protocol::request::Access;
use satchel_wallet::desk::BadgeForm;
use serde_json::json;

use super::Desk;
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
