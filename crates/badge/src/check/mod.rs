//! The checks, in their order. Verification is a function of the bytes, the evidence at hand, the policy and the time; what it lacks it
//! names. Nothing is fetched here, and a failed check is a line of the report, never an error.

mod assertion;
mod bound;
mod bundle;
mod credential;
mod endorsement;
mod issuer;
mod payload;
mod schema;
mod validity;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::{CheckId, Code, Status};
use crate::confusable;
use crate::container::{self, Embedded, Format, Keyword, Opened};
use crate::evidence::{Evidence, Found as Lookup, Need, Origin};
use crate::json;
use crate::limits::{MAX_BUNDLED_IN_ALL, MAX_JSON_VALUES, MAX_LISTS_IN_ALL, MAX_NESTED_IN_ALL};
use crate::model::{self, Badge};
use crate::rdf::Effort;
use crate::report::{Line, Relation, Report, Used, Verdict};
use crate::{status, succession};
pub(crate) use issuer::{is_web, same_but_scheme};
use payload::{Assertion, Credential, Payload};

/// Whom the verifier trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Issuers, by identifier.
    pub issuers: Vec<TrustedIssuer>,
}

/// An issuer whom the verifier trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedIssuer {
    /// Its DID or address, as badges name it.
    pub id: String,
    /// The name under which the verifier knows it.
    #[serde(default)]
    pub name: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// The hash of the key that the issuer announced as its next one: when that key issues, it is trusted as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What the verifier demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The person the badge should have been given to: an e-mail address or another identifier.
    pub recipient: Option<String>,
    /// The addresses of the account through which the badge came, one of which it should have been given to. They may not be all that its owner
    /// ever had, so that none of them fits decides nothing.
    pub addresses: Vec<String>,
    /// Whom the verifier trusts.
    pub trust: Trust,
    /// Whether an issuer whom nobody trusted vouches for leaves the badge undecided.
    pub require_trust: bool,
    /// How old a status may be.
    pub max_status_age: SignedDuration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            recipient: None,
            addresses: Vec::new(),
            trust: Trust::default(),
            require_trust: false,
            max_status_age: SignedDuration::from_hours(90 * 24),
        }
    }
}

/// Checks every credential in `bytes`: one report each, in the order in which they stand.
///
/// ```
/// use satchel_badge::{check::{Policy, check}, evidence::Evidence, report::Verdict};
/// let reports = check(b"no badge", &Evidence::default(), &Policy::default(), jiff::Timestamp::UNIX_EPOCH);
/// assert_eq!(reports[0].verdict, Verdict::NoBadge);
/// ```
pub fn check(bytes: &[u8], evidence: &Evidence, policy: &Policy, now: Timestamp) -> Vec<Report> {
    check_opened(&container::open_bytes(bytes), evidence, policy, now)
}

/// As [`check`], of a file that is open already.
pub fn check_opened(opened: &Opened, evidence: &Evidence, policy: &Policy, now: Timestamp) -> Vec<Report> {
    let budget = Budget::new();
    let checker = Checker { evidence, policy, now, depth: 0, role: Role::File, budget: &budget };
    if opened.embedded.is_empty() {
        let findings = Findings { lines: opened.lines.clone(), ..Findings::default() };
        return vec![findings.into_report(opened.format, policy)];
    }
    let parts = opened.embedded.iter().enumerate();
    parts.map(|(part, embedded)| Report { part, ..checker.embedded(opened.format, embedded) }).collect()
}

/// What `check` would need to know more: URLs and DIDs that are not in `evidence`.
pub fn needs(bytes: &[u8], evidence: &Evidence, policy: &Policy) -> Vec<Need> {
    needs_opened(&container::open_bytes(bytes), evidence, policy)
}

/// As [`needs`], of a file that is open already.
pub fn needs_opened(opened: &Opened, evidence: &Evidence, policy: &Policy) -> Vec<Need> {
    let reports = check_opened(opened, evidence, policy, Timestamp::UNIX_EPOCH);
    let mut needs: Vec<Need> = reports.iter().flat_map(Report::all_needs).cloned().collect();
    needs.sort();
    needs.dedup();
    needs
}

/// What a text is, for whoever bakes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadKind {
    /// A verifiable credential, as Open Badges 3.0 has it.
    Credential,
    /// An assertion of Open Badges 2.0 or earlier.
    Assertion,
}

