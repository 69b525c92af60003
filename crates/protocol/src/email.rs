//! E-mail addresses, in one normal form. Names may be of any script (RFC 6531); the domain is stored as DNS has it. Quoted names, comments
//! and addresses of machines are refused: nobody's badge goes there, and they are where header injection begins.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// An address. Two are equal when they differ in capitals alone: RFC 5321 (2.4) lets a host tell `Ada@` from `ada@`, and none that matters
/// does.
///
/// ```
/// use satchel_protocol::EmailAddress;
/// let address: EmailAddress = " Zoë.Rossi@MÜNCHEN.example ".parse()?;
/// assert_eq!(address.as_str(), "Zoë.Rossi@xn--mnchen-3ya.example");
/// assert_eq!(address.normal(), "zoë.rossi@xn--mnchen-3ya.example");
/// assert_eq!(address, "zoë.rossi@münchen.example".parse()?);
/// assert!("ada@example.org\r\nBcc: x@example.org".parse::<EmailAddress>().is_err());
/// # Ok::<(), satchel_protocol::email::NotAnAddress>(())
/// ```
#[derive(Clone)]
pub struct EmailAddress {
    shown: String,
    normal: String,
}

/// Text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address like name@example.org")]
pub struct NotAnAddress;

/// Bytes of the name (RFC 5321, 4.5.3.1.1) and of all of it (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MAX_NAME: usize = 64;
const MAX_ADDRESS: usize = 254;

impl EmailAddress {
    /// As its owner writes it, with the domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The one form under which it is stored, compared and hashed.
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// The mailbox that mail to it reaches, for limits alone: without what a `+` parts off (RFC 5233, subaddress). Two addresses of one mailbox
    /// are two addresses.
    ///
    /// ```
    /// use satchel_protocol::EmailAddress;
    /// let of = |text: &str| text.parse::<EmailAddress>().unwrap().mailbox();
    /// assert_eq!(of("ada+x@example.org"), of("Ada@example.org"));
    /// assert_ne!(of("+x@example.org"), of("+y@example.org"));
    /// ```
    pub fn mailbox(&self) -> String {
        match self.normal.rsplit_once('@') {
            Some((name, domain)) => {
                let base = name.split('+').next().filter(|base| !base.is_empty());
                format!("{}@{domain}", base.unwrap_or(name))
            }
            None => self.normal.clone(),
        }
    }

    /// The domain, in ASCII and lower case.
    pub fn domain(&self) -> &str {
        self.normal.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (name, domain) = text.trim().rsplit_once('@').ok_or(NotAnAddress)?;
        let name = ComposingNormalizerBorrowed::new_nfc().normalize(name).into_owned();
        // `Host::parse` would decode per cent signs and take numbers for addresses of machines.
        let domain = domain.strip_suffix('.').filter(|domain| !domain.is_empty()).unwrap_or(domain);
        if domain.contains('%') {
            return Err(NotAnAddress);
        }
        let url::Host::Domain(domain) = url::Host::parse(domain).map_err(|_| NotAnAddress)? else { return Err(NotAnAddress) };
        let labels = domain.split('.').all(is_label) && domain.contains('.');
        if !is_name(&name) || !labels || name.len() + 1 + domain.len() > MAX_ADDRESS {
            return Err(NotAnAddress);
        }
        let normal = format!("{}@{domain}", name.to_lowercase());
        Ok(Self { shown: format!("{name}@{domain}"), normal })
    }
}

/// A dot-string of RFC 5321, 4.1.2, with the letters of RFC 6531, 3.3.
fn is_name(name: &str) -> bool {
    let letter = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && satchel_badge::words::plain(c.encode_utf8(&mut [0; 4])).eq([c]) && !c.is_whitespace())
    };
    name.len() <= MAX_NAME && name.split('.').all(|part| !part.is_empty() && part.chars().all(letter))
}

fn is_label(label: &str) -> bool {
    let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    letters && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normal.hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// An address is personal: it does not get into a log by way of a debug print.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

impl PartialSchema for EmailAddress {
    fn schema() -> RefOr<Schema> {
        let email = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)));
        email.max_length(Some(MAX_ADDRESS)).into()
    }
}

impl ToSchema for EmailAddress {}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        let bad = [
            "",
            "@",
            "a@",
            "@example.org",
            "a@b",
            "a b@example.org",
            "a@exa mple.org",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "\"a\"@example.org",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@0x7f.1",
            "a@example%2eorg",
            "a,b@example.org",
            "a@example.org,b@example.org",
            "a\n@example.org",
            "a\u{202e}b@example.org",
            "a\u{a0}b@example.org",
            "a<b@example.org",
            "a@-x.example",
            "a@x_y.example",
            "a@..example",
        ];
        for text in bad {
            assert_eq!(text.parse::<EmailAddress>().map(|a| a.shown), Err(NotAnAddress), "{text:?}");
        }
        assert!(format!("{}@example.org", "a".repeat(65)).parse::<EmailAddress>().is_err());
        assert!(format!("a@{}.example", "b".repeat(250)).parse::<EmailAddress>().is_err());
    }

    #[test]
    fn one_address_has_one_normal_form_however_it_is_typed() {
        let of = |text: &str| text.parse::<EmailAddress>().unwrap().normal().to_owned();
        assert_eq!(of("Zoe\u{308}@Example.ORG."), of("zo\u{eb}@example.org"));
        assert_eq!(of("用户@例子.example"), "用户@xn--fsqu00a.example");
        assert_eq!(of("o'neil+badges@example.co.uk"), "o'neil+badges@example.co.uk");
    }

    #[test]
    fn an_address_is_not_printed_for_debugging() {
        assert_eq!(format!("{:?}", "ada@example.org".parse::<EmailAddress>().unwrap()), "EmailAddress(..)");
    }
}
