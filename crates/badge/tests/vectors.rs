//! The test vectors of the standards (`tests/data/vectors`, `tests/data/dids`): every intermediate value is reproduced byte for byte, every
//! signature verifies, every key is the one listed. No file of a vector goes unread without a reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

mod help;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use help::*;
use proptest::prelude::*;
use satchel_badge::code::{CheckId, Code};
use satchel_badge::did;
use satchel_badge::evidence::{Document, Evidence};
use satchel_badge::json;
use satchel_badge::key::{Algorithm, PublicKey};
use satchel_badge::proof::data_integrity::{self as di, Suite};
use satchel_badge::rdf::{self, HashAlgorithm, Library};
use satchel_badge::report::Report;
use satchel_badge::sign::{Ed25519Signer, Signer};
use serde_json::{Value, json};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data")
}

/// Files that no test of ours reads, by the beginning of their names, each with its reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("vc-di-ecdsa/ecdsa-sd-2023/", "selective disclosure is not verified yet"),
    ("1edtech/clrv2p0-document-canon.txt", "the document that it was made from is not among the files"),
    ("vc-di-ecdsa/employMandatory.json", "input of selective disclosure"),
    ("vc-di-ecdsa/employSelective.json", "input of selective disclosure"),
    ("vc-di-ecdsa/prCredMandatory.json", "input of selective disclosure"),
    ("vc-di-ecdsa/prCredSelective.json", "input of selective disclosure"),
    ("vc-di-ecdsa/prCredUnsigned.json", "input of selective disclosure"),
    ("vc-di-ecdsa/employmentAuth.json", "the same file as in vc-di-eddsa, which is read"),
    ("vc-di-ecdsa/unsigned.json", "the same file as in vc-di-eddsa, which is read"),
];

/// Reads vectors and notes which.
#[derive(Default)]
struct Vectors {
    read: Mutex<BTreeSet<String>>,
}

