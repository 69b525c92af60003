//! Registration by invitation, and the verification of the address (R10 to R12, R20). An account is made when its address is verified, and
//! whoever verifies it proves to be the one who registered: somebody else's registration cannot be finished by the owner of an address who
//! presses a link. The answer never tells whether an address is known.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::invitation::Event;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{BirthDate, Code, EmailAddress, Id, Problem, birth::BirthError};
use serde::Deserialize;

use super::form::{Field, Form, Kind};
use super::institutions::{self, Institutions};
use super::notices::{self, Shown as Holds};
use super::words::Words;
use super::{HOME, message, problem, resend, second, sign_in, stopped};
use crate::login::finish::young_address;
use crate::password::{Weakness, is_same};
use crate::random::{self, Secret};
use crate::settings::Registering;
use crate::state::{App, FROM_NETWORK, now};
use crate::store::account::{self, Account, Registration, State as AccountState};
use crate::store::session::By;
use crate::store::{Error, Tx, attempt, feed, invitation, notice, outbox, provider, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// How long a registration waits for its address to be verified.
const WAITS: SignedDuration = SignedDuration::from_hours(48);

/// How long a refused birth date keeps somebody from trying another one.
const AGE_BLOCK: i64 = 24 * 3600;

/// What brought somebody here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Invited {
    invitation: String,
}

/// An invitation to register: with a badge, or by the operator.
#[derive(Clone)]
struct Entrance {
    /// None where everybody may register.
    id: Option<Id>,
    address: Option<EmailAddress>,
    name: String,
    role: Option<String>,
    is_claim: bool,
    /// Whether it is one to act for an issuer; that holds for its address alone.
    is_acting: bool,
    expires: Timestamp,
}

/// What a link leads to, if it still lets somebody in.
async fn entrance(app: &App, text: &str) -> Result<Option<Entrance>, Problem> {
    let time = now();
    if text.is_empty() && app.settings.policy.registration == Registering::Open {
        return Ok(Some(Entrance {
            id: None,
            address: None,
            name: String::new(),
            role: None,
            is_claim: false,
            is_acting: false,
            expires: time,
        }));
    }
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let found = app.store.read(move |tx| find_entrance(tx, &secret, time));
    Ok(found.await?)
}

fn find_entrance(tx: &mut Tx<'_>, secret: &Secret, time: Timestamp) -> Result<Option<Entrance>, Error> {
    if let Some(ticket) = ticket::find(tx, ticket::Kind::Claim, secret)? {
        let found =
            invitation::get(tx, ticket.subject)?.filter(|it| it.state.is_open() && it.expires > time && it.account.is_none());
        return Ok(found.map(|it| Entrance {
            id: Some(it.id),
            address: it.address,
            name: it.name.unwrap_or_default(),
            role: None,
            is_claim: true,
            is_acting: false,
            expires: it.expires,
        }));
    }
    if let Some(offer) = super::acting::open_offer(tx, secret, time)? {
        return Ok(Some(Entrance {
            id: Some(offer.id),
            address: Some(offer.address),
            name: String::new(),
            role: None,
            is_claim: false,
            is_acting: true,
            expires: offer.expires,
        }));
    }
    let Some(ticket) = ticket::find(tx, ticket::Kind::Join, secret)? else { return Ok(None) };
    let found = account::entry(tx, ticket.subject)?.filter(|it| it.used.is_none() && it.expires > time);
    Ok(found.map(|it| Entrance {
        id: Some(it.id),
        address: it.address,
        name: String::new(),
        role: it.role,
        is_claim: false,
        is_acting: false,
        expires: it.expires,
    }))
}

async fn needs_invitation(app: &App, visitor: &Visitor, text: &str) -> Response {
    let w = Words(visitor.language);
    // Whoever comes by a link is told what became of it.
    let spent = if text.is_empty() { "" } else { w.invitation_spent() };
    let federated = match app.store.read(|tx| Ok(provider::all(tx)?.is_empty())).await {
        Ok(true) => "",
        Ok(false) => w.or_by_institution(),
        Err(error) => return problem(app, visitor, error.into()),
    };
    message(
        app,
        visitor,
        w.register(),
        &[spent, w.needs_invitation(), w.needs_invitation_how(), federated, &sign_in::write_to(app, w)],
        &[("/sign-in", w.sign_in()), ("/news", w.tell_me_opening()), ("/badges", w.catalogue())],
    )
}

