//! The table of recipients, as a spreadsheet saves it: CSV (RFC 4180) in UTF-8, with the separator that it happens to have. It is read whole
//! before anything is signed, and every row that is not right says why.

use std::collections::HashSet;
use std::path::Path;

use csv::ByteRecord;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use satchel_badge::time::parse_strict;
use satchel_badge::words::Language;
use satchel_protocol::EmailAddress;
use satchel_protocol::achievement::{is_plain, is_web};
use satchel_protocol::proposal::Wish;
use satchel_protocol::request::Request as Asked;

use super::{DeskError, Why, Wrong};
use crate::Sha256;

/// Bytes of a table, and rows.
const MAX_BYTES: u64 = 64 << 20;
const MAX_ROWS: usize = 100_000;

/// Characters of a name, an address and a narrative.
const NAME: usize = 200;
const ADDRESS: usize = 2_000;
const NARRATIVE: usize = 10_000;

/// The columns. Only the first is needed.
const COLUMNS: [&str; 7] = ["email", "name", "issued_on", "expires", "evidence_url", "narrative", "language"];

/// Somebody who gets a badge.
#[derive(Clone)]
pub struct Recipient {
    /// The address.
    pub email: EmailAddress,
    /// The name on the badge.
    pub name: Option<String>,
    /// From when the badge is in force.
    pub issued: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// The address of what shows it.
    pub evidence: Option<String>,
    /// What this person did.
    pub narrative: Option<String>,
    /// That of the invitation, when it is not the one of the rest.
    pub language: Option<Language>,
}

/// A row.
pub struct Row {
    /// Its number in the table, of which the names of the columns are the first.
    pub line: i64,
    /// The address as it was written.
    pub email: String,
    /// Who it is, or what is not right.
    pub read: Result<Recipient, Wrong>,
}

/// A table.
pub struct Table {
    /// Its rows, but those that are empty.
    pub rows: Vec<Row>,
    /// That of the file.
    pub sha256: Sha256,
}

/// Reads the file of a table.
///
/// # Errors
/// It cannot be read as one.
pub fn read(path: &Path, now: Timestamp) -> Result<Table, DeskError> {
    let bad = |wrong| DeskError::BadRecipients { path: path.display().to_string(), wrong };
    let failed = |error: std::io::Error| DeskError::unreadable(path, &error);
    if path.metadata().map_err(failed)?.len() > MAX_BYTES {
        return Err(bad(Wrong::new("64 MB", Why::TooLarge)));
    }
    of_csv(&crate::inspect::read(path).map_err(failed)?, now).map_err(bad)
}

/// Reads a table; at this time, for dates of the future and the past.
///
/// # Errors
/// What in it is no table of recipients. A row that is not right is none of it: it says so itself.
pub fn of_csv(bytes: &[u8], now: Timestamp) -> Result<Table, Wrong> {
    let bad = |about: &str, why| Wrong::new(about, why);
    let sha256 = Sha256::of(bytes);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(bad("UTF-16", Why::NotUtf8));
    }
    // A picture, a workbook, anything else that no spreadsheet saved as text.
    if bytes.contains(&0) {
        return Err(bad("", Why::NotATable));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let separator = [b',', b';', b'\t'].into_iter().max_by_key(|sign| head.split(|byte| byte == sign).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.filter(|sign| head.contains(sign)).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut records = reader.byte_records();
    let head = records.next().and_then(Result::ok).unwrap_or_default();
    let columns = columns(&head)?;
    let (mut rows, mut seen, mut line) = (Vec::new(), HashSet::new(), 1);
    for record in records {
        let record = record.map_err(|error| bad(&error.to_string(), Why::WrongColumns))?;
        line += 1;
        // What is left of rows that somebody emptied.
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(bad(&format!("{MAX_ROWS}"), Why::TooLarge));
        }
        rows.push(row(line, &record, &columns, &mut seen, now));
    }
    // Each quotation mark has its other one (RFC 4180, 2). Where one is missing, the rest of the table is one cell.
    if text.split(|byte| *byte == b'"').count() % 2 == 0 {
        return Err(bad(&line.to_string(), Why::OpenQuote));
    }
    if rows.is_empty() {
        return Err(bad("email", Why::Missing));
    }
    Ok(Table { rows, sha256 })
}

/// Which cell is which column.
fn columns(head: &ByteRecord) -> Result<Vec<&'static str>, Wrong> {
    let mut columns: Vec<&'static str> = Vec::new();
    let is_known = |cell: &[u8]| COLUMNS.iter().any(|known| cell.trim_ascii().eq_ignore_ascii_case(known.as_bytes()));
    if !head.is_empty() && !head.iter().any(is_known) {
        return Err(Wrong::new("", Why::NoHead));
    }
    for cell in head {
        let name = String::from_utf8_lossy(cell).trim().to_ascii_lowercase();
        let shown: String = satchel_badge::words::plain(&name).take(40).collect();
        match COLUMNS.into_iter().find(|column| *column == name) {
            None => return Err(Wrong::new(shown, Why::Unknown)),
            Some(column) if columns.contains(&column) => return Err(Wrong::new(shown, Why::Twice)),
            Some(column) => columns.push(column),
        }
    }
    if columns.contains(&"email") { Ok(columns) } else { Err(Wrong::new("email", Why::Missing)) }
}

