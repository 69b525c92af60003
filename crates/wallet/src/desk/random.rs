//! Randomness, from the system.

use jiff::Timestamp;
use satchel_protocol::Id;

/// Random bytes of the system.
pub fn bytes<const SIZE: usize>() -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    // It fails only where the system has no source of randomness; then nothing may be signed.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// The identifier of something new, `urn:uuid:…`.
pub fn urn(now: Timestamp) -> String {
    format!("urn:uuid:{}", Id::new(now, bytes()))
}

/// A number below `bound`, which is a power of two.
pub fn below(bound: u32) -> u32 {
    u32::from_le_bytes(bytes()) & (bound - 1)
}
