//! A real keyring, on a bus of its own: gnome-keyring, unlocked, with an empty home.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use crate::shell::{Folder, Shell};

/// The keyring; it ends with the bus.
pub struct Keyring {
    home: Folder,
    bus: String,
    daemon: Child,
}

impl Default for Keyring {
    fn default() -> Self {
        Self::start()
    }
}

impl Keyring {
    /// Starts one.
    pub fn start() -> Self {
        let home = Folder::new();
        fs::create_dir(home.at("run")).unwrap();
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]).env("XDG_RUNTIME_DIR", home.at("run"));
        let mut daemon = daemon.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut bus = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut bus).unwrap();
        let started = Self { home, bus: bus.trim().to_owned(), daemon };
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--unlock", "--components=secrets"]).env("DBUS_SESSION_BUS_ADDRESS", &started.bus);
        keyring.env("HOME", started.home.path()).env("XDG_RUNTIME_DIR", started.home.at("run"));
        keyring.env_remove("XDG_DATA_HOME").env_remove("DISPLAY");
        let mut keyring = keyring.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(b"login").unwrap();
        // It goes on in the background once it is ready.
        assert!(keyring.wait().unwrap().success(), "gnome-keyring-daemon does not start");
        started
    }

    /// The program with this keyring, and no passphrase.
    #[must_use]
    pub fn with(&self, shell: Shell) -> Shell {
        shell.env("DBUS_SESSION_BUS_ADDRESS", &self.bus).env("SATCHEL_PASSPHRASE", "")
    }

    /// The address of its bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// All that lies in its home.
    pub fn files(&self) -> Vec<u8> {
        let entries = fs::read_dir(self.home.at(".local/share/keyrings")).unwrap();
        entries.flat_map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}
