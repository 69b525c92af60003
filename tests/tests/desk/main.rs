//! The issuing desk from outside: its keys, its badges, awards to everybody in a table, and what becomes of them on a server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot set its scene has failed")]

mod awarding;
mod keys;
mod proposals;
mod publishing;
