//! Archives of badges, as other backpacks export them. One entry after the other is unpacked, so that memory does not grow with the archive,
//! and no more of each than a badge may have. Names are labels: they lead nowhere, and nothing is written under them. An archive in an archive
//! is an entry like any other and is not opened.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::code::Code;
use crate::limits::{MAX_ARCHIVE, MAX_ARCHIVE_ENTRIES, MAX_ARCHIVE_ENTRY, MAX_ARCHIVE_NAME};
use crate::report::Line;

use super::megabytes;

/// Something that stands in an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, with the folders in the archive, without what would lead out of it.
    pub name: String,
    /// Its bytes, or why it is not unpacked.
    pub content: Result<Vec<u8>, Line>,
}

/// An archive that is read entry by entry.
pub struct Archive<R> {
    inner: ZipArchive<R>,
    next: usize,
    /// Bytes that may still be unpacked.
    left: usize,
    is_over: bool,
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
        let archive = ZipArchive::new(reader).map_err(|_| Line::bare(Code::ArchiveMalformed))?;
        if archive.len() > MAX_ARCHIVE_ENTRIES || archive.len() as u64 > size / 46 + 1 {
            return Err(Line::new(Code::ArchiveTooManyEntries, [MAX_ARCHIVE_ENTRIES.to_string()]));
        }
        Ok(Self { inner: archive, next: 0, left: MAX_ARCHIVE, is_over: false })
    }

    /// The next entry that is a file; none for a folder or a link.
    fn entry(&mut self, at: usize) -> Option<Entry> {
        let Ok(stored) = self.inner.by_index_raw(at) else {
            return Some(Entry { name: at.to_string(), content: Err(Line::bare(Code::ArchiveMalformed)) });
        };
        let is_link = stored.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000);
        let (is_file, is_encrypted) = (stored.is_file() && !is_link, stored.encrypted());
        let name = stored.name().map_or_else(|_| at.to_string(), |name| label(&name));
        drop(stored);
        // What one system adds to the archives it makes.
        if !is_file || name.starts_with("__MACOSX/") {
            return None;
        }
        let content = match () {
            () if name.chars().count() > MAX_ARCHIVE_NAME => {
                Err(Line::new(Code::ArchiveNameTooLong, [MAX_ARCHIVE_NAME.to_string()]))
            }
            () if is_encrypted => Err(Line::bare(Code::ArchiveEncrypted)),
            () => self.unpack(at),
        };
        let name = name.chars().take(MAX_ARCHIVE_NAME).collect();
        Some(Entry { name, content })
    }

    /// What it says of its own size is not believed.
    fn unpack(&mut self, at: usize) -> Result<Vec<u8>, Line> {
        let entry = self.inner.by_index(at).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) => Line::bare(Code::ArchiveCompression),
            _ => Line::bare(Code::ArchiveMalformed),
        })?;
        let most = MAX_ARCHIVE_ENTRY.min(self.left);
        let mut bytes = Vec::new();
        let read = entry.take(most as u64 + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len());
        if bytes.len() > most && most < MAX_ARCHIVE_ENTRY {
            self.is_over = true;
            return Err(Line::new(Code::ArchiveTooLarge, [megabytes(MAX_ARCHIVE)]));
        }
        if bytes.len() > most {
            return Err(Line::new(Code::TooLarge, [megabytes(MAX_ARCHIVE_ENTRY)]));
        }
        // Its checksum is compared on the way (APPNOTE.TXT, 4.4.7).
        read.map(|_| bytes).map_err(|_| Line::bare(Code::ArchiveMalformed))
    }
}

impl<R: Read + Seek> Iterator for Archive<R> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        while self.next < self.inner.len() && !self.is_over {
            let at = self.next;
            self.next += 1;
            if let Some(entry) = self.entry(at) {
                return Some(entry);
            }
        }
        None
    }
}

/// The name of an entry without what would lead out of its folder, whichever system wrote it.
fn label(name: &str) -> String {
    let parts = name.split(['/', '\\']).filter(|part| !part.is_empty() && !matches!(*part, "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}
