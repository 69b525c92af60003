//! Accounts in the window: signing in while a browser does its part, an invitation answered, a badge that arrives, and links that only show.

use std::fs;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use satchel_tests::proxy::Proxy;
use satchel_tests::running::Running;
use satchel_tests::server::Server;
use satchel_tests::shell::{Folder, satchel};
use satchel_tests::signing::{decide, go, sign_in, wallet};
use satchel_tests::window::{Desktop, Window};
use serde_json::json;

use super::institution::{person, with_institution};
use super::listed;
use super::scene::{Desk, member};

const ADA: &str = "ada@posta.example";
const BADGE: &str = "Il paesaggio come laboratorio";
const PASSPHRASE: &str = "a walrus in the kettle";

/// The address that the browser is to open.
fn waiting(window: &Window) -> String {
    window.sees("Waiting for your browser");
    window.run("return document.querySelector('#address').value", &[]).unwrap().as_str().unwrap().to_owned()
}

/// Goes to the inbox and begins to sign in. No keyring runs here, so it asks what is to keep the sign-in.
fn begin(window: &Window, server: &str) -> String {
    window.goes("#/inbox");
    window.types("#server", server);
    window.click("Sign in in the browser");
    window.types("#passphrase", PASSPHRASE);
    window.click("Sign in in the browser");
    waiting(window)
}

#[test]
fn somebody_signs_in_beside_the_window_accepts_in_it_and_has_the_badge_also_after_a_train() {
    let proxy = Proxy::new(3);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let (mut browser, desk) = (member(&server, ADA), Desk::admitted(&server, 1));
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    // Cancelled, and begun anew: an earlier address ends nothing.
    let first = begin(&window, &server.url);
    window.click("Cancel");
    window.sees("Sign in at a server");
    window.click("Sign in in the browser");
    let address = waiting(&window);
    assert_ne!(address, first);
    go(&decide(&mut browser, &address, "allow")).ok(200);
    window.sees("No invitation waits");

    desk.give(ADA, BADGE);
    window.sees(BADGE);
    window.sees("Who may see that page?");
    assert_eq!(window.faults(), Vec::<String>::new());
    if let Some(folder) = std::env::var_os("SATCHEL_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join("inbox.png"));
    }
    window.click("Accept, keep it private");
    window.sees("1 badge has arrived");
    // On a train.
    let second = desk.give(ADA, "Saldatura");
    window.sees("Saldatura");
    proxy.away(true);
    window.click("Accept");
    window.sees("Accepted. The badge arrives");
    window.sees("on its way");
    assert_ne!(desk_state(&proxy, &desk, &second), "accepted");
    window.click("Look for news now");
    window.sees("2 badges");
    assert_eq!(desk.state(&second), "accepted");
    window.quit(&desktop.wallet());

    let kept = listed(&desktop.wallet());
    assert_eq!(kept.iter().filter(|badge| badge["verdict"] == "valid").count(), 2, "{kept:?}");
    // The tokens lie sealed; tomorrow the window asks for the passphrase, and goes on.
    assert!(fs::read(desktop.wallet().join("secrets")).unwrap().starts_with(b"satchel-secrets 1\n{\"key\":\"passphrase\""));
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.types("#unlock", "another walrus in it");
    window.click("Unlock");
    window.sees("The secrets do not open");
    window.types("#unlock", PASSPHRASE);
    window.click("Unlock");
    desk.give(ADA, "Apicoltura");
    window.sees("Apicoltura");
    window.quit(&desktop.wallet());
    assert_eq!(listed(&desktop.wallet()).len(), 2, "badges stay");
}

/// The state of an invitation, once the network is back.
fn desk_state(proxy: &Proxy, desk: &Desk, invitation: &str) -> String {
    // Nothing of the window may come through meanwhile: it was asked before the network was back.
    proxy.away(false);
    desk.state(invitation)
}

