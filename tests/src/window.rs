//! The window as a person uses it: the real program under a display of its own, driven through `WebDriver` (W3C), with a home and a D-Bus
//! that no other test sees.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::shell;

/// The longest that anything on the screen may take; a busy machine is slow, and a stuck one is not waited for.
const PATIENCE: Duration = Duration::from_secs(90);

/// A member of every element that `WebDriver` gives out (its chapter 11.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A desktop: a display, a D-Bus and a home, on which the program is started and started again.
pub struct Desktop {
    home: tempfile::TempDir,
    display: String,
    bus: String,
    /// Whether its dialogs for files are asked of [`Chooser`].
    has_chooser: AtomicBool,
    _running: [Running; 2],
}

/// A program that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Default for Desktop {
    fn default() -> Self {
        Self::new()
    }
}

impl Desktop {
    /// A new one, with an empty home.
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["run", "tmp", "Downloads", "bin"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        // In the place of the system's browser: it notes what it is to open.
        let browser = home.path().join("bin/xdg-open");
        fs::write(&browser, "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n").unwrap();
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        let (server, display) = first_line(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1280x860x24", "-nolisten", "tcp"])
                .stderr(Stdio::null()),
        );
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"]).env("XDG_RUNTIME_DIR", home.path().join("run"));
        let (daemon, bus) = first_line(bus.stderr(Stdio::null()));
        Self {
            home,
            display: format!(":{display}"),
            bus,
            has_chooser: AtomicBool::new(false),
            _running: [Running(server), Running(daemon)],
        }
    }

    /// A place in the home.
    pub fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Where the wallet of this home lies.
    pub fn wallet(&self) -> PathBuf {
        self.at(".local/share/satchel")
    }

    /// A file in the home.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Settings as the program writes them.
    pub fn settings(&self, settings: &Value) {
        self.file(".config/satchel/settings.json", settings.to_string());
    }

