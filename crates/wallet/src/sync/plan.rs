//! What is to be done when a server tells something: a function of where the reading is, what is known here, and what came. Nothing is asked,
//! read or written here; `run.rs` carries a plan out in one transaction. The rules are in words in `docs/sync.md`.

use std::collections::{BTreeMap, BTreeSet};

use satchel_protocol::Id;
use satchel_protocol::feed::{Kind, Record};
use satchel_protocol::invitation::State;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::{Award, Invitation, Profile, ProfileChange};
use serde::{Deserialize, Serialize};

/// Something that the owner did and a server is to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Accept an invitation.
    Accept {
        /// Which one.
        invitation: Id,
        /// Who is to see the page, where that was asked (R34).
        visibility: Option<Visibility>,
    },
    /// Decline it.
    Decline {
        /// Which one.
        invitation: Id,
    },
    /// Keep an award off the page, or show it.
    Hide {
        /// Which one.
        award: Id,
        /// Whether it is kept off.
        hidden: bool,
    },
    /// Change the profile.
    Profile {
        /// What is to change.
        change: ProfileChange,
    },
}

impl Action {
    /// The stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Decline { .. } => "decline",
            Self::Hide { .. } => "hide",
            Self::Profile { .. } => "profile",
        }
    }

    /// The invitation that it answers.
    pub const fn invitation(&self) -> Option<Id> {
        match self {
            Self::Accept { invitation, .. } | Self::Decline { invitation } => Some(*invitation),
            Self::Hide { .. } | Self::Profile { .. } => None,
        }
    }
}

/// Something in the outbox; its id is the idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub id: Id,
    /// What was done.
    pub action: Action,
}

/// How far an account was read. `round` counts how often everything is read from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Place {
    /// Nothing yet in this round.
    Start {
        /// Which round.
        round: i64,
        /// How far the feed was read in the round before.
        reached: i64,
        /// The owner was told that the server is not as it was.
        restored: bool,
    },
    /// The awards, a page at a time. What changes meanwhile is in the feed after `head`.
    Reading {
        /// Which round.
        round: i64,
        /// Where the feed ended when the round began.
        head: i64,
        /// Its last record then.
        last: Option<Record>,
        /// After which award to go on.
        after: Option<Id>,
        /// What was answered since, and so must be in the feed after `head`.
        expects: Vec<(Kind, Id)>,
    },
    /// The feed.
    Following {
        /// Which round.
        round: i64,
        /// Up to where it was read.
        cursor: i64,
        /// The record there. A server that has another one in its place is not as it was (a backup was put back).
        last: Option<Record>,
        /// What was answered since, and so must be in the feed after `cursor`.
        expects: Vec<(Kind, Id)>,
    },
}

impl Place {
    /// Where a new account stands.
    pub const NEW: Self = Self::Start { round: 1, reached: 0, restored: false };

    /// The same, when something was answered.
    fn expecting(mut self, what: (Kind, Id)) -> Self {
        if let Self::Reading { expects, .. } | Self::Following { expects, .. } = &mut self
            && !expects.contains(&what)
        {
            expects.push(what);
        }
        self
    }

    /// Which round it is.
    pub const fn round(&self) -> i64 {
        match self {
            Self::Start { round, .. } | Self::Reading { round, .. } | Self::Following { round, .. } => *round,
        }
    }

    /// Up to where the feed was read.
    pub const fn reached(&self) -> i64 {
        match self {
            Self::Start { reached, .. } => *reached,
            Self::Reading { head, .. } => *head,
            Self::Following { cursor, .. } => *cursor,
        }
    }
}

/// An award as it is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAward {
    /// As the server told it last, without its forms.
    pub award: Award,
    /// In which round.
    #[serde(skip)]
    pub round: i64,
    /// The server no longer has it.
    pub gone: bool,
    /// It came into the wallet, whatever its owner has done with it there since.
    pub taken: bool,
    /// The address of the account to which it was given, as its credential showed when it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_to: Option<String>,
}

/// What is known here of what came, and what waits to be sent.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Invitations.
    pub invitations: BTreeMap<Id, Invitation>,
    /// Awards.
    pub awards: BTreeMap<Id, KnownAward>,
    /// What waits, in its order.
    pub outbox: Vec<Entry>,
}

/// What a server told.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// It cannot go on from where the feed was read.
    Restart {
        /// It is not as it was: a backup was put back.
        restored: bool,
    },
    /// The beginning of a round.
    Begin {
        /// Where its feed ends.
        head: i64,
        /// The record there.
        last: Option<Record>,
        /// The profile.
        profile: Profile,
        /// The invitations that wait there, and what became of others that are known here.
        invitations: Vec<(Id, Option<Invitation>)>,
    },
    /// A page of awards.
    Awards {
        /// The awards.
        awards: Vec<Award>,
        /// After which to go on; none when these are the last.
        next: Option<Id>,
        /// With the last: the awards known here that the round did not bring.
        left: Vec<Id>,
    },
    /// A part of the feed, each thing as it is now; none is there no more.
    Changes {
        /// Up to where.
        cursor: i64,
        /// The last record.
        last: Option<Record>,
        /// The profile, if it changed.
        profile: Option<Profile>,
        /// Invitations.
        invitations: Vec<(Id, Option<Invitation>)>,
        /// Awards.
        awards: Vec<(Id, Option<Award>)>,
    },
    /// Invitations by themselves.
    Invitations {
        /// They.
        invitations: Vec<(Id, Option<Invitation>)>,
        /// Each was asked for; else they were only listed.
        looked_at: bool,
    },
    /// The answer to something in the outbox.
    Answer {
        /// What was sent.
        entry: Entry,
        /// What came back.
        answer: Answer,
    },
}

