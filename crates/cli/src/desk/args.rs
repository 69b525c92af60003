//! The options of `satchel desk`, each described once.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use satchel_protocol::EmailAddress;

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
    /// Make a desk with new keys, and a file with the key that will take over if they are lost or stolen.
    ///
    /// What opens that file (it is an `age` file) is printed once and kept nowhere: keep the two apart from each other and from this machine.
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
        /// The new file for the key that will succeed; else one beside the folder of the desk.
        #[arg(long, value_name = "FILE.age")]
        successor: Option<PathBuf>,
    },
    /// Make a badge from a JSON file, or list the badges.
    Badge {
        /// The file: `name`, `description` and `criteria`; if you like, `image`, `alignment`, `achievementType`, `inLanguage`, `tags` and `slug`.
        #[arg(long, value_name = "BADGE.json")]
        file: Option<PathBuf>,
    },
    /// Award a badge to everybody in a table. Nothing is signed unless every row is right.
    Award(Award),
    /// Upload what is signed and not uploaded yet: the server checks it and sends the invitations.
    ///
    /// What another copy of this desk revoked meanwhile stays revoked, here too.
    Publish {
        /// The server, for a desk that has none yet: it is remembered once it has taken what the issuer says of itself.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        /// Go on with this copy of the desk, although another one signed awards that it does not know.
        #[arg(long)]
        take_over: bool,
        /// Take the revocation of an award back; as often as there are awards.
        #[arg(long, value_name = "ID")]
        reinstate: Vec<String>,
    },
    /// Say who finds a badge at the server: it is in its catalogue once it is `published`, also before anybody was awarded it.
    Listing {
        /// The badge, by its slug.
        #[arg(value_name = "SLUG")]
        badge: String,
        /// Who finds it.
        #[arg(value_enum)]
        state: Listing,
        /// The server, for a desk that has none yet: it is remembered once it has taken what the issuer says of itself.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
    },
    /// Show the form by which people ask for a badge at the server, or set it; what is not given stays.
    Form {
        /// The badge, by its slug.
        #[arg(value_name = "SLUG")]
        badge: String,
        /// Everybody may ask.
        #[arg(long, group = "access")]
        open: bool,
        /// Nobody may ask.
        #[arg(long, group = "access")]
        closed: bool,
        /// Whoever has a secret link may ask; a new one is printed once.
        #[arg(long, group = "access")]
        link: bool,
        /// What is asked: JSON with `intro`, `fields` (each with `label`, `kind`: `text`, `long`, `choice` or `check`, `required`, `choices`)
        /// and `files`, how many may come along.
        #[arg(long, value_name = "FILE")]
        questions: Option<PathBuf>,
    },
    /// List the requests that were approved at the server and await a signature, or sign for them.
    ///
    /// People ask on the page of a badge, and staff approve on the server's pages. No award is signed before somebody names the request here.
    Requests {
        /// What to do; without it, list them.
        #[command(subcommand)]
        what: Option<Requests>,
    },
    /// List who acts for the issuer on the server's pages, or say who does.
    ///
    /// They decide about requests, follow invitations and write forms and notices. They sign nothing: that is done at the desk.
    Staff {
        /// What to do; without it, list them.
        #[command(subcommand)]
        what: Option<Staff>,
    },
    /// List what other systems propose, or decide it.
    Proposals {
        /// What to do; without it, list what waits.
        #[command(subcommand)]
        what: Option<Proposals>,
    },
    /// List the systems that may propose on the server, or say who may.
    Systems {
        /// What to do; without it, list them.
        #[command(subcommand)]
        what: Option<Systems>,
    },
    /// List or change whose proposals are signed for without a click.
    Rules {
        /// What to do; without it, list them.
        #[command(subcommand)]
        what: Option<Rules>,
    },
    /// Show the desk's key and the hash of the next one, or take over with the successor of a key.
    Keys {
        /// What to do; without it, show them.
        #[command(subcommand)]
        what: Option<Keys>,
    },
    /// Sign and upload what the rules allow, again and again; all else waits for you.
    Watch(Watch),
    /// Take an award back: in the signed list of revoked awards, here and on the server.
    Revoke {
        /// Its id, `urn:uuid:…`, as `results.csv` has it; or several.
        #[arg(value_name = "ID", required_unless_present = "withdrawn")]
        ids: Vec<String>,
        /// Those whose invitations were withdrawn at the server, too.
        #[arg(long)]
        withdrawn: bool,
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

/// Sign for requests.
#[derive(Debug, Subcommand)]
pub enum Requests {
    /// Sign an award for each, and upload it: whoever asked is invited.
    Sign {
        /// Their ids.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
    },
}

/// Say who acts for the issuer.
#[derive(Debug, Subcommand)]
pub enum Staff {
    /// List who acts for the issuer, and who was asked to.
    List,
    /// Have the server ask somebody by mail, at most once a day. They act once they accept, and may register for it.
    Add {
        /// Their address.
        #[arg(value_name = "EMAIL")]
        email: EmailAddress,
    },
    /// Have somebody act no longer, or be asked no longer.
    Remove {
        /// Their address; of whoever acts, the main one of the account.
        #[arg(value_name = "EMAIL")]
        email: EmailAddress,
    },
}

/// Decide proposals.
#[derive(Debug, Subcommand)]
pub enum Proposals {
    /// Sign an award for each, and upload it: its recipient is invited.
    Accept {
        /// Their ids.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
    },
    /// Decline one; the system that made it is told.
    Decline {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
}

/// Who may propose.
#[derive(Debug, Subcommand)]
pub enum Systems {
    /// Let a system propose. Prints its token and the secret of its messages, once.
    Add {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// A badge that it may propose, by its slug; as often as there are badges. Without any, all.
        #[arg(long = "badge", value_name = "SLUG")]
        badges: Vec<String>,
        /// How many it may propose within 24 hours.
        #[arg(long, value_name = "N", default_value_t = 100)]
        daily: u32,
        /// Where it is told what became of its proposals (https; signed as Standard Webhooks has it).
        #[arg(long, value_name = "URL")]
        webhook: Option<String>,
    },
    /// End a system: its token is worth nothing from now on.
    End {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Give it a new secret for its messages; for a day they are signed with the one of before, too.
    Rotate {
        /// Its id.
        #[arg(value_name = "ID")]
        id: String,
    },
}

/// Whose proposals are signed for without a click.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Sign for proposals of one badge that carry the signature of one key. The rule itself is signed with the desk's key.
    Add {
        /// The key, `did:key:z6Mk…`.
        #[arg(long, value_name = "DID")]
        key: String,
        /// The badge, by its slug.
        #[arg(long, value_name = "SLUG")]
        badge: String,
        /// Whose key it is.
        #[arg(long)]
        name: String,
        /// How many awards within 24 hours.
        #[arg(long, value_name = "N", default_value_t = 20)]
        daily: u32,
    },
    /// Take a rule away.
    Remove {
        /// The key.
        #[arg(long, value_name = "DID")]
        key: String,
        /// The badge.
        #[arg(long, value_name = "SLUG")]
        badge: String,
    },
}

/// Take over.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a desk with the key that another desk announced as its next, and have it take over.
    ///
    /// What opens the file is read from `SATCHEL_SUCCESSOR`, or asked for.
    Succeed {
        /// The file with the key, as `desk new` wrote it.
        #[arg(long, value_name = "FILE.age")]
        with: PathBuf,
        /// The issuer that is succeeded, `did:key:z6Mk…`.
        #[arg(long, value_name = "DID")]
        of: String,
        /// The server that it publishes on.
        #[arg(long, value_name = "URL")]
        server: String,
        /// Why.
        #[arg(long, value_enum)]
        reason: Why,
        /// The issuer's name.
        #[arg(long)]
        name: String,
        /// The issuer's page.
        #[arg(long)]
        url: Option<String>,
        /// Where people write to.
        #[arg(long)]
        email: Option<String>,
        /// The new file for the key that will succeed this one; else one beside the folder of the desk.
        #[arg(long, value_name = "FILE.age")]
        successor: Option<PathBuf>,
    },
}

/// Who finds a badge.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listing {
    /// Everybody.
    Published,
    /// Whoever has its address.
    Unlisted,
    /// Whoever has its address, and it is awarded no more.
    Closed,
}

/// Why a key is succeeded.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Why {
    /// It was time to.
    Rotated,
    /// It was lost.
    Lost,
    /// Somebody else may have it.
    Compromised,
}

/// Sign by the rules.
#[derive(Debug, Args)]
pub struct Watch {
    /// Once, instead of until it is ended.
    #[arg(long)]
    pub once: bool,
    /// How long to wait between two looks, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    pub every: u16,
}

/// Award a badge.
#[derive(Debug, Args)]
pub struct Award {
    /// The badge, by its slug.
    #[arg(long, value_name = "SLUG")]
    pub badge: String,
    /// The table (CSV): `email`, and if you like `name`, `issued_on`, `expires`, `evidence_url`, `narrative`, `language` (of the mail).
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
