//! Asking for a badge (R24 to R28): the form of an issuer, open or behind a secret link; and the link of the mail that confirms the address.
//! Until it is confirmed nobody at the issuer sees the request.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::request::{
    Access, Answer, Event, Form as Asked, Kind as Question, MAX_FIELDS, MAX_FILE, MAX_REQUEST, State as Step,
};
use satchel_protocol::visibility::Listing;
use satchel_protocol::{Code, EmailAddress, Problem};

use super::catalogue::{Described, described, path_of};
use super::form::{Field, Form, Kind};
use super::register::name;
use super::words::Words;
use super::{Frame, message, message_with, not_done, notices, page, problem};
use crate::random::{self, Secret};
use crate::state::{App, FROM_NETWORK, now};
use crate::store::request::{self, Kept, Request};
use crate::store::{Error, Tx, account, attempt, invitation, issuer, listing, notice, outbox, ticket};
use crate::upload::{Unread, Upload};
use crate::visitor::{Form as Sent, Visitor};

/// Letters of an answer, and of one of several lines.
const MAX_LINE: usize = 300;
const MAX_TEXT: usize = 4000;

const DAY: i64 = 86400;

/// Bytes of files that nobody has confirmed: of one network, and of all together. They are kept for two days.
const UNCONFIRMED_EACH: i64 = 64 << 20;
const UNCONFIRMED_ALL: i64 = 1 << 30;

/// How somebody came to a form.
#[derive(Clone)]
enum Way {
    /// From the page of the badge.
    Page(String, String),
    /// By its secret link.
    Link(String),
}

/// A form that may be filled in, and the badge that it is about.
struct Open {
    it: Described,
    slug: String,
    form: Asked,
    /// The issuer's terms and notices.
    holds: notices::Shown,
}

/// The form at the end of a way; one that nobody may use is not there.
fn open(tx: &mut Tx<'_>, way: &Way, w: Words) -> Result<Open, Error> {
    let (kept, did): (Kept, String) = match way {
        Way::Page(did, slug) => {
            let it = described(tx, did, slug)?;
            let kept = request::form(tx, it.issuer.id, slug)?.filter(|kept| kept.form.access == Access::Open);
            (kept.ok_or(Code::NotFound)?, did.clone())
        }
        Way::Link(text) => {
            let secret = Secret::parse(text).ok_or(Code::NotFound)?;
            let kept = request::form_by_link(tx, secret.hash())?.ok_or(Code::NotFound)?;
            let did = issuer::get(tx, kept.issuer)?.map(|it| it.did).ok_or(Code::NotFound)?;
            (kept, did)
        }
    };
    let it = described(tx, &did, &kept.slug)?;
    if it.state == Listing::Closed {
        return Err(Code::Closed.into());
    }
    let holds = notices::of_issuer(tx, &it.issuer, w)?;
    Ok(Open { it, slug: kept.slug, form: kept.form, holds })
}

fn form(app: &App, visitor: &Visitor, open: &Open, mine: Option<&EmailAddress>) -> Form {
    let w = Words(visitor.language);
    let badge = open.it.achievement.name.clone().unwrap_or_else(|| open.slug.clone());
    let by = open.it.issuer.called();
    let days = app.settings.policy.request_days.to_string();
    let mut form = Form::new(app, visitor, &w.fill(w.request_title(), &[&badge]), w.request_button());
    for text in super::catalogue::paragraphs(&open.form.intro) {
        form = form.intro(text);
    }
    form = form
        .intro(w.fill(w.request_intro(), &[&by, &days]))
        .field(Field::new(Kind::Text, "given", w.given_name(), "given-name"))
        .field(Field::new(Kind::Text, "family", w.family_name(), "family-name").hint(w.family_hint()))
        .field(Field::new(Kind::Email, "email", w.email(), "email").hint(w.request_email_hint()));
    for (number, question) in open.form.fields.iter().enumerate() {
        let kind = match question.kind {
            Question::Text => Kind::Text,
            Question::Long => Kind::Long,
            Question::Choice => Kind::Choice,
            Question::Check => Kind::Check,
        };
        let choices = question.choices.iter().map(|it| (it.clone(), it.clone())).collect();
        let field = Field::new(kind, format!("f{number}"), question.label.clone(), "off").choices(choices);
        form =
            form.field(if question.required || question.kind == Question::Check { field } else { field.hint(w.may_be_empty()) });
    }
    if open.form.files > 0 {
        let many = open.form.files.to_string();
        let size = format!("{} MB", MAX_FILE >> 20);
        form = form.field(Field::new(Kind::Files, "files", w.evidence(), "off").hint(w.fill(w.evidence_hint(), &[&many, &size])));
    }
    let back = path_of(&open.it.issuer.did, &open.slug);
    let form = if open.it.state == Listing::Published { form.link(back, badge) } else { form };
    // Who is signed in need not type what is known.
    match visitor.account() {
        Some(account) => form
            .with("given", account.given_name.as_str())
            .with("family", account.family_name.as_str())
            .with("email", mine.map(EmailAddress::as_str).unwrap_or_default()),
        None => form,
    }
    .holds(&open.holds)
    .trap()
}