#[test]
fn a_link_shows_a_screen_and_asks_nobody_anything() {
    let server = Server::start();
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.sees("Nothing in here yet");
    let link = format!("satchel://inbox?server={}&accept=1", server.url(""));
    assert!(desktop.start_again(&[link.as_ref()]).success());
    window.sees("Sign in at a server");
    window.gives("return document.querySelector('#server').value", &json!(server.url("")));
    assert!(desktop.start_again(&["satchel://settings".as_ref()]).success());
    assert!(desktop.start_again(&["satchel://erase?id=1".as_ref()]).success());
    window.sees("Sign in at a server");
    assert_eq!(server.requests(), 0, "nobody was asked");
    window.click("Sign in in the browser");
    window.sees("passphrase");
    window.quit(&desktop.wallet());
    assert_eq!(server.requests(), 0, "not before something keeps the sign-in");
}

#[test]
fn a_link_to_another_server_is_shown_beside_an_account_and_leads_there_by_a_click() {
    let (server, other) = (Running::start(&[]), Running::start(&[]));
    let proxy = Proxy::new(8);
    proxy.to(&other.url);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    let follow = |named: &str| assert!(desktop.start_again(&[format!("satchel://inbox?server={named}").as_ref()]).success());
    // Where there is an account, nothing is to be done.
    follow(&server.url);
    window.sees("No invitation waits");
    window.counts("#server", 0);
    follow(&proxy.url);
    window.sees("where this wallet has no account");
    window.gives("return document.querySelector('#server').value", &json!(proxy.url));
    assert_eq!(window.faults(), Vec::<String>::new());
    window.click("Not now");
    window.counts("#server", 0);
    assert!(proxy.seen().is_empty(), "nobody was asked");
    // By the link, and past the network, since that is no address of this server.
    follow(&other.url);
    window.sees(&other.url);
    window.click("Sign in in the browser");
    go(&decide(&mut member(&other, "ada@casa.example"), &waiting(&window), "allow")).ok(200);
    window.counts("#server", 0);
    window.gives("return (await window.__TAURI_INTERNALS__.invoke('accounts')).list.length", &json!(2));
    window.quit(&desktop.wallet());
}

#[test]
fn a_sign_out_that_the_server_cannot_be_told_of_is_said_and_told_later() {
    let proxy = Proxy::new(9);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    let devices = || -> i64 {
        let database = rusqlite::Connection::open(server.folder.at("data").join("server.db")).unwrap();
        database.query_row("SELECT count(*) FROM device", [], |row| row.get(0)).unwrap()
    };
    proxy.away(true);
    window.goes("#/settings");
    window.click("Sign out");
    window.sees("could not be told that you signed out");
    window.goes("#/inbox");
    window.sees("could not be told that you signed out");
    assert_eq!(devices(), 1);
    // Also by the program as it is started next.
    window.quit(&desktop.wallet());
    proxy.away(false);
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.types("#unlock", PASSPHRASE);
    window.click("Unlock");
    window.gives("return (await window.__TAURI_INTERNALS__.invoke('accounts')).list[0].untold", &json!(false));
    window.sees("You are signed out");
    window.gives("return document.body.innerText.includes('could not be told')", &json!(false));
    assert_eq!(devices(), 0);
    window.quit(&desktop.wallet());
}

#[test]
fn whoever_forgot_the_passphrase_of_the_sign_ins_throws_them_away_in_the_window() {
    let server = Running::start(&[]);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    let mut browser = signed_in(&window, &server);
    window.quit(&desktop.wallet());
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.click_on(".note summary");
    window.click("Throw the sign-ins away");
    window.sees("Sign in again");
    window.counts("#unlock", 0);
    assert!(!desktop.wallet().join("secrets").exists());
    // Here is no keyring, so it asks what is to keep the new one; and says who it is where the browser is somebody else's.
    let again = || {
        window.click("Sign in again");
        window.types("#passphrase", PASSPHRASE);
        window.click("Sign in in the browser");
        waiting(&window)
    };
    go(&decide(&mut member(&server, "bruno@posta.example"), &again(), "allow")).ok(200);
    window.sees("This is another account");
    window.click("Sign in again");
    go(&decide(&mut browser, &waiting(&window), "allow")).ok(200);
    window.gives("return (await window.__TAURI_INTERNALS__.invoke('accounts')).list.every((it) => it.signed_in)", &json!(true));
    window.quit(&desktop.wallet());
    fs::remove_file(desktop.wallet().join("secrets")).unwrap();
    assert_eq!(wallet(&desktop.wallet(), &["accounts"]).run().ending(0).rows()[0]["signed_in"], false);
}

