//! `satchel wallet` from outside: what a person or a script sees, and what is left when the program is killed, the disk is full or another
//! program is there (security.md, P01 to P03).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod help;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use help::{archive, badge, hosted, tampered};
use jiff::{SignedDuration, Timestamp};
use satchel_badge::evidence::{Document, Origin};
use satchel_fetch::{Client, NetworkPolicy};
use satchel_tests::disk::Disk;
use satchel_tests::keyring::Keyring;
use satchel_tests::mutate::Random;
use satchel_tests::power::{self, Event, Played, Recording};
use satchel_tests::server::Server;
use satchel_tests::shell::{Folder, Shell, program, satchel};
use satchel_tests::{data, kept, picture, terminal};
use satchel_wallet::{Candidate, IdPrefix, Mark, Query, State, Wallet};
use serde_json::{Value, json};

/// A command on a wallet in this folder, which asks nobody but where a test says so.
fn wallet(dir: &Path, words: &[&str]) -> Shell {
    satchel(["wallet", "--json", "--wallet"]).arg(dir).args(words)
}

fn import(dir: &Path, path: &Path) -> Shell {
    wallet(dir, &["import", "--offline"]).arg(path)
}

/// The one badge of a wallet with one.
fn add(dir: &Path, path: &Path) -> String {
    let row = import(dir, path).run().ending(0).row();
    assert_eq!(row["result"], "added");
    row["id"].as_str().unwrap().to_owned()
}

fn ids(dir: &Path) -> Vec<String> {
    let rows = wallet(dir, &["list"]).run().ending(0).rows();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn original(dir: &Path, id: &str) -> Vec<u8> {
    wallet(dir, &["export", id, "-o", "-"]).run().ending(0).out_bytes
}

// ---- What it says ----

#[test]
fn a_badge_is_imported_listed_found_shown_and_exported() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let file = folder.file("welding.png", picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]));
    let row = import(&dir, &file).run().ending(0).row();
    assert_eq!((row["result"].as_str(), row["verdict"].as_str()), (Some("added"), Some("valid")));
    assert_eq!(row["path"].as_str(), file.to_str());
    let id = row["id"].as_str().unwrap();
    assert_eq!(id.len(), 64);

    let listed = wallet(&dir, &["list"]).run().ending(0).row();
    let members: Vec<&String> = listed.as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "issued_on", "issuer", "name", "verdict"]);
    assert_eq!(listed["name"], "Welding");
    assert_eq!(listed["issuer"], "Istituto Volta");
    assert_eq!(listed["issued_on"], "2024-01-01T00:00:00Z");
    assert_eq!(wallet(&dir, &["search", "weld", "VOLTA"]).run().ending(0).row(), listed);
    assert!(wallet(&dir, &["search", "brazing"]).run().ending(0).rows().is_empty());

    let shown = wallet(&dir, &["show", &id[..6]]).run().ending(0).row();
    assert_eq!((shown["id"].as_str(), shown["file"].as_str()), (Some(id), Some("welding.png")));
    assert!(shown["checks"].as_array().unwrap().iter().any(|check| check["code"] == "proof_verified"));

    let out = folder.at("out.png");
    wallet(&dir, &["export", id, "-o"]).arg(&out).run().ending(0);
    assert_eq!(fs::read(&out).unwrap(), fs::read(&file).unwrap());
    wallet(&dir, &["export", id, "--png", "-o"]).arg(&out).run().ending(1);
    wallet(&dir, &["export", id, "--png", "--force", "-o"]).arg(&out).run().ending(0);
    satchel(["verify", "--offline"]).arg(&out).run().ending(0);
    assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700, "the folder is its owner's alone");
}

/// What an achievement may be (OB 3.0, B.3.1), and one that an issuer adds.
const KINDS: [&str; 12] = [
    "Badge",
    "Award",
    "Certificate",
    "Course",
    "Degree",
    "Diploma",
    "License",
    "Membership",
    "MicroCredential",
    "ApprenticeshipCertificate",
    "CommunityService",
    "ext:VolunteerFireBrigade",
];

#[test]
fn any_kind_of_badge_and_issuer_is_kept_shown_and_found_by_its_skills() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let issuers = ["Liceo Volta", "Universität Beispiel", "Associazione Apicoltori", "Welding plc", "Banco Alimentare"];
    for (number, kind) in KINDS.into_iter().enumerate() {
        let mut award = help::award(&help::key(), &format!("Award {number}"));
        award["issuer"]["name"] = json!(issuers[number % issuers.len()]);
        let achievement = &mut award["credentialSubject"]["achievement"];
        achievement["achievementType"] = json!(kind);
        achievement["alignment"] = json!([{"type": ["Alignment"], "targetName": format!("bricolage{number} seams"), "targetCode": "S8.4.1",
            "targetFramework": "ESCO", "targetType": "ext:Skill", "targetUrl": format!("https://esco.example/skill/{number}")}]);
        let name = format!("{number}.json");
        let id = add(&dir, &folder.file(&name, help::sign(&award).to_string()));
        let shown = wallet(&dir, &["show", &id]).run().ending(0).row();
        assert_eq!(shown["verdict"], "valid", "{kind}: {shown}");
        let achievement = &shown["badge"]["achievement"];
        assert_eq!(
            (achievement["kind"].as_str(), achievement["alignment"][0]["framework"].as_str()),
            (Some(kind), Some("ESCO")),
            "{shown}"
        );
        let found = wallet(&dir, &["search", &format!("bricolage{number}")]).run().ending(0).row();
        assert_eq!(found["issuer"], issuers[number % issuers.len()], "found by a skill");
    }
    assert_eq!(wallet(&dir, &["search", "S8.4.1"]).run().ending(0).rows().len(), KINDS.len());
}

#[test]
fn every_sample_is_kept_byte_for_byte_or_refused_with_a_reason() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let rows = import(&dir, &data::path("")).run().ending(1).rows();
    let mut kept = 0;
    for row in &rows {
        if row["result"] == "refused" {
            assert!(row["id"].is_null() && row["code"].is_string(), "{row}");
        } else {
            kept += 1;
        }
    }
    assert!(kept > 100, "{kept}");
    let out = folder.at("out");
    wallet(&dir, &["export", "--all"]).arg(&out).run().ending(0);
    let written = |folder: &Path| -> BTreeMap<Vec<u8>, PathBuf> {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (fs::read(&path).unwrap(), path)).collect()
    };
    let exported = written(&out.join("badges"));
    for row in rows.iter().filter(|row| row["result"] != "refused") {
        let path = row["path"].as_str().unwrap();
        assert!(exported.contains_key(&fs::read(path).unwrap()), "{path} came out otherwise or not at all");
    }
    // And all of it can be taken in again.
    let again = folder.at("again");
    import(&again, &out.join("badges")).run().ending(0);
    let sorted = |dir: &Path| {
        let mut ids = ids(dir);
        ids.sort();
        ids
    };
    assert_eq!(sorted(&again), sorted(&dir));
}

#[test]
fn what_is_refused_says_why_and_makes_the_status_one() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    folder.file("in/a.json", badge("Welding"));
    folder.file("in/b.json", tampered(&badge("Welding")));
    folder.file("in/c.txt", "Dear diary");
    folder.file("in/d.png", picture::png(&[]));
    let run = import(&dir, &folder.at("in")).arg(folder.at("missing.png")).run().ending(1);
    let said: Vec<(String, String)> = run
        .rows()
        .iter()
        .map(|row| (row["result"].as_str().unwrap().to_owned(), row["code"].as_str().unwrap_or_default().to_owned()))
        .collect();
    let expected =
        [("added", ""), ("added", ""), ("refused", "unknown_format"), ("refused", "nothing_embedded"), ("refused", "unreadable")];
    assert_eq!(said, expected.map(|(result, code)| (result.to_owned(), code.to_owned())));
    assert!(run.err.contains("2 added, 3 refused"), "{}", run.err);
    let mut verdicts: Vec<String> =
        wallet(&dir, &["list"]).run().rows().iter().map(|row| row["verdict"].as_str().unwrap().to_owned()).collect();
    verdicts.sort();
    assert_eq!(verdicts, ["invalid", "valid"], "one that is not valid is kept, and shown as such");
    fs::create_dir(folder.at("empty")).unwrap();
    let run = import(&dir, &folder.at("empty")).run().ending(1);
    assert!(run.err.contains("No file was found"));
}

#[test]
fn a_badge_comes_from_standard_input_too() {
    let folder = Folder::new();
    let run = import(&folder.at("wallet"), Path::new("-")).input(badge("Welding")).run().ending(0);
    assert_eq!((run.row()["path"].as_str(), run.row()["result"].as_str()), (Some("-"), Some("added")));
}

#[test]
fn the_wallet_lies_where_it_is_named_or_where_data_lie() {
    let folder = Folder::new();
    let file = folder.file("a.json", badge("Welding"));
    let home = folder.at("home");
    let with = |name: &str, value: &Path| {
        let run = satchel(["wallet", "import", "--offline"]).arg(&file).env("HOME", home.to_str().unwrap());
        run.env("XDG_DATA_HOME", "").env("SATCHEL_WALLET", "").env(name, value.to_str().unwrap()).run().ending(0);
    };
    with("HOME", &home);
    with("XDG_DATA_HOME", &folder.at("data"));
    with("XDG_DATA_HOME", Path::new("relative/is/ignored"));
    with("SATCHEL_WALLET", &folder.at("named"));
    for dir in ["home/.local/share/satchel", "data/satchel", "named"] {
        assert!(folder.at(dir).join("wallet.db").is_file(), "{dir}");
    }
}

