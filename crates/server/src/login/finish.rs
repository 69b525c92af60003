//! What becomes of somebody whom a provider sends and who has no account through it yet. They are asked for the birth date alone (R15); a date
//! that is refused is not kept (R20). Then an account is made, or one that is there is joined, or one more proof is asked for (`merging.rs`).
//! Until then nothing is there but a row that is forgotten soon.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::birth::BirthError;
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{BirthDate, Code, EmailAddress, Id, Language, Problem};

use super::failure::{self, Failure};
use super::merging::{self, Decision, Holder};
use super::{enter, join};
use crate::pages::form::{Field, Form};
use crate::pages::words::Words;
use crate::pages::{go, institutions, message, notices, problem, second};
use crate::random::{self, Secret};
use crate::settings::SecondFactor;
use crate::state::{App, now};
use crate::store::account::{self, Account, State as AccountState};
use crate::store::arrival::{self, Arrival};
use crate::store::identity::{self, Identity};
use crate::store::provider::{self, Provider};
use crate::store::{Error, StoreError, Tx, attempt, factor, feed, invitation, merge, outbox, staff, ticket};
use crate::visitor::{Form as Sent, Visitor};

const DAY: i64 = 24 * 3600;

/// How long a refused birth date keeps somebody from trying another one.
const AGE_BLOCK: i64 = DAY;

/// How long the mail that proves an address may take.
const TWO_DAYS: SignedDuration = SignedDuration::from_hours(48);

/// Different birth dates that may be given for one login within a day: there is one, and it must not be guessed.
const DATES: i64 = 5;

/// Whoever arrived in this browser, and from where.
pub async fn arrived(app: &App, visitor: &Visitor) -> Result<Option<(Arrival, Provider)>, Problem> {
    let (ways, time) = (visitor.ways(), now());
    let found = app.store.read(move |tx| {
        let Some(come) = arrival::of(tx, &ways, time)? else { return Ok(None) };
        Ok(provider::get(tx, &come.provider)?.map(|provider| (believed(come, &provider), provider)))
    });
    Ok(found.await?)
}

/// Domains may have been taken from the provider meanwhile.
fn believed(mut come: Arrival, provider: &Provider) -> Arrival {
    come.person.vouched = come.person.vouched && provider.covers(&come.person.address);
    come
}

fn strayed(app: &App, visitor: &Visitor) -> Response {
    failure::show(app, visitor, None, &Failure::Strayed)
}

async fn birth_form(app: &App, visitor: &Visitor, come: &Arrival, provider: &Provider) -> Form {
    let w = Words(visitor.language);
    // They are on the page of signing in too, and recorded as shown with the session.
    let holds = notices::ours(app, w, w.by_registering()).await.unwrap_or_default();
    Form::new(app, visitor, w.almost_there(), w.go_on())
        .intro(w.fill(w.came_as(), &[&provider.name, &come.person.name(), come.person.address.as_str()]))
        .intro(w.only_birth_date())
        .field(Field::birth("birth", w.birth_date(), [w.day(), w.month(), w.year()]).hint(w.birth_hint()))
        .link(second::with_next("/sign-in", &visitor.next), w.use_another_login())
        .holds(&holds)
}

/// Asks for the birth date; or, once it was given, for what is needed then. Reads alone: what is settled is settled by what is sent.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    match arrived(&app, &visitor).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => strayed(&app, &visitor),
        Ok(Some((come, provider))) if come.birth_date.is_none() => {
            birth_form(&app, &visitor, &come, &provider).await.respond(&app, &visitor)
        }
        Ok(Some((come, provider))) => {
            look(&app, &visitor, &come, &provider).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
        }
    }
}

/// The page of somebody who gave the birth date before.
async fn look(app: &App, visitor: &Visitor, come: &Arrival, provider: &Provider) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let Some(birth) = come.birth_date else { return Ok(go("/sign-in/finish")) };
    let (coming, whom, time) = (come.clone(), app.settings.policy.second_factor, now());
    let weighed = app.store.read(move |tx| weigh(tx, &coming, birth, false, whom, time)).await?;
    if let Weighed::Open(decision, _) = weighed
        && let Some(response) = ask(app, visitor, come, provider, decision)
    {
        return Ok(response);
    }
    let intro = w.fill(w.came_as(), &[&provider.name, &come.person.name(), come.person.address.as_str()]);
    let form = Form::new(app, visitor, w.almost_there(), w.go_on()).intro(intro).hidden("given", "yes");
    Ok(form.link(second::with_next("/sign-in", &visitor.next), w.use_another_login()).respond(app, visitor))
}