/// What a form asks, for staff who write it.
pub fn preview(app: &App, visitor: &Visitor, it: Described, slug: String, asks: Asked) -> String {
    let open = Open { it, slug, form: asks, holds: notices::Shown::default() };
    form(app, visitor, &open, None).with("given", "").with("family", "").sample()
}

/// The form of a badge that everybody may ask for.
pub async fn by_page(State(app): State<Arc<App>>, visitor: Visitor, Path((did, slug)): Path<(String, String)>) -> Response {
    show(&app, visitor, Way::Page(did, slug)).await
}

/// The form behind a secret link.
pub async fn by_link(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    show(&app, visitor, Way::Link(secret)).await
}

async fn show(app: &App, visitor: Visitor, way: Way) -> Response {
    let w = Words(visitor.language);
    let mine = visitor.account().map(|it| it.id);
    let found = app.store.read(move |tx| {
        let open = open(tx, &way, w)?;
        let addresses = mine.map_or_else(|| Ok(Vec::new()), |id| account::addresses(tx, id))?;
        for it in &addresses {
            if invitation::is_repeated(tx, open.it.issuer.id, &open.it.id, &it.shown)? {
                return Ok((open, None, true));
            }
        }
        Ok((open, addresses.into_iter().find(|it| it.is_main).map(|it| it.shown), false))
    });
    match found.await {
        Err(error) => problem(app, &visitor, error.into()),
        Ok((.., true)) => message(app, &visitor, w.request_held(), &[w.request_held_here()], &[("/account", w.my_badges())]),
        Ok((open, mine, _)) => form(app, &visitor, &open, mine.as_ref()).respond(app, &visitor),
    }
}

/// The answer to the form of a page.
pub async fn sent_by_page(State(app): State<Arc<App>>, Path((did, slug)): Path<(String, String)>, sent: Unread) -> Response {
    take(&app, sent, Way::Page(did, slug)).await
}

/// The answer to the form behind a link.
pub async fn sent_by_link(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Unread) -> Response {
    take(&app, sent, Way::Link(secret)).await
}

async fn take(app: &Arc<App>, sent: Unread, way: Way) -> Response {
    let (looked, w) = (way.clone(), Words(sent.visitor.language));
    let open = match app.store.read(move |tx| open(tx, &looked, w)).await {
        Ok(open) => open,
        Err(error) => return closed(app, sent, way, error.into()).await,
    };
    let sent = match sent.read(app).await {
        Ok(sent) => sent,
        Err(refused) => return refused,
    };
    match ask(app, &sent, &open).await {
        Ok(response) => response,
        Err(refused) if refused.code == Code::TooMany => {
            let words = super::sentence(&refused.message(sent.form.visitor.language));
            form(app, &sent.form.visitor, &open, None).filled(&sent.form).errors(&[("", words)]).respond(app, &sent.form.visitor)
        }
        Err(refused) => problem(app, &sent.form.visitor, refused),
    }
}

#[derive(Template)]
#[template(path = "given_back.html")]
struct GivenBack {
    f: Frame,
    why: &'static str,
    typed: Vec<(String, String)>,
    badge: Option<(String, String)>,
}

/// The labels of a form, and the page of its badge with its name, where it has one.
type Known = (Vec<String>, Option<(String, String)>);