fn row(line: i64, record: &ByteRecord, columns: &[&str], seen: &mut HashSet<EmailAddress>, now: Timestamp) -> Row {
    let at = columns.iter().position(|column| *column == "email").unwrap_or_default();
    let shown = String::from_utf8_lossy(record.get(at).unwrap_or_default());
    let email: String = satchel_badge::words::plain(shown.trim()).take(254).collect();
    let read = recipient(record, columns, now).and_then(|recipient| {
        let new = seen.insert(recipient.email.clone());
        if new { Ok(recipient) } else { Err(Wrong::new("email", Why::Twice)) }
    });
    Row { line, email, read }
}

fn recipient(record: &ByteRecord, columns: &[&str], now: Timestamp) -> Result<Recipient, Wrong> {
    if record.len() != columns.len() {
        return Err(Wrong::new(format!("{}/{}", record.len(), columns.len()), Why::WrongColumns));
    }
    let text = |column: &'static str, most: usize| -> Result<Option<String>, Wrong> {
        let Some(at) = columns.iter().position(|name| *name == column) else { return Ok(None) };
        let cell = std::str::from_utf8(record.get(at).unwrap_or_default());
        let cell = cell.map_err(|_| Wrong::new(column, Why::NotUtf8))?.trim();
        match () {
            () if cell.is_empty() => Ok(None),
            () if cell.chars().count() > most => Err(Wrong::new(column, Why::TooLong)),
            () if !cell.lines().all(is_plain) => Err(Wrong::new(column, Why::ControlCharacters)),
            () => Ok(Some(cell.to_owned())),
        }
    };
    let email = text("email", 254)?.ok_or_else(|| Wrong::new("email", Why::Missing))?;
    let email: EmailAddress = email.parse().map_err(|_| Wrong::new("email", Why::NotAnAddress))?;
    let name = text("name", NAME)?.map(|name| name.lines().collect::<Vec<_>>().join(" "));
    let evidence = text("evidence_url", ADDRESS)?;
    if evidence.as_deref().is_some_and(|url| !is_web(url)) {
        return Err(Wrong::new("evidence_url", Why::NotAnUrl));
    }
    let time = |column: &'static str, of_day: fn(Date) -> Option<Timestamp>| match text(column, 40)? {
        None => Ok(None),
        Some(text) => {
            let read = parse_strict(&text).or_else(|| of_day(text.parse().ok()?));
            read.map(Some).ok_or_else(|| Wrong::new(column, Why::NotADate))
        }
    };
    let language = text("language", 40)?.map(|tag| language(&tag).ok_or_else(|| Wrong::new("language", Why::NotALanguage)));
    let language = language.transpose()?;
    let (issued, expires) = (time("issued_on", begins)?, time("expires", ends)?);
    match (issued, expires) {
        (Some(issued), _) if issued > now => Err(Wrong::new("issued_on", Why::InFuture)),
        (Some(issued), Some(expires)) if expires <= issued => Err(Wrong::new("expires", Why::BeforeStart)),
        (_, Some(expires)) if expires <= now => Err(Wrong::new("expires", Why::InPast)),
        _ => Ok(Recipient { email, name, issued, expires, evidence, narrative: text("narrative", NARRATIVE)?, language }),
    }
}

/// A recipient as another system names it: by the same rules as a row of a table.
pub fn of_wish(wish: &Wish, now: Timestamp) -> Result<Recipient, Wrong> {
    let cell = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        wish.email.as_str().to_owned(),
        cell(&wish.name),
        cell(&wish.issued_on),
        cell(&wish.expires),
        cell(&wish.evidence_url),
        cell(&wish.narrative),
        // Whoever proposes may know languages in which no mail is written.
        wish.language.clone().filter(|tag| language(tag).is_some()).unwrap_or_default(),
    ];
    recipient(&ByteRecord::from(cells.to_vec()), &COLUMNS, now)
}

/// A recipient as a request names it, which its server has.
pub fn of_request(it: &Asked) -> Result<Recipient, Wrong> {
    let email = it.email.as_deref().ok_or_else(|| Wrong::new("email", Why::Missing))?;
    let email: EmailAddress = email.parse().map_err(|_| Wrong::new("email", Why::NotAnAddress))?;
    let name: String = satchel_badge::words::plain(&name_of(it)).take(NAME).collect();
    Ok(Recipient {
        email,
        name: Some(name).filter(|name| !name.is_empty()),
        issued: None,
        expires: None,
        evidence: None,
        narrative: None,
        language: language(&it.language),
    })
}

/// The whole name of whoever asks.
pub fn name_of(it: &Asked) -> String {
    let parts = [it.given.as_deref(), it.family.as_deref()].into_iter().flatten().map(str::trim);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A language of the mails, by its tag or a locale of it.
fn language(tag: &str) -> Option<Language> {
    let first = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    Language::ALL.into_iter().find(|language| language.tag() == first)
}

/// A date alone is a day in UTC.
fn begins(date: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok()
}

/// Until a day means: until it is over.
fn ends(date: Date) -> Option<Timestamp> {
    begins(date)?.checked_add(SignedDuration::from_secs(24 * 3600 - 1)).ok()
}
