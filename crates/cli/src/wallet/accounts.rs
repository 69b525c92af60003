//! `satchel wallet login`, `logout`, `accounts` and `devices`: who this wallet is at which server.

use std::cell::RefCell;

use jiff::Timestamp;
use satchel_protocol::Id;
use satchel_protocol::wallet::{Device, told_apart};
use satchel_wallet::Wallet;
use satchel_wallet::signin::{self, Link, SealError, Server, SignIn, Vault};
use satchel_wallet::sync::{self, Member, Remote, SyncError};
use serde_json::json;

use super::args::{Forgetting, Login, Logout};
use super::{Desk, Out};
use crate::passphrase::{Opens, Terminal};
use crate::problem::Problem;
use crate::verify::{pick, plain};
use crate::{Outcome, Status};

impl Desk {
    /// The words of an error of signing in or syncing.
    pub(super) fn failed(&self, error: &SyncError) -> Problem {
        match error {
            SyncError::Wallet(error) => self.way_out(error),
            SyncError::Seal(SealError::WrongPassphrase | SealError::KeyringLost { .. }) => {
                let words = pick(
                    self.language,
                    "If nothing opens the sign-ins any more: `satchel wallet logout --all` throws them away, and `satchel wallet login` signs in \
                     again. The badges stay, and what waits to be sent.",
                    "Se nulla apre più gli accessi: `satchel wallet logout --all` li butta via, e `satchel wallet login` accede di nuovo. I badge \
                     restano, e anche ciò che attende di partire.",
                );
                anstream::eprintln!("satchel: {words}");
            }
            _ => {}
        }
        Problem::of_sync(error, self.language)
    }

    /// The tokens of this wallet.
    pub(super) fn vault(&self) -> Result<Vault, SyncError> {
        let vault = Vault::open(&self.dir, &Terminal::new(self.language, Opens::Wallet))?;
        Ok(vault.unwrap_or_else(Vault::in_memory))
    }
}

/// The server of an account.
pub(super) fn link(member: &Member) -> Result<Link, SyncError> {
    to(&member.server)
}

/// The way to a server.
fn to(server: &str) -> Result<Link, SyncError> {
    if server == sync::EMBEDDED {
        // It runs within the window, which syncs with it.
        return Err(SyncError::NotSignedIn { server: server.to_owned() });
    }
    Server::named(server)?.link()
}

/// Tells servers of what was signed out while they could not be reached. That one cannot be told this time either holds nothing up.
pub(super) fn tell_ended(vault: &Vault) {
    drop(signin::tell_ended(vault, to));
}

pub fn login(desk: &Desk, login: &Login) -> Outcome {
    sign_in(desk, login).map_err(|error| desk.failed(&error))?
}

fn sign_in(desk: &Desk, login: &Login) -> Result<Outcome, SyncError> {
    let server = Server::named(&login.server)?;
    // What keeps the tokens is there before anybody is asked in a browser.
    let vault = if login.once {
        Vault::in_memory()
    } else {
        drop(desk.access().open_or_create(&desk.dir, desk.now)?);
        Vault::open_or_create(&desk.dir, &Terminal::new(desk.language, Opens::Wallet))?
    };
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let begun = SignIn::begin(&server, &signin::program_name(&host, desk.now), desk.language)?;
    if desk.json {
        anstream::println!("{}", json!({ "open": begun.address() }));
    } else {
        let words = pick(desk.language, "Open this in your browser to sign in:", "Apri questo nel browser per accedere:");
        anstream::eprintln!("{words}");
        anstream::println!("{}", begun.address());
    }
    if !login.no_browser && has_screen() {
        // Where it fails, there is the address.
        drop(open::that_detached(begun.address()));
    }
    let signed_in = begun.finish(desk.language)?;
    let wallet = RefCell::new(desk.access().open_or_create(&desk.dir, Timestamp::now())?);
    let member = sync::keep(&wallet, signed_in, &vault, server.origin(), Timestamp::now())?;
    if login.once {
        let link = server.link()?;
        let done = sync::sync(&wallet, &Remote::new(&link, &vault, member.id), &Timestamp::now);
        // Nothing is left here or there, whatever became of it.
        let out = signin::sign_out(&link, &vault, member.id, &member.server, Timestamp::now());
        let done = done?;
        out?;
        return Ok(super::sync::tell(desk, &member, &done).map(|()| Status::Done));
    }
    if desk.json {
        let mut row = row(&member, true);
        row["kept"] = json!(vault.keeper());
        anstream::println!("{row}");
    } else {
        let words = pick(desk.language, "Signed in as", "Accesso eseguito come");
        anstream::eprintln!("{words} {}.", plain(&name(&member)));
        let words = pick(
            desk.language,
            "`satchel wallet sync` fetches your badges and invitations.",
            "`satchel wallet sync` scarica i tuoi badge e inviti.",
        );
        anstream::eprintln!("{words}");
    }
    Ok(Ok(Status::Done))
}

