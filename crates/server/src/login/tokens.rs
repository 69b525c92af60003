//! Asks a provider, and says whether its answer is to be believed: discovery, the code for a token, the checks of an ID token (OpenID Connect
//! Core, 3.1.3.7) by the openidconnect crate, and those of a logout token (Back-Channel Logout, 2.6), which are ours because the crate has none.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::http::{HeaderMap, Response as HttpAnswer, header};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, DiscoveryError, EndSessionUrl, HttpRequest, HttpResponse, IssuerUrl, JsonWebKey,
    LanguageTag, LogoutProviderMetadata, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
    UserInfoClaims, UserInfoError,
};
use satchel_fetch::{Client, FetchError, HostPort, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::asked::Asked;
use super::claims::{add, lacks};
use super::failure::Failure;
use crate::pages::words::Words;
use crate::random::Secret;
use crate::settings::Network;
use crate::state::{App, now};
use crate::store::provider::Provider;

/// How long what a provider says of itself counts, and how soon a stranger may have it asked again.
const KEPT: Duration = Duration::from_hours(1);
const AGAIN: Duration = Duration::from_secs(10);

/// By how many seconds two clocks may differ.
const SKEW: i64 = 120;

/// How old an ID token may be that has just been asked for, in seconds.
const OLDEST: i64 = 600;

/// How old a logout token may be, in seconds.
const OLDEST_LOGOUT: i64 = 600;

/// Algorithms of ID tokens: nothing symmetric, and not `none`.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a provider says of itself besides what the crate reads.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[expect(clippy::struct_field_names, reason = "as the standards have them")]
pub struct More {
    /// That answers say who gives them (RFC 9207, 3).
    authorization_response_iss_parameter_supported: Option<bool>,
    /// That PKCE is known.
    code_challenge_methods_supported: Option<Vec<String>>,
    /// That it tells when a session is over.
    backchannel_logout_supported: Option<bool>,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    LogoutProviderMetadata<More>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Claims that the crate does not know.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Other(Map<String, Value>);

impl AdditionalClaims for Other {}

/// Asks providers, through the guarded client, and remembers what they say of themselves.
pub struct Asker {
    client: Arc<Client>,
    /// Hosts that are asked over plain http.
    allow: Vec<String>,
    known: Asked<Result<Arc<Metadata>, Failure>>,
}

impl Asker {
    /// One that knows nothing yet.
    pub fn new(client: Arc<Client>, network: &Network) -> Self {
        Self { client, allow: network.allow.clone(), known: Asked::default() }
    }
}

// ---- Requests ----

/// A request of the crate, sent by the guarded client.
fn door(
    asker: &Asker,
) -> impl Fn(HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send>> + Send + Sync {
    let (client, allow) = (Arc::clone(&asker.client), asker.allow.clone());
    move |request: HttpRequest| {
        let (client, allow) = (Arc::clone(&client), allow.clone());
        Box::pin(async move {
            let url = request.uri().to_string();
            only_https(&allow, &url)?;
            let method = if request.method() == openidconnect::http::Method::POST { "POST" } else { "GET" };
            let text = |name: header::HeaderName| request.headers().get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
            let headers = [
                ("accept", text(header::ACCEPT)),
                ("content-type", text(header::CONTENT_TYPE)),
                ("authorization", text(header::AUTHORIZATION)),
            ];
            let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            let answer = client.send_async(Request { method, url, headers, body: request.into_body() }).await?;
            let mut sent = HttpAnswer::new(answer.bytes);
            *sent.status_mut() = openidconnect::http::StatusCode::from_u16(answer.status).unwrap_or_default();
            let mut headers = HeaderMap::new();
            if let Some(kind) = answer.media_type.and_then(|kind| kind.parse().ok()) {
                headers.insert(header::CONTENT_TYPE, kind);
            }
            *sent.headers_mut() = headers;
            Ok(sent)
        })
    }
}

/// Secrets and people's data go over https; in the clear to a host alone that the operator has named.
fn only_https(allowed: &[String], url: &str) -> Result<(), FetchError> {
    let refuse = |scheme: &str| FetchError::SchemeRefused { scheme: scheme.to_owned() };
    let parsed = Url::parse(url).map_err(|_| refuse("?"))?;
    let here = parsed.host_str().zip(parsed.port_or_known_default()).map(|(host, port)| format!("{host}:{port}"));
    let is_named = |text: &String| text.parse::<HostPort>().is_ok_and(|named| Some(named.to_string()) == here);
    if parsed.scheme() == "https" || allowed.iter().any(is_named) { Ok(()) } else { Err(refuse(parsed.scheme())) }
}

/// Words for what the client says; they name hosts and nobody else.
fn down(error: &FetchError) -> Failure {
    Failure::Down(format!("{}: {error}", error.code()))
}

async fn discover(asker: &Asker, provider: &Provider, most: Duration) -> Result<Arc<Metadata>, Failure> {
    asker.known.get(&provider.issuer, most, Result::is_ok, || ask(asker, provider)).await
}

async fn ask(asker: &Asker, provider: &Provider) -> Result<Arc<Metadata>, Failure> {
    let issuer =
        IssuerUrl::new(provider.issuer.clone()).map_err(|_| Failure::NotBelieved(String::from("issuer is no address")))?;
    let found = Metadata::discover_async(issuer, &door(asker)).await.map_err(|error| match error {
        DiscoveryError::Request(error) => down(&error),
        DiscoveryError::Response(status, ..) if status.is_server_error() => Failure::Down(format!("discovery: {status}")),
        DiscoveryError::Response(status, ..) => Failure::NotBelieved(format!("discovery: {status}")),
        DiscoveryError::Validation(why) => Failure::NotBelieved(format!("discovery: {why}")),
        other => Failure::NotBelieved(format!("discovery: {other}")),
    })?;
    Ok(Arc::new(found))
}

/// The secret of this server at a provider, if it has one; else why it cannot be read.
pub fn check_secret(provider: &Provider) -> Result<Option<String>, String> {
    let Some(path) = &provider.secret_file else { return Ok(None) };
    let text = std::fs::read_to_string(Path::new(path)).map_err(|error| format!("{path}: {error}"))?;
    let secret = text.trim();
    if secret.is_empty() { Err(format!("{path} is empty")) } else { Ok(Some(secret.to_owned())) }
}

/// Where a provider sends people back to.
pub fn return_url(app: &App, provider: &Provider) -> String {
    format!("{}/sign-in/return/{}", app.origin, provider.id)
}

/// What nobody but this server can tell from a state: one secret for PKCE, another one for the nonce.
fn derived(app: &App, what: &'static str, state: &Secret) -> String {
    let key = app.key(what, "");
    // PKCE asks for 43 letters and more (RFC 7636, 4.1).
    format!("{}{}", state.successor(&key).reveal(), state.successor(&key).successor(&key).reveal())
}

// ---- To the provider ----

/// Where somebody signs in; `anew`, where they do so even if they are signed in there (OpenID Connect Core, 3.1.2.1).
pub async fn authorize_url(app: &App, provider: &Provider, state: &Secret, language: &str, anew: bool) -> Result<Url, Failure> {
    let metadata = discover(&app.asker, provider, KEPT).await?;
    let believe = |why: &str| Failure::NotBelieved(why.to_owned());
    let client = CoreClient::from_provider_metadata((*metadata).clone(), ClientId::new(provider.client.clone()), None)
        .set_redirect_uri(RedirectUrl::new(return_url(app, provider)).map_err(|_| believe("return address"))?);
    let (csrf, nonce) = (CsrfToken::new(state.reveal().to_owned()), Nonce::new(derived(app, "nonce", state)));
    let verifier = PkceCodeVerifier::new(derived(app, "pkce", state));
    let mut request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || csrf, move || nonce)
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .add_ui_locale(LanguageTag::new(language.to_owned()));
    if anew {
        request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
    }
    for scope in provider.scopes.split_whitespace() {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let (url, ..) = request.url();
    only_https(&app.asker.allow, url.as_str()).map_err(|_| believe("the authorization endpoint is not https"))?;
    Ok(url)
}

// ---- And back ----

/// What a provider says of somebody, once it is believed.
pub struct Said {
    /// All claims.
    pub claims: Map<String, Value>,
    /// `sub`.
    pub sub: String,
    /// `sid`.
    pub sid: Option<String>,
    /// `auth_time` of the ID token: when they signed in there, in seconds.
    pub auth_time: Option<i64>,
}

/// Whether an answer says that it is this provider's (RFC 9207, 2.4).
pub async fn is_from(app: &App, provider: &Provider, iss: Option<&str>) -> Result<(), Failure> {
    let metadata = discover(&app.asker, provider, KEPT).await?;
    let promised = metadata.additional_metadata().additional_metadata.authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss == metadata.issuer().as_str() => Ok(()),
        Some(_) => Err(Failure::NotBelieved(String::from("the answer names another issuer"))),
        None if promised == Some(true) => Err(Failure::NotBelieved(String::from("the answer does not name its issuer"))),
        None => Ok(()),
    }
}

/// How a provider wants the secret.
fn auth_type(metadata: &Metadata) -> AuthType {
    let by_post = metadata.token_endpoint_auth_methods_supported().is_some_and(|known| {
        known.contains(&CoreClientAuthMethod::ClientSecretPost) && !known.contains(&CoreClientAuthMethod::ClientSecretBasic)
    });
    if by_post { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// Whether an error of the token endpoint says that this server is not known there, or its secret wrong (RFC 6749, 5.2).
fn is_about_us(error: &CoreErrorResponseType) -> bool {
    matches!(error, CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient)
}

/// Gives the code for a token, and reads what it says.
pub async fn redeem(app: &App, provider: &Provider, state: &Secret, code: &str) -> Result<Said, Failure> {
    let believe = |why: &str| Failure::NotBelieved(why.to_owned());
    let metadata = discover(&app.asker, provider, KEPT).await?;
    let secret = check_secret(provider).map_err(|why| Failure::Ours(format!("client secret: {why}")))?;
    let client = CoreClient::from_provider_metadata(
        (*metadata).clone(),
        ClientId::new(provider.client.clone()),
        secret.map(ClientSecret::new),
    )
    .set_redirect_uri(RedirectUrl::new(return_url(app, provider)).map_err(|_| believe("return address"))?)
    .set_auth_type(auth_type(&metadata));
    let door = door(&app.asker);
    let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned()));
    let exchange = exchange.map_err(|_| believe("discovery: no token endpoint"))?;
    let verifier = PkceCodeVerifier::new(derived(app, "pkce", state));
    let tokens = exchange.set_pkce_verifier(verifier).request_async(&door).await.map_err(|error| match error {
        RequestTokenError::Request(error) => down(&error),
        RequestTokenError::ServerResponse(said) if is_about_us(said.error()) => {
            Failure::Ours(format!("token: {}", said.error().as_ref()))
        }
        RequestTokenError::ServerResponse(said) => Failure::NotBelieved(format!("token: {}", said.error().as_ref())),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => believe("token: the answer cannot be read"),
    })?;
    let id_token = tokens.id_token().ok_or_else(|| believe("token: no ID token"))?;
    let nonce = Nonce::new(derived(app, "nonce", state));
    let client_id = provider.client.as_str();
    let mut metadata = metadata;
    let mut checked = check(&metadata, id_token, &nonce, client_id);
    // The provider may have new keys.
    if matches!(&checked, Err(ClaimsVerificationError::SignatureVerification(error)) if may_be_rotated(error)) {
        metadata = discover(&app.asker, provider, Duration::ZERO).await?;
        checked = check(&metadata, id_token, &nonce, client_id);
    }
    let mut claims = checked.map_err(|error| Failure::NotBelieved(format!("ID token: {error}")))?;
    let sub = claims.get("sub").and_then(Value::as_str).ok_or_else(|| believe("ID token: no sub"))?.to_owned();
    // Of what was signed alone, before the user info is added.
    let auth_time = claims.get("auth_time").and_then(Value::as_i64);
    check_access_token(&metadata, id_token, &nonce, tokens.access_token(), provider)?;
    if lacks(provider, &claims) && metadata.userinfo_endpoint().is_some() {
        let expected = Some(openidconnect::SubjectIdentifier::new(sub.clone()));
        let request = client.user_info(tokens.access_token().clone(), expected).map_err(|_| believe("user info"))?;
        let said: Result<UserInfoClaims<Other, CoreGenderClaim>, _> = request.request_async(&door).await;
        let said = said.map_err(|error| match error {
            UserInfoError::Request(error) => down(&error),
            // Its words name both subjects.
            UserInfoError::ClaimsVerification(_) => believe("user info: it is of somebody else, or not to be believed"),
            UserInfoError::Response(status, ..) => Failure::NotBelieved(format!("user info: {status}")),
            _ => believe("user info: the answer cannot be read"),
        })?;
        add(provider, &mut claims, as_map(&said));
    }
    let sid = claims.get("sid").and_then(Value::as_str).map(str::to_owned);
    Ok(Said { claims, sub, sid, auth_time })
}

fn as_map(said: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(said) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn may_be_rotated(error: &SignatureVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
    matches!(error, NoMatchingKey | CryptoError(_) | AmbiguousKeyId(_))
}

fn verifier<'a>(metadata: &Metadata, client: &str) -> CoreIdTokenVerifier<'a> {
    let before = |seconds: i64| chrono::DateTime::from_timestamp(now().as_second() - seconds, 0).unwrap_or_default();
    // As a public client's: then nothing symmetric is believed, whatever the header says.
    CoreIdTokenVerifier::new_public_client(ClientId::new(client.to_owned()), metadata.issuer().clone(), metadata.jwks().clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || before(SKEW))
        .set_issue_time_verifier_fn(move |issued| {
            let fits = issued <= before(-SKEW) && issued >= before(OLDEST);
            if fits { Ok(()) } else { Err(String::from("issued at another time than now")) }
        })
}

/// The claims of an ID token, when it is to be believed.
fn check(
    metadata: &Metadata,
    token: &CoreIdToken,
    nonce: &Nonce,
    client: &str,
) -> Result<Map<String, Value>, ClaimsVerificationError> {
    token.claims(&verifier(metadata, client), nonce)?;
    // The crate reads the claims that it knows; ours are read from what was signed.
    let text = token.to_string();
    let payload = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Map<String, Value>> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let claims = claims.ok_or_else(|| ClaimsVerificationError::Other(String::from("claims cannot be read")))?;
    // Step 5, which the crate leaves out: a token for somebody else's use is not for ours.
    if claims.get("azp").is_some_and(|azp| azp.as_str() != Some(client)) {
        return Err(ClaimsVerificationError::InvalidAudience(String::from("authorized party is another client")));
    }
    Ok(claims)
}

/// The access token is the one that the ID token came with, where it says so (OpenID Connect Core, 3.1.3.8).
fn check_access_token(
    metadata: &Metadata,
    token: &CoreIdToken,
    nonce: &Nonce,
    access: &openidconnect::AccessToken,
    provider: &Provider,
) -> Result<(), Failure> {
    let verifier = verifier(metadata, &provider.client);
    let Ok(claims) = token.claims(&verifier, nonce) else { return Ok(()) };
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let found = token.signing_alg().ok().zip(token.signing_key(&verifier).ok());
    let found = found.and_then(|(algorithm, key)| AccessTokenHash::from_token(access, algorithm, key).ok());
    if found.as_ref() == Some(expected) {
        Ok(())
    } else {
        Err(Failure::NotBelieved(String::from("ID token: at_hash is of another access token")))
    }
}

// ---- Sessions that are over ----

/// Where somebody signs out at the provider too, if it has such a place.
pub async fn sign_out_url(app: &App, provider: &Provider) -> Option<Url> {
    let metadata = discover(&app.asker, provider, KEPT).await.ok()?;
    let place: EndSessionUrl = metadata.additional_metadata().end_session_endpoint.clone()?;
    only_https(&app.asker.allow, place.url().as_str()).ok()?;
    let back = PostLogoutRedirectUrl::new(format!("{}/sign-in/out", app.origin)).ok()?;
    // No ID token goes along, because none is kept; the provider asks its person instead.
    let request = LogoutRequest::from(place).set_client_id(ClientId::new(provider.client.clone()));
    Some(request.set_post_logout_redirect_uri(back).http_get_url())
}

/// What a logout token names.
#[derive(Debug)]
pub struct Ended {
    /// `sub`.
    pub sub: Option<String>,
    /// `sid`.
    pub sid: Option<String>,
    /// `jti`.
    pub id: String,
}

/// Reads a logout token, when it is to be believed (Back-Channel Logout 1.0, 2.6); else why not.
pub async fn ended(app: &App, provider: &Provider, token: &str) -> Result<Ended, String> {
    let words = |failure: Failure| failure.reason().1.into_owned();
    let believed = |claims: &_| read_logout(claims, &provider.issuer, &provider.client, now().as_second());
    // What costs nothing goes first: anybody may send anything here.
    let part = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    believed(&part.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or("no signed token")?)?;
    let found = discover(&app.asker, provider, KEPT).await.map_err(words)?;
    match signed(&found, token) {
        // The provider may have new keys; a stranger who says so has it asked now and then only.
        Err(_) => signed(&*discover(&app.asker, provider, AGAIN).await.map_err(words)?, token),
        good => good,
    }
    .and_then(|claims| believed(&claims))
}

/// The claims of a token that a key of the provider signed.
fn signed(metadata: &Metadata, token: &str) -> Result<Map<String, Value>, String> {
    let (message, signature) = token.rsplit_once('.').ok_or("no signed token")?;
    let (head, claims) = message.split_once('.').ok_or("no signed token")?;
    let read = |part: &str| -> Result<Map<String, Value>, String> {
        let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| "not base64url")?;
        serde_json::from_slice(&bytes).map_err(|_| String::from("no JSON"))
    };
    let head = read(head)?;
    let algorithm = head.get("alg").cloned().and_then(|name| serde_json::from_value::<CoreJwsSigningAlgorithm>(name).ok());
    let algorithm = algorithm.filter(|it| ALGORITHMS.contains(it)).ok_or("an algorithm that is not believed")?;
    if head.contains_key("crit") {
        return Err(String::from("extensions that must be understood"));
    }
    let typ = head.get("typ").and_then(Value::as_str).map(str::to_ascii_lowercase);
    if typ.is_some_and(|typ| !["logout+jwt", "application/logout+jwt", "jwt"].contains(&typ.as_str())) {
        return Err(String::from("a token of another type"));
    }
    let kid = head.get("kid").and_then(Value::as_str);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "not base64url")?;
    let keys = metadata.jwks().keys().iter().filter(|key| kid.is_none() || key.key_id().map(|id| id.as_str()) == kid);
    let mut keys = keys.filter(|key| key.key_use().is_none_or(|it| *it == openidconnect::core::CoreJsonWebKeyUse::Signature));
    if keys.any(|key| key.verify_signature(&algorithm, message.as_bytes(), &signature).is_ok()) {
        read(claims)
    } else {
        Err(String::from("no key of the provider signed it"))
    }
}

fn read_logout(claims: &Map<String, Value>, issuer: &str, client: &str, now: i64) -> Result<Ended, String> {
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    if text("iss").as_deref() != Some(issuer) {
        return Err(String::from("of another issuer"));
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == client,
        Some(Value::Array(all)) => all.iter().any(|it| it.as_str() == Some(client)),
        _ => false,
    };
    if !for_us {
        return Err(String::from("for another client"));
    }
    let issued = number("iat").ok_or("without a time")?;
    if issued > now + SKEW || issued < now - OLDEST_LOGOUT {
        return Err(String::from("issued at another time than now"));
    }
    // Required since the final text; older providers leave it out.
    if number("exp").is_some_and(|expires| expires <= now - SKEW) {
        return Err(String::from("expired"));
    }
    if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(String::from("about no logout"));
    }
    // An ID token is no logout token.
    if claims.contains_key("nonce") {
        return Err(String::from("with a nonce"));
    }
    let (sub, sid) = (text("sub"), text("sid"));
    if sub.is_none() && sid.is_none() {
        return Err(String::from("about nobody"));
    }
    Ok(Ended { sub, sid, id: text("jti").ok_or("without an id")? })
}

