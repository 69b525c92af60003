//! The page of an invitation (R06 to R08, R34). Looking at it changes nothing: a mail scanner may. Accepting, declining and "not me, never
//! again" are each a button.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use satchel_protocol::invitation::{Event, State as Step};
use satchel_protocol::proposal::State as Decision;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{Code, Id, Problem};

use super::badge::{self, Shown};
use super::form::Form;
use super::institutions::{self, Institutions};
use super::words::Words;
use super::{Frame, go, message, message_with, must_sign_in, notices, page, problem, sign_in};
use crate::claiming;
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::award::{self, Award};
use crate::store::invitation::{self, Invitation};
use crate::store::{Error, Tx, issuer, message, notice, outbox, proposal, request, subscriber, ticket};
use crate::visitor::{Form as Sent, Visitor};

#[derive(Template)]
#[template(path = "claim.html")]
struct Claim {
    f: Frame,
    badge: Shown,
    greeting: String,
    note: String,
    /// Where the buttons send to.
    action: String,
    /// Who looks at it.
    looker: Looker,
    /// Whether the two equal buttons are shown.
    asks: bool,
    never: Option<String>,
    register: Option<String>,
    sign_in: String,
    /// Institutions through which a stranger signs in, without a password here.
    institutions: Option<Institutions>,
    /// Opens the app at the inbox, with this server named; it acts on nothing.
    in_app: String,
    other: String,
    /// Who answers for what.
    answers: String,
    holds: notices::Shown,
}

/// Who looks at an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looker {
    /// Whoever it is for, signed in.
    Addressee,
    /// Somebody who is signed in with another address.
    Other,
    /// Nobody that we know.
    Stranger,
}

/// How somebody came to an invitation.
enum Way {
    /// By the link of a mail.
    Link(Secret),
    /// From the own page, signed in.
    Id(Id),
}

struct Found {
    holds: notices::Shown,
    invitation: Invitation,
    award: Award,
    issuer: Option<String>,
    looker: Looker,
    /// Whether the badge was asked for, so that nobody else gave the address.
    is_asked: bool,
}

/// What the path names. An invitation found by its id is there for its addressee alone.
async fn find(app: &App, visitor: &Visitor, way: &Way) -> Result<Option<Found>, Problem> {
    let account = visitor.account().map(|account| account.id);
    let (secret, id) = match way {
        Way::Link(secret) => (Some(secret.clone()), None),
        Way::Id(id) => (None, Some(*id)),
    };
    let w = Words(visitor.language);
    let found = app.store.read(move |tx| {
        let id = match &secret {
            Some(secret) => ticket::find(tx, ticket::Kind::Claim, secret)?.map(|ticket| ticket.subject),
            None => id,
        };
        let Some(invitation) = id.map_or(Ok(None), |id| invitation::get(tx, id))? else { return Ok(None) };
        let Some(award) = award::get(tx, invitation.award)? else { return Ok(None) };
        let looker = looker(tx, &invitation, account)?;
        let of = issuer::get(tx, invitation.issuer)?;
        let holds = of.as_ref().map_or_else(|| Ok(notices::Shown::default()), |of| notices::of_issuer(tx, of, w))?;
        let issuer = of.filter(|issuer| issuer.name.is_some()).map(|issuer| issuer.called());
        let is_asked = match &invitation.address {
            Some(address) => request::was_awarded(tx, invitation.issuer, &award.achievement, address)?,
            None => false,
        };
        Ok(Some(Found { holds, invitation, award, issuer, looker, is_asked }))
    });
    let found = found.await?;
    Ok(found.filter(|found| matches!(way, Way::Link(_)) || found.looker == Looker::Addressee))
}

fn looker(tx: &mut Tx<'_>, invitation: &Invitation, account: Option<Id>) -> Result<Looker, Error> {
    let Some(account) = account else { return Ok(Looker::Stranger) };
    Ok(if claiming::is_addressee(tx, invitation, account)? { Looker::Addressee } else { Looker::Other })
}

fn way_of_link(text: &str) -> Option<Way> {
    Secret::parse(text).map(Way::Link)
}

fn way_of_id(text: &str) -> Option<Way> {
    text.parse().ok().map(Way::Id)
}

/// The page of a link.
pub async fn by_link(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    show(&app, &visitor, way_of_link(&secret)).await
}

