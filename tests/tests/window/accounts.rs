//! Accounts in the window: signing in while a browser does its part, an invitation answered, a badge that arrives, and links that only show.

use std::fs;
use std::net::TcpStream;

use satchel_tests::proxy::Proxy;
use satchel_tests::running::Running;
use satchel_tests::server::Server;
use satchel_tests::shell::satchel;
use satchel_tests::signing::{decide, go};
use satchel_tests::window::{Desktop, Window};
use serde_json::json;

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
