//! Two devices of one account and a server, without a network: whatever is done, lost, repeated, cut off or put back from a backup, in the end all
//! three say the same, nothing is lost, and each thing that was done counts once (security.md, P05). What is asked and what is done about it are the
//! wallet's own (`sync::read`, `sync::plan`).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use satchel_fetch::FetchError;
use satchel_protocol::Id;
use satchel_protocol::feed::{Kind, Record};
use satchel_protocol::invitation::{Event, State};
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::{Award, Awards, Invitation, Profile, ProfileChange};
use satchel_wallet::sync::plan::{Action, Answer, Entry, Incoming, Known, KnownAward, Notice, Place, Step, plan};
use satchel_wallet::sync::read::{Here, Source, next};
use satchel_wallet::sync::{Nudge, SyncError, Synced, Watch};

fn id(number: u64) -> Id {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Id::from_bytes(bytes)
}

/// Awards have other ids than their invitations.
fn award_of(invitation: Id) -> Id {
    let mut bytes = *invitation.as_bytes();
    bytes[0] = 1;
    Id::from_bytes(bytes)
}

// ---- The server ----

#[derive(Clone)]
struct Server {
    feed: Vec<Record>,
    cut: i64,
    invitations: BTreeMap<Id, Invitation>,
    /// All that were made, and whether somebody has them.
    awards: BTreeMap<Id, (Award, bool)>,
    profile: Profile,
    answered: BTreeMap<Id, Answer>,
    /// How often each entry has changed something.
    effects: BTreeMap<Id, usize>,
}

fn profile() -> Profile {
    Profile {
        id: id(1),
        given_name: String::from("Ada"),
        family_name: String::new(),
        addresses: vec![],
        language: String::from("en"),
        page: String::new(),
        visibility: Visibility::Private,
        indexed: false,
        asks_visibility: false,
    }
}

impl Server {
    fn new() -> Self {
        Self {
            feed: Vec::new(),
            cut: 0,
            invitations: BTreeMap::new(),
            awards: BTreeMap::new(),
            profile: profile(),
            answered: BTreeMap::new(),
            effects: BTreeMap::new(),
        }
    }

    fn head(&self) -> i64 {
        self.feed.last().map_or(0, |record| record.seq)
    }

    fn note(&mut self, kind: Kind, subject: Id, time: i64) {
        self.feed.push(Record { seq: self.head() + 1, kind, subject, at: time });
    }

    fn invite(&mut self, number: u64, time: i64) {
        let (it, name) = (id(number), format!("badge {number}"));
        let award = Award {
            id: award_of(it),
            credential: name.clone(),
            name: name.clone(),
            hidden: false,
            revoked: None,
            ob3: Some(name.clone()),
            ob2: None,
        };
        self.awards.insert(award.id, (award, false));
        let invitation = Invitation {
            id: it,
            award: award_of(it),
            state: State::Sent,
            address: None,
            issuer: String::from("did:key:z"),
            issuer_name: None,
            name: name.clone(),
            created: time,
            expires: i64::MAX,
            ob3: Some(name),
        };
        self.invitations.insert(it, invitation);
        self.note(Kind::Invitation, it, time);
    }

    fn advance(&mut self, it: Id, event: Event, time: i64) -> Option<State> {
        let invitation = self.invitations.get_mut(&it)?;
        let state = invitation.state.after(event)?;
        invitation.state = state;
        self.note(Kind::Invitation, it, time);
        Some(state)
    }

    fn revoke(&mut self, award: Id, time: i64) {
        if let Some((it, held)) = self.awards.get_mut(&award)
            && it.revoked.is_none()
        {
            it.revoked = Some(time);
            if *held {
                self.note(Kind::Award, award, time);
            }
        }
    }

