//! An inspection as the window runs it: many files in order, a flag that ends it, and reports afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod help;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use help::{badge, now};
use satchel_badge::check::Policy;
use satchel_badge::code::Code;
use satchel_badge::evidence::Evidence;
use satchel_badge::report::Verdict;
use satchel_badge::words::Language;

use satchel_wallet::inspect::{self, BATCH, Checked, Form, InspectOptions, Inspection, Save, SaveError, Source, Tally};
use satchel_wallet::{Candidate, State};
use tempfile::TempDir;

fn inspection() -> Inspection {
    let (policy, evidence) = (Policy::default(), Evidence::default());
    Inspection::new(InspectOptions { policy, evidence, client: None, at: None, clock: now })
}

/// A folder with so many files, of which the first has a badge.
fn folder(files: usize) -> (TempDir, [PathBuf; 1]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("00000.json"), badge("Welding")).unwrap();
    for number in 1..files {
        fs::write(folder.path().join(format!("{number:05}.txt")), "no badge").unwrap();
    }
    let paths = [folder.path().to_owned()];
    (folder, paths)
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn files_come_in_order_and_a_flag_ends_the_run_between_two_of_them() {
    let (_folder, paths) = folder(3 * BATCH);
    let (mut seen, cancelled) = (Vec::new(), AtomicBool::new(false));
    let mut each = |checked: Checked| {
        seen.push(checked.source.path);
        cancelled.store(seen.len() == BATCH + 7, Ordering::Relaxed);
        Ok::<(), Infallible>(())
    };
    let whole = inspection().run(inspect::sources(&paths, &[]), &cancelled, &mut each).unwrap();
    assert!(!whole);
    assert_eq!(seen.len(), BATCH + 7);
    assert!(seen.is_sorted());
    let all: Vec<Source> = inspect::sources(&paths, &[]).collect();
    assert_eq!(seen, all[..seen.len()].iter().map(|source| source.path.clone()).collect::<Vec<_>>());
    assert!(inspection().check(all, &AtomicBool::new(true)).is_empty(), "no file is begun any more");
}

#[test]
fn a_failure_of_the_receiver_ends_the_run() {
    let (_folder, paths) = folder(10);
    let mut left = 3;
    let run = inspection().run(inspect::sources(&paths, &[]), &AtomicBool::new(false), |_| {
        left -= 1;
        if left == 0 { Err("the window is gone") } else { Ok(()) }
    });
    assert_eq!((run, left), (Err("the window is gone"), 0));
}

#[test]
fn what_is_pasted_is_looked_at_like_a_file_and_any_file_again() {
    let mut inspection = inspection();
    let pasted = Source::of_bytes("pasted".into(), 0, badge("Welding").into_bytes());
    let checked = inspection.check(vec![pasted.clone()], &AtomicBool::new(false)).remove(0);
    assert_eq!(State::of(&checked.reports[0]), State::Intact);
    assert_eq!(inspection.again(pasted).reports[0].verdict, Verdict::Valid);
    let gone = inspect::walk(0, Path::new("/nowhere/badge.json"), &[]).next().unwrap();
    assert!(inspect::is_unreadable(&inspection.again(gone).reports[0]));
}

#[test]
fn a_report_is_saved_afterwards_whole_or_not_at_all() {
    let (_folder, paths) = folder(BATCH + 10);
    let out = tempfile::tempdir().unwrap();
    let (inspection, no) = (inspection(), AtomicBool::new(false));
    let sources = || inspect::sources(&paths, &[]);
    for (form, name) in [(Form::Html, "r.html"), (Form::Csv, "r.csv"), (Form::Json, "r.jsonl")] {
        let to = out.path().join(name);
        let save = Save { form, to: &to, paths: &paths, language: Language::Italian };
        assert!(!inspection.save(&save, sources(), &AtomicBool::new(true)).unwrap());
        assert!(!to.exists());
        let ends_it = AtomicBool::new(false);
        let late = sources().enumerate().map(|(number, source)| {
            ends_it.store(number > BATCH, Ordering::Relaxed);
            source
        });
        assert!(!inspection.save(&save, late, &ends_it).unwrap(), "it was cancelled in its second batch");
        assert!(!to.exists());
        assert!(inspection.save(&save, sources(), &no).unwrap());
        let text = fs::read_to_string(&to).unwrap();
        assert!(text.contains("Welding") && text.lines().count() > BATCH.min(20), "{name}");
    }
    assert_eq!(names(out.path()), ["r.csv", "r.html", "r.jsonl"], "nothing unfinished is left");
    let over = Save { form: Form::Html, to: &paths[0].join("00000.json"), paths: &paths, language: Language::English };
    assert!(matches!(inspection.save(&over, sources(), &no), Err(SaveError::OverInput)));
    assert_eq!(fs::read_to_string(over.to).unwrap(), badge("Welding"));
}

