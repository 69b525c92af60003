//! A web server on a loopback port that serves what it is told to, and remembers who asked for what.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What lies under a path: the status, the media type and the bytes.
type Page = (u16, String, Vec<u8>);

#[derive(Default)]
struct Shared {
    pages: Mutex<HashMap<String, Page>>,
    connections: Mutex<usize>,
    asked: Mutex<Vec<String>>,
}

/// The server; it ends with the test program.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// A server that knows no page yet.
    pub fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into())
    }

    /// The same, at an address of this machine.
    pub fn start_at(address: IpAddr) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let server = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                *shared.connections.lock().unwrap() += 1;
                let shared = Arc::clone(&shared);
                thread::spawn(move || answer(stream, &shared));
            }
        });
        server
    }

    /// Its host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Serves JSON under a path.
    pub fn serve(&self, path: &str, body: &impl ToString) {
        self.answer_with(path, 200, "application/ld+json", body.to_string().as_bytes());
    }

    /// Answers with any status and type.
    pub fn answer_with(&self, path: &str, status: u16, kind: &str, body: &[u8]) {
        self.shared.pages.lock().unwrap().insert(path.to_owned(), (status, kind.to_owned(), body.to_vec()));
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// How often a path was asked for.
    pub fn asked_for(&self, path: &str) -> usize {
        self.shared.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.shared.asked.lock().unwrap().len()
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    // Whoever hangs up on a body that was not read may take the answer along.
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    shared.asked.lock().unwrap().push(path.clone());
    let page = shared.pages.lock().unwrap().get(&path).cloned();
    let (status, kind, body) = page.unwrap_or((404, "text/plain".to_owned(), b"nothing here".to_vec()));
    let length = body.len();
    let head = format!("HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    // Whoever asked may have gone; that is theirs to tell.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}
