//! The architecture as sentences: what may know what, what never happens in which crate, and what no committed file says.
//!
//! A failure says where the thing belongs. The laws are those of docs/ARCHITECTURE.md.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot read its project has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The house: who may name whom, and in one sentence why no other. Crates that are not built yet have their place already.
const ARROWS: &[(&str, &[&str], &str)] = &[
    ("satchel-badge", &[], "what a badge is knows nothing else; move what needs another crate to the caller"),
    ("satchel-protocol", &["satchel-badge"], "what wallet and server say to each other is types and rules, on badges alone"),
    ("satchel-picture", &["satchel-badge"], "pictures are drawn from a badge; who keeps or serves them is the caller's matter"),
    (
        "satchel-fetch",
        &["satchel-badge"],
        "the guarded client answers what a check needs; keeping answers is the caller's matter",
    ),
    (
        "satchel-wallet",
        &["satchel-badge", "satchel-protocol", "satchel-picture", "satchel-fetch"],
        "a wallet talks to any server by HTTP; what both know belongs in satchel-protocol",
    ),
    (
        "satchel-server",
        &["satchel-badge", "satchel-protocol", "satchel-picture", "satchel-fetch"],
        "a server talks to any wallet by HTTP; what both know belongs in satchel-protocol",
    ),
    (
        "satchel-cli",
        &["satchel-badge", "satchel-protocol", "satchel-picture", "satchel-fetch", "satchel-wallet", "satchel-server"],
        "the shell is an edge: it calls, and is called by nobody",
    ),
    (
        "satchel-desktop",
        &["satchel-badge", "satchel-protocol", "satchel-picture", "satchel-fetch", "satchel-wallet", "satchel-server"],
        "the window is an edge: it calls, and is called by nobody",
    ),
    ("xtask", &[], "a developer's commands start programs and link none, so that they build in a second"),
    ("satchel-tests", &[], "the product from outside names our crates for its tests alone, under [dev-dependencies]"),
    (
        "satchel-fuzz",
        &["satchel-badge", "satchel-protocol", "satchel-picture", "satchel-fetch", "satchel-wallet"],
        "fuzz targets feed parsers",
    ),
];

/// Crates of law 1, and what none of them may depend on.
const PURE: [&str; 2] = ["satchel-badge", "satchel-protocol"];
const IMPURE: [&str; 14] = [
    "async-std",
    "fs-err",
    "getrandom",
    "hyper",
    "memmap2",
    "openssl",
    "rand",
    "rayon",
    "reqwest",
    "rusqlite",
    "tempfile",
    "tokio",
    "ureq",
    "walkdir",
];

/// What a pure crate's source never says, and what to do instead.
const IMPURE_WORDS: [(&str, &str); 13] = [
    ("std::fs", "bytes are handed in"),
    ("std::net::Tcp", "what is lacking is named in `needs`"),
    ("std::net::Udp", "what is lacking is named in `needs`"),
    ("SystemTime", "`now` is handed in"),
    ("Instant::now", "`now` is handed in"),
    ("Timestamp::now", "`now` is handed in"),
    ("Zoned::now", "`now` is handed in"),
    ("thread::", "callers run many checks side by side"),
    ("std::env", "settings are handed in"),
    ("std::process", "a pure crate starts nothing"),
    ("SystemRandom", "randomness is handed in"),
    ("println!", "a value is returned"),
    ("dbg!", "a value is returned"),
];

/// Bans that stand in the `clippy.toml` of a pure crate, one for each kind of I/O.
const BANS: [&str; 12] = [
    "std::fs::read",
    "std::fs::File",
    "std::path::Path::exists",
    "std::net::TcpStream",
    "std::time::SystemTime",
    "std::time::Instant",
    "jiff::Timestamp::now",
    "std::thread::spawn",
    "std::env::var",
    "std::process::Command",
    "std::io::stdin",
    "std::println",
];

/// Rust files may be longer than 600 lines for a reason.
const LONG_FILE: usize = 600;
const LONG_FILES: [(&str, &str); 4] = [
    (
        "crates/server/src/pages/words.rs",
        "the words of all pages and mails, in the one table in which a missing translation does not compile",
    ),
    ("src-tauri/ipc.rs", "every type that crosses to the window, in the one file that the window's are written from"),
    ("crates/badge/src/rdf/walk.rs", "one walk of a document with one state; its clauses follow the standard's order"),
    ("crates/badge/src/rdf/context.rs", "one algorithm of the standard, context processing, with its options"),
];

