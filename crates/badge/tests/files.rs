//! Every file of `tests/data` that has a verdict, checked twice: with nothing at hand, and with the documents that its issuer would serve.
//! `files.expected` says what is found; the rules below say that this agrees with the verdicts of the index.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use satchel_badge::check::{Policy, check, read_unchecked};
use satchel_badge::code::{CheckId, Code, Status};
use satchel_badge::container;
use satchel_badge::evidence::{Document, Evidence, Origin};
use satchel_badge::model::{Badge, Version};
use satchel_badge::report::{Report, Verdict};
use serde_json::{Value, json};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data")
}

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn fetched(bytes: Vec<u8>) -> Document {
    let fetched = Some("2026-11-23T12:00:00Z".parse().unwrap());
    Document { bytes: bytes.into(), status: 200, media_type: None, fetched, origin: Origin::Fetched }
}

/// The files of the index with their stated verdicts and what peers answered, as far as they are badges and not parts of a vector.
fn index() -> Vec<(String, String, String)> {
    let text = fs::read_to_string(data().join("INDEX.tsv")).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        (columns[0].to_owned(), columns[5].to_owned(), columns[6].to_owned())
    });
    rows.filter(|(file, verdict, _)| {
        let is_part = ["vectors/", "schemas/", "dids/", "ob2/assets/", "status/MAP"].iter().any(|part| file.starts_with(part));
        !is_part && !verdict.starts_with("n/a")
    })
    .collect()
}

/// What the hosts named in the files serve: status lists, DID documents, the documents under example.org.
fn served() -> Evidence {
    let mut evidence = Evidence::default();
    let lists: BTreeMap<String, String> = serde_json::from_slice(&fs::read(data().join("status/MAP.json")).unwrap()).unwrap();
    for (url, file) in lists {
        evidence.add(url, fetched(fs::read(data().join(file)).unwrap()));
    }
    for entry in fs::read_dir(data().join("ob2/assets")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        for scheme in ["http", "https"] {
            let extensionless = name.trim_end_matches(".json");
            evidence.add(format!("{scheme}://example.org/{name}"), fetched(bytes.clone()));
            evidence.add(format!("{scheme}://example.org/{extensionless}"), fetched(bytes.clone()));
        }
    }
    for file in ["dcc-legacy-did.json", "dcc-oidf-did.json"] {
        let bytes = fs::read(data().join("dids").join(file)).unwrap();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        evidence.add(document["id"].as_str().unwrap(), fetched(bytes));
    }
    evidence
}

/// What the issuer of one file would serve besides: the assertion itself, and a document that names the key.
fn served_for(reports: &[Report], evidence: &mut Evidence) {
    for report in reports {
        let Some(badge) = &report.badge else { continue };
        let data = &badge.data;
        if let Some(id) = badge.id.as_deref().filter(|id| id.starts_with("http") && data.get("badge").is_some()) {
            evidence.add(id, fetched(data.to_string().into_bytes()));
        }
        let Some(issuer) = badge.issuer.as_ref().and_then(|issuer| issuer.id.clone()) else { continue };
        let proofs = match &data["proof"] {
            Value::Array(proofs) => proofs.clone(),
            other => vec![other.clone()],
        };
        for method in proofs.iter().filter_map(|proof| proof["verificationMethod"].as_str()) {
            if let Some((controller, key)) = method.split_once('#')
                && controller == issuer
                && issuer.starts_with("http")
            {
                let key = json!({"id": method, "type": "Multikey", "controller": issuer, "publicKeyMultibase": key});
                let document = json!({"id": issuer, "assertionMethod": [key]});
                evidence.add(issuer.clone(), fetched(document.to_string().into_bytes()));
            }
        }
        for nested in &report.nested {
            served_for(std::slice::from_ref(nested), evidence);
        }
    }
}

/// The verdict and the codes that are not just as they should be.
fn summary(report: &Report) -> String {
    let remarkable = report.lines.iter().filter(|line| {
        let usual = [
            Code::StatusNotUsed,
            Code::RecipientNotAsked,
            Code::NoEndorsements,
            Code::UntrustedIssuer,
            Code::SafeModeNotNeeded,
            Code::StatusNotChecked,
            Code::IssuerNotChecked,
        ];
        line.code.status() != Status::Pass && !usual.contains(&line.code)
    });
    let codes: Vec<&str> = remarkable.map(|line| line.code.name()).collect();
    let bundled: Vec<String> = report.bundled().map(|nested| format!("({})", summary(nested))).collect();
    format!("{} {} {}", report.verdict.name(), codes.join(" "), bundled.join(" ")).replace("  ", " ").trim_end().to_owned()
}

struct Checked {
    file: String,
    stated: String,
    peers: String,
    alone: Vec<Report>,
    with: Vec<Report>,
}

fn check_all() -> Vec<Checked> {
    let base = served();
    index()
        .into_iter()
        .map(|(file, stated, peers)| {
            let bytes = fs::read(data().join(&file)).unwrap();
            let alone = check(&bytes, &Evidence::default(), &Policy::default(), now());
            let mut evidence = base.clone();
            served_for(&alone, &mut evidence);
            if file.contains("jwt") {
                serve_carried_key(&bytes, &alone, &mut evidence);
            }
            let with = check(&bytes, &evidence, &Policy::default(), now());
            Checked { file, stated, peers, alone, with }
        })
        .collect()
}

