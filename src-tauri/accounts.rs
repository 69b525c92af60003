//! Accounts in the window: a sign-in that waits for the browser, each account kept in step by a thread of its own, and the server within the app. What is
//! done is decided in `satchel_wallet`; here is who does it when.

use std::collections::HashMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;
use satchel_protocol::Id;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::wallet::{Invitation, told_apart};
use satchel_wallet::signin::{self, Cancel, Link, Passphrases, Server, SignIn, Vault};
use satchel_wallet::sync::{self, Door, EMBEDDED, Member, Nudge, Pace, Remote, SyncError, Waits, Watch};
use tauri::{AppHandle, Emitter, Manager};
use tauri_plugin_opener::OpenerExt;
use zeroize::Zeroizing;

use crate::house::House;
use crate::problem::Problem;
use crate::state::{App, Turn, lock, number};
use crate::words::{self, Word};
use crate::{backpack, ipc, notify, view};

/// What the window tells the page when anything of this changes.
const CHANGED: &str = "accounts";

/// All of it.
#[derive(Default)]
pub struct Accounts {
    /// The tokens, with the turn of the wallet that they belong to.
    vault: Mutex<Option<(u64, Arc<Vault>)>>,
    /// The turn of the wallet whose file of tokens is there and wants a passphrase.
    locked: Mutex<Option<u64>>,
    watches: Mutex<HashMap<Id, Sender<Nudge>>>,
    standing: Mutex<HashMap<Id, Standing>>,
    signing: Mutex<Option<(Cancel, String)>>,
    /// Wakes the thread that tells servers of what was signed out while they could not be reached.
    ending: Mutex<Option<Sender<()>>>,
    house: Mutex<Option<House>>,
}

/// How an account stands since it was synced last.
#[derive(Clone, Default)]
struct Standing {
    is_busy: bool,
    problem: Option<ipc::Problem>,
}

/// A passphrase that was typed, or none.
struct Typed(Option<Zeroizing<String>>);

impl Passphrases for Typed {
    fn given(&self) -> Option<Zeroizing<String>> {
        self.0.clone()
    }

    fn ask(&self, _: bool) -> Option<Zeroizing<String>> {
        None
    }
}

fn state(app: &AppHandle) -> tauri::State<'_, App> {
    app.state()
}

fn changed(app: &AppHandle) {
    let _ = app.emit(CHANGED, ());
}

