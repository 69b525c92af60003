//! What window and native side say to each other: the types, and nothing else. `ui/src/generated/ipc.ts` is written from them by
//! `cargo xtask bindings`, and a test fails when it is stale.
//!
//! Times are RFC 3339. What is missing is null.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A language that Satchel speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Italian.
    It,
}

impl From<satchel_badge::words::Language> for Language {
    fn from(language: satchel_badge::words::Language) -> Self {
        match language {
            satchel_badge::words::Language::English => Self::En,
            satchel_badge::words::Language::Italian => Self::It,
        }
    }
}

/// What the window shows as one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Valid, and somebody whom the owner trusts vouches for the issuer.
    Valid,
    /// Valid, and nobody whom the owner trusts vouches for the issuer.
    Intact,
    /// Something is wrong.
    Invalid,
    /// Something is not known.
    Undecided,
    /// There was nothing to verify.
    NoBadge,
}

/// Why a card is not the normal one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Its time has ended.
    Expired,
    /// Its issuer took it back.
    Revoked,
    /// Its time has not begun.
    NotYet,
    /// Whether it was revoked is not known.
    StatusUnknown,
    /// It was given to none of the addresses of the account through which it came.
    NotYours,
    /// Invalid or undecided for another reason; the word of the state is shown.
    Other,
}

/// What one check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail,
    /// Cannot be told.
    Unknown,
    /// Not asked, or a remark.
    Skipped,
}

/// The one error of every command.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// What happened, what was kept and what to do, in the language of the settings.
    pub message: String,
    /// Whether the same may work later.
    pub retry: bool,
    /// A short random code that also stands in the log.
    pub reference: String,
}

/// The colours of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Those of the system.
    System,
    /// Ink on paper.
    Light,
    /// Paper on ink.
    Dark,
}

/// Whether issuers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Never.
    Never,
    /// When a person clicks.
    OnClick,
    /// Whenever a badge is read.
    Always,
}

/// What a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// The language; none: that of the system.
    pub language: Option<Language>,
    /// The colours.
    pub theme: Theme,
    /// Percent of the normal size, from 100 to 200.
    pub text_size: u32,
    /// Whether issuers are asked.
    pub network: Network,
    /// Whether the desktop tells of an invitation while the window is not in front.
    pub notify: bool,
}

/// How the wallet stands.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WalletState {
    /// It is open.
    Open {
        /// Where it lies.
        folder: String,
        /// Badges that are kept, the bin not counted.
        badges: u32,
        /// Whether somebody else may have made it, so that what it says of issuers does not count.
        foreign: bool,
        /// What keeps the key that it is locked with, `keyring` or `passphrase`; none where nothing protects it.
        keeper: Option<String>,
        /// What had to be rebuilt or was lost when it was opened, in words.
        remarks: Vec<String>,
    },
    /// It is not.
    Closed {
        /// Where it should lie.
        folder: String,
        /// Why not.
        problem: Problem,
        /// Whether rebuilding can help.
        can_rebuild: bool,
        /// Whether it is locked, and a passphrase opens it.
        needs_passphrase: bool,
    },
}

/// What the window wears before it has asked for anything.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct Dress {
    /// The language in force.
    pub language: Language,
    /// The colours.
    pub theme: Theme,
    /// Percent of the normal size, from 100 to 200.
    pub text_size: u32,
}

/// What the window needs to begin.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Start {
    /// The language in force.
    pub language: Language,
    /// What a person chose.
    pub settings: Settings,
    /// The wallet.
    pub wallet: WalletState,
    /// The version of Satchel.
    pub version: String,
    /// What was handed in before the window was there.
    pub offers: Vec<Offer>,
    /// The screen that a link has asked for.
    pub link: Option<Opened>,
}

/// Files that a person handed in natively; the window never names a path.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Offer {
    /// Its number.
    pub id: u32,
    /// The names of the files and folders, without their paths; the first ones of many.
    pub names: Vec<String>,
    /// How many files and folders were named.
    pub count: u32,
    /// Whether one of them is a folder.
    pub folder: bool,
}

/// What is to be looked at.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// What was handed in.
    Offer {
        /// The number of the offer.
        id: u32,
    },
    /// Text that was pasted.
    Text {
        /// The text.
        text: String,
    },
    /// An address.
    Url {
        /// The address.
        url: String,
    },
}

// ---- The backpack ----

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Among the badges that are kept.
    Kept,
    /// In the bin.
    Bin,
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The newest in the wallet.
    Added,
    /// The newest by their own date.
    Issued,
    /// By name.
    Name,
    /// By issuer.
    Issuer,
}