#[test]
fn wrong_words_and_ids_are_told_apart() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    assert_eq!(wallet(&dir, &["list"]).run().ending(4).problem(), "no_wallet");
    assert!(!dir.exists(), "and none is made by looking");
    let id = add(&dir, &folder.file("a.json", badge("Welding")));
    let other = if id.starts_with('0') { "111111" } else { "000000" };
    let refused: [(&[&str], i32, &str); 7] = [
        (&["show", "abc"], 2, "bad_id"),
        (&["show", "no-hex-digits"], 2, "bad_id"),
        (&["show", other], 1, "unknown_id"),
        (&["export", other, "-o", "-"], 1, "unknown_id"),
        (&["export", &id, "--png", "-o", "-"], 1, "needs_image"),
        (&["export", &id, "--png", "--image", "/nowhere.png", "-o", "-"], 4, "unreadable"),
        (&["export", &id, "-o", "/nowhere/a.json"], 4, "unwritable"),
    ];
    for (words, status, code) in refused {
        assert_eq!(wallet(&dir, words).run().ending(status).problem(), code, "{words:?}");
    }
    for words in
        [&["wallet"][..], &["wallet", "juggle"], &["wallet", "import"], &["wallet", "export", &id], &["wallet", "remove"]]
    {
        satchel(words).run().ending(2);
    }
    let both = wallet(&dir, &["remove", other, &id]).run().ending(1).rows();
    assert_eq!((both[0]["code"].as_str(), both[1]["result"].as_str()), (Some("unknown_id"), Some("removed")));
    assert_eq!(wallet(&dir, &["remove", &id, "nonsense"]).run().ending(2).problem(), "bad_id");
}

#[test]
fn a_removal_is_undone_or_made_final() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let id = add(&dir, &folder.file("a.json", badge("Welding")));
    let result = |words: &[&str]| wallet(&dir, words).run().ending(0).row()["result"].as_str().unwrap().to_owned();
    assert_eq!(result(&["remove", &id]), "removed");
    assert!(ids(&dir).is_empty());
    assert_eq!(wallet(&dir, &["list", "--bin"]).run().row()["id"].as_str(), Some(id.as_str()));
    assert_eq!(result(&["remove", "--undo", &id]), "restored");
    assert_eq!(result(&["remove", "--undo", &id]), "unchanged");
    assert_eq!(ids(&dir), std::slice::from_ref(&id));
    assert_eq!(result(&["remove", "--erase", &id]), "erased");
    for file in fs::read_dir(&dir).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|part| part.eq_ignore_ascii_case(b"welding")));
    }
    assert_eq!(wallet(&dir, &["show", &id]).run().ending(1).problem(), "unknown_id");
}

#[test]
fn words_are_there_in_both_languages_and_steer_no_terminal() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let hostile = badge("A\u{1b}[2J\u{7}B\u{202e}D");
    let file = folder.file("a.json", hostile);
    let path = dir.to_str().unwrap();
    let italian = satchel(["--lang", "it", "wallet", "--wallet", path, "import", "--offline"]).arg(&file).run().ending(0);
    assert!(italian.said().contains("aggiunto"), "{}", italian.said());
    let id = ids(&dir).remove(0);
    for words in [
        &["list"][..],
        &["search", "d"],
        &["show", &id],
        &["rebuild"],
        &["remove", &id],
        &["list", "--bin"],
        &["remove", "--erase", &id],
    ] {
        let run = satchel(["wallet", "--wallet", path]).args(words).run().ending(0);
        assert!(!run.said().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{words:?}: {:?}", run.said());
    }
    let missing = satchel(["--lang", "it", "wallet", "list", "--wallet", "/nowhere/at/all"]).run().ending(4);
    assert!(missing.err.contains("portafoglio"), "{}", missing.err);
}

#[test]
fn the_manual_has_every_command_of_the_wallet() {
    let manual = satchel(["man"]).run().ending(0).out;
    for command in ["import", "list", "show", "search", "export", "remove", "rebuild", "adopt", "lock", "unlock", "status"] {
        assert!(manual.contains(&format!("wallet\\-{command}")), "{command}");
    }
}

// ---- Whose it is (security.md, V06) ----

#[test]
fn a_wallet_of_somebody_else_is_told_and_what_it_says_of_issuers_proves_nothing() {
    let folder = Folder::new();
    let server = Server::start();
    let dir = folder.at("wallet");
    for (path, document) in hosted(&server.url(""), 1) {
        server.serve(&path, &document);
    }
    let [(_, assertion), ..] = hosted(&server.url(""), 1);
    let file = folder.file("a.json", assertion.to_string());
    let (maker, finder) = (folder.at("maker"), folder.at("finder"));
    let of = |person: &Path, words: &[&str]| wallet(&dir, words).env("XDG_CONFIG_HOME", person.to_str().unwrap());
    let ask = |person: &Path| of(person, &["import", "--allow-host", &server.host()]).arg(&file).run().ending(0);
    let row = ask(&maker).row();
    assert_eq!(row["verdict"], "valid");
    let id = row["id"].as_str().unwrap();
    // Whoever makes a wallet may write anything into it: also whom its finder is to trust.
    let trust = |now| {
        let mut wallet = Wallet::open(&dir, now).unwrap();
        wallet.trust(&server.url("/issuer.json"), "Istituto Volta", now).unwrap();
    };
    trust(Timestamp::now());
    let shown = |person: &Path| {
        let run = of(person, &["show", id]).run().ending(0);
        let codes =
            run.row()["checks"].as_array().unwrap().iter().map(|check| check["code"].as_str().unwrap().to_owned()).collect();
        let codes: Vec<String> = codes;
        (run.row()["verdict"].as_str().unwrap().to_owned(), codes, run.err.contains("was not made here"))
    };
    let (verdict, codes, told) = shown(&maker);
    assert!(verdict == "valid" && codes.contains(&String::from("trusted_issuer")) && !told, "{verdict} {codes:?}");

    let listed = of(&finder, &["list"]).run().ending(0);
    assert_eq!(listed.row()["verdict"], "undecided", "nor does what was derived count");
    assert!(listed.err.contains("satchel wallet adopt"), "{}", listed.err);
    let (verdict, codes, told) = shown(&finder);
    assert!(verdict == "undecided" && told, "{verdict}");
    assert!(codes.iter().any(|code| code.ends_with("_brought")) && !codes.contains(&String::from("trusted_issuer")), "{codes:?}");
    of(&finder, &["rebuild"]).run().ending(0);
    assert_eq!(shown(&finder).0, "undecided", "looking through it makes nothing pass");

    // Asked anew, its hosts say it to whoever found it; and whom somebody else trusts is still nobody.
    ask(&finder);
    let (verdict, codes, told) = shown(&finder);
    assert!(verdict == "valid" && !codes.contains(&String::from("trusted_issuer")) && told, "{codes:?}");

    // Called one's own, it counts as a whole. Nothing was lost of it meanwhile.
    assert_eq!(of(&finder, &["adopt"]).run().ending(0).row()["result"], "adopted");
    let (verdict, codes, told) = shown(&finder);
    assert!(verdict == "valid" && codes.contains(&String::from("trusted_issuer")) && !told, "{verdict} {codes:?}");
    assert_eq!(of(&finder, &["adopt"]).run().ending(0).row()["result"], "unchanged");
    assert_eq!(shown(&maker).0, "valid");
}

#[test]
fn a_wallet_that_was_saved_from_damage_stays_whose_it_was() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let (maker, finder) = (folder.at("maker"), folder.at("finder"));
    let of = |person: &Path, words: &[&str]| wallet(&dir, words).env("XDG_CONFIG_HOME", person.to_str().unwrap());
    class(&folder, 20);
    of(&maker, &["import", "--offline"]).arg(folder.at("class")).run().ending(0);
    let break_it = || {
        let mut bytes = fs::read(dir.join("wallet.db")).unwrap();
        let half = bytes.len() / 2;
        bytes[half..half + 4096].fill(0x55);
        fs::write(dir.join("wallet.db"), bytes).unwrap();
    };
    for (person, is_foreign) in [(&maker, false), (&finder, true)] {
        of(person, &["list"]).run().ending(0);
        break_it();
        assert!(of(person, &["rebuild"]).run().ending(1).row()["damaged"].is_string());
        assert_eq!(of(person, &["list"]).run().ending(0).err.contains("was not made here"), is_foreign);
    }
}

// ---- Locked (security.md, P08) ----

