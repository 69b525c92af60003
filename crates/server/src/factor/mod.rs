//! Second factors (R49): what somebody shows besides the password. What is stored is in `store/factor.rs`; here is whether what was shown is
//! right. Each is good once: a one-time code by its step, a recovery code by its row, the signature of a passkey by its challenge.

pub mod passkey;
pub mod totp;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use satchel_protocol::{Id, Language, Problem, sha256};

use crate::random;
use crate::state::{App, now};
use crate::store::account::{self, Account};
use crate::store::{Error, StoreError, Tx, attempt, factor, issuer, outbox};
use crate::visitor::{Form, Visitor};

/// How long a page with a challenge may stay open.
const OPEN: SignedDuration = SignedDuration::from_mins(10);

/// What a page carries that asks for a passkey, or that adds a factor: random bytes, the time, and a seal that ties both to the visit and to
/// what they are for. It says that this server asked, not long ago, and for this; and it is good once.
pub struct Challenge {
    bytes: Vec<u8>,
    made: Timestamp,
}

const RANDOM: usize = 16;

impl Challenge {
    /// A new one. `purpose` names what it is for and for whom.
    pub fn new(app: &App, visitor: &Visitor, purpose: &str) -> Self {
        let made = now();
        let mut bytes = vec![0; RANDOM];
        random::fill(&mut bytes);
        bytes.extend(made.as_second().to_be_bytes());
        let seal = seal(app, visitor, purpose, &bytes);
        bytes.extend(seal);
        Self { bytes, made }
    }

    /// One that comes back; none when it is not ours, of another visit, for something else, or too old.
    pub fn open(app: &App, visitor: &Visitor, purpose: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, sealed) = bytes.split_at_checked(RANDOM + 8)?;
        let made = said.last_chunk::<8>().and_then(|bytes| Timestamp::from_second(i64::from_be_bytes(*bytes)).ok())?;
        let age = now().duration_since(made);
        let good = sealed == seal(app, visitor, purpose, said) && age <= OPEN && age >= SignedDuration::ZERO - OPEN;
        good.then_some(Self { bytes, made })
    }

    /// As a page carries it.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.bytes)
    }

    /// Uses it up; whether nobody did before.
    fn spend(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        issuer::remember(tx, sha256(&[b"challenge\0".as_slice(), &self.bytes].concat()), self.made + OPEN + OPEN)
    }

    /// What an app shares with the server that is set up by this page.
    pub fn secret(&self, app: &App) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &app.key("one-time-codes", ""));
        hmac::sign(&key, &self.bytes).as_ref()[..totp::LENGTH].to_vec()
    }
}

fn seal(app: &App, visitor: &Visitor, purpose: &str, said: &[u8]) -> [u8; 16] {
    let whole = format!("{purpose}\0{}\0{}", visitor.token(), URL_SAFE_NO_PAD.encode(said));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &app.key("challenge", "")), whole.as_bytes());
    let mut seal = [0; 16];
    seal.copy_from_slice(&tag.as_ref()[..16]);
    seal
}

/// What was shown, read.
pub enum Shown {
    /// Six digits.
    Code(String),
    /// A recovery code, as its hash.
    Recovery([u8; 32]),
    /// The answer of a passkey.
    Passkey(Box<Signed>),
}

/// The answer of a passkey.
pub struct Signed {
    credential: Vec<u8>,
    client: Vec<u8>,
    authenticator: Vec<u8>,
    signature: Vec<u8>,
    challenge: Challenge,
    origin: String,
    host: String,
    verified: bool,
}

