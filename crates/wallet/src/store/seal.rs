//! A seal on a row: the SHA-256 of its columns. A bit that tips over on the disk would else make another date, name or state, and nobody
//! would see it (security.md, P03).

use rusqlite::types::ValueRef;

use crate::Sha256;

/// The seal of these columns, in their order.
pub fn of(columns: &[ValueRef<'_>]) -> Sha256 {
    let mut text = Vec::new();
    for column in columns {
        let (kind, bytes): (u8, &[u8]) = match column {
            ValueRef::Null => (b'n', &[]),
            ValueRef::Integer(number) => (b'i', &number.to_be_bytes()),
            ValueRef::Real(number) => (b'r', &number.to_be_bytes()),
            ValueRef::Text(bytes) => (b't', bytes),
            ValueRef::Blob(bytes) => (b'b', bytes),
        };
        text.push(kind);
        text.extend((bytes.len() as u64).to_be_bytes());
        text.extend(bytes);
    }
    Sha256::of(&text)
}

/// A number that may be missing.
pub fn optional(number: Option<i64>) -> ValueRef<'static> {
    number.map_or(ValueRef::Null, ValueRef::Integer)
}
