//! What a badge is: unbake, read, say what is needed, check, bake and sign. Pure: no file, socket, clock, thread, environment or random
//! source is touched; time, randomness and documents are handed in.
//!
//! Begin at [`check::check`], which turns the bytes of a file into reports, and at [`container`], which finds the credential in them.

pub mod bake;
pub mod cause;
pub mod check;
pub mod code;
pub mod confusable;
pub mod container;
pub mod did;
pub mod evidence;
pub mod json;
pub mod key;
pub mod limits;
pub mod model;
pub mod proof;
pub mod prose;
pub mod rdf;
pub mod report;
pub mod sign;
pub mod status;
pub mod succession;
pub mod time;
pub mod words;

pub(crate) fn hex(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(HEX[usize::from(digit)])).collect()
}
