//! Whose key it is. A proof names a verification method; this finds its key and says what ties it to the issuer that the credential
//! names (VC Data Integrity, 4.4 "controller"; CID 1.0, 3.3; OB 3.0, 8.2). A key that only comes along with the badge proves that the
//! content is intact, and nothing about who made it.

use serde_json::Value;
use url::Url;

use super::bound::by_host;
use super::{At, Checker};
use crate::code::Code;
use crate::did::{self, Authorised, Method};
use crate::evidence::{Document, Need};
use crate::json;
use crate::key::PublicKey;
use crate::model::list;
use crate::report::{Line, Used};

/// A key, and the line that says what ties it to the issuer.
pub(super) struct Tied {
    pub(super) key: PublicKey,
    pub(super) issuer: Line,
    /// Whoever holds the key: a DID, or an address.
    pub(super) signer: String,
}

/// Why there is no key: the line for the proof, and the one for the issuer.
pub(super) struct NoKey {
    pub(super) proof: Line,
    pub(super) issuer: Line,
}

impl NoKey {
    fn new(proof: Line, issuer: Line) -> Self {
        Self { proof, issuer }
    }

    fn invalid(method: &str) -> Self {
        Self::new(Line::new(Code::KeyInvalid, [method.to_owned()]), Line::bare(Code::IssuerNotChecked))
    }
}

type Found<T> = Result<T, NoKey>;

/// Whether two addresses have the same scheme, host and port.
pub(super) fn same_origin(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => a.origin().is_tuple() && a.origin() == b.origin(),
        _ => false,
    }
}

/// Whether two web addresses differ in nothing but http and https, which old badges mix.
pub(crate) fn same_but_scheme(a: &str, b: &str) -> bool {
    let without = |url: &str| url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).map(str::to_owned);
    without(a).is_some() && without(a) == without(b)
}

/// Whether a badge that names `ours` may mean what is served as `theirs`: the same address, or the one that its host moved to https.
pub(super) fn is_same_or_moved(ours: &str, theirs: &str) -> bool {
    ours == theirs || (ours.starts_with("http://") && theirs.starts_with("https://") && same_but_scheme(ours, theirs))
}

/// Whether two web addresses are one place, for hosts that spell their own in more than one way: with `www.` or without, by http or by
/// https, and with the `v=2_0` by which some platforms choose the version of an answer.
pub(super) fn same_place(a: &str, b: &str) -> bool {
    let place = |address: &str| {
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = url.host_str()?.to_owned();
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        let query: Vec<_> =
            url.query_pairs().filter(|(name, _)| name != "v").map(|(a, b)| (a.into_owned(), b.into_owned())).collect();
        Some((host, url.port(), url.path().to_owned(), query))
    };
    place(a).is_some_and(|a| place(b) == Some(a))
}

/// Whether an identifier is a web address.
pub(crate) fn is_web(id: &str) -> bool {
    (id.starts_with("https://") || id.starts_with("http://")) && Url::parse(id).is_ok()
}

/// The JSON of a document, when it was served as such.
pub(super) fn content(document: &Document) -> Option<Value> {
    if document.status == 200 { json::parse(&document.bytes).ok() } else { None }
}

fn confirmed(issuer: &str, used: Option<Used>) -> Line {
    by_host(Line::new(Code::IssuerConfirmed, [issuer.to_owned()]).with(used), issuer)
}

