//! One sync of an account: what waits is sent, then what changed is read. The network is asked while nobody waits for the wallet; what comes of it is
//! carried out in one transaction, plan by plan, so that it may be broken off anywhere and goes on from there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;
use satchel_badge::evidence::Evidence;
use satchel_protocol::Id;
use satchel_protocol::wallet::{Award, Invitation};

use super::plan::{Action, Answer, Entry, Incoming, Known, KnownAward, Notice, Step, plan};
use super::read::{Here, SHOWN, Source, next};
use super::remote::Remote;
use super::{SyncError, id};
use crate::import::heard;
use crate::store::account::{self, Account};
use crate::store::known::{self, Fact, Thing, Waiting};
use crate::store::notice::{self, Told};
use crate::store::outbox::{self, Queued};
use crate::store::{badge, to_micros};
use crate::{BadgeId, Candidate, Imported, Outcome as Kept, Sha256, State, Wallet, WalletError, holder};

/// Invitations that are written in one transaction, so that nobody waits long for the wallet.
const AT_ONCE: usize = 1000;

/// Invitations that are asked for before the wallet is held again.
const LOOKED_AT: usize = 16;

/// What is read in one sync, in pages or stretches of the feed: more than anybody has. A server that has always more keeps the wallet from nobody for ever, and
/// what is left is read next time.
const MOST_READ: usize = 400;

/// How often one sync begins anew.
const MOST_RESTARTS: usize = 3;

/// The way to a wallet that others use too.
pub trait Door {
    /// Does something with it, alone.
    ///
    /// # Errors
    /// What the wallet says, or that it is not open.
    fn with<T>(&self, work: impl FnOnce(&mut Wallet) -> Result<T, WalletError>) -> Result<T, WalletError>;
}

impl Door for std::cell::RefCell<Wallet> {
    fn with<T>(&self, work: impl FnOnce(&mut Wallet) -> Result<T, WalletError>) -> Result<T, WalletError> {
        work(&mut self.borrow_mut())
    }
}

/// What a sync came to.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    /// What was sent.
    pub sent: usize,
    /// The badges that came.
    pub badges: Vec<BadgeId>,
    /// How many of them are not valid, or not known to be.
    pub doubtful: usize,
    /// The invitations that came and wait for an answer.
    pub invitations: Vec<Id>,
    /// What the owner is told.
    pub notices: Vec<Notice>,
    /// Whether anything of the account changed here.
    pub changed: bool,
    /// Up to where the feed was read.
    pub cursor: i64,
}

/// Syncs an account.
///
/// # Errors
/// The server could not be asked or refused, or the wallet could not be written. What was done until then is kept.
pub fn sync(door: &impl Door, remote: &Remote<'_>, clock: &dyn Fn() -> Timestamp) -> Result<Synced, SyncError> {
    let mut run = Run { door, remote, clock, done: Synced::default() };
    let sent = run.send_all();
    // What the server does not take now keeps nobody from what it has to say.
    if sent.as_ref().is_err_and(|error| !error.is_answer()) {
        return sent.map(|()| run.done);
    }
    run.read_all()?;
    run.look()?;
    sent?;
    // What a server has forgotten is sent again at once.
    run.send_all()?;
    let now = (clock)();
    let account = remote.account();
    door.with(|wallet| {
        wallet.store.write(|db| match account::get(db, account)? {
            Some(it) => account::put(db, &Account { synced: Some(to_micros(now)), ..it }),
            None => Ok(()),
        })
    })?;
    Ok(run.done)
}

impl<D: Door> Here<SyncError> for Run<'_, D> {
    fn open(&self) -> Result<Vec<Id>, SyncError> {
        let account = self.remote.account();
        Ok(self.door.with(|wallet| wallet.store.read(|db| known::open_ids(db, account)))?)
    }

    fn left(&self, round: i64) -> Result<Vec<Id>, SyncError> {
        let account = self.remote.account();
        Ok(self.door.with(|wallet| wallet.store.read(|db| known::left(db, account, round)))?)
    }
}

struct Run<'a, D> {
    door: &'a D,
    remote: &'a Remote<'a>,
    clock: &'a dyn Fn() -> Timestamp,
    done: Synced,
}

