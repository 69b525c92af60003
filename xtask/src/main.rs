//! The commands of a developer: `cargo xtask help` lists them, one file each.
//!
//! Nothing of the product is here, and nothing is installed outside the project but system packages. Only the standard library
//! is used, so that the first `cargo xtask` on a clean clone starts after a second.

#![expect(clippy::print_stdout, reason = "talking to the developer in the shell is what this program is for")]

mod audit;
mod bench;
mod prove;
mod run;
mod setup;
mod steps;
mod test;

use std::process::ExitCode;

use steps::Done;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  run               build `satchel` and show its main job on real badges
  test [--quick]    set up what is missing, then every test; --quick is for the inner loop and leaves the peers out
  bench [--peers]   measure; --peers beside other people's programs
  prove             what is long: each fuzz target for SATCHEL_FUZZ_SECONDS (60)
  audit             ask for security advisories (needs a network)
  help              this page";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nxtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Done {
    match words {
        ["run"] => run::run(),
        ["test"] => test::all(),
        ["test", "--quick"] => test::quick(),
        ["bench"] => bench::run(false),
        ["bench", "--peers"] => bench::run(true),
        ["prove"] => prove::run(),
        ["audit"] => audit::run(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command `{}`.\n\n{HELP}", other.join(" "))),
    }
}
