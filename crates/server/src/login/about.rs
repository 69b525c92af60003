//! This server as a client, in the metadata with which those who run a provider register it (RFC 7591). The page for them is in
//! `pages/institutions.rs`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::state::App;

/// Which provider is asked about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Which {
    provider: String,
}

/// What stands where nobody is asked about.
pub const ID: &str = "ID";

impl Which {
    /// The name of the provider in addresses.
    pub fn id(&self) -> &str {
        let plain = self.provider.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if plain && !self.provider.is_empty() { &self.provider } else { ID }
    }
}

/// The metadata of this server as a client.
pub async fn metadata(State(app): State<Arc<App>>, Query(which): Query<Which>) -> Response {
    let id = which.id();
    let mut metadata = json!({
        "client_name": app.settings.name,
        "client_uri": app.origin,
        "redirect_uris": [format!("{}/sign-in/return/{id}", app.origin)],
        "post_logout_redirect_uris": [format!("{}/sign-in/out", app.origin)],
        "backchannel_logout_uri": format!("{}/sign-in/ended/{id}", app.origin),
        "backchannel_logout_session_required": false,
        "application_type": "web",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid email profile",
        "require_pushed_authorization_requests": false,
    });
    if let Some(support) = app.settings.for_providers() {
        metadata["contacts"] = json!([support.as_str()]);
    }
    Json::<Value>(metadata).into_response()
}