async fn form(app: &App, visitor: &Visitor, invitation: &str, entrance: Option<&Entrance>, holds: &Holds) -> Form {
    let w = Words(visitor.language);
    let list = institutions_for(app, visitor, invitation, entrance).await;
    let intro = match entrance {
        Some(entrance) if entrance.is_claim => w.register_intro(),
        Some(entrance) if entrance.is_acting => w.register_acting(),
        Some(Entrance { role: Some(_), .. }) => w.register_operator(),
        _ => w.register_plain(),
    };
    Form::new(app, visitor, w.register(), w.register())
        .intro(intro)
        .field(Field::new(Kind::Text, "given", w.given_name(), "given-name"))
        .field(Field::new(Kind::Text, "family", w.family_name(), "family-name").hint(w.family_hint()))
        .field(Field::new(Kind::Email, "email", w.email(), "username").hint(w.email_hint()))
        .field(Field::birth("birth", w.birth_date(), [w.day(), w.month(), w.year()]).hint(w.birth_hint()))
        .field(Field::new(Kind::Password, "password", w.password(), "new-password").hint(w.password_hint()))
        .field(Field::new(Kind::Password, "again", w.password_again(), "new-password"))
        .hidden("invitation", invitation)
        .holds(holds)
        .at(
            visitor,
            &format!("/register?invitation={}", url::form_urlencoded::byte_serialize(invitation.as_bytes()).collect::<String>()),
        )
        .link(second::with_next("/sign-in", &onward(invitation, entrance)), w.have_account())
        .institutions(list)
}

/// Where whoever came by this invitation goes on to once signed in.
fn onward(invitation: &str, entrance: Option<&Entrance>) -> String {
    match entrance.filter(|_| Secret::parse(invitation).is_some()) {
        Some(it) if it.is_claim => format!("/claim/{invitation}"),
        Some(it) if it.is_acting => format!("/acting/{invitation}"),
        _ => HOME.to_owned(),
    }
}

/// Institutions through which whoever was invited may sign in instead. A role comes with registering alone, so whoever is to have one is not led
/// away from it.
async fn institutions_for(app: &App, visitor: &Visitor, invitation: &str, entrance: Option<&Entrance>) -> Option<Institutions> {
    let entrance = entrance.filter(|it| it.role.is_none())?;
    let next = onward(invitation, Some(entrance));
    // Nobody is kept from registering because these cannot be read now.
    institutions::list_for(app, visitor, entrance.address.as_ref(), &next).await.unwrap_or_default()
}

/// What somebody who registers accepts.
async fn ours(app: &App, visitor: &Visitor) -> Result<Holds, Problem> {
    let w = Words(visitor.language);
    notices::ours(app, w, w.by_registering()).await
}

