//! What a desk may do: upload its documents and signed awards, and follow its invitations. Each request is signed by the issuer's admitted
//! key, is fresh, and counts once (`satchel_protocol::signature`). The server checks every award before it keeps it; it can make none.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Status};
use satchel_badge::did;
use satchel_badge::evidence::Evidence;
use satchel_badge::model::Badge;
use satchel_badge::succession::{self, Succession};
use satchel_protocol::achievement;
use satchel_protocol::desk::{
    Award as Uploaded, Became as Acted, Done, Invitation as Listed, Invitations as AllInvitations, Kept, Listing as ListingWish,
    Listings, MAX_AWARDS, Outcome, Result as Became, Results, Upload,
};
use satchel_protocol::feed::{Cursor, Kind as Change, Page};
use satchel_protocol::invitation::{Event, State as Step};
use satchel_protocol::proposal::State as Granting;
use satchel_protocol::{Code, Id, Language, Problem};

use super::openapi::{Action, Changes, Reads};
use super::signed::{Brought, Signed};
use super::{asked, body, documents, json, refuse, respond};
use crate::random;
use crate::state::{App, Keys, now};
use crate::store::act::{self, Did};
use crate::store::award::{self, Award};
use crate::store::invitation::{self, Invitation};
use crate::store::issuer;
use crate::store::proposal::{self, Decided, Proposal};
use crate::store::{Error, Tx, catalogue, document, feed, listing, outbox, request};

