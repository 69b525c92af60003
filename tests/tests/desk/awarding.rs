//! Awards to everybody in a table: checked whole, signed once, written as pictures that verify anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use satchel_tests::desk::{Desk, PASSPHRASE};
use satchel_tests::shell::{program, satchel};
use serde_json::{Value, json};

const TABLE: &str = "email,name,issued_on,expires,evidence_url,narrative
ada@posta.example,Ada Lovelace,2026-01-31,2999-06-30,https://valdora.example/seams/1,\"Walked, and \"\"read\"\".\"
zoë@posta.example,Zoë,,,,
BOB@Posta.example,,2026-02-01T10:00:00+01:00,,,
";

/// The codes of the rows that are not right, by their numbers.
fn bad(desk: &Desk, text: impl AsRef<[u8]>) -> BTreeMap<i64, String> {
    let rows = desk.award("paesaggio", &desk.table(text), &[]).ending(1).rows();
    assert!(!desk.folder.at("out").exists(), "nothing was written");
    let code = |row: &Value| (row["row"].as_i64().unwrap(), row["code"].as_str().unwrap().to_owned());
    rows.iter().map(code).collect()
}

/// The code of a table that cannot be read, with what it is about.
fn unreadable(desk: &Desk, text: impl AsRef<[u8]>) -> String {
    let run = desk.award("paesaggio", &desk.table(text), &[]).ending(1);
    assert_eq!(run.problem(), "bad_recipients", "{}", run.out);
    run.row()["problem"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn everybody_in_a_table_gets_a_picture_that_verifies() {
    let desk = Desk::new();
    let slug = desk.badge("paesaggio");
    let rows = desk.award(&slug, &desk.table(TABLE), &[]).ending(0).rows();
    assert_eq!(rows.len(), 3);
    for (row, email) in rows.iter().zip(["ada@posta.example", "zoë@posta.example", "bob@posta.example"]) {
        assert_eq!((&row["status"], &row["ob2"]), (&json!("awarded"), &Value::Null), "no server, no older form: {row}");
        let file = desk.out(row["ob3"].as_str().unwrap());
        let verdict = satchel(["verify", "--offline", "--json", "--recipient", email]).arg(&file).run().ending(0).row();
        assert_eq!(verdict["verdict"], "valid", "{verdict}");
        let stranger = satchel(["verify", "--offline", "--json", "--recipient", "eve@posta.example"]).arg(&file).run();
        assert_eq!(stranger.ending(1).row()["verdict"], "invalid");
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains("posta.example"), "no address in it");
    }
    let shown = satchel(["verify", "--offline", "--json"]).arg(desk.out("00002-ob3.png")).run().ending(0).row();
    let text = shown.to_string();
    for part in ["2026-01-31", "2999-06-30", "https://valdora.example/seams/1", "Walked, and", "ESCO", "Competency", "field work"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(desk.results().len(), 3);
    assert_eq!(desk.results()[0]["id"], rows[0]["id"]);
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 3);

    // The same people again are caught, whatever the file is called; others are not.
    let text = "name,email\nAda,ADA@posta.example\nCarl,carl@posta.example\n";
    let again = desk.awarding(&slug, &desk.table(text), "again", &[]).run().ending(1).rows();
    assert_eq!((again.len(), &again[0]["row"], &again[0]["code"]), (1, &json!(2), &json!("repeated")));
    let left = desk.awarding(&slug, &desk.table(text), "again", &["--skip-bad", "--form", "vc-jwt"]).run().ending(1).rows();
    assert_eq!((&left[0]["code"], &left[1]["status"]), (&json!("repeated"), &json!("awarded")));
    let token = desk.folder.at("again/00003-ob3.png");
    assert_eq!(satchel(["verify", "--offline", "--json"]).arg(token).run().ending(0).row()["verdict"], "valid");
}

#[test]
fn nothing_is_signed_while_a_row_is_not_right() {
    let desk = Desk::new();
    desk.badge("paesaggio");
    let long = "n".repeat(20_000);
    let text = format!(
        "email,name,issued_on,expires,evidence_url,narrative
ada@posta.example,,,,,
not an address,,,,,
,Nobody,,,,
ADA@posta.example,,,,,
b@posta.example,,31/01/2026,,,
c@posta.example,,2999-01-01,,,
d@posta.example,,2026-01-01,2025-01-01,,
e@posta.example,,,2020-01-01,,
f@posta.example,,,,javascript:alert(1),
g@posta.example,,,,,{long}
h@posta.example,a\u{202e}b,,,,
i@posta.example,,
,,,,,
j@posta.example,,,,,
"
    );
    let expected = [
        (3, "not_an_address"),
        (4, "missing"),
        (5, "twice_in_file"),
        (6, "not_a_date"),
        (7, "in_future"),
        (8, "before_start"),
        (9, "in_past"),
        (10, "not_a_url"),
        (11, "too_long"),
        (12, "control_characters"),
        (13, "wrong_columns"),
    ];
    assert_eq!(bad(&desk, &text), expected.map(|(row, code)| (row, code.to_owned())).into());
    let bytes = [b"email,name\nada@posta.example,Zo\xeb\nbob@posta.example,Bob\n".as_slice()].concat();
    assert_eq!(bad(&desk, bytes), [(2, "not_utf8".to_owned())].into());
    let languages = "email,language\nada@posta.example,fr\nbob@posta.example,it\n";
    assert_eq!(bad(&desk, languages), [(2, "not_a_language".to_owned())].into());
    // For people: a line for each, with its number.
    let said = satchel(["desk", "award", "--badge", "paesaggio", "--recipients"]).arg(desk.table(&text));
    let said = said.arg("--out").arg(desk.folder.at("out")).arg("--desk").arg(desk.folder.at("desk"));
    let said = said.env("SATCHEL_PASSPHRASE", PASSPHRASE).run().ending(1);
    assert_eq!(said.out.lines().count(), expected.len(), "{}", said.out);
    assert!(said.out.contains("row 5  ADA@posta.example  email: it is there twice"), "{}", said.out);

    let rows = desk.award("paesaggio", &desk.table(&text), &["--skip-bad"]).ending(1).rows();
    let awarded: Vec<i64> =
        rows.iter().filter(|row| row["status"] == "awarded").map(|row| row["row"].as_i64().unwrap()).collect();
    assert_eq!((awarded, rows.len()), (vec![2, 15], 13));
    assert_eq!(desk.results().len(), 13);
}

#[test]
fn a_table_is_read_as_any_spreadsheet_saves_it() {
    let desk = Desk::new();
    desk.badge("paesaggio");
    let forms = [
        "\u{feff}email,name\r\n\"a1@posta.example\",\"Rossi, Ada\"\r\n",
        "EMAIL;Name\r\na2@posta.example;\"Rossi; Ada\"\r\n;\r\n",
        "email\tname\na3@posta.example\tAda",
        " email , name \na4@posta.example,\"Two\nlines\"\n",
    ];
    for (number, text) in forms.iter().enumerate() {
        let out = format!("out-{number}");
        let rows = desk.awarding("paesaggio", &desk.table(text), &out, &[]).run().ending(0).rows();
        assert_eq!((rows.len(), &rows[0]["status"]), (1, &json!("awarded")), "{text:?}");
    }
    for (text, about) in [
        ("", "email: it is missing"),
        ("email\n", "email: it is missing"),
        ("name\nAda\n", "email: it is missing"),
        ("email,expire\nada@posta.example,\n", "expire: it is not known here"),
        ("email,Email\nada@posta.example,\n", "email: it is there twice"),
        ("email,name\nada@posta.example,\"Ada\nbob@posta.example,Bob\n", "2: a quotation mark is opened and not closed"),
    ] {
        let message = unreadable(&desk, text);
        assert!(message.contains(about), "{text:?}: {message}");
    }
    assert!(unreadable(&desk, b"\xff\xfee\0m\0").contains("CSV UTF-8"));
    assert!(unreadable(&desk, "ada@posta.example,Ada\n").contains("names no column"));
    for other in [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), b"PK\x03\x04\x14\0\x06\0"] {
        assert!(unreadable(&desk, other).contains("no table"), "{other:?}");
    }
    // A spreadsheet must not run what somebody called a mailbox.
    let run = desk.award("paesaggio", &desk.table("email\n=1+1@posta.example\n"), &[]).ending(0);
    assert_eq!(run.row()["status"], "awarded");
    assert_eq!(desk.results()[0]["email"], "'=1+1@posta.example");
}

