//! The second step of signing in (R49): after the password, and before there is a session, a factor is shown. What a page needs to ask for a
//! passkey is here too: its script fills in what the form sends, and whoever has no JavaScript gives a code.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::{Code, Id, Problem};
use serde_json::{Value, json};

use super::sign_in::{self, Next};
use super::words::Words;
use super::{Frame, go, message, next_path, page, problem, with_script};
use crate::factor::{self as second, Challenge, Shown, Verdict, passkey};
use crate::random::Secret;
use crate::state::{App, now};
use crate::store::account::{self, Account, State as AccountState};
use crate::store::session::By;
use crate::store::{factor, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// Where the second step is.
const PATH: &str = "/sign-in/second";

/// The same, with where to go afterwards.
pub fn path(next: &str) -> String {
    with_next(PATH, next)
}

/// A path with where to go afterwards.
pub fn with_next(path: &str, next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{path}?next={next}")
}

// ---- Asking for a passkey ----

/// What a page asks a browser for, in `passkey.html`.
pub struct Ask {
    pub options: Value,
    pub challenge: String,
    pub action: String,
    pub next: String,
    pub answers: &'static [&'static str],
    pub name: Option<String>,
    pub button: &'static str,
    pub is_first: bool,
    /// What is said where there is no JavaScript.
    pub without: Option<&'static str>,
}

/// What is asked of whoever has these passkeys; of anybody when there are none named.
fn to_sign(app: &App, visitor: &Visitor, purpose: &str, known: &[factor::Passkey], verify: &str) -> Option<Ask> {
    let host = app.passkey_host()?;
    let challenge = Challenge::new(app, visitor, purpose).text();
    let mut options = json!({ "challenge": challenge, "rpId": host, "userVerification": verify, "timeout": 300_000 });
    if !known.is_empty() {
        options["allowCredentials"] = known.iter().map(|it| named(&it.credential)).collect();
    }
    Some(Ask {
        options,
        challenge,
        action: PATH.to_owned(),
        next: String::new(),
        answers: &["credential", "client", "authenticator", "signature"],
        name: None,
        button: Words(visitor.language).use_passkey(),
        is_first: true,
        without: Some(Words(visitor.language).passkey_without()),
    })
}

fn named(credential: &[u8]) -> Value {
    json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(credential) })
}

/// What is asked of a browser that is to make a passkey for an account.
pub fn to_make(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    address: &str,
    known: &[factor::Passkey],
    name: String,
) -> Option<Ask> {
    let w = Words(visitor.language);
    let host = app.passkey_host()?;
    let challenge = Challenge::new(app, visitor, &purpose_of("passkey", account.id)).text();
    let algorithms: Vec<_> = passkey::ALGORITHMS.iter().map(|alg| json!({ "type": "public-key", "alg": alg })).collect();
    let options = json!({
        "challenge": challenge,
        "rp": { "id": host, "name": app.settings.name },
        "user": { "id": URL_SAFE_NO_PAD.encode(account.id.as_bytes()), "name": address, "displayName": account.name() },
        "pubKeyCredParams": algorithms,
        "excludeCredentials": known.iter().map(|it| named(&it.credential)).collect::<Vec<_>>(),
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "none",
        "timeout": 300_000,
    });
    let answers = &["client", "authenticator", "key", "algorithm"];
    let button = w.make_passkey();
    let action = String::from("/account/factors/passkey");
    let without = Some(w.passkey_without());
    Some(Ask { options, challenge, action, next: String::new(), answers, name: Some(name), button, is_first: true, without })
}

/// What a challenge is for.
pub fn purpose_of(what: &str, account: Id) -> String {
    format!("{what} {account}")
}

/// The passkey instead of address and password, on the page for signing in.
pub fn to_enter(app: &App, visitor: &Visitor, next: &str) -> Option<Ask> {
    let ask = to_sign(app, visitor, "enter", &[], "required")?;
    let button = Words(visitor.language).enter_with_passkey();
    let action = String::from("/sign-in/passkey");
    Some(Ask { action, next: next_path(next).to_owned(), button, is_first: false, without: None, ..ask })
}

// ---- Asking for any factor ----

