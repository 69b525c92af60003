//! Every bound on what a badge may cost, in one place. Beyond each there is a code of its own, never a crash.

/// Levels of nested objects and arrays in a JSON text; real badges have about ten.
pub const MAX_JSON_DEPTH: usize = 100;
