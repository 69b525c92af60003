//! The files that the command line names: `satchel_wallet` walks folders, and a hyphen is standard input.

use std::io;
use std::path::{Path, PathBuf};

use satchel_wallet::inspect::{self, Source};

/// The files under `paths`, but none of the places `without`.
pub fn of<'a>(paths: &'a [PathBuf], without: &'a [PathBuf]) -> impl Iterator<Item = Source> + use<'a> {
    paths.iter().enumerate().flat_map(|(named, path)| {
        let input = is_standard_input(path).then(|| standard_input(named));
        let walk = input.is_none().then(|| inspect::walk(named, path, without));
        input.into_iter().chain(walk.into_iter().flatten())
    })
}

/// Where the bytes of a named path lie; those of standard input may lie in a file too.
pub fn place(path: &Path) -> &Path {
    if is_standard_input(path) { Path::new("/dev/stdin") } else { path }
}

/// Whether a path stands for standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn standard_input(named: usize) -> Source {
    let path = PathBuf::from("-");
    match inspect::copy(&mut io::stdin().lock()) {
        Ok(file) => Source::of_file(path, named, file),
        Err(error) => Source::unreadable(path, named, &error),
    }
}
