//! The window's pages: installed and built in `ui/` when they are stale, since the program has them compiled in.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::steps::{Done, command, root, show};

/// What the pages are made of, within `ui/`.
const MADE_OF: [&str; 5] = ["index.html", "package.json", "package-lock.json", "vite.config.ts", "src"];

/// Builds the pages, if anything that they are made of is newer than they are.
pub fn build() -> Done {
    install()?;
    let ui = root().join("ui");
    let newest = MADE_OF.iter().filter_map(|name| newest(&ui.join(name))).max();
    let built = newest_file(&ui.join("dist/index.html"));
    if built.is_some() && built >= newest {
        return Ok(());
    }
    npm(&["run", "--silent", "build"])
}

/// Installs the packages, if the lock file is newer than what is installed. None of them runs a script of its own (S14).
pub fn install() -> Done {
    let ui = root().join("ui");
    let installed = newest_file(&ui.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= newest_file(&ui.join("package-lock.json")) {
        return Ok(());
    }
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
}

/// The tests of the pages alone: types, templates, words.
pub fn test() -> Done {
    npm(&["run", "--silent", "check"])?;
    npm(&["run", "--silent", "test"])
}

/// Every screen in one of its combinations of language, theme, text size and size of the window, held to WCAG, and the ways through them. The day
/// chooses the combinations, so that all have had their turn after some weeks; the command that is printed repeats them.
pub fn screens_of_today() -> Done {
    let day = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs() / 86_400);
    npm(&["run", "--silent", "screens", "--", "--rotate", &day.to_string()])?;
    npm(&["run", "--silent", "ways", "--", "--built"])
}

/// Draws every screen of the window, over sample data in a plain browser.
pub fn screens(more: &[&str]) -> Done {
    install()?;
    npm(&[&["run", "--silent", "screens", "--"], more].concat())
}

fn npm(arguments: &[&str]) -> Done {
    show(command("npm", arguments).current_dir(root().join("ui")))
}

/// When the newest file here was written.
fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return newest_file(path);
    }
    let entries = fs::read_dir(path).ok()?.filter_map(Result::ok);
    entries.filter_map(|entry| newest(&entry.path())).max()
}

fn newest_file(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
