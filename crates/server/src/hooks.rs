//! Messages to other systems about what became of their proposals, signed as Standard Webhooks (1.0.0) has it. They wait in a table, are taken by
//! one of several servers, and are tried again for three days. They name ids, never a person.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use satchel_fetch::Request;
use satchel_protocol::Id;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::{self, JoinSet};

use crate::state::{App, now};
use crate::store::proposal::{self, Message};
use crate::store::{Error, issuer};

/// How long one message may take before another server may try it.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// When a message that was not taken is tried again, in seconds after each try; after the last it is given up.
const AGAIN: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// A secret as systems get it.
pub fn shown(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// How many are sent at once: to each system one, to those of one issuer a few, so that none that does not answer holds up the others.
const AT_ONCE: usize = 32;
const OF_ISSUER: usize = 4;

/// Sends what is due until the server stops.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut sending = JoinSet::new();
    // The systems that are being told something, each with its issuer.
    let mut told: HashMap<task::Id, (Id, Id)> = HashMap::new();
    while !*stop.borrow() {
        let time = now();
        match app.store.read(move |tx| Ok(proposal::due(tx, time)?)).await {
            Err(error) => tracing::error!(%error, "messages to other systems could not be looked at"),
            Ok(due) => {
                for (proposer, issuer) in due {
                    let is_told = told.values().any(|(known, _)| *known == proposer);
                    if is_told || told.values().filter(|(_, of)| *of == issuer).count() >= OF_ISSUER {
                        continue;
                    }
                    if told.len() >= AT_ONCE {
                        break;
                    }
                    let app = Arc::clone(&app);
                    let started = sending.spawn(async move {
                        if let Err(error) = one(&app, proposer).await {
                            tracing::error!(%error, "a message to another system could not be sent");
                            tokio::time::sleep(LOOK).await;
                        }
                    });
                    told.insert(started.id(), (proposer, issuer));
                }
            }
        }
        tokio::select! {
            Some(ended) = sending.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                told.remove(&id);
            }
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
    while sending.join_next().await.is_some() {}
}

/// Sends a message to a system, if one is due.
async fn one(app: &Arc<App>, proposer: Id) -> Result<(), Error> {
    let time = now();
    let taken = app.store.write(move |tx| {
        let Some(message) = proposal::take(tx, proposer, time, LEASE)? else { return Ok(None) };
        let Some(about) = proposal::get(tx, message.proposal)? else {
            proposal::remove(tx, message.id)?;
            return Ok(None);
        };
        let issuer = issuer::get(tx, about.issuer)?.map(|issuer| issuer.did);
        Ok(Some((message, about, issuer)))
    });
    let Some((message, about, issuer)) = taken.await? else { return Ok(()) };
    let mut data = json!({ "id": about.id, "issuer": issuer, "badge": about.badge, "state": message.state.name() });
    for (name, value) in [("reason", &about.reason), ("credential", &about.credential)] {
        if let Some(value) = value {
            data[name] = json!(value);
        }
    }
    let body = json!({ "type": format!("proposal.{}", message.state.name()), "timestamp": message.at, "data": data }).to_string();
    let answer = app.client.send_async(request(&message, body, time)).await;
    let status = answer.as_ref().map(|answer| answer.status).unwrap_or_default();
    let tries = usize::try_from(message.tries).unwrap_or(usize::MAX);
    tracing::info!(id = %message.id, tries = message.tries, status, "webhook");
    app.store
        .write(move |tx| {
            let again = AGAIN.get(tries.saturating_sub(1));
            match (status, again) {
                (200..=299, _) | (_, None) => proposal::remove(tx, message.id)?,
                // Whoever answers so wants nothing more (Standard Webhooks, "Deliverability and reliability").
                (410, _) => proposal::unhook(tx, message.proposer)?,
                (_, Some(seconds)) => proposal::put_off(tx, message.id, time + SignedDuration::from_secs(*seconds))?,
            }
            Ok(())
        })
        .await
}

/// The request: its signature is over id, time and body (Standard Webhooks, "Signature scheme").
fn request(message: &Message, body: String, time: Timestamp) -> Request {
    let (id, seconds) = (format!("msg_{}", message.id), time.as_second().to_string());
    let content = format!("{id}.{seconds}.{body}");
    let sign = |secret: &[u8; 32]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), content.as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    };
    let signatures: Vec<String> = message.secrets.iter().map(sign).collect();
    Request {
        method: "POST",
        url: message.hook.clone(),
        headers: vec![
            ("content-type", String::from("application/json")),
            ("webhook-id", id),
            ("webhook-timestamp", seconds),
            ("webhook-signature", signatures.join(" ")),
        ],
        body: body.into_bytes(),
    }
}
