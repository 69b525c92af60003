//! A wallet that is locked: it shows nothing to whoever has the disk alone, and loses nothing by being locked (security.md, P08, P01 and P03).

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use help::{Home, add, badge, baked, found, id, now};
use satchel_picture::Side;
use satchel_wallet::signin::Passphrases;
use satchel_wallet::{Access, BadgeId, Wallet, WalletError};
use zeroize::Zeroizing;

/// Whoever knows this passphrase.
struct Knows(&'static str);

impl Passphrases for Knows {
    fn given(&self) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(self.0.to_owned())).filter(|known| !known.is_empty())
    }

    fn ask(&self, _: bool) -> Option<Zeroizing<String>> {
        None
    }
}

const OWNER: Knows = Knows("correct horse battery");

fn access(who: &Knows) -> Access<'_> {
    Access { own: None, passphrases: Some(who) }
}

/// A wallet with badges, each with the bytes it came in.
fn scene(count: usize) -> (Home, BTreeMap<BadgeId, Vec<u8>>) {
    let home = Home::new();
    let mut wallet = home.open();
    let mut badges = BTreeMap::new();
    for number in 0..count {
        let bytes = baked(&badge(&format!("Beekeeping {number}")), 500 + number * 97 % 3000);
        let key = add(&mut wallet, "a.png", &bytes);
        wallet.keep_drawn(key, Side::Small, b"drawn of beekeeping").unwrap();
        badges.insert(key, bytes);
    }
    drop(wallet);
    (home, badges)
}

fn holds(wallet: &Wallet, badges: &BTreeMap<BadgeId, Vec<u8>>) {
    for (key, bytes) in badges {
        assert!(wallet.original(&id(*key)).unwrap() == *bytes, "{key}");
    }
}

/// Whether a text stands in any file of the folder.
fn shows(dir: &Path, text: &str) -> bool {
    let files = fs::read_dir(dir).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|file| file.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text.as_bytes())))
}

#[test]
fn a_locked_wallet_shows_nothing_and_opens_with_its_passphrase_alone() {
    let (home, badges) = scene(30);
    assert!(shows(home.path(), "beekeeping") && shows(home.path(), "SQLite format 3"));
    assert!(matches!(access(&Knows("short")).lock(home.path()).unwrap_err().code(), "weak_passphrase"));
    let locked = access(&OWNER).lock(home.path()).unwrap();
    assert_eq!((locked.keeper, locked.already), ("passphrase", false));
    assert!(access(&OWNER).lock(home.path()).unwrap().already);
    let nothing = |when: &str| {
        for text in ["beekeeping", "Istituto Volta", "SQLite format 3", "CREATE TABLE", "correct horse", "openbadgecredential"] {
            assert!(!shows(home.path(), text), "{when}: {text}");
        }
    };
    nothing("locked");

    for (who, code) in [(&Knows("another horse battery"), "wrong_passphrase"), (&Knows(""), "needs_passphrase")] {
        let told = [
            access(who).open(home.path(), now()).map(drop),
            access(who).rebuild(home.path(), now()).map(drop),
            access(who).unlock(home.path()).map(drop),
        ];
        assert!(told.iter().all(|told| told.as_ref().is_err_and(|error| error.code() == code)), "{code}: {told:?}");
    }
    assert!(matches!(Wallet::open(home.path(), now()), Err(WalletError::NeedsPassphrase)));

    let mut wallet = access(&OWNER).open(home.path(), now()).unwrap();
    assert_eq!(wallet.keeper(), Some("passphrase"));
    holds(&wallet, &badges);
    assert_eq!(found(&mut wallet, "beekeeping 17"), ["Beekeeping 17"]);
    let late = add(&mut wallet, "late.json", badge("Beekeeping late"));
    wallet.keep_drawn(late, Side::Small, b"drawn of beekeeping").unwrap();
    nothing("open");
    drop(wallet);
    nothing("closed");
    let (wallet, rebuilt) = access(&OWNER).rebuild(home.path(), now()).unwrap();
    assert_eq!((rebuilt.badges, rebuilt.damaged.is_none()), (31, true));
    drop(wallet);
    nothing("rebuilt");

    assert!(access(&OWNER).unlock(home.path()).unwrap());
    assert!(!access(&OWNER).unlock(home.path()).unwrap());
    let wallet = Wallet::open(home.path(), now()).unwrap();
    assert_eq!(wallet.keeper(), None);
    holds(&wallet, &badges);
    assert!(!home.at("wallet.key").exists());
}

