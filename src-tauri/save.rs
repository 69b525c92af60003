//! Files that leave: into the downloads folder under a name of their own, or where a person says. Never over another file unless the system's
//! own dialog asked, whole or not at all.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use satchel_wallet::{Names, Sha256, WalletError};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::DialogExt;
use url::Url;

use crate::problem::Problem;
use crate::state::{App, number};
use crate::words::{self, Word};
use crate::{backpack, ipc};

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

/// Saves several badges into a folder of their own: in the downloads folder, or where a person says. Each is made by itself, so that the wallet is not
/// held for all of them.
pub fn several(
    app: &AppHandle,
    ids: &[String],
    form: ipc::BadgeForm,
    elsewhere: bool,
    on: &Channel<ipc::Saving>,
) -> Result<Option<ipc::SavedSeveral>, Problem> {
    let state = app.state::<App>();
    let language = state.language();
    let within = if elsewhere {
        let dialog = app.dialog().file().set_title(words::of(Word::ChooseFolderFor, language)).set_can_create_directories(true);
        let Some(chosen) = dialog.blocking_pick_folder().and_then(|path| path.into_path().ok()) else { return Ok(None) };
        chosen
    } else {
        App::downloads(app)?
    };
    state.stop_saving.store(false, Ordering::Relaxed);
    let folder = free(&within.join(words::of(Word::BadgesFolder, language)));
    satchel_wallet::make_folder(&folder)?;
    let mut filling = Filling { folder: &folder, form, names: Names::default(), written: HashSet::new() };
    let mut done = ipc::SavedSeveral { folder: None, count: 0, refused: 0, stopped: false, problem: None };
    let mut failed = None;
    for (at, id) in ids.iter().enumerate() {
        if at % SAID == 0 {
            let _ = on.send(ipc::Saving { done: number(at), total: number(ids.len()) });
        }
        done.stopped = state.stop_saving.load(Ordering::Relaxed);
        if done.stopped {
            break;
        }
        match filling.add(&state, id) {
            Ok(()) => done.count += 1,
            Err(Problem::Wallet(error)) if backpack::is_not_there(&error) || matches!(error, WalletError::Bake(_)) => {
                done.refused += 1;
            }
            Err(problem) => {
                failed = Some(problem);
                break;
            }
        }
    }
    if done.count > 0 {
        done.folder = Some(saved(app, &folder));
        done.problem = failed.map(|problem| problem.told(language));
        return Ok(Some(done));
    }
    // Nothing is in it.
    let _ = fs::remove_dir(&folder);
    failed.map_or(Ok(Some(done)), Err)
}

/// Badges between two words about how far it is.
const SAID: usize = 8;

/// A folder that is being filled with badges.
struct Filling<'a> {
    folder: &'a Path,
    form: ipc::BadgeForm,
    names: Names,
    /// Files that are in it already: several badges may stand in one.
    written: HashSet<Sha256>,
}

impl Filling<'_> {
    fn add(&mut self, state: &App, id: &str) -> Result<(), Problem> {
        let (name, ending, bytes) = state.wallet(|wallet, now| {
            let id = id.parse()?;
            match self.form {
                ipc::BadgeForm::Png => backpack::png(wallet, &id, now),
                ipc::BadgeForm::Original => backpack::original(wallet, &id, now),
            }
        })?;
        if self.written.insert(Sha256::of(&bytes)) {
            satchel_wallet::write(&self.folder.join(self.names.name(&name, ending)), &bytes, false)?;
        }
        Ok(())
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
