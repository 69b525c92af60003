//! A server as a wallet talks to it, in the name of one account. What is read is tried again; what changes something carries its idempotency key,
//! so that it may be sent again and counts once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use satchel_fetch::Answer as Heard;
use satchel_protocol::feed::{Page, Record};
use satchel_protocol::wallet::{
    Acceptance, Award, AwardChange, Awards, Device, Devices, Invitation, Invitations, MAX_PAGE, MAX_WAIT, Profile,
};
use satchel_protocol::{Code, Id};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::plan::{Action, Answer, Entry};
use super::read::Source;
use super::{SyncError, signed_out};
use crate::signin::{Link, Vault, refused, renew};

/// How often a request is tried, and how long it waits before another time.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// Bytes of all pages of invitations that wait: of some hundred thousand, and of what memory has room for.
const MOST_LISTED: usize = 64 << 20;

/// Awards that are asked for at once, and kept in one commit; fewer when they are large.
pub const PAGE: usize = 256;

/// A server, for one account.
pub struct Remote<'a> {
    link: &'a Link,
    vault: &'a Vault,
    account: Id,
    /// Awards of a page: halved where an answer was too large, so that this is found out once.
    page: AtomicUsize,
}

impl<'a> Remote<'a> {
    /// The server of an account, with the tokens for it.
    pub fn new(link: &'a Link, vault: &'a Vault, account: Id) -> Self {
        Self { link, vault, account, page: AtomicUsize::new(PAGE) }
    }

    /// The server.
    pub(crate) fn link(&self) -> &Link {
        self.link
    }

    /// Whose it is.
    pub fn account(&self) -> Id {
        self.account
    }

