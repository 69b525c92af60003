//! What the page says of one badge. Everything from a badge is text here, and its addresses too: a report travels, and one click on
//! what a stranger wrote is one too many.

use std::collections::BTreeSet;
use std::fmt::Write;

use askama::Template;
use satchel_badge::code::Status;
use satchel_badge::evidence::Need;
use satchel_badge::model::{Badge, Identity, Recipient};
use satchel_badge::report::{Line, Report, Used};
use satchel_badge::words::Language;
use serde_json::Value;

use super::words::{self, Words, lines, plain, time, with};
use crate::State;

/// Characters of a name, of an address and of a text, and bytes of a credential.
const NAME: usize = 400;
const ADDRESS: usize = 4_000;
const TEXT: usize = 2_000;
const CREDENTIAL: usize = 20_000;
/// A longer text in a credential, such as a picture, is cut, so that what follows is seen.
const CREDENTIAL_TEXT: usize = 1_000;
/// Lines, documents, pieces of evidence or endorsements of one badge.
const MANY: usize = 60;

/// How a kind of verdict looks; the same name is its class, its shape and the anchor of its group.
pub const fn look(state: State) -> &'static str {
    match state {
        State::Valid => "valid",
        State::Intact => "intact",
        State::Invalid => "not-valid",
        State::Undecided => "undecided",
        State::NoBadge => "no-badge",
    }
}

const fn look_of_line(status: Status) -> &'static str {
    match status {
        Status::Pass => "valid",
        Status::Fail => "not-valid",
        Status::Unknown => "undecided",
        Status::Skipped => "no-badge",
    }
}

/// One line of the page.
#[derive(Template)]
#[template(path = "report-badge.html")]
pub struct Row {
    words: &'static Words,
    look: &'static str,
    title: String,
    issuer: Option<String>,
    path: String,
    part: Option<String>,
    sentence: Sentence,
    detail: Option<Detail>,
}

/// A headline; its first word, which is that of the verdict, stands out.
struct Sentence {
    verdict: &'static str,
    rest: String,
}

/// What a badge unfolds into.
struct Detail {
    facts: Vec<Fact>,
    checks: Vec<Check>,
    more_checks: Option<String>,
    settle: Vec<String>,
    is_undecided: bool,
    nested: Vec<Nested>,
    more_nested: Option<String>,
    raw: Option<Raw>,
}

struct Fact {
    label: &'static str,
    text: Vec<String>,
    code: Vec<String>,
}

struct Check {
    look: &'static str,
    status: &'static str,
    name: &'static str,
    message: String,
    code: &'static str,
    clause: &'static str,
    evidence: Vec<String>,
}

struct Nested {
    look: &'static str,
    title: String,
    sentence: Sentence,
}

struct Raw {
    text: String,
    is_cut: bool,
}

impl Row {
    pub fn new(path: &str, report: &Report, parts: usize, language: Language, in_full: bool) -> Self {
        let words = Words::of(language);
        let of = [report.part + 1, parts].map(|number| words::number(number, language));
        Self {
            words,
            look: look(State::of(report)),
            title: title(report, words).unwrap_or_else(|| plain(path.rsplit('/').next().unwrap_or(path), NAME)),
            issuer: issuer(report),
            path: plain(path, ADDRESS),
            part: (parts > 1).then(|| satchel_badge::words::fill(words.part, &of)),
            sentence: Sentence::of(report, language),
            detail: in_full.then(|| Detail::of(report, words, language)),
        }
    }
}

impl Sentence {
    fn of(report: &Report, language: Language) -> Self {
        let (verdict, headline) = (State::of(report).word(language), report.headline(language));
        match headline.strip_prefix(verdict) {
            Some(rest) => Self { verdict, rest: rest.to_owned() },
            None => Self { verdict, rest: format!(". {headline}") },
        }
    }
}

/// The name; none when there is no badge to be named.
fn title(report: &Report, words: &'static Words) -> Option<String> {
    let badge = report.badge.as_deref()?;
    let name = badge.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    Some(name.map_or_else(|| words.no_name.to_owned(), |name| plain(name, NAME)))
}

