//! What a desk may do: upload its documents and signed awards, and follow its invitations. Each request is signed by the issuer's admitted
//! key, is fresh, and counts once (`satchel_protocol::signature`). The server checks every award before it keeps it; it can make none.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Status};
use satchel_badge::did;
use satchel_badge::evidence::Evidence;
use satchel_badge::model::Badge;
use satchel_protocol::desk::{Award as Uploaded, Invitation as Listed, MAX_AWARDS, Outcome, Result as Became, Results, Upload};
use satchel_protocol::feed::{Cursor, Kind as Change, Page};
use satchel_protocol::invitation::{Event, State as Step};
use satchel_protocol::signature::{FRESH, Headers, Request};
use satchel_protocol::{Code, Id, Language, Problem, sha256};

use super::{documents, json, refuse};
use crate::random;
use crate::state::{App, now};
use crate::store::award::{self, Award};
use crate::store::invitation::{self, Invitation};
use crate::store::issuer::{self, Issuer};
use crate::store::{Error, Tx, document, feed, outbox};

/// A request of a desk.
pub struct Signed {
    issuer: Issuer,
    body: Bytes,
}

/// Whose request it is, when an admitted key of the issuer in the path signed it, just now, and it did not come before.
async fn authorise(
    app: &App,
    did: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Signed, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let missing = || Problem::new(Code::BadSignature, [String::from("Signature-Input, Signature and Content-Digest are needed")]);
    let signed = Headers {
        digest: text("content-digest").ok_or_else(missing)?,
        input: text("signature-input").ok_or_else(missing)?,
        signature: text("signature").ok_or_else(missing)?,
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = format!("{}{path}", app.origin);
    let time = now();
    let parameters = signed.verify(Request { method: method.as_str(), target: &target, body: &body }, time)?;
    if did::without_fragment(&parameters.key) != did {
        return Err(Code::Forbidden.into());
    }
    // What was signed, not the signature, which can be made again over the same.
    let hash = sha256(format!("{}\0{}", parameters.key, parameters.nonce).as_bytes());
    let until = time + SignedDuration::from_secs(2 * FRESH);
    let did = did.to_owned();
    let found = app.store.write(move |tx| {
        let issuer = issuer::by_did(tx, &did)?.filter(|issuer| issuer.suspended.is_none());
        let issuer = issuer.ok_or_else(|| Problem::new(Code::UnknownIssuer, [did.clone()]))?;
        if !issuer::remember(tx, hash, until)? {
            return Err(Code::Replayed.into());
        }
        Ok(issuer)
    });
    Ok(Signed { issuer: found.await?, body })
}

macro_rules! signed {
    ($app:expr, $did:expr, $method:expr, $uri:expr, $headers:expr, $body:expr) => {
        match authorise(&$app, &$did, &$method, &$uri, &$headers, $body).await {
            Ok(signed) => signed,
            Err(problem) => return refuse(&problem),
        }
    };
}

/// Keeps a public document.
pub async fn put_document(
    State(app): State<Arc<App>>,
    Path((did, path)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = signed!(app, did, method, uri, headers, body);
    match keep_document(&app, &did, path, signed).await {
        Ok(status) => json(status, &serde_json::json!({})),
        Err(problem) => refuse(&problem),
    }
}

async fn keep_document(app: &Arc<App>, did: &str, path: String, signed: Signed) -> Result<StatusCode, Problem> {
    if signed.body.len() > documents::MAX_DOCUMENT {
        return Err(Problem::new(Code::TooLarge, [String::from("4 MB")]));
    }
    let time = now();
    let (checker, owner, bytes) = (Arc::clone(app), did.to_owned(), signed.body.to_vec());
    let admitted = beside(move || documents::admit(&checker, &owner, &path, bytes, time)).await??;
    let name = (admitted.path == "profile.json").then(|| profile_name(&admitted.bytes)).flatten();
    let issuer = signed.issuer.id;
    let new = app.store.write(move |tx| {
        let before = document::get(tx, issuer, &admitted.path)?;
        if before.as_ref().is_some_and(|before| before.hash == admitted.hash) {
            return Ok(false);
        }
        // A list that goes back would hide a revocation (V03).
        if before.as_ref().and_then(|it| it.number).is_some_and(|number| Some(number) >= admitted.number) {
            return Err(Code::OlderList.into());
        }
        document::put(tx, issuer, &admitted, time)?;
        if let Some(name) = &name {
            issuer::rename(tx, issuer, name)?;
        }
        feed::append(tx, &[issuer], Change::Document, issuer, time)?;
        Ok(before.is_none())
    });
    Ok(if new.await? { StatusCode::CREATED } else { StatusCode::OK })
}

fn profile_name(bytes: &[u8]) -> Option<String> {
    let value = satchel_badge::json::parse(bytes).ok()?;
    let name: String = satchel_badge::words::plain(value.get("name")?.as_str()?).take(200).collect();
    Some(name).filter(|name| !name.trim().is_empty())
}

async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::bare(Code::Internal))
}

