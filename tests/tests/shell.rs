//! `satchel` from outside, as a person or a script starts it (docs/ARCHITECTURE.md, "The shell").

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod help;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use help::{RECIPIENT, archive, award, badge, hosted, key, sign, tampered};
use satchel_badge::sign::sign_jwt;
use satchel_tests::picture;
use satchel_tests::server::Server;
use satchel_tests::shell::{Folder, Run, Shell, program, satchel};
use serde_json::{Value, json};

/// Names that try to steer a terminal.
const HOSTILE: &str = "A\u{1b}[2J\u{1b}]0;owned\u{7}B\u{9b}31mC\u{202e}D\r\nE";

/// Asks nobody unless a test says so.
fn verify<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Shell {
    satchel(["verify", "--offline"]).args(paths.into_iter().map(|path| path.as_ref().to_owned()))
}

fn paths(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

fn codes(row: &Value) -> Vec<String> {
    row["checks"].as_array().unwrap().iter().map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn has_code(row: &Value, code: &str) {
    assert!(codes(row).iter().any(|found| found == code), "{code} is not among {:?}", codes(row));
}

/// One path of each kind.
struct Kinds {
    folder: Folder,
    valid: PathBuf,
    invalid: PathBuf,
    undecided: PathBuf,
    nothing: PathBuf,
}

impl Kinds {
    fn new() -> Self {
        let folder = Folder::new();
        let [(_, assertion), ..] = hosted("https://badges.example.org", 1);
        Self {
            valid: folder.file("valid.json", badge("Welding")),
            invalid: folder.file("invalid.json", tampered(&badge("Welding"))),
            undecided: folder.file("undecided.json", assertion.to_string()),
            nothing: folder.file("nothing.txt", "Dear diary, no badge today."),
            folder,
        }
    }
}

// ---- The exit status ----

#[test]
fn the_exit_status_is_of_the_gravest_thing_found_in_any_order() {
    let kinds = Kinds::new();
    let grave = [(&kinds.invalid, 1), (&kinds.nothing, 2), (&kinds.undecided, 3), (&kinds.valid, 0)];
    for mask in 1..16 {
        let chosen: Vec<_> = grave.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, kind)| kind).collect();
        let mut paths: Vec<&PathBuf> = chosen.iter().map(|(path, _)| *path).collect();
        assert_eq!(verify(&paths).run().status, Some(chosen[0].1), "{paths:?}");
        paths.reverse();
        assert_eq!(verify(&paths).run().status, Some(chosen[0].1), "{paths:?}");
    }
}

