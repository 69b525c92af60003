//! Open Badges 3.0 and every other verifiable credential: the checks of OB 3.0, 9.1, in that order.

use jiff::Timestamp;
use serde_json::Value;

use super::issuer::Tied;
use super::payload::Credential;
use super::schema::Shape;
use super::validity::Stated;
use super::{At, Checker, Findings, Role};
use crate::code::{CheckId, Code, Status};
use crate::evidence::Need;
use crate::key::PublicKey;
use crate::limits::{MAX_NESTED, MAX_PROOFS};
use crate::model::{self, Badge, id_of, list};
use crate::proof::data_integrity::{self as di, Suite};
use crate::proof::jws::{HeaderError, Jws};
use crate::rdf::{self, Dropped, DroppedKind, Effort, HashAlgorithm, Library};
use crate::report::Line;
use crate::time;

/// How the check of one proof ended.
struct Outcome {
    proof: Line,
    issuer: Line,
    signer: Option<String>,
    needs: Vec<Need>,
    /// What safe mode found in the proof's own members.
    dropped: Vec<Dropped>,
    /// Whether the proof covers the JSON itself, so that no term can be lost.
    covers_json: bool,
}

impl Outcome {
    fn refused(proof: Line) -> Self {
        Self {
            proof,
            issuer: Line::bare(Code::IssuerNotChecked),
            signer: None,
            needs: Vec::new(),
            dropped: Vec::new(),
            covers_json: false,
        }
    }

    /// The better, the lower: what makes a proof the one that counts.
    fn rank(&self) -> u8 {
        match (self.proof.code.status(), self.issuer.code.status()) {
            (Status::Pass, Status::Pass) => 0,
            (Status::Pass, Status::Unknown) => 1,
            (Status::Pass, _) => 2,
            (Status::Fail, _) => 3,
            _ if self.issuer.code.status() == Status::Fail => 4,
            _ => 5,
        }
    }
}

/// The quads of the document as they are signed, made and named once for all proofs.
struct Signed {
    walked: Result<rdf::Walked, rdf::Error>,
    /// Their canonical text with SHA-256, which all suites but one use.
    canonical: Result<String, rdf::Error>,
}

impl Signed {
    fn new(document: &Value, library: &Library, effort: &Effort) -> Self {
        let walked = rdf::to_quads_within(document, library, effort);
        let canonical = match &walked {
            Ok(walked) => rdf::canonicalize_within(&walked.dataset, HashAlgorithm::Sha256, effort),
            Err(error) => Err(error.clone()),
        };
        Self { walked, canonical }
    }

    fn canonical(&self, hash: HashAlgorithm, effort: &Effort) -> Result<String, rdf::Error> {
        match (&self.walked, hash) {
            (Ok(walked), HashAlgorithm::Sha384) => rdf::canonicalize_within(&walked.dataset, hash, effort),
            _ => self.canonical.clone(),
        }
    }
}