fn time(micros: i64) -> String {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

// ---- What there is ----

/// All that the window shows of accounts.
pub fn all(app: &AppHandle) -> Result<ipc::Accounts, Problem> {
    let state = state(app);
    let language = state.language();
    let (members, inbox, notices) = state.wallet(|wallet, _| Ok((wallet.accounts()?, wallet.inbox()?, wallet.notices()?)))?;
    let it = &state.accounts;
    let vault = vault(&state.turn());
    let untold = vault.as_ref().and_then(|vault| vault.untold().ok()).unwrap_or_default();
    let standing = lock(&it.standing).clone();
    let accounts = members.iter().map(|member| {
        let standing = standing.get(&member.id).cloned().unwrap_or_default();
        let signed_in = vault.as_ref().is_some_and(|vault| vault.has(member.id).unwrap_or_default());
        ipc::Account { untold: untold.contains(&member.id), ..account(member, signed_in, standing) }
    });
    let notices = notices.into_iter().map(|told| ipc::Notice {
        number: u32::try_from(told.number).unwrap_or(u32::MAX),
        text: told.notice.message(language),
        at: told.at.to_string(),
    });
    let house = lock(&it.house).as_ref().map(|house| ipc::House {
        url: house.url.clone(),
        mail: house.mail.to_string_lossy().into_owned(),
        first: house.first.clone().map(|link| enter(house, &link)),
    });
    Ok(ipc::Accounts {
        list: accounts.collect(),
        inbox: inbox.shown.iter().map(invitation).collect(),
        more: number(inbox.more),
        notices: notices.collect(),
        locked: *lock(&it.locked) == Some(state.turn().number()),
        signing: lock(&it.signing).as_ref().map(|(_, address)| address.clone()),
        house,
    })
}

fn account(member: &Member, signed_in: bool, standing: Standing) -> ipc::Account {
    let profile = &member.profile;
    ipc::Account {
        id: member.id.to_string(),
        server: member.server.clone(),
        name: format!("{} {}", profile.given_name, profile.family_name).trim().to_owned(),
        address: profile.addresses.first().cloned(),
        page: profile.page.clone(),
        public: profile.visibility == Visibility::Public,
        signed_in,
        untold: false,
        synced: member.synced.map(|time| time.to_string()),
        unsent: number(member.unsent),
        badges: number(member.awards),
        busy: standing.is_busy,
        // Of what was before it was signed out nothing is to be told.
        problem: standing.problem.filter(|_| signed_in),
    }
}

fn invitation(waits: &Waits) -> ipc::Invitation {
    let it = &waits.invitation;
    ipc::Invitation {
        id: it.id.to_string(),
        account: waits.account.to_string(),
        name: it.name.clone(),
        issuer: it.issuer_name.clone(),
        issuer_id: it.issuer.clone(),
        address: it.address.clone(),
        created: time(it.created),
        expires: time(it.expires),
        state: waits.worth.map(Into::into),
        later: waits.later,
        answered: waits.answered.map(str::to_owned),
        asks: waits.asks_visibility,
    }
}

/// Where a browser is sent so that it may see a page of the server within the app.
fn enter(house: &House, link: &str) -> String {
    let path = link.strip_prefix(&house.url).unwrap_or(link);
    let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("{}/enter/{}?next={next}", house.url, house.secret)
}

// ---- Signing in ----

/// The tokens of this wallet, where they are open.
fn vault(turn: &Turn<'_>) -> Option<Arc<Vault>> {
    lock(&turn.app().accounts.vault).clone().filter(|(of, _)| *of == turn.number()).map(|(_, vault)| vault)
}

fn keep_vault(turn: &Turn<'_>, vault: &Arc<Vault>) {
    let mut slot = lock(&turn.app().accounts.vault);
    if turn.is_now() {
        *slot = Some((turn.number(), Arc::clone(vault)));
    }
}

fn open_vault(turn: &Turn<'_>, passphrase: Option<Zeroizing<String>>) -> Result<Option<Arc<Vault>>, SyncError> {
    if let Some(open) = vault(turn) {
        return Ok(Some(open));
    }
    let opened = Vault::open(&turn.folder()?, &Typed(passphrase))?.map(Arc::new);
    if let Some(opened) = &opened {
        keep_vault(turn, opened);
    }
    Ok(opened)
}

/// A server that the owner has chosen. Where nobody is to be asked about badges, it is asked all the same, and nobody beside it.
fn server(state: &App, named: &str) -> Result<Server, SyncError> {
    let server = if named == EMBEDDED {
        match lock(&state.accounts.house).as_ref() {
            Some(house) => Server::within(&house.url, &house.secret),
            None => Err(SyncError::NotSignedIn { server: EMBEDDED.to_owned() }),
        }
    } else {
        Server::named(named)
    };
    let is_alone = state.settings().network == ipc::Network::Never;
    server.map(|server| if is_alone { server.alone() } else { server })
}

/// Begins a sign-in, opens the browser, and waits in a thread; where the browser is sent.
pub fn sign_in(app: &AppHandle, named: &str, keep: ipc::Keep, passphrase: Option<String>) -> Result<String, Problem> {
    let state = state(app);
    cancel(app);
    // By its address it is the same server.
    let is_house = |origin: &str| lock(&state.accounts.house).as_ref().is_some_and(|house| house.url == origin);
    let (named, server) = if named == EMBEDDED {
        (EMBEDDED.to_owned(), server(&state, EMBEDDED)?)
    } else {
        let given = Server::named(named)?;
        let named = if is_house(given.origin()) { EMBEDDED } else { given.origin() };
        (named.to_owned(), server(&state, named)?.invited_by(&given))
    };
    // The wallet is there before its tokens, and what keeps them before anybody is asked.
    state.wallet(|_, _| Ok(()))?;
    let turn = state.turn();
    let typed = passphrase.map(Zeroizing::new);
    let create = |typed| Vault::open_or_create(&turn.folder()?, &Typed(typed)).map_err(SyncError::from);
    let vault = match (open_vault(&turn, typed.clone())?, keep) {
        (Some(vault), _) => vault,
        (None, ipc::Keep::Session) => Arc::new(Vault::in_memory()),
        (None, ipc::Keep::Keyring) => Arc::new(create(None)?),
        (None, ipc::Keep::Passphrase) => Arc::new(create(typed)?),
    };
    keep_vault(&turn, &vault);
    let host = fs_hostname();
    let begun = SignIn::begin(&server, &signin::program_name(&host, Timestamp::now()), state.language())?;
    let address = begun.address().to_owned();
    *lock(&state.accounts.signing) = Some((begun.cancel(), address.clone()));
    let (waiting, turn) = (app.clone(), turn.number());
    thread::spawn(move || finish(&waiting, turn, begun, &vault, &named));
    open_again(app);
    changed(app);
    Ok(address)
}

fn fs_hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default()
}