#[test]
fn a_path_that_cannot_be_read_or_holds_no_badge_is_wrong_usage() {
    let kinds = Kinds::new();
    let folder = &kinds.folder;
    folder.file("diary/one.txt", "no badge");
    folder.file("diary/two.png", picture::png(&[]));
    fs::create_dir(folder.at("empty-folder")).unwrap();
    symlink("nowhere", folder.at("dangling")).unwrap();
    symlink("circle", folder.at("circle")).unwrap();
    let unusable = [
        folder.at("missing.json"),
        folder.at("valid.json/under-a-file"),
        folder.at("dangling"),
        folder.at("circle"),
        folder.at("n".repeat(300)),
        folder.file("empty.json", ""),
        folder.file("plain.png", picture::png(&[])),
        folder.file("plain.svg", picture::SVG),
        folder.file("other.json", "{\"name\": \"a shopping list\"}"),
        folder.at("empty-folder"),
        folder.at("diary"),
    ];
    let mut wrong = Vec::new();
    for path in &unusable {
        let together: [(&[&PathBuf], i32); 4] =
            [(&[path], 2), (&[path, &kinds.valid], 2), (&[path, &kinds.undecided], 2), (&[path, &kinds.invalid], 1)];
        for (paths, expected) in together {
            let status = verify(paths).run().status;
            if status != Some(expected) {
                wrong.push(format!("{status:?} instead of {expected} for {paths:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn in_a_folder_files_without_a_badge_change_nothing_while_another_has_one() {
    let kinds = Kinds::new();
    let folder = Folder::new();
    folder.file("a/notes.txt", "no badge");
    folder.file("a/page.html", "<!DOCTYPE html><html><body>no badge</body></html>");
    folder.file("a/plain.png", picture::png(&[]));
    folder.file("a/valid.json", badge("Welding"));
    folder.file("a/zeros.bin", [0; 3000]);
    let run = verify([folder.path()]).arg("--json").run().ending(0);
    let verdicts: Vec<Value> = run.rows().iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(verdicts, ["no_badge", "no_badge", "no_badge", "valid", "no_badge"]);
    verify([folder.path(), &kinds.undecided]).run().ending(3);
    verify([folder.path(), &kinds.nothing]).run().ending(2);
}

#[test]
fn in_a_folder_texts_that_only_look_like_json_are_no_badges() {
    let folder = Folder::new();
    folder.file("badge.json", badge("Welding"));
    folder.file("lines.json", "{\"level\": \"info\"}\n{\"level\": \"warning\"}\n");
    folder.file("settings.json", "{\n  // with a comment\n  \"tabs\": 4,\n}\n");
    folder.file("numbers.json", "{\"serial\": 12345678901234567890}");
    verify([folder.path()]).run().ending(0);
}

#[test]
fn a_pipe_that_is_named_is_read_like_a_file() {
    // As with `satchel verify <(...)` in a shell.
    for badge in [badge("Welding").into_bytes(), picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))])] {
        verify(["/dev/stdin"]).input(badge).run().ending(0);
    }
}

#[test]
fn wrong_words_on_the_command_line_are_wrong_usage() {
    let kinds = Kinds::new();
    let valid = kinds.valid.to_str().unwrap();
    let wrong: [&[&str]; 14] = [
        &[],
        &["verify"],
        &["verify", "--no-such-option", valid],
        &["verify", "--at", "yesterday", valid],
        &["verify", "--at", "2026-01-01", valid],
        &["verify", "--at", "2026-01-01T00:00:00", valid],
        &["verify", "--allow-host", "localhost", valid],
        &["verify", "--allow-host", "localhost:99999", valid],
        &["verify", "--lang", "xx", valid],
        &["verify", "--csv"],
        &["unbake"],
        &["bake", "--image", valid],
        &["completions", "no-such-shell"],
        &["juggle"],
    ];
    for arguments in wrong {
        let run = satchel(arguments).run();
        assert_eq!(run.status, Some(2), "{arguments:?}: {}", run.said());
        assert!(!run.err.is_empty() && run.out.is_empty(), "{arguments:?} says so on standard error alone: {}", run.out);
    }
    satchel(["--version"]).run().ending(0);
    satchel(["verify", "--help"]).run().ending(0);
}

// ---- Files and folders ----

#[test]
fn a_folder_is_walked_in_the_order_of_the_bytes_of_whole_paths() {
    let folder = Folder::new();
    let names: [&[u8]; 15] = [
        b"a-b.txt",
        b"a.b/x",
        b"a/b",
        b"a/b-c/d",
        b"a/b.c",
        b"a/c",
        b"a0",
        b"A",
        b"Z/z",
        b".hidden",
        b".folder/hidden",
        b"z",
        "é".as_bytes(),
        "日本".as_bytes(),
        b"\xff-no-utf8",
    ];
    for name in names {
        folder.file(std::ffi::OsStr::from_bytes(name), "no badge");
    }
    let root = folder.path().as_os_str().as_bytes();
    let mut expected: Vec<Vec<u8>> = names.iter().map(|name| [root, b"/", name].concat()).collect();
    expected.sort();
    let expected: Vec<String> = expected.iter().map(|path| String::from_utf8_lossy(path).into_owned()).collect();
    let run = verify([folder.path()]).arg("--json").run().ending(2);
    assert_eq!(paths(&run.rows()), expected);
}

#[test]
fn paths_are_taken_in_the_order_in_which_they_are_named() {
    let kinds = Kinds::new();
    let named = [&kinds.valid, &kinds.invalid, &kinds.valid];
    let run = verify(named).arg("--json").run().ending(1);
    assert_eq!(paths(&run.rows()), named.map(|path| path.to_str().unwrap()));
}

#[test]
fn links_in_a_folder_are_not_followed() {
    let (folder, other) = (Folder::new(), Folder::new());
    let outside = other.file("outside.json", badge("Welding"));
    let inside = folder.file("inside/badge.json", badge("Welding"));
    symlink(&outside, folder.at("link-to-a-file")).unwrap();
    symlink(other.path(), folder.at("link-to-a-folder")).unwrap();
    symlink(folder.path(), folder.at("inside/loop")).unwrap();
    symlink("nowhere", folder.at("dangling")).unwrap();
    let run = verify([folder.path()]).arg("--json").run().ending(0);
    assert_eq!(paths(&run.rows()), [inside.to_str().unwrap()]);
}

#[test]
fn what_is_no_file_in_a_folder_is_passed_over() {
    let folder = Folder::new();
    let inside = folder.file("badge.json", badge("Welding"));
    let made = Command::new("mkfifo").arg(folder.at("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(folder.at("socket")).unwrap();
    let run = verify([folder.path()]).arg("--json").run().ending(0);
    assert_eq!(paths(&run.rows()), [inside.to_str().unwrap()]);
}

#[test]
fn an_archive_has_a_line_for_each_of_its_files_and_leads_nowhere() {
    let folder = Folder::new();
    let (good, bad) = (badge("Welding"), tampered(&badge("Welding")));
    let inner = archive(&[("inner.json", good.as_bytes())]);
    let files: [(&str, &[u8]); 7] = [
        ("class/", b""),
        ("class/welding.json", good.as_bytes()),
        ("../../etc/changed.json", bad.as_bytes()),
        ("README.txt", b"What is in here"),
        ("inner.zip", &inner),
        ("__MACOSX/class/._welding.json", b"x"),
        ("empty.json", b""),
    ];
    let path = folder.file("class.zip", archive(&files));
    let after = folder.file("later.json", &good);
    let run = verify([&path, &after]).arg("--json").run().ending(1);
    let rows = run.rows();
    let told: Vec<(String, &str)> = paths(&rows)
        .iter()
        .map(|path| path.replace(folder.path().to_str().unwrap(), ""))
        .zip(rows.iter().map(|row| row["verdict"].as_str().unwrap()))
        .collect();
    let expected = [
        ("/class.zip/class/welding.json", "valid"),
        ("/class.zip/etc/changed.json", "invalid"),
        ("/class.zip/README.txt", "no_badge"),
        ("/class.zip/inner.zip", "no_badge"),
        ("/class.zip/empty.json", "no_badge"),
        ("/later.json", "valid"),
    ];
    assert_eq!(told, expected.map(|(path, verdict)| (path.to_owned(), verdict)));
    assert!(run.err.contains("6 files"), "{}", run.err);
    // In a folder, from standard input, and in every form of report.
    assert_eq!(verify([folder.path()]).arg("--json").run().ending(1).rows(), rows);
    assert_eq!(verify(["-"]).arg("--json").input(fs::read(&path).unwrap()).run().ending(1).rows().len(), 5);
    let (csv, html) = (folder.at("out.csv"), folder.at("out.html"));
    verify([&path]).arg("--csv").arg(&csv).arg("--html").arg(&html).run().ending(1);
    for report in [csv, html] {
        assert!(fs::read_to_string(report).unwrap().contains("class.zip/etc/changed.json"));
    }
    // A copy of the file may not become the report on it.
    verify([&path]).arg("--csv").arg(&path).run().ending(2);
}

#[test]
fn an_archive_that_cannot_be_looked_into_says_why() {
    let folder = Folder::new();
    let whole = archive(&[("a.json", badge("Welding").as_bytes())]);
    let mut lies = whole.clone();
    // The size in the directory (APPNOTE.TXT, 4.3.12): there are more bytes than it says.
    let directory = lies.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    lies[directory + 24] ^= 1;
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("nothing.zip", archive(&[]), "archive_without_badge"),
        ("cut.zip", whole[..whole.len() / 2].to_vec(), "archive_malformed"),
        ("lies.zip", lies, "archive_malformed"),
        ("large.zip", archive(&[("bomb.json", &vec![0; 65 << 20])]), "archive_entry_too_large"),
    ];
    for (name, bytes, code) in cases {
        let row = verify([folder.file(name, bytes)]).arg("--json").run().ending(2).row();
        assert_eq!(row["verdict"], "no_badge", "{name}");
        has_code(&row, code);
    }
}

#[test]
fn a_long_page_in_a_folder_is_no_badge() {
    let folder = Folder::new();
    folder.file("badge.json", badge("Welding"));
    folder.file("page.html", format!("<!DOCTYPE html><html><body><svg></svg>{}</body></html>", "<p>x</p>".repeat(17 << 17)));
    let drawing = format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>", "<g></g>".repeat(5 << 19));
    let rows = verify([folder.path()]).arg("--json").run().ending(0).rows();
    assert_eq!(rows[1]["verdict"], "no_badge");
    let row = verify([folder.file("drawing.svg", drawing)]).arg("--json").run().ending(1).row();
    has_code(&row, "too_large");
}

#[test]
fn what_is_no_file_is_refused_unread_wherever_it_is_named() {
    let folder = Folder::new();
    let pipe = folder.at("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let file = folder.file("badge.json", badge("Welding"));
    for named in [Path::new("/dev/null"), Path::new("/dev/zero"), &pipe] {
        has_code(&verify([named]).arg("--json").run().ending(2).row(), "unreadable");
        let refused = [
            satchel(["unbake"]).arg(named),
            satchel(["bake", "--image"]).arg(named).arg("--credential").arg(&file).args(["-o"]).arg(folder.at("out.png")),
            satchel(["bake", "--credential"]).arg(named).arg("--image").arg(&file).args(["-o"]).arg(folder.at("out.png")),
            verify([&file]).arg("--trust").arg(named),
            satchel(["desk", "badge", "--desk"]).arg(folder.at("desk")).arg("--file").arg(named),
        ];
        for run in refused {
            let run = run.run();
            assert_eq!(run.status, Some(4), "{}: {}", named.display(), run.said());
        }
        let wallet = satchel(["wallet", "--json", "--wallet"]).arg(folder.at("wallet")).args(["import", "--offline"]).arg(named);
        assert_eq!(wallet.run().ending(1).row()["code"], "unreadable");
    }
    // What a shell hands over through a pipe of its own is read.
    let script = format!("{} verify --offline <(cat {})", program().display(), file.display());
    let run = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

#[test]
fn a_file_that_fails_while_it_is_read_gives_a_line_of_its_own() {
    // Opens, and fails at the first byte.
    let run = verify(["/proc/self/mem"]).arg("--json").run().ending(2);
    has_code(&run.row(), "unreadable");
}

#[test]
fn a_missing_file_gives_a_line_that_says_so() {
    let folder = Folder::new();
    let missing = folder.at("missing.json");
    let row = verify([&missing]).arg("--json").run().ending(2).row();
    assert_eq!(row["path"], missing.to_str().unwrap());
    assert_eq!((&row["verdict"], &row["part"], &row["badge"]), (&json!("no_badge"), &json!(0), &Value::Null));
    let check = &row["checks"][0];
    assert_eq!((&check["id"], &check["status"], &check["code"]), (&json!("container"), &json!("unknown"), &json!("unreadable")));
    assert!(check["message"].as_str().unwrap().contains("No such file"), "{check}");
}

#[test]
fn a_hyphen_is_standard_input_whatever_comes_in() {
    let badge = badge("Welding");
    let png = picture::png(&[picture::badge("openbadgecredential", &badge)]);
    let jwt = sign_jwt(&award(&key(), "Welding"), &key()).unwrap();
    for (input, format) in [(badge.into_bytes(), "json"), (png, "png"), (jwt.into_bytes(), "jws")] {
        let row = verify(["-"]).arg("--json").input(input).run().ending(0).row();
        assert_eq!((&row["path"], &row["format"], &row["verdict"]), (&json!("-"), &json!(format), &json!("valid")));
    }
    verify(["-"]).input("").run().ending(2);
}

// ---- What is said ----

#[test]
fn json_is_one_object_a_line_with_the_members_that_scripts_read() {
    let kinds = Kinds::new();
    let run = verify([&kinds.valid, &kinds.invalid]).arg("--json").run().ending(1);
    for row in run.rows() {
        for member in ["path", "part", "format", "verdict", "checks", "badge"] {
            assert!(row.get(member).is_some(), "{member} is missing: {row}");
        }
        for check in row["checks"].as_array().unwrap() {
            for member in ["id", "status", "code", "message"] {
                assert!(check[member].is_string(), "{member} is missing: {check}");
            }
            assert!(["pass", "fail", "unknown", "skipped"].contains(&check["status"].as_str().unwrap()), "{check}");
        }
        assert_eq!(row["badge"]["name"], "Welding");
        assert_eq!(row["badge"]["issuer"]["name"], "Istituto Volta");
    }
    assert!(run.err.contains("2 files"), "the sum is said on standard error: {}", run.err);
    let words = verify([&kinds.valid]).run().ending(0);
    assert!(words.out.contains("Welding") && words.err.contains("1 file"), "{}", words.said());
}

#[test]
fn a_picture_with_a_badge_of_each_version_gives_two_parts() {
    let [(_, assertion), ..] = hosted("https://badges.example.org", 1);
    let old = picture::badge("openbadges", &assertion.to_string());
    let new = picture::badge("openbadgecredential", &badge("Welding"));
    let folder = Folder::new();
    let both = folder.file("both.png", picture::png(&[old, new]));
    let rows = verify([both]).arg("--json").run().ending(3).rows();
    let told: Vec<_> = rows.iter().map(|row| (row["part"].as_u64().unwrap(), row["verdict"].as_str().unwrap())).collect();
    assert_eq!(told, [(0, "undecided"), (1, "valid")]);
}

#[test]
fn words_come_in_the_language_that_is_asked_for() {
    let kinds = Kinds::new();
    let first = |run: Run| run.out.lines().next().unwrap_or_default().to_owned();
    let run = || verify([&kinds.invalid]);
    let (english, italian) = ("Not valid", "Non valido");
    let cases = [
        (run(), english),
        (run().arg("--lang=it"), italian),
        (run().env("LANG", "it_IT.UTF-8"), italian),
        (run().env("LANG", "it_IT.UTF-8").env("LC_ALL", "en_GB.UTF-8"), english),
        (run().env("LANG", "en_GB.UTF-8").env("LC_MESSAGES", "it_CH"), italian),
        (run().env("LANG", "it_IT.UTF-8").env("SATCHEL_LANG", "en"), english),
        (run().env("LANG", "it_IT.UTF-8").arg("--lang=en"), english),
        (run().env("LANG", "fr_FR.UTF-8"), english),
        (run().env("LANG", "C"), english),
    ];
    for (number, (shell, expected)) in cases.into_iter().enumerate() {
        let said = first(shell.run().ending(1));
        assert!(said.contains(expected), "case {number}: {said}");
    }
    let row = run().args(["--json", "--lang", "it"]).run().ending(1).row();
    assert_eq!(row["verdict"], "invalid", "names that scripts read stay as they are");
    assert!(
        row["message"].as_str().unwrap().contains("firma") || row["message"].as_str().unwrap().contains("Non"),
        "{}",
        row["message"]
    );
    let problem = satchel(["unbake", "missing.png", "--lang", "it"]).run().ending(4);
    assert!(problem.err.contains("impossibile leggere"), "{}", problem.err);
}

#[test]
fn what_the_system_says_stands_behind_our_own_words() {
    let folder = Folder::new();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (missing, below) = (text(&folder.at("missing")), text(&folder.file("file", "x").join("wallet")));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listening.local_addr().unwrap().to_string();
    let nobody = format!("http://{taken}");
    let cases: [(Vec<&str>, &str); 6] = [
        (vec!["verify", "--offline", &missing], "Il file non può essere letto: non esiste ("),
        (vec!["unbake", &missing], "non esiste ("),
        (vec!["wallet", "--wallet", &below, "list"], "una parte del percorso non è una cartella ("),
        (vec!["wallet", "--wallet", &missing, "import", "https://nowhere.invalid/a"], "non è stato trovato alcun indirizzo"),
        (vec!["wallet", "--wallet", &missing, "login", "--once", &nobody], "lì non risponde nulla ("),
        (vec!["serve", "--data", &missing, "--listen", &port], "un altro programma usa questa porta ("),
    ];
    for (words, said) in cases {
        let run = satchel(&words).env("SATCHEL_LANG", "it").run();
        let all = format!("{}{}", run.out, run.err);
        assert!(all.contains(said), "{words:?}: {all}");
    }
}

#[test]
fn there_is_no_colour_where_no_terminal_is() {
    let kinds = Kinds::new();
    let run = verify([&kinds.valid, &kinds.invalid]).run().ending(1);
    assert!(!run.said().contains('\u{1b}'), "{:?}", run.said());
    let run = verify([&kinds.valid, &kinds.invalid]).env("NO_COLOR", "1").run().ending(1);
    assert!(!run.said().contains('\u{1b}'), "{:?}", run.said());
}

/// What is left of a text for a terminal when our own colours are taken out.
fn without_our_colours(text: &str) -> String {
    ["\u{1b}[0m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[36m"]
        .iter()
        .fold(text.to_owned(), |text, ours| text.replace(ours, ""))
}

#[track_caller]
fn steers_no_terminal(text: &str) {
    let left = without_our_colours(text);
    let steers = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    assert!(!left.contains(steers), "{left:?}");
}

#[test]
fn neither_a_name_nor_a_path_steers_the_terminal() {
    let folder = Folder::new();
    let mut hostile = award(&key(), HOSTILE);
    hostile["issuer"]["name"] = json!(HOSTILE);
    let name = HOSTILE.replace(['\r', '\n'], "");
    let valid = folder.file(&name, sign(&hostile).to_string());
    let invalid = folder.file(format!("{name}.invalid"), tampered(&sign(&hostile).to_string()));
    let [(_, mut assertion), ..] = hosted("https://badges.example.org", 1);
    assertion["badge"] = json!(format!("https://badges.example.org/{HOSTILE}"));
    let undecided = folder.file(format!("{name}.undecided"), assertion.to_string());
    for path in [&valid, &invalid, &undecided] {
        let run = verify([path]).env("CLICOLOR_FORCE", "1").run();
        assert!(run.out.contains('\u{1b}'), "colours were asked for");
        steers_no_terminal(&run.said());
    }
    steers_no_terminal(&verify([folder.path()]).env("CLICOLOR_FORCE", "1").run().said());
    steers_no_terminal(&verify([folder.at(format!("{name}.missing"))]).env("CLICOLOR_FORCE", "1").run().said());
}

#[test]
fn no_path_steers_the_terminal_from_the_words_of_a_problem() {
    let folder = Folder::new();
    let name = HOSTILE.replace(['\r', '\n'], "");
    let image = folder.file("image.png", picture::png(&[]));
    let credential = folder.file("badge.json", badge("Welding"));
    let force = |shell: Shell| shell.env("CLICOLOR_FORCE", "1");
    steers_no_terminal(&force(satchel(["unbake"]).arg(folder.at(&name))).run().ending(4).said());
    let baking = satchel(["bake", "--image"]).arg(&image).arg("--credential").arg(&credential).arg("-o").arg(folder.at(&name));
    steers_no_terminal(&force(baking).run().ending(0).said());
}

#[test]
fn a_reader_who_has_seen_enough_is_no_problem() {
    let folder = Folder::new();
    for number in 0..300 {
        folder.file(format!("{number}.json"), badge("Welding"));
    }
    let baked = folder.file("out/baked.png", picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]));
    let many = folder.path();
    let shells = [
        verify([many]),
        verify([many]).arg("--json"),
        satchel(["unbake"]).arg(&baked),
        satchel(["unbake", "--json"]).arg(&baked),
        satchel(["completions", "bash"]),
        satchel(["man"]),
        satchel(["bake", "--json", "--image"])
            .arg(&baked)
            .arg("--credential")
            .arg(folder.at("0.json"))
            .arg("-o")
            .arg(folder.at("b.png")),
        satchel(["--help"]),
    ];
    for (number, shell) in shells.into_iter().enumerate() {
        let run = shell.run_unheard();
        assert_eq!(run.status, Some(0), "case {number}: {}", run.err);
    }
    let problem = satchel(["unbake", "--json", "missing.png"]).run_unheard();
    assert_eq!(problem.status, Some(4), "{}", problem.err);
}

// ---- Tables and reports ----

/// The table that a run wrote.
fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_table_has_a_row_for_each_badge_under_named_columns() {
    let kinds = Kinds::new();
    let out = kinds.folder.at("report.csv");
    let paths = [&kinds.valid, &kinds.invalid, &kinds.undecided, &kinds.nothing];
    verify(paths).arg("--csv").arg(&out).run().ending(1);
    let rows = table(&out);
    assert_eq!(rows.len(), 5);
    for column in ["path", "part", "format", "verdict", "name", "issuer", "issuer_id", "issued_on", "expires", "code", "message"]
    {
        assert!(rows[0].iter().any(|cell| cell == column), "{column} is missing: {:?}", rows[0]);
    }
    let at = |row: usize, column: &str| rows[row][rows[0].iter().position(|cell| cell == column).unwrap()].clone();
    for (number, path) in paths.iter().enumerate() {
        assert_eq!(at(number + 1, "path"), path.to_str().unwrap());
    }
    assert_eq!((1..5).map(|row| at(row, "verdict")).collect::<Vec<_>>(), ["valid", "invalid", "undecided", "no_badge"]);
    assert_eq!(
        (at(1, "name"), at(1, "issuer"), at(1, "issuer_id")),
        ("Welding".into(), "Istituto Volta".into(), key().controller().into())
    );
}

#[test]
fn a_table_runs_no_formula_of_a_badge() {
    let folder = Folder::new();
    let hostile = ["=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(A1)", "\t=1", "\tx", "\rx", " =1", "\n=1"];
    let mut paths: Vec<PathBuf> = Vec::new();
    for (number, name) in hostile.iter().enumerate() {
        let mut award = award(&key(), name);
        award["issuer"]["name"] = json!(name);
        folder.file(format!("={number}.json"), sign(&award).to_string());
        paths.push(format!("={number}.json").into());
    }
    verify(&paths).args(["--csv", "out.csv"]).within(folder.path()).run().ending(0);
    let rows = table(&folder.at("out.csv"));
    assert_eq!(rows.len(), hostile.len() + 1);
    let mut formulas = Vec::new();
    for row in &rows[1..] {
        for cell in row {
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) || cell.trim_start().starts_with(['=', '+', '-', '@']) {
                formulas.push(cell);
            }
        }
    }
    assert!(formulas.is_empty(), "cells that a spreadsheet may run: {formulas:?}");
    for (row, name) in rows[1..].iter().zip(hostile) {
        // What steers a terminal is taken out, and the rest stays.
        let name: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        assert!(row.iter().any(|cell| cell.ends_with(&name)), "{name:?} is still to be read: {row:?}");
    }
}

#[test]
fn a_report_for_people_loads_nothing_and_runs_nothing_of_a_badge() {
    let folder = Folder::new();
    let name = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&";
    let mut hostile = award(&key(), name);
    hostile["issuer"]["name"] = json!(name);
    hostile["issuer"]["url"] = json!("javascript:alert(3)");
    let path = folder.file("<b>badge.json", sign(&hostile).to_string());
    let out = folder.at("report.html");
    verify([path]).arg("--html").arg(&out).run().ending(0);
    let page = fs::read_to_string(out).unwrap();
    let lower = page.to_lowercase();
    assert!(lower.contains("<html") && lower.trim_end().ends_with("</html>"), "not a whole page: {page:.200}");
    assert!(
        !lower.contains("<script>alert") && !lower.contains("<img src=x") && !lower.contains("<b>badge"),
        "text became markup"
    );
    assert!(lower.contains("&lt;script") || lower.contains("&#60;script"), "the name is not shown");
    for loads in ["src=\"http", "src='http", "src=http", "<link", "@import", "url(http", "url(\"http", "url('http"] {
        assert!(!lower.contains(loads), "the report loads something: {loads}");
    }
    assert!(!lower.contains("href=\"javascript:") && !lower.contains("href='javascript:"), "a link that runs");
}

#[test]
fn what_cannot_be_written_is_a_problem_and_leaves_nothing_behind() {
    let kinds = Kinds::new();
    let folder = Folder::new();
    fs::create_dir(folder.at("taken")).unwrap();
    for option in ["--csv", "--html"] {
        for bad in [folder.at("missing/out"), folder.at("taken")] {
            let run = verify([&kinds.valid]).arg(option).arg(&bad).run().ending(4);
            assert!(run.err.contains(bad.to_str().unwrap()), "{}", run.err);
        }
        let run = verify([&kinds.valid]).arg("--json").arg(option).arg(folder.at("missing/out")).run().ending(4);
        assert_eq!(run.rows().last().unwrap()["problem"]["code"], "unwritable");
        assert_eq!(run.rows().last().unwrap()["problem"]["retry"], false);
    }
    verify([&kinds.valid]).arg("--csv").arg(folder.at("good.csv")).arg("--html").arg(folder.at("missing/out")).run().ending(4);
    assert_eq!(folder.names(), ["taken"], "nothing is left half-written");
}

#[test]
fn a_report_that_stands_already_is_replaced_whole_or_kept() {
    let kinds = Kinds::new();
    let folder = Folder::new();
    let old = folder.file("report.csv", "the old one");
    verify([&kinds.valid]).arg("--evidence").arg(folder.at("missing")).arg("--csv").arg(&old).run().ending(4);
    assert_eq!(fs::read(&old).unwrap(), b"the old one");
    verify([&kinds.valid]).arg("--csv").arg(&old).run().ending(0);
    assert!(fs::read_to_string(&old).unwrap().starts_with("path,"));
    assert_eq!(folder.names(), ["report.csv"]);
}

// ---- The network ----

/// A server with hosted badges, and their files in a folder.
fn hosting(badges: usize) -> (Server, Folder) {
    let (server, folder) = (Server::start(), Folder::new());
    for number in 0..badges {
        let pages = hosted(&server.url(""), number);
        folder.file(format!("{number:04}.json"), pages[0].1.to_string());
        for (path, page) in pages {
            server.serve(&path, &page);
        }
    }
    (server, folder)
}

#[test]
fn a_hosted_badge_is_asked_for_where_that_is_allowed() {
    let (server, folder) = hosting(1);
    let run = satchel(["verify", "--allow-host", &server.host()]).arg(folder.at("0000.json")).run().ending(0);
    assert!(run.err.contains(&server.host()), "who was asked is told: {}", run.err);
    assert_eq!(server.requests(), 3, "the assertion, its class and its issuer");
    let row = satchel(["verify", "--json", "--allow-host", &server.host()]).arg(folder.at("0000.json")).run().ending(0).row();
    assert!(!row.to_string().contains("time_in_future"), "what was asked for just now is not of tomorrow: {row}");
    assert_eq!(row["badge"]["name"], "Welding");
    let used: Vec<&Value> = row["checks"].as_array().unwrap().iter().filter_map(|check| check.get("evidence")).collect();
    assert!(
        !used.is_empty() && used[0][0]["origin"] == "fetched" && used[0][0]["sha256"].as_str().unwrap().len() == 64,
        "{used:?}"
    );
}

#[test]
fn nobody_on_the_own_machine_is_asked_unless_named() {
    let (server, folder) = hosting(1);
    let other = Server::start();
    for arguments in [&["verify"][..], &["verify", "--allow-host", &other.host()]] {
        let run = satchel(arguments).arg(folder.at("0000.json")).run().ending(3);
        assert!(run.err.contains("could not fetch"), "{}", run.err);
    }
    assert_eq!((server.connections(), other.connections()), (0, 0));
}

#[test]
fn offline_nobody_is_asked_whatever_is_allowed() {
    let (server, folder) = hosting(3);
    let run = satchel(["verify", "--offline", "--allow-host", &server.host()]).arg(folder.path()).run().ending(3);
    assert_eq!(server.connections(), 0);
    assert!(run.err.contains("Nobody was asked"), "{}", run.err);
}

#[test]
fn a_document_that_many_badges_share_is_asked_for_once() {
    let (server, folder) = hosting(100);
    satchel(["verify", "--allow-host", &server.host()]).arg(folder.path()).run().ending(0);
    assert_eq!((server.asked_for("/class.json"), server.asked_for("/issuer.json")), (1, 1));
    assert_eq!(server.requests(), 102);
}

#[test]
fn a_document_that_cannot_be_had_is_asked_for_once_for_all_batches() {
    let (server, folder) = hosting(1);
    server.answer_with("/class.json", 500, "text/plain", b"later");
    let text = fs::read(folder.at("0000.json")).unwrap();
    for number in 1..1100 {
        folder.file(format!("{number:04}.json"), &text);
    }
    let run = satchel(["verify", "--allow-host", &server.host()]).arg(folder.path()).run().ending(3);
    assert_eq!((server.asked_for("/assertion-0.json"), server.asked_for("/class.json")), (1, 1));
    assert_eq!(run.err.matches("could not fetch").count(), 1, "{}", run.err);
}

#[test]
fn the_host_of_a_badge_can_revoke_it_and_change_nothing_else() {
    let (server, folder) = hosting(1);
    let status = |shell: Shell| shell.arg(folder.at("0000.json")).run().status.unwrap();
    let ask = || satchel(["verify", "--allow-host", &server.host()]);
    assert_eq!(status(ask()), 0);
    let [(path, mut page), ..] = hosted(&server.url(""), 0);
    server.answer_with(&path, 410, "text/plain", b"gone");
    assert_eq!(status(ask()), 1, "gone is revoked");
    server.serve(&path, &json!({"@context": page["@context"], "type": "Assertion", "id": page["id"], "revoked": true}));
    assert_eq!(status(ask()), 1, "revoked is revoked");
    page["issuedOn"] = json!("2024-02-02T00:00:00Z");
    server.serve(&path, &page);
    assert_eq!(status(ask()), 1, "the host says something else than the file");
    server.answer_with(&path, 503, "text/plain", b"later");
    assert_eq!(status(ask()), 3, "a host in trouble decides nothing");
}

// ---- What the verifier gives by hand ----

/// A folder of evidence for the hosted badge of `badges.example.org`, and the badge itself.
fn evidence() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let base = "https://badges.example.org";
    let mut index = json!({});
    for (path, page) in hosted(base, 1) {
        folder.file(format!("documents{path}"), page.to_string());
        index[format!("{base}{path}")] = json!(format!("documents{path}"));
    }
    folder.file("evidence.json", index.to_string());
    let badge = folder.at("documents/assertion-1.json");
    (folder, badge)
}

