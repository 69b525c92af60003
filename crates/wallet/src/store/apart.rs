//! What a wallet says that somebody else may have made (security.md, V06): whom its owner trusts, which numbers of lists were seen, and that
//! documents were fetched. Until it is called one's own, all that is set apart: it is kept, and counts as brought along.

use rusqlite::Connection;

use super::evidence;
use crate::WalletError;

/// Sets apart all that the wallet says now.
pub fn set(db: &Connection) -> Result<(), WalletError> {
    db.execute_batch(
        "INSERT OR REPLACE INTO apart SELECT 'trusted', id, name, added, seal FROM trusted;
         DELETE FROM trusted;
         INSERT OR REPLACE INTO apart SELECT 'numbered', key, NULL, number, seal FROM numbered;
         DELETE FROM numbered;
         INSERT OR IGNORE INTO apart VALUES ('set', '', NULL, 0, x'')",
    )?;
    evidence::set_apart(db)
}

/// Lets count what was set apart. What was said here since then stays as it is.
pub fn bring_back(db: &Connection) -> Result<(), WalletError> {
    db.execute_batch(
        "INSERT OR IGNORE INTO trusted SELECT id, name, number, seal FROM apart WHERE kind = 'trusted';
         INSERT OR IGNORE INTO numbered SELECT id, number, seal FROM apart WHERE kind = 'numbered';
         DELETE FROM apart",
    )?;
    evidence::bring_back(db)
}

/// Whether something is set apart.
pub fn is_set(db: &Connection) -> Result<bool, WalletError> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM apart)", [], |row| row.get(0))?)
}

/// Whether the wallet says nothing yet that could be believed.
pub fn is_silent(db: &Connection) -> Result<bool, WalletError> {
    let sql =
        "SELECT NOT EXISTS (SELECT 1 FROM badge) AND NOT EXISTS (SELECT 1 FROM evidence) AND NOT EXISTS (SELECT 1 FROM trusted)";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}