impl Checker<'_> {
    pub(super) fn credential(&self, credential: Credential<'_>, findings: &mut Findings) {
        let value = &credential.value;
        let badge = model::read_credential(value, credential.version);
        self.check_schema(value, Shape::of_credential(value, credential.version), findings);
        let issuer = value.get("issuer").and_then(id_of).unwrap_or_default();
        match &credential.jws {
            Some(jws) => self.check_jwt(jws, &credential, &issuer, findings),
            None => self.check_proofs(value, &issuer, findings),
        }
        self.check_credential_validity(&credential, findings);
        self.check_recipient(&badge, findings);
        if self.role != Role::List {
            self.check_status(value, &issuer, findings);
            self.check_bundle(value, findings);
            if self.depth < MAX_NESTED {
                self.check_endorsements(value, findings);
            }
        }
        self.check_trust(&badge, findings);
        self.tell_future_times(&proof_times(value), findings);
        findings.badge = Some(Box::new(Badge { data: credential.value, ..badge }));
    }

    fn check_credential_validity(&self, credential: &Credential<'_>, findings: &mut Findings) {
        let member = |name: &str| {
            let parse = |value: &Value| value.as_str().and_then(time::parse_strict);
            Stated::read(credential.value.get(name), parse)
        };
        let claim = |name: &str| {
            let parse = |value: &Value| value.as_f64().and_then(time::from_seconds);
            Stated::read(credential.claims().and_then(|claims| claims.get(name)), parse)
        };
        // Whatever it calls its dates, it counts from the latest beginning to the earliest end that it states.
        let from = [member("validFrom"), member("issuanceDate"), claim("nbf")].into_iter().fold(Stated::None, Stated::later);
        let until =
            [member("validUntil"), member("expirationDate"), claim("exp")].into_iter().fold(Stated::None, Stated::earlier);
        self.check_validity(&from, &until, findings);
    }

    // ---- Embedded proofs (VC Data Integrity 1.0) ----

    fn check_proofs(&self, value: &Value, issuer: &str, findings: &mut Findings) {
        let proofs = list(value, "proof");
        if proofs.is_empty() {
            findings.say(Code::ProofMissing);
            findings.say(Code::IssuerNotChecked);
            findings.say(Code::SafeModeNotNeeded);
            return;
        }
        let mut document = value.clone();
        if let Some(members) = document.as_object_mut() {
            members.remove("proof");
        }
        let signed = Signed::new(&document, self.evidence.contexts(), &self.budget.effort);
        let mut outcomes: Vec<Outcome> =
            proofs.iter().take(MAX_PROOFS).map(|proof| self.check_proof(proof, proofs, &document, &signed, issuer)).collect();
        // Any one proof that verifies is enough (OB 3.0, 9.1); the best is the one that the report speaks of.
        let best = (0..outcomes.len()).min_by_key(|at| outcomes[*at].rank()).unwrap_or_default();
        let best = outcomes.swap_remove(best);
        let others = outcomes.iter().filter(|other| other.proof.code.status() != Status::Pass);
        for other in others.take(if best.proof.code.status() == Status::Pass { MAX_PROOFS } else { 0 }) {
            findings.add(Line::new(Code::ExtraProofUnusable, [other.proof.code.name().to_owned()]));
        }
        if best.covers_json {
            findings.say(Code::SafeModeNotNeeded);
        } else {
            self.check_safe_mode(&signed, &best.dropped, findings);
        }
        findings.signer = best.signer.filter(|_| best.proof.code.status() == Status::Pass);
        findings.needs.extend(best.needs);
        findings.add(best.proof);
        findings.add(best.issuer);
    }

    fn check_proof(&self, proof: &Value, all: &[Value], document: &Value, signed: &Signed, issuer: &str) -> Outcome {
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        let Some(suite) = Suite::of(proof) else {
            let name = text("cryptosuite").or(text("type")).unwrap_or_default().to_owned();
            return Outcome::refused(Line::new(Code::ProofTypeUnknown, [name]));
        };
        if let Some(line) = self.refuse_proof(proof) {
            return Outcome::refused(line);
        }
        let Some(method) = text("verificationMethod") else {
            return Outcome::refused(Line::new(Code::ProofMalformed, [String::from("verificationMethod")]));
        };
        let Some(signature) = di::signature(proof) else {
            return Outcome::refused(Line::new(Code::ProofMalformed, [String::from("proofValue")]));
        };
        let mut needs = Vec::new();
        let tied = match self.key_of_method(method, issuer, &mut needs) {
            Ok(tied) => tied,
            Err(no_key) => {
                return Outcome { issuer: no_key.issuer, needs, ..Outcome::refused(no_key.proof) };
            }
        };
        if !suite.accepts(&tied.key) {
            return Outcome::refused(Line::new(Code::KeyInvalid, [method.to_owned()]));
        }
        let Tied { key, issuer, signer } = tied;
        let covers_json = suite.is_jcs();
        let outcome = |proof, dropped| Outcome { proof, issuer, signer: Some(signer), needs, dropped, covers_json };
        let hashed = if covers_json {
            hash_json(proof, all, document, &key)
        } else {
            self.hash_quads(proof, all, document, signed, Suite::hash(&key))
        };
        match hashed {
            Ok((data, dropped)) if key.verify(&data, &signature) => {
                outcome(Line::new(Code::ProofVerified, [suite.name().to_owned()]), dropped)
            }
            Ok(_) => outcome(Line::new(Code::ProofMismatch, [suite.name().to_owned()]), Vec::new()),
            Err(line) => outcome(line, Vec::new()),
        }
    }

    /// What makes a proof unusable before any key is asked (VC Data Integrity, 4.4).
    fn refuse_proof(&self, proof: &Value) -> Option<Line> {
        match proof.get("proofPurpose").and_then(Value::as_str) {
            Some("assertionMethod") => {}
            other => return Some(Line::new(Code::ProofPurpose, [other.unwrap_or_default().to_owned()])),
        }
        for name in ["created", "expires"] {
            let stated = Stated::read(proof.get(name), |value| value.as_str().and_then(time::parse_strict));
            match stated {
                Stated::Unreadable(_) => return Some(Line::new(Code::ProofMalformed, [name.to_owned()])),
                Stated::At(end) if name == "expires" && end < self.now => {
                    return Some(Line::new(Code::ProofExpired, [end.to_string()]));
                }
                _ => {}
            }
        }
        None
    }

    fn hash_quads(
        &self,
        proof: &Value,
        all: &[Value],
        document: &Value,
        signed: &Signed,
        hash: HashAlgorithm,
    ) -> Result<(Vec<u8>, Vec<Dropped>), Line> {
        let (contexts, effort) = (self.evidence.contexts(), &self.budget.effort);
        let unreadable = |error: &rdf::Error| match error {
            rdf::Error::UnknownContext(_) => Line::bare(Code::ProofNotChecked),
            other => Line::new(Code::ProofMismatch, [other.to_string()]),
        };
        let canonical = match earlier_proofs(proof, all)? {
            None => signed.canonical(hash, effort),
            Some(earlier) => Signed::new(&with_proofs(document, earlier), contexts, effort).canonical(hash, effort),
        };
        let canonical = canonical.map_err(|error| unreadable(&error))?;
        let options = di::options(proof, document.get("@context"));
        let walked = rdf::to_quads_within(&options, contexts, effort).map_err(|error| unreadable(&error))?;
        let options = rdf::canonicalize_within(&walked.dataset, hash, effort).map_err(|error| unreadable(&error))?;
        Ok((di::hash_data(&options, &canonical, hash), walked.dropped))
    }

    fn check_safe_mode(&self, signed: &Signed, of_proof: &[Dropped], findings: &mut Findings) {
        match &signed.walked {
            Err(rdf::Error::UnknownContext(url)) => {
                let line = match self.look(Need::Url(url.clone()), &mut findings.needs) {
                    At::Brought(used) => Line::new(Code::ContextBrought, [url.clone()]).with(used),
                    At::Hand(_, used) => Line::new(Code::ContextInvalid, [url.clone()]).with(used),
                    At::Missing => Line::new(Code::ContextMissing, [url.clone()]),
                };
                findings.add(line);
            }
            Err(rdf::Error::TooComplex) => findings.say(Code::PoisonGraph),
            Err(error @ rdf::Error::JsonLd { .. }) => findings.add(Line::new(Code::InvalidJsonLd, [error.to_string()])),
            Ok(walked) => {
                // A graph that is too costly to name shows when it is named, not when it is walked.
                if signed.canonical == Err(rdf::Error::TooComplex) {
                    findings.say(Code::PoisonGraph);
                    return;
                }
                let dropped: Vec<&Dropped> = walked.dropped.iter().chain(of_proof).collect();
                if dropped.is_empty() {
                    findings.say(Code::SafeModePassed);
                }
                for lost in dropped.into_iter().take(10) {
                    findings.add(Line::new(dropped_code(lost.kind), [lost.text.clone(), lost.path.clone()]));
                }
            }
        }
    }

    // ---- VC-JWT (OB 3.0, 8.3; VC-JOSE-COSE) ----

    fn check_jwt(&self, jws: &Jws<'_>, credential: &Credential<'_>, issuer: &str, findings: &mut Findings) {
        let value = &credential.value;
        findings.say(Code::SafeModeNotNeeded);
        if !list(value, "proof").is_empty() {
            findings.add(Line::new(Code::ExtraProofUnusable, [String::from("proof")]));
        }
        let mut needs = Vec::new();
        let (proof, tied, signer) = self.verify_jwt(jws, issuer, &mut needs);
        if proof.code.status() == Status::Pass {
            match claim_mismatch(credential.claims().unwrap_or(value), value, issuer) {
                Some(claim) => findings.add(Line::new(Code::ClaimMismatch, [claim])),
                None => findings.add(proof),
            }
        } else {
            findings.add(proof);
        }
        findings.signer = signer.filter(|_| findings.has(CheckId::Proof, Status::Pass));
        findings.add(tied);
        findings.needs.extend(needs);
    }

    fn verify_jwt(&self, jws: &Jws<'_>, issuer: &str, needs: &mut Vec<Need>) -> (Line, Line, Option<String>) {
        let not_checked = || Line::bare(Code::IssuerNotChecked);
        let algorithm = match jws.algorithm() {
            Ok(algorithm) => algorithm,
            Err(error) => return (header_line(error), not_checked(), None),
        };
        let jwk = jws.header.get("jwk");
        // A name without a scheme is one of the issuer's (VC-JOSE-COSE, 4.1.1); beside a key of its own it is only a label.
        let kid = jws.header.get("kid").and_then(Value::as_str).filter(|kid| !kid.is_empty());
        let kid = match kid {
            Some(kid) if kid.contains(':') => Some(kid.to_owned()),
            Some(kid) if jwk.is_none() => Some(format!("{issuer}#{}", kid.strip_prefix('#').unwrap_or(kid))),
            _ => None,
        };
        let (key, tied, signer): (PublicKey, Line, String) = match (kid, jwk) {
            (Some(kid), _) => match self.key_of_method(&kid, issuer, needs) {
                Ok(Tied { key, issuer, signer }) => (key, issuer, signer),
                Err(no_key) => return (no_key.proof, no_key.issuer, None),
            },
            (None, Some(jwk)) => match PublicKey::from_jwk(jwk) {
                Some(key) => {
                    let line = self.tie_carried_key(&key, issuer, needs);
                    (key, line, issuer.to_owned())
                }
                None => return (Line::new(Code::KeyInvalid, [String::from("jwk")]), not_checked(), None),
            },
            (None, None) => return (Line::bare(Code::KeyNotNamed), not_checked(), None),
        };
        let name = jws.header.get("alg").and_then(Value::as_str).unwrap_or_default().to_owned();
        if jws.verify(&key, algorithm) {
            (Line::new(Code::ProofVerified, [name]), tied, Some(signer))
        } else {
            (Line::new(Code::ProofMismatch, [name]), tied, None)
        }
    }
}

