//! What is measured: a credential of about 1.9 kB and 38 quads, a picture of 95 kB, and one badge for each kind of proof.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use jiff::Timestamp;
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::key::Algorithm;
use satchel_badge::proof::data_integrity as di;
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::sign::{Ed25519Signer, Signer, sign_assertion, sign_credential, sign_jwt};
use serde_json::{Value, json};

pub const SECRET: [u8; 32] = [42; 32];

pub struct Fixtures {
    pub png: Vec<u8>,
    pub now: Timestamp,
    key: Ed25519Signer,
    library: Library,
}

/// One badge to verify in memory: a name, its bytes, the evidence, the goal.
type InMemory = (&'static str, Vec<u8>, Evidence, &'static str);

impl Fixtures {
    pub fn new() -> Self {
        let now = "2026-06-01T00:00:00Z".parse().expect("a time");
        Self { png: picture(), now, key: Ed25519Signer::did_key(&SECRET), library: Library::default() }
    }

    pub fn unsigned(number: usize, key: &Ed25519Signer) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "id": format!("urn:uuid:00000000-0000-4000-8000-{number:012}"),
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Careful Welding",
            "issuer": {"id": key.controller(), "type": ["Profile"], "name": "Istituto Volta", "url": "https://volta.example/"},
            "validFrom": "2026-01-01T00:00:00Z",
            "awardedDate": "2025-12-24T00:00:00Z",
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "identifier": [{"type": "IdentityObject", "hashed": true, "identityType": "emailAddress", "salt": format!("s{number}"),
                    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"}],
                "achievement": {
                    "id": "urn:uuid:0b8f5f60-8b4e-4c0e-9d38-0b6f4c1a2b3c", "type": ["Achievement"], "achievementType": "Competency",
                    "name": "Careful Welding", "description": "Welds steel plates of three to twelve millimetres in all positions.",
                    "criteria": {"narrative": "Weld five seams under supervision, each free of pores and undercut."},
                    "alignment": [{"type": ["Alignment"], "targetName": "operate welding equipment", "targetFramework": "ESCO",
                        "targetUrl": "http://data.europa.eu/esco/skill/5d4f1b0c-0000-0000-0000-000000000000"}]
                }
            },
            "evidence": [{"id": "https://volta.example/seams/1", "type": ["Evidence"], "name": "Photographs of the seams"}]
        })
    }

    pub fn signed(&self, number: usize) -> Value {
        sign_credential(&Self::unsigned(number, &self.key), &self.key, self.now, &self.library).expect("it is signed")
    }

    pub fn in_memory(&self) -> Vec<InMemory> {
        let file = |name: &str| fs::read(data().join(name)).expect("a file of tests/data");
        let none = Evidence::default;
        let vc2 = self.signed(0).to_string().into_bytes();
        let jwt = sign_jwt(&Self::unsigned(0, &self.key), &self.key).expect("it is signed").into_bytes();
        let (signed, evidence) = Self::ob2();
        vec![
            ("eddsa-rdfc-2022", vc2, none(), ""),
            ("Ed25519Signature2020", file("peer-issued/ed25519signature2020-vc20.json"), none(), ""),
            ("eddsa-jcs-2022", self.signed_json().to_string().into_bytes(), none(), ""),
            ("ecdsa-rdfc-2019 P-384", self.signed_p384().to_string().into_bytes(), none(), ""),
            ("ecdsa-rdfc-2019 P-256", file("peer-issued/ecdsa-rdfc-2019-P-256.json"), none(), ""),
            ("VC-JWT EdDSA", jwt, none(), ""),
            ("OB 2.0 signed, RS256", signed, evidence, ""),
        ]
    }

    /// With `eddsa-jcs-2022`, which signs the canonical JSON.
    fn signed_json(&self) -> Value {
        let mut document = Self::unsigned(0, &self.key);
        let mut proof = di::draft(self.key.key_url(), "2026-06-01T00:00:00Z");
        proof["cryptosuite"] = json!("eddsa-jcs-2022");
        proof["@context"] = document["@context"].clone();
        let text = di::jcs_document(&document, &proof).expect("a document");
        let options = satchel_badge::json::canonical(&di::options(&proof, None));
        let signature = self.key.sign(&di::hash_data(&options, &text, HashAlgorithm::Sha256)).expect("it is signed");
        proof["proofValue"] = json!(multibase(&signature));
        document["proof"] = json!([proof]);
        document
    }

    /// With `ecdsa-rdfc-2019` and a key on P-384, by which the hashes are longer too.
    fn signed_p384(&self) -> Value {
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key");
        let point = key.public_key().as_ref();
        let (x, y) = point[1..].split_at(48);
        let multikey = multibase(&[&[0x81, 0x24, 2 + (y[47] & 1)], x].concat());
        let mut document = Self::unsigned(0, &self.key);
        document["issuer"]["id"] = json!(format!("did:key:{multikey}"));
        let mut proof = di::draft(&format!("did:key:{multikey}#{multikey}"), "2026-06-01T00:00:00Z");
        proof["cryptosuite"] = json!("ecdsa-rdfc-2019");
        let canonical = |value: &Value| {
            let walked = rdf::to_quads(value, &self.library, None).expect("quads");
            rdf::canonicalize(&walked.dataset, HashAlgorithm::Sha384).expect("a canonical form")
        };
        let options = canonical(&di::options(&proof, document.get("@context")));
        let data = di::hash_data(&options, &canonical(&document), HashAlgorithm::Sha384);
        let signature = key.sign(&aws_lc_rs::rand::SystemRandom::new(), &data).expect("it is signed");
        proof["proofValue"] = json!(multibase(signature.as_ref()));
        document["proof"] = json!([proof]);
        document
    }

    /// A signed OB 2.0 assertion and what its issuer's host serves.
    pub fn ob2() -> (Vec<u8>, Evidence) {
        let key = Rsa::new("https://volta.example/key.json");
        let assertion = json!({
            "@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "recipient": {"type": "email", "hashed": false, "identity": "ada@example.org"},
            "issuedOn": "2026-01-01T00:00:00Z",
            "verification": {"type": "SignedBadge", "creator": "https://volta.example/key.json"},
            "badge": {"type": "BadgeClass", "id": "urn:uuid:00000000-0000-4000-8000-000000000002", "name": "Careful Welding",
                "description": "Welds steel.", "criteria": {"narrative": "Weld a seam."}, "issuer": "https://volta.example/issuer.json",
                "image": "https://volta.example/welding.png"}
        });
        let mut evidence = Evidence::default();
        let issuer = json!({"@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": "https://volta.example/issuer.json",
            "name": "Istituto Volta", "url": "https://volta.example/", "email": "badges@volta.example",
            "publicKey": "https://volta.example/key.json"});
        let public = json!({"@context": "https://w3id.org/openbadges/v2", "type": "CryptographicKey",
            "id": "https://volta.example/key.json", "owner": "https://volta.example/issuer.json", "publicKeyPem": key.pem()});
        evidence.add("https://volta.example/issuer.json", Document::given(issuer.to_string().into_bytes()));
        evidence.add("https://volta.example/key.json", Document::given(public.to_string().into_bytes()));
        (sign_assertion(&assertion, &key).expect("it is signed").into_bytes(), evidence)
    }
}

