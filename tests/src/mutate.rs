//! Changes to bytes that break programs: bits, lengths, cuts, pieces of other files, words that parsers listen to, and edits of what a
//! file holds that leave its form right, so that the change arrives deep inside.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::picture;

/// A source of numbers that begins at a seed (`SplitMix64`).
pub struct Random(u64);

impl Random {
    /// The source that a seed names.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() >> 1).unwrap_or_default() % end.max(1)
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A place in `bytes`, and how long a piece from there on may be.
    fn piece(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        let longest = [4, 64, 4096][self.below(3)].min(bytes.len() - start);
        start..start + self.below(longest + 1)
    }
}

/// Words that some parser here listens to.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "\u{e9}",
    "\u{1f600}",
    "\u{202e}",
    "null",
    "true",
    "-0",
    "1e999",
    "1e-999",
    "9007199254740993",
    "0.1",
    "@context",
    "@id",
    "@type",
    "@graph",
    "@list",
    "@set",
    "@reverse",
    "@index",
    "@nest",
    "@json",
    "@language",
    "@direction",
    "@vocab",
    "@base",
    "@import",
    "@propagate",
    "@protected",
    "@included",
    "@value",
    "@none",
    "@container",
    "_:b0",
    "proof",
    "proofValue",
    "verificationMethod",
    "did:key:z6Mk",
    "did:web:a%3A1:b",
    "did:jwk:e30",
    "#",
    "#key-1",
    "..",
    "%2F",
    "https://example.org/",
    "urn:uuid:",
    "data:image/png;base64,",
    "2024-01-01T00:00:00Z",
    "9999-12-31T23:59:60+23:59",
    "-009999-01-01",
    "openbadges",
    "openbadgecredential",
    "IHDR",
    "IEND",
    "iTXt",
    "tEXt",
    "zTXt",
    "<svg",
    "</svg>",
    "<!DOCTYPE",
    "<!ENTITY",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&#0;",
    "&amp;",
    "&x;",
    "xmlns=",
    "xmlns:openbadges=\"",
    "<openbadges:assertion",
    "<openbadges:credential verify=\"",
    "/>",
    ".",
    "..",
    "eyJhbGciOiJub25lIn0",
    "H4sI",
    "uH4sI",
    "z",
    "-----BEGIN PUBLIC KEY-----",
    "-----BEGIN RSA PUBLIC KEY-----",
    "MIIB",
    "==",
    "\0",
    "\r\n",
];

const BYTES: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'<', b'\n'];

/// A changed copy of `seed`; `others` lend pieces.
pub fn mutate(seed: &[u8], others: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        bytes = match random.below(3) {
            0 => in_its_form(&bytes, others, random).unwrap_or(bytes),
            _ => anywhere(bytes, others, random),
        };
    }
    bytes
}

/// A change that looks at nothing.
fn anywhere(mut bytes: Vec<u8>, others: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len());
    let piece = random.piece(&bytes);
    match random.below(9) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 if !bytes.is_empty() => bytes[at] = *random.pick(&BYTES),
        2 => drop(bytes.drain(piece)),
        3 => bytes.truncate(at),
        4 => {
            let copy = bytes[piece].to_vec();
            let times = 1 + random.below(4);
            bytes.splice(at..at, copy.repeat(times));
        }
        5 => {
            let other = random.pick(others);
            let lent = other[random.piece(other)].to_vec();
            bytes.splice(piece, lent);
        }
        6 if bytes.len() >= 4 => {
            let at = random.below(bytes.len() - 3);
            let number = *random.pick(&[0, 1, 20, 0x7fff_ffff, 0x8000_0000, u32::MAX, u32::MAX - 11]);
            bytes[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
        _ => drop(bytes.splice(at..at, random.pick::<&str>(TOKENS).bytes())),
    }
    bytes
}

/// A change of what the file holds, in its right form.
fn in_its_form(bytes: &[u8], others: &[Vec<u8>], random: &mut Random) -> Option<Vec<u8>> {
    if bytes.starts_with(picture::SIGNATURE) {
        return in_a_chunk(bytes, others, random);
    }
    if let Ok(mut value) = serde_json::from_slice::<Value>(bytes) {
        let lent = random.pick(others);
        let lent = serde_json::from_slice(lent).unwrap_or(Value::Null);
        change(&mut value, &lent, random);
        return Some(value.to_string().into_bytes());
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let parts: Vec<&str> = text.split('.').collect();
    if let [head, payload, signature] = parts.as_slice() {
        let mut parts = [(*head).to_owned(), (*payload).to_owned(), (*signature).to_owned()];
        let chosen = random.below(2);
        let mut value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[chosen]).ok()?).ok()?;
        change(&mut value, &json!({"alg": "none"}), random);
        parts[chosen] = URL_SAFE_NO_PAD.encode(value.to_string());
        return Some(parts.join(".").into_bytes());
    }
    None
}