#[test]
fn documents_given_by_hand_count_as_if_fetched() {
    let (folder, badge) = evidence();
    let row = verify([&badge]).arg("--json").arg("--evidence").arg(folder.path()).run().ending(0).row();
    let used = row["checks"].as_array().unwrap().iter().find_map(|check| check.get("evidence")).unwrap();
    assert_eq!(used[0]["origin"], "given");
    assert!(used[0].get("fetched").is_none(), "nobody knows when: {used}");

    let mut index: Value = serde_json::from_slice(&fs::read(folder.at("evidence.json")).unwrap()).unwrap();
    let key = "https://badges.example.org/assertion-1.json";
    let described = |more: Value| {
        let mut entry = json!({"file": "documents/assertion-1.json"});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    index[key] = described(json!({"fetched": "2026-01-02T03:04:05Z", "status": 200, "type": "application/json"}));
    folder.file("evidence.json", index.to_string());
    let dated = verify([&badge]).args(["--json", "--at", "2026-01-12T00:00:00Z"]).arg("--evidence").arg(folder.path());
    let row = dated.run().ending(0).row();
    assert!(row["checks"].to_string().contains("\"fetched\":\"2026-01-02T03:04:05Z\""), "{}", row["checks"]);
    let late = verify([&badge]).args(["--json", "--at", "2026-06-12T00:00:00Z"]).arg("--evidence").arg(folder.path());
    has_code(&late.run().ending(3).row(), "status_hosted_long_ago");

    index[key] = described(json!({"status": 410}));
    folder.file("evidence.json", index.to_string());
    verify([&badge]).arg("--evidence").arg(folder.path()).run().ending(1);
    index[key] = described(json!({"status": 500}));
    folder.file("evidence.json", index.to_string());
    verify([&badge]).arg("--evidence").arg(folder.path()).run().ending(3);
}

#[test]
fn evidence_that_cannot_be_used_is_a_problem_that_names_its_file() {
    let (folder, badge) = evidence();
    let bad = [
        "not JSON",
        "[]",
        "{\"https://a.example\": 7}",
        "{\"https://a.example\": \"missing.json\"}",
        "{\"https://a.example\": {\"fetched\": \"2026-01-01T00:00:00Z\"}}",
        "{\"https://a.example\": {\"file\": \"evidence.json\", \"surprise\": 1}}",
        "{\"https://a.example\": {\"file\": \"evidence.json\", \"status\": 70000}}",
        "{\"https://a.example\": {\"file\": \"evidence.json\", \"fetched\": \"yesterday\"}}",
    ];
    for index in bad {
        folder.file("evidence.json", index);
        let run = verify([&badge]).arg("--json").arg("--evidence").arg(folder.path()).run().ending(4);
        assert_eq!(run.problem(), "bad_evidence", "{index}");
        assert!(run.out.contains(".json"), "{}", run.out);
    }
    let run = verify([&badge]).arg("--evidence").arg(folder.at("missing")).run().ending(4);
    assert!(run.err.contains("missing") && run.out.is_empty(), "{}", run.said());
}

#[test]
fn a_badge_is_checked_as_of_the_time_that_is_given() {
    let folder = Folder::new();
    let mut award = award(&key(), "Welding");
    award["validUntil"] = json!("2025-01-01T00:00:00Z");
    let path = folder.file("badge.json", sign(&award).to_string());
    let at = |time: &str| verify([&path]).args(["--json", "--at", time]).run();
    let cases = [
        ("2024-06-01T00:00:00Z", 0, "in_force_until"),
        ("2024-06-01T02:00:00+02:00", 0, "in_force_until"),
        ("2023-12-31T23:59:59Z", 1, "not_yet_valid"),
        ("2025-01-01T00:00:01Z", 1, "expired"),
    ];
    for (time, status, code) in cases {
        has_code(&at(time).ending(status).row(), code);
    }
    has_code(&verify([&path]).arg("--json").run().ending(1).row(), "expired");
}

#[test]
fn the_recipient_is_compared_when_one_is_given() {
    let folder = Folder::new();
    let path = folder.file("badge.json", badge("Welding"));
    let given = |who: &str| verify([&path]).args(["--json", "--recipient", who]).run();
    has_code(&given(RECIPIENT).ending(0).row(), "recipient_matches");
    has_code(&given("eve@example.org").ending(1).row(), "recipient_mismatch");
    has_code(&verify([&path]).arg("--json").run().ending(0).row(), "recipient_not_asked");
}

#[test]
fn trust_makes_an_issuer_known_by_name_and_can_be_demanded() {
    let folder = Folder::new();
    let path = folder.file("badge.json", badge("Welding"));
    let issuers = json!({"issuers": [{"id": key().controller(), "name": "The school next door", "note": "met the head"}]});
    let trust = folder.file("trust.json", issuers.to_string());
    let other = folder.file("other.json", json!({"issuers": [{"id": "did:key:z6Mkother"}]}).to_string());
    let run = verify([&path]).arg("--trust").arg(&trust).run().ending(0);
    assert!(run.out.contains("The school next door"), "{}", run.out);
    let intact = verify([&path]).run().ending(0);
    assert!(intact.out.contains("nobody you trust"), "{}", intact.out);
    verify([&path]).arg("--require-trust").arg("--trust").arg(&trust).run().ending(0);
    verify([&path]).arg("--require-trust").arg("--trust").arg(&other).run().ending(3);
    verify([&path]).arg("--require-trust").run().ending(3);
    for bad in ["not JSON", "[]", "{}", "{\"issuers\": [{\"name\": \"no id\"}]}"] {
        let bad = folder.file("bad.json", bad);
        assert_eq!(verify([&path]).arg("--json").arg("--trust").arg(bad).run().ending(4).problem(), "bad_trust");
    }
    assert_eq!(verify([&path]).arg("--json").arg("--trust").arg(folder.at("missing")).run().ending(4).problem(), "bad_trust");
}

// ---- Unbake and bake ----

/// The payloads that may be baked: (name, text).
fn payloads() -> [(&'static str, String); 4] {
    let spaced = serde_json::to_string_pretty(&sign(&award(&key(), "Welding & <b>]]> é \"'"))).unwrap();
    let [(_, assertion), ..] = hosted("https://badges.example.org", 1);
    [
        ("json", spaced),
        ("line.json", format!("{}\n", badge("Welding"))),
        ("jws", sign_jwt(&award(&key(), "Welding"), &key()).unwrap()),
        ("ob2", assertion.to_string()),
    ]
}

fn bake(image: &Path, credential: &Path, out: &Path) -> Shell {
    satchel(["bake", "--image"]).arg(image).arg("--credential").arg(credential).arg("-o").arg(out)
}

#[test]
fn what_was_baked_into_a_png_is_unbaked_byte_for_byte() {
    comes_back("picture.png", &picture::png(&[]));
}

#[test]
fn what_was_baked_into_an_svg_is_unbaked_byte_for_byte() {
    comes_back("picture.svg", picture::SVG.as_bytes());
}

fn comes_back(name: &str, image: &[u8]) {
    let folder = Folder::new();
    let image = folder.file(name, image);
    let mut changed = Vec::new();
    for (kind, payload) in payloads() {
        let credential = folder.file(format!("credential.{kind}"), &payload);
        let baked = folder.at(format!("{kind}-{name}"));
        bake(&image, &credential, &baked).run().ending(0);
        let out = satchel(["unbake"]).arg(&baked).run().ending(0);
        let copy = folder.at("copy");
        let quiet = satchel(["unbake"]).arg(&baked).arg("-o").arg(&copy).run().ending(0);
        assert!(quiet.out_bytes.is_empty());
        assert_eq!(fs::read(&copy).unwrap(), out.out_bytes);
        let row = satchel(["unbake", "--json"]).arg(&baked).run().ending(0).row();
        assert_eq!(row["payload"].as_str().unwrap().as_bytes(), out.out_bytes);
        let fed = satchel(["unbake", "-"]).input(fs::read(&baked).unwrap()).run().ending(0);
        assert_eq!(fed.out_bytes, out.out_bytes);
        if out.out_bytes != payload.as_bytes() {
            changed.push((kind, payload, out.out));
        }
    }
    assert!(changed.is_empty(), "not byte for byte: {changed:#?}");
}

#[test]
fn what_holds_no_badge_is_refused_by_unbake_with_a_reason() {
    let folder = Folder::new();
    for (name, bytes) in
        [("a.png", picture::png(&[])), ("a.svg", picture::SVG.into()), ("a.txt", b"text".to_vec()), ("a", Vec::new())]
    {
        let path = folder.file(name, bytes);
        let out = folder.at("out");
        let run = satchel(["unbake"]).arg(&path).arg("-o").arg(&out).run().ending(1);
        assert!(run.err.len() > 10 && run.out.is_empty() && !out.exists(), "{name}: {}", run.said());
        let problem = satchel(["unbake", "--json"]).arg(&path).run().ending(1).problem();
        assert!(["nothing_embedded", "unknown_format", "empty"].contains(&problem.as_str()), "{name}: {problem}");
    }
    assert_eq!(satchel(["unbake", "--json"]).arg(folder.at("missing")).run().ending(4).problem(), "unreadable");
    assert_eq!(satchel(["unbake", "--json"]).arg(folder.path()).run().ending(4).problem(), "unreadable");
    let baked = folder.file("b.png", picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]));
    let run = satchel(["unbake", "--json"]).arg(&baked).arg("-o").arg(folder.at("missing/out")).run().ending(4);
    assert_eq!(run.problem(), "unwritable");
}