impl<D: Door> Run<'_, D> {
    fn account(&self) -> Result<Account, SyncError> {
        let id = self.remote.account();
        let found = self.door.with(|wallet| wallet.store.read(|db| account::get(db, id)))?;
        found.ok_or_else(|| SyncError::UnknownAccount { given: id.to_string() })
    }

    fn outbox(&self) -> Result<Vec<Entry>, SyncError> {
        let id = self.remote.account();
        let queued = self.door.with(|wallet| wallet.store.read(|db| outbox::of(db, id)))?;
        Ok(queued.into_iter().map(|queued| queued.entry).collect())
    }

    /// Sends what waits, in its order. What cannot be sent now holds up what comes after it.
    fn send_all(&mut self) -> Result<(), SyncError> {
        while let Some(entry) = self.outbox()?.into_iter().next() {
            let answer = self.remote.send(&entry)?;
            self.done.sent += usize::from(!matches!(answer, Answer::Refused { .. }));
            self.carry_out(Incoming::Answer { entry, answer })?;
        }
        Ok(())
    }

    fn read_all(&mut self) -> Result<(), SyncError> {
        let mut restarts = 0;
        for read in 0.. {
            let place = self.account()?.place;
            let incoming = if read < MOST_READ { next(&place, self.remote, self)? } else { None };
            let Some(incoming) = incoming else {
                self.done.cursor = place.reached();
                break;
            };
            // A server may be put back while it is read; one whose feed contradicts itself would be read for ever.
            restarts += usize::from(matches!(incoming, Incoming::Restart { .. }));
            if restarts > MOST_RESTARTS {
                return Err(self.remote.strange("a feed that is another one each time it is read"));
            }
            let rest = self.spread(incoming)?;
            self.carry_out(rest)?;
        }
        Ok(())
    }

    /// Writes those of many invitations that are only listed, part by part; what is left.
    fn spread(&mut self, incoming: Incoming) -> Result<Incoming, SyncError> {
        let Incoming::Begin { head, last, profile, mut invitations } = incoming else { return Ok(incoming) };
        let is_listed = |it: &(Id, Option<Invitation>)| it.1.as_ref().is_some_and(|it| it.state.is_open() && it.ob3.is_none());
        if invitations.len() > AT_ONCE {
            let (listed, rest): (Vec<_>, Vec<_>) = invitations.into_iter().partition(is_listed);
            let mut listed = listed.into_iter().peekable();
            while listed.peek().is_some() {
                let invitations = listed.by_ref().take(AT_ONCE).collect();
                self.carry_out(Incoming::Invitations { invitations, looked_at: false })?;
            }
            invitations = rest;
        }
        Ok(Incoming::Begin { head, last, profile, invitations })
    }

    /// Looks at invitations that are shown by now, since others were answered.
    fn look(&mut self) -> Result<(), SyncError> {
        let account = self.remote.account();
        let mut lacking =
            self.door.with(|wallet| wallet.store.read(|db| known::lacking(db, account, SHOWN)))?.into_iter().peekable();
        while lacking.peek().is_some() {
            let found = lacking.by_ref().take(LOOKED_AT).map(|id| Ok((id, self.remote.invitation(id)?)));
            let invitations = found.collect::<Result<Vec<_>, SyncError>>()?;
            self.carry_out(Incoming::Invitations { invitations, looked_at: true })?;
        }
        Ok(())
    }

    /// Plans what is to be done about what came, checks the badges in it, and does it.
    fn carry_out(&mut self, incoming: Incoming) -> Result<(), SyncError> {
        let (now, account) = ((self.clock)(), self.remote.account());
        // Before the wallet is held: whoever knows more about these badges is asked.
        let (ids, mut batch): (Vec<Id>, Vec<Candidate>) =
            came(&incoming).iter().map(|(id, name, text)| (*id, candidate(name, text))).unzip();
        let heard = if batch.is_empty() {
            Evidence::default()
        } else {
            let policy = self.door.with(|wallet| wallet.policy_of(account))?;
            heard(&mut batch, self.remote.link().evidence(), &policy, now)
        };
        let candidates: BTreeMap<Id, Candidate> = ids.into_iter().zip(batch).collect();
        let applied = self.door.with(|wallet| apply(wallet, account, incoming, &candidates, heard, now))?;
        let done = &mut self.done;
        done.badges.extend(applied.badges);
        done.doubtful += applied.doubtful;
        done.invitations.extend(applied.invitations);
        done.notices.extend(applied.notices);
        done.changed |= applied.changed;
        Ok(())
    }
}

