//! A wallet that somebody else may have made: nothing that it says counts, whatever it is made of and however often it comes (security.md, V06).

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

use std::fs;
use std::path::Path;

use help::{Home, add, badge, list, now};
use satchel_badge::sign::Ed25519Signer;
use satchel_wallet::{Access, Shelf, State, Wallet, WalletError};

/// Whoever has this folder for settings.
fn person(settings: &Home) -> Access<'_> {
    Access { own: Some(settings.path()), passphrases: None }
}

/// Whoever the badges here are from.
fn issuer() -> String {
    Ed25519Signer::did_key(&[7; 32]).controller().to_owned()
}

fn state(wallet: &mut Wallet) -> State {
    list(wallet, Shelf::Kept, now())[0].state
}

/// Takes one's wallet as it is now to somebody else's folder.
fn hand_over(from: &Path, to: &Path) {
    for name in ["wallet.db", "index.db"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

fn change(dir: &Path, sql: &str) {
    rusqlite::Connection::open(dir.join("wallet.db")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn what_somebody_puts_into_their_wallet_later_counts_no_more_than_before() {
    let (maker, finder, made, got) = (Home::new(), Home::new(), Home::new(), Home::new());
    let mut wallet = person(&maker).open_or_create(made.path(), now()).unwrap();
    add(&mut wallet, "a.json", badge("Welding"));
    drop(wallet);
    hand_over(made.path(), got.path());
    let mut wallet = person(&finder).open(got.path(), now()).unwrap();
    assert!(wallet.is_foreign() && state(&mut wallet) == State::Intact);
    drop(wallet);
    let got_first = fs::read(got.at("wallet.db")).unwrap();

    let mut wallet = person(&maker).open(made.path(), now()).unwrap();
    wallet.trust(&issuer(), "1EdTech (verified)", now()).unwrap();
    assert!(state(&mut wallet) == State::Valid);
    drop(wallet);
    // The whole wallet anew; rows put into the one that was looked at; and an index that says so by itself.
    let theirs = made.at("wallet.db").display().to_string();
    let plant = format!("ATTACH '{theirs}' AS theirs; INSERT INTO trusted SELECT * FROM theirs.trusted");
    let editions: [&dyn Fn(); 3] = [
        &|| hand_over(made.path(), got.path()),
        &|| {
            fs::write(got.at("wallet.db"), &got_first).unwrap();
            change(got.path(), &plant);
        },
        &|| {
            let index = rusqlite::Connection::open(got.at("index.db")).unwrap();
            index.execute("UPDATE entry SET state = 'valid'", []).unwrap();
        },
    ];
    for (number, edition) in editions.iter().enumerate() {
        edition();
        let mut wallet = person(&finder).open(got.path(), now()).unwrap();
        assert!(wallet.is_foreign(), "{number}");
        assert!(state(&mut wallet) == State::Intact, "{number}");
        assert!(wallet.trusted().unwrap().is_empty(), "{number}");
    }

    // What its finder says in it stays.
    let mut wallet = person(&finder).open(got.path(), now()).unwrap();
    wallet.trust(&issuer(), "Istituto Volta", now()).unwrap();
    drop(wallet);
    let mut wallet = person(&finder).open(got.path(), now()).unwrap();
    assert!(wallet.is_foreign() && state(&mut wallet) == State::Valid);
    assert_eq!(wallet.trusted().unwrap()[0].name, "Istituto Volta");
}

#[test]
fn a_wallet_that_does_something_by_itself_is_not_written_to() {
    let (maker, finder, made) = (Home::new(), Home::new(), Home::new());
    let mut wallet = person(&maker).open_or_create(made.path(), now()).unwrap();
    add(&mut wallet, "a.json", badge("Welding"));
    wallet.trust(&issuer(), "1EdTech (verified)", now()).unwrap();
    drop(wallet);
    let hostile = [
        "CREATE TRIGGER evil AFTER INSERT ON apart BEGIN INSERT OR REPLACE INTO trusted SELECT * FROM trusted_apart; END",
        "CREATE VIEW more AS SELECT * FROM trusted",
        "CREATE TABLE more (text)",
        "DROP INDEX uses_key; CREATE INDEX uses_key ON uses (key, badge)",
        "ALTER TABLE trusted RENAME TO theirs; CREATE VIEW trusted AS SELECT * FROM theirs",
        "CREATE TRIGGER older AFTER INSERT ON badge BEGIN DELETE FROM trusted; END; PRAGMA user_version = 1",
    ];
    for sql in hostile {
        let got = Home::new();
        hand_over(made.path(), got.path());
        change(got.path(), sql);
        let before = fs::read(got.at("wallet.db")).unwrap();
        let opened = person(&finder).open(got.path(), now()).map(drop);
        assert!(matches!(&opened, Err(WalletError::Damaged { what }) if what.contains("tables")), "{sql}: {opened:?}");
        assert!(fs::read(got.at("wallet.db")).unwrap() == before, "{sql}");
        let (mut wallet, rebuilt) = person(&finder).rebuild(got.path(), now()).unwrap();
        assert_eq!((rebuilt.badges, rebuilt.lost.len(), rebuilt.damaged.is_some()), (1, 0, true), "{sql}");
        assert!(wallet.is_foreign() && state(&mut wallet) == State::Intact, "{sql}");
        drop(wallet);
        let mut wallet = person(&finder).open(got.path(), now()).unwrap();
        assert!(wallet.is_foreign() && state(&mut wallet) == State::Intact, "{sql}");
    }
    // One that says nothing yet is looked at in the same way.
    let empty = Home::new();
    drop(person(&maker).open_or_create(empty.path(), now()).unwrap());
    change(empty.path(), "CREATE TRIGGER later AFTER INSERT ON badge BEGIN DELETE FROM numbered; END");
    assert!(matches!(person(&finder).open(empty.path(), now()).map(drop), Err(WalletError::Damaged { .. })));
}

#[test]
fn an_empty_wallet_that_was_taken_over_is_not_known_again_by_its_maker() {
    let (maker, finder, made, got) = (Home::new(), Home::new(), Home::new(), Home::new());
    drop(person(&maker).open_or_create(made.path(), now()).unwrap());
    hand_over(made.path(), got.path());
    let mut wallet = person(&finder).open(got.path(), now()).unwrap();
    assert!(!wallet.is_foreign(), "there is nothing in it to be believed");
    add(&mut wallet, "a.json", badge("Welding"));
    drop(wallet);
    assert!(!person(&finder).open(got.path(), now()).unwrap().is_foreign());

    let mut wallet = person(&maker).open(made.path(), now()).unwrap();
    add(&mut wallet, "a.json", badge("Welding"));
    wallet.trust(&issuer(), "1EdTech (verified)", now()).unwrap();
    drop(wallet);
    hand_over(made.path(), got.path());
    let mut wallet = person(&finder).open(got.path(), now()).unwrap();
    assert!(wallet.is_foreign() && state(&mut wallet) == State::Intact);
}

#[test]
fn a_wallet_from_another_computer_keeps_all_it_says_when_it_is_saved_from_damage_before_it_is_adopted() {
    let (old, new, made, got) = (Home::new(), Home::new(), Home::new(), Home::new());
    let mut wallet = person(&old).open_or_create(made.path(), now()).unwrap();
    add(&mut wallet, "a.json", badge("Welding"));
    wallet.trust(&issuer(), "Istituto Volta", now()).unwrap();
    drop(wallet);
    // A document that a host gave, with the seal of its row, and a number of a list that was seen.
    change(made.path(), include_str!("help/said.sql"));
    assert!(Wallet::rebuild(made.path(), now()).unwrap().1.damaged.is_none());
    let said = |dir: &Path| {
        let db = rusqlite::Connection::open(dir.join("wallet.db")).unwrap();
        let sql =
            "SELECT origin || key FROM evidence UNION ALL SELECT name FROM trusted UNION ALL SELECT number || key FROM numbered";
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap()
    };
    hand_over(made.path(), got.path());
    assert!(person(&new).open(got.path(), now()).unwrap().is_foreign());
    assert!(said(got.path()).iter().all(|said| said.starts_with("claimed-")), "{:?}", said(got.path()));
    let mut bytes = fs::read(got.at("wallet.db")).unwrap();
    bytes[..4096].fill(0);
    fs::write(got.at("wallet.db"), &bytes).unwrap();
    let (mut wallet, rebuilt) = person(&new).rebuild(got.path(), now()).unwrap();
    assert!(rebuilt.lost.is_empty() && wallet.is_foreign() && state(&mut wallet) == State::Intact);
    assert!(wallet.trusted().unwrap().is_empty());
    wallet.adopt(&person(&new), now()).unwrap();
    assert!(state(&mut wallet) == State::Valid);
    drop(wallet);
    assert_eq!(said(got.path()), said(made.path()), "as it was at home");
}