fn finish(app: &AppHandle, turn: u64, begun: SignIn, vault: &Arc<Vault>, named: &str) {
    let state = state(app);
    let turn = state.at(turn);
    let address = begun.address().to_owned();
    let done = begun.finish(state.language());
    let done = done.and_then(|signed_in| sync::keep(&turn, signed_in, vault, named, Timestamp::now()));
    {
        let mut signing = lock(&state.accounts.signing);
        // Another one may have begun since.
        if signing.as_ref().is_some_and(|(_, waiting)| *waiting == address) {
            *signing = None;
        }
    }
    match done {
        Ok(member) => {
            lock(&state.accounts.standing).remove(&member.id);
            crate::window::raise(app);
            watch(app, &turn, member.id);
            // Who that is, the browser alone has decided.
            let _ = app.emit("signed_in", member.id.to_string());
        }
        Err(SyncError::Cancelled) => {}
        Err(_) if !turn.is_now() => {}
        Err(error) => drop(app.emit("not_signed_in", Problem::from(error).told(state.language()))),
    }
    changed(app);
}

/// Shows the page once more, where a sign-in waits.
pub fn open_again(app: &AppHandle) {
    let waiting = lock(&state(app).accounts.signing).clone();
    if let Some((_, address)) = waiting {
        // Where there is no browser, the window shows the address.
        let _ = app.opener().open_url(address, None::<&str>);
    }
}

/// Ends a sign-in that waits.
pub fn cancel(app: &AppHandle) {
    if let Some((cancel, _)) = lock(&state(app).accounts.signing).take() {
        cancel.cancel();
    }
    changed(app);
}

/// Opens the tokens with a passphrase.
pub fn unlock(app: &AppHandle, passphrase: String) -> Result<(), Problem> {
    let state = state(app);
    let turn = state.turn();
    open_vault(&turn, Some(Zeroizing::new(passphrase)))?;
    *lock(&state.accounts.locked) = None;
    watch_all(app, &turn);
    changed(app);
    Ok(())
}

/// Throws the tokens away, which nothing opens any more: all accounts are signed out here.
pub fn discard(app: &AppHandle) -> Result<(), Problem> {
    let state = state(app);
    let turn = state.turn();
    // Those that are open are signed out one by one, so that their servers hear of it.
    if vault(&turn).is_none() {
        Vault::discard(&turn.folder()?).map_err(SyncError::from)?;
        *lock(&state.accounts.locked) = None;
    }
    changed(app);
    Ok(())
}

