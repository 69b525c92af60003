//! The window from outside: the real program, started, driven and left as a person does it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "window/accounts.rs"]
mod accounts;
mod help;
#[path = "server/institution.rs"]
#[allow(dead_code, reason = "made for the tests of the server")]
mod institution;
#[path = "server/scene.rs"]
#[allow(dead_code, reason = "made for the tests of the server")]
mod scene;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use help::{badge, tampered};
use satchel_tests::disk::Disk;
use satchel_tests::internet;
use satchel_tests::server::Server;
use satchel_tests::shell::{program, satchel};
use satchel_tests::window::{Desktop, Window};
use satchel_tests::{data, kept, picture};
use serde_json::{Value, json};

/// A real picture with a badge of this name in it.
fn baked(desktop: &Desktop, name: &str) -> PathBuf {
    let credential = desktop.file("credential.json", badge(name));
    let out = desktop.at(&format!("{name}.png"));
    let heart = data::path("baked/cs-unbaked_heart.png");
    satchel(["bake", "--image"]).arg(heart).args(["--credential"]).arg(credential).args(["-o"]).arg(&out).run().ending(0);
    out
}

/// The badges of a wallet, as the shell lists them.
fn listed(dir: &Path) -> Vec<Value> {
    satchel(["wallet", "--json", "--wallet"]).arg(dir).arg("list").run().ending(0).rows()
}

