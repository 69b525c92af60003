//! What the database knows about itself.

use super::{StoreError, Tx};
use crate::values;

/// The value under a name; `fresh`, if there was none.
///
/// # Errors
/// What the database said.
pub fn get_or(tx: &mut Tx<'_>, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
    tx.execute("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", values![name, fresh])?;
    let row = tx.first("SELECT value FROM meta WHERE name = $1", values![name])?;
    row.map_or(Ok(fresh), |row| row.get(0))
}

/// Whether the database answers.
///
/// # Errors
/// That it does not.
pub fn ping(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.number("SELECT 1", &[]).map(drop)
}
