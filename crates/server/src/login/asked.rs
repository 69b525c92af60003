//! What several want to know at a time is asked once, and the answer, be it that there is none, is for all of them. Whoever goes away while it is
//! asked takes nothing along: another one of them asks. Never here: a lock that is held while an answer is awaited.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

/// An answer, and when it was asked for.
type Cell<T> = Arc<OnceCell<(Instant, T)>>;

/// Answers by what was asked.
pub struct Asked<T>(Mutex<HashMap<String, Cell<T>>>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Asked<T> {
    /// The answer that is known, when it is younger than `most` and worth keeping; else the one that comes.
    pub async fn get<F: Future<Output = T>>(
        &self,
        what: &str,
        most: Duration,
        keeps: impl Fn(&T) -> bool,
        ask: impl FnOnce() -> F,
    ) -> T {
        let cell = self.cell(what, |at, answer| at.elapsed() < most && keeps(answer));
        cell.get_or_init(async || (Instant::now(), ask().await)).await.1.clone()
    }

    /// Where the answer is, or comes.
    fn cell(&self, what: &str, holds: impl Fn(Instant, &T) -> bool) -> Cell<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(what).filter(|cell| cell.get().is_none_or(|(at, answer)| holds(*at, answer)));
        if let Some(cell) = known {
            return Arc::clone(cell);
        }
        let cell = Cell::default();
        all.insert(what.to_owned(), Arc::clone(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tokio::sync::oneshot::{Receiver, Sender, channel};

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    /// Whoever answers does so when the test says so; how often it was asked is how many answers are waited for.
    #[derive(Default)]
    struct Source(RefCell<Vec<Sender<u8>>>);

    impl Source {
        fn ask(&self) -> Receiver<u8> {
            let (sender, receiver) = channel();
            self.0.borrow_mut().push(sender);
            receiver
        }

        fn times(&self) -> usize {
            self.0.borrow().len()
        }

        fn answer(&self, value: u8) {
            self.0.borrow_mut().pop().unwrap().send(value).unwrap();
        }
    }

    async fn get(asked: &Asked<u8>, source: &Source, most: Duration) -> u8 {
        asked.get("one", most, |answer| *answer > 0, async || source.ask().await.unwrap()).await
    }

    /// Goes on with one of them as far as it goes.
    fn step<T>(one: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match one.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    #[test]
    fn what_several_want_at_a_time_is_asked_once() {
        let (asked, source) = (Asked::default(), Source::default());
        let (mut one, mut two, mut three) =
            (pin!(get(&asked, &source, HOUR)), pin!(get(&asked, &source, HOUR)), pin!(get(&asked, &source, Duration::ZERO)));
        assert_eq!((step(one.as_mut()), step(two.as_mut()), step(three.as_mut())), (None, None, None));
        assert_eq!(source.times(), 1);
        source.answer(7);
        assert_eq!((step(one), step(two), step(three)), (Some(7), Some(7), Some(7)));
        assert_eq!(step(pin!(get(&asked, &source, HOUR))), Some(7), "and is known from then on");
        assert_eq!(source.times(), 0);
    }

    #[test]
    fn whoever_goes_away_neither_answers_nor_holds_up_the_others() {
        let (asked, source) = (Asked::default(), Source::default());
        let mut two = pin!(get(&asked, &source, HOUR));
        {
            let mut gone = Box::pin(get(&asked, &source, HOUR));
            assert_eq!((step(gone.as_mut()), step(two.as_mut())), (None, None));
            assert_eq!(source.times(), 1);
        }
        assert_eq!(step(two.as_mut()), None);
        assert_eq!(source.times(), 2, "another one asks");
        source.answer(7);
        assert_eq!(step(two), Some(7));
    }

    #[test]
    fn an_answer_that_is_old_or_worth_nothing_is_asked_for_again() {
        let (asked, source) = (Asked::default(), Source::default());
        for (most, value) in [(HOUR, 0), (HOUR, 7), (Duration::ZERO, 8)] {
            let mut one = pin!(get(&asked, &source, most));
            assert_eq!(step(one.as_mut()), None, "{value}");
            source.answer(value);
            assert_eq!(step(one), Some(value));
        }
    }
}
