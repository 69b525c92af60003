//! The list of the window: filters, orders, pages, and what there is to choose from; and whom the owner trusts.

#![allow(clippy::unwrap_used, missing_docs)]

mod help;

use help::{Home, add, award, badge, baked, days, found, id, import, list, now, sign};
use satchel_badge::code::Code;
use satchel_badge::sign::{Ed25519Signer, sign_credential};
use satchel_wallet::{Mark, Query, Row, Shelf, Sort, State, Wallet, WalletError};
use serde_json::json;

/// An award with another name, issuer and date.
fn made(name: &str, issuer: &str, seed: u8, from: &str) -> String {
    let key = Ed25519Signer::did_key(&[seed; 32]);
    let mut award = award(name);
    award["issuer"] = json!({"id": key.controller(), "type": ["Profile"], "name": issuer});
    award["validFrom"] = from.into();
    sign_credential(&award, &key, "2024-01-02T00:00:00Z".parse().unwrap(), &satchel_badge::rdf::Library::default())
        .unwrap()
        .to_string()
}

fn did(seed: u8) -> String {
    Ed25519Signer::did_key(&[seed; 32]).controller().to_owned()
}

fn rows(wallet: &mut Wallet, query: &Query) -> Vec<Row> {
    wallet.find(query, now()).unwrap().rows
}

fn names(wallet: &mut Wallet, query: &Query) -> Vec<String> {
    rows(wallet, query).into_iter().map(|row| row.name.unwrap_or_default()).collect()
}

fn sorted(sort: Sort) -> Query {
    Query { sort, ..Query::default() }
}

/// Five badges of three issuers, added on days of their own.
fn shelf(home: &Home) -> Wallet {
    let mut wallet = home.open();
    let badges = [
        ("zebra", "Istituto Volta", 1, "2022-03-01T00:00:00Z"),
        ("Élan", "Istituto Volta", 1, "2024-03-01T00:00:00Z"),
        ("apple", "accademia", 2, "2023-03-01T00:00:00Z"),
        ("Mango", "Zeta", 3, "2023-12-31T23:59:59Z"),
        ("elbow", "Zeta", 3, "2020-03-01T00:00:00Z"),
    ];
    for (day, (name, issuer, seed, from)) in (0..).zip(badges) {
        let candidate = satchel_wallet::Candidate::of_bytes("a.json", made(name, issuer, seed, from).as_bytes());
        wallet.importer(None, days(day)).take(&[candidate]).unwrap();
    }
    wallet
}

#[test]
fn badges_come_in_the_order_that_is_asked_for() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    let orders: [(Sort, [&str; 5]); 5] = [
        (Sort::Added, ["elbow", "Mango", "apple", "Élan", "zebra"]),
        (Sort::Best, ["elbow", "Mango", "apple", "Élan", "zebra"]),
        (Sort::Issued, ["Élan", "Mango", "apple", "zebra", "elbow"]),
        (Sort::Name, ["apple", "Élan", "elbow", "Mango", "zebra"]),
        (Sort::Issuer, ["apple", "Élan", "zebra", "elbow", "Mango"]),
    ];
    for (sort, expected) in orders {
        assert_eq!(names(&mut wallet, &sorted(sort)), expected, "{sort:?}");
        let query = Query { text: String::from("steel"), ..sorted(sort) };
        if sort != Sort::Best {
            assert_eq!(names(&mut wallet, &query), expected, "{sort:?}, and when something is looked for");
        }
    }
}

#[test]
fn a_list_stays_in_its_order_when_a_badge_is_looked_at() {
    let home = Home::new();
    let mut wallet = home.open();
    let files: Vec<_> = (0..6)
        .map(|number| satchel_wallet::Candidate::of_bytes("a.json", badge(&format!("Badge {number}")).as_bytes()))
        .collect();
    wallet.importer(None, now()).take(&files).unwrap();
    let before = rows(&mut wallet, &Query::default());
    for row in &before[2..4] {
        wallet.show(&id(row.id), now()).unwrap();
        wallet.remove(&id(row.id), now()).unwrap();
        wallet.restore(&id(row.id), now()).unwrap();
    }
    assert_eq!(rows(&mut wallet, &Query::default()), before);
    drop(wallet);
    let (mut wallet, _) = Wallet::rebuild(home.path(), now()).unwrap();
    assert_eq!(rows(&mut wallet, &Query::default()), before, "and when all is made anew");
}

