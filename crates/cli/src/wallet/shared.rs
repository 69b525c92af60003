//! The wallet of a command that waits for the network: open while something is done with it, and let go when nothing was for a moment, so that others
//! get at it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use satchel_wallet::sync::Door;
use satchel_wallet::{Wallet, WalletError};

use super::Desk;

/// After this long without use the wallet is let go. A server that answers at once does not have it opened anew for each answer.
const UNUSED: Duration = Duration::from_millis(300);

/// How long a sync waits for another command that has the wallet meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a wallet, and waits so long for whoever has it.
pub fn open(patience: Duration, open: impl Fn() -> Result<Wallet, WalletError>) -> Result<Wallet, WalletError> {
    let began = Instant::now();
    loop {
        match open() {
            Err(WalletError::Locked { .. }) if began.elapsed() < patience => thread::sleep(PAUSE),
            opened => return opened,
        }
    }
}

/// A wallet that is shared with other programs.
pub struct Shared<'a> {
    desk: &'a Desk,
    now: Mutex<State>,
    changed: Condvar,
}

struct State {
    wallet: Option<Wallet>,
    used: Instant,
    has_ended: bool,
}

impl<'a> Shared<'a> {
    /// Does work that needs the wallet of this desk now and then.
    pub fn during<T>(desk: &'a Desk, work: impl FnOnce(&Self) -> T) -> T {
        let state = State { wallet: None, used: Instant::now(), has_ended: false };
        let shared = Self { desk, now: Mutex::new(state), changed: Condvar::new() };
        thread::scope(|scope| {
            scope.spawn(|| shared.let_go());
            let _end = End(&shared);
            work(&shared)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the wallet go each time that it was not used for a while, until the work has ended.
    fn let_go(&self) {
        let mut state = self.lock();
        while !state.has_ended {
            let left = UNUSED.saturating_sub(state.used.elapsed());
            if state.wallet.is_none() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else if left.is_zero() {
                state.wallet = None;
            } else {
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

/// The end of the work, however it comes.
struct End<'a, 'b>(&'a Shared<'b>);

impl Drop for End<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        (state.wallet, state.has_ended) = (None, true);
        self.0.changed.notify_all();
    }
}

impl Door for Shared<'_> {
    fn with<T>(&self, work: impl FnOnce(&mut Wallet) -> Result<T, WalletError>) -> Result<T, WalletError> {
        let mut state = self.lock();
        if state.wallet.is_none() {
            state.wallet = Some(open(PATIENCE, || self.desk.access().open(&self.desk.dir, Timestamp::now()))?);
            self.changed.notify_all();
        }
        // It was opened just now, where it was not open.
        let done = state.wallet.as_mut().map(work);
        state.used = Instant::now();
        done.unwrap_or_else(|| Err(WalletError::Failed(String::from("the wallet is not open"))))
    }
}
