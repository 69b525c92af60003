//! Data Integrity proofs (VC Data Integrity 1.0): what is hashed for each cryptosuite, and the check of the signature over it.

use serde_json::{Value, json};

use crate::json::canonical;
use crate::key::{Algorithm, PublicKey};
use crate::rdf::HashAlgorithm;

/// The suites that Satchel verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// `eddsa-rdfc-2022` (VC Data Integrity `EdDSA`, 3.2).
    EddsaRdfc2022,
    /// `eddsa-jcs-2022` (VC Data Integrity `EdDSA`, 3.3).
    EddsaJcs2022,
    /// `ecdsa-rdfc-2019` (VC Data Integrity ECDSA, 3.2).
    EcdsaRdfc2019,
    /// `ecdsa-jcs-2019` (VC Data Integrity ECDSA, 3.3).
    EcdsaJcs2019,
    /// `Ed25519Signature2020` (VC Data Integrity `EdDSA`, appendix).
    Ed25519Signature2020,
}

impl Suite {
    /// The suite that a proof names; none for one that is not known.
    pub fn of(proof: &Value) -> Option<Self> {
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        match (text("type")?, text("cryptosuite")) {
            ("DataIntegrityProof", Some("eddsa-rdfc-2022")) => Some(Self::EddsaRdfc2022),
            ("DataIntegrityProof", Some("eddsa-jcs-2022")) => Some(Self::EddsaJcs2022),
            ("DataIntegrityProof", Some("ecdsa-rdfc-2019")) => Some(Self::EcdsaRdfc2019),
            ("DataIntegrityProof", Some("ecdsa-jcs-2019")) => Some(Self::EcdsaJcs2019),
            ("Ed25519Signature2020", None) => Some(Self::Ed25519Signature2020),
            _ => None,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
        }
    }

    /// Whether it signs canonical JSON instead of quads.
    pub fn is_jcs(self) -> bool {
        matches!(self, Self::EddsaJcs2022 | Self::EcdsaJcs2019)
    }

    /// Whether a key may be used with it.
    pub fn accepts(self, key: &PublicKey) -> bool {
        match self {
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 | Self::Ed25519Signature2020 => key.algorithm() == Algorithm::EdDsa,
            Self::EcdsaRdfc2019 | Self::EcdsaJcs2019 => matches!(key.algorithm(), Algorithm::Es256 | Algorithm::Es384),
        }
    }

    /// The hash that goes with the key (VC Data Integrity ECDSA, 3.1.1).
    pub fn hash(key: &PublicKey) -> HashAlgorithm {
        match key.algorithm() {
            Algorithm::Es384 => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha256,
        }
    }
}

/// The bytes that are signed: the hash of the proof options, then that of the document (VC Data Integrity `EdDSA`, 3.2.4).
///
/// `canonical_document` is the canonical form of the document without its proof.
pub fn hash_data(canonical_options: &str, canonical_document: &str, hash: HashAlgorithm) -> Vec<u8> {
    [hash.digest(canonical_options.as_bytes()), hash.digest(canonical_document.as_bytes())]
        .iter()
        .flat_map(|digest| digest.as_ref().to_vec())
        .collect()
}

/// The proof without its value, in the document's context: what is hashed beside the document (VC Data Integrity `EdDSA`, 3.2.5).
pub fn options(proof: &Value, context: Option<&Value>) -> Value {
    let mut options = proof.as_object().cloned().unwrap_or_default();
    options.remove("proofValue");
    if let Some(context) = context {
        options.insert("@context".to_owned(), context.clone());
    }
    Value::Object(options)
}

/// The document that a JCS suite hashes. When the proof has a context, the document's must begin with it, and the proof's is the one
/// that is hashed (VC Data Integrity `EdDSA`, 3.3.2, step 4).
pub fn jcs_document(document: &Value, proof: &Value) -> Option<String> {
    let Some(context) = proof.get("@context") else { return Some(canonical(document)) };
    let mut document = document.clone();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let own = document.get_mut("@context")?;
    if !list(own).starts_with(&list(context)) {
        return None;
    }
    *own = context.clone();
    Some(canonical(&document))
}

/// The signature in a `proofValue`: base58btc with `z`.
pub fn signature(proof: &Value) -> Option<Vec<u8>> {
    let text = proof.get("proofValue")?.as_str()?.strip_prefix('z').filter(|text| text.len() <= 200)?;
    bs58::decode(text).into_vec().ok()
}

/// An unsigned `eddsa-rdfc-2022` proof for the issuer's key.
pub fn draft(verification_method: &str, created: &str) -> Value {
    json!({
        "type": "DataIntegrityProof",
        "created": created,
        "verificationMethod": verification_method,
        "cryptosuite": "eddsa-rdfc-2022",
        "proofPurpose": "assertionMethod",
    })
}