/// Signs an account out: here, or everywhere; and forgets it where that is wanted.
pub fn sign_out(app: &AppHandle, id: Id, everywhere: bool, forget: bool) -> Result<(), Problem> {
    let state = state(app);
    let turn = state.turn();
    let member = member(&turn, id)?;
    let link = server(&state, &member.server).and_then(|server| server.link());
    if let (Some(vault), true) = (vault(&turn), everywhere) {
        let link = link.as_ref().map_err(|_| SyncError::NotSignedIn { server: member.server.clone() })?;
        let remote = Remote::new(link, &vault, id);
        for device in remote.devices()?.iter().filter(|device| !device.current) {
            remote.end_device(device.id)?;
        }
    }
    if let Some(nudge) = lock(&state.accounts.watches).remove(&id) {
        let _ = nudge.send(Nudge::Stop);
    }
    if let Some(vault) = vault(&turn) {
        // Here it is signed out in any case, and its server is told as soon as it can be.
        let now = Timestamp::now();
        match &link {
            Ok(link) => drop(signin::sign_out(link, &vault, id, &member.server, now)),
            Err(_) => signin::sign_out_here(&vault, id, &member.server, now)?,
        }
        tell_ended(app, &turn);
    }
    lock(&state.accounts.standing).remove(&id);
    if forget {
        state.synced(|wallet| wallet.forget_account(id, true))?;
    }
    changed(app);
    Ok(())
}

/// Tells servers of what was signed out while they could not be reached, in a thread of its own: now, and again after pauses until all know it.
fn tell_ended(app: &AppHandle, turn: &Turn<'_>) {
    let state = state(app);
    let Some(vault) = vault(turn).filter(|vault| vault.untold().is_ok_and(|untold| !untold.is_empty())) else { return };
    let mut ending = lock(&state.accounts.ending);
    if ending.as_ref().is_some_and(|wake| wake.send(()).is_ok()) {
        return;
    }
    let (wake, woken) = channel();
    *ending = Some(wake);
    let (app, turn) = (app.clone(), turn.number());
    thread::spawn(move || {
        let state = app.state::<App>();
        let mut pace = Pace::default();
        while state.at(turn).is_now() {
            let told = signin::tell_ended(&vault, |named| server(&state, named)?.link());
            changed(&app);
            if told.is_ok() || vault.untold().is_ok_and(|untold| untold.is_empty()) {
                break;
            }
            let _ = woken.recv_timeout(pace.failed(random()));
        }
    });
}

// ---- In step ----

fn member(turn: &Turn<'_>, id: Id) -> Result<Member, SyncError> {
    let members = turn.with(|wallet| wallet.accounts())?;
    members.into_iter().find(|it| it.id == id).ok_or_else(|| SyncError::UnknownAccount { given: id.to_string() })
}

fn link(turn: &Turn<'_>, id: Id) -> Result<(Link, Member), SyncError> {
    let member = member(turn, id)?;
    Ok((server(turn.app(), &member.server)?.link()?, member))
}

/// Opens the tokens, if that needs nobody, and keeps all accounts in step.
pub fn begin(app: &AppHandle) {
    let state = state(app);
    if state.settings().server {
        drop(house(app, true));
    }
    let turn = state.turn();
    match open_vault(&turn, None) {
        Ok(_) => watch_all(app, &turn),
        Err(_) => *lock(&state.accounts.locked) = Some(turn.number()),
    }
    changed(app);
}

fn watch_all(app: &AppHandle, turn: &Turn<'_>) {
    tell_ended(app, turn);
    let Ok(members) = turn.with(|wallet| wallet.accounts()) else { return };
    for member in &members {
        watch(app, turn, member.id);
    }
}

/// Goes on with those that are kept in step by what the settings say now about who may be asked.
pub fn asked_anew(app: &AppHandle) {
    let state = state(app);
    let turn = state.turn();
    let ids: Vec<Id> = lock(&state.accounts.watches).keys().copied().collect();
    for id in ids {
        watch(app, &turn, id);
    }
}

