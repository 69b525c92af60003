//! Where reports go: one after the other, in the order of the files, and at the end what the run came to. A form writes to any
//! `io::Write`, and gives it back when it is finished; what that is, and whether it appears whole, is its maker's matter.

use std::collections::BTreeSet;
use std::io::{self, Write};

use jiff::Timestamp;
use satchel_badge::evidence::Need;
use satchel_fetch::FetchError;

use super::{Checked, Tally};

/// A form of report that is being written.
pub trait Sink {
    /// What it writes to.
    type Out: Write;

    /// Writes what was found in one file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write(&mut self, checked: &Checked) -> io::Result<()>;

    /// Writes what is left to say, and gives back what was written to, flushed by this form but closed by its maker.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>, end: &End<'_>) -> io::Result<Self::Out>;
}

/// What is known when all files were looked at.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// How many of each.
    pub tally: &'a Tally,
    /// The time as of which badges were checked.
    pub now: Timestamp,
    /// Whoever was sent a request.
    pub asked: &'a BTreeSet<String>,
    /// What could not be fetched, and why.
    pub failed: &'a [(Need, FetchError)],
    /// Whether nobody was to be asked.
    pub offline: bool,
    /// To whom the badges should have been given.
    pub recipient: Option<&'a str>,
}

/// The path as it is shown and written.
pub(super) fn shown(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}