    fn answer(&mut self, entry: &Entry, time: i64) -> Answer {
        if let Some(answer) = self.answered.get(&entry.id) {
            return answer.clone();
        }
        let refused = |code: &str| Answer::Refused { code: code.to_owned(), message: String::new() };
        let before = self.head();
        let answer = match &entry.action {
            Action::Accept { invitation, .. } => match self.invitations.get(invitation).map(|it| it.state) {
                None => return refused("not_found"),
                Some(State::Accepted) => Answer::Award(self.awards[&award_of(*invitation)].0.clone()),
                Some(_) => {
                    if self.advance(*invitation, Event::Accept, time).is_none() {
                        return refused("conflict");
                    }
                    let award = award_of(*invitation);
                    self.awards.get_mut(&award).unwrap().1 = true;
                    self.note(Kind::Award, award, time);
                    Answer::Award(self.awards[&award].0.clone())
                }
            },
            Action::Decline { invitation } => match self.invitations.get(invitation).map(|it| it.state) {
                None => return refused("not_found"),
                Some(State::Declined) => Answer::Declined,
                Some(_) if self.advance(*invitation, Event::Decline, time).is_none() => return refused("conflict"),
                Some(_) => Answer::Declined,
            },
            Action::Hide { award, hidden } => {
                let Some((it, true)) = self.awards.get_mut(award) else { return refused("not_found") };
                it.hidden = *hidden;
                self.note(Kind::Award, *award, time);
                Answer::Award(self.awards[award].0.clone())
            }
            Action::Profile { change } => {
                self.profile.given_name = change.given_name.clone().unwrap_or(self.profile.given_name.clone());
                self.note(Kind::Profile, self.profile.id, time);
                Answer::Profile(self.profile.clone())
            }
        };
        *self.effects.entry(entry.id).or_default() += usize::from(self.head() > before);
        self.answered.insert(entry.id, answer.clone());
        answer
    }
}

/// A server behind a network that gives up after a number of requests.
struct Line<'a> {
    server: &'a RefCell<Server>,
    left: &'a Cell<u32>,
    /// Whether the request that breaks off reaches the server.
    arrives: bool,
}

#[derive(Debug, PartialEq)]
enum Trouble {
    Cut,
    Strange(String),
}

impl Line<'_> {
    fn through<T>(&self, ask: impl FnOnce(&mut Server) -> T) -> Result<T, Trouble> {
        let left = self.left.get();
        if left == 0 {
            if self.arrives {
                ask(&mut self.server.borrow_mut());
            }
            return Err(Trouble::Cut);
        }
        self.left.set(left - 1);
        Ok(ask(&mut self.server.borrow_mut()))
    }
}

/// Awards in a page.
const PAGE: usize = 3;

impl Source for Line<'_> {
    type Error = Trouble;

    fn head(&self) -> Result<i64, Trouble> {
        self.through(|server| server.head())
    }

    fn changes(&self, cursor: i64) -> Result<Option<(Vec<Record>, i64)>, Trouble> {
        self.through(|server| {
            if cursor < server.cut || cursor > server.head() {
                return None;
            }
            let records: Vec<Record> = server.feed.iter().filter(|it| it.seq > cursor).copied().take(5).collect();
            let next = records.last().map_or(cursor, |last| last.seq);
            Some((records, next))
        })
    }

    fn profile(&self) -> Result<Profile, Trouble> {
        self.through(|server| server.profile.clone())
    }

    fn open(&self) -> Result<Vec<Invitation>, Trouble> {
        let bare = |it: &Invitation| Invitation { ob3: None, ..it.clone() };
        self.through(|server| server.invitations.values().filter(|it| it.state.is_open()).map(bare).collect())
    }

    fn invitation(&self, id: Id) -> Result<Option<Invitation>, Trouble> {
        self.through(|server| server.invitations.get(&id).cloned())
    }

    fn awards(&self, after: Option<Id>) -> Result<Awards, Trouble> {
        self.through(|server| {
            let held = server.awards.values().filter(|(it, held)| *held && after.is_none_or(|after| it.id > after));
            let awards: Vec<Award> = held.map(|(it, _)| it.clone()).take(PAGE).collect();
            let next = awards.last().map(|it| it.id).filter(|_| awards.len() == PAGE);
            Awards { awards, next }
        })
    }

    fn award(&self, id: Id) -> Result<Option<Award>, Trouble> {
        self.through(|server| server.awards.get(&id).filter(|(_, held)| *held).map(|(it, _)| it.clone()))
    }

    fn strange(&self, why: &str) -> Trouble {
        Trouble::Strange(why.to_owned())
    }
}

