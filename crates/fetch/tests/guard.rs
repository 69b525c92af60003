//! Which addresses are refused, in whatever dress they come (security.md, S02).

#![allow(clippy::unwrap_used)]

mod help;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use help::{Server, allowing, client, names, ok, redirect};
use proptest::prelude::*;
use satchel_fetch::{Client, FetchError, HostPort, NetworkPolicy, is_refused};

/// First and last address of every refused IPv4 network.
const REFUSED_V4: [(&str, &str); 15] = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
];

fn refused(address: &str) -> bool {
    is_refused(address.parse().unwrap())
}

fn bits(address: &str) -> u32 {
    address.parse::<Ipv4Addr>().unwrap().to_bits()
}

#[test]
fn every_special_ipv4_network_is_refused_from_its_first_to_its_last_address() {
    for (first, last) in REFUSED_V4 {
        assert!(refused(first), "{first}");
        assert!(refused(last), "{last}");
    }
}

#[test]
fn the_neighbours_of_special_ipv4_networks_are_public() {
    let public = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
    ];
    for address in public {
        assert!(!refused(address), "{address}");
    }
}

#[test]
fn special_ipv6_addresses_are_refused() {
    let special = [
        "::",
        "::1",
        "::2",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:7f00:0:100::",
        "100::1",
        "1fff::1",
        "2001::1",
        "2001:0:53aa:64c::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ffff::1",
    ];
    for address in special {
        assert!(refused(address), "{address}");
    }
}

#[test]
fn public_ipv6_addresses_pass() {
    for address in
        ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2001:200::1", "3ffe::1", "64:ff9b::8.8.8.8"]
    {
        assert!(!refused(address), "{address}");
    }
}

fn refused_v4() -> impl Strategy<Value = Ipv4Addr> {
    prop::sample::select(&REFUSED_V4[..]).prop_flat_map(|(first, last)| bits(first)..=bits(last)).prop_map(Ipv4Addr::from_bits)
}

proptest! {
    #[test]
    fn no_refused_ipv4_address_gets_through_inside_an_ipv6_address(address in refused_v4(), rest: u64) {
        let inner = u128::from(address.to_bits());
        let nat64 = 0x0064_ff9b_u128 << 96;
        let sixtofour = (0x2002_u128 << 112) | (inner << 80) | u128::from(rest);
        for wrapped in [address.to_ipv6_mapped().to_bits(), inner, nat64 | inner, sixtofour, (0xffff_u128 << 48) | inner] {
            let wrapped = Ipv6Addr::from_bits(wrapped);
            prop_assert!(is_refused(IpAddr::V6(wrapped)), "{wrapped}");
        }
    }
}

/// Loopback and the metadata address as people have hidden them.
const SPELLINGS: [&str; 33] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.1.",
    "2130706433",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "017700000001",
    "0177.0.0.1",
    "0177.1",
    "127.0.0.01",
    "0",
    "0.0.0.0",
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "[64:ff9b::a9fe:a9fe]",
];

