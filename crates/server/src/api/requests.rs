//! What a desk says of the forms for its badges, and does with the requests that came by them (R24 to R27); and which accounts act for the
//! issuer on the pages of the staff. Each request is signed by the issuer, and sees that issuer's alone.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderValue;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::desk::Done;
use satchel_protocol::request::{Access, Counts, Event, Form, Request as Listed, State as Step};
use satchel_protocol::{Code, EmailAddress, Id, Language, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::openapi::{Changes, Reads};
use super::signed::Signed;
use super::{asked, body, refuse, respond};
use crate::pages::badge::attachment;
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::act::{self, Did};
use crate::store::request::{self, Request};
use crate::store::{Error, Tx, account, document, invitation, outbox, staff};

/// Requests that one answer lists.
const MOST: i64 = 200;

/// How long the mail of a refusal waits, so that it can be taken back.
pub const GRACE: SignedDuration = SignedDuration::from_mins(10);

/// The secret link to a form, when there is a new one.
#[derive(Serialize, ToSchema)]
#[schema(as = request::Link)]
pub struct Link {
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// The form of a badge.
#[derive(Serialize, ToSchema)]
#[schema(as = request::OneForm)]
pub struct OneForm {
    slug: String,
    form: Form,
    has_link: bool,
}

/// The forms of an issuer.
#[derive(Serialize, ToSchema)]
#[schema(as = request::Forms)]
pub struct Forms {
    forms: Vec<OneForm>,
}

/// Requests, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = request::Requests)]
pub struct Requests {
    requests: Vec<Listed>,
    more: bool,
}

/// What is done with a request.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = request::Decision)]
pub enum Decision {
    /// The award is to be signed.
    Approve,
    /// It is refused.
    Refuse,
    /// The decision is taken back.
    Undo,
}

/// Where a request stands after that.
#[derive(Serialize, ToSchema)]
#[schema(as = request::Decided)]
pub struct Decided {
    state: Step,
}

/// Who acts for an issuer, by their main addresses, and who was asked to.
#[derive(Serialize, ToSchema)]
#[schema(as = request::Staff)]
pub struct Staff {
    staff: Vec<String>,
    /// Whoever has these addresses has not answered; whether there is an account with one is not told.
    asked: Vec<String>,
}

/// Keeps the form of a badge. One behind a link gets a link, unless it has one.
#[utoipa::path(put, path = "/api/v1/issuers/{did}/forms/{slug}", operation_id = "putForm", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("slug" = String, Path)), request_body = Form, responses((status = 200, body = Link), Changes))]
pub async fn put_form(State(app): State<Arc<App>>, Path((_, slug)): Path<(String, String)>, signed: Signed) -> Response {
    let form = match body::<Form>(&signed.body).and_then(Form::checked) {
        Ok(form) => form,
        Err(problem) => return refuse(&problem),
    };
    let (issuer, time, fresh) = (signed.issuer.id, now(), Secret::new());
    let hash = fresh.hash();
    let made = app.store.write(move |tx| {
        document::get(tx, issuer, &format!("achievements/{slug}.json"))?.ok_or(Code::NotFound)?;
        request::set_form(tx, issuer, &slug, &form, time)?;
        act::note(tx, issuer, &signed.key, Did::FormSet, &slug, time)?;
        let has_link = request::form(tx, issuer, &slug)?.is_some_and(|it| it.has_link);
        let renewed = form.access == Access::Link && !has_link;
        if renewed {
            request::set_link(tx, issuer, &slug, hash)?;
        }
        Ok(renewed)
    });
    respond(made.await.map(|renewed| Link { link: renewed.then(|| link(&app, &fresh)) }).map_err(Problem::from))
}

/// The address that a secret link has.
pub fn link(app: &App, secret: &Secret) -> String {
    format!("{}/request/{}", app.origin, secret.reveal())
}

/// Has another link lead to a form; the one before leads nowhere any more.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/forms/{slug}/link", operation_id = "renewLink", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("slug" = String, Path)), responses((status = 200, body = Link), Changes))]
pub async fn renew(State(app): State<Arc<App>>, Path((_, slug)): Path<(String, String)>, signed: Signed) -> Response {
    let (issuer, time, fresh) = (signed.issuer.id, now(), Secret::new());
    let hash = fresh.hash();
    let done = app.store.write(move |tx| {
        if !request::set_link(tx, issuer, &slug, hash)? {
            return Err(Code::NotFound.into());
        }
        Ok(act::note(tx, issuer, &signed.key, Did::FormSet, &slug, time)?)
    });
    respond(done.await.map(|()| Link { link: Some(link(&app, &fresh)) }).map_err(Problem::from))
}

/// The forms of the issuer.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/forms", operation_id = "forms", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), responses((status = 200, body = Forms), Reads))]
pub async fn forms(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let found = app.store.read(move |tx| Ok(request::forms(tx, issuer)?)).await;
    let one = |it: request::Kept| OneForm { slug: it.slug, form: it.form, has_link: it.has_link };
    respond(found.map(|all| Forms { forms: all.into_iter().map(one).collect() }).map_err(Problem::from))
}

/// The requests in one state (`waiting`, unless another is asked for), the oldest first; `?after=ID` reads on.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/requests", operation_id = "requests", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("state" = Option<Step>, Query), ("after" = Option<Id>, Query)), responses((status = 200, body = Requests), Reads))]
pub async fn list(State(app): State<Arc<App>>, RawQuery(query): RawQuery, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let page = async {
        let state = asked::<String>(query.as_deref(), "state")?.unwrap_or_else(|| String::from("waiting"));
        let state = Step::from_name(&state).filter(|it| *it != Step::Unconfirmed);
        let state = state.ok_or_else(|| Problem::new(Code::BadRequest, [String::from("state")]))?;
        let after = asked::<Id>(query.as_deref(), "after")?;
        let time = now();
        let all = app.store.write(move |tx| {
            act::note(tx, issuer, &signed.key, Did::RequestsRead, state.name(), time)?;
            let mut all = Vec::new();
            for it in request::queue(tx, &[issuer], state, after, MOST)? {
                let files = request::files(tx, it.id)?;
                all.push(it.listed(files));
            }
            Ok(all)
        });
        let all = all.await?;
        let more = i64::try_from(all.len()).is_ok_and(|length| length == MOST);
        Ok(Requests { requests: all, more })
    };
    respond(page.await)
}

/// How many requests wait for somebody to decide, and how many for a signature: numbers, which name nobody.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/requests/counts", operation_id = "requestCounts", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), responses((status = 200, body = Counts), Reads))]
pub async fn counts(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let found = app.store.read(move |tx| Ok(request::counts(tx, &[issuer])?)).await;
    let of = |all: &[(Step, i64)], state| all.iter().find(|(it, _)| *it == state).map_or(0, |(_, many)| *many);
    let counts = found.map(|all| Counts { waiting: of(&all, Step::Waiting), approved: of(&all, Step::Approved) });
    respond(counts.map_err(Problem::from))
}

/// One request of the issuer.
fn own(tx: &mut Tx<'_>, issuer: Id, id: &str) -> Result<Request, Error> {
    let id = id.parse::<Id>().map_err(|_| Code::NotFound)?;
    request::of_issuers(tx, &[issuer], id)?.ok_or_else(|| Code::NotFound.into())
}

/// One request.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/requests/{id}", operation_id = "request", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path)), responses((status = 200, body = Listed), Reads))]
pub async fn one(State(app): State<Arc<App>>, Path((_, id)): Path<(String, String)>, signed: Signed) -> Response {
    let (issuer, time) = (signed.issuer.id, now());
    let found = app.store.write(move |tx| {
        let it = own(tx, issuer, &id)?;
        act::note(tx, issuer, &signed.key, Did::RequestsRead, &it.id.to_string(), time)?;
        let files = request::files(tx, it.id)?;
        Ok(it.listed(files))
    });
    respond(found.await.map_err(Problem::from))
}

/// A file of a request, as somebody sent it: to be kept, never to be shown here.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/requests/{id}/files/{number}", operation_id = "requestFile", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path), ("number" = i64, Path)), responses((status = 200, body = String, content_type = "application/octet-stream"), Reads))]
pub async fn file(State(app): State<Arc<App>>, Path((_, id, number)): Path<(String, String, i64)>, signed: Signed) -> Response {
    let (issuer, time) = (signed.issuer.id, now());
    let found = app.store.write(move |tx| {
        let it = own(tx, issuer, &id)?;
        act::note(tx, issuer, &signed.key, Did::RequestsRead, &format!("{} file {number}", it.id), time)?;
        request::file(tx, it.id, number)?.ok_or_else(|| Code::NotFound.into())
    });
    match found.await {
        Ok((name, bytes)) => foreign(bytes, &name),
        Err(error) => refuse(&error.into()),
    }
}

/// A file of a stranger as an answer: an attachment of no kind, which no browser opens as a page (S01).
pub fn foreign(bytes: Vec<u8>, name: &str) -> Response {
    let mut response = attachment(bytes, "application/octet-stream", name);
    response.headers_mut().insert("content-security-policy", HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

/// What somebody says with a decision.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = request::Said)]
pub struct Said {
    reason: Option<String>,
    /// Whether the person is told of a refusal.
    silent: bool,
}

/// Approves or refuses a request, or takes that back.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/requests/{id}/{action}", operation_id = "decide", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path), ("action" = Decision, Path)), request_body = Said, responses((status = 200, body = Decided), Changes))]
pub async fn act(State(app): State<Arc<App>>, Path((_, id, action)): Path<(String, String, String)>, signed: Signed) -> Response {
    let event = match action.as_str() {
        "approve" => Event::Approve,
        "refuse" => Event::Refuse,
        "undo" => Event::Undo,
        _ => return refuse(&Code::NotFound.into()),
    };
    let said = match body::<Said>(&signed.body) {
        Ok(said) => said,
        Err(problem) => return refuse(&problem),
    };
    let (issuer, time) = (signed.issuer.id, now());
    let done = app.store.write(move |tx| {
        let it = own(tx, issuer, &id)?;
        act::note(tx, issuer, &signed.key, Did::RequestDecided, &format!("{} {action}", it.id), time)?;
        decide(tx, &it, event, said.reason.as_deref(), !said.silent, time)
    });
    respond(done.await.map(|state| Decided { state }).map_err(Problem::from))
}

/// Letters of a reason.
pub const MAX_REASON: usize = 2000;

/// Whether somebody was told of a refusal: then it stays.
///
/// # Errors
/// What the database said.
pub fn is_told(tx: &mut Tx<'_>, it: &Request) -> Result<bool, Error> {
    let is_mailed = it.state == Step::Refused && it.reason.is_some();
    Ok(is_mailed && !outbox::may_take_back(tx, it.id, outbox::Kind::RequestRefused)?)
}

/// Decides about a request. The mail of a refusal waits a while; once it has left, nothing is taken back.
///
/// # Errors
/// [`Code::Conflict`] when it was decided before, or cannot be taken back any more.
pub fn decide(
    tx: &mut Tx<'_>,
    it: &Request,
    event: Event,
    reason: Option<&str>,
    tell: bool,
    now: Timestamp,
) -> Result<Step, Error> {
    let address = it.address.as_ref().ok_or(Code::Gone)?;
    let reason: Option<String> =
        reason.map(|text| text.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_REASON).collect());
    let was_told = it.state == Step::Refused && it.reason.is_some();
    if event == Event::Undo && was_told && !outbox::take_back(tx, it.id, outbox::Kind::RequestRefused)? {
        return Err(Problem::stands(it.state.stands()).into());
    }
    // A reason, even an empty one, says that the person is told.
    let reason = (event == Event::Refuse && tell).then(|| reason.unwrap_or_default());
    let next = request::advance(tx, it, event, reason.as_deref(), now)?;
    if event == Event::Refuse && tell {
        outbox::put(tx, random::id(now), outbox::Kind::RequestRefused, it.id, address, it.language, now)?;
        outbox::hold(tx, it.id, outbox::Kind::RequestRefused, now + GRACE)?;
    }
    Ok(next)
}

// ---- Who acts for the issuer on the pages of the staff ----

/// The accounts that do, by their addresses, and who was asked to.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/staff", operation_id = "staff", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), responses((status = 200, body = Staff), Reads))]
pub async fn staff(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let (issuer, time) = (signed.issuer.id, now());
    let found =
        app.store.read(move |tx| Ok(Staff { staff: staff::of(tx, issuer)?, asked: staff::asked(tx, issuer, time)? })).await;
    respond(found.map_err(Problem::from))
}

/// In which language somebody is asked.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = request::StaffWish)]
pub struct StaffWish {
    /// Of whoever asks; an account with the address has its own.
    language: Option<String>,
}

/// Asks whoever has an address to act for the issuer. They are told by mail, and act for it once they accept, signed in to an account that holds
/// the address; whoever has none may register with it. The answer is the same whether there is such an account or not. At most one mail a day goes
/// to one address.
#[utoipa::path(put, path = "/api/v1/issuers/{did}/staff/{email}", operation_id = "addStaff", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("email" = EmailAddress, Path)), request_body = Option<StaffWish>, responses((status = 200, body = Done), Changes))]
pub async fn add_staff(State(app): State<Arc<App>>, Path((_, email)): Path<(String, String)>, signed: Signed) -> Response {
    let Ok(address) = email.parse::<EmailAddress>() else { return refuse(&Code::NotFound.into()) };
    let asker = match body::<StaffWish>(&signed.body) {
        Ok(wish) => wish.language.as_deref().map_or(Language::default(), Language::of_locale),
        Err(problem) => return refuse(&problem),
    };
    let who = format!("{} {}", signed.issuer.did, address.mailbox());
    if let Err(problem) = app.limit(&[("staff-asked", &signed.issuer.did, 100, 86400), ("staff-to", &who, 5, 86400)]).await {
        return refuse(&problem);
    }
    let (issuer, by, time, hash) = (signed.issuer.id, signed.key.clone(), now(), app.hash_of(&address));
    let done = app.store.write(move |tx| {
        let held = account::by_address(tx, &address)?;
        if let Some(held) = &held
            && staff::named_by(tx, held.id)?.contains(&issuer)
        {
            return Ok(());
        }
        let Some(offer) = staff::ask(tx, random::id(time), issuer, &address, time)? else { return Ok(()) };
        act::note(tx, issuer, &by, Did::StaffAsked, &offer.id.to_string(), time)?;
        if invitation::is_suppressed(tx, hash)? {
            return Ok(());
        }
        let language = held.map_or(asker, |it| it.language);
        Ok(outbox::put(tx, random::id(time), outbox::Kind::StaffOffer, offer.id, &address, language, time)?)
    });
    app.mail.notify_one();
    respond(done.await.map(|()| Done {}).map_err(Problem::from))
}

/// Has nobody with an address act for the issuer any more, nor be asked to. Whoever acts is named by the main address.
#[utoipa::path(delete, path = "/api/v1/issuers/{did}/staff/{email}", operation_id = "removeStaff", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("email" = EmailAddress, Path)), responses((status = 200, body = Done), Changes))]
pub async fn remove_staff(State(app): State<Arc<App>>, Path((_, email)): Path<(String, String)>, signed: Signed) -> Response {
    let Ok(address) = email.parse::<EmailAddress>() else { return refuse(&Code::NotFound.into()) };
    let (issuer, by, time) = (signed.issuer.id, signed.key.clone(), now());
    let done = app.store.write(move |tx| {
        let was_asked = staff::end_offer(tx, issuer, &address)?;
        let acts = match account::by_address(tx, &address)? {
            // By another address one would learn whose it is.
            Some(it) if account::addresses(tx, it.id)?.iter().any(|it| it.is_main && it.shown == address) => {
                staff::remove(tx, issuer, it.id)?.then_some(it.id)
            }
            _ => None,
        };
        if !was_asked && acts.is_none() {
            return Err(Code::NotFound.into());
        }
        Ok(act::note(tx, issuer, &by, Did::StaffRemoved, &acts.map(|id| id.to_string()).unwrap_or_default(), time)?)
    });
    respond(done.await.map(|()| Done {}).map_err(Problem::from))
}
