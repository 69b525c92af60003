//! The second factors of an account (R49): added after the password was given anew or the institution signed in to anew, taken off by showing one. Whoever must have one and has
//! none sets the first one up between the password and the session.

use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use qrcode::{Color, QrCode};
use satchel_protocol::feed::Kind as Change;
use satchel_protocol::{Code, Id, Problem};

use super::account::browser;
use super::form::{Field, Form, Kind};
use super::password::wrong_password;
use super::second::{self, Ask, Why, purpose_of, with_next};
use super::sign_in::{self, Next};
use super::words::Words;
use super::{Frame, go, message, must_sign_in, next_path, page, problem, proof, with_script};
use crate::factor::{self as factors, Challenge, New, Shown, Verdict, totp};
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::factor::{self, Factor, Kind as FactorKind};
use crate::store::session::{By, Session};
use crate::store::{Error, Tx, feed, outbox, session, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// The page with all of them.
const HOME: &str = "/account/factors";

#[derive(Template)]
#[template(path = "factors.html")]
struct Home {
    f: Frame,
    factors: Vec<(Id, &'static str, String, String)>,
    demanded: bool,
    has_host: bool,
    left: String,
}

/// All of them.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    let (id, w) = (account.id, Words(visitor.language));
    let whom = app.settings.policy.second_factor;
    let found = app
        .store
        .read(move |tx| Ok((factor::of(tx, id)?, factor::codes_left(tx, id)?, factor::is_demanded(tx, whom, &account)?)));
    let (factors, left, demanded) = match found.await {
        Ok(found) => found,
        Err(error) => return problem(&app, &visitor, error.into()),
    };
    let row = |it: Factor| {
        let kind = if it.kind == FactorKind::App { w.kind_app() } else { w.kind_passkey() };
        let when = it.used.map_or_else(
            || format!("{} {}", w.added_on(), w.date(it.created)),
            |used| format!("{} {}", w.used_on(), w.date(used)),
        );
        (it.id, kind, it.name, when)
    };
    let home = Home {
        f: Frame::new(&app, &visitor, w.two_steps()),
        factors: factors.into_iter().map(row).collect(),
        demanded,
        has_host: app.passkey_host().is_some(),
        left: w.fill(w.codes_left(), &[&left.to_string()]),
    };
    page(&app, &visitor, StatusCode::OK, &home)
}

// ---- Adding one ----

/// Who adds a factor.
enum Owner {
    /// Whoever is signed in.
    Signed(Session, Account),
    /// Whoever has shown the first step, and has no factor yet.
    Half(Secret, Account, By),
}

impl Owner {
    async fn of(app: &App, visitor: &Visitor) -> Result<Option<Self>, Problem> {
        if let Some((session, account)) = visitor.session.clone() {
            return Ok(Some(Self::Signed(session, account)));
        }
        let Some((secret, account, by)) = second::half(app, visitor).await? else { return Ok(None) };
        let id = account.id;
        // Else the password alone would be worth a factor.
        let has = app.store.read(move |tx| Ok(factor::has(tx, id)?)).await?;
        Ok((!has).then_some(Self::Half(secret, account, by)))
    }

    fn account(&self) -> &Account {
        match self {
            Self::Signed(_, account) | Self::Half(_, account, _) => account,
        }
    }
}

/// What is added.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    App,
    Passkey,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Passkey => "passkey",
        }
    }

    fn title(self, w: Words) -> &'static str {
        match self {
            Self::App => w.add_app(),
            Self::Passkey => w.add_passkey(),
        }
    }
}