fn issuer(report: &Report) -> Option<String> {
    let issuer = report.badge.as_deref()?.issuer.as_ref()?;
    issuer.name.as_ref().or(issuer.id.as_ref()).map(|name| plain(name, NAME))
}

impl Detail {
    fn of(report: &Report, words: &'static Words, language: Language) -> Self {
        let mut nested = Vec::new();
        add_nested(&mut nested, report, words, language);
        let more = |count: usize| {
            let more = count.saturating_sub(MANY);
            (more > 0).then(|| with(words.more, words::number(more, language)))
        };
        // What its endorsements lack does not decide about the badge.
        let needs: BTreeSet<&str> = deciding(report).into_iter().map(Need::key).collect();
        let more_nested = more(nested.len());
        nested.truncate(MANY);
        Self {
            facts: facts(report, words, language),
            checks: report.lines.iter().take(MANY).map(|line| Check::of(line, language)).collect(),
            more_checks: more(report.lines.len()),
            settle: needs.into_iter().take(MANY).map(|key| plain(key, ADDRESS)).collect(),
            is_undecided: State::of(report) == State::Undecided,
            nested,
            more_nested,
            raw: report.badge.as_deref().map(|badge| Raw::of(&badge.data)),
        }
    }
}

impl Check {
    fn of(line: &Line, language: Language) -> Self {
        let status = line.code.status();
        Self {
            look: look_of_line(status),
            status: words::status(status, language),
            name: words::check(line.code.check(), language),
            message: line.message(language),
            code: line.code.name(),
            clause: line.code.clause(),
            evidence: line.evidence.iter().take(MANY).map(|used| document(used, language)).collect(),
        }
    }
}

/// What would settle the report, with what would settle those that it is worth no more than.
fn deciding(report: &Report) -> Vec<&Need> {
    report.needs.iter().chain(report.bundled().flat_map(deciding)).collect()
}

/// A document that a line rests on.
fn document(used: &Used, language: Language) -> String {
    let when = used.fetched.map(|fetched| format!(", {}", time(fetched, language))).unwrap_or_default();
    let sha256 = used.sha256.get(..12).unwrap_or(&used.sha256);
    format!("{} ({}{when}; SHA-256 {sha256}…)", plain(&used.source, ADDRESS), words::origin(used.origin, language))
}

/// The reports in `report`, at every depth, each with a verdict of its own.
fn add_nested(out: &mut Vec<Nested>, report: &Report, words: &'static Words, language: Language) {
    for nested in &report.nested {
        let name = title(nested, words).unwrap_or_default();
        let title = issuer(nested).map_or_else(|| name.clone(), |issuer| format!("{name} ({issuer})"));
        out.push(Nested { look: look(State::of(nested)), title, sentence: Sentence::of(nested, language) });
        add_nested(out, nested, words, language);
    }
}

fn facts(report: &Report, words: &'static Words, language: Language) -> Vec<Fact> {
    let Some(badge) = report.badge.as_deref() else { return Vec::new() };
    let text = |text: &Option<String>| text.iter().map(|text| lines(text, TEXT)).collect();
    let address = |address: &Option<String>| address.iter().map(|address| plain(address, ADDRESS)).collect();
    let fact = |label, text: Vec<String>, code: Vec<String>| Fact { label, text, code };
    let issuer = badge.issuer.clone().unwrap_or_default();
    let achievement = badge.achievement.clone().unwrap_or_default();
    let expires = badge.expires.map_or_else(|| words.no_expiry.to_owned(), |expires| time(expires, language));
    let facts = [
        fact(words.issuer, text(&issuer.name), address(&issuer.id)),
        fact(words.signer, Vec::new(), address(&report.signer.clone().filter(|signer| Some(signer) != issuer.id.as_ref()))),
        recipient(&badge.recipient, words),
        fact(words.issued, badge.issued_on.map(|issued| time(issued, language)).into_iter().collect(), Vec::new()),
        fact(words.expires, vec![expires], Vec::new()),
        fact(words.format, vec![format!("{}, {}", badge.version, words::format(report.format, language))], Vec::new()),
        fact(words.description, text(&achievement.description.or_else(|| badge.description.clone())), Vec::new()),
        fact(words.criteria, text(&achievement.criteria), address(&achievement.criteria_url)),
        fact(words.narrative, text(&badge.narrative), Vec::new()),
        evidence(badge, words),
        fact(words.results, results(badge), Vec::new()),
    ];
    facts.into_iter().filter(|fact| !fact.text.is_empty() || !fact.code.is_empty()).collect()
}

