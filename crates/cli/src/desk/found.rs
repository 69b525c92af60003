//! What a desk found at its server that it did not know: told by every command that asks the server for its lists.

use satchel_wallet::desk::Found;
use serde_json::json;

use super::Desk;
use crate::verify::pick;

pub fn say(desk: &Desk, found: &Found) {
    let Found { revoked, unknown, behind, withdrawn } = found;
    if revoked.is_empty() && behind.is_none() && withdrawn.is_empty() {
        return;
    }
    if desk.json {
        let row = json!({ "revoked": revoked, "unknown": unknown, "behind": behind, "withdrawn": withdrawn });
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
}
