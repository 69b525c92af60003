//! Ids of what both sides keep: UUIDs of version 7 (RFC 9562, 5.7), so that they sort by the time they were made. Time and randomness are
//! handed in.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::{Builder, Uuid};

/// An id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(Uuid);

impl Id {
    /// The id of nothing that was made.
    pub const NIL: Self = Self(Uuid::nil());

    /// The id of something made at this time.
    ///
    /// ```
    /// use satchel_protocol::Id;
    /// let id = Id::new("2026-11-24T12:00:00Z".parse()?, [7; 10]);
    /// assert_eq!(id.to_string().parse::<Id>()?, id);
    /// assert!(id < Id::new("2026-11-24T12:00:01Z".parse()?, [0; 10]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// From the 16 bytes in which it is stored.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes in which it is stored.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// Text that is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: a UUID in its usual form is expected")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // Only the usual form, so that one id has one address.
        let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36).map(Self).ok_or(NotAnId)?;
        if id.to_string() == text { Ok(id) } else { Err(NotAnId) }
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom(String::from("uuid"))));
        id.description(Some("A UUID of version 7, in small letters.")).into()
    }
}

impl ToSchema for Id {}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
