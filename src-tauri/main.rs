//! The window of Satchel. This package alone knows Tauri: it hands files in, shows pictures by id, asks before what cannot be undone, and
//! calls the wallet. What never happens here: a decision about a badge, a word of SQL, a request to a host but through `satchel_fetch`, a
//! path that comes from the window.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod account_commands;
mod accounts;
mod backpack;
mod commands;
mod house;
mod inspections;
mod ipc;
mod menu;
mod notify;
mod offers;
mod pictures;
mod problem;
mod progress;
mod save;
mod settings;
mod state;
mod view;
mod window;
mod words;

use std::process::ExitCode;
use std::sync::Arc;

use tauri::{AppHandle, Manager};

use crate::state::App;

fn main() -> ExitCode {
    if let Some(error) = offers::start_again_in_text() {
        eprintln!("satchel: a file's name cannot be read: {error}");
        return ExitCode::FAILURE;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("satchel: the window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> tauri::Result<()> {
    tauri::Builder::default()
        // First, so that a second instance ends before it does anything.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| window::second_instance(app, arguments, &folder)))
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .register_asynchronous_uri_scheme_protocol("badge", |context, request, answer| {
            let app = context.app_handle().clone();
            tauri::async_runtime::spawn(async move {
                // A large picture is held whole while it is drawn, so that few are at a time (security.md, P06).
                let drawing = Arc::clone(&app.state::<App>().drawing);
                let Ok(place) = drawing.acquire_owned().await else { return };
                tauri::async_runtime::spawn_blocking(move || {
                    answer.respond(pictures::answer(&app, &request));
                    drop(place);
                });
            });
        })
        .invoke_handler(commands::all())
        .on_window_event(window::event)
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .setup(|app| Ok(set_up(app.handle())?))
        .build(tauri::generate_context!())?
        .run(|app, event| {
            if matches!(event, tauri::RunEvent::Exit) {
                accounts::end(app);
            }
        });
    Ok(())
}

/// No more than the window needs to be seen; the wallet is opened beside it.
fn set_up(app: &AppHandle) -> tauri::Result<()> {
    let paths = app.path();
    let state = App::new(&paths.config_dir()?.join("satchel"), &paths.data_dir()?.join("satchel"));
    let language = state.language();
    app.manage(state);
    let beside = app.clone();
    std::thread::spawn(move || beside.state::<App>().wallet_state());
    let folder = std::env::current_dir().unwrap_or_default();
    let arguments: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    window::follow(app, &arguments);
    window::offer(app, offers::of_arguments(arguments, &folder));
    menu::put_up(app, language)?;
    window::open(app)
}
