//! What answers where, and what holds for every request: the host's name, the headers that a browser is told, the log.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use satchel_protocol::desk::MAX_UPLOAD;
use satchel_protocol::request::MAX_REQUEST;
use satchel_protocol::{Code, Problem};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::apart;
use crate::api::{self, catalogue as public, desk, documents, openapi, proposals, requests, wallet};
use crate::login::{about, away, back, ended, finish, join};
use crate::oauth::{self, authorize, token};
use crate::pages::words::Words;
use crate::pages::{
    account, acting, asking, backpack, catalogue, claim, contact, css_path, factors, feeds, home, institutions, invited, issuer,
    logins, messages, news, notices, operate, password, problem, proof, questions, recycled, register, request, resend,
    script_path, second, share, sign_in, staff,
};
use crate::random;
use crate::state::{App, now};
use crate::store::{meta, outbox};
use crate::visitor::{Reference, Visitor};

/// How long a request may take, its body included.
const PATIENCE: Duration = Duration::from_mins(1);

/// What everybody may ask.
pub fn public(app: Arc<App>) -> Router {
    let desk = Router::new()
        .route("/api/v1/issuers/{did}/documents/{*path}", put(desk::put_document))
        .route("/api/v1/issuers/{did}/awards", post(desk::post_awards))
        .route("/api/v1/issuers/{did}/awards/{credential}", get(desk::award))
        .route("/api/v1/issuers/{did}/invitations", get(desk::invitations))
        .route("/api/v1/issuers/{did}/invitations/{id}", get(desk::invitation))
        .route("/api/v1/issuers/{did}/invitations/{id}/{action}", post(desk::act))
        .route("/api/v1/issuers/{did}/listings", get(desk::listings))
        .route("/api/v1/issuers/{did}/listings/{slug}", put(desk::put_listing))
        .route("/api/v1/issuers/{did}/changes", get(desk::changes))
        .route("/api/v1/issuers/{did}/inbox", get(proposals::inbox))
        .route("/api/v1/issuers/{did}/inbox/{id}/decline", post(proposals::decline))
        .route("/api/v1/issuers/{did}/systems", get(proposals::systems).post(proposals::add_system))
        .route("/api/v1/issuers/{did}/systems/{id}/{action}", post(proposals::act_on_system))
        .route("/api/v1/issuers/{did}/forms", get(requests::forms))
        .route("/api/v1/issuers/{did}/forms/{slug}", put(requests::put_form))
        .route("/api/v1/issuers/{did}/forms/{slug}/link", post(requests::renew))
        .route("/api/v1/issuers/{did}/requests", get(requests::list))
        .route("/api/v1/issuers/{did}/requests/counts", get(requests::counts))
        .route("/api/v1/issuers/{did}/requests/{id}", get(requests::one))
        .route("/api/v1/issuers/{did}/requests/{id}/files/{number}", get(requests::file))
        .route("/api/v1/issuers/{did}/requests/{id}/{action}", post(requests::act))
        .route("/api/v1/issuers/{did}/staff", get(requests::staff))
        .route("/api/v1/issuers/{did}/staff/{email}", put(requests::add_staff).delete(requests::remove_staff))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD));
    let systems = Router::new()
        .route("/api/v1/issuers/{did}/proposals", post(proposals::propose))
        .route("/api/v1/issuers/{did}/proposals/{id}", get(proposals::one).delete(proposals::withdraw))
        .layer(DefaultBodyLimit::max(proposals::MAX_PROPOSAL));
    let asking = Router::new()
        .route("/badges/{did}/{slug}/request", get(request::by_page).post(request::sent_by_page))
        .route("/request/{secret}", get(request::by_link).post(request::sent_by_link))
        .layer(DefaultBodyLimit::max(MAX_REQUEST));
    let working = Router::new()
        .route("/staff", get(staff::home))
        .route("/staff/requests", get(staff::requests).post(staff::approve_many))
        .route("/staff/requests/{id}", get(staff::request).post(staff::decide))
        .route("/staff/requests/{id}/files/{number}", get(staff::file))
        .route("/staff/invitations", get(invited::list))
        .route("/staff/invitations/{id}", post(invited::act))
        .route("/staff/invitations/{id}/withdraw", get(invited::withdraw).post(invited::withdrawn))
        .route("/staff/forms", get(asking::forms))
        .route("/staff/forms/{issuer}/{slug}", post(asking::set_form))
        .route("/staff/forms/{issuer}/{slug}/link", get(asking::renew).post(asking::renewed))
        .route("/staff/forms/{issuer}/{slug}/questions", get(questions::show).post(questions::send))
        .route("/staff/numbers", get(asking::numbers))
        .route("/staff/addresses", get(recycled::show).post(recycled::send))
        .route("/staff/notices", get(notices::mine))
        .route("/staff/notices/{owner}/{kind}", get(notices::write).post(notices::published))
        .route("/staff/rules", get(operate::rules))
        .route("/staff/providers", get(operate::providers))
        .route("/staff/providers/{id}", post(operate::set_provider))
        .route("/staff/users", get(operate::users))
        .route("/staff/users/{id}", get(operate::user).post(operate::act))
        .route("/staff/messages", get(messages::list))
        .route("/staff/messages/{id}", get(messages::one).post(messages::act))
        .route("/staff/news", get(messages::news))
        .route("/staff/news/write", get(messages::write_news).post(messages::send_news))
        .route("/staff/news/{id}", get(messages::read_news))
        .route("/staff/news/{id}/back", post(messages::take_back));
    let writing = Router::new()
        .route("/help", get(contact::help))
        .route("/help/ask", get(contact::ask).post(contact::asked))
        .route("/accessibility", get(contact::accessibility))
        .route("/notices", get(notices::all))
        .route("/notices/{owner}/{kind}", get(notices::one))
        .route("/notices/{owner}/{kind}/{version}", get(notices::version))
        .route("/propose", get(contact::propose).post(contact::proposed))
        .route("/report", get(contact::report).post(contact::reported))
        .route("/confirm/message/{secret}", get(contact::confirm).post(contact::confirmed))
        .route("/news", get(news::show).post(news::send))
        .route("/confirm/news/{secret}", get(news::confirm).post(news::confirmed))
        .route("/news/leave/{id}/{mark}", get(news::leave).post(news::left));
    let programs = Router::new()
        .route("/.well-known/oauth-authorization-server", get(oauth::metadata))
        .route("/.well-known/oauth-protected-resource", get(oauth::resource))
        .route("/oauth/register", post(oauth::register::send))
        .route("/oauth/token", post(token::send))
        .route("/oauth/revoke", post(token::revoke))
        .layer(DefaultBodyLimit::max(oauth::MAX_REQUEST));
    let wallets = Router::new()
        .route(openapi::PATH, get(openapi::show))
        .route("/api/v1/badges", get(public::find))
        .route("/api/v1/account", get(wallet::account).patch(wallet::change_account))
        .route("/api/v1/changes", get(wallet::changes))
        .route("/api/v1/events", get(wallet::events))
        .route("/api/v1/invitations", get(wallet::invitations))
        .route("/api/v1/invitations/{id}", get(wallet::invitation))
        .route("/api/v1/invitations/{id}/accept", post(wallet::accept))
        .route("/api/v1/invitations/{id}/decline", post(wallet::decline))
        .route("/api/v1/awards", get(wallet::awards))
        .route("/api/v1/awards/{id}", get(wallet::award).patch(wallet::change_award))
        .route("/api/v1/devices", get(wallet::devices))
        .route("/api/v1/devices/{id}", delete(wallet::end_device))
        .layer(DefaultBodyLimit::max(oauth::MAX_REQUEST))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024).and(NotForContentType::SSE)));
    Router::new()
        .merge(desk)
        .merge(wallets)
        .merge(systems)
        .merge(asking)
        .merge(working)
        .merge(writing)
        .route("/confirm/request/{secret}", get(request::confirm).post(request::confirmed))
        .route("/issuers/{did}/{*path}", get(documents::show))
        .route("/", get(catalogue::home))
        .route("/badges", get(catalogue::show))
        .route("/badges.atom", get(feeds::atom))
        .route("/badges/{did}", get(issuer::show))
        .route("/badges/{did}/{slug}", get(catalogue::one))
        .route("/badges/{did}/{slug}/picture/{pixels}", get(catalogue::picture))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/sitemap/{part}", get(feeds::map_part))
        .route("/sign-in", get(sign_in::show).post(sign_in::send))
        .route("/sign-in/second", get(second::show).post(second::send))
        .route("/sign-in/passkey", post(second::enter))
        .route("/sign-out", post(sign_in::out))
        .merge(federation())
        .route("/register", get(register::show).post(register::send))
        .route(resend::PATH, get(resend::show).post(resend::send))
        .route("/verify/{secret}", get(register::verify).post(register::verified))
        .route("/forgot", get(password::forgot).post(password::send_link))
        .route("/reset/{secret}", get(password::reset).post(password::reset_to))
        .route("/claim/{secret}", get(claim::by_link).post(claim::accept_by_link))
        .route("/claim/{secret}/decline", get(claim::decline).post(claim::declined))
        .route("/claim/{secret}/never", get(claim::never).post(claim::nevermore))
        .route("/claim/{secret}/address", post(claim::verify_address))
        .route("/claim/{secret}/picture/{pixels}", get(claim::picture_by_link))
        .route("/claims/{id}", get(claim::by_id).post(claim::accept_by_id))
        .route("/claims/{secret}/decline", get(claim::decline).post(claim::declined))
        .route("/claims/{id}/picture/{pixels}", get(claim::picture_by_id))
        .route("/address/{secret}", get(logins::address).post(logins::add_address))
        .route("/account", get(account::show))
        .route("/account/settings", get(account::settings))
        .route("/account/acting/{id}", get(acting::leave).post(acting::left))
        .route("/acting/{secret}", get(acting::show).post(acting::answer))
        .route("/account/profile", get(account::profile).post(account::set_profile))
        .route("/account/password", get(password::change).post(password::change_to))
        .route("/account/logins", get(logins::show))
        .route("/account/proof", get(proof::show).post(proof::send))
        .route("/account/logins/{id}", get(logins::part).post(logins::parted))
        .route("/account/merges/{id}", get(logins::undo).post(logins::undone))
        .route("/account/addresses", get(logins::new_address).post(logins::send_address))
        .route("/account/addresses/{what}", post(logins::change_address))
        .route("/account/page", post(account::set_page))
        .route("/account/factors", get(factors::show))
        .route("/account/factors/app", get(factors::app).post(factors::add_app))
        .route("/account/factors/passkey", get(factors::passkey).post(factors::add_passkey))
        .route("/account/factors/codes", get(factors::codes).post(factors::new_codes))
        .route("/account/factors/{id}", get(factors::one).post(factors::end))
        .route("/account/sessions/{which}", post(account::end_session))
        .route("/account/export", get(account::export))
        .route("/account/delete", get(account::delete).post(account::deleted))
        .route("/account/badges/{id}", get(account::one))
        .route("/account/badges/{id}/shown", post(account::set_hidden))
        .route("/account/badges/{id}/{file}", get(account::file))
        .route("/account/devices/{id}", post(account::end_device))
        .route("/oauth/authorize", get(authorize::show).post(authorize::send))
        .merge(programs)
        .route("/account/badges/{id}/picture/{pixels}", get(account::picture))
        .route("/p/{slug}", get(backpack::show))
        .route("/p/{slug}/{id}", get(backpack::one))
        .route("/p/{slug}/{id}/picture/{pixels}", get(backpack::picture))
        .route("/p/{slug}/{id}/{file}", get(backpack::file))
        .route("/p/{slug}/c/{id}", get(backpack::collection))
        .route("/s/{id}/{mark}", get(share::shared))
        .route("/s/{id}/{mark}/picture/{pixels}", get(share::picture))
        .route("/s/{id}/{mark}/{file}", get(share::file))
        .route("/embed/{slug}/{id}", get(share::embed))
        .route("/oembed", get(share::oembed))
        .route("/account/sharing", get(share::list))
        .route("/account/sharing/{id}", post(share::end))
        .route("/account/badges/{id}/link", post(share::make))
        .route("/account/collections", get(share::collections))
        .route("/account/collections/new", get(share::new_collection).post(share::add_collection))
        .route("/account/collections/{id}", get(share::edit_collection).post(share::set_collection))
        .route("/account/collections/{id}/remove", post(share::remove_collection))
        .route(&css_path(), get(home::css))
        .route(&script_path(), get(home::script))
        .route("/assets/fonts/{name}", get(home::font))
        .route("/favicon.ico", get(home::icon))
        .route("/robots.txt", get(home::robots))
        .route(apart::ENTER, get(apart::enter))
        .fallback(nothing)
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), around))
        // Whoever asks whether the server lives asks it under any name.
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(app)
}