#[test]
fn baking_leaves_one_badge_and_the_rest_of_the_picture() {
    let folder = Folder::new();
    let credential = folder.file("badge.json", badge("Welding"));
    let [(_, assertion), ..] = hosted("https://badges.example.org", 1);
    let old = [picture::badge("openbadges", &assertion.to_string()), picture::badge("openbadgecredential", &badge("Old"))];
    let comment = picture::chunk(b"tEXt", b"Comment\0kept");
    let image = folder.file("a.png", picture::png(&[old.concat(), comment.clone()]));
    let row = bake(&image, &credential, &image).arg("--json").run().ending(0).row();
    assert_eq!(row["verdict"], "valid");
    let bytes = fs::read(&image).unwrap();
    assert_eq!(row["bytes"], bytes.len());
    assert_eq!(bytes, picture::png(&[picture::badge("openbadgecredential", &badge("Welding")), comment]), "in its own place");
    let rows = verify([&image]).arg("--json").run().ending(0).rows();
    assert_eq!((rows.len(), &rows[0]["badge"]["name"]), (1, &json!("Welding")));

    let svg = folder.file("a.svg", picture::SVG);
    bake(&svg, &credential, &svg).run().ending(0);
    bake(&svg, &credential, &svg).run().ending(0);
    let rows = verify([&svg]).arg("--json").run().ending(0).rows();
    assert_eq!((rows.len(), &rows[0]["format"]), (1, &json!("svg")));
    assert!(fs::read_to_string(&svg).unwrap().contains("<path d=\"M0 0h9v9z\"/></svg>"));
    assert_eq!(folder.names(), ["a.png", "a.svg", "badge.json"]);
}

