//! A file of what was erased, beside the database and only ever added to: a backup that is restored brings nothing back that was erased
//! after it was made. It names ids and hashes, each on a line of JSON; the database is what it is written from, so that a file that is lost
//! or behind is made up for.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::act::hex;
use crate::store::tombstone::{Kind, LATE, Tombstone};

#[derive(Serialize, Deserialize)]
struct Line {
    kind: String,
    id: String,
    at: Timestamp,
}

/// The file, and what is in it.
pub struct Log {
    path: PathBuf,
    known: HashSet<Vec<u8>>,
    upto: Timestamp,
}

impl Log {
    /// The file at a path; it need not be there yet.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    pub fn open(path: &Path) -> Result<Self, String> {
        let known = read(path)?.into_iter().map(|it| it.id).collect();
        // The first look is at all that the database has.
        Ok(Self { path: path.to_owned(), known, upto: Timestamp::UNIX_EPOCH + LATE })
    }

    /// From when on the database may have what the file has not.
    pub fn since(&self) -> Timestamp {
        self.upto - LATE
    }

    /// Adds what is new. When this returns, it is on the disk.
    ///
    /// # Errors
    /// Why it cannot be written, in words.
    pub fn add(&mut self, all: &[Tombstone]) -> Result<usize, String> {
        let new: Vec<_> = all.iter().filter(|it| !self.known.contains(&it.id)).collect();
        if !new.is_empty() {
            let failed = |error: std::io::Error| format!("{}: {error}", self.path.display());
            let mut text = String::new();
            for it in &new {
                let line = Line { kind: it.kind.name().to_owned(), id: hex(&it.id), at: it.at };
                text += &serde_json::to_string(&line).unwrap_or_default();
                text.push('\n');
            }
            let mut file = open(&self.path).map_err(failed)?;
            if !ends_whole(&mut file).map_err(failed)? {
                // What a power cut left of the last line is no line; it came from the database, which has it still.
                text.insert(0, '\n');
            }
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        let count = new.len();
        self.known.extend(new.into_iter().map(|it| it.id.clone()));
        self.upto = all.iter().map(|it| it.at).fold(self.upto, Timestamp::max);
        Ok(count)
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn ends_whole(file: &mut File) -> std::io::Result<bool> {
    use std::io::{Seek, SeekFrom};
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// What a file says; nothing, where there is none. A line that was broken off is passed over.
///
/// # Errors
/// Why it cannot be read, in words.
pub fn read(path: &Path) -> Result<Vec<Tombstone>, String> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|error| format!("{}: {error}", path.display()))?,
    };
    let parse = |line: &str| {
        let line: Line = serde_json::from_str(line).ok()?;
        let id: Option<Vec<u8>> =
            (0..line.id.len()).step_by(2).map(|at| u8::from_str_radix(line.id.get(at..at + 2)?, 16).ok()).collect();
        Some(Tombstone { kind: Kind::from_name(&line.kind)?, id: id?, at: line.at })
    };
    Ok(text.lines().filter_map(parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stone(byte: u8) -> Tombstone {
        Tombstone { kind: Kind::Account, id: vec![byte; 16], at: "2026-11-28T12:00:00Z".parse().unwrap() }
    }

    #[test]
    fn what_is_there_is_not_written_again_and_a_broken_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("erased.log");
        let mut log = Log::open(&path).unwrap();
        assert_eq!(log.add(&[stone(1), stone(2)]), Ok(2));
        assert_eq!(log.add(&[stone(2)]), Ok(0));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 9);
        std::fs::write(&path, bytes).unwrap();
        let mut log = Log::open(&path).unwrap();
        assert_eq!(log.add(&[stone(1), stone(2)]), Ok(1));
        assert_eq!(read(&path).unwrap(), [stone(1), stone(2)]);
    }
}