/// What a server answers to something in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The award that came of an acceptance, or that was changed.
    Award(Award),
    /// It was declined.
    Declined,
    /// The new profile.
    Profile(Profile),
    /// It was not done, and never will be.
    Refused {
        /// The server's code.
        code: String,
        /// Its words.
        message: String,
    },
}

/// Something that the owner is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Notice {
    /// The issuer took an invitation back, or its time ran out, before it was answered.
    Ended {
        /// The name of the badge.
        name: String,
        /// `withdrawn`, `expired`, or whatever else the server says.
        state: String,
    },
    /// The issuer revoked an award.
    Revoked {
        /// Which one.
        award: Id,
        /// The name of the badge.
        name: String,
    },
    /// The key of its issuer has passed to the one that it had announced.
    Succeeded {
        /// Which award.
        award: Id,
        /// The name of the badge.
        name: String,
    },
    /// The server has an award no more. The badge stays in the wallet.
    Gone {
        /// Which one.
        award: Id,
        /// The name of the badge.
        name: String,
    },
    /// The server did not do what was asked for.
    Refused {
        /// What was asked for (`Action::name`).
        action: String,
        /// The name of the badge, where it is about one.
        name: Option<String>,
        /// The server's code.
        code: String,
        /// The server's words.
        message: String,
    },
    /// The server was put back to an earlier state; what was lost there was sent again, and nothing was lost here.
    Restored,
    /// What the server calls a badge is none that could be kept.
    Unreadable {
        /// Which award.
        award: Id,
        /// What the server calls it.
        name: String,
    },
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Go on from here.
    Place(Place),
    /// Keep the profile.
    Profile(Profile),
    /// Keep an invitation.
    Invitation {
        /// It; with its credential as long as it is open.
        invitation: Invitation,
        /// Whether it begins to wait for an answer.
        is_new: bool,
    },
    /// Forget an invitation.
    Forget(Id),
    /// Keep what is known of an award, and with `take` the badge.
    Award {
        /// It, with its forms.
        award: Award,
        /// Whether the badge is to come into the wallet.
        take: bool,
    },
    /// Note that the server has an award no more.
    Gone(Id),
    /// Take something out of the outbox.
    Dequeue(Id),
    /// Send something.
    Queue(Action),
    /// Tell the owner.
    Tell(Notice),
}

/// What is to be done.
pub fn plan(place: &Place, known: &Known, incoming: Incoming) -> Vec<Step> {
    let mut steps = Vec::new();
    let round = place.round();
    match incoming {
        Incoming::Restart { restored } => {
            if restored {
                steps.push(Step::Tell(Notice::Restored));
            }
            // The feed is another one; how far the old one went says nothing about it.
            let reached = if restored { 0 } else { place.reached() };
            steps.push(Step::Place(Place::Start { round: round + 1, reached, restored }));
        }
        Incoming::Begin { head, last, profile, invitations } => {
            steps.push(Step::Profile(profile));
            for (id, found) in invitations {
                invitation(known, id, found, &mut steps);
            }
            let was_told = matches!(place, Place::Start { restored: true, .. });
            if !was_told && steps.iter().any(|step| matches!(step, Step::Queue(_))) {
                steps.push(Step::Tell(Notice::Restored));
            }
            steps.push(Step::Place(Place::Reading { round, head, last, after: None, expects: Vec::new() }));
        }
        Incoming::Invitations { invitations, .. } => {
            for (id, found) in invitations {
                invitation(known, id, found, &mut steps);
            }
        }
        Incoming::Awards { awards, next, left } => {
            let here: BTreeSet<Id> = awards.iter().map(|award| award.id).collect();
            for found in awards {
                award(known, found.id, Some(found), &mut steps);
            }
            let Place::Reading { head, last, expects, .. } = place.clone() else { return steps };
            if let Some(after) = next {
                steps.push(Step::Place(Place::Reading { round, head, last, after: Some(after), expects }));
            } else {
                // What is accepted once more comes back by that.
                let answers = known.outbox.iter().filter_map(|entry| known.invitations.get(&entry.action.invitation()?));
                let again: BTreeSet<Id> = answers.map(|invitation| invitation.award).collect();
                let left = left.into_iter().filter(|id| !here.contains(id) && !again.contains(id));
                left.for_each(|id| award(known, id, None, &mut steps));
                steps.push(Step::Place(Place::Following { round, cursor: head, last, expects }));
            }
        }
        Incoming::Changes { cursor, last, profile, invitations, awards } => {
            let mut expects = if let Place::Following { expects, .. } = place { expects.clone() } else { Vec::new() };
            expects.retain(|(kind, id)| match kind {
                Kind::Invitation => invitations.iter().all(|(came, _)| came != id),
                Kind::Award => awards.iter().all(|(came, _)| came != id),
                _ => profile.is_none(),
            });
            steps.extend(profile.map(Step::Profile));
            for (id, found) in invitations {
                invitation(known, id, found, &mut steps);
            }
            for (id, found) in awards {
                award(known, id, found, &mut steps);
            }
            steps.push(Step::Place(Place::Following { round, cursor, last, expects }));
        }
        Incoming::Answer { entry, answer } => {
            let is_done = !matches!(answer, Answer::Refused { .. });
            let subject = match &entry.action {
                Action::Accept { invitation, .. } | Action::Decline { invitation } => (Kind::Invitation, *invitation),
                Action::Hide { award, .. } => (Kind::Award, *award),
                Action::Profile { .. } => (Kind::Profile, entry.id),
            };
            answered(known, &entry, answer, &mut steps);
            if is_done {
                steps.push(Step::Place(place.clone().expecting(subject)));
            }
        }
    }
    steps
}

