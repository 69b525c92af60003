//! The style sheet with its fonts, and what robots are told.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use satchel_protocol::Code;

use super::{CSS, SCRIPT, problem};
use crate::state::App;
use crate::visitor::Visitor;

/// The style sheet.
pub async fn css() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, CSS).into_response()
}

/// The script.
pub async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, SCRIPT).into_response()
}

/// The small picture that browsers show beside the title.
pub async fn icon() -> Response {
    let icon: &[u8] = include_bytes!("../../../../icons/64x64.png");
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=2592000")], icon).into_response()
}

/// The fonts of the style sheet, by their names.
const FONTS: [(&str, &[u8]); 3] = [
    ("inter-latin.woff2", include_bytes!("../../assets/fonts/inter-latin-wght-normal.woff2")),
    ("inter-latin-ext.woff2", include_bytes!("../../assets/fonts/inter-latin-ext-wght-normal.woff2")),
    ("source-serif-4-latin.woff2", include_bytes!("../../assets/fonts/source-serif-4-latin-wght-normal.woff2")),
];

/// A font.
pub async fn font(State(app): State<Arc<App>>, visitor: Visitor, Path(name): Path<String>) -> Response {
    let Some((_, bytes)) = FONTS.iter().find(|(known, _)| *known == name) else {
        return problem(&app, &visitor, Code::NotFound.into());
    };
    ([(header::CONTENT_TYPE, "font/woff2"), (header::CACHE_CONTROL, "public, max-age=2592000")], *bytes).into_response()
}

/// What robots are told: a page of a person says itself whether it may be listed; what acts is nobody's to walk through.
pub async fn robots(State(app): State<Arc<App>>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /account\nDisallow: /address/\nDisallow: /api/\nDisallow: /claim/\nDisallow: /claims/\n\
                Disallow: /forgot\nDisallow: /confirm/\nDisallow: /register\nDisallow: /request/\nDisallow: /reset/\nDisallow: /sign-in\nDisallow: /verify/\n\nSitemap: {}/sitemap.xml\n",
        app.origin
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], text).into_response()
}
