//! What a run reads, so that no report takes its place. A report is written by replacing what stands there, so what counts is the place
//! that a path leads to, in whatever spelling.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use satchel_badge::check::{Policy, check_opened};
use satchel_badge::container;
use satchel_badge::evidence::Evidence;
use satchel_badge::report::Verdict;

use super::output::{is_same, place};
use super::tally::is_unreadable;

/// The files that a run reads.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// Files and folders that are looked at.
    pub named: &'a [PathBuf],
    /// What is read besides, such as evidence and the list of trusted issuers.
    pub besides: &'a [PathBuf],
}

impl Inputs<'_> {
    /// Whether a file written to `output` would take the place of one that is read. Below a named folder that is any file with a badge, or
    /// one that cannot be read to tell; anything else there, such as an earlier report, may be replaced, and so may what is not there yet.
    pub fn hold(&self, output: &Path) -> bool {
        if fs::metadata(output).is_ok_and(|there| !there.is_file()) {
            // A pipe or a terminal keeps its place, and a folder is never written.
            return false;
        }
        let holds = |named: &PathBuf| if named.is_dir() { is_badge_below(named, output) } else { is_same(named, output) };
        self.named.iter().any(holds) || self.besides.iter().any(|besides| is_same(besides, output))
    }
}

fn is_badge_below(folder: &Path, output: &Path) -> bool {
    let is_below = fs::canonicalize(folder).is_ok_and(|folder| place(output).starts_with(folder));
    is_below && output.exists() && may_hold_badge(output).unwrap_or(true)
}

/// Whether a file holds a badge, however bad, or cannot be read to tell.
fn may_hold_badge(path: &Path) -> io::Result<bool> {
    if is_page(path)? {
        return Ok(false);
    }
    let opened = container::open(&mut BufReader::new(File::open(path)?))?;
    // Whether there is a badge depends on neither evidence nor time.
    let reports = check_opened(&opened, &Evidence::default(), &Policy::default(), Timestamp::UNIX_EPOCH);
    Ok(reports.iter().any(|report| report.verdict != Verdict::NoBadge || is_unreadable(report)))
}

/// Whether a file is a web page, as a long report is, which is too long to be told from a picture (SVG) by reading it.
fn is_page(path: &Path) -> io::Result<bool> {
    const BEGIN: &[u8] = b"<!doctype html";
    let mut head = Vec::new();
    File::open(path)?.take(BEGIN.len() as u64).read_to_end(&mut head)?;
    Ok(head.eq_ignore_ascii_case(BEGIN))
}
