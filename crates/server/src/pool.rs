//! Work that keeps a processor busy (hashing a password, checking a badge, baking a picture): beside the requests, as many at a time as
//! there are processors, so that it never holds up the answers that need none.

use std::sync::Arc;
use std::time::Duration;

use satchel_protocol::{Code, Problem};
use tokio::sync::Semaphore;

/// How long work may wait for its turn before whoever asked is told to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// Places for work.
#[derive(Clone)]
pub struct Pool {
    places: Arc<Semaphore>,
}

impl Default for Pool {
    fn default() -> Self {
        let places = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { places: Arc::new(Semaphore::new(places)) }
    }
}

impl Pool {
    /// Does some work, away from the threads that carry requests.
    ///
    /// # Errors
    /// That too much waits.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let waited = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let Ok(Ok(place)) = waited else { return Err(Code::Busy.into()) };
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        task.await.map_err(|_| Problem::bare(Code::Internal))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn no_more_is_done_at_a_time_than_there_are_processors() {
        let pool = Pool::default();
        let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let start = |_| {
            let (pool, under_way, most) = (pool.clone(), Arc::clone(&under_way), Arc::clone(&most));
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    under_way.fetch_sub(1, Ordering::SeqCst);
                };
                pool.run(work).await
            })
        };
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        for task in (0..20 + 4 * processors).map(start).collect::<Vec<_>>() {
            assert!(task.await.unwrap().is_ok());
        }
        assert_eq!(most.load(Ordering::SeqCst), processors);
    }
}
