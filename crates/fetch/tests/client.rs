//! What the client does with answers, and how much it puts up with (security.md, S02).

#![allow(clippy::unwrap_used)]

mod help;

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use help::{Server, allowing, client, hold, in_short, names, ok, redirect, say, status, with_headers, write};
use satchel_badge::evidence::Origin;
use satchel_fetch::{Client, FetchError, NetworkPolicy, Request};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn outcome(server: &Server) -> Result<Vec<u8>, FetchError> {
    client(allowing(&[server])).get(&server.url("/"), "*/*").map(|document| document.bytes.to_vec())
}

fn code(server: &Server) -> &'static str {
    outcome(server).unwrap_err().code()
}

#[test]
fn a_document_comes_with_its_status_type_and_origin() {
    let server = Server::saying(with_headers("200 OK", "Content-Type: Application/LD+JSON; charset=utf-8\r\n", b"{}"));
    let document = client(allowing(&[&server])).get(&server.url("/badge"), "application/json").unwrap();
    assert_eq!((&*document.bytes, document.status, document.origin), (&b"{}"[..], 200, Origin::Fetched));
    assert_eq!(document.media_type.as_deref(), Some("application/ld+json"));
    assert!(document.fetched.is_some());
    let head = server.heads().remove(0).to_lowercase();
    assert!(head.starts_with("get /badge http/1.1\r\n"), "{head}");
    assert!(head.contains("accept: application/json\r\n"), "{head}");
    assert!(head.contains(concat!("user-agent: satchel/", env!("CARGO_PKG_VERSION"), "\r\n")), "{head}");
}

#[test]
fn what_is_not_there_is_a_document_that_says_so() {
    for (line, number) in [("404 Not Found", 404), ("410 Gone", 410)] {
        let server = Server::saying(status(line));
        assert_eq!(client(allowing(&[&server])).get(&server.url("/"), "*/*").unwrap().status, number);
    }
}

#[test]
fn other_statuses_are_failures() {
    let lines = [
        "206 Partial Content",
        "300 Multiple Choices",
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "407 Proxy Authentication Required",
        "408 Request Timeout",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Unavailable",
    ];
    for line in lines {
        assert_eq!(code(&Server::saying(status(line))), "status", "{line}");
    }
}

#[test]
fn a_redirect_is_followed() {
    let server = Server::start(|path, stream| match path {
        "/a/b" => say(stream, &redirect("c#part")),
        "/a/c" => say(stream, &ok("here")),
        _ => {}
    });
    let document = client(allowing(&[&server])).get(&server.url("/a/b"), "*/*").unwrap();
    assert_eq!((&*document.bytes, document.origin), (&b"here"[..], Origin::Fetched));
}

#[test]
fn a_redirect_to_another_host_is_followed_and_told() {
    let elsewhere = Server::saying(ok("theirs"));
    let there = elsewhere.url("/key");
    let server = Server::start(move |path, stream| match path {
        "/www" => say(stream, &redirect(&there)),
        _ => say(stream, &ok("ours")),
    });
    let document = client(allowing(&[&server, &elsewhere])).get(&server.url("/www"), "*/*").unwrap();
    assert_eq!((&*document.bytes, document.origin), (&b"theirs"[..], Origin::Redirected));
}

#[test]
fn a_redirect_to_another_port_of_the_same_machine_is_refused() {
    let inside = Server::saying(ok("{}"));
    let server = Server::saying(redirect(&inside.url("/")));
    assert_eq!(code(&server), "address_refused");
    assert_eq!(inside.connections(), 0);
}

#[test]
fn a_redirect_in_a_circle_ends() {
    let server = Server::saying(redirect("/"));
    assert_eq!(outcome(&server), Err(FetchError::TooManyRedirects { limit: 5 }));
    assert_eq!(server.connections(), 6);
}

#[test]
fn a_redirect_to_another_scheme_is_refused() {
    for place in ["file:///etc/passwd", "ftp://badges.example/", "gopher://127.0.0.1/", "data:text/plain,hello", "javascript:1"] {
        assert_eq!(code(&Server::saying(redirect(place))), "scheme_refused", "{place}");
    }
}

