//! Signing: an Open Badges 3.0 credential with a Data Integrity proof or as VC-JWT, an Open Badges 2.0 assertion as JWS. The key is behind
//! [`Signer`], so that it can lie wherever its owner keeps it; nothing is signed that a verifier would refuse.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::check::faults_of;
use crate::code::Code;
use crate::key::{Algorithm, PublicKey};
use crate::model::{id_of, list};
use crate::proof::{data_integrity as di, jws};
use crate::rdf::{self, HashAlgorithm, Library};
use crate::report::Line;
use crate::succession::{Reason, SUCCESSION_TYPE};
use crate::time;

/// A key that signs.
pub trait Signer {
    /// The one algorithm that it signs with.
    fn algorithm(&self) -> Algorithm;

    /// The URL of the verification method or key document under which verifiers find its public half.
    fn key_url(&self) -> &str;

    /// Signs `message`.
    ///
    /// # Errors
    /// Why it could not, in words.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String>;
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignError {
    /// A verifier would refuse what was to be signed, and why.
    Refused(Vec<Line>),
    /// The key is of another kind than the form needs.
    WrongKey(Algorithm),
    /// The key did not sign.
    Signer(String),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(lines) => {
                let codes: Vec<String> =
                    lines.iter().map(|line| format!("{} {}", line.code.name(), line.details.join(" "))).collect();
                write!(f, "a verifier would refuse it: {}", codes.join("; "))
            }
            Self::WrongKey(algorithm) => write!(f, "a key for {algorithm:?} cannot sign this form"),
            Self::Signer(why) => write!(f, "the key did not sign: {why}"),
        }
    }
}

impl std::error::Error for SignError {}

/// An Ed25519 key in memory; its bytes are cleared when it is dropped.
pub struct Ed25519Signer {
    key: SigningKey,
    url: String,
}

impl Ed25519Signer {
    /// A key from its 32 secret bytes, found by verifiers under `url`.
    pub fn new(secret: &[u8; 32], url: impl Into<String>) -> Self {
        Self { key: SigningKey::from_bytes(secret), url: url.into() }
    }

    /// A key from its 32 secret bytes, found under its own `did:key`.
    pub fn did_key(secret: &[u8; 32]) -> Self {
        let mut signer = Self::new(secret, "");
        let multikey = signer.multikey();
        signer.url = format!("did:key:{multikey}#{multikey}");
        signer
    }

    /// The public key as Multikey (CID 1.0, 2.2.2).
    pub fn multikey(&self) -> String {
        let bytes = [[0xed, 0x01].as_slice(), self.key.verifying_key().as_bytes()].concat();
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::Ed25519(self.key.verifying_key())
    }

    /// The DID or address in front of the fragment: what `issuer.id` must be.
    pub fn controller(&self) -> &str {
        crate::did::without_fragment(&self.url)
    }
}

impl Signer for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDsa
    }

    fn key_url(&self) -> &str {
        &self.url
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.key.sign(message).to_bytes().to_vec())
    }
}

