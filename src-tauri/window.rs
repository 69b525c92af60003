//! The one window: it shows what was compiled in and nothing else. Any other address is refused, and so is a second window (security.md, S01).

use std::path::PathBuf;

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, DragDropEvent, Emitter, Manager, Theme, WebviewWindowBuilder, Window, WindowEvent};
use url::Url;

use crate::ipc;
use crate::offers;
use crate::state::{App, lock};

/// The label of the window, by which its capabilities know it.
pub const LABEL: &str = "main";

/// Makes the window.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    let config = app.config().app.windows.iter().find(|window| window.label == LABEL);
    let config = config.ok_or(tauri::Error::WindowNotFound)?.clone();
    let window = WebviewWindowBuilder::from_config(app, &config)?
        .initialization_script(worn(app)?)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    dress(app);
    window.show()
}

/// Tells the page what it wears before anything else in it runs, so that its first words need not wait for an answer.
fn worn(app: &AppHandle) -> tauri::Result<String> {
    let state = app.state::<App>();
    let settings = state.settings();
    let ipc::Settings { theme, text_size, .. } = settings.shown();
    let dress = ipc::Dress { language: settings.language().into(), theme, text_size };
    Ok(format!("window.dress = {};", serde_json::to_string(&dress)?))
}

/// Whether an address is that of the pages that were compiled in.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows and Android spell it.
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        "about" => url.as_str() == "about:blank",
        _ => false,
    }
}

/// The theme that was chosen, for what the system draws: menus, dialogs, the frame.
pub fn dress(app: &AppHandle) {
    let theme = match app.state::<App>().settings().theme {
        ipc::Theme::System => None,
        ipc::Theme::Light => Some(Theme::Light),
        ipc::Theme::Dark => Some(Theme::Dark),
    };
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.set_theme(theme);
    }
}

/// Brings the window before the others.
pub fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Whether it is the one that its owner works in.
pub fn is_in_front(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or_default())
}

/// Takes files in and tells the window of them.
pub fn offer(app: &AppHandle, paths: Vec<PathBuf>) {
    let state = app.state::<App>();
    let mut offers = lock(&state.offers);
    let Some(offer) = offers.take(paths) else { return };
    if offers.announce(&offer) {
        drop(offers);
        let _ = app.emit("offered", offer);
    }
}

/// A second instance was started: its files come here, and it ends.
pub fn second_instance(app: &AppHandle, arguments: Vec<String>, folder: &str) {
    raise(app);
    follow(app, &arguments);
    offer(app, offers::of_arguments(arguments, std::path::Path::new(folder)));
}

/// Opens the screen that a link among the arguments names, and does nothing else (security.md, S03).
pub fn follow(app: &AppHandle, arguments: &[String]) {
    let Some(opened) = arguments.iter().skip(1).find_map(|argument| offers::link(argument)) else { return };
    let state = app.state::<App>();
    *lock(&state.link) = Some(opened.clone());
    let _ = app.emit("link", opened);
}

/// Hears what happens to the window.
pub fn event(window: &Window, event: &WindowEvent) {
    let WindowEvent::DragDrop(event) = event else { return };
    let app = window.app_handle();
    match event {
        DragDropEvent::Enter { .. } => drop(app.emit("dragging", true)),
        DragDropEvent::Leave => drop(app.emit("dragging", false)),
        DragDropEvent::Drop { paths, .. } => {
            let _ = app.emit("dragging", false);
            offer(app, paths.clone());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_its_own_pages() {
        for ours in ["tauri://localhost", "tauri://localhost/index.html", "http://tauri.localhost/", "about:blank"] {
            assert!(is_ours(&Url::parse(ours).unwrap()), "{ours}");
        }
        for other in [
            "https://example.org/",
            "http://localhost/",
            "http://tauri.localhost:8080/",
            "https://tauri.localhost.example.org/",
            "tauri://example.org/",
            "file:///etc/passwd",
            "data:text/html,<script>",
            "javascript:alert(1)",
            "badge://localhost/x",
            "about:srcdoc",
        ] {
            assert!(!is_ours(&Url::parse(other).unwrap()), "{other}");
        }
    }
}
