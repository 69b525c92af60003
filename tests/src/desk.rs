//! An issuer's desk as staff use it: the commands of `satchel desk`, in a folder of its own, under a passphrase.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::picture;
use crate::shell::{Folder, Run, Shell, satchel};

/// What opens the keys of every desk here.
pub const PASSPHRASE: &str = "a walrus in the kettle";

/// A desk.
pub struct Desk {
    /// Where it lies, in `desk`, with the files that staff have.
    pub folder: Folder,
    /// Its issuer.
    pub did: String,
    /// The file with the key that will succeed.
    pub successor: PathBuf,
    /// What opens it, told once.
    pub passphrase: String,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// A new one, with both forms.
    pub fn new() -> Self {
        Self::with(&["--url", "https://valdora.example", "--email", "badges@valdora.example"])
    }

    /// A new one with these options.
    pub fn with(options: &[&str]) -> Self {
        let folder = Folder::new();
        let made = run(&folder, &["new", "--name", "Università di Valdora"]).args(options).run().ending(0).row();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { did: text("did"), successor: text("successor").into(), passphrase: text("passphrase"), folder }
    }

    /// One in a folder, made in another way than under the passphrase.
    pub fn of(folder: Folder, make: impl Fn(Shell) -> Shell) -> (Self, Value) {
        let made = make(run(&folder, &["new", "--name", "Università di Valdora"])).run().ending(0).row();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (Self { did: text("did"), successor: text("successor").into(), passphrase: text("passphrase"), folder }, made)
    }

    /// The desk in a folder of its own that takes over from this one, and how that went.
    pub fn succeeded(&self, folder: &Folder, server: &str, reason: &str) -> Run {
        let words = ["keys", "succeed", "--of", &self.did, "--server", server, "--reason", reason, "--name", "Valdora", "--with"];
        let shell = run(folder, &words).arg(&self.successor).env("SATCHEL_SUCCESSOR", &self.passphrase);
        shell.args(["--url", "https://valdora.example", "--email", "badges@valdora.example"]).run()
    }

    /// The desk that took over, and what was said.
    pub fn taken_over(folder: Folder, run: Run) -> (Value, Self) {
        let made = run.ending(0).row();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let desk = Self { did: text("did"), successor: text("successor").into(), passphrase: text("passphrase"), folder };
        (made, desk)
    }

    /// A command of the desk, in JSON.
    pub fn command(&self, words: &[&str]) -> Shell {
        run(&self.folder, words)
    }

    /// A badge from a file of this name; its slug.
    pub fn badge(&self, slug: &str) -> String {
        self.folder.file("picture.png", picture::png(&[]));
        let badge = json!({ "name": "Il paesaggio come laboratorio", "description": "Reads a landscape on foot.",
            "criteria": { "narrative": "Walk four transects." }, "image": { "id": "picture.png", "caption": "A hexagon with hills" },
            "achievementType": "Competency", "inLanguage": "it", "tags": ["field work"], "slug": slug,
            "alignment": [{ "targetName": "do field research", "targetUrl": "http://data.europa.eu/esco/skill/1", "targetFramework": "ESCO" }] });
        let file = self.folder.file(format!("{slug}.json"), badge.to_string());
        let made = self.command(&["badge", "--file"]).arg(file).run().ending(0).row();
        assert_eq!(made["slug"], slug);
        slug.to_owned()
    }

    /// A table of recipients.
    pub fn table(&self, text: impl AsRef<[u8]>) -> PathBuf {
        self.folder.file("recipients.csv", text)
    }

    /// Awards a badge to everybody in a table, into the folder `out`.
    pub fn award(&self, slug: &str, table: &Path, options: &[&str]) -> Run {
        self.awarding(slug, table, "out", options).run()
    }

    /// The same into another folder, to be started.
    pub fn awarding(&self, slug: &str, table: &Path, out: &str, options: &[&str]) -> Shell {
        let shell = self.command(&["award", "--badge", slug, "--recipients"]).arg(table);
        shell.arg("--out").arg(self.folder.at(out)).args(options)
    }

    /// A file of the folder `out`.
    pub fn out(&self, name: &str) -> PathBuf {
        self.folder.at("out").join(name)
    }

    /// The rows of `results.csv`, by the names of the columns.
    pub fn results(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.out("results.csv")).unwrap();
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let head = lines.next().unwrap();
        let row = |cells: Vec<String>| head.iter().cloned().zip(cells.into_iter().map(Value::from)).collect();
        lines.map(row).collect()
    }
}

fn run(folder: &Folder, words: &[&str]) -> Shell {
    let shell = satchel(["desk", "--json", "--desk"]).arg(folder.at("desk")).args(words);
    shell.env("SATCHEL_PASSPHRASE", PASSPHRASE)
}