// ---- A device ----

#[derive(Clone)]
struct Device {
    place: Place,
    profile: Profile,
    invitations: BTreeMap<Id, Invitation>,
    awards: BTreeMap<Id, KnownAward>,
    outbox: Vec<Entry>,
    /// Badges that came, however often.
    badges: BTreeMap<Id, usize>,
    told: Vec<Notice>,
    /// Entries that were made on this device.
    made: u64,
    number: u64,
    /// What it has heard to be decided.
    decided: BTreeMap<Id, State>,
}

impl Here<Trouble> for Device {
    fn open(&self) -> Result<Vec<Id>, Trouble> {
        Ok(self.invitations.values().filter(|it| it.state.is_open()).map(|it| it.id).collect())
    }

    fn left(&self, round: i64) -> Result<Vec<Id>, Trouble> {
        Ok(self.awards.values().filter(|it| !it.gone && it.round < round).map(|it| it.award.id).collect())
    }
}

impl Device {
    fn new(number: u64) -> Self {
        Self {
            place: Place::NEW,
            profile: profile(),
            invitations: BTreeMap::new(),
            awards: BTreeMap::new(),
            outbox: Vec::new(),
            badges: BTreeMap::new(),
            told: Vec::new(),
            made: 0,
            number,
            decided: BTreeMap::new(),
        }
    }

    fn queue(&mut self, action: Action) {
        self.made += 1;
        let mut bytes = [9; 16];
        bytes[0] = u8::try_from(self.number).unwrap();
        bytes[8..].copy_from_slice(&self.made.to_be_bytes());
        self.outbox.push(Entry { id: Id::from_bytes(bytes), action });
    }

    /// What a person may answer.
    fn waiting(&self) -> Vec<Id> {
        let is_answered = |id: Id| self.outbox.iter().any(|entry| entry.action.invitation() == Some(id));
        let open = self.invitations.values().filter(|it| it.state.is_open() && !is_answered(it.id));
        open.map(|it| it.id).collect()
    }

    fn carry_out(&mut self, incoming: Incoming) {
        let known = Known { invitations: self.invitations.clone(), awards: self.awards.clone(), outbox: self.outbox.clone() };
        for step in plan(&self.place.clone(), &known, incoming) {
            match step {
                Step::Place(place) => self.place = place,
                Step::Profile(profile) => self.profile = profile,
                Step::Invitation { invitation, .. } => {
                    assert!(invitation.state.is_open() == invitation.ob3.is_some(), "{invitation:?}");
                    if matches!(invitation.state, State::Accepted | State::Declined) {
                        self.decided.insert(invitation.id, invitation.state);
                    }
                    self.invitations.insert(invitation.id, invitation);
                }
                Step::Forget(id) => drop(self.invitations.remove(&id)),
                Step::Award { award, take } => {
                    if take {
                        *self.badges.entry(award.id).or_default() += 1;
                    }
                    let taken = take || self.awards.get(&award.id).is_some_and(|it| it.taken);
                    let (round, id) = (self.place.round(), award.id);
                    self.awards.insert(
                        id,
                        KnownAward { award: Award { ob3: None, ..award }, round, gone: false, taken, given_to: None },
                    );
                }
                Step::Gone(id) => self.awards.get_mut(&id).unwrap().gone = true,
                Step::Dequeue(id) => self.outbox.retain(|entry| entry.id != id),
                Step::Queue(action) => self.queue(action),
                Step::Tell(notice) => self.told.push(notice),
            }
        }
    }

    fn send(&mut self, line: &Line<'_>, sent: &mut Vec<Entry>, time: i64) -> Result<(), Trouble> {
        while let Some(entry) = self.outbox.first().cloned() {
            sent.push(entry.clone());
            let answer = line.through(|server| server.answer(&entry, time))?;
            self.carry_out(Incoming::Answer { entry, answer });
        }
        Ok(())
    }

