//! The program as a person or a script starts it.

use std::ffi::OsStr;
use std::fs;
use std::io::{PipeReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than any test may wait for the program.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program, beside the folder of the test programs. Where it was not built with them, Cargo builds it once.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let here = std::env::current_exe().unwrap();
        let program = here.parent().unwrap().parent().unwrap().join("satchel");
        // Nextest has built it with all the rest, and `cargo xtask bench` for speed; `cargo test` builds one package, and an old program would be tested.
        let is_built =
            std::env::var_os("NEXTEST").is_some() || program.parent().is_some_and(|folder| folder.ends_with("measured"));
        if !program.is_file() || !is_built {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["build", "--quiet", "--package", "satchel-cli"]).current_dir(env!("CARGO_MANIFEST_DIR"));
            assert!(cargo.status().unwrap().success(), "the program does not build");
        }
        program
    })
}

/// One run of the program, to be described and started.
pub struct Shell {
    command: Command,
    input: Vec<u8>,
}

/// How a run ended.
pub struct Run {
    /// The exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard output as it came.
    pub out_bytes: Vec<u8>,
    /// Standard error.
    pub err: String,
    /// The most memory it held, in kB.
    pub memory: u64,
    /// The time it took of processors, in hundredths of a second.
    pub cpu: u64,
}

/// The program with these arguments, in a world without languages and colours of its own.
pub fn satchel<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Shell {
    let mut command = Command::new(program());
    command.args(arguments);
    for name in ["SATCHEL_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "FORCE_COLOR"] {
        command.env_remove(name);
    }
    // Which wallets are whose is noted away from the settings of whoever runs the tests.
    command.env("XDG_CONFIG_HOME", program().with_file_name("test-settings"));
    Shell { command, input: Vec::new() }
}

impl Shell {
    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// In this folder.
    #[must_use]
    pub fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With this on standard input.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts it and waits for its end.
    pub fn run(mut self) -> Run {
        let (out_reader, out_writer) = std::io::pipe().unwrap();
        self.command.stdout(out_writer);
        self.finish(Some(out_reader))
    }

    /// Starts it with nobody who reads or writes, to be ended in the middle.
    pub fn spawn(mut self) -> Child {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts it with nobody left to read its standard output.
    pub fn run_unheard(mut self) -> Run {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.command.stdout(writer);
        self.finish(None)
    }

    fn finish(mut self, out: Option<PipeReader>) -> Run {
        let (err_reader, err_writer) = std::io::pipe().unwrap();
        let mut child = self.command.stdin(Stdio::piped()).stderr(err_writer).spawn().unwrap();
        // The command holds the other ends of the pipes; only the program's own copies may stay.
        drop(self.command);
        let out = out.map(collect);
        let err = collect(err_reader);
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // It may end without reading all of it.
        let fed = thread::spawn(move || drop(stdin.write_all(&input)));
        let (status, memory, cpu) = wait(&mut child);
        fed.join().unwrap();
        let out_bytes = out.map(|out| out.join().unwrap()).unwrap_or_default();
        let out = String::from_utf8_lossy(&out_bytes).into_owned();
        let err = String::from_utf8_lossy(&err.join().unwrap()).into_owned();
        assert!(!err.contains("panicked"), "the program panicked:\n{err}");
        Run { status, out, out_bytes, err, memory, cpu }
    }
}

fn collect(mut from: PipeReader) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// Waits for the end, and looks meanwhile what it takes.
fn wait(child: &mut Child) -> (Option<i32>, u64, u64) {
    let started = Instant::now();
    let (mut memory, mut cpu) = (0, 0);
    loop {
        let taken = taken(child.id());
        (memory, cpu) = (taken.0.max(memory), taken.1.max(cpu));
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), memory, cpu);
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("the program did not end within {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The most memory so far in kB, and the processors' time in hundredths of a second; zeros where the system does not tell.
fn taken(process: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<u64> = stat.rsplit(')').next().unwrap_or_default().split(' ').map(|it| it.parse().unwrap_or(0)).collect();
    let cpu = fields.get(12).zip(fields.get(13)).map(|(user, system)| user + system);
    (memory.unwrap_or_default(), cpu.unwrap_or_default())
}

impl Run {
    /// The lines of JSON on standard output; anything else there is a failure.
    pub fn rows(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line}"));
        self.out.lines().map(parse).collect()
    }

    /// The one line of JSON on standard output.
    pub fn row(&self) -> Value {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "not one line: {}{}", self.out, self.err);
        rows.into_iter().next().unwrap()
    }

    /// The code of the problem that it printed as JSON.
    pub fn problem(&self) -> String {
        self.row()["problem"]["code"].as_str().unwrap_or_else(|| panic!("no problem: {}", self.out)).to_owned()
    }

    /// All that it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The same, when it ended like this.
    #[allow(clippy::return_self_not_must_use, reason = "that it ended so may be all there is to know")]
    #[track_caller]
    pub fn ending(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }
}

/// A folder that goes away with its test.
pub struct Folder(TempDir);

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of something in it.
    pub fn at(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.path().join(name.as_ref())
    }

    /// Writes a file, with the folders it lies in.
    pub fn file(&self, name: impl AsRef<OsStr>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The names of what is in it, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }
}