impl Checker<'_> {
    /// The key of the verification method `url`, for a credential of `issuer`.
    pub(super) fn key_of_method(&self, url: &str, issuer: &str, needs: &mut Vec<Need>) -> Found<Tied> {
        let controller = did::without_fragment(url);
        let mismatch = || Line::new(Code::IssuerMismatch, [controller.to_owned(), issuer.to_owned()]);
        // An identifier that nobody can be asked about, such as `urn:uuid:`, has no keys of its own.
        let addressable = is_web(issuer) || issuer.starts_with("did:");
        let tie = |line: Line| match () {
            () if controller == issuer => line,
            () if addressable => mismatch(),
            () => Line::new(Code::IssuerNotAddressable, [issuer.to_owned()]),
        };
        match did::method(url) {
            Some(method @ (Method::Key | Method::Jwk)) => {
                let key = if method == Method::Key { did::key_of_did_key(url) } else { did::key_of_did_jwk(url) };
                let key = key.ok_or_else(|| NoKey::invalid(url))?;
                Ok(Tied { key, issuer: tie(confirmed(issuer, None)), signer: controller.to_owned() })
            }
            Some(Method::Web) => {
                let (key, line) = self.key_of_did_web(url, controller, issuer, needs)?;
                Ok(Tied { key, issuer: tie(line), signer: controller.to_owned() })
            }
            None if is_web(url) => self.key_of_web(url, controller, issuer, needs),
            None if controller == issuer && url.starts_with("did:") => {
                let line = Line::new(Code::DidMethodUnsupported, [issuer.to_owned()]);
                Err(NoKey::new(Line::new(Code::KeyMissing, [url.to_owned()]), line))
            }
            None if addressable => Err(NoKey::new(Line::new(Code::KeyInvalid, [url.to_owned()]), mismatch())),
            None => {
                let line = Line::new(Code::IssuerNotAddressable, [issuer.to_owned()]);
                Err(NoKey::new(Line::new(Code::KeyMissing, [url.to_owned()]), line))
            }
        }
    }

    /// The document of a `did:web` must have the DID as its `id` (did:web, 3.2) and name the key for assertions.
    fn key_of_did_web(&self, url: &str, did: &str, issuer: &str, needs: &mut Vec<Need>) -> Found<(PublicKey, Line)> {
        let missing = |code, used: Option<Used>, tied: Code| {
            NoKey::new(
                Line::new(code, [url.to_owned()]).with(used.clone()),
                if did == issuer {
                    Line::new(tied, [issuer.to_owned()]).with(used)
                } else {
                    Line::new(Code::IssuerMismatch, [did.to_owned(), issuer.to_owned()])
                },
            )
        };
        let (document, used) = match self.look_at_home(Need::Did(did.to_owned()), needs) {
            At::Missing => return Err(missing(Code::KeyMissing, None, Code::IssuerUnconfirmed)),
            At::Brought(used) => return Err(missing(Code::KeyBrought, Some(used), Code::IssuerBrought)),
            At::Hand(document, used) => (document, used),
        };
        let content = content(document).filter(|content| content.get("id").and_then(Value::as_str) == Some(did));
        let Some(content) = content else {
            return Err(missing(Code::KeyMissing, Some(used), Code::IssuerDocumentInvalid));
        };
        match did::authorised(&content, did, url) {
            Authorised::Yes(key) => Ok((key, confirmed(issuer, Some(used)))),
            Authorised::Unusable => Err(NoKey::invalid(url)),
            Authorised::OtherPurpose | Authorised::NotListed => {
                Err(missing(Code::KeyMissing, Some(used), Code::KeyNotAuthorised))
            }
        }
    }

    /// A key under a web address. Its fragment may be the key itself; that alone says nothing about the issuer.
    fn key_of_web(&self, url: &str, controller: &str, issuer: &str, needs: &mut Vec<Need>) -> Found<Tied> {
        let carried = url.split_once('#').and_then(|(_, fragment)| PublicKey::from_multikey(fragment));
        let tied = |key, issuer| Ok(Tied { key, issuer, signer: controller.to_owned() });
        if controller != issuer && !same_origin(controller, issuer) {
            let line = if is_web(issuer) || issuer.starts_with("did:") {
                Line::new(Code::IssuerMismatch, [controller.to_owned(), issuer.to_owned()])
            } else {
                Line::new(Code::IssuerNotAddressable, [issuer.to_owned()])
            };
            return match carried {
                Some(key) => tied(key, line),
                None => Err(NoKey::new(Line::new(Code::KeyMissing, [url.to_owned()]), line)),
            };
        }
        let without = |proof, used: Option<Used>, code| match carried.clone() {
            Some(key) => tied(key, Line::new(code, [issuer.to_owned()]).with(used)),
            None => Err(NoKey::new(
                Line::new(proof, [url.to_owned()]).with(used.clone()),
                Line::new(code, [issuer.to_owned()]).with(used),
            )),
        };
        let (document, used) = match self.look_at_home(Need::Url(controller.to_owned()), needs) {
            At::Missing => return without(Code::KeyMissing, None, Code::IssuerUnconfirmed),
            At::Brought(used) => return without(Code::KeyBrought, Some(used), Code::IssuerBrought),
            At::Hand(document, used) => (document, used),
        };
        let Some(content) = content(document) else {
            return without(Code::KeyMissing, Some(used), Code::IssuerUnconfirmed);
        };
        if controller == issuer && publishes_methods(&content) {
            return match authorised_by(&content, issuer, url) {
                Authorised::Yes(key) => tied(key, confirmed(issuer, Some(used))),
                Authorised::Unusable => Err(NoKey::invalid(url)),
                Authorised::OtherPurpose | Authorised::NotListed => without(Code::KeyMissing, Some(used), Code::KeyNotAuthorised),
            };
        }
        // What the address itself carries is a stranger's word; only what the document says counts.
        let published = published_key(&content, url);
        let is_issuers = controller == issuer && published.is_some();
        let Some(key) = published.or(carried.clone()) else {
            return without(Code::KeyMissing, Some(used), Code::IssuerUnconfirmed);
        };
        let owner = ["controller", "owner"].iter().find_map(|name| content.get(*name)?.as_str());
        let line = match owner {
            Some(owner) if owner != issuer => Line::new(Code::IssuerMismatch, [owner.to_owned(), issuer.to_owned()]),
            _ if is_issuers => confirmed(issuer, None),
            // A neighbour on the same host can write whatever it likes: the issuer itself must list the key.
            _ => self.tie_published(&key, Some(url), issuer, Need::Url(issuer.to_owned()), needs),
        };
        tied(key, line.with(used))
    }

    /// A key that came in the header of a JWS: intact is all that it shows, unless the issuer publishes the same key.
    pub(super) fn tie_carried_key(&self, key: &PublicKey, issuer: &str, needs: &mut Vec<Need>) -> Line {
        let own = match did::method(issuer) {
            Some(Method::Key) => did::key_of_did_key(issuer),
            Some(Method::Jwk) => did::key_of_did_jwk(issuer),
            Some(Method::Web) => return self.tie_published(key, None, issuer, Need::Did(issuer.to_owned()), needs),
            None if is_web(issuer) => return self.tie_published(key, None, issuer, Need::Url(issuer.to_owned()), needs),
            None if issuer.starts_with("did:") => return Line::new(Code::DidMethodUnsupported, [issuer.to_owned()]),
            None => return Line::new(Code::IssuerNotAddressable, [issuer.to_owned()]),
        };
        match own {
            Some(own) if own == *key => confirmed(issuer, None),
            _ => Line::new(Code::IssuerMismatch, [String::from("jwk"), issuer.to_owned()]),
        }
    }

    /// Ties a key to the issuer if its document, which `need` names, lists it: the key itself, or the address `url` that it was read from.
    fn tie_published(&self, key: &PublicKey, url: Option<&str>, issuer: &str, need: Need, needs: &mut Vec<Need>) -> Line {
        let (document, used) = match self.look_at_home(need, needs) {
            At::Missing => return Line::new(Code::IssuerUnconfirmed, [issuer.to_owned()]),
            At::Brought(used) => return Line::new(Code::IssuerBrought, [issuer.to_owned()]).with(used),
            At::Hand(document, used) => (document, used),
        };
        let Some(content) = content(document) else {
            return Line::new(Code::IssuerUnconfirmed, [issuer.to_owned()]).with(used);
        };
        if content.get("id").and_then(Value::as_str).is_some_and(|id| id != issuer) {
            return Line::new(Code::IssuerDocumentInvalid, [issuer.to_owned()]).with(used);
        }
        let published = published_keys(&content, issuer);
        let elsewhere = keys_elsewhere(&content, issuer);
        match () {
            () if published.contains(key) => confirmed(issuer, Some(used)),
            () if url.is_some_and(|url| elsewhere.iter().any(|named| named == url)) => confirmed(issuer, Some(used)),
            // A key that lies elsewhere may be this one.
            () if published.is_empty() || !elsewhere.is_empty() => {
                Line::new(Code::IssuerUnconfirmed, [issuer.to_owned()]).with(used)
            }
            () => Line::new(Code::KeyNotAuthorised, [issuer.to_owned()]).with(used),
        }
    }
}