/// How many rows of each kind docs/coverage.md has: requirements, leaps and promises.
const COVERED: [(char, usize); 5] = [('R', 54), ('L', 17), ('P', 8), ('V', 7), ('S', 14)];

#[test]
fn every_arrow_between_our_crates_is_one_of_the_house() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let Some((_, allowed, sentence)) = ARROWS.iter().find(|(name, ..)| *name == package.name.as_str()) else {
            wrong.push(format!("{} has no place in the house: add it to ARROWS, with its arrows", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            let for_tests = dependency.kind == cargo_metadata::DependencyKind::Development;
            let from_outside = for_tests && package.name.as_str() == "satchel-tests";
            if !from_outside && !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} must not know {}: {sentence}", package.name, dependency.name));
            }
        }
    }
    none(&wrong);
}

#[test]
fn only_the_guarded_client_knows_an_http_library() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        for name in ["reqwest", "hyper", "ureq"] {
            // The server's connections are hyper's, which asks nobody without its feature `client`.
            let mut named = package.dependencies.iter().filter(|it| it.name == "hyper");
            let answers = |it: &cargo_metadata::Dependency| {
                !it.uses_default_features && it.features.iter().all(|feature| ["http1", "server"].contains(&feature.as_str()))
            };
            let serves = name == "hyper" && package.name.as_str() == "satchel-server" && named.all(answers);
            if package.name.as_str() != "satchel-fetch" && !serves && direct(package).contains(name) {
                wrong.push(format!("{} depends on {name}: requests leave through satchel-fetch alone (law 9)", package.name));
            }
        }
    }
    none(&wrong);
}

#[test]
fn only_the_window_knows_tauri_and_only_one_file_of_it_calls() {
    let mut wrong = Vec::new();
    for package in &metadata().packages {
        let known = direct(package).into_iter().filter(|name| name.starts_with("tauri") || name == "wry" || name == "tao");
        for name in known.filter(|_| package.name.as_str() != "satchel-desktop") {
            wrong.push(format!("{} depends on {name}: only src-tauri knows Tauri (law 8)", package.name));
        }
    }
    for file in project_files().iter().filter(|file| file.starts_with("ui/src/") && *file != "ui/src/platform.ts") {
        if read(&root().join(file)).contains("from \"@tauri-apps") {
            wrong.push(format!(
                "{file} imports @tauri-apps: the window calls the native side through ui/src/platform.ts alone (law 8)"
            ));
        }
    }
    let commands = ["commands.rs", "account_commands.rs"].map(|file| read(&root().join("src-tauri").join(file))).concat();
    let (build, capabilities) =
        (read(&root().join("src-tauri/build.rs")), read(&root().join("src-tauri/capabilities/main.json")));
    let count = commands.matches("#[tauri::command]").count();
    if build.matches("    \"").count() != count || capabilities.matches("\"allow-").count() != count {
        wrong.push(format!("of {count} commands in src-tauri, build.rs or capabilities/main.json names more or fewer"));
    }
    none(&wrong);
}

#[test]
fn the_pure_crates_depend_on_nothing_that_does_io() {
    let mut wrong = Vec::new();
    for package in pure_packages(&metadata()) {
        for name in direct(&package).intersection(&BTreeSet::from(IMPURE.map(str::to_owned))) {
            wrong.push(format!("{} depends on {name}: law 1 has it hand in what {name} would bring", package.name));
        }
    }
    none(&wrong);
}

#[test]
fn the_pure_crates_ban_io_in_their_clippy_toml() {
    let mut wrong = Vec::new();
    for package in pure_packages(&metadata()) {
        let file = folder(&package).join("clippy.toml");
        let text = fs::read_to_string(&file).unwrap_or_default();
        for ban in BANS.iter().filter(|ban| !text.contains(&format!("path = \"{ban}\", reason = \"law 1"))) {
            wrong.push(format!("{} does not ban {ban} (law 1)", file.display()));
        }
    }
    none(&wrong);
}

