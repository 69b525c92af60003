//! The window's main job, done by itself where nobody can look: a badge is opened, checked, kept and taken out as a PNG. `cargo xtask run`
//! starts it with a folder for what it shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a demonstration that talks to the developer")]

use std::path::PathBuf;

use satchel_tests::window::Desktop;

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder for what is shown"));
    let desktop = Desktop::new();
    // Everything is shown without a network: the badge of a peer, with its key in itself, baked into a real picture.
    let badge = folder.join("heart-baked.png");
    let satchel = satchel_tests::shell::satchel(["bake", "--image"]).arg(folder.join("heart.png"));
    satchel.arg("--credential").arg(folder.join("credential.json")).arg("-o").arg(&badge).run().ending(0);

    let window = desktop.open(&[&badge]);
    window.sees("Keep this badge");
    window.sees_a_picture();
    window.picture(&folder.join("window-checked.png"));
    window.click("Keep this badge");
    window.click("Open it in your backpack");
    window.sees("Save as PNG");
    window.click("Save as PNG");
    window.sees("Saved as");
    window.picture(&folder.join("window-kept.png"));
    window.run("location.hash = '#/backpack'", &[]).expect("the window goes to the backpack");
    window.sees("Last added");
    window.sees_a_picture();
    window.picture(&folder.join("window-backpack.png"));
    window.quit(&desktop.wallet());

    let saved = std::fs::read_dir(desktop.at("Downloads")).unwrap().next().expect("a PNG was saved").unwrap().path();
    let png = folder.join("saved.png");
    std::fs::copy(&saved, &png).unwrap();
    satchel_tests::shell::satchel(["verify", "--offline"]).arg(&png).run().ending(0);
    println!("The badge, checked:    {}", folder.join("window-checked.png").display());
    println!("The badge, kept:       {}", folder.join("window-kept.png").display());
    println!("The backpack:          {}", folder.join("window-backpack.png").display());
    println!("The PNG, taken out:    {}", png.display());
}
