//! What the tests from outside share: the program as a person starts it, a small web server, pictures, samples and what
//! becomes of them under a mutator, and the peers' programs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot set its scene has failed"
)]

pub mod data;
pub mod desk;
pub mod disk;
pub mod http;
pub mod internet;
pub mod kept;
pub mod keyring;
pub mod mutate;
pub mod peers;
pub mod picture;
pub mod postgres;
pub mod power;
pub mod provider;
pub mod proxy;
pub mod receiver;
pub mod running;
pub mod server;
pub mod shell;
pub mod signing;
pub mod smtp;
pub mod terminal;
pub mod window;
