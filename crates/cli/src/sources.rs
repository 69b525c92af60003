//! The files that the paths name: folders are walked in the order of the bytes of their paths, one folder at a time, links not followed.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A file to look at.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    /// Which of the paths on the command line it belongs to.
    pub named: usize,
    /// Why it cannot be opened, when that is known already.
    pub problem: Option<String>,
}

/// The files under `paths`.
pub fn of(paths: &[PathBuf]) -> impl Iterator<Item = Source> + '_ {
    paths.iter().enumerate().flat_map(|(named, path)| Walk::new(named, path))
}

/// A walk through one path.
struct Walk {
    named: usize,
    /// What is still to come, the next last.
    open: Vec<(PathBuf, bool)>,
}

impl Walk {
    fn new(named: usize, path: &Path) -> Self {
        Self { named, open: vec![(path.to_owned(), path.is_dir())] }
    }

    fn source(&self, path: PathBuf, problem: Option<String>) -> Source {
        Source { path, named: self.named, problem }
    }

    /// Puts what a folder holds before all else that is still to come. A folder is ordered as if its name ended in a slash, because the
    /// paths of its files go on with one.
    fn enter(&mut self, folder: &Path) -> Result<(), std::io::Error> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() || kind.is_file() {
                entries.push((entry.path(), kind.is_dir()));
            }
        }
        let key = |(path, is_folder): &(PathBuf, bool)| {
            let mut key = path.file_name().map(|name| name.as_bytes().to_vec()).unwrap_or_default();
            key.extend(is_folder.then_some(b'/'));
            key
        };
        entries.sort_by_cached_key(|entry| std::cmp::Reverse(key(entry)));
        self.open.extend(entries);
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Source;

    fn next(&mut self) -> Option<Source> {
        while let Some((path, is_folder)) = self.open.pop() {
            if !is_folder {
                return Some(self.source(path, None));
            }
            if let Err(error) = self.enter(&path) {
                return Some(self.source(path, Some(error.to_string())));
            }
        }
        None
    }
}