/// The page to set up an app.
pub async fn app(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    begin(&app, &visitor, What::App, next_path(&next.next)).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

/// The page to make a passkey.
pub async fn passkey(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    begin(&app, &visitor, What::Passkey, next_path(&next.next)).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

async fn begin(app: &App, visitor: &Visitor, what: What, next: &str) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    match Owner::of(app, visitor).await? {
        None => Ok(must_sign_in(visitor)),
        Some(Owner::Half(_, account, _)) => set_up(app, visitor, &account, what, next, None).await,
        Some(Owner::Signed(_, account)) if account.password.is_some() => {
            Ok(password_form(app, visitor, what).respond(app, visitor))
        }
        Some(Owner::Signed(session, account)) => {
            if session.joined_lately {
                let words = [w.joined_lately_first()];
                return Ok(message(app, visitor, what.title(w), &words, &[("/account/logins", w.logins_title())]));
            }
            if let Some(first) = proof::first(visitor, &account) {
                return Ok(first);
            }
            set_up(app, visitor, &account, what, HOME, None).await
        }
    }
}

fn password_form(app: &App, visitor: &Visitor, what: What) -> Form {
    let w = Words(visitor.language);
    Form::new(app, visitor, what.title(w), w.go_on())
        .intro(w.password_first())
        .field(Field::new(Kind::Password, "present", w.present_password(), "current-password"))
        .link(HOME, w.two_steps())
}

#[derive(Template)]
#[template(path = "app.html")]
struct SetUpApp {
    f: Frame,
    size: usize,
    dots: String,
    secret: String,
    uri: String,
    challenge: String,
    next: String,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "new_passkey.html")]
struct MakePasskey {
    f: Frame,
    ask: Ask,
    links: Vec<(String, String)>,
    error: Option<String>,
}

/// The page that sets a factor up, for whoever has just given the password.
async fn set_up(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    what: What,
    next: &str,
    error: Option<String>,
) -> Result<Response, Problem> {
    let challenge = Challenge::new(app, visitor, &purpose_of(what.name(), account.id));
    match what {
        What::App => set_up_app(app, visitor, account, &challenge, next, "", error).await,
        What::Passkey => set_up_passkey(app, visitor, account, next, error).await,
    }
}

async fn set_up_app(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    challenge: &Challenge,
    next: &str,
    name: &str,
    error: Option<String>,
) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let id = account.id;
    let main = app.store.read(move |tx| Ok(account::addresses(tx, id)?.into_iter().next())).await?;
    let secret = totp::base32(&challenge.secret(app));
    let uri = uri(&app.settings.name, &main.map(|it| it.shown.to_string()).unwrap_or_default(), &secret);
    let (size, dots) = dots(&uri)?;
    let letters: Vec<char> = secret.chars().collect();
    let page_of = SetUpApp {
        f: Frame::new(app, visitor, titled(w, w.add_app(), error.as_ref())),
        size,
        dots,
        secret: letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" "),
        uri,
        challenge: challenge.text(),
        next: next.to_owned(),
        name: if name.is_empty() { w.kind_app().to_owned() } else { name.to_owned() },
        error,
    };
    let status = if page_of.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(app, visitor, status, &page_of))
}

fn titled(w: Words, title: &str, error: Option<&String>) -> String {
    error.map_or_else(|| title.to_owned(), |_| format!("{}: {title}", w.error()))
}

/// What an app reads from the picture (the format of the Google Authenticator, which all of them take).
fn uri(service: &str, address: &str, secret: &str) -> String {
    let plain =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20") };
    format!("otpauth://totp/{}:{}?secret={secret}&issuer={}", plain(service), plain(address), plain(service))
}

/// A QR code as the path of an SVG, with the four modules of space around it that readers want.
fn dots(text: &str) -> Result<(usize, String), Problem> {
    const QUIET: usize = 4;
    let code = QrCode::new(text).map_err(|_| Problem::bare(Code::Internal))?;
    let width = code.width();
    let mut path = String::new();
    for (at, _) in code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark) {
        // Writing into a string does not fail.
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    Ok((width + 2 * QUIET, path))
}

