//! Mail. An outbox in the database says what is to leave (`store/outbox.rs`); here it is written (`letter.rs`) and sent, with retries.
//! Several replicas send one mail once: a row is taken for a while, and the links in a mail are made when it is taken.

mod letter;
mod send;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::SignedDuration;
use satchel_protocol::invitation::Event;
use tokio::sync::watch;

use crate::state::{App, now};
use crate::store::outbox::{self, Letter};
use crate::store::{Error, invitation};
pub use send::{Sender, Sent};

/// How long one mail may take before another replica may try it.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// When a mail that could not be sent is tried again, in minutes after each try; after the last it is given up.
const AGAIN: [i64; 9] = [1, 5, 15, 60, 180, 360, 720, 1440, 1440];

/// How often the outbox is looked at when nobody says that there is something.
const LOOK: Duration = Duration::from_secs(1);

/// Sends what is due until the server stops. What is being sent is finished.
pub async fn run(app: Arc<App>, sender: Sender, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match one(&app, &sender).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "the outbox could not be read"),
        }
        tokio::select! {
            () = app.mail.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Sends one mail; whether there was one.
async fn one(app: &Arc<App>, sender: &Sender) -> Result<bool, Error> {
    let (time, writer) = (now(), Arc::clone(app));
    // A look costs no commit.
    if !app.store.read(move |tx| Ok(outbox::is_due(tx, time)?)).await? {
        return Ok(false);
    }
    let taken = app.store.write(move |tx| {
        let Some(letter) = outbox::take(tx, time, LEASE)? else { return Ok(None) };
        let text = letter::write(&writer, tx, &letter, time)?;
        if text.is_none() {
            // What it was about is gone or settled.
            outbox::remove(tx, letter.id)?;
        }
        Ok(Some((letter, text)))
    });
    let Some((letter, text)) = taken.await? else { return Ok(false) };
    let Some(text) = text else { return Ok(true) };
    let sent = sender.send(&letter, &text).await;
    tracing::info!(kind = letter.kind.name(), id = %letter.id, tries = letter.tries, outcome = sent.name(), "mail");
    settle(app, letter, sent).await?;
    Ok(true)
}

async fn settle(app: &App, letter: Letter, sent: Sent) -> Result<(), Error> {
    let time = now();
    let tries = usize::try_from(letter.tries).unwrap_or(usize::MAX);
    let again = AGAIN.get(tries.saturating_sub(1)).map(|minutes| time + SignedDuration::from_mins(*minutes));
    match &sent {
        Sent::Taken => app.counts.mails_sent.fetch_add(1, Ordering::Relaxed),
        _ => app.counts.mails_refused.fetch_add(1, Ordering::Relaxed),
    };
    app.store
        .write(move |tx| {
            let event = match (&sent, again) {
                (Sent::Later, Some(due)) => return Ok(outbox::put_off(tx, letter.id, due)?),
                (Sent::Taken, _) => Event::Send,
                (Sent::Later | Sent::Refused, _) => Event::Bounce,
            };
            outbox::remove(tx, letter.id)?;
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
