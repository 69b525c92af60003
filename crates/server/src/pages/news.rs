//! News of the service, and being told once when registration opens (R22, R23). Nothing is sent before the address is confirmed, and one press
//! ends it (RFC 8058).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use satchel_protocol::{Code, EmailAddress, Id, Problem};

use super::form::{Field, Form, Kind};
use super::words::Words;
use super::{message, message_with, problem};
use crate::random::{self, Secret};
use crate::settings::Registering;
use crate::state::{App, FROM_NETWORK, now};
use crate::store::subscriber::{self, Subscriber};
use crate::store::{Error, Tx, account, attempt, invitation, outbox, ticket};
use crate::visitor::{Form as Sent, Visitor};

/// How often one address is written to about this in a day.
const A_DAY: i64 = 3;

const DAY: i64 = 86400;

fn form(app: &App, visitor: &Visitor) -> Form {
    let w = Words(visitor.language);
    let is_closed = app.settings.policy.registration == Registering::Invited;
    let form = Form::new(app, visitor, w.news(), w.send())
        .intro(w.news_intro())
        .field(Field::new(Kind::Email, "email", w.email(), "email").hint(w.email_hint()))
        .field(Field::new(Kind::Check, "news", w.wants_news(), "off"));
    let form = if is_closed { form.field(Field::new(Kind::Check, "opening", w.wants_opening(), "off")) } else { form };
    form.trap()
}

/// The form.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    form(&app, &visitor).respond(&app, &visitor)
}

/// The answer to it, which is the same for every address.
pub async fn send(State(app): State<Arc<App>>, sent: Sent) -> Response {
    match wish(&app, &sent).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany => {
            let words = super::sentence(&refused.message(sent.visitor.language));
            form(&app, &sent.visitor).filled(&sent).errors(&[("", words)]).respond(&app, &sent.visitor)
        }
        Err(refused) => problem(&app, &sent.visitor, refused),
    }
}

async fn wish(app: &App, sent: &Sent) -> Result<Response, Problem> {
    let (visitor, w) = (&sent.visitor, Words(sent.visitor.language));
    let (news, opening) = (sent.get("news") == "yes", sent.get("opening") == "yes");
    let mut errors = Vec::new();
    let address = sent.get("email").parse::<EmailAddress>().ok();
    if address.is_none() {
        errors.push(("email", w.email_wrong().to_owned()));
    }
    if !news && !opening {
        errors.push(("news", w.tick_one().to_owned()));
    }
    let Some(address) = address.filter(|_| errors.is_empty()) else {
        return Ok(form(app, visitor).filled(sent).errors(&errors).respond(app, visitor));
    };
    let sent_to = w.fill(w.mail_sent_to(), &[address.as_str()]);
    let thanks = || message(app, visitor, w.look_at_mail(), &[&sent_to, w.news_confirm_first(), w.no_mail_came()], &[]);
    if sent.is_trapped() {
        return Ok(thanks());
    }
    app.limit(&[("news-from", &visitor.ip, FROM_NETWORK, 3600)]).await?;
    let normal = address.normal().to_owned();
    let strangers = [(app.key("news-to", &address.mailbox()), A_DAY, DAY)];
    // What others typed does not keep the owner of an address out.
    let own = visitor.account().map(|it| (it.id, [(app.key("news-of", &it.id.to_string()), 20, DAY)]));
    let (time, hash, language) = (now(), app.hash_of(&address), visitor.language);
    let it = Subscriber { id: random::id(time), address: address.clone(), language, news, opening, confirmed: None };
    app.store
        .write(move |tx| {
            let own = own.map(|(id, limits)| Ok::<_, Error>(account::holds(tx, id, &normal)?.then_some(limits))).transpose()?;
            attempt::within(tx, &own.flatten().unwrap_or(strangers), time)?;
            if invitation::is_suppressed(tx, hash)? {
                return Ok(());
            }
            let id = subscriber::wish(tx, &it, time)?;
            Ok(outbox::put(tx, random::id(time), outbox::Kind::NewsConfirm, id, &address, language, time)?)
        })
        .await?;
    app.mail.notify_one();
    Ok(thanks())
}

