//! What a desk found at its server that it did not know, and what waits for it there.

use satchel_wallet::desk::Found;
use serde_json::json;

use super::Desk;
use crate::verify::pick;

pub fn say(desk: &Desk, found: &Found) {
    let Found { revoked, unknown, behind, withdrawn, requests } = found;
    if revoked.is_empty() && behind.is_none() && withdrawn.is_empty() && *requests == 0 {
        return;
    }
    if desk.json {
        let row =
            json!({ "revoked": revoked, "unknown": unknown, "behind": behind, "withdrawn": withdrawn, "requests": requests });
        return anstream::println!("{}", json!({ "found": row }));
    }
    let words = |english: &'static str, italian: &'static str| pick(desk.language, english, italian);
    if !revoked.is_empty() {
        let said = words(
            "Another copy of this desk revoked these awards; they are revoked here too:",
            "Un'altra copia di questo banco ha revocato questi badge; ora sono revocati anche qui:",
        );
        anstream::eprintln!("{said}\n  {}", revoked.join("\n  "));
    }
    if let Some(size) = behind {
        let said = words(
            "Another copy of this desk signed awards that this one does not know; so many are in its log:",
            "Un'altra copia di questo banco ha firmato badge che questa non conosce; nel suo registro sono:",
        );
        let stay = words("revocations of unknown awards stay as they are", "revoche di badge sconosciuti restano come sono");
        anstream::eprintln!("{said} {size}. {unknown} {stay}.");
    }
    if !withdrawn.is_empty() {
        let said = words(
            "Staff withdrew these invitations at the server, which cannot revoke: verifiers still take the badges as valid. `desk revoke --withdrawn --reason R` revokes them.",
            "Il personale ha ritirato questi inviti sul server, che non può revocare: per i verificatori i badge sono ancora validi. `desk revoke --withdrawn --reason R` li revoca.",
        );
        anstream::eprintln!("{said}\n  {}", withdrawn.join("\n  "));
    }
    if *requests > 0 {
        let said = words(
            "requests were approved at the server and await a signature; `desk requests` lists them.",
            "richieste approvate sul server attendono una firma; `desk requests` le elenca.",
        );
        let one = words(
            "request was approved at the server and awaits a signature; `desk requests` lists it.",
            "richiesta approvata sul server attende una firma; `desk requests` la elenca.",
        );
        anstream::eprintln!("{requests} {}", if *requests == 1 { one } else { said });
    }
}
