//! How much work the documents of one file may cause together, so that many that are each within bounds are no way around them
//! (security.md, P06).

use std::cell::Cell;

use super::error::{Error, Result};

/// Terms that the contexts of all documents of a file may cause to be defined or copied: those of ten.
const MAX_TERMS_IN_ALL: usize = 3_000_000;
/// Steps of naming blank nodes for all documents of a file: those of ten.
const MAX_WORK_IN_ALL: usize = 600_000;

/// What was spent on the documents of one file so far, counted in steps and not in time.
#[derive(Debug, Default)]
pub struct Effort {
    terms: Cell<usize>,
    naming: Cell<usize>,
}

impl Effort {
    /// Terms of contexts that were defined or copied.
    pub fn terms(&self) -> usize {
        self.terms.get()
    }

    /// Steps of naming blank nodes by their neighbourhood.
    pub fn naming(&self) -> usize {
        self.naming.get()
    }

    pub(super) fn add_terms(&self, terms: usize) -> Result<()> {
        add(&self.terms, terms, MAX_TERMS_IN_ALL)
    }

    pub(super) fn add_naming(&self, steps: usize) -> Result<()> {
        add(&self.naming, steps, MAX_WORK_IN_ALL)
    }
}

fn add(sum: &Cell<usize>, more: usize, most: usize) -> Result<()> {
    sum.set(sum.get().saturating_add(more));
    if sum.get() > most { Err(Error::TooComplex) } else { Ok(()) }
}
