//! A desk and its keys: made once, opened by whoever may, and plain nowhere.

use std::fs;

use satchel_tests::desk::{Desk, PASSPHRASE};
use satchel_tests::keyring::Keyring;
use satchel_tests::running::Running;
use satchel_tests::shell::{Folder, satchel};
use serde_json::{Value, json};

fn files(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

#[test]
fn a_desk_is_made_once_and_its_successor_told_once() {
    let desk = Desk::new();
    assert!(desk.did.starts_with("did:key:z6Mk"));
    // The hash that is announced is that of the key whose secret was told.
    let secret = bs58::decode(desk.successor.strip_prefix('z').unwrap()).into_vec().unwrap();
    assert_eq!(secret[..2], [0x80, 0x26], "a secret Ed25519 key as Multikey");
    let next = satchel_badge::sign::Ed25519Signer::did_key(secret[2..].try_into().unwrap()).multikey();
    let again = desk.command(&["new", "--name", "Somebody else"]).run().ending(1);
    assert_eq!(again.problem(), "desk_exists");
    let slug = desk.badge("paesaggio");
    let awarded = desk.award(&slug, &desk.table("email\nada@posta.example\n"), &[]).ending(0).rows();
    let baked = fs::read(desk.out(awarded[0]["ob3"].as_str().unwrap())).unwrap();
    let opened = satchel_badge::container::open_bytes(&baked);
    let credential: Value = serde_json::from_slice(opened.payload().unwrap()).unwrap();
    let announced = &credential["issuer"]["otherIdentifier"][0];
    assert_eq!(announced["identifierType"], "ext:satchelNextKey");
    assert_eq!(announced["identifier"], satchel_badge::succession::hash_of_key(&next));

    // Neither it nor the passphrase lies anywhere, and the rest is for its owner alone.
    for (path, bytes) in files(&desk.folder.at("desk")) {
        for text in [desk.successor.as_bytes(), &secret[2..], PASSPHRASE.as_bytes()] {
            assert!(!bytes.windows(text.len()).any(|window| window == text), "{path}");
        }
    }
    #[cfg(unix)]
    for path in [desk.folder.at("desk"), desk.folder.at("desk/secrets"), desk.folder.at("desk/desk.db")] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn nobody_signs_without_the_passphrase() {
    let desk = Desk::new();
    let slug = desk.badge("paesaggio");
    let table = desk.table("email\nada@posta.example\n");
    let award = || desk.awarding(&slug, &table, "out", &[]);
    let said = award().env("SATCHEL_PASSPHRASE", "another walrus in it").run().ending(4);
    assert_eq!(said.problem(), "wrong_passphrase");
    assert!(!said.said().contains("walrus"));
    assert_eq!(award().env("SATCHEL_PASSPHRASE", "").run().ending(4).problem(), "no_keyring");
    assert!(!desk.folder.at("out").exists(), "nothing was written");

    // One byte of the file, wherever it is, and nothing opens.
    let path = desk.folder.at("desk/secrets");
    let whole = fs::read(&path).unwrap();
    for at in [3, 20, 30, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let problem = award().run().ending(4).problem();
        assert!(["wrong_passphrase", "bad_secrets"].contains(&problem.as_str()), "{at}: {problem}");
    }
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(award().run().ending(4).problem(), "wrong_passphrase");
    // The keys of another desk sign nothing in this one's name.
    let other = Desk::new();
    fs::copy(other.folder.at("desk/secrets"), &path).unwrap();
    assert_eq!(award().run().ending(4).problem(), "bad_secrets");
    fs::write(&path, whole).unwrap();
    award().run().ending(0);
}

#[test]
fn the_systems_keyring_opens_the_keys_and_nobody_is_asked() {
    let keyring = Keyring::start();
    let (desk, made) = Desk::of(Folder::new(), |shell| keyring.with(shell));
    assert_eq!(made["keys"], "keyring");
    let slug = desk.badge("paesaggio");
    let table = desk.table("email\nada@posta.example\n");
    keyring.with(desk.awarding(&slug, &table, "out", &[])).run().ending(0);
    // Sealed on both sides: a name here, 32 bytes there.
    let sealed = fs::read(desk.folder.at("desk/secrets")).unwrap();
    assert!(sealed.starts_with(b"satchel-secrets 1\n{\"key\":\"keyring\""), "{}", String::from_utf8_lossy(&sealed[..60]));
    assert!(!keyring.files().is_empty());
    // A passphrase opens nothing here, and neither does another keyring.
    let other = Keyring::start();
    let another = desk.awarding(&slug, &desk.table("email\nbob@posta.example\n"), "other", &[]);
    assert_eq!(other.with(another).run().ending(4).problem(), "keyring_lost");
    let locked = desk.awarding(&slug, &desk.table("email\nbob@posta.example\n"), "other", &[]);
    assert_eq!(locked.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").run().ending(4).problem(), "keyring_lost");
}

#[test]
fn a_desk_that_cannot_be_is_not_made() {
    let folder = Folder::new();
    let new = |words: &[&str], passphrase: &str| {
        let shell = satchel(["desk", "new", "--json"]).args(words).arg("--desk").arg(folder.at("desk"));
        // No bus, so no keyring.
        shell.env("SATCHEL_PASSPHRASE", passphrase).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").run()
    };
    for words in [
        &["--name", " "][..],
        &["--name", "a\u{202e}b"],
        &["--name", "A", "--url", "ftp://a.example"],
        &["--name", "A", "--email", "a"],
        &["--name", "A", "--did-web", "a/b"],
        &["--name", "A", "--did-web", "localhost"],
    ] {
        assert_eq!(new(words, PASSPHRASE).ending(2).problem(), "bad_option", "{words:?}");
    }
    assert_eq!(new(&["--name", "A"], "short").ending(1).problem(), "weak_passphrase");
    assert_eq!(new(&["--name", "A"], "").ending(4).problem(), "no_keyring");
    assert_eq!(satchel(["desk", "badge", "--json", "--desk"]).arg(folder.at("desk")).run().ending(4).problem(), "no_desk");
    let said = satchel(["--lang", "it", "desk", "badge", "--desk"]).arg(folder.at("desk")).run().ending(4);
    assert!(said.err.contains("Non c'è alcun banco in"), "{}", said.err);
    let made = new(&["--name", "A", "--did-web", "Uni.example"], PASSPHRASE).ending(0).row();
    assert_eq!(made["did"], "did:web:uni.example");
    let document = &made["did_document"];
    assert_eq!(document["assertionMethod"][0], document["verificationMethod"][0]["id"], "{document}");
}

#[test]
fn the_second_program_at_a_desk_says_who_has_it() {
    let desk = Desk::new();
    let held = satchel_wallet::desk::Desk::open(&desk.folder.at("desk")).unwrap();
    assert_eq!(desk.command(&["badge"]).run().ending(4).problem(), "desk_locked");
    drop(held);
    desk.command(&["badge"]).run().ending(0);
}

#[test]
fn the_key_that_was_announced_takes_over_and_no_other_does() {
    let server = Running::start(&[]);
    let old = Desk::new();
    server.admin(&["issuer", "add", "--key", &old.did]).ending(0);
    old.badge("paesaggio");
    old.award("paesaggio", &old.table("email\nelena@posta.example\n"), &["--server", &server.url]).ending(0);
    old.command(&["publish"]).run().ending(0);
    let succeed = |folder: &Folder, secret: &str| {
        let words =
            ["keys", "succeed", "--of", &old.did, "--server", &server.url, "--reason", "compromised", "--name", "Valdora"];
        let shell = satchel(["desk", "--json", "--desk"]).arg(folder.at("desk")).args(words);
        shell
            .args(["--url", "https://valdora.example", "--email", "badges@valdora.example"])
            .env("SATCHEL_PASSPHRASE", PASSPHRASE)
            .env("SATCHEL_SUCCESSOR", secret)
            .run()
    };
    // A stranger's key, and no key at all.
    let stranger = Desk::new();
    let folder = Folder::new();
    assert_eq!(succeed(&folder, &stranger.successor).ending(1).problem(), "server_refused");
    assert_eq!(succeed(&folder, "zNothing").ending(2).problem(), "bad_option");
    old.command(&["status"]).run().ending(0);

    let made = succeed(&folder, &old.successor).ending(0).row();
    let did = made["did"].as_str().unwrap().to_owned();
    let new = Desk { folder, did: did.clone(), successor: made["successor"].as_str().unwrap().to_owned() };
    // The old key signs no more here; the new one issues, without the operator, and is the operator's to see.
    assert!(old.command(&["status"]).run().ending(1).out.contains("succeeded by"));
    let listed = server.admin(&["issuer", "list", "--json"]).ending(0).rows();
    assert!(listed.iter().any(|row| row["key"] == json!(did)), "{listed:?}");
    new.badge("paesaggio");
    new.award("paesaggio", &new.table("email\nbob@posta.example\n"), &["--server", &server.url]).ending(0);
    let rows = new.command(&["publish"]).run().ending(0).rows();
    assert!(rows.iter().all(|row| row["result"] == "added"), "{rows:?}");
    // Anybody reads the proof where the old issuer published.
    let document = server.browser().get(&format!("/issuers/{}/succession.json", old.did)).ok(200).json();
    let proof = satchel_badge::succession::Succession::read(document["succession"].as_str().unwrap()).unwrap();
    assert_eq!((proof.from.as_str(), proof.to.as_str()), (old.did.as_str(), did.as_str()));

    // Whoever trusts the old issuer, and knows what it announced, trusts the new one, and no other.
    let next = satchel_badge::succession::hash_of_key(did.trim_start_matches("did:key:"));
    let trust =
        new.folder.file("trust.json", json!({ "issuers": [{ "id": old.did, "name": "Valdora", "next": next }] }).to_string());
    let told = |desk: &Desk| {
        let badge = desk.folder.at("out").join("00002-ob3.png");
        let run = satchel(["verify", "--json", "--offline", "--trust"]).arg(&trust).arg(badge).run();
        let row = run.rows().remove(0);
        let line = row["checks"].as_array().unwrap().iter().find(|line| line["id"] == "trust").unwrap().clone();
        line["code"].as_str().unwrap().to_owned()
    };
    stranger.badge("paesaggio");
    stranger.award("paesaggio", &stranger.table("email\nbob@posta.example\n"), &[]).ending(0);
    assert_eq!(
        (told(&old).as_str(), told(&new).as_str(), told(&stranger).as_str()),
        ("trusted_issuer", "trusted_successor", "untrusted_issuer")
    );
    // The successor's successor takes over from it in its turn; two of one key there cannot be.
    let again = Folder::new();
    assert_eq!(succeed(&again, &new.successor).ending(1).problem(), "server_refused", "it is the next of another key");
}
