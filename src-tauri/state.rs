//! What the program holds while it runs: the settings, one wallet behind a lock, what was handed in, and what is being looked at.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_fetch::{Client, NetworkPolicy};
use satchel_wallet::signin::Passphrases;
use satchel_wallet::sync::{Door, SyncError};
use satchel_wallet::{Access, Rebuilt, Wallet, WalletError};
use tauri::{AppHandle, Manager};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::accounts::Accounts;
use crate::inspections::Inspections;
use crate::ipc;
use crate::offers::Offers;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::words::{self, Word};

/// All of it. One in the whole program, handed to each command.
pub struct App {
    settings_file: PathBuf,
    usual_wallet: PathBuf,
    settings: Mutex<Settings>,
    /// What is to be told of how the settings and the wallet were found.
    remarks: Mutex<Vec<(Word, Vec<String>)>>,
    wallet: Mutex<Option<Wallet>>,
    /// Rises whenever another wallet takes the place of this one, or it is locked; changed while the wallet is held.
    turn: AtomicU64,
    /// Its owner has locked it, and it stays closed until somebody opens it.
    is_shut: AtomicBool,
    /// Whether a wallet may be made where there is none: in the usual folder and in one that was just chosen, until one has been open there.
    may_make: AtomicBool,
    saved: Mutex<HashSet<PathBuf>>,
    /// Whoever has several badges saved wants no more of them.
    pub stop_saving: AtomicBool,
    /// Files that were handed in.
    pub offers: Mutex<Offers>,
    /// What is being looked at.
    pub inspections: Inspections,
    /// Accounts at servers.
    pub accounts: Accounts,
    /// The screen that a link has asked for, before the window could hear of it.
    pub link: Mutex<Option<ipc::Opened>>,
    /// Places for pictures that are being drawn, one for each core.
    pub drawing: Arc<Semaphore>,
    /// Where it is noted which wallets are one's own; the shell looks there too.
    own_wallets: PathBuf,
    /// The passphrase that opened the wallet, as long as the program runs.
    passphrase: Mutex<Told>,
}

/// A passphrase that a person has typed; none where nobody was asked.
#[derive(Clone, Default)]
struct Told(Option<Zeroizing<String>>);

impl Passphrases for Told {
    fn given(&self) -> Option<Zeroizing<String>> {
        self.0.clone()
    }

    fn ask(&self, _: bool) -> Option<Zeroizing<String>> {
        None
    }
}

/// The way to the wallet of one turn: what was begun for one wallet comes to no other, however long it takes.
pub struct Turn<'a> {
    app: &'a App,
    turn: u64,
}

impl Turn<'_> {
    /// Whether it is the turn of this wallet still.
    pub fn is_now(&self) -> bool {
        self.turn == self.app.turn.load(Ordering::SeqCst)
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.turn
    }

    /// The program.
    pub fn app(&self) -> &App {
        self.app
    }

    /// Where its wallet lies.
    pub fn folder(&self) -> Result<PathBuf, WalletError> {
        let folder = self.app.folder();
        // The number rises before the folder changes.
        if self.is_now() { Ok(folder) } else { Err(WalletError::Missing { dir: folder.to_string_lossy().into_owned() }) }
    }
}

impl Door for Turn<'_> {
    fn with<T>(&self, work: impl FnOnce(&mut Wallet) -> Result<T, WalletError>) -> Result<T, WalletError> {
        let mut slot = lock(&self.app.wallet);
        let missing = || WalletError::Missing { dir: self.app.folder().to_string_lossy().into_owned() };
        if !self.is_now() {
            return Err(missing());
        }
        self.app.work(&mut slot, |wallet, _| work(wallet)).map_err(|problem| match problem {
            Problem::Wallet(error) => error,
            _ => missing(),
        })
    }
}

