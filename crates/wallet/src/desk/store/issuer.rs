//! Who issues at this desk: one row.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{text, torn};
use crate::desk::Issuer;
use crate::store::{from_micros, seal, to_micros};
use crate::{Sha256, WalletError};

fn seal_of(issuer: &Issuer) -> Sha256 {
    let Issuer { did, name, url, email, key_url, next_key, rsa_pem, statement, server, made } = issuer;
    let needed = [did, name, key_url, next_key, rsa_pem, statement].map(Some);
    let columns = needed.into_iter().chain([url.as_ref(), email.as_ref(), server.as_ref()]).map(text);
    seal::of(&columns.chain([ValueRef::Integer(to_micros(*made))]).collect::<Vec<_>>())
}

fn read(row: &Row<'_>) -> Result<Issuer, WalletError> {
    let issuer = Issuer {
        did: row.get(0)?,
        name: row.get(1)?,
        url: row.get(2)?,
        email: row.get(3)?,
        key_url: row.get(4)?,
        next_key: row.get(5)?,
        rsa_pem: row.get(6)?,
        statement: row.get(7)?,
        server: row.get(8)?,
        made: from_micros(row.get(9)?)?,
    };
    if row.get::<_, Sha256>(10)? == seal_of(&issuer) { Ok(issuer) } else { Err(torn("the issuer")) }
}

/// The issuer; none at a desk that was not finished.
pub fn get(db: &Connection) -> Result<Option<Issuer>, WalletError> {
    let sql = "SELECT did, name, url, email, key_url, next_key, rsa_pem, statement, server, made, seal FROM issuer WHERE one = 1";
    db.query_row(sql, [], |row| Ok(read(row))).optional()?.transpose()
}

/// Keeps the issuer.
pub fn put(db: &Connection, issuer: &Issuer) -> Result<(), WalletError> {
    let sql = "INSERT OR REPLACE INTO issuer
               (one, did, name, url, email, key_url, next_key, rsa_pem, statement, server, made, seal)
               VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let Issuer { did, name, url, email, key_url, next_key, rsa_pem, statement, server, made } = issuer;
    let row = params![did, name, url, email, key_url, next_key, rsa_pem, statement, server, to_micros(*made), seal_of(issuer)];
    db.execute(sql, row)?;
    Ok(())
}
