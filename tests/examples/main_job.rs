//! The window's main job, done by itself where nobody can look: somebody signs in at the server within the app, an invitation of a demonstration's
//! issuer is accepted, and the badge arrives; another one is opened, checked, kept and taken out as a PNG. `cargo xtask run` starts it with a folder
//! for what it shows, and with `--server` and a folder to have the server laid out for somebody who looks. `--picture` and a file take the picture of the
//! README anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a demonstration that talks to the developer")]

use std::path::{Path, PathBuf};

use satchel_badge::rdf::Library;
use satchel_badge::sign::{Ed25519Signer, sign_credential};
use satchel_tests::running::Running;
use satchel_tests::shell::satchel;
use satchel_tests::signing::{decide, go};
use satchel_tests::window::Desktop;
use serde_json::json;

#[path = "../tests/help/mod.rs"]
mod help;
#[path = "../tests/server/scene.rs"]
#[allow(dead_code, reason = "made for the tests of the server")]
mod scene;

const LEARNER: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";

/// A server with a learner, an issuer and a badge that waits, as the app will run it: the folder beside the wallet, and its port.
fn lay_out_server(folder: &Path) {
    let server = Running::start(&[]);
    scene::member(&server, LEARNER);
    scene::Desk::admitted(&server, 1).give(LEARNER, BADGE);
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let stopped = server.stop();
    std::fs::create_dir_all(folder).unwrap();
    for entry in std::fs::read_dir(stopped.at("data")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    std::fs::write(folder.join("port"), port).unwrap();
}

/// Signs in at the server within the app, accepts, and has the badge.
fn claim(desktop: &Desktop, folder: &Path) {
    lay_out_server(&desktop.wallet().join("server"));
    desktop.settings(&json!({ "server": true }));
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

/// Badges of invented issuers in the pictures of the design pages: picture, name, issuer, day. Whom the owner trusts is the first one's issuer.
const SHELF: [[&str; 4]; 10] = [
    ["landscape", BADGE, "Università di Valdora", "2025-11-14"],
    ["data", "Data Analysis with Open Tools", "Harrow Point College", "2025-11-02"],
    ["girih", "أساسيات التصميم الجرافيكي", "معهد النور للفنون", "2025-10-21"],
    ["bread", "Bread, from Grain to Loaf", "Mill Lane Bakers", "2025-09-04"],
    ["safety", "Sicurezza sul lavoro", "Officine Bellacqua", "2025-06-17"],
    ["rowing", "Open Water Rowing", "Greyharbour Rowing Club", "2025-06-01"],
    ["bees", "Beekeeping: a Year at the Hive", "Meadow & Comb Society", "2025-05-09"],
    ["integrity", "Research Integrity", "Università di Valdora", "2025-04-30"],
    ["radio", "Community Radio Presenter", "Radio Lantern", "2025-03-12"],
    ["cello", "Cello, Grade 6", "Ostrava Street Conservatory", "2025-02-20"],
];

/// Fills a wallet with them, signed and baked, and takes a picture of the first one's page.
fn take_picture(to: &Path) {
    let desktop = Desktop::new();
    let issuers: std::collections::BTreeSet<&str> = SHELF.iter().map(|[_, _, issuer, _]| *issuer).collect();
    let key = |issuer: &str| {
        let at = issuers.iter().position(|it| *it == issuer).unwrap();
        Ed25519Signer::did_key(&[u8::try_from(at).unwrap() + 40; 32])
    };
    // The first one comes last, so that it is the newest.
    for (at, [picture, name, issuer, day]) in SHELF.iter().enumerate().rev() {
        let key = key(issuer);
        let mut award = help::award(&key, name);
        award["id"] = json!(format!("urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2b{at:02}"));
        award["issuer"]["name"] = json!(issuer);
        award["validFrom"] = json!(format!("{day}T00:00:00Z"));
        award["awardedDate"] = award["validFrom"].clone();
        let achievement = &mut award["credentialSubject"]["achievement"];
        achievement["description"] = json!(
            "A term of field work in the lower Orsa valley: reading a landscape on foot, and mapping how water, farming and roads have changed it since 1954."
        );
        achievement["criteria"]["narrative"] =
            json!("Walk four of the five transects, draw a map of change, and defend one proposal.");
        let signed = sign_credential(&award, &key, format!("{day}T10:00:00Z").parse().unwrap(), &Library::default()).unwrap();
        let credential = desktop.file(&format!("{at}.json"), signed.to_string());
        let drawing = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../ui/samples/badges/{picture}.svg"));
        let baked = desktop.at(&format!("{picture}.svg"));
        satchel(["bake", "--image"]).arg(drawing).arg("--credential").arg(&credential).arg("-o").arg(&baked).run().ending(0);
        let import = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline"]).arg(&baked);
        import.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).run().ending(0);
    }
    let window = desktop.open(&[]);
    window.counts("[role=option]", SHELF.len());
    let trusted = json!({ "id": key(SHELF[0][2]).controller(), "name": SHELF[0][2] });
    window.invoke("trust", &trusted).unwrap();
    window.click_on("[role=option] .name");
    window.sees("whom you trust");
    window.click_on(".verdict .fold");
    window.counts(".verdict .lines", 1);
    window.sees_a_picture();
    window.picture(to);
    window.quit(&desktop.wallet());
}

fn main() {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    if let [option, folder] = words.as_slice()
        && option == "--picture"
    {
        take_picture(Path::new(folder));
        return;
    }
    if let [option, folder] = words.as_slice()
        && option == "--server"
    {
        lay_out_server(Path::new(folder));
        println!("The server within the window has a badge that waits for {LEARNER}, whose password is “{}”.", scene::PASSWORD);
        println!("In the window: Inbox, “The server on this computer”, and sign in in the browser.");
        return;
    }
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder for what is shown"));
    let desktop = Desktop::new();
    // Everything is shown without a network: the badge of a peer, with its key in itself, baked into a real picture.
    let badge = folder.join("heart-baked.png");
    let bake = satchel(["bake", "--image"]).arg(folder.join("heart.png"));
    bake.arg("--credential").arg(folder.join("credential.json")).arg("-o").arg(&badge).run().ending(0);

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
    satchel(["verify", "--offline"]).arg(&png).run().ending(0);
    println!("The invitation:        {}", folder.join("window-invitation.png").display());
    println!("The badge that came:   {}", folder.join("window-arrived.png").display());
    println!("The badge, checked:    {}", folder.join("window-checked.png").display());
    println!("The badge, kept:       {}", folder.join("window-kept.png").display());
    println!("The backpack:          {}", folder.join("window-backpack.png").display());
    println!("The PNG, taken out:    {}", png.display());
}
