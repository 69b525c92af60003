//! `satchel wallet sync`: what waits is sent, and what changed comes in; once, or as long as it runs.

use std::sync::mpsc::channel;

use jiff::Timestamp;
use satchel_wallet::signin::{Link, Vault};
use satchel_wallet::sync::{Member, Remote, SyncError, Synced, Watch, sync};
use serde_json::{Value, json};

use super::Desk;
use super::accounts::{link, tell_ended};
use super::shared::Shared;
use crate::output::said;
use crate::problem::Problem;
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

pub fn run(desk: &Desk, account: Option<&str>, watch: bool) -> Outcome {
    let members = match account {
        Some(_) => vec![desk.open()?.account(account).map_err(|error| desk.failed(&error))?],
        None => desk.open()?.accounts().map_err(|error| desk.problem(&error))?,
    };
    let vault = desk.vault().map_err(|error| desk.failed(&error))?;
    // Beside all else: a server that does not answer holds up no other.
    std::thread::scope(|scope| {
        scope.spawn(|| tell_ended(&vault));
        if members.is_empty() {
            return Err(desk.failed(&SyncError::WhichAccount { accounts: Vec::new() }));
        }
        if watch {
            Shared::during(desk, |wallet| follow(desk, wallet, &members, &vault));
            return Ok(Status::Done);
        }
        sync_all(desk, &members, &vault)
    })
}

fn sync_all(desk: &Desk, members: &[Member], vault: &Vault) -> Outcome {
    let mut worst: Option<Problem> = None;
    for member in members {
        match Shared::during(desk, |wallet| once(wallet, &link(member)?, member, vault)) {
            Ok(done) => tell(desk, member, &done)?,
            Err(error) if members.len() == 1 => return Err(desk.failed(&error)),
            Err(error) => {
                let problem = desk.failed(&error).in_json(desk.json);
                problem.print(desk.language);
                worst = Some(problem);
            }
        }
    }
    Ok(if worst.is_some() { Status::Refused } else { Status::Done })
}

fn once(wallet: &Shared<'_>, link: &Link, member: &Member, vault: &Vault) -> Result<Synced, SyncError> {
    sync(wallet, &Remote::new(link, vault, member.id), &Timestamp::now)
}

/// Stays in step with all of them, until it is told to stop.
fn follow(desk: &Desk, wallet: &Shared<'_>, members: &[Member], vault: &Vault) {
    std::thread::scope(|scope| {
        for member in members {
            scope.spawn(move || {
                let link = match link(member) {
                    Ok(link) => link,
                    Err(error) => return desk.failed(&error).in_json(desk.json).print(desk.language),
                };
                let (to_self, nudges) = channel();
                let watch = Watch {
                    sync: &mut || once(wallet, &link, member, vault),
                    wait: &|cursor| Remote::new(&link, vault, member.id).wait(cursor),
                    random: &random,
                    tell: &mut |done, _| match done {
                        // A person hears of what happened, and a program of each sync.
                        Ok(done) if desk.json || is_news(&done) => drop(tell(desk, member, &done)),
                        Ok(_) => {}
                        Err(error) => desk.failed(&error).in_json(desk.json).print(desk.language),
                    },
                };
                watch.run(&nudges, to_self);
            });
        }
    });
}

fn random() -> u32 {
    // Whatever spreads wallets over a second is good enough.
    Timestamp::now().subsec_nanosecond().unsigned_abs().wrapping_mul(2_654_435_761)
}

/// Whose account at which server.
fn whose(member: &Member) -> String {
    format!("{}, {}", member.who(), member.server)
}

fn is_news(done: &Synced) -> bool {
    done.sent > 0 || !done.badges.is_empty() || !done.invitations.is_empty() || !done.notices.is_empty()
}

/// What became of a sync.
pub fn tell(desk: &Desk, member: &Member, done: &Synced) -> Result<(), Problem> {
    if desk.json {
        let notices: Vec<Value> = done
            .notices
            .iter()
            .map(|notice| {
                let mut row = serde_json::to_value(notice).unwrap_or_default();
                row["message"] = json!(notice.message(desk.language));
                row
            })
            .collect();
        let row = json!({ "account": member.id, "sent": done.sent, "badges": done.badges, "doubtful": done.doubtful, "invitations": done.invitations, "notices": notices });
        return said(line(&row.to_string()));
    }
    let count =
        |number: usize, one: &'static str, many: &'static str| format!("{number} {}", if number == 1 { one } else { many });
    let (sent, badges, invitations) = match desk.language {
        satchel_badge::words::Language::English => (
            format!("{} sent", done.sent),
            count(done.badges.len(), "new badge", "new badges"),
            count(done.invitations.len(), "new invitation", "new invitations"),
        ),
        satchel_badge::words::Language::Italian => (
            count(done.sent, "inviato", "inviati"),
            count(done.badges.len(), "nuovo badge", "nuovi badge"),
            count(done.invitations.len(), "nuovo invito", "nuovi inviti"),
        ),
    };
    anstream::eprintln!("{}: {sent}, {badges}, {invitations}.", plain(&whose(member)));
    if done.doubtful > 0 {
        let words = pick(
            desk.language,
            "new badges that are not valid, or not known to be; `satchel wallet list` says which",
            "badge nuovi non validi, o di cui non si sa; `satchel wallet list` dice quali",
        );
        anstream::eprintln!("{} {words}.", done.doubtful);
    }
    if !done.invitations.is_empty() {
        let words = pick(desk.language, "`satchel wallet invitations` lists them.", "`satchel wallet invitations` li elenca.");
        anstream::eprintln!("{words}");
    }
    for notice in &done.notices {
        anstream::eprintln!("{}", plain(&notice.message(desk.language)));
    }
    Ok(())
}

fn line(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}
