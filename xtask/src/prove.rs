//! `cargo xtask prove`: what is too long for every submission.

use crate::setup;
use crate::steps::{Done, FOR_SPEED, Steps, cargo, show};

/// What a test is asked for, unless the environment says otherwise: its name there, and how much.
type Asked = (&'static str, &'static str);

/// Seconds for each fuzz target.
const FUZZ: [Asked; 1] = [("SATCHEL_FUZZ_SECONDS", "60")];
/// Kills of a program that fills a wallet.
const KILLS: [Asked; 1] = [("SATCHEL_KILLS", "200")];
/// Moments at which the power is cut, and badges that are being added.
const CUTS: [Asked; 2] = [("SATCHEL_CUTS", "300"), ("SATCHEL_CUT_FILES", "600")];
/// Stretches of things done on two devices of one account, over a rough network.
const HISTORIES: [Asked; 1] = [("SATCHEL_HISTORIES", "200")];
/// Megabytes of a disk that is filled.
const DISK: [Asked; 1] = [("SATCHEL_DISK", "16")];

/// Runs the fuzz targets for long, optimised, kills a program that fills a wallet often, cuts its power, has two devices go through many histories, and fills
/// a disk: the same tests as in `cargo xtask test`.
pub fn run() -> Done {
    let mut steps = Steps::new();
    steps.step("set up", setup::nextest)?;
    steps.step("fuzz", || tests("fuzz", "all()", &FUZZ))?;
    steps.step("build", || show(cargo(&["build", "--release", "--bin", "satchel"]).args(FOR_SPEED)))?;
    steps.step("kill", || tests("wallet", "test(after_a_kill)", &KILLS))?;
    steps.step("cut the power", || tests("wallet", "test(after_a_power_cut)", &CUTS))?;
    steps.step("two devices", || tests("server", "test(two_devices_on_a_rough_network)", &HISTORIES))?;
    steps.step("fill the disk", || tests("wallet", "test(a_full_disk) + test(no_more_files)", &DISK))?;
    steps.finish(f64::INFINITY)
}

/// The tests of one program that a filter names.
fn tests(program: &str, filter: &str, asked: &[Asked]) -> Done {
    let arguments =
        ["nextest", "run", "--release", "--profile", "prove", "--test", program, "-E", filter, "--success-output", "immediate"];
    let mut command = cargo(&arguments);
    command.args(FOR_SPEED);
    for (name, usual) in asked {
        let much = std::env::var(name).unwrap_or_else(|_| (*usual).to_owned());
        println!("{name}: {much}");
        command.env(name, much);
    }
    show(&mut command)
}
