//! What a person does with a wallet: keep badges, find them, take them out, remove them.

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

use std::fs;
use std::io::Cursor;

use help::{Home, add, award, badge, baked, days, found, id, import, list, now, png, png_with, sample, sign};
use satchel_badge::code::Code;
use satchel_badge::container;
use satchel_badge::evidence::{Document, Evidence, Origin};
use satchel_badge::report::Verdict;
use satchel_badge::words::Language;
use satchel_picture::Side;
use satchel_wallet::{Candidate, Fate, IdPrefix, MAX_FILE, Mark, Outcome, Sha256, Shelf, State, Wallet, WalletError};
use serde_json::{Value, json};

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><path d=\"M0 0h9v9z\"/></svg>\n";

// ---- Import ----

#[test]
fn every_form_of_a_file_is_kept_byte_for_byte() {
    let home = Home::new();
    let mut wallet = home.open();
    let names = [
        "baked/ob3-simple-json.png",
        "baked/ob3-simple-jwt.svg",
        "clr2/simple.json",
        "clr2/simple.jwt",
        "baked-made/ob2-jws.png",
    ];
    let ids = names.map(|name| add(&mut wallet, name, sample(name)));
    drop(wallet);
    let mut wallet = home.open();
    for (name, key) in names.iter().zip(ids) {
        assert_eq!(wallet.original(&id(key)).unwrap(), sample(name), "{name}");
        assert_eq!(wallet.show(&id(key), now()).unwrap().file, *name);
    }
}

#[test]
fn one_badge_in_several_forms_is_one_badge() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    let indented = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text).unwrap()).unwrap();
    let svg = satchel_badge::bake::bake(SVG.as_bytes(), text.as_bytes()).unwrap();
    let key = add(&mut wallet, "welding.json", &text);
    for (name, bytes) in
        [("a.json", indented.into_bytes()), ("a.png", baked(&text, 10)), ("a.svg", svg), ("b.json", text.into_bytes())]
    {
        let imported = import(&mut wallet, name, bytes);
        assert_eq!((imported[0].outcome, imported[0].id), (Outcome::Duplicate, Some(key)), "{name}");
    }
    assert_eq!(found(&mut wallet, ""), ["Welding"]);
    let shown = wallet.show(&id(key), now()).unwrap();
    assert_eq!((shown.copies, shown.file.as_str()), (3, "welding.json"), "the same bytes again are no copy");
}

#[test]
fn a_sound_file_takes_the_place_of_a_broken_one_with_the_same_badge() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    let twice = png_with(&[("openbadgecredential", &text), ("openbadgecredential", &text)]);
    let key = add(&mut wallet, "twice.png", &twice);
    assert_eq!(list(&mut wallet, Shelf::Kept, now())[0].state, State::Invalid);
    assert_eq!(import(&mut wallet, "sound.json", &text)[0].outcome, Outcome::Duplicate);
    assert_eq!(list(&mut wallet, Shelf::Kept, now())[0].state, State::Intact);
    assert_eq!(wallet.original(&id(key)).unwrap(), text.as_bytes());
    import(&mut wallet, "twice.png", &twice);
    assert_eq!(list(&mut wallet, Shelf::Kept, now())[0].state, State::Intact, "and is not displaced by it");
}

#[test]
fn a_badge_that_is_not_valid_is_kept_all_the_same() {
    let home = Home::new();
    let mut wallet = home.open();
    let key = add(&mut wallet, "a.json", badge("Welding").replace("Weld a seam.", "Weld a boat."));
    let listed = list(&mut wallet, Shelf::Kept, now());
    assert_eq!((listed[0].id, listed[0].state), (key, State::Invalid));
}