/// The same, for whoever is signed in.
pub async fn by_id(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Response {
    if visitor.session.is_none() {
        return must_sign_in(&visitor);
    }
    show(&app, &visitor, way_of_id(&id)).await
}

fn none(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(
        app,
        visitor,
        StatusCode::NOT_FOUND,
        w.no_invitation(),
        &[w.no_invitation_why(), &sign_in::write_to(app, w)],
        &[],
    )
}

async fn show(app: &Arc<App>, visitor: &Visitor, way: Option<Way>) -> Response {
    let Some(way) = way else { return none(app, visitor) };
    match find(app, visitor, &way).await {
        Err(refused) => problem(app, visitor, refused),
        Ok(None) => none(app, visitor),
        Ok(Some(found)) => {
            if found.looker == Looker::Addressee
                && let Err(refused) = note_opened(app, found.invitation.id).await
            {
                return problem(app, visitor, refused);
            }
            match over(app, visitor, &found) {
                Some(answer) => answer,
                None => draw(app, visitor, &way, found).await,
            }
        }
    }
}

/// Notes that the addressee, signed in, has seen it. A scanner of mails has no account, so its look is not taken for one.
async fn note_opened(app: &App, id: Id) -> Result<(), Problem> {
    let time = now();
    let seen =
        app.store.read(move |tx| Ok(invitation::get(tx, id)?.is_some_and(|it| it.state == Step::Opened || !it.state.is_open())));
    if seen.await? {
        return Ok(());
    }
    let note = app.store.write(move |tx| match invitation::get(tx, id)? {
        Some(it) if it.state.is_open() && it.state != Step::Opened => invitation::advance(tx, &it, Event::Open, time).map(drop),
        _ => Ok(()),
    });
    Ok(note.await?)
}

/// What is said of an invitation that nobody can accept any more.
fn over(app: &App, visitor: &Visitor, found: &Found) -> Option<Response> {
    let w = Words(visitor.language);
    let Found { invitation, award, looker, .. } = found;
    let late = invitation.expires <= now();
    let words = match invitation.state {
        Step::Accepted if *looker == Looker::Addressee => {
            let path = format!("/account/badges/{}", award.id);
            return Some(message(app, visitor, w.accepted_already(), &[w.accepted_where()], &[(&path, &award.name)]));
        }
        Step::Accepted => w.accepted_sign_in(),
        Step::Declined => w.declined_already(),
        Step::Withdrawn => w.withdrawn(),
        Step::Expired => w.expired(),
        Step::AwaitingSignature => w.no_invitation_why(),
        _ if late => w.expired(),
        _ => return None,
    };
    let links: &[(&str, &str)] = if invitation.state == Step::Accepted { &[("/sign-in", w.sign_in())] } else { &[] };
    Some(message(app, visitor, w.invitation_over(), &[words], links))
}

async fn draw(app: &Arc<App>, visitor: &Visitor, way: &Way, found: Found) -> Response {
    let w = Words(visitor.language);
    let Found { holds, invitation, award, issuer, looker, is_asked } = found;
    let shown = match badge::one(app, award, w).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return none(app, visitor),
        Err(refused) => return problem(app, visitor, refused),
    };
    let address = invitation.address.as_ref().map(ToString::to_string).unwrap_or_default();
    let issuer = issuer.unwrap_or_else(|| shown.issuer.clone());
    let (action, link) = match way {
        Way::Link(secret) => (format!("/claim/{}", secret.reveal()), Some(secret.reveal())),
        Way::Id(id) => (format!("/claims/{id}"), None),
    };
    let other = visitor.account().map(Account::name).unwrap_or_default();
    let institutions = match looker {
        // Nobody is kept from the badge because these cannot be read now.
        Looker::Stranger => institutions::list_for(app, visitor, invitation.address.as_ref(), &action).await.unwrap_or_default(),
        Looker::Addressee | Looker::Other => None,
    };
    let to_register = link.filter(|_| invitation.account.is_none());
    let claim = Claim {
        greeting: invitation.name.as_ref().map_or_else(|| w.for_you().to_owned(), |name| w.fill(w.for_name(), &[name])),
        note: w.fill(
            if is_asked { w.claim_note_asked() } else { w.claim_note() },
            &[&address, &w.date(invitation.expires), &issuer],
        ),
        asks: visitor.account().is_some_and(|account| claiming::asks_visibility(&app.settings.policy, account)),
        never: link.map(|secret| format!("/claim/{secret}/never")),
        register: to_register.map(|secret| format!("/register?invitation={secret}")),
        sign_in: format!("/sign-in?next={action}"),
        institutions,
        in_app: format!(
            "satchel://inbox?server={}",
            // Whoever is to register is led back to it from there.
            url::form_urlencoded::byte_serialize(
                to_register
                    .filter(|_| looker == Looker::Stranger)
                    .map_or_else(|| app.origin.clone(), |secret| format!("{}/claim/{secret}", app.origin))
                    .as_bytes()
            )
            .collect::<String>()
        ),
        other: w.fill(w.other_account(), &[&other, &address]),
        answers: w.fill(w.answers_for_badge(), &[&issuer]),
        holds,
        f: Frame::new(app, visitor, shown.name.clone()),
        looker,
        badge: shown,
        action,
    };
    page(app, visitor, StatusCode::OK, &claim)
}

