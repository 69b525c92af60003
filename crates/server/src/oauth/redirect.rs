//! Where a code may be sent: over https, or to a program on the same computer, which listens on whatever port is free (RFC 8252, 7.3). A
//! scheme of a program's own is no such place: any other program can take it (RFC 8252, 8.1).

use url::{Host, Url};

/// The longest one.
const MAX: usize = 500;

/// Whether a program may register this one; if not, why.
pub fn check(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "it is no URL")?;
    // What is compared later must be what is meant now.
    if text.len() > MAX || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it is too long, or has other letters than ASCII");
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("it has a fragment or a user's name");
    }
    match url.scheme() {
        "https" if url.domain().is_some_and(is_name) => Ok(()),
        "https" => Err("its host is no name of letters, digits, hyphens and dots"),
        "http" if is_loopback(&url) => Ok(()),
        _ => Err("it must be https, or http at 127.0.0.1 or [::1]"),
    }
}

/// Whether a host is a name that stands in a header as it is: other letters would mean something there.
fn is_name(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Whether it leads to a program on the same computer.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => url.scheme() == "http" && address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => url.scheme() == "http" && address == std::net::Ipv6Addr::LOCALHOST,
        _ => false,
    }
}

/// Whether `asked` is one that was registered: letter for letter, but for the port of one's own computer.
pub fn matches(registered: &[String], asked: &str) -> bool {
    if registered.iter().any(|known| known == asked) {
        return true;
    }
    let without_port = |text: &str| {
        let mut url = Url::parse(text).ok().filter(is_loopback)?;
        url.set_port(None).ok()?;
        Some(url)
    };
    check(asked).is_ok()
        && without_port(asked).is_some_and(|asked| registered.iter().any(|known| without_port(known).as_ref() == Some(&asked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_the_own_computer_are_places_for_a_code() {
        for good in ["https://app.example/back", "http://127.0.0.1/back", "http://127.0.0.1:8123/back", "http://[::1]/back?x=1"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://app.example/back",
            "http://localhost/back",
            "http://127.0.0.2/back",
            "http://[::2]/back",
            "http://0.0.0.0/back",
            "satchel://back",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://app.example/back#x",
            "https://me@app.example/back",
            "https://192.0.2.1/back",
            "https://*/back",
            "https://x;sandbox/back",
            "https://a,b.example/back",
            "/back",
            "https://app.example/ä",
            "https://app.example/a b",
            "https://:word@app.example/back",
            "ftp://127.0.0.1/back",
            &format!("https://app.example/{}", "x".repeat(MAX)),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(!is_loopback(&Url::parse("https://127.0.0.1/back").unwrap()), "over https it is some server");
    }

    #[test]
    fn a_redirect_is_compared_letter_for_letter_but_for_the_port_of_ones_own_computer() {
        let registered = [String::from("https://app.example/back"), String::from("http://127.0.0.1/back")];
        for good in ["https://app.example/back", "http://127.0.0.1/back", "http://127.0.0.1:50123/back"] {
            assert!(matches(&registered, good), "{good}");
        }
        for bad in [
            "https://app.example/back/",
            "https://app.example/back?x",
            "https://app.example:8443/back",
            "https://APP.example/back",
            "https://app.example.evil.example/back",
            "http://127.0.0.1:50123/other",
            "http://127.0.0.1:50123/back?x",
            "http://[::1]:50123/back",
            "http://me@127.0.0.1:50123/back",
            "http://127.0.0.1:50123@evil.example/back",
            "http://localhost:50123/back",
            "http://127.0.0.1:50123/ba\nck",
            " http://127.0.0.1:50123/back",
        ] {
            assert!(!matches(&registered, bad), "{bad}");
        }
    }
}