#[test]
fn a_file_without_a_badge_is_refused_with_its_reason_and_not_kept() {
    let home = Home::new();
    let mut wallet = home.open();
    let mut large = png_with(&[("openbadgecredential", &badge("Welding"))]);
    let end = large.len() - 12;
    large.splice(end..end, std::iter::repeat_n(0, usize::try_from(MAX_FILE).unwrap()));
    let refused: [(&str, &[u8], Code); 6] = [
        ("empty", b"", Code::Empty),
        ("holiday.png", &png(1000), Code::NothingEmbedded),
        ("plain.svg", SVG.as_bytes(), Code::NothingEmbedded),
        ("list.json", b"{\"name\": \"a shopping list\"}", Code::NotABadge),
        ("notes.txt", b"Dear diary, no badge today.", Code::UnknownFormat),
        ("cut.png", &png(1000)[..60], Code::Truncated),
    ];
    for (name, bytes, code) in refused {
        let imported = import(&mut wallet, name, bytes);
        assert_eq!((imported[0].outcome, imported[0].id), (Outcome::Refused, None), "{name}");
        assert_eq!(imported[0].report.reasons().next().unwrap().code, code, "{name}");
    }
    assert_eq!(import(&mut wallet, "large.png", &large)[0].outcome, Outcome::Refused);
    assert!(found(&mut wallet, "").is_empty());
    drop(wallet);
    let database = fs::read(home.at("wallet.db")).unwrap();
    assert!(!database.windows(12).any(|bytes| bytes == b"Dear diary, "), "nothing of it is kept");
}

#[test]
fn a_file_larger_than_is_kept_is_not_read_whole() {
    let mut large = png_with(&[("openbadgecredential", &badge("Welding"))]);
    large.extend(vec![0; usize::try_from(MAX_FILE).unwrap()]);
    let candidate = Candidate::read("large.png", &mut Cursor::new(&large));
    let home = Home::new();
    let imported = home.open().importer(None, now()).take(&[candidate]).unwrap().remove(0);
    assert_eq!(imported[0].report.lines[0].code, Code::TooLarge);
    assert_eq!(imported[0].outcome, Outcome::Refused);
}

#[test]
fn two_badges_in_one_picture_are_two_badges_of_one_file() {
    let home = Home::new();
    let mut wallet = home.open();
    let hosted = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/1",
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"}, "issuedOn": "2024-01-01T00:00:00Z",
        "badge": "https://example.org/class", "verification": {"type": "HostedBadge"}});
    let both = png_with(&[("openbadges", &hosted.to_string()), ("openbadgecredential", &badge("Welding"))]);
    let imported = import(&mut wallet, "both.png", &both);
    let ids: Vec<_> = imported.iter().map(|it| it.id.unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let erased = wallet.erase(&id(ids[0]), now()).unwrap();
    assert_eq!(erased.shared, 1, "the file stays, because the other badge is in it");
    assert_eq!(wallet.original(&id(ids[1])).unwrap(), both);
    let baked = wallet.png(&id(ids[1]), None).unwrap();
    assert_eq!(container::open_bytes(&baked).embedded.len(), 1, "a baked picture has one badge");
}

#[test]
fn a_badge_of_thousands_of_awards_is_found_at_once() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    let file = |number: usize| text.replace("Welding", &format!("Award {number} of class {}", number % 100));
    for batch in (0..1500).collect::<Vec<_>>().chunks(500) {
        let files: Vec<_> = batch.iter().map(|number| Candidate::read("award.json", &mut Cursor::new(file(*number)))).collect();
        let done = wallet.importer(None, now()).take(&files).unwrap();
        assert!(done.iter().all(|file| file[0].outcome == Outcome::Added));
    }
    assert_eq!(found(&mut wallet, "").len(), 1500);
    assert_eq!(found(&mut wallet, "1321"), ["Award 1321 of class 21"]);
    // Class 77 has fifteen, and 770 to 779 begin so; 777 is both.
    assert_eq!(found(&mut wallet, "award class 77").len(), 15 + 10 - 1);
}

// ---- Search ----

