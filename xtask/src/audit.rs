//! `cargo xtask audit`: asks for security advisories about our dependencies, where there is a network.

use crate::setup;
use crate::steps::{Done, cargo, output};

/// Passes only if the advisories were read and none stands against us.
pub fn run() -> Done {
    setup::deny()?;
    let answer = output(&mut cargo(&["deny", "check", "--hide-inclusion-graph", "advisories"]))?;
    let words = [answer.stdout, answer.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    println!("{}", words.trim());
    if answer.status.success() {
        Ok(())
    } else if words.contains("advisories FAILED") {
        Err("there are advisories against our dependencies; they stand above".into())
    } else {
        Err("not checked: the advisory database cannot be reached from here; ask again where there is a network".into())
    }
}