/// Which badges are asked for.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct Query {
    /// Words, or their beginnings.
    pub text: String,
    /// Where to look.
    pub shelf: Shelf,
    /// States; none: all.
    pub states: Vec<State>,
    /// The key of an issuer.
    pub issuer: Option<String>,
    /// The year in which it was issued.
    pub year: Option<i16>,
    /// What comes first.
    pub sort: Sort,
    /// How many to leave out at the beginning.
    pub offset: u32,
    /// How many to give.
    pub limit: u32,
}

/// A badge in a list.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// The name of its issuer.
    pub issuer: Option<String>,
    /// From when it counts.
    pub issued_on: Option<String>,
    /// Until when.
    pub expires: Option<String>,
    /// When it was added.
    pub added: String,
    /// What the last check said.
    pub state: State,
    /// Why it is not the normal one.
    pub mark: Option<Mark>,
    /// Whether it has a picture of its own; else `badge://` gives the plate that stands in for one.
    pub picture: bool,
    /// When it was put into the bin.
    pub removed: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Found {
    /// How many there are.
    pub total: u32,
    /// How many were left out at the beginning.
    pub offset: u32,
    /// These.
    pub rows: Vec<Row>,
}

/// Badges of one state.
#[derive(Clone, Debug, Serialize, TS)]
pub struct StateCount {
    /// The state.
    pub state: State,
    /// How many.
    pub count: u32,
}

/// Badges of one year.
#[derive(Clone, Debug, Serialize, TS)]
pub struct YearCount {
    /// The year.
    pub year: i16,
    /// How many.
    pub count: u32,
}

/// Badges of one issuer.
#[derive(Clone, Debug, Serialize, TS)]
pub struct IssuerCount {
    /// What to ask for it by.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u32,
}

/// What there is to choose from.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Facets {
    /// Badges that are kept.
    pub kept: u32,
    /// Badges in the bin.
    pub bin: u32,
    /// By state.
    pub states: Vec<StateCount>,
    /// By year, the newest first.
    pub years: Vec<YearCount>,
    /// By issuer, by name.
    pub issuers: Vec<IssuerCount>,
}

// ---- One badge ----

/// A document that a line rests on.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Used {
    /// Its address.
    pub source: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// When it was fetched.
    pub fetched: Option<String>,
    /// Where it came from, in words.
    pub origin: String,
}

/// One thing found.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Line {
    /// The stable id of the check.
    pub check: String,
    /// The check in words.
    pub name: String,
    /// What it says.
    pub status: CheckStatus,
    /// The stable code.
    pub code: String,
    /// The words.
    pub message: String,
    /// The documents it rests on.
    pub evidence: Vec<Used>,
}

/// What a badge is worth.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Report {
    /// In one word.
    pub state: State,
    /// In a sentence.
    pub headline: String,
    /// What would settle it, in words.
    pub hint: Option<String>,
    /// Whoever signed it.
    pub signer: Option<String>,
    /// The name by which the owner trusts the issuer.
    pub trusted: Option<String>,
    /// All that was found.
    pub lines: Vec<Line>,
    /// When.
    pub checked: String,
    /// Hosts that may settle something, if they are asked.
    pub hosts: Vec<String>,
}

/// An endorsement or a bundled credential.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Nested {
    /// Its name.
    pub name: Option<String>,
    /// Who says it.
    pub issuer: Option<String>,
    /// What it says; empty when it says nothing.
    pub text: Vec<Block>,
    /// What it is worth.
    pub report: Report,
}

/// An issuer or creator.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Profile {
    /// A DID or URL.
    pub id: Option<String>,
    /// A claim, not a fact.
    pub name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
    /// A name the owner trusts that this one could be taken for.
    pub looks_like: Option<String>,
}

/// A part of a long text, read as Markdown.
#[derive(Clone, Debug, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading, of whatever level.
    Heading {
        /// Its words.
        spans: Vec<Span>,
    },
    /// A paragraph; line feeds in it end lines.
    Paragraph {
        /// Its words.
        spans: Vec<Span>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        blocks: Vec<Block>,
    },
    /// A list.
    List {
        /// The number of the first item; none when they are not numbered.
        first: Option<u32>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
}

/// A piece of a line.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Span {
    /// How it is set.
    pub kind: SpanKind,
    /// Its words.
    pub text: String,
    /// Where a link goes.
    pub url: Option<String>,
    /// The host or mailbox of a link, unless the words are the address.
    pub place: Option<String>,
}

