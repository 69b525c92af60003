//! What a wallet may do for its owner (`satchel_protocol::wallet`): follow what changed, read badges and invitations, accept and decline,
//! change the profile. A request that changes something may carry an `Idempotency-Key`; sent again, it counts once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use satchel_protocol::feed::{Cursor, Kind as Change, Page};
use satchel_protocol::invitation::State as Step;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::{
    Acceptance, Award as Shown, AwardChange, Awards, Declined, Device as Listed, Devices, Ended, Invitation as Waiting,
    Invitations, MAX_PAGE, MAX_WAIT, Profile, ProfileChange,
};
use satchel_protocol::{Code, EmailAddress, FieldError, Id, Language, Problem};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::Instant;

use super::bearer::{self, Bearer};
use super::openapi::{Changes, Reads};
use super::{as_json, asked, body, json, refuse, respond};
use crate::claiming;
use crate::pages::register;
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::award::Award;
use crate::store::invitation::Invitation;
use crate::store::{Error, Tx, answered, award, device, feed, identity, invitation, issuer};
use crate::wake::Place;

/// How often a stream says that it is alive.
const ALIVE: Duration = Duration::from_secs(25);

/// Changes of one account within an hour: each leaves rows behind.
const CHANGES: u32 = 2000;

/// A request that changes something, and counts once.
pub struct Act {
    account: Id,
    key: Option<answered::Request>,
    body: Bytes,
}

impl FromRequest<Arc<App>> for Act {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(bearer) = Bearer::from_request_parts(&mut parts, app).await;
        let speaker = bearer.wallet(app).await?;
        app.rates.count("change", speaker.account.id, CHANGES).map_err(|problem| refuse(&problem))?;
        let (method, path, headers) = (parts.method.clone(), parts.uri.path().to_owned(), parts.headers.clone());
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(IntoResponse::into_response)?;
        let said = [method.as_str().as_bytes(), path.as_bytes(), &body];
        let key = speaker.request(&headers, &said).map_err(|problem| refuse(&problem))?;
        Ok(Self { account: speaker.account.id, key, body })
    }
}

impl Act {
    /// Does `work`, or gives the answer that was given before.
    async fn once<T, F>(self, app: &App, work: F) -> Response
    where
        T: Serialize,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (key, time) = (self.key, now());
        let answer = move |tx: &mut Tx<'_>| {
            let answer = serde_json::to_value(work(tx)?).map_err(|_| Problem::bare(Code::Internal))?;
            Ok(answer.to_string())
        };
        match app.store.write(move |tx| answered::once(tx, key, time, &answer)).await {
            Err(error) => refuse(&error.into()),
            Ok(body) => as_json(StatusCode::OK, body.into_bytes()),
        }
    }
}

// ---- What changed ----

/// The changes after `cursor`; without one, none, and from where to go on. With `wait`, the answer comes when there is one, or after so many
/// seconds.
#[utoipa::path(get, path = "/api/v1/changes", operation_id = "changes", tag = "wallet", security(("oauth" = ["wallet"])), params(("cursor" = Option<u64>, Query), ("wait" = Option<u8>, Query, maximum = 25, description = "Seconds to wait for a change.")), responses((status = 200, body = Page), Reads))]
pub async fn changes(State(app): State<Arc<App>>, bearer: Bearer, RawQuery(query): RawQuery) -> Response {
    let wait = asked::<u64>(query.as_deref(), "wait").map(Option::unwrap_or_default).and_then(|wait| match wait {
        ..=MAX_WAIT => Ok(wait),
        _ => Err(Problem::new(Code::BadRequest, [format!("wait: at most {MAX_WAIT}")])),
    });
    let cursor = asked::<Cursor>(query.as_deref(), "cursor");
    if let (Ok(wait @ 1..), Ok(Some(cursor))) = (&wait, &cursor) {
        return answer(follow(&app, &bearer, *cursor, Duration::from_secs(*wait)).await);
    }
    let page = bearer.read(&app, move |tx, speaker| {
        wait.clone()?;
        let feed = speaker.account.id;
        match cursor.clone()? {
            Some(cursor) => feed::page(tx, feed, cursor),
            None => Ok(Page { records: Vec::new(), cursor: feed::head(tx, feed)?.to_string(), more: false }),
        }
    });
    answer(page.await)
}

