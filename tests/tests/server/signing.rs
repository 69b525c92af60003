//! A wallet signs in through the system's browser: what is asked, what is believed, and where the tokens lie.

use std::fs;

use satchel_tests::http::Browser;
use satchel_tests::keyring::Keyring;
use satchel_tests::proxy::Proxy;
use satchel_tests::running::Running;
use satchel_tests::server::Server;
use satchel_tests::shell::Folder;
use satchel_tests::signing::{Login, decide, go, sign_in, wallet};
use serde_json::{Value, json};

use crate::scene::member;

const ADA: &str = "ada@posta.example";

fn query(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[test]
fn a_sign_in_asks_for_the_wallet_alone_with_pkce_and_a_state_of_its_own() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let (login, other) = (Login::begin(&folder.at("wallet"), &server.url), Login::begin(&folder.at("other"), &server.url));
    let of = |name: &str| query(&login.address, name);
    assert_eq!((of("scope").as_str(), of("code_challenge_method").as_str()), ("wallet", "S256"));
    assert!(of("redirect_uri").starts_with("http://127.0.0.1:"), "{}", login.address);
    for secret in ["state", "code_challenge"] {
        assert!(of(secret).len() == 43 && of(secret) != query(&other.address, secret), "{}", login.address);
    }
    other.kill();
    let page = browser.get(&login.address).ok(200).text();
    assert!(page.contains("Satchel, ") && page.contains("this computer"), "{page}");
    assert!(go(&decide(&mut browser, &login.address, "allow")).ok(200).text().contains("go back to Satchel"));
    let account = login.ending(0);
    assert_eq!((account["server"].as_str(), account["kept"].as_str()), (Some(server.url.as_str()), Some("passphrase")));
    assert_eq!(account["addresses"], json!([ADA]));
    let listed = wallet(&folder.at("wallet"), &["accounts"]).run().ending(0).row();
    assert_eq!((&listed["signed_in"], &listed["account"]), (&json!(true), &account["account"]));
}

#[test]
fn only_the_browser_that_was_sent_ends_a_sign_in() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let mut login = Login::begin(&folder.at("wallet"), &server.url);
    let redirect = query(&login.address, "redirect_uri");
    let state = query(&login.address, "state");
    // Another page, another program, an earlier run: none of them knows the state.
    for said in ["", "?code=x", "?code=x&state=guess", "?error=access_denied&state=guess", "/other?state=guess"] {
        go(&format!("{redirect}{said}")).ok(404);
    }
    go(&format!("{}/?state={state}", redirect.trim_end_matches("/back"))).ok(404);
    assert!(login.waits());
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    login.ending(0);
}

#[test]
fn an_answer_of_another_server_is_not_believed() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    for forged in ["https://evil.example", ""] {
        let login = Login::begin(&folder.at("wallet"), &server.url);
        let location = decide(&mut browser, &login.address, "allow");
        let (before, _) = location.split_once("&iss=").unwrap();
        go(&format!("{before}&iss={forged}")).ok(200);
        assert_eq!(login.ending(4)["problem"]["code"], "mixed_up", "{forged}");
    }
    // And where it comes twice.
    let login = Login::begin(&folder.at("wallet"), &server.url);
    go(&format!("{}&iss=https://evil.example", decide(&mut browser, &login.address, "allow"))).ok(200);
    assert_eq!(login.ending(4)["problem"]["code"], "mixed_up");
    assert!(wallet(&folder.at("wallet"), &["accounts"]).run().ending(0).rows().is_empty());
}

#[test]
fn a_server_that_sends_people_elsewhere_gets_no_sign_in() {
    let folder = Folder::new();
    let attempt = |server: &Server| {
        let shell = wallet(&folder.at("wallet"), &["login", &server.url(""), "--no-browser"]);
        shell.run().ending(4).problem()
    };
    let metadata = |server: &Server, issuer: &str, authorize: &str| {
        let at = |path: &str| server.url(path);
        let said = json!({ "issuer": issuer, "authorization_endpoint": authorize, "token_endpoint": at("/oauth/token"),
            "registration_endpoint": at("/oauth/register"), "authorization_response_iss_parameter_supported": true });
        server.serve("/.well-known/oauth-authorization-server", &said);
    };
    let server = Server::start();
    assert_eq!(attempt(&server), "no_satchel");
    metadata(&server, "https://bank.example", &server.url("/oauth/authorize"));
    assert_eq!(attempt(&server), "mixed_up");
    metadata(&server, &server.url(""), "https://bank.example/oauth/authorize");
    assert_eq!(attempt(&server), "mixed_up");
    for given in ["http://badges.example.org", "ftp://badges.example.org", "https://me:secret@badges.example.org", "", "a b"] {
        let refused = wallet(&folder.at("wallet"), &["login", given, "--no-browser"]).run().ending(2);
        assert_eq!(refused.problem(), "bad_server", "{given}");
    }
}

