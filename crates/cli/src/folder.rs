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
    usual("XDG_DATA_HOME", ".local/share").ok_or_else(|| Problem::new(Kind::NoFolder, [option.to_owned()]))
}

/// Where it is noted which wallets are a person's own, among the settings; the window looks there too.
pub fn own_wallets() -> Option<PathBuf> {
    usual("XDG_CONFIG_HOME", ".config").map(|config| config.join("wallets"))
}

/// Satchel's folder in the one that a variable names, or in the usual one of the home.
fn usual(variable: &str, below_home: &str) -> Option<PathBuf> {
    // A relative path there is to be ignored, says the specification.
    let absolute = |name: &str| of(name).filter(|path| path.is_absolute());
    let folder = absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(below_home)));
    folder.map(|folder| folder.join("satchel"))
}
