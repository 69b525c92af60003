//! What a wallet still has after its program was ended in the middle of its work.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::shell::satchel;

/// Looks through the wallet in `dir` and compares every byte: nothing is damaged, and each badge that was promised, by its id, is kept as the file
/// it came in. Takes out everything for it into `out`, a folder that is not there yet.
#[track_caller]
pub fn has(dir: &Path, promised: &BTreeMap<String, Vec<u8>>, out: &Path) {
    let wallet = || satchel(["wallet", "--json", "--wallet"]).arg(dir);
    let rebuilt = wallet().arg("rebuild").run().ending(0).row();
    assert!(rebuilt["damaged"].is_null(), "{rebuilt}");
    wallet().args(["export", "--all"]).arg(out).run().ending(0);
    let index: Vec<Value> = serde_json::from_slice(&fs::read(out.join("index.json")).unwrap()).unwrap();
    let file = |row: &Value| (row["id"].as_str().unwrap().to_owned(), fs::read(out.join(row["file"].as_str().unwrap())).unwrap());
    let kept: BTreeMap<String, Vec<u8>> = index.iter().map(file).collect();
    for (id, bytes) in promised {
        let there = kept.get(id).unwrap_or_else(|| panic!("{id} was promised and is not there"));
        assert!(there == bytes, "{id} is not what it was");
    }
}