/// The form of an award that the wallet keeps. The server has the other one too.
fn form(award: &Award) -> Option<&str> {
    award.ob3.as_deref().or(award.ob2.as_deref())
}

fn candidate(name: &str, text: &str) -> Candidate {
    let ending = if text.trim_start().starts_with('{') { "json" } else { "jwt" };
    Candidate::of_bytes(&crate::file_name(name, ending), text.as_bytes())
}

/// The credentials in what came: of which invitation or award, under which name.
fn came(incoming: &Incoming) -> Vec<(Id, String, String)> {
    let of_award = |award: &Award| form(award).map(|text| (award.id, award.name.clone(), text.to_owned()));
    let of_invitation = |it: &Invitation| {
        let text = it.ob3.as_ref().filter(|_| it.state.is_open())?;
        Some((it.id, it.name.clone(), text.clone()))
    };
    match incoming {
        Incoming::Begin { invitations, .. } => invitations.iter().filter_map(|(_, it)| of_invitation(it.as_ref()?)).collect(),
        Incoming::Awards { awards, .. } => awards.iter().filter_map(of_award).collect(),
        Incoming::Changes { invitations, awards, .. } => {
            let invitations = invitations.iter().filter_map(|(_, it)| of_invitation(it.as_ref()?));
            invitations.chain(awards.iter().filter_map(|(_, it)| of_award(it.as_ref()?))).collect()
        }
        Incoming::Invitations { invitations, .. } => {
            invitations.iter().filter_map(|(_, it)| of_invitation(it.as_ref()?)).collect()
        }
        Incoming::Answer { answer: Answer::Award(award), .. } => of_award(award).into_iter().collect(),
        Incoming::Answer { .. } | Incoming::Restart { .. } => Vec::new(),
    }
}

#[derive(Default)]
struct Applied {
    badges: Vec<BadgeId>,
    doubtful: usize,
    invitations: Vec<Id>,
    notices: Vec<Notice>,
    changed: bool,
}

/// What is known of all that came.
fn known(db: &Connection, account: Id, incoming: &Incoming) -> Result<Known, WalletError> {
    let (mut invitations, mut awards): (Vec<Id>, Vec<Id>) = (Vec::new(), Vec::new());
    match incoming {
        Incoming::Begin { invitations: came, .. } | Incoming::Invitations { invitations: came, .. } => {
            invitations.extend(came.iter().map(|(id, _)| *id));
        }
        Incoming::Awards { awards: came, left, .. } => awards.extend(came.iter().map(|it| it.id).chain(left.iter().copied())),
        Incoming::Changes { invitations: came, awards: others, .. } => {
            invitations.extend(came.iter().map(|(id, _)| *id));
            awards.extend(others.iter().map(|(id, _)| *id));
        }
        Incoming::Answer { entry, answer } => {
            invitations.extend(entry.action.invitation());
            if let Answer::Award(award) = answer {
                awards.push(award.id);
            }
            if let Action::Hide { award, .. } = &entry.action {
                awards.push(*award);
            }
        }
        Incoming::Restart { .. } => {}
    }
    let mut known = Known { outbox: outbox::of(db, account)?.into_iter().map(|it| it.entry).collect(), ..Known::default() };
    if matches!(incoming, Incoming::Awards { .. }) {
        invitations.extend(known.outbox.iter().filter_map(|entry| entry.action.invitation()));
    }
    for id in invitations {
        let found = known::invitation(db, account, id)?.map(|it| it.invitation);
        awards.extend(found.as_ref().map(|it| it.award));
        known.invitations.extend(found.map(|it| (id, it)));
    }
    for id in awards {
        known.awards.extend(known::award(db, account, id)?.map(|(it, _)| (id, it)));
    }
    Ok(known)
}

