//! What a badge is.

pub mod json;
pub mod limits;
pub mod rdf;