/// Takes signed awards, checks each, and puts an invitation for each into the outbox.
pub async fn post_awards(
    State(app): State<Arc<App>>,
    Path(did): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = signed!(app, did, method, uri, headers, body);
    match take_awards(&app, &did, signed).await {
        Ok(results) => json(StatusCode::OK, &results),
        Err(problem) => refuse(&problem),
    }
}

async fn take_awards(app: &Arc<App>, did: &str, signed: Signed) -> Result<Results, Problem> {
    let bad = |error: serde_json::Error| Problem::new(Code::BadRequest, [error.to_string()]);
    let upload: Upload = serde_json::from_slice(&signed.body).map_err(bad)?;
    if upload.awards.len() > MAX_AWARDS {
        return Err(Problem::new(Code::TooLarge, [format!("{MAX_AWARDS} awards")]));
    }
    let issuer = signed.issuer.id;
    let hosted = app.store.read(move |tx| Ok(document::all(tx, issuer)?)).await?;
    let (time, checker, owner) = (now(), Arc::clone(app), did.to_owned());
    let awards = upload.awards;
    let checked = beside(move || {
        let evidence = documents::evidence(&checker, &owner, hosted, time);
        let check_one = |award: &Uploaded| examine(&checker, &owner, &evidence, award, time);
        awards.into_iter().map(|award| (check_one(&award), award)).collect::<Vec<_>>()
    })
    .await?;
    let mut results = Vec::with_capacity(checked.len());
    for (examined, award) in checked {
        let became = match examined {
            Ok(examined) => keep_award(app, issuer, award, examined, time).await,
            Err(problem) => Err(problem),
        };
        results.push(became.unwrap_or_else(|problem| {
            Became {
                result: Outcome::Refused,
                invitation: None,
                code: Some(
                    problem
                        .details
                        .first()
                        .filter(|_| problem.code == Code::BadAward)
                        .cloned()
                        .unwrap_or_else(|| problem.code.name().to_owned()),
                ),
                message: Some(problem.message(Language::English)),
            }
        }));
    }
    app.mail.notify_one();
    Ok(Results { results })
}

/// What an award says that the server needs to know.
struct Examined {
    credential: String,
    achievement: String,
    name: String,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
}

/// Checks both forms of an award as a verifier would, with what the issuer publishes here as evidence.
fn examine(app: &App, did: &str, evidence: &Evidence, award: &Uploaded, time: Timestamp) -> Result<Examined, Problem> {
    let three = verified(award.ob3.as_bytes(), evidence, award, time)?;
    let issuer = |badge: &Badge| badge.issuer.as_ref().and_then(|issuer| issuer.id.clone()).unwrap_or_default();
    let foreign = || Problem::new(Code::BadAward, [String::from("issuer")]);
    if issuer(&three) != did {
        return Err(foreign());
    }
    if let Some(two) = &award.ob2 {
        let two = verified(two.as_bytes(), evidence, award, time)?;
        if issuer(&two) != documents::url(app, did, "profile.json") {
            return Err(foreign());
        }
    }
    let achievement = three.achievement.clone().unwrap_or_default();
    let name = three.name.clone().or(achievement.name).unwrap_or_default();
    Ok(Examined {
        credential: three.id.clone().ok_or_else(|| Problem::new(Code::BadAward, [String::from("id")]))?,
        achievement: achievement.id.unwrap_or_else(|| name.clone()),
        name: satchel_badge::words::plain(&name).take(300).collect(),
        issued: three.issued_on,
        expires: three.expires,
    })
}

