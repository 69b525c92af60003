//! Badges out again: the file as it came, the badge baked into a PNG, or everything as a plain folder that any program can read.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use satchel_badge::container::{self, Format};
use satchel_badge::evidence::{Document, Origin};
use serde_json::{Value, json};

use crate::error::LINK;
use crate::store::badge::{self, Badge, Copy};
use crate::store::original::{self, Original};
use crate::store::{evidence, from_micros};
use crate::{IdPrefix, Sha256, Wallet, WalletError, files};

/// What a folder got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Badges.
    pub badges: usize,
    /// Files that they stand in.
    pub files: usize,
    /// Documents that their verdicts rest on.
    pub documents: usize,
}

impl Wallet {
    /// The file of a badge, byte for byte as it came.
    pub fn original(&self, id: &IdPrefix) -> Result<Vec<u8>, WalletError> {
        let badge = self.badge(id)?;
        Ok(self.store.read(|db| original::get(db, badge.original))?.bytes)
    }

    /// The badge baked into a PNG: the picture that shows it, or else `image`.
    pub fn png(&self, id: &IdPrefix, image: Option<&[u8]>) -> Result<Vec<u8>, WalletError> {
        let badge = self.badge(id)?;
        let image = match image {
            Some(image) if container::sniff(image) != Format::Png => return Err(WalletError::NeedsImage),
            Some(image) => image.to_vec(),
            None => self.png_of(&badge)?,
        };
        let here = Copy { original: badge.original, part: badge.part };
        let credential = credential(&here, &self.store.read(|db| original::get(db, badge.original))?)?;
        satchel_badge::bake::bake(&image, &credential).map_err(|line| WalletError::Bake(Box::new(line)))
    }

    /// Writes every badge that is not in the bin into `dir`: the files under `badges`, the documents their verdicts rest on under `evidence`
    /// (in the form that `satchel verify --evidence` reads), and `index.json`, which names them.
    pub fn export_all(&mut self, dir: &Path, replace: bool, now: Timestamp) -> Result<Exported, WalletError> {
        let listed = self.find(&crate::Query::default(), now)?.rows;
        let folders = [dir.to_owned(), dir.join("badges"), dir.join("evidence")];
        for folder in &folders {
            // Whoever names a folder may name it by a link; what lies in it is not to lead elsewhere.
            if folder != dir && folder.is_symlink() {
                return Err(WalletError::Unwritable { path: folder.display().to_string(), why: LINK.into() });
            }
            std::fs::create_dir_all(folder).map_err(|error| WalletError::unwritable(folder, &error))?;
        }
        let mut folder = Folder { dir, replace, names: files::Names::default(), written: HashMap::new() };
        let (mut index, mut keys) = (Vec::new(), std::collections::BTreeSet::new());
        for entry in &listed {
            let (badge, places) = self.store.read(|db| {
                let badge = badge::get(db, entry.id)?.ok_or_else(|| WalletError::damaged(format!("wallet.db: {}", entry.id)))?;
                keys.extend(evidence::used_by(db, badge.id)?);
                Ok((badge, places(badge, badge::copies(db, badge.id)?)))
            })?;
            let mut names = Vec::new();
            for place in places {
                names.push(folder.file(self, entry.name.as_deref(), place)?);
            }
            index.push(json!({
                "id": entry.id,
                "file": names.first(),
                "part": badge.part,
                "copies": names.get(1..),
                "name": entry.name,
                "issuer": entry.issuer,
                "issued_on": entry.issued_on,
                "verdict": entry.state.verdict(),
                "checked": entry.checked,
                "added": from_micros(badge.added)?,
            }));
        }
        let mut documents = serde_json::Map::new();
        for key in keys {
            // What proves less must not come back as given by hand, which proves more (security.md, V06).
            let is_whole = |document: &Document| matches!(document.origin, Origin::Fetched | Origin::Given);
            if let Some(document) = self.store.read(|db| evidence::get(db, &key))?.filter(is_whole) {
                let described = folder.document(&document)?;
                documents.insert(key, described);
            }
        }
        let exported = Exported { badges: index.len(), files: folder.written.len(), documents: documents.len() };
        folder.json("evidence/evidence.json", &Value::Object(documents))?;
        folder.json("index.json", &Value::Array(index))?;
        Ok(exported)
    }
}

/// Where a badge stands: in its own file first.
fn places(badge: Badge, copies: Vec<Copy>) -> Vec<Copy> {
    let own = Copy { original: badge.original, part: badge.part };
    std::iter::once(own).chain(copies).collect()
}

/// The credential as it stands in a file.
fn credential(place: &Copy, file: &Original) -> Result<Vec<u8>, WalletError> {
    let embedded = container::open_bytes(&file.bytes).embedded.into_iter().nth(place.part);
    let text = embedded.map(|embedded| embedded.text);
    text.ok_or_else(|| WalletError::damaged(format!("wallet.db: {} has no credential number {}", file.name, place.part)))
}

/// A folder that is being filled.
struct Folder<'a> {
    dir: &'a Path,
    replace: bool,
    names: files::Names,
    /// The names of the files that are there.
    written: HashMap<Sha256, String>,
}

impl Folder<'_> {
    /// Writes a file under the name of its badge, or of itself; once, however many badges stand in it.
    fn file(&mut self, wallet: &Wallet, name: Option<&str>, place: Copy) -> Result<String, WalletError> {
        if let Some(name) = self.written.get(&place.original) {
            return Ok(name.clone());
        }
        let file = wallet.store.read(|db| original::get(db, place.original))?;
        let ending = files::ending(&file.format);
        let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
        let name = format!("badges/{}", self.names.name(name.unwrap_or(stem), ending));
        files::write(&self.dir.join(&name), &file.bytes, self.replace)?;
        self.written.insert(place.original, name.clone());
        Ok(name)
    }

    /// Writes a document, and says how it is described.
    fn document(&self, document: &Document) -> Result<Value, WalletError> {
        let name = format!("{}.bin", Sha256::of(&document.bytes));
        let path = self.dir.join("evidence").join(&name);
        // Two addresses may have the same document, and its name says what is in it.
        if !std::fs::read(&path).is_ok_and(|bytes| bytes == *document.bytes) {
            files::write(&path, &document.bytes, self.replace)?;
        }
        let mut described = json!({ "file": name, "status": document.status });
        for (member, value) in [("fetched", document.fetched.map(|time| time.to_string())), ("type", document.media_type.clone())]
        {
            if let Some(value) = value {
                described[member] = value.into();
            }
        }
        Ok(described)
    }

    fn json(&self, name: &str, value: &Value) -> Result<(), WalletError> {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        files::write(&self.dir.join(name), format!("{text}\n").as_bytes(), self.replace)
    }
}
