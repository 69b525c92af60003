//! Files written whole or not at all, and a standard output that may be closed by whoever reads it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use satchel_wallet::inspect;

use crate::problem::{Kind, Problem};
use crate::sources;
use crate::unfinished::Unfinished;

/// Writes `bytes` to `path`, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut output = Unfinished::watched().create(path)?;
    output.write_all(bytes).and_then(|()| output.finish()).map_err(|error| unwritable(path, &error))
}

/// The problem of a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Problem {
    Problem::with_file(Kind::Unwritable, path, error)
}

/// The problem of a file that cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::with_file(Kind::Unreadable, path, error)
}

/// A reader that has seen enough closes the pipe; that is no problem.
pub fn ignore_closed_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes until the reader closes the pipe; what comes then is thrown away and not tried.
pub struct UntilClosed<W> {
    to: W,
    is_closed: bool,
}

impl<W> UntilClosed<W> {
    pub fn new(to: W) -> Self {
        Self { to, is_closed: false }
    }
}

impl<W: Write> Write for UntilClosed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        match self.to.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed { Ok(()) } else { ignore_closed_pipe(self.to.flush()) }
    }
}

/// The problem when standard output cannot be written.
pub fn said(written: io::Result<()>) -> Result<(), Problem> {
    ignore_closed_pipe(written).map_err(|error| unwritable(Path::new("-"), &error))
}

/// A file that can be read from the start again: the one named, or a copy of what cannot, such as standard input or a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    if sources::is_standard_input(path) { inspect::copy(&mut io::stdin().lock()) } else { inspect::open(path) }
}
