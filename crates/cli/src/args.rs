//! The commands and their options, each described once; help, completions and the manual page come from here.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::Timestamp;
use satchel_badge::words::Language;

use crate::admin::Admin;
use crate::desk::args::Desk;
use crate::serve::Serve;
use crate::wallet::args::Wallet;
use crate::{Outcome, Status};

/// Verify, keep, unbake and bake Open Badges: pictures that carry a signed record of something a person achieved.
#[derive(Debug, Parser)]
#[command(name = "satchel", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// The language of the words; else that of your system.
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
}

const EXAMPLES: &str = "\
Examples:
  satchel verify badge.png                      is it valid, and why?
  satchel verify --offline --html r.html class  a whole folder, asking nobody, with a report to read
  satchel unbake badge.png -o badge.json        the credential inside, byte for byte
  satchel bake --image picture.png --credential badge.json -o badge.png

Exit status of verify: 1 if a badge is not valid; else 2 for wrong usage, a path that cannot be read or holds no badge; else 3 if one is
undecided; else 0. Of the others: 0 done, 1 refused, 2 wrong usage. 4 of any: a problem, such as a file that cannot be written.";

/// A language of the words.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Italiano.
    It,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say of each badge whether it is valid, and why.
    Verify(Verify),
    /// Take the credential out of a picture, byte for byte.
    Unbake(Unbake),
    /// Put a credential into a picture.
    Bake(Bake),
    /// Keep badges, find them again, and take them out.
    Wallet(Wallet),
    /// Make badges and award them: an issuer's desk.
    Desk(Desk),
    /// Run the sync server.
    Serve(Serve),
    /// Look after a server.
    Admin(Admin),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    Man,
}

/// Say of each badge whether it is valid, and why.
///
/// Exit status: 1 if a badge is not valid; else 2 if a path could not be read or holds no badge; else 3 if one is undecided; else 0.
#[derive(Debug, Args)]
pub struct Verify {
    /// Files, folders (all files in them, links not followed), or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// One line of JSON per credential on standard output.
    #[arg(long)]
    pub json: bool,
    /// Write a table for a spreadsheet.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write a report that opens in any browser, one file.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Ask nobody: what is not at hand stays unknown.
    #[arg(long)]
    pub offline: bool,
    /// Documents to use as if fetched: `evidence.json` in this folder maps URLs and DIDs to files.
    #[arg(long, value_name = "DIR")]
    pub evidence: Option<PathBuf>,
    /// Check as of this time (RFC 3339, such as 2026-01-31T12:00:00Z) instead of now.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<Timestamp>,
    /// The person the badges should have been given to: an e-mail address or another identifier.
    #[arg(long, value_name = "EMAIL", value_parser = parse_recipient)]
    pub recipient: Option<String>,
    /// Issuers you trust: `{"issuers": [{"id", "name", "note"}]}`.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Leave badges of issuers you do not trust undecided.
    #[arg(long)]
    pub require_trust: bool,
    /// Ask this address inside your own network too, named exactly, such as `localhost:8080`.
    #[arg(long, value_name = "HOST:PORT")]
    pub allow_host: Vec<String>,
}

/// Take the credential out of a picture, byte for byte.
#[derive(Debug, Args)]
pub struct Unbake {
    /// The picture, PNG or SVG; or `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write it; else standard output.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Say what was done as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Put a credential into a picture. Every badge that the picture held before is taken out.
#[derive(Debug, Args)]
pub struct Bake {
    /// The picture, PNG or SVG.
    #[arg(long, value_name = "IMG")]
    pub image: PathBuf,
    /// The credential: JSON or a compact JWS.
    #[arg(long, value_name = "FILE")]
    pub credential: PathBuf,
    /// Where to write the baked picture.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Say what was done as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

fn parse_recipient(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err(String::from("an address or another identifier is needed")) } else { Ok(text.to_owned()) }
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    satchel_badge::time::parse_strict(text).ok_or_else(|| String::from("not a time like 2026-01-31T12:00:00Z"))
}

impl Arguments {
    /// The language asked for, or that of the system.
    pub fn language(&self) -> Language {
        match self.lang {
            Some(Lang::En) => Language::English,
            Some(Lang::It) => Language::Italian,
            None => {
                let names = ["SATCHEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
                let locale = names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
                locale.map_or(Language::English, |locale| Language::of_locale(&locale))
            }
        }
    }
}

/// Prints the completions of `shell`.
pub fn print_completions(shell: Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "satchel", &mut text);
    print(&text)
}

/// Prints the manual page of the program and of each of its commands.
pub fn print_manual() -> Outcome {
    let mut text = Vec::new();
    let mut program = Arguments::command();
    program.build();
    let mut pages = Vec::new();
    collect_pages(&program, &mut pages);
    for page in pages {
        clap_mangen::Man::new(page).render(&mut text).map_err(|error| crate::output::unwritable("-".as_ref(), &error))?;
    }
    print(&text)
}

/// The pages of a command and of all those beneath it.
fn collect_pages(command: &clap::Command, pages: &mut Vec<clap::Command>) {
    pages.push(command.clone());
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        collect_pages(inner, pages);
    }
}

fn print(text: &[u8]) -> Outcome {
    let written = std::io::stdout().lock().write_all(text);
    crate::output::ignore_closed_pipe(written).map_err(|error| crate::output::unwritable("-".as_ref(), &error))?;
    Ok(Status::Done)
}
