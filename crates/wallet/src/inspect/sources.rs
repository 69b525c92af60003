//! The files that paths name: folders are walked in the order of the bytes of their paths, one folder at a time, links not followed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use satchel_badge::container::{self, Opened};

use crate::Candidate;

/// A file to look at.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path, as it is shown.
    pub path: PathBuf,
    /// Which of the named paths it belongs to, by number.
    pub named: usize,
    content: Content,
}

/// Where its bytes are.
#[derive(Clone, Debug)]
enum Content {
    /// Under its path.
    There,
    /// In a file that is open already.
    Open(Arc<File>),
    /// In memory.
    Bytes(Arc<[u8]>),
    /// Nowhere, and why.
    Unreadable(String),
}

impl Source {
    /// What comes from elsewhere, in a file that can be read from its start again; `path` is how it is shown.
    pub fn of_file(path: PathBuf, named: usize, file: File) -> Self {
        Self { path, named, content: Content::Open(Arc::new(file)) }
    }

    /// What is in memory; `path` is how it is shown.
    pub fn of_bytes(path: PathBuf, named: usize, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { path, named, content: Content::Bytes(bytes.into()) }
    }

    /// What cannot be read, and why.
    pub fn unreadable(path: PathBuf, named: usize, error: &io::Error) -> Self {
        Self { path, named, content: Content::Unreadable(error.to_string()) }
    }

    fn there(path: PathBuf, named: usize) -> Self {
        Self { path, named, content: Content::There }
    }

    /// Opens it; one that cannot be read has a line that says so.
    pub fn open(&self) -> Opened {
        let opened = match &self.content {
            Content::There => open(&self.path).and_then(|file| container::open(&mut BufReader::new(file))),
            Content::Open(file) => from_start(file).and_then(|mut file| container::open(&mut file)),
            Content::Bytes(bytes) => return container::open_bytes(bytes),
            Content::Unreadable(why) => Err(io::Error::other(why.clone())),
        };
        opened.unwrap_or_else(|error| container::unopened(&error))
    }

    /// The same as something that may be kept, under this name.
    pub fn candidate(&self, name: &str) -> Candidate {
        let unreadable = |error: io::Error| Candidate::unreadable(name, &error);
        match &self.content {
            Content::There => open(&self.path).map_or_else(unreadable, |file| Candidate::read(name, &mut BufReader::new(file))),
            Content::Open(file) => from_start(file).map_or_else(unreadable, |mut file| Candidate::read(name, &mut file)),
            Content::Bytes(bytes) => Candidate::read(name, &mut io::Cursor::new(bytes)),
            Content::Unreadable(why) => unreadable(io::Error::other(why.clone())),
        }
    }
}

fn from_start(file: &Arc<File>) -> io::Result<BufReader<Arc<File>>> {
    let mut file = Arc::clone(file);
    file.rewind()?;
    Ok(BufReader::new(file))
}

/// The most that is copied of what cannot be read twice.
const MAX_COPY: u64 = 1 << 30;

/// A file that can be read from the start again: the one under this path, or a copy of what cannot, such as a pipe.
///
/// # Errors
/// When it cannot be opened, copied, or is larger than what is copied.
pub fn open(path: &Path) -> io::Result<File> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { copy(&mut file) }
}

/// A copy that can be read from the start again, of what cannot, such as standard input. It has no name and goes away by itself.
///
/// # Errors
/// When it cannot be read or copied, or is larger than what is copied.
pub fn copy(reader: &mut impl Read) -> io::Result<File> {
    let mut copy = tempfile::tempfile()?;
    if io::copy(&mut reader.by_ref().take(MAX_COPY), &mut copy)? == MAX_COPY {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    copy.rewind()?;
    Ok(copy)
}

/// The files under `paths`, each with the number of its path. Below a folder, the places `without` are passed over: a report that is being
/// written is not what it speaks of.
pub fn of<'a>(paths: &'a [PathBuf], without: &'a [PathBuf]) -> impl Iterator<Item = Source> + use<'a> {
    paths.iter().enumerate().flat_map(|(named, path)| walk(named, path, without))
}

/// The same of one path.
pub fn walk<'a>(named: usize, path: &Path, without: &'a [PathBuf]) -> impl Iterator<Item = Source> + use<'a> {
    Walk { named, without, open: vec![(path.to_owned(), path.is_dir())] }
}

/// A walk through one path.
struct Walk<'a> {
    named: usize,
    without: &'a [PathBuf],
    /// What is still to come, the next last.
    open: Vec<(PathBuf, bool)>,
}

impl Walk<'_> {
    /// Puts what a folder holds before all else that is still to come. A folder is ordered as if its name ended in a slash, because the
    /// paths of its files go on with one.
    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let without = self.without_in(folder);
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if (kind.is_dir() || kind.is_file()) && !without.contains(&entry.file_name()) {
                entries.push((entry.path(), kind.is_dir()));
            }
        }
        let key = |(path, is_folder): &(PathBuf, bool)| {
            let mut key = path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
            key.extend(is_folder.then_some(b'/'));
            key
        };
        entries.sort_by_cached_key(|entry| std::cmp::Reverse(key(entry)));
        self.open.extend(entries);
        Ok(())
    }

    /// The names in this folder that are passed over.
    fn without_in(&self, folder: &Path) -> Vec<OsString> {
        if self.without.is_empty() {
            return Vec::new();
        }
        let folder = fs::canonicalize(folder).ok();
        let here = self.without.iter().filter(|place| place.parent() == folder.as_deref());
        here.filter_map(|place| Some(place.file_name()?.to_owned())).collect()
    }
}

impl Iterator for Walk<'_> {
    type Item = Source;

    fn next(&mut self) -> Option<Source> {
        while let Some((path, is_folder)) = self.open.pop() {
            if !is_folder {
                return Some(Source::there(path, self.named));
            }
            if let Err(error) = self.enter(&path) {
                return Some(Source::unreadable(path, self.named, &error));
            }
        }
        None
    }
}
