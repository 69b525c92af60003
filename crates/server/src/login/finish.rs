//! What becomes of somebody whom a provider sends and who has no account through it yet. They are asked for the birth date alone (R15); a date
//! that is refused is not kept (R20). Then an account is made, or one that is there is joined, or one more proof is asked for (`merging.rs`).
//! Until then nothing is there but a row that is forgotten soon.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::birth::BirthError;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{BirthDate, Code, Id, Language, Problem};

use super::failure::{self, Failure};
use super::merging::{self, Decision, Holder};
use super::{away, enter, join};
use crate::pages::form::{Field, Form};
use crate::pages::words::Words;
use crate::pages::{go, institutions, message, message_with, problem};
use crate::random::{self, Secret};
use crate::state::{App, now};
use crate::store::account::{self, Account, State as AccountState};
use crate::store::arrival::{self, Arrival};
use crate::store::identity::{self, Identity};
use crate::store::provider::{self, Provider};
use crate::store::{Error, StoreError, Tx, attempt, factor, feed, invitation, merge, outbox, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// How long a refused birth date keeps somebody from trying another one.
const AGE_BLOCK: i64 = 24 * 3600;

/// How long the mail that proves an address may take.
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);

/// Birth dates that may be given for one login within a day: there is one, and it must not be guessed.
const DATES: i64 = 5;

/// Whoever arrived in this browser, and from where.
pub async fn arrived(app: &App, visitor: &Visitor) -> Result<Option<(Arrival, Provider)>, Problem> {
    let (browser, time) = (visitor.browser(), now());
    let found = app.store.read(move |tx| {
        let Some(come) = arrival::of(tx, browser, time)? else { return Ok(None) };
        Ok(provider::get(tx, &come.provider)?.map(|provider| (come, provider)))
    });
    Ok(found.await?)
}

fn strayed(app: &App, visitor: &Visitor) -> Response {
    failure::show(app, visitor, None, &Failure::Strayed)
}

fn birth_form(app: &App, visitor: &Visitor, come: &Arrival, provider: &Provider) -> Form {
    let w = Words(visitor.language);
    let name = format!("{} {}", come.given_name, come.family_name);
    Form::new(app, visitor, w.almost_there(), w.go_on())
        .intro(w.fill(w.came_as(), &[&provider.name, name.trim(), come.address.as_str()]))
        .intro(w.only_birth_date())
        .field(Field::birth("birth", w.birth_date(), [w.day(), w.month(), w.year()]).hint(w.birth_hint()))
        .link("/sign-in", w.use_another_login())
}

/// Asks for the birth date; or, once it was given, for one more proof.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, headers: HeaderMap) -> Response {
    match arrived(&app, &visitor).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => strayed(&app, &visitor),
        Ok(Some((come, provider))) if come.birth_date.is_none() => {
            birth_form(&app, &visitor, &come, &provider).respond(&app, &visitor)
        }
        Ok(Some((come, provider))) => {
            let next = away::next_of(&app, &headers);
            settle(&app, &visitor, come, &provider, None, &next).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
        }
    }
}

/// The answer to the birth date.
pub async fn send(State(app): State<Arc<App>>, headers: HeaderMap, sent: Sent) -> Response {
    let next = away::next_of(&app, &headers);
    take(&app, &sent, &next).await.unwrap_or_else(|refused| problem(&app, &sent.visitor, refused))
}

async fn take(app: &Arc<App>, sent: &Sent, next: &str) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let Some((come, provider)) = arrived(app, visitor).await? else { return Ok(strayed(app, visitor)) };
    let (time, login) = (now(), format!("{}\0{}", come.issuer, come.subject));
    let young = app.key("too-young", &login);
    if app.store.read(move |tx| Ok(attempt::is_noted(tx, young, AGE_BLOCK, time)?)).await? {
        return Ok(message_with(app, visitor, StatusCode::FORBIDDEN, w.not_signed_in(), &[w.try_tomorrow_login()], &[]));
    }
    let birth = match BirthDate::from_parts(sent.get("birth-day"), sent.get("birth-month"), sent.get("birth-year"), time) {
        Ok(birth) => birth,
        Err(error) => {
            let words = match error {
                BirthError::NoSuchDay => w.birth_wrong(),
                BirthError::Future => w.birth_future(),
                BirthError::TooLongAgo => w.birth_long_ago(),
            };
            let form = birth_form(app, visitor, &come, &provider).filled(sent).errors(&[("birth", words.to_owned())]);
            return Ok(form.respond(app, visitor));
        }
    };
    app.limit(&[("birth-of", &login, DATES, 24 * 3600), ("birth-from", &visitor.ip, 60, 3600)]).await?;
    if !birth.is_at_least(app.settings.policy.minimum_age, time) {
        return too_young(app, visitor, &come, young, birth).await;
    }
    let id = come.id;
    app.store.write(move |tx| Ok(arrival::set_birth(tx, id, birth)?)).await?;
    settle(app, visitor, Arrival { birth_date: Some(birth), ..come }, &provider, None, next).await
}

