//! Who waits for changes, and is woken. Several replicas and the operator's commands share a database, so what changed is looked up there:
//! one query for all who wait, as long as somebody does, at once when this server wrote something and every quarter of a second in any
//! case. A wake is a hint; whoever is woken reads the feed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use satchel_protocol::{Code, Id, Problem};
use tokio::sync::{Notify, watch};

use crate::state::{App, now};
use crate::store::{feed, tombstone};

/// How often it is looked for what others wrote.
const EVERY: Duration = Duration::from_millis(250);

/// How long after a look there is none, at least, so that a thousand writes a second are not a thousand looks; and how many times as long as
/// the look took.
const GATHER: Duration = Duration::from_millis(2);
const REST: u32 = 4;

/// How far back: longer than a transaction takes, and than clocks of replicas differ.
const BACK: SignedDuration = SignedDuration::from_secs(5);

/// How many may wait at a time for one device and for one account; of more, the oldest gives way, which may be one whose other end is gone.
const OF_DEVICE: usize = 4;
const OF_ACCOUNT: usize = 64;

/// Those who wait, by their feeds.
pub struct Waiting {
    feeds: Mutex<HashMap<Id, watch::Sender<i64>>>,
    places: Arc<Mutex<Places>>,
    most: usize,
}

/// Who waits, by the accounts, the oldest first.
#[derive(Default)]
struct Places {
    all: usize,
    number: u64,
    by: HashMap<Id, Vec<Taken>>,
}

struct Taken {
    number: u64,
    device: Id,
    end: Arc<Notify>,
}

impl Places {
    fn remove(&mut self, account: Id, is: impl Fn(&Taken) -> bool) -> Option<Taken> {
        let own = self.by.get_mut(&account)?;
        let taken = own.remove(own.iter().position(is)?);
        self.all -= 1;
        if own.is_empty() {
            self.by.remove(&account);
        }
        Some(taken)
    }
}

/// The place of one who waits, until it is dropped.
pub struct Place {
    places: Arc<Mutex<Places>>,
    account: Id,
    number: u64,
    end: Arc<Notify>,
}

impl Place {
    /// Waits until it is to be given up.
    pub async fn given_up(&self) {
        self.end.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.remove(self.account, |it| it.number == self.number);
    }
}

impl Waiting {
    /// Nobody yet, and at most so many.
    pub fn new(most: usize) -> Self {
        Self { feeds: Mutex::default(), places: Arc::default(), most: most.max(1) }
    }

    /// Takes a place for a device of an account.
    ///
    /// # Errors
    /// [`Code::Busy`] when too many wait.
    pub fn take(&self, account: Id, device: Id) -> Result<Place, Problem> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let own = places.by.get(&account).map_or(&[][..], Vec::as_slice);
        let oldest = if own.iter().filter(|it| it.device == device).count() >= OF_DEVICE {
            own.iter().find(|it| it.device == device).map(|it| it.number)
        } else {
            own.first().filter(|_| own.len() >= OF_ACCOUNT).map(|it| it.number)
        };
        if let Some(taken) = oldest.and_then(|oldest| places.remove(account, |it| it.number == oldest)) {
            taken.end.notify_one();
        }
        if places.all >= self.most {
            return Err(Code::Busy.into());
        }
        places.all += 1;
        places.number += 1;
        let (number, end) = (places.number, Arc::new(Notify::new()));
        places.by.entry(account).or_default().push(Taken { number, device, end: Arc::clone(&end) });
        Ok(Place { places: Arc::clone(&self.places), account, number, end })
    }

    /// Has those give up their places who wait for these accounts.
    fn end(&self, accounts: &[Id]) {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().filter_map(|account| places.by.get(account)).flatten().for_each(|it| it.end.notify_one());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Id, watch::Sender<i64>>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for changes of a feed. What is received is the number of the last one; the end is that of the server.
    pub fn join(&self, feed: Id) -> watch::Receiver<i64> {
        self.lock().entry(feed).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    fn is_empty(&self) -> bool {
        let mut waiting = self.lock();
        waiting.retain(|_, sender| sender.receiver_count() > 0);
        waiting.is_empty()
    }

    fn wake(&self, feeds: &[(Id, i64)]) {
        let waiting = self.lock();
        for (feed, head) in feeds {
            if let Some(sender) = waiting.get(feed) {
                sender.send_if_modified(|known| {
                    let news = *head > *known;
                    *known = (*known).max(*head);
                    news
                });
            }
        }
    }

    /// Sends everybody away.
    fn close(&self) {
        self.lock().clear();
    }
}

/// Runs until the server stops.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let began = Instant::now();
        if !app.waiting.is_empty() {
            let since = now() - BACK;
            // With an account its feed is gone, and says nothing any more.
            match app.store.read(move |tx| Ok((feed::heads_since(tx, since)?, tombstone::accounts_since(tx, since)?))).await {
                Ok((feeds, gone)) => {
                    app.waiting.wake(&feeds);
                    app.waiting.end(&gone);
                }
                Err(error) => tracing::error!(%error, "nobody could be woken"),
            }
        }
        tokio::time::sleep(GATHER.max(began.elapsed() * REST)).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.store.written.notified() => {}
            _ = stop.changed() => {}
        }
    }
    app.waiting.close();
}
