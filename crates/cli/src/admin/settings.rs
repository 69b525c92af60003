//! `satchel admin policy` and `settings`: what an operator may choose, as the code itself has it.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use satchel_badge::words::Language;
use satchel_server::admin::policy;
use satchel_server::reference::{self, Setting};
use satchel_server::settings::Settings;
use serde_json::json;

use super::{At, refused, say};
use crate::problem::{Kind, Problem};
use crate::serve::Serve;
use crate::verify::pick;
use crate::{Outcome, Status};

/// The rules of the institution.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Show them as they hold.
    List {
        #[command(flatten)]
        at: At,
    },
    /// Change one in the settings file (`--config`), and nothing else there. It holds from the next start of the server on.
    Set {
        /// Its name, as `policy list` has it.
        #[arg(value_name = "NAME")]
        name: String,
        /// Its value.
        #[arg(value_name = "VALUE")]
        value: String,
        #[command(flatten)]
        at: At,
    },
}

impl Policy {
    pub(super) fn at(&self) -> &At {
        let (Self::List { at } | Self::Set { at, .. }) = self;
        at
    }

    pub async fn run(&self, settings: &Settings, language: Language) -> Outcome {
        match self {
            Self::List { at } => {
                for policy::Rule { name, words, value } in policy::all(settings) {
                    say(
                        at.json,
                        &json!({ "name": name, "value": value, "words": words }),
                        &format!("{name} = {value}  # {words}"),
                    );
                }
            }
            Self::Set { name, value, at } => {
                let file = at.place.config.as_ref();
                let missing =
                    || Problem::new(Kind::BadSettings, [String::from("a rule stands in the settings file: give --config FILE")]);
                let value = policy::set(settings, file.ok_or_else(missing)?, name, value).await.map_err(refused)?;
                say(at.json, &json!({ "name": name, "value": value }), &format!("{name} = {value}"));
                let words =
                    pick(language, "It holds from the next start of the server on.", "Vale dal prossimo avvio del server.");
                anstream::eprintln!("{words}");
            }
        }
        Ok(Status::Done)
    }
}

/// Print a page about every setting, in Markdown: `docs/settings.md` is this page.
#[derive(Debug, Args)]
pub struct Reference {
    #[command(flatten)]
    pub(super) at: At,
}

const HEAD: &str = "\
# Settings of the server

Written by `satchel admin settings > docs/settings.md` from the code; a test fails when it is stale. Settings come from one TOML file (`--config`), from
the environment, and from flags, of which the later wins. Nothing is needed but `data`. What they are for is told in [server.md](server.md).
";

/// The page.
pub fn page() -> String {
    let serve = Serve::augment_args(clap::Command::new("serve"));
    let mut text = String::from(HEAD);
    let mut table = None;
    for setting in reference::all() {
        if table.as_ref() != Some(&setting.table) {
            let name = if setting.table.is_empty() { "Without a table" } else { &format!("`[{}]`", setting.table) };
            // Writing to a text does not fail.
            let _ = write!(text, "\n## {name}\n\n| setting | what it is | default | what for |\n|---|---|---|---|\n");
            table = Some(setting.table.clone());
        }
        let given = ways(&serve, &setting);
        let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        let _ = writeln!(text, "| `{}`{given} | {} | {default} | {} |", setting.name, setting.kind, setting.words);
    }
    text
}

/// The flag and the variable of a setting.
fn ways(serve: &clap::Command, setting: &Setting) -> String {
    let id = if setting.table.is_empty() { setting.name.clone() } else { format!("{}_{}", setting.table, setting.name) };
    let Some(argument) = serve.get_arguments().find(|argument| argument.get_id() == id.as_str()) else { return String::new() };
    let flag = argument.get_long().map(|long| format!("`--{long}`"));
    let variable = argument.get_env().map(|name| format!("`{}`", name.to_string_lossy()));
    let both = [flag, variable].into_iter().flatten().collect::<Vec<_>>().join(", ");
    if both.is_empty() { String::new() } else { format!("<br>{both}") }
}
