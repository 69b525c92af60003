//! Awards that other systems propose (R52), under a token that one desk or the operator gave them; and what the desk sees and decides. A proposal is
//! a wish: whether an award is signed is decided at the desk.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use satchel_protocol::proposal::{DAILY, Decline, NewProposer, Proposer as Shown, Standing, State as Step, Waiting, Wish};
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Id, Problem, sha256};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::bearer::{self, Speaker};
use super::openapi::{Changes, Reads};
use super::signed::{Signed, issuer_in_path};
use super::{as_json, asked, body, documents, json, refuse, respond};
use crate::hooks;
use crate::random::{self, Secret};
use crate::settings::Settings;
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::proposal::{self, Decided, Proposal, Proposer};
use crate::store::{Error, Tx, answered, document, invitation, issuer, listing, staff};

/// Bytes of a proposal.
pub const MAX_PROPOSAL: usize = 64 << 10;

/// How old the signature of a proposal may be, in seconds.
const FRESH: i64 = 24 * 3600;

/// Proposals that one answer lists.
const MOST: i64 = 100;

/// The longest name of a system and the longest reason, in characters.
const NAME: usize = 200;
const REASON: usize = 1000;

/// A proposal, plain or signed.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = proposal::Said)]
#[expect(dead_code, reason = "it says what is read, and `Wish::read` reads it")]
pub enum Said {
    /// What is proposed.
    Plain(Wish),
    /// A compact JWS over it; see docs/server.md.
    Signed {
        /// It.
        signed: String,
    },
}

/// What waits for the desk.
#[derive(Serialize, ToSchema)]
#[schema(as = proposal::Inbox)]
pub struct Inbox {
    proposals: Vec<Waiting>,
    more: bool,
}

/// Where a proposal stands.
#[derive(Serialize, ToSchema)]
#[schema(as = proposal::Done)]
pub struct Done {
    state: Step,
}

/// The systems that may propose.
#[derive(Serialize, ToSchema)]
#[schema(as = proposal::Systems)]
pub struct Systems {
    systems: Vec<Shown>,
}

/// What is done with a system.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = proposal::Action)]
pub enum Action {
    /// Its token is worth nothing from now on.
    End,
    /// It gets a new secret.
    Rotate,
}

/// What came of that.
#[derive(Serialize, ToSchema)]
#[schema(as = proposal::Acted)]
pub struct Acted {
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

// ---- Systems ----

/// The system that shows a token for this issuer: its own, or one that somebody who acts for the issuer allowed it (scope `proposals`).
async fn system(app: &App, did: &str, headers: &HeaderMap) -> Result<Proposer, Problem> {
    let token = bearer::token(headers).and_then(Secret::parse).ok_or(Code::NotSignedIn)?;
    let (did, shown) = (did.to_owned(), token.clone());
    let found = app.store.read(move |tx| {
        let Some(issuer) = issuer::by_did(tx, &did)?.filter(|issuer| issuer.suspended.is_none()) else { return Ok(None) };
        Ok(Some((issuer.id, proposal::by_token(tx, issuer.id, &shown)?)))
    });
    match found.await?.ok_or(Code::NotSignedIn)? {
        (_, Some(system)) => Ok(system),
        (issuer, None) => program(app, issuer, token).await,
    }
}

/// A program that staff of the issuer allowed to propose. The desk sees it among its systems from the first time on, and can end it there.
async fn program(app: &App, issuer: Id, token: Secret) -> Result<Proposer, Problem> {
    let Speaker { account, device, .. } = bearer::shown(app, token).await?;
    if !device.scopes.has(Scope::Proposals) {
        return Err(Code::Forbidden.into());
    }
    let found = app.store.write(move |tx| {
        if !staff::issuers(tx, &account)?.contains(&issuer) {
            return Err(Code::Forbidden.into());
        }
        let id = proposal::of_device(issuer, device.id);
        if let Some(known) = proposal::proposer(tx, issuer, id)? {
            return if known.ended.is_none() { Ok(known) } else { Err(Code::Forbidden.into()) };
        }
        let (badges, daily, hook) = (Vec::new(), i64::from(DAILY), None);
        let new = Proposer { id, issuer, name: device.name.clone(), badges, daily, hook, ended: None };
        add(tx, &new, issuer, &account.id.to_string())?;
        Ok(new)
    });
    Ok(found.await?)
}

/// What a system says that may speak here: its body is read once that is known.
pub struct Proposed {
    did: String,
    proposer: Proposer,
    headers: HeaderMap,
    body: Bytes,
}

impl FromRequest<Arc<App>> for Proposed {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let did = issuer_in_path(&mut parts, app).await?;
        let headers = parts.headers.clone();
        let proposer = system(app, &did, &headers).await.map_err(|problem| refuse_system(&problem))?;
        let body = Bytes::from_request(Request::from_parts(parts, body), app).await.map_err(IntoResponse::into_response)?;
        Ok(Self { did, proposer, headers, body })
    }
}

