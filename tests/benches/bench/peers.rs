//! The same work by other programs, on the same files, in the same run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use satchel_badge::bake::bake;
use serde_json::{Value, json};

use super::fixtures::Fixtures;

pub fn run(fixtures: &Fixtures, scratch: &Path) {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let few = scratch.join("few");
    fs::create_dir_all(&few).expect("a folder");
    for number in 0..50 {
        let png = bake(&fixtures.png, fixtures.signed(number).to_string().as_bytes()).expect("it is baked");
        fs::write(few.join(format!("{number:02}.png")), png).expect("a file");
    }
    let file = |name: &str, bytes: &[u8]| {
        let path = scratch.join(name);
        fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    };
    let credential = file("credential.json", fixtures.signed(0).to_string().as_bytes());
    let png = file("picture.png", &fixtures.png);
    let baked = few.join("00.png").display().to_string();
    let assertion = super::fixtures::data().join("ob2/basic-assertion.json").display().to_string();
    let signed = super::fixtures::data().join("ob2/simple.jwt").display().to_string();
    let documents = file("documents.json", ob2_documents().to_string().as_bytes());
    let few = few.display().to_string();
    println!("\npeers, in the same run");
    show(&peers, "node", &["bench.mjs", "--baked", &few, "--credential", &credential, "--png", &png]);
    show(&peers, ".venv-new/bin/python", &["bench_new.py", "--badge", &baked, "--assertion", &assertion, "--png", &png]);
    show(&peers, ".venv-old/bin/python", &["bench_old.py", "--jws", &signed, "--documents", &documents]);
}

/// The documents of example.org that the signed sample links to.
fn ob2_documents() -> Value {
    let assets = super::fixtures::data().join("ob2/assets");
    let mut documents = serde_json::Map::new();
    for entry in fs::read_dir(assets).expect("the assets") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a file");
        let document = match String::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(picture) => json!({"base64": STANDARD.encode(picture.as_bytes()), "content_type": "image/png"}),
        };
        for scheme in ["http", "https"] {
            documents.insert(format!("{scheme}://example.org/{name}"), document.clone());
        }
    }
    Value::Object(documents)
}

fn show(folder: &Path, program: &str, arguments: &[&str]) {
    let program = if program.starts_with('.') { folder.join(program) } else { program.into() };
    let output = Command::new(program).args(arguments).current_dir(folder).stderr(Stdio::null()).output();
    let Ok(output) = output.as_ref().map(|output| String::from_utf8_lossy(&output.stdout)) else {
        println!("  not installed: {}", arguments[0]);
        return;
    };
    for line in output.lines() {
        let Ok(figure) = serde_json::from_str::<Value>(line) else { continue };
        let name = figure["name"].as_str().unwrap_or_default();
        let milliseconds = figure["ms_cpu_each"].as_f64().unwrap_or_default();
        println!("{name:<52} {:>12}", super::measure::time(milliseconds / 1e3));
    }
}