#[test]
fn a_wallet_is_locked_and_unlocked_and_a_kill_at_any_moment_leaves_it_whole() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let with = |words: &[&str]| wallet(&dir, words).env("SATCHEL_PASSPHRASE", "correct horse battery");
    let files = class(&folder, 150);
    import(&dir, &folder.at("class")).run().ending(0);
    let status = with(&["status"]).run().ending(0).row();
    assert_eq!((status["badges"].as_u64(), status["keeper"].is_null()), (Some(150), true));
    let said = satchel(["wallet", "status", "--wallet"]).arg(&dir).run().ending(0).out;
    assert!(said.contains("Nothing protects this wallet"), "{said}");
    let mut random = Random::new(0x2545_f491_4f6c_dd1d);
    let (mut done, mut broken_off) = (0, 0);
    // How long it takes here, so that most runs are broken off somewhere and some are not.
    let began = Instant::now();
    with(&["lock"]).run().ending(0);
    with(&["unlock"]).run().ending(0);
    let whole = usize::try_from(began.elapsed().as_millis() / 2).unwrap();
    for round in 0..24 {
        let what = if with(&["status"]).run().ending(0).row()["keeper"].is_null() { "lock" } else { "unlock" };
        let mut command = Command::new(program());
        command.args(["wallet", "--json", "--wallet"]).arg(&dir).arg(what).env("SATCHEL_PASSPHRASE", "correct horse battery");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.below(if round % 4 == 3 { 4 * whole } else { whole }) as u64));
        let ended = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        done += u32::from(ended);
        broken_off += u32::from(!ended);
        assert_eq!(with(&["list"]).run().ending(0).rows().len(), 150, "round {round}: {what}");
        let left: Vec<String> =
            fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        assert!(!left.iter().any(|name| name.ends_with("ing") || name.ends_with("before")), "{left:?}");
        let is_locked = !with(&["status"]).run().ending(0).row()["keeper"].is_null();
        let shows = fs::read_dir(&dir).unwrap().any(|entry| {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(14).any(|part| part == b"Istituto Volta")
        });
        assert_ne!(shows, is_locked, "round {round}: {what}");
    }
    assert!(done > 0 && broken_off > 8, "{done} done, {broken_off} broken off");
    with(&["lock"]).run().ending(0);
    let out = folder.at("out");
    with(&["export", "--all"]).arg(&out).run().ending(0);
    let exported: std::collections::BTreeSet<Vec<u8>> =
        fs::read_dir(out.join("badges")).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(files.values().all(|bytes| exported.contains(bytes)));

    let wrong = wallet(&dir, &["list"]).env("SATCHEL_PASSPHRASE", "another horse battery").run().ending(4);
    assert_eq!(wrong.problem(), "wrong_passphrase");
    assert_eq!(wallet(&dir, &["list"]).env("SATCHEL_PASSPHRASE", "").run().ending(4).problem(), "needs_passphrase");
    assert_eq!(with(&["unlock"]).run().ending(0).row()["result"], "unlocked");
    assert_eq!(wallet(&dir, &["list"]).env("SATCHEL_PASSPHRASE", "").run().ending(0).rows().len(), 150);
}

#[test]
fn whoever_mistypes_the_passphrase_is_asked_three_times_in_all() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    add(&dir, &folder.file("badge.json", badge("Welding")));
    wallet(&dir, &["lock"]).env("SATCHEL_PASSPHRASE", "correct horse battery").run().ending(0);
    let typed = |answers: &[&str]| {
        let mut list = Command::new(program());
        list.args(["wallet", "--json", "--wallet"]).arg(&dir).arg("list").env("SATCHEL_LANG", "en");
        list.env_remove("SATCHEL_PASSPHRASE").env("XDG_CONFIG_HOME", program().with_file_name("test-settings"));
        terminal::answers(&list, "Passphrase for the wallet: ", answers)
    };
    let (wrong, right) = ("another horse battery", "correct horse battery");
    for answers in [vec![right], vec![wrong, right], vec![wrong, wrong, right]] {
        let (status, said) = typed(&answers);
        assert_eq!((status, said.contains("Welding")), (0, true), "{answers:?}: {said}");
        assert_eq!(said.matches("That is another one").count(), answers.len() - 1, "{said}");
        assert!(!said.contains("horse"), "what is typed is not shown: {said}");
    }
    let (status, said) = typed(&[wrong; 3]);
    assert_eq!((status, said.contains("wrong_passphrase")), (4, true), "{said}");
}

#[test]
fn a_keyring_opens_a_locked_wallet_without_a_word() {
    let folder = Folder::new();
    let keyring = Keyring::start();
    let dir = folder.at("wallet");
    let with = |words: &[&str]| keyring.with(wallet(&dir, words));
    add(&dir, &folder.file("a.json", badge("Welding")));
    assert_eq!(with(&["lock"]).run().ending(0).row()["keeper"], "keyring");
    assert_eq!(with(&["list"]).run().ending(0).row()["name"], "Welding");
    // Whoever takes the disk has no keyring.
    let alone = wallet(&dir, &["list"])
        .env("SATCHEL_PASSPHRASE", "")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        .run()
        .ending(4);
    assert_eq!(alone.problem(), "keyring_lost");
    assert_eq!(with(&["unlock"]).run().ending(0).row()["result"], "unlocked");
}

#[test]
fn an_unlocking_for_which_there_is_no_room_leaves_nothing_in_plain() {
    let folder = Folder::new();
    let Some(disk) = Disk::mount(folder.at("disk"), "16m") else { return };
    let dir = disk.path().join("wallet");
    let with = |words: &[&str]| wallet(&dir, words).env("SATCHEL_PASSPHRASE", "correct horse battery");
    class(&folder, 400);
    import(&dir, &folder.at("class")).run().ending(0);
    let names = || -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let size = fs::metadata(dir.join("wallet.db")).unwrap().len();
    // Half of what a copy takes.
    let fill = || {
        let free = disk.free();
        fs::write(disk.path().join("fill"), vec![1; usize::try_from(free.saturating_sub(size / 2)).unwrap()]).unwrap();
    };
    for (what, shows_it) in [("lock", true), ("unlock", false)] {
        let before = names();
        fill();
        let run = with(&[what]).run().ending(4);
        assert_eq!(run.problem(), "disk_full", "{what}: {}", run.out);
        assert_eq!(names(), before, "{what}");
        let shows = before.iter().any(|name| {
            let bytes = fs::read(dir.join(name)).unwrap();
            bytes.windows(14).any(|part| part == b"Istituto Volta")
        });
        assert_eq!(shows, shows_it, "{what}");
        fs::remove_file(disk.path().join("fill")).unwrap();
        assert_eq!(with(&["list"]).run().ending(0).rows().len(), 400);
        with(&[what]).run().ending(0);
    }
}

#[test]
fn a_wallet_is_locked_on_a_disk_that_knows_no_links() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let id = add(&dir, &folder.file("a.json", badge("Welding")));
    for what in ["lock", "unlock"] {
        let mut command = Command::new("strace");
        command.args(["-f", "-o", "/dev/null", "-e", "trace=link,linkat", "-e", "inject=link,linkat:error=EPERM"]);
        command.arg(program()).args(["wallet", "--json", "--wallet"]).arg(&dir).arg(what);
        let ended = command.env("SATCHEL_PASSPHRASE", "correct horse battery").output().unwrap();
        assert!(ended.status.success(), "{what}: {}", String::from_utf8_lossy(&ended.stdout));
        let status = wallet(&dir, &["status"]).env("SATCHEL_PASSPHRASE", "correct horse battery").run().ending(0).row();
        assert_eq!(status["keeper"].is_null(), what == "unlock");
    }
    assert_eq!(ids(&dir), [id]);
}

#[test]
fn a_locked_wallet_says_what_it_lacks_and_what_stays_open_beside_it() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let with = |words: &[&str]| wallet(&dir, words).env("SATCHEL_PASSPHRASE", "correct horse battery");
    add(&dir, &folder.file("a.json", badge("Welding")));
    folder.file("wallet/server/server.db", "accounts");
    let locked = with(&["lock"]).run().ending(0).row();
    assert_eq!(locked["not_locked"][0].as_str(), dir.join("server").to_str());
    let said = satchel(["wallet", "lock", "--wallet"]).arg(&dir).env("SATCHEL_PASSPHRASE", "correct horse battery");
    assert!(said.run().ending(0).out.contains("server within the app"));
    fs::remove_file(dir.join("wallet.key")).unwrap();
    for words in [&["list"][..], &["rebuild"]] {
        let run = with(words).run().ending(4);
        assert_eq!(run.problem(), "key_missing");
        assert!(run.out.contains("wallet.key") && !run.out.contains("ebuild"), "{}", run.out);
    }
}

// ---- Evidence ----