/// What a small program of its own finds in a PNG: the text under a keyword, by Python's standard library alone.
fn unbaked_by_python(png: &Path) -> String {
    let walk = "
import struct, sys, zlib
data = open(sys.argv[1], 'rb').read()
assert data[:8] == b'\\x89PNG\\r\\n\\x1a\\n'
at, pixels = 8, b''
while at < len(data):
    size, kind = struct.unpack('>I4s', data[at:at + 8])
    body = data[at + 8:at + 8 + size]
    assert zlib.crc32(kind + body) == struct.unpack('>I', data[at + 8 + size:at + 12 + size])[0]
    if kind == b'IDAT': pixels += body
    if kind == b'iTXt' and body.startswith(b'openbadgecredential\\0'): sys.stdout.write(body.split(b'\\0' * 3, 1)[1].lstrip(b'\\0').decode())
    at += 12 + size
assert len(zlib.decompress(pixels)) > 0
";
    let out = Command::new("python3").args(["-c", walk]).arg(png).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn a_badge_is_opened_checked_kept_found_saved_and_there_again_tomorrow() {
    let desktop = Desktop::new();
    let file = baked(&desktop, "Welding");

    let window = desktop.open(&[&file]);
    window.sees("Keep this badge");
    window.sees("nobody you trust vouches for this name");
    window.sees("Istituto Volta");
    let (width, height) = window.sees_a_picture();
    assert!(width > 16 && height > 16, "its picture is on the screen: {width} x {height}");
    window.click("Keep this badge");
    window.click("Open it in your backpack");
    window.sees("Save as PNG");
    window.click("Save as PNG");
    window.sees("Saved as");
    if let Some(folder) = std::env::var_os("SATCHEL_PICTURES") {
        window.picture(&Path::new(&folder).join("badge.png"));
    }
    window.quit(&desktop.wallet());

    // What was saved holds the badge, for us and for others.
    let saved = desktop.at("Downloads/Welding.png");
    satchel(["verify", "--offline"]).arg(&saved).run().ending(0);
    let unbaked = satchel(["unbake"]).arg(&saved).run().ending(0).out;
    assert_eq!(unbaked.trim(), badge("Welding"));
    assert_eq!(unbaked_by_python(&saved), badge("Welding"));
    assert_eq!(listed(&desktop.wallet()).len(), 1);

    // Tomorrow: it is there, and found by the beginning of a word.
    let window = desktop.open(&[]);
    window.sees("Welding");
    window.types("input[type=search]", "wel");
    window.sees("Welding");
    window.types("input[type=search]", "brazing");
    window.sees("No badge fits");
    window.quit(&desktop.wallet());
    assert_eq!(listed(&desktop.wallet())[0]["name"], "Welding");
}

#[test]
fn a_folder_is_checked_and_its_report_saved_without_anything_being_kept() {
    let desktop = Desktop::new();
    for number in 0..30 {
        desktop.file(&format!("class/{number:02}.json"), badge(&format!("Award {number}")));
    }
    desktop.file("class/forged.json", tampered(&badge("Forged")));
    desktop.file("class/holiday.png", picture::png(&[]));
    desktop.settings(&json!({ "language": "it" }));

    let window = desktop.open(&[&desktop.at("class")]);
    window.sees("Award 7");
    let reported = window.run(REPORT, &[]).unwrap();
    assert_eq!(reported["rows"], 32);
    assert_eq!(reported["states"], json!({ "intact": 30, "invalid": 1, "no_badge": 1 }));
    for (form, begin) in [("html", "<!doctype html>"), ("csv", "path,part,"), ("json", "{\"path\"")] {
        let path = reported["saved"][form]["path"].as_str().unwrap();
        assert!(Path::new(path).starts_with(desktop.at("Downloads")), "{path}");
        assert!(fs::read_to_string(path).unwrap().to_lowercase().starts_with(begin), "{form}");
    }
    assert_ne!(reported["saved"]["html"], reported["again"], "a file that is there is not written over");

    // Results that are open are told anew in another language.
    window.types("input[type=search]", "forged");
    window.click("Motivi per class/forged.json");
    window.sees("La firma non corrisponde");
    window.click("Impostazioni");
    window.click_on("input[value=en]");
    window.click("Backpack");
    window.goes("#/import");
    window.sees("The signature does not fit");
    assert!(!window.text().contains("firma"), "{}", window.text());
    window.quit(&desktop.wallet());
    assert!(listed(&desktop.wallet()).is_empty());
}

/// Hands in the pasted text of a badge twice over and the folder that was opened, waits for the end, and saves each report.
const REPORT: &str = "
const call = (command, given) => window.__TAURI_INTERNALS__.invoke(command, given);
const rows = [];
let end;
const finished = new Promise(resolve => (end = resolve));
const id = window.__TAURI_INTERNALS__.transformCallback(message => {
    const said = message.message ?? message;
    if (said && said.rows) rows.push(...said.rows);
    if (said && said.finished) end();
});
const inspection = await call('inspect', { sources: [{ kind: 'offer', id: 1 }], on: `__CHANNEL__:${id}` });
await finished;
const states = {};
for (const row of rows) states[row.state] = (states[row.state] ?? 0) + 1;
const saved = {};
for (const form of ['html', 'csv', 'json']) saved[form] = await call('save_report', { inspection, form, elsewhere: false });
const again = await call('save_report', { inspection, form: 'html', elsewhere: false });
return { rows: rows.length, states, saved, again };
";

#[test]
fn a_second_instance_hands_its_file_over_and_ends() {
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let file = desktop.file("late.json", badge("Late"));
    assert!(desktop.start_again(&[&file]).success());
    window.sees("Keep this badge");
    window.sees("Late");
    window.quit(&desktop.wallet());
    // Looking is not keeping: it takes a click (security.md, S03).
    assert!(listed(&desktop.wallet()).is_empty());
}

#[test]
fn the_badges_of_an_archive_are_shown_and_kept() {
    let desktop = Desktop::new();
    let (one, two) = (desktop.file("one.json", badge("First")), desktop.file("two.json", badge("Second")));
    let archive = desktop.at("class.zip");
    let zip = Command::new("python3").args(["-m", "zipfile", "-c"]).args([&archive, &one, &two]).status().unwrap();
    assert!(zip.success());
    let window = desktop.open(&[&archive]);
    window.sees("First");
    window.sees("Second");
    window.sees("class.zip");
    window.sees("one.json");
    window.click("Keep 2 badges");
    window.sees("2 badges kept");
    window.quit(&desktop.wallet());
    assert_eq!(listed(&desktop.wallet()).len(), 2);
}

#[test]
fn a_file_whose_name_is_no_text_is_opened_too() {
    use std::os::unix::ffi::OsStrExt;
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let path = desktop.at("x").with_file_name(std::ffi::OsStr::from_bytes(b"caf\xe9 100%.json"));
    fs::write(&path, badge("Latin one")).unwrap();
    assert!(desktop.start_again(&[&path]).success());
    window.sees("Latin one");
    window.click("Keep this badge");
    window.sees("1 badge kept");
    window.quit(&desktop.wallet());
}

#[test]
fn a_locked_wallet_asks_for_its_passphrase() {
    let desktop = Desktop::new();
    let file = desktop.file("one.json", badge("Welding"));
    let shell = |words: &[&str]| {
        let shell = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(words);
        shell.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).env("SATCHEL_PASSPHRASE", "correct horse battery")
    };
    shell(&["import", "--offline"]).arg(&file).run().ending(0);
    shell(&["lock"]).run().ending(0);
    let window = desktop.open(&[]);
    window.sees("Your wallet is locked");
    window.types("#passphrase", "another horse battery");
    window.click("Open");
    window.sees("That does not open it");
    window.types("#passphrase", "correct horse battery");
    window.click("Open");
    window.counts("[role=option]", 1);
    window.goes("#/inbox");
    window.sees("Keep and check badges without an account");
    window.goes("#/settings");
    window.sees("Encrypted. Your passphrase opens it.");
    window.click("Stop encrypting");
    window.sees("Nothing protects this wallet");
    window.types("#passphrase", "short");
    window.click("Encrypt the wallet");
    window.sees("12 characters or more, please.");
    window.types("#passphrase", "a third horse battery");
    window.click("Encrypt the wallet");
    window.sees("The two are not the same.");
    window.types("#passphrase-again", "a third horse battery");
    window.click("Encrypt the wallet");
    window.sees("The wallet is encrypted");
    window.sees("Encrypted. Your passphrase opens it.");
    // Locked at once, from wherever one is: nothing of it is shown or given out until the passphrase is typed.
    let id = window.invoke("find", &everything()).unwrap()["rows"][0]["id"].as_str().unwrap().to_owned();
    window.click("Lock now");
    window.sees("Your wallet is locked");
    assert!(!window.has("Welding"), "{}", window.text());
    assert_eq!(window.invoke("find", &everything()).unwrap_err(), "needs_passphrase");
    assert_eq!(window.run(LOADS, &[json!(format!("badge://localhost/{id}?size=128"))]).unwrap(), 0);
    window.types("#passphrase", "a third horse battery");
    window.click("Open");
    window.goes(&format!("#/badge/{id}"));
    window.sees("Welding");
    window.presses_ctrl('l');
    window.sees("Your wallet is locked");
    assert!(!window.has("Welding"), "{}", window.text());
    assert_eq!(window.faults(), Vec::<String>::new());
    window.types("#passphrase", "a third horse battery");
    window.click("Open");
    window.counts("[role=option]", 1);
    window.quit(&desktop.wallet());
    assert_eq!(shell(&["list"]).run().ending(4).problem(), "wrong_passphrase");
    assert_eq!(shell(&["list"]).env("SATCHEL_PASSPHRASE", "a third horse battery").run().ending(0).rows().len(), 1);
}

