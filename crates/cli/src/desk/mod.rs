//! `satchel desk`: each thing to do is a file. What is decided about awards is decided in `satchel_wallet::desk`; here are options, words and
//! the exit status.

pub mod args;
mod award;
mod badge;
mod forms;
mod found;
mod keys;
mod new;
mod proposals;
mod publish;
mod requests;
mod revoke;
mod staff;
mod status;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_protocol::request::Access;
use satchel_wallet::desk::{self, DeskError};

use crate::Outcome;
use crate::folder::{data, named};
use crate::problem::Problem;
use args::Action;

/// What every action needs.
struct Desk {
    dir: PathBuf,
    json: bool,
    language: Language,
    now: Timestamp,
}

pub fn run(command: &args::Desk, language: Language) -> Outcome {
    let done = folder(command.dir.as_deref()).and_then(|dir| {
        let desk = Desk { dir, json: command.json, language, now: Timestamp::now() };
        desk.act(&command.action)
    });
    done.map_err(|problem| problem.in_json(command.json))
}

fn folder(given: Option<&Path>) -> Result<PathBuf, Problem> {
    match named(given, "SATCHEL_DESK") {
        Some(named) => Ok(named),
        None => Ok(data("--desk")?.join("desk")),
    }
}

impl Desk {
    fn act(&self, action: &Action) -> Outcome {
        match action {
            Action::New { name, did_web, url, email, successor } => {
                let new = desk::NewIssuer { name: name.clone(), domain: did_web.clone(), url: url.clone(), email: email.clone() };
                new::run(self, &new, successor.as_deref())
            }
            Action::Badge { file: Some(file) } => badge::add(self, file),
            Action::Badge { file: None } => badge::list(self),
            Action::Award(award) => award::run(self, award),
            Action::Publish { server, take_over, reinstate } => {
                publish::run(self, &publish::on(self, server.as_deref())?, *take_over, reinstate)
            }
            Action::Listing { badge, state, server } => publish::list(self, badge, *state, server.as_deref()),
            Action::Form { badge, open, closed, link, questions } => {
                let access = [(*open, Access::Open), (*closed, Access::Closed), (*link, Access::Link)];
                let access = access.into_iter().find(|(is_it, _)| *is_it).map(|(_, access)| access);
                forms::run(self, badge, access, questions.as_deref())
            }
            Action::Requests { what } => requests::run(self, what.as_ref()),
            Action::Staff { what } => staff::run(self, what.as_ref()),
            Action::Proposals { what } => proposals::run(self, what.as_ref()),
            Action::Systems { what } => proposals::systems(self, what.as_ref()),
            Action::Rules { what } => proposals::rules(self, what.as_ref()),
            Action::Keys { what } => keys::run(self, what.as_ref()),
            Action::Watch(watch) => proposals::watch(self, watch),
            Action::Revoke { ids, withdrawn, reason } => revoke::run(self, ids, *withdrawn, reason),
            Action::Status { offline } => status::run(self, *offline),
        }
    }

    fn open(&self) -> Result<desk::Desk, Problem> {
        desk::Desk::open(&self.dir).map_err(|error| self.problem(&error))
    }

    /// The words of a desk's error.
    fn problem(&self, error: &DeskError) -> Problem {
        Problem::of_desk(error, self.language)
    }
}
