//! Files written whole or not at all, and a standard output that may be closed by whoever reads it.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::problem::{Kind, Problem};

/// A file that appears under its name when it is finished.
pub struct Output {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Output {
    /// Begins a file beside its place.
    pub fn create(path: &Path) -> Result<Self, Problem> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".satchel-").permissions(permissions(path));
        let file = builder.tempfile_in(folder).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), Problem> {
        let Self { path, file } = self;
        let file = file.into_inner().map_err(|error| unwritable(&path, error.error()))?;
        file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
        file.persist(&path).map_err(|error| unwritable(&path, &error.error))?;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
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

fn copy(reader: &mut impl io::Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    io::copy(reader, &mut copy)?;
    io::Seek::rewind(&mut copy)?;
    Ok(copy)
}