/// How a piece of a line is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// As all others.
    Text,
    /// As what matters.
    Strong,
    /// As what is stressed.
    Emphasis,
    /// As what is typed.
    Code,
    /// As a link.
    Link,
}

/// A member that the view has no place for.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Fact {
    /// Its path.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// A piece of evidence.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Link {
    /// Its name.
    pub name: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Text to show instead of a page; else empty.
    pub text: Vec<Block>,
    /// Its kind.
    pub kind: Option<String>,
}

/// A skill or a part of a framework.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Alignment {
    /// Its name.
    pub name: Option<String>,
    /// The framework.
    pub framework: Option<String>,
    /// Its code there.
    pub code: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// What it means.
    pub description: Option<String>,
}

/// A result.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(rename = "Result")]
pub struct ResultEntry {
    /// What was measured.
    pub name: Option<String>,
    /// The value or level.
    pub value: Option<String>,
    /// How far it is.
    pub status: Option<String>,
    /// What the value means.
    pub note: Option<String>,
}

/// Something that happened to a badge.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Event {
    /// When.
    pub at: String,
    /// What, in words.
    pub text: String,
}

/// To whom a badge was given.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Recipient {
    /// The name, when the badge states one.
    pub name: Option<String>,
    /// How it is bound, in words.
    pub text: String,
}

/// A badge as a person reads it.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Badge {
    /// Its name.
    pub name: Option<String>,
    /// Its description; empty when there is none.
    pub description: Vec<Block>,
    /// The version it came in.
    pub version: String,
    /// Its kind.
    pub kind: Option<String>,
    /// Who granted it.
    pub issuer: Option<Profile>,
    /// Who described it.
    pub creator: Option<Profile>,
    /// From when it counts.
    pub issued_on: Option<String>,
    /// When it was awarded.
    pub awarded_on: Option<String>,
    /// Until when.
    pub expires: Option<String>,
    /// To whom.
    pub recipient: Option<Recipient>,
    /// How to earn it, as text; empty when there is none.
    pub criteria: Vec<Block>,
    /// How to earn it, as a page.
    pub criteria_url: Option<String>,
    /// How it was earned by this person; empty when that is not said.
    pub narrative: Vec<Block>,
    /// What it rests on.
    pub evidence: Vec<Link>,
    /// Skills and frameworks.
    pub alignment: Vec<Alignment>,
    /// Scores, levels, grades.
    pub results: Vec<ResultEntry>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What others say about it.
    pub endorsements: Vec<Nested>,
    /// Members that the view has no place for.
    pub more: Vec<Fact>,
    /// The credential as received, as JSON to read; of a JWS its payload.
    pub raw: String,
}

/// A badge of the wallet.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// The badge, when it could be read.
    pub badge: Option<Badge>,
    /// What it is worth.
    pub report: Report,
    /// Credentials that it bundles.
    pub nested: Vec<Nested>,
    /// Why it is not the normal one.
    pub mark: Option<Mark>,
    /// What happened to it.
    pub history: Vec<Event>,
    /// The file it came in.
    pub file: String,
    /// The kind of that file.
    pub format: String,
    /// Other files that carry the same credential.
    pub copies: u32,
    /// The one of them that the picture is from, where the badge has none of its own.
    pub picture_from: Option<String>,
    /// When it was added.
    pub added: String,
    /// When it was put into the bin.
    pub removed: Option<String>,
    /// Whether it has a picture of its own; else `badge://` gives the plate that stands in for one.
    pub picture: bool,
    /// The host that has its picture, if that was not fetched.
    pub picture_at: Option<String>,
}

// ---- Looking at files ----

/// The number of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Inspection(pub u32);

/// What became of a credential, were it kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It would be added.
    New,
    /// It is in the wallet.
    Here,
    /// It is in the bin, and would be taken out.
    Bin,
    /// It would not be kept.
    Refused,
}

/// A credential that was looked at.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Inspected {
    /// Its number.
    pub index: u32,
    /// The path of its file, from what was handed in.
    pub path: String,
    /// Its number in the file.
    pub part: u32,
    /// Its name.
    pub name: Option<String>,
    /// The name of its issuer.
    pub issuer: Option<String>,
    /// From when it counts.
    pub issued_on: Option<String>,
    /// What it is worth.
    pub state: State,
    /// Why it is not the normal one.
    pub mark: Option<Mark>,
    /// The first reason, in words.
    pub reason: Option<String>,
    /// What became of it, were it kept.
    pub fate: Fate,
    /// Whether it has a picture of its own; else `badge://` gives the plate that stands in for one.
    pub picture: bool,
}

