//! What the tests of hostile and tampered badges share: one rich award, keys, signatures that nobody refuses to make, and documents as a
//! host would serve them.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]
#![allow(clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref, reason = "short calls")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use satchel_badge::check::{Policy, check};
use satchel_badge::code::{CheckId, Code, Status};
use satchel_badge::evidence::{Document, Evidence, Origin};
use satchel_badge::proof::{data_integrity as di, jws};
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::report::{Report, Verdict};
use satchel_badge::sign::{Ed25519Signer, Signer};
use satchel_badge::status;
use satchel_badge::words::Language;
use serde_json::{Map, Value, json};

pub const VC: &str = "https://www.w3.org/ns/credentials/v2";
pub const OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
pub const LIST: &str = "https://issuer.example/status/7";

pub fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

pub fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// The issuer.
pub fn key() -> Ed25519Signer {
    Ed25519Signer::did_key(&[7; 32])
}

/// Somebody else.
pub fn stranger() -> Ed25519Signer {
    Ed25519Signer::did_key(&[8; 32])
}

pub fn issuer() -> String {
    key().controller().to_owned()
}

/// The smallest award that is in order.
pub fn award() -> Value {
    json!({
        "@context": [VC, OB],
        "id": "urn:uuid:5f0c4f5e-6b3a-4f0e-8f3e-0d6c5f1f2a10",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer(), "type": ["Profile"], "name": "Istituto Volta"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "mailto:ada@example.org", "type": ["AchievementSubject"], "achievement": {
            "id": "urn:uuid:0d6c5f1f-6b3a-4f0e-8f3e-5f0c4f5e2a10", "type": ["Achievement"], "name": "Welding",
            "description": "Joins two pieces of steel.", "criteria": {"narrative": "Shown to a master."}}},
    })
}

/// `award` with `members` in place of or besides its own.
pub fn award_with(members: Value) -> Value {
    merged(award(), members)
}

pub fn merged(mut value: Value, members: Value) -> Value {
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

// ---- Signatures, made over whatever they are asked to ----

/// The options of a proof by `signer`.
pub fn options(signer: &Ed25519Signer) -> Value {
    di::draft(signer.key_url(), "2026-01-02T00:00:00Z")
}

/// `document` with an RDFC proof that has these options; nothing is refused.
pub fn sign_with(document: &Value, proof: Value, signer: &Ed25519Signer, library: &Library) -> Value {
    let mut document = document.clone();
    let quads =
        |value: &Value| rdf::canonicalize(&rdf::to_quads(value, library, None).unwrap().dataset, HashAlgorithm::Sha256).unwrap();
    let config = quads(&di::options(&proof, document.get("@context")));
    let data = di::hash_data(&config, &quads(&document), HashAlgorithm::Sha256);
    document["proof"] = with_signature(proof, &signer.sign(&data).unwrap());
    document
}

pub fn with_signature(mut proof: Value, signature: &[u8]) -> Value {
    proof["proofValue"] = format!("z{}", bs58::encode(signature).into_string()).into();
    proof
}

/// `document` signed by the issuer.
pub fn signed(document: &Value) -> Value {
    signed_by(document, &key())
}

pub fn signed_by(document: &Value, signer: &Ed25519Signer) -> Value {
    sign_with(document, options(signer), signer, &Library::default())
}

/// `document` with a JCS proof that has these options.
pub fn sign_json(document: &Value, proof: Value, signer: &Ed25519Signer) -> Value {
    let mut document = document.clone();
    let text = di::jcs_document(&document, &proof).unwrap();
    let config = satchel_badge::json::canonical(&di::options(&proof, None));
    let data = di::hash_data(&config, &text, HashAlgorithm::Sha256);
    document["proof"] = with_signature(proof, &signer.sign(&data).unwrap());
    document
}

pub fn json_options(signer: &Ed25519Signer) -> Value {
    merged(options(signer), json!({"cryptosuite": "eddsa-jcs-2022"}))
}

/// A compact JWS of these parts.
pub fn jwt(header: &Value, payload: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let input = jws::signing_input(header, &payload.to_string());
    let signature = sign(input.as_bytes());
    jws::assemble(&input, &signature)
}

pub fn by(signer: &Ed25519Signer) -> impl FnOnce(&[u8]) -> Vec<u8> + '_ {
    |message| signer.sign(message).unwrap()
}