/// The answer to the birth date, or of whoever gave it before.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    take(&app, &sent).await.unwrap_or_else(|refused| problem(&app, &sent.visitor, refused))
}

fn young_login(app: &App, come: &Arrival) -> [u8; 32] {
    app.key("too-young", &format!("{}\0{}", come.issuer, come.person.subject))
}

/// The name under which it is noted that whoever has this address was too young.
pub fn young_address(app: &App, address: &EmailAddress) -> [u8; 32] {
    app.key("too-young-at", address.normal())
}

async fn take(app: &Arc<App>, sent: &Sent) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let Some((come, provider)) = arrived(app, visitor).await? else { return Ok(strayed(app, visitor)) };
    let (time, login) = (now(), format!("{}\0{}", come.issuer, come.person.subject));
    let (young, young_at, vouched) = (young_login(app, &come), young_address(app, &come.person.address), come.person.vouched);
    let refused = app.store.read(move |tx| {
        let by_login = attempt::is_noted(tx, young, AGE_BLOCK, time)?;
        Ok(by_login || vouched && attempt::is_noted(tx, young_at, AGE_BLOCK, time)?)
    });
    if refused.await? {
        let browser = come.browser;
        app.store.write(move |tx| Ok(arrival::forget(tx, browser)?)).await?;
        return Ok(failure::show(app, visitor, Some(&provider), &Failure::RefusedToday));
    }
    if come.birth_date.is_some() && sent.get("given") == "yes" {
        return settle(app, visitor, come, &provider, None).await;
    }
    let birth = match BirthDate::from_parts(sent.get("birth-day"), sent.get("birth-month"), sent.get("birth-year"), time) {
        Ok(birth) => birth,
        Err(error) => {
            let words = match error {
                BirthError::NoSuchDay => w.birth_wrong(),
                BirthError::Future => w.birth_future(),
                BirthError::TooLongAgo => w.birth_long_ago(),
            };
            let form = birth_form(app, visitor, &come, &provider).await.filled(sent).errors(&[("birth", words.to_owned())]);
            return Ok(form.respond(app, visitor));
        }
    };
    app.limit(&[("birth-from", &visitor.ip, 60, 3600)]).await?;
    let same = app.key("birth-given", &format!("{login}\0{}", birth.to_stored()));
    if !app.store.read(move |tx| Ok(attempt::is_noted(tx, same, DAY, time)?)).await?
        && let Err(refused) = app.limit(&[("birth-of", &login, DATES, DAY)]).await
    {
        let is_full = refused.code == Code::TooMany;
        return if is_full { Ok(failure::show(app, visitor, Some(&provider), &Failure::ManyDates)) } else { Err(refused) };
    }
    if !birth.is_at_least(app.settings.policy.minimum_age, time) {
        return too_young(app, visitor, come, &provider, birth).await;
    }
    let id = come.id;
    app.store
        .write(move |tx| {
            // The same date again is no guess. Only one that is old enough is noted.
            attempt::count(tx, same, DAY, time)?;
            Ok(arrival::set_birth(tx, id, birth)?)
        })
        .await?;
    settle(app, visitor, Arrival { birth_date: Some(birth), ..come }, &provider, None).await
}

