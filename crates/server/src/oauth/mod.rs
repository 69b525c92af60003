//! The authorization server (OAuth 2.1): a program registers itself (`register.rs`), its user allows it something in the browser
//! (`authorize.rs`), and it gets tokens for that (`token.rs`). Programs have no secret: what shows that a code is theirs is PKCE.
//!
//! Never here: a password, which only our own pages ask for; a redirect to an address that the program did not register.

pub mod authorize;
pub mod redirect;
pub mod register;
pub mod token;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Problem};
use serde_json::{Value, json};

use crate::state::App;

/// Bytes of a request.
pub const MAX_REQUEST: usize = 16 << 10;

fn scopes() -> Vec<&'static str> {
    Scope::ALL.iter().map(|scope| scope.name()).collect()
}

/// Where what is (RFC 8414).
pub async fn metadata(State(app): State<Arc<App>>) -> Response {
    let origin = &app.origin;
    answer(
        StatusCode::OK,
        &json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/oauth/authorize"),
            "token_endpoint": format!("{origin}/oauth/token"),
            "registration_endpoint": format!("{origin}/oauth/register"),
            "revocation_endpoint": format!("{origin}/oauth/revoke"),
            "scopes_supported": scopes(),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "ui_locales_supported": ["en", "it"],
        }),
    )
}

/// Who gives tokens for the interface here (RFC 9728).
pub async fn resource(State(app): State<Arc<App>>) -> Response {
    answer(
        StatusCode::OK,
        &json!({
            "resource": app.origin,
            "authorization_servers": [app.origin],
            "scopes_supported": scopes(),
            "bearer_methods_supported": ["header"],
        }),
    )
}

/// Why a request is refused, in the form that OAuth has for it (OAuth 2.1, 3.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// A code of the standard.
    pub error: &'static str,
    /// The words for it.
    pub description: String,
    /// The HTTP status.
    pub status: u16,
}

impl Refused {
    /// A refusal with its words.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), status: 400 }
    }

    /// As an answer.
    pub fn respond(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer(status, &json!({ "error": self.error, "error_description": self.description }))
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let error = match problem.code {
            Code::Internal => "server_error",
            Code::Busy | Code::TooMany => "temporarily_unavailable",
            _ => "invalid_request",
        };
        Self { error, description: problem.to_string(), status: problem.code.status() }
    }
}

/// An answer that nobody keeps.
fn answer(status: StatusCode, body: &Value) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, body.to_string()).into_response()
}

/// What a request says, each thing once (OAuth 2.1, 3.1 and 3.2: "parameters MUST NOT be included more than once").
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a query or of a form's body.
    ///
    /// # Errors
    /// That one comes twice.
    pub fn parse(text: &[u8]) -> Result<Self, Refused> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err(Refused::new("invalid_request", "a parameter comes twice"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// What was said, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// What must be said.
    ///
    /// # Errors
    /// That it is not.
    pub fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::new("invalid_request", format!("`{name}` is missing")))
    }
}
