//! A real PostgreSQL in a folder of its own, on a socket in that folder, as the user `postgres` where we are root (it refuses to run as
//! root). It ends with the value, and with the test program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::shell::Folder;

/// The server.
pub struct Postgres {
    folder: Folder,
    child: Child,
    port: u16,
}

impl Default for Postgres {
    fn default() -> Self {
        Self::start()
    }
}

impl Postgres {
    /// Makes an empty one and starts it.
    pub fn start() -> Self {
        Self::begin(false)
    }

    fn begin(tls: bool) -> Self {
        let folder = Folder::new();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.at("data");
        fs::create_dir(&data).unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres").args([&data, &folder.path().to_owned()]).status().unwrap();
            assert!(owned.success(), "there is no user postgres: `cargo xtask test` installs postgresql");
        }
        let made = command("initdb")
            .args(["--auth=trust", "--username=postgres", "--locale=C", "--encoding=UTF8", "--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb failed");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut options = vec![String::from("listen_addresses=")];
        if tls {
            fs::write(data.join("pg_hba.conf"), "local all all trust\nhostssl all all 127.0.0.1/32 trust\n").unwrap();
            options = vec![String::from("listen_addresses=127.0.0.1"), format!("port={port}"), String::from("ssl=on")];
            for (setting, name, mode) in [("ssl_cert_file", "localhost.pem", 0o644), ("ssl_key_file", "localhost.key", 0o600)] {
                let copy = data.join(name);
                fs::copy(crate::data::path(&format!("tls/{name}")), &copy).unwrap();
                fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
                if is_root() {
                    assert!(Command::new("chown").arg("postgres").arg(&copy).status().unwrap().success());
                }
                options.push(format!("{setting}={}", copy.display()));
            }
        }
        let child = command("postgres")
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(options.iter().flat_map(|option| ["-c", option.as_str()]))
            .args(["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "log_min_messages=fatal"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { folder, child, port: if tls { port } else { 5432 } };
        server.wait();
        server
    }

    fn wait(&self) {
        let began = Instant::now();
        let ready = || {
            let mut ask = Command::new(program("pg_isready"));
            ask.arg("-q")
                .arg("-h")
                .arg(self.folder.path())
                .arg("-p")
                .arg(self.port.to_string())
                .status()
                .is_ok_and(|status| status.success())
        };
        while !ready() {
            assert!(began.elapsed() < Duration::from_mins(1), "PostgreSQL did not start");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes an empty one that listens at a port too, for those alone who speak TLS, with the certificate for `localhost`.
    pub fn start_tls() -> Self {
        Self::begin(true)
    }

    /// The URL of its database at that port.
    pub fn url_at_port(&self) -> String {
        format!("postgres://postgres@localhost:{}/postgres", self.port)
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        let socket = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{socket}/postgres")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGQUIT: at once, children too.
        drop(Command::new("kill").args(["-QUIT", &self.child.id().to_string()]).status());
        drop(self.child.wait());
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

/// A program of PostgreSQL: Debian keeps those of the server in a folder for each version.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|it| it.path()).collect();
    versions.sort();
    let found = versions.into_iter().rev().map(|version| version.join("bin").join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| Path::new(name).to_owned())
}

/// The same, as another user where we are root. `setpriv` becomes the program, and has it end with us.
fn command(name: &str) -> Command {
    if !is_root() {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=KILL", "--"]).arg(program(name));
    command.current_dir("/");
    command
}
