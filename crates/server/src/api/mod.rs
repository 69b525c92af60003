//! The JSON interface: what desks upload and read (`desk.rs`), the documents that issuers publish
//! (`documents.rs`), and what wallets do for their owners (`wallet.rs`, with the token of `bearer.rs`). Each error is a
//! problem of RFC 9457.

pub mod bearer;
pub mod desk;
pub mod documents;
pub mod wallet;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Language, Problem};
use serde::Serialize;

/// An answer in JSON.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, serde_json::to_vec(body).unwrap_or_default()).into_response()
}

/// A problem as an answer.
pub fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.code.retry() && matches!(problem.code.status(), 429 | 503) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    (status, headers, problem.to_json(Language::English).to_string()).into_response()
}
