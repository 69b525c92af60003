//! CPU time of this thread and of a child, and the rows of the table.

use std::fs;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Seconds of CPU that this thread has used.
fn cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default();
    nanoseconds / 1e9
}

/// Seconds of CPU for one call of `run`, after a few to warm up.
pub fn each(times: usize, mut run: impl FnMut()) -> f64 {
    let warm = if times > 1_000 { 0 } else { 3 };
    (0..warm).for_each(|_| run());
    let start = cpu();
    (0..times).for_each(|_| run());
    (cpu() - start) / times as f64
}

/// Seconds of CPU for one call of each of two, taken in turns, so that neither finds a better machine.
pub fn pair(times: usize, mut ours: impl FnMut(), mut floor: impl FnMut()) -> (f64, f64) {
    let (mut of_ours, mut of_floor) = (0.0, 0.0);
    for _ in 0..times {
        let start = cpu();
        ours();
        let between = cpu();
        floor();
        of_ours += between - start;
        of_floor += cpu() - between;
    }
    (of_ours / times as f64, of_floor / times as f64)
}

/// What a child came to.
pub struct Run {
    pub status: ExitStatus,
    /// Seconds.
    pub wall: f64,
    /// Seconds of all its threads.
    pub cpu: f64,
    pub peak_kib: u64,
}

/// Seconds of CPU of all children so far (`/proc`, 100 ticks a second on Linux).
fn children() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields: Vec<f64> = after_name.split(' ').skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

/// Runs a child to its end.
pub fn child(command: &mut Command) -> Run {
    let before = children();
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            break status;
        }
        if let Ok(text) = fs::read_to_string(&status_file) {
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
            peak_kib = peak_kib.max(peak.unwrap_or_default());
        }
        thread::sleep(Duration::from_micros(if start.elapsed().as_millis() < 100 { 200 } else { 5_000 }));
    };
    Run { status, wall: start.elapsed().as_secs_f64(), cpu: children() - before, peak_kib }
}

/// A time with three digits.
pub fn time(seconds: f64) -> String {
    match seconds {
        long if long >= 1.0 => format!("{long:.2} s"),
        middle if middle >= 1e-3 => format!("{:.2} ms", middle * 1e3),
        short => format!("{:.1} µs", short * 1e6),
    }
}

/// One row of the table.
pub fn row(name: &str, ours: f64, floor: Option<f64>, goal: &str) {
    let (floor_text, ratio) = match floor {
        Some(floor) => (time(floor), format!("{:.2}", ours / floor)),
        None => (String::new(), String::new()),
    };
    println!("{name:<52} {:>12} {floor_text:>12} {ratio:>8}   {goal}", time(ours));
}
