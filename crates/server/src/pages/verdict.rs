//! What a verifier says about a badge that is shown here: the report of the `badge` crate, made when somebody looks, with what its issuer
//! publishes here as evidence. Nobody has to believe it: the page says how one checks for oneself.

use std::sync::Arc;

use satchel_badge::check::{Policy, check};
use satchel_badge::code::{Code, Status};
use satchel_badge::report::{Report, Verdict};
use satchel_protocol::Problem;

use super::words::Words;
use crate::api::documents;
use crate::state::{App, now};
use crate::store::award::Award;
use crate::store::{document, issuer};

/// A report, ready for a template.
pub struct Shown {
    /// The verdict as a sentence.
    pub headline: String,
    /// Its word.
    pub word: &'static str,
    /// Its state, by which it gets its shape.
    pub state: &'static str,
    /// The lines, each with the word for its state.
    pub lines: Vec<Line>,
    /// How many passed of those that were asked.
    pub count: String,
    /// When it was made.
    pub when: String,
}

/// One line of a report.
pub struct Line {
    /// Its state, by which it gets its shape.
    pub state: &'static str,
    /// The word for it.
    pub word: &'static str,
    /// What was found.
    pub text: String,
}

/// The report about an award.
///
/// # Errors
/// That too much waits, or what the database said.
pub async fn about(app: &Arc<App>, award: &Award, w: Words) -> Result<Option<Shown>, Problem> {
    let Some(form) = award.ob3.clone() else { return Ok(None) };
    let (id, time) = (award.issuer, now());
    let found = app.store.read(move |tx| Ok((issuer::get(tx, id)?, document::all(tx, id)?, issuer::keys(tx, id)?))).await?;
    let (Some(issuer), hosted, keys) = found else { return Ok(None) };
    let (checker, admits) = (Arc::clone(app), issuer.suspended.is_none());
    let report = app.pool.run(move || {
        let evidence = documents::evidence(&checker, &issuer.did, hosted, &keys, time);
        check(&form, &evidence, &Policy::default(), time).into_iter().next()
    });
    let Some(report) = report.await? else { return Ok(None) };
    let name = issuer_of(&report);
    let called = app.store.read(move |tx| Ok(issuer::called_by(tx, id, &name)?)).await?;
    let by = if app.settings.operator.is_empty() { &app.settings.name } else { &app.settings.operator };
    Ok(Some(shown(&report, w, award.revoked.is_some(), &called, admits.then_some(by))))
}

/// A report about a badge of whoever is called so; `by` names who admitted the issuer here, if somebody did: that is all the vouching that this server can tell of.
fn shown(report: &Report, w: Words, revoked: bool, called: &str, by: Option<&String>) -> Shown {
    let by = by.filter(|_| report.verdict == Verdict::Valid && report.is_only_intact());
    let (state, word) = match report.verdict {
        Verdict::Invalid => ("bad", w.verdict_invalid()),
        Verdict::Undecided | Verdict::NoBadge => ("unknown", w.verdict_undecided()),
        Verdict::Valid if report.is_only_intact() => ("intact", w.verdict_intact()),
        Verdict::Valid => ("good", w.verdict_valid()),
    };
    let of = |status: Status| match status {
        Status::Pass => ("good", w.line_pass()),
        Status::Fail => ("bad", w.line_fail()),
        Status::Unknown => ("unknown", w.line_unknown()),
        Status::Skipped => ("skipped", w.line_skipped()),
    };
    let lines: Vec<Line> = report
        .lines
        .iter()
        .map(|line| {
            let (state, word) = of(line.code.status());
            match by {
                Some(by) if line.code == Code::UntrustedIssuer => {
                    Line { state: "good", word: w.line_pass(), text: w.fill(w.admitted_here(), &[by]) }
                }
                _ => Line { state, word, text: line.message(w.0) },
            }
        })
        .collect();
    let passed = lines.iter().filter(|line| line.state == "good").count();
    let asked = lines.iter().filter(|line| line.state != "skipped").count();
    // A list that says so may have come after the last look of the report's own evidence.
    let (state, word) = if revoked { ("bad", w.verdict_invalid()) } else { (state, word) };
    Shown {
        headline: if revoked && state == "bad" && report.verdict != Verdict::Invalid {
            w.revoked().to_owned()
        } else if let Some(by) = by {
            w.fill(w.intact_admitted(), &[called, by])
        } else {
            report.headline(w.0)
        },
        word,
        state,
        count: w.fill(w.passed_of(), &[&passed.to_string(), &asked.to_string()]),
        when: w.date(now()),
        lines,
    }
}

/// Whom a badge calls its issuer.
fn issuer_of(report: &Report) -> String {
    let issuer = report.badge.as_ref().and_then(|badge| badge.issuer.as_ref());
    issuer.and_then(|issuer| issuer.name.clone().or_else(|| issuer.id.clone())).unwrap_or_default()
}
