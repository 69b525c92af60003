//! How far a run over files is, as the window is told, and what would become of what it found.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use satchel_wallet::{BadgeId, Shelf};

use crate::ipc;
use crate::problem::Problem;
use crate::state::App;

/// What would become of these, were they kept.
pub fn fates(app: &App, ids: &[Option<BadgeId>]) -> Result<Vec<ipc::Fate>, Problem> {
    if ids.iter().all(Option::is_none) {
        return Ok(vec![ipc::Fate::Refused; ids.len()]);
    }
    app.wallet(|wallet, _| {
        let fate = |id: &Option<BadgeId>| {
            let Some(id) = id else { return Ok(ipc::Fate::Refused) };
            Ok(match wallet.shelf(*id)? {
                Some(Shelf::Kept) => ipc::Fate::Here,
                Some(Shelf::Bin) => ipc::Fate::Bin,
                None => ipc::Fate::New,
            })
        };
        ids.iter().map(fate).collect()
    })
}

/// Files, counted beside.
#[derive(Default)]
pub struct Counted {
    /// How many so far.
    pub files: AtomicU32,
    /// Whether these are all.
    pub known: AtomicBool,
    /// Nobody wants to know any more.
    pub stop: AtomicBool,
}

/// What was told so far.
pub struct Told {
    /// Files that are done.
    pub done: u32,
    /// Whoever was asked.
    pub asked: BTreeSet<String>,
}

impl Told {
    /// What comes next.
    pub fn progress(&self, counted: &Counted, rows: Vec<ipc::Inspected>, finished: bool) -> ipc::Progress {
        let total = counted.known.load(Ordering::Acquire).then(|| counted.files.load(Ordering::Relaxed));
        let asked = self.asked.iter().cloned().collect();
        // An archive is counted as one file until it is opened.
        let total = total.map(|total| total.max(self.done));
        ipc::Progress { done: self.done, total, rows, finished, cancelled: false, asked }
    }
}
