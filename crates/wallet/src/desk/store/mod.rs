//! `desk.db`: one file for each of its tables. Rows have seals, as those of a wallet.

pub mod award;
pub mod badge;
pub mod inherited;
pub mod issuer;
pub mod list;
pub mod predecessor;
pub mod proposed;
pub mod rule;
pub mod run;
pub mod upload;

use rusqlite::types::ValueRef;

use crate::WalletError;
use crate::store::Shape;

/// The database of a desk, "Satd".
pub const DESK: Shape = Shape {
    migrations: &[
        include_str!("../../../migrations/desk/0001_first.sql"),
        include_str!("../../../migrations/desk/0002_proposals.sql"),
        include_str!("../../../migrations/desk/0003_language.sql"),
        include_str!("../../../migrations/desk/0004_predecessor.sql"),
        include_str!("../../../migrations/desk/0005_inherited.sql"),
    ],
    application: 0x5361_7464,
};

/// A row that is not what was put there.
fn torn(what: &str) -> WalletError {
    WalletError::damaged(format!("wallet.db: {what}"))
}

/// A text that may be missing.
fn text(text: Option<&String>) -> ValueRef<'_> {
    text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()))
}

/// Bytes that may be missing.
fn blob(bytes: Option<&Vec<u8>>) -> ValueRef<'_> {
    bytes.map_or(ValueRef::Null, |bytes| ValueRef::Blob(bytes))
}
