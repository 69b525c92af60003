//! Randomness, from the system.

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

/// The identifier of something new, `urn:uuid:…`: a UUID of version 4 (RFC 9562, 5.4), which says nothing about when. Programs of the time of
/// Open Badges 2.0 refuse those of versions that came later.
pub fn urn() -> String {
    let mut bytes = bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    format!("urn:uuid:{}", Id::from_bytes(bytes))
}

/// A number below `bound`, which is a power of two.
pub fn below(bound: u32) -> u32 {
    u32::from_le_bytes(bytes()) & (bound - 1)
}