/// The changes after a cursor, once there are some, or after so long.
async fn follow(app: &App, bearer: &Bearer, cursor: Cursor, wait: Duration) -> Result<Page, Response> {
    let speaker = bearer.wallet(app).await?;
    let feed = speaker.account.id;
    // Joined before the feed is read, so that nothing falls between.
    let mut news = app.waiting.join(feed);
    let page = || async { app.store.read(move |tx| feed::page(tx, feed, cursor)).await.map_err(|error| refuse(&error.into())) };
    let first = page().await?;
    if !first.records.is_empty() {
        return Ok(first);
    }
    let place = app.waiting.take(feed, speaker.device.id).map_err(|problem| refuse(&problem))?;
    tokio::select! {
        _ = news.wait_for(|head| *head > cursor.0) => {}
        () = place.given_up() => {}
        () = tokio::time::sleep(wait) => {}
    }
    page().await
}

/// A stream of events.
struct Open {
    /// What was said last, and whether anything was said yet.
    said: i64,
    begun: bool,
    news: watch::Receiver<i64>,
    place: Place,
    token: Secret,
    until: Instant,
}

impl Open {
    /// The next event; none at the end: with the hour of the token, with the token or the account, when the device opened too many after it, or
    /// when the server stops.
    async fn next(&mut self, app: &App) -> Option<Event> {
        if self.begun {
            let said = self.said;
            tokio::select! {
                head = self.news.wait_for(|head| *head > said) => self.said = *head.ok()?,
                () = self.place.given_up() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
            }
            // Whatever happened may have been the end of what the token is good for.
            bearer::shown(app, self.token.clone()).await.ok()?;
        }
        self.begun = true;
        Some(Event::default().event("change").data(self.said.to_string()))
    }
}