    /// What the system's browser was sent to so far, once it is so much.
    #[track_caller]
    pub fn opened(&self, count: usize) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let all = fs::read_to_string(self.at("opened")).unwrap_or_default();
            let all: Vec<String> = all.lines().map(str::to_owned).collect();
            if all.len() >= count {
                return all;
            }
            assert!(Instant::now() < end, "the browser was not opened {count} times: {all:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts a keyring on this desktop, unlocked.
    pub fn with_keyring(&self) {
        let mut keyring = self.on("gnome-keyring-daemon");
        keyring.args(["--unlock", "--components=secrets"]).env_remove("DISPLAY").stdin(Stdio::piped());
        let mut keyring = keyring.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(b"login").unwrap();
        assert!(keyring.wait().unwrap().success(), "gnome-keyring-daemon does not start");
    }

    /// Takes the focus from every window, as another program that comes to the front does.
    pub fn leaves(&self) {
        let script = "import ctypes
x = ctypes.CDLL('libX11.so.6')
x.XOpenDisplay.restype = ctypes.c_void_p
display = ctypes.c_void_p(x.XOpenDisplay(None))
x.XSetInputFocus(display, ctypes.c_ulong(0), 0, ctypes.c_ulong(0))
x.XSync(display, 0)";
        let done = Command::new("python3").args(["-c", script]).env("DISPLAY", &self.display).status().unwrap();
        assert!(done.success(), "the focus stays");
    }

    /// Shows what is told on this desktop; what is told comes out of what this gives.
    pub fn with_notifications(&self) -> Notifications {
        let (send, told) = channel();
        let bus = zbus::blocking::connection::Builder::address(self.bus.as_str()).unwrap();
        let bus = bus.name("org.freedesktop.Notifications").unwrap();
        let bus = bus.serve_at("/org/freedesktop/Notifications", Shower(Mutex::new(send))).unwrap().build().unwrap();
        Notifications { told, _bus: bus }
    }

    /// Answers the dialogs for folders of the programs that are started from now on.
    pub fn with_chooser(&self) -> Chooser {
        let (choices, said) = channel();
        let bus = zbus::blocking::connection::Builder::address(self.bus.as_str()).unwrap();
        let bus = bus.name("org.freedesktop.portal.Desktop").unwrap();
        let at = "/org/freedesktop/portal/desktop";
        let bus = bus.serve_at(at, Choosing(Mutex::new(said))).unwrap().serve_at(at, Direct).unwrap().build().unwrap();
        self.has_chooser.store(true, Ordering::SeqCst);
        Chooser { choices, _bus: bus }
    }

    fn on(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let home = self.home.path();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([home.join("bin")].into_iter().chain(std::env::split_paths(&others))).unwrap();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("TMPDIR", home.join("tmp"))
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("GDK_BACKEND", "x11")
            .env("LANG", "C.UTF-8")
            // Where no other program is there to be asked, asking takes half a minute.
            .env("GTK_USE_PORTAL", if self.has_chooser.load(Ordering::SeqCst) { "1" } else { "0" })
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .stdin(Stdio::null())
            .current_dir(home);
        command
    }

    /// Starts the program a second time, with these arguments, and waits until it has ended.
    pub fn start_again(&self, arguments: &[&Path]) -> std::process::ExitStatus {
        let mut second = self.on(program()).args(arguments).spawn().unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = second.try_wait().unwrap() {
                return status;
            }
            if Instant::now() > end {
                second.kill().unwrap();
                panic!("the second instance goes on by itself");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens the window, with these arguments.
    pub fn open(&self, arguments: &[&Path]) -> Window {
        self.open_program(&program(), arguments)
    }

    /// Opens the window of a program.
    pub fn open_program(&self, program: &Path, arguments: &[&Path]) -> Window {
        // A port that is free now may be taken a moment later, so there are a few tries.
        let mut problem = String::new();
        for _ in 0..4 {
            let (port, native) = (free_port(), free_port());
            let mut driver = self.on(tauri_driver());
            driver.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
            let driver =
                Running(driver.stdout(Stdio::null()).spawn().expect("tauri-driver is there: `cargo xtask test` builds it"));
            let end = Instant::now() + PATIENCE;
            while TcpStream::connect(("127.0.0.1", native)).is_err() || TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < end, "tauri-driver does not listen");
                std::thread::sleep(Duration::from_millis(20));
            }
            let options = json!({ "application": program, "args": arguments });
            let wanted = json!({ "capabilities": { "alwaysMatch": { "tauri:options": options } } });
            match ask(port, "POST", "/session", Some(&wanted)) {
                Ok(value) => {
                    let session = value["sessionId"].as_str().expect("a session has an id").to_owned();
                    return Window { port, session, _driver: driver };
                }
                Err(why) => problem = why,
            }
        }
        panic!("the window does not open: {problem}");
    }

    /// Opens a browser with `WebKit`, which is as near to Safari as this system comes.
    pub fn browser(&self) -> Window {
        let mut problem = String::new();
        for _ in 0..4 {
            let port = free_port();
            let mut driver = self.on("WebKitWebDriver");
            driver.args([&format!("--port={port}"), "--host=127.0.0.1"]).stdout(Stdio::null()).stderr(Stdio::null());
            let driver = Running(driver.spawn().expect("WebKitWebDriver is there: the package webkit2gtk-driver"));
            let end = Instant::now() + PATIENCE;
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < end, "WebKitWebDriver does not listen");
                std::thread::sleep(Duration::from_millis(20));
            }
            let options = json!({ "binary": mini_browser(), "args": ["--automation"] });
            let wanted = json!({ "capabilities": { "alwaysMatch": { "browserName": "MiniBrowser", "webkitgtk:browserOptions": options } } });
            match ask(port, "POST", "/session", Some(&wanted)) {
                Ok(value) => {
                    let session = value["sessionId"].as_str().expect("a session has an id").to_owned();
                    return Window { port, session, _driver: driver };
                }
                Err(why) => problem = why,
            }
        }
        panic!("the browser does not open: {problem}");
    }
}

/// The small browser that comes with `WebKitGTK`.
fn mini_browser() -> PathBuf {
    let places =
        ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|it| PathBuf::from(format!("/usr/lib/{it}/webkit2gtk-4.1/MiniBrowser")));
    places.into_iter().find(|it| it.exists()).expect("MiniBrowser of WebKitGTK is there")
}

/// What is told on a desktop; it ends with its value.
pub struct Notifications {
    /// Each: its title and its text.
    pub told: Receiver<(String, String)>,
    _bus: zbus::blocking::Connection,
}

/// The desktop's own side of it (Desktop Notifications Specification 1.2). It reads markup, as most do.
struct Shower(Mutex<Sender<(String, String)>>);