#[test]
fn a_server_that_is_mistyped_or_calls_itself_otherwise_is_told_in_words_that_help() {
    let folder = Folder::new();
    let dir = folder.at("wallet");
    for words in ["status", "accounts", "sync", "invitations"] {
        let none = wallet(&dir, &[words]).run().ending(4);
        assert!(none.problem() == "no_wallet" && none.said().contains("satchel wallet login"), "{}", none.said());
    }
    // Nobody listens there.
    let url = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let missed = wallet(&dir, &["login", &url, "--no-browser"]).run().ending(4);
    assert!(missed.problem() == "no_connection" && missed.said().contains(&format!("No answer from {url}")), "{}", missed.said());
    assert!(!missed.said().contains("What waits"), "{}", missed.said());
    let server = Running::start(&[]);
    let other = wallet(&dir, &["login", &server.url.replace("127.0.0.1", "localhost"), "--no-browser"]).run().ending(4);
    assert!(
        other.problem() == "other_address" && other.said().contains(&format!("calls itself {}", server.url)),
        "{}",
        other.said()
    );
}

#[test]
fn whoever_has_no_account_is_led_from_the_app_to_registering_with_the_invitation() {
    let server = Running::start(&[]);
    crate::scene::Desk::admitted(&server, 1).give(ADA, "Saldatura");
    let link = server.mail(ADA, "Saldatura").link("/claim/");
    let secret = crate::scene::secret(&link);
    let page = server.browser().get(&link).ok(200).text();
    let in_app = page.split("href=\"satchel:").nth(1).unwrap().split('"').next().unwrap();
    let folder = Folder::new();
    // By the page, and by the link itself.
    for given in [format!("satchel:{in_app}"), link.clone()] {
        let login = Login::begin(&folder.at("wallet"), &given);
        let mut browser = server.browser();
        let at = browser.get(&login.address).ok(303).location().to_owned();
        let page = browser.get(&at).ok(200).text();
        assert!(page.contains(&format!("/register?invitation={secret}")), "{given}: {page}");
        login.kill();
    }
    let login = Login::begin(&folder.at("wallet"), &server.url);
    let at = server.browser().get(&login.address).ok(303).location().to_owned();
    assert!(server.browser().get(&at).ok(200).text().contains("href=\"/register\""));
    // Once there is an account, it goes on as ever.
    let (mut browser, _) = crate::scene::register(&server, &secret, ADA);
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    login.ending(0);
}

#[test]
fn whoever_does_not_allow_it_is_not_signed_in() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let login = Login::begin(&folder.at("wallet"), &server.url);
    let page = go(&decide(&mut browser, &login.address, "refuse")).ok(200);
    assert!(page.text().contains("Nothing was allowed"), "{}", page.text());
    assert_eq!(login.ending(1)["problem"]["code"], "denied");
}

#[test]
fn tokens_lie_sealed_under_the_systems_keyring_or_a_passphrase_and_never_plain() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let dir = folder.at("wallet");
    // Without a keyring and a passphrase nobody is sent to a browser for nothing.
    let none = wallet(&dir, &["login", &server.url, "--no-browser"]).env("SATCHEL_PASSPHRASE", "").run().ending(4);
    assert_eq!(none.problem(), "no_keyring");
    let weak = wallet(&dir, &["login", &server.url, "--no-browser"]).env("SATCHEL_PASSPHRASE", "short").run().ending(1);
    assert_eq!(weak.problem(), "weak_passphrase");

    let keyring = Keyring::start();
    let bus = keyring.bus().to_owned();
    let login = Login::with(&dir, &server.url, &[], &[("DBUS_SESSION_BUS_ADDRESS", &bus), ("SATCHEL_PASSPHRASE", "")]);
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    assert_eq!(login.ending(0)["kept"], "keyring");
    let sealed = fs::read(dir.join("secrets")).unwrap();
    assert!(sealed.starts_with(b"satchel-secrets 1\n{\"key\":\"keyring\""));
    keyring.with(wallet(&dir, &["sync"])).run().ending(0);
    // Nothing that opens anything lies plain in the wallet, and a passphrase opens nothing here.
    let (token, sealed_by) = (b"access".as_slice(), b"refresh".as_slice());
    for file in ["secrets", "wallet.db", "wallet.db-wal", "index.db"] {
        let bytes = fs::read(dir.join(file)).unwrap_or_default();
        for plain in [token, sealed_by] {
            assert!(!bytes.windows(plain.len()).any(|at| at == plain), "{file}");
        }
    }
    let other = Keyring::start();
    assert_eq!(other.with(wallet(&dir, &["sync"])).run().ending(4).problem(), "keyring_lost");
    // What cannot be opened can be thrown away, and what is in the wallet stays.
    let thrown = other.with(wallet(&dir, &["logout"])).run().ending(0);
    assert_eq!(thrown.row()["server_knows"], false, "nobody could tell it");
    let login = Login::begin(&dir, &server.url);
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    assert_eq!(login.ending(0)["kept"], "passphrase");
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).rows().len(), 1, "it is the same account");
    let wrong = wallet(&dir, &["sync"]).env("SATCHEL_PASSPHRASE", "another walrus in it").run().ending(4);
    assert_eq!(wrong.problem(), "wrong_passphrase");
    wallet(&dir, &["sync"]).run().ending(0);
}

