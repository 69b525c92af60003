//! `cargo xtask bench`: builds for speed and measures; with `--peers` beside other people's programs.

use crate::setup;
use crate::steps::{Done, Steps, cargo, show};

/// Runs the measuring program of `tests/benches/bench.rs`.
pub fn run(peers: bool) -> Done {
    let mut steps = Steps::new();
    if peers {
        steps.step("set up", setup::all)?;
    }
    steps.step("build", || show(&mut cargo(&["build", "--release", "-p", "satchel-cli"])))?;
    steps.step("measure", || {
        let mut bench = cargo(&["bench", "-p", "satchel-tests", "--bench", "bench", "--"]);
        if peers {
            bench.arg("--peers");
        }
        show(&mut bench)
    })
}