/// The picture of the badge, for whoever has the link while it may be accepted.
pub async fn picture_by_link(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((secret, pixels)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Response {
    picture(&app, &visitor, way_of_link(&secret), pixels, &headers).await
}

/// The same, for its addressee.
pub async fn picture_by_id(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((id, pixels)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Response {
    picture(&app, &visitor, way_of_id(&id), pixels, &headers).await
}

async fn picture(app: &Arc<App>, visitor: &Visitor, way: Option<Way>, pixels: u32, headers: &HeaderMap) -> Response {
    let made = async {
        let way = way.ok_or(Code::NotFound)?;
        let found = find(app, visitor, &way).await?.filter(|found| found.invitation.state.is_open());
        let found = found.filter(|found| found.invitation.expires > now()).ok_or(Code::NotFound)?;
        badge::picture(app, &found.award, pixels, badge::OWN, headers).await
    };
    made.await.unwrap_or_else(|refused| problem(app, visitor, refused))
}

/// Accepts, by the link.
pub async fn accept_by_link(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    accept(&app, &sent, way_of_link(&secret)).await
}

/// Accepts, from the own page.
pub async fn accept_by_id(State(app): State<Arc<App>>, Path(id): Path<String>, sent: Sent) -> Response {
    accept(&app, &sent, way_of_id(&id)).await
}

async fn accept(app: &App, sent: &Sent, way: Option<Way>) -> Response {
    let visitor = &sent.visitor;
    let (Some(way), Some(account)) = (way, visitor.account()) else { return must_sign_in(visitor) };
    match find(app, visitor, &way).await {
        Err(refused) => problem(app, visitor, refused),
        Ok(None) => none(app, visitor),
        Ok(Some(found)) => {
            if let Some(answer) = over(app, visitor, &found) {
                return answer;
            }
            match take(app, account, &found, sent).await {
                Ok(path) => go(&path),
                Err(refused) => problem(app, visitor, refused),
            }
        }
    }
}

async fn take(app: &App, account: &Account, found: &Found, sent: &Sent) -> Result<String, Problem> {
    if found.looker != Looker::Addressee {
        return Err(Code::Forbidden.into());
    }
    let (holder, id, time) = (account.id, found.invitation.id, now());
    let (policy, visibility) = (app.settings.policy.clone(), Visibility::from_name(sent.get("keep")));
    let (issuer, shown) = (found.invitation.issuer, sent.get("holds").to_owned());
    let award = app.store.write(move |tx| {
        notice::note_marked(tx, holder, issuer, &shown, time)?;
        claiming::accept(tx, &policy, holder, id, visibility, time)
    });
    let award = award.await?;
    Ok(format!("/account/badges/{award}"))
}

/// Asks whether to decline.
pub async fn decline(State(app): State<Arc<App>>, visitor: Visitor, Path(way): Path<String>) -> Response {
    let way = way_of_link(&way).or_else(|| way_of_id(&way));
    let w = Words(visitor.language);
    match confirm(&app, &visitor, way, false).await {
        Ok(form) => form(w.decline_title(), w.decline_button(), w.decline_intro()),
        Err(response) => *response,
    }
}

/// Asks whether to write never again.
pub async fn never(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match confirm(&app, &visitor, way_of_link(&secret), true).await {
        Ok(form) => form(w.never_title(), w.never_button(), w.never_intro()),
        Err(response) => *response,
    }
}

/// What is said of an invitation that nothing can be said to any more. To have one's data erased it is never too late, unless the badge was
/// accepted: then it belongs to an account, whose owner erases it there.
fn too_late(app: &App, visitor: &Visitor, found: &Found, forever: bool) -> Option<Response> {
    let may = forever && found.invitation.state != Step::Accepted;
    if may { None } else { over(app, visitor, found) }
}

type Draw<'a> = Box<dyn Fn(&str, &str, &str) -> Response + Send + 'a>;

/// A page with one button, for an invitation that is still open, or that `forever` can still be said to.
async fn confirm<'a>(app: &'a App, visitor: &'a Visitor, way: Option<Way>, forever: bool) -> Result<Draw<'a>, Box<Response>> {
    let found = match way {
        Some(way) => find(app, visitor, &way).await.map_err(|refused| Box::new(problem(app, visitor, refused)))?,
        None => None,
    };
    let Some(found) = found else { return Err(Box::new(none(app, visitor))) };
    if let Some(answer) = too_late(app, visitor, &found, forever) {
        return Err(Box::new(answer));
    }
    let name = found.award.name;
    Ok(Box::new(move |title, button, intro| {
        Form::new(app, visitor, title, button).intro(name.clone()).intro(intro).grave().respond(app, visitor)
    }))
}

/// Declines.
pub async fn declined(State(app): State<Arc<App>>, Path(way): Path<String>, sent: Sent) -> Response {
    let way = way_of_link(&way).or_else(|| way_of_id(&way));
    let w = Words(sent.visitor.language);
    end(&app, &sent, way, false, w.declined_title(), w.declined_why()).await
}

/// Writes never again: what is known of the address is erased, and a hash of it kept.
pub async fn nevermore(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let w = Words(sent.visitor.language);
    end(&app, &sent, way_of_link(&secret), true, w.never_done(), w.never_done_why()).await
}

async fn end(app: &App, sent: &Sent, way: Option<Way>, forever: bool, title: &str, words: &str) -> Response {
    let visitor = &sent.visitor;
    let Some(way) = way else { return none(app, visitor) };
    let found = match find(app, visitor, &way).await {
        Err(refused) => return problem(app, visitor, refused),
        Ok(None) => return none(app, visitor),
        Ok(Some(found)) => found,
    };
    if let Some(answer) = too_late(app, visitor, &found, forever) {
        return answer;
    }
    let hash = found.invitation.address.as_ref().map(|address| app.hash_of(address));
    let (time, id) = (now(), found.invitation.id);
    let done = app.store.write(move |tx| {
        let invitation = invitation::get(tx, id)?.ok_or(Code::NotFound)?;
        if !forever || invitation.state.is_open() {
            invitation::advance(tx, &invitation, Event::Decline, time)?;
        }
        let (Some(hash), true, Some(address)) = (hash, forever, &invitation.address) else { return Ok(()) };
        if invitation.state == Step::Accepted {
            return Err(Problem::stands(Step::Accepted.stands()).into());
        }
        invitation::suppress(tx, hash, time)?;
        for it in proposal::about(tx, address)? {
            proposal::decide(tx, &it, Decision::Declined, &proposal::Decided::default(), time)?;
        }
        account::drop_registrations(tx, address)?;
        request::erase_address(tx, address, time)?;
        message::erase_address(tx, address, time)?;
        subscriber::erase_address(tx, address, time)?;
        request::close_erased(tx, time)?;
        for other in invitation::to_address(tx, address)? {
            if other.state.is_open() && other.id != id {
                invitation::advance(tx, &other, Event::Decline, time)?;
            }
            // What was accepted belongs to an account, whose owner erases it there.
            if other.state != Step::Accepted {
                invitation::erase(tx, &other, time)?;
            }
        }
        Ok(())
    });
    // What was erased is to leave no trace in the journal either.
    let done = match done.await {
        Ok(()) if forever => app.after_erasure().await,
        other => other,
    };
    match done {
        Ok(()) => message(app, visitor, title, &[words], &[]),
        Err(error) => problem(app, visitor, error.into()),
    }
}

/// Has a mail sent that verifies the invitation's address for the account of whoever is signed in.
pub async fn verify_address(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let (Some(way), Some(account)) = (way_of_link(&secret), visitor.account()) else { return must_sign_in(visitor) };
    match ask(&app, visitor, account, &way).await {
        Ok(response) => response,
        Err(refused) => problem(&app, visitor, refused),
    }
}

async fn ask(app: &App, visitor: &Visitor, account: &Account, way: &Way) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let found = find(app, visitor, way).await?.filter(|found| found.looker == Looker::Other);
    let Some(address) = found.and_then(|found| found.invitation.address) else { return Ok(none(app, visitor)) };
    app.limit(&[("address", &account.id.to_string(), 10, 3600), ("address-to", &address.mailbox(), 5, 3600)]).await?;
    let (time, id, language, shown) = (now(), account.id, visitor.language, address.to_string());
    app.store
        .write(move |tx| Ok(outbox::put(tx, random::id(time), outbox::Kind::Address, id, &address, language, time)?))
        .await?;
    app.mail.notify_one();
    Ok(message(app, visitor, w.look_at_mail(), &[&w.fill(w.mail_sent_to(), &[&shown]), w.no_mail_came()], &[]))
}
