//! A network that is not to be relied on: it stands between a program and a server, and while it is rough it refuses connections, cuts requests and answers
//! off, keeps them waiting, sends requests twice, and lets copies of them arrive much later.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::mutate::Random;

/// The proxy.
pub struct Proxy {
    /// Its address, as a URL.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Mutex<Option<SocketAddr>>,
    random: Mutex<Random>,
    is_rough: AtomicBool,
    is_away: AtomicBool,
    requests: AtomicUsize,
    harm: AtomicUsize,
    seen: Mutex<Vec<String>>,
}

impl Proxy {
    /// One that leads nowhere yet.
    pub fn new(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: Mutex::default(),
            random: Mutex::new(Random::new(seed)),
            is_rough: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            harm: AtomicUsize::new(0),
            seen: Mutex::default(),
        });
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&all);
                thread::spawn(move || drop(serve(&shared, &stream)));
            }
        });
        Self { url, shared }
    }

    /// Leads to a server from now on.
    pub fn to(&self, url: &str) {
        *self.shared.upstream.lock().unwrap() = Some(url.strip_prefix("http://").unwrap().parse().unwrap());
    }

    /// Does harm, or none.
    pub fn rough(&self, is_rough: bool) {
        self.shared.is_rough.store(is_rough, Ordering::SeqCst);
    }

    /// Hangs up at once, as if there were no network.
    pub fn away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::SeqCst);
    }

    /// How many requests came so far, and to how many harm was done.
    pub fn count(&self) -> (usize, usize) {
        (self.shared.requests.load(Ordering::SeqCst), self.shared.harm.load(Ordering::SeqCst))
    }

    /// The first lines of the requests since this was asked last.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

fn serve(shared: &Shared, client: &TcpStream) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_mins(1)))?;
    if shared.is_away.load(Ordering::SeqCst) {
        return client.shutdown(Shutdown::Both);
    }
    let Some(request) = read_request(client)? else { return Ok(()) };
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
    // A copy of a used token that comes late is what a thief would send; over TLS nobody between can send one.
    let is_token = line.contains("/oauth/");
    shared.seen.lock().unwrap().push(line);
    let upstream = shared.upstream.lock().unwrap().unwrap();
    let fate = if shared.is_rough.load(Ordering::SeqCst) { shared.random.lock().unwrap().below(10) } else { 9 };
    shared.harm.fetch_add(usize::from(fate < 7), Ordering::SeqCst);
    let mut to_client = client;
    match fate {
        0 => {}
        // It never gets there whole.
        1 => drop(TcpStream::connect(upstream)?.write_all(&request[..request.len() / 2])),
        // It gets there, and nobody hears of it.
        2 => drop(ask(upstream, &request)?),
        3 => {
            let answer = ask(upstream, &request)?;
            to_client.write_all(&answer[..answer.len() / 2])?;
        }
        4 if !is_token => {
            ask(upstream, &request)?;
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        5 if !is_token => {
            let copy = request.clone();
            let late = Duration::from_millis(shared.random.lock().unwrap().below(400) as u64);
            thread::spawn(move || {
                thread::sleep(late);
                drop(ask(upstream, &copy));
            });
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        6 => {
            thread::sleep(Duration::from_millis(50));
            to_client.write_all(&ask(upstream, &request)?)?;
        }
        _ => relay(upstream, &request, to_client)?,
    }
    client.shutdown(Shutdown::Both)
}

/// Sends a request and reads the whole answer.
fn ask(upstream: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    relay(upstream, request, &mut answer)?;
    Ok(answer)
}

/// Sends a request and hands the answer on as it comes.
fn relay(upstream: SocketAddr, request: &[u8], mut to: impl Write) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(upstream)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request)?;
    std::io::copy(&mut stream, &mut to).map(drop)
}

/// One request, which says that it is the last one of its connection.
fn read_request(mut client: &TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 << 10]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match client.read(&mut chunk)? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&chunk[..length]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let body = end + 4;
    while bytes.len() < body + length.unwrap_or_default() {
        match client.read(&mut chunk)? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&chunk[..length]),
        }
    }
    let kept: Vec<&str> = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).collect();
    let mut request = format!("{}\r\nconnection: close\r\n\r\n", kept.join("\r\n")).into_bytes();
    request.extend_from_slice(&bytes[body..]);
    Ok(Some(request))
}
