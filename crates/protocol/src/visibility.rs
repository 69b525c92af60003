//! Who sees what.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who sees a profile page or a badge on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever has the link.
    Public,
    /// The owner alone; for all others it is not there.
    Private,
}

/// What the first accepted badge does to the page of its owner (R34).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstBadge {
    /// The owner is asked, with two equal buttons.
    #[default]
    Ask,
    /// The page becomes public.
    Public,
    /// The page stays private.
    Private,
}

/// Who finds an achievement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Listing {
    /// Everybody: it is in the catalogue.
    Published,
    /// Whoever has the link.
    #[default]
    Unlisted,
    /// Nobody any more: it is awarded no longer; earlier awards stay.
    Closed,
}

macro_rules! names {
    ($kind:ty, $($variant:ident = $name:literal),+) => {
        impl $kind {
            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The one with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

names!(Visibility, Public = "public", Private = "private");
names!(FirstBadge, Ask = "ask", Public = "public", Private = "private");
names!(Listing, Published = "published", Unlisted = "unlisted", Closed = "closed");
