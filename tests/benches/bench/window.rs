//! How soon the window is there, beside an empty window of Tauri, and what it takes of memory. `--window` measures these alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use satchel_tests::window::{Desktop, Window, program};
use satchel_wallet::{Access, Candidate};

use crate::measure::row;
use crate::wallet::badge;

/// Turns in which both are started.
const TURNS: usize = 7;

/// Badges of a full wallet.
const BADGES: usize = 10_000;

/// When the first words were on the screen.
const WORDS: &str = "return performance.getEntriesByType('paint').length > 0
    && performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime";

/// When the first badges are found to be there.
const BADGE: &str = "return document.querySelector('[role=option]') && Date.now()";

pub fn run() {
    let empty = program().with_file_name("examples").join("empty");
    let (few, many, bare) = (Desktop::new(), Desktop::new(), Desktop::new());
    fill(&few, 12);
    fill(&many, BADGES);
    let mut all = [(&bare, empty), (&few, program()), (&many, program())]
        .map(|(desktop, program)| (desktop, program, Vec::new(), Vec::new(), 0));
    for _ in 0..TURNS {
        for (desktop, program, words, badges, memory) in &mut all {
            let window = desktop.open_program(program, &[]);
            words.push(when(&window, program, WORDS));
            if desktop.wallet().exists() {
                badges.push(when(&window, program, BADGE));
            }
            *memory = rss(program).max(*memory);
            window.quit(&desktop.wallet());
        }
    }
    let [bare, few, many] = all.map(|(_, _, words, badges, memory)| (median(words), median(badges), memory));
    row("window: its first words, 12 badges (wall, median)", few.0, Some(bare.0), "1.1");
    row("  its first badges are there", few.1, Some(bare.0), "-");
    row(&format!("window: its first words, {BADGES} badges"), many.0, Some(bare.0), "1.1");
    row("  its first badges are there", many.1, Some(bare.0), "-");
    for (what, memory) in [("empty", bare.2), ("12 badges", few.2), ("10,000 badges", many.2)] {
        println!("{:<52} {:>12}", format!("window: memory of the program, {what}"), format!("{:.1} MB", memory as f64 / 1e3));
    }
}

/// Makes the wallet of a person who has this desktop: what is derived from a stranger's wallet is made anew at each start (security.md, V06).
fn fill(desktop: &Desktop, count: usize) {
    let now = Timestamp::now();
    let own = desktop.at(".config/satchel/wallets");
    let access = Access { own: Some(&own), passphrases: None };
    let mut wallet = access.open_or_create(&desktop.wallet(), now).expect("a wallet");
    let mut importer = wallet.importer(None, now);
    let all: Vec<usize> = (0..count).collect();
    for batch in all.chunks(500) {
        let batch: Vec<Candidate> = batch.iter().map(|number| Candidate::of_bytes("a.json", badge(*number).as_bytes())).collect();
        importer.take(&batch).expect("they are kept");
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Seconds from the start of the process to what a script tells the time of.
fn when(window: &Window, program: &Path, script: &str) -> f64 {
    let started = started(&process(program));
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(shown) = window.run(script, &[]).ok().and_then(|shown| shown.as_f64()) {
            return shown / 1e3 - started;
        }
        assert!(Instant::now() < end, "nothing is shown");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The folder of the process that runs a program, under `/proc`.
fn process(program: &Path) -> PathBuf {
    let program = program.canonicalize().expect("the program is built");
    let all = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok).map(|entry| entry.path());
    let mut running = all.filter(|path| fs::read_link(path.join("exe")).is_ok_and(|exe| exe == program));
    running.next().expect("it runs")
}

/// When a process started, in seconds since 1970 (`/proc`, 100 ticks a second on Linux).
fn started(process: &Path) -> f64 {
    let stat = fs::read_to_string(process.join("stat")).expect("it runs");
    let ticks: f64 = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(19)?.parse().ok()).expect("a start");
    let up: f64 =
        fs::read_to_string("/proc/uptime").expect("Linux").split(' ').next().and_then(|up| up.parse().ok()).expect("a time");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
    now - up + ticks / 100.0
}

/// Kilobytes that a program holds in memory.
fn rss(program: &Path) -> u64 {
    let text = fs::read_to_string(process(program).join("status")).expect("it runs");
    let held = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    held.expect("a size")
}
