//! The window's part of `cargo xtask bench`: the window and an empty one of the same Tauri, built for speed and measured in turns.

use std::fs;

use crate::steps::{Done, cargo, command, root, show, target};
use crate::{setup, ui};

/// The empty window: nothing but what any program with Tauri has.
const MAIN: &str = "fn main() {\n    tauri::Builder::default().run(tauri::generate_context!()).unwrap();\n}\n";
const BUILD: &str = "fn main() {\n    tauri_build::build();\n}\n";
const PAGE: &str = "<!doctype html><html lang=\"en\"><title>Empty</title><h1>Empty</h1></html>\n";
const CONFIG: &str = r#"{ "productName": "Empty", "identifier": "app.satchel.empty", "build": { "frontendDist": "dist" },
  "app": { "windows": [{ "title": "Empty", "width": 1120, "height": 760 }] } }
"#;

/// Builds both and measures.
pub fn run() -> Done {
    setup::window()?;
    ui::build()?;
    show(&mut cargo(&["build", "--release", "-p", "satchel-desktop"]))?;
    empty()?;
    show(&mut cargo(&["bench", "-p", "satchel-tests", "--bench", "window"]))?;
    let mut frames = command("npm", &["run", "--silent", "frames"]);
    show(frames.current_dir(root().join("ui")))
}

/// Lays the empty window out in `target/` and builds it there, with the versions and the profile of the workspace.
fn empty() -> Done {
    let folder = root().join("target/empty-window");
    let lay_out = || -> std::io::Result<()> {
        for inner in ["src", "dist", "icons"] {
            fs::create_dir_all(folder.join(inner))?;
        }
        let workspace = fs::read_to_string(root().join("Cargo.toml"))?;
        let line =
            |name: &str| workspace.lines().find(|line| line.starts_with(&format!("{name} ="))).unwrap_or_default().to_owned();
        let profile = workspace.split("[profile.release]").nth(1).unwrap_or_default();
        let manifest = format!(
            "[package]\nname = \"empty-window\"\nedition = \"2024\"\n\n[features]\ndefault = [\"tauri/custom-protocol\"]\n\n[build-dependencies]\n{}\n\n[dependencies]\n{}\n\n[workspace]\n\n[profile.release]{profile}",
            line("tauri-build"),
            line("tauri"),
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::copy(root().join("icons/icon.png"), folder.join("icons/icon.png"))?;
        for (name, text) in [("src/main.rs", MAIN), ("build.rs", BUILD), ("dist/index.html", PAGE), ("tauri.conf.json", CONFIG)] {
            fs::write(folder.join(name), text)?;
        }
        Ok(())
    };
    lay_out().map_err(|error| format!("the empty window cannot be laid out in {}: {error}", folder.display()))?;
    let mut build = cargo(&["build", "--release", "--quiet"]);
    show(build.current_dir(&folder).env("CARGO_TARGET_DIR", target()))
}
