//! Every command that the window has, and no other: [`all`] lists them, `src-tauri/build.rs` and the capabilities name the same. Each is thin:
//! it takes what the window says, calls the wallet away from the main thread, and tells a problem in words.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use satchel_badge::cause::Cause;
use satchel_badge::words::Language;
use satchel_wallet::{Candidate, IdPrefix, Wallet, WalletError};
use tauri::ipc::{Channel, Invoke};
use tauri::{AppHandle, Emitter, Manager, State, Wry};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};
use tauri_plugin_opener::OpenerExt;
use zeroize::Zeroizing;

use crate::ipc::{self, ReportForm, Saved};
use crate::problem::Problem;
use crate::state::{App, lock};
use crate::words::{self, Word};
use crate::{account_commands, accounts as at, backpack, menu, save, window};

pub type Answer<T> = Result<T, ipc::Problem>;

/// All of them.
pub fn all() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        start,
        set_settings,
        choose_wallet,
        reopen_wallet,
        rebuild_wallet,
        adopt_wallet,
        open_wallet,
        protect_wallet,
        unprotect_wallet,
        lock_wallet,
        choose_files,
        choose_folder,
        find,
        facets,
        show,
        ask,
        remove,
        restore,
        erase,
        save_original,
        save_png,
        save_several,
        stop_saving,
        save_all,
        reveal,
        open_link,
        inspect,
        cancel,
        inspected,
        ask_inspected,
        fetch_inspected_picture,
        rows_now,
        keep,
        save_report,
        forget,
        trusted,
        trust,
        untrust,
        account_commands::accounts,
        account_commands::sign_in,
        account_commands::open_again,
        account_commands::cancel_sign_in,
        account_commands::unlock,
        account_commands::discard_sign_ins,
        account_commands::sign_out,
        account_commands::sync_now,
        account_commands::look_at,
        account_commands::choose_picture,
        account_commands::server_in_picture,
        account_commands::answer,
        account_commands::postpone,
        account_commands::note_read,
        account_commands::devices,
        account_commands::set_public,
        account_commands::set_server,
    ]
}

/// Works away from the main thread, and tells a problem in words.
pub async fn away<T: Send + 'static>(
    app: AppHandle,
    work: impl FnOnce(&AppHandle) -> Result<T, Problem> + Send + 'static,
) -> Answer<T> {
    let there = app.clone();
    let done = tauri::async_runtime::spawn_blocking(move || work(&app)).await;
    done.unwrap_or_else(|_| Err(Problem::new(Word::Stopped, []))).map_err(|problem| {
        let state = state(&there);
        // Whoever finds it gone has let go of it; if it is open, somebody has opened it again since.
        if problem.ends_wallet() && (problem.is_damage() || !state.is_open()) {
            state.close();
            let _ = there.emit("wallet", state.closed(&problem));
        }
        problem.told(state.language())
    })
}

pub fn state(app: &AppHandle) -> State<'_, App> {
    app.state()
}

pub fn say(word: Word, language: Language) -> &'static str {
    words::of(word, language)
}

/// The id of a badge, whole, as the window got it.
fn id(text: &str) -> Result<IdPrefix, WalletError> {
    text.parse()
}

// ---- The program ----

fn started(app: &AppHandle) -> ipc::Start {
    let state = state(app);
    let settings = state.settings();
    ipc::Start {
        language: settings.language().into(),
        settings: settings.shown(),
        wallet: state.wallet_state(),
        version: app.package_info().version.to_string(),
        offers: lock(&state.offers).begin(),
        link: lock(&state.link).take(),
    }
}

/// What the window needs to begin; the wallet is opened for it.
#[tauri::command]
pub async fn start(app: AppHandle) -> Answer<ipc::Start> {
    away(app, |app| {
        let started = started(app);
        // What takes longer does not hold up the window.
        let there = app.clone();
        std::thread::spawn(move || at::begin(&there));
        Ok(started)
    })
    .await
}

