//! Decentralised identifiers: `did:key` and `did:jwk` carry their key, `did:web` has a document. A key counts for a DID only when the
//! DID's document lists it under `assertionMethod`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::json;
use crate::key::PublicKey;

/// The methods that Satchel knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The DID is the key.
    Key,
    /// The DID is a JWK.
    Jwk,
    /// The document lies on a web server.
    Web,
}

/// The method of a DID; none for one that is not known.
pub fn method(did: &str) -> Option<Method> {
    match did.strip_prefix("did:")?.split_once(':')?.0 {
        "key" => Some(Method::Key),
        "jwk" => Some(Method::Jwk),
        "web" => Some(Method::Web),
        _ => None,
    }
}

/// A DID without fragment, path and query.
pub fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(did, _)| did)
}

/// The key of a `did:key` URL. The fragment, when there is one, must repeat the key (did:key, 3.1.3); a version part is allowed.
pub fn key_of_did_key(url: &str) -> Option<PublicKey> {
    let did = without_fragment(url);
    let rest = did.strip_prefix("did:key:")?;
    let multikey = rest.split_once(':').map_or(rest, |(_, multikey)| multikey);
    let named = url.split_once('#').is_none_or(|(_, fragment)| fragment == multikey);
    PublicKey::from_multikey(multikey).filter(|_| named)
}

/// The key of a `did:jwk` URL, whose only method is `#0`.
pub fn key_of_did_jwk(url: &str) -> Option<PublicKey> {
    let encoded = without_fragment(url).strip_prefix("did:jwk:").filter(|encoded| encoded.len() <= 4096)?;
    let named = url.split_once('#').is_none_or(|(_, fragment)| fragment == "0");
    let jwk = json::parse(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    PublicKey::from_jwk(&jwk).filter(|_| named)
}

/// The URL of a `did:web` document (did:web, 3.2); a port is written `%3A`.
pub fn web_url(did: &str) -> Option<String> {
    let rest = did.strip_prefix("did:web:")?;
    let mut parts = rest.split(':');
    let host = parts.next()?.replace("%3a", "%3A");
    let (name, port) = host.split_once("%3A").map_or((host.as_str(), None), |(name, port)| (name, Some(port)));
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if !is_name || port.is_some_and(|port| port.parse::<u16>().is_err() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let host = host.replace("%3A", ":");
    let clean = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%');
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain)
    };
    let path: Vec<&str> = parts.collect();
    if !path.iter().all(|part| clean(part)) {
        return None;
    }
    Some(if path.is_empty() {
        format!("https://{host}/.well-known/did.json")
    } else {
        format!("https://{host}/{}/did.json", path.join("/"))
    })
}

/// What a controller document says about a verification method.
#[derive(Debug, PartialEq, Eq)]
pub enum Authorised {
    /// It lists the method under `assertionMethod`, with this key.
    Yes(PublicKey),
    /// It has the method, but not for assertions.
    OtherPurpose,
    /// It does not have the method.
    NotListed,
    /// The method's key cannot be read, or is of a kind that is not supported.
    Unusable,
}

/// Looks for the verification method `url` in the document of `id` (CID 1.0, 3.3).
pub fn authorised(document: &Value, id: &str, url: &str) -> Authorised {
    let is_named = |name: &str| {
        let full = name.strip_prefix('#').map_or_else(|| name.to_owned(), |fragment| format!("{id}#{fragment}"));
        full == url
    };
    let entries = |name: &str| match document.get(name) {
        Some(Value::Array(entries)) => entries.clone(),
        Some(other) => vec![other.clone()],
        None => Vec::new(),
    };
    let has_id = |entry: &Value| entry.get("id").and_then(Value::as_str).is_some_and(is_named);
    let embedded = entries("assertionMethod").into_iter().find(has_id);
    let referenced = entries("assertionMethod").iter().filter_map(Value::as_str).any(is_named);
    let method = embedded.clone().or_else(|| entries("verificationMethod").into_iter().find(has_id));
    let Some(method) = method else { return Authorised::NotListed };
    if embedded.is_none() && !referenced {
        return Authorised::OtherPurpose;
    }
    if method.get("controller").and_then(Value::as_str).is_some_and(|controller| controller != id) {
        return Authorised::NotListed;
    }
    key_of_method(&method).map_or(Authorised::Unusable, Authorised::Yes)
}

/// The key of a verification method, in any of its forms.
pub fn key_of_method(method: &Value) -> Option<PublicKey> {
    if method.get("revoked").is_some() {
        return None;
    }
    let text = |name: &str| method.get(name).and_then(Value::as_str);
    if let Some(multikey) = text("publicKeyMultibase") {
        return PublicKey::from_multikey(multikey);
    }
    if let Some(jwk) = method.get("publicKeyJwk") {
        return PublicKey::from_jwk(jwk);
    }
    if let Some(raw) = text("publicKeyBase58").filter(|raw| raw.len() <= 64) {
        return PublicKey::ed25519(&bs58::decode(raw).into_vec().ok()?);
    }
    text("publicKeyPem").and_then(PublicKey::from_pem)
}