/// What `text` is.
///
/// # Errors
/// The finding that says why it is neither.
pub fn payload_kind(text: &[u8]) -> Result<PayloadKind, Line> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    match payload::read(text, None)? {
        Payload::Credential(_) => Ok(PayloadKind::Credential),
        Payload::Assertion(_) => Ok(PayloadKind::Assertion),
        Payload::Url(_) | Payload::Envelope(_) => Err(Line::bare(Code::UnknownPayload)),
    }
}

/// What a credential says, with nothing of it checked and without its `data`: for whoever shows again what was checked when it came.
/// None for what is no verifiable credential.
pub fn read_unchecked(text: &[u8]) -> Option<Badge> {
    match payload::read(text, None).ok()? {
        Payload::Credential(Credential { value, version, .. }) => Some(model::read_credential(&value, version)),
        // There is no envelope in an envelope.
        Payload::Envelope(token) => match payload::read(token.as_bytes(), None).ok()? {
            Payload::Credential(Credential { value, version, .. }) => Some(model::read_credential(&value, version)),
            _ => None,
        },
        Payload::Assertion(_) | Payload::Url(_) => None,
    }
}

/// What is wrong with the members of a credential or assertion that is about to be signed; nothing for one in order.
pub(crate) fn faults_of(value: &Value) -> Vec<Line> {
    match payload::classify(value.clone(), None) {
        Ok(Payload::Credential(credential)) => schema::faults(value, schema::Shape::of_credential(value, credential.version)),
        Ok(Payload::Assertion(_)) => schema::faults(value, schema::Shape::Assertion2),
        Ok(Payload::Url(_) | Payload::Envelope(_)) => vec![Line::bare(Code::NotABadge)],
        Err(line) => vec![line],
    }
}

/// What a check works with.
#[derive(Clone, Copy)]
pub(crate) struct Checker<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) policy: &'a Policy,
    pub(crate) now: Timestamp,
    /// How many credentials this one stands in.
    pub(crate) depth: usize,
    pub(crate) role: Role,
    pub(crate) budget: &'a Budget,
}

/// As what a credential is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It stands in the file.
    File,
    /// Another credential bundles it.
    Bundled,
    /// It speaks about another one.
    Endorsement,
    /// It is a list of statuses, which has none itself.
    List,
}

impl Role {
    /// Whether it is somebody's award, of which it is asked whose it is and who vouches for its issuer.
    const fn is_award(self) -> bool {
        matches!(self, Self::File | Self::Bundled)
    }

    const fn relation(self) -> Option<Relation> {
        match self {
            Self::File | Self::List => None,
            Self::Bundled => Some(Relation::Bundled),
            Self::Endorsement => Some(Relation::Endorsement),
        }
    }
}

/// What one file may still cost, all that stands in it included, and what was read once for all of it.
pub(crate) struct Budget {
    nested: Cell<usize>,
    bundled: Cell<usize>,
    /// JSON values of what stands in the credentials of the file.
    values: Cell<usize>,
    pub(crate) effort: Effort,
    lists: RefCell<HashMap<String, Option<Rc<status::List>>>>,
    list_bytes: Cell<usize>,
}

impl Budget {
    fn new() -> Self {
        Self {
            nested: Cell::new(MAX_NESTED_IN_ALL),
            bundled: Cell::new(MAX_BUNDLED_IN_ALL),
            values: Cell::new(MAX_JSON_VALUES),
            effort: Effort::default(),
            lists: RefCell::default(),
            list_bytes: Cell::new(MAX_LISTS_IN_ALL),
        }
    }

    /// Whether one more endorsement may be looked at.
    pub(crate) fn takes_one(&self) -> bool {
        self.take(&self.nested)
    }

    /// Whether one more credential of a bundle may be looked at.
    pub(crate) fn takes_bundled(&self) -> bool {
        self.take(&self.bundled)
    }

    fn take(&self, of: &Cell<usize>) -> bool {
        let left = of.get();
        of.set(left.saturating_sub(1));
        left > 0 && self.values.get() > 0
    }

    fn spend_values(&self, value: &Value) {
        self.values.set(self.values.get().saturating_sub(json::values(value)));
    }

