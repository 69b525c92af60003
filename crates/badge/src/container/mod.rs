//! From a file to the credentials that it carries, and back. A container is a picture with a credential in it, or the credential
//! alone. What is wrong with it becomes a line of the report; only a reader that cannot read is an error. Pixels are never decoded.

mod png;
mod svg;
pub mod zip;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use serde::Serialize;

use crate::cause::Cause;
use crate::code::{Code, Status};
use crate::limits::{MAX_CREDENTIAL, MAX_SVG};
use crate::proof::jws;
use crate::report::Line;

pub(crate) use png::bake as bake_png;
pub(crate) use svg::bake as bake_svg;

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A PNG picture.
    Png,
    /// An SVG picture.
    Svg,
    /// A JSON text.
    Json,
    /// A compact JWS.
    Jws,
    /// None of these.
    Unknown,
}

impl Format {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Json => "json",
            Self::Jws => "jws",
            Self::Unknown => "unknown",
        }
    }
}

/// Under which name a credential is embedded in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `openbadges` (OB 2.0, Baking).
    OpenBadges,
    /// `openbadgecredential` (OB 3.0, 5.3).
    OpenBadgeCredential,
}

/// A credential as it stands in the file.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The name it is embedded under; none when the file is the credential.
    pub keyword: Option<Keyword>,
    /// The text, byte for byte; empty when it could not be read.
    pub text: Vec<u8>,
    /// What is to be said about how it stands there.
    pub lines: Vec<Line>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The kind of file.
    pub format: Format,
    /// Its credentials, in the order in which they stand.
    pub embedded: Vec<Embedded>,
    /// What is to be said about the file itself.
    pub lines: Vec<Line>,
}

impl Opened {
    fn only(format: Format, line: Line) -> Self {
        Self { format, embedded: Vec::new(), lines: vec![line] }
    }

    /// The payload of a picture, byte for byte, or the line that says why there is none. Of two, the OB 3.0 one.
    ///
    /// # Errors
    /// The failed or unknown finding that stands in the way.
    pub fn payload(&self) -> Result<&[u8], &Line> {
        let best = self.embedded.iter().max_by_key(|embedded| embedded.keyword == Some(Keyword::OpenBadgeCredential));
        let is_bad = |line: &&Line| matches!(line.code.status(), Status::Fail | Status::Unknown);
        let stands_in_the_way =
            best.and_then(|embedded| embedded.lines.iter().find(is_bad)).or_else(|| self.lines.iter().find(is_bad));
        match (best, stands_in_the_way) {
            (_, Some(line)) => Err(line),
            (Some(embedded), None) => Ok(&embedded.text),
            (None, None) => Err(&NOTHING),
        }
    }
}

static NOTHING: Line = Line { code: Code::NothingEmbedded, details: Vec::new(), evidence: Vec::new() };

/// Opens a file in memory.
pub fn open_bytes(bytes: &[u8]) -> Opened {
    // A cursor over memory does not fail.
    open(&mut Cursor::new(bytes)).unwrap_or_else(|error| unopened(&error))
}

/// What stands for a file that could not be read.
pub fn unopened(error: &io::Error) -> Opened {
    Opened::only(Format::Unknown, Line::new(Code::Unreadable, Cause::from(error).in_each()))
}

/// Opens a file. Of a PNG only the heads of its chunks and the badge's own chunk are read, so the cost does not depend on the picture.
///
/// # Errors
/// When `reader` fails.
pub fn open<R: Read + Seek>(reader: &mut R) -> io::Result<Opened> {
    let mut head = [0; 8];
    let length = read_up_to(reader, &mut head)?;
    if length == 0 {
        return Ok(Opened::only(Format::Unknown, Line::bare(Code::Empty)));
    }
    if head == png::SIGNATURE {
        return png::read(reader);
    }
    reader.seek(SeekFrom::Start(0))?;
    read_text(reader)
}

/// Fills `buffer` as far as the reader goes.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Whatever is no PNG: the first kilobyte tells the kind, and only a kind that may hold a badge is read on.
fn read_text(reader: &mut impl Read) -> io::Result<Opened> {
    let mut bytes = Vec::new();
    reader.by_ref().take(1024).read_to_end(&mut bytes)?;
    let format = kind(&bytes);
    let limit = match format {
        Format::Unknown | Format::Png => return Ok(Opened::only(Format::Unknown, Line::bare(Code::UnknownFormat))),
        Format::Svg => MAX_SVG,
        Format::Json | Format::Jws => MAX_CREDENTIAL,
    };
    let rest = (limit + 1).saturating_sub(bytes.len());
    reader.take(u64::try_from(rest).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    // Of what is too large the beginning alone tells whether it may be a badge: a page or a log is none, however long.
    let head = &bytes[..bytes.len().min(1 << 16)];
    let is_badge = || if format == Format::Svg { svg::begins(head) } else { has_marks(&String::from_utf8_lossy(head)) };
    if bytes.len() > limit && !is_badge() {
        return Ok(Opened::only(Format::Unknown, Line::bare(Code::UnknownFormat)));
    }
    if bytes.len() > limit {
        return Ok(Opened::only(format, Line::new(Code::TooLarge, [megabytes(limit)])));
    }
    if format == Format::Svg {
        return Ok(svg::read(&bytes));
    }
    if format == Format::Jws && !std::str::from_utf8(&bytes).is_ok_and(|text| text.contains('.')) {
        return Ok(Opened::only(Format::Unknown, Line::bare(Code::UnknownFormat)));
    }
    let text = bytes.strip_prefix(BOM).unwrap_or(&bytes).to_vec();
    Ok(Opened { format, embedded: vec![Embedded { keyword: None, text, lines: Vec::new() }], lines: Vec::new() })
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The kind of file, told by its first bytes alone.
pub fn sniff(bytes: &[u8]) -> Format {
    if bytes.starts_with(&png::SIGNATURE) { Format::Png } else { kind(&bytes[..bytes.len().min(1024)]) }
}

/// What a text is, told by its first characters.
fn kind(head: &[u8]) -> Format {
    let text = head.strip_prefix(BOM).unwrap_or(head).trim_ascii();
    match text.first() {
        Some(b'<') => Format::Svg,
        Some(b'{' | b'[') => Format::Json,
        Some(_) if text.iter().all(|byte| jws::is_compact_byte(*byte)) => Format::Jws,
        _ => Format::Unknown,
    }
}

/// Whether a text that cannot be read may have been a badge.
pub(crate) fn has_marks(text: &str) -> bool {
    let marks = ["openbadges", "imsglobal", "/credentials/", "VerifiableCredential", "\"badge\"", "\"recipient\""];
    marks.iter().any(|mark| text.contains(mark))
}

pub(crate) fn megabytes(bytes: usize) -> String {
    (bytes >> 20).to_string()
}
