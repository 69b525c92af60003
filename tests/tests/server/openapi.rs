//! The document that tells programs what the interface looks like: it names every route, it is the one that is committed, and what
//! schemathesis makes of it is answered as it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use satchel_tests::peers;
use satchel_tests::running::Running;
use serde_json::Value;

use crate::oauth;
use crate::scene::{Desk, member};

const ADA: &str = "ada@posta.example";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn document(server: &Running) -> Value {
    let answer = server.browser().get("/api/v1/openapi.json").ok(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// What `routes.rs` says answers programs: methods and paths.
fn routes() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("crates/server/src/routes.rs")).unwrap();
    let public = text.split_once("pub fn public(").unwrap().1.split_once("\npub fn ").unwrap().0;
    let mut found = BTreeSet::new();
    for route in public.split(".route(").skip(1) {
        let (path, handlers) = route.split_once(',').unwrap();
        let path = match path.trim() {
            "openapi::PATH" => String::from("/api/v1/openapi.json"),
            path => path.trim_matches('"').replace("{*", "{"),
        };
        if !["/api/v1/", "/oauth/", "/.well-known/oauth"].iter().any(|start| path.starts_with(start)) {
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if handlers.contains(&format!(" {method}(")) || handlers.contains(&format!(".{method}(")) {
                found.insert(format!("{method} {path}"));
            }
        }
    }
    found
}

#[test]
fn the_document_names_every_route_for_programs_and_no_other() {
    let server = Running::start(&[]);
    let document = document(&server);
    let paths = document["paths"].as_object().unwrap().iter();
    let told: BTreeSet<String> =
        paths.flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))).collect();
    let routes = routes();
    assert!(routes.len() > 28, "{routes:?}");
    let (untold, gone): (Vec<_>, Vec<_>) = (routes.difference(&told).collect(), told.difference(&routes).collect());
    assert!(untold.is_empty(), "say in crates/server/src/api/openapi.rs what these do: {untold:?}");
    assert!(gone.is_empty(), "there are no such routes: {gone:?}");
}

#[test]
fn the_document_that_is_committed_is_the_one_that_is_served() {
    let server = Running::start(&[]);
    let mut document = document(&server);
    document["info"].as_object_mut().unwrap().remove("version");
    let text = format!("{document:#}\n");
    let file = root().join("docs/openapi.json");
    if std::env::var_os("SATCHEL_WRITE").is_some() {
        fs::write(&file, &text).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "docs/openapi.json is of another day: SATCHEL_WRITE=1 and this test write it anew");
}

#[test]
fn what_a_fuzzing_client_makes_of_the_document_is_answered_as_it_says() {
    let server = Running::start(&[]);
    let desk = Desk::admitted(&server, 7);
    let mut browser = member(&server, ADA);
    let ids: Vec<String> = ["Il paesaggio", "Il fiume", "Il bosco"].iter().map(|badge| desk.give(ADA, badge)).collect();
    let token = oauth::device(&server, &mut browser, "wallet");
    let program = peers::python("api", "schemathesis");
    let mut command = Command::new(program);
    command.current_dir(root().join("tests/peers")).env_remove("PYTHONPATH");
    command.env("SCHEMATHESIS_HOOKS", "api_hooks").env("SATCHEL_TOKEN", token).env("SATCHEL_DID", &desk.did);
    command.env("SATCHEL_SEED", "07".repeat(32)).env("SATCHEL_IDS", ids.join(","));
    command.args(["run", &format!("{}/api/v1/openapi.json", server.url)]);
    // A stream does not end. Whether what the document calls wrong is refused is for the tests that know why.
    command.args(["--exclude-path", "/api/v1/events", "--phases", "examples,coverage,fuzzing", "--max-examples", "25"]);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";
    command.args(["--checks", checks, "--seed", "1", "--generation-database", "none", "--suppress-health-check", "all"]);
    command.args(["--request-timeout", "20", "--no-color"]);
    let done = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    if let Some(file) = std::env::var_os("SATCHEL_SAID") {
        fs::write(file, &said).unwrap();
    }
    assert!(done.status.success(), "{said}");
    // Both doors were open: what was asked for was also given.
    let log = server.said();
    if let Some(file) = std::env::var_os("SATCHEL_SAID") {
        fs::write(Path::new(&file).with_extension("log"), &log).unwrap();
    }
    for (route, status) in
        [("/api/v1/invitations/{id}", 200), ("/api/v1/issuers/{did}/invitations", 200), ("/api/v1/account", 200)]
    {
        let found = log
            .lines()
            .any(|line| line.contains(&format!("\"route\":\"{route}\"")) && line.contains(&format!("\"status\":{status}")));
        assert!(found, "{route} never answered {status}: {said}");
    }
}