#[test]
fn a_wallet_that_the_keyring_opens_stays_locked_until_somebody_opens_it() {
    let desktop = Desktop::new();
    desktop.with_keyring();
    let file = desktop.file("one.json", badge("Welding"));
    let window = desktop.open(&[&file]);
    // Nothing to lock yet: it is said where that is chosen.
    window.sees("Keep this badge");
    window.click("Keep this badge");
    window.sees("1 badge kept");
    window.presses_ctrl('l');
    window.sees("Nothing protects this wallet");
    window.click("Encrypt the wallet");
    window.sees("Encrypted. Your keyring opens it.");
    window.click("Lock now");
    window.sees("Your wallet is locked");
    window.sees("Your keyring opens it.");
    assert_eq!(window.invoke("find", &everything()).unwrap_err(), "wallet_shut");
    window.goes("#/inbox");
    window.sees("Your wallet is locked");
    window.click("Open");
    window.goes("#/backpack");
    window.counts("[role=option]", 1);
    window.quit(&desktop.wallet());
}

/// A search for all badges.
fn everything() -> Value {
    json!({ "query": { "text": "", "shelf": "kept", "states": [], "issuer": null, "year": null, "sort": "added", "offset": 0, "limit": 100 } })
}

/// The width of a picture, or none where it does not load.
const LOADS: &str = "return await new Promise(r => { const i = new Image(); i.onload = () => r(i.naturalWidth); i.onerror = () => r(0); i.src = given[0] })";

/// Keeps these files in the wallet of a desktop.
fn kept_by_shell(desktop: &Desktop, files: &[PathBuf]) {
    let shell = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline"]).args(files);
    shell.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).run().ending(0);
}

#[test]
fn a_badge_without_a_picture_leaves_in_the_one_that_the_window_shows() {
    let desktop = Desktop::new();
    let file = desktop.file("plain.json", badge("Welding"));
    let window = desktop.open(&[&file]);
    // Each at the same place, so that they can be compared.
    let looks = |id: &str| {
        let put = "document.querySelector('#compared')?.remove(); const it = new Image(); it.id = 'compared';
            Object.assign(it.style, { position: 'fixed', left: '0', top: '0', width: '320px', height: '320px', zIndex: 99, background: 'white' });
            document.body.append(it); it.src = `badge://localhost/${given[0]}?size=640`;";
        window.run(put, &[json!(id)]).unwrap();
        window.looks("#compared")
    };
    // The same before it is kept, in the backpack, and in the PNG.
    window.sees("Keep this badge");
    let before = looks("i-1-0");
    window.run("document.querySelector('#compared').remove()", &[]).unwrap();
    window.click("Keep this badge");
    window.click("Open it in your backpack");
    window.sees("Save as PNG");
    window.sees("Satchel drew this one, and a PNG of the badge has it too");
    window.click("Save as PNG");
    window.sees("Saved as");
    let id = window.invoke("find", &everything()).unwrap()["rows"][0]["id"].as_str().unwrap().to_owned();
    assert!(looks(&id) == before, "in the backpack it is another one");
    let saved = desktop.at("Downloads/Welding.png");
    assert_eq!(unbaked_by_python(&saved), badge("Welding"));
    assert!(desktop.start_again(&[&saved]).success());
    window.sees("It is in your backpack already");
    assert!(!window.has("Satchel drew this one"), "the PNG has it as its own");
    assert!(looks("i-2-0") == before, "in the PNG it is another one");
    window.quit(&desktop.wallet());
}

/// A badge that names a picture at an address.
fn pictured(url: &str) -> String {
    let mut award = help::award(&help::key(), "Welding");
    award["credentialSubject"]["achievement"]["image"] = json!({ "id": url, "type": "Image" });
    help::sign(&award).to_string()
}