/// A refused date is not kept, and neither is who gave it; that one was refused is, for a day, of the login and of an address that is theirs, by
/// whatever door they come next (R20).
async fn too_young(
    app: &App,
    visitor: &Visitor,
    come: Arrival,
    provider: &Provider,
    birth: BirthDate,
) -> Result<Response, Problem> {
    let time = now();
    let day = birth.reaches(app.settings.policy.minimum_age);
    let (login, address) = (young_login(app, &come), young_address(app, &come.person.address));
    let waits = app.store.write(move |tx| {
        attempt::count(tx, login, AGE_BLOCK, time)?;
        arrival::forget(tx, come.browser)?;
        // What waits for an address is told to nobody who only says that it is theirs.
        if !come.person.vouched {
            return Ok(false);
        }
        attempt::count(tx, address, AGE_BLOCK, time)?;
        let waiting = invitation::to_address(tx, &come.person.address)?;
        Ok(waiting.iter().any(|it| it.state.is_open() && day.is_some_and(|day| day < it.expires)))
    });
    let failure = Failure::TooYoung(app.settings.policy.minimum_age, waits.await?);
    app.store.settle().await?;
    Ok(failure::show(app, visitor, Some(provider), &failure))
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
) -> Result<Response, Problem> {
    let Some(birth) = come.birth_date else { return Ok(go("/sign-in/finish")) };
    let (minimum, language, time) = (app.settings.policy.minimum_age, visitor.language, now());
    let whom = app.settings.policy.second_factor;
    let coming = come.clone();
    let outcome = app.store.write(move |tx| {
        let proved = match &link {
            Some(link) => ticket::redeem(tx, link, time)?,
            None => false,
        };
        if !birth.is_at_least(minimum, time) {
            return Err(Code::Forbidden.into());
        }
        decide(tx, &coming, birth, proved, whom, language, time)
    });
    match outcome.await? {
        Outcome::Known(account) => {
            app.take_back(&[("birth-from", &visitor.ip)]).await?;
            match enter::enter(app, visitor, &come, account, &visitor.next).await? {
                Some(response) => Ok(response),
                None => Ok(failure::show(app, visitor, Some(provider), &Failure::Closed)),
            }
        }
        Outcome::Needs(decision) => {
            if decision == Decision::Closed {
                let browser = come.browser;
                app.store.write(move |tx| Ok(arrival::forget(tx, browser)?)).await?;
            }
            ask(app, visitor, &come, provider, decision).ok_or_else(|| Code::Internal.into())
        }
    }
}

/// The page that says what is needed, or that nothing helps; none where nothing is needed.
fn ask(app: &App, visitor: &Visitor, come: &Arrival, provider: &Provider, decision: Decision) -> Option<Response> {
    let w = Words(visitor.language);
    let address = come.person.address.as_str();
    match decision {
        Decision::Create | Decision::Join => None,
        Decision::Closed => Some(failure::show(app, visitor, Some(provider), &Failure::Closed)),
        Decision::Mail => {
            let words = w.fill(w.address_not_vouched(), &[&provider.name, address]);
            Some(institutions::prove(app, visitor, Some(address), &[&words, w.or_sign_in_first()]))
        }
        Decision::Prove { by_mail } => {
            let words = w.fill(w.account_is_there(), &[address]);
            Some(institutions::prove(app, visitor, by_mail.then_some(address), &[&words, w.prove_it_is_yours()]))
        }
    }
}

/// What the rules say.
enum Weighed {
    /// The login belongs to an account.
    Known(Id),
    /// It belongs to none yet; beside what is to happen, the account that holds the address.
    Open(Decision, Option<Account>),
}

/// Reads what the rules say.
fn weigh(
    tx: &mut Tx<'_>,
    come: &Arrival,
    birth: BirthDate,
    proved: bool,
    whom: SecondFactor,
    time: Timestamp,
) -> Result<Weighed, Error> {
    // Two tabs of one person may come at once.
    if let Some(known) = identity::find(tx, &come.issuer, &come.person.subject)? {
        return Ok(Weighed::Known(known.account));
    }
    let there = account::by_address(tx, &come.person.address)?;
    let holder = there.as_ref().map(|it| holder(tx, it, come, birth, whom)).transpose()?;
    Ok(Weighed::Open(merging::decide(come.person.vouched, proved, holder, time), there))
}

fn decide(
    tx: &mut Tx<'_>,
    come: &Arrival,
    birth: BirthDate,
    proved: bool,
    whom: SecondFactor,
    language: Language,
    time: Timestamp,
) -> Result<Outcome, Error> {
    let identity = match weigh(tx, come, birth, proved, whom, time)? {
        Weighed::Known(account) => return Ok(Outcome::Known(account)),
        Weighed::Open(Decision::Create, _) => make(tx, come, birth, language, time)?,
        Weighed::Open(Decision::Join, Some(account)) => {
            if proved {
                account::note_verified(tx, &come.person.address, time)?;
            }
            join::unite(tx, &account, come, None, None, time)?
        }
        Weighed::Open(decision, _) => return Ok(Outcome::Needs(decision)),
    };
    // Another one was faster: the transaction is run again, or whoever asked comes again.
    let Some(identity) = identity else { return Err(StoreError::Crossed.into()) };
    Ok(Outcome::Known(identity.account))
}

