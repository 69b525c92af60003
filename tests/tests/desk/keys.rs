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
    // The hash that is announced is that of the key in the file, which any `age` program opens with what was told.
    let told = age(&desk.folder, "-d", &desk.successor, &desk.passphrase);
    let secret = bs58::decode(told.trim().strip_prefix('z').unwrap()).into_vec().unwrap();
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

    // Neither it nor what opens it lies anywhere, and the rest is for its owner alone.
    for (path, bytes) in files(&desk.folder.at("desk")) {
        for text in [told.trim().as_bytes(), &secret[2..], PASSPHRASE.as_bytes(), desk.passphrase.as_bytes()] {
            assert!(!bytes.windows(text.len()).any(|window| window == text), "{path}");
        }
    }
    #[cfg(unix)]
    for path in [desk.folder.at("desk"), desk.folder.at("desk/secrets"), desk.folder.at("desk/desk.db"), desk.successor.clone()] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

/// Has the `age` program encrypt or decrypt a file in a terminal, where it asks for the passphrase; the file that it wrote, as text.
fn age(folder: &Folder, how: &str, file: &std::path::Path, passphrase: &str) -> String {
    use std::io::Write;
    let out = folder.at("by-age");
    let command = format!("age {how} -o '{}' '{}'", out.display(), file.display());
    let mut script = std::process::Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Once, and to confirm a new one.
    script.stdin.take().unwrap().write_all(format!("{passphrase}\n{passphrase}\n").as_bytes()).unwrap();
    assert!(script.wait().unwrap().success(), "{command}");
    let made = fs::read_to_string(&out).unwrap();
    fs::rename(&out, folder.at("by-age.last")).unwrap();
    made
}

#[test]
fn the_file_of_a_successor_is_the_staffs_to_place_and_to_lock_anew() {
    let folder = Folder::new();
    let new = |name: &str, file: &str| {
        let shell = satchel(["desk", "new", "--json", "--name", "Valdora", "--desk"]).arg(folder.at(name));
        shell.arg("--successor").arg(folder.at(file)).env("SATCHEL_PASSPHRASE", PASSPHRASE).run()
    };
    let made = new("desk", "stick.age").ending(0).row();
    assert_eq!(made["successor"], json!(folder.at("stick.age")));
    assert_ne!(made["passphrase"], json!(PASSPHRASE));
    // The key of one desk is never overwritten by that of another, and without its file there is no desk.
    let before = fs::read(folder.at("stick.age")).unwrap();
    assert_eq!(new("other", "stick.age").ending(2).problem(), "bad_option");
    assert_eq!(fs::read(folder.at("stick.age")).unwrap(), before);
    assert_eq!(new("other", "no/such/folder.age").ending(4).problem(), "unwritable");
    assert_eq!(satchel(["desk", "badge", "--json", "--desk"]).arg(folder.at("other")).run().ending(4).problem(), "no_desk");

    // With another passphrase, by the `age` program, it is the same key.
    let server = Running::start(&[]);
    let mut old = Desk::new();
    server.admin(&["issuer", "add", "--key", &old.did]).ending(0);
    old.badge("paesaggio");
    old.award("paesaggio", &old.table("email\nelena@posta.example\n"), &["--server", &server.url]).ending(0);
    old.command(&["publish"]).run().ending(0);
    let plain = old.folder.file("plain", age(&old.folder, "-d", &old.successor, &old.passphrase));
    let anew = "of the head of the library";
    let locked = old.folder.file("locked.age", age(&old.folder, "-p -a", &plain, anew));
    let nothing = old.folder.file("nothing.txt", "no key");
    let nothing = old.folder.file("nothing.age", age(&old.folder, "-p -a", &nothing, anew));
    let nowhere = old.folder.at("nowhere.age");
    let told = old.passphrase.clone();
    for (file, passphrase, problem) in [
        (&nowhere, told.as_str(), "unreadable"),
        (&plain, &told, "bad_secrets"),
        (&nothing, anew, "bad_secrets"),
        (&locked, &told, "wrong_passphrase"),
        (&locked, "", "wrong_passphrase"),
    ] {
        old.successor.clone_from(file);
        passphrase.clone_into(&mut old.passphrase);
        assert_eq!(old.succeeded(&Folder::new(), &server.url, "rotated").ending(4).problem(), problem, "{}", file.display());
    }
    (old.successor, old.passphrase) = (locked, anew.to_owned());
    old.succeeded(&Folder::new(), &server.url, "rotated").ending(0);
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
    // With the key in that desk's file.
    let succeed = |holder: &Desk| {
        let folder = Folder::new();
        let words =
            ["keys", "succeed", "--of", &old.did, "--server", &server.url, "--reason", "compromised", "--name", "Valdora"];
        let shell = satchel(["desk", "--json", "--desk"]).arg(folder.at("desk")).args(words).arg("--with").arg(&holder.successor);
        let shell = shell.args(["--url", "https://valdora.example", "--email", "badges@valdora.example"]);
        (shell.env("SATCHEL_PASSPHRASE", PASSPHRASE).env("SATCHEL_SUCCESSOR", &holder.passphrase).run(), folder)
    };
    // A stranger's key; what would have succeeded it in its turn is not left behind.
    let stranger = Desk::new();
    let (refused, folder) = succeed(&stranger);
    assert_eq!(refused.ending(1).problem(), "server_refused");
    assert_eq!(folder.names(), ["desk"]);
    old.command(&["status"]).run().ending(0);

    let (took_over, folder) = succeed(&old);
    let new = Desk::taken_over(folder, took_over).1;
    let did = new.did.clone();
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

    // It signs the lists of the key before it, so that what was revoked stays so; what a stolen key signed is not certain any more.
    let host = server.url.strip_prefix("http://").unwrap();
    let row = satchel(["verify", "--json", "--allow-host", host]).arg(old.folder.at("out").join("00002-ob3.png")).run().row();
    let codes: Vec<_> = row["checks"].as_array().unwrap().iter().filter_map(|line| line["code"].as_str()).collect();
    assert_eq!(row["verdict"], "undecided", "{row}");
    assert!(codes.contains(&"issuer_key_compromised"), "{row}");
    let list = server.browser().get(&format!("/issuers/{}/status/1", old.did)).ok(200).json();
    assert_eq!(list["issuer"], json!(did));

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
    // What the operator suspended comes back by the operator alone, and speaks for nobody meanwhile.
    server.admin(&["issuer", "suspend", "--key", &did]).ending(0);
    assert_eq!(succeed(&old).0.ending(1).problem(), "server_refused");
    let listed = server.admin(&["issuer", "list", "--json"]).ending(0).rows();
    let row = listed.iter().find(|row| row["key"] == json!(did)).unwrap();
    assert_eq!(row["suspended"], true, "{row}");
    assert_eq!(new.command(&["publish"]).run().ending(1).problem(), "server_refused");
    server.admin(&["issuer", "add", "--key", &did]).ending(0);
    new.command(&["publish"]).run().ending(0);
    // The successor's successor takes over from it in its turn; two of one key there cannot be.
    assert_eq!(succeed(&new).0.ending(1).problem(), "server_refused", "it is the next of another key");
}