#[test]
fn a_picture_at_an_address_is_fetched_by_a_click_or_without_one_where_the_settings_say_so() {
    if !internet::is_here("a_picture_at_an_address_is_fetched_by_a_click_or_without_one_where_the_settings_say_so") {
        return;
    }
    let server = Server::start_at(internet::ADDRESS);
    // Twice as wide as high, and a plate is square.
    let wide = picture::SVG.replace("width=\"9\"", "width=\"18\"");
    server.answer_with("/badge.svg", 200, "image/svg+xml", wide.as_bytes());
    let away = "was not fetched yet";
    let shows = |window: &Window, is_own: bool| {
        let hero = "const it = document.querySelector('article.badge .hero img'); return it.complete && it.naturalWidth > 0 ? it.naturalWidth > it.naturalHeight : null";
        window.gives(hero, &json!(is_own));
    };
    let fetched = || server.asked_for("/badge.svg");
    // By a click, in the backpack.
    let desktop = Desktop::new();
    let file = desktop.file("badge.json", pictured(&server.url("/badge.svg")));
    kept_by_shell(&desktop, std::slice::from_ref(&file));
    let id = listed(&desktop.wallet())[0]["id"].as_str().unwrap().to_owned();
    let window = desktop.open(&[]);
    window.goes(&format!("#/badge/{id}"));
    window.sees(away);
    shows(&window, false);
    assert_eq!(server.requests(), 0, "nobody is asked without a click");
    window.click("Fetch it");
    window.counts(".stand-in", 0);
    shows(&window, true);
    assert_eq!(fetched(), 1);
    window.quit(&desktop.wallet());
    // By a click, before it is kept; it comes along.
    let desktop = Desktop::new();
    let file = desktop.file("badge.json", pictured(&server.url("/badge.svg")));
    let window = desktop.open(&[&file]);
    window.sees(away);
    assert_eq!(fetched(), 1);
    window.click("Fetch it");
    window.counts(".stand-in", 0);
    shows(&window, true);
    assert_eq!(fetched(), 2);
    window.click("Keep this badge");
    window.click("Open it in your backpack");
    window.sees("Save as PNG");
    shows(&window, true);
    assert!(!window.has(away) && fetched() == 2);
    window.quit(&desktop.wallet());
    // Without one, where the settings say so; but for no badge that its issuer did not make.
    let desktop = Desktop::new();
    desktop.settings(&json!({ "language": "en", "network": "always" }));
    let badge = pictured(&server.url("/badge.svg"));
    server.answer_with("/other.svg", 200, "image/svg+xml", picture::SVG.as_bytes());
    let changed = desktop.file("changed.json", badge.replace("/badge.svg", "/other.svg"));
    let window = desktop.open(&[&desktop.file("badge.json", &badge)]);
    window.sees("Keep this badge");
    window.counts(".stand-in", 0);
    shows(&window, true);
    assert_eq!(fetched(), 3);
    assert!(desktop.start_again(&[&changed]).success());
    window.sees(away);
    window.click("Fetch it");
    window.sees("No picture that can be shown came from");
    assert_eq!((fetched(), server.asked_for("/other.svg")), (3, 0));
    window.quit(&desktop.wallet());
}