/// Whether there is a screen on which a browser could show something.
fn has_screen() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn name(member: &Member) -> String {
    let profile = &member.profile;
    let address = profile.addresses.first().map(|address| format!(" ({address})")).unwrap_or_default();
    format!("{} {}{address}, {}", profile.given_name, profile.family_name, member.server)
}

fn row(member: &Member, signed_in: bool) -> serde_json::Value {
    let profile = &member.profile;
    json!({ "account": member.id, "server": member.server, "given_name": profile.given_name, "family_name": profile.family_name,
        "addresses": profile.addresses, "page": profile.page, "visibility": profile.visibility, "signed_in": signed_in,
        "synced": member.synced, "unsent": member.unsent, "badges": member.awards })
}

pub fn list(desk: &Desk) -> Outcome {
    let all = desk.open()?.accounts().map_err(|error| desk.problem(&error))?;
    // Where the tokens do not open, the accounts are shown all the same.
    let vault = desk.vault().unwrap_or_else(|error| {
        desk.failed(&error).print(desk.language);
        Vault::in_memory()
    });
    let untold = vault.untold().map_err(|error| desk.failed(&error.into()))?;
    let mut out = Out::new();
    for member in &all {
        let signed_in = vault.has(member.id).map_err(|error| desk.failed(&error.into()))?;
        let is_untold = untold.contains(&member.id);
        if desk.json {
            let mut row = row(member, signed_in);
            row["server_knows"] = json!(!is_untold);
            out.json(&row)?;
            continue;
        }
        let mut words = vec![name(member)];
        if !signed_in {
            words.push(pick(desk.language, "signed out", "accesso terminato").to_owned());
        }
        if is_untold {
            let untold = pick(
                desk.language,
                "the server does not know of a sign-out yet",
                "il server non sa ancora di un accesso terminato",
            );
            words.push(untold.to_owned());
        }
        if member.unsent > 0 {
            words.push(format!("{} {}", member.unsent, pick(desk.language, "waiting to be sent", "in attesa di partire")));
        }
        out.line(&format!("{}  {}", &member.id.to_string()[24..], plain(&words.join("; "))))?;
    }
    out.flush()?;
    Ok(Status::Done)
}

/// When a server hears that an account was signed out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Now,
    Later,
    Never,
}

/// Signs out: here, or on every device.
pub fn logout(desk: &Desk, logout: &Logout) -> Outcome {
    let done = (|| -> Result<Status, SyncError> {
        let mut wallet = desk.access().open(&desk.dir, desk.now)?;
        let members = if logout.all { wallet.accounts()? } else { vec![wallet.account(logout.account.as_deref())?] };
        let unsent = members.iter().map(|member| member.unsent).sum();
        if logout.forgetting.forget && unsent > 0 && !logout.forgetting.lose {
            return Err(SyncError::Unsent { count: unsent });
        }
        let is_all = wallet.accounts()?.len() == members.len();
        let vault = match desk.vault() {
            Ok(vault) => Some(vault),
            // Tokens that nobody can open here any more.
            Err(SyncError::Seal(_)) if is_all && !logout.everywhere => None,
            Err(error) => return Err(error),
        };
        for member in &members {
            sign_out(desk, &mut wallet, member, vault.as_ref(), logout)?;
        }
        Ok(Status::Done)
    })();
    done.map_err(|error| desk.failed(&error))
}