/// Says that something changed, as server-sent events: each has the cursor up to which there are changes now. What changed is read from
/// [`changes`].
#[utoipa::path(get, path = "/api/v1/events", operation_id = "events", tag = "wallet", security(("oauth" = ["wallet"])), responses((status = 200, body = String, content_type = "text/event-stream"), Reads))]
pub async fn events(State(app): State<Arc<App>>, bearer: Bearer) -> Response {
    let opened = async {
        let speaker = bearer.wallet(&app).await?;
        let feed = speaker.account.id;
        let place = app.waiting.take(feed, speaker.device.id).map_err(|problem| refuse(&problem))?;
        let news = app.waiting.join(feed);
        let head = app.store.read(move |tx| Ok(feed::head(tx, feed)?)).await.map_err(|error| refuse(&error.into()))?;
        let left = speaker.until.duration_since(now()).unsigned_abs();
        Ok(Open { said: head.0, begun: false, news, place, token: speaker.token, until: Instant::now() + left })
    };
    let open = match opened.await {
        Ok(open) => open,
        Err(refusal) => return refusal,
    };
    let events = stream::unfold((open, app), async |(mut open, app)| {
        let event = open.next(&app).await?;
        Some((Ok::<_, Infallible>(event), (open, app)))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response();
    // Proxies that gather answers would hold the events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

// ---- The profile ----

fn profile_of(app: &App, tx: &mut Tx<'_>, account: &Account) -> Result<Profile, Error> {
    Ok(Profile {
        id: account.id,
        given_name: account.given_name.clone(),
        family_name: account.family_name.clone(),
        addresses: account::addresses(tx, account.id)?.iter().map(|it| it.shown.to_string()).collect(),
        language: account.language.tag().to_owned(),
        page: format!("{}/p/{}", app.origin, account.slug),
        visibility: account.page,
        indexed: account.indexed,
        asks_visibility: claiming::asks_visibility(&app.settings.policy, account),
    })
}

/// The profile.
#[utoipa::path(get, path = "/api/v1/account", operation_id = "account", tag = "wallet", security(("oauth" = ["wallet"])), responses((status = 200, body = Profile), Reads))]
pub async fn account(State(app): State<Arc<App>>, bearer: Bearer) -> Response {
    let asking = Arc::clone(&app);
    answer(bearer.read(&app, move |tx, speaker| profile_of(&asking, tx, &speaker.account)).await)
}

/// Changes the profile; the answer is the new one.
#[utoipa::path(patch, path = "/api/v1/account", operation_id = "changeAccount", tag = "wallet", security(("oauth" = ["wallet"])), params(("Idempotency-Key" = Option<String>, Header, description = "Sent again within thirty days, it counts once.")), request_body = ProfileChange, responses((status = 200, body = Profile), Changes))]
pub async fn change_account(State(app): State<Arc<App>>, act: Act) -> Response {
    let change = match body::<ProfileChange>(&act.body).and_then(checked) {
        Ok(change) => change,
        Err(problem) => return refuse(&problem),
    };
    let (id, time, asking) = (act.account, now(), Arc::clone(&app));
    act.once(&app, move |tx| {
        let it = account::get(tx, id)?.ok_or(Code::NotFound)?;
        let given = change.given_name.as_ref().unwrap_or(&it.given_name);
        let family = change.family_name.as_ref().unwrap_or(&it.family_name);
        // Names that an institution says are changed there (R15).
        let renames = *given != it.given_name || *family != it.family_name;
        if renames && !identity::of(tx, id)?.is_empty() {
            return Err(Code::Forbidden.into());
        }
        let language = change.language.as_deref().map_or(it.language, Language::of_locale);
        account::rename(tx, id, given, family, language)?;
        let page = change.visibility.unwrap_or(it.page);
        let chosen = if change.visibility.is_some() { Some(time) } else { it.page_chosen };
        account::set_page(tx, id, page, chosen)?;
        account::set_indexed(tx, id, change.indexed.unwrap_or(it.indexed) && page == Visibility::Public)?;
        feed::append(tx, &[id], Change::Profile, id, time)?;
        let now_it_is = account::get(tx, id)?.ok_or(Code::NotFound)?;
        profile_of(&asking, tx, &now_it_is)
    })
    .await
}

/// The rules for names are those of the pages.
fn checked(change: ProfileChange) -> Result<ProfileChange, Problem> {
    let mut fields = Vec::new();
    let mut wrong = |field: &str, message: &str| fields.push(FieldError { field: field.to_owned(), message: message.to_owned() });
    let words = crate::pages::words::Words(Language::English);
    match change.given_name.as_deref().map(register::name) {
        Some(None) => wrong("given_name", words.name_unusable()),
        Some(Some(name)) if name.is_empty() => wrong("given_name", words.name_missing()),
        _ => {}
    }
    if change.family_name.as_deref().map(register::name) == Some(None) {
        wrong("family_name", words.name_unusable());
    }
    if change.language.as_deref().is_some_and(|tag| Language::ALL.iter().all(|known| known.tag() != tag)) {
        wrong("language", "`en` or `it`");
    }
    if fields.is_empty() {
        return Ok(change);
    }
    let all: Vec<&str> = fields.iter().map(|it| it.field.as_str()).collect();
    Err(Problem { fields: fields.clone(), ..Problem::new(Code::Invalid, [all.join(", ")]) })
}

// ---- Invitations ----

fn waiting(tx: &mut Tx<'_>, it: &Invitation, with_credential: bool) -> Result<Waiting, Error> {
    let award = award::get(tx, it.award)?.ok_or(Code::NotFound)?;
    let issuer = issuer::get(tx, it.issuer)?.ok_or(Code::NotFound)?;
    Ok(Waiting {
        id: it.id,
        award: it.award,
        state: it.state,
        address: it.address.as_ref().map(EmailAddress::to_string),
        issuer: issuer.did,
        issuer_name: issuer.name,
        name: award.name,
        created: it.created.as_microsecond(),
        expires: it.expires.as_microsecond(),
        ob3: award.ob3.filter(|_| with_credential).and_then(|bytes| String::from_utf8(bytes).ok()),
    })
}

/// The invitations that wait for an answer, all of them, or with `limit` a page at a time: `after` the id of the last one of the page before.
#[utoipa::path(get, path = "/api/v1/invitations", operation_id = "invitations", tag = "wallet", security(("oauth" = ["wallet"])), params(("after" = Option<Id>, Query), ("limit" = Option<u16>, Query, minimum = 1, maximum = 500)), responses((status = 200, body = Invitations), Reads))]
pub async fn invitations(State(app): State<Arc<App>>, bearer: Bearer, RawQuery(query): RawQuery) -> Response {
    let after = asked::<Id>(query.as_deref(), "after");
    let limit = asked::<usize>(query.as_deref(), "limit");
    let time = now();
    let found = bearer.read(&app, move |tx, speaker| {
        let (id, after, limit) = (speaker.account.id, after.clone()?, limit.clone()?);
        if limit.is_some_and(|limit| limit == 0 || limit > MAX_PAGE) {
            return Err(Problem::new(Code::BadRequest, [format!("limit: 1 to {MAX_PAGE}")]).into());
        }
        let all = match limit {
            None => invitation::waiting_for(tx, id, time)?,
            Some(limit) => invitation::waiting_after(tx, id, after, limit, time)?,
        };
        let next = all.last().map(|it| it.id).filter(|_| limit == Some(all.len()));
        let invitations = all.iter().map(|it| waiting(tx, it, false)).collect::<Result<_, _>>()?;
        Ok(Invitations { invitations, next })
    });
    answer(found.await)
}

/// One invitation, with the credential, whatever became of it.
#[utoipa::path(get, path = "/api/v1/invitations/{id}", operation_id = "invitation", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path)), responses((status = 200, body = Waiting), Reads))]
pub async fn invitation(State(app): State<Arc<App>>, bearer: Bearer, Path(id): Path<Id>) -> Response {
    let found = bearer.read(&app, move |tx, speaker| {
        let it = invitation::get(tx, id)?.ok_or(Code::NotFound)?;
        if claiming::is_addressee(tx, &it, speaker.account.id)? { waiting(tx, &it, true) } else { Err(Code::NotFound.into()) }
    });
    answer(found.await)
}

/// Accepts an invitation; the answer is the award.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/accept", operation_id = "accept", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path), ("Idempotency-Key" = Option<String>, Header, description = "Sent again within thirty days, it counts once.")), request_body = Acceptance, responses((status = 200, body = Shown), Changes))]
pub async fn accept(State(app): State<Arc<App>>, Path(id): Path<Id>, act: Act) -> Response {
    let visibility = match body::<Acceptance>(&act.body) {
        Ok(acceptance) => acceptance.visibility,
        Err(problem) => return refuse(&problem),
    };
    let (holder, policy, time) = (act.account, app.settings.policy.clone(), now());
    act.once(&app, move |tx| {
        let accepted = claiming::accept(tx, &policy, holder, id, visibility, time)?;
        let award = award::held(tx, holder, accepted)?.ok_or(Code::Gone)?;
        Ok(shown(award))
    })
    .await
}

/// Declines an invitation.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/decline", operation_id = "decline", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path), ("Idempotency-Key" = Option<String>, Header, description = "Sent again within thirty days, it counts once.")), responses((status = 200, body = Declined), Changes))]
pub async fn decline(State(app): State<Arc<App>>, Path(id): Path<Id>, act: Act) -> Response {
    let (holder, time) = (act.account, now());
    act.once(&app, move |tx| {
        claiming::decline(tx, holder, id, time)?;
        Ok(Declined { id, state: Step::Declined })
    })
    .await
}

// ---- Awards ----

fn shown(it: Award) -> Shown {
    let form = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    Shown {
        id: it.id,
        credential: it.credential,
        name: it.name,
        hidden: it.hidden,
        revoked: it.revoked.map(jiff::Timestamp::as_microsecond),
        ob3: form(it.ob3),
        ob2: form(it.ob2),
    }
}

/// The awards that were accepted, a page at a time: `after` the id of the last one of the page before, at most `limit` of them.
#[utoipa::path(get, path = "/api/v1/awards", operation_id = "awards", tag = "wallet", security(("oauth" = ["wallet"])), params(("after" = Option<Id>, Query), ("limit" = Option<u16>, Query, minimum = 1, maximum = 500)), responses((status = 200, body = Awards), Reads))]
pub async fn awards(State(app): State<Arc<App>>, bearer: Bearer, RawQuery(query): RawQuery) -> Response {
    let after = asked::<Id>(query.as_deref(), "after");
    let limit = asked::<usize>(query.as_deref(), "limit").map(|limit| limit.unwrap_or(MAX_PAGE));
    let found = bearer.read(&app, move |tx, speaker| {
        let (after, limit) = (after.clone()?, limit.clone()?);
        if limit == 0 || limit > MAX_PAGE {
            return Err(Problem::new(Code::BadRequest, [format!("limit: 1 to {MAX_PAGE}")]).into());
        }
        let awards = award::held_after(tx, speaker.account.id, after, limit)?;
        let next = awards.last().map(|it| it.id).filter(|_| awards.len() == limit);
        Ok(Awards { awards: awards.into_iter().map(shown).collect(), next })
    });
    answer(found.await)
}

/// One award.
#[utoipa::path(get, path = "/api/v1/awards/{id}", operation_id = "award", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path)), responses((status = 200, body = Shown), Reads))]
pub async fn award(State(app): State<Arc<App>>, bearer: Bearer, Path(id): Path<Id>) -> Response {
    let found = bearer.read(&app, move |tx, speaker| Ok(award::held(tx, speaker.account.id, id)?.ok_or(Code::NotFound)?));
    answer(found.await.map(shown))
}

/// Shows an award on the page, or does not.
#[utoipa::path(patch, path = "/api/v1/awards/{id}", operation_id = "changeAward", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path), ("Idempotency-Key" = Option<String>, Header, description = "Sent again within thirty days, it counts once.")), request_body = AwardChange, responses((status = 200, body = Shown), Changes))]
pub async fn change_award(State(app): State<Arc<App>>, Path(id): Path<Id>, act: Act) -> Response {
    let hidden = match body::<AwardChange>(&act.body) {
        Ok(change) => change.hidden,
        Err(problem) => return refuse(&problem),
    };
    let (holder, time) = (act.account, now());
    act.once(&app, move |tx| {
        if !award::set_hidden(tx, holder, id, hidden)? {
            return Err(Code::NotFound.into());
        }
        feed::append(tx, &[holder], Change::Award, id, time)?;
        Ok(shown(award::held(tx, holder, id)?.ok_or(Code::NotFound)?))
    })
    .await
}

// ---- Devices ----

/// The programs that were allowed something.
#[utoipa::path(get, path = "/api/v1/devices", operation_id = "devices", tag = "wallet", security(("oauth" = ["wallet"])), responses((status = 200, body = Devices), Reads))]
pub async fn devices(State(app): State<Arc<App>>, bearer: Bearer) -> Response {
    let found = bearer.read(&app, |tx, speaker| {
        let current = speaker.device.id;
        let listed = |it: device::Device| Listed {
            id: it.id,
            name: it.name,
            scope: it.scopes.to_string(),
            created: it.created.as_microsecond(),
            seen: it.seen.as_microsecond(),
            current: it.id == current,
        };
        Ok(Devices { devices: device::of(tx, speaker.account.id)?.into_iter().map(listed).collect() })
    });
    answer(found.await)
}

/// Ends one of them.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", operation_id = "endDevice", tag = "wallet", security(("oauth" = ["wallet"])), params(("id" = Id, Path)), responses((status = 200, body = Ended), Changes))]
pub async fn end_device(State(app): State<Arc<App>>, bearer: Bearer, Path(id): Path<Id>) -> Response {
    let account = match bearer.wallet(&app).await {
        Ok(speaker) => speaker.account.id,
        Err(refusal) => return refusal,
    };
    let time = now();
    let done = app.store.write(move |tx| {
        if !device::end(tx, account, id)? {
            return Err(Code::NotFound.into());
        }
        Ok(feed::append(tx, &[account], Change::Session, id, time)?)
    });
    respond(done.await.map(|()| Ended { id }).map_err(Problem::from))
}

/// An answer in JSON, or the refusal instead of it.
fn answer<T: Serialize>(answer: Result<T, Response>) -> Response {
    answer.map_or_else(|refusal| refusal, |answer| json(StatusCode::OK, &answer))
}
