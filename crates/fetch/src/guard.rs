//! Which addresses and URLs are refused (security.md, S02). Addresses are judged after the name was looked up and before a
//! connection is made; the list that was judged is the list that is dialled. Nothing is sent here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::{FetchError, NetworkPolicy};

/// IPv4 networks that are not public (IANA IPv4 Special-Purpose Address Registry, RFC 6890), each with the length of its prefix.
const REFUSED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network, RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private, RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared behind carriers, RFC 6598
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback, RFC 1122
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, RFC 3927, with the metadata services of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private, RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments, RFC 6890
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation, RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4, RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private, RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks, RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation, RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation, RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast, RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, RFC 1112, with broadcast
];

/// Networks within `2000::/3` that are not public, or that hide an IPv4 address (IANA IPv6 Special-Purpose Address Registry).
const REFUSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments with Teredo, RFC 2928 and RFC 4380
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation, RFC 3849
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, RFC 7526 ends it
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation, RFC 9637
];

/// The unicast addresses of the public Internet, RFC 4291, 2.4. All outside is refused but NAT64.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// NAT64, RFC 6052: a network without IPv4 reaches every public IPv4 address by it. Its local sister `64:ff9b:1::/48` is refused.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address is not a public one, and so is never connected to unless its host and port are allowed.
///
/// ```
/// use satchel_fetch::is_refused;
///
/// assert!(is_refused("169.254.169.254".parse()?));
/// assert!(is_refused("::ffff:7f00:1".parse()?));
/// assert!(!is_refused("1.1.1.1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn is_refused(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => REFUSED_V4.iter().any(|net| within_v4(address, *net)),
        IpAddr::V6(address) if within_v6(address, NAT64) => {
            let [.., a, b, c, d] = address.octets();
            is_refused(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
        }
        IpAddr::V6(address) => !within_v6(address, PUBLIC_V6) || REFUSED_V6.iter().any(|net| within_v6(address, *net)),
    }
}

fn within_v4(address: Ipv4Addr, (net, prefix): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= prefix
}

fn within_v6(address: Ipv6Addr, (net, prefix): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= prefix
}

/// Passes the addresses of a name only when none is refused: one private address among public ones is how a name is turned
/// against the network it is asked from (rebinding).
pub(crate) fn check_addresses(host: &str, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, FetchError> {
    if addresses.is_empty() {
        return Err(FetchError::NameNotFound { host: host.to_owned() });
    }
    match addresses.iter().find(|address| is_refused(**address)) {
        Some(address) => Err(FetchError::AddressRefused { host: host.to_owned(), address: *address }),
        None => Ok(addresses),
    }
}

/// The URL of a first request.
pub(crate) fn first(text: &str, policy: &NetworkPolicy) -> Result<Url, FetchError> {
    let url = Url::parse(text).map_err(|error| FetchError::BadUrl { url: text.to_owned(), why: error.to_string() })?;
    check_url(url, policy)
}

/// The URL to which a redirect leads.
pub(crate) fn next(from: &Url, location: &str, policy: &NetworkPolicy) -> Result<Url, FetchError> {
    let to = from.join(location).map_err(|error| FetchError::BadUrl { url: location.to_owned(), why: error.to_string() })?;
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(FetchError::RedirectToPlainHttp { host: host_of(&to) });
    }
    check_url(to, policy)
}

/// What can be judged before any name is looked up. The `url` crate has read every spelling of an address (decimal, octal, short,
/// full-width, percent-encoded) into the address by now, and it matters: a literal never reaches a resolver.
fn check_url(url: Url, policy: &NetworkPolicy) -> Result<Url, FetchError> {
    if !(url.scheme() == "https" || url.scheme() == "http" && policy.allow_http) {
        return Err(FetchError::SchemeRefused { scheme: url.scheme().to_owned() });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::UserInfoRefused { host: host_of(&url) });
    }
    if policy.allowed_alone && !policy.allows(&url) {
        return Err(FetchError::Offline);
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) => None,
        None => return Err(FetchError::BadUrl { url: url.to_string(), why: "it names no host".to_owned() }),
    };
    if let Some(address) = literal.filter(|address| is_refused(*address))
        && !policy.allows(&url)
    {
        return Err(FetchError::AddressRefused { host: host_of(&url), address });
    }
    Ok(url)
}

/// The host as a person reads it, with the port when it is not the scheme's own.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_https() {
        let policy = NetworkPolicy::default();
        let from = first("https://badges.example/a", &policy).unwrap();
        let refused = FetchError::RedirectToPlainHttp { host: "badges.example".to_owned() };
        assert_eq!(next(&from, "http://badges.example/a", &policy), Err(refused));
        assert_eq!(next(&from, "/b", &policy).unwrap().as_str(), "https://badges.example/b");
        assert_eq!(next(&from, "//other.example/b", &policy).unwrap().as_str(), "https://other.example/b");
    }

    #[test]
    fn where_only_named_hosts_may_be_asked_no_other_is_by_a_redirect_either() {
        let policy =
            NetworkPolicy { allow: vec!["own.example:443".parse().unwrap()], allowed_alone: true, ..NetworkPolicy::default() };
        let own = first("https://own.example/a", &policy).unwrap();
        assert!(next(&own, "/b", &policy).is_ok());
        for other in ["https://other.example/a", "https://own.example:8443/a", "http://own.example/a"] {
            assert_eq!(first(other, &policy), Err(FetchError::Offline), "{other}");
        }
        assert_eq!(next(&own, "https://other.example/a", &policy), Err(FetchError::Offline));
    }

    #[test]
    fn plain_http_is_refused_where_the_policy_says_so() {
        let policy = NetworkPolicy { allow_http: false, ..NetworkPolicy::default() };
        let refused = FetchError::SchemeRefused { scheme: "http".to_owned() };
        assert_eq!(first("http://badges.example/", &policy), Err(refused));
        assert!(first("https://badges.example/", &policy).is_ok());
    }
}
