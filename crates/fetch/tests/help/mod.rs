//! A small HTTP server on a loopback port that says what it is told, and counts who comes.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use satchel_fetch::{Client, HostPort, Names, NetworkPolicy};

pub struct Server {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Calls `answer` with the path of each request.
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, connections: Arc::default(), heads: Arc::default() };
        let (connections, heads) = (Arc::clone(&server.connections), Arc::clone(&server.heads));
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, heads) = (Arc::clone(&answer), Arc::clone(&heads));
                std::thread::spawn(move || serve(stream, &*answer, &heads));
            }
        });
        server
    }

    /// A server that answers every request alike.
    pub fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::start(move |_, stream| say(stream, &text))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of all requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub fn asked_for(&self, path: &str) -> usize {
        self.heads().iter().filter(|head| head.split(' ').nth(1) == Some(path)).count()
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str, &mut TcpStream), heads: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    heads.lock().unwrap().push(head);
    answer(&path, &mut stream);
}

/// Writes; whether the other side still listens.
pub fn write(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).is_ok()
}

pub fn say(stream: &mut TcpStream, bytes: &[u8]) {
    write(stream, bytes);
}

/// Keeps the connection open and says nothing until the other side closes it.
pub fn hold(stream: &mut TcpStream) {
    while matches!(stream.read(&mut [0; 64]), Ok(read) if read > 0) {}
}

/// A whole answer with further header lines, each ending in CRLF.
pub fn with_headers(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub fn ok(body: &str) -> Vec<u8> {
    with_headers("200 OK", "Content-Type: application/json\r\n", body.as_bytes())
}

pub fn status(line: &str) -> Vec<u8> {
    with_headers(line, "", b"")
}

pub fn redirect(to: &str) -> Vec<u8> {
    with_headers("302 Found", &format!("Location: {to}\r\n"), b"")
}

/// A policy that lets through these servers and nothing else on loopback.
pub fn allowing(servers: &[&Server]) -> NetworkPolicy {
    NetworkPolicy { allow: servers.iter().map(|server| HostPort::from(server.address)).collect(), ..NetworkPolicy::default() }
}

pub fn client(policy: NetworkPolicy) -> Client {
    Client::new(policy).unwrap()
}

pub fn in_short(policy: NetworkPolicy) -> Client {
    client(NetworkPolicy { timeout: Duration::from_millis(300), ..policy })
}

/// Names that stand for the same addresses, whatever they are.
pub fn names(addresses: &[&str]) -> Names {
    let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
    Arc::new(move |_| Ok(addresses.clone()))
}
