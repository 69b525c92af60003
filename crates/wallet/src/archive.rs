//! Files that hold several others: an archive gives a candidate for each of its files, `archive.zip/folder/badge.png`. One after the other is
//! unpacked, so that memory does not grow with it.

use std::io::{Cursor, Read, Seek, SeekFrom};

use satchel_badge::check::payload_kind;
use satchel_badge::code::Code;
use satchel_badge::container::zip::{Archive, is_archive};
use satchel_badge::report::Line;

use crate::Candidate;

/// Whatever a file is read from.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A file, wherever its bytes are.
pub type AnyReader = Box<dyn ReadSeek>;

/// The candidates of one file.
pub enum Candidates<R> {
    /// One, or none any more.
    One(Option<Box<Candidate>>),
    /// Those of an archive.
    Archive {
        /// How the archive is called.
        name: String,
        /// What is still to come.
        archive: Box<Archive<R>>,
        /// The number of the next.
        next: usize,
        /// Whether something in it was worth telling.
        told: bool,
    },
}

impl Candidate {
    /// Reads a file called `name`, or each of the files in it if it is an archive. Files in an archive that are no badges at all are passed
    /// over; an archive without a badge is refused.
    pub fn all<R: Read + Seek>(name: &str, mut reader: R) -> Candidates<R> {
        let mut head = Vec::new();
        let begins = reader.by_ref().take(4).read_to_end(&mut head).and_then(|_| reader.seek(SeekFrom::Start(0)));
        let one = |candidate| Candidates::One(Some(Box::new(candidate)));
        match begins {
            Err(error) => one(Self::unreadable(name, &error)),
            Ok(_) if !is_archive(&head) => one(Self::read(name, &mut reader)),
            Ok(_) => match Archive::open(reader) {
                Ok(archive) => Candidates::Archive { name: name.to_owned(), archive: Box::new(archive), next: 0, told: false },
                Err(line) => one(Self::refused(name, line)),
            },
        }
    }

    /// The file with this number in an archive, called `path`.
    pub(crate) fn of_member<R: Read + Seek>(path: &str, archive: &mut Archive<R>, number: usize) -> Self {
        match archive.unpack(number) {
            Ok(bytes) => Self::read(path, &mut Cursor::new(bytes)),
            Err(line) => Self::refused(path, line),
        }
    }

    /// Whether it is plainly something else than a badge.
    fn is_nothing(&self) -> bool {
        let plain =
            |code| matches!(code, Code::Empty | Code::NothingEmbedded | Code::UnknownFormat | Code::NotABadge | Code::NotAnAward);
        let opened = self.opened();
        match opened.embedded.as_slice() {
            [] => opened.lines.iter().all(|line| plain(line.code)),
            [only] if only.keyword.is_none() => payload_kind(&only.text).is_err_and(|line| plain(line.code)),
            _ => false,
        }
    }
}

impl<R: Read + Seek> Iterator for Candidates<R> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        let (name, archive, next, told) = match self {
            Self::One(one) => return one.take().map(|one| *one),
            Self::Archive { name, archive, next, told } => (name, archive, next, told),
        };
        while let Some(member) = archive.name(*next) {
            let path = format!("{name}/{member}");
            let candidate = Candidate::of_member(&path, archive, *next);
            *next += 1;
            if !candidate.is_nothing() {
                *told = true;
                return Some(candidate);
            }
        }
        let last = (!*told).then(|| Candidate::refused(name, Line::bare(Code::ArchiveWithoutBadge)));
        *self = Self::One(None);
        last
    }
}