#[test]
fn where_nobody_is_to_be_asked_the_server_of_an_account_is_and_list_and_report_agree() {
    let server = Running::start(&[]);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    let settings = json!({ "language": "en", "theme": "system", "text_size": 100, "network": "never", "notify": false });
    window.invoke("set_settings", &json!({ "settings": settings })).unwrap();
    signed_in(&window, &server);
    let desk = Desk::admitted(&server, 1);
    let invitation = desk.give(ADA, BADGE);
    window.sees(BADGE);
    let report = window.invoke("look_at", &json!({ "invitation": invitation })).unwrap()["report"]["state"].clone();
    let line = window.invoke("accounts", &json!({})).unwrap()["inbox"][0]["state"].clone();
    assert_eq!(report, line);
    assert_ne!(desk.state(&invitation), "accepted");
    window.quit(&desktop.wallet());
}

#[test]
fn the_server_within_the_app_runs_while_it_is_wanted_and_serves_the_app_alone() {
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.goes("#/settings");
    window.click("Start it");
    window.sees("Make its first account");
    let house = window.invoke("accounts", &json!({})).unwrap()["house"].clone();
    let url = house["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"));
    let mut stranger = satchel_tests::http::Browser::new(&url);
    stranger.get("/sign-in").ok(403);
    stranger.get("/").ok(200);
    // The first account is made in a browser that the app sends there; the mail lies in the folder beside the wallet.
    let mut browser = stranger;
    let entered = browser.get(house["first"].as_str().unwrap()).ok(303);
    let register = browser.get(entered.location()).ok(200);
    let invitation = register.hidden("invitation");
    browser.post("/register", &register, &super::scene::registration(&invitation, ADA)).ok(200);
    let mail = std::path::PathBuf::from(house["mail"].as_str().unwrap());
    assert!(mail.starts_with(desktop.wallet()));
    // The window signs in there as at any other server.
    window.goes("#/inbox");
    window.click("The server on this computer");
    window.types("#passphrase", PASSPHRASE);
    window.click("The server on this computer");
    assert!(waiting(&window).starts_with(&format!("{url}/enter/")));
    window.click("Cancel");
    // It ends with the window, and is there again with it, at the same address.
    window.quit(&desktop.wallet());
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    let window = desktop.open(&[]);
    window.goes("#/settings");
    window.sees(&url);
    window.click("Stop it");
    window.sees("Start it");
    assert!(TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err());
    window.quit(&desktop.wallet());
    satchel(["wallet", "--json", "--wallet"]).arg(desktop.wallet()).arg("rebuild").run().ending(0);
}

/// Signs in, and sees the inbox; the browser that allowed it.
fn signed_in(window: &Window, server: &Running) -> satchel_tests::http::Browser {
    let mut browser = member(server, ADA);
    let address = begin(window, &server.url);
    go(&decide(&mut browser, &address, "allow")).ok(200);
    window.sees("No invitation waits");
    browser
}

