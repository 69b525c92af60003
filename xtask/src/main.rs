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
mod ui;

use std::process::ExitCode;

use steps::{Done, cargo, show};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  run               build and open the window, with a badge to look at; with no display it does its main job by itself
  run --shell       build `satchel` and show the main job in the shell, on real badges
  test [--quick]    set up what is missing, then every test; --quick is for the inner loop and leaves the peers out
  bench [--peers]   measure; --peers beside other people's programs
  prove             what is long: fuzzing, kills, power cuts and a full disk; xtask/src/prove.rs names the settings
  screens [ARG...]  draw every screen of the window in a browser and hold it to WCAG; ARG are those of ui/tests/screens.mjs
  bindings          write ui/src/generated from src-tauri/ipc.rs
  icons             draw icons/ from icons/satchel.svg
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
        ["run"] => run::window(),
        ["run", "--shell"] => run::shell(),
        ["test"] => test::all(),
        ["test", "--quick"] => test::quick(),
        ["bench"] => bench::run(false),
        ["bench", "--peers"] => bench::run(true),
        ["prove"] => prove::run(),
        ["screens", more @ ..] => ui::screens(more),
        ["bindings"] => show(
            cargo(&["test", "--quiet", "--package", "satchel-desktop", "the_types_of_the_window"]).env("SATCHEL_BINDINGS", "1"),
        ),
        ["icons"] => show(&mut cargo(&["run", "--quiet", "--package", "satchel-picture", "--example", "icons"])),
        ["audit"] => audit::run(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command `{}`.\n\n{HELP}", other.join(" "))),
    }
}