impl Vectors {
    fn text(&self, file: &str) -> String {
        self.read.lock().unwrap().insert(file.to_owned());
        fs::read_to_string(data().join("vectors").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn json(&self, file: &str) -> Value {
        json::parse(self.text(file).as_bytes()).unwrap()
    }
}

/// The contexts of the vectors that are not compiled in.
const CONTEXTS: [(&str, &str); 2] = [
    ("https://www.w3.org/ns/credentials/examples/v2", "credentials-examples-v2.jsonld"),
    ("https://w3id.org/citizenship/v4rc1", "citizenship-v4rc1.jsonld"),
];

fn context(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("contexts").join(file)).unwrap()
}

fn library() -> Library {
    let mut library = Library::default();
    for (url, file) in CONTEXTS {
        library.add(url, json::parse(&context(file)).unwrap());
    }
    library
}

fn evidence() -> Evidence {
    let mut evidence = Evidence::default();
    for (url, file) in CONTEXTS {
        evidence.add(url, Document::given(context(file)));
    }
    evidence
}

fn quads(value: &Value, hash: HashAlgorithm) -> String {
    let walked = rdf::to_quads(value, &library(), None).unwrap();
    assert_eq!(walked.dropped, [], "a vector is safe");
    rdf::canonicalize(&walked.dataset, hash).unwrap()
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
    bytes.as_ref().iter().flat_map(digits).collect()
}

/// One set of files: folder, ending of their names, unsigned document, signed document when there is one, key.
struct Case {
    folder: &'static str,
    ending: &'static str,
    document: &'static str,
    signed: Option<&'static str>,
    key: &'static str,
}

const CASES: [Case; 10] = {
    const fn case(
        folder: &'static str,
        ending: &'static str,
        document: &'static str,
        signed: Option<&'static str>,
        key: &'static str,
    ) -> Case {
        Case { folder, ending, document, signed, key }
    }
    const PLAIN: &str = "vc-di-eddsa/unsigned.json";
    const EMPLOY: &str = "vc-di-eddsa/employmentAuth.json";
    const ED: &str = "vc-di-eddsa/keyPair.json";
    const P256: &str = "vc-di-ecdsa/p256KeyPair.json";
    const P384: &str = "vc-di-ecdsa/p384KeyPair.json";
    [
        case("vc-di-eddsa/eddsa-rdfc-2022", "DataInt", PLAIN, Some("signedDataInt.json"), ED),
        case("vc-di-eddsa/eddsa-rdfc-2022/employ", "DataInt", EMPLOY, None, ED),
        case("vc-di-eddsa/eddsa-jcs-2022", "JCS", PLAIN, Some("signedJCS.json"), ED),
        case("vc-di-eddsa/Ed25519Signature2020", "EdSig", PLAIN, Some("signedEdSig.json"), ED),
        case("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256", PLAIN, Some("signedECDSAP256.json"), P256),
        case("vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ", "ECDSAP256", EMPLOY, None, P256),
        case("vc-di-ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384", PLAIN, None, P384),
        case("vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ", "ECDSAP384", EMPLOY, None, P384),
        case("vc-di-ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", PLAIN, Some("signedJCSECDSAP256.json"), P256),
        case("vc-di-ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384", PLAIN, None, P384),
    ]
};

fn reproduce(case: &Case, vectors: &Vectors) {
    let file = |name: &str, kind: &str| format!("{}/{name}{}.{kind}", case.folder, case.ending);
    let text = |name: &str| vectors.text(&file(name, "txt")).trim().to_owned();
    let config = vectors.json(&file("proofConfig", "json"));
    let suite = Suite::of(&config).unwrap();
    let pair = vectors.json(case.key);
    let key = PublicKey::from_multikey(pair["publicKeyMultibase"].as_str().unwrap()).unwrap();
    assert_eq!(did::key_of_did_key(config["verificationMethod"].as_str().unwrap()).as_ref(), Some(&key));
    assert!(suite.accepts(&key));
    let hash = Suite::hash(&key);
    let mut document = vectors.json(case.document);
    document["@context"] = config["@context"].clone();
    let (canonical, options) = if suite.is_jcs() {
        (di::jcs_document(&document, &config).unwrap(), json::canonical(&di::options(&config, None)))
    } else {
        (quads(&document, hash), quads(&di::options(&config, document.get("@context")), hash))
    };
    let what = case.folder;
    assert_eq!(canonical.trim_end(), text("canonDoc"), "{what}");
    assert_eq!(options.trim_end(), text("proofCanon"), "{what}");
    assert_eq!(hex(hash.digest(canonical.as_bytes())), text("docHash"), "{what}");
    assert_eq!(hex(hash.digest(options.as_bytes())), text("proofHash"), "{what}");
    let hashed = di::hash_data(&options, &canonical, hash);
    assert_eq!(hex(&hashed), text("combinedHash"), "{what}");
    let proof = merged(config.clone(), json!({"proofValue": text("sigBTC58")}));
    let signature = di::signature(&proof).unwrap();
    assert_eq!(hex(&signature), text("sigHex"), "{what}");
    assert!(key.verify(&hashed, &signature), "{what}");
    assert!(!key.verify(&hashed[1..], &signature));
    if key.algorithm() == Algorithm::EdDsa {
        // Ed25519 gives one signature, so ours is theirs.
        let secret = bs58::decode(&pair["privateKeyMultibase"].as_str().unwrap()[1..]).into_vec().unwrap();
        let signer = Ed25519Signer::new(secret[2..].try_into().unwrap(), "");
        assert_eq!(signer.sign(&hashed).unwrap(), signature, "{what}");
    }
    if let Some(signed) = case.signed {
        let signed = vectors.json(&format!("{}/{signed}", case.folder));
        assert_eq!(signed["proof"]["proofValue"], proof["proofValue"], "{what}");
        assert!(verified(&signed), "{what}");
    }
}

/// Whether every proof fits; the issuers of the vectors are no did:key, so nothing more can be asked.
fn verified(signed: &Value) -> bool {
    let report: Report = ask(signed.to_string(), &evidence());
    passes(&report, CheckId::Proof) && !says(&report, Code::ExtraProofUnusable) && !says(&report, Code::UndefinedTerm)
}

#[test]
fn every_vector_of_the_data_integrity_suites_is_reproduced() {
    let vectors = Vectors::default();
    for case in &CASES {
        reproduce(case, &vectors);
    }
}

const CHAIN: &str = "vc-di-eddsa/proof-set-chain";

fn chain(vectors: &Vectors) {
    let read = |name: &str| vectors.json(&format!("{CHAIN}/{name}.json"));
    let unsigned = read("unsigned");
    let pairs = read("multiKeyPairs");
    let with = |proofs: &[Value]| merged(unsigned.clone(), json!({"proof": proofs}));
    let proofs =
        ["proofSetConfigSigned1", "proofSetConfigSigned2", "proofChainConfigSigned1", "proofChainConfigSigned2"].map(read);
    let configs = ["proofSetConfig1", "proofSetConfig2", "proofChainConfig1", "proofChainConfig2"].map(read);
    let over = [unsigned.clone(), unsigned.clone(), read("proofChainTempDoc1"), read("proofChainTempDoc2")];
    // What a proof of a chain is made over is the document with the proofs that it names.
    assert_eq!(over[2], with(&proofs[..2]));
    assert_eq!(over[3], with(&proofs[2..3]));
    for (at, ((proof, config), document)) in proofs.iter().zip(&configs).zip(&over).enumerate() {
        let pair = &pairs[format!("keyPair{}", at + 1)];
        let key = PublicKey::from_multikey(pair["publicKeyMultibase"].as_str().unwrap()).unwrap();
        let mut unvalued = proof.clone();
        object(&mut unvalued).remove("proofValue");
        assert_eq!(&unvalued, config);
        let options = quads(&di::options(proof, unsigned.get("@context")), HashAlgorithm::Sha256);
        let hashed = di::hash_data(&options, &quads(document, HashAlgorithm::Sha256), HashAlgorithm::Sha256);
        let signature = di::signature(proof).unwrap();
        assert!(key.verify(&hashed, &signature), "proof {at}");
        let secret = bs58::decode(&pair["privateKeyMultibase"].as_str().unwrap()[1..]).into_vec().unwrap();
        assert_eq!(Ed25519Signer::new(secret[2..].try_into().unwrap(), "").sign(&hashed).unwrap(), signature);
    }
    for (name, count) in [("signedProofSet2", 2), ("signedProofChain1", 3), ("signedProofChain2", 4)] {
        let signed = read(name);
        assert_eq!(signed, with(&proofs[..count]), "{name}");
        assert!(verified(&signed), "{name}");
    }
}

#[test]
fn every_vector_of_proof_sets_and_chains_is_reproduced() {
    chain(&Vectors::default());
}

#[test]
fn a_chain_that_lost_a_proof_is_told() {
    let vectors = Vectors::default();
    let mut signed = vectors.json(&format!("{CHAIN}/signedProofChain2.json"));
    signed["proof"].as_array_mut().unwrap().remove(0);
    assert!(!verified(&signed));
}

/// The walk-through from which 1EdTech made its canonical files (OB 3.0 implementation guide): the sample in another issuer's name.
fn walk_through() -> Value {
    let mut document = json::parse(&fs::read(data().join("ob3/simple.json")).unwrap()).unwrap();
    object(&mut document).remove("proof");
    let issuer = json!({"id": "https://example.edu/issuers/565049", "type": ["Profile"], "name": "Example Corp",
        "url": "https://www.imsglobal.org"});
    merged(document, json!({"issuer": issuer}))
}

fn of_1edtech(vectors: &Vectors) {
    let canonical = |value: &Value| quads(value, HashAlgorithm::Sha256).trim_end().to_owned();
    let document = vectors.text("1edtech/obv3p0-document-canon.txt");
    assert_eq!(canonical(&walk_through()), document.trim_end());
    // The options are stated by their quads alone; they are these.
    let options = json!({"@context": [VC], "type": "DataIntegrityProof", "created": "2010-01-01T19:23:24Z",
        "verificationMethod": "https://example.edu/issuers/565049#z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi",
        "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"});
    for name in ["obv3p0", "clrv2p0"] {
        assert_eq!(canonical(&options), vectors.text(&format!("1edtech/{name}-proof-canon.txt")).trim_end(), "{name}");
    }
}

#[test]
fn the_canonical_files_of_1edtech_are_reproduced() {
    of_1edtech(&Vectors::default());
}

#[test]
fn every_file_of_a_vector_is_read_or_left_out_for_a_reason() {
    let vectors = Vectors::default();
    for case in &CASES {
        reproduce(case, &vectors);
    }
    chain(&vectors);
    of_1edtech(&vectors);
    let read = vectors.read.into_inner().unwrap();
    let index = fs::read_to_string(data().join("INDEX.tsv")).unwrap();
    let listed: BTreeSet<String> =
        index.lines().filter_map(|row| Some(row.split('\t').next()?.strip_prefix("vectors/")?.to_owned())).collect();
    let left_out = |file: &str| LEFT_OUT.iter().any(|(start, _)| file.starts_with(start));
    let unread: Vec<&String> = listed.iter().filter(|file| !read.contains(*file) && !left_out(file)).collect();
    assert_eq!(unread, Vec::<&String>::new());
    for (start, reason) in LEFT_OUT {
        assert!(listed.iter().any(|file| file.starts_with(start)), "{start} is not there any more: {reason}");
        assert!(!read.iter().any(|file| file.starts_with(start)), "{start} is read after all");
    }
    for (ours, theirs) in [
        ("vc-di-eddsa/employmentAuth.json", "vc-di-ecdsa/employmentAuth.json"),
        ("vc-di-eddsa/unsigned.json", "vc-di-ecdsa/unsigned.json"),
    ] {
        let [ours, theirs] =
            [ours, theirs].map(|file| json::parse(&fs::read(data().join("vectors").join(file)).unwrap()).unwrap());
        assert_eq!(ours, theirs);
    }
}

// ---- did:key ----

/// The keys listed in a file of `dids`: DID, and every method with key material, wherever it stands.
fn methods(value: &Value, out: &mut Vec<Value>) {
    match value {
        Value::Object(map) => {
            let is_method = ["publicKeyMultibase", "publicKeyJwk", "publicKeyBase58"].iter().any(|name| map.contains_key(*name));
            if is_method {
                out.push(value.clone());
            }
            map.values().for_each(|inner| methods(inner, out));
        }
        Value::Array(values) => values.iter().for_each(|inner| methods(inner, out)),
        _ => {}
    }
}

fn keys_of(file: &str) -> Vec<(String, Vec<Value>)> {
    let value = json::parse(&fs::read(data().join("dids").join(file)).unwrap()).unwrap();
    let entries = value.as_object().unwrap().iter().map(|(did, entry)| {
        let mut listed = Vec::new();
        methods(entry, &mut listed);
        (did.clone(), listed)
    });
    entries.collect()
}

#[test]
fn a_did_key_is_the_key_that_its_document_lists() {
    for file in ["did-key-ed25519-x25519.json", "did-key-nist-curves.json", "did-key-rsa.json"] {
        let mut compared = 0;
        for (did, listed) in keys_of(file) {
            let multikey = did.strip_prefix("did:key:").unwrap();
            let Some(key) = did::key_of_did_key(&did) else {
                assert!(multikey.starts_with("z2J9"), "{file}: {did} is refused; only P-521 may be");
                continue;
            };
            assert_eq!(did::key_of_did_key(&format!("{did}#{multikey}")), Some(key.clone()));
            assert_eq!(did::key_of_did_key(&format!("{did}#z6Mk")), None);
            for method in listed {
                let kind = method["type"].as_str().unwrap_or_default();
                if kind.starts_with("X25519") || method["id"].as_str().is_some_and(|id| id.contains("#z6LS")) {
                    assert_ne!(did::key_of_method(&merged(method, json!({"type": null}))).as_ref(), Some(&key));
                    continue;
                }
                if kind.starts_with("P256Key2021") || kind.starts_with("P384Key2021") {
                    // A form that was given up before it was standardised: a point in base58 without its curve.
                    assert_eq!(did::key_of_method(&method), None);
                    continue;
                }
                let theirs = did::key_of_method(&method).unwrap_or_else(|| panic!("{file}: {method}"));
                assert!(same(&key, &theirs), "{did}: {method}");
                compared += 1;
            }
        }
        assert!(compared > 0, "{file}");
    }
}

/// Whether two keys are one: a point has a long and a short form.
fn same(a: &PublicKey, b: &PublicKey) -> bool {
    let x = |point: &[u8]| point[1..=(if point[0] == 4 { (point.len() - 1) / 2 } else { point.len() - 1 })].to_vec();
    match (a, b) {
        (PublicKey::P256(a), PublicKey::P256(b)) | (PublicKey::P384(a), PublicKey::P384(b)) => x(a) == x(b),
        (a, b) => a == b,
    }
}

#[test]
fn a_key_is_the_same_key_in_every_form() {
    for file in ["did-key-nist-curves.json", "did-key-rsa.json"] {
        for (did, listed) in keys_of(file) {
            let Some(key) = did::key_of_did_key(&did) else { continue };
            for theirs in listed.iter().filter_map(did::key_of_method) {
                assert_eq!(key, theirs, "{did}");
            }
        }
    }
}

#[test]
fn a_did_key_of_a_curve_that_is_not_supported_is_refused() {
    let listed = keys_of("did-key-secp256k1.json");
    assert!(!listed.is_empty());
    for (did, methods) in listed {
        assert_eq!(did::key_of_did_key(&did), None, "{did}");
        for method in methods.iter().filter(|method| method.get("publicKeyJwk").is_some()) {
            assert_eq!(did::key_of_method(method), None);
        }
    }
    // X25519 agrees on keys and signs nothing.
    assert_eq!(PublicKey::from_multikey("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW"), None);
}

#[test]
fn the_documents_of_the_did_web_samples_name_their_keys() {
    for file in ["dcc-legacy-did.json", "dcc-oidf-did.json"] {
        let document = json::parse(&fs::read(data().join("dids").join(file)).unwrap()).unwrap();
        let id = document["id"].as_str().unwrap();
        assert!(did::web_url(id).unwrap().starts_with("https://digitalcredentials.github.io/"), "{id}");
        let listed = document["assertionMethod"].as_array().unwrap();
        assert!(!listed.is_empty());
        for method in listed {
            let url = method.as_str().or_else(|| method["id"].as_str()).unwrap();
            assert!(matches!(did::authorised(&document, id, url), did::Authorised::Yes(_)), "{file}: {url}");
        }
    }
}

/// Names from all over Unicode, those among them that UTF-16 and UTF-8 put into another order, and any number.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[\\x00-\\x7f]{0,4}|[\u{e000}-\u{ffff}\u{10000}-\u{10010}a\"\\\\]{0,4}", inner, 0..6)
                .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_is_what_another_writer_makes_of_it(value in any_json()) {
        prop_assert_eq!(json::canonical(&value), serde_json_canonicalizer::to_string(&value).unwrap());
    }
}