#[test]
fn what_a_badge_rests_on_is_kept_and_erased_with_it() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let server = Server::start();
    for number in 1..=2 {
        for (path, document) in hosted(&server.url(""), number) {
            server.serve(&path, &document);
        }
        let [(_, assertion), ..] = hosted(&server.url(""), number);
        folder.file(format!("{number}.json"), assertion.to_string());
    }
    let undecided = import(&dir, &folder.at("1.json")).run().ending(0).row();
    assert_eq!(undecided["verdict"], "undecided", "offline nobody can say");
    let online = |name: &str| {
        let run = wallet(&dir, &["import", "--allow-host", &server.host()]).arg(folder.at(name)).run().ending(0);
        assert!(run.err.contains(&server.host()), "it says who was asked: {}", run.err);
        run.row()
    };
    let (first, second) = (online("1.json"), online("2.json"));
    assert_eq!((first["result"].as_str(), first["verdict"].as_str()), (Some("duplicate"), Some("valid")));
    let listed: Vec<Value> = wallet(&dir, &["list"]).run().rows().iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(listed, ["valid", "valid"], "what was learned counts for the badge that was there before");

    // From now on nobody is asked.
    let connections = server.connections();
    let shown = wallet(&dir, &["show", first["id"].as_str().unwrap()]).run().ending(0).row();
    assert_eq!(shown["verdict"], "valid");
    let used = shown["checks"].as_array().unwrap().iter().filter_map(|check| check["evidence"].as_array()).flatten();
    assert!(used.clone().count() > 0 && used.clone().all(|it| it["origin"] == "fetched" && it["fetched"].is_string()));
    wallet(&dir, &["rebuild"]).run().ending(0);
    assert_eq!(server.connections(), connections);

    let out = folder.at("out");
    wallet(&dir, &["export", "--all"]).arg(&out).run().ending(0);
    satchel(["verify", "--offline"]).arg(out.join("badges")).arg("--evidence").arg(out.join("evidence")).run().ending(0);

    let holds = |text: &str| {
        let files = fs::read_dir(&dir).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
        files.into_iter().any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    assert!(holds("assertion-1.json") && holds("issuer.json"));
    wallet(&dir, &["remove", "--erase", first["id"].as_str().unwrap()]).run().ending(0);
    assert!(!holds("assertion-1.json") && holds("issuer.json"), "what the other badge rests on stays");
    wallet(&dir, &["remove", "--erase", second["id"].as_str().unwrap()]).run().ending(0);
    assert!(!holds("assertion-2.json") && !holds("issuer.json"));
}

#[test]
fn a_document_that_was_led_elsewhere_does_not_come_back_as_a_better_one() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let (server, other) = (Server::start(), Server::start());
    let [(path, assertion), (class_path, class), (issuer_path, issuer)] = hosted(&server.url(""), 1);
    other.serve(&path, &assertion);
    let elsewhere = format!("text/plain\r\nLocation: {}", other.url(&path).replace("127.0.0.1", "localhost"));
    server.answer_with(&path, 302, &elsewhere, b"");
    server.serve(&class_path, &class);
    server.serve(&issuer_path, &issuer);
    let file = folder.file("a.json", assertion.to_string());
    let allow = other.host().replace("127.0.0.1", "localhost");
    let run = wallet(&dir, &["import", "--allow-host", &server.host(), "--allow-host", &allow]).arg(file).run().ending(0);
    let verdict = run.row()["verdict"].clone();
    assert_ne!(verdict, "valid");
    let out = folder.at("out");
    wallet(&dir, &["export", "--all"]).arg(&out).run().ending(0);
    let documents: Value = serde_json::from_slice(&fs::read(out.join("evidence/evidence.json")).unwrap()).unwrap();
    assert!(documents.get(server.url(&path)).is_none() && documents.get(server.url(&class_path)).is_some(), "{documents}");
    let evidence = out.join("evidence");
    let again = satchel(["verify", "--offline", "--json"]).arg(out.join("badges")).arg("--evidence").arg(evidence).run();
    assert_ne!(again.row()["verdict"], "valid");
}

#[test]
fn one_badge_does_not_make_the_import_ask_half_the_world() {
    let folder = Folder::new();
    let server = Server::start();
    let [(path, mut assertion), class, issuer] = hosted(&server.url(""), 1);
    let links: Vec<String> = (0..500).map(|number| server.url(&format!("/endorsement-{number}.json"))).collect();
    assertion["endorsement"] = links.into();
    for (path, document) in [(path, assertion.clone()), class, issuer] {
        server.serve(&path, &document);
    }
    let file = folder.file("a.json", assertion.to_string());
    let run = wallet(&folder.at("wallet"), &["import", "--allow-host", &server.host()]).arg(file).run().ending(0);
    assert!((3..=48).contains(&server.requests()), "{} requests: {}", server.requests(), run.said());
}

// ---- What happens to it ----

/// The padding of a badge that makes the files of a class differ in size, as those of people do.
fn padding(number: usize) -> String {
    "x".repeat(number % 50 * 400)
}

/// Files of a class, each with a signed badge of its own.
fn class(folder: &Folder, count: usize) -> BTreeMap<String, Vec<u8>> {
    let text = badge("Welding");
    files(folder, count, "openbadgecredential", |number| {
        text.replace("Weld a seam.", &format!("Weld seam {number}. {}", padding(number)))
    })
}

/// Files of a class with hosted badges, which are quickly looked at: a debug build takes its time for signatures.
fn hosted_class(folder: &Folder, count: usize) -> BTreeMap<String, Vec<u8>> {
    files(folder, count, "openbadges", |number| {
        let [(_, mut assertion), ..] = hosted("https://badges.example.org", number);
        assertion["narrative"] = padding(number).into();
        assertion.to_string()
    })
}

fn files(folder: &Folder, count: usize, keyword: &str, badge: impl Fn(usize) -> String) -> BTreeMap<String, Vec<u8>> {
    let files = (0..count).map(|number| {
        let bytes = picture::png(&[picture::badge(keyword, &badge(number))]);
        let path = folder.file(format!("class/{number:04}.png"), &bytes);
        (path.to_str().unwrap().to_owned(), bytes)
    });
    files.collect()
}

/// Starts an import of a folder.
fn start(dir: &Path, path: &Path) -> Child {
    let mut command = Command::new(program());
    command.args(["wallet", "import", "--offline", "--json", "--wallet"]).arg(dir).arg(path);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn whatever_was_said_to_be_added_is_there_after_a_kill_at_any_moment() {
    let kills = u32::try_from(asked("SATCHEL_KILLS", 20)).unwrap();
    let folder = Folder::new();
    let files = hosted_class(&folder, 300);
    // How long a whole run takes, to kill between two of its commits.
    let started = Instant::now();
    assert!(start(&folder.at("whole"), &folder.at("class")).wait_with_output().unwrap().status.success());
    let whole = started.elapsed();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: u32| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        u32::try_from(random % u64::from(limit)).unwrap()
    };
    let (mut broken_off, mut promised) = (0, 0);
    for round in 0..kills {
        let dir = folder.at(format!("wallet-{round}"));
        let mut child = start(&dir, &folder.at("class"));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            while out.read_until(b'\n', &mut text).unwrap() > 0 {
                // Nobody listens after the kill.
                let _ = sender.send(());
            }
            text
        });
        // So many promises are waited for, and some time more, less than the next take.
        let wanted = usize::try_from(below(5) * 60).unwrap();
        assert!(lines.iter().take(wanted).count() == wanted, "it promised too little");
        std::thread::sleep(whole * below(1000) / 5000);
        child.kill().unwrap();
        broken_off += u32::from(child.wait().unwrap().code().is_none());
        let text = reader.join().unwrap();
        // A last line that was cut by the kill promised nothing.
        let whole_lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let added: Vec<Value> = whole_lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
        promised += added.len();
        if !dir.join("wallet.db").exists() {
            assert!(added.is_empty());
            continue;
        }
        let promised =
            added.iter().map(|row| (row["id"].as_str().unwrap().to_owned(), files[row["path"].as_str().unwrap()].clone()));
        kept::has(&dir, &promised.collect(), &folder.at(format!("out-{round}")));
        // The rest can still be brought in.
        let again = import(&dir, &folder.at("class")).run().ending(0).rows();
        assert!(again.iter().all(|row| row["result"] == "added" || row["result"] == "duplicate"));
        assert_eq!(again.len(), files.len());
    }
    eprintln!("{broken_off} of {kills} runs were broken off, {promised} badges promised");
    assert!(broken_off * 2 > kills && promised > 300, "{broken_off} broken off, {promised} promised");
}

/// How often, or how much: what `prove` asks for, or else what a submission has time for.
fn asked(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |asked| asked.parse().expect("a number"))
}