// ---- For the operator ----

/// What is right and wrong about a provider, each in words, with whether it is right. It is asked to take a code that is none, because its answer
/// says whether it takes the secret.
pub async fn look(asker: &Asker, origin: &str, provider: &Provider, w: Words) -> Vec<(bool, String)> {
    let mut lines = Vec::new();
    if provider.has_ended(now()) {
        lines.push((false, w.look_ended().to_owned()));
    }
    let secret = check_secret(provider);
    lines.push(match &secret {
        Ok(None) => (true, w.look_public().to_owned()),
        Ok(Some(_)) => (true, w.look_secret().to_owned()),
        Err(why) => (false, w.fill(w.look_no_secret(), &[why])),
    });
    let found = match discover(asker, provider, Duration::ZERO).await {
        Ok(found) => found,
        Err(failure) => {
            lines.push((false, w.fill(w.look_no_discovery(), &[&failure.reason().1])));
            return lines;
        }
    };
    lines.push((true, w.fill(w.look_discovery(), &[found.issuer().as_str()])));
    let keys = found.jwks().keys().len();
    lines.push((keys > 0, w.fill(w.look_keys(), &[&keys.to_string()])));
    let more = &found.additional_metadata().additional_metadata;
    let pkce = more.code_challenge_methods_supported.as_ref().is_none_or(|known| known.iter().any(|it| it == "S256"));
    lines.push((pkce, String::from("PKCE (S256)")));
    let algorithms = found.id_token_signing_alg_values_supported();
    lines.push((algorithms.iter().any(|it| ALGORITHMS.contains(it)), w.look_algorithm().to_owned()));
    if let Ok(secret) = secret {
        lines.push(try_code(asker, origin, provider, &found, secret, w).await);
    }
    let wanted = super::NEEDED.iter().map(|what| provider.claims.get(*what).map_or(*what, String::as_str));
    let wanted = wanted.chain([provider.subject.as_str()]);
    if let Some(known) = found.claims_supported() {
        for name in wanted.filter(|name| !known.iter().any(|it| it.as_str() == *name)) {
            lines.push((true, w.fill(w.look_claim(), &[name])));
        }
    }
    let yes = |has: bool| if has { w.yes() } else { w.no() };
    lines.push((
        true,
        w.fill(
            w.look_can(),
            &[
                yes(more.authorization_response_iss_parameter_supported == Some(true)),
                yes(more.backchannel_logout_supported == Some(true)),
                yes(found.additional_metadata().end_session_endpoint.is_some()),
            ],
        ),
    ));
    lines.push(match (provider.seen, &provider.lacked) {
        (None, _) => (true, w.look_nobody().to_owned()),
        (Some(at), None) => (true, w.fill(w.look_came(), &[&at.to_string()])),
        (Some(at), Some(lacked)) => (false, w.fill(w.look_lacked(), &[&at.to_string(), lacked])),
    });
    lines
}

