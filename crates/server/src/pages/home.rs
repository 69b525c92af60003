//! The first page, the style sheet, and what robots are told.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::words::Words;
use super::{CSS, go, message};
use crate::state::App;
use crate::visitor::Visitor;

/// The first page.
pub async fn show(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    if visitor.session.is_some() {
        return go("/account");
    }
    let w = Words(visitor.language);
    message(&app, &visitor, &app.settings.name, &[w.home_what(), w.home_how()], &[("/sign-in", w.sign_in())])
}

/// The style sheet.
pub async fn css() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, CSS).into_response()
}

/// What robots are told: a page of a person says itself whether it may be listed; what acts is nobody's to walk through.
pub async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /account\nDisallow: /address/\nDisallow: /api/\nDisallow: /claim/\nDisallow: /claims/\n\
                Disallow: /forgot\nDisallow: /register\nDisallow: /reset/\nDisallow: /sign-in\nDisallow: /verify/\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}