async fn set_up_passkey(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    next: &str,
    error: Option<String>,
) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let id = account.id;
    let found = app.store.read(move |tx| Ok((factor::passkeys(tx, id)?, account::addresses(tx, id)?.into_iter().next())));
    let (known, main) = found.await?;
    // By its address an account is told from another one of the same person.
    let address = main.map(|it| it.shown.to_string()).unwrap_or_default();
    let ask = second::to_make(app, visitor, account, &address, &known, browser(&visitor.agent)).ok_or(Code::NotFound)?;
    let other =
        if visitor.session.is_some() { String::from("/account/factors/app") } else { with_next("/account/factors/app", next) };
    let made = MakePasskey {
        f: Frame::new(app, visitor, titled(w, w.add_passkey(), error.as_ref())),
        ask: Ask { next: next.to_owned(), ..ask },
        links: vec![(other, w.add_app().to_owned())],
        error,
    };
    let status = if made.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(with_script(page(app, visitor, status, &made)))
}

/// Sets up an app, or asks for it once the password is right.
pub async fn add_app(State(app): State<Arc<App>>, sent: Sent) -> Response {
    add(&app, &sent, What::App).await.unwrap_or_else(|refused| problem(&app, &sent.visitor, refused))
}

/// The same for a passkey.
pub async fn add_passkey(State(app): State<Arc<App>>, sent: Sent) -> Response {
    add(&app, &sent, What::Passkey).await.unwrap_or_else(|refused| problem(&app, &sent.visitor, refused))
}

async fn add(app: &App, sent: &Sent, what: What) -> Result<Response, Problem> {
    let visitor = &sent.visitor;
    let w = Words(visitor.language);
    let Some(owner) = Owner::of(app, visitor).await? else { return Ok(must_sign_in(visitor)) };
    let account = owner.account().clone();
    let next = next_path(sent.get("next"));
    if sent.get("challenge").is_empty() {
        if account.password.is_none() {
            return begin(app, visitor, what, next).await;
        }
        if let Some(words) = wrong_password(app, sent, &account, "present").await? {
            return Ok(password_form(app, visitor, what).errors(&[("present", words)]).respond(app, visitor));
        }
        return set_up(app, visitor, &account, what, HOME, None).await;
    }
    let challenge = Challenge::open(app, visitor, &purpose_of(what.name(), account.id), sent.get("challenge"));
    let challenge = challenge.ok_or(Code::FormExpired)?;
    let new = match what {
        What::App => {
            match factors::limit(app, visitor, &account).await {
                Err(refused) if refused.code == Code::TooMany => {
                    let words = super::sentence(&refused.message(w.0));
                    return set_up_app(app, visitor, &account, &challenge, next, sent.trimmed("name"), Some(words)).await;
                }
                other => other?,
            }
            let secret = challenge.secret(app);
            let typed: String = sent.get("code").split_whitespace().collect();
            let Some(step) = totp::matches(&secret, &typed, 0, now()) else {
                let words = w.factor_wrong().to_owned();
                return set_up_app(app, visitor, &account, &challenge, next, sent.trimmed("name"), Some(words)).await;
            };
            New::App(secret, step)
        }
        What::Passkey => match factors::new_passkey(app, sent, &challenge) {
            Some(new) => New::Passkey(new),
            None => return set_up_passkey(app, visitor, &account, next, Some(w.passkey_failed().to_owned())).await,
        },
    };
    let name: String = satchel_badge::words::plain(sent.trimmed("name")).take(60).collect();
    let name = if name.trim().is_empty() {
        if what == What::App { w.kind_app().to_owned() } else { w.kind_passkey().to_owned() }
    } else {
        name
    };
    keep(app, visitor, owner, new, name, challenge, next).await
}

