//! Tells Tauri which commands there are, so that each needs a permission by name, and where the capabilities lie.

/// The same list as in `commands.rs`; the build fails where the capabilities name another one.
const COMMANDS: &[&str] = &[
    "start",
    "set_settings",
    "choose_wallet",
    "reopen_wallet",
    "rebuild_wallet",
    "adopt_wallet",
    "open_wallet",
    "protect_wallet",
    "unprotect_wallet",
    "lock_wallet",
    "choose_files",
    "choose_folder",
    "find",
    "facets",
    "show",
    "ask",
    "remove",
    "restore",
    "erase",
    "save_original",
    "save_png",
    "save_several",
    "stop_saving",
    "save_all",
    "reveal",
    "open_link",
    "inspect",
    "cancel",
    "inspected",
    "ask_inspected",
    "fetch_inspected_picture",
    "rows_now",
    "keep",
    "save_report",
    "forget",
    "trusted",
    "trust",
    "untrust",
    "accounts",
    "sign_in",
    "open_again",
    "cancel_sign_in",
    "unlock",
    "discard_sign_ins",
    "sign_out",
    "sync_now",
    "look_at",
    "choose_picture",
    "server_in_picture",
    "answer",
    "postpone",
    "note_read",
    "devices",
    "set_public",
    "set_server",
];

fn main() {
    // The pages are compiled in, so the program is built again when they change.
    println!("cargo::rerun-if-changed=ui/dist");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