#[test]
fn badges_are_found_by_the_beginnings_of_their_words_in_any_script() {
    let home = Home::new();
    let mut wallet = home.open();
    let names = [
        "Elettricità di base",
        "Saldatura",
        "Żółta łódka",
        "Основы сварки",
        "Βασική συγκόλληση",
        "أساسيات اللحام",
        "ריתוך בסיסי",
        "वेल्डिंग की मूल बातें",
        "溶接の基礎講座",
        "焊接基础",
        "용접 기초",
        "การเชื่อมพื้นฐาน",
        "C++ & C#",
        "Cafe\u{301} culture",
        "はじめてのニホンゴ",
    ];
    for name in names {
        add(&mut wallet, "a.json", badge(name));
    }
    let queries: [(&str, &[&str]); 23] = [
        ("elettricita", &[names[0]]),
        ("ELETTRICITÀ", &[names[0]]),
        ("di elettr", &[names[0]]),
        ("sald", &[names[1]]),
        ("zołta", &[names[2]]),
        ("свар", &[names[3]]),
        ("ОСНОВЫ", &[names[3]]),
        ("βασικη", &[names[4]]),
        ("اللح", &[names[5]]),
        ("רית", &[names[6]]),
        ("वेल्डिंग", &[names[7]]),
        ("基礎", &[names[8]]),
        ("溶接 講座", &[names[8]]),
        ("基础", &[names[9]]),
        ("용접", &[names[10]]),
        ("พื้น", &[names[11]]),
        ("& c++", &[names[12]]),
        ("ﾆﾎﾝｺﾞ", &[names[14]]),
        ("&", &[names[12]]),
        ("café", &[names[13]]),
        ("cafe", &[names[13]]),
        ("atura", &[]),
        ("sald xyz", &[]),
    ];
    for (query, expected) in queries {
        let mut found = found(&mut wallet, query);
        found.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    for query in ["", " \t\n", "volta", "ISTITUTO v", "craft", "steel welds"] {
        assert_eq!(found(&mut wallet, query).len(), names.len(), "issuer, description and tags: {query:?}");
    }
}

#[test]
fn what_is_typed_is_text_and_no_search_language() {
    let home = Home::new();
    let mut wallet = home.open();
    for name in ["Welding AND brazing", "100% \"sure\"", "a_b", "NEAR miss"] {
        add(&mut wallet, "a.json", badge(name));
    }
    let queries: [(&str, &[&str]); 12] = [
        ("welding AND", &["Welding AND brazing"]),
        ("welding OR near", &[]),
        ("NEAR(", &["NEAR miss"]),
        ("NOT", &[]),
        ("name:welding", &[]),
        ("\"sure\"", &["100% \"sure\""]),
        ("\"", &["100% \"sure\""]),
        ("%", &["100% \"sure\""]),
        ("_", &["a_b"]),
        ("braz*", &["Welding AND brazing"]),
        ("\\", &[]),
        ("^welding -brazing", &["Welding AND brazing"]),
    ];
    for (query, expected) in queries {
        assert_eq!(found(&mut wallet, query), expected, "{query}");
    }
    for hostile in ["'; DROP TABLE entry; --", "((((", "\"\"\"", "a\0b", "*", "{}", &"x".repeat(100_000), &"a ".repeat(500)] {
        found(&mut wallet, hostile);
    }
    assert_eq!(found(&mut wallet, "").len(), 4);
}

#[test]
fn a_word_in_the_name_comes_before_one_in_the_description() {
    let home = Home::new();
    let mut wallet = home.open();
    add(&mut wallet, "a.json", badge("Steel"));
    add(&mut wallet, "b.json", badge("Wood"));
    assert_eq!(found(&mut wallet, "steel"), ["Steel", "Wood"]);
}

// ---- Show ----

#[test]
fn a_badge_that_expires_is_listed_as_such_without_being_asked() {
    let home = Home::new();
    let mut wallet = home.open();
    let mut expiring = award("Welding");
    expiring["validUntil"] = json!("2026-06-01T00:00:00Z");
    add(&mut wallet, "a.json", sign(&expiring));
    let verdict = |wallet: &mut Wallet, time| list(wallet, Shelf::Kept, time)[0].state.verdict();
    assert_eq!(verdict(&mut wallet, now()), Verdict::Valid);
    assert_eq!(verdict(&mut wallet, days(29)), Verdict::Valid);
    assert_eq!(verdict(&mut wallet, days(32)), Verdict::Invalid);
    drop(wallet);
    let mut wallet = Wallet::open(home.path(), days(33)).unwrap();
    assert_eq!(verdict(&mut wallet, days(33)), Verdict::Invalid);
}

#[test]
fn an_id_is_known_by_its_beginning_when_no_other_begins_so() {
    let home = Home::new();
    let mut wallet = home.open();
    let key = add(&mut wallet, "a.json", badge("Welding")).to_string();
    for length in [6, 7, 8, 63, 64] {
        let prefix: IdPrefix = key[..length].to_uppercase().parse().unwrap();
        assert_eq!(wallet.show(&prefix, now()).unwrap().id.to_string(), key);
    }
    let other = if key.starts_with('0') { "1" } else { "0" }.repeat(6);
    assert!(matches!(wallet.original(&other.parse().unwrap()), Err(WalletError::UnknownId { .. })));
    for bad in ["", "abcde", "not-hex", "é12345", &"0".repeat(65)] {
        assert!(matches!(bad.parse::<IdPrefix>(), Err(WalletError::BadId { .. })), "{bad}");
    }
}

// ---- Export ----

#[test]
fn a_badge_leaves_as_a_baked_png_in_whatever_form_it_came() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    let key = id(add(&mut wallet, "a.json", &text));
    assert!(matches!(wallet.png(&key, None), Err(WalletError::NeedsImage)));
    assert!(matches!(wallet.png(&key, Some(SVG.as_bytes())), Err(WalletError::NeedsImage)), "an SVG is no PNG");
    assert!(matches!(wallet.png(&key, Some(&png(99)[..40])), Err(WalletError::Bake(_))));
    let holds = |png: &[u8]| container::open_bytes(png).payload().unwrap() == text.as_bytes();
    assert!(holds(&wallet.png(&key, Some(&png(10))).unwrap()));
    let picture = baked(&text, 77);
    import(&mut wallet, "a.png", &picture);
    assert_eq!(wallet.png(&key, None).unwrap(), picture, "the picture of a copy serves too");
}