    /// Waits until something changes after `cursor`, for half a minute at most; whether it did.
    ///
    /// # Errors
    /// The server could not be asked, or refused.
    pub fn wait(&self, cursor: i64) -> Result<bool, SyncError> {
        match self.get::<Page>(&format!("/api/v1/changes?cursor={cursor}&wait={MAX_WAIT}")) {
            Ok(page) => Ok(!page.records.is_empty()),
            // Whoever reads on finds out what to do.
            Err(SyncError::Refused { code, .. }) if code == Code::Resync.name() => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn cursor(&self, page: &Page) -> Result<i64, SyncError> {
        page.cursor.parse().map_err(|_| self.strange("cursor"))
    }

    fn unless_gone<T>(&self, answered: Result<T, SyncError>, is_it: impl Fn(&T) -> bool) -> Result<Option<T>, SyncError> {
        match answered {
            Ok(it) if is_it(&it) => Ok(Some(it)),
            Ok(_) => Err(self.strange("another id")),
            Err(SyncError::Refused { code, .. }) if code == Code::NotFound.name() || code == Code::Gone.name() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The programs that were allowed something.
    ///
    /// # Errors
    /// The server could not be asked, or refused.
    pub fn devices(&self) -> Result<Vec<Device>, SyncError> {
        Ok(self.get::<Devices>("/api/v1/devices")?.devices)
    }

    /// Ends one of them.
    ///
    /// # Errors
    /// The server could not be asked, or refused.
    pub fn end_device(&self, id: Id) -> Result<(), SyncError> {
        let answer = self.ask("DELETE", &format!("/api/v1/devices/{id}"), None, b"");
        // It may have been ended by a request whose answer was lost.
        self.unless_gone(answer, |_| true).map(drop)
    }

    /// Sends something of the outbox; what the server says to it for good.
    pub(super) fn send(&self, entry: &Entry) -> Result<Answer, SyncError> {
        let key = Some(entry.id);
        let answered = match &entry.action {
            Action::Accept { invitation, visibility } => {
                let body = self.body(&Acceptance { visibility: *visibility })?;
                self.json("POST", &format!("/api/v1/invitations/{invitation}/accept"), key, &body).map(Answer::Award)
            }
            Action::Decline { invitation } => {
                let path = format!("/api/v1/invitations/{invitation}/decline");
                self.ask("POST", &path, key, b"").map(|_| Answer::Declined)
            }
            Action::Hide { award, hidden } => {
                let body = self.body(&AwardChange { hidden: *hidden })?;
                self.json("PATCH", &format!("/api/v1/awards/{award}"), key, &body).map(Answer::Award)
            }
            Action::Profile { change } => {
                let body = self.body(change)?;
                self.json("PATCH", "/api/v1/account", key, &body).map(Answer::Profile)
            }
        };
        match answered {
            Err(SyncError::Refused { code, message, retry: false, .. }) => Ok(Answer::Refused { code, message }),
            answered => answered,
        }
    }

    fn body(&self, body: &impl Serialize) -> Result<Vec<u8>, SyncError> {
        serde_json::to_vec(body).map_err(|error| self.strange(&error.to_string()))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SyncError> {
        self.json("GET", path, None, b"")
    }

    fn json<T: DeserializeOwned>(&self, method: &'static str, path: &str, key: Option<Id>, body: &[u8]) -> Result<T, SyncError> {
        self.said(&self.ask(method, path, key, body)?)
    }

    fn said<T: DeserializeOwned>(&self, answer: &Heard) -> Result<T, SyncError> {
        serde_json::from_slice(&answer.bytes).map_err(|error| self.strange(&error.to_string()))
    }

    /// Asks, and once more where the network or the server says that it may help, or with new tokens.
    fn ask(&self, method: &'static str, path: &str, key: Option<Id>, body: &[u8]) -> Result<Heard, SyncError> {
        let mut tokens = self.vault.lock().get(self.account)?.ok_or_else(|| signed_out(self.link))?;
        let (mut tried, mut is_renewed) = (1, false);
        loop {
            let mut headers = vec![("authorization", format!("Bearer {}", tokens.access))];
            if !body.is_empty() {
                headers.push(("content-type", String::from("application/json")));
            }
            headers.extend(key.map(|key| ("idempotency-key", key.to_string())));
            let answered = self.link.send(method, path, headers, body.to_vec());
            let error = match answered {
                Ok(answer) if (200..300).contains(&answer.status) => return Ok(answer),
                Ok(answer) if answer.status == 401 && !is_renewed => {
                    tokens = renew(self.link, self.vault, self.account, &tokens.access)?;
                    is_renewed = true;
                    continue;
                }
                Ok(answer) if answer.status == 401 => return Err(signed_out(self.link)),
                Ok(answer) => self.refusal(&answer),
                Err(error) => error,
            };
            // One that says "not now" is asked later, not at once.
            let at_once = !matches!(error, SyncError::Refused { .. });
            if !error.retry() || !at_once || tried == TRIES {
                return Err(error);
            }
            std::thread::sleep(PAUSE * tried);
            tried += 1;
        }
    }

    /// Only what is said in our own form is the server's word; anything else came from something in between, such as the page of a hotel, and decides
    /// nothing.
    fn refusal(&self, answer: &Heard) -> SyncError {
        match answer.media_type.as_deref() {
            Some("application/problem+json") => refused(self.link, answer),
            _ => self.strange(&format!("HTTP {}", answer.status)),
        }
    }
}

impl Source for Remote<'_> {
    type Error = SyncError;

    fn head(&self) -> Result<i64, SyncError> {
        let page: Page = self.get("/api/v1/changes")?;
        self.cursor(&page)
    }

    fn changes(&self, cursor: i64) -> Result<Option<(Vec<Record>, i64)>, SyncError> {
        match self.get::<Page>(&format!("/api/v1/changes?cursor={cursor}")) {
            Ok(page) => {
                let cursor = self.cursor(&page)?;
                Ok(Some((page.records, cursor)))
            }
            Err(SyncError::Refused { code, .. }) if code == Code::Resync.name() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(&self) -> Result<Vec<Invitation>, SyncError> {
        let (mut all, mut after, mut bytes): (Vec<Invitation>, Option<Id>, usize) = (Vec::new(), None, 0);
        loop {
            let from = after.map(|id| format!("&after={id}")).unwrap_or_default();
            let answer = self.ask("GET", &format!("/api/v1/invitations?limit={MAX_PAGE}{from}"), None, b"")?;
            bytes += answer.bytes.len();
            let Invitations { invitations, next } = self.said(&answer)?;
            if bytes > MOST_LISTED || invitations.is_empty() && next.is_some() {
                return Err(self.strange("invitations without an end"));
            }
            // Each is looked at by itself.
            all.extend(invitations.into_iter().map(|it| Invitation { ob3: None, ..it }));
            match next {
                None => return Ok(all),
                Some(next) if after.is_some_and(|after| next >= after) => return Err(self.strange("a page that does not go on")),
                Some(next) => after = Some(next),
            }
        }
    }

    fn invitation(&self, id: Id) -> Result<Option<Invitation>, SyncError> {
        self.unless_gone(self.get::<Invitation>(&format!("/api/v1/invitations/{id}")), |it| it.id == id)
    }

    fn award(&self, id: Id) -> Result<Option<Award>, SyncError> {
        self.unless_gone(self.get::<Award>(&format!("/api/v1/awards/{id}")), |it| it.id == id)
    }

    fn awards(&self, after: Option<Id>) -> Result<Awards, SyncError> {
        let after = after.map(|id| format!("&after={id}")).unwrap_or_default();
        loop {
            let limit = self.page.load(Ordering::Relaxed);
            match self.get(&format!("/api/v1/awards?limit={limit}{after}")) {
                Err(SyncError::Network(satchel_fetch::FetchError::TooLarge { .. })) if limit > 1 => {
                    self.page.store(limit / 2, Ordering::Relaxed);
                }
                answered => return answered,
            }
        }
    }

    fn profile(&self) -> Result<Profile, SyncError> {
        self.get("/api/v1/account")
    }

    fn strange(&self, why: &str) -> SyncError {
        SyncError::strange(self.link.server().origin(), why)
    }
}
