//! The files that paths name: folders are walked in the order of the bytes of their paths, one folder at a time, links not followed. An
//! archive stands for the files in it, `archive.zip/folder/badge.png`, in the order of its directory.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use satchel_badge::code::Code;
use satchel_badge::container::zip::{Archive, is_archive};
use satchel_badge::container::{self, Format, Opened};
use satchel_badge::report::Line;

use crate::{AnyReader, Candidate, Candidates};

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
    /// In an archive, under this number. One at a time is unpacked, so that memory does not grow with the archive.
    Member(Arc<Mutex<Archive<AnyReader>>>, usize),
    /// Nowhere, and why.
    Unreadable(io::ErrorKind, String),
    /// In an archive that is not opened, and why.
    Refused(Line),
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
        Self { path, named, content: Content::Unreadable(error.kind(), error.to_string()) }
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
            Content::Member(archive, number) => {
                let unpacked = lock(archive).unpack(*number);
                return unpacked.map_or_else(refused, |bytes| container::open_bytes(&bytes));
            }
            Content::Unreadable(kind, why) => Err(io::Error::new(*kind, why.clone())),
            Content::Refused(line) => return refused(line.clone()),
        };
        opened.unwrap_or_else(|error| container::unopened(&error))
    }

    /// Whether it is an archive, going by how it begins.
    pub fn is_archive(&self) -> bool {
        let mut head = Vec::new();
        let reader = self.reader().and_then(Result::ok);
        reader.is_some_and(|reader| reader.take(4).read_to_end(&mut head).is_ok() && is_archive(&head))
    }

    /// The files in it, if it is an archive: one source for each, or one that says why there is none. What stands in an archive is opened as
    /// a file and not as an archive of its own.
    pub fn members(&self) -> Option<Vec<Self>> {
        let mut reader = match &self.content {
            Content::Member(..) => return None,
            // What is no file cannot be read twice.
            Content::There if !self.path.is_file() => return None,
            _ => self.reader()?.ok()?,
        };
        let mut head = Vec::new();
        reader.by_ref().take(4).read_to_end(&mut head).ok().filter(|_| is_archive(&head))?;
        reader.rewind().ok()?;
        let refuse = |line| vec![Self { content: Content::Refused(line), ..self.clone() }];
        let archive = match Archive::open(reader) {
            Ok(archive) if archive.name(0).is_none() => return Some(refuse(Line::bare(Code::ArchiveWithoutBadge))),
            Ok(archive) => archive,
            Err(line) => return Some(refuse(line)),
        };
        let names: Vec<String> = (0..).map_while(|number| archive.name(number).map(str::to_owned)).collect();
        let archive = Arc::new(Mutex::new(archive));
        let member = |(number, name): (usize, String)| {
            let mut path = self.path.clone().into_os_string();
            path.push("/");
            path.push(name);
            Self { path: path.into(), named: self.named, content: Content::Member(Arc::clone(&archive), number) }
        };
        Some(names.into_iter().enumerate().map(member).collect())
    }

    /// Whatever its bytes are read from; none where there are none of its own.
    fn reader(&self) -> Option<io::Result<AnyReader>> {
        Some(match &self.content {
            Content::There => open(&self.path).map(|file| -> AnyReader { Box::new(BufReader::new(file)) }),
            Content::Open(file) => from_start(file).map(|file| -> AnyReader { Box::new(file) }),
            Content::Bytes(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Content::Unreadable(kind, why) => Err(io::Error::new(*kind, why.clone())),
            Content::Member(..) | Content::Refused(_) => return None,
        })
    }

    /// The same as things that may be kept: one under this name, or all that an archive of this name holds.
    pub fn candidates(&self, name: &str) -> Candidates<AnyReader> {
        match self.reader() {
            Some(Ok(reader)) => Candidate::all(name, reader),
            _ => Candidates::One(Some(Box::new(self.candidate(name)))),
        }
    }

    /// The same as something that may be kept, under this name.
    pub fn candidate(&self, name: &str) -> Candidate {
        let unreadable = |error: io::Error| Candidate::unreadable(name, &error);
        match &self.content {
            Content::There => open(&self.path).map_or_else(unreadable, |file| Candidate::read(name, &mut BufReader::new(file))),
            Content::Open(file) => from_start(file).map_or_else(unreadable, |mut file| Candidate::read(name, &mut file)),
            Content::Bytes(bytes) => Candidate::read(name, &mut io::Cursor::new(bytes)),
            Content::Member(archive, number) => Candidate::of_member(name, &mut lock(archive), *number),
            Content::Unreadable(kind, why) => unreadable(io::Error::new(*kind, why.clone())),
            Content::Refused(line) => Candidate::refused(name, line.clone()),
        }
    }
}

fn refused(line: Line) -> Opened {
    Opened { format: Format::Unknown, embedded: Vec::new(), lines: vec![line] }
}

fn lock(archive: &Mutex<Archive<AnyReader>>) -> MutexGuard<'_, Archive<AnyReader>> {
    archive.lock().unwrap_or_else(PoisonError::into_inner)
}

fn from_start(file: &Arc<File>) -> io::Result<BufReader<Arc<File>>> {
    let mut file = Arc::clone(file);
    file.rewind()?;
    Ok(BufReader::new(file))
}

/// The most that is copied of what cannot be read twice.
const MAX_COPY: u64 = 1 << 30;

/// A file that can be read from the start again: the one under this path, or a copy of what a shell hands over through a pipe.
///
/// # Errors
/// When it cannot be opened or copied, is larger than what is copied, or is no file: a device never ends, and a pipe with a name keeps whoever
/// opens it waiting.
pub fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() || kind.is_dir() {
        let mut file = File::open(path)?;
        return if kind.is_file() { Ok(file) } else { copy(&mut file) };
    }
    if is_handed_over(path, kind) {
        copy(&mut File::open(path)?)
    } else {
        Err(io::Error::other("it is a pipe or a device, and no file"))
    }
}

/// Whether it is a pipe that has no name of its own, such as `<(command)` gives: somebody writes into it already.
#[cfg(unix)]
fn is_handed_over(path: &Path, kind: fs::FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind) && fs::canonicalize(path).is_err()
}

#[cfg(not(unix))]
fn is_handed_over(_: &Path, _: fs::FileType) -> bool {
    false
}

/// All that is in a file which is to be held in memory.
///
/// # Errors
/// Those of [`open`], and a file that is larger than what is copied.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_COPY).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == MAX_COPY { Err(io::Error::from(io::ErrorKind::FileTooLarge)) } else { Ok(bytes) }
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