#[test]
fn filters_hold_together_and_with_words() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    let base = || sorted(Sort::Name);
    let queries: [(Query, &[&str]); 9] = [
        (Query { issuer: Some(did(3)), ..base() }, &["elbow", "Mango"]),
        (Query { year: Some(2023), ..base() }, &["apple", "Mango"]),
        (Query { year: Some(2023), issuer: Some(did(3)), ..base() }, &["Mango"]),
        (Query { year: Some(2023), issuer: Some(did(1)), ..base() }, &[]),
        (Query { issuer: Some(String::from("did:key:nobody")), ..base() }, &[]),
        (Query { states: vec![State::Intact], ..base() }, &["apple", "Élan", "elbow", "Mango", "zebra"]),
        (Query { states: vec![State::Valid, State::Invalid], ..base() }, &[]),
        (Query { text: String::from("el"), year: Some(2024), ..base() }, &["Élan"]),
        (Query { text: String::from("el"), ..base() }, &["Élan", "elbow"]),
    ];
    for (query, expected) in &queries {
        assert_eq!(names(&mut wallet, query), *expected, "{query:?}");
    }
}

#[test]
fn a_list_is_read_in_pages() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    let page = |wallet: &mut Wallet, offset, limit| {
        let found = wallet.find(&Query { offset, limit: Some(limit), ..sorted(Sort::Name) }, now()).unwrap();
        (found.total, found.rows.into_iter().map(|row| row.name.unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(page(&mut wallet, 0, 2), (5, vec![String::from("apple"), String::from("Élan")]));
    assert_eq!(page(&mut wallet, 4, 2), (5, vec![String::from("zebra")]));
    assert_eq!(page(&mut wallet, 50, 2), (5, vec![]));
    assert_eq!(page(&mut wallet, usize::MAX, usize::MAX), (5, vec![]));
    let added = add(&mut wallet, "b.json", badge("aardvark"));
    assert_eq!(page(&mut wallet, 0, 1), (6, vec![String::from("aardvark")]), "what was found before counts no more");
    wallet.erase(&id(added), now()).unwrap();
    assert_eq!(page(&mut wallet, 0, 1), (5, vec![String::from("apple")]));
}

/// A name, a file, and what a row is to say of it: the state, the mark, and whether there is a picture.
type Case = (&'static str, Vec<u8>, State, Option<Mark>, bool);

#[test]
fn a_row_says_what_a_card_shows() {
    let home = Home::new();
    let mut wallet = home.open();
    let dated = |name: &str, from: &str, until: &str| {
        let mut award = award(name);
        award["validFrom"] = from.into();
        award["validUntil"] = until.into();
        sign(&award)
    };
    let expired = dated("Expired", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
    let cases: [Case; 6] = [
        ("Sound", baked(&badge("Sound"), 10), State::Intact, None, true),
        ("Plain", badge("Plain").into_bytes(), State::Intact, None, false),
        ("Expired", expired.clone().into_bytes(), State::Invalid, Some(Mark::Expired), false),
        ("Tampered", expired.replace("Expired", "Tampered").into_bytes(), State::Invalid, Some(Mark::Other), false),
        (
            "Later",
            dated("Later", "2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z").into_bytes(),
            State::Invalid,
            Some(Mark::NotYet),
            false,
        ),
        ("Listed", listed().into_bytes(), State::Undecided, Some(Mark::StatusUnknown), false),
    ];
    for (name, bytes, state, mark, picture) in cases {
        let key = add(&mut wallet, name, bytes);
        let row = rows(&mut wallet, &Query::default()).into_iter().find(|row| row.id == key).unwrap();
        assert_eq!((row.name.as_deref(), row.state, row.mark, row.picture), (Some(name), state, mark, picture), "{name}");
        assert_eq!(wallet.picture(&id(key)).unwrap().is_some(), picture, "{name}");
    }
    let later = rows(&mut wallet, &Query { text: String::from("later"), ..Query::default() }).remove(0);
    assert_eq!(later.expires.unwrap().to_string(), "2031-01-01T00:00:00Z");
    assert_eq!((later.added, later.removed), (now(), None));
}

/// A badge whose list of revoked badges is not at hand.
fn listed() -> String {
    let mut award = award("Listed");
    award["credentialStatus"] = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "5",
        "statusListCredential": "https://issuer.example/status/7"});
    sign(&award)
}

#[test]
fn what_there_is_to_choose_from_is_counted() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    let bin = add(&mut wallet, "b.json", badge("In the bin"));
    wallet.remove(&id(bin), now()).unwrap();
    add(&mut wallet, "c.json", badge("Tampered").replace("Weld a seam.", "Weld a boat."));
    let facets = wallet.facets(Shelf::Kept, now()).unwrap();
    assert_eq!((facets.kept, facets.bin), (6, 1));
    assert_eq!(facets.states, [(State::Intact, 5), (State::Invalid, 1)]);
    assert_eq!(facets.years, [(2024, 2), (2023, 2), (2022, 1), (2020, 1)]);
    let issuers: Vec<(&str, usize)> = facets.issuers.iter().map(|issuer| (issuer.name.as_str(), issuer.count)).collect();
    assert_eq!(issuers, [("Istituto Volta", 2), ("Zeta", 2), ("accademia", 1), ("Istituto Volta", 1)], "one name, two issuers");
    let facets = wallet.facets(Shelf::Bin, now()).unwrap();
    assert_eq!((facets.states.len(), facets.issuers.len(), facets.bin), (1, 1, 1));
}

#[test]
fn a_badge_that_is_not_sound_gives_no_issuer_another_name() {
    let forged = |name: &str| made("Forged", "Istituto Volta", 1, "2024-01-01T00:00:00Z").replace("Istituto Volta", name);
    let issuers = |wallet: &mut Wallet| -> Vec<String> {
        wallet.facets(Shelf::Kept, now()).unwrap().issuers.into_iter().map(|issuer| issuer.name).collect()
    };
    let home = Home::new();
    let mut wallet = home.open();
    add(&mut wallet, "first.json", forged("Free Money"));
    assert_eq!(issuers(&mut wallet), ["Free Money"], "nobody else has named it");
    add(&mut wallet, "own.json", made("Welding", "Istituto Volta", 1, "2024-01-01T00:00:00Z"));
    assert_eq!(issuers(&mut wallet), ["Istituto Volta"]);
    add(&mut wallet, "late.json", forged("Cheap Degrees"));
    assert_eq!(issuers(&mut wallet), ["Istituto Volta"]);
    add(&mut wallet, "renamed.json", made("Brazing", "Politecnico Volta", 1, "2024-01-01T00:00:00Z"));
    assert_eq!(issuers(&mut wallet), ["Politecnico Volta"], "an issuer may rename itself");
    wallet.trust(&did(1), "Volta", now()).unwrap();
    wallet.untrust(&did(1), now()).unwrap();
    assert_eq!(issuers(&mut wallet), ["Politecnico Volta"]);
    drop(wallet);
    std::fs::remove_file(home.at("index.db")).unwrap();
    assert_eq!(issuers(&mut home.open()), ["Politecnico Volta"], "also in an index that is made anew");
}

#[test]
fn more_badges_than_are_ranked_are_found_in_their_order() {
    let home = Home::new();
    let mut wallet = home.open();
    let text = badge("Welding");
    for batch in (0..2200).collect::<Vec<_>>().chunks(550) {
        let named = |number: &usize| text.replace("Welding", &format!("Award {number:04}"));
        let files: Vec<_> =
            batch.iter().map(|number| satchel_wallet::Candidate::of_bytes("a.json", named(number).as_bytes())).collect();
        wallet.importer(None, now()).take(&files).unwrap();
    }
    let all: Vec<String> = (0..2200).map(|number| format!("Award {number:04}")).collect();
    for text in ["", "a", "aw", "award", "steel award"] {
        let query = Query { text: text.to_owned(), ..sorted(Sort::Name) };
        assert_eq!(names(&mut wallet, &query), all, "{text}");
        let found = wallet.find(&Query { offset: 2190, limit: Some(60), ..query }, now()).unwrap();
        assert_eq!((found.total, found.rows.len()), (2200, 10));
    }
    assert_eq!(found(&mut wallet, "2199"), ["Award 2199"]);
}

#[test]
fn a_name_of_a_megabyte_is_shown_cut_and_found() {
    let home = Home::new();
    let mut wallet = home.open();
    let long = format!("Endless {}", "xyz ".repeat(250_000));
    add(&mut wallet, "a.json", badge(&long));
    let row = rows(&mut wallet, &Query { text: String::from("endless xyz"), ..Query::default() }).remove(0);
    assert!(row.name.unwrap().chars().count() < 600);
    assert_eq!(list(&mut wallet, Shelf::Kept, now()).len(), 1);
}

// ---- Trust ----

#[test]
fn whom_the_owner_trusts_is_valid_and_no_one_else() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    let states = |wallet: &mut Wallet| -> Vec<State> { rows(wallet, &sorted(Sort::Name)).iter().map(|row| row.state).collect() };
    assert_eq!(states(&mut wallet), [State::Intact; 5]);
    wallet.trust(&did(3), " My school ", now()).unwrap();
    let expected = [State::Intact, State::Intact, State::Valid, State::Valid, State::Intact];
    assert_eq!(states(&mut wallet), expected, "also those that were there before");
    let trusted = wallet.trusted().unwrap();
    assert_eq!((trusted.len(), trusted[0].id.as_str(), trusted[0].name.as_str()), (1, did(3).as_str(), "My school"));
    let key = rows(&mut wallet, &Query { text: String::from("mango"), ..Query::default() })[0].id;
    assert_eq!(wallet.show(&id(key), now()).unwrap().report.trusted.as_deref(), Some("My school"));
    drop(wallet);
    let mut wallet = home.open();
    assert_eq!(states(&mut wallet), expected);
    drop(wallet);
    let (mut wallet, _) = Wallet::rebuild(home.path(), now()).unwrap();
    assert_eq!(states(&mut wallet), expected, "it is the owner's choice, and no rebuilding takes it away");
    assert_eq!(
        import(&mut wallet, "new.json", made("Kiwi", "Zeta", 3, "2024-01-01T00:00:00Z"))[0].report.trusted.as_deref(),
        Some("My school")
    );
    assert!(wallet.untrust(&did(3), now()).unwrap() && !wallet.untrust(&did(3), now()).unwrap());
    assert_eq!(states(&mut wallet), [State::Intact; 6]);
    assert!(wallet.trusted().unwrap().is_empty());
}

