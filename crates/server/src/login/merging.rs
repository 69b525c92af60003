//! What becomes of somebody whom a provider sends and who has no account through it yet: the rules of joining an account that is there already
//! (S06), as one pure function. An account is joined without a question only if nothing speaks against it; else its owner proves to be it.
//!
//! A mail to the address is proof where the provider's word is all that is lacking, or the address was verified long ago. Whoever has an
//! address that somebody else had before gets that mail too, so it is no proof against a birth date that differs, against another person of
//! the same provider, for an account with a second factor or a role, nor once its owner has undone the same before. There the account itself
//! is signed in to.

use jiff::{SignedDuration, Timestamp};

/// How long a verified address counts without being proved anew: 24 months.
pub const RECENT: SignedDuration = SignedDuration::from_hours(24 * 730);

/// The account that holds the address.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of its own")]
pub struct Holder {
    /// It is blocked, or its owner is too young.
    pub is_closed: bool,
    /// It has a second factor.
    pub has_second_factor: bool,
    /// It acts for an issuer or runs the server.
    pub has_role: bool,
    /// It has another login by the same provider.
    pub has_same_provider: bool,
    /// A login of the same provider parted from it before: its owner undid that it joined, or removed it.
    pub is_barred: bool,
    /// The birth date that was given is the one that it has.
    pub has_same_birth_date: bool,
    /// When it verified the address.
    pub verified: Timestamp,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nobody holds the address: an account is made.
    Create,
    /// The login joins the account.
    Join,
    /// A mail to the address is to prove that it is theirs.
    Mail,
    /// There is an account, and its owner is to prove to be it: by signing in to it, or by a mail where that is enough.
    Prove {
        /// Whether a mail to the address is enough.
        by_mail: bool,
    },
    /// There is an account that may not be used.
    Closed,
}

/// Decides, with the provider's word for the address, or with proof by mail.
pub fn decide(vouched: bool, proved_by_mail: bool, holder: Option<Holder>, now: Timestamp) -> Decision {
    if !vouched && !proved_by_mail {
        // The same whether there is an account or not: only its owner learns of it, by the mail.
        return Decision::Mail;
    }
    let Some(holder) = holder else { return Decision::Create };
    if holder.is_closed {
        return Decision::Closed;
    }
    let is_plain = !holder.has_second_factor && !holder.has_role && !holder.has_same_provider && !holder.is_barred;
    let mail_is_enough = is_plain && holder.has_same_birth_date;
    let is_recent = holder.verified + RECENT > now;
    if mail_is_enough && (proved_by_mail || vouched && is_recent) {
        return Decision::Join;
    }
    Decision::Prove { by_mail: mail_is_enough && !proved_by_mail }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn now() -> Timestamp {
        "2026-11-28T12:00:00Z".parse().unwrap()
    }

    fn good() -> Holder {
        Holder {
            is_closed: false,
            has_second_factor: false,
            has_role: false,
            has_same_provider: false,
            is_barred: false,
            has_same_birth_date: true,
            verified: now() - RECENT + HOUR,
        }
    }

    #[test]
    fn with_every_condition_met_a_login_joins_without_a_question() {
        assert_eq!(decide(true, false, Some(good()), now()), Decision::Join);
        assert_eq!(decide(true, false, None, now()), Decision::Create);
    }

    #[test]
    fn each_condition_that_fails_alone_keeps_a_login_from_joining() {
        let now = now();
        let broken: [(&str, Holder, bool); 6] = [
            ("second factor", Holder { has_second_factor: true, ..good() }, false),
            ("role", Holder { has_role: true, ..good() }, false),
            ("same provider", Holder { has_same_provider: true, ..good() }, false),
            ("undone before", Holder { is_barred: true, ..good() }, false),
            ("birth date", Holder { has_same_birth_date: false, ..good() }, false),
            ("verified long ago", Holder { verified: now - RECENT, ..good() }, true),
        ];
        for (what, holder, by_mail) in broken {
            assert_eq!(decide(true, false, Some(holder), now), Decision::Prove { by_mail }, "{what}");
            let after = if by_mail { Decision::Join } else { Decision::Prove { by_mail: false } };
            assert_eq!(decide(true, true, Some(holder), now), after, "{what}, after a mail");
            assert_eq!(decide(false, false, Some(holder), now), Decision::Mail, "{what}, not vouched for");
        }
        assert_eq!(decide(true, false, Some(Holder { is_closed: true, ..good() }), now), Decision::Closed);
        assert_eq!(decide(true, true, Some(Holder { is_closed: true, ..good() }), now), Decision::Closed);
    }

    #[test]
    fn without_the_providers_word_nobody_learns_whether_there_is_an_account() {
        for holder in [None, Some(good()), Some(Holder { is_closed: true, ..good() })] {
            assert_eq!(decide(false, false, holder, now()), Decision::Mail);
        }
        assert_eq!(decide(false, true, None, now()), Decision::Create);
        assert_eq!(decide(false, true, Some(good()), now()), Decision::Join);
    }
}