#[test]
fn what_cannot_be_baked_is_refused_and_nothing_is_written() {
    let folder = Folder::new();
    let png = folder.file("a.png", picture::png(&[]));
    let cut = folder.file("cut.png", &picture::png(&[])[..60]);
    let good = folder.file("badge.json", badge("Welding"));
    let text = folder.file("text.txt", "no badge");
    let json = folder.file("list.json", "{\"name\": \"a shopping list\"}");
    let jpeg = folder.file("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");
    let out = folder.at("out");
    for (image, credential, about) in
        [(&png, &text, &text), (&png, &json, &json), (&jpeg, &good, &jpeg), (&good, &good, &good), (&cut, &good, &cut)]
    {
        let run = bake(image, credential, &out).run().ending(1);
        assert!(run.err.contains(about.file_name().unwrap().to_str().unwrap()), "it says which file: {}", run.err);
        bake(image, credential, &out).arg("--json").run().ending(1).problem();
    }
    assert_eq!(bake(&folder.at("missing"), &good, &out).arg("--json").run().ending(4).problem(), "unreadable");
    assert_eq!(bake(&png, &folder.at("missing"), &out).arg("--json").run().ending(4).problem(), "unreadable");
    assert_eq!(bake(&png, &good, &folder.at("missing/out")).arg("--json").run().ending(4).problem(), "unwritable");
    assert!(!out.exists());
}

