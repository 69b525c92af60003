//! JSON as received: read once, strictly, and written canonically. Two members of one name, numbers that lose digits and nesting
//! beyond reason are refused here, because two readers of such a document may see two different badges (RFC 8259, 4; RFC 7493).

use std::cell::Cell;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits;

/// Why a text is no JSON that a badge may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON at all; with the parser's words.
    Malformed(String),
    /// Two members of one object have this name.
    DuplicateKey(String),
    /// An integer that a reader with IEEE 754 numbers would change.
    InexactNumber(String),
    /// Nested deeper than [`limits::MAX_JSON_DEPTH`].
    TooDeep,
    /// More values than [`limits::MAX_JSON_VALUES`].
    TooMany,
}

const DUPLICATE: &str = "\u{1}duplicate:";
const INEXACT: &str = "\u{1}inexact:";
const DEEP: &str = "\u{1}deep";
const MANY: &str = "\u{1}many";

/// Parses `text`, a JSON text in UTF-8 with nothing after it but white space.
///
/// # Errors
/// See [`JsonError`].
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0, left: &Cell::new(limits::MAX_JSON_VALUES) }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        let message = error.to_string();
        let tail = |mark: &str| {
            let name = message.split_once(mark)?.1;
            Some(name.rsplit_once(" at line ").map_or(name, |(name, _)| name).to_owned())
        };
        if let Some(name) = tail(DUPLICATE) {
            JsonError::DuplicateKey(name)
        } else if let Some(number) = tail(INEXACT) {
            JsonError::InexactNumber(number)
        } else if message.contains(DEEP) || message.contains("recursion limit") {
            JsonError::TooDeep
        } else if message.contains(MANY) {
            JsonError::TooMany
        } else {
            JsonError::Malformed(message)
        }
    })
}

/// How many values there are in one, itself included.
pub(crate) fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}

/// The JSON Canonicalization Scheme (RFC 8785).
///
/// ```
/// let value = satchel_badge::json::parse(br#"{"b": [1e3, "\u0007\u00e9"], "a": null}"#).unwrap();
/// assert_eq!(satchel_badge::json::canonical(&value), r#"{"a":null,"b":[1000,"\u0007é"]}"#);
/// ```
pub fn canonical(value: &Value) -> String {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        // As ECMAScript writes a number (3.2.2.3).
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            out.extend(ryu_js::Buffer::new().format_finite(number).as_bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            if members.iter().all(|(name, _)| name.is_ascii()) {
                members.sort_unstable_by_key(|(name, _)| *name);
            } else {
                // By UTF-16, which puts U+10000 before U+E000 (3.2.3).
                members.sort_unstable_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            }
            out.push(b'{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(name, out);
                out.push(b':');
                write_canonical(member, out);
            }
            out.push(b'}');
        }
    }
}

/// Only what must be escaped is, and in the shortest way (3.2.2.2): so does this writer of JSON.
fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

/// Reads a value at some depth, strictly.
#[derive(Clone, Copy)]
struct Strict<'c> {
    depth: usize,
    /// How many more values the text may have.
    left: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.spend(1)?;
        deserializer.deserialize_any(self)
    }
}

impl Strict<'_> {
    fn spend<E: de::Error>(self, values: usize) -> Result<(), E> {
        let left = self.left.get().checked_sub(values).ok_or_else(|| E::custom(MANY))?;
        self.left.set(left);
        Ok(())
    }

    fn inner<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= limits::MAX_JSON_DEPTH {
            return Err(E::custom(DEEP));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

/// The largest integer up to which all are exact in IEEE 754 (RFC 7493, 2.2).
const MAX_EXACT: u64 = 1 << 53;

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_EXACT {
            return Err(E::custom(format_args!("{INEXACT}{value}")));
        }
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_EXACT {
            return Err(E::custom(format_args!("{INEXACT}{value}")));
        }
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        // Beyond this a number with a fraction has none, and an integer too long for 64 bits arrives here too.
        #[expect(clippy::cast_precision_loss, reason = "a power of two is exact")]
        if value.abs() > MAX_EXACT as f64 {
            return Err(E::custom(format_args!("{INEXACT}{value}")));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self.inner()?)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        self.spend(3)?;
        while let Some(Key(name)) = access.next_key()? {
            let value = access.next_value_seed(self.inner()?)?;
            if map.contains_key(&name) {
                return Err(de::Error::custom(format_args!("{DUPLICATE}{name}")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Key)
    }
}
