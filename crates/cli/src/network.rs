//! The network as the commands use it: one guarded client for a run.

use satchel_fetch::{Client, NetworkPolicy};

use crate::problem::{Kind, Problem};

/// A client that may also ask the hosts `allowed` by name. A batch of so many files may name some documents for each of them.
pub fn client(allowed: &[String], batch: usize) -> Result<Client, Problem> {
    let mut policy = NetworkPolicy { max_documents: 16 * batch, max_total_bytes: 512 << 20, ..NetworkPolicy::default() };
    for host in allowed {
        policy.allow.push(host.parse().map_err(|_| Problem::new(Kind::BadHost, [host.clone()]))?);
    }
    Client::new(policy).map_err(|error| Problem::with_cause(Kind::NoNetwork, error.cause()))
}
