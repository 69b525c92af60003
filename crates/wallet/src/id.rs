//! Names of bytes. A file is named by its SHA-256; a badge by that of its credential, however it is wrapped, so that one badge as PNG,
//! SVG and JSON is one badge.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use satchel_badge::json;
use satchel_badge::report::Report;
use serde::{Serialize, Serializer};

use crate::WalletError;

/// A SHA-256, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

/// The id of a badge: the SHA-256 of its credential.
pub type BadgeId = Sha256;

impl Sha256 {
    /// That of these bytes.
    ///
    /// ```
    /// use satchel_wallet::Sha256;
    /// assert!(Sha256::of(b"").to_string().starts_with("e3b0c44298fc"));
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(hash)
    }

    /// That of a credential: of its canonical form (RFC 8785) where it is JSON, else of the text without white space around it.
    ///
    /// ```
    /// use satchel_wallet::Sha256;
    /// assert_eq!(Sha256::of_credential(br#"{"a": 1, "b": 2}"#), Sha256::of_credential(br#"{"b":2,"a":1}"#));
    /// ```
    pub fn of_credential(text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
        match json::parse(text) {
            Ok(value) => Self::of(json::canonical(&value).as_bytes()),
            Err(_) => Self::of(text),
        }
    }

    /// That of the assertion, where what stands in the file is nothing but its address (OB 1.0) and the assertion is at hand.
    pub(crate) fn of_linked(text: &[u8], report: &Report) -> Option<Self> {
        let text = text.trim_ascii();
        let is_link = text.starts_with(b"https://") || text.starts_with(b"http://");
        let assertion = report.badge.as_ref().filter(|_| is_link)?;
        Some(Self::of(json::canonical(&assertion.data).as_bytes()))
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl FromStr for Sha256 {
    type Err = WalletError;

    /// All 64 digits.
    fn from_str(text: &str) -> Result<Self, WalletError> {
        if text.len() == 64 {
            Ok(text.parse::<IdPrefix>()?.range().0)
        } else {
            Err(WalletError::BadId { given: text.to_owned() })
        }
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql for Sha256 {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Sha256 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_blob()?.try_into().map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

/// The beginning of an id, as a person types it: at least six hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdPrefix(String);

impl FromStr for IdPrefix {
    type Err = WalletError;

    fn from_str(text: &str) -> Result<Self, WalletError> {
        let fits = (6..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fits { Ok(Self(text.to_ascii_lowercase())) } else { Err(WalletError::BadId { given: text.to_owned() }) }
    }
}

impl fmt::Display for IdPrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl IdPrefix {
    /// The first and the last id that begin so.
    pub(crate) fn range(&self) -> (Sha256, Sha256) {
        let filled = |digit: char| {
            let text: String = self.0.chars().chain(std::iter::repeat(digit)).take(64).collect();
            let mut bytes = [0; 32];
            for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                // Both are hex digits: they were parsed at the door.
                let value =
                    |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or_default();
                *byte = pair.iter().fold(0, |sum, digit| (sum << 4) | value(*digit));
            }
            Sha256(bytes)
        };
        (filled('0'), filled('f'))
    }
}