/// Carries a plan out, in one transaction with the badges that come by it.
fn apply(
    wallet: &mut Wallet,
    id: Id,
    incoming: Incoming,
    candidates: &BTreeMap<Id, Candidate>,
    heard: Evidence,
    now: Timestamp,
) -> Result<Applied, WalletError> {
    let missing = || WalletError::damaged("wallet.db: an account is gone");
    let (account, known) = wallet.store.read(|db| {
        let account = account::get(db, id)?.ok_or_else(missing)?;
        Ok((account, known(db, id, &incoming)?))
    })?;
    let is_looked_at = matches!(incoming, Incoming::Invitations { looked_at: true, .. });
    let steps = plan(&account.place, &known, incoming);
    let profile = steps.iter().rev().find_map(|step| if let Step::Profile(profile) = step { Some(profile) } else { None });
    let policy = holder::of_account(&wallet.policy, profile.unwrap_or(&account.profile));
    let is_readdressed = profile.is_some_and(|profile| profile.addresses != account.profile.addresses);
    // What is not to come again is not taken: it is in the wallet, or in the bin.
    let mut taken = Vec::new();
    let mut here: BTreeMap<Id, BadgeId> = BTreeMap::new();
    for award in steps.iter().filter_map(|step| if let Step::Award { award, take: true } = step { Some(award) } else { None }) {
        let (Some(text), Some(candidate)) = (form(award), candidates.get(&award.id)) else { continue };
        let badge = Sha256::of_credential(text.as_bytes());
        if wallet.store.read(|db| badge::get(db, badge))?.is_some() {
            here.insert(award.id, badge);
        } else {
            taken.push((award.id, candidate.clone()));
        }
    }
    let mut worth: BTreeMap<Id, State> = {
        let waiting = steps.iter().filter_map(|step| match step {
            Step::Invitation { invitation, .. } if invitation.state.is_open() => candidates.get_key_value(&invitation.id),
            _ => None,
        });
        let checked = waiting.map(|(id, candidate)| Ok((*id, wallet.worth(candidate, &heard, &policy, now)?)));
        checked.collect::<Result<_, WalletError>>()?
    };
    if is_looked_at {
        // One without a credential is not asked for again and again.
        let bare = steps.iter().filter_map(|step| match step {
            Step::Invitation { invitation, .. } if invitation.ob3.is_none() => Some((invitation.id, State::NoBadge)),
            _ => None,
        });
        worth.extend(bare);
    }
    let (ids, batch): (Vec<Id>, Vec<Candidate>) = taken.into_iter().unzip();
    let mut applied = Applied::default();
    // What was heard about those that are in the wallet counts for them, too.
    let here_before: Vec<(Notice, &Candidate)> = steps
        .iter()
        .filter_map(|step| if let Step::Award { award, .. } = step { Some(award) } else { None })
        .filter(|award| !ids.contains(&award.id))
        .filter_map(|it| Some((Notice::Succeeded { award: it.id, name: it.name.clone() }, candidates.get(&it.id)?)))
        .collect();
    let mut importer = wallet.importer_with(heard, None, now).demanding(policy);
    importer.take_and(&batch, |db, kept| {
        let (mut badges, mut given) = (here, BTreeMap::new());
        for (award, imported) in ids.iter().zip(kept) {
            badges.extend(came_in(imported, &mut applied).map(|badge| (*award, badge)));
            given.extend(imported.first().and_then(|it| Some((*award, holder::given_to(&it.report)?))));
        }
        let mut writing = Writing { db, account, now, badges, given, worth: &worth, applied: &mut applied };
        steps.iter().try_for_each(|step| writing.step(step))?;
        writing.finish()
    })?;
    let mut news = Vec::new();
    for (notice, candidate) in here_before {
        if importer.note(candidate)? {
            news.push(notice);
        }
    }
    wallet.store.write(|db| {
        let told = |notice: &Notice| Told { number: 0, account: id, notice: notice.clone(), at: to_micros(now) };
        news.iter().try_for_each(|notice| notice::put(db, &told(notice)))
    })?;
    if is_readdressed {
        let badges = wallet.store.read(|db| known::badges(db, id))?;
        wallet.repairing(now, |wallet| wallet.on_index(|index| index.mark_due(&badges)))?;
    }
    applied.notices.extend(news);
    Ok(applied)
}