/// One chunk of a PNG changed, taken out or doubled, with the checksum that fits.
fn in_a_chunk(bytes: &[u8], others: &[Vec<u8>], random: &mut Random) -> Option<Vec<u8>> {
    let mut chunks: Vec<([u8; 4], Vec<u8>)> = Vec::new();
    let mut rest = &bytes[picture::SIGNATURE.len()..];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (kind, after) = after.split_first_chunk::<4>()?;
        let data = after.get(..u32::from_be_bytes(*length) as usize)?;
        chunks.push((*kind, data.to_vec()));
        rest = after.get(data.len() + 4..)?;
    }
    if chunks.is_empty() {
        return None;
    }
    let texts: Vec<usize> =
        (0..chunks.len()).filter(|at| chunks[*at].0[1..] == *b"TXt" || chunks[*at].0[1..] == *b"EXt").collect();
    let at = if texts.is_empty() || random.below(4) == 0 { random.below(chunks.len()) } else { *random.pick(&texts) };
    match random.below(6) {
        0 => drop(chunks.remove(at)),
        1 => chunks.insert(random.below(chunks.len()), chunks[at].clone()),
        2 => chunks[at].0 = **random.pick(&[b"iTXt", b"tEXt", b"zTXt", b"IEND", b"IHDR", b"teST"]),
        _ => {
            let (_, data) = &mut chunks[at];
            // What follows the names of an iTXt chunk is the credential.
            let head =
                data.iter().position(|byte| *byte == b'{' || *byte == b'e').filter(|at| data[..*at].contains(&0)).unwrap_or(0);
            let inner = data.split_off(head);
            let inner = match random.below(2) {
                0 => in_its_form(&inner, others, random).unwrap_or(inner),
                _ => anywhere(inner, others, random),
            };
            data.extend_from_slice(&inner);
        }
    }
    let chunks: Vec<u8> = chunks.iter().flat_map(|(kind, data)| picture::chunk(kind, data)).collect();
    Some([picture::SIGNATURE, &chunks].concat())
}

/// How many values a value holds, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

fn nth(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => Vec::new(),
    };
    for item in inner {
        let held = count(item);
        if left < held {
            return nth(item, left);
        }
        left -= held;
    }
    None
}

/// Changes one value somewhere in a JSON text.
fn change(value: &mut Value, lent: &Value, random: &mut Random) {
    let total = count(value);
    let (here, there) = (random.below(total), random.below(total));
    let copy = nth(value, there).cloned().unwrap_or(Value::Null);
    let borrowed = nth(&mut lent.clone(), random.below(count(lent))).cloned().unwrap_or(Value::Null);
    let Some(chosen) = nth(value, here) else { return };
    let token = Value::from(*random.pick(TOKENS));
    match (random.below(8), &mut *chosen) {
        (0, Value::Object(members)) if !members.is_empty() => {
            let name = members.keys().nth(random.below(members.len())).cloned().unwrap_or_default();
            let member = members.remove(&name).unwrap_or(Value::Null);
            if random.below(2) == 0 {
                members.insert((*random.pick(TOKENS)).to_owned(), member);
            }
        }
        (1, Value::Object(members)) => drop(members.insert((*random.pick(TOKENS)).to_owned(), copy)),
        (2, Value::Array(items)) if items.len() > 1 => {
            let (a, b) = (random.below(items.len()), random.below(items.len()));
            items.swap(a, b);
        }
        (3, Value::Array(items)) => items.push(copy),
        (0..=3, Value::String(text)) => {
            let cut = text.char_indices().map(|(at, _)| at).nth(random.below(text.len())).unwrap_or(0);
            text.insert_str(cut, random.pick::<&str>(TOKENS));
        }
        (4, inner) => *inner = copy,
        (5, inner) => *inner = borrowed,
        (6, inner) => {
            let plain = [Value::Null, json!([]), json!({}), json!(0), json!(-1.5), json!(u64::MAX), json!("")];
            *inner = random.pick(&plain).clone();
        }
        (_, inner) => {
            let depth = [1, 3, 120][random.below(3)];
            let wrap = |inner, in_list: bool| {
                if in_list { json!([inner]) } else { Value::Object(Map::from_iter([("a".to_owned(), inner)])) }
            };
            let lists = random.below(2) == 0;
            *inner = (0..depth).fold(if random.below(2) == 0 { token } else { inner.take() }, |inner, _| wrap(inner, lists));
        }
    }
}
