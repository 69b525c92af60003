//! A desk that awards a badge to 10,000 people: the whole program, from the table to two baked pictures each, beside writing the same bytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::json;

use crate::fixtures::Fixtures;
use crate::measure::{child, each, row};

/// People in the table.
const PEOPLE: usize = 10_000;

pub fn run(fixtures: &Fixtures, folder: &Path) {
    let command = |words: &[&str]| {
        let mut command = Command::new(crate::satchel());
        command.args(["desk", "--desk"]).arg(folder.join("desk")).args(words).env("SATCHEL_PASSPHRASE", "a walrus in the kettle");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let done = |mut command: Command| assert!(command.status().expect("it starts").success(), "{command:?}");
    done(command(&["new", "--name", "Istituto Volta", "--url", "https://volta.example", "--email", "badges@volta.example"]));
    fs::write(folder.join("welding.png"), &fixtures.png).expect("a picture");
    let badge = json!({ "name": "Careful Welding", "description": "Welds steel plates of three to twelve millimetres.", "slug": "welding",
        "criteria": { "narrative": "Weld five seams under supervision." }, "image": "welding.png", "achievementType": "Competency" });
    fs::write(folder.join("welding.json"), badge.to_string()).expect("a badge");
    let mut add = command(&["badge", "--file"]);
    add.arg(folder.join("welding.json"));
    done(add);
    let people: Vec<String> = (0..PEOPLE).map(|number| format!("person{number}@posta.example,Person {number}")).collect();
    fs::write(folder.join("people.csv"), format!("email,name\n{}\n", people.join("\n"))).expect("a table");
    // Nothing is removed before the end: ext4 takes its time with the places of files that went a short while ago.
    for (form, server) in [("OB 3.0 alone", None), ("both forms", Some("https://badges.example"))] {
        let out = folder.join(format!("awards, {form}"));
        let mut award = command(&["award", "--badge", "welding", "--recipients"]);
        award.arg(folder.join("people.csv")).arg("--out").arg(&out);
        if let Some(server) = server {
            award.args(["--server", server]);
        }
        let run = child(&mut award);
        assert!(run.status.success(), "every row is right");
        let files: Vec<Vec<u8>> =
            ["ob3", "ob2"].iter().filter_map(|form| fs::read(out.join(format!("00002-{form}.png"))).ok()).collect();
        let copies = folder.join(format!("copies, {form}"));
        fs::create_dir_all(&copies).expect("a folder");
        let (mut number, started) = (0, Instant::now());
        let floor = each(PEOPLE, || {
            number += 1;
            for (form, bytes) in files.iter().enumerate() {
                fs::write(copies.join(format!("{number:05}-{form}.png")), bytes).expect("a file");
            }
        });
        let floor_wall = started.elapsed().as_secs_f64() / PEOPLE as f64;
        row(&format!("desk: award to 10,000, {form}, CPU each"), run.cpu / PEOPLE as f64, Some(floor), "1.5");
        row(&format!("desk: award to 10,000, {form}, wall each"), run.wall / PEOPLE as f64, Some(floor_wall), "1.5");
        println!(
            "{:<52} {:>12} {:>12}            64 MB; 8 times 150/s",
            "  peak memory, and awards a second",
            format!("{:.1} MB", run.peak_kib as f64 / 1024.0),
            format!("{:.0}/s", PEOPLE as f64 / run.wall)
        );
        // The same people once more, at another desk.
        if server.is_none() {
            fs::remove_dir_all(folder.join("desk")).expect("the desk goes");
            done(command(&[
                "new",
                "--name",
                "Istituto Volta",
                "--url",
                "https://volta.example",
                "--email",
                "badges@volta.example",
            ]));
            let mut add = command(&["badge", "--file"]);
            add.arg(folder.join("welding.json"));
            done(add);
        }
    }
}