/// Keeps an account in step, in a thread of its own. A sync that is under way when its wallet makes room for another one ends by itself, and comes
/// to nothing.
fn watch(app: &AppHandle, turn: &Turn<'_>, id: Id) {
    let state = state(app);
    let Some(vault) = vault(turn) else { return };
    if !vault.has(id).unwrap_or_default() {
        return;
    }
    let (to_self, nudges) = channel();
    if let Some(before) = lock(&state.accounts.watches).insert(id, to_self.clone()) {
        let _ = before.send(Nudge::Stop);
    }
    let (app, turn) = (app.clone(), turn.number());
    thread::spawn(move || {
        let state = app.state::<App>();
        let turn = state.at(turn);
        let link = match link(&turn, id) {
            Ok((link, _)) => link,
            Err(error) => return stand(&app, &turn, id, Some(error)),
        };
        let watch = Watch {
            sync: &mut || {
                lock(&state.accounts.standing).entry(id).or_default().is_busy = true;
                sync::sync(&turn, &Remote::new(&link, &vault, id), &Timestamp::now)
            },
            wait: &|cursor| Remote::new(&link, &vault, id).wait(cursor),
            random: &random,
            tell: &mut |done, _| match done {
                _ if !turn.is_now() => {}
                Ok(done) => {
                    stand(&app, &turn, id, None);
                    tell_of(&app, &done.invitations);
                    if !done.badges.is_empty() {
                        // How many there are is shown on every screen.
                        let _ = app.emit("wallet", state.wallet_state());
                    }
                    if !done.badges.is_empty() || done.changed {
                        let badge = if let [one] = done.badges.as_slice() { Some(one.to_string()) } else { None };
                        let (badges, invitations) = (number(done.badges.len()), number(done.invitations.len()));
                        let _ = app.emit("synced", ipc::Synced { badges, badge, invitations });
                    }
                }
                Err(error) => stand(&app, &turn, id, Some(error)),
            },
        };
        watch.run(&nudges, to_self);
    });
}

fn stand(app: &AppHandle, turn: &Turn<'_>, id: Id, error: Option<SyncError>) {
    let state = state(app);
    if !turn.is_now() {
        return;
    }
    let problem = error.map(|error| Problem::from(error).told(state.language()));
    lock(&state.accounts.standing).insert(id, Standing { is_busy: false, problem });
    changed(app);
}

/// Each process hashes otherwise, so it needs no other source of randomness.
fn random() -> u32 {
    use std::hash::{BuildHasher, Hasher};
    let number = std::collections::hash_map::RandomState::new().build_hasher().finish();
    u32::try_from(number >> 32).unwrap_or_default()
}

/// Syncs now: all of them.
pub fn sync_now(app: &AppHandle) {
    let state = state(app);
    let turn = state.turn();
    tell_ended(app, &turn);
    // Those that ended because they could not go on begin anew.
    let ids: Vec<Id> = turn.with(|wallet| wallet.accounts()).unwrap_or_default().iter().map(|it| it.id).collect();
    for id in ids {
        let sent = lock(&state.accounts.watches).get(&id).is_some_and(|nudge| nudge.send(Nudge::Now).is_ok());
        if !sent {
            watch(app, &turn, id);
        }
    }
}

/// The whole report on an invitation. Those who may know more are asked, as when it came.
pub fn look_at(app: &AppHandle, given: &str) -> Result<ipc::InspectedBadge, Problem> {
    let state = state(app);
    let (language, now) = (state.language(), Timestamp::now());
    let waits = state.synced(|wallet| wallet.invitation(given))?;
    let turn = state.turn();
    let link = link(&turn, waits.account).ok();
    let report = sync::look_at(&turn, link.as_ref().map(|(link, _)| link), &waits, now)?;
    let trust = state.wallet(|wallet, _| backpack::trust(wallet))?;
    // The line in the inbox says the same from now on.
    changed(app);
    Ok(ipc::InspectedBadge {
        badge: view::badge(&report, language, now, &trust),
        nested: view::nested(&report, false, language, now),
        picture: satchel_wallet::has_picture(&report),
        picture_at: satchel_wallet::picture_at(&report).map(view::host),
        report: view::report(&report, language, now),
        path: waits.invitation.name.clone(),
        part: 0,
    })
}

