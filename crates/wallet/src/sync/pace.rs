//! How long to wait after something failed: longer each time, and never all wallets of a server at the same moment. Randomness is handed in.

use std::time::Duration;

/// The first pause, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(5);

/// The pace of one account.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    failed: u32,
}

impl Pace {
    /// It worked: the next failure is a first one.
    pub fn worked(&mut self) {
        self.failed = 0;
    }

    /// It failed: how long to wait, between half of the pause and all of it, as `random` says.
    ///
    /// ```
    /// use satchel_wallet::sync::Pace;
    /// use std::time::Duration;
    /// let mut pace = Pace::default();
    /// assert_eq!(pace.failed(0), Duration::from_millis(500));
    /// assert_eq!(pace.failed(u32::MAX), Duration::from_secs(2));
    /// let later: Vec<Duration> = (0..20).map(|_| pace.failed(u32::MAX)).collect();
    /// assert_eq!(later.last(), Some(&Duration::from_secs(300)));
    /// ```
    pub fn failed(&mut self, random: u32) -> Duration {
        let pause = FIRST.saturating_mul(1 << self.failed.min(16)).min(LONGEST);
        self.failed = self.failed.saturating_add(1);
        pause.mul_f64(0.5 + 0.5 * f64::from(random) / f64::from(u32::MAX))
    }
}