#[test]
fn the_file_of_a_badge_says_everything_that_is_wrong_with_it() {
    let desk = Desk::new();
    let add = |text: &str| desk.command(&["badge", "--file"]).arg(desk.folder.file("badge.json", text)).run();
    let message = |text: &str| {
        let run = add(text).ending(1);
        assert_eq!(run.problem(), "bad_badge", "{}", run.out);
        run.row()["problem"]["message"].as_str().unwrap().to_owned()
    };
    let said = message(
        r#"{"name": "", "criteria": {"id": "no address", "note": 1}, "image": "none.png", "tags": "craft", "slug": "A B",
            "achievementType": "Nonsense", "alignment": [{"targetName": "x"}], "expires": "2026"}"#,
    );
    let about = [
        "name",
        "description",
        "criteria.id",
        "criteria.note",
        "image none.png",
        "tags",
        "slug",
        "achievementType",
        "alignment.0.targetUrl",
        "expires",
    ];
    for about in about {
        assert!(said.contains(&format!("\n  {about}: ")), "{about}: {said}");
    }
    assert!(message("[]").contains("no JSON"));
    assert!(message(r#"{"name": "A", "name": "B"}"#).contains("no JSON"), "one name twice");
    desk.folder.file("not.png", b"\x89PNG\r\n\x1a\nno picture");
    assert!(message(r#"{"name": "A", "description": "B", "criteria": "C", "image": "not.png"}"#).contains("no picture"));

    assert!(message(r#"{"name": "A", "description": "B", "criteria": "C", "image": "none.png"}"#).contains("no such file"));
    // Letters would be left out in silence: no font is read.
    desk.folder
        .file("letters.svg", r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="8">Welding</text></svg>"#);
    assert!(message(r#"{"name": "A", "description": "B", "criteria": "C", "image": "letters.svg"}"#).contains("letters"));

    // The same once more is no mistake; another one under its name is.
    let good = r#"{"name": "Saldatura", "description": "Salda.", "criteria": "Salda un giunto."}"#;
    let made = add(good).ending(0).row();
    assert_eq!((&made["slug"], &made["result"]), (&json!("saldatura"), &json!("added")));
    assert_eq!(add(good).ending(0).row()["result"], "known");
    assert_eq!(add(&good.replace("Salda.", "Altro.")).ending(1).problem(), "badge_exists");
    assert_eq!(desk.command(&["badge"]).run().ending(0).row()["id"], made["id"]);
    let table = desk.table("email\nada@posta.example\n");
    assert_eq!(desk.award("none", &table, &[]).ending(1).problem(), "unknown_badge");
    // One without a picture has a plain one.
    desk.award("saldatura", &table, &[]).ending(0);
    assert!(fs::read(desk.out("00002-ob3.png")).unwrap().starts_with(b"\x89PNG"));
}

/// Rows of the table whose run is broken off.
const ROWS: usize = 400;

#[test]
fn whatever_stops_it_no_row_is_signed_twice_and_none_is_lost() {
    let kills: u32 = std::env::var("SATCHEL_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10);
    let desk = Desk::new();
    let slug = desk.badge("paesaggio");
    let rows: Vec<String> = (0..ROWS).map(|number| format!("person{number}@posta.example")).collect();
    let table = desk.table(format!("email\n{}\n", rows.join("\n")));
    assert_eq!(desk.award(&slug, &table, &["--resume"]).ending(1).problem(), "nothing_to_resume");
    let start = |resume: bool| {
        let mut command = Command::new(program());
        command.args(["desk", "award", "--badge", &slug, "--recipients"]).arg(&table).arg("--out").arg(desk.folder.at("out"));
        command.arg("--desk").arg(desk.folder.at("desk")).args(["--server", "https://badges.example"]);
        command.args(resume.then_some("--resume")).env("SATCHEL_PASSPHRASE", PASSPHRASE);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let files = || -> BTreeMap<String, Vec<u8>> {
        let Ok(entries) = fs::read_dir(desk.folder.at("out")) else { return BTreeMap::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with('.')).map(|name| (name.clone(), fs::read(desk.out(&name)).unwrap())).collect()
    };
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut seen: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let (mut begun, mut broken_off) = (false, 0);
    for _ in 0..kills {
        // The last run is to be one that did not come to its end, however slow the machine is at killing it.
        if seen.len() > ROWS {
            break;
        }
        let mut child = start(begun);
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Until some file more is there, or it ends; and a moment of any length after that.
        let (wanted, started) = (seen.len() + 1, Instant::now());
        while files().len() < wanted && child.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < Duration::from_mins(1), "it writes nothing");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random % 20_000));
        child.kill().unwrap();
        broken_off += u32::from(child.wait().unwrap().code().is_none());
        // Whatever was once written stays as it is: a second signature would be another file.
        let now = files();
        for (name, bytes) in &seen {
            assert!(now.get(name) == Some(bytes), "{name} changed");
        }
        begun = begun || !now.is_empty();
        seen = now;
    }
    assert!(broken_off > 0, "every run came to its end");
    assert_eq!(desk.award(&slug, &table, &[]).ending(1).problem(), "broken_off");
    let done = desk.award(&slug, &table, &["--resume"]).ending(0).rows();
    assert!(done.iter().all(|row| row["status"] == "awarded"));
    let now = files();
    for (name, bytes) in &seen {
        assert!(now.get(name) == Some(bytes), "{name} changed");
    }
    assert_eq!(now.len(), 2 * ROWS + 1, "both forms, and the results");
    // As many awards as rows: nothing else was ever kept.
    let db = rusqlite::Connection::open(desk.folder.at("desk/desk.db")).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((count("SELECT count(*) FROM award"), count("SELECT count(*) FROM run")), (i64::try_from(ROWS).unwrap(), 1));
    drop(db);
    let verified = satchel(["verify", "--offline", "--json"]).arg(desk.folder.at("out")).run();
    let parts = verified.rows().into_iter().filter(|row| row["format"] == "png");
    let ids: BTreeSet<String> = parts.filter_map(|row| Some(row["badge"]["id"].as_str()?.to_owned())).collect();
    assert_eq!(ids, done.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect());

    // A file that somebody lost is written again, and nothing is signed for it.
    fs::remove_file(desk.out("00002-ob3.png")).unwrap();
    fs::write(desk.out("00003-ob2.png"), b"torn").unwrap();
    desk.award(&slug, &table, &["--resume"]).ending(0);
    assert!(files() == now);
}

#[test]
fn damage_is_told_and_nothing_is_signed_over_it() {
    let desk = Desk::new();
    let slug = desk.badge("paesaggio");
    desk.award(&slug, &desk.table("email\nada@posta.example\n"), &["--server", "https://badges.example"]).ending(0);
    let other = desk.awarding(&slug, &desk.table("email\nbob@posta.example\n"), "b", &["--server", "https://other.example"]);
    assert_eq!(other.run().ending(1).problem(), "other_server");
    let path = desk.folder.at("desk/desk.db");
    let whole = fs::read(&path).unwrap();
    let at = whole.windows(9).rposition(|window| window == b"paesaggio").unwrap();
    let mut torn = whole.clone();
    torn[at] ^= 1;
    fs::write(&path, &torn).unwrap();
    let run = desk.awarding(&slug, &desk.table("email\nbob@posta.example\n"), "b", &[]).run();
    assert!(run.status != Some(0) || fs::read(&path).unwrap() != torn, "{}", run.said());
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, &newer).unwrap();
    assert_eq!(desk.command(&["badge"]).run().ending(4).problem(), "desk_newer");
    assert!(fs::read(&path).unwrap() == newer);
    fs::write(&path, b"something else entirely, of another program").unwrap();
    assert_eq!(desk.command(&["badge"]).run().ending(4).problem(), "desk_damaged");
}
