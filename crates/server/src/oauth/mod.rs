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
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::openapi;
use crate::state::App;

/// Bytes of a request.
pub const MAX_REQUEST: usize = 16 << 10;

fn scopes() -> Vec<&'static str> {
    Scope::ALL.iter().map(|scope| scope.name()).collect()
}

/// Where what is (RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(as = oauth::Metadata)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    service_documentation: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    ui_locales_supported: [&'static str; 2],
}

/// Where what is (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", operation_id = "metadata", tag = "oauth",
    responses((status = 200, body = Metadata)))]
pub async fn metadata(State(app): State<Arc<App>>) -> Response {
    let under = |path: &str| format!("{}{path}", app.origin);
    answer(
        StatusCode::OK,
        &Metadata {
            issuer: app.origin.clone(),
            authorization_endpoint: under("/oauth/authorize"),
            token_endpoint: under("/oauth/token"),
            registration_endpoint: under("/oauth/register"),
            revocation_endpoint: under("/oauth/revoke"),
            service_documentation: under(openapi::PATH),
            scopes_supported: scopes(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: ["none"],
            revocation_endpoint_auth_methods_supported: ["none"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            ui_locales_supported: ["en", "it"],
        },
    )
}

/// Who gives tokens for the interface here (RFC 9728).
#[derive(Serialize, ToSchema)]
#[schema(as = oauth::Resource)]
pub struct Protected {
    resource: String,
    authorization_servers: [String; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
}

/// Who gives tokens for the interface here (RFC 9728).
#[utoipa::path(get, path = "/.well-known/oauth-protected-resource", operation_id = "resource", tag = "oauth",
    responses((status = 200, body = Protected)))]
pub async fn resource(State(app): State<Arc<App>>) -> Response {
    answer(
        StatusCode::OK,
        &Protected {
            resource: app.origin.clone(),
            authorization_servers: [app.origin.clone()],
            scopes_supported: scopes(),
            bearer_methods_supported: ["header"],
        },
    )
}

/// Why a request is refused, in the form that OAuth has for it (OAuth 2.1, 3.2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = oauth::Refused)]
pub struct Refused {
    /// A code of the standard.
    pub error: &'static str,
    /// The words for it.
    #[serde(rename = "error_description")]
    pub description: String,
    /// The HTTP status.
    #[serde(skip)]
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
        answer(status, self)
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
fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, serde_json::to_vec(body).unwrap_or_default()).into_response()
}

/// Parameters of a request. Each is compared with all before it.
const MOST_PARAMETERS: usize = 50;

/// What a request says, each thing once (OAuth 2.1, 3.1 and 3.2: "parameters MUST NOT be included more than once").
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of a query or of a form's body.
    ///
    /// # Errors
    /// That one comes twice, or that there are more than anybody needs.
    pub fn parse(text: &[u8]) -> Result<Self, Refused> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        if text.split(|byte| *byte == b'&').count() > MOST_PARAMETERS {
            return Err(Refused::new("invalid_request", "too many parameters"));
        }
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
