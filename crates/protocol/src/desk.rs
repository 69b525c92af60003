//! What a desk uploads and what it is told. Awards arrive signed; a server checks each before it keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{EmailAddress, Id};

/// Awards in one request.
pub const MAX_AWARDS: usize = 100;

/// Bytes of one request of a desk.
pub const MAX_UPLOAD: usize = 16 << 20;

/// Signed awards.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Upload)]
pub struct Upload {
    /// Each with its recipient.
    pub awards: Vec<Award>,
}

/// A signed award and to whom it goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Award)]
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

/// An award as the server keeps it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Kept)]
pub struct Kept {
    /// The Open Badges 3.0 form, as it was signed.
    pub ob3: String,
    /// Its invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Id>,
}

/// What became of one award.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = desk::Outcome)]
pub enum Outcome {
    /// It was kept, and the invitation waits in the outbox.
    Added,
    /// It was there already.
    Duplicate,
    /// It was not kept; the code says why.
    Refused,
}

/// What became of one award, in the order of the request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Result)]
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
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Results)]
pub struct Results {
    /// One for each award.
    pub results: Vec<Result>,
}

/// Who is to find an achievement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = desk::Listing)]
pub struct Listing {
    /// `published`, `unlisted` or `closed`.
    pub state: crate::visibility::Listing,
}

/// The listings of an issuer, by the names of its achievements.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Listings)]
pub struct Listings {
    /// What was said of each.
    pub listings: BTreeMap<String, crate::visibility::Listing>,
}

/// Where an invitation stands after something was done to it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Became)]
pub struct Became {
    /// Its state.
    pub state: crate::invitation::State,
}

/// Invitations of an issuer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Invitations)]
pub struct Invitations {
    /// The newest first.
    pub invitations: Vec<Invitation>,
    /// Whether there are older ones: `?before=ID` reads on.
    pub more: bool,
}

/// Nothing more is to be said.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Done)]
pub struct Done {}

/// An invitation as the desk sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = desk::Invitation)]
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
