//! What wallet and server say to each other: the types of the HTTP interface, problems, ids, addresses, and the rules that both sides must
//! agree on. Pure: no file, socket, clock, thread, environment or random source is touched; time and randomness are handed in.
//!
//! Begin at [`problem`] for what goes wrong, at [`invitation`] for the states of a claim, and at [`signature`] for how a desk signs what
//! it uploads.

pub mod achievement;
pub mod birth;
pub mod desk;
pub mod email;
pub mod feed;
pub mod fold;
pub mod id;
pub mod invitation;
pub mod problem;
pub mod proposal;
pub mod request;
pub mod scope;
pub mod sealed;
pub mod signature;
pub mod visibility;
pub mod wallet;

pub use birth::BirthDate;
pub use email::EmailAddress;
pub use id::Id;
pub use problem::{Code, FieldError, Problem, Stands};
pub use satchel_badge::words::Language;

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}