/// Chooses language, colours, size of text and network.
#[tauri::command]
pub async fn set_settings(app: AppHandle, settings: ipc::Settings) -> Answer<ipc::Start> {
    away(app, move |app| {
        let (before, asked) = (state(app).language(), state(app).settings().network);
        let written = state(app).choose(|now| now.with(settings));
        let language = state(app).language();
        if state(app).settings().network != asked {
            at::asked_anew(app);
        }
        if language != before {
            let app = app.clone();
            // Menus belong to the main thread.
            let _ = app.clone().run_on_main_thread(move || drop(menu::put_up(&app, language)));
        }
        window::dress(app);
        written?;
        Ok(started(app))
    })
    .await
}

/// How the wallet stands that was opened just now; where it is open, its accounts are kept in step from now on.
fn opened(app: &AppHandle) -> ipc::WalletState {
    let wallet = state(app).wallet_state();
    if matches!(wallet, ipc::WalletState::Open { .. }) {
        let there = app.clone();
        std::thread::spawn(move || at::begin(&there));
    }
    wallet
}

/// Lets the person choose another folder for the wallet, and opens or makes one there.
#[tauri::command]
pub async fn choose_wallet(app: AppHandle) -> Answer<Option<ipc::WalletState>> {
    away(app, |app| {
        let language = state(app).language();
        let dialog = app.dialog().file().set_title(say(Word::ChooseWallet, language)).set_can_create_directories(true);
        let Some(folder) = dialog.blocking_pick_folder().and_then(|path| path.into_path().ok()) else { return Ok(None) };
        let written = state(app).choose_folder(folder);
        at::leave(app);
        let wallet = opened(app);
        let _ = app.emit("wallet", &wallet);
        written?;
        Ok(Some(wallet))
    })
    .await
}

/// Opens the wallet, once more.
#[tauri::command]
pub async fn reopen_wallet(app: AppHandle) -> Answer<ipc::WalletState> {
    away(app, |app| {
        state(app).close();
        Ok(opened(app))
    })
    .await
}

/// Looks through the wallet and saves what can be saved.
#[tauri::command]
pub async fn rebuild_wallet(app: AppHandle) -> Answer<ipc::WalletState> {
    away(app, |app| {
        state(app).rebuild()?;
        Ok(state(app).wallet_state())
    })
    .await
}

/// Calls the wallet one's own, though it was not made here.
#[tauri::command]
pub async fn adopt_wallet(app: AppHandle) -> Answer<ipc::WalletState> {
    away(app, |app| {
        state(app).adopt()?;
        Ok(state(app).wallet_state())
    })
    .await
}

/// Opens a locked wallet with its passphrase.
#[tauri::command]
pub async fn open_wallet(app: AppHandle, passphrase: String) -> Answer<ipc::WalletState> {
    away(app, move |app| {
        state(app).open_with(Zeroizing::new(passphrase));
        Ok(opened(app))
    })
    .await
}

/// Encrypts the wallet under a passphrase, or under the system's keyring where none is given.
#[tauri::command]
pub async fn protect_wallet(app: AppHandle, passphrase: Option<String>) -> Answer<ipc::WalletState> {
    away(app, move |app| {
        state(app).protect_wallet(passphrase.map(Zeroizing::new))?;
        Ok(state(app).wallet_state())
    })
    .await
}

/// Takes that away for good.
#[tauri::command]
pub async fn unprotect_wallet(app: AppHandle) -> Answer<ipc::WalletState> {
    away(app, |app| {
        state(app).unprotect_wallet()?;
        Ok(state(app).wallet_state())
    })
    .await
}

/// Closes an encrypted wallet at once, with its accounts.
#[tauri::command]
pub async fn lock_wallet(app: AppHandle) -> Answer<ipc::WalletState> {
    away(app, |app| {
        if state(app).shut() {
            at::leave(app);
        }
        Ok(state(app).wallet_state())
    })
    .await
}

// ---- Files that come ----

/// Lets the person choose files.
#[tauri::command]
pub async fn choose_files(app: AppHandle) -> Answer<Option<ipc::Offer>> {
    away(app, |app| {
        let language = state(app).language();
        let kinds = ["png", "svg", "json", "jsonld", "jwt", "jws", "txt"];
        let dialog =
            app.dialog().file().set_title(say(Word::ChooseFiles, language)).add_filter(say(Word::BadgeFiles, language), &kinds);
        let dialog = dialog.add_filter("*", &["*"]);
        let paths = dialog.blocking_pick_files().unwrap_or_default();
        Ok(taken(app, paths.into_iter().filter_map(|path| path.into_path().ok()).collect()))
    })
    .await
}

