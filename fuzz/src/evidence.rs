//! What the targets have at hand: a few samples of tests/data, read once.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use satchel_badge::evidence::{Document, Evidence, Origin};
use satchel_badge::rdf::Library;
use serde_json::{Value, json};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data").join(name)
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap_or_else(|error| panic!("tests/data/{name}: {error}"))
}

/// A document as fetched the day before.
pub(crate) fn document(bytes: &[u8]) -> Document {
    let fetched = jiff::Timestamp::from_second(1_799_913_600).ok();
    Document { bytes: bytes.into(), status: 200, media_type: None, fetched, origin: Origin::Fetched }
}

/// What the hosts named in the samples serve.
pub(crate) fn served() -> &'static Evidence {
    static SERVED: LazyLock<Evidence> = LazyLock::new(|| {
        let mut evidence = Evidence::default();
        let lists: Value = serde_json::from_slice(&read("status/MAP.json")).unwrap_or_default();
        for (url, file) in lists.as_object().into_iter().flatten() {
            evidence.add(url, document(&read(file.as_str().unwrap_or_default())));
        }
        for entry in std::fs::read_dir(data("ob2/assets")).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let document = document(&read(&format!("ob2/assets/{name}")));
            for scheme in ["http", "https"] {
                evidence.add(format!("{scheme}://example.org/{name}"), document.clone());
            }
        }
        let assertion = read("ob2/basic-assertion.json");
        evidence.add("https://example.org/beths-robotics-badge.json", document(&assertion));
        for file in ["dids/dcc-legacy-did.json", "dids/dcc-oidf-did.json"] {
            let bytes = read(file);
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            evidence.add(value["id"].as_str().unwrap_or_default(), document(&bytes));
        }
        evidence
    });
    &SERVED
}

/// Contexts beyond those compiled in.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let mut library = Library::default();
        library.add("https://example.org/context", json!({"@context": {"@vocab": "https://example.org/vocabulary#"}}));
        library
    });
    &LIBRARY
}

/// A good badge.
pub(crate) fn badge() -> &'static [u8] {
    static BADGE: LazyLock<Vec<u8>> = LazyLock::new(|| read("peer-issued/eddsa-rdfc-2022-vc20.json"));
    &BADGE
}

/// A PNG and an SVG without a badge.
pub(crate) fn pictures() -> &'static [Vec<u8>] {
    static PICTURES: LazyLock<Vec<Vec<u8>>> =
        LazyLock::new(|| ["baked/cs-unbaked_heart.png", "baked/moz-unbaked.svg"].map(read).to_vec());
    &PICTURES
}

/// Good badges that need documents: a status list, a document of a DID, a class and an issuer, a key.
pub(crate) fn in_need() -> &'static [Vec<u8>] {
    static IN_NEED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let files = [
            "dcc/v2/dataIntegrityProof/didKey/noRegistry-revokedStatus-noExpiry.json",
            "dcc/v2/dataIntegrityProof/didweb/oidf-noStatus-notExpired.json",
            "ob2/basic-assertion.json",
            "ob2/simple.jwt",
            "baked-made/ob1-legacy-text-url.png",
        ];
        files.map(read).to_vec()
    });
    &IN_NEED
}
