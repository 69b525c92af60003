//! One line of JSON per credential.

use std::io::{self, Write};

use satchel_badge::container::Format;
use satchel_badge::evidence::Need;
use satchel_badge::model::Badge;
use satchel_badge::report::{Relation, Report, Used, Verdict};
use satchel_badge::words::Language;
use serde::Serialize;

use super::report::shown;
use super::{Checked, End, Sink};

/// A report for programs: one line of JSON per credential.
pub struct JsonLines<W> {
    out: W,
    language: Language,
}

/// A report as JSON; also a nested one, which has no path of its own.
#[derive(Serialize)]
pub struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    part: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<Relation>,
    format: Format,
    verdict: Verdict,
    message: String,
    checks: Vec<Check<'a>>,
    badge: Option<&'a Badge>,
    signer: Option<&'a str>,
    trusted: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nested: Vec<Row<'a>>,
    #[serde(skip_serializing_if = "<[Need]>::is_empty")]
    needs: &'a [Need],
}

#[derive(Serialize)]
struct Check<'a> {
    id: satchel_badge::code::CheckId,
    status: satchel_badge::code::Status,
    code: satchel_badge::code::Code,
    message: String,
    clause: &'static str,
    #[serde(skip_serializing_if = "<[Used]>::is_empty")]
    evidence: &'a [Used],
}

impl<'a> Row<'a> {
    /// That of a report; `path` is that of its file, where that is to be told.
    pub fn new(path: Option<String>, report: &'a Report, language: Language) -> Self {
        let checks = report.lines.iter().map(|line| Check {
            id: line.code.check(),
            status: line.code.status(),
            code: line.code,
            message: line.message(language),
            clause: line.code.clause(),
            evidence: &line.evidence,
        });
        Self {
            path,
            part: report.part,
            relation: report.relation,
            format: report.format,
            verdict: report.verdict,
            message: report.headline(language),
            checks: checks.collect(),
            badge: report.badge.as_deref(),
            signer: report.signer.as_deref(),
            trusted: report.trusted.as_deref(),
            nested: report.nested.iter().map(|nested| Row::new(None, nested, language)).collect(),
            needs: &report.needs,
        }
    }
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`, line by line.
    pub fn new(out: W, language: Language) -> Self {
        Self { out, language }
    }
}

impl<W: Write> Sink for JsonLines<W> {
    type Out = W;

    fn write(&mut self, checked: &Checked) -> io::Result<()> {
        for report in &checked.reports {
            let row = Row::new(Some(shown(&checked.source.path)), report, self.language);
            serde_json::to_writer(&mut self.out, &row)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &End<'_>) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
