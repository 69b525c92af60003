//! `cargo xtask prove`: what is too long for every submission.

use crate::setup;
use crate::steps::{Done, Steps, cargo, show};

/// Seconds for each fuzz target where `SATCHEL_FUZZ_SECONDS` does not say.
const SECONDS: &str = "60";

/// Kills where `SATCHEL_KILLS` does not say.
const KILLS: &str = "200";

/// Runs the fuzz targets for long, optimised, and kills a program that fills a wallet often: the same tests as in `cargo xtask test`.
pub fn run() -> Done {
    let seconds = std::env::var("SATCHEL_FUZZ_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let kills = std::env::var("SATCHEL_KILLS").unwrap_or_else(|_| KILLS.to_owned());
    let mut steps = Steps::new();
    steps.step("set up", setup::nextest)?;
    steps.step("fuzz", || {
        println!("Each fuzz target runs for {seconds} seconds (SATCHEL_FUZZ_SECONDS).");
        let mut fuzz = cargo(&["nextest", "run", "--release", "--profile", "prove", "-p", "satchel-tests", "-E", "binary(fuzz)"]);
        show(fuzz.env("SATCHEL_FUZZ_SECONDS", &seconds))
    })?;
    steps.step("kill", || {
        println!(
            "A program that fills a wallet is killed {kills} times (SATCHEL_KILLS), and every byte it promised is compared."
        );
        show(&mut cargo(&["build", "--release", "-p", "satchel-cli"]))?;
        let filter = "binary(wallet) and test(after_a_kill)";
        let mut kill = cargo(&["nextest", "run", "--release", "--profile", "prove", "-p", "satchel-tests", "-E", filter]);
        show(kill.env("SATCHEL_KILLS", &kills))
    })?;
    steps.finish(f64::INFINITY)
}
