//! What a wallet and its server tell each other about an account: the profile, invitations, awards and devices. All under `/api/v1`, for a
//! program that was allowed the scope `wallet`. Times are microseconds since 1970.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Id;
use crate::invitation::State;
use crate::visibility::Visibility;

/// Awards in one answer.
pub const MAX_PAGE: usize = 500;

/// The longest that a request may wait for a change, in seconds.
pub const MAX_WAIT: u64 = 25;

/// The profile of an account: `GET /api/v1/account`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// The account.
    pub id: Id,
    /// Given name.
    pub given_name: String,
    /// Family name; may be empty.
    pub family_name: String,
    /// Verified addresses, the main one first.
    pub addresses: Vec<String>,
    /// The language of pages and mails, `en` or `it`.
    pub language: String,
    /// The address of the backpack page.
    pub page: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether search engines may list it.
    pub indexed: bool,
    /// Whether the owner is to be asked, with the next badge that is accepted, who sees the page (R34).
    pub asks_visibility: bool,
}

/// What is to change in a profile: `PATCH /api/v1/account`. What is missing stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family name; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The language of pages and mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who sees the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Whether search engines may list a public page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexed: Option<bool>,
}

/// An invitation to accept a badge: `GET /api/v1/invitations` and `GET /api/v1/invitations/ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: Id,
    /// The award.
    pub award: Id,
    /// Where it stands.
    pub state: State,
    /// To which address it went.
    pub address: Option<String>,
    /// The issuer's DID.
    pub issuer: String,
    /// What the issuer calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_name: Option<String>,
    /// The name of the badge.
    pub name: String,
    /// When it was made.
    pub created: i64,
    /// Until when it may be accepted.
    pub expires: i64,
    /// The credential, so that a wallet can check it before its owner decides; in the answer about one invitation alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ob3: Option<String>,
}

/// Invitations: `GET /api/v1/invitations`, all of them or page by page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitations {
    /// The open ones, the newest first.
    pub invitations: Vec<Invitation>,
    /// After which to go on; none when these are the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Id>,
}

/// How an invitation is accepted: `POST /api/v1/invitations/ID/accept`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Who is to see the page, when [`Profile::asks_visibility`] says that this is a question. No answer is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// An invitation that was declined: `POST /api/v1/invitations/ID/decline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Declined {
    /// Its id.
    pub id: Id,
    /// `declined`.
    pub state: State,
}

/// An award that was accepted: `GET /api/v1/awards/ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Award {
    /// Its id here.
    pub id: Id,
    /// The identifier of the credential.
    pub credential: String,
    /// The name of the badge.
    pub name: String,
    /// Whether it is kept off the page.
    pub hidden: bool,
    /// When the issuer took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<i64>,
    /// The Open Badges 3.0 form, as signed: JSON, or a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ob3: Option<String>,
    /// The Open Badges 2.0 form, as signed: a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ob2: Option<String>,
}

/// A page of awards, by their ids: `GET /api/v1/awards?after=ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Awards {
    /// The awards.
    pub awards: Vec<Award>,
    /// After which to go on; none when these are the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Id>,
}

/// What is to change of an award: `PATCH /api/v1/awards/ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardChange {
    /// Whether it is kept off the page.
    pub hidden: bool,
}

/// A program that was allowed something: `GET /api/v1/devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// Its id.
    pub id: Id,
    /// What the program called itself.
    pub name: String,
    /// What it may, with spaces between.
    pub scope: String,
    /// Since when.
    pub created: i64,
    /// When it was used last, to the hour.
    pub seen: i64,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Numbers for what is called the same, the oldest first; none for a name that stands alone. A person tells them apart by these.
///
/// ```
/// use satchel_protocol::Id;
/// use satchel_protocol::wallet::told_apart;
/// let id = |last: u8| Id::from_bytes([last; 16]);
/// let named = [(id(3), "laptop"), (id(2), "office"), (id(1), "laptop")];
/// assert_eq!(told_apart(&named), [Some(2), None, Some(1)]);
/// ```
pub fn told_apart(named: &[(Id, &str)]) -> Vec<Option<usize>> {
    let number = |(id, name): &(Id, &str)| {
        let alike = named.iter().filter(|(_, other)| other.trim() == name.trim());
        let before = alike.clone().filter(|(other, _)| other < id).count();
        (alike.count() > 1).then_some(before + 1)
    };
    named.iter().map(number).collect()
}

/// Devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Devices {
    /// The newest first.
    pub devices: Vec<Device>,
}

/// A device that was ended: `DELETE /api/v1/devices/ID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ended {
    /// Its id.
    pub id: Id,
}