#[test]
fn a_successor_revokes_what_the_key_before_it_awarded() {
    let server = Running::start(&[]);
    let old = Desk::new();
    server.admin(&["issuer", "add", "--key", &old.did]).ending(0);
    old.badge("paesaggio");
    let table = old.table("email\nelena@posta.example\nbob@posta.example\ncarl@posta.example\n");
    let awards = old.award("paesaggio", &table, &["--server", &server.url]).ending(0).rows();
    old.command(&["publish"]).run().ending(0);
    let folder = Folder::new();
    let took_over = old.succeeded(&folder, &server.url, "lost");
    let (made, new) = Desk::taken_over(folder, took_over);
    assert_eq!(made["of"], json!(old.did));

    let host = server.url.strip_prefix("http://").unwrap();
    let found = |award: &Value| {
        ["ob3", "ob2"].map(|form| {
            let file = old.out(award[form].as_str().unwrap());
            satchel(["verify", "--json", "--allow-host", host]).arg(file).run().row()
        })
    };
    let code = |row: &Value, code: &str| row["checks"].as_array().unwrap().iter().any(|line| line["code"] == code);
    // Before it publishes anything, whoever verifies learns of the succession.
    let [three, two] = found(&awards[0]);
    assert!(code(&three, "issuer_succeeded_on") && !code(&three, "status_list_of_other"), "{three}");
    assert_eq!((&three["verdict"], &two["verdict"]), (&json!("valid"), &json!("valid")));

    let id = |at: usize| awards[at]["id"].as_str().unwrap();
    let revoke = |id: &str| new.command(&["revoke", id, "--reason", "given by mistake"]).run();
    let row = revoke(id(0)).ending(0).row();
    assert_eq!((&row["result"], &row["published"]), (&json!("revoked"), &json!(true)), "{row}");
    assert_eq!(found(&awards[0]).map(|row| row["verdict"].clone()), [json!("invalid"), json!("invalid")]);
    assert_eq!(found(&awards[1]).map(|row| row["verdict"].clone()), [json!("valid"), json!("valid")]);
    let known = revoke(id(0).strip_prefix("urn:uuid:").unwrap()).ending(0).row();
    assert_eq!((&known["result"], &known["reason"]), (&json!("known"), &json!("given by mistake")));
    for unknown in ["urn:uuid:00000000-0000-4000-8000-000000000000", "../status/1", ""] {
        assert_eq!(revoke(unknown).ending(1).problem(), "unknown_award", "{unknown}");
    }
    // The link in the mail opens nothing any more.
    let link = server.mail("elena@posta.example", "paesaggio").link("/claim/");
    assert!(server.browser().get(&link).ok(200).text().contains("This invitation is over"));

    // What the server shows counts as far as the key before signed it, and says which award it is.
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    let sql = "UPDATE award SET ob3 = (SELECT ob3 FROM award WHERE credential = ?1) WHERE credential = ?2";
    assert_eq!(database.execute(sql, [id(1), id(2)]).unwrap(), 1);
    assert_eq!(revoke(id(2)).ending(1).problem(), "unknown_award");
    assert_eq!(found(&awards[1])[0]["verdict"], "valid");
}
