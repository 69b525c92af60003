//! `satchel desk requests`: who asked for a badge and was approved at the server, and the signing for it.

use jiff::Timestamp;
use satchel_protocol::request::{Answer, File};
use satchel_wallet::desk::{Approved, SignedFor};
use serde_json::json;

use super::Desk;
use super::args::Requests;
use crate::passphrase::{Opens, Terminal};
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, what: Option<&Requests>) -> Outcome {
    let mut open = desk.open()?;
    let terminal = Terminal::new(desk.language, Opens::Desk);
    let Some(Requests::Sign { ids }) = what else {
        let all = open.approved(&terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
        for it in &all {
            say(desk, it, it.award.as_ref().map_or("waiting", |(_, state)| state), None);
        }
        if !desk.json {
            anstream::eprintln!("{}", hint(desk, &all));
        }
        return Ok(Status::Done);
    };
    let done = open.sign_requests(ids, &terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
    for SignedFor { request, signed } in &done {
        match signed {
            Ok(id) => say(desk, request, "signed", Some(("credential", id.clone()))),
            Err(wrong) if desk.json => say(desk, request, "bad", Some(("why", wrong.why.name().to_owned()))),
            Err(wrong) => say(desk, request, "bad", Some(("why", wrong.message(desk.language)))),
        }
    }
    let bad = done.iter().any(|it| it.signed.is_err());
    if done.iter().all(|it| it.signed.is_err()) {
        return Ok(Status::Refused);
    }
    match super::publish::run(desk, &open, false, &[])? {
        Status::Done if bad => Ok(Status::Refused),
        other => Ok(other),
    }
}

/// What to do next.
fn hint(desk: &Desk, all: &[Approved]) -> String {
    let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    if all.is_empty() {
        let none = words(
            "No request awaits a signature. Staff approve requests on the server's pages.",
            "Nessuna richiesta attende una firma. Il personale approva le richieste sulle pagine del server.",
        );
        return none.to_owned();
    }
    let waiting = all.iter().filter(|it| it.award.is_none()).count();
    let how = words("`desk requests sign ID...` signs and invites.", "`desk requests sign ID...` firma e invita.");
    let mut hint = format!("{}: {waiting}. {how}", words("Awaiting a signature", "In attesa di firma"));
    if all.iter().any(|it| it.award.as_ref().is_some_and(|(_, state)| *state == "signed")) {
        hint += words(" `desk publish` uploads what is signed.", " `desk publish` carica ciò che è firmato.");
    }
    if all.iter().any(|it| it.award.as_ref().is_some_and(|(_, state)| *state != "signed")) {
        hint += words(
            " Who has the badge from this desk already gets no other one; refuse that request on the server's pages.",
            " Chi ha già il badge da questo banco non ne riceve un altro; rifiuta quella richiesta sulle pagine del server.",
        );
    }
    hint
}

fn say(desk: &Desk, it: &Approved, state: &str, more: Option<(&str, String)>) {
    let Approved { asked, name, award, page } = it;
    let email = asked.email.as_deref().unwrap_or_default();
    let time = |at: i64| Timestamp::from_microsecond(at).ok();
    if desk.json {
        let mut row = json!({ "id": asked.id, "state": state, "badge": asked.slug, "email": email, "name": name, "language": asked.language,
            "asked": time(asked.created), "since": time(asked.changed), "answers": asked.answers, "files": asked.files, "page": page });
        if let Some((id, _)) = award {
            row["credential"] = json!(id);
        }
        if let Some((name, value)) = more {
            row[name] = json!(value);
        }
        return anstream::println!("{row}");
    }
    let since = time(asked.changed).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let more = more.map(|(_, value)| format!("  {}", plain(&value))).unwrap_or_default();
    anstream::println!("{}  {state}  {}  {} ({})  {since}{more}", asked.id, plain(&asked.slug), plain(email), plain(name));
    for Answer { label, answer } in &asked.answers {
        anstream::println!("    {}: {}", plain(label), plain(answer));
    }
    for File { name, bytes, .. } in &asked.files {
        anstream::println!("    {} ({bytes} B): {}", plain(name), plain(page));
    }
}