#[test]
fn a_redirect_with_a_password_is_refused() {
    assert_eq!(code(&Server::saying(redirect("http://me:secret@badges.example/"))), "user_info_refused");
}

#[test]
fn a_redirect_that_names_no_place_or_two_is_refused() {
    for headers in ["", "Location: /a\r\nLocation: /b\r\n"] {
        assert_eq!(code(&Server::saying(with_headers("302 Found", headers, b""))), "redirect_to_nowhere");
    }
    assert_eq!(code(&Server::saying(redirect("http://[::"))), "bad_url");
}

#[test]
fn an_address_that_cannot_be_asked_is_refused() {
    let client = client(NetworkPolicy::default());
    for (url, code) in [
        ("", "bad_url"),
        ("badge.json", "bad_url"),
        ("http://", "bad_url"),
        ("http://127.0.0.1.5/", "bad_url"),
        ("http://0x7f.0.0.256/", "bad_url"),
        ("http://[fe80::1%25eth0]/", "bad_url"),
        ("http://bad host/", "bad_url"),
        ("file:///etc/passwd", "scheme_refused"),
        ("ws://badges.example/", "scheme_refused"),
        ("https://me@badges.example/", "user_info_refused"),
        ("https://:secret@badges.example/", "user_info_refused"),
        ("https://badges.example\\@127.0.0.1:1/", "name_not_found"),
    ] {
        let client =
            if code == "name_not_found" { &Client::with_names(NetworkPolicy::default(), names(&[])).unwrap() } else { &client };
        assert_eq!(client.get(url, "*/*").unwrap_err().code(), code, "{url}");
    }
}

#[test]
fn nothing_personal_is_sent() {
    let server = Server::start(|path, stream| match path {
        "/first" => say(stream, &with_headers("302 Found", "Set-Cookie: id=1; Path=/\r\nLocation: /second\r\n", b"")),
        _ => say(stream, &with_headers("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", b"")),
    });
    let client = client(allowing(&[&server]));
    assert_eq!(client.get(&server.url("/first"), "*/*").unwrap_err().code(), "status");
    assert_eq!(client.get(&server.url("/third"), "*/*").unwrap_err().code(), "status");
    let heads = server.heads();
    assert_eq!(heads.len(), 3);
    for head in heads {
        let head = head.to_lowercase();
        for header in ["cookie:", "referer:", "authorization:", "origin:"] {
            assert!(!head.contains(header), "{head}");
        }
    }
}

#[test]
fn an_answer_that_says_it_is_too_large_is_not_read() {
    let server = Server::start(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
        hold(stream);
    });
    assert_eq!(outcome(&server), Err(FetchError::TooLarge { limit: 8 * 1024 * 1024 }));
}

#[test]
fn an_answer_without_an_end_is_cut_off() {
    let server = Server::start(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while write(stream, &[b' '; 1 << 10]) {}
    });
    assert_eq!(code(&server), "too_large");
}

#[test]
fn an_answer_is_measured_after_decompression() {
    let bomb = gzip(&vec![b' '; 32 << 20]);
    assert!(bomb.len() < 64 << 10);
    assert_eq!(code(&Server::saying(with_headers("200 OK", "Content-Encoding: gzip\r\n", &bomb))), "too_large");
}

#[test]
fn an_answer_as_large_as_allowed_is_read_and_one_byte_more_is_not() {
    for (size, fits) in [(1000, true), (1001, false)] {
        for compressed in [false, true] {
            let body = vec![b'x'; size];
            let answer = if compressed {
                with_headers(
                    "200 OK",
                    "Content-Encoding: gzip
",
                    &gzip(&body),
                )
            } else {
                with_headers("200 OK", "", &body)
            };
            let server = Server::saying(answer);
            let client = client(NetworkPolicy { max_bytes: 1000, ..allowing(&[&server]) });
            let outcome = client.get(&server.url("/"), "*/*").map(|document| document.bytes.to_vec());
            assert_eq!(outcome, if fits { Ok(body) } else { Err(FetchError::TooLarge { limit: 1000 }) });
        }
    }
}

