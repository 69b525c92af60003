//! Open Badges 0.5 to 2.0: an assertion, its badge class and its issuer, hosted or signed (OB 2.0, 4; OB 1.1). What the issuer's host
//! serves counts; what stands in the file must agree with it.

use serde_json::Value;

use super::bound::by_host;
use super::endorsement;
use super::issuer::{content, is_same_or_moved, is_web, same_but_scheme, same_origin, same_place};
use super::payload::Assertion;
use super::schema::{self, Shape};
use super::validity::Stated;
use super::{At, Checker, Findings, Role};
use crate::code::{CheckId, Code, Status};
use crate::evidence::{Document, Need, Origin};
use crate::key::PublicKey;
use crate::limits::MAX_NESTED;
use crate::model::{self, Version, has_type, id_of, list};
use crate::proof::jws::Jws;
use crate::report::{Line, Used};
use crate::status;
use crate::time;

/// A linked document, embedded or at hand.
struct Linked {
    value: Value,
    /// The address it lies under, when it was looked up there.
    url: Option<String>,
    used: Option<Used>,
}

/// Which documents a linked one may be.
#[derive(Clone, Copy)]
enum Part {
    Class,
    Issuer,
}

impl Checker<'_> {
    pub(super) fn assertion(&self, assertion: &Assertion<'_>, findings: &mut Findings) {
        findings.say(Code::SafeModeNotNeeded);
        match &assertion.jws {
            Some(jws) => self.signed_assertion(assertion, jws, findings),
            None => self.hosted_assertion(&assertion.value, assertion.version, findings),
        }
    }

    /// A picture of the first days holds nothing but the address of its assertion (OB 1.0).
    pub(super) fn hosted_link(&self, url: &str, findings: &mut Findings) {
        findings.say(Code::SafeModeNotNeeded);
        findings.say(Code::IssuerNotChecked);
        let document = match self.look(Need::Url(url.to_owned()), &mut findings.needs) {
            At::Missing => return findings.add(Line::new(Code::HostedMissing, [url.to_owned()])),
            At::Brought(used) => return findings.add(Line::new(Code::HostedBrought, [url.to_owned()]).with(used)),
            At::Hand(document, used) => {
                if let Some(line) = refused(document, url, &used) {
                    return findings.add(line);
                }
                document
            }
        };
        let served = content(document).map(|value| (super::payload::version_of(&value), value));
        let Some((Some(version), value)) = served else {
            return findings.add(Line::new(Code::HostedInvalid, [url.to_owned()]));
        };
        findings.lines.retain(|line| line.code != Code::IssuerNotChecked);
        self.hosted_assertion(&value, version, findings);
    }

    // ---- Hosted (OB 2.0, 4.1) ----

    fn hosted_assertion(&self, file: &Value, version: Version, findings: &mut Findings) {
        if version == Version::Ob05 {
            // Nothing says where it is hosted, so nobody can be asked (OB 0.5 had no verification).
            self.describe(file, version, findings);
            findings.say(Code::VerificationMissing);
            findings.say(Code::IssuerNotChecked);
            return;
        }
        let verification = file.get("verification").or_else(|| file.get("verify")).unwrap_or(&Value::Null);
        if is_signed(file) {
            // The signature is what a signed badge is; its payload alone proves nothing.
            self.describe(file, version, findings);
            findings.say(Code::ProofMissing);
            findings.say(Code::IssuerNotChecked);
            return;
        }
        let url = match version {
            Version::Ob20 => id_of(file),
            _ => verification.get("url").and_then(Value::as_str).map(str::to_owned).or_else(|| id_of(file)),
        };
        let Some(url) = url.filter(|url| is_web(url)) else {
            self.describe(file, version, findings);
            findings.say(Code::VerificationMissing);
            findings.say(Code::IssuerNotChecked);
            return;
        };
        let (document, used) = match self.look_at_home(Need::Url(url.clone()), &mut findings.needs) {
            At::Hand(document, used) => (document, used),
            other => {
                self.describe(file, version, findings);
                findings.say(Code::IssuerNotChecked);
                findings.say(Code::StatusNotChecked);
                findings.add(match other {
                    At::Brought(used) => Line::new(Code::HostedBrought, [url]).with(used),
                    _ => Line::new(Code::HostedMissing, [url]),
                });
                return;
            }
        };
        let served = content(document);
        // Whatever a host writes there but a plain no is a yes.
        let is_no = |stated: &Value| matches!(stated, Value::Null | Value::Bool(false));
        let revoked = served.as_ref().filter(|served| served.get("revoked").is_some_and(|stated| !is_no(stated)));
        if document.status == 410 || revoked.is_some() {
            // The host speaks for its badges: gone means revoked (OB 2.0, 4.1, step 3).
            self.describe(file, version, findings);
            findings.say(Code::IssuerNotChecked);
            findings.add(Line::new(Code::HostedConfirmed, [url.clone()]).with(used.clone()));
            findings.add(revoked_line(revoked).with(used));
            return;
        }
        if let Some(line) = refused(document, &url, &used) {
            self.describe(file, version, findings);
            findings.say(Code::IssuerNotChecked);
            findings.add(line);
            return;
        }
        let Some(served) = served.filter(|served| super::payload::version_of(served).is_some()) else {
            self.describe(file, version, findings);
            findings.say(Code::IssuerNotChecked);
            findings.add(Line::new(Code::HostedInvalid, [url]).with(used));
            return;
        };
        let (class, issuer) = self.describe(&served, version, findings);
        if is_signed(&served) {
            // Its issuer signs it: what lies there is a copy, and its revocation is told elsewhere.
            findings.say(Code::ProofMissing);
            findings.say(Code::IssuerNotChecked);
            return;
        }
        match self.disagreement(file, &served, 0, true) {
            Some(member) => findings.add(Line::new(Code::HostedDiffers, [url.clone(), member]).with(used.clone())),
            None if version == Version::Ob20 && !id_of(&served).is_some_and(|id| id == url || same_place(&id, &url)) => {
                findings.add(Line::new(Code::HostedDiffers, [url.clone(), String::from("id")]).with(used.clone()));
            }
            None => findings.add(Line::new(Code::HostedConfirmed, [url.clone()]).with(used)),
        }
        let line = scope(&url, class.as_ref(), issuer.as_ref());
        findings.signer = Some(host(&url)).filter(|_| line.code.status() == Status::Pass);
        let id = issuer.as_ref().and_then(|issuer| id_of(&issuer.value)).unwrap_or_default();
        findings.add(by_host(line, &id));
        match &issuer {
            Some(issuer) if issuer.value.get("revocationList").is_some() => self.check_revocation_list(&served, issuer, findings),
            _ => findings.add(self.hosted_status(&url, document.fetched)),
        }
        self.finish(&served, findings);
    }

    /// What the file says and the host does not: the first member that differs. The class and the issuer, which the one may embed and the
    /// other link, must agree as well, so that nothing in a picture can be changed unseen (security.md, V01).
    fn disagreement(&self, file: &Value, served: &Value, depth: usize, links: bool) -> Option<String> {
        match (file, served) {
            _ if file == served => None,
            // A host that moved to https since serves its old badges with the new addresses.
            (Value::String(ours), Value::String(theirs)) if is_same_or_moved(ours, theirs) => None,
            (Value::Object(ours), Value::Object(theirs)) => ours.iter().find_map(|(name, value)| {
                let linked = links && (name == "badge" || name == "issuer");
                let agrees = |other: &Value| match (value, other) {
                    (Value::String(ours), Value::String(theirs)) if linked || name == "id" => {
                        ours == theirs || same_place(ours, theirs)
                    }
                    _ => self.agrees(value, other, depth + 1, linked),
                };
                let is_same = name == "@context" || (depth < 8 && theirs.get(name).is_some_and(agrees));
                (!is_same).then(|| name.clone())
            }),
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                let mut pairs = ours.iter().zip(theirs);
                pairs.find_map(|(a, b)| self.disagreement(a, b, depth + 1, false))
            }
            _ => Some(String::from("/")),
        }
    }

    /// Whether two values of one member say the same, be they words, an address, or, for a class or an issuer, what lies under it.
    fn agrees(&self, ours: &Value, theirs: &Value, depth: usize, linked: bool) -> bool {
        match (ours, theirs) {
            (Value::String(id), Value::Object(_)) => id_of(theirs).is_some_and(|theirs| is_same_or_moved(id, &theirs)),
            (Value::Object(members), Value::String(id)) if id_of(ours).is_some_and(|ours| is_same_or_moved(&ours, id)) => {
                if !linked {
                    return members.keys().all(|key| key == "id" || key == "type");
                }
                let mut needs = Vec::new();
                match self.look(Need::Url(id.clone()), &mut needs) {
                    At::Hand(document, _) => {
                        content(document).is_some_and(|served| self.disagreement(ours, &served, depth, true).is_none())
                    }
                    // One that is not at hand has a line of its own, which keeps the badge from being valid.
                    _ => true,
                }
            }
            _ => self.disagreement(ours, theirs, depth, linked).is_none(),
        }
    }

    // ---- Signed (OB 2.0, 4.2) ----

    fn signed_assertion(&self, assertion: &Assertion<'_>, jws: &Jws<'_>, findings: &mut Findings) {
        let value = &assertion.value;
        let (_, issuer) = self.describe(value, assertion.version, findings);
        let algorithm = match jws.algorithm() {
            Ok(algorithm) => algorithm,
            Err(error) => {
                findings.add(super::credential::header_line(error));
                findings.say(Code::IssuerNotChecked);
                return self.finish(value, findings);
            }
        };
        let Some(issuer) = issuer else {
            findings.say(Code::IssuerNotChecked);
            findings.add(Line::new(Code::KeyMissing, [String::from("issuer")]));
            return self.finish(value, findings);
        };
        let verification = value.get("verification").or_else(|| value.get("verify")).unwrap_or(&Value::Null);
        let creator = match assertion.version {
            Version::Ob20 => verification.get("creator").and_then(id_of),
            _ => verification.get("url").and_then(Value::as_str).map(str::to_owned),
        };
        match self.key_of_profile(&issuer, creator.as_deref(), assertion.version, findings) {
            Err(line) => {
                findings.add(line);
                findings.say(Code::IssuerNotChecked);
            }
            Ok((key, tied)) => {
                let name = jws.header.get("alg").and_then(Value::as_str).unwrap_or_default().to_owned();
                let fits = jws.verify(&key, algorithm);
                findings.add(Line::new(if fits { Code::ProofVerified } else { Code::ProofMismatch }, [name]));
                let id = id_of(&issuer.value).unwrap_or_default();
                let line = self.bound(tied, &id, &key, value, &mut findings.needs);
                findings.add(line);
                findings.signer = Some(id).filter(|id| fits && !id.is_empty());
            }
        }
        self.check_revocation_list(value, &issuer, findings);
        self.finish(value, findings);
    }

    /// The key that signed, and what ties it to the issuer: its profile, served on its own address, lists the key, and the key names it
    /// as owner (OB 2.0, 4.2, steps 4 and 5).
    fn key_of_profile(
        &self,
        issuer: &Linked,
        creator: Option<&str>,
        version: Version,
        findings: &mut Findings,
    ) -> Result<(PublicKey, Line), Line> {
        let id = id_of(&issuer.value).or_else(|| issuer.url.clone()).unwrap_or_default();
        let listed = list(&issuer.value, "publicKey");
        let entry = match creator {
            Some(creator) => listed.iter().find(|key| id_of(key).is_some_and(|id| is_same_or_moved(creator, &id))),
            None => listed.first(),
        };
        let url = entry.and_then(id_of).or_else(|| creator.map(str::to_owned));
        let document;
        let (key, used) = match (entry.filter(|entry| entry.get("publicKeyPem").is_some()), url.clone()) {
            (Some(embedded), _) => (embedded, None),
            (None, Some(url)) => match self.look_at_home(Need::Url(url.clone()), &mut findings.needs) {
                At::Missing => return Err(Line::new(Code::KeyMissing, [url])),
                At::Brought(used) => return Err(Line::new(Code::KeyBrought, [url]).with(used)),
                At::Hand(served, used) => {
                    document = key_document(served);
                    (&document, Some(used))
                }
            },
            (None, None) => return Err(Line::bare(Code::KeyNotNamed)),
        };
        let name = url.clone().unwrap_or_default();
        let public = key.get("publicKeyPem").and_then(Value::as_str).and_then(PublicKey::from_pem);
        let Some(public) = public else { return Err(Line::new(Code::KeyInvalid, [name])) };
        let owner = key.get("owner").and_then(Value::as_str);
        // Before 2.0 a key is a bare file on the issuer's host, and its profile does not list it (OB 1.1, "verify").
        let early = version != Version::Ob20 && listed.is_empty();
        let tied = match () {
            () if owner.is_some_and(|owner| owner != id && !same_but_scheme(owner, &id)) => {
                Line::new(Code::IssuerMismatch, [owner.unwrap_or_default().to_owned(), id.clone()])
            }
            // A key that nobody lists may be a neighbour's on the same host.
            () if early && url.as_deref().is_some_and(|url| same_host(url, &id)) => {
                Line::new(Code::IssuerUnconfirmed, [id.clone()])
            }
            () if entry.is_none() => Line::new(Code::KeyNotAuthorised, [id.clone()]),
            () if !is_web(&id) => Line::new(Code::IssuerNotAddressable, [id.clone()]),
            () if issuer.used.is_none() => unserved(&id, &mut findings.needs),
            () => Line::new(Code::IssuerConfirmed, [id.clone()]).with(issuer.used.clone()),
        };
        Ok((public, tied.with(used)))
    }

    /// OB 2.0, 3.8; in 1.1 an object whose members are the revoked identifiers.
    fn check_revocation_list(&self, assertion: &Value, issuer: &Linked, findings: &mut Findings) {
        if !findings.has(CheckId::Proof, Status::Pass) {
            return findings.say(Code::StatusNotChecked);
        }
        let Some(url) = issuer.value.get("revocationList").and_then(id_of) else {
            return findings.say(Code::StatusNotUsed);
        };
        let line = match self.look(Need::Url(url.clone()), &mut findings.needs) {
            At::Missing => Line::new(Code::StatusMissing, [url]),
            At::Brought(used) => Line::new(Code::StatusBrought, [url]).with(used),
            At::Hand(document, used) => {
                let ids = ["id", "uid"].map(|name| assertion.get(name).and_then(Value::as_str));
                let line = status::read_ob2_list(content(document).as_ref(), ids.into_iter().flatten(), &url);
                self.age_of_list(line, document.fetched).with(used)
            }
        };
        findings.add(line);
    }

    // ---- Both ----

    /// Reads what the badge says, with its class and its issuer, and checks their members.
    fn describe(&self, assertion: &Value, version: Version, findings: &mut Findings) -> (Option<Linked>, Option<Linked>) {
        let endorsement = has_type(assertion, "Endorsement");
        let shape = match version {
            _ if endorsement => Shape::Endorsement2,
            Version::Ob05 => Shape::Assertion0,
            Version::Ob10 | Version::Ob11 => Shape::Assertion1,
            _ => Shape::Assertion2,
        };
        let mut faults = schema::faults(assertion, shape);
        let inline = list(assertion, "image").first().and_then(id_of).is_some_and(|image| image.starts_with("data:"));
        if version == Version::Ob20 && inline {
            faults.push(Line::bare(Code::InlineAssertionImage));
        }
        let linked_before = findings.lines.len();
        let class = match assertion.get("badge") {
            Some(link) if !endorsement => self.linked(link, Part::Class, version, findings),
            _ => None,
        };
        let issuer = match class.as_ref().map_or(assertion.get("issuer"), |class| class.value.get("issuer")) {
            Some(link) if version != Version::Ob05 => self.linked(link, Part::Issuer, version, findings),
            _ => None,
        };
        if faults.is_empty() && findings.lines.len() == linked_before {
            findings.say(Code::SchemaValid);
        }
        findings.lines.extend(faults);
        let badge = if endorsement {
            model::read_endorsement_v2(assertion)
        } else {
            model::read_assertion(assertion, class.as_ref().map(|it| &it.value), issuer.as_ref().map(|it| &it.value), version)
        };
        findings.badge = Some(Box::new(badge));
        self.check_assertion_validity(assertion, findings);
        (class, issuer)
    }

    /// A document that is embedded or lies under an address. One that a signed badge embeds is as signed; one on the web is as served.
    fn linked(&self, link: &Value, part: Part, version: Version, findings: &mut Findings) -> Option<Linked> {
        let url = id_of(link).filter(|url| is_web(url));
        let embedded = link.is_object() && link.get("name").is_some();
        // The served profile wins over one that stands in the badge, because it alone says whose it is.
        let wanted = url.filter(|_| !embedded || matches!(part, Part::Issuer));
        let found = match wanted {
            None if link.is_object() => Linked { value: link.clone(), url: None, used: None },
            None => {
                findings.add(Line::new(Code::LinkedDocumentInvalid, [id_of(link).unwrap_or_default()]));
                return None;
            }
            Some(url) => match self.look(Need::Url(url.clone()), &mut findings.needs) {
                At::Hand(document, used) if document.origin != Origin::Redirected || matches!(part, Part::Class) => {
                    // One that moved with its host may give its new name.
                    let may_stand = |value: &Value| document.origin == Origin::Redirected || stands_under(value, &url);
                    let Some(mut value) = content(document).filter(|value| value.is_object() && may_stand(value)) else {
                        findings.add(Line::new(Code::LinkedDocumentInvalid, [url]).with(used));
                        return None;
                    };
                    // Whatever it calls itself, it is what lies there: anybody may use any name.
                    if !is_named(&value, &url) {
                        value["id"] = Value::String(url.clone());
                    }
                    Linked { value, url: Some(url), used: Some(used) }
                }
                At::Hand(..) | At::Missing | At::Brought(_) if embedded => Linked { value: link.clone(), url: None, used: None },
                At::Hand(..) | At::Missing => {
                    findings.add(Line::new(Code::LinkedDocumentMissing, [url]));
                    return None;
                }
                At::Brought(used) => {
                    findings.add(Line::new(Code::LinkedDocumentBrought, [url]).with(used));
                    return None;
                }
            },
        };
        let shape = match (part, version) {
            (Part::Class, Version::Ob20) => Shape::Class2,
            (Part::Issuer, Version::Ob20) => Shape::Issuer2,
            (Part::Class, Version::Ob05) => return Some(found),
            (Part::Class, _) => Shape::Class1,
            (Part::Issuer, _) => Shape::Issuer1,
        };
        findings.lines.extend(schema::faults(&found.value, shape));
        Some(found)
    }

    fn check_assertion_validity(&self, assertion: &Value, findings: &mut Findings) {
        let member = |names: [&str; 2]| {
            let value = names.iter().find_map(|name| assertion.get(*name));
            Stated::read(value, time::parse_loose)
        };
        self.check_validity(&member(["issuedOn", "issued_on"]), &member(["expires", "expires"]), findings);
    }

    /// The checks that come after the proof.
    fn finish(&self, assertion: &Value, findings: &mut Findings) {
        let Some(badge) = findings.badge.clone() else { return };
        self.check_recipient(&badge, findings);
        if self.depth < MAX_NESTED {
            self.check_hosted_endorsements(assertion, findings);
        }
        self.check_trust(&badge, findings);
        self.tell_future_times(&[], findings);
    }

    /// OB 2.0, 3.9: endorsements are linked, or embedded and hosted all the same.
    fn check_hosted_endorsements(&self, assertion: &Value, findings: &mut Findings) {
        let class = assertion.get("badge").filter(|badge| badge.is_object()).unwrap_or(&Value::Null);
        let links = [list(assertion, "endorsement"), list(class, "endorsement")].concat();
        let mut reports = Vec::new();
        for link in &links {
            if !self.budget.takes_one() {
                findings.say(Code::EndorsementsLeft);
                break;
            }
            let text = match id_of(link).filter(|_| link.is_string()) {
                None => Some(link.to_string().into_bytes()),
                Some(url) => match self.look(Need::Url(url), &mut findings.needs) {
                    At::Hand(document, _) => Some(document.bytes.to_vec()),
                    _ => None,
                },
            };
            let Some(text) = text else {
                findings.add(Line::new(Code::EndorsementMissing, [id_of(link).unwrap_or_default()]));
                continue;
            };
            reports.push(self.nested(&text, Role::Endorsement));
        }
        endorsement::sum_up(reports, findings);
    }
}

