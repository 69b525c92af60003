//! The options of `satchel wallet`, each described once.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
    /// Call a wallet your own that was not made here, such as yours from another computer: all that it says about issuers counts then. Of
    /// somebody else's it proves nothing until they are asked.
    Adopt,
}

/// Keep badges.
#[derive(Debug, Args)]
pub struct Import {
    /// Files, folders (all files in them, links not followed), ZIP archives, addresses that begin with https:// or http://, or `-` for standard
    /// input: a file, or text such as JSON, a signed text, a data: address, or words with the addresses of badges among them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
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
}