#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value, clippy::unused_self, reason = "so the specification has it")]
#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Shower {
    fn get_capabilities(&self) -> Vec<String> {
        vec![String::from("body"), String::from("body-markup")]
    }

    fn notify(
        &self,
        program: String,
        replaces: u32,
        icon: String,
        title: String,
        text: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
    ) -> u32 {
        let _of_no_matter_here = (program, replaces, icon, actions, hints, timeout);
        drop(self.0.lock().unwrap().send((title, text)));
        1
    }
}

/// Who chooses folders on a desktop; it ends with its value.
pub struct Chooser {
    choices: Sender<PathBuf>,
    _bus: zbus::blocking::Connection,
}

impl Chooser {
    /// The answer to the next dialog.
    pub fn chooses(&self, folder: &Path) {
        self.choices.send(folder.to_owned()).unwrap();
    }
}

/// Whoever has a portal asks it for proxies, too.
struct Direct;

#[allow(clippy::needless_pass_by_value, clippy::unused_self, reason = "so the specification has it")]
#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Direct {
    fn lookup(&self, uri: String) -> Vec<String> {
        drop(uri);
        vec![String::from("direct://")]
    }
}

/// The desktop's own side of it (XDG Desktop Portal, `FileChooser` 3). Whoever is asked before there is an answer cancels.
struct Choosing(Mutex<Receiver<PathBuf>>);

#[allow(clippy::needless_pass_by_value, clippy::unused_self, reason = "so the specification has it")]
#[zbus::interface(name = "org.freedesktop.portal.FileChooser")]
impl Choosing {
    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        3
    }

    fn open_file(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
        parent: String,
        title: String,
        options: HashMap<String, OwnedValue>,
    ) -> OwnedObjectPath {
        drop((parent, title));
        let sender = header.sender().unwrap().to_string();
        let token: String = options["handle_token"].try_clone().unwrap().try_into().unwrap();
        let request =
            format!("/org/freedesktop/portal/desktop/request/{}/{token}", sender.trim_start_matches(':').replace('.', "_"));
        let chosen = self.0.lock().unwrap().try_recv().ok();
        let (answer, here) = (request.clone(), connection.clone());
        let told = async move {
            let uris: Vec<String> = chosen.iter().map(|path| format!("file://{}", path.display())).collect();
            let results = HashMap::from([("uris", zbus::zvariant::Value::from(uris))]);
            let body = (u32::from(chosen.is_none()), results);
            let to = Some(sender.as_str());
            here.emit_signal(to, answer, "org.freedesktop.portal.Request", "Response", &body).await.unwrap();
        };
        // After the answer to this call.
        connection.executor().spawn(told, "response").detach();
        request.try_into().unwrap()
    }
}

/// The program.
pub fn program() -> PathBuf {
    shell::program().with_file_name(format!("satchel-desktop{}", std::env::consts::EXE_SUFFIX))
}

fn tauri_driver() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/bin/tauri-driver");
    if ours.exists() { ours } else { PathBuf::from("tauri-driver") }
}

/// Starts a program and reads the first line it prints.
fn first_line(command: &mut Command) -> (Child, String) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(!line.trim().is_empty(), "{command:?} says nothing");
    // Whatever more it prints goes nowhere, and does not stop it.
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    (child, line.trim().to_owned())
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// One request of `WebDriver` and its answer. tauri-driver at times takes up a connection to the driver behind it that has just ended, and then
/// says nothing at all; nothing of such a request has arrived, so it is made again.
fn ask(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let mut answer = ask_once(port, method, path, body);
    for _ in 0..3 {
        match answer {
            Ok(None) => answer = ask_once(port, method, path, body),
            Ok(Some(value)) => return Ok(value),
            Err(why) => return Err(why),
        }
    }
    Err("no answer".to_owned())
}

fn ask_once(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Option<Value>, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(|error| error.to_string())?;
    if answer.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&answer);
    let (_, body) = text.split_once("\r\n\r\n").ok_or("an answer without an end")?;
    let from = body.find('{').ok_or("an answer without a value")?;
    let mut values = serde_json::Deserializer::from_str(&body[from..]).into_iter::<Value>();
    let value = values.next().ok_or("an answer without a value")?.map_err(|error| error.to_string())?;
    match value["value"].get("error") {
        Some(error) => Err(format!("{error}: {}", value["value"]["message"])),
        None => Ok(Some(value["value"].clone())),
    }
}