/// Lets the person choose a folder.
#[tauri::command]
pub async fn choose_folder(app: AppHandle) -> Answer<Option<ipc::Offer>> {
    away(app, |app| {
        let dialog = app.dialog().file().set_title(say(Word::ChooseFolder, state(app).language()));
        let path = dialog.blocking_pick_folder().and_then(|path| path.into_path().ok());
        Ok(taken(app, path.into_iter().collect()))
    })
    .await
}

pub fn taken(app: &AppHandle, paths: Vec<PathBuf>) -> Option<ipc::Offer> {
    lock(&state(app).offers).take(paths)
}

// ---- The backpack ----

/// The badges that fit.
#[tauri::command]
pub async fn find(app: AppHandle, query: ipc::Query) -> Answer<ipc::Found> {
    away(app, move |app| state(app).wallet(|wallet, now| backpack::find(wallet, query, now))).await
}

/// What there is to choose from.
#[tauri::command]
pub async fn facets(app: AppHandle, shelf: ipc::Shelf) -> Answer<ipc::Facets> {
    away(app, move |app| state(app).wallet(|wallet, now| backpack::facets(wallet, shelf, now))).await
}

/// A badge, checked again with what is at hand.
#[tauri::command]
pub async fn show(app: AppHandle, id: String) -> Answer<ipc::Shown> {
    away(app, move |app| {
        let language = state(app).language();
        state(app).wallet(|wallet, now| backpack::show(wallet, &self::id(&id)?, language, now))
    })
    .await
}

/// Asks the issuers' hosts, keeps what they said, and checks again.
#[tauri::command]
pub async fn ask(app: AppHandle, id: String) -> Answer<ipc::Shown> {
    away(app, move |app| {
        let (language, client, id) = (state(app).language(), state(app).client()?, self::id(&id)?);
        let (file, now) = state(app).wallet(|wallet, now| Ok((Candidate::of_bytes("", &wallet.original(&id)?), now)))?;
        // Away from the wallet: nothing else waits for the network (law 7).
        let heard = file.ask(&client, now);
        state(app).wallet(|wallet, now| {
            wallet.learn(&id, heard, now)?;
            backpack::show(wallet, &id, language, now)
        })
    })
    .await
}

/// Puts badges into the bin; how many were not there yet.
#[tauri::command]
pub async fn remove(app: AppHandle, ids: Vec<String>) -> Answer<u32> {
    away(app, move |app| {
        let change = |wallet: &mut Wallet, now| count(&ids, |id| Ok(wallet.remove(id, now)?.1));
        state(app).wallet(change)
    })
    .await
}

/// Takes badges out of the bin; how many were there.
#[tauri::command]
pub async fn restore(app: AppHandle, ids: Vec<String>) -> Answer<u32> {
    away(app, move |app| {
        let change = |wallet: &mut Wallet, now| count(&ids, |id| Ok(wallet.restore(id, now)?.1));
        state(app).wallet(change)
    })
    .await
}

/// Erases badges for good, if the person says so.
#[tauri::command]
pub async fn erase(app: AppHandle, ids: Vec<String>) -> Answer<Option<ipc::Erased>> {
    away(app, move |app| {
        let language = state(app).language();
        let buttons =
            MessageDialogButtons::OkCancelCustom(say(Word::Erase, language).to_owned(), say(Word::Cancel, language).to_owned());
        let question = app.dialog().message(words::erase_question(ids.len(), language)).title(say(Word::EraseTitle, language));
        if ids.is_empty() || !question.kind(MessageDialogKind::Warning).buttons(buttons).blocking_show() {
            return Ok(None);
        }
        state(app).wallet(|wallet, now| Ok(backpack::erase(wallet, &ids, now))).and_then(|(erased, error)| match error {
            // The rest can wait until that is looked after.
            Some(error) if erased.count == 0 => Err(error.into()),
            Some(error) => {
                let problem = Problem::from(error).told(language);
                Ok(Some(ipc::Erased { problem: Some(problem), ..erased }))
            }
            None => Ok(Some(erased)),
        })
    })
    .await
}