#[test]
fn the_pure_crates_say_no_word_of_io() {
    let mut wrong = Vec::new();
    for package in pure_packages(&metadata()) {
        for file in rust_files(&folder(&package).join("src")) {
            for (number, line) in (1..).zip(read(&file).lines()) {
                let code = line.trim_start();
                for (word, instead) in IMPURE_WORDS.iter().filter(|(word, _)| !code.starts_with("//") && code.contains(word)) {
                    wrong.push(format!("{}:{number} says `{word}`: {instead} (law 1)", file.display()));
                }
            }
        }
    }
    none(&wrong);
}

#[test]
fn the_server_signs_nothing() {
    let server = root().join("crates/server");
    let mut wrong = Vec::new();
    let bans = read(&server.join("clippy.toml"));
    for name in ["sign_credential", "sign_jwt", "sign_assertion", "sign_succession", "Ed25519Signer"] {
        if !bans.contains(&format!("path = \"satchel_badge::sign::{name}\", reason = \"law 6")) {
            wrong.push(format!("crates/server/clippy.toml does not ban {name} (law 6)"));
        }
    }
    for file in rust_files(&server.join("src")) {
        for (number, line) in (1..).zip(read(&file).lines()) {
            for word in ["badge::sign", "sign::*", "SigningKey", "KeyPair"].iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number} says `{word}`: keys and signatures are the desk's (law 6)", file.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn sql_is_said_in_the_store_alone() {
    let server = root().join("crates/server/src");
    let mut wrong = Vec::new();
    for file in rust_files(&server).into_iter().filter(|file| !file.starts_with(server.join("store"))) {
        for (number, line) in (1..).zip(read(&file).lines()) {
            for word in ["SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE "].iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number} says `{word}`: it belongs in crates/server/src/store", file.display()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let metadata = metadata();
    assert!(read(&root().join("Cargo.toml")).contains("unsafe_code = \"forbid\""), "the workspace lints forbid unsafe code");
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let manifest = read(package.manifest_path.as_std_path());
        if !manifest.contains("lints.workspace = true") && !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!("{} chooses its own lints: it must say `lints.workspace = true`", package.manifest_path));
        }
    }
    none(&wrong);
}

#[test]
fn coverage_has_one_row_for_each_requirement_and_promise() {
    let rows = coverage();
    let mut wrong = Vec::new();
    for (kind, last) in COVERED {
        for number in 1..=last {
            let id = format!("{kind}{number:02}");
            let count = rows.iter().filter(|(row, _)| *row == id).count();
            if count != 1 {
                wrong.push(format!("docs/coverage.md has {count} rows for {id}, and one is right"));
            }
        }
    }
    let known: usize = COVERED.iter().map(|(_, last)| last).sum();
    if rows.len() > known {
        wrong.push(format!("docs/coverage.md has {} rows for {known} requirements and promises", rows.len()));
    }
    none(&wrong);
}