#[test]
fn damage_in_a_locked_wallet_is_told_and_all_that_is_whole_is_saved() {
    let (home, badges) = scene(40);
    access(&OWNER).lock(home.path()).unwrap();
    drop(access(&OWNER).open(home.path(), now()).unwrap());
    let sound = fs::read(home.at("wallet.db")).unwrap();
    let pages = sound.len() / 4096;
    // The first page, with the salt, in its middle, and others; the last one twice over.
    let places = [0, 100, 4096 * (pages / 3) + 50, 4096 * (pages / 2) + 4090, 4096 * (pages - 1) + 7, 4096 * (pages / 4)];
    let mut saved = 0;
    for at in places {
        let copy = Home::new();
        for name in ["wallet.db", "wallet.key", "index.db"] {
            fs::copy(home.at(name), copy.at(name)).unwrap();
        }
        let mut bytes = sound.clone();
        bytes[at..at + 40.min(sound.len() - at)].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(copy.at("wallet.db"), &bytes).unwrap();
        if let Ok(wallet) = access(&OWNER).open(copy.path(), now()) {
            for (key, bytes) in &badges {
                let there = wallet.original(&id(*key));
                assert!(there.as_ref().is_ok_and(|there| there == bytes) || there.is_err(), "{at}: {key}");
            }
        }
        let (wallet, rebuilt) = access(&OWNER).rebuild(copy.path(), now()).unwrap();
        assert!(rebuilt.damaged.is_some(), "{at}");
        for (key, bytes) in &badges {
            if rebuilt.lost.iter().any(|lost| lost.id == Some(*key)) {
                continue;
            }
            saved += 1;
            assert!(wallet.original(&id(*key)).unwrap() == *bytes, "{at}: {key}");
        }
        assert_eq!(wallet.keeper(), Some("passphrase"), "what is saved stays locked");
        drop(wallet);
        assert!(!shows(copy.path(), "beekeeping"), "{at}");
    }
    // The salt alone, which the key has too.
    let copy = Home::new();
    for name in ["wallet.key", "index.db"] {
        fs::copy(home.at(name), copy.at(name)).unwrap();
    }
    let mut bytes = sound;
    bytes[..16].iter_mut().for_each(|byte| *byte ^= 0x5a);
    fs::write(copy.at("wallet.db"), &bytes).unwrap();
    let (wallet, rebuilt) = access(&OWNER).rebuild(copy.path(), now()).unwrap();
    assert_eq!(rebuilt.lost.len(), 0);
    holds(&wallet, &badges);
    assert!(saved >= badges.len() * places.len() - 8, "{saved} of {}", badges.len() * places.len());
}