// ---- The link of the mail ----

fn wished(tx: &mut Tx<'_>, text: &str) -> Result<Subscriber, Error> {
    let secret = Secret::parse(text).ok_or(Code::NotFound)?;
    let ticket = ticket::find(tx, ticket::Kind::News, &secret)?.filter(|it| it.expires > now()).ok_or(Code::NotFound)?;
    subscriber::get(tx, ticket.subject)?.ok_or_else(|| Code::NotFound.into())
}

fn over(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.link_over_why()], &[("/news", w.news())])
}

/// The page of a link that confirms an address. Opening it changes nothing.
pub async fn confirm(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let w = Words(visitor.language);
    match app.store.read(move |tx| wished(tx, &secret)).await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &visitor),
        Err(error) => problem(&app, &visitor, error.into()),
        Ok(it) => {
            let yes = |wanted: bool| if wanted { "yes" } else { "" };
            let form = Form::new(&app, &visitor, w.news_confirm_title(), w.request_confirm_button())
                .intro(w.fill(w.news_confirm_intro(), &[it.address.as_str()]))
                .field(Field::new(Kind::Check, "news", w.wants_news(), "off"))
                .field(Field::new(Kind::Check, "opening", w.wants_opening(), "off"));
            form.with("news", yes(it.news)).with("opening", yes(it.opening)).respond(&app, &visitor)
        }
    }
}

/// The answer to it.
pub async fn confirmed(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let w = Words(sent.visitor.language);
    let (news, opening, time) = (sent.get("news") == "yes", sent.get("opening") == "yes", now());
    let all = app.key("news", "");
    let done = app.store.write(move |tx| {
        let it = wished(tx, &secret)?;
        // Nothing ticked is a wish too.
        if news || opening {
            attempt::within(tx, &[(all, 5000, DAY)], time)?;
            Ok(subscriber::confirm(tx, it.id, news, opening, time).map(drop)?)
        } else {
            Ok(subscriber::erase(tx, it.id, time)?)
        }
    });
    match done.await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &sent.visitor),
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(()) if !news && !opening => message(&app, &sent.visitor, w.left_title(), &[w.left_why()], &[("/news", w.news())]),
        Ok(()) => message(&app, &sent.visitor, w.news_confirmed(), &[w.news_confirmed_why()], &[("/badges", w.catalogue())]),
    }
}

// ---- Leaving ----

/// The address by which one leaves: it holds as long as mail comes, so it is reckoned and not kept.
pub fn leave_path(app: &App, id: Id) -> String {
    format!("/news/leave/{id}/{}", mark(app, id))
}

fn mark(app: &App, id: Id) -> String {
    URL_SAFE_NO_PAD.encode(&app.key("leave", &id.to_string())[..18])
}

/// The page for leaving.
pub async fn leave(State(app): State<Arc<App>>, visitor: Visitor, Path((id, said)): Path<(Id, String)>) -> Response {
    let w = Words(visitor.language);
    if said != mark(&app, id) {
        return problem(&app, &visitor, Code::NotFound.into());
    }
    Form::new(&app, &visitor, w.leave_title(), w.leave_button()).intro(w.leave_intro()).respond(&app, &visitor)
}

/// Leaving: the form of the page, or one press in a program for mail, which has no form of ours (RFC 8058). The address itself is the proof.
pub async fn left(State(app): State<Arc<App>>, visitor: Visitor, Path((id, said)): Path<(Id, String)>) -> Response {
    let w = Words(visitor.language);
    if said != mark(&app, id) {
        return problem(&app, &visitor, Code::NotFound.into());
    }
    let time = now();
    let done = app.store.write(move |tx| Ok(subscriber::erase(tx, id, time)?)).await;
    let settled = app.store.settle().await;
    match done.and(settled) {
        Ok(()) => message(&app, &visitor, w.left_title(), &[w.left_why()], &[]),
        Err(error) => problem(&app, &visitor, error.into()),
    }
}