/// What the questions of a form are called that nobody may use any more; none where there is no such form. Of a link nothing is known.
fn labels(tx: &mut Tx<'_>, way: &Way) -> Result<Known, Error> {
    let Way::Page(did, slug) = way else { return Ok((Vec::new(), None)) };
    let it = described(tx, did, slug)?;
    let kept = request::form(tx, it.issuer.id, slug)?;
    // Of what is behind a link nobody is told without it.
    let kept = kept.filter(|kept| kept.form.access != Access::Link).ok_or(Code::NotFound)?;
    let name = it.achievement.name.unwrap_or_else(|| slug.clone());
    let page = (it.state == Listing::Published).then(|| (path_of(did, slug), name));
    Ok((kept.form.fields.into_iter().map(|it| it.label).collect(), page))
}

/// A form that was closed, or whose link was renewed, while somebody wrote: what was written is given back. Nothing of it was kept.
async fn closed(app: &Arc<App>, sent: Unread, way: Way, refused: Problem) -> Response {
    let w = Words(sent.visitor.language);
    if !matches!(refused.code, Code::NotFound | Code::Closed) {
        return problem(app, &sent.visitor, refused);
    }
    let (labels, badge) = match app.store.read(move |tx| labels(tx, &way)).await {
        Ok(found) => found,
        Err(error) => return problem(app, &sent.visitor, error.into()),
    };
    let sent = match sent.read(app).await {
        Ok(sent) => sent.form,
        Err(refused) => return refused,
    };
    let fixed = [("given", w.given_name()), ("family", w.family_name()), ("email", w.email())];
    let fixed = fixed.into_iter().map(|(name, label)| (name.to_owned(), label.to_owned()));
    let own = (0..MAX_FIELDS).map(|number| {
        let label = labels.get(number).cloned().unwrap_or_else(|| format!("{} {}", w.question(), number + 1));
        (format!("f{number}"), label)
    });
    let typed: Vec<_> = fixed.chain(own).map(|(name, label)| (label, sent.trimmed(&name).to_owned())).collect();
    let typed: Vec<_> = typed.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    if typed.is_empty() {
        return problem(app, &sent.visitor, refused);
    }
    let f = Frame::new(app, &sent.visitor, w.form_closed());
    page(app, &sent.visitor, StatusCode::CONFLICT, &GivenBack { f, why: w.form_closed_why(), typed, badge })
}