#[test]
fn every_test_that_coverage_names_exists() {
    let mut wrong = Vec::new();
    for (id, row) in coverage() {
        let tests: Vec<_> = row.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.split_once(": ")).collect();
        let tests: Vec<_> =
            tests.into_iter().filter(|(file, _)| Path::new(file).extension().is_some_and(|end| end == "rs")).collect();
        if tests.is_empty() && !row.split('|').any(|cell| cell.trim().starts_with("open")) {
            wrong.push(format!("{id} names no test and has no cell that says `open`"));
        }
        for (file, name) in tests {
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            if !text.contains(&format!("fn {name}(")) {
                wrong.push(format!("{id} names `{file}: {name}`, which does not exist"));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_link_in_our_pages_to_a_file_of_ours_leads_somewhere() {
    let pages: Vec<String> = project_files().into_iter().filter(|file| is_page(file)).collect();
    assert!(pages.len() > 5, "the pages were found");
    let dead = pages.iter().flat_map(|page| {
        let folder = root().join(page).parent().map(Path::to_owned).unwrap_or_default();
        let text = read(&root().join(page));
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next().map(str::to_owned));
        let ours = targets.filter(|target| !target.is_empty() && !target.contains(':'));
        let dead = ours.filter(move |target| !folder.join(target).exists());
        dead.map(move |target| format!("{page} links to {target}, which is not there")).collect::<Vec<_>>()
    });
    none(&dead.collect::<Vec<_>>());
}

/// Pages that we write, and not those that came with test files.
fn is_page(file: &str) -> bool {
    let is_ours = !["tests/data/", "tests/suites/", "node_modules/"].iter().any(|folder| file.contains(folder));
    is_ours && Path::new(file).extension().is_some_and(|ending| ending == "md")
}

#[test]
fn no_committed_file_names_a_registrys_host_or_a_path_of_a_machine() {
    // In two pieces each, so that this file does not say them either.
    let hosts = [
        concat!("crates", ".io"),
        concat!("npmjs", ".org"),
        concat!("npmjs", ".com"),
        concat!("yarnpkg", ".com"),
        concat!("pypi", ".org"),
        concat!("pythonhosted", ".org"),
        concat!("deb.debian", ".org"),
        concat!("proxy.golang", ".org"),
        concat!("maven.org", "/maven2"),
    ];
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("../", "shared")];
    let mut wrong = Vec::new();
    for file in project_files() {
        let bytes = fs::read(root().join(&file)).expect("a file of the project can be read");
        let text = String::from_utf8_lossy(&bytes);
        for host in hosts.iter().filter(|host| file != "Cargo.lock" && text.contains(**host)) {
            wrong.push(format!("{file} names {host}: clients know their registry, and a mirror may stand in for it"));
        }
        for path in paths.iter().filter(|path| text.contains(**path)) {
            wrong.push(format!("{file} names {path}, which is not there for anyone else"));
        }
    }
    none(&wrong);
}

#[test]
fn no_rust_file_is_longer_than_a_reader_can_hold() {
    let mut wrong = Vec::new();
    for file in project_files() {
        let path = Path::new(&file);
        let tests = path.components().any(|part| part.as_os_str() == "tests");
        if tests || path.extension().is_none_or(|end| end != "rs") || LONG_FILES.iter().any(|(long, _)| *long == file) {
            continue;
        }
        let lines = read(&root().join(&file)).lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        if lines > LONG_FILE {
            wrong.push(format!("{file} has {lines} lines, more than {LONG_FILE}: split it by the questions it answers"));
        }
    }
    none(&wrong);
}

/// Fails with all that is wrong, one sentence a line.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps().other_options(["--offline".to_owned()]);
    command.exec().expect("cargo metadata describes the workspace")
}

fn pure_packages(metadata: &Metadata) -> Vec<Package> {
    metadata.packages.iter().filter(|package| PURE.contains(&package.name.as_str())).cloned().collect()
}

/// The names of what a package depends on itself, but for its tests alone.
fn direct(package: &Package) -> BTreeSet<String> {
    let kept = package.dependencies.iter().filter(|dependency| dependency.kind != cargo_metadata::DependencyKind::Development);
    kept.map(|dependency| dependency.name.clone()).collect()
}

fn folder(package: &Package) -> PathBuf {
    package.manifest_path.parent().expect("a manifest lies in a folder").as_std_path().to_path_buf()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a source folder can be listed") {
        let path = entry.expect("a source folder can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Committed files and those about to be, by their path from the root.
fn project_files() -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().expect("git lists the project's files");
    assert!(output.status.success(), "git lists the project's files");
    let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
    let names: BTreeMap<_, _> = names.split_terminator('\0').map(|name| (name.to_owned(), root().join(name))).collect();
    names.into_iter().filter(|(_, path)| path.is_file()).map(|(name, _)| name).collect()
}

/// The rows of docs/coverage.md that begin with an id, as (id, whole row).
fn coverage() -> Vec<(String, String)> {
    let text = read(&root().join("docs/coverage.md"));
    let rows = text.lines().filter_map(|line| {
        let id = line.strip_prefix('|')?.split('|').next()?.trim();
        let (kind, number) = id.split_at_checked(1)?;
        let known = COVERED.iter().any(|(letter, _)| kind.starts_with(*letter));
        (known && number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit())).then(|| (id.to_owned(), line.to_owned()))
    });
    rows.collect()
}
