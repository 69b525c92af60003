//! `cargo xtask run`: the program's main job in the shell, on real badges, with what to look at.
//!
//! It is a demonstration and not a test, yet an exit status that is not the promised one ends it.

use std::fs;
use std::path::Path;

use crate::steps::{Done, cargo, command, root, show, target, typed};

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

/// Builds `satchel` and plays the scenes in `target/run`.
pub fn run() -> Done {
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