#[test]
fn everything_leaves_as_a_plain_folder_under_safe_names() {
    let home = Home::new();
    let mut wallet = home.open();
    let hostile = ["../../etc/passwd", "..", "Welding", "welding", "a/b\\c:d", "\u{202e}gnp.exe", "CON"];
    let mut texts: Vec<String> = hostile.map(badge).to_vec();
    for text in &texts {
        add(&mut wallet, "../x/../a.json", text);
    }
    let removed = id(add(&mut wallet, "b.json", badge("In the bin")));
    wallet.remove(&removed, now()).unwrap();
    let out = home.at("out");
    let exported = wallet.export_all(&out, false, now()).unwrap();
    assert_eq!((exported.badges, exported.files), (7, 7));
    let index: Vec<Value> = serde_json::from_slice(&fs::read(out.join("index.json")).unwrap()).unwrap();
    let mut written: Vec<String> =
        index.iter().map(|row| fs::read_to_string(out.join(row["file"].as_str().unwrap())).unwrap()).collect();
    written.sort();
    texts.sort();
    assert_eq!(written, texts);
    let names = |folder: &str| fs::read_dir(home.at(folder)).unwrap().count();
    assert_eq!((names("out"), names("out/badges")), (3, 7), "nothing lies anywhere else");
    assert!(matches!(wallet.export_all(&out, false, now()), Err(WalletError::Exists { .. })));
    wallet.export_all(&out, true, now()).unwrap();
}

#[test]
fn no_file_is_written_over_unless_asked() {
    let home = Home::new();
    let path = home.at("mine.png");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(satchel_wallet::write(&path, b"yours", false), Err(WalletError::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    satchel_wallet::write(&path, b"yours", true).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"yours");
}

// ---- Remove ----

#[test]
fn what_is_removed_waits_thirty_days_in_the_bin() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    let key = id(add(&mut wallet, "a.json", &text));
    let names = |wallet: &mut Wallet, shelf| list(wallet, shelf, now()).len();
    assert!(wallet.remove(&key, now()).unwrap().1);
    assert!(!wallet.remove(&key, days(5)).unwrap().1, "a second time changes nothing, nor its day");
    assert_eq!((names(&mut wallet, Shelf::Kept), names(&mut wallet, Shelf::Bin)), (0, 1));
    assert!(wallet.restore(&key, now()).unwrap().1);
    assert_eq!((names(&mut wallet, Shelf::Kept), names(&mut wallet, Shelf::Bin)), (1, 0));
    wallet.remove(&key, now()).unwrap();
    assert_eq!(import(&mut wallet, "again.json", &text)[0].outcome, Outcome::Added, "an import brings it back");
    assert_eq!(names(&mut wallet, Shelf::Kept), 1);
    wallet.remove(&key, now()).unwrap();
    drop(wallet);
    // Thirty days, and from when it is first seen that they are over as long again as it took to look at most.
    for (day, left) in [(10, 1), (20, 1), (30, 1), (31, 1), (31, 1), (40, 1), (41, 0)] {
        let mut wallet = Wallet::open(home.path(), days(day)).unwrap();
        assert_eq!(names(&mut wallet, Shelf::Bin), left, "day {day}");
    }
    assert_nowhere(&home, &["Weld a seam", "Welding"]);
}

