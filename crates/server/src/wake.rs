//! Who waits for changes, and is woken. Several replicas and the operator's commands share a database, so what changed is looked up there:
//! one query for all who wait, as long as somebody does, at once when this server wrote something and every quarter of a second in any
//! case. A wake is a hint; whoever is woken reads the feed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use satchel_protocol::Id;
use tokio::sync::watch;

use crate::state::{App, now};
use crate::store::feed;

/// How often it is looked for what others wrote.
const EVERY: Duration = Duration::from_millis(250);

/// How long after a look there is none, at least, so that a thousand writes a second are not a thousand looks; and how many times as long as
/// the look took.
const GATHER: Duration = Duration::from_millis(2);
const REST: u32 = 4;

/// How far back: longer than a transaction takes, and than clocks of replicas differ.
const BACK: SignedDuration = SignedDuration::from_secs(5);

/// Those who wait, by their feeds.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<Id, watch::Sender<i64>>>);

impl Waiting {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Id, watch::Sender<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            match app.store.read(move |tx| Ok(feed::heads_since(tx, since)?)).await {
                Ok(feeds) => app.waiting.wake(&feeds),
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