/// Keeps a new factor. The first one ends all other sessions, which began without, and comes with recovery codes.
async fn keep(
    app: &App,
    visitor: &Visitor,
    owner: Owner,
    new: New,
    name: String,
    challenge: Challenge,
    next: &str,
) -> Result<Response, Problem> {
    let (id, time, w) = (owner.account().id, now(), Words(visitor.language));
    let (codes, hashes) = factors::codes();
    let (current, half) = match &owner {
        Owner::Signed(session, _) => (Some(session.id), None),
        Owner::Half(secret, ..) => (None, Some(secret.clone())),
    };
    let keys = factors::keys(app, id);
    let kept = app.store.write(move |tx| {
        let is_first = !factor::has(tx, id)?;
        if let Some(secret) = &half
            && (!is_first || !ticket::redeem(tx, secret, time)?)
        {
            return Ok(None);
        }
        if !factors::add(tx, id, &new, &name, &challenge, time)? {
            return Ok(None);
        }
        factors::forget_tries(tx, keys)?;
        if is_first {
            factor::set_codes(tx, id, &hashes, time)?;
            session::end_all(tx, id, current)?;
        }
        if let Some(current) = current {
            session::strengthen(tx, current)?;
        }
        feed::append(tx, &[id], Change::Session, id, time)?;
        Ok(Some(is_first))
    });
    let kept = kept.await?;
    app.mail.notify_one();
    let Some(is_first) = kept else { return Err(Code::FormExpired.into()) };
    match owner {
        Owner::Signed(..) if !is_first => Ok(go(HOME)),
        Owner::Signed(..) => Ok(show_codes(app, visitor, w, codes, HOME)),
        Owner::Half(_, account, by) => match sign_in::enter_now(app, visitor, &account, (by, true)).await? {
            Err(refused) => Ok(refused),
            Ok(session) => {
                let mut response = show_codes(app, visitor, w, codes, next);
                sign_in::keep(response.headers_mut(), app, &session);
                Ok(response)
            }
        },
    }
}

// ---- Recovery codes ----

#[derive(Template)]
#[template(path = "codes.html")]
struct Recovery {
    f: Frame,
    intro: Vec<&'static str>,
    codes: Vec<String>,
    next: String,
}

fn show_codes(app: &App, visitor: &Visitor, w: Words, codes: Vec<String>, next: &str) -> Response {
    let intro = vec![w.codes_what(), w.codes_once()];
    let f = Frame::new(app, visitor, w.recovery_codes()).entered();
    page(app, visitor, StatusCode::OK, &Recovery { f, intro, codes, next: next.to_owned() })
}

/// Asks for a factor before there are new recovery codes.
pub async fn codes(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    ask_for_codes(&app, &visitor, &account, None).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

async fn ask_for_codes(app: &App, visitor: &Visitor, account: &Account, error: Option<String>) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let id = account.id;
    if !app.store.read(move |tx| Ok(factor::has(tx, id)?)).await? {
        return Ok(go(HOME));
    }
    let why = Why {
        heading: w.new_codes(),
        intro: &[w.new_codes_what(), w.prove_intro()],
        button: w.new_codes(),
        is_grave: false,
        next: HOME,
        links: &[(HOME, w.two_steps())],
    };
    second::ask(app, visitor, account, &why, error).await
}

/// Makes new recovery codes; the earlier ones count no more.
pub async fn new_codes(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().cloned() else { return must_sign_in(&sent.visitor) };
    let w = Words(sent.visitor.language);
    let (codes, hashes) = factors::codes();
    let (id, time) = (account.id, now());
    let work = move |tx: &mut Tx<'_>| {
        factor::set_codes(tx, id, &hashes, time)?;
        Ok(factors::tell(tx, id, outbox::Kind::CodesMade, time)?)
    };
    let answer = async {
        Ok(match with_factor(&app, &sent, &account, work).await? {
            Err(words) => ask_for_codes(&app, &sent.visitor, &account, Some(words)).await?,
            Ok(()) => show_codes(&app, &sent.visitor, w, codes, HOME),
        })
    };
    answer.await.unwrap_or_else(|refused: Problem| problem(&app, &sent.visitor, refused))
}

