//! The one HTTP client of the program, and the loop that answers what a verification needs. All that goes out passes [`Client`],
//! and so its guard: nothing here talks to a private address that was not allowed by name and port, sends a credential, or reads
//! without a limit of bytes and time. What a document means is never judged here.

mod answer;
mod client;
mod error;
mod guard;
mod policy;
mod send;

pub use answer::{Answered, answer};
pub use client::{Client, Names};
pub use error::FetchError;
pub use guard::is_refused;
pub use policy::{HostPort, MAX_ASKED_BY_ONE, NetworkPolicy};
pub use send::{Answer, Request};
