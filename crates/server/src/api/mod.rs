//! The JSON interface: what desks upload and read (`desk.rs`), the documents that issuers publish
//! (`documents.rs`), what everybody may read (`catalogue.rs`), and what wallets do for their owners (`wallet.rs`, with the token of `bearer.rs`). Each error is a
//! problem of RFC 9457. What all of it looks like is told by `openapi.rs`.

pub mod bearer;
pub mod catalogue;
pub mod desk;
pub mod documents;
pub mod openapi;
pub mod proposals;
pub mod requests;
pub mod signed;
pub mod wallet;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::{Code, Language, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An answer in JSON.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    as_json(status, serde_json::to_vec(body).unwrap_or_default())
}

/// The same, of what is written already.
pub fn as_json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, body).into_response()
}

/// A problem as an answer.
pub fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if problem.code.retry() && matches!(problem.code.status(), 429 | 503) {
        let seconds = if problem.code == Code::RemindedLately { "3600" } else { "60" };
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    (status, headers, problem.to_json(Language::English).to_string()).into_response()
}

/// A value of the query, read.
pub fn asked<T: std::str::FromStr>(query: Option<&str>, name: &'static str) -> Result<Option<T>, Problem> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let Some((_, value)) = pairs.find(|(known, _)| known == name) else { return Ok(None) };
    value.parse().map(Some).map_err(|_| Problem::new(Code::BadRequest, [name.to_owned()]))
}

/// A body, read. None at all is as good as an empty object.
pub fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let wrong = |words: String| Problem::new(Code::BadRequest, [words]);
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    // A list would be read as the members in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(wrong(String::from("an object is expected")));
    }
    serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))
}

/// An answer in JSON, or the problem instead of it.
pub fn respond<T: Serialize>(answer: Result<T, Problem>) -> Response {
    match answer {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(problem) => refuse(&problem),
    }
}
