//! The server within the app: the real program, its window open, asked from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use satchel_tests::http::Browser;
use satchel_tests::window::Desktop;
use serde_json::json;

/// Where the server of this desktop answers, once it does.
fn address(desktop: &Desktop) -> String {
    let file = desktop.wallet().join("server/address");
    let began = Instant::now();
    loop {
        if let Some(address) = fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n')) {
            return address.trim().to_owned();
        }
        assert!(began.elapsed() < Duration::from_mins(1), "no server within the app");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_app_runs_a_server_that_answers_it_alone_and_stops_with_it() {
    let desktop = Desktop::new();
    let window = desktop.open(&[]);
    let url = address(&desktop);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    Browser::new(&url).get("/").ok(200);
    Browser::new(&url).get("/account").ok(403);
    Browser::new(&url).send("GET", "/", &[("host", "evil.example")], b"").ok(421);
    Browser::new(&url).send("GET", "/", &[("origin", "https://evil.example")], b"").ok(403);
    window.quit(&desktop.wallet());
    let host = url.strip_prefix("http://").unwrap();
    let began = Instant::now();
    while TcpStream::connect(host).is_ok() || desktop.wallet().join("server/address").exists() {
        assert!(began.elapsed() < Duration::from_secs(30), "it goes on after the app was quit");
        thread::sleep(Duration::from_millis(20));
    }

    // Whoever wants none has none.
    desktop.settings(&json!({ "server": false }));
    let window = desktop.open(&[]);
    window.sees("backpack");
    assert!(!desktop.wallet().join("server/address").exists());
    window.quit(&desktop.wallet());
}