#[test]
fn a_badge_that_does_not_verify_is_baked_and_said_to_be_so() {
    let folder = Folder::new();
    let png = folder.file("a.png", picture::png(&[]));
    let bad = folder.file("bad.json", tampered(&badge("Welding")));
    let row = bake(&png, &bad, &folder.at("out.png")).arg("--json").run().ending(0).row();
    assert_eq!(row["verdict"], "invalid");
}

#[test]
fn an_svg_of_any_letters_can_be_baked() {
    let folder = Folder::new();
    let credential = folder.file("badge.json", badge("Welding"));
    let roots = [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" é=\"1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:日本=\"urn:x\" 日本:語=\"é\"></svg>",
        "\u{feff}<svg xmlns='http://www.w3.org/2000/svg'\n\ttitle='é > é'></svg>",
        "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\"/>",
    ];
    for root in roots {
        let image = folder.file("a.svg", root);
        bake(&image, &credential, &folder.at("out.svg")).run().ending(0);
        verify([folder.at("out.svg")]).run().ending(0);
    }
}

// ---- The manual ----

#[test]
fn completions_and_the_manual_know_every_option() {
    let options = [
        "json",
        "csv",
        "html",
        "offline",
        "evidence",
        "at",
        "recipient",
        "trust",
        "require-trust",
        "allow-host",
        "output",
        "image",
        "credential",
        "lang",
    ];
    for shell in ["bash", "zsh", "fish"] {
        let text = satchel(["completions", shell]).run().ending(0).out;
        for option in options {
            let known = text.contains(&format!("--{option}")) || text.contains(&format!("-l {option}"));
            assert!(known, "the completions for {shell} lack {option}");
        }
    }
    let manual = satchel(["man"]).run().ending(0).out.replace('\\', "");
    for option in options {
        assert!(manual.contains(&format!("--{option}")), "the manual lacks {option}");
    }
    for command in ["verify", "unbake", "bake"] {
        assert!(manual.contains(command), "the manual lacks {command}");
    }
}