fn sign_out(
    desk: &Desk,
    wallet: &mut Wallet,
    member: &Member,
    vault: Option<&Vault>,
    &Logout { everywhere, forgetting: Forgetting { forget, lose }, .. }: &Logout,
) -> Result<(), SyncError> {
    let server_knows = if let Some(vault) = vault {
        tell(desk, member, vault, everywhere)?
    } else {
        Vault::discard(&desk.dir)?;
        Known::Never
    };
    if forget {
        wallet.forget_account(member.id, lose)?;
    }
    if desk.json {
        anstream::println!(
            "{}",
            json!({ "account": member.id, "signed_in": false, "forgotten": forget, "server_knows": server_knows == Known::Now })
        );
    } else {
        let words = match server_knows {
            Known::Now => pick(desk.language, "Signed out; the badges stay.", "Accesso terminato; i badge restano."),
            Known::Later => pick(
                desk.language,
                "Signed out here; the badges stay. The server does not know of it yet: the next `satchel wallet sync` tells it, and until then \
                 the sign-in still holds there.",
                "Accesso terminato qui; i badge restano. Il server non lo sa ancora: lo avvisa il prossimo `satchel wallet sync`, e fino ad allora \
                 l'accesso lì vale ancora.",
            ),
            Known::Never => pick(
                desk.language,
                "Signed out here; the badges stay. The server does not know of it: end this device in your account there, or whoever has a copy of \
                 this folder could still use it.",
                "Accesso terminato qui; i badge restano. Il server non lo sa: termina questo dispositivo nel tuo account, o chi ha una copia di questa \
                 cartella potrebbe ancora usarlo.",
            ),
        };
        anstream::eprintln!("{words}");
    }
    Ok(())
}

/// Signs an account out here, and tells its server where that can be told.
fn tell(desk: &Desk, member: &Member, vault: &Vault, everywhere: bool) -> Result<Known, SyncError> {
    let told = link(member).and_then(|link| {
        if everywhere {
            let remote = Remote::new(&link, vault, member.id);
            let devices = remote.devices()?;
            // This one last, or the others could not be ended any more.
            devices.iter().filter(|device| !device.current).try_for_each(|device| remote.end_device(device.id))?;
        }
        signin::sign_out(&link, vault, member.id, &member.server, desk.now)
    });
    // Signed out here it is in any case; on other devices only when the server heard of it.
    match told {
        Ok(()) => Ok(Known::Now),
        Err(error) if everywhere => Err(error),
        Err(error) => {
            signin::sign_out_here(vault, member.id, &member.server, desk.now)?;
            desk.failed(&error).print_words(desk.language);
            Ok(if vault.untold()?.contains(&member.id) { Known::Later } else { Known::Never })
        }
    }
}

/// Lists the devices of an account, or ends one.
pub fn devices(desk: &Desk, account: Option<&str>, end: Option<&str>) -> Outcome {
    let found = with_remote(desk, account, |remote| {
        let devices = remote.devices()?;
        let Some(given) = end else { return Ok(devices) };
        let is_it = |device: &&Device| sync::is_meant(device.id, given);
        let mut matching = devices.iter().filter(is_it);
        let found = matching.next().filter(|_| matching.next().is_none());
        let device = found.ok_or_else(|| SyncError::UnknownDevice { given: given.to_owned() })?;
        remote.end_device(device.id)?;
        Ok(devices.iter().filter(|it| it.id != device.id).cloned().collect())
    });
    let devices = found.map_err(|error| desk.failed(&error))?;
    let mut out = Out::new();
    let numbers = told_apart(&devices.iter().map(|it| (it.id, it.name.as_str())).collect::<Vec<_>>());
    for (device, number) in devices.iter().zip(numbers) {
        let time = |micros: i64| Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
        if desk.json {
            out.json(&json!({ "device": device.id, "name": device.name, "scope": device.scope, "created": time(device.created),
                "seen": time(device.seen), "current": device.current }))?;
        } else {
            let here = if device.current { pick(desk.language, "  (this one)", "  (questo)") } else { "" };
            let day = time(device.seen).strftime("%Y-%m-%d");
            let number = number.map(|number| format!(" ({number})")).unwrap_or_default();
            out.line(&format!("{}  {day}  {}{number}{here}", tail(device.id), plain(&device.name)))?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

/// The end of an id, by which a person names it: ids of one day begin alike.
pub(super) fn tail(id: Id) -> String {
    id.to_string().split_off(24)
}

/// Asks the server of an account.
fn with_remote<T>(
    desk: &Desk,
    account: Option<&str>,
    work: impl FnOnce(&Remote<'_>) -> Result<T, SyncError>,
) -> Result<T, SyncError> {
    // The wallet is held meanwhile, so that no other program renews the tokens.
    let wallet = desk.access().open(&desk.dir, desk.now)?;
    let member = wallet.account(account)?;
    let (vault, link) = (desk.vault()?, link(&member)?);
    work(&Remote::new(&link, &vault, member.id))
}
