//! Archives of badges, as other backpacks export them. What is in one is told by its directory; one member after the other is unpacked, so
//! that memory does not grow with the archive, and no more of each than the directory says and a badge may have. Names are labels: they lead
//! nowhere, and nothing is written under them. An archive in an archive is a member like any other and is not opened.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::code::Code;
use crate::limits::{MAX_ARCHIVE, MAX_ARCHIVE_ENTRIES, MAX_ARCHIVE_ENTRY, MAX_ARCHIVE_NAME};
use crate::report::Line;

use super::megabytes;

/// A file that stands in an archive.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    /// Its number in the directory.
    at: usize,
    /// How many bytes it has, or why it is not unpacked.
    size: Result<usize, Line>,
}

/// An archive, its directory read.
pub struct Archive<R> {
    inner: ZipArchive<R>,
    members: Vec<Member>,
}

impl<R> fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("members", &self.members).finish_non_exhaustive()
    }
}

/// Whether a file is an archive, told by its first bytes (APPNOTE.TXT, 4.3.7 and 4.3.16).
pub fn is_archive(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive.
    ///
    /// # Errors
    /// The finding that says why it cannot be read.
    pub fn open(mut reader: R) -> Result<Self, Line> {
        let size = reader.seek(SeekFrom::End(0)).map_err(|_| Line::bare(Code::ArchiveMalformed))?;
        // A head takes 46 bytes in the directory at least (APPNOTE.TXT, 4.3.12); a count that cannot be is not believed.
        let mut inner = ZipArchive::new(reader).map_err(|_| Line::bare(Code::ArchiveMalformed))?;
        if inner.len() > MAX_ARCHIVE_ENTRIES || inner.len() as u64 > size / 46 + 1 {
            return Err(Line::new(Code::ArchiveTooManyEntries, [MAX_ARCHIVE_ENTRIES.to_string()]));
        }
        let (mut members, mut left) = (Vec::new(), MAX_ARCHIVE);
        for at in 0..inner.len() {
            let Some(mut member) = member(&mut inner, at) else { continue };
            let is_over = member.size.as_ref().is_ok_and(|size| *size > left);
            left = left.saturating_sub(*member.size.as_ref().unwrap_or(&0));
            if is_over {
                member.size = Err(Line::new(Code::ArchiveTooLarge, [megabytes(MAX_ARCHIVE)]));
            }
            members.push(member);
            if is_over {
                break;
            }
        }
        Ok(Self { inner, members })
    }

    /// The name of the file with this number, from 0: with the folders in the archive, without what would lead out of it. Beyond the first
    /// that makes it too large there are none.
    pub fn name(&self, number: usize) -> Option<&str> {
        self.members.get(number).map(|member| member.name.as_str())
    }

    /// The bytes of the file with this number.
    ///
    /// # Errors
    /// The finding that says why it is not unpacked.
    pub fn unpack(&mut self, number: usize) -> Result<Vec<u8>, Line> {
        let malformed = || Line::bare(Code::ArchiveMalformed);
        let Member { at, size, .. } = self.members.get(number).cloned().ok_or_else(malformed)?;
        let size = size?;
        let entry = self.inner.by_index(at).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => Line::bare(Code::ArchiveCompression),
            _ => malformed(),
        })?;
        let mut bytes = Vec::new();
        // Its checksum is compared on the way (APPNOTE.TXT, 4.4.7).
        let read = entry.take(size as u64 + 1).read_to_end(&mut bytes);
        if read.is_ok() && bytes.len() == size { Ok(bytes) } else { Err(malformed()) }
    }
}

/// The entry with this number if it is a file; none for a folder or a link.
fn member<R: Read + Seek>(inner: &mut ZipArchive<R>, at: usize) -> Option<Member> {
    let Ok(stored) = inner.by_index_raw(at) else {
        return Some(Member { name: at.to_string(), at, size: Err(Line::bare(Code::ArchiveMalformed)) });
    };
    let is_link = stored.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000);
    let name = stored.name().map_or_else(|_| at.to_string(), |name| label(&name));
    // What one system adds to the archives it makes is passed over too.
    if !stored.is_file() || is_link || name.starts_with("__MACOSX/") {
        return None;
    }
    let size = match usize::try_from(stored.size()) {
        _ if name.chars().count() > MAX_ARCHIVE_NAME => Err(Line::new(Code::ArchiveNameTooLong, [MAX_ARCHIVE_NAME.to_string()])),
        _ if stored.encrypted() => Err(Line::bare(Code::ArchiveEncrypted)),
        Ok(size) if size <= MAX_ARCHIVE_ENTRY => Ok(size),
        _ => Err(Line::new(Code::ArchiveEntryTooLarge, [megabytes(MAX_ARCHIVE_ENTRY)])),
    };
    Some(Member { name: name.chars().take(MAX_ARCHIVE_NAME).collect(), at, size })
}

/// The name of an entry without what would lead out of its folder, whichever system wrote it.
fn label(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|part| !part.is_empty() && !matches!(*part, "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}
