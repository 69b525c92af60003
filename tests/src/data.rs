//! The samples under `tests/data`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The path of a sample.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// The bytes of a sample.
pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap_or_else(|error| panic!("tests/data/{name}: {error}"))
}

/// The text of a sample, without white space around it.
pub fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap().trim().to_owned()
}

/// A sample that is JSON.
pub fn json(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).unwrap_or_else(|error| panic!("tests/data/{name}: {error}"))
}

/// The names of the files under a folder of samples, in order.
pub fn under(folder: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(path(folder.to_str().unwrap())).unwrap() {
            let entry = entry.unwrap();
            let name = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(name);
            } else {
                names.push(name.to_str().unwrap().to_owned());
            }
        }
    }
    names.sort();
    names
}
