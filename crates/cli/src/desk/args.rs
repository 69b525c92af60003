//! The options of `satchel desk`, each described once.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Make badges, award them, and look after them: an issuer's desk. Its keys stay on this machine.
///
/// They lie sealed in the folder of the desk. The system's keyring opens them, or the passphrase in `SATCHEL_PASSPHRASE`, or one that you are
/// asked for.
///
/// Exit status: 0 when done; 1 when done in part or refused; 2 for wrong usage; 4 when a problem stopped it.
#[derive(Debug, Args)]
pub struct Desk {
    /// The folder of the desk; else the one that `SATCHEL_DESK` names, or `satchel/desk` in your data folder.
    #[arg(long = "desk", global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Lines of JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What to do at a desk.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Make a desk with new keys. The secret of the key that will succeed is printed once and kept nowhere.
    New {
        /// The issuer's name.
        #[arg(long)]
        name: String,
        /// Issue as this domain (did:web) instead of as a key that needs no host (did:key).
        #[arg(long, value_name = "DOMAIN")]
        did_web: Option<String>,
        /// The issuer's page.
        #[arg(long)]
        url: Option<String>,
        /// Where people write to. With it and `--url` badges have an Open Badges 2.0 form too.
        #[arg(long)]
        email: Option<String>,
    },
    /// Make a badge from a JSON file, or list the badges.
    Badge {
        /// The file: `name`, `description` and `criteria`; if you like, `image`, `alignment`, `achievementType`, `tags` and `slug`.
        #[arg(long, value_name = "BADGE.json")]
        file: Option<PathBuf>,
    },
    /// Award a badge to everybody in a table. Nothing is signed unless every row is right.
    Award(Award),
    /// Upload what is signed and not uploaded yet: the server checks it and sends the invitations.
    Publish,
    /// Take an award back: in the signed list of revoked awards, here and on the server.
    Revoke {
        /// Its id, `urn:uuid:…`, as `results.csv` has it.
        #[arg(value_name = "ID")]
        id: String,
        /// Why; verifiers of the Open Badges 2.0 form are told.
        #[arg(long)]
        reason: String,
    },
    /// List every award: how it stands here, and where its invitation stands, as the server says.
    Status {
        /// Ask nobody.
        #[arg(long)]
        offline: bool,
    },
}

/// Award a badge.
#[derive(Debug, Args)]
pub struct Award {
    /// The badge, by its slug.
    #[arg(long, value_name = "SLUG")]
    pub badge: String,
    /// The table (CSV): `email`, and if you like `name`, `issued_on`, `expires`, `evidence_url`, `narrative`.
    #[arg(long, value_name = "FILE.csv")]
    pub recipients: PathBuf,
    /// A new folder for the baked pictures and `results.csv`.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The server on which the badges will be published. A desk has one.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Leave out rows that are not right, instead of signing nothing.
    #[arg(long)]
    pub skip_bad: bool,
    /// Finish what was broken off, with the same table. No row is signed twice, and files that are missing are written again.
    #[arg(long)]
    pub resume: bool,
    /// How the Open Badges 3.0 form is signed.
    #[arg(long, value_enum, default_value = "eddsa-rdfc-2022")]
    pub form: Form,
}

/// The proof of an award.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// A Data Integrity proof, readable JSON.
    #[value(name = "eddsa-rdfc-2022")]
    EddsaRdfc2022,
    /// A JSON Web Token.
    VcJwt,
}
