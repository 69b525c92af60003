//! The options of `satchel wallet`, each described once.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use satchel_protocol::visibility::Visibility;

/// Keep badges, find them again, and take them out.
///
/// Exit status: 0 when done; 1 when something was refused; 2 for wrong usage; 4 when a problem stopped it.
#[derive(Debug, Args)]
pub struct Wallet {
    /// The folder of the wallet; else the one that `SATCHEL_WALLET` names, or `satchel` in your data folder.
    #[arg(long = "wallet", global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Lines of JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do with a wallet.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Keep badges: files as they are, byte for byte. One that is there already is joined, in whatever form it comes.
    Import(Import),
    /// List all badges, the newest first.
    List {
        /// List what is in the bin.
        #[arg(long)]
        bin: bool,
    },
    /// Check a badge again with what is at hand, and show all about it.
    Show {
        /// Its id, or the first six digits or more.
        id: String,
    },
    /// Find badges by the beginnings of words in name, issuer, description and tags.
    Search {
        /// The words.
        #[arg(value_name = "WORD")]
        words: Vec<String>,
        /// Look in the bin.
        #[arg(long)]
        bin: bool,
    },
    /// Take a badge out as it came or as a baked PNG, or all badges as a plain folder.
    Export(Export),
    /// Put badges into the bin, which keeps them for 30 days.
    Remove {
        /// Their ids, or the first six digits or more of each.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Take them out of the bin again.
        #[arg(long, conflicts_with = "erase")]
        undo: bool,
        /// Erase them now and for good: bytes, evidence and index.
        #[arg(long)]
        erase: bool,
    },
    /// Look through every byte, make all that is derived anew, and save what can be saved from a damaged wallet.
    Rebuild,
    /// Say where the wallet lies, what is in it, and what protects it.
    Status,
    /// Encrypt the wallet: nobody reads it then without your keyring, or without the passphrase in `SATCHEL_PASSPHRASE` or one that you are
    /// asked for.
    Lock,
    /// Take the encryption away again.
    Unlock,
    /// Call a wallet your own that was not made here, such as yours from another computer: all that it says about issuers counts then. Of
    /// somebody else's it proves nothing until they are asked.
    Adopt,
    /// Sign in at a server, in your browser; several servers and accounts may be here.
    Login(Login),
    /// Sign out. Badges stay, and so does what waits to be sent.
    Logout(Logout),
    /// List the accounts.
    Accounts,
    /// List the devices and programs that an account has allowed something.
    Devices {
        /// The account: its server, address or id; the only one if there is one.
        account: Option<String>,
        /// End this one: its id, or the first six digits or more of what is shown of it.
        #[arg(long, value_name = "ID")]
        end: Option<String>,
    },
    /// Send what waits and take in what is new.
    Sync {
        /// The account: its server, address or id; else all of them.
        account: Option<String>,
        /// Go on, and sync whenever something changes.
        #[arg(long)]
        watch: bool,
    },
    /// List the invitations that wait for an answer.
    Invitations,
    /// Accept an invitation. Offline too: it is sent with the next sync.
    Accept {
        /// Its id, or the first six digits or more of what `invitations` shows of it.
        id: String,
        #[command(flatten)]
        seen: Seen,
    },
    /// Decline an invitation.
    Decline {
        /// Its id, or the first six digits or more of what `invitations` shows of it.
        id: String,
    },
    /// Keep a badge off your page.
    Hide {
        /// Its id, or the first six digits or more.
        id: String,
        /// Show it there again.
        #[arg(long)]
        undo: bool,
    },
    /// Show where your page is, or change who sees it.
    Page {
        /// The account: its server, address or id; the only one if there is one.
        account: Option<String>,
        #[command(flatten)]
        seen: Seen,
    },
}

/// Who sees the page of an account.
#[derive(Debug, Args)]
pub struct Seen {
    /// Whoever has its address.
    #[arg(long, conflicts_with = "private")]
    public: bool,
    /// You alone.
    #[arg(long)]
    private: bool,
}

impl Seen {
    /// What was chosen.
    pub fn visibility(&self) -> Option<Visibility> {
        match (self.public, self.private) {
            (true, _) => Some(Visibility::Public),
            (_, true) => Some(Visibility::Private),
            _ => None,
        }
    }
}

/// Sign out.
#[derive(Debug, Args)]
pub struct Logout {
    /// The account: its server, address or id; the only one if there is one.
    pub account: Option<String>,
    /// All accounts, also where nothing opens the sign-ins any more.
    #[arg(long, conflicts_with = "account")]
    pub all: bool,
    /// On every device and in every program.
    #[arg(long)]
    pub everywhere: bool,
    #[command(flatten)]
    pub forgetting: Forgetting,
}

/// What becomes of an account that is signed out.
#[derive(Debug, Args)]
pub struct Forgetting {
    /// Forget all about the account; the badges stay.
    #[arg(long)]
    pub forget: bool,
    /// Even if something waits to be sent, which is lost.
    #[arg(long, requires = "forget")]
    pub lose: bool,
}

/// Sign in at a server.
///
/// What the server gives is sealed under a key in the system's keyring, or under the passphrase in `SATCHEL_PASSPHRASE` or one that you are asked for.
#[derive(Debug, Args)]
pub struct Login {
    /// The server: its address, or a link that leads there, such as that of an invitation, or one that begins with satchel://.
    pub server: String,
    /// Only print the address, and open no browser.
    #[arg(long)]
    pub no_browser: bool,
    /// Sync once and sign out again; nothing is kept but what came.
    #[arg(long)]
    pub once: bool,
}

/// Keep badges.
#[derive(Debug, Args)]
pub struct Import {
    /// Files, folders (all files in them, links not followed), ZIP archives, addresses that begin with https:// or http://, or `-` for standard
    /// input: a file, or text such as JSON, a signed text, a data: address, or words with the addresses of badges among them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub asking: Asking,
}

/// Who may be asked.
#[derive(Debug, Args)]
pub struct Asking {
    /// Ask nobody: what is not at hand stays unknown.
    #[arg(long)]
    pub offline: bool,
    /// Ask this address inside your own network too, named exactly, such as `localhost:8080`.
    #[arg(long, value_name = "HOST:PORT")]
    pub allow_host: Vec<String>,
}

/// Take badges out.
#[derive(Debug, Args)]
pub struct Export {
    /// The id of a badge, or its first six digits or more.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub id: Option<String>,
    /// Where to write it; `-` for standard output.
    #[arg(short, long, value_name = "OUT", required_unless_present = "all", conflicts_with = "all")]
    pub output: Option<PathBuf>,
    /// The file as it came, byte for byte; this is what you get if you say nothing.
    #[arg(long, conflicts_with_all = ["png", "all"])]
    pub original: bool,
    /// The badge baked into a PNG.
    #[arg(long, conflicts_with = "all")]
    pub png: bool,
    /// The PNG to bake it into, for a badge that came without one.
    #[arg(long, value_name = "FILE", requires = "png")]
    pub image: Option<PathBuf>,
    /// All badges that are not in the bin, with their evidence, into this folder.
    #[arg(long, value_name = "DIR")]
    pub all: Option<PathBuf>,
    /// Write over files that are there.
    #[arg(long)]
    pub force: bool,
    /// For a PNG, where the picture of the badge lies at an address and was not fetched yet.
    #[command(flatten)]
    pub asking: Asking,
}