#[test]
fn whatever_was_said_to_be_added_is_there_after_a_power_cut_at_any_moment() {
    if !power::is_there() {
        eprintln!("skipped: there is no strace here, or it may not be used");
        return;
    }
    let cuts = asked("SATCHEL_CUTS", 30);
    let folder = Folder::new();
    let files = hosted_class(&folder, asked("SATCHEL_CUT_FILES", 150));
    fs::create_dir(folder.at("home")).unwrap();
    // A wallet is made and filled, and opened again for what is new, as on another day.
    let later = folder.file("later.json", badge("Welding"));
    let script = "\"$0\" wallet import --offline --json --wallet \"$1\" \"$2\" && \"$0\" wallet import --offline --json --wallet \"$1\" \"$3\"";
    let (program, dir, class) = (program(), folder.at("home/wallet"), folder.at("class"));
    let arguments = [Path::new("-c"), Path::new(script), program, &dir, &class, &later].map(|word| word.to_str().unwrap());
    let recording = Recording::of("sh", &arguments, &folder.at("home"));
    let mut random = Random::new(7);
    let said: Vec<usize> = (0..recording.events.len()).filter(|at| matches!(recording.events[*at], Event::Said(_))).collect();
    // Half of the cuts come just after something was promised.
    let mut moments: Vec<usize> = (0..cuts)
        .map(|number| if number % 2 == 0 { *random.pick(&said) + 1 } else { random.below(recording.events.len() + 1) })
        .collect();
    moments.sort_unstable();
    let (mut disk, mut promised) = (Played::new(&recording), Vec::new());
    let mut compared = 0;
    for (number, moment) in moments.into_iter().enumerate() {
        promised.extend(disk.play(moment));
        let home = folder.at(format!("cut-{number}"));
        disk.cut(&home, &mut random);
        let lines = promised.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let rows: Vec<Value> = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
        let now = Timestamp::now();
        let opened = if rows.is_empty() {
            Wallet::open_or_create(&home.join("wallet"), now)
        } else {
            Wallet::open(&home.join("wallet"), now)
        };
        let wallet = opened.unwrap_or_else(|error| panic!("cut {number}, after {moment} events: {error}"));
        for row in &rows {
            let id: IdPrefix = row["id"].as_str().unwrap().parse().unwrap();
            let path = row["path"].as_str().unwrap();
            let bytes = files.get(path).cloned().unwrap_or_else(|| fs::read(path).unwrap());
            let kept =
                wallet.original(&id).unwrap_or_else(|error| panic!("cut {number}, after {moment} events: {path}: {error}"));
            assert!(kept == bytes, "cut {number}, after {moment} events: {path}");
        }
        compared += rows.len();
        drop(wallet);
        let (_, rebuilt) = Wallet::rebuild(&home.join("wallet"), now).unwrap();
        assert!(rebuilt.damaged.is_none() && rebuilt.badges >= rows.len(), "cut {number}, after {moment} events");
        fs::remove_dir_all(home).unwrap();
    }
    eprintln!("{cuts} cuts in {} events, {compared} badges compared", recording.events.len());
    assert!(compared > cuts * 10, "{compared}");
}

#[test]
fn the_second_program_says_who_has_the_wallet() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    add(&dir, &folder.file("first.json", badge("Brazing")));
    // It waits for its standard input with the wallet open.
    let mut holder = Command::new(program());
    holder.args(["wallet", "import", "--offline", "--wallet"]).arg(&dir).arg(folder.at("first.json")).arg("-");
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mine = holder.id().to_string();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(dir.join("wallet.lock")).is_ok_and(|text| text.contains(&mine)) {
        assert!(Instant::now() < deadline, "it never took the lock");
        std::thread::sleep(Duration::from_millis(5));
    }
    for words in [&["list"][..], &["rebuild"], &["search", "x"], &["remove", "abcdef"]] {
        let run = wallet(&dir, words).run().ending(4);
        let problem = &run.row()["problem"];
        assert_eq!((problem["code"].as_str(), problem["retry"].as_bool()), (Some("wallet_locked"), Some(true)));
        assert!(problem["message"].as_str().unwrap().contains(&format!("satchel ({mine})")), "{problem}");
    }
    drop(holder.stdin.take());
    let first = BufReader::new(holder.stdout.take().unwrap()).lines().next();
    assert!(first.unwrap().unwrap().contains("already there"));
    holder.wait().unwrap();
    assert_eq!(ids(&dir).len(), 1);
}

#[test]
fn a_damaged_wallet_is_told_saved_and_kept() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    class(&folder, 40);
    import(&dir, &folder.at("class")).run().ending(0);
    let mut bytes = fs::read(dir.join("wallet.db")).unwrap();
    // Into the picture of one badge, and a page that belongs to the database itself.
    let text = b"Weld seam 7. ";
    let at = bytes.windows(text.len()).position(|part| part == text).unwrap();
    bytes[at] ^= 1;
    fs::write(dir.join("wallet.db"), &bytes).unwrap();
    let damaged = wallet(&dir, &["export", "--all"]).arg(folder.at("out")).run().ending(4);
    assert_eq!(damaged.problem(), "wallet_damaged");
    assert!(damaged.out.contains("0007.png"), "it names what is damaged: {}", damaged.out);
    let rebuilt = wallet(&dir, &["rebuild"]).run().ending(1).row();
    assert_eq!((rebuilt["badges"].as_u64(), rebuilt["lost"].as_array().unwrap().len()), (Some(39), 1));
    assert_eq!(rebuilt["lost"][0]["name"], "Welding");
    assert_eq!(fs::read(rebuilt["damaged"].as_str().unwrap()).unwrap(), bytes);
    assert_eq!(ids(&dir).len(), 39);
    let id = ids(&dir).remove(0);
    let erased = wallet(&dir, &["remove", "--erase", &id]).run().ending(0).row();
    assert_eq!(erased["kept_in"][0], rebuilt["damaged"], "whoever erases is told where a copy may still be");
    import(&dir, &folder.at("class")).run().ending(0);
    assert_eq!(ids(&dir).len(), 40);
}

#[test]
fn a_rebuilding_that_names_what_is_lost_does_not_end_as_if_all_were_well() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    add(&dir, &folder.file("a.json", badge("Welding")));
    fs::remove_file(dir.join("wallet.db")).unwrap();
    let rebuilt = wallet(&dir, &["rebuild"]).run().ending(1).row();
    assert_eq!((rebuilt["lost"][0]["name"].as_str(), rebuilt["damaged"].is_null()), (Some("Welding"), true));
}

#[test]
fn a_newer_wallet_is_refused_in_words_that_say_what_to_do() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    add(&dir, &folder.file("a.json", badge("Welding")));
    let mut bytes = fs::read(dir.join("wallet.db")).unwrap();
    bytes[63] = 99;
    fs::write(dir.join("wallet.db"), &bytes).unwrap();
    for words in [&["list"][..], &["rebuild"], &["remove", "abcdef"]] {
        let run = wallet(&dir, words).run().ending(4);
        assert_eq!(run.problem(), "wallet_newer");
        assert!(run.out.contains("version 99") && run.out.contains("Install"), "{}", run.out);
    }
    assert_eq!(fs::read(dir.join("wallet.db")).unwrap(), bytes);
}

#[test]
fn a_folder_that_cannot_be_used_is_named_with_the_reason() {
    let folder = Folder::new();
    let file = folder.file("a.json", badge("Welding"));
    for dir in [file.clone(), file.join("under-a-file"), PathBuf::from("/proc/no-such-place"), PathBuf::from("/dev/null")] {
        let run = import(&dir, &file).run().ending(4);
        assert_eq!(run.problem(), "wallet_unusable", "{}", dir.display());
        assert!(run.out.contains(dir.to_str().unwrap()), "{}", run.out);
    }
    let dir = folder.at("wallet");
    let id = add(&dir, &file);
    fs::remove_file(dir.join("index.db")).unwrap();
    fs::create_dir(dir.join("index.db")).unwrap();
    assert_eq!(ids(&dir), [id], "an index that cannot be written hides nothing");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_added() {
    let folder = Folder::new();
    let size = asked("SATCHEL_DISK", 4);
    let Some(disk) = Disk::mount(folder.at("disk"), &format!("{size}m")) else { return };
    let files = hosted_class(&folder, 225 * size);
    let dir = disk.path().join("wallet");
    let run = import(&dir, &folder.at("class")).run().ending(4);
    let mut rows = run.rows();
    let problem = rows.pop().unwrap();
    assert_eq!(problem["problem"]["code"], "disk_full", "{problem}");
    assert!(problem["problem"]["retry"].as_bool().unwrap());
    assert!(!rows.is_empty() && rows.len() < files.len(), "{} of {} were added", rows.len(), files.len());
    // Still full: what is there can be read all the same.
    for row in rows.iter().take(5).chain(rows.iter().rev().take(5)) {
        assert!(original(&dir, row["id"].as_str().unwrap()) == files[row["path"].as_str().unwrap()]);
    }
    disk.remount("size=256m");
    let again = import(&dir, &folder.at("class")).run().ending(0).rows();
    let duplicates = again.iter().filter(|row| row["result"] == "duplicate").count();
    assert!(duplicates >= rows.len(), "{duplicates} of {}", rows.len());
    let rebuilt = wallet(&dir, &["rebuild"]).run().ending(0).row();
    assert_eq!((rebuilt["badges"].as_u64(), rebuilt["damaged"].is_null()), (Some(225 * size as u64), true));
}

#[test]
fn a_disk_that_takes_no_more_files_is_told_and_loses_nothing_that_was_added() {
    let folder = Folder::new();
    let Some(disk) = Disk::mount(folder.at("disk"), "16m,nr_inodes=100") else { return };
    let room = |files: usize| disk.remount(&format!("nr_inodes={files}"));
    let (first, second) = (folder.file("first.json", badge("Welding")), folder.file("second.json", badge("Brazing")));
    let mut was_refused = 0;
    // The root is one; then come the folder, the lock, the database, its journal, the index and its journal.
    for files in 2..=8 {
        let dir = disk.path().join("wallet");
        room(files);
        let run = import(&dir, &first).run();
        let row = run.row();
        match run.status {
            Some(0) => assert_eq!(row["result"], "added"),
            Some(4) => was_refused += usize::from(row["problem"]["code"] == "disk_full"),
            other => panic!("{other:?}: {}", run.said()),
        }
        room(100);
        let again = import(&dir, &first).run().ending(0).row();
        assert_eq!(again["result"] == "duplicate", run.status == Some(0), "{files}: {again}");
        // As many as there are now that it is closed, so that not one more fits.
        let there = fs::read_dir(&dir).unwrap().count() + 2;
        room(there);
        was_refused += usize::from(import(&dir, &second).run().ending(4).problem() == "disk_full");
        room(there + 1);
        assert_eq!(ids(&dir), [again["id"].as_str().unwrap()], "{files}: one file more is enough to read");
        room(100);
        assert_eq!(import(&dir, &second).run().ending(0).row()["result"], "added");
        assert_eq!(wallet(&dir, &["rebuild"]).run().ending(0).row()["badges"], 2);
        fs::remove_dir_all(dir).unwrap();
    }
    assert!(was_refused >= 9, "{was_refused}");
}

#[test]
fn a_thousand_badges_are_listed_and_searched() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let text = badge("Welding");
    for number in 0..1000 {
        folder.file(format!("class/{number:04}.json"), text.replace("Welding", &format!("Award {number}")));
    }
    import(&dir, &folder.at("class")).run().ending(0);
    assert_eq!(ids(&dir).len(), 1000);
    let found = wallet(&dir, &["search", "award", "432"]).run().ending(0).row();
    assert_eq!(found["name"], "Award 432");
    // A reader that has seen enough is no problem.
    wallet(&dir, &["list"]).run_unheard().ending(0);
}

