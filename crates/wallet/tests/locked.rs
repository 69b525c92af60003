//! A wallet that is locked: it shows nothing to whoever has the disk alone, and loses nothing by being locked (security.md, P08, P01 and P03).

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

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
    assert!(saved >= badges.len() * places.len() - 8, "{saved} of {}", badges.len() * places.len());
}