/// A profile that stands in the badge itself says nothing about its issuer: its host must serve it (OB 2.0, 4.2).
fn unserved(id: &str, needs: &mut Vec<Need>) -> Line {
    if is_web(id) {
        needs.push(Need::Url(id.to_owned()));
        Line::new(Code::IssuerUnconfirmed, [id.to_owned()])
    } else {
        Line::new(Code::IssuerNotAddressable, [id.to_owned()])
    }
}

/// What a host's answer means when it is no assertion.
fn refused(document: &Document, url: &str, used: &Used) -> Option<Line> {
    let code = match document.status {
        200..=299 => return None,
        404 | 410 => Code::HostedGone,
        _ => Code::HostedMissing,
    };
    Some(Line::new(code, [url.to_owned()]).with(used.clone()))
}

fn revoked_line(served: Option<&Value>) -> Line {
    let reason = served.and_then(|served| served.get("revocationReason")).and_then(Value::as_str);
    status::revoked(reason)
}

/// A key is served as a document, or, before 2.0, as bare PEM.
fn key_document(document: &Document) -> Value {
    content(document).unwrap_or_else(|| {
        let pem = std::str::from_utf8(&document.bytes).unwrap_or_default();
        serde_json::json!({ "publicKeyPem": pem })
    })
}

fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn same_host(a: &str, b: &str) -> bool {
    !host(a).is_empty() && host(a) == host(b)
}

/// Whether a document may lie where it was found: it names itself with an address on the same host, or not at all (before 2.0), or with a
/// name that is no address and then confirms nothing.
fn stands_under(value: &Value, url: &str) -> bool {
    match value.get("id").and_then(Value::as_str) {
        Some(id) if is_web(id) => without_www(&host(id)) == without_www(&host(url)),
        _ => true,
    }
}

/// Whether a document that lies under `url` names itself so. One that came by https may say http, as old ones do.
fn is_named(document: &Value, url: &str) -> bool {
    let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
    id == url || (url.starts_with("https://") && same_but_scheme(id, url))
}

/// Whether an assertion says that it is verified by its signature.
fn is_signed(assertion: &Value) -> bool {
    let verification = assertion.get("verification").or_else(|| assertion.get("verify")).unwrap_or(&Value::Null);
    ["signed", "SignedBadge", "obi:SignedBadge"].iter().any(|kind| has_type(verification, kind))
}

/// Whether the assertion lies within what its issuer vouches for (OB 2.0, 4.1, "issuer scope"): by default its own origin.
fn scope(url: &str, class: Option<&Linked>, issuer: Option<&Linked>) -> Line {
    let Some(issuer) = issuer else { return Line::bare(Code::IssuerNotChecked) };
    let id = id_of(&issuer.value).or_else(|| issuer.url.clone()).unwrap_or_default();
    if issuer.used.is_none() {
        let code = if is_web(&id) { Code::IssuerUnconfirmed } else { Code::IssuerNotAddressable };
        return Line::new(code, [id]);
    }
    if !is_web(&id) {
        return Line::new(Code::IssuerNotAddressable, [id]).with(issuer.used.clone());
    }
    let verification = issuer.value.get("verification").unwrap_or(&Value::Null);
    let strings = |name: &str| list(verification, name).iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let (origins, prefixes) = (strings("allowedOrigins"), strings("startsWith"));
    let class_url = class.and_then(|class| class.url.clone());
    let within = |place: &str| {
        let by_origin = origins.iter().any(|origin| host(place).eq_ignore_ascii_case(origin));
        match (origins.is_empty(), prefixes.is_empty()) {
            (true, true) => same_origin(place, &id) || (same_host(place, &id) && is_default_port(place) && is_default_port(&id)),
            (false, true) => by_origin,
            (_, false) => prefixes.iter().any(|prefix| starts_with(place, prefix)) && (origins.is_empty() || by_origin),
        }
    };
    let class_fits = class_url.is_none_or(|place| same_host(&place, &id) || within(&place));
    if within(url) && class_fits {
        Line::new(Code::IssuerHosts, [id]).with(issuer.used.clone())
    } else {
        Line::new(Code::OutsideIssuerScope, [url.to_owned(), id]).with(issuer.used.clone())
    }
}

/// Old badges mix `http` and `https` of one host.
fn is_default_port(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.port().is_none())
}

/// A prefix covers whole hosts and path segments as its writer spelled them; both sides are read as addresses, so that `@`, `..` and
/// escapes cannot lead elsewhere.
fn starts_with(place: &str, prefix: &str) -> bool {
    match (url::Url::parse(place), url::Url::parse(prefix)) {
        (Ok(place), Ok(prefix)) => {
            place.username().is_empty()
                && same_host(place.as_str(), prefix.as_str())
                && place.as_str().starts_with(prefix.as_str())
        }
        _ => false,
    }
}