#[test]
fn a_private_address_is_refused_in_any_spelling() {
    let server = Server::saying(ok("{}"));
    let client = client(NetworkPolicy::default());
    for host in SPELLINGS {
        let url = format!("http://{host}:{}/", server.address.port());
        match client.get(&url, "*/*") {
            Err(FetchError::AddressRefused { address, .. }) => assert!(is_refused(address)),
            other => panic!("{host}: {other:?}"),
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_private_address_is_refused_in_any_spelling_after_a_redirect() {
    let inside = Server::saying(ok("{}"));
    for host in SPELLINGS {
        let server = Server::saying(redirect(&format!("http://{host}:{}/", inside.address.port())));
        match client(allowing(&[&server])).get(&server.url("/"), "*/*") {
            Err(FetchError::AddressRefused { .. }) => {}
            other => panic!("{host}: {other:?}"),
        }
    }
    assert_eq!(inside.connections(), 0);
}

#[test]
fn the_names_of_the_own_machine_are_refused() {
    let server = Server::saying(ok("{}"));
    let client = client(NetworkPolicy::default());
    for name in ["localhost", "LOCALHOST", "localhost.", "ｌocalhost"] {
        match client.get(&format!("http://{name}:{}/", server.address.port()), "*/*") {
            Err(FetchError::AddressRefused { .. } | FetchError::NameNotFound { .. }) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_name_is_refused_when_any_of_its_addresses_is() {
    let server = Server::saying(ok("{}"));
    let url = format!("http://badges.example:{}/", server.address.port());
    for addresses in [&["127.0.0.1"][..], &["93.184.215.14", "127.0.0.1"], &["127.0.0.1", "93.184.215.14"], &["::ffff:127.0.0.1"]]
    {
        let client = Client::with_names(NetworkPolicy::default(), names(addresses)).unwrap();
        match client.get(&url, "*/*") {
            Err(FetchError::AddressRefused { host, .. }) => assert_eq!(host, "badges.example"),
            other => panic!("{addresses:?}: {other:?}"),
        }
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_redirect_to_a_name_with_a_private_address_is_refused() {
    let inside = Server::saying(ok("{}"));
    let server = Server::saying(redirect(&format!("http://intranet.example:{}/", inside.address.port())));
    let client = Client::with_names(allowing(&[&server]), names(&["127.0.0.1"])).unwrap();
    assert!(matches!(client.get(&server.url("/"), "*/*"), Err(FetchError::AddressRefused { .. })));
    assert_eq!((server.connections(), inside.connections()), (1, 0));
}

#[test]
fn a_name_that_is_allowed_by_https_alone_is_not_asked_by_http_wherever_it_leads() {
    let inside = Server::saying(ok("{}"));
    let port = inside.address.port();
    let allow = vec![format!("https://school.example:{port}").parse().unwrap()];
    let client = Client::with_names(NetworkPolicy { allow, ..NetworkPolicy::default() }, names(&["127.0.0.1"])).unwrap();
    let refused = client.get(&format!("http://school.example:{port}/internal"), "*/*");
    assert!(matches!(refused, Err(FetchError::AddressRefused { .. })), "{refused:?}");
    assert_eq!(inside.connections(), 0);
    // By https it is asked, and what answers there has to prove its name.
    let asked = client.get(&format!("https://school.example:{port}/internal"), "*/*");
    assert!(!matches!(asked, Ok(_) | Err(FetchError::AddressRefused { .. })), "{asked:?}");
}

#[test]
fn an_allowed_name_is_asked_at_its_port_only() {
    let allowed = Server::saying(ok("{}"));
    let other = Server::saying(ok("{}"));
    let port = allowed.address.port();
    let policy = NetworkPolicy { allow: vec![format!("school.example:{port}").parse().unwrap()], ..NetworkPolicy::default() };
    let client = Client::with_names(policy, names(&["127.0.0.1"])).unwrap();
    assert!(client.get(&format!("http://school.example:{port}/"), "*/*").is_ok());
    for url in [
        format!("http://school.example:{}/", other.address.port()),
        format!("http://127.0.0.1:{port}/"),
        format!("http://www.school.example:{port}/"),
        other.url("/"),
    ] {
        assert!(matches!(client.get(&url, "*/*"), Err(FetchError::AddressRefused { .. })), "{url}");
    }
    assert_eq!((allowed.connections(), other.connections()), (1, 0));
}

#[test]
fn a_host_without_a_port_is_not_an_allowance() {
    for text in ["127.0.0.1", "localhost:", "localhost:99999", "*:80:", "", ":80"] {
        assert!(text.parse::<HostPort>().is_err(), "{text}");
    }
    assert_eq!("127.1:80".parse::<HostPort>().unwrap().to_string(), "127.0.0.1:80");
    assert_eq!("[::1]:80".parse::<HostPort>().unwrap().to_string(), "[::1]:80");
}
