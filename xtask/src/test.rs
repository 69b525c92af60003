//! `cargo xtask test`: set up, then every test; `--quick` for the inner loop.
//!
//! The cheap checks come first, and the tests last: nextest's summary is the last count that a reader, or CI, finds. (Doctests end
//! with a count of their own for each crate, of which most are zero.)

use std::process::Command;

use crate::steps::{Done, Steps, cargo, show};
use crate::{setup, ui};

/// What the whole may take on two cores and a clean clone, in minutes.
const LIMIT: f64 = 50.0;

/// Every test.
pub fn all() -> Done {
    let mut steps = Steps::new();
    steps.step("set up", setup::all)?;
    steps.step("format", || show(&mut cargo(&["fmt", "--all", "--check"])))?;
    steps.step("the window's pages", ui::build)?;
    steps.step("dependencies: bans, licences, sources", dependencies)?;
    steps.step("build and lint", build)?;
    steps.step("the window's pages: types and tests", ui::test)?;
    steps.step("the window's screens in a browser", ui::screens_of_today)?;
    steps.step("examples in the documentation", || show(&mut linted(&["test", "--quiet", "--doc", "--workspace"])))?;
    steps.step("tests", || show(&mut linted(&["nextest", "run", "--workspace"])))?;
    steps.finish(LIMIT)
}

/// All but the peers, the doctests and the check of dependencies.
pub fn quick() -> Done {
    let mut steps = Steps::new();
    steps.step("set up", setup::quick)?;
    steps.step("format", || show(&mut cargo(&["fmt", "--all", "--check"])))?;
    steps.step("the window's pages", ui::build)?;
    steps.step("build and lint", build)?;
    steps.step("tests", || show(&mut linted(&["nextest", "run", "--workspace", "-E", "not binary(peers)"])))?;
    steps.finish(LIMIT)
}

/// One build of all there is: programs too, since tests start them.
fn build() -> Done {
    show(&mut linted(&["build", "--workspace", "--all-targets"]))
}

/// Works without a network once the crates are here. `--locked`: a `Cargo.lock` that does not fit is a failure (S14).
fn dependencies() -> Done {
    show(&mut cargo(&["deny", "--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
}

/// A Cargo command whose compiler for our own crates is clippy's, with warnings as errors.
///
/// So a build is also the lint: `cargo clippy` would read every crate of ours a second time, and all dependencies too, since its
/// metadata-only artefacts are not those of a build. `RUSTFLAGS` would build the dependencies again; the driver takes its own flags
/// from `CLIPPY_ARGS`, as `cargo clippy -- ...` hands them over. All commands of one run need the same two, or they build again.
fn linted(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "-Dwarnings");
    command
}
