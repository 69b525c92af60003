//! The form of a record in the encrypted part of a wallet (L09): what a server keeps for the devices of one owner and cannot read. Which
//! collections there are, and under which key their records are sealed, is the wallets' own affair.
//!
//! The bytes are sealed with AES-256-GCM under a key that only the owner's devices have: a nonce of 12 bytes, then the sealed record with its
//! tag. `collection`, `id` and `version` are sealed along as additional data, as the text `collection/id/version`, so that no record can be put in
//! the place of another one, nor an old one in that of a new one. A device takes a record whose version is higher than the one it has.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Id;

/// A record that only the owner's devices can open.
///
/// ```
/// use satchel_protocol::sealed::SealedRecord;
/// let id = satchel_protocol::Id::from_bytes([1; 16]);
/// let record = SealedRecord { collection: String::from("notes"), id, version: 3, sealed: vec![1, 2, 3] };
/// let json = serde_json::to_value(&record)?;
/// assert_eq!(json["sealed"], "AQID");
/// assert_eq!(serde_json::from_value::<SealedRecord>(json)?, record);
/// assert_eq!(record.bound(), "notes/01010101-0101-0101-0101-010101010101/3");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRecord {
    /// What kind of thing it is: small letters, at most 32.
    pub collection: String,
    /// Which one.
    pub id: Id,
    /// How often it was written; only rises.
    pub version: u64,
    /// The nonce and the sealed bytes; in base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub sealed: Vec<u8>,
}

impl SealedRecord {
    /// What the bytes are bound to.
    pub fn bound(&self) -> String {
        format!("{}/{}/{}", self.collection, self.id, self.version)
    }
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(serde::de::Error::custom)
}