impl Shown {
    /// What a form brings; none when it brings nothing that could be right. With `verified`, a passkey stands for both factors.
    pub fn read(app: &App, sent: &Form, purpose: &str, verified: bool) -> Option<Self> {
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(sent.get(name)).ok().filter(|bytes| !bytes.is_empty());
        if let Some(signature) = bytes("signature") {
            return Some(Self::Passkey(Box::new(Signed {
                credential: bytes("credential")?,
                client: bytes("client")?,
                authenticator: bytes("authenticator")?,
                signature,
                challenge: Challenge::open(app, &sent.visitor, purpose, sent.get("challenge"))?,
                origin: app.origin.clone(),
                host: app.passkey_host()?,
                verified,
            })));
        }
        let typed: String = sent.get("code").chars().filter(|letter| letter.is_alphanumeric()).collect();
        if typed.len() == 6 && typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Code(typed));
        }
        (typed.len() == RECOVERY).then(|| Self::Recovery(hash_of(&typed)))
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right, and of this account.
    Right(Id),
    /// It is not.
    Wrong,
    /// The passkey counts fewer uses than it did before: there is a second one like it (`WebAuthn`, 6.1.1).
    Copied,
}

/// Whether what was shown is right; then it is used up. `of` is the account whose factor it must be; none: whosever passkey it is.
///
/// # Errors
/// What the database said.
pub fn check(tx: &mut Tx<'_>, shown: &Shown, of: Option<Id>, time: Timestamp) -> Result<Verdict, StoreError> {
    match (shown, of) {
        (Shown::Code(typed), Some(account)) => {
            for app in factor::apps(tx, account)? {
                if let Some(step) = totp::matches(&app.secret, typed, app.seen, time) {
                    let fresh = factor::advance(tx, app.id, step, time)?;
                    return Ok(if fresh { Verdict::Right(account) } else { Verdict::Wrong });
                }
            }
            Ok(Verdict::Wrong)
        }
        (Shown::Recovery(hash), Some(account)) => {
            if !factor::use_code(tx, account, *hash)? {
                return Ok(Verdict::Wrong);
            }
            tell(tx, account, outbox::Kind::RecoveryUsed, time)?;
            Ok(Verdict::Right(account))
        }
        (Shown::Passkey(signed), of) => {
            let found = factor::passkey(tx, &signed.credential)?.filter(|known| of.is_none_or(|of| of == known.account));
            let Some(known) = found else { return Ok(Verdict::Wrong) };
            let expected = passkey::Expected {
                challenge: &signed.challenge.bytes,
                origin: &signed.origin,
                host: &signed.host,
                verified: signed.verified,
            };
            let key = (known.key.as_slice(), known.algorithm);
            let count = match passkey::assert(&signed.client, &signed.authenticator, &signed.signature, key, &expected) {
                Ok(count) => count,
                Err(why) => {
                    tracing::info!(why, "a passkey was refused");
                    return Ok(Verdict::Wrong);
                }
            };
            if !signed.challenge.spend(tx)? {
                return Ok(Verdict::Wrong);
            }
            let fresh = if count == 0 { factor::touch(tx, known.id, time)? } else { factor::advance(tx, known.id, count, time)? };
            if !fresh {
                tell(tx, known.account, outbox::Kind::PasskeyCopied, time)?;
                return Ok(Verdict::Copied);
            }
            Ok(Verdict::Right(known.account))
        }
        _ => Ok(Verdict::Wrong),
    }
}

/// The answer of a browser that made a passkey; none when it cannot be taken.
pub fn new_passkey(app: &App, sent: &Form, challenge: &Challenge) -> Option<passkey::New> {
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(sent.get(name)).ok();
    let host = app.passkey_host()?;
    let expected = passkey::Expected { challenge: &challenge.bytes, origin: &app.origin, host: &host, verified: false };
    let algorithm = sent.get("algorithm").parse().ok()?;
    let made = passkey::register(&bytes("client")?, &bytes("authenticator")?, &bytes("key")?, algorithm, &expected);
    made.inspect_err(|why| tracing::info!(why, "a passkey was not taken")).ok()
}

/// What is to be added.
pub enum New {
    /// An app that showed a code of this step.
    App(Vec<u8>, i64),
    /// A passkey.
    Passkey(passkey::New),
}