#[test]
fn what_all_comes_to_is_counted_by_state_and_by_named_path() {
    let (folder, _) = folder(5);
    let paths = [folder.path().to_owned(), folder.path().join("00001.txt"), folder.path().join("missing")];
    let mut tally = Tally::new(paths.len());
    let count = |checked: Checked| {
        tally.count(&checked);
        Ok::<(), Infallible>(())
    };
    assert!(inspection().run(inspect::sources(&paths, &[]), &AtomicBool::new(false), count).unwrap());
    assert_eq!((tally.files(), tally.unreadable(), tally.of(State::Intact), tally.of(State::NoBadge)), (7, 1, 1, 6));
    assert_eq!(tally.empty_handed().collect::<Vec<_>>(), [1, 2]);
}

// ---- Archives ----

/// An archive of these files.
fn archive(files: &[(&str, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn files_of_an_archive_whose_names_come_to_the_same_are_kept_apart() {
    let named = ["b.json", "./b.json", "../b.json", "c\\b.json", "c/b.json", "b (2).json", ".b", "./.b"];
    let files: Vec<(&str, String)> = named.iter().map(|name| (*name, badge(&format!("Badge {name}")))).collect();
    let home = help::Home::new();
    let path = home.at("class.zip");
    fs::write(&path, archive(&files)).unwrap();
    let mut sources = Vec::new();
    let each = |checked: Checked| {
        sources.push(checked.source);
        Ok::<(), Infallible>(())
    };
    let paths = [path];
    inspection().run(inspect::sources(&paths, &[]), &AtomicBool::new(false), each).unwrap();
    let shown: Vec<String> =
        sources.iter().map(|source| source.path.strip_prefix(&paths[0]).unwrap().to_str().unwrap().to_owned()).collect();
    let expected = ["b.json", "b (2).json", "b (3).json", "c/b.json", "c/b (2).json", "b (2) (2).json", ".b", ".b (2)"];
    assert_eq!(shown, expected);
    let mut wallet = home.open();
    let kept: Vec<_> = sources.iter().map(|source| source.candidate(&source.path.to_string_lossy())).collect();
    let kept = wallet.importer(None, now()).take(&kept).unwrap();
    let ids: BTreeSet<_> = kept.iter().flatten().map(|it| it.id.unwrap()).collect();
    assert_eq!(ids.len(), named.len());
}

#[test]
fn an_archive_with_two_files_of_one_name_is_not_read_by_halves() {
    let mut bytes = archive(&[("first.json", badge("First")), ("other.json", badge("Other"))]);
    for at in 0..bytes.len() - 10 {
        if bytes[at..].starts_with(b"other.json") {
            bytes[at..at + 10].copy_from_slice(b"first.json");
        }
    }
    let given: Vec<Candidate> = Candidate::all("class.zip", Cursor::new(bytes.clone())).collect();
    assert_eq!(given.iter().map(|it| it.opened().lines[0].code).collect::<Vec<_>>(), [Code::ArchiveSameNames]);
    let members = Source::of_bytes("class.zip".into(), 0, bytes).members().unwrap();
    assert_eq!(members.iter().map(|it| it.open().lines[0].code).collect::<Vec<_>>(), [Code::ArchiveSameNames]);
}
