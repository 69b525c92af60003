//! What a wallet says that somebody else may have made (security.md, V06): whom its owner trusts, which numbers of lists were seen, and that
//! documents were fetched. Until it is called one's own, all that is set apart: it is kept, and counts as brought along.

use rusqlite::Connection;

use super::evidence;
use crate::WalletError;

/// Sets apart all that the wallet says now.
pub fn set(db: &Connection) -> Result<(), WalletError> {
    for table in ["trusted", "numbered"] {
        db.execute_batch(&format!("INSERT OR REPLACE INTO {table}_apart SELECT * FROM {table}; DELETE FROM {table}"))?;
    }
    evidence::set_apart(db)?;
    db.execute("INSERT OR IGNORE INTO apart (one) VALUES (1)", [])?;
    Ok(())
}

/// Lets count what was set apart. What was said here since then stays as it is.
pub fn bring_back(db: &Connection) -> Result<(), WalletError> {
    for table in ["trusted", "numbered"] {
        db.execute_batch(&format!("INSERT OR IGNORE INTO {table} SELECT * FROM {table}_apart; DELETE FROM {table}_apart"))?;
    }
    evidence::bring_back(db)?;
    db.execute("DELETE FROM apart", [])?;
    Ok(())
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