/// Claims and credential of a VC-JWT in the VC 2.0 data model.
pub fn claims(credential: &Value) -> Value {
    merged(
        credential.clone(),
        json!({
            "iss": credential["issuer"]["id"], "jti": credential["id"], "sub": credential["credentialSubject"]["id"],
            "nbf": credential["validFrom"].as_str().unwrap().parse::<Timestamp>().unwrap().as_second(),
        }),
    )
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An ECDSA key over P-256 with its forms.
pub struct P256 {
    pub pair: EcdsaKeyPair,
}

impl P256 {
    pub fn new() -> Self {
        Self { pair: EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..65])})
    }

    pub fn did(&self) -> String {
        let point = self.pair.public_key().as_ref();
        let compressed = [&[0x80, 0x24, 2 + (point[64] & 1)], &point[1..33]].concat();
        format!("did:key:z{}", bs58::encode(compressed).into_string())
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

// ---- Documents ----

pub fn fetched(bytes: impl Into<Vec<u8>>) -> Document {
    fetched_on(bytes, "2026-11-23T12:00:00Z")
}

pub fn fetched_on(bytes: impl Into<Vec<u8>>, time: &str) -> Document {
    let bytes: Vec<u8> = bytes.into();
    Document { bytes: bytes.into(), status: 200, media_type: None, fetched: Some(at(time)), origin: Origin::Fetched }
}

pub fn answer(status: u16, body: &str) -> Document {
    Document { status, ..fetched(body) }
}

pub fn brought(bytes: impl Into<Vec<u8>>) -> Document {
    Document { origin: Origin::Brought, ..fetched(bytes) }
}

/// What hosts serve: addresses with JSON.
pub fn served<'a>(documents: impl IntoIterator<Item = (&'a str, Value)>) -> Evidence {
    let mut evidence = Evidence::default();
    for (url, value) in documents {
        evidence.add(url, fetched(value.to_string()));
    }
    evidence
}

/// The entry of a badge in the list of bits.
pub fn entry(index: usize) -> Value {
    json!({"id": format!("{LIST}#{index}"), "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": index.to_string(), "statusListCredential": LIST})
}

/// A list of bits with these set, unsigned.
pub fn list_of(set: &[usize]) -> Value {
    let mut bits = vec![0_u8; status::MIN_BITS / 8];
    for at in set {
        bits[at / 8] |= 0x80 >> (at % 8);
    }
    json!({
        "@context": [VC], "id": LIST, "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer(),
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {"id": format!("{LIST}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": status::encode(&bits)},
    })
}

// ---- Answers ----

pub fn ask(bytes: impl AsRef<[u8]>, evidence: &Evidence) -> Report {
    ask_with(bytes, evidence, &Policy::default())
}

pub fn ask_with(bytes: impl AsRef<[u8]>, evidence: &Evidence, policy: &Policy) -> Report {
    let mut reports = check(bytes.as_ref(), evidence, policy, now());
    assert_eq!(reports.len(), 1, "one credential");
    let report = reports.remove(0);
    spoken(&report);
    report
}

/// The report on a document, with nothing at hand.
pub fn alone(value: &Value) -> Report {
    ask(value.to_string(), &Evidence::default())
}

/// Every line has words in both languages with all of their gaps filled.
pub fn spoken(report: &Report) {
    for line in &report.lines {
        for language in Language::ALL {
            let empty: Vec<String> = line.details.iter().map(|_| String::from("\u{1F5DD}")).collect();
            let filled = satchel_badge::report::Line::new(line.code, empty).message(language);
            let none = satchel_badge::report::Line::bare(line.code).message(language);
            let gaps = none.matches('?').count();
            assert!(filled.matches('?').count() == 0 || gaps == 0, "{}: a gap without detail: {filled}", line.code.name());
        }
    }
    report.nested.iter().for_each(spoken);
}

pub fn codes(report: &Report) -> Vec<&'static str> {
    report.lines.iter().filter(|line| line.code.status() != Status::Pass).map(|line| line.code.name()).collect()
}

pub fn says(report: &Report, code: Code) -> bool {
    report.lines.iter().any(|line| line.code == code)
}

pub fn passes(report: &Report, check: CheckId) -> bool {
    report.lines.iter().any(|line| line.code.check() == check && line.code.status() == Status::Pass)
}

/// The verdict is this one, for this reason.
#[track_caller]
pub fn expect(report: &Report, verdict: Verdict, code: Code) {
    assert!(
        report.verdict == verdict && says(report, code),
        "wanted {} {}, found {} {:?}",
        verdict.name(),
        code.name(),
        report.verdict.name(),
        codes(report)
    );
}

#[track_caller]
pub fn expect_valid(report: &Report) {
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", codes(report));
}

// ---- Pictures ----

/// A PNG of one pixel.
pub fn pixel() -> Vec<u8> {
    STANDARD.decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==").unwrap()
}

pub const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>"#;

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &sum.finalize().to_be_bytes()].concat()
}

/// A PNG with these chunks after its head.
pub fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
    let pixel = pixel();
    [&pixel[..33], &chunks.concat(), &pixel[33..]].concat()
}

pub fn text_chunk(keyword: &str, text: &str) -> Vec<u8> {
    chunk(b"iTXt", &[keyword.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat())
}

pub fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

/// What `work` gives, when it ends; a test that would hang fails instead. How long it takes on a busy machine is not asked.
#[track_caller]
pub fn ending<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    match wait.recv_timeout(std::time::Duration::from_mins(5)) {
        Ok(answer) => answer,
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it does not end"),
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => panic!("it panicked"),
    }
}

/// Signatures of Open Badges 2.0.
pub mod rsa {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{self, KeyPair as _};
    use base64::Engine;
    use std::sync::OnceLock;

    pub fn pair() -> &'static KeyPair {
        static PAIR: OnceLock<KeyPair> = OnceLock::new();
        PAIR.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub fn pem() -> String {
        let der = pair().public_key().as_der().unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }

    pub fn sign(message: &[u8]) -> Vec<u8> {
        let mut out = vec![0; pair().public_modulus_len()];
        pair().sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out).unwrap();
        out
    }
}