/// Signs an Open Badges 3.0 credential, or any other verifiable credential, with `eddsa-rdfc-2022`. `library` holds contexts beyond those
/// compiled in.
///
/// # Errors
/// See [`SignError`].
///
/// ```
/// # use satchel_badge::{check::{Policy, check}, evidence::Evidence, rdf::Library, report::Verdict, sign::*};
/// # use serde_json::json;
/// let key = Ed25519Signer::did_key(&[7; 32]);
/// let credential = json!({
///     "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
///     "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10",
///     "type": ["VerifiableCredential", "OpenBadgeCredential"],
///     "issuer": {"id": key.controller(), "type": ["Profile"], "name": "Istituto Volta"},
///     "validFrom": "2026-01-01T00:00:00Z",
///     "credentialSubject": {"type": ["AchievementSubject"], "id": "mailto:ada@example.org", "achievement": {
///         "id": "urn:uuid:0b8f5f60-8b4e-4c0e-9d38-0b6f4c1a2b3c", "type": ["Achievement"],
///         "name": "Welding", "description": "Welds steel.", "criteria": {"narrative": "Weld a seam."}}}
/// });
/// let now = "2026-02-01T00:00:00Z".parse()?;
/// let signed = sign_credential(&credential, &key, now, &Library::default())?;
/// let reports = check(signed.to_string().as_bytes(), &Evidence::default(), &Policy::default(), now);
/// assert_eq!(reports[0].verdict, Verdict::Valid);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_credential(
    credential: &Value,
    signer: &dyn Signer,
    created: Timestamp,
    library: &Library,
) -> Result<Value, SignError> {
    if signer.algorithm() != Algorithm::EdDsa {
        return Err(SignError::WrongKey(signer.algorithm()));
    }
    let mut document = unsigned(credential)?;
    let canonical = canonical(&Value::Object(document.clone()), library)?;
    let created = created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut proof = di::draft(signer.key_url(), &created);
    let options = canonical_options(&proof, &document, library)?;
    let signature = signer.sign(&di::hash_data(&options, &canonical, HashAlgorithm::Sha256)).map_err(SignError::Signer)?;
    proof["proofValue"] = json!(format!("z{}", bs58::encode(signature).into_string()));
    document.insert("proof".to_owned(), json!([proof]));
    Ok(Value::Object(document))
}

