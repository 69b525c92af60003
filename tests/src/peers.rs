//! Other people's programs, each behind a driver that answers questions a line at a time (tests/peers/README.md).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

/// A group of peers that share a process.
#[derive(Clone, Copy, Debug)]
pub enum Peer {
    /// Node: Digital Bazaar, verifier-core, jose, png-itxt, jsonld.js.
    Node,
    /// Node: oauth4webapi, a program that signs in at a server. It remembers one sign-in at a time.
    OAuth,
    /// Python of today: openbadgeslib, bakery 2.0, `PyLD`.
    New,
    /// Python libraries of their own time: openbadges 1.1.2.
    Old,
}

struct Driver {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _process: Child,
}

impl Driver {
    fn start(peer: Peer) -> Self {
        install(&["node_modules/oidc-provider", ".venv-new", ".venv-old", ".venv-api"]);
        let (program, script) = match peer {
            Peer::Node => (node(), "peer.mjs"),
            Peer::OAuth => (node(), "oauth.mjs"),
            Peer::New => (folder().join(".venv-new/bin/python"), "peer_new.py"),
            Peer::Old => (folder().join(".venv-old/bin/python"), "peer_old.py"),
        };
        let mut command = Command::new(&program);
        command.arg(script).current_dir(folder()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { input, output, _process: process }
    }

    fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.input, "{request}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?} to {}", request["op"]))
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The project's own Node where the machine has none that is new enough (`cargo xtask` puts it there).
pub(crate) fn node() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("target/tools/node/bin/node");
    if own.is_file() { own } else { "node".into() }
}

/// Installs the peers when one of these parts of them is missing.
pub(crate) fn install(parts: &[&str]) {
    if parts.iter().any(|part| !folder().join(part).is_dir()) {
        let status = Command::new("bash").arg("install.sh").current_dir(folder()).status().unwrap();
        assert!(status.success(), "tests/peers/install.sh failed");
    }
}

/// A program of a Python environment of the peers.
pub fn python(environment: &str, program: &str) -> PathBuf {
    install(&[&format!(".venv-{environment}")]);
    folder().join(format!(".venv-{environment}/bin/{program}"))
}

impl Peer {
    /// Asks a driver, which is started once. `Err` means that the peer threw.
    pub fn try_ask(self, op: &str, mut request: Value) -> Result<Value, String> {
        static NODE: OnceLock<Mutex<Driver>> = OnceLock::new();
        static OAUTH: OnceLock<Mutex<Driver>> = OnceLock::new();
        static NEW: OnceLock<Mutex<Driver>> = OnceLock::new();
        static OLD: OnceLock<Mutex<Driver>> = OnceLock::new();
        let driver = match self {
            Self::Node => &NODE,
            Self::OAuth => &OAUTH,
            Self::New => &NEW,
            Self::Old => &OLD,
        };
        request["op"] = json!(op);
        let mut driver = driver.get_or_init(|| Mutex::new(Driver::start(self))).lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = driver.ask(&request);
        if answer["ok"] == true { Ok(answer["result"].take()) } else { Err(answer["error"].to_string()) }
    }

    /// Asks, and fails when the peer threw.
    #[track_caller]
    pub fn ask(self, op: &str, request: Value) -> Value {
        self.try_ask(op, request).unwrap_or_else(|error| panic!("{op}: {error}"))
    }
}

/// What a program that embeds pages finds out about one (`@extractus/oembed-extractor`): what it was told, or an object with `error`.
pub fn oembed(url: &str) -> Value {
    install(&["node_modules/@extractus/oembed-extractor"]);
    let done = Command::new(node()).current_dir(folder()).args(["oembed.mjs", url, "420"]).output().unwrap();
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)))
}
