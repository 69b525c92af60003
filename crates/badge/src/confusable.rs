//! Names that could be taken for one another (security.md, V05; UTS #39, 4). A name in a badge is a claim; where it looks like that of an
//! issuer whom the verifier trusts, and the identifier is another one, a person is told.

use unicode_security::confusable_detection::skeleton;

use crate::check::{Trust, TrustedIssuer};

/// Whether a person could take one name for the other: the same letters, or letters that look the same, whatever their case, accents, spaces
/// and signs.
///
/// ```
/// use satchel_badge::confusable::look_alike;
/// assert!(look_alike("Istituto Volta", "lstituto  VOLTA"));
/// assert!(look_alike("Politecnico", "Роlitеcnico"), "with Cyrillic letters");
/// assert!(!look_alike("Istituto Volta", "Istituto Galilei"));
/// ```
pub fn look_alike(one: &str, other: &str) -> bool {
    let (one, other) = (likeness(one), likeness(other));
    !one.is_empty() && one == other
}

/// The issuer whom the verifier trusts for which this one could be taken: a name that looks the same, and another identifier.
pub fn taken_for<'t>(name: &str, id: Option<&str>, trust: &'t Trust) -> Option<&'t TrustedIssuer> {
    if trust.issuers.is_empty() || trust.issuers.iter().any(|trusted| Some(trusted.id.as_str()) == id) {
        return None;
    }
    let key = likeness(name);
    let is_like = |trusted: &&TrustedIssuer| trusted.name.as_deref().is_some_and(|known| likeness(known) == key);
    trust.issuers.iter().filter(|_| !key.is_empty()).find(is_like)
}

/// The letters of a name that are compared; no name that a person reads has more.
const LONGEST: usize = 500;

/// What names that look the same have in common: the skeleton of UTS #39 in small letters, without what people overlook. Empty for a name of signs
/// alone.
pub fn likeness(name: &str) -> String {
    let shown: String = name.chars().take(LONGEST).filter(|c| !c.is_whitespace()).collect();
    // Before the letters are made small, because some look alike as capitals alone, and after that, because others do as small ones.
    let small: String = skeleton(&shown).flat_map(char::to_lowercase).collect();
    let letters = skeleton(&small).flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric());
    // A capital I and a small L have one skeleton, which a small i has not.
    letters.map(|c| if c == 'i' || c == 'ı' { 'l' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_told() {
        let same = [
            ("Istituto Volta", "Istituto Volta"),
            ("Istituto Volta", "istituto volta"),
            ("Istituto Volta", "Istituto\u{a0}Volta "),
            ("Istituto Volta", "lstituto Volta"),
            ("ISTITUTO VOLTA", "lSTITUTO VOLTA"),
            ("Istituto Volta", "Isti\u{200b}tuto Volta"),
            ("Università", "Universita"),
            ("Politecnico di Milano", "Pоlitecnicо di Milаnо"),
            ("Modern School", "Modem School"),
            ("School 100", "School lOO"),
            ("ACME", "АСМЕ"),
            ("A.C.M.E.", "ACME"),
            ("Scuola-Guida", "Scuola Guida"),
            ("Volta", "𝐕𝐨𝐥𝐭𝐚"),
        ];
        for (one, other) in same {
            assert!(look_alike(one, other), "{one} {other}: {} {}", likeness(one), likeness(other));
        }
        let others = [("Istituto Volta", "Istituto Galilei"), ("Volta", "Volta 2"), ("", ""), ("!!!", "???"), ("學校", "学校")];
        for (one, other) in others {
            assert!(!look_alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn the_issuer_itself_is_taken_for_nobody() {
        let trusted =
            |id: &str, name: &str| TrustedIssuer { id: id.to_owned(), name: Some(name.to_owned()), note: None, next: None };
        let trust =
            Trust { issuers: vec![trusted("did:web:volta.example", "Istituto Volta"), trusted("did:web:b.example", "B")] };
        assert_eq!(taken_for("lstituto Volta", Some("did:web:v0lta.example"), &trust).unwrap().id, "did:web:volta.example");
        assert_eq!(taken_for("Istituto Volta", None, &trust).unwrap().id, "did:web:volta.example");
        assert!(taken_for("Istituto Volta", Some("did:web:volta.example"), &trust).is_none());
        assert!(taken_for("Istituto Volta", Some("did:web:b.example"), &trust).is_none(), "trusted under another name");
        assert!(taken_for("Istituto Galilei", Some("did:web:g.example"), &trust).is_none());
    }
}
