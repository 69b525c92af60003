//! Who sends a request of a desk, read from its head: an admitted key of the issuer in the path, or staff of that issuer. Of whoever may not
//! send it, no byte of the body is read.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use satchel_badge::did;
use satchel_badge::succession::is_announced;
use satchel_protocol::desk::MAX_UPLOAD;
use satchel_protocol::scope::Scope;
use satchel_protocol::signature::{FRESH, Headers};
use satchel_protocol::{Code, Problem, sha256};

use super::bearer::{self, Bearer};
use super::refuse;
use crate::bounds::{self, Share};
use crate::state::{App, now};
use crate::store::issuer::{self, Issuer};
use crate::store::staff;

/// A request of a desk: an admitted key of the issuer in the path signed it, just now, and it did not come before.
pub struct Signed {
    pub(super) issuer: Issuer,
    /// The key that signed, which is the desk.
    pub(super) key: String,
    pub(super) body: Bytes,
    /// What the body takes of those that are under way.
    _share: Share,
}

impl FromRequest<Arc<App>> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let did = issuer_in_path(&mut parts, app).await?;
        let signed = async {
            // Of whoever may not send it, no byte of a body is read: its digest is what was signed.
            let (issuer, key, headers, once) = authorise(app, &did, &parts.method, &parts.uri, &parts.headers).await?;
            let (body, share) = bounds::read(&app.bodies, &did, body, MAX_UPLOAD).await?;
            headers.covers(&body)?;
            // It counts once it is whole: one that was cut off may be sent again.
            let until = now() + SignedDuration::from_secs(2 * FRESH);
            if !app.store.write(move |tx| Ok(issuer::remember(tx, once, until)?)).await? {
                return Err(Code::Replayed.into());
            }
            Ok(Self { issuer, key, body, _share: share })
        };
        signed.await.map_err(|problem: Problem| refuse(&problem))
    }
}

/// Signed awards: of a desk, or of a program that somebody who acts for the issuer allowed to do what staff may do. Who brings them does not
/// matter to what they are: each carries the issuer's own signature, and is checked.
pub struct Brought(pub(super) Signed);

impl FromRequest<Arc<App>> for Brought {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        if request.headers().contains_key("signature") || bearer::token(request.headers()).is_none() {
            return Signed::from_request(request, app).await.map(Self);
        }
        let (mut parts, body) = request.into_parts();
        let did = issuer_in_path(&mut parts, app).await?;
        let named = did.clone();
        let Ok(bearer) = Bearer::from_request_parts(&mut parts, app).await;
        let issuer = bearer.allowed(app, Scope::Staff, move |tx, speaker| {
            let issuer = issuer::by_did(tx, &named)?.filter(|issuer| issuer.suspended.is_none());
            let issuer = issuer.ok_or_else(|| Problem::new(Code::UnknownIssuer, [named.clone()]))?;
            if let Some(successor) = &issuer.successor {
                return Err(Problem::new(Code::Succeeded, [successor.clone()]).into());
            }
            if !staff::issuers(tx, &speaker.account)?.contains(&issuer.id) {
                return Err(Code::Forbidden.into());
            }
            Ok(issuer)
        });
        let (issuer, speaker) = issuer.await?;
        let read = bounds::read(&app.bodies, &did, body, MAX_UPLOAD).await;
        let (body, share) = read.map_err(|problem| refuse(&problem))?;
        Ok(Self(Signed { issuer, key: speaker.account.id.to_string(), body, _share: share }))
    }
}

/// The issuer that the path names.
pub(super) async fn issuer_in_path(parts: &mut Parts, app: &Arc<App>) -> Result<String, Response> {
    let named = RawPathParams::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
    Ok(named.iter().find(|(name, _)| *name == "did").map(|(_, did)| did.to_owned()).unwrap_or_default())
}

/// The issuer, the key that may speak for it, what was signed, and the hash by which it is known when it comes again.
async fn authorise(
    app: &App,
    did: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(Issuer, String, Headers, [u8; 32]), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let missing = || Problem::new(Code::BadSignature, [String::from("Signature-Input, Signature and Content-Digest are needed")]);
    let signed = Headers {
        digest: text("content-digest").ok_or_else(missing)?,
        input: text("signature-input").ok_or_else(missing)?,
        signature: text("signature").ok_or_else(missing)?,
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target = format!("{}{path}", app.origin);
    let time = now();
    let parameters = signed.verify_head(method.as_str(), &target, time)?;
    // Whose key it is: a `did:key` is one, and speaks for itself; others are admitted one by one.
    let (key, own) = (parameters.key.clone(), did::without_fragment(&parameters.key) == did);
    let succeeds = *method == Method::PUT && path.ends_with("/documents/succession.json");
    let is_itself = own && did::method(did) == Some(did::Method::Key);
    // What was signed, not the signature, which can be made again over the same.
    let hash = sha256(format!("{}\0{}", parameters.key, parameters.nonce).as_bytes());
    let did = did.to_owned();
    let found = app.store.read(move |tx| {
        let issuer = issuer::by_did(tx, &did)?.filter(|issuer| issuer.suspended.is_none());
        let issuer = issuer.ok_or_else(|| Problem::new(Code::UnknownIssuer, [did.clone()]))?;
        if let Some(successor) = issuer.successor.as_ref().filter(|_| is_itself) {
            return Err(Problem::new(Code::Succeeded, [successor.clone()]).into());
        }
        // A successor comes with the proof that it is one, before anybody admitted it.
        let reveals = succeeds && issuer.next_key.as_ref().is_some_and(|next| is_announced(did::without_fragment(&key), next));
        if !is_itself && !reveals && !issuer::keys(tx, issuer.id)?.contains(&key) {
            return Err(Code::Forbidden.into());
        }
        if issuer::came(tx, hash)? {
            return Err(Code::Replayed.into());
        }
        // A successor that was suspended does not go on in the name of the one that it succeeded.
        let speaker = issuer::by_did(tx, did::without_fragment(&key))?;
        if let Some(speaker) = speaker.filter(|speaker| speaker.suspended.is_some()) {
            return Err(Problem::new(Code::UnknownIssuer, [speaker.did]).into());
        }
        Ok(issuer)
    });
    Ok((found.await?, parameters.key, signed, hash))
}
