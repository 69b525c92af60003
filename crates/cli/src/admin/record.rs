//! `satchel admin log`: the record of what desks, staff and operators did, for auditors.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;
use satchel_badge::words::Language;
use satchel_server::admin::log::{self, Chains, Line};
use satchel_server::settings::Settings;
use serde_json::json;

use super::{At, refused, say};
use crate::verify::pick;
use crate::{Outcome, Status};

/// The record of what desks, staff and operators did.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Copy it out, one entry a line, as JSON. It names ids and public names, never a person.
    Export {
        /// Of one book: `server`, or the DID of an issuer.
        #[arg(long, value_name = "BOOK")]
        book: Option<String>,
        /// Into this file; else standard output.
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        at: At,
    },
    /// Say whether each entry still follows from the one before it. Exit status 1 if not.
    ///
    /// Each book ends in a hash: whoever noted it knows later, by `--holds`, that nothing up to there was changed or taken out.
    Verify {
        /// An exported file; else the record of the server.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// A hash that was noted earlier and must be in it.
        #[arg(long, value_name = "HASH", requires = "file")]
        holds: Option<String>,
        #[command(flatten)]
        at: At,
    },
}

impl Log {
    pub(super) fn at(&self) -> &At {
        let (Self::Export { at, .. } | Self::Verify { at, .. }) = self;
        at
    }

    pub async fn run(&self, settings: &Settings, language: Language) -> Outcome {
        match self {
            Self::Export { book, out, .. } => {
                let lines = log::export(settings, book.clone()).await.map_err(refused)?;
                let mut text = String::new();
                for line in lines {
                    // Writing to a text does not fail.
                    let _ = writeln!(text, "{}", json!(line));
                }
                match out {
                    None => anstream::print!("{text}"),
                    Some(path) => std::fs::write(path, text).map_err(|error| crate::output::unwritable(path, &error))?,
                }
                Ok(Status::Done)
            }
            Self::Verify { file, holds, at } => {
                let looked = match file {
                    None => log::verify(settings).await.map_err(refused)?,
                    Some(path) => {
                        let text = std::fs::read_to_string(path).map_err(|error| crate::output::unreadable(path, &error))?;
                        read(&text, holds.as_deref())
                    }
                };
                match looked {
                    Ok(heads) => {
                        for (book, head) in heads {
                            let row = json!({ "book": book, "entries": head.number, "hash": head.hash });
                            say(at.json, &row, &format!("{book}  {}  {}", head.number, head.hash));
                        }
                        Ok(Status::Done)
                    }
                    Err(broken) => {
                        let words = pick(language, "The record was changed", "Il registro è stato modificato");
                        say(at.json, &json!({ "broken": broken }), &format!("{words}: {broken}"));
                        Ok(Status::Refused)
                    }
                }
            }
        }
    }
}

fn read(text: &str, holds: Option<&str>) -> Result<std::collections::BTreeMap<String, log::Head>, String> {
    let (mut chains, mut found) = (Chains::default(), false);
    for (at, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))?;
        chains.take(&line)?;
        found |= holds == Some(&line.hash);
    }
    chains.finish(false)?;
    match holds {
        Some(hash) if !found => Err(format!("{hash} is not in it")),
        _ => Ok(chains.heads()),
    }
}