#[test]
fn a_clock_that_was_ahead_empties_no_bin_and_leaves_no_verdict() {
    let home = Home::new();
    let mut wallet = home.open();
    let key = id(add(&mut wallet, "a.json", badge("Welding")));
    let mut expiring = award("Brazing");
    expiring["validUntil"] = json!("2030-01-01T00:00:00Z");
    add(&mut wallet, "b.json", sign(&expiring));
    wallet.remove(&key, now()).unwrap();
    drop(wallet);
    let bin = |day: i64| list(&mut Wallet::open(home.path(), days(day)).unwrap(), Shelf::Bin, days(day)).len();
    for day in [20_000, 1, 20_000, 2, 40, 3, 41, 20] {
        assert_eq!(bin(day), 1, "day {day}");
    }
    let state = |day: i64| list(&mut Wallet::open(home.path(), days(day)).unwrap(), Shelf::Kept, days(day))[0].state;
    assert_eq!(
        (state(20_000), state(21)),
        (State::Invalid, State::Intact),
        "what was looked at by the wrong clock is looked at again"
    );
    // Whoever comes rarely finds it gone the second time.
    assert_eq!((bin(35), bin(70)), (1, 0));
}

#[test]
fn a_clock_that_was_behind_shortens_no_bin() {
    let home = Home::new();
    let mut wallet = home.open();
    let (first, second) = (id(add(&mut wallet, "a.json", badge("Welding"))), id(add(&mut wallet, "b.json", badge("Brazing"))));
    drop(wallet);
    let open = |day: i64| Wallet::open(home.path(), days(day)).unwrap();
    let bin = |day: i64| list(&mut open(day), Shelf::Bin, days(day)).len();
    // It goes back while the wallet is open: what it said on opening counts.
    open(100).remove(&first, days(0)).unwrap();
    assert_eq!((bin(101), bin(103)), (1, 1));
    // It is behind from the beginning to the end, and right the next time.
    open(5).remove(&second, days(5)).unwrap();
    assert_eq!((bin(104), bin(106), bin(120), bin(133)), (2, 2, 2, 2));
    assert_eq!((bin(135), bin(166)), (1, 0), "each had its thirty days by the right clock");
}

#[test]
fn what_was_drawn_of_a_badge_goes_with_it() {
    let home = Home::new();
    let mut wallet = home.open();
    let keys: Vec<_> = ["Welding", "Brazing", "Soldering"].map(|name| add(&mut wallet, "a.json", badge(name))).to_vec();
    let drawn = |name: &str| format!("drawn of {name}").repeat(300).into_bytes();
    for (key, name) in keys.iter().zip(["Welding", "Brazing", "Soldering"]) {
        wallet.keep_drawn(*key, Side::Medium, &drawn(name)).unwrap();
    }
    wallet.erase(&id(keys[0]), now()).unwrap();
    assert_nowhere(&home, &["drawn of Welding"]);
    assert_eq!(wallet.drawn(keys[1], Side::Medium), Some(drawn("Brazing")));
    assert_eq!((wallet.drawn(keys[0], Side::Medium), wallet.drawn(keys[1], Side::Small)), (None, None));
    // None is kept of what is not here.
    wallet.keep_drawn(keys[0], Side::Medium, b"late").unwrap();
    assert_eq!(wallet.drawn(keys[0], Side::Medium), None);

    // The bin empties itself.
    wallet.remove(&id(keys[1]), now()).unwrap();
    drop(wallet);
    for day in [20, 31, 60] {
        drop(Wallet::open(home.path(), days(day)).unwrap());
    }
    assert_nowhere(&home, &["drawn of Brazing"]);

    // A program that was ended between two steps is no way around it: the next one sees that something was erased.
    let copy = fs::read(home.at("pictures.db")).unwrap();
    let mut wallet = Wallet::open(home.path(), days(60)).unwrap();
    assert_eq!(wallet.drawn(keys[2], Side::Medium), Some(drawn("Soldering")));
    wallet.erase(&id(keys[2]), days(60)).unwrap();
    drop(wallet);
    fs::write(home.at("pictures.db"), copy).unwrap();
    drop(Wallet::open(home.path(), days(60)).unwrap());
    assert_nowhere(&home, &["drawn of"]);
}

