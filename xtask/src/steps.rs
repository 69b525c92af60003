//! Running one thing after another: each step has a name and its minutes, and the first that fails ends the run with the command
//! that failed. What the steps are is for the files that use them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a step gives: nothing, or a sentence about what went wrong.
pub type Done<T = ()> = Result<T, String>;

/// The steps run so far.
pub struct Steps {
    taken: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// No step yet.
    pub fn new() -> Self {
        Self { taken: Vec::new() }
    }

    /// Runs one step. A failure prints the table of the steps so far and says which step it was.
    pub fn step(&mut self, name: &'static str, work: impl FnOnce() -> Done) -> Done {
        println!("\n== {name} ==");
        let start = Instant::now();
        let done = work();
        self.taken.push((name, start.elapsed()));
        done.map_err(|problem| {
            self.print();
            format!("step `{name}` failed: {problem}")
        })
    }

    /// Prints the minutes of each step; more than `limit` minutes in sum is a failure.
    pub fn finish(&self, limit: f64) -> Done {
        self.print();
        let total = self.minutes();
        if total > limit { Err(format!("this took {total:.1} minutes, and may take {limit:.0}")) } else { Ok(()) }
    }

    fn print(&self) {
        println!("\nminutes  step");
        for (name, time) in &self.taken {
            println!("{:7.2}  {name}", minutes(*time));
        }
        println!("{:7.2}  in all", self.minutes());
    }

    fn minutes(&self) -> f64 {
        self.taken.iter().map(|(_, time)| minutes(*time)).sum()
    }
}

fn minutes(time: Duration) -> f64 {
    time.as_secs_f64() / 60.0
}

/// The folder of the workspace: Cargo tells it to whatever it runs.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.as_deref().and_then(Path::parent).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where Cargo builds.
pub fn target() -> PathBuf {
    // An absolute CARGO_TARGET_DIR replaces the root; a relative one counts from it, since every command here runs there.
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Where `setup` puts the tools that the machine lacks.
pub fn tools() -> PathBuf {
    root().join("target/tools")
}

/// A command in the root of the workspace, which finds the project's own tools first.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut path = vec![tools().join("bin"), tools().join("node/bin")];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    // What Cargo told about this package would make build scripts of others run again.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// A Cargo command.
pub fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// What is built for speed, always named together: other packages in one command would have other features, and all of it would be built again.
pub const FOR_SPEED: [&str; 6] = ["-p", "satchel-cli", "-p", "satchel-desktop", "-p", "satchel-tests"];

/// How (`Cargo.toml`).
pub const MEASURED: &str = "measured";

/// Shows a command as typed, runs it before the developer's eyes, and fails if it does.
pub fn show(command: &mut Command) -> Done {
    let line = typed(command);
    println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// Runs a command out of sight and gives what it printed, whether it succeeded or not.
pub fn output(command: &mut Command) -> Done<Output> {
    command.stdin(Stdio::null()).output().map_err(|error| format!("`{}` could not be started: {error}", typed(command)))
}

/// Whether a command can be run and succeeds.
pub fn works(command: &mut Command) -> bool {
    output(command).is_ok_and(|output| output.status.success())
}

/// A command as a person would type it in the root, with the settings that it needs.
pub fn typed(command: &Command) -> String {
    let settings = command.get_envs().filter(|(name, _)| *name != "PATH");
    let settings = settings.filter_map(|(name, value)| Some(format!("{}={}", name.display(), value?.display())));
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '(', '&', '*', '\'']) { format!("\"{word}\"") } else { word.into_owned() }
    });
    settings.chain(words).collect::<Vec<_>>().join(" ")
}
