//! A wallet and its accounts at servers (R43). What the owner does is kept here with what is to be sent, in one transaction, and goes out when the
//! network is there; what servers have is read into the wallet, each badge checked before it is shown as valid. `read.rs` says what is asked, `plan.rs` has the rules, `run.rs`
//! carries them out, `watch.rs` does so again and again, `remote.rs` talks to a server. In words: `docs/sync.md`.
//!
//! Never here: a clock (`now` is handed in), a decision of the server about a badge's worth, a badge that goes away because a server says so.

mod error;
mod pace;
pub mod plan;
pub mod read;
mod remote;
mod run;
mod watch;
mod words;

use jiff::Timestamp;
use rusqlite::Connection;
use satchel_badge::check::{Policy, check_opened, read_unchecked};
use satchel_badge::evidence::Evidence;
use satchel_badge::report::Report;
use satchel_protocol::Id;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::{Invitation, Profile, ProfileChange};

pub use crate::store::account::EMBEDDED;
pub use error::SyncError;
pub use pace::Pace;
pub use plan::{Action, Entry, KnownAward, Notice, Place};
use read::{SHOWN, Source};
pub use remote::{PAGE, Remote};
pub use run::{Door, Synced, sync};
pub use watch::{Nudge, Watch};

use crate::picture::picture_in;
use crate::signin::{Link, SignedIn, Vault, sign_out};
use crate::store::account::{self, Account};
use crate::store::known::{self, Fact, Thing, Waiting};
use crate::store::notice;
use crate::store::outbox::{self, Queued};
use crate::store::{from_micros, to_micros};
use crate::{BadgeId, Candidate, IdPrefix, Sha256, State, Wallet, WalletError, holder, random, verify};

/// The id of something made now.
pub(crate) fn id(now: Timestamp) -> Id {
    Id::new(now, random::bytes())
}

pub(crate) fn signed_out(link: &Link) -> SyncError {
    SyncError::NotSignedIn { server: link.server().origin().to_owned() }
}

/// An account of this wallet.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its id here.
    pub id: Id,
    /// The address of its server, or [`EMBEDDED`].
    pub server: String,
    /// As the server told it last, with what was changed here since.
    pub profile: Profile,
    /// When it was read to its end last.
    pub synced: Option<Timestamp>,
    /// How many things wait to be sent.
    pub unsent: usize,
    /// How many badges the server has.
    pub awards: usize,
    /// Up to where the feed was read.
    pub cursor: i64,
}

/// An invitation in the inbox.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Whose it is.
    pub account: Id,
    /// It, as the server told it last; its name and its issuer are those that stand in its credential, where there is one, for what is said
    /// beside them is what that is worth.
    pub invitation: Invitation,
    /// What its credential is worth, as of when it came.
    pub worth: Option<State>,
    /// Its owner wants to answer later.
    pub later: bool,
    /// The answer that was given here and is on its way.
    pub answered: Option<&'static str>,
    /// Whether whoever accepts is asked who sees the page (R34).
    pub asks_visibility: bool,
}

impl Waits {
    /// Its credential, as one that may be kept.
    fn candidate(&self) -> Option<Candidate> {
        self.invitation.ob3.as_ref().map(|text| Candidate::of_bytes(&self.invitation.name, text.as_bytes()))
    }

    /// The id of the badge.
    pub fn badge(&self) -> Option<BadgeId> {
        self.invitation.ob3.as_ref().map(|text| Sha256::of_credential(text.as_bytes()))
    }

    /// The picture that the badge brings along.
    pub fn picture(&self) -> Option<Vec<u8>> {
        let candidate = self.candidate()?;
        let reports = check_opened(candidate.opened(), &Evidence::default(), &Policy::default(), Timestamp::UNIX_EPOCH);
        picture_in(candidate.bytes(), reports.first()?)
    }
}

/// What waits for an answer.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// The newest, and those that are to be answered later.
    pub shown: Vec<Waits>,
    /// How many more there are.
    pub more: usize,
}