// ---- Records ----

#[test]
fn a_record_of_a_learner_is_kept_as_it_came_and_found_by_what_is_in_it() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let bytes = data::bytes("clr2/simple.json");
    let id = add(&dir, &folder.file("transcript.json", &bytes));
    for word in ["transcript", "teamwork", "corp"] {
        assert_eq!(wallet(&dir, &["search", word]).run().ending(0).row()["id"], id.as_str(), "{word}");
    }
    assert!(wallet(&dir, &["search", "welding"]).run().ending(0).rows().is_empty());
    let shown = wallet(&dir, &["show", &id]).run().ending(0).row();
    let nested = &shown["nested"][0];
    let told = [&nested["relation"], &nested["verdict"], &nested["badge"]["name"]].map(|value| value.as_str().unwrap());
    assert_eq!(told, ["bundled", "undecided", "Teamwork Badge"]);
    let words = satchel(["wallet", "--wallet", dir.to_str().unwrap(), "show", &id]).run().ending(0);
    assert!(words.out.contains("? Undecided  Teamwork Badge"), "{}", words.out);
    assert_eq!(original(&dir, &id), bytes, "byte for byte");
}

// ---- Archives, addresses and text ----

/// What became of each: its path under the folder, the result and the code of a refusal.
fn told(rows: &[Value], folder: &Folder) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let root = format!("{}/", folder.at("").to_str().unwrap().trim_end_matches('/'));
    rows.iter().map(|row| (text(&row["path"]).replace(&root, ""), text(&row["result"]), text(&row["code"]))).collect()
}

#[test]
fn an_archive_gives_a_badge_for_each_of_its_files_and_leads_nowhere() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let picture = picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]);
    let escaping = badge("Brazing");
    let inner = archive(&[("inner.json", badge("Inner").as_bytes())]);
    let files: [(&str, &[u8]); 9] = [
        ("class/", b""),
        ("class/welding.png", &picture),
        ("../../etc/brazing.json", escaping.as_bytes()),
        ("C:\\evil\\..\\copy.json", escaping.as_bytes()),
        ("README.txt", b"What is in here"),
        ("index.json", b"[1, 2]"),
        ("__MACOSX/class/._welding.png", &picture),
        ("inner.zip", &inner),
        ("cut.png", &picture[..picture.len() - 40]),
    ];
    folder.file("export.zip", archive(&files));
    let rows = import(&dir, &folder.at("export.zip")).run().ending(1).rows();
    let expected = [
        ("export.zip/class/welding.png", "added", ""),
        ("export.zip/etc/brazing.json", "added", ""),
        ("export.zip/C:/evil/copy.json", "duplicate", ""),
        ("export.zip/cut.png", "added", ""),
    ];
    let told_now = told(&rows, &folder);
    assert_eq!(
        told_now[..3].iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect::<Vec<_>>(),
        expected[..3],
        "{rows:?}"
    );
    assert_eq!((told_now.len(), told_now[3].0.as_str()), (4, "export.zip/cut.png"), "what is no badge at all is passed over");
    let shown = wallet(&dir, &["show", rows[0]["id"].as_str().unwrap()]).run().ending(0).row();
    assert_eq!(shown["file"], "export.zip/class/welding.png");
    assert_eq!(original(&dir, rows[0]["id"].as_str().unwrap()), picture, "byte for byte");
    let out = folder.at("out");
    wallet(&dir, &["export", "--all"]).arg(&out).run().ending(0);
    assert!(fs::read_dir(out.join("badges")).unwrap().count() >= 2);
}

#[test]
fn an_archive_that_is_not_in_order_says_why() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let zeros = vec![0_u8; 65 << 20];
    let welding = badge("Welding");
    let whole = archive(&[("a.json", welding.as_bytes())]);
    let mut encrypted = whole.clone();
    // The flag of an encrypted entry, in its own head and in the directory (APPNOTE.TXT, 4.4.4).
    encrypted[6] |= 1;
    let directory = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    encrypted[directory + 8] |= 1;
    let mut changed = whole.clone();
    changed[60] ^= 0x55;
    let name = format!("{}.json", "x".repeat(2000));
    let many: Vec<String> = (0..20_001).map(|number| format!("{number}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("empty.zip", archive(&[]), "archive_without_badge"),
        ("plain.zip", archive(&[("notes.txt", b"Dear diary")]), "archive_without_badge"),
        ("cut.zip", whole[..whole.len() / 2].to_vec(), "archive_malformed"),
        ("changed.zip", changed, "archive_malformed"),
        ("large.zip", archive(&[("bomb.json", &zeros)]), "archive_entry_too_large"),
        ("encrypted.zip", encrypted, "archive_encrypted"),
        ("long.zip", archive(&[(&name, b"{}")]), "archive_name_too_long"),
        ("many.zip", archive(&many), "archive_too_many_entries"),
    ];
    for (name, bytes, code) in cases {
        let path = folder.file(name, bytes);
        let row = import(&dir, &path).run().ending(1).row();
        assert_eq!((row["result"].as_str(), row["code"].as_str()), (Some("refused"), Some(code)), "{name}: {row}");
    }
    let shares: Vec<String> = (0..17).map(|number| format!("{number}.json")).collect();
    let bomb: Vec<(&str, &[u8])> = shares.iter().map(|name| (name.as_str(), &zeros[..63 << 20])).collect();
    let path = folder.file("bomb.zip", archive(&bomb));
    assert!(fs::metadata(&path).unwrap().len() < 4 << 20);
    let row = import(&dir, &path).run().ending(1).row();
    assert_eq!(row["code"], "archive_too_large", "{row}");
}

/// A badge whose picture lies at an address.
fn pictured(url: &str) -> String {
    let mut award = help::award(&help::key(), "Welding");
    award["credentialSubject"]["achievement"]["image"] = json!({"id": url, "type": "Image"});
    help::sign(&award).to_string()
}

