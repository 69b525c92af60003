//! `satchel` for the shell.
fn main() {}