#[test]
fn a_compression_that_was_not_asked_for_or_is_damaged_is_a_failure() {
    assert_eq!(code(&Server::saying(with_headers("200 OK", "Content-Encoding: br\r\n", b"{}"))), "encoding");
    let whole = gzip(b"a document of some length");
    let mut other_sum = whole.clone();
    other_sum[whole.len() - 8] ^= 1;
    for body in [b"no gzip at all", &whole[..20], &whole[..whole.len() - 1], &other_sum] {
        assert_eq!(code(&Server::saying(with_headers("200 OK", "Content-Encoding: gzip\r\n", body))), "encoding");
    }
}

#[test]
fn an_answer_in_drips_runs_out_of_time() {
    let server = Server::start(|_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while write(stream, b" ") {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let begun = Instant::now();
    let outcome = in_short(allowing(&[&server])).get(&server.url("/"), "*/*");
    assert_eq!(outcome.unwrap_err(), FetchError::Timeout { limit: Duration::from_millis(300) });
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn silence_runs_out_of_time() {
    let server = Server::start(|_, stream| hold(stream));
    assert_eq!(in_short(allowing(&[&server])).get(&server.url("/"), "*/*").unwrap_err().code(), "timeout");
}

#[test]
fn redirects_share_one_limit_of_time() {
    let server = Server::start(|_, stream| {
        std::thread::sleep(Duration::from_millis(200));
        say(stream, &redirect("/"));
    });
    assert_eq!(in_short(allowing(&[&server])).get(&server.url("/"), "*/*").unwrap_err().code(), "timeout");
}

#[test]
fn a_name_server_that_never_answers_runs_out_of_time() {
    let (never, silence) = std::sync::mpsc::channel::<()>();
    let silence = std::sync::Mutex::new(silence);
    let names = std::sync::Arc::new(move |_: &str| {
        let _ = silence.lock().unwrap().recv();
        Ok(Vec::new())
    });
    let policy = NetworkPolicy { timeout: Duration::from_millis(300), ..NetworkPolicy::default() };
    let client = Client::with_names(policy, names).unwrap();
    assert_eq!(client.get("http://badges.example/", "*/*").unwrap_err().code(), "timeout");
    drop(client); // Does not wait for the name server.
    drop(never);
}

#[test]
fn a_broken_connection_is_a_failure() {
    assert_eq!(code(&Server::start(|_, _| {})), "connection");
    assert_eq!(code(&Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")), "connection");
    assert_eq!(
        code(&Server::saying("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n\x1f")),
        "connection"
    );
    assert_eq!(code(&Server::saying("what?\r\n\r\n")), "connection");
}

#[test]
fn a_server_without_tls_gets_no_request_over_https() {
    let server = Server::saying("");
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in plain.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            hold(&mut stream);
        }
    });
    let policy = NetworkPolicy { allow: vec![address.into()], ..allowing(&[&server]) };
    assert_eq!(client(policy).get(&format!("https://{address}/"), "*/*").unwrap_err().code(), "tls");
}

#[test]
fn offline_nobody_is_asked() {
    let server = Server::saying(ok("{}"));
    let names = std::sync::Arc::new(|_: &str| panic!("a name was looked up"));
    let client = Client::with_names(NetworkPolicy { offline: true, ..allowing(&[&server]) }, names).unwrap();
    assert_eq!(client.get(&server.url("/"), "*/*").unwrap_err(), FetchError::Offline);
    assert_eq!(client.get("https://badges.example/", "*/*").unwrap_err(), FetchError::Offline);
    assert_eq!(server.connections(), 0);
}

/// Set where a test runs itself again, in another environment.
const AGAIN: &str = "SATCHEL_FETCH_TEST_AGAIN";

fn again(test: &str, environment: &[(&str, &str)]) {
    let mut program = std::process::Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", test]).env_remove("NO_PROXY").env_remove("no_proxy");
    program.env(AGAIN, "1").envs(environment.iter().copied());
    let ran = program.output().unwrap();
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"), "{test} did not run");
}

#[test]
fn a_proxy_in_the_environment_is_not_used() {
    if std::env::var_os(AGAIN).is_some() {
        return assert_eq!(outcome(&Server::saying(ok("direct"))), Ok(b"direct".to_vec()));
    }
    let proxy = Server::saying(ok("by the proxy"));
    let url = proxy.url("");
    let names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    again("a_proxy_in_the_environment_is_not_used", &names.map(|name| (name, url.as_str())));
    assert_eq!(proxy.connections(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_certificates_has_a_client_until_it_asks() {
    if std::env::var_os(AGAIN).is_some() {
        return assert_eq!(code(&Server::saying(ok("{}"))), "setup");
    }
    let nowhere = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    again("a_machine_without_certificates_has_a_client_until_it_asks", &nowhere);
}

#[test]
fn a_proxy_that_is_no_url_is_told_at_once() {
    let policy = NetworkPolicy { proxy: Some("http://[".to_owned()), ..NetworkPolicy::default() };
    assert_eq!(Client::new(policy).err().unwrap().code(), "setup");
}

#[test]
fn the_owners_proxy_is_used_and_the_guard_stays_on() {
    let proxy = Server::saying(ok("by the proxy"));
    let allowed = Server::saying(ok("direct"));
    let policy = || NetworkPolicy { proxy: Some(proxy.url("")), ..allowing(&[&allowed]) };
    let public = Client::with_names(policy(), names(&["93.184.215.14"])).unwrap();
    assert_eq!(&*public.get("http://badges.example/a", "*/*").unwrap().bytes, b"by the proxy");
    assert!(proxy.heads()[0].starts_with("GET http://badges.example/a HTTP/1.1"));
    let unknown = Client::with_names(policy(), names(&[])).unwrap();
    assert_eq!(&*unknown.get("http://badges.example/a", "*/*").unwrap().bytes, b"by the proxy");
    assert_eq!(&*unknown.get(&allowed.url("/"), "*/*").unwrap().bytes, b"direct");
    let private = Client::with_names(policy(), names(&["10.0.0.1"])).unwrap();
    for url in ["http://intranet.example/", "http://10.0.0.1/", "http://169.254.169.254/", "https://127.0.0.1/"] {
        assert_eq!(private.get(url, "*/*").unwrap_err().code(), "address_refused", "{url}");
    }
    assert_eq!((proxy.connections(), allowed.connections()), (2, 1));
}

#[test]
fn both_doors_work_inside_an_async_program() {
    let server = Server::saying(ok("{}"));
    let client = client(allowing(&[&server]));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        assert!(client.get_async(&server.url("/"), "*/*").await.is_ok());
        assert!(client.get(&server.url("/"), "*/*").is_ok());
        drop(client);
    });
}

#[test]
fn a_request_that_does_something_passes_the_same_guard_and_follows_nobody() {
    let request =
        |url: String| Request { method: "PUT", url, headers: vec![("x-signed", "yes".to_owned())], body: b"{}".to_vec() };
    let server = Server::saying(redirect("/elsewhere"));
    let refused = client(NetworkPolicy::default()).send(request(server.url("/")));
    assert_eq!(refused.unwrap_err().code(), "address_refused");
    let offline = NetworkPolicy { offline: true, ..allowing(&[&server]) };
    assert_eq!(client(offline).send(request(server.url("/"))).unwrap_err().code(), "offline");
    assert_eq!(server.connections(), 0);
    let answer = client(allowing(&[&server])).send(request(server.url("/here"))).unwrap();
    assert_eq!((answer.status, server.connections()), (302, 1));
    let head = server.heads().remove(0).to_lowercase();
    assert!(head.starts_with("put /here http/1.1\r\n") && head.contains("x-signed: yes\r\n"), "{head}");
    let large = Server::saying(ok(&" ".repeat(2_000)));
    let little = NetworkPolicy { max_bytes: 1_000, ..allowing(&[&large]) };
    assert_eq!(client(little).send(request(large.url("/"))).unwrap_err().code(), "too_large");
}
