//! The loop that answers what a verification needs: ask, fetch, ask again, until nothing new is named. No document is asked for
//! twice in one run, and no run goes on for ever, whatever the badges name.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use satchel_badge::evidence::{Document, Evidence, Need};
use tokio::task::JoinSet;
use url::Url;

use crate::client::{Asked, Asker};
use crate::{Client, FetchError};

/// A document may name a document that names a document; so deep and no deeper.
const ROUNDS: usize = 8;
/// How many are asked at the same time.
const AT_ONCE: usize = 8;

/// Issuers' servers choose by this header between a web page and the badge, so JSON comes first.
const ACCEPT_DOCUMENT: &str = "application/ld+json, application/json, application/vc, application/vc+ld+json, \
                               application/vc+jwt, application/jwt, */*;q=0.1";
const ACCEPT_DID: &str = "application/did, application/did+ld+json, application/did+json, application/json, */*;q=0.1";

/// What a run came to.
#[derive(Debug, Default)]
pub struct Answered {
    /// Whoever was sent a request, redirects included; with the port when it is not the scheme's own.
    pub asked_hosts: BTreeSet<String>,
    /// What stays unanswered, and why, in the order in which it was named.
    pub failed: Vec<(Need, FetchError)>,
    /// How many documents were added to the evidence.
    pub fetched: usize,
}

/// Fetches what `ask` names into the evidence, and asks again, until it names nothing new or the run is exhausted: after 8 rounds
/// or when [`max_documents`](crate::NetworkPolicy::max_documents) or
/// [`max_total_bytes`](crate::NetworkPolicy::max_total_bytes) is reached. `ask` sees the
/// evidence only, and is called again only when that has grown. Blocks the thread; `now` states when the documents of a
/// round were there.
pub fn answer(
    client: &Client,
    evidence: &mut Evidence,
    now: impl Fn() -> Timestamp,
    mut ask: impl FnMut(&Evidence) -> Vec<Need>,
) -> Answered {
    let mut run = Run { client, tried: HashSet::new(), had: HashMap::new(), answered: Answered::default() };
    for round in 0..=ROUNDS {
        let needs = run.fresh(evidence, ask(evidence));
        // The last round only tells what stays open.
        let room = if round == ROUNDS { 0 } else { client.policy().max_documents };
        run.fetch(&needs, room);
        if !run.settle(evidence, needs, now()) {
            break;
        }
    }
    run.answered
}

struct Run<'a> {
    client: &'a Client,
    /// The needs that were named before.
    tried: HashSet<Need>,
    /// What each URL brought: a DID and its URL are one document.
    had: HashMap<String, Result<Document, FetchError>>,
    answered: Answered,
}

impl Run<'_> {
    /// What is neither at hand nor tried before.
    fn fresh(&mut self, evidence: &Evidence, needs: Vec<Need>) -> Vec<Need> {
        needs.into_iter().filter(|need| !evidence.has(need.key()) && self.tried.insert(need.clone())).collect()
    }

    fn fetch(&mut self, needs: &[Need], room: usize) {
        let bytes: usize = self.had.values().flatten().map(|document| document.bytes.len()).sum();
        let room_for_bytes = self.client.policy().max_total_bytes.saturating_sub(bytes);
        let mut jobs: Vec<(String, &'static str)> = Vec::new();
        let mut named = HashSet::new();
        for need in needs {
            let Some(url) = document_url(need).filter(|url| !self.had.contains_key(url) && named.insert(url.clone())) else {
                continue;
            };
            if self.had.len() + jobs.len() < room {
                jobs.push((url, accept(need)));
            }
        }
        let asked = self.client.block_on(|asker| ask_all(asker, jobs, room_for_bytes)).unwrap_or_default();
        for (url, asked) in asked {
            self.answered.asked_hosts.extend(asked.hosts);
            self.had.insert(url, asked.outcome);
        }
    }

    /// Files what was fetched; says whether the evidence has grown.
    fn settle(&mut self, evidence: &mut Evidence, needs: Vec<Need>, now: Timestamp) -> bool {
        let before = self.answered.fetched;
        for need in needs {
            match self.outcome(&need) {
                Ok(document) => {
                    evidence.add(need.key(), Document { fetched: Some(now), ..document });
                    self.answered.fetched += 1;
                }
                Err(error) => self.answered.failed.push((need, error)),
            }
        }
        self.answered.fetched > before
    }

    fn outcome(&self, need: &Need) -> Result<Document, FetchError> {
        let no_url = || FetchError::BadUrl { url: need.key().to_owned(), why: "no URL is known for it".to_owned() };
        let url = document_url(need).ok_or_else(no_url)?;
        self.had.get(&url).cloned().unwrap_or(Err(FetchError::Exhausted { asked: self.had.len() }))
    }
}

/// Asks for the documents, and begins no more requests when those that came fill the room.
async fn ask_all(asker: Arc<Asker>, jobs: Vec<(String, &'static str)>, room: usize) -> Vec<(String, Asked)> {
    let mut jobs = jobs.into_iter();
    let mut tasks = JoinSet::new();
    let mut done: Vec<(String, Asked)> = Vec::new();
    loop {
        let bytes: usize = done.iter().map(|(_, asked)| asked.bytes()).sum();
        let free = if bytes < room { AT_ONCE - tasks.len() } else { 0 };
        for (url, accept) in jobs.by_ref().take(free) {
            let asker = Arc::clone(&asker);
            tasks.spawn(async move {
                let asked = asker.get(&url, accept).await;
                (url, asked)
            });
        }
        match tasks.join_next().await {
            Some(Ok(asked)) => done.push(asked),
            Some(Err(_)) => {}
            None => return done,
        }
    }
}

/// The URL without its fragment, which names a part of the same document.
fn document_url(need: &Need) -> Option<String> {
    let text = need.url()?;
    Some(Url::parse(&text).map_or(text, |mut url| {
        url.set_fragment(None);
        url.into()
    }))
}

fn accept(need: &Need) -> &'static str {
    match need {
        Need::Url(_) => ACCEPT_DOCUMENT,
        Need::Did(_) => ACCEPT_DID,
    }
}
