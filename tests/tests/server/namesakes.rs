//! Issuers whose names a person could take for one another: everywhere such a name stands, what nobody can claim stands beside it, and whoever runs
//! the server is told of a new name.

use rusqlite::Connection;
use satchel_badge::sign::Signer;
use satchel_tests::desk::Desk as Shell;
use satchel_tests::http::Browser;
use satchel_tests::postgres::Postgres;
use satchel_tests::running::Running;
use satchel_tests::shell::Folder;
use serde_json::{Value, json};

use crate::catalogue::publish;
use crate::news::operator;
use crate::scene::{Desk, NO_FACTOR, pem, register, secret, server_with};

const NAME: &str = "Università di Valdora";
const ELENA: &str = "elena@posta.example";
const BADGE: &str = "Il paesaggio";

/// Publishes a profile with this name.
fn named(desk: &Desk, name: &str) -> u16 {
    let document = json!({ "@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": desk.url("profile.json"), "name": name,
        "url": "https://valdora.example", "email": "badges@valdora.example", "publicKey": [desk.url("key.json")] });
    desk.put("profile.json", &document.to_string()).status
}

/// A name with what tells the key of a desk apart.
fn apart(name: &str, desk: &Desk) -> String {
    let key = desk.did.strip_prefix("did:key:").unwrap();
    format!("{name} ({}…{})", &key[..8], &key[key.len() - 8..])
}

/// What a page says, with its letters as they are.
fn text(browser: &mut Browser, path: &str) -> String {
    browser.get(path).ok(200).text()
}

/// Who gave the badge on a page that lists or shows it.
fn by<'a>(page: &'a str, badge: &str) -> &'a str {
    let rest = page.split_once(&format!("<bdi>{badge}</bdi>")).unwrap_or_else(|| panic!("no {badge}: {page}")).1;
    rest.split_once("<bdi>").unwrap().1.split_once("</bdi>").unwrap().0
}

/// The words of an issuer in the filter of the catalogue.
fn choice<'a>(page: &'a str, did: &str) -> &'a str {
    let rest = page.split_once(&format!("<option value=\"{did}\"")).unwrap_or_else(|| panic!("no {did}: {page}")).1;
    rest.split_once('>').unwrap().1.split_once('<').unwrap().0
}

