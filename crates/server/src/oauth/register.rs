//! A program registers itself (RFC 7591). Nothing that it says is proved, so nothing comes of it until a person allows it something; what
//! nobody uses within a day is forgotten.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use satchel_protocol::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Refused, answer, redirect};
use crate::api::openapi::OAuth;
use crate::random;
use crate::state::{App, now};
use crate::store::client::{self, Client};
use crate::visitor::Visitor;

/// Registrations from one address within an hour: a school is one, and each sign-in of a program is one.
const TRIES: i64 = 300;

/// Redirects of one program.
const MAX_REDIRECTS: usize = 10;

/// What a program says of itself (RFC 7591, 2). What is not read here is not kept, and the answer does not have it.
#[derive(Deserialize, ToSchema)]
#[schema(as = oauth::Registration)]
pub struct Said {
    /// What it calls itself.
    #[serde(default)]
    client_name: String,
    /// Where codes for it may be sent: `https`, or `http` at `127.0.0.1` or `[::1]`.
    #[serde(default)]
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
}

/// What it is registered as.
#[derive(Serialize, ToSchema)]
#[schema(as = oauth::Registered)]
pub struct Registered {
    client_id: Id,
    client_id_issued_at: i64,
    client_name: String,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: &'static str,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
}

/// Registers a program.
#[utoipa::path(post, path = "/oauth/register", operation_id = "register", tag = "oauth", request_body = Said,
    responses((status = 201, body = Registered), OAuth))]
pub async fn send(State(app): State<Arc<App>>, visitor: Visitor, body: Bytes) -> Response {
    match register(&app, &visitor, &body).await {
        Ok(response) => response,
        Err(refused) => refused.respond(),
    }
}

async fn register(app: &App, visitor: &Visitor, body: &[u8]) -> Result<Response, Refused> {
    let wrong = |words: String| Refused::new("invalid_client_metadata", words);
    let said: Said = serde_json::from_slice(body).map_err(|error| wrong(error.to_string()))?;
    // Markup, changes of direction and lines have no place in a name that a person reads before they decide.
    let name: String = satchel_badge::words::plain(said.client_name.trim()).take(80).collect();
    if !name.chars().any(char::is_alphanumeric) {
        return Err(wrong(String::from("`client_name` is missing: whoever is asked wants to know by what")));
    }
    if said.token_endpoint_auth_method.as_deref().is_some_and(|method| method != "none") {
        return Err(wrong(String::from("`token_endpoint_auth_method` must be `none`: programs have no secret here")));
    }
    let grants = ["authorization_code", "refresh_token"];
    if said.grant_types.is_some_and(|asked| asked.iter().any(|grant| !grants.contains(&grant.as_str()))) {
        return Err(wrong(format!("`grant_types` may have {}", grants.join(" and "))));
    }
    if said.response_types.is_some_and(|asked| asked.iter().any(|kind| kind != "code")) {
        return Err(wrong(String::from("`response_types` may have `code`")));
    }
    let invalid = |words: String| Refused::new("invalid_redirect_uri", words);
    if said.redirect_uris.is_empty() || said.redirect_uris.len() > MAX_REDIRECTS {
        return Err(invalid(format!("`redirect_uris` must have between 1 and {MAX_REDIRECTS}")));
    }
    for text in &said.redirect_uris {
        redirect::check(text).map_err(|why| invalid(format!("{text}: {why}")))?;
    }
    app.limit(&[("oauth-register", &visitor.ip, TRIES, 3600)]).await?;
    let time = now();
    let client = Client { id: random::id(time), name, redirects: said.redirect_uris, created: time };
    let kept = client.clone();
    app.store.write(move |tx| Ok(client::add(tx, &kept)?)).await.map_err(satchel_protocol::Problem::from)?;
    Ok(answer(
        StatusCode::CREATED,
        &Registered {
            client_id: client.id,
            client_id_issued_at: time.as_second(),
            client_name: client.name,
            redirect_uris: client.redirects,
            token_endpoint_auth_method: "none",
            grant_types: grants,
            response_types: ["code"],
        },
    ))
}
