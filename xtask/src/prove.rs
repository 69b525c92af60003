//! `cargo xtask prove`: what is too long for every submission.

use crate::setup;
use crate::steps::{Done, Steps, cargo, show};

/// Seconds for each fuzz target where `SATCHEL_FUZZ_SECONDS` does not say.
const SECONDS: &str = "60";

/// Runs the fuzz targets for long, optimised: the same programs as in `cargo xtask test`.
pub fn run() -> Done {
    let seconds = std::env::var("SATCHEL_FUZZ_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let mut steps = Steps::new();
    steps.step("set up", setup::nextest)?;
    steps.step("fuzz", || {
        println!("Each fuzz target runs for {seconds} seconds (SATCHEL_FUZZ_SECONDS).");
        let mut fuzz = cargo(&["nextest", "run", "--release", "--profile", "prove", "-p", "satchel-tests", "-E", "binary(fuzz)"]);
        show(fuzz.env("SATCHEL_FUZZ_SECONDS", &seconds))
    })?;
    steps.finish(f64::INFINITY)
}