#[test]
fn accounts_follow_the_wallet_to_another_folder_also_in_the_middle_of_a_sync() {
    let proxy = Proxy::new(5);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let desktop = Desktop::new();
    let chooser = desktop.with_chooser();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    let desk = Desk::admitted(&server, 1);
    // An invitation is on its way here when another folder is chosen.
    proxy.keep_waiting(Some("GET /api/v1/invitations/"));
    proxy.seen();
    desk.give(ADA, BADGE);
    let end = Instant::now() + Duration::from_mins(1);
    while !proxy.seen().iter().any(|line| line.starts_with("GET /api/v1/invitations/")) {
        assert!(Instant::now() < end, "no sync begins");
        thread::sleep(Duration::from_millis(5));
    }
    let (first, second) = (desktop.wallet(), desktop.at("second"));
    fs::create_dir(&second).unwrap();
    chooser.chooses(&second);
    window.goes("#/settings");
    window.click("Use another folder…");
    window.sees(second.to_str().unwrap());
    window.goes("#/inbox");
    window.sees("Keep and check badges without an account");
    proxy.bytes();
    proxy.keep_waiting(None);
    // The answer is here while the second wallet is.
    while proxy.bytes() == 0 {
        assert!(Instant::now() < end, "the answer does not come");
        thread::sleep(Duration::from_millis(5));
    }
    window.goes("#/settings");
    window.sees("A copy of everything");
    // Back in the first one everything goes on, with what came meanwhile.
    chooser.chooses(&first);
    window.goes("#/settings");
    window.click("Use another folder…");
    window.sees(first.to_str().unwrap());
    window.goes("#/inbox");
    window.types("#unlock", PASSPHRASE);
    window.click("Unlock");
    window.sees(BADGE);
    window.click("Accept, keep it private");
    window.sees("1 badge has arrived");
    window.quit(&first);
    assert_eq!(listed(&first).len(), 1);
    assert_eq!(wallet(&first, &["accounts"]).run().ending(0).rows().len(), 1);
    // Nothing of it is in the second one.
    for list in ["accounts", "invitations", "list"] {
        assert_eq!(wallet(&second, &[list]).run().ending(0).rows(), Vec::<serde_json::Value>::new(), "{list}");
    }
    assert!(!second.join("secrets").exists());
}

#[test]
fn devices_are_seen_and_ended_and_an_account_is_signed_out_here_or_everywhere_in_the_settings() {
    let server = Running::start(&[]);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    let mut browser = signed_in(&window, &server);
    // Two other devices of hers.
    let folder = Folder::new();
    let others = [folder.at("laptop"), folder.at("office")];
    for dir in &others {
        sign_in(dir, &server.url, &mut browser);
    }
    let works = || others.iter().filter(|dir| wallet(dir, &["sync"]).run().status == Some(0)).count();
    window.goes("#/settings");
    window.click("Devices");
    window.counts(".devices li", 3);
    window.sees("this computer");
    // All three are on this machine, and called so.
    let called = "return new Set([...document.querySelectorAll('.devices li')].map(it => it.innerText.split('\\n')[0])).size";
    window.gives(called, &json!(3));
    assert_eq!(works(), 2);
    // None but the others can be ended here.
    window.counts(".devices button", 2);
    window.click_on(".devices button");
    // It is asked once more, and nothing has happened yet.
    window.sees("has to sign in again");
    assert_eq!(works(), 2);
    window.click_on("dialog .btn.first");
    window.counts(".devices li", 2);
    assert_eq!(works(), 1);
    // Who sees her page is said here, too, and arrives.
    window.click_on("input[value=public]");
    window.gives("return document.querySelector('input[value=public]').checked", &json!(true));
    window.sees("/p/");
    window.gives("return (await window.__TAURI_INTERNALS__.invoke('accounts')).list[0].unsent", &json!(0));
    let laptop = others.iter().find(|dir| wallet(dir, &["sync"]).run().status == Some(0)).unwrap();
    assert_eq!(wallet(laptop, &["page"]).run().ending(0).row()["visibility"], "public");
    // Signed out here: the other one goes on, and this one asks for a browser again.
    window.click("Sign out");
    window.sees("signed out");
    window.counts(".devices li", 0);
    assert_eq!(works(), 1);
    window.click("Sign in again");
    let address = waiting(&window);
    go(&decide(&mut browser, &address, "allow")).ok(200);
    window.click("Sign out everywhere");
    window.click_on("dialog .btn.first");
    window.sees("signed out");
    assert_eq!(works(), 0);
    assert!(!browser.get("/account/settings").ok(200).text().contains("/account/devices/"), "nothing is left there");
    window.quit(&desktop.wallet());
    let kept = wallet(&desktop.wallet(), &["accounts"]).run().ending(0).rows();
    assert_eq!((kept.len(), &kept[0]["signed_in"]), (1, &json!(false)), "the account stays known");
}