/// The badge that a file brought.
fn came_in(imported: &[Imported], applied: &mut Applied) -> Option<BadgeId> {
    let first = imported.first()?;
    if first.outcome == Kept::Added {
        applied.badges.extend(first.id);
        applied.doubtful += usize::from(!matches!(State::of(&first.report), State::Valid | State::Intact));
    }
    first.id
}

struct Writing<'a> {
    db: &'a Connection,
    account: Account,
    now: Timestamp,
    /// What awards became here.
    badges: BTreeMap<Id, BadgeId>,
    /// To which address those that came were given.
    given: BTreeMap<Id, String>,
    /// What the credentials of invitations are worth.
    worth: &'a BTreeMap<Id, State>,
    applied: &'a mut Applied,
}

impl Writing<'_> {
    fn step(&mut self, step: &Step) -> Result<(), WalletError> {
        let (db, account) = (self.db, self.account.id);
        self.applied.changed |= !matches!(step, Step::Place(_));
        match step {
            Step::Place(place) => self.account.place.clone_from(place),
            Step::Profile(profile) => self.account.profile = profile.clone(),
            Step::Invitation { invitation, is_new } => {
                let before = known::invitation(db, account, invitation.id)?;
                let worth = self.worth.get(&invitation.id).map(|state| state.name().to_owned());
                let worth = worth.or_else(|| before.as_ref().and_then(|before| before.worth.clone()));
                let later = !is_new && before.is_some_and(|before| before.later);
                let thing = Thing::Invitation(Box::new(Waiting { invitation: invitation.clone(), worth, later }));
                known::put(db, &Fact { account, id: invitation.id, thing, badge: None })?;
                if *is_new {
                    self.applied.invitations.push(invitation.id);
                }
            }
            Step::Forget(id) => known::forget_invitation(db, account, *id)?,
            Step::Award { award, take } => self.award(award, *take)?,
            Step::Gone(id) => {
                if let Some((known, badge)) = known::award(db, account, *id)? {
                    let thing = Thing::Award(Box::new(KnownAward { gone: true, ..known }));
                    known::put(db, &Fact { account, id: *id, thing, badge })?;
                }
            }
            Step::Dequeue(id) => outbox::erase(db, *id)?,
            Step::Queue(action) => {
                let entry = Entry { id: id(self.now), action: action.clone() };
                outbox::put(db, &Queued { account, entry, made: to_micros(self.now) })?;
            }
            Step::Tell(notice) => self.tell(notice)?,
        }
        Ok(())
    }

    fn award(&mut self, award: &Award, take: bool) -> Result<(), WalletError> {
        let (db, account) = (self.db, self.account.id);
        let before = known::award(db, account, award.id)?;
        let was_taken = before.as_ref().is_some_and(|(known, _)| known.taken);
        let badge = self.badges.get(&award.id).copied().or_else(|| before.as_ref().and_then(|(_, badge)| *badge));
        let given_to = self.given.remove(&award.id).or_else(|| before.and_then(|(known, _)| known.given_to));
        if take && badge.is_none() {
            self.tell(&Notice::Unreadable { award: award.id, name: award.name.clone() })?;
        }
        let known = KnownAward {
            award: Award { ob3: None, ob2: None, ..award.clone() },
            round: self.account.place.round(),
            gone: false,
            taken: was_taken || take,
            given_to,
        };
        known::put(db, &Fact { account, id: award.id, thing: Thing::Award(Box::new(known)), badge })
    }

    fn tell(&mut self, notice: &Notice) -> Result<(), WalletError> {
        let told = Told { number: 0, account: self.account.id, notice: notice.clone(), at: to_micros(self.now) };
        self.applied.notices.push(notice.clone());
        notice::put(self.db, &told)
    }

    fn finish(self) -> Result<(), WalletError> {
        account::put(self.db, &self.account)
    }
}
