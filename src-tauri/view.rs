//! Reports and badges as the window shows them. Pure: no wallet, no clock, no decision about a badge; text of a badge stays text.

use std::collections::BTreeSet;

use jiff::Timestamp;
use satchel_badge::check::Trust;
use satchel_badge::code::Status;
use satchel_badge::confusable::taken_for;
use satchel_badge::evidence::Need;
use satchel_badge::model::{self, Version};
use satchel_badge::prose;
use satchel_badge::report::{self, Verdict};
use satchel_badge::words::Language;
use serde_json::Value;

use crate::ipc;
use crate::words::{self, Word};

/// Members that the view has no place for and that are shown all the same; more are left to the raw text.
const MOST_FACTS: usize = 200;

/// A report.
pub fn report(report: &report::Report, language: Language, checked: Timestamp) -> ipc::Report {
    let hosts = hosts(report);
    let hint = (!hosts.is_empty() && report.verdict == Verdict::Undecided)
        .then(|| words::filled(Word::HintConnect, language, &[hosts.join(", ")]));
    ipc::Report {
        state: satchel_wallet::State::of(report).into(),
        headline: report.headline(language),
        hint,
        signer: report.signer.clone(),
        trusted: report.trusted.clone(),
        lines: report.lines.iter().map(|it| line(it, language)).collect(),
        checked: checked.to_string(),
        hosts,
    }
}

/// The hosts of what is lacking.
fn hosts(report: &report::Report) -> Vec<String> {
    let urls = report.all_needs().into_iter().filter_map(Need::url);
    let hosts: BTreeSet<String> = urls.filter_map(|url| Some(url::Url::parse(&url).ok()?.host_str()?.to_owned())).collect();
    hosts.into_iter().collect()
}

/// The host of an address.
pub fn host(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    parsed.as_ref().and_then(url::Url::host_str).map_or_else(|| url.to_owned(), str::to_owned)
}

fn line(line: &report::Line, language: Language) -> ipc::Line {
    let status = match line.code.status() {
        Status::Pass => ipc::CheckStatus::Pass,
        Status::Fail => ipc::CheckStatus::Fail,
        Status::Unknown => ipc::CheckStatus::Unknown,
        Status::Skipped => ipc::CheckStatus::Skipped,
    };
    let used = |used: &report::Used| ipc::Used {
        source: used.source.clone(),
        sha256: used.sha256.clone(),
        fetched: used.fetched.map(|time| time.to_string()),
        origin: words::origin(used.origin, language).to_owned(),
    };
    let check = serde_json::to_value(line.code.check()).ok();
    ipc::Line {
        check: check.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
        name: words::check(line.code.check(), language).to_owned(),
        status,
        code: line.code.name().to_owned(),
        message: line.message(language),
        evidence: line.evidence.iter().map(used).collect(),
    }
}

/// The nested credentials of a report: endorsements, or the others.
pub fn nested(of: &report::Report, endorsements: bool, language: Language, checked: Timestamp) -> Vec<ipc::Nested> {
    let is_endorsement = |nested: &&report::Report| {
        let types = nested.badge.as_deref().map(|badge| badge.types.as_slice()).unwrap_or_default();
        types.iter().any(|kind| kind.contains("Endorsement")) == endorsements
    };
    let shown = |nested: &report::Report| {
        let badge = nested.badge.as_deref();
        let issuer = badge.and_then(|badge| badge.issuer.as_ref());
        ipc::Nested {
            name: badge.and_then(|badge| badge.name.clone()),
            issuer: issuer.and_then(|issuer| issuer.name.clone().or_else(|| issuer.id.clone())),
            text: read(badge.and_then(|badge| badge.narrative.clone().or_else(|| comment(&badge.data)))),
            report: report(nested, language, checked),
        }
    };
    of.nested.iter().filter(is_endorsement).map(shown).collect()
}

