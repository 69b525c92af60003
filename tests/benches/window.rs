//! The window beside an empty window of the same Tauri: how long until all is on the screen, what it holds in memory, and how long frames take
//! while somebody scrolls through ten thousand badges. `cargo xtask bench` builds both and starts this; `docs/performance.md` says what the figures
//! should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::cast_precision_loss, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use satchel_tests::picture;
use satchel_tests::window::{Desktop, family};
use serde_json::{Value, json};

/// Starts of each window, taken in turns.
const STARTS: usize = 7;

/// Badges of the large wallet.
const BADGES: usize = 10_000;

/// Nothing has changed on the screen for so long: all is there.
const STILL: Duration = Duration::from_millis(1500);

fn main() {
    let release = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let (ours, empty) = (release.join("satchel-desktop"), release.join("empty-window"));
    assert!(ours.is_file() && empty.is_file(), "`cargo xtask bench` builds both");
    let (bare, small, large) = (Desktop::new(), Desktop::new(), Desktop::new());
    fill(&large, &release.join("satchel"));
    // The first start of each reads what no later one reads again, and makes the wallet.
    for (desktop, program) in [(&bare, &empty), (&small, &ours), (&large, &ours)] {
        start(desktop, program);
    }
    let mut all: [Vec<Start>; 3] = Default::default();
    for _ in 0..STARTS {
        for (at, (desktop, program)) in [(&bare, &empty), (&small, &ours), (&large, &ours)].into_iter().enumerate() {
            all[at].push(start(desktop, program));
        }
    }
    println!("{:<44} {:>10} {:>10} {:>10}", "median of 7 starts", "on screen", "CPU", "memory");
    let names = ["an empty Tauri window", "Satchel, nothing in the wallet", "Satchel, 10,000 badges"];
    let medians =
        all.map(|starts| [median(&starts, |it| it.wall), median(&starts, |it| it.cpu), median(&starts, |it| it.memory)]);
    for (name, [wall, cpu, memory]) in names.iter().zip(&medians) {
        println!("{name:<44} {:>7.0} ms {:>7.0} ms {:>7.1} MB", wall * 1e3, cpu * 1e3, memory);
    }
    for (name, of) in names.iter().zip(&medians).skip(1) {
        let ratio = |at: usize| of[at] / medians[0][at];
        println!("{:<44} {:>10.2} {:>10.2} {:>10.2}   goal 1.1", format!("  beside it: {name}"), ratio(0), ratio(1), ratio(2));
    }
    scroll(&large, &ours);
}

/// A wallet with ten thousand badges, each in a picture of its own.
fn fill(desktop: &Desktop, satchel: &Path) {
    for number in 0..BADGES {
        let badge = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": format!("Award number {number} for showing how it is done"),
            "issuer": { "id": format!("https://school-{}.example", number % 40), "type": ["Profile"], "name": format!("School {}", number % 40) },
            "validFrom": format!("20{:02}-01-01T00:00:00Z", 10 + number % 15),
            "credentialSubject": { "type": ["AchievementSubject"], "achievement": { "type": ["Achievement"], "name": "Award" } },
        });
        let png = picture::png(&[picture::badge("openbadgecredential", &badge.to_string())]);
        desktop.file(&format!("all/{number:05}.png"), png);
    }
    let mut import = Command::new(satchel);
    import.args(["wallet", "import", "--offline", "--json", "--wallet"]).arg(desktop.wallet()).arg(desktop.at("all"));
    assert!(import.output().unwrap().status.success(), "the badges are imported");
}

/// One start.
struct Start {
    /// Seconds until the last change on the screen.
    wall: f64,
    /// Seconds of CPU of all its processes until then and while nothing changed.
    cpu: f64,
    /// MB that are its own, of all its processes; what is shared counts in parts.
    memory: f64,
}

fn start(desktop: &Desktop, program: &Path) -> Start {
    let before = desktop.screen();
    let begun = Instant::now();
    let mut child = desktop.start(program, &[]);
    let (mut last, mut changed, mut seen) = (before, begun, false);
    while !seen || changed.elapsed() < STILL {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing comes on the screen");
        std::thread::sleep(Duration::from_millis(4));
        let now = desktop.screen();
        if now != last {
            (last, changed, seen) = (now, Instant::now(), true);
        }
    }
    let all = family(&child.id().to_string());
    let start = Start {
        wall: (changed - begun).as_secs_f64(),
        cpu: all.iter().map(|process| cpu(process)).sum(),
        memory: all.iter().map(|process| memory(process)).sum(),
    };
    child.kill().unwrap();
    child.wait().unwrap();
    // Its pages end with it.
    while all.iter().any(|process| Path::new("/proc").join(process).exists()) {
        std::thread::sleep(Duration::from_millis(20));
    }
    start
}

/// Seconds of CPU of a process (`/proc`, 100 ticks a second on Linux).
fn cpu(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(") ").next().unwrap_or_default().split(' ').filter_map(|field| field.parse().ok()).collect();
    // The state, which is no number, is left out: utime and stime are the 14th and 15th of all.
    fields.iter().skip(10).take(2).sum::<f64>() / 100.0
}

fn memory(process: &str) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    pss.unwrap_or_default() / 1024.0
}

fn median(starts: &[Start], of: impl Fn(&Start) -> f64) -> f64 {
    let mut all: Vec<f64> = starts.iter().map(of).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// A scripted scroll from the first badge to the last, as `ui/tests/frames.mjs` does it in Chromium.
fn scroll(desktop: &Desktop, program: &Path) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ui/tests/scroll.js");
    let script = fs::read_to_string(script).unwrap();
    let window = desktop.open_program(program, &[]);
    window.gives("return document.querySelectorAll('[role=option]').length > 5", &json!(true));
    let result = window.run(&format!("return await ({})(6)", script.trim_end().trim_end_matches(';')), &[]).unwrap();
    let mut frames: Vec<f64> = result["frames"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    frames.sort_by(f64::total_cmp);
    let at = |percent: usize| frames[(frames.len() * percent / 100).min(frames.len() - 1)];
    println!(
        "scroll through 10,000 badges in WebKit: {} frames, median {:.1} ms, p99 {:.1} ms, longest {:.1} ms   goal p99 32 ms",
        frames.len(),
        at(50),
        at(99),
        at(100)
    );
    window.quit(&desktop.wallet());
}