/// Whether the provider knows this server, and takes its secret: it then says that the code is none, and not that the client is.
async fn try_code(
    asker: &Asker,
    origin: &str,
    provider: &Provider,
    found: &Metadata,
    secret: Option<String>,
    w: Words,
) -> (bool, String) {
    let Ok(back) = RedirectUrl::new(format!("{origin}/sign-in/return/{}", provider.id)) else {
        return (false, origin.to_owned());
    };
    let client = ClientId::new(provider.client.clone());
    let client = CoreClient::from_provider_metadata(found.clone(), client, secret.map(ClientSecret::new))
        .set_redirect_uri(back)
        .set_auth_type(auth_type(found));
    let Ok(exchange) = client.exchange_code(AuthorizationCode::new(String::from("none"))) else {
        return (false, w.look_no_token().to_owned());
    };
    // PKCE asks for 43 letters and more (RFC 7636, 4.1).
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new("0".repeat(43)));
    match exchange.request_async(&door(asker)).await {
        Err(RequestTokenError::ServerResponse(said)) if is_about_us(said.error()) => {
            (false, w.fill(w.look_not_known(), &[&provider.client, said.error().as_ref()]))
        }
        Err(RequestTokenError::Request(error)) => (false, w.fill(w.look_token_down(), &[&format!("{}: {error}", error.code())])),
        _ => (true, w.fill(w.look_known(), &[&provider.client])),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({ "iss": "https://op.example", "aud": ["satchel"], "iat": 1000, "exp": 1120, "jti": "x", "sub": "ada",
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} } })
    }

    fn read(claims: &Value) -> Result<Ended, String> {
        read_logout(claims.as_object().unwrap(), "https://op.example", "satchel", 1000)
    }

    #[test]
    fn each_claim_of_a_logout_token_counts() {
        assert_eq!(read(&good()).unwrap().sub.as_deref(), Some("ada"));
        let wrong = [
            ("iss", json!("https://evil.example"), "another issuer"),
            ("aud", json!("other"), "another client"),
            ("iat", json!(1000 + SKEW + 1), "another time"),
            ("iat", json!(1000 - OLDEST_LOGOUT - 1), "another time"),
            ("iat", Value::Null, "without a time"),
            ("exp", json!(1000 - SKEW), "expired"),
            ("events", json!({}), "no logout"),
            ("events", json!({ "http://schemas.openid.net/event/backchannel-logout": true }), "no logout"),
            ("nonce", json!("n"), "nonce"),
            ("sub", Value::Null, "nobody"),
            ("jti", Value::Null, "without an id"),
        ];
        for (name, value, words) in wrong {
            let mut claims = good();
            claims[name] = value;
            let why = read(&claims).unwrap_err();
            assert!(why.contains(words), "{name}: {why}");
        }
    }

    #[test]
    fn plain_http_is_for_named_hosts_alone() {
        let allowed = [String::from("127.0.0.1:8080")];
        assert!(only_https(&allowed, "http://127.0.0.1:8080/token").is_ok());
        assert!(only_https(&allowed, "https://op.example/token").is_ok());
        for url in ["http://127.0.0.1:8081/token", "http://op.example/token", "file:///etc/passwd"] {
            assert!(only_https(&allowed, url).is_err(), "{url}");
        }
    }
}