/// Signing in through an institution.
fn federation() -> Router<Arc<App>> {
    Router::new()
        .route("/sign-in/with", post(away::send))
        .route("/sign-in/return/{provider}", get(back::show))
        .route("/sign-in/finish", get(finish::show).post(finish::send))
        .route("/sign-in/mail", post(finish::send_mail))
        .route("/sign-in/prove/{secret}", get(finish::prove).post(finish::proved))
        .route("/sign-in/join", get(join::show).post(join::send))
        .route("/sign-in/undo/{secret}", get(join::undo_page).post(join::undone))
        .route("/sign-in/ended/{provider}", post(ended::send).layer(DefaultBodyLimit::max(ended::MOST)))
        .route("/sign-in/out", get(ended::out))
        .route("/sign-in/logo/{provider}", get(institutions::logo))
        .route("/sign-in/providers", get(institutions::about))
        .route("/sign-in/metadata", get(about::metadata))
}

/// What the operator alone may ask.
pub fn operator(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/introspect", post(token::introspect))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), by_number))
        .route("/healthz", get(async || "ok\n"))
        .with_state(app)
}

/// On this machine the operator's address is asked by its number: a name may be one by which a page was lured here (DNS rebinding).
async fn by_number(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_number = host.parse::<std::net::SocketAddr>().is_ok() || host.parse::<std::net::IpAddr>().is_ok();
    let name = host.split(':').next().unwrap_or_default();
    if app.settings.admin_listen.ip().is_loopback() && !is_number && name != "localhost" {
        return api::refuse(&Code::WrongHost.into());
    }
    next.run(request).await
}