/// What is to be said of a row, which changes with the language and with the wallet.
#[derive(Clone, Debug, Serialize, TS)]
pub struct RowNow {
    /// What it is worth.
    pub state: State,
    /// Why it is not the normal one.
    pub mark: Option<Mark>,
    /// The first reason, in words.
    pub reason: Option<String>,
    /// What became of it, were it kept.
    pub fate: Fate,
}

/// How far an inspection is.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Progress {
    /// Files that were looked at.
    pub done: u32,
    /// Files in all; none while folders are still being listed.
    pub total: Option<u32>,
    /// Rows since the last message, in order.
    pub rows: Vec<Inspected>,
    /// Whether nothing more comes.
    pub finished: bool,
    /// Whether a person ended it.
    pub cancelled: bool,
    /// Hosts that were asked.
    pub asked: Vec<String>,
}

/// A credential that was looked at, as a page.
#[derive(Clone, Debug, Serialize, TS)]
pub struct InspectedBadge {
    /// The badge, when it could be read.
    pub badge: Option<Badge>,
    /// What it is worth.
    pub report: Report,
    /// Credentials that it bundles.
    pub nested: Vec<Nested>,
    /// The path of its file; of an invitation, the name of the badge.
    pub path: String,
    /// Its number in the file.
    pub part: u32,
    /// Whether it has a picture of its own; else `badge://` gives the plate that stands in for one.
    pub picture: bool,
    /// The host that has its picture, where the badge does not bring one along.
    pub picture_at: Option<String>,
}

/// What keeping came to.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Kept {
    /// Added to the wallet.
    pub added: u32,
    /// In it already.
    pub here: u32,
    /// Not kept.
    pub refused: u32,
    /// Ids of the added.
    pub ids: Vec<String>,
    /// Why it ended early; what is counted is kept all the same.
    pub problem: Option<Problem>,
}

/// What erasing came to.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Erased {
    /// Badges that are gone.
    pub count: u32,
    /// Files that stay, because another badge stands in them too.
    pub shared: u32,
    /// Damaged copies of the wallet that may still hold them.
    pub kept_in: Vec<String>,
    /// Badges that were not here any more.
    pub refused: u32,
    /// Why it ended early; what is counted is gone all the same.
    pub problem: Option<Problem>,
}

/// A file that was saved.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Saved {
    /// Its path.
    pub path: String,
    /// The folder it lies in.
    pub folder: String,
}

/// The forms in which badges leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BadgeForm {
    /// Baked into a PNG.
    Png,
    /// The file as it came.
    Original,
}

/// How far badges are saved.
#[derive(Clone, Copy, Debug, Serialize, TS)]
pub struct Saving {
    /// Badges that were taken up.
    pub done: u32,
    /// Badges in all.
    pub total: u32,
}

/// What saving several badges came to.
#[derive(Clone, Debug, Serialize, TS)]
pub struct SavedSeveral {
    /// Their folder; none where there is nothing in it.
    pub folder: Option<Saved>,
    /// Badges that are in it.
    pub count: u32,
    /// Badges that are not here any more, or that no file can be made of.
    pub refused: u32,
    /// Whether a person ended it.
    pub stopped: bool,
    /// Why it ended early; what is counted is saved all the same.
    pub problem: Option<Problem>,
}

/// The forms of a report on many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportForm {
    /// A page for people.
    Html,
    /// A table for a spreadsheet.
    Csv,
    /// Lines for programs.
    Json,
}

/// An issuer whom the owner trusts.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Trusted {
    /// Its identifier.
    pub id: String,
    /// The name by which the owner knows it.
    pub name: String,
    /// When that was said.
    pub added: String,
}

/// What keeps the tokens of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The system's keyring.
    Keyring,
    /// A passphrase.
    Passphrase,
    /// Nothing: they are gone with the program.
    Session,
}

/// All that is shown of accounts.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Accounts {
    /// The accounts, in the order in which they were added.
    pub list: Vec<Account>,
    /// Invitations that wait for an answer, the newest first.
    pub inbox: Vec<Invitation>,
    /// How many more there are than are shown.
    pub more: u32,
    /// What the owner was not told yet, the newest first.
    pub notices: Vec<Notice>,
    /// Whether the sign-ins that are kept want a passphrase.
    pub locked: bool,
    /// Where the browser is, while a sign-in waits for it.
    pub signing: Option<String>,
    /// The server within the app, while it runs.
    pub house: Option<House>,
}

