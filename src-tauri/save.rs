//! Files that leave: into the downloads folder under a name of their own, or where a person says. Never over another file unless the system's
//! own dialog asked, whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use satchel_wallet::WalletError;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;
use url::Url;

use crate::ipc;
use crate::problem::Problem;
use crate::state::App;
use crate::words::{self, Word};

/// Where a file called `name` goes; none when the person cancelled. Says whether another file may be replaced there.
pub fn place(app: &AppHandle, name: &str, elsewhere: bool) -> Result<Option<(PathBuf, bool)>, Problem> {
    let state = app.state::<App>();
    let folder = App::downloads(app)?;
    if !elsewhere {
        return Ok(Some((folder.join(name), false)));
    }
    let dialog =
        app.dialog().file().set_title(words::of(Word::SaveAs, state.language())).set_directory(folder).set_file_name(name);
    let chosen = dialog.blocking_save_file().and_then(|path| path.into_path().ok());
    Ok(chosen.map(|path| (path, true)))
}

/// Writes `bytes`, under another name where there is a file already.
pub fn write(app: &AppHandle, place: (PathBuf, bool), bytes: &[u8]) -> Result<ipc::Saved, Problem> {
    let (wanted, replace) = place;
    loop {
        let path = if replace { wanted.clone() } else { free(&wanted) };
        match satchel_wallet::write(&path, bytes, replace) {
            // Somebody else was faster.
            Err(WalletError::Exists { .. }) if !replace => {}
            Err(error) => return Err(error.into()),
            Ok(()) => return Ok(saved(app, &path)),
        }
    }
}

/// An address as it is handed to another program. Of a mail that is whom it goes to and nothing else: what a badge would have it say, send along
/// or send to others, its owner has not written.
pub fn address_alone(mut url: Url) -> Url {
    if url.scheme() == "mailto" {
        url.set_query(None);
        url.set_fragment(None);
    }
    url
}

/// What the window is told, and what may be revealed from now on.
pub fn saved(app: &AppHandle, path: &Path) -> ipc::Saved {
    app.state::<App>().note_saved(path);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    ipc::Saved { path: path.to_string_lossy().into_owned(), folder: folder.to_string_lossy().into_owned() }
}

/// A name that nothing has yet: this one, or with a number.
pub fn free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let numbered = (2_u32..).map(|number| path.with_file_name(format!("{stem} ({number}){ending}")));
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| fs::symlink_metadata(path).is_err())
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_mail_goes_to_whom_it_names_and_says_nothing_of_its_own() {
        let alone = |text: &str| address_alone(Url::parse(text).unwrap()).to_string();
        assert_eq!(
            alone("mailto:ada@school.example?cc=eve@evil.example&attach=/etc/passwd&body=x#y"),
            "mailto:ada@school.example"
        );
        assert_eq!(alone("https://school.example/b?id=7#top"), "https://school.example/b?id=7#top");
    }
}