#[test]
fn whoever_wants_nothing_kept_syncs_once_and_is_signed_out() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let dir = folder.at("wallet");
    let login = Login::with(&dir, &server.url, &["--once"], &[("SATCHEL_PASSPHRASE", "")]);
    go(&decide(&mut browser, &login.address, "allow")).ok(200);
    login.ending(0);
    assert!(!dir.join("secrets").exists());
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).row()["signed_in"], false);
    assert_eq!(wallet(&dir, &["sync"]).run().ending(4).problem(), "signed_out");
    assert!(!browser.get("/account/settings").ok(200).text().contains("/account/devices/"), "its tokens are ended there too");
}

#[test]
fn an_account_is_signed_out_here_or_everywhere_and_devices_are_ended_one_by_one() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let dirs = [folder.at("desktop"), folder.at("laptop"), folder.at("office")];
    for dir in &dirs {
        sign_in(dir, &server.url, &mut browser);
    }
    let devices = wallet(&dirs[0], &["devices"]).run().ending(0).rows();
    assert_eq!(devices.len(), 3);
    let others: Vec<&Value> = devices.iter().filter(|it| it["current"] == false).collect();
    let end = others[0]["device"].as_str().unwrap();
    assert_eq!(wallet(&dirs[0], &["devices", "--end", &end[30..]]).run().ending(0).rows().len(), 2);
    assert_eq!(wallet(&dirs[0], &["devices", "--end", "000000"]).run().ending(1).problem(), "unknown_device");
    let ended = dirs[1..].iter().filter(|dir| wallet(dir, &["sync"]).run().status == Some(4)).count();
    assert_eq!(ended, 1);
    assert_eq!(wallet(&dirs[0], &["logout", "--everywhere"]).run().ending(0).row()["server_knows"], true);
    for dir in &dirs {
        assert_eq!(wallet(dir, &["sync"]).run().ending(4).problem(), "signed_out");
        assert_eq!(wallet(dir, &["accounts"]).run().ending(0).row()["signed_in"], false);
    }
    wallet(&dirs[0], &["logout", "--forget"]).run().ending(0);
    assert!(wallet(&dirs[0], &["accounts"]).run().ending(0).rows().is_empty());
}

#[test]
fn a_wallet_has_accounts_at_several_servers_and_several_at_one() {
    let (one, two) = (Running::start(&[]), Running::start(&[]));
    let folder = Folder::new();
    let dir = folder.at("wallet");
    for (server, email) in [(&one, ADA), (&one, "bob@posta.example"), (&two, ADA)] {
        sign_in(&dir, &server.url, &mut member(server, email));
    }
    let listed = wallet(&dir, &["accounts"]).run().ending(0).rows();
    assert_eq!(listed.len(), 3);
    assert_eq!(wallet(&dir, &["sync"]).run().ending(0).rows().len(), 3);
    assert_eq!(wallet(&dir, &["page"]).run().ending(2).problem(), "which_account");
    assert_eq!(wallet(&dir, &["page", "nobody"]).run().ending(1).problem(), "unknown_account");
    wallet(&dir, &["page", "bob@posta.example"]).run().ending(0);
    // Signing in once more is the same account.
    let mut again = Browser::new(&two.url);
    let form = again.get("/sign-in").ok(200);
    let fields = [("email", ADA), ("password", crate::scene::PASSWORD), ("next", "/account")];
    again.post("/sign-in", &form, &fields).ok(303);
    sign_in(&dir, &two.url, &mut again);
    assert_eq!(wallet(&dir, &["accounts"]).run().ending(0).rows().len(), 3);
    // One that cannot be reached holds up no other.
    drop(one);
    let synced = wallet(&dir, &["sync"]).run().ending(1).rows();
    assert_eq!(synced.iter().filter(|row| row["problem"]["code"] == "no_connection").count(), 2);
    assert_eq!(synced.iter().filter(|row| row["sent"] == 0).count(), 1);
}

#[test]
fn a_rough_network_signs_nobody_out() {
    let proxy = Proxy::new(7);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let mut browser = member(&server, ADA);
    let folder = Folder::new();
    let dir = folder.at("wallet");
    sign_in(&dir, &proxy.url, &mut browser);
    let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    proxy.rough(true);
    for _ in 0..15 {
        // Each time the hour of the access token is over.
        database.execute("UPDATE token SET expires = 1 WHERE kind = 'access'", []).unwrap();
        let run = wallet(&dir, &["sync"]).run();
        assert!(run.status == Some(0) || ["no_connection", "server_strange"].contains(&run.problem().as_str()), "{}", run.said());
    }
    proxy.rough(false);
    wallet(&dir, &["sync"]).run().ending(0);
    // A minute later the server takes whoever comes with an earlier token for a thief; the wallet has the last one.
    database.execute("UPDATE token SET used = used - 120000000 WHERE used IS NOT NULL", []).unwrap();
    database.execute("UPDATE token SET expires = 1 WHERE kind = 'access'", []).unwrap();
    wallet(&dir, &["sync"]).run().ending(0);
    let (_, harm) = proxy.count();
    assert!(harm > 15, "{harm}");
}
