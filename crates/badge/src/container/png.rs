//! PNG: a walk over the heads of its chunks (PNG, 5), the text chunk that is the badge (OB 2.0, Baking; OB 3.0, 5.3.1), and the writing
//! of one. Chunks that are not the badge's are neither read nor changed.

use std::io::{self, Read, Seek};

use flate2::bufread::ZlibDecoder;

use super::{Embedded, Format, Keyword, Opened, megabytes, read_up_to};
use crate::code::Code;
use crate::limits::{MAX_CHUNKS, MAX_CREDENTIAL};
use crate::report::Line;

pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What a text chunk may begin with to be the badge's: the keyword and its end.
const KEYWORDS: [(&[u8], Keyword); 2] =
    [(b"openbadges\0", Keyword::OpenBadges), (b"openbadgecredential\0", Keyword::OpenBadgeCredential)];
const LONGEST_KEYWORD: usize = 20;

/// Reads a PNG whose signature was read already.
pub(super) fn read<R: Read + Seek>(reader: &mut R) -> io::Result<Opened> {
    let mut opened = Opened { format: Format::Png, embedded: Vec::new(), lines: Vec::new() };
    let mut problem = None;
    for number in 0.. {
        let mut head = [0; 8];
        if read_up_to(reader, &mut head)? < head.len() {
            problem = Some(Line::bare(Code::Truncated));
            break;
        }
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        if number >= MAX_CHUNKS {
            problem = Some(Line::new(Code::TooManyChunks, [MAX_CHUNKS.to_string()]));
            break;
        }
        if (number == 0) != (kind == *b"IHDR") || length > i32::MAX.unsigned_abs() || !kind.is_ascii() {
            problem = Some(Line::bare(Code::MalformedImage));
            break;
        }
        match &kind {
            b"IEND" => {
                if length != 0 || read_up_to(reader, &mut [0; 4])? < 4 {
                    problem = Some(Line::bare(Code::Truncated));
                }
                break;
            }
            b"iTXt" | b"tEXt" => match read_text_chunk(reader, kind, length)? {
                Chunk::Badge(embedded) => add(&mut opened, *embedded),
                Chunk::Other => {}
                Chunk::Truncated => {
                    problem = Some(Line::bare(Code::Truncated));
                    break;
                }
            },
            _ => reader.seek_relative(i64::from(length) + 4)?,
        }
    }
    match problem {
        // What is wrong with the file is wrong with every credential in it.
        Some(line) if !opened.embedded.is_empty() => {
            for embedded in opened.embedded.iter_mut().filter(|embedded| !embedded.lines.contains(&line)) {
                embedded.lines.push(line.clone());
            }
        }
        Some(line) => opened.lines.push(line),
        None if opened.embedded.is_empty() => opened.lines.push(Line::bare(Code::NothingEmbedded)),
        None => {}
    }
    Ok(opened)
}

/// Two under one keyword are one credential that cannot be told (OB 3.0, 5.3.1; security.md, V02).
fn add(opened: &mut Opened, embedded: Embedded) {
    match opened.embedded.iter_mut().find(|earlier| earlier.keyword == embedded.keyword) {
        Some(earlier) if earlier.lines.iter().any(|line| line.code == Code::DuplicateEmbedding) => {}
        Some(earlier) => earlier.lines.push(Line::bare(Code::DuplicateEmbedding)),
        None => opened.embedded.push(embedded),
    }
}

enum Chunk {
    Badge(Box<Embedded>),
    Other,
    Truncated,
}

fn read_text_chunk<R: Read + Seek>(reader: &mut R, kind: [u8; 4], length: u32) -> io::Result<Chunk> {
    let length = length as usize;
    let mut data = vec![0; length.min(LONGEST_KEYWORD)];
    if read_up_to(reader, &mut data)? < data.len() {
        return Ok(Chunk::Truncated);
    }
    let rest = length - data.len();
    let Some((keyword, name)) = KEYWORDS.into_iter().find(|(keyword, _)| data.starts_with(keyword)) else {
        reader.seek_relative(i64::try_from(rest).unwrap_or(i64::MAX - 4) + 4)?;
        return Ok(Chunk::Other);
    };
    let mut embedded = Embedded { keyword: Some(name), text: Vec::new(), lines: Vec::new() };
    if length > MAX_CREDENTIAL {
        embedded.lines.push(Line::new(Code::TooLarge, [megabytes(MAX_CREDENTIAL)]));
        reader.seek_relative(i64::try_from(rest).unwrap_or(i64::MAX - 4) + 4)?;
        return Ok(Chunk::Badge(Box::new(embedded)));
    }
    let wanted = u64::try_from(rest + 4).unwrap_or(u64::MAX);
    if reader.take(wanted).read_to_end(&mut data)? < rest + 4 {
        embedded.lines.push(Line::bare(Code::Truncated));
        return Ok(Chunk::Badge(Box::new(embedded)));
    }
    let checksum = data.split_off(length);
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&kind);
    hasher.update(&data);
    if checksum != hasher.finalize().to_be_bytes() {
        embedded.lines.push(Line::bare(Code::BadChecksum));
    }
    let content = &data[keyword.len()..];
    if kind == *b"tEXt" {
        embedded.lines.push(Line::bare(Code::ContainerLegacyText));
        // Latin-1 by the standard (PNG, 11.3.3.2), UTF-8 by habit.
        embedded.text = match std::str::from_utf8(content) {
            Ok(_) => content.to_vec(),
            Err(_) => content.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
        };
        return Ok(Chunk::Badge(Box::new(embedded)));
    }
    match international_text(content) {
        Ok((text, compressed)) => {
            if compressed {
                embedded.lines.push(Line::bare(Code::ContainerCompressed));
            }
            embedded.text = text;
        }
        Err(code) => embedded.lines.push(match code {
            Code::TooLarge => Line::new(code, [megabytes(MAX_CREDENTIAL)]),
            code => Line::bare(code),
        }),
    }
    Ok(Chunk::Badge(Box::new(embedded)))
}