/// A page that asks for a factor.
#[derive(Template)]
#[template(path = "prove.html")]
struct Prove {
    f: Frame,
    heading: String,
    intro: Vec<String>,
    action: String,
    next: String,
    passkey: Option<Ask>,
    has_app: bool,
    has_codes: bool,
    is_grave: bool,
    button: String,
    links: Vec<(String, String)>,
    error: Option<String>,
}

/// Why a factor is asked for.
pub struct Why<'a> {
    /// The heading.
    pub heading: &'a str,
    /// What it is for.
    pub intro: &'a [&'a str],
    /// What the button says.
    pub button: &'a str,
    /// Whether something ends.
    pub is_grave: bool,
    /// Where to go afterwards.
    pub next: &'a str,
    /// Where else to go.
    pub links: &'a [(&'a str, &'a str)],
}

/// Asks for a factor of an account; the answer goes to the path of this page.
pub async fn ask(
    app: &App,
    visitor: &Visitor,
    account: &Account,
    why: &Why<'_>,
    error: Option<String>,
) -> Result<Response, Problem> {
    let id = account.id;
    let found =
        app.store.read(move |tx| Ok((factor::apps(tx, id)?.len(), factor::passkeys(tx, id)?, factor::codes_left(tx, id)?)));
    let (apps, passkeys, codes) = found.await?;
    let w = Words(visitor.language);
    let passkey = Some(passkeys)
        .filter(|known| !known.is_empty())
        .and_then(|known| to_sign(app, visitor, &purpose_of("prove", id), &known, "preferred"))
        .map(|ask| Ask { next: why.next.to_owned(), ..ask });
    let title = error.as_ref().map_or_else(|| why.heading.to_owned(), |_| format!("{}: {}", w.error(), why.heading));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(href, text)| ((*href).to_owned(), (*text).to_owned())).collect();
    let prove = Prove {
        f: Frame::new(app, visitor, title),
        heading: why.heading.to_owned(),
        intro: why.intro.iter().map(|text| (*text).to_owned()).collect(),
        action: visitor.path.clone(),
        next: why.next.to_owned(),
        passkey: passkey.map(|ask| Ask { action: visitor.path.clone(), is_first: !why.is_grave, ..ask }),
        has_app: apps > 0,
        has_codes: codes > 0,
        is_grave: why.is_grave,
        button: why.button.to_owned(),
        links: owned(why.links),
        error,
    };
    let has_script = prove.passkey.is_some();
    let response = page(app, visitor, status, &prove);
    Ok(if has_script { with_script(response) } else { response })
}

/// What is said of a factor that was not right.
pub fn words_for(w: Words, verdict: Verdict) -> String {
    if verdict == Verdict::Copied { w.passkey_copied() } else { w.factor_wrong() }.to_owned()
}

// ---- The second step ----

/// Who has given the password in this browser, or came from an institution, and has not yet given the second factor.
pub async fn half(app: &App, visitor: &Visitor) -> Result<Option<(Secret, Account, By)>, Problem> {
    let Some(secret) = visitor.half.clone() else { return Ok(None) };
    let (looked, time) = (secret.clone(), now());
    let found = app.store.read(move |tx| {
        for (kind, by) in [(ticket::Kind::Half, By::Password), (ticket::Kind::HalfThere, By::Institution)] {
            let ticket = ticket::find(tx, kind, &looked)?.filter(|it| it.used.is_none() && it.expires > time);
            if let Some(ticket) = ticket {
                let account = account::get(tx, ticket.subject)?.filter(|it| it.state != AccountState::Blocked);
                return Ok(account.map(|account| (account, by)));
            }
        }
        Ok(None)
    });
    Ok(found.await?.map(|(account, by)| (secret, account, by)))
}

/// The page of the second step.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor, Query(next): Query<Next>) -> Response {
    step(&app, &visitor, next_path(&next.next), None).await.unwrap_or_else(|refused| problem(&app, &visitor, refused))
}