async fn nothing(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    missing(&app, &visitor, Code::NotFound)
}

async fn other_method(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    missing(&app, &visitor, Code::MethodNotAllowed)
}

fn missing(app: &App, visitor: &Visitor, code: Code) -> Response {
    if is_for_programs(&visitor.path) { api::refuse(&code.into()) } else { problem(app, visitor, code.into()) }
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.read(|tx| Ok(meta::ping(tx)?)).await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

/// What holds for every request.
async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let id = random::id(now());
    request.extensions_mut().insert(Reference(id.to_string()));
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let mut response = if let Some(refused) = apart::refuse(&app, &route, &request) {
        missing(&app, &Visitor::stranger(&app, &uri, &headers), refused)
    } else if !is_our_name(&app, request.headers()) {
        wrong_host(&app, &uri, &headers)
    } else if has_nul(&uri) {
        let refused = Problem::new(Code::BadRequest, [String::from("%00")]);
        if is_for_programs(uri.path()) {
            api::refuse(&refused)
        } else {
            problem(&app, &Visitor::stranger(&app, &uri, &headers), refused)
        }
    } else {
        let busy = || api::refuse(&Problem::bare(Code::Busy));
        let response = tokio::time::timeout(PATIENCE, next.run(request)).await.unwrap_or_else(|_| busy());
        in_our_words(&app, &uri, &headers, response)
    };
    let status = response.status().as_u16();
    app.count_answer(status);
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%id, %method, route, status, ms, "request");
    protect(&app, response.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// What axum refuses before anything of ours is asked, such as an address with an id that is none, in the form that all problems have.
fn in_our_words(app: &App, uri: &Uri, headers: &HeaderMap, response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !is_plain || !response.status().is_client_error() {
        return response;
    }
    let refused = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, [format!("{} MB", MAX_UPLOAD >> 20)]),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Code::UnsupportedType, [String::from("application/json")]),
        _ => Code::NotFound.into(),
    };
    if is_for_programs(uri.path()) { api::refuse(&refused) } else { problem(app, &Visitor::stranger(app, uri, headers), refused) }
}