#[test]
fn the_picture_of_another_file_stands_behind_the_badges_own() {
    let home = Home::new();
    let mut wallet = home.open();
    let mut with = award("Welding");
    with["credentialSubject"]["achievement"]["image"] = json!({"id": "data:image/png;base64,iVBORw0KGgo=", "type": "Image"});
    let (with, without) = (sign(&with), badge("Brazing"));
    let (own, bare) = (id(add(&mut wallet, "a.json", &with)), id(add(&mut wallet, "b.json", &without)));
    // Anybody can bake a badge into another picture.
    import(&mut wallet, "theirs.png", baked(&with, 50));
    let theirs = baked(&without, 60);
    import(&mut wallet, "theirs too.png", &theirs);
    assert_eq!(wallet.picture(&own).unwrap().unwrap(), b"\x89PNG\r\n\x1a\n");
    assert_eq!(wallet.show(&own, now()).unwrap().picture_from, None);
    assert_eq!(wallet.picture(&bare).unwrap(), Some(theirs));
    assert_eq!(wallet.show(&bare, now()).unwrap().picture_from.as_deref(), Some("theirs too.png"), "and it is told");
}

#[test]
fn an_export_follows_no_link_out_of_its_folder() {
    for name in ["badges", "evidence"] {
        let (home, outside) = (Home::new(), tempfile::tempdir().unwrap());
        let mut wallet = home.open();
        add(&mut wallet, "a.json", badge("Welding"));
        let out = home.at("out");
        fs::create_dir(&out).unwrap();
        std::os::unix::fs::symlink(outside.path(), out.join(name)).unwrap();
        for replace in [false, true] {
            let refused = wallet.export_all(&out, replace, now());
            let Err(WalletError::Unwritable { path, why }) = refused else { panic!("{name}: {refused:?}") };
            assert!(path.ends_with(name) && why.to_string().contains("link"), "{path}: {why}");
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{name}");
    }
}

#[test]
fn what_is_erased_is_nowhere_on_the_disk() {
    let home = Home::new();
    let mut wallet = home.open();
    let picture = baked(&badge("Qwertyuiop"), 30_000);
    let key = add(&mut wallet, "qwertyuiop.png", &picture);
    import(&mut wallet, "qwertyuiop.json", container::open_bytes(&picture).payload().unwrap());
    for number in 0..20 {
        add(&mut wallet, "other.png", baked(&badge(&format!("Other {number}")), 5000));
    }
    assert_eq!(found(&mut wallet, "qwerty").len(), 1);
    wallet.erase(&id(key), now()).unwrap();
    // Also while the wallet is open.
    assert_nowhere(&home, &["qwertyuiop", "Qwertyuiop"]);
    let bytes = key.as_bytes();
    assert!(!files(&home).iter().any(|file| file.windows(32).any(|part| part == bytes)), "its id is gone too");
    assert_eq!(found(&mut wallet, "").len(), 20);
    drop(wallet);
    assert_nowhere(&home, &["qwertyuiop", "Qwertyuiop"]);
    assert_eq!(Wallet::rebuild(home.path(), now()).unwrap().1.badges, 20);
}

fn files(home: &Home) -> Vec<Vec<u8>> {
    let files = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| fs::read(path).unwrap()).collect()
}

#[track_caller]
fn assert_nowhere(home: &Home, texts: &[&str]) {
    for (file, text) in files(home).iter().flat_map(|file| texts.iter().map(move |text| (file, text))) {
        assert!(!file.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes())), "{text} is still there");
    }
}

