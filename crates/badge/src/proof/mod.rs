//! Proofs: whether a signature fits a content. Whose key it is, is another question ([`crate::check`]).

pub mod data_integrity;
pub mod jws;