/// What lies in a folder, byte for byte, but the lock.
fn all_of(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    named
        .filter(|(name, path)| name != "wallet.lock" && path.is_file())
        .map(|(name, path)| (name, fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_locked_wallet_without_its_key_is_told_stays_as_it_is_and_opens_when_the_key_is_back() {
    let (home, badges) = scene(20);
    access(&OWNER).lock(home.path()).unwrap();
    drop(access(&OWNER).open(home.path(), now()).unwrap());
    let key = fs::read(home.at("wallet.key")).unwrap();
    fs::remove_file(home.at("wallet.key")).unwrap();
    let before = all_of(home.path());
    let told = [
        access(&OWNER).open(home.path(), now()).map(drop),
        access(&OWNER).open_or_create(home.path(), now()).map(drop),
        access(&OWNER).rebuild(home.path(), now()).map(drop),
        access(&OWNER).lock(home.path()).map(drop),
        access(&OWNER).unlock(home.path()).map(drop),
    ];
    assert!(told.iter().all(|told| told.as_ref().is_err_and(|error| error.code() == "key_missing")), "{told:?}");
    assert!(all_of(home.path()) == before);
    // Also where a part of it is damaged besides: without the key nothing of it could be saved.
    let mut bytes = before["wallet.db"].clone();
    bytes[..4096].fill(0);
    fs::write(home.at("wallet.db"), &bytes).unwrap();
    assert_eq!(access(&OWNER).rebuild(home.path(), now()).map(drop).unwrap_err().code(), "key_missing");
    fs::write(home.at("wallet.db"), &before["wallet.db"]).unwrap();
    fs::write(home.at("wallet.key"), key).unwrap();
    holds(&access(&OWNER).open(home.path(), now()).unwrap(), &badges);
}

#[test]
fn no_key_is_lost_while_a_database_may_need_it() {
    let (home, badges) = scene(20);
    let plain = fs::read(home.at("wallet.db")).unwrap();
    access(&OWNER).lock(home.path()).unwrap();
    drop(access(&OWNER).open(home.path(), now()).unwrap());
    let locked = fs::read(home.at("wallet.db")).unwrap();
    // An older wallet is put over it, opened, and taken away again.
    fs::write(home.at("wallet.db"), &plain).unwrap();
    holds(&Wallet::open(home.path(), now()).unwrap(), &badges);
    fs::write(home.at("wallet.db"), &locked).unwrap();
    holds(&access(&OWNER).open(home.path(), now()).unwrap(), &badges);
    // The same, and the older one is locked too: the key of the newer one stays beside it.
    let key = fs::read(home.at("wallet.key")).unwrap();
    fs::write(home.at("wallet.db"), &plain).unwrap();
    access(&OWNER).lock(home.path()).unwrap();
    holds(&access(&OWNER).open(home.path(), now()).unwrap(), &badges);
    assert!(all_of(home.path()).iter().any(|(name, bytes)| name.starts_with("wallet.key.") && *bytes == key));
    // A damaged copy is locked like the wallet that it was: unlocking leaves its key.
    let mut bytes = fs::read(home.at("wallet.db")).unwrap();
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    fs::write(home.at("wallet.db"), bytes).unwrap();
    assert!(access(&OWNER).rebuild(home.path(), now()).unwrap().1.damaged.is_some());
    access(&OWNER).unlock(home.path()).unwrap();
    drop(Wallet::open(home.path(), now()).unwrap());
    assert!(home.at("wallet.key").exists());
}

#[test]
fn what_is_derived_is_never_left_plain_beside_a_locked_wallet() {
    let (home, _) = scene(10);
    let derived = ["index.db", "pictures.db"].map(|name| (name, fs::read(home.at(name)).unwrap()));
    access(&OWNER).lock(home.path()).unwrap();
    for (name, bytes) in &derived {
        fs::write(home.at(name), bytes).unwrap();
    }
    assert!(shows(home.path(), "beekeeping"));
    // Whoever comes next, with the passphrase or without.
    assert_eq!(
        access(&Knows("another horse battery")).open(home.path(), now()).map(drop).unwrap_err().code(),
        "wrong_passphrase"
    );
    assert!(!shows(home.path(), "beekeeping") && !shows(home.path(), "SQLite format 3"));
}

#[test]
fn a_locked_wallet_cut_anywhere_loses_what_was_cut_alone() {
    let (home, badges) = scene(40);
    access(&OWNER).lock(home.path()).unwrap();
    drop(access(&OWNER).open(home.path(), now()).unwrap());
    let sound = fs::read(home.at("wallet.db")).unwrap();
    for cut in [1, 500, 4095, 4096, 5000] {
        let copy = Home::new();
        for name in ["wallet.key", "index.db"] {
            fs::copy(home.at(name), copy.at(name)).unwrap();
        }
        fs::write(copy.at("wallet.db"), &sound[..sound.len() - cut]).unwrap();
        let (wallet, rebuilt) = access(&OWNER).rebuild(copy.path(), now()).unwrap();
        assert!(rebuilt.lost.len() <= 2, "cut {cut}: {} lost", rebuilt.lost.len());
        let is_lost = |key: &BadgeId| rebuilt.lost.iter().any(|lost| lost.id == Some(*key));
        for (key, bytes) in badges.iter().filter(|(key, _)| !is_lost(key)) {
            assert!(wallet.original(&id(*key)).unwrap() == *bytes, "cut {cut}: {key}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_folder_whose_name_is_no_text_is_locked_like_any_other() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Home::new();
    let dir = folder.path().join(std::ffi::OsStr::from_bytes(b"w\xff"));
    // One that is called as the other would be shown.
    let other = folder.path().join("w\u{fffd}");
    fs::create_dir(&other).unwrap();
    let mut wallet = Wallet::open_or_create(&dir, now()).unwrap();
    let key = add(&mut wallet, "a.json", badge("Beekeeping"));
    drop(wallet);
    access(&OWNER).lock(&dir).unwrap();
    assert!(!shows(&dir, "beekeeping"));
    access(&OWNER).unlock(&dir).unwrap();
    assert!(Wallet::open(&dir, now()).unwrap().original(&id(key)).is_ok());
    assert_eq!(fs::read_dir(&other).unwrap().count(), 0);
}

#[test]
fn a_locking_that_was_broken_off_between_two_names_is_taken_back() {
    // Where a disk knows no links, the plain database is out of its place for a moment.
    let (home, badges) = scene(10);
    fs::rename(home.at("wallet.db"), home.at("wallet.db.before")).unwrap();
    fs::write(home.at("wallet.db.locking"), "half of it").unwrap();
    fs::remove_file(home.at("index.db")).unwrap();
    holds(&Wallet::open(home.path(), now()).unwrap(), &badges);
    assert!(!home.at("wallet.db.before").exists() && !home.at("wallet.db.locking").exists());
}

/// A wallet that is plain, and the locked database and the key that locking it makes.
fn half_locked(count: usize) -> (Home, BTreeMap<BadgeId, Vec<u8>>, Vec<u8>, Vec<u8>) {
    let (home, badges) = scene(count);
    let copy = Home::new();
    fs::copy(home.at("wallet.db"), copy.at("wallet.db")).unwrap();
    access(&OWNER).lock(copy.path()).unwrap();
    let [database, key] = ["wallet.db", "wallet.key"].map(|name| fs::read(copy.at(name)).unwrap());
    (home, badges, database, key)
}

/// Nothing is left of what was begun.
fn settled(home: &Home) {
    for name in ["wallet.db.locking", "wallet.db.unlocking", "wallet.db.before", "wallet.key.locking"] {
        assert!(!home.at(name).exists(), "{name}");
    }
}

#[test]
fn a_locking_that_was_broken_off_before_the_last_step_leaves_the_wallet_plain_and_whole() {
    let (home, badges, database, key) = half_locked(10);
    fs::write(home.at("wallet.db.locking"), database).unwrap();
    fs::write(home.at("wallet.key.locking"), key).unwrap();
    // The second name of the plain database, which is overwritten only where the locked one is in its place.
    fs::hard_link(home.at("wallet.db"), home.at("wallet.db.before")).unwrap();
    holds(&Wallet::open(home.path(), now()).unwrap(), &badges);
    settled(&home);
    assert!(!home.at("wallet.key").exists());
    // Nor does a key stay of which the database is gone.
    fs::write(home.at("wallet.key.locking"), "a key").unwrap();
    holds(&Wallet::open(home.path(), now()).unwrap(), &badges);
    settled(&home);
    assert!(!home.at("wallet.key").exists());
}

#[test]
fn a_key_of_a_locked_database_that_is_not_in_its_place_is_not_that_of_a_damaged_one_there() {
    let (home, badges, database, key) = half_locked(40);
    fs::write(home.at("wallet.db.locking"), database).unwrap();
    fs::write(home.at("wallet.key.locking"), key).unwrap();
    // The plain database does not begin as one any more.
    let mut bytes = fs::read(home.at("wallet.db")).unwrap();
    bytes[..40].fill(0x5a);
    fs::write(home.at("wallet.db"), bytes).unwrap();
    let (wallet, rebuilt) = Wallet::rebuild(home.path(), now()).unwrap();
    assert_eq!((rebuilt.lost.len(), wallet.keeper()), (0, None));
    holds(&wallet, &badges);
    settled(&home);
    assert!(fs::read_dir(home.path()).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().contains("wallet.key")));
}

#[test]
fn a_locking_that_was_broken_off_after_the_last_step_is_finished() {
    let (home, badges, database, key) = half_locked(10);
    fs::rename(home.at("wallet.db"), home.at("wallet.db.before")).unwrap();
    fs::write(home.at("wallet.db"), database).unwrap();
    fs::write(home.at("wallet.key.locking"), &key).unwrap();
    // A key of before, which may open what was put elsewhere.
    fs::write(home.at("wallet.key"), "an earlier key").unwrap();
    let told = access(&Knows("another horse battery")).open(home.path(), now()).map(drop);
    assert_eq!(told.unwrap_err().code(), "wrong_passphrase");
    // Whoever came: nothing plain is left, and no key is lost.
    settled(&home);
    assert!(!shows(home.path(), "beekeeping") && !shows(home.path(), "SQLite format 3"));
    assert!(fs::read(home.at("wallet.key")).unwrap() == key);
    assert_eq!(fs::read(home.at("wallet.key.old-1")).unwrap(), b"an earlier key");
    holds(&access(&OWNER).open(home.path(), now()).unwrap(), &badges);
}

#[test]
fn an_unlocking_that_was_broken_off_leaves_nothing_plain() {
    let (home, badges) = scene(10);
    let plain = fs::read(home.at("wallet.db")).unwrap();
    access(&OWNER).lock(home.path()).unwrap();
    fs::write(home.at("wallet.db.unlocking"), plain).unwrap();
    assert!(shows(home.path(), "beekeeping"));
    holds(&access(&OWNER).open(home.path(), now()).unwrap(), &badges);
    settled(&home);
    assert!(!shows(home.path(), "beekeeping"));
}

#[test]
fn what_stays_open_beside_a_locked_wallet_is_named() {
    let (home, _) = scene(1);
    fs::create_dir(home.at("server")).unwrap();
    fs::write(home.at("server/server.db"), "accounts").unwrap();
    assert_eq!(access(&OWNER).lock(home.path()).unwrap().server.as_deref(), Some(home.at("server").as_path()));
    assert!(access(&OWNER).lock(home.path()).unwrap().server.is_some(), "whenever it is asked");
}

/// Somebody at a terminal, who types these one after the other.
struct Types(RefCell<Vec<&'static str>>);

impl Passphrases for Types {
    fn given(&self) -> Option<Zeroizing<String>> {
        None
    }

    fn ask(&self, _: bool) -> Option<Zeroizing<String>> {
        let mut left = self.0.borrow_mut();
        if left.is_empty() { None } else { Some(Zeroizing::new(left.remove(0).to_owned())) }
    }
}

#[test]
fn whoever_mistypes_a_passphrase_is_asked_again() {
    let (home, badges) = scene(1);
    access(&OWNER).lock(home.path()).unwrap();
    let opens = |typed: &[&'static str]| {
        let types = Types(RefCell::new(typed.to_vec()));
        let opened = Access { own: None, passphrases: Some(&types) }.open(home.path(), now());
        (opened, types.0.into_inner().len())
    };
    let (opened, left) = opens(&["corect horse battery", "correct horse battery", "never typed"]);
    holds(&opened.unwrap(), &badges);
    assert_eq!(left, 1);
    // Not for ever, and not where nobody answers.
    let (opened, left) = opens(&["1 is not the one", "2 is not the one", "3 is not the one", "correct horse battery"]);
    assert_eq!((opened.err().unwrap().code(), left), ("wrong_passphrase", 1));
    assert_eq!(opens(&["1 is not the one"]).0.err().unwrap().code(), "wrong_passphrase");
}