#[test]
fn a_keyring_keeps_the_sign_in_and_nobody_is_asked_what_should() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let desktop = Desktop::new();
    desktop.with_keyring();
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.types("#server", &server.url);
    window.click("Sign in in the browser");
    // The system's browser is sent there, and once more where that is wanted.
    let address = waiting(&window);
    assert_eq!(desktop.opened(1), [address.as_str()]);
    window.click("Open it again");
    assert_eq!(desktop.opened(2), [address.as_str(), address.as_str()]);
    go(&decide(&mut browser, &address, "allow")).ok(200);
    window.sees("No invitation waits");
    window.quit(&desktop.wallet());
    assert!(fs::read(desktop.wallet().join("secrets")).unwrap().starts_with(b"satchel-secrets 1\n{\"key\":\"keyring\""));
    let window = desktop.open(&[]);
    Desk::admitted(&server, 1).give(ADA, BADGE);
    window.goes("#/inbox");
    window.sees(BADGE);
    window.quit(&desktop.wallet());
}

#[test]
fn whoever_wants_nothing_kept_signs_in_each_time() {
    let server = Running::start(&[]);
    let mut browser = member(&server, ADA);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.types("#server", &server.url);
    window.click("Sign in in the browser");
    window.sees("no keyring that could keep the sign-in");
    // A passphrase that is too short keeps nothing, and nobody is sent anywhere.
    window.types("#passphrase", "short");
    window.click("Sign in in the browser");
    window.sees("12 characters or more. Nothing was made");
    window.click_on("input[value=session]");
    window.click("Sign in in the browser");
    let address = waiting(&window);
    assert_eq!(desktop.opened(1), [address.as_str()]);
    go(&decide(&mut browser, &address, "allow")).ok(200);
    window.sees("No invitation waits");
    assert!(!desktop.wallet().join("secrets").exists());
    window.quit(&desktop.wallet());
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.sees("Everything is kept");
    window.sees("Sign in again");
    window.quit(&desktop.wallet());
}

