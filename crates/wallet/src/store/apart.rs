//! What a wallet says that somebody else may have made (security.md, V06): whom its owner trusts, which numbers of lists were seen, and that
//! documents were fetched. Until it is called one's own, all that is set apart: it is kept, and counts as brought along.

use rusqlite::Connection;

use rusqlite::types::ValueRef;

use super::{evidence, numbered, seal, trusted};
use crate::{Sha256, WalletError};

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
    for table in SAYING {
        if db.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |row| row.get(0))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// All tables but the row about the wallet itself and those that hang on others.
const SAYING: [&str; 9] =
    ["badge", "original", "evidence", "beside", "trusted", "numbered", "account", "trusted_apart", "numbered_apart"];

/// The hash of all that counts now, so that it is seen when somebody else puts more into it. A row whose seal is another one's is read as
/// damaged.
pub fn said(db: &Connection) -> Result<Sha256, WalletError> {
    let counting = "WHERE origin <> 'brought' AND origin NOT LIKE 'claimed-%'";
    let mut seals: Vec<Vec<u8>> = Vec::new();
    for (table, which) in [("trusted", ""), ("numbered", ""), ("evidence", counting), ("beside", counting)] {
        seals.push(table.as_bytes().to_vec());
        let mut statement = db.prepare_cached(&format!("SELECT seal FROM {table} {which} ORDER BY seal"))?;
        let rows = statement.query_map([], |row| row.get(0))?;
        seals.extend(rows.collect::<Result<Vec<Vec<u8>>, _>>()?);
    }
    Ok(seal::of(&seals.iter().map(|seal| ValueRef::Blob(seal)).collect::<Vec<_>>()))
}

/// Takes over what can be read of what is set apart in a damaged wallet, as if it counted. Says whether anything was: then it must be set apart again.
pub fn salvage(source: &Connection, db: &Connection) -> Result<bool, WalletError> {
    let (choices, numbers) = (trusted::salvage_apart(source), numbered::salvage_apart(source));
    choices.iter().try_for_each(|choice| trusted::put(db, choice))?;
    numbers.iter().try_for_each(|(key, number)| numbered::note(db, key, *number))?;
    Ok(!choices.is_empty() || !numbers.is_empty() || is_set(source).unwrap_or(false))
}