/// Something that the owner is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Rises.
    pub number: i64,
    /// About which account.
    pub account: Id,
    /// What.
    pub notice: Notice,
    /// When.
    pub at: Timestamp,
}

impl Member {
    /// Whose account it is: an address, or a name where there is none.
    pub fn who(&self) -> String {
        let it = &self.profile;
        it.addresses.first().cloned().unwrap_or_else(|| format!("{} {}", it.given_name, it.family_name).trim().to_owned())
    }
}

/// Whether a person means this id by a text: six digits or more of its beginning or its end, or of the beginning of its last twelve, which lists
/// show because ids of one hour begin alike.
pub fn is_meant(id: Id, given: &str) -> bool {
    let id = id.to_string();
    given.len() >= 6 && (id.starts_with(given) || id.ends_with(given) || id[24..].starts_with(given))
}

impl Wallet {
    /// The accounts, in the order in which they were added.
    ///
    /// # Errors
    /// The wallet is damaged.
    pub fn accounts(&self) -> Result<Vec<Member>, WalletError> {
        self.store.read(|db| account::all(db)?.into_iter().map(|it| member(db, it)).collect())
    }

    /// The account that has this address, or whose server begins so, or whose id is meant ([`is_meant`]); without a text the only one.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn account(&self, given: Option<&str>) -> Result<Member, SyncError> {
        let mut all = self.accounts()?;
        if let Some(given) = given {
            let is_it = |it: &Member| {
                let host = it.server.split_once("://").map_or(it.server.as_str(), |(_, host)| host);
                is_meant(it.id, given)
                    || it.server.starts_with(given)
                    || host.starts_with(given)
                    || it.profile.addresses.iter().any(|address| address.eq_ignore_ascii_case(given))
            };
            all.retain(is_it);
            if all.is_empty() {
                return Err(SyncError::UnknownAccount { given: given.to_owned() });
            }
        }
        if all.len() == 1 {
            Ok(all.remove(0))
        } else {
            Err(SyncError::WhichAccount { accounts: all.iter().map(called).collect() })
        }
    }

    /// Keeps an account, or knows it again.
    fn add_account(&mut self, server: &str, profile: &Profile, now: Timestamp) -> Result<Id, WalletError> {
        self.store.write(|db| {
            let known = account::all(db)?.into_iter().find(|it| it.server == server && it.profile.id == profile.id);
            let new = || Account {
                id: id(now),
                server: server.to_owned(),
                profile: profile.clone(),
                place: Place::NEW,
                synced: None,
                added: to_micros(now),
            };
            let it = known.unwrap_or_else(new);
            account::put(db, &Account { profile: profile.clone(), ..it.clone() })?;
            Ok(it.id)
        })
    }

    /// Forgets an account with all that is known of it; its badges stay.
    ///
    /// # Errors
    /// Something waits to be sent, and `lose` does not say that it may be lost.
    pub fn forget_account(&mut self, account: Id, lose: bool) -> Result<(), SyncError> {
        let (unsent, badges) = self.store.read(|db| Ok((outbox::of(db, account)?.len(), known::badges(db, account)?)))?;
        if unsent > 0 && !lose {
            return Err(SyncError::Unsent { count: unsent });
        }
        self.store.write(|db| account::erase(db, account))?;
        // Nobody's addresses are asked of them any more.
        drop(self.on_index(|index| index.mark_due(&badges)));
        Ok(())
    }

    /// The invitations that wait for an answer, or whose answer is on its way; the newest first. Of very many only those that are shown: each that is
    /// answered, or put off, lets another one come.
    ///
    /// # Errors
    /// The wallet is damaged.
    pub fn inbox(&self) -> Result<Inbox, WalletError> {
        self.store.read(|db| {
            let (mut shown, mut all) = (Vec::new(), 0);
            for it in account::all(db)? {
                let queued = outbox::of(db, it.id)?;
                for later in [false, true] {
                    let open = known::open(db, it.id, later, SHOWN)?;
                    shown.extend(open.into_iter().map(|waiting| waits(&it, &queued, waiting)));
                }
                all += known::open_ids(db, it.id)?.len();
            }
            shown.sort_by_key(|it| std::cmp::Reverse(it.invitation.id));
            let more = all - shown.len();
            Ok(Inbox { shown, more })
        })
    }

    /// The invitation whose id is meant ([`is_meant`]).
    ///
    /// # Errors
    /// There is none.
    pub fn invitation(&self, given: &str) -> Result<Waits, SyncError> {
        let unknown = || SyncError::UnknownInvitation { given: given.to_owned() };
        let found = self.store.read(|db| {
            let mut found = Vec::new();
            for it in account::all(db)? {
                found
                    .extend(known::open_ids(db, it.id)?.into_iter().filter(|id| is_meant(*id, given)).map(|id| (it.clone(), id)));
            }
            let [(account, id)] = found.as_slice() else { return Ok(None) };
            let waiting = known::invitation(db, account.id, *id)?;
            let queued = outbox::of(db, account.id)?;
            Ok(waiting.map(|waiting| waits(account, &queued, waiting)))
        })?;
        found.ok_or_else(unknown)
    }

    /// Accepts an invitation, or declines it: here at once, at the server as soon as it hears of it.
    ///
    /// # Errors
    /// There is no such invitation, or it was answered.
    pub fn answer(
        &mut self,
        invitation: Id,
        accept: bool,
        visibility: Option<Visibility>,
        now: Timestamp,
    ) -> Result<(), SyncError> {
        let given = invitation.to_string();
        let waits = self.invitation(&given)?;
        if waits.answered.is_some() {
            return Err(SyncError::AlreadyAnswered { given });
        }
        let action = if accept {
            Action::Accept { invitation, visibility: visibility.filter(|_| waits.asks_visibility) }
        } else {
            Action::Decline { invitation }
        };
        Ok(self.store.write(|db| queue(db, waits.account, action, now))?)
    }

    /// Notes that an invitation is to be answered later, or no longer so.
    ///
    /// # Errors
    /// The wallet is damaged.
    pub fn postpone(&mut self, account: Id, invitation: Id, later: bool) -> Result<(), WalletError> {
        self.note(account, invitation, |waiting| Waiting { later, ..waiting })
    }

    /// Changes what is known of an invitation that is there.
    fn note(&mut self, account: Id, invitation: Id, change: impl FnOnce(Waiting) -> Waiting) -> Result<(), WalletError> {
        self.store.write(|db| {
            let Some(waiting) = known::invitation(db, account, invitation)? else { return Ok(()) };
            let thing = Thing::Invitation(Box::new(change(waiting)));
            known::put(db, &Fact { account, id: invitation, thing, badge: None })
        })
    }

    /// The badges that came through an account.
    ///
    /// # Errors
    /// The wallet is damaged.
    pub fn badges_of(&self, account: Id) -> Result<Vec<BadgeId>, WalletError> {
        self.store.read(|db| known::badges(db, account))
    }

    /// What is demanded of what comes through an account.
    pub(crate) fn policy_of(&self, account: Id) -> Result<Policy, WalletError> {
        let found = self.store.read(|db| account::get(db, account))?;
        Ok(found.map_or_else(|| self.policy.clone(), |it| holder::of_account(&self.policy, &it.profile)))
    }

    /// The report on the credential of an invitation, with what is at hand and what was just heard about it.
    fn report_on(
        &self,
        candidate: &Candidate,
        heard: &Evidence,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Option<Report>, WalletError> {
        let known = |key: &str| self.store.read(|db| verify::known(db, key, heard.document(key)));
        let checked = candidate.check(policy, now, known)?;
        Ok(checked.reports.into_iter().next())
    }

    /// Keeps a badge off its owner's pages, or shows it there; how many pages that is.
    ///
    /// # Errors
    /// The badge came from no account.
    pub fn hide(&mut self, badge: &IdPrefix, hidden: bool, now: Timestamp) -> Result<usize, SyncError> {
        let found = self.badge(badge)?;
        let awards = self.store.read(|db| known::of_badge(db, found.id))?;
        let awards: Vec<_> = awards.into_iter().filter(|(_, known)| !known.gone).collect();
        if awards.is_empty() {
            return Err(SyncError::NoAward { given: badge.to_string() });
        }
        self.store.write(|db| {
            awards
                .iter()
                .try_for_each(|(account, known)| queue(db, *account, Action::Hide { award: known.award.id, hidden }, now))
        })?;
        Ok(awards.len())
    }

    /// Changes the profile of an account.
    ///
    /// # Errors
    /// The wallet cannot be written.
    pub fn change_profile(&mut self, account: Id, change: ProfileChange, now: Timestamp) -> Result<(), WalletError> {
        self.store.write(|db| queue(db, account, Action::Profile { change }, now))
    }

    /// What the owner was not told yet, the newest first.
    ///
    /// # Errors
    /// The wallet is damaged.
    pub fn notices(&self) -> Result<Vec<Told>, WalletError> {
        let all = self.store.read(notice::all)?;
        let told = all
            .into_iter()
            .map(|it| Ok(Told { number: it.number, account: it.account, notice: it.notice, at: from_micros(it.at)? }));
        told.collect()
    }

    /// The owner has read what was told up to this number.
    ///
    /// # Errors
    /// The wallet cannot be written.
    pub fn note_read(&mut self, number: i64) -> Result<(), WalletError> {
        self.store.write(|db| notice::erase_to(db, number))
    }

    /// What a credential is worth that is not kept, with what was just heard about it.
    pub(crate) fn worth(
        &self,
        candidate: &Candidate,
        heard: &Evidence,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<State, WalletError> {
        Ok(self.report_on(candidate, heard, policy, now)?.as_ref().map_or(State::NoBadge, State::of))
    }
}

/// The whole report on an invitation, before it is answered. With a `link` those are asked who may know more, as when it came; the wallet does not wait
/// for them. What it is worth by that is noted, so that the list says the same.
///
/// # Errors
/// There is no such invitation, or the wallet is damaged.
pub fn look_at(door: &impl Door, link: Option<&Link>, waits: &Waits, now: Timestamp) -> Result<Report, SyncError> {
    let unknown = || SyncError::UnknownInvitation { given: waits.invitation.id.to_string() };
    let candidate = waits.candidate().ok_or_else(unknown)?;
    let heard = link.map(|link| candidate.ask(link.evidence(), now)).unwrap_or_default();
    let report = door.with(|wallet| {
        let report = wallet.report_on(&candidate, &heard, &wallet.policy_of(waits.account)?, now)?;
        let Some(report) = report else { return Ok(None) };
        let worth = Some(State::of(&report).name().to_owned());
        wallet.note(waits.account, waits.invitation.id, |waiting| Waiting { worth, ..waiting })?;
        Ok(Some(report))
    })?;
    report.ok_or_else(unknown)
}

/// An account, as somebody may call it.
fn called(it: &Member) -> String {
    format!("{} ({})", it.who(), it.server)
}

fn queue(db: &Connection, account: Id, action: Action, now: Timestamp) -> Result<(), WalletError> {
    let entry = Entry { id: id(now), action };
    outbox::put(db, &Queued { account, entry, made: to_micros(now) })
}

/// An invitation with the name and the issuer of its credential in the place of those that the server gives it.
fn as_signed(it: Invitation) -> Invitation {
    let Some(badge) = it.ob3.as_ref().and_then(|text| read_unchecked(text.as_bytes())) else { return it };
    let issuer = badge.issuer.unwrap_or_default();
    let text = |text: Option<String>| text.map(|text| satchel_badge::words::plain(&text).collect::<String>());
    Invitation {
        name: text(badge.name).unwrap_or_default(),
        issuer: issuer.id.unwrap_or_default(),
        issuer_name: text(issuer.name),
        ..it
    }
}

fn waits(account: &Account, queued: &[Queued], waiting: Waiting) -> Waits {
    let answer = queued.iter().rev().find(|queued| queued.entry.action.invitation() == Some(waiting.invitation.id));
    Waits {
        account: account.id,
        worth: State::ALL.into_iter().find(|state| Some(state.name()) == waiting.worth.as_deref()),
        later: waiting.later,
        answered: answer.map(|queued| queued.entry.action.name()),
        asks_visibility: asks_visibility(&account.profile, queued),
        invitation: as_signed(waiting.invitation),
    }
}

fn asks_visibility(profile: &Profile, queued: &[Queued]) -> bool {
    let is_chosen = queued.iter().any(|it| match &it.entry.action {
        Action::Accept { visibility, .. } => visibility.is_some(),
        Action::Profile { change } => change.visibility.is_some(),
        _ => false,
    });
    profile.asks_visibility && !is_chosen
}

fn member(db: &Connection, it: Account) -> Result<Member, WalletError> {
    let queued = outbox::of(db, it.id)?;
    let mut profile = it.profile;
    for change in
        queued.iter().filter_map(|it| if let Action::Profile { change } = &it.entry.action { Some(change) } else { None })
    {
        let change = change.clone();
        profile.given_name = change.given_name.unwrap_or(profile.given_name);
        profile.family_name = change.family_name.unwrap_or(profile.family_name);
        profile.language = change.language.unwrap_or(profile.language);
        profile.visibility = change.visibility.unwrap_or(profile.visibility);
        profile.indexed = change.indexed.unwrap_or(profile.indexed);
    }
    Ok(Member {
        id: it.id,
        server: it.server,
        profile,
        synced: it.synced.map(from_micros).transpose()?,
        unsent: queued.len(),
        awards: usize::try_from(known::count(db, it.id)?).unwrap_or_default(),
        cursor: it.place.reached(),
    })
}

/// Takes the account of a sign-in into the wallet, as one of `server`: its address, or [`EMBEDDED`].
///
/// # Errors
/// The server could not be asked, or something cannot be written.
pub fn keep(door: &impl Door, signed_in: SignedIn, vault: &Vault, server: &str, now: Timestamp) -> Result<Member, SyncError> {
    // Whose tokens these are, the server alone says.
    let (unnamed, alone) = (id(now), Vault::in_memory());
    alone.lock().put(unnamed, signed_in.tokens().cloned())?;
    let profile = Remote::new(signed_in.link(), &alone, unnamed).profile()?;
    let tokens = alone.lock().get(unnamed)?;
    let account = door.with(|wallet| wallet.add_account(server, &profile, now))?;
    // What this wallet held before ends there, as soon as it can be told.
    drop(sign_out(signed_in.link(), vault, account, server, now));
    vault.lock().put(account, tokens)?;
    signed_in.kept();
    let kept = door.with(|wallet| Ok(wallet.accounts()?.into_iter().find(|it| it.id == account)))?;
    kept.ok_or_else(|| SyncError::UnknownAccount { given: account.to_string() })
}

/// Looks at every row about accounts.
pub(crate) fn look_through(db: &Connection) -> Result<(), WalletError> {
    for it in account::all(db)? {
        outbox::of(db, it.id)?;
    }
    notice::all(db)?;
    known::look_through(db)
}

/// Saves what can be read of a damaged wallet. All is read anew from the servers; what is known is kept so that nothing that its owner threw away comes
/// back by that.
pub(crate) fn salvage(source: &Connection, db: &Connection) -> Result<(), WalletError> {
    let accounts = account::salvage(source);
    for it in &accounts {
        let round = it.place.round() + 1;
        account::put(db, &Account { place: Place::Start { round, reached: 0, restored: false }, ..it.clone() })?;
    }
    let is_here = |id: Id| accounts.iter().any(|it| it.id == id);
    known::salvage(source).iter().filter(|it| is_here(it.account)).try_for_each(|it| known::put(db, it))?;
    outbox::salvage(source).iter().filter(|it| is_here(it.account)).try_for_each(|it| outbox::put(db, it))?;
    notice::salvage(source).iter().filter(|it| is_here(it.account)).try_for_each(|it| notice::put(db, it))
}