async fn step(app: &App, visitor: &Visitor, next: &str, error: Option<String>) -> Result<Response, Problem> {
    let w = Words(visitor.language);
    let Some((_, account, _)) = half(app, visitor).await? else { return Ok(go(&with_next("/sign-in", next))) };
    let id = account.id;
    if app.store.read(move |tx| Ok(factor::has(tx, id)?)).await? {
        let write_to = sign_in::write_to(app, w);
        let intro = [w.second_intro(), &write_to];
        let intro = if write_to.is_empty() { &intro[..1] } else { &intro[..] };
        let why = Why {
            heading: w.second_title(),
            intro,
            button: w.sign_in(),
            is_grave: false,
            next,
            links: &[("/sign-in", w.start_again())],
        };
        return ask(app, visitor, &account, &why, error).await;
    }
    let (app_path, passkey_path) = (with_next("/account/factors/app", next), with_next("/account/factors/passkey", next));
    let mut links = vec![(app_path.as_str(), w.add_app())];
    if app.passkey_host().is_some() {
        links.push((passkey_path.as_str(), w.add_passkey()));
    }
    Ok(message(app, visitor, w.two_steps(), &[w.two_steps_what(), w.two_steps_demanded()], &links))
}

/// The answer to it.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match prove(&app, &sent).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany => {
            let words = super::sentence(&refused.message(sent.visitor.language));
            let step = step(&app, &sent.visitor, next_path(sent.get("next")), Some(words)).await;
            step.unwrap_or_else(|refused| problem(&app, &sent.visitor, refused))
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn prove(app: &App, sent: &Sent) -> Result<Response, Problem> {
    let (visitor, next) = (&sent.visitor, next_path(sent.get("next")));
    let Some((secret, account, by)) = half(app, visitor).await? else { return Ok(go(&with_next("/sign-in", next))) };
    second::limit(app, visitor, &account).await?;
    let shown = Shown::read(app, sent, &purpose_of("prove", account.id), false);
    let (id, time, keys) = (account.id, now(), second::keys(app, account.id));
    let verdict = app.store.write(move |tx| {
        let Some(shown) = &shown else { return Ok(Verdict::Wrong) };
        let verdict = second::check(tx, shown, Some(id), time)?;
        if verdict == Verdict::Right(id) {
            // The password, too, counts once for this.
            if !ticket::redeem(tx, &secret, time)? {
                return Ok(Verdict::Wrong);
            }
            second::forget_tries(tx, keys)?;
        }
        Ok(verdict)
    });
    let verdict = verdict.await?;
    app.mail.notify_one();
    if verdict == Verdict::Right(id) {
        return sign_in::finish(app, visitor, &account, (by, true), next).await;
    }
    step(app, visitor, next, Some(words_for(Words(visitor.language), verdict))).await
}

/// A passkey instead of address and password: its owner showed to it who they are, so it stands for both factors.
pub async fn enter(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let (w, next) = (Words(sent.visitor.language), next_path(sent.get("next")));
    let words = match by_passkey(&app, &sent, next).await {
        Ok(Ok(response)) => return response,
        Ok(Err(verdict)) => words_for(w, verdict),
        Err(refused) if refused.code == Code::TooMany => super::sentence(&refused.message(w.0)),
        Err(refused) => return problem(&app, &sent.visitor, refused),
    };
    sign_in::again(&app, &sent.visitor, next, words).await
}

async fn by_passkey(app: &App, sent: &Sent, next: &str) -> Result<Result<Response, Verdict>, Problem> {
    let visitor = &sent.visitor;
    app.limit(&[("sign-in-from", &visitor.ip, sign_in::TRIES_OF_VISITOR, 900)]).await?;
    let Some(shown) = Shown::read(app, sent, "enter", true) else { return Ok(Err(Verdict::Wrong)) };
    let time = now();
    let found = app.store.write(move |tx| match second::check(tx, &shown, None, time)? {
        Verdict::Right(id) => Ok(account::get(tx, id)?.ok_or(Verdict::Wrong)),
        refused => Ok(Err(refused)),
    });
    let found = found.await?;
    app.mail.notify_one();
    match found {
        Ok(account) => Ok(Ok(sign_in::finish(app, visitor, &account, (By::Passkey, true), next).await?)),
        Err(verdict) => Ok(Err(verdict)),
    }
}