    fn sync(&mut self, line: &Line<'_>, sent: &mut Vec<Entry>, time: i64) -> Result<(), Trouble> {
        self.send(line, sent, time)?;
        while let Some(incoming) = next(&self.place.clone(), line, &*self)? {
            self.carry_out(incoming);
        }
        self.send(line, sent, time)
    }

    /// What a person sees.
    fn view(&self) -> View {
        let open = self.invitations.values().filter(|it| it.state.is_open()).map(|it| it.id).collect();
        let held = self.awards.values().filter(|it| !it.gone);
        let awards = held.map(|it| (it.award.id, (it.award.hidden, it.award.revoked.is_some()))).collect();
        View { open, awards, name: self.profile.given_name.clone() }
    }
}

#[derive(Debug, PartialEq)]
struct View {
    open: BTreeSet<Id>,
    awards: BTreeMap<Id, (bool, bool)>,
    name: String,
}

impl Server {
    fn view(&self) -> View {
        let open = self.invitations.values().filter(|it| it.state.is_open()).map(|it| it.id).collect();
        let held = self.awards.values().filter(|(_, held)| *held);
        let awards = held.map(|(it, _)| (it.id, (it.hidden, it.revoked.is_some()))).collect();
        View { open, awards, name: self.profile.given_name.clone() }
    }
}

// ---- Histories ----

#[derive(Clone, Debug)]
enum Happens {
    Invite,
    Withdraw(usize),
    Expire(usize),
    Revoke(usize),
    Accept(usize, usize),
    Decline(usize, usize),
    Hide(usize, usize, bool),
    Rename(usize, u8),
    /// A sync of a device that breaks off after so many requests, the last of which arrives or not.
    Sync(usize, u32, bool),
    /// Something that was sent long ago arrives once more.
    Echo(usize),
    /// A program is ended in its sync: what it had in memory is gone, and all that it had committed is there.
    Backup,
    Restore,
    /// Old records are forgotten.
    Cut,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        4 => Just(Happens::Invite),
        1 => any::<usize>().prop_map(Happens::Withdraw),
        1 => any::<usize>().prop_map(Happens::Expire),
        1 => any::<usize>().prop_map(Happens::Revoke),
        4 => (0..2_usize, any::<usize>()).prop_map(|(device, at)| Happens::Accept(device, at)),
        2 => (0..2_usize, any::<usize>()).prop_map(|(device, at)| Happens::Decline(device, at)),
        2 => (0..2_usize, any::<usize>(), any::<bool>()).prop_map(|(device, at, hidden)| Happens::Hide(device, at, hidden)),
        1 => (0..2_usize, any::<u8>()).prop_map(|(device, name)| Happens::Rename(device, name)),
        8 => (0..2_usize, 0..30_u32, any::<bool>()).prop_map(|(device, requests, arrives)| Happens::Sync(device, requests, arrives)),
        2 => any::<usize>().prop_map(Happens::Echo),
        1 => Just(Happens::Backup),
        1 => Just(Happens::Restore),
        1 => Just(Happens::Cut),
    ]
}

fn pick<T: Copy>(all: &[T], at: usize) -> Option<T> {
    (!all.is_empty()).then(|| all[at % all.len()])
}