#[test]
fn several_badges_leave_into_a_folder_of_their_own() {
    let desktop = Desktop::new();
    let chooser = desktop.with_chooser();
    let class: Vec<PathBuf> = ["Welding", "WELDING", "Brazing", "plan.png"]
        .iter()
        .enumerate()
        .map(|(at, name)| desktop.file(&format!("{at}/award.json"), badge(name)))
        .collect();
    kept_by_shell(&desktop, &class);
    let window = desktop.open(&[]);
    window.counts("[role=option]", 4);
    let all = |form: &str| {
        window.click_on("[role=option] [data-mark]");
        window.click("Select all 4");
        window.sees("4 selected");
        window.click("Export");
        window.click(form);
    };
    let names = |folder: &Path| {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    all("As PNG");
    window.sees("4 badges saved in");
    window.sees("Show in folder");
    window.run("await Promise.all(document.getAnimations().map(it => it.finished))", &[]).unwrap();
    assert_eq!(window.faults(), Vec::<String>::new());
    let folder = desktop.at("Downloads/Satchel badges");
    let pictures = names(&folder);
    let mut lower: Vec<String> = pictures.iter().map(|name| name.to_lowercase()).collect();
    lower.sort();
    assert_eq!(lower, ["brazing.png", "plan.png", "welding (2).png", "welding.png"]);
    for name in &pictures {
        assert!(unbaked_by_python(&folder.join(name)).contains("\"type\""), "{name}");
    }
    // What was there is left alone, and files as they came are called as they came.
    all("The files as received");
    window.sees("Satchel badges (2)");
    let folder = desktop.at("Downloads/Satchel badges (2)");
    assert_eq!(names(&folder), ["award (2).json", "award (3).json", "award (4).json", "award.json"]);
    let mut came: Vec<String> = class.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut left: Vec<String> = names(&folder).iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
    came.sort();
    left.sort();
    assert_eq!(left, came);

    // In a place that somebody chooses: where it cannot be written, and where there is no room for all of them.
    let size: u64 =
        pictures.iter().map(|name| fs::metadata(desktop.at("Downloads/Satchel badges").join(name)).unwrap().len()).sum();
    let Some(disk) = Disk::mount(desktop.at("stick"), "1m") else { return window.quit(&desktop.wallet()) };
    disk.remount("ro");
    chooser.chooses(disk.path());
    all("As PNG, in another place…");
    window.sees("cannot be written");
    window.sees("4 selected");
    window.click("Dismiss");
    disk.remount("rw");
    fs::write(
        disk.path().join("filler"),
        vec![0; usize::try_from(disk.free()).unwrap() - usize::try_from(size * 5 / 8).unwrap()],
    )
    .unwrap();
    chooser.chooses(disk.path());
    window.click("Export");
    window.click("As PNG, in another place…");
    window.sees("The disk is full");
    let whole = names(&disk.path().join("Satchel badges"));
    assert!(!whole.is_empty() && whole.len() < 4, "{whole:?}");
    window.sees(&format!("{} badge", whole.len()));
    for name in &whole {
        unbaked_by_python(&disk.path().join("Satchel badges").join(name));
    }
    // Nobody is chosen for: nothing happens.
    window.run("document.querySelectorAll('.toast .shut').forEach(it => it.click())", &[]).unwrap();
    window.click("Export");
    window.click("As PNG, in another place…");
    window.sees("4 selected");
    // One that is not there keeps no other, and is told.
    let ids: Vec<Value> =
        window.invoke("find", &everything()).unwrap()["rows"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let given = json!({ "ids": [ids[0], "ab".repeat(32), ids[1]], "form": "png", "elsewhere": false, "on": "__CHANNEL__:0" });
    let saved = window.invoke("save_several", &given).unwrap();
    assert_eq!((&saved["count"], &saved["refused"], &saved["problem"]), (&json!(2), &json!(1), &Value::Null));
    window.quit(&desktop.wallet());
}

/// A picture of 4096 by 4096 pixels, which takes 64 MB where it is drawn and little on the disk.
fn vast() -> Vec<u8> {
    const SIDE: usize = 4096;
    let side = u32::try_from(SIDE).unwrap().to_be_bytes();
    let head = picture::chunk(b"IHDR", &[&side[..], &side, &[8, 6, 0, 0, 0]].concat());
    let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    pixels.write_all(&vec![0; SIDE * (1 + 4 * SIDE)]).unwrap();
    [picture::SIGNATURE, &head, &picture::chunk(b"IDAT", &pixels.finish().unwrap()), &picture::chunk(b"IEND", &[])].concat()
}

#[test]
fn no_more_pictures_are_drawn_at_a_time_than_there_are_cores() {
    let desktop = Desktop::new();
    let cores = std::thread::available_parallelism().unwrap().get().min(4);
    // All at once would take 64 MB each and more, twice of what is allowed below.
    let pictures = 6 * cores;
    let (head, rest) = (picture::head().len(), vast());
    for number in 0..pictures {
        let badge = picture::badge("openbadgecredential", &badge(&format!("Award {number}")));
        desktop.file(&format!("class/{number:02}.png"), [&rest[..head], &badge, &rest[head..]].concat());
    }
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let before = window.memory(&desktop.wallet());
    let most = window.most_memory(&desktop.wallet(), || {
        assert!(desktop.start_again(&[&desktop.at("class")]).success());
        // The table asks for all of them at once.
        window.gives("return [...document.images].filter(it => it.naturalWidth === 128).length", &json!(pictures));
    });
    let more = (most - before) >> 10;
    eprintln!("{more} MB more than before on {cores} cores");
    // 64 MB each, and what drawing them takes beside.
    assert!(more < u64::try_from(128 * cores + 128).unwrap(), "{more} MB more than before on {cores} cores");
    window.quit(&desktop.wallet());
}

/// A picture of so many bytes with a badge in it.
fn large(name: &str, bytes: usize) -> Vec<u8> {
    picture::png(&[picture::chunk(b"fiLL", &vec![0; bytes]), picture::badge("openbadgecredential", &badge(name))])
}

#[test]
fn large_files_are_kept_without_all_of_them_in_memory() {
    let desktop = Desktop::new();
    for number in 0..32 {
        desktop.file(&format!("class/{number:02}.png"), large(&format!("Award {number}"), 24 << 20));
    }
    let window = desktop.open(&[&desktop.at("class")]);
    window.sees("Keep 32 badges");
    let (dir, before) = (desktop.wallet(), window.memory(&desktop.wallet()));
    let most = window.most_memory(&dir, || {
        window.click("Keep 32 badges");
        window.sees("32 badges kept");
    });
    // A batch of three, and what the database makes of each: 768 MB are to be kept.
    assert!(most - before < 480 << 10, "{} kB more than before", most - before);
    window.quit(&desktop.wallet());
}

#[test]
fn archives_are_held_within_one_budget_however_many_they_are() {
    let desktop = Desktop::new();
    for archive in 0..3 {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..3 {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(format!("{number}.png"), options).unwrap();
            zip.write_all(&large(&format!("Award {archive}-{number}"), 40 << 20)).unwrap();
        }
        desktop.file(&format!("class/{archive}.zip"), zip.finish().unwrap().into_inner());
    }
    let window = desktop.open(&[&desktop.at("class")]);
    window.sees("Award 0-0");
    window.sees("Keep 6 badges");
    let reported = window.run(REPORT, &[]).unwrap();
    assert_eq!(reported["states"], json!({ "intact": 6, "no_badge": 3 }));
    window.quit(&desktop.wallet());
}

#[test]
fn badges_are_erased_though_one_of_them_is_gone() {
    let desktop = Desktop::new();
    for name in ["First", "Second"] {
        let file = desktop.file(&format!("{name}.json"), badge(name));
        let shell = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline"]).arg(&file);
        shell.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).run().ending(0);
    }
    let window = desktop.open(&[]);
    window.counts("[role=option]", 2);
    let ids: Vec<Value> = window
        .invoke("find", &json!({ "query": { "text": "", "shelf": "kept", "states": [], "issuer": null, "year": null, "sort": "added", "offset": 0, "limit": 9 } }))
        .unwrap()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    let missing = json!("ab".repeat(32));
    let moved = window.invoke("remove", &json!({ "ids": [missing, ids[0], "no id", ids[1]] })).unwrap();
    assert_eq!(moved, 2);
    assert_eq!(window.invoke("restore", &json!({ "ids": [missing, ids[0], ids[1]] })).unwrap(), 2);
    window.quit(&desktop.wallet());
}

#[test]
fn a_wallet_that_another_program_has_is_not_touched_and_the_window_says_who_has_it() {
    let desktop = Desktop::new();
    let file = desktop.file("one.json", badge("One"));
    let shell = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline"]).arg(&file);
    shell.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).run().ending(0);
    // The shell holds the wallet as long as its input is open.
    let mut shell = Command::new(program());
    shell.args(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline", "-"]);
    let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let lock = desktop.wallet().join("wallet.lock");
    let end = Instant::now() + Duration::from_mins(1);
    while File::open(&lock).unwrap().try_lock().is_ok() {
        assert!(Instant::now() < end, "the shell does not take the wallet");
        std::thread::sleep(Duration::from_millis(20));
    }

    let window = desktop.open(&[]);
    window.sees("The wallet is open in another program");
    window.sees(&format!("satchel ({})", shell.id()));
    drop(shell.stdin.take());
    shell.wait().unwrap();
    window.click("Try again");
    window.sees("One");
    window.quit(&desktop.wallet());
}

#[test]
fn settings_that_are_broken_are_set_aside_and_told() {
    let desktop = Desktop::new();
    let path = desktop.file(".config/satchel/settings.json", "{\"language\": ");
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let start = window.invoke("start", &json!({})).unwrap();
    assert_eq!(start["settings"]["theme"], "system");
    assert_eq!(fs::read_to_string(path.with_file_name("settings.broken.json")).unwrap(), "{\"language\": ");
    let chosen = json!({ "language": "it", "theme": "dark", "text_size": 150, "network": "never", "notify": false });
    let start = window.invoke("set_settings", &json!({ "settings": chosen })).unwrap();
    assert_eq!((&start["settings"], start["language"].as_str()), (&chosen, Some("it")));
    // No request leaves where the settings say so, and a person is told.
    let asked = window
        .invoke("inspect", &json!({ "sources": [{ "kind": "url", "url": "https://example.org/" }], "on": "__CHANNEL__:0" }));
    assert_eq!(asked.unwrap_err(), "offline");
    window.quit(&desktop.wallet());
    let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(written["text_size"], 150);
}

// ---- Whoever uses it, and whatever comes in ----

/// A combination of language, theme and text size, another one each day; `SATCHEL_DAY` repeats that of a day.
fn settings_of_today() -> Value {
    let today: u64 = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400;
    let day: u64 = std::env::var("SATCHEL_DAY").ok().and_then(|day| day.parse().ok()).unwrap_or(today);
    let choose = |bit: u64, of: [Value; 2]| of[usize::from(day >> bit & 1 == 1)].clone();
    let (language, theme) = (choose(0, ["en".into(), "it".into()]), choose(1, ["light".into(), "dark".into()]));
    let settings = json!({ "language": language, "theme": theme, "text_size": choose(2, [100.into(), 200.into()]) });
    eprintln!("SATCHEL_DAY={day}: {settings}");
    settings
}

#[test]
fn the_main_screens_can_be_used_by_everybody_whatever_the_badges_say() {
    let desktop = Desktop::new();
    desktop.settings(&settings_of_today());
    let arabic = "أساسيات التصميم الجرافيكي";
    let endless = "A name without an end ".repeat(50_000);
    let markup = "<b onmouseover=alert(1)>Certified</b><script>document.title = 'owned'</script>";
    for (file, name) in [("1.json", arabic), ("2.json", &endless), ("3.json", markup), ("4.json", "Beekeeping")] {
        desktop.file(&format!("all/{file}"), badge(name));
    }
    desktop.file("all/5.json", tampered(&badge("Changed")));
    fs::rename(baked(&desktop, "Welding"), desktop.at("all/6.png")).unwrap();

    let window = desktop.open(&[&desktop.at("all")]);
    let held = |screen: &str| {
        let faults = window.faults();
        assert!(faults.is_empty(), "{screen}: {faults:#?}");
    };
    window.counts("tbody tr[data-at]", 6);
    window.click_on("tbody .why button");
    window.counts("tbody .lines", 1);
    held("what was handed in");
    // The one that was changed is not ticked by itself.
    window.sees("5 badge");
    window.click_on("thead input");
    window.click_on(".dock .btn.first");
    window.counts(".note", 1);
    window.goes("#/backpack");
    window.counts("[role=option]", 6);
    held("the backpack");

    let found = window.invoke("find", &json!({ "query": { "text": "", "shelf": "kept", "states": [], "issuer": null, "year": null, "sort": "added", "offset": 0, "limit": 100 } })).unwrap();
    for row in found["rows"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        window.goes(&format!("#/badge/{}", row["id"].as_str().unwrap()));
        let begin: String = name.chars().take(20).collect();
        window.gives(&format!("return document.querySelector('h1.name')?.innerText.startsWith({})", json!(begin)), &json!(true));
        held(&begin);
        let head = "const head = document.querySelector('h1.name'); return [head.querySelector('bdi').matches(':dir(rtl)'), head.innerText.length < 400, document.title.length < 200]";
        assert_eq!(window.run(head, &[]).unwrap(), json!([name == arabic, true, true]), "{begin}");
    }
    for (address, there) in [("#/verify", "textarea"), ("#/settings", "input[name=theme]"), ("#/bin", ".empty")] {
        window.goes(address);
        window.gives(&format!("return document.querySelectorAll('{there}').length > 0"), &json!(true));
        held(address);
    }
    window.quit(&desktop.wallet());
}

#[test]
fn a_wallet_whose_folder_fails_says_so_and_loses_nothing() {
    let desktop = Desktop::new();
    let Some(disk) = Disk::mount(desktop.wallet(), "4m") else { return };
    let (one, two) = (desktop.file("one.json", badge("First")), desktop.file("two.json", badge("Second")));
    let shell = satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).args(["import", "--offline"]).arg(&one);
    shell.env("XDG_CONFIG_HOME", desktop.at(".config").to_str().unwrap()).run().ending(0);
    let database = desktop.wallet().join("wallet.db");
    let kept = fs::read(&database).unwrap();
    let mut newer = kept.clone();
    newer[63] = 99;
    fs::write(&database, &newer).unwrap();

    // While it tries, another press does nothing; so what was pressed before is waited for.
    let again = |window: &Window| {
        window.gives("return document.querySelector('.closed .btn').getAttribute('aria-disabled')", &json!("false"));
        window.click("Try again");
    };

    // Of a newer version: refused, and not touched.
    let window = desktop.open(&[]);
    window.sees("A newer Satchel made this wallet");
    window.sees("It was left as it is. Install the newer program.");
    assert_eq!(fs::read(&database).unwrap(), newer);
    fs::write(&database, &kept).unwrap();

    // Not to be written.
    disk.remount("ro");
    again(&window);
    window.sees("The folder cannot be used");
    window.sees("Nothing was changed. Look whether the folder is there and may be written by you.");
    disk.remount("rw");
    again(&window);
    window.counts("[role=option]", 1);

    // Full: what could not be kept is told, and can be kept once there is room.
    let filler = desktop.wallet().join("filler");
    let full = Command::new("dd").args(["if=/dev/zero", "bs=4k"]).arg(format!("of={}", filler.display())).output().unwrap();
    assert!(!full.status.success(), "the disk has room");
    assert!(desktop.start_again(&[&two]).success());
    window.click("Keep this badge");
    window.sees("The disk is full.");
    window.sees("Make room and try again.");
    fs::remove_file(&filler).unwrap();
    window.click("Try again");
    window.sees("1 badge kept");

    // Gone while it is open: no other wallet is made in its place.
    window.goes("#/backpack");
    window.counts("[role=option]", 2);
    let (there, away) = (desktop.wallet().parent().unwrap().to_owned(), desktop.at("away"));
    fs::rename(&there, &away).unwrap();
    window.click_on("[role=option] [data-mark]");
    window.click("Remove");
    window.sees("Your wallet is not there");
    window.sees("no new wallet was made in its place");
    let reference = "document.querySelector('.closed .link').textContent";
    let first = window.run(&format!("return {reference}"), &[]).unwrap();
    again(&window);
    window.gives(&format!("return {reference} !== {first}"), &json!(true));
    assert!(!there.exists(), "a new wallet was made");
    fs::rename(&away, &there).unwrap();
    again(&window);
    window.counts("[role=option]", 2);
    window.quit(&desktop.wallet());
    let names: Vec<Value> = listed(&desktop.wallet()).iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_thousand_holiday_pictures_are_one_calm_sentence() {
    let desktop = Desktop::new();
    // As large as a camera writes them; of what is between its head and its end the disk holds nothing.
    let photo = |number: usize| {
        let is_png = number.is_multiple_of(2);
        let size = 6_u32 << 20;
        let (ending, head, end) = if is_png {
            ("png", [&picture::head()[..], &size.to_be_bytes(), b"IDAT"].concat(), picture::chunk(b"IEND", &[]))
        } else {
            ("jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec(), b"\xff\xd9".to_vec())
        };
        let path = desktop.file(&format!("2026/IMG_{number}.{ending}"), &head);
        let mut file = File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(head.len() as u64 + u64::from(size) + 4)).unwrap();
        file.write_all(&end).unwrap();
        path
    };
    let photos: Vec<PathBuf> = (0..1000).map(photo).collect();
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let before = window.memory(&desktop.wallet());
    assert!(desktop.start_again(&photos.iter().map(PathBuf::as_path).collect::<Vec<_>>()).success());
    window.sees("No badges in 1,000 files");
    window.sees("nothing was copied");
    window.counts("tbody tr[data-at]", 0);
    window.counts(".toast", 0);
    let more = window.memory(&desktop.wallet()) - before;
    assert!(more < 64 << 10, "{more} kB more than before");
    window.click("Show the files");
    window.sees("IMG_0.png");
    window.quit(&desktop.wallet());
}

#[test]
fn whatever_the_window_said_to_be_kept_is_there_after_a_kill_at_any_moment() {
    const ROUNDS: u32 = 20;
    const EACH: usize = 40;
    let desktop = Desktop::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % limit
    };
    let (mut promised, mut broken_off) = (BTreeMap::new(), 0);
    for round in 0..ROUNDS {
        let folder = desktop.at(&format!("class-{round}"));
        let files: Vec<String> = (0..EACH).map(|number| badge(&format!("Award {round}-{number}"))).collect();
        for (number, text) in files.iter().enumerate() {
            desktop.file(&format!("class-{round}/{number:02}.json"), text);
        }
        let window = desktop.open(&[&folder]);
        window.counts("[role=progressbar]", 0);
        window.gives("return document.querySelectorAll('tbody tr[data-at]').length > 5", &json!(true));
        window.run(KEEP_ONE_BY_ONE, &[json!(EACH)]).unwrap();
        let wanted = below(EACH as u64 / 2);
        let mut said = Vec::new();
        let kept = |said: &mut Vec<Value>| {
            *said = window.run("return window.kept", &[]).unwrap().as_array().unwrap().clone();
            said.len() as u64
        };
        while kept(&mut said) < wanted {}
        std::thread::sleep(Duration::from_millis(below(60)));
        window.kill(&desktop.wallet());
        broken_off += u32::from(said.len() < EACH);
        for (number, id) in said.iter().enumerate() {
            promised.insert(id.as_str().unwrap().to_owned(), files[number].clone().into_bytes());
        }
        kept::has(&desktop.wallet(), &promised, &desktop.at(&format!("out-{round}")));
    }
    assert!(broken_off * 2 > ROUNDS && promised.len() > 100, "{broken_off} broken off, {} promised", promised.len());
}