/// A lock whose holder panicked holds what it held: nothing here is half changed.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Reads the settings; nothing else is touched yet.
    pub fn new(config: &Path, data: &Path) -> Self {
        let settings_file = config.join("settings.json");
        let (settings, aside) = Settings::read(&settings_file);
        let remarks = aside.map(|path| (Word::SettingsSetAside, vec![path.to_string_lossy().into_owned()]));
        let usual_wallet = std::env::var_os("SATCHEL_WALLET").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        Self {
            settings_file,
            may_make: AtomicBool::new(settings.wallet.is_none()),
            usual_wallet: usual_wallet.unwrap_or_else(|| data.to_owned()),
            settings: Mutex::new(settings),
            remarks: Mutex::new(remarks.into_iter().collect()),
            wallet: Mutex::new(None),
            turn: AtomicU64::new(0),
            is_shut: AtomicBool::new(false),
            saved: Mutex::default(),
            stop_saving: AtomicBool::new(false),
            offers: Mutex::default(),
            inspections: Inspections::default(),
            accounts: Accounts::default(),
            link: Mutex::default(),
            drawing: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, NonZero::get).min(4))),
            own_wallets: config.join("wallets"),
            passphrase: Mutex::default(),
        }
    }

    // ---- Settings ----

    /// What a person chose.
    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// The language in force.
    pub fn language(&self) -> Language {
        lock(&self.settings).language()
    }

    /// Chooses otherwise. In force at once, also where it cannot be written.
    pub fn choose(&self, change: impl FnOnce(Settings) -> Settings) -> Result<(), Problem> {
        let mut settings = lock(&self.settings);
        *settings = change(settings.clone());
        settings
            .write(&self.settings_file)
            .map_err(|error| Problem::caused(Word::SettingsNotSaved, [self.settings_file.to_string_lossy().into_owned()], &error))
    }

    /// A client for the network.
    ///
    /// # Errors
    /// The settings say that nobody is ever asked, or it cannot be made.
    pub fn client(&self) -> Result<Client, Problem> {
        if self.settings().network == ipc::Network::Never {
            return Err(Problem::new(Word::Offline, []));
        }
        let policy = NetworkPolicy { max_documents: 8192, max_total_bytes: 512 << 20, ..NetworkPolicy::default() };
        Client::new(policy).map_err(|error| Problem::caused(Word::NoNetwork, [], error.cause()))
    }

    // ---- The wallet ----

    /// Where the wallet is to lie.
    pub fn folder(&self) -> PathBuf {
        self.settings().wallet.unwrap_or_else(|| self.usual_wallet.clone())
    }

    /// Does something with the wallet, which is opened first where it is not open.
    pub fn wallet<T>(&self, work: impl FnOnce(&mut Wallet, Timestamp) -> Result<T, WalletError>) -> Result<T, Problem> {
        self.work(&mut lock(&self.wallet), work)
    }

    /// The wallet of now, whatever wallet there is later.
    pub fn turn(&self) -> Turn<'_> {
        self.at(self.turn.load(Ordering::SeqCst))
    }

    /// The same, by its number.
    pub fn at(&self, turn: u64) -> Turn<'_> {
        Turn { app: self, turn }
    }

    fn work<T>(
        &self,
        slot: &mut Option<Wallet>,
        work: impl FnOnce(&mut Wallet, Timestamp) -> Result<T, WalletError>,
    ) -> Result<T, Problem> {
        if self.is_shut.load(Ordering::Relaxed) {
            return Err(Problem::new(Word::Shut, []));
        }
        let now = Timestamp::now();
        if slot.as_ref().is_some_and(|wallet| !wallet.is_there()) {
            slot.take();
            return Err(self.gone());
        }
        let wallet = match slot {
            Some(wallet) => wallet,
            slot => slot.insert(self.open(now)?),
        };
        Ok(work(wallet, now)?)
    }

    /// The same, for what signing in or syncing has words for.
    pub fn synced<T>(&self, work: impl FnOnce(&mut Wallet) -> Result<T, SyncError>) -> Result<T, Problem> {
        Ok(self.wallet(|wallet, _| Ok(work(wallet)))??)
    }

    fn open(&self, now: Timestamp) -> Result<Wallet, Problem> {
        let may_make = self.may_make.load(Ordering::Relaxed);
        let told = lock(&self.passphrase).clone();
        let (access, folder) = (self.access(&told), self.folder());
        let opened = if may_make { access.open_or_create(&folder, now) } else { access.open(&folder, now) };
        match opened {
            // An empty one in its place would look as if all badges were lost.
            Err(WalletError::Missing { .. }) => Err(self.gone()),
            Err(error) => Err(error.into()),
            Ok(wallet) => {
                self.may_make.store(false, Ordering::Relaxed);
                Ok(wallet)
            }
        }
    }

    fn access<'a>(&'a self, told: &'a Told) -> Access<'a> {
        Access { own: Some(&self.own_wallets), passphrases: Some(told) }
    }

    /// Calls the wallet one's own, though it was not made here.
    pub fn adopt(&self) -> Result<(), Problem> {
        let told = Told::default();
        self.wallet(|wallet, now| wallet.adopt(&self.access(&told), now))
    }

    /// Opens a locked wallet with this passphrase.
    pub fn open_with(&self, passphrase: Zeroizing<String>) {
        self.close();
        *lock(&self.passphrase) = Told(Some(passphrase).filter(|text| !text.is_empty()));
    }

    /// Closes a locked wallet at once. It stays closed until somebody opens it; one that is not locked stays open. Says whether it is closed.
    pub fn shut(&self) -> bool {
        let mut slot = lock(&self.wallet);
        let Some(keeper) = slot.as_ref().and_then(Wallet::keeper) else { return false };
        slot.take();
        lock(&self.passphrase).0 = None;
        // A keyring would open it again by itself.
        self.is_shut.store(keeper == "keyring", Ordering::Relaxed);
        self.turn.fetch_add(1, Ordering::SeqCst);
        true
    }

    /// Encrypts the wallet under a passphrase, or under the system's keyring.
    pub fn protect_wallet(&self, passphrase: Option<Zeroizing<String>>) -> Result<(), Problem> {
        let told = Told(passphrase.filter(|text| !text.is_empty()));
        let mut slot = lock(&self.wallet);
        slot.take();
        self.access(&told).lock(&self.folder())?;
        *lock(&self.passphrase) = told;
        Ok(())
    }

    /// Takes that away for good.
    pub fn unprotect_wallet(&self) -> Result<(), Problem> {
        let told = lock(&self.passphrase).clone();
        let mut slot = lock(&self.wallet);
        slot.take();
        self.access(&told).unlock(&self.folder())?;
        Ok(())
    }

    fn gone(&self) -> Problem {
        Problem::new(Word::WalletGone, [self.folder().to_string_lossy().into_owned()])
    }

    /// Whether the wallet is open.
    pub fn is_open(&self) -> bool {
        lock(&self.wallet).is_some()
    }

    /// Lets go of the wallet, so that another program may have it. Whoever wants it opens it again.
    pub fn close(&self) {
        lock(&self.wallet).take();
        self.is_shut.store(false, Ordering::Relaxed);
    }

    /// Keeps the wallet in another folder from now on, where one is made if there is none.
    pub fn choose_folder(&self, folder: PathBuf) -> Result<(), Problem> {
        // Held until it is done, so that nobody opens the one before meanwhile.
        let mut slot = lock(&self.wallet);
        slot.take();
        self.is_shut.store(false, Ordering::Relaxed);
        self.turn.fetch_add(1, Ordering::SeqCst);
        lock(&self.passphrase).0 = None;
        lock(&self.remarks).clear();
        self.may_make.store(true, Ordering::Relaxed);
        self.choose(|settings| Settings { wallet: Some(folder), ..settings })
    }

    /// Looks through the wallet and saves what can be saved.
    pub fn rebuild(&self) -> Result<(), Problem> {
        let mut slot = lock(&self.wallet);
        slot.take();
        let told = lock(&self.passphrase).clone();
        let (wallet, Rebuilt { lost, damaged, .. }) = self.access(&told).rebuild(&self.folder(), Timestamp::now())?;
        *slot = Some(wallet);
        let mut remarks = lock(&self.remarks);
        remarks.extend(damaged.map(|path| (Word::DamagedKept, vec![path.to_string_lossy().into_owned()])));
        for lost in lost {
            let name = lost.name.or_else(|| lost.id.map(|id| id.to_string())).unwrap_or_else(|| "?".to_owned());
            remarks.push((Word::LostBadge, vec![name]));
        }
        Ok(())
    }

    /// How the wallet stands, opened if it can be.
    pub fn wallet_state(&self) -> ipc::WalletState {
        let (folder, language) = (self.folder().to_string_lossy().into_owned(), self.language());
        match self
            .wallet(|wallet, now| Ok((wallet.facets(satchel_wallet::Shelf::Kept, now)?, wallet.is_foreign(), wallet.keeper())))
        {
            Ok((facets, foreign, keeper)) => {
                let remarks = lock(&self.remarks);
                let remarks = remarks.iter().map(|(word, details)| words::filled(*word, language, details)).collect();
                ipc::WalletState::Open {
                    folder,
                    badges: number(facets.kept),
                    foreign,
                    keeper: keeper.map(str::to_owned),
                    remarks,
                }
            }
            Err(problem) => self.closed(&problem),
        }
    }

    /// The wallet, closed for this reason.
    pub fn closed(&self, problem: &Problem) -> ipc::WalletState {
        let folder = self.folder().to_string_lossy().into_owned();
        ipc::WalletState::Closed {
            folder,
            problem: problem.told(self.language()),
            can_rebuild: problem.is_damage(),
            needs_passphrase: problem.needs_passphrase(),
        }
    }

    // ---- Files that leave ----

    /// The folder for what is saved.
    pub fn downloads(app: &AppHandle) -> Result<PathBuf, Problem> {
        // Where the system names none (xdg-user-dirs), the usual one, or else the home itself.
        let home =
            || app.path().home_dir().map(|home| Some(home.join("Downloads")).filter(|usual| usual.is_dir()).unwrap_or(home));
        let folder = app.path().download_dir().or_else(|_| home());
        let folder = folder.map_err(|error| Problem::new(Word::NoHome, [error.to_string()]))?;
        std::fs::create_dir_all(&folder)
            .map_err(|error| Problem::caused(Word::Unwritable, [folder.to_string_lossy().into_owned()], &error))?;
        Ok(folder)
    }

    /// Remembers what was saved.
    pub fn note_saved(&self, path: &Path) {
        lock(&self.saved).insert(path.to_owned());
    }

    /// Whether this was saved by this run of the program.
    pub fn was_saved(&self, path: &Path) -> bool {
        lock(&self.saved).contains(path)
    }
}

/// A count for the window.
pub fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_begun_for_one_wallet_comes_to_no_other() {
        let home = tempfile::tempdir().unwrap();
        let app = App::new(&home.path().join("config"), &home.path().join("first"));
        app.choose_folder(home.path().join("first")).unwrap();
        let begun = app.turn();
        begun.with(|_| Ok(())).unwrap();
        app.choose_folder(home.path().join("second")).unwrap();
        app.wallet(|_, _| Ok(())).unwrap();
        assert!(begun.with(|_| Ok(())).is_err() && begun.folder().is_err());
        app.turn().with(|_| Ok(())).unwrap();
    }
}