#[test]
fn a_picture_at_an_address_is_fetched_kept_and_baked_into() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer_with("/badge.png", 200, "image/png", &picture::png(&[]));
    server.answer_with("/badge.svg", 200, "image/svg+xml", picture::SVG.as_bytes());
    let holds = |png: &[u8], text: &str| {
        satchel_badge::container::open_bytes(png).payload().is_ok_and(|payload| payload == text.as_bytes())
    };
    // The width of a PNG, which stands in its head.
    for (name, width) in [("/badge.png", 1_u32), ("/badge.svg", 640)] {
        let dir = folder.at(&name[1..]);
        let (url, text) = (server.url(name), pictured(&server.url(name)));
        let file = folder.file("badge.json", &text);
        // Nobody was asked: what is not here yet is not said to be lacking.
        let id = add(&dir, &file);
        let shown = || wallet(&dir, &["show", &id]).run().ending(0).row();
        assert_eq!((&shown()["picture_away"], server.asked_for(name)), (&json!(url), 0));
        let refused = wallet(&dir, &["export", &id, "--png", "--offline", "-o", "-"]).run().ending(1);
        assert_eq!(refused.problem(), "picture_away");
        assert!(refused.said().contains(&url), "{}", refused.said());
        // With the import, or with the export that needs it.
        let fetched =
            wallet(&dir, &["export", &id, "--png", "--allow-host", &server.host(), "-o", "-"]).run().ending(0).out_bytes;
        assert!(holds(&fetched, &text) && fetched[16..20] == width.to_be_bytes());
        assert_eq!((&shown()["picture_away"], server.asked_for(name)), (&Value::Null, 1));
        assert_eq!(wallet(&dir, &["export", &id, "--png", "--offline", "-o", "-"]).run().ending(0).out_bytes, fetched);
        let (another, host) = (folder.at(format!("import{}", &name[1..])), server.host());
        wallet(&another, &["import", "--allow-host", &host]).arg(&file).run().ending(0);
        assert_eq!(wallet(&another, &["export", &id, "--png", "--offline", "-o", "-"]).run().ending(0).out_bytes, fetched);
        // It goes with the badge.
        wallet(&another, &["remove", &id, "--erase"]).run().ending(0);
        let database = rusqlite::Connection::open(another.join("wallet.db")).unwrap();
        assert_eq!(database.query_row("SELECT count(*) FROM evidence", [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}

#[test]
fn a_picture_is_asked_for_where_the_issuer_named_it_and_what_is_none_is_not_kept() {
    let (server, folder) = (Server::start(), Folder::new());
    let dir = folder.at("wallet");
    let import = |text: &str| {
        let file = folder.file("badge.json", text);
        let row = wallet(&dir, &["import", "--allow-host", &server.host()]).arg(file).run().row();
        row["id"].as_str().unwrap().to_owned()
    };
    // Whoever changed the badge may have changed the address.
    let changed = pictured(&server.url("/badge.png")).replace("badge.png", "other.png");
    server.answer_with("/other.png", 200, "image/png", &picture::png(&[]));
    import(&changed);
    assert_eq!(server.requests(), 0);
    let large = [picture::png(&[]), vec![0; 9 << 20]].concat();
    let nothing: [(&str, u16, &[u8]); 3] =
        [("/page", 200, b"<html>no picture</html>"), ("/gone.png", 404, &picture::png(&[])), ("/large.png", 200, &large)];
    for (path, status, bytes) in nothing {
        server.answer_with(path, status, "image/png", bytes);
        let id = import(&pictured(&server.url(path)));
        assert!(server.asked_for(path) > 0, "{path}");
        let refused = wallet(&dir, &["export", &id, "--png", "--allow-host", &server.host(), "-o", "-"]).run().ending(1);
        assert_eq!(refused.problem(), "picture_away", "{path}");
        let database = rusqlite::Connection::open(dir.join("wallet.db")).unwrap();
        assert_eq!(database.query_row("SELECT count(*) FROM evidence", [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{path}");
    }
}

#[test]
fn a_badge_comes_from_an_address_and_is_kept_with_it() {
    let (folder, server) = (Folder::new(), Server::start());
    let dir = folder.at("wallet");
    let picture = picture::png(&[picture::badge("openbadgecredential", &badge("Welding"))]);
    server.answer_with("/share/welding.png", 200, "image/png", &picture);
    server.answer_with("/page", 200, "text/html", b"<!doctype html><p>A page for people");
    for (path, document) in hosted(&server.url(""), 1) {
        server.serve(&path, &document);
    }
    let fetch = |path: &str| {
        let run = wallet(&dir, &["import", "--allow-host", &server.host(), &server.url(path)]).run();
        run.rows().remove(0)
    };
    let row = fetch("/share/welding.png");
    assert_eq!((row["result"].as_str(), row["path"].as_str()), (Some("added"), Some(server.url("/share/welding.png").as_str())));
    let id = row["id"].as_str().unwrap();
    assert_eq!(original(&dir, id), picture);
    let shown = wallet(&dir, &["show", id]).run().ending(0).row();
    assert_eq!(
        (shown["file"].as_str(), shown["source"].as_str()),
        (Some("welding.png"), Some(server.url("/share/welding.png").as_str()))
    );
    assert_eq!(fetch("/assertion-1.json")["verdict"], "valid");
    for (path, code) in [("/gone", "source_unreachable"), ("/page", "unknown_format")] {
        let row = fetch(path);
        assert_eq!((row["result"].as_str(), row["code"].as_str()), (Some("refused"), Some(code)), "{row}");
    }
    let offline = import(&dir, Path::new(&server.url("/share/welding.png"))).run().ending(1).row();
    assert_eq!(offline["code"], "source_unreachable");
    let inside = wallet(&dir, &["import", &server.url("/share/welding.png")]).run().ending(1).row();
    assert_eq!(inside["code"], "source_unreachable", "nobody is led inside the network");
    // It is kept through a rebuilding, and gone with the badge.
    wallet(&dir, &["rebuild"]).run().ending(0);
    assert!(wallet(&dir, &["show", id]).run().ending(0).row()["source"].is_string());
    wallet(&dir, &["remove", "--erase", id]).run().ending(0);
    for file in fs::read_dir(&dir).unwrap() {
        assert!(!fs::read(file.unwrap().path()).unwrap().windows(13).any(|part| part == b"share/welding"));
    }
}

#[test]
fn a_picture_with_nothing_but_a_link_is_joined_with_its_assertion() {
    let (folder, server) = (Folder::new(), Server::start());
    for (path, document) in hosted(&server.url(""), 1) {
        server.serve(&path, &document);
    }
    let [(path, assertion), ..] = hosted(&server.url(""), 1);
    let picture = picture::png(&[picture::badge("openbadges", &server.url(&path))]);
    let files = [folder.file("old.png", &picture), folder.file("a.json", assertion.to_string())];
    let online =
        |dir: &Path, file: &Path| wallet(dir, &["import", "--allow-host", &server.host()]).arg(file).run().ending(0).row();
    for (dir, [first, second]) in [("one", [&files[0], &files[1]]), ("other", [&files[1], &files[0]])] {
        let dir = folder.at(dir);
        let (one, two) = (online(&dir, first), online(&dir, second));
        assert_eq!((one["result"].as_str(), two["result"].as_str()), (Some("added"), Some("duplicate")), "{two}");
        assert_eq!((&one["id"], &one["verdict"]), (&two["id"], &json!("valid")));
        let shown = wallet(&dir, &["show", one["id"].as_str().unwrap()]).run().ending(0).row();
        assert_eq!((shown["copies"].as_u64(), shown["verdict"].as_str()), (Some(1), Some("valid")));
        // Also after something else was damaged, and all that is whole was saved.
        add(&dir, &folder.file("other.json", badge("Brazing")));
        let mut bytes = fs::read(dir.join("wallet.db")).unwrap();
        let at = bytes.windows(7).position(|part| part == b"Brazing").unwrap();
        bytes[at] ^= 1;
        fs::write(dir.join("wallet.db"), &bytes).unwrap();
        let rebuilt = wallet(&dir, &["rebuild"]).run().row();
        assert!(rebuilt["damaged"].is_string(), "{rebuilt}");
        assert!(ids(&dir).iter().any(|id| one["id"] == *id), "{rebuilt}");
        assert_eq!(original(&dir, one["id"].as_str().unwrap()), fs::read(first).unwrap());
    }
    // Whoever asked nobody has the link as it is, and it stays that badge.
    let dir = folder.at("offline");
    let alone = add(&dir, &files[0]);
    assert_eq!(online(&dir, &files[0])["id"], alone.as_str());
}

#[test]
fn text_that_is_pasted_is_a_badge_or_has_the_addresses_of_some() {
    let (folder, server) = (Folder::new(), Server::start());
    let dir = folder.at("wallet");
    let paste = |text: &str| {
        let run = wallet(&dir, &["import", "--allow-host", &server.host(), "-"]).input(text.to_owned()).run();
        told(&run.rows(), &folder)
    };
    let text = format!("  {}\n", badge("Welding"));
    assert_eq!(paste(&text), [(String::from("-"), String::from("added"), String::new())]);
    let id = ids(&dir).remove(0);
    assert_eq!(original(&dir, &id), text.as_bytes(), "as it came, also the spaces");
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, badge("Brazing"));
    assert_eq!(paste(&format!("data:application/json;base64,{encoded}"))[0].1, "added");
    server.answer_with("/one", 200, "application/json", badge("One").as_bytes());
    server.answer_with("/two", 200, "application/json", badge("Two").as_bytes());
    let mail = format!("Dear Ada,\nyour badges: <{}> and {}.\n", server.url("/one"), server.url("/two"));
    let expected = ["/one", "/two"].map(|path| (server.url(path), String::from("added"), String::new()));
    assert_eq!(paste(&mail), expected);
    assert_eq!(paste("Dear diary")[0].2, "unknown_format");
    assert_eq!(paste("")[0].2, "empty");
    assert_eq!(ids(&dir).len(), 4);
}

// ---- What is remembered between runs ----

/// The wallet itself, at a time that a test sets.
struct Kept {
    dir: PathBuf,
    client: Client,
}

impl Kept {
    fn new(folder: &Folder, server: &Server) -> Self {
        let policy = NetworkPolicy { allow: vec![server.host().parse().unwrap()], ..NetworkPolicy::default() };
        Self { dir: folder.at("wallet"), client: Client::new(policy).unwrap() }
    }

    fn open(&self, day: i64) -> Wallet {
        Wallet::open_or_create(&self.dir, on(day)).unwrap()
    }

    /// Imports a badge, asking its hosts; the state that a list shows then.
    fn import(&self, badge: &str, day: i64) -> (State, Option<Mark>) {
        let mut wallet = self.open(day);
        let candidate = Candidate::of_bytes("a.json", badge.as_bytes());
        let mut importer = wallet.importer(Some(&self.client), on(day));
        let imported = importer.take(&[candidate]).unwrap().remove(0).remove(0);
        let said = State::of(&imported.report);
        let row =
            wallet.find(&Query::default(), on(day)).unwrap().rows.into_iter().find(|row| Some(row.id) == imported.id).unwrap();
        assert_eq!(row.state, said, "what is said and what is listed");
        (row.state, row.mark)
    }

    fn listed(&self, day: i64) -> (State, Option<Mark>) {
        let row = self.open(day).find(&Query::default(), on(day)).unwrap().rows.remove(0);
        (row.state, row.mark)
    }
}

/// So many days after the tests begin.
fn on(day: i64) -> Timestamp {
    "2026-05-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * day)
}

/// A badge with a place in the list of revoked badges at this address.
fn listed(name: &str, url: &str) -> String {
    let mut award = help::award(&help::key(), name);
    award["credentialStatus"] = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "5",
        "statusListCredential": url});
    help::sign(&award).to_string()
}

/// A list with this number, in which the badge is revoked or not.
fn list(number: u64, revoked: bool) -> Value {
    let mut bits = vec![0; satchel_badge::status::MIN_BITS / 8];
    bits[0] = if revoked { 0b100 } else { 0 };
    help::sign(&json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": format!("https://issuer.example/status/{number}"),
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": help::key().controller(),
        "validFrom": "2026-04-30T00:00:00Z", "credentialSubject": {"id": format!("https://issuer.example/status/{number}#list"),
            "type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": satchel_badge::status::encode(&bits)},
    }))
}

const REVOKED: (State, Option<Mark>) = (State::Invalid, Some(Mark::Revoked));
const INTACT: (State, Option<Mark>) = (State::Intact, None);

#[test]
fn a_list_never_goes_back_to_a_lower_number_than_a_wallet_has_seen() {
    let (folder, server) = (Folder::new(), Server::start());
    let (kept, url) = (Kept::new(&folder, &server), server.url("/list"));
    let badge = listed("Welding", &url);
    server.serve("/list", &list(7, false));
    assert_eq!(kept.import(&badge, 0), INTACT);
    server.serve("/list", &list(9, true));
    assert_eq!(kept.import(&badge, 1), REVOKED);
    server.serve("/list", &list(8, false));
    assert_eq!(kept.import(&badge, 2), REVOKED, "an older list hides nothing");
    assert_eq!(kept.import(&listed("Brazing", &url), 2), REVOKED, "from no badge");
    drop(Wallet::rebuild(&kept.dir, on(3)).unwrap());
    assert_eq!(kept.import(&badge, 3), REVOKED, "nor after a rebuilding");
    server.serve("/list", &list(10, false));
    assert_eq!(kept.import(&badge, 4), INTACT, "a newer one is taken");
    // The number is known by itself, even where the list is not there any more.
    let database = rusqlite::Connection::open(kept.dir.join("wallet.db")).unwrap();
    database.execute("DELETE FROM evidence", []).unwrap();
    drop(database);
    server.serve("/list", &list(9, false));
    assert_eq!(kept.import(&badge, 5), (State::Undecided, Some(Mark::StatusUnknown)));
    // And what is erased leaves no address behind.
    let mut wallet = kept.open(6);
    for row in wallet.find(&Query::default(), on(6)).unwrap().rows {
        wallet.erase(&row.id.to_string().parse().unwrap(), on(6)).unwrap();
    }
    for file in fs::read_dir(&kept.dir).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(url.len()).any(|part| part == url.as_bytes()));
    }
}

