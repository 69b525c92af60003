//! Staying in step with a server: a sync after each change there (one request waits for it), after each thing that was done here, and after a pause
//! where something failed.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::run::Synced;
use super::{Pace, SyncError};

/// How far two questions are apart at least, where the answer to the first came at once: there are things in between that do not wait.
const APART: Duration = Duration::from_secs(5);

/// What makes it sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// Something was done here, or its owner asks for it.
    Now,
    /// Something changed at the server.
    Changed,
    /// Whoever waited for changes cannot go on.
    Trouble,
    /// No more.
    Stop,
}

/// An account that is kept in step.
pub struct Watch<'a> {
    /// Syncs once.
    pub sync: &'a mut dyn FnMut() -> Result<Synced, SyncError>,
    /// Waits for a change after a cursor ([`super::Remote::wait`]).
    pub wait: &'a (dyn Fn(i64) -> Result<bool, SyncError> + Sync),
    /// Randomness for the pauses.
    pub random: &'a dyn Fn() -> u32,
    /// Hears what each sync came to, and how long it will be until the next try.
    pub tell: &'a mut dyn FnMut(Result<Synced, SyncError>, Option<Duration>),
}

impl Watch<'_> {
    /// Goes on until [`Nudge::Stop`] comes, and a request that still waits then has come to its end.
    pub fn run(self, nudges: &Receiver<Nudge>, to_self: Sender<Nudge>) {
        let Self { sync, wait, random, tell } = self;
        let (cursors, to_wait_from) = channel();
        thread::scope(|scope| {
            scope.spawn(move || wait_for_changes(wait, &to_wait_from, &to_self));
            let mut pace = Pace::default();
            loop {
                let done = sync();
                let cursor = done.as_ref().ok().map(|done| done.cursor);
                let pause = match &done {
                    Ok(_) => None,
                    Err(error) if error.retry() => Some(pace.failed((random)()).min(error.patience())),
                    // Somebody has to do something first.
                    Err(_) => Some(Duration::MAX),
                };
                tell(done, pause.filter(|pause| *pause < Duration::MAX));
                if let Some(cursor) = cursor {
                    pace.worked();
                    // Whoever waited has ended only when all of this has.
                    let _ = cursors.send(cursor);
                }
                let nudge = match pause {
                    Some(pause) if pause < Duration::MAX => nudges.recv_timeout(pause),
                    _ => nudges.recv().map_err(RecvTimeoutError::from),
                };
                let nudge = match nudge {
                    Ok(Nudge::Trouble) => match nudges.recv_timeout(pace.failed((random)())) {
                        Err(RecvTimeoutError::Timeout) => Ok(Nudge::Now),
                        nudge => nudge,
                    },
                    Err(RecvTimeoutError::Timeout) => Ok(Nudge::Now),
                    nudge => nudge,
                };
                if matches!(nudge, Ok(Nudge::Stop) | Err(_)) {
                    // The one that waits ends with its channel.
                    drop(cursors);
                    return;
                }
            }
        });
    }
}

fn wait_for_changes(wait: &dyn Fn(i64) -> Result<bool, SyncError>, cursors: &Receiver<i64>, to: &Sender<Nudge>) {
    let mut changed = None;
    while let Ok(mut cursor) = cursors.recv() {
        let nudge = loop {
            while let Ok(newer) = cursors.try_recv() {
                cursor = newer;
            }
            let asked = Instant::now();
            match wait(cursor) {
                Ok(false) => match cursors.recv_timeout(APART.saturating_sub(asked.elapsed())) {
                    Ok(newer) => cursor = newer,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                // It said so before, and there was nothing to be read.
                Ok(true) if changed == Some(cursor) => break Nudge::Trouble,
                Ok(true) => {
                    changed = Some(cursor);
                    break Nudge::Changed;
                }
                Err(_) => break Nudge::Trouble,
            }
        };
        if to.send(nudge).is_err() {
            return;
        }
    }
}