/// The issuer of a JWT that carries its key serves the same key.
fn serve_carried_key(bytes: &[u8], alone: &[Report], evidence: &mut Evidence) {
    use base64::Engine;
    let opened = container::open_bytes(bytes);
    let Some(text) = opened.embedded.first().and_then(|embedded| std::str::from_utf8(&embedded.text).ok()) else { return };
    let head = text.split('.').next().unwrap_or_default();
    let Ok(head) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head) else { return };
    let Ok(head) = serde_json::from_slice::<Value>(&head) else { return };
    let issuer = alone.first().and_then(|report| report.badge.as_ref()?.issuer.as_ref()?.id.clone());
    if let (Some(issuer), Some(jwk)) = (issuer.filter(|issuer| issuer.starts_with("http")), head.get("jwk")) {
        let method = json!({"id": format!("{issuer}#key"), "controller": issuer, "publicKeyJwk": jwk});
        evidence.add(issuer.clone(), fetched(json!({"id": issuer, "assertionMethod": [method]}).to_string().into_bytes()));
    }
}

#[test]
fn every_file_gives_the_findings_that_are_written_down() {
    let mut found = String::new();
    for checked in check_all() {
        for (part, (alone, with)) in checked.alone.iter().zip(&checked.with).enumerate() {
            let name = if part == 0 { checked.file.clone() } else { format!("{}#{part}", checked.file) };
            writeln!(found, "{name}\n  alone: {}\n  with evidence: {}", summary(alone), summary(with)).unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files.expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap_or_default());
}

/// Files where Satchel says less than the index, each with its reason. None is called valid that the index calls invalid.
const STRICTER: &[(&str, &str)] = &[
    ("ob3/simple-did-key-method.json", "its issuer is a urn:uuid, so no key can be tied to that name"),
    ("clr2/simple.jwt", "the credential in it names a draft of the Open Badges context, which is no version of it"),
    ("baked-made/ob3-sd-derived.png", "selective disclosure is not verified yet (L10)"),
    ("ob3/sd/derivedcredential.json", "selective disclosure is not verified yet (L10)"),
    ("peer-issued/ecdsa-sd-2023-derived.json", "selective disclosure is not verified yet (L10)"),
];

/// Descriptions of a badge or an issuer, which the index judges and Satchel does not take for an award.
const DESCRIPTIONS: &str = "ob2/rdf-validation/";

#[test]
fn no_verdict_contradicts_the_index() {
    let mut wrong = Vec::new();
    for Checked { file, stated, peers, alone, with } in check_all() {
        let first = &with[0];
        let failed =
            |check: CheckId| first.lines.iter().any(|line| line.code.check() == check && line.code.status() == Status::Fail);
        let bad = ["INVALID", "EXPIRED", "error", "non-conforming"].iter().any(|word| stated.contains(word))
            || stated.contains("REVOKED") && !stated.contains("NOT REVOKED")
            || stated.contains("NOT YET VALID");
        let good = ["VALID", "WARNING", "signature VALID", "parses and VALID", "validator reports"]
            .iter()
            .any(|start| stated.starts_with(start))
            || stated.contains("content VALID");
        let stricter = STRICTER.iter().any(|(name, _)| *name == file);
        let fits = match first.verdict {
            Verdict::Valid => good && (!bad || stated.contains("content VALID")),
            Verdict::Invalid => bad || stricter || stated.starts_with("parses") || stated.starts_with("extracts"),
            Verdict::Undecided => !stated.starts_with("VALID") || stricter,
            Verdict::NoBadge => !stated.starts_with("INVALID") || file.starts_with(DESCRIPTIONS),
        };
        // A signature that the peers call good is good.
        let signed = stated.contains("signature VALID") || peers.contains("2022: VALID") || peers.contains("2019: VALID");
        let proof_fits = !signed || !failed(CheckId::Proof);
        // What is shown alone is never better than what is shown with the evidence, and never turns.
        let rank = |verdict: Verdict| verdict == Verdict::Valid;
        let honest = alone
            .iter()
            .zip(&with)
            .all(|(alone, with)| !rank(alone.verdict) || rank(with.verdict) || with.verdict == Verdict::Invalid);
        if !fits || !proof_fits || !honest {
            wrong.push(format!("{file}: {stated}\n   {}", summary(first)));
        }
    }
    assert!(wrong.is_empty(), "{} contradict:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_credential_that_is_read_unchecked_says_what_the_report_on_it_says() {
    let mut read = 0;
    for (file, ..) in index() {
        let bytes = fs::read(data().join(&file)).unwrap();
        let reports = check(&bytes, &Evidence::default(), &Policy::default(), now());
        for (embedded, report) in container::open_bytes(&bytes).embedded.iter().zip(reports) {
            let is_credential =
                |badge: &Badge| !matches!(badge.version, Version::Ob05 | Version::Ob10 | Version::Ob11 | Version::Ob20);
            let shown = report.badge.map(|badge| Badge { data: Value::Null, ..*badge }).filter(is_credential);
            assert_eq!(json!(read_unchecked(&embedded.text)), json!(shown), "{file}");
            read += usize::from(report.verdict != Verdict::NoBadge && read_unchecked(&embedded.text).is_some());
        }
    }
    assert!(read > 50, "{read} credentials");
}
