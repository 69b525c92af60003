//! The pages in real browsers: the whole way from an invitation to a picture, with and without JavaScript, narrow and wide, in both languages
//! and both themes. What is looked at on each page is in `ui/tests/pages.mjs`.

use std::process::Command;

use satchel_tests::running::Running;

use crate::scene::{Desk, member};

/// Goes the whole way, in Chromium if nothing else is said.
fn walk(email: &str, options: &[&str]) {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(email, "Il paesaggio come laboratorio");
    let link = server.mail(email, "Il paesaggio").link("/claim/");
    let mails = server.folder.at("mail");
    node(&[&["tests/pages.mjs", "--link", &link, "--email", email, "--mails", mails.to_str().unwrap()], options].concat());
}

/// Runs a script of `ui/tests`, which finds no fault.
fn node(words: &[&str]) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("ui");
    let mut command = Command::new("node");
    command.current_dir(root).args(words);
    if let Some(folder) = std::env::var_os("SATCHEL_PICTURES") {
        command.arg("--out").arg(folder);
    }
    let done = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
}

/// Goes through the second step of signing in.
fn steps(options: &[&str]) {
    const NAME: &str = "http://badges.localhost";
    let email = "elena@posta.example";
    let server = Running::start(&["--public-url", NAME]);
    member(&server, email);
    let place = server.url.strip_prefix("http://").unwrap();
    node(&[&["tests/passkeys.mjs", "--name", NAME, "--place", place, "--email", email], options].concat());
    if !options.contains(&"no") {
        server.mail(email, "passkey was refused");
    }
}

#[test]
fn a_passkey_is_made_and_used_in_a_browser_and_its_copy_is_refused() {
    steps(&["--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn a_passkey_is_made_and_used_on_a_phone_in_the_dark() {
    steps(&["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn without_javascript_the_page_says_so_and_offers_codes() {
    steps(&["--lang", "it", "--theme", "light", "--width", "360", "--scripts", "no"]);
}

#[test]
fn the_whole_way_is_gone_in_a_wide_browser() {
    walk("elena@posta.example", &["--lang", "en", "--theme", "light", "--width", "1280"]);
}

#[test]
fn the_whole_way_is_gone_on_a_phone_in_the_dark() {
    walk("elena@posta.example", &["--lang", "it", "--theme", "dark", "--width", "360"]);
}

#[test]
fn the_whole_way_is_gone_in_firefox() {
    walk("elena@posta.example", &["--lang", "en", "--theme", "dark", "--width", "900", "--browser", "firefox"]);
}

#[test]
fn the_whole_way_is_gone_without_javascript() {
    walk("elena@posta.example", &["--lang", "it", "--theme", "light", "--width", "1280", "--scripts", "no"]);
}