/// Does `work` once a factor of the account was shown; else why it was not.
async fn with_factor(
    app: &App,
    sent: &Sent,
    account: &Account,
    work: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + 'static,
) -> Result<Result<(), String>, Problem> {
    let w = Words(sent.visitor.language);
    match factors::limit(app, &sent.visitor, account).await {
        Err(refused) if refused.code == Code::TooMany => return Ok(Err(super::sentence(&refused.message(w.0)))),
        other => other?,
    }
    let shown = Shown::read(app, sent, &purpose_of("prove", account.id), false);
    let (id, time, keys) = (account.id, now(), factors::keys(app, account.id));
    let verdict = app.store.write(move |tx| {
        let Some(shown) = &shown else { return Ok(Verdict::Wrong) };
        let verdict = factors::check(tx, shown, Some(id), time)?;
        if verdict == Verdict::Right(id) {
            factors::forget_tries(tx, keys)?;
            work(tx)?;
        }
        Ok(verdict)
    });
    let verdict = verdict.await?;
    app.mail.notify_one();
    Ok(if verdict == Verdict::Right(id) { Ok(()) } else { Err(second::words_for(w, verdict)) })
}

// ---- Taking one off ----

/// One of an account, whether it is the last, and whether the account must have one.
async fn find(app: &App, account: &Account, id: Id) -> Result<(Factor, bool, bool), Problem> {
    let (account, whom) = (account.clone(), app.settings.policy.second_factor);
    let found = app.store.read(move |tx| Ok((factor::of(tx, account.id)?, factor::is_demanded(tx, whom, &account)?)));
    let (all, demanded) = found.await?;
    let is_last = all.len() == 1;
    all.into_iter().find(|it| it.id == id).map(|it| (it, is_last, demanded)).ok_or_else(|| Code::NotFound.into())
}

/// Asks for a factor before one is taken off.
pub async fn one(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<Id>) -> Response {
    let Some(account) = visitor.account().cloned() else { return must_sign_in(&visitor) };
    ask_to_end(&app, &visitor, &account, id, None).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

async fn ask_to_end(app: &App, visitor: &Visitor, account: &Account, id: Id, error: Option<String>) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let (factor, is_last, demanded) = find(app, account, id).await?;
    if is_last && demanded {
        return Ok(message(app, visitor, w.take_off(), &[w.last_is_demanded()], &[(HOME, w.two_steps())]));
    }
    let words = w.fill(if is_last { w.take_off_last() } else { w.take_off_one() }, &[&factor.name]);
    let why = Why {
        heading: w.take_off(),
        intro: &[&words, w.prove_intro()],
        button: w.take_off(),
        is_grave: true,
        next: HOME,
        links: &[(HOME, w.two_steps())],
    };
    second::ask(app, visitor, account, &why, error).await
}

/// Takes one off.
pub async fn end(State(app): State<Arc<App>>, Path(id): Path<Id>, sent: Sent) -> Response {
    let Some(account) = sent.visitor.account().cloned() else { return must_sign_in(&sent.visitor) };
    let answer = async {
        let (_, is_last, demanded) = find(&app, &account, id).await?;
        if is_last && demanded {
            return ask_to_end(&app, &sent.visitor, &account, id, None).await;
        }
        let (owner, time) = (account.id, now());
        let work = move |tx: &mut Tx<'_>| {
            if !factor::end(tx, owner, id)? || (demanded && !factor::has(tx, owner)?) {
                return Err(Code::NotFound.into());
            }
            factors::tell(tx, owner, outbox::Kind::FactorEnded, time)?;
            Ok(feed::append(tx, &[owner], Change::Session, owner, time)?)
        };
        Ok(match with_factor(&app, &sent, &account, work).await? {
            Err(words) => ask_to_end(&app, &sent.visitor, &account, id, Some(words)).await?,
            Ok(()) => go(HOME).into_response(),
        })
    };
    answer.await.unwrap_or_else(|refused: Problem| problem(&app, &sent.visitor, refused))
}