fn is_for_programs(path: &str) -> bool {
    let pages = ["/oauth/authorize"];
    let programs = ["/api/", "/issuers/", "/oauth/", "/.well-known/"];
    !pages.contains(&path) && programs.iter().any(|start| path.starts_with(start))
}

/// What a browser is shown that came under another name: where the service is, and nothing else of it.
#[derive(Template)]
#[template(path = "elsewhere.html")]
struct Elsewhere<'a> {
    w: Words,
    origin: &'a str,
}

fn wrong_host(app: &App, uri: &Uri, headers: &HeaderMap) -> Response {
    let reads =
        headers.get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok()).is_some_and(|kinds| kinds.contains("text/html"));
    let w = Words(Visitor::stranger(app, uri, headers).language);
    match (Elsewhere { w, origin: &app.origin }).render() {
        Ok(page) if reads => (StatusCode::MISDIRECTED_REQUEST, Html(page)).into_response(),
        _ => api::refuse(&Code::WrongHost.into()),
    }
}

/// Whether an address names a NUL, which no text of PostgreSQL can have.
fn has_nul(uri: &Uri) -> bool {
    uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00"))
}

/// A page that was lured to this server under another name gets nothing (DNS rebinding).
fn is_our_name(app: &App, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = app.origin.split_once("://").map_or("", |(_, host)| host);
    let port = |host: &str| host.rsplit_once(':').map(|(_, port)| port.to_owned());
    let local = app.settings.public_url.is_none() && host.starts_with("localhost:") && port(host) == port(ours);
    host.eq_ignore_ascii_case(ours) || local
}

