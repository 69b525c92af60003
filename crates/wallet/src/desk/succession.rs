//! A key that was lost, stolen, or in use long enough: the successor that was made with it takes over, at a desk of its own. Its secret was told once,
//! when the first desk was made (`desk new`); nobody without it makes a succession that counts.

use std::path::Path;

use jiff::Timestamp;
use satchel_badge::sign::{Ed25519Signer, sign_succession};
use satchel_badge::succession::Reason;
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::keys::{Keys, Successor, secret_of};
use super::remote::Remote;
use super::{Desk, DeskError, Issuer, New, NewIssuer, Passphrases, Why, Wrong};

/// Who is succeeded, and why.
#[derive(Clone, Debug)]
pub struct Succeeded<'a> {
    /// The issuer whose badges announced the key.
    pub of: &'a str,
    /// The server that it publishes on.
    pub server: &'a str,
    /// Why.
    pub reason: Reason,
}

impl Desk {
    /// Makes the desk of a successor in `dir`, once the server of the issuer that it succeeds has taken the proof.
    ///
    /// # Errors
    /// The secret is none, the server does not take it, or as [`Desk::create`].
    pub fn succeed(
        dir: &Path,
        new: &NewIssuer,
        it: &Succeeded<'_>,
        secret: &str,
        passphrases: &dyn Passphrases,
        clock: &dyn Fn() -> Timestamp,
    ) -> Result<New, DeskError> {
        let wrong = |about: &str, why| DeskError::BadOption(Wrong::new(about, why));
        let secret: Zeroizing<[u8; 32]> = secret_of(secret.trim()).ok_or_else(|| wrong("SATCHEL_SUCCESSOR", Why::NotASecret))?;
        if new.domain.is_some() || !it.of.starts_with("did:key:") {
            return Err(wrong("--of", Why::NotAKey));
        }
        let url = Url::parse(it.server).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        let server = url.ok_or_else(|| wrong("--server", Why::NotAnUrl))?.origin().ascii_serialization();
        let mut secrets = Keys::make()?;
        secrets.ed25519 = secret;
        let (next, now) = (Successor::make(), clock());
        let begun = Self::make_room(dir, new)?;
        let issuer = Issuer { server: Some(server.clone()), ..new.issuer(&secrets, &next, now)? };
        let keys = Keys::of(&secrets, &issuer.key_url)?;
        let signer = Ed25519Signer::did_key(&secrets.ed25519);
        let signed = sign_succession(it.of, it.reason, &issuer.next_key, &signer, now);
        let signed = signed.map_err(|error| DeskError::Signing(error.to_string()))?;
        // In the name of the one that is succeeded, signed by the one that succeeds.
        let before = Issuer { did: it.of.to_owned(), ..issuer.clone() };
        let document = json!({ "id": before.address("succession.json"), "succession": signed });
        // Before there is a desk: what is broken off here is begun anew, and the server takes the same successor again.
        Remote::new(&before, &keys, clock)?.put("succession.json", document.to_string().as_bytes())?;
        Self::settle_in(dir, begun, &secrets, issuer, next, passphrases)
    }
}
