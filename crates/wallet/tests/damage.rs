//! What becomes of a wallet whose files are damaged, gone, or made by a newer program (security.md, P02 and P03).

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use help::{Home, add, badge, baked, found, id, import, list, now, png_with};
use satchel_picture::Side;
use satchel_wallet::{BadgeId, Shelf, Wallet, WalletError};

/// Numbers that look random, the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// A wallet of thirty badges, some in the bin: the bytes of each, and whether it is in the bin.
struct Scene {
    home: Home,
    badges: BTreeMap<BadgeId, (Vec<u8>, bool)>,
}

impl Scene {
    fn new() -> Self {
        let home = Home::new();
        let mut wallet = home.open();
        let mut badges = BTreeMap::new();
        for number in 0..30 {
            let text = badge(&format!("Badge {number}"));
            let bytes = if number % 3 == 0 { text.into_bytes() } else { baked(&text, number * 900) };
            let key = add(&mut wallet, &format!("{number}.png"), &bytes);
            let in_bin = number % 5 == 0;
            if in_bin {
                wallet.remove(&id(key), now()).unwrap();
            }
            badges.insert(key, (bytes, in_bin));
        }
        Self { home, badges }
    }

    fn copy(&self) -> Home {
        let copy = Home::new();
        for name in ["wallet.db", "index.db"] {
            fs::copy(self.home.at(name), copy.at(name)).unwrap();
        }
        copy
    }
}

/// The badges that a wallet has, with whether each is in the bin.
fn listed(wallet: &mut Wallet) -> BTreeMap<BadgeId, bool> {
    let kept = list(wallet, Shelf::Kept, now()).into_iter().map(|badge| (badge.id, false));
    let bin = list(wallet, Shelf::Bin, now()).into_iter().map(|badge| (badge.id, true));
    kept.chain(bin).collect()
}