/// Does something to each that is there; how often it changed something.
fn count(ids: &[String], mut change: impl FnMut(&IdPrefix) -> Result<bool, WalletError>) -> Result<u32, WalletError> {
    let mut changed = 0;
    for text in ids {
        match id(text).and_then(|id| change(&id)) {
            Ok(done) => changed += u32::from(done),
            Err(error) if backpack::is_not_there(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

// ---- Files that leave ----

/// Saves the file as it came.
#[tauri::command]
pub async fn save_original(app: AppHandle, id: String, elsewhere: bool) -> Answer<Option<Saved>> {
    save_badge(app, id, elsewhere, backpack::original).await
}

/// Saves the badge baked into a PNG: its own picture, or one that is drawn.
#[tauri::command]
pub async fn save_png(app: AppHandle, id: String, elsewhere: bool) -> Answer<Option<Saved>> {
    save_badge(app, id, elsewhere, backpack::png).await
}

/// A file that is made of a badge: what it is to be called, the ending, and the bytes.
type Made = Result<(String, &'static str, Vec<u8>), WalletError>;

/// Saves what `make` makes of a badge.
async fn save_badge(
    app: AppHandle,
    id: String,
    elsewhere: bool,
    make: fn(&mut Wallet, &IdPrefix, Timestamp) -> Made,
) -> Answer<Option<Saved>> {
    away(app, move |app| {
        let (name, ending, bytes) = state(app).wallet(|wallet, now| make(wallet, &self::id(&id)?, now))?;
        let name = satchel_wallet::file_name(&name, ending);
        let Some(place) = save::place(app, &name, elsewhere)? else { return Ok(None) };
        save::write(app, place, &bytes).map(Some)
    })
    .await
}

/// Saves several badges into a folder of their own; how far that is comes through `on`.
#[tauri::command]
pub async fn save_several(
    app: AppHandle,
    ids: Vec<String>,
    form: ipc::BadgeForm,
    elsewhere: bool,
    on: Channel<ipc::Saving>,
) -> Answer<Option<ipc::SavedSeveral>> {
    away(app, move |app| save::several(app, &ids, form, elsewhere, &on)).await
}

/// Ends the saving of several badges; those that are saved stay.
#[tauri::command]
pub async fn stop_saving(app: AppHandle) -> Answer<()> {
    state(&app).stop_saving.store(true, Ordering::Relaxed);
    Ok(())
}

/// Saves everything as a plain folder, where the person says.
#[tauri::command]
pub async fn save_all(app: AppHandle) -> Answer<Option<Saved>> {
    away(app, |app| {
        let dialog =
            app.dialog().file().set_title(say(Word::ChooseExport, state(app).language())).set_can_create_directories(true);
        let Some(folder) = dialog.blocking_pick_folder().and_then(|path| path.into_path().ok()) else { return Ok(None) };
        // A folder of its own, so that nothing that is there is touched.
        let folder = save::free(&folder.join("Satchel"));
        state(app).wallet(|wallet, now| wallet.export_all(&folder, false, now))?;
        Ok(Some(save::saved(app, &folder)))
    })
    .await
}

fn no_opener(error: &tauri_plugin_opener::Error) -> Problem {
    Problem::caused(Word::NoOpener, [], Cause::with(("no program took it", "nessun programma lo ha preso"), &error.to_string()))
}

/// Shows a file that was just saved in the system's file manager.
#[tauri::command]
pub async fn reveal(app: AppHandle, path: String) -> Answer<()> {
    away(app, move |app| {
        let path = PathBuf::from(path);
        if !state(app).was_saved(&path) {
            return Err(Problem::new(Word::NotSavedHere, []));
        }
        app.opener().reveal_item_in_dir(&path).map_err(|error| no_opener(&error))
    })
    .await
}

/// Opens a page or a mail in the system's own program.
#[tauri::command]
pub async fn open_link(app: AppHandle, url: String) -> Answer<()> {
    away(app, move |app| {
        let parsed = url::Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto"));
        let parsed = parsed.ok_or_else(|| Problem::new(Word::BadLink, [url.clone()]))?;
        // As it was read here, so that nobody else reads it otherwise.
        let address = save::address_alone(parsed);
        app.opener().open_url(address.as_str(), None::<&str>).map_err(|error| no_opener(&error))
    })
    .await
}

// ---- Looking at files ----

/// Begins to look at files; what is found comes through `on`.
#[tauri::command]
pub async fn inspect(app: AppHandle, sources: Vec<ipc::Source>, on: Channel<ipc::Progress>) -> Answer<ipc::Inspection> {
    away(app, move |app| {
        let begun = state(app).inspections.begin(&state(app), sources, on)?;
        let id = begun.id;
        let app = app.clone();
        // A run may take minutes, so it has a thread of its own.
        std::thread::spawn(move || begun.finish(&app.state::<App>()));
        Ok(id)
    })
    .await
}

/// Ends an inspection; what was found stays.
#[tauri::command]
pub async fn cancel(app: AppHandle, inspection: ipc::Inspection) -> Answer<()> {
    state(&app).inspections.cancel(inspection);
    Ok(())
}

/// One of what was looked at, as a page.
#[tauri::command]
pub async fn inspected(app: AppHandle, inspection: ipc::Inspection, index: u32) -> Answer<ipc::InspectedBadge> {
    away(app, move |app| state(app).inspections.page(&state(app), inspection, index)).await
}

/// Asks the hosts that may settle something about one of what was looked at, and checks it again.
#[tauri::command]
pub async fn ask_inspected(app: AppHandle, inspection: ipc::Inspection, index: u32) -> Answer<ipc::InspectedBadge> {
    away(app, move |app| state(app).inspections.ask(&state(app), inspection, index)).await
}

/// Fetches the picture of one of what was looked at.
#[tauri::command]
pub async fn fetch_inspected_picture(app: AppHandle, inspection: ipc::Inspection, index: u32) -> Answer<ipc::InspectedBadge> {
    away(app, move |app| state(app).inspections.fetch_picture(&state(app), inspection, index)).await
}

/// What is to be said of each row now, in their order.
#[tauri::command]
pub async fn rows_now(app: AppHandle, inspection: ipc::Inspection) -> Answer<Vec<ipc::RowNow>> {
    away(app, move |app| state(app).inspections.rows_now(&state(app), inspection)).await
}

/// Keeps these, or all that can be.
#[tauri::command]
pub async fn keep(app: AppHandle, inspection: ipc::Inspection, indices: Option<Vec<u32>>) -> Answer<ipc::Kept> {
    away(app, move |app| state(app).inspections.keep(&state(app), inspection, indices.as_deref())).await
}

/// Saves a report on all of it.
#[tauri::command]
pub async fn save_report(
    app: AppHandle,
    inspection: ipc::Inspection,
    form: ReportForm,
    elsewhere: bool,
) -> Answer<Option<Saved>> {
    away(app, move |app| {
        let language = state(app).language();
        let ending = match form {
            ReportForm::Html => "html",
            ReportForm::Csv => "csv",
            ReportForm::Json => "jsonl",
        };
        let name = satchel_wallet::file_name(say(Word::Report, language), ending);
        let Some(place) = save::place(app, &name, elsewhere)? else { return Ok(None) };
        let (path, replace) = place;
        let path = if replace { path } else { save::free(&path) };
        state(app).inspections.save(inspection, form, &path, language)?;
        Ok(Some(save::saved(app, &path)))
    })
    .await
}

/// Lets go of what was looked at.
#[tauri::command]
pub async fn forget(app: AppHandle, inspection: ipc::Inspection) -> Answer<()> {
    state(&app).inspections.forget(inspection);
    Ok(())
}

// ---- Trust ----

/// Whom the owner trusts.
#[tauri::command]
pub async fn trusted(app: AppHandle) -> Answer<Vec<ipc::Trusted>> {
    away(app, |app| state(app).wallet(|wallet, _| backpack::trusted(wallet))).await
}

/// Trusts an issuer under this name.
#[tauri::command]
pub async fn trust(app: AppHandle, id: String, name: String) -> Answer<()> {
    away(app, move |app| state(app).wallet(|wallet, now| wallet.trust(&id, &name, now))).await
}

/// Trusts an issuer no more.
#[tauri::command]
pub async fn untrust(app: AppHandle, id: String) -> Answer<()> {
    away(app, move |app| state(app).wallet(|wallet, now| wallet.untrust(&id, now).map(drop))).await
}
