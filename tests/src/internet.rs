//! A network of its own for a test, in which this machine has a public address: for what asks public addresses alone.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

/// An address of nobody here, that no rule refuses.
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34));

const WITHIN: &str = "SATCHEL_TEST_WITHIN";

/// Whether this runs in such a network. Where it does not, the test of this name was run again in one, and is done.
pub fn is_here(test: &str) -> bool {
    if std::env::var_os(WITHIN).is_some() {
        return true;
    }
    let up = format!("ip link set lo up && ip address add {ADDRESS}/32 dev lo && exec \"$@\"");
    let alone = |command: &[&str]| {
        let mut run = Command::new("unshare");
        run.args(["--net", "--user", "--map-root-user", "sh", "-c", &up, "sh"]).args(command).env(WITHIN, "1");
        run
    };
    if !alone(&["true"]).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: no network can be made here");
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let done = alone(&[program.to_str().unwrap(), "--exact", test, "--nocapture"]).status().unwrap();
    assert!(done.success(), "{test}, in a network of its own");
    false
}