    /// The list under `url`, read when it is asked for first; none when the lists of this file have become too large to keep.
    pub(crate) fn list(&self, url: &str, read: impl FnOnce() -> status::List) -> Option<Rc<status::List>> {
        if let Some(known) = self.lists.borrow().get(url) {
            return known.clone();
        }
        let list = Some(Rc::new(read())).filter(|list| {
            let left = self.list_bytes.get().checked_sub(list.size());
            self.list_bytes.set(left.unwrap_or_default());
            left.is_some()
        });
        self.lists.borrow_mut().insert(url.to_owned(), list.clone());
        list
    }
}

/// What was found so far about one credential.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) lines: Vec<Line>,
    pub(crate) needs: Vec<Need>,
    pub(crate) nested: Vec<Report>,
    pub(crate) badge: Option<Box<Badge>>,
    pub(crate) signer: Option<String>,
    pub(crate) trusted: Option<String>,
}

impl Findings {
    pub(crate) fn say(&mut self, code: Code) {
        self.lines.push(Line::bare(code));
    }

    pub(crate) fn add(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(crate) fn has(&self, check: CheckId, status: Status) -> bool {
        self.lines.iter().any(|line| line.code.check() == check && line.code.status() == status)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.lines.iter().any(|line| line.code.status() == Status::Fail)
    }

    fn into_report(mut self, format: Format, policy: &Policy) -> Report {
        self.lines.sort_by_key(|line| line.code.check());
        self.needs.sort();
        self.needs.dedup();
        for (part, nested) in self.nested.iter_mut().enumerate() {
            nested.part = part;
        }
        Report {
            part: 0,
            relation: None,
            format,
            verdict: verdict(&self.lines, policy),
            lines: self.lines,
            badge: self.badge,
            signer: self.signer,
            trusted: self.trusted,
            nested: self.nested,
            needs: self.needs,
        }
    }
}

/// What follows from the lines (design.md, "Verdicts"). A badge is valid when nothing failed, nothing demanded is unknown, and what
/// every badge must pass was passed.
fn verdict(lines: &[Line], policy: &Policy) -> Verdict {
    if lines.iter().any(|line| line.code.status() == Status::Fail) {
        return Verdict::Invalid;
    }
    let nothing = |line: &Line| line.code.check() == CheckId::Container && line.code.status() == Status::Unknown;
    if lines.iter().any(nothing) {
        return Verdict::NoBadge;
    }
    let is_demanded = |line: &Line| line.code.check() != CheckId::Trust || policy.require_trust;
    let passed = |check: CheckId| lines.iter().any(|line| line.code.check() == check && line.code.status() == Status::Pass);
    let must_pass = [CheckId::Container, CheckId::Schema, CheckId::Issuer, CheckId::Proof, CheckId::Validity];
    let unknown = lines.iter().any(|line| line.code.status() == Status::Unknown && is_demanded(line));
    if unknown || !must_pass.into_iter().all(passed) { Verdict::Undecided } else { Verdict::Valid }
}

/// A document that was looked for.
pub(crate) enum At<'a> {
    /// It is at hand.
    Hand(&'a crate::evidence::Document, Used),
    /// It came along with a badge.
    Brought(Used),
    /// It is not at hand.
    Missing,
}

impl<'a> Checker<'a> {
    /// Looks for a document; what is missing becomes a need.
    pub(crate) fn look(&self, need: Need, needs: &mut Vec<Need>) -> At<'a> {
        match self.evidence.find(need.key()) {
            Lookup::Document(document) => At::Hand(document, document.used(need.key())),
            Lookup::OnlyBrought(document) => {
                let used = document.used(need.key());
                needs.push(need);
                At::Brought(used)
            }
            Lookup::Missing => {
                needs.push(need);
                At::Missing
            }
        }
    }

