//! Mail. An outbox in the database says what is to leave (`store/outbox.rs`); here it is written (`letter.rs`) and sent, with retries.
//! Several replicas send one mail once: a row is taken for a while, and the links in a mail are made when it is taken.

pub mod bounce;
mod letter;
mod send;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use satchel_protocol::invitation::Event;
use tokio::sync::watch;

use crate::state::{App, now};
use crate::store::outbox::{self, Lane, Letter};
use crate::store::{Error, invitation, sent};
pub use send::{Sender, Sent};

/// How long one mail may take before another replica may try it.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// When a mail that could not be sent is tried again, in minutes after each try; after the last it is given up.
const AGAIN: [i64; 9] = [1, 5, 15, 60, 180, 360, 720, 1440, 1440];

/// How long nothing is sent once the mail server could not be talked to, at first and at most; each time twice as long.
const PAUSE: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];

/// How often the outbox is looked at when nobody says that there is something.
const LOOK: Duration = Duration::from_secs(1);

/// Sends what is due until the server stops. What is being sent is finished.
pub async fn run(app: Arc<App>, sender: Sender, stop: watch::Receiver<bool>) {
    tokio::join!(
        send_all(&app, &sender, Lane::People, stop.clone()),
        send_all(&app, &sender, Lane::Claims, stop.clone()),
        send_all(&app, &sender, Lane::Claims, stop)
    );
}

async fn send_all(app: &Arc<App>, sender: &Sender, lane: Lane, mut stop: watch::Receiver<bool>) {
    let mut pause = PAUSE[0];
    while !*stop.borrow() {
        let wait = match one(app, sender, lane).await {
            Ok(Some(Sent::Down)) => {
                let wait = pause;
                pause = (2 * pause).min(PAUSE[1]);
                Some(wait)
            }
            Ok(Some(_)) => {
                pause = PAUSE[0];
                continue;
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                None
            }
        };
        tokio::select! {
            () = app.mail.notified(), if wait.is_none() => {}
            () = tokio::time::sleep(wait.unwrap_or(LOOK)) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Sends one mail; what became of it, if there was one.
async fn one(app: &Arc<App>, sender: &Sender, lane: Lane) -> Result<Option<Sent>, Error> {
    let (time, writer) = (now(), Arc::clone(app));
    // A look costs no commit.
    if !app.store.read(move |tx| Ok(outbox::is_due(tx, lane, time)?)).await? {
        return Ok(None);
    }
    let taken = app.store.write(move |tx| {
        let Some(letter) = outbox::take(tx, lane, time, LEASE)? else { return Ok(None) };
        let text = letter::write(&writer, tx, &letter, time)?;
        if text.is_none() {
            // What it was about is gone or settled.
            outbox::remove(tx, letter.id)?;
        }
        Ok(Some((letter, text)))
    });
    let Some((letter, text)) = taken.await? else { return Ok(None) };
    let Some(text) = text else { return Ok(Some(Sent::Taken)) };
    let sent = sender.send(&letter, &text).await;
    tracing::info!(kind = letter.kind.name(), id = %letter.id, tries = letter.tries, outcome = sent.name(), "mail");
    let is_last = letter.kind == outbox::Kind::Erased;
    settle(app, letter, sent).await?;
    if is_last {
        // The address was the last thing known of somebody.
        app.store.settle().await?;
    }
    Ok(Some(sent))
}

async fn settle(app: &App, letter: Letter, outcome: Sent) -> Result<(), Error> {
    let time = now();
    let tries = usize::try_from(letter.tries).unwrap_or(usize::MAX);
    let again = AGAIN.get(tries.saturating_sub(1)).map(|minutes| time + SignedDuration::from_mins(*minutes));
    match &outcome {
        Sent::Taken => app.counts.mails_sent.fetch_add(1, Ordering::Relaxed),
        _ => app.counts.mails_refused.fetch_add(1, Ordering::Relaxed),
    };
    app.store
        .write(move |tx| {
            let event = match (&outcome, again) {
                (Sent::Down, _) => return Ok(outbox::put_back(tx, letter.id, time)?),
                (Sent::Later, Some(due)) => return Ok(outbox::put_off(tx, letter.id, due)?),
                (Sent::Taken, _) => Event::Send,
                (Sent::Later | Sent::Refused, _) => Event::Bounce,
            };
            outbox::remove(tx, letter.id)?;
            if letter.kind == outbox::Kind::Claim && event == Event::Send {
                sent::note(tx, letter.id, letter.subject, time)?;
            }
            if letter.kind == outbox::Kind::Claim
                && let Some(it) = invitation::get(tx, letter.subject)?
                && it.state.after(event).is_some()
            {
                invitation::advance(tx, &it, event, time)?;
            }
            Ok(())
        })
        .await
}
