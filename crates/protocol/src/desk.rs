//! What a desk uploads and what it is told. Awards arrive signed; a server checks each before it keeps it.

use serde::{Deserialize, Serialize};

use crate::{EmailAddress, Id};

/// Awards in one request.
pub const MAX_AWARDS: usize = 100;

/// Bytes of one request of a desk.
pub const MAX_UPLOAD: usize = 16 << 20;

/// Signed awards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// Each with its recipient.
    pub awards: Vec<Award>,
}

/// A signed award and to whom it goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Award {
    /// The recipient's address, to which the invitation goes.
    pub email: EmailAddress,
    /// The recipient's name, for the greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of the mail, `en` or `it`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The Open Badges 3.0 form: JSON, or a compact JWS.
    pub ob3: String,
    /// The Open Badges 2.0 form: a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ob2: Option<String>,
    /// The proposal that it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Id>,
}

/// What became of one award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was kept, and the invitation waits in the outbox.
    Added,
    /// It was there already.
    Duplicate,
    /// It was not kept; the code says why.
    Refused,
}

/// What became of one award, in the order of the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Result {
    /// What became of it.
    pub result: Outcome,
    /// The invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Id>,
    /// Why it was refused: a code of a problem or of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The answer to an [`Upload`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Results {
    /// One for each award.
    pub results: Vec<Result>,
}

/// Who is to find an achievement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// `published`, `unlisted` or `closed`.
    pub state: crate::visibility::Listing,
}

/// An invitation as the desk sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: Id,
    /// The identifier of the credential.
    pub credential: String,
    /// Where it stands.
    pub state: crate::invitation::State,
    /// The address; gone once the data were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Until when it may be accepted, in microseconds since 1970.
    pub expires: i64,
}