/// An account at a server.
#[expect(clippy::struct_excessive_bools, reason = "each is shown by itself")]
#[derive(Clone, Debug, Serialize, TS)]
pub struct Account {
    /// Its id here.
    pub id: String,
    /// The address of its server, or `embedded` for the one within the app.
    pub server: String,
    /// The name of its owner.
    pub name: String,
    /// The main address.
    pub address: Option<String>,
    /// The address of the owner's page.
    pub page: String,
    /// Whether others see that page.
    pub public: bool,
    /// Whether this wallet is signed in.
    pub signed_in: bool,
    /// Whether it was signed out here while its server could not be told, which does not know it yet.
    pub untold: bool,
    /// When it was in step last.
    pub synced: Option<String>,
    /// What was done here and not sent yet.
    pub unsent: u32,
    /// Badges that the server has.
    pub badges: u32,
    /// Whether it is syncing.
    pub busy: bool,
    /// Why the last sync failed.
    pub problem: Option<Problem>,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Invitation {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// The name of the badge.
    pub name: String,
    /// What the issuer calls itself.
    pub issuer: Option<String>,
    /// The issuer's identifier.
    pub issuer_id: String,
    /// To which address it went.
    pub address: Option<String>,
    /// When it was made.
    pub created: String,
    /// Until when it may be accepted.
    pub expires: String,
    /// What the badge is worth, as of when the invitation came.
    pub state: Option<State>,
    /// Its owner wants to answer later.
    pub later: bool,
    /// The answer that is on its way: `accept` or `decline`.
    pub answered: Option<String>,
    /// Whether whoever accepts is asked who sees the page.
    pub asks: bool,
}

/// Something that the owner is told.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Notice {
    /// Rises.
    pub number: u32,
    /// The words.
    pub text: String,
    /// When.
    pub at: String,
}

/// A device or program that an account has allowed something.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// What it called itself.
    pub name: String,
    /// Its number among those that are called the same, the oldest first.
    pub number: Option<u32>,
    /// Since when it is signed in.
    pub created: String,
    /// When it was used last.
    pub seen: String,
    /// Whether it is this one.
    pub current: bool,
}

/// The server within the app.
#[derive(Clone, Debug, Serialize, TS)]
pub struct House {
    /// Its address.
    pub url: String,
    /// Where its mails are written.
    pub mail: String,
    /// The page on which the first account is made, as long as there is none.
    pub first: Option<String>,
}

/// What a sync brought.
#[derive(Clone, Debug, Serialize, TS)]
pub struct Synced {
    /// New badges.
    pub badges: u32,
    /// The id of the badge, where it is one.
    pub badge: Option<String>,
    /// New invitations.
    pub invitations: u32,
}

/// A screen that a link of ours opens; links do nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Opened {
    /// `inbox`, `backpack` or `verify`.
    pub screen: String,
    /// The server that the link names, or the link of an invitation there; shown, and asked only when a person says so.
    pub server: Option<String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// What is said about each member is said in this file alone.
    fn without_words(declaration: &str) -> String {
        let parts = declaration
            .split("/**")
            .enumerate()
            .map(|(at, part)| if at == 0 { part } else { part.split_once("*/").map_or(part, |(_, code)| code) });
        parts.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    fn typescript() -> String {
        let config = ts_rs::Config::default();
        let mut text = String::from("// Written by `cargo xtask bindings` from src-tauri/ipc.rs. Do not edit.\n");
        macro_rules! declare {
            ($($name:ident)+) => {$(
                text.push_str("\nexport ");
                text.push_str(&without_words(&<$name as TS>::decl(&config)));
                text.push('\n');
            )+};
        }
        declare!(Language State Mark CheckStatus Problem Theme Network Settings WalletState Offer Dress Start Source Shelf Sort Query Row Found
            StateCount YearCount IssuerCount Facets Used Line Report Nested Profile Block Span SpanKind Fact Link Alignment ResultEntry Event Recipient Badge Shown
            Inspection Fate Inspected RowNow Progress InspectedBadge Kept Erased Saved BadgeForm Saving SavedSeveral ReportForm Trusted
            Keep Account Invitation Notice Device House Accounts Synced Opened);
        text
    }

    #[test]
    fn the_types_of_the_window_are_those_of_the_native_side() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/generated/ipc.ts");
        let now = typescript();
        if std::env::var_os("SATCHEL_BINDINGS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, now).unwrap();
            return;
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == now, "ui/src/generated/ipc.ts is stale: `cargo xtask bindings` writes it");
    }
}
