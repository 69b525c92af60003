//! `satchel wallet login` as it runs beside a person's browser, and wallets that are signed in.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::http::{Answer, Browser};
use crate::shell::{Shell, program, satchel};

/// What opens the sign-ins of every wallet here.
pub const PASSPHRASE: &str = "a walrus in the kettle";

/// A sign-in that waits for the browser.
pub struct Login {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Where the browser is to go.
    pub address: String,
}

impl Login {
    /// Starts it, under the passphrase.
    pub fn begin(dir: &Path, server: &str) -> Self {
        Self::with(dir, server, &[], &[("SATCHEL_PASSPHRASE", PASSPHRASE)])
    }

    /// Starts it with these options and variables of the environment.
    pub fn with(dir: &Path, server: &str, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command.args(["wallet", "--json", "--wallet"]).arg(dir).args(["login", server, "--no-browser"]).args(options);
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let row: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let mut said = String::new();
            drop(child.stderr.take().unwrap().read_to_string(&mut said));
            panic!("no address ({error}): {line}{said}")
        });
        let address = row["open"].as_str().unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        Self { child, out, address }
    }

    /// The last that it says, once it has ended like this.
    #[track_caller]
    pub fn ending(mut self, status: i32) -> Value {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        let ended = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(ended.code(), Some(status), "{rest}{said}");
        serde_json::from_str(rest.lines().last().unwrap_or("null")).unwrap()
    }

    /// Whether it still waits.
    pub fn waits(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A person who is signed in allows what a program asks for, or does not; where the browser is sent then.
pub fn decide(browser: &mut Browser, address: &str, answer: &str) -> String {
    let form = browser.get(address).ok(200);
    browser.post(address, &form, &[("answer", answer)]).ok(303).location().to_owned()
}

/// The browser goes where it is sent on this machine.
pub fn go(location: &str) -> Answer {
    let at = location.find('/').and_then(|at| location[at + 2..].find('/').map(|slash| at + 2 + slash)).unwrap();
    Browser::new(&location[..at]).get(&location[at..])
}

/// Signs a wallet in; what it says about the account.
pub fn sign_in(dir: &Path, server: &str, browser: &mut Browser) -> Value {
    let login = Login::begin(dir, server);
    let location = decide(browser, &login.address, "allow");
    assert!(go(&location).ok(200).text().contains("close this page"));
    login.ending(0)
}

/// A command on a wallet, in JSON, under the passphrase.
pub fn wallet(dir: &Path, words: &[&str]) -> Shell {
    let shell = satchel(["wallet", "--json", "--wallet"]).arg(dir).args(words);
    shell.env("SATCHEL_PASSPHRASE", PASSPHRASE).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
}