fn tells_apart(server: &Running) {
    let real = Desk::admitted(server, 1);
    publish(&real, "land", BADGE, &json!({}), "published");
    real.send("PUT", "forms/land", json!({ "access": "open" }).to_string().as_bytes()).ok(200);
    let at = format!("/badges/{}/land", real.did);
    let mut browser = server.browser();
    let page = browser.get(&at).ok(200);
    assert_eq!(by(&page.text(), BADGE), NAME, "nobody else is called so");
    let tag = page.header("etag").unwrap().to_owned();
    assert_eq!(by(&text(&mut browser, "/badges"), BADGE), NAME);

    // An operator admits somebody by that name, and a page that was kept is read anew.
    let fourth = Desk::new(server, 4);
    server.admin(&["issuer", "add", "--key", &fourth.did, "--name", NAME]).ending(0);
    let changed = browser.send("GET", &at, &[("if-none-match", &tag)], b"").ok(200);
    assert_eq!(by(&changed.text(), BADGE), apart(NAME, &real));

    // Letters that look alike, and the sign of the other one copied into the name.
    let like = "Università di VaIdora";
    let copied = format!("{NAME} (valdora.example)");
    let (one, two) = (Desk::new(server, 2), Desk::new(server, 3));
    for (desk, name, badge) in [(&one, like, "Il bosco"), (&two, copied.as_str(), "Il fiume")] {
        server.admin(&["issuer", "add", "--key", &desk.did]).ending(0);
        assert_eq!(named(desk, name), 201);
        let key = json!({ "@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey", "id": desk.url("key.json"),
            "owner": desk.url("profile.json"), "publicKeyPem": pem() });
        desk.put("key.json", &key.to_string()).ok(201);
        publish(desk, "land", badge, &json!({}), "published");
    }
    let web = Shell::with(&["--did-web", "valdora.example"]);
    let key = web.command(&["keys"]).run().ending(0).row()["key"].as_str().unwrap().to_owned();
    server.admin(&["issuer", "add", "--key", &key]).ending(0);
    web.badge("paesaggio");
    web.command(&["listing", "paesaggio", "published", "--server", &server.url]).run().ending(0);

    let (real_name, like_name, web_name) = (apart(NAME, &real), apart(like, &one), format!("{NAME} (valdora.example)"));
    let catalogue = text(&mut browser, "/badges");
    let expected = [
        (BADGE, real.did.as_str(), real_name.clone()),
        ("Il bosco", &one.did, like_name.clone()),
        ("Il fiume", &two.did, apart(&copied, &two)),
        ("Il paesaggio come laboratorio", &web.did, web_name.clone()),
    ];
    for (badge, did, name) in &expected {
        assert_eq!((by(&catalogue, badge), choice(&catalogue, did)), (name.as_str(), name.as_str()), "{badge}");
        assert_eq!(by(&text(&mut browser, "/"), badge), name, "{badge}");
        assert!(text(&mut browser, &format!("/badges/{did}")).contains(&format!("<bdi>{name}</bdi>")), "{name}");
        assert!(text(&mut browser, &format!("/badges.atom?issuer={did}")).contains(name.as_str()), "{name}");
    }
    assert!(text(&mut browser, &format!("{at}/request")).contains(&real_name));
    // Programs have the DID beside the name.
    let told = browser.get(&format!("/api/v1/badges?issuer={}", real.did)).ok(200).json();
    assert_eq!(told["badges"][0]["issuer_name"], NAME);

    // Whoever is given a badge, and whoever it is shown to. The name there is what the badge itself says.
    let invitation = one.give(ELENA, BADGE);
    let mail = server.mail(ELENA, "paesaggio");
    assert!(mail.text.contains(&like_name), "{}", mail.text);
    let link = mail.link("/claim/");
    let claim = text(&mut browser, &link);
    assert!(claim.contains(&like_name) && claim.contains(&apart(NAME, &one)), "{claim}");
    let (mut owner, page) = register(server, &secret(&link), ELENA);
    let own = owner.post(&format!("/claims/{invitation}"), &page, &[("keep", "public")]).ok(303).location().to_owned();
    for path in ["/account", &own] {
        assert!(by(&text(&mut owner, path), BADGE).starts_with(&apart(NAME, &one)), "{path}");
    }
    let slug = owner.get("/account/export").ok(200).json()["account"]["page_name"].as_str().unwrap().to_owned();
    let id = own.rsplit('/').next().unwrap();
    let page = text(&mut browser, &format!("/p/{slug}/{id}"));
    assert!(page.contains(&format!("signed by {},", apart(NAME, &one))), "{page}");
    for path in [format!("/p/{slug}"), format!("/embed/{slug}/{id}")] {
        assert!(text(&mut browser, &path).contains(&apart(NAME, &one)), "{path}");
    }
    let mut staff = operator(server);
    for path in ["/staff/forms", "/staff/numbers", "/staff/notices"] {
        let page = text(&mut staff, path);
        assert!(page.contains(&real_name) && page.contains(&like_name) && page.contains(&web_name), "{path}: {page}");
    }

    // Another name, and they are told apart by that again; operators read who changed it.
    assert_eq!([named(&one, "Istituto Orsa"), named(&one, "Istituto Orsa"), named(&two, "Istituto Volta")], [200; 3]);
    let catalogue = text(&mut browser, "/badges");
    assert_eq!([by(&catalogue, "Il bosco"), by(&catalogue, "Il fiume")], ["Istituto Orsa", "Istituto Volta"]);
    let book = server.admin(&["log", "export", "--book", "server"]).ending(0).rows();
    let renamed: Vec<&Value> = book.iter().filter(|line| line["did"] == "issuer_renamed").collect();
    assert_eq!(renamed.len(), 2, "{renamed:?}");
    assert_eq!(renamed[0]["about"], format!("{}: {like} -> Istituto Orsa", one.did));
    assert_eq!(renamed[0]["by"], json!(one.key.key_url()));
    // Who takes a name that is another one's is seen there, too.
    assert_eq!(named(&one, NAME), 200);
    let book = server.admin(&["log", "export", "--book", "server"]).ending(0).rows();
    let last = book.iter().rfind(|line| line["did"] == "issuer_renamed").unwrap();
    assert_eq!(last["about"], format!("{}: Istituto Orsa -> {}", one.did, apart(NAME, &one)));
}

