//! Issuers whose address holds a DID, as `https://host/issuers/did:key:z6Mk…/profile.json`: the DID says who the issuer is, and the host only
//! lends the address. Whoever has the host could publish another key there, so such an issuer is confirmed by the DID's own key alone: its
//! statement over the RSA key travels with each badge of Open Badges 2.0 (see [`crate::sign::sign_key_statement`]).

use serde_json::Value;
use url::Url;

use super::Checker;
use crate::code::{Code, Status};
use crate::did;
use crate::evidence::Need;
use crate::key::{Algorithm, PublicKey};
use crate::proof::jws::Jws;
use crate::report::Line;
use crate::sign::{KEY_STATEMENT, KEY_STATEMENT_TYPE};

/// The DIDs that stand in the path of an address, however they are spelled there.
fn dids_in(address: &str) -> Vec<String> {
    let Some(url) = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else { return Vec::new() };
    let segments = url.path_segments().into_iter().flatten().map(decoded);
    segments.filter(|segment| segment.starts_with("did:")).collect()
}

/// A segment of a path without its percent signs (RFC 3986, 2.1).
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        if let Some(byte) = after.get(..2).filter(|_| first == b'%').and_then(hex) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The line that says that the issuer was confirmed, or, of one whose address holds a DID, that only its host vouches for it.
pub(super) fn by_host(line: Line, issuer: &str) -> Line {
    match dids_in(issuer).first() {
        Some(did) if line.code.status() == Status::Pass => {
            Line { code: Code::IssuerKnownFromHost, details: vec![issuer.to_owned(), did.clone()], ..line }
        }
        _ => line,
    }
}

impl Checker<'_> {
    /// What ties `key`, which the host of `issuer` serves, to the DID in that address; `line` is what the host says.
    pub(super) fn bound(&self, line: Line, issuer: &str, key: &PublicKey, assertion: &Value, needs: &mut Vec<Need>) -> Line {
        let dids = dids_in(issuer);
        let Some(did) = dids.first().filter(|_| line.code.status() == Status::Pass) else { return line };
        let stated = assertion.get(KEY_STATEMENT).and_then(Value::as_str);
        let (Some(stated), 1) = (stated, dids.len()) else { return by_host(line, issuer) };
        let wrong = || Line::new(Code::KeyStatementWrong, [did.clone()]);
        let Ok(jws) = Jws::parse(stated) else { return wrong() };
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (method, member) = (text(&jws.header, "kid"), |name: &str| text(&jws.payload, name));
        let named = jws.payload.pointer("/cnf/jkt").and_then(Value::as_str);
        let fits = text(&jws.header, "typ") == KEY_STATEMENT_TYPE
            && text(&jws.header, "alg") == "EdDSA"
            && jws.header.get("crit").is_none()
            && did::without_fragment(&method) == did
            && member("iss") == *did
            && named == key.thumbprint().as_deref();
        if !fits {
            return wrong();
        }
        match self.key_of_method(&method, did, needs) {
            Ok(tied) if tied.issuer.code.status() == Status::Fail => wrong(),
            Ok(tied) if tied.issuer.code.status() != Status::Pass => by_host(line, issuer),
            Ok(tied) if !jws.verify(&tied.key, Algorithm::EdDsa) => wrong(),
            Ok(tied) => Line { evidence: [line.evidence, tied.issuer.evidence].concat(), ..line },
            Err(none) if none.issuer.code.status() == Status::Fail => wrong(),
            Err(_) => by_host(line, issuer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_is_found_in_an_address_however_it_is_spelled() {
        let spelled = ["did:key:z6Mk", "did%3Akey%3Az6Mk", "%64id:key:z6Mk", "did%3akey:z6M%6b"];
        for segment in spelled {
            assert_eq!(dids_in(&format!("https://host.example/issuers/{segment}/profile.json")), ["did:key:z6Mk"], "{segment}");
        }
        assert!(dids_in("https://host.example/issuers/1?did:key:z6Mk#did:key:z6Mk").is_empty());
        assert!(dids_in("did:key:z6Mk").is_empty());
    }
}