// ---- How much it takes ----

#[test]
fn memory_does_not_grow_with_the_number_of_files() {
    let folder = Folder::new();
    let baked =
        picture::png(&[picture::badge("openbadgecredential", &badge("Welding")), picture::chunk(b"prVt", &vec![7; 20_000])]);
    for number in 0..3000 {
        folder.file(format!("{}/{number}.png", if number < 600 { "few" } else { "more" }), &baked);
    }
    let few = verify([folder.at("few")]).arg("--json").run().ending(0);
    let many = verify([folder.path()]).arg("--json").run().ending(0);
    assert_eq!((few.rows().len(), many.rows().len()), (600, 3000));
    assert!(many.memory < few.memory + 20_000, "{} kB for 600 files, {} kB for 3000", few.memory, many.memory);
}

#[test]
fn a_picture_of_a_gigabyte_costs_no_more_than_a_small_one() {
    use std::io::{Seek, SeekFrom, Write};
    let folder = Folder::new();
    let path = folder.at("huge.png");
    let mut file = fs::File::create(&path).unwrap();
    let length: u32 = 1 << 30;
    file.write_all(&picture::head()).unwrap();
    file.write_all(&[&length.to_be_bytes()[..], b"IDAT"].concat()).unwrap();
    // A hole where the pixels would be, and their checksum.
    file.seek(SeekFrom::Current(i64::from(length) + 4)).unwrap();
    file.write_all(&[picture::badge("openbadgecredential", &badge("Welding")), picture::chunk(b"IEND", &[])].concat()).unwrap();
    let run = verify([&path]).run().ending(0);
    assert!(run.memory < 64_000, "{} kB", run.memory);
    assert!(run.cpu < 50, "{} hundredths of a second", run.cpu);
}

// ---- Outputs and inputs ----

/// A folder with a badge below it, and ways to spell that badge's path.
fn class() -> (Folder, PathBuf, Vec<PathBuf>) {
    let folder = Folder::new();
    let file = folder.file("class/sub/badge.json", badge("Welding"));
    fs::create_dir(folder.at("elsewhere")).unwrap();
    symlink("class/sub", folder.at("way")).unwrap();
    symlink("../class/sub/badge.json", folder.at("elsewhere/link.json")).unwrap();
    let spelled = ["class/sub/badge.json", "class/./sub/../../class/sub/badge.json", "way/badge.json", "elsewhere/link.json"];
    let spelled = spelled.map(|spelling| folder.at(spelling)).into();
    (folder, file, spelled)
}

#[test]
fn a_report_takes_no_place_of_a_badge_below_a_named_folder() {
    let (folder, file, spelled) = class();
    let before = fs::read(&file).unwrap();
    let bad = folder.file("class/bad.json", tampered(&badge("Welding")));
    for named in [folder.at("class"), folder.path().to_owned(), folder.at("way"), folder.at("way/badge.json")] {
        for out in &spelled {
            for option in ["--csv", "--html"] {
                let run = verify([&named]).arg("--json").arg(option).arg(out).run().ending(2);
                assert_eq!(run.problem(), "over_input", "{named:?} {out:?}");
            }
        }
    }
    verify([folder.at("class")]).arg("--html").arg(&bad).run().ending(2);
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(fs::symlink_metadata(folder.at("elsewhere/link.json")).unwrap().is_symlink());
    assert_eq!(folder.names(), ["class", "elsewhere", "way"]);
    assert_eq!(fs::read_dir(folder.at("class/sub")).unwrap().count(), 1);
}

#[test]
fn a_report_takes_no_place_of_what_is_read_besides() {
    let (folder, badge) = evidence();
    let elsewhere = Folder::new();
    let named = elsewhere.file("badge.json", fs::read(&badge).unwrap());
    let trust = elsewhere.file("trust.json", "{\"issuers\": []}");
    symlink(folder.path(), elsewhere.at("way")).unwrap();
    let read = [
        folder.at("evidence.json"),
        folder.at("documents/class.json"),
        folder.at("documents/../documents/issuer.json"),
        elsewhere.at("way/evidence.json"),
        trust.clone(),
    ];
    for out in read {
        let before = fs::read(&out).unwrap();
        for option in ["--csv", "--html"] {
            let run =
                verify([&named]).arg("--evidence").arg(folder.path()).arg("--trust").arg(&trust).arg(option).arg(&out).run();
            run.ending(2);
            assert_eq!(fs::read(&out).unwrap(), before, "{out:?}");
        }
    }
}

#[test]
fn a_report_takes_no_place_of_the_file_that_standard_input_comes_from() {
    let folder = Folder::new();
    let file = folder.file("badge.json", badge("Welding"));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(program());
        command.args(arguments).stdin(fs::File::open(&file).unwrap()).current_dir(folder.path());
        command.output().unwrap().status.code()
    };
    assert_eq!(run(&["verify", "--offline", "-", "--html", "badge.json"]), Some(2));
    assert_eq!(run(&["verify", "--offline", "-", "--html", "report.html"]), Some(0));
    assert_eq!(fs::read_to_string(&file).unwrap(), badge("Welding"));
}