#[expect(clippy::cast_possible_wrap, reason = "small numbers")]
fn run(history: &[Happens]) {
    let server = RefCell::new(Server::new());
    let mut devices = [Device::new(2), Device::new(3)];
    let mut backup: Option<Server> = None;
    let mut sent = Vec::new();
    for (at, it) in history.iter().enumerate() {
        let time = at as i64 + 1;
        let invitations = |server: &RefCell<Server>| server.borrow().invitations.keys().copied().collect::<Vec<Id>>();
        match *it {
            Happens::Invite => server.borrow_mut().invite(at as u64 + 10, time),
            Happens::Withdraw(which) => {
                if let Some(it) = pick(&invitations(&server), which) {
                    let mut server = server.borrow_mut();
                    if server.advance(it, Event::Withdraw, time).is_some() {
                        server.revoke(award_of(it), time);
                    }
                }
            }
            Happens::Expire(which) => {
                if let Some(it) = pick(&invitations(&server), which) {
                    server.borrow_mut().advance(it, Event::Expire, time);
                }
            }
            Happens::Revoke(which) => {
                if let Some(it) = pick(&invitations(&server), which) {
                    server.borrow_mut().revoke(award_of(it), time);
                }
            }
            Happens::Accept(device, which) | Happens::Decline(device, which) => {
                let device = &mut devices[device];
                if let Some(invitation) = pick(&device.waiting(), which) {
                    let is_accept = matches!(it, Happens::Accept(..));
                    let accept = Action::Accept { invitation, visibility: None };
                    device.queue(if is_accept { accept } else { Action::Decline { invitation } });
                }
            }
            Happens::Hide(device, which, hidden) => {
                let device = &mut devices[device];
                let held: Vec<Id> = device.awards.values().filter(|it| !it.gone).map(|it| it.award.id).collect();
                if let Some(award) = pick(&held, which) {
                    device.queue(Action::Hide { award, hidden });
                }
            }
            Happens::Rename(device, name) => {
                let given_name = Some(format!("name {name}"));
                devices[device].queue(Action::Profile { change: ProfileChange { given_name, ..ProfileChange::default() } });
            }
            Happens::Sync(device, requests, arrives) => {
                let left = Cell::new(requests);
                let line = Line { server: &server, left: &left, arrives };
                let before = devices[device].badges.clone();
                let done = devices[device].sync(&line, &mut sent, time);
                assert!(!matches!(done, Err(Trouble::Strange(_))), "{done:?}");
                assert!(before.keys().all(|it| devices[device].badges.contains_key(it)), "a badge is lost");
            }
            Happens::Echo(which) => {
                // What comes late, came before: to a server that was put back to before it, it is new, and nobody could tell.
                let known: Vec<usize> =
                    (0..sent.len()).filter(|at| server.borrow().answered.contains_key(&sent[*at].id)).collect();
                if let Some(at) = pick(&known, which) {
                    let head = server.borrow().head();
                    server.borrow_mut().answer(&sent[at], time);
                    assert_eq!(server.borrow().head(), head, "it counts twice");
                }
            }
            Happens::Backup => backup = Some(server.borrow().clone()),
            Happens::Restore => {
                if let Some(backup) = backup.clone() {
                    server.replace(backup);
                }
            }
            Happens::Cut => {
                let mut server = server.borrow_mut();
                server.cut = server.head();
            }
        }
    }
    // The network is back: until nobody has anything to say any more.
    for _ in 0..4 {
        for device in &mut devices {
            let left = Cell::new(u32::MAX);
            let line = Line { server: &server, left: &left, arrives: false };
            assert_eq!(device.sync(&line, &mut sent, i64::MAX - 1), Ok(()));
        }
    }
    let server = server.into_inner();
    for device in &devices {
        assert_eq!(device.view(), server.view());
        assert!(device.outbox.is_empty());
        assert!(server.view().awards.keys().all(|it| device.badges.contains_key(it)), "a badge did not come");
        assert!(device.badges.values().all(|times| *times == 1), "a badge came twice");
        // What was decided stays so, wherever the server still knows of it.
        for (id, state) in &device.decided {
            if let Some(it) = server.invitations.get(id) {
                assert!(!it.state.is_open(), "{state:?} was forgotten");
            }
        }
    }
    assert!(server.effects.values().all(|times| *times <= 1), "{:?}", server.effects);
}