#[test]
fn issuers_whose_names_look_alike_are_told_apart_wherever_a_name_stands() {
    tells_apart(&server_with(NO_FACTOR, &[]));
}

#[test]
fn they_are_told_apart_on_postgresql_too() {
    let postgres = Postgres::start();
    tells_apart(&server_with(NO_FACTOR, &["--database-url", &postgres.url()]));
}

#[test]
fn names_that_an_earlier_program_kept_are_told_apart_when_the_server_starts() {
    let server = server_with(NO_FACTOR, &[]);
    let (one, two) = (Desk::admitted(&server, 1), Desk::admitted(&server, 2));
    publish(&one, "land", "Il bosco", &json!({}), "published");
    publish(&two, "land", "Il fiume", &json!({}), "published");
    let folder = server.stop();
    let database = Connection::open(folder.at("data").join("server.db")).unwrap();
    assert_eq!(database.execute("UPDATE issuer SET likeness = NULL", []).unwrap(), 2);
    drop(database);
    let server = Running::start_in(folder, &[]);
    let page = text(&mut server.browser(), "/badges");
    let key = |desk: &Desk| desk.did.strip_prefix("did:key:").unwrap()[..8].to_owned();
    assert!(by(&page, "Il bosco").contains(&key(&one)) && by(&page, "Il fiume").contains(&key(&two)), "{page}");
}

#[test]
fn an_issuer_and_its_successor_are_one_and_the_same() {
    let server = server_with(NO_FACTOR, &[]);
    let old = Shell::new();
    server.admin(&["issuer", "add", "--key", &old.did]).ending(0);
    old.badge("paesaggio");
    old.award("paesaggio", &old.table("email\nelena@posta.example\n"), &["--server", &server.url]).ending(0);
    old.command(&["publish"]).run().ending(0);
    old.command(&["listing", "paesaggio", "published"]).run().ending(0);
    let mut new =
        Shell { folder: Folder::new(), did: String::new(), successor: old.successor.clone(), passphrase: old.passphrase.clone() };
    let words = ["keys", "succeed", "--of", &old.did, "--server", &server.url, "--reason", "rotated", "--name", NAME, "--with"];
    let shell = new.command(&words).arg(&old.successor).env("SATCHEL_SUCCESSOR", &old.passphrase);
    new.did = shell.run().ending(0).row()["did"].as_str().unwrap().to_owned();
    new.badge("saldatura");
    new.command(&["listing", "saldatura", "published"]).run().ending(0);
    let page = text(&mut server.browser(), "/badges");
    assert_eq!([choice(&page, &old.did), choice(&page, &new.did)], [NAME; 2]);
    // A third one with that name is neither.
    let third = Desk::admitted(&server, 3);
    publish(&third, "land", BADGE, &json!({}), "published");
    let page = text(&mut server.browser(), "/badges");
    for did in [&old.did, &new.did, &third.did] {
        assert!(choice(&page, did).starts_with(&format!("{NAME} (z6Mk")), "{page}");
    }
}
