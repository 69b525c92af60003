//! Files that appear under their name whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that appears under its name when it is finished. What is no file, such as a pipe or a terminal, is written as it is.
pub struct Output {
    to: To,
}

enum To {
    /// A file beside its place.
    Place(PathBuf, BufWriter<NamedTempFile>),
    Stream(BufWriter<File>),
}

impl Output {
    /// Begins a file beside its place. A link is followed, so that it stays one.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn create(path: &Path) -> io::Result<Self> {
        let existing = fs::metadata(path).ok();
        if existing.as_ref().is_some_and(Metadata::is_dir) {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        if existing.is_some_and(|existing| !existing.is_file()) {
            let stream = File::options().write(true).open(path)?;
            return Ok(Self { to: To::Stream(BufWriter::new(stream)) });
        }
        let place = place(path);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".satchel-");
        permit(&mut builder, &place);
        let file = builder.tempfile_in(folder(&place))?;
        Ok(Self { to: To::Place(place, BufWriter::new(file)) })
    }

    /// The path under which it is written until it is finished, when that is another than its own.
    pub fn unfinished(&self) -> Option<&Path> {
        match &self.to {
            To::Place(_, file) => Some(file.get_ref().path()),
            To::Stream(_) => None,
        }
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// When it cannot be written there; what stood there stays as it was.
    pub fn finish(self) -> io::Result<()> {
        match self.to {
            To::Stream(mut stream) => stream.flush(),
            To::Place(place, file) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(&place).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Place(_, file) => file.write(bytes),
            To::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Place(_, file) => file.flush(),
            To::Stream(stream) => stream.flush(),
        }
    }
}

/// Where a file of this path is, or would be: one spelling for all that lead there.
pub fn place(path: &Path) -> PathBuf {
    if let Ok(place) = fs::canonicalize(path) {
        return place;
    }
    match (fs::canonicalize(folder(path)), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// The folder that a path lies in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether two paths lead to one file, also when it is not there yet.
pub fn is_same(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        // What is written to a pipe or a terminal takes no place.
        (Ok(metadata), _) | (_, Ok(metadata)) if !metadata.is_file() => false,
        (Ok(a_is), Ok(b_is)) if is_one(&a_is, &b_is) => true,
        _ => place(a) == place(b),
    }
}

#[cfg(unix)]
pub(crate) fn is_one(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
pub(crate) fn is_one(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// The permissions of the file that is replaced, or what any new file would get.
#[cfg(unix)]
fn permit(builder: &mut tempfile::Builder<'_, '_>, place: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let new = || fs::Permissions::from_mode(0o666);
    builder.permissions(fs::metadata(place).map_or_else(|_| new(), |metadata| metadata.permissions()));
}

#[cfg(not(unix))]
fn permit(_: &mut tempfile::Builder<'_, '_>, _: &Path) {}
