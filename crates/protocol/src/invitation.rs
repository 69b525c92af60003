//! The states of an invitation (R08), and which event leads from which to which: one table, read by the server and by the desk.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Stands;

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Approved where no key is: a desk has still to sign the award.
    AwaitingSignature,
    /// The mail waits in the outbox.
    Queued,
    /// A mail server took the mail.
    Sent,
    /// Somebody opened the link.
    Opened,
    /// The badge was accepted.
    Accepted,
    /// The badge was declined.
    Declined,
    /// The time ran out.
    Expired,
    /// The issuer took it back; the award is revoked.
    Withdrawn,
    /// The mail came back.
    Bounced,
}

/// What may happen to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A desk signed and uploaded the award.
    Sign,
    /// A mail server took the mail.
    Send,
    /// Somebody opened the link.
    Open,
    /// Its addressee accepts.
    Accept,
    /// Its addressee declines.
    Decline,
    /// Its time runs out.
    Expire,
    /// The issuer takes it back.
    Withdraw,
    /// The mail comes back.
    Bounce,
    /// The issuer has the mail sent once more.
    Remind,
    /// The issuer gives it more time.
    Extend,
}

impl State {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::AwaitingSignature,
        Self::Queued,
        Self::Sent,
        Self::Opened,
        Self::Accepted,
        Self::Declined,
        Self::Expired,
        Self::Withdrawn,
        Self::Bounced,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingSignature => "awaiting_signature",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Opened => "opened",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Bounced => "bounced",
        }
    }

    /// How an invitation stands that lets something not be done.
    pub const fn stands(self) -> Stands {
        let both = match self {
            Self::AwaitingSignature => ("the award waits for its signature", "il badge attende la firma"),
            Self::Queued => ("the mail of the invitation waits to leave", "l'e-mail dell'invito attende di partire"),
            Self::Sent => ("the mail of the invitation has left", "l'e-mail dell'invito è partita"),
            Self::Opened => ("the invitation was opened", "l'invito è stato aperto"),
            Self::Accepted => ("the invitation was accepted", "l'invito è stato accettato"),
            Self::Declined => ("the invitation was declined", "l'invito è stato rifiutato"),
            Self::Expired => ("the time of the invitation has run out", "l'invito è scaduto"),
            Self::Withdrawn => ("the invitation was withdrawn", "l'invito è stato ritirato"),
            Self::Bounced => ("the mail of the invitation came back", "l'e-mail dell'invito è tornata indietro"),
        };
        Stands { name: self.name(), both }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether its addressee may still decide.
    pub fn is_open(self) -> bool {
        self.after(Event::Accept).is_some()
    }

    /// Where `event` leads from here; none where it must not happen.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a table: one line for each thing that happens")]
    pub fn after(self, event: Event) -> Option<Self> {
        use Event::{Accept, Bounce, Decline, Expire, Extend, Open, Remind, Send, Sign, Withdraw};
        use State::{Accepted, AwaitingSignature, Bounced, Declined, Expired, Opened, Queued, Sent, Withdrawn};
        match (self, event) {
            (AwaitingSignature, Sign) => Some(Queued),
            (Queued, Send) => Some(Sent),
            // The link of an earlier mail still opens it, and the badge is found after signing in without any mail.
            (Queued | Sent | Opened | Bounced, Open) => Some(Opened),
            (Queued | Sent | Opened | Bounced, Accept) => Some(Accepted),
            (Queued | Sent | Opened | Bounced, Decline) => Some(Declined),
            (AwaitingSignature | Queued | Sent | Opened | Bounced, Expire) => Some(Expired),
            (AwaitingSignature | Queued | Sent | Opened | Bounced, Withdraw) => Some(Withdrawn),
            (Queued | Sent, Bounce) => Some(Bounced),
            (Sent | Opened | Bounced, Remind) => Some(Queued),
            (AwaitingSignature | Queued | Sent | Opened | Bounced, Extend) => Some(self),
            (Expired, Extend) => Some(Queued),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 10] = [
        Event::Sign,
        Event::Send,
        Event::Open,
        Event::Accept,
        Event::Decline,
        Event::Expire,
        Event::Withdraw,
        Event::Bounce,
        Event::Remind,
        Event::Extend,
    ];

    #[test]
    fn every_state_is_reached_and_every_name_is_read_again() {
        let mut reached = vec![State::AwaitingSignature];
        let mut next = 0;
        while let Some(state) = reached.get(next).copied() {
            next += 1;
            reached.extend(
                EVENTS.iter().filter_map(|event| state.after(*event)).filter(|to| !reached.contains(to)).collect::<Vec<_>>(),
            );
        }
        for state in State::ALL {
            assert!(reached.contains(&state), "{state:?} is never reached");
            assert_eq!(State::from_name(state.name()), Some(state));
        }
    }

    #[test]
    fn what_was_decided_or_taken_back_stays_so() {
        for state in [State::Accepted, State::Declined, State::Withdrawn] {
            assert!(EVENTS.iter().all(|event| state.after(*event).is_none()), "{state:?}");
        }
        assert_eq!(State::Expired.after(Event::Accept), None);
    }

    #[test]
    fn nothing_is_accepted_before_it_is_signed() {
        assert!(!State::AwaitingSignature.is_open());
        assert!(State::ALL.into_iter().filter(|state| state.is_open()).eq([
            State::Queued,
            State::Sent,
            State::Opened,
            State::Bounced
        ]));
    }
}