/// Has the desktop tell of invitations that came, where its owner wants that and does not see it anyway. It names badge and issuer, and nobody else.
fn tell_of(app: &AppHandle, came: &[Id]) {
    let state = state(app);
    if came.is_empty() || !state.settings().notify || crate::window::is_in_front(app) {
        return;
    }
    let language = state.language();
    let Ok(inbox) = state.turn().with(|wallet| wallet.inbox()) else { return };
    let invitations: Vec<&Invitation> = inbox.shown.iter().map(|it| &it.invitation).filter(|it| came.contains(&it.id)).collect();
    let said = |word, detail: &str| words::filled(word, language, &[detail.to_owned()]);
    match invitations.as_slice() {
        [] => {}
        [one] => {
            let issuer = one.issuer_name.as_deref().unwrap_or(&one.issuer);
            notify::say(said(Word::Invited, &one.name), said(Word::InvitedBy, issuer));
        }
        several => notify::say(said(Word::InvitedSeveral, &several.len().to_string()), String::new()),
    }
}

/// Answers an invitation: here at once, at the server when it hears of it.
pub fn answer(app: &AppHandle, invitation: Id, accept: bool, visibility: Option<Visibility>) -> Result<(), Problem> {
    state(app).synced(|wallet| wallet.answer(invitation, accept, visibility, Timestamp::now()))?;
    sync_now(app);
    changed(app);
    Ok(())
}

/// The devices of an account, after ending one of them.
pub fn devices(app: &AppHandle, id: Id, end: Option<Id>) -> Result<Vec<ipc::Device>, Problem> {
    let state = state(app);
    let turn = state.turn();
    let (link, member) = link(&turn, id)?;
    let vault = vault(&turn).ok_or_else(|| SyncError::NotSignedIn { server: member.server.clone() })?;
    let remote = Remote::new(&link, &vault, id);
    if let Some(device) = end {
        remote.end_device(device)?;
    }
    let devices = remote.devices()?;
    let numbers = told_apart(&devices.iter().map(|it| (it.id, it.name.as_str())).collect::<Vec<_>>());
    let shown = |(it, apart): (&satchel_protocol::wallet::Device, Option<usize>)| ipc::Device {
        id: it.id.to_string(),
        name: it.name.clone(),
        number: apart.map(number),
        created: time(it.created),
        seen: time(it.seen),
        current: it.current,
    };
    Ok(devices.iter().zip(numbers).map(shown).collect())
}

// ---- The server within the app ----

/// Starts the server within the app, or ends it.
pub fn house(app: &AppHandle, on: bool) -> Result<(), Problem> {
    let state = state(app);
    let mut slot = lock(&state.accounts.house);
    if on && slot.is_none() {
        let folder = state.folder().join("server");
        *slot = Some(House::start(&folder).map_err(|why| Problem::caused(Word::NoServer, [], why))?);
    } else if !on && let Some(house) = slot.take() {
        house.stop();
    }
    drop(slot);
    changed(app);
    Ok(())
}

/// Another wallet is to be opened, or this one is locked: its accounts, their tokens and its server go with it, and nothing of them goes on.
pub fn leave(app: &AppHandle) {
    cancel(app);
    end(app);
    let it = &state(app).accounts;
    for (_, nudge) in lock(&it.watches).drain() {
        let _ = nudge.send(Nudge::Stop);
    }
    lock(&it.vault).take();
    lock(&it.ending).take();
    lock(&it.standing).clear();
    *lock(&it.locked) = None;
}

/// The program ends: nobody waits any more, and the server finishes what is under way.
pub fn end(app: &AppHandle) {
    if let Some(house) = lock(&state(app).accounts.house).take() {
        house.stop();
    }
}
