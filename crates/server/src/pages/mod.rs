//! Pages: HTML rendered here, which needs no JavaScript. What they share is the frame, forms, and the page of a problem.

pub mod account;
pub mod acting;
pub mod asking;
pub mod backpack;
pub mod badge;
pub mod catalogue;
pub mod claim;
pub mod consent;
pub mod contact;
pub mod factors;
pub mod feeds;
pub mod form;
pub mod head;
pub mod home;
pub mod institutions;
pub mod invited;
pub mod issuer;
pub mod logins;
pub mod messages;
pub mod news;
pub mod notices;
pub mod operate;
pub mod password;
pub mod proof;
pub mod prose;
pub mod questions;
pub mod recycled;
pub mod register;
pub mod request;
pub mod resend;
pub mod second;
pub mod share;
pub mod sign_in;
pub mod staff;
pub mod verdict;
pub mod words;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Code, Language, Problem, sha256};

use crate::state::App;
use crate::visitor::Visitor;
use words::Words;

/// The one style sheet, under an address that changes with it.
pub const CSS: &str = include_str!("../../assets/satchel.css");

/// The address of the style sheet.
pub fn css_path() -> String {
    let hash = sha256(CSS.as_bytes());
    format!("/assets/{:02x}{:02x}{:02x}{:02x}.css", hash[0], hash[1], hash[2], hash[3])
}

/// The one script, which only pages that ask for a passkey load: a browser makes and shows passkeys for scripts alone.
pub const SCRIPT: &str = include_str!("../../assets/passkey.js");

/// The address of the script.
pub fn script_path() -> String {
    let hash = sha256(SCRIPT.as_bytes());
    format!("/assets/{:02x}{:02x}{:02x}{:02x}.js", hash[0], hash[1], hash[2], hash[3])
}

/// Lets a page load the script, and nothing else.
pub fn with_script(mut response: Response) -> Response {
    let policy = format!("{}; script-src 'self'", crate::routes::CSP);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What is around every page.
pub struct Frame {
    /// The words.
    pub w: Words,
    /// The title.
    pub title: String,
    service: String,
    run_by: String,
    support: Option<String>,
    signed_in: bool,
    other: String,
    other_tag: &'static str,
    css: String,
    script: String,
    index: bool,
    /// Whether whoever looks is staff.
    staff: bool,
    head: Option<head::Head>,
    /// The part of the site that the page belongs to: the start of its path.
    here: String,
    token: String,
    /// Whom to write to when a form is refused, and what to quote.
    stuck: String,
}

impl Frame {
    /// The frame of a page.
    pub fn new(app: &App, visitor: &Visitor, title: impl Into<String>) -> Self {
        let w = Words(visitor.language);
        let settings = &app.settings;
        let frame = Self {
            w,
            title: title.into(),
            service: settings.name.clone(),
            run_by: if settings.operator.is_empty() { String::new() } else { w.fill(w.run_by(), &[&settings.operator]) },
            support: settings.support.as_ref().map(ToString::to_string),
            signed_in: visitor.session.is_some(),
            other: String::new(),
            other_tag: if visitor.language == Language::Italian { "en" } else { "it" },
            css: css_path(),
            script: script_path(),
            index: false,
            staff: visitor.is_staff,
            head: None,
            here: visitor.path.split('/').nth(1).unwrap_or_default().to_owned(),
            token: visitor.token(),
            stuck: help_words(app, visitor),
        };
        frame.at(&visitor.shown_at())
    }

    /// The same, for a page that is at this address: there the other language is.
    #[must_use]
    pub fn at(self, address: &str) -> Self {
        let joint = if address.contains('?') { '&' } else { '?' };
        Self { other: format!("{address}{joint}lang={}", self.other_tag), ..self }
    }

    /// The same, for whoever has just been let in.
    #[must_use]
    pub fn entered(self) -> Self {
        Self { signed_in: true, ..self }
    }

    /// The same, for a page that search engines may list.
    #[must_use]
    pub fn listed(self, listed: bool) -> Self {
        Self { index: listed, ..self }
    }
}

/// A page, as HTML.
fn draw(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be drawn");
        String::from("<!doctype html><title>Satchel</title>")
    })
}

/// An answer with a page.
pub fn page(app: &App, visitor: &Visitor, status: StatusCode, template: &impl Template) -> Response {
    let html = draw(template);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visitor.language.tag()));
    visitor.cookies(app, &mut headers, &html);
    (status, headers, html).into_response()
}