/// A refusal that says how a system shows who it is.
fn refuse_system(problem: &Problem) -> Response {
    let mut response = refuse(problem);
    if problem.code.status() == 401 {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn standing(it: &Proposal) -> Standing {
    Standing { id: it.id, badge: it.badge.clone(), state: it.state, reason: it.reason.clone(), credential: it.credential.clone() }
}

/// Takes a proposal.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/proposals", operation_id = "propose", tag = "system", security(("system" = []), ("oauth" = ["proposals"])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("Idempotency-Key" = String, Header, description = "Sent again within thirty days, it counts once.")), request_body = Said, responses((status = 201, body = Standing), Changes))]
pub async fn propose(State(app): State<Arc<App>>, proposed: Proposed) -> Response {
    match take(&app, proposed).await {
        Ok(answer) => as_json(StatusCode::CREATED, answer.into_bytes()),
        Err(problem) => refuse_system(&problem),
    }
}

async fn take(app: &App, proposed: Proposed) -> Result<String, Problem> {
    let Proposed { did, proposer, headers, body: said } = proposed;
    let (did, said): (&str, &[u8]) = (&did, &said);
    let key = headers.get("idempotency-key").map(HeaderValue::as_bytes).unwrap_or_default();
    if key.is_empty() || key.len() > bearer::MAX_KEY {
        return Err(Problem::new(Code::BadRequest, [format!("Idempotency-Key: 1 to {} bytes", bearer::MAX_KEY)]));
    }
    let (wish, signed) = Wish::read(said, did)?;
    let time = now();
    if signed.as_ref().is_some_and(|signed| signed.made.abs_diff(time.as_second()) > FRESH.unsigned_abs()) {
        return Err(Code::StaleSignature.into());
    }
    if !is_slug(&wish.badge) {
        return Err(Problem::new(Code::Invalid, [String::from("badge: a name of small letters, digits and hyphens")]));
    }
    if !proposer.badges.is_empty() && !proposer.badges.contains(&wish.badge) {
        return Err(Code::Forbidden.into());
    }
    let request = answered::Request {
        key: sha256(&[b"proposer", proposer.id.as_bytes().as_slice(), key].concat()),
        said: sha256(said),
        account: None,
    };
    let jws = signed
        .as_ref()
        .and_then(|_| serde_json::from_slice::<serde_json::Value>(said).ok()?["signed"].as_str().map(str::to_owned));
    let unwanted = app.hash_of(&wish.email);
    let work = move |tx: &mut Tx<'_>| {
        answered::once(tx, Some(request), time, |tx| {
            if proposal::count_since(tx, proposer.id, time - SignedDuration::from_hours(24))? >= proposer.daily {
                return Err(Problem::new(Code::OverLimit, [proposer.daily.to_string()]).into());
            }
            let published = document::get(tx, proposer.issuer, &format!("achievements/{}.json", wish.badge))?;
            let achievement = published.and_then(|document| documents::id_of(&document.bytes));
            let achievement =
                achievement.ok_or_else(|| Problem::new(Code::Invalid, [format!("badge: {} is not published", wish.badge)]))?;
            if listing::is_closed(tx, proposer.issuer, &achievement)? {
                return Err(Code::Closed.into());
            }
            if invitation::is_suppressed(tx, unwanted)? {
                return Err(Code::Unwanted.into());
            }
            if invitation::is_repeated(tx, proposer.issuer, &achievement, &wish.email)?
                || proposal::is_waiting(tx, proposer.issuer, &wish.badge, &wish.email)?
            {
                return Err(Code::Repeated.into());
            }
            let it = Proposal {
                id: random::id(time),
                issuer: proposer.issuer,
                proposer: proposer.id,
                badge: wish.badge.clone(),
                wish: Some(wish.clone()),
                signed: jws.clone(),
                state: Step::Waiting,
                reason: None,
                credential: None,
                created: time,
            };
            proposal::add(tx, &it)?;
            Ok(serde_json::to_string(&standing(&it)).unwrap_or_default())
        })
    };
    Ok(app.store.write(work).await?)
}

/// How a proposal of the system stands.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/proposals/{id}", operation_id = "proposal", tag = "system", security(("system" = []), ("oauth" = ["proposals"])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path)), responses((status = 200, body = Standing), Reads))]
pub async fn one(State(app): State<Arc<App>>, Path((did, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let found = async {
        let proposer = system(&app, &did, &headers).await?;
        let id: Id = id.parse().map_err(|_| Code::NotFound)?;
        let found = app.store.read(move |tx| own(tx, &proposer, id)).await?;
        Ok(standing(&found))
    };
    answer(found.await)
}

/// Takes a proposal of the system back.
#[utoipa::path(delete, path = "/api/v1/issuers/{did}/proposals/{id}", operation_id = "withdrawProposal", tag = "system", security(("system" = []), ("oauth" = ["proposals"])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path)), responses((status = 200, body = Standing), Changes))]
pub async fn withdraw(State(app): State<Arc<App>>, Path((did, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let done = async {
        let (proposer, time) = (system(&app, &did, &headers).await?, now());
        let id: Id = id.parse().map_err(|_| Code::NotFound)?;
        let done = app.store.write(move |tx| {
            let it = own(tx, &proposer, id)?;
            if it.state != Step::Withdrawn {
                proposal::decide(tx, &it, Step::Withdrawn, &Decided::default(), time)?;
            }
            Ok(Standing { state: Step::Withdrawn, ..standing(&it) })
        });
        Ok(done.await?)
    };
    answer(done.await)
}

fn answer(done: Result<Standing, Problem>) -> Response {
    done.map_or_else(|problem| refuse_system(&problem), |standing| json(StatusCode::OK, &standing))
}

fn own(tx: &mut Tx<'_>, proposer: &Proposer, id: Id) -> Result<Proposal, Error> {
    let found = proposal::of_issuer(tx, proposer.issuer, id)?.filter(|it| it.proposer == proposer.id);
    found.ok_or_else(|| Code::NotFound.into())
}

// ---- The desk ----

/// What waits for the desk; `?after=ID` reads on.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/inbox", operation_id = "inbox", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("after" = Option<Id>, Query)), responses((status = 200, body = Inbox), Reads))]
pub async fn inbox(State(app): State<Arc<App>>, RawQuery(query): RawQuery, signed: Signed) -> Response {
    let page = async {
        let (after, time) = (asked::<Id>(query.as_deref(), "after")?, now());
        let all = app.store.write(move |tx| {
            act::note(tx, signed.issuer.id, &signed.key, Did::ProposalsRead, "all", time)?;
            Ok(proposal::waiting(tx, signed.issuer.id, after, MOST)?)
        });
        let all = all.await?;
        let more = i64::try_from(all.len()).is_ok_and(|length| length == MOST);
        let waiting = |(it, system): (Proposal, String)| {
            let (id, created, signed) = (it.id, it.created.as_microsecond(), it.signed);
            it.wish.map(|wish| Waiting { id, system, created, wish, signed })
        };
        let all: Vec<_> = all.into_iter().filter_map(waiting).collect();
        Ok(Inbox { proposals: all, more })
    };
    respond(page.await)
}

/// Declines a proposal. One is granted by the award that names it.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/inbox/{id}/decline", operation_id = "declineProposal", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path)), request_body = Decline, responses((status = 200, body = Done), Changes))]
pub async fn decline(State(app): State<Arc<App>>, Path((_, id)): Path<(String, String)>, signed: Signed) -> Response {
    let done = async {
        let said: Decline = body(&signed.body)?;
        let id: Id = id.parse().map_err(|_| Code::NotFound)?;
        let reason = said.reason.map(|reason| satchel_badge::words::plain(reason.trim()).take(REASON).collect::<String>());
        let (reason, time) = (reason.filter(|reason| !reason.is_empty()), now());
        let done = app.store.write(move |tx| {
            let it = proposal::of_issuer(tx, signed.issuer.id, id)?.ok_or(Code::NotFound)?;
            // The same once more is no mistake.
            if it.state != Step::Declined {
                let decided = Decided { reason: reason.clone(), credential: None };
                proposal::decide(tx, &it, Step::Declined, &decided, time)?;
                act::note(tx, signed.issuer.id, &signed.key, Did::ProposalDeclined, &id.to_string(), time)?;
            }
            Ok(())
        });
        done.await?;
        Ok(Done { state: Step::Declined })
    };
    respond(done.await)
}

/// The systems that may propose to the desk.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/systems", operation_id = "systems", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), responses((status = 200, body = Systems), Reads))]
pub async fn systems(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let all = app.store.read(move |tx| Ok(proposal::proposers(tx, issuer)?)).await;
    let all = all.map(|all| all.iter().map(|it| shown(it, None, None)).collect::<Vec<_>>());
    respond(all.map(|systems| Systems { systems }).map_err(Problem::from))
}

fn shown(it: &Proposer, token: Option<&Secret>, secret: Option<&[u8; 32]>) -> Shown {
    Shown {
        id: it.id,
        name: it.name.clone(),
        badges: it.badges.clone(),
        daily: it.daily,
        webhook: it.hook.clone(),
        ended: it.ended.is_some(),
        token: token.map(|token| token.reveal().to_owned()),
        secret: secret.map(hooks::shown),
    }
}

/// Lets a system propose. Its token and secret are told this once.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/systems", operation_id = "addSystem", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), request_body = NewProposer, responses((status = 200, body = Shown), Changes))]
pub async fn add_system(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let done = async {
        let wished: NewProposer = body(&signed.body)?;
        let new = check(&app.settings, signed.issuer.id, wished)?;
        Ok(app.store.write(move |tx| add(tx, &new, signed.issuer.id, &signed.key)).await?)
    };
    respond(done.await)
}

/// Whether a text is the name of a badge in addresses.
fn is_slug(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

/// Whether it may be one.
///
/// # Errors
/// What is wrong with it.
pub fn check(settings: &Settings, issuer: Id, wished: NewProposer) -> Result<Proposer, Problem> {
    let invalid = |words: &str| Problem::new(Code::Invalid, [words.to_owned()]);
    let name: String = satchel_badge::words::plain(wished.name.trim()).take(NAME).collect();
    if name.is_empty() {
        return Err(invalid("name: a name is needed"));
    }
    if wished.badges.len() > 100 || !wished.badges.iter().all(|badge| is_slug(badge)) {
        return Err(invalid("badges: names of badges, 100 at most"));
    }
    if let Some(hook) = &wished.webhook {
        let url = Url::parse(hook).ok().filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none());
        // Within the network, where the operator allowed the host, nobody else listens.
        let allowed = |url: &Url| {
            let place = format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
            url.scheme() == "http" && settings.network.allow.contains(&place)
        };
        if !url.is_some_and(|url| url.scheme() == "https" || allowed(&url)) {
            return Err(invalid("webhook: an https address is needed"));
        }
    }
    Ok(Proposer {
        id: random::id(now()),
        issuer,
        name,
        badges: wished.badges,
        daily: i64::from(wished.daily),
        hook: wished.webhook,
        ended: None,
    })
}

/// Keeps a system that was checked; with its token and secret.
///
/// # Errors
/// What the database said.
pub fn add(tx: &mut Tx<'_>, new: &Proposer, book: Id, by: &str) -> Result<Shown, Error> {
    let time = now();
    let (token, secret) = proposal::add_proposer(tx, new, time)?;
    act::note(tx, book, by, Did::SystemAdded, &new.id.to_string(), time)?;
    Ok(shown(new, Some(&token), Some(&secret)))
}

/// Ends a system, or gives it a new secret.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/systems/{id}/{action}", operation_id = "actOnSystem", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path), ("action" = Action, Path)), responses((status = 200, body = Acted), Changes))]
pub async fn act_on_system(
    State(app): State<Arc<App>>,
    Path((_, id, action)): Path<(String, String, Action)>,
    signed: Signed,
) -> Response {
    let (Ok(id), time, issuer) = (id.parse::<Id>(), now(), signed.issuer.id) else { return refuse(&Code::NotFound.into()) };
    let done = app.store.write(move |tx| match action {
        Action::End => {
            if !proposal::end_proposer(tx, issuer, id, time)? {
                return Err(Code::NotFound.into());
            }
            act::note(tx, issuer, &signed.key, Did::SystemEnded, &id.to_string(), time)?;
            Ok(Acted { ended: Some(true), secret: None })
        }
        Action::Rotate => {
            let secret = proposal::rotate(tx, issuer, id, time)?.ok_or(Code::NotFound)?;
            act::note(tx, issuer, &signed.key, Did::SystemRotated, &id.to_string(), time)?;
            Ok(Acted { ended: None, secret: Some(hooks::shown(&secret)) })
        }
    });
    respond(done.await.map_err(Problem::from))
}