async fn ask(app: &App, sent: &Upload, open: &Open) -> Result<Response, Problem> {
    let (visitor, w) = (&sent.form.visitor, Words(sent.form.visitor.language));
    let typed = match read(sent, open, w) {
        Ok(typed) => typed,
        Err(errors) => {
            let status = if sent.is_cut { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            return Ok(form(app, visitor, open, None).filled(&sent.form).errors(&errors).refused(status).respond(app, visitor));
        }
    };
    let thanks = || {
        let sent_to = w.fill(w.mail_sent_to(), &[typed.address.as_str()]);
        message(app, visitor, w.look_at_mail(), &[&sent_to, w.request_confirm_first(), w.no_mail_came()], &[])
    };
    if sent.form.is_trapped() {
        return Ok(thanks());
    }
    app.limit(&[("request-from", &visitor.ip, FROM_NETWORK, 3600)]).await?;
    let normal = typed.address.normal().to_owned();
    let mailbox = typed.address.mailbox();
    let who = format!("{} {} {mailbox}", open.it.issuer.did, open.slug);
    let strangers = [(app.key("request-to", &mailbox), 5, DAY), (app.key("request-both", &who), 3, DAY)];
    // What others typed does not keep the owner of an address out.
    let own = visitor.account().map(|it| (it.id, [(app.key("request-of", &it.id.to_string()), 20, 3600)]));
    let sender = app.key("request-bytes", &visitor.ip);
    let time = now();
    let it = Request {
        id: random::id(time),
        issuer: open.it.issuer.id,
        slug: open.slug.clone(),
        achievement: open.it.id.clone(),
        state: Step::Unconfirmed,
        given: Some(typed.given.clone()),
        family: Some(typed.family.clone()),
        address: Some(typed.address.clone()),
        language: visitor.language,
        answers: typed.answers.clone(),
        reason: None,
        created: time,
        changed: time,
    };
    let shown = sent.form.get("holds").to_owned();
    let (files, hash, address) = (sent.files.clone(), app.hash_of(&typed.address), typed.address.clone());
    let kept = app
        .store
        .write(move |tx| {
            let own = own.map(|(id, limits)| Ok::<_, Error>(account::holds(tx, id, &normal)?.then_some(limits))).transpose()?;
            attempt::within(tx, own.flatten().as_ref().map_or(strangers.as_slice(), |it| it.as_slice()), time)?;
            let bytes = files.iter().map(|(_, bytes)| i64::try_from(bytes.len()).unwrap_or(i64::MAX)).sum::<i64>();
            if bytes > 0
                && (attempt::add(tx, sender, bytes, 2 * DAY, time)? > UNCONFIRMED_EACH
                    || request::unconfirmed_bytes(tx)? + bytes > UNCONFIRMED_ALL)
            {
                return Err(Code::Busy.into());
            }
            // The same answer here; whoever asked for no more mail gets none, and nothing is kept of what can go no further.
            if invitation::is_suppressed(tx, hash)? {
                return Ok(());
            }
            request::add(tx, &it, &files)?;
            notice::note_marked(tx, it.id, it.issuer, &shown, time)?;
            Ok(outbox::put(tx, random::id(time), outbox::Kind::RequestConfirm, it.id, &address, it.language, time)?)
        })
        .await;
    match kept {
        Err(Error::Problem(refused)) if refused.code == Code::Busy => {
            let errors = [("files", w.no_room_for_files().to_owned())];
            return Ok(form(app, visitor, open, None).filled(&sent.form).errors(&errors).respond(app, visitor));
        }
        kept => kept?,
    }
    app.mail.notify_one();
    Ok(thanks())
}

struct Typed {
    given: String,
    family: String,
    address: EmailAddress,
    answers: Vec<Answer>,
}

fn read(sent: &Upload, open: &Open, w: Words) -> Result<Typed, Vec<(String, String)>> {
    let mut errors: Vec<(String, String)> = Vec::new();
    let mut wrong = |name: &str, words: &str| errors.push((name.to_owned(), words.to_owned()));
    let given = name(sent.form.get("given"));
    match given.as_deref() {
        None => wrong("given", w.name_unusable()),
        Some("") => wrong("given", w.name_missing()),
        Some(_) => {}
    }
    let family = name(sent.form.get("family"));
    if family.is_none() {
        wrong("family", w.name_unusable());
    }
    let address = sent.form.get("email").parse::<EmailAddress>().ok();
    if address.is_none() {
        wrong("email", w.email_wrong());
    }
    let mut answers = Vec::new();
    for (number, question) in open.form.fields.iter().enumerate() {
        let name = format!("f{number}");
        let text = sent.form.trimmed(&name);
        let most = if question.kind == Question::Long { MAX_TEXT } else { MAX_LINE };
        let is_choice = question.kind != Question::Choice || question.choices.iter().any(|it| it == text);
        if text.is_empty() {
            if question.required {
                wrong(&name, if question.kind == Question::Check { w.tick_this() } else { w.answer_missing() });
            }
        } else if text.chars().count() > most {
            wrong(&name, &w.fill(w.answer_long(), &[&most.to_string()]));
        } else if !is_choice {
            wrong(&name, w.answer_missing());
        } else {
            let plain =
                if question.kind == Question::Long { text.to_owned() } else { satchel_badge::words::plain(text).collect() };
            let answer = if question.kind == Question::Check { w.yes().to_owned() } else { plain };
            answers.push(Answer { label: question.label.clone(), answer });
        }
    }
    if sent.is_cut {
        wrong("files", &w.fill(w.files_too_large(), &[&format!("{} MB", MAX_REQUEST >> 20)]));
    } else if sent.empty > 0 {
        wrong("files", w.file_empty());
    } else if sent.too_large > 0 {
        wrong("files", &w.fill(w.file_too_large(), &[&format!("{} MB", MAX_FILE >> 20)]));
    } else if sent.files.len() > usize::from(open.form.files) {
        wrong("files", &w.fill(w.too_many_files(), &[&open.form.files.to_string()]));
    }
    match (given, family, address) {
        (Some(given), Some(family), Some(address)) if errors.is_empty() => Ok(Typed { given, family, address, answers }),
        _ => Err(errors),
    }
}

// ---- The link of the mail ----

/// The request that a link confirms, while it does.
fn unconfirmed(tx: &mut Tx<'_>, text: &str) -> Result<(Secret, Request), Error> {
    let secret = Secret::parse(text).ok_or(Code::NotFound)?;
    let ticket = ticket::find(tx, ticket::Kind::Request, &secret)?.filter(|it| it.expires > now()).ok_or(Code::NotFound)?;
    let it = request::get(tx, ticket.subject)?.ok_or(Code::NotFound)?;
    Ok((secret, it))
}

fn over(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message_with(app, visitor, StatusCode::GONE, w.link_over(), &[w.request_link_over()], &[("/badges", w.catalogue())])
}

fn confirmed_already(app: &App, visitor: &Visitor) -> Response {
    let w = Words(visitor.language);
    message(app, visitor, w.request_confirmed(), &[w.request_confirmed_why()], &[("/badges", w.catalogue())])
}

/// The page of a link that confirms a request. Opening it confirms nothing.
pub async fn confirm(State(app): State<Arc<App>>, visitor: Visitor, Path(secret): Path<String>) -> Response {
    let found = app.store.read(move |tx| {
        let (_, it) = unconfirmed(tx, &secret)?;
        let (badge, by) = super::staff::names(tx, it.issuer, &it.slug)?;
        Ok((it, badge, by))
    });
    match found.await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &visitor),
        Err(error) => problem(&app, &visitor, error.into()),
        Ok((it, ..)) if it.state != Step::Unconfirmed => confirmed_already(&app, &visitor),
        Ok((it, badge, by)) => {
            let w = Words(visitor.language);
            let address = it.address.as_ref().map(ToString::to_string).unwrap_or_default();
            Form::new(&app, &visitor, w.request_confirm_title(), w.request_confirm_button())
                .intro(w.fill(w.request_confirm_intro(), &[&address, &badge, &by]))
                .respond(&app, &visitor)
        }
    }
}