/// What an endorsement of Open Badges 3.0 says (OB 3.0, B.2.8: `endorsementComment`).
fn comment(endorsement: &Value) -> Option<String> {
    endorsement.get("credentialSubject")?.get("endorsementComment")?.as_str().map(str::to_owned)
}

/// A badge as a person reads it; `trust` says for whom an issuer could be taken.
pub fn badge(of: &report::Report, language: Language, checked: Timestamp, trust: &Trust) -> Option<ipc::Badge> {
    let badge = of.badge.as_deref()?;
    let achievement = badge.achievement.clone().unwrap_or_default();
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let profile = |profile: &model::Profile| ipc::Profile {
        looks_like: looks_like(profile, trust),
        id: profile.id.clone(),
        name: profile.name.clone(),
        url: profile.url.clone(),
        email: profile.email.clone(),
        description: profile.description.clone(),
    };
    Some(ipc::Badge {
        name: badge.name.clone(),
        description: read(badge.description.clone()),
        version: version(badge.version).to_owned(),
        kind: achievement.kind,
        issuer: badge.issuer.as_ref().map(profile),
        creator: achievement.creator.as_deref().map(profile),
        issued_on: time(badge.issued_on),
        awarded_on: time(badge.awarded_on),
        expires: time(badge.expires),
        recipient: Some(recipient(&badge.recipient, language)),
        criteria: read(achievement.criteria),
        criteria_url: achievement.criteria_url,
        narrative: read(badge.narrative.clone()),
        evidence: badge.evidence.iter().map(link).collect(),
        alignment: achievement.alignment.iter().map(alignment).collect(),
        results: badge.results.iter().map(result).collect(),
        tags: achievement.tags,
        endorsements: nested(of, true, language, checked),
        more: more(&badge.data),
        raw: serde_json::to_string_pretty(&badge.data).unwrap_or_default(),
    })
}

/// The trusted name that this profile could be taken for, while it is somebody else (security.md, V05).
fn looks_like(profile: &model::Profile, trust: &Trust) -> Option<String> {
    taken_for(profile.name.as_deref()?, profile.id.as_deref(), trust)?.name.clone()
}

/// A long text, read as the pages of a server read it.
fn read(text: Option<String>) -> Vec<ipc::Block> {
    text.map(|text| prose::read(&text).into_iter().map(block).collect()).unwrap_or_default()
}

fn block(of: prose::Block) -> ipc::Block {
    let line = |spans: Vec<prose::Span>| spans.into_iter().map(span).collect();
    let within = |blocks: Vec<prose::Block>| blocks.into_iter().map(block).collect();
    match of {
        prose::Block::Heading(spans) => ipc::Block::Heading { spans: line(spans) },
        prose::Block::Paragraph(spans) => ipc::Block::Paragraph { spans: line(spans) },
        prose::Block::Quote(blocks) => ipc::Block::Quote { blocks: within(blocks) },
        prose::Block::List { first, items } => ipc::Block::List { first, items: items.into_iter().map(within).collect() },
    }
}

fn span(of: prose::Span) -> ipc::Span {
    let (kind, text, url, place) = match of {
        prose::Span::Text(text) => (ipc::SpanKind::Text, text, None, None),
        prose::Span::Strong(text) => (ipc::SpanKind::Strong, text, None, None),
        prose::Span::Emphasis(text) => (ipc::SpanKind::Emphasis, text, None, None),
        prose::Span::Code(text) => (ipc::SpanKind::Code, text, None, None),
        prose::Span::Link { words, url, place } => (ipc::SpanKind::Link, words, Some(url), place),
    };
    ipc::Span { kind, text, url, place }
}

