//! The native menu, in the language of the settings. Its items are events of the window; what they do is the window's matter, but for quitting
//! and editing, which are the system's.

use satchel_badge::words::Language;
use tauri::menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Emitter, Wry};

use crate::words::{self, Word};

/// The items that the window hears of, by the id it knows them under.
const ITEMS: [(&str, Word, Option<&str>); 9] = [
    ("add_files", Word::AddFiles, Some("CmdOrCtrl+O")),
    ("add_folder", Word::AddFolder, Some("CmdOrCtrl+Shift+O")),
    ("paste", Word::Paste, None),
    ("lock", Word::LockWallet, Some("CmdOrCtrl+L")),
    ("settings", Word::Settings, Some("CmdOrCtrl+,")),
    ("backpack", Word::Backpack, Some("CmdOrCtrl+1")),
    ("verify", Word::Verify, Some("CmdOrCtrl+2")),
    ("search", Word::Search, Some("CmdOrCtrl+F")),
    ("help", Word::HelpPage, Some("F1")),
];

/// Puts the menu up in this language, in the place of another.
pub fn put_up(app: &AppHandle, language: Language) -> tauri::Result<()> {
    let say = |word| words::of(word, language);
    let item = |id: &str| {
        let found = ITEMS.iter().find(|(known, ..)| *known == id);
        let (id, word, keys) = found.copied().unwrap_or(("help", Word::HelpPage, None));
        MenuItem::with_id(app, id, say(word), true, keys)
    };
    let line = || PredefinedMenuItem::separator(app);
    let menu = |title: Word, items: &[&dyn IsMenuItem<Wry>]| Submenu::with_items(app, say(title), true, items);
    let quit = MenuItem::with_id(app, "quit", say(Word::Quit), true, Some("CmdOrCtrl+Q"))?;
    let file = menu(
        Word::MenuFile,
        &[
            &item("add_files")?,
            &item("add_folder")?,
            &item("paste")?,
            &line()?,
            &item("lock")?,
            &item("settings")?,
            &line()?,
            &quit,
        ],
    )?;
    let edit = menu(
        Word::MenuEdit,
        &[
            &PredefinedMenuItem::cut(app, None)?,
            &PredefinedMenuItem::copy(app, None)?,
            &PredefinedMenuItem::paste(app, None)?,
            &PredefinedMenuItem::select_all(app, None)?,
        ],
    )?;
    let view = menu(Word::MenuView, &[&item("backpack")?, &item("verify")?, &line()?, &item("search")?])?;
    let help = menu(Word::MenuHelp, &[&item("help")?])?;
    app.set_menu(Menu::with_items(app, &[&file, &edit, &view, &help])?)?;
    Ok(())
}

/// Hands a chosen item on.
pub fn chosen(app: &AppHandle, id: &str) {
    if id == "quit" {
        app.exit(0);
    } else if let Some((id, ..)) = ITEMS.iter().find(|(known, ..)| *known == id) {
        let _ = app.emit("menu", id);
    }
}