#[test]
fn damage_anywhere_is_told_and_all_that_is_whole_is_saved() {
    let scene = Scene::new();
    let (mut told, mut saved, mut lost) = (0, 0, 0);
    for seed in 1..=20 {
        let copy = scene.copy();
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut bytes = fs::read(copy.at("wallet.db")).unwrap();
        let length = 1 + random.below(600);
        let at = random.below(bytes.len() - length);
        for byte in &mut bytes[at..at + length] {
            *byte ^= u8::try_from(1 + random.below(255)).unwrap();
        }
        fs::write(copy.at("wallet.db"), &bytes).unwrap();

        // Whoever opens it gets what was put in, or is told.
        match Wallet::open(copy.path(), now()) {
            Err(WalletError::Damaged { .. }) => told += 1,
            Err(error) => panic!("seed {seed}: {error}"),
            Ok(wallet) => {
                for (key, (original, _)) in &scene.badges {
                    match wallet.original(&id(*key)) {
                        Ok(bytes) => assert_eq!(bytes, *original, "seed {seed}"),
                        Err(error) => assert!(matches!(error, WalletError::Damaged { .. }), "seed {seed}: {error}"),
                    }
                }
            }
        }
        let opened = fs::read(copy.at("wallet.db")).unwrap();

        let (mut wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
        if let Some(path) = &rebuilt.damaged {
            assert_eq!(fs::read(path).unwrap(), opened, "seed {seed}: the damaged file is kept as it was");
        } else {
            assert!(rebuilt.lost.is_empty());
        }
        let now_listed = listed(&mut wallet);
        for (key, (original, in_bin)) in &scene.badges {
            if rebuilt.lost.iter().any(|lost| lost.id == Some(*key) && lost.name.is_some()) {
                lost += 1;
                assert!(!now_listed.contains_key(key), "seed {seed}: {key} is lost and there");
                continue;
            }
            saved += 1;
            assert_eq!(wallet.original(&id(*key)).unwrap(), *original, "seed {seed}");
            let is_in_bin = now_listed[key];
            // Of a damaged row the day of the removal is lost; then the badge is back, never gone.
            assert!(is_in_bin == *in_bin || rebuilt.damaged.is_some() && !is_in_bin, "seed {seed}");
        }
        assert_eq!(now_listed.len(), rebuilt.badges, "seed {seed}: nothing else is there");
    }
    eprintln!("{told} of 20 told on opening, {saved} badges saved, {lost} lost and named");
    assert!(told > 0 && lost > 0, "damage that hurts nothing shows nothing");
    assert!(saved > 9 * lost, "{saved} saved, {lost} lost");
}

#[test]
fn a_wallet_without_its_first_page_is_saved_whole() {
    let scene = Scene::new();
    let copy = scene.copy();
    let mut bytes = fs::read(copy.at("wallet.db")).unwrap();
    bytes[..4096].fill(0);
    fs::write(copy.at("wallet.db"), &bytes).unwrap();
    assert!(matches!(Wallet::open(copy.path(), now()), Err(WalletError::Damaged { .. })));
    let (mut wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
    assert!(rebuilt.lost.is_empty() && rebuilt.damaged.is_some());
    let expected: BTreeMap<BadgeId, bool> = scene.badges.iter().map(|(key, (_, in_bin))| (*key, *in_bin)).collect();
    assert_eq!(listed(&mut wallet), expected);
}

#[test]
fn a_wallet_of_which_nothing_is_left_names_every_badge() {
    let scene = Scene::new();
    let copy = scene.copy();
    fs::write(copy.at("wallet.db"), "This was a wallet once. ".repeat(1000)).unwrap();
    assert!(matches!(Wallet::open(copy.path(), now()), Err(WalletError::Damaged { .. })));
    let (_, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
    assert_eq!(rebuilt.badges, 0);
    assert_eq!(rebuilt.lost.len(), scene.badges.len());
}

#[test]
fn a_wallet_cut_short_is_told_and_its_whole_rows_saved() {
    let scene = Scene::new();
    let copy = scene.copy();
    let bytes = fs::read(copy.at("wallet.db")).unwrap();
    fs::write(copy.at("wallet.db"), &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(Wallet::open(copy.path(), now()), Err(WalletError::Damaged { .. })));
    let (wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
    assert_eq!(rebuilt.badges + rebuilt.lost.len(), scene.badges.len());
    assert!(rebuilt.badges > 0 && !rebuilt.lost.is_empty());
    for (key, (original, _)) in &scene.badges {
        if !rebuilt.lost.iter().any(|lost| lost.id == Some(*key)) {
            assert_eq!(wallet.original(&id(*key)).unwrap(), *original);
        }
    }
}

#[test]
fn of_a_wallet_that_was_cut_less_is_never_lost_by_a_larger_cut() {
    let scene = Scene::new();
    let bytes = fs::read(scene.home.at("wallet.db")).unwrap();
    let mut before = 0;
    for cut in [1, 500, 4095, 4096, 5000, 8192, 9000, 12_288, 13_000, 20_000, 40_000] {
        let copy = scene.copy();
        fs::write(copy.at("wallet.db"), &bytes[..bytes.len() - cut]).unwrap();
        let (wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
        let lost = rebuilt.lost.len();
        assert!(lost >= before && lost <= 2 + cut / 1000, "cut {cut}: {lost} lost, and {before} by a smaller one");
        for (key, (original, _)) in &scene.badges {
            let is_lost = rebuilt.lost.iter().any(|lost| lost.id == Some(*key));
            assert!(is_lost || wallet.original(&id(*key)).unwrap() == *original, "cut {cut}");
        }
        before = lost;
    }
    assert!(before > 0);
}

#[test]
fn a_row_in_which_one_value_has_tipped_over_is_not_believed() {
    let scene = Scene::new();
    let tipped = [
        "UPDATE badge SET removed = NULL WHERE removed IS NOT NULL",
        "UPDATE badge SET added = added + 1",
        "UPDATE original SET name = 'other.png' WHERE number = 7",
        "UPDATE original SET added = 0 WHERE number = 7",
        "INSERT INTO evidence (key, sha256, status, origin, seal, bytes)
         VALUES ('https://example.org', zeroblob(32), 200, 'fetched', zeroblob(32), x'7b7d')",
    ];
    for sql in tipped {
        let copy = scene.copy();
        let database = rusqlite::Connection::open(copy.at("wallet.db")).unwrap();
        database.execute(sql, []).unwrap();
        drop(database);
        let (wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
        assert!(rebuilt.damaged.is_some(), "{sql}");
        for (key, (original, _)) in &scene.badges {
            let is_lost = rebuilt.lost.iter().any(|lost| lost.id == Some(*key));
            assert!(is_lost || wallet.original(&id(*key)).unwrap() == *original, "{sql}");
        }
        assert!(rebuilt.lost.len() <= 1, "{sql}: {:?}", rebuilt.lost);
    }
}

#[test]
fn a_sound_wallet_is_rebuilt_as_it_was() {
    let scene = Scene::new();
    let before = listed(&mut scene.home.open());
    let (mut wallet, rebuilt) = Wallet::rebuild(scene.home.path(), now()).unwrap();
    assert!(rebuilt.damaged.is_none() && rebuilt.lost.is_empty());
    assert_eq!(listed(&mut wallet), before);
}

#[test]
fn a_newer_wallet_is_refused_and_stays_as_it_is() {
    let scene = Scene::new();
    let mut bytes = fs::read(scene.home.at("wallet.db")).unwrap();
    // The version in the head of the file (database file format, 1.3).
    bytes[60..64].copy_from_slice(&9_u32.to_be_bytes());
    fs::write(scene.home.at("wallet.db"), &bytes).unwrap();
    let index = fs::read(scene.home.at("index.db")).unwrap();
    for _ in 0..2 {
        let refused = [
            Wallet::open(scene.home.path(), now()).map(drop),
            Wallet::open_or_create(scene.home.path(), now()).map(drop),
            Wallet::rebuild(scene.home.path(), now()).map(drop),
        ];
        assert!(refused.iter().all(|it| matches!(it, Err(WalletError::Newer { found: 9, known: 3.. }))), "{refused:?}");
    }
    assert!(fs::read(scene.home.at("wallet.db")).unwrap() == bytes && fs::read(scene.home.at("index.db")).unwrap() == index);
}

#[test]
fn a_database_of_another_program_is_not_touched() {
    let home = Home::new();
    fs::write(home.at("wallet.db"), "[settings]\nname = \"not a database\"\n").unwrap();
    assert!(matches!(Wallet::open_or_create(home.path(), now()), Err(WalletError::Damaged { .. })));
    assert_eq!(fs::read_to_string(home.at("wallet.db")).unwrap(), "[settings]\nname = \"not a database\"\n");
}

#[test]
fn an_index_that_is_gone_damaged_or_of_another_wallet_comes_back() {
    let scene = Scene::new();
    let other = Home::new();
    add(&mut other.open(), "a.json", badge("Of another wallet"));
    let expected = found(&mut scene.home.open(), "");
    let index = scene.home.at("index.db");
    let sound = fs::read(&index).unwrap();
    let break_it: [&dyn Fn(&Path); 6] = [
        &|path| fs::remove_file(path).unwrap(),
        &|path| fs::write(path, "no database at all").unwrap(),
        &|path| fs::write(path, "").unwrap(),
        &|path| fs::write(path, &sound[..sound.len() / 2]).unwrap(),
        &|path| fs::write(path, [&sound[..4096], &vec![0x55; sound.len() - 4096]].concat()).unwrap(),
        &|path| fs::copy(other.at("index.db"), path).map(drop).unwrap(),
    ];
    for (at, break_it) in break_it.iter().enumerate() {
        break_it(&index);
        let mut wallet = scene.home.open();
        assert_eq!(found(&mut wallet, ""), expected, "{at}");
        assert_eq!(found(&mut wallet, "badge 29"), ["Badge 29"], "{at}");
    }
}

#[test]
fn a_wallet_that_is_open_is_refused_with_the_name_of_its_holder() {
    let home = Home::new();
    let wallet = home.open();
    let Err(WalletError::Locked { holder }) = Wallet::open(home.path(), now()) else { panic!("two at once") };
    assert!(holder.contains(&format!("({})", std::process::id())), "{holder}");
    drop(wallet);
    Wallet::open(home.path(), now()).unwrap();
}

#[test]
fn a_database_that_is_gone_or_empty_is_told_and_no_new_one_takes_its_place() {
    let scene = Scene::new();
    let lose: [&dyn Fn(&Path); 2] = [&|path| fs::remove_file(path).unwrap(), &|path| fs::write(path, "").unwrap()];
    for lose in lose {
        let copy = scene.copy();
        lose(&copy.at("wallet.db"));
        let told = [Wallet::open(copy.path(), now()).map(drop), Wallet::open_or_create(copy.path(), now()).map(drop)];
        assert!(told.iter().all(|told| matches!(told, Err(WalletError::Damaged { .. }))), "{told:?}");
        let (mut wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
        assert_eq!((rebuilt.badges, rebuilt.lost.len()), (0, scene.badges.len()), "each is named");
        assert!(rebuilt.lost.iter().all(|lost| lost.name.is_some()));
        assert!(listed(&mut wallet).is_empty());
    }
}

/// The journal of a wallet that is in use.
fn journal() -> Vec<u8> {
    let home = Home::new();
    let mut wallet = home.open();
    add(&mut wallet, "a.json", badge("Of another time"));
    fs::read(home.at("wallet.db-wal")).unwrap()
}

#[test]
fn a_replacement_that_was_broken_off_is_finished_by_whoever_comes_next() {
    let scene = Scene::new();
    let expected: BTreeMap<BadgeId, bool> = scene.badges.iter().map(|(key, (_, in_bin))| (*key, *in_bin)).collect();
    let stamp = "20260501T120000Z";
    for step in 0..4 {
        let copy = scene.copy();
        let (database, saved) = (copy.at("wallet.db"), copy.at(&format!("wallet.db.saved-{stamp}")));
        let damaged = copy.at(&format!("wallet.db.damaged-{stamp}"));
        fs::copy(&database, &saved).unwrap();
        fs::write(&database, "This was a wallet once.").unwrap();
        fs::write(copy.at("wallet.db-wal"), journal()).unwrap();
        if step >= 1 {
            fs::hard_link(&database, &damaged).unwrap();
        }
        if step >= 2 {
            fs::rename(copy.at("wallet.db-wal"), copy.at(&format!("wallet.db.damaged-{stamp}-wal"))).unwrap();
        }
        if step >= 3 {
            // A journal of a wallet that is not there any more is the worst that could be left.
            fs::remove_file(&database).unwrap();
        }
        let mut wallet = Wallet::open(copy.path(), now()).unwrap();
        assert_eq!(listed(&mut wallet), expected, "step {step}");
        assert_eq!(fs::read(&damaged).unwrap(), b"This was a wallet once.", "step {step}");
        assert!(copy.at(&format!("wallet.db.damaged-{stamp}-wal")).exists() && !saved.exists(), "step {step}");
        drop(wallet);
        assert!(Wallet::rebuild(copy.path(), now()).unwrap().1.damaged.is_none(), "step {step}");
    }
}

#[test]
fn what_a_broken_off_salvage_left_is_removed() {
    let scene = Scene::new();
    let copy = scene.copy();
    for name in ["wallet.db.new", "wallet.db.new-wal", "wallet.db.mended"] {
        fs::copy(copy.at("wallet.db"), copy.at(name)).unwrap();
    }
    drop(Wallet::open(copy.path(), now()).unwrap());
    let left: Vec<_> = fs::read_dir(copy.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("wallet.db.")), "{left:?}");
}

#[test]
fn a_badge_that_was_erased_does_not_come_back_from_a_file_that_stays() {
    let home = Home::new();
    let mut wallet = home.open();
    let both = png_with(&[("openbadges", &hosted()), ("openbadgecredential", &badge("Welding"))]);
    let imported = import(&mut wallet, "both.png", &both);
    let (gone, stays) = (imported[0].id.unwrap(), imported[1].id.unwrap());
    wallet.erase(&id(gone), now()).unwrap();
    drop(wallet);
    let database = rusqlite::Connection::open(home.at("wallet.db")).unwrap();
    database.execute("UPDATE badge SET added = added + 1", []).unwrap();
    drop(database);
    let (mut wallet, rebuilt) = Wallet::rebuild(home.path(), now()).unwrap();
    assert!(rebuilt.damaged.is_some());
    assert_eq!(listed(&mut wallet).into_keys().collect::<Vec<_>>(), [stays]);
}

/// An assertion of Open Badges 2.0.
fn hosted() -> String {
    serde_json::json!({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "https://example.org/1",
        "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"}, "issuedOn": "2024-01-01T00:00:00Z",
        "badge": "https://example.org/class", "verification": {"type": "HostedBadge"}})
    .to_string()
}

#[test]
fn whom_the_owner_trusts_is_saved_and_a_choice_that_tipped_over_is_not_believed() {
    let scene = Scene::new();
    let mut wallet = scene.home.open();
    wallet.trust("did:web:volta.example", "Istituto Volta", now()).unwrap();
    wallet.trust("did:web:galilei.example", "Istituto Galilei", now()).unwrap();
    drop(wallet);
    let copy = scene.copy();
    let database = rusqlite::Connection::open(copy.at("wallet.db")).unwrap();
    database.execute("UPDATE trusted SET id = 'did:web:evil.example' WHERE id = 'did:web:galilei.example'", []).unwrap();
    drop(database);
    assert!(matches!(Wallet::open(copy.path(), now()), Err(WalletError::Damaged { .. })));
    let (wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
    assert!(rebuilt.damaged.is_some() && rebuilt.lost.is_empty());
    let trusted: Vec<String> = wallet.trusted().unwrap().into_iter().map(|trusted| trusted.id).collect();
    assert_eq!(trusted, ["did:web:volta.example"]);
}

#[test]
fn a_wallet_of_the_first_version_is_brought_to_this_one_and_is_saved_like_it() {
    let scene = Scene::new();
    let expected = listed(&mut scene.home.open());
    for is_damaged in [false, true] {
        let copy = scene.copy();
        let database = rusqlite::Connection::open(copy.at("wallet.db")).unwrap();
        database
            .execute_batch(
                "DROP TABLE notice; DROP TABLE outbox; DROP TABLE known; DROP TABLE account; DROP TABLE trusted; DROP TABLE numbered;
                 DROP TABLE source; DROP TABLE beside;
                 DROP TABLE trusted_apart; DROP TABLE numbered_apart; DROP TABLE apart; PRAGMA user_version = 1; VACUUM",
            )
            .unwrap();
        drop(database);
        if is_damaged {
            let mut bytes = fs::read(copy.at("wallet.db")).unwrap();
            bytes[..4096].fill(0);
            fs::write(copy.at("wallet.db"), &bytes).unwrap();
            let (mut wallet, rebuilt) = Wallet::rebuild(copy.path(), now()).unwrap();
            assert!(rebuilt.lost.is_empty() && rebuilt.damaged.is_some());
            assert_eq!(listed(&mut wallet), expected);
            continue;
        }
        let mut wallet = Wallet::open(copy.path(), now()).unwrap();
        assert_eq!(listed(&mut wallet), expected);
        wallet.trust("did:web:volta.example", "Istituto Volta", now()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_database_of_another_program_is_neither_opened_nor_removed() {
    let make = |path: &Path, more: &str| {
        let database = rusqlite::Connection::open(path).unwrap();
        database.execute_batch(&format!("CREATE TABLE diary (text); INSERT INTO diary VALUES ('Dear diary'); {more}")).unwrap();
    };
    for (name, more) in [
        ("index.db", ""),
        ("index.db", "PRAGMA application_id = 77"),
        ("index.db", "PRAGMA user_version = 5"),
        ("pictures.db", ""),
    ] {
        // Whether it lies beside a wallet, or a wallet is made beside it.
        let (scene, empty) = (Scene::new(), Home::new());
        for home in [&scene.home, &empty] {
            let _ = fs::remove_file(home.at(name));
            make(&home.at(name), more);
            let before = fs::read(home.at(name)).unwrap();
            let mut wallet = home.open();
            let key = add(&mut wallet, "a.json", badge("Welding"));
            wallet.keep_drawn(key, Side::Small, b"drawn").unwrap();
            assert_eq!(found(&mut wallet, "welding"), ["Welding"]);
            wallet.erase(&id(key), now()).unwrap();
            drop(wallet);
            drop(Wallet::rebuild(home.path(), now()).unwrap());
            assert!(fs::read(home.at(name)).unwrap() == before, "{name} {more}");
            assert!(!home.at(&format!("{name}-wal")).exists());
        }
    }
}

#[test]
fn nothing_in_the_folder_of_a_wallet_leads_to_another_place() {
    let scene = Scene::new();
    let outside = Home::new();
    fs::write(outside.at("diary.txt"), "Dear diary").unwrap();
    let database = rusqlite::Connection::open(outside.at("other.db")).unwrap();
    database.execute_batch("CREATE TABLE diary (text); INSERT INTO diary VALUES ('Dear diary')").unwrap();
    drop(database);
    fs::copy(scene.home.at("wallet.db"), outside.at("wallet.db")).unwrap();
    let bytes = |name: &str| fs::read(outside.at(name)).unwrap();
    let before = ["diary.txt", "other.db", "wallet.db"].map(bytes);
    let links = [
        ("wallet.lock", "diary.txt"),
        ("index.db", "other.db"),
        ("index.db-wal", "diary.txt"),
        ("wallet.db", "wallet.db"),
        ("wallet.db-wal", "diary.txt"),
        ("wallet.db-journal", "diary.txt"),
        ("pictures.db", "other.db"),
        ("wallet.key", "diary.txt"),
        ("wallet.db.locking", "diary.txt"),
        ("wallet.db.unlocking", "diary.txt"),
        ("wallet.db.unlocking-wal", "diary.txt"),
        ("wallet.db.before", "diary.txt"),
        ("wallet.db.new", "diary.txt"),
        ("wallet.db.mended", "diary.txt"),
        ("wallet.db.saved-20260501T120000Z", "diary.txt"),
        ("wallet.db.damaged-20260501T120000Z", "diary.txt"),
    ];
    for (name, to) in links {
        let copy = scene.copy();
        let _ = fs::remove_file(copy.at(name));
        std::os::unix::fs::symlink(outside.at(to), copy.at(name)).unwrap();
        let refused = [
            Wallet::open(copy.path(), now()).map(drop),
            Wallet::open_or_create(copy.path(), now()).map(drop),
            Wallet::rebuild(copy.path(), now()).map(drop),
        ];
        for refused in refused {
            let Err(WalletError::Unusable { path, why }) = refused else { panic!("{name}: {refused:?}") };
            assert!(path.ends_with(name) && why.to_string().contains("link"), "{path}: {why}");
        }
        assert!(["diary.txt", "other.db", "wallet.db"].map(bytes) == before, "{name}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 3, "{name}: nothing appeared there");
    }
    let copy = scene.copy();
    fs::create_dir(copy.at("wallet.lock")).unwrap();
    assert!(matches!(Wallet::open(copy.path(), now()), Err(WalletError::Unusable { .. })));
}

#[test]
fn what_has_a_name_elsewhere_too_is_not_overwritten() {
    let scene = Scene::new();
    let outside = Home::new();
    fs::write(outside.at("thesis.txt"), "The only copy").unwrap();
    for name in ["wallet.db.locking", "wallet.db.unlocking", "wallet.db.unlocking-wal"] {
        let copy = scene.copy();
        fs::write(copy.at("wallet.db.unlocking"), "").unwrap();
        let _ = fs::remove_file(copy.at(name));
        fs::hard_link(outside.at("thesis.txt"), copy.at(name)).unwrap();
        drop(Wallet::open(copy.path(), now()).unwrap());
        assert_eq!(fs::read_to_string(outside.at("thesis.txt")).unwrap(), "The only copy", "{name}");
        assert!(!copy.at(name).exists(), "{name}");
    }
}