/// A refused date is not kept, and neither is who gave it; that one was refused is, for a day (R20).
async fn too_young(app: &App, visitor: &Visitor, come: &Arrival, key: [u8; 32], birth: BirthDate) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let (time, browser, address) = (now(), come.browser, come.address.clone());
    let day = birth.reaches(app.settings.policy.minimum_age);
    let waits = app.store.write(move |tx| {
        attempt::count(tx, key, AGE_BLOCK, time)?;
        arrival::forget(tx, browser)?;
        let waiting = invitation::to_address(tx, &address)?;
        Ok(waiting.iter().any(|it| it.state.is_open() && day.is_some_and(|day| day < it.expires)))
    });
    let waits = if waits.await? { w.invitation_waits() } else { "" };
    app.store.settle().await?;
    let words = w.fill(w.too_young(), &[&app.settings.policy.minimum_age.to_string()]);
    Ok(message_with(app, visitor, StatusCode::FORBIDDEN, w.not_signed_in(), &[&words, w.date_not_kept(), waits], &[]))
}

/// What came of it.
enum Outcome {
    /// The login belongs to an account.
    Known(Id),
    /// More is needed.
    Needs(Decision),
}

/// Does what the rules say. `link` is that of the mail which proved the address.
async fn settle(
    app: &Arc<App>,
    visitor: &Visitor,
    come: Arrival,
    provider: &Provider,
    link: Option<Secret>,
    next: &str,
) -> Result<Response, Problem> {
    let Some(birth) = come.birth_date else { return Ok(go("/sign-in/finish")) };
    let w = Words(visitor.language);
    let (minimum, language, time) = (app.settings.policy.minimum_age, visitor.language, now());
    let coming = come.clone();
    let outcome = app.store.write(move |tx| {
        let proved = match &link {
            Some(link) => ticket::redeem(tx, link, time)?,
            None => false,
        };
        if !birth.is_at_least(minimum, time) {
            return Err(Code::Forbidden.into());
        }
        decide(tx, &coming, birth, proved, language, time)
    });
    match outcome.await? {
        Outcome::Known(account) => match enter::enter(app, visitor, &come, account, next).await? {
            Some(response) => Ok(response),
            None => Ok(failure::show(app, visitor, Some(provider), &Failure::Closed)),
        },
        Outcome::Needs(Decision::Closed) => {
            app.store.write(move |tx| Ok(arrival::forget(tx, come.browser)?)).await?;
            Ok(failure::show(app, visitor, Some(provider), &Failure::Closed))
        }
        Outcome::Needs(Decision::Mail) => {
            let address = come.address.as_str();
            let words = w.fill(w.address_not_vouched(), &[&provider.name, address]);
            Ok(institutions::prove(app, visitor, Some(address), &[&words, w.or_sign_in_first()]))
        }
        Outcome::Needs(Decision::Prove { by_mail }) => {
            let address = come.address.as_str();
            let words = w.fill(w.account_is_there(), &[address]);
            Ok(institutions::prove(app, visitor, by_mail.then_some(address), &[&words, w.prove_it_is_yours()]))
        }
        Outcome::Needs(Decision::Create | Decision::Join) => Err(Code::Internal.into()),
    }
}

fn decide(
    tx: &mut Tx<'_>,
    come: &Arrival,
    birth: BirthDate,
    proved: bool,
    language: Language,
    time: Timestamp,
) -> Result<Outcome, Error> {
    // Two tabs of one person may come at once.
    if let Some(known) = identity::find(tx, &come.issuer, &come.subject)? {
        return Ok(Outcome::Known(known.account));
    }
    let there = account::by_address(tx, &come.address)?;
    let holder = there.as_ref().map(|it| holder(tx, it, come, birth)).transpose()?;
    let identity = match (merging::decide(come.vouched, proved, holder, time), there) {
        (Decision::Create, _) => make(tx, come, birth, language, time)?,
        (Decision::Join, Some(account)) => {
            if proved {
                account::note_verified(tx, &come.address, time)?;
            }
            join::unite(tx, &account, come, None, time)?
        }
        (decision, _) => return Ok(Outcome::Needs(decision)),
    };
    // Another one was faster: the transaction is run again, or whoever asked comes again.
    let Some(identity) = identity else { return Err(StoreError::Crossed.into()) };
    Ok(Outcome::Known(identity.account))
}