fn is_answered(state: State) -> bool {
    matches!(state, State::Accepted | State::Declined)
}

fn invitation(known: &Known, id: Id, found: Option<Invitation>, steps: &mut Vec<Step>) {
    let before = known.invitations.get(&id);
    let was_open = before.is_some_and(|before| before.state.is_open());
    let waits = known.outbox.iter().any(|entry| entry.action.invitation() == Some(id));
    let ended = |name: &str, state: &str| Step::Tell(Notice::Ended { name: name.to_owned(), state: state.to_owned() });
    let Some(mut found) = found else {
        // Whoever answered it hears of it by the answer.
        steps.extend(before.filter(|_| was_open && !waits).map(|before| ended(&before.name, "gone")));
        steps.extend(before.map(|_| Step::Forget(id)));
        return;
    };
    if found.state.is_open() {
        if found.ob3.is_none() {
            found.ob3 = before.and_then(|before| before.ob3.clone());
        }
        match before.map(|before| before.state) {
            // What was decided stays decided; a server that asks again has forgotten the answer.
            Some(State::Accepted) if !waits => steps.push(Step::Queue(Action::Accept { invitation: id, visibility: None })),
            Some(State::Declined) if !waits => steps.push(Step::Queue(Action::Decline { invitation: id })),
            _ => {}
        }
        let is_new = before.is_none_or(|before| !before.state.is_open() && !is_answered(before.state));
        steps.push(Step::Invitation { invitation: found, is_new });
        return;
    }
    if was_open && !waits && !is_answered(found.state) {
        steps.push(ended(&found.name, found.state.name()));
    }
    if before.is_some() || is_answered(found.state) {
        steps.push(Step::Invitation { invitation: Invitation { ob3: None, ..found }, is_new: false });
    }
}

fn award(known: &Known, id: Id, found: Option<Award>, steps: &mut Vec<Step>) {
    let before = known.awards.get(&id);
    let Some(found) = found else {
        if let Some(before) = before.filter(|before| !before.gone) {
            steps.push(Step::Tell(Notice::Gone { award: id, name: before.award.name.clone() }));
            steps.push(Step::Gone(id));
        }
        return;
    };
    if found.revoked.is_some() && before.is_some_and(|before| before.award.revoked.is_none()) {
        steps.push(Step::Tell(Notice::Revoked { award: id, name: found.name.clone() }));
    }
    let take = before.is_none_or(|before| !before.taken) && (found.ob3.is_some() || found.ob2.is_some());
    steps.push(Step::Award { award: found, take });
}

fn answered(known: &Known, entry: &Entry, answer: Answer, steps: &mut Vec<Step>) {
    steps.push(Step::Dequeue(entry.id));
    let subject = entry.action.invitation();
    let before = subject.and_then(|id| known.invitations.get(&id));
    let decided = |state: State| {
        before.map(|before| Step::Invitation { invitation: Invitation { state, ob3: None, ..before.clone() }, is_new: false })
    };
    match answer {
        Answer::Award(found) => {
            if subject.is_some() {
                steps.extend(decided(State::Accepted));
            }
            award(known, found.id, Some(found), steps);
        }
        Answer::Declined => steps.extend(decided(State::Declined)),
        Answer::Profile(profile) => steps.push(Step::Profile(profile)),
        Answer::Refused { code, message } => {
            let name = match &entry.action {
                Action::Hide { award, .. } => known.awards.get(award).map(|known| known.award.name.clone()),
                _ => before.map(|before| before.name.clone()),
            };
            // One that is not there for this account waits for nobody's answer.
            if code == "not_found" {
                steps.extend(before.map(|before| Step::Forget(before.id)));
            }
            steps.extend(before.and_then(|before| known.awards.get(&before.award)).map(|known| Step::Gone(known.award.id)));
            steps.push(Step::Tell(Notice::Refused { action: entry.action.name().to_owned(), name, code, message }));
        }
    }
}