pub(super) fn header_line(error: HeaderError) -> Line {
    match error {
        HeaderError::Algorithm(name) => Line::new(Code::AlgorithmRefused, [name]),
        HeaderError::Member(name) => Line::new(Code::HeaderRefused, [name]),
    }
}

/// The claim that contradicts the credential (OB 3.0, 8.3.3). A claim that is left out contradicts nothing.
fn claim_mismatch(claims: &Value, value: &Value, issuer: &str) -> Option<String> {
    let subject = list(value, "credentialSubject").first().and_then(id_of);
    let pairs = [("iss", Some(issuer.to_owned())), ("jti", value.get("id").and_then(id_of)), ("sub", subject)];
    for (name, stated) in pairs {
        if claims.get(name).is_some_and(|claim| claim.as_str() != stated.as_deref()) {
            return Some(name.to_owned());
        }
    }
    let times = [("nbf", ["validFrom", "issuanceDate"]), ("exp", ["validUntil", "expirationDate"])];
    for (claim, members) in times {
        let mut stated = members.iter().filter_map(|name| value.get(*name)?.as_str()).filter_map(time::parse_strict);
        match claims.get(claim).map(|claimed| claimed.as_f64().and_then(time::from_seconds)) {
            Some(None) => return Some(claim.to_owned()),
            Some(Some(claimed)) if stated.any(|stated| stated.as_second() != claimed.as_second()) => {
                return Some(claim.to_owned());
            }
            _ => {}
        }
    }
    // Two credentials in one token would be one for the signature and one for the reader.
    (claims.get("vc").is_some() && claims.get("credentialSubject").is_some()).then(|| String::from("vc"))
}