    /// As [`Self::look`], for a document that is to confirm who owns its address: one that came from another host does not.
    pub(crate) fn look_at_home(&self, need: Need, needs: &mut Vec<Need>) -> At<'a> {
        match self.look(need, needs) {
            At::Hand(document, _) if document.origin == Origin::Redirected => At::Missing,
            other => other,
        }
    }

    fn embedded(&self, format: Format, embedded: &Embedded) -> Report {
        let mut findings = Findings { lines: embedded.lines.clone(), ..Findings::default() };
        if !embedded.text.is_empty() || !findings.has_failed() {
            self.text(&embedded.text, embedded.keyword, &mut findings);
        }
        Report { relation: self.role.relation(), ..findings.into_report(format, self.policy) }
    }

    fn text(&self, text: &[u8], keyword: Option<Keyword>, findings: &mut Findings) {
        match payload::read(text, keyword) {
            // There is no envelope in an envelope.
            Ok(Payload::Envelope(token)) => self.text(token.as_bytes(), None, findings),
            Ok(payload) => self.payload(payload, findings),
            Err(line) => findings.add(line),
        }
    }

    fn payload(&self, payload: Payload<'_>, findings: &mut Findings) {
        if !findings.has_failed() {
            findings.say(Code::ContainerRead);
        }
        match &payload {
            Payload::Credential(Credential { value, .. }) | Payload::Assertion(Assertion { value, .. }) if self.depth > 0 => {
                self.budget.spend_values(value);
            }
            _ => {}
        }
        match payload {
            Payload::Credential(credential) => self.credential(credential, findings),
            Payload::Assertion(assertion) => self.assertion(&assertion, findings),
            Payload::Url(url) => self.hosted_link(url, findings),
            Payload::Envelope(_) => findings.say(Code::UnknownPayload),
        }
    }

    /// A credential that stands in another one, or is a status list.
    pub(crate) fn nested(&self, text: &[u8], role: Role) -> Report {
        let format = if text.first() == Some(&b'{') { Format::Json } else { Format::Jws };
        let inner = Checker { depth: self.depth + 1, role, ..*self };
        inner.embedded(format, &Embedded { keyword: None, text: text.to_vec(), lines: Vec::new() })
    }

    /// The recipient, when somebody asked (OB 3.0, 6.6).
    fn check_recipient(&self, badge: &Badge, findings: &mut Findings) {
        if !self.role.is_award() {
            return;
        }
        // What a badge bundles is its issuer's choice, not that of whoever sent the badge.
        let addresses = if self.role == Role::File { self.policy.addresses.as_slice() } else { &[] };
        let (code, asked, otherwise) = match &self.policy.recipient {
            Some(who) => (Code::RecipientMismatch, std::slice::from_ref(who), who.clone()),
            None => (Code::RecipientNotYours, addresses, addresses.join(", ")),
        };
        findings.add(match asked.iter().find(|who| badge.recipient.is(who)) {
            _ if asked.is_empty() => Line::bare(Code::RecipientNotAsked),
            Some(who) => Line::new(Code::RecipientMatches, [who.clone()]),
            None if !badge.recipient.is_stated() => Line::new(Code::RecipientUnstated, [otherwise]),
            None => Line::new(code, [otherwise]),
        });
    }

    /// Whether the verifier trusts the issuer; asked only of one that the key was tied to.
    fn check_trust(&self, badge: &Badge, findings: &mut Findings) {
        if !self.role.is_award() {
            return;
        }
        // The identifier that the issuer check confirmed, never one that is read from the badge once more.
        let is_confirmed = |line: &&Line| line.code.check() == CheckId::Issuer && line.code.status() == Status::Pass;
        let confirmed = findings.lines.iter().find(is_confirmed).and_then(|line| line.details.first()).cloned();
        let shown = badge.issuer.as_ref().and_then(|issuer| issuer.id.clone());
        let id = confirmed.filter(|id| shown.as_ref() == Some(id));
        let trusted = self.policy.trust.issuers.iter().find(|trusted| Some(&trusted.id) == id.as_ref());
        if let Some(trusted) = trusted {
            let name = trusted.name.clone().unwrap_or_else(|| trusted.id.clone());
            findings.add(Line::new(Code::TrustedIssuer, [name.clone()]));
            findings.trusted = Some(name);
            return;
        }
        let follows = |trusted: &&TrustedIssuer| {
            let next = trusted.next.as_deref();
            next.is_some_and(|next| id.as_ref().is_some_and(|id| succession::is_announced(id, next)))
        };
        if let Some(trusted) = self.policy.trust.issuers.iter().find(follows) {
            let name = trusted.name.clone().unwrap_or_else(|| trusted.id.clone());
            findings.add(Line::new(Code::TrustedSuccessor, [name.clone()]));
            findings.trusted = Some(name);
            return;
        }
        findings.say(Code::UntrustedIssuer);
        let name = badge.issuer.as_ref().and_then(|issuer| issuer.name.as_deref()).unwrap_or_default();
        if let Some(other) = confusable::taken_for(name, shown.as_deref(), &self.policy.trust) {
            findings.add(Line::new(Code::LooksLikeTrusted, [name.to_owned(), other.name.clone().unwrap_or_default()]));
        }
    }
}
