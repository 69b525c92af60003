//! A window of Tauri with an empty page and nothing behind it: beside it `cargo xtask bench` measures how soon the window of Satchel is there.

#![allow(missing_docs, clippy::expect_used)]

use tauri::http::Response;
use tauri::{WebviewUrl, WebviewWindowBuilder};

const PAGE: &[u8] = b"<!doctype html><title>Empty</title><main>Empty</main>";

fn main() -> tauri::Result<()> {
    let mut context = tauri::generate_context!();
    // It must not be taken for Satchel, which may run.
    "app.satchel.empty".clone_into(&mut context.config_mut().identifier);
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            Response::builder().header("content-type", "text/html").body(PAGE.to_vec()).expect("a header that is one")
        })
        .setup(|app| {
            let address = "empty://localhost/".parse().expect("an address");
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::CustomProtocol(address)).inner_size(1120.0, 760.0);
            window.build()?;
            Ok(())
        })
        .build(context)?
        .run(|_, _| {});
    Ok(())
}