/// Signs a credential as VC-JWT (OB 3.0, 8.3), a compact JWS.
///
/// # Errors
/// See [`SignError`].
pub fn sign_jwt(credential: &Value, signer: &dyn Signer) -> Result<String, SignError> {
    let document = unsigned(credential)?;
    let subject = list(credential, "credentialSubject").first().and_then(id_of);
    let seconds = |name: &str| document.get(name).and_then(Value::as_str).and_then(time::parse_strict).map(Timestamp::as_second);
    let claims = [
        ("iss", credential.get("issuer").and_then(id_of).map(Value::from)),
        ("jti", credential.get("id").and_then(id_of).map(Value::from)),
        ("sub", subject.map(Value::from)),
        ("nbf", seconds("validFrom").map(Value::from)),
        ("exp", seconds("validUntil").map(Value::from)),
    ];
    let mut payload = document.clone();
    payload.extend(claims.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let header = json!({ "alg": jose_name(signer.algorithm()), "typ": "JWT", "kid": signer.key_url() });
    compact(&header, &Value::Object(payload), signer)
}

/// Signs an Open Badges 2.0 assertion, which must be written for signing (`verification.type` is `SignedBadge`), as compact JWS.
///
/// # Errors
/// See [`SignError`].
pub fn sign_assertion(assertion: &Value, signer: &dyn Signer) -> Result<String, SignError> {
    if signer.algorithm() != Algorithm::Rs256 {
        return Err(SignError::WrongKey(signer.algorithm()));
    }
    let mut faults = faults_of(assertion);
    let verification = assertion.get("verification").unwrap_or(&Value::Null);
    if verification.get("creator").and_then(Value::as_str) != Some(signer.key_url()) {
        faults.push(Line::new(Code::MemberRefused, [String::from("/verification/creator")]));
    }
    if !faults.is_empty() {
        return Err(SignError::Refused(faults));
    }
    compact(&json!({ "alg": "RS256", "typ": "JWT" }), assertion, signer)
}

/// The member of an Open Badges 2.0 assertion in which the statement of the issuer's own key travels (OB 2.0, 3.11: an extension whose value
/// is text).
pub const KEY_STATEMENT: &str = "extensions:keyStatement";

/// Its `typ`, so that nothing else that the key signs can be taken for it (RFC 8725, 3.11).
pub const KEY_STATEMENT_TYPE: &str = "key-statement+jwt";

/// Signs, with the key of an issuer's DID, that `key` is that issuer's too: the RSA key of its Open Badges 2.0 form. A JWT with `iss`, the DID,
/// `iat`, and `cnf.jkt`, the thumbprint of the key (RFC 7800; RFC 7638).
///
/// # Errors
/// See [`SignError`].
///
/// ```
/// # use satchel_badge::{key::PublicKey, sign::*};
/// let issuer = Ed25519Signer::did_key(&[7; 32]);
/// let rsa = PublicKey::Rsa { n: vec![0xc5; 256], e: vec![1, 0, 1] };
/// let statement = sign_key_statement(&rsa, &issuer, jiff::Timestamp::UNIX_EPOCH)?;
/// assert_eq!(statement.split('.').count(), 3);
/// # Ok::<(), SignError>(())
/// ```
pub fn sign_key_statement(key: &PublicKey, signer: &dyn Signer, now: Timestamp) -> Result<String, SignError> {
    let thumbprint = key.thumbprint().ok_or(SignError::WrongKey(key.algorithm()))?;
    if signer.algorithm() != Algorithm::EdDsa {
        return Err(SignError::WrongKey(signer.algorithm()));
    }
    let header = json!({ "alg": "EdDSA", "typ": KEY_STATEMENT_TYPE, "kid": signer.key_url() });
    let did = crate::did::without_fragment(signer.key_url());
    compact(&header, &json!({ "iss": did, "iat": now.as_second(), "cnf": { "jkt": thumbprint } }), signer)
}

/// Signs, with the key of a successor, that it succeeds an issuer whose badges announced it (`succession.rs`). `next` is the hash of the key that
/// will succeed the successor.
///
/// # Errors
/// See [`SignError`].
pub fn sign_succession(from: &str, reason: Reason, next: &str, signer: &dyn Signer, now: Timestamp) -> Result<String, SignError> {
    if signer.algorithm() != Algorithm::EdDsa {
        return Err(SignError::WrongKey(signer.algorithm()));
    }
    let header = json!({ "alg": "EdDSA", "typ": SUCCESSION_TYPE, "kid": signer.key_url() });
    let did = crate::did::without_fragment(signer.key_url());
    compact(&header, &json!({ "iss": did, "sub": from, "iat": now.as_second(), "reason": reason, "next": next }), signer)
}

fn compact(header: &Value, payload: &Value, signer: &dyn Signer) -> Result<String, SignError> {
    let input = jws::signing_input(header, &payload.to_string());
    let signature = signer.sign(input.as_bytes()).map_err(SignError::Signer)?;
    Ok(jws::assemble(&input, &signature))
}

fn jose_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => "RS256",
        Algorithm::Es256 => "ES256",
        Algorithm::Es384 => "ES384",
        Algorithm::EdDsa => "EdDSA",
    }
}

/// The credential without a proof, when a verifier would find nothing wrong with its members.
fn unsigned(credential: &Value) -> Result<Map<String, Value>, SignError> {
    let mut document = credential.as_object().cloned().unwrap_or_default();
    document.remove("proof");
    let faults = faults_of(&Value::Object(document.clone()));
    if faults.is_empty() { Ok(document) } else { Err(SignError::Refused(faults)) }
}

/// The canonical quads of a document of which every term has a meaning.
fn canonical(document: &Value, library: &Library) -> Result<String, SignError> {
    let broken = |error: rdf::Error| SignError::Refused(vec![Line::new(Code::InvalidJsonLd, [error.to_string()])]);
    let walked = rdf::to_quads(document, library, None).map_err(broken)?;
    if let Some(lost) = walked.dropped.first() {
        return Err(SignError::Refused(vec![Line::new(Code::UndefinedTerm, [lost.text.clone(), lost.path.clone()])]));
    }
    rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha256).map_err(broken)
}

fn canonical_options(proof: &Value, document: &Map<String, Value>, library: &Library) -> Result<String, SignError> {
    canonical(&di::options(proof, document.get("@context")), library)
}
