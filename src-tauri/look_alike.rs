//! Names that could be taken for one that the owner trusts (security.md, V05). A name in a badge is a claim; this says when it is one that a
//! person may fall for. What looks alike is what Unicode says (UTS 39, 4: skeletons), after case and spaces.

use satchel_badge::model::Profile;
use satchel_wallet::{Trusted, Wallet, WalletError};
use unicode_security::confusable_detection::skeleton;

/// Whom the owner trusts, by what their names look like.
#[derive(Default)]
pub struct LookAlikes {
    trusted: Vec<(Trusted, String)>,
}

impl LookAlikes {
    /// Those of a wallet.
    pub fn new(wallet: &Wallet) -> Result<Self, WalletError> {
        Ok(Self::of_trusted(wallet.trusted()?))
    }

    fn of_trusted(trusted: Vec<Trusted>) -> Self {
        let looks = trusted.into_iter().map(|trusted| {
            let look = look(&trusted.name);
            (trusted, look)
        });
        Self { trusted: looks.collect() }
    }

    /// The trusted name that this profile could be taken for, while it is somebody else.
    pub fn of(&self, profile: &Profile) -> Option<String> {
        let look = look(profile.name.as_deref()?);
        let is_other = |trusted: &Trusted| profile.id.as_ref() != Some(&trusted.id);
        let found = self.trusted.iter().find(|(trusted, name)| !look.is_empty() && *name == look && is_other(trusted));
        found.map(|(trusted, _)| trusted.name.clone())
    }
}

/// What a name looks like: letters and digits alone, each as the plainest that it is taken for.
fn look(name: &str) -> String {
    let lower: String = name.chars().take(500).flat_map(char::to_lowercase).collect();
    let plain: String = skeleton(&lower).collect();
    skeleton(&plain.to_lowercase()).filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_that_only_looks_like_a_trusted_one_is_told() {
        let trusted = Trusted { id: "did:key:zVolta".into(), name: "Istituto Volta".into(), added: jiff::Timestamp::UNIX_EPOCH };
        let look_alikes = LookAlikes::of_trusted(vec![trusted]);
        let of = |name: &str, id: &str| {
            look_alikes.of(&Profile { id: Some(id.to_owned()), name: Some(name.to_owned()), ..Profile::default() })
        };
        // Cyrillic letters, a capital for a small letter, another space, a letter that nobody sees.
        for name in [
            "Istituto Volta",
            "Istitut\u{43e} V\u{43e}lt\u{430}",
            "lstituto Volta",
            "istituto  volta",
            "Istituto\u{a0}Vol\u{200b}ta",
        ] {
            assert_eq!(of(name, "did:key:zOther").as_deref(), Some("Istituto Volta"), "{name}");
        }
        assert_eq!(of("Istituto Volta", "did:key:zVolta"), None, "it is the trusted one itself");
        for name in ["Istituto Galvani", "", "Volta"] {
            assert_eq!(of(name, "did:key:zOther"), None, "{name}");
        }
    }
}
