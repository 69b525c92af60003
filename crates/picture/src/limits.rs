//! Every bound on what a picture may cost, in one place. Beyond each there is a code of its own ([`crate::PictureError::code`]).

/// Bytes of a picture as it comes; what a wallet keeps at most.
pub const MAX_BYTES: usize = 64 << 20;

/// Pixels of a picture: 4096 by 4096. Decoded they take 64 MB, and twice that with 16 bits a channel.
pub const MAX_PIXELS: u64 = 4096 * 4096;

/// Bytes that a decoder may take beside.
pub const MAX_DECODER: u64 = 160 << 20;

/// Bytes of an SVG. Traced photographs have about 2 MB.
pub const MAX_SVG: usize = 4 << 20;

/// Elements of an SVG as it is written. Real ones have up to some thousands.
pub const MAX_ELEMENTS: u32 = 50_000;

/// Levels of nested elements of an SVG, those counted that it refers to.
pub const MAX_DEPTH: usize = 100;

/// Elements of an SVG once everything that it refers to is written out, each with what its attributes weigh.
pub const MAX_EXPANDED: u64 = 200_000;

/// Pixels that drawing an SVG touches: about two seconds.
pub const MAX_WORK: f64 = 300e6;

/// Pixels that lie side by side in layers while an SVG is drawn: 128 MB.
pub const MAX_LAYERS: f64 = 32e6;

/// Dashes of all lines of an SVG.
pub const MAX_DASHES: f64 = 50_000.0;

/// Pictures inside of an SVG.
pub const MAX_PICTURES: usize = 16;
