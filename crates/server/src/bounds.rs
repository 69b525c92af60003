//! What strangers and programs may have this server hold at a time: bodies of requests that are under way, and changes of one account
//! within an hour. What is counted here is counted in memory, by each server for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::StreamExt;
use satchel_protocol::{Code, Id, Problem};

/// Bytes of large bodies that are under way or being worked on, of everybody and of one sender.
const ALL: usize = 256 << 20;
const EACH: usize = 64 << 20;

/// Large bodies that are under way.
#[derive(Default)]
pub struct Bodies(Mutex<Held>);

#[derive(Default)]
struct Held {
    all: usize,
    by: HashMap<String, usize>,
}

/// What one body takes of them, until it is dropped.
pub struct Share {
    bodies: Arc<Bodies>,
    who: String,
    bytes: usize,
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Share {
    /// Nothing yet, of a body of this sender.
    pub fn new(bodies: &Arc<Bodies>, who: &str) -> Self {
        Self { bodies: Arc::clone(bodies), who: who.to_owned(), bytes: 0 }
    }

    /// Takes so many bytes more.
    ///
    /// # Errors
    /// [`Code::Busy`] when there is no room for them now.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let mut held = lock(&self.bodies.0);
        let own = held.by.get(&self.who).copied().unwrap_or_default();
        if held.all + bytes > ALL || own + bytes > EACH {
            return Err(Code::Busy.into());
        }
        held.all += bytes;
        held.by.insert(self.who.clone(), own + bytes);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = lock(&self.bodies.0);
        held.all -= self.bytes;
        let own = held.by.get(&self.who).copied().unwrap_or_default() - self.bytes;
        if own == 0 {
            held.by.remove(&self.who);
        } else {
            held.by.insert(self.who.clone(), own);
        }
    }
}

/// Reads a body of at most so many bytes; whoever sends it is known by then.
///
/// # Errors
/// [`Code::TooLarge`], [`Code::Busy`], or that it did not come whole.
pub async fn read(bodies: &Arc<Bodies>, who: &str, body: Body, most: usize) -> Result<(Bytes, Share), Problem> {
    let large = || Problem::new(Code::TooLarge, [format!("{} MB", most >> 20)]);
    if body.size_hint().lower() > most as u64 {
        return Err(large());
    }
    let (mut share, mut bytes) = (Share::new(bodies, who), Vec::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::BadRequest, [String::from("the body did not come whole")]))?;
        if bytes.len() + chunk.len() > most {
            return Err(large());
        }
        share.grow(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes.into(), share))
}

/// How long is counted.
const HOUR: Duration = Duration::from_hours(1);

/// How often something was done within an hour, by what it is and for whom.
pub struct Rates(Mutex<(Instant, Counts)>);

type Counts = HashMap<(&'static str, Id), u32>;

impl Default for Rates {
    fn default() -> Self {
        Self(Mutex::new((Instant::now(), HashMap::new())))
    }
}

impl Rates {
    /// Counts it once more.
    ///
    /// # Errors
    /// [`Code::TooMany`] when it was done that often.
    pub fn count(&self, what: &'static str, whose: Id, most: u32) -> Result<(), Problem> {
        let mut counted = lock(&self.0);
        if counted.0.elapsed() > HOUR {
            *counted = (Instant::now(), HashMap::new());
        }
        let count = counted.1.entry((what, whose)).or_default();
        *count = count.saturating_add(1);
        if *count > most { Err(Problem::new(Code::TooMany, [String::from("60")])) } else { Ok(()) }
    }
}