/// Sends the browser on, to a path of ours.
pub fn go(path: &str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (StatusCode::SEE_OTHER, headers).into_response()
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    f: Frame,
    paragraphs: Vec<String>,
    links: Vec<(String, String)>,
}

/// A page that says something, with links to go on.
pub fn message(app: &App, visitor: &Visitor, title: &str, paragraphs: &[&str], links: &[(&str, &str)]) -> Response {
    message_with(app, visitor, StatusCode::OK, title, paragraphs, links)
}

/// The same, with a status.
pub fn message_with(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    paragraphs: &[&str],
    links: &[(&str, &str)],
) -> Response {
    let paragraphs = paragraphs.iter().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
    let links = links.iter().map(|(href, text)| ((*href).to_owned(), (*text).to_owned())).collect();
    page(app, visitor, status, &Message { f: Frame::new(app, visitor, title), paragraphs, links })
}

/// A page that says why something was not done, in a title and a sentence, and where to go on.
pub fn not_done(app: &App, visitor: &Visitor, (title, why): (&str, &str), links: &[(&str, &str)]) -> Response {
    message_with(app, visitor, StatusCode::CONFLICT, title, &[why], links)
}

/// A page that says why somebody cannot go on, whom to write to, and what to quote (R19).
pub fn stopped(
    app: &App,
    visitor: &Visitor,
    status: StatusCode,
    title: &str,
    paragraphs: &[&str],
    links: &[(&str, &str)],
) -> Response {
    let help = help_words(app, visitor);
    message_with(app, visitor, status, title, &[paragraphs, &[help.as_str()]].concat(), links)
}

/// The page of a problem.
#[expect(clippy::needless_pass_by_value, reason = "the answer is the end of it")]
pub fn problem(app: &App, visitor: &Visitor, problem: Problem) -> Response {
    let w = Words(visitor.language);
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = if status == StatusCode::NOT_FOUND { w.not_here() } else { w.that_did_not_work() };
    let links = [("/", w.to_start()), ("/help", w.help())];
    if problem.code == Code::NotFound {
        return message_with(app, visitor, status, title, &[w.not_here_why()], &links);
    }
    let words = sentence(&problem.message(visitor.language));
    if status == StatusCode::NOT_FOUND {
        return message_with(app, visitor, status, title, &[&words], &links);
    }
    stopped(app, visitor, status, title, &[&words], &links)
}

/// Whom to write to, and what to quote.
fn help_words(app: &App, visitor: &Visitor) -> String {
    let w = Words(visitor.language);
    // Its end is enough to find it in the log.
    let reference = visitor.reference.rsplit('-').next().unwrap_or_default();
    match &app.settings.support {
        Some(address) if !visitor.reference.is_empty() => w.fill(w.write_and_quote(), &[&address.to_string(), reference]),
        _ if visitor.reference.is_empty() => String::new(),
        _ => w.fill(w.reference_is(), &[reference]),
    }
}

/// Words of a problem as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Only whoever is signed in goes on; others sign in first, and come back.
pub fn must_sign_in(visitor: &Visitor) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(visitor.shown_at().as_bytes()).collect();
    let lost = if visitor.sends { "&lost=yes" } else { "" };
    go(&format!("/sign-in?next={next}{lost}"))
}

/// The page that has the button for a path that only takes what is sent; nothing for paths that show a page themselves.
pub fn page_of(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    Some(match parts.as_slice() {
        ["claim", secret, "address"] => format!("/claim/{secret}"),
        ["account", "page"] | ["account", "acting" | "sessions" | "devices", _] => String::from("/account/settings"),
        ["account", "addresses", _] => String::from("/account/logins"),
        ["account", "badges", id, "shown" | "link"] => format!("/account/badges/{id}"),
        ["account", "sharing", _] => String::from("/account/sharing"),
        ["account", "collections", id, "remove"] => format!("/account/collections/{id}"),
        ["staff", "invitations", _] => String::from("/staff/invitations"),
        ["staff", "forms", ..] => String::from("/staff/forms"),
        ["staff", "news", _, "back"] => String::from("/staff/news"),
        ["sign-in", "passkey" | "with" | "mail"] => String::from("/sign-in"),
        ["sign-out"] => String::from("/"),
        _ => return None,
    })
}

/// A path of ours to go on to; nothing that leads elsewhere.
pub fn next_path(text: &str) -> &str {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~?&=+%*".contains(&byte));
    if text.starts_with('/') && !text.contains("//") && plain { text } else { HOME }
}

/// Where whoever signs in goes on to who wanted nothing else.
pub const HOME: &str = "/account";
