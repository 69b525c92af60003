//! `cargo xtask run`: the window, with a badge to look at; where there is no display, its main job done by itself. With `--shell` the main
//! job in the shell, on real badges, with what to look at.
//!
//! These are demonstrations and not tests, yet an exit status that is not the promised one ends them.

use std::fs;
use std::path::Path;

use crate::steps::{Done, cargo, command, output, root, show, target, typed};
use crate::{setup, ui};

/// The samples, from `tests/data`, and the names they get in the demonstration's folder.
const SAMPLES: [(&str, &str); 6] = [
    ("peer-issued/eddsa-rdfc-2022-vc20.json", "badges/valid.json"),
    ("peer-issued/eddsa-rdfc-2022-vc20-tampered.json", "badges/tampered.json"),
    ("baked/ob3-simple-json.png", "badges/baked.png"),
    ("ob3/simple-did-key-method.json", "badges/did-key.json"),
    ("peer-issued/eddsa-rdfc-2022-vc20.json", "credential.json"),
    ("baked/cs-unbaked_heart.png", "heart.png"),
];

/// What is typed, the exit status promised for it, and what to look at.
const SCENES: [(&str, i32, &str); 7] = [
    ("verify --offline badges/valid.json", 0, "the headline: intact, and whose key signed it, not just \"valid\""),
    (
        "verify --offline badges/tampered.json",
        1,
        "one byte of the content was changed after signing; the line `proof_mismatch` says so",
    ),
    ("verify --offline --json badges/valid.json", 0, "the same as one line of JSON, for programs"),
    ("verify --offline --csv report.csv badges", 1, "a folder: one verdict for each file; one is bad, so the status is 1"),
    ("unbake badges/baked.png -o payload.json", 0, "the credential inside the picture, byte for byte, in payload.json"),
    ("bake --image heart.png --credential credential.json -o heart-baked.png", 0, "a picture and a badge in one file"),
    ("verify --offline --html report.html heart-baked.png", 0, "the picture just baked verifies by itself"),
];

/// Builds the window and opens it, or has it driven where nobody can look. It has a wallet of its own in `target/run`.
pub fn window() -> Done {
    setup::window()?;
    ui::build()?;
    let folder = root().join("target/run");
    lay_out(&folder).map_err(|error| format!("the samples cannot be copied to {}: {error}", folder.display()))?;
    show(&mut cargo(&["build", "--quiet", "-p", "satchel-desktop", "-p", "satchel-cli"]))?;
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|it| !it.is_empty()));
    if !has_display {
        println!("There is no display here, so the window does its main job by itself.");
        let driven = folder.to_string_lossy();
        return show(&mut cargo(&["run", "--quiet", "-p", "satchel-tests", "--example", "main_job", "--", &driven]));
    }
    let program = target().join("debug").join(format!("satchel-desktop{}", std::env::consts::EXE_SUFFIX));
    let badge = folder.join("badges/baked.png");
    // A server with a learner, an issuer and a badge that waits, where the window looks for the server within the app.
    let server = folder.join("wallet/server");
    show(&mut cargo(&[
        "run",
        "--quiet",
        "-p",
        "satchel-tests",
        "--example",
        "main_job",
        "--",
        "--server",
        &server.to_string_lossy(),
    ]))?;
    let settings = folder.join("config/satchel/settings.json");
    let written = fs::create_dir_all(folder.join("config/satchel")).and_then(|()| fs::write(settings, "{ \"server\": true }"));
    written.map_err(|error| format!("the settings cannot be written to {}: {error}", folder.display()))?;
    println!("The samples are in {}: drop some on the window.", folder.display());
    let mut window = command(program, &[&badge.to_string_lossy()]);
    // With settings of its own, so that those of whoever looks at it stay as they are.
    window.env("SATCHEL_WALLET", folder.join("wallet")).env("XDG_CONFIG_HOME", folder.join("config"));
    if std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() && is_old_webkit() {
        window.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    }
    show(&mut window)
}

/// Whether `WebKitGTK` is older than 2.48: with some graphics drivers its newer way of drawing then shows an empty window.
fn is_old_webkit() -> bool {
    let version = output(&mut command("pkg-config", &["--modversion", "webkit2gtk-4.1"]));
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
    numbers.as_slice() < [2, 48].as_slice()
}

/// Builds `satchel` and plays the scenes in `target/run`.
pub fn shell() -> Done {
    show(&mut cargo(&["build", "--quiet", "-p", "satchel-cli"]))?;
    let folder = root().join("target/run");
    lay_out(&folder).map_err(|error| format!("the samples cannot be copied to {}: {error}", folder.display()))?;
    println!("\nThe samples are in {}\n", folder.display());

    let satchel = target().join("debug").join(format!("satchel{}", std::env::consts::EXE_SUFFIX));
    for (line, promised, look) in SCENES {
        play(&satchel, &folder, line, promised, look)?;
    }
    println!("The baked picture:  {}", folder.join("heart-baked.png").display());
    println!("The report (HTML):  {}", folder.join("report.html").display());
    Ok(())
}

fn play(satchel: &Path, folder: &Path, line: &str, promised: i32, look: &str) -> Done {
    let words: Vec<&str> = line.split(' ').collect();
    let mut scene = command(satchel, &words);
    println!("$ {}", typed(&scene));
    let status = scene.current_dir(folder).status().map_err(|error| format!("satchel could not be started: {error}"))?;
    println!("exit status {}\nlook at: {look}\n", status.code().map_or_else(|| "none".into(), |code| code.to_string()));
    if status.code() == Some(promised) {
        Ok(())
    } else {
        Err(format!("`satchel {line}` promises the exit status {promised} and ended with {status}"))
    }
}

/// A fresh folder with the samples.
fn lay_out(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder.join("badges"))?;
    for (sample, name) in SAMPLES {
        fs::copy(root().join("tests/data").join(sample), folder.join(name))?;
    }
    Ok(())
}