fn with_proofs(document: &Value, proofs: Value) -> Value {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.insert("proof".to_owned(), proofs);
    }
    document
}

fn hash_json(proof: &Value, all: &[Value], document: &Value, key: &PublicKey) -> Result<(Vec<u8>, Vec<Dropped>), Line> {
    let text = match earlier_proofs(proof, all)? {
        Some(earlier) => di::jcs_document(&with_proofs(document, earlier), proof),
        None => di::jcs_document(document, proof),
    };
    let text = text.ok_or_else(|| Line::new(Code::ProofMalformed, [String::from("@context")]))?;
    let options = crate::json::canonical(&di::options(proof, None));
    Ok((di::hash_data(&options, &text, Suite::hash(key)), Vec::new()))
}

/// The proofs that a proof in a chain is made over (VC Data Integrity, 4.5 "proof chains"); none outside of a chain.
fn earlier_proofs(proof: &Value, all: &[Value]) -> Result<Option<Value>, Line> {
    let names = list(proof, "previousProof");
    if names.is_empty() {
        return Ok(None);
    }
    if names.len() > MAX_PROOFS || all.len() > MAX_PROOFS {
        return Err(Line::new(Code::ProofMalformed, [String::from("previousProof")]));
    }
    let find = |name: &Value| all.iter().find(|other| other.get("id") == Some(name)).cloned();
    let earlier: Option<Vec<Value>> = names.iter().map(find).collect();
    match earlier {
        Some(earlier) => Ok(Some(Value::Array(earlier))),
        None => Err(Line::new(Code::ProofMalformed, [String::from("previousProof")])),
    }
}

fn dropped_code(kind: DroppedKind) -> Code {
    match kind {
        DroppedKind::UndefinedTerm => Code::UndefinedTerm,
        DroppedKind::RelativeType => Code::UndefinedType,
        DroppedKind::RelativeReference => Code::RelativeReference,
        DroppedKind::Meaningless | DroppedKind::Language | DroppedKind::BlankProperty => Code::DroppedValue,
        DroppedKind::Redefined => Code::RedefinedTerm,
        DroppedKind::Disguised => Code::DisguisedTerm,
    }
}

fn proof_times(value: &Value) -> Vec<Timestamp> {
    let created = list(value, "proof").iter().filter_map(|proof| proof.get("created")?.as_str());
    created.filter_map(time::parse_strict).collect()
}