/// What speaks for and against joining this account.
fn holder(tx: &mut Tx<'_>, account: &Account, come: &Arrival, birth: BirthDate) -> Result<Holder, Error> {
    let logins = identity::of(tx, account.id)?;
    let addresses = account::addresses(tx, account.id)?;
    let verified = addresses.iter().find(|it| it.shown == come.address).map(|it| it.verified);
    Ok(Holder {
        is_closed: !account.is_usable(),
        has_second_factor: factor::has(tx, account.id)?,
        has_role: account.role.is_some(),
        has_same_provider: logins.iter().any(|it| it.issuer == come.issuer || it.provider == come.provider),
        is_barred: merge::is_barred(tx, account.id, &come.issuer, &come.subject)?,
        has_same_birth_date: account.birth_date == birth,
        verified: verified.unwrap_or(Timestamp::MIN),
    })
}

/// Makes an account; nothing when another one was faster.
fn make(
    tx: &mut Tx<'_>,
    come: &Arrival,
    birth: BirthDate,
    language: Language,
    time: Timestamp,
) -> Result<Option<Identity>, Error> {
    let account = Account {
        id: random::id(time),
        state: AccountState::Active,
        role: come.role.clone(),
        given_name: come.given_name.clone(),
        family_name: come.family_name.clone(),
        birth_date: birth,
        password: None,
        language,
        slug: random::slug(),
        page: Visibility::Private,
        page_chosen: None,
        indexed: false,
        created: time,
    };
    let identity = join::identity(come, account.id, come.role.clone(), time);
    if !identity::create(tx, &identity)? {
        return Ok(None);
    }
    account::create(tx, &account)?;
    if account.role.is_some() {
        account::close_first_start(tx)?;
    }
    if !account::add_address(tx, account.id, &come.address, true, time)? {
        return Ok(None);
    }
    account::drop_registrations(tx, &come.address)?;
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    Ok(Some(identity))
}

/// Sends the mail.
pub async fn send_mail(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let put = async {
        let Some((come, _)) = arrived(&app, visitor).await?.filter(|(come, _)| come.birth_date.is_some()) else {
            return Ok(strayed(&app, visitor));
        };
        app.limit(&[("prove-to", come.address.normal(), 5, 3600), ("prove-from", &visitor.ip, 60, 3600)]).await?;
        let (time, language, id, address) = (now(), visitor.language, come.id, come.address.clone());
        app.store
            .write(move |tx| {
                arrival::keep_until(tx, id, time + TWO_DAYS)?;
                Ok(outbox::put(tx, random::id(time), outbox::Kind::Prove, id, &address, language, time)?)
            })
            .await?;
        app.mail.notify_one();
        let words = w.fill(w.mail_sent_to(), &[come.address.as_str()]);
        Ok::<_, Problem>(message(&app, visitor, w.look_at_mail(), &[&words, w.in_this_browser(), w.no_mail_came()], &[]))
    };
    put.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

/// Whoever the link of a mail is about, and whether they began in this browser: somebody else's sign-in cannot be finished by the owner of an
/// address who presses a link.
async fn of_link(app: &App, visitor: &Visitor, text: &str) -> Result<Option<(Secret, Arrival, Provider, bool)>, Problem> {
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let (time, looked, browser) = (now(), secret.clone(), visitor.browser());
    let found = app.store.read(move |tx| {
        let ticket = ticket::find(tx, ticket::Kind::Prove, &looked)?.filter(|it| it.used.is_none() && it.expires > time);
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(come) = arrival::get(tx, ticket.subject, time)? else { return Ok(None) };
        let is_here = come.browser == browser;
        Ok(provider::get(tx, &come.provider)?.map(|provider| (come, provider, is_here)))
    });
    Ok(found.await?.map(|(come, provider, is_here)| (secret, come, provider, is_here)))
}

fn over(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    let words = [w.link_over_why(), w.sign_in_once_more()];
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &words, &[("/sign-in", w.sign_in())])
}

fn elsewhere(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::FORBIDDEN, w.other_browser(), &[w.other_browser_why()], &[])
}

/// The page of the link.
pub async fn prove(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match of_link(&app, &visitor, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => over(&app, &visitor),
        Ok(Some((.., false))) => elsewhere(&app, &visitor),
        Ok(Some((_, come, provider, true))) => Form::new(&app, &visitor, w.verify_title(), w.go_on())
            .intro(w.fill(w.proof_intro(), &[come.address.as_str(), &provider.name]))
            .respond(&app, &visitor),
    }
}

/// The answer to it.
pub async fn proved(State(app): State<Arc<App>>, Path(secret): Path<String>, headers: HeaderMap, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let next = away::next_of(&app, &headers);
    let done = async {
        match of_link(&app, visitor, &secret).await? {
            None => Ok(over(&app, visitor)),
            Some((.., false)) => Ok(elsewhere(&app, visitor)),
            Some((secret, come, provider, true)) => settle(&app, visitor, come, &provider, Some(secret), &next).await,
        }
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}