/// The text of an iTXt chunk after its keyword, and whether it was compressed (PNG, 11.3.3.4).
fn international_text(content: &[u8]) -> Result<(Vec<u8>, bool), Code> {
    let [flag, method, rest @ ..] = content else { return Err(Code::MalformedImage) };
    let after_nul = |bytes: &mut &[u8]| {
        let at = bytes.iter().position(|byte| *byte == 0)?;
        *bytes = &bytes[at + 1..];
        Some(())
    };
    let mut text = rest;
    after_nul(&mut text).and_then(|()| after_nul(&mut text)).ok_or(Code::MalformedImage)?;
    let text = match (flag, method) {
        (0, _) => text.to_vec(),
        (1, 0) => inflate(text)?,
        _ => return Err(Code::BadCompression),
    };
    if std::str::from_utf8(&text).is_err() {
        return Err(Code::NotUtf8);
    }
    Ok((text, *flag == 1))
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, Code> {
    let mut text = Vec::new();
    let limit = u64::try_from(MAX_CREDENTIAL + 1).unwrap_or(u64::MAX);
    ZlibDecoder::new(compressed).take(limit).read_to_end(&mut text).map_err(|_| Code::BadCompression)?;
    if text.len() > MAX_CREDENTIAL { Err(Code::TooLarge) } else { Ok(text) }
}

/// Writes `image` with `payload` in it as the one badge, right after the head of the picture; every earlier badge of either version is
/// left out, every other chunk is copied as it is.
///
/// # Errors
/// The code of what is wrong with the picture or too large about the payload.
pub fn bake(image: &[u8], keyword: Keyword, payload: &str) -> Result<Vec<u8>, Code> {
    if payload.len() > MAX_CREDENTIAL {
        return Err(Code::TooLarge);
    }
    let chunks = image.strip_prefix(&SIGNATURE).ok_or(Code::UnknownFormat)?;
    let mut out = Vec::with_capacity(image.len() + payload.len() + 64);
    out.extend_from_slice(&SIGNATURE);
    let mut rest = chunks;
    for number in 0.. {
        if number >= MAX_CHUNKS {
            return Err(Code::TooManyChunks);
        }
        let (chunk, kind, after) = split_chunk(rest)?;
        if (number == 0) != (kind == *b"IHDR") {
            return Err(Code::MalformedImage);
        }
        if !is_badge(&chunk[8..], kind) {
            out.extend_from_slice(chunk);
        }
        if number == 0 {
            write_badge(&mut out, keyword, payload);
        }
        if kind == *b"IEND" {
            return Ok(out);
        }
        rest = after;
    }
    Err(Code::MalformedImage)
}

/// One whole chunk, its type, and what follows it.
type Split<'a> = (&'a [u8], [u8; 4], &'a [u8]);

fn split_chunk(bytes: &[u8]) -> Result<Split<'_>, Code> {
    let (head, _) = bytes.split_first_chunk::<8>().ok_or(Code::Truncated)?;
    let [a, b, c, d, kind @ ..] = *head;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    let (chunk, rest) = length.checked_add(12).and_then(|whole| bytes.split_at_checked(whole)).ok_or(Code::Truncated)?;
    Ok((chunk, kind, rest))
}

fn is_badge(data: &[u8], kind: [u8; 4]) -> bool {
    matches!(&kind, b"iTXt" | b"tEXt" | b"zTXt") && KEYWORDS.iter().any(|(keyword, _)| data.starts_with(keyword))
}

fn write_badge(out: &mut Vec<u8>, keyword: Keyword, payload: &str) {
    let name: &[u8] = KEYWORDS.into_iter().find(|(_, named)| *named == keyword).map_or(b"", |(name, _)| name);
    // The keyword's NUL, then: not compressed, method 0, no language, no translated keyword.
    let length = name.len() + 4 + payload.len();
    out.extend_from_slice(&u32::try_from(length).unwrap_or_default().to_be_bytes());
    let start = out.len();
    out.extend_from_slice(b"iTXt");
    out.extend_from_slice(name);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload.as_bytes());
    let checksum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&checksum.to_be_bytes());
}
