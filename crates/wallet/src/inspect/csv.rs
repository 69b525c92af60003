//! A table for a spreadsheet. Text from a badge that a spreadsheet would run as a formula is made plain text (security.md, S11).

use std::io::{self, Write};

use satchel_badge::model::Recipient;
use satchel_badge::report::Report;
use satchel_badge::words::Language;

use super::report::shown;
use super::{Checked, End, Sink};

/// A report for a spreadsheet: a row for each badge, under named columns.
pub struct Csv<W: Write> {
    out: ::csv::Writer<W>,
    language: Language,
}

const HEAD: [&str; 14] = [
    "path",
    "part",
    "format",
    "verdict",
    "trusted",
    "name",
    "issuer",
    "issuer_id",
    "recipient",
    "issued_on",
    "expires",
    "signer",
    "code",
    "message",
];

impl<W: Write> Csv<W> {
    /// Writes to `out`, beginning with the names of the columns.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn new(out: W, language: Language) -> io::Result<Self> {
        let mut out = ::csv::Writer::from_writer(out);
        out.write_record(HEAD)?;
        Ok(Self { out, language })
    }

    fn row(&self, path: &str, report: &Report) -> [String; 14] {
        let badge = report.badge.as_deref();
        let issuer = badge.and_then(|badge| badge.issuer.as_ref());
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        let reason = report.reasons().next();
        let cells = [
            path.to_owned(),
            report.part.to_string(),
            report.format.name().to_owned(),
            report.verdict.name().to_owned(),
            text(report.trusted.as_ref()),
            text(badge.and_then(|badge| badge.name.as_ref())),
            text(issuer.and_then(|issuer| issuer.name.as_ref())),
            text(issuer.and_then(|issuer| issuer.id.as_ref())),
            badge.map(|badge| recipient(&badge.recipient)).unwrap_or_default(),
            time(badge.and_then(|badge| badge.issued_on)),
            time(badge.and_then(|badge| badge.expires)),
            text(report.signer.as_ref()),
            reason.map(|line| line.code.name().to_owned()).unwrap_or_default(),
            report.headline(self.language),
        ];
        cells.map(|cell| plain(&cell))
    }
}

/// The recipient as stated; of one that is hidden behind a hash only that.
fn recipient(recipient: &Recipient) -> String {
    let plain = recipient.identities.iter().find(|identity| !identity.hashed).map(|identity| identity.value.clone());
    let hidden = recipient.identities.first().map(|_| String::from("(hashed)"));
    recipient.name.clone().or_else(|| recipient.id.clone()).or(plain).or(hidden).unwrap_or_default()
}

/// A cell that neither runs nor steers: what spreadsheets take for the beginning of a formula gets an apostrophe in front, and what
/// terminals take for an order is taken out.
pub(crate) fn plain(cell: &str) -> String {
    let is_formula = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(['=', '+', '-', '@']);
    let cell: String = satchel_badge::words::plain(cell).collect();
    if is_formula { format!("'{cell}") } else { cell }
}

impl<W: Write> Sink for Csv<W> {
    type Out = W;

    fn write(&mut self, checked: &Checked) -> io::Result<()> {
        let path = shown(&checked.source.path);
        for report in &checked.reports {
            let row = self.row(&path, report);
            self.out.write_record(&row)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &End<'_>) -> io::Result<W> {
        self.out.into_inner().map_err(::csv::IntoInnerError::into_error)
    }
}
