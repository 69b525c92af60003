//! What the interface looks like to programs (`OpenAPI` 3.1), made from the handlers and the types that they read and write. A test compares it
//! with the routes, so that none is missing, and another one has strangers' requests made of it.

use std::collections::BTreeMap;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use satchel_protocol::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, AuthorizationCode, Flow, OAuth2, Scopes as Named, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, Response as Told, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi, ToSchema};

use super::{catalogue, desk, proposals, requests, wallet};
use crate::oauth::{self, authorize, register, token};

/// Where it is.
pub const PATH: &str = "/api/v1/openapi.json";

/// What may be done to an invitation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = desk::Action)]
pub enum Action {
    /// The mail leaves once more.
    Remind,
    /// The award is revoked.
    Withdraw,
    /// It has more time.
    Extend,
}

/// A problem (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Shape {
    /// `urn:satchel:problem:` and the code.
    r#type: String,
    /// The words for a person.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What programs read.
    code: String,
    /// The words for a person.
    message: String,
    /// Whether the same request may work later.
    retry: bool,
    /// How the thing stands that this was about, when that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
}

fn told(words: &str, media: &str, schema: &str) -> RefOr<Told> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(words).content(media, content).build().into()
}

macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident: $media:literal $schema:literal, $($status:literal $words:literal),+;)+) => {$(
        $(#[doc = $doc])+
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Told>> {
                BTreeMap::from([$((String::from($status), told($words, $media, $schema))),+])
            }
        }
    )+};
}

refusals! {
    /// Why something cannot be read.
    Reads: "application/problem+json" "Problem", "400" "It cannot be read.", "401" "No token or signature, or none that holds.",
        "403" "Not for whoever asks.", "404" "There is no such thing.", "409" "The signed request came before.",
        "410" "It is no more; `resync`: read everything again.", "421" "The server does not go by that name.", "429" "Too often.",
        "503" "Too much at once.";
    /// Why something cannot be changed.
    Changes: "application/problem+json" "Problem", "400" "It cannot be read.", "401" "No token or signature, or none that holds.",
        "403" "Not for whoever asks.", "404" "There is no such thing.", "409" "Its state does not allow it, or the key was used before.",
        "410" "It is no more.", "413" "It is too large.", "415" "Not of the kind that is taken.", "421" "The server does not go by that name.",
        "422" "Something in it is not right.", "429" "Too often.", "503" "Too much at once.";
    /// Why a program gets no tokens.
    OAuth: "application/json" "oauth.Refused", "400" "In the words of the standard.", "401" "The program is not registered.",
        "429" "Too often.", "503" "Too much at once.";
}

/// What a browser gets.
pub struct Pages;

impl IntoResponses for Pages {
    fn responses() -> BTreeMap<String, RefOr<Told>> {
        let page = |words: &str| -> RefOr<Told> {
            ResponseBuilder::new().description(words).content("text/html", ContentBuilder::new().build()).build().into()
        };
        let leads = ResponseBuilder::new().description("To the page for signing in, or to the program with its answer.").build();
        BTreeMap::from([
            (String::from("303"), leads.into()),
            (String::from("400"), page("What was asked cannot be trusted.")),
            (String::from("403"), page("The form is of another visit.")),
            (String::from("413"), page("It is too large.")),
            (String::from("415"), page("It is no form.")),
        ])
    }
}

struct Doors;

impl Modify for Doors {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let scopes = Named::from_iter([("wallet", "what a wallet does for its owner")]);
        let flow = AuthorizationCode::with_refresh_url("/oauth/authorize", "/oauth/token", scopes, "/oauth/token");
        components.add_security_scheme("oauth", SecurityScheme::OAuth2(OAuth2::new([Flow::AuthorizationCode(flow)])));
        let words =
            "HTTP Message Signatures (RFC 9421) in one form, with `Signature-Input` and `Content-Digest`; see docs/server.md.";
        let signature = ApiKey::Header(ApiKeyValue::with_description("Signature", words));
        components.add_security_scheme("desk", SecurityScheme::ApiKey(signature));
        let words = "The token that a desk gave another system, as `Bearer TOKEN`; see docs/server.md.";
        let token = ApiKey::Header(ApiKeyValue::with_description("Authorization", words));
        components.add_security_scheme("system", SecurityScheme::ApiKey(token));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Satchel", description = "The interface of the sync server: for wallets, desks and other programs."),
    modifiers(&Doors),
    components(schemas(Shape, Action, proposals::Action, requests::Decision, oauth::Refused)),
    paths(
        show,
        oauth::metadata,
        oauth::resource,
        authorize::show,
        authorize::send,
        register::send,
        token::send,
        token::revoke,
        catalogue::find,
        wallet::account,
        wallet::change_account,
        wallet::changes,
        wallet::events,
        wallet::invitations,
        wallet::invitation,
        wallet::accept,
        wallet::decline,
        wallet::awards,
        wallet::award,
        wallet::change_award,
        wallet::devices,
        wallet::end_device,
        desk::put_document,
        desk::post_awards,
        desk::award,
        desk::invitations,
        desk::invitation,
        desk::act,
        desk::listings,
        desk::put_listing,
        desk::changes,
        proposals::propose,
        proposals::one,
        proposals::withdraw,
        proposals::inbox,
        proposals::decline,
        proposals::systems,
        proposals::add_system,
        proposals::act_on_system,
        requests::put_form,
        requests::renew,
        requests::forms,
        requests::list,
        requests::counts,
        requests::one,
        requests::file,
        requests::act,
        requests::staff,
        requests::add_staff,
        requests::remove_staff,
    )
)]
struct Interface;

/// This document.
#[utoipa::path(get, path = PATH, operation_id = "openapi", tag = "about", responses((status = 200, body = Object)))]
pub async fn show() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, Interface::openapi().to_json().unwrap_or_default()).into_response()
}
