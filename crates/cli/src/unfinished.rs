//! What a signal leaves behind: nothing. A file that is being written stands under a name of its own until it is whole; when the program is
//! told to end (SIGINT, SIGTERM), those are taken away first, and then it ends as if it had not listened.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use satchel_wallet::inspect::Output;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::output::unwritable;
use crate::problem::Problem;

/// The files that were begun.
#[derive(Clone, Default)]
pub struct Unfinished(Arc<Mutex<Vec<PathBuf>>>);

impl Unfinished {
    /// None yet, and a thread that waits for signals. Where the system gives none, files are written all the same.
    pub fn watched() -> Self {
        let begun = Self::default();
        if let Ok(signals) = Signals::new([SIGINT, SIGTERM]) {
            let watched = begun.clone();
            thread::spawn(move || watched.wait(signals));
        }
        begun
    }

    /// Begins a file that appears under its name when it is finished.
    pub fn create(&self, path: &Path) -> Result<Output, Problem> {
        // No signal comes between the file and its being known.
        let mut begun = self.lock();
        let output = Output::create(path).map_err(|error| unwritable(path, &error))?;
        begun.extend(output.unfinished().map(Path::to_owned));
        Ok(output)
    }

    fn wait(&self, mut signals: Signals) {
        for signal in signals.forever() {
            let begun = self.lock();
            for path in begun.iter() {
                // One that was finished is not there any more.
                let _ = fs::remove_file(path);
            }
            let _ = emulate_default_handler(signal);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