#[test]
fn an_index_that_missed_an_erasure_forgets_the_badge_on_opening() {
    let home = Home::new();
    let mut wallet = home.open();
    let key = add(&mut wallet, "a.json", badge("Welding"));
    add(&mut wallet, "b.json", badge("Brazing"));
    drop(wallet);
    let before = fs::read(home.at("index.db")).unwrap();
    let mut wallet = home.open();
    wallet.erase(&id(key), now()).unwrap();
    drop(wallet);
    // As after a power cut between the two files.
    fs::write(home.at("index.db"), before).unwrap();
    let mut wallet = home.open();
    assert_eq!(found(&mut wallet, ""), ["Brazing"]);
    drop(wallet);
    assert_nowhere(&home, &["Welding"]);
}

#[test]
fn the_name_of_a_file_is_that_of_its_bytes() {
    assert_eq!(Sha256::of(b"abc").to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn an_erasure_that_was_broken_off_is_finished_on_opening() {
    let home = Home::new();
    let mut wallet = home.open();
    let key = add(&mut wallet, "qwertyuiop.png", baked(&badge("Qwertyuiop"), 30_000));
    add(&mut wallet, "b.json", badge("Brazing"));
    drop(wallet);
    // The database as an erasure leaves it before its journal is written back: the bytes are still in the file.
    let database = rusqlite::Connection::open(home.at("wallet.db")).unwrap();
    database.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    database.pragma_update(None, "secure_delete", true).unwrap();
    database.execute("DELETE FROM badge WHERE id = ?1", [key.as_bytes()]).unwrap();
    database.execute("DELETE FROM original WHERE name = 'qwertyuiop.png'", []).unwrap();
    database.execute("UPDATE meta SET erasures = erasures + 1", []).unwrap();
    drop(database);
    assert!(files(&home).iter().any(|file| file.windows(10).any(|part| part == b"Qwertyuiop")), "the scene is set");
    let mut wallet = home.open();
    assert_nowhere(&home, &["Qwertyuiop"]);
    assert_eq!(found(&mut wallet, ""), ["Brazing"]);
}

#[test]
fn a_preview_says_what_would_become_of_each_and_keeps_nothing() {
    let home = Home::new();
    let mut wallet = home.open();
    let (here, bin, new) = (badge("Here"), badge("In the bin"), badge("New"));
    add(&mut wallet, "a.json", &here);
    let key = id(add(&mut wallet, "b.json", &bin));
    wallet.remove(&key, now()).unwrap();
    let files =
        [("h.json", here.as_str()), ("b.json", &bin), ("n.json", &new), ("again.json", &new), ("notes.txt", "Dear diary")];
    let candidates: Vec<_> = files.iter().map(|(name, text)| Candidate::of_bytes(name, text.as_bytes())).collect();
    let mut importer = wallet.importer(None, now());
    let previewed = importer.preview(&candidates[..3]).unwrap().into_iter().chain(importer.preview(&candidates[3..]).unwrap());
    let fates: Vec<Fate> = previewed.map(|file| file[0].fate).collect();
    assert_eq!(fates, [Fate::Here, Fate::Bin, Fate::New, Fate::Here, Fate::Refused]);
    assert_eq!(found(&mut wallet, ""), ["Here"]);
    assert_eq!(
        wallet.importer(None, now()).take(&candidates).unwrap().iter().filter(|file| file[0].outcome == Outcome::Added).count(),
        2
    );
}

#[test]
fn every_error_has_words_in_every_language() {
    let (dir, path, why, given, what) = (
        || String::from("DIR"),
        || String::from("PATH"),
        || String::from("WHY"),
        || String::from("GIVEN"),
        || String::from("WHAT"),
    );
    let all = [
        WalletError::Missing { dir: dir() },
        WalletError::Locked { holder: String::from("HOLDER") },
        WalletError::Newer { found: 9, known: 2 },
        WalletError::Damaged { what: what() },
        WalletError::IndexDamaged { what: what() },
        WalletError::Full,
        WalletError::Unusable { path: path(), why: why().as_str().into() },
        WalletError::BadId { given: given() },
        WalletError::UnknownId { given: given() },
        WalletError::AmbiguousId { given: given(), count: 7 },
        WalletError::BadIssuer { given: given() },
        WalletError::NeedsImage,
        WalletError::Bake(Box::new(satchel_badge::report::Line::bare(Code::MalformedImage))),
        WalletError::Exists { path: path() },
        WalletError::Unwritable { path: path(), why: why().as_str().into() },
        WalletError::Failed(why()),
    ];
    let mut codes: Vec<&str> = all.iter().map(WalletError::code).collect();
    for error in &all {
        let words = Language::ALL.map(|language| error.message(language));
        assert!(words.iter().all(|words| words.ends_with('.') && !words.contains(['{', '?'])), "{}: {words:?}", error.code());
        assert_ne!(words[0], words[1], "{}", error.code());
        // What fills the gaps stands in both.
        for detail in ["DIR", "HOLDER", "PATH", "WHY", "GIVEN", "WHAT"] {
            let in_debug = format!("{error:?}").contains(&format!("\"{detail}\""));
            assert!(words.iter().all(|words| words.contains(detail) == in_debug), "{}: {detail}", error.code());
        }
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len(), "each has a code of its own");
}

// ---- What hosts say later ----

/// An assertion of Open Badges 2.0, and what its host says when it has revoked it.
fn revoked_later() -> (String, Evidence) {
    let address = "https://example.org/1";
    let assertion = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": address,
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"}, "issuedOn": "2024-01-01T00:00:00Z",
        "badge": "https://example.org/class", "verification": {"type": "HostedBadge"}});
    let bytes = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": address, "revoked": true});
    let mut heard = Evidence::default();
    let bytes = bytes.to_string().into_bytes().into();
    heard.add(address, Document { bytes, status: 200, media_type: None, fetched: Some(now()), origin: Origin::Fetched });
    (assertion.to_string(), heard)
}

