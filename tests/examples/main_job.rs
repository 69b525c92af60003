//! The window's main job, done by itself where nobody can look: somebody signs in at the server within the app, an invitation of a demonstration's
//! issuer is accepted, and the badge arrives; another one is opened, checked, kept and taken out as a PNG. `cargo xtask run` starts it with a folder
//! for what it shows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a demonstration that talks to the developer")]

use std::path::{Path, PathBuf};

use satchel_tests::running::Running;
use satchel_tests::signing::{decide, go};
use satchel_tests::window::Desktop;
use serde_json::json;

#[path = "../tests/server/scene.rs"]
#[allow(dead_code, reason = "made for the tests of the server")]
mod scene;

const LEARNER: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";

/// A server with a learner, an issuer and a badge that waits, as the app will run it: the folder beside the wallet, and its port.
fn lay_out_server(desktop: &Desktop) {
    let server = Running::start(&[]);
    scene::member(&server, LEARNER);
    scene::Desk::admitted(&server, 1).give(LEARNER, BADGE);
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let stopped = server.stop();
    for entry in std::fs::read_dir(stopped.at("data")).unwrap().map(Result::unwrap) {
        let name = Path::new(".local/share/satchel/server").join(entry.file_name());
        desktop.file(name.to_str().unwrap(), std::fs::read(entry.path()).unwrap());
    }
    desktop.file(".local/share/satchel/server/port", port);
    desktop.settings(&json!({ "server": true }));
}

/// Signs in at the server within the app, accepts, and has the badge.
fn claim(desktop: &Desktop, folder: &Path) {
    lay_out_server(desktop);
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.click("The server on this computer");
    // No keyring runs here.
    window.types("#passphrase", "a walrus in the kettle");
    window.click("The server on this computer");
    window.sees("Waiting for your browser");
    window.picture(&folder.join("window-waiting.png"));
    let address = window.run("return document.querySelector('#address').value", &[]).unwrap().as_str().unwrap().to_owned();
    let at = address.match_indices('/').nth(2).unwrap().0;
    // What a person does in the browser that the app has sent.
    let mut browser = satchel_tests::http::Browser::new(&address[..at]);
    let asked = browser.get(&address).ok(303).location().to_owned();
    let form = browser.follow(&asked);
    let next = form.hidden("next").replace("&#38;", "&").replace("&#37;", "%").replace("&#43;", "+");
    browser.post("/sign-in", &form, &[("email", LEARNER), ("password", scene::PASSWORD), ("next", &next)]).ok(303);
    go(&decide(&mut browser, &asked, "allow")).ok(200);
    window.sees(BADGE);
    window.picture(&folder.join("window-invitation.png"));
    window.click("Accept, keep it private");
    window.sees("1 badge has arrived");
    window.picture(&folder.join("window-arrived.png"));
    window.quit(&desktop.wallet());
}

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder for what is shown"));
    let desktop = Desktop::new();
    // Everything is shown without a network: the badge of a peer, with its key in itself, baked into a real picture.
    let badge = folder.join("heart-baked.png");
    let satchel = satchel_tests::shell::satchel(["bake", "--image"]).arg(folder.join("heart.png"));
    satchel.arg("--credential").arg(folder.join("credential.json")).arg("-o").arg(&badge).run().ending(0);

    claim(&desktop, &folder);
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
    println!("The invitation:        {}", folder.join("window-invitation.png").display());
    println!("The badge that came:   {}", folder.join("window-arrived.png").display());
    println!("The badge, checked:    {}", folder.join("window-checked.png").display());
    println!("The badge, kept:       {}", folder.join("window-kept.png").display());
    println!("The backpack:          {}", folder.join("window-backpack.png").display());
    println!("The PNG, taken out:    {}", png.display());
}