/// To whom, as stated.
fn recipient(recipient: &Recipient, words: &'static Words) -> Fact {
    let hidden = |identity: &Identity| {
        let algorithm = identity.value.split_once('$').map_or("?", |(algorithm, _)| algorithm);
        with(words.hashed, algorithm)
    };
    let open = recipient.identities.iter().take(MANY).filter(|identity| !identity.hashed);
    let hashed = recipient.identities.iter().take(MANY).filter(|identity| identity.hashed);
    let mut text: Vec<String> = recipient.name.iter().map(|name| plain(name, NAME)).collect();
    text.extend(open.map(|identity| plain(&identity.value, NAME)));
    text.extend(hashed.map(hidden));
    let code: Vec<String> = recipient.id.iter().map(|id| plain(id, ADDRESS)).collect();
    if text.is_empty() && code.is_empty() {
        text.push(words.not_stated.to_owned());
    }
    Fact { label: words.recipient, text, code }
}

fn evidence(badge: &Badge, words: &'static Words) -> Fact {
    let pieces = || badge.evidence.iter().take(MANY);
    let texts = pieces().flat_map(|piece| [&piece.name, &piece.narrative, &piece.description]).flatten();
    let text = texts.map(|text| lines(text, TEXT)).collect();
    let code = pieces().filter_map(|piece| piece.url.as_ref()).map(|url| plain(url, ADDRESS)).collect();
    Fact { label: words.evidence, text, code }
}

fn results(badge: &Badge) -> Vec<String> {
    let result = |name: &Option<String>, value: &Option<String>| {
        let parts: Vec<String> = [name, value].into_iter().flatten().map(|part| plain(part, NAME)).collect();
        parts.join(": ")
    };
    let results = badge.results.iter().take(MANY);
    let results = results.map(|entry| result(&entry.name, &entry.value.clone().or_else(|| entry.status.clone())));
    results.filter(|result| !result.is_empty()).collect()
}

impl Raw {
    fn of(data: &Value) -> Self {
        let mut data = data.clone();
        let mut is_cut = shorten(&mut data);
        let whole = format!("{data:#}");
        let mut text = String::with_capacity(whole.len().min(CREDENTIAL));
        for c in whole.chars() {
            if text.len() >= CREDENTIAL {
                is_cut = true;
                text.push('…');
                break;
            }
            push_visible(&mut text, c);
        }
        Self { text, is_cut }
    }
}

/// A character that a page would not show as it stands is written as JSON may write it.
fn push_visible(text: &mut String, c: char) {
    let is_shown = c == '\n' || c.is_ascii_graphic() || c == ' ' || with("{0}", c).starts_with(c);
    if is_shown {
        text.push(c);
    } else {
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
}

/// Cuts long texts, and says whether there was one.
fn shorten(value: &mut Value) -> bool {
    match value {
        Value::String(text) => {
            let end = text.char_indices().nth(CREDENTIAL_TEXT).map(|(end, _)| end);
            if let Some(end) = end {
                text.truncate(end);
                text.push('…');
            }
            end.is_some()
        }
        Value::Array(values) => values.iter_mut().fold(false, |cut, value| shorten(value) | cut),
        Value::Object(members) => members.values_mut().fold(false, |cut, value| shorten(value) | cut),
        _ => false,
    }
}