/// The window, open.
pub struct Window {
    port: u16,
    session: String,
    _driver: Running,
}

impl Window {
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        ask(self.port, method, &format!("/session/{}{path}", self.session), body)
    }

    /// Goes to an address, and waits until its page is there.
    #[track_caller]
    pub fn goes_to(&self, url: &str) {
        self.ask("POST", "/url", Some(&json!({ "url": url }))).unwrap();
    }

    /// Presses keys as a person does: each letter, `\u{e004}` for Tab, `\u{e007}` for Enter.
    #[track_caller]
    pub fn presses(&self, keys: &str) {
        let acts: Vec<Value> =
            keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }))).collect();
        let acts = json!({ "actions": [{ "type": "key", "id": "keys", "actions": acts }] });
        self.ask("POST", "/actions", Some(&acts)).unwrap();
    }

    /// Presses a key while Ctrl is held.
    #[track_caller]
    pub fn presses_ctrl(&self, key: char) {
        let act = |kind: &str, key: char| json!({ "type": kind, "value": key });
        let acts = [act("keyDown", '\u{e009}'), act("keyDown", key), act("keyUp", key), act("keyUp", '\u{e009}')];
        self.ask("POST", "/actions", Some(&json!({ "actions": [{ "type": "key", "id": "keys", "actions": acts }] }))).unwrap();
    }

    /// Runs a script in the page: `arguments` are what it is given, and a promise is waited for.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, String> {
        // WebKit's own way of waiting for a promise differs between versions; the callback is in all of them.
        let script = format!(
            "const [done, ...given] = [arguments[arguments.length - 1], ...[].slice.call(arguments, 0, -1)];
             (async (...given) => {{ {script} }})(...given).then(v => done({{ok: v === undefined ? null : v}}), e => done({{err: String(e && e.code || e)}}));"
        );
        let value = self.ask("POST", "/execute/async", Some(&json!({ "script": script, "args": arguments })))?;
        match value.get("err") {
            Some(error) => Err(error.as_str().unwrap_or_default().to_owned()),
            None => Ok(value["ok"].clone()),
        }
    }

    /// Waits until a script gives this value.
    #[track_caller]
    pub fn gives(&self, script: &str, value: &Value) {
        self.until(&format!("{value} of {script}"), || self.run(script, &[]).as_ref() == Ok(value));
    }

    /// Calls a command of the native side, as the window does; the error is the code of the problem.
    pub fn invoke(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        self.run("return await window.__TAURI_INTERNALS__.invoke(given[0], given[1])", &[json!(command), arguments.clone()])
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        self.until(text, || self.text().contains(text));
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        let text = self.ask("POST", "/execute/sync", Some(&json!({ "script": "return document.body.innerText", "args": [] })));
        text.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    #[track_caller]
    fn until(&self, what: &str, there: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !there() {
            if Instant::now() > end {
                self.picture(&std::env::temp_dir().join("satchel-window-failed.png"));
                panic!("{what:?} does not come; on the screen is:\n{}", self.text());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks what a person would call by this name: a button, a link, a row.
    #[track_caller]
    pub fn click(&self, name: &str) {
        let quoted = json!(name);
        let path = format!(
            "//*[self::button or self::a or @role='button' or @role='link' or @role='menuitem' or @role='option'][normalize-space(.)={quoted} or @aria-label={quoted}]"
        );
        self.until(name, || {
            self.find(&path).is_some_and(|element| {
                // WebKit's driver scrolls only to the edge of the window, where the middle of a button may lie beyond it.
                let script = "arguments[0].scrollIntoView({ block: 'center' })";
                let shown = json!({ "script": script, "args": [{ ELEMENT: element }] });
                self.ask("POST", "/execute/sync", Some(&shown)).is_ok()
                    && self.ask("POST", &format!("/element/{element}/click"), Some(&json!({}))).is_ok()
            })
        });
    }

    /// Clicks the first thing that a CSS selector names.
    #[track_caller]
    pub fn click_on(&self, selector: &str) {
        let click = || {
            let found = self.ask("POST", "/element", Some(&json!({ "using": "css selector", "value": selector }))).ok()?;
            let element = found[ELEMENT].as_str()?.to_owned();
            self.ask("POST", &format!("/element/{element}/click"), Some(&json!({}))).ok()
        };
        self.until(selector, || click().is_some());
    }

    /// Whether a text is on the screen now.
    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    fn find(&self, path: &str) -> Option<String> {
        let found = self.ask("POST", "/element", Some(&json!({ "using": "xpath", "value": path }))).ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// Types into the first field that a CSS selector names.
    #[track_caller]
    pub fn types(&self, selector: &str, text: &str) {
        let write = || {
            let found = self.ask("POST", "/element", Some(&json!({ "using": "css selector", "value": selector }))).ok()?;
            let element = found[ELEMENT].as_str()?.to_owned();
            self.ask("POST", &format!("/element/{element}/clear"), Some(&json!({}))).ok()?;
            self.ask("POST", &format!("/element/{element}/value"), Some(&json!({ "text": text }))).ok()
        };
        self.until(selector, || write().is_some());
    }

    /// Waits until a CSS selector names so many things.
    #[track_caller]
    pub fn counts(&self, selector: &str, count: usize) {
        self.gives(&format!("return document.querySelectorAll({}).length", json!(selector)), &json!(count));
    }

    /// Goes to a screen by its address, such as `#/settings`.
    #[track_caller]
    pub fn goes(&self, address: &str) {
        self.run(&format!("location.hash = {}", json!(address)), &[]).unwrap();
    }

    /// What is wrong with the screen as it is: what axe finds (WCAG 2.2 AA), what the Tab key does not get to or what hides the focus, and what is wider
    /// than its place. The same as `ui/tests/held.mjs` asks of every screen in a browser.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let text = |name: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui").join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let sync = |script: &str| self.ask("POST", "/execute/sync", Some(&json!({ "script": script, "args": [] }))).unwrap();
        sync(&text("node_modules/axe-core/axe.min.js"));
        let rules: Value = serde_json::from_str(&text("tests/axe.json")).unwrap();
        let axe = "return (await axe.run(given[0])).violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map(node => node.target + ' ' + node.failureSummary).join(' | ')}`)";
        let mut faults = strings(&self.run(axe, &[rules]).unwrap());
        let stops = text("tests/stops.js");
        let begin = || sync(&format!("return (\n{}\n)", stops.trim().trim_end_matches(';'))).as_u64().unwrap();
        let press = |times: u64| {
            let press = |kind: &str| json!({ "type": kind, "value": "\u{e004}" });
            let presses: Vec<Value> = (0..times).flat_map(|_| [press("keyDown"), press("keyUp")]).collect();
            let keys = json!({ "actions": [{ "type": "key", "id": "keys", "actions": presses }] });
            self.ask("POST", "/actions", Some(&keys)).unwrap();
        };
        let steps = match begin() {
            0 => 0,
            stops => stops + 4,
        };
        press(steps);
        if !strings(&sync("return walked()")).is_empty() {
            // WebKit scrolls to a field a moment after it has the focus: once more, with time for that.
            begin();
            for _ in 0..steps {
                press(1);
                let end = Instant::now() + Duration::from_secs(5);
                while sync("return shown()") == false && Instant::now() < end {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            faults.extend(strings(&sync("return walked()")));
        }
        let wide = "return [...document.querySelectorAll('main, dialog .inner')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => `wider than its place: ${e.tagName} ${e.scrollWidth} > ${e.clientWidth}`)";
        faults.extend(strings(&sync(wide)));
        faults
    }

    /// Waits until a badge's picture is on the screen, drawn by the native side; its width and height.
    #[track_caller]
    pub fn sees_a_picture(&self) -> (u64, u64) {
        let shown = "return [...document.images].filter(i => i.src.startsWith('badge:') && i.complete && i.naturalWidth > 0)
            .map(i => [i.naturalWidth, i.naturalHeight])[0] ?? null";
        let size = || self.run(shown, &[]).ok().and_then(|size| Some((size[0].as_u64()?, size[1].as_u64()?)));
        self.until("a picture", || size().is_some());
        size().unwrap_or_default()
    }

    /// Takes a picture of the window, once all of it is drawn: letters, pictures, what moves, and the frame after.
    pub fn picture(&self, path: &Path) {
        let drawn = "await document.fonts.ready;
            await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
            await Promise.all(document.getAnimations().map(moving => moving.finished.catch(() => {})));
            for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);";
        let _ = self.run(drawn, &[]);
        let Ok(picture) = self.ask("GET", "/screenshot", None) else { return };
        let png = STANDARD.decode(picture.as_str().unwrap_or_default()).unwrap_or_default();
        let _ = fs::write(path, png);
    }

    /// Waits until the picture that a CSS selector names is drawn; how it looks, as a PNG.
    #[track_caller]
    pub fn looks(&self, selector: &str) -> Vec<u8> {
        let drawn = format!(
            "const it = document.querySelector({}); it.scrollIntoView({{ block: 'center' }}); await it.decode();
             for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
             return it.naturalWidth > 0",
            json!(selector)
        );
        let mut looks = Vec::new();
        for _ in 0..50 {
            self.gives(&drawn, &json!(true));
            let element = self.ask("POST", "/element", Some(&json!({ "using": "css selector", "value": selector }))).unwrap();
            let picture = self.ask("GET", &format!("/element/{}/screenshot", element[ELEMENT].as_str().unwrap()), None).unwrap();
            looks = STANDARD.decode(picture.as_str().unwrap()).unwrap();
            // One colour alone is what is there before the picture.
            if looks.len() > 1000 {
                break;
            }
        }
        looks
    }

    /// The most memory in kB that the program which has the wallet in `dir` takes while `work` goes on.
    pub fn most_memory(&self, dir: &Path, work: impl FnOnce()) -> u64 {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let most = scope.spawn(|| {
                let mut most = 0;
                while !stop.load(Ordering::Relaxed) {
                    most = most.max(self.memory(dir));
                    std::thread::sleep(Duration::from_millis(20));
                }
                most
            });
            {
                // Also where the work fails.
                let _stopped = Stops(&stop);
                work();
            }
            most.join().unwrap()
        })
    }

    /// The memory in kB of the program that has the wallet in `dir`, with that of the pages it shows.
    pub fn memory(&self, dir: &Path) -> u64 {
        family(&holder(dir)).iter().filter_map(|process| status(process, "VmRSS:")?.parse::<u64>().ok()).sum()
    }

    /// Ends the program that has the wallet in `dir` without asking it, and waits until the wallet is let go.
    pub fn kill(self, dir: &Path) {
        assert!(Command::new("kill").args(["-KILL", &holder(dir)]).status().unwrap().success());
        let end = Instant::now() + PATIENCE;
        while is_held(dir) {
            assert!(Instant::now() < end, "the wallet is still held");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes the window, and waits until the wallet in `dir` is let go.
    pub fn quit(self, dir: &Path) {
        let holder = holder(dir);
        let _ = self.ask("DELETE", "/window", None);
        let _ = self.ask("DELETE", "", None);
        let (soon, end) = (Instant::now() + Duration::from_secs(5), Instant::now() + PATIENCE);
        let mut asked = false;
        while is_held(dir) {
            assert!(Instant::now() < end, "{holder} still has the wallet");
            // WebKit's driver at times forgets to pass the wish on. A system that shuts down asks in this way.
            if Instant::now() > soon && !std::mem::replace(&mut asked, true) {
                let _ = Command::new("kill").arg(&holder).status();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A process and all that it started, by their numbers.
fn family(process: &str) -> Vec<String> {
    let names = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let all: Vec<(String, String)> = names.filter_map(|it| Some((status(&it, "PPid:")?, it))).collect();
    let mut family = vec![process.to_owned()];
    let mut at = 0;
    while at < family.len() {
        let children: Vec<String> = all.iter().filter(|(parent, _)| *parent == family[at]).map(|(_, it)| it.clone()).collect();
        family.extend(children);
        at += 1;
    }
    family
}

/// What Linux says of a process under this name.
fn status(process: &str, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| Some(line.strip_prefix(name)?.split_whitespace().next()?.to_owned()))
}

/// The process that has the wallet in `dir`, or had it last.
fn holder(dir: &Path) -> String {
    let said = fs::read_to_string(dir.join("wallet.lock")).unwrap_or_default();
    said.split(['(', ')']).nth(1).unwrap_or_default().to_owned()
}

fn is_held(dir: &Path) -> bool {
    fs::File::open(dir.join("wallet.lock")).is_ok_and(|file| file.try_lock().is_err())
}