/// What speaks for and against joining this account.
fn holder(tx: &mut Tx<'_>, account: &Account, come: &Arrival, birth: BirthDate, whom: SecondFactor) -> Result<Holder, Error> {
    let logins = identity::of(tx, account.id)?;
    let addresses = account::addresses(tx, account.id)?;
    let verified = addresses.iter().find(|it| it.shown == come.person.address).map(|it| it.verified);
    Ok(Holder {
        is_closed: !account.is_usable(),
        // One that must be set up would be set up by whoever comes.
        has_second_factor: factor::has(tx, account.id)? || factor::is_demanded(tx, whom, account)?,
        has_role: staff::is_staff(tx, account)?,
        has_same_provider: logins.iter().any(|it| it.issuer == come.issuer || it.provider == come.provider),
        is_barred: merge::is_barred(tx, account.id, &come.issuer)?,
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
        role: come.person.role.clone(),
        given_name: come.person.given_name.clone(),
        family_name: come.person.family_name.clone(),
        birth_date: birth,
        password: None,
        language,
        slug: random::slug(),
        page: Visibility::Private,
        page_chosen: None,
        indexed: false,
        created: time,
    };
    let identity = join::identity(come, account.id, come.person.role.clone(), time);
    if !identity::create(tx, &identity)? {
        return Ok(None);
    }
    account::create(tx, &account)?;
    if account.role.is_some() {
        account::close_first_start(tx)?;
    }
    if !account::add_address(tx, account.id, &come.person.address, true, time)? {
        return Ok(None);
    }
    account::drop_registrations(tx, &come.person.address)?;
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
        app.limit(&[("prove-from", &visitor.ip, 60, 3600), ("prove-to", &come.person.address.mailbox(), 5, 3600)]).await?;
        let (time, language, id, address) = (now(), visitor.language, come.id, come.person.address.clone());
        app.store
            .write(move |tx| {
                arrival::keep_until(tx, id, time + TWO_DAYS)?;
                Ok(outbox::put(tx, random::id(time), outbox::Kind::Prove, id, &address, language, time)?)
            })
            .await?;
        app.mail.notify_one();
        let words = w.fill(w.mail_sent_to(), &[come.person.address.as_str()]);
        Ok::<_, Problem>(message(&app, visitor, w.look_at_mail(), &[&words, w.in_this_browser(), w.no_mail_came()], &[]))
    };
    put.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}

/// Whoever the link of a mail is about, and whether they began in this browser: somebody else's sign-in cannot be finished by the owner of an
/// address who presses a link.
async fn of_link(app: &App, visitor: &Visitor, text: &str) -> Result<Option<(Secret, Arrival, Provider, bool)>, Problem> {
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let (time, looked, ways) = (now(), secret.clone(), visitor.ways());
    let found = app.store.read(move |tx| {
        let ticket = ticket::find(tx, ticket::Kind::Prove, &looked)?.filter(|it| it.used.is_none() && it.expires > time);
        let Some(ticket) = ticket else { return Ok(None) };
        let Some(come) = arrival::get(tx, ticket.subject, time)? else { return Ok(None) };
        let is_here = ways.contains(&come.browser);
        Ok(provider::get(tx, &come.provider)?.map(|provider| (believed(come, &provider), provider, is_here)))
    });
    Ok(found.await?.map(|(come, provider, is_here)| (secret, come, provider, is_here)))
}

/// The page of the link.
pub async fn prove(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match of_link(&app, &visitor, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => failure::show(&app, &visitor, None, &Failure::LinkOver),
        Ok(Some((.., provider, false))) => failure::show(&app, &visitor, Some(&provider), &Failure::OtherBrowser),
        Ok(Some((_, come, provider, true))) => Form::new(&app, &visitor, w.verify_title(), w.go_on())
            .intro(w.fill(w.proof_intro(), &[come.person.address.as_str(), &provider.name]))
            .respond(&app, &visitor),
    }
}

/// The answer to it.
pub async fn proved(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let visitor = &sent.visitor;
    let done = async {
        match of_link(&app, visitor, &secret).await? {
            None => Ok(failure::show(&app, visitor, None, &Failure::LinkOver)),
            Some((.., provider, false)) => Ok(failure::show(&app, visitor, Some(&provider), &Failure::OtherBrowser)),
            Some((secret, come, provider, true)) => settle(&app, visitor, come, &provider, Some(secret)).await,
        }
    };
    done.await.unwrap_or_else(|refused| problem(&app, visitor, refused))
}
