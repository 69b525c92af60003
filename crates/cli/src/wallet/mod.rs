//! `satchel wallet`: each thing to do is a file. What is decided about a wallet is decided in `satchel_wallet`; here are options, words and
//! the exit status.

mod accounts;
mod adopt;
pub mod args;
mod export;
mod import;
mod inbox;
mod list;
mod lock;
mod rebuild;
mod remove;
mod shared;
mod show;
mod sync;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use satchel_badge::words::Language;
use satchel_wallet::signin::SealError;
use satchel_wallet::{Access, IdPrefix, Shelf, Wallet, WalletError};
use serde::Serialize;

use crate::folder::{data, named, own_wallets};
use crate::output::{UntilClosed, said};
use crate::passphrase::{Opens, Terminal};
use crate::problem::Problem;
use crate::verify::pick;
use crate::{Outcome, Status};
use args::Action;

/// How long a command waits for another one that has the wallet, such as a sync that is about to let it go.
const PATIENCE: Duration = Duration::from_secs(1);

/// What every action needs.
struct Desk {
    dir: PathBuf,
    /// Where it is noted which wallets are one's own.
    own: Option<PathBuf>,
    passphrases: Terminal,
    json: bool,
    language: Language,
    now: Timestamp,
}

pub fn run(command: &args::Wallet, language: Language) -> Outcome {
    let dir = named(command.dir.as_deref(), "SATCHEL_WALLET").map_or_else(|| data("--wallet"), Ok);
    let done = dir.and_then(|dir| {
        let desk = Desk {
            dir,
            own: own_wallets(),
            passphrases: Terminal::new(language, Opens::Wallet),
            json: command.json,
            language,
            now: Timestamp::now(),
        };
        desk.act(&command.action)
    });
    done.map_err(|problem| problem.in_json(command.json))
}

impl Desk {
    fn act(&self, action: &Action) -> Outcome {
        match action {
            Action::Import(import) => import::run(self, import),
            Action::List { bin } => list::run(self, "", shelf(*bin)),
            Action::Search { words, bin } => list::run(self, &words.join(" "), shelf(*bin)),
            Action::Show { id } => show::run(self, id),
            Action::Export(export) => export::run(self, export),
            Action::Remove { ids, undo, erase } => remove::run(self, ids, remove::How::of(*undo, *erase)),
            Action::Rebuild => rebuild::run(self),
            Action::Adopt => adopt::run(self),
            Action::Lock => lock::lock(self),
            Action::Unlock => lock::unlock(self),
            Action::Status => lock::status(self),
            Action::Login(login) => accounts::login(self, login),
            Action::Logout(logout) => accounts::logout(self, logout),
            Action::Accounts => accounts::list(self),
            Action::Devices { account, end } => accounts::devices(self, account.as_deref(), end.as_deref()),
            Action::Sync { account, watch } => sync::run(self, account.as_deref(), *watch),
            Action::Invitations => inbox::list(self),
            Action::Accept { id, seen } => inbox::answer(self, id, true, seen.visibility()),
            Action::Decline { id } => inbox::answer(self, id, false, None),
            Action::Hide { id, undo } => inbox::hide(self, id, !undo),
            Action::Page { account, seen } => inbox::page(self, account.as_deref(), seen.visibility()),
        }
    }

    fn access(&self) -> Access<'_> {
        Access { own: self.own.as_deref(), passphrases: Some(&self.passphrases) }
    }

    fn open(&self) -> Result<Wallet, Problem> {
        let opened = shared::open(PATIENCE, || self.access().open(&self.dir, self.now));
        opened.map(|wallet| self.opened(wallet)).map_err(|error| self.problem(&error))
    }

    fn open_or_create(&self) -> Result<Wallet, Problem> {
        let opened = shared::open(PATIENCE, || self.access().open_or_create(&self.dir, self.now));
        opened.map(|wallet| self.opened(wallet)).map_err(|error| self.problem(&error))
    }

    /// Says so where the wallet may be somebody else's.
    fn opened(&self, wallet: Wallet) -> Wallet {
        if wallet.is_foreign() {
            let words = pick(
                self.language,
                "This wallet was not made here, so what it says about issuers proves nothing until they are asked, and whom it trusts does not count. If it is your own: satchel wallet adopt",
                "Questo portafoglio non è stato creato qui: ciò che dice degli enti non prova nulla finché non vengono interpellati, e la sua lista di fiducia non conta. Se è tuo: satchel wallet adopt",
            );
            anstream::eprintln!("satchel: {words}");
        }
        wallet
    }

    fn id(&self, text: &str) -> Result<IdPrefix, Problem> {
        text.parse().map_err(|error| self.problem(&error))
    }

    /// Says what is left to whoever has lost what opens a locked wallet.
    fn way_out(&self, error: &WalletError) {
        let WalletError::Seal(error) = error else { return };
        if matches!(**error, SealError::WrongPassphrase | SealError::KeyringLost { .. }) {
            let words = pick(
                self.language,
                "Without what opens it nobody reads this wallet. If that is lost, begin another one with `--wallet DIR`: badges come again from your \
                 files, and from your accounts with `satchel wallet login`. This one stays as it is.",
                "Senza ciò che lo apre nessuno legge questo portafoglio. Se è perduto, cominciane un altro con `--wallet DIR`: i badge tornano dai tuoi \
                 file, e dai tuoi account con `satchel wallet login`. Questo resta com'è.",
            );
            anstream::eprintln!("satchel: {words}");
        }
    }

    /// The words of a wallet's error.
    fn problem(&self, error: &WalletError) -> Problem {
        self.way_out(error);
        match error {
            WalletError::Bake(line) => Problem::refused("PNG", line, self.language),
            error => Problem::of_wallet(error, self.language),
        }
    }
}

fn shelf(bin: bool) -> Shelf {
    if bin { Shelf::Bin } else { Shelf::Kept }
}

/// Standard output, for many lines.
struct Out(BufWriter<Box<dyn Write>>);

impl Out {
    fn new() -> Self {
        Self(BufWriter::with_capacity(1 << 16, Box::new(UntilClosed::new(anstream::stdout()))))
    }

    fn line(&mut self, text: &str) -> Result<(), Problem> {
        said(writeln!(self.0, "{text}"))
    }

    fn json(&mut self, row: &impl Serialize) -> Result<(), Problem> {
        said(serde_json::to_writer(&mut self.0, row).map_err(io::Error::from).and_then(|()| self.0.write_all(b"\n")))
    }

    /// Lets the reader have what was written so far.
    fn flush(&mut self) -> Result<(), Problem> {
        said(self.0.flush())
    }
}

/// Done, or done in part.
fn status(refused: bool) -> Status {
    if refused { Status::Refused } else { Status::Done }
}
