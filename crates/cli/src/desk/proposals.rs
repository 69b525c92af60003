//! `satchel desk proposals`, `systems`, `rules` and `watch`: what other systems propose, and who decides.

use std::time::Duration;

use jiff::Timestamp;
use satchel_protocol::proposal::{NewProposer, Proposer, Waiting};
use satchel_wallet::desk::{self, Accept, Decided, Decision, Found, Rule};
use serde_json::json;

use super::Desk;
use super::args::{Proposals, Rules, Systems, Watch};
use crate::passphrase::{Opens, Terminal};
use crate::problem::Problem;
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, what: Option<&Proposals>) -> Outcome {
    let mut open = desk.open()?;
    let terminal = Terminal::new(desk.language, Opens::Desk);
    match what {
        None => {
            let all = open.proposals(&terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
            for it in &all {
                say(desk, it, "waiting", None);
            }
            Ok(Status::Done)
        }
        Some(Proposals::Accept { ids }) => Ok(accept(desk, &mut open, Accept::These(ids))?.0),
        Some(Proposals::Decline { id, reason }) => {
            let done = open.decline(id, reason.as_deref(), &terminal, &Timestamp::now);
            done.map_err(|error| desk.problem(&error))?;
            if desk.json {
                anstream::println!("{}", json!({ "id": id, "result": "declined" }));
            } else {
                anstream::println!("{id}");
            }
            Ok(Status::Done)
        }
    }
}

/// Signs, tells what became of each, and uploads; whether it did that.
fn accept(desk: &Desk, open: &mut desk::Desk, which: Accept<'_>) -> Result<(Status, bool), Problem> {
    let decided =
        open.accept(which, &Terminal::new(desk.language, Opens::Desk), &Timestamp::now).map_err(|error| desk.problem(&error))?;
    let mut status = Status::Done;
    for Decided { proposal, decision } in &decided {
        match decision {
            Decision::Granted(id) => say(desk, proposal, "granted", Some(("credential", id.clone()))),
            Decision::Waits(why) => {
                let words = format!("{} [{}]", why.message(desk.language), why.name());
                say(desk, proposal, "waiting", Some(("why", if desk.json { why.name().to_owned() } else { words })));
            }
            Decision::Bad(wrong) => {
                status = Status::Refused;
                let words = wrong.message(desk.language);
                say(desk, proposal, "bad", Some(("why", if desk.json { wrong.why.name().to_owned() } else { words })));
            }
        }
    }
    // Also what an earlier run signed and did not upload.
    if !decided.iter().any(|it| matches!(it.decision, Decision::Granted(_))) {
        return Ok((status, false));
    }
    match super::publish::run(desk, open, false, &[])? {
        Status::Done => Ok((status, true)),
        other => Ok((other, true)),
    }
}

fn say(desk: &Desk, it: &Waiting, state: &str, more: Option<(&str, String)>) {
    let email = it.wish.email.as_str();
    if desk.json {
        let mut row = json!({ "id": it.id, "state": state, "system": it.system, "badge": it.wish.badge, "email": email,
            "signed": it.signed.is_some() });
        for (name, value) in [("name", &it.wish.name), ("narrative", &it.wish.narrative), ("evidence_url", &it.wish.evidence_url)]
        {
            if let Some(value) = value {
                row[name] = json!(value);
            }
        }
        if let Some((name, value)) = more {
            row[name] = json!(value);
        }
        return anstream::println!("{row}");
    }
    let more = more.map(|(_, value)| format!("  {}", plain(&value))).unwrap_or_default();
    let name = it.wish.name.as_deref().map(|name| format!(" ({})", plain(name))).unwrap_or_default();
    anstream::println!("{}  {state}  {}  {}{name}  {}{more}", it.id, plain(&it.wish.badge), plain(email), plain(&it.system));
}

/// Who may propose on the server.
pub fn systems(desk: &Desk, what: Option<&Systems>) -> Outcome {
    let open = desk.open()?;
    let (terminal, clock) = (Terminal::new(desk.language, Opens::Desk), &Timestamp::now);
    let failed = |error: desk::DeskError| desk.problem(&error);
    match what {
        None => {
            for it in open.systems(&terminal, clock).map_err(failed)? {
                say_system(desk, &it);
            }
        }
        Some(Systems::Add { name, badges, daily, webhook }) => {
            let new = NewProposer { name: name.clone(), badges: badges.clone(), daily: *daily, webhook: webhook.clone() };
            let made = open.add_system(&new, &terminal, clock).map_err(failed)?;
            say_system(desk, &made);
            if !desk.json {
                let words = pick(
                    desk.language,
                    "Hand these to whoever runs it; they are told this once: the token that it proposes with, and the secret of the messages that it gets.",
                    "Consegnali a chi lo gestisce; vengono detti solo ora: il token con cui propone, e il segreto dei messaggi che riceve.",
                );
                let (token, secret) = (made.token.unwrap_or_default(), made.secret.unwrap_or_default());
                anstream::eprintln!("{words}\n{}\n{}", plain(&token), plain(&secret));
            }
        }
        Some(Systems::End { id }) => {
            open.end_system(id, &terminal, clock).map_err(failed)?;
            done(desk, id, "ended");
        }
        Some(Systems::Rotate { id }) => {
            let secret = open.rotate_system(id, &terminal, clock).map_err(failed)?;
            if desk.json {
                anstream::println!("{}", json!({ "id": id, "secret": secret }));
            } else {
                anstream::println!("{}", plain(&secret));
            }
        }
    }
    Ok(Status::Done)
}

fn say_system(desk: &Desk, it: &Proposer) {
    if desk.json {
        return anstream::println!("{}", json!(it));
    }
    let badges = if it.badges.is_empty() { String::from("*") } else { it.badges.join(",") };
    let ended = if it.ended { pick(desk.language, "  ended", "  chiuso") } else { "" };
    let hook = it.webhook.as_deref().map(|hook| format!("  {}", plain(hook))).unwrap_or_default();
    anstream::println!("{}  {}  {}  {}/24h{hook}{ended}", it.id, plain(&it.name), plain(&badges), it.daily);
}

fn done(desk: &Desk, id: &str, result: &str) {
    if desk.json {
        anstream::println!("{}", json!({ "id": id, "result": result }));
    } else {
        anstream::println!("{}", plain(id));
    }
}

/// Whose proposals are signed for without a click.
pub fn rules(desk: &Desk, what: Option<&Rules>) -> Outcome {
    let open = desk.open()?;
    let failed = |error: desk::DeskError| desk.problem(&error);
    match what {
        None => {
            for rule in open.rules().map_err(failed)? {
                say_rule(desk, &rule);
            }
        }
        Some(Rules::Add { key, badge, name, daily }) => {
            let rule = Rule { key: key.clone(), badge: badge.clone(), name: name.clone(), daily: *daily, made: desk.now };
            open.add_rule(&rule, &Terminal::new(desk.language, Opens::Desk)).map_err(failed)?;
            say_rule(desk, &rule);
        }
        Some(Rules::Remove { key, badge }) => {
            let found = open.remove_rule(key, badge).map_err(failed)?;
            done(desk, key, if found { "removed" } else { "unknown" });
            return Ok(if found { Status::Done } else { Status::Refused });
        }
    }
    Ok(Status::Done)
}

fn say_rule(desk: &Desk, rule: &Rule) {
    let Rule { key, badge, name, daily, made } = rule;
    if desk.json {
        anstream::println!("{}", json!({ "key": key, "badge": badge, "name": name, "daily": daily, "made": made }));
    } else {
        anstream::println!("{}  {}  {}  {daily}/24h", plain(key), plain(badge), plain(name));
    }
}

/// Signs by the rules, again and again. Requests that await a signature are told when there are others than at the last look.
pub fn watch(desk: &Desk, watch: &Watch) -> Outcome {
    let mut told = 0;
    loop {
        // The desk is open only while something is done, so that staff may use it meanwhile.
        let status = desk.open().and_then(|mut open| {
            let (status, published) = accept(desk, &mut open, Accept::ByRule)?;
            let terminal = Terminal::new(desk.language, Opens::Desk);
            let requests = open.count_approved(&terminal, &Timestamp::now).map_err(|error| desk.problem(&error))?;
            if !published && requests != told {
                super::found::say(desk, &Found { requests, ..Found::default() });
            }
            told = requests;
            Ok(status)
        });
        match status {
            done if watch.once => return done,
            Err(problem) if !problem.may_help_later() => return Err(problem),
            Err(problem) => problem.in_json(false).print(desk.language),
            Ok(_) => {}
        }
        std::thread::sleep(Duration::from_secs(watch.every.into()));
    }
}
