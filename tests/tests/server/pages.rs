//! The pages in real browsers: the whole way from an invitation to a picture, with and without JavaScript, narrow and wide, in both languages
//! and both themes. What is looked at on each page is in `ui/tests/pages.mjs`.

use std::process::Command;

use satchel_tests::running::Running;

use crate::scene::Desk;

/// Goes the whole way, in Chromium if nothing else is said.
fn walk(email: &str, options: &[&str]) {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 1);
    desk.give(email, "Il paesaggio come laboratorio");
    let link = server.mail(email, "Il paesaggio").link("/claim/");
    let mails = server.folder.at("mail");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("ui");
    let mut command = Command::new("node");
    command.current_dir(root).args(["tests/pages.mjs", "--link", &link, "--email", email, "--mails"]).arg(mails).args(options);
    if let Some(folder) = std::env::var_os("SATCHEL_PICTURES") {
        command.arg("--out").arg(folder);
    }
    let done = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
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
