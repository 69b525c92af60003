//! Files written whole or not at all, and a standard output that may be closed by whoever reads it.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::problem::{Kind, Problem};

/// A file that appears under its name when it is finished. What is no file, such as a pipe or a terminal, is written as it is.
pub struct Output {
    path: PathBuf,
    to: To,
}

enum To {
    Place(BufWriter<NamedTempFile>),
    Stream(BufWriter<File>),
}

impl Output {
    /// Begins a file beside its place. A link is followed, so that it stays one.
    pub fn create(path: &Path) -> Result<Self, Problem> {
        let existing = std::fs::metadata(path).ok();
        if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(unwritable(path, &io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if existing.is_some_and(|existing| !existing.is_file()) {
            let stream = File::options().write(true).open(path).map_err(|error| unwritable(path, &error))?;
            return Ok(Self { path: path.to_owned(), to: To::Stream(BufWriter::new(stream)) });
        }
        let place = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".satchel-").permissions(permissions(&place));
        let file = builder.tempfile_in(folder).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: place, to: To::Place(BufWriter::new(file)) })
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), Problem> {
        let Self { path, to } = self;
        let file = match to {
            To::Stream(mut stream) => return stream.flush().map_err(|error| unwritable(&path, &error)),
            To::Place(file) => file.into_inner().map_err(|error| unwritable(&path, error.error()))?,
        };
        file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
        file.persist(&path).map_err(|error| unwritable(&path, &error.error))?;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Place(file) => file.write(bytes),
            To::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Place(file) => file.flush(),
            To::Stream(stream) => stream.flush(),
        }
    }
}

/// Whether two paths lead to one file that is there.
pub fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::metadata(a), std::fs::metadata(b)) {
        (Ok(a), Ok(b)) => a.is_file() && (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

/// Those of the file that is replaced, or what any new file would get.
fn permissions(path: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map_or_else(|_| std::fs::Permissions::from_mode(0o666), |metadata| metadata.permissions())
}

/// Writes `bytes` to `path`, whole or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).map_err(|error| unwritable(path, &error))?;
    output.finish()
}

/// The problem of a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(Kind::Unwritable, [path.display().to_string(), error.to_string()])
}

/// The problem of a file that cannot be read.
pub fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(Kind::Unreadable, [path.display().to_string(), error.to_string()])
}

/// A reader that has seen enough closes the pipe; that is no problem.
pub fn ignore_closed_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A file that can be read from the start again: the one named, or a copy of what cannot, such as standard input or a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    if path == Path::new("-") {
        return copy(&mut io::stdin().lock());
    }
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { copy(&mut file) }
}

/// The most that is copied of what cannot be read twice.
const MAX_COPY: u64 = 1 << 30;

fn copy(reader: &mut impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    if io::copy(&mut reader.by_ref().take(MAX_COPY), &mut copy)? == MAX_COPY {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    io::Seek::rewind(&mut copy)?;
    Ok(copy)
}