/// The form.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(invited): Query<Invited>) -> Response {
    match entrance(&app, &invited.invitation).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => needs_invitation(&app, &visitor, &invited.invitation).await,
        Ok(Some(entrance)) => {
            let holds = match ours(&app, &visitor).await {
                Ok(holds) => holds,
                Err(refused) => return problem(&app, &visitor, refused),
            };
            let address = entrance.address.as_ref().map(ToString::to_string).unwrap_or_default();
            let form = form(&app, &visitor, &invited.invitation, Some(&entrance), &holds).await;
            let form = form.with("email", address).with("given", entrance.name);
            form.respond(&app, &visitor)
        }
    }
}

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match register(&app, &sent).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany => {
            let words = super::sentence(&refused.message(sent.visitor.language));
            let holds = ours(&app, &sent.visitor).await.unwrap_or_default();
            form(&app, &sent.visitor, sent.get("invitation"), None, &holds)
                .await
                .filled(&sent)
                .errors(&[("", words)])
                .respond(&app, &sent.visitor)
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn register(app: &Arc<App>, sent: &Sent) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let Some(entrance) = entrance(app, sent.get("invitation")).await? else {
        return Ok(needs_invitation(app, visitor, sent.get("invitation")).await);
    };
    let who = whose(sent, &entrance);
    let who = who.first().map_or("", String::as_str);
    app.limit(&[("register-from", &visitor.ip, FROM_NETWORK, 3600), ("register", who, 20, 3600)]).await?;
    let (young, time) = (too_young_keys(app, sent, &entrance), now());
    let blocked = app.store.read(move |tx| {
        for key in &young {
            if attempt::is_noted(tx, *key, AGE_BLOCK, time)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    if blocked.await? {
        let words = if entrance.id.is_some() { w.try_tomorrow() } else { w.try_tomorrow_open() };
        return Ok(stopped(app, visitor, StatusCode::FORBIDDEN, w.register(), &[words], &[]));
    }
    let known = [sent.get("given"), sent.get("family"), sent.get("email")].map(str::to_owned);
    let weak = new_password(app, sent, known.to_vec(), w).await?;
    let holds = ours(app, visitor).await?;
    let typed = match read(sent, w, weak) {
        Ok(typed) => typed,
        Err(errors) => {
            let form = form(app, visitor, sent.get("invitation"), Some(&entrance), &holds).await;
            return Ok(form.filled(sent).errors(&errors).respond(app, visitor));
        }
    };
    if let Some(asked) = entrance.address.as_ref().filter(|asked| entrance.is_acting && asked.normal() != typed.address.normal())
    {
        let errors = [("email", w.fill(w.acting_address(), &[asked.as_str()]))];
        let form = form(app, visitor, sent.get("invitation"), Some(&entrance), &holds).await;
        return Ok(form.filled(sent).errors(&errors).respond(app, visitor));
    }
    // Whoever registers was shown what holds now, not what held when the page was opened.
    if sent.get("holds") != holds.mark {
        let errors = [("", w.notices_changed_now().to_owned())];
        let form = form(app, visitor, sent.get("invitation"), Some(&entrance), &holds).await;
        return Ok(form.filled(sent).errors(&errors).respond(app, visitor));
    }
    let age = app.settings.policy.minimum_age;
    if !typed.birth.is_at_least(age, time) {
        return too_young(app, sent, &entrance, typed.birth).await;
    }
    // Nobody's mailbox is filled by what somebody else types.
    app.limit(&[("register-to", &typed.address.mailbox(), 5, 3600)]).await?;
    let hash = app.hasher.hash(typed.password).await?;
    let (address, language) = (typed.address.clone(), visitor.language);
    let registration = Registration {
        id: random::id(time),
        address: typed.address,
        given_name: typed.given,
        family_name: typed.family,
        birth_date: typed.birth,
        password: hash,
        language,
        role: entrance.role.clone(),
        invitation: entrance.id.filter(|_| entrance.is_claim),
        entry: entrance.id.filter(|_| !entrance.is_claim && !entrance.is_acting),
        expires: time + WAITS,
    };
    app.store
        .write(move |tx| {
            if let Some(known) = account::by_address(tx, &registration.address)? {
                // The same answer here; what is so is said where only the owner of the address reads it.
                outbox::put(tx, random::id(time), outbox::Kind::Known, known.id, &registration.address, language, time)?;
                return Ok(());
            }
            account::register(tx, &registration, time)?;
            notice::note_shown(tx, registration.id, notice::SERVER, time)?;
            outbox::put(tx, random::id(time), outbox::Kind::Verify, registration.id, &registration.address, language, time)?;
            if let Some(invited) = registration.invitation
                && let Some(it) = invitation::get(tx, invited)?
                && it.state.after(Event::Open).is_some_and(|next| next != it.state)
            {
                invitation::advance(tx, &it, Event::Open, time)?;
            }
            Ok(())
        })
        .await?;
    app.mail.notify_one();
    let sent_to = w.fill(w.mail_sent_to(), &[address.as_str()]);
    Ok(message(
        app,
        visitor,
        w.look_at_mail(),
        &[&sent_to, w.link_two_days(), w.no_mail_came()],
        &[(resend::PATH, w.resend_title())],
    ))
}

/// Whose tries to register are counted: those of an invitation, or, where none is needed, of the browser and of the address typed. Never
/// those of a whole network: one refused birth date would keep a school out.
fn whose(sent: &Sent, entrance: &Entrance) -> Vec<String> {
    let Some(id) = entrance.id else {
        let browser = sent.visitor.token();
        let typed = sent.trimmed("email");
        let address = typed.parse::<EmailAddress>().map_or_else(|_| typed.to_owned(), |address| address.normal().to_owned());
        return vec![browser, address];
    };
    vec![id.to_string()]
}

fn too_young_keys(app: &App, sent: &Sent, entrance: &Entrance) -> Vec<[u8; 32]> {
    whose(sent, entrance).iter().map(|who| app.key("too-young", who)).collect()
}

/// A refused date is not kept; that one was refused is, for a day (R20).
async fn too_young(app: &App, sent: &Sent, entrance: &Entrance, birth: BirthDate) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let (keys, time) = (too_young_keys(app, sent, entrance), now());
    app.store
        .write(move |tx| {
            for key in &keys {
                attempt::count(tx, *key, AGE_BLOCK, time)?;
            }
            Ok(())
        })
        .await?;
    let age = app.settings.policy.minimum_age;
    let words = w.fill(w.too_young(), &[&age.to_string()]);
    let waits = birth.reaches(age).filter(|day| *day < entrance.expires && entrance.is_claim);
    let waits = waits.map(|_| w.invitation_waits()).unwrap_or_default();
    Ok(stopped(app, visitor, StatusCode::FORBIDDEN, w.register(), &[&words, w.date_not_kept(), waits], &[]))
}

struct Typed {
    given: String,
    family: String,
    address: EmailAddress,
    birth: BirthDate,
    password: String,
}

/// Letters of a name.
const MAX_NAME: usize = 100;

/// A name as it is stored: any script, one line, nothing that steers text, something that is seen; or nothing at all.
pub fn name(text: &str) -> Option<String> {
    let plain: String = satchel_badge::words::plain(text.trim()).collect();
    // A letter or a digit that is seen; Unicode counts fillers of Hangul among the letters.
    let is_seen = |c: char| c.is_alphanumeric() && !['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'].contains(&c);
    let fits = plain == text.trim() && text.chars().count() <= MAX_NAME && (plain.is_empty() || plain.chars().any(is_seen));
    fits.then_some(plain)
}

fn read(sent: &Sent, w: Words, weak: Option<(&'static str, String)>) -> Result<Typed, Vec<(&'static str, String)>> {
    let mut errors: Vec<(&'static str, String)> = Vec::new();
    let given = name(sent.get("given"));
    let family = name(sent.get("family"));
    match &given {
        None => errors.push(("given", w.name_unusable().to_owned())),
        Some(given) if given.is_empty() => errors.push(("given", w.name_missing().to_owned())),
        Some(_) => {}
    }
    if family.is_none() {
        errors.push(("family", w.name_unusable().to_owned()));
    }
    let address = sent.get("email").parse::<EmailAddress>().ok();
    if address.is_none() {
        errors.push(("email", w.email_wrong().to_owned()));
    }
    let birth = BirthDate::from_parts(sent.get("birth-day"), sent.get("birth-month"), sent.get("birth-year"), now());
    if let Err(error) = birth {
        let words = match error {
            BirthError::NoSuchDay => w.birth_wrong(),
            BirthError::Future => w.birth_future(),
            BirthError::TooLongAgo => w.birth_long_ago(),
        };
        errors.push(("birth", words.to_owned()));
    }
    errors.extend(weak);
    match (given, family, address, birth) {
        (Some(given), Some(family), Some(address), Ok(birth)) if errors.is_empty() => {
            Ok(Typed { given, family, address, birth, password: sent.get("password").to_owned() })
        }
        _ => Err(errors),
    }
}

/// What is wrong with a new password, typed twice.
///
/// # Errors
/// That too much waits.
pub async fn new_password(
    app: &App,
    sent: &Sent,
    known: Vec<String>,
    w: Words,
) -> Result<Option<(&'static str, String)>, Problem> {
    let (password, again) = (sent.get("password"), sent.get("again"));
    Ok(match app.hasher.weakness(password.to_owned(), known).await? {
        Some(Weakness::Short) => Some(("password", w.password_short().to_owned())),
        Some(Weakness::Long) => Some(("password", w.password_long().to_owned())),
        Some(Weakness::Common) => Some(("password", w.password_common().to_owned())),
        None if !is_same(password, again) => Some(("again", w.password_differs().to_owned())),
        None => None,
    })
}

// ---- Verification ----

async fn verify_form(app: &App, visitor: &Visitor, address: &EmailAddress) -> Form {
    let w = Words(visitor.language);
    // What cannot be read now is said on the pages that follow.
    let holds = notices::ours(app, w, w.holds_here()).await.unwrap_or_default();
    Form::new(app, visitor, w.verify_title(), w.verify_button())
        .intro(w.fill(w.verify_intro(), &[address.as_str()]))
        .field(Field::new(Kind::Password, "password", w.password(), "current-password"))
        .holds(&holds)
}

async fn registration(app: &App, text: &str) -> Result<Option<(Secret, Registration)>, Problem> {
    let Some(secret) = Secret::parse(text) else { return Ok(None) };
    let (time, looked) = (now(), secret.clone());
    let found = app.store.read(move |tx| {
        let ticket = ticket::find(tx, ticket::Kind::Verify, &looked)?.filter(|it| it.used.is_none() && it.expires > time);
        Ok(match ticket {
            Some(ticket) => account::registration(tx, ticket.subject)?,
            None => None,
        })
    });
    Ok(found.await?.map(|registration| (secret, registration)))
}

fn stale(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    stopped(app, visitor, StatusCode::GONE, w.link_over(), &[w.link_over_why(), w.link_over_what()], &[("/sign-in", w.sign_in())])
}

/// The page of a link that verifies an address.
pub async fn verify(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    match registration(&app, &secret).await {
        Err(refused) => problem(&app, &visitor, refused),
        Ok(None) => stale(&app, &visitor),
        Ok(Some((_, registration))) => verify_form(&app, &visitor, &registration.address).await.respond(&app, &visitor),
    }
}

/// The answer to it: the account is made, and its owner is signed in.
pub async fn verified(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    match finish(&app, &secret, &sent).await {
        Ok(response) => response,
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn finish(app: &Arc<App>, secret: &str, sent: &Sent) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let Some((secret, registration)) = registration(app, secret).await? else { return Ok(stale(app, visitor)) };
    app.limit(&[("verify", &sign_in::name_of(&secret), 10, 3600)]).await?;
    if !app.hasher.verify(sent.get("password").to_owned(), Some(registration.password.clone())).await? {
        let errors = [("password", w.verify_wrong().to_owned())];
        return Ok(verify_form(app, visitor, &registration.address).await.errors(&errors).respond(app, visitor));
    }
    let (time, claim) = (now(), registration.invitation);
    // Whoever came from an institution with this address and was too young is so here; only the owner of the address gets as far.
    let young = young_address(app, &registration.address);
    if app.store.read(move |tx| Ok(attempt::is_noted(tx, young, AGE_BLOCK, time)?)).await? {
        return Ok(stopped(app, visitor, StatusCode::FORBIDDEN, w.register(), &[w.try_tomorrow()], &[]));
    }
    let minimum = app.settings.policy.minimum_age;
    let made = app.store.write(move |tx| {
        let taken = account::by_address(tx, &registration.address)?.is_some();
        let entered = match registration.entry {
            Some(entry) => account::use_entry(tx, entry, time)?,
            None => true,
        };
        if !ticket::redeem(tx, &secret, time)? || taken || !entered || !registration.birth_date.is_at_least(minimum, time) {
            return Ok(None);
        }
        let other = other_address(tx, &registration, time)?;
        let acting = super::acting::link_for(tx, &registration.address, time)?;
        Ok(Some((make(tx, &registration, time)?, other, acting)))
    });
    let Some((account, other, acting)) = made.await? else { return Ok(stale(app, visitor)) };
    let next = match (claim, other, acting) {
        // The link that they came by is known as a hash alone; another one leads to the same invitation, where the address can be verified.
        (_, Some(link), _) => format!("/claim/{}", link.reveal()),
        (Some(claim), None, _) => format!("/claims/{claim}"),
        (None, None, Some(link)) => format!("/acting/{}", link.reveal()),
        (None, None, None) => String::from("/account"),
    };
    sign_in::proved(app, visitor, &account, By::Password, &next).await
}

/// A link to the invitation that somebody registered through, when it is for another address than theirs and still open.
fn other_address(tx: &mut Tx<'_>, it: &Registration, time: Timestamp) -> Result<Option<Secret>, Error> {
    let invited = it.invitation.map_or(Ok(None), |id| invitation::get(tx, id))?;
    let invited = invited.filter(|invited| invited.state.is_open() && invited.address.as_ref() != Some(&it.address));
    let link = invited.map(|invited| ticket::issue(tx, ticket::Kind::Claim, invited.id, None, time, invited.expires));
    Ok(link.transpose()?)
}

fn make(tx: &mut Tx<'_>, it: &Registration, time: Timestamp) -> Result<Account, Error> {
    let account = Account {
        id: random::id(time),
        state: AccountState::Active,
        role: it.role.clone(),
        given_name: it.given_name.clone(),
        family_name: it.family_name.clone(),
        birth_date: it.birth_date,
        password: Some(it.password.clone()),
        language: it.language,
        slug: random::slug(),
        page: Visibility::Private,
        page_chosen: None,
        indexed: false,
        created: time,
    };
    account::create(tx, &account)?;
    notice::pass_on(tx, it.id, account.id)?;
    if account.role.is_some() {
        account::close_first_start(tx)?;
    }
    account::add_address(tx, account.id, &it.address, true, time)?;
    account::drop_registrations(tx, &it.address)?;
    if let Some(invited) = it.invitation
        && let Some(invited) = invitation::get(tx, invited)?
        && invited.address.as_ref() == Some(&it.address)
        && invited.account.is_none()
    {
        invitation::bind(tx, invited.id, account.id)?;
    }
    feed::append(tx, &[account.id], Change::Profile, account.id, time)?;
    Ok(account)
}
