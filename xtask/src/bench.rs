//! `cargo xtask bench`: builds for speed and measures; with `--peers` beside other people's programs.

use crate::steps::{Done, FOR_SPEED, MEASURED, Steps, cargo, show};
use crate::{setup, ui};

/// Runs the measuring program of `tests/benches/bench.rs`.
pub fn run(peers: bool) -> Done {
    let mut steps = Steps::new();
    steps.step("set up", if peers { setup::all } else { setup::window })?;
    steps.step("the window's pages", ui::build)?;
    steps.step("build", || {
        show(cargo(&["build", "--profile", MEASURED, "--bins", "--examples", "--bench", "bench"]).args(FOR_SPEED))
    })?;
    steps.step("measure", || {
        let mut bench = cargo(&["bench", "--profile", MEASURED, "--bench", "bench"]);
        bench.args(FOR_SPEED).arg("--");
        if peers {
            bench.arg("--peers");
        }
        show(&mut bench)
    })
}