/// Adds a factor, and uses up the page that asked for it; whether it could be.
///
/// # Errors
/// What the database said.
pub fn add(
    tx: &mut Tx<'_>,
    account: Id,
    new: &New,
    name: &str,
    challenge: &Challenge,
    time: Timestamp,
) -> Result<bool, StoreError> {
    if !challenge.spend(tx)? {
        return Ok(false);
    }
    let id = random::id(time);
    match new {
        New::App(secret, step) => {
            factor::add_app(tx, &factor::App { id, secret: secret.clone(), seen: *step }, account, name, time)?;
        }
        New::Passkey(new) => {
            let passkey::New { credential, key, algorithm, count } = new;
            let (credential, key) = (credential.clone(), key.clone());
            let it = factor::Passkey { id, account, credential, key, algorithm: *algorithm, seen: *count };
            if !factor::add_passkey(tx, &it, name, time)? {
                return Ok(false);
            }
        }
    }
    tell(tx, account, outbox::Kind::FactorAdded, time)?;
    Ok(true)
}

/// Tells the owner by mail.
///
/// # Errors
/// What the database said.
pub fn tell(tx: &mut Tx<'_>, account: Id, kind: outbox::Kind, time: Timestamp) -> Result<(), StoreError> {
    let language = account::get(tx, account)?.map_or_else(Language::default, |account| account.language);
    let main = account::addresses(tx, account)?.into_iter().find(|it| it.is_main);
    main.map_or(Ok(()), |main| outbox::put(tx, random::id(time), kind, account, &main.shown, language, time))
}

/// Tries of one account in a quarter of an hour and in a day, and of one visitor in a quarter of an hour.
const TRIES: i64 = 10;
const TRIES_A_DAY: i64 = 50;
const TRIES_OF_VISITOR: i64 = 100;

/// Counts a try. When an account has had its tries, somebody knows the password, and its owner is told.
///
/// # Errors
/// That there were too many.
pub async fn limit(app: &App, visitor: &Visitor, account: &Account) -> Result<(), Problem> {
    let (id, who) = (account.id, account.id.to_string());
    let tries = [
        ("factor", who.as_str(), TRIES, 900),
        ("factor-day", &who, TRIES_A_DAY, 24 * 3600),
        ("factor-from", &visitor.ip, TRIES_OF_VISITOR, 900),
    ];
    let Err(refused) = app.limit(&tries).await else { return Ok(()) };
    let (key, time) = (app.key("factor-told", &who), now());
    let told = app.store.write(move |tx| {
        let first = attempt::count(tx, key, 24 * 3600, time)? == 1;
        if first {
            tell(tx, id, outbox::Kind::FactorGuessed, time)?;
        }
        Ok(first)
    });
    if told.await? {
        app.mail.notify_one();
    }
    Err(refused)
}

/// Forgets the tries after a success.
///
/// # Errors
/// What the database said.
pub fn forget_tries(tx: &mut Tx<'_>, keys: [[u8; 32]; 2]) -> Result<(), Error> {
    for key in keys {
        attempt::forget(tx, key)?;
    }
    Ok(())
}

/// Under what the tries of an account are counted.
pub fn keys(app: &App, account: Id) -> [[u8; 32]; 2] {
    let who = account.to_string();
    [app.key("factor", &who), app.key("factor-day", &who)]
}

// ---- Recovery codes ----

/// Letters of a recovery code: 125 bits, which no hash need slow down (NIST SP 800-63B-4, 3.1.2.2).
const RECOVERY: usize = 25;

/// How many there are.
pub const CODES: usize = 10;

/// New recovery codes, and what is stored of them.
pub fn codes() -> (Vec<String>, Vec<[u8; 32]>) {
    let plain: Vec<String> = (0..CODES).map(|_| random::letters(RECOVERY)).collect();
    let hashes = plain.iter().map(|code| hash_of(code)).collect();
    let in_groups = |code: &String| {
        let letters: Vec<char> = code.chars().collect();
        letters.chunks(5).map(|five| five.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (plain.iter().map(in_groups).collect(), hashes)
}

fn hash_of(code: &str) -> [u8; 32] {
    sha256(format!("recovery\0{}", code.to_ascii_lowercase()).as_bytes())
}