/// The badge in one form, when nothing about it fails, it is signed, and it is bound to the address.
fn verified(bytes: &[u8], evidence: &Evidence, award: &Uploaded, time: Timestamp) -> Result<Box<Badge>, Problem> {
    let bad = |code: &str| Problem::new(Code::BadAward, [code.to_owned()]);
    let recipient = |who: &str| Policy { recipient: Some(who.to_owned()), ..Policy::default() };
    let reports = check(bytes, evidence, &recipient(award.email.normal()), time);
    let [report] = reports.as_slice() else { return Err(bad("not_one_credential")) };
    if let Some(line) = report.lines.iter().find(|line| line.code.status() == Status::Fail) {
        let code: Problem =
            if line.code.check() == CheckId::Recipient { Code::WrongRecipient.into() } else { bad(line.code.name()) };
        return Err(code);
    }
    let passed = |id: CheckId| report.lines.iter().any(|line| line.code.check() == id && line.code.status() == Status::Pass);
    if !passed(CheckId::Recipient) {
        return Err(Code::WrongRecipient.into());
    }
    if let Some(id) = [CheckId::Schema, CheckId::Issuer, CheckId::Proof, CheckId::Validity].into_iter().find(|id| !passed(*id)) {
        let unknown = report.lines.iter().find(|line| line.code.check() == id);
        return Err(bad(unknown.map_or("unknown", |line| line.code.name())));
    }
    report.badge.clone().ok_or_else(|| bad("not_a_badge"))
}

async fn keep_award(app: &App, issuer: Id, uploaded: Uploaded, it: Examined, time: Timestamp) -> Result<Became, Problem> {
    let suppressed = app.hash_of(&uploaded.email);
    let days = i64::from(app.settings.policy.invitation_days);
    let language = uploaded.language.as_deref().map_or(Language::default(), Language::of_locale);
    let name = uploaded.name.as_deref().map(|name| satchel_badge::words::plain(name.trim()).take(200).collect::<String>());
    let award = Award {
        id: random::id(time),
        issuer,
        credential: it.credential,
        achievement: it.achievement,
        name: it.name,
        ob3: Some(uploaded.ob3.into_bytes()),
        ob2: uploaded.ob2.map(String::into_bytes),
        issued: it.issued,
        expires: it.expires,
        holder: None,
        hidden: false,
        revoked: None,
    };
    let address = uploaded.email;
    let kept = app.store.write(move |tx| {
        if let Some(before) = award::by_credential(tx, issuer, &award.credential)? {
            // The same once more is no mistake: the answer to an earlier request may have been lost. Something else under the same
            // identifier is. Once erased, nothing is left to compare with.
            let same = before.ob3.is_none() || (before.ob3 == award.ob3 && before.ob2 == award.ob2);
            let invitation = invitation::of_award(tx, before.id)?.map(|it| it.id);
            return if same {
                Ok((Outcome::Duplicate, invitation))
            } else {
                Err(Problem::new(Code::Conflict, [award.credential.clone()]).into())
            };
        }
        if invitation::is_suppressed(tx, suppressed)? {
            return Err(Code::Unwanted.into());
        }
        if invitation::is_repeated(tx, issuer, &award.achievement, &address)? {
            return Err(Code::Repeated.into());
        }
        award::add(tx, &award, time)?;
        let invitation = Invitation {
            id: random::id(time),
            award: award.id,
            issuer,
            address: Some(address.clone()),
            name: name.clone().filter(|name| !name.is_empty()),
            language,
            state: Step::Queued,
            account: None,
            created: time,
            expires: time + SignedDuration::from_hours(24 * days),
        };
        invitation::add(tx, &invitation)?;
        feed::append(tx, &[issuer], Change::Award, award.id, time)?;
        outbox::put(tx, random::id(time), outbox::Kind::Claim, invitation.id, &address, language, time)?;
        Ok((Outcome::Added, Some(invitation.id)))
    });
    let (result, invitation) = kept.await?;
    Ok(Became { result, invitation, code: None, message: None })
}