/// Base58 (Bitcoin) with its mark `z`.
fn multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

struct Rsa {
    key: KeyPair,
    url: String,
}

impl Rsa {
    fn new(url: &str) -> Self {
        Self { key: KeyPair::generate(KeySize::Rsa2048).expect("a key"), url: url.to_owned() }
    }

    fn pem(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().expect("a public key");
        let body = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }
}

impl Signer for Rsa {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Rs256
    }

    fn key_url(&self) -> &str {
        &self.url
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|error| error.to_string())?;
        Ok(signature)
    }
}

pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Noise that no compression makes smaller, as a real picture of 178 by 178.
fn picture() -> Vec<u8> {
    const SIDE: u32 = 178;
    let mut state = 1_u32;
    let mut rows = Vec::new();
    for at in 0..SIDE * (1 + SIDE * 3) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // The first byte of each row says that it is not filtered.
        rows.push(if at % (1 + SIDE * 3) == 0 { 0 } else { (state >> 24) as u8 });
    }
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).expect("memory");
    let pixels = packed.finish().expect("memory");
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = SIDE.to_be_bytes();
    push_chunk(&mut png, *b"IHDR", &[&size[..], &size, &[8, 2, 0, 0, 0]].concat());
    for part in pixels.chunks(8_192) {
        push_chunk(&mut png, *b"IDAT", part);
    }
    push_chunk(&mut png, *b"IEND", &[]);
    png
}

pub fn push_chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).expect("a chunk").to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let checksum = crc32fast::hash(&png[start..]);
    png.extend(checksum.to_be_bytes());
}
