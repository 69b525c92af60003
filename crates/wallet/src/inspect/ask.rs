//! Asking for what files lack: one memory for a whole run, so that nobody is asked twice for the same document, whether it came or not,
//! and a budget for each file, so that a stranger's badge cannot make the program ask half the world.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use satchel_badge::evidence::{Evidence, Need};
use satchel_fetch::{Client, FetchError, MAX_ASKED_BY_ONE};

/// What was asked for in a run, and what came of it.
#[derive(Default)]
pub(crate) struct Asking {
    /// What is at hand, with all that was fetched.
    pub(crate) evidence: Evidence,
    /// Whoever was sent a request.
    pub(crate) asked: BTreeSet<String>,
    /// What could not be fetched, and why.
    pub(crate) failed: Vec<(Need, FetchError)>,
    in_vain: HashSet<Need>,
}

/// What was asked for one file, which ends in number.
#[derive(Clone, Default)]
pub(crate) struct Budget(HashSet<Need>);

impl Budget {
    /// Of so many files, for which nothing was asked yet.
    pub(crate) fn of(files: usize) -> Vec<Self> {
        vec![Self::default(); files]
    }
}

impl Asking {
    /// Begins with what is at hand.
    pub(crate) fn new(evidence: Evidence) -> Self {
        Self { evidence, ..Self::default() }
    }

    /// Fetches what some files lack. `needs` tells it of each, in their order, and is called again when there is more evidence; an
    /// empty list for all of them ends the asking.
    pub(crate) fn ask(
        &mut self,
        client: &Client,
        files: &mut [Budget],
        clock: impl Fn() -> Timestamp,
        mut needs: impl FnMut(&Evidence) -> Vec<Vec<Need>>,
    ) {
        let in_vain = &self.in_vain;
        let answered = satchel_fetch::answer(client, &mut self.evidence, clock, |evidence| {
            let mut all = Vec::new();
            for (needs, Budget(asked)) in needs(evidence).into_iter().zip(&mut *files) {
                for need in needs.into_iter().filter(|need| !in_vain.contains(need)) {
                    if asked.contains(&need) || asked.len() < MAX_ASKED_BY_ONE {
                        asked.insert(need.clone());
                        all.push(need);
                    }
                }
            }
            all
        });
        self.asked.extend(answered.asked_hosts);
        self.in_vain.extend(answered.failed.iter().map(|(need, _)| need.clone()));
        self.failed.extend(answered.failed);
    }
}