/// Invitations that one answer lists.
const MOST: i64 = 1000;

/// The invitations of the issuer.
pub async fn invitations(
    State(app): State<Arc<App>>,
    Path(did): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = signed!(app, did, method, uri, headers, body);
    let issuer = signed.issuer.id;
    let listed = app.store.read(move |tx| {
        let all = invitation::list(tx, issuer, MOST)?;
        let show = |(it, credential): (Invitation, String)| Listed {
            id: it.id,
            credential,
            state: it.state,
            email: it.address.map(|address| address.to_string()),
            expires: it.expires.as_microsecond(),
        };
        Ok(all.into_iter().map(show).collect::<Vec<_>>())
    });
    match listed.await {
        Ok(listed) => json(StatusCode::OK, &serde_json::json!({ "invitations": listed })),
        Err(error) => refuse(&error.into()),
    }
}

/// The changes for the issuer after a cursor.
pub async fn changes(
    State(app): State<Arc<App>>,
    Path(did): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    const PAGE: usize = 500;
    let signed = signed!(app, did, method, uri, headers, body);
    let asked = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "cursor")
        .map(|(_, it)| it.into_owned());
    let Ok(cursor) = asked.as_deref().unwrap_or("0").parse::<Cursor>() else {
        return refuse(&Problem::new(Code::BadRequest, [String::from("cursor")]));
    };
    let issuer = signed.issuer.id;
    match app.store.read(move |tx| feed::since(tx, issuer, cursor, i64::try_from(PAGE).unwrap_or(i64::MAX))).await {
        Err(error) => refuse(&error.into()),
        Ok(records) => {
            let next = records.last().map_or(cursor, |record| Cursor(record.seq));
            json(StatusCode::OK, &Page { more: records.len() == PAGE, cursor: next.to_string(), records })
        }
    }
}

/// Reminds, withdraws or extends.
pub async fn act(
    State(app): State<Arc<App>>,
    Path((did, id, action)): Path<(String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = signed!(app, did, method, uri, headers, body);
    let (Ok(id), issuer, time) = (id.parse::<Id>(), signed.issuer.id, now()) else { return refuse(&Code::NotFound.into()) };
    let event = match action.as_str() {
        "remind" => Event::Remind,
        "withdraw" => Event::Withdraw,
        "extend" => Event::Extend,
        _ => return refuse(&Code::NotFound.into()),
    };
    let days = i64::from(app.settings.policy.invitation_days);
    let done = app.store.write(move |tx| change(tx, issuer, id, event, time, time + SignedDuration::from_hours(24 * days)));
    match done.await {
        Err(error) => refuse(&error.into()),
        Ok(state) => {
            app.mail.notify_one();
            json(StatusCode::OK, &serde_json::json!({ "state": state }))
        }
    }
}

fn change(tx: &mut Tx<'_>, issuer: Id, id: Id, event: Event, time: Timestamp, until: Timestamp) -> Result<Step, Error> {
    let it = invitation::of_issuer(tx, issuer, id)?.ok_or(Code::NotFound)?;
    let Some(address) = it.address.clone() else { return Err(Code::Gone.into()) };
    let state = invitation::advance(tx, &it, event, time)?;
    if event == Event::Extend {
        invitation::extend(tx, id, until)?;
    }
    if event == Event::Withdraw {
        award::revoke(tx, it.award, time)?;
    }
    if state == Step::Queued && it.state != Step::Queued {
        outbox::put(tx, random::id(time), outbox::Kind::Claim, id, &address, it.language, time)?;
    }
    Ok(state)
}
