//! Signing in through an institution, with OpenID Connect (R14 to R21, R48, S05, S06). Begin at `away.rs`, which sends somebody to a provider, and
//! at `back.rs`, where they return. `tokens.rs` asks the provider and says whether its answer is to be believed, `claims.rs` reads who it is,
//! `enter.rs` signs in whoever is known, `finish.rs` asks a newcomer for the birth date, `merging.rs` decides what may join an account that is
//! there, `join.rs` joins and parts, `anew.rs` takes a fresh sign-in as proof, `recycled.rs` frees an address that somebody else has now, `asked.rs` has what several want asked once, `ended.rs` hears from a provider that a session is over, `failure.rs` says what went wrong.
//!
//! Never here: a token of a provider kept, an account found by an address that nobody vouches for, a request but through satchel-fetch.

pub mod about;
mod anew;
mod asked;
pub mod away;
pub mod back;
mod claims;
pub mod ended;
pub mod enter;
mod failure;
pub mod finish;
pub mod join;
mod merging;
pub mod recycled;
pub mod remind;
pub mod tokens;

pub use claims::NEEDED;

use satchel_protocol::sha256;

/// What a provider calls somebody or something, as it is kept: a hash.
pub fn hash_at(issuer: &str, text: &str) -> [u8; 32] {
    sha256(&[issuer.as_bytes(), b"\0", text.as_bytes()].concat())
}