/// Keeps what was handed in, one badge after the other; `window.kept` has the ids of those that are said to be kept.
const KEEP_ONE_BY_ONE: &str = "
const call = (command, arguments) => window.__TAURI_INTERNALS__.invoke(command, arguments);
window.kept = [];
(async () => {
    for (let index = 0; index < given[0]; index++) window.kept.push(...(await call('keep', { inspection: 1, indices: [index] })).ids);
})();
";

// ---- What a page could do, were it not ours (security.md, S01 and S03) ----

fn refused(window: &Window, script: &str) -> String {
    window.run(script, &[]).expect_err(script)
}

#[test]
fn a_badge_runs_nothing_and_the_window_goes_nowhere() {
    let desktop = Desktop::new();
    let markup = badge("<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>");
    let file = desktop.file("markup.json", markup);
    let window = desktop.open(&[&file]);
    window.sees("<img src=x onerror=");
    assert_ne!(window.run("return document.title", &[]).unwrap(), "owned");

    // No script but the window's own, no connection, no frame, no other page, no other window.
    refused(&window, "eval('1')");
    assert_eq!(
        window.run("const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.head.append(s); return window.owned ?? null", &[]).unwrap(),
        Value::Null
    );
    refused(&window, "await fetch('https://example.org/')");
    refused(&window, "await fetch('file:///etc/passwd')");
    assert_eq!(window.run("return window.open('https://example.org/') === null", &[]).unwrap(), true);
    let before = window.run("return location.href", &[]).unwrap();
    let _ = window.run("location.href = 'https://example.org/'", &[]);
    let _ = window.run("location.href = 'file:///etc/passwd'", &[]);
    // A refused navigation may cost the driver a question, so what is there is asked until it answers.
    window.gives("return location.href", &before);
    window.sees("<img src=x onerror=");
    window.gives("return '__TAURI__' in window", &json!(false));
    window.quit(&desktop.wallet());
}

