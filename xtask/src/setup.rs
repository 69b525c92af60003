//! Brings what is missing to build and test: system packages, two Cargo tools, the peers' programs. Quick when nothing is missing.
//!
//! Only system packages go outside the project. Cargo tools and Node go to `target/tools`, peers to `tests/peers`.

use std::path::Path;

use crate::steps::{Done, cargo, command, output, root, show, tools, works};

/// The oldest Node that the peers' programs run on.
const NODE: u32 = 20;

/// A Cargo tool, the version that is built where it is missing, and how.
struct Tool {
    name: &'static str,
    version: &'static str,
    options: &'static [&'static str],
}

/// Without its self-update and tracing probes, which are never used here.
const NEXTEST: Tool = Tool { name: "nextest", version: "0.9.143", options: &["--no-default-features"] };
const DENY: Tool = Tool { name: "deny", version: "0.20.2", options: &[] };

/// Everything that `cargo xtask test` needs.
pub fn all() -> Done {
    toolchain()?;
    system()?;
    cargo_tool(&NEXTEST)?;
    deny()?;
    driver()?;
    peers()
}

/// What the window needs to be built, seen and driven.
pub fn window() -> Done {
    toolchain()?;
    system()?;
    driver()
}

/// The window's driver. Its newest version is for a Tauri that is not finished.
fn driver() -> Done {
    const VERSION: &str = "2.1.0";
    if tools().join("bin/tauri-driver").is_file() || works(&mut command("tauri-driver", &["--help"])) {
        return Ok(());
    }
    println!("tauri-driver is missing; building it into target/tools takes a minute, once.");
    install_tool("tauri-driver", VERSION, &[])
}

/// What the inner loop needs: nothing that only the peers want.
pub fn quick() -> Done {
    window()?;
    nextest()
}

/// The test runner.
pub fn nextest() -> Done {
    cargo_tool(&NEXTEST)
}

/// The checker of dependencies.
pub fn deny() -> Done {
    cargo_tool(&DENY)
}

/// Other people's programs, in a folder of their own.
pub fn peers() -> Done {
    if root().join("tests/peers/install.sh").is_file() {
        show(&mut command("bash", &["tests/peers/install.sh"]))
    } else {
        println!("There is no tests/peers/install.sh yet: no peer is installed.");
        Ok(())
    }
}

/// Parts of the toolchain that rustup or the distribution brings, not this project.
fn toolchain() -> Done {
    for (part, arguments) in [("rustfmt", ["fmt", "--version"]), ("clippy", ["clippy", "--version"])] {
        if !works(&mut cargo(&arguments)) {
            return Err(format!("the Rust toolchain lacks its part {part}: run `rustup component add {part}`"));
        }
    }
    Ok(())
}

/// System packages. aws-lc-sys builds with a C compiler alone: no cmake, no assembler of its own.
fn system() -> Done {
    let mut missing = Vec::new();
    if !works(&mut command("cc", &["--version"])) {
        missing.push("build-essential");
    }
    if !works(&mut command("git", &["--version"])) {
        missing.push("git");
    }
    // SQLCipher, in the wallet, encrypts with OpenSSL.
    if !works(&mut command("cc", &["-E", "-x", "c", "-include", "openssl/evp.h", "/dev/null"])) {
        missing.push("libssl-dev");
    }
    // The window: GTK and WebKit to build it, a driver, a display and a bus to look at it where there is none, and browsers for its pages. A keyring,
    // for the keys of desks, and age, which opens the file of a key that will succeed.
    if !works(&mut command("pkg-config", &["--exists", "webkit2gtk-4.1", "dbus-1"])) {
        missing.extend(["pkg-config", "libwebkit2gtk-4.1-dev", "libdbus-1-dev"]);
    }
    for (program, package) in [
        ("WebKitWebDriver", "webkit2gtk-driver"),
        ("Xvfb", "xvfb"),
        ("dbus-daemon", "dbus"),
        ("chromium", "chromium"),
        ("firefox-esr", "firefox-esr"),
        ("gnome-keyring-daemon", "gnome-keyring"),
        ("age", "age"),
    ] {
        if !is_there(program) {
            missing.push(package);
        }
    }
    // What a program does to its files is recorded, to see what a power cut would leave.
    if cfg!(target_os = "linux") && !is_there("strace") {
        missing.push("strace");
    }
    if node().is_none() {
        missing.extend(["nodejs", "npm"]);
    }
    if !works(&mut command("python3", &["-c", "import venv, ensurepip"])) {
        missing.extend(["python3", "python3-venv"]);
    }
    // The server's store is tested on a real one; Debian keeps its programs off the PATH.
    if !Path::new("/usr/lib/postgresql").is_dir() && !works(&mut command("initdb", &["--version"])) {
        missing.push("postgresql");
    }
    if !missing.is_empty() {
        install(&missing)?;
    }
    if node().is_some_and(|version| version < NODE) { newer_node() } else { Ok(()) }
}

/// Whether a program is in the path, for those that have no option that ends at once.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Asks apt where it can be asked; elsewhere says what to install, and goes on.
fn install(packages: &[&str]) -> Done {
    let list = packages.join(" ");
    let root = output(&mut command("id", &["-u"])).is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let sudo = !root && works(&mut command("sudo", &["-n", "true"]));
    if !Path::new("/etc/debian_version").exists() || !(root || sudo) {
        println!("Please install, by the names that your system gives them: {list}");
        return Ok(());
    }
    let apt = |words: &[&str]| {
        let all = [&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"], words].concat();
        if root { show(&mut command(all[0], &all[1..])) } else { show(&mut command("sudo", &all)) }
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// The major version of the Node that commands here find.
fn node() -> Option<u32> {
    let version = output(&mut command("node", &["--version"])).ok()?;
    String::from_utf8(version.stdout).ok()?.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The distribution's Node may be too old: the npm registry carries the program itself, inside a package.
fn newer_node() -> Done {
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let package = format!("node-linux-{machine}");
    let folder = tools().join("node-package");
    let wanted = format!("{package}@22");
    if !cfg!(target_os = "linux") {
        println!("Please install Node {NODE} or newer: the peers' programs need it.");
        return Ok(());
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    show(
        command("npm", &["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", ".", &wanted])
            .current_dir(&folder),
    )?;
    let from = folder.join("node_modules").join(package);
    std::fs::rename(&from, tools().join("node")).map_err(|error| format!("{} cannot be moved: {error}", from.display()))
}

/// Builds a Cargo tool into the project, in the cheapest way: it runs for seconds, so its own speed does not matter.
fn cargo_tool(tool: &Tool) -> Done {
    let name = tool.name;
    if works(&mut cargo(&[name, "--version"])) {
        return Ok(());
    }
    println!("cargo-{name} is missing; building it into target/tools takes some minutes, once.");
    install_tool(&format!("cargo-{name}"), tool.version, tool.options)
}

fn install_tool(package: &str, version: &str, options: &[&str]) -> Done {
    let root = tools();
    let root = root.to_string_lossy();
    let mut install = cargo(&["install", "--locked", "--quiet", "--root", &root, "--version", version, package]);
    install
        .args(options)
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    show(&mut install)
}
