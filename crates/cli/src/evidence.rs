//! What the verifier gives by hand: a folder of documents and a list of trusted issuers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use satchel_badge::cause::Cause;
use satchel_badge::check::Trust;
use satchel_badge::evidence::{Document, Evidence};
use satchel_wallet::inspect;
use serde::Deserialize;

use crate::problem::{Kind, Problem};

/// An entry of `evidence.json`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    File(String),
    Described(Described),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    file: String,
    fetched: Option<Timestamp>,
    status: Option<u16>,
    #[serde(rename = "type")]
    media_type: Option<String>,
}

/// What was read, and the files that it lay in.
#[derive(Default)]
pub struct Given {
    pub evidence: Evidence,
    pub trust: Trust,
    pub files: Vec<PathBuf>,
}

impl Given {
    /// Reads what `--evidence` and `--trust` name.
    pub fn read(evidence: Option<&Path>, trust: Option<&Path>) -> Result<Self, Problem> {
        let mut given = Self::default();
        if let Some(folder) = evidence {
            given.evidence = read_evidence(folder, &mut given.files)?;
        }
        if let Some(path) = trust {
            given.trust = read_trust(path)?;
            given.files.push(path.to_owned());
        }
        Ok(given)
    }
}

fn read_evidence(folder: &Path, files: &mut Vec<PathBuf>) -> Result<Evidence, Problem> {
    let bad = |path: &Path, why: Cause| Problem::with_file(Kind::BadEvidence, path, why);
    let index = folder.join("evidence.json");
    let text = inspect::read(&index).map_err(|error| bad(&index, (&error).into()))?;
    let entries: BTreeMap<String, Entry> =
        serde_json::from_slice(&text).map_err(|error| bad(&index, error.to_string().as_str().into()))?;
    let mut evidence = Evidence::default();
    for (key, entry) in entries {
        let described = match entry {
            Entry::File(file) => Described { file, fetched: None, status: None, media_type: None },
            Entry::Described(described) => described,
        };
        let path = folder.join(&described.file);
        let bytes = inspect::read(&path).map_err(|error| bad(&path, (&error).into()))?;
        let document = Document {
            fetched: described.fetched,
            status: described.status.unwrap_or(200),
            media_type: described.media_type,
            ..Document::given(bytes)
        };
        evidence.add(key, document);
        files.push(path);
    }
    files.push(index);
    Ok(evidence)
}

fn read_trust(path: &Path) -> Result<Trust, Problem> {
    let bad = |why: Cause| Problem::with_file(Kind::BadTrust, path, why);
    let text = inspect::read(path).map_err(|error| bad((&error).into()))?;
    serde_json::from_slice(&text).map_err(|error| bad(error.to_string().as_str().into()))
}