#[test]
fn somebody_signs_in_through_an_institution_in_a_browser_beside_the_window() {
    let (server, provider) = with_institution(&[]);
    provider.person("elena", person("Elena", "Marchetti", "elena@uni.example"));
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    let address = begin(&window, &server.url);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("ui");
    let mut node = std::process::Command::new("node");
    let done = node.current_dir(root).args(["tests/institution.mjs", &address, "uni", "elena"]).output().unwrap();
    assert!(done.status.success(), "{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    window.sees("No invitation waits");
    Desk::admitted(&server, 1).give("elena@uni.example", BADGE);
    window.sees(BADGE);
    window.click("Accept, keep it private");
    window.sees("1 badge has arrived");
    window.quit(&desktop.wallet());
    assert_eq!(listed(&desktop.wallet())[0]["verdict"], "valid");
}

#[test]
fn an_invitation_is_read_whole_before_it_is_answered_and_nothing_is_done_by_that() {
    let server = Running::start(&[]);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    let desk = Desk::admitted(&server, 1);
    let invitation = desk.give(ADA, BADGE);
    window.sees(BADGE);
    window.click(&format!("See the whole badge: {BADGE}"));
    window.sees("Before you answer");
    window.sees("Signature");
    window.sees("Revocation");
    assert_eq!(window.faults(), Vec::<String>::new());
    // It says the same as the line in the inbox: those who know more were asked for both.
    let report = window.invoke("look_at", &json!({ "invitation": invitation })).unwrap()["report"].clone();
    let inbox = window.invoke("accounts", &json!({})).unwrap()["inbox"][0].clone();
    assert_eq!((&report["state"], inbox["answered"].as_str()), (&inbox["state"], None));
    // Whom the owner trusts is the only thing that nobody else knows.
    let open = report["lines"].as_array().unwrap().iter().filter(|line| line["status"] == "unknown");
    assert!(open.clone().all(|line| line["check"] == "trust"), "{report}");
    assert_ne!(desk.state(&invitation), "accepted");
    window.quit(&desktop.wallet());
    assert!(listed(&desktop.wallet()).is_empty());
}

#[test]
fn the_desktop_tells_of_an_invitation_unless_its_owner_does_not_want_that() {
    let server = Running::start(&[]);
    let desktop = Desktop::new();
    let notifications = desktop.with_notifications();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    let desk = Desk::admitted(&server, 1);
    desktop.leaves();
    desk.give(ADA, "Reads <b>maps</b> & plans");
    window.sees("Reads <b>maps</b> & plans");
    let (title, text) = notifications.told.recv_timeout(Duration::from_mins(1)).unwrap();
    assert_eq!(title, "“Reads <b>maps</b> & plans” waits for your answer");
    // Badge and issuer, and nobody else; and no markup of theirs.
    assert_eq!(text, "An invitation from Università di Valdora.");
    window.goes("#/settings");
    window.click_on("section .choice input[type=checkbox]");
    window.gives("return document.querySelector('section .choice input[type=checkbox]').checked", &json!(false));
    desk.give(ADA, "Apicoltura");
    window.goes("#/inbox");
    window.sees("Apicoltura");
    window.gives("return (await window.__TAURI_INTERNALS__.invoke('accounts')).list[0].busy", &json!(false));
    assert!(notifications.told.recv_timeout(Duration::from_secs(1)).is_err());
    window.quit(&desktop.wallet());
}

#[test]
fn a_link_that_starts_the_program_shows_a_screen_too() {
    let desktop = Desktop::new();
    let window = desktop.open(&["satchel://inbox?server=https%3A%2F%2Fbadges.valdora.example".as_ref()]);
    window.gives("return document.querySelector('#server')?.value ?? null", &json!("https://badges.valdora.example"));
    window.quit(&desktop.wallet());
    assert!(!desktop.at("opened").exists(), "no browser was opened");
}

#[test]
fn a_picture_of_a_qr_code_names_a_server_and_asks_nobody() {
    let server = Server::start();
    let desktop = Desktop::new();
    let code = desktop.file("code.svg", qr(&format!("{}/claim/abc", server.url(""))));
    let other = desktop.file("other.svg", qr("WIFI:S:guest;T:WPA;P:secret;;"));
    let window = desktop.open(&[]);
    window.goes("#/inbox");
    window.sees("Sign in at a server");
    assert!(desktop.start_again(&[&code]).success());
    window.gives("return document.querySelector('#server').value", &json!(server.url("")));
    window.sees("The code names");
    // One that names none is a file like any other.
    assert!(desktop.start_again(&[&other]).success());
    window.sees("other.svg");
    window.quit(&desktop.wallet());
    assert_eq!(server.requests(), 0);
}

/// A picture of a QR code.
fn qr(text: &str) -> String {
    let code = qrcode::QrCode::new(text).unwrap();
    let side = code.width();
    let dots = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == qrcode::Color::Dark);
    let dots: Vec<String> = dots.map(|(at, _)| format!("M{} {}h1v1h-1z", at % side + 4, at / side + 4)).collect();
    let dots = dots.join(" ");
    let width = side + 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" width=\"{width}\" height=\"{width}\" shape-rendering=\"crispEdges\"><rect width=\"{width}\" height=\"{width}\" fill=\"#fff\"/><path d=\"{dots}\"/></svg>"
    )
}

#[test]
fn a_window_that_is_idle_makes_no_request_but_the_one_that_waits() {
    let proxy = Proxy::new(5);
    let mut server = Running::start(&["--public-url", &proxy.url]);
    proxy.to(&server.url);
    server.url.clone_from(&proxy.url);
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    signed_in(&window, &server);
    // Until nothing was asked for a while.
    loop {
        thread::sleep(Duration::from_secs(1));
        if proxy.seen().is_empty() {
            break;
        }
    }
    thread::sleep(Duration::from_secs(3));
    assert_eq!(proxy.seen(), Vec::<String>::new());
    // The one that waits: what changes is there at once.
    let began = Instant::now();
    Desk::admitted(&server, 1).give(ADA, BADGE);
    window.sees(BADGE);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    window.quit(&desktop.wallet());
}