#[test]
fn an_index_made_under_another_trust_is_not_believed() {
    let home = Home::new();
    let mut wallet = shelf(&home);
    wallet.trust(&did(3), "Zeta", now()).unwrap();
    drop(wallet);
    let trusting = std::fs::read(home.at("index.db")).unwrap();
    home.open().untrust(&did(3), now()).unwrap();
    // As after a power cut between the two files.
    std::fs::write(home.at("index.db"), trusting).unwrap();
    let mut wallet = home.open();
    assert!(rows(&mut wallet, &Query::default()).iter().all(|row| row.state == State::Intact));
}

#[test]
fn a_name_that_looks_like_one_that_is_trusted_is_flagged() {
    let home = Home::new();
    let mut wallet = home.open();
    wallet.trust(&did(1), "Istituto Volta", now()).unwrap();
    let has_flag = |imported: &satchel_wallet::Imported| {
        let line = imported.report.lines.iter().find(|line| line.code == Code::LooksLikeTrusted);
        line.map(|line| line.details.clone())
    };
    let one = import(&mut wallet, "a.json", made("Welding", "lstituto V\u{43e}lta", 2, "2024-01-01T00:00:00Z"));
    assert_eq!(has_flag(&one[0]), Some(vec![String::from("lstituto V\u{43e}lta"), String::from("Istituto Volta")]));
    let own = import(&mut wallet, "b.json", made("Welding", "Istituto Volta", 1, "2024-01-01T00:00:00Z"));
    assert_eq!(has_flag(&own[0]), None);
    let other = import(&mut wallet, "c.json", made("Welding", "Istituto Galilei", 3, "2024-01-01T00:00:00Z"));
    assert_eq!(has_flag(&other[0]), None);
}

#[test]
fn nonsense_is_not_trusted() {
    let home = Home::new();
    let mut wallet = home.open();
    for given in ["", "  ", &"x".repeat(5000)] {
        assert!(matches!(wallet.trust(given, "Name", now()), Err(WalletError::BadIssuer { .. })));
    }
    wallet.trust("https://school.example", "", now()).unwrap();
    assert_eq!(wallet.trusted().unwrap()[0].name, "https://school.example");
}
