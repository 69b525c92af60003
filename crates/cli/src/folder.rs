//! Where a person's things lie (XDG Base Directory Specification).

use std::path::{Path, PathBuf};

use crate::problem::{Kind, Problem};

fn of(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folder that was given, or the one that a variable of the environment names.
pub fn named(given: Option<&Path>, variable: &str) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(|| of(variable))
}

/// Satchel's folder among a person's data; `option` is what else would name one.
pub fn data(option: &str) -> Result<PathBuf, Problem> {
    // A relative path there is to be ignored, says the specification.
    let absolute = |name: &str| of(name).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("satchel")).ok_or_else(|| Problem::new(Kind::NoFolder, [option.to_owned()]))
}