fn publishes_methods(content: &Value) -> bool {
    content.get("assertionMethod").is_some() || content.get("verificationMethod").is_some()
}

/// As [`did::authorised`], of a document that says whose it is (CID 1.0, 3.3: its `id` is the controller).
fn authorised_by(content: &Value, issuer: &str, url: &str) -> Authorised {
    match content.get("id").and_then(Value::as_str) {
        Some(id) if id != issuer => Authorised::NotListed,
        _ => did::authorised(content, issuer, url),
    }
}

/// The key that a document under `url` is or names: a JWK, a JWK set with this `kid`, or a key document of any form.
fn published_key(content: &Value, url: &str) -> Option<PublicKey> {
    if content.get("kty").is_some() {
        return PublicKey::from_jwk(content);
    }
    if let Some(keys) = content.get("keys").and_then(Value::as_array) {
        let fragment = url.split_once('#').map(|(_, fragment)| fragment);
        let named = |jwk: &&Value| {
            let kid = jwk.get("kid").and_then(Value::as_str);
            kid.is_some() && (kid == Some(url) || kid == fragment)
        };
        let jwk = match keys.as_slice() {
            [single] if fragment.is_none() => Some(single),
            keys => keys.iter().find(named),
        };
        return PublicKey::from_jwk(jwk?);
    }
    did::key_of_method(content)
}