#[test]
fn two_reports_of_one_place_are_refused_in_any_spelling() {
    let folder = Folder::new();
    let file = folder.file("badge.json", badge("Welding"));
    fs::create_dir_all(folder.at("a/b")).unwrap();
    symlink(".", folder.at("here")).unwrap();
    symlink("a/b", folder.at("there")).unwrap();
    let absolute = folder.at("r.html");
    let one = ["r.html", "./r.html", "a/../r.html", "here/r.html", "there/../../r.html", absolute.to_str().unwrap()];
    for csv in one {
        for html in one {
            let run = verify([&file]).args(["--csv", csv, "--html", html, "--json"]).within(folder.path()).run().ending(2);
            assert_eq!(run.problem(), "over_input", "{csv} {html}");
        }
    }
    assert_eq!(folder.names(), ["a", "badge.json", "here", "there"]);
    verify([&file]).args(["--csv", "there/../r.html", "--html", "r.html"]).within(folder.path()).run().ending(0);
    assert!(folder.at("r.html").exists() && folder.at("a/r.html").exists());
}

#[test]
fn a_report_may_stand_in_the_folder_that_it_speaks_of() {
    let folder = Folder::new();
    let badge = folder.file("class/m/badge.json", badge("Welding"));
    folder.file("class/notes.txt", "no badge");
    let notes = folder.at("class/notes.txt");
    let expected = [badge.to_str().unwrap(), notes.to_str().unwrap()];
    let report = || {
        let run = verify([folder.at("class")]).args(["--json", "--html"]).arg(folder.at("class/m/.r.html"));
        run.arg("--csv").arg(folder.at("class/table.csv")).run().ending(0)
    };
    let first = report();
    assert_eq!(paths(&first.rows()), expected, "neither report is what it speaks of, nor is what it is written under");
    let again = report();
    assert_eq!((paths(&again.rows()), again.err), (paths(&first.rows()), first.err), "an earlier report is replaced");
    assert_eq!(fs::read_dir(folder.at("class/m")).unwrap().count(), 2);
    assert_eq!(table(&folder.at("class/table.csv")).len(), 3);
    let other = verify([folder.at("class")]).args(["--json", "--html"]).arg(folder.at("r.html")).run().ending(0);
    assert_eq!(other.rows().len(), 4, "reports of another run are files like any other");
}

#[test]
fn a_credential_is_not_lost_under_the_picture_that_it_goes_into() {
    let folder = Folder::new();
    let picture = folder.file("a.png", picture::png(&[]));
    let credential = folder.file("badge.json", badge("Welding"));
    symlink("badge.json", folder.at("link.json")).unwrap();
    for out in [credential.clone(), folder.at("./badge.json"), folder.at("link.json")] {
        assert_eq!(bake(&picture, &credential, &out).arg("--json").run().ending(2).problem(), "over_input");
    }
    assert_eq!(fs::read_to_string(&credential).unwrap(), badge("Welding"));
    bake(&picture, &credential, &picture).run().ending(0);
    let before = fs::read(&picture).unwrap();
    symlink("a.png", folder.at("link.png")).unwrap();
    for out in [picture.clone(), folder.at("./a.png"), folder.at("link.png")] {
        let run = satchel(["unbake", "--json"]).arg(&picture).arg("-o").arg(&out).run().ending(2);
        assert_eq!(run.problem(), "over_input");
    }
    assert_eq!(fs::read(&picture).unwrap(), before);
}

#[test]
fn a_report_takes_no_place_of_what_it_speaks_of() {
    let folder = Folder::new();
    let file = folder.file("badge.json", badge("Welding"));
    let before = fs::read(&file).unwrap();
    for option in ["--csv", "--html"] {
        verify([&file]).arg(option).arg(&file).run().ending(2);
    }
    let both = folder.at("report");
    verify([&file]).arg("--csv").arg(&both).arg("--html").arg(&both).run().ending(2);
    let picture = folder.file("a.png", picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]));
    satchel(["unbake"]).arg(&picture).arg("-o").arg(&picture).run().ending(2);
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(!both.exists());
}

#[test]
fn a_signal_leaves_no_unfinished_report_behind() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new();
        let old = folder.file("report.csv", "the old one");
        let mut command = Command::new(program());
        command.args(["verify", "--offline", "-", "--html", "report.html", "--csv", "report.csv"]).current_dir(folder.path());
        // It waits for its input, with both reports begun.
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // Waiting for its end would close it.
        let input = child.stdin.take();
        let begun = || folder.names().iter().filter(|name| name.starts_with(".satchel-")).count();
        let patience = Instant::now() + Duration::from_mins(1);
        while begun() < 2 {
            assert!(Instant::now() < patience && child.try_wait().unwrap().is_none(), "no report was begun");
            std::thread::yield_now();
        }
        let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = child.wait().unwrap();
        drop(input);
        assert_eq!(status.code(), None, "it ends by the signal, as any program does: {status}");
        assert_eq!(folder.names(), ["report.csv"]);
        assert_eq!(fs::read_to_string(old).unwrap(), "the old one");
    }
}

#[test]
fn a_link_stays_a_link_when_a_report_is_written_through_it() {
    let folder = Folder::new();
    let file = folder.file("badge.json", badge("Welding"));
    let real = folder.file("real.csv", "old");
    symlink("real.csv", folder.at("link.csv")).unwrap();
    verify([&file]).arg("--csv").arg(folder.at("link.csv")).run().ending(0);
    assert!(fs::symlink_metadata(folder.at("link.csv")).unwrap().is_symlink());
    assert!(fs::read_to_string(real).unwrap().starts_with("path,"));
}

#[test]
fn a_folder_as_report_is_refused_before_anything_is_checked() {
    let folder = Folder::new();
    let file = folder.file("badge.json", badge("Welding"));
    let run = verify([&file]).arg("--html").arg(folder.path()).run().ending(4);
    assert!(run.out.is_empty(), "{}", run.out);
}

#[test]
fn a_file_that_cannot_be_read_is_not_called_one_without_a_badge() {
    let folder = Folder::new();
    let run = verify([&folder.at("missing.png")]).args(["--lang", "en"]).run().ending(2);
    assert!(run.out.contains("Not readable"), "{}", run.out);
    assert!(run.err.contains("1 not readable"), "{}", run.err);
}

#[test]
fn a_folder_without_a_badge_is_named() {
    let folder = Folder::new();
    let good = folder.file("badge.json", badge("Welding"));
    fs::create_dir(folder.at("empty")).unwrap();
    let run = verify([&good, &folder.at("empty")]).run().ending(2);
    assert!(run.err.contains("empty: "), "{}", run.err);
}

#[test]
fn a_hosted_badge_is_published_and_not_signed() {
    let (folder, file) = evidence();
    let run = verify([&file]).args(["--lang", "en"]).arg("--evidence").arg(folder.path()).run().ending(0);
    assert!(run.out.contains("published by"), "{}", run.out);
}

#[test]
fn one_badge_does_not_make_the_program_ask_without_end() {
    let (server, folder) = hosting(1);
    let path = folder.path().join("0.json");
    let path = if path.exists() { path } else { fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path() };
    let mut page: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let links: Vec<String> = (0..500).map(|number| server.url(&format!("/endorsement-{number}.json"))).collect();
    page["endorsement"] = json!(links);
    fs::write(&path, page.to_string()).unwrap();
    server.serve(page["id"].as_str().unwrap().split_once(&server.host()).unwrap().1, &page);
    satchel(["verify", "--allow-host", &server.host()]).arg(&path).run();
    assert!(server.requests() <= 60, "{} requests", server.requests());
}