#[test]
fn what_a_host_says_later_is_kept_and_the_badge_stays_on_its_shelf() {
    for shelf in [Shelf::Kept, Shelf::Bin] {
        let home = Home::new();
        let mut wallet = home.open();
        let (assertion, heard) = revoked_later();
        let badge = add(&mut wallet, "hosted.json", assertion);
        if shelf == Shelf::Bin {
            wallet.remove(&id(badge), now()).unwrap();
        }
        assert_eq!(list(&mut wallet, shelf, now())[0].state, State::Undecided);
        wallet.learn(&id(badge), heard, now()).unwrap();
        drop(wallet);
        let mut wallet = home.open();
        let rows = list(&mut wallet, shelf, now());
        assert_eq!(rows.iter().map(|row| (row.id, row.mark)).collect::<Vec<_>>(), [(badge, Some(Mark::Revoked))]);
    }
}

#[test]
fn a_badge_that_was_erased_while_its_host_was_asked_stays_erased() {
    let home = Home::new();
    let mut wallet = home.open();
    let (assertion, heard) = revoked_later();
    let badge = add(&mut wallet, "hosted.json", assertion);
    wallet.erase(&id(badge), now()).unwrap();
    assert!(matches!(wallet.learn(&id(badge), heard, now()), Err(WalletError::UnknownId { .. })));
    assert_eq!(wallet.shelf(badge).unwrap(), None);
}

#[test]
fn what_is_heard_about_one_badge_brings_no_other_of_its_file_back() {
    for is_erased in [true, false] {
        let home = Home::new();
        let mut wallet = home.open();
        let (assertion, heard) = revoked_later();
        let both = png_with(&[("openbadges", &assertion), ("openbadgecredential", &badge("Welding"))]);
        let ids: Vec<_> = import(&mut wallet, "both.png", both).iter().map(|it| it.id.unwrap()).collect();
        let [asked, other] = ids[..] else { panic!("{ids:?}") };
        wallet.remove(&id(asked), days(2)).unwrap();
        wallet.remove(&id(other), days(1)).unwrap();
        if is_erased {
            wallet.erase(&id(other), days(2)).unwrap();
        }
        wallet.learn(&id(asked), heard, days(9)).unwrap();
        drop(wallet);
        let mut wallet = home.open();
        assert!(list(&mut wallet, Shelf::Kept, now()).is_empty());
        let bin = list(&mut wallet, Shelf::Bin, now());
        let removed = |of| bin.iter().find(|row| row.id == of).map(|row| row.removed.unwrap());
        assert_eq!(removed(asked), Some(days(2)), "it is erased when it was to be");
        assert_eq!(removed(other), Some(days(1)).filter(|_| !is_erased));
        assert_eq!(bin.iter().find(|row| row.id == asked).unwrap().mark, Some(Mark::Revoked));
    }
}