/// What a page may load and do.
pub const CSP: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers that every answer has. No script runs on our pages but the one that asks for passkeys, so none that somebody smuggles in does.
fn protect(app: &App, headers: &mut HeaderMap) {
    let policy = headers.get("content-security-policy").and_then(|policy| policy.to_str().ok());
    let framed = policy.is_some_and(|policy| policy.ends_with("frame-ancestors *"));
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set("content-security-policy", CSP);
    set("x-content-type-options", "nosniff");
    // Not `no-referrer`: forms would then come from nowhere (Fetch, "Origin" header). No other site learns an address with a token.
    set("referrer-policy", "same-origin");
    // Pages for other sites' frames say so in their policy, and old browsers know no other word for it.
    if !framed {
        set("x-frame-options", "DENY");
    }
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=()");
    if app.secure {
        set("strict-transport-security", "max-age=31536000");
    }
}

/// Numbers in Prometheus' text format.
async fn metrics(State(app): State<Arc<App>>) -> Response {
    let time = now();
    let waiting = app.store.read(|tx| Ok(outbox::waiting(tx)?)).await;
    let mut text = String::new();
    let mut say = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let count = |it: &std::sync::atomic::AtomicU64| it.load(Ordering::Relaxed);
    let classes: Vec<_> = app
        .counts
        .answers
        .iter()
        .enumerate()
        .skip(1)
        .map(|(class, it)| (format!("{{class=\"{class}xx\"}}"), count(it)))
        .collect();
    say("satchel_answers_total", "counter", "Answers by the class of their status.", &classes);
    say("satchel_mails_sent_total", "counter", "Mails that were taken.", &[(String::new(), count(&app.counts.mails_sent))]);
    say("satchel_passwords_hashed_total", "counter", "Passwords that were hashed.", &[(String::new(), app.hasher.made())]);
    say(
        "satchel_mails_refused_total",
        "counter",
        "Tries to send a mail that failed.",
        &[(String::new(), count(&app.counts.mails_refused))],
    );
    if let Ok((number, oldest)) = waiting {
        let age = oldest.map_or(0, |oldest| time.duration_since(oldest).as_secs());
        say("satchel_outbox_waiting", "gauge", "Mails that wait.", &[(String::new(), u64::try_from(number).unwrap_or(0))]);
        say(
            "satchel_outbox_oldest_seconds",
            "gauge",
            "Age of the mail that waits longest.",
            &[(String::new(), u64::try_from(age).unwrap_or(0))],
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
