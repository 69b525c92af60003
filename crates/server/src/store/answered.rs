//! Requests that carry a key and were answered before, so that what is sent twice counts once (law 10). The answer is written in the
//! transaction of what it answers.

use jiff::Timestamp;
use satchel_protocol::{Code, Id};

use super::{Error, StoreError, Tx};
use crate::values;

/// A request, by hashes: of the key with whose it is, and of what it says.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// The key, the account and the device.
    pub key: [u8; 32],
    /// The method, the path and the body.
    pub said: [u8; 32],
    /// The account that the answer is about, with which it is erased; none, where it tells of no person.
    pub account: Option<Id>,
}

/// The answer to a request: the one that was given before, or that of `work`, which is then kept.
///
/// # Errors
/// [`Code::Conflict`] when the same key came with something else, that of `work`, or what the database said.
pub fn once(
    tx: &mut Tx<'_>,
    request: Option<Request>,
    now: Timestamp,
    work: impl FnOnce(&mut Tx<'_>) -> Result<String, Error>,
) -> Result<String, Error> {
    let Some(request) = request else { return work(tx) };
    let sql = "SELECT request, answer FROM answered WHERE key = $1";
    if let Some(row) = tx.first(sql, values![request.key])? {
        if row.get::<[u8; 32]>(0)? != request.said {
            return Err(satchel_protocol::Problem::new(Code::Conflict, [String::from("Idempotency-Key")]).into());
        }
        return Ok(row.get(1)?);
    }
    let answer = work(tx)?;
    let sql = "INSERT INTO answered (key, request, answer, at, account) VALUES ($1, $2, $3, $4, $5)";
    match tx.execute(sql, values![request.key, request.said, answer.as_str(), now, request.account]) {
        Ok(_) => Ok(answer),
        // The same request is being answered at this moment; once more, and its answer is there.
        Err(StoreError::Exists) => Err(StoreError::Crossed.into()),
        Err(error) => Err(error.into()),
    }
}

/// Erases what was answered to the programs of an account.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, account: Id) -> Result<(), StoreError> {
    tx.execute("DELETE FROM answered WHERE account = $1", values![account]).map(drop)
}

/// Forgets answers of before a time.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM answered WHERE at < $1", values![before]).map(drop)
}