/// The answer to it: the issuer sees the request from now on.
pub async fn confirmed(State(app): State<Arc<App>>, Path(secret): Path<String>, sent: Sent) -> Response {
    let time = now();
    let (counted, sender) = (Arc::clone(&app), app.key("request-bytes", &sent.visitor.ip));
    let done = app.store.write(move |tx| {
        let (_, it) = unconfirmed(tx, &secret)?;
        if it.state != Step::Unconfirmed {
            return Ok(Came::Taken);
        }
        let bytes = request::files(tx, it.id)?.iter().map(|file| file.bytes).sum();
        attempt::take_back(tx, sender, bytes)?;
        let is_suspended = issuer::get(tx, it.issuer)?.is_none_or(|of| of.suspended.is_some());
        if is_suspended || listing::is_closed(tx, it.issuer, &it.achievement)? {
            request::erase(tx, it.id, time)?;
            return Ok(Came::TooLate);
        }
        // Whoever proved the address may know what goes there.
        if let Some(address) = &it.address
            && invitation::is_repeated(tx, it.issuer, &it.achievement, address)?
        {
            request::erase(tx, it.id, time)?;
            return Ok(Came::Held);
        }
        // Two of the same would be decided twice.
        if let Some(address) = &it.address
            && request::is_pending(tx, it.issuer, &it.slug, address)?
        {
            request::erase(tx, it.id, time)?;
            return Ok(Came::Second);
        }
        // Only what was confirmed counts: nobody shuts a form with addresses that are not theirs.
        let of_form = counted.key("request-for", &format!("{} {}", it.issuer, it.slug));
        attempt::within(tx, &[(of_form, 500, DAY)], time)?;
        request::advance(tx, &it, Event::Confirm, None, time)?;
        Ok(Came::Taken)
    });
    let w = Words(sent.visitor.language);
    let not_taken = |title, why| not_done(&app, &sent.visitor, (title, why), &[("/badges", w.catalogue())]);
    match done.await {
        Err(Error::Problem(refused)) if refused.code == Code::NotFound => over(&app, &sent.visitor),
        Err(error) => problem(&app, &sent.visitor, error.into()),
        Ok(Came::Taken) => confirmed_already(&app, &sent.visitor),
        Ok(Came::Held) => not_taken(w.request_held(), w.request_held_why()),
        Ok(Came::Second) => not_taken(w.request_second(), w.request_second_why()),
        Ok(Came::TooLate) => not_taken(w.request_too_late(), w.request_too_late_why()),
    }
}

/// What became of a request that was confirmed.
enum Came {
    /// The issuer sees it.
    Taken,
    /// One of the same person for the same badge waits already, and this one was erased.
    Second,
    /// The person has the badge or an invitation to it, and it was erased.
    Held,
    /// The badge is awarded no longer, and it was erased.
    TooLate,
}