#[test]
fn a_list_that_nobody_could_believe_raises_no_number() {
    let (folder, server) = (Folder::new(), Server::start());
    let kept = Kept::new(&folder, &server);
    let badge = listed("Welding", &server.url("/list"));
    let mut forged = list(99, false);
    forged["credentialSubject"]["encodedList"] = satchel_badge::status::encode(&[0; 16_384]).replace('A', "B").into();
    server.serve("/list", &forged);
    assert_eq!(kept.import(&badge, 0), (State::Undecided, Some(Mark::StatusUnknown)));
    server.serve("/list", &list(7, false));
    assert_eq!(kept.import(&badge, 1), INTACT);
}

#[test]
fn a_list_that_was_asked_for_anew_counts_anew_though_it_says_the_same() {
    let (folder, server) = (Folder::new(), Server::start());
    let kept = Kept::new(&folder, &server);
    let badge = listed("Welding", &server.url("/list"));
    server.serve("/list", &list(7, false));
    assert_eq!(kept.import(&badge, 0), INTACT);
    assert_eq!(kept.listed(89), INTACT);
    assert_eq!(kept.listed(95), (State::Undecided, Some(Mark::StatusUnknown)), "it gets too old");
    kept.import(&listed("Brazing", &server.url("/list")), 96);
    let rows = kept.open(96).find(&Query::default(), on(96)).unwrap().rows;
    assert!(rows.len() == 2 && rows.iter().all(|row| row.state == State::Intact), "also for the badge that was there before");
}

#[test]
fn not_found_takes_no_key_and_no_list_away_and_withdraws_what_is_hosted() {
    let (folder, server) = (Folder::new(), Server::start());
    let kept = Kept::new(&folder, &server);
    let badge = listed("Welding", &server.url("/list"));
    server.serve("/list", &list(7, true));
    assert_eq!(kept.import(&badge, 0), REVOKED);
    server.answer_with("/list", 404, "text/html", b"Nothing here.");
    assert_eq!(kept.import(&badge, 1), REVOKED);
    for (path, document) in hosted(&server.url(""), 1) {
        server.serve(&path, &document);
    }
    let [(path, assertion), ..] = hosted(&server.url(""), 1);
    assert_eq!(kept.import(&assertion.to_string(), 2), INTACT);
    server.answer_with(&path, 404, "text/html", b"Nothing here.");
    assert_eq!(kept.import(&assertion.to_string(), 3).0, State::Invalid, "its issuer vouches by hosting it");
}

#[test]
fn what_came_along_stands_beside_what_was_asked_for_and_decides_nothing() {
    let (folder, server) = (Folder::new(), Server::start());
    let (kept, url) = (Kept::new(&folder, &server), server.url("/list"));
    let badge = listed("Welding", &url);
    let bring = |forged: &Value, day| {
        let mut wallet = kept.open(day);
        let mut importer = wallet.importer(None, on(day));
        importer.bring(&url, Document::given(forged.to_string().into_bytes()));
        importer.take(&[Candidate::of_bytes("a.json", badge.as_bytes())]).unwrap();
        let origins: Vec<Origin> = wallet.documents(&url).unwrap().iter().map(|document| document.origin).collect();
        origins
    };
    assert_eq!(bring(&list(5, false), 0), [Origin::Brought]);
    assert_eq!(kept.listed(0), (State::Undecided, Some(Mark::StatusUnknown)), "it makes nothing pass");
    server.serve("/list", &list(7, true));
    assert_eq!(kept.import(&badge, 1), REVOKED);
    assert_eq!(bring(&list(99, false), 2), [Origin::Fetched, Origin::Brought]);
    assert_eq!(kept.listed(2), REVOKED, "and takes the place of nothing");
    server.serve("/list", &list(8, false));
    assert_eq!(kept.import(&badge, 3), INTACT, "nor does its number count");
    let (wallet, _) = Wallet::rebuild(&kept.dir, on(4)).unwrap();
    assert_eq!(wallet.documents(&url).unwrap().len(), 2);
}

/// Types answers at a terminal of its own (Python's `pty`): each once the words before it are seen. All that was said.
fn typed(dir: &Path, words: &[&str], steps: &[(&str, &str)]) -> String {
    let drive = "
import json, os, pty, sys
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0: os.execv(command[0], command)
said = at = ''
def more():
    global said, at
    try: text = os.read(terminal, 4096).decode()
    except OSError: text = ''
    said += text; at += text
    return text
for seen, text in steps:
    while seen not in at:
        if not more(): break
    at = at.partition(seen)[2]
    os.write(terminal, (text + chr(10)).encode())
while more(): pass
print(said, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";
    let mut command = Command::new("python3");
    command.args(["-c", drive]).arg(serde_json::to_string(steps).unwrap()).arg(program());
    command.args(["wallet", "--wallet"]).arg(dir).args(words);
    command.env_remove("SATCHEL_PASSPHRASE").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").env("LANG", "en_GB.UTF-8");
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn a_new_passphrase_that_is_too_short_or_typed_otherwise_the_second_time_is_asked_for_again() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    wallet(&dir, &["import"]).arg(folder.file("badge.json", badge("Welding"))).run().ending(0);
    let (right, ask, again) = ("a walrus in the kettle", "12 characters or more", "Once more");
    let steps = [(ask, "short"), (ask, right), (again, "a walrus in the cattle"), (ask, right), (again, right)];
    let said = typed(&dir, &["lock"], &steps);
    assert!(said.contains("That is too short.") && said.contains("The two are not the same."), "{said}");
    assert!(said.contains("The wallet is locked") && said.trim_end().ends_with('0'), "{said}");
    assert_eq!(wallet(&dir, &["list"]).env("SATCHEL_PASSPHRASE", right).run().ending(0).rows().len(), 1);
}
