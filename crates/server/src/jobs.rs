//! What happens by itself: invitations run out, data are erased when their time has come, and old counts are forgotten.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::invitation::Event;
use satchel_protocol::proposal::State as Decision;
use tokio::sync::watch;

use crate::login::{enter, remind};
use crate::random;
use crate::settings::Registering;
use crate::state::{App, now};
use crate::store::{
    Error, account, answered, arrival, attempt, client, device, feed, identity, invitation, issuer, merge, message, outbox,
    proposal, request, sent, session, share, staff, subscriber, ticket, unused,
};

/// How often.
const EVERY: Duration = Duration::from_mins(1);

/// Rows of one transaction.
const MOST: i64 = 500;

/// How many days a suspended account may be taken along before it is erased.
pub const SUSPENDED_DAYS: i64 = 30;

/// How many days before an unused account is erased its owner is told.
pub const WARNED_DAYS: i64 = 30;

/// How long somebody has to confirm an address: of a request, a message, a wish for news.
pub const UNCONFIRMED: SignedDuration = SignedDuration::from_hours(48);

/// How long it is known to which invitation a mail belonged.
const BOUNCES: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How long feeds keep their changes.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Runs until the server stops.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match once(&app, now()).await {
            Ok(erased) => {
                if erased > 0 {
                    tracing::info!(erased, "data whose time had come were erased");
                }
            }
            Err(error) => tracing::error!(%error, "what happens by itself did not"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Does all that is due at a time; how many invitations and accounts were erased.
///
/// # Errors
/// What the database said.
pub async fn once(app: &App, time: Timestamp) -> Result<usize, Error> {
    let before = time - SignedDuration::from_hours(24 * i64::from(app.settings.policy.erase_after_days));
    let erased = app
        .store
        .write(move |tx| {
            for it in invitation::overdue(tx, time, MOST)? {
                invitation::advance(tx, &it, Event::Expire, time)?;
            }
            let to_erase = invitation::to_erase(tx, before, MOST)?;
            for it in &to_erase {
                invitation::erase(tx, it, time)?;
            }
            Ok(to_erase.len())
        })
        .await?;
    let open = time - SignedDuration::from_hours(24 * i64::from(app.settings.policy.invitation_days));
    let expired = app.store.write(move |tx| {
        let overdue = proposal::overdue(tx, open, MOST)?;
        for it in &overdue {
            proposal::decide(tx, it, Decision::Expired, &proposal::Decided::default(), time)?;
        }
        Ok(overdue.len())
    });
    let erased = erased + expired.await?;
    let (age, until) = (app.settings.policy.minimum_age, time - SignedDuration::from_hours(24 * SUSPENDED_DAYS));
    let young = app.store.write(move |tx| {
        let found = account::suspended_before(tx, until, MOST)?;
        let young: Vec<_> = found.into_iter().filter(|it| !it.birth_date.is_at_least(age, time)).collect();
        for account in &young {
            account::erase(tx, account.id, time)?;
        }
        Ok(young.len())
    });
    let asked = time - SignedDuration::from_hours(24 * i64::from(app.settings.policy.request_days));
    let requests = app.store.write(move |tx| {
        let found = request::to_erase(tx, time - UNCONFIRMED, asked, MOST)?;
        for id in &found {
            request::erase(tx, *id, time)?;
        }
        Ok(found.len())
    });
    let erased = erased + young.await? + requests.await?;
    let words = app.store.write(move |tx| {
        let found = message::to_erase(tx, time - UNCONFIRMED, asked, MOST)?;
        for id in &found {
            message::erase(tx, *id, time)?;
        }
        Ok(found.len() + subscriber::prune(tx, time - UNCONFIRMED, time, MOST)?)
    });
    let erased = erased + words.await? + erase_unused(app, time).await?;
    if app.settings.policy.registration == Registering::Open {
        tell_opening(app, time).await?;
    }
    app.store
        .write(move |tx| {
            remind::run(tx, time)?;
            enter::lapse_roles(tx, time)?;
            arrival::prune(tx, time)?;
            staff::prune(tx, time)?;
            merge::prune(tx, time)?;
            identity::prune(tx)?;
            sent::prune(tx, time - BOUNCES)?;
            account::prune(tx, time)?;
            session::prune(tx, time)?;
            answered::prune(tx, time - SignedDuration::from_hours(24 * 30))?;
            device::prune(tx, time)?;
            client::prune(tx, time - SignedDuration::from_hours(24))?;
            issuer::prune(tx, time)?;
            attempt::prune(tx, time - SignedDuration::from_hours(48))?;
            // For a while a link that is over is told from one that never was.
            share::prune(tx, time)?;
            ticket::prune(tx, time - SignedDuration::from_hours(24 * 30))?;
            feed::cut(tx, time - KEPT)?;
            Ok(())
        })
        .await?;
    if erased > 0 {
        app.after_erasure().await?;
    } else {
        app.follow_erasures().await?;
    }
    Ok(erased)
}

/// Tells owners of accounts that nobody uses what will become of them, and erases those whose owners were told in time (R50); how many.
async fn erase_unused(app: &App, time: Timestamp) -> Result<usize, Error> {
    let months = i64::from(app.settings.policy.unused_months);
    if months == 0 {
        return Ok(0);
    }
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    // A month of 30.4375 days, as there are 365.25 in a year.
    let (over, told) = (time - SignedDuration::from_mins(43_830 * months), time - days(WARNED_DAYS));
    let done = app.store.write(move |tx| {
        let mut leave = 0;
        for it in unused::and_warned(tx, over, told, MOST)? {
            let main = account::addresses(tx, it.id)?.into_iter().find(|it| it.is_main);
            account::erase(tx, it.id, time)?;
            if let Some(main) = main {
                // The last mail has a subject of its own: nothing of the account is left to be named.
                outbox::put(tx, random::id(time), outbox::Kind::Erased, random::id(time), &main.shown, it.language, time)?;
            }
            leave += 1;
        }
        let mut warned = 0;
        for it in unused::since(tx, over + days(WARNED_DAYS), MOST)? {
            unused::note_warned(tx, it.id, time)?;
            for main in account::addresses(tx, it.id)?.into_iter().filter(|it| it.is_main) {
                outbox::put(tx, random::id(time), outbox::Kind::Unused, it.id, &main.shown, it.language, time)?;
            }
            warned += 1;
        }
        Ok((leave, warned))
    });
    let (erased, warned) = done.await?;
    if erased + warned > 0 {
        app.mail.notify_one();
    }
    Ok(erased)
}

/// Tells those who asked to know it that registration is open: each once.
async fn tell_opening(app: &App, time: Timestamp) -> Result<(), Error> {
    // A look costs no commit.
    if app.store.read(|tx| Ok(subscriber::counts(tx)?.1)).await? == 0 {
        return Ok(());
    }
    app.store
        .write(move |tx| {
            for it in subscriber::to_tell(tx, MOST, time)? {
                outbox::put(tx, random::id(time), outbox::Kind::Opening, it.id, &it.address, it.language, time)?;
            }
            Ok(())
        })
        .await?;
    app.mail.notify_one();
    Ok(())
}