/// The addresses of keys that the document of `issuer` lists for assertions and does not hold itself.
fn keys_elsewhere(content: &Value, issuer: &str) -> Vec<String> {
    let named =
        |name: &str| list(content, name).iter().filter_map(Value::as_str).map(|key| absolute(key, issuer)).collect::<Vec<_>>();
    let methods = named("assertionMethod").into_iter();
    let elsewhere = methods.filter(|url| matches!(did::authorised(content, issuer, url), Authorised::NotListed));
    elsewhere.chain(named("publicKey")).collect()
}

/// The name of a key in full.
fn absolute(named: &str, issuer: &str) -> String {
    named.strip_prefix('#').map_or_else(|| named.to_owned(), |fragment| format!("{issuer}#{fragment}"))
}

/// Every key that the document of `issuer` publishes for assertions.
fn published_keys(content: &Value, issuer: &str) -> Vec<PublicKey> {
    let methods = list(content, "assertionMethod").iter().filter_map(|method| {
        let named = method.as_str().or_else(|| method.get("id")?.as_str())?;
        match did::authorised(content, issuer, &absolute(named, issuer)) {
            Authorised::Yes(key) => Some(key),
            _ => None,
        }
    });
    let jwks = list(content, "keys").iter().filter_map(PublicKey::from_jwk);
    let is_own = |key: &&Value| ["controller", "owner"].iter().all(|name| key.get(*name).is_none_or(|owner| owner == issuer));
    let owned = list(content, "publicKey").iter().filter(is_own).filter_map(did::key_of_method);
    methods.chain(jwks).chain(owned).collect()
}