#[test]
fn two_devices_with_any_history_end_equal_and_nothing_is_lost() {
    let config = Config { cases: 10_000, failure_persistence: None, ..Config::default() };
    // The same ones each time.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let history = prop::collection::vec(happens(), 0..40);
    runner
        .run(&history, |history| {
            run(&history);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_was_decided_before_a_backup_was_put_back_is_sent_again_and_its_owner_is_told() {
    let sync = |device, requests| Happens::Sync(device, requests, false);
    let server = RefCell::new(Server::new());
    let mut device = Device::new(2);
    server.borrow_mut().invite(10, 1);
    let backup = server.borrow().clone();
    let line = |left| Line { server: &server, left, arrives: false };
    let (left, mut sent) = (Cell::new(u32::MAX), Vec::new());
    device.sync(&line(&left), &mut sent, 2).unwrap();
    device.queue(Action::Accept { invitation: id(10), visibility: None });
    device.sync(&line(&left), &mut sent, 3).unwrap();
    assert_eq!(server.borrow().invitations[&id(10)].state, State::Accepted);
    server.replace(backup);
    device.sync(&line(&left), &mut sent, 4).unwrap();
    assert_eq!(server.borrow().invitations[&id(10)].state, State::Accepted);
    assert!(device.told.contains(&Notice::Restored));
    // The same when the new history is as long as the old one.
    let first = server.borrow().feed.clone();
    let mut other = Server::new();
    (0..first.len() as u64).for_each(|number| other.invite(20 + number, 9));
    server.replace(other);
    device.sync(&line(&left), &mut sent, 5).unwrap();
    assert_eq!(device.view(), server.borrow().view());
    assert_eq!(device.badges.len(), 1, "it stays");
    assert!(device.told.iter().any(|it| matches!(it, Notice::Gone { .. })));
    run(&[Happens::Invite, sync(0, 40), Happens::Accept(0, 0), Happens::Backup, sync(0, 1), Happens::Restore]);
}

// ---- How often it is tried ----

/// The pauses after syncs that fail like this, one right after the other.
fn pauses(fail: impl Fn() -> SyncError, count: usize) -> Vec<Duration> {
    let (to_self, nudges) = channel();
    // Somebody asks for it each time, so nothing is waited for.
    (1..count).for_each(|_| to_self.send(Nudge::Now).unwrap());
    to_self.send(Nudge::Stop).unwrap();
    let mut pauses = Vec::new();
    let watch = Watch {
        sync: &mut || Err(fail()),
        wait: &|_| Ok(false),
        random: &|| u32::MAX,
        tell: &mut |_, pause| pauses.extend(pause),
    };
    watch.run(&nudges, to_self);
    pauses
}

#[test]
fn a_network_that_is_back_is_noticed_within_half_a_minute_and_a_server_in_trouble_is_left_alone() {
    let host = || String::from("badges.example");
    let unreached = pauses(|| SyncError::Network(FetchError::NameNotFound { host: host() }), 12);
    assert_eq!((unreached.len(), unreached.iter().max()), (12, Some(&Duration::from_secs(30))));
    let refused = || SyncError::Refused { server: host(), code: host(), message: host(), retry: true };
    assert_eq!(pauses(refused, 12).last(), Some(&Duration::from_mins(5)));
}

/// What a watch does whose server answers at once, always this: how often it synced and how often it asked.
fn watched(changed: bool, stop_after: usize) -> (usize, usize, Duration) {
    let (to_self, nudges) = channel();
    let (stop, asked, mut synced) = (to_self.clone(), AtomicUsize::new(0), 0);
    let began = Instant::now();
    let watch = Watch {
        sync: &mut || {
            synced += 1;
            if changed && synced == stop_after {
                stop.send(Nudge::Stop).unwrap();
            }
            Ok(Synced { cursor: 7, ..Synced::default() })
        },
        wait: &|_| {
            if asked.fetch_add(1, Ordering::SeqCst) == 0 && !changed {
                stop.send(Nudge::Stop).unwrap();
            }
            Ok(changed)
        },
        random: &|| u32::MAX,
        tell: &mut |_, _| {},
    };
    watch.run(&nudges, to_self);
    (synced, asked.into_inner(), began.elapsed())
}

#[test]
fn a_server_that_answers_at_once_whether_anything_changed_or_not_is_not_asked_without_a_pause() {
    let (synced, asked, _) = watched(false, 0);
    assert_eq!((synced, asked), (1, 1), "nothing changed, and it did not wait");
    let (synced, _, took) = watched(true, 3);
    assert!(synced == 3 && took >= Duration::from_secs(1), "{took:?}: it says that something changed, and nothing did");
}
