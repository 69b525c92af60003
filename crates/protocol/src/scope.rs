//! What a program may be allowed to do in somebody's name (OAuth 2.1, 3.3 "Access Token Scope").

use std::collections::BTreeSet;
use std::fmt;

/// One thing that may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// To read badges, invitations and the profile, to accept and decline, and to hear what changed.
    Wallet,
    /// To do what the account's role as staff allows.
    Staff,
    /// To propose awards, which a desk then signs or not.
    Proposals,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Wallet, Self::Staff, Self::Proposals];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Staff => "staff",
            Self::Proposals => "proposals",
        }
    }
}

/// Several things that are allowed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Those that a text names, with spaces between; names that nobody knows are passed over.
    ///
    /// ```
    /// use satchel_protocol::scope::{Scope, Scopes};
    /// let scopes = Scopes::parse("proposals wallet telepathy wallet");
    /// assert_eq!(scopes.to_string(), "wallet proposals");
    /// assert!(scopes.has(Scope::Wallet) && !scopes.has(Scope::Staff));
    /// ```
    pub fn parse(text: &str) -> Self {
        text.split(' ').filter_map(|name| Scope::ALL.into_iter().find(|scope| scope.name() == name)).collect()
    }

    /// Whether this one is among them.
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of these are among `others`.
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{}", scope.name())?;
        }
        Ok(())
    }
}