const fn version(version: Version) -> &'static str {
    match version {
        Version::Ob05 => "Open Badges 0.5",
        Version::Ob10 => "Open Badges 1.0",
        Version::Ob11 => "Open Badges 1.1",
        Version::Ob20 => "Open Badges 2.0",
        Version::Ob30Vc11 | Version::Ob30Vc20 => "Open Badges 3.0",
        Version::Vc11 => "Verifiable Credentials 1.1",
        Version::Vc20 => "Verifiable Credentials 2.0",
    }
}

fn recipient(recipient: &model::Recipient, language: Language) -> ipc::Recipient {
    let plain = recipient.identities.iter().find(|identity| !identity.hashed).map(|identity| identity.value.clone());
    let hashed = recipient.identities.iter().any(|identity| identity.hashed);
    let text = match plain.or_else(|| recipient.id.clone().filter(|_| !hashed)) {
        Some(holder) => words::filled(Word::BoundToHolder, language, &[holder]),
        None if hashed => words::of(Word::BoundToAddress, language).to_owned(),
        None => words::of(Word::BoundToNobody, language).to_owned(),
    };
    ipc::Recipient { name: recipient.name.clone(), text }
}

fn link(evidence: &model::Evidence) -> ipc::Link {
    ipc::Link {
        name: evidence.name.clone(),
        url: evidence.url.clone(),
        description: evidence.description.clone(),
        text: read(evidence.narrative.clone()),
        kind: evidence.genre.clone(),
    }
}

fn alignment(alignment: &model::Alignment) -> ipc::Alignment {
    ipc::Alignment {
        name: alignment.name.clone(),
        framework: alignment.framework.clone(),
        code: alignment.code.clone(),
        url: alignment.url.clone(),
        description: alignment.description.clone(),
    }
}

fn result(result: &model::ResultEntry) -> ipc::ResultEntry {
    ipc::ResultEntry { name: result.name.clone(), value: result.value.clone(), status: result.status.clone(), note: None }
}

/// Members that the page has a place for, or that a person cannot read.
const KNOWN: [&str; 45] = [
    "@context",
    "achievement",
    "achievementType",
    "alignment",
    "alignments",
    "awardedDate",
    "badge",
    "credentialSchema",
    "credentialStatus",
    "credentialSubject",
    "creator",
    "criteria",
    "description",
    "email",
    "endorsement",
    "endorsementJwt",
    "evidence",
    "expirationDate",
    "expires",
    "id",
    "identifier",
    "image",
    "issuanceDate",
    "issued_on",
    "issuedOn",
    "issuer",
    "name",
    "narrative",
    "proof",
    "publicKey",
    "recipient",
    "result",
    "resultDescription",
    "salt",
    "tag",
    "tags",
    "telephone",
    "type",
    "uid",
    "url",
    "validFrom",
    "validUntil",
    "verification",
    "verify",
    "vc",
];

/// Members that the view has no place for, with their path, in those objects that it looks into.
fn more(data: &Value) -> Vec<ipc::Fact> {
    let mut facts = Vec::new();
    let paths: [&[&str]; 6] =
        [&[], &["issuer"], &["credentialSubject"], &["credentialSubject", "achievement"], &["badge"], &["badge", "issuer"]];
    for path in paths {
        let found = path.iter().try_fold(data, |value, name| value.get(name));
        for (name, value) in found.and_then(Value::as_object).into_iter().flatten() {
            if !KNOWN.contains(&name.as_str()) {
                let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
                leaves(&path.join("."), value, &mut facts);
            }
        }
    }
    facts
}

fn leaves(path: &str, value: &Value, facts: &mut Vec<ipc::Fact>) {
    if facts.len() >= MOST_FACTS {
        return;
    }
    let text = match value {
        Value::Object(members) => {
            return members.iter().for_each(|(name, value)| leaves(&format!("{path}.{name}"), value, facts));
        }
        Value::Array(values) => {
            return values.iter().enumerate().for_each(|(at, value)| leaves(&format!("{path}[{at}]"), value, facts));
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    facts.push(ipc::Fact { name: path.to_owned(), value: text });
}