/// Keeps a public document.
#[utoipa::path(put, path = "/api/v1/issuers/{did}/documents/{path}", operation_id = "putDocument", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("path" = String, Path, description = "`profile.json`, `badges/SLUG.json`, `status/NAME`, …; it may have slashes."), ("reinstate" = Option<bool>, Query, description = "Whether a list may take back a revocation that the one before has; without it such a list is refused.")), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, body = Done), (status = 201, body = Done), Changes))]
pub async fn put_document(
    State(app): State<Arc<App>>,
    Path((_, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    signed: Signed,
) -> Response {
    let kept = match asked(query.as_deref(), "reinstate") {
        Ok(reinstates) => keep_document(&app, path, reinstates.unwrap_or_default(), signed).await,
        Err(problem) => Err(problem),
    };
    match kept {
        Ok(status) => json(status, &Done {}),
        Err(problem) => refuse(&problem),
    }
}

async fn keep_document(app: &Arc<App>, path: String, reinstates: bool, signed: Signed) -> Result<StatusCode, Problem> {
    if signed.body.len() > documents::MAX_DOCUMENT {
        return Err(Problem::new(Code::TooLarge, [String::from("4 MB")]));
    }
    let time = now();
    let (checker, owner, bytes) = (Arc::clone(app), signed.issuer.did.clone(), signed.body.to_vec());
    let (whose, did) = (signed.issuer.id, owner.clone());
    let keys = app.store.read(move |tx| Ok(issuer::keys(tx, whose)?)).await?;
    let admitted = app.pool.run(move || documents::admit(&checker, (&owner, &keys), &path, bytes, time)).await??;
    let name = (admitted.path == "profile.json").then(|| profile_name(&admitted.bytes)).flatten();
    let (issuer, key) = (signed.issuer.id, signed.key);
    let is_list = admitted.number.is_some();
    let succession = (admitted.path == "succession.json").then(|| Succession::in_document(&admitted.bytes)).flatten();
    let bits = if is_list { documents::bits(&admitted.bytes) } else { Vec::new() };
    let new = app.store.write(move |tx| {
        let before = document::get(tx, issuer, &admitted.path)?;
        if before.as_ref().is_some_and(|before| before.hash == admitted.hash) {
            return Ok(false);
        }
        // A list that goes back would hide a revocation (V03).
        if before.as_ref().and_then(|it| it.number).is_some_and(|number| Some(number) >= admitted.number) {
            return Err(Code::OlderList.into());
        }
        // So would one that was signed by a desk that does not know of it: one that was taken back from a backup, or another copy of it.
        if !reinstates && before.as_ref().is_some_and(|it| documents::clears(&it.path, &it.bytes, &admitted.bytes)) {
            return Err(Code::ClearsRevocation.into());
        }
        document::put(tx, issuer, &admitted, time)?;
        act::note(tx, issuer, &key, Did::DocumentPublished, &admitted.path, time)?;
        if let Some(succession) = &succession {
            succeed(tx, issuer, succession, time)?;
        }
        if is_list {
            let earlier = before.as_ref().map(|it| documents::bits(&it.bytes)).unwrap_or_default();
            revoke(tx, (issuer, &key), &admitted.path, &earlier, &bits, time)?;
            // Whoever has an award learns that its issuer's key has passed on.
            if before.as_ref().is_some_and(|it| documents::signer(&it.bytes) != documents::signer(&admitted.bytes)) {
                for (id, holder) in award::one_of_each(tx, issuer, &admitted.path)? {
                    feed::append(tx, &[holder], Change::Award, id, time)?;
                }
            }
        }
        if let Some(name) = &name {
            let before = issuer::get(tx, issuer)?;
            issuer::rename(tx, issuer, name)?;
            if let Some(before) = before.as_ref().and_then(|it| it.name.as_ref()).filter(|before| *before != name) {
                let now = issuer::get(tx, issuer)?.map(|it| it.called()).unwrap_or_default();
                act::note(tx, act::SERVER, &key, Did::IssuerRenamed, &format!("{did}: {before} -> {now}"), time)?;
            }
            catalogue::refresh_all(tx, issuer, time)?;
        }
        if let Some(slug) = admitted.path.strip_prefix("achievements/").and_then(|file| file.strip_suffix(".json")) {
            catalogue::refresh(tx, issuer, slug, time)?;
        }
        feed::append(tx, &[issuer], Change::Document, issuer, time)?;
        Ok(before.is_none())
    });
    Ok(if new.await? { StatusCode::CREATED } else { StatusCode::OK })
}

/// Has the announced key take over: it speaks for the issuer that it succeeds, and issues under its own name. A second one is a fork, and neither
/// is believed.
fn succeed(tx: &mut Tx<'_>, id: Id, it: &Succession, time: Timestamp) -> Result<(), Error> {
    let issuer = issuer::get(tx, id)?.ok_or(Code::NotFound)?;
    if it.from != issuer.did
        || !issuer.next_key.as_ref().is_some_and(|next| it.reveals(next))
        || !issuer::succeed(tx, id, &it.to)?
    {
        return Err(Problem::new(Code::Invalid, [String::from("the key is not the one that the issuer announced")]).into());
    }
    let url = format!("{}#{}", it.to, it.to.trim_start_matches("did:key:"));
    if !issuer::appoint(tx, &issuer, random::id(time), (&it.to, &url), time)? {
        return Err(Problem::new(Code::UnknownIssuer, [it.to.clone()]).into());
    }
    Ok(act::note(tx, id, &it.to, Did::IssuerSucceeded, &it.to, time)?)
}

/// Brings what a new list says about the awards here to the pages that show them, and to whoever follows them.
fn revoke(
    tx: &mut Tx<'_>,
    (issuer, key): (Id, &str),
    path: &str,
    earlier: &[u8],
    bits: &[u8],
    time: Timestamp,
) -> Result<(), Error> {
    for index in documents::changed(earlier, bits) {
        let revoked = documents::bit(bits, index).then_some(time);
        let Ok(entry) = i64::try_from(index) else { continue };
        for (id, holder) in award::set_revoked(tx, issuer, &(path.to_owned(), entry), revoked)? {
            let did = if revoked.is_some() { Did::AwardRevoked } else { Did::AwardReinstated };
            act::note(tx, issuer, key, did, &id.to_string(), time)?;
            let feeds: Vec<Id> = [Some(issuer), holder].into_iter().flatten().collect();
            feed::append(tx, &feeds, Change::Award, id, time)?;
        }
    }
    Ok(())
}

fn profile_name(bytes: &[u8]) -> Option<String> {
    let value = satchel_badge::json::parse(bytes).ok()?;
    name_of(value.get("name")?.as_str()?)
}

fn name_of(text: &str) -> Option<String> {
    let name: String = satchel_badge::words::plain(text).take(200).collect();
    Some(name).filter(|name| !name.trim().is_empty())
}

/// Takes signed awards, checks each, and puts an invitation for each into the outbox.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/awards", operation_id = "postAwards", tag = "desk", security(("desk" = []), ("oauth" = ["staff"])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), request_body = Upload, responses((status = 200, body = Results), Changes))]
pub async fn post_awards(State(app): State<Arc<App>>, Brought(signed): Brought) -> Response {
    respond(take_awards(&app, signed).await)
}

async fn take_awards(app: &Arc<App>, signed: Signed) -> Result<Results, Problem> {
    let upload: Upload = body(&signed.body)?;
    if upload.awards.len() > MAX_AWARDS {
        return Err(Problem::new(Code::TooLarge, [format!("{MAX_AWARDS} awards")]));
    }
    let issuer = signed.issuer.id;
    let (hosted, keys) = app.store.read(move |tx| Ok((document::all(tx, issuer)?, issuer::keys(tx, issuer)?))).await?;
    let (time, checker, owner, key) = (now(), Arc::clone(app), signed.issuer.did, signed.key);
    let awards = upload.awards;
    let check_all = move || {
        let evidence = documents::evidence(&checker, &owner, hosted, &keys, time);
        let check_one = |award: &Uploaded| examine(&checker, &owner, &evidence, award, time);
        awards.into_iter().map(|award| (check_one(&award), award)).collect::<Vec<_>>()
    };
    let checked = app.pool.run(check_all).await?;
    let mut results = Vec::with_capacity(checked.len());
    let called = checked.iter().find_map(|(examined, _)| examined.as_ref().ok()?.issuer.clone());
    if let Some(name) = called.filter(|_| signed.issuer.name.is_none()) {
        // Until a profile says it, an issuer is called as the badges that it signed call it.
        app.store.write(move |tx| Ok(issuer::name_first(tx, issuer, &name)?)).await?;
    }
    for (examined, award) in checked {
        let became = match examined {
            Ok(examined) => keep_award(app, (issuer, &key), award, examined, time).await,
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
    /// What it calls its issuer.
    issuer: Option<String>,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
    status: Option<award::Status>,
    /// The hash of the next key, as the award announces it.
    next_key: Option<String>,
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
    achievement::check_credential(&three.data)?;
    let achievement = three.achievement.clone().unwrap_or_default();
    let name = three.name.clone().or(achievement.name).unwrap_or_default();
    Ok(Examined {
        credential: three.id.clone().ok_or_else(|| Problem::new(Code::BadAward, [String::from("id")]))?,
        achievement: achievement.id.unwrap_or_else(|| name.clone()),
        name: satchel_badge::words::plain(&name).take(300).collect(),
        issuer: three.issuer.as_ref().and_then(|issuer| issuer.name.as_deref()).and_then(name_of),
        issued: three.issued_on,
        expires: three.expires,
        status: documents::status_of(app, did, &three.data),
        // The desks of a `did:web` each announce one, and nobody succeeds its issuer but by its domain.
        next_key: three.data.get("issuer").and_then(succession::announced).filter(|_| did::method(did) == Some(did::Method::Key)),
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

async fn keep_award(
    app: &App,
    (issuer, key): (Id, &str),
    uploaded: Uploaded,
    it: Examined,
    time: Timestamp,
) -> Result<Became, Problem> {
    let key = key.to_owned();
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
    let status = it.status;
    let address = uploaded.email;
    let proposed = uploaded.proposal;
    let next_key = it.next_key;
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
        // Whoever stole a key could announce a successor of their own: the first announcement counts.
        if let Some(next) = &next_key
            && !issuer::announce(tx, issuer, next)?
        {
            return Err(Problem::new(Code::BadAward, [String::from("next_key")]).into());
        }
        if listing::is_closed(tx, issuer, &award.achievement)? {
            return Err(Code::Closed.into());
        }
        if invitation::is_suppressed(tx, suppressed)? {
            return Err(Code::Unwanted.into());
        }
        if invitation::is_repeated(tx, issuer, &award.achievement, &address)? {
            return Err(Code::Repeated.into());
        }
        award::add(tx, &award, status.as_ref(), time)?;
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
            reminded: None,
            reminders: 0,
        };
        invitation::add(tx, &invitation)?;
        if let Some(proposed) = proposed {
            let granted = proposal::of_issuer(tx, issuer, proposed)?.filter(|it| it.wish.is_some());
            let fits = |it: &Proposal| it.wish.as_ref().is_some_and(|wish| wish.email == address);
            let granted = granted.filter(fits).ok_or_else(|| Problem::new(Code::Conflict, [String::from("proposal")]))?;
            let decided = Decided { reason: None, credential: Some(award.credential.clone()) };
            proposal::decide(tx, &granted, Granting::Granted, &decided, time)?;
        }
        act::note(tx, issuer, &key, Did::AwardGranted, &award.id.to_string(), time)?;
        feed::append(tx, &[issuer], Change::Award, award.id, time)?;
        request::awarded(tx, issuer, &award.achievement, &address, time)?;
        outbox::put(tx, random::id(time), outbox::Kind::Claim, invitation.id, &address, language, time)?;
        Ok((Outcome::Added, Some(invitation.id)))
    });
    let (result, invitation) = kept.await?;
    Ok(Became { result, invitation, code: None, message: None })
}

/// Invitations that one answer lists.
const MOST: i64 = 200;

fn listed((it, credential): (Invitation, String)) -> Listed {
    Listed {
        id: it.id,
        credential,
        state: it.state,
        email: it.address.map(|address| address.to_string()),
        expires: it.expires.as_microsecond(),
    }
}

/// An award of the issuer as it was signed, by the identifier of its credential: the desk that succeeded the one that signed it has it from here,
/// to revoke it.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/awards/{credential}", operation_id = "issuerAward", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("credential" = String, Path, description = "`urn:uuid:…`")), responses((status = 200, body = Kept), Reads))]
pub async fn award(State(app): State<Arc<App>>, Path((_, credential)): Path<(String, String)>, signed: Signed) -> Response {
    let (issuer, key, time) = (signed.issuer.id, signed.key, now());
    let found = app.store.write(move |tx| {
        let it = award::by_credential(tx, issuer, &credential)?.ok_or(Code::NotFound)?;
        act::note(tx, issuer, &key, Did::AwardRead, &it.id.to_string(), time)?;
        let ob3 = it.ob3.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Code::Gone)?;
        Ok(Kept { ob3, invitation: invitation::of_award(tx, it.id)?.map(|it| it.id) })
    });
    respond(found.await.map_err(Problem::from))
}

/// The invitations of the issuer, the newest first; `?before=ID` reads on, `?state=withdrawn` lists those in a state.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/invitations", operation_id = "issuerInvitations", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("before" = Option<Id>, Query), ("state" = Option<Step>, Query)), responses((status = 200, body = AllInvitations), Reads))]
pub async fn invitations(State(app): State<Arc<App>>, RawQuery(query): RawQuery, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let page = async {
        let (before, key, time) = (asked::<Id>(query.as_deref(), "before")?, signed.key, now());
        let state = asked::<String>(query.as_deref(), "state")?.map(|name| Step::from_name(&name));
        let state = state.map(|known| known.ok_or(Problem::new(Code::BadRequest, [String::from("state")]))).transpose()?;
        let read = move |tx: &mut Tx<'_>| {
            act::note(tx, issuer, &key, Did::InvitationsRead, "all", time)?;
            Ok(invitation::list(tx, issuer, state, before, MOST)?)
        };
        let all = app.store.write(read).await?;
        let more = i64::try_from(all.len()).is_ok_and(|length| length == MOST);
        let all: Vec<_> = all.into_iter().map(listed).collect();
        Ok(AllInvitations { invitations: all, more })
    };
    respond(page.await)
}

/// One invitation of the issuer.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/invitations/{id}", operation_id = "issuerInvitation", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path)), responses((status = 200, body = Listed), Reads))]
pub async fn invitation(State(app): State<Arc<App>>, Path((_, id)): Path<(String, String)>, signed: Signed) -> Response {
    let (Ok(id), issuer, time) = (id.parse::<Id>(), signed.issuer.id, now()) else { return refuse(&Code::NotFound.into()) };
    let found = app.store.write(move |tx| {
        act::note(tx, issuer, &signed.key, Did::InvitationsRead, &id.to_string(), time)?;
        let it = invitation::of_issuer(tx, issuer, id)?.ok_or(Code::NotFound)?;
        let award = award::get(tx, it.award)?.ok_or(Code::NotFound)?;
        Ok(listed((it, award.credential)))
    });
    respond(found.await.map_err(Problem::from))
}

/// Who finds the issuer's achievements, as far as it said.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/listings", operation_id = "listings", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`.")), responses((status = 200, body = Listings), Reads))]
pub async fn listings(State(app): State<Arc<App>>, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let found = app.store.read(move |tx| Ok(listing::all(tx, issuer)?)).await;
    let states = |all: Vec<listing::Listed>| all.into_iter().map(|it| (it.slug, it.state)).collect::<BTreeMap<_, _>>();
    respond(found.map(|all| Listings { listings: states(all) }).map_err(Problem::from))
}

/// Says who finds an achievement that the issuer published under this name.
#[utoipa::path(put, path = "/api/v1/issuers/{did}/listings/{slug}", operation_id = "putListing", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("slug" = String, Path)), request_body = ListingWish, responses((status = 200, body = ListingWish), Changes))]
pub async fn put_listing(State(app): State<Arc<App>>, Path((_, slug)): Path<(String, String)>, signed: Signed) -> Response {
    let wished = match body::<ListingWish>(&signed.body) {
        Ok(wished) => wished.state,
        Err(problem) => return refuse(&problem),
    };
    let (issuer, time) = (signed.issuer.id, now());
    let done = app.store.write(move |tx| {
        let published = document::get(tx, issuer, &format!("achievements/{slug}.json"))?.ok_or(Code::NotFound)?;
        let achievement = documents::id_of(&published.bytes).ok_or(Code::NotFound)?;
        let it = listing::Listed { slug: slug.clone(), achievement, state: wished };
        listing::set(tx, issuer, &it, time)?;
        catalogue::refresh(tx, issuer, &slug, time)?;
        act::note(tx, issuer, &signed.key, Did::ListingSet, &format!("{slug} {}", wished.name()), time)?;
        Ok(feed::append(tx, &[issuer], Change::Document, issuer, time)?)
    });
    respond(done.await.map(|()| ListingWish { state: wished }).map_err(Problem::from))
}

/// The changes for the issuer after a cursor.
#[utoipa::path(get, path = "/api/v1/issuers/{did}/changes", operation_id = "issuerChanges", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("cursor" = Option<u64>, Query)), responses((status = 200, body = Page), Reads))]
pub async fn changes(State(app): State<Arc<App>>, RawQuery(query): RawQuery, signed: Signed) -> Response {
    let issuer = signed.issuer.id;
    let page = async {
        let cursor = asked(query.as_deref(), "cursor")?.unwrap_or(Cursor(0));
        Ok(app.store.read(move |tx| feed::page(tx, issuer, cursor)).await?)
    };
    respond(page.await)
}

/// What the record of acts calls a change of an invitation.
pub fn did_of(event: Event) -> Did {
    match event {
        Event::Remind => Did::InvitationReminded,
        Event::Withdraw => Did::InvitationWithdrawn,
        _ => Did::InvitationExtended,
    }
}

/// Reminds, withdraws or extends.
#[utoipa::path(post, path = "/api/v1/issuers/{did}/invitations/{id}/{action}", operation_id = "act", tag = "desk", security(("desk" = [])), params(("did" = String, Path, description = "The issuer: `did:key:z6Mk…`."), ("id" = Id, Path), ("action" = Action, Path)), responses((status = 200, body = Acted), Changes))]
pub async fn act(State(app): State<Arc<App>>, Path((_, id, action)): Path<(String, String, String)>, signed: Signed) -> Response {
    let (Ok(id), issuer, time) = (id.parse::<Id>(), signed.issuer.id, now()) else { return refuse(&Code::NotFound.into()) };
    let event = match action.as_str() {
        "remind" => Event::Remind,
        "withdraw" => Event::Withdraw,
        "extend" => Event::Extend,
        _ => return refuse(&Code::NotFound.into()),
    };
    let days = i64::from(app.settings.policy.invitation_days);
    let keys = app.keys();
    let done = app.store.write(move |tx| {
        act::note(tx, issuer, &signed.key, did_of(event), &id.to_string(), time)?;
        change(tx, &keys, (issuer, id), event, time, time + SignedDuration::from_hours(24 * days))
    });
    match done.await {
        Err(error) => refuse(&error.into()),
        Ok(state) => {
            app.mail.notify_one();
            json(StatusCode::OK, &Acted { state })
        }
    }
}

/// Reminds, withdraws or extends an invitation of an issuer.
///
/// # Errors
/// [`Code::Conflict`] where it cannot be done, [`Code::Gone`] once the person is erased, what [`invitation::may_remind`] says, or what the
/// database said.
pub fn change(
    tx: &mut Tx<'_>,
    keys: &Keys,
    (issuer, id): (Id, Id),
    event: Event,
    time: Timestamp,
    until: Timestamp,
) -> Result<Step, Error> {
    let it = invitation::of_issuer(tx, issuer, id)?.ok_or(Code::NotFound)?;
    let Some(address) = it.address.clone() else { return Err(Code::Gone.into()) };
    let state = invitation::advance(tx, &it, event, time)?;
    if event == Event::Remind {
        let key = keys.of("reminded", &format!("{issuer} {}", address.mailbox()));
        invitation::may_remind(tx, &it, &address, key, time)?;
        invitation::note_reminded(tx, id, time)?;
    }
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
