//! `satchel` for the shell. Each command is a file; what they share is the arguments, the words and the one form of a problem. Nothing
//! about badges is decided here.

mod admin;
mod args;
mod bake;
mod desk;
mod evidence;
mod folder;
mod network;
mod output;
mod passphrase;
mod problem;
mod serve;
mod sources;
mod unbake;
mod unfinished;
mod verify;
mod wallet;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use problem::Problem;

/// How a command ended; the numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Done, or everything is valid.
    Done = 0,
    /// Refused, or something is not valid.
    Refused = 1,
    /// Nothing that could be worked on.
    Usage = 2,
    /// Something is undecided.
    Undecided = 3,
    /// A problem stopped the command.
    Problem = 4,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = arguments.language();
    let outcome = match arguments.command {
        Command::Verify(command) => verify::run(&command, language),
        Command::Unbake(command) => unbake::run(&command, language),
        Command::Bake(command) => bake::run(&command, language),
        Command::Wallet(command) => wallet::run(&command, language),
        Command::Desk(command) => desk::run(&command, language),
        Command::Serve(command) => serve::run(&command, language),
        Command::Admin(command) => admin::run(&command, language),
        Command::Completions { shell } => args::print_completions(shell),
        Command::Man => args::print_manual(),
    };
    let status = outcome.unwrap_or_else(|problem| {
        problem.print(language);
        problem.status()
    });
    ExitCode::from(status as u8)
}

type Outcome = Result<Status, Problem>;