#[test]
fn the_native_side_takes_no_path_and_gives_no_file() {
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let secret = desktop.file("secret.txt", "secret");
    for (command, arguments, code) in [
        ("reveal", json!({ "path": secret }), "not_saved_here"),
        ("open_link", json!({ "url": format!("file://{}", secret.display()) }), "bad_link"),
        ("open_link", json!({ "url": "javascript:alert(1)" }), "bad_link"),
        ("inspect", json!({ "sources": [{ "kind": "offer", "id": 7 }], "on": "__CHANNEL__:0" }), "unknown_offer"),
        (
            "inspect",
            json!({ "sources": [{ "kind": "url", "url": format!("file://{}", secret.display()) }], "on": "__CHANNEL__:0" }),
            "bad_url",
        ),
        ("inspected", json!({ "inspection": 7, "index": 0 }), "unknown_inspection"),
        ("show", json!({ "id": "../../etc/passwd" }), "bad_id"),
        ("show", json!({ "id": "ab".repeat(32) }), "unknown_id"),
    ] {
        assert_eq!(window.invoke(command, &arguments).unwrap_err(), code, "{command} {arguments}");
    }
    // Commands of the plugins are not the window's.
    for command in
        ["plugin:dialog|open", "plugin:opener|open_url", "plugin:window|close", "plugin:fs|read_file", "plugin:shell|open"]
    {
        assert!(window.invoke(command, &json!({ "url": "https://example.org", "path": secret })).is_err(), "{command}");
    }
    // Pictures have an id and a size, or there are none.
    for address in [
        "badge://localhost/etc/passwd",
        "badge://localhost/../../etc/passwd?size=128",
        &format!("badge://localhost/{}?size=128", "ab".repeat(32)),
        "badge://localhost/i-1-0?size=128",
        &format!("file://{}", data::path("baked/cs-unbaked_heart.png").display()),
        "https://example.org/x.png",
    ] {
        assert_eq!(window.run(LOADS, &[json!(address)]).unwrap(), 0, "{address}");
    }
    window.quit(&desktop.wallet());
}
